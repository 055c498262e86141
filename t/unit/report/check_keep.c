/* check_keep.c - received reports in the store: once each, and back unchanged.
 * t/store/store.sh runs it on PostgreSQL as well. */
#include "t/support/testing.h"

#include "history/store_state.h"
#include "report/received/keep.h"
#include "report/received/read.h"
#include "t/support/storetest.h"

static struct mxa_arena *arena;
static struct mxa_store *store;

static void begin(void)
{
	arena = mxa_arena_new();
	test_store_url();
	store = test_store_open(1795219200);
}

static void end(void)
{
	mxa_store_close(store);
	test_store_done();
	mxa_arena_free(arena);
}

#define RECORD                                                             \
	"<record><row><source_ip>192.0.2.7</source_ip><count>12</count>"   \
	"<policy_evaluated><disposition>none</disposition><dkim>fail"      \
	"</dkim><spf>fail</spf><reason><type>forwarded</type><comment>a\t" \
	"b\nc</comment></reason></policy_evaluated></row><identifiers>"    \
	"<header_from>%s</header_from><envelope_from>e.example"            \
	"</envelope_from></identifiers><auth_results><dkim><domain>"       \
	"d.example</domain><selector>s1</selector><result>fail</result>"   \
	"</dkim><dkim><domain>l.example</domain><selector></selector>"     \
	"<result>pass</result></dkim><spf><domain>e.example</domain>"      \
	"<result>softfail</result></spf></auth_results></record>"

/* A report of 'org' with that id, of 'n' rows. */
static struct mxa_kept *read_report(
    const char *org, const char *id, const char *domain, int n)
{
	struct mxa_kept *k = mxa_arena_alloc(arena, sizeof(*k));
	const char *rows = "";

	mxa_kept_init(k);
	for (int i = 0; i < n; i++)
		rows = mxa_arena_printf(arena, "%s" RECORD, rows, domain);
	ck_assert(mxa_report_read_bytes(k->reports, MXA_STR("test"),
	    mxa_str_from(mxa_arena_printf(arena,
		"<feedback><report_metadata><org_name>%s</org_name><email>"
		"a@b.example</email><report_id>%s</report_id><date_range>"
		"<begin>1795132800</begin><end>1795219199</end></date_range>"
		"</report_metadata><policy_published><domain>%s</domain>"
		"<p>reject</p><sp>none</sp></policy_published>%s</feedback>",
		org, id, domain, rows))));
	return k;
}

static struct mxa_keep_result keep(struct mxa_kept *k)
{
	struct mxa_keep_result out = { 0, 0, 0 };

	ck_assert_msg(
	    mxa_reports_keep(store, k, &out), "%s", mxa_store_error(store));
	mxa_kept_done(k);
	return out;
}

static struct mxa_kept *load(const char *domain, int64_t since)
{
	struct mxa_kept *k = mxa_arena_alloc(arena, sizeof(*k));

	mxa_kept_init(k);
	ck_assert_msg(mxa_reports_load(store, mxa_str_from(domain), since, k),
	    "%s", mxa_store_error(store));
	return k;
}

START_TEST(a_report_comes_back)
{
	struct mxa_kept *r;
	const struct mxa_kept_report *rep;
	const struct mxa_report_row *row;

	ck_assert_uint_eq(keep(read_report("o", "1", "d.example", 2)).rows, 2);
	r = load("d.example", 0);
	ck_assert_uint_eq(r->n, 1);
	rep = r->first;
	ck_str_is(rep->report->org, "o");
	ck_str_is(rep->report->policy.domain, "d.example");
	ck_str_is(rep->report->policy.p, "reject");
	ck_str_is(rep->report->policy.sp, "none");
	ck_assert_int_eq(rep->report->begin, 1795132800);
	ck_assert_int_eq(rep->report->end, 1795219199);
	ck_assert_uint_eq(rep->n, 2);
	row = &rep->row[1];
	ck_str_is(row->source_ip, "192.0.2.7");
	ck_assert_uint_eq(row->count, 12);
	ck_str_is(row->disposition, "none");
	ck_str_is(row->dkim, "fail");
	ck_str_is(row->spf, "fail");
	ck_str_is(row->header_from, "d.example");
	ck_str_is(row->envelope_from, "e.example");
	ck_assert_uint_eq(row->n_dkim, 2);
	ck_str_is(row->auth_dkim[0].selector, "s1");
	ck_str_is(row->auth_dkim[1].domain, "l.example");
	ck_str_is(row->auth_dkim[1].selector, "");
	ck_str_is(row->auth_dkim[1].result, "pass");
	ck_assert_uint_eq(row->n_spf, 1);
	ck_str_is(row->auth_spf[0].result, "softfail");
	ck_assert_uint_eq(row->n_reason, 1);
	ck_str_is(row->reason[0].type, "forwarded");
	ck_str_is(row->reason[0].comment, "a?b?c");
	ck_str_is(row->auth_dkim[0].domain, "d.example");
	ck_str_is(row->auth_dkim[0].result, "fail");
	ck_str_is(row->auth_spf[0].domain, "e.example");
	ck_str_is(row->auth_spf[0].scope, "");
	ck_str_is(rep->report->email, "a@b.example");
	ck_str_is(rep->report->report_id, "1");
	mxa_kept_done(r);
}
END_TEST

