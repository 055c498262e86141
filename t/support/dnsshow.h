/* dnsshow.h - DNS answers as one line of text, for comparing. */
#ifndef MXA_T_DNSSHOW_H
#define MXA_T_DNSSHOW_H

#include "dns/dns.h"

struct mxa_arena;

/* "STATUS[@CANONICAL][ ttl=N RECORD...]": texts and names in <>, octets that
 * would not show as \ooo, MX as "10 name".  NULL: "none". */
const char *test_dns_shown(
    struct mxa_arena *a, const struct mxa_dns_answer *answer);

#endif
