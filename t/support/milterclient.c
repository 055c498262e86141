/* milterclient.c - the wire of the milter protocol, from the MTA's side. */
#include "t/support/milterclient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"

#define STEPS_V2 0x7fu
#define STEPS_V3 (STEPS_V2 | MTC_NO_UNKNOWN)
#define STEPS_V4 (STEPS_V3 | MTC_NO_DATA)
#define NO_REPLIES 0xff080u
#define CHUNK 65535
#define STAGES 7

const struct mtc_offer mtc_postfix = { 6, 0x1ff, 0x1fffff };
const struct mtc_offer mtc_sendmail = { 6, 0x1ff, 0x1fffff };
const struct mtc_offer mtc_version2 = { 2, 0x3f, STEPS_V2 };
const struct mtc_offer mtc_version3 = { 3, 0x3f, STEPS_V3 };
const struct mtc_offer mtc_version4 = { 4, 0x3f, STEPS_V4 };
const struct mtc_offer mtc_no_noreply = { 6, 0x1ff, 0x1fffff & ~NO_REPLIES };

struct mtc {
	int fd;
	int timeout_ms;
	bool gone;
	struct mtc_offer agreed;
	char *symlist[STAGES];
	unsigned replies;
	char *text; /* of the last reply code */

	/* what waits to be sent */
	char *out;
	size_t out_len, out_cap, out_max;
	size_t piece; /* bytes a send at most; 0: any number */

	/* what was read and not yet used */
	char *in;
	size_t in_len, in_cap, in_at;
};

/* --- the connection --- */

