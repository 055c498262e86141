/* examine_dmarc.c - the policy record of a domain, where it is looked for, and
 * what holds in its absence (RFC 9989 sections 4.7, 4.8, 4.10). */
#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "lint/examine.h"
#include "mail/taglist.h"

static const struct mxa_dns_answer *ask_txt(struct lint *l, struct mxa_str name)
{
	return mxa_dns_lookup(l->dmarc, MXA_SHARE_DMARC, name, MXA_DNS_TXT);
}

static struct mxa_str dmarc_name(struct lint *l, struct mxa_str domain)
{
	return lint_join(l, "_dmarc", domain);
}

/* --- one record --- */

/* The record without the tag 'drop', with 'tag=value' in its place or, when it
 * is not there, behind it ('value' NULL: nothing). */
static struct mxa_str edit(
    struct lint *l, struct mxa_str text, const char *tag, const char *value)
{
	struct mxa_taglist tags;
	struct mxa_buf b;
	bool done = value == NULL;

	mxa_buf_init(&b, l->a, MXA_MAX_RECORD);
	(void)mxa_taglist_parse(text, &tags);
	for (size_t i = 0; i < tags.n; i++) {
		const struct mxa_tag *t = &tags.v[i];
		bool here = mxa_str_caseis(t->name, tag);

		if (here && done)
			continue;
		done |= here;
		mxa_buf_printf(&b, "%s%.*s=%.*s", b.len ? "; " : "",
		    MXA_STR_ARG(t->name),
		    MXA_STR_ARG(here ? mxa_str_from(value) : t->value));
	}
	if (!done)
		mxa_buf_printf(&b, "; %s=%s", tag, value);
	return mxa_buf_str(&b);
}

/* p=, where it is missing or cannot be used, stands at the front. */
static struct mxa_str with_policy(
    struct lint *l, const struct mxa_dmarc_record *r)
{
	struct mxa_str rest = edit(l, r->text, "v", NULL);
	struct mxa_taglist tags;

	(void)mxa_taglist_parse(rest, &tags);
	if (mxa_taglist_find(&tags, "p") != NULL)
		return edit(l, r->text, "p", "none");
	return mxa_str_from(mxa_arena_printf(l->a, "v=DMARC1; p=none%s%.*s",
	    rest.len > 0 ? "; " : "", MXA_STR_ARG(rest)));
}

static void bad_policy(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
	    r->as_none
		? _("The tag %s at position %zu: %s.  Receivers take the "
		    "whole record for p=none.")
		: _("The tag %s at position %zu: %s.  Receivers do not apply "
		    "the record at all."),
	    lint_show(l, m->tag), m->at + 1, _(m->what));

	if (mxa_str_caseis(m->tag, "p"))
		lint_fix_record(f, name, with_policy(l, r));
	else
		lint_fix_record(f, name,
		    edit(l, r->text, mxa_str_cstr(l->a, m->tag), NULL));
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
	if (m->kind == MXA_DMARC_BAD_VALUE)
		lint_fix_record(f, name,
		    edit(l, r->text, mxa_str_cstr(l->a, m->tag), NULL));
	lint_fix(l, f,
	    _("Publish the record as tag=value pairs with a semicolon "
	      "between them, each tag once."));
}

static void historic(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const struct mxa_dmarc_mistake *m)
{
	bool pct = mxa_str_caseis(m->tag, "pct");
	struct mxa_finding *f;

	if (mxa_str_caseis(m->tag, "rua") || mxa_str_caseis(m->tag, "ruf")) {
		f = lint_add(l, MXA_LINT_DMARC_UNKNOWN_TAG, name,
		    _("The tag %s holds a size limit at position %zu, which "
		      "has no effect (RFC 9989)."),
		    lint_show(l, m->tag), m->at + 1);
		lint_fix(l, f, _("Leave the limit out."));
		return;
	}
	if (pct && r->pct >= 0 && r->pct < 100)
		f = lint_add(l, MXA_LINT_DMARC_PCT, name,
		    _("pct=%d has no effect (RFC 9989): receivers apply the "
		      "policy to all mail.  To test a policy, say t=y."),
		    r->pct);
	else
		f = lint_add(l,
		    pct ? MXA_LINT_DMARC_PCT : MXA_LINT_DMARC_UNKNOWN_TAG, name,
		    _("The tag %s has no effect (RFC 9989)."),
		    lint_show(l, m->tag));
	lint_fix_record(
	    f, name, edit(l, r->text, mxa_str_cstr(l->a, m->tag), NULL));
}

