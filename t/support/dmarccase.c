/* dmarccase.c - see dmarccase.h. */
#include "t/support/dmarccase.h"

#include <string.h>

void dmarc_set_up(
    struct dmarc_setup *s, const char *zone, enum mxa_orgdom_mode mode)
{
	const char *psl_error = NULL;
	char *error = NULL;

	*s = (struct dmarc_setup){ .options = { .orgdom_mode = mode,
				       .single_label_guard = true } };
	if (mode != MXA_ORGDOM_TREEWALK) {
		s->psl =
		    mxa_psl_load(test_path("zones/suffixes.psl"), &psl_error);
		ck_assert_msg(s->psl != NULL, "%s", psl_error);
		s->options.psl = s->psl;
	}
	test_clock_init(&s->clock, 1767225600);
	s->dns = mxa_dns_zone_text("row", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(s->dns != NULL, "%s", error);
	s->env = (struct mxa_engine_env){ .arena = mxa_arena_new(),
		.budget = mxa_budget_open(s->dns, 2000),
		.clock = &s->clock.clock,
		.options = &s->options };
	mxa_notes_init(&s->notes, s->env.arena);
}

void dmarc_tear_down(struct dmarc_setup *s)
{
	mxa_budget_close(s->env.budget);
	mxa_dns_free(s->dns);
	mxa_psl_free(s->psl);
	mxa_arena_free(s->env.arena);
}

static struct mxa_str word(const char **p)
{
	struct mxa_str w;

	*p += strspn(*p, " ,");
	w = mxa_str_make(*p, strcspn(*p, " ,"));
	*p += w.len;
	return w;
}

void dmarc_read_authors(const char *text, struct mxa_authors *out)
{
	struct mxa_str w;

	*out = (struct mxa_authors){ .n = 0 };
	for (w = word(&text); w.len > 0; w = word(&text))
		if (mxa_str_is(w, "+"))
			out->more = true;
		else
			out->domain[out->n++] = w;
}

static void read_spf(const char *text, struct mxa_spf_verdict *out)
{
	struct mxa_str w;

	*out = (struct mxa_spf_verdict){ .result = MXA_SPF_NONE };
	if (text == NULL)
		return;
	w = word(&text);
	for (int r = MXA_SPF_NONE; r <= MXA_SPF_PERMERROR; r++)
		if (mxa_str_is(w, mxa_spf_result_name(r)))
			out->result = r;
	out->domain = word(&text);
}

static void read_dkim(
    const char *text, struct mxa_dkim_sig sig[20], struct mxa_dkim_verdict *out)
{
	struct mxa_str w;

	*out = (struct mxa_dkim_verdict){ .sig = sig };
	while (text != NULL && (w = word(&text)).len > 0) {
		sig[out->n] = (struct mxa_dkim_sig){ .result = MXA_DKIM_NONE };
		for (int r = MXA_DKIM_NONE; r <= MXA_DKIM_PERMERROR; r++)
			if (mxa_str_is(w, mxa_dkim_result_name(r)))
				sig[out->n].result = r;
		sig[out->n++].domain = word(&text);
	}
}

/* "fail reject org=example.com sp@example.com spf dkim testing nonexistent":
 * result, effective policy, organizational domain, the record's tag and place,
 * what is aligned. */
static const char *show(struct mxa_buf *b, const struct mxa_dmarc_domain *d)
{
	static const char *const tags[] = { "p", "sp", "np" };

	mxa_buf_printf(b, "%s", mxa_dmarc_result_name(d->result));
	if (d->record != NULL)
		mxa_buf_printf(b, " %s", mxa_dmarc_policy_name(d->policy));
	mxa_buf_printf(b, " org=%.*s", MXA_STR_ARG(d->organizational));
	if (d->record != NULL)
		mxa_buf_printf(
		    b, " %s@%.*s", tags[d->tag], MXA_STR_ARG(d->record_domain));
	mxa_buf_adds(b, d->spf_aligned ? " spf" : "");
	mxa_buf_adds(b, d->dkim_aligned ? " dkim" : "");
	mxa_buf_adds(b, d->testing ? " testing" : "");
	mxa_buf_adds(b, d->nonexistent ? " nonexistent" : "");
	ck_assert_uint_gt(d->reason.text.len, 0);
	return mxa_buf_cstr(b);
}

void dmarc_evaluate_row(struct dmarc_setup *s, const struct dmarc_row *row,
    struct mxa_dmarc_verdict *out)
{
	struct mxa_dkim_sig sig[20];
	struct mxa_dkim_verdict dkim;
	struct mxa_spf_verdict spf;
	struct mxa_authors authors;

	dmarc_read_authors(row->authors, &authors);
	read_spf(row->spf, &spf);
	read_dkim(row->dkim, sig, &dkim);
	mxa_dmarc_discover(&s->env, &authors);
	mxa_dmarc_evaluate(&s->env, &authors, &spf, &dkim, &s->notes, out);
}

void dmarc_run(struct dmarc_setup *s, const struct dmarc_row *row)
{
	struct mxa_dmarc_verdict v;
	struct mxa_buf b;

	dmarc_evaluate_row(s, row, &v);
	mxa_buf_init(&b, s->env.arena, 1024);
	show(&b, &v.domain[v.worst]);
	mxa_buf_adds(&b, v.guarded ? " guarded" : "");
	mxa_buf_adds(&b, v.modes_differ ? " differ" : "");
	ck_assert_msg(strcmp(mxa_buf_cstr(&b), row->want) == 0,
	    "%s: got \"%s\", want \"%s\"", row->name, mxa_buf_cstr(&b),
	    row->want);
	ck_assert_int_eq(v.result, v.domain[v.worst].result);
}
