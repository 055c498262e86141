/* check_lint.c - the lint as a whole: codes, findings, exit status, what bulk
 * senders need.  What is wrong with records is in t/lint/NAME.case. */
#include "lint/lint.h"

#include <string.h>

#include "auth/engine.h"
#include "dns/zone.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_dns *dns;
static struct mxa_auth_options auth;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_auth_options_default(&auth);
}

static void teardown(void)
{
	mxa_dns_free(dns);
	dns = NULL;
	mxa_arena_free(a);
}

static void lint_zone(const char *zone, struct mxa_lint_options *o,
    const char *domain, struct mxa_lint *out)
{
	char *error = NULL;

	mxa_dns_free(dns);
	dns = mxa_dns_zone_text("zone", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(error == NULL, "%s", error ? error : "");
	o->auth = &auth;
	o->deadline_ms = 1000;
	mxa_lint_run(a, dns, o, mxa_str_from(domain), out);
}

static const struct mxa_finding *find_code(
    const struct mxa_lint *l, enum mxa_lint_code code)
{
	for (const struct mxa_finding *f = l->first; f; f = f->next)
		if (f->code == code)
			return f;
	return NULL;
}

/* --- names --- */

/* Each code has a name of its own, a group, and a line in the manual. */
START_TEST(names_codes)
{
	struct mxa_str manual = test_read(a, test_path("../cli/mxauth.1"));

	for (int c = 0; c < MXA_LINT_CODES; c++) {
		const char *name = mxa_lint_code_name(c);
		struct mxa_str s = mxa_str_from(name);
		bool found = false;

		ck_assert_ptr_nonnull(name);
		for (int d = 0; d < c; d++)
			ck_assert_str_ne(name, mxa_lint_code_name(d));
		for (size_t at = 0; at < manual.len && !found;) {
			size_t end = mxa_str_chr(manual, '\n', at);
			struct mxa_str line = mxa_str_sub(manual, at, end);
			size_t hit = mxa_str_casefind(line, s);
			size_t behind = hit + s.len;

			found = mxa_str_starts(line, MXA_STR(".It Cm ")) &&
			    hit < line.len &&
			    (behind == line.len || line.p[behind] == ' ');
			at = end + 1;
		}
		ck_assert_msg(found, "%s is not in mxauth(1)", name);
	}
}
END_TEST

START_TEST(names_severities)
{
	ck_assert_str_eq(mxa_lint_severity_name(MXA_LINT_INFO), "info");
	ck_assert_str_eq(mxa_lint_severity_name(MXA_LINT_WARNING), "warning");
	ck_assert_str_eq(mxa_lint_severity_name(MXA_LINT_ERROR), "error");
}
END_TEST

/* --- findings --- */

START_TEST(counts)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	unsigned n[3] = { 0, 0, 0 };
	struct mxa_lint l;

	lint_zone(
	    "d.example. TXT \"v=spf1 a ptr +all\"\nd.example. A 192.0.2.1\n"
	    "_dmarc.d.example. TXT \"v=DMARC1; p=none; sp=none\"\n",
	    &o, "d.example", &l);
	for (const struct mxa_finding *f = l.first; f; f = f->next)
		n[f->severity]++;
	ck_assert_uint_eq(l.n, n[0] + n[1] + n[2]);
	ck_assert_uint_eq(l.infos, n[MXA_LINT_INFO]);
	ck_assert_uint_eq(l.warnings, n[MXA_LINT_WARNING]);
	ck_assert_uint_eq(l.errors, n[MXA_LINT_ERROR]);
	ck_assert_uint_eq(l.errors, 1);
	ck_assert_uint_eq(l.warnings, 1);
	ck_assert_uint_eq(l.dropped, 0);
	ck_assert_uint_gt(l.questions, 40);
}
END_TEST

