/* engine.c - libmilter's main loop in a thread of its own. */
#include "milter/engine.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "milter/signals.h"

/* A packet holds one header field, which may be longer than libmilter's 64 KiB
 * where an MTA lets it: a field too long is cut with a note, not a connection
 * that breaks. */
#define MAX_PACKET (MXA_MAX_FIELD * 2 + 1024)

#define KNOCK_MS 20

static pthread_t thread;
static bool started;

static bool open_plain(const char *conn)
{
	char text[sizeof(((struct listener *)0)->plain)];

	snprintf(text, sizeof(text), "%s", conn);
	return smfi_setconn(text) == MI_SUCCESS &&
	    smfi_opensocket(0) == MI_SUCCESS;
}

bool engine_open(struct listener *l)
{
	(void)smfi_setmaxdatasize(MAX_PACKET);
	if (open_plain(l->conn))
		return true;
	listen_give_up(l);
	return open_plain(l->plain);
}

static void *main_loop(void *arg)
{
	(void)arg;
	(void)smfi_main();
	signals_poke();
	return NULL;
}

bool engine_start(void)
{
	int err = pthread_create(&thread, NULL, main_loop, NULL);

	errno = err;
	started = err == 0;
	return started;
}

/* smfi_stop waits for a lock that libmilter's listener holds while it looks for
 * connections, five seconds at a time: a connection of ours ends that, so one
 * thread asks and this one knocks. */
static void *asks(void *arg)
{
	(void)arg;
	(void)smfi_stop();
	return NULL;
}

static struct timespec soon(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += KNOCK_MS * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool engine_stop(const struct listener *l, unsigned ms)
{
	pthread_t stopper;

	if (!started)
		return true;
	if (pthread_create(&stopper, NULL, asks, NULL) != 0)
		return false;
	for (unsigned waited = 0; started && waited < ms; waited += KNOCK_MS) {
		struct timespec t = soon();

		(void)listen_wake(l);
		if (pthread_timedjoin_np(thread, NULL, &t) == 0)
			started = false;
	}
	if (started)
		pthread_detach(stopper);
	else
		pthread_join(stopper, NULL);
	return !started;
}

const char *engine_version(void)
{
	static char text[32];
	unsigned major = 0, minor = 0, patch = 0;

	(void)smfi_version(&major, &minor, &patch);
	snprintf(text, sizeof(text), "%u.%u.%u", major, minor, patch);
	return text;
}
