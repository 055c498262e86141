/* arena.c - a list of blocks; allocation moves a pointer. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)8 * 1024)
#define SMALL_BLOCK ((size_t)1 * 1024)
#define MAX_BLOCK ((size_t)256 * 1024)
#define FIRST_ROOM 8 /* elements of an array that begins */
#define ALIGN (_Alignof(max_align_t))

struct block {
	struct block *prev;
	size_t size; /* bytes behind this header */
	size_t used;
};

#define HEADER ((sizeof(struct block) + ALIGN - 1) & ~(ALIGN - 1))

struct mxa_arena {
	struct block *top; /* never NULL; the chain ends in the first block */
	size_t used;
};

static MXA_NORETURN void out_of_memory(size_t size)
{
	fprintf(stderr, "mxauth: out of memory (%zu bytes)\n", size);
	abort();
}

void *mxa_xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (p == NULL)
		out_of_memory(size);
	return p;
}

void *mxa_xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory(n * size);
	return p;
}

void *mxa_xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (p == NULL)
		out_of_memory(size);
	return p;
}

char *mxa_xstrndup(const char *p, size_t len)
{
	char *copy = mxa_xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *mxa_xstrdup(const char *s)
{
	return mxa_xstrndup(s, strlen(s));
}

static char *block_bytes(struct block *b)
{
	return (char *)b + HEADER;
}

static struct block *block_new(struct block *prev, size_t size)
{
	struct block *b;

	if (size > SIZE_MAX - HEADER)
		out_of_memory(size);
	b = mxa_xmalloc(HEADER + size);
	b->prev = prev;
	b->size = size;
	b->used = 0;
	return b;
}

static struct mxa_arena *arena_make(size_t first)
{
	struct mxa_arena *a = mxa_xmalloc(sizeof(*a));

	a->top = block_new(NULL, first);
	a->used = 0;
	return a;
}

struct mxa_arena *mxa_arena_new(void)
{
	return arena_make(FIRST_BLOCK);
}

struct mxa_arena *mxa_arena_new_small(void)
{
	return arena_make(SMALL_BLOCK);
}

void mxa_arena_reset(struct mxa_arena *a)
{
	while (a->top->prev != NULL) {
		struct block *prev = a->top->prev;

		free(a->top);
		a->top = prev;
	}
	a->top->used = 0;
	a->used = 0;
}

void mxa_arena_free(struct mxa_arena *a)
{
	if (a == NULL)
		return;
	mxa_arena_reset(a);
	free(a->top);
	free(a);
}

static size_t round_up(size_t size)
{
	if (size > SIZE_MAX - ALIGN)
		out_of_memory(size);
	return (size + ALIGN - 1) & ~(ALIGN - 1);
}

void *mxa_arena_alloc(struct mxa_arena *a, size_t size)
{
	size_t need = round_up(size ? size : 1);
	struct block *b = a->top;
	void *p;

	if (need > b->size - b->used) {
		size_t next = b->size * 2 < MAX_BLOCK ? b->size * 2 : MAX_BLOCK;

		b = a->top = block_new(b, need > next ? need : next);
	}
	p = block_bytes(b) + b->used;
	b->used += need;
	a->used += need;
	return p;
}

void *mxa_arena_calloc(struct mxa_arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory(n);
	p = mxa_arena_alloc(a, n * size);
	memset(p, 0, n * size);
	return p;
}

static bool grow_in_place(struct mxa_arena *a, char *p, size_t old, size_t need)
{
	struct block *b = a->top;

	if (p == NULL || p + old != block_bytes(b) + b->used)
		return false;
	if (need - old > b->size - b->used)
		return false;
	b->used += need - old;
	a->used += need - old;
	return true;
}

void *mxa_arena_grow(struct mxa_arena *a, void *p, size_t old, size_t size)
{
	void *bigger;

	if (size <= old)
		return p;
	if (old > 0 && grow_in_place(a, p, round_up(old), round_up(size)))
		return p;
	bigger = mxa_arena_alloc(a, size);
	if (old > 0)
		memcpy(bigger, p, old);
	return bigger;
}

/* Twice as much as there is. */
static size_t more_room(size_t cap)
{
	return cap > 0 ? 2 * cap : FIRST_ROOM;
}

void *mxa_arena_room(
    struct mxa_arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	size_t old = *cap;

	if (n < old)
		return v;
	*cap = more_room(old);
	return mxa_arena_grow(a, v, old * size, *cap * size);
}

void *mxa_xroom(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = more_room(*cap);
	return mxa_xrealloc(v, *cap * size);
}

char *mxa_arena_strdup(struct mxa_arena *a, const char *p, size_t len)
{
	char *copy = mxa_arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *mxa_arena_vprintf(struct mxa_arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int len;
	char *p;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return mxa_arena_strdup(a, "", 0);
	p = mxa_arena_alloc(a, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	return p;
}

char *mxa_arena_printf(struct mxa_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = mxa_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

size_t mxa_arena_used(const struct mxa_arena *a)
{
	return a->used;
}
