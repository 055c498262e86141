/* story.h - what the store keeps of a message that somebody may ask about: one
 * that was refused, held or deferred, that profile monitor let pass, for which
 * an exception was made, or that waited long.  Of all others it keeps a row of
 * results, and no story. */
#ifndef MXA_HISTORY_STORY_H
#define MXA_HISTORY_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_arena;
struct mxa_entry;

/* From this on a message waited long. */
#define MXA_STORY_SLOW_MS 1000

struct mxa_story {
	uint32_t ms;
	/* Words; "": what was done, no exception, no ground for one. */
	const char *would, *override, *ground;
	/* The list, forwarder or sealer that the exception was made for: a
	 * domain, or a network; may be empty. */
	struct mxa_str via;
	/* A line of the journal (history/line.h) without its newline: the
	 * results with their reasons, and the decision.  No header fields, no
	 * answers of the DNS, no notes. */
	struct mxa_str text;
};

/* What is to be kept, in 'a'; false: nothing.  Unless 'whole', mailboxes are
 * cut to "a…@example.com": a store for all hosts is no place for them. */
bool mxa_story_make(struct mxa_arena *a, const struct mxa_entry *e, bool whole,
    struct mxa_story *out);

/* "anna@example.com" as "a…@example.com": the first letter, if it is one and
 * not the whole local part, and the domain.  Without a domain: "…"; the null
 * sender stays as it is.  In 'a'. */
struct mxa_str mxa_story_mailbox(struct mxa_arena *a, struct mxa_str address);

#endif
