/* check_mime.c - the parts of a mail: their order, depth, message and bytes. */
#include "t/support/testing.h"

#include <string.h>

#include "mail/mime.h"

static struct mxa_arena *arena;
static struct mxa_buf seen;
static size_t visits, stop_after;

static void setup(void)
{
	arena = mxa_arena_new();
	mxa_buf_init(&seen, arena, (size_t)1 << 20);
	visits = 0;
	stop_after = 0;
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static void add_given(const char *before, struct mxa_str s)
{
	if (s.len > 0)
		mxa_buf_printf(&seen, "%s%.*s", before, MXA_STR_ARG(s));
}

/* "depth.message type;charset=filename:body|" */
static bool note_part(void *ctx, const struct mxa_mime_part *p)
{
	(void)ctx;
	mxa_buf_printf(
	    &seen, "%u.%u %.*s", p->depth, p->message, MXA_STR_ARG(p->type));
	add_given(";", p->charset);
	add_given("=", p->filename);
	if (!mxa_str_is(p->type, "text/rfc822-headers"))
		add_given(":", p->body);
	mxa_buf_addc(&seen, '|');
	return ++visits != stop_after;
}

#define TEXT "Content-Type: text/plain; charset="
#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define HEADERS "text/rfc822-headers|"

static const struct {
	const char *mail, *want;
} rows[] = {
	{ "Subject: x\n\nhi", "0.0 " HEADERS "0.0 text/plain:hi|" },
	/* RFC 2045, section 5.1: types and charsets in any case */
	{ "Content-Type: TEXT/Html; charset=US-ASCII\n\nhi",
	    "0.0 " HEADERS "0.0 text/html;us-ascii:hi|" },
	{ MIXED "--b\n\none\n--b\n\ntwo\n--b--\n",
	    "0.0 " HEADERS "1.0 text/plain:one|1.0 text/plain:two|" },
	/* a multipart within one */
	{ MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
		"--c\n\none\n--c--\n--b\n\ntwo\n--b--\n",
	    "0.0 " HEADERS "2.0 text/plain:one|1.0 text/plain:two|" },
	/* two messages within a mail, and one within the second */
	{ MIXED "--b\nContent-Type: message/rfc822\n\nSubject: 1\n\none\n"
		"--b\nContent-Type: message/rfc822\n\n"
		"Content-Type: message/rfc822\n\nSubject: 3\n\nthree\n"
		"--b--\n",
	    "0.0 " HEADERS "2.1 " HEADERS "2.1 text/plain:one|2.2 " HEADERS
	    "3.3 " HEADERS "3.3 text/plain:three|" },
	{ "Content-Type: message/delivery-status\n\nAction: failed\n",
	    "0.0 " HEADERS "0.0 message/delivery-status:Action: failed\n|" },
	/* transfer encodings (RFC 2045, section 6) */
	{ "Content-Transfer-Encoding: base64\n\naGk=\n",
	    "0.0 " HEADERS "0.0 text/plain:hi|" },
	{ "Content-Transfer-Encoding: quoted-printable\n\nh=69=\n!\n",
	    "0.0 " HEADERS "0.0 text/plain:hi!\n|" },
	/* charsets: text becomes UTF-8 */
	{ TEXT "ISO-8859-1\n\n\xe9",
	    "0.0 " HEADERS "0.0 text/plain;iso-8859-1:\xc3\xa9|" },
	{ TEXT "ISO-2022-JP\n\n\x1b$B$\"\x1b(B",
	    "0.0 " HEADERS "0.0 text/plain;iso-2022-jp:\xe3\x81\x82|" },
	{ TEXT "x-unknown\n\n\xe9",
	    "0.0 " HEADERS "0.0 text/plain;x-unknown:\xe9|" },
	{ "Content-Type: application/x; charset=iso-8859-1\n\n\xe9",
	    "0.0 " HEADERS "0.0 application/x;iso-8859-1:\xe9|" },
	{ "Content-Type: application/zip\n"
	  "Content-Disposition: attachment; filename=\"a!b.zip\"\n\nPK",
	    "0.0 " HEADERS "0.0 application/zip=a!b.zip:PK|" },
	{ "Content-Type: application/gzip; name=\"=?utf-8?q?=C3=A9=2Egz?=\"\n"
	  "\nx",
	    "0.0 " HEADERS "0.0 application/gzip=\xc3\xa9.gz:x|" },
};

START_TEST(parts_in_order)
{
	ck_assert_ptr_null(
	    mxa_mime_walk(arena, mxa_str_from(rows[_i].mail), note_part, NULL));
	ck_str_is(mxa_buf_str(&seen), rows[_i].want);
}
END_TEST

START_TEST(visitor_ends_the_walk)
{
	static const char mail[] = MIXED "--b\n\none\n--b\n\ntwo\n--b--\n";

	stop_after = (size_t)_i;
	mxa_mime_walk(arena, mxa_str_from(mail), note_part, NULL);
	ck_assert_uint_eq(visits, stop_after);
}
END_TEST

START_TEST(body_up_to_the_maximum)
{
	static const char *const want[] = { "0.0 text/plain|",
		"0.0 text/plain:a|", "0.0 text/plain:ab|",
		"0.0 text/plain:abc|", "0.0 text/plain:abc|" };
	struct mxa_str got;

	mxa_mime_walk_max(
	    arena, MXA_STR("X: y\n\nabc"), (size_t)_i, note_part, NULL);
	got = mxa_buf_str(&seen);
	ck_assert(mxa_str_starts(got, MXA_STR("0.0 " HEADERS)));
	ck_str_is(mxa_str_sub(got, strlen("0.0 " HEADERS), got.len), want[_i]);
}
END_TEST

static void add_nested(struct mxa_buf *mail, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++)
		mxa_buf_printf(mail,
		    "Content-Type: multipart/mixed; boundary=b%u-\n\n--b%u-\n",
		    i, i);
	mxa_buf_adds(mail, "\ndeep\n");
}

START_TEST(parts_deeper_than_the_limit_are_not_given)
{
	struct mxa_buf mail;

	mxa_buf_init(&mail, arena, (size_t)1 << 20);
	add_nested(&mail, MXA_MIME_MAX_DEPTH);
	mxa_mime_walk(arena, mxa_buf_str(&mail), note_part, NULL);
	ck_assert_uint_eq(visits, 2);
	visits = 0;
	mail.len = 0;
	add_nested(&mail, MXA_MIME_MAX_DEPTH + 1);
	mxa_mime_walk(arena, mxa_buf_str(&mail), note_part, NULL);
	ck_assert_uint_eq(visits, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mime");
	TCase *tc = tcase_create("mime");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, parts_in_order, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, visitor_ends_the_walk, 1, 4);
	tcase_add_loop_test(tc, body_up_to_the_maximum, 0, 5);
	tcase_add_test(tc, parts_deeper_than_the_limit_are_not_given);
	suite_add_tcase(s, tc);
	return test_main(s);
}
