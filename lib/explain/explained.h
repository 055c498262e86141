/* explained.h - what is said about a failure: causes, findings, fixes. */
#ifndef MXA_EXPLAIN_EXPLAINED_H
#define MXA_EXPLAIN_EXPLAINED_H

#include "auth/engine.h"
#include "bounce/bounce.h"
#include "lint/finding.h"

/* Causes, as bits of a set. */
enum mxa_why {
	MXA_WHY_SPF_MISSING,
	MXA_WHY_SPF_NOT_LISTED,
	MXA_WHY_SPF_LOOKUPS,
	MXA_WHY_SPF_MULTIPLE,
	MXA_WHY_SPF_SYNTAX,
	MXA_WHY_SPF_INCLUDE_NONE,
	MXA_WHY_SPF_TEMPERROR,
	MXA_WHY_DKIM_NONE,
	MXA_WHY_DKIM_KEY_MISSING,
	MXA_WHY_DKIM_KEY_REVOKED,
	MXA_WHY_DKIM_CHANGED,
	MXA_WHY_UNALIGNED,
	MXA_WHY_DMARC_MISSING,
	MXA_WHY_FORWARDED,
	MXA_WHY_RESOLVED,
	MXA_WHY_UNSPECIFIED,
	MXA_WHYS,
};

const char *mxa_why_name(enum mxa_why w); /* "spf-missing", … */

/* What is to be done. */
enum mxa_fix_action {
	MXA_FIX_PUBLISH_SPF,
	MXA_FIX_EDIT_SPF,
	MXA_FIX_MERGE_SPF,
	MXA_FIX_SIGN_DKIM,
	MXA_FIX_PUBLISH_DKIM,
	MXA_FIX_ALIGN,
	MXA_FIX_FORWARDER,
	MXA_FIX_PUBLISH_DMARC,
	MXA_FIX_WAIT,
	MXA_FIX_NONE,
};

const char *mxa_fix_action_name(enum mxa_fix_action f); /* "publish-spf" */

/* What to do. */
struct mxa_advice {
	enum mxa_fix_action action;
	struct mxa_fix fix;  /* the record; its advice: sentences without the
				record */
	struct mxa_str text; /* for people: sentences, with the record */
	uint64_t cases;	     /* for which of the different failures */
};

/* The words before fix.old: what the new record takes the place of. */
const char *mxa_advice_replaces(const struct mxa_advice *advice);

/* What a statement is about. */
enum mxa_topic {
	MXA_TOPIC_SENDER, /* how the sending address is known */
	MXA_TOPIC_PTR,	  /* its name */
	MXA_TOPIC_SPF,	  /* what SPF says today */
	MXA_TOPIC_DKIM,	  /* the signatures and their keys */
	MXA_TOPIC_ALIGNMENT,
	MXA_TOPIC_DMARC, /* the record that applies */
	MXA_TOPIC_FORWARDED,
	MXA_TOPIC_REPLY,   /* what the receiver's words mean */
	MXA_TOPIC_UNKNOWN, /* what cannot be told from here */
};

const char *mxa_topic_name(enum mxa_topic t); /* "sender", … */

struct mxa_statement {
	enum mxa_topic topic;
	struct mxa_str text;		   /* a sentence, with its evidence */
	const struct mxa_finding *finding; /* an examiner's; NULL: none */
};

#define MXA_MAX_FIXES 16
#define MXA_MAX_STATEMENTS 64
#define MXA_MAX_CASES 50 /* different failures of one bounce looked into */

struct mxa_explained {
	struct mxa_str summary; /* the answer, one or two sentences */
	unsigned *why;		/* for each failure of the bounce, a set */
	unsigned *case_of;	/* for each: bit of mxa_fix.cases */
	struct mxa_advice advice[MXA_MAX_FIXES]; /* what matters first */
	size_t n_advice;
	struct mxa_statement statement[MXA_MAX_STATEMENTS];
	size_t n_statements;
	struct mxa_str avoid[MXA_MAX_FIXES]; /* what not to do */
	size_t n_avoid;
	bool auth_failure;
};

struct mxa_explain_env {
	struct mxa_engine_env engine;
	struct mxa_dns *dns;  /* for examiners, which have budgets of their
				 own: */
	uint32_t deadline_ms; /* for each of them */
	struct mxa_str relay; /* canonical name of the relay; empty: none */
};

#endif
