/* conf_set.h - one option's value from the tree into struct mxa_conf. */
#ifndef MXA_CONF_CONF_SET_H
#define MXA_CONF_CONF_SET_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "conf/tree.h"

struct mxa_conf_setter {
	struct mxa_conf *conf;
	struct mxa_tree *tree;
	const char *dir; /* of relative paths; NULL: they stay relative */
	bool preset;	 /* the tree is that of the defaults */
};

/* False: the value is not what is expected, which has been said. */
bool mxa_conf_set(const struct mxa_conf_setter *s, const struct mxa_opt *o,
    const struct mxa_node *v);

#endif
