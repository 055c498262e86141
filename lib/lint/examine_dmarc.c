/* examine_dmarc.c - the policy record of a domain, where it is looked for, and
 * what holds in its absence (RFC 9989 sections 4.7, 4.8, 4.10). */
#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "lint/examine.h"
#include "mail/taglist.h"
#include "record/dmarc_edit.h"

#define MAX_RUA 2

static const struct mxa_dns_answer *ask_txt(struct lint *l, struct mxa_str name)
{
	return mxa_dns_lookup(l->dmarc, MXA_SHARE_DMARC, name, MXA_DNS_TXT);
}

static struct mxa_str dmarc_name(struct lint *l, struct mxa_str domain)
{
	return lint_join(l, "_dmarc", domain);
}

/* --- one record --- */

/* The record with all its mistakes put right. */
static void fix_mistakes(struct lint *l, struct mxa_finding *f,
    struct mxa_str name, const struct mxa_dmarc_record *r)
{
	lint_fix_record(f, name, r->text, mxa_dmarc_repair(l->a, r->text));
}

/* The record, repaired, with 'tag' as 'value' (NULL: without it). */
static void fix_tag(struct lint *l, struct mxa_finding *f, struct mxa_str name,
    const struct mxa_dmarc_record *r, const char *tag, const char *value)
{
	struct mxa_str text = mxa_dmarc_repair(l->a, r->text);

	text = mxa_dmarc_edit(l->a, text.len > 0 ? text : r->text, tag, value);
	if (mxa_dmarc_stands(text))
		lint_fix_record(f, name, r->text, text);
	else
		lint_fix(
		    l, f, _("Correct the other mistakes of the record first."));
}

static void bad_policy(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
	    r->as_none
		? _("The tag %s at position %zu: %s.  Receivers treat the "
		    "whole record as p=none.")
		: _("The tag %s at position %zu: %s.  Receivers do not apply "
		    "the record at all."),
	    lint_show(l, m->tag), m->at + 1, _(m->what));

	fix_mistakes(l, f, name, r);
	lint_fix(l, f,
	    _("Publish the record with p=none, p=quarantine or p=reject."));
}

static void bad_text(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	struct mxa_finding *f;

	if (m->tag.len == 0)
		f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
		    _("Syntax error at position %zu: %s."), m->at + 1,
		    _(m->what));
	else
		f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
		    _("The tag %s at position %zu: %s."), lint_show(l, m->tag),
		    m->at + 1, _(m->what));
	fix_mistakes(l, f, name, r);
	lint_fix(l, f,
	    _("Publish the record as tag=value pairs with a semicolon "
	      "between them, each tag once."));
}

static void size_limit(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_SIZE_LIMIT, name,
	    _("The tag %s has a size limit at position %zu, which has no "
	      "effect (RFC 9989)."),
	    lint_show(l, m->tag), m->at + 1);

	fix_mistakes(l, f, name, r);
	lint_fix(l, f, _("Remove the limit."));
}

static enum mxa_lint_code historic_code(struct mxa_str tag)
{
	if (mxa_str_caseis(tag, "pct"))
		return MXA_LINT_DMARC_PCT;
	if (mxa_str_caseis(tag, "rf"))
		return MXA_LINT_DMARC_RF;
	return mxa_str_caseis(tag, "ri") ? MXA_LINT_DMARC_RI
					 : MXA_LINT_DMARC_UNKNOWN_TAG;
}

static void note_historic(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	enum mxa_lint_code code = historic_code(m->tag);
	struct mxa_finding *f;

	if (mxa_str_caseis(m->tag, "rua") || mxa_str_caseis(m->tag, "ruf")) {
		size_limit(l, name, r, m);
		return;
	}
	if (code == MXA_LINT_DMARC_PCT && r->pct >= 0 && r->pct < 100)
		f = lint_add(l, code, name,
		    _("pct=%d has no effect (RFC 9989): receivers apply the "
		      "policy to all mail.  Use t=y to test a policy."),
		    r->pct);
	else
		f = lint_add(l, code, name,
		    _("The tag %s has no effect (RFC 9989)."),
		    lint_show(l, m->tag));
	fix_mistakes(l, f, name, r);
	lint_fix(l, f, _("Remove the tag."));
}

