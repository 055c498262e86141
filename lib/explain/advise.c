/* advise.c - the record to publish: the terms that are there and what is
 * missing, evaluated before it is proposed. */
#include "explain/advise.h"

#include <string.h>

#include "auth/spf/published.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "record/spf_edit.h"

/* What is known and decided about one proposal. */
struct advice {
	const struct mxa_spf_case *c;
	struct mxa_arena *a;
	struct mxa_fix *fix;
	struct mxa_terms old;	 /* n == 0: no record */
	size_t records;		 /* published now */
	struct mxa_str provider; /* empty: none covers it */
	struct mxa_str parent;	 /* lists it; empty: none */
	struct mxa_buf notes;	 /* sentences behind the proposal */
	bool too_many;		 /* an include would have been one too many */
};

/* --- trying --- */

static struct mxa_trial try(
    struct advice *ad, struct mxa_str record, const struct mxa_ip *ip)
{
	struct mxa_trial t;

	mxa_spf_try(&ad->c->env->engine, ad->c->domain, record, ip, &t);
	return t;
}

/* Addresses of nobody: reserved ones.  A provider's include covers the
 * neighbours of the sender, and rightly so. */
static bool stranger_passes(
    struct advice *ad, struct mxa_str record, struct mxa_trial *t)
{
	static const struct mxa_ip nobody[] = {
		{ 4, { 240, 1, 2, 3 } },
		{ 4, { 198, 18, 77, 7 } },
		{ 4, { 100, 64, 3, 3 } },
		{ 6, { 0x01, 0x00, 0, 0, 0, 0, 0, 0, 7, 7 } },
		{ 6, { 0x20, 0x01, 0, 2, 0, 0, 7 } },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(nobody); i++) {
		*t = try(ad, record, &nobody[i]);
		if (t->result == MXA_SPF_PASS ||
		    t->result == MXA_SPF_PERMERROR ||
		    t->result == MXA_SPF_TEMPERROR)
			return true;
	}
	return false;
}

/* Passes for each sender, is sound to its end, and passes for no stranger. */
static bool verified(
    struct advice *ad, struct mxa_str record, struct mxa_trial *t)
{
	const struct mxa_senders *s = ad->c->senders;

	for (size_t i = 0; i < s->n; i++) {
		*t = try(ad, record, &s->ip[i]);
		if (t->result != MXA_SPF_PASS)
			return false;
	}
	return s->n > 0 && !stranger_passes(ad, record, t);
}

static void note(struct advice *ad, const char *text)
{
	if (ad->notes.len > 0)
		mxa_buf_addc(&ad->notes, ' ');
	mxa_buf_adds(&ad->notes, text);
}

/* --- what is missing --- */

static const char *ip_term(struct mxa_arena *a, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];

	return mxa_arena_printf(a, "%s:%s", ip->family == 6 ? "ip6" : "ip4",
	    mxa_ip_format(ip, text));
}

/* Terms for the senders that do not pass with what is in 'terms'. */
static void add_senders(
    struct advice *ad, struct mxa_terms *terms, bool with_include)
{
	const struct mxa_senders *s = ad->c->senders;

	for (size_t i = 0; i < s->n; i++) {
		struct mxa_trial t =
		    try(ad, mxa_terms_text(ad->a, terms), &s->ip[i]);
		const char *term;

		if (t.result == MXA_SPF_PASS)
			continue;
		if (with_include && ad->provider.len > 0)
			term = mxa_arena_printf(
			    ad->a, "include:%.*s", MXA_STR_ARG(ad->provider));
		else
			term = ip_term(ad->a, &s->ip[i]);
		mxa_terms_insert(terms, mxa_str_from(term));
		t = try(ad, mxa_terms_text(ad->a, terms), &s->ip[i]);
		/* a term before it says no: the new one goes first */
		if (t.result != MXA_SPF_PASS && t.result != MXA_SPF_PERMERROR &&
		    mxa_terms_remove(terms, mxa_str_from(term)))
			mxa_terms_insert_first(terms, mxa_str_from(term));
	}
}

/* --- mending what is there --- */

/* Terms of our own record whose target has no record: an include of the
 * relay's host becomes that of its domain, others go. */
static void drop_broken(struct advice *ad, struct mxa_terms *terms)
{
	static const struct mxa_ip nobody = { 4, { 240, 1, 2, 3 } };

	for (unsigned i = 0; i < 5; i++) {
		struct mxa_trial t =
		    try(ad, mxa_terms_text(ad->a, terms), &nobody);

		if (t.result != MXA_SPF_PERMERROR ||
		    t.cause != MXA_SPF_CAUSE_NO_TARGET || t.term.len == 0)
			return;
		if (!mxa_str_caseeq(t.owner, ad->c->domain)) {
			note(ad,
			    mxa_arena_printf(ad->a,
				_("The record of %.*s, which yours "
				  "includes, is broken itself at \"%.*s\": "
				  "its owner must mend it."),
				MXA_STR_ARG(t.owner), MXA_STR_ARG(t.term)));
			return;
		}
		note(ad,
		    mxa_arena_printf(ad->a,
			_("\"%.*s\" is taken out: there is no SPF record "
			  "at that name, and the whole record fails by "
			  "it."),
			MXA_STR_ARG(t.term)));
		if (!mxa_terms_remove(terms, t.term))
			return;
	}
}

