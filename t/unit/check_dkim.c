/* check_dkim.c - the native DKIM engine. */
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static void setup(void)
{
	sigcase_init(&c);
}

static void teardown(void)
{
	sigcase_done(&c);
}

START_TEST(rfc_samples)
{
	sigcase_publish(&c, "brisbane", "example.com",
	    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEm"
	    "GqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631u"
	    "BItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6m"
	    "cwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB");
	sigcase_publish(&c, "brisbane", "football.example.com",
	    "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	sigcase_publish(&c, "test", "football.example.com",
	    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQ"
	    "oBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb"
	    "3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9Pz"
	    "oxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
	ck_assert_str_eq(sigcase_dkim_text(
			     &c, sigcase_file(&c, "mail/rfc6376-a2.eml"), NULL),
	    "pass");
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, sigcase_file(&c, "mail/rfc8463-a3.eml"),
		"football.example.com"),
	    "pass | pass");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim");
	TCase *tc = tcase_create("dkim");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rfc_samples);
	suite_add_tcase(s, tc);
	return test_main(s);
}
