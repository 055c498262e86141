/* bounce.c - from bytes to recipients and what was said about them. */
#include "bounce/bounce.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "bounce/collect.h"
#include "mail/headers.h"
#include "mail/mime.h"

const char *mxa_bounce_kind_name(enum mxa_bounce_kind k)
{
	switch (k) {
	case MXA_NOT_A_BOUNCE:
		return "not-a-bounce";
	case MXA_BOUNCE:
		return "bounce";
	case MXA_HEADER:
		return "header";
	}
	return "not-a-bounce";
}

const char *mxa_identity_name(enum mxa_identity i)
{
	switch (i) {
	case MXA_IDENTITY_UNKNOWN:
		return "";
	case MXA_IDENTITY_MAILFROM:
		return "mailfrom";
	case MXA_IDENTITY_HELO:
		return "helo";
	case MXA_IDENTITY_FROM:
		return "from";
	}
	return "";
}

struct mxa_entry_found *mxa_found_add(
    struct mxa_collect *c, struct mxa_found_list *list)
{
	struct mxa_entry_found *e;

	if (list->n == MXA_MAX_FAILURES) {
		c->more = true;
		return NULL;
	}
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 8;

		list->v = mxa_arena_grow(c->arena, list->v,
		    list->cap * sizeof(*list->v), cap * sizeof(*list->v));
		list->cap = cap;
	}
	e = &list->v[list->n++];
	memset(e, 0, sizeof(*e));
	return e;
}

/* --- the input's form --- */

/* LF line ends, whatever they were; no UTF-8 mark in front. */
static struct mxa_str with_lf(struct mxa_arena *a, struct mxa_str s)
{
	char *p;
	size_t n = 0;

	if (mxa_str_starts(s, MXA_STR("\xef\xbb\xbf")))
		s = mxa_str_sub(s, 3, s.len);
	if (mxa_str_chr(s, '\r', 0) == s.len)
		return s;
	p = mxa_arena_alloc(a, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n')
			continue;
		p[n++] = s.p[i] == '\r' ? '\n' : s.p[i];
	}
	return mxa_str_make(p, n);
}

/* Text that an editor saved as UTF-16, as bytes; others as they are. */
static struct mxa_str from_utf16(struct mxa_arena *a, struct mxa_str s)
{
	bool little = mxa_str_starts(s, MXA_STR("\xff\xfe"));
	struct mxa_buf b;

	if (!little && !mxa_str_starts(s, MXA_STR("\xfe\xff")))
		return s;
	mxa_buf_init(&b, a, s.len * 2 + 4);
	for (size_t i = 2; i + 1 < s.len; i += 2) {
		unsigned lo = (unsigned char)s.p[i + !little];
		unsigned hi = (unsigned char)s.p[i + little];
		unsigned c = hi << 8 | lo;

		if (c < 0x80) {
			mxa_buf_addc(&b, (char)c);
		} else if (c < 0x800) {
			mxa_buf_addc(&b, (char)(0xc0 | c >> 6));
			mxa_buf_addc(&b, (char)(0x80 | (c & 0x3f)));
		} else {
			mxa_buf_addc(&b, (char)(0xe0 | c >> 12));
			mxa_buf_addc(&b, (char)(0x80 | (c >> 6 & 0x3f)));
			mxa_buf_addc(&b, (char)(0x80 | (c & 0x3f)));
		}
	}
	return mxa_buf_str(&b);
}

/* "Name:" at the start of a line that may be a header field. */
static struct mxa_str field_name(struct mxa_str line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] > ' ' && line.p[n] < 0x7f &&
	    line.p[n] != ':')
		n++;
	if (n == 0 || n == line.len || line.p[n] != ':')
		return MXA_STR("");
	return mxa_str_sub(line, 0, n);
}

