/* grounds.c - the table of grounds. */
#include "policy/grounds.h"

#include "base/domain.h"
#include "conf/conf.h"

/* --- what several predicates ask --- */

bool mxa_sig_of_author(
    const struct mxa_dkim_sig *sig, const struct mxa_dmarc_domain *author)
{
	struct mxa_str org;

	if (author == NULL || sig->domain.len == 0)
		return false;
	if (mxa_str_eq(sig->domain, author->author))
		return true;
	org = author->organizational;
	/* A record at a top-level name makes everybody below it one
	 * organization (auth/align.h). */
	if (mxa_domain_labels(org) < 2)
		org = author->author;
	return mxa_domain_within(sig->domain, org) ||
	    (mxa_domain_labels(sig->domain) > 1 &&
		mxa_domain_within(author->author, sig->domain));
}

bool mxa_sig_any(
    const struct mxa_dkim_verdict *dkim, enum mxa_dkim_result result)
{
	for (size_t i = 0; i < dkim->n; i++)
		if (dkim->sig[i].result == result)
			return true;
	return false;
}

static bool author_sig(
    const struct mxa_facts *f, bool (*is)(const struct mxa_dkim_sig *sig))
{
	for (size_t i = 0; i < f->v->dkim.n; i++)
		if (mxa_sig_of_author(&f->v->dkim.sig[i], f->author) &&
		    is(&f->v->dkim.sig[i]))
			return true;
	return false;
}

static bool sig_any(const struct mxa_dkim_sig *sig)
{
	(void)sig;
	return true;
}

/* The header section is the author's own, the body is not: what a list's footer
 * does, or a replay.  The engines say "body" only when the signature over the
 * header verified. */
static bool sig_body_only(const struct mxa_dkim_sig *sig)
{
	return sig->result == MXA_DKIM_FAIL && sig->cause == MXA_DKIM_BODY;
}

static bool sig_partial(const struct mxa_dkim_sig *sig)
{
	return sig->result == MXA_DKIM_POLICY &&
	    sig->cause == MXA_DKIM_PARTIAL && sig->body != MXA_BODY_DIFFERS;
}

/* '.d' in a list means the subdomains of d. */
static bool in_domains(
    const struct mxa_str *list, size_t n, struct mxa_str domain)
{
	for (size_t i = 0; i < n; i++) {
		struct mxa_str d = list[i];

		if (d.len > 0 && d.p[0] == '.') {
			d = mxa_str_sub(d, 1, d.len);
			if (domain.len > d.len && mxa_domain_within(domain, d))
				return true;
		} else if (mxa_str_caseeq(d, domain)) {
			return true;
		}
	}
	return false;
}

/* --- trusted --- */

static bool forwarder_network(const struct mxa_facts *f)
{
	for (size_t i = 0; i < f->conf->n_forwarders; i++)
		if (mxa_cidr_has(&f->conf->forwarders[i], &f->msg->ip))
			return true;
	return false;
}

/* evaluate() sets 'trusted' when the chain vouches for each author domain that
 * fails; of others, and of those beyond the cap, it says nothing
 * (auth/arc.h). */
static bool trusted_sealer(const struct mxa_facts *f)
{
	return f->v->arc.result == MXA_ARC_PASS && f->v->arc.trusted &&
	    f->author != NULL && f->author->result == MXA_DMARC_FAIL &&
	    !f->v->authors.more;
}

/* --- indirect --- */

/* Everybody who can get a signature of that domain (each customer of a mail
 * service) can write as any author, so this is no trust.  Trust is a rule that
 * pairs the signer with authors (rules_load.c). */
static bool forwarder_signature(const struct mxa_facts *f)
{
	for (size_t i = 0; i < f->v->dkim.n; i++)
		if (f->v->dkim.sig[i].result == MXA_DKIM_PASS &&
		    in_domains(f->conf->forwarder_domains,
			f->conf->n_forwarder_domains, f->v->dkim.sig[i].domain))
			return true;
	return false;
}

