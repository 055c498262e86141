/* reader.c - recursive descent over libconfig's language:
 *
 *	settings = { NAME ( "=" | ":" ) value [ ";" | "," ] }
 *	value    = scalar | "{" settings "}" | "(" values ")" | "[" scalars "]"
 *
 * A setting with a mistake is reported and left out of the tree. */
#include "conf/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum token {
	T_END,
	T_NAME,
	T_STRING,
	T_BOOL,
	T_INT,
	T_FLOAT,
	T_PUNCT,
	T_BAD, /* a mistake that has been reported */
};

struct parser {
	struct mxa_conf_text *s;
	struct mxa_str in;
	size_t pos;
	size_t line;	  /* at pos */
	size_t told_line; /* one mistake in the form of a line is enough */
	unsigned depth;
	bool hopeless;
	bool recovering; /* from a section that was left open in a list */

	/* the token ahead */
	enum token tok;
	size_t from, to;
	size_t tok_line;
	size_t last_line;  /* of the token before */
	long long integer; /* value of T_INT */
};

/* Names of the section that is being read. */
struct names {
	struct {
		struct mxa_str name;
		size_t line;
	} v[MXA_MAX_CONF_SETTINGS];
	size_t n;
};

static void complain_at(struct parser *p, size_t line, const char *fmt, ...)
    MXA_PRINTF(3, 4);

static void complain_at(struct parser *p, size_t line, const char *fmt, ...)
{
	va_list ap;

	if (p->told_line == line)
		return;
	p->told_line = line;
	va_start(ap, fmt);
	mxa_conf_text_error(
	    p->s, line, "%s", mxa_arena_vprintf(p->s->arena, fmt, ap));
	va_end(ap);
}

/* --- tokens --- */

static bool looks_at(const struct parser *p, const char *word)
{
	size_t len = strlen(word);

	return p->in.len - p->pos >= len &&
	    memcmp(p->in.p + p->pos, word, len) == 0;
}

static char peek_byte(const struct parser *p)
{
	return p->pos < p->in.len ? p->in.p[p->pos] : '\0';
}

static void skip_byte(struct parser *p)
{
	if (p->in.p[p->pos++] == '\n')
		p->line++;
}

