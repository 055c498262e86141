/* report_uri.c - where DMARC reports go: whether the destination takes mail,
 * and whether one outside the organization agrees (RFC 9990 section 4). */
#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "lint/examine.h"

/* What verification found. */
enum permission { GRANTED, REFUSED, UNKNOWN };

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

/* The host of an address; false: it is none. */
static bool host_of(
    struct lint *l, struct mxa_str address, struct mxa_str *host)
{
	size_t at = mxa_str_chr(address, '@', 0);

	return at < address.len &&
	    mxa_domain_canonical(l->a,
		mxa_str_sub(address, at + 1, address.len), host) == MXA_OK;
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

/* Section 4, item 3: it only has to begin like one. */
static bool grants_reports(struct mxa_str text)
{
	return mxa_str_starts(text, MXA_STR("v=DMARC1"));
}

/* Section 4, item 5: another address instead, at the same host only. */
static bool is_elsewhere(const struct uri *u, struct mxa_str text)
{
	struct mxa_dmarc_record r;
	struct mxa_str host;

	mxa_dmarc_record_parse(text, &r);
	for (size_t i = 0; i < r.n_rua; i++)
		if (!host_of(u->l, r.rua[i].address, &host) ||
		    !mxa_str_eq(host, u->view->host))
			return true;
	return false;
}

static enum permission find_permission(const struct uri *u, struct mxa_str at)
{
	const struct mxa_dns_answer *txt = ask_report(u->l, at, MXA_DNS_TXT);
	enum permission p = REFUSED;

	if (mxa_dns_failed(txt->status)) {
		lint_grade(u->l, lint_dns_error(u->l, txt), MXA_LINT_INFO);
		return UNKNOWN;
	}
	for (size_t i = 0; i < txt->n; i++)
		if (grants_reports(txt->rr[i].text) &&
		    !is_elsewhere(u, txt->rr[i].text))
			p = GRANTED;
	return p;
}

static void check_permission(const struct uri *u)
{
	struct mxa_finding *f;
	struct mxa_str at;

	u->view->authorised = true;
	if (mxa_orgdom_same(
		u->l->dmarc, u->l->o->auth, u->domain, u->view->host))
		return;
	u->view->external = true;
	at = mxa_str_from(mxa_arena_printf(u->l->a, "%.*s._report._dmarc.%.*s",
	    MXA_STR_ARG(u->domain), MXA_STR_ARG(u->view->host)));
	if (find_permission(u, at) != REFUSED)
		return;
	u->view->authorised = false;
	f = lint_add(u->l, MXA_LINT_DMARC_EXTERNAL_RUA, u->record,
	    _("%s has not agreed to receive the reports of %s: receivers send "
	      "nothing to %s (%s=)."),
	    lint_show(u->l, u->view->host), lint_show(u->l, u->domain),
	    lint_show(u->l, u->uri->address), u->tag);
	if (at.len <= MXA_MAX_DOMAIN)
		lint_fix_record(f, at, MXA_STR(""), MXA_STR("v=DMARC1;"));
	lint_fix(u->l, f, _("Use an address of another domain."));
}

static void check_uri(struct uri *u, bool failure)
{
	struct mxa_lint_uri *view = mxa_arena_calloc(u->l->a, 1, sizeof(*view));
	struct mxa_lint_uri **last = &u->l->out->dmarc.uris;

	view->uri = mxa_str_dup(u->l->a, u->uri->uri);
	view->failure = failure;
	view->host = MXA_STR("");
	while (*last != NULL)
		last = &(*last)->next;
	*last = view;
	u->view = view;
	if (!host_of(u->l, u->uri->address, &view->host)) {
		bad_uri(u);
		return;
	}
	check_mail(u);
	check_permission(u);
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
