/* rules_load.h - policy.conf from its tree to struct mxa_rules. */
#ifndef MXA_POLICY_RULES_LOAD_H
#define MXA_POLICY_RULES_LOAD_H

#include "policy/rules.h"
#include "conf/tree.h"

/* No rules.  Static. */
const struct mxa_rules *mxa_rules_none(void);

/* All rules of the tree in 'a'; mistakes go to the tree's source.  Never
 * NULL. */
const struct mxa_rules *mxa_rules_load(struct mxa_tree *t, struct mxa_arena *a);

#endif
