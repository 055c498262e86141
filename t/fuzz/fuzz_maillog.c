/* fuzz_maillog.c - lines of a mail log; every delivery is handed over once, and
 * its strings are parts of the input. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "bounce/maillog.h"

#define MAX_INPUT 65536
#define NOW 1795867200

static size_t lines, deliveries;

static void note_delivery(void *ctx, const struct mxa_delivery *d)
{
	const struct mxa_str *input = ctx;

	deliveries++;
	require(d->recipient.len <= input->len);
	require(d->words.len <= input->len);
	require(d->recipient.len == 0 ||
	    memmem(input->p, input->len, d->recipient.p, d->recipient.len) !=
		NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str input = { (const char *)data, size };
	struct mxa_maillog *log = mxa_maillog_new(NOW, note_delivery, &input);
	size_t at = 0;

	if (size > MAX_INPUT)
		size = MAX_INPUT;
	lines = deliveries = 0;
	while (at < size) {
		size_t end = mxa_str_chr(input, '\n', at);
		struct mxa_str line =
		    mxa_str_sub(input, at, end < size ? end : size);

		lines += mxa_maillog_line(log, line);
		at = end + 1;
	}
	mxa_maillog_end(log);
	require(deliveries <= size); /* a line may have many recipients */
	require(lines > 0 || deliveries == 0);
	mxa_maillog_free(log);
	(void)mxa_maillog_is_log(input);
	return 0;
}
