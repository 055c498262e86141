/* runtime.c - what all sessions share, and the lock that guards it. */
#include "config.h"

#include "milter/runtime.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/schema.h"
#include "policy/load.h"
#include "base/sysclock.h"
#include "dns/stub.h"
#include "history/failure_spool.h"
#include "history/journal.h"
#include "milter/log.h"
#include "milter/metrics.h"

/* Arenas kept for later messages: as many as are usually open at the same time.
 */
#define SPARE_ARENAS 64

/* A resolver and how many snapshots use it. */
struct resolver {
	struct mxa_dns *dns;
	unsigned refs;
};

struct snapshot {
	struct mxa_conf *conf;
	struct resolver *resolver; /* NULL until runtime_start */
	unsigned refs;
};

struct runtime {
	char *file; /* NULL: the defaults */
	const struct listener *listener;
	char hostname[256];
	struct stats stats;
	atomic_long descriptors;     /* connections that they suffice for */
	struct metrics *metrics;     /* NULL: off */
	struct mxa_journal *journal; /* NULL: off */
	struct mxa_spool *spool;     /* NULL: no random key */
	atomic_bool draining;
	atomic_bool said[ONCES];

	pthread_mutex_t lock; /* of everything below */
	struct snapshot *now;
	struct mxa_arena *spare[SPARE_ARENAS];
	unsigned spares;
	unsigned long open; /* leases */
};

/* --- resolver --- */

static void wake_pool(void *ctx)
{
	struct runtime *rt = ctx;

	if (!listen_wake(rt->listener) && runtime_once(rt, ONCE_WAKE))
		log_warn("cannot connect to our own socket: messages may wait "
			 "for the DNS of others");
}

static void count_refresh(void *ctx, bool answered)
{
	struct runtime *rt = ctx;

	stats_add(&rt->stats, STAT_DNS_REFRESHES, 1);
	if (!answered)
		stats_add(&rt->stats, STAT_DNS_REFRESH_FAILURES, 1);
}

static struct resolver *resolver_new(
    struct runtime *rt, const struct mxa_conf *c)
{
	struct mxa_dns_options o;
	struct resolver *r;
	struct mxa_dns *dns;
	const char *error = "no reason given";

	mxa_conf_dns_options(c, &o);
	dns = mxa_dns_stub_new(&o, &error);
	if (dns == NULL) {
		log_error("resolver: %s", error);
		return NULL;
	}
	mxa_dns_set_wait_hook(dns, wake_pool, rt);
	mxa_dns_set_refresh_hook(dns, count_refresh, rt);
	r = mxa_xcalloc(1, sizeof(*r));
	r->dns = dns;
	r->refs = 1;
	return r;
}

/* Whether both configurations have the same resolver: its cache is kept then.
 */
static bool same_resolver(const struct mxa_conf *a, const struct mxa_conf *b)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (o[i].reload == MXA_RELOAD_RESOLVER &&
		    mxa_schema_differs(&o[i], a, b))
			return false;
	return true;
}

/* --- snapshots --- */

static struct snapshot *snapshot_new(struct mxa_conf *conf)
{
	struct snapshot *s = mxa_xcalloc(1, sizeof(*s));

	s->conf = conf;
	s->refs = 1;
	return s;
}

/* Drop one reference; the lock is held.  The caller destroys the returned
 * snapshot after releasing the lock. */
static struct snapshot *snapshot_put(struct snapshot *s)
{
	return --s->refs == 0 ? s : NULL;
}

static void snapshot_destroy(struct runtime *rt, struct snapshot *s)
{
	struct resolver *r;
	bool last;

	if (s == NULL)
		return;
	r = s->resolver;
	pthread_mutex_lock(&rt->lock);
	last = r != NULL && --r->refs == 0;
	pthread_mutex_unlock(&rt->lock);
	if (last) {
		mxa_dns_free(r->dns);
		free(r);
	}
	mxa_conf_free(s->conf);
	free(s);
}

static void snapshot_swap(struct runtime *rt, struct snapshot *fresh)
{
	struct snapshot *old;

	pthread_mutex_lock(&rt->lock);
	old = snapshot_put(rt->now);
	rt->now = fresh;
	pthread_mutex_unlock(&rt->lock);
	snapshot_destroy(rt, old);
}

/* --- the runtime --- */

/* A quarter is left for the DNS, the journal and what libmilter accepts before
 * we know of it. */
static void count_descriptors(struct runtime *rt)
{
	struct rlimit r;
	long n = LONG_MAX;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < LONG_MAX)
		n = (long)(r.rlim_cur - r.rlim_cur / 4);
	atomic_store(&rt->descriptors, n);
}

struct runtime *runtime_new(
    struct mxa_conf *conf, const char *file, const struct listener *l)
{
	struct runtime *rt = mxa_xcalloc(1, sizeof(*rt));

