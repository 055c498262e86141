/* examine_mx.c - where answers and bounces to the domain's mail go. */
#include "base/arena.h"
#include "base/i18n.h"
#include "lint/examine.h"

#define MAX_HOSTS 10

static const struct mxa_dns_answer *ask_mx(
    struct lint *l, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(l->mx, MXA_SHARE_OTHER, name, type);
}

static bool has_address(struct lint *l, struct mxa_str name)
{
	return !lint_void(ask_mx(l, name, MXA_DNS_A)) ||
	    !lint_void(ask_mx(l, name, MXA_DNS_AAAA));
}

static void note_missing_mx(struct lint *l)
{
	struct mxa_finding *f;

	l->out->mx.implicit = has_address(l, l->domain);
	if (l->out->mx.implicit)
		return;
	f = lint_add(l, MXA_LINT_MX_MISSING, l->domain,
	    _("%s has no MX record and no address: it cannot receive mail, and "
	      "bounces and complaints about its own mail are lost."),
	    lint_show(l, l->domain));
	lint_fix(
	    l, f, _("If the domain sends mail, publish an MX record for it."));
}

/* "10 192.0.2.1": the zone editor took an address for a name. */
static bool is_address(struct lint *l, struct mxa_str name)
{
	struct mxa_finding *f;
	struct mxa_ip ip;

	if (!mxa_ip_parse(name, &ip))
		return false;
	f = lint_add(l, MXA_LINT_MX_ADDRESS, l->domain,
	    _("The MX record names the address %s: it must name a host, and "
	      "many servers do not deliver mail to an address."),
	    lint_show(l, name));
	lint_fix(l, f,
	    _("Give the address a name, and put that name into the MX "
	      "record."));
	return true;
}

static void alias_host(
    struct lint *l, struct mxa_str name, const struct mxa_dns_answer *a)
{
	struct mxa_finding *f;

	if (a->canonical.len == 0 || mxa_str_caseeq(a->canonical, name))
		return;
	f = lint_add(l, MXA_LINT_MX_CNAME, l->domain,
	    _("The MX host %s is an alias (CNAME) of %s, which RFC 2181 does "
	      "not allow: some servers do not deliver mail to it."),
	    lint_show(l, name), lint_show(l, a->canonical));
	lint_fix(l, f, _("Put %s itself into the MX record."),
	    lint_show(l, a->canonical));
}

static void check_host(struct lint *l, struct mxa_str name)
{
	struct mxa_finding *f;

	if (is_address(l, name))
		return;
	alias_host(l, name, ask_mx(l, name, MXA_DNS_A));
	if (has_address(l, name))
		return;
	f = lint_add(l, MXA_LINT_MX_A_NONE, l->domain,
	    _("The MX host %s has no address: mail is not delivered to it."),
	    lint_show(l, name));
	lint_fix(l, f,
	    _("Publish an address for %s, or remove it from the MX records."),
	    lint_show(l, name));
}

static void null_beside_others(struct lint *l)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_MX_NULL, l->domain,
	    _("The MX records of %s include a null MX (\".\"), which means "
	      "that the domain receives no mail, and others."),
	    lint_show(l, l->domain));

	lint_fix(l, f, _("Remove either the null MX or the others."));
}

void lint_mx(struct lint *l)
{
	const struct mxa_dns_answer *mx = ask_mx(l, l->domain, MXA_DNS_MX);
	struct mxa_lint_mx *out = &l->out->mx;
	size_t n = mx->n < MAX_HOSTS ? mx->n : MAX_HOSTS;

	if (mxa_dns_failed(mx->status)) {
		lint_dns_error(l, mx);
		return;
	}
	if (mx->n == 0) {
		note_missing_mx(l);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		mxa_dns_prefetch(
		    l->mx, MXA_SHARE_OTHER, mx->rr[i].text, MXA_DNS_A);
		out->null |= mx->rr[i].text.len == 0;
	}
	out->host = mxa_arena_calloc(l->a, n, sizeof(*out->host));
	for (size_t i = 0; i < n; i++) {
		if (mx->rr[i].text.len == 0)
			continue;
		out->host[out->n++] = mxa_str_dup(l->a, mx->rr[i].text);
		check_host(l, mx->rr[i].text);
	}
	if (out->null && out->n > 0)
		null_beside_others(l);
}
