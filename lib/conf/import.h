/* import.h - the configuration of opendkim, opendmarc and policyd-spf, turned
 * into ours, with a comment for each line that it comes from and a remark for
 * each line that has no counterpart. */
#ifndef MXA_CONF_IMPORT_H
#define MXA_CONF_IMPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct mxa_arena;
struct mxa_import;

/* Reads a list that a line names (IgnoreHosts /etc/opendmarc/ignore.hosts) into
 * '*out', which lives as long as the import.  False: it cannot be read. */
typedef bool mxa_import_reader(
    void *ctx, const char *path, struct mxa_str *out);

/* Everything lives in 'a'. */
struct mxa_import *mxa_import_new(
    struct mxa_arena *a, mxa_import_reader *read, void *ctx);

/* Takes what 'text', the file 'name', says.  Of an option that several files
 * set, the first value counts; lists are joined.  False: no line of it is of
 * one of the three programs. */
bool mxa_import_add(
    struct mxa_import *im, const char *name, struct mxa_str text);

/* The result, a configuration without mistakes. */
void mxa_import_write(const struct mxa_import *im, struct mxa_buf *out);

#endif
