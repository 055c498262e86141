/* progress.h - one line on the terminal that tells how far long work is.
 *
 * Nothing is written where standard error is no terminal, or before a second
 * has passed. */
#ifndef MXA_CLI_PROGRESS_H
#define MXA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	bool shown;
	uint64_t next_ms; /* when the line is written again */
};

void progress_begin(struct progress *p);

/* 'done' of 'total' (0: not known) units; 'what' says which, translated:
 * "lines". */
void progress_update(
    struct progress *p, uint64_t done, uint64_t total, const char *what);

/* The line is taken away. */
void progress_end(struct progress *p);

#endif
