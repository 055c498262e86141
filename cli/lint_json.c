/* lint_json.c - the lint's findings as JSON. */
#include "base/i18n.h"
#include "cli/lint_out.h"

static void put_finding(struct mxa_json *j, const struct mxa_finding *f)
{
	const struct mxa_fix *fix = &f->fix;

	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "code", mxa_lint_code_name(f->code));
	mxa_json_word(j, "severity", mxa_lint_severity_name(f->severity));
	mxa_json_str(j, "name", f->name);
	mxa_json_str(j, "text", f->evidence);
	mxa_json_str(j, "fix", fix->new.len > 0 ? fix->new : fix->advice);
	mxa_json_str_or_null(j, "publish_at", fix->name);
	mxa_json_str_or_null(j, "old", fix->old);
	mxa_json_bool(j, "verified", fix->verified);
	mxa_json_close(j, '}');
}

/* --- SPF --- */

static void put_record(
    struct mxa_json *j, const char *key, const struct mxa_lint_record *r);

static void put_term(struct mxa_json *j, const struct mxa_lint_term *t)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "term", t->text);
	mxa_json_str_or_null(j, "target", t->target);
	mxa_json_list(j, "found", t->found, t->n);
	mxa_json_int(j, "more", (int64_t)t->more);
	mxa_json_int(j, "lookups", t->lookups);
	mxa_json_bool(j, "unreachable", t->unreachable);
	put_record(j, "record", t->record);
	mxa_json_close(j, '}');
}

static void put_record(
    struct mxa_json *j, const char *key, const struct mxa_lint_record *r)
{
	if (r == NULL) {
		mxa_json_null(j, key);
		return;
	}
	mxa_json_open(j, key, '{');
	mxa_json_str(j, "domain", r->domain);
	mxa_json_str_or_null(j, "record", r->text);
	mxa_json_text(j, "trouble", r->trouble);
	mxa_json_int(j, "lookups", r->lookups);
	mxa_json_open(j, "terms", '[');
	for (const struct mxa_lint_term *t = r->first; t; t = t->next)
		put_term(j, t);
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void put_senders(struct mxa_json *j, const struct mxa_lint_sender *s)
{
	mxa_json_open(j, "senders", '[');
	for (; s != NULL; s = s->next) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "ip", s->ip);
		mxa_json_word(j, "result", mxa_spf_result_name(s->result));
		mxa_json_word(j, "iprev", mxa_iprev_result_name(s->iprev));
		mxa_json_str_or_null(j, "name", s->name);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void put_spf(struct mxa_json *j, const struct mxa_lint_spf *s)
{
	mxa_json_open(j, "spf", '{');
	mxa_json_str_or_null(j, "proposed", s->proposal.record);
	mxa_json_list(
	    j, "proposed_notes", s->proposal.note, s->proposal.n_notes);
	mxa_json_str_or_null(
	    j, "record", s->tree ? s->tree->text : MXA_STR(""));
	mxa_json_int(j, "lookups", s->lookups);
	mxa_json_bool(j, "lookups_at_least", s->lookups_cut);
	mxa_json_int(j, "void_lookups", s->voids);
	mxa_json_int(j, "ipv4_addresses", (int64_t)s->ipv4);
	put_senders(j, s->senders);
	put_record(j, "tree", s->tree);
	mxa_json_close(j, '}');
}

/* --- DKIM --- */

const char *lint_source_name(enum mxa_lint_source s)
{
	switch (s) {
	case MXA_SELECTOR_NAMED:
		return N_("named");
	case MXA_SELECTOR_SEEN:
		return N_("journal");
	case MXA_SELECTOR_KNOWN:
		return N_("well-known");
	}
	return "";
}

static void put_key(struct mxa_json *j, const struct mxa_lint_key *k)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "selector", k->selector);
	mxa_json_word(j, "source", lint_source_name(k->source));
	mxa_json_str(j, "name", k->name);
	mxa_json_str_or_null(j, "record", k->key.record);
	mxa_json_word(j, "state", mxa_dkim_key_state_name(k->key.state));
	mxa_json_text(j, "type", k->key.type);
	mxa_json_int(j, "bits", k->key.bits);
	mxa_json_bool(j, "testing", k->key.testing);
	mxa_json_close(j, '}');
}