/* Whether the input begins with the header section of a mail. */
static bool is_mail(struct mxa_str s)
{
	static const char *const names[] = { "Received", "Return-Path", "From",
		"To", "Subject", "Date", "Message-ID", "MIME-Version",
		"Content-Type", "Delivered-To", "X-Original-To",
		"Auto-Submitted", "DKIM-Signature", "Authentication-Results",
		"Received-SPF", "ARC-Seal", "X-Failed-Recipients" };
	struct mxa_str line, name;
	size_t at = 0, known = 0;
	bool type = false;

	while (mxa_next_line(s, &at, &line) && line.len > 0) {
		name = field_name(line);
		for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
			if (mxa_str_caseis(name, names[i]))
				known++;
		type = type || mxa_str_caseis(name, "Content-Type");
		if (mxa_str_caseis(name, "Reporting-MTA") ||
		    mxa_str_caseis(name, "Final-Recipient"))
			return false;
		if (name.len == 0 && !mxa_is_wsp(line.p[0]) &&
		    !mxa_str_starts(line, MXA_STR("From ")) &&
		    !mxa_str_starts(line, MXA_STR(">From ")))
			break;
	}
	return known >= 2 || type;
}

/* A part with its boundary, but without the header section before: given one,
 * so that it can be read. */
static struct mxa_str with_boundary(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str line = MXA_STR(""), next = MXA_STR("");
	size_t at = 0;

	s = mxa_str_trim(s);
	if (!mxa_str_starts(s, MXA_STR("--")) ||
	    !mxa_next_line(s, &at, &line) || !mxa_next_line(s, &at, &next) ||
	    !mxa_str_casestarts(field_name(next), MXA_STR("Content-")) ||
	    line.len > 200)
		return MXA_STR_NONE;
	line = mxa_str_trim(mxa_str_sub(line, 2, line.len));
	if (mxa_str_chr(line, '"', 0) < line.len)
		return MXA_STR_NONE;
	return mxa_str_from(mxa_arena_printf(a,
	    "Content-Type: multipart/mixed; boundary=\"%.*s\"\n\n%.*s",
	    MXA_STR_ARG(line), MXA_STR_ARG(s)));
}

/* --- the parts of a mail --- */

/* Text of HTML: tags dropped, blocks become lines, the usual entities. */
static struct mxa_str html_text(struct mxa_arena *a, struct mxa_str s)
{
	static const struct {
		struct mxa_str from;
		char to;
	} entities[] = { { MXA_STR_INIT("&lt;"), '<' },
		{ MXA_STR_INIT("&gt;"), '>' }, { MXA_STR_INIT("&amp;"), '&' },
		{ MXA_STR_INIT("&quot;"), '"' },
		{ MXA_STR_INIT("&#39;"), '\'' },
		{ MXA_STR_INIT("&nbsp;"), ' ' },
		{ MXA_STR_INIT("&#64;"), '@' } };
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_BOUNCE_MAX_TEXT + 16);
	for (size_t i = 0; i < s.len && !b.full; i++) {
		struct mxa_str rest =
		    mxa_str_sub(s, i, i + 8 < s.len ? i + 8 : s.len);
		size_t k = 0, end;

		if (s.p[i] == '<') {
			end = mxa_str_chr(s, '>', i);
			if (mxa_str_casestarts(rest, MXA_STR("<br")) ||
			    mxa_str_casestarts(rest, MXA_STR("<p")) ||
			    mxa_str_casestarts(rest, MXA_STR("</p")) ||
			    mxa_str_casestarts(rest, MXA_STR("</div")) ||
			    mxa_str_casestarts(rest, MXA_STR("</tr")) ||
			    mxa_str_casestarts(rest, MXA_STR("</h")))
				mxa_buf_addc(&b, '\n');
			i = end;
			continue;
		}
		while (k < MXA_ARRAY_LEN(entities) &&
		    !mxa_str_casestarts(rest, entities[k].from))
			k++;
		if (k < MXA_ARRAY_LEN(entities)) {
			mxa_buf_addc(&b, entities[k].to);
			i += entities[k].from.len - 1;
		} else {
			mxa_buf_addc(&b, s.p[i]);
		}
	}
	return mxa_buf_str(&b);
}

static bool header_has(struct mxa_str header, const char *line)
{
	return mxa_str_casefind(header, mxa_str_from(line)) < header.len;
}

static struct mxa_str header_value(
    struct mxa_arena *a, struct mxa_str header, const char *name)
{
	const struct mxa_field *f;
	struct mxa_headers h;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, mxa_str_sub(header, 0, (size_t)1 << 20), &body);
	f = mxa_headers_find(&h, name, 0);
	return f ? mxa_field_unfold(a, f) : MXA_STR("");
}

