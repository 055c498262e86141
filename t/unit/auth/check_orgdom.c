/* check_orgdom.c - organizational domains: the walk's questions (spec/dmarc.md
 * section 3), its result (section 5), the public suffix list. */
#include "t/support/testing.h"

#include <string.h>

#include "auth/orgdom.h"
#include "dns/zone.h"

#define D(name, tags) "_dmarc." name ". IN TXT \"v=DMARC1; " tags "\"\n"

/* --- which names are asked --- */

static const struct {
	const char *start, *want;
} sequences[] = {
	{ "localhost", "localhost" },
	{ "example.com", "example.com com" },
	{ "a.b.c.d.e.f.com",
	    "a.b.c.d.e.f.com b.c.d.e.f.com c.d.e.f.com d.e.f.com e.f.com "
	    "f.com com" },
	{ "a.b.c.d.e.f.g.com",
	    "a.b.c.d.e.f.g.com b.c.d.e.f.g.com c.d.e.f.g.com d.e.f.g.com "
	    "e.f.g.com f.g.com g.com com" },
	{ "mail.a.b.c.d.e.f.g.example.com",
	    "mail.a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com "
	    "d.e.f.g.example.com e.f.g.example.com f.g.example.com "
	    "g.example.com example.com com" },
	{ "a.b.c.d.e.f.g.h.i.j.mail.example.com",
	    "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com "
	    "h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com "
	    "mail.example.com example.com com" },
};

START_TEST(asks_names)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str name[MXA_MAX_WALK];
	struct mxa_buf b;
	size_t n;

	n = mxa_walk_names(mxa_str_from(sequences[_i].start), name);
	mxa_buf_init(&b, a, 4096);
	for (size_t i = 0; i < n; i++)
		mxa_buf_printf(
		    &b, "%s%.*s", i ? " " : "", MXA_STR_ARG(name[i]));
	ck_assert_str_eq(mxa_buf_cstr(&b), sequences[_i].want);
	mxa_arena_free(a);
}
END_TEST

/* --- the organizational domain found in a zone --- */

static const struct {
	const char *name, *zone, *start, *want; /* org [record] [psd=NAME] */
} walks[] = {
	{ "no record at all: the name itself", "", "mail.example.com",
	    "mail.example.com" },
	{ "the shortest name with a record, not the nearest",
	    D("b.example.com", "p=reject") D("example.com", "p=none"),
	    "a.b.example.com", "example.com record" },
	{ "only an intermediate name", D("b.example.com", "p=reject"),
	    "a.b.example.com", "b.example.com record" },
	{ "psd=n ends the walk",
	    D("b.example.com", "p=reject; psd=n") D("example.com", "p=none"),
	    "a.b.example.com", "b.example.com record" },
	{ "psd=y: one label below it, with a record",
	    D("bank.example", "p=reject; psd=y")
		D("giant.bank.example", "p=quarantine"),
	    "mail.giant.bank.example",
	    "giant.bank.example record psd=bank.example" },
	{ "psd=y: one label below it, without one",
	    D("bank.example", "p=reject; psd=y"), "mail.mega.bank.example",
	    "mega.bank.example psd=bank.example" },
	{ "psd=y ends the walk",
	    D("bank.example", "p=reject; psd=y") D("example", "p=none"),
	    "foo.bank.example", "foo.bank.example psd=bank.example" },
	{ "psd=y at the start is no suffix of itself",
	    D("bank.example", "p=reject; psd=y") D("example", "p=none"),
	    "bank.example", "bank.example record" },
	{ "psd=y with a record further below: still one label below",
	    D("a.b.bank.example", "p=none") D("bank.example", "p=none; psd=y"),
	    "a.b.bank.example", "b.bank.example psd=bank.example" },
	{ "several records are none, and the walk goes on",
	    D("m.example.com", "p=none") D("m.example.com", "p=reject")
		D("example.com", "p=reject"),
	    "m.example.com", "example.com record" },
	{ "the single label is asked, too", D("com", "p=none"), "a.com",
	    "com record" },
	{ "eleven labels below", D("example.com", "p=reject"),
	    "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com record" },
	{ "a name that the walk jumps over is not seen, even with psd=n",
	    D("b.c.d.e.f.g.example.com", "p=none; psd=n")
		D("example.com", "p=none"),
	    "mail.a.b.c.d.e.f.g.example.com", "example.com record" },
	{ "psd=y where the jump left out the name below it",
	    D("c.d.e.f.g.example.com", "p=none; psd=y"),
	    "mail.a.b.c.d.e.f.g.example.com",
	    "b.c.d.e.f.g.example.com psd=c.d.e.f.g.example.com" },
	{ "NXDOMAIN of a name proves nothing about its parents",
	    D("com", "p=none"), "a.b.example.com", "com record" },
};

/* A zone that is asked through one budget. */
struct net {
	struct mxa_arena *arena;
	struct mxa_dns *dns;
	struct mxa_budget *budget;
};

