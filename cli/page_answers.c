/* page_answers.c - see page_answers.h. */
#include "cli/page_answers.h"

#include "base/attr.h"
#include "base/i18n.h"

#define SHOWN_FAILURES 20
#define MAX_QUOTED 2000 /* bytes of a reply that are shown */

static void put_title(struct page *p, const char *title)
{
	page_element(p, "h3", NULL, mxa_str_from(title));
	page_markup(p, "\n");
}

static void put_publish(
    struct page *p, struct mxa_str name, struct mxa_str record)
{
	page_markup(p, "<p>");
	page_printf(
	    p, _("Publish this TXT record at %.*s:"), MXA_STR_ARG(name));
	page_markup(p, "</p>\n");
	page_record(p, record);
}

/* --- explain --- */

static void put_fix(struct page *p, const struct mxa_advice *advice)
{
	if (advice->fix.new.len > 0)
		put_publish(p, advice->fix.name, advice->fix.new);
	if (advice->fix.new.len > 0 && advice->fix.old.len > 0) {
		page_element(
		    p, "p", NULL, mxa_str_from(mxa_advice_replaces(advice)));
		page_element(p, "pre", NULL, advice->fix.old);
	}
	if (advice->fix.advice.len > 0)
		page_element(p, "p", NULL, advice->fix.advice);
}

static void put_fixes(struct page *p, const struct mxa_explained *x)
{
	if (!x->auth_failure || x->n_advice == 0)
		return;
	put_title(p, _("What to do"));
	for (size_t i = 0; i < x->n_advice; i++)
		put_fix(p, &x->advice[i]);
}

static void put_list(struct page *p, const char *title,
    const struct mxa_explained *x, bool avoid)
{
	size_t n = avoid ? x->n_avoid : x->n_statements;

	if (n == 0 || (!avoid && !x->auth_failure))
		return;
	put_title(p, title);
	page_markup(p, "<ul>");
	for (size_t i = 0; i < n; i++)
		page_element(
		    p, "li", NULL, avoid ? x->avoid[i] : x->statement[i].text);
	page_markup(p, "</ul>\n");
}

static void put_failure(struct page *p, const struct mxa_failure *f)
{
	page_markup(p, "<p>");
	if (f->recipient.len > 0)
		page_text(p, f->recipient);
	if (f->remote_mta.len > 0) {
		page_markup(p, f->recipient.len > 0 ? " &larr; " : "");
		page_text(p, f->remote_mta);
	}
	page_markup(p, "</p><pre>");
	if (f->said.code[0] != '\0' || f->status.len > 0)
		page_printf(
		    p, "%s %.*s ", f->said.code, MXA_STR_ARG(f->status));
	page_text(p, mxa_str_sub(f->evidence, 0, MAX_QUOTED));
	page_markup(p, "</pre>\n");
}

static void put_failures(struct page *p, const struct mxa_bounce *b)
{
	if (b->n == 0)
		return;
	put_title(p,
	    b->kind == MXA_HEADER ? _("The header field")
				  : _("The receiver's words"));
	for (size_t i = 0; i < b->n && i < SHOWN_FAILURES; i++)
		put_failure(p, &b->v[i]);
	if (b->n > SHOWN_FAILURES)
		page_printf(p,
		    P_("  ... and %zu more recipient\n",
			"  ... and %zu more recipients\n",
			b->n - SHOWN_FAILURES),
		    b->n - SHOWN_FAILURES);
}

void page_explained(
    struct page *p, const struct mxa_bounce *b, const struct mxa_explained *x)
{
	page_markup(p, "<section class=\"card\">");
	page_element(
	    p, "p", x->auth_failure ? "answer no" : "answer", x->summary);
	page_markup(p, "\n");
	put_list(p, _("Why"), x, false);
	put_fixes(p, x);
	put_list(p, _("What not to do"), x, true);
	put_failures(p, b);
	page_markup(p, "</section>\n");
}

/* --- lint --- */

static const struct {
	const char *word, *class;
} severities[] = {
	[MXA_LINT_INFO] = { N_("note"), "soft" },
	[MXA_LINT_WARNING] = { N_("warning"), "wait" },
	[MXA_LINT_ERROR] = { N_("error"), "no" },
};

static void put_finding(struct page *p, const struct mxa_finding *f)
{
	page_markup(p, "<h3>");
	page_element(p, "span", severities[f->severity].class,
	    mxa_str_from(_(severities[f->severity].word)));
	page_printf(p, ": %s, ", mxa_lint_code_name(f->code));
	page_text(p, f->name);
	page_markup(p, "</h3>\n");
	page_element(p, "p", NULL, f->evidence);
	if (f->fix.new.len > 0)
		put_publish(p, f->fix.name, f->fix.new);
	else if (f->fix.advice.len > 0)
		page_element(p, "p", NULL, f->fix.advice);
}

void page_lint(struct page *p, const struct mxa_lint *l)
{
	static const enum mxa_lint_severity order[] = { MXA_LINT_ERROR,
		MXA_LINT_WARNING, MXA_LINT_INFO };

	page_markup(p, "<section class=\"card\">");
	page_element(p, "h2", NULL, l->domain);
	fprintf(p->f, "<p class=\"answer %s\">",
	    l->errors	      ? "no"
		: l->warnings ? "wait"
			      : "ok");
	page_printf(p, _("%.*s: errors: %u, warnings: %u, notes: %u\n"),
	    MXA_STR_ARG(l->domain), l->errors, l->warnings, l->infos);
	page_markup(p, "</p>\n");
	for (size_t i = 0; i < MXA_ARRAY_LEN(order); i++)
		for (const struct mxa_finding *f = l->first; f; f = f->next)
			if (f->severity == order[i])
				put_finding(p, f);
	page_markup(p, "</section>\n");
}
