/* check_conf.c - mxauth.conf: mistakes with their lines, and values. */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/engine.h"
#include "policy/load.h"
#include "conf/schema.h"

/* --- mistakes: everything of one run, in the order of the file --- */

static const struct {
	const char *name;
	const char *conf;
	const char *policy; /* NULL: none */
	const char *errors;
} mistakes[] = {
	{ "a word without quotes", "profile = strict\n", NULL,
	    "c:1: expected a value, found the word strict: a text stands in "
	    "quotes, \"strict\"\n" },
	{ "below comments",
	    "# one\n/* two\n three */\n// four\nprofil = \"strict\"\n", NULL,
	    "c:5: unknown option profil; expected profile?\n" },
	{ "all of them, sorted",
	    "shutdown = \"soon\"\nlisten = \"tcp:1\"\nfoo = 1\n"
	    "dns: {\n timeout = 0\n servers = [ \"127.0.0.1\",\n \"here\" ]\n}",
	    NULL,
	    "c:1: shutdown: expected a time from 1s to 1h (5, \"5s\", \"2m\", "
	    "\"1h\", \"90d\"), found \"soon\"\n"
	    "c:2: listen: expected unix:PATH, inet:PORT@HOST, inet6:PORT@HOST, "
	    "fd:N or inet:HOST:PORT, found \"tcp:1\"\n"
	    "c:3: unknown option foo\n"
	    "c:5: timeout: expected a time from 1s to 1m (5, \"5s\", \"2m\", "
	    "\"1h\", \"90d\"), found 0\n"
	    "c:7: servers: expected addresses of servers (\"192.0.2.53\", "
	    "\"192.0.2.53:5353\", \"[2001:db8::53]:53\"), found \"here\"\n" },
	{ "given twice",
	    "profile = \"strict\"\n\nprofile = \"monitor\"\nfoo = 1\n", NULL,
	    "c:3: profile is given twice, first in line 1\n"
	    "c:4: unknown option foo\n" },
	{ "section given twice",
	    "dns: { timeout = 1 }\ndns: { deadline = 9 }\n", NULL,
	    "c:2: dns is given twice, first in line 1\n" },
	{ "given twice within a section",
	    "dns: {\n timeout = 1\n timeout = 2\n}\n", NULL,
	    "c:3: timeout is given twice, first in line 2\n" },
	{ "brace missing at the end", "dns: {\n timeout = 5\n\n# end\n", NULL,
	    "c:2: expected '}' to end the section \"dns\" that begins in line "
	    "1, found the end of the file\n" },
	{ "brace missing in the middle, what follows is left alone",
	    "dns: {\n timeout = 5\nspf: { engine = \"native\" }\n"
	    "profile = \"strict\"\n",
	    NULL,
	    "c:4: expected '}' to end the section \"dns\" that begins in line "
	    "1, found the end of the file\n" },
	{ "one brace too many", "dns: { timeout = 5 } }\nfoo = 1\n", NULL,
	    "c:1: unexpected '}': nothing is open here\n"
	    "c:2: unknown option foo\n" },
	{ "a brace too many hides no second time",
	    "profile = \"strict\"\n}\nprofile = \"monitor\"\n", NULL,
	    "c:2: unexpected '}': nothing is open here\n"
	    "c:3: profile is given twice, first in line 1\n" },
	{ "wrong bracket", "trusted-networks = [ \"192.0.2.1\" }\nfoo = 1\n",
	    NULL,
	    "c:1: expected ']' to end the list \"trusted-networks\" that "
	    "begins in line 1, found '}'\n"
	    "c:2: unknown option foo\n" },
	{ "quote missing", "# x\nprofile = \"strict\nfoo = \"a\"\n", NULL,
	    "c:2: expected '\"': the text in quotes does not end on its "
	    "line\n" },
	{ "a backslash at the end of the line", "profile = \"strict\\\n\"\n",
	    NULL,
	    "c:1: expected '\"': the text in quotes does not end on its "
	    "line\n" },
	{ "a backslash before the last quote", "profile = \"strict\\\"\n", NULL,
	    "c:1: expected '\"': the text in quotes does not end on its "
	    "line\n" },
	{ "quote missing at the end of the file", "profile = \"strict", NULL,
	    "c:1: expected '\"': the text in quotes does not end on its "
	    "line\n" },
	{ "comment left open", "profile = \"strict\"\n/* so\n\n", NULL,
	    "c:2: expected '*/': the comment that begins here does not "
	    "end\n" },
	{ "no equals sign", "profile \"strict\"\nfoo = 1\n", NULL,
	    "c:1: expected '=' behind 'profile', found '\"strict\"'\n"
	    "c:2: unknown option foo\n" },
	{ "no value", "profile =\nlisten = \"fd:3\"\nfoo = 1\n", NULL,
	    "c:1: expected a value behind 'profile', found 'listen'\n"
	    "c:3: unknown option foo\n" },
	{ "no value at the end", "profile =\n\n", NULL,
	    "c:1: expected a value behind 'profile', found the end of the "
	    "file\n" },
	{ "no name", "= 5\nfoo = 1\n", NULL,
	    "c:1: expected the name of an option, found '='\n"
	    "c:2: unknown option foo\n" },
	{ "comma missing in a list",
	    "dns: { servers = [\"192.0.2.1\"\n\n\"192.0.2.2\" 5 ] }\n", NULL,
	    "c:1: expected ',' or ']' behind this element, found "
	    "'\"192.0.2.2\"'\n"
	    "c:3: expected ',' or ']' behind this element, found '5'\n" },
	{ "values of two kinds", "trusted-networks = [ \"192.0.2.1\",\n 5 ]\n",
	    NULL, "c:2: the values within [ ] are not all of one kind\n" },
	{ "a unit without quotes", "shutdown = 5s\n", NULL,
	    "c:1: '5s' is no number; a text stands in quotes: \"5s\"\n" },
	{ "a number that 32 bits do not hold", "shutdown = 4294967301\n", NULL,
	    "c:1: shutdown: expected a time from 1s to 1h (5, \"5s\", \"2m\", "
	    "\"1h\", \"90d\"), found 4294967301\n" },
	{ "a number that 64 bits do not hold",
	    "shutdown = 99999999999999999999\n", NULL,
	    "c:1: the number 99999999999999999999 is too large\n" },
	{ "numbers that are none",
	    "shutdown = -0x5.a\npid-file = 1l\nuser = -\nlisten = 0x\n"
	    "profile = 1.5\n",
	    NULL,
	    "c:1: '-0x5.a' is no number; a text stands in quotes: \"-0x5.a\"\n"
	    "c:2: '1l' is no number; a text stands in quotes: \"1l\"\n"
	    "c:3: '-' is no number; a text stands in quotes: \"-\"\n"
	    "c:4: '0x' is no number; a text stands in quotes: \"0x\"\n"
	    "c:5: profile: expected standard, strict or monitor, found 1.5\n" },
	{ "a negative number", "dns: { failure-memory = -1 }\n", NULL,
	    "c:1: failure-memory: expected a time from 0 to 5m (5, \"5s\", "
	    "\"2m\", \"1h\", \"90d\"), found -1\n" },
	{ "a NUL in quotes", "profile = \"strict\\x00\"\n", NULL,
	    "c:1: a NUL byte in a text\n" },
	{ "a foreign character", "profile = \xe2\x80\x9cstrict\xe2\x80\x9d\n",
	    NULL, "c:1: unexpected '\xe2\x80\x9c'\n" },
	{ "option of a section outside of it", "timeout = 5\n", NULL,
	    "c:1: unknown option timeout; expected it in section dns\n" },
	{ "option of another section", "spf: { servers = [] }\n", NULL,
	    "c:1: unknown option servers in section spf; expected it in "
	    "section dns\n" },
	{ "option outside of sections in one", "dns: { listen2 = 1 }\n", NULL,
	    "c:1: unknown option listen2 in section dns\n" },
	{ "a section as a value", "dns = 5\n", NULL,
	    "c:1: dns: expected a section, dns: { ... }, found 5\n" },
	{ "a value as a section", "profile: { a = 1 }\n", NULL,
	    "c:1: profile: expected standard, strict or monitor, found a "
	    "section\n" },
	{ "an empty list where one value stands", "profile = []\n", NULL,
	    "c:1: profile: expected standard, strict or monitor, found a "
	    "list in [ ]\n" },
	{ "underscores", "trusted_networks = []\n", NULL,
	    "c:1: unknown option trusted_networks; expected "
	    "trusted-networks?\n" },
	{ "bool in quotes", "header: { comments = \"no\" }\n", NULL,
	    "c:1: comments: expected true or false, found \"no\"\n" },
	{ "an engine that is not there", "dkim: { engine = \"opendkim\" }\n",
	    NULL,
	    "c:1: engine: expected native or libopendkim, found "
	    "\"opendkim\"\n" },
	{ "an RSA key below the floor", "dkim: { minimum-rsa-bits = 512 }\n",
	    NULL,
	    "c:1: minimum-rsa-bits: expected a number from 1024 to 8192, found "
	    "512\n" },
	{ "a network with too many bits",
	    "trusted-relays = [ \"192.0.2.0/33\" ]\n", NULL,
	    "c:1: trusted-relays: expected addresses or networks "
	    "(\"192.0.2.0/24\"), found \"192.0.2.0/33\"\n" },
	{ "every wrong element of a list",
	    "trusted-networks = [ \"192.0.2.300\", \"192.0.2.0/24\",\n"
	    " \"192.0.2.0/33\" ]\n",
	    NULL,
	    "c:1: trusted-networks: expected addresses or networks "
	    "(\"192.0.2.0/24\"), found \"192.0.2.300\"\n"
	    "c:2: trusted-networks: expected addresses or networks "
	    "(\"192.0.2.0/24\"), found \"192.0.2.0/33\"\n" },
	{ "a mistyped network is no domain",
	    "trusted-forwarders = [ \"192.0.2.300\" ]\n", NULL,
	    "c:1: trusted-forwarders: expected addresses, networks, or domains "
	    "(\".d\": subdomains), found \"192.0.2.300\"\n" },
	{ "an unknown action", "actions: {\n spf-fail = \"bounce\"\n}\n", NULL,
	    "c:2: spf-fail: expected accept, tag, quarantine, defer or reject, "
	    "found \"bounce\"\n" },
	{ "permissions", "\nsocket-mode = \"888\"\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found \"888\"\n" },
	{ "permissions without quotes", "\nsocket-mode = 0660\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found 0660\n" },
	{ "permissions in another base", "\nsocket-mode = 0x1b0\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found 0x1b0\n" },
	{ "permissions beyond 0777", "\nsocket-mode = \"4755\"\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found \"4755\"\n" },
	{ "no permissions", "\nsocket-mode = \"\"\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found \"\"\n" },
	{ "symbolic permissions", "\nsocket-mode = \"u=rw,g=rw\"\n", NULL,
	    "c:2: socket-mode: expected octal permissions in quotes, such "
	    "as \"0660\", found \"u=rw,g=rw\"\n" },
	{ "texts",
	    "texts: {\n reject = \"100% sure\"\n defer = \"%{foo}\"\n"
	    " reject-code = \"450 5.1.1\"\n defer-code = \"421 4.7.0\"\n"
	    " help-url = \"www.example.jp\"\n contact = \"a\\r\\nb\"\n}\n",
	    NULL,
	    "c:2: reject: a '%' is neither part of %{name} nor doubled\n"
	    "c:3: defer: unknown placeholder %{foo}\n"
	    "c:4: reject-code: expected a reply code and an enhanced code of "
	    "class 5, such as \"550 5.7.1\", found \"450 5.1.1\"\n"
	    "c:5: defer-code: expected a reply code and an enhanced code of "
	    "class 4, such as \"451 4.7.1\", found \"421 4.7.0\"\n"
	    "c:6: help-url: expected a URL that begins with https:// or "
	    "http://, found \"www.example.jp\"\n"
	    "c:7: contact: expected printable ASCII, at most 200 characters, "
	    "found \"a??b\"\n" },
	{ "a line break in a reply", "texts: { reject = \"a\\nb\" }\n", NULL,
	    "c:1: reject: only printable ASCII on one line is allowed\n" },
	{ "codes of different classes",
	    "texts: { reject-code = \"550 4.7.1\" }\n", NULL,
	    "c:1: reject-code: expected a reply code and an enhanced code of "
	    "class 5, such as \"550 5.7.1\", found \"550 4.7.1\"\n" },
	{ "bounds that cross",
	    "dns: {\n minimum-ttl = 3600\n maximum-ttl = 60\n}\n", NULL,
	    "c:3: minimum-ttl (3600 s) is larger than maximum-ttl (60 s)\n" },
	{ "includes need files", "profile = \"strict\"\n@include \"x\"\n", NULL,
	    "c:2: @include is not allowed here\n" },
	{ "include without quotes", "\n@include x.conf\n", NULL,
	    "c:2: expected a file name in quotes behind @include\n" },
	{ "nested too deep", "a = ((((((((((((((((( 1 )))))))))))))))))\n",
	    NULL, "c:1: sections and lists are nested too deep\n" },
	{ "mistakes of both files", "foo = 1\n", "bar = 1\nrules = ();\n",
	    "c:1: unknown option foo\n"
	    "policy.conf:1: unknown option bar; expected rules = ( ... )\n" },
};

