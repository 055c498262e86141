/* redact.c - a header section without what is private. */
#include "history/redact.h"

#include <string.h>

#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/attr.h"

#define HASH_DIGITS 16
#define LINE_ROOM 900 /* of 998 octets a line, RFC 5322 section 2.1.1 */

#define MAX_INPUT                                                  \
	((size_t)16 * 1024) /* bytes of a field that are looked at \
			     */
#define MAX_QUOTED 256	    /* bytes of a quoted local part */

void mxa_redactor_init(
    struct mxa_redactor *r, struct mxa_arena *a, const uint8_t *key)
{
	*r = (struct mxa_redactor){ a, key, mxa_hash_new(a) };
}

void mxa_redactor_done(struct mxa_redactor *r)
{
	mxa_hash_free(r->hash);
	r->hash = NULL;
}

/* --- addresses --- */

/* RFC 6590 section 3: a hash of key and local part. */
static void add_hidden(
    const struct mxa_redactor *r, struct mxa_buf *b, struct mxa_str local)
{
	char text[HASH_DIGITS + 1];
	struct mxa_hash *h = r->hash;

	mxa_hash_start(h);
	mxa_hash_put(h, (const char *)r->key, MXA_REDACT_KEY);
	mxa_hash_put(h, local.p, local.len);
	mxa_buf_adds(b, "redacted.");
	if (mxa_hash_hex(h, text, HASH_DIGITS))
		mxa_buf_adds(b, text);
}

static size_t last_at(struct mxa_str s)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.p[i - 1] == '@')
			return i - 1;
	return s.len;
}

struct mxa_str mxa_redact_address(
    const struct mxa_redactor *r, struct mxa_str address)
{
	size_t at = last_at(address);
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, address.len + 64);
	if (address.len > 0 && at > 0)
		add_hidden(r, &b, mxa_str_sub(address, 0, at));
	mxa_buf_addstr(&b, mxa_str_sub(address, at, address.len));
	return mxa_buf_str(&b);
}

/* --- the text of a field --- */

struct redaction {
	const struct mxa_redactor *r;
	struct mxa_buf *b;
	struct mxa_str in;
	size_t at;
	size_t line;	     /* where the line begins in 'b' */
	bool addresses_only; /* of recipients */
	bool locals;	     /* hide them */
	unsigned found;	     /* addresses written */
};

static void add_byte(struct redaction *d, char c)
{
	if (c == '\n')
		d->line = d->b->len + 1;
	else if (d->b->len - d->line > LINE_ROOM && c != '\r') {
		mxa_buf_adds(d->b, "\r\n ");
		d->line = d->b->len - 1;
	}
	mxa_buf_addc(d->b, c);
}

static void add_text(struct redaction *d, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		add_byte(d, c == '\t' || (c >= ' ' && c < 0x7f) ? s.p[i] : '?');
	}
}

static bool is_delimiter(char c)
{
	return mxa_is_space(c) || strchr("<>,;()[]:\"", c) != NULL;
}

/* Keys that are followed by an address without a delimiter in between. */
static size_t key_length(struct mxa_str token)
{
	static const struct mxa_str keys[] = { MXA_STR_INIT("i="),
		MXA_STR_INIT("header.i="), MXA_STR_INIT("header.from="),
		MXA_STR_INIT("smtp.mailfrom="), MXA_STR_INIT("smtp.rcptto="),
		MXA_STR_INIT("smtp.auth="), MXA_STR_INIT("envelope-from="),
		MXA_STR_INIT("mailfrom="), MXA_STR_INIT("sender=") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(keys); i++)
		if (mxa_str_casestarts(token, keys[i]))
			return keys[i].len;
	return 0;
}

static void add_address(struct redaction *d, struct mxa_str address)
{
	if (d->addresses_only && d->found++ > 0)
		add_text(d, MXA_STR(", "));
	add_text(d, mxa_redact_address(d->r, address));
}

