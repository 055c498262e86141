/* mistakes.h - everything that is wrong with a configuration, collected in one
 * run and shown in the order of the files. */
#ifndef MXA_CONF_MISTAKES_H
#define MXA_CONF_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct mxa_arena;

/* Lines kept of each sort; what is beyond is counted. */
#define MXA_MAX_MISTAKES 200

struct mxa_mistake {
	unsigned file;	/* rank of the file: mxauth.conf 0, policy.conf 1 */
	size_t order;	/* place in it: its line when includes are expanded */
	size_t arrival; /* keeps equal places in the order of finding */
	bool warning;
	const char *text; /* "file:line: what", "warning: file:line: what" */
};

struct mxa_mistakes {
	struct mxa_arena *arena;
	struct mxa_mistake *v;
	size_t n, cap;
	size_t errors;	 /* also those beyond MXA_MAX_MISTAKES */
	size_t warnings; /* likewise */
};

void mxa_mistakes_init(struct mxa_mistakes *m, struct mxa_arena *a);

/* Add "where: what"; 'where' is "file:line" or only a file. */
void mxa_mistakes_add(struct mxa_mistakes *m, bool warning, unsigned file,
    size_t order, const char *where, const char *what);

/* Errors, or warnings, a line each, sorted; malloc.  NULL: none. */
char *mxa_mistakes_text(struct mxa_mistakes *m, bool warnings);

#endif
