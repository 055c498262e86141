/* slips.c - what people write, and what they meant. */
#include "record/slips.h"

#include <string.h>

#include "auth/spf/grammar.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ipaddr.h"
#include "base/limits.h"

/* Beginnings of a word.  Tried in this order; the first that gives SPF is
 * taken. */
static const struct {
	struct mxa_str wrong;
	const char *right;
} beginnings[] = {
	{ MXA_STR_INIT("ipv4:"), "ip4:" },
	{ MXA_STR_INIT("ipv6:"), "ip6:" },
	{ MXA_STR_INIT("ip4="), "ip4:" },
	{ MXA_STR_INIT("ip6="), "ip6:" },
	{ MXA_STR_INIT("ipv4="), "ip4:" },
	{ MXA_STR_INIT("ipv6="), "ip6:" },
	{ MXA_STR_INIT("ip="), "ip4:" },
	{ MXA_STR_INIT("ip="), "ip6:" },
	{ MXA_STR_INIT("ip:"), "ip4:" },
	{ MXA_STR_INIT("ip:"), "ip6:" },
	{ MXA_STR_INIT("ip4;"), "ip4:" },
	{ MXA_STR_INIT("include:http://"), "include:" },
	{ MXA_STR_INIT("include:https://"), "include:" },
	{ MXA_STR_INIT("include:@"), "include:" },
	{ MXA_STR_INIT("include::"), "include:" },
	{ MXA_STR_INIT("includes:"), "include:" },
	{ MXA_STR_INIT("inlcude:"), "include:" },
	{ MXA_STR_INIT("incldue:"), "include:" },
	{ MXA_STR_INIT("incude:"), "include:" },
	{ MXA_STR_INIT("inclue:"), "include:" },
	{ MXA_STR_INIT("includ:"), "include:" },
	{ MXA_STR_INIT("included:"), "include:" },
	{ MXA_STR_INIT("include="), "include:" },
	{ MXA_STR_INIT("include;"), "include:" },
	{ MXA_STR_INIT("exist:"), "exists:" },
	{ MXA_STR_INIT("exists="), "exists:" },
	{ MXA_STR_INIT("redirect:"), "redirect=" },
	{ MXA_STR_INIT("redirect=http://"), "redirect=" },
	{ MXA_STR_INIT("redirect=https://"), "redirect=" },
	{ MXA_STR_INIT("exp:"), "exp=" },
	{ MXA_STR_INIT("ptr="), "ptr:" },
	{ MXA_STR_INIT("a="), "a:" },
	{ MXA_STR_INIT("a::"), "a:" },
	{ MXA_STR_INIT("mx="), "mx:" },
	{ MXA_STR_INIT("mx::"), "mx:" },
};

/* Whole words.  The dashes are U+2013, U+2014 and U+2212 of word processors. */
static const struct {
	struct mxa_str wrong;
	const char *right;
} words[] = {
	{ MXA_STR_INIT("all-"), "-all" },
	{ MXA_STR_INIT("all~"), "~all" },
	{ MXA_STR_INIT("all?"), "?all" },
	{ MXA_STR_INIT("--all"), "-all" },
	{ MXA_STR_INIT("~~all"), "~all" },
	{ MXA_STR_INIT("-~all"), "~all" },
	{ MXA_STR_INIT("_all"), "-all" },
	{ MXA_STR_INIT("-alll"), "-all" },
	{ MXA_STR_INIT("~alll"), "~all" },
	{ MXA_STR_INIT("-al"), "-all" },
	{ MXA_STR_INIT("~al"), "~all" },
	{ MXA_STR_INIT("-all:"), "-all" },
	{ MXA_STR_INIT("~all:"), "~all" },
	{ MXA_STR_INIT("\xe2\x80\x93"
		       "all"),
	    "-all" },
	{ MXA_STR_INIT("\xe2\x80\x94"
		       "all"),
	    "-all" },
	{ MXA_STR_INIT("\xe2\x88\x92"
		       "all"),
	    "-all" },
};

static bool is_sign(char c)
{
	return c == '+' || c == '-' || c == '~' || c == '?';
}

static struct mxa_str without_sign(struct mxa_str word)
{
	if (word.len > 1 && is_sign(word.p[0]))
		return mxa_str_sub(word, 1, word.len);
	return word;
}

