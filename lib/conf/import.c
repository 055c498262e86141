/* import.c - see import.h.  import_rows.c says what becomes of each keyword; a
 * value is taken only if our own reader accepts it. */
#include "conf/import.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "conf/import_rows.h"
#include "conf/loader.h"
#include "conf/schema.h"

#define MAX_LINE 1000	/* bytes of a line; longer ones get a remark */
#define MAX_LINES 20000 /* of a file or a list */
#define MAX_SHOWN 160	/* bytes of a line in a comment */
#define MAX_VALUE 65536

/* Of a line, what a comment shows, and what is said about it. */
struct origin {
	const char *where; /* "file:line" */
	struct mxa_str line;
	const char *remark;
	struct origin *next;
};

struct setting {
	const char *section, *option;
	bool list;
	struct mxa_buf value; /* as written; of a list, what is in the [] */
	struct origin *origins, **last;
	struct setting *next;
};

struct mxa_import {
	struct mxa_arena *arena;
	mxa_import_reader *read;
	void *ctx;
	struct origin *files, **last_file;
	struct origin *remarks, **last_remark;
	struct setting *settings, **last_setting;
};

/* One line that is being looked at. */
struct line {
	struct mxa_import *im;
	enum mxa_import_program program;
	const char *where;
	struct mxa_str text, keyword, value;
};

struct mxa_import *mxa_import_new(
    struct mxa_arena *a, mxa_import_reader *read, void *ctx)
{
	struct mxa_import *im = mxa_arena_calloc(a, 1, sizeof(*im));

	im->arena = a;
	im->read = read;
	im->ctx = ctx;
	im->last_file = &im->files;
	im->last_remark = &im->remarks;
	im->last_setting = &im->settings;
	return im;
}

static struct origin *add_origin(
    const struct line *l, struct origin ***last, const char *remark)
{
	struct origin *o = mxa_arena_calloc(l->im->arena, 1, sizeof(*o));

	o->where = l->where;
	o->line = mxa_str_dup(l->im->arena, l->text);
	o->remark = remark;
	**last = o;
	*last = &o->next;
	return o;
}

static void add_remark(const struct line *l, const char *remark)
{
	add_origin(l, &l->im->last_remark, remark);
}

/* --- values --- */

/* Whether our reader takes 'value', as written, for the option. */
static bool acceptable(
    const struct line *l, const struct mxa_import_row *r, const char *value)
{
	struct mxa_conf_loader loader;
	struct mxa_conf *conf;
	char *errors = NULL, *warnings = NULL;
	const char *text = r->section[0] != '\0'
	    ? mxa_arena_printf(
		  l->im->arena, "%s: { %s = %s }", r->section, r->option, value)
	    : mxa_arena_printf(l->im->arena, "%s = %s", r->option, value);

	mxa_conf_begin(&loader);
	mxa_conf_read_text(&loader, "import", mxa_str_from(text));
	conf = mxa_conf_finish(&loader, &errors, &warnings);
	mxa_conf_free(conf);
	free(errors);
	free(warnings);
	return conf != NULL;
}

static const char *quoted(const struct line *l, struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, l->im->arena, MAX_VALUE);
	mxa_buf_addc(&b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			mxa_buf_addc(&b, '\\');
		mxa_buf_addc(&b, s.p[i]);
	}
	mxa_buf_addc(&b, '"');
	return mxa_buf_cstr(&b);
}

/* The value as a number; "" when it is none. */
static const char *number_text(const struct line *l)
{
	uint64_t n;

	if (!mxa_str_u64(l->value, UINT32_MAX, &n))
		return "";
	return mxa_arena_printf(l->im->arena, "%llu", (unsigned long long)n);
}

/* A list begins with what its default holds, such as loopback. */
static void begin_list(struct setting *s)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].section, s->section) == 0 &&
		    strcmp(o[i].name, s->option) == 0)
			mxa_buf_add(&s->value, o[i].preset + 1,
			    strlen(o[i].preset) - 2); /* without [] */
}

