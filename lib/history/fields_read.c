/* fields_read.c - JSON to facts, as the tables say.
 *
 * Lenient about what is absent (it was empty, or left out) or of another type,
 * strict about what contradicts: a word nobody knows makes the line unreadable,
 * since guessing would decide something. */
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "history/fields.h"

static void store_number(const struct mxa_field_row *f, void *at, int64_t v)
{
	uint64_t u64 = (uint64_t)v;
	uint32_t u32 = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
	uint16_t u16 = v > UINT16_MAX ? UINT16_MAX : (uint16_t)v;

	if (f->size == sizeof(u64))
		memcpy(at, &u64, sizeof(u64));
	else if (f->size == sizeof(u32))
		memcpy(at, &u32, sizeof(u32));
	else
		memcpy(at, &u16, sizeof(u16));
}

static void read_number(
    struct mxa_field_reader *r, const struct mxa_field_row *f, void *at)
{
	int64_t v;

	if (!mxa_json_take_int(&r->in, &v) || v < 0 ||
	    (f->most > 0 && (uint64_t)v > f->most))
		v = f->absent;
	store_number(f, at, v);
}

static void read_word_field(
    struct mxa_field_reader *r, const struct mxa_field_row *f, void *at)
{
	struct mxa_str word = mxa_json_take_str(&r->in);

	if (word.p == NULL)
		return;
	for (int i = 0; i < f->words->n; i++)
		if (mxa_str_is(word, f->words->name(i))) {
			store_number(f, at, i);
			return;
		}
	r->bad = true;
}

static void read_chars(
    struct mxa_field_reader *r, const struct mxa_field_row *f, char *at)
{
	struct mxa_str s = mxa_json_take_str(&r->in);

	if (s.len >= f->size)
		r->bad = true;
	else if (s.len > 0)
		memcpy(at, s.p, s.len + 1);
}

static void read_ip(struct mxa_field_reader *r, struct mxa_ip *at)
{
	struct mxa_str s = mxa_json_take_str(&r->in);

	if (s.p != NULL && !mxa_ip_parse(s, at))
		r->bad = true;
}

static void read_time(struct mxa_field_reader *r, int64_t *at)
{
	struct mxa_str s = mxa_json_take_str(&r->in);

	if (s.p != NULL && !mxa_time_parse(s, at))
		r->bad = true;
}

/* --- containers --- */

static void read_object(struct mxa_field_reader *r,
    const struct mxa_field_row *f, void *base, void *at)
{
	if (mxa_fields_from_json(r, f->table, at) && f->has_flag)
		*(bool *)((char *)base + f->flag) = true;
}

static void read_element(
    struct mxa_field_reader *r, const struct mxa_field_row *f, void *at)
{
	memset(at, 0, f->element);
	if (f->table != NULL) /* what is no object says nothing */
		r->bad = !mxa_fields_from_json(r, f->table, at) || r->bad;
	else
		*(struct mxa_str *)at = mxa_json_take_str(&r->in);
}

static void read_list_field(
    struct mxa_field_reader *r, const struct mxa_field_row *f, void *at)
{
	char *list = f->in_place ? at : NULL;
	size_t n = 0, cap = 0;

	if (!mxa_json_enter(&r->in, '['))
		return;
	while (mxa_json_item(&r->in)) {
		if (n >= f->most) {
			mxa_json_skip(&r->in);
			continue;
		}
		if (!f->in_place)
			list = mxa_arena_room(r->a, list, n, &cap, f->element);
		read_element(r, f, list + n * f->element);
		n++;
	}
	if (!f->in_place)
		memcpy(at, &list, sizeof(list));
	memcpy((char *)at - f->offset + f->count, &n, sizeof(n));
}

/* --- a field --- */

static void read_value(struct mxa_field_reader *r,
    const struct mxa_field_row *f, void *base, void *at)
{
	switch (f->type) {
	case MXA_FIELD_TEXT:
		*(struct mxa_str *)at = mxa_json_take_str(&r->in);
		break;
	case MXA_FIELD_CHARS:
		read_chars(r, f, at);
		break;
	case MXA_FIELD_FLAG:
		*(bool *)at = mxa_json_take_true(&r->in);
		break;
	case MXA_FIELD_NUMBER:
		read_number(r, f, at);
		break;
	case MXA_FIELD_WORD:
		read_word_field(r, f, at);
		break;
	case MXA_FIELD_IP:
		read_ip(r, at);
		break;
	case MXA_FIELD_TIME:
		read_time(r, at);
		break;
	case MXA_FIELD_OBJECT:
		read_object(r, f, base, at);
		break;
	case MXA_FIELD_LIST:
		read_list_field(r, f, at);
		break;
	case MXA_FIELD_OWN:
		mxa_json_skip(&r->in);
		break;
	}
}

static void read_row(
    struct mxa_field_reader *r, const struct mxa_field_row *f, void *base)
{
	void *at = (void *)mxa_field_at(f, base);

	if (at == NULL || (f->part & r->without) != 0)
		mxa_json_skip(&r->in);
	else if (f->read != NULL)
		f->read(r, at);
	else
		read_value(r, f, base, at);
}

/* The row of that name.  Lines have their members in the order of the table, so
 * the search goes on where it ended. */
static const struct mxa_field_row *find_row(
    const struct mxa_field_table *t, struct mxa_str key, size_t *next)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t k = *next + i < t->n ? *next + i : *next + i - t->n;
		const char *name = t->row[k].name;

		if (name[0] == key.p[0] && mxa_str_is(key, name) &&
		    t->row[k].place != MXA_PLACE_ANSWER) {
			*next = k + 1;
			return &t->row[k];
		}
	}
	return NULL;
}

static void set_defaults(const struct mxa_field_table *t, void *base)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];
		void *at;

		if (f->absent == 0)
			continue;
		at = (void *)mxa_field_at(f, base);
		if (at != NULL)
			store_number(f, at, f->absent);
	}
}

bool mxa_fields_from_json(
    struct mxa_field_reader *r, const struct mxa_field_table *t, void *base)
{
	const struct mxa_field_row *f;
	struct mxa_str key;
	size_t next = 0;

	if (!mxa_json_enter(&r->in, '{'))
		return false;
	if (t->begin != NULL)
		t->begin(r, base);
	set_defaults(t, base);
	while (mxa_json_member(&r->in, &key)) {
		f = find_row(t, key, &next);
		if (f != NULL)
			read_row(r, f, base);
		else
			mxa_json_skip(&r->in);
	}
	if (t->end != NULL)
		t->end(r, base);
	return true;
}