/* Two lists of lines; Check shows both. */
START_TEST(mistakes_are_named)
{
	char *errors = NULL;
	struct mxa_conf *c =
	    mxa_policy_parse("c", mxa_str_from(mistakes[_i].conf),
		mxa_str_from(mistakes[_i].policy), &errors, NULL);

	ck_assert_msg(c == NULL, "%s: was accepted", mistakes[_i].name);
	ck_assert_ptr_nonnull(errors);
	ck_assert_msg(strcmp(errors, mistakes[_i].errors) == 0,
	    "%s:\ngot\n%swant\n%s", mistakes[_i].name, errors,
	    mistakes[_i].errors);
	free(errors);
}
END_TEST

#define BYTES(text) mxa_str_make(text, sizeof(text) - 1)

START_TEST(a_nul_byte_is_a_mistake)
{
	const struct mxa_str texts[] = {
		BYTES("profile\n = \"str\0ict\"\n"),
		BYTES("profile\n = \"strict\\\0\"\n"),
		BYTES("# \n# \0\n"),
		BYTES("/* \n \0 */"),
		BYTES("\n\0"),
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(texts); i++) {
		char *errors = NULL;

		ck_assert_ptr_null(mxa_policy_parse(
		    "c", texts[i], MXA_STR_NONE, &errors, NULL));
		ck_assert_str_eq(errors, "c:2: a NUL byte in the text\n");
		free(errors);
	}
}
END_TEST

