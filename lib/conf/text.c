/* text.c - files to text. */
#include "conf/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

/* Lines from 'line' on (until the next span) are those of 'file' from
 * 'file_line' on. */
struct mxa_conf_text_span {
	size_t line;
	const char *file;
	size_t file_line;
	unsigned depth; /* of includes */
};

/* --- places --- */

static size_t find_span(const struct mxa_conf_text *s, size_t line)
{
	size_t low = 0, high = s->n_spans;

	while (high - low > 1) {
		size_t mid = (low + high) / 2;

		if (s->span[mid].line <= line)
			low = mid;
		else
			high = mid;
	}
	return low;
}

const char *mxa_conf_text_file(
    const struct mxa_conf_text *s, size_t line, size_t *file_line)
{
	const struct mxa_conf_text_span *span;

	*file_line = line;
	if (s->n_spans == 0)
		return s->name;
	span = &s->span[find_span(s, line)];
	*file_line = span->file_line + (line - span->line);
	return span->file;
}

size_t mxa_conf_text_end(const struct mxa_conf_text *s, size_t line)
{
	size_t i = find_span(s, line);
	unsigned depth = s->n_spans > 0 ? s->span[i].depth : 0;

	for (; i < s->n_spans; i++)
		if (s->span[i].depth < depth)
			return s->span[i].line - 1;
	return s->lines;
}

struct mxa_str mxa_conf_text_where(
    const struct mxa_conf_text *s, struct mxa_arena *a, size_t line)
{
	size_t n;
	const char *file = mxa_conf_text_file(s, line, &n);
	const char *slash = strrchr(file, '/');

	return mxa_str_from(
	    mxa_arena_printf(a, "%s:%zu", slash != NULL ? slash + 1 : file, n));
}

static void complain_at(struct mxa_conf_text *s, bool warning, size_t line,
    const char *fmt, va_list ap) MXA_PRINTF(4, 0);

static void complain_at(struct mxa_conf_text *s, bool warning, size_t line,
    const char *fmt, va_list ap)
{
	const char *what = mxa_arena_vprintf(s->arena, fmt, ap);
	const char *where = s->name;
	size_t n;

	if (line > 0) {
		where = mxa_conf_text_file(s, line, &n);
		where = mxa_arena_printf(s->arena, "%s:%zu", where, n);
	}
	mxa_mistakes_add(s->mistakes, warning, s->rank, line, where, what);
}

void mxa_conf_text_error(
    struct mxa_conf_text *s, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_at(s, false, line, fmt, ap);
	va_end(ap);
}

void mxa_conf_text_warning(
    struct mxa_conf_text *s, size_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_at(s, true, line, fmt, ap);
	va_end(ap);
}

/* --- reading --- */

static void close_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

/* Whole file; false with errno.  The ceiling is for /dev/zero and the like. */
static bool read_whole(
    struct mxa_arena *a, const char *path, struct mxa_str *out)
{
	MXA_CLEANUP(close_file) FILE *f = fopen(path, "rbe");
	struct stat st;
	struct mxa_buf b;
	char chunk[16384];
	size_t got;

	if (f == NULL)
		return false;
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return false;
	}
	mxa_buf_init(&b, a, MXA_MAX_CONF_TEXT);
	errno = 0;
	while (!b.full && (got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, got);
	if (ferror(f)) {
		errno = errno ? errno : EIO;
		return false;
	}
	if (b.full) {
		errno = EFBIG;
		return false;
	}
	*out = mxa_buf_str(&b);
	return true;
}

/* --- includes --- */

enum state { PLAIN, STRING, ESCAPED, LINE_COMMENT, BLOCK_COMMENT };

struct reader {
	struct mxa_conf_text *s;
	const char *path;
	struct mxa_str text;
	size_t pos;
	size_t line; /* of the file */
	enum state state;
	size_t opened; /* line of the text where a string or comment began */
	unsigned depth;
};

