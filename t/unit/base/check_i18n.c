/* check_i18n.c - translated words, from catalogues written here byte by byte
 * (GNU gettext manual, "The Format of GNU MO Files"). */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

static struct mxa_arena *arena;
static char path[] = "/tmp/mxauth-i18n.XXXXXX";
static struct bytes {
	unsigned char b[4096];
	size_t n;
	bool big_endian;
} file;

/* English must come sorted by strcmp. */
struct pair {
	const char *english;
	size_t english_len;
	const char *translated;
	size_t translated_len;
};
#define PAIR(e, t)                                 \
	{                                          \
		e, sizeof(e) - 1, t, sizeof(t) - 1 \
	}

static void put32(size_t at, uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		file.b[at + (file.big_endian ? 3 - i : i)] =
		    (unsigned char)(v >> (8 * i));
}

static void put_string(size_t entry, const char *text, size_t len)
{
	put32(entry, (uint32_t)len);
	put32(entry + 4, (uint32_t)file.n);
	memcpy(file.b + file.n, text, len + 1);
	file.n += len + 1;
}

/* The header of a catalogue comes first in both tables. */
static void make_catalogue(
    const char *header, const struct pair *pairs, size_t n, bool big_endian)
{
	size_t english = 28, translated = english + (n + 1) * 8;

	file = (struct bytes){ .n = translated + (n + 1) * 8,
		.big_endian = big_endian };
	put32(0, 0x950412de);
	put32(8, (uint32_t)n + 1);
	put32(12, (uint32_t)english);
	put32(16, (uint32_t)translated);
	put_string(english, "", 0);
	put_string(translated, header, strlen(header));
	for (size_t i = 0; i < n; i++) {
		put_string(english + (i + 1) * 8, pairs[i].english,
		    pairs[i].english_len);
		put_string(translated + (i + 1) * 8, pairs[i].translated,
		    pairs[i].translated_len);
	}
}

static bool use(size_t size)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(file.b, 1, size, f), size);
	fclose(f);
	return mxa_words_use(path);
}

static void setup(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	arena = mxa_arena_new();
}

static void teardown(void)
{
	ck_assert(mxa_words_use(NULL));
	unlink(path);
	mxa_arena_free(arena);
}

static const struct pair words[] = {
	PAIR("%lu file\0%lu files", "%lu Datei\0%lu Dateien"),
	PAIR("Apple", "Apfel"),
	PAIR("Missing", ""),
	PAIR("Pear", "Birne"),
};

#define TWO_FORMS "Plural-Forms: nplurals=2; plural=(n != 1);\n"

START_TEST(speaks)
{
	make_catalogue(TWO_FORMS, words, 4, _i == 1);
	ck_assert(use(file.n));
	ck_assert_str_eq(mxa_words_text("Apple"), "Apfel");
	ck_assert_str_eq(mxa_words_text("Pear"), "Birne");
	ck_assert_str_eq(mxa_words_text("Plum"), "Plum");
	ck_assert_str_eq(mxa_words_text("A"), "A");
	ck_assert_str_eq(mxa_words_text("Z"), "Z");
	ck_assert_str_eq(mxa_words_text(""), "");
	ck_assert_str_eq(mxa_words_text("Missing"), "Missing");
	ck_assert_str_eq(P_("%lu file", "%lu files", 1), "%lu Datei");
	ck_assert_str_eq(P_("%lu file", "%lu files", 0), "%lu Dateien");
	ck_assert_str_eq(P_("%lu file", "%lu files", 7), "%lu Dateien");
	ck_assert_str_eq(P_("%lu mail", "%lu mails", 1), "%lu mail");
	ck_assert_str_eq(P_("%lu mail", "%lu mails", 2), "%lu mails");
	ck_assert(mxa_words_use(NULL));
	ck_assert_str_eq(mxa_words_text("Apple"), "Apple");
	ck_assert_str_eq(P_("%lu file", "%lu files", 1), "%lu file");
	ck_assert_str_eq(P_("%lu file", "%lu files", 3), "%lu files");
}
END_TEST

/* Japanese has one form. */
START_TEST(one_form)
{
	static const struct pair pairs[] = {
		PAIR("%lu file\0%lu files", "%lu hon"),
	};

	make_catalogue("Plural-Forms: nplurals=1; plural=0;\n", pairs, 1, 0);
	ck_assert(use(file.n));
	ck_assert_str_eq(P_("%lu file", "%lu files", 1), "%lu hon");
	ck_assert_str_eq(P_("%lu file", "%lu files", 2), "%lu hon");
}
END_TEST

/* Plural forms that are not written: the first one serves. */
START_TEST(one_form_of_two)
{
	static const struct pair pairs[] = {
		PAIR("%lu file\0%lu files", "%lu Datei"),
	};

	make_catalogue(TWO_FORMS, pairs, 1, 0);
	ck_assert(use(file.n));
	ck_assert_str_eq(P_("%lu file", "%lu files", 2), "%lu Datei");
}
END_TEST

static const struct {
	const char *name;
	size_t at; /* a number of the file is replaced */
	uint32_t value;
	size_t cut; /* from the end */
} damages[] = {
	{ "empty", 0, 0x950412de, 4096 },
	{ "no header", 0, 0x950412de, 4090 },
	{ "another magic number", 0, 0x12345678, 0 },
	{ "a revision of the future", 4, 2U << 16, 0 },
	{ "more strings than bytes", 8, 0xffffffff, 0 },
	{ "the English table behind the end", 12, 0xffffff00, 0 },
	{ "the other table behind the end", 16, 0xffffff00, 0 },
	{ "a string behind the end", 28 + 4, 0xfffffff0, 0 },
	{ "a string longer than the file", 28, 0xfffffff0, 0 },
	{ "a string without its end", 28, 1, 0 },
	{ "cut off", 0, 0x950412de, 1 },
};

/* What was spoken before stays. */
START_TEST(damaged_files_are_refused)
{
	make_catalogue(TWO_FORMS, words, 4, false);
	ck_assert(use(file.n));
	put32(damages[_i].at, damages[_i].value);
	ck_assert_msg(!use(damages[_i].cut > file.n ? 4096 - damages[_i].cut
						    : file.n - damages[_i].cut),
	    "%s", damages[_i].name);
	ck_assert_str_eq(mxa_words_text("Apple"), "Apfel");
}
END_TEST

START_TEST(other_refusals)
{
	make_catalogue("Plural-Forms: nplurals=3; plural=x;\n", words, 4, 0);
	ck_assert(!use(file.n));
	ck_assert(!mxa_words_use("/nonexistent/mxauth.mo"));
	ck_assert(!mxa_words_use("/"));
	ck_assert_str_eq(mxa_words_text("Apple"), "Apple");
	make_catalogue("no rule\n", words, 4, 0);
	ck_assert(use(file.n));
	ck_assert_str_eq(P_("%lu file", "%lu files", 2), "%lu Dateien");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("i18n");
	TCase *tc = tcase_create("i18n");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, speaks, 0, 2);
	tcase_add_test(tc, one_form);
	tcase_add_test(tc, one_form_of_two);
	tcase_add_loop_test(
	    tc, damaged_files_are_refused, 0, (int)MXA_ARRAY_LEN(damages));
	tcase_add_test(tc, other_refusals);
	suite_add_tcase(s, tc);
	return test_main(s);
}
