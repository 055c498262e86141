/* signals.c - signal handlers that set a flag and wake the main thread. */
#include "milter/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* A byte wakes the main thread; when the pipe is full there are some already.
 */
static int wake_pipe[2] = { -1, -1 };
static atomic_bool got_reload, got_stop, got_poke;

static void wake_loop(void)
{
	int saved = errno;

	if (write(wake_pipe[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

static void on_signal(int sig)
{
	if (sig == SIGTERM || sig == SIGINT)
		atomic_store(&got_stop, true);
	else
		atomic_store(&got_reload, true);
	wake_loop();
}

static void steering_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

bool signals_init(void)
{
	static const int handled[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT };
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_NODEFER | SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
	steering_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaction(handled[i], &sa, NULL);
	return true;
}

void signals_open(void)
{
	sigset_t set;

	steering_signals(&set);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* In place of the C library's, for libmilter's thread: see signals.h. */
int sigwait(const sigset_t *set, int *sig)
{
	(void)set;
	(void)sig;
	for (;;)
		pause(); /* all signals are blocked in that thread */
}

struct signals_seen signals_wait(int ms)
{
	struct pollfd pfd = { .fd = wake_pipe[0], .events = POLLIN };
	struct signals_seen seen;
	char bytes[64];

	/* what is left of them only wakes once more; the flags tell */
	if (poll(&pfd, 1, ms) > 0 &&
	    read(wake_pipe[0], bytes, sizeof(bytes)) < 0)
		bytes[0] = 0;
	seen.reload = atomic_exchange(&got_reload, false);
	seen.stop = atomic_exchange(&got_stop, false);
	seen.poked = atomic_exchange(&got_poke, false);
	return seen;
}

void signals_poke(void)
{
	atomic_store(&got_poke, true);
	wake_loop();
}
