/* feedback.h - the mail of a failure report: multipart/report with the type
 * feedback-report (RFC 5965, RFC 6591, RFC 9991). */
#ifndef MXA_REPORT_SENT_FEEDBACK_H
#define MXA_REPORT_SENT_FEEDBACK_H

#include "base/buf.h"
#include "history/failure_spool.h"
#include "report/sent/model.h"

struct mxa_feedback {
	const struct mxa_reporter *who;
	const struct mxa_conf *conf;
	struct mxa_str id;
	int64_t made;	   /* its Date */
	struct mxa_str to; /* address, in dot-atom form */
	const struct mxa_spool_entry *entry;
};

/* The whole message with CRLF line ends, ASCII only. */
void mxa_feedback_write(
    struct mxa_buf *b, struct mxa_arena *a, const struct mxa_feedback *f);

#endif
