/* deliver.c - frozen reports on their way. */
#include "report/sent/deliver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/report_address.h"
#include "base/arena.h"
#include "base/attr.h"
#include "conf/conf.h"
#include "report/sent/mail.h"
#include "report/sent/mailer.h"
#include "report/sent/sign.h"

#define CLAIM_SECONDS 600 /* longer than a mail may take */
#define PAGE 100
#define HOUR 3600
#define MAX_MAIL ((size_t)24 << 20)
#define MAX_KEY ((size_t)64 * 1024)
#define VERIFIED_SECONDS 86400 /* so long a permission is remembered */
#define MAX_FAILURES 3	       /* in a row; then the address is suppressed */
#define HOST_BUCKETS 4096
#define RECORD_TRIES 10

struct host_count {
	struct host_count *next;
	int64_t n;
	char name[];
};

struct sender {
	const struct mxa_deliver_options *o;
	struct mxa_deliver_result *out;
	struct mxa_store *store;
	struct mxa_arena *page; /* of a page of deliveries */
	struct mxa_arena *one;	/* of one delivery */
	struct mxa_signer *signer;
	bool checked; /* the signature passes */
	int64_t now;
	/* mails of the last hour, as far as this run knows */
	int64_t hour_total;
	struct host_count *host[HOST_BUCKETS];
};

struct delivery {
	struct mxa_str report_id, address, domain, host, filename;
	int64_t position, attempts, give_up, begin, end, made;
};

static bool is_fine(const struct sender *s)
{
	return mxa_store_state(s->store) == MXA_STORE_OK &&
	    (s->o->stop == NULL || *s->o->stop == 0) &&
	    s->out->trouble.len == 0;
}

/* --- limits of an hour --- */

static struct host_count *count_of(struct sender *s, struct mxa_str host)
{
	size_t at = 5381;
	struct host_count *c;

	for (size_t i = 0; i < host.len; i++)
		at = at * 33 + (unsigned char)host.p[i];
	at %= HOST_BUCKETS;
	for (c = s->host[at]; c != NULL; c = c->next)
		if (mxa_str_is(host, c->name))
			return c;
	c = mxa_xcalloc(1, sizeof(*c) + host.len + 1);
	memcpy(c->name, host.p, host.len);
	c->next = s->host[at];
	s->host[at] = c;
	return c;
}

static void free_counts(struct sender *s)
{
	for (size_t i = 0; i < HOST_BUCKETS; i++)
		while (s->host[i] != NULL) {
			struct host_count *c = s->host[i];

			s->host[i] = c->next;
			free(c);
		}
}

static bool note_hour(void *ctx, const struct mxa_row *r)
{
	struct sender *s = ctx;

	count_of(s, r->col[0])->n += mxa_row_int(r, 1);
	s->hour_total += mxa_row_int(r, 1);
	return true;
}

static void read_hour(struct sender *s)
{
	struct mxa_arg arg = MXA_INT(s->now - HOUR);

	mxa_store_query(s->store,
	    "SELECT host, count(*) FROM delivery WHERE done > $1 "
	    "AND state = 'sent' GROUP BY host",
	    &arg, 1, note_hour, s);
}

static bool over_limit(struct sender *s, const struct delivery *d)
{
	const struct mxa_conf *conf = s->o->conf;

	return s->hour_total >= conf->reports_per_hour ||
	    count_of(s, d->host)->n >= conf->reports_per_hour_each;
}

/* --- states --- */

/* Retries after 5, 15, 60, 180, 360 minutes. */
static int64_t retry_seconds(int64_t attempts)
{
	static const int minutes[] = { 5, 15, 60, 180, 360 };
	size_t last = MXA_ARRAY_LEN(minutes) - 1;
	size_t i = attempts > 0 ? (size_t)attempts - 1 : 0;

	return 60 * minutes[i < last ? i : last];
}

