/* journalgen.c FILE FILE-ID MESSAGES FIRST DOMAINS SECONDS: a journal of
 * MESSAGES synthetic messages, numbers FIRST and up of one long series.
 *
 * Author domains are drawn by Zipf's law, but every tenth message is of the
 * next domain in turn, so that all DOMAINS occur in ten times as many
 * messages.  All of them ask for reports, which is the worst case.  Lines are
 * written by the daemon's own writer, with the DNS evidence that a message of
 * that kind has.  SECONDS is the time of message 0, one day holds them all. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/limits.h"
#include "dns/answer.h"
#include "history/line.h"

#define MAX_DOMAINS 10000000
#define MAX_QUESTIONS 16
#define SECONDS_A_DAY 86400
#define KEY_CHARACTERS 392 /* of a public key of 2048 bits in base64 */

struct generator {
	struct mxa_arena *a; /* of a message */
	double *weight;	     /* cumulative */
	size_t domains;
	uint64_t state;

	struct mxa_txn txn;
	struct mxa_dmarc_record record;
	struct mxa_dkim_sig sig[2];
	struct mxa_evidence evidence[MAX_QUESTIONS];
	size_t n_evidence;
	struct mxa_str domain, rcpt;
	unsigned rank, sender; /* of the domain; which of its servers */
	bool stranger;	       /* neither SPF nor DKIM passes */
};

/* --- chance --- */

