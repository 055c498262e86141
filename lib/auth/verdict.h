/* verdict.h - what was found out about a message: the results of all methods
 * in the words of RFC 8601, with their causes.  Written by evaluate(), read by
 * everything behind it.  All text lives in the message's arena. */
#ifndef MXA_AUTH_VERDICT_H
#define MXA_AUTH_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/limits.h"
#include "base/note.h"
#include "base/phrase.h"
#include "base/str.h"
#include "mail/address.h"

struct mxa_arena;

/* --- SPF (RFC 7208) --- */

enum mxa_spf_result {
	MXA_SPF_NONE,
	MXA_SPF_NEUTRAL,
	MXA_SPF_PASS,
	MXA_SPF_FAIL,
	MXA_SPF_SOFTFAIL,
	MXA_SPF_TEMPERROR,
	MXA_SPF_PERMERROR,
};

enum mxa_spf_identity { MXA_SPF_MAILFROM, MXA_SPF_HELO };

/* Why a result is what it is, for decide() and the tools; words in 'reason'. */
enum mxa_spf_cause {
	MXA_SPF_CAUSE_NO_DOMAIN, /* none: no identity that has a record */
	MXA_SPF_CAUSE_NO_RECORD, /* none */
	MXA_SPF_CAUSE_MATCH,	 /* 'mechanism' matched */
	MXA_SPF_CAUSE_DEFAULT,	 /* no term matched, no redirect: neutral */
	MXA_SPF_CAUSE_SYNTAX,	 /* permerror, from here on */
	MXA_SPF_CAUSE_MULTIPLE,	 /* more than one record */
	MXA_SPF_CAUSE_LOOKUPS,	 /* the eleventh term that asks */
	MXA_SPF_CAUSE_VOIDS,	 /* one lookup without answer too many */
	MXA_SPF_CAUSE_MX_HOSTS,	 /* more than ten behind one mx */
	MXA_SPF_CAUSE_NO_TARGET, /* include or redirect without a record */
	MXA_SPF_CAUSE_DNS,	 /* temperror */
};

struct mxa_spf_trace; /* auth/spf/trace.h */

struct mxa_spf_verdict {
	enum mxa_spf_result result;
	enum mxa_spf_identity
	    identity; /* HELO: null sender, or the HELO check */
	enum mxa_spf_cause cause;
	struct mxa_str domain;	  /* evaluated, canonical; empty: none usable */
	struct mxa_str sender;	  /* local@domain as evaluated */
	struct mxa_str mechanism; /* the term that decided, as published:
				     "ip4:192.0.2.0/24", "-all"; or "default" */
	struct mxa_str record_domain; /* whose record held that term */
	struct mxa_phrase reason;     /* one phrase for people, never empty:
					 "192.0.2.9 is not listed in the record of
					 example.com" */
	struct mxa_str explanation;   /* exp= text of the sender's domain,
					 cleaned;   empty: none */
	bool used_local_part;	      /* %{l}, %{s} or %{o} was expanded */
	unsigned lookups;	      /* terms that asked, of 10 */
	unsigned voids;
	const struct mxa_spf_trace *trace; /* NULL unless asked for */
};

/* --- DKIM (RFC 6376) --- */

enum mxa_dkim_result {
	MXA_DKIM_NONE,
	MXA_DKIM_PASS,
	MXA_DKIM_FAIL,
	MXA_DKIM_POLICY,
	MXA_DKIM_NEUTRAL,
	MXA_DKIM_TEMPERROR,
	MXA_DKIM_PERMERROR,
};

/* What became of the body hash; tells a list's footer from a forger. */
enum mxa_body_hash { MXA_BODY_UNKNOWN, MXA_BODY_MATCHES, MXA_BODY_DIFFERS };

