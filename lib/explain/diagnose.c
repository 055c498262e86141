/* diagnose.c - what the DNS of today says about a failure. */
#include "explain/diagnose.h"

#include <string.h>

#include "auth/iprev.h"
#include "auth/orgdom.h"
#include "auth/sig/key.h"
#include "auth/verdict.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "explain/advise.h"
#include "mail/message.h"

static const char *const why_names[MXA_WHYS] = {
	[MXA_WHY_SPF_MISSING] = "spf-missing",
	[MXA_WHY_SPF_NOT_LISTED] = "spf-not-listed",
	[MXA_WHY_SPF_LOOKUPS] = "spf-lookups",
	[MXA_WHY_SPF_MULTIPLE] = "spf-multiple",
	[MXA_WHY_SPF_SYNTAX] = "spf-syntax",
	[MXA_WHY_SPF_INCLUDE_NONE] = "spf-include-none",
	[MXA_WHY_SPF_TEMPERROR] = "spf-temperror",
	[MXA_WHY_DKIM_NONE] = "dkim-none",
	[MXA_WHY_DKIM_KEY_MISSING] = "dkim-key-missing",
	[MXA_WHY_DKIM_KEY_REVOKED] = "dkim-key-revoked",
	[MXA_WHY_DKIM_CHANGED] = "dkim-changed",
	[MXA_WHY_UNALIGNED] = "unaligned",
	[MXA_WHY_DMARC_MISSING] = "dmarc-missing",
	[MXA_WHY_FORWARDED] = "forwarded",
	[MXA_WHY_RESOLVED] = "resolved",
	[MXA_WHY_UNSPECIFIED] = "unspecified",
};

static const char *const action_names[] = {
	[MXA_FIX_PUBLISH_SPF] = "publish-spf",
	[MXA_FIX_EDIT_SPF] = "edit-spf",
	[MXA_FIX_MERGE_SPF] = "merge-spf",
	[MXA_FIX_SIGN_DKIM] = "sign-dkim",
	[MXA_FIX_PUBLISH_DKIM] = "publish-dkim",
	[MXA_FIX_ALIGN] = "align",
	[MXA_FIX_FORWARDER] = "forwarder",
	[MXA_FIX_PUBLISH_DMARC] = "publish-dmarc",
	[MXA_FIX_WAIT] = "wait",
	[MXA_FIX_NONE] = "none",
};

const char *mxa_why_name(enum mxa_why w)
{
	return w < MXA_WHYS ? why_names[w] : "unspecified";
}

const char *mxa_fix_action_name(enum mxa_fix_action f)
{
	return action_names[f];
}

/* One failure under the glass. */
struct glass {
	const struct mxa_explain_env *env;
	struct mxa_arena *a;
	const struct mxa_bounce *b;
	const struct mxa_failure *f;
	struct mxa_explained *out;
	struct mxa_senders senders;
	struct mxa_str author;	    /* From domain; empty: not known */
	struct mxa_str mail_domain; /* whose SPF record counts */
	struct mxa_walk walk;	    /* of the author */
	struct mxa_spf_verdict spf;
	unsigned why;
};

#define BIT(w) (1u << (w))

static void because(struct glass *g, enum mxa_why w)
{
	g->why |= BIT(w);
}

static bool text_in(const struct mxa_str *list, size_t n, struct mxa_str text)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_eq(list[i], text))
			return true;
	return false;
}

static void say(struct glass *g, const char *text)
{
	struct mxa_explained *o = g->out;
	struct mxa_str s = mxa_str_from(text);

	if (o->n_findings < MXA_MAX_FINDINGS &&
	    !text_in(o->finding, o->n_findings, s))
		o->finding[o->n_findings++] = s;
}

static void avoid(struct glass *g, const char *text)
{
	struct mxa_explained *o = g->out;
	struct mxa_str s = mxa_str_from(text);

	if (o->n_avoid < MXA_MAX_FIXES && !text_in(o->avoid, o->n_avoid, s))
		o->avoid[o->n_avoid++] = s;
}

