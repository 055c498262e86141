/* page.h - one self-contained HTML page: everything about markup that the pages
 * share.  What it shows comes from strangers; page_text() is the one place that
 * turns it into HTML.
 *
 * A page loads nothing: its style and its script stand inside, and its
 * Content-Security-Policy allows nothing but these, by their hashes.  Without
 * the script it is whole; the script sorts and filters tables and copies
 * records. */
#ifndef MXA_CLI_PAGE_H
#define MXA_CLI_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

struct cli;

struct page {
	FILE *f; /* NULL: no page is open */
	const struct cli *c;
	const char *path;
	char *new_path; /* where it is written; NULL: 'path' itself */
};

/* Starts the page in the file 'path': everything to <main>; 'title' is text.
 * The file appears whole, at page_close.  False: what failed was printed. */
bool page_open(
    struct page *p, const struct cli *c, const char *path, const char *title);
bool page_close(struct page *p);

/* Instead of page_close: nothing appears, an older page stays. */
void page_abandon(struct page *p);

/* Markup of ours, as it is. */
void page_markup(struct page *p, const char *markup);

/* Text, of anybody: never markup, whatever it holds.  Fit for attributes in
 * double quotes, too. */
void page_text(struct page *p, struct mxa_str s);
void page_words(struct page *p, const char *text);
void page_printf(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* <TAG class="CLASS">text</TAG>; 'class' NULL: none. */
void page_element(
    struct page *p, const char *tag, const char *class, struct mxa_str text);

/* <td class="n" data-v="N">1,234</td> */
void page_number_cell(struct page *p, uint64_t n);

/* "2027-03-31" */
void page_day(struct page *p, int64_t seconds);

/* Head of a table that can be sorted: its columns, ended by NULL.  A column
 * that begins with '#' holds numbers, one with '-' as well, and it is
 * left out on small screens, as one with '~', which holds text. */
void page_table(
    struct page *p, const char *caption, const char *const *columns);
void page_table_end(struct page *p);

/* A record that people copy, with a button for it. */
void page_record(struct page *p, struct mxa_str record);

#endif
