/* mime_cut.h - where a mail reaches our limits: number of parts, header fields,
 * length of a field.  MIME parsers keep an object for each of these, so that a
 * mail of a few megabytes could cost gigabytes. */
#ifndef MXA_MAIL_MIME_CUT_H
#define MXA_MAIL_MIME_CUT_H

#include "base/str.h"

#define MXA_MIME_MAX_PARTS 6000
#define MXA_MIME_MAX_DEPTH 64
#define MXA_MIME_MAX_FIELDS 50000 /* in all header sections */
#define MXA_MIME_MAX_FIELD ((size_t)256 * 1024)

/* Cut '*mail' at the first limit; which it is (static), or NULL: none. */
const char *mxa_mime_cut(struct mxa_str *mail);

#endif
