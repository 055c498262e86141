/* check_sendmail_conf.c - milters in a sendmail.cf. */
#include "t/support/testing.h"

#include "cli/sendmail_conf.h"

static const struct {
	const char *cf, *socket;
	enum sendmail_milter want;
} rows[] = {
	{ "O InputMailFilters=mxauth\n"
	  "Xmxauth, S=unix:/run/m.sock, F=T, T=C:10s;S:30s;R:60s;E:5m\n",
	    "unix:/run/m.sock", SENDMAIL_SAFE },
	{ "Xother, S=inet:9@127.0.0.1\nXmxauth,S=local:/run/m.sock,F=R",
	    "unix:/run/m.sock", SENDMAIL_SAFE },
	{ "Xm, F=4, S=/run/m.sock\n", "unix:/run/m.sock", SENDMAIL_SAFE },
	{ "Xm, S=unix:/run/m.sock, T=R:60s\n", "unix:/run/m.sock",
	    SENDMAIL_UNSAFE },
	{ "Xm, S=unix:/run/m.sock, F=\n", "unix:/run/m.sock", SENDMAIL_UNSAFE },
	{ "Xm, S=inet:9810@127.0.0.1, F=T\n", "inet:9810@127.0.0.1",
	    SENDMAIL_SAFE },
	{ "Xm, S=unix:/run/m.sock2, F=T\n", "unix:/run/m.sock", SENDMAIL_NONE },
	{ "#Xm, S=unix:/run/m.sock, F=T\n", "unix:/run/m.sock", SENDMAIL_NONE },
	{ "DXm, S=unix:/run/m.sock, F=T\n", "unix:/run/m.sock", SENDMAIL_NONE },
	{ "X\nX,\nX,,=,S=", "unix:/run/m.sock", SENDMAIL_NONE },
	{ "", "unix:/run/m.sock", SENDMAIL_NONE },
};

START_TEST(finds_the_milter)
{
	ck_assert_int_eq(sendmail_conf_find(mxa_str_from(rows[_i].cf),
			     mxa_str_from(rows[_i].socket)),
	    rows[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sendmail_conf");
	TCase *tc = tcase_create("sendmail_conf");

	tcase_add_loop_test(tc, finds_the_milter, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