/* For 'lease_until' beyond now the delivery is ours alone. */
static bool claim_delivery(struct sender *s, const struct delivery *d)
{
	struct mxa_arg args[] = { MXA_TEXT(d->report_id), MXA_TEXT(d->address),
		MXA_TEXT(s->o->owner), MXA_INT(s->now),
		MXA_INT(s->now + CLAIM_SECONDS) };

	return mxa_store_run(s->store,
		   "UPDATE delivery SET lease_owner = $3, lease_until = $5, "
		   "attempts = attempts + 1 WHERE report_id = $1 AND uri = $2 "
		   "AND state = 'waiting' AND lease_until <= $4 "
		   "AND next_try <= $4",
		   args, 5) == 1;
}

static void settle_delivery(struct sender *s, const struct delivery *d,
    const char *state, struct mxa_str reply)
{
	bool waiting = strcmp(state, "waiting") == 0;
	struct mxa_arg args[] = { MXA_TEXT(d->report_id), MXA_TEXT(d->address),
		MXA_TEXT(s->o->owner), MXA_TEXT(mxa_str_from(state)),
		MXA_TEXT(mxa_store_text(s->one, reply, 500)),
		MXA_INT(s->now + retry_seconds(d->attempts + 1)),
		MXA_INT(waiting ? 0 : s->now) };

	mxa_store_run(s->store,
	    "UPDATE delivery SET state = $4, reply = $5, next_try = $6, "
	    "done = $7, lease_until = 0 WHERE report_id = $1 AND uri = $2 "
	    "AND lease_owner = $3",
	    args, 7);
}

struct state_counts {
	int64_t waiting, sent, failed, suppressed, expired;
};

static bool note_state(void *ctx, const struct mxa_row *r)
{
	struct state_counts *c = ctx;
	int64_t n = mxa_row_int(r, 1);

	if (mxa_str_is(r->col[0], "waiting"))
		c->waiting += n;
	else if (mxa_str_is(r->col[0], "sent"))
		c->sent += n;
	else if (mxa_str_is(r->col[0], "failed"))
		c->failed += n;
	else if (mxa_str_is(r->col[0], "expired"))
		c->expired += n;
	else
		c->suppressed += n;
	return true;
}

static const char *report_state(const struct state_counts *c)
{
	if (c->sent > 0)
		return c->failed + c->expired + c->suppressed > 0 ? "partial"
								  : "sent";
	if (c->failed > 0)
		return "failed";
	return c->expired > 0 ? "expired" : "suppressed";
}

/* When no delivery is waiting any more the report has its last state. */
static void settle_report(struct sender *s, struct mxa_str report_id)
{
	struct state_counts c = { 0 };
	struct mxa_arg args[] = { MXA_TEXT(report_id), MXA_TEXT(MXA_STR("")) };

	mxa_store_query(s->store,
	    "SELECT state, count(*) FROM delivery WHERE report_id = $1 "
	    "GROUP BY state",
	    args, 1, note_state, &c);
	if (c.waiting > 0 || mxa_store_state(s->store) != MXA_STORE_OK)
		return;
	args[1] = MXA_TEXT(mxa_str_from(report_state(&c)));
	mxa_store_run(s->store,
	    "UPDATE report SET state = $2 WHERE report_id = $1 "
	    "AND state = 'generated'",
	    args, 2);
}

/* --- addresses --- */

bool mxa_address_suppress(
    struct mxa_store *s, struct mxa_str address, const char *why)
{
	int64_t now = mxa_store_now(s);
	struct mxa_arg args[] = { MXA_TEXT(address),
		MXA_TEXT(mxa_str_from(why)),
		MXA_INT(now + MXA_SUPPRESS_SECONDS) };

	return mxa_store_run(s,
		   "INSERT INTO destination VALUES ($1, '', 'suppressed', $2, "
		   "0, $3) ON CONFLICT (uri, domain) DO UPDATE SET "
		   "verdict = 'suppressed', why = excluded.why, failures = 0, "
		   "until = excluded.until",
		   args, 3) >= 0;
}

