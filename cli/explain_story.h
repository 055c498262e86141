/* explain_story.h - what the journal knows about a message, for
 * `mxauth explain QUEUE-ID`. */
#ifndef MXA_CLI_EXPLAIN_STORY_H
#define MXA_CLI_EXPLAIN_STORY_H

#include <stdbool.h>

#include "cli/cmd.h"

struct mxa_arena;
struct mxa_conf;
struct mxa_entry;
struct out;
struct page;

/* Letters, digits and '-' only: what MTAs use. */
bool cli_looks_like_queue_id(const char *s);

/* The message in sentences, then, with 'facts', all that the journal has. */
void cli_story_text(
    struct out *o, struct mxa_arena *a, const struct mxa_entry *e, bool facts);

/* The same as a string (malloc); NULL: out of memory. */
char *cli_story_string(
    struct mxa_arena *a, const struct mxa_entry *e, bool facts);

/* A story as a part of a page; frees the text. */
void cli_story_page(struct page *p, char *text);

/* Write the newest message with that id, as text, or with --json as an object,
 * and as a section of 'page' if one is open.
 * Returns the exit status: 0 an authentication failure, 1 none, 2 not found,
 * EX_NOINPUT when there is no journal. */
int cli_explain_queue_id(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o, struct page *page);

#endif
