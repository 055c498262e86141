/* tree.c - values of nodes. */
#include "conf/tree.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"

bool mxa_tree_read(struct mxa_tree *t, struct mxa_conf_text *s)
{
	t->source = s;
	t->root = mxa_conf_read(s);
	return t->root != NULL;
}

void mxa_tree_error(
    struct mxa_tree *t, const struct mxa_node *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_conf_text_error(t->source, v->line, "%s",
	    mxa_arena_vprintf(t->source->arena, fmt, ap));
	va_end(ap);
}

void mxa_tree_warning(
    struct mxa_tree *t, const struct mxa_node *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_conf_text_warning(t->source, v->line, "%s",
	    mxa_arena_vprintf(t->source->arena, fmt, ap));
	va_end(ap);
}

struct mxa_str mxa_tree_where(
    const struct mxa_tree *t, struct mxa_arena *a, const struct mxa_node *v)
{
	return mxa_conf_text_where(t->source, a, v->line);
}

static bool holds_elements(const struct mxa_node *v)
{
	return v->kind == MXA_NODE_ARRAY || v->kind == MXA_NODE_LIST;
}

size_t mxa_tree_count(const struct mxa_node *v)
{
	return holds_elements(v) ? v->n : 1;
}

const struct mxa_node *mxa_tree_element(const struct mxa_node *v, size_t i)
{
	return holds_elements(v) ? v->child[i] : v;
}

const char *mxa_tree_found(const struct mxa_tree *t, const struct mxa_node *v)
{
	struct mxa_arena *a = t->source->arena;

	switch (v->kind) {
	case MXA_NODE_SECTION:
		return "a section";
	case MXA_NODE_ARRAY:
		return "a list in [ ]";
	case MXA_NODE_LIST:
		return "a list in ( )";
	case MXA_NODE_BOOL:
	case MXA_NODE_INTEGER:
	case MXA_NODE_FLOAT:
		return mxa_arena_printf(a, "%.*s", MXA_STR_ARG(v->written));
	case MXA_NODE_STRING:
		return mxa_arena_printf(a, "\"%.100s\"", v->text.p);
	}
	return "nothing";
}

bool mxa_tree_string(const struct mxa_node *v, struct mxa_str *out)
{
	if (v->kind != MXA_NODE_STRING)
		return false;
	*out = v->text;
	return true;
}

bool mxa_tree_bool(const struct mxa_node *v, bool *out)
{
	if (v->kind != MXA_NODE_BOOL)
		return false;
	*out = v->integer != 0;
	return true;
}

bool mxa_tree_integer(const struct mxa_node *v, long long *out)
{
	if (v->kind != MXA_NODE_INTEGER)
		return false;
	*out = v->integer;
	return true;
}

#define LONGEST_NAME 40

/* Edits between two words (Levenshtein), '_' taken for '-', case ignored. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[LONGEST_NAME + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > LONGEST_NAME || lb > LONGEST_NAME)
		return LONGEST_NAME;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		char c = a[i - 1] == '_' ? '-' : mxa_lower(a[i - 1]);
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = diagonal + (c != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *mxa_tree_guess(const char *word, const char *const *known, size_t n)
{
	const char *best = NULL;
	unsigned least = strlen(word) < 5 ? 2 : 3;

	for (size_t i = 0; i < n; i++) {
		unsigned d = edit_distance(word, known[i]);

		if (d < least) {
			least = d;
			best = known[i];
		}
	}
	return best;
}
