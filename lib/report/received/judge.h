/* judge.h - may a domain go to p=quarantine or p=reject?  What aggregate
 * reports say about each sender that uses its name, and what stands in the way.
 *
 * A sender is all sources of one organization, as far as the reports tell:
 * those that authenticate for the same organizational domain of their own, else
 * those of one block of addresses (IPv4 /24, IPv6 /48); with reverse names, of
 * the blocks whose names belong to one organizational domain. */
#ifndef MXA_REPORT_RECEIVED_JUDGE_H
#define MXA_REPORT_RECEIVED_JUDGE_H

#include "report/received/group.h"
#include "report/received/kept.h"

struct mxa_buf;
struct mxa_psl;

/* Reports of fewer days do not tell about senders that send once a week. */
#define MXA_JUDGE_DAYS 14
/* A sender is new when it was first seen in the last days of the reports. */
#define MXA_JUDGE_NEW_DAYS 7
/* Days of the series that are kept; what is older counts, but has no day. */
#define MXA_JUDGE_MAX_DAYS 400

enum mxa_sender_kind {
	MXA_SENDER_OWN,	      /* known, and some of its mail would be refused */
	MXA_SENDER_SERVICE,   /* authenticates, but for a domain of its own */
	MXA_SENDER_KEY,	      /* signs with a key that never verified */
	MXA_SENDER_FORWARDER, /* mail that broke on its way, or lost SPF */
	MXA_SENDER_FIXED,     /* failed earlier, passes now */
	MXA_SENDER_PASSES,
	MXA_SENDER_STRANGER, /* nothing speaks for it */
	MXA_SENDER_KINDS,
};

/* Why a sender is known to be the domain's own. */
enum mxa_sender_proof {
	MXA_PROOF_NONE,
	MXA_PROOF_PASSED, /* other mail of it passed by SPF */
	MXA_PROOF_RECORD, /* today's SPF record lists it */
};

struct mxa_judge_source {
	struct mxa_str ip;
	uint64_t messages, aligned;
	uint64_t outcome[MXA_REPORT_OUTCOMES];
	uint64_t cause[MXA_RCAUSES];
	uint64_t by_spf;     /* aligned */
	uint64_t forwarded;  /* failed, and the receiver names a forwarder */
	uint64_t wrong_key;  /* failed, signed by a key that never verified */
	struct mxa_str own;  /* another domain for which something passed */
	int64_t first, last; /* begin of the first period, end of the last */
	int64_t failed, passed; /* begin of the last period with it; 0: none */
	bool listed;		/* by today's SPF record */
};

struct mxa_sender {
	/* its organizational domain, or a block, or with a reverse name
	 * "example.net (192.0.2.0/24, …)" */
	struct mxa_str name;
	bool is_block;
	enum mxa_sender_kind kind;
	enum mxa_sender_proof proof;
	bool blocks; /* stands in the way of p=reject */
	bool is_new;
	enum mxa_report_cause cause; /* of most of what failed */
	struct mxa_judge_source sum; /* its 'ip' is the busiest one */
	size_t sources;
};

struct mxa_judge_day {
	int64_t day; /* since 1970 */
	uint64_t n[MXA_REPORT_OUTCOMES];
	bool reported; /* false: no report about that day */
};

enum mxa_readiness {
	MXA_READY_UNKNOWN,    /* no report is about this domain */
	MXA_READY_NO,	      /* mail of its own would be refused */
	MXA_READY_WAIT,	      /* nothing in the way, but too few days */
	MXA_READY_QUARANTINE, /* but forwarded mail would be refused */
	MXA_READY_REJECT,
};

struct mxa_judgement {
	struct mxa_str domain;
	enum mxa_readiness ready;
	struct mxa_str policy; /* p as the newest report has it; may be empty */
	uint64_t messages, aligned;
	uint64_t outcome[MXA_REPORT_OUTCOMES];
	uint64_t of_kind[MXA_SENDER_KINDS]; /* messages that failed */
	size_t senders_of_kind[MXA_SENDER_KINDS];
	size_t blocking, new_senders;
	size_t reports, reported_days;
	int64_t first, last;  /* seconds; of all reports */
	struct mxa_sender *v; /* what needs work first, then by size */
	size_t n;
	struct mxa_judge_day *day; /* without a gap, in order */
	size_t n_days;
};

struct mxa_judge_options {
	struct mxa_arena *a;	   /* of the judgement */
	const struct mxa_psl *psl; /* NULL: the last two labels are taken */
	/* Whether today's SPF record of 'domain' lists 'ip'; NULL: not asked.
	 * Called for the busiest sources that failed. */
	bool (*lists)(void *ctx, struct mxa_str domain, struct mxa_str ip);
	void *ctx;
	/* The confirmed reverse name of 'ip', to stay while the judgement does;
	 * empty: none.  Called with 'names' for the busiest blocks of those
	 * that authenticate for no domain of their own.  NULL: not asked. */
	struct mxa_str (*reverse_name)(void *names, struct mxa_str ip);
	void *names;
};

/* Policy domains of the reports, those with most messages first; in 'a'. */
size_t mxa_judge_domains(
    const struct mxa_kept *k, struct mxa_arena *a, struct mxa_str **out);

/* What the reports say about 'domain' (canonical) and the names below it that
 * have no policy of their own. */
void mxa_judge(const struct mxa_kept *k, struct mxa_str domain,
    const struct mxa_judge_options *o, struct mxa_judgement *out);

/* --- words; judge_text.c --- */

/* Stable words for JSON. */
const char *mxa_readiness_name(enum mxa_readiness r);
const char *mxa_sender_kind_name(enum mxa_sender_kind k);

/* The answer, a sentence or two (translated). */
void mxa_judge_answer(struct mxa_buf *b, const struct mxa_judgement *j);

/* How many senders of which kind, a line (translated). */
void mxa_judge_overview(struct mxa_buf *b, const struct mxa_judgement *j);

/* The first thing to do; nothing when nothing is to be done (translated). */
void mxa_judge_first_step(struct mxa_buf *b, const struct mxa_judgement *j);

/* What to do about strangers, for all of them (translated). */
void mxa_judge_strangers(struct mxa_buf *b, const struct mxa_judgement *j);

/* What a sender is, and what it lacks; "" when it lacks nothing. */
const char *mxa_sender_text(const struct mxa_sender *s);
void mxa_sender_missing(struct mxa_buf *b, const struct mxa_judgement *j,
    const struct mxa_sender *s);

struct mxa_number_text {
	char p[32];
};

/* "97.2 %": 100 % is only said when it is all, 0 % when it is none. */
struct mxa_number_text mxa_percent_text(uint64_t part, uint64_t of);

/* "12,345" */
struct mxa_number_text mxa_number_text(uint64_t n);

#endif
