/* dialogue.c - what the words for people tell: which address, which host, what
 * it said.  One way for all MTAs: a paragraph with a reply belongs to the
 * address before it. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/limits.h"

#define MAX_PENDING 64	    /* addresses that wait for their reply */
#define MAX_PARAGRAPH 65536 /* bytes looked at */

struct dialogue {
	struct mxa_collect *c;
	struct mxa_str pending[MAX_PENDING];
	size_t n_pending;
	bool used; /* the pending addresses have had a reply */
};

bool mxa_next_line(struct mxa_str s, size_t *at, struct mxa_str *line)
{
	size_t end;

	if (*at >= s.len)
		return false;
	end = mxa_str_chr(s, '\n', *at);
	*line = mxa_str_sub(s, *at, end);
	*at = end + 1;
	return true;
}

/* --- addresses --- */

static bool local_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.\"\\", c) != NULL);
}

static bool domain_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 || c == '.' ||
	    c == '-' || c == '_';
}

struct mxa_str mxa_find_address(struct mxa_str s, size_t *end)
{
	size_t at = 0;

	while ((at = mxa_str_chr(s, '@', at)) < s.len) {
		size_t from = at, to = at + 1;

		while (from > 0 && at - from < 320 && local_byte(s.p[from - 1]))
			from--;
		/* "addr@ example.com": a blog's care against collectors */
		if (to < s.len && s.p[to] == ' ' && to + 1 < s.len &&
		    mxa_is_alnum(s.p[to + 1]) &&
		    mxa_str_chr(s, '>', to) < to + 80)
			to++;
		while (to < s.len && to - at < 256 && domain_byte(s.p[to]))
			to++;
		while (
		    to > at + 1 && (s.p[to - 1] == '.' || s.p[to - 1] == '-'))
			to--;
		*end = to;
		if (from < at && to > at + 1)
			return mxa_str_sub(s, from, to);
		at++;
	}
	*end = s.len;
	return MXA_STR("");
}

/* The address that a line begins with, behind marks of a list; what follows it
 * in '*rest'.  Empty: it begins with something else. */
static struct mxa_str leading_address(struct mxa_str line, struct mxa_str *rest)
{
	struct mxa_str s = mxa_str_trim(line), found;
	size_t end;

	while (s.len > 0 && (s.p[0] == '*' || s.p[0] == '-' || s.p[0] == ' '))
		s = mxa_str_sub(s, 1, s.len);
	found = mxa_find_address(s, &end);
	if (found.len == 0 || (found.p > s.p + 1 && s.p[0] != '<') ||
	    (found.p == s.p + 1 && s.p[0] != '<' && s.p[0] != '"'))
		return MXA_STR("");
	/* "<name <u@example.com>:" */
	if (found.p > s.p + 1 && mxa_str_chr(s, '>', 0) < end)
		return MXA_STR("");
	while (end < s.len && strchr(">):", s.p[end]) != NULL)
		end++;
	*rest = mxa_str_trim(mxa_str_sub(s, end, s.len));
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
		if (from >= 6 &&
		    mxa_str_caseeq(
			mxa_str_sub(head, from - 6, from), MXA_STR("FROM:<"))) {
			at += end;
			continue;
		}
		return found;
	}
	return MXA_STR("");
}

/* --- hosts --- */

/* A host name at the start of 's'; empty: something else stands there. */
static struct mxa_str host_at(struct mxa_collect *c, struct mxa_str s)
{
	struct mxa_str name;
	size_t n = 0;

	while (n < s.len && n <= MXA_MAX_DOMAIN && domain_byte(s.p[n]))
		n++;
	name = mxa_str_sub(s, 0, n);
	while (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (mxa_str_chr(name, '.', 0) == name.len || !mxa_domain_is_ldh(name))
		return MXA_STR("");
	return mxa_str_lower(c->arena, name);
}

static struct mxa_str host_in(struct mxa_collect *c, struct mxa_str head)
{
	static const struct mxa_str before[] = { MXA_STR_INIT("host "),
		MXA_STR_INIT("talking to "), MXA_STR_INIT("remote server "),
		MXA_STR_INIT("server "), MXA_STR_INIT(" by "),
		MXA_STR_INIT("mta "), MXA_STR_INIT("response from ") };
	struct mxa_str found = MXA_STR("");

	for (size_t i = 0; i < MXA_ARRAY_LEN(before) && found.len == 0; i++) {
		size_t at = 0;

		while (at < head.len && found.len == 0) {
			struct mxa_str rest = mxa_str_sub(head, at, head.len);
			size_t hit = mxa_str_casefind(rest, before[i]);

			if (hit == rest.len)
				break;
			at += hit + before[i].len;
			found = host_at(c, mxa_str_sub(head, at, head.len));
		}
	}
	if (found.len == 0) {
		/* Exchange Online: "mx.example.com gave this error:" */
		size_t at = mxa_str_casefind(head, MXA_STR(" gave this error"));
		size_t from = at;

		while (
		    at < head.len && from > 0 && domain_byte(head.p[from - 1]))
			from--;
		if (at < head.len)
			found = host_at(c, mxa_str_sub(head, from, at));
	}
	return found;
}

/* --- paragraphs --- */

static void add(struct dialogue *d, struct mxa_str recipient,
    struct mxa_str host, struct mxa_str whole, struct mxa_str raw)
{
	struct mxa_entry_found *e = mxa_found_add(d->c, &d->c->text);

