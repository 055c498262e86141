/* json.h - JSON text (RFC 8259), written as it comes: no tree of objects is
 * built, so that the size of a document costs no memory.
 *
 * Everything that goes out is valid UTF-8 without control characters.  Keys are
 * words of ours and go out as they are; 'key' is NULL inside arrays. */
#ifndef MXA_BASE_JSON_H
#define MXA_BASE_JSON_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct mxa_json {
	struct mxa_buf *b;
	unsigned depth; /* containers that are open */
	/* Members of containers up to this depth stand on lines of their own,
	 * indented; what is deeper stands on one line.  0: the whole document
	 * on one line; MXA_JSON_LINES: nothing on one line. */
	unsigned lines;
	bool comma; /* the next element needs one before it */
	/* Takes what was written whenever it grows beyond a few kilobytes, and
	 * the buffer starts again.  NULL: all of it stays in the buffer. */
	void (*drain)(void *ctx, struct mxa_str text);
	void *ctx;
};

#define MXA_JSON_LINES UINT_MAX

/* On one line, into 'b'. */
void mxa_json_init(struct mxa_json *j, struct mxa_buf *b);

/* 'bracket' is '{' or '[', and '}' or ']'. */
void mxa_json_open(struct mxa_json *j, const char *key, char bracket);
void mxa_json_close(struct mxa_json *j, char bracket);

/* Bytes that are not UTF-8 become U+FFFD.  An absent text is "". */
void mxa_json_str(struct mxa_json *j, const char *key, struct mxa_str s);

/* The same, of at most 'most' bytes (escapes not counted): what is longer is
 * cut and ends in "...".  A character is not cut in two. */
void mxa_json_cut(
    struct mxa_json *j, const char *key, struct mxa_str s, size_t most);

/* The text, or null where it is empty. */
void mxa_json_str_or_null(
    struct mxa_json *j, const char *key, struct mxa_str s);

/* A C string, escaped as well; NULL is null. */
void mxa_json_text(struct mxa_json *j, const char *key, const char *text);

/* A word of ours, which needs no escape. */
void mxa_json_word(struct mxa_json *j, const char *key, const char *word);

void mxa_json_int(struct mxa_json *j, const char *key, int64_t v);
void mxa_json_bool(struct mxa_json *j, const char *key, bool v);
void mxa_json_null(struct mxa_json *j, const char *key);

/* An array of texts. */
void mxa_json_list(
    struct mxa_json *j, const char *key, const struct mxa_str *v, size_t n);

/* For elements that must fit wholly or not at all, without 'drain': remember
 * the place before one, and go back to it when the buffer holds more than
 * 'limit' bytes after it.  True: the element was taken back. */
struct mxa_json_mark {
	size_t len;
	bool comma;
};
struct mxa_json_mark mxa_json_mark(const struct mxa_json *j);
bool mxa_json_undo(struct mxa_json *j, struct mxa_json_mark mark, size_t limit);

#endif
