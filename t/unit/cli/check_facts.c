/* check_facts.c - all facts of a transaction as JSON and as paragraphs. */
#include "cli/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "cli/out.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

static struct mxa_arena *a;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static struct mxa_entry entry_of(const char *words)
{
	struct mxa_entry e = { .kind = MXA_ENTRY_MESSAGE, .time = 1795262400 };

	test_txn(a, words, &e.txn);
	e.txn.action.rule = MXA_STR("default");
	return e;
}

static const char *as_json(const struct mxa_entry *e)
{
	struct mxa_json j;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_json_init(&j, &b);
	mxa_json_open(&j, NULL, '{');
	facts_write(&j, a, e);
	mxa_json_close(&j, '}');
	return mxa_buf_cstr(&b);
}

static const char *as_text(const struct mxa_entry *e, size_t width)
{
	struct out o;
	char *text, *copy;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	out_init(&o, f);
	o.width = width;
	facts_print(&o, a, e);
	fclose(f);
	copy = mxa_arena_printf(a, "%s", text);
	free(text);
	return copy;
}

/* "name":value somewhere in the object */
static const struct {
	const char *name, *words, *member;
} members[] = {
	{ "the sender", "mfrom=u@a.example", "\"mfrom\":\"u@a.example\"" },
	{ "nothing is left out", "mfrom=", "\"mfrom\":\"\"" },
	{ "the client", "ip=192.0.2.9", "\"ip\":\"192.0.2.9\"" },
	{ "a flag that is not set", "ip=192.0.2.9", "\"unanswered\":false" },
	{ "no signature: an empty list", "ip=192.0.2.9", "\"dkim\":[]" },
	{ "recipients", "rcpt=b@c.example", "\"rcpt\":[\"b@c.example\"]" },
};

START_TEST(answers_have_every_field)
{
	struct mxa_entry e = entry_of(members[_i].words);
	const char *json = as_json(&e);

	ck_assert_msg(strstr(json, members[_i].member) != NULL, "%s: %s",
	    members[_i].name, json);
}
END_TEST

/* A line of the text at a width of 200 columns. */
static const struct {
	const char *name, *words, *line;
} lines[] = {
	{ "a word", "mfrom=u@a.example", "  mfrom         u@a.example\n" },
	{ "a text that begins with a quote", "mfrom=\"u@a.example",
	    "  mfrom         \"\"u@a.example\"\n" },
	{ "an object", "spf=fail:a.example:-all",
	    "  spf           result=fail identity=mailfrom domain=a.example" },
	{ "an object for each signature", "dkim=pass:a.example:s1",
	    "  dkim          result=pass cause=ok d=a.example i=@a.example s=s1" },
	{ "the second", "dkim=pass:a.example:s1 dkim=pass:b.example:s2",
	    "  dkim          result=pass cause=ok d=b.example i=@b.example s=s2" },
	{ "a list of words", "rcpt=b@c.example rcpt=d@c.example",
	    "  rcpt          b@c.example,d@c.example\n" },
	{ "an empty text that is always there",
	    "mfrom=", "  mfrom         \"\"\n" },
};

START_TEST(text_has_a_paragraph_for_each)
{
	struct mxa_entry e = entry_of(lines[_i].words);
	const char *text = as_text(&e, 200);

	ck_assert_msg(strstr(text, lines[_i].line) != NULL, "%s:\n%s",
	    lines[_i].name, text);
}
END_TEST

START_TEST(text_leaves_out_what_is_empty)
{
	struct mxa_entry e = entry_of("ip=192.0.2.9");
	const char *text = as_text(&e, 200);

	ck_assert_msg(strstr(text, "\n  dkim ") == NULL, "%s", text);
	ck_assert_msg(strstr(text, "unanswered") == NULL, "%s", text);
	ck_assert_msg(strstr(text, "[]") == NULL, "%s", text);
	ck_assert_msg(strstr(text, "()") == NULL, "%s", text);
}
END_TEST

/* Quotes tell where a text with spaces ends; what a stranger wrote starts no
 * line of its own. */
START_TEST(texts_of_strangers)
{
	struct mxa_entry e = entry_of("ip=192.0.2.9");
	const char *text;

	e.txn.msg.helo = MXA_STR("a b\n  dmarc         result=pass");
	text = as_text(&e, 200);
	ck_assert_msg(
	    strstr(text, "  helo          \"a b") != NULL, "%s", text);
	ck_assert_msg(
	    strstr(text, "\n  dmarc         result=pass") == NULL, "%s", text);
	e.txn.msg.helo = MXA_STR("a\"b");
	text = as_text(&e, 200);
	ck_assert_msg(
	    strstr(text, "  helo          \"a\"b\"") != NULL, "%s", text);
}
END_TEST

/* Further lines of a paragraph stand under its value. */
START_TEST(long_facts_are_wrapped)
{
	struct mxa_entry e = entry_of("spf=fail:a.example:-all");
	const char *text = as_text(&e, 40);

	ck_assert_msg(
	    strstr(text, "\n                domain=a.example") != NULL, "%s",
	    text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("facts");
	TCase *tc = tcase_create("facts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, answers_have_every_field, 0, MXA_ARRAY_LEN(members));
	tcase_add_loop_test(
	    tc, text_has_a_paragraph_for_each, 0, MXA_ARRAY_LEN(lines));
	tcase_add_test(tc, text_leaves_out_what_is_empty);
	tcase_add_test(tc, texts_of_strangers);
	tcase_add_test(tc, long_facts_are_wrapped);
	suite_add_tcase(s, tc);
	return test_main(s);
}
