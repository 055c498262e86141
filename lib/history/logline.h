/* logline.h - the one log line of a message (mxauthd(8)). */
#ifndef MXA_HISTORY_LOGLINE_H
#define MXA_HISTORY_LOGLINE_H

#include "policy/txn.h"

struct mxa_buf;

/* Without newline, untrusted text quoted; its keys are those of history/
 * fields.h.  'b' should hold MXA_MAX_LOG_LINE.  'questions' and 'sent': struct
 * mxa_dns_counts of the message. */
void mxa_log_line(struct mxa_buf *b, const struct mxa_txn *t,
    unsigned questions, unsigned sent);

#endif