	rt->file = file ? mxa_xstrdup(file) : NULL;
	rt->listener = l;
	if (gethostname(rt->hostname, sizeof(rt->hostname) - 1) != 0)
		strncpy(rt->hostname, "localhost", sizeof(rt->hostname) - 1);
	pthread_mutex_init(&rt->lock, NULL);
	stats_begin(&rt->stats, mxa_clock_wall(mxa_sysclock()));
	rt->now = snapshot_new(conf);
	return rt;
}

static void start_journal(struct runtime *rt)
{
	const struct mxa_conf *c = rt->now->conf;
	struct mxa_journal_options o = { .max_size = c->journal_max_size,
		.max_age = c->journal_max_age,
		.max_unimported = c->journal_max_unimported,
		.state_directory = MXAUTH_STATEDIR,
		.writer = "mxauthd " PACKAGE_VERSION,
		.clock = mxa_sysclock() };
	char *directory, trouble[4600];

	if (c->journal_directory.len == 0) {
		log_info("no journal is kept: journal.directory is empty");
		return;
	}
	directory =
	    mxa_xstrndup(c->journal_directory.p, c->journal_directory.len);
	o.directory = directory;
	rt->journal = mxa_journal_new(&o);
	atomic_store(&rt->stats.journal, rt->journal);
	if (mxa_journal_check(rt->journal, trouble, sizeof(trouble)))
		log_info("journal in %s", directory);
	else
		log_warn("%s", trouble);
	free(directory);
}

/* Its key is of this process alone: what was hidden stays hidden. */
static void start_spool(struct runtime *rt)
{
	const struct mxa_conf *c = rt->now->conf;
	struct mxa_spool_options o = { .state_directory = MXAUTH_STATEDIR,
		.clock = mxa_sysclock() };
	char *directory;

	if (c->failure_directory.len == 0 ||
	    getentropy(o.key, sizeof(o.key)) != 0)
		return;
	directory =
	    mxa_xstrndup(c->failure_directory.p, c->failure_directory.len);
	o.directory = directory;
	rt->spool = mxa_spool_new(&o);
	explicit_bzero(o.key, sizeof(o.key));
	free(directory);
}

static void start_metrics(struct runtime *rt)
{
	struct mxa_str where = rt->now->conf->metrics_listen;
	const char *error = NULL;

	if (where.len == 0)
		return;
	rt->metrics = metrics_start(where, &rt->stats, &error);
	if (rt->metrics == NULL)
		log_warn("metrics: %.*s: %s", MXA_STR_ARG(where), error);
}

bool runtime_start(struct runtime *rt)
{
	rt->now->resolver = resolver_new(rt, rt->now->conf);
	if (rt->now->resolver == NULL)
		return false;
	count_descriptors(rt);
	start_journal(rt);
	start_spool(rt);
	start_metrics(rt);
	return true;
}

static void say_unchangeable(const struct mxa_conf *a, const struct mxa_conf *b)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (o[i].reload == MXA_RELOAD_RESTART &&
		    mxa_schema_differs(&o[i], a, b))
			log_warn("%s%s%s has changed: a restart is needed "
				 "for it",
			    o[i].section, o[i].section[0] != '\0' ? "." : "",
			    o[i].name);
}

static struct snapshot *snapshot_reloaded(
    struct runtime *rt, struct mxa_conf *conf)
{
	struct snapshot *s = snapshot_new(conf);

	/* Only the main thread replaces 'now', so it stays valid here. */
	if (same_resolver(rt->now->conf, conf)) {
		s->resolver = rt->now->resolver;
		pthread_mutex_lock(&rt->lock);
		s->resolver->refs++;
		pthread_mutex_unlock(&rt->lock);
	} else {
		s->resolver = resolver_new(rt, conf);
	}
	if (s->resolver != NULL)
		return s;
	mxa_conf_free(conf);
	free(s);
	return NULL;
}

/* Read the file again and log what is to be said about it. */
static struct mxa_conf *load_again(struct runtime *rt)
{
	char *errors = NULL, *warnings = NULL, *ended = NULL;
	struct mxa_conf *conf = mxa_policy_load(rt->file, &errors, &warnings);

	if (conf != NULL)
		ended = mxa_policy_ended(conf, mxa_clock_wall(mxa_sysclock()));
	log_lines(true, errors);
	log_lines(false, warnings);
	log_lines(false, ended);
	free(errors);
	free(warnings);
	free(ended);
	return conf;
}

bool runtime_reload(struct runtime *rt)
{
	struct mxa_conf *conf = load_again(rt);
	struct snapshot *fresh = NULL;

	count_descriptors(rt);
	mxa_journal_reopen(rt->journal);
	if (conf != NULL) {
		say_unchangeable(rt->now->conf, conf);
		fresh = snapshot_reloaded(rt, conf);
	}
	if (fresh == NULL) {
		stats_reload(&rt->stats, false, mxa_clock_wall(mxa_sysclock()));
		log_error("configuration not reloaded: the old one stays");
		return false;
	}
	snapshot_swap(rt, fresh);
	for (int i = 0; i < ONCES; i++)
		atomic_store(&rt->said[i], false);
	stats_reload(&rt->stats, true, mxa_clock_wall(mxa_sysclock()));
	log_info("configuration reloaded");
	return true;
}