static bool is_suppressed(struct sender *s, const struct delivery *d)
{
	struct mxa_arg args[] = { MXA_TEXT(d->address), MXA_INT(s->now) };

	return mxa_store_number(s->store,
		   "SELECT count(*) FROM destination WHERE uri = $1 "
		   "AND domain = '' AND verdict = 'suppressed' AND until > $2",
		   args, 2, 0) > 0;
}

/* Three refusals in a row, and it is left alone for a while. */
static void note_refusal(struct sender *s, const struct delivery *d)
{
	struct mxa_arg args[] = { MXA_TEXT(d->address),
		MXA_INT(s->now + MXA_SUPPRESS_SECONDS) };

	mxa_store_run(s->store,
	    "INSERT INTO destination VALUES ($1, '', 'refusing', '', 1, $2) "
	    "ON CONFLICT (uri, domain) DO UPDATE SET "
	    "failures = destination.failures + 1, until = excluded.until",
	    args, 2);
	if (mxa_store_number(s->store,
		"SELECT failures FROM destination WHERE uri = $1 "
		"AND domain = ''",
		args, 1, 0) >= MAX_FAILURES)
		mxa_address_suppress(
		    s->store, d->address, "it refused three reports in a row");
}

static void note_success(struct sender *s, const struct delivery *d)
{
	struct mxa_arg arg = MXA_TEXT(d->address);

	mxa_store_run(s->store,
	    "DELETE FROM destination WHERE uri = $1 AND domain = '' "
	    "AND verdict = 'refusing'",
	    &arg, 1);
}

/* "x@d", or "@d" for every address of the domain. */
static bool is_excluded(const struct sender *s, struct mxa_str address)
{
	const struct mxa_conf *conf = s->o->conf;
	struct mxa_str at =
	    mxa_str_sub(address, mxa_str_chr(address, '@', 0), address.len);

	for (size_t i = 0; i < conf->n_reports_exclude; i++) {
		struct mxa_str e = conf->reports_exclude[i];

		if (mxa_str_caseeq(e, address) || mxa_str_eq(e, at))
			return true;
	}
	return false;
}

/* --- permission --- */

/* What was found out lately, from the store. */
static bool recall_target(
    struct sender *s, const struct delivery *d, struct mxa_report_target *out)
{
	struct mxa_arg args[] = { MXA_TEXT(d->address), MXA_TEXT(d->domain),
		MXA_INT(s->now) };
	struct mxa_row row;
	struct mxa_str rest;

	mxa_store_row(s->store, s->one,
	    "SELECT verdict, why FROM destination WHERE uri = $1 "
	    "AND domain = $2 AND until > $3",
	    args, 3, &row);
	if (row.n == 0)
		return false;
	memset(out, 0, sizeof(*out));
	out->why = row.col[1];
	if (!mxa_str_is(row.col[0], "granted")) {
		out->permission = MXA_REPORT_REFUSED;
		return true;
	}
	/* of a granted one: the addresses instead, with spaces between */
	for (rest = row.col[1];
	     rest.len > 0 && out->n_instead < MXA_MAX_DMARC_URIS;) {
		size_t end = mxa_str_chr(rest, ' ', 0);

		out->instead[out->n_instead++] = mxa_str_sub(rest, 0, end);
		rest = mxa_str_sub(rest, end + 1, rest.len);
	}
	return true;
}

static void remember_target(struct sender *s, const struct delivery *d,
    const struct mxa_report_target *t)
{
	bool granted = t->permission == MXA_REPORT_GRANTED;
	struct mxa_buf why;
	struct mxa_arg args[5];

	mxa_buf_init(&why, s->one, 8192);
	for (size_t i = 0; i < t->n_instead; i++)
		mxa_buf_printf(&why, "%s%.*s", i > 0 ? " " : "",
		    MXA_STR_ARG(t->instead[i]));
	if (!granted)
		mxa_buf_addstr(&why, mxa_store_text(s->one, t->why, 500));
	args[0] = MXA_TEXT(d->address);
	args[1] = MXA_TEXT(d->domain);
	args[2] = MXA_TEXT(granted ? MXA_STR("granted") : MXA_STR("refused"));
	args[3] = MXA_TEXT(mxa_buf_str(&why));
	args[4] = MXA_INT(s->now + VERIFIED_SECONDS);
	mxa_store_run(s->store,
	    "INSERT INTO destination VALUES ($1, $2, $3, $4, 0, $5) "
	    "ON CONFLICT (uri, domain) DO UPDATE SET "
	    "verdict = excluded.verdict, why = excluded.why, "
	    "until = excluded.until",
	    args, 5);
}

