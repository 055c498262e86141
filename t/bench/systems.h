/* systems.h - what is measured: mxauthd with each engine, a filter that does
 * nothing, and those of opendkim, opendmarc and rspamd that are installed, each
 * with a configuration of its own in the bench's folder. */
#ifndef MXA_T_BENCH_SYSTEMS_H
#define MXA_T_BENCH_SYSTEMS_H

#include <stdbool.h>
#include <sys/types.h>

#define BENCH_STAGES 2

struct bench_system {
	const char *name;
	pid_t pid[BENCH_STAGES]; /* a message goes through them in turn */
	char socket[BENCH_STAGES][256]; /* milterclient.h */
	unsigned stages;		/* 0: not installed, not started */
	bool judges;			/* gives verdicts */
};

struct bench_place {
	const char *dir;   /* configurations, sockets, logs */
	const char *build; /* where our programs are */
	const char *dns;   /* ADDRESS:PORT that serves the zone */
	bool port53;	   /* and it is port 53 of dns_address, which
			      /etc/resolv.conf names */
	const char *dns_address;
};

/* mxauthd; 'tag' names its files, 'socket' NULL: a UNIX one; 'more' goes into
 * its configuration. */
void bench_mxauthd(struct bench_system *s, const struct bench_place *p,
    const char *tag, const char *socket, const char *more);

/* The others: stages stays 0 where the program is not there. */
void bench_empty(
    struct bench_system *s, const struct bench_place *p, bool ahead);
void bench_rspamd_all(struct bench_system *s, const struct bench_place *p);
void bench_rspamd(
    struct bench_system *s, const struct bench_place *p, const char *tag);
void bench_opendkim(
    struct bench_system *s, const struct bench_place *p, const char *tag);

void bench_stop(struct bench_system *s);

double bench_system_cpu(const struct bench_system *s);
long bench_system_rss(const struct bench_system *s);
long bench_system_pss(const struct bench_system *s); /* the same of bench_pss */

#endif
