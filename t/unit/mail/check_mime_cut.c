/* check_mime_cut.c - mails that reach the limits of mail/mime.h. */
#include "t/support/testing.h"

#include <string.h>

#include "mail/mime.h"
#include "mail/mime_cut.h"

#define MULTIPART "Content-Type: multipart/mixed; boundary=b\n\n"
#define K ((size_t)1024)

/* 66 of them */
#define B3 "X: boundary=a\n boundary=b\n boundary=c\n"
#define B9 B3 B3 B3
#define B33 B9 B9 B9 B3 B3
#define BOUNDARIES B33 B33

static const struct {
	const char *name, *before, *what;
	size_t n; /* that many pass */
	const char *after;
	const char *error; /* of one more; NULL: none */
} rows[] = {
	{ "parts", MULTIPART, "--b\n\n", MXA_MIME_MAX_PARTS, "--",
	    "6000 parts" },
	{ "parts, quoted boundary",
	    "Content-Type: multipart/mixed;\n boundary=\"b c\"\n\n",
	    "--b c\r\n\r\n", MXA_MIME_MAX_PARTS, "", "6000 parts" },
	{ "parts, boundary in pieces",
	    "Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\n\n",
	    "--bc\n\n", MXA_MIME_MAX_PARTS, "", "6000 parts" },
	{ "messages in messages", "", "Content-Type: message/rfc822\n\n",
	    MXA_MIME_MAX_PARTS, "", "6000 parts" },
	{ "header fields", "", "X: y\n", MXA_MIME_MAX_FIELDS, "\n",
	    "50000 header fields" },
	{ "header fields of a part", MULTIPART "--b\n", "X: y\n",
	    MXA_MIME_MAX_FIELDS - 1, "\n", "50000 header fields" },
	{ "header fields of a message", "Content-Type: message/rfc822\n\n",
	    "X: y\n", MXA_MIME_MAX_FIELDS - 1, "\n", "50000 header fields" },
	{ "length of a field", "X:", "y", MXA_MIME_MAX_FIELD - 2, "\n",
	    "256 KiB" },
	{ "length of a folded field", "X:\n", " y\n",
	    MXA_MIME_MAX_FIELD / 2 - 1, "\n", "256 KiB" },
	{ "parts, more boundaries than are kept", BOUNDARIES "\n", "--z\n\n",
	    MXA_MIME_MAX_PARTS, "", "6000 parts" },
	{ "a message that a part promised and did not bring",
	    MULTIPART "--b\nContent-Type: message/rfc822\n--b\n\n", "X: y\n",
	    200 * K, "", NULL },
	{ "lines of a body", "From: a@example.com\n\n", "X: y\n", 200 * K, "",
	    NULL },
	{ "dashes in a body", "From: a@example.com\n\n", "--b\n", 200 * K, "",
	    NULL },
	{ "a long line in a body", "From: a@example.com\n\n", "y", 2000 * K, "",
	    NULL },
};

static struct mxa_str many(struct mxa_arena *a, size_t i, size_t n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)8 << 20);
	mxa_buf_adds(&b, rows[i].before);
	for (size_t k = 0; k < n; k++)
		mxa_buf_adds(&b, rows[i].what);
	mxa_buf_adds(&b, rows[i].after);
	return mxa_buf_str(&b);
}

START_TEST(cuts)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str mail = many(a, (size_t)_i, rows[_i].n), whole = mail;
	const char *limit = mxa_mime_cut(&mail);

	ck_assert_msg(limit == NULL, "%s: %s", rows[_i].name, limit);
	ck_assert_uint_eq(mail.len, whole.len);
	mail = whole = many(a, (size_t)_i, rows[_i].n + 1);
	limit = mxa_mime_cut(&mail);
	if (rows[_i].error == NULL) {
		ck_assert_ptr_null(limit);
	} else {
		ck_assert_msg(
		    limit != NULL && strstr(limit, rows[_i].error) != NULL,
		    "%s: %s", rows[_i].name, limit);
		ck_assert_uint_lt(mail.len, whole.len);
	}
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mime_cut");
	TCase *tc = tcase_create("mime_cut");

	tcase_add_loop_test(tc, cuts, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
