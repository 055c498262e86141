/* group.c - rows by author, source and cause; the words for each cause. */
#include "report/received/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"

static const struct {
	const char *name, *text, *advice;
} causes[MXA_RCAUSES] = {
	[MXA_RC_PASS_BOTH] = { "pass", N_("authenticated by SPF and DKIM"),
	    "" },
	[MXA_RC_PASS_SPF] = { "pass-spf",
	    N_("authenticated by SPF alone: without an aligned DKIM signature "
	       "it fails as soon as somebody forwards it"),
	    N_("Let this source sign with DKIM for the author's domain.") },
	[MXA_RC_PASS_DKIM] = { "pass-dkim",
	    N_("authenticated by DKIM alone: a forwarder, or a source that the "
	       "SPF record does not list"),
	    N_("If the source is yours, add it to the SPF record; a "
	       "forwarder's address does not belong there.") },
	[MXA_RC_NO_SPF_RECORD] = { "spf-missing",
	    N_("not authenticated: there was no SPF record then, and no DKIM "
	       "signature passed"),
	    N_("If the source is yours, publish an SPF record that lists it "
	       "and sign with DKIM; \"mxauth lint\" shows what is there "
	       "now.") },
	[MXA_RC_SPF_ERROR] = { "spf-error",
	    N_("not authenticated: the SPF record could not be evaluated"),
	    N_("Repair the SPF record; \"mxauth lint\" names the mistake.") },
	[MXA_RC_UNALIGNED] = { "unaligned",
	    N_("authenticated for another domain than the author's, which "
	       "does not count for DMARC"),
	    N_("If the source works for you, let it use your domain in MAIL "
	       "FROM or sign with it (d=).") },
	[MXA_RC_DKIM_BROKEN] = { "dkim-failed",
	    N_("the author's own signature did not verify: changed on the "
	       "way, by a list for instance, or a wrong key"),
	    N_("If it comes straight from your own server, check selector and "
	       "key; if it was forwarded, nothing is to be done.") },
	[MXA_RC_NOT_LISTED] = { "spf-not-listed",
	    N_("not authenticated: the SPF record does not list this source "
	       "and no DKIM signature passed"),
	    N_("If the source is yours, add it to the SPF record and sign "
	       "with DKIM; if not, somebody uses your name, and the policy "
	       "works.") },
	[MXA_RC_NO_RESULTS] = { "unspecified",
	    N_("not authenticated; the report does not say why"), "" },
};

const char *mxa_report_cause_name(enum mxa_report_cause c)
{
	return causes[c].name;
}

const char *mxa_report_cause_text(enum mxa_report_cause c)
{
	return _(causes[c].text);
}

const char *mxa_report_cause_advice(enum mxa_report_cause c)
{
	return causes[c].advice[0] ? _(causes[c].advice) : "";
}

const struct mxa_report_spf *mxa_report_row_spf(
    const struct mxa_report_row *row)
{
	for (size_t i = 0; i < row->n_spf; i++)
		if (!mxa_str_is(row->auth_spf[i].scope, "helo"))
			return &row->auth_spf[i];
	return row->n_spf > 0 ? &row->auth_spf[0] : NULL;
}

const struct mxa_report_dkim *mxa_report_row_signature(
    const struct mxa_report_row *row)
{
	for (size_t i = 0; i < row->n_dkim; i++)
		if (mxa_domain_related(
			row->auth_dkim[i].domain, row->header_from))
			return &row->auth_dkim[i];
	return NULL;
}

struct mxa_str mxa_report_row_elsewhere(const struct mxa_report_row *row)
{
	const struct mxa_report_spf *spf = mxa_report_row_spf(row);

	for (size_t i = 0; i < row->n_dkim; i++)
		if (mxa_str_is(row->auth_dkim[i].result, "pass") &&
		    !mxa_domain_related(
			row->auth_dkim[i].domain, row->header_from))
			return row->auth_dkim[i].domain;
	if (spf != NULL && mxa_str_is(spf->result, "pass") &&
	    !mxa_domain_related(spf->domain, row->header_from))
		return spf->domain;
	return MXA_STR("");
}

/* The domain for which something passed, though not the author's. */
static struct mxa_str passed_elsewhere(const struct mxa_report_row *row)
{
	const struct mxa_report_spf *spf = mxa_report_row_spf(row);

	for (size_t i = 0; i < row->n_dkim; i++)
		if (mxa_str_is(row->auth_dkim[i].result, "pass"))
			return row->auth_dkim[i].domain;
	if (spf != NULL && mxa_str_is(spf->result, "pass"))
		return spf->domain;
	return MXA_STR("");
}

