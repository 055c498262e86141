/* tree.h - what a configuration says at a node of its tree, and complaints that
 * name its place. */
#ifndef MXA_CONF_TREE_H
#define MXA_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "conf/reader.h"
#include "conf/text.h"

struct mxa_tree {
	struct mxa_conf_text *source;
	const struct mxa_node *root;
};

/* False: the mistakes that make it unreadable have been added; others may have
 * been although it is true. */
bool mxa_tree_read(struct mxa_tree *t, struct mxa_conf_text *s);

/* Mistake at the line of a setting. */
void mxa_tree_error(struct mxa_tree *t, const struct mxa_node *v,
    const char *fmt, ...) MXA_PRINTF(3, 4);
void mxa_tree_warning(struct mxa_tree *t, const struct mxa_node *v,
    const char *fmt, ...) MXA_PRINTF(3, 4);

/* Its place, "mxauth.conf:7", in 'a'. */
struct mxa_str mxa_tree_where(
    const struct mxa_tree *t, struct mxa_arena *a, const struct mxa_node *v);

/* A list's elements, or the one plain value itself. */
size_t mxa_tree_count(const struct mxa_node *v);
const struct mxa_node *mxa_tree_element(const struct mxa_node *v, size_t i);

/* The value in a few words, for "found …". */
const char *mxa_tree_found(const struct mxa_tree *t, const struct mxa_node *v);

/* Value of a setting of that kind; false when it is of another. */
bool mxa_tree_string(const struct mxa_node *v, struct mxa_str *out);
bool mxa_tree_bool(const struct mxa_node *v, bool *out);
bool mxa_tree_integer(const struct mxa_node *v, long long *out);

/* The word of 'known' that 'word' was meant to be, or NULL. */
const char *mxa_tree_guess(
    const char *word, const char *const *known, size_t n);

#endif