/* --- leases --- */

/* The lock is held. */
static enum lease_answer may_lease(const struct runtime *rt)
{
	if (atomic_load(&rt->draining))
		return LEASE_STOPPING;
	return rt->open < rt->now->conf->max_messages ? LEASE_GIVEN
						      : LEASE_BUSY;
}

enum lease_answer runtime_lease(struct runtime *rt, struct lease *out)
{
	struct mxa_arena *a = NULL;
	enum lease_answer answer;

	pthread_mutex_lock(&rt->lock);
	answer = may_lease(rt);
	if (answer != LEASE_GIVEN) {
		pthread_mutex_unlock(&rt->lock);
		return answer;
	}
	out->snapshot = rt->now;
	out->snapshot->refs++;
	rt->open++;
	if (rt->spares > 0)
		a = rt->spare[--rt->spares];
	pthread_mutex_unlock(&rt->lock);
	out->conf = out->snapshot->conf;
	out->dns = out->snapshot->resolver->dns;
	out->arena = a ? a : mxa_arena_new();
	atomic_fetch_add(&rt->stats.open_messages, 1);
	return LEASE_GIVEN;
}

void runtime_return(struct runtime *rt, struct lease *l)
{
	struct snapshot *old;
	struct mxa_arena *a = l->arena;

	mxa_arena_reset(a);
	atomic_fetch_sub(&rt->stats.open_messages, 1);
	pthread_mutex_lock(&rt->lock);
	old = snapshot_put(l->snapshot);
	if (rt->spares < SPARE_ARENAS) {
		rt->spare[rt->spares++] = a;
		a = NULL;
	}
	if (old == NULL)
		rt->open--;
	pthread_mutex_unlock(&rt->lock);
	mxa_arena_free(a);
	if (old != NULL) {
		snapshot_destroy(rt, old);
		/* As late as possible: at 0 the process may end. */
		pthread_mutex_lock(&rt->lock);
		rt->open--;
		pthread_mutex_unlock(&rt->lock);
	}
	*l = (struct lease){ 0 };
}

struct stats *runtime_stats(struct runtime *rt)
{
	return &rt->stats;
}

struct mxa_journal *runtime_journal(const struct runtime *rt)
{
	return rt->journal;
}

struct mxa_spool *runtime_spool(const struct runtime *rt)
{
	return rt->spool;
}

struct mxa_str runtime_hostname(const struct runtime *rt)
{
	return mxa_str_from(rt->hostname);
}

unsigned runtime_resolver_turns(struct runtime *rt)
{
	/* Only the main thread replaces 'now', so it stays valid here. */
	return mxa_dns_stub_turns(rt->now->resolver->dns);
}

enum mxa_rcpt_merge runtime_recipients(struct runtime *rt)
{
	enum mxa_rcpt_merge merge = MXA_RCPT_STRICTEST;

	pthread_mutex_lock(&rt->lock);
	if (rt->now != NULL)
		merge = rt->now->conf->recipients;
	pthread_mutex_unlock(&rt->lock);
	return merge;
}

/* --- connections --- */

bool runtime_connect(struct runtime *rt)
{
	long n = atomic_fetch_add(&rt->stats.sessions, 1);
	long most = 0;

	stats_add(&rt->stats, STAT_CONNECTIONS, 1);
	pthread_mutex_lock(&rt->lock);
	if (rt->now != NULL)
		most = rt->now->conf->max_connections;
	pthread_mutex_unlock(&rt->lock);
	return n < most;
}

void runtime_disconnect(struct runtime *rt)
{
	atomic_fetch_sub(&rt->stats.sessions, 1);
}

bool runtime_full(const struct runtime *rt)
{
	return atomic_load(&rt->stats.sessions) >=
	    atomic_load(&rt->descriptors);
}

bool runtime_once(struct runtime *rt, enum runtime_once what)
{
	return !atomic_exchange(&rt->said[what], true);
}

/* --- shutting down --- */

void runtime_drain(struct runtime *rt)
{
	pthread_mutex_lock(&rt->lock);
	atomic_store(&rt->draining, true);
	atomic_store(&rt->stats.ready, false);
	pthread_mutex_unlock(&rt->lock);
}

bool runtime_draining(const struct runtime *rt)
{
	return atomic_load(&rt->draining);
}

unsigned long runtime_open(struct runtime *rt)
{
	unsigned long n;

	pthread_mutex_lock(&rt->lock);
	n = rt->open;
	pthread_mutex_unlock(&rt->lock);
	return n;
}

void runtime_stop(struct runtime *rt)
{
	struct snapshot *last;

	metrics_stop(rt->metrics);
	mxa_journal_free(rt->journal);
	mxa_spool_free(rt->spool);
	pthread_mutex_lock(&rt->lock);
	last = snapshot_put(rt->now);
	rt->now = NULL;
	pthread_mutex_unlock(&rt->lock);
	snapshot_destroy(rt, last);
	while (rt->spares > 0)
		mxa_arena_free(rt->spare[--rt->spares]);
	free(rt->file);
	rt->file = NULL;
}
