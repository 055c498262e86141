/* milter_probe.h - one message spoken to a milter, as an MTA would, to see
 * whether it is there and what it says (`mxauth selftest`). */
#ifndef MXA_CLI_MILTER_PROBE_H
#define MXA_CLI_MILTER_PROBE_H

#include <stdint.h>

#include "base/str.h"

struct mxa_arena;

enum probe_trouble {
	PROBE_OK,
	PROBE_MISSING,	     /* no file of that name, or a folder above it */
	PROBE_NOT_A_SOCKET,  /* something else is there */
	PROBE_NO_PERMISSION, /* it may not be connected to */
	PROBE_NOBODY,	     /* a socket at which nobody listens */
	PROBE_UNREACHABLE,   /* another error of connect() */
	PROBE_SILENT,	     /* connected, and no answer in time */
	PROBE_CLOSED,	     /* closed in the middle of the conversation */
	PROBE_NOT_A_MILTER,  /* answered, but not in the milter protocol */
};

const char *probe_trouble_name(enum probe_trouble t); /* "missing", … */

struct probe_message {
	const char *ip, *helo;
	const char *mail_from, *rcpt; /* with brackets */
	const char *queue_id;
	/* fields as "Name: value", ended by NULL */
	const char *field[8];
	const char *body;
};

struct probe_result {
	enum probe_trouble trouble;
	int error;	       /* errno of connect() */
	const char *step;      /* the step that got no answer; static */
	uint32_t version;      /* of the protocol, as agreed */
	char reply;	       /* SMFIR_… of libmilter: 'a', 'c', 'r', … */
	struct mxa_str text;   /* reply code and text */
	struct mxa_str header; /* Authentication-Results that was added */
	struct mxa_str quarantine; /* its reason */
	uint32_t ms;		   /* from connecting to the last answer */
};

/* 'socket' as conf/values.h writes it: "unix:PATH", "inet:PORT@HOST",
 * "inet6:PORT@HOST".  Each answer is awaited for at most 'timeout_ms'.  Texts
 * in 'a'. */
void probe_run(struct mxa_arena *a, struct mxa_str socket, unsigned timeout_ms,
    const struct probe_message *m, struct probe_result *out);

#endif
