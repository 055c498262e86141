/* slips.c - SPF records as they should be published: edited, merged,
 * and with the usual slips of the pen put right. */
#include "record/spf_edit.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"

static void word(struct mxa_buf *b, struct mxa_str s)
{
	if (s.len == 0)
		return;
	if (b->len > 0)
		mxa_buf_addc(b, ' ');
	mxa_buf_addstr(b, s);
}

/* The next word of 's' from '*at'; empty: no more. */
static struct mxa_str next_word(struct mxa_str s, size_t *at)
{
	size_t from = *at, to;

	while (from < s.len && s.p[from] == ' ')
		from++;
	to = mxa_str_chr(s, ' ', from);
	*at = to;
	return mxa_str_sub(s, from, to);
}

struct mxa_str mxa_spf_edit(struct mxa_arena *a, struct mxa_str text,
    const struct mxa_spf_term *t, const char *instead, const char *append)
{
	struct mxa_str w;
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	while ((w = next_word(text, &at)).len > 0) {
		bool here = t != NULL && (size_t)(w.p - text.p) == t->at;

		word(&b, here ? mxa_str_from(instead) : w);
	}
	word(&b, mxa_str_from(append));
	return mxa_buf_str(&b);
}

/* --- merging --- */

static bool has_word(struct mxa_str text, struct mxa_str what)
{
	struct mxa_str w;
	size_t at = 0;

	while ((w = next_word(text, &at)).len > 0)
		if (mxa_str_caseeq(w, what))
			return true;
	return false;
}

static bool is_all(struct mxa_str w)
{
	if (w.len == 4 && mxa_str_chr(MXA_STR("+-~?"), w.p[0], 0) < 4)
		w = mxa_str_sub(w, 1, 4);
	return mxa_str_caseis(w, "all");
}

struct mxa_str mxa_spf_end(
    struct mxa_arena *a, struct mxa_str text, const char *all)
{
	struct mxa_str w;
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	while ((w = next_word(text, &at)).len > 0)
		if (!is_all(w))
			word(&b, w);
	word(&b, mxa_str_from(all));
	return mxa_buf_str(&b);
}

/* The mildest of the "all" that protect: a merged record must not fail what
 * one of its sources let through. */
struct mxa_str mxa_spf_merge(
    struct mxa_arena *a, const struct mxa_str *text, size_t n)
{
	const char *all = "-all";
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t i = 0; i < n; i++) {
		struct mxa_str w;
		size_t at = 0;
		bool has_all = false;

		while ((w = next_word(text[i], &at)).len > 0) {
			if (is_all(w)) {
				has_all = true;
				if (w.p[0] != '-')
					all = "~all";
			} else if (!has_word(mxa_buf_str(&b), w)) {
				word(&b, w);
			}
		}
		if (!has_all)
			all = "~all";
	}
	word(&b, mxa_str_from(all));
	return mxa_buf_str(&b);
}

/* --- repairs --- */

static const struct {
	const char *wrong;
	const char *right;
} slips[] = {
	{ "ipv4:", "ip4:" },
	{ "ipv6:", "ip6:" },
	{ "ip4=", "ip4:" },
	{ "ip6=", "ip6:" },
	{ "ip:", "ip4:" },
	{ "includes:", "include:" },
	{ "inlcude:", "include:" },
	{ "incude:", "include:" },
	{ "inclue:", "include:" },
	{ "include=", "include:" },
	{ "include;", "include:" },
	{ "exist:", "exists:" },
	{ "redirect:", "redirect=" },
	{ "a=", "a:" },
	{ "mx=", "mx:" },
};

static struct mxa_str printed(struct mxa_arena *a, const char *prefix,
    struct mxa_str rest, const char *suffix)
{
	return mxa_str_from(
	    mxa_arena_printf(a, "%s%.*s%s", prefix, MXA_STR_ARG(rest), suffix));
}

/* Behind the first ':' of a term. */
static struct mxa_str argument(struct mxa_str term)
{
	return mxa_str_sub(term, mxa_str_chr(term, ':', 0) + 1, term.len);
}

/* A network under the wrong name, or under none: "ip4:2001:db8::1",
 * "a:192.0.2.1", "192.0.2.1". */
static struct mxa_str renamed_network(struct mxa_arena *a, struct mxa_str term)
{
	struct mxa_str part[2] = { argument(term), term };
	struct mxa_cidr net;

	for (size_t i = 0; i < 2; i++)
		if (mxa_cidr_parse(part[i], &net))
			return printed(a,
			    net.ip.family == 6 ? "ip6:" : "ip4:", part[i], "");
	return MXA_STR("");
}

