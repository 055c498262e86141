/* diagnose.c - what the DNS of today says about a failure. */
#include "explain/diagnose.h"

#include <string.h>

#include "auth/iprev.h"
#include "auth/orgdom.h"
#include "auth/verdict.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "bounce/provider.h"
#include "explain/glass.h"
#include "mail/message.h"
#include "record/dmarc_edit.h"

/* --- who sent --- */

static void add_sender(struct mxa_senders *s, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < s->n; i++)
		if (mxa_ip_eq(&s->ip[i], ip))
			return;
	if (s->n < MXA_MAX_SENDERS && !mxa_ip_is_loopback(ip) &&
	    !mxa_ip_is_private(ip))
		s->ip[s->n++] = *ip;
}

static bool add_host(struct glass *g, struct mxa_str host)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_AAAA };
	struct mxa_str name;
	size_t before = g->senders.n;

	if (mxa_domain_canonical(g->a, host, &name) != MXA_OK ||
	    mxa_domain_labels(name) < 2)
		return false;
	for (size_t k = 0; k < 2; k++) {
		const struct mxa_dns_answer *answer = mxa_dns_lookup(
		    g->env->engine.budget, MXA_SHARE_OTHER, name, types[k]);

		for (size_t i = 0; i < answer->n; i++)
			add_sender(&g->senders, &answer->rr[i].ip);
	}
	if (g->senders.n > before && g->senders.host.len == 0)
		g->senders.host = name;
	return g->senders.n > before;
}

static void add_mx(struct glass *g, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx = mxa_dns_lookup(
	    g->env->engine.budget, MXA_SHARE_OTHER, domain, MXA_DNS_MX);

	for (size_t i = 0; i < mx->n && i < 4; i++)
		add_host(g, mx->rr[i].text);
}

/* The address in the bounce, else the likeliest one. */
static void find_senders(struct glass *g)
{
	struct mxa_senders *s = &g->senders;

	memset(s, 0, sizeof(*s));
	s->host = MXA_STR("");
	s->how = MXA_SENDER_SAID;
	if (g->f->ip.family != 0) {
		s->ip[s->n++] = g->f->ip;
		return;
	}
	s->how = MXA_SENDER_RELAY;
	if (g->env->relay.len > 0 && add_host(g, g->env->relay))
		return;
	s->how = MXA_SENDER_REPORTER;
	if (g->b->reporting_mta.len > 0 &&
	    !mxa_str_caseeq(g->b->reporting_mta, g->f->remote_mta) &&
	    mxa_provider_of_host(g->b->reporting_mta)[0] == '\0' &&
	    add_host(g, g->b->reporting_mta))
		return;
	s->how = MXA_SENDER_MX;
	if (g->mail_domain.len > 0)
		add_mx(g, g->mail_domain);
	if (s->n > 0)
		return;
	s->how = MXA_SENDER_HOST;
	if (g->mail_domain.len > 0 && add_host(g, g->mail_domain))
		return;
	s->how = MXA_SENDER_UNKNOWN;
}

/* --- names --- */

/* The DMARC record that applies to the author, or NULL. */
static const struct mxa_dmarc_record *author_record(
    struct glass *g, struct mxa_str *at)
{
	for (size_t i = 0; i < g->walk.n; i++)
		if (g->walk.step[i].state == MXA_WALK_RECORD) {
			*at = g->walk.step[i].name;
			return g->walk.step[i].record;
		}
	return NULL;
}

static bool same_org(struct glass *g, struct mxa_str one, struct mxa_str two)
{
	return one.len > 0 && two.len > 0 &&
	    mxa_orgdom_same(
		g->env->engine.budget, g->env->engine.options, one, two);
}

bool mxa_glass_aligned(struct glass *g, struct mxa_str domain, bool dkim)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(g, &at);

	if (r != NULL && (dkim ? r->strict_dkim : r->strict_spf))
		return mxa_str_caseeq(domain, g->author);
	return same_org(g, domain, g->author);
}