static int connect_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static int connect_inet(const char *port_at_host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	const char *at = strchr(port_at_host, '@');
	char port[16];
	int fd, one = 1;

	if (at == NULL || (size_t)(at - port_at_host) >= sizeof(port)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(
	    port, sizeof(port), "%.*s", (int)(at - port_at_host), port_at_host);
	if (getaddrinfo(at + 1, port, &hints, &list) != 0) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, list->ai_addr, list->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

struct mtc *mtc_open(const char *socket)
{
	struct mtc *m;
	int fd;

	if (strncmp(socket, "unix:", 5) == 0)
		fd = connect_unix(socket + 5);
	else if (strncmp(socket, "inet:", 5) == 0)
		fd = connect_inet(socket + 5);
	else if (strncmp(socket, "inet6:", 6) == 0)
		fd = connect_inet(socket + 6);
	else
		fd = connect_unix(socket);
	if (fd < 0)
		return NULL;
	m = mxa_xcalloc(1, sizeof(*m));
	m->fd = fd;
	m->timeout_ms = 30000;
	m->out_max = 65536;
	return m;
}

void mtc_timeout(struct mtc *m, int ms)
{
	m->timeout_ms = ms;
}

void mtc_pieces(struct mtc *m, size_t bytes)
{
	m->piece = bytes;
}

void mtc_buffer(struct mtc *m, size_t bytes)
{
	m->out_max = bytes;
}

int mtc_fd(const struct mtc *m)
{
	return m->fd;
}

const struct mtc_offer *mtc_agreed(const struct mtc *m)
{
	return &m->agreed;
}

const char *mtc_symlist(const struct mtc *m, unsigned stage)
{
	return stage < STAGES ? m->symlist[stage] : NULL;
}

unsigned mtc_replies(const struct mtc *m)
{
	return m->replies;
}

const char *mtc_text(const struct mtc *m)
{
	return m->text;
}

void mtc_close(struct mtc *m)
{
	if (m == NULL)
		return;
	close(m->fd);
	for (unsigned i = 0; i < STAGES; i++)
		free(m->symlist[i]);
	free(m->text);
	free(m->out);
	free(m->in);
	free(m);
}

/* --- writing --- */

bool mtc_flush(struct mtc *m)
{
	size_t at = 0;

	while (at < m->out_len && !m->gone) {
		size_t left = m->out_len - at;
		ssize_t n = send(m->fd, m->out + at,
		    m->piece > 0 && left > m->piece ? m->piece : left,
		    MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			m->gone = true;
		else
			at += (size_t)n;
	}
	m->out_len = 0;
	return !m->gone;
}

static void out_add(struct mtc *m, const void *p, size_t len)
{
	if (len == 0)
		return;
	if (m->out_len + len > m->out_cap) {
		m->out_cap = (m->out_len + len) * 2;
		m->out = mxa_xrealloc(m->out, m->out_cap);
	}
	memcpy(m->out + m->out_len, p, len);
	m->out_len += len;
}

static void out_u32(struct mtc *m, uint32_t v)
{
	uint32_t net = htonl(v);

	out_add(m, &net, sizeof(net));
}

void mtc_packet(struct mtc *m, char cmd, const void *p, size_t len)
{
	out_u32(m, (uint32_t)len + 1);
	out_add(m, &cmd, 1);
	out_add(m, p, len);
	if (m->out_len > m->out_max)
		mtc_flush(m);
}

/* A packet of C strings, each with its NUL. */
static void packet_strings(
    struct mtc *m, char cmd, const char *first, va_list rest)
{
	va_list again;
	size_t len = 0;

	va_copy(again, rest);
	for (const char *s = first; s; s = va_arg(again, const char *))
		len += strlen(s) + 1;
	va_end(again);
	out_u32(m, (uint32_t)len + 1);
	out_add(m, &cmd, 1);
	for (const char *s = first; s; s = va_arg(rest, const char *))
		out_add(m, s, strlen(s) + 1);
	if (m->out_len > m->out_max)
		mtc_flush(m);
}

void mtc_macros(struct mtc *m, int cmd, ...)
{
	va_list ap;
	char first[2] = { (char)cmd, '\0' };
	size_t len = 1;

	va_start(ap, cmd);
	for (const char *s; (s = va_arg(ap, const char *)) != NULL;)
		len += strlen(s) + 1;
	va_end(ap);
	out_u32(m, (uint32_t)len + 1);
	out_add(m, "D", 1);
	out_add(m, first, 1);
	va_start(ap, cmd);
	for (const char *s; (s = va_arg(ap, const char *)) != NULL;)
		out_add(m, s, strlen(s) + 1);
	va_end(ap);
}

/* --- reading --- */

/* Whether 'need' unread bytes are there, after waiting for them. */
static bool in_fill(struct mtc *m, size_t need)
{
	struct pollfd pfd = { .fd = m->fd, .events = POLLIN };

	if (m->in_at > 0) {
		memmove(m->in, m->in + m->in_at, m->in_len - m->in_at);
		m->in_len -= m->in_at;
		m->in_at = 0;
	}
	if (need > m->in_cap) {
		m->in_cap = need + 4096;
		m->in = mxa_xrealloc(m->in, m->in_cap);
	}
	while (m->in_len < need && !m->gone) {
		ssize_t n;

		if (poll(&pfd, 1, m->timeout_ms) <= 0) {
			m->gone = true;
			break;
		}
		n = recv(m->fd, m->in + m->in_len, m->in_cap - m->in_len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			m->gone = true;
		else
			m->in_len += (size_t)n;
	}
	return m->in_len >= need;
}

static uint32_t get_u32(const char *p)
{
	uint32_t net;

	memcpy(&net, p, sizeof(net));
	return ntohl(net);
}

/* Next packet: its command, data in '*p' until the next read; 0: gone. */
static char in_packet(struct mtc *m, const char **p, size_t *len)
{
	uint32_t size;
	char cmd;

	if (!mtc_flush(m) || !in_fill(m, 4))
		return 0;
	size = get_u32(m->in + m->in_at);
	if (size == 0 || size > (64u << 20) || !in_fill(m, 4 + (size_t)size)) {
		m->gone = true;
		return 0;
	}
	cmd = m->in[m->in_at + 4];
	*p = m->in + m->in_at + 5;
	*len = size - 1;
	m->in_at += 4 + (size_t)size;
	m->replies++;
	return cmd;
}

static char *copy(const char *p, size_t len)
{
	return mxa_xstrndup(p, strnlen(p, len));
}

static void keep_text(struct mtc *m, char cmd, const char *p, size_t len)
{
	free(m->text);
	m->text = cmd == MTC_REPLYCODE ? copy(p, len) : NULL;
}

enum mtc_reply mtc_reply(struct mtc *m)
{
	const char *p = NULL;
	size_t len = 0;
	char cmd = in_packet(m, &p, &len);

	keep_text(m, cmd, p, len);
	return (enum mtc_reply)cmd;
}

/* The answer to a step: awaited unless the filter promised none. */
static enum mtc_reply answer(struct mtc *m, uint32_t no_reply)
{
	if (m->gone)
		return MTC_GONE;
	if (m->agreed.steps & no_reply)
		return MTC_NONE;
	return mtc_reply(m);
}

/* --- negotiation --- */

static void read_symlists(struct mtc *m, const char *p, size_t len)
{
	while (len > 4) {
		uint32_t stage = get_u32(p);
		size_t text = strnlen(p + 4, len - 4);

		if (stage >= STAGES || 4 + text + 1 > len)
			return;
		free(m->symlist[stage]);
		m->symlist[stage] = mxa_xstrndup(p + 4, text);
		p += 4 + text + 1;
		len -= 4 + text + 1;
	}
}

bool mtc_negotiate(struct mtc *m, const struct mtc_offer *offer)
{
	uint32_t net[3] = { htonl(offer->version), htonl(offer->actions),
		htonl(offer->steps) };
	const char *p;
	size_t len;

	mtc_packet(m, 'O', net, sizeof(net));
	if (in_packet(m, &p, &len) != 'O' || len < 12)
		return false;
	m->replies = 0;
	m->agreed.version = get_u32(p);
	m->agreed.actions = get_u32(p + 4);
	m->agreed.steps = get_u32(p + 8);
	read_symlists(m, p + 12, len - 12);
	return (m->agreed.actions & ~offer->actions) == 0 &&
	    (m->agreed.steps & ~offer->steps) == 0;
}

/* --- steps --- */

enum mtc_reply mtc_connect(struct mtc *m, const char *host, const char *ip)
{
	char family = 'U';
	size_t len = strlen(host) + 1 + 1;
	uint16_t port = htons(41234);

	if (ip != NULL) {
		family = ip[0] == '/' ? 'L' : strchr(ip, ':') ? '6' : '4';
		len += sizeof(port) + strlen(ip) + 1;
	}
	out_u32(m, (uint32_t)len + 1);
	out_add(m, "C", 1);
	out_add(m, host, strlen(host) + 1);
	out_add(m, &family, 1);
	if (ip != NULL) {
		out_add(m, &port, sizeof(port));
		out_add(m, ip, strlen(ip) + 1);
	}
	return answer(m, MTC_NR_CONN);
}

enum mtc_reply mtc_helo(struct mtc *m, const char *name)
{
	mtc_packet(m, 'H', name, strlen(name) + 1);
	return answer(m, MTC_NR_HELO);
}

enum mtc_reply mtc_mail(struct mtc *m, const char *from, ...)
{
	va_list ap;

	va_start(ap, from);
	packet_strings(m, 'M', from, ap);
	va_end(ap);
	return answer(m, MTC_NR_MAIL);
}

enum mtc_reply mtc_rcpt(struct mtc *m, const char *to, ...)
{
	va_list ap;

	va_start(ap, to);
	packet_strings(m, 'R', to, ap);
	va_end(ap);
	return answer(m, MTC_NR_RCPT);
}

enum mtc_reply mtc_data(struct mtc *m)
{
	if (m->agreed.version < 4 || (m->agreed.steps & MTC_NO_DATA))
		return m->gone ? MTC_GONE : MTC_NONE;
	mtc_packet(m, 'T', NULL, 0);
	return answer(m, MTC_NR_DATA);
}

enum mtc_reply mtc_header(struct mtc *m, const char *name, const char *value)
{
	size_t name_len = strlen(name) + 1, value_len;

	if (!(m->agreed.steps & MTC_LEADSPC) && *value == ' ')
		value++;
	value_len = strlen(value) + 1;
	out_u32(m, (uint32_t)(1 + name_len + value_len));
	out_add(m, "L", 1);
	out_add(m, name, name_len);
	out_add(m, value, value_len);
	if (m->out_len > m->out_max)
		mtc_flush(m);
	return answer(m, MTC_NR_HDR);
}

enum mtc_reply mtc_eoh(struct mtc *m)
{
	mtc_packet(m, 'N', NULL, 0);
	return answer(m, MTC_NR_EOH);
}

enum mtc_reply mtc_body(struct mtc *m, const void *p, size_t len)
{
	const char *at = p;
	enum mtc_reply r = MTC_NONE;

	if (m->agreed.steps & MTC_NO_BODY)
		return m->gone ? MTC_GONE : MTC_NONE;
	while (len > 0 && (r == MTC_NONE || r == MTC_CONTINUE)) {
		size_t n = len < CHUNK ? len : CHUNK;

		mtc_packet(m, 'B', at, n);
		at += n;
		len -= n;
		r = answer(m, MTC_NR_BODY);
	}
	return r;
}

void mtc_abort(struct mtc *m)
{
	mtc_packet(m, 'A', NULL, 0);
	mtc_flush(m);
}

void mtc_quit(struct mtc *m)
{
	mtc_packet(m, 'Q', NULL, 0);
	mtc_flush(m);
}

/* --- end of message --- */

void mtc_eom(struct mtc *m)
{
	mtc_packet(m, 'E', NULL, 0);
	mtc_flush(m);
}

static void add_edit(struct mtc_result *r, char kind, const char *p, size_t len)
{
	struct mtc_edit e = { .kind = kind };

	if (kind == 'q') {
		e.value = copy(p, len);
	} else {
		size_t name;

		if (kind != 'h' && len >= 4) {
			e.index = get_u32(p);
			p += 4;
			len -= 4;
		}
		name = strnlen(p, len);
		e.name = mxa_xstrndup(p, name);
		e.value = name + 1 < len ? copy(p + name + 1, len - name - 1)
					 : mxa_xstrdup("");
	}
	r->edit = mxa_xrealloc(r->edit, (r->n + 1) * sizeof(*r->edit));
	r->edit[r->n++] = e;
}

void mtc_finish(struct mtc *m, struct mtc_result *out)
{
	*out = (struct mtc_result){ .reply = MTC_GONE };
	for (;;) {
		const char *p;
		size_t len;
		char cmd = in_packet(m, &p, &len);

		switch (cmd) {
		case 'i':
		case 'h':
		case 'm':
		case 'q':
			m->replies--; /* part of the answer */
			add_edit(out, cmd, p, len);
			break;
		case 'p': /* progress: go on waiting */
			m->replies--;
			break;
		case MTC_REPLYCODE:
			out->text = copy(p, len);
			/* fall through */
		default:
			out->reply = (enum mtc_reply)cmd;
			return;
		}
	}
}

void mtc_result_free(struct mtc_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->edit[i].name);
		free(r->edit[i].value);
	}
	free(r->edit);
	free(r->text);
	*r = (struct mtc_result){ .reply = MTC_GONE };
}

const struct mtc_edit *mtc_find(
    const struct mtc_result *r, char kind, const char *name, size_t nth)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct mtc_edit *e = &r->edit[i];

		if (e->kind != kind)
			continue;
		if (name && (!e->name || strcasecmp(e->name, name) != 0))
			continue;
		if (nth-- == 0)
			return e;
	}
	return NULL;
}