START_TEST(mistakes_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	char *errors = NULL;
	struct mxa_buf b;
	size_t lines = 0;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_buf_adds(&b, "rules = (\n");
	for (int i = 0; i < 1000; i++)
		mxa_buf_adds(&b, "{ author = \"\" },\n");
	mxa_buf_adds(&b, ");\n");
	ck_assert_ptr_null(
	    mxa_policy_parse("c", MXA_STR(""), mxa_buf_str(&b), &errors, NULL));
	for (const char *p = errors; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_uint_eq(lines, 201);
	ck_assert_ptr_nonnull(
	    strstr(errors, "and 800 more of the same sort\n"));
	free(errors);
	mxa_arena_free(a);
}
END_TEST

/* --- values --- */

static struct mxa_conf *good(const char *text)
{
	char *errors = NULL;
	struct mxa_conf *c = mxa_policy_parse(
	    "c", mxa_str_from(text), MXA_STR_NONE, &errors, NULL);

	ck_assert_msg(c != NULL, "%s: %s", text, errors);
	ck_assert_ptr_null(errors);
	return c;
}

static const struct mxa_opt *option(const char *section, const char *name)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].section, section) == 0 &&
		    strcmp(o[i].name, name) == 0)
			return &o[i];
	ck_abort_msg("no option %s.%s", section, name);
	return NULL;
}

