/* bounce.c - from bytes to recipients and what was said about them. */
#include "bounce/bounce.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "bounce/collect.h"
#include "bounce/find.h"

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
	list->v = mxa_arena_room(
	    c->arena, list->v, list->n, &list->cap, sizeof(*list->v));
	e = &list->v[list->n++];
	memset(e, 0, sizeof(*e));
	return e;
}

struct mxa_failure *mxa_failure_add(struct mxa_arena *a, struct mxa_bounce *b)
{
	struct mxa_failure *f;

	if (b->n == MXA_MAX_FAILURES) {
		b->more = true;
		return NULL;
	}
	b->v = mxa_arena_room(a, b->v, b->n, &b->cap, sizeof(*b->v));
	f = &b->v[b->n++];
	memset(f, 0, sizeof(*f));
	f->recipient = f->original = f->remote_mta = f->status = f->domain =
	    f->evidence = f->said.text = f->said.enhanced = MXA_STR("");
	f->refusal.provider = "";
	return f;
}

/* --- what two places say about one recipient --- */

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
static void merge_text(
    struct mxa_entry_found *e, const struct mxa_entry_found *t)
{
	enum mxa_stage stage = e->said.stage;
	bool same = strcmp(e->said.code, t->said.code) == 0;
	bool longer = t->said.text.len > e->said.text.len;

	if (e->remote_mta.len == 0)
		e->remote_mta = t->remote_mta;
	e->around = t->around;
	if (e->said.code[0] == '\0' || (same && longer))
		if (t->said.code[0] != '\0' || e->said.text.len < 4)
			e->said = t->said;
	if (e->said.stage == MXA_STAGE_UNKNOWN)
		e->said.stage = stage ? stage : t->said.stage;
}

/* --- failures --- */

static bool is_temporary(
    const struct mxa_entry_found *e, const struct mxa_failure *f)
{
	if (f->said.code[0] != '\0')
		return f->said.code[0] == '4' ||
		    mxa_str_caseis(e->action, "delayed");
	return (f->status.len > 0 && f->status.p[0] == '4') ||
	    mxa_str_caseis(e->action, "delayed");
}

/* The reply's enhanced code, or that of the Status field where the reply says
 * nothing in particular. */
static struct mxa_str status_of(const struct mxa_entry_found *e)
{
	struct mxa_str said = e->said.enhanced, field = e->status;

	if (mxa_enhanced_len(field) == 0)
		field = MXA_STR("");
	if (mxa_enhanced_is_generic(said) && field.len > 0)
		return field;
	return said.len > 0 ? said : field;
}

/* "u@ example.com", as blogs write addresses, without its space. */
static struct mxa_str without_space(struct mxa_arena *a, struct mxa_str s)
{
	size_t at = mxa_str_chr(s, ' ', 0);

	if (s.len == 0)
		return MXA_STR("");
	if (at == s.len || at == 0 || s.p[at - 1] != '@')
		return s;
	return mxa_str_from(
	    mxa_arena_printf(a, "%.*s%.*s", MXA_STR_ARG(mxa_str_sub(s, 0, at)),
		MXA_STR_ARG(mxa_str_sub(s, at + 1, s.len))));
}

/* What it is about: the reply says it, or, where the reply says nothing in
 * particular, the words around it, where some providers put the reason. */
static void classify_failure(struct mxa_collect *c,
    const struct mxa_entry_found *e, struct mxa_failure *f)
{
	struct mxa_refusal_kind kind;
	struct mxa_said around = f->said;

	mxa_refusal_classify(
	    c->arena, &f->said, f->status, f->remote_mta, &f->refusal);
	if (f->refusal.class != MXA_RF_OTHER || f->refusal.sure ||
	    e->around.len == 0)
		return;
	around.text = e->around;
	mxa_refusal_classify(
	    c->arena, &around, f->status, f->remote_mta, &kind);
	if (kind.sure)
		f->refusal = kind;
}