static void find_names(struct glass *g)
{
	const struct mxa_returned *r = &g->b->returned;
	const struct mxa_failure *f = g->f;
	bool from = f->identity == MXA_IDENTITY_FROM;

	g->author = from && f->domain.len > 0 ? f->domain : r->author;
	if (f->refusal.class == MXA_RF_DKIM && r->author.len > 0)
		g->author = r->author;
	g->mail_domain = !from && f->domain.len > 0 ? f->domain
	    : r->mail_domain.len > 0		    ? r->mail_domain
						    : f->domain;
	if (g->author.len == 0)
		g->author = g->mail_domain;
	if (g->author.len > 0) {
		mxa_walk_begin(g->env->engine.budget,
		    g->env->engine.options->psl, g->author, &g->walk);
		mxa_walk_complete(g->env->engine.budget, &g->walk, true);
	}
}

/* --- SPF --- */

static void check_spf(struct glass *g)
{
	bool helo = g->f->identity == MXA_IDENTITY_HELO;
	struct mxa_ip nobody = { 4, { 240, 1, 2, 3 } };

	memset(&g->spf, 0, sizeof(g->spf));
	for (size_t i = 0; i == 0 || i < g->senders.n; i++) {
		struct mxa_spf_query q = { .ip = g->senders.n ? g->senders.ip[i]
							      : nobody,
			.identity = helo ? MXA_SPF_HELO : MXA_SPF_MAILFROM,
			.domain = g->mail_domain,
			.helo = g->mail_domain,
			.receiver = MXA_STR("unknown"),
			.trace = true };

		mxa_spf_native.check(&g->env->engine, &q, &g->spf);
		if (g->spf.result != MXA_SPF_PASS)
			return;
	}
}

static enum mxa_why spf_why(const struct mxa_spf_verdict *v)
{
	switch (v->result) {
	case MXA_SPF_NONE:
		return MXA_WHY_SPF_MISSING;
	case MXA_SPF_TEMPERROR:
		return MXA_WHY_SPF_TEMPERROR;
	case MXA_SPF_PERMERROR:
		break;
	default:
		return MXA_WHY_SPF_NOT_LISTED;
	}
	switch (v->cause) {
	case MXA_SPF_CAUSE_MULTIPLE:
		return MXA_WHY_SPF_MULTIPLE;
	case MXA_SPF_CAUSE_NO_TARGET:
		return MXA_WHY_SPF_INCLUDE_NONE;
	case MXA_SPF_CAUSE_LOOKUPS:
	case MXA_SPF_CAUSE_VOIDS:
	case MXA_SPF_CAUSE_MX_HOSTS:
		return MXA_WHY_SPF_LOOKUPS;
	default:
		return MXA_WHY_SPF_SYNTAX;
	}
}

static void say_spf(struct glass *g)
{
	char ip[MXA_IP_TEXT] = "";

	if (g->senders.n > 0)
		mxa_ip_format(&g->senders.ip[0], ip);
	if (ip[0] != '\0')
		SAY(g, _("SPF for %.*s and %s today: %s (%.*s)."),
		    MXA_STR_ARG(g->mail_domain), ip,
		    mxa_spf_result_name(g->spf.result),
		    MXA_STR_ARG(g->spf.reason));
	else
		SAY(g, _("SPF for %.*s today: %.*s."),
		    MXA_STR_ARG(g->mail_domain), MXA_STR_ARG(g->spf.reason));
}

