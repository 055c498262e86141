/* authres_forged.c - whether a field claims to be ours (RFC 8601 section 5).
 *
 * Consumers read the authserv-id in more ways than one, so every reading that
 * one of them may have is compared, and where none is clear, everything before
 * the first ';' is searched. */
#include "mail/authres.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "mail/lex.h"

/* No authserv-id that we could own is longer, in UTF-8 either. */
#define LONGEST_ID 1024

/* What is ours, as it stands and in canonical form. */
struct claim {
	struct mxa_arena *arena;
	struct mxa_str *plain;
	struct mxa_str *canonical;
	size_t n;
};

/* Bytes of the white space beyond ASCII at 'at', which many readers trim as
 * well; 0: there is none. */
static size_t wide_space(struct mxa_str s, size_t at)
{
	static const struct mxa_str spaces[] = {
		MXA_STR_INIT("\xc2\x85"),
		MXA_STR_INIT("\xc2\xa0"),
		MXA_STR_INIT("\xe1\x9a\x80"),
		MXA_STR_INIT("\xe2\x80\xa8"),
		MXA_STR_INIT("\xe2\x80\xa9"),
		MXA_STR_INIT("\xe2\x80\xaf"),
		MXA_STR_INIT("\xe2\x81\x9f"),
		MXA_STR_INIT("\xe3\x80\x80"),
	};
	struct mxa_str rest = mxa_str_sub(s, at, s.len);

	/* U+2000 to U+200A */
	if (mxa_str_starts(rest, MXA_STR("\xe2\x80")) && rest.len > 2 &&
	    (unsigned char)rest.p[2] >= 0x80 &&
	    (unsigned char)rest.p[2] <= 0x8a)
		return 3;
	for (size_t i = 0; i < MXA_ARRAY_LEN(spaces); i++)
		if (mxa_str_starts(rest, spaces[i]))
			return spaces[i].len;
	return 0;
}

/* Without white space, controls, quotes and backslashes; without comments as
 * well, if wanted. */
static struct mxa_str squeeze_text(
    struct mxa_arena *a, struct mxa_str s, bool comments)
{
	char *p = mxa_arena_alloc(a, s.len);
	size_t i = 0, n = 0;

	while (i < s.len) {
		unsigned char c = (unsigned char)s.p[i];
		size_t wide = c >= 0x80 ? wide_space(s, i) : 0;

		if (wide > 0) {
			i += wide;
			continue;
		}
		if (comments && c == '(') {
			if (mxa_lex_comment(s, &i))
				continue;
			/* this one is open: nothing after it closes */
			comments = false;
		}
		if (c > ' ' && c != 0x7f && c != '"' && c != '\\')
			p[n++] = s.p[i];
		i++;
	}
	return mxa_str_make(p, n);
}

/* An id that is a domain name in canonical form; any other as it stands. */
static struct mxa_str canonical_id(struct mxa_arena *a, struct mxa_str id)
{
	struct mxa_str name;

	while (id.len > 1 && id.p[id.len - 1] == '.')
		id.len--;
	if (mxa_domain_canonical(a, id, &name) == MXA_OK)
		return name;
	return id;
}

static struct claim prepare_claim(
    struct mxa_arena *a, const struct mxa_str *ids, size_t n)
{
	struct claim c = { .arena = a, .n = n };

	c.plain = mxa_arena_calloc(a, n, sizeof(*c.plain));
	c.canonical = mxa_arena_calloc(a, n, sizeof(*c.canonical));
	for (size_t i = 0; i < n; i++) {
		c.plain[i] = squeeze_text(a, ids[i], false);
		c.canonical[i] = canonical_id(a, c.plain[i]);
	}
	return c;
}

static bool is_ours(const struct claim *c, struct mxa_str id)
{
	struct mxa_str text;

	if (id.len == 0 || id.len > LONGEST_ID)
		return false;
	text = canonical_id(c->arena, squeeze_text(c->arena, id, false));
	for (size_t i = 0; i < c->n; i++)
		if (mxa_str_caseeq(text, c->canonical[i]))
			return text.len > 0;
	return false;
}

static bool text_contains(struct mxa_str text, struct mxa_str what)
{
	return what.len > 0 && mxa_str_casefind(text, what) < text.len;
}

static bool mentions_ours(const struct claim *c, struct mxa_str text)
{
	struct mxa_str with = squeeze_text(c->arena, text, false);
	struct mxa_str without = squeeze_text(c->arena, text, true);

	for (size_t i = 0; i < c->n; i++) {
		if (text_contains(with, c->plain[i]) ||
		    text_contains(without, c->plain[i]))
			return true;
		if (text_contains(with, c->canonical[i]) ||
		    text_contains(without, c->canonical[i]))
			return true;
	}
	return false;
}

/* Length of what stands at 'at' for a reader of tokens. */
static size_t token_length(struct mxa_str s, size_t at)
{
	size_t i = at;

	while (i < s.len && mxa_lex_token_byte(s.p[i]))
		i++;
	return i - at;
}

