/* explain_many.h - mxauth explain over many messages: boxes, directories and
 * mail logs, as a summary. */
#ifndef MXA_CLI_EXPLAIN_MANY_H
#define MXA_CLI_EXPLAIN_MANY_H

#include <stdbool.h>
#include <stdint.h>

#include "bounce/intake.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "explain/summary.h"

struct many_options {
	const struct cli *cli;
	struct mxa_conf *conf;
	struct mxa_dns *dns;
	struct mxa_str relay; /* canonical; empty: none was named */
	enum mxa_summary_by by;
	int64_t since, until; /* 0: no limit */
	const char *list;     /* a class, whose recipients are printed; NULL */
	struct mxa_intake *standard_input; /* once it was looked at; owned */
};

/* What explain does with one message, for --each. */
typedef int many_each_fn(void *ctx, struct mxa_str name, struct mxa_str bytes);

/* Whether the path ("-": standard input, which stays open in 'o') holds many
 * messages: a directory, an mbox, a mail log. */
bool cli_is_many(struct many_options *o, const char *path);

/* Summarise what the paths hold; returns the exit status. */
int cli_explain_many(
    struct many_options *o, char **paths, int n, struct out *out);

/* Hand each message of the path, or each refused delivery of a log as its
 * delivery-status text, to 'fn'; returns the best of its answers. */
int cli_explain_each(
    struct many_options *o, const char *path, many_each_fn *fn, void *ctx);

#endif