static bool one_of(struct mxa_str s, const char *a, const char *b)
{
	return mxa_str_is(s, a) || mxa_str_is(s, b);
}

enum mxa_report_cause mxa_report_row_cause(const struct mxa_report_row *row)
{
	const struct mxa_report_spf *spf = mxa_report_row_spf(row);
	const struct mxa_report_dkim *own = mxa_report_row_signature(row);
	bool by_spf = mxa_str_is(row->spf, "pass");
	bool by_dkim = mxa_str_is(row->dkim, "pass");

	if (by_spf || by_dkim)
		return by_spf && by_dkim ? MXA_RC_PASS_BOTH
		    : by_spf		 ? MXA_RC_PASS_SPF
					 : MXA_RC_PASS_DKIM;
	if (own != NULL && !mxa_str_is(own->result, "none"))
		return MXA_RC_DKIM_BROKEN;
	if (passed_elsewhere(row).len > 0)
		return MXA_RC_UNALIGNED;
	if (spf == NULL)
		return MXA_RC_NO_RESULTS;
	if (mxa_str_is(spf->result, "none"))
		return MXA_RC_NO_SPF_RECORD;
	if (one_of(spf->result, "permerror", "temperror") ||
	    one_of(spf->result, "unknown", "error"))
		return MXA_RC_SPF_ERROR;
	return MXA_RC_NOT_LISTED;
}

/* --- sums --- */

void mxa_report_totals_add(
    struct mxa_report_totals *t, const struct mxa_report_row *row)
{
	enum mxa_report_outcome o = mxa_report_row_outcome(row);

	t->rows++;
	t->messages += row->count;
	t->rejected += o == MXA_REPORT_REJECTED ? row->count : 0;
	t->quarantined += o == MXA_REPORT_QUARANTINED ? row->count : 0;
	*(mxa_report_row_passed(row) ? &t->passed : &t->failed) += row->count;
}

/* --- groups --- */

struct mxa_report_table {
	size_t cap;	/* of the groups */
	uint32_t *slot; /* index + 1 of a group; a power of two of them */
	size_t slots;
};

static size_t group_hash(const struct mxa_report_group *g)
{
	uint64_t h = (uint64_t)g->cause;

	h = h * 31 + mxa_report_hash(g->author);
	h = h * 31 + mxa_report_hash(g->source_ip);
	h = h * 31 + mxa_report_hash(g->other);
	return (size_t)(h ^ h >> 31);
}

static bool same_group(
    const struct mxa_report_group *a, const struct mxa_report_group *b)
{
	return a->cause == b->cause && mxa_str_eq(a->source_ip, b->source_ip) &&
	    mxa_str_eq(a->author, b->author) && mxa_str_eq(a->other, b->other);
}

static uint32_t *slot_of(
    struct mxa_report_groups *g, const struct mxa_report_group *key)
{
	struct mxa_report_table *t = g->table;
	size_t i = group_hash(key) & (t->slots - 1);

	while (t->slot[i] != 0 && !same_group(&g->v[t->slot[i] - 1], key))
		i = (i + 1) & (t->slots - 1);
	return &t->slot[i];
}

static void more_slots(struct mxa_report_groups *g)
{
	struct mxa_report_table *t = g->table;

	t->slots *= 2;
	free(t->slot);
	t->slot = mxa_xcalloc(t->slots, sizeof(*t->slot));
	for (size_t i = 0; i < g->n; i++)
		*slot_of(g, &g->v[i]) = (uint32_t)i + 1;
}

/* A new group, whose texts are kept from now on. */
static struct mxa_report_group *new_group(struct mxa_report_groups *g,
    struct mxa_reports *r, const struct mxa_report_group *key, uint32_t *slot)
{
	struct mxa_report_table *t = g->table;
	struct mxa_report_group *v;

	if (g->n == t->cap) {
		t->cap *= 2;
		g->v = mxa_xrealloc(g->v, t->cap * sizeof(*g->v));
	}
	v = &g->v[g->n];
	*v = *key;
	v->author = mxa_reports_word(r, key->author);
	v->source_ip = mxa_reports_word(r, key->source_ip);
	v->other = mxa_reports_word(r, key->other);
	*slot = (uint32_t)++g->n;
	if (g->n * 2 > t->slots)
		more_slots(g);
	return v;
}

