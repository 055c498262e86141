/* orgdom.c - organizational domains. */
#include "auth/orgdom.h"

#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/domain.h"

/* --- the public suffix list --- */

struct mxa_psl {
	psl_ctx_t *ctx;
};

struct mxa_psl *mxa_psl_load(const char *file, const char **error)
{
	/* psl_latest takes the newer of the distribution's file and the list
	 * that was compiled in. */
	psl_ctx_t *ctx = file ? psl_load_file(file) : psl_latest(NULL);
	struct mxa_psl *p;

	if (ctx == NULL) {
		*error = "the public suffix list cannot be read";
		return NULL;
	}
	if (psl_suffix_count(ctx) == 0) {
		psl_free(ctx);
		*error = "the public suffix list is empty";
		return NULL;
	}
	p = mxa_xmalloc(sizeof(*p));
	p->ctx = ctx;
	return p;
}

void mxa_psl_free(struct mxa_psl *p)
{
	if (p == NULL)
		return;
	psl_free(p->ctx);
	free(p);
}

/* For libpsl, which wants C strings; false: no name that it could know. */
static bool psl_text(struct mxa_str name, char text[MXA_MAX_DOMAIN + 1])
{
	if (name.len == 0 || name.len > MXA_MAX_DOMAIN)
		return false;
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	return true;
}

bool mxa_psl_is_suffix(const struct mxa_psl *p, struct mxa_str name)
{
	char text[MXA_MAX_DOMAIN + 1];

	return psl_text(name, text) &&
	    psl_is_public_suffix2(p->ctx, text, PSL_TYPE_ICANN) != 0;
}

struct mxa_str mxa_psl_org(const struct mxa_psl *p, struct mxa_str name)
{
	char text[MXA_MAX_DOMAIN + 1];
	const char *org;

	if (!psl_text(name, text))
		return name;
	org = psl_registrable_domain(p->ctx, text);
	if (org == NULL)
		return name;
	return mxa_str_sub(name, name.len - strlen(org), name.len);
}

/* --- the walk --- */

size_t mxa_walk_names(struct mxa_str start, struct mxa_str out[MXA_MAX_WALK])
{
	size_t labels = mxa_domain_labels(start), n = 0;

	if (labels == 0)
		return 0;
	out[n++] = start;
	/* Behind a name of 8 or more labels the walk goes on with 7. */
	for (labels = labels > 7 ? 7 : labels - 1; labels > 0; labels--)
		out[n++] = mxa_domain_right(start, labels);
	return n;
}

#define PREFIX "_dmarc."

struct question {
	char text[sizeof(PREFIX) + MXA_MAX_DOMAIN];
	struct mxa_str name;
};

static void set_question(struct question *q, struct mxa_str domain)
{
	struct mxa_str d = mxa_str_sub(domain, 0, MXA_MAX_DOMAIN);

	memcpy(q->text, PREFIX, sizeof(PREFIX) - 1);
	if (d.len > 0)
		memcpy(q->text + sizeof(PREFIX) - 1, d.p, d.len);
	q->name = mxa_str_make(q->text, sizeof(PREFIX) - 1 + d.len);
}

void mxa_walk_prefetch(
    struct mxa_budget *b, const struct mxa_psl *psl, struct mxa_str start)
{
	struct mxa_str name[MXA_MAX_WALK];
	size_t n = mxa_walk_names(start, name);
	struct question q;

	if (psl != NULL) {
		name[1] = mxa_psl_org(psl, start);
		n = name[1].len < start.len ? 2 : 1;
	}
	for (size_t i = 0; i < n; i++) {
		set_question(&q, name[i]);
		mxa_dns_prefetch(b, MXA_SHARE_DMARC, q.name, MXA_DNS_TXT);
	}
}

/* Whether an answer leaves open what is at the name.  A name too long to be
 * asked has no record. */
