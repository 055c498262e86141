/* spf_terms.c - what the terms of an SPF record permit, and how it ends. */
#include <string.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "lint/spf_walk.h"
#include "record/slips.h"
#include "record/spf_useless.h"

/* Networks with shorter prefixes are too wide: nobody sends from so many
 * addresses, and among so many there is always a stranger's.  Providers that
 * serve the world have larger ones than their customers. */
#define OWN_BITS4 16
#define OWN_BITS6 32
#define PROVIDER_BITS4 12
#define PROVIDER_BITS6 28

static const char *term_text(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	return lint_show(w->l, mxa_spf_term_text(v->r, t));
}

static void private_ip(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, const char *ip)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_PRIVATE_IP,
	    v->domain,
	    _("\"%s\" permits %s, an address that no host on the Internet has: "
	      "it is useless here, and it reveals something about your "
	      "network."),
	    term_text(w, v, t), ip);

	if (t->kind == MXA_TERM_IP4 || t->kind == MXA_TERM_IP6)
		spf_fix(w, v, f);
	else
		lint_fix(w->l, f,
		    _("Name hosts with public addresses, or remove the term."));
}

static void too_wide(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, unsigned bits)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_TOO_WIDE, v->domain,
	    _("\"%s\" permits a /%u network: anybody with an address in it can "
	      "send mail that passes SPF for %s."),
	    term_text(w, v, t), bits, lint_show(w->l, w->l->domain));

	lint_fix(w->l, f,
	    _("List only the addresses or small networks of your own "
	      "servers."));
}

static bool is_wide(const struct spf_walk *w, const struct spf_visit *v,
    unsigned family, unsigned bits)
{
	bool own = spf_own(w, v->domain);

	if (family == 4)
		return bits < (own ? OWN_BITS4 : PROVIDER_BITS4);
	return bits < (own ? OWN_BITS6 : PROVIDER_BITS6);
}

static void judge_network(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, const struct mxa_ip *ip, unsigned bits)
{
	char text[MXA_IP_TEXT];

	if (!v->passes || t->qualifier != '+')
		return;
	if (mxa_spf_is_private(ip, bits))
		private_ip(w, v, t, mxa_ip_format(ip, text));
	else if (is_wide(w, v, ip->family, bits))
		too_wide(w, v, t, bits);
}

void spf_check_network(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	struct mxa_ip ip = { .family = t->kind == MXA_TERM_IP4 ? 4 : 6 };

	if (t->kind != MXA_TERM_IP4 && t->kind != MXA_TERM_IP6)
		return;
	memcpy(ip.b, t->net, ip.family == 4 ? 4 : 16);
	judge_network(w, v, t, &ip, ip.family == 4 ? t->bits4 : t->bits6);
	if (ip.family == 4 && v->passes && t->qualifier == '+')
		w->out->ipv4 += (uint64_t)1 << (32 - t->bits4);
}

void spf_check_addresses(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, const struct mxa_dns_answer *answer)
{
	for (size_t i = 0; i < answer->n && i < MXA_LINT_MAX_FOUND; i++) {
		const struct mxa_ip *ip = &answer->rr[i].ip;

		judge_network(
		    w, v, t, ip, ip->family == 4 ? t->bits4 : t->bits6);
	}
}

/* --- mx --- */

/* Hosts are asked from another account than terms: ten mx of ten hosts each
 * leave the includes behind them theirs. */
static const struct mxa_dns_answer *ask_host(
    struct spf_walk *w, struct mxa_str host, enum mxa_dns_type type)
{
	return mxa_dns_lookup(w->l->hosts, MXA_SHARE_SPF, host, type);
}

static bool host_has_address(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_str host)
{
	const struct mxa_dns_answer *a = ask_host(w, host, MXA_DNS_A), *aaaa;

	spf_check_addresses(w, v, t, a);
	if (!lint_void(a))
		return true;
	aaaa = ask_host(w, host, MXA_DNS_AAAA);
	spf_check_addresses(w, v, t, aaaa);
	return !lint_void(aaaa);
}

static void too_many_hosts(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, size_t n)
{
	struct mxa_finding *f =
	    lint_add(w->l, MXA_LINT_SPF_TOO_MANY_LOOKUPS, v->domain,
		_("\"%s\" leads to %zu MX hosts.  With more than %u, receivers "
		  "stop with a permanent error."),
		term_text(w, v, t), n, MXA_SPF_MAX_MX);

	lint_fix(w->l, f,
	    _("Replace \"mx\" by the addresses of your sending servers."));
}