static struct setting *find_setting(
    struct mxa_import *im, const struct mxa_import_row *r)
{
	struct setting *s;

	for (s = im->settings; s != NULL; s = s->next)
		if (strcmp(s->section, r->section) == 0 &&
		    strcmp(s->option, r->option) == 0)
			return s;
	s = mxa_arena_calloc(im->arena, 1, sizeof(*s));
	s->section = r->section;
	s->option = r->option;
	s->list = r->use == AS_LIST;
	s->last = &s->origins;
	mxa_buf_init(&s->value, im->arena, MAX_VALUE);
	if (s->list)
		begin_list(s);
	*im->last_setting = s;
	im->last_setting = &s->next;
	return s;
}

static void take_single(
    const struct line *l, const struct mxa_import_row *r, const char *value)
{
	struct setting *s;

	if (!acceptable(l, r, value)) {
		add_remark(l,
		    mxa_arena_printf(l->im->arena,
			"%s does not take this value, see mxauth.conf(5)",
			r->option));
		return;
	}
	s = find_setting(l->im, r);
	if (s->value.len == 0)
		mxa_buf_adds(&s->value, value);
	else if (!mxa_str_is(mxa_buf_str(&s->value), value)) {
		add_remark(l,
		    mxa_arena_printf(l->im->arena, "%s is set already, by %s",
			r->option, s->origins->where));
		return;
	}
	add_origin(l, &s->last, r->remark);
}

/* One element of a list; what our list does not take gets a remark. */
static void take_element(const struct line *l, const struct mxa_import_row *r,
    struct mxa_str element, bool *taken)
{
	const char *value = quoted(l, element);
	struct setting *s;

	if (!acceptable(l, r, value)) {
		add_remark(l,
		    mxa_arena_printf(l->im->arena,
			"%s does not take %s, see mxauth.conf(5)", r->option,
			value));
		return;
	}
	s = find_setting(l->im, r);
	if (mxa_str_casefind(mxa_buf_str(&s->value), mxa_str_from(value)) <
	    s->value.len) {
		*taken = true;
		return;
	}
	if (s->value.len + strlen(value) + 2 > MAX_VALUE) {
		add_remark(l, "the list is too long for this file");
		return;
	}
	if (s->value.len > 0)
		mxa_buf_adds(&s->value, ", ");
	mxa_buf_adds(&s->value, value);
	*taken = true;
}

static bool between_elements(char c)
{
	return c == ',' || mxa_is_space(c);
}

/* Elements between commas and blanks; '#' begins a comment. */
static bool take_elements(
    const struct line *l, const struct mxa_import_row *r, struct mxa_str text)
{
	bool taken = false;
	size_t n = 0;

	for (size_t i = 0; i < text.len && n < MAX_LINES;) {
		size_t from = i;

		if (between_elements(text.p[i])) {
			i++;
			continue;
		}
		if (text.p[i] == '#') {
			i = mxa_str_chr(text, '\n', i);
			continue;
		}
		while (i < text.len && !between_elements(text.p[i]))
			i++;
		take_element(l, r, mxa_str_sub(text, from, i), &taken);
		n++;
	}
	return taken;
}

/* A data set that is a file: its path, else nothing. */
static struct mxa_str path_of_set(struct mxa_str value)
{
	static const char *const kinds[] = { "refile:", "file:" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(kinds); i++)
		if (mxa_str_casestarts(value, mxa_str_from(kinds[i])))
			return mxa_str_sub(value, strlen(kinds[i]), value.len);
	return value.len > 0 && value.p[0] == '/' ? value : MXA_STR_NONE;
}

