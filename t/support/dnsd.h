/* dnsd.h - a DNS server on loopback, for tests: serves a zone file (dns/zone.h)
 * over UDP and TCP, and misbehaves on demand.
 *
 * What the zone itself plays (";!" lines) comes out as that response code or
 * delay; a played timeout or malformed answer as silence or garbage.  Beside
 * those, comments at the start of a line make the server itself misbehave:
 *
 *	;? WORD[=N] NAME [TYPE]
 *
 * NAME absolute, "*.NAME": everything below; the first line that fits counts.
 *
 *	drop		never answers
 *	delay=MS	answers later
 *	held		answers when the test says so (test_dnsd_release)
 *	flap=N		drops the first N questions, then answers
 *	lame		a referral elsewhere
 *	truncate	TC over UDP, the answer over TCP
 *	truncate-hangup	TC over UDP, TCP closes without a word
 *	truncate-silent	TC over UDP, TCP never answers
 *	wrong-id	a poisoned packet with another id, then the answer
 *	wrong-question	the same with another question
 *	wrong-type	the same with another question type
 *	no-qr		the same without QR
 *	opcode		the same with opcode NOTIFY
 *	wrong-owner	the answer's records belong to another name
 *	class-ch	the answer's records are of class CH
 *	garbage		header and question, then octets without meaning
 *	short		ends inside a record
 *	loop		a compression pointer that leads to itself
 *	long-name	a name of more than 255 octets
 *	overrun		a TXT string longer than its record
 *	no-edns		FORMERR to a question with EDNS, header only
 *	badvers		BADVERS to a question with EDNS
 *	alias-only	the CNAME without what it leads to
 *	endless		a CNAME to c.NAME and no more
 *	nxdomain-data	NXDOMAIN beside records
 *	extra		answers with records of other names before its own
 *	empty-txt	a TXT record without a string before its own */
#ifndef MXA_T_DNSD_H
#define MXA_T_DNSD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "dns/dns.h"

struct test_dnsd;

struct test_dnsd_options {
	const char *address; /* NULL: 127.0.0.1; or ::1 */
	unsigned port;	     /* 0: a free one */
	uint32_t delay_ms;   /* before each answer */
	unsigned hold;	     /* no answer until so many different questions
				have come, then all of them */
	bool held;	     /* every answer is, until test_dnsd_release() */
};

/* Serves from a thread of its own until stopped; NULL with '*error' allocated
 * with malloc.  'o' NULL: defaults. */
struct test_dnsd *test_dnsd_new(
    struct mxa_str zone, const struct test_dnsd_options *o, char **error);

/* The same, failing the test on error. */
struct test_dnsd *test_dnsd_start(
    struct mxa_str zone, const struct test_dnsd_options *o);

/* Closes its sockets; questions find the port closed.  NULL is fine. */
void test_dnsd_stop(struct test_dnsd *d);

/* "127.0.0.1:PORT", "[::1]:PORT", for struct mxa_dns_options. */
const char *test_dnsd_server(const struct test_dnsd *d);
unsigned test_dnsd_port(const struct test_dnsd *d);

/* Answer what was held; from now on nothing is. */
void test_dnsd_release(struct test_dnsd *d);
/* Hold again, beginning with the next question. */
void test_dnsd_hold(struct test_dnsd *d);

/* Packets that asked anything, over UDP and TCP. */
unsigned test_dnsd_questions(struct test_dnsd *d);

/* Of them, those for this name (lower-case) and type. */
unsigned test_dnsd_asked(
    struct test_dnsd *d, const char *name, enum mxa_dns_type type);

/* Until there were so many, however long it takes: the test's time is limited.
 */
void test_dnsd_await(
    struct test_dnsd *d, const char *name, enum mxa_dns_type type, unsigned n);

/* Questions over TCP. */
unsigned test_dnsd_tcp(struct test_dnsd *d);

/* Different source ports of UDP questions; most questions that came from one
 * of them. */
unsigned test_dnsd_ports(struct test_dnsd *d, unsigned *most);

#endif