/* More than ten lookups: addresses instead of names, in the order in which it
 * costs least to keep them right. */
static bool shrink(struct advice *ad, struct mxa_terms *terms)
{
	struct mxa_trial t;

	mxa_terms_unique(terms);
	for (unsigned step = 0; step < 40; step++) {
		if (verified(ad, mxa_terms_text(ad->a, terms), &t))
			return true;
		if (t.result != MXA_SPF_PERMERROR ||
		    (t.cause != MXA_SPF_CAUSE_LOOKUPS &&
			t.cause != MXA_SPF_CAUSE_VOIDS &&
			t.cause != MXA_SPF_CAUSE_MX_HOSTS))
			return false;
		if (!mxa_terms_flatten(
			&ad->c->env->engine, ad->c->domain, terms))
			return false;
	}
	return false;
}

/* --- proposals --- */

/* Propose 'terms' as they are, or with addresses where names are too many. */
static void propose(struct advice *ad, struct mxa_terms *base, bool missing)
{
	struct mxa_terms terms = *base;
	struct mxa_fix *fix = ad->fix;
	struct mxa_trial t;

	if (missing)
		add_senders(ad, &terms, true);
	fix->record = mxa_terms_text(ad->a, &terms);
	fix->verified = verified(ad, fix->record, &t);
	if (fix->verified)
		return;
	if (missing && ad->provider.len > 0 &&
	    t.cause == MXA_SPF_CAUSE_LOOKUPS && t.result == MXA_SPF_PERMERROR) {
		ad->too_many = true;
		terms = *base;
		add_senders(ad, &terms, false);
		fix->record = mxa_terms_text(ad->a, &terms);
		fix->verified = verified(ad, fix->record, &t);
		note(ad,
		    mxa_arena_printf(ad->a,
			_("include:%.*s would be shorter, but takes the "
			  "record beyond the ten DNS lookups that SPF "
			  "allows."),
			MXA_STR_ARG(ad->provider)));
	}
	if (fix->verified || t.result != MXA_SPF_PERMERROR)
		return;
	if (shrink(ad, &terms)) {
		fix->record = mxa_terms_text(ad->a, &terms);
		fix->verified = true;
		note(ad,
		    _("Names were replaced by their addresses of today, "
		      "because the record needs more than ten DNS "
		      "lookups: look after them when a server moves."));
	}
}

/* The first record of a domain that has none. */
static void propose_new(struct advice *ad)
{
	struct mxa_terms terms = { .n = 0 };
	const struct mxa_senders *s = ad->c->senders;
	bool host = ad->c->identity == MXA_SPF_HELO;
	struct mxa_trial t;

	mxa_terms_parse(&terms,
	    host ? MXA_STR("v=spf1 a -all") : MXA_STR("v=spf1 mx ~all"));
	ad->fix->record = mxa_terms_text(ad->a, &terms);
	if (ad->provider.len == 0) {
		ad->fix->verified = verified(ad, ad->fix->record, &t);
		if (ad->fix->verified)
			return;
	}
	if (s->n == 0)
		return;
	mxa_terms_parse(&terms, MXA_STR("v=spf1 ~all"));
	propose(ad, &terms, true);
}

/* --- words --- */

static const char *senders_text(struct advice *ad)
{
	const struct mxa_senders *s = ad->c->senders;
	char text[MXA_IP_TEXT];
	struct mxa_buf b;

	mxa_buf_init(&b, ad->a, 1000);
	for (size_t i = 0; i < s->n; i++)
		mxa_buf_printf(
		    &b, "%s%s", i ? ", " : "", mxa_ip_format(&s->ip[i], text));
	return mxa_buf_cstr(&b);
}

static void note_origin(struct advice *ad)
{
	const struct mxa_senders *s = ad->c->senders;

	switch (s->how) {
	case MXA_SENDER_SAID:
		break;
	case MXA_SENDER_RELAY:
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The bounce names no address; those of the "
			  "relay %.*s were taken."),
			MXA_STR_ARG(s->host)));
		break;
	case MXA_SENDER_REPORTER:
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The bounce names no address; that of %.*s, "
			  "which wrote it, was taken."),
			MXA_STR_ARG(s->host)));
		break;
	case MXA_SENDER_MX:
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The bounce names no address; it is inferred "
			  "that the MX of %.*s also sends. Add every "
			  "other server that does."),
			MXA_STR_ARG(ad->c->domain)));
		break;
	case MXA_SENDER_HOST:
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The bounce names no address; that of %.*s "
			  "itself was taken."),
			MXA_STR_ARG(s->host)));
		break;
	case MXA_SENDER_UNKNOWN:
		note(ad,
		    _("The bounce names no address and none could be "
		      "inferred: add the address of each server that "
		      "sends."));
		break;
	}
}

