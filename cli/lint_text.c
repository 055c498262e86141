/* lint_text.c - the lint's findings as sentences. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/lint_out.h"

#define WIDTH 78
#define INDENT 4

static const char *const words[] = {
	[MXA_LINT_INFO] = N_("note"),
	[MXA_LINT_WARNING] = N_("warning"),
	[MXA_LINT_ERROR] = N_("error"),
};

static const char *const colours[] = {
	[MXA_LINT_INFO] = "\033[36m",
	[MXA_LINT_WARNING] = "\033[33m",
	[MXA_LINT_ERROR] = "\033[1;31m",
};

/* One word, on the next line when this one is full. */
static void put_word(struct mxa_str w, size_t *column)
{
	if (*column > 0 && *column + 1 + w.len > WIDTH) {
		putchar('\n');
		*column = 0;
	}
	if (*column == 0) {
		printf("%*s", INDENT, "");
		*column = INDENT;
	} else {
		putchar(' ');
		(*column)++;
	}
	cli_print_safe(stdout, w);
	*column += w.len;
}

static void put_paragraph(struct mxa_str text)
{
	size_t column = 0;

	for (size_t at = 0; at < text.len;) {
		size_t end = mxa_str_chr(text, ' ', at);

		if (end > at)
			put_word(mxa_str_sub(text, at, end), &column);
		at = end + 1;
	}
	putchar('\n');
}

static void print_finding(
    const struct mxa_finding *f, bool at_once, bool colour)
{
	printf("  %s%s%s: ", colour ? colours[f->severity] : "",
	    _(words[f->severity]), colour ? "\033[0m" : "");
	printf("%s, ", mxa_lint_code_name(f->code));
	cli_print_safe(stdout, f->name);
	putchar('\n');
	put_paragraph(f->text);
	if (at_once)
		return;
	if (f->publish.len > 0) {
		printf(_("%*sPublish at %.*s:\n"), INDENT, "",
		    MXA_STR_ARG(f->publish));
		printf("%*s", 2 * INDENT, "");
		cli_print_safe(stdout, f->fix);
		putchar('\n');
	} else if (f->fix.len > 0) {
		put_paragraph(f->fix);
	}
}

/* Whether the finding's record is part of the one that is proposed for all of
 * them: then that one is shown. */
static bool at_once(const struct mxa_lint *l, const struct mxa_finding *f)
{
	return l->spf.proposed.len > 0 && mxa_str_eq(f->publish, l->domain) &&
	    strcmp(mxa_lint_code_group(f->code), "spf") == 0;
}

static void print_group(
    const struct mxa_lint *l, const char *group, bool colour)
{
	static const enum mxa_lint_severity order[] = { MXA_LINT_ERROR,
		MXA_LINT_WARNING, MXA_LINT_INFO };

	for (size_t i = 0; i < MXA_ARRAY_LEN(order); i++)
		for (const struct mxa_finding *f = l->first; f; f = f->next)
			if (f->severity == order[i] &&
			    strcmp(mxa_lint_code_group(f->code), group) == 0)
				print_finding(f, at_once(l, f), colour);
}

/* --- what is published --- */

static void print_record(const struct mxa_lint_record *r, int depth);

static void print_term(const struct mxa_lint_term *t, int depth)
{
	printf("%*s", 4 + 2 * depth, "");
	cli_print_safe(stdout, t->text);
	for (size_t i = 0; i < t->n; i++) {
		fputs(i ? ", " : " -> ", stdout);
		cli_print_safe(stdout, t->found[i]);
	}
	if (t->more > 0)
		printf(_(" and %zu more"), t->more);
	if (t->unreachable)
		printf(" (%s)", _("never looked at"));
	putchar('\n');
	if (t->record != NULL)
		print_record(t->record, depth + 1);
}

