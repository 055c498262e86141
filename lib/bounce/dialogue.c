/* dialogue.c - what the words for people tell: which address, which host, what
 * it said.  One way for all mail systems: a paragraph with a reply belongs to
 * the address before it. */
#include "bounce/collect.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "bounce/daemon.h"
#include "bounce/find.h"

#define MAX_PENDING 64	    /* addresses that wait for their reply */
#define MAX_PARAGRAPH 65536 /* bytes looked at */
#define MAX_AROUND 4096	    /* bytes kept of what stands around a reply */
#define MAX_REASONS 200	    /* paragraphs that may give a reason in words */

struct dialogue {
	struct mxa_collect *c;
	struct mxa_str pending[MAX_PENDING];
	size_t n_pending;
	bool used;	      /* the pending addresses have had a reply */
	struct mxa_str host;  /* named in the paragraph before */
	struct mxa_str words; /* of this text, that told of no reply */
};

/* --- addresses --- */

#define WIDE_COLON "："

/* Length of a sign between an address and what is said of it, or 0. */
static size_t signs_len(struct mxa_str s)
{
	static const struct mxa_str wide = MXA_STR_INIT(WIDE_COLON);

	if (s.p[0] != '\0' && strchr(">):, \t", s.p[0]) != NULL)
		return 1;
	return mxa_str_starts(s, wide) ? wide.len : 0;
}

/* The address that a line begins with, after marks of a list; what follows it
 * in '*rest'.  Empty: it begins with something else. */
static struct mxa_str leading_address(struct mxa_str line, struct mxa_str *rest)
{
	struct mxa_str s = mxa_str_trim(line), found;
	size_t end;

	while (s.len > 0 && (s.p[0] == '*' || s.p[0] == '-' || s.p[0] == ' '))
		s = mxa_str_sub(s, 1, s.len);
	found = mxa_find_address(s, &end);
	if (found.len == 0 || (found.p > s.p + 1 && s.p[0] != '<') ||
	    mxa_str_chr(mxa_str_make(s.p, (size_t)(found.p - s.p)), '>', 0) <
		(size_t)(found.p - s.p))
		return MXA_STR("");
	*rest = mxa_str_sub(s, end, s.len);
	while (rest->len > 0 && signs_len(*rest) > 0)
		*rest = mxa_str_sub(*rest, signs_len(*rest), rest->len);
	return found;
}

/* A recipient's address in the words before a reply. */
static struct mxa_str address_before(struct mxa_str head)
{
	size_t at = 0, end;

	while (at < head.len) {
		struct mxa_str rest = mxa_str_sub(head, at, head.len);
		struct mxa_str found = mxa_find_address(rest, &end);
		size_t from;

		if (found.len == 0)
			break;
		from = (size_t)(found.p - head.p);
		if (from < 6 ||
		    !mxa_str_caseeq(
			mxa_str_sub(head, from - 6, from), MXA_STR("FROM:<")))
			return found;
		at += end;
	}
	return MXA_STR("");
}

/* An address after a word that says that it is a recipient's. */
static struct mxa_str labelled_address(struct mxa_str p)
{
	static const char *const before[] = { "your message to ",
		"delivered to:", "delivered to ", "recipient:", "recipient ",
		"recipient(s):", "delivering your mail to ", "unknown user:",
		"allowed size:", "attempts:", "RCPT TO:", "宛先", "nicht an ",
		"nachricht an ", "remis à ", "distribué à ", "message à ",
		"mensaje para ", "mensaje a ", "entregado a ", "entregó a ",
		"发送给 ", "送达 ", "傳送給 ", "寄給 ", NULL };

	for (size_t i = 0; before[i] != NULL; i++) {
		struct mxa_str word = mxa_str_from(before[i]);
		size_t at = mxa_str_casefind(p, word) + word.len;
		struct mxa_str found;
		size_t end;

		found = mxa_find_address(mxa_str_sub(p, at, at + 200), &end);
		if (found.len > 0)
			return found;
	}
	return MXA_STR("");
}

/* --- hosts --- */

