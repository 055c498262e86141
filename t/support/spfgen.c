/* spfgen.c - SPF checks out of chance. */
#include "t/support/spfgen.h"

#include <string.h>

#include "auth/spf/grammar.h"
#include "base/attr.h"
#include "base/buf.h"
#include "t/support/spfsuite.h"

#define RECORDS 6
#define HOSTS 5
#define MOST 16384

unsigned spfgen_below(struct spfgen *g, unsigned n)
{
	if (g->len > 0) {
		g->len--;
		return *g->data++ % n;
	}
	if (g->seed == 0)
		return 0;
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 17;
	g->seed ^= g->seed << 5;
	return (g->seed >> 8) % n;
}

static bool one_in(struct spfgen *g, unsigned n)
{
	return spfgen_below(g, n) == n - 1;
}

#define PICK(g, rows) ((rows)[spfgen_below((g), MXA_ARRAY_LEN(rows))])

static const char *const ip4[] = { "192.0.2.1", "192.0.2.2", "192.0.2.130",
	"198.51.100.7", "203.0.113.9" };
static const char *const ip6[] = { "2001:db8::1", "2001:db8:0:1::1",
	"2001:db8:ffff::7" };

/* --- names --- */

static void add_name(struct spfgen *g, struct mxa_buf *b)
{
	static const char *const others[] = { "nx.example", "a..b.example",
		"slow.example", "broken.example", "host.sub.example.",
		"under_score.example", "xn--bcher-kva.example", "H1.Example" };

	switch (spfgen_below(g, 8)) {
	case 0:
	case 1:
	case 2:
		mxa_buf_printf(b, "h%u.example", spfgen_below(g, HOSTS));
		return;
	case 3:
	case 4:
	case 5:
		mxa_buf_printf(b, "s%u.example", spfgen_below(g, RECORDS));
		return;
	case 6:
		mxa_buf_printf(b, "m%u.example", spfgen_below(g, 3));
		return;
	default:
		mxa_buf_adds(b, PICK(g, others));
	}
}

static void add_macro(struct spfgen *g, struct mxa_buf *b)
{
	static const char letters[] = "slodipvhslodipvhSLODIPVH";
	static const char delims[] = ".-+,/_=";

	if (one_in(g, 8)) {
		mxa_buf_printf(b, "%%%c", "%_-"[spfgen_below(g, 3)]);
		return;
	}
	mxa_buf_printf(b, "%%{%c", letters[spfgen_below(g, 24)]);
	if (one_in(g, 3))
		mxa_buf_printf(b, "%u", 1 + spfgen_below(g, 5));
	if (one_in(g, 40))
		mxa_buf_adds(b, "00");
	if (one_in(g, 3))
		mxa_buf_addc(b, 'r');
	while (one_in(g, 4))
		mxa_buf_addc(b, delims[spfgen_below(g, 7)]);
	mxa_buf_addc(b, '}');
}

static void add_domain_spec(struct spfgen *g, struct mxa_buf *b)
{
	if (!one_in(g, 3)) {
		add_name(g, b);
		return;
	}
	do {
		if (one_in(g, 3))
			mxa_buf_adds(b, "x.");
		add_macro(g, b);
		if (one_in(g, 3))
			mxa_buf_addc(b, '.');
	} while (one_in(g, 3));
	if (!one_in(g, 3))
		mxa_buf_printf(
		    b, "%sexists.example", b->p[b->len - 1] == '.' ? "" : ".");
}

/* --- terms --- */

static void add_cidr(struct spfgen *g, struct mxa_buf *b)
{
	static const char *const rows[] = { "/24", "/32", "//64", "/25//48",
		"/0", "//0", "/16", "//128", "/8//32" };

	if (one_in(g, 3))
		mxa_buf_adds(b, PICK(g, rows));
}

static void add_address(struct spfgen *g, struct mxa_buf *b, bool four)
{
	static const char *const bits4[] = { "/24", "/25", "/32", "/1", "/31" };
	static const char *const bits6[] = { "/32", "/64", "/128", "/48",
		"/1" };

	mxa_buf_adds(b, four ? PICK(g, ip4) : PICK(g, ip6));
	if (one_in(g, 2))
		mxa_buf_adds(b, four ? PICK(g, bits4) : PICK(g, bits6));
	else if (one_in(g, 30))
		mxa_buf_adds(b, "/0");
}