static void open_net(struct net *n, const char *zone)
{
	char *error = NULL;

	n->arena = mxa_arena_new();
	n->dns = mxa_dns_zone_text("row", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(n->dns != NULL, "%s", error);
	n->budget = mxa_budget_open(n->dns, 2000);
}

static void close_net(struct net *n)
{
	mxa_budget_close(n->budget);
	mxa_dns_free(n->dns);
	mxa_arena_free(n->arena);
}

static const char *show(
    struct mxa_arena *a, const struct mxa_walk *w, const struct mxa_guess *g)
{
	struct mxa_org org = mxa_walk_org(w, g);
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1024);
	mxa_buf_addstr(&b, org.name);
	mxa_buf_adds(&b, org.at < w->n ? " record" : "");
	if (org.at < w->n)
		ck_assert(mxa_str_eq(w->step[org.at].name, org.name));
	if (org.psd_at < w->n)
		mxa_buf_printf(
		    &b, " psd=%.*s", MXA_STR_ARG(w->step[org.psd_at].name));
	return mxa_buf_cstr(&b);
}

START_TEST(walks_to)
{
	struct mxa_guess g = { .n = 0 };
	struct mxa_walk w;
	struct net net;

	open_net(&net, walks[_i].zone);
	mxa_walk_identifier(
	    net.budget, NULL, mxa_str_from(walks[_i].start), &w);
	mxa_guess_add(&g, &w);
	ck_assert_uint_eq(mxa_guess_worlds(&g), 1);
	ck_assert_str_eq(show(net.arena, &w, &g), walks[_i].want);
	close_net(&net);
}
END_TEST

/* --- what a failure leaves open: the result in each world, in the order
 * nothing, record, psd=y, psd=n --- */

static const struct {
	const char *name, *zone, *start, *want[4];
} open_walks[] = {
	{ "the top", ";! servfail _dmarc.com\n" D("example.com", "p=none"),
	    "mail.example.com",
	    { "example.com record", "com record", "example.com record psd=com",
		"com record" } },
	{ "in between", ";! timeout _dmarc.example.com\n" D("com", "p=none"),
	    "mail.example.com",
	    { "com record", "com record", "mail.example.com psd=example.com",
		"example.com record" } },
	{ "the name itself",
	    ";! refused _dmarc.example.com\n" D("com", "p=none"), "example.com",
	    { "com record", "com record", "example.com record",
		"example.com record" } },
	{ "above psd=n nothing matters",
	    ";! servfail _dmarc.com\n" D("example.com", "p=none; psd=n"),
	    "mail.example.com", { "example.com record", NULL, NULL, NULL } },
};

START_TEST(leaves_open)
{
	struct mxa_guess g = { .n = 0 };
	struct mxa_walk w;
	struct net net;

	open_net(&net, open_walks[_i].zone);
	mxa_walk_identifier(
	    net.budget, NULL, mxa_str_from(open_walks[_i].start), &w);
	mxa_guess_add(&g, &w);
	for (unsigned k = 0; k < mxa_guess_worlds(&g); k++) {
		g.world = k;
		ck_assert_ptr_nonnull(open_walks[_i].want[k]);
		ck_assert_str_eq(
		    show(net.arena, &w, &g), open_walks[_i].want[k]);
	}
	ck_assert(mxa_guess_worlds(&g) == 4 || open_walks[_i].want[1] == NULL);
	close_net(&net);
}
END_TEST

START_TEST(guesses_have_a_ceiling)
{
	struct mxa_guess g = { .n = 0 };
	struct mxa_walk w;
	struct net net;

	open_net(&net, ";! servfail *.com\n;! servfail _dmarc.com\n");
	mxa_walk_identifier(
	    net.budget, NULL, MXA_STR("a.b.c.d.e.f.example.com"), &w);
	mxa_guess_add(&g, &w);
	ck_assert_uint_eq(g.n, MXA_MAX_GUESSES);
	ck_assert(g.overflow);
	close_net(&net);
}
END_TEST

/* What the name's own record decides waits for nothing above it. */
START_TEST(need_not_wait)
{
	struct mxa_walk w;
	struct net net;

	open_net(
	    &net, ";! delay 60000 _dmarc.com\n" D("example.com", "p=none"));
	mxa_walk_prefetch(net.budget, NULL, MXA_STR("example.com"));
	mxa_walk_begin(net.budget, NULL, MXA_STR("example.com"), &w);
	mxa_walk_complete(net.budget, &w, false);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_int_eq(w.step[0].state, MXA_WALK_RECORD);
	ck_assert_int_eq(w.step[1].state, MXA_WALK_FAILED);
	ck_assert_ptr_null(w.step[1].answer);
	close_net(&net);
}
END_TEST

/* --- the public suffix list --- */

