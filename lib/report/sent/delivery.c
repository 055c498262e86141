/* delivery.c - one delivery and its states. */
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/i18n.h"
#include "report/sent/sender.h"

#define CLAIM_SECONDS 600 /* longer than a mail may take */
#define RECORD_TRIES 10

/* --- states --- */

bool mxa_delivery_add(struct mxa_store *s, struct mxa_str report_id,
    struct mxa_str address, struct mxa_str domain, int64_t position,
    int64_t now)
{
	return mxa_store_run(s,
		   "INSERT INTO delivery VALUES ($1, $2, $3, 'waiting', "
		   "0, $4, $5, '', 0, '', 0, $6, $7) "
		   "ON CONFLICT DO NOTHING",
		   MXA_ARGS(MXA_TEXT(report_id), MXA_TEXT(address),
		       MXA_INT(position), MXA_INT(now),
		       MXA_INT(now + MXA_GIVE_UP_SECONDS), MXA_TEXT(domain),
		       MXA_TEXT(mxa_report_address_host(address)))) == 1;
}

/* Retries after 5, 15, 60, 180, 360 minutes. */
static int64_t retry_seconds(int64_t attempts)
{
	static const int minutes[] = { 5, 15, 60, 180, 360 };
	size_t last = MXA_ARRAY_LEN(minutes) - 1;
	size_t i = attempts > 0 ? (size_t)attempts - 1 : 0;

	return 60 * minutes[i < last ? i : last];
}

/* For 'lease_until' beyond now the delivery is ours alone. */
static bool claim_delivery(struct mxa_sender *s, const struct mxa_delivery *d)
{
	return mxa_store_run(s->store,
		   "UPDATE delivery SET lease_owner = $3, lease_until = $5, "
		   "attempts = attempts + 1 WHERE report_id = $1 AND uri = $2 "
		   "AND state = 'waiting' AND lease_until <= $4 "
		   "AND next_try <= $4",
		   MXA_ARGS(MXA_TEXT(d->report_id), MXA_TEXT(d->address),
		       MXA_TEXT(s->o->owner), MXA_INT(s->now),
		       MXA_INT(s->now + CLAIM_SECONDS))) == 1;
}

static void settle_delivery(struct mxa_sender *s, const struct mxa_delivery *d,
    const char *state, struct mxa_str reply)
{
	bool waiting = strcmp(state, "waiting") == 0;

	mxa_store_run(s->store,
	    "UPDATE delivery SET state = $4, reply = $5, next_try = $6, "
	    "done = $7, lease_until = 0 WHERE report_id = $1 AND uri = $2 "
	    "AND lease_owner = $3",
	    MXA_ARGS(MXA_TEXT(d->report_id), MXA_TEXT(d->address),
		MXA_TEXT(s->o->owner), MXA_TEXT(mxa_str_from(state)),
		MXA_TEXT(mxa_store_text(s->one, reply, 500)),
		MXA_INT(s->now + retry_seconds(d->attempts + 1)),
		MXA_INT(waiting ? 0 : s->now)));
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
static void settle_report(struct mxa_sender *s, struct mxa_str report_id)
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

/* --- sending --- */

/* The address, or those that its owner names instead: the best result, since
 * then the report is there. */
static enum mxa_mailed send_to_target(struct mxa_sender *s,
    const struct mxa_delivery *d, const struct mxa_report_target *t,
    struct mxa_str *reply)
{
	enum mxa_mailed best = MXA_MAIL_REFUSED;
	struct mxa_str said;

	if (t->n_instead == 0)
		return mxa_sender_hand_over(s, d, d->address, 0, reply);
	for (size_t i = 0; i < t->n_instead && mxa_sender_is_fine(s); i++) {
		enum mxa_mailed got =
		    mxa_sender_hand_over(s, d, t->instead[i], i, &said);

		if (i == 0 || got < best) {
			best = got;
			*reply = said;
		}
	}
	return best;
}

struct outcome {
	const char *state;
	struct mxa_str reply;
	bool refused; /* by the address's server, for good */
};

static struct outcome outcome_later(
    struct mxa_sender *s, const struct mxa_delivery *d, struct mxa_str reply)
{
	bool over = s->now + retry_seconds(d->attempts + 1) > d->give_up;

	return (struct outcome){ over ? "expired" : "waiting", reply, false };
}

static struct outcome outcome_of_mail(struct mxa_sender *s,
    const struct mxa_delivery *d, enum mxa_mailed result, struct mxa_str reply)
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
    struct mxa_sender *s, const struct mxa_delivery *d, struct mxa_str *reply)
{
	*reply = MXA_STR("");
	if (s->now > d->give_up) {
		*reply = MXA_STR("too late");
		return "expired";
	}
	if (mxa_target_is_excluded(s->o->conf, d->address)) {
		*reply = MXA_STR("reports.exclude");
		return "excluded";
	}
	if (mxa_target_is_suppressed(s, d)) {
		*reply = MXA_STR("its mail came back");
		return "suppressed";
	}
	return NULL;
}

/* Claimed already.  When the signature is in trouble the delivery goes on
 * waiting. */
static struct outcome deliver_claimed(
    struct mxa_sender *s, const struct mxa_delivery *d)
{
	struct mxa_report_target target;
	enum mxa_mailed result;
	struct mxa_str reply;
	const char *state = not_sent_because(s, d, &reply);

	if (state != NULL)
		return (struct outcome){ state, reply, false };
	mxa_target_find(s, d, &target);
	if (target.permission == MXA_REPORT_REFUSED)
		return (struct outcome){ "unauthorised", target.why, false };
	if (target.permission == MXA_REPORT_UNKNOWN)
		return outcome_later(s, d, target.why);
	result = send_to_target(s, d, &target, &reply);
	if (s->out->trouble.len > 0)
		return (struct outcome){ "waiting", s->out->trouble, false };
	return outcome_of_mail(s, d, result, reply);
}

static enum mxa_store_state write_outcome(
    struct mxa_sender *s, const struct mxa_delivery *d, const struct outcome *o)
{
	mxa_store_begin(s->store);
	settle_delivery(s, d, o->state, o->reply);
	if (o->refused || strcmp(o->state, "sent") == 0)
		mxa_target_note(s, d, o->refused);
	settle_report(s, d->report_id);
	return mxa_store_commit(s->store);
}

/* The mail is gone: what became of it must be written, or it goes again when
 * the claim runs out. */
static void keep_outcome(
    struct mxa_sender *s, const struct mxa_delivery *d, const struct outcome *o)
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

bool mxa_delivery_send(struct mxa_sender *s, const struct mxa_delivery *d)
{
	struct outcome o;

	s->now = mxa_store_now(s->store);
	if (!claim_delivery(s, d))
		return false; /* another host has it */
	o = deliver_claimed(s, d);
	if (mxa_store_state(s->store) == MXA_STORE_OK ||
	    strcmp(o.state, "sent") == 0)
		keep_outcome(s, d, &o);
	if (s->o->progress != NULL)
		s->o->progress(s->o->ctx, N_("mails"), s->out->sent);
	return true;
}