/* --- whole messages --- */

/* Whether the conversation goes on behind this answer. */
static bool goes_on(struct mtc *m, enum mtc_reply r, struct mtc_result *out)
{
	if (r == MTC_NONE || r == MTC_CONTINUE || r == MTC_SKIPPED)
		return true;
	*out = (struct mtc_result){ .reply = r };
	if (r == MTC_REPLYCODE && m->text != NULL)
		out->text = mxa_xstrdup(m->text);
	return false;
}

static void id_macro(struct mtc *m, char cmd, const struct mtc_message *msg)
{
	if (msg->queue_id != NULL)
		mtc_macros(m, cmd, "i", msg->queue_id, NULL);
}

static bool send_envelope(
    struct mtc *m, const struct mtc_message *msg, struct mtc_result *out)
{
	const char *id = msg->early_id ? msg->queue_id : NULL;

	/* absent macros are left out; the sender's address is always there */
	if (msg->login != NULL)
		mtc_macros(m, 'M', "{mail_addr}", msg->mail_from, "{auth_type}",
		    "PLAIN", "{auth_authen}", msg->login, id ? "i" : NULL, id,
		    NULL);
	else
		mtc_macros(m, 'M', "{mail_addr}", msg->mail_from,
		    id ? "i" : NULL, id, NULL);
	if (!goes_on(m, mtc_mail(m, msg->mail_from, msg->mail_args, NULL), out))
		return false;
	for (size_t i = 0; i < 8 && msg->rcpt[i] != NULL; i++) {
		mtc_macros(m, 'R', "{rcpt_addr}", msg->rcpt[i], NULL);
		if (mtc_rcpt(m, msg->rcpt[i], NULL) == MTC_GONE)
			return goes_on(m, MTC_GONE, out);
	}
	id_macro(m, 'T', msg);
	return goes_on(m, mtc_data(m), out);
}

