/* check_schema.c - the sample files and the manuals have every option, with
 * its default; the samples load. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "dns/stub_options.h"
#include "policy/load.h"
#include "policy/rules.h"
#include "conf/schema.h"
#include "conf/texts.h"

static struct mxa_arena *arena;

static void begin(void)
{
	arena = mxa_arena_new();
}

static void end(void)
{
	mxa_arena_free(arena);
}

/* 's' with all 'from' replaced. */
static const char *replace(const char *s, const char *from, const char *to)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 1 << 20);
	while (*s != '\0') {
		if (strncmp(s, from, strlen(from)) == 0) {
			mxa_buf_adds(&b, to);
			s += strlen(from);
		} else {
			mxa_buf_addc(&b, *s++);
		}
	}
	return mxa_buf_cstr(&b);
}

/* Paths of this build to those of the files in etc/. */
static const char *usual_paths(const char *s)
{
	s = replace(s, MXAUTH_SYSCONFDIR, "/etc/mxauth");
	return replace(s, MXAUTH_STATEDIR, "/var/lib/mxauth");
}

static const char *read_etc(const char *name)
{
	const char *path = mxa_arena_printf(arena, "../etc/%s", name);

	return mxa_str_cstr(arena, test_read(arena, test_path(path)));
}

/* Lines "#x" become "x"; "# prose" stays. */
static const char *uncomment(const char *s)
{
	struct mxa_buf b;
	bool bol = true;

	mxa_buf_init(&b, arena, 1 << 20);
	for (; *s != '\0'; s++) {
		bool skip = bol && *s == '#' && s[1] != ' ' && s[1] != '\n';

		if (!skip)
			mxa_buf_addc(&b, *s);
		bol = *s == '\n' || (bol && *s == '\t');
	}
	return mxa_buf_cstr(&b);
}

static struct mxa_conf *load(const char *conf, const char *policy)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("sample", mxa_str_from(conf),
	    mxa_str_from(policy), &errors, &warnings);

	ck_assert_msg(c != NULL, "%s", errors);
	ck_assert_msg(warnings == NULL, "%s", warnings);
	return c;
}

static const char *effective(const struct mxa_conf *c)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 1 << 20);
	mxa_schema_effective(c, &b);
	return usual_paths(mxa_buf_cstr(&b));
}

/* --- mxauth.conf --- */

/* Line by line: Check cannot show two whole files. */
static void same_lines(const char *got, const char *want, const char *what)
{
	for (int line = 1; *got != '\0' || *want != '\0'; line++) {
		size_t g = strcspn(got, "\n"), w = strcspn(want, "\n");

		ck_assert_msg(g == w && memcmp(got, want, g) == 0,
		    "%s: line %d: got \"%.*s\", want \"%.*s\"", what, line,
		    (int)g, got, (int)w, want);
		got += g + (got[g] != '\0');
		want += w + (want[w] != '\0');
	}
}

START_TEST(sample_is_the_reference)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 1 << 20);
	mxa_schema_reference(&b);
	same_lines(read_etc("mxauth.conf"), usual_paths(mxa_buf_cstr(&b)),
	    "etc/mxauth.conf (make update-sample writes it anew)");
}
END_TEST

START_TEST(sample_has_every_option_with_its_default)
{
	const char *sample = read_etc("mxauth.conf");
	struct mxa_conf *defaults = mxa_policy_load(NULL, NULL, NULL);
	struct mxa_conf *as_it_is = load(sample, NULL);
	struct mxa_conf *all = load(uncomment(sample), NULL);
	const char *want = effective(defaults);
	const char *p = uncomment(sample);
	size_t n, settings = 0;

	same_lines(effective(as_it_is), want, "the sample");
	same_lines(effective(all), want, "the sample without its '#'");
	mxa_schema(&n);
	while ((p = strstr(p, " = ")) != NULL) {
		const char *line = p;

		while (line[-1] != '\n')
			line--;
		settings += strchr("#", line[strspn(line, "\t")]) == NULL;
		p = strchr(p, '\n');
	}
	ck_assert_uint_eq(settings, n);
	mxa_conf_free(defaults);
	mxa_conf_free(as_it_is);
	mxa_conf_free(all);
}
END_TEST

/* --- mxauth.conf(5) --- */

/* Words in a line of the manual: hyphens are minus signs. */
static const char *roff(const char *s)
{
	return replace(replace(s, "\\", "\\e"), "-", "\\-");
}

/* The same in the line of a macro, where quotes hold arguments together. */
static const char *roff_argument(const char *s)
{
	return replace(roff(s), "\"", "\\(dq");
}

