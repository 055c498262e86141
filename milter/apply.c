/* apply.c - actions to libmilter calls. */
#include "milter/apply.h"

#include <string.h>

#include "base/buf.h"
#include "milter/log.h"
#include "milter/session.h"

#define AUTHRES "Authentication-Results"
#define RECEIVED_SPF "Received-SPF"

/* libmilter's prototypes are older than const; it copies what it is given. */
static char *mutable_text(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* Message-lifetime memory: the arena that holds the header section. */
static struct mxa_arena *arena_of(const struct session_outcome *o)
{
	return o->txn->msg.headers.arena;
}

static void log_refused(const struct session_outcome *o, const char *what)
{
	log_error("%.*s: libmilter refused: %s",
	    MXA_STR_ARG(o->txn->msg.queue_id), what);
}

/* --- header fields --- */

static bool insert_field(SMFICTX *ctx, const struct session_outcome *o,
    const char *name, const char *value, bool exact)
{
	struct mxa_buf b;

	if (value == NULL)
		return true;
	mxa_buf_init(&b, arena_of(o), strlen(value) + 1);
	if (exact)
		mxa_buf_addc(&b, ' ');
	mxa_buf_adds(&b, value);
	if (smfi_insheader(ctx, 0, mutable_text(name),
		mutable_text(mxa_buf_cstr(&b))) == MI_SUCCESS)
		return true;
	log_refused(o, "insert header field");
	return false;
}

/* Fields of that name, the last one first: each deletion moves those below. */
static bool delete_fields(SMFICTX *ctx, const struct session_outcome *o,
    const char *name, const unsigned *field, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (smfi_chgheader(ctx, mutable_text(name), (int)field[i],
			NULL) != MI_SUCCESS) {
			log_refused(o, "delete forged header field");
			return false;
		}
	return true;
}

static bool apply_header(
    SMFICTX *ctx, const struct session_outcome *o, bool exact)
{
	return delete_fields(ctx, o, AUTHRES, o->forged, o->n_forged) &&
	    delete_fields(
		ctx, o, RECEIVED_SPF, o->forged_spf, o->n_forged_spf) &&
	    insert_field(ctx, o, RECEIVED_SPF, o->received_spf, exact) &&
	    insert_field(ctx, o, AUTHRES, o->authres, exact);
}

/* --- replies --- */

/* A reply line for smfi_setmlreply, which wants each '%' doubled. */
static char *doubled_percent(struct mxa_arena *a, struct mxa_str line)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, line.len * 2);
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == '%')
			mxa_buf_addc(&b, '%');
		mxa_buf_addc(&b, line.p[i]);
	}
	return mutable_text(mxa_buf_cstr(&b));
}

static bool set_lines(SMFICTX *ctx, const struct session_outcome *o)
{
	const struct mxa_reply *r = &o->txn->action.reply;
	char *line[MXA_MAX_REPLY_LINES + 1] = { NULL };

	_Static_assert(MXA_MAX_REPLY_LINES == 4, "arguments below");
	if (r->n == 0 || r->n > MXA_MAX_REPLY_LINES)
		return false;
	for (size_t i = 0; i < r->n; i++)
		line[i] = doubled_percent(arena_of(o), r->line[i]);
	return smfi_setmlreply(ctx, mutable_text(r->code),
		   mutable_text(r->enhanced), line[0], line[1], line[2],
		   line[3], NULL) == MI_SUCCESS;
}

/* The reply of the decision; a fixed one if libmilter does not accept it. */
static sfsistat apply_reply(SMFICTX *ctx, const struct session_outcome *o)
{
	bool defer = o->txn->action.kind == MXA_ACT_DEFER;

	if (!set_lines(ctx, o)) {
		log_refused(o, "reply text");
		(void)smfi_setreply(ctx, mutable_text(defer ? "451" : "550"),
		    mutable_text(defer ? "4.7.26" : "5.7.26"),
		    mutable_text(defer
			    ? "Message authentication is not possible now"
			    : "Message refused by DMARC policy"));
	}
	return defer ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

sfsistat apply_busy(SMFICTX *ctx)
{
	(void)smfi_setreply(ctx, mutable_text("451"), mutable_text("4.3.2"),
	    mutable_text("Too many messages at once: please try again later"));
	return SMFIS_TEMPFAIL;
}

sfsistat apply_recipient_later(SMFICTX *ctx)
{
	(void)smfi_setreply(ctx, mutable_text("452"), mutable_text("4.5.3"),
	    mutable_text(
		"This recipient has other rules: please retry this recipient "
		"in a separate transaction"));
	return SMFIS_TEMPFAIL;
}

/* --- the outcome --- */

static bool quarantine_message(SMFICTX *ctx, const struct session_outcome *o)
{
	struct mxa_str reason = o->txn->action.quarantine_reason;
	struct mxa_buf b;

	mxa_buf_init(&b, arena_of(o), 500);
	mxa_buf_addstr(&b, reason.len > 0 ? reason : MXA_STR("DMARC"));
	if (smfi_quarantine(ctx, mutable_text(mxa_buf_cstr(&b))) == MI_SUCCESS)
		return true;
	log_refused(o, "quarantine");
	return false;
}

sfsistat apply_outcome(
    SMFICTX *ctx, const struct session_outcome *o, bool exact)
{
	bool ok = true;

	switch (o->txn->action.kind) {
	case MXA_ACT_DEFER:
	case MXA_ACT_REJECT:
		return apply_reply(ctx, o);
	case MXA_ACT_QUARANTINE:
		ok = quarantine_message(ctx, o);
		break;
	case MXA_ACT_ACCEPT:
	case MXA_ACT_TAG:
		break;
	}
	/* A forged field must not get through: what could not be changed is
	 * tried again by the sender. */
	if (!apply_header(ctx, o, exact) || !ok)
		return SMFIS_TEMPFAIL;
	return SMFIS_CONTINUE;
}
