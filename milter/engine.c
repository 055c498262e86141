/* engine.c - libmilter's main loop in a thread of its own. */
#include "milter/engine.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdio.h>

#include "base/limits.h"
#include "milter/readahead.h"
#include "milter/signals.h"

/* A packet holds one header field, and some MTAs accept fields longer than
 * libmilter's 64 KiB: we cut a field that is too long, with a note, instead of
 * losing the connection. */
#define MAX_PACKET (MXA_MAX_FIELD * 2 + 1024)

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
	if (open_plain(l->conn)) {
		readahead_listen(l->fd);
		return true;
	}
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
	pthread_t thread;
	int err = pthread_create(&thread, NULL, main_loop, NULL);

	errno = err;
	if (err != 0)
		return false;
	pthread_detach(thread);
	return true;
}

const char *engine_version(void)
{
	static char text[32];
	unsigned major = 0, minor = 0, patch = 0;

	(void)smfi_version(&major, &minor, &patch);
	snprintf(text, sizeof(text), "%u.%u.%u", major, minor, patch);
	return text;
}
