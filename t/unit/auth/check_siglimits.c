/* check_siglimits.c - messages that are made to cost: a true verdict, within
 * limits.  The work is compared with that of a simple loop on the same machine,
 * which quadratic work would miss by far. */
#include <string.h>
#include <stdio.h>
#include <time.h>

#include "base/attr.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;
static double began;

static void setup(void)
{
	sigcase_init(&c);
	sigcase_domain(&c, "example.com");
}

static void teardown(void)
{
	sigcase_done(&c);
}

static double cpu(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* What a simple loop takes for a MiB, here and now and built as this is. */
static double measure_loop(void)
{
	enum { MIB = 8 };
	static volatile unsigned char text[1 << 20];
	uint64_t hash = 1;
	double start = cpu();

	for (int i = 0; i < MIB; i++)
		for (size_t at = 0; at < sizeof(text); at++)
			hash = (hash ^ text[at]) * 1099511628211u;
	ck_assert_uint_ne(hash, 0); /* it is computed */
	return (cpu() - start) / MIB;
}

static void start_clock(void)
{
	began = cpu();
}

/* At most the work of that loop over so many MiB: ten times what it is, and
 * more. */
static void ck_work(double mib)
{
	double used = cpu() - began, loop = measure_loop();

	ck_assert_msg(used < mib * loop, "work of %.0f MiB, %.0f at most",
	    used / loop, mib);
}

static struct mxa_str repeat(const char *text, size_t n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, (size_t)64 << 20);
	while (n-- > 0)
		mxa_buf_adds(&b, text);
	return mxa_buf_str(&b);
}

static struct mxa_str join(struct mxa_str a, struct mxa_str b)
{
	return sigcase_join(&c, a, b);
}

static struct mxa_str sign(struct sign_options o, struct mxa_str message)
{
	o.key = sigcase_key("rsa2048");
	o.domain = o.domain ? o.domain : "example.com";
	o.selector = "rsa2048";
	return join(sign_dkim(c.arena, message, &o), message);
}

#define HEADER                      \
	"From: ann@example.com\r\n" \
	"Subject: limits\r\n"       \
	"Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"

START_TEST(five_hundred_signatures)
{
	struct mxa_str good = sign((struct sign_options){ .time = 0 },
	    MXA_STR(HEADER "\r\nHello.\r\n"));
	struct mxa_str m = join(
	    repeat("DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=s; "
		   "h=from; b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		   "AAAA=\r\n",
		499),
	    good);
	struct mxa_dkim_verdict v;

	start_clock();
	sigcase_dkim(&c, m, "example.com", &v);
	ck_work(300);
	ck_assert_uint_eq(v.n, 16);
	ck_assert_uint_eq(v.untried, 484);
	ck_assert(v.sig[15].result == MXA_DKIM_PASS);
	ck_assert_uint_eq(c.counts.questions, 2);
	/* each of several authors goes before strangers */
	sigcase_dkim(&c, m, "other.test example.com", &v);
	ck_assert(v.sig[15].result == MXA_DKIM_PASS);
	/* the one too far down is not looked at, and counted */
	m = join(repeat("DKIM-Signature: v=1\r\n", 5000), good);
	sigcase_dkim(&c, m, "example.com", &v);
	ck_assert_uint_eq(v.n, 16);
	ck_assert_uint_eq(v.untried, 4985);
	ck_assert(v.sig[15].result == MXA_DKIM_PERMERROR);
}
END_TEST

/* As many keys as signatures: no more questions than the shares allow. */
START_TEST(five_hundred_keys)
{
	struct mxa_dkim_verdict v;
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, 1 << 20);
	for (int i = 0; i < 500; i++)
		mxa_buf_printf(&b,
		    "DKIM-Signature: v=1; a=rsa-sha256; d=d%d.example; s=s;"
		    " h=from; b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAA=\r\n",
		    i);
	sigcase_dkim(&c,
	    join(mxa_buf_str(&b), MXA_STR(HEADER "\r\nHello.\r\n")),
	    "example.com", &v);
	ck_assert_uint_eq(v.n, 16);
	ck_assert_uint_le(c.counts.questions, 16 + 8);
}
END_TEST

START_TEST(ten_thousand_fields)
{
	struct mxa_str m = join(repeat("X-Trace: a line of its own\r\n", 10000),
	    MXA_STR(HEADER "\r\nHello.\r\n"));

	m = sign((struct sign_options){ .time = 0 }, m);
	start_clock();
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"), "pass");
	ck_work(200);
}
END_TEST

/* h= names one field a thousand times, there are twenty thousand of it, and
 * sixteen signatures do the same. */
START_TEST(equal_fields)
{
	struct mxa_str names = join(MXA_STR("from"), repeat(":x-a", 999));
	struct mxa_str m =
	    join(repeat("X-A: 1\r\n", 20000), MXA_STR(HEADER "\r\nHello.\r\n"));
	struct mxa_str once = m;
	struct sign_options o = { .headers = mxa_str_cstr(c.arena, names) };
	struct mxa_dkim_verdict v;

	m = sign(o, m);
	once = mxa_str_sub(m, 0, m.len - once.len); /* the field alone */
	for (int i = 0; i < 15; i++)
		m = join(once, m);
	start_clock();
	sigcase_dkim(&c, m, "example.com", &v);
	ck_work(300);
	ck_assert_uint_eq(v.n, 16);
	for (size_t i = 0; i < v.n; i++)
		ck_assert(v.sig[i].result == MXA_DKIM_PASS);
}
END_TEST

