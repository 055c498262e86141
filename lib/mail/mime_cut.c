/* mime_cut.c - one pass over the lines of a mail.
 *
 * What is a header section is known as a MIME parser knows it (RFC 2046 section
 * 5.1): the beginning, what follows a line with a boundary that was declared
 * before, and what follows the header of a message/rfc822 part.  In doubt a
 * line counts. */
#include "mail/mime_cut.h"

#include <stdbool.h>

/* Delimiters of further boundaries are taken for delimiters, too. */
#define MAX_BOUNDARIES MXA_MIME_MAX_DEPTH
#define BOUNDARY_BYTES 80 /* RFC 2046: 70 */

struct scan {
	struct mxa_str boundary[MAX_BOUNDARIES];
	size_t boundaries; /* declared; more than are kept, perhaps */
	size_t parts, fields;
	size_t field_bytes; /* of the field that goes on */
	bool header;	    /* in a header section */
	bool message;	    /* it says that a message follows */
};

/* boundary="..." or boundary=... of a header line; absent: there is none. */
static struct mxa_str declared_boundary(struct mxa_str line)
{
	static const char key[] = "boundary";
	size_t at =
	    mxa_str_casefind(line, MXA_STR("boundary")) + sizeof(key) - 1;
	size_t end;

	/* "boundary*0=": the first piece of it is enough (RFC 2231) */
	if (at < line.len && line.p[at] == '*')
		at = mxa_str_chr(line, '=', at);
	while (at < line.len && (mxa_is_wsp(line.p[at]) || line.p[at] == '='))
		at++;
	if (at >= line.len)
		return MXA_STR_NONE;
	if (line.p[at] == '"')
		return mxa_str_sub(
		    line, at + 1, mxa_str_chr(line, '"', at + 1));
	end = at;
	while (
	    end < line.len && line.p[end] != ';' && !mxa_is_space(line.p[end]))
		end++;
	return mxa_str_sub(line, at, end);
}

static void read_field_line(struct scan *s, struct mxa_str line)
{
	struct mxa_str b = declared_boundary(line);
	struct mxa_str message = MXA_STR("message/");

	if (b.len > 0 && b.len <= BOUNDARY_BYTES) {
		s->boundary[s->boundaries % MAX_BOUNDARIES] = b;
		s->boundaries++;
	}
	if (mxa_str_casefind(line, message) < line.len)
		s->message = true;
}

static const char *next_part(struct scan *s)
{
	return ++s->parts > MXA_MIME_MAX_PARTS
	    ? "the mail has more than 6000 parts"
	    : NULL;
}

static const char *header_line(struct scan *s, struct mxa_str line)
{
	if (mxa_str_trim(line).len == 0) {
		s->header = s->message;
		s->message = false;
		return s->header ? next_part(s) : NULL;
	}
	if (!mxa_is_wsp(line.p[0])) {
		s->field_bytes = 0;
		if (++s->fields > MXA_MIME_MAX_FIELDS)
			return "the mail has more than 50000 header fields";
	}
	s->field_bytes += line.len;
	if (s->field_bytes > MXA_MIME_MAX_FIELD)
		return "the mail has a header field of more than 256 KiB";
	read_field_line(s, line);
	return NULL;
}

static bool is_delimiter(const struct scan *s, struct mxa_str line)
{
	struct mxa_str rest = mxa_str_sub(line, 2, line.len);

	if (!mxa_str_starts(line, MXA_STR("--")))
		return false;
	if (s->boundaries > MAX_BOUNDARIES)
		return true;
	for (size_t i = 0; i < s->boundaries; i++)
		if (mxa_str_starts(rest, s->boundary[i]))
			return true;
	return false;
}

static const char *read_line(struct scan *s, struct mxa_str line)
{
	if (!is_delimiter(s, line))
		return s->header ? header_line(s, line) : NULL;
	s->header = true;
	s->message = false;
	s->field_bytes = 0;
	return next_part(s);
}

const char *mxa_mime_cut(struct mxa_str *mail)
{
	struct scan s = { .header = true };
	const char *limit = NULL;
	size_t at = 0;

	while (at < mail->len) {
		size_t end = mxa_str_chr(*mail, '\n', at);

		limit = read_line(&s, mxa_str_sub(*mail, at, end));
		if (limit != NULL)
			break;
		at = end + 1;
	}
	if (limit != NULL)
		mail->len = at;
	return limit;
}
