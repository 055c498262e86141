/* page_story.h - a message that the store tells of, in words, with addresses of
 * people shortened. */
#ifndef MXA_CLI_PAGE_STORY_H
#define MXA_CLI_PAGE_STORY_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* An address of a client as its network, unless 'full'; what is no address
 * stays as it is.  In 'a'. */
struct mxa_str page_network(
    struct mxa_arena *a, struct mxa_str address, bool full);

/* A story of the store (history/story.h) in sentences, or with 'full' with all
 * that is kept, too.  Malloc; NULL: there is none, or it cannot be read. */
char *page_story(struct mxa_arena *a, struct mxa_str story, bool full);

#endif