static const struct {
	const char *section, *name;
	const char *written, *shown;
} values[] = {
	{ "", "listen", "\"local:/run/m.sock\"", "\"unix:/run/m.sock\"" },
	{ "", "listen", "\"inet:8891@127.0.0.1\"", "\"inet:8891@127.0.0.1\"" },
	{ "", "listen", "\"inet:127.0.0.1:8891\"", "\"inet:8891@127.0.0.1\"" },
	{ "", "listen", "\"inet:[127.0.0.1]:8891\"",
	    "\"inet:8891@127.0.0.1\"" },
	{ "", "listen", "\"inet:8891\"", "\"inet:8891\"" },
	{ "", "listen", "\"inet:localhost:0\"", "\"inet:0@localhost\"" },
	{ "", "listen", "\"inet6:[::1]:8891\"", "\"inet6:8891@::1\"" },
	{ "", "listen", "\"inet6:8891@::1\"", "\"inet6:8891@::1\"" },
	{ "", "listen", "\"fd:3\"", "\"fd:3\"" },
	{ "", "socket-mode", "\"0600\"", "\"0600\"" },
	{ "", "socket-mode", "\"660\"", "\"0660\"" },
	{ "", "shutdown", "5", "\"5s\"" },
	{ "", "shutdown", "\"2m\"", "\"2m\"" },
	{ "", "shutdown", "0x10", "\"16s\"" },
	{ "", "authserv-id", "\"MX.example.JP\"", "\"MX.example.JP\"" },
	{ "", "authserv-id",
	    "\"b\xc3\xbc"
	    "cher.example\"",
	    "\"xn--bcher-kva.example\"" },
	{ "", "trusted-networks", "[]", "[]" },
	{ "", "trusted-networks", "\"192.0.2.1\"", "[\"192.0.2.1/32\"]" },
	{ "", "trusted-networks", "(\"192.0.2.0/24\", \"2001:db8::/32\",)",
	    "[\"192.0.2.0/24\", \"2001:db8::/32\"]" },
	{ "", "trusted-networks", "[\"::ffff:192.0.2.0/120\"]",
	    "[\"192.0.2.0/24\"]" },
	{ "", "trusted-forwarders",
	    "[\"a.Example\", \"192.0.2.1\", \".b.example\"]",
	    "[\"192.0.2.1/32\", \"a.example\", \".b.example\"]" },
	{ "", "profile", "\"monitor\"", "\"monitor\"" },
	{ "", "recipients", "\"split\"", "\"split\"" },
	{ "", "policy-file", "\"\"", "\"\"" },
	{ "actions", "unauthenticated", "\"quarantine\"", "\"quarantine\"" },
	{ "actions", "dmarc-none", "\"\"", "\"\"" },
	{ "texts", "reject-code", "\"554 5.7.0\"", "\"554 5.7.0\"" },
	{ "texts", "reject", "\"in two \"\n\t\"parts\"", "\"in two parts\"" },
	{ "texts", "reject", "\"%{domain}: 100%% \\\"no\\\"\"",
	    "\"%{domain}: 100%% \\\"no\\\"\"" },
	{ "texts", "help-url", "\"https://example.jp/?d=%{domain}\"",
	    "\"https://example.jp/?d=%{domain}\"" },
	{ "dns", "cache-size", "\"1500k\"", "\"1500k\"" },
	{ "dns", "cache-size", "5000000000", "\"5000000000\"" },
	{ "dns", "cache-size", "2147483648", "\"2G\"" },
	{ "dns", "failure-memory", "0", "\"0\"" },
	{ "", "maximum-connections", "1", "1" },
	{ "", "maximum-messages", "60000", "60000" },
	{ "dns", "refresh-hits", "0", "0" },
	{ "dns", "refresh-hits", "100000", "100000" },
	{ "dns", "servers", "[\"127.0.0.1:5353\", \"[::1]:53\"]",
	    "[\"127.0.0.1:5353\", \"[::1]:53\"]" },
	{ "dns", "trust-ad", "TRUE", "true" },
	{ "dkim", "maximum-signatures", "3L", "3" },
	{ "arc", "trusted-sealers", "[\"*\"]", "[\"*\"]" },
	{ "arc", "trusted-sealers", "[\"Lists.example\", \"*\"]",
	    "[\"lists.example\"]" },
	{ "journal", "maximum-age", "\"48h\"", "\"2d\"" },
	{ "journal", "maximum-size", "\"512m\"", "\"512M\"" },
	{ "metrics", "listen", "\"[::1]:9811\"", "\"[::1]:9811\"" },
	{ "store", "keep-messages", "0", "\"0\"" },
	{ "reports", "from", "\"NoReply+x@Reports.example\"",
	    "\"NoReply+x@Reports.example\"" },
	{ "reports", "exclude",
	    "[\"Optout.example\", \"X@Victim.example\", \"@B\xc3\xbc.example\"]",
	    "[\"optout.example\", \"x@victim.example\", "
	    "\"@xn--b-eha.example\"]" },
	{ "reports", "sign-key", "\"/k\"", "\"/k\"" },
};

