/* check_page.c - the markup of a page, and the file that it becomes. */
#include "cli/page.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "cli/cmd.h"
#include "t/support/testing.h"

static struct page page;
static char *text;
static size_t text_len;
static char dir[] = "/tmp/mxauth-page.XXXXXX";
static char path[64], new_path[64];
static const struct cli command = { .name = "test", .usage = "" };

static void setup(void)
{
	page = (struct page){ .f = open_memstream(&text, &text_len) };
	ck_assert_ptr_nonnull(page.f);
}

static void teardown(void)
{
	fclose(page.f);
	free(text);
}

static void wrote(const char *want)
{
	fflush(page.f);
	ck_assert_str_eq(text, want);
}

static const struct {
	const char *in, *out;
} texts[] = {
	{ "", "" },
	{ "a<b>&\"'c", "a&lt;b&gt;&amp;&quot;&#39;c" },
	{ "\xe2\x80\xae", "?" },	    /* turns the direction */
	{ "\x01", "?" },		    /* a control character */
	{ "\xe5\xb7\x9d", "\xe5\xb7\x9d" }, /* a river */
	{ "\xff", "?" },
};

START_TEST(text_is_never_markup)
{
	page_words(&page, texts[_i].in);
	wrote(texts[_i].out);
}
END_TEST

START_TEST(elements)
{
	page_element(&page, "p", NULL, MXA_STR("a<"));
	page_element(&page, "p", "soft", MXA_STR("b"));
	page_printf(&page, "%s %d", "<", 7);
	page_number_cell(&page, 1234);
	page_day(&page, 1795262400);
	page_record(&page, MXA_STR("v=spf1"));
	wrote("<p>a&lt;</p><p class=\"soft\">b</p>&lt; 7"
	      "<td class=\"n\" data-v=\"1234\">1,234</td>2026-11-21"
	      "<pre class=\"record\">v=spf1</pre>");
}
END_TEST

START_TEST(head_of_a_table)
{
	static const char *const columns[] = { "name", "#count", "-last",
		"~why", NULL };

	page_table(&page, "A & B", columns);
	page_table_end(&page);
	wrote("<table class=\"sort\"><caption>A &amp; B</caption><thead><tr>"
	      "<th scope=\"col\">name</th>"
	      "<th scope=\"col\" class=\"n\">count</th>"
	      "<th scope=\"col\" class=\"n small\">last</th>"
	      "<th scope=\"col\" class=\"small\">why</th>"
	      "</tr></thead><tbody>\n</tbody></table>\n");
}
END_TEST

/* --- the file --- */

static void make_folder(void)
{
	strcpy(dir, "/tmp/mxauth-page.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/page", dir);
	snprintf(new_path, sizeof(new_path), "%s/page.new", dir);
}

static void remove_folder(void)
{
	unlink(path);
	unlink(new_path);
	rmdir(dir);
}

static bool exists(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0;
}

/* The first bytes of a file. */
static const char *start_of(const char *name)
{
	static char start[200];
	FILE *f = fopen(name, "rb");

	ck_assert_ptr_nonnull(f);
	start[fread(start, 1, sizeof(start) - 1, f)] = '\0';
	fclose(f);
	return start;
}

START_TEST(appears_when_it_is_whole)
{
	struct page p;

	ck_assert(page_open(&p, &command, path, "Title"));
	ck_assert(!exists(path) && exists(new_path));
	ck_assert(page_close(&p));
	ck_assert(exists(path) && !exists(new_path));
	ck_assert_ptr_null(p.f);
	ck_assert_ptr_eq(strstr(start_of(path),
			     "<!DOCTYPE html>\n"
			     "<html lang=\"en\"><head>"),
	    start_of(path));
}
END_TEST

START_TEST(an_older_one_stays)
{
	FILE *f = fopen(path, "wb");
	struct page p;

	fputs("older", f);
	fclose(f);
	ck_assert(page_open(&p, &command, path, "Title"));
	page_abandon(&p);
	ck_assert(!exists(new_path));
	ck_assert_ptr_null(p.f);
	ck_assert_str_eq(start_of(path), "older");
}
END_TEST

START_TEST(a_folder_that_is_not_there)
{
	struct page p;

	snprintf(path, sizeof(path), "%s/missing/page", dir);
	freopen("/dev/null", "w", stderr);
	ck_assert(!page_open(&p, &command, path, "Title"));
	ck_assert_ptr_null(p.f);
}
END_TEST

/* A device is written itself, and a full one is a failure. */
START_TEST(a_device)
{
	struct page p;

	ck_assert(page_open(&p, &command, "/dev/null", "Title"));
	ck_assert_ptr_null(p.new_path);
	ck_assert(page_close(&p));
	if (access("/dev/full", W_OK) != 0)
		return;
	freopen("/dev/null", "w", stderr);
	ck_assert(page_open(&p, &command, "/dev/full", "Title"));
	ck_assert(!page_close(&p));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("page");
	TCase *markup = tcase_create("markup"), *file = tcase_create("file");

	tcase_add_checked_fixture(markup, setup, teardown);
	tcase_add_loop_test(
	    markup, text_is_never_markup, 0, (int)MXA_ARRAY_LEN(texts));
	tcase_add_test(markup, elements);
	tcase_add_test(markup, head_of_a_table);
	suite_add_tcase(s, markup);
	tcase_add_checked_fixture(file, make_folder, remove_folder);
	tcase_add_test(file, appears_when_it_is_whole);
	tcase_add_test(file, an_older_one_stays);
	tcase_add_test(file, a_folder_that_is_not_there);
	tcase_add_test(file, a_device);
	suite_add_tcase(s, file);
	return test_main(s);
}
