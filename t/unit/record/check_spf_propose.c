/* check_spf_propose.c - the record that a domain should publish.  The records
 * that people get wrong are in t/lint/broken; these rows are about what else
 * decides. */
#include "record/spf_propose.h"

#include "t/unit/record/spf_zone.h"

#define HOSTS                                                        \
	"d.example. MX 10 m.example.\nm.example. A 192.0.2.1\n"      \
	"d.example. A 192.0.2.2\n"                                   \
	"isp.example. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"     \
	"ok.example. TXT \"v=spf1 ip4:192.0.2.64/28 -all\"\n"        \
	"open.example. TXT \"v=spf1 +all\"\n"                        \
	"bad.example. TXT \"v=spf1 ip4:1 -all\"\n"                   \
	"macro.example. TXT \"v=spf1 exists:%{i}.x.example -all\"\n" \
	"1.100.51.198.in-addr.arpa. PTR out.isp.example.\n"          \
	"h1.example. A 192.0.2.31\nh2.example. A 192.0.2.32\n"       \
	"h3.example. A 192.0.2.33\nh4.example. A 192.0.2.34\n"       \
	"h5.example. A 192.0.2.35\nh6.example. A 192.0.2.36\n"       \
	"h7.example. A 192.0.2.37\nh8.example. A 192.0.2.38\n"       \
	"h9.example. A 192.0.2.39\nh10.example. A 192.0.2.40\n"      \
	";! servfail broken.example\n"

#define NINE                                                   \
	"a:h1.example a:h2.example a:h3.example a:h4.example " \
	"a:h5.example a:h6.example a:h7.example a:h8.example " \
	"a:h9.example"

enum {
	GUESSED = 1,
	HELO = 2,
	NO_MAIL = 4,
	INCLUDED = 8,
	RELAY = 16,
	PROVIDER = 32, /* ok.example sends for the domain */
};