/* The end of what begins at 'from' and goes to the next delimiter. */
static size_t token_end(const struct redaction *d, size_t from)
{
	while (from < d->in.len && !is_delimiter(d->in.p[from]))
		from++;
	return from;
}

/* White space before an "@" belongs to the address (RFC 5322 section 4.4);
 * where that "@" is, or in.len. */
static size_t at_sign_after(const struct redaction *d, size_t i)
{
	while (i < d->in.len && mxa_is_space(d->in.p[i]))
		i++;
	return i < d->in.len && d->in.p[i] == '@' ? i : d->in.len;
}

/* '"john doe"@example.com'; false: what is quoted is no local part. */
static bool take_quoted_address(struct redaction *d)
{
	size_t i = d->at + 1, at;

	while (i < d->in.len && d->in.p[i] != '"' && i - d->at < MAX_QUOTED)
		i += d->in.p[i] == '\\' ? 2 : 1;
	if (i >= d->in.len || d->in.p[i] != '"')
		return false;
	at = at_sign_after(d, i + 1);
	if (at == d->in.len)
		return false;
	add_address(d,
	    mxa_str_from(mxa_arena_printf(d->r->a, "%.*s%.*s",
		MXA_STR_ARG(mxa_str_sub(d->in, d->at, i + 1)),
		MXA_STR_ARG(mxa_str_sub(d->in, at, token_end(d, at))))));
	d->at = token_end(d, at);
	return true;
}

static size_t end_of_url(const struct redaction *d, size_t from)
{
	while (from < d->in.len && !mxa_is_space(d->in.p[from]) &&
	    strchr("<>\"", d->in.p[from]) == NULL)
		from++;
	return from;
}

/* The length of "https://" or "http://", 0: no URL begins here. */
static size_t scheme_length(struct mxa_str s)
{
	if (mxa_str_casestarts(s, MXA_STR("https://")))
		return sizeof("https://") - 1;
	return mxa_str_casestarts(s, MXA_STR("http://")) ? sizeof("http://") - 1
							 : 0;
}

/* "https://user@host/path" to "hxxps://host/..."; user and path may name the
 * recipient, or let whoever has them act for him. */
static bool take_url(struct redaction *d)
{
	size_t host = scheme_length(mxa_str_sub(d->in, d->at, d->in.len));
	struct mxa_str s, authority;
	size_t end = 0, at;

	if (host == 0)
		return false;
	s = mxa_str_sub(d->in, d->at + host, end_of_url(d, d->at));
	while (end < s.len && strchr("/?#", s.p[end]) == NULL)
		end++;
	d->at += host + s.len;
	if (d->addresses_only)
		return true;
	authority = mxa_str_sub(s, 0, end);
	at = last_at(authority);
	add_text(d,
	    host == sizeof("https://") - 1 ? MXA_STR("hxxps://")
					   : MXA_STR("hxxp://"));
	add_text(d, at < end ? mxa_str_sub(authority, at + 1, end) : authority);
	add_text(d, end < s.len ? MXA_STR("/...") : MXA_STR(""));
	return true;
}

/* "href=https://...": the token up to the URL; token.len: there is none. */
static size_t url_in_token(const struct redaction *d, size_t end)
{
	for (size_t len = 4; len <= 5; len++)
		if (end > d->at + len &&
		    scheme_length(mxa_str_sub(d->in, end - len, d->in.len)) ==
			len + 3)
			return end - len;
	return end;
}

/* An encoded word may hold anything. */
static bool take_encoded_word(struct redaction *d, struct mxa_str token)
{
	if (!mxa_str_starts(token, MXA_STR("=?")))
		return false;
	if (!d->addresses_only)
		add_text(d, MXA_STR("=?...?="));
	return true;
}