static void take_list(const struct line *l, const struct mxa_import_row *r)
{
	struct mxa_str text = l->value, path = path_of_set(l->value);
	struct setting *s;

	if (path.len > 0 &&
	    (l->im->read == NULL ||
		!l->im->read(
		    l->im->ctx, mxa_str_cstr(l->im->arena, path), &text))) {
		add_remark(l,
		    mxa_arena_printf(l->im->arena,
			"the list cannot be read; it belongs in %s",
			r->option));
		return;
	}
	if (mxa_str_casestarts(text, MXA_STR("csl:")))
		text = mxa_str_sub(text, 4, text.len);
	if (!take_elements(l, r, text))
		return;
	s = find_setting(l->im, r);
	add_origin(l, &s->last, r->remark);
}

/* --- lines --- */

static void take_row(const struct line *l, const struct mxa_import_row *r)
{
	switch (r->use) {
	case AS_TEXT:
		take_single(l, r, quoted(l, l->value));
		break;
	case AS_NUMBER:
		take_single(l, r, number_text(l));
		break;
	case AS_LIST:
		take_list(l, r);
		break;
	case AS_GIVEN:
		take_single(l, r, r->given);
		break;
	case REMARK_ONLY:
		add_remark(l, r->remark);
		break;
	}
}

static void take_line(const struct line *l)
{
	const struct mxa_import_row *r =
	    mxa_import_find_row(l->program, l->keyword, l->value);

	if (r == NULL)
		add_remark(l, "not known here: see whether you still need it");
	for (; r != NULL; r = mxa_import_next_row(r))
		take_row(l, r);
}

/* "Keyword value", or "Keyword = value" of policyd-spf.  False: no setting. */
static bool split_line(
    struct mxa_str text, struct mxa_str *keyword, struct mxa_str *value)
{
	size_t i = 0;

	text = mxa_str_trim(text);
	if (text.len == 0 || text.p[0] == '#')
		return false;
	while (i < text.len && !mxa_is_wsp(text.p[i]) && text.p[i] != '=')
		i++;
	*keyword = mxa_str_sub(text, 0, i);
	*value = mxa_str_trim(mxa_str_sub(text, i, text.len));
	if (value->len > 0 && value->p[0] == '=')
		*value = mxa_str_trim(mxa_str_sub(*value, 1, value->len));
	return keyword->len > 0;
}

/* The next line of 'text' from '*at', without its end; false: none. */
static bool next_line(struct mxa_str text, size_t *at, struct mxa_str *out)
{
	size_t end;

	if (*at >= text.len)
		return false;
	end = mxa_str_chr(text, '\n', *at);
	*out = mxa_str_sub(text, *at, end);
	*at = end + 1;
	return true;
}

/* Whose file it is: the program that knows most of its keywords. */
static bool recognize_program(struct mxa_str text, enum mxa_import_program *out)
{
	size_t known[N_PROGRAMS] = { 0 }, at = 0, n = 0, best = 0;
	struct mxa_str line, keyword, value;

	while (next_line(text, &at, &line) && n++ < MAX_LINES)
		for (int p = 0; p < N_PROGRAMS; p++)
			if (split_line(line, &keyword, &value) &&
			    mxa_import_find_row((enum mxa_import_program)p,
				keyword, value) != NULL)
				known[p]++;
	for (int p = 0; p < N_PROGRAMS; p++)
		if (known[p] > best) {
			best = known[p];
			*out = (enum mxa_import_program)p;
		}
	return best > 0;
}

/* What the program does where its file says nothing. */
static void take_silent(struct line *l, struct mxa_str text)
{
	size_t n;
	const struct mxa_import_silent *silent = mxa_import_silent(&n);

	for (size_t i = 0; i < n; i++) {
		struct mxa_str line, keyword, value;
		bool said = silent[i].program != l->program;

		for (size_t at = 0; !said && next_line(text, &at, &line);)
			said = split_line(line, &keyword, &value) &&
			    mxa_str_caseis(keyword, silent[i].keyword);
		if (said)
			continue;
		l->keyword = mxa_str_from(silent[i].keyword);
		l->value = mxa_str_from(silent[i].value);
		l->text = mxa_str_from(mxa_arena_printf(l->im->arena,
		    "%s is not set, which means %s", silent[i].keyword,
		    silent[i].value));
		take_line(l);
	}
}

