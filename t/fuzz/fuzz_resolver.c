/* fuzz_resolver.c - the resolver's states: a server on loopback whose behaviour
 * is the input.  Each question takes the next byte as what to do with it (bytes
 * that are used up: silence), and where it wants more, bytes of the answer.
 *
 * Whatever comes: each lookup ends with one of the statuses, records belong to
 * the question, and no question takes longer than its time.  That time stands
 * while the server has something to do, and passes when nothing comes: silence
 * costs little, and a busy machine changes nothing. */
#include "t/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "dns/stub.h"

#define MAX_PACKET 2048
#define TIMEOUT_MS 5000	  /* of the time that stands */
#define STEP_MS 500	  /* that pass when nothing comes for IDLE_MS */
#define IDLE_MS 1	  /* real */
#define DEADLINE_MS 60000 /* real; never reached */

enum deed {
	D_ANSWER, /* one record of the type asked for */
	D_NODATA,
	D_NXDOMAIN,
	D_SERVFAIL,
	D_REFUSED,
	D_TRUNCATED,
	D_WRONG_ID,
	D_ALIAS,   /* a CNAME to the name's parent */
	D_CUT,	   /* the answer, cut at a byte of the input */
	D_CHANGED, /* the answer, some of its bytes from the input */
	D_RAW,	   /* bytes of the input after the header */
	D_SILENT,
	D_TWICE,
	D_DEEDS,
};

