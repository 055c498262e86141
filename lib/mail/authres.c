/* authres.c - Authentication-Results as others write it (RFC 8601),
 * read leniently. */
#include "mail/authres.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "mail/lex.h"

struct reader {
	struct mxa_arena *arena;
	struct mxa_str s;
	size_t at;
	struct mxa_str *comment; /* takes the next comment when it is empty */
};

static char peek_byte(const struct reader *r)
{
	return r->at < r->s.len ? r->s.p[r->at] : '\0';
}

static bool at_end(const struct reader *r)
{
	return r->at >= r->s.len || r->s.p[r->at] == ';';
}

static void take_comment(struct reader *r, size_t open)
{
	struct mxa_str inner = mxa_str_sub(r->s, open + 1, r->at - 1);

	if (r->comment != NULL && r->comment->len == 0)
		*r->comment = mxa_str_trim(mxa_lex_unescape(r->arena, inner));
}

/* Pass white space and comments.  What follows a comment that is never closed
 * belongs to it, so the field ends there. */
static void skip_cfws(struct reader *r)
{
	while (r->at < r->s.len) {
		size_t open = r->at;

		if (mxa_is_space(r->s.p[open])) {
			r->at++;
		} else if (r->s.p[open] != '(') {
			break;
		} else if (mxa_lex_comment(r->s, &r->at)) {
			take_comment(r, open);
		} else {
			r->at = r->s.len;
		}
	}
}

/* To the next ';' outside quotes and comments. */
static void skip_result(struct reader *r)
{
	while (!at_end(r)) {
		bool closed = true;

		if (peek_byte(r) == '"')
			closed = mxa_lex_quoted(r->s, &r->at);
		else if (peek_byte(r) == '(')
			closed = mxa_lex_comment(r->s, &r->at);
		else
			r->at++;
		if (!closed)
			r->at = r->s.len;
	}
}

/* Bytes up to white space, ';' or '('. */
static struct mxa_str take_run(struct reader *r)
{
	size_t from = r->at;

	while (!at_end(r) && peek_byte(r) != '(' && !mxa_is_space(peek_byte(r)))
		r->at++;
	return mxa_str_sub(r->s, from, r->at);
}

/* A keyword in lower case; empty when there is none or it is too long. */
static struct mxa_str take_keyword(struct reader *r)
{
	size_t from = r->at;

	while (r->at < r->s.len && mxa_lex_keyword_byte(peek_byte(r)))
		r->at++;
	if (r->at - from > MXA_MAX_KEYWORD)
		from = r->at;
	return mxa_str_lower(r->arena, mxa_str_sub(r->s, from, r->at));
}

/* Whether "ptype.name=" comes next: then the value before it is empty. */
static bool property_next(const struct reader *r)
{
	size_t i = r->at, dot;

	while (i < r->s.len && mxa_lex_keyword_byte(r->s.p[i]))
		i++;
	dot = i++;
	if (dot == r->at || dot >= r->s.len || r->s.p[dot] != '.')
		return false;
	while (i < r->s.len && mxa_lex_keyword_byte(r->s.p[i]))
		i++;
	return i > dot + 1 && i < r->s.len && r->s.p[i] == '=';
}

/* Without the line ends of folds. */
static struct mxa_str unfold_value(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, s.len);
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n')
			mxa_buf_addc(&b, s.p[i]);
	return mxa_buf_str(&b);
}

/* A quoted string, decoded; as it stands when it is the local part of an
 * address. */
static bool quoted_value(struct reader *r, struct mxa_str *out)
{
	size_t from = r->at;

	if (!mxa_lex_quoted(r->s, &r->at)) {
		r->at = r->s.len;
		return false;
	}
	if (peek_byte(r) == '@') {
		take_run(r);
		*out = unfold_value(r->arena, mxa_str_sub(r->s, from, r->at));
		return true;
	}
	*out =
	    mxa_lex_unescape(r->arena, mxa_str_sub(r->s, from + 1, r->at - 1));
	return true;
}

/* The value after '='.  False: a quoted string that is never closed. */
static bool take_value(struct reader *r, struct mxa_str *out)
{
	size_t from = r->at;

	skip_cfws(r);
	if (peek_byte(r) == '"')
		return quoted_value(r, out);
	if (r->at > from && property_next(r))
		*out = MXA_STR("");
	else
		*out = mxa_str_dup(r->arena, take_run(r));
	return true;
}

static void add_property(struct reader *r, struct mxa_authres_result *res,
    const struct mxa_authres_prop *prop)
{
	size_t n = res->n_prop;

	if (n == MXA_MAX_TAGS)
		return;
	/* room for a power of two, doubled whenever that is used up */
	if ((n & (n - 1)) == 0)
		res->prop = mxa_arena_grow(r->arena, res->prop,
		    n * sizeof(*prop), (n ? 2 * n : 1) * sizeof(*prop));
	res->prop[res->n_prop++] = *prop;
}

