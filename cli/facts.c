/* facts.c - all facts of a transaction.
 *
 * The text is made from the journal's JSON, so that it cannot differ from it.
 */
#include "cli/facts.h"

#include "base/json_read.h"
#include "base/limits.h"
#include "cli/out.h"

#define INDENT 2
#define NAME_COLUMNS 14

/* The tables only read what they get. */
static struct mxa_line line_of(const struct mxa_entry *e)
{
	return (struct mxa_line){ .time = e->time,
		.txn = (struct mxa_txn *)&e->txn,
		.has_dns = true,
		.evidence = e->evidence,
		.n_evidence = e->n_evidence,
		.counts = e->counts,
		.cut = e->cut };
}

void facts_write(
    struct mxa_json *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	struct mxa_field_writer w = { .j = j, .a = a, .answer = true };
	struct mxa_line line = line_of(e);

	mxa_fields_to_json(&w, &mxa_fields, &line);
}

/* --- text --- */

/* A word stands as it is; else in quotes. */
static void add_quoted(struct mxa_buf *b, struct mxa_str s)
{
	bool word = s.len > 0 && mxa_str_chr(s, ' ', 0) == s.len &&
	    mxa_str_chr(s, '"', 0) == s.len;

	mxa_buf_adds(b, word ? "" : "\"");
	mxa_buf_addstr(b, s);
	mxa_buf_adds(b, word ? "" : "\"");
}

/* First byte of the value, or of its first element; the closing bracket of an
 * empty list or object. */
static char first_byte(const struct mxa_json_reader *r)
{
	struct mxa_json_reader ahead = *r;
	char kind = mxa_json_peek(&ahead);

	if (kind != '[' && kind != '{')
		return kind;
	mxa_json_enter(&ahead, kind);
	return mxa_json_peek(&ahead);
}

static bool is_empty(const struct mxa_json_reader *r)
{
	char first = first_byte(r);

	return first == ']' || first == '}';
}

static void add_fact_value(struct mxa_buf *b, struct mxa_json_reader *r);

/* "key=value key=value" */
static void add_members(struct mxa_buf *b, struct mxa_json_reader *r)
{
	struct mxa_str key;
	const char *before = "";

	mxa_json_enter(r, '{');
	while (mxa_json_member(r, &key)) {
		if (is_empty(r)) {
			mxa_json_skip(r);
			continue;
		}
		mxa_buf_printf(b, "%s%.*s=", before, MXA_STR_ARG(key));
		add_fact_value(b, r);
		before = " ";
	}
}

/* "value,value" */
static void add_elements(struct mxa_buf *b, struct mxa_json_reader *r)
{
	const char *before = "";

	mxa_json_enter(r, '[');
	while (mxa_json_item(r)) {
		mxa_buf_adds(b, before);
		add_fact_value(b, r);
		before = ",";
	}
}

/* The tables bound how deep values are nested. */
static void add_fact_value(struct mxa_buf *b, struct mxa_json_reader *r)
{
	const char *at;

	switch (mxa_json_peek(r)) {
	case '"':
		add_quoted(b, mxa_json_take_str(r));
		return;
	case '[':
		add_elements(b, r);
		return;
	case '{':
		mxa_buf_addc(b, '(');
		add_members(b, r);
		mxa_buf_addc(b, ')');
		return;
	}
	at = r->at;
	mxa_json_skip(r);
	mxa_buf_add(b, at, (size_t)(r->at - at));
}

static void print_fact(struct out *o, struct mxa_arena *a, struct mxa_str key,
    struct mxa_json_reader *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 2 * MXA_MAX_JOURNAL_LINE);
	if (mxa_json_peek(r) == '{')
		add_members(&b, r);
	else
		add_fact_value(&b, r);
	out_item(o, INDENT, INDENT + NAME_COLUMNS, key, mxa_buf_str(&b));
}

/* A list of objects becomes a paragraph for each. */
static void print_member(struct out *o, struct mxa_arena *a, struct mxa_str key,
    struct mxa_json_reader *r)
{
	if (is_empty(r)) {
		mxa_json_skip(r);
	} else if (mxa_json_peek(r) == '[' && first_byte(r) == '{') {
		mxa_json_enter(r, '[');
		while (mxa_json_item(r))
			print_fact(o, a, key, r);
	} else {
		print_fact(o, a, key, r);
	}
}

void facts_print(struct out *o, struct mxa_arena *a, const struct mxa_entry *e)
{
	struct mxa_line line = line_of(e);
	struct mxa_json_reader r;
	struct mxa_field_writer w = { .a = a };
	struct mxa_json j;
	struct mxa_str key;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 2 * MXA_MAX_JOURNAL_LINE);
	mxa_json_init(&j, &b);
	w.j = &j;
	mxa_json_open(&j, NULL, '{');
	mxa_fields_to_json(&w, &mxa_fields, &line);
	mxa_json_close(&j, '}');
	mxa_json_reader_init(&r, b.p, b.len);
	mxa_json_enter(&r, '{');
	while (mxa_json_member(&r, &key))
		print_member(o, a, key, &r);
}
