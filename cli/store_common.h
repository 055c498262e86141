/* store_common.h - what the commands share that use the store. */
#ifndef MXA_CLI_STORE_COMMON_H
#define MXA_CLI_STORE_COMMON_H

#include <signal.h>
#include <stdint.h>

#include "cli/cmd.h"
#include "history/store.h"

struct cli_store {
	struct cli cli;
	const char *url; /* --store; NULL: that of the configuration */
	int64_t now;	 /* --now; 0: the clock's */
	struct mxa_conf *conf;
	struct mxa_store *store;
};

/* The two options above, beside those of all commands; their 'self' begins with
 * a struct cli_store. */
#define CLI_STORE_OPTIONS(c)                \
	{ "store", .text = &(c)->url },     \
	{                                   \
		"now", .take = cli_take_now \
	}
bool cli_take_now(void *self, const char *value);

/* The configuration, then the store.  False: '*status' is the exit status (78,
 * or 75 when the store cannot be reached) and the reason has been printed. */
bool cli_store_open(struct cli_store *c, int *status);
void cli_store_close(struct cli_store *c);

/* Prints why the store failed and returns 75. */
int cli_store_failed(const struct cli_store *c);

/* The name under which this host's messages are kept.  Static storage. */
const char *cli_store_host(const struct cli_store *c);

/* Becomes not 0 with SIGTERM or SIGINT, from this call on. */
const volatile sig_atomic_t *cli_stop_flag(void);

/* Write store.metrics-file, if it is set; trouble is printed. */
void cli_store_metrics(const struct cli_store *c);

#endif
