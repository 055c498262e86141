/* reply.h - an SMTP reply as bounces quote it: several lines folded into one
 * field, wrapped anew, with codes repeated in the middle. */
#ifndef MXA_BOUNCE_REPLY_H
#define MXA_BOUNCE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

/* What the sender had said when the answer came. */
enum mxa_stage {
	MXA_STAGE_UNKNOWN,
	MXA_STAGE_CONNECT,
	MXA_STAGE_HELO,
	MXA_STAGE_MAIL,
	MXA_STAGE_RCPT,
	MXA_STAGE_DATA, /* the message or its end */
};

/* "connect", "helo", "mail", "rcpt", "data"; "" when unknown.  Static. */
const char *mxa_stage_name(enum mxa_stage s);

#define MXA_MAX_SAID 8192 /* bytes of a reply that are read */

struct mxa_said {
	char code[4];		 /* "550"; empty: none */
	struct mxa_str enhanced; /* "5.7.26"; empty: none */
	struct mxa_str text;	 /* words on one line, without codes and ids */
	enum mxa_stage stage;
	bool gsmtp; /* Google's mark stood at its end */
	bool rule;  /* a rule of the recipient's administrator (Workspace) */
};

/* Length of an enhanced status code (RFC 3463) at the start of 's'; 0: none. */
size_t mxa_enhanced_len(struct mxa_str s);

/* Says nothing in particular: "5.0.0", or no code at all. */
bool mxa_enhanced_is_generic(struct mxa_str code);

/* Offset of what looks like the start of a refusal (4xx or 5xx) in 's'; s.len:
 * none.  One that has an enhanced code of its class goes before others. */
size_t mxa_said_find(struct mxa_str s);

/* Read a reply from 'raw', which may have words before it; text in 'a'.  Always
 * fills 'out'.  The lines of one reply may be folded into one or each have its
 * code. */
void mxa_said_read(
    struct mxa_arena *a, struct mxa_str raw, struct mxa_said *out);

/* The stage that words around a reply tell of ("in reply to end of DATA
 * command", "after RCPT TO"). */
enum mxa_stage mxa_stage_in(struct mxa_str words);

#endif