static struct mxa_str sign_of(struct mxa_str word)
{
	return mxa_str_sub(word, 0, word.len - without_sign(word).len);
}

/* --- what is SPF --- */

static bool is_record(struct mxa_arena *a, struct mxa_str terms)
{
	struct mxa_spf_record r;
	struct mxa_buf b;

	mxa_buf_init(&b, a, terms.len + 8);
	mxa_buf_adds(&b, "v=spf1 ");
	mxa_buf_addstr(&b, terms);
	mxa_spf_parse(&r, mxa_buf_str(&b), false);
	mxa_spf_record_done(&r);
	return r.ok;
}

bool mxa_slips_is_mechanism(struct mxa_str word)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(beginnings); i++)
		if (mxa_spf_word_is_modifier(beginnings[i].wrong) &&
		    !mxa_str_casestarts(word, MXA_STR("redirect=")) &&
		    mxa_str_casestarts(word, beginnings[i].wrong))
			return true;
	return false;
}

/* Where the argument of a mechanism begins, with whatever sign. */
static size_t argument_at(struct mxa_str word)
{
	size_t colon = mxa_str_chr(word, ':', 0),
	       eq = mxa_str_chr(word, '=', 0);
	size_t at = colon < eq ? colon : eq;

	return at < word.len ? at + 1 : word.len;
}

/* Commas, colons and the like are allowed in a domain-spec (RFC 7208 section
 * 7.1), but no name has one: the word is a list, a URL or an address. */
static bool is_odd_name(struct mxa_str word)
{
	struct mxa_str name = mxa_str_sub(word, argument_at(word), word.len);

	if (mxa_str_chr(name, '%', 0) < name.len ||
	    mxa_str_casestarts(without_sign(word), MXA_STR("ip6:")))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (memchr(",;:@", name.p[i], 4) != NULL)
			return true;
	return false;
}

static bool is_sound(struct mxa_arena *a, struct mxa_str word)
{
	return word.len > 0 && !mxa_slips_is_mechanism(word) &&
	    !is_odd_name(word) && is_record(a, word);
}

static struct mxa_str join_text(struct mxa_arena *a, struct mxa_str one,
    const char *middle, struct mxa_str two)
{
	const struct mxa_str part[] = { one, mxa_str_from(middle), two };

	return mxa_str_join(a, part, MXA_ARRAY_LEN(part));
}

/* --- one word --- */

/* Quotation marks and punctuation around a word, and a slash at its end. */
static struct mxa_str without_punctuation(struct mxa_str word)
{
	while (word.len > 0 &&
	    memchr(",;.\"'/\\", word.p[word.len - 1], 7) != NULL)
		word.len--;
	while (word.len > 0 && memchr("\"',;\\", word.p[0], 5) != NULL)
		word = mxa_str_sub(word, 1, word.len);
	return word;
}

