/* target.c - addresses: suppressed, excluded, permitted. */
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "report/sent/sender.h"

#define VERIFIED_SECONDS 86400 /* so long a permission is remembered */
#define MAX_FAILURES 3	       /* in a row; then the address is suppressed */

bool mxa_address_suppress(
    struct mxa_store *s, struct mxa_str address, const char *why)
{
	int64_t now = mxa_store_now(s);

	return mxa_store_run(s,
		   "INSERT INTO destination VALUES ($1, '', 'suppressed', $2, "
		   "0, $3) ON CONFLICT (uri, domain) DO UPDATE SET "
		   "verdict = 'suppressed', why = excluded.why, failures = 0, "
		   "until = excluded.until",
		   MXA_ARGS(MXA_TEXT(address), MXA_TEXT(mxa_str_from(why)),
		       MXA_INT(now + MXA_SUPPRESS_SECONDS))) >= 0;
}

bool mxa_target_is_suppressed(
    const struct mxa_sender *s, const struct mxa_delivery *d)
{
	return mxa_store_number(s->store,
		   "SELECT count(*) FROM destination WHERE uri = $1 "
		   "AND domain = '' AND verdict = 'suppressed' AND until > $2",
		   MXA_ARGS(MXA_TEXT(d->address), MXA_INT(s->now)), 0) > 0;
}

/* Three refusals in a row, and it is left alone for a while. */
static void note_refusal(struct mxa_sender *s, const struct mxa_delivery *d)
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

static void note_success(struct mxa_sender *s, const struct mxa_delivery *d)
{
	mxa_store_run(s->store,
	    "DELETE FROM destination WHERE uri = $1 AND domain = '' "
	    "AND verdict = 'refusing'",
	    MXA_ARGS(MXA_TEXT(d->address)));
}

bool mxa_target_is_excluded(const struct mxa_conf *conf, struct mxa_str address)
{
	struct mxa_str at =
	    mxa_str_sub(address, mxa_str_chr(address, '@', 0), address.len);

	for (size_t i = 0; i < conf->n_reports_exclude; i++) {
		struct mxa_str e = conf->reports_exclude[i];

		if (mxa_str_caseeq(e, address) || mxa_str_eq(e, at))
			return true;
	}
	return false;
}

void mxa_target_note(
    struct mxa_sender *s, const struct mxa_delivery *d, bool refused)
{
	if (refused)
		note_refusal(s, d);
	else
		note_success(s, d);
}

/* --- permission --- */

/* That of failure reports is one of its own: the record of the address's owner
 * may name other addresses for them. */
static struct mxa_str permission_key(
    const struct mxa_sender *s, const struct mxa_delivery *d)
{
	if (!d->failure)
		return d->domain;
	return mxa_str_from(
	    mxa_arena_printf(s->one, "ruf %.*s", MXA_STR_ARG(d->domain)));
}

/* What was found out lately, from the store. */
static bool recall_target(struct mxa_sender *s, const struct mxa_delivery *d,
    struct mxa_report_target *out)
{
	struct mxa_row row;
	struct mxa_str rest;

	mxa_store_row(s->store, s->one,
	    "SELECT verdict, why FROM destination WHERE uri = $1 "
	    "AND domain = $2 AND until > $3",
	    MXA_ARGS(MXA_TEXT(d->address), MXA_TEXT(permission_key(s, d)),
		MXA_INT(s->now)),
	    &row);
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

static void remember_target(struct mxa_sender *s, const struct mxa_delivery *d,
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
	args[1] = MXA_TEXT(permission_key(s, d));
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

void mxa_target_find(struct mxa_sender *s, const struct mxa_delivery *d,
    struct mxa_report_target *out)
{
	struct mxa_budget *b;

	if (recall_target(s, d, out))
		return;
	b = mxa_budget_open(s->o->dns, s->o->conf->dns_deadline * 1000);
	mxa_report_target_verify(b, &s->o->conf->auth, s->one, d->domain,
	    d->address, d->failure, out);
	mxa_budget_close(b);
	if (out->external && out->permission != MXA_REPORT_UNKNOWN)
		remember_target(s, d, out);
}
