/* out.h - what the commands write: JSON, and text for people.
 *
 * Text of strangers is safe to pass to every function here: control characters,
 * bytes that are not UTF-8 and marks that turn the direction of writing become
 * '?'.  A command writes either text or JSON, as its --json says.
 *
 *	struct out o;
 *
 *	out_init(&o, stdout);
 *	out_style(&o, OUT_ERROR, _("error"));
 *	out_printf(&o, ": %s\n", mxa_lint_code_name(f->code));
 *	out_paragraph(&o, 4, 4, f->text);
 *	out_line(&o, 8, f->fix);
 *
 *	struct mxa_json *j = out_json(&o, MXA_JSON_LINES);
 *
 *	mxa_json_open(j, NULL, '{');
 *	mxa_json_str(j, "domain", l->domain);
 *	mxa_json_close(j, '}');
 *	out_json_end(&o);
 */
#ifndef MXA_CLI_OUT_H
#define MXA_CLI_OUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"

struct mxa_arena;

struct out {
	FILE *f;
	size_t width;  /* columns of a line of a paragraph */
	bool terminal; /* 'f' is one */
	bool colour;
	struct mxa_json json; /* between out_json() and out_json_end() */
	struct mxa_buf buf;
	struct mxa_arena *arena;
};

/* A writer to 'f', which stays the caller's.  Paragraphs take the width of the
 * terminal, at most 100 columns, or 78 where there is none.  Colours are on for
 * a terminal that is not "dumb", unless NO_COLOR is set (no-color.org). */
void out_init(struct out *o, FILE *f);

/* --- JSON --- */

/* Start a document; 'lines' as in struct mxa_json.  It is written as it grows:
 * memory is bounded by a few kilobytes. */
struct mxa_json *out_json(struct out *o, unsigned lines);

/* The end of the document and of its last line; nothing when nothing was
 * written. */
void out_json_end(struct out *o);

/* --- text as it is --- */

/* The character at 'at' may be shown: not a control character (but line end and
 * tab), not a mark of the writing direction, which can make a text look like
 * another.  Its bytes in 'len'; 1 for what is not UTF-8. */
bool out_may_print(struct mxa_str s, size_t at, size_t *len);

/* Not wrapped: what follows goes on in the same line.  Line ends and tabs in
 * the text stay. */
void out_str(struct out *o, struct mxa_str s);
void out_text(struct out *o, const char *text);
void out_printf(struct out *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void out_vprintf(struct out *o, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
void out_indent(struct out *o, size_t columns);

/* A line by itself, never wrapped: a record, that people copy. */
void out_line(struct out *o, size_t indent, struct mxa_str s);

enum out_style { OUT_HEADING, OUT_NOTE, OUT_WARNING, OUT_ERROR, OUT_GOOD };

/* The text, in colour if there are colours. */
void out_style(struct out *o, enum out_style style, const char *text);

/* --- wrapped text --- */

/* A paragraph: its first line is indented by 'first' columns, the others by
 * 'rest'.  A line breaks at spaces, and between characters of Chinese and
 * Japanese, where none of the characters that must not begin or end a line
 * would do so (kinsoku).  ASCII words (names, records, addresses) are never
 * broken: one that is wider than the line stands on a line by itself.  A line
 * end in the text is kept.  An empty text is nothing. */
void out_paragraph(
    struct out *o, size_t first, size_t rest, struct mxa_str text);
void out_paragraphf(struct out *o, size_t first, size_t rest, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* "  label     text": the text is a paragraph that begins at 'column', or after
 * a longer label. */
void out_item(struct out *o, size_t indent, size_t column, struct mxa_str label,
    struct mxa_str text);

/* A sentence that is an answer: wrapped on a terminal, and one line for a
 * program that reads it. */
void out_answer(struct out *o, struct mxa_str text);

/* Columns that the text takes on a terminal. */
size_t out_columns(struct mxa_str s);

#endif
