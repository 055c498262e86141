/* lint_text.c - the lint's findings as sentences. */

#include "base/attr.h"
#include "base/i18n.h"
#include "cli/lint_out.h"

#define INDENT 4

/* --- findings --- */

static const struct {
	const char *word;
	enum out_style style;
} severities[] = {
	[MXA_LINT_INFO] = { N_("note"), OUT_NOTE },
	[MXA_LINT_WARNING] = { N_("warning"), OUT_WARNING },
	[MXA_LINT_ERROR] = { N_("error"), OUT_ERROR },
};

/* In the order in which findings are printed. */
static const enum mxa_lint_severity order[] = { MXA_LINT_ERROR,
	MXA_LINT_WARNING, MXA_LINT_INFO };

/* The finding that is printed after 'f'; NULL: none. */
static const struct mxa_finding *next_printed(
    const struct mxa_lint *l, const struct mxa_finding *f)
{
	size_t rank = 0;

	while (f != NULL && order[rank] != f->severity)
		rank++;
	f = f ? f->next : l->first;
	for (;; f = l->first) {
		for (; f != NULL; f = f->next)
			if (f->severity == order[rank])
				return f;
		if (++rank == MXA_ARRAY_LEN(order))
			return NULL;
	}
}

/* One record often repairs several findings: it is shown after the last of
 * them. */
static bool shown_later(const struct mxa_lint *l, const struct mxa_finding *f)
{
	const struct mxa_finding *g = f;

	while ((g = next_printed(l, g)) != NULL)
		if (mxa_str_eq(g->fix.name, f->fix.name) &&
		    mxa_str_eq(g->fix.new, f->fix.new))
			return true;
	return false;
}

static void print_record_fix(
    struct out *o, const struct mxa_lint *l, const struct mxa_finding *f)
{
	const struct mxa_spf_proposal *p = &l->spf.proposal;

	out_indent(o, INDENT);
	out_printf(o, _("Publish at %.*s:\n"), MXA_STR_ARG(f->fix.name));
	out_line(o, 2 * INDENT, f->fix.new);
	if (!mxa_str_eq(f->fix.new, p->record))
		return;
	for (size_t i = 0; i < p->n_notes; i++)
		out_paragraph(o, 2 * INDENT, 2 * INDENT, p->note[i]);
	out_paragraph(o, 2 * INDENT, 2 * INDENT, p->tried);
}

static void print_finding(
    struct out *o, const struct mxa_lint *l, const struct mxa_finding *f)
{
	out_indent(o, 2);
	out_style(
	    o, severities[f->severity].style, _(severities[f->severity].word));
	out_printf(o, ": %s, ", mxa_lint_code_name(f->code));
	out_str(o, f->name);
	out_text(o, "\n");
	out_paragraph(o, INDENT, INDENT, f->evidence);
	if (f->fix.new.len == 0)
		out_paragraph(o, INDENT, INDENT, f->fix.advice);
	else if (!shown_later(l, f))
		print_record_fix(o, l, f);
}

/* --- what is published --- */

static void print_record(
    struct out *o, const struct mxa_lint_record *r, size_t depth);

static void print_term(
    struct out *o, const struct mxa_lint_term *t, size_t depth)
{
	out_indent(o, INDENT + 2 * depth);
	out_str(o, t->text);
	for (size_t i = 0; i < t->n; i++) {
		out_text(o, i ? ", " : " -> ");
		out_str(o, t->found[i]);
	}
	if (t->more > 0)
		out_printf(o, _(" and %zu more"), t->more);
	if (t->unreachable)
		out_printf(o, " (%s)", _("never evaluated"));
	else if (t->record != NULL)
		out_printf(o, P_(" (%u lookup)", " (%u lookups)", t->lookups),
		    t->lookups);
	out_text(o, "\n");
	if (t->record != NULL)
		print_record(o, t->record, depth + 1);
}

static void print_record(
    struct out *o, const struct mxa_lint_record *r, size_t depth)
{
	if (r->trouble != NULL) {
		out_indent(o, INDENT + 2 * depth);
		out_str(o, r->domain);
		out_printf(o, ": %s\n", _(r->trouble));
	}
	for (const struct mxa_lint_term *t = r->first; t; t = t->next)
		print_term(o, t, depth);
}

static void print_senders(struct out *o, const struct mxa_lint_sender *s)
{
	for (; s != NULL; s = s->next) {
		out_printf(o, _("  sender %.*s: SPF %s, PTR %s"),
		    MXA_STR_ARG(s->ip), mxa_spf_result_name(s->result),
		    mxa_iprev_result_name(s->iprev));
		if (s->name.len > 0) {
			out_text(o, " (");
			out_str(o, s->name);
			out_text(o, ")");
		}
		out_text(o, "\n");
	}
}

