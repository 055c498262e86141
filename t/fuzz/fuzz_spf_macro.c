/* fuzz_spf_macro.c - macros expand as the plain reading of RFC 7208 section 7
 * says, which is written down here a second time. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "auth/spf/macro.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

#define MOST_PARTS 4096

static struct mxa_str letter_value(
    struct mxa_arena *a, char letter, const struct mxa_spf_values *v)
{
	char ip[MXA_IP_TEXT];

	switch (letter) {
	case 's':
		return v->sender;
	case 'l':
		return v->local;
	case 'o':
		return v->origin;
	case 'd':
		return v->domain;
	case 'h':
		return v->helo;
	case 'p':
		return v->ptr;
	case 'v':
		return MXA_STR("in-addr");
	default:
		return mxa_str_dup(a, mxa_str_from(mxa_ip_format(&v->ip, ip)));
	}
}

/* Split, reverse, keep the rightmost, join. */
static void add_parts(struct mxa_buf *b, struct mxa_str value,
    struct mxa_str delims, bool reverse, unsigned keep)
{
	static struct mxa_str part[MOST_PARTS];
	size_t n = 0, from = 0;

	for (size_t i = 0; i <= value.len; i++) {
		if (i < value.len &&
		    mxa_str_chr(delims, value.p[i], 0) == delims.len)
			continue;
		require(n < MOST_PARTS);
		part[n++] = mxa_str_sub(value, from, i);
		from = i + 1;
	}
	for (size_t i = 0; reverse && i < n / 2; i++) {
		struct mxa_str other = part[i];

		part[i] = part[n - 1 - i];
		part[n - 1 - i] = other;
	}
	from = keep > 0 && keep < n ? n - keep : 0;
	for (size_t i = from; i < n; i++) {
		if (i > from)
			mxa_buf_addc(b, '.');
		mxa_buf_addstr(b, part[i]);
	}
}

static void add_macro(struct mxa_arena *a, struct mxa_buf *b,
    struct mxa_str text, const struct mxa_spf_values *v)
{
	char letter = text.p[2];
	struct mxa_str delims;
	bool reverse = false;
	struct mxa_buf value;
	unsigned keep = 0;
	size_t i = 3;

	for (; mxa_is_digit(text.p[i]); i++)
		if (keep < MOST_PARTS)
			keep = keep * 10 + (unsigned)(text.p[i] - '0');
	if (mxa_lower(text.p[i]) == 'r') {
		reverse = true;
		i++;
	}
	delims = mxa_str_sub(text, i, text.len - 1);
	mxa_buf_init(&value, a, (size_t)1 << 20);
	add_parts(&value, letter_value(a, mxa_lower(letter), v),
	    delims.len > 0 ? delims : MXA_STR("."), reverse, keep);
	for (size_t k = 0; k < value.len; k++) {
		char c = value.p[k];

		if (letter == mxa_lower(letter) || mxa_is_alnum(c) ||
		    (c != '\0' && strchr("-._~", c) != NULL))
			mxa_buf_addc(b, c);
		else
			mxa_buf_printf(b, "%%%02X", (unsigned char)c);
	}
}

/* The whole target name, from left to right. */
static struct mxa_str expanded(
    struct mxa_arena *a, struct mxa_str spec, const struct mxa_spf_values *v)
{
	struct mxa_spf_mistake bad;
	struct mxa_spf_macro m;
	struct mxa_str name;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)16 << 20);
	for (size_t i = 0; i < spec.len; i += m.len) {
		m.len = 1;
		if (spec.p[i] != '%') {
			mxa_buf_addc(&b, spec.p[i]);
			continue;
		}
		require(mxa_spf_macro_parse(spec, i, false, &m, &bad));
		if (m.letter == '%')
			mxa_buf_addc(&b, '%');
		else if (m.letter == '_')
			mxa_buf_addc(&b, ' ');
		else if (m.letter == '-')
			mxa_buf_adds(&b, "%20");
		else
			add_macro(a, &b, mxa_str_sub(spec, i, i + m.len), v);
	}
	name = mxa_buf_str(&b);
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	while (name.len > MXA_MAX_DOMAIN)
		name =
		    mxa_str_sub(name, mxa_str_chr(name, '.', 0) + 1, name.len);
	return name;
}

static void check_text(
    struct mxa_arena *a, struct mxa_str text, const struct mxa_spf_values *v)
{
	struct mxa_spf_mistake bad;
	struct mxa_str out;
	unsigned uses;
	bool ok = mxa_spf_macro_check(text, true, &uses, &bad);

	require(mxa_spf_expand_text(a, text, v, 255, &out) == ok);
	for (size_t i = 0; ok && i < out.len; i++)
		require(out.p[i] >= ' ' && out.p[i] <= '~');
	require(!ok || out.len <= 255);
}

/* Input: local part, HELO and text, each ended by a line break. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str in = mxa_str_make((const char *)data, size), text;
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_values v = { .origin = MXA_STR_INIT("s.example"),
		.domain = MXA_STR_INIT("d.s.example"),
		.receiver = MXA_STR_INIT("mx.example"),
		.ptr = MXA_STR_INIT("unknown") };
	struct mxa_spf_mistake bad;
	unsigned uses;
	size_t end;

	end = mxa_str_chr(in, '\n', 0);
	v.local = mxa_str_sub(in, 0, end < 1000 ? end : 1000);
	in = mxa_str_sub(in, end + 1, in.len);
	end = mxa_str_chr(in, '\n', 0);
	v.helo = mxa_str_sub(in, 0, end < 1000 ? end : 1000);
	text = mxa_str_sub(in, end + 1, in.len);
	v.sender = v.local;
	require(mxa_ip_parse(MXA_STR("192.0.2.3"), &v.ip));
	check_text(a, text, &v);
	text = mxa_str_sub(text, 0, 4000);
	if (mxa_spf_macro_check(text, false, &uses, &bad))
		require(mxa_str_eq(
		    mxa_spf_expand_domain(a, text, &v), expanded(a, text, &v)));
	else
		require(bad.what != NULL && bad.at <= text.len);
	mxa_arena_free(a);
	return 0;
}
