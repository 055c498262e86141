/* plan.c - the questions of an SPF evaluation, asked before anybody waits.
 *
 * The evaluator runs over what has been answered so far and takes open terms
 * for not matching; what it asked for in vain is asked.  Each answer runs it
 * again, in whatever thread brings it, mostly the resolver's. */
#include "auth/spf/plan.h"

#include <pthread.h>
#include <stdlib.h>

#include "auth/spf/check_host.h"
#include "auth/spf/eval.h"
#include "base/arena.h"

/* Asked ahead at most: enough for ten includes with their hosts, and far from
 * using up the share that the verdict itself may need. */
#define MOST_PLANNED 48

/* What is longer is left to the verdict: copying it here would cost the thread
 * that serves everybody. */
#define LONGEST_RECORD 4096
#define MOST_RECORDS 256

enum state {
	WANTED,	  /* the evaluator asked for it */
	ASKED,	  /* a watch is set */
	ANSWERED, /* 'answer' is there */
	LEFT,	  /* answered, but too large to plan with */
};

struct plan;

struct question {
	struct mxa_dns_answer answer; /* first: a copy of ours */
	struct mxa_spf_published published;
	struct plan *plan;
	struct question *next;
	enum state state;
	struct mxa_str name;
	enum mxa_dns_type type;
};

struct plan {
	pthread_mutex_t lock; /* guards everything below */
	struct mxa_budget *budget;
	enum mxa_dns_share share;
	struct mxa_arena *arena;   /* copies of the query and the answers */
	struct mxa_arena *scratch; /* of one evaluation */
	struct mxa_spf_values values;
	struct mxa_str domain;
	unsigned max_voids;
	struct question *first, **last;
	unsigned n;
	unsigned open; /* watches that have not been called */
	bool running;  /* some thread is in run() */
	bool again;    /* something came while it was */
	bool finished; /* the verdict will need nothing else */
	bool closed;   /* the budget is */
};

/* --- the evaluation --- */

static const struct mxa_dns_answer *ask_plan(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	struct plan *p = ctx;
	struct question *q;

	for (q = p->first; q != NULL; q = q->next)
		if (q->type == type && mxa_str_caseeq(q->name, name))
			return q->state == ANSWERED ? &q->answer : NULL;
	if (p->n == MOST_PLANNED)
		return NULL;
	q = mxa_arena_calloc(p->arena, 1, sizeof(*q));
	q->plan = p;
	q->name = mxa_str_dup(p->arena, name);
	q->type = type;
	*p->last = q;
	p->last = &q->next;
	p->n++;
	return NULL;
}

static const struct mxa_spf_published *plan_published(
    void *ctx, const struct mxa_dns_answer *answer)
{
	(void)ctx;
	return &((const struct question *)answer)->published;
}

static void evaluate_plan(struct plan *p)
{
	struct mxa_spf_source source = { ask_plan, plan_published, p };
	struct mxa_spf_eval e = { .arena = p->scratch,
		.source = &source,
		.values = p->values,
		.max_voids = p->max_voids };

	mxa_spf_evaluate(&e, p->domain);
	p->finished = !e.pending;
	mxa_arena_reset(p->scratch);
}

/* --- answers --- */

/* Keep of an answer what the evaluator looks at. */
static void store_answer(struct question *q, const struct mxa_dns_answer *from)
{
	struct mxa_arena *a = q->plan->arena;
	struct mxa_dns_record *rr;
	struct mxa_str text = MXA_STR_NONE;

	q->state = LEFT;
	if (from->n > MOST_RECORDS)
		return;
	if (q->type == MXA_DNS_TXT) {
		q->published.count = mxa_spf_select(from, &text);
		if (text.len > LONGEST_RECORD)
			return;
		if (q->published.count == 1)
			mxa_spf_parse(
			    &q->published.record, mxa_str_dup(a, text), false);
	}
	q->answer.status = from->status;
	q->answer.type = q->type;
	q->answer.name = q->name;
	q->answer.n = q->type == MXA_DNS_TXT ? 0 : from->n;
	rr = mxa_arena_calloc(a, from->n, sizeof(*rr));
	for (size_t i = 0; i < q->answer.n; i++) {
		rr[i] = from->rr[i];
		rr[i].text = mxa_str_dup(a, from->rr[i].text);
	}
	q->answer.rr = rr;
	q->state = ANSWERED;
}

