/* report_uri.c - where DMARC reports go: whether the destination takes mail,
 * and whether one outside the organization agrees (RFC 9990 section 4). */
#include "auth/report_address.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "lint/examine.h"

struct uri {
	struct lint *l;
	const struct mxa_dmarc_uri *uri;
	const char *tag;
	struct mxa_str domain; /* where the policy was found */
	struct mxa_str record; /* _dmarc.DOMAIN */
	struct mxa_lint_uri *view;
};

static const struct mxa_dns_answer *ask_report(
    struct lint *l, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(l->dmarc, MXA_SHARE_DMARC, name, type);
}

static void bad_uri(const struct uri *u)
{
	struct mxa_finding *f = lint_add(u->l, MXA_LINT_DMARC_RUA_SYNTAX,
	    u->record,
	    _("Reports to %s (%s=) are not sent: only mailto: and an address "
	      "with a domain name are understood by all receivers."),
	    lint_show(u->l, u->uri->uri), u->tag);

	lint_fix(u->l, f,
	    _("Write each address as mailto:USER@DOMAIN, with commas between "
	      "them."));
}

/* --- whether it takes mail --- */

static bool takes_mail(struct lint *l, struct mxa_str host)
{
	const struct mxa_dns_answer *mx = ask_report(l, host, MXA_DNS_MX);

	for (size_t i = 0; i < mx->n; i++)
		if (mx->rr[i].text.len > 0)
			return true;
	if (mx->n > 0)
		return false; /* null MX */
	return mxa_dns_failed(mx->status) ||
	    !lint_void(ask_report(l, host, MXA_DNS_A)) ||
	    !lint_void(ask_report(l, host, MXA_DNS_AAAA));
}

static void check_mail(const struct uri *u)
{
	struct mxa_finding *f;

	if (takes_mail(u->l, u->view->host))
		return;
	f = lint_add(u->l, MXA_LINT_DMARC_RUA_NO_MX, u->record,
	    _("%s receives no mail (no MX, no address): reports to %s (%s=) "
	      "are lost."),
	    lint_show(u->l, u->view->host), lint_show(u->l, u->uri->address),
	    u->tag);
	lint_fix(u->l, f,
	    _("Publish an MX record for %s, or use another address."),
	    lint_show(u->l, u->view->host));
}

/* --- permission --- */

static void not_authorised(const struct uri *u, struct mxa_str asked)
{
	struct mxa_finding *f = lint_add(u->l, MXA_LINT_DMARC_EXTERNAL_RUA,
	    u->record,
	    _("%s has not agreed to receive the reports of %s: receivers send "
	      "nothing to %s (%s=)."),
	    lint_show(u->l, u->view->host), lint_show(u->l, u->domain),
	    lint_show(u->l, u->uri->address), u->tag);

	if (asked.len <= MXA_MAX_DOMAIN)
		lint_fix_record(f, asked, MXA_STR(""), MXA_STR("v=DMARC1;"));
	lint_fix(u->l, f, _("Use an address of another domain."));
}

static void check_permission(
    const struct uri *u, struct mxa_str address, bool failure)
{
	struct mxa_report_target target;

	mxa_report_target_verify(u->l->dmarc, u->l->o->auth, u->l->a, u->domain,
	    address, failure, &target);
	u->view->external = target.external;
	u->view->authorised = target.permission != MXA_REPORT_REFUSED;
	switch (target.permission) {
	case MXA_REPORT_GRANTED:
		break;
	case MXA_REPORT_REFUSED:
		not_authorised(u, target.asked);
		break;
	case MXA_REPORT_UNKNOWN:
		if (target.asked.len > 0)
			lint_grade(u->l,
			    lint_dns_error(u->l,
				ask_report(u->l, target.asked, MXA_DNS_TXT)),
			    MXA_LINT_INFO);
		break;
	}
}

static void check_uri(struct uri *u, bool failure)
{
	struct mxa_lint_uri *view = mxa_arena_calloc(u->l->a, 1, sizeof(*view));
	struct mxa_lint_uri **last = &u->l->out->dmarc.uris;
	struct mxa_str address;

	view->uri = mxa_str_dup(u->l->a, u->uri->uri);
	view->failure = failure;
	view->host = MXA_STR("");
	while (*last != NULL)
		last = &(*last)->next;
	*last = view;
	u->view = view;
	if (!mxa_report_address(u->l->a, u->uri, &address)) {
		bad_uri(u);
		return;
	}
	view->host = mxa_report_address_host(address);
	check_mail(u);
	check_permission(u, address, failure);
}

void lint_uris(struct lint *l, const struct mxa_dmarc_record *r,
    struct mxa_str policy_domain)
{
	struct uri u = { .l = l,
		.domain = policy_domain,
		.record = lint_join(l, "_dmarc", policy_domain) };

	for (size_t i = 0; i < r->n_rua; i++) {
		u.uri = &r->rua[i];
		u.tag = "rua";
		check_uri(&u, false);
	}
	for (size_t i = 0; i < r->n_ruf; i++) {
		u.uri = &r->ruf[i];
		u.tag = "ruf";
		check_uri(&u, true);
	}
}
