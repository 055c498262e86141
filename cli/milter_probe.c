/* milter_probe.c - the MTA's side of the milter protocol, as far as one message
 * needs it.  It offers no NR_* flags: every step is answered, so that we see
 * the step at which a filter hangs. */
#include "cli/milter_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define VERSION 6
#define ACTIONS 0x1ffu
/* steps that the filter may do without: connect to end of header, unknown
 * commands, DATA */
#define STEPS 0x37fu
#define MAX_PACKET ((size_t)1 << 20)
#define MAX_OUT ((size_t)64 * 1024)

enum {
	WITHOUT_CONNECT = 1,
	WITHOUT_HELO = 2,
	WITHOUT_MAIL = 4,
	WITHOUT_RCPT = 8,
	WITHOUT_BODY = 16,
	WITHOUT_HEADERS = 32,
	WITHOUT_EOH = 64,
	WITHOUT_DATA = 0x200
};

struct probe {
	struct mxa_arena *a;
	struct probe_result *out;
	unsigned timeout_ms;
	int fd;
	uint32_t steps;
};

const char *probe_trouble_name(enum probe_trouble t)
{
	switch (t) {
	case PROBE_OK:
		return "ok";
	case PROBE_MISSING:
		return "missing";
	case PROBE_NOT_A_SOCKET:
		return "not-a-socket";
	case PROBE_NO_PERMISSION:
		return "no-permission";
	case PROBE_NOBODY:
		return "nobody-listens";
	case PROBE_UNREACHABLE:
		return "unreachable";
	case PROBE_SILENT:
		return "no-answer";
	case PROBE_CLOSED:
		return "closed";
	case PROBE_NOT_A_MILTER:
		return "not-a-milter";
	}
	return "";
}

static int64_t probe_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- connecting --- */

static enum probe_trouble trouble_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return PROBE_MISSING;
	case EACCES:
	case EPERM:
		return PROBE_NO_PERMISSION;
	case ECONNREFUSED:
		return PROBE_NOBODY;
	case ENOTSOCK:
		return PROBE_NOT_A_SOCKET;
	case EINPROGRESS: /* how SO_SNDTIMEO ends connect() */
	case EAGAIN:
	case ETIMEDOUT:
		return PROBE_SILENT;
	}
	return PROBE_UNREACHABLE;
}

static bool probe_fails(struct probe *p, enum probe_trouble t)
{
	p->out->trouble = t;
	return false;
}

static bool open_socket(
    struct probe *p, const struct sockaddr *to, socklen_t len)
{
	struct timeval limit = { .tv_sec = p->timeout_ms / 1000,
		.tv_usec = p->timeout_ms % 1000 * 1000 };

	p->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd >= 0)
		setsockopt(
		    p->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (p->fd >= 0 && connect(p->fd, to, len) == 0)
		return true;
	p->out->error = errno;
	return probe_fails(p, trouble_of(p->out->error));
}

static bool open_unix(struct probe *p, struct mxa_str path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;

	if (path.len >= sizeof(sun.sun_path)) {
		p->out->error = ENAMETOOLONG;
		return probe_fails(p, PROBE_UNREACHABLE);
	}
	memcpy(sun.sun_path, path.p, path.len);
	/* connect() says ECONNREFUSED of a plain file */
	if (stat(sun.sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return probe_fails(p, PROBE_NOT_A_SOCKET);
	return open_socket(p, (struct sockaddr *)&sun, sizeof(sun));
}

static bool open_inet(struct probe *p, struct mxa_str port_at_host, int family)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = family };
	struct addrinfo *list = NULL;
	size_t at = mxa_str_chr(port_at_host, '@', 0);
	struct mxa_str port = mxa_str_sub(port_at_host, 0, at);
	struct mxa_str host =
	    mxa_str_sub(port_at_host, at + 1, port_at_host.len);
	bool ok;

	if (host.len == 0)
		host =
		    family == AF_INET6 ? MXA_STR("::1") : MXA_STR("127.0.0.1");
	if (getaddrinfo(mxa_str_cstr(p->a, host), mxa_str_cstr(p->a, port),
		&hints, &list) != 0) {
		p->out->error = EADDRNOTAVAIL;
		return probe_fails(p, PROBE_UNREACHABLE);
	}
	ok = open_socket(p, list->ai_addr, list->ai_addrlen);
	freeaddrinfo(list);
	return ok;
}

