/* page_history_int.h - what the parts of the page share; for page_history*.c
 * only. */
#ifndef MXA_CLI_PAGE_HISTORY_INT_H
#define MXA_CLI_PAGE_HISTORY_INT_H

#include "base/buf.h"
#include "cli/page.h"
#include "cli/page_chart.h"
#include "cli/page_counts.h"
#include "history/store.h"

/* The newest that were not simply accepted, the newest that monitor let pass,
 * the slowest. */
#define PAGE_REFUSED 200
#define PAGE_PASSED 100
#define PAGE_SLOW 20
#define PAGE_MAX_MESSAGES (PAGE_REFUSED + PAGE_PASSED + PAGE_SLOW)

/* A number in a statement. */
#define PAGE_TEXT_OF(n) #n
#define PAGE_TEXT(n) PAGE_TEXT_OF(n)

/* Of a statement that page_history_ask() asks. */
#define IN_PERIOD "day >= $3 AND day <= $4 AND time >= $1 AND time < $2 "

struct query;
struct page_history; /* page_history.h */

/* A message of the page.  All texts are malloc'd. */
struct page_message {
	int64_t time;
	char *queue_id;
	char *author; /* domain; may be empty */
	char *facts;  /* "192.0.2.0/24 action=reject …", one line */
	char *story;  /* NULL: the store keeps none of it */
};

/* The page while it is written. */
struct history_page {
	struct page *p;
	const struct page_history *h;
	struct mxa_arena *a;
	const char *title; /* of the table that is being written, translated */
	const char *const *columns;
	const struct query *q;
	size_t rows;

	struct page_chart_day day[PAGE_CHART_MAX_DAYS];
	size_t days;
	struct page_counts network; /* of clients */

	/* by author, the newest first */
	struct page_message message[PAGE_MAX_MESSAGES];
	size_t n_messages;

	struct mxa_buf names; /* of an answer */
};

/* Asks the store; the values are $1, $2: since and until; $3, $4: their days.
 */
void page_history_ask(struct history_page *hp, const char *sql,
    bool (*fn)(void *ctx, const struct mxa_row *r));

/* --- the parts --- */

/* The verdict of the period, a line an answer, the chart. */
void page_history_answers(struct history_page *hp);

/* Sources of messages that were not simply accepted, before the tables. */
void page_history_gather_sources(struct history_page *hp);
/* Every table. */
void page_history_tables(struct history_page *hp);

/* The messages that the page shows, before the tables that link them. */
void page_history_gather_messages(struct history_page *hp);
void page_history_messages(struct history_page *hp);
void page_history_free_messages(struct history_page *hp);

/* Place of the first message of that author, or of a message; n_messages: the
 * page does not show it. */
size_t page_history_author_place(
    const struct history_page *hp, struct mxa_str author);
size_t page_history_message_place(
    const struct history_page *hp, struct mxa_str queue_id, int64_t time);

/* --- a table: a section, its rows, its cells --- */

void page_history_section(
    struct history_page *hp, const char *title, const char *const *columns);
/* 'nothing' stands there when no row came; translated. */
void page_history_section_end(struct history_page *hp, const char *nothing);

/* The table begins with its first row; long ones are folded. */
void page_history_row(struct history_page *hp);
void page_history_row_end(struct history_page *hp);

/* A link to the author's messages, if there are some. */
void page_history_author_cell(struct history_page *hp, struct mxa_str name);
/* Columns with '-' are left out on small screens; 0 is no time. */
void page_history_number_cell(
    struct history_page *hp, size_t column, uint64_t n);
void page_history_time_cell(
    struct history_page *hp, size_t column, int64_t seconds);

#endif
