/* json_read.h - JSON text (RFC 8259) read from front to back: no tree of
 * objects is built, and what nobody asks for is only skipped.
 *
 * The reader works in the caller's bytes: texts are decoded where they stand
 * and end in a NUL, so the bytes are changed.
 *
 *	struct mxa_json_reader r;
 *	struct mxa_str key;
 *
 *	mxa_json_reader_init(&r, bytes, len);
 *	if (mxa_json_enter(&r, '{'))
 *		while (mxa_json_member(&r, &key))
 *			if (mxa_str_is(key, "id"))
 *				id = mxa_json_take_str(&r);
 *			else
 *				mxa_json_skip(&r);
 *	if (!mxa_json_finish(&r))
 *		it was not JSON
 *
 * After mxa_json_member() or mxa_json_item() has returned true, exactly one
 * value is to be taken, entered or skipped.  A value of another type than the
 * one that is taken is skipped, and the caller gets nothing. */
#ifndef MXA_BASE_JSON_READ_H
#define MXA_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_json_reader {
	char *at, *end;
	bool first; /* nothing was read in this container */
	bool bad;   /* not JSON; every later call returns nothing */
};

void mxa_json_reader_init(struct mxa_json_reader *r, char *text, size_t len);

/* The first byte of the next value tells its kind: '{', '[', '"', 't', 'f',
 * 'n', '-' or a digit; NUL at the end. */
char mxa_json_peek(struct mxa_json_reader *r);

/* Go into an object '{' or array '['; false: it is something else, which was
 * skipped. */
bool mxa_json_enter(struct mxa_json_reader *r, char bracket);

/* The next member of the object that was entered; false: the object has ended,
 * and reading goes on after it. */
bool mxa_json_member(struct mxa_json_reader *r, struct mxa_str *key);

/* The same for elements of an array. */
bool mxa_json_item(struct mxa_json_reader *r);

/* Valid UTF-8; MXA_STR_NONE: not a text. */
struct mxa_str mxa_json_take_str(struct mxa_json_reader *r);

/* False: not an integer of 64 bits. */
bool mxa_json_take_int(struct mxa_json_reader *r, int64_t *out);

/* Whether it is true. */
bool mxa_json_take_true(struct mxa_json_reader *r);

/* Pass over a value without looking at more of it than its end: of texts and
 * containers only quotes and brackets are looked at. */
void mxa_json_skip(struct mxa_json_reader *r);

/* The text was JSON as far as it was read, and nothing follows. */
bool mxa_json_finish(struct mxa_json_reader *r);

#endif
