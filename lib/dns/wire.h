/* wire.h - questions and answers as packets.  Private to lib/dns.
 *
 * An answer is hostile input even from our own server, which passes on what
 * strangers publish.  Only records that answer the question are kept. */
#ifndef MXA_DNS_WIRE_H
#define MXA_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/dns.h"
#include "dns/name.h"

struct ldns_struct_rr;
struct mxa_arena;

#define MXA_WIRE_QUERY 512 /* holds any question */
#define MXA_WIRE_EDNS 1232 /* the UDP answer that we take (RFC 9715) */

/* A name in lower case, uncompressed. */
struct mxa_wire_name {
	uint8_t octets[MXA_WIRE_NAME];
	size_t len;
};

struct mxa_wire_question {
	struct mxa_wire_name name;
	enum mxa_dns_type type;
	uint16_t id;
	bool edns;
	bool ad; /* ask for the AD bit (RFC 6840 section 5.7) */
};

/* The packet's length; 0 on failure. */
size_t mxa_wire_ask(
    const struct mxa_wire_question *q, uint8_t out[MXA_WIRE_QUERY]);

enum mxa_wire_kind {
	MXA_WIRE_FOREIGN,   /* no answer to this question: ignore it */
	MXA_WIRE_TRUNCATED, /* ask again over TCP */
	MXA_WIRE_NO_EDNS,   /* ask again without EDNS */
	MXA_WIRE_FAILED, /* 'status', 'detail': another server may do better */
	MXA_WIRE_ALIAS,	 /* the CNAMEs lead to 'owner', of which nothing is
			    said: ask for that */
	MXA_WIRE_ANSWER, /* DATA, NODATA, NXDOMAIN */
};

struct mxa_wire_answer {
	enum mxa_wire_kind kind;
	enum mxa_dns_status status;
	struct mxa_wire_name owner; /* behind the CNAMEs */
	unsigned cnames;	    /* followed in this packet */
	struct mxa_dns_record *rr;  /* in the arena */
	size_t n;
	uint32_t ttl; /* smallest on the way; negative: of the SOA, else 0 */
	bool ad;
	const char *detail; /* FAILED: "SERVFAIL", "a name is broken"; DATA:
			       what was left out, or NULL */
};

/* Reads a packet that came from the server that was asked. */
void mxa_wire_read(const uint8_t *packet, size_t len,
    const struct mxa_wire_question *q, struct mxa_arena *a,
    struct mxa_wire_answer *out);

/* The strings of a TXT record, joined (RFC 7208 section 3.3, RFC 6376 section
 * 3.6.2.2), in 'a'. */
struct mxa_str mxa_wire_strings(
    struct mxa_arena *a, const struct ldns_struct_rr *rr);

#endif