/* A line that is nothing but a host name. */
static struct mxa_str host_alone(struct mxa_collect *c, struct mxa_str p)
{
	struct mxa_str line, host;
	size_t at = 0;

	while (mxa_next_line(p, &at, &line)) {
		line = mxa_str_trim(line);
		host = mxa_host_at(c->arena, line);
		if (host.len > 0 && host.len == line.len)
			return host;
	}
	return MXA_STR("");
}

/* The host that is said to have answered. */
static struct mxa_str host_in(struct mxa_collect *c, struct mxa_str head)
{
	static const char *const before[] = { "host ", "talking to ",
		"remote server ", " by ", "mta ", "response from ", "ホスト ",
		"hôte ", "主机 ", "主機 ", "server ", NULL };
	static const char *const after[] = { " gave this error",
		" did not like", " said:", " #4", " #5",
		" rejected your message", " returned '", NULL };
	struct mxa_str found = mxa_host_after(c->arena, head, before);

	for (size_t i = 0; after[i] != NULL && found.len == 0; i++) {
		size_t at = mxa_str_casefind(head, mxa_str_from(after[i]));
		size_t from = at;

		if (at == head.len)
			continue;
		/* "mx.example.com [192.0.2.1] did not like" */
		if (at > 0 && head.p[at - 1] == ']')
			while (from > 0 && head.p[from] != '[')
				from--;
		while (from > 0 && mxa_is_space(head.p[from - 1]))
			from--;
		at = from;
		while (from > 0 &&
		    (mxa_is_alnum(head.p[from - 1]) ||
			head.p[from - 1] == '.' || head.p[from - 1] == '-'))
			from--;
		found = mxa_host_at(c->arena, mxa_str_sub(head, from, at));
	}
	return found.len > 0 ? found : host_alone(c, head);
}

/* --- paragraphs --- */

/* An entry just before without any code for the same recipient, for which
 * 'said' is more; NULL: none. */
static struct mxa_entry_found *entry_without_code(struct mxa_found_list *list,
    struct mxa_str recipient, const struct mxa_said *said)
{
	for (size_t i = list->n;
	     said->code[0] != '\0' && i > 0 && i + 8 > list->n; i--) {
		struct mxa_entry_found *e = &list->v[i - 1];

		if (e->said.code[0] == '\0' &&
		    mxa_str_caseeq(e->recipient, recipient))
			return e;
	}
	return NULL;
}

static void add_entry(struct dialogue *d, struct mxa_str recipient,
    struct mxa_str host, struct mxa_str around, const struct mxa_said *said)
{
	struct mxa_entry_found *e =
	    entry_without_code(&d->c->text, recipient, said);

	if (e == NULL && (e = mxa_found_add(d->c, &d->c->text)) == NULL)
		return;
	e->recipient = recipient;
	e->remote_mta = host.len > 0 ? host : d->host;
	e->said = *said;
	e->around = mxa_str_sub(around, 0, MAX_AROUND);
	if (mxa_stage_in(around) != MXA_STAGE_UNKNOWN)
		e->said.stage = mxa_stage_in(around);
}

/* A reply for the address before it, or for those that wait. */
static void take_reply(struct dialogue *d, struct mxa_str whole, size_t at)
{
	struct mxa_str head = mxa_str_sub(whole, 0, at);
	struct mxa_str address = address_before(head);
	/* " #5": the code of Exchange right after its host */
	struct mxa_str host =
	    host_in(d->c, mxa_str_sub(whole, 0, at < whole.len ? at + 1 : at));
	struct mxa_said said;

	mxa_said_read(d->c->arena, mxa_str_sub(whole, at, whole.len), &said);
	if (mxa_str_casefind(head, MXA_STR("(expanded from")) < head.len ||
	    mxa_str_casefind(head, MXA_STR("(generated from")) < head.len)
		d->c->expanded = true;
	if (address.len > 0 || d->n_pending == 0) {
		add_entry(d, address, host, whole, &said);
		return;
	}
	for (size_t i = 0; i < d->n_pending; i++)
		add_entry(d, d->pending[i], host, whole, &said);
	d->used = true;
}

