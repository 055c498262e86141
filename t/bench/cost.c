/* cost.c FILE COMMAND...: runs the command and adds a line to FILE: CPU
 * seconds (user and system), the largest resident memory in KiB, seconds of the
 * clock.  Ends with the status of the command. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double begin = clock_seconds();
	struct rusage used;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		fputs("usage: cost FILE COMMAND...\n", stderr);
		return 64;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 71;
	f = fopen(argv[1], "ae");
	if (f == NULL)
		return 73;
	fprintf(f, "%.2f %ld %.2f\n",
	    seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
	    used.ru_maxrss, clock_seconds() - begin);
	if (fclose(f) != 0)
		return 73;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
