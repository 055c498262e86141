/* published.h - the SPF record in a TXT answer (RFC 7208 section 4.5). */
#ifndef MXA_AUTH_SPF_PUBLISHED_H
#define MXA_AUTH_SPF_PUBLISHED_H

#include "auth/spf/grammar.h"
#include "dns/dns.h"

/* Terms are kept with an answer up to here.  The cache charges every TXT answer
 * for about as much (dns/answer.c); a sender with 9000 terms in a record must
 * not make it grow beyond its bound. */
#define MXA_SPF_MAX_KEPT_TERMS 56

struct mxa_spf_published {
	size_t count;		      /* SPF records in the answer */
	struct mxa_spf_record record; /* when there is exactly one */
	bool parse_again; /* 'record' is checked, but too long to keep its
			     terms: parse its text when they are needed */
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
