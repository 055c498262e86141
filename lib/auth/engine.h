/* engine.h - the interface behind which a method's implementations stand:
 * SPF: native (auth/spf/check_host.c), libspf2 (auth/spf/engine_spf2.c);
 * DKIM: native (auth/dkim.c), libopendkim (auth/engine_opendkim.c). */
#ifndef MXA_AUTH_ENGINE_H
#define MXA_AUTH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/options.h"
#include "auth/verdict.h"
#include "base/clock.h"
#include "dns/dns.h"

struct mxa_arena;
struct mxa_headers;
struct mxa_field;
struct mxa_msg;
struct mxa_bodies; /* auth/sig/body.h */

enum mxa_settled {
	MXA_UNSETTLED, /* signatures decide */
	MXA_UNKNOWN,   /* other methods are not finished */
	MXA_SETTLED,
};

/* What both kinds need. */
struct mxa_engine_env {
	struct mxa_arena *arena;   /* the message's */
	struct mxa_budget *budget; /* the message's */
	const struct mxa_clock *clock;
	const struct mxa_auth_options *options;
	/* Whether the DMARC verdict stands with the signatures that have been
	 * verified so far and what other methods say: answers that can no
	 * longer change it (keys that cannot align) are not waited for then.
	 * 'wait': for the other methods.  Set before finish; NULL: nothing
	 * settles it. */
	enum mxa_settled (*settled)(
	    void *ctx, const struct mxa_dkim_verdict *so_far, bool wait);
	void *settled_ctx;
	/* Where DKIM and ARC share their body hashes: whoever sets it feeds,
	 * finishes and frees it; the engines only ask for hashes.  NULL: each
	 * for itself. */
	struct mxa_bodies *bodies;
};

struct mxa_spf_query {
	struct mxa_ip ip;
	enum mxa_spf_identity identity;
	struct mxa_str local;	 /* local part; empty: "postmaster" */
	struct mxa_str domain;	 /* as given in the envelope; not canonical */
	struct mxa_str helo;	 /* for %{h} */
	struct mxa_str receiver; /* for %{r} */
	bool trace;		 /* fill verdict.trace */
	/* Whose questions: MXA_SHARE_SPF (0) for what the verdict needs, the
	 * null sender's HELO too; MXA_SHARE_OTHER for the separate HELO check.
	 */
	enum mxa_dns_share share;
};

struct mxa_spf_engine {
	const char *name;
	/* check_host() of RFC 7208: always a verdict.  Waits for the DNS.
	 * Loopback clients are evaluated like any other: skipping them is the
	 * caller's decision (trusted-networks). */
	void (*check)(const struct mxa_engine_env *env,
	    const struct mxa_spf_query *q, struct mxa_spf_verdict *out);
	/* The same without waiting; false: an answer is not there yet, and its
	 * question is in flight. */
	bool (*check_now)(const struct mxa_engine_env *env,
	    const struct mxa_spf_query *q, struct mxa_spf_verdict *out);
};

extern const struct mxa_spf_engine mxa_spf_native;
extern const struct mxa_spf_engine mxa_spf_libspf2;

/* Streaming: begin, header for each field in order, eoh, body any number of
 * times, then finish or cancel exactly once.  'state' comes from begin and is
 * in the arena or freed by finish/cancel. */
struct mxa_dkim_engine {
	const char *name;
	/* 'h' is the message's header section; it grows until eoh. */
	void *(*begin)(
	    const struct mxa_engine_env *env, const struct mxa_headers *h);
	/* h->v[field] has arrived.  May prefetch its key. */
	void (*header)(void *state, size_t field);
	/* The header section is complete.  'authors' tells which signatures
	 * could align: their keys are asked first.  Returns whether the body is
	 * needed at all. */
	bool (*eoh)(void *state, const struct mxa_authors *authors);
	/* A piece of the body as it came, CRLF line ends; not kept. */
	void (*body)(void *state, const char *p, size_t len);
	void (*finish)(void *state, struct mxa_dkim_verdict *out);
	void (*cancel)(void *state);
};

extern const struct mxa_dkim_engine mxa_dkim_native;
extern const struct mxa_dkim_engine mxa_dkim_libopendkim;

/* The defaults of auth/options.h, with the native engines. */
void mxa_auth_options_default(struct mxa_auth_options *o);

/* Engines by their configuration names; NULL: unknown. */
const struct mxa_spf_engine *mxa_spf_engine_find(struct mxa_str name);
const struct mxa_dkim_engine *mxa_dkim_engine_find(struct mxa_str name);

#endif
