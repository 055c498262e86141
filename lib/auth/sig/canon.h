/* canon.h - canonicalisation (RFC 6376 section 3.4), on runs of bytes.
 *
 * What comes out goes to a sink piece by piece, long runs straight from the
 * caller's buffer; nothing is kept beyond a few counters.  A bare CR
 * or LF is an octet like any other: only CRLF ends a line. */
#ifndef MXA_AUTH_SIG_CANON_H
#define MXA_AUTH_SIG_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_field;
struct mxa_squeezer;

enum mxa_canon { MXA_CANON_SIMPLE, MXA_CANON_RELAXED };

/* "simple", "relaxed" */
const char *mxa_canon_name(enum mxa_canon c);

struct mxa_canon_sink {
	void (*put)(void *ctx, const char *p, size_t len);
	void *ctx;
};

/* One field without its final CRLF (the caller knows whether it is the last).
 * Bytes [from, to) of f->raw are left out: the value of b= (section 3.5);
 * from == to: nothing is. */
void mxa_canon_field(enum mxa_canon c, const struct mxa_field *f, size_t from,
    size_t to, const struct mxa_canon_sink *sink);

/* A body on its way.  Between two calls it holds back only what it must see the
 * end of: empty lines, white space, a CR. */
struct mxa_canon_body {
	enum mxa_canon canon;
	struct mxa_canon_sink sink;
	const struct mxa_squeezer *way; /* the fastest, until changed */
	uint64_t
	    lines;    /* CRLFs held back: perhaps the empty lines at the end */
	bool wsp;     /* relaxed: white space held back */
	bool cr;      /* the last byte was a CR */
	bool content; /* something was written */
};

void mxa_canon_body_init(
    struct mxa_canon_body *b, enum mxa_canon c, struct mxa_canon_sink sink);
void mxa_canon_body_feed(struct mxa_canon_body *b, const char *p, size_t len);

/* The end: adds the CRLF that the rules want. */
void mxa_canon_body_finish(struct mxa_canon_body *b);

#endif