static struct mxa_str respelled(struct mxa_arena *a, struct mxa_str term)
{
	struct mxa_str sign = MXA_STR("");

	if (term.len > 0 && mxa_str_chr(MXA_STR("+-~?"), term.p[0], 0) < 4) {
		sign = mxa_str_sub(term, 0, 1);
		term = mxa_str_sub(term, 1, term.len);
	}
	for (size_t i = 0; i < MXA_ARRAY_LEN(slips); i++) {
		struct mxa_str wrong = mxa_str_from(slips[i].wrong);

		if (mxa_str_casestarts(term, wrong))
			return printed(a, mxa_str_cstr(a, sign),
			    mxa_str_from(slips[i].right),
			    mxa_str_cstr(
				a, mxa_str_sub(term, wrong.len, term.len)));
	}
	if (sign.len == 0 &&
	    (mxa_str_caseis(term, "all-") || mxa_str_caseis(term, "all~")))
		return printed(
		    a, term.p[3] == '-' ? "-" : "~", MXA_STR("all"), "");
	return MXA_STR("");
}

struct mxa_str mxa_spf_colon(struct mxa_arena *a, struct mxa_str term)
{
	struct mxa_str right = respelled(a, term);
	size_t eq = mxa_str_chr(term, '=', 0);

	if (right.len > 0)
		return right;
	return mxa_str_from(mxa_arena_printf(a, "%.*s:%.*s",
	    MXA_STR_ARG(mxa_str_sub(term, 0, eq)),
	    MXA_STR_ARG(mxa_str_sub(term, eq + 1, term.len))));
}

/* Typographic dashes in place of "-" (they come from word processors). */
static struct mxa_str plain_dash(struct mxa_arena *a, struct mxa_str term)
{
	if (mxa_str_starts(term, MXA_STR("\xe2\x80\x93")) ||
	    mxa_str_starts(term, MXA_STR("\xe2\x80\x94")))
		return printed(a, "-", mxa_str_sub(term, 3, term.len), "");
	return MXA_STR("");
}

static struct mxa_str without_punctuation(struct mxa_str term)
{
	size_t n = term.len;

	while (n > 0 && mxa_str_chr(MXA_STR(",;.\"'"), term.p[n - 1], 0) < 5)
		n--;
	return n < term.len ? mxa_str_sub(term, 0, n) : MXA_STR("");
}

/* "include: example.com", "- all": the next word belongs to this one. */
static bool torn(struct mxa_str term)
{
	char last = term.p[term.len - 1];

	return last == ':' || last == '=' ||
	    (term.len == 1 && mxa_str_chr(MXA_STR("+-~?"), last, 0) < 4);
}

/* The text with its bad term replaced; empty: nothing fits. */
static struct mxa_str repair_term(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str bad)
{
	size_t at = (size_t)(bad.p - text.p), behind = at + bad.len;
	struct mxa_str before = mxa_str_sub(text, 0, at), term;

	if (torn(bad)) {
		struct mxa_str next = next_word(text, &behind);

		term = printed(a, mxa_str_cstr(a, bad), next, "");
		if (next.len == 0)
			return MXA_STR("");
	} else {
		term = without_punctuation(bad);
		if (term.len == 0)
			term = plain_dash(a, bad);
		if (term.len == 0)
			term = renamed_network(a, bad);
		if (term.len == 0)
			term = respelled(a, bad);
		if (term.len == 0)
			return term;
	}
	return mxa_str_from(mxa_arena_printf(a, "%.*s%.*s%.*s",
	    MXA_STR_ARG(before), MXA_STR_ARG(term),
	    MXA_STR_ARG(mxa_str_sub(text, behind, text.len))));
}

/* Tabs and line ends to spaces; a NUL cannot be repaired. */
static struct mxa_str spaced(struct mxa_arena *a, struct mxa_str text)
{
	char *copy = mxa_arena_strdup(a, text.p, text.len);

	for (size_t i = 0; i < text.len; i++)
		if (mxa_is_space(copy[i]))
			copy[i] = ' ';
	return mxa_str_make(copy, text.len);
}

#define MAX_REPAIRS 32

struct mxa_str mxa_spf_repair(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_spf_record r;

	if (text.len > 4096)
		return MXA_STR("");
	text = spaced(a, text);
	for (int i = 0; i < MAX_REPAIRS && text.len > 0; i++) {
		mxa_spf_parse(&r, text, false);
		mxa_spf_record_done(&r);
		if (r.ok)
			return mxa_spf_edit(a, text, NULL, NULL, NULL);
		text = repair_term(a, text, r.bad_term);
	}
	return MXA_STR("");
}
