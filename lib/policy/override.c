/* override.c - dispositions and the reasons for them. */
#include "policy/override.h"

#include "base/buf.h"
#include "mail/authres.h"

#define MAX_ARC_COMMENT 4000

/* --- the disposition --- */

/* Whether DMARC asks for anything: the author fails, or more authors than are
 * evaluated count as failing. */
static bool dmarc_fails(const struct mxa_facts *f)
{
	return f->author != NULL &&
	    (f->author->result == MXA_DMARC_FAIL || f->v->authors.more);
}

static enum mxa_dmarc_policy disposition_of(
    const struct mxa_facts *f, const struct mxa_action *act)
{
	if (!dmarc_fails(f))
		return MXA_POLICY_NONE;
	switch (act->kind) {
	case MXA_ACT_REJECT:
		return MXA_POLICY_REJECT;
	case MXA_ACT_QUARANTINE:
		return MXA_POLICY_QUARANTINE;
	case MXA_ACT_TAG:
		/* a tag that delivery can file by, for what asked for it */
		if (act->profile != MXA_PROFILE_MONITOR &&
		    (act->would == MXA_ACT_QUARANTINE ||
			act->cause == MXA_CAUSE_DMARC_REJECT ||
			act->cause == MXA_CAUSE_DMARC_QUARANTINE))
			return MXA_POLICY_QUARANTINE;
		return MXA_POLICY_NONE;
	case MXA_ACT_ACCEPT:
	case MXA_ACT_DEFER:
		break;
	}
	return MXA_POLICY_NONE;
}

/* --- the reason --- */

static enum mxa_override ground_override(enum mxa_ground g)
{
	switch (g) {
	case MXA_GROUND_FORWARDER_NETWORK:
	case MXA_GROUND_FORWARDER_SIGNATURE:
		return MXA_OVERRIDE_TRUSTED_FORWARDER;
	case MXA_GROUND_LIST_SIGNATURE:
	case MXA_GROUND_LIST_SPF:
		return MXA_OVERRIDE_MAILING_LIST;
	case MXA_GROUND_SEALER: /* RFC 8617 section 7.2.2 */
	case MXA_GROUND_AUTHOR_SIGNATURE_BODY:
	case MXA_GROUND_AUTHOR_SIGNATURE_PARTIAL:
	case MXA_GROUND_TOO_MANY_AUTHORS:
	case MXA_GROUND_AUTHOR_NXDOMAIN:
	case MXA_GROUND_NO_SIGNATURE:
	case MXA_GROUND_NO_AUTHOR_SIGNATURE:
	case MXA_GROUND_AUTHOR_SIGNATURE_BAD:
	case MXA_GROUND_LIST_FIELDS_ALONE:
	case MXA_GROUND_NO_LIST_FIELDS:
	case MXA_GROUND_SPF_FAIL:
	case MXA_GROUND_SPF_SOFTFAIL:
	case MXA_GROUND_SPF_UNALIGNED:
	case MXA_GROUND_NO_REVERSE_NAME:
	case MXA_GROUND_NONE:
	case MXA_GROUND_OTHER:
		break;
	}
	return MXA_OVERRIDE_LOCAL_POLICY;
}

static bool is_trusted(enum mxa_ground g)
{
	return g != MXA_GROUND_NONE &&
	    mxa_ground_info(g)->kind == MXA_GROUND_TRUSTED;
}

static enum mxa_override override_of(const struct mxa_facts *f,
    const struct mxa_ruling *r, const struct mxa_action *act)
{
	const struct mxa_dmarc_domain *d = f->author;

	if (d == NULL || act->kind == MXA_ACT_DEFER)
		return MXA_OVERRIDE_NONE;
	/* delivered although nobody knows what DMARC would have said */
	if (d->result == MXA_DMARC_TEMPERROR && d->published != MXA_POLICY_NONE)
		return MXA_OVERRIDE_OTHER;
	if (!dmarc_fails(f) || act->disposition == d->published)
		return MXA_OVERRIDE_NONE;
	if (is_trusted(act->turned))
		return ground_override(act->turned);
	if (r->override != MXA_OVERRIDE_NONE)
		return r->override;
	if (act->turned != MXA_GROUND_NONE &&
	    act->profile != MXA_PROFILE_MONITOR)
		return ground_override(act->turned);
	if (d->testing && act->disposition == d->policy)
		return MXA_OVERRIDE_POLICY_TEST_MODE;
	return MXA_OVERRIDE_LOCAL_POLICY;
}

/* The client that the first sealer saw, as it says; empty: it does not. */
static struct mxa_str first_remote_ip(
    struct mxa_arena *a, const struct mxa_arc_verdict *arc)
{
	struct mxa_authres ar;
	struct mxa_ip ip;
	char text[MXA_IP_TEXT];

	if (arc->n == 0 || arc->set[0].aar.len == 0 ||
	    mxa_authres_parse(a, arc->set[0].aar, &ar) != MXA_OK)
		return MXA_STR_NONE;
	for (size_t i = 0; i < ar.n; i++)
		for (size_t j = 0; j < ar.result[i].n_prop; j++) {
			const struct mxa_authres_prop *p =
			    &ar.result[i].prop[j];

			if (mxa_str_caseis(p->ptype, "smtp") &&
			    mxa_str_caseis(p->name, "remote-ip") &&
			    mxa_ip_parse(p->value, &ip))
				return mxa_str_dup(
				    a, mxa_str_from(mxa_ip_format(&ip, text)));
		}
	return MXA_STR_NONE;
}

struct mxa_str mxa_override_arc_comment(
    struct mxa_arena *a, const struct mxa_arc_verdict *arc)
{
	struct mxa_buf b;
	struct mxa_str ip;

	mxa_buf_init(&b, a, MAX_ARC_COMMENT);
	mxa_buf_printf(&b, "arc=%s", mxa_arc_result_name(arc->result));
	for (size_t i = arc->n; i > 0; i--)
		mxa_buf_printf(&b, " as[%zu].d=%.*s as[%zu].s=%.*s", i,
		    MXA_STR_ARG(arc->set[i - 1].seal_domain), i,
		    MXA_STR_ARG(arc->set[i - 1].seal_selector));
	ip = first_remote_ip(a, arc);
	if (ip.len > 0)
		mxa_buf_printf(&b, " remote-ip[1]=%.*s", MXA_STR_ARG(ip));
	return mxa_buf_str(&b);
}

static struct mxa_str comment_of(const struct mxa_facts *f,
    const struct mxa_ruling *r, const struct mxa_action *act)
{
	if (act->override == MXA_OVERRIDE_NONE)
		return MXA_STR_NONE;
	if (act->override == MXA_OVERRIDE_OTHER)
		return f->author->reason.text;
	if (is_trusted(act->turned))
		return mxa_str_from(mxa_ground_info(act->turned)->text);
	if (r->override_comment.len > 0)
		return r->override_comment;
	if (act->turned != MXA_GROUND_NONE)
		return mxa_str_from(mxa_ground_info(act->turned)->text);
	return MXA_STR_NONE;
}

void mxa_override_settle(const struct mxa_facts *f, const struct mxa_ruling *r,
    struct mxa_action *act)
{
	act->disposition = disposition_of(f, act);
	act->override = override_of(f, r, act);
	act->override_comment = comment_of(f, r, act);
}
