/* write.h - an aggregate report as XML (RFC 9990 appendix A), written row by
 * row: its size costs no memory here. */
#ifndef MXA_REPORT_SENT_WRITE_H
#define MXA_REPORT_SENT_WRITE_H

#include "auth/dmarc_record.h"
#include "base/buf.h"
#include "report/sent/model.h"

struct mxa_report_writer;

/* XML goes into 'out', compressed by gzip when 'gzip'.  'record' is the policy
 * as applied. */
struct mxa_report_writer *mxa_report_writer_new(struct mxa_buf *out, bool gzip,
    const struct mxa_reporter *who, const struct mxa_sent_report *r,
    const struct mxa_dmarc_record *record);

void mxa_report_writer_row(struct mxa_report_writer *w,
    const struct mxa_report_line *l, int64_t count);

/* Ends the document and frees the writer.  False: it could not be written, or
 * 'out' is full. */
bool mxa_report_writer_end(struct mxa_report_writer *w);

#endif