static struct mxa_str other_domain(
    const struct mxa_report_row *row, enum mxa_report_cause cause)
{
	const struct mxa_report_spf *spf = mxa_report_row_spf(row);

	if (cause == MXA_RC_UNALIGNED)
		return passed_elsewhere(row);
	if (cause == MXA_RC_NO_SPF_RECORD || cause == MXA_RC_SPF_ERROR ||
	    cause == MXA_RC_NOT_LISTED)
		return spf->domain;
	return MXA_STR("");
}

static void count_row(struct mxa_report_group *g, struct mxa_reports *r,
    const struct mxa_report *rep, const struct mxa_report_row *row)
{
	g->count += row->count;
	switch (mxa_report_row_outcome(row)) {
	case MXA_REPORT_PASSED:
	case MXA_REPORT_DELIVERED:
		g->delivered += row->count;
		break;
	case MXA_REPORT_QUARANTINED:
		g->quarantined += row->count;
		break;
	case MXA_REPORT_REJECTED:
		g->rejected += row->count;
		break;
	case MXA_REPORT_OUTCOMES:
		break;
	}
	if (row->n_reason > 0) {
		g->overridden += row->count;
		if (g->override.len == 0)
			g->override = mxa_reports_word(r, row->reason[0].type);
	}
	g->first = rep->begin < g->first ? rep->begin : g->first;
	g->last = rep->end > g->last ? rep->end : g->last;
}

void mxa_report_groups_init(struct mxa_report_groups *g)
{
	struct mxa_report_table *t = mxa_xcalloc(1, sizeof(*t));

	t->cap = 256;
	t->slots = 1024;
	t->slot = mxa_xcalloc(t->slots, sizeof(*t->slot));
	*g = (struct mxa_report_groups){ .table = t };
	g->v = mxa_xcalloc(t->cap, sizeof(*g->v));
}

void mxa_report_groups_add(struct mxa_report_groups *g, struct mxa_reports *r,
    const struct mxa_report *rep, const struct mxa_report_row *row)
{
	struct mxa_report_group key = {
		.author = row->header_from,
		.source_ip = row->source_ip,
		.cause = mxa_report_row_cause(row),
		.first = rep->begin,
		.last = rep->end,
	};
	uint32_t *slot;

	key.other = other_domain(row, key.cause);
	slot = slot_of(g, &key);
	if (*slot == 0 && g->n == MXA_REPORT_MAX_GROUPS) {
		g->not_kept++;
		return;
	}
	count_row(*slot != 0 ? &g->v[*slot - 1] : new_group(g, r, &key, slot),
	    r, rep, row);
}

static int by_author(
    const struct mxa_report_group *a, const struct mxa_report_group *b)
{
	size_t n =
	    a->author.len < b->author.len ? a->author.len : b->author.len;
	int order = n ? memcmp(a->author.p, b->author.p, n) : 0;

	return order != 0
	    ? order
	    : (a->author.len > b->author.len) - (a->author.len < b->author.len);
}

/* Author by author; what fails first, then the larger. */
static int compare_groups(const void *pa, const void *pb)
{
	const struct mxa_report_group *a = pa, *b = pb;
	bool fa = a->cause > MXA_RC_PASS_DKIM, fb = b->cause > MXA_RC_PASS_DKIM;
	int names = by_author(a, b);

	if (names != 0)
		return names;
	if (fa != fb)
		return fa ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return mxa_str_eq(a->source_ip, b->source_ip)
	    ? (int)a->cause - (int)b->cause
	    : strcmp(a->source_ip.p, b->source_ip.p);
}

void mxa_report_groups_sort(struct mxa_report_groups *g)
{
	qsort(g->v, g->n, sizeof(*g->v), compare_groups);
}

static bool passed_by_spf(const struct mxa_report_group *g)
{
	return g->cause == MXA_RC_PASS_SPF || g->cause == MXA_RC_PASS_BOTH;
}

const struct mxa_report_group *mxa_report_group_published(
    const struct mxa_report_groups *g, const struct mxa_report_group *failed)
{
	if (failed->cause != MXA_RC_NO_SPF_RECORD &&
	    failed->cause != MXA_RC_NOT_LISTED)
		return NULL;
	for (size_t i = 0; i < g->n; i++) {
		const struct mxa_report_group *p = &g->v[i];

		if (passed_by_spf(p) && p->last >= failed->last &&
		    mxa_str_eq(p->source_ip, failed->source_ip) &&
		    mxa_str_eq(p->author, failed->author))
			return p;
	}
	return NULL;
}

void mxa_report_groups_done(struct mxa_report_groups *g)
{
	if (g->table != NULL)
		free(g->table->slot);
	free(g->table);
	free(g->v);
	*g = (struct mxa_report_groups){ .n = 0 };
}
