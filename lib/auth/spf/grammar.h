/* grammar.h - the text of an SPF record (RFC 7208 sections 4.5, 4.6 and 12):
 * strictly checked as a whole, with the position of the first mistake, and
 * taken apart into terms.  Pure. */
#ifndef MXA_AUTH_SPF_GRAMMAR_H
#define MXA_AUTH_SPF_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/spf/macro.h"
#include "base/str.h"

enum mxa_spf_kind {
	MXA_TERM_ALL,
	MXA_TERM_INCLUDE,
	MXA_TERM_A,
	MXA_TERM_MX,
	MXA_TERM_PTR,
	MXA_TERM_IP4,
	MXA_TERM_IP6,
	MXA_TERM_EXISTS,
	MXA_TERM_REDIRECT,
	MXA_TERM_EXP,
	MXA_TERM_UNKNOWN, /* a modifier that is not ours: ignored */
};

/* Whether evaluating it costs one of the ten (RFC 7208 section 4.6.4). */
bool mxa_spf_kind_asks(enum mxa_spf_kind k);

/* Small, since a sender chooses how many there are. */
struct mxa_spf_term {
	uint16_t at, len;      /* in record.text: the term as published */
	uint16_t arg, arg_len; /* domain-spec, address or macro-string without
				  CIDR length; arg_len 0: none */
	uint8_t kind;	       /* enum mxa_spf_kind */
	char qualifier;	       /* + - ~ ?; '+' when none is written; '\0' for a
				  modifier */
	uint8_t bits4, bits6;  /* CIDR lengths; 32 and 128 when none written */
	uint8_t uses;	       /* set of enum mxa_spf_uses */
	uint8_t net[16];       /* ip4 (first 4), ip6 */
};

struct mxa_spf_record {
	struct mxa_str text; /* the caller's */
	bool ok;
	struct mxa_spf_mistake mistake; /* when not ok */
	struct mxa_str bad_term;	/* the term that holds it */
	struct mxa_spf_term *term;	/* in order, modifiers among them */
	size_t n;
	bool all;      /* has "all": redirect does not count */
	bool cut;      /* terms that no evaluation reaches were left out */
	long redirect; /* index in 'term', or -1 */
	long exp;
};

/* Whether a TXT record claims to be SPF: "v=spf1", then a space or the end. */
bool mxa_spf_is_record(struct mxa_str text);

/* Take 'text', for which mxa_spf_is_record holds, apart.  Always fills 'r':
 * the whole text is checked.  'whole': keep every term, also those before a
 * mistake.  Else there are none with a mistake, and those that no evaluation
 * can reach (behind "all", behind the eleventh term that asks) are checked but
 * not kept, nor are unknown modifiers, so that the size stays a small multiple
 * of the text's.  'r->text' points to 'text', which must outlive it. */
void mxa_spf_parse(struct mxa_spf_record *r, struct mxa_str text, bool whole);

/* Frees the terms, not 'r' nor its text. */
void mxa_spf_record_done(struct mxa_spf_record *r);

struct mxa_str mxa_spf_term_text(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t);
struct mxa_str mxa_spf_term_arg(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t);

#endif
