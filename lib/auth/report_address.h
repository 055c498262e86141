/* report_address.h - where DMARC reports may be sent: an address of rua= or
 * ruf=, and whether its owner wants the reports of that domain (RFC 9990
 * section 4). */
#ifndef MXA_AUTH_REPORT_ADDRESS_H
#define MXA_AUTH_REPORT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/dmarc_record.h"
#include "auth/options.h"
#include "dns/dns.h"

struct mxa_arena;

/* The address of a mailto: URI, percent signs decoded, the domain canonical,
 * in 'a'.  False: it cannot be written into an envelope or a header without
 * quotes (RFC 5322 dot-atom), or is no address. */
bool mxa_report_address(
    struct mxa_arena *a, const struct mxa_dmarc_uri *uri, struct mxa_str *out);

/* The domain of such an address. */
struct mxa_str mxa_report_address_host(struct mxa_str address);

enum mxa_report_permission {
	MXA_REPORT_GRANTED,
	MXA_REPORT_REFUSED,
	MXA_REPORT_UNKNOWN, /* the DNS did not say: ask later */
};

struct mxa_report_target {
	enum mxa_report_permission permission;
	bool external;	      /* of another organization */
	struct mxa_str asked; /* name whose record decides; empty: none */
	/* Where to send instead, by the record of the address's owner. */
	struct mxa_str instead[MXA_MAX_DMARC_URIS];
	size_t n_instead;
	struct mxa_str why; /* a phrase, never empty unless granted */
};

/* 'domain' is where the policy was found, 'address' from mxa_report_address();
 * 'failure': it is of ruf=, and so are those instead (RFC 9991 section 5).
 * Waits for the DNS; texts in 'a'. */
void mxa_report_target_verify(struct mxa_budget *b,
    const struct mxa_auth_options *o, struct mxa_arena *a,
    struct mxa_str domain, struct mxa_str address, bool failure,
    struct mxa_report_target *out);

#endif