/* A cause in SPF and its fix; false: SPF passes today. */
static bool look_at_spf(struct glass *g)
{
	struct mxa_spf_case c = { .env = g->env,
		.domain = g->mail_domain,
		.identity = g->f->identity == MXA_IDENTITY_HELO
		    ? MXA_SPF_HELO
		    : MXA_SPF_MAILFROM,
		.senders = &g->senders };
	enum mxa_why why;
	struct mxa_fix fix;

	if (g->spf.result == MXA_SPF_PASS)
		return false;
	say_spf(g);
	why = spf_why(&g->spf);
	/* nobody's address tells nothing about who is listed */
	if (g->senders.n == 0 && why == MXA_WHY_SPF_NOT_LISTED)
		return true;
	mxa_glass_because(g, why);
	if (why == MXA_WHY_SPF_TEMPERROR) {
		mxa_glass_fix_text(g, MXA_FIX_WAIT,
		    mxa_arena_printf(g->a,
			_("The name servers of %.*s do not answer properly. "
			  "See to them, wait and send again."),
			MXA_STR_ARG(g->mail_domain)));
		return true;
	}
	mxa_advise_spf(&c, &fix);
	mxa_glass_fix(g, &fix);
	if (why == MXA_WHY_SPF_MISSING)
		mxa_glass_avoid(g,
		    _("Do not weaken the DMARC policy instead: the record is "
		      "what is missing."));
	else if (fix.action == MXA_FIX_EDIT_SPF)
		mxa_glass_avoid(g,
		    _("Do not publish a second SPF record beside the first: "
		      "two records are an error."));
	return true;
}

/* --- forwarding --- */

static struct mxa_str domain_of(struct glass *g, struct mxa_str address)
{
	struct mxa_str whole, local, domain, out;

	mxa_address_split(address, &whole, &local, &domain);
	if (mxa_domain_canonical(g->a, domain, &out) != MXA_OK)
		return MXA_STR("");
	return out;
}

/* Whether somebody between sender and receiver sent it on. */
static bool is_forwarded(struct glass *g)
{
	const struct mxa_returned *r = &g->b->returned;
	const struct mxa_failure *f = g->f;
	struct mxa_str final = domain_of(g, f->recipient), before;

	if (g->b->kind != MXA_BOUNCE)
		return false;
	if (r->passed_before &&
	    (r->passed_ip.family == 0 || f->ip.family == 0 ||
		!mxa_ip_eq(&r->passed_ip, &f->ip)))
		return true;
	before = domain_of(g, f->original);
	if (before.len == 0)
		before = domain_of(g, r->forwarded_by);
	if (before.len > 0 && final.len > 0 && !same_org(g, before, final) &&
	    !same_org(g, before, g->author) &&
	    !same_org(g, before, g->mail_domain))
		return true;
	if (r->resent && g->b->reporting_mta.len > 0 &&
	    !same_org(g, g->b->reporting_mta, g->mail_domain) &&
	    !same_org(g, g->b->reporting_mta, g->author))
		return before.len == 0 || !same_org(g, before, g->author);
	return r->list && !same_org(g, g->mail_domain, g->author);
}

static void say_forwarded(struct glass *g)
{
	char ip[MXA_IP_TEXT];

	mxa_glass_because(g, MXA_WHY_FORWARDED);
	SAY(g,
	    _("The message was sent on by somebody in between (a forwarding, "
	      "an alias or a list): it did not come from a server of %.*s."),
	    MXA_STR_ARG(g->mail_domain));
	mxa_glass_fix_text(g, MXA_FIX_FORWARDER,
	    mxa_arena_printf(g->a,
		_("Who forwards must rewrite the envelope sender (SRS) and "
		  "leave signed parts alone; or the recipient fetches the "
		  "mail instead. What %.*s can do: sign with DKIM, which "
		  "survives forwarding."),
		MXA_STR_ARG(g->author)));
	if (g->f->ip.family != 0)
		mxa_glass_avoid(g,
		    mxa_arena_printf(g->a,
			_("Do not add %s, the forwarder's address, to the SPF "
			  "record of %.*s: whoever sends from there could use "
			  "your name."),
			mxa_ip_format(&g->f->ip, ip),
			MXA_STR_ARG(g->mail_domain)));
	else
		mxa_glass_avoid(g,
		    mxa_arena_printf(g->a,
			_("Do not add the forwarder's addresses to the SPF "
			  "record of %.*s: whoever sends from there could use "
			  "your name."),
			MXA_STR_ARG(g->mail_domain)));
}

/* --- DMARC --- */

/* Reports can go to an address of the domain. */
static bool takes_mail(struct glass *g, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx = mxa_dns_lookup(
	    g->env->engine.budget, MXA_SHARE_OTHER, domain, MXA_DNS_MX);

	for (size_t i = 0; i < mx->n; i++)
		if (mx->rr[i].text.len > 0)
			return true;
	return false;
}