static void take_token(struct redaction *d)
{
	size_t end = url_in_token(d, token_end(d, d->at));
	size_t at = at_sign_after(d, end);
	struct mxa_str token = mxa_str_sub(d->in, d->at, end);
	size_t key = key_length(token);

	d->at = end;
	if (d->locals && at < d->in.len && end < at) {
		/* "joe @example.com" */
		d->at = token_end(d, at);
		add_address(d,
		    mxa_str_from(mxa_arena_printf(d->r->a, "%.*s%.*s",
			MXA_STR_ARG(token),
			MXA_STR_ARG(mxa_str_sub(d->in, at, d->at)))));
		return;
	}
	if (take_encoded_word(d, token))
		return;
	if (d->locals && last_at(token) < token.len) {
		if (!d->addresses_only)
			add_text(d, mxa_str_sub(token, 0, key));
		add_address(d, mxa_str_sub(token, key, token.len));
	} else if (!d->addresses_only) {
		add_text(d, token);
	}
}

/* A fold stays, other ends of lines do not. */
static void take_delimiter(struct redaction *d)
{
	struct mxa_str rest = mxa_str_sub(d->in, d->at, d->in.len);

	if (rest.len > 2 && rest.p[0] == '\r' && rest.p[1] == '\n' &&
	    mxa_is_wsp(rest.p[2])) {
		if (!d->addresses_only) {
			add_byte(d, '\r');
			add_byte(d, '\n');
		}
		d->at += 2;
		return;
	}
	if (!d->addresses_only)
		add_text(d, mxa_str_sub(rest, 0, 1));
	d->at++;
}

static void redact_text(struct redaction *d)
{
	while (d->at < d->in.len && !d->b->full) {
		if (take_url(d))
			continue;
		if (d->in.p[d->at] == '"' && d->locals &&
		    take_quoted_address(d))
			continue;
		if (is_delimiter(d->in.p[d->at]))
			take_delimiter(d);
		else
			take_token(d);
	}
}

/* --- fields --- */

static bool is_one_of(struct mxa_str name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (mxa_str_caseis(name, *list))
			return true;
	return false;
}

static bool is_field_name(struct mxa_str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ':')
			return false;
	return name.len > 0 && name.len <= 100;
}

static void redact_field(
    const struct mxa_redactor *r, struct mxa_buf *b, const struct mxa_field *f)
{
	static const char *const recipients[] = { "To", "Cc", "Resent-To",
		"Resent-Cc", "Delivered-To", "X-Original-To", "Envelope-To",
		"Apparently-To", NULL };
	static const char *const ids[] = { "Message-ID", "Resent-Message-ID",
		NULL };
	struct redaction d = { .r = r,
		.b = b,
		.in = mxa_str_trim(f->value),
		.addresses_only = is_one_of(f->name, recipients),
		.locals = !is_one_of(f->name, ids) };

	mxa_buf_printf(b, "%.*s: ", MXA_STR_ARG(f->name));
	if (d.in.len <= MAX_INPUT)
		redact_text(&d);
	if (d.in.len <= MAX_INPUT && !b->full)
		return;
	b->full = false;
	mxa_buf_cut(b, f->name.len + 2);
	mxa_buf_adds(b, "(too long)");
}

bool mxa_redact_headers(const struct mxa_redactor *r,
    const struct mxa_headers *h, struct mxa_buf *out)
{
	static const char *const hidden[] = { "Bcc", "Resent-Bcc", NULL };
	struct mxa_buf one;

	mxa_buf_init(&one, r->a, MXA_MAX_REDACTED_FIELD);
	for (size_t i = 0; i < h->n; i++) {
		if (is_one_of(h->v[i].name, hidden) ||
		    !is_field_name(h->v[i].name))
			continue;
		mxa_buf_cut(&one, 0);
		redact_field(r, &one, &h->v[i]);
		if (out->len + one.len + 2 > MXA_MAX_REDACTED)
			return false;
		mxa_buf_addstr(out, mxa_buf_str(&one));
		mxa_buf_adds(out, "\r\n");
	}
	return true;
}
