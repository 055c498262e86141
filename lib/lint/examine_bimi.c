/* examine_bimi.c - a BIMI record that cannot work. */
#include "base/i18n.h"
#include "lint/examine.h"
#include "mail/taglist.h"

static bool is_https(struct mxa_str uri)
{
	return mxa_str_casestarts(uri, MXA_STR("https://")) && uri.len > 8;
}

static void check_logo(struct lint *l, struct mxa_str name, struct mxa_str text)
{
	const struct mxa_tag *logo, *evidence;
	struct mxa_taglist tags;
	struct mxa_finding *f;

	(void)mxa_taglist_parse(text, &tags);
	logo = mxa_taglist_find(&tags, "l");
	evidence = mxa_taglist_find(&tags, "a");
	/* an empty l= declines to show a logo */
	if (logo != NULL && (logo->value.len == 0 || is_https(logo->value)) &&
	    (evidence == NULL || evidence->value.len == 0 ||
		is_https(evidence->value) ||
		mxa_str_is(evidence->value, "self")))
		return;
	f = lint_add(l, MXA_LINT_BIMI, name,
	    _("The record names no logo that can be fetched: l= and a= need "
	      "https: addresses."));
	lint_fix(l, f,
	    _("Publish it as v=BIMI1; l=https://HOST/LOGO.svg; "
	      "a=https://HOST/CERTIFICATE.pem"));
}

/* Receivers show a logo only where forged mail is not delivered. */
static void check_policy(struct lint *l, struct mxa_str name)
{
	const struct mxa_lint_dmarc *d = &l->out->dmarc;
	struct mxa_finding *f;

	if (d->known && d->policy != MXA_POLICY_NONE && !d->testing)
		return;
	f = lint_add(l, MXA_LINT_BIMI, name,
	    _("No receiver shows the logo: the DMARC policy of %s is not "
	      "quarantine or reject."),
	    lint_show(l, l->domain));
	lint_fix(
	    l, f, _("Publish a DMARC policy of quarantine or reject first."));
}

void lint_bimi(struct lint *l)
{
	struct mxa_str name = lint_join(l, "default._bimi", l->domain), text,
		       alike;
	struct mxa_finding *f;
	size_t n = lint_versioned(l, name, "v=BIMI1", &text, &alike);

	if (n == 1) {
		check_logo(l, name, text);
		check_policy(l, name);
	} else if (n > 1 || alike.len > 0) {
		f = lint_add(l, MXA_LINT_BIMI, name,
		    n > 1
			? _("There are several BIMI records: receivers "
			    "ignore them all.")
			: _("The TXT record is not a BIMI record, which begins "
			    "with exactly \"v=BIMI1;\"."));
		lint_fix(
		    l, f, _("Publish one record that begins with v=BIMI1;"));
	}
}
