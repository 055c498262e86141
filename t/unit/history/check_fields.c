/* check_fields.c - every fact of a transaction, as the tables of fields.c list
 * them: written, read back, logged under its key, and in the manual. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "history/fields.h"
#include "history/line.h"
#include "history/logline.h"
#include "policy/grounds.h"
#include "t/support/fieldsman.h"
#include "t/support/testing.h"
#include "t/support/txnfill.h"

static struct mxa_arena *arena;
static int counter;	 /* makes each value another */
static bool plain_texts; /* else with what must be escaped */

static void setup(void)
{
	arena = mxa_arena_new();
	plain_texts = false;
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

/* --- a transaction in which nothing is empty --- */

static struct mxa_str next_text(void *ctx)
{
	(void)ctx;
	if (plain_texts)
		return mxa_str_from(mxa_arena_printf(arena, "t%d", ++counter));
	return mxa_str_from(mxa_arena_printf(
	    arena, "t%d \"\\ \x01\xc3\xa9\xf0\x9f\x93\xa7", ++counter));
}

static uint64_t next_number(void *ctx)
{
	(void)ctx;
	return (uint64_t)++counter;
}

static void fill_transaction(
    struct mxa_txn *t, struct mxa_line *line, int round)
{
	struct test_fill f = {
		.a = arena, .text = next_text, .number = next_number
	};

	counter = round;
	test_fill_txn(&f, t, line);
}

static struct mxa_str written(const struct mxa_txn *t, const struct mxa_line *l)
{
	struct mxa_line_dns dns = { l->evidence, l->n_evidence, l->counts };
	struct mxa_buf b;

	mxa_buf_init(&b, arena, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, t, &dns, l->time);
	ck_assert(!b.full);
	return mxa_buf_str(&b);
}

/* --- there and back --- */

/* Every member that the table names is in the object. */
static bool is_in(
    const struct mxa_field_table *t, const json_t *object, bool expect_all);

static bool row_is_in(
    const struct mxa_field_row *f, const json_t *v, bool expect_all)
{
	if (v == NULL) {
		if (expect_all)
			printf("missing: %s\n", f->name);
		return !expect_all;
	}
	if (f->type == MXA_FIELD_OBJECT)
		return is_in(f->table, v, expect_all);
	/* all of them in the first element */
	if (f->type == MXA_FIELD_LIST && f->table != NULL)
		return is_in(f->table, json_array_get(v, 0), expect_all);
	return true;
}

static bool is_in(
    const struct mxa_field_table *t, const json_t *object, bool expect_all)
{
	bool all = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];
		bool words = f->type == MXA_FIELD_WORD && !f->always;

		/* empty words and what was cut are left out */
		if (f->place == MXA_PLACE_ANSWER ||
		    strcmp(f->name, "cut") == 0 || strcmp(f->name, "more") == 0)
			continue;
		all &= row_is_in(
		    f, json_object_get(object, f->name), expect_all && !words);
	}
	return all;
}

#define ROUNDS 23 /* of more words than the longest set has */

START_TEST(every_field_comes_back)
{
	struct mxa_txn t;
	struct mxa_line line;
	struct mxa_entry e;
	struct mxa_str first, second;
	json_t *o;

	fill_transaction(&t, &line, _i);
	first = written(&t, &line);
	o = json_loadb(first.p, first.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(o);
	ck_assert(is_in(&mxa_fields, o, true));
	json_decref(o);
	ck_assert_int_eq(mxa_line_read(arena, first, &e), MXA_OK);
	line.evidence = e.evidence;
	line.n_evidence = e.n_evidence;
	line.counts = e.counts;
	ck_assert_int_eq(e.time, TEST_FILL_TIME);
	second = written(&e.txn, &line);
	ck_str_is(second, mxa_str_cstr(arena, first));
}
END_TEST

/* Whether two structs are the same as far as the tables tell; says which field
 * is not. */
static bool same_table(const struct mxa_field_table *t, const void *a,
    const void *b, const char *where);

static bool same_list(const struct mxa_field_row *f, const char *a,
    const char *b, const char *where)
{
	size_t n, other;
	bool same = true;

	memcpy(&n, a - f->offset + f->count, sizeof(n));
	memcpy(&other, b - f->offset + f->count, sizeof(other));
	if (n != other)
		return false;
	if (!f->in_place) {
		memcpy(&a, a, sizeof(a));
		memcpy(&b, b, sizeof(b));
	}
	for (size_t i = 0; i < n; i++, a += f->element, b += f->element)
		same &= f->table != NULL
		    ? same_table(f->table, a, b, where)
		    : mxa_str_eq(*(const struct mxa_str *)(const void *)a,
			  *(const struct mxa_str *)(const void *)b);
	return same;
}

static bool same_row(const struct mxa_field_row *f, const void *a,
    const void *b, const char *where)
{
	switch (f->type) {
	case MXA_FIELD_TEXT:
		return mxa_str_eq(
		    *(const struct mxa_str *)a, *(const struct mxa_str *)b);
	case MXA_FIELD_CHARS:
		return strcmp(a, b) == 0;
	case MXA_FIELD_FLAG:
		return *(const bool *)a == *(const bool *)b;
	case MXA_FIELD_NUMBER:
	case MXA_FIELD_WORD:
		return mxa_field_number(f, a) == mxa_field_number(f, b);
	case MXA_FIELD_IP:
		return mxa_ip_eq(a, b);
	case MXA_FIELD_TIME:
		return *(const int64_t *)a == *(const int64_t *)b;
	case MXA_FIELD_OBJECT:
		return same_table(f->table, a, b, f->name);
	case MXA_FIELD_LIST:
		return same_list(f, a, b, where);
	case MXA_FIELD_OWN:
		break; /* every_field_comes_back compares what they write */
	}
	return true;
}

static bool same_table(const struct mxa_field_table *t, const void *a,
    const void *b, const char *where)
{
	bool all = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];
		const void *x = mxa_field_at(f, a), *y = mxa_field_at(f, b);
		bool same = (x == NULL) == (y == NULL) &&
		    (x == NULL || same_row(f, x, y, f->name));

		if (!same)
			printf("%s.%s differs\n", where, f->name);
		all &= same;
	}
	return all;
}

