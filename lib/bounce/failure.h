/* failure.h - what is read of a bounce: recipients with what their servers
 * said, and what is known of the returned message. */
#ifndef MXA_BOUNCE_FAILURE_H
#define MXA_BOUNCE_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "bounce/refusal.h"
#include "bounce/reply.h"

struct mxa_arena;

#define MXA_BOUNCE_MAX_INPUT ((size_t)64 << 20) /* read of a file */
#define MXA_BOUNCE_MAX_TEXT ((size_t)2 << 20)	/* read of one part */
#define MXA_MAX_FAILURES 20000			/* recipients kept */
#define MXA_MAX_RETURNED_SIGS 16
#define MXA_MAX_ADDRESSED 16 /* domains of To and Cc */

enum mxa_bounce_kind { MXA_NOT_A_BOUNCE, MXA_BOUNCE, MXA_HEADER };

/* "bounce", "header", "not-a-bounce".  Static. */
const char *mxa_bounce_kind_name(enum mxa_bounce_kind k);

enum mxa_identity {
	MXA_IDENTITY_UNKNOWN,
	MXA_IDENTITY_MAILFROM,
	MXA_IDENTITY_HELO,
	MXA_IDENTITY_FROM,
};

const char *mxa_identity_name(enum mxa_identity i); /* "mailfrom", … or "" */

/* One recipient, or one header field, and what was said about it. */
struct mxa_failure {
	struct mxa_str recipient;
	struct mxa_str original; /* Original-Recipient; empty: none */
	struct mxa_str remote_mta;
	struct mxa_str status;	 /* enhanced: from the reply, else the field */
	struct mxa_said said;	 /* the reply */
	struct mxa_str evidence; /* its words, or the header field */
	struct mxa_refusal_kind refusal;
	bool temporary;
	struct mxa_str domain; /* canonical; empty: not known */
	enum mxa_identity identity;
	struct mxa_ip ip; /* the client that was refused; family 0: not said */
};

/* How the envelope sender is known. */
enum mxa_sender_known {
	MXA_SENDER_NOT_KNOWN,
	MXA_SENDER_BY_RETURN_PATH, /* of the returned message */
	MXA_SENDER_BY_FIELD,	   /* X-Postfix-Sender and the like */
	MXA_SENDER_BY_BOUNCE,	   /* the bounce was sent to it */
	MXA_SENDER_BY_EVENT,	   /* a sending service tells it */
};

/* What is known of the message that failed: its header section, as far as the
 * bounce returns it, and what the bounce tells besides. */
struct mxa_returned {
	bool there;		    /* its header section */
	bool received;		    /* a message that arrived: nobody returned
				       it */
	struct mxa_str author;	    /* domain of From, canonical */
	struct mxa_str mail_from;   /* envelope sender */
	struct mxa_str mail_domain; /* canonical */
	enum mxa_sender_known sender_known;
	bool rewritten; /* a forwarder put mail_from in place of another one */
	struct mxa_str domain_before; /* of that one; empty: not known */
	struct mxa_str to;	      /* first address of To */
	struct mxa_str addressed[MXA_MAX_ADDRESSED]; /* domains of To and Cc */
	size_t n_addressed;
	struct mxa_str received_by; /* host that its topmost Received names */
	struct {
		struct mxa_str domain, selector;
	} sig[MXA_MAX_RETURNED_SIGS]; /* DKIM-Signature, topmost first; of a
					 received message: those that failed */
	size_t n_sigs;
	bool list; /* List-Id or List-Post */
	/* somebody before had accepted it with SPF or DMARC pass */
	bool passed_before;
	struct mxa_ip passed_ip;     /* family 0: not told */
	struct mxa_str forwarded_by; /* an address that it was delivered to
					first (X-Forwarded-To, Delivered-To) */
	bool resent; /* Resent-From, X-Forwarded-To, X-Forwarded-For */
};

struct mxa_bounce {
	enum mxa_bounce_kind kind;
	const char *reason; /* why it is no bounce: a sentence (msgid) */
	struct mxa_failure *v;
	size_t n, cap;
	bool more;		      /* recipients beyond the limit */
	bool all_passed;	      /* header: every result is a pass */
	struct mxa_str evidence;      /* header that passed */
	struct mxa_str reporting_mta; /* host that wrote it, and had sent the
					 message; lower case; empty: unknown */
	bool reported; /* by the field Reporting-MTA, not by words */
	struct mxa_returned returned;
};

#endif
