/* explain_text.c - what explain says about one message, as text. */
#include "cli/explain_text.h"

#include "base/i18n.h"

#define SHOWN 20	/* recipients shown one by one */
#define MAX_QUOTED 2000 /* bytes of a reply that are shown */

static void print_explain_heading(struct out *o, const char *title)
{
	out_text(o, "\n");
	out_style(o, OUT_HEADING, title);
	out_text(o, "\n");
}

/* What is said below as advice. */
static bool is_advice(const struct mxa_explained *x, struct mxa_str text)
{
	for (size_t i = 0; i < x->n_advice; i++)
		if (mxa_str_eq(x->advice[i].fix.advice, text))
			return true;
	return false;
}

static void print_findings(struct out *o, const struct mxa_explained *x)
{
	if (!x->auth_failure || x->n_statements == 0)
		return;
	print_explain_heading(o, _("Why"));
	for (size_t i = 0; i < x->n_statements; i++)
		if (!is_advice(x, x->statement[i].text))
			out_paragraph(o, 2, 4, x->statement[i].text);
}

/* What the first line has said is not said again. */
static bool is_in_summary(
    const struct mxa_explained *x, const struct mxa_advice *advice)
{
	return advice->fix.new.len > 0 &&
	    mxa_str_ends(x->summary, advice->fix.new) &&
	    mxa_str_casefind(x->summary, advice->fix.name) < x->summary.len;
}

static void print_fix(struct out *o, const struct mxa_explained *x,
    const struct mxa_advice *advice)
{
	if (advice->fix.new.len > 0 && !is_in_summary(x, advice)) {
		out_paragraphf(o, 2, 4, _("Publish this TXT record at %.*s:"),
		    MXA_STR_ARG(advice->fix.name));
		out_line(o, 4, advice->fix.new);
	}
	if (advice->fix.new.len > 0 && advice->fix.old.len > 0) {
		out_paragraphf(o, 2, 4, "%s", mxa_advice_replaces(advice));
		out_line(o, 4, advice->fix.old);
	}
	out_paragraph(o, 2, 4, advice->fix.advice);
}

static void print_fixes(struct out *o, const struct mxa_explained *x)
{
	if (!x->auth_failure || x->n_advice == 0)
		return;
	print_explain_heading(o, _("What to do"));
	for (size_t i = 0; i < x->n_advice; i++)
		print_fix(o, x, &x->advice[i]);
}

static void print_avoid(struct out *o, const struct mxa_explained *x)
{
	if (x->n_avoid == 0)
		return;
	print_explain_heading(o, _("What not to do"));
	for (size_t i = 0; i < x->n_avoid; i++)
		out_paragraph(o, 2, 4, x->avoid[i]);
}

/* "550 5.7.26 words of the reply" */
static void print_reply(struct out *o, const struct mxa_failure *f)
{
	struct mxa_str words = mxa_str_sub(f->evidence, 0, MAX_QUOTED);

	if (f->said.code[0] != '\0' || f->status.len > 0)
		out_paragraphf(o, 4, 4, "%s %.*s %.*s", f->said.code,
		    MXA_STR_ARG(f->status), MXA_STR_ARG(words));
	else
		out_paragraph(o, 4, 4, words);
}

static void print_failure(struct out *o, const struct mxa_failure *f)
{
	if (f->recipient.len > 0 && f->remote_mta.len > 0)
		out_paragraphf(o, 2, 4,
		    f->temporary ? _("%.*s, delayed by %.*s:")
				 : _("%.*s, refused by %.*s:"),
		    MXA_STR_ARG(f->recipient), MXA_STR_ARG(f->remote_mta));
	else if (f->recipient.len > 0)
		out_paragraphf(o, 2, 4,
		    f->temporary ? _("%.*s, delayed:") : _("%.*s, refused:"),
		    MXA_STR_ARG(f->recipient));
	else if (f->remote_mta.len > 0)
		out_paragraphf(
		    o, 2, 4, _("By %.*s:"), MXA_STR_ARG(f->remote_mta));
	print_reply(o, f);
}

static void print_failures(struct out *o, const struct mxa_bounce *b)
{
	if (b->n == 0)
		return;
	print_explain_heading(o,
	    b->kind == MXA_HEADER ? _("The header field")
				  : _("The receiver's words"));
	for (size_t i = 0; i < b->n && i < SHOWN; i++)
		print_failure(o, &b->v[i]);
	if (b->n > SHOWN)
		out_printf(o,
		    P_("  ... and %zu more recipient\n",
			"  ... and %zu more recipients\n", b->n - SHOWN),
		    b->n - SHOWN);
}

void explain_text(
    struct out *o, const struct mxa_bounce *b, const struct mxa_explained *x)
{
	out_answer(o, x->summary);
	print_findings(o, x);
	print_fixes(o, x);
	print_avoid(o, x);
	print_failures(o, b);
	if (b->kind == MXA_HEADER && b->all_passed)
		out_paragraph(o, 4, 4, mxa_str_sub(b->evidence, 0, MAX_QUOTED));
}
