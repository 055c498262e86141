/* authres.h - Authentication-Results (RFC 8601): read and write.
 *
 * The writer's output is a header value as smfi_insheader wants it: starting
 * after "Authentication-Results:", folds as LF + TAB, no trailing newline. */
#ifndef MXA_MAIL_AUTHRES_H
#define MXA_MAIL_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

struct mxa_arena;

struct mxa_authres_prop {
	struct mxa_str ptype; /* "smtp", "header", "policy", … */
	struct mxa_str name;
	struct mxa_str value;
};

struct mxa_authres_result {
	struct mxa_str method;
	struct mxa_str result;
	struct mxa_str comment; /* text without parentheses, empty: none */
	struct mxa_str reason;
	struct mxa_authres_prop *prop;
	size_t n_prop;
};

struct mxa_authres {
	struct mxa_str id; /* authserv-id, unquoted */
	unsigned version;  /* 1 when absent */
	struct mxa_authres_result *result;
	size_t n;
};

/* Read a field value in whatever folding, comments and quoting; a bad resinfo
 * is skipped, not the field.  Method, result, ptype
 * and name come out in lower case; 'comment' is the first one after the
 * result. A value is decoded, but an address keeps the quotes of its local
 * part. Results of method versions other than 1 are left out.  A field that
 * begins with a result (Microsoft) has an empty 'id'.  MXA_ESYNTAX: no
 * authserv-id can be read.  At most MXA_MAX_TAGS results and as many properties
 * in each. */
enum mxa_rc mxa_authres_parse(
    struct mxa_arena *a, struct mxa_str value, struct mxa_authres *out);

/* Write it: comments dropped unless 'comments'; values quoted, escaped, cleaned
 * of controls as the grammar demands; one line per result, lines kept below 78
 * where they can be broken between properties, and below 998 always: reason and
 * comment are cut at MXA_MAX_AUTHRES_VALUE, a property with a longer value is
 * left out.  8-bit text stays when it is UTF-8: give A-labels for mail without
 * SMTPUTF8.  With no result: "id; none". */
void mxa_authres_format(
    struct mxa_buf *b, const struct mxa_authres *ar, bool comments);

/* Whether an incoming Authentication-Results value must be deleted because it
 * claims one of 'ids' (RFC 8601 section 5), or,
 * when 'untrusted', because its version is not supported. */
bool mxa_authres_is_forged(struct mxa_arena *a, struct mxa_str value,
    const struct mxa_str *ids, size_t n_ids, bool untrusted);

/* The same for an incoming Received-SPF: whether it names one of 'ids' as the
 * receiver, in receiver= or before the ':' of a comment (RFC 7208 section
 * 9.1). */
bool mxa_received_spf_is_forged(struct mxa_arena *a, struct mxa_str value,
    const struct mxa_str *ids, size_t n_ids);

#endif