/* The same for a reader that stops only at white space, ';' or a comment. */
static size_t run_length(struct mxa_str s, size_t at)
{
	size_t i = at;

	while (i < s.len && !mxa_is_space(s.p[i]) && s.p[i] != ';' &&
	    s.p[i] != '(')
		i++;
	return i - at;
}

/* Version and ';' (or the end) after the id; false when something else is
 * there. */
static bool rest_of_head(struct mxa_str s, size_t at, unsigned *version)
{
	size_t from;
	uint64_t v;

	if (!mxa_lex_cfws(s, &at))
		return false;
	from = at;
	while (at < s.len && mxa_is_digit(s.p[at]))
		at++;
	if (at > from) {
		*version = 0;
		if (mxa_str_u64(mxa_str_sub(s, from, at), UINT_MAX, &v))
			*version = (unsigned)v;
	}
	return mxa_lex_cfws(s, &at) && (at == s.len || s.p[at] == ';');
}

/* What stands at 'at', quoted or not, as an id; false when there is none to
 * read.  '*end' is after it. */
static bool read_id(const struct claim *c, struct mxa_str s, size_t at,
    struct mxa_str *id, size_t *end)
{
	*end = at;
	if (at == s.len)
		return false;
	if (s.p[at] == '"') {
		if (!mxa_lex_quoted(s, end))
			return false;
		*id = mxa_lex_unescape(
		    c->arena, mxa_str_sub(s, at + 1, *end - 1));
		return true;
	}
	*end = at + run_length(s, at);
	*id = mxa_str_sub(s, at, *end);
	return mxa_lex_token_byte(s.p[at]) || (unsigned char)s.p[at] >= 0x80;
}

static bool forged_at(
    const struct claim *c, struct mxa_str s, size_t at, unsigned *version)
{
	struct mxa_str id;
	size_t end;

	if (!read_id(c, s, at, &id, &end))
		return mentions_ours(c, s);
	if (is_ours(c, id) ||
	    is_ours(c, mxa_str_sub(s, at, at + token_length(s, at))))
		return true;
	if (rest_of_head(s, end, version))
		return false;
	return mentions_ours(c, mxa_str_sub(s, 0, mxa_str_chr(s, ';', 0)));
}

bool mxa_authres_is_forged(struct mxa_arena *a, struct mxa_str value,
    const struct mxa_str *ids, size_t n_ids, bool untrusted)
{
	struct claim c = prepare_claim(a, ids, n_ids);
	unsigned version = 1;
	size_t at = 0;

	if (!mxa_lex_cfws(value, &at))
		return mentions_ours(&c, value);
	if (forged_at(&c, value, at, &version))
		return true;
	return untrusted && version != 1;
}

/* --- Received-SPF --- */

/* Whether a comment begins with an id of ours: "(mx.example.jp: domain of
 * ...)", wherever it is. */
static bool comment_claims(const struct claim *c, struct mxa_str s)
{
	for (size_t at = mxa_str_chr(s, '(', 0); at < s.len;
	     at = mxa_str_chr(s, '(', at + 1)) {
		size_t from = at + 1, end;

		while (from < s.len && mxa_is_space(s.p[from]))
			from++;
		end = from;
		while (end < s.len && !mxa_is_space(s.p[end]) &&
		    memchr(":;()", s.p[end], 4) == NULL)
			end++;
		if (is_ours(c, mxa_str_sub(s, from, end)))
			return true;
	}
	return false;
}

/* Whether the value that begins 's' is ours: quoted, or up to a separator.  No
 * more of it is looked at than an id has bytes. */
static bool value_claims(const struct claim *c, struct mxa_str s)
{
	struct mxa_str id;
	size_t end;

	s = mxa_str_sub(s, 0, LONGEST_ID + 2);
	if (!read_id(c, s, 0, &id, &end))
		return s.len > 0 && s.p[0] == '"' && mentions_ours(c, s);
	return is_ours(c, id) ||
	    is_ours(c, mxa_str_sub(s, 0, token_length(s, 0)));
}

/* "receiver" and '=', wherever they are, with whatever stands between them. */
static bool receiver_claims(const struct claim *c, struct mxa_str s)
{
	static const struct mxa_str key = MXA_STR_INIT("receiver");

	for (size_t at = 0; at < s.len;) {
		at += mxa_str_casefind(mxa_str_sub(s, at, s.len), key);
		at += at < s.len ? key.len : 0;
		if (!mxa_lex_cfws(s, &at))
			break;
		if (at == s.len || s.p[at] != '=')
			continue;
		at++;
		if (!mxa_lex_cfws(s, &at))
			break;
		if (value_claims(c, mxa_str_sub(s, at, s.len)))
			return true;
	}
	return false;
}

bool mxa_received_spf_is_forged(struct mxa_arena *a, struct mxa_str value,
    const struct mxa_str *ids, size_t n_ids)
{
	struct claim c = prepare_claim(a, ids, n_ids);

	return comment_claims(&c, value) || receiver_claims(&c, value) ||
	    receiver_claims(&c, squeeze_text(a, value, true)) ||
	    receiver_claims(&c, squeeze_text(a, value, false));
}
