/* delivery.h - a delivery that a mail log tells of. */
#ifndef MXA_BOUNCE_DELIVERY_H
#define MXA_BOUNCE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum mxa_delivery_state {
	MXA_DELIVERY_SENT,
	MXA_DELIVERY_REFUSED,  /* finally */
	MXA_DELIVERY_DEFERRED, /* still waiting, as far as the log tells */
};

struct mxa_delivery {
	enum mxa_delivery_state state;
	int64_t time; /* of its last line, seconds since 1970; 0: not told */
	struct mxa_str id;
	struct mxa_str sender; /* empty: the null sender, or not told */
	bool sender_known;
	struct mxa_str recipient;
	struct mxa_str original; /* orig_to; empty: none */
	struct mxa_str relay;	 /* host; empty: none */
	struct mxa_str status;	 /* dsn=; empty: none */
	struct mxa_str words;	 /* what was said, or why */
};

#endif
