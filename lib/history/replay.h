/* replay.h - the journal decided again under another configuration: what would
 * have become of yesterday's mail (`mxauth replay`). */
#ifndef MXA_HISTORY_REPLAY_H
#define MXA_HISTORY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "history/line.h"

struct mxa_arena;
struct mxa_conf;

/* Why it is not sure how a message would be decided now. */
enum mxa_replay_doubt {
	MXA_REPLAY_SURE,
	MXA_REPLAY_NOT_VERIFIED, /* exempt then, not now: nothing was checked */
	MXA_REPLAY_SEALER,	 /* a sealer is trusted now that was not then:
				    its word was not weighed */
	MXA_REPLAY_CUT,		 /* parts of the line were left out */
	MXA_REPLAY_DOUBTS,
};

/* "not-verified", "sealer", "cut"; "" if it is sure.  Static. */
const char *mxa_replay_doubt_name(enum mxa_replay_doubt d);

/* What that means, a sentence; marked for translation. */
const char *mxa_replay_doubt_text(enum mxa_replay_doubt d);

struct mxa_replayed {
	struct mxa_action now; /* valid in any case but NOT_VERIFIED */
	enum mxa_exempt exempt;
	enum mxa_replay_doubt doubt;
	bool changed; /* action, reply code or disposition is another one */
};

/* Decide 'e' (a message) again.  The verdict is the old one: no DNS is
 * asked and no signature verified again, so settings of verification (engines,
 * dns, spf, dkim, organizational-domain) make no difference.  Texts in 'a'. */
void mxa_replay(const struct mxa_conf *conf, struct mxa_arena *a,
    const struct mxa_entry *e, struct mxa_replayed *out);

/* What a run has seen. */
struct mxa_replay_totals {
	size_t messages;
	size_t changed;
	size_t doubtful;
	/* [then][now], of messages that could be decided */
	size_t action[MXA_ACT_REJECT + 1][MXA_ACT_REJECT + 1];
};

void mxa_replay_count(struct mxa_replay_totals *t, const struct mxa_entry *e,
    const struct mxa_replayed *r);

#endif
