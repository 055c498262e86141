/* trace.c - the steps of an evaluation. */
#include "auth/spf/trace.h"

#include "base/arena.h"

const char *mxa_spf_outcome_name(enum mxa_spf_outcome o)
{
	switch (o) {
	case MXA_STEP_NO_MATCH:
		return "no match";
	case MXA_STEP_MATCH:
		return "match";
	case MXA_STEP_ERROR:
		return "error";
	case MXA_STEP_INFO:
		return "info";
	}
	return "info";
}

struct mxa_spf_trace *mxa_spf_trace_new(struct mxa_arena *a)
{
	struct mxa_spf_trace *t = mxa_arena_calloc(a, 1, sizeof(*t));

	t->arena = a;
	t->last = &t->first;
	return t;
}

struct mxa_spf_step *mxa_spf_trace_add(struct mxa_spf_trace *t, unsigned depth,
    struct mxa_str domain, struct mxa_str text)
{
	struct mxa_spf_step *s;

	if (t == NULL)
		return NULL;
	if (t->n == MXA_SPF_MAX_STEPS) {
		t->dropped++;
		return NULL;
	}
	s = mxa_arena_calloc(t->arena, 1, sizeof(*s));
	s->depth = depth;
	s->domain = domain;
	s->text = mxa_str_dup(t->arena, text);
	*t->last = s;
	t->last = &s->next;
	t->n++;
	return s;
}

void mxa_spf_trace_name(
    struct mxa_spf_trace *t, struct mxa_spf_step *s, struct mxa_str name)
{
	if (s == NULL)
		return;
	if (s->n == MXA_SPF_MAX_FOUND) {
		s->more++;
		return;
	}
	if ((s->n & (s->n - 1)) == 0) /* full at 0 and at powers of two */
		s->found =
		    mxa_arena_grow(t->arena, s->found, s->n * sizeof(*s->found),
			(s->n == 0 ? 1 : 2 * s->n) * sizeof(*s->found));
	s->found[s->n++] = mxa_str_dup(t->arena, name);
}

void mxa_spf_trace_ip(
    struct mxa_spf_trace *t, struct mxa_spf_step *s, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];

	if (s != NULL)
		mxa_spf_trace_name(t, s, mxa_str_from(mxa_ip_format(ip, text)));
}
