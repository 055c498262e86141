/* received.h - the client that a Received field names (RFC 5321 section 4.4),
 * for fields that a trusted host has written. */
#ifndef MXA_MAIL_RECEIVED_H
#define MXA_MAIL_RECEIVED_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "mail/headers.h"

struct mxa_arena;

/* The address and the HELO name of the client, read strictly in the forms that
 * Postfix, Sendmail, OpenSMTPD, Exim, qmail and Exchange write.  Much of such a
 * field is a stranger's choice (HELO, reverse name, ident), so what departs
 * from these forms by a byte is not read, and neither is what two forms read
 * differently.  False: the client is not known.  'helo' lives in 'a'. */
bool mxa_received_client(struct mxa_arena *a, const struct mxa_field *f,
    struct mxa_ip *ip, struct mxa_str *helo);

#endif