static bool open_answer(const struct mxa_dns_answer *answer)
{
	return answer == NULL || mxa_dns_failed(answer->status);
}

static void add_step(
    struct mxa_budget *b, struct mxa_walk *w, struct mxa_str name, bool wait)
{
	struct mxa_walk_step *s = &w->step[w->n++];
	const struct mxa_dmarc_found *found;
	struct question q;

	*s = (struct mxa_walk_step){ .name = name };
	set_question(&q, name);
	s->answer = wait
	    ? mxa_dns_lookup(b, MXA_SHARE_DMARC, q.name, MXA_DNS_TXT)
	    : mxa_dns_peek(b, q.name, MXA_DNS_TXT);
	if (open_answer(s->answer)) {
		s->state = MXA_WALK_FAILED;
		return;
	}
	if (s->answer->status != MXA_DNS_DATA)
		return;
	found = mxa_dmarc_found_in(s->answer);
	s->several = found->n > 1;
	if (found->n != 1)
		return;
	s->state = MXA_WALK_RECORD;
	s->record = &found->record;
}

static void start_walk(
    struct mxa_walk *w, const struct mxa_psl *psl, struct mxa_str start)
{
	w->start = start;
	w->psl_org = psl ? mxa_psl_org(psl, start) : MXA_STR_NONE;
	w->n = 0;
}

void mxa_walk_begin(struct mxa_budget *b, const struct mxa_psl *psl,
    struct mxa_str start, struct mxa_walk *out)
{
	start_walk(out, psl, start);
	add_step(b, out, start, true);
}

static bool ends_walk(const struct mxa_walk_step *s)
{
	return s->state == MXA_WALK_RECORD && s->record->psd != MXA_PSD_U;
}

void mxa_walk_complete(struct mxa_budget *b, struct mxa_walk *w, bool wait)
{
	struct mxa_str name[MXA_MAX_WALK];
	size_t n = mxa_walk_names(w->start, name);

	if (w->psl_org.p != NULL) {
		/* RFC 7489 section 6.6.3: the record of the name itself ends
		 * the search, and so do several. */
		if (w->step[0].state != MXA_WALK_RECORD &&
		    !w->step[0].several && w->psl_org.len < w->start.len)
			add_step(b, w, w->psl_org, wait);
		return;
	}
	while (w->n < n && !ends_walk(&w->step[w->n - 1]))
		add_step(b, w, name[w->n], wait);
}

void mxa_walk_identifier(struct mxa_budget *b, const struct mxa_psl *psl,
    struct mxa_str name, struct mxa_walk *out)
{
	start_walk(out, psl, name);
	if (psl != NULL)
		return;
	add_step(b, out, name, true);
	mxa_walk_complete(b, out, true);
}

/* --- its result --- */

enum guessed { NOTHING, PLAIN, PSD_Y, PSD_N };

void mxa_guess_add(struct mxa_guess *g, const struct mxa_walk *w)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t k = 0;

		if (w->step[i].state != MXA_WALK_FAILED)
			continue;
		while (k < g->n && !mxa_str_eq(g->name[k], w->step[i].name))
			k++;
		if (k < g->n)
			continue;
		if (g->n == MXA_MAX_GUESSES)
			g->overflow = true;
		else
			g->name[g->n++] = w->step[i].name;
	}
	g->world = 0;
}

unsigned mxa_guess_worlds(const struct mxa_guess *g)
{
	return 1U << 2 * g->n;
}

static enum guessed guess_record(const struct mxa_guess *g, struct mxa_str name)
{
	for (size_t i = 0; i < g->n; i++)
		if (mxa_str_eq(g->name[i], name))
			return (enum guessed)(g->world >> 2 * i & 3);
	return NOTHING;
}