static void add_failure(struct mxa_collect *c, struct mxa_bounce *out,
    const struct mxa_entry_found *e)
{
	struct mxa_failure *f = mxa_failure_add(c->arena, out);

	if (f == NULL)
		return;
	f->recipient = without_space(c->arena, e->recipient);
	f->original = e->original.len ? e->original : MXA_STR("");
	f->remote_mta = mxa_str_lower(
	    c->arena, e->remote_mta.len ? e->remote_mta : MXA_STR(""));
	while (f->remote_mta.len > 0 &&
	    f->remote_mta.p[f->remote_mta.len - 1] == '.')
		f->remote_mta.len--;
	f->said = e->said;
	f->status = status_of(e);
	classify_failure(c, e, f);
	f->temporary = is_temporary(e, f);
	f->evidence = f->said.text;
	mxa_facts_read(c->arena, &out->returned, f);
	if (f->ip.family == 0)
		f->ip = c->sending_ip;
}

/* Whether a reply that stands in some text makes it a bounce. */
static bool is_convincing(
    const struct mxa_collect *c, const struct mxa_entry_found *e, bool mail)
{
	struct mxa_refusal_kind kind;

	if (c->looks || c->report)
		return true;
	if (e->said.code[0] == '\0')
		return false;
	/* a mail about bounces names nobody and no host */
	if (mail && e->recipient.len == 0 && e->remote_mta.len == 0)
		return false;
	if (e->said.enhanced.len > 0)
		return true;
	mxa_refusal_classify(
	    c->arena, &e->said, MXA_STR(""), e->remote_mta, &kind);
	return !mail && kind.sure && e->said.text.len > 8;
}

static void from_fields(struct mxa_collect *c, struct mxa_bounce *out)
{
	bool delivered = false;

	mxa_join_transcripts(&c->text, &c->fields);
	mxa_join_transcripts(&c->text, &c->text);
	for (size_t i = 0; i < c->fields.n; i++) {
		struct mxa_entry_found e = c->fields.v[i];
		const struct mxa_entry_found *t;

		if (!action_is_failure(&e)) {
			delivered = true;
			continue;
		}
		t = c->text.n > 0 ? text_for(c, &e, i) : NULL;
		if (t != NULL)
			merge_text(&e, t);
		/* nobody else answered: it is the reporting server's word */
		if (e.remote_mta.len == 0 && !c->event)
			e.remote_mta = c->reporting_mta;
		add_failure(c, out, &e);
	}
	if (out->n == 0 && delivered)
		c->not_a_bounce = N_("It tells of a message that was "
				     "delivered, not of a failure.");
}

/* Recipients that only the header names. */
static void from_failed_list(struct mxa_collect *c, struct mxa_bounce *out)
{
	struct mxa_str failed = c->failed_list, recipient;
	size_t end = 0;

	while (failed.len > 0) {
		struct mxa_entry_found e = { .action = MXA_STR("failed"),
			.said = {
			    .text = MXA_STR(""), .enhanced = MXA_STR("") } };

		recipient = mxa_find_address(failed, &end);
		if (recipient.len == 0)
			break;
		e.recipient = recipient;
		add_failure(c, out, &e);
		failed = mxa_str_sub(failed, end, failed.len);
	}
}

static void from_text(struct mxa_collect *c, struct mxa_bounce *out, bool mail)
{
	size_t end = 0;

	mxa_join_transcripts(&c->text, &c->text);
	for (size_t i = 0; i < c->text.n; i++) {
		struct mxa_entry_found e = c->text.v[i];

		if ((e.said.text.len == 0 && e.said.code[0] == '\0') ||
		    !is_convincing(c, &e, mail))
			continue;
		if (e.recipient.len == 0)
			e.recipient = mxa_find_address(c->failed_list, &end);
		if (e.recipient.len == 0 && c->text.n == 1)
			e.recipient = out->returned.to;
		add_failure(c, out, &e);
	}
	if (out->n == 0 && c->looks)
		from_failed_list(c, out);
}