/* "192.0.2.0/255.255.255.0" as a network; false: it is none. */
static bool parse_netmask(struct mxa_str text, struct mxa_cidr *net)
{
	size_t slash = mxa_str_chr(text, '/', 0);
	struct mxa_ip mask;
	uint32_t m = 0;

	if (slash == text.len ||
	    !mxa_ip_parse(mxa_str_sub(text, 0, slash), &net->ip) ||
	    !mxa_ip_parse(mxa_str_sub(text, slash + 1, text.len), &mask) ||
	    net->ip.family != 4 || mask.family != 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		m = m << 8 | mask.b[i];
	for (net->bits = 0; m & 0x80000000; m <<= 1)
		net->bits++;
	return m == 0;
}

/* A network under the wrong name or under none: "192.0.2.1", "a:192.0.2.1",
 * "ip4:2001:db8::1", "ip4:192.0.2.0/255.255.255.0". */
static struct mxa_str named_network(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str part[2] = { word,
		mxa_str_sub(word, argument_at(word), word.len) };
	char text[MXA_IP_TEXT];
	struct mxa_cidr net;

	for (size_t i = 0; i < MXA_ARRAY_LEN(part); i++) {
		if (mxa_cidr_parse(part[i], &net))
			return join_text(a, MXA_STR(""),
			    net.ip.family == 6 ? "ip6:" : "ip4:", part[i]);
		if (parse_netmask(part[i], &net))
			return mxa_str_from(mxa_arena_printf(a, "ip4:%s/%u",
			    mxa_ip_format(&net.ip, text), net.bits));
	}
	return MXA_STR("");
}

static struct mxa_str respelled_word(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str bare = without_sign(word);

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (mxa_str_caseeq(word, words[i].wrong))
			return mxa_str_from(words[i].right);
	for (size_t i = 0; i < MXA_ARRAY_LEN(beginnings); i++) {
		struct mxa_str wrong = beginnings[i].wrong, right;

		if (!mxa_str_casestarts(bare, wrong))
			continue;
		right = join_text(a, sign_of(word), beginnings[i].right,
		    mxa_str_sub(bare, wrong.len, bare.len));
		if (is_sound(a, right))
			return right;
	}
	return MXA_STR("");
}

/* "ip4:192.0.2.1-all": the space before the end is missing. */
static struct mxa_str split_end(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str first, end;

	if (word.len < 6)
		return MXA_STR("");
	end = mxa_str_sub(word, word.len - 4, word.len);
	first = mxa_str_sub(word, 0, word.len - 4);
	if (mxa_spf_word_all(end) == '\0' || !is_sound(a, first))
		return MXA_STR("");
	return join_text(a, first, " ", end);
}

/* A word that means the same and is SPF, without a look at lists; empty: there
 * is none. */
static struct mxa_str right_word(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str right;

	if (is_sound(a, word))
		return word;
	right = named_network(a, without_sign(word));
	if (right.len > 0 && word.p[0] != '+')
		right = join_text(a, sign_of(word), "", right);
	if (right.len > 0 && is_sound(a, right))
		return right;
	right = respelled_word(a, word);
	return right.len > 0 ? right : split_end(a, word);
}

/* An element of a list: SPF by itself, or with the mechanism of the first. */
static struct mxa_str right_element(
    struct mxa_arena *a, struct mxa_str first, struct mxa_str part)
{
	size_t colon = mxa_str_chr(first, ':', 0);
	struct mxa_str right = right_word(a, part);

	if (right.len > 0 || colon == first.len)
		return right;
	return right_word(
	    a, join_text(a, mxa_str_sub(first, 0, colon + 1), "", part));
}

/* "ip4:192.0.2.1,192.0.2.2", "include:a.example;include:b.example": words of
 * their own.  Empty: an element is none. */
static struct mxa_str split_list(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_buf b;
	size_t end;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t at = 0; at < word.len; at = end + 1) {
		struct mxa_str part;

		for (end = at; end < word.len; end++)
			if (word.p[end] == ',' || word.p[end] == ';')
				break;
		part = without_punctuation(mxa_str_sub(word, at, end));
		if (part.len == 0)
			continue;
		part = right_element(a, word, part);
		if (part.len == 0)
			return part;
		if (b.len > 0)
			mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, part);
	}
	return b.full ? MXA_STR("") : mxa_buf_str(&b);
}

static struct mxa_str corrected_word(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str bare = without_punctuation(word), right;

	if (bare.len == 0)
		return MXA_STR("");
	right = right_word(a, word);
	if (right.len == 0)
		right = right_word(a, bare);
	if (right.len == 0)
		right = split_list(a, word);
	return right.len > 0 && is_record(a, right) ? right : MXA_STR("");
}

/* --- words that were torn apart --- */

/* "include: a.example", "ip4 192.0.2.1", "- all": what belongs to the next
 * word. */
static bool wants_next(struct mxa_str word)
{
	static const char *const lone[] = { "include", "ip4", "ip6", "exists",
		"redirect" };
	char last = word.p[word.len - 1];

	if (last == ':' || last == '=' || (word.len == 1 && is_sign(last)))
		return true;
	for (size_t i = 0; i < MXA_ARRAY_LEN(lone); i++)
		if (mxa_str_caseis(without_sign(word), lone[i]))
			return true;
	return false;
}

static struct mxa_str joined_words(
    struct mxa_arena *a, struct mxa_str one, struct mxa_str two)
{
	char last = one.p[one.len - 1];
	const char *between = "";

	if (mxa_str_caseis(without_sign(one), "redirect"))
		between = "=";
	else if (last != ':' && last != '=' && one.len > 1)
		between = ":";
	return corrected_word(a, join_text(a, one, between, two));
}

/* --- a record --- */

struct repair {
	struct mxa_spf_words *w;
	struct mxa_slip *slip;
	size_t n;
};

