/* input.c - what kind of bytes somebody has given us. */
#include "bounce/collect.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/utf8.h"
#include "bounce/find.h"

void mxa_add_character(struct mxa_buf *b, uint32_t c)
{
	char utf8[4];

	mxa_buf_add(b, utf8, mxa_utf8_put(utf8, c < 0x20 ? '?' : c));
}

/* CRLF, CR CR LF and CR as LF. */
static struct mxa_str with_lf(struct mxa_arena *a, struct mxa_str s)
{
	char *p;
	size_t n = 0;

	if (mxa_str_chr(s, '\r', 0) == s.len)
		return s;
	p = mxa_arena_alloc(a, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		size_t end = i;

		while (end < s.len && s.p[end] == '\r')
			end++;
		if (end > i && end < s.len && s.p[end] == '\n')
			i = end;
		p[n++] = s.p[i] == '\r' ? '\n' : s.p[i];
	}
	return mxa_str_make(p, n);
}

/* Text that an editor saved as UTF-16, as UTF-8; others as they are. */
static struct mxa_str from_utf16(struct mxa_arena *a, struct mxa_str s)
{
	bool little = mxa_str_starts(s, MXA_STR("\xff\xfe"));
	struct mxa_buf b;

	if (!little && !mxa_str_starts(s, MXA_STR("\xfe\xff")))
		return s;
	mxa_buf_init(&b, a, s.len * 2 + 4);
	for (size_t i = 2; i + 1 < s.len; i += 2) {
		uint32_t lo = (unsigned char)s.p[i + !little];
		uint32_t hi = (unsigned char)s.p[i + little];
		uint32_t c = hi << 8 | lo;

		if (c == '\r' || c == '\n' || c == '\t')
			mxa_buf_addc(&b, (char)c);
		else
			mxa_add_character(&b, c);
	}
	return mxa_buf_str(&b);
}

struct mxa_str mxa_input_text(struct mxa_arena *a, struct mxa_str bytes)
{
	struct mxa_str s =
	    from_utf16(a, mxa_str_sub(bytes, 0, MXA_BOUNCE_MAX_INPUT));

	if (mxa_str_starts(s, MXA_STR("\xef\xbb\xbf")))
		s = mxa_str_sub(s, 3, s.len);
	s = with_lf(a, s);
	while (s.len > 0 && mxa_is_space(s.p[0]) && s.p[0] != ' ')
		s = mxa_str_sub(s, 1, s.len);
	return s;
}

/* "Name:" at the start of a line that may be a header field. */
static struct mxa_str field_name(struct mxa_str line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] > ' ' && line.p[n] < 0x7f &&
	    line.p[n] != ':')
		n++;
	if (n == 0 || n == line.len || line.p[n] != ':')
		return MXA_STR("");
	return mxa_str_sub(line, 0, n);
}

bool mxa_input_is_mail(struct mxa_str s)
{
	static const char *const names[] = { "Received", "Return-Path", "From",
		"To", "Subject", "Date", "Message-ID", "MIME-Version",
		"Content-Type", "Delivered-To", "X-Original-To",
		"Auto-Submitted", "DKIM-Signature", "Authentication-Results",
		"Received-SPF", "ARC-Seal", "X-Failed-Recipients" };
	struct mxa_str line, name;
	size_t at = 0, known = 0;
	bool type = false;

	while (mxa_next_line(s, &at, &line) && line.len > 0) {
		name = field_name(line);
		for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
			if (mxa_str_caseis(name, names[i]))
				known++;
		type = type || mxa_str_caseis(name, "Content-Type");
		if (mxa_str_caseis(name, "Reporting-MTA") ||
		    mxa_str_caseis(name, "Final-Recipient"))
			return false;
		if (name.len == 0 && !mxa_is_wsp(line.p[0]) &&
		    !mxa_str_starts(line, MXA_STR("From ")) &&
		    !mxa_str_starts(line, MXA_STR(">From ")))
			break;
	}
	return known >= 2 || type;
}

struct mxa_str mxa_input_part(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str line = MXA_STR(""), next = MXA_STR("");
	size_t at = 0;

	s = mxa_str_trim(s);
	if (!mxa_str_starts(s, MXA_STR("--")) ||
	    !mxa_next_line(s, &at, &line) || !mxa_next_line(s, &at, &next) ||
	    !mxa_str_casestarts(field_name(next), MXA_STR("Content-")) ||
	    line.len > 200)
		return MXA_STR_NONE;
	line = mxa_str_trim(mxa_str_sub(line, 2, line.len));
	if (mxa_str_chr(line, '"', 0) < line.len)
		return MXA_STR_NONE;
	return mxa_str_from(mxa_arena_printf(a,
	    "Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n%.*s",
	    MXA_STR_ARG(line), MXA_STR_ARG(s)));
}