static bool expand_file(struct mxa_conf_text *s, const char *path,
    struct mxa_str text, unsigned depth);

/* From now on the text's lines are 'file' from 'line' on. */
static void begin_span(
    struct mxa_conf_text *s, const char *file, size_t line, unsigned depth)
{
	s->span = mxa_arena_room(
	    s->arena, s->span, s->n_spans, &s->cap_spans, sizeof(*s->span));
	s->span[s->n_spans++] =
	    (struct mxa_conf_text_span){ s->lines, file, line, depth };
}

static void put_byte(struct reader *r, char c)
{
	mxa_buf_addc(&r->s->text, c);
	if (c == '\n') {
		r->s->lines++;
		r->line++;
	}
}

static bool looking_at(const struct reader *r, const char *word)
{
	size_t len = strlen(word);

	return r->text.len - r->pos >= len &&
	    memcmp(r->text.p + r->pos, word, len) == 0;
}

/* "dir/of/includer" + "/" + name, unless name is absolute. */
static const char *include_path(const struct reader *r, struct mxa_str name)
{
	const char *slash = strrchr(r->path, '/');
	struct mxa_arena *a = r->s->arena;

	if (name.p[0] == '/' || slash == NULL)
		return mxa_arena_strdup(a, name.p, name.len);
	return mxa_arena_printf(
	    a, "%.*s/%.*s", (int)(slash - r->path), r->path, MXA_STR_ARG(name));
}

static const char *errno_text(struct mxa_arena *a, int error)
{
	char text[128];

	return mxa_arena_printf(a, "%s", strerror_r(error, text, sizeof(text)));
}

static bool include_file(struct reader *r, struct mxa_str name)
{
	struct mxa_conf_text *s = r->s;
	const char *path = include_path(r, name);
	struct mxa_str text;

	if (!s->includes) {
		mxa_conf_text_error(
		    s, s->lines, "@include is not allowed here");
		return false;
	}
	if (r->depth == MXA_MAX_CONF_NESTED ||
	    s->included++ == MXA_MAX_CONF_INCLUDES) {
		mxa_conf_text_error(s, s->lines,
		    "too many files are included: does %s include itself?",
		    path);
		return false;
	}
	if (!read_whole(s->arena, path, &text)) {
		mxa_conf_text_error(s, s->lines, "cannot include %s: %s", path,
		    errno_text(s->arena, errno));
		return false;
	}
	if (!expand_file(s, path, text, r->depth + 1))
		return false;
	/* the file's last line ended with a newline of ours, so that the rest
	 * of the directive's line is a line of its own */
	begin_span(s, r->path, r->line, r->depth);
	return true;
}

/* At "@include" in the beginning of a line.  The rest of the line stays. */
static bool include_directive(struct reader *r)
{
	size_t from, to;

	r->pos += strlen("@include");
	while (r->pos < r->text.len && mxa_is_wsp(r->text.p[r->pos]))
		r->pos++;
	from = r->pos + 1;
	to = mxa_str_chr(r->text, '"', from);
	if (r->pos >= r->text.len || r->text.p[r->pos] != '"' ||
	    to == r->text.len || to == from ||
	    mxa_str_chr(r->text, '\n', from) < to) {
		mxa_conf_text_error(r->s, r->s->lines,
		    "expected a file name in quotes behind @include");
		return false;
	}
	r->pos = to + 1;
	return include_file(r, mxa_str_sub(r->text, from, to));
}