/* Why a result is what it is, for decide() and the tools; words in 'reason'. */
enum mxa_dkim_cause {
	MXA_DKIM_OK,
	MXA_DKIM_SYNTAX,    /* header unparsable, tag missing or bad */
	MXA_DKIM_ALGORITHM, /* unknown a= */
	MXA_DKIM_SHA1,
	MXA_DKIM_SHORT_KEY,
	MXA_DKIM_LONG_KEY,
	MXA_DKIM_EXPIRED,
	MXA_DKIM_FUTURE,
	MXA_DKIM_NO_KEY, /* NXDOMAIN, NODATA, no usable record */
	MXA_DKIM_REVOKED,
	MXA_DKIM_BAD_KEY,    /* cannot be decoded, not for this use */
	MXA_DKIM_DNS,	     /* temporary */
	MXA_DKIM_BODY,	     /* body hash did not verify; the signature over
				the header did: the domain signed this header */
	MXA_DKIM_SIGNATURE,  /* signature did not verify ('body' tells about
				the body hash) */
	MXA_DKIM_FROM,	     /* From not signed */
	MXA_DKIM_IDENTITY,   /* i= not within d=, or t=s */
	MXA_DKIM_PARTIAL,    /* l= leaves a tail unsigned, or is too long */
	MXA_DKIM_DOMAIN,     /* d= unacceptable */
	MXA_DKIM_INCOMPLETE, /* header fields were left out (limits.h) */
	MXA_DKIM_NOT_TRIED,  /* its key was not needed for the verdict */
};

struct mxa_dkim_sig {
	enum mxa_dkim_result result;
	enum mxa_dkim_cause cause;
	struct mxa_phrase reason; /* empty on a plain pass */
	struct mxa_str domain;	  /* d=, canonical; empty: unreadable */
	struct mxa_str identity;  /* i= as given, or "@" d= */
	struct mxa_str selector;  /* s= */
	struct mxa_str algorithm; /* a= as given */
	struct mxa_str b;	  /* first characters of b=, as many as tell the
				     signatures of this message apart, >= 8
				     (RFC 6008) */
	struct mxa_str rules;	  /* policy.dkim-rules when result is policy */
	enum mxa_body_hash body;
	unsigned key_bits;   /* 0: unknown; Ed25519: 256 */
	bool testing;	     /* key has t=y */
	bool covers_subject; /* h= has Subject */
	int64_t signed_at;   /* t=, or -1 */
	size_t field;	     /* index in headers.v */
};

struct mxa_dkim_verdict {
	struct mxa_dkim_sig *sig; /* in order of the header, topmost first */
	size_t n;		  /* 0: dkim=none */
	size_t untried;		  /* beyond maximum-signatures, not in 'sig' */
};

/* --- ARC (RFC 8617) --- */

enum mxa_arc_result { MXA_ARC_NONE, MXA_ARC_PASS, MXA_ARC_FAIL };

struct mxa_arc_set {
	struct mxa_str seal_domain; /* d= of the ARC-Seal, canonical */
	struct mxa_str seal_selector;
	struct mxa_str aar; /* ARC-Authentication-Results behind "i=N;" */
};

struct mxa_arc_verdict {
	bool evaluated; /* false: ARC is off */
	enum mxa_arc_result result;
	struct mxa_phrase reason;
	struct mxa_arc_set
	    *set; /* set[0] is i=1; filled when structure is ok */
	size_t n;
	unsigned oldest_pass; /* 0: all */
	bool dns_trouble;     /* fail because of the DNS */
	/* trusted-sealer override (RFC 8617 section 7.2.1) */
	bool trusted; /* an AAR of a trusted, intact part of the chain
			 says that the author passed */
	struct mxa_str trusted_sealer; /* d= of the seal that vouches */
};

/* --- DMARC (RFC 9989) --- */

enum mxa_dmarc_result {
	MXA_DMARC_NONE,
	MXA_DMARC_PASS,
	MXA_DMARC_FAIL,
	MXA_DMARC_TEMPERROR,
	MXA_DMARC_PERMERROR,
};

enum mxa_dmarc_policy {
	MXA_POLICY_NONE,
	MXA_POLICY_QUARANTINE,
	MXA_POLICY_REJECT,
};

