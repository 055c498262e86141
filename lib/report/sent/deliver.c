/* deliver.c - frozen aggregate reports on their way. */
#include "report/sent/deliver.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "report/sent/mail.h"
#include "report/sent/sender.h"

#define PAGE 100

struct aggregate {
	struct mxa_delivery d;
	struct mxa_str filename;
	int64_t begin, end, made;
};

/* --- the mail --- */

struct parts {
	struct mxa_buf *b;
};

static bool add_part(void *ctx, const struct mxa_row *r)
{
	mxa_buf_addstr(((struct parts *)ctx)->b, r->col[0]);
	return true;
}

static struct mxa_str write_mail(
    struct mxa_sender *s, const struct mxa_delivery *d, struct mxa_str to)
{
	const struct aggregate *report = d->what;
	struct mxa_report_mail m = { .who = s->o->who,
		.id = d->report_id,
		.domain = d->domain,
		.filename = report->filename,
		.begin = report->begin,
		.end = report->end,
		.made = report->made,
		.to = to };
	struct mxa_buf body, mail;
	struct parts parts = { &body };

	mxa_buf_init(&body, s->one, MXA_MAX_REPORT_MAIL);
	mxa_buf_init(&mail, s->one, MXA_MAX_REPORT_MAIL);
	mxa_store_query(s->store,
	    "SELECT data FROM report_body WHERE report_id = $1 ORDER BY part",
	    MXA_ARGS(MXA_TEXT(d->report_id)), add_part, &parts);
	m.body = mxa_buf_str(&body);
	mxa_report_mail_write(&mail, &m);
	if (body.full || mail.full || body.len == 0 || !mxa_sender_is_fine(s))
		return MXA_STR_NONE;
	return mxa_buf_str(&mail);
}

/* --- pages of them --- */

struct delivery_page {
	struct mxa_arena *a;
	struct aggregate v[PAGE];
	size_t n;
};

static bool note_delivery(void *ctx, const struct mxa_row *r)
{
	struct delivery_page *p = ctx;
	struct aggregate *report = &p->v[p->n++];

	report->d = (struct mxa_delivery){
		.report_id = mxa_str_dup(p->a, r->col[0]),
		.address = mxa_str_dup(p->a, r->col[1]),
		.domain = mxa_str_dup(p->a, r->col[2]),
		.host = mxa_str_dup(p->a, r->col[3]),
		.position = mxa_row_int(r, 5),
		.attempts = mxa_row_int(r, 6),
		.give_up = mxa_row_int(r, 7),
		.write = write_mail,
		.what = report,
	};
	report->filename = mxa_str_dup(p->a, r->col[4]);
	report->begin = mxa_row_int(r, 8);
	report->end = mxa_row_int(r, 9);
	report->made = mxa_row_int(r, 10);
	return p->n < PAGE;
}

/* What is due after (report, address) of the last page: what was passed over
 * is not looked at again in this run.  The deliveries come first (for SQLite
 * that is what CROSS JOIN says), in the order of their index: the time of a run
 * grows with the mails, not with their square. */
static void list_due(struct mxa_sender *s, struct delivery_page *p,
    struct mxa_str after_id, struct mxa_str after_uri)
{
	p->n = 0;
	mxa_store_query(s->store,
	    "SELECT d.report_id, d.uri, d.domain, d.host, r.filename, "
	    "d.position, d.attempts, d.give_up, r.period_begin, r.period_end, "
	    "r.made FROM delivery d CROSS JOIN report r "
	    "WHERE r.report_id = d.report_id AND d.state = 'waiting' "
	    "AND d.next_try <= $1 AND d.lease_until <= $1 "
	    "AND r.state = 'generated' AND (d.report_id, d.uri) > ($2, $3) "
	    "ORDER BY d.report_id, d.uri LIMIT $4",
	    MXA_ARGS(MXA_INT(s->now), MXA_TEXT(after_id), MXA_TEXT(after_uri),
		MXA_INT(PAGE)),
	    note_delivery, p);
}

static void deliver_one(struct mxa_sender *s, const struct mxa_delivery *d)
{
	mxa_arena_reset(s->one);
	if (mxa_sender_over_limit(s, d->host))
		s->out->capped = true;
	else
		mxa_delivery_send(s, d);
}

static void deliver_pages(struct mxa_sender *s)
{
	struct delivery_page *p = mxa_xcalloc(1, sizeof(*p));
	char id[64] = "", uri[MXA_MAX_DOMAIN + 80] = "";

	p->a = s->page;
	do {
		mxa_arena_reset(s->page);
		list_due(s, p, mxa_str_from(id), mxa_str_from(uri));
		for (size_t i = 0; i < p->n && mxa_sender_is_fine(s); i++)
			deliver_one(s, &p->v[i].d);
		if (p->n > 0) {
			const struct mxa_delivery *d = &p->v[p->n - 1].d;

			snprintf(
			    id, sizeof(id), "%.*s", MXA_STR_ARG(d->report_id));
			snprintf(
			    uri, sizeof(uri), "%.*s", MXA_STR_ARG(d->address));
		}
		if (p->n == PAGE && mxa_sender_hour_is_full(s)) {
			s->out->capped = true;
			break; /* the rest waits: do not even list it */
		}
	} while (p->n == PAGE && mxa_sender_is_fine(s));
	free(p);
}

/* --- a run --- */

bool mxa_reports_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_deliver_result *out)
{
	struct mxa_sender *s;
	bool ok;

	*out = (struct mxa_deliver_result){ .trouble = MXA_STR("") };
	s = mxa_sender_open(o, a, out);
	if (mxa_sender_is_fine(s))
		deliver_pages(s);
	out->waiting = mxa_store_number(o->store,
	    "SELECT count(*) FROM delivery WHERE state = 'waiting' "
	    "AND report_id NOT LIKE '" MXA_FAILURE_PREFIX "%'",
	    NULL, 0, 0);
	ok = mxa_store_state(o->store) == MXA_STORE_OK;
	mxa_sender_close(s);
	return ok;
}