/* A record that several terms lead to is told of once. */
START_TEST(each_finding_once)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	struct mxa_lint l;
	size_t n = 0;

	lint_zone("d.example. TXT \"v=spf1 include:a.example include:b.example "
		  "-all\"\n"
		  "a.example. TXT \"v=spf1 include:c.example -all\"\n"
		  "b.example. TXT \"v=spf1 include:c.example -all\"\n"
		  "c.example. TXT \"v=spf1 wrong -all\"\n",
	    &o, "d.example", &l);
	for (const struct mxa_finding *f = l.first; f; f = f->next)
		n += f->code == MXA_LINT_SPF_SYNTAX;
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(l.errors, 1);
}
END_TEST

/* One examiner alone: it finds the same, and the others find nothing. */
START_TEST(examiners_one_by_one)
{
	struct mxa_lint_options all = { .n_ips = 0 },
				one = { .methods = MXA_LINT_BY_SPF };
	static const char zone[] =
	    "d.example. TXT \"v=spf1 a ptr +all\"\nd.example. A 192.0.2.1\n"
	    "_dmarc.d.example. TXT \"v=DMARC1; p=none; sp=none\"\n";
	const struct mxa_finding *f;
	struct mxa_lint l, m;

	lint_zone(zone, &all, "d.example", &l);
	lint_zone(zone, &one, "d.example", &m);
	ck_assert_uint_gt(m.n, 0);
	for (f = m.first; f; f = f->next) {
		const struct mxa_finding *same = find_code(&l, f->code);

		ck_assert_int_eq(
		    strncmp(mxa_lint_code_name(f->code), "spf-", 4), 0);
		ck_assert_ptr_nonnull(same);
		ck_assert(mxa_str_eq(f->evidence, same->evidence));
		ck_assert(mxa_str_eq(f->fix.new, same->fix.new));
	}
	ck_assert_ptr_nonnull(find_code(&l, MXA_LINT_DMARC_P_NONE));
	ck_assert_ptr_null(find_code(&m, MXA_LINT_DMARC_P_NONE));
}
END_TEST

/* Mail that was refused: a record is proposed although nothing is wrong with
 * the one that is there, and only the named selector is asked. */
START_TEST(refused_mail)
{
	struct mxa_lint_mail mail = { .relay = MXA_STR(""),
		.include = MXA_STR("p.example") };
	struct mxa_str selector = MXA_STR("s1");
	struct mxa_lint_options spf = { .methods = MXA_LINT_BY_SPF,
		.mail = &mail };
	struct mxa_lint_options dkim = { .methods = MXA_LINT_BY_DKIM,
		.mail = &mail,
		.selector = &selector,
		.n_selectors = 1 };
	static const char zone[] =
	    "d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
	    "p.example. TXT \"v=spf1 ip4:198.51.100.1 -all\"\n";
	struct mxa_lint l;

	lint_zone(zone, &spf, "d.example", &l);
	ck_assert_uint_eq(l.n, 0);
	ck_str_is(l.spf.proposal.record,
	    "v=spf1 ip4:192.0.2.1 include:p.example -all");
	ck_str_is(l.spf.proposal.old, "v=spf1 ip4:192.0.2.1 -all");
	lint_zone(zone, &dkim, "d.example", &l);
	ck_assert_uint_eq(l.questions, 1);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.first->code, MXA_LINT_DKIM_MISSING);
}
END_TEST

/* A fix has either a tried record and its place, or a sentence. */
START_TEST(fixes)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	const struct mxa_finding *f;
	struct mxa_lint l;

	lint_zone("d.example. TXT \"v=spf1 a +all\"\nd.example. A 192.0.2.1\n",
	    &o, "d.example", &l);
	f = find_code(&l, MXA_LINT_SPF_PLUS_ALL);
	ck_assert_ptr_nonnull(f);
	ck_str_is(f->name, "d.example");
	ck_str_is(f->fix.name, "d.example");
	ck_str_is(f->fix.old, "v=spf1 a +all");
	ck_str_is(f->fix.new, "v=spf1 a ~all");
	ck_assert(f->fix.verified);
	ck_str_is(f->fix.advice, "");
	f = find_code(&l, MXA_LINT_DKIM_UNKNOWN);
	ck_assert_ptr_nonnull(f);
	ck_assert(!f->fix.verified);
	ck_assert_uint_eq(f->fix.new.len + f->fix.name.len, 0);
	ck_assert_uint_gt(f->fix.advice.len, 0);
}
END_TEST