static bool list_signature(const struct mxa_facts *f)
{
	return f->list_fields && mxa_sig_any(&f->v->dkim, MXA_DKIM_PASS);
}

static bool list_spf(const struct mxa_facts *f)
{
	return f->list_fields && f->v->spf.result == MXA_SPF_PASS;
}

static bool author_signature_body(const struct mxa_facts *f)
{
	return author_sig(f, sig_body_only);
}

static bool author_signature_partial(const struct mxa_facts *f)
{
	return author_sig(f, sig_partial);
}

/* --- direct --- */

static bool too_many_authors(const struct mxa_facts *f)
{
	return f->v->authors.more;
}

static bool author_nxdomain(const struct mxa_facts *f)
{
	return f->author != NULL && f->author->nonexistent;
}

static bool no_signature(const struct mxa_facts *f)
{
	return f->v->dkim.n == 0 && f->v->dkim.untried == 0;
}

static bool no_author_signature(const struct mxa_facts *f)
{
	return f->v->dkim.n > 0 && !author_sig(f, sig_any);
}

static bool author_signature_bad(const struct mxa_facts *f)
{
	return author_sig(f, sig_any) && !author_sig(f, sig_body_only) &&
	    !author_sig(f, sig_partial);
}

static bool list_fields_alone(const struct mxa_facts *f)
{
	return f->list_fields && !list_signature(f) && !list_spf(f);
}

static bool no_list_fields(const struct mxa_facts *f)
{
	return !f->list_fields;
}

static bool spf_fail(const struct mxa_facts *f)
{
	return f->v->spf.result == MXA_SPF_FAIL;
}

static bool spf_softfail(const struct mxa_facts *f)
{
	return f->v->spf.result == MXA_SPF_SOFTFAIL;
}

bool mxa_facts_unaligned(
    const struct mxa_facts *f, struct mxa_str domain, bool aligned)
{
	return f->author != NULL && !aligned &&
	    !mxa_str_eq(domain, f->author->author);
}

static bool spf_unaligned(const struct mxa_facts *f)
{
	const struct mxa_spf_verdict *spf = &f->v->spf;

	return spf->result == MXA_SPF_PASS && f->author != NULL &&
	    mxa_facts_unaligned(f, spf->domain, f->author->spf_aligned);
}

static bool no_reverse_name(const struct mxa_facts *f)
{
	return f->v->iprev.result == MXA_IPREV_FAIL ||
	    f->v->iprev.result == MXA_IPREV_PERMERROR;
}

