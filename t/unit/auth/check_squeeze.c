/* check_squeeze.c - white space of relaxed bodies: every way that this
 * processor has says what the octets say one by one, at every alignment and
 * length. */
#include "auth/sig/squeeze.h"

#include <stdlib.h>
#include <string.h>

#include "t/support/testing.h"

#define MOST 400

static uint32_t seed;

static unsigned below(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Texts in which much, little and nothing changes. */
static const char *const alphabets[] = { " \t\r\n", " \t\r\nab",
	"  \r\nabcdefgh", "abcdefghijklmnopqrstuvw xyz", "abcdefg\r\n\r\n" };

static void fill(char *p, size_t len, const char *alphabet)
{
	unsigned letters = (unsigned)strlen(alphabet);

	for (size_t i = 0; i < len; i++)
		p[i] = below(40) == 0 ? (char)below(256)
				      : alphabet[below(letters)];
}

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Of a run of white space the last octet stays, as SP, but not before CRLF;
 * octet by octet, as far as two more are there. */
static size_t one_by_one(const char *p, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (!is_wsp(p[i]))
			out[n++] = p[i];
		else if (!is_wsp(p[i + 1]) &&
		    !(p[i + 1] == '\r' && p[i + 2] == '\n'))
			out[n++] = ' ';
	return n;
}

static size_t whole_blocks(size_t len)
{
	size_t left = MXA_SQUEEZE_LEAST - MXA_SQUEEZE_BLOCK;

	return len < MXA_SQUEEZE_LEAST
	    ? 0
	    : (len - left) / MXA_SQUEEZE_BLOCK * MXA_SQUEEZE_BLOCK;
}

static void squeezes(const struct mxa_squeezer *way, const char *p, size_t len)
{
	char want[MOST], *out = mxa_xmalloc(len);
	size_t used = 99, n = way->squeeze(p, len, out, &used);

	ck_assert_msg(
	    used == whole_blocks(len), "%s: %zu of %zu", way->name, used, len);
	ck_assert_msg(
	    n == one_by_one(p, used, want) && memcmp(out, want, n) == 0,
	    "%s: %zu of %zu", way->name, n, len);
	free(out);
}

static void is_clean(const struct mxa_squeezer *way, const char *p, size_t len)
{
	char same[MOST];
	size_t n = way->clean(p, len);

	ck_assert_msg(n <= whole_blocks(len) && n % MXA_SQUEEZE_BLOCK == 0,
	    "%s: %zu of %zu", way->name, n, len);
	ck_assert_msg(one_by_one(p, n, same) == n && memcmp(same, p, n) == 0,
	    "%s: %zu of %zu are not clean", way->name, n, len);
}

/* The block ends with the text, so that a sanitizer sees what is read beyond
 * it; the text begins at each place of a block. */
START_TEST(as_one_by_one)
{
	const char *alphabet = alphabets[_i];

	seed = 1;
	for (size_t len = 0; len <= MOST; len++) {
		for (size_t at = 0; at < MXA_SQUEEZE_BLOCK; at++) {
			char *block = mxa_xmalloc(at + len);
			const struct mxa_squeezer *const *way = mxa_squeezers();

			fill(block + at, len, alphabet);
			for (; *way != NULL; way++) {
				squeezes(*way, block + at, len);
				is_clean(*way, block + at, len);
			}
			free(block);
		}
	}
}
END_TEST

/* Text of one octet: whether there is much to do is seen. */
static const struct {
	const char *name;
	char c;
	size_t clean, squeezed;
} plain[] = {
	{ "letters", 'x', 320, 320 },
	{ "blanks", ' ', 0, 0 },
	{ "line ends", '\r', 320, 320 },
	{ "highest", '\377', 320, 320 },
	{ "lowest", '\0', 320, 320 },
};

START_TEST(plain_rows)
{
	char text[MOST], out[MOST];
	size_t used;

	memset(text, plain[_i].c, sizeof(text));
	for (const struct mxa_squeezer *const *way = mxa_squeezers();
	     *way != NULL; way++) {
		ck_assert_uint_eq((*way)->clean(text, MOST), plain[_i].clean);
		ck_assert_uint_eq((*way)->squeeze(text, MOST, out, &used),
		    plain[_i].squeezed);
	}
}
END_TEST

START_TEST(portable_is_last)
{
	const struct mxa_squeezer *const *way = mxa_squeezers();

	ck_assert_ptr_nonnull(*way);
	while (way[1] != NULL)
		way++;
	ck_assert_str_eq((*way)->name, "portable");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("squeeze");
	TCase *tc = tcase_create("squeeze");

	tcase_add_loop_test(tc, as_one_by_one, 0, MXA_ARRAY_LEN(alphabets));
	tcase_add_loop_test(tc, plain_rows, 0, MXA_ARRAY_LEN(plain));
	tcase_add_test(tc, portable_is_last);
	suite_add_tcase(s, tc);
	return test_main(s);
}