/* The same action for the same name once. */
static void fix_add(struct glass *g, const struct mxa_fix *fix)
{
	struct mxa_explained *o = g->out;

	for (size_t i = 0; i < o->n_fixes; i++)
		if (o->fix[i].action == fix->action &&
		    mxa_str_eq(o->fix[i].name, fix->name) &&
		    (mxa_str_eq(o->fix[i].record, fix->record) ||
			fix->name.len > 0))
			return;
	if (o->n_fixes < MXA_MAX_FIXES)
		o->fix[o->n_fixes++] = *fix;
}

static void fix_text(
    struct glass *g, enum mxa_fix_action action, const char *text)
{
	struct mxa_fix fix = { .action = action,
		.name = MXA_STR(""),
		.record = MXA_STR(""),
		.old = MXA_STR(""),
		.text = mxa_str_from(text) };

	fix_add(g, &fix);
}

#define SAY(g, ...) say(g, mxa_arena_printf((g)->a, __VA_ARGS__))

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
	    mxa_provider_of(g->b->reporting_mta,
		&(struct mxa_said){ .text = MXA_STR("") })[0] == '\0' &&
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

static struct mxa_str org_of(struct glass *g, struct mxa_str name)
{
	const struct mxa_auth_options *o = g->env->engine.options;
	static const struct mxa_guess none;
	struct mxa_walk w;

	mxa_walk_begin(g->env->engine.budget, o->psl, name, &w);
	mxa_walk_complete(g->env->engine.budget, &w, true);
	return mxa_str_dup(g->a, mxa_walk_org(&w, &none).name);
}

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
	if (mxa_str_caseeq(one, two))
		return true;
	if (one.len == 0 || two.len == 0)
		return false;
	if (mxa_domain_within(one, two) || mxa_domain_within(two, one))
		return mxa_domain_labels(one) > 1 && mxa_domain_labels(two) > 1;
	return mxa_str_eq(org_of(g, one), org_of(g, two));
}

static bool aligned(struct glass *g, struct mxa_str domain, bool dkim)
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
		.senders = &g->senders,
		.verdict = &g->spf };
	enum mxa_why why;
	struct mxa_fix fix;

	if (g->spf.result == MXA_SPF_PASS)
		return false;
	say_spf(g);
	why = spf_why(&g->spf);
	/* nobody's address tells nothing about who is listed */
	if (g->senders.n == 0 && why == MXA_WHY_SPF_NOT_LISTED)
		return true;
	because(g, why);
	if (why == MXA_WHY_SPF_TEMPERROR) {
		fix_text(g, MXA_FIX_WAIT,
		    mxa_arena_printf(g->a,
			_("The name servers of %.*s do not answer properly. "
			  "See to them, wait and send again."),
			MXA_STR_ARG(g->mail_domain)));
		return true;
	}
	mxa_advise_spf(&c, &fix);
	fix_add(g, &fix);
	if (why == MXA_WHY_SPF_MISSING)
		avoid(g,
		    _("Do not weaken the DMARC policy instead: the record is "
		      "what is missing."));
	else if (fix.action == MXA_FIX_EDIT_SPF)
		avoid(g,
		    _("Do not publish a second SPF record beside the first: "
		      "two records are an error."));
	return true;
}

/* --- DKIM --- */

static void look_at_key(
    struct glass *g, struct mxa_str domain, struct mxa_str selector)
{
	struct mxa_str name =
	    mxa_str_from(mxa_arena_printf(g->a, "%.*s._domainkey.%.*s",
		MXA_STR_ARG(selector), MXA_STR_ARG(domain)));
	const struct mxa_dns_answer *answer = mxa_dns_lookup(
	    g->env->engine.budget, MXA_SHARE_OTHER, name, MXA_DNS_TXT);
	const struct mxa_keys *keys;
	struct mxa_fix fix = { .action = MXA_FIX_PUBLISH_DKIM,
		.name = name,
		.record = MXA_STR(""),
		.old = MXA_STR("") };

