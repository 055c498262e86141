/* fuzz_writers.c - a transaction in which every text is a stranger's: what is
 * written of it is text without control characters, and what the journal keeps
 * is read and written the same. */
#include "t/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "history/line.h"
#include "policy/load.h"
#include "history/logline.h"
#include "policy/stamp.h"
#include "policy/decide.h"
#include "t/support/txnfill.h"

#define ANSWER_MAX ((size_t)4 << 20)

/* The input, handed out in pieces, again and again. */
struct input {
	struct mxa_arena *a;
	struct mxa_str bytes;
	size_t at;
};

static uint64_t next_number(void *ctx)
{
	struct input *in = ctx;

	if (in->bytes.len == 0)
		return 0;
	return (unsigned char)in->bytes.p[in->at++ % in->bytes.len];
}

/* Up to 63 bytes; sometimes more than any field keeps. */
static struct mxa_str next_text(void *ctx)
{
	struct input *in = ctx;
	size_t len = (size_t)next_number(in);
	char *p;

	len = len == 255 ? 1600 : len / 4;
	p = mxa_arena_alloc(in->a, len + 1);
	for (size_t i = 0; i < len; i++)
		p[i] = (char)next_number(in);
	return mxa_str_make(p, len);
}

/* 'folds': lines that begin with a tab may follow. */
static void check_text(struct mxa_str s, bool folds)
{
	for (size_t i = 0, len; i < s.len; i += len) {
		unsigned char c = (unsigned char)s.p[i];

		len = mxa_utf8_len(s, i);
		require(len > 0);
		if (folds && c == '\n' && i + 1 < s.len)
			require(s.p[++i] == '\t');
		else
			require(c >= ' ' && c != 0x7f);
	}
}

static struct mxa_str written(
    struct mxa_arena *a, const struct mxa_txn *t, const struct mxa_line *l)
{
	struct mxa_line_dns dns = { l->evidence, l->n_evidence, l->counts };
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, t, &dns, l->time);
	require(!b.full && b.len > 0 && b.p[b.len - 1] == '\n');
	check_text(mxa_str_sub(mxa_buf_str(&b), 0, b.len - 1), false);
	return mxa_buf_str(&b);
}

static void check_journal(
    struct mxa_arena *a, const struct mxa_txn *t, struct mxa_line *line)
{
	struct mxa_str once = written(a, t, line);
	struct mxa_entry e;

	require(mxa_line_read(a, once, &e) == MXA_OK);
	line->evidence = e.evidence;
	line->n_evidence = e.n_evidence;
	require(e.cut || mxa_str_eq(written(a, &e.txn, line), once));
}

static void check_answer(struct mxa_arena *a, const struct mxa_line *line)
{
	struct mxa_field_writer w = { .a = a, .answer = true };
	struct mxa_json j;
	struct mxa_buf b;
	json_t *o;

	mxa_buf_init(&b, a, ANSWER_MAX);
	mxa_json_init(&j, &b);
	w.j = &j;
	mxa_json_open(&j, NULL, '{');
	mxa_fields_to_json(&w, &mxa_fields, line);
	mxa_json_close(&j, '}');
	require(!b.full);
	check_text(mxa_buf_str(&b), false);
	o = json_loadb(
	    b.p, b.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
	require(o != NULL);
	json_decref(o);
}

static void check_stamp(struct mxa_arena *a, struct mxa_txn *t)
{
	static struct mxa_conf *conf;
	struct mxa_buf b;

	if (conf == NULL)
		conf = mxa_policy_load(NULL, NULL, NULL);
	mxa_decide(conf, &t->msg, &t->verdict, a, &t->action);
	for (size_t i = 0; i < t->action.reply.n; i++) {
		check_text(t->action.reply.line[i], false);
		require(t->action.reply.line[i].len <= MXA_MAX_REPLY_LINE);
	}
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, conf, t);
	check_text(mxa_buf_str(&b), true);
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_received_spf(&b, conf, t, &t->verdict.spf);
	check_text(mxa_buf_str(&b), true);
	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, t, 0, 0);
	check_text(mxa_buf_str(&b), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct input in = { a, mxa_str_make((const char *)data, size), 0 };
	struct test_fill fill = { a, next_text, next_number, &in };
	struct mxa_line line;
	struct mxa_txn t;

	test_fill_txn(&fill, &t, &line);
	check_answer(a, &line);
	check_stamp(a, &t);
	check_journal(a, &t, &line);
	mxa_arena_free(a);
	return 0;
}
