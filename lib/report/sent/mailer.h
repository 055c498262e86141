/* mailer.h - handing a mail over: to sendmail(1), or to a server by SMTP. */
#ifndef MXA_REPORT_SENT_MAILER_H
#define MXA_REPORT_SENT_MAILER_H

#include "base/str.h"

struct mxa_arena;
struct mxa_conf;

enum mxa_mailed {
	MXA_MAILED,	  /* whoever took it is responsible now */
	MXA_MAIL_LATER,	  /* try again */
	MXA_MAIL_REFUSED, /* for good */
};

struct mxa_mail {
	struct mxa_str from;	/* envelope; empty: the null sender */
	struct mxa_str to;	/* address in dot-atom form */
	struct mxa_str message; /* CRLF line ends */
};

/* Hands over as reports.mailer says; waits.  '*reply' (in 'a') is what was
 * said, one line. */
enum mxa_mailed mxa_mail_send(const struct mxa_conf *conf, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply);

struct mxa_smtp {
	const char *url;      /* smtp:// or smtps:// */
	const char *password; /* NULL: none */
	const char *ca_file;  /* PEM; NULL: whom the system trusts */
};

/* A user in the URL: the password goes through TLS with a checked certificate,
 * or not at all. */
enum mxa_mailed mxa_mail_smtp(const struct mxa_smtp *smtp, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply);

#endif