static enum guessed step_kind(
    const struct mxa_walk_step *s, const struct mxa_guess *g)
{
	switch (s->state) {
	case MXA_WALK_EMPTY:
		return NOTHING;
	case MXA_WALK_FAILED:
		return guess_record(g, s->name);
	case MXA_WALK_RECORD:
		break;
	}
	switch (s->record->psd) {
	case MXA_PSD_U:
		break;
	case MXA_PSD_Y:
		return PSD_Y;
	case MXA_PSD_N:
		return PSD_N;
	}
	return PLAIN;
}

/* Whether a step has a record in that world. */
static bool step_has_record(
    const struct mxa_walk_step *s, const struct mxa_guess *g)
{
	return step_kind(s, g) != NOTHING;
}

/* The name one label below the public suffix domain at step 'psd', as the
 * start name spells it.  A jump of the walk may have left it out. */
static struct mxa_org below_psd(
    const struct mxa_walk *w, const struct mxa_guess *g, size_t psd)
{
	size_t labels = mxa_domain_labels(w->step[psd].name) + 1;
	struct mxa_org org = { .name = mxa_domain_right(w->start, labels),
		.at = w->n,
		.psd_at = psd };

	if (mxa_str_eq(w->step[psd - 1].name, org.name) &&
	    step_has_record(&w->step[psd - 1], g))
		org.at = psd - 1;
	return org;
}

static struct mxa_org psl_result(
    const struct mxa_walk *w, const struct mxa_guess *g)
{
	struct mxa_org org = { .name = w->psl_org, .at = w->n, .psd_at = w->n };

	for (size_t i = 0; i < w->n; i++)
		if (mxa_str_eq(w->step[i].name, org.name) &&
		    step_has_record(&w->step[i], g))
			org.at = i;
	return org;
}

struct mxa_org mxa_walk_org(const struct mxa_walk *w, const struct mxa_guess *g)
{
	struct mxa_org org = { .name = w->start, .at = w->n, .psd_at = w->n };

	if (w->psl_org.p != NULL)
		return psl_result(w, g);
	for (size_t i = 0; i < w->n; i++) {
		enum guessed k = step_kind(&w->step[i], g);

		if (k == NOTHING)
			continue;
		if (k == PSD_Y && i > 0)
			return below_psd(w, g, i);
		org.name = w->step[i].name;
		org.at = i;
		org.psd_n = k == PSD_N;
		if (k != PLAIN)
			break;
	}
	return org;
}

size_t mxa_walk_applied(const struct mxa_walk *w, const struct mxa_guess *g,
    const struct mxa_org *org)
{
	if (w->n > 0 && step_has_record(&w->step[0], g))
		return 0;
	return org->at < w->n ? org->at : org->psd_at;
}

static bool walk_failed(const struct mxa_walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->step[i].state == MXA_WALK_FAILED)
			return true;
	return false;
}

enum mxa_same_org mxa_orgdom_compare(struct mxa_budget *b,
    const struct mxa_auth_options *o, struct mxa_str one, struct mxa_str two)
{
	const struct mxa_psl *psl =
	    o->orgdom_mode == MXA_ORGDOM_PSL ? o->psl : NULL;
	struct mxa_guess nothing = { .n = 0 };
	struct mxa_walk w1, w2;

	if (mxa_str_eq(one, two))
		return MXA_SAME_ORG;
	mxa_walk_identifier(b, psl, one, &w1);
	mxa_walk_identifier(b, psl, two, &w2);
	if (walk_failed(&w1) || walk_failed(&w2))
		return MXA_SAME_ORG_UNKNOWN;
	return mxa_str_eq(mxa_walk_org(&w1, &nothing).name,
		   mxa_walk_org(&w2, &nothing).name)
	    ? MXA_SAME_ORG
	    : MXA_OTHER_ORG;
}

bool mxa_orgdom_same(struct mxa_budget *b, const struct mxa_auth_options *o,
    struct mxa_str one, struct mxa_str two)
{
	return mxa_orgdom_compare(b, o, one, two) == MXA_SAME_ORG;
}
