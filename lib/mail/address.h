/* address.h - who the message says wrote it: the domains of From
 * (RFC 9989 sections 4.2, 5.3.1, 11.5). */
#ifndef MXA_MAIL_ADDRESS_H
#define MXA_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/phrase.h"
#include "base/str.h"

struct mxa_arena;
struct mxa_headers;

struct mxa_authors {
	/* distinct author domains, canonical, in order of appearance */
	struct mxa_str domain[MXA_MAX_AUTHORS];
	size_t n;
	bool more;	  /* there are, or may be, further domains: beyond
			     MXA_MAX_AUTHORS or in what was not read */
	size_t fields;	  /* From fields in the message */
	size_t addresses; /* addresses read */
	/* "local@domain" of the first ones that have both, the domain
	 * canonical, the local part without quotes and as it is written */
	struct mxa_str address[MXA_MAX_AUTHOR_ADDRESSES];
	size_t n_address;
	bool malformed; /* the From breaks RFC 5322 or yields no domain */
	struct mxa_phrase reason; /* what is wrong, one phrase for people */
	/* Domains that a person reads differently than they are written, so
	 * that 'domain' holds every reading of them (mail/author_domain.h).
	 * The first as it is written, escaped; empty: there is none. */
	size_t damaged;
	struct mxa_str damage;
};

/* Read all From fields.  Never fails: what cannot be read sets 'malformed' and
 * 'reason'; domains that could be read are listed all the same, so that
 * whichever a reader shows has been checked.  Malformed is a From that is not
 * there or there twice, that names no domain, or that departs from RFC 5322
 * around an address (obsolete forms inside a domain included).  Not malformed:
 * groups (RFC 6854), obsolete routes, odd bytes and square brackets in display
 * names, several domains, and a display name that repeats an address of the
 * same domain. */
void mxa_authors_read(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_authors *out);

#endif
