/* json.h - JSON text, written straight into a buffer: the journal writes a line
 * for every message and can do without a tree of objects. */
#ifndef MXA_HISTORY_JSON_H
#define MXA_HISTORY_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct mxa_json {
	struct mxa_buf *b;
	bool comma; /* the next element needs one before it */
};

void mxa_json_init(struct mxa_json *j, struct mxa_buf *b);

/* 'key' is one of our own words and goes out as it is; NULL inside arrays. */
void mxa_json_open(struct mxa_json *j, const char *key, char bracket);
void mxa_json_close(struct mxa_json *j, char bracket);

/* Escaped; bytes that are no UTF-8 become U+FFFD, and what goes beyond 'most'
 * bytes is left out behind "...". */
void mxa_json_str(
    struct mxa_json *j, const char *key, struct mxa_str s, size_t most);

/* One of our own words. */
void mxa_json_word(struct mxa_json *j, const char *key, const char *word);

void mxa_json_int(struct mxa_json *j, const char *key, int64_t v);
void mxa_json_true(struct mxa_json *j, const char *key);

/* For elements that must fit wholly or not at all: remember the place before
 * one, and go back to it when the buffer has more than 'limit' bytes behind it.
 * True: it was taken back. */
struct mxa_json_mark {
	size_t len;
	bool comma;
};
struct mxa_json_mark mxa_json_mark(const struct mxa_json *j);
bool mxa_json_undo(struct mxa_json *j, struct mxa_json_mark mark, size_t limit);

#endif
