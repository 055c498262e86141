/* message.h - the facts of one message: connection, envelope, header section.
 *
 * Filled step by step by the daemon or by `mxauth check`, frozen at end of
 * message; evaluate() and decide() read it as const.  Everything lives in the
 * message's arena. */
#ifndef MXA_MAIL_MESSAGE_H
#define MXA_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "mail/headers.h"

/* Why a message is not verified at all. */
enum mxa_exempt {
	MXA_EXEMPT_NO,
	MXA_EXEMPT_AUTHENTICATED, /* SMTP AUTH */
	MXA_EXEMPT_NETWORK,	  /* trusted-networks */
	MXA_EXEMPT_LOCAL,	  /* no network address: UNIX socket, stdin */
	MXA_EXEMPT_RULE,	  /* policy.conf: exempt = true */
};

const char *mxa_exempt_name(enum mxa_exempt e);

struct mxa_msg {
	/* connection */
	struct mxa_ip ip;	    /* the client; behind a trusted relay, its
				       client (policy decides) */
	struct mxa_ip peer;	    /* who is connected to us */
	unsigned relay_hops;	    /* Received fields walked to find 'ip' */
	bool client_unknown;	    /* behind a relay whose Received field
				       does not say: 'ip' is none */
	struct mxa_str client_name; /* verified PTR as the MTA says, or empty */
	struct mxa_str helo;	    /* as given, unchecked */
	struct mxa_str daemon_name; /* {daemon_name}: the MTA's listener */
	struct mxa_str auth_id;	    /* authenticated login, empty: none */
	bool authenticated;
	enum mxa_exempt exempt;

	/* envelope, without angle brackets */
	struct mxa_str mail_from;   /* empty: null sender */
	struct mxa_str mail_local;  /* local part of it, as given */
	struct mxa_str mail_domain; /* domain of it, as given; empty: none */
	struct mxa_str *rcpt;
	size_t n_rcpt; /* kept, at most MXA_MAX_RCPTS */
	size_t n_rcpt_seen;
	bool smtputf8;
	bool no_quarantine; /* the MTA has no hold queue for us */

	/* content */
	struct mxa_headers headers;
	uint64_t body_bytes;

	/* bookkeeping */
	struct mxa_str queue_id; /* "NOQUEUE" until the MTA names one */
	struct mxa_str receiver; /* our authserv-id */
	int64_t received;	 /* seconds since 1970 */
};

/* Nothing known yet: all empty, queue id "NOQUEUE", header section in 'a'. */
void mxa_msg_init(struct mxa_msg *m, struct mxa_arena *a);

/* "<u@example.com>" or "u@example.com" to local part and domain: brackets and
 * a source route dropped, split at the last '@' outside quotes.  An address
 * without '@' has an empty domain; quotes that are never closed quote nothing.
 * Slices of 'path'. */
void mxa_address_split(struct mxa_str path, struct mxa_str *whole,
    struct mxa_str *local, struct mxa_str *domain);

/* Store the reverse path in the message, all slices in 'a'.  Of an address
 * longer than MXA_MAX_ADDRESS the end is kept, which holds the domain. */
void mxa_msg_set_mail_from(
    struct mxa_msg *m, struct mxa_arena *a, struct mxa_str path);

/* Add an accepted recipient, cut like the reverse path; beyond MXA_MAX_RCPTS it
 * is only counted.  'a' is the same arena in each call. */
void mxa_msg_add_rcpt(
    struct mxa_msg *m, struct mxa_arena *a, struct mxa_str path);

#endif
