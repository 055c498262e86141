/* mail.h - the mail that carries a report (RFC 9990 section 3.5). */
#ifndef MXA_REPORT_SENT_MAIL_H
#define MXA_REPORT_SENT_MAIL_H

#include "base/buf.h"
#include "report/sent/model.h"

/* Standard base64 in lines of 76 characters with CRLF. */
void mxa_base64_lines(struct mxa_buf *b, struct mxa_str bytes);

struct mxa_report_mail {
	const struct mxa_reporter *who;
	struct mxa_str id, domain, filename;
	int64_t begin, end;
	int64_t made;	     /* its Date */
	struct mxa_str to;   /* address, in dot-atom form */
	struct mxa_str body; /* gzip */
};

/* The whole message with CRLF line ends; the same for the same report. */
void mxa_report_mail_write(struct mxa_buf *b, const struct mxa_report_mail *m);

/* The fields From, To and Date of a report mail; Message-ID, Auto-Submitted and
 * MIME-Version of it. */
void mxa_mail_begin(struct mxa_buf *b, const struct mxa_reporter *who,
    struct mxa_str to, int64_t date);
void mxa_mail_ids(
    struct mxa_buf *b, const struct mxa_reporter *who, struct mxa_str id);

/* The date of RFC 5322, UTC; not before 1970. */
void mxa_mail_date(struct mxa_buf *b, int64_t t);

#endif