static const struct {
	const char *name;
	const char *published; /* records with '|' between them; "": none */
	const char *ips;       /* with a space between them */
	unsigned flags;
	enum mxa_spf_proposed kind;
	const char *want; /* "": none */
	const char *says; /* in a note, or why there is none; "": neither */
} rows[] = {
	/* nothing to do */
	{ "fine", "v=spf1 mx -all", "", 0, MXA_SPF_PROPOSE_NOTHING, "", "" },
	{ "fine for its sender", "v=spf1 mx -all", "192.0.2.1", 0,
	    MXA_SPF_PROPOSE_NOTHING, "", "" },
	{ "fine, with odd spaces", "v=spf1  mx  -all ", "192.0.2.1", 0,
	    MXA_SPF_PROPOSE_NOTHING, "", "" },
	{ "fine redirect", "v=spf1 redirect=ok.example", "", 0,
	    MXA_SPF_PROPOSE_NOTHING, "", "" },

	/* no record */
	{ "first", "", "", 0, MXA_SPF_PROPOSE_NEW, "v=spf1 mx ~all", "" },
	{ "first, no mail", "", "", NO_MAIL, MXA_SPF_PROPOSE_NEW, "v=spf1 -all",
	    "" },
	{ "first of a host", "", "", HELO, MXA_SPF_PROPOSE_NEW, "v=spf1 a -all",
	    "" },
	{ "first, for its MX", "", "192.0.2.1", 0, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 mx ~all", "" },
	{ "first, for another", "", "192.0.2.9", 0, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 ip4:192.0.2.9 ~all", "" },
	{ "first, for both", "", "192.0.2.1 192.0.2.9", 0, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 ~all", "" },
	{ "first, no mail, but a sender", "", "192.0.2.9", NO_MAIL,
	    MXA_SPF_PROPOSE_NEW, "v=spf1 ip4:192.0.2.9 ~all", "" },
	{ "first, for a provider's", "", "198.51.100.1", 0, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 include:isp.example ~all", "belongs to isp.example" },
	{ "first, for a guess", "", "198.51.100.1", GUESSED,
	    MXA_SPF_PROPOSE_NEW, "v=spf1 ip4:198.51.100.1 ~all", "" },
	{ "first, over IPv6", "", "2001:db8::9", 0, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 ip6:2001:db8::9 ~all", "" },
	{ "a host's own address", "", "192.0.2.2", HELO, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 a -all", "" },
	{ "looks like a record", "v=spf10 mx -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "" },
	{ "looks like two", "spf1 mx -all|v=spf mx ~all", "", 0,
	    MXA_SPF_PROPOSE_MERGE, "v=spf1 mx ~all", "2 records" },
	{ "another text", "hello", "", 0, MXA_SPF_PROPOSE_NEW, "v=spf1 mx ~all",
	    "" },
	{ "a record beside a text", "v=spf10 -all|v=spf1 mx ?all", "", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ~all", "" },

	/* senders */
	{ "one more", "v=spf1 mx -all", "192.0.2.9", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx ip4:192.0.2.9 -all", "" },
	{ "two more", "v=spf1 mx -all", "192.0.2.9 192.0.2.1 192.0.2.8", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ip4:192.0.2.9 ip4:192.0.2.8 -all",
	    "" },
	{ "the same twice", "v=spf1 mx -all", "192.0.2.9 192.0.2.9", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ip4:192.0.2.9 -all", "" },
	{ "a provider's", "v=spf1 mx -all", "198.51.100.1", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx include:isp.example -all",
	    "belongs to isp.example" },
	{ "a provider's, by its relay", "v=spf1 mx -all", "198.51.100.2", RELAY,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx include:isp.example -all",
	    "belongs to isp.example" },
	{ "a provider's, but a guess", "v=spf1 mx -all", "198.51.100.1",
	    GUESSED, MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ip4:198.51.100.1 -all",
	    "" },
	{ "two of one provider", "v=spf1 mx -all", "198.51.100.1 198.51.100.2",
	    0, MXA_SPF_PROPOSE_EDIT, "v=spf1 mx include:isp.example -all", "" },
	{ "denied before", "v=spf1 -ip4:192.0.2.0/28 mx -all", "192.0.2.9", 0,
	    MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 ip4:192.0.2.9 -ip4:192.0.2.0/28 mx -all", "" },
	{ "behind a redirect", "v=spf1 redirect=ok.example", "192.0.2.9", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 ip4:192.0.2.9 redirect=ok.example",
	    "" },

	/* a provider whose address is not known */
	{ "a provider's include", "v=spf1 mx -all", "", PROVIDER,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx include:ok.example -all",
	    "ok.example sends for you" },
	{ "a provider's include that is there",
	    "v=spf1 include:ok.example -all", "", PROVIDER,
	    MXA_SPF_PROPOSE_NOTHING, "", "" },
	{ "a provider's include, first", "", "", PROVIDER, MXA_SPF_PROPOSE_NEW,
	    "v=spf1 include:ok.example ~all", "ok.example sends for you" },
	{ "a provider's include, one too many", "v=spf1 mx " NINE " -all", "",
	    PROVIDER, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 ip4:192.0.2.1 " NINE " include:ok.example -all", "" },

	/* repairs, each with its word why */
	{ "slip", "v=spf1 ipv4:192.0.2.1 -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 ip4:192.0.2.1 -all",
	    "\"ipv4:192.0.2.1\" is not SPF: it is now \"ip4:192.0.2.1\"" },
	{ "nonsense", "v=spf1 mx foo -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "\"foo\" is not SPF and is taken out" },
	{ "unknown", "v=spf1 mx x=y -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "\"x=y\" is taken out: it has no effect" },
	{ "twice", "v=spf1 mx mx -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "twice" },
	{ "ignored", "v=spf1 mx -all redirect=ok.example", "", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx -all", "receivers ignore it" },
	{ "ptr", "v=spf1 mx ptr -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "RFC 7208 says not to use it" },
	{ "private", "v=spf1 mx ip4:10.0.0.1 -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "no host on the Internet" },
	{ "void", "v=spf1 mx a:gone.example -all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "matches no sender" },
	{ "no target", "v=spf1 mx include:gone.example -all", "", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx -all", "no SPF record at" },
	{ "loop", "v=spf1 mx include:d.example -all", "", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx -all", "leads back" },
	{ "several", "v=spf1 mx -all|v=spf1 a -all", "", 0,
	    MXA_SPF_PROPOSE_MERGE, "v=spf1 mx a -all", "2 records become one" },
	{ "no end", "v=spf1 mx", "", 0, MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ~all",
	    "the result for servers that are not listed" },
	{ "neutral end", "v=spf1 mx ?all", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx ~all", "do not protect" },
	{ "early end", "v=spf1 -all mx", "", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 mx -all", "is now the last term" },
	{ "a redirect that becomes useful",
	    "v=spf1 mx include:gone.example redirect=ok.example", "", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx redirect=ok.example", "" },

	/* a record that others include */
	{ "included, no end", "v=spf1 mx", "", INCLUDED,
	    MXA_SPF_PROPOSE_NOTHING, "", "" },
	{ "included, +all", "v=spf1 mx +all", "", INCLUDED,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx ~all", "" },
	{ "included, early end", "v=spf1 -all mx", "", INCLUDED,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx -all", "" },
	{ "included, slip", "v=spf1 ipv4:192.0.2.1", "", INCLUDED,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 ip4:192.0.2.1", "" },

	/* lookups */
	{ "eleven", "v=spf1 mx " NINE " a:h10.example -all", "", 0,
	    MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 ip4:192.0.2.1 " NINE " a:h10.example -all",
	    "when a server moves (mx)" },
	{ "ten and an include", "v=spf1 mx " NINE " -all", "198.51.100.1", 0,
	    MXA_SPF_PROPOSE_EDIT, "v=spf1 mx " NINE " ip4:198.51.100.1 -all",
	    "include:isp.example would be shorter" },
	{ "eleven, and listed in them", "v=spf1 mx " NINE " a:h10.example -all",
	    "192.0.2.40", 0, MXA_SPF_PROPOSE_EDIT,
	    "v=spf1 ip4:192.0.2.1 " NINE " a:h10.example -all", "" },
	{ "eleven that cannot be replaced",
	    "v=spf1 exists:%{i}.1.example exists:%{i}.2.example "
	    "exists:%{i}.3.example exists:%{i}.4.example "
	    "exists:%{i}.5.example exists:%{i}.6.example "
	    "exists:%{i}.7.example exists:%{i}.8.example "
	    "exists:%{i}.9.example exists:%{i}.10.example "
	    "exists:%{i}.11.example -all",
	    "", 0, MXA_SPF_PROPOSE_NOTHING, "", "more than ten DNS lookups" },

	/* what does not stand the trial */
	{ "open include", "v=spf1 mx include:open.example -all", "", 0,
	    MXA_SPF_PROPOSE_NOTHING, "",
	    "the record of open.example, which yours includes, lets" },
	{ "wide network", "v=spf1 ip4:0.0.0.0/0 ?all", "", 0,
	    MXA_SPF_PROPOSE_NOTHING, "", "lets everybody pass" },
	{ "broken include", "v=spf1 mx include:bad.example -all", "192.0.2.9",
	    0, MXA_SPF_PROPOSE_NOTHING, "",
	    "the record of bad.example, which yours includes, is broken" },
	{ "no answer", "v=spf1 mx include:broken.example -all", "192.0.2.9", 0,
	    MXA_SPF_PROPOSE_NOTHING, "", "the DNS does not answer" },
};

static void publish(struct mxa_buf *b, struct mxa_str records)
{
	size_t end;

	for (size_t at = 0; at < records.len; at = end + 1) {
		end = mxa_str_chr(records, '|', at);
		mxa_buf_printf(b, "d.example. TXT");
		for (size_t i = at; i < end; i += 200)
			mxa_buf_printf(b, " \"%.*s\"",
			    MXA_STR_ARG(mxa_str_sub(
				records, i, i + 200 < end ? i + 200 : end)));
		mxa_buf_addc(b, '\n');
	}
}

static size_t read_ips(const char *text, struct mxa_ip ip[8])
{
	struct mxa_str s = mxa_str_from(text);
	size_t n = 0, end;

	for (size_t at = 0; at < s.len; at = end + 1) {
		end = mxa_str_chr(s, ' ', at);
		ck_assert(mxa_ip_parse(mxa_str_sub(s, at, end), &ip[n++]));
	}
	return n;
}

static bool says(const struct mxa_spf_proposal *p, const char *what)
{
	struct mxa_str want = mxa_str_from(what);

	for (size_t i = 0; i < p->n_notes; i++)
		if (mxa_str_casefind(p->note[i], want) < p->note[i].len)
			return true;
	return mxa_str_casefind(p->failed, want) < p->failed.len;
}

START_TEST(proposes)
{
	unsigned flags = rows[_i].flags;
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_proposal p;
	struct mxa_ip ip[8];
	struct spf_zone z;
	struct mxa_buf b;
	struct mxa_spf_wish wish = { .domain = MXA_STR("d.example"),
		.ip = ip,
		.n_ips = read_ips(rows[_i].ips, ip),
		.relay =
		    flags & RELAY ? MXA_STR("smtp.isp.example") : MXA_STR(""),
		.include =
		    flags & PROVIDER ? MXA_STR("ok.example") : MXA_STR(""),
		.guessed = flags & GUESSED,
		.helo = flags & HELO,
		.no_mail = flags & NO_MAIL,
		.included = flags & INCLUDED };

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, HOSTS);
	publish(&b, mxa_str_from(rows[_i].published));
	zone_open(&z, mxa_buf_cstr(&b));
	mxa_spf_propose(&z.env, &wish, &p);
	ck_str_is(p.record, rows[_i].want);
	ck_assert_int_eq(p.kind, rows[_i].kind);
	if (rows[_i].says[0] != '\0')
		ck_assert_msg(says(&p, rows[_i].says),
		    "%s: \"%s\" not said; failed: %.*s", rows[_i].name,
		    rows[_i].says, MXA_STR_ARG(p.failed));
	ck_assert_msg(
	    rows[_i].want[0] == '\0' || p.failed.len == 0, "%s", rows[_i].name);
	zone_close(&z);
	mxa_arena_free(a);
}
END_TEST

/* What was there is told: its text and how many there were. */
START_TEST(tells_old)
{
	struct mxa_spf_wish wish = { .domain = MXA_STR("d.example"),
		.relay = MXA_STR("") };
	struct mxa_spf_proposal p;
	struct spf_zone z;

	zone_open(&z,
	    HOSTS "d.example. TXT \"v=spf1 mx ?all\"\n"
		  "d.example. TXT \"other\"\n");
	mxa_spf_propose(&z.env, &wish, &p);
	ck_str_is(p.old, "v=spf1 mx ?all");
	ck_assert_uint_eq(p.n_old, 1);
	zone_close(&z);
	zone_open(&z, HOSTS "d.example. TXT \"\\\"v=spf1 mx -all\"\n");
	mxa_spf_propose(&z.env, &wish, &p);
	ck_str_is(p.old, "\"v=spf1 mx -all");
	ck_str_is(p.record, "v=spf1 mx -all");
	zone_close(&z);
}
END_TEST

/* A parent that lists the address is named: its record does not count. */
START_TEST(names_parent)
{
	struct mxa_ip ip = ip_of("192.0.2.9");
	struct mxa_spf_wish wish = { .domain = MXA_STR("www.p.example"),
		.ip = &ip,
		.n_ips = 1,
		.relay = MXA_STR("") };
	struct mxa_spf_proposal p;
	struct spf_zone z;

	zone_open(&z,
	    "www.p.example. A 192.0.2.1\n"
	    "p.example. TXT \"v=spf1 ip4:192.0.2.9 -all\"\n");
	mxa_spf_propose(&z.env, &wish, &p);
	ck_str_is(p.record, "v=spf1 ip4:192.0.2.9 ~all");
	ck_assert(says(&p, "The record of p.example lists the address"));
	wish.guessed = true;
	mxa_spf_propose(&z.env, &wish, &p);
	ck_assert(!says(&p, "The record of p.example"));
	zone_close(&z);
}
END_TEST

/* A record with more words than are edited is not proposed. */
START_TEST(is_bounded)
{
	struct mxa_spf_wish wish = { .domain = MXA_STR("d.example"),
		.relay = MXA_STR("") };
	struct mxa_spf_proposal p;
	struct spf_zone z;
	struct mxa_buf b;
	struct mxa_arena *a = mxa_arena_new();

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < 420; i++)
		mxa_buf_printf(&b, " \" ip4:192.0.%d.%d\"", i / 200, i % 200);
	mxa_buf_adds(&b, " \" ?all\"\n");
	zone_open(&z, mxa_buf_cstr(&b));
	mxa_spf_propose(&z.env, &wish, &p);
	ck_str_is(p.record, "");
	ck_assert_uint_gt(p.failed.len, 0);
	zone_close(&z);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_propose");
	TCase *tc = tcase_create("proposals");

	tcase_add_loop_test(tc, proposes, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, tells_old);
	tcase_add_test(tc, names_parent);
	tcase_add_test(tc, is_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
