/* phrase.c - see phrase.h. */
#include "base/phrase.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"

struct mxa_phrase_arg {
	struct mxa_str text; /* within the English text */
	bool word;	     /* ours: translated by itself */
	const struct mxa_phrase *inner;
};

/* One conversion of a form: "%.*s", and "%3$.*2$s" in a translation. */
struct conversion {
	size_t arg; /* its place among the arguments */
	char type;  /* s d u p */
	char size;  /* '\0', 'l', 'L' (ll), 'z' */
	bool cut;   /* with a precision, the argument before it */
};

/* "3$" at 'at': 3 and what follows; else 0 and 'at'. */
static const char *read_place(const char *at, size_t *place)
{
	const char *p = at;
	size_t n = 0;

	while (*p >= '0' && *p <= '9' && n < MXA_PHRASE_ARGS)
		n = n * 10 + (size_t)(*p++ - '0');
	*place = *p == '$' ? n : 0;
	return *p == '$' ? p + 1 : at;
}

/* 'at' is behind the '%'; 'next' is the place of the next argument.  Returns
 * what follows the conversion. */
static const char *read_conversion(
    const char *at, size_t *next, struct conversion *c)
{
	size_t place, length_place;

	*c = (struct conversion){ .type = '\0' };
	at = read_place(at, &place);
	if (at[0] == '.' && at[1] == '*') {
		c->cut = true;
		at = read_place(at + 2, &length_place);
		*next += place == 0;
	}
	for (; *at == 'l' || *at == 'z'; at++)
		c->size = c->size == 'l' ? 'L' : *at;
	c->arg = place > 0 ? place - 1 : (*next)++;
	c->type = *at;
	return *at != '\0' ? at + 1 : at;
}

/* Add what stands before the next conversion of '*form', and take that one;
 * false: the form ends. */
static bool next_conversion(
    struct mxa_buf *b, const char **form, size_t *next, struct conversion *c)
{
	for (;;) {
		size_t plain = strcspn(*form, "%");

		mxa_buf_add(b, *form, plain);
		*form += plain;
		if (**form == '\0')
			return false;
		if ((*form)[1] != '%')
			break;
		mxa_buf_addc(b, '%');
		*form += 2;
	}
	*form = read_conversion(*form + 1, next, c);
	return c->arg < MXA_PHRASE_ARGS;
}

/* --- in English --- */

struct taken {
	va_list ap;
};

static void add_number(
    struct mxa_buf *b, const struct conversion *c, struct taken *t)
{
	if (c->type == 'd')
		mxa_buf_printf(b, "%d", va_arg(t->ap, int));
	else if (c->size == 'z')
		mxa_buf_printf(b, "%zu", va_arg(t->ap, size_t));
	else if (c->size == 'L')
		mxa_buf_printf(b, "%llu", va_arg(t->ap, unsigned long long));
	else if (c->size == 'l')
		mxa_buf_printf(b, "%lu", va_arg(t->ap, unsigned long));
	else
		mxa_buf_printf(b, "%u", va_arg(t->ap, unsigned));
}

static void add_text(
    struct mxa_buf *b, const struct conversion *c, struct taken *t)
{
	int most = c->cut ? va_arg(t->ap, int) : 0;
	const char *s = va_arg(t->ap, const char *);

	if (c->cut)
		mxa_buf_addstr(b, mxa_str_make(s, strnlen(s, (size_t)most)));
	else
		mxa_buf_adds(b, s);
}

/* Add the argument to the English text, and to 'arg' where it is there. */
static void take_argument(struct mxa_arena *a, struct mxa_buf *b,
    const struct conversion *c, struct taken *t, struct mxa_phrase_arg *arg)
{
	struct mxa_phrase *inner;

	arg->word = c->type == 's' && !c->cut;
	if (c->type == 's') {
		add_text(b, c, t);
	} else if (c->type == 'p') {
		inner = mxa_arena_alloc(a, sizeof(*inner));
		*inner = *(const struct mxa_phrase *)va_arg(t->ap, void *);
		arg->inner = inner;
		mxa_buf_addstr(b, inner->text);
	} else {
		add_number(b, c, t);
	}
}

/* The longest phrase: some names and words around them. */
#define LONGEST ((size_t)16 << 10)

/* A phrase that is being made. */
struct making {
	struct mxa_buf b;
	struct mxa_phrase_arg arg[MXA_PHRASE_ARGS];
	size_t from[MXA_PHRASE_ARGS]; /* where each begins in 'b' */
	size_t n;
};

static void keep_arguments(
    struct mxa_arena *a, const struct making *m, struct mxa_phrase *p)
{
	struct mxa_phrase_arg *arg;

	if (m->n == 0)
		return;
	arg = mxa_arena_alloc(a, m->n * sizeof(*arg));
	for (size_t i = 0; i < m->n; i++) {
		arg[i] = m->arg[i];
		arg[i].text.p = p->text.p + m->from[i];
	}
	p->arg = arg;
	p->n = m->n;
}

struct mxa_phrase mxa_phrase_v(
    struct mxa_arena *a, const char *form, va_list ap)
{
	struct mxa_phrase p = { .form = form };
	struct making m = { .n = 0 };
	struct conversion c;
	struct taken t;

	va_copy(t.ap, ap);
	mxa_buf_init(&m.b, a, LONGEST);
	while (next_conversion(&m.b, &form, &m.n, &c)) {
		m.from[c.arg] = m.b.len;
		take_argument(a, &m.b, &c, &t, &m.arg[c.arg]);
		m.arg[c.arg].text.len = m.b.len - m.from[c.arg];
	}
	va_end(t.ap);
	p.text = mxa_buf_str(&m.b);
	keep_arguments(a, &m, &p);
	return p;
}

struct mxa_phrase mxa_phrase(struct mxa_arena *a, const char *form, ...)
{
	struct mxa_phrase p;
	va_list ap;

	va_start(ap, form);
	p = mxa_phrase_v(a, form, ap);
	va_end(ap);
	return p;
}

/* --- in another language --- */

static struct mxa_str argument_words(
    struct mxa_arena *a, const struct mxa_phrase_arg *arg)
{
	if (arg->inner != NULL)
		return mxa_phrase_words(a, arg->inner);
	if (arg->word)
		return mxa_str_from(mxa_words_text(mxa_str_cstr(a, arg->text)));
	return arg->text;
}

struct mxa_str mxa_phrase_words(struct mxa_arena *a, const struct mxa_phrase *p)
{
	const char *form;
	struct conversion c;
	struct mxa_buf b;
	size_t next = 0;

	if (p->form == NULL)
		return p->text;
	form = mxa_words_text(p->form);
	mxa_buf_init(&b, a, LONGEST);
	while (next_conversion(&b, &form, &next, &c))
		if (c.arg < p->n)
			mxa_buf_addstr(&b, argument_words(a, &p->arg[c.arg]));
	return mxa_buf_str(&b);
}
