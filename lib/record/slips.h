/* slips.h - slips of the pen: what people write in place of SPF and DMARC, and
 * what they meant.  The one table of them. */
#ifndef MXA_RECORD_SLIPS_H
#define MXA_RECORD_SLIPS_H

#include "record/spf_edit.h"

/* What was done to a word that is not SPF. */
struct mxa_slip {
	struct mxa_str wrong; /* as published, with the next word where both
				 belong together */
	struct mxa_str right; /* what stands there now; empty: taken out */
};

#define MXA_MAX_SLIPS 40

/* Put every word right that is not SPF, or take it out when nobody can tell
 * what it was meant to be.  Afterwards mxa_spf_words_text parses.  Returns the
 * number of changes, of which the first MXA_MAX_SLIPS are in 'slip'. */
size_t mxa_slips_repair(
    struct mxa_spf_words *w, struct mxa_slip slip[MXA_MAX_SLIPS]);

/* Whether a modifier that nobody knows was meant to be a mechanism:
 * "include=a.example". */
bool mxa_slips_is_mechanism(struct mxa_str word);

/* A TXT record that was meant to be SPF and is not found by any receiver
 * ("spf1 mx -all", "\"v=spf1 mx -all"), beginning as it must; empty: it was not
 * meant to be one. */
struct mxa_str mxa_slips_spf_record(struct mxa_arena *a, struct mxa_str text);

/* The DMARC policy that a word was meant to be ("quarentine"); NULL: nobody
 * can tell. */
const char *mxa_slips_policy(struct mxa_str word);

/* The tags of a DMARC record that was written with other signs between or
 * around them ("p:reject", "p=reject rua=…", "p=none, t=y", quotes), as a
 * tag=value list; what is no tag of DMARC is left out, a policy without its tag
 * gets one. */
struct mxa_str mxa_slips_dmarc_tags(struct mxa_arena *a, struct mxa_str text);

#endif
