/* read.h - from files to reports: XML, gzip, zip, a mail that carries one, an
 * mbox or a folder of them, told apart by their bytes, never by their name. */
#ifndef MXA_REPORT_RECEIVED_READ_H
#define MXA_REPORT_RECEIVED_READ_H

#include "report/received/model.h"

/* Limits against archives that unpack to more than anybody wants to read. */
#define MXA_REPORT_MAX_UNPACKED ((size_t)256 << 20)
#define MXA_REPORT_MAX_RATIO 400 /* unpacked to packed, above 16 MiB */
#define MXA_REPORT_MAX_MEMBERS 1000
#define MXA_REPORT_MAX_MAIL ((size_t)64 << 20)

/* Read the file or folder ("-": standard input) and add every report in it;
 * what cannot be read becomes an error of the collection.  False: no report was
 * found. */
bool mxa_report_read_file(struct mxa_reports *r, const char *path);

/* The same for bytes in memory; 'name' stands for them in messages. */
bool mxa_report_read_bytes(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes);

#endif