/* Where a comment or string begins and ends; the byte at pos is taken. */
static void change_state(struct reader *r)
{
	char c = r->text.p[r->pos];

	switch (r->state) {
	case PLAIN:
		if (c == '"')
			r->state = STRING;
		else if (c == '#' || looking_at(r, "//"))
			r->state = LINE_COMMENT;
		else if (looking_at(r, "/*"))
			r->state = BLOCK_COMMENT;
		if (r->state != PLAIN)
			r->opened = r->s->lines;
		if (r->state == BLOCK_COMMENT)
			put_byte(r, r->text.p[r->pos++]);
		break;
	case STRING:
		if (c == '"')
			r->state = PLAIN;
		else if (c == '\\')
			r->state = ESCAPED;
		break;
	case ESCAPED:
		r->state = STRING;
		break;
	case LINE_COMMENT:
		if (c == '\n')
			r->state = PLAIN;
		break;
	case BLOCK_COMMENT:
		if (looking_at(r, "*/")) {
			r->state = PLAIN;
			put_byte(r, r->text.p[r->pos++]);
		}
		break;
	}
	put_byte(r, r->text.p[r->pos++]);
}

/* A string that runs over its line nearly always lacks its quote: saying so
 * there is the right line, the next quote in the file is not. */
static void open_string(struct reader *r)
{
	mxa_conf_text_error(r->s, r->opened,
	    "expected '\"': the text in quotes does not end on its line");
}

static bool check_byte(struct reader *r)
{
	char c = r->text.p[r->pos];

	if (c == '\0') {
		mxa_conf_text_error(
		    r->s, r->s->lines, "a NUL byte in the text");
		return false;
	}
	if ((r->state == STRING || r->state == ESCAPED) && c == '\n') {
		open_string(r);
		return false;
	}
	return !r->s->text.full;
}

static bool check_end(struct reader *r)
{
	if (r->state == STRING || r->state == ESCAPED)
		open_string(r);
	if (r->state == BLOCK_COMMENT)
		mxa_conf_text_error(r->s, r->opened,
		    "expected '*/': the comment that begins here does not end");
	return r->state == PLAIN || r->state == LINE_COMMENT;
}

static bool expand_file(struct mxa_conf_text *s, const char *path,
    struct mxa_str text, unsigned depth)
{
	struct reader r = {
		.s = s, .path = path, .text = text, .line = 1, .depth = depth
	};
	bool bol = true; /* nothing but blanks so far on this line */

	begin_span(s, path, 1, depth);
	if (looking_at(&r, "\xef\xbb\xbf"))
		r.pos = 3;
	while (r.pos < text.len) {
		char c = text.p[r.pos];

		if (r.state == PLAIN && bol && looking_at(&r, "@include")) {
			if (!include_directive(&r))
				return false;
			bol = false;
			continue;
		}
		if (!check_byte(&r))
			return false;
		bol = c == '\n' || (bol && mxa_is_wsp(c));
		if (c == '\r' && looking_at(&r, "\r\n"))
			r.pos++;
		else
			change_state(&r);
	}
	/* the includer's line must not go on in ours */
	put_byte(&r, '\n');
	return check_end(&r);
}

static void start_text(struct mxa_conf_text *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *name)
{
	*s = (struct mxa_conf_text){ .arena = a,
		.mistakes = m,
		.rank = rank,
		.name = mxa_arena_strdup(a, name, strlen(name)),
		.lines = 1 };
	mxa_buf_init(&s->text, a, MXA_MAX_CONF_TEXT + 1);
}

static bool finish_text(struct mxa_conf_text *s, struct mxa_str text)
{
	bool ok = expand_file(s, s->name, text, 0);

	if (s->text.full)
		mxa_conf_text_error(s, 0,
		    "more than %zu bytes with its includes", MXA_MAX_CONF_TEXT);
	return ok && !s->text.full;
}

bool mxa_conf_text_read(struct mxa_conf_text *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *path)
{
	struct mxa_str text;
	bool ok;

	start_text(s, a, m, rank, path);
	s->includes = true;
	if (!read_whole(a, path, &text))
		return false;
	ok = finish_text(s, text);
	errno = 0;
	return ok;
}

bool mxa_conf_text_parse(struct mxa_conf_text *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *name,
    struct mxa_str text)
{
	start_text(s, a, m, rank, name);
	return finish_text(s, text);
}
