/* grammar.c - SPF records taken apart. */
#include "auth/spf/grammar.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/limits.h"

/* What may follow a mechanism's name. */
enum arg { ARG_NONE, ARG_OPTIONAL, ARG_REQUIRED };

static const struct {
	const char *name;
	enum mxa_spf_kind kind;
	enum arg domain;
	bool cidr;
} mechanisms[] = {
	{ "all", MXA_TERM_ALL, ARG_NONE, false },
	{ "include", MXA_TERM_INCLUDE, ARG_REQUIRED, false },
	{ "a", MXA_TERM_A, ARG_OPTIONAL, true },
	{ "mx", MXA_TERM_MX, ARG_OPTIONAL, true },
	{ "ptr", MXA_TERM_PTR, ARG_OPTIONAL, false },
	{ "ip4", MXA_TERM_IP4, ARG_REQUIRED, false },
	{ "ip6", MXA_TERM_IP6, ARG_REQUIRED, false },
	{ "exists", MXA_TERM_EXISTS, ARG_REQUIRED, false },
};

bool mxa_spf_kind_asks(enum mxa_spf_kind k)
{
	switch (k) {
	case MXA_TERM_INCLUDE:
	case MXA_TERM_A:
	case MXA_TERM_MX:
	case MXA_TERM_PTR:
	case MXA_TERM_EXISTS:
	case MXA_TERM_REDIRECT:
		return true;
	case MXA_TERM_ALL:
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
	case MXA_TERM_EXP:
	case MXA_TERM_UNKNOWN:
		return false;
	}
	return false;
}

/* One record being read. */
struct parser {
	struct mxa_spf_record *r;
	struct mxa_str text;
	bool whole;
	size_t cap;
	unsigned asking; /* terms that ask, so far */
};

static bool fail_at(struct parser *p, size_t at, const char *what)
{
	p->r->mistake.at = at;
	p->r->mistake.what = what;
	return false;
}

/* macro-string in [from, to) */
static bool macro_string(
    struct parser *p, size_t from, size_t to, struct mxa_spf_term *t)
{
	struct mxa_spf_mistake bad;
	unsigned uses;

	if (!mxa_spf_macro_check(
		mxa_str_sub(p->text, from, to), false, &uses, &bad))
		return fail_at(p, from + bad.at, bad.what);
	t->arg = (uint16_t)from;
	t->arg_len = (uint16_t)(to - from);
	t->uses = (uint8_t)uses;
	return true;
}

/* Where the last macro of [from, to), which is a macro-string, ends; 'from'
 * when there is none. */
static size_t behind_macros(struct parser *p, size_t from, size_t to)
{
	struct mxa_str text = mxa_str_sub(p->text, 0, to);
	struct mxa_spf_mistake bad;
	struct mxa_spf_macro m;
	size_t end = from;

	for (size_t i = mxa_str_chr(text, '%', from); i < to;
	     i = mxa_str_chr(text, '%', end)) {
		if (!mxa_spf_macro_parse(text, i, false, &m, &bad))
			break;
		end = i + m.len;
	}
	return end;
}

/* "." toplabel [ "." ] at the end of the literal text [from, to). */
static bool check_toplabel(
    struct parser *p, size_t from, size_t to, bool after_macro)
{
	size_t end = to, start;
	bool other = false; /* than a digit */

	if (p->text.p[end - 1] == '.')
		end--;
	for (start = end; start > from && p->text.p[start - 1] != '.';
	     start--) {
		char c = p->text.p[start - 1];

		if (!mxa_is_alnum(c) && c != '-')
			return fail_at(p, start - 1,
			    N_("a byte that no top-level label has"));
		other |= !mxa_is_digit(c);
	}
	if (start == end)
		return fail_at(p, start, N_("empty top-level label"));
	if (start == from)
		return fail_at(p, from,
		    after_macro
			? N_("a dot is missing after the macro")
			: N_("a name of more than one label is needed"));
	if (p->text.p[start] == '-' || p->text.p[end - 1] == '-')
		return fail_at(p, p->text.p[start] == '-' ? start : end - 1,
		    N_("\"-\" at an edge of the top-level label"));
	return other ||
	    fail_at(p, start, N_("a top-level label of digits only"));
}

/* Section 7.1: it ends with a macro or a top-level label. */
static bool domain_spec(
    struct parser *p, size_t from, size_t to, struct mxa_spf_term *t)
{
	size_t tail;

	if (from == to)
		return fail_at(p, from, N_("a domain name is missing"));
	if (!macro_string(p, from, to, t))
		return false;
	tail = behind_macros(p, from, to);
	return tail == to || check_toplabel(p, tail, to, tail > from);
}

/* Digits of a CIDR length in [from, to). */
static bool cidr_length(
    struct parser *p, size_t from, size_t to, unsigned most, uint8_t *bits)
{
	uint64_t n;

	if (to - from > 1 && p->text.p[from] == '0')
		return fail_at(p, from, N_("a CIDR length starts with 0"));
	if (!mxa_str_u64(mxa_str_sub(p->text, from, to), most, &n))
		return fail_at(p, from,
		    most == 32 ? N_("a CIDR length is a number up to 32")
			       : N_("a CIDR length is a number up to 128"));
	*bits = (uint8_t)n;
	return true;
}

