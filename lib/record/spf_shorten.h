/* spf_shorten.h - names of an SPF record replaced by their addresses of today,
 * for records that need more lookups than ten (RFC 7208 section 4.6.4). */
#ifndef MXA_RECORD_SPF_SHORTEN_H
#define MXA_RECORD_SPF_SHORTEN_H

#include "auth/engine.h"
#include "record/spf_edit.h"

/* Replace the one term that costs least to keep right by hand: a host before
 * an include, and the include with the fewest addresses.  'domain' is where
 * the record is published.  False: no term can be replaced (it has macros,
 * several qualifiers, too many addresses, or the DNS does not answer).
 * '*replaced' is the term.  Waits for the DNS. */
bool mxa_spf_shorten(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_spf_words *w, struct mxa_str *replaced);

#endif
