/* case.c - reading a .case file and making its message. */
#include "t/cases/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/support/signer.h"
#include "t/support/testing.h"

#define MAX_TEXT ((size_t)64 << 20)

static struct mxa_str next_line(struct mxa_str text, size_t *at)
{
	size_t from = *at, end = mxa_str_chr(text, '\n', from);

	*at = end < text.len ? end + 1 : end;
	return mxa_str_sub(text, from, end);
}

static bool is_section(struct mxa_str line)
{
	static const char *const names[] = { "[zone]", "[config]", "[policy]",
		"[envelope]", "[sign]", "[change]", "[message]", "[args]",
		"[expect]" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_is(line, names[i]))
			return true;
	return false;
}

/* Everything up to the next section line. */
static struct mxa_str section_text(struct mxa_str text, size_t *at)
{
	size_t from = *at, here = from;

	while (*at < text.len) {
		here = *at;
		if (is_section(next_line(text, at))) {
			*at = here;
			return mxa_str_sub(text, from, here);
		}
	}
	return mxa_str_sub(text, from, text.len);
}

static const char *parse_lines(
    struct mxa_arena *a, struct mxa_str text, struct case_line *out, size_t *n)
{
	size_t at = 0;

	while (at < text.len) {
		struct mxa_str line = next_line(text, &at);
		size_t colon = mxa_str_chr(line, ':', 0);

		if (mxa_str_trim(line).len == 0 || line.p[0] == '#')
			continue;
		if (colon == line.len)
			return mxa_arena_printf(
			    a, "no ':' in '%.*s'", MXA_STR_ARG(line));
		if (*n == CASE_LINES)
			return "too many lines in a section";
		out[*n].key = mxa_str_sub(line, 0, colon);
		out[*n].value =
		    mxa_str_trim(mxa_str_sub(line, colon + 1, line.len));
		++*n;
	}
	return NULL;
}

static const char *parse_section(struct mxa_arena *a, struct mxa_str name,
    struct mxa_str text, struct case_file *out)
{
	struct case_step *step;

	if (mxa_str_is(name, "[envelope]"))
		return parse_lines(a, text, out->envelope, &out->n_envelope);
	if (mxa_str_is(name, "[expect]"))
		return parse_lines(a, text, out->expect, &out->n_expect);
	if (mxa_str_is(name, "[sign]") || mxa_str_is(name, "[change]")) {
		if (out->n_steps == CASE_STEPS)
			return "too many [sign] and [change] sections";
		step = &out->step[out->n_steps++];
		step->sign = mxa_str_is(name, "[sign]");
		return parse_lines(a, text, step->line, &step->n);
	}
	if (mxa_str_is(name, "[zone]"))
		out->zone = text;
	else if (mxa_str_is(name, "[config]"))
		out->config = text;
	else if (mxa_str_is(name, "[policy]"))
		out->policy = text;
	else
		out->message = text;
	return NULL;
}

const char *case_parse(
    struct mxa_arena *a, struct mxa_str text, struct case_file *out)
{
	const char *error = NULL;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	while (at < text.len && error == NULL) {
		struct mxa_str line = next_line(text, &at);

		if (is_section(line))
			error = parse_section(
			    a, line, section_text(text, &at), out);
		else if (line.len > 0 && line.p[0] == '#' && !out->title.p)
			out->title =
			    mxa_str_trim(mxa_str_sub(line, 1, line.len));
		else if (line.len > 0 && line.p[0] != '#')
			return "text before the first section";
	}
	if (error == NULL && out->title.p == NULL)
		error = "no '# title' line";
	if (error == NULL && out->n_expect == 0)
		error = "nothing expected";
	return error;
}

struct mxa_str case_value(
    const struct case_line *line, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_is(line[i].key, key))
			return line[i].value;
	return MXA_STR_NONE;
}

/* --- the zone --- */

/* The record of t/keys/NAME.pem as strings of a TXT record. */
static struct mxa_str key_record(struct mxa_arena *a, struct mxa_str name)
{
	EVP_PKEY *key = case_key(a, name);
	struct mxa_str record;

	if (key == NULL)
		return MXA_STR("\"no such key\"");
	record = sign_key_strings(a, sign_key_record(a, key));
	EVP_PKEY_free(key);
	return record;
}

struct mxa_str case_zone(struct mxa_arena *a, const struct case_file *c)
{
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, 1 << 20);
	while (at < c->zone.len) {
		struct mxa_str rest = mxa_str_sub(c->zone, at, c->zone.len);
		size_t hit = mxa_str_casefind(rest, MXA_STR("@key:"));
		size_t end = mxa_str_chr(rest, '@', hit + 1);
		struct mxa_str name = mxa_str_sub(rest, hit + 5, end);

		mxa_buf_add(&b, rest.p, hit);
		if (hit < rest.len)
			mxa_buf_addstr(&b, key_record(a, name));
		at += end + (end < rest.len);
	}
	return mxa_buf_str(&b);
}

/* --- the message --- */

static void add_long(struct mxa_buf *b, size_t n)
{
	char *x = mxa_xmalloc(n + 1);

	memset(x, 'x', n);
	mxa_buf_add(b, x, n);
	free(x);
}

/* "@repeat 3 TEXT" and its like; anything else as it is. */
static void expand_line(struct mxa_buf *b, struct mxa_str line)
{
	char verb[16] = "";
	unsigned n = 0;
	int used = 0;
	char *c = mxa_xstrndup(line.p, line.len);
	bool counted = sscanf(c, "@%15s %u %n", verb, &n, &used) == 2 && used;

	if (counted && strcmp(verb, "repeat") == 0) {
		for (unsigned i = 0; i + 1 < n; i++) {
			mxa_buf_adds(b, c + used);
			mxa_buf_adds(b, "\r\n");
		}
		mxa_buf_adds(b, c + used);
	} else if (counted && strcmp(verb, "long") == 0) {
		mxa_buf_adds(b, c + used);
		add_long(b, n);
	} else if (strncmp(c, "@nul ", 5) == 0) {
		for (const char *p = c + 5; *p != '\0'; p++)
			mxa_buf_addc(b, *p == '~' ? '\0' : *p);
	} else {
		mxa_buf_addstr(b, line);
	}
	mxa_buf_adds(b, "\r\n");
	free(c);
}