	if (mxa_dns_failed(answer->status)) {
		SAY(g, _("The DKIM key %.*s could not be asked: %s."),
		    MXA_STR_ARG(name), mxa_dns_status_name(answer->status));
		return;
	}
	keys = answer->n > 0 ? mxa_keys_of(answer) : NULL;
	if (keys != NULL && keys->n > 0 && keys->v[0].state == MXA_KEY_OK) {
		because(g, MXA_WHY_DKIM_CHANGED);
		SAY(g,
		    _("The DKIM key %.*s is there and in order: the message "
		      "was changed after it was signed, or signed with "
		      "another key."),
		    MXA_STR_ARG(name));
		fix_text(g, MXA_FIX_SIGN_DKIM,
		    mxa_arena_printf(g->a,
			_("Sign for %.*s on the last server that touches the "
			  "message, and send a test to a mailbox that shows "
			  "its header."),
			MXA_STR_ARG(domain)));
		return;
	}
	if (keys != NULL && keys->n > 0 &&
	    keys->v[0].state == MXA_KEY_REVOKED) {
		because(g, MXA_WHY_DKIM_KEY_REVOKED);
		SAY(g, _("The DKIM key %.*s is revoked (its p= is empty)."),
		    MXA_STR_ARG(name));
		fix.text = mxa_str_from(mxa_arena_printf(g->a,
		    _("Sign for %.*s with a key that is published: make a new "
		      "one under another selector, publish its record, then "
		      "let the signer use it. The selector %.*s is revoked."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(selector)));
	} else {
		because(g, MXA_WHY_DKIM_KEY_MISSING);
		SAY(g,
		    keys == NULL ? _("There is no DKIM key at %.*s.")
				 : _("The DKIM key at %.*s cannot be read."),
		    MXA_STR_ARG(name));
		fix.text = mxa_str_from(mxa_arena_printf(g->a,
		    _("Publish the public half of the key that signs for %.*s "
		      "as a TXT record at %.*s."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(name)));
	}
	fix_add(g, &fix);
}

static void look_at_dkim(struct glass *g)
{
	const struct mxa_returned *r = &g->b->returned;
	bool dmarc = (g->f->refusal.methods & MXA_BY_DMARC) != 0;
	size_t looked = 0;

	if (g->f->selector.len > 0) {
		look_at_key(g, g->f->domain, g->f->selector);
		return;
	}
	if (!r->there)
		return;
	if (r->n_sigs == 0) {
		because(g, MXA_WHY_DKIM_NONE);
		SAY(g, _("The returned message has no DKIM signature."));
		fix_text(g, MXA_FIX_SIGN_DKIM,
		    mxa_arena_printf(g->a,
			_("Let your mail server sign with DKIM for %.*s "
			  "(d=%.*s) and publish the key: a signature also "
			  "survives forwarding, which SPF does not."),
			MXA_STR_ARG(g->author), MXA_STR_ARG(g->author)));
		return;
	}
	for (size_t i = 0; i < r->n_sigs && looked < 4; i++) {
		if (r->sig[i].domain.len == 0 || r->sig[i].selector.len == 0 ||
		    (dmarc && !aligned(g, r->sig[i].domain, true)))
			continue;
		looked++;
		look_at_key(g, r->sig[i].domain, r->sig[i].selector);
	}
	if (looked > 0 || !dmarc)
		return;
	because(g, MXA_WHY_UNALIGNED);
	SAY(g,
	    _("The returned message is signed for %.*s, which does not align "
	      "with the author domain %.*s."),
	    MXA_STR_ARG(r->sig[0].domain), MXA_STR_ARG(g->author));
	fix_text(g, MXA_FIX_ALIGN,
	    mxa_arena_printf(g->a,
		_("Let the message be signed with d=%.*s, the domain of its "
		  "From address."),
		MXA_STR_ARG(g->author)));
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

	because(g, MXA_WHY_FORWARDED);
	SAY(g,
	    _("The message was sent on by somebody in between (a forwarding, "
	      "an alias or a list): it did not come from a server of %.*s."),
	    MXA_STR_ARG(g->mail_domain));
	fix_text(g, MXA_FIX_FORWARDER,
	    mxa_arena_printf(g->a,
		_("Who forwards must rewrite the envelope sender (SRS) and "
		  "leave signed parts alone; or the recipient fetches the "
		  "mail instead. What %.*s can do: sign with DKIM, which "
		  "survives forwarding."),
		MXA_STR_ARG(g->author)));
	if (g->f->ip.family != 0)
		avoid(g,
		    mxa_arena_printf(g->a,
			_("Do not add %s, the forwarder's address, to the SPF "
			  "record of %.*s: whoever sends from there could use "
			  "your name."),
			mxa_ip_format(&g->f->ip, ip),
			MXA_STR_ARG(g->mail_domain)));
	else
		avoid(g,
		    mxa_arena_printf(g->a,
			_("Do not add the forwarder's addresses to the SPF "
			  "record of %.*s: whoever sends from there could use "
			  "your name."),
			MXA_STR_ARG(g->mail_domain)));
}

/* --- DMARC --- */

static void look_at_dmarc_record(struct glass *g)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(g, &at);
	struct mxa_fix fix = { .action = MXA_FIX_PUBLISH_DMARC,
		.record = MXA_STR("v=DMARC1; p=none"),
		.old = MXA_STR(""),
		.verified = true };

	if (r != NULL) {
		SAY(g, _("The DMARC record at _dmarc.%.*s says: %.*s."),
		    MXA_STR_ARG(at), MXA_STR_ARG(r->text));
		return;
	}
	if (g->f->refusal.class != MXA_RF_NO_DMARC)
		return;
	because(g, MXA_WHY_DMARC_MISSING);
	fix.name = mxa_str_from(
	    mxa_arena_printf(g->a, "_dmarc.%.*s", MXA_STR_ARG(g->author)));
	fix.text = mxa_str_from(mxa_arena_printf(g->a,
	    _("Publish this TXT record at %.*s: \"%.*s\". It asks for nothing "
	      "yet; see to it that SPF or DKIM pass for %.*s."),
	    MXA_STR_ARG(fix.name), MXA_STR_ARG(fix.record),
	    MXA_STR_ARG(g->author)));
	fix_add(g, &fix);
}

static bool signature_aligned(struct glass *g)
{
	for (size_t i = 0; i < g->b->returned.n_sigs; i++)
		if (aligned(g, g->b->returned.sig[i].domain, true))
			return true;
	return false;
}

/* The envelope sender is of another domain than From. */
static bool look_at_alignment(struct glass *g)
{
	if (g->author.len == 0 || g->mail_domain.len == 0 ||
	    aligned(g, g->mail_domain, false))
		return true;
	if (!signature_aligned(g)) {
		because(g, MXA_WHY_UNALIGNED);
		SAY(g,
		    _("The envelope sender's domain %.*s does not align with "
		      "the author domain %.*s: a pass of SPF there counts for "
		      "nothing here."),
		    MXA_STR_ARG(g->mail_domain), MXA_STR_ARG(g->author));
		fix_text(g, MXA_FIX_ALIGN,
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

	because(g, MXA_WHY_RESOLVED);
	if (g->senders.n > 0)
		mxa_ip_format(&g->senders.ip[0], ip);
	SAY(g,
	    _("Today SPF passes for %.*s and %s (%.*s): the record was "
	      "corrected since."),
	    MXA_STR_ARG(g->mail_domain), ip, MXA_STR_ARG(g->spf.mechanism));
	fix_text(g, MXA_FIX_NONE,
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
		look_at_dkim(g);
}

static void unspecified(struct glass *g)
{
	const struct mxa_failure *f = g->f;

	because(g, MXA_WHY_UNSPECIFIED);
	SAY(g,
	    _("The receiver does not say what exactly failed, and the DNS "
	      "shows no mistake that can be seen from here."));
	if (f->temporary)
		fix_text(g, MXA_FIX_WAIT,
		    _("The refusal is temporary: wait for the next try."));
	else
		fix_text(g, MXA_FIX_NONE,
		    _("Give the address that sent (the relay with --relay) "
		      "or the whole returned message, and ask again."));
}

static bool same_case(const struct mxa_failure *x, const struct mxa_failure *y)
{
	return x->refusal.class == y->refusal.class &&
	    x->refusal.methods == y->refusal.methods &&
	    x->identity == y->identity && mxa_str_eq(x->domain, y->domain) &&
	    x->temporary == y->temporary &&
	    mxa_str_eq(x->selector, y->selector) &&
	    mxa_str_eq(x->original, y->original) && mxa_ip_eq(&x->ip, &y->ip);
}

/* What is no matter of authentication, said once for each kind. */
static void say_other(struct glass *g)
{
	static const struct {
		enum mxa_refusal_class class;
		const char *text;
	} words[] = {
		{ MXA_RF_UNKNOWN_USER,
		    N_("The recipient's address does not exist there (some "
		       "providers also say so to hide a filter). Check its "
		       "spelling.") },
		{ MXA_RF_MAILBOX_FULL,
		    N_("The recipient's mailbox is full. Only the recipient "
		       "can change that.") },
		{ MXA_RF_BLACKLIST,
		    N_("The sending address is on a list of bad senders or "
		       "has a bad reputation. Find out why, then ask the "
		       "list to take it off.") },
		{ MXA_RF_RDNS,
		    N_("The sending address has no proper name in the DNS "
		       "(PTR record). Who owns the address must set it, to "
		       "a name that leads back to the address.") },
		{ MXA_RF_FROM_HEADER,
		    N_("The From field of the message is missing or "
		       "malformed. The sending program must be mended.") },
		{ MXA_RF_TLS,
		    N_("The receiver wants an encrypted connection (TLS).") },
		{ MXA_RF_NULL_MX,
		    N_("The sender's domain says that it takes no mail (null "
		       "MX), so nobody takes mail from it.") },
		{ MXA_RF_RATE,
		    N_("Too much mail came in a short time. Wait, and send "
		       "more slowly.") },
		{ MXA_RF_GREYLIST,
		    N_("The receiver wants a second try later "
		       "(greylisting). A mail server does that by "
		       "itself.") },
		{ MXA_RF_CONTENT,
		    N_("The receiver does not like the content (spam or "
		       "virus filter).") },
		{ MXA_RF_SIZE, N_("The message is too large.") },
		{ MXA_RF_RELAY,
		    N_("The server does not take mail for that domain from "
		       "this sender (relaying).") },
		{ MXA_RF_ROUTING,
		    N_("No server of the recipient's domain could be found "
		       "or reached.") },
		{ MXA_RF_RULE,
		    N_("A rule of the recipient's own administrator refused "
		       "it. Only the recipient can have it changed.") },
		{ MXA_RF_DISABLED, N_("The recipient's account is disabled.") },
		{ MXA_RF_OTHER,
		    N_("The receiver's words name no matter of "
		       "authentication.") },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (words[i].class == g->f->refusal.class) {
			say(g, _(words[i].text));
			fix_text(g,
			    g->f->temporary ? MXA_FIX_WAIT : MXA_FIX_NONE,
			    _(words[i].text));
		}
}

static void look(struct glass *g)
{
	g->why = 0;
	if (!mxa_refusal_is_auth(g->f->refusal.class)) {
		say_other(g);
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