START_TEST(values_are_understood)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *section = values[_i].section;
	const char *text =
	    mxa_arena_printf(a, section[0] ? "%s: { %s = %s }" : "%s%s = %s",
		section, values[_i].name, values[_i].written);
	struct mxa_conf *c = good(text);
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	mxa_schema_show(option(section, values[_i].name), c, &b);
	ck_str_is(mxa_buf_str(&b), values[_i].shown);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *section, *name, *written;
} refused[] = {
	{ "", "listen", "\"\"" },
	{ "", "listen", "\"unix:\"" },
	{ "", "listen", "\"/run/mxauth.sock\"" },
	{ "", "listen", "\"inet:65536@127.0.0.1\"" },
	{ "", "listen", "\"inet:8891@a b\"" },
	{ "", "listen", "\"inet:localhost:smtp\"" },
	{ "", "listen", "\"fd:x\"" },
	{ "", "shutdown", "0" },
	{ "", "shutdown", "\"1\xe3\x81\x8a\"" },
	{ "", "shutdown", "\"\"" },
	{ "", "shutdown", "\"s\"" },
	{ "", "shutdown", "5.5" },
	{ "", "shutdown", "\"2d\"" },
	{ "", "user", "\"-x\"" },
	{ "", "user", "\"a b\"" },
	{ "", "authserv-id", "\"mx example\"" },
	{ "", "trusted-networks", "[\"localhost\"]" },
	{ "", "trusted-networks", "[\"192.0.2.01\"]" },
	{ "", "trusted-networks", "true" },
	{ "", "trusted-networks", "{ }" },
	{ "dns", "cache-size", "\"64X\"" },
	{ "", "maximum-connections", "0" },
	{ "", "maximum-messages", "60001" },
	{ "dns", "refresh-hits", "-1" },
	{ "dns", "refresh-hits", "100001" },
	{ "dns", "refresh-hits", "\"often\"" },
	{ "dns", "cache-size", "\"99999999999999T\"" },
	{ "dns", "servers", "[\"ns.example\"]" },
	{ "texts", "reject-code", "\"550\"" },
	{ "texts", "reject-code", "\"451 4.7.1\"" },
	{ "texts", "defer-code", "\"550 5.7.1\"" },
	{ "texts", "reject", "\"caf\xc3\xa9\"" },
	{ "texts", "help-url", "\"https://a b\"" },
	{ "texts", "help-url", "\"https://a/%{help-url}\"" },
	{ "arc", "trusted-sealers", "[\"\"]" },
	{ "arc", "trusted-sealers", "[\"*.example\"]" },
	{ "arc", "maximum-sets", "51" },
	{ "metrics", "listen", "\"9\"" },
	{ "metrics", "listen", "\"9811\"" },
	{ "metrics", "listen", "\"::1:9811\"" },
	{ "metrics", "listen", "\"localhost:9811\"" },
	{ "log", "facility", "\"kern\"" },
	{ "reports", "from", "\"noreply\"" },
	{ "reports", "from", "\"@reports.example\"" },
	{ "reports", "from", "\"-f@reports.example\"" },
	{ "reports", "from", "\"a b@reports.example\"" },
	{ "reports", "exclude", "[\"no domain\"]" },
	{ "reports", "sign", "{ key = \"/k\" color = 1 }" },
	{ "reports", "sign", "{ color = 1 }" },
};

