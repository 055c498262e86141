/* words.c - a text made ready to be searched. */
#include "bounce/words.h"

#include <string.h>

#include "base/attr.h"

/* --- the index --- */

static unsigned run_hash(const char *p)
{
	uint32_t h = (unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	    (uint32_t)(unsigned char)p[2] << 16;

	return (h * 2654435761u) >> 20; /* 12 bits: 64 cells of 64 */
}

static void index_text(struct mxa_words *w)
{
	memset(w->index, 0, sizeof(w->index));
	for (size_t i = 0; i + 3 <= w->text.len; i++) {
		unsigned h = run_hash(w->text.p + i);

		w->index[h >> 6] |= (uint64_t)1 << (h & 63);
	}
}

static bool has_run(const struct mxa_words *w, const char *p)
{
	unsigned h = run_hash(p);

	return (w->index[h >> 6] >> (h & 63) & 1) != 0;
}

/* Whether the first run of the fragment is in the text: most are not, and need
 * not even be measured. */
static bool may_begin(const struct mxa_words *w, const char *f)
{
	return f[0] == '\0' || f[1] == '\0' || f[2] == '\0' || has_run(w, f);
}

static bool begins_word(struct mxa_str text, size_t at)
{
	return at == 0 || !mxa_is_alpha(text.p[at - 1]);
}

size_t mxa_words_find(const struct mxa_words *w, const char *fragment)
{
	struct mxa_str text = w->text, f;
	const char *hit;
	size_t at = 0;
	bool whole;

	if (!may_begin(w, fragment))
		return text.len;
	f = mxa_str_from(fragment);
	if (f.len >= 3 && !has_run(w, f.p + f.len - 3))
		return text.len;
	whole = f.len <= 4 && f.len > 0 && mxa_is_alpha(f.p[0]);
	while (at < text.len &&
	    (hit = memmem(text.p + at, text.len - at, f.p, f.len)) != NULL) {
		at = (size_t)(hit - text.p);
		if (!whole || begins_word(text, at))
			return at;
		at++;
	}
	return text.len;
}

/* --- what says nothing about authentication --- */

static const struct mxa_str methods[] = { MXA_STR_INIT("spf"),
	MXA_STR_INIT("dkim"), MXA_STR_INIT("dmarc"), MXA_STR_INIT("arc") };

/* Hosts whose page carries facts about an SPF failure. */
static const struct mxa_str fact_hosts[] = { MXA_STR_INIT("openspf."),
	MXA_STR_INIT("open-spf."), MXA_STR_INIT("spf.pobox.com"),
	MXA_STR_INIT("spf.fr") };

static bool ends_token(char c)
{
	return mxa_is_space(c) ||
	    (c != '\0' && strchr("<>()[]{}\"',;|", c) != NULL);
}

/* Names what is looked at: "From:" and "DKIM-Signature", not a result. */
static bool is_header_name(struct mxa_str s)
{
	static const char *const names[] = { "dkim-signature", "received-spf",
		"authentication-results", "arc-seal", "arc-message-signature",
		"domainkey-signature", "arc-authentication-results" };

	while (s.len > 0 && s.p[s.len - 1] == ':')
		s.len--;
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_is(s, names[i]))
			return true;
	return false;
}

/* "mail.example.com", but not "5.7.26" or "SPF.Please", a missing space.
 * 'raw' is the same token in its own case. */
static bool is_host_name(struct mxa_str s, struct mxa_str raw)
{
	size_t dot = s.len, label;

	while (s.len > 0 && (s.p[s.len - 1] == '.' || s.p[s.len - 1] == ':'))
		s.len--;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.')
			dot = i;
		else if (!mxa_is_alnum(s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_' && (unsigned char)s.p[i] < 0x80)
			return false;
	}
	if (dot >= s.len || dot == 0)
		return false;
	label = s.len - dot - 1;
	if (label < 2 || !mxa_is_alpha(s.p[dot + 1]))
		return false;
	return !(raw.p[dot + 1] >= 'A' && raw.p[dot + 1] <= 'Z' && label > 2 &&
	    mxa_is_alpha(raw.p[dot + 2]) && raw.p[dot + 2] >= 'a');
}

static bool carries_facts(struct mxa_str s)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(fact_hosts); i++)
		if (mxa_str_casefind(s, fact_hosts[i]) < s.len)
			return true;
	return false;
}

static bool is_url(struct mxa_str s)
{
	return mxa_str_casefind(s, MXA_STR("://")) < s.len ||
	    mxa_str_starts(s, MXA_STR("www."));
}

static bool names_method(struct mxa_str s)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(methods); i++)
		if (mxa_str_casefind(s, methods[i]) < s.len)
			return true;
	return false;
}

/* Whether the token 's' is to be left out; 'quoted': a quote stands before. */
static bool is_masked(struct mxa_str s, struct mxa_str raw, bool quoted)
{
	if (mxa_str_chr(s, '@', 0) < s.len)
		return !carries_facts(s);
	if (!names_method(s) || carries_facts(s))
		return false;
	return is_url(s) || (quoted && is_header_name(s)) ||
	    is_host_name(s, raw);
}

/* Whether 's' begins with "spf=pass", "dkim: passed", "DMARC PASS"; its
 * length, or 0. */
static size_t passed_len(struct mxa_str s)
{
	size_t n, at;

	for (size_t i = 0; i < MXA_ARRAY_LEN(methods); i++) {
		if (!mxa_str_starts(s, methods[i]))
			continue;
		at = n = methods[i].len;
		while (at < s.len && at < n + 3 &&
		    (s.p[at] == ' ' || s.p[at] == ':' || s.p[at] == '='))
			at++;
		if (at == n ||
		    !mxa_str_starts(mxa_str_sub(s, at, s.len), MXA_STR("pass")))
			return 0;
		at += 4;
		if (mxa_str_starts(mxa_str_sub(s, at, s.len), MXA_STR("ed")) ||
		    mxa_str_starts(mxa_str_sub(s, at, s.len), MXA_STR("es")))
			at += 2;
		return at == s.len || !mxa_is_alnum(s.p[at]) ? at : 0;
	}
	return 0;
}

static void blank_token(
    char *p, struct mxa_str text, struct mxa_str s, size_t from, size_t to)
{
	struct mxa_str token = mxa_str_sub(text, from, to);
	bool quoted =
	    from > 0 && (s.p[from - 1] == '\'' || s.p[from - 1] == '"');

	if (is_masked(token, mxa_str_sub(s, from, to), quoted))
		memset(p + from, ' ', to - from);
}

void mxa_words_make(
    struct mxa_arena *a, struct mxa_str s, struct mxa_words *out)
{
	out->text = mxa_str_lower(a, s.p ? s : MXA_STR(""));
	index_text(out);
}

void mxa_words_make_masked(
    struct mxa_arena *a, struct mxa_str s, struct mxa_words *out)
{
	struct mxa_str text = mxa_str_lower(a, s.p ? s : MXA_STR(""));
	char *p = mxa_str_cstr(a, text);
	size_t from, at = 0, n;

	while (at < text.len) {
		while (at < text.len && ends_token(text.p[at]))
			at++;
		for (from = at; at < text.len && !ends_token(text.p[at]); at++)
			;
		if (from < at)
			blank_token(p, text, s, from, at);
	}
	text = mxa_str_make(p, text.len);
	for (at = 0; at < text.len; at++) {
		if (!begins_word(text, at))
			continue;
		n = passed_len(mxa_str_sub(text, at, text.len));
		memset(p + at, ' ', n);
	}
	out->text = text;
	index_text(out);
}
