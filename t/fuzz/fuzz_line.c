/* fuzz_line.c - a line of the journal is read, decided, stamped and written
 * again; what was written is read and written the same. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "history/line.h"
#include "policy/load.h"
#include "history/logline.h"
#include "policy/stamp.h"
#include "policy/decide.h"

static struct mxa_str written(struct mxa_arena *a, const struct mxa_entry *e)
{
	struct mxa_line_dns dns = { e->evidence, e->n_evidence, e->counts };
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, &e->txn, &dns, e->time);
	require(!b.full && b.len > 0 && b.p[b.len - 1] == '\n');
	require(memchr(b.p, '\n', b.len) == b.p + b.len - 1);
	return mxa_buf_str(&b);
}

/* What goes out to MTA and log is text, whatever came in. */
static void check_text(struct mxa_str s, bool folds)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (folds && c == '\n')
			require(++i < s.len && s.p[i] == '\t');
		else
			require(c >= ' ' && c != 0x7f);
	}
}

static void decide_and_stamp(struct mxa_arena *a, struct mxa_txn *t)
{
	static struct mxa_conf *conf;
	struct mxa_buf b;

	if (conf == NULL)
		conf = mxa_policy_load(NULL, NULL, NULL);
	mxa_decide(conf, &t->msg, &t->verdict, a, &t->action);
	require(t->action.rule.len > 0);
	require((t->action.reply.n > 0) == (t->action.kind >= MXA_ACT_DEFER));
	for (size_t i = 0; i < t->action.reply.n; i++)
		check_text(t->action.reply.line[i], false);
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, conf, t);
	mxa_stamp_received_spf(&b, conf, t, &t->verdict.spf);
	check_text(mxa_buf_str(&b), true);
	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, t, 0, 0);
	check_text(mxa_buf_str(&b), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str in = mxa_str_make((const char *)data, size);
	struct mxa_entry first, second;
	struct mxa_str once, twice;

	if (mxa_line_read(a, in, &first) == MXA_OK &&
	    first.kind == MXA_ENTRY_MESSAGE) {
		once = written(a, &first);
		require(mxa_line_read(a, once, &second) == MXA_OK);
		twice = written(a, &second);
		/* a text that was cut is cut once more, and then stays */
		require(second.cut || twice.len <= once.len + 3000);
		require(second.txn.action.kind == first.txn.action.kind);
		/* an exempt message has no verdict to keep */
		require(second.cut || first.txn.msg.exempt != MXA_EXEMPT_NO ||
		    second.txn.verdict.dmarc.n == first.txn.verdict.dmarc.n);
		decide_and_stamp(a, &second.txn);
	}
	mxa_arena_free(a);
	return 0;
}
