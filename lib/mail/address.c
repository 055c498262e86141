/* address.c - the author domains of a message.
 *
 * A tolerant reader of address lists (RFC 5322 sections 3.4 and 4.4, RFC 6854):
 * every '@' outside quotes and comments gives a domain, whatever stands around
 * it, since some mail reader will show it.  Each departure from the grammar
 * makes the From malformed.  One pass, no recursion. */
#include "mail/address.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/ipaddr.h"
#include "mail/author_domain.h"
#include "mail/headers.h"
#include "mail/lex.h"

enum kind {
	END,
	WORD,	 /* atoms and dots */
	QUOTED,	 /* without its quotes, escapes as they are */
	LITERAL, /* "[...]" behind an '@' */
	BRACKET, /* '[' or ']' anywhere else */
	AT,
	LESS,
	GREATER,
	COMMA,
	SEMICOLON,
	COLON,
};

struct reader {
	struct mxa_arena *arena;
	struct mxa_authors *out;
	struct mxa_str s;
	size_t at;     /* where the current token ends */
	bool in_angle; /* between '<' and '>' */
	/* the current token */
	enum kind kind;
	size_t from;
	struct mxa_str text;
	/* one was never closed: from there on '(' or '"' means nothing */
	bool open_comment, open_quote;
};

/* What was read of an address so far. */
struct element {
	size_t from;  /* of its first word */
	size_t words; /* runs of words with dots between them */
	bool dot;     /* the last word ended in a dot */
	size_t bare;  /* addresses without angle brackets */
	struct mxa_str bare_domain;
	bool bare_differ;
	bool angle;	      /* an address in angle brackets */
	struct mxa_str local; /* the last word, as it is written */
};

static void set_malformed(struct mxa_authors *out, const char *why)
{
	out->malformed = true;
	if (out->reason.text.len == 0)
		out->reason = MXA_PHRASE_OF(why);
}

/* The first damage is shown, and it is told before other faults. */
static void add_damage(struct reader *r, struct mxa_str text)
{
	struct mxa_authors *out = r->out;

	out->malformed = true;
	if (out->damaged++ > 0)
		return;
	out->damage = mxa_readings_show(r->arena, text);
	out->reason = mxa_phrase(r->arena,
	    N_("From has a damaged domain: %.*s"), MXA_STR_ARG(out->damage));
}

static bool one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* U+FF20 and U+FE6B look like an '@'. */
#define WIDE_AT 3

static bool is_wide_at(struct mxa_str s, size_t at)
{
	return s.len - at >= WIDE_AT &&
	    (memcmp(s.p + at, "\xef\xbc\xa0", WIDE_AT) == 0 ||
		memcmp(s.p + at, "\xef\xb9\xab", WIDE_AT) == 0);
}

/* What opens at r->at is never closed. */
static void left_open(struct reader *r, bool *open)
{
	*open = true;
	r->at++;
	set_malformed(
	    r->out, N_("From has a quote or comment that is not closed"));
}

static bool take_quoted(struct reader *r)
{
	size_t from = r->at;

	if (!mxa_lex_quoted(r->s, &r->at)) {
		left_open(r, &r->open_quote);
		return false;
	}
	r->kind = QUOTED;
	r->text = mxa_str_sub(r->s, from + 1, r->at - 1);
	return true;
}

/* Up to the ']', or, where a domain ought to end, before that: what is behind
 * it is not swallowed. */
static void take_literal(struct reader *r)
{
	r->kind = LITERAL;
	while (r->at < r->s.len && r->s.p[r->at] != ']' &&
	    !one_of("<>,;@\"", r->s.p[r->at]))
		r->at++;
	if (r->at < r->s.len && r->s.p[r->at] == ']')
		r->at++;
}