START_TEST(a_group_in_a_section_is_a_common_beginning)
{
	struct mxa_conf *c = good("reports: { send = true sign: { domain = "
				  "\"r.example\" selector = \"r1\" "
				  "key = \"/k\" } from = \"n@r.example\" }");

	ck_assert(c->reports_send);
	ck_str_is(c->reports_sign_domain, "r.example");
	ck_str_is(c->reports_sign_selector, "r1");
	ck_str_is(c->reports_sign_key, "/k");
	ck_str_is(c->reports_from, "n@r.example");
	mxa_conf_free(c);
}
END_TEST

START_TEST(values_are_refused)
{
	char text[200];
	char *errors = NULL;

	snprintf(text, sizeof(text),
	    refused[_i].section[0] ? "%s: { %s = %s }" : "%s%s = %s",
	    refused[_i].section, refused[_i].name, refused[_i].written);
	ck_assert_msg(mxa_policy_parse("c", mxa_str_from(text), MXA_STR_NONE,
			  &errors, NULL) == NULL,
	    "accepted: %s", text);
	ck_assert_msg(
	    strncmp(errors, "c:1: ", 5) == 0 && strchr(errors, '\n')[1] == '\0',
	    "%s: %s", text, errors);
	free(errors);
}
END_TEST

START_TEST(defaults_are_those_of_the_contract)
{
	struct mxa_conf *c = mxa_policy_load(NULL, NULL, NULL);

	ck_assert_ptr_nonnull(c);
	ck_str_is(c->listen, "unix:/run/mxauth/mxauth.sock");
	ck_assert_uint_eq(c->socket_mode, 0660);
	ck_str_is(c->user, "");
	ck_str_is(c->authserv_id, "");
	ck_assert_uint_eq(c->shutdown_seconds, 10);
	ck_assert_uint_eq(c->max_connections, 12000);
	ck_assert_uint_eq(c->max_messages, 3000);
	ck_assert_uint_eq(c->n_trusted_networks, 2);
	ck_assert_uint_eq(c->n_trusted_relays, 0);
	ck_assert_int_eq(c->profile, MXA_PROFILE_STANDARD);
	ck_str_is(c->profile_at, "default");
	ck_assert_int_eq(c->recipients, MXA_RCPT_STRICTEST);
	for (int i = 0; i < MXA_CAUSES; i++)
		ck_assert_int_eq(c->action[i], MXA_ACTION_UNSET);
	ck_str_is(c->policy_file, MXAUTH_SYSCONFDIR "/policy.conf");
	ck_assert_ptr_nonnull(c->rules);
	ck_assert(c->header_comments && c->received_spf);
	ck_assert_uint_eq(c->n_dns_servers, 0);
	ck_assert_uint_eq(c->dns_timeout, 5);
	ck_assert_uint_eq(c->dns_deadline, 20);
	ck_assert_uint_eq(c->dns_failure_memory, 3);
	ck_assert_uint_eq(c->dns_cache_size, 64 << 20);
	ck_assert_uint_eq(c->dns_ttl_floor, 0);
	ck_assert_uint_eq(c->dns_ttl_ceiling, 86400);
	ck_assert_uint_eq(c->dns_refresh_hits, 2);
	ck_assert_uint_eq(c->dns_max_waiting, 2000);
	ck_assert(!c->dns_trust_ad);
	ck_assert_str_eq(c->auth.spf_engine->name, "native");
	ck_assert_str_eq(c->auth.dkim_engine->name, "native");
	ck_assert_uint_eq(c->auth.dkim_min_rsa_bits, 1024);
	ck_assert_uint_eq(c->auth.dkim_max_signatures, 16);
	ck_assert(!c->auth.arc);
	ck_assert_int_eq(c->auth.orgdom_mode, MXA_ORGDOM_TREEWALK);
	ck_str_is(c->journal_directory, MXAUTH_STATEDIR "/journal");
	ck_assert_uint_eq(c->journal_max_size, UINT64_C(1) << 30);
	ck_assert_uint_eq(c->journal_max_age, 90 * 86400);
	ck_str_is(c->metrics_listen, "");
	mxa_conf_free(c);
}
END_TEST

