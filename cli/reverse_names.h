/* reverse_names.h - confirmed reverse names of the sources in reports, for who
 * asks for them: --names. */
#ifndef MXA_CLI_REVERSE_NAMES_H
#define MXA_CLI_REVERSE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/progress.h"
#include "report/received/judge.h"

struct cli;
struct mxa_arena;
struct mxa_conf;
struct mxa_dns;

struct reverse_names {
	struct mxa_arena *a; /* of the names */
	struct mxa_conf *conf;
	struct mxa_dns *dns;
	uint64_t end_ms; /* when it is asked no longer */
	uint64_t asked;
	struct progress progress;
};

/* False: the configuration or the source of answers has mistakes, which have
 * been printed; nothing is to be ended then. */
bool reverse_names_begin(struct reverse_names *r, const struct cli *c);
void reverse_names_end(struct reverse_names *r);

/* For mxa_judge(): asks, with a line of progress.  From now on the names are
 * looked up. */
void reverse_names_use(struct reverse_names *r, struct mxa_judge_options *o);

#endif
