/* servers.c - whom to ask. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "dns/resolver.h"

#define DNS_PORT 53
#define SILENCES 2	     /* in a row, before a server is asked last */
#define BAD_MS 5000	     /* until it is tried again beside a good one */
#define LOOK_MS 1000	     /* between two looks at resolv.conf */
#define MAX_CONF (64 * 1024) /* bytes read of it */

/* --- addresses --- */

static bool port_of(struct mxa_str s, unsigned *port)
{
	uint64_t value;

	if (s.len == 0)
		return true;
	if (s.p[0] != ':' ||
	    !mxa_str_u64(mxa_str_sub(s, 1, s.len), 65535, &value) || value == 0)
		return false;
	*port = (unsigned)value;
	return true;
}

/* "192.0.2.53", "192.0.2.53:5353", "2001:db8::1", "[2001:db8::1]:53"; a scope
 * ("fe80::1%eth0") is understood. */
static bool server_parse(struct mxa_str s, struct sockaddr_storage *out)
{
	char host[INET6_ADDRSTRLEN + 20]; /* with a scope */
	unsigned port = DNS_PORT;
	struct mxa_str rest = MXA_STR("");
	size_t end;

	memset(out, 0, sizeof(*out));
	if (s.len > 0 && s.p[0] == '[') {
		end = mxa_str_chr(s, ']', 0);
		if (end == s.len)
			return false;
		rest = mxa_str_sub(s, end + 1, s.len);
		s = mxa_str_sub(s, 1, end);
	} else {
		end = mxa_str_chr(s, ':', 0);
		if (mxa_str_chr(s, ':', end + 1) >= s.len) { /* at most one */
			rest = mxa_str_sub(s, end, s.len);
			s = mxa_str_sub(s, 0, end);
		}
	}
	if (!port_of(rest, &port) || s.len >= sizeof(host) ||
	    memchr(s.p, '\0', s.len) != NULL)
		return false;
	memcpy(host, s.p, s.len);
	host[s.len] = '\0';
	return uv_ip4_addr(host, (int)port, (struct sockaddr_in *)out) == 0 ||
	    uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)out) == 0;
}

bool mxa_dns_server_ok(struct mxa_str server)
{
	struct sockaddr_storage addr;

	return server_parse(server, &addr);
}

static bool same_address(
    const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		    a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port &&
	    a6->sin6_scope_id == b6->sin6_scope_id &&
	    memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0;
}

static void server_text(struct mxa_server *server)
{
	const struct sockaddr_in6 *a6 = (const void *)&server->addr;
	const struct sockaddr_in *a4 = (const void *)&server->addr;
	bool six = server->addr.ss_family == AF_INET6;
	unsigned port = ntohs(six ? a6->sin6_port : a4->sin_port);
	char host[INET6_ADDRSTRLEN];

	if (six)
		uv_ip6_name(a6, host, sizeof(host));
	else
		uv_ip4_name(a4, host, sizeof(host));
	if (port == DNS_PORT)
		snprintf(server->text, sizeof(server->text), "%s", host);
	else
		snprintf(server->text, sizeof(server->text),
		    six ? "[%s]:%u" : "%s:%u", host, port);
}

static struct mxa_server *server_get(
    struct mxa_stub *s, const struct sockaddr_storage *addr)
{
	struct mxa_server *server = s->known;

	while (server != NULL && !same_address(&server->addr, addr))
		server = server->next;
	if (server != NULL)
		return server;
	server = mxa_xcalloc(1, sizeof(*server));
	server->stub = s;
	server->addr = *addr;
	server_text(server);
	mxa_udp_init(server);
	server->next = s->known;
	s->known = server;
	return server;
}

static void add_server(struct mxa_stub *s, const struct sockaddr_storage *addr)
{
	struct mxa_server *server = server_get(s, addr);

	for (size_t i = 0; i < s->n_servers; i++)
		if (s->servers[i] == server)
			return;
	if (s->n_servers < MXA_MAX_SERVERS)
		s->servers[s->n_servers++] = server;
}

/* --- resolv.conf --- */

