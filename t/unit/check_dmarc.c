/* check_dmarc.c - DMARC results: the worked cases of spec/dmarc.md sections 1
 * to 7 over zones, by tree walk and by public suffix list. */
#include "t/support/testing.h"

#include <string.h>

#include "auth/align.h"
#include "auth/dmarc.h"
#include "auth/orgdom.h"
#include "dns/zone.h"

#define D(name, tags) "_dmarc." name ". IN TXT \"v=DMARC1; " tags "\"\n"
#define A(name) name ". IN A 192.0.2.1\n"

/* --- a row is a zone, a From, results of SPF and DKIM --- */

struct row {
	const char *name;
	const char *zone;
	const char *authors; /* separated by spaces; "+" at the end: more */
	const char *spf;     /* "pass example.com"; NULL: none */
	const char *dkim;    /* "pass example.com, fail example.net" */
	const char *want;    /* see show() */
};

struct setup {
	struct mxa_auth_options options;
	struct mxa_psl *psl;
	struct test_clock clock;
	struct mxa_engine_env env;
	struct mxa_dns *dns;
	struct mxa_notes notes;
};

static void set_up(struct setup *s, const char *zone, enum mxa_orgdom_mode mode)
{
	const char *psl_error = NULL;
	char *error = NULL;

	*s = (struct setup){ .options = { .orgdom_mode = mode,
				 .single_label_guard = true } };
	if (mode != MXA_ORGDOM_TREEWALK) {
		s->psl =
		    mxa_psl_load(test_path("zones/suffixes.psl"), &psl_error);
		ck_assert_msg(s->psl != NULL, "%s", psl_error);
		s->options.psl = s->psl;
	}
	test_clock_init(&s->clock, 1767225600);
	s->dns = mxa_dns_zone_text("row", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(s->dns != NULL, "%s", error);
	s->env = (struct mxa_engine_env){ .arena = mxa_arena_new(),
		.budget = mxa_budget_open(s->dns, 2000),
		.clock = &s->clock.clock,
		.options = &s->options };
	mxa_notes_init(&s->notes, s->env.arena);
}

static void tear_down(struct setup *s)
{
	mxa_budget_close(s->env.budget);
	mxa_dns_free(s->dns);
	mxa_psl_free(s->psl);
	mxa_arena_free(s->env.arena);
}

static struct mxa_str word(const char **p)
{
	struct mxa_str w;

	*p += strspn(*p, " ,");
	w = mxa_str_make(*p, strcspn(*p, " ,"));
	*p += w.len;
	return w;
}

static void read_authors(const char *text, struct mxa_authors *out)
{
	struct mxa_str w;

	*out = (struct mxa_authors){ .n = 0 };
	for (w = word(&text); w.len > 0; w = word(&text))
		if (mxa_str_is(w, "+"))
			out->more = true;
		else
			out->domain[out->n++] = w;
}

static void read_spf(const char *text, struct mxa_spf_verdict *out)
{
	struct mxa_str w;

	*out = (struct mxa_spf_verdict){ .result = MXA_SPF_NONE };
	if (text == NULL)
		return;
	w = word(&text);
	for (int r = MXA_SPF_NONE; r <= MXA_SPF_PERMERROR; r++)
		if (mxa_str_is(w, mxa_spf_result_name(r)))
			out->result = r;
	out->domain = word(&text);
}

static void read_dkim(
    const char *text, struct mxa_dkim_sig sig[20], struct mxa_dkim_verdict *out)
{
	struct mxa_str w;

	*out = (struct mxa_dkim_verdict){ .sig = sig };
	while (text != NULL && (w = word(&text)).len > 0) {
		sig[out->n] = (struct mxa_dkim_sig){ .result = MXA_DKIM_NONE };
		for (int r = MXA_DKIM_NONE; r <= MXA_DKIM_PERMERROR; r++)
			if (mxa_str_is(w, mxa_dkim_result_name(r)))
				sig[out->n].result = r;
		sig[out->n++].domain = word(&text);
	}
}

/* "fail reject org=example.com sp@example.com spf dkim testing nonexistent":
 * result, effective policy, organizational domain, the record's tag and place,
 * what is aligned. */
static const char *show(struct mxa_buf *b, const struct mxa_dmarc_domain *d)
{
	static const char *const tags[] = { "p", "sp", "np" };

	mxa_buf_printf(b, "%s", mxa_dmarc_result_name(d->result));
	if (d->record != NULL)
		mxa_buf_printf(b, " %s", mxa_dmarc_policy_name(d->policy));
	mxa_buf_printf(b, " org=%.*s", MXA_STR_ARG(d->organizational));
	if (d->record != NULL)
		mxa_buf_printf(
		    b, " %s@%.*s", tags[d->tag], MXA_STR_ARG(d->record_domain));
	mxa_buf_adds(b, d->spf_aligned ? " spf" : "");
	mxa_buf_adds(b, d->dkim_aligned ? " dkim" : "");
	mxa_buf_adds(b, d->testing ? " testing" : "");
	mxa_buf_adds(b, d->nonexistent ? " nonexistent" : "");
	ck_assert_uint_gt(d->reason.len, 0);
	return mxa_buf_cstr(b);
}

static void evaluate(
    struct setup *s, const struct row *row, struct mxa_dmarc_verdict *out)
{
	struct mxa_dkim_sig sig[20];
	struct mxa_dkim_verdict dkim;
	struct mxa_spf_verdict spf;
	struct mxa_authors authors;

	read_authors(row->authors, &authors);
	read_spf(row->spf, &spf);
	read_dkim(row->dkim, sig, &dkim);
	mxa_dmarc_discover(&s->env, &authors);
	mxa_dmarc_evaluate(&s->env, &authors, &spf, &dkim, &s->notes, out);
}

static void run(struct setup *s, const struct row *row)
{
	struct mxa_dmarc_verdict v;
	struct mxa_buf b;

	evaluate(s, row, &v);
	mxa_buf_init(&b, s->env.arena, 1024);
	show(&b, &v.domain[v.worst]);
	mxa_buf_adds(&b, v.guarded ? " guarded" : "");
	mxa_buf_adds(&b, v.modes_differ ? " differ" : "");
	ck_assert_msg(strcmp(mxa_buf_cstr(&b), row->want) == 0,
	    "%s: got \"%s\", want \"%s\"", row->name, mxa_buf_cstr(&b),
	    row->want);
	ck_assert_int_eq(v.result, v.domain[v.worst].result);
}

/* --- tree walk --- */

#define BANK6 D("bank.example", "psd=y; p=none; sp=quarantine; np=reject")

static const struct row by_walk[] = {
	/* the worked cases of section 5, by their numbers */
	{ "1: both identifiers under one organizational domain",
	    D("example.com", "p=reject") D("signing.example.com", "p=reject"),
	    "example.com", "pass example.com", "pass signing.example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "2: eleven labels below the record", D("example.com", "p=reject"),
	    "a.b.c.d.e.f.g.h.i.j.k.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "2: sp goes before p", D("example.com", "p=reject; sp=quarantine"),
	    "a.b.c.d.e.f.g.h.i.j.k.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "3: below a public suffix domain",
	    D("bank.example", "p=reject; psd=y")
		D("giant.bank.example", "p=quarantine"),
	    "giant.bank.example", "pass mail.giant.bank.example",
	    "pass mail.mega.bank.example",
	    "pass quarantine org=giant.bank.example p@giant.bank.example "
	    "spf" },
	{ "3: and DKIM of the neighbour alone",
	    D("bank.example", "p=reject; psd=y")
		D("giant.bank.example", "p=quarantine"),
	    "giant.bank.example", NULL, "pass mail.mega.bank.example",
	    "fail quarantine org=giant.bank.example p@giant.bank.example" },
	{ "4: a record in between is never applied",
	    D("b.example.com", "p=reject")
		D("example.com", "p=none; sp=quarantine"),
	    "a.b.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "5: unless it says psd=n",
	    D("b.example.com", "p=reject; psd=n") D("example.com", "p=none"),
	    "a.b.example.com", NULL, NULL,
	    "fail reject org=b.example.com p@b.example.com" },
	{ "6: the PSD record for an existing name", BANK6 A("foo.bank.example"),
	    "foo.bank.example", NULL, NULL,
	    "fail quarantine org=foo.bank.example sp@bank.example" },
	{ "7: and for one that does not exist", BANK6, "foo.bank.example", NULL,
	    NULL,
	    "fail reject org=foo.bank.example np@bank.example nonexistent" },
	{ "8: a public suffix domain as author aligns with nobody below", BANK6,
	    "bank.example", "pass mail.bank.example", NULL,
	    "fail none org=bank.example p@bank.example" },
	{ "9: two records are none",
	    D("example.com", "p=reject") D("example.com", "p=none"),
	    "example.com", NULL, NULL, "none org=example.com" },
	{ "10: but the walk goes on",
	    D("m.example.com", "p=none") D("m.example.com", "p=quarantine")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "11: a record at the top aligns nobody by itself (guard)",
	    D("com", "p=none"), "a.com", "pass evil.com", NULL,
	    "fail none org=com p@com guarded" },
	{ "11: names of one registered domain still align", D("com", "p=none"),
	    "www.a.com", "pass mail.a.com", NULL,
	    "pass none org=com p@com spf" },
	{ "11: psd=n at the top is meant", D("com", "p=none; psd=n"), "a.com",
	    "pass b.com", NULL, "pass none org=com p@com spf" },
	{ "11: the top as author", D("com", "p=reject"), "com", "pass evil.com",
	    NULL, "fail reject org=com p@com guarded" },
	{ "12: a name without records is its own organization",
	    D("example.com", "p=reject"), "example.com", NULL,
	    "pass news.esp.example",
	    "fail reject org=example.com p@example.com" },
	{ "13: strict alignment", D("example.com", "p=reject; aspf=s"),
	    "example.com", "pass bounce.example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "13: adkim=s as well", D("example.com", "p=reject; adkim=s"),
	    "example.com", NULL, "pass bounce.example.com",
	    "fail reject org=example.com p@example.com" },
	{ "13: strictness of one says nothing of the other",
	    D("example.com", "p=reject; aspf=s"), "example.com",
	    "pass bounce.example.com", "pass bounce.example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "13: identical names are strict enough",
	    D("example.com", "p=reject; adkim=s; aspf=s"), "example.com",
	    "pass example.com", "pass example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "14: np for a name that is not there",
	    D("example.com", "p=reject; sp=none; np=quarantine"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com np@example.com nonexistent" },
	{ "14: sp for a name with only an MX",
	    D("example.com",
		"p=reject; sp=none; np=quarantine") "sub.example.com. IN MX 10 mx.example.com.\n",
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "14: names below it make it exist",
	    D("example.com", "p=reject; sp=none; np=quarantine")
		A("host.sub.example.com"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "14: so does anything at _dmarc below it",
	    D("example.com",
		"p=reject; sp=none; np=quarantine") "_dmarc.sub.example.com. IN TXT \"hello\"\n",
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "15: bad sp with rua is p=none",
	    D("example.com", "p=reject; sp=bogus; rua=mailto:d@example.com"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com" },
	{ "16: bad np without rua is no policy",
	    D("example.com", "p=reject; np=bogus"), "example.com",
	    "pass example.com", NULL, "none org=example.com" },
	{ "16: and nobody looks further up",
	    D("b.example.com", "p=bogus") D("example.com", "p=reject"),
	    "b.example.com", NULL, NULL, "none org=example.com" },
	{ "17: no p with rua is p=none",
	    D("example.com", "rua=mailto:d@example.com"), "example.com", NULL,
	    NULL, "fail none org=example.com p@example.com" },
	{ "18: bad adkim and fo cost nothing",
	    D("example.com", "p=reject; adkim=x; fo=zz"), "example.com", NULL,
	    "pass mail.example.com",
	    "pass reject org=example.com p@example.com dkim" },

	/* section 4 */
	{ "no record anywhere", "", "example.com", "pass example.com", NULL,
	    "none org=example.com" },
	{ "sp and np of the author's own record are not for it",
	    D("sub.example.com", "p=none; sp=reject; np=reject"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=sub.example.com p@sub.example.com" },
	{ "the PSD record is not used beside the organization's own",
	    D("bank.example", "psd=y; p=reject")
		D("foo.bank.example", "p=none"),
	    "sub.foo.bank.example", NULL, NULL,
	    "fail none org=foo.bank.example p@foo.bank.example" },
	{ "the record at a private suffix applies",
	    D("hosting.example", "p=quarantine"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "pass quarantine org=hosting.example p@hosting.example spf" },
	{ "with psd=y it is a fallback, and neighbours do not align",
	    D("hosting.example", "p=quarantine; psd=y"),
	    "alice.hosting.example", "pass bob.hosting.example", NULL,
	    "fail quarantine org=alice.hosting.example p@hosting.example" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand",
	    "pass news.brand", NULL, "fail reject org=brand p@brand guarded" },
	{ "record eight labels up is jumped over",
	    D("b.c.d.e.f.g.example.com", "p=reject"),
	    "mail.a.b.c.d.e.f.g.example.com", NULL, NULL,
	    "none org=mail.a.b.c.d.e.f.g.example.com" },
	{ "np that equals sp asks nothing and stays sp",
	    D("example.com", "p=reject; sp=none; np=none"), "sub.example.com",
	    NULL, NULL, "fail none org=example.com sp@example.com" },
	{ "existence not known: as if it existed",
	    ";! servfail sub.example.com\n" D(
		"example.com", "p=reject; sp=none; np=quarantine"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },

	/* section 6 */
	{ "t=y lowers reject", D("example.com", "p=reject; t=y"), "example.com",
	    NULL, NULL,
	    "fail quarantine org=example.com p@example.com testing" },
	{ "t=y lowers quarantine", D("example.com", "p=quarantine; t=y"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com testing" },
	{ "t=y leaves none", D("example.com", "p=none; t=y"), "example.com",
	    NULL, NULL, "fail none org=example.com p@example.com" },
	{ "t=y lowers sp", D("example.com", "p=none; sp=reject; t=y"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com testing" },
	{ "t=y lowers np", D("example.com", "p=none; np=reject; t=y"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com np@example.com testing "
	    "nonexistent" },
	{ "t=y and a pass", D("example.com", "p=reject; t=y"), "example.com",
	    "pass example.com", NULL,
	    "pass quarantine org=example.com p@example.com spf testing" },
	{ "pct=0 is history", D("example.com", "p=reject; pct=0"),
	    "example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },

	/* what counts as an identifier */
	{ "only pass counts: SPF", D("example.com", "p=reject"), "example.com",
	    "softfail example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "only pass counts: DKIM", D("example.com", "p=reject"), "example.com",
	    NULL,
	    "policy example.com, fail example.com, neutral example.com, "
	    "permerror example.com",
	    "fail reject org=example.com p@example.com" },
	{ "SPF permerror is a completed check", D("example.com", "p=reject"),
	    "example.com", "permerror example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "the one that aligns among others", D("example.com", "p=reject"),
	    "example.com", NULL,
	    "pass esp.example, fail example.com, pass news.example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "a name that merely ends alike", D("example.com", "p=reject"),
	    "example.com", "pass badexample.com", "pass notexample.com",
	    "fail reject org=example.com p@example.com" },

	/* section 7: DNS trouble */
	{ "own record not known", ";! servfail _dmarc.example.com\n",
	    "example.com", NULL, NULL, "temperror org=example.com" },
	{ "own record not known, though DKIM passes: policy or none?",
	    ";! timeout _dmarc.example.com\n", "example.com", NULL,
	    "pass example.com", "temperror org=example.com" },
	{ "refused is no answer, too", ";! refused _dmarc.example.com\n",
	    "example.com", NULL, NULL, "temperror org=example.com" },
	{ "nor is garbage", ";! malformed _dmarc.example.com\n", "example.com",
	    NULL, NULL, "temperror org=example.com" },
	{ "the organization's record not known",
	    ";! servfail _dmarc.example.com\n", "sub.example.com", NULL, NULL,
	    "temperror org=sub.example.com" },
	{ "the top not known: the own record decides",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass elsewhere.example", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "the top not known: names of one domain align anyhow",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", "pass mail.example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "the top not known: it might align a stranger (psd=n)",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass other.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "the top not known: it might hold the policy",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", NULL, NULL, "temperror org=example.com" },
	{ "the top not known: a pass of the same name stands",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", "pass sub.example.com", NULL,
	    "pass org=example.com spf" },
	{ "above psd=n it does not matter",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject; psd=n"),
	    "sub.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "an identifier's walk fails below: psd there would part them",
	    ";! servfail _dmarc.bounce.example.com\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "but not beside a pass",
	    ";! servfail _dmarc.bounce.example.com\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", "pass example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "a stranger's walk is not even asked",
	    ";! servfail _dmarc.evil.example\n;! servfail _dmarc.example\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass evil.example", "pass evil.example",
	    "fail reject org=example.com p@example.com" },
	{ "SPF temperror on an aligned name", D("example.com", "p=reject"),
	    "example.com", "temperror bounce.example.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "SPF temperror elsewhere", D("example.com", "p=reject"),
	    "example.com", "temperror esp.example", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "SPF temperror under strict alignment",
	    D("example.com", "p=reject; aspf=s"), "example.com",
	    "temperror bounce.example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "DKIM temperror on an aligned name", D("example.com", "p=reject"),
	    "example.com", "fail example.com",
	    "fail example.com, temperror example.com",
	    "temperror reject org=example.com p@example.com" },
	{ "DKIM temperror elsewhere", D("example.com", "p=reject"),
	    "example.com", NULL, "temperror esp.example",
	    "fail reject org=example.com p@example.com" },
	{ "temperror beside an aligned pass", D("example.com", "p=reject"),
	    "example.com", "temperror example.com", "pass example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "temperror without a record", "", "example.com",
	    "temperror example.com", NULL, "none org=example.com" },
	{ "everything fails, beyond what is guessed at",
	    ";! servfail *.example.com\n;! servfail _dmarc.com\n",
	    "a.b.c.d.e.example.com", "pass a.b.c.d.e.example.com", NULL,
	    "temperror org=a.b.c.d.e.example.com" },

	/* several authors: section 1.4 */
	{ "two authors, one passes",
	    D("example.com", "p=reject") D("example.net", "p=quarantine"),
	    "example.com example.net", "pass example.com", NULL,
	    "fail quarantine org=example.net p@example.net" },
	{ "two authors, none passes: the strictest policy",
	    D("example.com", "p=none") D("example.net", "p=reject"),
	    "example.com example.net", NULL, NULL,
	    "fail reject org=example.net p@example.net" },
	{ "two authors, both pass",
	    D("example.com", "p=none") D("example.net", "p=reject"),
	    "example.com example.net", "pass example.com", "pass example.net",
	    "pass reject org=example.net p@example.net dkim" },
	{ "none is worse than pass", D("example.com", "p=reject"),
	    "example.com example.net", "pass example.com", NULL,
	    "none org=example.net" },
	{ "temperror is worse than none", ";! servfail _dmarc.example.com\n",
	    "example.net example.com", NULL, NULL,
	    "temperror org=example.com" },
	{ "fail is worse than temperror",
	    ";! servfail _dmarc.example.com\n" D("example.net", "p=none"),
	    "example.com example.net", NULL, NULL,
	    "fail none org=example.net p@example.net" },
	{ "more than four are never a pass", D("example.com", "p=reject"),
	    "example.com +", "pass example.com", NULL,
	    "permerror reject org=example.com p@example.com spf" },
	{ "but a fail stays one", D("example.com", "p=reject"), "example.com +",
	    NULL, NULL, "fail reject org=example.com p@example.com" },
};

START_TEST(tree_walk)
{
	struct setup s;

	set_up(&s, by_walk[_i].zone, MXA_ORGDOM_TREEWALK);
	run(&s, &by_walk[_i]);
	tear_down(&s);
}
END_TEST

/* --- the same with the guard of section 5.1 off --- */

static const struct row unguarded[] = {
	{ "11: everything below com aligns", D("com", "p=none"), "a.com",
	    "pass evil.com", NULL, "pass none org=com p@com spf" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand",
	    "pass news.brand", NULL, "pass reject org=brand p@brand spf" },
	{ "the rest does not change", D("example.com", "p=reject"),
	    "example.com", "pass other.com", NULL,
	    "fail reject org=example.com p@example.com" },
};

START_TEST(guard_off)
{
	struct setup s;

	set_up(&s, unguarded[_i].zone, MXA_ORGDOM_TREEWALK);
	s.options.single_label_guard = false;
	run(&s, &unguarded[_i]);
	tear_down(&s);
}
END_TEST

/* --- public suffix list: the column "7489" where it differs, and some where
 * it does not --- */

static const struct row by_psl[] = {
	{ "record at the organizational domain",
	    D("example.co.uk", "p=reject; sp=quarantine"), "news.example.co.uk",
	    NULL, NULL, "fail quarantine org=example.co.uk sp@example.co.uk" },
	{ "a record in between is not seen", D("b.example.com", "p=reject"),
	    "a.b.example.com", NULL, NULL, "none org=example.com" },
	{ "records in between and at the top",
	    D("b.example.com", "p=reject; psd=n")
		D("example.com", "p=none; sp=quarantine"),
	    "a.b.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "private suffix: the parent's record is invisible",
	    D("hosting.example", "p=reject"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "none org=alice.hosting.example" },
	{ "private suffix: neighbours do not align",
	    D("alice.hosting.example", "p=reject"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "fail reject org=alice.hosting.example "
	    "p@alice.hosting.example" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand", NULL,
	    NULL, "none org=mail.brand" },
	{ "several records end it",
	    D("m.example.com", "p=none") D("m.example.com", "p=none")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL, "none org=example.com" },
	{ "alignment needs no record and no question",
	    ";! servfail *.bounce.example.com\n" D("example.com", "p=reject"),
	    "example.com", "pass a.bounce.example.com", NULL,
	    "pass reject org=example.com p@example.com spf" },
	{ "public suffixes align nobody", D("example.co.uk", "p=reject"),
	    "example.co.uk", "pass other.co.uk", NULL,
	    "fail reject org=example.co.uk p@example.co.uk" },
	{ "no p with rua", D("example.com", "rua=mailto:d@example.com"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com" },
	{ "no p, no rua", D("example.com", "sp=reject"), "example.com", NULL,
	    NULL, "none org=example.com" },
	{ "the organization's record not known",
	    ";! servfail _dmarc.example.com\n", "sub.example.com", NULL, NULL,
	    "temperror org=example.com" },
	{ "top-level failures do not matter",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", "pass other.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "t=y is what its owner wants by any list",
	    D("example.com", "p=reject; t=y"), "example.com", NULL, NULL,
	    "fail quarantine org=example.com p@example.com testing" },
};

START_TEST(public_suffix)
{
	struct setup s;

	set_up(&s, by_psl[_i].zone, MXA_ORGDOM_PSL);
	run(&s, &by_psl[_i]);
	tear_down(&s);
}
END_TEST

/* --- auto: the walk's result, and whether the list differs --- */

static const struct row by_auto[] = {
	{ "they agree", D("example.com", "p=reject"), "sub.example.com",
	    "pass bounce.example.com", NULL,
	    "pass reject org=example.com p@example.com spf" },
	{ "a record in between", D("b.example.com", "p=reject"),
	    "a.b.example.com", NULL, NULL,
	    "fail reject org=b.example.com p@b.example.com differ" },
	{ "private suffix", D("hosting.example", "p=quarantine"),
	    "alice.hosting.example", "pass bob.hosting.example", NULL,
	    "pass quarantine org=hosting.example p@hosting.example spf "
	    "differ" },
	{ "several records",
	    D("m.example.com", "p=none") D("m.example.com", "p=none")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com differ" },
};

START_TEST(both_compared)
{
	struct setup s;

	set_up(&s, by_auto[_i].zone, MXA_ORGDOM_AUTO);
	run(&s, &by_auto[_i]);
	tear_down(&s);
}
END_TEST

/* --- single facts --- */

START_TEST(pct_zero_as_testing)
{
	static const struct row row = { "pct=0",
		D("example.com", "p=reject; pct=0"), "example.com", NULL, NULL,
		"fail quarantine org=example.com p@example.com testing" };
	struct setup s;

	set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	s.options.honour_pct_zero = true;
	run(&s, &row);
	tear_down(&s);
}
END_TEST

START_TEST(no_author)
{
	static const struct row row = { "no author", "", "", NULL, NULL, "" };
	struct mxa_dmarc_verdict v;
	struct setup s;

	set_up(&s, "", MXA_ORGDOM_TREEWALK);
	evaluate(&s, &row, &v);
	ck_assert_uint_eq(v.n, 0);
	ck_assert_int_eq(v.result, MXA_DMARC_NONE);
	tear_down(&s);
}
END_TEST

/* The policy of those that fail counts, not of the one that is shown. */
START_TEST(strictest_of_the_failing)
{
	static const struct row row = { "mixed",
		D("example.com", "p=quarantine") D("example.net", "p=reject")
		    D("example.org", "p=reject"),
		"example.com example.net example.org", NULL, "pass example.org",
		"" };
	struct mxa_dmarc_verdict v;
	struct setup s;

	set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	evaluate(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.policy, MXA_POLICY_REJECT);
	ck_assert_uint_eq(v.worst, 1);
	ck_assert_int_eq(v.domain[0].result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.domain[2].result, MXA_DMARC_PASS);
	tear_down(&s);
}
END_TEST

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

START_TEST(name_too_long)
{
	static const struct row row = { "long", "", L63 "." L63 "." L63 "." L63,
		NULL, NULL, "" };
	struct mxa_dmarc_verdict v;
	struct setup s;

	set_up(&s, "", MXA_ORGDOM_TREEWALK);
	evaluate(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PERMERROR);
	ck_assert_ptr_null(v.domain[0].record);
	tear_down(&s);
}
END_TEST

/* --- how much is asked --- */

static const struct {
	const char *name, *zone, *author, *spf, *dkim;
	unsigned questions;
} costs[] = {
	{ "the walk and nothing else", D("example.com", "p=reject"),
	    "example.com", "pass example.com", "pass example.com", 2 },
	{ "names on the author's way up are free", D("example.com", "p=reject"),
	    "mail.example.com", "pass example.com", "pass com", 3 },
	{ "an identifier below costs its own labels",
	    D("example.com", "p=reject"), "example.com",
	    "pass bounce.example.com", NULL, 3 },
	{ "strangers cost nothing", D("example.com", "p=reject"), "example.com",
	    "pass other.com", "pass a.b.c.esp.example", 2 },
	{ "np costs one question", D("example.com", "p=reject; np=none"),
	    "sub.example.com", NULL, NULL, 4 },
	{ "and none when _dmarc shows that the name exists",
	    D("example.com",
		"p=reject; np=none") "_dmarc.sub.example.com. IN TXT \"x\"\n",
	    "sub.example.com", NULL, NULL, 3 },
};

START_TEST(asks_no_more)
{
	const struct row row = { costs[_i].name, costs[_i].zone,
		costs[_i].author, costs[_i].spf, costs[_i].dkim, "" };
	struct mxa_dmarc_verdict v;
	struct setup s;

	set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	evaluate(&s, &row, &v);
	ck_assert_uint_eq(
	    mxa_budget_counts(s.env.budget).questions, costs[_i].questions);
	tear_down(&s);
}
END_TEST

/* Twenty passing signatures of subdomains: ten are walked, and a further one
 * of the author's own name still counts. */
START_TEST(signatures_cannot_crowd_out)
{
	struct mxa_dkim_sig sig[40];
	struct mxa_dkim_verdict dkim = { .sig = sig, .n = 40 };
	struct mxa_spf_verdict spf = { .result = MXA_SPF_NONE };
	struct mxa_authors authors = { .n = 1 };
	struct mxa_dmarc_verdict v;
	struct setup s;

	set_up(&s, D("example.com", "p=reject") D("example", "p=none; psd=y"),
	    MXA_ORGDOM_TREEWALK);
	authors.domain[0] = MXA_STR("example.com");
	for (int i = 0; i < 39; i++)
		sig[i] = (struct mxa_dkim_sig){ .result = MXA_DKIM_PASS,
			.domain = mxa_str_from(
			    mxa_arena_printf(s.env.arena, "s%d.com", i)) };
	sig[39] = (struct mxa_dkim_sig){ .result = MXA_DKIM_PASS,
		.domain = MXA_STR("example.com") };
	mxa_dmarc_evaluate(&s.env, &authors, &spf, &dkim, &s.notes, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PASS);
	ck_assert(v.domain[0].dkim_aligned);
	ck_assert_uint_le(mxa_budget_counts(s.env.budget).questions, 2);
	tear_down(&s);
}
END_TEST

/* The early questions are the ones that are needed: afterwards nothing new is
 * asked. */
START_TEST(asks_early)
{
	static const struct row row = { "early", D("example.com", "p=reject"),
		"mail.example.com", "pass bounce.example.com",
		"pass news.example.com", "" };
	struct mxa_authors authors;
	struct mxa_dmarc_verdict v;
	struct setup s;
	unsigned early;

	set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	read_authors(row.authors, &authors);
	mxa_dmarc_prefetch(&s.env, authors.domain[0]);
	mxa_dmarc_prefetch_identifier(
	    &s.env, &authors, MXA_STR("bounce.example.com"));
	mxa_dmarc_prefetch_identifier(
	    &s.env, &authors, MXA_STR("news.example.com"));
	mxa_dmarc_prefetch_identifier(&s.env, &authors, MXA_STR("other.com"));
	mxa_dmarc_prefetch_identifier(&s.env, &authors, MXA_STR_NONE);
	early = mxa_budget_counts(s.env.budget).questions;
	ck_assert_uint_eq(early, 5);
	evaluate(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PASS);
	ck_assert_uint_eq(mxa_budget_counts(s.env.budget).questions, early);
	tear_down(&s);
}
END_TEST

static void add_rows(Suite *s, const char *name, const TTest *test, int n)
{
	TCase *tc = tcase_create(name);

	tcase_add_loop_test(tc, test, 0, n);
	suite_add_tcase(s, tc);
}

int main(void)
{
	Suite *s = suite_create("dmarc");
	TCase *tc = tcase_create("facts");

	add_rows(s, "treewalk", tree_walk, MXA_ARRAY_LEN(by_walk));
	add_rows(s, "guard off", guard_off, MXA_ARRAY_LEN(unguarded));
	add_rows(s, "psl", public_suffix, MXA_ARRAY_LEN(by_psl));
	add_rows(s, "auto", both_compared, MXA_ARRAY_LEN(by_auto));
	add_rows(s, "questions", asks_no_more, MXA_ARRAY_LEN(costs));
	tcase_add_test(tc, pct_zero_as_testing);
	tcase_add_test(tc, no_author);
	tcase_add_test(tc, strictest_of_the_failing);
	tcase_add_test(tc, name_too_long);
	tcase_add_test(tc, signatures_cannot_crowd_out);
	tcase_add_test(tc, asks_early);
	suite_add_tcase(s, tc);
	return test_main(s);
}