START_TEST(every_value_comes_back)
{
	struct mxa_txn t;
	struct mxa_line line, back;
	struct mxa_entry e;

	fill_transaction(&t, &line, _i);
	ck_assert_int_eq(mxa_line_read(arena, written(&t, &line), &e), MXA_OK);
	back = (struct mxa_line){ .time = e.time,
		.txn = &e.txn,
		.evidence = e.evidence,
		.n_evidence = e.n_evidence,
		.counts = e.counts };
	line.version = 0;
	ck_assert(same_table(&mxa_fields, &line, &back, "line"));
}
END_TEST

START_TEST(parts_are_skipped)
{
	struct mxa_txn t;
	struct mxa_line line;
	struct mxa_entry e;

	fill_transaction(&t, &line, 1);
	ck_assert_int_eq(mxa_line_read_parts(arena, written(&t, &line),
			     MXA_WITHOUT_DNS | MXA_WITHOUT_NOTES, &e),
	    MXA_OK);
	ck_assert_uint_eq(e.n_evidence, 0);
	ck_assert_uint_eq(e.txn.verdict.notes.n, 0);
	/* what comes before and between them is there */
	ck_assert_uint_eq(e.txn.msg.n_rcpt, 2);
	ck_assert_uint_eq(e.counts.sent, line.counts.sent);
}
END_TEST

/* --- answers --- */

/* Each member of an answer is there, whatever is empty. */
static bool answers_all(
    const struct mxa_field_table *t, const json_t *object, const char *where)
{
	bool all = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];
		const char *key = f->answer ? f->answer : f->name;
		const json_t *v = json_object_get(object, key);

		if (f->place == MXA_PLACE_JOURNAL || f->present != NULL)
			continue;
		if (v == NULL && !(f->type == MXA_FIELD_OWN && !f->write)) {
			printf("%s.%s is missing\n", where, key);
			all = false;
		}
		if (f->type == MXA_FIELD_OBJECT && f->table != NULL)
			all &= answers_all(f->table, v, key);
	}
	return all;
}

static json_t *answer_of(struct mxa_line *line)
{
	struct mxa_buf b;
	struct mxa_json j;
	struct mxa_field_writer w = { .j = &j, .a = arena, .answer = true };
	json_t *o;

	mxa_buf_init(&b, arena, 1 << 20);
	mxa_json_init(&j, &b);
	mxa_json_open(&j, NULL, '{');
	mxa_fields_to_json(&w, &mxa_fields, line);
	mxa_json_close(&j, '}');
	o = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(o);
	return o;
}

START_TEST(an_answer_leaves_out_nothing)
{
	struct mxa_txn t = { .ms = 0 };
	struct mxa_line line = { .txn = &t };
	json_t *o;

	mxa_msg_init(&t.msg, arena);
	o = answer_of(&line);
	ck_assert(answers_all(&mxa_fields, o, ""));
	json_decref(o);
	fill_transaction(&t, &line, 1);
	o = answer_of(&line);
	ck_assert(answers_all(&mxa_fields, o, ""));
	json_decref(o);
}
END_TEST

