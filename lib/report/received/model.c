/* model.c - the collection of reports and its one copy of every word. */
#include "report/received/model.h"

#include <stdlib.h>

#include "base/arena.h"

#define FIRST_SLOTS 1024

struct mxa_report_words {
	struct mxa_str *slot;
	size_t n, cap; /* cap is a power of two */
};

struct mxa_reports *mxa_reports_new(
    const struct mxa_report_sink *sink, void *ctx)
{
	struct mxa_reports *r = mxa_xcalloc(1, sizeof(*r));

	r->arena = mxa_arena_new();
	r->sink = sink;
	r->ctx = ctx;
	r->last = &r->first;
	r->last_error = &r->errors;
	r->last_warning = &r->warnings;
	mxa_table_init(&r->ids);
	r->words = mxa_xcalloc(1, sizeof(*r->words));
	r->words->cap = FIRST_SLOTS;
	r->words->slot = mxa_xcalloc(FIRST_SLOTS, sizeof(struct mxa_str));
	return r;
}

void mxa_reports_free(struct mxa_reports *r)
{
	if (r == NULL)
		return;
	mxa_table_done(&r->ids);
	free(r->words->slot);
	free(r->words);
	mxa_arena_free(r->arena);
	free(r);
}

uint64_t mxa_report_hash(struct mxa_str s)
{
	/* where the program was loaded is not known to a sender */
	uint64_t h = 1469598103934665603u ^ (uint64_t)(uintptr_t)&free;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Where 's' is or belongs. */
static struct mxa_str *find_slot(struct mxa_report_words *w, struct mxa_str s)
{
	size_t i = (size_t)mxa_report_hash(s) & (w->cap - 1);

	while (w->slot[i].p != NULL && !mxa_str_eq(w->slot[i], s))
		i = (i + 1) & (w->cap - 1);
	return &w->slot[i];
}

static void double_slots(struct mxa_report_words *w)
{
	struct mxa_report_words bigger = { .cap = w->cap * 2, .n = w->n };

	bigger.slot = mxa_xcalloc(bigger.cap, sizeof(struct mxa_str));
	for (size_t i = 0; i < w->cap; i++)
		if (w->slot[i].p != NULL)
			*find_slot(&bigger, w->slot[i]) = w->slot[i];
	free(w->slot);
	*w = bigger;
}

struct mxa_str mxa_reports_word(struct mxa_reports *r, struct mxa_str text)
{
	struct mxa_str *slot;

	if (text.len == 0)
		return MXA_STR("");
	slot = find_slot(r->words, text);
	if (slot->p != NULL)
		return *slot;
	*slot = text = mxa_str_dup(r->arena, text);
	if (++r->words->n * 2 > r->words->cap)
		double_slots(r->words);
	return text;
}

struct mxa_report *mxa_report_new(struct mxa_reports *r, struct mxa_str file)
{
	struct mxa_report *rep = mxa_arena_calloc(r->arena, 1, sizeof(*rep));

	rep->file = mxa_reports_word(r, file);
	return rep;
}

static bool is_same_report(
    const struct mxa_report *a, const struct mxa_report *b)
{
	return a->begin == b->begin && mxa_str_eq(a->report_id, b->report_id) &&
	    mxa_str_eq(a->policy.domain, b->policy.domain) &&
	    mxa_str_caseeq(a->org, b->org);
}

/* False: it is known. */
static bool note_report_id(struct mxa_reports *r, struct mxa_report *rep)
{
	uint64_t hash = mxa_report_hash(rep->report_id);
	struct mxa_link *l = mxa_table_first(&r->ids, hash);

	for (; l != NULL; l = mxa_table_next(l))
		if (is_same_report(MXA_OWNER(l, struct mxa_report, link), rep))
			return false;
	mxa_table_add(&r->ids, &rep->link, hash);
	return true;
}

bool mxa_reports_add(struct mxa_reports *r, struct mxa_report *rep)
{
	if (rep->report_id.len > 0 && !note_report_id(r, rep)) {
		r->duplicates++;
		return false;
	}
	*r->last = rep;
	r->last = &rep->next;
	r->n++;
	return true;
}

static struct mxa_report_error *add_remark(
    struct mxa_reports *r, struct mxa_str file, const char *text)
{
	struct mxa_report_error *e = mxa_arena_calloc(r->arena, 1, sizeof(*e));

	e->file = mxa_str_dup(r->arena, file);
	e->text = mxa_str_dup(r->arena, mxa_str_from(text));
	return e;
}

void mxa_reports_error(
    struct mxa_reports *r, struct mxa_str file, const char *text)
{
	*r->last_error = add_remark(r, file, text);
	r->last_error = &(*r->last_error)->next;
}

void mxa_reports_warning(
    struct mxa_reports *r, struct mxa_str file, const char *text)
{
	*r->last_warning = add_remark(r, file, text);
	r->last_warning = &(*r->last_warning)->next;
}

bool mxa_report_row_passed(const struct mxa_report_row *row)
{
	return mxa_str_is(row->dkim, "pass") || mxa_str_is(row->spf, "pass");
}

enum mxa_report_outcome mxa_report_row_outcome(const struct mxa_report_row *row)
{
	if (mxa_str_is(row->disposition, "reject"))
		return MXA_REPORT_REJECTED;
	if (mxa_str_is(row->disposition, "quarantine"))
		return MXA_REPORT_QUARANTINED;
	return mxa_report_row_passed(row) ? MXA_REPORT_PASSED
					  : MXA_REPORT_DELIVERED;
}