static void print_record(const struct mxa_lint_record *r, int depth)
{
	if (depth > 0 || r->trouble != NULL) {
		printf("%*s", 4 + 2 * depth, "");
		cli_print_safe(stdout, r->domain);
		if (r->trouble != NULL)
			printf(": %s", _(r->trouble));
		else
			printf(_(": %u lookups"), r->lookups);
		putchar('\n');
	}
	for (const struct mxa_lint_term *t = r->first; t; t = t->next)
		print_term(t, depth);
}

static void print_spf(const struct mxa_lint_spf *s)
{
	if (s->tree == NULL)
		return;
	printf(s->lookups_cut
		? _("  more than %u of %u lookups, %u of %u without an answer\n")
		: _("  %u of %u lookups, %u of %u without an answer\n"),
	    s->lookups, MXA_SPF_MAX_TERMS, s->voids, MXA_SPF_MAX_VOID);
	print_record(s->tree, 0);
	for (const struct mxa_lint_sender *x = s->senders; x; x = x->next)
		printf(_("  sender %.*s: %s\n"), MXA_STR_ARG(x->ip),
		    mxa_spf_result_name(x->result));
}

static void print_proposed(const struct mxa_lint *l)
{
	if (l->spf.proposed.len == 0)
		return;
	printf(_("  All of this put right, the record for %.*s:\n"),
	    MXA_STR_ARG(l->domain));
	printf("%*s", 2 * INDENT, "");
	cli_print_safe(stdout, l->spf.proposed);
	putchar('\n');
}

static void print_keys(const struct mxa_lint_key *k)
{
	for (; k != NULL; k = k->next) {
		fputs("  ", stdout);
		cli_print_safe(stdout, k->selector);
		printf(": %s", k->type ? k->type : k->state);
		if (k->bits > 0)
			printf(_(" %u bits"), k->bits);
		printf(" (%s)\n", _(lint_source_name(k->source)));
	}
}

static void print_dmarc(const struct mxa_lint_dmarc *d)
{
	for (size_t i = 0; i < d->n_walk; i++) {
		const struct mxa_lint_step *s = &d->walk[i];

		fputs("  ", stdout);
		cli_print_safe(stdout, s->name);
		fputs(": ", stdout);
		if (s->record.len > 0)
			cli_print_safe(stdout, s->record);
		else if (s->failed)
			fputs(_("the DNS does not answer"), stdout);
		else if (s->several)
			fputs(_("several records"), stdout);
		else
			putchar('-');
		putchar('\n');
	}
	for (const struct mxa_lint_uri *u = d->uris; u; u = u->next) {
		printf("  %s ", u->failure ? "ruf" : "rua");
		cli_print_safe(stdout, u->uri);
		if (u->external && u->authorised)
			printf(" (%s)", _("has agreed"));
		putchar('\n');
	}
}

static void print_mx(const struct mxa_lint_mx *m)
{
	for (size_t i = 0; i < m->n; i++) {
		fputs("  ", stdout);
		cli_print_safe(stdout, m->host[i]);
		putchar('\n');
	}
	if (m->null)
		printf("  %s\n", _("null MX: the domain takes no mail"));
}

static void heading(const char *text, bool colour)
{
	printf("\n%s%s%s\n", colour ? "\033[1m" : "", text,
	    colour ? "\033[0m" : "");
}

void lint_print(const struct mxa_lint *l, bool colour)
{
	printf(_("%.*s: errors: %u, warnings: %u, notes: %u\n"),
	    MXA_STR_ARG(l->domain), l->errors, l->warnings, l->infos);
	print_group(l, "dns", colour);
	if (l->spf.tree != NULL || l->dmarc.n_walk > 0) {
		heading("SPF", colour);
		print_spf(&l->spf);
		print_group(l, "spf", colour);
		print_proposed(l);
		heading("DKIM", colour);
		print_keys(l->keys);
		print_group(l, "dkim", colour);
		heading("DMARC", colour);
		print_dmarc(&l->dmarc);
		print_group(l, "dmarc", colour);
		heading("MX", colour);
		print_mx(&l->mx);
		print_group(l, "mx", colour);
	}
	if (l->dropped > 0)
		printf(_("and %zu further findings\n"), l->dropped);
}
