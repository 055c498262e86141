/* spf_propose.h - the SPF record that a domain should publish.  The only place
 * that makes one: what lint and explain print comes from here, so that both
 * say the same.
 *
 * The published records become one, slips of the pen are put right, what
 * nobody needs is taken out, the record ends in the owner's "-all" or "~all",
 * senders that do not pass are added, and when it needs too many lookups names
 * become addresses.  Then it is tried (spf_try.h).  What does not stand the
 * trial is not given back. */
#ifndef MXA_RECORD_SPF_PROPOSE_H
#define MXA_RECORD_SPF_PROPOSE_H

#include "auth/engine.h"
#include "record/spf_try.h"

/* What is wanted. */
struct mxa_spf_wish {
	struct mxa_str domain;	 /* canonical: where the record is published */
	const struct mxa_ip *ip; /* must pass */
	size_t n_ips;
	struct mxa_str relay;	/* host of these addresses; empty: not known */
	struct mxa_str include; /* of a provider that is known to send for the
				   domain, whatever its address; empty: none */
	bool guessed;		/* the addresses are inferred: no provider's
				   include is proposed for them */
	bool helo;		/* 'domain' is a host's name, used in HELO */
	bool no_mail;		/* a domain without record sends no mail */
	bool included;		/* others include the record: it needs no end */
};

enum mxa_spf_proposed {
	MXA_SPF_PROPOSE_NOTHING, /* the record is fine, or nothing stood the
				    trial: see 'failed' */
	MXA_SPF_PROPOSE_NEW,	 /* there was no record */
	MXA_SPF_PROPOSE_EDIT,
	MXA_SPF_PROPOSE_MERGE, /* several records become this one */
};

#define MXA_MAX_SPF_NOTES 24

struct mxa_spf_proposal {
	enum mxa_spf_proposed kind;
	struct mxa_str record; /* empty unless it was tried and stands */
	struct mxa_str old;    /* the first of today's records; empty: none */
	size_t n_old;	       /* how many there are */
	/* What was done and why, sentences for the owner. */
	struct mxa_str note[MXA_MAX_SPF_NOTES];
	size_t n_notes;
	/* A record was made and did not stand the trial: why, a sentence.
	 * Empty: none was needed, or it stands. */
	struct mxa_str failed;
	struct mxa_str tried;	 /* what the trial showed, a sentence */
	struct mxa_str provider; /* its include was added; empty: none */
};

/* Waits for the DNS, within env->budget (MXA_SHARE_SPF).  Text in env->arena,
 * in the language of the process. */
void mxa_spf_propose(const struct mxa_engine_env *env,
    const struct mxa_spf_wish *wish, struct mxa_spf_proposal *out);

#endif