	if (e == NULL)
		return;
	e->recipient = recipient;
	e->remote_mta = host;
	e->raw = raw;
	e->stage = mxa_stage_in(whole);
}

/* A reply for the address before it, or for those that wait. */
static void reply_found(struct dialogue *d, struct mxa_str whole,
    struct mxa_str head, struct mxa_str raw)
{
	struct mxa_str address = address_before(head);
	struct mxa_str host = host_in(d->c, head);

	if (mxa_str_casefind(head, MXA_STR("(expanded from")) < head.len ||
	    mxa_str_casefind(head, MXA_STR("(generated from")) < head.len)
		d->c->expanded = true;
	if (address.len > 0 || d->n_pending == 0) {
		add(d, address, host, whole, raw);
		return;
	}
	for (size_t i = 0; i < d->n_pending; i++)
		add(d, d->pending[i], host, whole, raw);
	d->used = true;
}

/* Sendmail's transcript: "<<< " before each line of the reply, ">>> " before
 * what was said. */
static bool transcript(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str line, host = host_in(d->c, p);
	enum mxa_stage stage = MXA_STAGE_UNKNOWN;
	struct mxa_entry_found *e;
	struct mxa_buf b;
	size_t at = 0;
	char code[3];

	mxa_buf_init(&b, d->c->arena, MXA_MAX_SAID);
	while (mxa_next_line(p, &at, &line)) {
		struct mxa_str said = mxa_str_trim(line);

		if (mxa_str_starts(said, MXA_STR(">>> ")) && b.len == 0)
			stage = mxa_stage_in(said);
		if (!mxa_str_starts(said, MXA_STR("<<< ")))
			continue;
		said = mxa_str_sub(said, 4, said.len);
		if (said.len < 3 || (said.p[0] != '4' && said.p[0] != '5'))
			continue;
		if (b.len > 0 && memcmp(code, said.p, 3) != 0)
			break;
		memcpy(code, said.p, 3);
		mxa_buf_addstr(&b, said);
		mxa_buf_addc(&b, '\n');
	}
	if (b.len == 0)
		return false;
	e = mxa_found_add(d->c, &d->c->text);
	if (e != NULL) {
		e->recipient = MXA_STR("");
		e->remote_mta = host;
		e->raw = mxa_buf_str(&b);
		e->stage = stage;
	}
	return true;
}

/* Where in 'raw' the block of another address begins. */
static size_t next_block(struct mxa_str raw)
{
	struct mxa_str line, rest;
	size_t at = 0, from = 0;
	bool first = true;

	while (from = at, mxa_next_line(raw, &at, &line)) {
		if (!first && leading_address(line, &rest).len > 0 &&
		    (rest.len == 0 ||
			mxa_str_starts(mxa_str_trim(line), MXA_STR("<"))))
			return from;
		first = false;
	}
	return raw.len;
}

/* "<u@example.com>:" and a reason without any code. */
static bool reason_alone(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str line, rest, address;
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
	add(d, address, MXA_STR(""), p, rest);
	return true;
}

/* Addresses that stand alone on their lines wait for the reply behind them. */
static void wait_for_reply(struct dialogue *d, struct mxa_str p)
{
	struct mxa_str line, rest, address;
	size_t at = 0;

	while (mxa_next_line(p, &at, &line)) {
		address = leading_address(line, &rest);
		if (address.len == 0 || rest.len > 60)
			continue;
		if (d->used) {
			d->n_pending = 0;
			d->used = false;
		}
		if (d->n_pending < MAX_PENDING)
			d->pending[d->n_pending++] = address;
	}
}

static void paragraph(struct dialogue *d, struct mxa_str p)
{
	p = mxa_str_sub(p, 0, MAX_PARAGRAPH);
	if (mxa_str_casefind(p, MXA_STR("<<< ")) < p.len && transcript(d, p))
		return;
	while (p.len > 0) {
		bool sure;
		size_t at = mxa_said_find(p, &sure), end;

		if (at == p.len) {
			if (!reason_alone(d, p))
				wait_for_reply(d, p);
			return;
		}
		end = at + next_block(mxa_str_sub(p, at, p.len));
		reply_found(d, mxa_str_sub(p, 0, end), mxa_str_sub(p, 0, at),
		    mxa_str_sub(p, at, end));
		p = mxa_str_sub(p, end, p.len);
	}
}

/* --- text --- */

/* Words that only bounces begin with; in the language of the mail system. */
static const struct mxa_str greetings[] = {
	MXA_STR_INIT("This is the mail system at host"),
	MXA_STR_INIT("Hi. This is the "),
	MXA_STR_INIT("created automatically by mail delivery software"),
	MXA_STR_INIT("permanent fatal errors"),
	MXA_STR_INIT("transient non-fatal errors"),
	MXA_STR_INIT("Delivery has failed to these recipients"),
	MXA_STR_INIT("Delivery to the following recipient"),
	MXA_STR_INIT("could not be delivered"),
	MXA_STR_INIT("couldn't be delivered"),
	MXA_STR_INIT("wasn't delivered to"),
	MXA_STR_INIT("has not been delivered"),
	MXA_STR_INIT("Undelivered Mail"),
	MXA_STR_INIT("unable to deliver"),
	MXA_STR_INIT("delivery failure"),
	MXA_STR_INIT("The MAILER-DAEMON"),
	MXA_STR_INIT("Message not delivered"),
	MXA_STR_INIT("A message that you sent"),
	MXA_STR_INIT("Diagnostic information for administrators"),
	MXA_STR_INIT("\xe9\x85\x8d\xe4\xbf\xa1\xe3\x81\xa7\xe3\x81\x8d"),
	MXA_STR_INIT("\xe9\x80\x81\xe4\xbf\xa1\xe3\x81\xa7\xe3\x81\x8d"),
	MXA_STR_INIT("\xe5\xb1\x8a\xe3\x81\x91\xe3\x82\x8b"),
};

static const struct mxa_str copies[] = {
	MXA_STR_INIT("This is a copy of the message"),
	MXA_STR_INIT("Below this line is a copy of the message"),
	MXA_STR_INIT("Original message headers:"),
	MXA_STR_INIT("Original message -----"),
	MXA_STR_INIT("Original message follows"),
	MXA_STR_INIT("Message header follows"),
	MXA_STR_INIT("Unsent message follows"),
	MXA_STR_INIT("Header of the original message"),
};

static bool any_in(const struct mxa_str *words, size_t n, struct mxa_str line)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_casefind(line, words[i]) < line.len)
			return true;
	return false;
}

