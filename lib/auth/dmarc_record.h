/* dmarc_record.h - a DMARC policy record (RFC 9989 sections 4.5, 4.7, 4.8):
 * text to struct, with the place of every mistake in it. */
#ifndef MXA_AUTH_DMARC_RECORD_H
#define MXA_AUTH_DMARC_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/verdict.h"
#include "base/str.h"

struct mxa_arena;
struct mxa_dns_answer;

#define MXA_MAX_DMARC_URIS 8	  /* kept of rua, and of ruf */
#define MXA_MAX_DMARC_MISTAKES 16 /* kept of a record */

enum mxa_dmarc_psd { MXA_PSD_U, MXA_PSD_Y, MXA_PSD_N };

/* fo=, a set of bits. */
enum mxa_dmarc_fo {
	MXA_FO_ALL = 1, /* 0: all mechanisms failed to align; the default */
	MXA_FO_ANY = 2, /* 1 */
	MXA_FO_DKIM = 4,
	MXA_FO_SPF = 8,
};

enum mxa_dmarc_mistake_kind {
	MXA_DMARC_BAD_POLICY, /* p missing, or p, sp, np with another word: no
				 policy can be applied */
	MXA_DMARC_BAD_SYNTAX, /* not tag=value; passed over */
	MXA_DMARC_BAD_VALUE,  /* the default is used instead */
	MXA_DMARC_BAD_URI,    /* an element of rua or ruf; passed over */
	MXA_DMARC_DUPLICATE,  /* the first one counts */
	MXA_DMARC_HISTORIC,   /* pct, rf, ri, a size limit: without effect */
	MXA_DMARC_UNKNOWN,    /* a tag nobody defined; without effect */
};

struct mxa_dmarc_mistake {
	enum mxa_dmarc_mistake_kind kind;
	size_t at;	    /* offset in the text */
	struct mxa_str tag; /* its name; empty: none could be read */
	const char *what;   /* static phrase: "value is not y or n" */
};

struct mxa_dmarc_uri {
	struct mxa_str uri;	/* without the obsolete size limit */
	struct mxa_str address; /* behind "mailto:", still %-encoded; empty:
				   another scheme, to be ignored */
	size_t at;		/* offset in the text */
};

struct mxa_dmarc_record {
	struct mxa_str text; /* as published; everything below points into it */

	/* RFC 9989 section 4.10.1: a record with an invalid p, sp or np is
	 * p=none when it has a rua (as_none), else without effect (usable
	 * false).  It was found all the same: nobody looks for another. */
	bool usable;
	bool as_none;

	/* p, sp, np with what they inherit from each other */
	enum mxa_dmarc_policy p;
	enum mxa_dmarc_policy sp;
	enum mxa_dmarc_policy np;
	bool has_p, has_sp, has_np; /* published, and valid */

	bool strict_dkim; /* adkim=s */
	bool strict_spf;  /* aspf=s */
	enum mxa_dmarc_psd psd;
	bool testing; /* t=y */
	unsigned fo;  /* of enum mxa_dmarc_fo */
	int pct;      /* historic; -1: absent or no number up to 100 */

	struct mxa_dmarc_uri rua[MXA_MAX_DMARC_URIS];
	size_t n_rua;
	struct mxa_dmarc_uri ruf[MXA_MAX_DMARC_URIS];
	size_t n_ruf;

	/* in order of the text, except a missing p, which comes last */
	struct mxa_dmarc_mistake mistake[MXA_MAX_DMARC_MISTAKES];
	size_t n_mistakes; /* kept */
};

/* Whether a TXT record is a DMARC record at all: begins with "v=DMARC1" and an
 * end or ';' behind it (section 4.10, steps 2 and 6). */
bool mxa_dmarc_record_is(struct mxa_str text);

/* Read a text for which mxa_dmarc_record_is holds.  Never fails; 'out' points
 * into 'text'. */
void mxa_dmarc_record_parse(struct mxa_str text, struct mxa_dmarc_record *out);

/* Copy with all its text in 'a'. */
struct mxa_dmarc_record *mxa_dmarc_record_dup(
    struct mxa_arena *a, const struct mxa_dmarc_record *r);

/* The DMARC records among the TXT records of one name. */
struct mxa_dmarc_found {
	size_t n;			/* more than one: all are discarded */
	struct mxa_dmarc_record record; /* when n == 1 */
};

/* What the answer for _dmarc.NAME TXT, status MXA_DNS_DATA, holds.  Parsed
 * once for the answer and valid as long as it. */
const struct mxa_dmarc_found *mxa_dmarc_found_in(
    const struct mxa_dns_answer *answer);

#endif