/* --- DMARC --- */

static void put_walk(struct mxa_json *j, const struct mxa_lint_dmarc *d)
{
	mxa_json_open(j, "walk", '[');
	for (size_t i = 0; i < d->n_walk; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "name", d->walk[i].name);
		mxa_json_str_or_null(j, "record", d->walk[i].record);
		mxa_json_bool(j, "failed", d->walk[i].failed);
		mxa_json_bool(j, "several", d->walk[i].several);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void put_uris(struct mxa_json *j, const struct mxa_lint_uri *u)
{
	mxa_json_open(j, "reports", '[');
	for (; u != NULL; u = u->next) {
		mxa_json_open(j, NULL, '{');
		mxa_json_word(j, "tag", u->failure ? "ruf" : "rua");
		mxa_json_str(j, "uri", u->uri);
		mxa_json_str_or_null(j, "host", u->host);
		mxa_json_bool(j, "external", u->external);
		mxa_json_bool(j, "authorised", u->authorised);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void put_policy(struct mxa_json *j, const char *key,
    const struct mxa_lint_dmarc *d, enum mxa_dmarc_policy p)
{
	mxa_json_text(j, key, d->known ? mxa_dmarc_policy_name(p) : NULL);
}

static void put_dmarc(struct mxa_json *j, const struct mxa_lint_dmarc *d)
{
	mxa_json_open(j, "dmarc", '{');
	mxa_json_str_or_null(j, "record", d->record);
	mxa_json_str_or_null(j, "record_domain", d->record_domain);
	mxa_json_str_or_null(j, "org", d->org);
	mxa_json_bool(j, "inherited", d->inherited);
	put_policy(j, "policy", d, d->policy);
	put_policy(j, "sp", d, d->sp);
	put_policy(j, "np", d, d->np);
	mxa_json_bool(j, "testing", d->testing);
	put_walk(j, d);
	put_uris(j, d->uris);
	mxa_json_close(j, '}');
}

static void put_holds(
    struct mxa_json *j, const char *key, enum mxa_lint_holds holds)
{
	if (holds == MXA_LINT_NOT_KNOWN)
		mxa_json_null(j, key);
	else
		mxa_json_bool(j, key, holds == MXA_LINT_HOLDS);
}

static void put_bulk(struct mxa_json *j, const struct mxa_lint_bulk *b)
{
	mxa_json_open(j, "bulk_sender", '{');
	put_holds(j, "spf", b->spf);
	put_holds(j, "dkim", b->dkim);
	put_holds(j, "dmarc", b->dmarc);
	put_holds(j, "alignment", b->alignment);
	put_holds(j, "ptr", b->ptr);
	mxa_json_close(j, '}');
}

void lint_json(struct mxa_json *j, const struct mxa_lint *l)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "domain", l->domain);
	put_bulk(j, &l->bulk);
	mxa_json_open(j, "findings", '[');
	for (const struct mxa_finding *f = l->first; f; f = f->next)
		put_finding(j, f);
	mxa_json_close(j, ']');
	mxa_json_int(j, "findings_left_out", (int64_t)l->dropped);
	put_spf(j, &l->spf);
	mxa_json_open(j, "dkim", '[');
	for (const struct mxa_lint_key *k = l->keys; k; k = k->next)
		put_key(j, k);
	mxa_json_close(j, ']');
	put_dmarc(j, &l->dmarc);
	mxa_json_open(j, "mx", '{');
	mxa_json_list(j, "hosts", l->mx.host, l->mx.n);
	mxa_json_bool(j, "null", l->mx.null);
	mxa_json_close(j, '}');
	mxa_json_close(j, '}');
}
