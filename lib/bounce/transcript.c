/* transcript.c - what Sendmail and Courier show of the session: ">>> " before
 * what was said, "<<< " before each line of the reply. */
#include "bounce/collect.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "bounce/find.h"

static const char *const host_words[] = { "talking to ", "While talking to ",
	NULL };

struct session {
	struct mxa_str recipient; /* of the block, or of RCPT TO */
	enum mxa_stage stage;
	char code[4];
	struct mxa_buf reply;
};

static bool is_refusal(struct mxa_str line)
{
	return line.len >= 3 && (line.p[0] == '4' || line.p[0] == '5') &&
	    mxa_is_digit(line.p[1]) && mxa_is_digit(line.p[2]);
}

/* A line that we said: its stage, and the recipient of RCPT TO. */
static void take_command(struct session *s, struct mxa_str line)
{
	size_t end;

	if (s->reply.len > 0)
		return;
	s->stage = mxa_stage_in(line);
	if (s->stage == MXA_STAGE_RCPT)
		s->recipient = mxa_find_address(line, &end);
}

/* Courier: "mx.example.com [192.0.2.1]:" above the session. */
static struct mxa_str host_above(struct mxa_arena *a, struct mxa_str line)
{
	if (!mxa_str_ends(line, MXA_STR("]:")) ||
	    mxa_str_casefind(line, MXA_STR(" [")) == line.len)
		return MXA_STR("");
	return mxa_host_at(a, line);
}

/* A line of the reply; false: it belongs to another one. */
static bool take_answer(struct session *s, struct mxa_str line)
{
	line = mxa_str_sub(line, 4, line.len);
	if (!is_refusal(line))
		return true;
	if (s->reply.len > 0 && memcmp(s->code, line.p, 3) != 0)
		return false;
	memcpy(s->code, line.p, 3);
	mxa_buf_addstr(&s->reply, line);
	mxa_buf_addc(&s->reply, '\n');
	return true;
}

bool mxa_collect_transcript(struct mxa_collect *c, struct mxa_str p)
{
	struct session s = { .recipient = MXA_STR("") };
	struct mxa_entry_found *e;
	struct mxa_str line, first = MXA_STR(""), host = MXA_STR("");
	size_t at = 0, end;

	mxa_buf_init(&s.reply, c->arena, MXA_MAX_SAID);
	while (mxa_next_line(p, &at, &line)) {
		line = mxa_str_trim(line);
		if (mxa_str_starts(line, MXA_STR(">>> ")))
			take_command(&s, line);
		else if (mxa_str_starts(line, MXA_STR("<<< "))) {
			if (!take_answer(&s, line))
				break;
		} else if (first.len == 0 && mxa_str_starts(line, MXA_STR("<")))
			first = mxa_find_address(line, &end);
		else if (host.len == 0)
			host = host_above(c->arena, line);
	}
	if (s.reply.len == 0 || (e = mxa_found_add(c, &c->text)) == NULL)
		return s.reply.len > 0;
	e->recipient = first.len > 0 ? first : s.recipient;
	e->remote_mta =
	    host.len > 0 ? host : mxa_host_after(c->arena, p, host_words);
	mxa_said_read(c->arena, mxa_buf_str(&s.reply), &e->said);
	e->said.stage = s.stage;
	return true;
}

/* Whether 'part' is the first line of 'whole'. */
static bool is_first_line(
    const struct mxa_said *part, const struct mxa_said *whole)
{
	struct mxa_str p = part->text;

	while (p.len > 0 && strchr(") -", p.p[p.len - 1]) != NULL &&
	    p.p[p.len - 1] != '\0')
		p.len--;
	return strcmp(part->code, whole->code) == 0 &&
	    whole->text.len >= p.len && mxa_str_casestarts(whole->text, p);
}

void mxa_join_transcripts(
    struct mxa_found_list *whole, struct mxa_found_list *parts)
{
	size_t nameless[8], n = 0;

	for (size_t i = 0; i < whole->n && n < MXA_ARRAY_LEN(nameless); i++)
		if (whole->v[i].recipient.len == 0)
			nameless[n++] = i;
	for (size_t k = 0; k < n; k++) {
		struct mxa_entry_found *t = &whole->v[nameless[k]];
		bool used = false;

		for (size_t i = 0; i < parts->n; i++) {
			struct mxa_entry_found *e = &parts->v[i];

			if (e == t || e->recipient.len == 0 ||
			    !is_first_line(&e->said, &t->said))
				continue;
			e->said = t->said;
			if (e->remote_mta.len == 0)
				e->remote_mta = t->remote_mta;
			used = true;
		}
		if (used && whole == parts) {
			t->said.code[0] = '\0';
			t->said.text = MXA_STR("");
		}
	}
}