static void note_mistake(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	struct mxa_finding *f;

	switch (m->kind) {
	case MXA_DMARC_BAD_POLICY:
		bad_policy(l, name, r, m);
		break;
	case MXA_DMARC_BAD_SYNTAX:
	case MXA_DMARC_BAD_VALUE:
	case MXA_DMARC_DUPLICATE:
		bad_text(l, name, r, m);
		break;
	case MXA_DMARC_BAD_URI:
		f = lint_add(l, MXA_LINT_DMARC_RUA_SYNTAX, name,
		    _("The tag %s at position %zu: %s.  No reports go there."),
		    lint_show(l, m->tag), m->at + 1, _(m->what));
		fix_mistakes(l, f, name, r);
		lint_fix(l, f,
		    _("Write each address as mailto:USER@DOMAIN, with commas "
		      "between them."));
		break;
	case MXA_DMARC_HISTORIC:
		note_historic(l, name, r, m);
		break;
	case MXA_DMARC_UNKNOWN:
		f = lint_add(l, MXA_LINT_DMARC_UNKNOWN_TAG, name,
		    _("The tag %s at position %zu is unknown and has no "
		      "effect."),
		    lint_show(l, m->tag), m->at + 1);
		fix_mistakes(l, f, name, r);
		lint_fix(l, f, _("Remove the tag."));
		break;
	}
}

static void note_weaker(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const char *tag,
    enum mxa_dmarc_policy policy)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_SP_WEAKER, name,
	    _("%s=%s is weaker than p=%s: mail can be forged with a subdomain "
	      "in From."),
	    tag, mxa_dmarc_policy_name(policy), mxa_dmarc_policy_name(r->p));

	fix_tag(l, f, name, r, tag, mxa_dmarc_policy_name(r->p));
}

static void examine_policy(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	struct mxa_finding *f;

	if (r->has_p && r->p == MXA_POLICY_NONE) {
		f = lint_add(l, MXA_LINT_DMARC_P_NONE, name,
		    _("p=none only monitors: receivers deliver forged mail."));
		fix_tag(l, f, name, r, "p", "quarantine");
	}
	if (r->has_sp && r->sp < r->p)
		note_weaker(l, name, r, "sp", r->sp);
	if (r->has_np && r->np < r->p)
		note_weaker(l, name, r, "np", r->np);
	if (r->testing) {
		f = lint_add(l, MXA_LINT_DMARC_TESTING, name,
		    _("t=y: receivers apply the policy one step weaker than "
		      "it is published."));
		fix_tag(l, f, name, r, "t", NULL);
	}
}

/* psd=y is for registries, whose subdomains are other people's. */
static void examine_registry(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	bool mail = l->out->mx.n > 0 ||
	    (l->out->spf.tree != NULL && l->out->spf.tree->text.len > 0 &&
		!l->silent);
	struct mxa_finding *f;

	if (r->psd != MXA_PSD_Y || !mail)
		return;
	f = lint_add(l, MXA_LINT_DMARC_PSD, name,
	    _("psd=y means that %s is a public suffix, under which other "
	      "people register names: its subdomains do not align with it.  A "
	      "domain that sends or receives mail is normally not one."),
	    lint_show(l, l->domain));
	fix_tag(l, f, name, r, "psd", NULL);
}

/* Nobody but the owner knows which mailbox is read. */
static void note_example(struct lint *l, struct mxa_finding *f)
{
	if (f != NULL && f->fix.new.len > 0)
		f->evidence = mxa_str_from(
		    mxa_arena_printf(l->a, "%.*s  %s", MXA_STR_ARG(f->evidence),
			_("The mailbox in the proposal is an example: name one "
			  "that you read.")));
}

