/* refresh.c - answers that are often used are asked again before they expire.
 *
 * The cache knows what is due (dns/cache.h); here it is asked, with nobody
 * waiting, no faster than the limits below: what is due beyond them waits for
 * the next turn.  The loop's timer runs only while something will be due, so
 * that an idle resolver sleeps. */
#include <stdlib.h>

#include "base/arena.h"
#include "dns/resolver.h"
#include "dns/stub.h"

#define TURN_MS 500
#define PER_SECOND 500 /* questions begun */
#define OPEN 200       /* questions in flight */

/* Who waits for the answer to one of these questions. */
struct refresh {
	struct mxa_sub sub;
	struct mxa_stub *stub;
};

static void refresh_ended(
    struct mxa_sub *sub, const struct mxa_dns_answer *answer)
{
	struct refresh *r = MXA_OWNER(sub, struct refresh, sub);
	struct mxa_stub *s = r->stub;
	bool stopping;

	pthread_mutex_lock(&s->lock);
	s->refresh.open--;
	stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	if (!stopping && s->dns.refresh_hook != NULL)
		s->dns.refresh_hook(
		    s->dns.refresh_ctx, !mxa_dns_failed(answer->status));
	free(r);
}

/* Questions that may be begun now; they count as begun. */
static unsigned take_allowance(struct mxa_stub *s, unsigned most)
{
	uint64_t second = mxa_clock_ms(s->clock) / 1000;
	unsigned n;

	pthread_mutex_lock(&s->lock);
	if (s->refresh.second != second) {
		s->refresh.second = second;
		s->refresh.begun = 0;
	}
	n = PER_SECOND - s->refresh.begun;
	if (n > OPEN - s->refresh.open)
		n = OPEN - s->refresh.open;
	if (n > most)
		n = most;
	s->refresh.begun += n;
	s->refresh.open += n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void return_allowance(struct mxa_stub *s, unsigned n)
{
	pthread_mutex_lock(&s->lock);
	s->refresh.begun -= n < s->refresh.begun ? n : s->refresh.begun;
	s->refresh.open -= n;
	pthread_mutex_unlock(&s->lock);
}

static bool ask_again(struct mxa_stub *s, const struct mxa_dns_answer *old)
{
	struct mxa_question q = { .name = old->name,
		.type = old->type,
		.hash = mxa_table_hash(
		    s->dns.key, old->name.p, old->name.len, old->type) };
	struct refresh *r = mxa_xcalloc(1, sizeof(*r));

	r->sub.done = refresh_ended;
	r->stub = s;
	if (mxa_stub_begin(s, &q, &r->sub))
		return true;
	free(r); /* it is being asked already */
	return false;
}

unsigned mxa_stub_refresh(struct mxa_dns *d)
{
	struct mxa_stub *s = (struct mxa_stub *)d;
	const struct mxa_dns_answer *due[OPEN];
	unsigned allowed = take_allowance(s, OPEN), begun = 0;
	size_t n = mxa_cache_due(s->cache, due, allowed);

	for (size_t i = 0; i < n; i++) {
		begun += ask_again(s, due[i]);
		mxa_answer_unref(due[i]);
	}
	return_allowance(s, allowed - begun);
	return begun;
}

static void take_turn(uv_timer_t *timer)
{
	struct mxa_stub *s = timer->data;

	mxa_stub_refresh(&s->dns);
	if (!mxa_cache_has_scheduled(s->cache))
		uv_timer_stop(timer);
}

/* --- the timer --- */

void mxa_refresh_init(struct mxa_stub *s)
{
	uv_timer_init(&s->loop, &s->refresh.timer);
	s->refresh.timer.data = s;
}

void mxa_refresh_woken(struct mxa_stub *s)
{
	if (s->options.clock == NULL && mxa_cache_has_scheduled(s->cache) &&
	    !uv_is_active((uv_handle_t *)&s->refresh.timer))
		uv_timer_start(&s->refresh.timer, take_turn, TURN_MS, TURN_MS);
}

void mxa_refresh_done(struct mxa_stub *s)
{
	uv_close((uv_handle_t *)&s->refresh.timer, NULL);
}
