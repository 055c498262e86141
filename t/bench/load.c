/* load.c - the client. */
#include "t/bench/load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/bench/process.h"
#include "t/support/milterclient.h"

#define SETTLE_S 0.03 /* until what is done after the reply is done */

struct job {
	const struct bench_load *load;
	struct bench_run *out;
	double *latency;
	atomic_size_t next, answered, wrong, replies;
	_Atomic(const char *) what;
};

static struct mtc *open_to(const char *socket, const struct bench_message *m)
{
	struct mtc *c = mtc_open(socket);

	if (c == NULL)
		return NULL;
	mtc_timeout(c, 60000);
	if (!mtc_negotiate(c, &mtc_postfix)) {
		mtc_close(c);
		return NULL;
	}
	mtc_macros(c, 'C', "j", "mx.example.org", NULL);
	mtc_connect(c, m->helo, m->ip);
	mtc_helo(c, m->helo);
	return c;
}

static struct mtc_message in_protocol(
    const struct bench_message *m, struct mxa_str text)
{
	return (struct mtc_message){ .queue_id = "4XyZabcdef",
		.mail_from = m->from,
		.rcpt = { "<bob@example.org>" },
		.text = text.p,
		.len = text.len };
}

/* Header fields that the filter added, as text with line ends. */
static char *stamped_by(const struct mtc_result *r)
{
	size_t size = 1;
	char *text, *to;

	for (size_t i = 0; i < r->n; i++)
		if (r->edit[i].kind == 'i' || r->edit[i].kind == 'h')
			size += strlen(r->edit[i].name) +
			    strlen(r->edit[i].value) + 4;
	text = to = mxa_xmalloc(size);
	*to = '\0';
	for (size_t i = 0; i < r->n; i++)
		if (r->edit[i].kind == 'i' || r->edit[i].kind == 'h')
			to += sprintf(to, "%s: %s\n", r->edit[i].name,
			    r->edit[i].value +
				(r->edit[i].value[0] == ' ' ? 1 : 0));
	return text;
}

/* 'stamped' with CRLF, and the message below it: as the next filter sees it. */
static struct mxa_str below_stamps(
    const char *stamped, const struct bench_message *m, char **keep)
{
	char *text = mxa_xmalloc(strlen(stamped) * 2 + m->text.len), *to = text;

	for (const char *p = stamped; *p != '\0'; p++) {
		if (*p == '\n')
			*to++ = '\r';
		*to++ = *p;
	}
	memcpy(to, m->text.p, m->text.len);
	free(*keep);
	*keep = text;
	return mxa_str_make(text, (size_t)(to - text) + m->text.len);
}

static char *append(char *all, const char *more)
{
	size_t len = strlen(all);

	all = mxa_xrealloc(all, len + strlen(more) + 1);
	memcpy(all + len, more, strlen(more) + 1);
	return all;
}

static const char deferred[] = "deferred";

/* More messages than the filter takes at a time. */
static bool is_deferred(const struct mtc_result *r)
{
	return r->reply == MTC_REPLYCODE && r->text != NULL &&
	    strncmp(r->text, "451 4.3.2", 9) == 0;
}

/* Through all stages; what went wrong, or NULL.  '*start' is when MAIL was
 * sent to the first. */
static const char *through(const struct bench_system *s,
    const struct bench_message *m, unsigned *replies, double *start)
{
	char *all = mxa_xstrdup(""), *text = NULL;
	struct mxa_str now = m->text;
	const char *what = NULL;

	for (unsigned i = 0; i < s->stages && what == NULL; i++) {
		struct mtc *c = open_to(s->socket[i], m);
		struct mtc_message msg = in_protocol(m, now);
		struct mtc_result r = { 0 };
		char *stamped;

		if (c == NULL) {
			what = "connection";
			break;
		}
		if (i == 0 && start != NULL)
			*start = bench_now();
		mtc_send(c, &msg, &r);
		if (r.reply == MTC_GONE)
			what = "no reply";
		else if (is_deferred(&r))
			what = deferred;
		*replies += mtc_replies(c);
		stamped = stamped_by(&r);
		all = append(all, stamped);
		if (i + 1 < s->stages)
			now = below_stamps(stamped, m, &text);
		free(stamped);
		mtc_result_free(&r);
		mtc_quit(c);
		mtc_flush(c);
		mtc_close(c);
	}
	if (what == NULL && s->judges)
		what = bench_wrong(m, all);
	if (what != NULL && what != deferred && getenv("BENCH_DEBUG") != NULL)
		fprintf(stderr, "%s: %s %s wrong %s, want %s %s %s\n%s",
		    s->name, m->ip, m->from, what, m->spf, m->dkim, m->dmarc,
		    all);
	free(text);
	free(all);
	return what;
}

