/* resolver.h - what the parts of the stub resolver share.  Private to
 * lib/dns.
 *
 *   stub.c     the questions in flight: joined, started, delivered
 *   timer.c    the time of all this
 *   refresh.c  questions that nobody waits for, before an answer expires
 *   query.c    the course of one question: servers, tries, CNAMEs, the end
 *   udp.c      sockets with random ports; sends no faster than servers read
 *   tcp.c      one connection a question, after truncation
 *   servers.c  who is asked: configuration, resolv.conf, who is silent
 *
 * Fields marked "locked" are guarded by the lock of struct mxa_stub.  All
 * others belong to the thread of the loop.  Nothing here blocks. */
#ifndef MXA_DNS_RESOLVER_H
#define MXA_DNS_RESOLVER_H

#include <pthread.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <uv.h>

#include "dns/cache.h"
#include "dns/source.h"
#include "dns/stub_options.h"
#include "base/table.h"
#include "dns/wire.h"

#define MXA_MAX_SERVERS 8
#define MXA_SERVER_TEXT 80

struct mxa_stub;
struct mxa_query;
struct mxa_port;
struct mxa_tcp;
struct mxa_try;

TAILQ_HEAD(mxa_try_queue, mxa_try);
LIST_HEAD(mxa_try_list, mxa_try);
LIST_HEAD(mxa_port_list, mxa_port);
TAILQ_HEAD(mxa_tcp_queue, mxa_tcp);
LIST_HEAD(mxa_timer_list, mxa_timer);

/* Fires once.  Lies in its owner, which frees it when it is closed. */
struct mxa_timer {
	uv_timer_t handle;
	struct mxa_stub *stub;
	void (*fired)(void *owner);
	void *owner;
	/* in time that stands */
	LIST_ENTRY(mxa_timer) running;
	bool runs;
	uint64_t due_ms;
};

/* A server that is or was asked; kept until the end, since questions refer to
 * it when resolv.conf has already dropped it. */
struct mxa_server {
	struct mxa_server *next;
	struct mxa_stub *stub;
	struct sockaddr_storage addr;
	char text[MXA_SERVER_TEXT]; /* for people; the port unless it is 53 */

	unsigned silent;      /* tries without answer since the last answer */
	uint64_t bad_until;   /* asked last until then; 0: good */
	uint64_t plain_until; /* asked without EDNS until then */

	/* udp.c */
	struct mxa_port_list ports;
	unsigned n_ports;
	struct mxa_try_queue queue; /* to be sent */
	struct mxa_try_queue again; /* to be sent after those */
	struct mxa_try_queue young; /* sent just now */
	unsigned n_young;
	struct mxa_timer pump;
};

/* One packet on its way to one server for one question. */
struct mxa_try {
	LIST_ENTRY(mxa_try) of_query;
	struct mxa_query *query;
	struct mxa_server *server;
	uint16_t id;
	bool edns;
	bool again; /* because a server kept silent */
	enum {
		MXA_TRY_QUEUED,
		MXA_TRY_YOUNG,
		MXA_TRY_OLD,
		MXA_TRY_TCP,
	} state;
	uint64_t sent_ms;
	TAILQ_ENTRY(mxa_try) in_gate; /* QUEUED, YOUNG */
	LIST_ENTRY(mxa_try) of_port;  /* YOUNG, OLD */
	struct mxa_port *port;
	struct mxa_tcp *tcp; /* TCP */
};

/* A server that this question may ask. */
struct mxa_candidate {
	struct mxa_server *server;
	uint8_t tries;
	uint8_t hangups; /* TCP connections that failed */
	bool failed;	 /* its failure is known: not asked again */
};

/* A question in flight. */
struct mxa_query {
	struct mxa_link link;	    /* locked */
	struct mxa_question q;	    /* constant; the name lies in 'name' */
	struct mxa_sub *subs;	    /* locked: who waits */
	struct mxa_query *next_new; /* locked */
	struct mxa_stub *stub;
	char name[MXA_ASKED_NAME];

	struct mxa_timer timer;
	uint64_t start_ms, end_ms;
	struct mxa_wire_name owner; /* what is asked now, after CNAMEs */
	unsigned cnames;
	uint32_t ttl;
	bool ad;
	struct mxa_candidate candidates[MXA_MAX_SERVERS];
	size_t n_candidates;
	struct mxa_candidate *last; /* the one asked last */
	bool late;		    /* a server kept silent */
	struct mxa_try_list tries;
	/* the first failure that a server told */
	enum mxa_dns_status failure; /* MXA_DNS_DATA: none */
	const char *failure_text;
	const struct mxa_server *failure_server;
};

struct mxa_stub {
	struct mxa_dns dns;		/* first */
	struct mxa_dns_options options; /* without the servers */
	char *resolv_conf;		/* NULL: the servers are configured */
	struct mxa_cache *cache;
	const struct mxa_clock *clock; /* of the cache */