static void mistake(struct lint *l, struct mxa_str name,
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
		lint_fix(l, f,
		    _("Write each address as mailto:USER@DOMAIN, with commas "
		      "between them."));
		break;
	case MXA_DMARC_HISTORIC:
		historic(l, name, r, m);
		break;
	case MXA_DMARC_UNKNOWN:
		f = lint_add(l, MXA_LINT_DMARC_UNKNOWN_TAG, name,
		    _("The tag %s at position %zu is unknown and has no "
		      "effect."),
		    lint_show(l, m->tag), m->at + 1);
		lint_fix_record(f, name,
		    edit(l, r->text, mxa_str_cstr(l->a, m->tag), NULL));
		break;
	}
}

static void weaker(struct lint *l, struct mxa_str name,
    const struct mxa_dmarc_record *r, const char *tag,
    enum mxa_dmarc_policy policy)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_SP_WEAKER, name,
	    _("%s=%s is weaker than p=%s: who forges mail takes a subdomain."),
	    tag, mxa_dmarc_policy_name(policy), mxa_dmarc_policy_name(r->p));

	lint_fix_record(
	    f, name, edit(l, r->text, tag, mxa_dmarc_policy_name(r->p)));
}

static void policy(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	struct mxa_finding *f;

	if (r->has_p && r->p == MXA_POLICY_NONE) {
		f = lint_add(l, MXA_LINT_DMARC_P_NONE, name,
		    _("p=none only asks for reports: forged mail is "
		      "delivered."));
		lint_fix_record(f, name, edit(l, r->text, "p", "quarantine"));
	}
	if (r->has_sp && r->sp < r->p)
		weaker(l, name, r, "sp", r->sp);
	if (r->has_np && r->np < r->p)
		weaker(l, name, r, "np", r->np);
	if (r->testing) {
		f = lint_add(l, MXA_LINT_DMARC_TESTING, name,
		    _("t=y: receivers apply the policy one step weaker than "
		      "it is published."));
		lint_fix_record(f, name, edit(l, r->text, "t", NULL));
	}
}

static bool has_tag(const struct mxa_dmarc_record *r, const char *tag)
{
	for (size_t i = 0; i < r->n_mistakes; i++)
		if (mxa_str_caseis(r->mistake[i].tag, tag))
			return true;
	return false;
}

static void reports(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	struct mxa_finding *f;
	char *rua;

	lint_uris(l, r, l->domain);
	if (r->n_rua > 0 || has_tag(r, "rua"))
		return;
	f = lint_add(l, MXA_LINT_DMARC_NO_RUA, name,
	    _("Without rua= nobody reports who sends mail in the name of %s."),
	    lint_show(l, l->domain));
	rua = mxa_arena_printf(
	    l->a, "mailto:dmarc-reports@%.*s", MXA_STR_ARG(l->domain));
	lint_fix_record(f, name, edit(l, r->text, "rua", rua));
}

static void judge(
    struct lint *l, struct mxa_str name, const struct mxa_dmarc_record *r)
{
	for (size_t i = 0; i < r->n_mistakes; i++)
		mistake(l, name, r, &r->mistake[i]);
	policy(l, name, r);
	reports(l, name, r);
}

/* --- no usable record --- */

/* A text at _dmarc that was meant to be a record. */
static bool meant_dmarc(struct mxa_str text)
{
	return mxa_str_casefind(mxa_str_sub(text, 0, 40), MXA_STR("dmarc")) <
	    (text.len < 40 ? text.len : 40) ||
	    mxa_str_casestarts(mxa_str_trim(text), MXA_STR("p=")) ||
	    mxa_str_casefind(text, MXA_STR("rua=")) < text.len;
}

/* "v=DMARC1; " in front of what follows the text's own attempt at it. */
static struct mxa_str corrected(struct lint *l, struct mxa_str text)
{
	struct mxa_str rest = text;
	struct mxa_dmarc_record r;
	size_t i = mxa_str_casefind(rest, MXA_STR("dmarc"));

	if (i < rest.len && i < 8) {
		i += 5;
		while (i < rest.len &&
		    (mxa_is_space(rest.p[i]) || mxa_is_digit(rest.p[i]) ||
			mxa_str_chr(MXA_STR(".;:,\""), rest.p[i], 0) < 5))
			i++;
		rest = mxa_str_sub(rest, i, rest.len);
	}
	text = mxa_str_from(mxa_arena_printf(
	    l->a, "v=DMARC1; %.*s", MXA_STR_ARG(mxa_str_trim(rest))));
	text = edit(l, text, "v", "DMARC1"); /* once */
	if (!mxa_dmarc_record_is(text))
		return MXA_STR("");
	mxa_dmarc_record_parse(text, &r);
	return r.usable && r.has_p ? text : MXA_STR("");
}

