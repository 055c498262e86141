/* dns.c - a message's account with the source of answers. */
#include "dns/dns.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/sysclock.h"
#include "dns/source.h"
#include "base/table.h"

/* Distinct names one message may keep, cached ones (which are free) included.
 */
#define MAX_KEPT 4096

/* Octets kept of a name that cannot be asked. */
#define MAX_BADNAME 512

struct watch {
	struct watch *next;
	void (*fn)(void *ctx, const struct mxa_dns_answer *answer);
	void *ctx;
};

/* One distinct question of this message. */
struct asked {
	struct mxa_sub sub; /* while 'pending' */
	struct mxa_link link;
	struct asked *next; /* in order of first asking */
	struct mxa_budget *budget;
	struct mxa_question q;
	const struct mxa_dns_answer *answer;
	const struct mxa_dns_answer *spent; /* answer to shares used up */
	struct watch *watches;
	uint64_t ready_ms; /* a played delay ends */
	bool pending;	   /* subscribed */
	bool counted;	   /* in 'counts' */
	bool cached;
	bool reported; /* its answer, by mxa_budget_wait_any */
};

/* An answer to a name that cannot be asked. */
struct odd {
	struct odd *next;
	const struct mxa_dns_answer *answer;
};

struct mxa_budget {
	struct mxa_dns *dns;
	atomic_uint count;    /* the owner, and each subscription */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t arrived;
	struct mxa_arena *arena;
	struct mxa_table table;
	struct asked *first, **last;
	struct odd *odd;
	const struct asked *awaited; /* by the thread in mxa_dns_lookup */
	bool awaits_any;	     /* a thread is in mxa_budget_wait_any */
	unsigned used[MXA_SHARES];
	uint32_t limit_ms;
	uint64_t deadline; /* 0: nobody has waited yet */
	bool hurried;	   /* the deadline is that of the grace */
	struct mxa_dns_counts counts;
	bool closed;

	/* only for the thread that waits */
	bool (*progress)(void *ctx); /* NULL: nobody listens */
	void *progress_ctx;
	uint32_t progress_every;
	uint64_t progress_due;
	bool unwanted; /* 'progress' said so */
};

static const unsigned share_limit[MXA_SHARES] = {
	[MXA_SHARE_SPF] = MXA_MAX_QUESTIONS_SPF,
	[MXA_SHARE_DMARC] = MXA_MAX_QUESTIONS_DMARC,
	[MXA_SHARE_AUTHOR_KEYS] = MXA_MAX_QUESTIONS_AUTHOR_KEYS,
	[MXA_SHARE_OTHER] = MXA_MAX_QUESTIONS_OTHER,
};

/* The time in which messages wait, whatever clock the cache has. */
static uint64_t now_ms(const struct mxa_budget *b)
{
	return mxa_clock_ms(b->dns->time);
}

/* --- the source --- */

void mxa_dns_init(
    struct mxa_dns *d, const struct mxa_dns_ops *ops, unsigned max_waiting)
{
	*d = (struct mxa_dns){
		.ops = ops, .max_waiting = max_waiting, .time = mxa_sysclock()
	};
	mxa_table_key(d->key);
	atomic_init(&d->waiting, 0);
}

void mxa_dns_free(struct mxa_dns *d)
{
	if (d != NULL)
		d->ops->free(d);
}

void mxa_dns_set_wait_hook(
    struct mxa_dns *d, void (*hook)(void *ctx), void *ctx)
{
	d->wait_hook = hook;
	d->wait_ctx = ctx;
}

void mxa_dns_set_time(struct mxa_dns *d, const struct mxa_clock *clock,
    void (*sleep_until)(void *ctx, uint64_t ms), void *ctx)
{
	d->time = clock;
	d->sleep_until = sleep_until;
	d->sleep_ctx = ctx;
}

void mxa_dns_set_refresh_hook(
    struct mxa_dns *d, void (*hook)(void *ctx, bool answered), void *ctx)
{
	d->refresh_hook = hook;
	d->refresh_ctx = ctx;
}