/* Where the digits at the end of [from, to) begin. */
static size_t digits_start(struct parser *p, size_t from, size_t to)
{
	while (to > from && mxa_is_digit(p->text.p[to - 1]))
		to--;
	return to;
}

/* [ ip4-cidr ] [ "/" ip6-cidr ] at the end of [from, *to), cut off.  Read from
 * the right: a domain-spec may hold slashes, too, but cannot end in one with
 * digits behind it, since that is no top-level label. */
static bool dual_cidr(
    struct parser *p, size_t from, size_t *to, struct mxa_spf_term *t)
{
	const char *s = p->text.p;
	size_t at = digits_start(p, from, *to);

	if (at < *to && at >= from + 2 && s[at - 1] == '/' &&
	    s[at - 2] == '/') {
		if (!cidr_length(p, at, *to, 128, &t->bits6))
			return false;
		*to = at - 2;
		at = digits_start(p, from, *to);
	}
	if (at < *to && at > from && s[at - 1] == '/') {
		if (!cidr_length(p, at, *to, 32, &t->bits4))
			return false;
		*to = at - 1;
	}
	return true;
}

/* Dotted quad in [from, to), strictly. */
static bool ip4_network(
    struct parser *p, size_t from, size_t to, uint8_t net[16])
{
	size_t i = from;

	for (int part = 0; part < 4; part++) {
		size_t start = i;
		unsigned n = 0;

		if (part > 0 && (i >= to || p->text.p[i++] != '.'))
			return fail_at(p, start, N_("not an IPv4 address"));
		start = i;
		for (; i < to && mxa_is_digit(p->text.p[i]); i++) {
			n = n * 10 + (unsigned)(p->text.p[i] - '0');
			if (n > 255 || (i > start && p->text.p[start] == '0'))
				return fail_at(p, i, N_("not an IPv4 address"));
		}
		if (i == start)
			return fail_at(p, i, N_("not an IPv4 address"));
		net[part] = (uint8_t)n;
	}
	return i == to || fail_at(p, i, N_("not an IPv4 address"));
}

/* Not mxa_ip_parse: a mapped address in a record stays an IPv6 one. */
static bool ip6_network(
    struct parser *p, size_t from, size_t to, uint8_t net[16])
{
	char text[MXA_IP_TEXT];
	size_t i = from;

	while (i < to &&
	    (mxa_is_xdigit(p->text.p[i]) || p->text.p[i] == ':' ||
		p->text.p[i] == '.'))
		i++;
	if (i < to || to - from >= sizeof(text))
		return fail_at(p, i < to ? i : from, N_("not an IPv6 address"));
	memcpy(text, p->text.p + from, to - from);
	text[to - from] = '\0';
	return inet_pton(AF_INET6, text, net) == 1 ||
	    fail_at(p, from, N_("not an IPv6 address"));
}

/* network [ "/" length ] in [from, to) */
static bool parse_network(
    struct parser *p, size_t from, size_t to, struct mxa_spf_term *t)
{
	bool ip4 = t->kind == MXA_TERM_IP4;
	size_t slash = mxa_str_chr(mxa_str_sub(p->text, 0, to), '/', from);

	if (from == to)
		return fail_at(p, from, N_("an address is missing"));
	t->arg = (uint16_t)from;
	t->arg_len = (uint16_t)(slash - from);
	if (ip4 ? !ip4_network(p, from, slash, t->net)
		: !ip6_network(p, from, slash, t->net))
		return false;
	if (slash == to)
		return true;
	return ip4 ? cidr_length(p, slash + 1, to, 32, &t->bits4)
		   : cidr_length(p, slash + 1, to, 128, &t->bits6);
}

/* Behind a mechanism's name: [from, to) is empty or starts with ':' or '/'. */
static bool mechanism_arg(struct parser *p, size_t row, size_t from, size_t to,
    struct mxa_spf_term *t)
{
	enum arg domain = mechanisms[row].domain;

	if (mechanisms[row].cidr && !dual_cidr(p, from, &to, t))
		return false;
	if (from == to)
		return domain != ARG_REQUIRED ||
		    fail_at(p, from, N_("\":\" and what it names are missing"));
	if (p->text.p[from] != ':' || domain == ARG_NONE)
		return fail_at(p, from, N_("this cannot follow here"));
	if (t->kind == MXA_TERM_IP4 || t->kind == MXA_TERM_IP6)
		return parse_network(p, from + 1, to, t);
	return domain_spec(p, from + 1, to, t);
}

static bool parse_mechanism(struct parser *p, struct mxa_str name, size_t at,
    size_t from, size_t to, struct mxa_spf_term *t)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (mxa_str_caseis(name, mechanisms[i].name)) {
			t->kind = (uint8_t)mechanisms[i].kind;
			return mechanism_arg(p, i, from, to, t);
		}
	return fail_at(p, at, N_("unknown mechanism"));
}