static void destroy_plan(struct plan *p)
{
	for (struct question *q = p->first; q != NULL; q = q->next)
		mxa_spf_record_done(&q->published.record);
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_destroy(&p->lock);
	mxa_arena_free(p->scratch);
	mxa_arena_free(p->arena);
	free(p);
}

static void answer_arrived(void *ctx, const struct mxa_dns_answer *answer);

static struct question *next_wanted(struct plan *p)
{
	struct question *q = p->first;

	while (q != NULL && q->state != WANTED)
		q = q->next;
	return q;
}

/* Set the watches; the lock is let go meanwhile, since an answer that is there
 * already comes in at once. */
static void ask_wanted(struct plan *p)
{
	struct question *q;

	while (!p->closed && (q = next_wanted(p)) != NULL) {
		q->state = ASKED;
		p->open++;
		pthread_mutex_unlock(&p->lock);
		mxa_dns_watch(
		    p->budget, p->share, q->name, q->type, answer_arrived, q);
		pthread_mutex_lock(&p->lock);
	}
}

/* Evaluate and ask until nothing new comes; the lock is held and is given up,
 * with the plan when that was all. */
static void run_plan(struct plan *p)
{
	p->running = true;
	do {
		p->again = false;
		evaluate_plan(p);
		ask_wanted(p);
	} while (p->again && !p->closed && !p->finished);
	p->running = false;
	if (p->open == 0)
		destroy_plan(p);
	else
		pthread_mutex_unlock(&p->lock);
}

/* The budget is valid here: it calls us. */
static void answer_arrived(void *ctx, const struct mxa_dns_answer *answer)
{
	struct question *q = ctx;
	struct plan *p = q->plan;

	pthread_mutex_lock(&p->lock);
	p->open--;
	p->again = true;
	if (answer == NULL)
		p->closed = true;
	else
		store_answer(q, answer);
	if (p->running)
		pthread_mutex_unlock(&p->lock);
	else if (!p->closed && !p->finished)
		run_plan(p);
	else if (p->open == 0)
		destroy_plan(p);
	else
		pthread_mutex_unlock(&p->lock);
}

/* --- starting --- */

static const struct mxa_dns_answer *peek_answer(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_peek(ctx, name, type);
}

static const struct mxa_spf_published *published_in_cache(
    void *ctx, const struct mxa_dns_answer *answer)
{
	(void)ctx;
	return mxa_spf_published(answer);
}

/* Whether all that the verdict needs is there already. */
static bool all_known(const struct mxa_engine_env *env,
    const struct mxa_spf_values *values, struct mxa_str domain)
{
	struct mxa_spf_source source = { peek_answer, published_in_cache,
		env->budget };
	struct mxa_spf_eval e = { .arena = env->arena,
		.source = &source,
		.values = *values,
		.max_voids = env->options->spf_max_voids };

	mxa_spf_evaluate(&e, domain);
	return !e.pending;
}

static struct plan *plan_new(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, const struct mxa_spf_values *values,
    struct mxa_str domain)
{
	struct plan *p = mxa_xcalloc(1, sizeof(*p));
	struct mxa_arena *a = mxa_arena_new_small();

	pthread_mutex_init(&p->lock, NULL);
	p->budget = env->budget;
	p->share = q->share;
	p->arena = a;
	p->scratch = mxa_arena_new_small();
	p->last = &p->first;
	p->max_voids = env->options->spf_max_voids;
	p->domain = mxa_str_dup(a, domain);
	p->values = *values;
	p->values.local = mxa_str_dup(a, values->local);
	p->values.sender = mxa_str_dup(a, values->sender);
	p->values.origin = p->domain;
	p->values.domain = p->domain;
	p->values.helo = mxa_str_dup(a, values->helo);
	p->values.receiver = mxa_str_dup(a, values->receiver);
	p->values.ptr = MXA_STR("unknown");
	return p;
}

void mxa_spf_plan_start(
    const struct mxa_engine_env *env, const struct mxa_spf_query *q)
{
	struct mxa_spf_values values;
	struct mxa_str domain;
	struct plan *p;

	if (!mxa_spf_prepare(env->arena, q, &values, &domain))
		return;
	if (all_known(env, &values, domain))
		return;
	p = plan_new(env, q, &values, domain);
	pthread_mutex_lock(&p->lock);
	run_plan(p);
}
