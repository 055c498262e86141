/* loggen.c N SEED: a Postfix log of N messages on standard output, and the
 * truth about it on standard error:
 *
 *	deliveries REFUSED DEFERRED
 *	CLASS DOMAIN IP COUNT RECIPIENTS	(for each group of refusals)
 *
 * Messages are interleaved, queue ids come again, deliveries are tried more
 * than once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN 40 /* messages in the queue at the same time */
#define SENDERS 7
#define KINDS 4

static uint64_t random_state;

static unsigned draw(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

struct kind {
	const char *class;
	const char *status;
	const char *before, *between; /* the sender's domain; his address */
	const char *after;
};

static const struct kind kinds[KINDS] = {
	{ "dmarc-policy", "5.7.26", "550-5.7.26 Unauthenticated email from ",
	    " is not accepted due to domain's DMARC policy. client 192.0.2.",
	    "" },
	{ "spf-fail", "5.7.23", "550 5.7.23 SPF check failed for ",
	    ": 192.0.2.", " is not allowed" },
	{ "unknown-user", "5.1.1", "550 5.1.1 User unknown; mail of ",
	    ", [192.0.2.", "]" },
	{ "mailbox-full", "5.2.2", "552 5.2.2 Mailbox full; mail of ",
	    ", [192.0.2.", "]" },
};

struct message {
	unsigned id, sender, rcpt;
	unsigned tries; /* left, each deferred */
	int end;	/* -1 sent, else a kind; KINDS: stays deferred */
	int step;
};

static unsigned seconds;
static unsigned refused[KINDS][SENDERS];
static unsigned sent, all_refused, deferred;

static void begin_line(const char *daemon, const struct message *m)
{
	unsigned t = seconds / 20; /* twenty lines a second */

	printf("2026-11-27T%02u:%02u:%02u.%06u+00:00 mx postfix/%s[%u]: "
	       "%010X: ",
	    t / 3600 % 24, t / 60 % 60, t % 60, seconds % 20 * 50000, daemon,
	    100 + draw(9), m->id);
	seconds++;
}

static void deliver(const struct message *m, const char *status,
    const char *state, const char *words)
{
	begin_line("smtp", m);
	printf("to=<r%u@example.net>, relay=mx.example.net[198.51.100.9]:25, "
	       "delay=1, delays=0/0/0/1, dsn=%s, status=%s (host "
	       "mx.example.net[198.51.100.9] said: %s (in reply to end of DATA "
	       "command))\n",
	    m->rcpt, status, state, words);
}

static void finish(const struct message *m)
{
	char words[300];

	if (m->end < 0) {
		sent++;
		deliver(m, "2.0.0", "sent", "250 2.0.0 ok");
		return;
	}
	if (m->end == KINDS) {
		deferred++;
		deliver(m, "4.2.1", "deferred", "450 4.2.1 try again later");
		return;
	}
	snprintf(words, sizeof(words), "%sshop%u.example%s%u%s",
	    kinds[m->end].before, m->sender, kinds[m->end].between,
	    m->sender + 1, kinds[m->end].after);
	refused[m->end][m->sender]++;
	all_refused++;
	deliver(m, kinds[m->end].status, "bounced", words);
}

/* The next line of the message; 0: it has left the queue. */
static int advance(struct message *m)
{
	switch (m->step++) {
	case 0:
		begin_line("qmgr", m);
		printf("from=<a@shop%u.example>, size=900, nrcpt=1 (queue "
		       "active)\n",
		    m->sender);
		return 1;
	case 1:
		if (m->tries > 0) {
			m->tries--;
			m->step = 0;
			deliver(m, "4.7.1", "deferred",
			    "451 4.7.1 greylisted, try again later");
			return 1;
		}
		finish(m);
		return m->end != KINDS;
	default:
		begin_line("qmgr", m);
		puts("removed");
		return 0;
	}
}

static void begin(struct message *m, unsigned number)
{
	m->id = number % 100000; /* ids come again */
	m->sender = draw(SENDERS);
	m->rcpt = number;
	m->tries = draw(3);
	m->end = draw(10) < 7 ? -1 : (int)draw(KINDS + 1);
	m->step = 0;
}

/* The client's address matters where authentication failed; else "-". */
static void tell_group(int k, int s)
{
	char ip[20] = "-";

	if (k < 2)
		snprintf(ip, sizeof(ip), "192.0.2.%d", s + 1);
	fprintf(stderr, "%s shop%d.example %s %u %u\n", kinds[k].class, s, ip,
	    refused[k][s], refused[k][s]);
}

static void tell_truth(void)
{
	fprintf(stderr, "%u %u %u\n", sent + all_refused + deferred,
	    all_refused, deferred);
	for (int k = 0; k < KINDS; k++)
		for (int s = 0; s < SENDERS; s++)
			if (refused[k][s] > 0)
				tell_group(k, s);
}

int main(int argc, char **argv)
{
	struct message open[OPEN];
	unsigned n, made = 0, live = 0;

	if (argc != 3)
		return 64;
	n = (unsigned)strtoul(argv[1], NULL, 10);
	random_state = strtoull(argv[2], NULL, 10);
	while (made < n || live > 0) {
		unsigned i = draw(OPEN);

		if (i >= live && made < n && live < OPEN) {
			begin(&open[live++], made++);
			continue;
		}
		if (live == 0)
			continue;
		i %= live;
		if (!advance(&open[i]))
			open[i] = open[--live];
	}
	tell_truth();
	return 0;
}
