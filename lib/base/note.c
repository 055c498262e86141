/* note.c - a list of remarks. */
#include "base/note.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/limits.h"

void mxa_notes_init(struct mxa_notes *n, struct mxa_arena *a)
{
	*n = (struct mxa_notes){ .arena = a, .last = NULL };
}

static struct mxa_str clean_text(struct mxa_arena *a, struct mxa_str text)
{
	char *p;

	text = mxa_str_sub(text, 0, MXA_MAX_NOTE);
	p = mxa_arena_strdup(a, text.p, text.len);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = '?';
	return mxa_str_make(p, text.len);
}

void mxa_note(struct mxa_notes *n, const char *fmt, ...)
{
	struct mxa_note *note;
	va_list ap;

	if (n->n == MXA_MAX_NOTES) {
		n->dropped++;
		return;
	}
	note = mxa_arena_calloc(n->arena, 1, sizeof(*note));
	va_start(ap, fmt);
	note->said = mxa_phrase_v(n->arena, fmt, ap);
	va_end(ap);
	note->text = clean_text(n->arena, note->said.text);
	if (n->last == NULL)
		n->first = note;
	else
		*n->last = note;
	n->last = &note->next;
	n->n++;
}
