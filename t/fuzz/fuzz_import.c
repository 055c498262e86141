/* fuzz_import.c - other programs' configuration: what is made of it is one of
 * ours without mistakes, in printable ASCII.  Behind a line "====" follows the
 * list that any file name in it leads to. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/import.h"
#include "conf/loader.h"
#include "t/fuzz/fuzz.h"

#define MAX_INPUT 16384

static bool read_list(void *ctx, const char *path, struct mxa_str *out)
{
	(void)path;
	*out = *(const struct mxa_str *)ctx;
	return out->len > 0;
}

static void load_result(struct mxa_str text)
{
	struct mxa_conf_loader l;
	struct mxa_conf *conf;
	char *errors = NULL, *warnings = NULL;

	mxa_conf_begin(&l);
	mxa_conf_read_text(&l, "made", text);
	conf = mxa_conf_finish(&l, &errors, &warnings);
	require(conf != NULL);
	mxa_conf_free(conf);
	free(errors);
	free(warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str text = mxa_str_make(
	    (const char *)data, size < MAX_INPUT ? size : MAX_INPUT);
	size_t at = mxa_str_casefind(text, MXA_STR("\n====\n"));
	struct mxa_str list = mxa_str_sub(text, at + 6, text.len);
	struct mxa_import *im = mxa_import_new(a, read_list, &list);
	struct mxa_buf out;

	if (mxa_import_add(im, "f", mxa_str_sub(text, 0, at))) {
		mxa_buf_init(&out, a, (size_t)8 << 20);
		mxa_import_write(im, &out);
		require(!out.full);
		load_result(mxa_buf_str(&out));
		for (size_t i = 0; i < out.len; i++)
			require(out.p[i] != '\x1b' && out.p[i] != '\0');
	}
	mxa_arena_free(a);
	return 0;
}
