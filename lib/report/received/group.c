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

/* The MAIL FROM result; a HELO one only when there is nothing else. */
static const struct mxa_report_spf *spf_of(const struct mxa_report_row *row)
{
	for (size_t i = 0; i < row->n_spf; i++)
		if (!mxa_str_is(row->auth_spf[i].scope, "helo"))
			return &row->auth_spf[i];
	return row->n_spf > 0 ? &row->auth_spf[0] : NULL;
}

/* One of the two within the other: near enough for words in a report. */
static bool are_related(struct mxa_str a, struct mxa_str b)
{
	return mxa_domain_within(a, b) || mxa_domain_within(b, a);
}

static const struct mxa_report_dkim *own_signature(
    const struct mxa_report_row *row)
{
	for (size_t i = 0; i < row->n_dkim; i++)
		if (are_related(row->auth_dkim[i].domain, row->header_from))
			return &row->auth_dkim[i];
	return NULL;
}

/* The domain for which something passed, though not the author's. */
static struct mxa_str passed_elsewhere(const struct mxa_report_row *row)
{
	const struct mxa_report_spf *spf = spf_of(row);

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
	const struct mxa_report_spf *spf = spf_of(row);
	const struct mxa_report_dkim *own = own_signature(row);
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

/* --- groups --- */

struct table {
	struct mxa_report_group *v;
	size_t n, cap;
	size_t *slot; /* index + 1 into v; a power of two of them */
	size_t slots;
};

static size_t mix_hash(size_t h, struct mxa_str s)
{
	/* texts are kept once: their address is as good as their bytes */
	uintptr_t at = s.len > 0 ? (uintptr_t)s.p : 0;

	return (h ^ (size_t)at ^ s.len) * (size_t)0x9e3779b97f4a7c15;
}

static size_t group_hash(const struct mxa_report_group *g)
{
	size_t h =
	    mix_hash(mix_hash(mix_hash(g->cause + 1, g->author), g->source_ip),
		g->other);

	return h ^ (h >> 29);
}

static bool same_group(
    const struct mxa_report_group *a, const struct mxa_report_group *b)
{
	return a->cause == b->cause && mxa_str_eq(a->author, b->author) &&
	    mxa_str_eq(a->source_ip, b->source_ip) &&
	    mxa_str_eq(a->other, b->other);
}

static size_t *slot_of(struct table *t, const struct mxa_report_group *g)
{
	size_t i = group_hash(g) & (t->slots - 1);

	while (t->slot[i] != 0 && !same_group(&t->v[t->slot[i] - 1], g))
		i = (i + 1) & (t->slots - 1);
	return &t->slot[i];
}

static void more_slots(struct table *t)
{
	t->slots *= 2;
	t->slot = mxa_xrealloc(t->slot, t->slots * sizeof(*t->slot));
	memset(t->slot, 0, t->slots * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		*slot_of(t, &t->v[i]) = i + 1;
}

static struct mxa_report_group *group_for(
    struct table *t, const struct mxa_report_group *g)
{
	size_t *slot = slot_of(t, g);

	if (*slot != 0)
		return &t->v[*slot - 1];
	if (t->n == t->cap) {
		t->cap *= 2;
		t->v = mxa_xrealloc(t->v, t->cap * sizeof(*t->v));
	}
	t->v[t->n] = *g;
	*slot = ++t->n;
	if (t->n * 2 > t->slots)
		more_slots(t);
	return &t->v[t->n - 1];
}

static struct mxa_str other_domain(
    const struct mxa_report_row *row, enum mxa_report_cause cause)
{
	const struct mxa_report_spf *spf = spf_of(row);

	if (cause == MXA_RC_UNALIGNED)
		return passed_elsewhere(row);
	if (cause == MXA_RC_NO_SPF_RECORD || cause == MXA_RC_SPF_ERROR ||
	    cause == MXA_RC_NOT_LISTED)
		return spf->domain;
	return MXA_STR("");
}

static void count_row(struct table *t, const struct mxa_report *rep,
    const struct mxa_report_row *row, struct mxa_report_totals *totals)
{
	struct mxa_report_group start = {
		.author = row->header_from,
		.source_ip = row->source_ip,
		.cause = mxa_report_row_cause(row),
		.first = rep->begin,
		.last = rep->end,
	};
	bool rejected = mxa_str_is(row->disposition, "reject");
	bool quarantined = mxa_str_is(row->disposition, "quarantine");
	struct mxa_report_group *g;

	start.other = other_domain(row, start.cause);
	g = group_for(t, &start);
	g->count += row->count;
	g->rejected += rejected ? row->count : 0;
	g->quarantined += quarantined ? row->count : 0;
	g->delivered += rejected || quarantined ? 0 : row->count;
	if (row->n_reason > 0) {
		g->overridden += row->count;
		if (g->override.len == 0)
			g->override = row->reason[0].type;
	}
	g->first = rep->begin < g->first ? rep->begin : g->first;
	g->last = rep->end > g->last ? rep->end : g->last;
	totals->messages += row->count;
	totals->rejected += rejected ? row->count : 0;
	totals->quarantined += quarantined ? row->count : 0;
	*(mxa_report_row_passed(row) ? &totals->passed : &totals->failed) +=
	    row->count;
}

static int by_author(
    const struct mxa_report_group *a, const struct mxa_report_group *b)
{
	size_t n =
	    a->author.len < b->author.len ? a->author.len : b->author.len;
	int compare_groups = n ? memcmp(a->author.p, b->author.p, n) : 0;

	return compare_groups != 0
	    ? compare_groups
	    : (a->author.len > b->author.len) - (a->author.len < b->author.len);
}

/* Author by author; what fails first, then the larger. */
static int order(const void *pa, const void *pb)
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

static int by_address(const void *pa, const void *pb)
{
	const char *const *a = pa, *const *b = pb;

	return (*a > *b) - (*a < *b);
}

/* Distinct sources; each text is kept once, so its address tells. */
static size_t count_sources(const struct mxa_report_groups *g)
{
	const char **ip = mxa_xcalloc(g->n, sizeof(*ip));
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		ip[i] = g->v[i].source_ip.p;
	qsort(ip, g->n, sizeof(*ip), by_address);
	for (size_t i = 0; i < g->n; i++)
		n += i == 0 || ip[i] != ip[i - 1];
	free(ip);
	return n;
}

void mxa_report_groups_make(
    const struct mxa_reports *r, struct mxa_report_groups *out)
{
	struct table t = { .cap = 256, .slots = 1024 };

	memset(out, 0, sizeof(*out));
	t.v = mxa_xcalloc(t.cap, sizeof(*t.v));
	t.slot = mxa_xcalloc(t.slots, sizeof(*t.slot));
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		for (size_t i = 0; i < rep->n; i++)
			count_row(&t, rep, &rep->row[i], &out->totals);
		out->totals.reports++;
		out->totals.rows += rep->n;
		out->totals.left_out += rep->left_out;
	}
	free(t.slot);
	qsort(t.v, t.n, sizeof(*t.v), order);
	out->v = t.v;
	out->n = t.n;
	out->totals.sources = count_sources(out);
}

void mxa_report_groups_done(struct mxa_report_groups *g)
{
	free(g->v);
	g->v = NULL;
	g->n = 0;
}