bool mxa_import_add(
    struct mxa_import *im, const char *name, struct mxa_str text)
{
	struct line l = { .im = im, .where = name };
	size_t at = 0, number = 0;

	if (!recognize_program(text, &l.program))
		return false;
	add_origin(&l, &im->last_file, NULL);
	while (next_line(text, &at, &l.text) && number++ < MAX_LINES) {
		l.where = mxa_arena_printf(im->arena, "%s:%zu", name, number);
		if (l.text.len > MAX_LINE)
			add_remark(&l, "too long a line");
		else if (split_line(l.text, &l.keyword, &l.value))
			take_line(&l);
	}
	l.where = name;
	take_silent(&l, text);
	return true;
}

/* --- the result --- */

/* On one line: white space becomes one space, other odd characters '?'. */
static void write_shown(struct mxa_str line, struct mxa_buf *out)
{
	size_t len = line.len < MAX_SHOWN ? line.len : MAX_SHOWN;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (mxa_is_space(line.p[i])) {
			if (i > 0 && !mxa_is_space(line.p[i - 1]))
				mxa_buf_addc(out, ' ');
			continue;
		}
		mxa_buf_addc(out, c < ' ' || c > '~' ? '?' : (char)c);
	}
	if (len < line.len)
		mxa_buf_adds(out, " ...");
}

static void write_origin(
    const struct origin *o, const char *indent, struct mxa_buf *out)
{
	struct mxa_str line = mxa_str_trim(o->line);

	mxa_buf_printf(out, "%s# ", indent);
	write_shown(mxa_str_from(o->where), out);
	if (line.len > 0)
		mxa_buf_adds(out, ": ");
	write_shown(line, out);
	mxa_buf_addc(out, '\n');
	if (o->remark != NULL) {
		mxa_buf_printf(out, "%s#\t", indent);
		write_shown(mxa_str_from(o->remark), out);
		mxa_buf_addc(out, '\n');
	}
}

static void write_setting(
    const struct setting *s, const char *indent, struct mxa_buf *out)
{
	for (const struct origin *o = s->origins; o != NULL; o = o->next)
		write_origin(o, indent, out);
	mxa_buf_printf(out, s->list ? "%s%s = [%.*s]\n" : "%s%s = %.*s\n",
	    indent, s->option, MXA_STR_ARG(mxa_buf_str(&s->value)));
}

/* The settings of a section in one pair of braces, where its first one is. */
static void write_section(const struct setting *first, struct mxa_buf *out)
{
	mxa_buf_printf(out, "\n%s: {\n", first->section);
	for (const struct setting *s = first; s != NULL; s = s->next)
		if (strcmp(s->section, first->section) == 0)
			write_setting(s, "\t", out);
	mxa_buf_adds(out, "}\n");
}

static bool section_was_written(
    const struct mxa_import *im, const struct setting *s)
{
	const struct setting *t = im->settings;

	while (strcmp(t->section, s->section) != 0)
		t = t->next;
	return t != s;
}

void mxa_import_write(const struct mxa_import *im, struct mxa_buf *out)
{
	const struct origin *o;

	mxa_buf_adds(out, "# mxauth.conf, made from the configuration in\n");
	for (o = im->files; o != NULL; o = o->next)
		write_origin(o, "", out);
	mxa_buf_adds(out,
	    "# Read the remarks, then check the file: mxauthd -n -c FILE\n");
	for (const struct setting *s = im->settings; s != NULL; s = s->next)
		if (s->section[0] == '\0') {
			mxa_buf_addc(out, '\n');
			write_setting(s, "", out);
		}
	for (const struct setting *s = im->settings; s != NULL; s = s->next)
		if (s->section[0] != '\0' && !section_was_written(im, s))
			write_section(s, out);
	if (im->remarks != NULL)
		mxa_buf_adds(out, "\n# Not taken over:\n");
	for (o = im->remarks; o != NULL; o = o->next)
		write_origin(o, "", out);
}
