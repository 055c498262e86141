/* check_rewritten.c - envelope senders of forwarders. */
#include "bounce/rewritten.h"

#include "t/support/testing.h"

static const struct {
	const char *address;
	bool rewritten;
	const char *before;
} rows[] = {
	/* the first forwarder, the second; each separator */
	{ "SRS0=Rk2a=ZZ=Author.example=taro@fwd.example", true,
	    "author.example" },
	{ "SRS0+Rk2a=ZZ=author.example=taro@fwd.example", true,
	    "author.example" },
	{ "SRS0-Rk2a=ZZ=author.example=taro@fwd.example", true,
	    "author.example" },
	{ "SRS1=x2f=fwd.example==Rk2a=ZZ=author.example=taro@two.example", true,
	    "author.example" },
	{ "SRS1-x2f=fwd.example=+Rk2a=ZZ=author.example=taro@two.example", true,
	    "author.example" },
	/* some servers write lower case, and quote */
	{ "srs0=rk2a=zz=author.example=taro@fwd.example", true,
	    "author.example" },
	{ "\"SRS0=Rk2a=ZZ=author.example=taro\"@fwd.example", true,
	    "author.example" },
	/* a user name with signs of its own */
	{ "SRS0=Rk2a=ZZ=author.example=a=b+c-d@fwd.example", true,
	    "author.example" },
	/* a BATV tag before and inside */
	{ "prvs=1234abcdef=SRS0=Rk2a=ZZ=author.example=taro@fwd.example", true,
	    "author.example" },
	{ "SRS0=Rk2a=ZZ=author.example=prvs=1234abcdef=taro@fwd.example", true,
	    "author.example" },
	{ "btv1==012345==SRS0=Rk2a=ZZ=author.example=taro@fwd.example", true,
	    "author.example" },
	/* Exchange Online, Gmail */
	{ "bounces+SRS=44ldt=IX=author.example=taro@fwd.example", true,
	    "author.example" },
	{ "taro+caf_=dest=other.example@gmail.example", true, "" },
	/* BATV alone, subaddresses, names that only look like it */
	{ "prvs=1234abcdef=taro@author.example", false, "" },
	{ "prvs=taro/1234abcdef@author.example", false, "" },
	{ "btv1==012345==taro@author.example", false, "" },
	{ "bounce-7-dest=other.example@list.example", false, "" },
	{ "SRS0@fwd.example", false, "" },
	{ "SRS0=Rk2a=ZZ@fwd.example", false, "" },
	{ "SRS0=Rk2a=ZZ=author=taro@fwd.example", false, "" },
	{ "SRS0=Rk2a=ZZ=author.example@fwd.example", false, "" },
	{ "SRS1=x2f=fwd.example@two.example", false, "" },
	{ "SRS2=Rk2a=ZZ=author.example=taro@fwd.example", false, "" },
	{ "prvs=", false, "" },
	{ "", false, "" },
};

START_TEST(knows_rewritten_addresses)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str before;

	ck_assert(mxa_address_is_rewritten(a, mxa_str_from(rows[_i].address),
		      &before) == rows[_i].rewritten);
	ck_str_is(before, rows[_i].before);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rewritten");
	TCase *tc = tcase_create("rewritten");

	tcase_add_loop_test(tc, knows_rewritten_addresses, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(s, tc);
	return test_main(s);
}