static void note_slip(
    struct repair *r, struct mxa_str wrong, struct mxa_str right)
{
	if (r->n < MXA_MAX_SLIPS)
		r->slip[r->n] = (struct mxa_slip){ wrong, right };
	r->n++;
}

/* Put 'right', which may be several words, in place of 'count' words. */
static void replace_words(
    struct repair *r, size_t at, size_t count, struct mxa_str right)
{
	struct mxa_spf_words *w = r->w;
	struct mxa_str wrong = w->v[at].text;

	if (count == 2)
		wrong = join_text(w->arena, wrong, " ", w->v[at + 1].text);
	note_slip(r, wrong, right);
	while (count-- > 0)
		mxa_spf_words_remove(w, at);
	for (size_t from = 0, end; from < right.len; from = end + 1) {
		end = mxa_str_chr(right, ' ', from);
		mxa_spf_words_insert(w, at++, mxa_str_sub(right, from, end));
	}
}

/* The word at 'at' is not SPF. */
static void repair_word(struct repair *r, size_t at)
{
	struct mxa_spf_words *w = r->w;
	struct mxa_str word = w->v[at].text, right = MXA_STR("");

	/* "all -" */
	if (word.len == 1 && at > 0 && is_sign(word.p[0]) &&
	    mxa_str_caseis(w->v[at - 1].text, "all")) {
		right = join_text(w->arena, word, "", MXA_STR("all"));
		replace_words(r, at - 1, 2, right);
		return;
	}
	if (at + 1 < w->n && wants_next(word)) {
		right = joined_words(w->arena, word, w->v[at + 1].text);
		if (right.len > 0) {
			replace_words(r, at, 2, right);
			return;
		}
	}
	replace_words(r, at, 1, corrected_word(w->arena, word));
}

/* What is wrong only beside other words: a second redirect or exp. */
static void drop_repeated(struct repair *r)
{
	static const struct mxa_str names[] = { MXA_STR_INIT("redirect="),
		MXA_STR_INIT("exp=") };

	for (size_t k = 0; k < MXA_ARRAY_LEN(names); k++) {
		bool seen = false;

		for (size_t i = 0; i < r->w->n;) {
			bool here =
			    mxa_str_casestarts(r->w->v[i].text, names[k]);

			if (here && seen) {
				replace_words(r, i, 1, MXA_STR(""));
				continue;
			}
			seen |= here;
			i++;
		}
	}
}

size_t mxa_slips_repair(
    struct mxa_spf_words *w, struct mxa_slip slip[MXA_MAX_SLIPS])
{
	struct repair r = { .w = w, .slip = slip };
	size_t i = 0;

	/* A repair leaves sound words, or one word less. */
	while (i < w->n)
		if (is_sound(w->arena, w->v[i].text))
			i++;
		else
			repair_word(&r, i);
	drop_repeated(&r);
	return r.n;
}

/* --- the beginning --- */

/* What was meant to be "v=spf", after quotation marks and spaces. */
static const struct mxa_str versions[] = {
	MXA_STR_INIT("v=spf"),
	MXA_STR_INIT("v:spf"),
	MXA_STR_INIT("v-spf"),
	MXA_STR_INIT("v = spf"),
	MXA_STR_INIT("v= spf"),
	MXA_STR_INIT("v =spf"),
	MXA_STR_INIT("v spf"),
	MXA_STR_INIT("vspf"),
	MXA_STR_INIT("=spf1"),
	MXA_STR_INIT("spf1"),
	MXA_STR_INIT("spf=v1"),
};

/* 'text' without the bytes of 'set' at its start. */
static struct mxa_str skip_bytes(struct mxa_str text, const char *set)
{
	while (
	    text.len > 0 && text.p[0] != '\0' && strchr(set, text.p[0]) != NULL)
		text = mxa_str_sub(text, 1, text.len);
	return text;
}

struct mxa_str mxa_slips_spf_record(struct mxa_arena *a, struct mxa_str text)
{
	text = skip_bytes(text, " \t\r\n\"'");
	for (size_t i = 0; i < MXA_ARRAY_LEN(versions); i++) {
		struct mxa_str rest;

		if (!mxa_str_casestarts(text, versions[i]))
			continue;
		rest = mxa_str_sub(text, versions[i].len, text.len);
		rest = skip_bytes(skip_bytes(rest, "0123456789"), " ;,.:");
		return join_text(a, MXA_STR("v=spf1 "), "", rest);
	}
	return MXA_STR("");
}

