/* spf_useless.h - terms of an SPF record that permit nobody, or that break it:
 * what a proposal leaves out. */
#ifndef MXA_RECORD_SPF_USELESS_H
#define MXA_RECORD_SPF_USELESS_H

#include "auth/engine.h"
#include "record/spf_edit.h"

enum mxa_spf_useless {
	MXA_SPF_USEFUL,
	MXA_SPF_UNKNOWN_MODIFIER, /* ignored by everybody */
	MXA_SPF_REPEATED,	  /* the same stands before it */
	MXA_SPF_REDIRECT_IGNORED, /* there is "all" */
	MXA_SPF_PTR,		  /* RFC 7208 section 5.5: do not use it */
	MXA_SPF_PRIVATE,	  /* a network that no Internet host has */
	MXA_SPF_NO_ADDRESS,	  /* its host or name does not exist */
	MXA_SPF_NO_TARGET,	  /* include or redirect without a record */
	MXA_SPF_LOOP,		  /* leads back to 'domain' */
};

/* Why the word at 'at' should go from the record of 'domain'.  What the DNS
 * does not answer, and what depends on the message, is useful.  Waits for the
 * DNS. */
enum mxa_spf_useless mxa_spf_useless_word(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_spf_words *w, size_t at);

/* Whether all of a network is private or otherwise never seen on the
 * Internet. */
bool mxa_spf_is_private(const struct mxa_ip *ip, unsigned bits);

#endif