/* The addresses of a file's nameserver lines (resolv.conf(5)). */
static size_t conf_addresses(
    const char *path, struct sockaddr_storage out[MXA_MAX_SERVERS])
{
	static const struct mxa_str key = MXA_STR_INIT("nameserver");
	FILE *f = fopen(path, "re");
	long left = MAX_CONF;
	size_t n = 0;
	char line[512];

	if (f == NULL)
		return 0;
	while (n < MXA_MAX_SERVERS && left > 0 &&
	    fgets(line, sizeof(line), f) != NULL) {
		struct mxa_str s = mxa_str_from(line);

		left -= (long)s.len;
		s = mxa_str_trim(s);
		if (!mxa_str_starts(s, key) || s.len == key.len ||
		    !mxa_is_wsp(s.p[key.len]))
			continue;
		s = mxa_str_trim(mxa_str_sub(s, key.len, s.len));
		for (size_t i = 0; i < s.len; i++)
			if (mxa_is_wsp(s.p[i]) || s.p[i] == '#')
				s.len = i;
		n += server_parse(s, &out[n]);
	}
	fclose(f);
	return n;
}

static void conf_read(struct mxa_stub *s)
{
	struct sockaddr_storage found[MXA_MAX_SERVERS];
	size_t n = conf_addresses(s->resolv_conf, found);

	/* The file may be half written: old servers are better than none. */
	if (n == 0 && s->n_servers > 0)
		return;
	if (n == 0) {
		server_parse(MXA_STR("127.0.0.1"), &found[0]);
		n = 1;
	}
	s->n_servers = 0;
	for (size_t i = 0; i < n; i++)
		add_server(s, &found[i]);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Checked before a question is asked: an idle resolver sleeps, and it does not
 * matter whether the file is rewritten, replaced or a link. */
static void conf_look(struct mxa_stub *s)
{
	uint64_t now = mxa_stub_now(s);
	struct stat st;

	if (s->resolv_conf == NULL ||
	    (s->conf_checked_ms != 0 && now < s->conf_checked_ms + LOOK_MS))
		return;
	s->conf_checked_ms = now;
	if (stat(s->resolv_conf, &st) != 0)
		memset(&st, 0, sizeof(st));
	if (s->n_servers > 0 && same_file(&st, &s->conf_stat))
		return;
	s->conf_stat = st;
	conf_read(s);
}

/* --- life --- */

bool mxa_servers_init(struct mxa_stub *s, const struct mxa_dns_options *o)
{
	struct sockaddr_storage addr;

	if (o->n_servers == 0) {
		s->resolv_conf = mxa_xstrdup(
		    o->resolv_conf ? o->resolv_conf : "/etc/resolv.conf");
		conf_look(s);
		return true;
	}
	for (size_t i = 0; i < o->n_servers; i++) {
		if (!server_parse(mxa_str_from(o->servers[i]), &addr))
			return false;
		add_server(s, &addr);
	}
	return true;
}

void mxa_servers_done(struct mxa_stub *s)
{
	for (struct mxa_server *v = s->known; v != NULL; v = v->next)
		mxa_udp_done(v);
}

void mxa_servers_free(struct mxa_stub *s)
{
	while (s->known != NULL) {
		struct mxa_server *next = s->known->next;

		free(s->known);
		s->known = next;
	}
	free(s->resolv_conf);
}

/* --- who answers --- */

size_t mxa_servers_list(
    struct mxa_stub *s, struct mxa_candidate candidates[MXA_MAX_SERVERS])
{
	size_t n = 0;

	conf_look(s);
	for (int bad = 0; bad <= 1; bad++)
		for (size_t i = 0; i < s->n_servers; i++)
			if ((s->servers[i]->bad_until != 0) == bad)
				candidates[n++] = (struct mxa_candidate){
					.server = s->servers[i],
				};
	return n;
}

struct mxa_candidate *mxa_servers_probe(
    struct mxa_stub *s, struct mxa_candidate *candidates, size_t n)
{
	uint64_t now = mxa_stub_now(s);

	for (size_t i = 1; i < n; i++) {
		struct mxa_server *v = candidates[i].server;

		if (v->bad_until != 0 && v->bad_until <= now) {
			v->bad_until = now + BAD_MS;
			return &candidates[i];
		}
	}
	return NULL;
}

void mxa_server_answered(struct mxa_server *server)
{
	server->silent = 0;
	server->bad_until = 0;
}

/* A slow domain looks like a dead server.  But then the server answers other
 * questions in the meantime, and each answer makes it good again. */
void mxa_server_silent(struct mxa_server *server)
{
	if (++server->silent >= SILENCES)
		server->bad_until = mxa_stub_now(server->stub) + BAD_MS;
}