static void find_target(
    struct sender *s, const struct delivery *d, struct mxa_report_target *out)
{
	struct mxa_budget *b;

	if (recall_target(s, d, out))
		return;
	b = mxa_budget_open(s->o->dns, s->o->conf->dns_deadline * 1000);
	mxa_report_target_verify(
	    b, &s->o->conf->auth, s->one, d->domain, d->address, out);
	mxa_budget_close(b);
	if (out->external && out->permission != MXA_REPORT_UNKNOWN)
		remember_target(s, d, out);
}

/* --- the mail --- */

struct parts {
	struct mxa_buf *b;
};

static bool add_part(void *ctx, const struct mxa_row *r)
{
	mxa_buf_addstr(((struct parts *)ctx)->b, r->col[0]);
	return true;
}

/* The signed mail; absent: it cannot be made. */
static struct mxa_str write_mail(
    struct sender *s, const struct delivery *d, struct mxa_str to)
{
	struct mxa_arg arg = MXA_TEXT(d->report_id);
	struct mxa_report_mail m = { .who = s->o->who,
		.id = d->report_id,
		.domain = d->domain,
		.filename = d->filename,
		.begin = d->begin,
		.end = d->end,
		.made = d->made,
		.to = to };
	struct mxa_buf body, mail;
	struct parts parts = { &body };
	struct mxa_str field;

	mxa_buf_init(&body, s->one, MAX_MAIL);
	mxa_buf_init(&mail, s->one, MAX_MAIL);
	mxa_store_query(s->store,
	    "SELECT data FROM report_body WHERE report_id = $1 ORDER BY part",
	    &arg, 1, add_part, &parts);
	m.body = mxa_buf_str(&body);
	mxa_report_mail_write(&mail, &m);
	if (body.full || mail.full || body.len == 0 || !is_fine(s))
		return MXA_STR_NONE;
	if (s->signer == NULL)
		return mxa_buf_str(&mail);
	if (!mxa_sign(s->signer, s->one, mxa_buf_str(&mail), s->now, &field)) {
		s->out->trouble = MXA_STR(
		    "the report cannot be signed: is sign-key an RSA key?");
		return MXA_STR_NONE;
	}
	return mxa_str_from(mxa_arena_printf(s->one, "%.*s%.*s",
	    MXA_STR_ARG(field), MXA_STR_ARG(mxa_buf_str(&mail))));
}

/* Before the first mail of a run: a report that fails DMARC itself would be
 * refused, and teaches its readers to distrust us. */
static bool check_signature(
    struct sender *s, struct mxa_arena *lasting, struct mxa_str mail)
{
	struct mxa_str why = MXA_STR("");

	if (s->signer == NULL || s->checked)
		return true;
	s->checked = mxa_sign_check(
	    s->o->dns, s->o->conf, s->o->clock, s->one, mail, &why);
	if (!s->checked)
		s->out->trouble = mxa_str_dup(lasting, why);
	return s->checked;
}

static struct mxa_str envelope_from(struct sender *s, const struct delivery *d)
{
	struct mxa_str own = s->o->conf->reports_bounces;
	size_t at = mxa_str_chr(own, '@', 0);

	if (own.len == 0)
		return own;
	return mxa_str_from(mxa_arena_printf(s->one, "%.*s+%.*s-%lld%.*s",
	    (int)at, own.p, MXA_STR_ARG(d->report_id), (long long)d->position,
	    MXA_STR_ARG(mxa_str_sub(own, at, own.len))));
}

