/* out.c - JSON and plain text on an output. */
#include "cli/out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/utf8.h"
#include "cli/charwidth.h"

#define WIDTH_DEFAULT 78
#define WIDTH_LEAST 40
#define WIDTH_MOST 100 /* longer lines are hard to read */

/* --- the output --- */

/* Columns of the terminal. */
static size_t terminal_width(FILE *f)
{
	struct winsize size = { 0 };

	if (ioctl(fileno(f), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	if (size.ws_col < WIDTH_LEAST)
		return WIDTH_LEAST;
	/* some terminals break the line as soon as its last column is taken */
	return size.ws_col > WIDTH_MOST ? WIDTH_MOST : size.ws_col - 1u;
}

static bool colour_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == '\0') && term != NULL &&
	    term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void out_init(struct out *o, FILE *f)
{
	*o = (struct out){ .f = f, .width = WIDTH_DEFAULT };
	o->terminal = fileno(f) >= 0 && isatty(fileno(f));
	if (!o->terminal)
		return;
	o->width = terminal_width(f);
	o->colour = colour_wanted();
}

/* --- JSON --- */

static void drain_json(void *ctx, struct mxa_str text)
{
	struct out *o = ctx;

	fwrite(text.p, 1, text.len, o->f);
}

struct mxa_json *out_json(struct out *o, unsigned lines)
{
	o->arena = mxa_arena_new();
	mxa_buf_init(&o->buf, o->arena, SIZE_MAX / 4);
	mxa_json_init(&o->json, &o->buf);
	o->json.lines = lines;
	o->json.drain = drain_json;
	o->json.ctx = o;
	return &o->json;
}

void out_json_end(struct out *o)
{
	if (o->json.comma) /* something was written */
		mxa_buf_addc(&o->buf, '\n');
	drain_json(o, mxa_buf_str(&o->buf));
	mxa_arena_free(o->arena);
	o->arena = NULL;
}

/* --- text as it is --- */

bool out_may_print(struct mxa_str s, size_t at, size_t *len)
{
	uint32_t c;

	*len = mxa_utf8_get(s, at, &c);
	if (*len == 0) {
		*len = 1;
		return false;
	}
	if (c < 0xa0)
		return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t';
	return c != 0x061c && c != 0x200e && c != 0x200f &&
	    (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069);
}

void out_str(struct out *o, struct mxa_str s)
{
	size_t from = 0, len;

	for (size_t at = 0; at < s.len; at += len) {
		if (out_may_print(s, at, &len))
			continue;
		fwrite(s.p + from, 1, at - from, o->f);
		fputc('?', o->f);
		from = at + len;
	}
	if (s.len > from)
		fwrite(s.p + from, 1, s.len - from, o->f);
}

void out_text(struct out *o, const char *text)
{
	out_str(o, mxa_str_from(text));
}

/* The formatted text, to be freed; "" when it cannot be formatted. */
static char *format_text(const char *fmt, va_list ap) MXA_PRINTF(1, 0);

static char *format_text(const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return mxa_xstrndup("", 0);
	return text;
}

void out_vprintf(struct out *o, const char *fmt, va_list ap)
{
	char *text = format_text(fmt, ap);

	out_text(o, text);
	free(text);
}

void out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vprintf(o, fmt, ap);
	va_end(ap);
}

void out_indent(struct out *o, size_t columns)
{
	fprintf(o->f, "%*s", (int)columns, "");
}

void out_line(struct out *o, size_t indent, struct mxa_str s)
{
	out_indent(o, indent);
	out_str(o, s);
	fputc('\n', o->f);
}

void out_style(struct out *o, enum out_style style, const char *text)
{
	static const char *const codes[] = {
		[OUT_HEADING] = "\033[1m",
		[OUT_NOTE] = "\033[36m",
		[OUT_WARNING] = "\033[33m",
		[OUT_ERROR] = "\033[1;31m",
		[OUT_GOOD] = "\033[32m",
	};

	fputs(o->colour ? codes[style] : "", o->f);
	out_text(o, text);
	fputs(o->colour ? "\033[0m" : "", o->f);
}