START_TEST(a_report_is_kept_once)
{
	struct mxa_keep_result r;
	struct mxa_kept *loaded;

	keep(read_report("Org", "1", "d.example", 1));
	r = keep(read_report("org", "1", "d.example", 1));
	ck_assert_uint_eq(r.kept, 0);
	ck_assert_uint_eq(r.known, 1);
	/* without an id its content tells */
	ck_assert_uint_eq(keep(read_report("o", "", "d.example", 1)).kept, 1);
	ck_assert_uint_eq(keep(read_report("o", "", "d.example", 1)).kept, 0);
	ck_assert_uint_eq(keep(read_report("o", "", "d.example", 2)).kept, 1);
	/* the same id from another, or about another domain */
	ck_assert_uint_eq(keep(read_report("p", "1", "d.example", 1)).kept, 1);
	ck_assert_uint_eq(keep(read_report("p", "1", "e.example", 1)).kept, 1);
	loaded = load("", 0);
	ck_assert_uint_eq(loaded->n, 5);
	mxa_kept_done(loaded);
}
END_TEST

START_TEST(a_parent_has_the_rows_of_its_subdomains)
{
	struct mxa_kept *r;

	keep(read_report("o", "1", "example.com", 1));
	keep(read_report("o", "2", "sub.example.com", 1));
	keep(read_report("o", "3", "other.example", 1));
	r = load("sub.example.com", 0);
	ck_assert_uint_eq(r->n, 2);
	mxa_kept_done(r);
	r = load("example.com", 0);
	ck_assert_uint_eq(r->n, 1);
	mxa_kept_done(r);
	r = load("example.com", 1795219200);
	ck_assert_uint_eq(r->n, 0);
	mxa_kept_done(r);
}
END_TEST

/* Reports that had ended before a time are left out. */
START_TEST(since_a_time)
{
	struct mxa_kept *r;

	keep(read_report("o", "1", "d.example", 1));
	r = load("d.example", 1795219199);
	ck_assert_uint_eq(r->n, 1);
	mxa_kept_done(r);
	r = load("", 1795219200);
	ck_assert_uint_eq(r->n, 0);
	mxa_kept_done(r);
}
END_TEST

static const char *lines_of(const char *line, int n)
{
	const char *all = "";

	for (int i = 0; i < n; i++)
		all = mxa_arena_printf(arena, "%s%s", all, line);
	return all;
}

/* A store that others wrote to: a hundred results, unknown kinds, no tabs. */
START_TEST(strange_results)
{
	struct mxa_kept *r;
	const struct mxa_report_row *row;
	struct mxa_arg arg = MXA_TEXT(mxa_str_from(mxa_arena_printf(arena,
	    "x\ta\tb\tc\nd\n%s%s%s", lines_of("d\ta\tb\tc\n", 101),
	    lines_of("s\ta\tb\tc\n", 101), lines_of("r\ta\tb\n", 101))));

	keep(read_report("o", "1", "d.example", 1));
	mxa_store_run(store, "UPDATE received_row SET results = $1", &arg, 1);
	r = load("d.example", 0);
	row = &r->first->row[0];
	ck_assert_uint_eq(row->n_dkim, 100);
	ck_assert_uint_eq(row->n_spf, 100);
	ck_assert_uint_eq(row->n_reason, 100);
	ck_str_is(row->auth_dkim[0].domain, "");
	ck_str_is(row->auth_dkim[99].result, "c");
	ck_str_is(row->auth_spf[99].scope, "b");
	ck_str_is(row->reason[99].comment, "b");
	mxa_kept_done(r);
}
END_TEST

START_TEST(a_report_with_another_key_is_passed_over)
{
	struct mxa_kept *r;

	keep(read_report("o", "1", "d.example", 1));
	mxa_store_run(
	    store, "UPDATE received_row SET report_key = 'k'", NULL, 0);
	mxa_store_run(
	    store, "UPDATE received_report SET report_key = 'k'", NULL, 0);
	r = load("d.example", 0);
	ck_assert_uint_eq(r->n, 0);
	mxa_kept_done(r);
}
END_TEST

START_TEST(a_hostile_report_is_kept)
{
	struct mxa_kept *r;

	keep(read_report("o\t'; DROP TABLE received_row; --&#10;x",
	    "\xe2\x80\xae&lt;b&gt;", "d.example", 600));
	r = load("d.example", 0);
	ck_assert_uint_eq(r->n, 1);
	ck_assert_uint_eq(r->first->n, 600);
	mxa_kept_done(r);
}
END_TEST

START_TEST(old_reports_are_removed)
{
	struct mxa_store_ages ages = { 3600, 3600, 86400 };
	struct mxa_store_pruned p;
	struct mxa_kept *r;

	keep(read_report("o", "1", "d.example", 3));
	mxa_store_close(store);
	store = test_store_open(1795219200);
	ck_assert(mxa_store_prune(store, &ages, &p));
	ck_assert_int_eq(p.received, 0);
	mxa_store_close(store);
	store = test_store_open(1795219200 + 86400);
	ck_assert(mxa_store_prune(store, &ages, &p));
	ck_assert_int_eq(p.received, 1);
	r = load("", 0);
	ck_assert_uint_eq(r->n, 0);
	mxa_kept_done(r);
	ck_assert_int_eq(mxa_store_number(store,
			     "SELECT count(*) FROM received_row", NULL, 0, -1),
	    0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keep");
	TCase *tc = tcase_create("keep");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_report_comes_back);
	tcase_add_test(tc, a_report_is_kept_once);
	tcase_add_test(tc, a_parent_has_the_rows_of_its_subdomains);
	tcase_add_test(tc, since_a_time);
	tcase_add_test(tc, strange_results);
	tcase_add_test(tc, a_report_with_another_key_is_passed_over);
	tcase_add_test(tc, a_hostile_report_is_kept);
	tcase_add_test(tc, old_reports_are_removed);
	suite_add_tcase(s, tc);
	return test_main(s);
}