static void *client(void *arg)
{
	struct job *j = arg;
	const struct bench_load *l = j->load;
	size_t i;

	while ((i = atomic_fetch_add(&j->next, 1)) < l->n) {
		double start = bench_now();
		unsigned replies = 0;
		const char *what = through(l->system,
		    &l->of->m[(l->first + i) % l->of->n], &replies, NULL);

		if (what == deferred && l->retreat > 0) {
			bench_sleep(l->retreat);
			continue;
		}
		j->latency[atomic_fetch_add(&j->answered, 1)] =
		    bench_now() - start;
		atomic_fetch_add(&j->replies, replies);
		if (what != NULL) {
			atomic_fetch_add(&j->wrong, 1);
			atomic_store(&j->what, what);
		}
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void run_clients(struct job *j, unsigned n)
{
	pthread_t *thread = mxa_xcalloc(n, sizeof(*thread));
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	for (unsigned i = 0; i < n; i++) {
		if (pthread_create(&thread[i], &small, client, j) != 0) {
			perror("bench: thread");
			exit(1);
		}
	}
	for (unsigned i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	pthread_attr_destroy(&small);
	free(thread);
}

void bench_load(const struct bench_load *l, struct bench_run *out)
{
	struct job j = { .load = l, .out = out };
	double cpu, start;
	size_t answered;

	out->latency =
	    mxa_xrealloc(out->latency, (out->n + l->n) * sizeof(*out->latency));
	j.latency = out->latency + out->n;
	cpu = bench_system_cpu(l->system);
	start = bench_now();
	run_clients(&j, l->connections);
	out->wall += bench_now() - start;
	bench_sleep(SETTLE_S);
	out->cpu += bench_system_cpu(l->system) - cpu;
	answered = atomic_load(&j.answered);
	if (answered > 0)
		out->replies = (out->replies * (double)out->n +
				   (double)atomic_load(&j.replies)) /
		    (double)(out->n + answered);
	out->n += answered;
	out->deferred += l->n - answered;
	out->wrong += atomic_load(&j.wrong);
	if (out->what == NULL)
		out->what = atomic_load(&j.what);
	qsort(out->latency, out->n, sizeof(*out->latency), by_size);
}

double bench_quantile(const struct bench_run *r, double q)
{
	size_t i = (size_t)(q * (double)r->n);

	if (r->n == 0)
		return 0;
	return r->latency[i < r->n ? i : r->n - 1];
}

void bench_run_free(struct bench_run *r)
{
	free(r->latency);
	*r = (struct bench_run){ 0 };
}

/* --- single messages --- */

/* Header and half of the body, then the rest after a pause. */
static struct mtc *begin_slowly(
    const struct bench_system *s, const struct bench_message *m)
{
	struct mtc *c = open_to(s->socket[0], m);
	const char *body = m->text.p + m->header_len + 2;

	if (c == NULL)
		return NULL;
	mtc_macros(c, 'M', "{mail_addr}", m->from, NULL);
	mtc_mail(c, m->from, NULL);
	mtc_rcpt(c, "<bob@example.org>", NULL);
	mtc_data(c);
	for (const char *p = m->text.p; p < m->text.p + m->header_len;) {
		const char *end = strstr(p, "\r\n");
		const char *colon = strchr(p, ':');
		char *name = mxa_xstrndup(p, (size_t)(colon - p)), *value, *to;

		while (end[2] == ' ' || end[2] == '\t')
			end = strstr(end + 2, "\r\n");
		to = value = mxa_xstrndup(colon + 1, (size_t)(end - colon - 1));
		for (const char *v = value; *v != '\0'; v++)
			if (*v != '\r')
				*to++ = *v;
		*to = '\0';
		mtc_header(c, name, value);
		free(name);
		free(value);
		p = end + 2;
	}
	mtc_macros(c, 'N', "i", "4XyZabcdef", NULL);
	mtc_eoh(c);
	mtc_body(c, body, 1000);
	mtc_flush(c);
	return c;
}

double bench_once(
    const struct bench_system *s, const struct bench_message *m, double pause)
{
	const char *body = m->text.p + m->header_len + 2;
	struct mtc_result r = { 0 };
	double start = 0, took;
	unsigned replies = 0;
	struct mtc *c;

	if (pause <= 0) {
		if (through(s, m, &replies, &start) != NULL)
			return -1;
		return bench_now() - start;
	}
	c = begin_slowly(s, m);
	if (c == NULL)
		return -1;
	bench_sleep(pause);
	mtc_body(
	    c, body + 1000, m->text.len - (size_t)(body - m->text.p) - 1000);
	mtc_macros(c, 'E', "i", "4XyZabcdef", NULL);
	start = bench_now();
	mtc_eom(c);
	mtc_finish(c, &r);
	took = bench_now() - start;
	if (r.reply == MTC_GONE)
		took = -1;
	mtc_result_free(&r);
	mtc_close(c);
	return took;
}

struct mtc *bench_hold(
    const struct bench_system *s, const struct bench_message *m)
{
	static const struct bench_message nobody = { .ip = "192.0.2.1",
		.helo = "mx.d0.example" };
	struct mtc *c;

	if (m != NULL)
		return begin_slowly(s, m);
	c = open_to(s->socket[0], &nobody);
	if (c != NULL)
		mtc_flush(c);
	return c;
}
