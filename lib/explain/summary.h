/* summary.h - many refusals at once: grouped by what they are about, so that
 * memory grows with the groups and not with the messages. */
#ifndef MXA_EXPLAIN_SUMMARY_H
#define MXA_EXPLAIN_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounce/bounce.h"
#include "bounce/maillog.h"

#define MXA_SUMMARY_MAX_GROUPS 20000
#define MXA_SUMMARY_MAX_RECIPIENTS ((size_t)8 << 20) /* told apart, in all */
#define MXA_SUMMARY_MAX_SAMPLE \
	((size_t)64 << 10) /* bytes kept of one message */
#define MXA_SUMMARY_MAX_SAMPLES ((size_t)96 << 20) /* of all groups */
#define MXA_SUMMARY_MAX_EXAMPLES 5 /* of what is not understood */

/* What a group has in common besides class, methods and "temporary". */
enum mxa_summary_by {
	MXA_SUMMARY_BY_ALL,   /* domain, provider and address */
	MXA_SUMMARY_BY_CAUSE, /* nothing more */
	MXA_SUMMARY_BY_DOMAIN,
	MXA_SUMMARY_BY_PROVIDER,
	MXA_SUMMARY_BY_IP,
	MXA_SUMMARY_BY_DAY, /* UTC */
};

/* "cause", "domain", …; false: no such word. */
bool mxa_summary_by_word(const char *word, enum mxa_summary_by *out);

/* Texts that differ within the group are empty. */
struct mxa_group {
	enum mxa_refusal_class class;
	unsigned methods;
	bool temporary;
	struct mxa_str domain, provider, ip, status, reply;
	int64_t day; /* by day: its first second; else 0 */
	uint64_t count;
	uint64_t recipients;	/* different ones */
	int64_t first, last;	/* seconds since 1970; 0: no time was told */
	struct mxa_str example; /* the words of the first one */
	struct mxa_str sample;	/* its message, cut; empty: not kept */
	size_t sample_failure;	/* which failure of the sample it is */
};

struct mxa_summary_counts {
	uint64_t deliveries, refused, deferred, auth;
	uint64_t not_understood;
	struct mxa_str not_understood_example[MXA_SUMMARY_MAX_EXAMPLES];
	size_t n_examples;
	int64_t first, last;
	bool more_groups;     /* there were more than the limit */
	bool more_recipients; /* 'recipients' may be too small */
};

struct mxa_summary;

/* For --list: each recipient of the class once, as it comes. */
typedef void mxa_summary_list_fn(void *ctx, struct mxa_str recipient);

/* 'since' and 'until': only what happened in [since, until) counts; 0: no
 * limit.  What has no time counts only without limits. */
struct mxa_summary *mxa_summary_new(
    enum mxa_summary_by by, int64_t since, int64_t until);
void mxa_summary_free(struct mxa_summary *s);

void mxa_summary_list(struct mxa_summary *s, enum mxa_refusal_class class,
    mxa_summary_list_fn *fn, void *ctx);

/* A message under that name; its time is its Date. */
void mxa_summary_message(
    struct mxa_summary *s, struct mxa_str name, struct mxa_str bytes);

/* A delivery of a mail log. */
void mxa_summary_delivery(struct mxa_summary *s, const struct mxa_delivery *d);

/* The delivery as the delivery-status text that a mail system would write of
 * it, in 'a'. */
struct mxa_str mxa_summary_delivery_text(
    struct mxa_arena *a, const struct mxa_delivery *d);

/* The groups, authentication first, then by count; valid until the next
 * call of this module. */
const struct mxa_group *const *mxa_summary_groups(
    struct mxa_summary *s, size_t *n);

const struct mxa_summary_counts *mxa_summary_counts(
    const struct mxa_summary *s);

#endif