/* --- wrapped text --- */

size_t out_columns(struct mxa_str s)
{
	size_t columns = 0, len;
	uint32_t c;

	for (size_t at = 0; at < s.len; at += len) {
		len = mxa_utf8_get(s, at, &c);
		columns += len ? char_width(c) : 1;
		len = len ? len : 1;
	}
	return columns;
}

/* A line may break between the characters 'before' and 'after' of one word: one
 * of them is Chinese or Japanese, and kinsoku does not forbid it. */
static bool breaks_between(uint32_t before, uint32_t after)
{
	if (char_width(after) == 0 || char_never_first(after) ||
	    char_never_last(before))
		return false;
	return char_is_ideographic(before) || char_is_ideographic(after);
}

/* End of the piece that begins at 'at' and must stand on one line. */
static size_t piece_end(struct mxa_str s, size_t at)
{
	uint32_t before = 0, c;
	size_t from = at;

	while (at < s.len && !mxa_is_wsp(s.p[at]) && s.p[at] != '\n') {
		size_t len = mxa_utf8_get(s, at, &c);

		if (len == 0)
			c = '?';
		if (at > from && breaks_between(before, c))
			break;
		/* a mark that is set over a letter leaves that as it is */
		if (char_width(c) > 0)
			before = c;
		at += len ? len : 1;
	}
	return at;
}

struct wrap {
	struct out *o;
	size_t indent; /* of this line */
	size_t rest;   /* of the following lines */
	size_t column; /* where the line stands */
	bool begun;    /* the line has a piece */
	bool space;    /* there was one before the piece */
};

static void wrap_new_line(struct wrap *w)
{
	fputc('\n', w->o->f);
	w->column = w->indent = w->rest;
	w->begun = w->space = false;
}

static void wrap_piece(struct wrap *w, struct mxa_str piece)
{
	size_t columns = out_columns(piece);

	if (w->begun && w->column + w->space + columns > w->o->width)
		wrap_new_line(w);
	if (!w->begun) {
		out_indent(w->o, w->indent);
	} else if (w->space) {
		fputc(' ', w->o->f);
		w->column++;
	}
	out_str(w->o, piece);
	w->column += columns;
	w->begun = true;
	w->space = false;
}

static void wrap_text(struct wrap *w, struct mxa_str text)
{
	size_t end;

	for (size_t at = 0; at < text.len; at = end) {
		end = at + 1;
		if (text.p[at] == '\n') {
			wrap_new_line(w);
		} else if (mxa_is_wsp(text.p[at])) {
			w->space = true;
		} else {
			end = piece_end(text, at);
			wrap_piece(w, mxa_str_sub(text, at, end));
		}
	}
	fputc('\n', w->o->f);
}

void out_paragraph(
    struct out *o, size_t first, size_t rest, struct mxa_str text)
{
	struct wrap w = {
		.o = o, .indent = first, .rest = rest, .column = first
	};

	text = mxa_str_trim(text);
	if (text.len > 0)
		wrap_text(&w, text);
}

void out_item(struct out *o, size_t indent, size_t column, struct mxa_str label,
    struct mxa_str text)
{
	struct wrap w = { .o = o, .rest = column };

	out_indent(o, indent);
	out_str(o, label);
	w.column = indent + out_columns(label);
	do
		fputc(' ', o->f);
	while (++w.column < column);
	wrap_text(&w, mxa_str_trim(text));
}

void out_paragraphf(
    struct out *o, size_t first, size_t rest, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_text(fmt, ap);
	va_end(ap);
	out_paragraph(o, first, rest, mxa_str_from(text));
	free(text);
}

void out_answer(struct out *o, struct mxa_str text)
{
	if (o->terminal)
		out_paragraph(o, 0, 0, text);
	else
		out_line(o, 0, text);
}
