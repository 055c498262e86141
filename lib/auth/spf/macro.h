/* macro.h - SPF macros (RFC 7208 section 7): syntax and expansion.  Pure: the
 * value of %{p}, which needs the DNS, comes from the caller. */
#ifndef MXA_AUTH_SPF_MACRO_H
#define MXA_AUTH_SPF_MACRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"

struct mxa_arena;

/* One "%…" of a macro string, taken apart. */
struct mxa_spf_macro {
	size_t len;	 /* bytes it takes */
	char letter;	 /* lower-case; or '%', '_', '-' of an escape */
	bool url;	 /* upper-case letter: the value is URL-escaped */
	bool reverse;	 /* "r" */
	unsigned keep;	 /* rightmost parts kept; 0: all */
	unsigned delims; /* set of delimiters, bits of "." "-" "+" … */
};

/* What a macro string needs, as a set. */
enum mxa_spf_uses {
	MXA_SPF_USES_MACRO = 1,	 /* any letter: it expands per message */
	MXA_SPF_USES_PTR = 2,	 /* %{p} */
	MXA_SPF_USES_LOCAL = 4,	 /* %{l}, %{s}: the local part */
	MXA_SPF_USES_SENDER = 8, /* %{l}, %{s}, %{o} */
};

struct mxa_spf_mistake {
	size_t at;	  /* offset of the first byte that cannot be right */
	const char *what; /* a phrase, static */
};

/* The macro at text[at], which is '%'.  'exp': in an explanation, where %{c},
 * %{r} and %{t} exist as well.  False: 'bad' tells. */
bool mxa_spf_macro_parse(struct mxa_str text, size_t at, bool exp,
    struct mxa_spf_macro *out, struct mxa_spf_mistake *bad);

/* Whether 'text' is a macro-string ('exp': an explain-string, with spaces).
 * 'uses' receives a set of mxa_spf_uses. */
bool mxa_spf_macro_check(
    struct mxa_str text, bool exp, unsigned *uses, struct mxa_spf_mistake *bad);

/* Values of the letters. */
struct mxa_spf_values {
	struct mxa_ip ip;	 /* i c v */
	struct mxa_str local;	 /* l */
	struct mxa_str sender;	 /* s */
	struct mxa_str origin;	 /* o: domain of the sender */
	struct mxa_str domain;	 /* d: domain whose record is evaluated */
	struct mxa_str helo;	 /* h */
	struct mxa_str receiver; /* r */
	struct mxa_str ptr;	 /* p: validated name, or "unknown" */
	int64_t now;		 /* t */
};

/* Target name of a domain-spec that passed mxa_spf_macro_check: expanded,
 * without trailing dot, cut from the left to at most MXA_MAX_DOMAIN octets
 * (RFC 7208 section 7.3).  May be empty and may hold any octet.  In 'a', or a
 * part of 'spec' when there is nothing to expand. */
struct mxa_str mxa_spf_expand_domain(
    struct mxa_arena *a, struct mxa_str spec, const struct mxa_spf_values *v);

/* Explanation text expanded, bytes outside printable ASCII as '?', cut at
 * 'max'.  False: 'text' is no explain-string. */
bool mxa_spf_expand_text(struct mxa_arena *a, struct mxa_str text,
    const struct mxa_spf_values *v, size_t max, struct mxa_str *out);

#endif
