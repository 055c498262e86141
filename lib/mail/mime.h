/* mime.h - the parts of a mail, decoded; MIME by GMime.
 *
 * For the tools (bounces, reports), not for the daemon: it never looks into a
 * body. */
#ifndef MXA_MAIL_MIME_H
#define MXA_MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "mail/mime_cut.h"

struct mxa_arena;

struct mxa_mime_part {
	struct mxa_str type;	 /* "text/plain", lower case */
	struct mxa_str charset;	 /* as declared, lower case; empty: none */
	struct mxa_str filename; /* decoded to UTF-8; empty: none */
	struct mxa_str body;	 /* transfer encoding undone; text in UTF-8
				    where its charset could be read */
	unsigned depth;		 /* 0: the mail itself has no parts */
	unsigned message; /* which message/rfc822 it is in; 0: outermost */
};

/* Call 'visit' for each leaf in order, also for message/delivery-status and
 * for the header section of every message inside (type
 * "text/rfc822-headers", body the header section); false from it ends the
 * walk.  Bodies live in 'a'.  Bytes that are no mail are one part of type
 * text/plain.  Returns NULL, or (static) which of the limits above the mail has
 * reached: it is cut there before GMime sees it. */
const char *mxa_mime_walk(struct mxa_arena *a, struct mxa_str mail,
    bool (*visit)(void *ctx, const struct mxa_mime_part *part), void *ctx);

/* The same with the first 'max' bytes of each body: what is behind is not
 * decoded. */
const char *mxa_mime_walk_max(struct mxa_arena *a, struct mxa_str mail,
    size_t max, bool (*visit)(void *ctx, const struct mxa_mime_part *part),
    void *ctx);

#endif