/* Header section of the mail itself or of one inside. */
static void take_header(struct mxa_collect *c, struct mxa_str header, bool top)
{
	struct mxa_str from = header_value(c->arena, header, "From");
	struct mxa_str subject, path, failed;
	bool daemon;

	if (from.len == 0 && !top) {
		if (c->returned.len == 0)
			c->returned = header;
		return;
	}
	path = header_value(c->arena, header, "Return-Path");
	subject = header_value(c->arena, header, "Subject");
	failed = header_value(c->arena, header, "X-Failed-Recipients");
	daemon = header_has(from, "mailer-daemon") ||
	    header_has(from, "mail delivery") ||
	    header_has(from, "postmaster@") ||
	    header_has(from, "microsoftexchange") || mxa_str_is(path, "<>") ||
	    failed.len > 0 ||
	    header_has(header, "\nX-MS-Exchange-Message-Is-Ndr") ||
	    header_has(header, "report-type=delivery-status") ||
	    header_has(header, "report-type=\"delivery-status");
	if (failed.len > 0)
		c->failed_list = failed;
	if (daemon || header_has(subject, "undeliver") ||
	    header_has(subject, "delivery status notification") ||
	    header_has(subject, "failure notice") ||
	    header_has(subject, "returned mail") ||
	    header_has(subject, "delivery failed"))
		c->looks = true;
	if (header_has(header, "report-type=feedback-report") ||
	    header_has(header, "report-type=\"feedback-report"))
		c->not_a_bounce = N_("It is a feedback report (a complaint or "
				     "an authentication failure report), not "
				     "a bounce.");
	if (header_has(header, "report-type=disposition-notification") ||
	    header_has(header, "report-type=\"disposition-notification"))
		c->not_a_bounce =
		    N_("It is a receipt that tells of a message that was "
		       "displayed or deleted, not a bounce.");
	if (top)
		c->top = header;
	else if (!daemon)
		c->returned = header;
}

static bool visit(void *ctx, const struct mxa_mime_part *part)
{
	struct mxa_collect *c = ctx;
	struct mxa_str type = part->type;
	struct mxa_str body = part->body;

	if (mxa_str_is(type, "text/rfc822-headers") ||
	    mxa_str_is(type, "message/global-headers")) {
		take_header(c, body, part->message == 0 && part->depth == 0);
	} else if (mxa_str_is(type, "message/delivery-status") ||
	    mxa_str_is(type, "message/global-delivery-status")) {
		c->report = true;
		mxa_collect_status(c, body);
	} else if (mxa_str_is(type, "text/html")) {
		/* the same words stand in text/plain, if there is one */
		if (c->text.n == 0)
			mxa_collect_text(c, html_text(c->arena, body));
	} else if (mxa_str_starts(type, MXA_STR("text/"))) {
		/* text of the returned message tells nothing */
		if (part->message == 0 || (c->text.n == 0 && c->fields.n == 0))
			mxa_collect_text(c, body);
	} else if (mxa_str_starts(type, MXA_STR("message/")) ||
	    mxa_str_ends(part->filename, MXA_STR(".eml"))) {
		mxa_collect_text(c, body);
	}
	return true;
}

/* --- what was found, as failures --- */

static bool action_is_failure(const struct mxa_entry_found *e)
{
	if (e->action.len == 0)
		return e->status.len == 0 || e->status.p[0] != '2';
	return !mxa_str_caseis(e->action, "delivered") &&
	    !mxa_str_caseis(e->action, "relayed") &&
	    !mxa_str_caseis(e->action, "expanded");
}

/* The entry of the text that tells more about this recipient. */
static const struct mxa_entry_found *text_for(
    const struct mxa_collect *c, const struct mxa_entry_found *e, size_t hint)
{
	const struct mxa_entry_found *nameless = NULL;
	size_t n = c->text.n;

	/* both lists come in the same order: look around the hint first */
	for (size_t k = 0; k < n && k < 200; k++) {
		const struct mxa_entry_found *t = &c->text.v[(hint + k) % n];

		if (t->recipient.len == 0)
			nameless = t;
		else if (mxa_str_caseeq(t->recipient, e->recipient) ||
		    mxa_str_caseeq(t->recipient, e->original))
			return t;
	}
	if (nameless != NULL || n != 1)
		return nameless;
	return c->fields.n == 1 ? &c->text.v[0] : NULL;
}

