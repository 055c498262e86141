/* process.h - programs under test: started, measured, ended by their ids. */
#ifndef MXA_T_BENCH_PROCESS_H
#define MXA_T_BENCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Standard output and error go to 'log'. */
pid_t bench_spawn(const char *const *argv, const char *log);

/* SIGTERM, after fifteen seconds SIGKILL. */
void bench_end(pid_t pid);

/* Until something accepts at 'socket' (milterclient.h); false: ten seconds
 * passed, or the program has ended. */
bool bench_wait_socket(pid_t pid, const char *socket);

/* Seconds of CPU, user and system, of all threads of the process and of its
 * children that live. */
double bench_cpu(pid_t pid);

/* Resident KiB of both; 0 where there is no /proc. */
long bench_rss(pid_t pid);

/* The same, pages of libraries divided by the number of their users. */
long bench_pss(pid_t pid);

/* Seconds on a clock that never jumps. */
double bench_now(void);

void bench_sleep(double seconds);

#endif
