/* dsn.c - delivery-status fields (RFC 3464, RFC 6533), in a part of their
 * own or among pasted lines, in whatever order and with whatever is missing. */
#include "bounce/collect.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "bounce/find.h"

enum status_field {
	F_REPORTING,
	F_FINAL,
	F_ORIGINAL,
	F_ACTION,
	F_STATUS,
	F_REMOTE,
	F_DIAGNOSTIC,
	F_SENDER,
	F_OTHER,
	F_NONE,
};

static const struct {
	struct mxa_str name;
	enum status_field field;
} names[] = {
	{ MXA_STR_INIT("Reporting-MTA"), F_REPORTING },
	{ MXA_STR_INIT("Final-Recipient"), F_FINAL },
	{ MXA_STR_INIT("Original-Recipient"), F_ORIGINAL },
	{ MXA_STR_INIT("Action"), F_ACTION },
	{ MXA_STR_INIT("Status"), F_STATUS },
	{ MXA_STR_INIT("Remote-MTA"), F_REMOTE },
	{ MXA_STR_INIT("Diagnostic-Code"), F_DIAGNOSTIC },
	{ MXA_STR_INIT("X-Postfix-Sender"), F_SENDER },
	{ MXA_STR_INIT("X-Sendmail-Sender"), F_SENDER },
	{ MXA_STR_INIT("Received-From-MTA"), F_OTHER },
	{ MXA_STR_INIT("Original-Envelope-Id"), F_OTHER },
	{ MXA_STR_INIT("Arrival-Date"), F_OTHER },
	{ MXA_STR_INIT("DSN-Gateway"), F_OTHER },
	{ MXA_STR_INIT("Last-Attempt-Date"), F_OTHER },
	{ MXA_STR_INIT("Final-Log-Id"), F_OTHER },
	{ MXA_STR_INIT("Will-Retry-Until"), F_OTHER },
	{ MXA_STR_INIT("Localized-Diagnostic"), F_OTHER },
	{ MXA_STR_INIT("X-Actual-Recipient"), F_OTHER },
	{ MXA_STR_INIT("X-Display-Name"), F_OTHER },
	{ MXA_STR_INIT("X-Postfix-Queue-ID"), F_OTHER },
};

/* The group of fields that is read. */
struct group {
	struct mxa_collect *c;
	struct mxa_entry_found e;
	struct mxa_str diagnostic;
	bool open; /* 'e' has a field of a recipient */
};

static enum status_field field_of(struct mxa_str line, struct mxa_str *value)
{
	size_t colon = mxa_str_chr(line, ':', 0);
	struct mxa_str name = mxa_str_trim(mxa_str_sub(line, 0, colon));

	if (colon == line.len || line.len == 0 || mxa_is_wsp(line.p[0]))
		return F_NONE;
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_caseeq(name, names[i].name)) {
			*value = mxa_str_trim(
			    mxa_str_sub(line, colon + 1, line.len));
			return names[i].field;
		}
	return F_NONE;
}

/* "rfc822; user@example.com" without its type. */
static struct mxa_str without_type(struct mxa_str value)
{
	size_t semi = mxa_str_chr(value, ';', 0);
	struct mxa_str type = mxa_str_sub(value, 0, semi);

	if (semi == value.len || mxa_str_chr(type, '@', 0) < type.len ||
	    type.len > 30)
		return value;
	return mxa_str_trim(mxa_str_sub(value, semi + 1, value.len));
}

static struct mxa_str address_of(struct mxa_str value)
{
	struct mxa_str v = without_type(value), found;
	size_t end;

	found = mxa_find_address(v, &end);
	return found.len > 0 ? found : v;
}

/* The code point of "\x{HEX}" at the start of 's'; '*len' bytes of it. */
static uint32_t escaped_at(struct mxa_str s, size_t *len)
{
	uint32_t c = 0;
	size_t at = 3;

	for (; at < s.len && at < 9 && mxa_is_xdigit(s.p[at]); at++)
		c = c * 16 +
		    (uint32_t)(mxa_is_digit(s.p[at])
			    ? s.p[at] - '0'
			    : mxa_lower(s.p[at]) - 'a' + 10);
	*len = at < s.len ? at + 1 : at;
	return c;
}

/* utf-8-addr-xtext (RFC 6533 section 3) back to UTF-8. */
static struct mxa_str unescape_address(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;
	size_t len;

	if (mxa_str_casefind(s, MXA_STR("\\x{")) == s.len)
		return s;
	mxa_buf_init(&b, a, 4096);
	for (size_t i = 0; i < s.len; i += len) {
		struct mxa_str rest = mxa_str_sub(s, i, s.len);

		len = 1;
		if (mxa_str_starts(rest, MXA_STR("\\x{")))
			mxa_add_character(&b, escaped_at(rest, &len));
		else
			mxa_buf_addc(&b, s.p[i]);
	}
	return mxa_buf_str(&b);
}

