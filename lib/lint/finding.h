/* finding.h - what the examiners find, for lint and for explain: findings with
 * their fixes, and a view of what is published. */
#ifndef MXA_LINT_FINDING_H
#define MXA_LINT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/options.h"
#include "auth/verdict.h"
#include "base/ipaddr.h"
#include "base/str.h"
#include "record/dkim_key.h"
#include "record/spf_propose.h"

struct mxa_arena;

enum mxa_lint_severity { MXA_LINT_INFO, MXA_LINT_WARNING, MXA_LINT_ERROR };

enum mxa_lint_code {
	MXA_LINT_DOMAIN_MISSING,
	MXA_LINT_DNS_ERROR,
	MXA_LINT_SPF_MISSING,
	MXA_LINT_SPF_MULTIPLE,
	MXA_LINT_SPF_SYNTAX,
	MXA_LINT_SPF_PLUS_ALL,
	MXA_LINT_SPF_NEUTRAL_ALL,
	MXA_LINT_SPF_NO_ALL,
	MXA_LINT_SPF_AFTER_ALL,
	MXA_LINT_SPF_REDIRECT_IGNORED,
	MXA_LINT_SPF_TOO_MANY_LOOKUPS,
	MXA_LINT_SPF_NEAR_LIMIT,
	MXA_LINT_SPF_VOID_LOOKUPS,
	MXA_LINT_SPF_VOID_IPV6,
	MXA_LINT_SPF_INCLUDE_NONE,
	MXA_LINT_SPF_A_NONE,
	MXA_LINT_SPF_LOOP,
	MXA_LINT_SPF_PTR,
	MXA_LINT_SPF_TOO_WIDE,
	MXA_LINT_SPF_PRIVATE_IP,
	MXA_LINT_SPF_UNKNOWN_MODIFIER,
	MXA_LINT_SPF_DUPLICATE,
	MXA_LINT_SPF_NOT_LISTED,
	MXA_LINT_SPF_ANSWER_SIZE,
	MXA_LINT_DKIM_MISSING,
	MXA_LINT_DKIM_UNKNOWN,
	MXA_LINT_DKIM_MULTIPLE,
	MXA_LINT_DKIM_SYNTAX,
	MXA_LINT_DKIM_KEY_WEAK,
	MXA_LINT_DKIM_KEY_LONG,
	MXA_LINT_DKIM_KEY_REVOKED,
	MXA_LINT_DKIM_TESTING,
	MXA_LINT_DKIM_SHA1,
	MXA_LINT_DKIM_SERVICE,
	MXA_LINT_DMARC_MISSING,
	MXA_LINT_DMARC_INHERITED,
	MXA_LINT_DMARC_MULTIPLE,
	MXA_LINT_DMARC_SYNTAX,
	MXA_LINT_DMARC_WRONG_PLACE,
	MXA_LINT_DMARC_P_NONE,
	MXA_LINT_DMARC_PSD,
	MXA_LINT_DMARC_SP_WEAKER,
	MXA_LINT_DMARC_TESTING,
	MXA_LINT_DMARC_PCT,
	MXA_LINT_DMARC_RF,
	MXA_LINT_DMARC_RI,
	MXA_LINT_DMARC_SIZE_LIMIT,
	MXA_LINT_DMARC_NO_RUA,
	MXA_LINT_DMARC_RUA_MANY,
	MXA_LINT_DMARC_RUA_SYNTAX,
	MXA_LINT_DMARC_RUA_NO_MX,
	MXA_LINT_DMARC_EXTERNAL_RUA,
	MXA_LINT_DMARC_UNKNOWN_TAG,
	MXA_LINT_MX_MISSING,
	MXA_LINT_MX_A_NONE,
	MXA_LINT_MX_NULL,
	MXA_LINT_MX_CNAME,
	MXA_LINT_MX_ADDRESS,
	MXA_LINT_PTR_MISSING,
	MXA_LINT_PTR_UNCONFIRMED,
	MXA_LINT_TLS_RPT,
	MXA_LINT_MTA_STS,
	MXA_LINT_BIMI,
	MXA_LINT_CODES,
};

/* "spf-missing"; "error", "warning", "info".  Static. */
const char *mxa_lint_code_name(enum mxa_lint_code c);
const char *mxa_lint_severity_name(enum mxa_lint_severity s);

#define MXA_LINT_MAX_FINDINGS 200

/* What to do about a finding: a record, which lib/record made and tried, or a
 * sentence. */
struct mxa_fix {
	struct mxa_str name;   /* where the record goes; empty: no record */
	struct mxa_str old;    /* what is published there; empty: nothing */
	struct mxa_str new;    /* what should be */
	bool verified;	       /* it was tried; false without a record */
	struct mxa_str advice; /* the sentence; empty: the record */
};

struct mxa_finding {
	struct mxa_finding *next;
	enum mxa_lint_code code;
	enum mxa_lint_severity severity;
	struct mxa_str name;	 /* the DNS name it is about */
	struct mxa_str evidence; /* what is wrong and why it matters */
	struct mxa_fix fix;
};

/* --- views: what is published --- */

#define MXA_LINT_MAX_FOUND 20

struct mxa_lint_record;

struct mxa_lint_term {
	struct mxa_lint_term *next;
	struct mxa_str text;
	struct mxa_str target; /* empty: none, or known per message only */
	struct mxa_str *found; /* addresses and hosts */
	size_t n;
	size_t more;			/* beyond MXA_LINT_MAX_FOUND */
	unsigned lookups;		/* it needs, with everything below it */
	bool unreachable;		/* behind "all" */
	struct mxa_lint_record *record; /* of an include or redirect; may be
					   NULL */
};

