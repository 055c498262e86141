/* diagnosis.h - one failure that is looked into: what the files of lib/explain
 * share.  Private to lib/explain. */
#ifndef MXA_EXPLAIN_DIAGNOSIS_H
#define MXA_EXPLAIN_DIAGNOSIS_H

#include "auth/orgdom.h"
#include "auth/verdict.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "explain/explained.h"

#define MXA_MAX_SENDERS 8

/* How the sending addresses are known. */
enum mxa_sender_how {
	MXA_SENDER_SAID,     /* the receiver, or the service that sent */
	MXA_SENDER_RELAY,    /* of the relay that was named */
	MXA_SENDER_REPORTED, /* of the Reporting-MTA of a delivery report */
	MXA_SENDER_PROVIDER, /* a provider's, who documents an include */
	MXA_SENDER_REPORTER, /* of the server that seems to have written
				the bounce */
	MXA_SENDER_MX,	     /* guessed: of the domain's MX hosts */
	MXA_SENDER_HOST,     /* guessed: of the domain's own name */
	MXA_SENDER_UNKNOWN,
};

/* The addresses that must pass. */
struct mxa_senders {
	struct mxa_ip ip[MXA_MAX_SENDERS];
	size_t n;
	enum mxa_sender_how how;
	struct mxa_str host;	/* whose addresses they are; of an address that
				   was said: its PTR name; empty: none */
	struct mxa_str include; /* that the provider documents */
};

struct mxa_diagnosis {
	const struct mxa_explain_env *env;
	struct mxa_arena *a;
	const struct mxa_bounce *b;
	const struct mxa_failure *f;
	struct mxa_explained *out;
	unsigned number; /* its bit in mxa_advice.cases */
	struct mxa_senders senders;
	struct mxa_str author;	    /* From domain; empty: not known */
	struct mxa_str mail_domain; /* whose SPF record counts */
	struct mxa_walk walk;	    /* of the author */
	struct mxa_spf_verdict spf; /* for the first sender that fails */
	struct mxa_ip spf_ip;	    /* that sender; family 0: nobody's */
	unsigned why;
};

#define MXA_WHY_BIT(w) (1u << (w))

/* --- notes of the result, explain.c --- */

/* A cause. */
void mxa_diagnosis_because(struct mxa_diagnosis *d, enum mxa_why w);

/* A statement; each once. */
void mxa_diagnosis_say(
    struct mxa_diagnosis *d, enum mxa_topic topic, const char *text);
#define MXA_SAY(d, topic, ...) \
	mxa_diagnosis_say(d, topic, mxa_arena_printf((d)->a, __VA_ARGS__))

/* The same in the words of an examiner. */
void mxa_diagnosis_found(
    struct mxa_diagnosis *d, enum mxa_topic topic, const struct mxa_finding *f);

/* What not to do; each once. */
void mxa_diagnosis_avoid(struct mxa_diagnosis *d, const char *text);

/* Advice; the same action for the same name once. */
void mxa_diagnosis_advise(
    struct mxa_diagnosis *d, const struct mxa_advice *advice);
void mxa_diagnosis_advise_text(
    struct mxa_diagnosis *d, enum mxa_fix_action action, const char *text);

/* Add a sentence to others: after a space, but not after a Japanese full
 * stop. */
void mxa_add_sentence(struct mxa_buf *b, struct mxa_str sentence);

/* --- sender.c --- */

/* Find out which address sent. */
void mxa_diagnosis_find_senders(struct mxa_diagnosis *d);

/* Whether it is known, so that SPF for it proves something; or at least
 * likely. */
bool mxa_senders_known(const struct mxa_senders *s);
bool mxa_senders_likely(const struct mxa_senders *s);

/* How it is known, as a statement. */
void mxa_diagnosis_say_sender(struct mxa_diagnosis *d);

/* --- forwarded.c --- */

/* Whether somebody between author and receiver sent the message on. */
bool mxa_diagnosis_is_forwarded(struct mxa_diagnosis *d);
void mxa_diagnosis_forwarded(struct mxa_diagnosis *d);

/* Whether a forwarder put an envelope sender of its own in place of the
 * author's (SRS): then SPF is the forwarder's. */
bool mxa_diagnosis_is_rewritten(struct mxa_diagnosis *d);
void mxa_diagnosis_rewritten(struct mxa_diagnosis *d);

/* --- causes.c --- */

/* Look for the causes of an authentication failure. */
void mxa_diagnosis_causes(struct mxa_diagnosis *d);

/* Whether two names are of one organization; neither empty. */
bool mxa_diagnosis_same_org(
    struct mxa_diagnosis *d, struct mxa_str one, struct mxa_str two);

/* Whether a domain aligns with the author's (RFC 9989 section 4.4). */
bool mxa_diagnosis_aligned(
    struct mxa_diagnosis *d, struct mxa_str domain, bool dkim);

/* --- examined.c: what the examiners of lib/lint find --- */

/* SPF does not pass: what the examiner finds, with its proposal; those of the
 * cause 'why' as statements.  '*said': there was one. */
const struct mxa_lint *mxa_diagnosis_examine_spf(
    struct mxa_diagnosis *d, enum mxa_why why, bool *said);

/* Why the author has no DMARC record that can be used, with the fix. */
void mxa_diagnosis_examine_dmarc(struct mxa_diagnosis *d);

/* The key of a signature that did not pass, with the fix. */
void mxa_diagnosis_examine_key(
    struct mxa_diagnosis *d, struct mxa_str domain, struct mxa_str selector);

/* --- signatures.c --- */

/* Whether the message has a signature that is aligned with the author. */
bool mxa_diagnosis_is_signed(struct mxa_diagnosis *d);

/* Signatures of the message and their keys. */
void mxa_diagnosis_signatures(struct mxa_diagnosis *d);

/* --- advise.c --- */

/* The fix of an SPF failure, from the examiner's proposal. */
void mxa_diagnosis_advise_spf(
    struct mxa_diagnosis *d, const struct mxa_spf_proposal *p);

/* The fix of a finding.  'notes': what else to say about it; may be empty. */
void mxa_diagnosis_advise_fix(struct mxa_diagnosis *d,
    enum mxa_fix_action action, const struct mxa_finding *f, const char *notes);

/* --- provider_rules.c --- */

/* What the receiving provider demands beyond the standards. */
void mxa_diagnosis_provider_rules(struct mxa_diagnosis *d);

/* --- other_matters.c --- */

/* What is not an authentication problem. */
void mxa_diagnosis_other(struct mxa_diagnosis *d);

/* What the class means, a sentence. */
const char *mxa_class_text(const struct mxa_refusal_kind *kind);

/* --- answer.c --- */

/* The answer in one sentence, after the first failure was looked into. */
struct mxa_str mxa_diagnosis_answer(struct mxa_diagnosis *d);

#endif
