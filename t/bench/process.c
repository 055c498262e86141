/* process.c - programs under test. */
#include "t/bench/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "t/support/milterclient.h"

#define START_S 20
#define END_S 15

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void bench_sleep(double s)
{
	struct timespec t = { (time_t)s,
		(long)((s - (double)(time_t)s) * 1e9) };

	nanosleep(&t, NULL);
}

pid_t bench_spawn(const char *const *argv, const char *log)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* not longer than the bench */
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execv(argv[0], (char *const *)(unsigned long)argv);
	_exit(127);
}

void bench_end(pid_t pid)
{
	double end = bench_now() + END_S;

	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (bench_now() > end) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return;
		}
		bench_sleep(0.02);
	}
}

bool bench_wait_socket(pid_t pid, const char *socket)
{
	double end = bench_now() + START_S;

	while (bench_now() < end && waitpid(pid, NULL, WNOHANG) == 0) {
		struct mtc *m = mtc_open(socket);

		if (m != NULL) {
			mtc_close(m);
			return true;
		}
		bench_sleep(0.05);
	}
	return false;
}

/* The parent of a process; 0: it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512] = "";
	const char *behind;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	behind = strrchr(line, ')');
	if (behind == NULL || sscanf(behind + 1, " %*c %d", &parent) != 1)
		return 0;
	return (pid_t)parent;
}

/* The sum of 'of' over the process and its children. */
static double sum(pid_t pid, double (*of)(pid_t))
{
	double total = of(pid);
	DIR *proc = opendir("/proc");
	struct dirent *e;

	if (proc == NULL)
		return total;
	while ((e = readdir(proc)) != NULL) {
		pid_t child = (pid_t)strtol(e->d_name, NULL, 10);

		if (child > 0 && parent_of(child) == pid)
			total += of(child);
	}
	closedir(proc);
	return total;
}

/* Its CPU clock: what /proc/PID/stat counts in ticks of 10 ms, in ns. */
static double cpu_of(pid_t pid)
{
	struct timespec t;
	clockid_t id;

	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The KiB in the line of a file of /proc that begins with 'key'. */
static double kib_of(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0) {
			kib = strtol(line + strlen(key), NULL, 10);
			break;
		}
	if (f != NULL)
		fclose(f);
	return (double)kib;
}

static double rss_of(pid_t pid)
{
	return kib_of(pid, "status", "VmRSS:");
}

static double pss_of(pid_t pid)
{
	return kib_of(pid, "smaps_rollup", "Pss:");
}

double bench_cpu(pid_t pid)
{
	return sum(pid, cpu_of);
}

long bench_pss(pid_t pid)
{
	return (long)sum(pid, pss_of);
}

long bench_rss(pid_t pid)
{
	return (long)sum(pid, rss_of);
}
