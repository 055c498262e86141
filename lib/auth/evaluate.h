/* evaluate.h - one message through all methods, in the one place that knows
 * their order.
 *
 *	begin ─ envelope ─ header… ─ eoh ─ body… ─ finish
 *
 * Questions to the DNS leave as soon as their names are known (SPF at the
 * first recipient, keys at each signature, the DMARC names at From); waiting
 * happens in finish only.  cancel may be called instead of anything else, at
 * any step, and never waits. */
#ifndef MXA_AUTH_EVALUATE_H
#define MXA_AUTH_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/engine.h"

struct mxa_eval;

/* 'msg' is filled by the caller while the message arrives; its connection part
 * is there already.  Everything lives in env->arena. */
struct mxa_eval *mxa_eval_begin(
    const struct mxa_engine_env *env, const struct mxa_msg *msg);

/* Sender and first recipient are known. */
void mxa_eval_envelope(struct mxa_eval *ev);

/* msg->headers.v[field] has arrived; once for each, in their order. */
void mxa_eval_header(struct mxa_eval *ev, size_t field);

/* Header section complete; false: no method needs the body. */
bool mxa_eval_eoh(struct mxa_eval *ev);

void mxa_eval_body(struct mxa_eval *ev, const char *p, size_t len);

/* What a decision looks at although DMARC stands without it.  What nobody needs
 * is waited for as long as the grace, all of it together, and is a temporary
 * error then. */
struct mxa_needs {
	uint32_t grace_ms;
	bool spf;   /* SPF of MAIL FROM */
	bool keys;  /* signatures of the author domains */
	bool helo;  /* SPF of HELO */
	bool iprev; /* the client's name */
	bool mx;    /* the sender's null MX */
};

/* How From was read, once the header section is complete. */
const struct mxa_authors *mxa_eval_authors(const struct mxa_eval *ev);

/* The verdict, always.  'out' has been begun (mxa_verdict_begin); notes that
 * are in it already stay.  Calls eoh itself when it was not called (a message
 * without body or headers).  'needs' NULL: everything is waited for, as far as
 * the deadline allows. */
void mxa_eval_finish(struct mxa_eval *ev, const struct mxa_needs *needs,
    struct mxa_verdict *out);

void mxa_eval_cancel(struct mxa_eval *ev);

/* All of it for a message that is in memory: 'msg' complete, 'body' with CRLF
 * line ends.  Everything is waited for.  Begins 'out'. */
void mxa_evaluate(const struct mxa_engine_env *env, const struct mxa_msg *msg,
    struct mxa_str body, struct mxa_verdict *out);

#endif