static const struct mxa_ground_info grounds[MXA_GROUNDS] = {
	[MXA_GROUND_FORWARDER_NETWORK] = { "trusted-forwarder-network",
	    MXA_GROUND_TRUSTED, "a trusted forwarder hands it over",
	    forwarder_network },
	[MXA_GROUND_SEALER] = { "trusted-sealer", MXA_GROUND_TRUSTED,
	    "a trusted sealer says that the author was authenticated",
	    trusted_sealer },

	[MXA_GROUND_FORWARDER_SIGNATURE] = { "forwarder-signature",
	    MXA_GROUND_INDIRECT,
	    "a forwarder signed it, who is not paired with this author",
	    forwarder_signature },
	[MXA_GROUND_LIST_SIGNATURE] = { "list-signature", MXA_GROUND_INDIRECT,
	    "it has list fields and the signature of a list passes",
	    list_signature },
	[MXA_GROUND_LIST_SPF] = { "list-spf", MXA_GROUND_INDIRECT,
	    "it has list fields and SPF passes for the list", list_spf },
	[MXA_GROUND_AUTHOR_SIGNATURE_BODY] = { "author-signature-body-only",
	    MXA_GROUND_INDIRECT,
	    "the author's signature is broken in the body only",
	    author_signature_body },
	[MXA_GROUND_AUTHOR_SIGNATURE_PARTIAL] = { "author-signature-partial",
	    MXA_GROUND_INDIRECT, "text was added after what the author signed",
	    author_signature_partial },

	[MXA_GROUND_TOO_MANY_AUTHORS] = { "too-many-authors", MXA_GROUND_DIRECT,
	    "From names more domains than are evaluated", too_many_authors },
	[MXA_GROUND_AUTHOR_NXDOMAIN] = { "author-nxdomain", MXA_GROUND_DIRECT,
	    "the author domain does not exist", author_nxdomain },
	[MXA_GROUND_NO_SIGNATURE] = { "no-signature", MXA_GROUND_DIRECT,
	    "it has no DKIM signature", no_signature },
	[MXA_GROUND_NO_AUTHOR_SIGNATURE] = { "no-author-signature",
	    MXA_GROUND_DIRECT, "none of its signatures is the author's",
	    no_author_signature },
	[MXA_GROUND_AUTHOR_SIGNATURE_BAD] = { "author-signature-bad",
	    MXA_GROUND_DIRECT,
	    "the author's signature does not hold for the header section",
	    author_signature_bad },
	[MXA_GROUND_LIST_FIELDS_ALONE] = { "list-fields-alone",
	    MXA_GROUND_DIRECT,
	    "it has list fields, but no list authenticates it",
	    list_fields_alone },
	[MXA_GROUND_NO_LIST_FIELDS] = { "no-list-fields", MXA_GROUND_DIRECT,
	    "it has no list fields", no_list_fields },
	[MXA_GROUND_SPF_FAIL] = { "spf-fail", MXA_GROUND_DIRECT, "SPF fails",
	    spf_fail },
	[MXA_GROUND_SPF_SOFTFAIL] = { "spf-softfail", MXA_GROUND_DIRECT,
	    "SPF softfails", spf_softfail },
	[MXA_GROUND_SPF_UNALIGNED] = { "spf-unaligned", MXA_GROUND_DIRECT,
	    "SPF passes for another domain", spf_unaligned },
	[MXA_GROUND_NO_REVERSE_NAME] = { "no-reverse-name", MXA_GROUND_DIRECT,
	    "the client has no confirmed name", no_reverse_name },
};

/* --- the interface --- */

void mxa_facts_init(struct mxa_facts *f, const struct mxa_conf *conf,
    const struct mxa_msg *msg, const struct mxa_verdict *v,
    const struct mxa_dmarc_domain *author)
{
	f->conf = conf;
	f->msg = msg;
	f->v = v;
	f->author = author;
	/* RFC 2919, RFC 2369: what list software sets.  List-Unsubscribe alone
	 * is on every newsletter and says nothing about forwarding. */
	f->list_fields = mxa_headers_find(&msg->headers, "List-Id", 0) ||
	    mxa_headers_find(&msg->headers, "List-Post", 0);
}

enum mxa_ground mxa_ground_first(
    const struct mxa_facts *f, enum mxa_ground_kind kind)
{
	for (int g = MXA_GROUND_NONE + 1; g < MXA_GROUNDS; g++)
		if (grounds[g].kind == kind && grounds[g].holds(f))
			return (enum mxa_ground)g;
	return MXA_GROUND_NONE;
}

size_t mxa_grounds_collect(
    const struct mxa_facts *f, enum mxa_ground out[MXA_GROUNDS])
{
	size_t n = 0;

	for (int g = MXA_GROUND_NONE + 1; g < MXA_GROUNDS; g++)
		if (grounds[g].holds(f))
			out[n++] = (enum mxa_ground)g;
	return n;
}

const char *mxa_ground_name(enum mxa_ground g)
{
	if (g == MXA_GROUND_NONE)
		return "none";
	return g == MXA_GROUND_OTHER ? "other" : grounds[g].name;
}

enum mxa_ground mxa_ground_from_name(struct mxa_str name)
{
	int g = MXA_GROUND_NONE + 1;

	while (g < MXA_GROUNDS && !mxa_str_is(name, grounds[g].name))
		g++;
	return (enum mxa_ground)g;
}

const struct mxa_ground_info *mxa_ground_info(enum mxa_ground g)
{
	return &grounds[g];
}
