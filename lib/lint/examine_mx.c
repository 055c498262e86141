/* examine_mx.c - where answers and bounces to the domain's mail go. */
#include "base/arena.h"
#include "base/i18n.h"
#include "lint/examine.h"

#define MAX_HOSTS 10

static const struct mxa_dns_answer *ask(
    struct lint *l, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(l->mx, MXA_SHARE_OTHER, name, type);
}

static bool has_address(struct lint *l, struct mxa_str name)
{
	return !lint_void(ask(l, name, MXA_DNS_A)) ||
	    !lint_void(ask(l, name, MXA_DNS_AAAA));
}

static void missing(struct lint *l)
{
	struct mxa_finding *f;

	if (has_address(l, l->domain))
		return; /* RFC 5321 section 5.1: the host itself */
	f = lint_add(l, MXA_LINT_MX_MISSING, l->domain,
	    _("%s has neither MX nor address: it takes no mail, and bounces "
	      "and complaints about its own mail are lost."),
	    lint_show(l, l->domain));
	lint_fix(
	    l, f, _("If the domain sends mail, publish an MX record for it."));
}

static void host(struct lint *l, struct mxa_str name)
{
	struct mxa_finding *f;

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
	    _("The MX records of %s hold a null MX (\".\") beside others; it "
	      "says that the domain takes no mail."),
	    lint_show(l, l->domain));

	lint_fix(l, f, _("Remove either the null MX or the others."));
}

void lint_mx(struct lint *l)
{
	const struct mxa_dns_answer *mx = ask(l, l->domain, MXA_DNS_MX);
	struct mxa_lint_mx *out = &l->out->mx;
	size_t n = mx->n < MAX_HOSTS ? mx->n : MAX_HOSTS;

	if (mxa_dns_failed(mx->status)) {
		lint_dns_error(l, mx);
		return;
	}
	if (mx->n == 0) {
		missing(l);
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
		host(l, mx->rr[i].text);
	}
	if (out->null && out->n > 0)
		null_beside_others(l);
}
