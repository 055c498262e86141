/* smtpsink.h - an SMTP server of one connection, with TLS and logins, that
 * notes what it hears. */
#ifndef MXA_T_SMTPSINK_H
#define MXA_T_SMTPSINK_H

#include <stdbool.h>
#include <sys/types.h>

struct smtp_sink {
	const char *cert, *key; /* PEM; NULL: no TLS */
	bool implicit;		/* TLS from the first byte */
	const char *login;	/* "user password"; NULL: AUTH is not offered */
	bool login_without_tls; /* offered in clear as well */
	const char *greeting;	/* NULL: 220 */
	const char *rcpt_reply; /* NULL: 250 */
	const char
	    *data_reply; /* of the message; NULL: 250; "": cut the wire */
};

/* A child process that serves one connection on loopback; '*port' is where.
 * What it hears goes to the file 'seen', line by line: "TLS", "LOGIN user
 * password", commands as they came, and the message after "MESSAGE". */
pid_t smtp_sink_start(
    const struct smtp_sink *o, const char *seen, unsigned *port);

#endif
