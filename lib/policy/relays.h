/* relays.h - the client behind our own relays (trusted-relays): its address is
 * taken from the Received fields that they wrote, never from others. */
#ifndef MXA_POLICY_RELAYS_H
#define MXA_POLICY_RELAYS_H

#include <stdbool.h>

#include "mail/message.h"

struct mxa_arena;
struct mxa_conf;

/* Whether that address is one of trusted-relays: then a caller cannot know the
 * client before the header section is complete. */
bool mxa_relays_trusts(const struct mxa_conf *conf, const struct mxa_ip *ip);

struct mxa_relays_end {
	/* The Received field at which the walk ended, 1 the topmost; 0: none.
	 * Fields above it were added by relays.  A stranger may have written
	 * the fields below it. */
	unsigned field;
	const char *note; /* for the log; NULL: nothing remarkable */
};

/* When msg->peer is a trusted relay, walk the Received fields from the top, as
 * long as they were written by one, and put the first address that is none into
 * msg->ip, what it said in HELO into msg->helo, and the number of fields that
 * were read into msg->relay_hops; msg->client_name is emptied, it was the
 * relay's.
 *
 * At most MXA_MAX_RELAY_HOPS fields.  Where the fields do not lead to a client
 * (none is left, one cannot be read, there are too many) it is unknown:
 * msg->client_unknown is set, msg->ip is no address, msg->helo is empty.  It is
 * never the relay itself, whose address passes SPF. */
struct mxa_relays_end mxa_relays_walk(
    const struct mxa_conf *conf, struct mxa_arena *a, struct mxa_msg *msg);

#endif
