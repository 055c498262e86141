/* spf_shorten.c - terms that ask the DNS, as the addresses they stand for. */
#include "record/spf_shorten.h"

#include "auth/spf/published.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"

#define MAX_ADDRESSES 60 /* that replace one term */
#define MAX_DEPTH 6	 /* includes inside each other */

/* The addresses of one term. */
struct flat {
	const struct mxa_engine_env *env;
	struct mxa_str v[MAX_ADDRESSES]; /* "ip4:192.0.2.1" */
	size_t n;
	bool cannot;
	unsigned depth;
};

static const struct mxa_dns_answer *ask_dns(
    struct flat *f, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer =
	    mxa_dns_lookup(f->env->budget, MXA_SHARE_SPF, name, type);

	if (mxa_dns_failed(answer->status))
		f->cannot = true;
	return answer;
}

static void add_network(struct flat *f, struct mxa_str term)
{
	for (size_t i = 0; i < f->n; i++)
		if (mxa_str_caseeq(f->v[i], term))
			return;
	if (f->n == MAX_ADDRESSES)
		f->cannot = true;
	else
		f->v[f->n++] = mxa_str_dup(f->env->arena, term);
}

static void add_host_term(struct flat *f, struct mxa_str host)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_AAAA };
	char text[MXA_IP_TEXT];

	for (size_t k = 0; k < MXA_ARRAY_LEN(types); k++) {
		const struct mxa_dns_answer *a = ask_dns(f, host, types[k]);

		for (size_t i = 0; i < a->n; i++)
			add_network(f,
			    mxa_str_from(mxa_arena_printf(f->env->arena,
				"ip%u:%s", a->rr[i].ip.family,
				mxa_ip_format(&a->rr[i].ip, text))));
	}
}

static void add_mx(struct flat *f, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx = ask_dns(f, domain, MXA_DNS_MX);

	for (size_t i = 0; i < mx->n && !f->cannot; i++)
		if (mx->rr[i].text.len > 0)
			add_host_term(f, mx->rr[i].text);
}

static void add_record(struct flat *f, struct mxa_str domain);

/* Whether addresses can say the same: a plain pass, without macros, without
 * networks around hosts. */
static bool is_plain_term(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	struct mxa_str arg = mxa_spf_term_arg(r, t);
	bool host = t->kind == MXA_TERM_A || t->kind == MXA_TERM_MX;

	return t->qualifier == '+' && mxa_str_chr(arg, '%', 0) == arg.len &&
	    (!host || (t->bits4 == 32 && t->bits6 == 128));
}

static struct mxa_str network_text(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	struct mxa_str text = mxa_spf_term_text(r, t);

	return text.p[0] == '+' ? mxa_str_sub(text, 1, text.len) : text;
}

static void add_term(struct flat *f, struct mxa_str domain,
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	struct mxa_str arg = mxa_spf_term_arg(r, t);

	if (!is_plain_term(r, t)) {
		f->cannot = true;
		return;
	}
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
		add_network(f, network_text(r, t));
		break;
	case MXA_TERM_A:
		add_host_term(f, arg.len > 0 ? arg : domain);
		break;
	case MXA_TERM_MX:
		add_mx(f, arg.len > 0 ? arg : domain);
		break;
	case MXA_TERM_INCLUDE:
		add_record(f, arg);
		break;
	case MXA_TERM_ALL:
	case MXA_TERM_PTR:
	case MXA_TERM_EXISTS:
	case MXA_TERM_REDIRECT:
	case MXA_TERM_EXP:
	case MXA_TERM_UNKNOWN:
		f->cannot = true;
		break;
	}
}

/* "all" that does not pass ends an included record without a match, and a
 * modifier other than redirect has no part in it. */
static bool is_end(const struct mxa_spf_term *t)
{
	return (t->kind == MXA_TERM_ALL && t->qualifier != '+') ||
	    t->kind == MXA_TERM_EXP || t->kind == MXA_TERM_UNKNOWN;
}

static void add_record(struct flat *f, struct mxa_str domain)
{
	const struct mxa_dns_answer *a = ask_dns(f, domain, MXA_DNS_TXT);
	struct mxa_spf_record r;
	struct mxa_str text;

	if (f->cannot || mxa_spf_select(a, &text) != 1 ||
	    f->depth == MAX_DEPTH) {
		f->cannot = true;
		return;
	}
	f->depth++;
	mxa_spf_parse(&r, text, true);
	if (!r.ok || (r.redirect >= 0 && !r.all))
		f->cannot = true;
	for (size_t i = 0; i < r.n && !f->cannot; i++) {
		if (!is_end(&r.term[i]))
			add_term(f, domain, &r, &r.term[i]);
		if (r.term[i].kind == MXA_TERM_ALL)
			break;
	}
	mxa_spf_record_done(&r);
	f->depth--;
}

/* The addresses of 'word'; false: they cannot replace it. */
static bool read_addresses(
    struct flat *f, struct mxa_str domain, struct mxa_str word)
{
	struct mxa_spf_record r;
	struct mxa_buf b;

	mxa_buf_init(&b, f->env->arena, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=spf1 ");
	mxa_buf_addstr(&b, word);
	mxa_spf_parse(&r, mxa_buf_str(&b), false);
	f->n = 0;
	f->depth = 0;
	f->cannot = !r.ok || r.n != 1 || !mxa_spf_kind_asks(r.term[0].kind);
	if (!f->cannot)
		add_term(f, domain, &r, &r.term[0]);
	mxa_spf_record_done(&r);
	return !f->cannot && f->n > 0;
}

static bool is_include(struct mxa_str word)
{
	return mxa_str_casestarts(word, MXA_STR("include:")) ||
	    mxa_str_casestarts(word, MXA_STR("+include:"));
}

/* The index of the word to replace; w->n: none. */
static size_t cheapest_word(
    struct flat *f, struct mxa_str domain, const struct mxa_spf_words *w)
{
	size_t best = w->n, least = MAX_ADDRESSES + 1;

	for (size_t i = 0; i < w->n; i++) {
		if (!read_addresses(f, domain, w->v[i].text))
			continue;
		if (!is_include(w->v[i].text))
			return i;
		if (f->n < least) {
			least = f->n;
			best = i;
		}
	}
	return best;
}

bool mxa_spf_shorten(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_spf_words *w, struct mxa_str *replaced)
{
	struct flat *f = mxa_arena_calloc(env->arena, 1, sizeof(*f));
	size_t at;

	f->env = env;
	at = cheapest_word(f, domain, w);
	if (at == w->n || !read_addresses(f, domain, w->v[at].text))
		return false;
	*replaced = w->v[at].text;
	mxa_spf_words_remove(w, at);
	for (size_t i = 0; i < f->n; i++)
		if (mxa_spf_words_find(w, f->v[i], 0) == w->n)
			mxa_spf_words_insert(w, at++, f->v[i]);
	return true;
}
