/* published.h - the SPF record in a TXT answer (RFC 7208 section 4.5). */
#ifndef MXA_AUTH_SPF_PUBLISHED_H
#define MXA_AUTH_SPF_PUBLISHED_H

#include "auth/spf/grammar.h"
#include "dns/dns.h"

struct mxa_spf_published {
	size_t count;		      /* SPF records in the answer */
	struct mxa_spf_record record; /* when there is exactly one */
};

/* How many records of 'answer' claim to be SPF; the first one's text in
 * '*text' (a part of the answer). */
size_t mxa_spf_select(
    const struct mxa_dns_answer *answer, struct mxa_str *text);

/* The record in 'answer', parsed once and kept with it; lives as long as the
 * answer.  Never NULL. */
const struct mxa_spf_published *mxa_spf_published(
    const struct mxa_dns_answer *answer);

#endif