/* Beyond 200 findings are counted, also for the exit status, and not kept. */
START_TEST(is_bounded)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	struct mxa_lint l;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, "d.example. TXT \"v=spf1\"");
	for (int i = 0; i < MXA_LINT_MAX_FINDINGS + 20; i++)
		mxa_buf_printf(&b, " \" ip4:10.0.%d.%d\"", i / 200, i % 200);
	mxa_buf_adds(&b, " \" +all\"\n");
	lint_zone(mxa_buf_cstr(&b), &o, "d.example", &l);
	ck_assert_uint_eq(l.n, MXA_LINT_MAX_FINDINGS);
	ck_assert_uint_gt(l.dropped, 20);
	ck_assert_uint_eq(l.errors + l.warnings + l.infos, l.n + l.dropped);
	ck_assert_uint_gt(l.errors, 0);
	ck_assert_int_eq(mxa_lint_status(&l), 1);
}
END_TEST

/* A text is shown in a bearable length, without control characters. */
START_TEST(shows_text)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	const struct mxa_finding *f;
	struct mxa_lint l;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, "d.example. TXT \"v=spf1 \\001\\127\\200~\"");
	for (int i = 0; i < 40; i++)
		mxa_buf_adds(&b, " \"xxxxxxxxxx\"");
	lint_zone(mxa_buf_cstr(&b), &o, "d.example", &l);
	f = find_code(&l, MXA_LINT_SPF_SYNTAX);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_lt(
	    mxa_str_casefind(f->evidence, MXA_STR("???~xxx")), f->evidence.len);
	ck_assert_uint_lt(
	    mxa_str_casefind(f->evidence, MXA_STR("xxx...")), f->evidence.len);
	ck_assert_uint_lt(f->evidence.len, 600);
}
END_TEST

/* --- exit status --- */

static const struct {
	const char *zone;
	int status;
} statuses[] = {
	{ "d.example. TXT \"v=spf1 -all\"\nd.example. MX 0 .\n"
	  "_dmarc.d.example. TXT \"v=DMARC1; p=reject\"\n",
	    0 },
	{ "d.example. TXT \"v=spf1 +all\"\n", 1 },
	{ "other.example. A 192.0.2.1\n", 1 },
	/* nothing could be had */
	{ ";! servfail d.example\n;! servfail _dmarc.d.example\n", 2 },
	/* but what was found is wrong all the same */
	{ ";! servfail d.example\n"
	  "_dmarc.d.example. TXT \"v=DMARC1; p=block\"\n",
	    1 },
	/* the DNS failed elsewhere */
	{ "d.example. TXT \"v=spf1 include:b.example -all\"\n"
	  ";! servfail b.example\n",
	    1 },
};

START_TEST(has_status)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	struct mxa_lint l;

	lint_zone(statuses[_i].zone, &o, "d.example", &l);
	ck_assert_int_eq(mxa_lint_status(&l), statuses[_i].status);
	ck_assert_int_eq(
	    l.unchecked, strstr(statuses[_i].zone, "servfail d.") != NULL);
}
END_TEST

/* A domain that does not exist has one finding, and nothing else is asked. */
START_TEST(stops_early)
{
	struct mxa_lint_options o = { .n_ips = 0 };
	struct mxa_lint l;

	lint_zone("example. A 192.0.2.1\n", &o, "gone.example", &l);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_ptr_nonnull(find_code(&l, MXA_LINT_DOMAIN_MISSING));
	ck_assert_ptr_null(l.spf.tree);
	ck_assert_int_eq(l.bulk.spf, MXA_LINT_NOT_KNOWN);
	ck_assert_uint_lt(l.questions, 12);
}
END_TEST

/* --- bulk senders --- */