static void skip_blanks(struct parser *p)
{
	while (p->pos < p->in.len) {
		if (peek_byte(p) == '#' || looks_at(p, "//")) {
			while (p->pos < p->in.len && peek_byte(p) != '\n')
				p->pos++;
		} else if (looks_at(p, "/*")) {
			p->pos += 2;
			while (p->pos < p->in.len && !looks_at(p, "*/"))
				skip_byte(p);
			p->pos += p->pos < p->in.len ? 2 : 0;
		} else if (mxa_is_space(peek_byte(p)) || peek_byte(p) == '\f') {
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

/* conf/text.c has checked that the closing quote is on this line. */
static enum token lex_string(struct parser *p)
{
	bool bad = false;

	p->pos++;
	while (p->pos < p->in.len && peek_byte(p) != '"') {
		bad |= looks_at(p, "\\x00");
		p->pos += peek_byte(p) == '\\' ? 2 : 1;
	}
	p->pos++;
	if (p->pos > p->in.len)
		p->pos = p->in.len;
	if (bad)
		complain_at(p, p->line, "a NUL byte in a text");
	return bad ? T_BAD : T_STRING;
}

static enum token number_kind(struct parser *p, struct mxa_str text)
{
	const char *s = mxa_str_cstr(p->s->arena, text);
	bool hex = text.len > 2 && (s[1] == 'x' || s[1] == 'X');
	char *end;

	errno = 0;
	/* strtod also reads hexadecimal fractions; this language has none */
	if (!hex && s[strspn(s, "0123456789+-.eE")] == '\0' &&
	    strpbrk(s, ".eE") != NULL) {
		strtod(s, &end);
		if (*end == '\0')
			return T_FLOAT;
	}
	p->integer = strtoll(s, &end, hex ? 16 : 10);
	if (end != s && *end == 'L')
		end += end[1] == end[0] ? 2 : 1;
	if (*end != '\0' || end == s) {
		complain_at(p, p->line,
		    "'%s' is no number; a text stands in quotes: \"%s\"", s, s);
		return T_BAD;
	}
	if (errno == ERANGE) {
		complain_at(p, p->line, "the number %s is too large", s);
		return T_BAD;
	}
	return T_INT;
}

static enum token lex_number(struct parser *p)
{
	while (p->pos < p->in.len &&
	    (name_byte(peek_byte(p)) || peek_byte(p) == '.' ||
		peek_byte(p) == '+'))
		p->pos++;
	return number_kind(p, mxa_str_sub(p->in, p->from, p->pos));
}

static enum token lex_name(struct parser *p)
{
	struct mxa_str text;

	while (p->pos < p->in.len && name_byte(peek_byte(p)))
		p->pos++;
	text = mxa_str_sub(p->in, p->from, p->pos);
	if (mxa_str_caseis(text, "true") || mxa_str_caseis(text, "false"))
		return T_BOOL;
	return T_NAME;
}

static enum token lex_token(struct parser *p)
{
	char c = peek_byte(p);

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
	while (p->pos < p->in.len && (peek_byte(p) & 0xc0) == 0x80)
		p->pos++;
	complain_at(p, p->line, "unexpected '%.*s'",
	    MXA_STR_ARG(mxa_str_sub(p->in, p->from, p->pos)));
	return T_BAD;
}

static void next_token(struct parser *p)
{
	p->last_line = p->tok_line;
	skip_blanks(p);
	p->from = p->pos;
	p->tok_line = p->line;
	p->tok = lex_token(p);
	p->to = p->pos;
}

static bool is_punct(const struct parser *p, char c)
{
	return p->tok == T_PUNCT && p->in.p[p->from] == c;
}

/* What stands ahead, for "found …". */
static const char *found_token(const struct parser *p)
{
	struct mxa_str text = token_text(p);

	if (p->tok == T_END)
		return "the end of the file";
	if (text.len > 60)
		text.len = 60;
	return mxa_arena_printf(p->s->arena, "'%.*s'", MXA_STR_ARG(text));
}

/* --- nodes --- */

static struct mxa_node *node_new(
    struct parser *p, enum mxa_node_kind kind, struct mxa_str name, size_t line)
{
	struct mxa_node *v = mxa_arena_calloc(p->s->arena, 1, sizeof(*v));

	v->kind = kind;
	v->name = mxa_str_cstr(p->s->arena, name);
	v->line = line;
	return v;
}

static void add_child(struct parser *p, struct mxa_node *to, struct mxa_node *v)
{
	to->child = mxa_arena_room(
	    p->s->arena, to->child, to->n, &to->cap, sizeof(struct mxa_node *));
	to->child[to->n++] = v;
}

static int hex_digit(char c)
{
	if (mxa_is_digit(c))
		return c - '0';
	c = mxa_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape at 's' (after the backslash); returns its length, 0: none, the
 * backslash stands for itself. */
static size_t add_escape(struct mxa_buf *b, struct mxa_str s)
{
	static const char from[] = "nrtf\\\"", to[] = "\n\r\t\f\\\"";
	const char *at = s.len > 0 ? strchr(from, s.p[0]) : NULL;

	if (at != NULL && *at != '\0') {
		mxa_buf_addc(b, to[at - from]);
		return 1;
	}
	if (s.len >= 3 && s.p[0] == 'x' && hex_digit(s.p[1]) >= 0 &&
	    hex_digit(s.p[2]) >= 0) {
		mxa_buf_addc(
		    b, (char)(hex_digit(s.p[1]) * 16 + hex_digit(s.p[2])));
		return 3;
	}
	mxa_buf_addc(b, '\\');
	return 0;
}

/* The text of the string ahead, without quotes and escapes, after 'before'. */
static struct mxa_str string_value(struct parser *p, struct mxa_str before)
{
	struct mxa_str s = mxa_str_sub(p->in, p->from + 1, p->to - 1);
	struct mxa_buf b;

	mxa_buf_init(&b, p->s->arena, MXA_MAX_CONF_TEXT);
	mxa_buf_addstr(&b, before);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\')
			i += add_escape(&b, mxa_str_sub(s, i + 1, s.len));
		else
			mxa_buf_addc(&b, s.p[i]);
	}
	return mxa_str_from(mxa_buf_cstr(&b));
}

/* --- values --- */

static void read_settings(
    struct parser *p, struct mxa_node *into, const char *section, bool element);
static struct mxa_node *read_value(
    struct parser *p, struct mxa_str name, size_t line);

static bool starts_value(const struct parser *p)
{
	switch (p->tok) {
	case T_STRING:
	case T_BOOL:
	case T_INT:
	case T_FLOAT:
	case T_NAME:
	case T_BAD:
		return true;
	case T_PUNCT:
		return is_punct(p, '{') || is_punct(p, '(') || is_punct(p, '[');
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
	return p->tok == T_NAME &&
	    (peek_byte(&ahead) == '=' || peek_byte(&ahead) == ':');
}

/* "line 7", or "other.conf:7" when that is not the file of line 'here'. */
static const char *place_of(const struct parser *p, size_t line, size_t here)
{
	size_t n, m;
	const char *file = mxa_conf_text_file(p->s, line, &n);

	if (file == mxa_conf_text_file(p->s, here, &m))
		return mxa_arena_printf(p->s->arena, "line %zu", n);
	return mxa_arena_printf(p->s->arena, "%s:%zu", file, n);
}

/* Where the bracket that was opened at 'line' is missing at the latest: before
 * the token ahead, but in the same file, in a line that holds something. */
static size_t missing_line(const struct parser *p, size_t line)
{
	size_t end = mxa_conf_text_end(p->s, line);
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
static void read_closing(struct parser *p, char close, size_t line,
    const char *what, struct mxa_node *v)
{
	size_t missing;

	if (is_punct(p, close)) {
		next_token(p);
		return;
	}
	missing = missing_line(p, line);
	v->left_open = p->tok == T_END;
	p->told_line = 0;
	complain_at(p, missing,
	    "expected '%c' to end %s that begins in %s, found %s", close, what,
	    place_of(p, line, missing),
	    missing < p->tok_line ? "the end of the file" : found_token(p));
	p->recovering = true;
}

static bool enter_level(struct parser *p)
{
	if (++p->depth <= MXA_MAX_CONF_DEPTH)
		return true;
	complain_at(p, p->tok_line, "sections and lists are nested too deep");
	p->hopeless = true;
	return false;
}

static struct mxa_node *read_section(
    struct parser *p, struct mxa_str name, size_t line)
{
	struct mxa_node *v = node_new(p, MXA_NODE_SECTION, name, line);
	size_t opened = p->tok_line;
	const char *what = "the section";

	if (name.len > 0)
		what = mxa_arena_printf(
		    p->s->arena, "the section \"%.*s\"", MXA_STR_ARG(name));
	if (!enter_level(p))
		return NULL;
	next_token(p);
	read_settings(p, v, what, name.len == 0);
	if (!p->hopeless)
		read_closing(p, '}', opened, what, v);
	p->depth--;
	return p->hopeless ? NULL : v;
}

static bool is_scalar(const struct parser *p)
{
	return p->tok == T_STRING || p->tok == T_BOOL || p->tok == T_INT ||
	    p->tok == T_FLOAT;
}

/* The elements of "[ ]" are scalars of one kind. */
static bool check_element(struct parser *p, enum token *kind)
{
	if (p->tok == T_PUNCT) {
		complain_at(p, p->tok_line,
		    "expected a plain value within [ ], found %s",
		    found_token(p));
		return false;
	}
	if (!is_scalar(p))
		return true;
	if (*kind == T_END)
		*kind = p->tok;
	if (*kind == p->tok)
		return true;
	complain_at(
	    p, p->tok_line, "the values within [ ] are not all of one kind");
	return false;
}

/* Between two elements; one comma too many at the end does no harm. */
static void read_comma(struct parser *p, char close)
{
	if (is_punct(p, ',')) {
		next_token(p);
		return;
	}
	if (starts_value(p) && !name_begins_setting(p) && !p->recovering)
		complain_at(p, p->last_line,
		    "expected ',' or '%c' behind this element, found %s", close,
		    found_token(p));
}

static void read_elements(struct parser *p, struct mxa_node *into, char close)
{
	enum token kind = T_END;

	while (starts_value(p) && !name_begins_setting(p) && !p->hopeless) {
		bool fits = close != ']' || check_element(p, &kind);
		struct mxa_node *v;

		p->recovering = false;
		v = read_value(p, MXA_STR_NONE, p->tok_line);
		if (v != NULL && fits)
			add_child(p, into, v);
		read_comma(p, close);
	}
}

static struct mxa_node *read_list(
    struct parser *p, struct mxa_str name, size_t line, char close)
{
	bool array = close == ']';
	struct mxa_node *v =
	    node_new(p, array ? MXA_NODE_ARRAY : MXA_NODE_LIST, name, line);
	size_t opened = p->tok_line;
	const char *what = array ? "the list [ ]" : "the list ( )";

	if (name.len > 0)
		what = mxa_arena_printf(
		    p->s->arena, "the list \"%.*s\"", MXA_STR_ARG(name));
	if (!enter_level(p))
		return NULL;
	next_token(p);
	read_elements(p, v, close);
	if (!p->hopeless)
		read_closing(p, close, opened, what, v);
	p->depth--;
	return p->hopeless ? NULL : v;
}

static enum mxa_node_kind scalar_kind(enum token tok)
{
	switch (tok) {
	case T_BOOL:
		return MXA_NODE_BOOL;
	case T_INT:
		return MXA_NODE_INTEGER;
	case T_FLOAT:
		return MXA_NODE_FLOAT;
	case T_STRING:
	case T_END:
	case T_NAME:
	case T_PUNCT:
	case T_BAD:
		break;
	}
	return MXA_NODE_STRING;
}

static struct mxa_node *read_scalar(
    struct parser *p, struct mxa_str name, size_t line)
{
	struct mxa_node *v = node_new(p, scalar_kind(p->tok), name, line);

	v->written = token_text(p);
	v->integer =
	    p->tok == T_BOOL ? mxa_str_caseis(v->written, "true") : p->integer;
	if (p->tok != T_STRING) {
		next_token(p);
		return v;
	}
	v->text = string_value(p, MXA_STR(""));
	next_token(p);
	/* texts are joined; in a list a comma is missing */
	while (p->tok == T_STRING && name.len > 0) {
		v->text = string_value(p, v->text);
		next_token(p);
	}
	return v;
}

static void bad_word(struct parser *p)
{
	struct mxa_str word = token_text(p);

	complain_at(p, p->tok_line,
	    "expected a value, found the word %.*s: a text stands in quotes, "
	    "\"%.*s\"",
	    MXA_STR_ARG(word), MXA_STR_ARG(word));
	next_token(p);
}

/* The value ahead; NULL: there is none, or it is wrong, and that has been
 * said.  'line' is where its name stands, or the value itself in a list. */
static struct mxa_node *read_value(
    struct parser *p, struct mxa_str name, size_t line)
{
	if (is_punct(p, '{'))
		return read_section(p, name, line);
	if (is_punct(p, '('))
		return read_list(p, name, line, ')');
	if (is_punct(p, '['))
		return read_list(p, name, line, ']');
	if (is_scalar(p))
		return read_scalar(p, name, line);
	if (p->tok == T_BAD)
		next_token(p);
	else if (p->tok == T_NAME && !name_begins_setting(p))
		bad_word(p);
	else
		complain_at(p, p->last_line,
		    "expected a value behind '%.*s', found %s",
		    MXA_STR_ARG(name), found_token(p));
	return NULL;
}

/* --- settings --- */

/* False: the name stands there already. */
static bool add_name(struct parser *p, struct names *names)
{
	struct mxa_str name = token_text(p);

	for (size_t i = 0; i < names->n; i++) {
		if (!mxa_str_eq(names->v[i].name, name))
			continue;
		mxa_conf_text_error(p->s, p->tok_line,
		    "%.*s is given twice, first in %s", MXA_STR_ARG(name),
		    place_of(p, names->v[i].line, p->tok_line));
		return false;
	}
	if (names->n == MXA_ARRAY_LEN(names->v)) {
		complain_at(p, p->tok_line, "too many settings in one section");
		p->hopeless = true;
		return false;
	}
	names->v[names->n].name = name;
	names->v[names->n].line = p->tok_line;
	names->n++;
	return true;
}

static void read_setting(
    struct parser *p, struct mxa_node *into, struct names *names)
{
	struct mxa_str name = token_text(p);
	size_t line = p->tok_line;
	bool fresh = add_name(p, names);
	struct mxa_node *v;

	if (p->hopeless)
		return;
	next_token(p);
	if (!is_punct(p, '=') && !is_punct(p, ':')) {
		complain_at(p, p->last_line,
		    "expected '=' behind '%.*s', found %s", MXA_STR_ARG(name),
		    found_token(p));
		return;
	}
	next_token(p);
	v = read_value(p, name, line);
	if (v != NULL && fresh)
		add_child(p, into, v);
	while (is_punct(p, ';') || is_punct(p, ','))
		next_token(p);
}

/* Until the end of the file or a bracket that closes something.  In an element
 * of a list, '{' can only be the next element: a '}' is missing. */
static void read_settings(
    struct parser *p, struct mxa_node *into, const char *section, bool element)
{
	struct names *names = mxa_xmalloc(sizeof(*names));
	bool top = section == NULL;

	names->n = 0;
	while (p->tok != T_END && !p->hopeless) {
		if (p->tok == T_NAME) {
			read_setting(p, into, names);
			continue;
		}
		if ((is_punct(p, '}') && !top) ||
		    (element && is_punct(p, '{')) ||
		    (p->depth > 1 && (is_punct(p, ')') || is_punct(p, ']'))))
			break;
		if (is_punct(p, '}'))
			complain_at(p, p->tok_line,
			    "unexpected '}': nothing is open here");
		else
			complain_at(p, p->tok_line,
			    "expected the name of an option%s%s, found %s",
			    top ? "" : " in ", top ? "" : section,
			    found_token(p));
		next_token(p);
	}
	free(names);
}

const struct mxa_node *mxa_conf_read(struct mxa_conf_text *s)
{
	struct parser p = { .s = s, .in = mxa_buf_str(&s->text), .line = 1 };
	struct mxa_node *root = node_new(&p, MXA_NODE_SECTION, MXA_STR(""), 1);

	next_token(&p);
	p.last_line = 1;
	read_settings(&p, root, NULL, false);
	return p.hopeless ? NULL : root;
}