static void symbol_or_word(struct reader *r)
{
	static const char symbols[] = "@<>,;:";
	static const enum kind kinds[] = { AT, LESS, GREATER, COMMA, SEMICOLON,
		COLON };
	size_t from = r->at;

	if (r->in_angle && is_wide_at(r->s, from)) {
		r->at += WIDE_AT;
		r->kind = AT;
		add_damage(r, mxa_str_sub(r->s, from, r->at));
		return;
	}

	if (one_of(symbols, r->s.p[from])) {
		r->kind = kinds[strchr(symbols, r->s.p[from]) - symbols];
		r->at++;
		return;
	}
	while (r->at < r->s.len && !mxa_is_space(r->s.p[r->at]) &&
	    !one_of("()<>[]:;@,\"", r->s.p[r->at]) &&
	    !(r->in_angle && is_wide_at(r->s, r->at)))
		r->at++;
	r->kind = WORD;
	r->text = mxa_str_sub(r->s, from, r->at);
}

/* Something between tokens; true when it was passed. */
static bool pass_between(struct reader *r)
{
	char c = r->s.p[r->at];

	if (c == '(' && !r->open_comment) {
		if (!mxa_lex_comment(r->s, &r->at))
			left_open(r, &r->open_comment);
		return true;
	}
	if (c == ')')
		set_malformed(r->out, N_("From has a ')' that closes nothing"));
	else if (!mxa_is_space(c) && c != '(' && !(c == '"' && r->open_quote))
		return false;
	r->at++;
	return true;
}

/* On to the next token, past white space, comments and what has no meaning. */
static void next_token(struct reader *r)
{
	bool behind_at = r->kind == AT;

	while (r->at < r->s.len) {
		char c = r->s.p[r->at];

		if (pass_between(r))
			continue;
		r->from = r->at;
		if (c == '"') {
			if (take_quoted(r))
				return;
		} else if (c == '[' && behind_at) {
			take_literal(r);
			return;
		} else if (c == '[' || c == ']') {
			r->kind = BRACKET;
			r->at++;
			return;
		} else {
			symbol_or_word(r);
			return;
		}
	}
	r->kind = END;
	r->from = r->at;
}

static bool ends_in_dot(struct mxa_str s)
{
	return s.len > 0 && s.p[s.len - 1] == '.';
}

static bool begins_with_dot(struct mxa_str s)
{
	return s.len > 0 && s.p[0] == '.';
}

/* --- domains --- */

static void add_domain(struct mxa_authors *out, struct mxa_str name)
{
	for (size_t i = 0; i < out->n; i++)
		if (mxa_str_eq(out->domain[i], name))
			return;
	if (out->n == MXA_MAX_AUTHORS)
		out->more = true;
	else
		out->domain[out->n++] = name;
}

/* All that a person may read in 'text', listed as author domains; the likeliest
 * is returned, absent when there is none. */
static struct mxa_str take_domain(struct reader *r, struct mxa_str text)
{
	struct mxa_readings found;

	if (r->out->damaged == MXA_MAX_FROM_DAMAGED) {
		r->out->more = true;
		return MXA_STR_NONE;
	}
	mxa_readings_find(r->arena, text, &found);
	if (found.damaged)
		add_damage(r, text);
	for (size_t i = 0; i < found.n; i++)
		add_domain(r->out, found.domain[i]);
	r->out->more |= found.more;
	if (found.n > 0)
		return found.domain[0];
	set_malformed(r->out, N_("From has a number in place of a domain"));
	return MXA_STR_NONE;
}

/* 'local' is the token before the '@'. */
static void keep_address(
    struct reader *r, struct mxa_str local, struct mxa_str domain)
{
	struct mxa_authors *out = r->out;

	if (local.len > 1 && local.p[0] == '"')
		local = mxa_lex_unescape(
		    r->arena, mxa_str_sub(local, 1, local.len - 1));
	if (local.len == 0 || domain.len == 0 ||
	    out->n_address == MXA_MAX_AUTHOR_ADDRESSES ||
	    local.len + 1 + domain.len > MXA_MAX_ADDRESS)
		return;
	out->address[out->n_address++] = mxa_str_join(
	    r->arena, (struct mxa_str[]){ local, MXA_STR("@"), domain }, 3);
}