/* The line without the marks of a quotation; Sendmail's ">>> DATA" stays. */
static struct mxa_str unquoted(struct mxa_str line)
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

/* A field that a header section of a message has, and a status part not. */
static bool header_line(struct mxa_str line)
{
	static const struct mxa_str names[] = { MXA_STR_INIT("From:"),
		MXA_STR_INIT("Return-Path:"), MXA_STR_INIT("Received:"),
		MXA_STR_INIT("DKIM-Signature:"), MXA_STR_INIT("Subject:"),
		MXA_STR_INIT("Message-ID:"), MXA_STR_INIT("To:") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_casestarts(line, names[i]))
			return true;
	return false;
}

/* A paragraph that is the header section of a message: the last one that no
 * mail system wrote is the returned message's. */
static bool header_paragraph(struct mxa_collect *c, struct mxa_str p)
{
	struct mxa_str line;
	size_t at = 0, n = 0;
	bool from = false, daemon = false;

	while (mxa_next_line(p, &at, &line)) {
		n += header_line(line);
		if (!mxa_str_casestarts(line, MXA_STR("From:")) &&
		    !mxa_str_casestarts(line, MXA_STR("Return-Path:")))
			continue;
		from = true;
		if (mxa_str_casefind(line, MXA_STR("mailer-daemon")) <
			line.len ||
		    mxa_str_casefind(line, MXA_STR("postmaster@")) < line.len ||
		    mxa_str_casefind(line, MXA_STR("Mail Delivery")) < line.len)
			daemon = true;
	}
	if (n < 2 || !from)
		return false;
	if (!daemon)
		c->returned = p;
	else
		c->looks = true;
	return true;
}

/* All lines without quotation marks; blank lines stay. */
static struct mxa_str plain(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str line;
	struct mxa_buf b;
	size_t at = 0;

	if (mxa_str_chr(s, '>', 0) == s.len)
		return s;
	mxa_buf_init(&b, a, s.len + 2);
	while (mxa_next_line(s, &at, &line)) {
		mxa_buf_addstr(&b, unquoted(line));
		mxa_buf_addc(&b, '\n');
	}
	return mxa_buf_str(&b);
}

void mxa_collect_text(struct mxa_collect *c, struct mxa_str s)
{
	struct dialogue d = { .c = c };
	struct mxa_str line, p;
	size_t at = 0, from = 0, here = 0;
	bool copy = false;

	s = plain(c->arena, mxa_str_sub(s, 0, MXA_BOUNCE_MAX_TEXT));
	mxa_collect_status(c, s);
	while (here = at, mxa_next_line(s, &at, &line)) {
		bool blank = mxa_str_trim(line).len == 0;

		if (any_in(greetings, MXA_ARRAY_LEN(greetings), line))
			c->looks = true;
		if (any_in(copies, MXA_ARRAY_LEN(copies), line) &&
		    c->text.n > 0)
			copy = true;
		if (!blank && at < s.len)
			continue;
		p = mxa_str_sub(s, from, blank ? here : s.len);
		from = at;
		if (!header_paragraph(c, p) && !copy)
			paragraph(&d, p);
	}
}