static bool has_tag(const struct mxa_dmarc_record *r, const char *tag)
{
	for (size_t i = 0; i < r->n_mistakes; i++)
		if (mxa_str_caseis(r->mistake[i].tag, tag))
			return true;
	return false;
}

/* It was there, and a mistake hid it: "p=reject rua=mailto:…". */
static bool repair_has_rua(struct lint *l, const struct mxa_dmarc_record *r)
{
	return mxa_taglist_value(mxa_dmarc_repair(l->a, r->text), "rua").len >
	    0;
}

static void examine_reports(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	struct mxa_finding *f;
	char *rua;

	lint_uris(l, r, l->domain);
	if (r->n_rua > MAX_RUA) {
		f = lint_add(l, MXA_LINT_DMARC_RUA_MANY, name,
		    _("rua= has %zu addresses: receivers need not send to more "
		      "than two."),
		    r->n_rua);
		lint_fix(l, f,
		    _("Keep the two most important ones, and forward the "
		      "reports to the others."));
	}
	if (r->n_rua > 0 || has_tag(r, "rua") || repair_has_rua(l, r))
		return;
	f = lint_add(l, MXA_LINT_DMARC_NO_RUA, name,
	    _("Without rua= receivers send no reports about mail that uses the "
	      "name %s."),
	    lint_show(l, l->domain));
	rua = mxa_arena_printf(
	    l->a, "mailto:dmarc-reports@%.*s", MXA_STR_ARG(l->domain));
	fix_tag(l, f, name, r, "rua", rua);
	note_example(l, f);
}

static void examine_record(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	for (size_t i = 0; i < r->n_mistakes; i++)
		note_mistake(l, name, r, &r->mistake[i]);
	examine_policy(l, name, r);
	examine_registry(l, name, r);
	examine_reports(l, name, r);
}

/* --- no usable record --- */

static void look_alikes(
    struct lint *l, struct mxa_str name, const struct mxa_dns_answer *txt)
{
	for (size_t i = 0; i < txt->n && i < 16; i++) {
		struct mxa_finding *f;

		if (!mxa_dmarc_was_meant(txt->rr[i].text))
			continue;
		f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
		    _("The TXT record \"%s\" is not a DMARC record, which "
		      "begins with exactly \"v=DMARC1;\".  Receivers ignore "
		      "it."),
		    lint_show(l, txt->rr[i].text));
		l->meant = mxa_dmarc_restore(l->a, txt->rr[i].text);
		lint_fix_record(
		    f, name, mxa_str_dup(l->a, txt->rr[i].text), l->meant);
		lint_fix(l, f, _("Begin the record with \"v=DMARC1; p=\"."));
	}
}

/* The record as it is, or repaired; empty: it cannot be. */
static struct mxa_str sound_record(struct lint *l, struct mxa_str text)
{
	return mxa_dmarc_stands(text) ? mxa_str_dup(l->a, text)
				      : mxa_dmarc_repair(l->a, text);
}

/* DMARC records elsewhere than at _dmarc: at the domain itself, at "dmarc",
 * and where a zone editor adds the domain once more. */
static void wrong_place(struct lint *l, struct mxa_str at, bool beside)
{
	const struct mxa_dns_answer *txt = at.len > l->domain.len
	    ? ask_txt(l, at)
	    : mxa_dns_lookup(l->spf, MXA_SHARE_SPF, at, MXA_DNS_TXT);

	for (size_t i = 0; i < txt->n; i++) {
		struct mxa_str text = txt->rr[i].text;
		struct mxa_finding *f;

		if (!mxa_dmarc_record_is(text))
			continue;
		f = lint_add(l, MXA_LINT_DMARC_WRONG_PLACE, at,
		    _("There is a DMARC record at %s, where no receiver looks "
		      "for it; its place is _dmarc.%s."),
		    lint_show(l, at), lint_show(l, l->domain));
		if (beside) {
			lint_grade(l, f, MXA_LINT_INFO);
			lint_fix(l, f, _("Remove it."));
		} else {
			if (l->meant.len == 0)
				l->meant = sound_record(l, text);
			lint_fix_record(
			    f, dmarc_name(l, l->domain), MXA_STR(""), l->meant);
			lint_fix(l, f, _("Move it there."));
		}
		return;
	}
}

