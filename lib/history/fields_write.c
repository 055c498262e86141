/* fields_write.c - facts to JSON, as the tables say. */
#include <string.h>

#include "base/date.h"
#include "history/fields.h"

const void *mxa_field_at(const struct mxa_field_row *f, const void *base)
{
	const char *at = base;

	if (f->indirect) {
		memcpy(&at, at + f->via, sizeof(at));
		if (at == NULL)
			return NULL;
	}
	return at + f->offset;
}

int64_t mxa_field_number(const struct mxa_field_row *f, const void *at)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (f->size) {
	case sizeof(u64):
		memcpy(&u64, at, sizeof(u64));
		return (int64_t)u64;
	case sizeof(u32):
		memcpy(&u32, at, sizeof(u32));
		return u32;
	default:
		memcpy(&u16, at, sizeof(u16));
		return u16;
	}
}

/* What is empty is left out. */
static bool omits_empty(
    const struct mxa_field_writer *w, const struct mxa_field_row *f)
{
	return !w->answer && !f->always;
}

static void write_text(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, struct mxa_str s)
{
	if (s.len == 0 && omits_empty(w, f))
		return;
	if (w->answer)
		mxa_json_str(w->j, key, s);
	else
		mxa_json_cut(w->j, key, s, f->most);
}

static void write_number(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, int64_t v)
{
	if (v == f->absent && omits_empty(w, f))
		return;
	if (v == f->absent && v != 0)
		mxa_json_null(w->j, key);
	else
		mxa_json_int(w->j, key, v);
}

static void write_word(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, int64_t v)
{
	if (v != f->absent || f->always)
		mxa_json_word(w->j, key, f->words->name((int)v));
	else if (w->answer)
		mxa_json_null(w->j, key);
}

static void write_flag(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, bool v)
{
	if (v || !omits_empty(w, f))
		mxa_json_bool(w->j, key, v);
}

static void write_ip(struct mxa_field_writer *w, const struct mxa_field_row *f,
    const char *key, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];

	if (ip->family != 0)
		mxa_json_word(w->j, key, mxa_ip_format(ip, text));
	else if (!omits_empty(w, f))
		mxa_json_null(w->j, key);
}

static void write_time_field(
    struct mxa_field_writer *w, const char *key, int64_t seconds)
{
	char text[MXA_TIME_TEXT];

	mxa_json_word(w->j, key, mxa_time_format(seconds, text));
}

/* --- containers --- */

static void write_element(
    struct mxa_field_writer *w, const struct mxa_field_row *f, const void *at)
{
	if (f->table != NULL) {
		mxa_json_open(w->j, NULL, '{');
		mxa_fields_to_json(w, f->table, at);
		mxa_json_close(w->j, '}');
	} else if (w->answer) {
		mxa_json_str(w->j, NULL, *(const struct mxa_str *)at);
	} else {
		mxa_json_cut(w->j, NULL, *(const struct mxa_str *)at, f->text);
	}
}

/* The line is longer than the field may make it: go back. */
static bool take_back(struct mxa_field_writer *w, const struct mxa_field_row *f,
    struct mxa_json_mark mark)
{
	if (w->answer || f->limit == 0 || !mxa_json_undo(w->j, mark, f->limit))
		return false;
	w->cut = true;
	return true;
}

static void write_list(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, const void *at)
{
	const char *element = at;
	size_t n;

	memcpy(&n, element - f->offset + f->count, sizeof(n));
	if (n == 0 && omits_empty(w, f))
		return;
	if (!f->in_place)
		memcpy(&element, at, sizeof(element));
	mxa_json_open(w->j, key, '[');
	for (size_t i = 0; i < n; i++) {
		struct mxa_json_mark mark = mxa_json_mark(w->j);

		write_element(w, f, element + i * f->element);
		if (take_back(w, f, mark))
			break;
	}
	mxa_json_close(w->j, ']');
}

/* --- a field --- */

/* What was never answered, in an answer of ours. */
static void write_nothing(
    struct mxa_field_writer *w, const struct mxa_field_row *f, const char *key)
{
	if (f->type == MXA_FIELD_NUMBER)
		mxa_json_int(w->j, key, 0);
	else
		mxa_json_null(w->j, key);
}

static void write_value(struct mxa_field_writer *w,
    const struct mxa_field_row *f, const char *key, const void *at)
{
	switch (f->type) {
	case MXA_FIELD_TEXT:
		write_text(w, f, key, *(const struct mxa_str *)at);
		break;
	case MXA_FIELD_CHARS:
		write_text(w, f, key, mxa_str_from(at));
		break;
	case MXA_FIELD_FLAG:
		write_flag(w, f, key, *(const bool *)at);
		break;
	case MXA_FIELD_NUMBER:
		write_number(w, f, key, mxa_field_number(f, at));
		break;
	case MXA_FIELD_WORD:
		write_word(w, f, key, mxa_field_number(f, at));
		break;
	case MXA_FIELD_IP:
		write_ip(w, f, key, at);
		break;
	case MXA_FIELD_TIME:
		write_time_field(w, key, *(const int64_t *)at);
		break;
	case MXA_FIELD_OBJECT:
		mxa_json_open(w->j, key, '{');
		mxa_fields_to_json(w, f->table, at);
		mxa_json_close(w->j, '}');
		break;
	case MXA_FIELD_LIST:
		write_list(w, f, key, at);
		break;
	case MXA_FIELD_OWN:
		break;
	}
}

static void write_row(
    struct mxa_field_writer *w, const struct mxa_field_row *f, const void *base)
{
	const void *at = mxa_field_at(f, base);
	struct mxa_json_mark mark = mxa_json_mark(w->j);
	const char *key = w->answer && f->answer ? f->answer : f->name;

	if (f->place == (w->answer ? MXA_PLACE_JOURNAL : MXA_PLACE_ANSWER))
		return;
	if (f->present != NULL && !f->present(base) && !(w->answer && f->shown))
		return;
	if (at == NULL && w->answer)
		write_nothing(w, f, key);
	else if (at != NULL && f->write != NULL)
		f->write(w, key, at);
	else if (at != NULL)
		write_value(w, f, key, at);
	if (f->type != MXA_FIELD_LIST)
		take_back(w, f, mark);
}

void mxa_fields_to_json(struct mxa_field_writer *w,
    const struct mxa_field_table *t, const void *base)
{
	for (size_t i = 0; i < t->n; i++)
		write_row(w, &t->row[i], base);
}