/* Words of both places: the longer reply, unless they are different ones. */
static void merge(struct mxa_collect *c, struct mxa_entry_found *e,
    const struct mxa_entry_found *t)
{
	struct mxa_said mine, other;

	if (t == NULL)
		return;
	mxa_said_read(c->arena, e->raw, &mine);
	mxa_said_read(c->arena, t->raw, &other);
	if (e->remote_mta.len == 0)
		e->remote_mta = t->remote_mta;
	if (e->stage == MXA_STAGE_UNKNOWN)
		e->stage = t->stage;
	if (mine.code[0] == '\0' ||
	    (strcmp(mine.code, other.code) == 0 &&
		other.text.len > mine.text.len))
		if (other.code[0] != '\0' || mine.text.len < 4)
			e->raw = t->raw;
}

static void add_failure(struct mxa_collect *c, struct mxa_bounce *out,
    const struct mxa_entry_found *e)
{
	struct mxa_failure *f = mxa_failure_add(c->arena, out);

	if (f == NULL)
		return;
	f->recipient = e->recipient.len ? e->recipient : MXA_STR("");
	f->original = e->original.len ? e->original : MXA_STR("");
	f->remote_mta = mxa_str_lower(c->arena, e->remote_mta);
	while (f->remote_mta.len > 0 &&
	    f->remote_mta.p[f->remote_mta.len - 1] == '.')
		f->remote_mta.len--;
	mxa_said_read(c->arena, e->raw, &f->said);
	if (f->said.stage == MXA_STAGE_UNKNOWN)
		f->said.stage = e->stage;
	f->status = f->said.enhanced.len > 0 ? f->said.enhanced : e->status;
	if (mxa_enhanced_len(f->status) == 0)
		f->status = MXA_STR("");
	mxa_refusal_classify(&f->said, e->status, f->remote_mta, &f->refusal);
	f->temporary = f->said.code[0] == '4' ||
	    (f->said.code[0] == '\0' && f->status.len > 0 &&
		f->status.p[0] == '4') ||
	    mxa_str_caseis(e->action, "delayed");
	f->evidence = f->said.text;
	mxa_facts_read(c->arena, &out->returned, f);
}

/* Whether a reply that stands in some text makes it a bounce. */
static bool convincing(
    const struct mxa_collect *c, const struct mxa_entry_found *e, bool mail)
{
	struct mxa_said said;
	struct mxa_refusal_kind kind;

	if (c->looks || c->report)
		return true;
	mxa_said_read(c->arena, e->raw, &said);
	mxa_refusal_classify(&said, MXA_STR(""), e->remote_mta, &kind);
	if (said.code[0] == '\0')
		return false;
	if (said.enhanced.len > 0)
		return true;
	return !mail && kind.sure && said.text.len > 8;
}

static void from_fields(struct mxa_collect *c, struct mxa_bounce *out)
{
	bool delivered = false;

	for (size_t i = 0; i < c->fields.n; i++) {
		struct mxa_entry_found e = c->fields.v[i];

		if (!action_is_failure(&e)) {
			delivered = true;
			continue;
		}
		merge(c, &e, c->text.n ? text_for(c, &e, i) : NULL);
		if (e.remote_mta.len == 0)
			e.remote_mta = c->reporting_mta;
		add_failure(c, out, &e);
	}
	if (out->n == 0 && delivered)
		c->not_a_bounce = N_("It tells of a message that was "
				     "delivered, not of a failure.");
}

/* Sendmail names the recipient with the first line of the reply, and tells the
 * whole reply further below without a name: one entry of both. */