static void wrong_places(struct lint *l, bool beside)
{
	wrong_place(l, l->domain, beside);
	if (beside)
		return;
	wrong_place(l, lint_join(l, "dmarc", l->domain), false);
	wrong_place(l,
	    lint_join(
		l, mxa_str_cstr(l->a, dmarc_name(l, l->domain)), l->domain),
	    false);
}

/* Reports about a domain go to an address of its own, if it takes mail. */
static bool takes_no_mail(const struct lint *l)
{
	return l->out->mx.n == 0 && !l->out->mx.implicit;
}

static void note_missing(struct lint *l, struct mxa_str name)
{
	bool mail = !takes_no_mail(l);
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_MISSING, name,
	    _("There is no DMARC record at %s or above it: anybody can put %s "
	      "into From, and you get no reports about it."),
	    lint_show(l, name), lint_show(l, l->domain));

	if (l->meant.len > 0) {
		lint_fix_record(f, name, MXA_STR(""), l->meant);
		return;
	}
	lint_fix_record(f, name, MXA_STR(""),
	    mxa_dmarc_first(l->a, l->domain, l->silent, mail));
	if (mail && !l->silent)
		note_example(l, f);
}

/* Of several records the first that can be used, else the first. */
static struct mxa_str best_record(const struct mxa_dns_answer *txt)
{
	struct mxa_str first = MXA_STR("");

	for (size_t i = 0; i < txt->n; i++) {
		struct mxa_str text = txt->rr[i].text;

		if (!mxa_dmarc_record_is(text))
			continue;
		if (mxa_dmarc_stands(text))
			return text;
		if (first.len == 0)
			first = text;
	}
	return first;
}

static void note_multiple(struct lint *l, struct mxa_str name,
    const struct mxa_dns_answer *txt, size_t n)
{
	struct mxa_str kept = best_record(txt);
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_MULTIPLE, name,
	    _("There are %zu DMARC records at %s: receivers ignore them all."),
	    n, lint_show(l, name));

	lint_fix_record(f, name, kept, sound_record(l, kept));
	lint_fix(l, f, _("Keep one record and remove the others."));
}

/* --- the walk --- */

static void show_walk(struct lint *l, const struct mxa_walk *w)
{
	struct mxa_lint_dmarc *out = &l->out->dmarc;

	out->walk = mxa_arena_calloc(l->a, w->n, sizeof(*out->walk));
	out->n_walk = w->n;
	for (size_t i = 0; i < w->n; i++) {
		const struct mxa_walk_step *s = &w->step[i];

		out->walk[i] = (struct mxa_lint_step){
			.name = dmarc_name(l, s->name),
			.record = s->record ? mxa_str_dup(l->a, s->record->text)
					    : MXA_STR(""),
			.failed = s->state == MXA_WALK_FAILED,
			.several = s->several,
		};
	}
}

static void show_policy(struct lint *l, const struct mxa_walk *w, size_t at)
{
	struct mxa_lint_dmarc *out = &l->out->dmarc;
	const struct mxa_dmarc_record *r = w->step[at].record;

	out->record_domain = mxa_str_dup(l->a, w->step[at].name);
	out->record = mxa_str_dup(l->a, r->text);
	out->inherited = at > 0;
	out->known = r->usable;
	out->policy = at > 0 ? r->sp : r->p;
	out->sp = r->sp;
	out->np = r->np;
	out->testing = r->testing;
}