static void print_spf(struct out *o, const struct mxa_lint_spf *s)
{
	if (s->tree == NULL)
		return;
	out_printf(o,
	    s->lookups_cut
		? _("  more than %u of %u lookups, %u of %u void lookups\n")
		: _("  %u of %u lookups, %u of %u void lookups\n"),
	    s->lookups, MXA_SPF_MAX_TERMS, s->voids, MXA_SPF_MAX_VOID);
	print_record(o, s->tree, 0);
	print_senders(o, s->senders);
}

static const char *key_word(const struct mxa_dkim_key *k)
{
	switch (k->state) {
	case MXA_DKIM_KEY_OK:
	case MXA_DKIM_KEY_SHORT:
		return k->type;
	case MXA_DKIM_KEY_REVOKED:
		return _("revoked");
	case MXA_DKIM_KEY_CUT:
	case MXA_DKIM_KEY_BAD:
		return _("cannot be used");
	case MXA_DKIM_KEY_MISSING:
		return _("no record");
	case MXA_DKIM_KEY_UNKNOWN:
		return _("the DNS does not answer");
	}
	return "";
}

static void print_keys(struct out *o, const struct mxa_lint_key *k)
{
	for (; k != NULL; k = k->next) {
		out_text(o, "  ");
		out_str(o, k->selector);
		out_printf(o, ": %s", key_word(&k->key));
		if (k->key.bits > 0)
			out_printf(o, _(" %u bits"), k->key.bits);
		out_printf(o, " (%s)\n", _(lint_source_name(k->source)));
	}
}

static void print_step(struct out *o, const struct mxa_lint_step *s)
{
	out_text(o, "  ");
	out_str(o, s->name);
	out_text(o, ": ");
	if (s->record.len > 0)
		out_str(o, s->record);
	else if (s->failed)
		out_text(o, _("the DNS does not answer"));
	else if (s->several)
		out_text(o, _("several records"));
	else
		out_text(o, "-");
	out_text(o, "\n");
}

static void print_dmarc(struct out *o, const struct mxa_lint_dmarc *d)
{
	for (size_t i = 0; i < d->n_walk; i++)
		print_step(o, &d->walk[i]);
	for (const struct mxa_lint_uri *u = d->uris; u; u = u->next) {
		out_text(o, u->failure ? "  ruf " : "  rua ");
		out_str(o, u->uri);
		if (u->external && u->authorised)
			out_printf(o, " (%s)", _("has agreed"));
		out_text(o, "\n");
	}
}

static void print_mx(struct out *o, const struct mxa_lint_mx *m)
{
	for (size_t i = 0; i < m->n; i++)
		out_line(o, 2, m->host[i]);
	if (m->null)
		out_printf(o, "  %s\n", _("null MX: the domain takes no mail"));
}

static void print_heading(struct out *o, const char *text)
{
	out_text(o, "\n");
	out_style(o, OUT_HEADING, text);
	out_text(o, "\n");
}

/* --- the line at the top --- */

static const char *holds_word(enum mxa_lint_holds holds)
{
	switch (holds) {
	case MXA_LINT_HOLDS:
		return _("yes");
	case MXA_LINT_HOLDS_NOT:
		return _("no");
	case MXA_LINT_NOT_KNOWN:
		break;
	}
	return _("not known");
}

static void print_bulk(struct out *o, const struct mxa_lint_bulk *b)
{
	out_paragraphf(o, 0, 2,
	    _("Gmail, Yahoo and Microsoft ask bulk senders for: SPF (%s), DKIM "
	      "(%s), DMARC (%s), alignment (%s), PTR (%s)."),
	    holds_word(b->spf), holds_word(b->dkim), holds_word(b->dmarc),
	    holds_word(b->alignment), holds_word(b->ptr));
}

static void print_published(struct out *o, const struct mxa_lint *l)
{
	print_heading(o, "SPF");
	print_spf(o, &l->spf);
	print_heading(o, "DKIM");
	print_keys(o, l->keys);
	print_heading(o, "DMARC");
	print_dmarc(o, &l->dmarc);
	print_heading(o, "MX");
	print_mx(o, &l->mx);
}

void lint_print(struct out *o, const struct mxa_lint *l)
{
	const struct mxa_finding *f = NULL;
	bool looked = l->spf.tree != NULL || l->dmarc.n_walk > 0;

	out_printf(o, _("%.*s: errors: %u, warnings: %u, notes: %u\n"),
	    MXA_STR_ARG(l->domain), l->errors, l->warnings, l->infos);
	if (looked)
		print_bulk(o, &l->bulk);
	if (l->n > 0)
		print_heading(o, _("Findings"));
	while ((f = next_printed(l, f)) != NULL)
		print_finding(o, l, f);
	if (l->dropped > 0)
		out_printf(o, _("and %zu further findings\n"), l->dropped);
	if (looked)
		print_published(o, l);
}
