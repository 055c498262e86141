/* corpus.c - generated mail and its zone. */
#include "t/bench/corpus.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "t/support/signer.h"

#define DOMAINS 300   /* whose mail comes often */
#define COLD_FROM 300 /* domains from here on send one message each */
#define COLD 64
#define DEAD_FROM (COLD_FROM + COLD)
#define DEAD 64
#define CEILING ((size_t)256 << 20)

static uint64_t state;

/* xorshift64*: the same mail everywhere. */
static unsigned below(unsigned n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* --- zone --- */

/* Two networks for documentation hold the hosts of up to 500 domains. */
#define NET(d) ((d) < 250 ? "192.0.2" : "198.51.100")
#define NET_REVERSE(d) ((d) < 250 ? "2.0.192" : "100.51.198")
#define HOST(d) ((d) % 250 + 1)

/* dN.example: SPF with two includes, two keys, a DMARC record for its
 * subdomains, an MX host with its reverse name. */
static void zone_domain(struct mxa_buf *z, unsigned d, const char *key)
{
	const char *net = NET(d);
	unsigned host = HOST(d);

	mxa_buf_printf(z,
	    "bounce.d%u.example. IN TXT \"v=spf1 include:_a.d%u.example "
	    "include:_b.d%u.example -all\"\n"
	    "_a.d%u.example. IN TXT \"v=spf1 ip4:203.0.113.0/28 -all\"\n"
	    "_b.d%u.example. IN TXT \"v=spf1 ip4:%s.%u -all\"\n",
	    d, d, d, d, d, net, host);
	mxa_buf_printf(z,
	    "d%u.example. IN SOA ns.d%u.example. "
	    "host.d%u.example. 1 3600 900 86400 300\n",
	    d, d, d);
	mxa_buf_printf(z,
	    "_dmarc.d%u.example. IN TXT \"v=DMARC1; p=none\"\n"
	    "news.d%u.example. IN A %s.%u\n"
	    "mx.d%u.example. IN A %s.%u\n"
	    "mx.d%u.example. IN TXT \"v=spf1 a -all\"\n"
	    "%u.%s.in-addr.arpa. IN PTR mx.d%u.example.\n",
	    d, d, net, host, d, net, host, d, host, NET_REVERSE(d), d);
	mxa_buf_printf(
	    z, "s1._domainkey.news.d%u.example. IN TXT %s\n", d, key);
	mxa_buf_printf(z, "s2._domainkey.d%u.example. IN TXT %s\n", d, key);
}

static void zone_make(struct bench_corpus *c)
{
	struct mxa_str key =
	    sign_key_strings(c->arena, sign_key_record(c->arena, c->key));
	struct mxa_buf z;
	char *text = mxa_arena_strdup(c->arena, key.p, key.len);

	mxa_buf_init(&z, c->arena, CEILING);
	/* without them nobody keeps what is not there */
	mxa_buf_adds(&z,
	    "example. IN SOA ns.example. host.example. 1 3600 900 86400 300\n"
	    "in-addr.arpa. IN SOA ns.example. host.example. 1 3600 900 86400 "
	    "300\n");
	for (unsigned d = 0; d < DEAD_FROM; d++)
		zone_domain(&z, d, text);
	for (unsigned d = DEAD_FROM; d < DEAD_FROM + DEAD; d++)
		mxa_buf_printf(&z, ";? drop *.d%u.example\n", d);
	c->zone = mxa_buf_str(&z);
}

/* --- messages --- */

/* 'spaced': with double blanks, and one at the end of each line. */
static void add_text_line(struct mxa_buf *b, bool spaced)
{
	static const char *const words[] = { "mail", "that", "arrives", "with",
		"a", "signature", "is", "verified,", "and", "the", "policy",
		"of", "its", "author", "decides", "what  comes", "next." };

	for (size_t start = b->len; b->len - start < 60;) {
		mxa_buf_adds(
		    b, words[below(MXA_ARRAY_LEN(words) - (spaced ? 0 : 2))]);
		mxa_buf_addc(b, ' ');
	}
	mxa_buf_adds(b, spaced ? "\r\n" : "next.\r\n");
}

static void add_base64_line(struct mxa_buf *b)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				  "qrstuvwxyz0123456789+/";
	char line[78];

	for (unsigned i = 0; i < 76; i += 4)
		for (unsigned k = 0, bits = below(1u << 24); k < 4; k++)
			line[i + k] = set[bits >> (6 * k) & 63];
	line[76] = '\r';
	line[77] = '\n';
	mxa_buf_add(b, line, sizeof(line));
}

enum text {
	ANY,	/* SPACED or BASE64 */
	SPACED, /* blanks that relaxed canonicalisation changes, in each line */
	PLAIN,	/* none */
	BASE64, /* as large mail is */
};

