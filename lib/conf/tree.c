/* tree.c - libconfig's tree. */
#include "conf/tree.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "conf/reader.h"

bool mxa_tree_read(struct mxa_tree *t, struct mxa_source *s)
{
	struct mxa_grammar g;

	t->source = s;
	config_init(&t->config);
	if (!mxa_grammar_check(s, &g))
		return false;
	t->open_line = g.open_line;
	if (config_read_string(&t->config, mxa_buf_cstr(&g.text)))
		return true;
	/* the grammar let something pass that libconfig does not read */
	mxa_source_error(s, (size_t)config_error_line(&t->config), "%s",
	    config_error_text(&t->config));
	return false;
}

void mxa_tree_done(struct mxa_tree *t)
{
	config_destroy(&t->config);
}

static size_t line_of(const config_setting_t *v)
{
	return config_setting_source_line(v);
}

void mxa_tree_error(
    struct mxa_tree *t, const config_setting_t *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_source_error(t->source, line_of(v), "%s",
	    mxa_arena_vprintf(t->source->arena, fmt, ap));
	va_end(ap);
}

void mxa_tree_warning(
    struct mxa_tree *t, const config_setting_t *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_source_warning(t->source, line_of(v), "%s",
	    mxa_arena_vprintf(t->source->arena, fmt, ap));
	va_end(ap);
}

struct mxa_str mxa_tree_where(
    const struct mxa_tree *t, struct mxa_arena *a, const config_setting_t *v)
{
	return mxa_source_where(t->source, a, line_of(v));
}

size_t mxa_tree_count(const config_setting_t *v)
{
	int type = config_setting_type(v);

	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST)
		return 1;
	return (size_t)config_setting_length(v);
}

const config_setting_t *mxa_tree_element(const config_setting_t *v, size_t i)
{
	int type = config_setting_type(v);

	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST)
		return v;
	return config_setting_get_elem(v, (unsigned)i);
}

const char *mxa_tree_found(const struct mxa_tree *t, const config_setting_t *v)
{
	struct mxa_arena *a = t->source->arena;

	switch (config_setting_type(v)) {
	case CONFIG_TYPE_GROUP:
		return "a section";
	case CONFIG_TYPE_ARRAY:
		return "a list in [ ]";
	case CONFIG_TYPE_LIST:
		return "a list in ( )";
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(v) ? "true" : "false";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return mxa_arena_printf(a, "%lld",
		    config_setting_type(v) == CONFIG_TYPE_INT
			? (long long)config_setting_get_int(v)
			: config_setting_get_int64(v));
	case CONFIG_TYPE_FLOAT:
		return mxa_arena_printf(a, "%g", config_setting_get_float(v));
	case CONFIG_TYPE_STRING:
		return mxa_arena_printf(
		    a, "\"%.100s\"", config_setting_get_string(v));
	}
	return "nothing";
}

bool mxa_tree_string(const config_setting_t *v, struct mxa_str *out)
{
	if (config_setting_type(v) != CONFIG_TYPE_STRING)
		return false;
	*out = mxa_str_from(config_setting_get_string(v));
	return true;
}

bool mxa_tree_bool(const config_setting_t *v, bool *out)
{
	if (config_setting_type(v) != CONFIG_TYPE_BOOL)
		return false;
	*out = config_setting_get_bool(v);
	return true;
}

bool mxa_tree_integer(const config_setting_t *v, long long *out)
{
	if (config_setting_type(v) == CONFIG_TYPE_INT)
		*out = config_setting_get_int(v);
	else if (config_setting_type(v) == CONFIG_TYPE_INT64)
		*out = config_setting_get_int64(v);
	else
		return false;
	return true;
}

#define LONGEST_NAME 40

/* Edits between two words (Levenshtein), '_' taken for '-', case ignored. */
static unsigned distance(const char *a, const char *b)
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
		unsigned d = distance(word, known[i]);

		if (d < least) {
			least = d;
			best = known[i];
		}
	}
	return best;
}
