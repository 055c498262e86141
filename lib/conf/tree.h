/* tree.h - a configuration file as libconfig's tree, with complaints that know
 * their place. */
#ifndef MXA_CONF_TREE_H
#define MXA_CONF_TREE_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "conf/text.h"

struct mxa_tree {
	struct mxa_source *source;
	config_t config;
	size_t open_line; /* of a section left open (conf/reader.h) */
};

/* False: the mistakes that make it unreadable have been added; others may have
 * been although it is true.  mxa_tree_done in both cases. */
bool mxa_tree_read(struct mxa_tree *t, struct mxa_source *s);
void mxa_tree_done(struct mxa_tree *t);

/* Mistake at the line of a setting. */
void mxa_tree_error(struct mxa_tree *t, const config_setting_t *v,
    const char *fmt, ...) MXA_PRINTF(3, 4);
void mxa_tree_warning(struct mxa_tree *t, const config_setting_t *v,
    const char *fmt, ...) MXA_PRINTF(3, 4);

/* Its place, "mxauth.conf:7", in 'a'. */
struct mxa_str mxa_tree_where(
    const struct mxa_tree *t, struct mxa_arena *a, const config_setting_t *v);

/* A list's elements, or the one plain value itself. */
size_t mxa_tree_count(const config_setting_t *v);
const config_setting_t *mxa_tree_element(const config_setting_t *v, size_t i);

/* The value in a few words, for "found …". */
const char *mxa_tree_found(const struct mxa_tree *t, const config_setting_t *v);

/* Value of a setting of that kind; false when it is of another. */
bool mxa_tree_string(const config_setting_t *v, struct mxa_str *out);
bool mxa_tree_bool(const config_setting_t *v, bool *out);
bool mxa_tree_integer(const config_setting_t *v, long long *out);

/* The word of 'known' that 'word' was meant to be, or NULL. */
const char *mxa_tree_guess(
    const char *word, const char *const *known, size_t n);

#endif