/* [from, to) is what follows the "=". */
static bool parse_modifier(struct parser *p, struct mxa_str name, size_t from,
    size_t to, struct mxa_spf_term *t)
{
	struct mxa_spf_record *r = p->r;

	t->qualifier = '\0';
	t->kind = MXA_TERM_UNKNOWN;
	if (mxa_str_caseis(name, "redirect"))
		t->kind = MXA_TERM_REDIRECT;
	else if (mxa_str_caseis(name, "exp"))
		t->kind = MXA_TERM_EXP;
	if (t->kind == MXA_TERM_UNKNOWN)
		return macro_string(p, from, to, t);
	if (t->kind == MXA_TERM_REDIRECT && r->redirect >= 0)
		return fail_at(p, t->at, N_("a second redirect="));
	if (t->kind == MXA_TERM_EXP && r->exp >= 0)
		return fail_at(p, t->at, N_("a second exp="));
	return domain_spec(p, from, to, t);
}

static bool modifier_name_byte(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* One term in [from, to): directive or modifier. */
static bool parse_term(
    struct parser *p, size_t from, size_t to, struct mxa_spf_term *t)
{
	size_t i = from, at;
	struct mxa_str name;

	*t = (struct mxa_spf_term){ .at = (uint16_t)from,
		.len = (uint16_t)(to - from),
		.qualifier = '+',
		.bits4 = 32,
		.bits6 = 128 };
	if (memchr("+-~?", p->text.p[i], 4) != NULL)
		t->qualifier = p->text.p[i++];
	at = i;
	if (i == to || !mxa_is_alpha(p->text.p[i]))
		return fail_at(p, i, N_("a term starts with a letter"));
	while (i < to && modifier_name_byte(p->text.p[i]))
		i++;
	name = mxa_str_sub(p->text, at, i);
	if (i < to && p->text.p[i] == '=') {
		if (at > from)
			return fail_at(
			    p, from, N_("a modifier has no qualifier"));
		return parse_modifier(p, name, i + 1, to, t);
	}
	if (i < to && p->text.p[i] != ':' && p->text.p[i] != '/')
		return fail_at(p, i, N_("a byte that no term has here"));
	return parse_mechanism(p, name, at, i, to, t);
}

static bool is_unreachable(struct parser *p, const struct mxa_spf_term *t)
{
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_UNKNOWN:
		return true;
	case MXA_TERM_REDIRECT:
	case MXA_TERM_EXP:
		return false;
	default:
		return p->r->all || p->asking > MXA_SPF_MAX_TERMS;
	}
}

static void keep_term(struct parser *p, const struct mxa_spf_term *t)
{
	struct mxa_spf_record *r = p->r;

	if (!p->whole && is_unreachable(p, t)) {
		r->cut = true;
	} else {
		r->term = mxa_xroom(r->term, r->n, &p->cap, sizeof(*r->term));
		r->term[r->n++] = *t;
	}
	if (t->kind == MXA_TERM_ALL)
		r->all = true;
	if (t->kind == MXA_TERM_REDIRECT)
		r->redirect = (long)r->n - 1;
	else if (t->kind == MXA_TERM_EXP)
		r->exp = (long)r->n - 1;
	else if (mxa_spf_kind_asks(t->kind))
		p->asking++;
}

static bool parse_terms(struct parser *p)
{
	struct mxa_spf_term t;
	size_t from = 6, to;

	for (;;) {
		while (from < p->text.len && p->text.p[from] == ' ')
			from++;
		if (from == p->text.len)
			return true;
		to = mxa_str_chr(p->text, ' ', from);
		if (!parse_term(p, from, to, &t)) {
			p->r->bad_term = mxa_str_sub(p->text, from, to);
			return false;
		}
		keep_term(p, &t);
		from = to;
	}
}

bool mxa_spf_is_record(struct mxa_str text)
{
	return mxa_str_casestarts(text, MXA_STR("v=spf1")) &&
	    (text.len == 6 || text.p[6] == ' ');
}

void mxa_spf_parse(struct mxa_spf_record *r, struct mxa_str text, bool whole)
{
	struct parser p = { .r = r, .text = text, .whole = whole };

	*r = (struct mxa_spf_record){ .text = text, .redirect = -1, .exp = -1 };
	if (text.len > MXA_MAX_RECORD)
		fail_at(&p, MXA_MAX_RECORD, N_("longer than DNS records are"));
	else
		r->ok = parse_terms(&p);
	if (!r->ok && !whole)
		mxa_spf_record_done(r);
	if (r->n > 0)
		r->term = mxa_xrealloc(r->term, r->n * sizeof(*r->term));
}

void mxa_spf_record_done(struct mxa_spf_record *r)
{
	free(r->term);
	r->term = NULL;
	r->n = 0;
}

struct mxa_str mxa_spf_term_text(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	return mxa_str_sub(r->text, t->at, (size_t)t->at + t->len);
}

struct mxa_str mxa_spf_term_arg(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	return mxa_str_sub(r->text, t->arg, (size_t)t->arg + t->arg_len);
}
