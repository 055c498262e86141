/* yaml.c - a small reader of YAML, by indentation. */
#include "t/support/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define MOST ((size_t)1 << 20)

struct reader {
	struct mxa_arena *a;
	struct mxa_str text;
	size_t at;   /* start of the line at hand */
	size_t end;  /* its end, without the line break */
	size_t line; /* its number */
	size_t col;  /* where unread text starts; "- a: b" is read in pieces */
};

static void bad(const struct reader *r, const char *what)
{
	fprintf(stderr, "YAML line %zu: %s\n", r->line, what);
	abort();
}

/* --- lines --- */

static bool load_line(struct reader *r, size_t at)
{
	if (at >= r->text.len) {
		r->at = r->end = r->text.len;
		return false;
	}
	r->at = at;
	r->end = mxa_str_chr(r->text, '\n', at);
	r->line++;
	r->col = 0;
	return true;
}

static struct mxa_str rest(const struct reader *r)
{
	return mxa_str_sub(r->text, r->at + r->col, r->end);
}

static size_t indent(const struct reader *r)
{
	size_t i = r->col;

	while (r->at + i < r->end && r->text.p[r->at + i] == ' ')
		i++;
	return i;
}

static bool at_end(const struct reader *r)
{
	return r->at >= r->text.len;
}

static bool separator(const struct reader *r)
{
	return r->col == 0 && mxa_str_is(mxa_str_trim(rest(r)), "---");
}

static void next_line(struct reader *r)
{
	load_line(r, r->end + 1);
}

/* To the next line that says something. */
static void skip(struct reader *r)
{
	while (!at_end(r)) {
		struct mxa_str s = mxa_str_trim(rest(r));

		if (s.len > 0 && s.p[0] != '#')
			return;
		next_line(r);
	}
}

/* --- scalars --- */

static unsigned hex(const struct reader *r, struct mxa_str s)
{
	char digits[3] = "";

	if (s.len != 2 || !mxa_is_xdigit(s.p[0]) || !mxa_is_xdigit(s.p[1]))
		bad(r, "bad \\x");
	memcpy(digits, s.p, s.len < 3 ? s.len : 2);
	return (unsigned)strtoul(digits, NULL, 16);
}

static void add_escape(
    const struct reader *r, struct mxa_buf *b, struct mxa_str s, size_t *i)
{
	switch (s.p[*i]) {
	case 'x':
		mxa_buf_addc(b, (char)hex(r, mxa_str_sub(s, *i + 1, *i + 3)));
		*i += 2;
		return;
	case '0':
		mxa_buf_addc(b, '\0');
		return;
	case 'n':
		mxa_buf_addc(b, '\n');
		return;
	case 't':
		mxa_buf_addc(b, '\t');
		return;
	default:
		mxa_buf_addc(b, s.p[*i]);
	}
}

/* Quoted text at the start of 's'; 'len' is what it takes. */
static struct mxa_str quoted(struct reader *r, struct mxa_str s, size_t *len)
{
	char quote = s.p[0];
	struct mxa_buf b;
	size_t i;

	mxa_buf_init(&b, r->a, MOST);
	for (i = 1; i < s.len; i++) {
		if (s.p[i] == '\\' && quote == '"' && i + 1 < s.len) {
			i++;
			add_escape(r, &b, s, &i);
		} else if (s.p[i] != quote) {
			mxa_buf_addc(&b, s.p[i]);
		} else if (quote == '\'' && i + 1 < s.len &&
		    s.p[i + 1] == quote) {
			mxa_buf_addc(&b, s.p[i++]);
		} else {
			break;
		}
	}
	if (i == s.len)
		bad(r, "quote left open");
	*len = i + 1;
	return mxa_buf_str(&b);
}

static struct yaml *scalar(struct reader *r, struct mxa_str text)
{
	struct yaml *y = mxa_arena_calloc(r->a, 1, sizeof(*y));

	y->kind = YAML_SCALAR;
	y->text = text;
	return y;
}

/* "[a, "b", c]" */
static struct yaml *flow_list(struct reader *r, struct mxa_str s)
{
	struct yaml *list = scalar(r, MXA_STR("")), **last = &list->child;
	size_t i = 1, len;

	list->kind = YAML_LIST;
	for (;;) {
		while (i < s.len && (s.p[i] == ' ' || s.p[i] == ','))
			i++;
		if (i >= s.len)
			bad(r, "list left open");
		if (s.p[i] == ']')
			return list;
		if (s.p[i] == '"' || s.p[i] == '\'') {
			*last = scalar(
			    r, quoted(r, mxa_str_sub(s, i, s.len), &len));
		} else {
			for (len = 0; i + len < s.len && s.p[i + len] != ',' &&
			     s.p[i + len] != ']';)
				len++;
			*last =
			    scalar(r, mxa_str_trim(mxa_str_sub(s, i, i + len)));
		}
		last = &(*last)->next;
		i += len;
	}
}

