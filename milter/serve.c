/* serve.c - handles signals: reload, orderly shutdown. */
#include "milter/serve.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/sysclock.h"
#include "milter/engine.h"
#include "milter/log.h"
#include "milter/process.h"
#include "milter/signals.h"
#include "milter/threads.h"
#include "milter/watchdog.h"

#define LOOK_MS 20	   /* between checks whether messages are still open */
#define LAST_ANSWERS_MS 50 /* until the last answers are written */

static void reload_conf(struct runtime *rt)
{
	process_reloading();
	(void)runtime_reload(rt);
	process_reloaded();
}

static struct watchdog_counts count_work(void *rt)
{
	struct stats *s = runtime_stats(rt);

	return (struct watchdog_counts){
		.messages = atomic_load(&s->counter[STAT_MESSAGES]),
		.turns = runtime_resolver_turns(rt),
	};
}

/* True: asked to stop; false: libmilter ended by itself, or the system refuses
 * threads. */
static bool wait_for_stop(struct runtime *rt, const struct listener *l)
{
	struct watchdog w;

	watchdog_init(&w, process_watchdog_ms(), mxa_clock_ms(mxa_sysclock()),
	    l, count_work, rt);
	for (;;) {
		struct signals_seen seen = signals_wait(w.pause_ms);

		if (watchdog_turn(&w, mxa_clock_ms(mxa_sysclock())))
			process_alive();
		if (seen.stop)
			return true;
		if (seen.poked)
			return false;
		if (seen.reload)
			reload_conf(rt);
	}
}

/* Open messages get their answer, within 'seconds'; a second SIGTERM ends the
 * wait. */
static void drain_messages(struct runtime *rt, unsigned seconds)
{
	uint64_t end = mxa_clock_ms(mxa_sysclock()) + seconds * (uint64_t)1000;

	runtime_drain(rt);
	while (runtime_open(rt) > 0 && mxa_clock_ms(mxa_sysclock()) < end) {
		if (signals_wait(LOOK_MS).stop)
			break;
	}
	/* libmilter writes the answers after our callbacks return. */
	usleep(LAST_ANSWERS_MS * 1000);
}

static void say_goodbye(struct runtime *rt)
{
	struct stats *s = runtime_stats(rt);
	unsigned long cut = runtime_open(rt);

	if (cut > 0)
		log_warn("%lu messages cut: the MTA defers them", cut);
	log_info("stopped after %lu messages",
	    atomic_load(&s->counter[STAT_MESSAGES]));
}

/* Log why we stop although nobody asked us to.  Returns the exit status. */
static int say_failure(void)
{
	int refused = threads_refused();

	if (refused == 0) {
		log_error("libmilter has ended by itself");
		return EX_SOFTWARE;
	}
	log_error("the system refuses another thread: %s; stopping, so that "
		  "mail is deferred and does not wait here (see ulimit -v, "
		  "ulimit -u, TasksMax= of systemd)",
	    strerror(refused));
	return EX_OSERR;
}

void serve(struct runtime *rt, struct listener *l, unsigned shutdown_seconds)
{
	int status = EX_OK;

	if (!engine_start()) {
		log_error("the system refuses a thread: %s (see ulimit -v, "
			  "ulimit -u)",
		    strerror(errno));
		listen_unlink(l);
		process_remove_pid_file();
		process_end(EX_OSERR);
	}
	signals_open();
	atomic_store(&runtime_stats(rt)->ready, true);
	log_info("listening on %s", l->plain);
	process_ready();
	if (!wait_for_stop(rt, l))
		status = say_failure();
	process_stopping();
	drain_messages(rt, status == EX_SOFTWARE ? 0 : shutdown_seconds);
	listen_unlink(l);
	process_remove_pid_file();
	say_goodbye(rt);
	if (runtime_open(rt) == 0)
		runtime_stop(rt); /* otherwise running callbacks still use it */
	process_end(status);
}
