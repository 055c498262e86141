/* fuzz_failure_spool.c - a file of the spool of failure reports, and a header
 * section that is written into one. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "history/failure_spool.h"
#include "history/redact.h"
#include "mail/headers.h"

/* What comes out can stand in a mail, and is what the reader takes. */
static void check_redaction(struct mxa_arena *a, struct mxa_str in)
{
	static const uint8_t key[MXA_REDACT_KEY];
	struct mxa_redactor r;
	struct mxa_headers h;
	struct mxa_buf b;
	size_t body, line = 0;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, in, &body);
	mxa_redactor_init(&r, a, key);
	mxa_buf_init(&b, a, MXA_MAX_REDACTED);
	(void)mxa_redact_headers(&r, &h, &b);
	mxa_redactor_done(&r);
	require(!b.full && b.len <= MXA_MAX_REDACTED);
	for (size_t i = 0; i < b.len; i++) {
		unsigned char c = (unsigned char)b.p[i];

		line = c == '\n' ? 0 : line + 1;
		require(line <= 998 && c < 0x7f);
		require(c >= ' ' || c == '\t' || c == '\r' || c == '\n');
		require((c == '\n') == (i > 0 && b.p[i - 1] == '\r'));
	}
	require(b.len == 0 || b.p[b.len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str in = mxa_str_make((const char *)data, size);
	struct mxa_spool_entry e, again;
	struct mxa_buf b;

	check_redaction(a, in);
	if (mxa_spool_read(a, in, &e)) {
		const struct mxa_dmarc_verdict *v =
		    &e.message.txn.verdict.dmarc;

		require(e.incidents > 0 && v->worst < v->n);
		mxa_buf_init(&b, a, MXA_SPOOL_FILE + 20);
		mxa_spool_rewrite(&b, in, e.incidents);
		require(mxa_spool_read(a, mxa_buf_str(&b), &again) ||
		    b.len > MXA_SPOOL_FILE);
		require(again.headers.len == e.headers.len ||
		    b.len > MXA_SPOOL_FILE);
	}
	mxa_arena_free(a);
	return 0;
}