/* The table's defaults and those of auth/options.c are the same ones. */
START_TEST(defaults_are_those_of_the_engines)
{
	struct mxa_conf *c = good("");
	struct mxa_auth_options o;

	mxa_auth_options_default(&o);
	ck_assert_ptr_eq(c->auth.spf_engine, o.spf_engine);
	ck_assert_uint_eq(c->auth.spf_max_voids, o.spf_max_voids);
	ck_assert(c->auth.check_helo == o.check_helo);
	ck_assert_ptr_eq(c->auth.dkim_engine, o.dkim_engine);
	ck_assert_uint_eq(c->auth.dkim_min_rsa_bits, o.dkim_min_rsa_bits);
	ck_assert_uint_eq(c->auth.dkim_max_signatures, o.dkim_max_signatures);
	ck_assert(
	    c->auth.dkim_accept_partial_body == o.dkim_accept_partial_body);
	ck_assert_uint_eq(c->auth.clock_skew, o.clock_skew);
	ck_assert(c->auth.arc == o.arc);
	ck_assert_uint_eq(c->auth.n_trusted_sealers, o.n_trusted_sealers);
	ck_assert_uint_eq(c->auth.arc_max_sets, o.arc_max_sets);
	ck_assert_int_eq(c->auth.orgdom_mode, o.orgdom_mode);
	ck_assert(c->auth.single_label_guard == o.single_label_guard);
	ck_assert(c->auth.honour_pct_zero == o.honour_pct_zero);
	ck_assert(c->auth.check_iprev == o.check_iprev);
	mxa_conf_free(c);
}
END_TEST

START_TEST(sealers_switch_arc)
{
	struct mxa_conf *c = good("arc: { trusted-sealers = [\"*\"] }");

	ck_assert(c->auth.arc);
	ck_assert_uint_eq(c->auth.n_trusted_sealers, 0);
	mxa_conf_free(c);
	c = good("arc: { trusted-sealers = [\".Example.NET\"] }");
	ck_assert(c->auth.arc);
	ck_assert_uint_eq(c->auth.n_trusted_sealers, 1);
	ck_str_is(c->auth.trusted_sealers[0], ".example.net");
	mxa_conf_free(c);
}
END_TEST

START_TEST(the_list_is_loaded_when_it_is_needed)
{
	struct mxa_conf *c = good("");

	ck_assert_ptr_null(c->auth.psl);
	mxa_conf_free(c);
	c = good("dmarc: { organizational-domain = \"auto\" }");
	ck_assert_ptr_nonnull(c->auth.psl);
	mxa_conf_free(c);
}
END_TEST

START_TEST(profile_and_actions_know_their_line)
{
	struct mxa_conf *c = good("\nactions: {\n\n spf-fail = \"tag\"\n}\n"
				  "profile = \"strict\"\n");

	ck_str_is(c->profile_at, "c:6");
	ck_assert_int_eq(c->action[MXA_CAUSE_SPF_FAIL], MXA_ACT_TAG);
	ck_str_is(c->action_at[MXA_CAUSE_SPF_FAIL], "c:4");
	mxa_conf_free(c);
}
END_TEST

/* --- what is no mistake, but an operator should know --- */

static const struct {
	const char *name, *conf;
	const char *warnings; /* NULL: none */
} doubts[] = {
	{ "a timeout beyond the deadline",
	    "dns: { timeout = 30; deadline = 20; }",
	    "warning: c: dns.timeout (30 s) is never reached: the deadline of "
	    "a message is 20 s\n" },
	{ "a network with host bits",
	    "trusted-networks = [ \"192.0.2.0/24\",\n \"10.0.0.1/8\" ]",
	    "warning: c:2: trusted-networks: \"10.0.0.1/8\" has host bits "
	    "set; it means the network 10.0.0.0/8\n" },
	{ "an IPv6 network with host bits in the middle of a byte",
	    "trusted-relays = [ \"2001:db8:0:7f::/57\" ]",
	    "warning: c:1: trusted-relays: \"2001:db8:0:7f::/57\" has host "
	    "bits set; it means the network 2001:db8::/57\n" },
	{ "hosts and networks as they should be",
	    "trusted-networks = [ \"10.1.2.3\", \"10.0.0.0/8\", \"::1\", "
	    "\"0.0.0.0/0\", \"2001:db8:0:80::/57\" ]",
	    NULL },
	{ "metrics for everybody", "\nmetrics: { listen = \"0.0.0.0:9811\" }",
	    "warning: c:2: listen: \"0.0.0.0:9811\" is every address of this "
	    "host: anybody who reaches the port can read the counters\n" },
	{ "metrics for everybody, IPv6", "metrics: { listen = \"[::]:9811\" }",
	    "warning: c:1: listen: \"[::]:9811\" is every address of this "
	    "host: anybody who reaches the port can read the counters\n" },
	{ "metrics for one network", "metrics: { listen = \"192.0.2.1:9811\" }",
	    NULL },
	{ "monitor annuls actions",
	    "profile = \"monitor\"\nactions: {\n spf-fail = \"reject\"\n"
	    " dmarc-none = \"tag\"\n temperror = \"defer\"\n}",
	    "warning: c:3: spf-fail = \"reject\" has no effect: profile "
	    "monitor never does more than tag\n"
	    "warning: c:5: temperror = \"defer\" has no effect: profile "
	    "monitor never does more than tag\n" },
	{ "other profiles do not",
	    "profile = \"strict\"\nactions: { spf-fail = \"reject\" }", NULL },
};

