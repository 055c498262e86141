/* reply.h - the text of an SMTP refusal, fit for smfi_setmlreply: ASCII, at
 * most MXA_MAX_REPLY_LINES lines of MXA_MAX_REPLY_LINE bytes with their codes
 * (RFC 5321 section 4.5.3.1.5 allows 512 with CRLF), no CR, LF or NUL.
 * '%' is doubled only by the milter (milter/apply.c), not here. */
#ifndef MXA_MAIL_REPLY_H
#define MXA_MAIL_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/str.h"

struct mxa_arena;

struct mxa_reply {
	char code[4];				  /* "550" */
	char enhanced[12];			  /* "5.7.26" */
	struct mxa_str line[MXA_MAX_REPLY_LINES]; /* without codes */
	size_t n;
};

/* Code and enhanced code agree in class and form (RFC 5321 section 4.2, RFC
 * 3463): "550" with "5.7.26", "451" with "4.7.5". */
bool mxa_reply_codes_ok(struct mxa_str code, struct mxa_str enhanced);

void mxa_reply_init(
    struct mxa_reply *r, const char *code, const char *enhanced);

/* Add sentences: broken at spaces into lines of at most 'width' bytes (72 is
 * usual; 0: as long as a line may be), bytes outside printable ASCII become
 * '?'. 'most' is the number of lines that the reply may have then, those
 * already in it counted: what does not fit is cut with "...". */
void mxa_reply_wrap(struct mxa_reply *r, struct mxa_arena *a,
    struct mxa_str text, size_t width, size_t most);

/* Add one line as it is (cleaned, cut to the room of a line); nothing when the
 * reply is full. */
void mxa_reply_line(
    struct mxa_reply *r, struct mxa_arena *a, struct mxa_str text);

/* A sender's domain, shown only when it is LDH; else "(unprintable domain)". */
struct mxa_str mxa_reply_domain(struct mxa_str domain);

#endif