/* One field [p, end) without its line end: folds as LF, as MTAs keep them. */
static enum mtc_reply send_field(struct mtc *m, const char *p, const char *end)
{
	char *field = mxa_xmalloc((size_t)(end - p) + 1);
	char *to = field, *colon;
	enum mtc_reply r;

	for (; p < end; p++)
		if (!(p[0] == '\r' && p + 1 < end && p[1] == '\n'))
			*to++ = *p;
	*to = '\0';
	colon = strchr(field, ':');
	if (colon == NULL) {
		free(field);
		return MTC_NONE;
	}
	*colon = '\0';
	r = mtc_header(m, field, colon + 1);
	free(field);
	return r;
}

/* Sends the fields; '*body' is where the body starts. */
static bool send_fields(struct mtc *m, const char *p, const char *end,
    const char **body, struct mtc_result *out)
{
	while (p < end) {
		const char *line = p, *stop;

		if (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n')) {
			*body = p + (*p == '\n' ? 1 : 2);
			return true;
		}
		do {
			stop = memchr(p, '\n', (size_t)(end - p));
			p = stop ? stop + 1 : end;
		} while (p < end && (*p == ' ' || *p == '\t'));
		stop = stop ? stop : end;
		if (stop > line && stop[-1] == '\r')
			stop--;
		if (!goes_on(m, send_field(m, line, stop), out))
			return false;
	}
	*body = end;
	return true;
}