START_TEST(doubts_are_warnings)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("c",
	    mxa_str_from(doubts[_i].conf), MXA_STR_NONE, &errors, &warnings);

	ck_assert_msg(c != NULL, "%s: %s", doubts[_i].name, errors);
	ck_assert_ptr_null(errors);
	ck_assert_msg((warnings == NULL) == (doubts[_i].warnings == NULL),
	    "%s: %s", doubts[_i].name, warnings != NULL ? warnings : "none");
	if (warnings != NULL)
		ck_assert_str_eq(warnings, doubts[_i].warnings);
	free(warnings);
	mxa_conf_free(c);
}
END_TEST

/* What `mxauth config` prints loads again and means the same. */
START_TEST(effective_values_load_again)
{
	static const char text[] =
	    "listen = \"inet:127.0.0.1:8891\"\n"
	    "trusted-forwarders = [\"192.0.2.0/24\", \"f.example\"]\n"
	    "texts: { reject = \"a \\\"b\\\" \\\\ %{domain}\" }\n"
	    "arc: { trusted-sealers = [\"*\"] }\n"
	    "dns: { servers = [\"192.0.2.53\"] }\n"
	    "actions: { temperror = \"defer\" }\n"
	    "recipients = \"mildest\"\n";
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = good(text);
	struct mxa_buf once, twice;

	mxa_buf_init(&once, a, 1 << 20);
	mxa_buf_init(&twice, a, 1 << 20);
	mxa_schema_effective(c, &once);
	mxa_conf_free(c);
	c = good(mxa_buf_cstr(&once));
	mxa_schema_effective(c, &twice);
	mxa_conf_free(c);
	ck_assert_str_eq(mxa_buf_cstr(&once), mxa_buf_cstr(&twice));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&once),
	    "trusted-forwarders = [\"192.0.2.0/24\", \"f.example\"]\n"));
	mxa_arena_free(a);
}
END_TEST

START_TEST(comments_of_all_sorts)
{
	struct mxa_conf *c = good("/*/ profile = \"monitor\" */ // */ x\n"
				  "/**/ profile /* # */ = // y\n"
				  "  \"str\" # z\n  /* \" */ \"ict\" /***/");

	ck_assert_int_eq(c->profile, MXA_PROFILE_STRICT);
	ck_str_is(c->profile_at, "c:2");
	mxa_conf_free(c);
}
END_TEST

/* Byte-order mark, CRLF, no newline behind the last comment. */
START_TEST(files_of_other_editors)
{
	struct mxa_conf *c =
	    good("\xef\xbb\xbfprofile = \"strict\"\r\n"
		 "dns: {\r\n\ttimeout = 9;\r\n};\r\n// end\r\n# of file");

	ck_assert_int_eq(c->profile, MXA_PROFILE_STRICT);
	ck_assert_uint_eq(c->dns_timeout, 9);
	mxa_conf_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_loop_test(tc, mistakes_are_named, 0, MXA_ARRAY_LEN(mistakes));
	tcase_add_test(tc, a_nul_byte_is_a_mistake);
	tcase_add_test(tc, mistakes_are_bounded);
	tcase_add_loop_test(
	    tc, values_are_understood, 0, MXA_ARRAY_LEN(values));
	tcase_add_test(tc, a_group_in_a_section_is_a_common_beginning);
	tcase_add_loop_test(tc, values_are_refused, 0, MXA_ARRAY_LEN(refused));
	tcase_add_test(tc, defaults_are_those_of_the_contract);
	tcase_add_test(tc, defaults_are_those_of_the_engines);
	tcase_add_test(tc, sealers_switch_arc);
	tcase_add_test(tc, the_list_is_loaded_when_it_is_needed);
	tcase_add_test(tc, profile_and_actions_know_their_line);
	tcase_add_loop_test(tc, doubts_are_warnings, 0, MXA_ARRAY_LEN(doubts));
	tcase_add_test(tc, effective_values_load_again);
	tcase_add_test(tc, comments_of_all_sorts);
	tcase_add_test(tc, files_of_other_editors);
	suite_add_tcase(s, tc);
	return test_main(s);
}