static void add_mechanism(struct spfgen *g, struct mxa_buf *b)
{
	static const char *const names[] = { "include", "include", "a", "mx",
		"ip4", "ip6", "exists", "ptr", "all", "A", "MX", "ip4" };
	const char *name = PICK(g, names);
	bool optional = strlen(name) < 3 || strcmp(name, "ptr") == 0;

	if (one_in(g, 3))
		mxa_buf_addc(b, "+-~?"[spfgen_below(g, 4)]);
	mxa_buf_adds(b, name);
	if (strcmp(name, "all") == 0)
		return;
	if (!optional || one_in(g, 2)) {
		mxa_buf_addc(b, ':');
		if (strcmp(name, "ip4") == 0)
			add_address(g, b, true);
		else if (strcmp(name, "ip6") == 0)
			add_address(g, b, false);
		else
			add_domain_spec(g, b);
	}
	if (strlen(name) < 3)
		add_cidr(g, b);
}

static void add_modifier(struct spfgen *g, struct mxa_buf *b)
{
	static const char *const unknown[] = { "x=y", "moo.cow-far_out=a:b/c",
		"default=%{d}", "empty=" };

	switch (spfgen_below(g, 3)) {
	case 0:
		mxa_buf_adds(b, "redirect=");
		break;
	case 1:
		mxa_buf_adds(b, "exp=");
		break;
	default:
		mxa_buf_adds(b, PICK(g, unknown));
		return;
	}
	add_domain_spec(g, b);
}

/* One byte wrong: left out, doubled or another. */
static void spoil(struct spfgen *g, struct mxa_buf *b)
{
	static const char bytes[] = "%/:.{}= -0a9\t\x80";
	size_t at = 7 + spfgen_below(g, 200) % (b->len - 6);

	if (at >= b->len)
		return;
	switch (spfgen_below(g, 3)) {
	case 0:
		memmove(b->p + at, b->p + at + 1, b->len - at - 1);
		b->len--;
		return;
	case 1:
		b->p[at] = b->p[at - 1];
		return;
	default:
		b->p[at] = bytes[spfgen_below(g, sizeof(bytes) - 1)];
	}
}

static struct mxa_str record(struct spfgen *g, struct mxa_arena *a)
{
	unsigned terms = spfgen_below(g, 7);
	struct mxa_buf b;

	mxa_buf_init(&b, a, MOST);
	mxa_buf_adds(&b, "v=spf1");
	for (unsigned i = 0; i < terms; i++) {
		mxa_buf_adds(&b, one_in(g, 20) ? "  " : " ");
		if (one_in(g, 8))
			add_modifier(g, &b);
		else
			add_mechanism(g, &b);
	}
	if (one_in(g, 2))
		mxa_buf_printf(&b, " %call", "+-~?"[spfgen_below(g, 4)]);
	if (one_in(g, 25) && b.len > 7)
		spoil(g, &b);
	return mxa_buf_str(&b);
}

/* --- the zone --- */

static void add_txt(struct mxa_buf *zone, unsigned owner, struct mxa_str text)
{
	mxa_buf_printf(zone, "s%u.example TXT", owner);
	zone_add_text(zone, text);
	mxa_buf_addc(zone, '\n');
}

static void add_records(struct spfgen *g, struct mxa_arena *a,
    struct mxa_buf *zone, struct mxa_str *first)
{
	for (unsigned i = 0; i < RECORDS; i++) {
		struct mxa_str text = record(g, a);

		if (i == 0)
			*first = text;
		if (i > 0 && one_in(g, 12))
			continue; /* no record */
		add_txt(zone, i, text);
		if (one_in(g, 40))
			add_txt(zone, i, MXA_STR("v=spf1 -all"));
		if (one_in(g, 10))
			add_txt(zone, i, MXA_STR("some other text"));
	}
}