/* The part of the manual from one heading to the next. */
static const char *manual_section(const char *manual, const char *name)
{
	const char *from = strstr(manual, "\n.Sh OPTIONS\n");
	const char *heading = mxa_arena_printf(arena, "\n.Ss %s\n", name);
	const char *to, *chapter;

	ck_assert_ptr_nonnull(from);
	if (name[0] != '\0')
		from = strstr(from, heading);
	ck_assert_msg(from != NULL, "mxauth.conf(5) has no section %s", name);
	to = strstr(from + 1, "\n.Ss ");
	chapter = strstr(from + 1, "\n.Sh ");
	ck_assert_ptr_nonnull(chapter);
	if (to == NULL || to > chapter)
		to = chapter;
	return mxa_arena_strdup(arena, from, (size_t)(to - from));
}

/* The tools ask without a configuration (--dns). */
START_TEST(resolver_has_the_defaults_of_the_schema)
{
	struct mxa_conf *conf = mxa_policy_load(NULL, NULL, NULL);
	struct mxa_dns_options own, want;

	mxa_conf_dns_options(conf, &want);
	mxa_dns_options_default(&own);
	ck_assert_uint_eq(own.n_servers, want.n_servers);
	ck_assert_uint_eq(own.timeout_ms, want.timeout_ms);
	ck_assert_uint_eq(own.failure_memory_ms, want.failure_memory_ms);
	ck_assert_uint_eq(own.ttl_floor, want.ttl_floor);
	ck_assert_uint_eq(own.ttl_ceiling, want.ttl_ceiling);
	ck_assert_uint_eq(own.cache_bytes, want.cache_bytes);
	ck_assert_uint_eq(own.max_waiting, want.max_waiting);
	ck_assert_uint_eq(own.refresh_hits, want.refresh_hits);
	ck_assert(own.trust_ad == want.trust_ad);
	mxa_conf_free(conf);
}
END_TEST

START_TEST(manual_has_every_option_with_its_default)
{
	const char *manual = read_etc("mxauth.conf.5");
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++) {
		const char *section = manual_section(manual, o[i].section);
		const char *entry = mxa_arena_printf(arena,
		    "\n.It Cm %s No = %s\n", roff(o[i].name),
		    roff_argument(usual_paths(o[i].preset)));

		ck_assert_msg(strstr(section, entry) != NULL,
		    "section \"%s\" of mxauth.conf(5) lacks: %s", o[i].section,
		    entry);
	}
}
END_TEST

START_TEST(manual_has_no_option_that_is_gone)
{
	const char *p = read_etc("mxauth.conf.5");
	size_t n, entries = 0;

	mxa_schema(&n);
	while ((p = strstr(p, "\n.It Cm ")) != NULL) {
		entries++;
		p += 5;
	}
	ck_assert_uint_eq(entries, n);
}
END_TEST

START_TEST(manual_has_every_placeholder)
{
	const char *manual = read_etc("mxauth.conf.5");

	for (int p = 0; p < MXA_PLACEHOLDERS; p++) {
		const char *word = mxa_arena_printf(
		    arena, "%%{%s}", roff(mxa_placeholder_name(p)));

		ck_assert_msg(strstr(manual, word) != NULL,
		    "mxauth.conf(5) lacks %s", word);
	}
}
END_TEST

/* --- the table itself --- */

START_TEST(options_say_what_they_are)
{
	size_t n, n_sections;
	const struct mxa_opt *o = mxa_schema(&n);
	const struct mxa_opt_section *s = mxa_schema_sections(&n_sections);

	for (size_t i = 0; i < n; i++) {
		struct mxa_buf b;
		size_t j = 0;

		mxa_buf_init(&b, arena, 1000);
		mxa_schema_expects(&o[i], &b);
		ck_assert_msg(b.len > 0, "%s: nothing is expected", o[i].name);
		ck_assert_msg(strlen(o[i].help) > 10, "%s: no help", o[i].name);
		while (j < n_sections && strcmp(s[j].name, o[i].section) != 0)
			j++;
		ck_assert_msg(j < n_sections, "%s: no section %s", o[i].name,
		    o[i].section);
		for (j = 0; j < i; j++)
			ck_assert(strcmp(o[i].name, o[j].name) != 0 ||
			    strcmp(o[i].section, o[j].section) != 0);
	}
}
END_TEST

/* Where the default is "nothing", an example stands beside it: it loads. */
START_TEST(examples_load)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++) {
		struct mxa_buf b;

		if (o[i].example == NULL)
			continue;
		mxa_buf_init(&b, arena, 1000);
		mxa_buf_printf(&b,
		    o[i].section[0] ? "%s: { %s = %s }" : "%s%s = %s",
		    o[i].section, o[i].name, o[i].example);
		mxa_conf_free(load(mxa_buf_cstr(&b), NULL));
	}
}
END_TEST

/* --- policy.conf --- */

