/* session.h - one connection of an MTA and the message on it.
 *
 * Facts come in as the MTA tells them, in the order of SMTP; session_eom gives
 * the outcome.  Knows nothing of libmilter: callbacks.c translates in, apply.c
 * out.  A session is used by one thread at a time, not always the same. */
#ifndef MXA_MILTER_SESSION_H
#define MXA_MILTER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"
#include "policy/txn.h"

struct runtime;
struct session;

/* What was negotiated and matters here. */
struct session_terms {
	bool exact;	     /* header values come with their leading space */
	bool may_quarantine; /* the MTA has a hold queue for us */
	bool answers_rcpt;   /* a recipient can be refused */
};

struct session *session_new(
    struct runtime *rt, const struct session_terms *terms);

/* Also while a message is open.  NULL is fine. */
void session_free(struct session *s);

const struct session_terms *session_terms(const struct session *s);

/* 'sa' NULL: no network address.  'host' as the MTA says: a verified name, or
 * an address in brackets.  'mta' is the MTA's own name, 'daemon' that of its
 * listener; NULL: it does not say. */
void session_connect(struct session *s, const char *host,
    const struct sockaddr *sa, const char *mta, const char *daemon);

/* Again after STARTTLS, or whenever the client likes. */
void session_helo(struct session *s, const char *name);

struct session_sender {
	const char *path;     /* with its angle brackets */
	const char *queue_id; /* NULL: not yet */
	bool authenticated;
	const char *login; /* NULL: none, or not told */
	bool smtputf8;
};

/* Begins a message, unless we are shutting down or there are too many.  A
 * message that is still open is aborted. */
void session_mail(struct session *s, const struct session_sender *from);

/* There is no message since there were too many when it began. */
bool session_deferred(const struct session *s);

/* False: this recipient has another rule and must come in a transaction of his
 * own (recipients = "split"); only where recipients can be refused. */
bool session_rcpt(struct session *s, const char *path);

/* 'value' as libmilter hands it over: folds as LF. */
void session_header(struct session *s, const char *name, const char *value);
void session_eoh(struct session *s);
void session_body(struct session *s, const char *p, size_t len);

/* What is to be done with the message. */
struct session_outcome {
	const struct mxa_txn *txn;
	/* Forged Authentication-Results and Received-SPF to delete: which of
	 * that name (1: the topmost), ascending. */
	const unsigned *forged;
	size_t n_forged;
	const unsigned *forged_spf;
	size_t n_forged_spf;
	/* values to insert on top, NULL: none */
	const char *authres;
	const char *received_spf;
};

/* How the MTA is told that its message is still being worked on. */
struct session_progress {
	bool (*tell)(void *ctx); /* false: it has hung up */
	void *ctx;
};

/* Waits for the DNS, and tells the MTA so; decides, writes journal and log
 * line.  NULL when there is no message.  Valid until session_end. */
const struct session_outcome *session_eom(struct session *s,
    const char *queue_id, const struct session_progress *progress);

/* Ends the message and frees everything that belongs to it. */
void session_end(struct session *s);

/* RSET or disconnect: the message ends without an answer. */
void session_abort(struct session *s);

#endif
