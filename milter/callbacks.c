/* callbacks.c - between libmilter and the session.
 *
 * We negotiate that no step except end of message needs a reply: one round trip
 * for each message (doc/performance.md).  For MTAs that do not know NR_*,
 * libmilter offers it and replies for us.  We do not ask for SKIP: it excludes
 * NR_BODY, and we cannot see whether an MTA really lacks NR_BODY. */
#include "milter/callbacks.h"

#include <libmilter/mfapi.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "milter/apply.h"
#include "milter/log.h"
#include "milter/runtime.h"
#include "milter/session.h"

#define NEEDED_ACTIONS ((unsigned long)(SMFIF_ADDHDRS | SMFIF_CHGHDRS))
#define USEFUL_ACTIONS ((unsigned long)(SMFIF_QUARANTINE | SMFIF_SETSYMLIST))
#define WANTED_STEPS                                                      \
	((unsigned long)(SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_CONN | \
	    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH | \
	    SMFIP_NR_BODY | SMFIP_HDR_LEADSPC))

static struct runtime *runtime;

/* What was negotiated last, for a connection without negotiation (QUIT_NC: the
 * MTA uses the same socket for its next client). */
static _Atomic unsigned last_terms;

enum { TERM_EXACT = 1, TERM_QUARANTINE = 2, TERM_ANSWERS_RCPT = 4 };

static void remember_terms(const struct session_terms *t)
{
	atomic_store(&last_terms,
	    (t->exact ? TERM_EXACT : 0u) |
		(t->may_quarantine ? TERM_QUARANTINE : 0u) |
		(t->answers_rcpt ? TERM_ANSWERS_RCPT : 0u));
}

static struct session *begin_session(
    SMFICTX *ctx, const struct session_terms *terms)
{
	struct session *s = session_new(runtime, terms);

	if (smfi_setpriv(ctx, s) == MI_SUCCESS)
		return s;
	session_free(s);
	return NULL;
}

static struct session *begin_again(SMFICTX *ctx)
{
	unsigned last = atomic_load(&last_terms);
	struct session_terms terms = {
		.exact = last & TERM_EXACT,
		.may_quarantine = last & TERM_QUARANTINE,
		.answers_rcpt = last & TERM_ANSWERS_RCPT,
	};

	return begin_session(ctx, &terms);
}

static struct session *session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

/* NULL if the MTA did not send the macro, or sent it empty. */
static const char *macro_value(SMFICTX *ctx, const char *name)
{
	char symbol[32];
	const char *value;
	size_t len = strlen(name);

	if (len >= sizeof(symbol))
		return NULL;
	memcpy(symbol, name, len + 1); /* libmilter wants it writable */
	value = smfi_getsymval(ctx, symbol);
	return value != NULL && *value != '\0' ? value : NULL;
}

/* --- negotiation --- */

/* The macros that we read, whatever the administrator of the MTA has listed.
 * {mail_addr} always has a value: a stage in which no macro has a value would
 * keep the values of the message before. */
static void ask_for_macros(SMFICTX *ctx)
{
	static const struct {
		int stage;
		const char *names;
	} wanted[] = {
		{ SMFIM_CONNECT, "j {daemon_name}" },
		{ SMFIM_ENVFROM, "i {mail_addr} {auth_type} {auth_authen}" },
		{ SMFIM_ENVRCPT, "i" },
		{ SMFIM_EOH, "i" },
		{ SMFIM_EOM, "i" },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char names[64];

		memcpy(names, wanted[i].names, strlen(wanted[i].names) + 1);
		(void)smfi_setsymlist(ctx, wanted[i].stage, names);
	}
}

