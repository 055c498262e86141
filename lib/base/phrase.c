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
	/* no word of ours has a NUL */
	if (arg->word && memchr(arg->text.p, '\0', arg->text.len) == NULL)
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
	mxa_buf_init(&b, a, LONGEST + p->text.len);
	while (next_conversion(&b, &form, &next, &c))
		if (c.arg < p->n)
			mxa_buf_addstr(&b, argument_words(a, &p->arg[c.arg]));
	return mxa_buf_str(&b);
}

/* --- back from English --- */

/* Tries for one form, so that no stranger's text takes long. */
#define MAX_STEPS 20000
/* Fewer letters of its own make a form fit anything. */
#define MIN_LETTERS 4
/* Phrases within phrases; those of this program go less deep. */
#define MAX_DEPTH 4

/* A text that is compared with a form. */
struct reading {
	struct mxa_str text;
	struct mxa_phrase_arg arg[MXA_PHRASE_ARGS];
	char type[MXA_PHRASE_ARGS];
	size_t n;
	unsigned steps;
};

static size_t count_letters(const char *form)
{
	size_t n = 0, next = 0;
	struct conversion c;

	while (*form != '\0')
		if (*form == '%' && form[1] != '%')
			form = read_conversion(form + 1, &next, &c);
		else
			n += mxa_is_alpha(*form++);
	return n;
}

static bool fits(struct reading *r, const char *form, size_t at, size_t next);

/* The conversion takes the bytes from 'at' to 'end', and the rest fits. */
static bool fits_until(struct reading *r, const struct conversion *c,
    const char *rest, size_t at, size_t end, size_t next)
{
	if (!fits(r, rest, end, next))
		return false;
	r->arg[c->arg] =
	    (struct mxa_phrase_arg){ .word = c->type == 's' && !c->cut,
		    .text = mxa_str_sub(r->text, at, end) };
	r->type[c->arg] = c->type;
	if (c->arg >= r->n)
		r->n = c->arg + 1;
	return true;
}

static bool fits_conversion(
    struct reading *r, const char *form, size_t at, size_t next)
{
	struct mxa_str s = r->text;
	struct conversion c;
	const char *rest = read_conversion(form, &next, &c);
	bool text = c.type == 's' || c.type == 'p';
	size_t end = at;

	if (c.arg >= MXA_PHRASE_ARGS ||
	    (!text && c.type != 'd' && c.type != 'u'))
		return false;
	if (c.type == 'd' && end < s.len && s.p[end] == '-')
		end++;
	while (!text && end < s.len && mxa_is_digit(s.p[end]))
		end++;
	if (!text)
		return end > at && fits_until(r, &c, rest, at, end, next);
	for (; end <= s.len && r->steps < MAX_STEPS; end++)
		if (fits_until(r, &c, rest, at, end, next))
			return true;
	return false;
}

/* Whether the text from 'at' is the rest of the form. */
static bool fits(struct reading *r, const char *form, size_t at, size_t next)
{
	r->steps++;
	for (; *form != '\0'; form++, at++) {
		if (*form == '%' && form[1] != '%')
			return fits_conversion(r, form + 1, at, next);
		if (*form == '%')
			form++;
		if (at == r->text.len || r->text.p[at] != *form)
			return false;
	}
	return at == r->text.len;
}

static bool read_phrase(struct mxa_arena *a, struct mxa_str text, int depth,
    struct mxa_phrase *out);

/* The arguments of what was read; phrases among them are read, too. */
static void take_reading(struct mxa_arena *a, const struct reading *r,
    int depth, struct mxa_phrase *out)
{
	struct mxa_phrase_arg *arg =
	    mxa_arena_calloc(a, r->n + 1, sizeof(*arg));

	for (size_t i = 0; i < r->n; i++) {
		struct mxa_phrase *inner;

		arg[i] = r->arg[i];
		if (r->type[i] != 'p' || depth == MAX_DEPTH)
			continue;
		inner = mxa_arena_alloc(a, sizeof(*inner));
		(void)read_phrase(a, arg[i].text, depth + 1, inner);
		arg[i].inner = inner;
	}
	out->arg = arg;
	out->n = r->n;
}

static bool read_phrase(
    struct mxa_arena *a, struct mxa_str text, int depth, struct mxa_phrase *out)
{
	const char *form;
	size_t most = MIN_LETTERS - 1;
	struct reading r, best = { .text = text };

	*out = MXA_PHRASE_QUOTED(text);
	for (size_t i = 0; (form = mxa_words_english(i)) != NULL; i++) {
		size_t own = count_letters(form);

		if (own <= most)
			continue;
		r = (struct reading){ .text = text };
		if (!fits(&r, form, 0, 0))
			continue;
		most = own;
		best = r;
		out->form = form;
	}
	if (out->form != NULL)
		take_reading(a, &best, depth, out);
	return out->form != NULL || mxa_words_english(0) == NULL;
}

bool mxa_phrase_read(
    struct mxa_arena *a, struct mxa_str text, struct mxa_phrase *out)
{
	return read_phrase(a, text, 1, out);
}