static struct {
	pthread_mutex_t lock;
	const uint8_t *data;
	size_t len;
	int udp, tcp;
	unsigned port;
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct mxa_dns *dns;
static atomic_bool asking; /* a lookup runs */

/* --- bytes of the input --- */

static size_t take_bytes(uint8_t *out, size_t len)
{
	size_t n;

	pthread_mutex_lock(&server.lock);
	n = server.len < len ? server.len : len;
	if (n > 0)
		memcpy(out, server.data, n);
	server.data += n;
	server.len -= n;
	pthread_mutex_unlock(&server.lock);
	return n;
}

static unsigned take_byte(unsigned none)
{
	uint8_t c;

	return take_bytes(&c, 1) == 1 ? c : none;
}

/* --- the server --- */

/* Offset after the question of a packet; 0: it has none. */
static size_t after_question(const uint8_t *p, size_t len)
{
	size_t at = 12;

	while (at < len && p[at] != 0)
		at += p[at] + 1u;
	return at + 5 <= len ? at + 5 : 0;
}

/* One record of type 'type' under the name of the question. */
static size_t add_record(uint8_t *p, size_t at, unsigned type)
{
	static const uint8_t text[] = { 10, 'v', '=', 's', 'p', 'f', '1', ' ',
		'm', 'x', ' ' };
	uint8_t data[16] = { 0 };
	size_t n = 4;

	if (type == 28)
		n = 16;
	else if (type == 5 || type == 12)
		memcpy(data, "\xc0\x0e", n = 2); /* the name's parent */
	else if (type == 15)
		memcpy(data, "\0\x0a\xc0\x0c", n = 4);
	else if (type == 16)
		memcpy(data, text, n = sizeof(text));
	memcpy(p + at, "\xc0\x0c", 2);
	p[at + 2] = (uint8_t)(type >> 8);
	p[at + 3] = (uint8_t)type;
	memcpy(p + at + 4, "\0\x01\0\0\0\x3c\0", 7);
	p[at + 11] = (uint8_t)n;
	memcpy(p + at + 12, data, n);
	p[7]++; /* ANCOUNT, low byte */
	return at + 12 + n;
}

static void set_rcode(uint8_t *p, unsigned rcode)
{
	p[3] = (uint8_t)((p[3] & 0xf0) | rcode);
}

/* The question becomes its answer; its length, 0: none. */
static size_t answer_packet(uint8_t *p, size_t len, enum deed deed)
{
	size_t at = after_question(p, len);
	unsigned type;

	if (at == 0 || deed == D_SILENT)
		return 0;
	type = (unsigned)p[at - 4] << 8 | p[at - 3];
	p[2] |= 0x80;
	p[3] = 0x80;
	memset(p + 6, 0, 6); /* no EDNS either */
	switch (deed) {
	case D_NODATA:
		return at;
	case D_NXDOMAIN:
		set_rcode(p, 3);
		return at;
	case D_SERVFAIL:
		set_rcode(p, 2);
		return at;
	case D_REFUSED:
		set_rcode(p, 5);
		return at;
	case D_TRUNCATED:
		p[2] |= 0x02;
		return at;
	case D_WRONG_ID:
		p[0] ^= 0x55;
		return add_record(p, at, type);
	case D_ALIAS:
		return add_record(p, at, 5);
	case D_CUT:
		at = add_record(p, at, type);
		return 1 + take_byte(0) % at;
	case D_CHANGED:
		at = add_record(p, at, type);
		for (unsigned n = take_byte(0) % 8; n > 0; n--) {
			unsigned where = take_byte(0) % (unsigned)at;

			p[where] = (uint8_t)take_byte(0);
		}
		return at;
	case D_RAW:
		return 12 + take_bytes(p + 12, 1 + take_byte(0));
	case D_ANSWER:
	case D_TWICE:
	case D_SILENT:
	case D_DEEDS:
		break;
	}
	return add_record(p, at, type);
}

static enum deed next_deed(void)
{
	return (enum deed)(take_byte(D_SILENT) % D_DEEDS);
}

static void serve_udp(void)
{
	uint8_t p[MAX_PACKET + 512];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(
	    server.udp, p, MAX_PACKET, 0, (struct sockaddr *)&from, &from_len);
	enum deed deed = next_deed();
	size_t len = n > 12 ? answer_packet(p, (size_t)n, deed) : 0;

	for (int i = 0; len > 0 && i < 1 + (deed == D_TWICE); i++)
		(void)!sendto(
		    server.udp, p, len, 0, (struct sockaddr *)&from, from_len);
}

static void serve_tcp(void)
{
	struct timeval soon = { 1, 0 };
	uint8_t p[MAX_PACKET + 514];
	int fd = accept(server.tcp, NULL, NULL);
	ssize_t n;
	size_t len;

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	n = recv(fd, p, MAX_PACKET, 0);
	len = n > 14 ? answer_packet(p + 2, (size_t)n - 2, next_deed()) : 0;
	if (len > 0) {
		p[0] = (uint8_t)(len >> 8);
		p[1] = (uint8_t)len;
		(void)!send(fd, p, len + 2, MSG_NOSIGNAL);
	}
	close(fd);
}

static void *run_server(void *ctx)
{
	struct pollfd fds[2] = { { .fd = server.udp, .events = POLLIN },
		{ .fd = server.tcp, .events = POLLIN } };

	(void)ctx;
	for (;;) {
		if (poll(fds, 2, IDLE_MS) == 0 && atomic_load(&asking))
			mxa_stub_pass(dns, STEP_MS);
		if (fds[0].revents & POLLIN)
			serve_udp();
		if (fds[1].revents & POLLIN)
			serve_tcp();
	}
	return NULL;
}

static void open_server(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(sin);

	server.udp = socket(AF_INET, SOCK_DGRAM, 0);
	server.tcp = socket(AF_INET, SOCK_STREAM, 0);
	require(bind(server.tcp, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	require(getsockname(server.tcp, (struct sockaddr *)&sin, &len) == 0);
	require(bind(server.udp, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	require(listen(server.tcp, 64) == 0);
	server.port = ntohs(sin.sin_port);
}

/* --- the resolver --- */

static void start(void)
{
	static char name[32];
	static const char *servers[] = { name };
	struct mxa_dns_options o;
	const char *error = NULL;
	pthread_t thread;

	if (dns != NULL)
		return;
	open_server();
	snprintf(name, sizeof(name), "127.0.0.1:%u", server.port);
	mxa_dns_options_default(&o);
	o.servers = servers;
	o.n_servers = 1;
	o.timeout_ms = TIMEOUT_MS;
	o.failure_memory_ms = 0;
	o.manual_time = true;
	dns = mxa_dns_stub_new(&o, &error);
	require(dns != NULL);
	require(pthread_create(&thread, NULL, run_server, NULL) == 0);
}

static void check_answer(const struct mxa_dns_answer *a, enum mxa_dns_type type)
{
	require(a != NULL && a->status <= MXA_DNS_SPENT && a->type == type);
	require((a->status == MXA_DNS_DATA) == (a->n > 0));
	require(a->ms <= TIMEOUT_MS);
	for (size_t i = 0; i < a->detail.len; i++)
		require((unsigned char)a->detail.p[i] >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_TXT,
		MXA_DNS_MX };
	static unsigned run; /* names that no run before has asked for */
	struct mxa_budget *b;
	char name[64];

	start();
	pthread_mutex_lock(&server.lock);
	server.data = data;
	server.len = size;
	pthread_mutex_unlock(&server.lock);
	atomic_store(&asking, true);
	b = mxa_budget_open(dns, DEADLINE_MS);
	snprintf(name, sizeof(name), "n%u.r%u.example", size > 0 ? data[0] : 0,
	    run++);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		mxa_dns_prefetch(
		    b, MXA_SHARE_SPF, mxa_str_from(name), types[i]);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		check_answer(mxa_dns_lookup(b, MXA_SHARE_SPF,
				 mxa_str_from(name), types[i]),
		    types[i]);
	mxa_budget_close(b);
	atomic_store(&asking, false);
	pthread_mutex_lock(&server.lock);
	server.len = 0;
	pthread_mutex_unlock(&server.lock);
	return 0;
}
