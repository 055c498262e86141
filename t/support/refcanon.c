/* refcanon.c - see refcanon.h. */
#include "t/support/refcanon.h"

#include "base/arena.h"
#include "base/buf.h"

#define NO_CEILING (SIZE_MAX / 2)

static bool crlf_at(struct mxa_str s, size_t i)
{
	return i + 1 < s.len && s.p[i] == '\r' && s.p[i + 1] == '\n';
}

/* Each sequence of WSP becomes one SP; none stays at the end. */
static struct mxa_str reduce(struct mxa_arena *a, struct mxa_str line)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, NO_CEILING);
	for (size_t i = 0; i < line.len; i++) {
		if (!mxa_is_wsp(line.p[i]))
			mxa_buf_addc(&b, line.p[i]);
		else if (i == 0 || !mxa_is_wsp(line.p[i - 1]))
			mxa_buf_addc(&b, ' ');
	}
	while (b.len > 0 && b.p[b.len - 1] == ' ')
		mxa_buf_cut(&b, b.len - 1);
	return mxa_buf_str(&b);
}

struct mxa_str ref_canon_header(
    struct mxa_arena *a, bool relaxed, struct mxa_str field)
{
	size_t colon = mxa_str_chr(field, ':', 0);
	struct mxa_str name = mxa_str_sub(field, 0, colon);
	struct mxa_str value = mxa_str_sub(field, colon + 1, field.len);
	struct mxa_buf unfolded, out;

	if (!relaxed)
		return field;
	mxa_buf_init(&unfolded, a, NO_CEILING);
	for (size_t i = 0; i < value.len; i++) {
		if (crlf_at(value, i))
			i++;
		else
			mxa_buf_addc(&unfolded, value.p[i]);
	}
	value = reduce(a, mxa_buf_str(&unfolded));
	if (value.len > 0 && value.p[0] == ' ')
		value = mxa_str_sub(value, 1, value.len);
	mxa_buf_init(&out, a, NO_CEILING);
	mxa_buf_addstr(&out, reduce(a, mxa_str_lower(a, name)));
	mxa_buf_addc(&out, ':');
	mxa_buf_addstr(&out, value);
	return mxa_buf_str(&out);
}

struct mxa_str ref_canon_body(
    struct mxa_arena *a, bool relaxed, struct mxa_str body)
{
	struct mxa_buf out;
	size_t from = 0, keep = 0;

	mxa_buf_init(&out, a, NO_CEILING);
	while (from < body.len) {
		size_t end = from;
		struct mxa_str line;

		while (end < body.len && !crlf_at(body, end))
			end++;
		line = mxa_str_sub(body, from, end);
		if (relaxed)
			line = reduce(a, line);
		mxa_buf_addstr(&out, line);
		mxa_buf_adds(&out, "\r\n");
		if (line.len > 0)
			keep = out.len; /* empty lines at the end go */
		from = end + 2;
	}
	mxa_buf_cut(&out, keep);
	if (keep == 0 && !relaxed)
		return MXA_STR("\r\n");
	return keep == 0 ? MXA_STR("") : mxa_buf_str(&out);
}