#define FINE                                                    \
	"d.example. TXT \"v=spf1 ip4:192.0.2.0/31 -all\"\n"     \
	"d.example. MX 10 m.example.\nm.example. A 192.0.2.1\n" \
	"1.2.0.192.in-addr.arpa. PTR m.example.\n"

static const struct {
	const char *zone;
	const char *ip[2];
	enum mxa_lint_holds spf, dkim, dmarc, alignment, ptr;
} bulks[] = {
	{ FINE, { NULL }, MXA_LINT_HOLDS, MXA_LINT_NOT_KNOWN,
	    MXA_LINT_HOLDS_NOT, MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN },
	{ FINE "_dmarc.d.example. TXT \"v=DMARC1; p=none\"\n", { "192.0.2.1" },
	    MXA_LINT_HOLDS, MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS, MXA_LINT_HOLDS,
	    MXA_LINT_HOLDS },
	/* every address counts */
	{ FINE "_dmarc.d.example. TXT \"v=DMARC1; p=none\"\n",
	    { "192.0.2.1", "192.0.2.0" }, MXA_LINT_HOLDS, MXA_LINT_NOT_KNOWN,
	    MXA_LINT_HOLDS, MXA_LINT_HOLDS, MXA_LINT_HOLDS_NOT },
	{ FINE, { "192.0.2.1", "192.0.2.9" }, MXA_LINT_HOLDS,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS_NOT, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_HOLDS_NOT },
	/* a record that cannot be used */
	{ FINE "_dmarc.d.example. TXT \"v=DMARC1; p=block\"\n", { NULL },
	    MXA_LINT_HOLDS, MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN },
	{ "d.example. TXT \"v=spf1 +all\"\n", { NULL }, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS_NOT, MXA_LINT_NOT_KNOWN,
	    MXA_LINT_NOT_KNOWN },
	{ "d.example. A 192.0.2.1\n", { NULL }, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS_NOT, MXA_LINT_NOT_KNOWN,
	    MXA_LINT_NOT_KNOWN },
	{ ";! servfail d.example\n;! servfail _dmarc.d.example\n", { NULL },
	    MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN },
	/* keys: one usable is enough */
	{ FINE "s1._domainkey.d.example. TXT \"v=DKIM1; p=\"\n"
	       "s2._domainkey.d.example. TXT \"v=DKIM1; k=ed25519; "
	       "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n",
	    { NULL }, MXA_LINT_HOLDS, MXA_LINT_HOLDS, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN },
	{ FINE "s1._domainkey.d.example. TXT \"v=DKIM1; p=\"\n", { NULL },
	    MXA_LINT_HOLDS, MXA_LINT_NOT_KNOWN, MXA_LINT_HOLDS_NOT,
	    MXA_LINT_NOT_KNOWN, MXA_LINT_NOT_KNOWN },
};

START_TEST(sums_up_bulk)
{
	struct mxa_ip ip[2];
	struct mxa_lint_options o = { .ip = ip };
	struct mxa_lint l;

	for (size_t i = 0; i < 2 && bulks[_i].ip[i] != NULL; i++)
		ck_assert(mxa_ip_parse(
		    mxa_str_from(bulks[_i].ip[i]), &ip[o.n_ips++]));
	lint_zone(bulks[_i].zone, &o, "d.example", &l);
	ck_assert_int_eq(l.bulk.spf, bulks[_i].spf);
	ck_assert_int_eq(l.bulk.dkim, bulks[_i].dkim);
	ck_assert_int_eq(l.bulk.dmarc, bulks[_i].dmarc);
	ck_assert_int_eq(l.bulk.alignment, bulks[_i].alignment);
	ck_assert_int_eq(l.bulk.ptr, bulks[_i].ptr);
}
END_TEST