/* --to-directory: a file for each mail, whole or not at all. */
static enum mxa_mailed write_file(struct sender *s, const struct delivery *d,
    size_t nth, struct mxa_str mail, struct mxa_str *reply)
{
	char *path =
	    mxa_arena_printf(s->one, "%s/%.*s-%lld-%zu.eml", s->o->directory,
		MXA_STR_ARG(d->report_id), (long long)d->position, nth);
	char *tmp =
	    mxa_arena_printf(s->one, "%s.%.*s", path, MXA_STR_ARG(s->o->owner));
	FILE *f = fopen(tmp, "wbe");
	bool ok = f != NULL && fwrite(mail.p, 1, mail.len, f) == mail.len;

	if ((f != NULL && fclose(f) != 0) || !ok || rename(tmp, path) != 0) {
		*reply = mxa_str_from(
		    mxa_arena_printf(s->one, "%s: %s", path, strerror(errno)));
		unlink(tmp);
		return MXA_MAIL_LATER;
	}
	*reply = mxa_str_from(path);
	return MXA_MAILED;
}

static enum mxa_mailed hand_over_report(struct sender *s,
    struct mxa_arena *lasting, const struct delivery *d, struct mxa_str to,
    size_t nth, struct mxa_str *reply)
{
	struct mxa_mail mail = { .from = envelope_from(s, d), .to = to };

	mail.message = write_mail(s, d, to);
	*reply = MXA_STR("the mail could not be made");
	if (mail.message.p == NULL ||
	    !check_signature(s, lasting, mail.message))
		return MXA_MAIL_LATER;
	s->hour_total++;
	count_of(s, d->host)->n++;
	if (s->o->directory != NULL)
		return write_file(s, d, nth, mail.message, reply);
	return mxa_mail_send(s->o->conf, s->one, &mail, reply);
}

/* The address, or those that its owner names instead: the best result, since
 * then the report is there. */
static enum mxa_mailed send_to_target(struct sender *s,
    struct mxa_arena *lasting, const struct delivery *d,
    const struct mxa_report_target *t, struct mxa_str *reply)
{
	enum mxa_mailed best = MXA_MAIL_REFUSED;
	struct mxa_str said;

	if (t->n_instead == 0)
		return hand_over_report(s, lasting, d, d->address, 0, reply);
	for (size_t i = 0; i < t->n_instead && is_fine(s); i++) {
		enum mxa_mailed got =
		    hand_over_report(s, lasting, d, t->instead[i], i, &said);

		if (i == 0 || got < best) {
			best = got;
			*reply = said;
		}
	}
	return best;
}

/* --- one delivery --- */

struct outcome {
	const char *state;
	struct mxa_str reply;
	bool refused; /* by the address's server, for good */
};

static struct outcome outcome_later(
    struct sender *s, const struct delivery *d, struct mxa_str reply)
{
	bool over = s->now + retry_seconds(d->attempts + 1) > d->give_up;

	return (struct outcome){ over ? "expired" : "waiting", reply, false };
}

static struct outcome outcome_of_mail(struct sender *s,
    const struct delivery *d, enum mxa_mailed result, struct mxa_str reply)
{
	switch (result) {
	case MXA_MAILED:
		return (struct outcome){ "sent", reply, false };
	case MXA_MAIL_LATER:
		return outcome_later(s, d, reply);
	case MXA_MAIL_REFUSED:
		break;
	}
	return (struct outcome){ "failed", reply, true };
}

/* NULL: it may be sent. */
static const char *not_sent_because(
    struct sender *s, const struct delivery *d, struct mxa_str *reply)
{
	*reply = MXA_STR("");
	if (s->now > d->give_up) {
		*reply = MXA_STR("too late");
		return "expired";
	}
	if (is_excluded(s, d->address)) {
		*reply = MXA_STR("reports.exclude");
		return "excluded";
	}
	if (is_suppressed(s, d)) {
		*reply = MXA_STR("its mail came back");
		return "suppressed";
	}
	return NULL;
}