/* ".name=value" after a ptype. */
static void take_property(
    struct reader *r, struct mxa_authres_result *res, struct mxa_str ptype)
{
	struct mxa_authres_prop prop = { .ptype = ptype };

	r->at++;
	skip_cfws(r);
	prop.name = take_keyword(r);
	skip_cfws(r);
	if (prop.name.len == 0 || peek_byte(r) != '=')
		return;
	r->at++;
	if (take_value(r, &prop.value))
		add_property(r, res, &prop);
}

/* "=value" after a word: the reason, or one of the words that some add
 * without a ptype ("action=none"). */
static void plain_word(
    struct reader *r, struct mxa_authres_result *res, struct mxa_str word)
{
	struct mxa_str v;

	r->at++;
	if (take_value(r, &v) && res->reason.p == NULL &&
	    mxa_str_is(word, "reason"))
		res->reason = v;
}

/* Reason and properties in whatever order; what is neither is passed over. */
static void take_details(struct reader *r, struct mxa_authres_result *res)
{
	for (skip_cfws(r); !at_end(r); skip_cfws(r)) {
		struct mxa_str word;
		size_t from = r->at;

		word = take_keyword(r);
		skip_cfws(r);
		if (word.len > 0 && peek_byte(r) == '.')
			take_property(r, res, word);
		else if (word.len > 0 && peek_byte(r) == '=')
			plain_word(r, res, word);
		else if (r->at == from)
			take_run(r);
	}
}

/* "/version" after a method: whether it is 1. */
static bool version_is_1(struct reader *r)
{
	uint64_t v;
	size_t from;

	r->at++;
	skip_cfws(r);
	from = r->at;
	while (mxa_is_digit(peek_byte(r)))
		r->at++;
	if (!mxa_str_u64(mxa_str_sub(r->s, from, r->at), UINT_MAX, &v))
		return false;
	skip_cfws(r);
	return v == 1;
}

/* One "method=result …" up to its ';'; false when it is none of ours. */
static bool take_resinfo(struct reader *r, struct mxa_authres_result *res)
{
	*res = (struct mxa_authres_result){ .comment = MXA_STR("") };
	r->comment = NULL;
	skip_cfws(r);
	res->method = take_keyword(r);
	skip_cfws(r);
	if (peek_byte(r) == '/' && !version_is_1(r))
		return false;
	if (res->method.len == 0 || peek_byte(r) != '=')
		return false;
	r->at++;
	skip_cfws(r);
	res->result = take_keyword(r);
	if (res->result.len == 0)
		return false;
	r->comment = &res->comment;
	take_details(r, res);
	if (res->reason.p == NULL)
		res->reason = MXA_STR("");
	return true;
}

static void take_results(struct reader *r, struct mxa_authres *out)
{
	struct mxa_authres_result v[MXA_MAX_TAGS];

	while (r->at < r->s.len && out->n < MXA_MAX_TAGS) {
		if (take_resinfo(r, &v[out->n]))
			out->n++;
		skip_result(r);
		r->at++;
	}
	if (out->n == 0)
		return;
	out->result = mxa_arena_alloc(r->arena, out->n * sizeof(*out->result));
	memcpy(out->result, v, out->n * sizeof(*out->result));
}

/* The authserv-id.  Where a "method=result" stands in its place (Microsoft
 * leaves it out) it is empty and nothing is consumed. */
static bool read_id(struct reader *r, struct mxa_str *id)
{
	size_t from = r->at;

	if (at_end(r))
		return false;
	if (peek_byte(r) == '"')
		return quoted_value(r, id);
	*id = mxa_str_dup(r->arena, take_run(r));
	if (mxa_str_chr(*id, '=', 0) < id->len) {
		*id = MXA_STR("");
		r->at = from;
	}
	return true;
}

static unsigned read_version(struct reader *r)
{
	uint64_t v;

	skip_cfws(r);
	return mxa_str_u64(take_run(r), UINT_MAX, &v) ? (unsigned)v : 1;
}

enum mxa_rc mxa_authres_parse(
    struct mxa_arena *a, struct mxa_str value, struct mxa_authres *out)
{
	struct reader r = { .arena = a, .s = value };
	size_t from;

	*out = (struct mxa_authres){ .id = MXA_STR(""), .version = 1 };
	skip_cfws(&r);
	from = r.at;
	if (!read_id(&r, &out->id))
		return MXA_ESYNTAX;
	if (r.at > from) {
		out->version = read_version(&r);
		skip_result(&r);
		r.at++;
	}
	take_results(&r, out);
	return MXA_OK;
}