static const struct {
	const char *name, *org;
} suffixes[] = {
	{ "example.com", "example.com" },
	{ "a.b.example.com", "example.com" },
	{ "news.example.co.jp", "example.co.jp" },
	{ "co.jp", "co.jp" },
	{ "jp", "jp" },
	{ "mail.brand", "mail.brand" },
	{ "a.mail.brand", "mail.brand" },
	{ "brand", "brand" },
	{ "alice.hosting.example", "alice.hosting.example" },
	{ "www.alice.hosting.example", "alice.hosting.example" },
	{ "hosting.example", "hosting.example" },
	{ "a.b.city.test", "a.b.city.test" },
	{ "www.city.test", "www.city.test" },
	{ "a.town.test", "town.test" },
	{ "a.b.unlisted", "b.unlisted" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "localhost", "localhost" },
};

static struct mxa_psl *load(void)
{
	const char *error = NULL;
	struct mxa_psl *p =
	    mxa_psl_load(test_path("zones/suffixes.psl"), &error);

	ck_assert_msg(p != NULL, "%s", error);
	return p;
}

START_TEST(by_public_suffix)
{
	struct mxa_psl *p = load();

	ck_str_is(
	    mxa_psl_org(p, mxa_str_from(suffixes[_i].name)), suffixes[_i].org);
	mxa_psl_free(p);
}
END_TEST

START_TEST(long_names_come_back)
{
	struct mxa_psl *p = load();
	char name[400];
	struct mxa_str s;

	memset(name, 'a', sizeof(name));
	s = mxa_str_make(name, sizeof(name));
	ck_assert(mxa_str_eq(mxa_psl_org(p, s), s));
	ck_assert_uint_eq(mxa_psl_org(p, MXA_STR("")).len, 0);
	mxa_psl_free(p);
}
END_TEST

START_TEST(system_list)
{
	const char *error = NULL;
	struct mxa_psl *p = mxa_psl_load(NULL, &error);

	ck_assert_msg(p != NULL, "%s", error);
	ck_str_is(
	    mxa_psl_org(p, MXA_STR("www.example.co.uk")), "example.co.uk");
	mxa_psl_free(p);
}
END_TEST

START_TEST(unreadable_lists)
{
	const char *error = NULL;

	ck_assert_ptr_null(mxa_psl_load("/nonexistent/list", &error));
	ck_assert_ptr_nonnull(error);
	error = NULL;
	ck_assert_ptr_null(mxa_psl_load("/dev/null", &error));
	ck_assert_ptr_nonnull(error);
	mxa_psl_free(NULL);
}
END_TEST

/* RFC 7489 section 6.6.3: the name, then its organizational domain. */
static const struct {
	const char *name, *zone, *start, *want;
} psl_walks[] = {
	{ "own record", D("a.example.com", "p=none"), "a.example.com",
	    "example.com" },
	{ "the organizational domain's record", D("example.com", "p=none"),
	    "a.b.example.com", "example.com record" },
	{ "nothing in between", D("b.example.com", "p=none"), "a.b.example.com",
	    "example.com" },
	{ "several at the name end the search",
	    D("m.example.com", "p=none") D("m.example.com", "p=none")
		D("example.com", "p=none"),
	    "m.example.com", "example.com" },
	{ "psd means nothing", D("example.com", "p=none; psd=y"),
	    "a.example.com", "example.com record" },
	{ "a public suffix", D("co.jp", "p=none"), "co.jp", "co.jp record" },
};

START_TEST(walks_by_psl)
{
	struct mxa_guess g = { .n = 0 };
	struct mxa_psl *p = load();
	struct mxa_walk w;
	struct net net;

	open_net(&net, psl_walks[_i].zone);
	mxa_walk_prefetch(net.budget, p, mxa_str_from(psl_walks[_i].start));
	mxa_walk_begin(net.budget, p, mxa_str_from(psl_walks[_i].start), &w);
	mxa_walk_complete(net.budget, &w, true);
	ck_assert_str_eq(show(net.arena, &w, &g), psl_walks[_i].want);
	ck_assert_uint_le(mxa_budget_counts(net.budget).questions, 2);
	close_net(&net);
	mxa_psl_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("orgdom");
	TCase *tc = tcase_create("walk");

	tcase_add_loop_test(tc, asks_names, 0, MXA_ARRAY_LEN(sequences));
	tcase_add_loop_test(tc, walks_to, 0, MXA_ARRAY_LEN(walks));
	tcase_add_loop_test(tc, leaves_open, 0, MXA_ARRAY_LEN(open_walks));
	tcase_add_test(tc, guesses_have_a_ceiling);
	tcase_add_test(tc, need_not_wait);
	suite_add_tcase(s, tc);
	tc = tcase_create("psl");
	tcase_add_loop_test(tc, by_public_suffix, 0, MXA_ARRAY_LEN(suffixes));
	tcase_add_test(tc, long_names_come_back);
	tcase_add_test(tc, system_list);
	tcase_add_test(tc, unreadable_lists);
	tcase_add_loop_test(tc, walks_by_psl, 0, MXA_ARRAY_LEN(psl_walks));
	suite_add_tcase(s, tc);
	return test_main(s);
}
