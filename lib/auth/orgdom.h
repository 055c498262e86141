/* orgdom.h - the organizational domain (RFC 9989 section 4.10): by tree walk,
 * or by the public suffix list as in RFC 7489.  The only place that knows how
 * it is found. */
#ifndef MXA_AUTH_ORGDOM_H
#define MXA_AUTH_ORGDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/dmarc_record.h"
#include "auth/options.h"
#include "base/str.h"
#include "dns/dns.h"

/* --- the public suffix list --- */

struct mxa_psl;

/* 'file' NULL: the newer of the system's list and libpsl's own.  NULL on
 * failure with '*error' a phrase in static storage.  Immutable: any thread may
 * use it. */
struct mxa_psl *mxa_psl_load(const char *file, const char **error);

/* NULL is fine. */
void mxa_psl_free(struct mxa_psl *p);

/* Public suffix and one label; a public suffix itself comes back as it is.
 * 'name' is canonical, the result a part of it. */
struct mxa_str mxa_psl_org(const struct mxa_psl *p, struct mxa_str name);

/* Whether 'name' is a suffix under which a registry sells names (the list's
 * ICANN section; what companies entered for their customers also sends mail of
 * its own). */
bool mxa_psl_is_suffix(const struct mxa_psl *p, struct mxa_str name);

/* --- the walk --- */

#define MXA_MAX_WALK 8 /* questions, RFC 9989 section 4.10 */

enum mxa_walk_state {
	MXA_WALK_EMPTY,	 /* no record, or several, which are discarded */
	MXA_WALK_RECORD, /* exactly one */
	MXA_WALK_FAILED, /* the DNS did not say */
};

struct mxa_walk_step {
	struct mxa_str name; /* without "_dmarc."; a part of the start name */
	enum mxa_walk_state state;
	const struct mxa_dmarc_record *record; /* lives with the answer */
	const struct mxa_dns_answer *answer;   /* NULL: not there yet */
	bool several;			       /* records were discarded */
};

/* What was found on the way up from one name.  With the public suffix list
 * the way has at most two steps: the name, and its organizational domain. */
struct mxa_walk {
	struct mxa_str start;
	struct mxa_str psl_org; /* p == NULL: by tree walk */
	struct mxa_walk_step step[MXA_MAX_WALK];
	size_t n;
};

/* The names a walk asks, longest first (section 4.10, steps 1 to 7).  Returns
 * their number. */
size_t mxa_walk_names(struct mxa_str start, struct mxa_str out[MXA_MAX_WALK]);

/* Ask for all of them and do not wait.  'psl' NULL: by tree walk. */
void mxa_walk_prefetch(
    struct mxa_budget *b, const struct mxa_psl *psl, struct mxa_str start);

/* The first step: the record of the name itself.  Waits. */
void mxa_walk_begin(struct mxa_budget *b, const struct mxa_psl *psl,
    struct mxa_str start, struct mxa_walk *out);

/* The steps behind it.  'wait' false: what is not there yet counts as failed.
 * Ends at a record with psd=y or psd=n. */
void mxa_walk_complete(struct mxa_budget *b, struct mxa_walk *w, bool wait);

/* The walk of an identifier, which is only needed for its organizational
 * domain: as begin and complete, but the public suffix list asks nothing. */
void mxa_walk_identifier(struct mxa_budget *b, const struct mxa_psl *psl,
    struct mxa_str name, struct mxa_walk *out);

/* --- its result --- */

/* A question that failed could have had four answers, as far as the walk is
 * concerned.  What counts is decided by trying them all: the outcome stands if
 * it is the same in each of these worlds. */
#define MXA_MAX_GUESSES 4 /* names guessed at: 256 worlds */

struct mxa_guess {
	struct mxa_str name[MXA_MAX_GUESSES];
	size_t n;
	bool overflow;	/* more names failed */
	unsigned world; /* two bits a name: nothing, record, psd=y, psd=n */
};

/* Add the names of 'w' that failed; leaves world 0: nothing at any of them. */
void mxa_guess_add(struct mxa_guess *g, const struct mxa_walk *w);

/* How many worlds there are. */
unsigned mxa_guess_worlds(const struct mxa_guess *g);

struct mxa_org {
	struct mxa_str name;
	size_t at;     /* step with its record; the walk's n: none */
	size_t psd_at; /* step with the record of the public suffix domain
			  above it; the walk's n: none */
	bool psd_n;    /* its record says psd=n */
};

/* The organizational domain in the guessed world (section 4.10.2).  Pure. */
struct mxa_org mxa_walk_org(
    const struct mxa_walk *w, const struct mxa_guess *g);

/* The step whose record applies to the start name (section 4.10.1): its own,
 * else that of 'org', else that of the public suffix domain.  The walk's n:
 * none.  'org' is what mxa_walk_org said in the same world. */
size_t mxa_walk_applied(const struct mxa_walk *w, const struct mxa_guess *g,
    const struct mxa_org *org);

/* Whether two canonical names are of the same organization: they have the same
 * organizational domain, as 'o' says how to find it.  Wait for the DNS. */
enum mxa_same_org {
	MXA_SAME_ORG,
	MXA_OTHER_ORG,
	MXA_SAME_ORG_UNKNOWN, /* the DNS did not say */
};
enum mxa_same_org mxa_orgdom_compare(struct mxa_budget *b,
    const struct mxa_auth_options *o, struct mxa_str one, struct mxa_str two);

/* For those to whom not known is no. */
bool mxa_orgdom_same(struct mxa_budget *b, const struct mxa_auth_options *o,
    struct mxa_str one, struct mxa_str two);

#endif