struct shape {
	unsigned least, most; /* octets, the further fields not counted */
	unsigned signatures;  /* 0: none, 1 or more; 99: one, sometimes two */
	unsigned fields;      /* further ones */
	unsigned first_domain, domains;
	bool some_bad; /* one in eight has its body changed */
	enum text text;
	unsigned recipients; /* further ones in the To field */
	bool folded;	     /* each in a line of its own */
	bool dead;	     /* the DNS of its domain is silent */
};

static void add_further(struct mxa_buf *b, const struct shape *s)
{
	for (unsigned i = 0; i < s->fields; i++)
		mxa_buf_printf(b, "X-Field-%u: value of a usual length %u\r\n",
		    i, below(1000000));
	mxa_buf_adds(b, "To: Bob Reader <bob@example.org>");
	for (unsigned i = 0; i < s->recipients; i++)
		mxa_buf_printf(b, "%s\"Reader %u\" <reader%u@example.org>",
		    s->folded ? ",\r\n\t" : ", ", i, below(1000000));
	mxa_buf_adds(b, "\r\n");
}

static void add_header(struct mxa_buf *b, unsigned d)
{
	for (unsigned i = 0; i < 3; i++)
		mxa_buf_printf(b,
		    "Received: from h%u.d%u.example (h%u.d%u.example "
		    "[198.51.100.%u])\r\n\tby mx%u.d%u.example with ESMTPS id "
		    "%08X;\r\n\tTue, 1 Sep 2026 00:00:0%u +0000\r\n",
		    i, d, i, d, i + 1, i, d, below(1u << 31), i);
	mxa_buf_printf(b,
	    "From: \"Ann Author\" <ann@news.d%u.example>\r\n"
	    "Subject: the news of day %u\r\n"
	    "Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"
	    "Message-ID: <%u.%u@news.d%u.example>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "List-Unsubscribe: <https://news.d%u.example/u/%u>\r\n"
	    "X-Mailer: bench\r\n",
	    d, below(366), below(1u << 30), below(1u << 30), d, d, below(1000));
}

static struct mxa_str sign(
    struct bench_corpus *c, struct mxa_str text, unsigned d, unsigned count)
{
	struct mxa_str plain = text;

	for (unsigned i = 0; i < count; i++) {
		struct sign_options o = { .key = c->key,
			.headers = "from:to:subject:date:message-id:"
				   "mime-version:content-type" };
		struct mxa_str field;
		struct mxa_buf b;

		o.domain = mxa_arena_printf(
		    c->arena, i % 2 ? "d%u.example" : "news.d%u.example", d);
		o.selector = i % 2 ? "s2" : "s1";
		field = sign_dkim(c->arena, plain, &o);
		mxa_buf_init(&b, c->arena, CEILING);
		mxa_buf_addstr(&b, field);
		mxa_buf_addstr(&b, text);
		text = mxa_buf_str(&b);
	}
	return text;
}

static void envelope(struct bench_message *m, unsigned d, bool bad)
{
	snprintf(m->ip, sizeof(m->ip), "%s.%u", bad ? "203.0.113" : NET(d),
	    bad ? 200 : HOST(d));
	snprintf(m->helo, sizeof(m->helo), "mx.d%u.example", d);
	snprintf(m->from, sizeof(m->from), "<ann@bounce.d%u.example>", d);
}

static void make_message(struct bench_corpus *c, struct bench_message *m,
    const struct shape *s, unsigned i)
{
	unsigned d = s->first_domain + i % s->domains, count = s->signatures;
	unsigned size = s->least + below(s->most - s->least + 1);
	bool bad = s->some_bad && i % 8 == 7;
	enum text text = s->text;
	size_t further;
	struct mxa_buf b;
	char *end;

	if (text == ANY)
		text = below(2) == 0 ? BASE64 : SPACED;

	if (count == 99)
		count = i % 4 == 3 ? 2 : 1;
	mxa_buf_init(&b, c->arena, CEILING);
	add_further(&b, s);
	further = b.len;
	add_header(&b, d);
	mxa_buf_adds(&b, "\r\n");
	while (b.len - further < size) {
		if (text == BASE64)
			add_base64_line(&b);
		else
			add_text_line(&b, text == SPACED);
	}
	m->text = sign(c, mxa_buf_str(&b), d, count);
	end = strstr(m->text.p, "\r\n\r\n");
	m->header_len = (size_t)(end - m->text.p) + 2;
	m->signatures = count;
	envelope(m, d, bad);
	m->spf = bad ? "fail" : "pass";
	m->dkim = count == 0 ? "none" : bad ? "fail" : "pass";
	m->dmarc = bad ? "fail" : "pass";
	if (s->dead)
		m->spf = m->dkim = m->dmarc = "temperror";
	if (bad) /* the first letter of the body */
		end[4] = end[4] == 'x' ? 'y' : 'x';
}

/* Unsigned mail passes DMARC by SPF: the bounce domain is below the author's
 * organization. */