static void look_alikes(
    struct lint *l, struct mxa_str name, const struct mxa_dns_answer *txt)
{
	for (size_t i = 0; i < txt->n && i < 16; i++) {
		struct mxa_finding *f;

		if (!meant_dmarc(txt->rr[i].text))
			continue;
		f = lint_add(l, MXA_LINT_DMARC_SYNTAX, name,
		    _("The TXT record \"%s\" is no DMARC record: one begins "
		      "with exactly \"v=DMARC1;\".  Receivers pass over it."),
		    lint_show(l, txt->rr[i].text));
		l->meant = corrected(l, txt->rr[i].text);
		lint_fix_record(f, name, l->meant);
		lint_fix(l, f, _("Begin the record with \"v=DMARC1; p=\"."));
	}
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
		    _("A DMARC record stands at %s, where nobody looks for "
		      "it; its place is _dmarc.%s."),
		    lint_show(l, at), lint_show(l, l->domain));
		if (beside) {
			lint_grade(l, f, MXA_LINT_INFO);
			lint_fix(l, f, _("Remove it."));
		} else {
			if (l->meant.len == 0)
				l->meant = mxa_str_dup(l->a, text);
			lint_fix_record(f, dmarc_name(l, l->domain), l->meant);
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

static void missing(struct lint *l, struct mxa_str name)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_MISSING, name,
	    _("No DMARC record at %s or above it: everybody can put %s into "
	      "From, and nobody reports it."),
	    lint_show(l, name), lint_show(l, l->domain));

	if (l->meant.len > 0)
		lint_fix_record(f, name, l->meant);
	else if (l->silent)
		lint_fix_record(f, name, MXA_STR("v=DMARC1; p=reject"));
	else
		lint_fix_record(f, name,
		    mxa_str_from(mxa_arena_printf(l->a,
			"v=DMARC1; p=none; rua=mailto:dmarc-reports@%.*s",
			MXA_STR_ARG(l->domain))));
}

static void multiple(struct lint *l, struct mxa_str name,
    const struct mxa_dns_answer *txt, size_t n)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DMARC_MULTIPLE, name,
	    _("There are %zu DMARC records at %s; receivers discard them "
	      "all."),
	    n, lint_show(l, name));

	for (size_t i = 0; i < txt->n; i++) {
		if (!mxa_dmarc_record_is(txt->rr[i].text))
			continue;
		lint_fix_record(f, name, mxa_str_dup(l->a, txt->rr[i].text));
		break;
	}
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

/* The step whose record holds for the domain; w->n: none (section 4.10.1). */
static size_t applied(const struct mxa_walk *w, const struct mxa_org *org)
{
	if (w->step[0].record != NULL)
		return 0;
	return org->at < w->n ? org->at : org->psd_at;
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

static void inherited(
    struct lint *l, struct mxa_str name, const struct mxa_walk_step *s)
{
	const struct mxa_dmarc_record *r = s->record;
	struct mxa_finding *f;

	if (!r->usable) {
		f = lint_add(l, MXA_LINT_DMARC_MISSING, name,
		    _("The record of %s, which would hold for %s, cannot be "
		      "used: no policy holds."),
		    lint_show(l, s->name), lint_show(l, l->domain));
		lint_fix_record(f, dmarc_name(l, s->name), with_policy(l, r));
		return;
	}
	f = lint_add(l, MXA_LINT_DMARC_INHERITED, name,
	    _("%s has no DMARC record of its own; the policy %s of %s holds."),
	    lint_show(l, l->domain), mxa_dmarc_policy_name(r->sp),
	    lint_show(l, s->name));
	lint_fix(l, f,
	    _("Nothing to do, unless receivers of the older RFC 7489 with "
	      "other organizational domains shall agree."));
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

	judge(l, name, own->record);
	wrong_places(l, true);
}

static void no_own_record(
    struct lint *l, struct mxa_str name, const struct mxa_walk *w, size_t at)
{
	const struct mxa_walk_step *failed = failed_step(w, w->n);
	const struct mxa_dns_answer *txt = w->step[0].answer;

	if (w->step[0].several)
		multiple(l, name, txt, mxa_dmarc_found_in(txt)->n);
	else
		look_alikes(l, name, txt);
	wrong_places(l, false);
	if (failed != NULL) {
		struct mxa_finding *f = lint_dns_error(l, failed->answer);

		if (at < w->n)
			lint_grade(l, f, MXA_LINT_INFO);
	}
	if (at < w->n)
		inherited(l, name, &w->step[at]);
	else if (!w->step[0].several && failed == NULL)
		missing(l, name);
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
	at = applied(&w, &org);
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
