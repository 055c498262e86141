/* watchdog.c - see watchdog.h. */
#include "milter/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/listen.h"
#include "milter/log.h"

void watchdog_end(struct watchdog *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* Where the permissions of the socket shut its own owner out, or no address is
 * known, connections prove nothing either way. */
static void ask_listener(struct watchdog *w)
{
	if (w->fd >= 0)
		return;
	w->fd = listen_call(w->listener);
	w->cannot_ask = w->fd < 0 &&
	    (errno == EACCES || errno == EPERM || errno == EADDRNOTAVAIL);
	if (w->fd >= 0)
		(void)shutdown(w->fd, SHUT_WR);
}

/* We hang up once more: a TCP connection that was still being made at the first
 * time could not send that. */
static bool listener_answers(struct watchdog *w)
{
	char byte;
	ssize_t n;

	if (w->fd < 0)
		return w->cannot_ask;
	(void)shutdown(w->fd, SHUT_WR);
	n = recv(w->fd, &byte, 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
		return false;
	if (n >= 0 || errno == ECONNRESET)
		return true;
	watchdog_end(w); /* it was not accepted at all */
	return false;
}

void watchdog_init(struct watchdog *w, int limit_ms, uint64_t now,
    const struct listener *listener, struct watchdog_counts (*count)(void *ctx),
    void *ctx)
{
	*w = (struct watchdog){ .pause_ms = -1,
		.listener = listener,
		.count = count,
		.ctx = ctx,
		.fd = -1,
		.last_proved = now };
	if (limit_ms <= 0)
		return;
	w->pause_ms = limit_ms > 4 ? limit_ms / 4 : 1;
	w->then = count(ctx);
	ask_listener(w);
}

static void complain(struct watchdog *w, uint64_t now, bool listener)
{
	if (w->complained || now - w->last_proved < 2 * (uint64_t)w->pause_ms)
		return;
	w->complained = true;
	log_error("watchdog: for %" PRIu64 " ms %s: systemd will end us",
	    now - w->last_proved,
	    listener ? "the resolver has not moved"
		     : "no connection has been answered");
}

bool watchdog_turn(struct watchdog *w, uint64_t now)
{
	struct watchdog_counts counted;
	bool listener;

	if (w->pause_ms < 0)
		return false;
	counted = w->count(w->ctx);
	listener = listener_answers(w) || counted.messages != w->then.messages;
	if (listener && counted.turns != w->then.turns) {
		watchdog_end(w);
		w->then = counted;
		w->last_proved = now;
		w->complained = false;
		ask_listener(w);
		return true;
	}
	complain(w, now, listener);
	ask_listener(w);
	return false;
}
