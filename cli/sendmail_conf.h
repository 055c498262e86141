/* sendmail_conf.h - whether the Sendmail of this host asks a milter. */
#ifndef MXA_CLI_SENDMAIL_CONF_H
#define MXA_CLI_SENDMAIL_CONF_H

#include "base/str.h"

struct mxa_arena;

enum sendmail_milter {
	SENDMAIL_NONE,	 /* no milter at that socket */
	SENDMAIL_UNSAFE, /* one, and mail passes unverified when it is away */
	SENDMAIL_SAFE,	 /* one, and mail is refused or waits (F=R, F=T) */
};

/* The text of /etc/mail/sendmail.cf, in 'a'; empty: it cannot be read. */
struct mxa_str sendmail_conf_read(struct mxa_arena *a);

/* What the text 'cf' of a sendmail.cf says of 'socket' ("unix:PATH",
 * "inet:PORT@HOST"): "Xname, S=SOCKET, F=T, T=...". */
enum sendmail_milter sendmail_conf_find(
    struct mxa_str cf, struct mxa_str socket);

#endif
