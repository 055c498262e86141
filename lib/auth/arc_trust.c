/* arc_trust.c - the trusted-sealer override (RFC 8617 section 7.2.1): which
 * part of a passing chain is believed, and what it says about the author. */
#include "auth/arc.h"
#include "auth/dmarc_record.h"
#include "base/domain.h"
#include "mail/authres.h"

bool mxa_arc_trusts(const struct mxa_auth_options *o, struct mxa_str sealer)
{
	for (size_t i = 0; i < o->n_trusted_sealers; i++) {
		struct mxa_str t = o->trusted_sealers[i];

		if (t.len > 0 && t.p[0] == '.') {
			t = mxa_str_sub(t, 1, t.len);
			if (!mxa_str_caseeq(sealer, t) &&
			    mxa_domain_within(sealer, t))
				return true;
		} else if (mxa_str_caseeq(sealer, t)) {
			return true;
		}
	}
	return false;
}

/* The domain of a property, canonical; false when it has none. */
static bool property_domain(struct mxa_arena *a,
    const struct mxa_authres_result *r, const char *ptype, const char *name,
    struct mxa_str *out)
{
	for (size_t i = 0; i < r->n_prop; i++) {
		const struct mxa_authres_prop *p = &r->prop[i];
		size_t at = p->value.len;

		if (!mxa_str_caseis(p->ptype, ptype) ||
		    !mxa_str_caseis(p->name, name))
			continue;
		while (at > 0 && p->value.p[at - 1] != '@')
			at--;
		return mxa_domain_canonical(a,
			   mxa_str_sub(p->value, at, p->value.len),
			   out) == MXA_OK;
	}
	return false;
}

/* Alignment under the author's record of today.  That the identifier lies
 * within the author's organizational domain stands for a walk of its own: no
 * question is asked for what a sealer says. */
static bool domain_aligned(
    const struct mxa_dmarc_domain *author, struct mxa_str domain, bool strict)
{
	if (mxa_str_eq(domain, author->author))
		return true;
	return !strict && author->organizational.len > 0 &&
	    mxa_domain_labels(author->organizational) > 1 &&
	    mxa_domain_within(domain, author->organizational);
}

static bool strict_dkim(const struct mxa_dmarc_domain *author)
{
	return author->record != NULL && author->record->strict_dkim;
}

static bool strict_spf(const struct mxa_dmarc_domain *author)
{
	return author->record != NULL && author->record->strict_spf;
}

/* Whether a result other than DMARC's is an aligned pass. */
static bool aligned_pass(struct mxa_arena *a,
    const struct mxa_authres_result *r, const struct mxa_dmarc_domain *author)
{
	struct mxa_str domain;

	if (!mxa_str_caseis(r->result, "pass"))
		return false;
	if (mxa_str_caseis(r->method, "dkim"))
		return (property_domain(a, r, "header", "d", &domain) ||
			   property_domain(a, r, "header", "i", &domain)) &&
		    domain_aligned(author, domain, strict_dkim(author));
	if (mxa_str_caseis(r->method, "spf"))
		return property_domain(a, r, "smtp", "mailfrom", &domain) &&
		    domain_aligned(author, domain, strict_spf(author));
	return false;
}

/* Whether an AAR says that the author passed.  Where it has a DMARC result for
 * him, that alone counts. */
static bool says_pass(struct mxa_arena *a, struct mxa_str aar,
    const struct mxa_dmarc_domain *author)
{
	bool dmarc = false, pass = false, other = false;
	struct mxa_authres ar;
	struct mxa_str from;

	if (mxa_authres_parse(a, aar, &ar) != MXA_OK)
		return false;
	for (size_t i = 0; i < ar.n; i++) {
		const struct mxa_authres_result *r = &ar.result[i];

		if (!mxa_str_caseis(r->method, "dmarc")) {
			other |= aligned_pass(a, r, author);
			continue;
		}
		dmarc = true;
		if (!property_domain(a, r, "header", "from", &from) ||
		    !mxa_str_eq(from, author->author))
			continue;
		if (!mxa_str_caseis(r->result, "pass"))
			return false;
		pass = true;
	}
	return dmarc ? pass : other;
}

void mxa_arc_trust(const struct mxa_engine_env *env,
    struct mxa_arc_verdict *arc, const struct mxa_dmarc_domain *author)
{
	size_t from = arc->n;

	if (arc->result != MXA_ARC_PASS)
		return;
	/* The newest seals, down to the first that is a stranger's: what lies
	 * below a stranger he may have made up. */
	while (from > 0 &&
	    mxa_arc_trusts(env->options, arc->set[from - 1].seal_domain))
		from--;
	for (size_t i = from; i < arc->n; i++)
		if (says_pass(env->arena, arc->set[i].aar, author)) {
			arc->trusted = true;
			arc->trusted_sealer = arc->set[i].seal_domain;
			return;
		}
}
