/* answer.h - what the DNS answers: types, status, records. */
#ifndef MXA_DNS_ANSWER_H
#define MXA_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"

enum mxa_dns_type {
	MXA_DNS_A = 1,
	MXA_DNS_PTR = 12,
	MXA_DNS_MX = 15,
	MXA_DNS_TXT = 16,
	MXA_DNS_AAAA = 28,
};

enum mxa_dns_status {
	MXA_DNS_DATA,
	MXA_DNS_NODATA,	  /* the name exists, no record of that type */
	MXA_DNS_NXDOMAIN, /* the name does not exist */
	MXA_DNS_SERVFAIL,
	MXA_DNS_REFUSED,   /* REFUSED and every other rcode; see 'detail' */
	MXA_DNS_TIMEOUT,   /* no server answered, or the deadline passed */
	MXA_DNS_MALFORMED, /* the answer cannot be read */
	MXA_DNS_BADNAME,   /* cannot be asked: label or name too long, empty
			      label */
	MXA_DNS_SPENT, /* this share of the message's questions is used up */
};

/* "TXT", "A"; "servfail", "nxdomain", … for notes and JSON. */
const char *mxa_dns_type_name(enum mxa_dns_type t);
const char *mxa_dns_status_name(enum mxa_dns_status s);

/* Neither data nor a definite no: asking later may answer (SERVFAIL, REFUSED,
 * TIMEOUT, MALFORMED, SPENT). */
bool mxa_dns_failed(enum mxa_dns_status s);

struct mxa_dns_record {
	struct mxa_str text; /* TXT: strings joined; MX, PTR: name, lower-case,
				without trailing dot (empty: the root) */
	struct mxa_ip ip;    /* A, AAAA */
	uint16_t preference; /* MX */
};

/* Immutable and shared: never written after it is published. */
struct mxa_dns_answer {
	enum mxa_dns_status status;
	enum mxa_dns_type type;
	struct mxa_str name;	  /* as asked, lower-case, no trailing dot */
	struct mxa_str canonical; /* owner of the records, behind CNAMEs */
	const struct mxa_dns_record *rr;
	size_t n;	       /* at most MXA_MAX_DNS_RECORDS */
	uint32_t ttl;	       /* seconds, as published */
	uint32_t ms;	       /* what the question took */
	bool ad;	       /* validated, and trust-ad is set */
	struct mxa_str detail; /* for people: "server 192.0.2.53: REFUSED",
				  or what was left out of data; may be
				  empty */
};

/* Something decoded from an answer and kept as long as it (a key, a parsed
 * record): made at most once per answer, also when threads meet; one slot a
 * kind. */
enum mxa_dns_slot { MXA_SLOT_SPF, MXA_SLOT_DMARC, MXA_SLOT_KEY, MXA_SLOTS };

/* What 'decode' returned for this answer, now or earlier.  'decode' must not
 * return NULL, must not ask the DNS; 'drop' frees when the answer goes.  One
 * thread decodes, others wait for it. */
const void *mxa_dns_decoded(const struct mxa_dns_answer *answer,
    enum mxa_dns_slot slot, void *(*decode)(const struct mxa_dns_answer *),
    void (*drop)(void *));

/* --- counted answers, for the sources of lib/dns --- */

/* Deep copy of 'from' (name and canonical may be the same slice), owned by the
 * caller: one count. */
const struct mxa_dns_answer *mxa_answer_new(const struct mxa_dns_answer *from);

/* An answer without records. */
const struct mxa_dns_answer *mxa_answer_failure(struct mxa_str name,
    enum mxa_dns_type type, enum mxa_dns_status status, uint32_t ms,
    const char *detail);

const struct mxa_dns_answer *mxa_answer_ref(const struct mxa_dns_answer *a);

/* NULL is fine.  The last one frees it and what was decoded from it. */
void mxa_answer_unref(const struct mxa_dns_answer *a);

/* Bytes it is charged for in the cache, with what may be decoded from it. */
size_t mxa_answer_bytes(const struct mxa_dns_answer *a);

#endif
