/* check_import.c - opendkim.conf, opendmarc.conf and policyd-spf.conf become a
 * configuration of ours. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "conf/import.h"
#include "conf/loader.h"

static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

/* One list is there. */
static bool read_list(void *ctx, const char *path, struct mxa_str *out)
{
	(void)ctx;
	if (strcmp(path, "/etc/hosts.list") != 0)
		return false;
	*out = MXA_STR("# ours\n192.0.2.1\n\n198.51.100.0/24\t# lab\n"
		       "mail.example.jp\n::1\n");
	return true;
}

/* What is written always loads. */
static void must_load(const char *text)
{
	struct mxa_conf_loader l;
	struct mxa_conf *conf;
	char *errors = NULL, *warnings = NULL;

	mxa_conf_begin(&l);
	mxa_conf_read_text(&l, "made", mxa_str_from(text));
	conf = mxa_conf_finish(&l, &errors, &warnings);
	ck_assert_msg(conf != NULL, "%s\n%s", errors, text);
	mxa_conf_free(conf);
	free(errors);
	free(warnings);
}

static const char *import_all(const char *const *files, size_t n)
{
	struct mxa_import *im = mxa_import_new(arena, read_list, NULL);
	struct mxa_buf b;

	for (size_t i = 0; i < n; i++)
		ck_assert(mxa_import_add(im, mxa_arena_printf(arena, "f%zu", i),
		    mxa_str_from(files[i])));
	mxa_buf_init(&b, arena, 1 << 20);
	mxa_import_write(im, &b);
	ck_assert(!b.full);
	must_load(mxa_buf_cstr(&b));
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *name, *file;
	const char *want[4]; /* in the result, as lines or their ends */
	const char *without; /* not in it; NULL: nothing */
} rows[] = {
	{ "opendkim: name", "AuthservID mx.example.jp\n",
	    { "\nauthserv-id = \"mx.example.jp\"\n" }, NULL },
	{ "opendkim: keywords in any case", "AUTHSERVID\tmx.example.jp\r\n",
	    { "\nauthserv-id = \"mx.example.jp\"\n" }, NULL },
	{ "opendkim: HOSTNAME is our default", "AuthservID HOSTNAME\n",
	    { "#\tthat is the default\n" }, "\nauthserv-id" },
	{ "opendkim: signing stays with it", "Mode sv\nKeyFile /k\n",
	    { "# f0:1: Mode sv\n#\tmxauth verifies: keep opendkim for",
		"# f0:2: KeyFile /k\n#\tsigning:" },
	    NULL },
	{ "opendkim: numbers",
	    "DNSTimeout 4\nMinimumKeyBits 2048\nClockDrift 600\n",
	    { "\n\ttimeout = 4\n", "\n\tminimum-rsa-bits = 2048\n",
		"\n\tclock-skew = 600\n" },
	    NULL },
	{ "opendkim: a number out of range", "DNSTimeout 4000\n",
	    { "#\ttimeout does not take this value" }, "timeout = 4000" },
	{ "opendkim: not a number", "DNSTimeout 5; profile = \"monitor\"\n",
	    { "#\ttimeout does not take this value" }, "\nprofile" },
	{ "opendkim: two lists of networks",
	    "PeerList 192.0.2.7, 2001:db8::/32\nInternalHosts csl:192.0.2.7\n",
	    { "trusted-networks = [\"127.0.0.0/8\", \"::1/128\", "
	      "\"192.0.2.7\", \"2001:db8::/32\"]\n",
		"# f0:1: PeerList", "# f0:2: InternalHosts" },
	    NULL },
	{ "opendkim: an action", "On-DNSError tempfail\n",
	    { "actions: {\n\t# f0:1: On-DNSError tempfail\n"
	      "\ttemperror = \"defer\"\n}\n" },
	    NULL },
	{ "opendkim: an action that RFC 6376 forbids",
	    "On-BadSignature reject\n", { "a failed signature alone" },
	    "actions" },
	{ "a list in a file", "IgnoreHosts /etc/hosts.list\n",
	    { "\"192.0.2.1\", \"198.51.100.0/24\", \"::1\"]\n",
		"does not take \"mail.example.jp\"" },
	    NULL },
	{ "a list that is not there", "InternalHosts refile:/etc/none\n",
	    { "#\tthe list cannot be read; it belongs in trusted-networks\n" },
	    "\ntrusted-networks" },
	{ "opendmarc: refusal on", "RejectFailures true\n",
	    { "\nprofile = \"standard\"\n" }, NULL },
	{ "opendmarc: refusal on, in another word", "RejectFailures yes\n",
	    { "\nprofile = \"standard\"\n" }, NULL },
	{ "opendmarc: refusal off", "RejectFailures false\n",
	    { "\nprofile = \"monitor\"\n" }, "is not set" },
	{ "opendmarc: refusal is off when nothing says so",
	    "HoldQuarantinedMessages true\n",
	    { "\nprofile = \"monitor\"\n", "RejectFailures is not set",
		"\n\tdmarc-quarantine = \"quarantine\"\n" },
	    NULL },
	{ "opendmarc: names that can be forged",
	    "IgnoreMailFrom partner.example\n", { "anybody can write this" },
	    "partner.example\"" },
	{ "opendmarc: sealers", "DomainWhitelist a.example, b.example\n",
	    { "arc: {\n", "trusted-sealers = [\"a.example\", \"b.example\"]" },
	    NULL },
	{ "policyd-spf: softfail refuses, too",
	    "debugLevel = 1\nMail_From_reject = Softfail\n",
	    { "\n\tspf-fail = \"reject\"\n",
		"\n\tspf-softfail = \"reject\"\n" },
	    NULL },
	{ "policyd-spf: it refuses when nothing says so", "debugLevel = 1\n",
	    { "Mail_From_reject is not set", "\n\tspf-fail = \"reject\"\n" },
	    "softfail =" },
	{ "policyd-spf: it does not",
	    "Mail_From_reject = False\nHELO_reject = False\n",
	    { "SPF alone refuses nothing", "HELO alone refuses nothing" },
	    "actions" },
	{ "policyd-spf: HELO and broken records",
	    "HELO_reject = SPF_Not_Pass\nPermError_reject = True\n",
	    { "\n\thelo-fail = \"reject\"\n", "#\tonly fail refuses\n",
		"\n\tspf-permerror = \"reject\"\n" },
	    NULL },
	{ "policyd-spf: HELO is not looked at", "HELO_reject = No_Check\n",
	    { "\n\tcheck-helo = false\n" }, "helo-fail" },
	{ "policyd-spf: without blanks", "Void_Limit=3\nTestOnly=0\n",
	    { "\n\tmaximum-void-lookups = 3\n", "\nprofile = \"monitor\"\n" },
	    NULL },
	{ "policyd-spf: lists", "skip_addresses = 127.0.0.0/8,::1\n",
	    { "trusted-networks = [\"127.0.0.0/8\", \"::1/128\", \"::1\"]" },
	    NULL },
	{ "not known", "Mode s\nUnheardOf \"x\" }\n",
	    { "# f0:2: UnheardOf \"x\" }\n#\tnot known here" }, NULL },
	{ "quotes", "AuthservID a\"b\\\n", { "does not take this value" },
	    "\nauthserv-id" },
	{ "control characters", "Mode s\n\x1b[31mX\x01 \xff\n",
	    { "# f0:2: ?[31mX? ?\n" }, "\x1b" },
	{ "no end of line, comments, empty lines", "\n# x\n\n  # y\nMode s",
	    { "# f0:5: Mode s\n" }, NULL },
};