static bool open_any(struct probe *p, struct mxa_str socket)
{
	size_t colon = mxa_str_chr(socket, ':', 0);
	struct mxa_str rest = mxa_str_sub(socket, colon + 1, socket.len);

	if (mxa_str_starts(socket, MXA_STR("unix:")))
		return open_unix(p, rest);
	return open_inet(p, rest,
	    mxa_str_starts(socket, MXA_STR("inet6:")) ? AF_INET6 : AF_INET);
}

/* --- packets --- */

static bool send_packet(struct probe *p, char cmd, struct mxa_str data)
{
	uint32_t len = htonl((uint32_t)data.len + 1);
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, p->a, MAX_OUT);
	mxa_buf_add(&b, &len, sizeof(len));
	mxa_buf_addc(&b, cmd);
	mxa_buf_addstr(&b, data);
	while (at < b.len) {
		ssize_t n = send(p->fd, b.p + at, b.len - at, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return probe_fails(p,
			    n < 0 && errno == EAGAIN ? PROBE_SILENT
						     : PROBE_CLOSED);
		at += (size_t)n;
	}
	return true;
}

/* Exactly 'len' bytes before 'end'. */
static bool receive_bytes(struct probe *p, char *to, size_t len, int64_t end)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	size_t have = 0;

	while (have < len) {
		int64_t left = end - probe_now_ms();
		ssize_t n;

		if (left <= 0 || poll(&pfd, 1, (int)left) == 0)
			return probe_fails(p, PROBE_SILENT);
		n = recv(p->fd, to + have, len - have, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return probe_fails(p, PROBE_CLOSED);
		have += (size_t)n;
	}
	return true;
}

static bool receive_packet(struct probe *p, char *cmd, struct mxa_str *data)
{
	int64_t end = probe_now_ms() + p->timeout_ms;
	uint32_t len;
	char *packet;

	if (!receive_bytes(p, (char *)&len, sizeof(len), end))
		return false;
	len = ntohl(len);
	if (len == 0 || len > MAX_PACKET)
		return probe_fails(p, PROBE_NOT_A_MILTER);
	packet = mxa_arena_alloc(p->a, len);
	if (!receive_bytes(p, packet, len, end))
		return false;
	*cmd = packet[0];
	*data = mxa_str_make(packet + 1, len - 1);
	return true;
}

/* --- steps --- */

static bool known_reply(char reply, const char *among)
{
	return reply != '\0' && strchr(among, reply) != NULL;
}

static bool negotiate_options(struct probe *p)
{
	uint32_t offer[3] = { htonl(VERSION), htonl(ACTIONS), htonl(STEPS) };
	uint32_t got[3];
	struct mxa_str data;
	char cmd;

	p->out->step = "negotiation";
	if (!send_packet(p, 'O', mxa_str_make((char *)offer, sizeof(offer))) ||
	    !receive_packet(p, &cmd, &data))
		return false;
	if (cmd != 'O' || data.len < sizeof(got))
		return probe_fails(p, PROBE_NOT_A_MILTER);
	memcpy(got, data.p, sizeof(got));
	p->out->version = ntohl(got[0]);
	p->steps = ntohl(got[2]);
	if (p->out->version > VERSION || (ntohl(got[1]) & ~ACTIONS) != 0 ||
	    (p->steps & ~STEPS) != 0)
		return probe_fails(p, PROBE_NOT_A_MILTER);
	return true;
}

/* Send a step and take its answer; false: that ends the conversation. */
static bool send_step(struct probe *p, const char *name, uint32_t unless,
    char cmd, struct mxa_str data)
{
	struct mxa_str text;
	char reply;

	if (p->steps & unless)
		return true;
	p->out->step = name;
	if (!send_packet(p, cmd, data) || !receive_packet(p, &reply, &text))
		return false;
	if (!known_reply(reply, "cartdys"))
		return probe_fails(p, PROBE_NOT_A_MILTER);
	p->out->reply = reply;
	if (reply == 'y')
		p->out->text = mxa_str_sub(text, 0, mxa_str_chr(text, 0, 0));
	return reply == 'c' || reply == 's';
}

/* Strings, each with its NUL, ended by NULL. */
static struct mxa_str joined_strings(struct mxa_arena *a, const char *const *s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_OUT);
	for (; *s != NULL; s++)
		mxa_buf_add(&b, *s, strlen(*s) + 1);
	return mxa_buf_str(&b);
}

/* Macros for the step 'cmd': one name and value. */
static bool send_macro(
    struct probe *p, char cmd, const char *name, const char *value)
{
	struct mxa_buf b;

