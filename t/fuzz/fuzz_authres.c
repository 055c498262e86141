/* fuzz_authres.c - what is written is read again, and stays one field. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/authres.h"
#include "mail/lex.h"

/* Nothing but LF + TAB breaks the lines, and none is too long. */
static void check_form(struct mxa_str s)
{
	size_t line = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n') {
			require(i + 1 < s.len && s.p[i + 1] == '\t');
			line = 0;
			continue;
		}
		require(c >= ' ' || (c == '\t' && line == 0));
		require(c != 0x7f && ++line < 998);
	}
}

/* Whether the writer may keep every byte of it: UTF-8 without controls, and
 * not too long. */
static bool plain(struct mxa_str s)
{
	size_t len;

	for (size_t i = 0; i < s.len; i += len) {
		len = mxa_utf8_len(s, i);
		if (len == 0 || (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	}
	return s.len <= MXA_MAX_AUTHRES_VALUE / 2;
}

static void same(struct mxa_str a, struct mxa_str b)
{
	require(!plain(a) || mxa_str_eq(a, b));
}

static bool plain_properties(const struct mxa_authres_result *r)
{
	for (size_t i = 0; i < r->n_prop; i++)
		if (!plain(r->prop[i].value))
			return false;
	return true;
}

static void same_result(
    const struct mxa_authres_result *a, const struct mxa_authres_result *b)
{
	require(mxa_str_eq(a->method, b->method));
	require(mxa_str_eq(a->result, b->result));
	same(a->comment, b->comment);
	same(a->reason, b->reason);
	if (!plain_properties(a))
		return;
	require(a->n_prop == b->n_prop);
	for (size_t i = 0; i < a->n_prop; i++) {
		require(mxa_str_eq(a->prop[i].ptype, b->prop[i].ptype));
		require(mxa_str_eq(a->prop[i].name, b->prop[i].name));
		same(a->prop[i].value, b->prop[i].value);
	}
}

static struct mxa_str written(struct mxa_arena *a, const struct mxa_authres *ar)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)256 << 20);
	mxa_authres_format(&b, ar, true);
	check_form(mxa_buf_str(&b));
	return mxa_buf_str(&b);
}

static void round_trip(struct mxa_arena *a, const struct mxa_authres *first)
{
	struct mxa_authres second;
	struct mxa_str text = written(a, first);

	require(mxa_authres_parse(a, text, &second) == MXA_OK);
	require(second.version == first->version && second.n == first->n);
	same(first->id, second.id);
	for (size_t i = 0; i < first->n; i++)
		same_result(&first->result[i], &second.result[i]);
	/* what had to be cut is quoted once more than needed, and then stable
	 */
	text = written(a, &second);
	require(mxa_authres_parse(a, text, &second) == MXA_OK);
	require(mxa_str_eq(written(a, &second), text));
	/* what we write with our id is recognised as ours */
	if (second.id.len > 0 && second.id.len < 255 && plain(second.id) &&
	    mxa_lex_token_byte(second.id.p[0]))
		require(mxa_authres_is_forged(a, text, &second.id, 1, false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str text = mxa_str_make((const char *)data, size);
	const struct mxa_str ours = MXA_STR("mx.example.net");
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;

	mxa_authres_is_forged(a, text, &ours, 1, true);
	mxa_received_spf_is_forged(a, text, &ours, 1);
	if (mxa_authres_parse(a, text, &ar) == MXA_OK)
		round_trip(a, &ar);
	mxa_arena_free(a);
	return 0;
}
