/* spf_useless.c - terms that permit nobody, or that break the record. */
#include "record/spf_useless.h"

#include <string.h>

#include "auth/spf/eval.h"
#include "auth/spf/grammar.h"
#include "auth/spf/published.h"
#include "base/buf.h"
#include "base/limits.h"

/* A record of includes is followed so far: nobody needs to know about a circle
 * after more lookups than any receiver makes. */
#define MAX_RECORDS 20

static const struct mxa_dns_answer *ask_dns(const struct mxa_engine_env *env,
    struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(env->budget, MXA_SHARE_SPF, name, type);
}

/* A definite no. */
static bool is_void(const struct mxa_dns_answer *answer)
{
	return answer->n == 0 && !mxa_dns_failed(answer->status);
}

static bool host_is_void(const struct mxa_engine_env *env, struct mxa_str host)
{
	return is_void(ask_dns(env, host, MXA_DNS_A)) &&
	    is_void(ask_dns(env, host, MXA_DNS_AAAA));
}

static bool mx_is_void(const struct mxa_engine_env *env, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx = ask_dns(env, domain, MXA_DNS_MX);

	if (mxa_dns_failed(mx->status) || mx->n > MXA_SPF_MAX_MX)
		return false;
	for (size_t i = 0; i < mx->n; i++)
		if (mx->rr[i].text.len > 0 &&
		    !host_is_void(env, mx->rr[i].text))
			return false;
	return true;
}

/* --- networks --- */

/* The first or last address of a network. */
static struct mxa_ip edge_address(
    const struct mxa_ip *ip, unsigned bits, bool last)
{
	unsigned len = ip->family == 4 ? 32 : 128;
	struct mxa_ip edge = *ip;

	for (unsigned i = bits; i < len; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		edge.b[i / 8] &= (uint8_t)~bit;
		edge.b[i / 8] |= last ? bit : 0;
	}
	return edge;
}

bool mxa_spf_is_private(const struct mxa_ip *ip, unsigned bits)
{
	struct mxa_ip first = edge_address(ip, bits, false),
		      last = edge_address(ip, bits, true);

	/* No private range has a shorter prefix. */
	return bits >= (ip->family == 4 ? 8U : 7U) &&
	    mxa_ip_is_private(&first) && mxa_ip_is_private(&last);
}

static bool network_is_private(const struct mxa_spf_term *t)
{
	struct mxa_ip ip = { .family = t->kind == MXA_TERM_IP4 ? 4 : 6 };

	memcpy(ip.b, t->net, ip.family == 4 ? 4 : 16);
	return mxa_spf_is_private(&ip, ip.family == 4 ? t->bits4 : t->bits6);
}

/* --- includes --- */

struct circle {
	const struct mxa_engine_env *env;
	struct mxa_str domain; /* that must not be met again */
	unsigned records;
};

/* Whether the record of 'name' leads to the domain. */
static bool leads_back(struct circle *c, struct mxa_str name)
{
	struct mxa_spf_record r;
	struct mxa_str text;
	bool found = false;

	if (mxa_str_caseeq(name, c->domain))
		return true;
	if (!mxa_spf_usable(name) || c->records++ >= MAX_RECORDS ||
	    mxa_spf_select(ask_dns(c->env, name, MXA_DNS_TXT), &text) != 1)
		return false;
	mxa_spf_parse(&r, text, false);
	for (size_t i = 0; i < r.n && !found; i++) {
		const struct mxa_spf_term *t = &r.term[i];

		if (t->kind == MXA_TERM_INCLUDE ||
		    (t->kind == MXA_TERM_REDIRECT && !r.all))
			found = leads_back(c, mxa_spf_term_arg(&r, t));
	}
	mxa_spf_record_done(&r);
	return found;
}

static enum mxa_spf_useless judge_target(const struct mxa_engine_env *env,
    struct mxa_str domain, struct mxa_str target)
{
	struct circle c = { .env = env, .domain = domain };
	const struct mxa_dns_answer *txt;
	struct mxa_str text;

	if (!mxa_spf_usable(target))
		return MXA_SPF_NO_TARGET;
	txt = ask_dns(env, target, MXA_DNS_TXT);
	if (mxa_dns_failed(txt->status))
		return MXA_SPF_USEFUL;
	if (!mxa_str_caseeq(target, domain) && mxa_spf_select(txt, &text) == 0)
		return MXA_SPF_NO_TARGET;
	return leads_back(&c, target) ? MXA_SPF_LOOP : MXA_SPF_USEFUL;
}

/* --- a word --- */

static enum mxa_spf_useless judge_asking(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_spf_record *r,
    const struct mxa_spf_term *t)
{
	struct mxa_str name = mxa_spf_term_arg(r, t);
	bool nobody = false;

	if (mxa_str_chr(name, '%', 0) < name.len)
		return MXA_SPF_USEFUL;
	if (name.len == 0)
		name = domain;
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_INCLUDE:
	case MXA_TERM_REDIRECT:
		return judge_target(env, domain, name);
	case MXA_TERM_A:
		nobody = host_is_void(env, name);
		break;
	case MXA_TERM_MX:
		nobody = mx_is_void(env, name);
		break;
	case MXA_TERM_EXISTS:
		nobody = is_void(ask_dns(env, name, MXA_DNS_A));
		break;
	case MXA_TERM_PTR:
	case MXA_TERM_ALL:
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
	case MXA_TERM_EXP:
	case MXA_TERM_UNKNOWN:
		break;
	}
	return nobody ? MXA_SPF_NO_ADDRESS : MXA_SPF_USEFUL;
}

static enum mxa_spf_useless judge_term(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_spf_words *w,
    const struct mxa_spf_record *r)
{
	/* An unknown modifier is checked, but not kept. */
	if (r->n == 0)
		return MXA_SPF_UNKNOWN_MODIFIER;
	switch ((enum mxa_spf_kind)r->term[0].kind) {
	case MXA_TERM_UNKNOWN:
		return MXA_SPF_UNKNOWN_MODIFIER;
	case MXA_TERM_PTR:
		return MXA_SPF_PTR;
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
		return network_is_private(&r->term[0]) ? MXA_SPF_PRIVATE
						       : MXA_SPF_USEFUL;
	case MXA_TERM_REDIRECT:
		if (mxa_spf_words_have_all(w))
			return MXA_SPF_REDIRECT_IGNORED;
		break;
	case MXA_TERM_ALL:
	case MXA_TERM_EXP:
		return MXA_SPF_USEFUL;
	case MXA_TERM_INCLUDE:
	case MXA_TERM_A:
	case MXA_TERM_MX:
	case MXA_TERM_EXISTS:
		break;
	}
	return judge_asking(env, domain, r, &r->term[0]);
}

enum mxa_spf_useless mxa_spf_useless_word(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_spf_words *w, size_t at)
{
	enum mxa_spf_useless why;
	struct mxa_spf_record r;
	struct mxa_buf b;

	if (mxa_spf_word_all(w->v[at].text) != '\0')
		return MXA_SPF_USEFUL;
	if (mxa_spf_words_find(w, w->v[at].text, 0) < at)
		return MXA_SPF_REPEATED;
	mxa_buf_init(&b, env->arena, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=spf1 ");
	mxa_buf_addstr(&b, w->v[at].text);
	mxa_spf_parse(&r, mxa_buf_str(&b), true);
	why = r.ok ? judge_term(env, domain, w, &r) : MXA_SPF_USEFUL;
	mxa_spf_record_done(&r);
	return why;
}