START_TEST(policy_sample_loads)
{
	const char *sample = read_etc("policy.conf");
	struct mxa_conf *c = load("", sample);
	size_t examples = 0;

	ck_assert_uint_eq(mxa_rules_count(c->rules), 0);
	mxa_conf_free(c);
	for (const char *p = sample; (p = strstr(p, "\t#{")) != NULL; p++)
		examples++;
	c = load("", uncomment(sample));
	ck_assert_uint_ge(examples, 12);
	ck_assert_uint_eq(mxa_rules_count(c->rules), examples);
	mxa_conf_free(c);
}
END_TEST

static void has_word(const char *text, const char *name, const char *word)
{
	ck_assert_msg(strstr(text, word) != NULL, "%s lacks %s", name, word);
}

START_TEST(policy_words_are_documented)
{
	static const char *const words[] = { "client", "recipient", "author",
		"profile", "exempt", "override", "comment", "local_policy",
		"mailing_list", "trusted_forwarder", "other" };
	const char *manual = read_etc("policy.conf.5");
	const char *sample = read_etc("policy.conf");

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		has_word(manual, "policy.conf(5)", words[i]);
	for (int c = 0; c < MXA_CAUSES; c++) {
		has_word(manual, "policy.conf(5)", roff(mxa_cause_name(c)));
		has_word(sample, "policy.conf", mxa_cause_name(c));
	}
	for (int k = MXA_ACT_ACCEPT; k <= MXA_ACT_REJECT; k++) {
		const char *word =
		    mxa_arena_printf(arena, "\"%s\"", mxa_action_name(k));

		has_word(manual, "policy.conf(5)", word);
		has_word(sample, "policy.conf", word);
	}
}
END_TEST

/* --- what a reload does --- */

static const struct {
	const char *option; /* section.name */
	const char *conf;   /* gives it another value than the default */
	enum mxa_opt_reload reload;
} reloads[] = {
	{ ".listen", "listen = \"inet:8891@127.0.0.1\"", MXA_RELOAD_RESTART },
	{ ".socket-mode", "socket-mode = \"0600\"", MXA_RELOAD_RESTART },
	{ ".user", "user = \"milter\"", MXA_RELOAD_RESTART },
	{ "journal.directory", "journal: { directory = \"\" }",
	    MXA_RELOAD_RESTART },
	{ "metrics.listen", "metrics: { listen = \"127.0.0.1:9811\" }",
	    MXA_RELOAD_RESTART },
	{ "dns.servers", "dns: { servers = [ \"192.0.2.53\" ] }",
	    MXA_RELOAD_RESOLVER },
	{ "dns.timeout", "dns: { timeout = 6 }", MXA_RELOAD_RESOLVER },
	{ "dns.deadline", "dns: { deadline = 9 }", MXA_RELOAD_TAKEN },
	{ ".profile", "profile = \"strict\"", MXA_RELOAD_TAKEN },
	{ "actions.spf-fail", "actions: { spf-fail = \"reject\" }",
	    MXA_RELOAD_TAKEN },
	{ ".trusted-networks", "trusted-networks = []", MXA_RELOAD_TAKEN },
};

/* Exactly the option that was changed differs, and its row says what a reload
 * does with it. */
START_TEST(a_changed_value_is_found)
{
	struct mxa_conf *a = mxa_policy_load(NULL, NULL, NULL);
	struct mxa_conf *b = mxa_policy_parse(
	    "c", mxa_str_from(reloads[_i].conf), MXA_STR_NONE, NULL, NULL);
	size_t n, found = 0;
	const struct mxa_opt *o = mxa_schema(&n);

	ck_assert_ptr_nonnull(b);
	for (size_t i = 0; i < n; i++) {
		if (!mxa_schema_differs(&o[i], a, b))
			continue;
		found++;
		ck_assert_str_eq(
		    mxa_arena_printf(arena, "%s.%s", o[i].section, o[i].name),
		    reloads[_i].option);
		ck_assert_int_eq(o[i].reload, reloads[_i].reload);
	}
	ck_assert_uint_eq(found, 1);
	mxa_conf_free(a);
	mxa_conf_free(b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schema");
	TCase *tc = tcase_create("schema");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, sample_is_the_reference);
	tcase_add_test(tc, sample_has_every_option_with_its_default);
	tcase_add_test(tc, manual_has_every_option_with_its_default);
	tcase_add_test(tc, resolver_has_the_defaults_of_the_schema);
	tcase_add_test(tc, manual_has_no_option_that_is_gone);
	tcase_add_test(tc, manual_has_every_placeholder);
	tcase_add_test(tc, options_say_what_they_are);
	tcase_add_test(tc, examples_load);
	tcase_add_test(tc, policy_sample_loads);
	tcase_add_test(tc, policy_words_are_documented);
	tcase_add_loop_test(
	    tc, a_changed_value_is_found, 0, MXA_ARRAY_LEN(reloads));
	suite_add_tcase(s, tc);
	return test_main(s);
}
