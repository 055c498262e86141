/* examine_tls.c - records about TLS to the domain's MX that cannot work:
 * _smtp._tls (RFC 8460 section 3) and _mta-sts (RFC 8461 section 3.1). */
#include "base/i18n.h"
#include "lint/examine.h"
#include "mail/taglist.h"

static void not_a_record(struct lint *l, enum mxa_lint_code code,
    struct mxa_str name, const char *version, struct mxa_str text)
{
	struct mxa_finding *f = lint_add(l, code, name,
	    _("The TXT record \"%s\" has no effect: it does not begin with "
	      "exactly \"%s;\"."),
	    lint_show(l, text), version);

	lint_fix(l, f, _("Begin the record with \"%s; \"."), version);
}

static void several_records(
    struct lint *l, enum mxa_lint_code code, struct mxa_str name, size_t n)
{
	struct mxa_finding *f = lint_add(l, code, name,
	    _("There are %zu records at %s: senders ignore them all."), n,
	    lint_show(l, name));

	lint_fix(l, f, _("Keep one record and remove the others."));
}

static struct mxa_str tag_value(struct mxa_str text, const char *name)
{
	struct mxa_taglist tags;
	const struct mxa_tag *t;

	(void)mxa_taglist_parse(text, &tags);
	t = mxa_taglist_find(&tags, name);
	return t ? t->value : MXA_STR("");
}

/* The one record; false: there is none that can be judged. */
static bool one_record(struct lint *l, enum mxa_lint_code code,
    struct mxa_str name, const char *version, struct mxa_str *text)
{
	struct mxa_str alike;
	size_t n = lint_versioned(l, name, version, text, &alike);

	if (n > 1)
		several_records(l, code, name, n);
	else if (n == 0 && alike.len > 0)
		not_a_record(l, code, name, version, alike);
	return n == 1;
}

/* --- _smtp._tls --- */

static bool is_report_uri(struct mxa_str uri)
{
	return mxa_str_casestarts(uri, MXA_STR("https://")) ||
	    (mxa_str_casestarts(uri, MXA_STR("mailto:")) &&
		mxa_str_chr(uri, '@', 8) < uri.len);
}

static bool are_report_uris(struct mxa_str list)
{
	size_t end;

	for (size_t at = 0; at < list.len; at = end + 1) {
		end = mxa_str_chr(list, ',', at);
		if (!is_report_uri(mxa_str_trim(mxa_str_sub(list, at, end))))
			return false;
	}
	return list.len > 0;
}

static void check_reports(struct lint *l)
{
	struct mxa_str name = lint_join(l, "_smtp._tls", l->domain), text;
	struct mxa_finding *f;

	if (!one_record(l, MXA_LINT_TLS_RPT, name, "v=TLSRPTv1", &text) ||
	    are_report_uris(tag_value(text, "rua")))
		return;
	f = lint_add(l, MXA_LINT_TLS_RPT, name,
	    _("The record has no address that reports can go to: rua= needs "
	      "mailto: or https: addresses with commas between them."));
	lint_fix(l, f, _("Publish it as v=TLSRPTv1; rua=mailto:USER@DOMAIN"));
}

/* --- _mta-sts --- */

static bool is_policy_id(struct mxa_str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!mxa_is_alnum(id.p[i]))
			return false;
	return id.len > 0 && id.len <= 32;
}

static bool has_policy_host(struct lint *l, struct mxa_str host)
{
	return !lint_void(
		   mxa_dns_lookup(l->mx, MXA_SHARE_OTHER, host, MXA_DNS_A)) ||
	    !lint_void(
		mxa_dns_lookup(l->mx, MXA_SHARE_OTHER, host, MXA_DNS_AAAA));
}

static void check_strict_transport(struct lint *l)
{
	struct mxa_str name = lint_join(l, "_mta-sts", l->domain),
		       host = lint_join(l, "mta-sts", l->domain), text;
	struct mxa_finding *f;

	if (!one_record(l, MXA_LINT_MTA_STS, name, "v=STSv1", &text))
		return;
	if (!is_policy_id(tag_value(text, "id"))) {
		f = lint_add(l, MXA_LINT_MTA_STS, name,
		    _("The record has no usable id=: 1 to 32 letters and "
		      "digits.  Senders ignore it."));
		lint_fix(l, f, _("Publish it as v=STSv1; id=20260101T000000"));
	}
	if (has_policy_host(l, host))
		return;
	f = lint_add(l, MXA_LINT_MTA_STS, name,
	    _("The host %s, from which senders fetch the policy, has no "
	      "address."),
	    lint_show(l, host));
	lint_fix(l, f,
	    _("Serve the policy at https://%s/.well-known/mta-sts.txt, or "
	      "remove the record."),
	    lint_show(l, host));
}

void lint_tls(struct lint *l)
{
	check_reports(l);
	check_strict_transport(l);
}
