/* redact.h - a header section for others to read, without what is private:
 * failure reports (RFC 9991 section 7).
 *
 * The part of an address before "@" becomes "redacted.HASH", where the hash is
 * that of a secret key and the part (RFC 6590): the same person looks the same
 * in all reports with this key, and nobody can tell who it is. */
#ifndef MXA_HISTORY_REDACT_H
#define MXA_HISTORY_REDACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "mail/headers.h"

struct mxa_arena;
struct mxa_hash;

#define MXA_REDACT_KEY 32
#define MXA_MAX_REDACTED ((size_t)32 * 1024)	  /* of a header section */
#define MXA_MAX_REDACTED_FIELD ((size_t)4 * 1024) /* of one field in it */

struct mxa_redactor {
	struct mxa_arena *a;
	const uint8_t *key; /* of MXA_REDACT_KEY bytes */
	struct mxa_hash *hash;
};

/* 'key' must outlive it. */
void mxa_redactor_init(
    struct mxa_redactor *r, struct mxa_arena *a, const uint8_t *key);
void mxa_redactor_done(struct mxa_redactor *r);

/* "local@domain"; without "@" the whole is hidden, an empty one stays empty.
 * In the arena. */
struct mxa_str mxa_redact_address(
    const struct mxa_redactor *r, struct mxa_str address);

/* The fields, in ASCII with CRLF, no line longer than RFC 5322 allows.
 *
 * Left out: Bcc; display names of recipients; encoded words; all of a URL after
 * its host, "http" being written "hxxp" so that nobody follows it.  Local parts
 * are hidden everywhere but in Message-ID.  Bytes that are not ASCII become
 * "?".  A field that is too long leaves its name only; false: fields at the end
 * did not fit. */
bool mxa_redact_headers(const struct mxa_redactor *r,
    const struct mxa_headers *h, struct mxa_buf *out);

#endif
