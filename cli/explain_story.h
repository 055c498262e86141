/* explain_story.h - what the journal knows about a message. */
#ifndef MXA_CLI_EXPLAIN_STORY_H
#define MXA_CLI_EXPLAIN_STORY_H

#include <stdbool.h>

#include "cli/cmd.h"

struct mxa_arena;
struct mxa_entry;
struct mxa_json;
struct mxa_txn;
struct out;
struct page;

/* The message in sentences, then, with 'facts', all that the journal has. */
void cli_story_text(
    struct out *o, struct mxa_arena *a, const struct mxa_entry *e, bool facts);

/* The same as a string (malloc); NULL: out of memory. */
char *cli_story_string(
    struct mxa_arena *a, const struct mxa_entry *e, bool facts);

/* A story as a part of a page; frees the text. */
void cli_story_page(struct page *p, char *text);

/* The same as an object: the answer first, then the transaction as it is. */
void cli_story_json(
    struct mxa_json *j, struct mxa_arena *a, const struct mxa_entry *e);

/* Whether authentication was why the message was not simply accepted. */
bool cli_story_is_failure(const struct mxa_txn *t);

#endif
