/* reader.c - recursive descent over libconfig's language:
 *
 *	settings = { NAME ( "=" | ":" ) value [ ";" | "," ] }
 *	value    = scalar | "{" settings "}" | "(" values ")" | "[" scalars "]"
 *
 * What is right is copied to the output as it is read; a setting with a
 * mistake is cut out again, its newlines stay. */
#include "conf/reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum token {
	T_END,
	T_NAME,
	T_STRING,
	T_BOOL,
	T_INT,
	T_INT64,
	T_FLOAT,
	T_PUNCT,
	T_BAD, /* a mistake that has been reported */
};

struct parser {
	struct mxa_source *s;
	struct mxa_str in;
	struct mxa_buf *out;
	size_t pos;
	size_t line;	  /* at pos */
	size_t told_line; /* one mistake in the form of a line is enough */
	size_t open_line;
	unsigned depth;
	bool hopeless;
	bool recovering; /* from a section that was left open in a list */

	/* the token ahead */
	enum token tok;
	size_t from, to;
	size_t tok_line;
	size_t last_line; /* of the token before */
	size_t newlines;  /* passed and not yet in the output */
};

/* Names of the section that is being read. */
struct names {
	struct {
		struct mxa_str name;
		size_t line;
	} v[MXA_MAX_CONF_SETTINGS];
	size_t n;
};

static void complain(struct parser *p, size_t line, const char *fmt, ...)
    MXA_PRINTF(3, 4);

static void complain(struct parser *p, size_t line, const char *fmt, ...)
{
	va_list ap;

	if (p->told_line == line)
		return;
	p->told_line = line;
	va_start(ap, fmt);
	mxa_source_error(
	    p->s, line, "%s", mxa_arena_vprintf(p->s->arena, fmt, ap));
	va_end(ap);
}

/* --- tokens --- */

static bool at(const struct parser *p, const char *word)
{
	size_t len = strlen(word);

	return p->in.len - p->pos >= len &&
	    memcmp(p->in.p + p->pos, word, len) == 0;
}

static char peek(const struct parser *p)
{
	return p->pos < p->in.len ? p->in.p[p->pos] : '\0';
}

static void skip_byte(struct parser *p)
{
	if (p->in.p[p->pos++] == '\n') {
		p->line++;
		p->newlines++;
	}
}

static void skip_blanks(struct parser *p)
{
	while (p->pos < p->in.len) {
		if (peek(p) == '#' || at(p, "//")) {
			while (p->pos < p->in.len && peek(p) != '\n')
				p->pos++;
		} else if (at(p, "/*")) {
			p->pos += 2;
			while (p->pos < p->in.len && !at(p, "*/"))
				skip_byte(p);
			p->pos += p->pos < p->in.len ? 2 : 0;
		} else if (mxa_is_space(peek(p)) || peek(p) == '\f') {
			skip_byte(p);
		} else {
			return;
		}
	}
}

static bool name_byte(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '_' || c == '*';
}

static struct mxa_str token_text(const struct parser *p)
{
	return mxa_str_sub(p->in, p->from, p->to);
}

/* source.c has seen to it that the closing quote is on this line. */
static enum token lex_string(struct parser *p)
{
	bool bad = false;

	p->pos++;
	while (p->pos < p->in.len && peek(p) != '"') {
		bad |= at(p, "\\x00");
		p->pos += peek(p) == '\\' ? 2 : 1;
	}
	p->pos++;
	if (p->pos > p->in.len)
		p->pos = p->in.len;
	if (bad)
		complain(p, p->line, "a NUL byte in a text");
	return bad ? T_BAD : T_STRING;
}

static enum token number_kind(struct parser *p, struct mxa_str text)
{
	const char *s = mxa_str_cstr(p->s->arena, text);
	bool hex = text.len > 2 && (s[1] == 'x' || s[1] == 'X');
	char *end;
	long long v;

	errno = 0;
	/* strtod knows more than libconfig: hexadecimal fractions */
	if (!hex && s[strspn(s, "0123456789+-.eE")] == '\0' &&
	    strpbrk(s, ".eE") != NULL) {
		strtod(s, &end);
		if (*end == '\0')
			return T_FLOAT;
	}
	v = strtoll(s, &end, hex ? 16 : 10);
	if (end != s && *end == 'L')
		end += end[1] == end[0] ? 2 : 1;
	if (*end != '\0' || end == s) {
		complain(p, p->line,
		    "'%s' is no number; a text stands in quotes: \"%s\"", s, s);
		return T_BAD;
	}
	if (errno == ERANGE) {
		complain(p, p->line, "the number %s is too large", s);
		return T_BAD;
	}
	return v < INT32_MIN || v > INT32_MAX || strchr(s, 'L') != NULL
	    ? T_INT64
	    : T_INT;
}

