/* align.c - which identifiers speak for the author.
 *
 * A question to the DNS that failed matters only when its answer could change
 * the outcome (RFC 9989 section 5.3.6).  So the outcome is computed for every
 * answer it could have had, and stands when it is always the same. */
#include "auth/align.h"

#include "base/domain.h"

/* One world's outcome. */
struct outcome {
	enum mxa_alignment_result result;
	const struct mxa_walk_step *applied;
	struct mxa_org org;
	bool spf, dkim;
	const struct mxa_identifier *by;
	const struct mxa_identifier *open;
};

struct job {
	const struct mxa_walk *author;
	const struct mxa_identifier *id;
	size_t n;
	bool guard;
	struct mxa_guess guess;
};

/* The name that stands for the organization in a comparison. */
static struct mxa_str compared_name(
    const struct job *j, struct mxa_org org, struct mxa_str start)
{
	if (j->guard && !org.psd_n && mxa_domain_labels(org.name) == 1)
		return mxa_domain_right(start, 2);
	return org.name;
}

static bool id_aligned(const struct job *j, const struct mxa_identifier *id,
    struct mxa_org author, bool strict)
{
	struct mxa_org org;

	if (mxa_str_eq(id->domain, j->author->start))
		return true;
	if (strict || !id->walked)
		return false;
	org = mxa_walk_org(&id->walk, &j->guess);
	return mxa_str_eq(compared_name(j, author, j->author->start),
	    compared_name(j, org, id->walk.start));
}

static bool is_strict(const struct mxa_dmarc_record *r, bool dkim)
{
	return dkim ? r->strict_dkim : r->strict_spf;
}

/* Alignment of all identifiers under a record; NULL: one whose text is not
 * known, so that only equal names are aligned for certain. */
static void align_all(
    const struct job *j, const struct mxa_dmarc_record *r, struct outcome *out)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct mxa_identifier *id = &j->id[i];

		if (!id_aligned(
			j, id, out->org, r ? is_strict(r, id->dkim) : true))
			continue;
		if (!id->passed) {
			out->open = id;
			continue;
		}
		out->spf |= !id->dkim;
		out->dkim |= id->dkim;
		if (out->by == NULL)
			out->by = id;
	}
}

static struct outcome in_world(const struct job *j)
{
	struct outcome out = { .result = MXA_ALIGN_NO_RECORD };
	size_t at;

	out.org = mxa_walk_org(j->author, &j->guess);
	at = mxa_walk_applied(j->author, &j->guess, &out.org);
	if (at == j->author->n)
		return out;
	out.applied = &j->author->step[at];
	if (out.applied->record != NULL && !out.applied->record->usable) {
		out.result = MXA_ALIGN_UNUSABLE;
		return out;
	}
	align_all(j, out.applied->record, &out);
	if (out.spf || out.dkim)
		out.result = MXA_ALIGN_PASS;
	else if (out.applied->record == NULL || out.open != NULL)
		out.result = MXA_ALIGN_OPEN;
	else
		out.result = MXA_ALIGN_FAIL;
	return out;
}

/* Join a further world's outcome to what holds in all before it. */
static void join_outcome(struct outcome *all, const struct outcome *o)
{
	if (all->result != o->result)
		all->result = MXA_ALIGN_OPEN;
	else if (all->result == MXA_ALIGN_FAIL && all->applied != o->applied)
		all->result = MXA_ALIGN_OPEN;
	if (all->applied != o->applied)
		all->applied = NULL;
	all->spf &= o->spf;
	all->dkim &= o->dkim;
}

/* Whether an identifier aligns whatever the DNS would have said. */
static bool is_certain(const struct job *j)
{
	const struct mxa_walk_step *own = &j->author->step[0];

	if (own->state != MXA_WALK_RECORD || !own->record->usable)
		return false;
	for (size_t i = 0; i < j->n; i++)
		if (j->id[i].passed &&
		    mxa_str_eq(j->id[i].domain, j->author->start))
			return true;
	return false;
}

static struct outcome in_all_worlds(struct job *j)
{
	unsigned worlds = mxa_guess_worlds(&j->guess);
	struct outcome all, o;

	j->guess.world = 0;
	all = in_world(j);
	for (j->guess.world = 1; j->guess.world < worlds; j->guess.world++) {
		o = in_world(j);
		join_outcome(&all, &o);
	}
	if (j->guess.overflow && !is_certain(j)) {
		all.result = MXA_ALIGN_OPEN;
		all.applied = NULL;
	}
	/* What is known of an open outcome is a record, not a pass. */
	if (all.result != MXA_ALIGN_PASS)
		all.by = NULL;
	if (all.applied != NULL && all.applied->record == NULL)
		all.applied = NULL;
	return all;
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return a->result == b->result && a->spf == b->spf && a->dkim == b->dkim;
}

/* The author's own record is applied whatever is above it; the names above
 * matter only to compare organizational domains. */
static void guess_what_matters(struct job *j)
{
	bool walked = false;

	for (size_t i = 0; i < j->n; i++)
		if (j->id[i].walked) {
			walked = true;
			mxa_guess_add(&j->guess, &j->id[i].walk);
		}
	if (walked || j->author->step[0].state != MXA_WALK_RECORD)
		mxa_guess_add(&j->guess, j->author);
}

void mxa_align(const struct mxa_walk *author, const struct mxa_identifier *id,
    size_t n, bool guard, struct mxa_alignment *out)
{
	struct job j = { .author = author, .id = id, .n = n, .guard = guard };
	struct outcome all, unguarded;

	guess_what_matters(&j);
	all = in_all_worlds(&j);
	*out = (struct mxa_alignment){ .result = all.result,
		.org = all.org,
		.applied = all.applied,
		.spf = all.spf,
		.dkim = all.dkim,
		.by = all.by,
		.open = all.open };
	if (!guard)
		return;
	j.guard = false;
	unguarded = in_all_worlds(&j);
	out->guarded = !same_outcome(&all, &unguarded);
}

bool mxa_align_possible(const struct mxa_walk *author, struct mxa_str domain)
{
	struct mxa_guess g = { .n = 0 };
	unsigned worlds;

	mxa_guess_add(&g, author);
	if (g.overflow)
		return true;
	worlds = mxa_guess_worlds(&g);
	for (g.world = 0; g.world < worlds; g.world++)
		if (mxa_domain_within(domain, mxa_walk_org(author, &g).name))
			return true;
	return false;
}