/* Where in 'raw' the block of another address begins. */
static size_t next_block(struct mxa_str raw)
{
	struct mxa_str line, rest;
	size_t at = 0, from = 0;
	bool first = true;

	while (from = at, mxa_next_line(raw, &at, &line)) {
		/* an indented "<u@example.com>" belongs to the reply */
		if (!first && leading_address(line, &rest).len > 0 &&
		    (rest.len == 0 || line.p[0] == '<'))
			return from;
		first = false;
	}
	return raw.len;
}

/* The words after "host mx.example.com[192.0.2.1] said:" in any language. */
static struct mxa_str answer_in(struct mxa_str s)
{
	size_t bracket = mxa_str_chr(s, ']', 0);
	size_t colon = mxa_str_chr(s, ':', bracket), behind = colon + 1;
	size_t wide = mxa_str_casefind(s, MXA_STR(WIDE_COLON));
	struct mxa_str host = mxa_str_sub(s, 0, bracket);

	if (wide > bracket && wide < colon) {
		colon = wide;
		behind = wide + sizeof(WIDE_COLON) - 1;
	}
	if (colon >= s.len || bracket > 200 || colon - bracket > 80 ||
	    mxa_str_chr(host, '[', 0) == host.len ||
	    mxa_str_chr(host, '.', 0) > mxa_str_chr(host, '[', 0))
		return s;
	return mxa_str_sub(s, behind, s.len);
}

/* "<u@example.com>:" and a reason without any code. */
static bool take_reason(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str line, rest, address;
	struct mxa_said said;
	size_t at = 0;

	if (!mxa_next_line(p, &at, &line))
		return false;
	address = leading_address(line, &rest);
	if (address.len == 0)
		return false;
	if (rest.len == 0)
		rest = mxa_str_trim(mxa_str_sub(p, at, p.len));
	else
		rest = mxa_str_make(rest.p, (size_t)(p.p + p.len - rest.p));
	if (rest.len < 8 || leading_address(rest, &line).len > 0)
		return false;
	mxa_said_read(d->c->arena, answer_in(rest), &said);
	add_entry(d, address, host_in(d->c, rest), rest, &said);
	return true;
}

static void wait_for(struct dialogue *d, struct mxa_str address)
{
	if (d->used) {
		d->n_pending = 0;
		d->used = false;
	}
	for (size_t i = 0; i < d->n_pending; i++)
		if (mxa_str_caseeq(d->pending[i], address))
			return;
	if (d->n_pending < MAX_PENDING)
		d->pending[d->n_pending++] = address;
}

/* Addresses that stand alone on their lines, or are called recipients, wait for
 * the reply after them. */
static void wait_for_reply(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str line, rest, address;
	size_t at = 0, before = d->n_pending;

	while (mxa_next_line(p, &at, &line)) {
		address = leading_address(line, &rest);
		if (address.len > 0 && rest.len <= 60)
			wait_for(d, address);
	}
	address = labelled_address(p);
	if (d->n_pending == before && address.len > 0)
		wait_for(d, address);
}

/* Text without any reply is kept: it may hold a reason in words. */
static void keep_words(struct dialogue *d, struct mxa_str p)
{
	const char *from = d->words.len > 0 ? d->words.p : p.p;

	d->words = mxa_str_make(from, (size_t)(p.p + p.len - from));
	d->c->words = true;
}

static void read_paragraph(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str host;

	p = mxa_str_sub(p, 0, MAX_PARAGRAPH);
	if (mxa_str_casefind(p, MXA_STR("<<< ")) < p.len &&
	    mxa_collect_transcript(d->c, p))
		return;
	while (p.len > 0) {
		size_t at = mxa_said_find(p), end;

		if (at == p.len) {
			if (!take_reason(d, p)) {
				wait_for_reply(d, p);
				keep_words(d, p);
			}
			host = host_in(d->c, p);
			/* not the one that wrote the bounce */
			if (host.len > 0 &&
			    !mxa_str_eq(host, d->c->greeting_host))
				d->host = host;
			return;
		}
		end = at + next_block(mxa_str_sub(p, at, p.len));
		take_reply(d, mxa_str_sub(p, 0, end), at);
		p = mxa_str_sub(p, end, p.len);
	}
}

