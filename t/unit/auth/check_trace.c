/* check_trace.c - the steps of an SPF evaluation, as `mxauth spf` shows them.
 */
#include "auth/spf/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "t/support/spftest.h"

static struct spftest t;

static void setup(void)
{
	struct mxa_arena *a = mxa_arena_new();

	spftest_open(&t, test_read(a, test_path("zones/spf.zone")));
	mxa_arena_free(a);
	t.trace = true;
}

static void teardown(void)
{
	spftest_close(&t);
}

static void add_step(struct mxa_buf *b, const struct mxa_spf_step *s)
{
	for (unsigned i = 0; i < s->depth; i++)
		mxa_buf_adds(b, "  ");
	if (s->is_record)
		mxa_buf_printf(b, "%.*s: \"%.*s\"", MXA_STR_ARG(s->domain),
		    MXA_STR_ARG(s->text));
	else
		mxa_buf_printf(b, "%.*s", MXA_STR_ARG(s->text));
	if (s->target.len > 0)
		mxa_buf_printf(b, " -> %.*s", MXA_STR_ARG(s->target));
	if (s->n > 0)
		mxa_buf_adds(b, " [");
	for (size_t i = 0; i < s->n; i++)
		mxa_buf_printf(
		    b, "%s%.*s", i > 0 ? " " : "", MXA_STR_ARG(s->found[i]));
	if (s->more > 0)
		mxa_buf_printf(b, " +%zu", s->more);
	if (s->n > 0)
		mxa_buf_adds(b, "]");
	mxa_buf_printf(b, ": %s", mxa_spf_outcome_name(s->outcome));
	if (s->why.text.len > 0)
		mxa_buf_printf(b, " (%.*s)", MXA_STR_ARG(s->why.text));
	mxa_buf_printf(b, " %u/%u\n", s->lookups, s->voids);
}

static const char *shown(const struct mxa_spf_trace *trace)
{
	struct mxa_buf b;

	mxa_buf_init(&b, t.arena, (size_t)1 << 20);
	for (struct mxa_spf_step *s = trace->first; s != NULL; s = s->next)
		add_step(&b, s);
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *ip, *from, *want;
} rows[] = {
	{ "192.0.2.1", "ann@plain.example",
	    "plain.example: \"v=spf1 ip4:192.0.2.0/24 -all\": info 0/0\n"
	    "ip4:192.0.2.0/24: match (192.0.2.1 is in that network) 0/0\n" },
	{ "198.51.100.1", "ann@plain.example",
	    "plain.example: \"v=spf1 ip4:192.0.2.0/24 -all\": info 0/0\n"
	    "ip4:192.0.2.0/24: no match (198.51.100.1 is not in that network) "
	    "0/0\n"
	    "-all: match (matches everything) 0/0\n" },
	{ "192.0.2.1", "ann@ipzero.example",
	    "ipzero.example: \"v=spf1 ip6:::/0 ?all\": info 0/0\n"
	    "ip6:::/0: no match (192.0.2.1 is an IPv4 address) 0/0\n"
	    "?all: match (matches everything) 0/0\n" },
	{ "198.51.100.1", "ann@incdeep.example",
	    "incdeep.example: \"v=spf1 include:inc.example -all\": info 0/0\n"
	    "include:inc.example -> inc.example: no match (the record of "
	    "inc.example gives softfail) 2/0\n"
	    "  inc.example: \"v=spf1 include:plain.example ~all\": info 1/0\n"
	    "  include:plain.example -> plain.example: no match (the record of "
	    "plain.example gives fail) 2/0\n"
	    "    plain.example: \"v=spf1 ip4:192.0.2.0/24 -all\": info 2/0\n"
	    "    ip4:192.0.2.0/24: no match (198.51.100.1 is not in that "
	    "network) 2/0\n"
	    "    -all: match (matches everything) 2/0\n"
	    "  ~all: match (matches everything) 2/0\n"
	    "-all: match (matches everything) 2/0\n" },
	{ "192.0.2.2", "ann@mx.example",
	    "mx.example: \"v=spf1 mx -all\": info 0/0\n"
	    "mx -> mx.example [host1.mx.example 192.0.2.1 host2.mx.example "
	    "192.0.2.2]: match (192.0.2.2 is among the addresses) 1/0\n" },
	{ "192.0.2.9", "ann@a.example",
	    "a.example: \"v=spf1 a -all\": info 0/0\n"
	    "a -> a.example [192.0.2.1 192.0.2.2]: no match (192.0.2.9 is not "
	    "among the addresses) 1/0\n"
	    "-all: match (matches everything) 1/0\n" },
	{ "192.0.2.1", "ann@exists.example",
	    "exists.example: \"v=spf1 exists:%{ir}.list.example -all\": info "
	    "0/0\n"
	    "exists:%{ir}.list.example -> 1.2.0.192.list.example [127.0.0.2]: "
	    "match (the name has an address) 1/0\n" },
	{ "192.0.2.3", "ann@ptr.example",
	    "ptr.example: \"v=spf1 ptr ?all\": info 0/0\n"
	    "ptr -> ptr.example [notptr.example]: no match (no name of the "
	    "client lies in that domain and leads back) 1/0\n"
	    "?all: match (matches everything) 1/0\n" },
	{ "192.0.2.1", "ann@void3.example",
	    "void3.example: \"v=spf1 a:nx1.example mx:nodata.example "
	    "exists:nx2.example ?all\": info 0/0\n"
	    "a:nx1.example -> nx1.example: no match (nx1.example does not "
	    "exist) 1/1\n"
	    "mx:nodata.example -> nodata.example: no match (nodata.example has "
	    "no such record) 2/2\n"
	    "exists:nx2.example -> nx2.example: error (more than 2 terms "
	    "without an answer) 3/3\n" },
	{ "192.0.2.1", "ann@redirtemp.example",
	    "redirtemp.example: \"v=spf1 redirect=timeout.example\": info "
	    "0/0\n"
	    "redirect=timeout.example -> timeout.example: info 1/0\n"
	    "timeout.example: \"\": error (timeout asking TXT "
	    "timeout.example) 1/0\n" },
	{ "192.0.2.1", "ann@incnx.example",
	    "incnx.example: \"v=spf1 include:nowhere.example ~all\": info 0/0\n"
	    "include:nowhere.example -> nowhere.example: error (the record of "
	    "nowhere.example gives none) 1/1\n"
	    "  nowhere.example: \"\": error (nxdomain) 1/1\n" },
	{ "192.0.2.1", "ann@syntax.example",
	    "syntax.example: \"v=spf1 ip4:192.0.2.1 ip4:192.0.2 -all\": error "
	    "(position 33: not an IPv4 address) 0/0\n" },
	{ "192.0.2.1", "ann@two.example",
	    "two.example: \"\": error (2 SPF records) 0/0\n" },
	{ "192.0.2.1", "ann@nodata.example",
	    "nodata.example: \"\": error (nodata) 0/0\n" },
	{ "192.0.2.1", "ann@mxeleven.example",
	    "mxeleven.example: \"v=spf1 mx -all\": info 0/0\n"
	    "mx -> mxeleven.example: error (more than 10 MX hosts) 1/0\n" },
	{ "192.0.2.1", "\xc3\xa9@idnredir.example",
	    "idnredir.example: \"v=spf1 redirect=%{l}.example\": info 0/0\n"
	    "redirect=%{l}.example: info (the local part is not ASCII (RFC "
	    "8616)) 1/0\n" },
};