START_TEST(too_many_names)
{
	struct mxa_str names = join(MXA_STR("from"), repeat(":x-a", 1000));
	struct sign_options o = { .headers = mxa_str_cstr(c.arena, names) };

	ck_assert_str_eq(
	    sigcase_dkim_text(
		&c, sign(o, MXA_STR(HEADER "\r\nHello.\r\n")), "example.com"),
	    "permerror: h= has too many names");
}
END_TEST

/* 64 KiB in one field, in fifteen thousand folds. */
START_TEST(folded_field)
{
	struct mxa_str m =
	    join(join(MXA_STR("X-F: a"), repeat("\r\n b", 15000)),
		MXA_STR("\r\n" HEADER "\r\nHello.\r\n"));

	m = sign((struct sign_options){ .headers = "from:x-f" }, m);
	start_clock();
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"), "pass");
	ck_work(200);
}
END_TEST

/* A megabyte of what makes relaxed canonicalisation stop at every byte. */
START_TEST(blanks_in_a_field)
{
	struct mxa_str m = join(join(MXA_STR("X-F: a"), repeat("  a", 300000)),
	    MXA_STR("\r\n" HEADER "\r\nHello.\r\n"));

	m = sign((struct sign_options){ .headers = "from:x-f" }, m);
	start_clock();
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"), "pass");
	ck_work(300);
}
END_TEST

static const struct {
	const char *name, *unit, *canon;
	size_t n, chunk;
} bodies[] = {
	{ "bare CR", "\r", "relaxed/relaxed", 1000000, 65535 },
	{ "bare LF", "\n", "relaxed/relaxed", 1000000, 65535 },
	{ "bare CR, simple", "\r", "relaxed/simple", 1000000, 65535 },
	{ "bare LF, simple", "\n", "relaxed/simple", 1000000, 65535 },
	{ "empty lines", "\r\n", "relaxed/relaxed", 1000000, 65535 },
	{ "empty lines, byte by byte", "\r\n", "relaxed/simple", 100000, 1 },
	{ "one line", "aaaaaaaaaa", "relaxed/relaxed", 1000000, 65535 },
	{ "blank and CR", " \r", "relaxed/relaxed", 1000000, 65535 },
	{ "blanks", "  a", "relaxed/relaxed", 1000000, 65535 },
	{ "blanks only", "    ", "relaxed/relaxed", 1000000, 65535 },
	{ "tabs", "\ta\t\r\n", "relaxed/relaxed", 1000000, 1000 },
};

START_TEST(odd_bodies)
{
	struct mxa_str m =
	    join(MXA_STR(HEADER "\r\n"), repeat(bodies[_i].unit, bodies[_i].n));
	struct sign_options o = { .canon = bodies[_i].canon };

	m = sign(o, m);
	c.chunk = bodies[_i].chunk;
	start_clock();
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"), "pass");
	ck_work(1000);
}
END_TEST

/* Sixteen signatures with as many l= cost one pass. */
START_TEST(many_lengths)
{
	struct mxa_str m = join(MXA_STR(HEADER "\r\n"),
	    repeat("A line of ordinary text in the body.\r\n", 200000));
	struct mxa_dkim_verdict v;
	char lengths[16][16];

	for (int i = 0; i < 16; i++) {
		struct sign_options o = { .length = lengths[i] };

		snprintf(lengths[i], sizeof(lengths[i]), "%d",
		    7600000 - 1000 * (i % 15));
		m = sign(o, m);
	}
	start_clock();
	sigcase_dkim(&c, m, "example.com", &v);
	ck_work(1000);
	ck_assert_uint_eq(v.n, 16);
	for (size_t i = 0; i < v.n; i++)
		ck_assert(v.sig[i].result ==
		    (i == 15 || i == 0 ? MXA_DKIM_PASS : MXA_DKIM_POLICY));
}
END_TEST

/* What the engine takes from the arena does not grow with the body. */
START_TEST(memory)
{
	struct mxa_str small = sign((struct sign_options){ .time = 0 },
	    join(MXA_STR(HEADER "\r\n"), repeat("text\r\n", 10)));
	struct mxa_str large = sign((struct sign_options){ .time = 0 },
	    join(MXA_STR(HEADER "\r\n"), repeat("text\r\n", 1000000)));
	struct mxa_dkim_verdict v;
	size_t before, first;

	sigcase_dkim(&c, small, "example.com", &v);
	before = mxa_arena_used(c.arena);
	sigcase_dkim(&c, small, "example.com", &v);
	first = mxa_arena_used(c.arena) - before;
	before = mxa_arena_used(c.arena);
	sigcase_dkim(&c, large, "example.com", &v);
	ck_assert_uint_le(mxa_arena_used(c.arena) - before, first + 1024);
	ck_assert_uint_lt(first, 16384);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("siglimits");
	TCase *tc = tcase_create("siglimits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, five_hundred_signatures);
	tcase_add_test(tc, five_hundred_keys);
	tcase_add_test(tc, ten_thousand_fields);
	tcase_add_test(tc, equal_fields);
	tcase_add_test(tc, too_many_names);
	tcase_add_test(tc, folded_field);
	tcase_add_test(tc, blanks_in_a_field);
	tcase_add_loop_test(tc, odd_bodies, 0, MXA_ARRAY_LEN(bodies));
	tcase_add_test(tc, many_lengths);
	tcase_add_test(tc, memory);
	suite_add_tcase(s, tc);
	return test_main(s);
}