/* --- who wrote it --- */

/* A name that the public DNS may know. */
static bool is_public_host(struct mxa_str host)
{
	static const char *const private[] = { ".local", ".localdomain", ".lan",
		".internal", ".home", ".corp" };

	if (mxa_str_chr(host, '.', 0) == host.len)
		return false;
	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		if (mxa_str_ends(host, mxa_str_from(private[i])))
			return false;
	return true;
}

static void find_reporter(struct mxa_collect *c, struct mxa_bounce *out)
{
	const struct mxa_str candidate[] = { c->reporting_mta, c->greeting_host,
		out->returned.received_by };

	for (size_t i = 0; i < sizeof(candidate) / sizeof(candidate[0]); i++) {
		struct mxa_str host = mxa_str_lower(c->arena, candidate[i]);

		if (host.len > 0 && is_public_host(host)) {
			out->reporting_mta = host;
			out->reported = i == 0;
			return;
		}
	}
	out->reporting_mta = mxa_str_lower(c->arena, c->reporting_mta);
}

static void conclude_bounce(
    struct mxa_collect *c, struct mxa_bounce *out, bool mail)
{
	if (c->auto_reply && !c->greeted && !c->report &&
	    c->not_a_bounce == NULL)
		c->not_a_bounce = N_("It is an automatic reply, as in "
				     "somebody's absence, not a bounce.");
	mxa_returned_read(c, &out->returned);
	find_reporter(c, out);
	if (c->not_a_bounce == NULL && c->fields.n > 0)
		from_fields(c, out);
	else if (c->not_a_bounce == NULL)
		from_text(c, out, mail);
	out->more = out->more || c->more;
	if (out->n > 0)
		out->kind = MXA_BOUNCE;
}

/* --- all of it --- */

static const char *why_not(
    const struct mxa_collect *c, struct mxa_str s, bool mail)
{
	if (c->not_a_bounce != NULL)
		return c->not_a_bounce;
	if (mxa_str_trim(s).len == 0)
		return N_("It is empty.");
	if (mail)
		return N_("It is a mail, but not one that reports a failed "
			  "delivery.");
	return N_("It has no reply of a mail server, no delivery status and "
		  "no authentication results.");
}

/* Header fields with results, where there is no bounce. */
static void read_as_header(
    struct mxa_collect *c, struct mxa_str s, bool mail, struct mxa_bounce *out)
{
	out->v = NULL;
	out->n = out->cap = 0;
	if (mxa_auth_fields_read(c->arena, mail ? c->top : s, out)) {
		out->kind = MXA_HEADER;
		return;
	}
	out->n = 0;
	out->reason = why_not(c, s, mail);
}

static void collect_all(struct mxa_collect *c, struct mxa_str s, bool mail)
{
	struct mxa_str part = mail ? s : mxa_input_part(c->arena, s);

	if (mxa_collect_event(c, s))
		return;
	if (part.p != NULL)
		mxa_collect_parts(c, part);
	if (c->fields.n == 0 && c->text.n == 0)
		mxa_collect_text(c, s);
}

void mxa_bounce_read(
    struct mxa_arena *a, struct mxa_str bytes, struct mxa_bounce *out)
{
	struct mxa_collect c = { .arena = a };
	struct mxa_str s;
	bool mail;

	memset(out, 0, sizeof(*out));
	out->reporting_mta = out->evidence = MXA_STR("");
	c.returned = c.sender = c.failed_list = c.reporting_mta = c.top =
	    c.greeting_host = c.bounce_to = MXA_STR("");
	s = mxa_input_text(a, bytes);
	mail = mxa_input_is_mail(s);
	collect_all(&c, s, mail);
	conclude_bounce(&c, out, mail);
	if (out->kind != MXA_BOUNCE)
		read_as_header(&c, s, mail, out);
}