static struct mxa_str expand_message(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, MAX_TEXT);
	while (at < text.len)
		expand_line(&b, next_line(text, &at));
	return mxa_buf_str(&b);
}

static size_t end_of_header(struct mxa_str m)
{
	size_t at = mxa_str_casefind(m, MXA_STR("\r\n\r\n"));

	return at < m.len ? at + 2 : m.len;
}

static struct mxa_str splice(struct mxa_arena *a, struct mxa_str m, size_t at,
    size_t gone, struct mxa_str in, const char *after)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_TEXT);
	mxa_buf_add(&b, m.p, at);
	mxa_buf_addstr(&b, in);
	mxa_buf_adds(&b, after);
	mxa_buf_addstr(&b, mxa_str_sub(m, at + gone, m.len));
	return mxa_buf_str(&b);
}

static const char *change(
    struct mxa_arena *a, const struct case_line *l, struct mxa_str *m)
{
	size_t arrow = mxa_str_casefind(l->value, MXA_STR(" => "));

	if (mxa_str_is(l->key, "append")) {
		*m = splice(a, *m, m->len, 0, l->value, "\r\n");
	} else if (mxa_str_is(l->key, "prepend")) {
		*m = splice(a, *m, 0, 0, l->value, "\r\n");
	} else if (mxa_str_is(l->key, "before")) {
		*m = splice(a, *m, end_of_header(*m), 0, l->value, "\r\n");
	} else if (mxa_str_is(l->key, "replace") && arrow < l->value.len) {
		struct mxa_str old = mxa_str_sub(l->value, 0, arrow);
		size_t at = 0;

		while (at + old.len <= m->len &&
		    memcmp(m->p + at, old.p, old.len) != 0)
			at++;
		if (at + old.len > m->len)
			return "text to replace is not in the message";
		*m = splice(a, *m, at, old.len,
		    mxa_str_sub(l->value, arrow + 4, l->value.len), "");
	} else {
		return "unknown line in [change]";
	}
	return NULL;
}

EVP_PKEY *case_key(struct mxa_arena *a, struct mxa_str name)
{
	return sign_key_load(
	    test_path(mxa_arena_printf(a, "keys/%.*s.pem", MXA_STR_ARG(name))));
}

static const char *cstr(
    struct mxa_arena *a, const struct case_step *s, const char *key)
{
	struct mxa_str v = case_value(s->line, s->n, key);

	return v.p ? mxa_str_cstr(a, v) : NULL;
}

/* A DKIM-Signature, or with "arc: N" an ARC set, on top of the message. */
static const char *sign(
    struct mxa_arena *a, const struct case_step *s, struct mxa_str *m)
{
	const char *key = cstr(a, s, "key"), *time = cstr(a, s, "t"),
		   *arc = cstr(a, s, "arc");
	struct sign_arc set = { .cv = cstr(a, s, "cv"),
		.aar = cstr(a, s, "aar") };
	struct sign_options how = {
		.domain = cstr(a, s, "d"),
		.selector = cstr(a, s, "s"),
		.algorithm = cstr(a, s, "a"),
		.canon = cstr(a, s, "c"),
		.headers = cstr(a, s, "h"),
		.identity = cstr(a, s, "i"),
		.extra = cstr(a, s, "extra"),
		.length = cstr(a, s, "l"),
		.time = time ? atol(time) : 0,
	};
	struct mxa_str field;

	if (how.domain == NULL || how.selector == NULL || key == NULL)
		return "[sign] needs d, s and key";
	how.key = case_key(a, mxa_str_from(key));
	if (how.key == NULL)
		return "[sign] names a key that is not in t/keys";
	if (arc != NULL) {
		set.instance = (unsigned)atoi(arc);
		field = sign_arc(a, *m, &how, &set);
	} else {
		field = sign_dkim(a, *m, &how);
	}
	EVP_PKEY_free(how.key);
	*m = splice(a, *m, 0, 0, field, "");
	return NULL;
}

static struct mxa_str with_folder(struct mxa_arena *a, struct mxa_str text)
{
	size_t hit = mxa_str_casefind(text, MXA_STR("@t@"));
	struct mxa_str rest = mxa_str_sub(text, hit + 3, text.len);
	char top[PATH_MAX];

	if (hit == text.len || realpath(test_path(""), top) == NULL)
		return text;
	rest = with_folder(a, rest);
	return mxa_str_from(mxa_arena_printf(
	    a, "%.*s%s%.*s", (int)hit, text.p, top, MXA_STR_ARG(rest)));
}

struct mxa_str case_config(struct mxa_arena *a, const struct case_file *f)
{
	return with_folder(a, f->config);
}

struct mxa_str case_message(
    struct mxa_arena *a, const struct case_file *c, const char **error)
{
	struct mxa_str m = expand_message(a, c->message);

	*error = NULL;
	for (size_t i = 0; i < c->n_steps; i++) {
		const struct case_step *s = &c->step[i];

		if (s->sign)
			*error = sign(a, s, &m);
		for (size_t j = 0; !s->sign && j < s->n && !*error; j++)
			*error = change(a, &s->line[j], &m);
		if (*error != NULL)
			return MXA_STR_NONE;
	}
	return m;
}