static void add_hosts(struct spfgen *g, struct mxa_buf *zone)
{
	for (unsigned i = 0; i < HOSTS; i++)
		for (unsigned n = spfgen_below(g, 3); n > 0; n--) {
			if (one_in(g, 3))
				mxa_buf_printf(zone, "h%u.example AAAA %s\n", i,
				    PICK(g, ip6));
			else
				mxa_buf_printf(zone, "h%u.example A %s\n", i,
				    PICK(g, ip4));
		}
	for (unsigned i = 0; i < 3; i++)
		for (unsigned n = spfgen_below(g, 4); n > 0; n--)
			mxa_buf_printf(zone, "m%u.example MX %u h%u.example\n",
			    i, n, spfgen_below(g, HOSTS));
	mxa_buf_adds(zone,
	    "s0.example A 192.0.2.1\ns0.example MX 10 h0.example\n"
	    "s1.example MX 0 .\ns2.example A 203.0.113.9\n");
	if (one_in(g, 10))
		mxa_buf_printf(
		    zone, ";! timeout h%u.example\n", spfgen_below(g, HOSTS));
	mxa_buf_adds(zone,
	    ";! timeout slow.example\n"
	    ";! servfail broken.example\n");
}

static void add_reverse(
    struct spfgen *g, struct mxa_buf *zone, const struct mxa_ip *ip)
{
	char name[MXA_IP_REVERSE];

	mxa_ip_reverse(ip, name);
	for (unsigned n = spfgen_below(g, 3); n > 0; n--)
		mxa_buf_printf(
		    zone, "%s PTR h%u.example\n", name, spfgen_below(g, HOSTS));
}

/* What the macros of a record expand to exists, or does not. */
static void add_expanded(struct spfgen *g, struct mxa_arena *a,
    struct mxa_buf *zone, const struct mxa_spf_values *v, struct mxa_str text)
{
	struct mxa_spf_record r;

	mxa_spf_parse(&r, text, true);
	for (size_t i = 0; r.ok && i < r.n; i++) {
		const struct mxa_spf_term *t = &r.term[i];
		struct mxa_str name;

		if (!(t->uses & MXA_SPF_USES_MACRO) || one_in(g, 2))
			continue;
		name = mxa_spf_expand_domain(a, mxa_spf_term_arg(&r, t), v);
		if (!mxa_str_ends(name, MXA_STR("exists.example")) ||
		    name.p[0] == '.' ||
		    mxa_str_casefind(name, MXA_STR("..")) < name.len)
			continue;
		zone_add_name(zone, name);
		mxa_buf_printf(zone, " A %s\n", PICK(g, ip4));
	}
	mxa_spf_record_done(&r);
}

void spfgen_case(struct spfgen *g, struct mxa_arena *a, struct spfgen_case *out)
{
	static const char *const locals[] = { "ann", "ann-lee+x", "a.b_c=d",
		"ann/lee" };
	static const char *const helos[] = { "mx.example.org", "h0.example",
		"[192.0.2.1]", "OEMCOMPUTER" };
	struct mxa_spf_values v = { .origin = MXA_STR_INIT("s0.example"),
		.domain = MXA_STR_INIT("s0.example"),
		.receiver = MXA_STR_INIT("mx.example.org"),
		.ptr = MXA_STR_INIT("unknown") };
	struct mxa_buf zone;

	mxa_buf_init(&zone, a, (size_t)1 << 20);
	mxa_buf_adds(&zone, "$TTL 300\n");
	v.local = mxa_str_from(PICK(g, locals));
	v.helo = mxa_str_from(PICK(g, helos));
	out->ip = mxa_str_from(one_in(g, 3) ? PICK(g, ip6) : PICK(g, ip4));
	out->helo = v.helo;
	out->mailfrom = mxa_str_from(
	    mxa_arena_printf(a, "%.*s@s0.example", MXA_STR_ARG(v.local)));
	v.sender = out->mailfrom;
	mxa_ip_parse(out->ip, &v.ip);
	add_records(g, a, &zone, &out->record);
	add_hosts(g, &zone);
	add_reverse(g, &zone, &v.ip);
	add_expanded(g, a, &zone, &v, out->record);
	out->zone = mxa_buf_str(&zone);
}