static bool is_full(void)
{
	if (!runtime_full(runtime))
		return false;
	if (runtime_once(runtime, ONCE_DESCRIPTORS))
		log_warn("too few descriptors: connections are closed (see "
			 "ulimit -n, LimitNOFILE= of systemd)");
	return true;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions,
    unsigned long steps, unsigned long f2, unsigned long f3,
    unsigned long *pactions, unsigned long *psteps, unsigned long *pf2,
    unsigned long *pf3)
{
	bool split = runtime_recipients(runtime) == MXA_RCPT_SPLIT;
	struct session_terms terms = {
		.exact = steps & SMFIP_HDR_LEADSPC,
		.may_quarantine = actions & SMFIF_QUARANTINE,
		.answers_rcpt = split,
	};

	(void)f2;
	(void)f3;
	if (runtime_draining(runtime) || is_full())
		return SMFIS_REJECT;
	if ((actions & NEEDED_ACTIONS) != NEEDED_ACTIONS) {
		if (runtime_once(runtime, ONCE_NO_CHANGES))
			log_error("connection refused: the MTA offers actions "
				  "0x%lx, but we must insert and delete "
				  "header fields (0x%lx)",
			    actions, NEEDED_ACTIONS);
		return SMFIS_REJECT;
	}
	*pactions = actions & (NEEDED_ACTIONS | USEFUL_ACTIONS);
	*psteps = steps & (WANTED_STEPS | (split ? 0 : SMFIP_NR_RCPT));
	*pf2 = *pf3 = 0;
	if (actions & SMFIF_SETSYMLIST)
		ask_for_macros(ctx);
	remember_terms(&terms);
	return begin_session(ctx, &terms) ? SMFIS_CONTINUE : SMFIS_REJECT;
}

/* --- steps --- */

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *sa)
{
	struct session *s = session_of(ctx);

	if (s == NULL)
		s = begin_again(ctx);
	if (s != NULL)
		session_connect(s, host, sa, macro_value(ctx, "j"),
		    macro_value(ctx, "{daemon_name}"));
	return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_helo(s, name);
	return SMFIS_NOREPLY;
}

static sfsistat on_envfrom(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);
	struct session_sender from = { 0 };

	if (s == NULL || argv == NULL || argv[0] == NULL)
		return SMFIS_NOREPLY;
	from.path = argv[0];
	from.queue_id = macro_value(ctx, "i");
	from.login = macro_value(ctx, "{auth_authen}");
	from.authenticated =
	    from.login != NULL || macro_value(ctx, "{auth_type}");
	for (char **arg = argv + 1; *arg != NULL; arg++)
		if (strcasecmp(*arg, "SMTPUTF8") == 0)
			from.smtputf8 = true;
	session_mail(s, &from);
	return SMFIS_NOREPLY;
}

static sfsistat on_envrcpt(SMFICTX *ctx, char **argv)
{
	struct session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_NOREPLY;
	if (argv != NULL && argv[0] != NULL && !session_rcpt(s, argv[0]))
		return apply_recipient_later(ctx);
	return session_terms(s)->answers_rcpt ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_header(s, name, value);
	return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_eoh(s);
	return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *p, size_t len)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_body(s, (const char *)p, len);
	return SMFIS_NOREPLY;
}

static bool tell_progress(void *ctx)
{
	return smfi_progress(ctx) == MI_SUCCESS;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	const struct session_progress progress = { tell_progress, ctx };
	struct session *s = session_of(ctx);
	const struct session_outcome *o;
	sfsistat answer;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	o = session_eom(s, macro_value(ctx, "i"), &progress);
	if (o == NULL && session_deferred(s))
		return apply_busy(ctx);
	if (o == NULL)
		return SMFIS_TEMPFAIL; /* shutting down, or MAIL was not seen */
	answer = o->txn->unanswered
	    ? SMFIS_TEMPFAIL /* nobody reads it */
	    : apply_outcome(ctx, o, session_terms(s)->exact);
	session_end(s);
	return answer;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s != NULL)
		session_abort(s);
	return SMFIS_CONTINUE;
}

/* Also called for connections without any other step: those with which we wake
 * the pool. */
static sfsistat on_close(SMFICTX *ctx)
{
	session_free(session_of(ctx));
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

bool callbacks_register(struct runtime *rt)
{
	static char name[] = "mxauthd";
	struct smfiDesc desc = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_envrcpt = on_envrcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	runtime = rt;
	return smfi_register(desc) == MI_SUCCESS;
}