static enum token lex_number(struct parser *p)
{
	while (p->pos < p->in.len &&
	    (name_byte(peek(p)) || peek(p) == '.' || peek(p) == '+'))
		p->pos++;
	return number_kind(p, mxa_str_sub(p->in, p->from, p->pos));
}

static enum token lex_name(struct parser *p)
{
	struct mxa_str text;

	while (p->pos < p->in.len && name_byte(peek(p)))
		p->pos++;
	text = mxa_str_sub(p->in, p->from, p->pos);
	if (mxa_str_caseis(text, "true") || mxa_str_caseis(text, "false"))
		return T_BOOL;
	return T_NAME;
}

static enum token lex(struct parser *p)
{
	char c = peek(p);

	if (p->pos >= p->in.len)
		return T_END;
	if (c == '"')
		return lex_string(p);
	if (mxa_is_alpha(c) || c == '*')
		return lex_name(p);
	if (mxa_is_digit(c) || c == '-' || c == '+' || c == '.')
		return lex_number(p);
	p->pos++;
	if (strchr("=:;,{}()[]", c) != NULL)
		return T_PUNCT;
	/* one complaint for all bytes of a character */
	while (p->pos < p->in.len && (peek(p) & 0xc0) == 0x80)
		p->pos++;
	complain(p, p->line, "unexpected '%.*s'",
	    MXA_STR_ARG(mxa_str_sub(p->in, p->from, p->pos)));
	return T_BAD;
}

static void next(struct parser *p)
{
	p->last_line = p->tok_line;
	skip_blanks(p);
	p->from = p->pos;
	p->tok_line = p->line;
	p->tok = lex(p);
	p->to = p->pos;
}

static bool is(const struct parser *p, char c)
{
	return p->tok == T_PUNCT && p->in.p[p->from] == c;
}

/* What stands ahead, for "found …". */
static const char *found(const struct parser *p)
{
	struct mxa_str text = token_text(p);

	if (p->tok == T_END)
		return "the end of the file";
	if (text.len > 60)
		text.len = 60;
	return mxa_arena_printf(p->s->arena, "'%.*s'", MXA_STR_ARG(text));
}

/* --- output --- */

static void put_newlines(struct parser *p)
{
	for (; p->newlines > 0; p->newlines--)
		mxa_buf_addc(p->out, '\n');
}

/* Copy the token ahead and go on.  Newlines go before it, except before a
 * comma or a closing bracket: libconfig gives an element of a list the line at
 * which it saw the token behind it. */
static void take(struct parser *p)
{
	struct mxa_str text = token_text(p);
	bool closes = is(p, ',') || is(p, ')') || is(p, ']');

	if (!closes)
		put_newlines(p);
	mxa_buf_addstr(p->out, text);
	if (p->tok == T_INT64 && text.p[text.len - 1] != 'L')
		mxa_buf_addc(p->out, 'L');
	mxa_buf_addc(p->out, ' ');
	next(p);
}

/* Cut the output back to 'mark'; the newlines since stay. */
static void cut(struct parser *p, size_t mark)
{
	for (size_t i = mark; i < p->out->len; i++)
		p->newlines += p->out->p[i] == '\n';
	mxa_buf_cut(p->out, mark);
}

/* --- values --- */

static void read_settings(struct parser *p, const char *section, bool element);
static bool read_value(struct parser *p, struct mxa_str name);

static bool starts_value(const struct parser *p)
{
	switch (p->tok) {
	case T_STRING:
	case T_BOOL:
	case T_INT:
	case T_INT64:
	case T_FLOAT:
	case T_NAME:
	case T_BAD:
		return true;
	case T_PUNCT:
		return is(p, '{') || is(p, '(') || is(p, '[');
	case T_END:
		return false;
	}
	return false;
}

/* The token behind a name is "=" or ":": the name begins a setting. */
static bool name_begins_setting(const struct parser *p)
{
	struct parser ahead = *p;

	skip_blanks(&ahead);
	return p->tok == T_NAME && (peek(&ahead) == '=' || peek(&ahead) == ':');
}

