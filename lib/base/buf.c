/* buf.c - capped text buffer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

void mxa_buf_init(struct mxa_buf *b, struct mxa_arena *a, size_t max)
{
	*b = (struct mxa_buf){ .arena = a, .max = max };
}

/* Room for 'len' more bytes and a NUL; false when the ceiling forbids. */
static bool reserve_room(struct mxa_buf *b, size_t len)
{
	size_t need, cap;

	if (b->full || len > b->max - b->len) {
		b->full = true;
		return false;
	}
	need = b->len + len + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap * 2 : 128;
	while (cap < need)
		cap *= 2;
	b->p = mxa_arena_grow(b->arena, b->p, b->cap, cap);
	b->cap = cap;
	return true;
}

void mxa_buf_add(struct mxa_buf *b, const void *p, size_t len)
{
	if (len == 0 || !reserve_room(b, len))
		return;
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

void mxa_buf_addc(struct mxa_buf *b, char c)
{
	if (reserve_room(b, 1))
		b->p[b->len++] = c;
}

void mxa_buf_adds(struct mxa_buf *b, const char *s)
{
	mxa_buf_add(b, s, strlen(s));
}

void mxa_buf_addstr(struct mxa_buf *b, struct mxa_str s)
{
	mxa_buf_add(b, s.p, s.len);
}

void mxa_buf_addint(struct mxa_buf *b, int64_t v)
{
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (v < 0)
		mxa_buf_addc(b, '-');
	mxa_buf_add(b, digits + at, sizeof(digits) - at);
}

/* Mostly there is room, and the text is made once only. */
void mxa_buf_printf(struct mxa_buf *b, const char *fmt, ...)
{
	size_t room = b->full ? 0 : b->cap - b->len;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(room ? b->p + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (len <= 0 || !reserve_room(b, (size_t)len))
		return;
	if ((size_t)len >= room) {
		va_start(ap, fmt);
		vsnprintf(b->p + b->len, (size_t)len + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)len;
}

void mxa_buf_cut(struct mxa_buf *b, size_t len)
{
	if (len < b->len)
		b->len = len;
}

struct mxa_str mxa_buf_str(const struct mxa_buf *b)
{
	return (struct mxa_str){ b->p ? b->p : "", b->len };
}

const char *mxa_buf_cstr(struct mxa_buf *b)
{
	if (b->p == NULL)
		return "";
	b->p[b->len] = '\0';
	return b->p;
}