static uint64_t draw_bits(struct generator *g)
{
	uint64_t x = g->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned draw(struct generator *g, unsigned n)
{
	return (unsigned)(draw_bits(g) >> 33) % n;
}

static double draw_fraction(struct generator *g)
{
	return (double)(draw_bits(g) >> 11) / 9007199254740992.0;
}

static void make_weights(struct generator *g)
{
	double sum = 0;

	g->weight = mxa_xcalloc(g->domains, sizeof(double));
	for (size_t i = 0; i < g->domains; i++)
		g->weight[i] = sum += 1.0 / (double)(i + 1);
}

static unsigned draw_domain(struct generator *g)
{
	double at = draw_fraction(g) * g->weight[g->domains - 1];
	size_t low = 0, high = g->domains - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (g->weight[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return (unsigned)low;
}

/* --- parts of a message --- */

#define TEXTF(g, ...) mxa_str_from(mxa_arena_printf((g)->a, __VA_ARGS__))

static void set_client(struct generator *g)
{
	struct mxa_msg *m = &g->txn.msg;
	/* a large domain has more servers than a small one */
	unsigned servers = 1 + 60 / (1 + g->rank / 20);
	unsigned net = g->rank % 250;

	g->sender = draw(g, servers);
	mxa_ip_parse(g->stranger
		? TEXTF(g, "203.0.%u.%u", draw(g, 8), 1 + draw(g, 250))
		: TEXTF(g, "198.%u.%u.%u", 18 + g->rank / 250 % 2, net,
		      1 + (g->rank / 500 + g->sender) % 250),
	    &m->ip);
	m->peer = m->ip;
	m->client_name =
	    TEXTF(g, "out%u.mail.%.*s", g->sender, MXA_STR_ARG(g->domain));
	m->helo = m->client_name;
}

static void set_envelope(struct generator *g, uint64_t number)
{
	struct mxa_msg *m = &g->txn.msg;

	m->queue_id = TEXTF(g, "4F%09" PRIX64, number * 7919);
	m->receiver = MXA_STR("mx.example.jp");
	mxa_msg_set_mail_from(m, g->a,
	    TEXTF(g, "<bounce-%08x@%s%.*s>", draw(g, 1u << 30),
		g->rank % 3 == 0 ? "mail." : "", MXA_STR_ARG(g->domain)));
	g->rcpt = TEXTF(g, "user%u@example.jp", draw(g, 5000));
	m->rcpt = &g->rcpt;
	m->n_rcpt = m->n_rcpt_seen = 1;
	m->body_bytes = 2000 + draw(g, 60000);
	mxa_headers_add(&m->headers, MXA_STR("Message-ID"),
	    TEXTF(g, "<%016" PRIx64 ".%u@%.*s>", draw_bits(g), g->sender,
		MXA_STR_ARG(g->domain)),
	    false);
}

static void set_spf(struct generator *g)
{
	struct mxa_spf_verdict *v = &g->txn.verdict.spf;
	const struct mxa_msg *m = &g->txn.msg;

	v->result = g->stranger ? MXA_SPF_FAIL : MXA_SPF_PASS;
	v->domain = m->mail_domain;
	v->sender = m->mail_from;
	v->record_domain = g->stranger
	    ? v->domain
	    : TEXTF(g, "_spf.%.*s", MXA_STR_ARG(g->domain));
	v->mechanism =
	    g->stranger ? MXA_STR("-all") : MXA_STR("ip4:198.18.0.0/15");
	v->reason.text =
	    TEXTF(g, "the client is %slisted in the record of %.*s",
		g->stranger ? "not " : "", MXA_STR_ARG(v->domain));
	v->lookups = 2;
}

static void set_dkim(struct generator *g)
{
	struct mxa_dkim_verdict *v = &g->txn.verdict.dkim;

	v->sig = g->sig;
	v->n = g->stranger ? 0 : 1 + (g->rank % 4 == 1);
	for (size_t i = 0; i < v->n; i++)
		g->sig[i] = (struct mxa_dkim_sig){ .result = MXA_DKIM_PASS,
			.domain = i == 0 ? g->domain : MXA_STR("esp.example"),
			.identity = i == 0
			    ? TEXTF(g, "@%.*s", MXA_STR_ARG(g->domain))
			    : MXA_STR("@esp.example"),
			.selector = TEXTF(g, "s%u", g->sender % 2),
			.algorithm = MXA_STR("rsa-sha256"),
			.b = TEXTF(g, "%08x", draw(g, 1u << 30)),
			.body = MXA_BODY_MATCHES,
			.key_bits = 2048,
			.covers_subject = true,
			.signed_at = g->txn.msg.received };
}

static void set_dmarc(struct generator *g)
{
	struct mxa_verdict *v = &g->txn.verdict;
	struct mxa_dmarc_domain *d = &v->dmarc.domain[0];
	static const char *const policies[] = { "none", "quarantine",
		"reject" };
	struct mxa_str record =
	    TEXTF(g, "v=DMARC1; p=%s; rua=mailto:dmarc-reports@%.*s; fo=1",
		policies[g->rank % 3], MXA_STR_ARG(g->domain));

	mxa_dmarc_record_parse(record, &g->record);
	v->authors.domain[0] = g->domain;
	v->authors.n = 1;
	v->authors.fields = v->authors.addresses = 1;
	v->authors.address[0] = TEXTF(g, "news@%.*s", MXA_STR_ARG(g->domain));
	v->authors.n_address = 1;
	*d = (struct mxa_dmarc_domain){ .result = g->stranger ? MXA_DMARC_FAIL
							      : MXA_DMARC_PASS,
		.author = g->domain,
		.organizational = g->domain,
		.record_domain = g->domain,
		.record = &g->record,
		.published = (enum mxa_dmarc_policy)(g->rank % 3),
		.policy = (enum mxa_dmarc_policy)(g->rank % 3),
		.spf_aligned = !g->stranger,
		.dkim_aligned = !g->stranger,
		.reason.text = g->stranger ? MXA_STR("nothing aligned passes")
					   : MXA_STR("DKIM passes, aligned") };
	v->dmarc.n = 1;
	v->dmarc.result = d->result;
	v->dmarc.policy = g->stranger ? d->policy : MXA_POLICY_NONE;
}

static void set_action(struct generator *g)
{
	struct mxa_action *act = &g->txn.action;
	bool refused =
	    g->stranger && g->txn.verdict.dmarc.policy == MXA_POLICY_REJECT;

	act->kind = act->would = refused ? MXA_ACT_REJECT : MXA_ACT_ACCEPT;
	act->cause = refused ? MXA_CAUSE_DMARC_REJECT : MXA_CAUSE_NOTHING;
	act->disposition = g->txn.verdict.dmarc.policy;
	act->rule = MXA_STR("default");
	act->author = 0;
	if (refused) {
		mxa_reply_init(&act->reply, "550", "5.7.26");
		mxa_reply_line(&act->reply, g->a,
		    TEXTF(g, "refused by the DMARC policy of %.*s",
			MXA_STR_ARG(g->domain)));
	}
}

/* --- evidence --- */

static void ask_name(struct generator *g, enum mxa_dns_type type,
    struct mxa_str name, struct mxa_str text)
{
	struct mxa_dns_answer *ans = mxa_arena_calloc(g->a, 1, sizeof(*ans));
	struct mxa_dns_record *rr = mxa_arena_calloc(g->a, 1, sizeof(*rr));

	rr->text = text;
	if (type == MXA_DNS_A)
		mxa_ip_parse(text, &rr->ip);
	rr->preference = 10;
	*ans = (struct mxa_dns_answer){ .status = text.len > 0 ? MXA_DNS_DATA
							       : MXA_DNS_NODATA,
		.type = type,
		.rr = rr,
		.n = text.len > 0,
		.ttl = 300 + draw(g, 3300),
		.ms = draw(g, 40) };
	g->evidence[g->n_evidence++] = (struct mxa_evidence){ .answer = ans,
		.name = name,
		.type = type,
		.cached = draw(g, 4) > 0 };
}

static void ask_key(struct generator *g, const struct mxa_dkim_sig *s)
{
	char key[KEY_CHARACTERS + 1];

	for (size_t i = 0; i < KEY_CHARACTERS; i++)
		key[i] = (char)('A' + (g->rank + i * 7) % 26);
	key[KEY_CHARACTERS] = '\0';
	ask_name(g, MXA_DNS_TXT,
	    TEXTF(g, "%.*s._domainkey.%.*s", MXA_STR_ARG(s->selector),
		MXA_STR_ARG(s->domain)),
	    TEXTF(g, "v=DKIM1; k=rsa; p=%s", key));
}

static void ask_all(struct generator *g)
{
	const struct mxa_msg *m = &g->txn.msg;
	struct mxa_str d = g->domain, client;
	char ip[MXA_IP_TEXT];

	g->n_evidence = 0;
	ask_name(g, MXA_DNS_TXT, m->mail_domain,
	    TEXTF(g, "v=spf1 include:_spf.%.*s include:_spf.esp.example -all",
		MXA_STR_ARG(d)));
	ask_name(g, MXA_DNS_TXT, TEXTF(g, "_spf.%.*s", MXA_STR_ARG(d)),
	    MXA_STR("v=spf1 ip4:198.18.0.0/15 ip4:192.0.2.0/28 ~all"));
	ask_name(g, MXA_DNS_TXT, m->helo, MXA_STR(""));
	ask_name(g, MXA_DNS_TXT, TEXTF(g, "_dmarc.%.*s", MXA_STR_ARG(d)),
	    g->record.text);
	ask_name(g, MXA_DNS_TXT, MXA_STR("_dmarc.example"), MXA_STR(""));
	for (size_t i = 0; i < g->txn.verdict.dkim.n; i++)
		ask_key(g, &g->sig[i]);
	ask_name(g, MXA_DNS_MX, d, TEXTF(g, "mx.%.*s", MXA_STR_ARG(d)));
	client = mxa_str_dup(g->a, mxa_str_from(mxa_ip_format(&m->ip, ip)));
	ask_name(g, MXA_DNS_PTR, client, m->client_name);
	ask_name(g, MXA_DNS_A, m->client_name, client);
	ask_name(g, MXA_DNS_A, d, MXA_STR("198.18.0.80"));
}

/* --- a line --- */

static void make_message(struct generator *g, uint64_t number, int64_t time)
{
	g->txn = (struct mxa_txn){ .ms = draw(g, 400) };
	mxa_msg_init(&g->txn.msg, g->a);
	mxa_notes_init(&g->txn.verdict.notes, g->a);
	g->txn.msg.received = time;
	g->rank = number % 10 == 0 ? (unsigned)(number / 10 % g->domains)
				   : draw_domain(g);
	g->stranger = draw(g, 20) == 0;
	g->domain = TEXTF(g, "shop-%u.example", g->rank);
	set_client(g);
	set_envelope(g, number);
	set_spf(g);
	set_dkim(g);
	set_dmarc(g);
	set_action(g);
	mxa_note(&g->txn.verdict.notes, "spf: %.*s has the record of a series",
	    MXA_STR_ARG(g->txn.msg.mail_domain));
	ask_all(g);
}

static bool write_messages(
    struct generator *g, FILE *f, uint64_t first, uint64_t n, int64_t begin)
{
	struct mxa_line_dns dns = { .evidence = g->evidence };
	struct mxa_buf b;
	int64_t time;

	for (uint64_t i = first; i < first + n; i++) {
		mxa_arena_reset(g->a);
		time = begin + (int64_t)(i * 37 / 1000 % SECONDS_A_DAY);
		make_message(g, i, time);
		dns.n = g->n_evidence;
		dns.counts.questions = (unsigned)g->n_evidence;
		dns.counts.sent = 3;
		mxa_buf_init(&b, g->a, MXA_MAX_JOURNAL_LINE);
		mxa_line_write(&b, &g->txn, &dns, time);
		if (fwrite(b.p, 1, b.len, f) != b.len)
			return false;
	}
	return true;
}

static uint64_t number_argument(const char *text, uint64_t most)
{
	uint64_t v;

	if (!mxa_str_u64(mxa_str_from(text), most, &v)) {
		fprintf(stderr, "journalgen: %s is not a number\n", text);
		exit(64);
	}
	return v;
}

int main(int argc, char **argv)
{
	struct generator *g = mxa_xcalloc(1, sizeof(*g));
	struct mxa_buf b;
	uint64_t n, first;
	int64_t begin;
	bool ok;
	FILE *f;

	if (argc != 7) {
		fputs("usage: journalgen FILE FILE-ID MESSAGES FIRST DOMAINS "
		      "SECONDS\n",
		    stderr);
		return 64;
	}
	n = number_argument(argv[3], INT64_MAX / 1000);
	first = number_argument(argv[4], INT64_MAX / 1000);
	g->domains = number_argument(argv[5], MAX_DOMAINS);
	begin = (int64_t)number_argument(argv[6], INT64_MAX);
	g->a = mxa_arena_new();
	g->state = first;
	make_weights(g);
	f = fopen(argv[1], "we");
	mxa_buf_init(&b, g->a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write_file(
	    &b, mxa_str_from(argv[2]), MXA_STR("journalgen"), begin);
	ok = f != NULL && fwrite(b.p, 1, b.len, f) == b.len &&
	    write_messages(g, f, first, n, begin) && fclose(f) == 0;
	if (!ok)
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	mxa_arena_free(g->a);
	free(g->weight);
	free(g);
	return ok ? 0 : 73;
}