/* Nobody writes so many addresses: the rest is not read, and that is told. */
static bool too_many(struct reader *r)
{
	if (r->out->addresses < MXA_MAX_FROM_ADDRESSES)
		return false;
	r->out->more = true;
	set_malformed(r->out, N_("From has too many addresses"));
	r->at = r->s.len;
	r->kind = END;
	return true;
}

/* Whether nothing but a comment is between 'end' and the current token. */
static bool touches_token(const struct reader *r, size_t end)
{
	return r->from == end ||
	    (r->s.p[end] == '(' && r->s.p[r->from - 1] == ')');
}

/* Whether the current token belongs to the domain text 'b', which ends at 'end'
 * in the field.  In angle brackets everything does.  Elsewhere white space ends
 * it, except beside a dot (obs-domain) and after a single label. */
static bool continues_domain(
    const struct reader *r, const struct mxa_buf *b, size_t end)
{
	struct mxa_str s = mxa_buf_str(b);

	switch (r->kind) {
	case WORD:
	case QUOTED:
	case LITERAL:
		break;
	case BRACKET:
	case COMMA:
	case SEMICOLON:
	case COLON:
		return r->in_angle;
	case AT:
	case LESS:
	case GREATER:
	case END:
		return false;
	}
	return r->in_angle || s.len == 0 || touches_token(r, end) ||
	    ends_in_dot(s) || (r->kind == WORD && begins_with_dot(r->text)) ||
	    mxa_str_chr(s, '.', 0) == s.len;
}

static bool is_separator(enum kind kind)
{
	return kind == COMMA || kind == SEMICOLON || kind == COLON;
}

/* The text after an '@' as far as a person may take it for the domain; a gap
 * is one space.  What turns out to be the local part of another address is
 * given back: all after the last separator, or the last word. */
static struct mxa_str domain_text(struct reader *r)
{
	struct reader before = *r;
	bool separated = false;
	size_t len = 0, end = r->from;
	struct mxa_buf b;

