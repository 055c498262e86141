/* relays.h - the client behind our own relays (trusted-relays): its address is
 * taken from the Received fields that they wrote, never from others
 * (spec/spf.md section 1). */
#ifndef MXA_POLICY_RELAYS_H
#define MXA_POLICY_RELAYS_H

#include <stdbool.h>

#include "mail/message.h"

struct mxa_arena;
struct mxa_conf;

/* Whether that address is one of trusted-relays: then a caller cannot know the
 * client before the header section is complete. */
bool mxa_relays_trusts(const struct mxa_conf *conf, const struct mxa_ip *ip);

/* When msg->peer is a trusted relay, walk the Received fields from the top, as
 * long as they were written by one, and put the first address that is none into
 * msg->ip, what it said in HELO into msg->helo, and the number of fields walked
 * into msg->relay_hops; msg->client_name is emptied, it was the relay's.
 *
 * At most MXA_MAX_RELAY_HOPS fields.  A field without an address that can be
 * read ends the walk: the host before it counts as the client.  Returns a
 * phrase for the log then ("…"), else NULL. */
const char *mxa_relays_walk(
    const struct mxa_conf *conf, struct mxa_arena *a, struct mxa_msg *msg);

/* The client that one Received field names, as Postfix, Sendmail, Exim, qmail
 * and Exchange write it; 'helo' may come out empty.  False: none. */
bool mxa_received_client(struct mxa_arena *a, const struct mxa_field *f,
    struct mxa_ip *ip, struct mxa_str *helo);

#endif
