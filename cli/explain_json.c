/* explain_json.c - what explain says, as JSON. */
#include "cli/explain_json.h"

#include "base/i18n.h"
#include "explain/receiver.h"

void cli_write_causes(struct mxa_json *j, unsigned why)
{
	mxa_json_open(j, "causes", '[');
	for (unsigned w = 0; w < MXA_WHYS; w++)
		if (why & 1u << w)
			mxa_json_word(j, NULL, mxa_why_name(w));
	mxa_json_close(j, ']');
}

void cli_write_methods(struct mxa_json *j, unsigned methods)
{
	mxa_json_open(j, "methods", '[');
	if (methods & MXA_BY_SPF)
		mxa_json_word(j, NULL, "spf");
	if (methods & MXA_BY_DKIM)
		mxa_json_word(j, NULL, "dkim");
	if (methods & MXA_BY_DMARC)
		mxa_json_word(j, NULL, "dmarc");
	mxa_json_close(j, ']');
}

static void write_failure(struct mxa_json *j, const struct mxa_failure *f,
    struct mxa_str provider, unsigned why)
{
	char ip[MXA_IP_TEXT];

	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "recipient", f->recipient);
	mxa_json_bool(j, "auth_failure", mxa_refusal_is_auth(f->refusal.class));
	cli_write_methods(j, f->refusal.methods);
	mxa_json_str(j, "domain", f->domain);
	mxa_json_word(j, "identity", mxa_identity_name(f->identity));
	mxa_json_word(j, "ip", mxa_ip_format(&f->ip, ip));
	mxa_json_str(j, "remote_mta", f->remote_mta);
	mxa_json_str(j, "status", f->status);
	mxa_json_text(j, "reply", f->said.code);
	mxa_json_str(j, "provider", provider);
	mxa_json_word(j, "class", mxa_refusal_class_name(f->refusal.class));
	mxa_json_word(j, "stage", mxa_stage_name(f->said.stage));
	mxa_json_bool(j, "temporary", f->temporary);
	cli_write_causes(j, why);
	mxa_json_str(j, "evidence", f->evidence);
	mxa_json_close(j, '}');
}

/* The failures that the fix is for. */
static void write_for(struct mxa_json *j, const struct mxa_advice *advice,
    const struct mxa_bounce *b, const struct mxa_explained *x)
{
	mxa_json_open(j, "for", '[');
	for (size_t i = 0; i < b->n; i++)
		if (x->case_of[i] < MXA_MAX_CASES &&
		    (advice->cases >> x->case_of[i] & 1) != 0)
			mxa_json_int(j, NULL, (int64_t)i);
	mxa_json_close(j, ']');
}

static void write_fix_fields(
    struct mxa_json *j, const struct mxa_advice *advice)
{
	mxa_json_word(j, "action", mxa_fix_action_name(advice->action));
	mxa_json_str(j, "name", advice->fix.name);
	mxa_json_word(j, "type", advice->fix.name.len ? "TXT" : "");
	mxa_json_str(j, "record", advice->fix.new);
	mxa_json_str(j, "old", advice->fix.old);
	mxa_json_bool(j, "verified", advice->fix.verified);
	mxa_json_str(j, "text", advice->text);
}

void cli_write_fix(struct mxa_json *j, const struct mxa_advice *advice)
{
	mxa_json_open(j, NULL, '{');
	write_fix_fields(j, advice);
	mxa_json_close(j, '}');
}

static void write_fix_for(struct mxa_json *j, const struct mxa_advice *advice,
    const struct mxa_bounce *b, const struct mxa_explained *x)
{
	mxa_json_open(j, NULL, '{');
	write_fix_fields(j, advice);
	write_for(j, advice, b, x);
	mxa_json_close(j, '}');
}

static void write_statement(struct mxa_json *j, const struct mxa_statement *s)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "code", mxa_topic_name(s->topic));
	mxa_json_text(j, "finding",
	    s->finding ? mxa_lint_code_name(s->finding->code) : NULL);
	mxa_json_str(j, "text", s->text);
	mxa_json_close(j, '}');
}

void cli_write_explained(struct mxa_json *j, struct mxa_arena *a,
    const struct mxa_psl *psl, const struct mxa_bounce *b,
    const struct mxa_explained *x)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "kind", mxa_bounce_kind_name(b->kind));
	mxa_json_bool(j, "auth_failure", x->auth_failure);
	mxa_json_str(j, "summary", x->summary);
	mxa_json_open(j, "failures", '[');
	for (size_t i = 0; i < b->n; i++)
		write_failure(j, &b->v[i], mxa_receiver_name(a, psl, &b->v[i]),
		    x->why[i]);
	mxa_json_close(j, ']');
	mxa_json_open(j, "findings", '[');
	for (size_t i = 0; i < x->n_statements; i++)
		write_statement(j, &x->statement[i]);
	mxa_json_close(j, ']');
	mxa_json_open(j, "fixes", '[');
	for (size_t i = 0; i < x->n_advice; i++)
		write_fix_for(j, &x->advice[i], b, x);
	mxa_json_close(j, ']');
	mxa_json_list(j, "avoid", x->avoid, x->n_avoid);
	if (b->kind == MXA_NOT_A_BOUNCE && b->reason != NULL)
		mxa_json_text(j, "text", _(b->reason));
	if (b->more)
		mxa_json_bool(j, "truncated", true);
	mxa_json_close(j, '}');
}
