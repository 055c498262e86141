/* sender.h - a run that sends: its limits, its signature, one delivery after
 * the other.  What is sent, deliver.c and failure.c know. */
#ifndef MXA_REPORT_SENT_SENDER_H
#define MXA_REPORT_SENT_SENDER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/report_address.h"
#include "base/clock.h"
#include "dns/dns.h"
#include "report/sent/mailer.h"
#include "report/sent/model.h"
#include "report/sent/sign.h"

#define MXA_MAX_REPORT_MAIL ((size_t)24 << 20)
#define MXA_HOST_BUCKETS 4096
/* Report ids of failure reports; those of aggregate reports have no "-". */
#define MXA_FAILURE_PREFIX "f-"
#define MXA_GIVE_UP_SECONDS 86400 /* so long a delivery is tried */

/* Of a run. */
struct mxa_deliver_options {
	struct mxa_store *store;
	const struct mxa_conf *conf;
	const struct mxa_reporter *who;
	struct mxa_dns *dns;
	const struct mxa_clock *clock;
	struct mxa_str owner;
	const char *directory; /* write mails there instead; NULL: send */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *ctx, const char *what, int64_t done);
	void *ctx;
};

struct mxa_deliver_result {
	int64_t sent;
	int64_t failed;	 /* for good: refused, or not to be sent at all */
	int64_t later;	 /* to be tried again */
	int64_t waiting; /* left in the store */
	bool capped;	 /* the limit of an hour was reached */
	struct mxa_str trouble; /* why nothing was sent at all: the signature;
				   empty: nothing.  In 'a'. */
};

struct mxa_host_count;

struct mxa_sender {
	const struct mxa_deliver_options *o;
	struct mxa_deliver_result *out;
	struct mxa_store *store;
	struct mxa_arena *lasting; /* of the result */
	struct mxa_arena *page;	   /* of a page of deliveries */
	struct mxa_arena *one;	   /* of one delivery */
	struct mxa_signer *signer; /* NULL: the MTA signs */
	bool checked;		   /* the signature passes */
	int64_t now;
	/* mails of the last hour, as far as this run knows */
	int64_t hour_total;
	struct mxa_host_count *host[MXA_HOST_BUCKETS];
};

/* A mail to one address. */
struct mxa_delivery {
	struct mxa_str report_id, address;
	struct mxa_str domain; /* the policy domain */
	struct mxa_str host;   /* of the address */
	int64_t position;      /* of the address in the record */
	int64_t attempts, give_up;
	bool failure; /* of ruf=, else of rua=; sent by the null sender */
	/* The mail to 'to' without signature, in s->one; absent: it cannot be
	 * made. */
	struct mxa_str (*write)(struct mxa_sender *s,
	    const struct mxa_delivery *d, struct mxa_str to);
	const void *what; /* for 'write' */
};

/* Reads the key; trouble is in out->trouble.  Never NULL. */
struct mxa_sender *mxa_sender_open(const struct mxa_deliver_options *o,
    struct mxa_arena *lasting, struct mxa_deliver_result *out);
void mxa_sender_close(struct mxa_sender *s);

/* Store and signature work, and nobody wants us to stop. */
bool mxa_sender_is_fine(const struct mxa_sender *s);

/* The limits of an hour, over all and for the host. */
bool mxa_sender_hour_is_full(const struct mxa_sender *s);
bool mxa_sender_over_limit(struct mxa_sender *s, struct mxa_str host);

/* Signs the mail of a delivery, checks the first signature of a run, hands it
 * over.  'nth' of the addresses that 'to' is one of. */
enum mxa_mailed mxa_sender_hand_over(struct mxa_sender *s,
    const struct mxa_delivery *d, struct mxa_str to, size_t nth,
    struct mxa_str *reply);

/* --- addresses (target.c) --- */

/* Whether reports.exclude names it: "x@d", or "@d" for every address of d. */
bool mxa_target_is_excluded(
    const struct mxa_conf *conf, struct mxa_str address);
bool mxa_target_is_suppressed(
    const struct mxa_sender *s, const struct mxa_delivery *d);

/* Whether the address may get it, and which others instead; what the DNS said
 * is remembered in the store. */
void mxa_target_find(struct mxa_sender *s, const struct mxa_delivery *d,
    struct mxa_report_target *out);

/* The address took a mail, or refused it for good. */
void mxa_target_note(
    struct mxa_sender *s, const struct mxa_delivery *d, bool refused);

/* --- one delivery (delivery.c) --- */

/* One that waits, of a report that was made at 'now'.  True: it was not there
 * before. */
bool mxa_delivery_add(struct mxa_store *s, struct mxa_str report_id,
    struct mxa_str address, struct mxa_str domain, int64_t position,
    int64_t now);

/* Claims it, sends it, writes down what became of it.  False: it is not ours
 * now. */
bool mxa_delivery_send(struct mxa_sender *s, const struct mxa_delivery *d);

/* An address gets nothing for 30 days, because its mail came back. */
#define MXA_SUPPRESS_SECONDS (30 * 86400)
bool mxa_address_suppress(
    struct mxa_store *s, struct mxa_str address, const char *why);

#endif
