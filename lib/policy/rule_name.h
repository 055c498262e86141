/* rule_name.h - names and addresses of a message in the form that patterns of
 * rules have. */
#ifndef MXA_POLICY_RULE_NAME_H
#define MXA_POLICY_RULE_NAME_H

#include "base/limits.h"
#include "base/str.h"

struct mxa_arena;

/* Local part in lower case, an '@', the canonical domain; or a domain alone. */
struct mxa_rule_name {
	char ascii[MXA_MAX_ADDRESS + 1];
	struct mxa_arena *arena; /* only for what is not ASCII */
	struct mxa_str text;	 /* empty: no name at all */
};

/* Only the domain counts for what is too long to be an address.  'n' may not be
 * moved: 'text' points into it.  mxa_rule_name_done afterwards. */
void mxa_rule_name_init(struct mxa_rule_name *n, struct mxa_str given);
void mxa_rule_name_done(struct mxa_rule_name *n);

/* Length of the local part with its '@'; 0: there is none. */
size_t mxa_rule_name_local(struct mxa_str s);

/* Whether an address is of that domain itself. */
bool mxa_rule_name_is_at(struct mxa_str address, struct mxa_str domain);

#endif
