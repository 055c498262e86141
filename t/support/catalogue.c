/* catalogue.c - see catalogue.h; GNU gettext manual, "The Format of GNU MO
 * Files". */
#include "t/support/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

#define HEADER 28

static void put32(FILE *f, size_t n)
{
	for (int shift = 0; shift < 32; shift += 8)
		fputc((int)(n >> shift & 255), f);
}

static int compare_english(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Length and place of each text, the first of them at 'at'. */
static size_t put_table(
    FILE *f, const char *const (*texts)[2], size_t n, int column, size_t at)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(texts[i][column]);

		put32(f, len);
		put32(f, at);
		at += len + 1;
	}
	return at;
}

static void put_catalogue(FILE *f, const char *const (*texts)[2], size_t n)
{
	size_t at = HEADER + 16 * n;

	put32(f, 0x950412de);
	put32(f, 0);
	put32(f, n);
	put32(f, HEADER);
	put32(f, HEADER + 8 * n);
	put32(f, 0);
	put32(f, 0);
	at = put_table(f, texts, n, 0, at);
	put_table(f, texts, n, 1, at);
	for (int column = 0; column < 2; column++)
		for (size_t i = 0; i < n; i++)
			fwrite(texts[i][column], 1,
			    strlen(texts[i][column]) + 1, f);
}

void use_catalogue(const char *const (*texts)[2], size_t n)
{
	char path[] = "/tmp/mxauth-catalogue.XXXXXX";
	const char *(*sorted)[2] = mxa_xmalloc(n * sizeof(*sorted));
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");

	if (f == NULL)
		abort();
	memcpy(sorted, texts, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_english);
	put_catalogue(f, (const char *const(*)[2])sorted, n);
	if (fclose(f) != 0 || !mxa_words_use(path))
		abort();
	unlink(path);
	free(sorted);
}
