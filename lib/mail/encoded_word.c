/* encoded_word.c - see encoded_word.h. */
#include "mail/encoded_word.h"

#include "base/base64.h"
#include "base/buf.h"

/* "=?" charset "?" encoding "?" text "?=" */
struct word {
	char encoding; /* small letter */
	struct mxa_str text;
	size_t end; /* behind it */
};

static bool find_word(struct mxa_str s, size_t at, struct word *out)
{
	size_t kind = mxa_str_chr(s, '?', at + 2) + 1;
	size_t text = kind + 2;
	size_t end = mxa_str_chr(s, '?', text);

	if (end + 1 >= s.len || s.p[kind + 1] != '?' || s.p[end + 1] != '=')
		return false;
	out->encoding = (char)(s.p[kind] | 0x20);
	out->text = mxa_str_sub(s, text, end);
	out->end = end + 2;
	return true;
}

static int hex_digit(char c)
{
	if (mxa_is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 2047 section 4.2 */
static void add_q(struct mxa_buf *b, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '=' && i + 2 < s.len) {
			high = hex_digit(s.p[i + 1]);
			low = hex_digit(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			mxa_buf_addc(b, (char)(high << 4 | low));
			i += 2;
		} else {
			mxa_buf_addc(b, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static bool add_decoded(
    struct mxa_buf *b, struct mxa_arena *a, const struct word *w)
{
	struct mxa_str bytes;

	if (w->encoding == 'q') {
		add_q(b, w->text);
		return true;
	}
	if (w->encoding != 'b' || !mxa_base64_decode(a, w->text, &bytes))
		return false;
	mxa_buf_addstr(b, bytes);
	return true;
}

struct mxa_str mxa_encoded_words_decode(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;
	bool any = false;
	size_t at = 0;

	mxa_buf_init(&b, a, s.len + 1);
	while (at < s.len) {
		struct word w;

		if (s.p[at] == '=' && at + 1 < s.len && s.p[at + 1] == '?' &&
		    find_word(s, at, &w) && add_decoded(&b, a, &w)) {
			at = w.end;
			any = true;
		} else {
			mxa_buf_addc(&b, s.p[at++]);
		}
	}
	return any ? mxa_buf_str(&b) : MXA_STR_NONE;
}
