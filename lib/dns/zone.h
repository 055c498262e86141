/* zone.h - the same interface over a zone file: tests, `--zone FILE`.
 *
 * Master-file format of RFC 1035 ($ORIGIN, $TTL, relative names, parentheses,
 * wildcards, several zones in one file; default origin is the root), so that a
 * real name server can load the same text.  Faults are played by comments at
 * the start of a line:
 *
 *	;! servfail NAME [TYPE]		;! timeout NAME [TYPE]
 *	;! refused NAME [TYPE]		;! malformed NAME [TYPE]
 *	;! delay MS NAME [TYPE]		;! ttl0 NAME [TYPE]
 *
 * without TYPE: every type; NAME is always absolute; "*.NAME" means everything
 * below.  A name that owns nothing but has names below it answers NODATA;
 * outside the file everything is NXDOMAIN. */
#ifndef MXA_DNS_ZONE_H
#define MXA_DNS_ZONE_H

#include "base/clock.h"
#include "dns/dns.h"

/* NULL on failure; '*error' then is "FILE:LINE: what", allocated with malloc.
 * 'clock' NULL: the system's.  A played timeout passes at once; a played delay,
 * counted from the asking, makes mxa_dns_lookup() wait, but not watches. */
struct mxa_dns *mxa_dns_zone_open(
    const char *file, const struct mxa_clock *clock, char **error);

/* The same from memory; 'name' stands for the file in messages. */
struct mxa_dns *mxa_dns_zone_text(const char *name, struct mxa_str text,
    const struct mxa_clock *clock, char **error);

#endif