static enum mtc_reply send_body(struct mtc *m, const char *p, const char *end)
{
	size_t len = (size_t)(end - p), n = 0;
	enum mtc_reply r;
	char *text;

	if (len == 0 || memchr(p, '\r', len) != NULL)
		return mtc_body(m, p, len);
	text = mxa_xmalloc(len * 2);
	for (; p < end; p++) {
		if (*p == '\n')
			text[n++] = '\r';
		text[n++] = *p;
	}
	r = mtc_body(m, text, n);
	free(text);
	return r;
}

bool mtc_send_begin(
    struct mtc *m, const struct mtc_message *msg, struct mtc_result *out)
{
	const char *end = msg->text + (msg->len ? msg->len : strlen(msg->text));
	const char *body = end;

	if (!send_envelope(m, msg, out) ||
	    !send_fields(m, msg->text, end, &body, out))
		return false;
	id_macro(m, 'N', msg);
	if (!goes_on(m, mtc_eoh(m), out) ||
	    !goes_on(m, send_body(m, body, end), out))
		return false;
	id_macro(m, 'E', msg);
	mtc_eom(m);
	return true;
}

void mtc_send(
    struct mtc *m, const struct mtc_message *msg, struct mtc_result *out)
{
	if (mtc_send_begin(m, msg, out))
		mtc_finish(m, out);
}