struct mxa_lint_record {
	struct mxa_str domain;
	struct mxa_str text; /* empty: none */
	const char *trouble; /* why there is none: a phrase; NULL: fine */
	unsigned lookups;    /* it needs, with everything below it */
	struct mxa_lint_term *first, **last;
};

struct mxa_lint_sender {
	struct mxa_lint_sender *next;
	struct mxa_str ip;
	enum mxa_spf_result result;
	enum mxa_iprev_result iprev;
	struct mxa_str name; /* that the PTR record gives; empty: none */
};

struct mxa_lint_spf {
	struct mxa_lint_record *tree; /* NULL: not looked at */
	unsigned lookups;	      /* all, also beyond the tenth */
	bool lookups_cut;	      /* counting was given up: "at least" */
	unsigned voids;		      /* for a client with either family */
	uint64_t ipv4; /* addresses that ip4 terms permit, at most */
	struct mxa_lint_sender *senders;
	/* the record that repairs all findings about the domain's own */
	struct mxa_spf_proposal proposal;
};

enum mxa_lint_source {
	MXA_SELECTOR_NAMED,
	MXA_SELECTOR_SEEN,
	MXA_SELECTOR_KNOWN
};

struct mxa_lint_key {
	struct mxa_lint_key *next;
	struct mxa_str selector;
	enum mxa_lint_source source;
	struct mxa_str name;
	struct mxa_dkim_key key;
};

struct mxa_lint_uri {
	struct mxa_lint_uri *next;
	struct mxa_str uri;
	struct mxa_str host;
	bool failure; /* of ruf= */
	bool external;
	bool authorised; /* its host agrees, or need not be asked */
};

struct mxa_lint_step {
	struct mxa_str name;   /* "_dmarc.example.com" */
	struct mxa_str record; /* empty: none, several, or the DNS failed */
	bool failed;
	bool several;
};

struct mxa_lint_dmarc {
	struct mxa_str record_domain; /* whose policy holds; empty: none */
	struct mxa_str org;
	struct mxa_str record;
	bool inherited;
	bool known;			      /* there is a policy: */
	enum mxa_dmarc_policy policy, sp, np; /* policy: for this domain */
	bool testing;
	struct mxa_lint_step *walk;
	size_t n_walk;
	struct mxa_lint_uri *uris;
};

struct mxa_lint_mx {
	struct mxa_str *host;
	size_t n;
	bool null;     /* RFC 7505: takes no mail */
	bool implicit; /* no MX: mail goes to its address (RFC 5321 section
			  5.1) */
};

/* What Gmail, Yahoo and Microsoft ask of bulk senders, as far as records and
 * the addresses of the options tell. */
enum mxa_lint_holds { MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS, MXA_LINT_HOLDS_NOT };

struct mxa_lint_bulk {
	enum mxa_lint_holds spf;   /* a record that can be evaluated */
	enum mxa_lint_holds dkim;  /* a usable key */
	enum mxa_lint_holds dmarc; /* a policy, be it none */
	/* mail of the domain's envelope senders passes SPF: it is aligned */
	enum mxa_lint_holds alignment;
	enum mxa_lint_holds ptr; /* every address has a confirmed name */
};

struct mxa_lint {
	struct mxa_str domain;
	struct mxa_lint_bulk bulk;
	struct mxa_finding *first, **last;
	size_t n, dropped;
	unsigned errors, warnings, infos;
	bool unchecked; /* the domain's own records could not be had */
	struct mxa_lint_spf spf;
	struct mxa_lint_key *keys;
	struct mxa_lint_dmarc dmarc;
	struct mxa_lint_mx mx;
	unsigned questions; /* to the DNS */
};

/* --- the lint --- */

/* The examiners, as bits of a set. */
enum mxa_lint_method {
	MXA_LINT_BY_MX = 1 << 0,
	MXA_LINT_BY_SPF = 1 << 1,
	MXA_LINT_BY_DKIM = 1 << 2,
	MXA_LINT_BY_DMARC = 1 << 3,
	MXA_LINT_BY_SENDER = 1 << 4,
	MXA_LINT_BY_TLS = 1 << 5,
	MXA_LINT_BY_BIMI = 1 << 6,
};

/* What is known of mail of the domain that was refused.  The domain sends
 * mail, an SPF record is proposed in any case, and only the named selectors
 * are looked at. */
struct mxa_lint_mail {
	struct mxa_str relay;	/* host of the senders; empty: not known */
	struct mxa_str include; /* of a provider that sent it; empty: none */
	bool guessed;		/* the senders are inferred */
	bool helo;		/* the domain is a host's name, used in HELO */
};

/* Selectors looked at beside the well-known ones. */
#define MXA_LINT_MAX_SELECTORS 24

struct mxa_lint_options {
	const struct mxa_str *selector; /* named: they must be there */
	size_t n_selectors;
	const struct mxa_str *seen; /* seen in the journal */
	size_t n_seen;
	const struct mxa_ip *ip; /* senders that must pass */
	size_t n_ips;
	uint32_t deadline_ms;		  /* for each method */
	unsigned methods;		  /* which examiners; 0: all */
	const struct mxa_lint_mail *mail; /* NULL: none was refused */
	const struct mxa_auth_options *auth;
};

#endif