/* "line 7", or "other.conf:7" when that is not the file of line 'here'. */
static const char *place(const struct parser *p, size_t line, size_t here)
{
	size_t n, m;
	const char *file = mxa_source_file(p->s, line, &n);

	if (file == mxa_source_file(p->s, here, &m))
		return mxa_arena_printf(p->s->arena, "line %zu", n);
	return mxa_arena_printf(p->s->arena, "%s:%zu", file, n);
}

/* Where the bracket that was opened at 'line' is missing at the latest: before
 * the token ahead, but in the same file, in a line that holds something. */
static size_t missing_line(const struct parser *p, size_t line)
{
	size_t end = mxa_source_end(p->s, line);
	size_t at = p->tok == T_END ? p->last_line : p->tok_line;
	size_t current = 1, last = line;
	bool blank = true;

	if (at <= end)
		return at;
	for (size_t i = 0; i < p->in.len && current <= end; i++) {
		blank &= mxa_is_space(p->in.p[i]);
		if (p->in.p[i] != '\n')
			continue;
		if (!blank && current > line)
			last = current;
		blank = true;
		current++;
	}
	return last;
}

/* 'close' is the bracket that must come for the one opened at 'line'. */
static void take_closing(
    struct parser *p, char close, size_t line, const char *what)
{
	size_t missing;

	if (is(p, close)) {
		take(p);
		return;
	}
	missing = missing_line(p, line);
	if (p->tok == T_END && (p->open_line == 0 || line < p->open_line))
		p->open_line = line;
	p->told_line = 0;
	complain(p, missing,
	    "expected '%c' to end %s that begins in %s, found %s", close, what,
	    place(p, line, missing),
	    missing < p->tok_line ? "the end of the file" : found(p));
	mxa_buf_printf(p->out, "%c ", close);
	p->recovering = true;
}

static bool enter(struct parser *p)
{
	if (++p->depth <= MXA_MAX_CONF_DEPTH)
		return true;
	complain(p, p->tok_line, "sections and lists are nested too deep");
	p->hopeless = true;
	return false;
}

static bool read_section(struct parser *p, struct mxa_str name)
{
	size_t line = p->tok_line;
	const char *what = "the section";

	if (name.len > 0)
		what = mxa_arena_printf(
		    p->s->arena, "the section \"%.*s\"", MXA_STR_ARG(name));
	if (!enter(p))
		return false;
	take(p);
	read_settings(p, what, name.len == 0);
	if (!p->hopeless)
		take_closing(p, '}', line, what);
	p->depth--;
	return !p->hopeless;
}

static bool scalar(const struct parser *p)
{
	return p->tok == T_STRING || p->tok == T_BOOL || p->tok == T_INT ||
	    p->tok == T_INT64 || p->tok == T_FLOAT;
}

/* libconfig: the elements of "[ ]" are scalars of one kind. */
static bool check_element(struct parser *p, enum token *kind)
{
	if (p->tok == T_PUNCT) {
		complain(p, p->tok_line,
		    "expected a plain value within [ ], found %s", found(p));
		return false;
	}
	if (!scalar(p))
		return true;
	if (*kind == T_END)
		*kind = p->tok;
	if (*kind == p->tok)
		return true;
	complain(
	    p, p->tok_line, "the values within [ ] are not all of one kind");
	return false;
}

/* Between two elements.  The commas of the output are written by read_list, so
 * that one too many at the end does no harm. */
static void read_comma(struct parser *p, char close)
{
	if (is(p, ',')) {
		next(p);
		return;
	}
	if (starts_value(p) && !name_begins_setting(p) && !p->recovering)
		complain(p, p->last_line,
		    "expected ',' or '%c' behind this element, found %s", close,
		    found(p));
}

static void read_elements(struct parser *p, char close)
{
	enum token kind = T_END;
	bool any = false;

	while (starts_value(p) && !name_begins_setting(p) && !p->hopeless) {
		size_t mark = p->out->len;
		bool fits = close != ']' || check_element(p, &kind);

		/* before the newlines: see take() */
		if (any)
			mxa_buf_addc(p->out, ',');
		p->recovering = false;
		if (read_value(p, MXA_STR_NONE) && fits)
			any = true;
		else
			cut(p, mark);
		read_comma(p, close);
	}
}

static bool read_list(struct parser *p, struct mxa_str name, char close)
{
	size_t line = p->tok_line;
	const char *what = close == ']' ? "the list [ ]" : "the list ( )";

	if (name.len > 0)
		what = mxa_arena_printf(
		    p->s->arena, "the list \"%.*s\"", MXA_STR_ARG(name));
	if (!enter(p))
		return false;
	take(p);
	read_elements(p, close);
	if (!p->hopeless)
		take_closing(p, close, line, what);
	p->depth--;
	return !p->hopeless;
}