/* A TXT record "nxdomain" is not a name that does not exist. */
START_TEST(an_answer_is_not_its_status)
{
	static const struct mxa_dns_record txt = { .text = MXA_STR_INIT(
						       "nxdomain") };
	struct mxa_dns_answer there = {
		.type = MXA_DNS_TXT, .rr = &txt, .n = 1
	};
	struct mxa_dns_answer gone = { .type = MXA_DNS_TXT,
		.status = MXA_DNS_NXDOMAIN };
	struct mxa_evidence ev[] = {
		{ &there, MXA_STR_INIT("a.example"), MXA_DNS_TXT, false },
		{ &gone, MXA_STR_INIT("b.example"), MXA_DNS_TXT, false },
		{ NULL, MXA_STR_INIT("c.example"), MXA_DNS_TXT, false },
	};
	struct mxa_txn t = { .ms = 0 };
	struct mxa_line line = { .txn = &t,
		.has_dns = true,
		.evidence = ev,
		.n_evidence = MXA_ARRAY_LEN(ev) };
	json_t *o = answer_of(&line), *dns = json_object_get(o, "dns"), *q;

	q = json_array_get(dns, 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(q, "status")), "data");
	ck_assert_str_eq(
	    json_string_value(json_object_get(q, "answer")), "nxdomain");
	ck_assert_uint_eq(json_array_size(json_object_get(q, "records")), 1);
	q = json_array_get(dns, 1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(q, "status")), "nxdomain");
	ck_assert_uint_eq(json_array_size(json_object_get(q, "records")), 0);
	q = json_array_get(dns, 2);
	ck_assert(json_is_null(json_object_get(q, "status")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(q, "answer")), "unanswered");
	json_decref(o);
}
END_TEST

/* --- the log --- */

static bool is_log_key(const struct mxa_field_table *t, struct mxa_str key)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];

		if ((f->log != NULL && mxa_str_is(key, f->log)) ||
		    (f->table != NULL && is_log_key(f->table, key)))
			return true;
	}
	return false;
}

static size_t count_log_keys(const struct mxa_field_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		n += t->row[i].log != NULL;
		if (t->row[i].table != NULL &&
		    t->row[i].table != t->row[i - (i > 0)].table)
			n += count_log_keys(t->row[i].table);
	}
	return n;
}

/* The line names every field that the tables say is logged, and no other. */
START_TEST(log_keys_are_those_of_the_tables)
{
	struct mxa_txn t;
	struct mxa_line line;
	struct mxa_buf b;
	struct mxa_str s;
	size_t n = 0;

	plain_texts = true;
	fill_transaction(&t, &line, 1);
	mxa_buf_init(&b, arena, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, &t, 3, 2);
	s = mxa_buf_str(&b);
	for (size_t at = mxa_str_chr(s, ' ', 0); at < s.len;) {
		size_t end = mxa_str_chr(s, '=', at);
		struct mxa_str key = mxa_str_sub(s, at + 1, end);

		ck_assert_msg(is_log_key(&mxa_fields, key),
		    "\"%.*s\" is not the key of a field", MXA_STR_ARG(key));
		n++;
		at = mxa_str_chr(s, ' ', end);
	}
	/* "exempt" is in lines of another form */
	ck_assert_uint_eq(n + 1, count_log_keys(&mxa_fields));
}
END_TEST

/* --- the manual --- */

static struct mxa_str manual;

/* As an item of a list. */
static bool is_documented(const char *name)
{
	const char *item = mxa_arena_printf(arena, "\n.It Cm %s\n", name);

	return mxa_str_casefind(manual, mxa_str_from(item)) < manual.len;
}

/* The lists are those that the tables make; `make journal-manual` writes
 * them. */
START_TEST(the_manual_has_every_field)
{
	static const struct mxa_field_table *const tables[] = {
		&mxa_file_fields, &mxa_fields
	};
	size_t at = 0;

	manual = test_read(arena, test_path("../etc/mxauth-journal.5"));
	for (size_t i = 0; i < MXA_ARRAY_LEN(tables); i++) {
		struct mxa_str rest = mxa_str_sub(manual, at, manual.len);
		const char begin[] = ".\\\" fields\n";
		const char end[] = ".\\\" end of fields\n";
		size_t from = mxa_str_casefind(rest, mxa_str_from(begin));
		size_t to = mxa_str_casefind(rest, mxa_str_from(end));
		struct mxa_buf b;

		mxa_buf_init(&b, arena, 1 << 20);
		test_fields_manual(&b, tables[i]);
		ck_str_is(mxa_str_sub(rest, from + strlen(begin), to),
		    mxa_buf_cstr(&b));
		at += to + strlen(end);
	}
}
END_TEST

START_TEST(the_manual_names_every_ground)
{
	manual = test_read(arena, test_path("../etc/mxauth-journal.5"));
	for (int g = MXA_GROUND_NONE + 1; g < MXA_GROUNDS; g++)
		ck_assert_msg(is_documented(mxa_ground_name(g)),
		    "%s is not in mxauth-journal(5)", mxa_ground_name(g));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fields");
	TCase *tc = tcase_create("fields");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_field_comes_back, 0, ROUNDS);
	tcase_add_loop_test(tc, every_value_comes_back, 0, ROUNDS);
	tcase_add_test(tc, parts_are_skipped);
	tcase_add_test(tc, an_answer_leaves_out_nothing);
	tcase_add_test(tc, an_answer_is_not_its_status);
	tcase_add_test(tc, log_keys_are_those_of_the_tables);
	tcase_add_test(tc, the_manual_has_every_field);
	tcase_add_test(tc, the_manual_names_every_ground);
	suite_add_tcase(s, tc);
	return test_main(s);
}