/* Claimed already.  When the signature is in trouble the delivery goes on
 * waiting. */
static struct outcome deliver_claimed(
    struct sender *s, struct mxa_arena *lasting, const struct delivery *d)
{
	struct mxa_report_target target;
	enum mxa_mailed result;
	struct mxa_str reply;
	const char *state = not_sent_because(s, d, &reply);

	if (state != NULL)
		return (struct outcome){ state, reply, false };
	find_target(s, d, &target);
	if (target.permission == MXA_REPORT_REFUSED)
		return (struct outcome){ "unauthorised", target.why, false };
	if (target.permission == MXA_REPORT_UNKNOWN)
		return outcome_later(s, d, target.why);
	result = send_to_target(s, lasting, d, &target, &reply);
	if (s->out->trouble.len > 0)
		return (struct outcome){ "waiting", s->out->trouble, false };
	return outcome_of_mail(s, d, result, reply);
}

static enum mxa_store_state write_outcome(
    struct sender *s, const struct delivery *d, const struct outcome *o)
{
	mxa_store_begin(s->store);
	settle_delivery(s, d, o->state, o->reply);
	if (o->refused)
		note_refusal(s, d);
	else if (strcmp(o->state, "sent") == 0)
		note_success(s, d);
	settle_report(s, d->report_id);
	return mxa_store_commit(s->store);
}

/* The mail is gone: what became of it must be written, or it goes again when
 * the claim runs out. */
static void keep_outcome(
    struct sender *s, const struct delivery *d, const struct outcome *o)
{
	for (int i = 0; i < RECORD_TRIES; i++) {
		if (write_outcome(s, d, o) == MXA_STORE_OK)
			break;
		sleep(1);
	}
	if (strcmp(o->state, "sent") == 0)
		s->out->sent++;
	else if (strcmp(o->state, "waiting") == 0)
		s->out->later++;
	else
		s->out->failed++;
}

static void deliver_one(
    struct sender *s, struct mxa_arena *lasting, const struct delivery *d)
{
	struct outcome o;

	mxa_arena_reset(s->one);
	if (over_limit(s, d)) {
		s->out->capped = true;
		return;
	}
	s->now = mxa_store_now(s->store);
	if (!claim_delivery(s, d))
		return; /* another host has it */
	o = deliver_claimed(s, lasting, d);
	if (mxa_store_state(s->store) == MXA_STORE_OK ||
	    strcmp(o.state, "sent") == 0)
		keep_outcome(s, d, &o);
	if (s->o->progress != NULL)
		s->o->progress(s->o->ctx, "mails", s->out->sent);
}

/* --- pages of them --- */

struct delivery_page {
	struct mxa_arena *a;
	struct delivery v[PAGE];
	size_t n;
};

static bool note_delivery(void *ctx, const struct mxa_row *r)
{
	struct delivery_page *p = ctx;
	struct delivery *d = &p->v[p->n++];

	d->report_id = mxa_str_dup(p->a, r->col[0]);
	d->address = mxa_str_dup(p->a, r->col[1]);
	d->domain = mxa_str_dup(p->a, r->col[2]);
	d->host = mxa_str_dup(p->a, r->col[3]);
	d->filename = mxa_str_dup(p->a, r->col[4]);
	d->position = mxa_row_int(r, 5);
	d->attempts = mxa_row_int(r, 6);
	d->give_up = mxa_row_int(r, 7);
	d->begin = mxa_row_int(r, 8);
	d->end = mxa_row_int(r, 9);
	d->made = mxa_row_int(r, 10);
	return p->n < PAGE;
}

/* What is due after (report, address) of the last page: what was passed over
 * is not looked at again in this run. */
static void list_due(struct sender *s, struct delivery_page *p,
    struct mxa_str after_id, struct mxa_str after_uri)
{
	struct mxa_arg args[] = { MXA_INT(s->now), MXA_TEXT(after_id),
		MXA_TEXT(after_uri), MXA_INT(PAGE) };

