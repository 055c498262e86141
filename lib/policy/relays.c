/* relays.c - the client of our own relays. */
#include "policy/relays.h"

#include "base/arena.h"
#include "base/limits.h"
#include "conf/conf.h"
#include "mail/received.h"

#define MAX_SHOWN 160 /* bytes of a field in a note */

bool mxa_relays_trusts(const struct mxa_conf *conf, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < conf->n_trusted_relays; i++)
		if (mxa_cidr_has(&conf->trusted_relays[i], ip))
			return true;
	return false;
}

static struct mxa_relays_end unknown_client(
    struct mxa_msg *msg, unsigned field, const char *note)
{
	msg->client_unknown = true;
	msg->ip = (struct mxa_ip){ .family = 0 };
	msg->helo = MXA_STR_NONE;
	return (struct mxa_relays_end){ field, note };
}

/* Where no Received field is left. */
static struct mxa_relays_end end_of_fields(struct mxa_msg *msg)
{
	if (msg->relay_hops == 0)
		return unknown_client(msg, 0,
		    "the client is unknown: the trusted relay wrote no "
		    "Received field");
	return unknown_client(msg, msg->relay_hops,
	    "the client is unknown: the Received fields lead to the trusted "
	    "relay itself");
}

static struct mxa_relays_end unread_field(
    struct mxa_arena *a, struct mxa_msg *msg, const struct mxa_field *f)
{
	struct mxa_str text = mxa_field_unfold(a, f);
	const char *note = mxa_arena_printf(a,
	    "the client is unknown: Received field %u, by a trusted relay, has "
	    "no form that is read: %.*s",
	    msg->relay_hops + 1, MXA_STR_ARG(mxa_str_sub(text, 0, MAX_SHOWN)));

	return unknown_client(msg, msg->relay_hops + 1, note);
}

struct mxa_relays_end mxa_relays_walk(
    const struct mxa_conf *conf, struct mxa_arena *a, struct mxa_msg *msg)
{
	if (!mxa_relays_trusts(conf, &msg->peer))
		return (struct mxa_relays_end){ 0, NULL };
	msg->client_name = MXA_STR_NONE;
	while (msg->relay_hops < MXA_MAX_RELAY_HOPS) {
		const struct mxa_field *f = mxa_headers_find(
		    &msg->headers, "Received", msg->relay_hops);
		struct mxa_str helo;
		struct mxa_ip ip;

		if (f == NULL)
			return end_of_fields(msg);
		if (!mxa_received_client(a, f, &ip, &helo))
			return unread_field(a, msg, f);
		msg->relay_hops++;
		/* A relay's content filter hands mail back over loopback: such
		 * a hop is inside the relay, and never the client. */
		if (mxa_ip_is_loopback(&ip) || mxa_relays_trusts(conf, &ip))
			continue;
		msg->ip = ip;
		msg->helo = helo;
		return (struct mxa_relays_end){ msg->relay_hops, NULL };
	}
	return unknown_client(msg, msg->relay_hops,
	    "the client is unknown: more trusted relays than are walked");
}
