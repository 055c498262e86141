/* markup.c - a reducer of XML; one pass, no look back. */
#include "report/received/markup.h"

#include <string.h>

#include "base/arena.h"
#include "report/received/model.h"

#define NAME_SLOTS 4096 /* a power of two, more than twice the names */

enum state {
	TEXT,
	OPEN, /* after '<' */
	NAME,
	ATTRIBUTES,
	DECLARATION, /* after "<!" */
	COMMENT,
	INSTRUCTION,
	CDATA,
};

void mxa_markup_init(struct mxa_markup *m, struct mxa_arena *a)
{
	memset(m, 0, sizeof(*m));
	m->names = mxa_arena_calloc(a, NAME_SLOTS, sizeof(*m->names));
}

static bool set_error(struct mxa_markup *m, const char *error)
{
	m->error = error;
	return false;
}

static bool count_text(struct mxa_markup *m, size_t n)
{
	m->text += n;
	return m->text <= MXA_MARKUP_MAX_TEXT ||
	    set_error(m, "it has more than 256 KiB of text between two tags");
}

/* --- tags --- */

/* Whether the parser may learn this name. */
static bool take_name(struct mxa_markup *m, struct mxa_str name)
{
	uint64_t hash = mxa_report_hash(name) | 1;
	size_t i = (size_t)hash / 2 % NAME_SLOTS;

	while (m->names[i] != 0 && m->names[i] != hash)
		i = (i + 1) % NAME_SLOTS;
	if (m->names[i] == hash)
		return true;
	if (m->n_names == MXA_MARKUP_MAX_NAMES)
		return set_error(
		    m, "it has more than 1000 different names of elements");
	m->names[i] = hash;
	m->n_names++;
	return true;
}

/* "<name" or "</name", without its prefix. */
static bool write_name(struct mxa_markup *m, struct mxa_buf *out)
{
	struct mxa_str name = mxa_str_make(m->name, m->name_len);
	size_t colon = mxa_str_chr(name, ':', 0);

	name = mxa_str_sub(name, colon < name.len ? colon + 1 : 0, name.len);
	if (!take_name(m, name))
		return false;
	mxa_buf_adds(out, m->closing ? "</" : "<");
	mxa_buf_addstr(out, name);
	return true;
}

static bool count_tag(struct mxa_markup *m, size_t n)
{
	m->n += n;
	return m->n <= MXA_MARKUP_MAX_TAG ||
	    set_error(m, "it has a tag of more than 16 KiB");
}

static void end_tag(struct mxa_markup *m, struct mxa_buf *out)
{
	mxa_buf_adds(out, m->last == '/' && !m->closing ? "/>" : ">");
	m->state = TEXT;
	m->text = 0;
}

/* Letters, digits, and what else is no white space or markup. */
static bool ends_name(char c)
{
	return mxa_is_space(c) || c == '/' || c == '>' || c == '<';
}

static size_t read_name(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	size_t at = 0;

	while (at < in.len && !ends_name(in.p[at]) &&
	    m->name_len < MXA_MARKUP_MAX_NAME)
		m->name[m->name_len++] = in.p[at++];
	if (at == in.len)
		return at;
	if (!ends_name(in.p[at]))
		set_error(m, "it has a name of more than 128 bytes");
	else if (write_name(m, out))
		m->state = ATTRIBUTES;
	m->last = '\0';
	m->quote = '\0';
	return at;
}

static size_t read_attributes(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	size_t at = 0;

	while (at < in.len && m->state == ATTRIBUTES) {
		char c = in.p[at++];

		if (m->quote != '\0') {
			m->quote = c == m->quote ? '\0' : m->quote;
		} else if (c == '>') {
			if (count_tag(m, at))
				end_tag(m, out);
			return at;
		} else if (c == '<') {
			/* the parser says what it thinks of that */
			mxa_buf_adds(out, " <");
			m->state = OPEN;
		} else {
			m->quote = c == '"' || c == '\'' ? c : '\0';
			m->last = c;
		}
	}
	count_tag(m, at);
	return at;
}

static size_t open_markup(struct mxa_markup *m, struct mxa_str in)
{
	m->n = m->name_len = m->tail = 0;
	m->closing = in.p[0] == '/';
	if (in.p[0] == '!')
		m->state = DECLARATION;
	else if (in.p[0] == '?')
		m->state = INSTRUCTION;
	else
		m->state = NAME;
	return m->state == NAME && !m->closing ? 0 : 1;
}

/* --- what is no tag --- */

/* "--" begins a comment, "[CDATA[" a section of text; anything else is a
 * document type declaration. */
static size_t open_declaration(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	static const char comment[] = "--", section[] = "[CDATA[";

	if (in.p[0] == comment[m->tail] && m->name_len == 0) {
		if (++m->tail == sizeof(comment) - 1) {
			m->state = COMMENT;
			m->tail = 0;
		}
	} else if (in.p[0] == section[m->name_len] && m->tail == 0) {
		if (++m->name_len == sizeof(section) - 1) {
			m->state = CDATA;
			mxa_buf_adds(out, "<![CDATA[");
		}
	} else {
		set_error(m,
		    "it has a document type declaration, which no report "
		    "needs");
	}
	return 1;
}

/* Up to and with the text that ends it; a byte may be seen twice ("--->"). */
static size_t pass_to(struct mxa_markup *m, struct mxa_str in, const char *end)
{
	size_t at = 0;

	while (at < in.len) {
		char c = in.p[at++];

		if (c == end[m->tail])
			m->tail++;
		else if (m->tail == 2 && c == end[1] && end[0] == end[1])
			continue;
		else
			m->tail = c == end[0];
		if (end[m->tail] == '\0') {
			m->state = TEXT;
			return at;
		}
	}
	return at;
}

static size_t read_cdata(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	size_t at = pass_to(m, in, "]]>");

	mxa_buf_add(out, in.p, at);
	count_text(m, at);
	return at;
}

static size_t read_text(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	size_t at = mxa_str_chr(in, '<', 0);

	mxa_buf_add(out, in.p, at);
	if (!count_text(m, at) || at == in.len)
		return at;
	m->state = OPEN;
	return at + 1;
}

static size_t read_some(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	switch ((enum state)m->state) {
	case TEXT:
		break;
	case OPEN:
		return open_markup(m, in);
	case NAME:
		return read_name(m, in, out);
	case ATTRIBUTES:
		return read_attributes(m, in, out);
	case DECLARATION:
		return open_declaration(m, in, out);
	case COMMENT:
		return pass_to(m, in, "-->");
	case INSTRUCTION:
		return pass_to(m, in, "?>");
	case CDATA:
		return read_cdata(m, in, out);
	}
	return read_text(m, in, out);
}

bool mxa_markup_feed(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out)
{
	while (in.len > 0 && m->error == NULL)
		in = mxa_str_sub(in, read_some(m, in, out), in.len);
	return m->error == NULL;
}
