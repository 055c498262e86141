/* page_journal.h - what the page of own mail takes from journals, because the
 * store does not keep it: what profile monitor would have done, exceptions from
 * published policies, the slowest messages, and the stories of messages. */
#ifndef MXA_CLI_PAGE_JOURNAL_H
#define MXA_CLI_PAGE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "conf/words.h"

struct mxa_arena;
struct cli;

#define PAGE_JOURNAL_SLOW 20 /* messages */

/* A message of the page.  All texts are malloc'd. */
struct page_message {
	struct mxa_link link; /* by queue id */
	int64_t time;
	uint32_t ms; /* what it waited for us */
	char *queue_id;
	char *author; /* domain; may be empty */
	char *facts;  /* "ip=… action=…", one line */
	char *story;  /* NULL: no journal that was read holds it */
};

void page_message_free(struct page_message *m);

/* Equal messages, counted. */
struct page_count {
	struct mxa_link link;
	struct mxa_str key[3];
	uint64_t n;
	uint64_t refused; /* of them, where that is known */
	int64_t last;	  /* seconds */
};

struct page_counts {
	struct mxa_table table;
	struct page_count **v; /* sorted by page_journal_end, most first */
	size_t n, cap;
	uint64_t others; /* messages of further kinds */
};

struct page_journal {
	int64_t since, until;
	bool full; /* addresses as they are */

	/* what was found */
	bool read;		  /* a journal could be read */
	bool cut;		  /* the oldest files were left out: too much */
	int64_t first;		  /* time of the first message that was read */
	uint64_t messages;	  /* in the period */
	struct page_counts would; /* action, cause, author domain */
	struct page_counts override; /* override, ground, through whom */
	struct page_counts network;  /* of clients; filled by the page */
	struct page_message *slow[PAGE_JOURNAL_SLOW]; /* the slowest first */
	size_t n_slow;

	/* the messages of the page: wanted ones first, then the newest that
	 * monitor let pass */
	struct page_message **message;
	size_t n_messages;

	struct mxa_arena *a; /* of the keys */
	struct mxa_table wanted;
	uint64_t table_key[2];
	size_t n_wanted, next; /* the ring after the wanted ones */
};

/* Count 'more' messages under the key (its texts are copied), 'n' and 'refused'
 * are added, the later 'last' stays. */
void page_count_add(struct page_journal *j, struct page_counts *c,
    const struct page_count *more);

void page_journal_begin(struct page_journal *j);

/* A message of the store whose story is wanted.  Takes it over. */
void page_journal_want(struct page_journal *j, struct page_message *m);

/* Read the journal 'path', a file or a directory; one that cannot be read
 * leaves things as they are.  Long work tells of its progress. */
void page_journal_read(struct page_journal *j, const char *path);

/* Sort what was found. */
void page_journal_sort(struct page_journal *j);

void page_journal_end(struct page_journal *j);

/* An address of a client as its network, unless 'full'. */
struct mxa_str page_network(
    struct mxa_arena *a, struct mxa_str address, bool full);

#endif