START_TEST(becomes_ours)
{
	const char *got = import_all(&rows[_i].file, 1);

	for (size_t i = 0; i < 4 && rows[_i].want[i] != NULL; i++)
		ck_assert_msg(strstr(got, rows[_i].want[i]) != NULL,
		    "%s: no \"%s\" in\n%s", rows[_i].name, rows[_i].want[i],
		    got);
	ck_assert_msg(
	    rows[_i].without == NULL || strstr(got, rows[_i].without) == NULL,
	    "%s: \"%s\" in\n%s", rows[_i].name, rows[_i].without, got);
}
END_TEST

/* Of an option that two files set, the first counts; a section stands once. */
START_TEST(files_together)
{
	static const char *const files[] = {
		"AuthservID mx.example.jp\nMode v\nOn-DNSError tempfail\n"
		"DNSTimeout 4\n",
		"AuthservID mx2.example.jp\nRejectFailures true\n"
		"HoldQuarantinedMessages true\nDNSTimeout 4\n",
		"Mail_From_reject = Fail\nAuthserv_Id = mx.example.jp\n",
	};
	const char *got = import_all(files, 3);
	const char *actions = strstr(got, "\nactions: {\n");

	ck_assert_ptr_nonnull(strstr(got, "\nauthserv-id = \"mx.example.jp\""));
	ck_assert_ptr_nonnull(
	    strstr(got, "#\tauthserv-id is set already, by f0:1\n"));
	ck_assert_ptr_nonnull(strstr(got,
	    "\t# f0:4: DNSTimeout 4\n\t# f1:4: DNSTimeout 4\n\ttimeout = 4\n"));
	ck_assert_ptr_nonnull(actions);
	ck_assert_ptr_null(strstr(actions + 1, "\nactions: {\n"));
	ck_assert_ptr_nonnull(strstr(got, "# f0\n# f1\n# f2\n"));
}
END_TEST

static const char *const strangers[] = { "", "\n\n", "# AuthservID x\n",
	"smtpd_milters = unix:x\n", "listen = \"unix:/x\"\n",
	"\x7f\x45\x4c\x46\x01" };

START_TEST(other_files_are_refused)
{
	struct mxa_import *im = mxa_import_new(arena, NULL, NULL);

	ck_assert(!mxa_import_add(im, "f", mxa_str_from(strangers[_i])));
}
END_TEST

START_TEST(bounds)
{
	struct mxa_import *im = mxa_import_new(arena, NULL, NULL);
	struct mxa_buf b, out;

	mxa_buf_init(&b, arena, 1 << 20);
	mxa_buf_adds(&b, "Mode s\nPeerList /etc/hosts.list\nDomain ");
	for (size_t i = 0; i < 5000; i++)
		mxa_buf_adds(&b, "xx,");
	mxa_buf_adds(&b, "\nPeerList ");
	for (size_t i = 0; i < 80; i++)
		mxa_buf_printf(&b, "192.0.2.%zu,", i);
	ck_assert(mxa_import_add(im, "f", mxa_buf_str(&b)));
	mxa_buf_init(&out, arena, 1 << 20);
	mxa_import_write(im, &out);
	must_load(mxa_buf_cstr(&out));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out), "#\ttoo long a line"));
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(&out), "#\tthe list cannot be read"));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out), "\"192.0.2.79\"]"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("import");
	TCase *tc = tcase_create("import");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, becomes_ours, 0, (int)MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, files_together);
	tcase_add_loop_test(
	    tc, other_files_are_refused, 0, (int)MXA_ARRAY_LEN(strangers));
	tcase_add_test(tc, bounds);
	suite_add_tcase(s, tc);
	return test_main(s);
}
