/* parts.c - the parts of a mail that is, or carries, a bounce. */
#include "bounce/collect.h"

#include "base/i18n.h"
#include "bounce/daemon.h"
#include "bounce/find.h"
#include "mail/headers.h"
#include "mail/mime.h"

#define MAX_HEADER ((size_t)1 << 20) /* read of a header section */

/* --- header sections --- */

static struct mxa_str value_of(const struct mxa_headers *h, const char *name)
{
	const struct mxa_field *f = mxa_headers_find(h, name, 0);

	return f ? mxa_field_unfold(h->arena, f) : MXA_STR("");
}

/* "report-type=NAME" in the Content-Type, quoted or not. */
static bool is_report_of(struct mxa_str type, const char *name)
{
	size_t at = mxa_str_casefind(type, MXA_STR("report-type="));
	struct mxa_str rest = mxa_str_sub(type, at + 12, type.len);

	if (mxa_str_starts(rest, MXA_STR("\"")))
		rest = mxa_str_sub(rest, 1, rest.len);
	return mxa_str_casestarts(rest, mxa_str_from(name));
}

/* What a person's mail program answers in his absence (RFC 3834): it comes with
 * a null sender, as bounces do. */
static bool is_auto_reply(const struct mxa_headers *h)
{
	static const char *const subjects[] = { "out of office",
		"automatic reply", "auto reply", "autoreply", "abwesenheit",
		"automatische antwort", "réponse automatique",
		"respuesta automática", "自动回复", "自動回覆", "自動応答",
		"自動返信", NULL };
	struct mxa_str subject = value_of(h, "Subject");

	if (mxa_is_daemon(value_of(h, "From")) ||
	    mxa_is_bounce_subject(subject) ||
	    mxa_headers_find(h, "X-Failed-Recipients", 0) != NULL ||
	    is_report_of(value_of(h, "Content-Type"), "delivery-status"))
		return false;
	if (mxa_str_casestarts(
		value_of(h, "Auto-Submitted"), MXA_STR("auto-replied")) ||
	    mxa_headers_find(h, "X-Autoreply", 0) != NULL)
		return true;
	return mxa_any_in(subject, subjects);
}

/* Another kind of report than a bounce. */
static void look_for_other_report(
    struct mxa_collect *c, const struct mxa_headers *h, bool top)
{
	struct mxa_str type = value_of(h, "Content-Type");

	if (is_report_of(type, "feedback-report"))
		c->not_a_bounce = N_("It is a feedback report (a complaint or "
				     "an authentication failure report), not "
				     "a bounce.");
	if (is_report_of(type, "disposition-notification"))
		c->not_a_bounce =
		    N_("It is a receipt that tells of a message that was "
		       "displayed or deleted, not a bounce.");
	c->auto_reply = c->auto_reply || (top && is_auto_reply(h));
}

static bool is_bounce_header(const struct mxa_headers *h)
{
	return mxa_is_daemon(value_of(h, "From")) ||
	    mxa_str_is(value_of(h, "Return-Path"), "<>") ||
	    mxa_headers_find(h, "X-Failed-Recipients", 0) != NULL ||
	    mxa_headers_find(h, "X-MS-Exchange-Message-Is-Ndr", 0) != NULL ||
	    is_report_of(value_of(h, "Content-Type"), "delivery-status");
}

/* The bounce's own header: its To is the envelope sender that failed, and
 * MAILER-DAEMON@HOST tells who wrote it. */
static void take_bounce_header(
    struct mxa_collect *c, const struct mxa_headers *h)
{
	struct mxa_str from = value_of(h, "From"), to, address;
	size_t end;

	c->looks = true;
	to = mxa_find_address(value_of(h, "To"), &end);
	if (to.len > 0)
		c->bounce_to = to;
	address = mxa_find_address(from, &end);
	if (c->greeting_host.len == 0 && address.len > 0)
		c->greeting_host = mxa_host_at(c->arena,
		    mxa_str_sub(address, mxa_str_chr(address, '@', 0) + 1,
			address.len));
	if (value_of(h, "X-Failed-Recipients").len > 0)
		c->failed_list = value_of(h, "X-Failed-Recipients");
}

void mxa_collect_header(struct mxa_collect *c, struct mxa_str header, bool top)
{
	struct mxa_headers h;
	size_t body;

	mxa_headers_init(&h, c->arena);
	mxa_headers_split(&h, mxa_str_sub(header, 0, MAX_HEADER), &body);
	if (top)
		c->top = header;
	look_for_other_report(c, &h, top);
	/* behind a delivery-status part comes what failed: a bounce of a bounce
	 */
	if (is_bounce_header(&h) && !top && c->report && c->bounce_to.len > 0)
		c->returned = header;
	else if (is_bounce_header(&h))
		take_bounce_header(c, &h);
	else if (!c->looks && mxa_is_bounce_subject(value_of(&h, "Subject")))
		c->looks = true; /* perhaps somebody sent a bounce on */
	else if (!top && (value_of(&h, "From").len > 0 || c->returned.len == 0))
		c->returned = header;
}

/* --- parts --- */

static void visit_text(struct mxa_collect *c, const struct mxa_mime_part *part)
{
	struct mxa_str body = part->body;
	bool html = mxa_str_is(part->type, "text/html");

	/* the same words stand in text/plain, if there is one */
	if (html && (c->text.n > 0 || c->words))
		return;
	/* text of the returned message tells nothing */
	if (part->message > 0 && (c->text.n > 0 || c->fields.n > 0))
		return;
	mxa_collect_text(c, html ? mxa_html_text(c->arena, body) : body);
}

static void visit_header(
    struct mxa_collect *c, const struct mxa_mime_part *part)
{
	bool bounce = c->report || c->bounce_to.len > 0;

	mxa_collect_header(
	    c, part->body, part->message == 0 && part->depth == 0);
	if (bounce && c->returned.len > 0 && c->returned.p == part->body.p)
		c->returned_depth = part->depth;
}

static bool visit_part(void *ctx, const struct mxa_mime_part *part)
{
	struct mxa_collect *c = ctx;
	struct mxa_str type = part->type;

	/* attached to the returned message, not to the bounce */
	if (c->returned_depth > 0 && part->depth > c->returned_depth)
		return true;
	if (mxa_str_is(type, "text/rfc822-headers") ||
	    mxa_str_is(type, "message/global-headers")) {
		visit_header(c, part);
	} else if (mxa_str_is(type, "message/delivery-status") ||
	    mxa_str_is(type, "message/global-delivery-status")) {
		c->report = true;
		mxa_collect_status(c, part->body);
	} else if (mxa_str_starts(type, MXA_STR("text/"))) {
		visit_text(c, part);
	} else if (mxa_str_starts(type, MXA_STR("message/")) ||
	    mxa_str_ends(part->filename, MXA_STR(".eml"))) {
		mxa_collect_text(c, part->body);
	}
	return true;
}

void mxa_collect_parts(struct mxa_collect *c, struct mxa_str mail)
{
	mxa_mime_walk_max(c->arena, mail, MXA_BOUNCE_MAX_TEXT, visit_part, c);
}
