/* fuzz_json.c - JSON: what is written can be read by everybody and comes back;
 * what is read is JSON, and another reader agrees. */
#include "t/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/utf8.h"

#define MAX_DEPTH 100 /* the harness itself is recursive */

/* No control characters, valid UTF-8. */
static void check_output(struct mxa_str s)
{
	uint32_t c;

	for (size_t i = 0, len; i < s.len; i += len) {
		len = mxa_utf8_get(s, i, &c);
		require(len > 0);
		require(c >= ' ' && (c < 0x7f || c > 0x9f));
	}
}

/* The bytes as a text should come out: what is not UTF-8 replaced. */
static struct mxa_str cleaned(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 3 * s.len);
	for (size_t i = 0, len; i < s.len; i += len ? len : 1) {
		len = mxa_utf8_len(s, i);
		if (len > 0)
			mxa_buf_add(&b, s.p + i, len);
		else
			mxa_buf_adds(&b, "\xef\xbf\xbd");
	}
	return mxa_buf_str(&b);
}

static struct mxa_str read_back(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_json_reader r;
	struct mxa_str s;

	mxa_json_reader_init(
	    &r, mxa_arena_strdup(a, text.p, text.len), text.len);
	s = mxa_json_take_str(&r);
	require(s.p != NULL && mxa_json_finish(&r));
	return s;
}

static struct mxa_str written(
    struct mxa_arena *a, struct mxa_str s, size_t most)
{
	struct mxa_json j;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 6 * s.len + 16);
	mxa_json_init(&j, &b);
	mxa_json_cut(&j, NULL, s, most);
	require(!b.full);
	check_output(mxa_buf_str(&b));
	return mxa_buf_str(&b);
}

static void check_text(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_str whole = cleaned(a, in), out, again;
	json_t *other;

	out = written(a, in, 3 * in.len + 3);
	require(mxa_str_eq(read_back(a, out), whole));
	other =
	    json_loadb(out.p, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	require(other != NULL);
	require(mxa_str_eq(
	    mxa_str_make(json_string_value(other), json_string_length(other)),
	    whole));
	json_decref(other);
	/* cut: not longer than asked for, the same when cut again */
	for (size_t most = 3; most < 12; most++) {
		out = read_back(a, written(a, in, most));
		require(out.len <= most);
		again = read_back(a, written(a, out, most));
		require(mxa_str_eq(out, again));
		require(whole.len > most || mxa_str_eq(out, whole));
	}
}

/* --- documents --- */

/* Everything that is there, written again; false: nested too deep. */
static bool copy_value(struct mxa_json *j, const char *key,
    struct mxa_json_reader *r, unsigned depth);

static bool copy_container(struct mxa_json *j, const char *key,
    struct mxa_json_reader *r, unsigned depth)
{
	bool object = mxa_json_peek(r) == '{', ok = true;
	struct mxa_str name;

	if (depth == 0)
		return false;
	mxa_json_open(j, key, object ? '{' : '[');
	mxa_json_enter(r, object ? '{' : '[');
	while (ok && (object ? mxa_json_member(r, &name) : mxa_json_item(r)))
		/* keys are ours when we write */
		ok = copy_value(j, object ? "key" : NULL, r, depth - 1);
	mxa_json_close(j, object ? '}' : ']');
	return ok;
}

static bool copy_value(struct mxa_json *j, const char *key,
    struct mxa_json_reader *r, unsigned depth)
{
	int64_t v;

	switch (mxa_json_peek(r)) {
	case '{':
	case '[':
		return copy_container(j, key, r, depth);
	case '"':
		mxa_json_str(j, key, mxa_json_take_str(r));
		return true;
	case 't':
	case 'f':
		mxa_json_bool(j, key, mxa_json_take_true(r));
		return true;
	}
	if (mxa_json_take_int(r, &v))
		mxa_json_int(j, key, v);
	else
		mxa_json_null(j, key);
	return true;
}

static bool copy_document(
    struct mxa_arena *a, struct mxa_str in, struct mxa_str *out, bool *whole)
{
	struct mxa_json_reader r;
	struct mxa_json j;
	struct mxa_buf b;

	mxa_json_reader_init(&r, mxa_arena_strdup(a, in.p, in.len), in.len);
	mxa_buf_init(&b, a, 16 * in.len + 64);
	mxa_json_init(&j, &b);
	*whole = copy_value(&j, NULL, &r, MAX_DEPTH);
	require(!b.full);
	*out = mxa_buf_str(&b);
	return mxa_json_finish(&r);
}

/* Things that the other reader does not take and we do. */
static bool is_limit(enum json_error_code code)
{
	return code == json_error_numeric_overflow ||
	    code == json_error_null_byte_in_key ||
	    code == json_error_stack_overflow;
}

static void check_document(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_str out, again;
	json_error_t error;
	json_t *other;
	bool whole, ok = copy_document(a, in, &out, &whole);

	/* Jansson takes "1" and a NUL for JSON */
	if (!whole || memchr(in.p, '\0', in.len) != NULL)
		return;
	other = json_loadb(in.p, in.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	require(
	    ok == (other != NULL) || (ok && is_limit(json_error_code(&error))));
	json_decref(other);
	if (!ok)
		return;
	check_output(out);
	require(copy_document(a, out, &again, &whole) && whole);
	require(mxa_str_eq(out, again));
}

/* Skipping ends where reading ends. */
static void check_skip(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_json_reader r;
	struct mxa_str out;
	bool whole;

	mxa_json_reader_init(&r, mxa_arena_strdup(a, in.p, in.len), in.len);
	mxa_json_skip(&r);
	if (!mxa_json_finish(&r))
		require(!copy_document(a, in, &out, &whole) || !whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str in = mxa_str_make((const char *)data, size);

	check_text(a, in);
	check_document(a, in);
	check_skip(a, in);
	mxa_arena_free(a);
	return 0;
}
