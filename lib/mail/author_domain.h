/* author_domain.h - the domains that a person reads in the text after an '@'.
 *
 * A mail reader shows a damaged domain as if it was whole: it leaves out what
 * it cannot show, and shows full-width forms as what they look like.  So one
 * damaged text may name several domains, and each of them must be checked
 * (RFC 9989 section 11.5). */
#ifndef MXA_MAIL_AUTHOR_DOMAIN_H
#define MXA_MAIL_AUTHOR_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

/* Readings of one text.  More of them than author domains are evaluated. */
#define MXA_MAX_READINGS 8

struct mxa_readings {
	/* distinct, canonical, no IP addresses; likeliest first */
	struct mxa_str domain[MXA_MAX_READINGS];
	size_t n;
	bool more;    /* there are, or may be, others */
	bool damaged; /* something was dropped or mapped; case and the
			 normalisation of an ordinary U-label aside */
};

/* Read 'text', the bytes as they are in the message.  A domain that is in order
 * has one reading.  In a damaged one every run of valid labels counts: the
 * longest prefix, what stands right of an invalid label (at least two labels),
 * and the whole with everything invalid left out. */
void mxa_readings_find(
    struct mxa_arena *a, struct mxa_str text, struct mxa_readings *out);

/* 'text' for people, at most MXA_MAX_SHOWN_DOMAIN bytes of ASCII letters,
 * digits, dots, hyphens and underscores; everything else is <U+00A0>, and
 * <0xFF> where it is not UTF-8.  A text that is cut ends in "...". */
struct mxa_str mxa_readings_show(struct mxa_arena *a, struct mxa_str text);

#endif