/* Which tag the effective policy came from. */
enum mxa_dmarc_tag { MXA_TAG_P, MXA_TAG_SP, MXA_TAG_NP };

struct mxa_dmarc_record; /* auth/dmarc_record.h */

struct mxa_dmarc_domain {
	enum mxa_dmarc_result result;
	struct mxa_str author; /* author domain, canonical */
	struct mxa_str organizational;
	struct mxa_str record_domain; /* where the applied record is; empty */
	const struct mxa_dmarc_record *record; /* NULL: none applies */
	enum mxa_dmarc_tag tag;
	enum mxa_dmarc_policy published; /* p, sp or np before t=y */
	enum mxa_dmarc_policy policy;	 /* effective, after t=y */
	bool testing;			 /* t=y lowered it */
	bool nonexistent;		 /* author domain is NXDOMAIN */
	bool spf_aligned;		 /* an aligned identifier passed */
	bool dkim_aligned;
	bool unusable; /* none, though there is a record (or are several) */
	struct mxa_phrase reason; /* one phrase, never empty */
};

struct mxa_dmarc_verdict {
	/* the worst of 'domain' (RFC 9989 section 11.5); its index */
	enum mxa_dmarc_result result;
	size_t worst;
	/* strictest effective policy among failing author domains */
	enum mxa_dmarc_policy policy;
	struct mxa_dmarc_domain domain[MXA_MAX_AUTHORS];
	size_t n;     /* 0: no author domain */
	bool guarded; /* the single-label guard changed a result */
	bool
	    modes_differ; /* organizational-domain = auto: psl says otherwise */
};

/* --- iprev (RFC 8601 section 3) --- */

enum mxa_iprev_result {
	MXA_IPREV_SKIPPED, /* no client address */
	MXA_IPREV_PASS,
	MXA_IPREV_FAIL,
	MXA_IPREV_TEMPERROR,
	MXA_IPREV_PERMERROR,
};

struct mxa_iprev_verdict {
	enum mxa_iprev_result result;
	struct mxa_str name; /* the name that was confirmed, or the first PTR */
};

/* --- domains that send nothing --- */

/* How the domain of MAIL FROM says that it sends no mail. */
enum mxa_no_mail {
	MXA_NO_MAIL_UNSAID,
	MXA_NO_MAIL_SPF, /* its record is "v=spf1 -all" */
	MXA_NO_MAIL_MX,	 /* null MX, RFC 7505 */
};

/* --- all of them --- */

struct mxa_verdict {
	struct mxa_spf_verdict spf;  /* MAIL FROM; HELO for the null sender */
	struct mxa_spf_verdict helo; /* the separate HELO check */
	bool helo_checked;
	enum mxa_no_mail no_mail;
	struct mxa_dkim_verdict dkim;
	struct mxa_arc_verdict arc;
	struct mxa_dmarc_verdict dmarc;
	struct mxa_iprev_verdict iprev;
	struct mxa_authors authors;
	struct mxa_notes notes;
};

/* Nothing known yet; notes can be taken. */
void mxa_verdict_begin(struct mxa_verdict *v, struct mxa_arena *a);

/* RFC 8601 result words.  Static. */
const char *mxa_spf_result_name(enum mxa_spf_result r);
const char *mxa_no_mail_name(enum mxa_no_mail n); /* "spf", "mx" */
const char *mxa_dkim_result_name(enum mxa_dkim_result r);
const char *mxa_arc_result_name(enum mxa_arc_result r);
const char *mxa_dmarc_result_name(enum mxa_dmarc_result r);
const char *mxa_dmarc_policy_name(enum mxa_dmarc_policy p);
const char *mxa_iprev_result_name(enum mxa_iprev_result r);
const char *mxa_dkim_cause_name(enum mxa_dkim_cause c); /* "body", "revoked" */
const char *mxa_spf_cause_name(enum mxa_spf_cause c); /* "syntax", "lookups" */

#endif
