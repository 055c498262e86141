/* i18n.c - translated words from a .mo file (GNU gettext manual, "The Format of
 * GNU MO Files"): a header of 32-bit numbers, two tables of (length, offset),
 * the English one sorted by strcmp. */
#include "base/i18n.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define MAGIC 0x950412deU
#define MAGIC_SWAPPED 0xde120495U
#define HEADER_BYTES 20
#define MAX_FILE ((size_t)16 << 20)

struct catalogue {
	unsigned char *bytes; /* the file, and a NUL after it */
	size_t size;
	bool swapped; /* numbers in the other byte order */
	uint32_t count, english, translated; /* strings, offsets of tables */
	bool one_form;			     /* of plurals */
};

/* Set once, before the first thread.  .bytes NULL: English. */
static struct catalogue words;

static uint32_t number_at(const struct catalogue *c, size_t at)
{
	uint32_t n;

	memcpy(&n, c->bytes + at, sizeof(n));
	return c->swapped ? __builtin_bswap32(n) : n;
}

/* String 'i' of the table at 'table', and its length. */
static const char *string_at(
    const struct catalogue *c, uint32_t table, uint32_t i, size_t *len)
{
	size_t at = table + (size_t)i * 8;

	*len = number_at(c, at);
	return (const char *)c->bytes + number_at(c, at + 4);
}

/* --- opening --- */

static bool table_fits(const struct catalogue *c, uint32_t table)
{
	uint64_t end = table + (uint64_t)c->count * 8;

	if (end > c->size)
		return false;
	for (uint32_t i = 0; i < c->count; i++) {
		size_t at = table + (size_t)i * 8;
		uint64_t len = number_at(c, at), off = number_at(c, at + 4);

		if (off + len >= c->size || c->bytes[off + len] != '\0')
			return false;
	}
	return true;
}

/* The rule of plurals, from the header, which is the translation of "". */
static bool read_plural_rule(struct catalogue *c)
{
	size_t len;
	const char *header, *rule;

	if (c->count == 0 || *string_at(c, c->english, 0, &len) != '\0')
		return true; /* no header: as in English */
	header = string_at(c, c->translated, 0, &len);
	rule = strstr(header, "nplurals=");
	c->one_form = rule != NULL && strncmp(rule + 9, "1;", 2) == 0;
	return rule == NULL || c->one_form || strncmp(rule + 9, "2;", 2) == 0;
}

static bool understand_catalogue(struct catalogue *c)
{
	uint32_t magic;

	if (c->size < HEADER_BYTES)
		return false;
	memcpy(&magic, c->bytes, sizeof(magic));
	c->swapped = magic == MAGIC_SWAPPED;
	/* the upper half of the second number is the major revision */
	if ((!c->swapped && magic != MAGIC) || number_at(c, 4) >> 16 > 1)
		return false;
	c->count = number_at(c, 8);
	c->english = number_at(c, 12);
	c->translated = number_at(c, 16);
	return table_fits(c, c->english) && table_fits(c, c->translated) &&
	    read_plural_rule(c);
}

static bool read_catalogue(const char *path, struct catalogue *c)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return false;
	c->bytes = mxa_xmalloc(MAX_FILE + 1);
	c->size = fread(c->bytes, 1, MAX_FILE + 1, f);
	fclose(f);
	if (c->size > MAX_FILE)
		return false;
	c->bytes = mxa_xrealloc(c->bytes, c->size + 1);
	c->bytes[c->size] = '\0';
	return true;
}

bool mxa_words_use(const char *file)
{
	struct catalogue c = { .bytes = NULL };

	if (file != NULL &&
	    (!read_catalogue(file, &c) || !understand_catalogue(&c))) {
		free(c.bytes);
		return false;
	}
	free(words.bytes);
	words = c;
	return true;
}

/* --- asking --- */

/* The translation of 'english' with all its forms; NULL: none. */
static const char *find_translation(const char *english, size_t *len)
{
	uint32_t low = 0, high = words.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(
		    english, string_at(&words, words.english, middle, len));

		if (order == 0)
			return string_at(&words, words.translated, middle, len);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* An empty translation is one that is still missing; "" has the header. */
const char *mxa_words_text(const char *english)
{
	size_t len;
	const char *found;

	if (words.bytes == NULL || english[0] == '\0')
		return english;
	found = find_translation(english, &len);
	return found != NULL && len > 0 ? found : english;
}

const char *mxa_words_english(size_t i)
{
	size_t len;

	if (words.bytes == NULL || i >= words.count)
		return NULL;
	return string_at(&words, words.english, (uint32_t)i, &len);
}

const char *mxa_words_plural(const char *one, const char *many, unsigned long n)
{
	const char *english = n == 1 ? one : many;
	size_t len, first;
	const char *found;

	if (words.bytes == NULL)
		return english;
	found = find_translation(one, &len);
	if (found == NULL || len == 0)
		return english;
	first = strlen(found);
	if (words.one_form || n == 1 || first >= len)
		return found;
	return found + first + 1;
}
