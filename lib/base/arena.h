/* arena.h - memory with a named lifetime.
 *
 * Everything computed about one message lives in one arena and is dropped at
 * once; nobody frees inside it.  Objects that live as long as the process use
 * the mxa_x*alloc functions and a _new/_free pair.  Running out of memory ends
 * the process here, so that no caller carries the case; *too much input* is a
 * different thing and is a limit with a result (base/limits.h). */
#ifndef MXA_BASE_ARENA_H
#define MXA_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

struct mxa_arena;

struct mxa_arena *mxa_arena_new(void);

/* The same with a first block of 1 KiB instead of 8: for what usually keeps
 * little, in hundreds of messages at a time. */
struct mxa_arena *mxa_arena_new_small(void);

/* NULL is fine. */
void mxa_arena_free(struct mxa_arena *a);

/* Forget everything allocated; the first block is kept for the next message,
 * so that a busy connection does not go back to malloc. */
void mxa_arena_reset(struct mxa_arena *a);

/* 'size' bytes, aligned for any object, uninitialised.  Never NULL. */
void *mxa_arena_alloc(struct mxa_arena *a, size_t size);

/* The same, zeroed, for 'n' objects of 'size' bytes. */
void *mxa_arena_calloc(struct mxa_arena *a, size_t n, size_t size);

/* Grow a block of 'old' bytes to 'size'; extends in place when it was the last
 * one allocated, else copies. */
void *mxa_arena_grow(struct mxa_arena *a, void *p, size_t old, size_t size);

/* An array with room for an element after its 'n': 'v', or a larger copy of it.
 * '*cap' is its room, in elements of 'size' bytes; 0: there is no array yet. */
void *mxa_arena_room(
    struct mxa_arena *a, void *v, size_t n, size_t *cap, size_t size);

/* The same for an array of malloc. */
void *mxa_xroom(void *v, size_t n, size_t *cap, size_t size);

/* NUL-terminated copy of 'len' bytes. */
char *mxa_arena_strdup(struct mxa_arena *a, const char *p, size_t len);

char *mxa_arena_printf(struct mxa_arena *a, const char *fmt, ...)
    MXA_PRINTF(2, 3);
char *mxa_arena_vprintf(struct mxa_arena *a, const char *fmt, va_list ap)
    MXA_PRINTF(2, 0);

/* Bytes handed out since the last reset. */
size_t mxa_arena_used(const struct mxa_arena *a);

/* malloc and friends that never return NULL. */
void *mxa_xmalloc(size_t size);
void *mxa_xcalloc(size_t n, size_t size);
void *mxa_xrealloc(void *p, size_t size);
char *mxa_xstrdup(const char *s);
char *mxa_xstrndup(const char *p, size_t len);

#endif
