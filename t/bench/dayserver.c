/* dayserver.c - answers over UDP on loopback, from a thread of its own. */
#include "t/bench/dayserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/table.h"

#define PACKET 1500
#define TEXT_LEN 60 /* octets of a TXT record */

/* What the server keeps; several million names fit. */
#define KEPT ((size_t)1 << 22)

struct kept {
	uint64_t hash; /* 0: free */
	uint64_t expires_ms;
};

struct day_server {
	const struct mxa_clock *clock;
	struct kept *kept; /* NULL: it keeps nothing */
	int fd;
	char address[32];
	pthread_t thread;
	atomic_ulong questions, recursions;
	atomic_bool stopping;
};

/* Percent of all names that have a TTL: a guess at what mail domains publish.
 */
static const struct {
	unsigned percent;
	uint32_t ttl;
} ttls[] = { { 5, 60 }, { 30, 300 }, { 5, 600 }, { 10, 1800 }, { 40, 3600 },
	{ 5, 14400 }, { 5, 86400 } };

static uint32_t ttl_of(uint64_t hash)
{
	unsigned percent = (unsigned)((hash >> 20) % 100);
	size_t i = 0;

	while (percent >= ttls[i].percent)
		percent -= ttls[i++].percent;
	return ttls[i].ttl;
}

/* The TTL that is given now. */
static uint32_t ttl_now(struct day_server *d, uint64_t hash)
{
	uint64_t now = mxa_clock_ms(d->clock);
	size_t i = hash % KEPT;

	if (d->kept == NULL) {
		atomic_fetch_add(&d->recursions, 1);
		return ttl_of(hash);
	}
	while (d->kept[i].hash != 0 && d->kept[i].hash != hash)
		i = (i + 1) % KEPT;
	if (d->kept[i].hash == 0 || d->kept[i].expires_ms <= now) {
		atomic_fetch_add(&d->recursions, 1);
		d->kept[i].hash = hash;
		d->kept[i].expires_ms = now + ttl_of(hash) * UINT64_C(1000);
	}
	return (uint32_t)((d->kept[i].expires_ms - now) / 1000);
}

/* One record after the question; returns the length of the packet. */
static size_t add_record(uint8_t *p, size_t at, unsigned type, uint32_t ttl)
{
	static const uint8_t name[] = { 4, 'h', 'o', 's', 't', 0xc0, 0x0c };
	uint8_t data[1 + TEXT_LEN] = { TEXT_LEN };
	size_t n = 4;

	if (type == 12)
		memcpy(data, name, n = sizeof(name));
	else if (type == 16)
		memset(data + 1, 'x', n = TEXT_LEN), n++;
	memcpy(p + at, "\xc0\x0c", 2);
	p[at + 2] = (uint8_t)(type >> 8);
	p[at + 3] = (uint8_t)type;
	memcpy(p + at + 4, "\0\x01", 2);
	for (int i = 0; i < 4; i++)
		p[at + 6 + i] = (uint8_t)(ttl >> (24 - 8 * i));
	p[at + 10] = 0;
	p[at + 11] = (uint8_t)n;
	memcpy(p + at + 12, data, n);
	return at + 12 + n;
}

/* The question becomes its answer; 0: it is none. */
static size_t answer_packet(struct day_server *d, uint8_t *p, size_t len)
{
	static const uint64_t key[2] = { 47, 11 };
	size_t at = 12;
	unsigned type;
	uint64_t hash;

	while (at < len && p[at] != 0)
		at += p[at] + 1u;
	at += 5;
	if (at > len)
		return 0;
	type = (unsigned)p[at - 4] << 8 | p[at - 3];
	hash = mxa_table_hash(key, p + 12, at - 12, type) | 1;
	p[2] |= 0x80;
	p[3] = 0x80;
	memset(p + 6, 0, 6);
	p[7] = 1;
	return add_record(p, at, type, ttl_now(d, hash));
}

static void *serve_questions(void *ctx)
{
	struct day_server *d = ctx;
	uint8_t p[PACKET];

	while (!atomic_load(&d->stopping)) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(
		    d->fd, p, PACKET / 2, 0, (struct sockaddr *)&from, &size);
		size_t len = n > 12 ? answer_packet(d, p, (size_t)n) : 0;

		if (len == 0)
			continue;
		atomic_fetch_add(&d->questions, 1);
		(void)!sendto(d->fd, p, len, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

static void require_ok(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(71);
}

struct day_server *day_server_new(const struct mxa_clock *clock, bool caches)
{
	struct day_server *d = mxa_xcalloc(1, sizeof(*d));
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(sin);
	int room = 4 << 20;

	d->clock = clock;
	d->kept = caches ? mxa_xcalloc(KEPT, sizeof(*d->kept)) : NULL;
	d->fd = socket(AF_INET, SOCK_DGRAM, 0);
	require_ok(d->fd >= 0, "socket");
	setsockopt(d->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	require_ok(bind(d->fd, (struct sockaddr *)&sin, size) == 0 &&
		getsockname(d->fd, (struct sockaddr *)&sin, &size) == 0,
	    "bind");
	snprintf(d->address, sizeof(d->address), "127.0.0.1:%u",
	    (unsigned)ntohs(sin.sin_port));
	require_ok(pthread_create(&d->thread, NULL, serve_questions, d) == 0,
	    "thread");
	return d;
}

void day_server_free(struct day_server *d)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);

	atomic_store(&d->stopping, true);
	/* a packet to itself wakes it */
	if (getsockname(d->fd, (struct sockaddr *)&sin, &size) == 0)
		(void)!sendto(d->fd, "", 1, 0, (struct sockaddr *)&sin, size);
	pthread_join(d->thread, NULL);
	close(d->fd);
	free(d->kept);
	free(d);
}

const char *day_server_address(const struct day_server *d)
{
	return d->address;
}

unsigned long day_server_questions(struct day_server *d)
{
	return atomic_load(&d->questions);
}

unsigned long day_server_recursions(struct day_server *d)
{
	return atomic_load(&d->recursions);
}