void spf_mx_hosts(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node,
    const struct mxa_dns_answer *mx)
{
	struct mxa_finding *f;
	bool any = false;

	for (size_t i = 0; i < mx->n; i++)
		spf_show_found(w, node, mx->rr[i].text);
	if (mx->n > MXA_SPF_MAX_MX) {
		too_many_hosts(w, v, t, mx->n);
		return;
	}
	for (size_t i = 0; i < mx->n; i++)
		if (mx->rr[i].text.len > 0)
			mxa_dns_prefetch(w->l->hosts, MXA_SHARE_SPF,
			    mx->rr[i].text, MXA_DNS_A);
	for (size_t i = 0; i < mx->n; i++)
		if (mx->rr[i].text.len > 0)
			any |= host_has_address(w, v, t, mx->rr[i].text);
	if (any)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_A_NONE, v->domain,
	    _("\"%s\" matches no sender: no MX host of %s has an address."),
	    term_text(w, v, t), lint_show(w->l, node->target));
	spf_fix(w, v, f);
}

/* --- the end of the record --- */

static void plus_all(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *all)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_PLUS_ALL, v->domain,
	    _("\"%s\" in the record of %s lets anybody in the world send mail "
	      "that passes SPF for %s."),
	    term_text(w, v, all), lint_show(w->l, v->domain),
	    lint_show(w->l, w->l->domain));

	spf_fix(w, v, f);
}

static void neutral_all(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *all)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_NEUTRAL_ALL,
	    v->domain,
	    _("\"%s\" says nothing about servers that are not listed: "
	      "receivers treat forged mail as if there were no SPF record."),
	    term_text(w, v, all));

	spf_fix(w, v, f);
}

static void no_all(struct spf_walk *w, const struct spf_visit *v)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_NO_ALL, v->domain,
	    _("The record of %s ends without \"all\" or redirect: the result "
	      "for servers that are not listed is neutral, as if there were no "
	      "SPF record."),
	    lint_show(w->l, v->domain));

	spf_fix(w, v, f);
}

/* Mechanisms behind "all"; modifiers may stand anywhere. */
static void after_all(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *all)
{
	const struct mxa_spf_term *first = NULL;
	struct mxa_finding *f;

	for (size_t i = 0; i < v->r->n && first == NULL; i++)
		if (v->r->term[i].qualifier != '\0' &&
		    v->r->term[i].at > all->at)
			first = &v->r->term[i];
	if (first == NULL)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_AFTER_ALL, v->domain,
	    _("Receivers ignore what comes after \"%s\": \"%s\" and the terms "
	      "after it permit no sender."),
	    term_text(w, v, all), term_text(w, v, first));
	spf_fix(w, v, f);
}

#define MAX_COMPARED 200 /* terms: each with all before it */

void spf_check_twice(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	struct mxa_str text = mxa_spf_term_text(v->r, t);
	struct mxa_finding *f;

	for (size_t i = 0; i < MAX_COMPARED && &v->r->term[i] < t; i++) {
		if (!mxa_str_caseeq(
			text, mxa_spf_term_text(v->r, &v->r->term[i])))
			continue;
		f = lint_add(w->l, MXA_LINT_SPF_DUPLICATE, v->domain,
		    mxa_spf_kind_asks(t->kind)
			? _("\"%s\" is in the record twice, and its DNS "
			    "lookups count twice.")
			: _("\"%s\" is in the record twice."),
		    term_text(w, v, t));
		spf_fix(w, v, f);
		return;
	}
}

/* "include=example.net" is no syntax error: modifiers that nobody knows are
 * ignored, and so is this. */
void spf_check_modifier(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	bool meant = mxa_slips_is_mechanism(mxa_spf_term_text(v->r, t));
	struct mxa_finding *f;

	if (t->kind != MXA_TERM_UNKNOWN)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_UNKNOWN_MODIFIER, v->domain,
	    meant ? _("\"%s\" has no effect: a mechanism has a colon, not an "
		      "equals sign.")
		  : _("\"%s\" is an unknown modifier and has no effect."),
	    term_text(w, v, t));
	if (meant)
		lint_grade(w->l, f, MXA_LINT_WARNING);
	spf_fix(w, v, f);
}

void spf_check_all(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *all, const struct mxa_spf_term *redirect)
{
	struct mxa_finding *f;

	if (all != NULL)
		after_all(w, v, all);
	if (all != NULL && all->qualifier == '+' && v->passes)
		plus_all(w, v, all);
	if (all != NULL && all->qualifier == '?' && v->decides)
		neutral_all(w, v, all);
	if (all == NULL && redirect == NULL && v->decides && v->r->ok)
		no_all(w, v);
	if (redirect == NULL || !v->r->all)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_REDIRECT_IGNORED, v->domain,
	    _("\"%s\" is ignored, because the record has \"all\"."),
	    term_text(w, v, redirect));
	spf_fix(w, v, f);
}
