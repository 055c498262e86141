/* zonefile.h - reads the text of a zone file (format: dns/zone.h).  Private to
 * lib/dns. */
#ifndef MXA_DNS_ZONEFILE_H
#define MXA_DNS_ZONEFILE_H

#include <stdint.h>

#include <ldns/ldns.h>

#include "base/str.h"

/* What is found is handed over at once; a returned phrase is a mistake in the
 * file and ends the reading. */
struct mxa_zonefile_sink {
	/* 'owner' is absolute; 'rr' has a meaningless one. */
	const char *(*record)(
	    void *ctx, const ldns_rdf *owner, const ldns_rr *rr);
	/* The words behind ";!". */
	const char *(*fault)(void *ctx, struct mxa_str words);
	void *ctx;
};

/* NULL when all was read, else "NAME:LINE: what", allocated with malloc. */
char *mxa_zonefile_read(const char *name, struct mxa_str text,
    const struct mxa_zonefile_sink *sink);

#endif