static void bad_word(struct parser *p)
{
	struct mxa_str word = token_text(p);

	complain(p, p->tok_line,
	    "expected a value, found the word %.*s: a text stands in quotes, "
	    "\"%.*s\"",
	    MXA_STR_ARG(word), MXA_STR_ARG(word));
	next(p);
}

/* Copies the value; false: there is none, or it is wrong, and that has been
 * said. */
static bool read_value(struct parser *p, struct mxa_str name)
{
	if (is(p, '{'))
		return read_section(p, name);
	if (is(p, '('))
		return read_list(p, name, ')');
	if (is(p, '['))
		return read_list(p, name, ']');
	if (scalar(p)) {
		bool text = p->tok == T_STRING;

		take(p);
		/* libconfig joins texts; in a list a comma is missing */
		while (text && p->tok == T_STRING && name.len > 0)
			take(p);
		return true;
	}
	if (p->tok == T_BAD) {
		next(p);
		return false;
	}
	if (p->tok == T_NAME && !name_begins_setting(p)) {
		bad_word(p);
		return false;
	}
	complain(p, p->last_line, "expected a value behind '%.*s', found %s",
	    MXA_STR_ARG(name), found(p));
	return false;
}

/* --- settings --- */

/* False: the name stands there already. */
static bool add_name(struct parser *p, struct names *names)
{
	struct mxa_str name = token_text(p);

	for (size_t i = 0; i < names->n; i++) {
		if (!mxa_str_eq(names->v[i].name, name))
			continue;
		mxa_source_error(p->s, p->tok_line,
		    "%.*s is given twice, first in %s", MXA_STR_ARG(name),
		    place(p, names->v[i].line, p->tok_line));
		return false;
	}
	if (names->n == MXA_ARRAY_LEN(names->v)) {
		complain(p, p->tok_line, "too many settings in one section");
		p->hopeless = true;
		return false;
	}
	names->v[names->n].name = name;
	names->v[names->n].line = p->tok_line;
	names->n++;
	return true;
}

static void read_setting(struct parser *p, struct names *names)
{
	struct mxa_str name = token_text(p);
	size_t mark = p->out->len;
	bool fresh = add_name(p, names);

	if (p->hopeless)
		return;
	take(p);
	if (!is(p, '=') && !is(p, ':')) {
		complain(p, p->last_line,
		    "expected '=' behind '%.*s', found %s", MXA_STR_ARG(name),
		    found(p));
		cut(p, mark);
		return;
	}
	take(p);
	if (!read_value(p, name) || !fresh)
		cut(p, mark);
	while (is(p, ';') || is(p, ',')) {
		mxa_buf_addc(p->out, ' ');
		next(p);
	}
}

/* Until the end of the file or a bracket that closes something.  In an element
 * of a list, '{' can only be the next element: a '}' is missing. */
static void read_settings(struct parser *p, const char *section, bool element)
{
	struct names *names = mxa_xmalloc(sizeof(*names));
	bool top = section == NULL;

	names->n = 0;
	while (p->tok != T_END && !p->hopeless) {
		if (p->tok == T_NAME) {
			read_setting(p, names);
			continue;
		}
		if ((is(p, '}') && !top) || (element && is(p, '{')) ||
		    (p->depth > 1 && (is(p, ')') || is(p, ']'))))
			break;
		if (is(p, '}'))
			complain(p, p->tok_line,
			    "unexpected '}': nothing is open here");
		else
			complain(p, p->tok_line,
			    "expected the name of an option%s%s, found %s",
			    top ? "" : " in ", top ? "" : section, found(p));
		next(p);
	}
	free(names);
}

bool mxa_grammar_check(struct mxa_source *s, struct mxa_grammar *out)
{
	struct parser p = { .s = s,
		.in = mxa_buf_str(&s->text),
		.out = &out->text,
		.line = 1 };

	*out = (struct mxa_grammar){ .open_line = 0 };
	mxa_buf_init(&out->text, s->arena, 2 * MXA_MAX_CONF_TEXT);
	next(&p);
	p.last_line = 1;
	read_settings(&p, NULL, false);
	put_newlines(&p);
	out->open_line = p.open_line;
	return !p.hopeless && !out->text.full;
}
