/* dnstest.h - a resolver that asks one server of ours, for tests. */
#ifndef MXA_T_DNSTEST_H
#define MXA_T_DNSTEST_H

#include "dns/stub.h"
#include "t/support/dnsd.h"
#include "t/support/testing.h"

/* Only for a test that hangs to end. */
#define DNSTEST_HANG_MS 60000

struct dnstest {
	struct mxa_arena *arena;
	struct test_dnsd *server;
	struct test_clock clock; /* of the cache */
	struct mxa_dns_options options;
	const char *address;
	struct mxa_dns *dns; /* NULL until dnstest_open */
};

/* The server serves 'zone' (t/support/dnsd.h), as 'o' (NULL: defaults) says;
 * the options may be changed until dnstest_open. */
void dnstest_begin(
    struct dnstest *t, const char *zone, const struct test_dnsd_options *o);
void dnstest_open(struct dnstest *t);
void dnstest_end(struct dnstest *t);

/* Ends the server before the test. */
void dnstest_stop_server(struct dnstest *t);

/* One message that asks for a TXT record: the answer as text (dnsshow.h), and
 * how many questions were sent for it ('sent' NULL: nobody wants to know). */
const char *dnstest_once(struct dnstest *t, const char *name, unsigned *sent);

/* How often the server was asked for the TXT record. */
unsigned dnstest_asked(struct dnstest *t, const char *name);

/* Until the resolver's thread has done what it was told before: questions are
 * sent, and what was due at mxa_stub_pass() has happened. */
void dnstest_settle(struct mxa_dns *dns);

#endif