	mxa_buf_init(&b, r->arena, MXA_MAX_FROM_DOMAIN);
	while (continues_domain(r, &b, end)) {
		if (is_separator(r->kind) || !separated) {
			separated = is_separator(r->kind);
			before = *r;
			len = b.len;
		}
		if (b.len > 0 && r->from > end)
			mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, mxa_str_sub(r->s, r->from, r->at));
		end = r->at;
		next_token(r);
	}
	if ((r->kind == AT || r->kind == LESS) && len > 0) {
		*r = before;
		mxa_buf_cut(&b, len);
	}
	if (b.full) {
		r->out->more = true;
		add_damage(r, mxa_buf_str(&b));
	}
	return mxa_buf_str(&b);
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool is_literal(struct mxa_str s)
{
	struct mxa_str in = mxa_str_sub(s, 1, s.len - 1);
	struct mxa_ip ip;

	if (s.len < 2 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return false;
	if (mxa_str_casestarts(in, MXA_STR("IPv6:")))
		in = mxa_str_sub(in, 5, in.len);
	return mxa_ip_parse(in, &ip);
}

/* The domain after an '@', canonical and listed; absent when it is none. */
static struct mxa_str read_domain(struct reader *r)
{
	struct mxa_str text;

	if (too_many(r))
		return MXA_STR_NONE;
	r->out->addresses++;
	text = domain_text(r);
	if (text.len == 0) {
		set_malformed(r->out, N_("From has an '@' without a domain"));
		return MXA_STR_NONE;
	}
	if (is_literal(text)) {
		set_malformed(
		    r->out, N_("From has an address literal as domain"));
		return MXA_STR_NONE;
	}
	return take_domain(r, text);
}

/* --- addresses --- */

static void count_word(const struct reader *r, struct element *e)
{
	bool word = r->kind == WORD;

	if (!e->dot && !(word && begins_with_dot(r->text)))
		e->words++;
	e->dot = word && ends_in_dot(r->text);
}

/* "@a.example,@b.example:" in front of an address (obs-route).  Where no colon
 * ends it, it was no route and nothing is consumed. */
static void skip_route(struct reader *r)
{
	struct reader before = *r;

	while (r->kind == AT || r->kind == WORD || r->kind == COMMA)
		next_token(r);
	if (r->kind == COLON)
		next_token(r);
	else
		*r = before;
}

/* One token in angle brackets; '*name' takes the domain. */
static void inside_angle(
    struct reader *r, struct element *in, struct mxa_str *name)
{
	switch (r->kind) {
	case WORD:
	case QUOTED:
		if (in->bare > 0)
			set_malformed(
			    r->out, N_("From has text behind a domain"));
		count_word(r, in);
		in->local = mxa_str_sub(r->s, r->from, r->at);
		next_token(r);
		break;
	case AT:
		if (in->words == 0 || in->bare > 0)
			set_malformed(r->out, N_("From has a stray '@'"));
		in->bare++;
		in->dot = false;
		next_token(r);
		*name = read_domain(r);
		keep_address(r, in->local, *name);
		break;
	case LITERAL:
	case BRACKET:
	case LESS:
	case COMMA:
	case SEMICOLON:
	case COLON:
		set_malformed(r->out, N_("From has rubbish in angle brackets"));
		next_token(r);
		break;
	case GREATER:
	case END:
		break;
	}
}

/* Angle brackets without an '@' between them.  A mail reader may show one that
 * an encoded word holds. */
static void without_domain(struct reader *r, struct mxa_str text)
{
	if (mxa_str_casefind(text, MXA_STR("=?")) < text.len)
		add_damage(r, text);
	set_malformed(r->out, N_("From has an address without a domain"));
}

/* The address after a '<'. */
static void angle_address(struct reader *r, struct element *e)
{
	struct element in = { .words = 0 };
	struct mxa_str name = MXA_STR_NONE;
	size_t from = r->from;

	if (e->angle)
		set_malformed(
		    r->out, N_("From has two addresses without a comma"));
	e->angle = true;
	if (r->kind == AT)
		skip_route(r);
	while (r->kind != GREATER && r->kind != END)
		inside_angle(r, &in, &name);
	if (in.bare == 0)
		without_domain(r, mxa_str_sub(r->s, from, r->from));
	r->in_angle = false;
	if (r->kind == END)
		set_malformed(r->out, N_("From has a '<' that is not closed"));
	else
		next_token(r);
	if (in.words > 1)
		set_malformed(r->out, N_("From has white space in an address"));
	/* many a sender repeats the address as its display name, which misleads
	 * nobody while the domain is the same */
	if (e->bare > 0 &&
	    (e->bare_differ || !mxa_str_eq(e->bare_domain, name)))
		set_malformed(
		    r->out, N_("From has an address in a display name"));
}

/* An '@' outside angle brackets. */
static void bare_address(struct reader *r, struct element *e)
{
	struct mxa_str name;

	if (e->words == 0)
		set_malformed(r->out, N_("From has a stray '@'"));
	if (e->angle)
		set_malformed(
		    r->out, N_("From has two addresses without a comma"));
	name = read_domain(r);
	keep_address(r, e->local, name);
	e->dot = false;
	if (e->bare++ == 0)
		e->bare_domain = name;
	else if (!mxa_str_eq(e->bare_domain, name))
		e->bare_differ = true;
}

/* Words without an '@', unless one of them holds what looks like one. */
static void only_words(struct reader *r, struct mxa_str text)
{
	size_t at = 0;

	while (at < text.len && !is_wide_at(text, at))
		at++;
	if (at < text.len && !too_many(r)) {
		r->out->addresses++;
		add_damage(r, mxa_str_sub(text, at, text.len));
		take_domain(r, mxa_str_sub(text, at + WIDE_AT, text.len));
	}
	set_malformed(r->out, N_("From has an address without a domain"));
}

/* A comma, or what else ends an address, at 'to'.  Empty elements are allowed
 * (obs-addr-list). */
static void finish_element(struct reader *r, struct element *e, size_t to)
{
	if (e->words > 0 && e->bare == 0 && !e->angle)
		only_words(r, mxa_str_sub(r->s, e->from, to));
	if (!e->angle && (e->bare > 1 || (e->bare > 0 && e->words > 1)))
		set_malformed(r->out, N_("From has text beside an address"));
	*e = (struct element){ .words = 0 };
}

/* A display name and a colon begin a group, which holds no other. */
static void begin_group(struct reader *r, struct element *e, bool *group)
{
	if (*group || e->words == 0 || e->bare > 0 || e->angle)
		set_malformed(r->out, N_("From has a stray ':'"));
	*group = true;
	*e = (struct element){ .words = 0 };
}

static void end_group(
    struct reader *r, struct element *e, bool *group, size_t to)
{
	finish_element(r, e, to);
	if (!*group)
		set_malformed(r->out, N_("From has a stray ';'"));
	*group = false;
}

/* Words make a display name or a local part; square brackets are common in
 * the former ("[Team] A <a@example.com>"), though not allowed. */
static void outside_word(struct reader *r, struct element *e)
{
	bool bracket = r->kind != WORD && r->kind != QUOTED;

	if (e->words == 0)
		e->from = r->from;
	if (e->angle || (bracket && e->bare > 0))
		set_malformed(r->out, N_("From has text behind an address"));
	e->local = mxa_str_sub(r->s, r->from, r->at);
	if (bracket)
		e->words++;
	else
		count_word(r, e);
}

/* One token outside angle brackets. */
static void outside_angle(struct reader *r, struct element *e, bool *group)
{
	enum kind kind = r->kind;
	size_t from = r->from;

	if (kind == WORD || kind == QUOTED || kind == BRACKET)
		outside_word(r, e);
	r->in_angle = kind == LESS;
	next_token(r);
	switch (kind) {
	case WORD:
	case QUOTED:
	case BRACKET:
	case LITERAL: /* read_domain() takes them all */
	case END:
		break;
	case AT:
		bare_address(r, e);
		break;
	case LESS:
		angle_address(r, e);
		break;
	case GREATER:
		set_malformed(r->out, N_("From has a stray '>'"));
		break;
	case COMMA:
		finish_element(r, e, from);
		break;
	case SEMICOLON:
		end_group(r, e, group, from);
		break;
	case COLON:
		begin_group(r, e, group);
		break;
	}
}

static void read_field(
    struct mxa_arena *a, const struct mxa_field *f, struct mxa_authors *out)
{
	struct reader r = { .arena = a, .out = out, .s = f->value };
	struct element e = { .words = 0 };
	bool group = false;

	if (f->value.len > 0 && memchr(f->value.p, '\0', f->value.len))
		set_malformed(out, N_("From has a NUL byte"));
	if (f->cut) {
		out->more = true;
		set_malformed(out, N_("From is too long"));
	}
	next_token(&r);
	while (r.kind != END)
		outside_angle(&r, &e, &group);
	finish_element(&r, &e, r.s.len);
	if (group)
		set_malformed(out, N_("From has a group that is not closed"));
}

void mxa_authors_read(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_authors *out)
{
	*out = (struct mxa_authors){ .reason = MXA_PHRASE("") };
	out->fields = mxa_headers_count(h, "From");
	if (out->fields == 0)
		set_malformed(out, N_("there is no From field"));
	if (out->fields == MXA_MAX_FROM_FIELDS && h->dropped > 0)
		out->more = true;
	if (out->fields > 1)
		set_malformed(out, N_("there is more than one From field"));
	for (size_t i = 0; i < h->n; i++)
		if (mxa_str_caseis(h->v[i].name, "From"))
			read_field(a, &h->v[i], out);
	if (out->n == 0)
		set_malformed(out, N_("From names no domain"));
}