	p->n = 0;
	mxa_store_query(s->store,
	    "SELECT d.report_id, d.uri, d.domain, d.host, r.filename, "
	    "d.position, d.attempts, d.give_up, r.period_begin, r.period_end, "
	    "r.made FROM delivery d JOIN report r "
	    "ON r.report_id = d.report_id WHERE d.state = 'waiting' "
	    "AND d.next_try <= $1 AND d.lease_until <= $1 "
	    "AND r.state = 'generated' AND (d.report_id, d.uri) > ($2, $3) "
	    "ORDER BY d.report_id, d.uri LIMIT $4",
	    args, 4, note_delivery, p);
}

static void deliver_pages(struct sender *s, struct mxa_arena *lasting)
{
	struct delivery_page *p = mxa_xcalloc(1, sizeof(*p));
	char id[64] = "", uri[MXA_MAX_DOMAIN + 80] = "";

	p->a = s->page;
	do {
		mxa_arena_reset(s->page);
		list_due(s, p, mxa_str_from(id), mxa_str_from(uri));
		for (size_t i = 0; i < p->n && is_fine(s); i++)
			deliver_one(s, lasting, &p->v[i]);
		if (p->n > 0) {
			const struct delivery *d = &p->v[p->n - 1];

			snprintf(
			    id, sizeof(id), "%.*s", MXA_STR_ARG(d->report_id));
			snprintf(
			    uri, sizeof(uri), "%.*s", MXA_STR_ARG(d->address));
		}
	} while (p->n == PAGE && is_fine(s));
	free(p);
}

/* --- a run --- */

static bool read_key(
    struct mxa_arena *a, struct mxa_str path, struct mxa_str *out)
{
	FILE *f = fopen(mxa_str_cstr(a, path), "rbe");
	char *p = mxa_arena_alloc(a, MAX_KEY);
	size_t n;

	if (f == NULL)
		return false;
	n = fread(p, 1, MAX_KEY, f);
	fclose(f);
	*out = mxa_str_make(p, n);
	return n > 0;
}

static void open_signer(struct sender *s, struct mxa_arena *a)
{
	const struct mxa_conf *conf = s->o->conf;
	const char *error = NULL;
	struct mxa_str key;

	if (conf->reports_sign_domain.len == 0)
		return;
	if (conf->reports_sign_selector.len == 0 ||
	    conf->reports_sign_key.len == 0) {
		s->out->trouble = MXA_STR("sign-domain needs sign-selector "
					  "and sign-key");
		return;
	}
	if (!read_key(a, conf->reports_sign_key, &key)) {
		s->out->trouble = mxa_str_from(
		    mxa_arena_printf(a, "the key %.*s cannot be read: %s",
			MXA_STR_ARG(conf->reports_sign_key), strerror(errno)));
		return;
	}
	s->signer = mxa_signer_new(conf->reports_sign_domain,
	    conf->reports_sign_selector, key, &error);
	explicit_bzero((char *)key.p, key.len);
	if (s->signer == NULL)
		s->out->trouble = mxa_str_from(error);
}

bool mxa_reports_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_deliver_result *out)
{
	struct sender *s = mxa_xcalloc(1, sizeof(*s));
	bool ok;

	*out = (struct mxa_deliver_result){ .trouble = MXA_STR("") };
	s->o = o;
	s->out = out;
	s->store = o->store;
	s->page = mxa_arena_new();
	s->one = mxa_arena_new();
	s->now = mxa_store_now(o->store);
	open_signer(s, a);
	if (is_fine(s))
		read_hour(s);
	if (is_fine(s))
		deliver_pages(s, a);
	out->waiting = mxa_store_number(o->store,
	    "SELECT count(*) FROM delivery WHERE state = 'waiting'", NULL, 0,
	    0);
	ok = mxa_store_state(o->store) == MXA_STORE_OK;
	mxa_signer_free(s->signer);
	free_counts(s);
	mxa_arena_free(s->page);
	mxa_arena_free(s->one);
	free(s);
	return ok;
}