static void note_inherited(
    struct lint *l, struct mxa_str name, const struct mxa_walk_step *s)
{
	const struct mxa_dmarc_record *r = s->record;
	struct mxa_finding *f;

	if (!r->usable) {
		f = lint_add(l, MXA_LINT_DMARC_MISSING, name,
		    _("The record of %s, which should apply to %s, cannot be "
		      "used: no policy applies."),
		    lint_show(l, s->name), lint_show(l, l->domain));
		fix_mistakes(l, f, dmarc_name(l, s->name), r);
		lint_fix(l, f, _("Correct the record of that domain."));
		return;
	}
	f = lint_add(l, MXA_LINT_DMARC_INHERITED, name,
	    _("%s has no DMARC record of its own; the policy %s of %s "
	      "applies."),
	    lint_show(l, l->domain), mxa_dmarc_policy_name(r->sp),
	    lint_show(l, s->name));
	lint_fix(l, f,
	    _("Nothing needs to be done.  Receivers that follow the older RFC "
	      "7489 may find another organizational domain; a record of its "
	      "own avoids that."));
	if (r->sp != MXA_POLICY_NONE)
		return;
	f = lint_add(l, MXA_LINT_DMARC_P_NONE, name,
	    _("The policy none of %s also applies to %s: forged mail is "
	      "delivered."),
	    lint_show(l, s->name), lint_show(l, l->domain));
	lint_fix(l, f,
	    _("When all its mail passes, publish a record of its own with "
	      "p=quarantine, or a stronger policy at %s."),
	    lint_show(l, s->name));
}

/* A question that failed and could have had the record. */
static const struct mxa_walk_step *failed_step(
    const struct mxa_walk *w, size_t before)
{
	for (size_t i = 0; i < w->n && i < before; i++)
		if (w->step[i].state == MXA_WALK_FAILED)
			return &w->step[i];
	return NULL;
}

static void own_record(
    struct lint *l, struct mxa_str name, const struct mxa_walk *w)
{
	const struct mxa_walk_step *own = &w->step[0];

	examine_record(l, name, own->record);
	wrong_places(l, true);
}

static void no_own_record(
    struct lint *l, struct mxa_str name, const struct mxa_walk *w, size_t at)
{
	const struct mxa_walk_step *failed = failed_step(w, w->n);
	const struct mxa_dns_answer *txt = w->step[0].answer;

	if (w->step[0].several)
		note_multiple(l, name, txt, mxa_dmarc_found_in(txt)->n);
	else
		look_alikes(l, name, txt);
	wrong_places(l, false);
	if (failed != NULL) {
		struct mxa_finding *f = lint_dns_error(l, failed->answer);

		if (at < w->n)
			lint_grade(l, f, MXA_LINT_INFO);
	}
	if (at < w->n)
		note_inherited(l, name, &w->step[at]);
	else if (!w->step[0].several && failed == NULL)
		note_missing(l, name);
}

void lint_dmarc(struct lint *l)
{
	struct mxa_str name = dmarc_name(l, l->domain);
	struct mxa_guess nothing = { .n = 0 };
	struct mxa_walk w;
	struct mxa_org org;
	size_t at;

	mxa_walk_begin(l->dmarc, NULL, l->domain, &w);
	mxa_walk_complete(l->dmarc, &w, true);
	show_walk(l, &w);
	org = mxa_walk_org(&w, &nothing);
	at = mxa_walk_applied(&w, &nothing, &org);
	l->out->dmarc.org = mxa_str_dup(l->a, org.name);
	if (at < w.n)
		show_policy(l, &w, at);
	if (w.step[0].state == MXA_WALK_FAILED)
		lint_dns_error(l, w.step[0].answer);
	else if (at == 0)
		own_record(l, name, &w);
	else
		no_own_record(l, name, &w, at);
}
