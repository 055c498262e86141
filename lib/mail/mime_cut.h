/* mime_cut.h - where a mail reaches the limits of mail/mime.h: number of parts,
 * depth, header fields, length of a field.  MIME parsers keep an object for
 * each of these, so that a mail of a few megabytes could cost gigabytes. */
#ifndef MXA_MAIL_MIME_CUT_H
#define MXA_MAIL_MIME_CUT_H

#include "base/str.h"

/* Cut '*mail' at the first limit; which it is (static), or NULL: none. */
const char *mxa_mime_cut(struct mxa_str *mail);

#endif
