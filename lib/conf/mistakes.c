/* mistakes.c - a sorted list of complaints. */
#include "conf/mistakes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

void mxa_mistakes_init(struct mxa_mistakes *m, struct mxa_arena *a)
{
	*m = (struct mxa_mistakes){ .arena = a };
}

void mxa_mistakes_add(struct mxa_mistakes *m, bool warning, unsigned file,
    size_t order, const char *where, const char *what)
{
	size_t *count = warning ? &m->warnings : &m->errors;
	char *text;

	if ((*count)++ >= MXA_MAX_MISTAKES)
		return;
	m->v = mxa_arena_room(m->arena, m->v, m->n, &m->cap, sizeof(*m->v));
	text = mxa_arena_printf(
	    m->arena, "%s%s: %s", warning ? "warning: " : "", where, what);
	/* a file may hold anything, the terminal must not get it */
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	m->v[m->n] = (struct mxa_mistake){ file, order, m->n, warning, text };
	m->n++;
}

static int by_place(const void *a, const void *b)
{
	const struct mxa_mistake *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

char *mxa_mistakes_text(struct mxa_mistakes *m, bool warnings)
{
	size_t count = warnings ? m->warnings : m->errors;
	struct mxa_buf b;

	if (count == 0)
		return NULL;
	qsort(m->v, m->n, sizeof(*m->v), by_place);
	mxa_buf_init(&b, m->arena, (size_t)1 << 20);
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].warning == warnings)
			mxa_buf_printf(&b, "%s\n", m->v[i].text);
	if (count > MXA_MAX_MISTAKES)
		mxa_buf_printf(&b, "and %zu more of the same sort\n",
		    count - MXA_MAX_MISTAKES);
	return mxa_xstrdup(mxa_buf_cstr(&b));
}