	mxa_buf_init(&b, p->a, MAX_OUT);
	mxa_buf_addc(&b, cmd);
	mxa_buf_addstr(&b,
	    joined_strings(p->a, (const char *const[]){ name, value, NULL }));
	return send_packet(p, 'D', mxa_buf_str(&b));
}

static struct mxa_str connect_data(
    struct mxa_arena *a, const struct probe_message *m)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_OUT);
	mxa_buf_add(&b, m->helo, strlen(m->helo) + 1);
	mxa_buf_addc(&b, strchr(m->ip, ':') ? '6' : '4');
	mxa_buf_add(&b, "\0\31", 2); /* port 25, in network order */
	mxa_buf_add(&b, m->ip, strlen(m->ip) + 1);
	return mxa_buf_str(&b);
}

static bool send_envelope(struct probe *p, const struct probe_message *m)
{
	const char *const helo[] = { m->helo, NULL };
	const char *const from[] = { m->mail_from, NULL };
	const char *const rcpt[] = { m->rcpt, NULL };

	return send_step(
		   p, "connect", WITHOUT_CONNECT, 'C', connect_data(p->a, m)) &&
	    send_step(
		p, "HELO", WITHOUT_HELO, 'H', joined_strings(p->a, helo)) &&
	    send_macro(p, 'M', "i", m->queue_id) &&
	    send_step(
		p, "MAIL", WITHOUT_MAIL, 'M', joined_strings(p->a, from)) &&
	    send_step(
		p, "RCPT", WITHOUT_RCPT, 'R', joined_strings(p->a, rcpt)) &&
	    send_step(p, "DATA", WITHOUT_DATA, 'T', MXA_STR(""));
}

static bool send_content(struct probe *p, const struct probe_message *m)
{
	for (size_t i = 0; m->field[i] != NULL; i++) {
		const char *colon = strchr(m->field[i], ':');
		const char *const field[] = {
			mxa_arena_strdup(
			    p->a, m->field[i], (size_t)(colon - m->field[i])),
			colon + 2, NULL
		};

		if (!send_step(p, "header", WITHOUT_HEADERS, 'L',
			joined_strings(p->a, field)))
			return false;
	}
	return send_step(p, "end of header", WITHOUT_EOH, 'N', MXA_STR("")) &&
	    send_step(p, "body", WITHOUT_BODY, 'B', mxa_str_from(m->body));
}

/* A field that the filter adds ('i' with an index before it). */
static void take_field(struct probe *p, struct mxa_str data, bool indexed)
{
	size_t end;

	if (indexed)
		data = mxa_str_sub(data, 4, data.len);
	end = mxa_str_chr(data, 0, 0);
	if (!mxa_str_caseis(
		mxa_str_sub(data, 0, end), "Authentication-Results") ||
	    p->out->header.len > 0)
		return;
	data = mxa_str_sub(data, end + 1, data.len);
	p->out->header =
	    mxa_str_trim(mxa_str_sub(data, 0, mxa_str_chr(data, 0, 0)));
}

static bool finish_message(struct probe *p)
{
	struct mxa_str data;
	char cmd;

	p->out->step = "end of message";
	if (!send_packet(p, 'E', MXA_STR("")))
		return false;
	while (receive_packet(p, &cmd, &data)) {
		switch (cmd) {
		case 'i':
		case 'h':
			take_field(p, data, cmd == 'i');
			continue;
		case 'q':
			p->out->quarantine =
			    mxa_str_sub(data, 0, mxa_str_chr(data, 0, 0));
			continue;
		case 'm': /* a forged field goes */
		case 'p': /* still at work */
			continue;
		case 'y':
			p->out->text =
			    mxa_str_sub(data, 0, mxa_str_chr(data, 0, 0));
			break;
		}
		p->out->reply = cmd;
		return known_reply(cmd, "acrtdy") ||
		    probe_fails(p, PROBE_NOT_A_MILTER);
	}
	return false;
}

void probe_run(struct mxa_arena *a, struct mxa_str socket, unsigned timeout_ms,
    const struct probe_message *m, struct probe_result *out)
{
	struct probe p = { a, out, timeout_ms, -1, 0 };
	int64_t start = probe_now_ms();

	*out = (struct probe_result){ .step = "connection" };
	if (open_any(&p, socket) && negotiate_options(&p) &&
	    send_envelope(&p, m) && send_content(&p, m) &&
	    send_macro(&p, 'E', "i", m->queue_id) && finish_message(&p))
		send_packet(&p, 'Q', MXA_STR(""));
	out->ms = (uint32_t)(probe_now_ms() - start);
	if (p.fd >= 0)
		close(p.fd);
}