static void close_group(struct group *g)
{
	struct mxa_entry_found *e;

	if (g->open &&
	    (g->e.recipient.len > 0 || g->e.status.len > 0 ||
		g->diagnostic.len > 0) &&
	    (e = mxa_found_add(g->c, &g->c->fields)) != NULL) {
		*e = g->e;
		mxa_said_read(g->c->arena, g->diagnostic, &e->said);
	}
	memset(&g->e, 0, sizeof(g->e));
	g->diagnostic = MXA_STR("");
	g->open = false;
}

/* First word of "failed (bad address)". */
static struct mxa_str first_word(struct mxa_str s)
{
	size_t n = 0;

	while (n < s.len && !mxa_is_space(s.p[n]) && s.p[n] != '(' &&
	    s.p[n] != ';')
		n++;
	return mxa_str_sub(s, 0, n);
}

/* A second value for what the group has already means that the blank line
 * between two groups is missing. */
static bool starts_group(const struct group *g, enum status_field f)
{
	switch (f) {
	case F_FINAL:
		return g->e.recipient.len > 0;
	case F_ORIGINAL:
		return g->e.original.len > 0 ||
		    (g->e.recipient.len > 0 && g->diagnostic.len > 0);
	default:
		return false;
	}
}

static void take_dsn_field(
    struct group *g, enum status_field f, struct mxa_str value)
{
	struct mxa_collect *c = g->c;
	struct mxa_entry_found *e = &g->e;

	if (starts_group(g, f))
		close_group(g);
	switch (f) {
	case F_REPORTING:
		close_group(g);
		c->report = true;
		c->reporting_mta = first_word(without_type(value));
		return;
	case F_SENDER:
		c->sender = address_of(value);
		return;
	case F_FINAL:
		e->recipient = unescape_address(c->arena, address_of(value));
		c->report = true;
		break;
	case F_ORIGINAL:
		e->original = unescape_address(c->arena, address_of(value));
		break;
	case F_ACTION:
		e->action = first_word(value);
		break;
	case F_STATUS:
		e->status = first_word(value);
		break;
	case F_REMOTE:
		e->remote_mta = first_word(without_type(value));
		break;
	case F_DIAGNOSTIC:
		if (value.len > g->diagnostic.len)
			g->diagnostic = without_type(value);
		break;
	case F_OTHER:
	case F_NONE:
		return;
	}
	g->open = true;
}

/* Whether the lines of a field go on: folded, or, for the long reply that was
 * pasted without its indentation, anything but another field. */
static bool continues_field(enum status_field f, struct mxa_str line)
{
	struct mxa_str value;

	if (mxa_str_trim(line).len == 0)
		return false;
	if (mxa_is_wsp(line.p[0]))
		return true;
	if (f != F_DIAGNOSTIC)
		return false;
	if (field_of(line, &value) != F_NONE ||
	    mxa_str_starts(line, MXA_STR("--")))
		return false;
	return true;
}

static bool is_header_like(struct mxa_str line)
{
	size_t n = 0;

	while (n < line.len && (mxa_is_alnum(line.p[n]) || line.p[n] == '-'))
		n++;
	return n > 2 && n + 1 < line.len && line.p[n] == ':' &&
	    mxa_is_wsp(line.p[n + 1]) && line.p[0] >= 'A' && line.p[0] <= 'Z';
}

bool mxa_is_status(struct mxa_str p)
{
	struct mxa_str line, value;
	bool first = true;
	size_t at = 0;

	for (; mxa_next_line(p, &at, &line); first = false) {
		enum status_field f = field_of(line, &value);

		if (first && f == F_NONE)
			return false;
		if (f == F_FINAL || f == F_DIAGNOSTIC)
			return true;
	}
	return false;
}

void mxa_collect_status(struct mxa_collect *c, struct mxa_str s)
{
	struct group g = { .c = c, .diagnostic = MXA_STR("") };
	struct mxa_str line, value = MXA_STR("");
	struct mxa_buf b;
	size_t at = 0;
	enum status_field f;
	bool have = mxa_next_line(s, &at, &line);

	while (have) {
		f = field_of(line, &value);
		if (f == F_NONE) {
			if (mxa_str_trim(line).len == 0)
				close_group(&g);
			have = mxa_next_line(s, &at, &line);
			continue;
		}
		mxa_buf_init(&b, c->arena, MXA_MAX_SAID);
		mxa_buf_addstr(&b, value);
		while ((have = mxa_next_line(s, &at, &line)) &&
		    continues_field(f, line)) {
			if (!mxa_is_wsp(line.p[0]) && is_header_like(line))
				break;
			mxa_buf_addc(&b, '\n');
			mxa_buf_addstr(&b, line);
		}
		take_dsn_field(&g, f, mxa_str_trim(mxa_buf_str(&b)));
	}
	close_group(&g);
}