/* --- opening and closing --- */

struct mxa_budget *mxa_budget_open(struct mxa_dns *d, uint32_t deadline_ms)
{
	struct mxa_budget *b = mxa_xcalloc(1, sizeof(*b));
	pthread_condattr_t attr;

	b->dns = d;
	b->limit_ms = deadline_ms;
	atomic_init(&b->count, 1);
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->arrived, &attr);
	pthread_condattr_destroy(&attr);
	b->arena = mxa_arena_new_small();
	mxa_table_init(&b->table);
	b->last = &b->first;
	return b;
}

void mxa_budget_set_progress(struct mxa_budget *b, uint32_t every_ms,
    bool (*progress)(void *ctx), void *ctx)
{
	b->progress = progress;
	b->progress_ctx = ctx;
	b->progress_every = every_ms;
	b->progress_due = now_ms(b) + every_ms;
}

static void budget_unref(struct mxa_budget *b)
{
	if (atomic_fetch_sub_explicit(&b->count, 1, memory_order_acq_rel) > 1)
		return;
	for (struct asked *a = b->first; a != NULL; a = a->next) {
		mxa_answer_unref(a->answer);
		mxa_answer_unref(a->spent);
	}
	for (struct odd *o = b->odd; o != NULL; o = o->next)
		mxa_answer_unref(o->answer);
	mxa_table_done(&b->table);
	mxa_arena_free(b->arena);
	pthread_cond_destroy(&b->arrived);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* Stop waiting for the source's answer; b->lock is held. */
static void leave_question(struct mxa_budget *b, struct asked *a)
{
	if (!a->pending || !b->dns->ops->cancel(b->dns, &a->sub))
		return;
	a->pending = false;
	/* never the last reference: the caller holds the owner's */
	atomic_fetch_sub_explicit(&b->count, 1, memory_order_relaxed);
}

static void call_watches(
    const struct watch *w, const struct mxa_dns_answer *answer)
{
	while (w != NULL) {
		const struct watch *next = w->next;

		w->fn(w->ctx, answer);
		w = next;
	}
}

/* The watches of a question, taken from it; b->lock is held. */
static struct watch *take_watches(struct asked *a)
{
	struct watch *w = a->watches;

	a->watches = NULL;
	return w;
}

void mxa_budget_close(struct mxa_budget *b)
{
	struct watch *all = NULL, **end = &all;

	if (b == NULL)
		return;
	pthread_mutex_lock(&b->lock);
	b->closed = true;
	for (struct asked *a = b->first; a != NULL; a = a->next) {
		leave_question(b, a);
		*end = take_watches(a);
		while (*end != NULL)
			end = &(*end)->next;
	}
	pthread_mutex_unlock(&b->lock);
	call_watches(all, NULL);
	budget_unref(b);
}

/* --- asking --- */

static struct asked *find_asked(
    const struct mxa_budget *b, const struct mxa_question *q)
{
	struct mxa_link *l = mxa_table_first(&b->table, q->hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct asked *a = MXA_OWNER(l, struct asked, link);

		if (mxa_question_eq(&a->q, q))
			return a;
	}
	return NULL;
}

static struct asked *add_asked(
    struct mxa_budget *b, const struct mxa_question *q)
{
	struct asked *a = mxa_arena_calloc(b->arena, 1, sizeof(*a));

	a->budget = b;
	a->q = *q;
	a->q.name = mxa_str_dup(b->arena, q->name);
	mxa_table_add(&b->table, &a->link, q->hash);
	*b->last = a;
	b->last = &a->next;
	return a;
}

/* A question without an answer, or with one whose played delay is not over. */
static bool is_unanswered(const struct asked *a)
{
	return a->answer == NULL ||
	    (a->ready_ms > 0 && a->ready_ms > now_ms(a->budget));
}

static bool deadline_passed(const struct mxa_budget *b)
{
	return b->deadline != 0 && now_ms(b) >= b->deadline;
}

/* The source answered; called in the source's thread. */
static void answer_arrived(
    struct mxa_sub *s, const struct mxa_dns_answer *answer)
{
	struct asked *a = MXA_OWNER(s, struct asked, sub);
	struct mxa_budget *b = a->budget;
	struct watch *w;

	pthread_mutex_lock(&b->lock);
	a->pending = false;
	/* after a local timeout the message keeps the answer it was given */
	if (a->answer == NULL)
		a->answer = mxa_answer_ref(answer);
	w = take_watches(a);
	if (b->awaited == a || b->awaits_any)
		pthread_cond_signal(&b->arrived);
	pthread_mutex_unlock(&b->lock);
	call_watches(w, answer);
	budget_unref(b);
}

static void count_question(struct mxa_budget *b, struct asked *a, bool cached)
{
	a->counted = true;
	a->cached = cached;
	b->counts.questions++;
	b->counts.sent += !cached;
}

/* The message's own time is over: the answer is a timeout. */
static void give_up(struct mxa_budget *b, struct asked *a, const char *why)
{
	leave_question(b, a);
	mxa_answer_unref(a->answer);
	a->answer = mxa_answer_failure(
	    a->q.name, a->q.type, MXA_DNS_TIMEOUT, b->limit_ms, why);
	a->ready_ms = 0;
}

/* Ask the source, if the share allows it; b->lock is held. */
static void ask_source(
    struct mxa_budget *b, enum mxa_dns_share share, struct asked *a)
{
	bool late = deadline_passed(b);
	bool may_start =
	    !late && !b->closed && b->used[share] < share_limit[share];
	struct mxa_ask got;

	a->sub.done = answer_arrived;
	got = b->dns->ops->ask(b->dns, &a->q, &a->sub, may_start);
	switch (got.how) {
	case MXA_ASKED_CACHED:
		count_question(b, a, true);
		a->answer = got.answer;
		break;
	case MXA_ASKED_ANSWERED:
		count_question(b, a, false);
		b->used[share]++;
		a->answer = got.answer;
		if (got.delay_ms > 0)
			a->ready_ms = now_ms(b) + got.delay_ms;
		break;
	case MXA_ASKED_STARTED:
		b->used[share]++;
		/* fall through */
	case MXA_ASKED_JOINED:
		count_question(b, a, false);
		a->pending = true;
		break;
	case MXA_ASKED_NOT:
		if (late)
			give_up(b, a, "the message's time is over");
		break;
	}
}

/* The question's entry, asked if it was not; NULL: this message keeps no more
 * questions.  b->lock is held. */
static struct asked *get_asked(struct mxa_budget *b, enum mxa_dns_share share,
    const struct mxa_question *q)
{
	struct asked *a = find_asked(b, q);

	if (a == NULL) {
		if (b->table.n >= MAX_KEPT)
			return NULL;
		a = add_asked(b, q);
	}
	if (a->answer == NULL && !a->pending) {
		/* before ask(): the source may call 'arrived' at once */
		atomic_fetch_add_explicit(&b->count, 1, memory_order_relaxed);
		ask_source(b, share, a);
		if (!a->pending)
			atomic_fetch_sub_explicit(
			    &b->count, 1, memory_order_relaxed);
	}
	return a;
}

/* False: the name cannot be asked.  'q->name' then lies in 'space'. */
static bool make_question(const struct mxa_budget *b, struct mxa_str name,
    enum mxa_dns_type type, char space[MXA_ASKED_NAME], struct mxa_question *q)
{
	if (!mxa_name_asked(name, space, &q->name))
		return false;
	q->type = type;
	q->hash = mxa_table_hash(b->dns->key, space, q->name.len, type);
	return true;
}

/* An answer that no source gave and no question keeps. */
static const struct mxa_dns_answer *odd_answer(struct mxa_budget *b,
    struct mxa_str name, enum mxa_dns_type type, enum mxa_dns_status status,
    const char *detail)
{
	struct odd *o = mxa_arena_alloc(b->arena, sizeof(*o));

	o->answer = mxa_answer_failure(
	    mxa_str_sub(name, 0, MAX_BADNAME), type, status, 0, detail);
	o->next = b->odd;
	b->odd = o;
	return o->answer;
}

static const struct mxa_dns_answer *badname_answer(
    struct mxa_budget *b, struct mxa_str name, enum mxa_dns_type type)
{
	return odd_answer(b, name, type, MXA_DNS_BADNAME,
	    "no domain name: empty or too long, or a label of it is");
}

/* The answer that is there; NULL: it must be waited for.  'a' may be NULL. */
static const struct mxa_dns_answer *answer_now(
    struct mxa_budget *b, struct asked *a, const struct mxa_question *q)
{
	static const char why[] =
	    "the message has asked as many questions as it may";

	if (a == NULL)
		return odd_answer(b, q->name, q->type, MXA_DNS_SPENT, why);
	if (a->answer != NULL)
		return is_unanswered(a) ? NULL : a->answer;
	if (a->pending)
		return NULL;
	if (a->spent == NULL)
		a->spent =
		    mxa_answer_failure(q->name, q->type, MXA_DNS_SPENT, 0, why);
	return a->spent;
}

void mxa_dns_prefetch(struct mxa_budget *b, enum mxa_dns_share share,
    struct mxa_str name, enum mxa_dns_type type)
{
	char space[MXA_ASKED_NAME];
	struct mxa_question q;

	if (!make_question(b, name, type, space, &q))
		return;
	pthread_mutex_lock(&b->lock);
	if (!b->closed)
		get_asked(b, share, &q);
	pthread_mutex_unlock(&b->lock);
}

/* --- waiting --- */

static struct timespec at_ms(uint64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* Until something arrives, or that time; b->lock is held, but not meanwhile. */
static void sleep_until(struct mxa_budget *b, uint64_t ms)
{
	struct timespec ts = at_ms(ms);

	if (b->dns->sleep_until != NULL)
		b->dns->sleep_until(b->dns->sleep_ctx, ms);
	else
		pthread_cond_timedwait(&b->arrived, &b->lock, &ts);
}

/* Report progress when it is time to; b->lock is held, but not meanwhile. */
static void report_progress(struct mxa_budget *b)
{
	bool wanted;

	if (b->progress == NULL || now_ms(b) < b->progress_due)
		return;
	pthread_mutex_unlock(&b->lock);
	wanted = b->progress(b->progress_ctx);
	pthread_mutex_lock(&b->lock);
	b->progress_due = now_ms(b) + b->progress_every;
	if (wanted)
		return;
	b->unwanted = true;
	b->deadline = now_ms(b);
}

static uint64_t earlier_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When a played delay ends; for a question in flight nobody knows. */
static uint64_t ready_at(const struct asked *a)
{
	return a->answer != NULL ? a->ready_ms : UINT64_MAX;
}

/* Whether the wait for 'a' is over, or that for any question (NULL); else
 * '*until' is brought forward to the end of a played delay. */
static bool wait_is_over(
    const struct mxa_budget *b, const struct asked *a, uint64_t *until)
{
	bool over = true;

	if (a != NULL) {
		*until = earlier_of(*until, ready_at(a));
		return !is_unanswered(a);
	}
	for (a = b->first; a != NULL; a = a->next) {
		if (!is_unanswered(a) && !a->reported && a->answer != NULL)
			return true;
		if (!a->pending && a->answer == NULL)
			continue; /* never asked */
		if (is_unanswered(a)) {
			over = false;
			*until = earlier_of(*until, ready_at(a));
		}
	}
	return over;
}

/* Until the answer is there or the deadline passed; b->lock is held, but not
 * while progress is reported. */
static void wait_for(struct mxa_budget *b, const struct asked *a)
{
	for (;;) {
		uint64_t until = b->deadline;

		report_progress(b);
		if (wait_is_over(b, a, &until) || deadline_passed(b))
			return;
		until = earlier_of(until, b->deadline);
		if (b->progress != NULL)
			until = earlier_of(until, b->progress_due);
		sleep_until(b, until);
	}
}

/* Wait as one of the threads that may, for 'a' or (NULL) any question; b->lock
 * is held, but not while the hook runs. */
static void wait_admitted(struct mxa_budget *b, const struct asked *a)
{
	struct mxa_dns *d = b->dns;

	b->counts.waits++;
	if (b->deadline == 0)
		b->deadline = now_ms(b) + b->limit_ms;
	b->awaited = a;
	b->awaits_any = a == NULL;
	if (d->wait_hook != NULL) {
		pthread_mutex_unlock(&b->lock);
		d->wait_hook(d->wait_ctx);
		pthread_mutex_lock(&b->lock);
	}
	wait_for(b, a);
	b->awaited = NULL;
	b->awaits_any = false;
}

/* False: too many threads wait already.  b->lock is held, but not while
 * waiting. */
static bool wait_if_admitted(struct mxa_budget *b, const struct asked *a)
{
	struct mxa_dns *d = b->dns;
	bool admitted = atomic_fetch_add(&d->waiting, 1) < d->max_waiting;

	if (admitted)
		wait_admitted(b, a);
	atomic_fetch_sub(&d->waiting, 1);
	return admitted;
}

/* Why a question has no answer. */
static const char *why_unanswered(const struct mxa_budget *b, bool admitted)
{
	if (!admitted)
		return "too many messages wait for the DNS";
	if (b->unwanted)
		return "nobody waits for this message any more";
	if (b->hurried)
		return "not waited for: it would not change the decision";
	return "no answer in the time this message has";
}

/* The answer, or the reason why there is none; b->lock is held, but not while
 * waiting.  Gives the watches to call when the message gave up. */
static struct watch *await_answer(struct mxa_budget *b, struct asked *a)
{
	bool admitted = deadline_passed(b) || wait_if_admitted(b, a);

	if (!is_unanswered(a))
		return NULL;
	give_up(b, a, why_unanswered(b, admitted));
	return take_watches(a);
}

/* Marks the answers that are there as reported; whether one is new.  b->lock is
 * held. */
static bool report_answers(struct mxa_budget *b)
{
	bool news = false;

	for (struct asked *a = b->first; a != NULL; a = a->next) {
		if (is_unanswered(a) || a->reported)
			continue;
		a->reported = true;
		news = true;
	}
	return news;
}

bool mxa_budget_wait_any(struct mxa_budget *b)
{
	uint64_t until = UINT64_MAX;
	bool news;

	pthread_mutex_lock(&b->lock);
	if (!wait_is_over(b, NULL, &until) && !deadline_passed(b))
		(void)wait_if_admitted(b, NULL);
	news = report_answers(b);
	pthread_mutex_unlock(&b->lock);
	return news;
}

void mxa_budget_hurry(struct mxa_budget *b, uint32_t grace_ms)
{
	uint64_t end = now_ms(b) + grace_ms;

	pthread_mutex_lock(&b->lock);
	if (!b->hurried && (b->deadline == 0 || end < b->deadline)) {
		b->deadline = end;
		b->hurried = true;
	}
	pthread_mutex_unlock(&b->lock);
}

const struct mxa_dns_answer *mxa_dns_ask(struct mxa_budget *b,
    enum mxa_dns_share share, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer;
	char space[MXA_ASKED_NAME];
	struct mxa_question q;
	bool askable = make_question(b, name, type, space, &q);

	pthread_mutex_lock(&b->lock);
	answer = askable ? answer_now(b, get_asked(b, share, &q), &q)
			 : badname_answer(b, name, type);
	pthread_mutex_unlock(&b->lock);
	return answer;
}

const struct mxa_dns_answer *mxa_dns_lookup(struct mxa_budget *b,
    enum mxa_dns_share share, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer;
	struct watch *late = NULL;
	char space[MXA_ASKED_NAME];
	struct mxa_question q;
	struct asked *a;
	bool askable = make_question(b, name, type, space, &q);

	pthread_mutex_lock(&b->lock);
	if (!askable) {
		answer = badname_answer(b, name, type);
	} else {
		a = get_asked(b, share, &q);
		answer = answer_now(b, a, &q);
		if (answer == NULL) {
			late = await_answer(b, a);
			answer = a->answer;
		}
	}
	pthread_mutex_unlock(&b->lock);
	call_watches(late, answer);
	return answer;
}

const struct mxa_dns_answer *mxa_dns_peek(
    struct mxa_budget *b, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer = NULL;
	char space[MXA_ASKED_NAME];
	struct mxa_question q;
	struct asked *a;
	bool askable = make_question(b, name, type, space, &q);

	pthread_mutex_lock(&b->lock);
	if (!askable) {
		answer = badname_answer(b, name, type);
	} else if ((a = find_asked(b, &q)) != NULL &&
	    (a->pending || a->answer)) {
		answer = is_unanswered(a) ? NULL : a->answer;
	} else if (b->table.n < MAX_KEPT) {
		/* used from here on: the message has asked and was answered */
		answer = b->dns->ops->find(b->dns, &q);
		if (answer != NULL) {
			a = a ? a : add_asked(b, &q);
			a->answer = answer;
			count_question(b, a, true);
		}
	}
	pthread_mutex_unlock(&b->lock);
	return answer;
}

static void add_watch(struct mxa_budget *b, struct asked *a,
    void (*fn)(void *ctx, const struct mxa_dns_answer *answer), void *ctx)
{
	struct watch *w = mxa_arena_alloc(b->arena, sizeof(*w));

	*w = (struct watch){ .next = a->watches, .fn = fn, .ctx = ctx };
	a->watches = w;
}

/* Counted; NULL: the watch was added and will be called.  b->lock is held. */
static const struct mxa_dns_answer *watch_question(struct mxa_budget *b,
    enum mxa_dns_share share, const struct mxa_question *q,
    void (*fn)(void *ctx, const struct mxa_dns_answer *answer), void *ctx)
{
	struct asked *a = get_asked(b, share, q);

	if (a != NULL && a->answer != NULL)
		return mxa_answer_ref(a->answer);
	if (a != NULL && a->pending) {
		add_watch(b, a, fn, ctx);
		return NULL;
	}
	return mxa_answer_ref(answer_now(b, a, q));
}

void mxa_dns_watch(struct mxa_budget *b, enum mxa_dns_share share,
    struct mxa_str name, enum mxa_dns_type type,
    void (*fn)(void *ctx, const struct mxa_dns_answer *answer), void *ctx)
{
	const struct mxa_dns_answer *answer = NULL;
	char space[MXA_ASKED_NAME];
	struct mxa_question q;
	bool askable = make_question(b, name, type, space, &q);
	bool call = true;

	pthread_mutex_lock(&b->lock);
	if (!b->closed) {
		answer = askable
		    ? watch_question(b, share, &q, fn, ctx)
		    : mxa_answer_ref(badname_answer(b, name, type));
		call = answer != NULL;
	}
	pthread_mutex_unlock(&b->lock);
	if (call)
		fn(ctx, answer);
	mxa_answer_unref(answer);
}

/* --- what was asked --- */

size_t mxa_budget_evidence(
    struct mxa_budget *b, struct mxa_arena *arena, struct mxa_evidence **out)
{
	size_t n = 0;

	pthread_mutex_lock(&b->lock);
	*out = mxa_arena_calloc(arena, b->table.n, sizeof(**out));
	for (struct asked *a = b->first; a != NULL; a = a->next) {
		if (!a->counted && a->answer == NULL && a->spent == NULL)
			continue; /* a prefetch that its share forbade */
		(*out)[n++] = (struct mxa_evidence){
			.answer = a->answer ? a->answer : a->spent,
			.name = a->q.name,
			.type = a->q.type,
			.cached = a->cached,
		};
	}
	pthread_mutex_unlock(&b->lock);
	return n;
}

struct mxa_dns_counts mxa_budget_counts(struct mxa_budget *b)
{
	struct mxa_dns_counts counts;

	pthread_mutex_lock(&b->lock);
	counts = b->counts;
	pthread_mutex_unlock(&b->lock);
	return counts;
}
