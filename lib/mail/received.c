/* received.c - Received fields as MTAs write them.
 *
 *	Postfix    from HELO (NAME [ADDRESS]) (using TLS...) by ...
 *	OpenSMTPD  from HELO (NAME [ADDRESS]) by ...
 *	Sendmail   from HELO (NAME [ADDRESS]) by ...
 *	           from HELO (NAME [ADDRESS] (may be forged)) by ...
 *	           from HELO ([ADDRESS]) by ...
 *	           and IDENT:USER@ before NAME or [ADDRESS]
 *	Exim       from NAME ([ADDRESS]:PORT helo=HELO ident=USER) by ...
 *	           from [ADDRESS] (port=PORT helo=HELO ident=USER) by ...
 *	           without the parts that are not known
 *	qmail      from NAME (HELO HELO) (USER@ADDRESS) by ... with SMTP
 *	           from NAME (USER@ADDRESS) by ... with SMTP
 *	Exchange   from HELO (ADDRESS) by NAME (ADDRESS) with Microsoft SMTP
 *Server
 *
 * NAME is what the MTA found out, or "unknown"; HELO is what the client said.
 * Each of these MTAs keeps white space, parentheses, quotes and '@' out of HELO
 * (by refusing it or by writing '?'), and so do we. */
#include "mail/received.h"

#include <string.h>

#include "base/attr.h"
#include "mail/lex.h"

#define MAX_RECEIVED 4000 /* bytes of a field that are looked at */
#define MAX_HELO 255

struct cursor {
	struct mxa_str s;
	size_t at;
};

struct client {
	struct mxa_ip ip;
	struct mxa_str helo;
};

/* --- pieces --- */

static bool take_byte(struct cursor *c, char byte)
{
	if (c->at >= c->s.len || c->s.p[c->at] != byte)
		return false;
	c->at++;
	return true;
}

static bool take_space(struct cursor *c)
{
	size_t from = c->at;

	while (c->at < c->s.len && mxa_is_space(c->s.p[c->at]))
		c->at++;
	return c->at > from;
}

/* The text, as it stands. */
static bool take_text(struct cursor *c, const char *text)
{
	struct mxa_str rest = mxa_str_sub(c->s, c->at, c->s.len);

	if (!mxa_str_starts(rest, mxa_str_from(text)))
		return false;
	c->at += strlen(text);
	return true;
}

/* The bytes that 'is' allows, at least one. */
static bool take_run(
    struct cursor *c, bool (*is)(char byte), struct mxa_str *out)
{
	size_t from = c->at;

	while (c->at < c->s.len && is(c->s.p[c->at]))
		c->at++;
	*out = mxa_str_sub(c->s, from, c->at);
	return out->len > 0;
}

static bool is_helo_byte(char c)
{
	return c > ' ' && c <= '~' && strchr("<>()\\\";@,", c) == NULL;
}

