/* mailbox.h - many messages: an mbox, a Maildir, a directory of files.  Each is
 * handed over whole, one after another, and forgotten. */
#ifndef MXA_BOUNCE_MAILBOX_H
#define MXA_BOUNCE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "bounce/intake.h"

/* Bytes of one message that are kept; the rest of it is dropped. */
#define MXA_MAILBOX_MAX_MESSAGE ((size_t)64 << 20)

/* 'name' as a person would say where the message is: a file, or "box:12" for
 * the twelfth message of an mbox.  'bytes' are valid during the call.  False:
 * no more, please. */
typedef bool mxa_mailbox_fn(
    void *ctx, struct mxa_str name, struct mxa_str bytes);

/* Whether the input begins as an mbox does: "From ", an address or a dash, and
 * a date. */
bool mxa_mailbox_is_mbox(struct mxa_str start);

/* Every message of an mbox.  A message begins at a line "From … date" that is
 * the first or follows an empty line (RFC 4155); ">From " loses its ">".
 * Returns the number of messages. */
size_t mxa_mailbox_mbox(
    struct mxa_intake *in, struct mxa_str name, mxa_mailbox_fn *fn, void *ctx);

/* What a path is. */
enum mxa_mailbox_kind {
	MXA_MAILBOX_FILE,
	MXA_MAILBOX_MAILDIR,   /* has cur and new */
	MXA_MAILBOX_DIRECTORY, /* another one */
};

enum mxa_mailbox_kind mxa_mailbox_kind(const char *path);

/* Every regular file of a Maildir (cur and new), or of a directory, in the
 * order of their names; hidden files, sub-directories and links to other places
 * are left out.  'fn' gets its path.  False with errno: it cannot be read. */
bool mxa_mailbox_walk(const char *path, enum mxa_mailbox_kind kind,
    void (*fn)(void *ctx, const char *path), void *ctx);

#endif
