/* check_canon.c - canonicalisation: the examples of RFC 6376 section 3.4.6 and
 * the edges, in pieces of every size, against the slow reference. */
#include "auth/sig/canon.h"

#include <stdlib.h>

#include "auth/sig/squeeze.h"
#include "mail/headers.h"
#include "t/support/refcanon.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static void collect(void *ctx, const char *p, size_t len)
{
	mxa_buf_add(ctx, p, len);
}

static struct mxa_str body_by(const struct mxa_squeezer *way,
    enum mxa_canon canon, struct mxa_str text, size_t chunk)
{
	struct mxa_canon_body b;
	struct mxa_buf out;

	mxa_buf_init(&out, arena, (size_t)1 << 20);
	mxa_canon_body_init(
	    &b, canon, (struct mxa_canon_sink){ collect, &out });
	b.way = way;
	for (size_t at = 0; at < text.len; at += chunk) {
		/* a copy of its own, so that reading beyond it is seen */
		struct mxa_str piece = mxa_str_sub(text, at, at + chunk);
		char *copy = mxa_xmalloc(piece.len);

		for (size_t i = 0; i < piece.len; i++)
			copy[i] = piece.p[i];
		mxa_canon_body_feed(&b, copy, piece.len);
		free(copy);
	}
	mxa_canon_body_finish(&b);
	return mxa_buf_str(&out);
}

static struct mxa_str body(
    enum mxa_canon canon, struct mxa_str text, size_t chunk)
{
	return body_by(mxa_squeezers()[0], canon, text, chunk);
}