static void note_owner(struct advice *ad)
{
	if (ad->provider.len > 0 && !ad->too_many)
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The address belongs to %.*s, whose own record "
			  "covers it and is kept up to date by its "
			  "owner."),
			MXA_STR_ARG(ad->provider)));
	if (ad->parent.len > 0)
		note(ad,
		    mxa_arena_printf(ad->a,
			_("The record of %.*s lists the address already, "
			  "but a record counts for its own name only, "
			  "never for names below it."),
			MXA_STR_ARG(ad->parent)));
}

static void say(struct advice *ad)
{
	struct mxa_fix *fix = ad->fix;
	struct mxa_str d = ad->c->domain;
	const char *first;

	note_owner(ad);
	note_origin(ad);
	if (fix->verified)
		note(ad,
		    mxa_arena_printf(ad->a,
			_("Evaluated before it is published: it passes "
			  "for %s, and for no stranger."),
			senders_text(ad)));
	else
		note(ad,
		    _("It could not be proved that this record passes: "
		      "check it with \"mxauth spf\" once it is "
		      "published."));
	switch (fix->action) {
	case MXA_FIX_PUBLISH_SPF:
		first = _("Publish this TXT record at %.*s: \"%.*s\".");
		break;
	case MXA_FIX_MERGE_SPF:
		first = _("Delete all SPF records at %.*s but one, and let "
			  "that one be: \"%.*s\".");
		break;
	default:
		first = _("Change the TXT record at %.*s to: \"%.*s\".");
		break;
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fix->text = mxa_str_from(mxa_arena_printf(
	    ad->a, first, MXA_STR_ARG(d), MXA_STR_ARG(fix->record)));
#pragma GCC diagnostic pop
	fix->text = mxa_str_from(mxa_arena_printf(ad->a, "%.*s %s",
	    MXA_STR_ARG(fix->text), mxa_buf_cstr(&ad->notes)));
}

/* --- all of it --- */

/* The published records; several become one. */
static void read_published(struct advice *ad)
{
	const struct mxa_dns_answer *answer =
	    mxa_dns_lookup(ad->c->env->engine.budget, MXA_SHARE_SPF,
		ad->c->domain, MXA_DNS_TXT);

	for (size_t i = 0; i < answer->n && ad->records < 20; i++) {
		struct mxa_str text = answer->rr[i].text;

		if (!mxa_spf_is_record(text))
			continue;
		if (ad->records++ == 0) {
			ad->fix->old = mxa_str_dup(ad->a, text);
			mxa_terms_parse(&ad->old, mxa_str_dup(ad->a, text));
		} else {
			mxa_terms_merge(&ad->old, mxa_str_dup(ad->a, text));
		}
	}
}

/* Repair what keeps the record from being evaluated at all. */
static void mend(struct advice *ad)
{
	struct mxa_str wrong;

	if (ad->c->verdict->cause == MXA_SPF_CAUSE_SYNTAX &&
	    mxa_str_caseeq(ad->c->verdict->record_domain, ad->c->domain))
		while (mxa_terms_correct(ad->a, &ad->old, &wrong))
			note(ad,
			    mxa_arena_printf(ad->a,
				_("\"%.*s\" is not SPF: it was corrected "
				  "or taken out."),
				MXA_STR_ARG(wrong)));
	drop_broken(ad, &ad->old);
}

void mxa_advise_spf(const struct mxa_spf_case *c, struct mxa_fix *fix)
{
	struct advice ad = { .c = c, .a = c->env->engine.arena, .fix = fix };

	memset(fix, 0, sizeof(*fix));
	fix->name = c->domain;
	fix->old = MXA_STR("");
	ad.provider = ad.parent = MXA_STR("");
	mxa_buf_init(&ad.notes, ad.a, 8000);
	read_published(&ad);
	if (c->senders->n > 0 &&
	    (c->senders->how == MXA_SENDER_SAID ||
		c->senders->how == MXA_SENDER_RELAY)) {
		ad.provider = mxa_spf_provider(&c->env->engine, c->domain,
		    &c->senders->ip[0], c->env->relay);
		ad.parent = mxa_spf_parent(
		    &c->env->engine, c->domain, &c->senders->ip[0]);
	}
	if (ad.records == 0) {
		fix->action = MXA_FIX_PUBLISH_SPF;
		propose_new(&ad);
	} else {
		fix->action =
		    ad.records > 1 ? MXA_FIX_MERGE_SPF : MXA_FIX_EDIT_SPF;
		mend(&ad);
		propose(&ad, &ad.old, true);
	}
	say(&ad);
}