static void merge_transcripts(struct mxa_collect *c)
{
	size_t nameless[8], n = 0;

	for (size_t i = 0; i < c->text.n && n < MXA_ARRAY_LEN(nameless); i++)
		if (c->text.v[i].recipient.len == 0)
			nameless[n++] = i;
	for (size_t k = 0; k < n; k++) {
		struct mxa_entry_found *t = &c->text.v[nameless[k]];
		struct mxa_said whole, part;
		bool used = false;

		mxa_said_read(c->arena, t->raw, &whole);
		for (size_t i = 0; i < c->text.n; i++) {
			struct mxa_entry_found *e = &c->text.v[i];

			if (e->recipient.len == 0)
				continue;
			mxa_said_read(c->arena, e->raw, &part);
			while (part.text.len > 0 &&
			    part.text.p[part.text.len - 1] == ')')
				part.text.len--;
			if (strcmp(part.code, whole.code) != 0 ||
			    !mxa_str_casestarts(whole.text, part.text))
				continue;
			e->raw = t->raw;
			e->stage = t->stage;
			if (e->remote_mta.len == 0)
				e->remote_mta = t->remote_mta;
			used = true;
		}
		if (used)
			t->raw = MXA_STR("");
	}
}

static void from_text(struct mxa_collect *c, struct mxa_bounce *out, bool mail)
{
	struct mxa_str failed = c->failed_list, recipient;
	size_t end = 0;

	merge_transcripts(c);
	for (size_t i = 0; i < c->text.n; i++) {
		struct mxa_entry_found e = c->text.v[i];

		if (e.raw.len == 0 || !convincing(c, &e, mail))
			continue;
		if (e.recipient.len == 0 && failed.len > 0)
			e.recipient = mxa_find_address(failed, &end);
		if (e.recipient.len == 0 && c->text.n == 1)
			e.recipient = c->to;
		add_failure(c, out, &e);
	}
	/* named in the header only */
	while (out->n == 0 && c->looks && failed.len > 0) {
		struct mxa_entry_found e = { .action = MXA_STR("failed") };

		recipient = mxa_find_address(failed, &end);
		if (recipient.len == 0)
			break;
		e.recipient = recipient;
		add_failure(c, out, &e);
		failed = mxa_str_sub(failed, end, failed.len);
	}
}

static void conclude(struct mxa_collect *c, struct mxa_bounce *out, bool mail)
{
	mxa_returned_read(c, &out->returned);
	out->returned.resent = out->returned.resent || c->expanded;
	out->reporting_mta = mxa_str_lower(c->arena, c->reporting_mta);
	if (c->not_a_bounce == NULL && c->fields.n > 0)
		from_fields(c, out);
	else if (c->not_a_bounce == NULL)
		from_text(c, out, mail);
	out->more = out->more || c->more;
	if (out->n > 0)
		out->kind = MXA_BOUNCE;
}

/* --- all of it --- */

void mxa_bounce_read(
    struct mxa_arena *a, struct mxa_str bytes, struct mxa_bounce *out)
{
	struct mxa_collect c = { .arena = a };
	struct mxa_str s, parts;
	bool mail;

	memset(out, 0, sizeof(*out));
	out->reporting_mta = out->evidence = MXA_STR("");
	c.returned = c.sender = c.to = c.failed_list = c.reporting_mta = c.top =
	    MXA_STR("");
	s = with_lf(
	    a, from_utf16(a, mxa_str_sub(bytes, 0, MXA_BOUNCE_MAX_INPUT)));
	while (s.len > 0 && mxa_is_space(s.p[0]) && s.p[0] != ' ')
		s = mxa_str_sub(s, 1, s.len);
	mail = is_mail(s);
	parts = with_boundary(a, s);
	if (mail || parts.p != NULL)
		mxa_mime_walk_max(
		    a, mail ? s : parts, MXA_BOUNCE_MAX_TEXT, visit, &c);
	if (c.fields.n == 0 && c.text.n == 0)
		mxa_collect_text(&c, s);
	conclude(&c, out, mail);
	if (out->kind == MXA_BOUNCE)
		return;
	out->v = NULL;
	out->n = out->cap = 0;
	if (mxa_fields_read(a, mail ? c.top : s, out)) {
		out->kind = MXA_HEADER;
		return;
	}
	out->n = 0;
	if (c.not_a_bounce != NULL)
		out->reason = c.not_a_bounce;
	else if (mxa_str_trim(s).len == 0)
		out->reason = N_("It is empty.");
	else if (mail)
		out->reason = N_("It is a mail, but none that tells of a "
				 "delivery that failed.");
	else
		out->reason = N_("It holds no reply of a mail server, no "
				 "delivery status and no results of "
				 "authentication.");
}
