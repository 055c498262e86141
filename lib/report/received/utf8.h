/* utf8.h - from a stranger's file to clean UTF-8: bytes before the first '<'
 * are dropped, a document whose markup was escaped as HTML is unescaped, UTF-16
 * and declared charsets are converted, bytes that are not UTF-8 and control
 * characters are replaced. */
#ifndef MXA_REPORT_RECEIVED_UTF8_H
#define MXA_REPORT_RECEIVED_UTF8_H

#include <stddef.h>

struct mxa_arena;
struct mxa_report_clean;

/* Bytes of the document: the number put into 'p' (at most 'len'), 0 at the
 * end, -1 on an error. */
typedef long mxa_report_source(void *ctx, char *p, size_t len);

/* In the arena. */
struct mxa_report_clean *mxa_report_clean_new(
    struct mxa_arena *a, mxa_report_source *source, void *ctx);

void mxa_report_clean_done(struct mxa_report_clean *c);

/* Like a mxa_report_source. */
long mxa_report_clean_read(struct mxa_report_clean *c, char *p, size_t len);

#endif
