/* taglist.h - tag=value lists (RFC 6376 section 3.2): DKIM signatures and keys,
 * DMARC records, ARC fields.  Folding white space is allowed around tags and
 * values and stays inside a value. */
#ifndef MXA_MAIL_TAGLIST_H
#define MXA_MAIL_TAGLIST_H

#include <stddef.h>

#include "base/limits.h"
#include "base/rc.h"
#include "base/str.h"

struct mxa_tag {
	struct mxa_str name;
	struct mxa_str value; /* trimmed; slice of the text */
	size_t at;	      /* offset of the name in the text */
};

struct mxa_taglist {
	struct mxa_tag v[MXA_MAX_TAGS];
	size_t n;
	size_t error_at;   /* offset of the first mistake */
	const char *error; /* what it is; NULL: none */
};

/* Split 'text'.  One trailing ';' is fine, an empty element elsewhere is not.
 * On a mistake 'error' and 'error_at' are set, MXA_ESYNTAX comes back and 'v'
 * holds the tags before and behind it that could be read (the first of equal
 * names; names are case-sensitive).  Controls other than folding white space
 * are mistakes, 8-bit bytes in a value are not (RFC 8616): the tag's owner
 * looks at those.  MXA_ELIMIT: more than MXA_MAX_TAGS. */
enum mxa_rc mxa_taglist_parse(struct mxa_str text, struct mxa_taglist *out);

/* The tag of that name, or NULL. */
const struct mxa_tag *mxa_taglist_find(
    const struct mxa_taglist *t, const char *name);

/* The value of the first tag of that name in 'text', whatever stands around it;
 * absent: none.  For who wants to know early what is parsed later. */
struct mxa_str mxa_taglist_value(struct mxa_str text, const char *name);

#endif
