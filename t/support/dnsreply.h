/* dnsreply.h - what test_dnsd answers: packets out of a zone and its faults. */
#ifndef MXA_T_DNSREPLY_H
#define MXA_T_DNSREPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "dns/dns.h"

struct reply_zone;

/* NULL with '*error' allocated with malloc. */
struct reply_zone *reply_zone_new(struct mxa_str text, char **error);
void reply_zone_free(struct reply_zone *z);

#define REPLY_MAX 65535

struct reply {
	uint8_t packets[2][REPLY_MAX];
	size_t len[2];
	size_t n; /* 0: silence */
	uint32_t delay_ms;
	bool held;   /* until test_dnsd_release() */
	bool hangup; /* TCP: close without a word */

	/* the question that was understood, for the counts */
	char name[1024];
	unsigned type;
};

/* False: not a question. */
bool reply_make(struct reply_zone *z, const uint8_t *query, size_t len,
    bool tcp, struct reply *out);

#endif
