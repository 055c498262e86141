/* check_input.c - whatever bytes somebody gives: line ends, UTF-16, HTML,
 * headers of mail readers. */
#include "bounce/collect.h"

#include "t/support/testing.h"

static struct mxa_arena *arena;

static void open_arena(void)
{
	arena = mxa_arena_new();
}

static void close_arena(void)
{
	mxa_arena_free(arena);
}

#define BYTES(lit)                   \
	{                            \
		lit, sizeof(lit) - 1 \
	}

static const struct {
	struct mxa_str in;
	const char *want;
} texts[] = {
	{ BYTES("a\nb"), "a\nb" },
	{ BYTES("a\r\nb"), "a\nb" },
	{ BYTES("a\r\r\nb\r\r\n"), "a\nb\n" },
	{ BYTES("a\rb"), "a\nb" },
	{ BYTES("a\r\r"), "a\n\n" },
	{ BYTES("\xef\xbb\xbf\n\na"), "a" },
	{ BYTES(" a"), " a" },
	{ BYTES("\xff\xfe"
		"a\0\r\0\n\0\x4e\x5b"),
	    "a\n孎" },
	{ BYTES("\xfe\xff"
		"\0a\x6b\x63"),
	    "a正" },
	{ BYTES(""), "" },
};

START_TEST(text_of_bytes)
{
	ck_str_is(mxa_input_text(arena, texts[_i].in), texts[_i].want);
}
END_TEST

static const struct {
	const char *in;
	bool mail;
} mails[] = {
	{ "From: a@d.example\nTo: b@d.example\n\nx", true },
	{ "Content-Type: text/plain\n\nx", true },
	{ "From MAILER-DAEMON Fri Nov 27\nReceived: x\n\tby y\nSubject: z\n\n",
	    true },
	{ "From: a@d.example\n\nx", false },
	{ "This is the mail system\nFrom: x\nTo: y\n", false },
	{ "Reporting-MTA: dns; x\nFrom: x\nTo: y\n", false },
	{ "Final-Recipient: x\nFrom: x\nTo: y\n", false },
	/* a field's name has no space and no control character (RFC 5322) */
	{ "Hello there: x\nFrom: x\nTo: y\n", false },
	{ "Hello\x7f: x\nFrom: x\nTo: y\n", false },
	{ ": x\nFrom: x\nTo: y\n", false },
	{ "X-Other: x\nFrom: x\nTo: y\n", true },
	{ ">From x Fri Nov 27\nFrom: x\nTo: y\n", true },
	{ "Subject: x\n folded\n\tagain\nTo: y\n", true },
	{ "From: x\n\nTo: y\n", false }, /* the body */
	{ "", false },
};

START_TEST(mail_is_recognised)
{
	ck_assert_int_eq(
	    mxa_input_is_mail(mxa_str_from(mails[_i].in)), mails[_i].mail);
}
END_TEST

static const struct {
	const char *in, *want;
} pages[] = {
	{ "a<br>b", "a\nb" },
	{ "<p>a</p><p>b</p>", "\na\n\nb\n" },
	{ "a\nb", "a b" },
	{ "<pre>a\nb</pre>\nc", "\na\nb\n c" },
	{ "&lt;u&#64;d.example&#x3e;", "<u@d.example>" },
	{ "&amp;lt; &nbsp;&unknown; &", "&lt;  &unknown; &" },
	{ "<u@d.example>: no", "<u@d.example>: no" },
	{ "<a href=\"mailto:u@d.example\">u</a>", "u" },
	{ "<style>550 5.1.1 { }</style>x<!-- 550 -->y", "xy" },
	{ "<script>a</script", "" },
	{ "1 < 2", "1 < 2" },
	{ "&#z; &#xg; &#; &#6", "&#z; &#xg; &#; &#6" },
	{ "&#X4A;&#x4a;&#74;", "JJJ" },
	{ "a&#160;b&#10;c&#9;d&#13;e", "a b c d e" },
	{ "&#1;&#31;", "??" },
	{ "&LT;u&GT; &lt u", "<u> &lt u" },
	{ "&egrave;", "è" },
	{ "<a\nhref=\"mailto:u@d.example\">u</a>", "u" },
	{ "<!-- u@d.example -->x", "x" },
	{ "a<DIV class=x>b</div>c<tr>d</tr>e<hr>f", "a\nb\ncd\ne\nf" },
	{ "a<pre>b\nc</pre>d\ne", "a\nb\nc\nd e" },
	{ "<script>if (a > 1) x</script>y", "y" },
	{ "<", "<" },
};

