/* dsn.c - delivery-status fields (RFC 3464, RFC 6533), in a part of their
 * own or among pasted lines, in whatever order and with whatever is missing. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

enum field {
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
	enum field field;
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

struct status {
	struct mxa_collect *c;
	struct mxa_entry_found group;
	bool open; /* 'group' has a field of a recipient */
};

static enum field field_of(struct mxa_str line, struct mxa_str *value)
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
static struct mxa_str untyped(struct mxa_str value)
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
	struct mxa_str v = untyped(value), found;
	size_t end;

	found = mxa_find_address(v, &end);
	return found.len > 0 ? found : v;
}

/* \x{HEX} of utf-8-addr-xtext (RFC 6533 section 3) back to UTF-8. */
static struct mxa_str unescape_address(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	if (mxa_str_casefind(s, MXA_STR("\\x{")) == s.len)
		return s;
	mxa_buf_init(&b, a, 4096);
	for (size_t i = 0; i < s.len; i++) {
		struct mxa_str rest = mxa_str_sub(s, i, s.len);
		uint32_t c = 0;
		size_t at = 3;

		if (!mxa_str_starts(rest, MXA_STR("\\x{"))) {
			mxa_buf_addc(&b, s.p[i]);
			continue;
		}
		for (; at < rest.len && at < 9 && mxa_is_xdigit(rest.p[at]);
		     at++)
			c = c * 16 +
			    (uint32_t)(mxa_is_digit(rest.p[at])
				    ? rest.p[at] - '0'
				    : mxa_lower(rest.p[at]) - 'a' + 10);
		i += at;
		if (c < 0x80) {
			mxa_buf_addc(&b, (char)(c < ' ' ? '?' : c));
		} else if (c < 0x800) {
			mxa_buf_addc(&b, (char)(0xc0 | c >> 6));
			mxa_buf_addc(&b, (char)(0x80 | (c & 0x3f)));
		} else if (c < 0x10000) {
			mxa_buf_addc(&b, (char)(0xe0 | c >> 12));
			mxa_buf_addc(&b, (char)(0x80 | (c >> 6 & 0x3f)));
			mxa_buf_addc(&b, (char)(0x80 | (c & 0x3f)));
		} else {
			mxa_buf_addc(&b, (char)(0xf0 | (c >> 18 & 7)));
			mxa_buf_addc(&b, (char)(0x80 | (c >> 12 & 0x3f)));
			mxa_buf_addc(&b, (char)(0x80 | (c >> 6 & 0x3f)));
			mxa_buf_addc(&b, (char)(0x80 | (c & 0x3f)));
		}
	}
	return mxa_buf_str(&b);
}

static void close_group(struct status *s)
{
	struct mxa_entry_found *e;

	if (s->open &&
	    (s->group.recipient.len > 0 || s->group.status.len > 0 ||
		s->group.raw.len > 0) &&
	    (e = mxa_found_add(s->c, &s->c->fields)) != NULL)
		*e = s->group;
	memset(&s->group, 0, sizeof(s->group));
	s->open = false;
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
static bool starts_group(const struct status *s, enum field f)
{
	switch (f) {
	case F_FINAL:
		return s->group.recipient.len > 0;
	case F_ORIGINAL:
		return s->group.original.len > 0 ||
		    (s->group.recipient.len > 0 && s->group.raw.len > 0);
	default:
		return false;
	}
}

static void take(struct status *s, enum field f, struct mxa_str value)
{
	struct mxa_collect *c = s->c;
	struct mxa_entry_found *g = &s->group;

	if (starts_group(s, f))
		close_group(s);
	switch (f) {
	case F_REPORTING:
		close_group(s);
		c->report = true;
		c->reporting_mta = first_word(untyped(value));
		return;
	case F_SENDER:
		c->sender = address_of(value);
		return;
	case F_FINAL:
		g->recipient = unescape_address(c->arena, address_of(value));
		c->report = true;
		break;
	case F_ORIGINAL:
		g->original = unescape_address(c->arena, address_of(value));
		break;
	case F_ACTION:
		g->action = first_word(value);
		break;
	case F_STATUS:
		g->status = first_word(value);
		break;
	case F_REMOTE:
		g->remote_mta = first_word(untyped(value));
		break;
	case F_DIAGNOSTIC:
		if (value.len > g->raw.len)
			g->raw = untyped(value);
		break;
	case F_OTHER:
	case F_NONE:
		return;
	}
	s->open = true;
}

/* Whether the lines of a field go on: folded, or, for the long reply that was
 * pasted without its indentation, anything but another field. */
static bool goes_on(enum field f, struct mxa_str line)
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

void mxa_collect_status(struct mxa_collect *c, struct mxa_str s)
{
	struct status st = { .c = c };
	struct mxa_str line, value = MXA_STR("");
	struct mxa_buf b;
	size_t at = 0;
	enum field f;
	bool have = mxa_next_line(s, &at, &line);

	while (have) {
		f = field_of(line, &value);
		if (f == F_NONE) {
			if (mxa_str_trim(line).len == 0)
				close_group(&st);
			have = mxa_next_line(s, &at, &line);
			continue;
		}
		mxa_buf_init(&b, c->arena, MXA_MAX_SAID);
		mxa_buf_addstr(&b, value);
		while (
		    (have = mxa_next_line(s, &at, &line)) && goes_on(f, line)) {
			if (!mxa_is_wsp(line.p[0]) && is_header_like(line))
				break;
			mxa_buf_addc(&b, '\n');
			mxa_buf_addstr(&b, line);
		}
		take(&st, f, mxa_str_trim(mxa_buf_str(&b)));
	}
	close_group(&st);
}
