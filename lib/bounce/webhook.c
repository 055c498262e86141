/* webhook.c - a failed delivery as a sending service reports it to a program:
 * Amazon SES (bare or in an SNS notification), SendGrid, Mailgun. */
#include "bounce/collect.h"

#include <jansson.h>

#include "base/arena.h"
#include "bounce/find.h"

#define MAX_EVENT ((size_t)1 << 20) /* bytes of JSON that are read */
#define MAX_DEPTH 8		    /* strings of JSON inside JSON */

static bool read_event(struct mxa_collect *c, const json_t *event, int depth);

/* A string member, copied; empty: not there. */
static struct mxa_str string_member(
    struct mxa_collect *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_string(v))
		return MXA_STR("");
	return mxa_str_dup(c->arena,
	    mxa_str_make(json_string_value(v), json_string_length(v)));
}

/* A reply that may come without its code in front. */
static struct mxa_str with_code(
    struct mxa_collect *c, const json_t *code, struct mxa_str text)
{
	if (!json_is_integer(code) || mxa_said_find(text) == 0)
		return text;
	return mxa_str_from(mxa_arena_printf(c->arena, "%d %.*s",
	    (int)json_integer_value(code), MXA_STR_ARG(text)));
}

static void add_event(struct mxa_collect *c, struct mxa_str recipient,
    struct mxa_str status, struct mxa_str reply, bool temporary)
{
	struct mxa_entry_found *e = mxa_found_add(c, &c->fields);

	if (e == NULL)
		return;
	e->recipient = recipient;
	e->original = MXA_STR("");
	e->status = status;
	e->action = temporary ? MXA_STR("delayed") : MXA_STR("failed");
	mxa_said_read(c->arena, reply, &e->said);
	c->report = c->event = true;
}

static void take_ip(struct mxa_collect *c, struct mxa_str text)
{
	struct mxa_ip ip;

	if (mxa_ip_parse(text, &ip))
		c->sending_ip = ip;
}

/* The header fields that an event quotes, as a header section. */
static void take_quoted(
    struct mxa_collect *c, struct mxa_str from, struct mxa_str to)
{
	if (from.len > 0)
		c->returned = mxa_str_from(
		    mxa_arena_printf(c->arena, "From: %.*s\nTo: %.*s\n",
			MXA_STR_ARG(from), MXA_STR_ARG(to)));
}

/* --- Amazon SES --- */

/* The host of "dns; a8-50.smtp-out.example.com", which SES also calls "dsn;";
 * empty: it is no host. */
static struct mxa_str host_of_type(struct mxa_arena *a, struct mxa_str s)
{
	size_t semi = mxa_str_chr(s, ';', 0);

	return mxa_host_at(a,
	    mxa_str_trim(mxa_str_sub(s, semi < s.len ? semi + 1 : 0, s.len)));
}

static bool read_ses(struct mxa_collect *c, const json_t *o)
{
	const json_t *bounce = json_object_get(o, "bounce");
	const json_t *mail = json_object_get(o, "mail");
	const json_t *list = json_object_get(bounce, "bouncedRecipients");
	const json_t *from, *r;
	size_t i;

	if (!json_is_array(list))
		return false;
	c->sender = string_member(c, mail, "source");
	/* sourceIp is who handed the message to SES, not who sent it on */
	from = json_array_get(
	    json_object_get(json_object_get(mail, "commonHeaders"), "from"), 0);
	if (json_is_string(from))
		take_quoted(c,
		    mxa_str_dup(
			c->arena, mxa_str_from(json_string_value(from))),
		    MXA_STR(""));
	c->reporting_mta =
	    host_of_type(c->arena, string_member(c, bounce, "reportingMTA"));
	if (c->reporting_mta.len == 0)
		c->reporting_mta = MXA_STR("amazonses.com");
	json_array_foreach(list, i, r) add_event(c,
	    string_member(c, r, "emailAddress"), string_member(c, r, "status"),
	    string_member(c, r, "diagnosticCode"),
	    mxa_str_caseis(
		string_member(c, bounce, "bounceType"), "Transient") &&
		mxa_str_caseis(string_member(c, r, "action"), "delayed"));
	return true;
}

