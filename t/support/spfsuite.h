/* spfsuite.h - the public RFC 7208 test suite, read into zones (dns/zone.h) and
 * cases, for whoever can evaluate them: an engine, the resolver, the daemon.
 * The suite itself stays outside of this tree. */
#ifndef MXA_T_SPFSUITE_H
#define MXA_T_SPFSUITE_H

#include "base/arena.h"
#include "base/str.h"

struct spfsuite_case {
	struct spfsuite_case *next;
	struct mxa_str name;
	struct mxa_str helo, host, mailfrom;
	struct mxa_str result[3]; /* any of them is right */
	size_t n_results;
	struct mxa_str explanation; /* "DEFAULT": none of the sender's;
				       empty: not checked */
};

struct spfsuite_scenario {
	struct spfsuite_scenario *next;
	struct mxa_str name;
	struct mxa_str zone;
	struct spfsuite_case *cases;
};

/* Path of the suite's file below $SPF_SUITE, or NULL when it is not there.
 * Static storage. */
const char *spfsuite_path(void);

/* The whole suite, in 'a'. */
struct spfsuite_scenario *spfsuite_read(struct mxa_arena *a, const char *path);

/* Master-file text of one owner name and of one character string, for zones
 * made by tests. */
struct mxa_buf;
void zone_add_name(struct mxa_buf *b, struct mxa_str name);
void zone_add_text(struct mxa_buf *b, struct mxa_str text);

#endif