START_TEST(words_of_html)
{
	ck_str_is(
	    mxa_html_text(arena, mxa_str_from(pages[_i].in)), pages[_i].want);
}
END_TEST

static const struct {
	const char *in, *want;
} headers[] = {
	{ "From: a@d.example\nTo: b@d.example",
	    "From: a@d.example\nTo: b@d.example\n" },
	{ "差出人: a@d.example\n宛先: b@d.example",
	    "From: a@d.example\nTo: b@d.example\n" },
	{ "发件人：a@d.example\n收件人：b@d.example",
	    "From: a@d.example\nTo: b@d.example\n" },
	{ "De : a@d.example\nObjet : x", "From: a@d.example\nSubject: x\n" },
	{ "Von: a@d.example\nGesendet: heute",
	    "From: a@d.example\nDate: heute\n" },
	{ "From: a@d.example\nto be continued", "" },
	{ "To: a@d.example\nSubject: x", "" }, /* nobody wrote it */
	{ "De\xc2\xa0: a@d.example\nObjet\xc2\xa0: x",
	    "From: a@d.example\nSubject: x\n" },
	{ "From a@d.example\nTo: b@d.example", "" }, /* no colon */
	{ "From: a@d.example\nX-Other: x\nTo: b@d.example\n To: c@d.example",
	    "From: a@d.example\nX-Other: x\nTo: b@d.example\n"
	    " To: c@d.example\n" },
	{ "Return-Path: <a@d.example>\nReceived: x",
	    "Return-Path: <a@d.example>\nReceived: x\n" },
	{ "From: a@d.example\nMessage-ID: <x>",
	    "From: a@d.example\nMessage-ID: <x>\n" },
	{ "Final-Recipient: rfc822; a@d.example\nAction: failed", "" },
	{ "", "" },
};

START_TEST(headers_of_readers)
{
	ck_str_is(mxa_pasted_header(arena, mxa_str_from(headers[_i].in)),
	    headers[_i].want);
}
END_TEST

/* A part with its boundary, whose mail's header section is missing. */
static const struct {
	const char *in, *want; /* NULL: it is none */
} parts[] = {
	{ "--b\nContent-Type: text/plain\n\nx\n--b--\n",
	    "Content-Type: multipart/mixed; boundary=\"b\"\n\n"
	    "--b\nContent-Type: text/plain\n\nx\n--b--" },
	{ "\n--b \ncontent-description: x\n\nx",
	    "Content-Type: multipart/mixed; boundary=\"b\"\n\n"
	    "--b \ncontent-description: x\n\nx" },
	{ "-b\nContent-Type: text/plain\n", NULL },
	{ "--b\nSubject: x\n", NULL },
	{ "--b\nContent-Type text/plain\n", NULL },
	{ "--b", NULL },
	{ "--a\"b\nContent-Type: text/plain\n", NULL },
	{ "", NULL },
};

START_TEST(parts_without_their_mail)
{
	struct mxa_str got = mxa_input_part(arena, mxa_str_from(parts[_i].in));

	ck_assert_int_eq(got.p != NULL, parts[_i].want != NULL);
	if (parts[_i].want != NULL)
		ck_str_is(got, parts[_i].want);
}
END_TEST

/* Text that was copied out of a page's source, and text that was not. */
static const struct {
	const char *in, *want;
} copied[] = {
	{ "&lt;u@d.example&gt;", "<u@d.example>" },
	{ "u&#64;d.example &amp; v", "u@d.example & v" },
	{ "a &amp; b", "a &amp; b" }, /* may stand so in a reply */
	{ "", "" },
};

START_TEST(entities_of_copied_text)
{
	ck_str_is(mxa_html_entities(arena, mxa_str_from(copied[_i].in)),
	    copied[_i].want);
}
END_TEST

#define N_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("input");
	TCase *tc = tcase_create("input");

	tcase_add_checked_fixture(tc, open_arena, close_arena);
	tcase_add_loop_test(tc, text_of_bytes, 0, N_ROWS(texts));
	tcase_add_loop_test(tc, mail_is_recognised, 0, N_ROWS(mails));
	tcase_add_loop_test(tc, words_of_html, 0, N_ROWS(pages));
	tcase_add_loop_test(tc, parts_without_their_mail, 0, N_ROWS(parts));
	tcase_add_loop_test(tc, entities_of_copied_text, 0, N_ROWS(copied));
	tcase_add_loop_test(tc, headers_of_readers, 0, N_ROWS(headers));
	suite_add_tcase(s, tc);
	return test_main(s);
}
