/* spf_edit.c - SPF records edited word by word. */
#include "record/spf_edit.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* --- words --- */

static void insert_word(
    struct mxa_spf_words *w, size_t index, struct mxa_str text, size_t at)
{
	if (w->n == MXA_MAX_SPF_WORDS) {
		w->full = true;
		return;
	}
	memmove(
	    &w->v[index + 1], &w->v[index], (w->n - index) * sizeof(w->v[0]));
	w->v[index] = (struct mxa_spf_word){ text, at };
	w->n++;
}

void mxa_spf_words_insert(
    struct mxa_spf_words *w, size_t at, struct mxa_str text)
{
	insert_word(w, at, text, MXA_SPF_OURS);
}

void mxa_spf_words_remove(struct mxa_spf_words *w, size_t at)
{
	w->n--;
	memmove(&w->v[at], &w->v[at + 1], (w->n - at) * sizeof(w->v[0]));
}

void mxa_spf_words_read(
    struct mxa_spf_words *w, struct mxa_arena *a, struct mxa_str record)
{
	w->arena = a;
	w->n = 0;
	w->full = false;
	for (size_t at = 0, end; at < record.len; at = end) {
		struct mxa_str text;

		while (at < record.len && mxa_is_space(record.p[at]))
			at++;
		for (end = at; end < record.len; end++)
			if (mxa_is_space(record.p[end]))
				break;
		text = mxa_str_sub(record, at, end);
		if (text.len == 0 ||
		    (w->n == 0 && mxa_str_caseis(text, "v=spf1")))
			continue;
		insert_word(w, w->n, text, at);
	}
}

struct mxa_str mxa_spf_words_text(const struct mxa_spf_words *w)
{
	struct mxa_buf b;

	mxa_buf_init(&b, w->arena, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=spf1");
	for (size_t i = 0; i < w->n; i++) {
		mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, w->v[i].text);
	}
	return mxa_buf_str(&b);
}

/* "+" is the qualifier of a word without one (RFC 7208 section 4.6.2). */
static struct mxa_str without_plus(struct mxa_str word)
{
	if (word.len > 1 && word.p[0] == '+')
		return mxa_str_sub(word, 1, word.len);
	return word;
}

size_t mxa_spf_words_find(
    const struct mxa_spf_words *w, struct mxa_str text, size_t from)
{
	while (from < w->n &&
	    !mxa_str_caseeq(without_plus(w->v[from].text), without_plus(text)))
		from++;
	return from;
}

char mxa_spf_word_all(struct mxa_str word)
{
	char qualifier = '+';

	if (word.len == 4 && strchr("+-~?", word.p[0]) != NULL) {
		qualifier = word.p[0];
		word = mxa_str_sub(word, 1, word.len);
	}
	return mxa_str_caseis(word, "all") ? qualifier : '\0';
}

bool mxa_spf_words_have_all(const struct mxa_spf_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (mxa_spf_word_all(w->v[i].text) != '\0')
			return true;
	return false;
}

bool mxa_spf_word_is_modifier(struct mxa_str word)
{
	size_t eq = mxa_str_chr(word, '=', 0);

	return eq > 0 && eq < word.len && mxa_is_alpha(word.p[0]) &&
	    mxa_str_chr(word, ':', 0) > eq && mxa_str_chr(word, '/', 0) > eq;
}

void mxa_spf_words_add(struct mxa_spf_words *w, struct mxa_str text)
{
	size_t at = 0;

	while (at < w->n && mxa_spf_word_all(w->v[at].text) == '\0')
		at++;
	while (at > 0 && mxa_spf_word_is_modifier(w->v[at - 1].text))
		at--;
	mxa_spf_words_insert(w, at, text);
}

/* --- the end --- */

static bool all_protects(char all)
{
	return all == '-' || all == '~';
}

static bool has_redirect(const struct mxa_spf_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (mxa_str_casestarts(w->v[i].text, MXA_STR("redirect=")))
			return true;
	return false;
}

/* Exactly one "all", which protects, and no mechanism after it. */
static bool ends_well(const struct mxa_spf_words *w)
{
	bool seen = false;

	for (size_t i = 0; i < w->n; i++) {
		if (seen && !mxa_spf_word_is_modifier(w->v[i].text))
			return false;
		if (mxa_spf_word_all(w->v[i].text) == '\0')
			continue;
		if (!all_protects(mxa_spf_word_all(w->v[i].text)))
			return false;
		seen = true;
	}
	return seen;
}

/* Take out every "all".  Returns the first qualifier that protects; '+' when
 * none does; '\0' when there is no "all". */
static char take_out_all(struct mxa_spf_words *w)
{
	char own = '\0';

	for (size_t i = 0; i < w->n;) {
		char all = mxa_spf_word_all(w->v[i].text);

		if (all == '\0') {
			i++;
			continue;
		}
		if (!all_protects(own))
			own = all_protects(all) ? all : '+';
		mxa_spf_words_remove(w, i);
	}
	return own;
}

static void append_all(struct mxa_spf_words *w, char qualifier)
{
	mxa_spf_words_insert(
	    w, w->n, qualifier == '-' ? MXA_STR("-all") : MXA_STR("~all"));
}

enum mxa_spf_ending mxa_spf_words_end(struct mxa_spf_words *w)
{
	char own;

	if (ends_well(w))
		return MXA_SPF_END_KEPT;
	own = take_out_all(w);
	if (own == '\0' && has_redirect(w))
		return MXA_SPF_END_REDIRECT;
	append_all(w, own);
	if (own == '\0')
		return MXA_SPF_END_ADDED;
	return all_protects(own) ? MXA_SPF_END_MOVED : MXA_SPF_END_REPLACED;
}

/* --- several records --- */

static struct mxa_str redirect_as_include(
    struct mxa_arena *a, struct mxa_str word)
{
	if (!mxa_str_casestarts(word, MXA_STR("redirect=")))
		return word;
	return mxa_str_from(mxa_arena_printf(
	    a, "include:%.*s", MXA_STR_ARG(mxa_str_sub(word, 9, word.len))));
}

void mxa_spf_words_merge(struct mxa_spf_words *w, struct mxa_arena *a,
    const struct mxa_str *record, size_t n)
{
	struct mxa_spf_words *other;
	char end = '-';

	mxa_spf_words_read(w, a, n > 0 ? record[0] : MXA_STR(""));
	if (n < 2)
		return;
	other = mxa_arena_alloc(a, sizeof(*other));
	w->n = 0;
	for (size_t i = 0; i < n; i++) {
		mxa_spf_words_read(other, a, record[i]);
		w->full |= other->full;
		if (take_out_all(other) != '-')
			end = '~';
		for (size_t k = 0; k < other->n; k++) {
			struct mxa_str word =
			    redirect_as_include(a, other->v[k].text);

			if (mxa_spf_words_find(w, word, 0) == w->n)
				insert_word(w, w->n, word, other->v[k].at);
		}
	}
	append_all(w, end);
}