/* A selector that was asked for and has no key. */
START_TEST(knows_missing_key)
{
	struct mxa_str selector = MXA_STR("s9");
	struct mxa_lint_options o = { .selector = &selector, .n_selectors = 1 };
	struct mxa_lint l;

	lint_zone(FINE, &o, "d.example", &l);
	ck_assert_int_eq(l.bulk.dkim, MXA_LINT_HOLDS_NOT);
	lint_zone(
	    FINE ";! servfail s9._domainkey.d.example\n", &o, "d.example", &l);
	ck_assert_int_eq(l.bulk.dkim, MXA_LINT_NOT_KNOWN);
}
END_TEST

/* Each selector is looked at once, whoever names it; those of the journal need
 * not be there. */
START_TEST(looks_at_selectors)
{
	static const char keys[] =
	    FINE "s1._domainkey.d.example. TXT \"v=DKIM1; p=\"\n"
		 "x2._domainkey.d.example. TXT \"v=DKIM1; p=\"\n";
	struct mxa_str named[] = { MXA_STR("s1"), MXA_STR("s1") };
	struct mxa_str seen[] = { MXA_STR("s1"), MXA_STR("x1"), MXA_STR("x2") };
	static const enum mxa_lint_source sources[] = { MXA_SELECTOR_NAMED,
		MXA_SELECTOR_SEEN, MXA_SELECTOR_SEEN };
	static const char *const names[] = { "s1", "x1", "x2" };
	struct mxa_lint_options o = {
		.selector = named, .n_selectors = 2, .seen = seen, .n_seen = 3
	};
	const struct mxa_finding *f;
	const struct mxa_lint_key *k;
	struct mxa_lint l;
	size_t n = 0;

	lint_zone(keys, &o, "d.example", &l);
	for (k = l.keys; k != NULL; k = k->next) {
		ck_assert_uint_lt(n, 3);
		ck_str_is(k->selector, names[n]);
		ck_assert_int_eq(k->source, sources[n++]);
	}
	ck_assert_uint_eq(n, 3);
	f = find_code(&l, MXA_LINT_DKIM_MISSING);
	ck_assert_ptr_nonnull(f);
	ck_str_is(f->name, "x1._domainkey.d.example");
	ck_assert_int_eq(f->severity, MXA_LINT_INFO);
}
END_TEST

/* The DNS that does not answer is a finding for a selector that was asked for,
 * and nothing for one of the journal. */
START_TEST(asks_for_selectors)
{
	struct mxa_str name = MXA_STR("s9");
	struct mxa_lint_options named = { .selector = &name, .n_selectors = 1 };
	struct mxa_lint_options seen = { .seen = &name, .n_seen = 1 };
	struct mxa_lint l;

	lint_zone(FINE ";! servfail s9._domainkey.d.example\n", &named,
	    "d.example", &l);
	ck_assert_ptr_nonnull(find_code(&l, MXA_LINT_DNS_ERROR));
	lint_zone(FINE ";! servfail s9._domainkey.d.example\n", &seen,
	    "d.example", &l);
	ck_assert_ptr_null(find_code(&l, MXA_LINT_DNS_ERROR));
	ck_assert_ptr_nonnull(l.keys);
	ck_assert_int_eq(l.keys->key.state, MXA_DKIM_KEY_UNKNOWN);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lint");
	TCase *tc = tcase_create("lint");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_codes);
	tcase_add_test(tc, names_severities);
	tcase_add_test(tc, counts);
	tcase_add_test(tc, each_finding_once);
	tcase_add_test(tc, examiners_one_by_one);
	tcase_add_test(tc, refused_mail);
	tcase_add_test(tc, fixes);
	tcase_add_test(tc, is_bounded);
	tcase_add_test(tc, shows_text);
	tcase_add_loop_test(tc, has_status, 0, MXA_ARRAY_LEN(statuses));
	tcase_add_test(tc, stops_early);
	tcase_add_loop_test(tc, sums_up_bulk, 0, MXA_ARRAY_LEN(bulks));
	tcase_add_test(tc, knows_missing_key);
	tcase_add_test(tc, looks_at_selectors);
	tcase_add_test(tc, asks_for_selectors);
	suite_add_tcase(s, tc);
	return test_main(s);
}
