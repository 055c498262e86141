/* slowdns.c - answers on demand. */
#include "t/support/slowdns.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "dns/source.h"
#include "dns/zone.h"

struct waiting {
	struct waiting *next;
	struct mxa_sub *sub;
	struct mxa_str name;
	enum mxa_dns_type type;
};

struct known {
	struct known *next;
	const struct mxa_dns_answer *answer;
};

struct slow {
	struct mxa_dns dns; /* first */
	struct mxa_dns *zone;
	struct mxa_arena *arena;
	pthread_mutex_t lock; /* guards the lists */
	struct waiting *first, **last;
	struct known *known;
};

static struct known *find_known(
    struct slow *s, struct mxa_str name, enum mxa_dns_type type)
{
	struct known *k = s->known;

	while (k != NULL &&
	    (k->answer->type != type || !mxa_str_eq(k->answer->name, name)))
		k = k->next;
	return k;
}

static const struct mxa_dns_answer *find(
    struct mxa_dns *d, const struct mxa_question *q)
{
	struct slow *s = (struct slow *)d;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_known(s, q->name, q->type);
	pthread_mutex_unlock(&s->lock);
	return k == NULL ? NULL : mxa_answer_ref(k->answer);
}

static struct mxa_ask ask(struct mxa_dns *d, const struct mxa_question *q,
    struct mxa_sub *sub, bool may_start)
{
	struct mxa_ask got = { .how = MXA_ASKED_STARTED };
	struct slow *s = (struct slow *)d;
	struct waiting *w;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_known(s, q->name, q->type);
	if (k != NULL) {
		got.how = MXA_ASKED_CACHED;
		got.answer = mxa_answer_ref(k->answer);
	} else if (!may_start) {
		got.how = MXA_ASKED_NOT;
	} else {
		w = mxa_arena_calloc(s->arena, 1, sizeof(*w));
		w->sub = sub;
		w->name = mxa_str_dup(s->arena, q->name);
		w->type = q->type;
		*s->last = w;
		s->last = &w->next;
	}
	pthread_mutex_unlock(&s->lock);
	return got;
}

/* Take '*at' off the list; the lock is held. */
static struct waiting *take(struct slow *s, struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	if (s->last == &w->next)
		s->last = at;
	return w;
}

static bool cancel(struct mxa_dns *d, struct mxa_sub *sub)
{
	struct slow *s = (struct slow *)d;
	struct waiting **at = &s->first;
	bool there;

	pthread_mutex_lock(&s->lock);
	while (*at != NULL && (*at)->sub != sub)
		at = &(*at)->next;
	there = *at != NULL;
	if (there)
		take(s, at);
	pthread_mutex_unlock(&s->lock);
	return there;
}

static void done(struct mxa_dns *d)
{
	struct slow *s = (struct slow *)d;

	for (struct known *k = s->known; k != NULL; k = k->next)
		mxa_answer_unref(k->answer);
	pthread_mutex_destroy(&s->lock);
	mxa_dns_free(s->zone);
	mxa_arena_free(s->arena);
	free(s);
}

static const struct mxa_dns_ops ops = { find, ask, cancel, done };

struct mxa_dns *slowdns_new(struct mxa_str text)
{
	struct slow *s = mxa_xcalloc(1, sizeof(*s));
	char *error = NULL;

	mxa_dns_init(&s->dns, &ops, MXA_MAX_WAITING);
	s->zone = mxa_dns_zone_text("zone", text, NULL, &error);
	ck_assert_msg(s->zone != NULL, "%s", error ? error : "no error text");
	s->arena = mxa_arena_new();
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	return &s->dns;
}

const char *slowdns_waiting(struct mxa_dns *d, struct mxa_arena *a)
{
	struct slow *s = (struct slow *)d;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	pthread_mutex_lock(&s->lock);
	for (struct waiting *w = s->first; w != NULL; w = w->next)
		mxa_buf_printf(&b, "%s%s %.*s", b.len > 0 ? ", " : "",
		    mxa_dns_type_name(w->type), MXA_STR_ARG(w->name));
	pthread_mutex_unlock(&s->lock);
	return mxa_buf_cstr(&b);
}

size_t slowdns_count(struct mxa_dns *d)
{
	struct slow *s = (struct slow *)d;
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	for (struct waiting *w = s->first; w != NULL; w = w->next)
		n++;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static const struct mxa_dns_answer *from_zone(
    struct slow *s, const struct waiting *w)
{
	struct mxa_budget *b = mxa_budget_open(s->zone, 1000);
	const struct mxa_dns_answer *answer = mxa_answer_ref(
	    mxa_dns_lookup(b, MXA_SHARE_OTHER, w->name, w->type));

	mxa_budget_close(b);
	return answer;
}

bool slowdns_answer(struct mxa_dns *d, size_t i)
{
	struct slow *s = (struct slow *)d;
	struct waiting **at = &s->first, *w = NULL;
	const struct mxa_dns_answer *answer;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	while (*at != NULL && i-- > 0)
		at = &(*at)->next;
	if (*at != NULL) {
		w = take(s, at);
		answer = from_zone(s, w);
		k = mxa_arena_calloc(s->arena, 1, sizeof(*k));
		k->answer = answer;
		k->next = s->known;
		s->known = k;
	}
	pthread_mutex_unlock(&s->lock);
	if (w != NULL)
		w->sub->done(w->sub, answer);
	return w != NULL;
}

void slowdns_answer_all(struct mxa_dns *d)
{
	while (slowdns_answer(d, 0))
		;
}

static void answer_round(void *ctx)
{
	struct mxa_dns *d = ctx;

	for (size_t n = slowdns_count(d); n > 0; n--)
		slowdns_answer(d, 0);
}

void slowdns_in_rounds(struct mxa_dns *d)
{
	mxa_dns_set_wait_hook(d, answer_round, d);
}