/* --- text --- */

/* The line without the marks of a quotation; Sendmail's ">>> DATA" stays. */
static struct mxa_str without_quote(struct mxa_str line)
{
	for (;;) {
		size_t n = 0;

		while (n < line.len && n < 2 && line.p[n] == ' ')
			n++;
		if (n == line.len || line.p[n] != '>')
			return line;
		if (mxa_str_starts(
			mxa_str_sub(line, n, line.len), MXA_STR(">>> ")))
			return line;
		n++;
		if (n < line.len && line.p[n] == ' ')
			n++;
		line = mxa_str_sub(line, n, line.len);
	}
}

/* All lines without quotation marks; blank lines stay. */
static struct mxa_str without_quotes(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str line;
	struct mxa_buf b;
	size_t at = 0;

	if (mxa_str_chr(s, '>', 0) == s.len)
		return s;
	mxa_buf_init(&b, a, s.len + 2);
	while (mxa_next_line(s, &at, &line)) {
		mxa_buf_addstr(&b, without_quote(line));
		mxa_buf_addc(&b, '\n');
	}
	return mxa_buf_str(&b);
}

/* A paragraph that is a header section; false: it is none. */
static bool take_header(struct mxa_collect *c, struct mxa_str p)
{
	struct mxa_str header = mxa_pasted_header(c->arena, p);

	if (header.len == 0)
		return false;
	mxa_collect_header(c, header, false);
	return true;
}

static bool has_copy_line(struct mxa_str p)
{
	struct mxa_str line;
	size_t at = 0;

	while (mxa_next_line(p, &at, &line))
		if (mxa_begins_copy(line))
			return true;
	return false;
}

/* Without any reply, the first paragraph that gives a known reason in words is
 * the reason of the addresses that wait. */
static void take_words(struct dialogue *d)
{
	struct mxa_refusal_kind kind;
	struct mxa_said said;
	struct mxa_str p;
	size_t at = 0, end;

	for (unsigned n = 0;
	     n < MAX_REASONS && mxa_next_paragraph(d->words, &at, &p); n++) {
		mxa_said_read(d->c->arena, p, &said);
		mxa_refusal_classify(
		    d->c->arena, &said, MXA_STR(""), MXA_STR(""), &kind);
		if (!kind.sure || kind.class == MXA_RF_OTHER)
			continue;
		if (d->n_pending == 0)
			wait_for(d, mxa_find_address(p, &end));
		for (size_t i = 0; i < d->n_pending; i++)
			add_entry(
			    d, d->pending[i], MXA_STR(""), MXA_STR(""), &said);
		return;
	}
}

/* "after MAIL FROM:<u@example.com>", ">>> MAIL From:<u@example.com>": the
 * envelope sender, where no field tells it. */
static void take_mail_from(struct mxa_collect *c, struct mxa_str s)
{
	size_t end;

	if (c->sender.len == 0)
		c->sender = mxa_find_address(mxa_find_mail_from(s), &end);
}

void mxa_collect_text(struct mxa_collect *c, struct mxa_str s)
{
	struct dialogue d = {
		.c = c, .host = MXA_STR(""), .words = MXA_STR("")
	};
	size_t at = 0, n = c->text.n;
	struct mxa_str p, host;
	bool copy = false;

	s = mxa_html_entities(c->arena,
	    without_quotes(c->arena, mxa_str_sub(s, 0, MXA_BOUNCE_MAX_TEXT)));
	mxa_collect_status(c, s);
	c->greeted = c->greeted || mxa_has_bounce_words(c->arena, s);
	c->looks = c->looks || c->greeted;
	take_mail_from(c, s);
	host = mxa_host_that_wrote(c->arena, s);
	if (host.len > 0)
		c->greeting_host = host;
	while (mxa_next_paragraph(s, &at, &p)) {
		bool header = take_header(c, p);

		/* "Message details:" also closes James's words */
		if (!copy && !header && !mxa_is_status(p))
			read_paragraph(&d, p);
		copy = copy || has_copy_line(p);
	}
	if (c->text.n == n && c->fields.n == 0 && c->looks)
		take_words(&d);
}
