/* explain.c - every failure of a bounce looked into once, and what was found.
 */
#include "explain/explain.h"

#include <string.h>

#include "explain/diagnosis.h"

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

static const char *const topic_names[] = {
	[MXA_TOPIC_SENDER] = "sender",
	[MXA_TOPIC_PTR] = "ptr",
	[MXA_TOPIC_SPF] = "spf",
	[MXA_TOPIC_DKIM] = "dkim",
	[MXA_TOPIC_ALIGNMENT] = "alignment",
	[MXA_TOPIC_DMARC] = "dmarc",
	[MXA_TOPIC_FORWARDED] = "forwarded",
	[MXA_TOPIC_REPLY] = "reply",
	[MXA_TOPIC_UNKNOWN] = "unknown",
};

const char *mxa_why_name(enum mxa_why w)
{
	return w < MXA_WHYS ? why_names[w] : "unspecified";
}

const char *mxa_fix_action_name(enum mxa_fix_action f)
{
	return action_names[f];
}

const char *mxa_advice_replaces(const struct mxa_advice *advice)
{
	return advice->action == MXA_FIX_MERGE_SPF
	    ? _("It replaces all SPF records of today; the first is:")
	    : _("It replaces today's record:");
}

const char *mxa_topic_name(enum mxa_topic t)
{
	return topic_names[t];
}

/* --- notes of the result --- */

void mxa_diagnosis_because(struct mxa_diagnosis *d, enum mxa_why w)
{
	d->why |= MXA_WHY_BIT(w);
}

static void add_statement(
    struct mxa_explained *o, const struct mxa_statement *s)
{
	for (size_t i = 0; i < o->n_statements; i++)
		if (mxa_str_eq(o->statement[i].text, s->text))
			return;
	if (o->n_statements < MXA_MAX_STATEMENTS)
		o->statement[o->n_statements++] = *s;
}

void mxa_diagnosis_say(
    struct mxa_diagnosis *d, enum mxa_topic topic, const char *text)
{
	struct mxa_statement s = { topic, mxa_str_from(text), NULL };

	add_statement(d->out, &s);
}

void mxa_diagnosis_found(
    struct mxa_diagnosis *d, enum mxa_topic topic, const struct mxa_finding *f)
{
	struct mxa_statement s = { topic, f->evidence, f };

	add_statement(d->out, &s);
}

void mxa_diagnosis_avoid(struct mxa_diagnosis *d, const char *text)
{
	struct mxa_explained *o = d->out;
	struct mxa_str s = mxa_str_from(text);

	for (size_t i = 0; i < o->n_avoid; i++)
		if (mxa_str_eq(o->avoid[i], s))
			return;
	if (o->n_avoid < MXA_MAX_FIXES)
		o->avoid[o->n_avoid++] = s;
}

static bool same_advice(const struct mxa_advice *x, const struct mxa_advice *y)
{
	if (x->action != y->action || !mxa_str_eq(x->fix.name, y->fix.name))
		return false;
	if (x->fix.name.len > 0)
		return true;
	return mxa_str_eq(x->text, y->text);
}

void mxa_diagnosis_advise(
    struct mxa_diagnosis *d, const struct mxa_advice *advice)
{
	struct mxa_explained *o = d->out;
	uint64_t bit = (uint64_t)1 << d->number;

	for (size_t i = 0; i < o->n_advice; i++)
		if (same_advice(&o->advice[i], advice)) {
			o->advice[i].cases |= bit;
			return;
		}
	if (o->n_advice == MXA_MAX_FIXES)
		return;
	o->advice[o->n_advice] = *advice;
	o->advice[o->n_advice++].cases = bit;
}

void mxa_diagnosis_advise_text(
    struct mxa_diagnosis *d, enum mxa_fix_action action, const char *text)
{
	struct mxa_str s = mxa_str_from(text);
	struct mxa_advice advice = { .action = action,
		.fix = { .name = MXA_STR(""),
		    .old = MXA_STR(""),
		    .new = MXA_STR(""),
		    .advice = s },
		.text = s };

	mxa_diagnosis_advise(d, &advice);
}

void mxa_add_sentence(struct mxa_buf *b, struct mxa_str sentence)
{
	if (sentence.len == 0)
		return;
	if (b->len > 0 && !mxa_str_ends(mxa_buf_str(b), MXA_STR("。")))
		mxa_buf_addc(b, ' ');
	mxa_buf_addstr(b, sentence);
}