static const struct {
	const char *name;
	struct mxa_str in;
	const char *simple, *relaxed;
} bodies[] = {
	{ "section 3.4.6", MXA_STR_INIT(" C \r\nD \t E\r\n\r\n\r\n"),
	    " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
	{ "nothing", MXA_STR_INIT(""), "\r\n", "" },
	{ "one line end", MXA_STR_INIT("\r\n"), "\r\n", "" },
	{ "empty lines", MXA_STR_INIT("\r\n\r\n\r\n"), "\r\n", "" },
	{ "blanks alone", MXA_STR_INIT("  "), "  \r\n", "" },
	{ "lines of blanks", MXA_STR_INIT(" \r\n\t\r\n  \r\n"),
	    " \r\n\t\r\n  \r\n", "" },
	{ "no line end", MXA_STR_INIT("a"), "a\r\n", "a\r\n" },
	{ "blank at the very end", MXA_STR_INIT("a "), "a \r\n", "a\r\n" },
	{ "empty line first", MXA_STR_INIT("\r\na\r\n"), "\r\na\r\n",
	    "\r\na\r\n" },
	{ "line of blanks inside", MXA_STR_INIT("a\r\n \t \r\nb\r\n"),
	    "a\r\n \t \r\nb\r\n", "a\r\n\r\nb\r\n" },
	{ "leading blanks", MXA_STR_INIT("\t a\r\n"), "\t a\r\n", " a\r\n" },
	{ "one tab", MXA_STR_INIT("a\tb\r\n"), "a\tb\r\n", "a b\r\n" },
	{ "bare CR", MXA_STR_INIT("a\rb\r\n"), "a\rb\r\n", "a\rb\r\n" },
	{ "bare LF", MXA_STR_INIT("a\nb\n"), "a\nb\n\r\n", "a\nb\n\r\n" },
	{ "blank before bare CR", MXA_STR_INIT("a \rb\r\n"), "a \rb\r\n",
	    "a \rb\r\n" },
	{ "blank before bare LF", MXA_STR_INIT("a \nb"), "a \nb\r\n",
	    "a \nb\r\n" },
	{ "CR CR LF", MXA_STR_INIT("a\r\r\n"), "a\r\r\n", "a\r\r\n" },
	{ "blank CR CR LF", MXA_STR_INIT("a \r\r\n"), "a \r\r\n", "a \r\r\n" },
	{ "CR at the end", MXA_STR_INIT("a\r"), "a\r\r\n", "a\r\r\n" },
	{ "empty line, CR at the end", MXA_STR_INIT("a\r\n\r"), "a\r\n\r\r\n",
	    "a\r\n\r\r\n" },
	{ "blank and CR at the end", MXA_STR_INIT("a \r"), "a \r\r\n",
	    "a \r\r\n" },
	{ "bare CR alone", MXA_STR_INIT("\r"), "\r\r\n", "\r\r\n" },
	{ "bare LF alone", MXA_STR_INIT("\n"), "\n\r\n", "\n\r\n" },
};

START_TEST(body_rows)
{
	struct mxa_str in = bodies[_i].in;

	for (size_t chunk = 1; chunk <= in.len + 1; chunk++) {
		ck_str_is(body(MXA_CANON_SIMPLE, in, chunk), bodies[_i].simple);
		ck_str_is(
		    body(MXA_CANON_RELAXED, in, chunk), bodies[_i].relaxed);
	}
	ck_str_is(ref_canon_body(arena, false, in), bodies[_i].simple);
	ck_str_is(ref_canon_body(arena, true, in), bodies[_i].relaxed);
}
END_TEST

static struct mxa_str header(
    enum mxa_canon canon, const char *raw, size_t from, size_t to)
{
	struct mxa_headers h;
	struct mxa_buf out;
	struct mxa_canon_sink sink = { collect, &out };
	size_t end;

	mxa_buf_init(&out, arena, (size_t)1 << 20);
	mxa_headers_init(&h, arena);
	mxa_headers_split(&h, mxa_str_from(raw), &end);
	ck_assert_uint_eq(h.n, 1);
	mxa_canon_field(canon, &h.v[0], from, to, &sink);
	return mxa_buf_str(&out);
}

static const struct {
	const char *name, *in, *relaxed;
} headers[] = {
	{ "section 3.4.6, A", "A: X\r\n", "a:X" },
	{ "section 3.4.6, B", "B : Y\t\r\n\tZ  \r\n", "b:Y Z" },
	{ "empty", "X-Empty:\r\n", "x-empty:" },
	{ "blanks only", "X-Empty: \t \r\n", "x-empty:" },
	{ "folded at once", "Subject:\r\n a\r\n", "subject:a" },
	{ "fold of blanks", "S: a\r\n \r\n b\r\n", "s:a b" },
	{ "fold and tabs", "S: a\r\n\t\t b\r\n", "s:a b" },
	{ "fold at the end", "S: a\r\n \r\n", "s:a" },
	{ "case of the value stays", "MiXeD: CaSe\r\n", "mixed:CaSe" },
	{ "a colon in the value", "Date: 12:30 : x\r\n", "date:12:30 : x" },
	{ "bare CR is text", "S: a\rb \rc\r\n", "s:a\rb \rc" },
	{ "CR before the fold", "S: a\r\r\n b\r\n", "s:a\r b" },
};

START_TEST(header_rows)
{
	struct mxa_str in = mxa_str_from(headers[_i].in);

	in.len -= 2;
	ck_str_is(header(MXA_CANON_RELAXED, headers[_i].in, 0, 0),
	    headers[_i].relaxed);
	ck_assert(
	    mxa_str_eq(header(MXA_CANON_SIMPLE, headers[_i].in, 0, 0), in));
	ck_str_is(ref_canon_header(arena, true, in), headers[_i].relaxed);
}
END_TEST

/* The value of b= is left out, in relaxed with the white space around it. */
static const struct {
	const char *in;
	size_t from, to;
	const char *simple, *relaxed;
} cuts[] = {
	{ "D: a=1; b=xyz; c=2\r\n", 10, 13, "D: a=1; b=; c=2",
	    "d:a=1; b=; c=2" },
	{ "D: a=1; b=xyz\r\n", 10, 13, "D: a=1; b=", "d:a=1; b=" },
	{ "D: b=\r\n xy\r\n z ; c=2\r\n", 5, 15, "D: b=; c=2", "d:b=; c=2" },
};

START_TEST(cut_rows)
{
	ck_str_is(
	    header(MXA_CANON_SIMPLE, cuts[_i].in, cuts[_i].from, cuts[_i].to),
	    cuts[_i].simple);
	ck_str_is(
	    header(MXA_CANON_RELAXED, cuts[_i].in, cuts[_i].from, cuts[_i].to),
	    cuts[_i].relaxed);
}
END_TEST

/* Texts of the bytes that matter, at random, against the reference. */
START_TEST(random_texts)
{
	static const char alphabet[] = " \t\r\nab   \r\n";
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		char text[64];
		struct mxa_str s = { text, 0 };
		enum mxa_canon c = round & 1;
		size_t chunk;

		seed = seed * 1664525 + 1013904223;
		s.len = seed >> 26;
		for (size_t i = 0; i < s.len; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] =
			    alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		chunk = 1 + (seed >> 8) % 40;
		ck_assert(mxa_str_eq(body(c, s, chunk),
		    ref_canon_body(arena, c == MXA_CANON_RELAXED, s)));
		mxa_arena_reset(arena);
	}
}
END_TEST

/* The same, of the size in which vectors and long runs come in. */
START_TEST(long_texts)
{
	static const char alphabet[] = " \t\r\nab \r\n";
	static char text[3000];
	uint32_t seed = 1;

	for (unsigned round = 0; round < 600; round++) {
		/* one white space in so many octets */
		unsigned rare = 1 + round % 6 * 60;
		struct mxa_str s = { text, 100 + round % 5 * 700 };

		for (size_t i = 0; i < s.len; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (seed >> 8) % rare != 0
			    ? 'x'
			    : alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		for (const struct mxa_squeezer *const *way = mxa_squeezers();
		     *way != NULL; way++)
			ck_assert(mxa_str_eq(body_by(*way, MXA_CANON_RELAXED, s,
						 128 + (seed >> 8) % 2900),
			    ref_canon_body(arena, true, s)));
		mxa_arena_reset(arena);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("canon");
	TCase *tc = tcase_create("canon");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, body_rows, 0, MXA_ARRAY_LEN(bodies));
	tcase_add_loop_test(tc, header_rows, 0, MXA_ARRAY_LEN(headers));
	tcase_add_loop_test(tc, cut_rows, 0, MXA_ARRAY_LEN(cuts));
	tcase_add_test(tc, random_texts);
	tcase_add_test(tc, long_texts);
	suite_add_tcase(s, tc);
	return test_main(s);
}