/* --- SendGrid --- */

static bool read_sendgrid(struct mxa_collect *c, const json_t *o)
{
	struct mxa_str event = string_member(c, o, "event");
	struct mxa_str reason = string_member(c, o, "reason");

	if (event.len == 0 || string_member(c, o, "email").len == 0 ||
	    json_object_get(o, "sg_event_id") == NULL)
		return false;
	if (reason.len == 0)
		reason = string_member(c, o, "response");
	if (!mxa_str_is(event, "bounce") && !mxa_str_is(event, "deferred") &&
	    !mxa_str_is(event, "dropped") && !mxa_str_is(event, "blocked"))
		return true;
	take_ip(c, string_member(c, o, "ip"));
	c->reporting_mta = MXA_STR("sendgrid.net");
	add_event(c, string_member(c, o, "email"),
	    string_member(c, o, "status"), reason,
	    mxa_str_is(event, "deferred"));
	return true;
}

/* --- Mailgun --- */

static bool read_mailgun(struct mxa_collect *c, const json_t *o)
{
	const json_t *status = json_object_get(o, "delivery-status");
	const json_t *envelope = json_object_get(o, "envelope");
	const json_t *headers =
	    json_object_get(json_object_get(o, "message"), "headers");
	struct mxa_str reply = string_member(c, status, "message");

	if (status == NULL ||
	    !mxa_str_is(string_member(c, o, "event"), "failed"))
		return false;
	if (reply.len == 0)
		reply = string_member(c, status, "description");
	c->sender = string_member(c, envelope, "sender");
	take_ip(c, string_member(c, envelope, "sending-ip"));
	take_quoted(c, string_member(c, headers, "from"),
	    string_member(c, headers, "to"));
	c->reporting_mta = MXA_STR("mailgun.net");
	add_event(c, string_member(c, o, "recipient"),
	    string_member(c, status, "enhanced-code"),
	    with_code(c, json_object_get(status, "code"), reply),
	    mxa_str_is(string_member(c, o, "severity"), "temporary"));
	c->fields.v[c->fields.n - 1].remote_mta =
	    string_member(c, status, "mx-host");
	return true;
}

/* --- all of them --- */

/* JSON inside a string: SNS's "Message". */
static bool read_inner(struct mxa_collect *c, const json_t *text, int depth)
{
	json_t *inner;
	bool ok;

	if (!json_is_string(text))
		return false;
	inner = json_loadb(json_string_value(text), json_string_length(text),
	    JSON_REJECT_DUPLICATES, NULL);
	ok = inner != NULL && read_event(c, inner, depth + 1);
	json_decref(inner);
	return ok;
}

static bool read_event(struct mxa_collect *c, const json_t *event, int depth)
{
	const json_t *one;
	bool any = false;
	size_t i;

	if (depth > MAX_DEPTH)
		return false;
	if (json_is_array(event)) {
		json_array_foreach(event, i, one) any =
		    read_event(c, one, depth + 1) || any;
		return any;
	}
	return read_ses(c, event) || read_sendgrid(c, event) ||
	    read_mailgun(c, event) ||
	    read_inner(c, json_object_get(event, "Message"), depth) ||
	    (json_is_object(json_object_get(event, "event-data")) &&
		read_event(c, json_object_get(event, "event-data"), depth + 1));
}

bool mxa_collect_event(struct mxa_collect *c, struct mxa_str s)
{
	json_t *event;
	bool ok;

	if (s.len == 0 || s.len > MAX_EVENT || (s.p[0] != '{' && s.p[0] != '['))
		return false;
	event = json_loadb(s.p, s.len, JSON_DISABLE_EOF_CHECK, NULL);
	ok = event != NULL && read_event(c, event, 0);
	json_decref(event);
	return ok;
}