static bool is_name_byte(char c)
{
	return mxa_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

static bool is_address_byte(char c)
{
	return mxa_is_alnum(c) || c == '.' || c == ':';
}

/* What an ident server says of a user; cautious ones give digits and letters.
 */
static bool is_user_byte(char c)
{
	return mxa_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+';
}

/* What qmail does not replace by '?', and that. */
static bool is_qmail_byte(char c)
{
	return mxa_is_alnum(c) || (c != '\0' && strchr(".@%+/=:-?", c) != NULL);
}

static bool is_digit(char c)
{
	return mxa_is_digit(c);
}

/* "[192.0.2.1]", "[2001:db8::1]", "[IPv6:2001:db8::1]" */
static bool take_literal(struct cursor *c, struct mxa_ip *ip)
{
	struct mxa_str inner;

	return take_byte(c, '[') && take_run(c, is_address_byte, &inner) &&
	    take_byte(c, ']') && mxa_ip_parse(inner, ip);
}

/* Optional. */
static bool take_port(struct cursor *c, const char *mark)
{
	struct mxa_str port;

	return !take_text(c, mark) || take_run(c, is_digit, &port);
}

static bool take_by(struct cursor *c)
{
	return take_space(c) && take_text(c, "by") && take_space(c);
}

/* What Postfix and Sendmail tell of TLS and of a login. */
static bool take_remark(struct cursor *c)
{
	static const char *const begin[] = { "(using ", "(Client ",
		"(No client ", "(Authenticated sender: ", "(authenticated " };

	for (size_t i = 0; i < MXA_ARRAY_LEN(begin); i++) {
		size_t from = c->at;

		if (take_text(c, begin[i])) {
			c->at = from;
			return mxa_lex_comment(c->s, &c->at);
		}
	}
	return false;
}

static bool take_remarks_by(struct cursor *c)
{
	for (;;) {
		size_t before = c->at;

		if (take_by(c))
			return true;
		c->at = before;
		if (!take_space(c) || !take_remark(c))
			return false;
	}
}

/* --- the forms; the cursor is after "from" --- */

/* "IDENT:" is Sendmail's own word. */
static bool take_ident(struct cursor *c)
{
	struct mxa_str user;

	return !take_text(c, "IDENT:") ||
	    (take_run(c, is_user_byte, &user) && take_byte(c, '@'));
}

/* OpenSMTPD has "<unknown>". */
static bool take_found_name(struct cursor *c)
{
	struct mxa_str name;

	return take_text(c, "<unknown>") || take_run(c, is_name_byte, &name);
}

static bool read_named(struct cursor *c, struct client *out)
{
	if (!take_run(c, is_helo_byte, &out->helo) || !take_space(c) ||
	    !take_byte(c, '(') || !take_ident(c))
		return false;
	if (take_found_name(c) && !take_space(c))
		return false;
	if (!take_literal(c, &out->ip))
		return false;
	if (take_space(c) && !take_text(c, "(may be forged)"))
		return false;
	return take_byte(c, ')') && take_remarks_by(c);
}

/* "helo=HELO ident=USER)", both optional; 'first': nothing is before it in the
 * comment. */
static bool take_exim_details(
    struct cursor *c, bool first, struct mxa_str *helo)
{
	static const char *const key[] = { "helo=", "ident=" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(key); i++) {
		struct mxa_str value;
		size_t before = c->at;

		if (!first && !take_space(c))
			break;
		if (!take_text(c, key[i])) {
			c->at = before;
			continue;
		}
		if (!take_run(c, i == 0 ? is_helo_byte : is_user_byte, &value))
			return false;
		if (i == 0)
			*helo = value;
		first = false;
	}
	return !first && take_byte(c, ')');
}

static bool read_exim_named(struct cursor *c, struct client *out)
{
	return take_run(c, is_name_byte, &out->helo) && take_space(c) &&
	    take_byte(c, '(') && take_literal(c, &out->ip) &&
	    take_port(c, ":") && take_exim_details(c, false, &out->helo) &&
	    take_by(c);
}

static bool read_exim_nameless(struct cursor *c, struct client *out)
{
	size_t from = c->at, before;
	bool first;

	if (!take_literal(c, &out->ip))
		return false;
	out->helo = mxa_str_sub(c->s, from, c->at);
	if (!take_port(c, ":"))
		return false;
	before = c->at;
	if (take_by(c))
		return true;
	c->at = before;
	if (!take_space(c) || !take_byte(c, '('))
		return false;
	before = c->at;
	if (!take_port(c, "port="))
		return false;
	first = c->at == before;
	return take_exim_details(c, first, &out->helo) && take_by(c);
}

/* "by NAME with ...SMTP" */
static bool take_qmail_end(struct cursor *c)
{
	struct mxa_str local, protocol;

	return take_by(c) && take_run(c, is_qmail_byte, &local) &&
	    take_space(c) && take_text(c, "with ") &&
	    take_run(c, is_name_byte, &protocol) &&
	    mxa_str_casefind(protocol, MXA_STR("SMTP")) < protocol.len;
}

static bool read_qmail(struct cursor *c, struct client *out)
{
	struct mxa_str inner;
	size_t at;

	if (!take_run(c, is_qmail_byte, &out->helo) || !take_space(c) ||
	    !take_byte(c, '('))
		return false;
	if (take_text(c, "HELO ") || take_text(c, "EHLO ")) {
		if (!take_run(c, is_qmail_byte, &out->helo) ||
		    !take_byte(c, ')') || !take_space(c) || !take_byte(c, '('))
			return false;
	}
	if (!take_run(c, is_qmail_byte, &inner) || !take_byte(c, ')'))
		return false;
	at = inner.len;
	while (at > 0 && inner.p[at - 1] != '@')
		at--;
	return mxa_ip_parse(mxa_str_sub(inner, at, inner.len), &out->ip) &&
	    take_qmail_end(c);
}

static bool take_bare_address(struct cursor *c, struct mxa_ip *ip)
{
	struct mxa_str inner;

	return take_byte(c, '(') && take_run(c, is_address_byte, &inner) &&
	    take_byte(c, ')') && mxa_ip_parse(inner, ip);
}

static bool read_exchange(struct cursor *c, struct client *out)
{
	struct mxa_str server;
	struct mxa_ip own;

	return take_run(c, is_helo_byte, &out->helo) && take_space(c) &&
	    take_bare_address(c, &out->ip) && take_by(c) &&
	    take_run(c, is_name_byte, &server) && take_space(c) &&
	    take_bare_address(c, &own) && take_space(c) &&
	    take_text(c, "with Microsoft SMTP Server");
}

/* --- all of them --- */

typedef bool form_fn(struct cursor *c, struct client *out);

static form_fn *const forms[] = { read_named, read_exim_named,
	read_exim_nameless, read_qmail, read_exchange };

static size_t word_end(struct mxa_str s, size_t at)
{
	while (at < s.len && !mxa_is_space(s.p[at]) && s.p[at] != '(')
		at++;
	return at;
}

/* Whether a field says "by" once after the name that follows "from", outside of
 * comments that all end: a second one begins where a stranger has put a whole
 * form into the first. */
static bool says_by_once(struct cursor c)
{
	struct mxa_str s = c.s;
	unsigned n = 0;

	for (size_t at = word_end(s, c.at), end; at < s.len; at = end) {
		end = word_end(s, at);
		n += mxa_str_caseis(mxa_str_sub(s, at, end), "by");
		if (end < s.len && s.p[end] == '(') {
			if (!mxa_lex_comment(s, &end))
				return false;
		} else if (end == at) {
			end++;
		}
	}
	return n == 1;
}

/* Every form is tried: a field that two of them read differently could be made
 * by a stranger. */
static bool read_client(struct mxa_str s, struct client *out)
{
	struct cursor from = { s, 0 };
	bool found = false;

	if (!take_text(&from, "from") || !take_space(&from) ||
	    !says_by_once(from))
		return false;
	for (size_t i = 0; i < MXA_ARRAY_LEN(forms); i++) {
		struct cursor c = from;
		struct client one;

		if (!forms[i](&c, &one))
			continue;
		if (found && !mxa_ip_eq(&one.ip, &out->ip))
			return false;
		if (!found)
			*out = one;
		found = true;
	}
	return found;
}

bool mxa_received_client(struct mxa_arena *a, const struct mxa_field *f,
    struct mxa_ip *ip, struct mxa_str *helo)
{
	struct mxa_str s = mxa_str_trim(mxa_field_unfold(a, f));
	struct client client;

	*helo = MXA_STR_NONE;
	if (!read_client(mxa_str_sub(s, 0, MAX_RECEIVED), &client))
		return false;
	*ip = client.ip;
	if (client.helo.len <= MAX_HELO)
		*helo = mxa_str_dup(a, client.helo);
	return true;
}