/* --- DMARC --- */

const char *mxa_slips_policy(struct mxa_str word)
{
	static const struct {
		const char *wrong, *right;
	} policies[] = {
		{ "no", "none" },
		{ "non", "none" },
		{ "nome", "none" },
		{ "monitor", "none" },
		{ "quarantain", "quarantine" },
		{ "quarantaine", "quarantine" },
		{ "quarantined", "quarantine" },
		{ "quarantin", "quarantine" },
		{ "quarintine", "quarantine" },
		{ "quarentine", "quarantine" },
		{ "quaratine", "quarantine" },
		{ "qurantine", "quarantine" },
		{ "rejected", "reject" },
		{ "rejects", "reject" },
		{ "rejet", "reject" },
		{ "rejct", "reject" },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(policies); i++)
		if (mxa_str_caseis(word, policies[i].wrong))
			return policies[i].right;
	return NULL;
}

/* Signs that stand between and around tags; the quotes are those of word
 * processors, too. */
static const struct mxa_str signs[] = { MXA_STR_INIT(";"), MXA_STR_INIT(" "),
	MXA_STR_INIT("\t"), MXA_STR_INIT("\""), MXA_STR_INIT("'"),
	MXA_STR_INIT(","), MXA_STR_INIT("\\"), MXA_STR_INIT("\xe2\x80\x98"),
	MXA_STR_INIT("\xe2\x80\x99"), MXA_STR_INIT("\xe2\x80\x9c"),
	MXA_STR_INIT("\xe2\x80\x9d") };

static struct mxa_str without_signs(struct mxa_str s)
{
	size_t before;

	do {
		before = s.len;
		for (size_t i = 0; i < MXA_ARRAY_LEN(signs); i++) {
			if (mxa_str_starts(s, signs[i]))
				s = mxa_str_sub(s, signs[i].len, s.len);
			if (mxa_str_ends(s, signs[i]))
				s.len -= signs[i].len;
		}
	} while (s.len < before);
	return s;
}

/* The length of "p=", "p:" or "P = " at the beginning of 's', and which tag of
 * DMARC it is; 0: none. */
static size_t dmarc_tag(struct mxa_str s, const char **name)
{
	static const char *const names[] = { "v", "p", "sp", "np", "adkim",
		"aspf", "rua", "ruf", "fo", "pct", "ri", "rf", "t", "psd" };
	size_t len = 0, at;

	while (len < s.len && mxa_is_alnum(s.p[len]))
		len++;
	at = len;
	while (len > 0 && at < s.len && mxa_is_space(s.p[at]))
		at++;
	if (len == 0 || at == s.len || (s.p[at] != '=' && s.p[at] != ':'))
		return 0;
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_caseis(mxa_str_sub(s, 0, len), names[i])) {
			*name = names[i];
			return at + 1;
		}
	return 0;
}

/* Where the tag ends that begins before 'at': at a semicolon, or where a sign
 * and another tag stand. */
static size_t dmarc_tag_end(struct mxa_str s, size_t at)
{
	const char *name;

	for (; at < s.len && s.p[at] != ';'; at++) {
		char before = s.p[at - 1];

		if ((mxa_is_space(before) || (unsigned char)before >= 0x80 ||
			mxa_str_chr(MXA_STR("\"',\\"), before, 0) < 4) &&
		    dmarc_tag(mxa_str_sub(s, at, s.len), &name) > 0)
			break;
	}
	return at;
}

static bool is_policy(struct mxa_str word)
{
	return mxa_str_caseis(word, "none") ||
	    mxa_str_caseis(word, "quarantine") ||
	    mxa_str_caseis(word, "reject");
}

struct mxa_str mxa_slips_dmarc_tags(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_buf b;
	size_t end;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t at = 0; at < text.len; at = end) {
		struct mxa_str part, value;
		const char *name = "p";
		size_t head;

		end = dmarc_tag_end(text, at + 1);
		part = without_signs(mxa_str_sub(text, at, end));
		head = dmarc_tag(part, &name);
		value = without_signs(mxa_str_sub(part, head, part.len));
		if (head > 0 || is_policy(value))
			mxa_buf_printf(&b, "%s%s=%.*s", b.len > 0 ? "; " : "",
			    name, MXA_STR_ARG(value));
	}
	return mxa_buf_str(&b);
}