START_TEST(steps)
{
	struct mxa_spf_query q = spftest_query(mxa_str_from(rows[_i].ip),
	    MXA_STR("mx.example.org"), mxa_str_from(rows[_i].from));
	struct mxa_spf_verdict v;

	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_ptr_nonnull(v.trace);
	ck_assert_str_eq(shown(v.trace), rows[_i].want);
}
END_TEST

START_TEST(only_when_asked_for)
{
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@plain.example"));
	struct mxa_spf_verdict v;

	t.trace = false;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_ptr_null(v.trace);
}
END_TEST

/* The number of terms and of addresses is the sender's choice. */
START_TEST(steps_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf zone;
	struct mxa_spf_query q = spftest_query(MXA_STR("192.0.2.1"),
	    MXA_STR("mx.example.org"), MXA_STR("ann@big.example"));
	struct mxa_spf_verdict v;

	mxa_buf_init(&zone, a, (size_t)1 << 20);
	mxa_buf_adds(&zone, "big.example TXT \"v=spf1 a \"");
	for (int i = 0; i < 4500; i++)
		mxa_buf_adds(&zone, " \"ip4:10.0.0.1 \"");
	mxa_buf_adds(&zone, " \"-all\"\n");
	for (int i = 0; i < 150; i++)
		mxa_buf_printf(&zone, "big.example A 10.0.0.%d\n", i);
	teardown();
	spftest_open(&t, mxa_buf_str(&zone));
	t.trace = true;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_FAIL);
	ck_assert_uint_eq(v.trace->n, MXA_SPF_MAX_STEPS);
	ck_assert_uint_eq(v.trace->dropped, 4500 + 3 - MXA_SPF_MAX_STEPS);
	ck_assert_uint_eq(v.trace->first->next->n, MXA_SPF_MAX_FOUND);
	ck_assert_uint_eq(v.trace->first->next->more, 50);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, steps, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, only_when_asked_for);
	tcase_add_test(tc, steps_are_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