static void look_at_dmarc_record(struct glass *g)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(g, &at);
	struct mxa_fix fix = { .action = MXA_FIX_PUBLISH_DMARC,
		.old = MXA_STR(""),
		.verified = true };

	if (r != NULL) {
		SAY(g, _("The DMARC record at _dmarc.%.*s says: %.*s."),
		    MXA_STR_ARG(at), MXA_STR_ARG(r->text));
		return;
	}
	if (g->f->refusal.class != MXA_RF_NO_DMARC)
		return;
	mxa_glass_because(g, MXA_WHY_DMARC_MISSING);
	fix.name = mxa_str_from(
	    mxa_arena_printf(g->a, "_dmarc.%.*s", MXA_STR_ARG(g->author)));
	fix.record =
	    mxa_dmarc_first(g->a, g->author, false, takes_mail(g, g->author));
	fix.text = mxa_str_from(mxa_arena_printf(g->a,
	    _("Publish this TXT record at %.*s: \"%.*s\". It asks for nothing "
	      "yet; see to it that SPF or DKIM pass for %.*s."),
	    MXA_STR_ARG(fix.name), MXA_STR_ARG(fix.record),
	    MXA_STR_ARG(g->author)));
	mxa_glass_fix(g, &fix);
}

static bool signature_aligned(struct glass *g)
{
	for (size_t i = 0; i < g->b->returned.n_sigs; i++)
		if (mxa_glass_aligned(g, g->b->returned.sig[i].domain, true))
			return true;
	return false;
}

/* The envelope sender is of another domain than From. */
static bool look_at_alignment(struct glass *g)
{
	if (g->author.len == 0 || g->mail_domain.len == 0 ||
	    mxa_glass_aligned(g, g->mail_domain, false))
		return true;
	if (!signature_aligned(g)) {
		mxa_glass_because(g, MXA_WHY_UNALIGNED);
		SAY(g,
		    _("The envelope sender's domain %.*s does not align with "
		      "the author domain %.*s: a pass of SPF there counts for "
		      "nothing here."),
		    MXA_STR_ARG(g->mail_domain), MXA_STR_ARG(g->author));
		mxa_glass_fix_text(g, MXA_FIX_ALIGN,
		    mxa_arena_printf(g->a,
			_("Let the envelope sender be an address at %.*s, or "
			  "sign with DKIM for d=%.*s."),
			MXA_STR_ARG(g->author), MXA_STR_ARG(g->author)));
	}
	return false;
}

/* --- all of it --- */

static void resolved(struct glass *g)
{
	char ip[MXA_IP_TEXT] = "";

	mxa_glass_because(g, MXA_WHY_RESOLVED);
	if (g->senders.n > 0)
		mxa_ip_format(&g->senders.ip[0], ip);
	SAY(g,
	    _("Today SPF passes for %.*s and %s (%.*s): the record was "
	      "corrected since."),
	    MXA_STR_ARG(g->mail_domain), ip, MXA_STR_ARG(g->spf.mechanism));
	mxa_glass_fix_text(g, MXA_FIX_NONE,
	    mxa_arena_printf(g->a,
		_("Nothing needs to be changed at %.*s: send the message "
		  "again; receivers may remember the old record for as long "
		  "as its TTL said."),
		MXA_STR_ARG(g->mail_domain)));
}

static void look_at_ptr(struct glass *g)
{
	struct mxa_iprev_verdict v;
	char ip[MXA_IP_TEXT];

	if (g->f->ip.family == 0)
		return;
	memset(&v, 0, sizeof(v));
	mxa_iprev_check(&g->env->engine, &g->f->ip, &v);
	mxa_ip_format(&g->f->ip, ip);
	if (v.name.len > 0)
		SAY(g, _("The address %s has the name %.*s."), ip,
		    MXA_STR_ARG(v.name));
	else
		SAY(g, _("The address %s has no name (no PTR record)."), ip);
}

