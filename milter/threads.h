/* threads.h - the threads of this process, libmilter's among them: how large
 * their stacks are, and what happens when the system refuses one. */
#ifndef MXA_MILTER_THREADS_H
#define MXA_MILTER_THREADS_H

#include <stdbool.h>

#include "base/attr.h"

/* The stacks of threads that are started from now on: 512 KiB instead of the
 * 8 MiB of most systems.  Measured with the native engines: the conversations
 * of t/unit/milter/check_milter.c and check_waiting.c need less than 48 KiB. */
#if MXA_TSAN
#define THREADS_STACK (8 * 1024 * 1024) /* its own data lie there as well */
#else
#define THREADS_STACK (512 * 1024)
#endif

void threads_set_stack(void);

/* Before the first thread: malloc keeps four pools of memory for each core, not
 * eight.  libmilter's threads come and go, and each pool fills slowly: over
 * 45,000 messages the process grew by 0.2 MiB with four, by 0.6 with eight, and
 * the CPU a message is the same.  MALLOC_ARENA_MAX goes before. */
void threads_set_arenas(void);

/* 'told' is called, from any thread, when the system refuses a thread to anyone
 * in this process.  libmilter only logs that, and its messages wait. */
void threads_watch(void (*told)(void));

/* The reason of the first refusal (errno); 0: there was none. */
int threads_refused(void);

#endif
