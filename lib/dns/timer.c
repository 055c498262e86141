/* timer.c - the time of the resolver's thread: the loop's, or one that stands
 * until mxa_stub_pass() moves it. */
#include "dns/resolver.h"
#include "dns/stub.h"

uint64_t mxa_stub_now(const struct mxa_stub *s)
{
	return s->options.manual_time ? s->manual.now_ms : uv_now(&s->loop);
}

static void timer_fired(uv_timer_t *handle)
{
	struct mxa_timer *t = MXA_OWNER(handle, struct mxa_timer, handle);

	t->fired(t->owner);
}

void mxa_timer_init(struct mxa_stub *s, struct mxa_timer *t,
    void (*fired)(void *owner), void *owner)
{
	*t = (struct mxa_timer){ .stub = s, .fired = fired, .owner = owner };
	uv_timer_init(&s->loop, &t->handle);
	t->handle.data = owner;
}

void mxa_timer_stop(struct mxa_timer *t)
{
	if (t->runs)
		LIST_REMOVE(t, running);
	t->runs = false;
	uv_timer_stop(&t->handle);
}

void mxa_timer_start(struct mxa_timer *t, uint64_t ms)
{
	mxa_timer_stop(t);
	if (!t->stub->options.manual_time) {
		uv_timer_start(&t->handle, timer_fired, ms, 0);
		return;
	}
	t->runs = true;
	t->due_ms = t->stub->manual.now_ms + ms;
	LIST_INSERT_HEAD(&t->stub->manual.running, t, running);
}

bool mxa_timer_runs(const struct mxa_timer *t)
{
	return t->runs || uv_is_active((const uv_handle_t *)&t->handle);
}

void mxa_timer_close(struct mxa_timer *t, void (*closed)(uv_handle_t *handle))
{
	mxa_timer_stop(t);
	uv_close((uv_handle_t *)&t->handle, closed);
}

/* --- time that stands --- */

static struct mxa_timer *next_due(const struct mxa_stub *s, uint64_t end)
{
	struct mxa_timer *t, *first = NULL;

	LIST_FOREACH (t, &s->manual.running, running)
		if (t->due_ms <= end &&
		    (first == NULL || t->due_ms < first->due_ms))
			first = t;
	return first;
}

void mxa_timers_woken(struct mxa_stub *s)
{
	struct mxa_timer *t;
	uint64_t end;

	if (!s->options.manual_time)
		return;
	pthread_mutex_lock(&s->lock);
	end = s->manual.end_ms;
	pthread_mutex_unlock(&s->lock);
	while ((t = next_due(s, end)) != NULL) {
		s->manual.now_ms = t->due_ms;
		mxa_timer_stop(t);
		t->fired(t->owner);
	}
	s->manual.now_ms = end;
}

void mxa_stub_pass(struct mxa_dns *d, uint32_t ms)
{
	struct mxa_stub *s = (struct mxa_stub *)d;

	pthread_mutex_lock(&s->lock);
	s->manual.end_ms += ms;
	pthread_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
}