/* --- failures --- */

/* Failures with the same diagnosis are looked into once. */
static bool same_case(const struct mxa_failure *x, const struct mxa_failure *y)
{
	return x->refusal.class == y->refusal.class &&
	    x->refusal.methods == y->refusal.methods &&
	    x->identity == y->identity && mxa_str_eq(x->domain, y->domain) &&
	    x->temporary == y->temporary &&
	    mxa_str_eq(x->original, y->original) && mxa_ip_eq(&x->ip, &y->ip);
}

static void look_into(struct mxa_diagnosis *d)
{
	bool auth = mxa_refusal_is_auth(d->f->refusal.class);

	if (auth) {
		/* an authentication failure is the answer before others */
		if (!d->out->auth_failure)
			d->out->summary = MXA_STR("");
		d->out->auth_failure = true;
		mxa_diagnosis_causes(d);
	} else {
		mxa_diagnosis_other(d);
	}
	if (d->out->summary.len == 0)
		d->out->summary = mxa_diagnosis_answer(d);
}

/* The case of failure 'i', looked into when it is the first of its kind. */
static void diagnose_failure(
    struct mxa_diagnosis *d, size_t i, size_t cases[MXA_MAX_CASES], size_t *n)
{
	const struct mxa_failure *f = &d->b->v[i];
	struct mxa_explained *out = d->out;
	size_t k = 0;

	while (k < *n && !same_case(&d->b->v[cases[k]], f))
		k++;
	out->case_of[i] = (unsigned)k;
	if (k < *n) {
		out->why[i] = out->why[cases[k]];
		return;
	}
	if (*n == MXA_MAX_CASES) {
		out->auth_failure =
		    out->auth_failure || mxa_refusal_is_auth(f->refusal.class);
		out->why[i] = MXA_WHY_BIT(MXA_WHY_UNSPECIFIED);
		return;
	}
	cases[(*n)++] = i;
	*d = (struct mxa_diagnosis){ .env = d->env,
		.a = d->a,
		.b = d->b,
		.f = f,
		.out = out,
		.number = (unsigned)k };
	d->author = d->mail_domain = d->senders.host = d->senders.include =
	    MXA_STR("");
	look_into(d);
	out->why[i] = d->why;
}

/* Advice about authentication failures goes before other advice. */
static void sort_advice(const struct mxa_bounce *b, struct mxa_explained *out)
{
	struct mxa_advice sorted[MXA_MAX_FIXES];
	uint64_t auth = 0;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (out->case_of[i] < MXA_MAX_CASES &&
		    mxa_refusal_is_auth(b->v[i].refusal.class))
			auth |= (uint64_t)1 << out->case_of[i];
	for (size_t i = 0; i < out->n_advice; i++)
		if ((out->advice[i].cases & auth) != 0)
			sorted[n++] = out->advice[i];
	for (size_t i = 0; i < out->n_advice; i++)
		if ((out->advice[i].cases & auth) == 0)
			sorted[n++] = out->advice[i];
	memcpy(out->advice, sorted, n * sizeof(sorted[0]));
}

void mxa_explain(const struct mxa_explain_env *env, const struct mxa_bounce *b,
    struct mxa_explained *out)
{
	struct mxa_arena *a = env->engine.arena;
	struct mxa_diagnosis *d = mxa_arena_calloc(a, 1, sizeof(*d));
	size_t cases[MXA_MAX_CASES], n = 0;

	memset(out, 0, sizeof(*out));
	out->summary = MXA_STR("");
	out->why = mxa_arena_calloc(a, b->n + 1, sizeof(*out->why));
	out->case_of = mxa_arena_calloc(a, b->n + 1, sizeof(*out->case_of));
	*d = (struct mxa_diagnosis){ .env = env, .a = a, .b = b, .out = out };
	for (size_t i = 0; i < b->n; i++)
		diagnose_failure(d, i, cases, &n);
	sort_advice(b, out);
	if (b->kind == MXA_NOT_A_BOUNCE && b->reason != NULL)
		out->summary = mxa_str_from(
		    mxa_arena_printf(a, _("not a bounce: %s"), _(b->reason)));
	else if (b->kind == MXA_HEADER && b->all_passed)
		out->summary = mxa_str_from(_("Everything passed."));
}
