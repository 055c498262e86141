/* store_state.h - what is in the store, for `mxauth history status` and the
 * metrics; and what is removed from it by age. */
#ifndef MXA_HISTORY_STORE_STATE_H
#define MXA_HISTORY_STORE_STATE_H

#include "history/store.h"

#define MXA_MAX_HOSTS_SHOWN 1000
#define MXA_MAX_STATES 12

struct mxa_host_state {
	struct mxa_str host;
	int64_t through; /* imported up to that time; 0: never completely */
	int64_t wrote;	 /* time of its newest message */
	int64_t waiting; /* bytes that were not yet imported */
	int64_t lines, bad, late;
};

struct mxa_state_count {
	struct mxa_str state;
	int64_t n;
};

struct mxa_store_summary {
	int64_t now;
	int64_t bytes; /* 0: unknown */
	struct mxa_host_state host[MXA_MAX_HOSTS_SHOWN];
	size_t n_hosts;
	struct mxa_state_count report[MXA_MAX_STATES];
	size_t n_reports;
	struct mxa_state_count delivery[MXA_MAX_STATES];
	size_t n_deliveries;
	int64_t suppressed; /* addresses that get nothing for now */
};

/* Texts in 'a'.  Large: not for the stack.  False: the store failed. */
bool mxa_store_summary_read(
    struct mxa_store *s, struct mxa_arena *a, struct mxa_store_summary *out);

struct mxa_store_ages {
	int64_t messages, days, reports; /* seconds */
};

struct mxa_store_pruned {
	int64_t message_days; /* days that had messages */
	int64_t sums, reports, received, policies, files;
};

/* Removes what is older, sums of days without reports as well.  False: the
 * store failed. */
bool mxa_store_prune(struct mxa_store *s, const struct mxa_store_ages *ages,
    struct mxa_store_pruned *out);

#endif
