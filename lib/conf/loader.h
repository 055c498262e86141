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
	size_t policy_line;	     /* of policy-file; 0: not named */
	size_t psl_line;	     /* of organizational-domain */
	size_t ttl_line;	     /* of maximum-ttl */
	bool hopeless;		     /* nobody knows what policy-file says */
};

/* A configuration of defaults, without rules. */
void mxa_conf_begin(struct mxa_conf_loader *l);

/* What the file, or the text under the name 'name', says. */
void mxa_conf_read_file(struct mxa_conf_loader *l, const char *file);
void mxa_conf_read_text(
    struct mxa_conf_loader *l, const char *name, struct mxa_str text);

/* Ends the run.  NULL: there were mistakes, and '*errors' (malloc) holds them,
 * a line each.  '*warnings' likewise, NULL: none. */
struct mxa_conf *mxa_conf_finish(
    struct mxa_conf_loader *l, char **errors, char **warnings);

/* strerror() in 'a'. */
const char *mxa_conf_errno_text(struct mxa_arena *a, int error);

#endif
