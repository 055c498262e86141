/* note.c - a list of remarks. */
#include "base/note.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

void mxa_notes_init(struct mxa_notes *n, struct mxa_arena *a)
{
	*n = (struct mxa_notes){ .arena = a, .last = NULL };
}

void mxa_note(struct mxa_notes *n, const char *fmt, ...)
{
	struct mxa_note *note;
	va_list ap;
	char *text;
	size_t len;

	if (n->n == MXA_MAX_NOTES) {
		n->dropped++;
		return;
	}
	va_start(ap, fmt);
	text = mxa_arena_vprintf(n->arena, fmt, ap);
	va_end(ap);
	len = strlen(text);
	if (len > MXA_MAX_NOTE)
		len = MXA_MAX_NOTE;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	note = mxa_arena_alloc(n->arena, sizeof(*note));
	*note = (struct mxa_note){ .text = { text, len } };
	if (n->last == NULL)
		n->first = note;
	else
		*n->last = note;
	n->last = &note->next;
	n->n++;
}