static const struct {
	const char *name;
	size_t n;
	struct shape shape;
} kinds[BENCH_KINDS] = {
	[BENCH_SMALL] = { "small", DOMAINS,
	    { 2800, 8600, 99, 0, 0, DOMAINS, .some_bad = true } },
	[BENCH_UNSIGNED] = { "small, unsigned", DOMAINS,
	    { 2800, 8600, 0, 0, 0, DOMAINS, .some_bad = true } },
	[BENCH_MEDIUM] = { "medium", 64,
	    { 30000, 80000, 99, 0, 0, DOMAINS, .some_bad = true } },
	[BENCH_LARGE] = { "large", 8,
	    { 1000000, 5000000, 1, 0, 0, DOMAINS, .some_bad = true } },
	[BENCH_HUGE] = { "25 MB", 1,
	    { 25000000, 25000000, 1, 0, 0, DOMAINS, .text = BASE64 } },
	[BENCH_SIG1] = { "1 signature", 50,
	    { 4000, 4000, 1, 0, 0, DOMAINS, .some_bad = false } },
	[BENCH_SIG9] = { "9 signatures", 50,
	    { 4000, 4000, 9, 0, 0, DOMAINS, .some_bad = false } },
	[BENCH_FIELDS] = { "1000 fields more", 50,
	    { 4000, 4000, 1, 1000, 0, DOMAINS, .some_bad = false } },
	[BENCH_FIELDS5] = { "5000 fields more", 10,
	    { 4000, 4000, 1, 5000, 0, DOMAINS, .some_bad = false } },
	[BENCH_FIELDS20] = { "20,000 fields more", 5,
	    { 4000, 4000, 1, 20000, 0, DOMAINS, .some_bad = false } },
	[BENCH_PLAIN] = { "plain text", 4,
	    { 1000000, 1000000, 1, 0, 0, DOMAINS, .text = PLAIN } },
	[BENCH_SPACED] = { "double blanks", 4,
	    { 1000000, 1000000, 1, 0, 0, DOMAINS, .text = SPACED } },
	[BENCH_FLAT] = { "long To field", 8,
	    { 4000, 4000, 1, 0, 0, DOMAINS, .recipients = 1000 } },
	[BENCH_FOLDED] = { "long To field, folded", 8,
	    { 4000, 4000, 1, 0, 0, DOMAINS, .recipients = 1000,
		.folded = true } },
	[BENCH_COLD] = { "cold", COLD,
	    { 3000, 3000, 2, 0, COLD_FROM, COLD, .some_bad = false } },
	[BENCH_DEAD] = { "dead", DEAD,
	    { 3000, 3000, 1, 0, DEAD_FROM, DEAD, .dead = true } },
};

struct bench_corpus *bench_corpus_new(const char *keys, unsigned seed)
{
	struct bench_corpus *c = mxa_xcalloc(1, sizeof(*c));
	char path[4096];

	c->arena = mxa_arena_new();
	snprintf(path, sizeof(path), "%s/rsa2048.pem", keys);
	c->key = sign_key_load(path);
	if (c->key == NULL) {
		fprintf(stderr, "bench: cannot read %s\n", path);
		exit(1);
	}
	c->seed = seed;
	zone_make(c);
	return c;
}

const struct bench_class *bench_class(
    struct bench_corpus *c, enum bench_kind kind)
{
	struct bench_class *of = &c->of[kind];

	if (of->m != NULL)
		return of;
	state = c->seed * UINT64_C(2654435761) + kind + 1;
	of->name = kinds[kind].name;
	of->n = kinds[kind].n;
	of->m = mxa_arena_calloc(c->arena, of->n, sizeof(*of->m));
	for (unsigned i = 0; i < of->n; i++)
		make_message(c, &of->m[i], &kinds[kind].shape, i);
	return of;
}

void bench_corpus_free(struct bench_corpus *c)
{
	EVP_PKEY_free(c->key);
	mxa_arena_free(c->arena);
	free(c);
}

/* --- verdicts --- */

/* "dkim=pass" at the start of a word.  What rspamd calls reject is fail. */
static bool says(const char *stamped, const char *method, const char *result)
{
	char want[32];
	size_t len;

	snprintf(want, sizeof(want), "%s=%s", method, result);
	len = strlen(want);
	for (const char *p = stamped; (p = strcasestr(p, want)) != NULL; p++)
		if ((p == stamped || strchr(" ;\t\n", p[-1])) &&
		    !isalpha((unsigned char)p[len]))
			return true;
	return false;
}

const char *bench_wrong(const struct bench_message *m, const char *stamped)
{
	if (!says(stamped, "spf", m->spf))
		return "spf";
	if (!says(stamped, "dkim", m->dkim) &&
	    !(strcmp(m->dkim, "fail") == 0 && says(stamped, "dkim", "reject")))
		return "dkim";
	if (!says(stamped, "dmarc", m->dmarc))
		return "dmarc";
	return NULL;
}
