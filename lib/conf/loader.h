/* loader.h - one run that reads mxauth.conf.  policy/load.h drives it and adds
 * the rules; nothing else needs to. */
#ifndef MXA_CONF_LOADER_H
#define MXA_CONF_LOADER_H

#include "conf/conf.h"
#include "conf/mistakes.h"
#include "conf/text.h"

/* What a run needs besides its result is dropped by mxa_conf_finish(). */
struct mxa_conf_loader {
	struct mxa_arena *arena;
	struct mxa_mistakes mistakes;
	struct mxa_conf *conf;
	struct mxa_conf_text source; /* of mxauth.conf */
	size_t
	    *line; /* of the text, for each option of the schema; 0: not set */
	bool hopeless; /* nobody knows what policy-file says */
};

/* A configuration of defaults, without rules. */
void mxa_conf_begin(struct mxa_conf_loader *l);

/* What the file, or the text under the name 'name', says. */
void mxa_conf_read_file(struct mxa_conf_loader *l, const char *file);
void mxa_conf_read_text(
    struct mxa_conf_loader *l, const char *name, struct mxa_str text);

/* The line of the text at which the option with that field of struct mxa_conf
 * is set; 0: it is not. */
size_t mxa_conf_line_of(const struct mxa_conf_loader *l, size_t field);

/* Ends the run.  NULL: there were mistakes, and '*errors' (malloc) holds them,
 * a line each.  '*warnings' likewise, NULL: none. */
struct mxa_conf *mxa_conf_finish(
    struct mxa_conf_loader *l, char **errors, char **warnings);

/* strerror() in 'a'. */
const char *mxa_conf_errno_text(struct mxa_arena *a, int error);

#endif