static void examine(struct glass *g)
{
	unsigned m = g->f->refusal.methods;
	enum mxa_refusal_class class = g->f->refusal.class;
	bool spf_counts = (m & (MXA_BY_SPF | MXA_BY_DMARC)) != 0 &&
	    class != MXA_RF_NO_DMARC && g->mail_domain.len > 0;
	bool spf_passes = false, forwarded;

	look_at_ptr(g);
	if (m & MXA_BY_DMARC)
		look_at_dmarc_record(g);
	if (spf_counts) {
		check_spf(g);
		spf_passes = g->spf.result == MXA_SPF_PASS;
	}
	forwarded = !spf_passes && is_forwarded(g);
	if (forwarded) {
		if (spf_counts)
			say_spf(g);
		say_forwarded(g);
		return;
	}
	if ((m & MXA_BY_DMARC) && class != MXA_RF_NO_DMARC &&
	    !look_at_alignment(g))
		spf_counts = (m & MXA_BY_SPF) != 0;
	if (spf_counts && spf_passes) {
		if (!(g->why & BIT(MXA_WHY_UNALIGNED)))
			resolved(g);
		return;
	}
	if (spf_counts)
		look_at_spf(g);
	if ((m & (MXA_BY_DKIM | MXA_BY_DMARC)) && class != MXA_RF_NO_DMARC)
		mxa_glass_dkim(g);
}

static void unspecified(struct glass *g)
{
	const struct mxa_failure *f = g->f;

	mxa_glass_because(g, MXA_WHY_UNSPECIFIED);
	SAY(g,
	    _("The receiver does not say what exactly failed, and the DNS "
	      "shows no mistake that can be seen from here."));
	if (f->temporary)
		mxa_glass_fix_text(g, MXA_FIX_WAIT,
		    _("The refusal is temporary: wait for the next try."));
	else
		mxa_glass_fix_text(g, MXA_FIX_NONE,
		    _("Give the address that sent (the relay with --relay) "
		      "or the whole returned message, and ask again."));
}

static bool same_case(const struct mxa_failure *x, const struct mxa_failure *y)
{
	return x->refusal.class == y->refusal.class &&
	    x->refusal.methods == y->refusal.methods &&
	    x->identity == y->identity && mxa_str_eq(x->domain, y->domain) &&
	    x->temporary == y->temporary &&
	    mxa_str_eq(x->original, y->original) && mxa_ip_eq(&x->ip, &y->ip);
}

static void look(struct glass *g)
{
	g->why = 0;
	if (!mxa_refusal_is_auth(g->f->refusal.class)) {
		mxa_glass_other(g);
		return;
	}
	g->out->auth_failure = true;
	find_names(g);
	if (g->author.len > 0) {
		find_senders(g);
		examine(g);
	}
	if (g->why == 0)
		unspecified(g);
}

void mxa_explain(const struct mxa_explain_env *env, const struct mxa_bounce *b,
    struct mxa_explained *out)
{
	struct mxa_arena *a = env->engine.arena;
	struct glass *g = mxa_arena_calloc(a, 1, sizeof(*g));
	size_t cases[MXA_MAX_CASES], n = 0;

	memset(out, 0, sizeof(*out));
	out->why = mxa_arena_calloc(a, b->n + 1, sizeof(*out->why));
	for (size_t i = 0; i < b->n; i++) {
		size_t k = 0;

		while (k < n && !same_case(&b->v[cases[k]], &b->v[i]))
			k++;
		if (k < n) {
			out->why[i] = out->why[cases[k]];
			continue;
		}
		memset(g, 0, sizeof(*g));
		*g = (struct glass){
			.env = env, .a = a, .b = b, .f = &b->v[i], .out = out
		};
		if (n < MXA_MAX_CASES) {
			cases[n++] = i;
			look(g);
		} else if (mxa_refusal_is_auth(b->v[i].refusal.class)) {
			out->auth_failure = true;
			g->why = BIT(MXA_WHY_UNSPECIFIED);
		}
		out->why[i] = g->why;
	}
}