	pthread_mutex_t lock;			 /* guards what follows */
	struct mxa_table in_flight;		 /* of struct mxa_query */
	struct mxa_query *new_first, **new_last; /* not yet started */
	bool stopping;
	struct {
		unsigned open;	  /* questions in flight */
		uint64_t second;  /* by 'clock' */
		unsigned begun;	  /* questions in that second */
		uv_timer_t timer; /* of the loop; not locked */
	} refresh;

	pthread_t thread;
	uv_loop_t loop;
	uv_async_t wake;   /* any thread: there is something new, or the end */
	atomic_uint turns; /* how often that was heard */
	struct mxa_arena *scratch; /* of one packet */
	char *packet;		   /* MXA_PACKET bytes */
	uint8_t entropy[256];
	size_t entropy_left;
	uint64_t refills; /* without the system's help */

	struct mxa_server *known; /* every server ever used */
	struct mxa_server *servers[MXA_MAX_SERVERS];
	size_t n_servers;
	struct stat conf_stat;
	uint64_t conf_checked_ms;

	struct {		 /* with options.manual_time */
		uint64_t end_ms; /* locked */
		uint64_t now_ms;
		struct mxa_timer_list running;
	} manual;

	struct mxa_tcp_queue tcp_waiting;
	unsigned n_tcp;
};

#define MXA_PACKET 65536

/* --- stub.c --- */

/* Random octets, from options.random or the system. */
void mxa_stub_random(struct mxa_stub *s, void *p, size_t len);

/* Begins a question for 'sub', from any thread; false: it is in flight, or
 * there are too many. */
bool mxa_stub_begin(
    struct mxa_stub *s, const struct mxa_question *q, struct mxa_sub *sub);

/* Removes the question from those in flight if nobody waits for it any more. */
bool mxa_stub_abandon(struct mxa_query *q);

/* Removes the question from those in flight, caches the answer if the rules
 * allow it, and gives it to all who wait.  Consumes the caller's count. */
void mxa_stub_deliver(struct mxa_query *q, const struct mxa_dns_answer *answer);

/* --- timer.c --- */

/* Milliseconds that only go forward, as the loop sees them. */
uint64_t mxa_stub_now(const struct mxa_stub *s);

/* 'fired' gets 'owner', which is also the handle's data when it is closed. */
void mxa_timer_init(struct mxa_stub *s, struct mxa_timer *t,
    void (*fired)(void *owner), void *owner);
void mxa_timer_start(struct mxa_timer *t, uint64_t ms);
void mxa_timer_stop(struct mxa_timer *t);
bool mxa_timer_runs(const struct mxa_timer *t);
void mxa_timer_close(struct mxa_timer *t, void (*closed)(uv_handle_t *handle));

/* In the thread of the loop, after mxa_stub_pass(). */
void mxa_timers_woken(struct mxa_stub *s);

/* --- refresh.c --- */

void mxa_refresh_init(struct mxa_stub *s);

/* In the thread of the loop, after something in the cache was scheduled. */
void mxa_refresh_woken(struct mxa_stub *s);

void mxa_refresh_done(struct mxa_stub *s); /* closes the timer */

/* --- query.c --- */

void mxa_query_start(struct mxa_query *q);

/* At the end of the loop: whoever waits gets a timeout. */
void mxa_query_stop(struct mxa_query *q);

/* A packet with the try's id came from its server. */
void mxa_query_received(
    struct mxa_try *t, const uint8_t *packet, size_t len, bool tcp);

/* The try failed (port unreachable, connection closed). */
void mxa_query_lost(struct mxa_try *t);

/* The question as it is put in this try. */
void mxa_query_wire(const struct mxa_try *t, struct mxa_wire_question *out);

/* --- udp.c --- */

void mxa_udp_init(struct mxa_server *server);

/* Send, or queue for sending.  False: this server cannot be reached. */
bool mxa_udp_send(struct mxa_try *t);

/* Forget a try that was sent or queued. */
void mxa_udp_leave(struct mxa_try *t);

/* At the end of the loop; no try is left. */
void mxa_udp_done(struct mxa_server *server);

/* --- tcp.c --- */

/* Connect and send, or wait until there are fewer connections.  False: cannot
 * be. */
bool mxa_tcp_send(struct mxa_try *t);

void mxa_tcp_leave(struct mxa_try *t);

/* --- servers.c --- */

/* Takes the configured servers, or reads resolv.conf; false: one is not an
 * address. */
bool mxa_servers_init(struct mxa_stub *s, const struct mxa_dns_options *o);

void mxa_servers_done(struct mxa_stub *s); /* closes their handles */
void mxa_servers_free(struct mxa_stub *s);

/* The servers to ask, best first.  Looks whether resolv.conf has changed. */
size_t mxa_servers_list(
    struct mxa_stub *s, struct mxa_candidate candidates[MXA_MAX_SERVERS]);

/* A silent server that should be tried again, beside a good one; NULL: none.
 * The same server is not returned again for a while. */
struct mxa_candidate *mxa_servers_probe(
    struct mxa_stub *s, struct mxa_candidate *candidates, size_t n);

void mxa_server_answered(struct mxa_server *server);
void mxa_server_silent(struct mxa_server *server);

#endif
