/* line.c - a message as one line of JSON, and back. */
#include "history/line.h"

#include "base/arena.h"
#include "base/json.h"
#include "history/fields.h"

/* One line by the rows of 't'. */
static void write_line(struct mxa_buf *b, const struct mxa_field_table *t,
    const struct mxa_line *line)
{
	struct mxa_json j;
	struct mxa_field_writer w = { .j = &j };

	mxa_json_init(&j, b);
	mxa_json_open(&j, NULL, '{');
	mxa_fields_to_json(&w, t, line);
	mxa_json_close(&j, '}');
	mxa_buf_addc(b, '\n');
}

void mxa_line_write(struct mxa_buf *b, const struct mxa_txn *t,
    const struct mxa_line_dns *dns, int64_t time)
{
	struct mxa_line line = { .time = time, .txn = (struct mxa_txn *)t };

	if (dns != NULL) {
		line.has_dns = true;
		line.evidence = (struct mxa_evidence *)dns->evidence;
		line.n_evidence = dns->n;
		line.counts = dns->counts;
	}
	write_line(b, &mxa_fields, &line);
}

void mxa_line_write_file(struct mxa_buf *b, struct mxa_str file_id,
    struct mxa_str version, int64_t time)
{
	struct mxa_line line = {
		.time = time, .file_id = file_id, .writer = version
	};

	write_line(b, &mxa_file_fields, &line);
}

/* --- back --- */

/* 'line' into 'out' by the rows of 't'.  The reader decodes in place, so it
 * gets a copy. */
static enum mxa_rc read_line(struct mxa_arena *a, struct mxa_str line,
    const struct mxa_field_table *t, unsigned without, struct mxa_line *out)
{
	struct mxa_field_reader r = { .a = a, .without = without };

	mxa_json_reader_init(
	    &r.in, mxa_arena_strdup(a, line.p, line.len), line.len);
	if (!mxa_fields_from_json(&r, t, out) || !mxa_json_finish(&r.in) ||
	    out->version < 1)
		return MXA_ESYNTAX;
	if (out->version > MXA_JOURNAL_VERSION)
		return MXA_EINVAL;
	return r.bad || out->time < 0 ? MXA_ESYNTAX : MXA_OK;
}

/* The sender as it was kept, which has no brackets that are to be dropped. */
static void set_sender(struct mxa_msg *m, struct mxa_arena *a)
{
	struct mxa_str sender = m->mail_from;
	struct mxa_buf path;

	mxa_buf_init(&path, a, sender.len + 2);
	mxa_buf_addc(&path, '<');
	mxa_buf_addstr(&path, sender);
	mxa_buf_addc(&path, '>');
	mxa_msg_set_mail_from(m, a, mxa_buf_str(&path));
	m->mail_from = sender;
}

/* What follows from other fields. */
static void complete_message(
    struct mxa_arena *a, const struct mxa_line *line, struct mxa_txn *t)
{
	struct mxa_msg *m = &t->msg;

	m->received = line->time;
	if (m->peer.family == 0)
		m->peer = m->ip;
	set_sender(m, a);
	t->verdict.helo_checked = line->helo_checked;
	t->verdict.arc.evaluated = line->arc_checked;
}

static enum mxa_rc read_message_line(struct mxa_arena *a, struct mxa_str text,
    unsigned without, struct mxa_entry *out)
{
	struct mxa_line line = { .txn = &out->txn };
	enum mxa_rc rc;

	mxa_msg_init(&out->txn.msg, a);
	out->txn.msg.queue_id = MXA_STR_NONE;
	mxa_notes_init(&out->txn.verdict.notes, a);
	rc = read_line(a, text, &mxa_fields, without, &line);
	if (rc != MXA_OK)
		return rc;
	if (out->txn.msg.queue_id.p == NULL || !line.has_action)
		return MXA_ENOENT;
	complete_message(a, &line, &out->txn);
	out->kind = MXA_ENTRY_MESSAGE;
	out->time = line.time;
	out->evidence = line.evidence;
	out->n_evidence = line.n_evidence;
	out->counts = line.counts;
	out->cut = line.cut;
	return MXA_OK;
}

static enum mxa_rc read_file_line(
    struct mxa_arena *a, struct mxa_str text, struct mxa_entry *out)
{
	struct mxa_line line = { .txn = &out->txn };
	enum mxa_rc rc = read_line(a, text, &mxa_file_fields, 0, &line);

	if (rc != MXA_OK || line.file_id.len == 0)
		return MXA_ESYNTAX;
	*out = (struct mxa_entry){ .kind = MXA_ENTRY_FILE,
		.time = line.time,
		.file_id = line.file_id };
	return MXA_OK;
}

enum mxa_rc mxa_line_read_parts(struct mxa_arena *a, struct mxa_str line,
    unsigned without, struct mxa_entry *out)
{
	enum mxa_rc rc;

	*out = (struct mxa_entry){ .kind = MXA_ENTRY_FILE };
	rc = read_message_line(a, line, without, out);
	return rc == MXA_ENOENT ? read_file_line(a, line, out) : rc;
}

enum mxa_rc mxa_line_read(
    struct mxa_arena *a, struct mxa_str line, struct mxa_entry *out)
{
	return mxa_line_read_parts(a, line, 0, out);
}
