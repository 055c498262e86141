/* note.h - evidence: ordered short remarks attached to a verdict.
 *
 * The library never logs, it takes notes.  Header, reply, log, journal and the
 * tools show the same words, so a note names domain, record and value. */
#ifndef MXA_BASE_NOTE_H
#define MXA_BASE_NOTE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/phrase.h"
#include "base/str.h"

struct mxa_arena;

struct mxa_note {
	struct mxa_note *next;
	struct mxa_phrase said;
	struct mxa_str text; /* its English, controls replaced by '?' */
};

struct mxa_notes {
	struct mxa_arena *arena;
	struct mxa_note *first;
	struct mxa_note **last;
	size_t n;
	size_t dropped; /* beyond MXA_MAX_NOTES */
};

void mxa_notes_init(struct mxa_notes *n, struct mxa_arena *a);

/* Append a phrase (base/phrase.h); at most MXA_MAX_NOTES notes of MXA_MAX_NOTE
 * bytes are kept. */
void mxa_note(struct mxa_notes *n, const char *fmt, ...) MXA_PRINTF(2, 3);

#endif