/* Lines deeper than 'parent', joined: folded with spaces ('>') or kept. */
static struct yaml *block_scalar(struct reader *r, size_t parent, char style)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MOST);
	for (next_line(r); !at_end(r); next_line(r)) {
		if (mxa_str_trim(rest(r)).len > 0 && indent(r) <= parent)
			break;
		if (b.len > 0)
			mxa_buf_addc(&b, style == '>' ? ' ' : '\n');
		mxa_buf_addstr(&b, mxa_str_trim(rest(r)));
	}
	return scalar(r, mxa_buf_str(&b));
}

/* Plain text with the deeper lines that continue it. */
static struct yaml *plain(struct reader *r, size_t parent)
{
	struct mxa_str s = mxa_str_trim(rest(r));
	size_t comment = mxa_str_casefind(s, MXA_STR(" #"));
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MOST);
	mxa_buf_addstr(&b, mxa_str_trim(mxa_str_sub(s, 0, comment)));
	for (next_line(r); !at_end(r); next_line(r)) {
		s = mxa_str_trim(rest(r));
		if (s.len == 0 || s.p[0] == '#' || indent(r) <= parent)
			break;
		mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, s);
	}
	return scalar(r, mxa_buf_str(&b));
}

/* --- blocks --- */

static struct yaml *block(struct reader *r, size_t parent, bool nested);

/* Behind "key:" or "-" of something at 'parent'. */
static struct yaml *value(struct reader *r, size_t parent)
{
	struct mxa_str s = mxa_str_trim(rest(r));
	struct yaml *y;
	size_t len;

	if (s.len == 0 || s.p[0] == '#') {
		next_line(r);
		skip(r);
		return block(r, parent, true);
	}
	if (s.p[0] == '>' || s.p[0] == '|')
		return block_scalar(r, parent, s.p[0]);
	if (s.p[0] != '"' && s.p[0] != '\'' && s.p[0] != '[')
		return plain(r, parent);
	y = s.p[0] == '[' ? flow_list(r, s) : scalar(r, quoted(r, s, &len));
	next_line(r);
	return y;
}

/* The key of a "key: value" at the start of the unread text; false: none. */
static bool read_key(struct reader *r, struct mxa_str *key)
{
	size_t from = indent(r), i = 0;
	struct mxa_str s = mxa_str_sub(r->text, r->at + from, r->end);

	if (s.len == 0)
		return false;
	if (s.p[0] == '"' || s.p[0] == '\'') {
		*key = quoted(r, s, &i);
		if (i >= s.len || s.p[i] != ':')
			return false;
	} else {
		while (i < s.len &&
		    !(s.p[i] == ':' && (i + 1 == s.len || s.p[i + 1] == ' ')))
			i++;
		if (i == s.len)
			return false;
		*key = mxa_str_sub(s, 0, i);
	}
	r->col = from + i + 1;
	return true;
}

static bool is_dash(const struct reader *r, size_t col)
{
	struct mxa_str s = mxa_str_sub(r->text, r->at + col, r->end);

	return s.len > 0 && s.p[0] == '-' && (s.len == 1 || s.p[1] == ' ');
}

/* Entries that all begin at column 'col'. */
static struct yaml *map(struct reader *r, size_t col)
{
	struct yaml *y = scalar(r, MXA_STR("")), **last = &y->child;
	struct mxa_str key;

	y->kind = YAML_MAP;
	for (skip(r); !at_end(r) && !separator(r) && indent(r) == col;
	     skip(r)) {
		if (!read_key(r, &key))
			bad(r, "no key");
		*last = value(r, col);
		(*last)->key = key;
		last = &(*last)->next;
	}
	return y;
}

static struct yaml *list(struct reader *r, size_t col)
{
	struct yaml *y = scalar(r, MXA_STR("")), **last = &y->child;

	y->kind = YAML_LIST;
	for (skip(r);
	     !at_end(r) && !separator(r) && indent(r) == col && is_dash(r, col);
	     skip(r)) {
		r->col = col + 1;
		*last = block(r, col, false);
		last = &(*last)->next;
	}
	return y;
}

/* What starts at the unread text: a list, a map or a scalar, deeper than
 * 'parent' (a list in a map may stand at the same column). */
static struct yaml *block(struct reader *r, size_t parent, bool nested)
{
	size_t col = indent(r);
	struct reader look = *r;
	struct mxa_str key;

	if (at_end(r) || separator(r) || (nested && col < parent))
		return scalar(r, MXA_STR(""));
	if (is_dash(r, col))
		return list(r, col);
	if (nested && col == parent)
		return scalar(r, MXA_STR(""));
	if (r->text.p[r->at + col] != '[' && read_key(&look, &key))
		return map(r, col);
	return value(r, parent);
}

struct yaml *yaml_parse(struct mxa_arena *a, struct mxa_str text)
{
	struct reader r = { .a = a, .text = text };
	struct yaml *first = NULL, **last = &first;

	load_line(&r, 0);
	for (skip(&r); !at_end(&r); skip(&r)) {
		if (separator(&r)) {
			next_line(&r);
			continue;
		}
		*last = map(&r, indent(&r));
		last = &(*last)->next;
	}
	return first;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	const struct yaml *y = map->kind == YAML_MAP ? map->child : NULL;

	while (y != NULL && !mxa_str_is(y->key, key))
		y = y->next;
	return y;
}

struct mxa_str yaml_text(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	return y != NULL && y->kind == YAML_SCALAR ? y->text : MXA_STR("");
}
