/* returned.c - what the header section of the returned message tells. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "bounce/find.h"
#include "bounce/rewritten.h"
#include "mail/address.h"
#include "mail/authres.h"
#include "mail/headers.h"
#include "mail/taglist.h"

static void read_signatures(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	const struct mxa_field *f;

	for (size_t i = 0; out->n_sigs < MXA_MAX_RETURNED_SIGS &&
	     (f = mxa_headers_find(h, "DKIM-Signature", i)) != NULL;
	     i++) {
		struct mxa_taglist *tags = mxa_arena_alloc(a, sizeof(*tags));
		const struct mxa_tag *d, *s;

		mxa_taglist_parse(mxa_field_unfold(a, f), tags);
		d = mxa_taglist_find(tags, "d");
		s = mxa_taglist_find(tags, "s");
		if (d == NULL || s == NULL)
			continue;
		out->sig[out->n_sigs].domain = mxa_domain_of(a, d->value);
		out->sig[out->n_sigs].selector = mxa_domain_of(a, s->value);
		out->n_sigs++;
	}
}

/* Whether somebody has accepted this message before, and from where. */
static void read_passed(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	const struct mxa_field *f = mxa_headers_find(h, "Received-SPF", 0);
	struct mxa_authres ar;
	struct mxa_str v;
	size_t at;

	if (f != NULL &&
	    mxa_str_casestarts(v = mxa_field_unfold(a, f), MXA_STR("pass"))) {
		out->passed_before = true;
		at = mxa_str_casefind(v, MXA_STR("client-ip="));
		if (at < v.len) {
			v = mxa_str_sub(v, at + 10, v.len);
			v = mxa_str_sub(v, 0, mxa_str_chr(v, ';', 0));
			mxa_ip_parse(mxa_str_trim(v), &out->passed_ip);
		}
	}
	for (size_t i = 0; i < 20 &&
	     (f = mxa_headers_find(h, "Authentication-Results", i)) != NULL;
	     i++) {
		if (mxa_authres_parse(a, f->value, &ar) != MXA_OK)
			continue;
		for (size_t k = 0; k < ar.n; k++)
			if (mxa_str_is(ar.result[k].result, "pass") &&
			    (mxa_str_is(ar.result[k].method, "spf") ||
				mxa_str_is(ar.result[k].method, "dmarc")))
				out->passed_before = true;
	}
}

static void read_forwarding(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	static const char *const delivered[] = { "X-Forwarded-To",
		"X-Forwarded-For", "Delivered-To", "X-Original-To",
		"Resent-From" };

	for (size_t i = 0; i < 5; i++) {
		const struct mxa_field *f =
		    mxa_headers_find(h, delivered[i], 0);
		struct mxa_str address;
		size_t end;

		if (f == NULL)
			continue;
		address = mxa_find_address(mxa_field_unfold(a, f), &end);
		if (out->forwarded_by.len == 0)
			out->forwarded_by = address;
		if (i == 0 || i == 1 || i == 4)
			out->resent = true;
	}
	out->list = mxa_headers_find(h, "List-Id", 0) != NULL ||
	    mxa_headers_find(h, "List-Post", 0) != NULL;
}

/* The envelope sender: what the message itself tells goes before what the
 * bounce says, and that before whom the bounce was sent to. */
static void read_sender(struct mxa_collect *c, const struct mxa_headers *h,
    struct mxa_returned *out)
{
	const struct mxa_field *f = mxa_headers_find(h, "Return-Path", 0);
	struct mxa_str path = MXA_STR("");
	size_t end;

	if (f != NULL)
		path = mxa_find_address(mxa_field_unfold(c->arena, f), &end);
	if (path.len > 0) {
		out->mail_from = path;
		out->sender_known = MXA_SENDER_BY_RETURN_PATH;
	} else if (c->sender.len > 0) {
		out->mail_from = c->sender;
		out->sender_known =
		    c->event ? MXA_SENDER_BY_EVENT : MXA_SENDER_BY_FIELD;
	} else if (c->bounce_to.len > 0) {
		out->mail_from = c->bounce_to;
		out->sender_known = MXA_SENDER_BY_BOUNCE;
	}
	if (out->mail_from.len > 0)
		out->mail_domain = mxa_domain_of(c->arena, out->mail_from);
	out->rewritten = mxa_address_is_rewritten(
	    c->arena, out->mail_from, &out->domain_before);
}

/* "from client by mail.example.com": the host that had the message last. */
static void read_received(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	static const char *const by[] = { " by ", "by ", NULL };
	const struct mxa_field *f = mxa_headers_find(h, "Received", 0);

	if (f != NULL)
		out->received_by =
		    mxa_host_after(a, mxa_field_unfold(a, f), by);
}

/* Whom the author wrote to. */
static void read_addressed(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	static const char *const names[] = { "To", "Cc" };

	for (size_t i = 0; i < 2; i++) {
		const struct mxa_field *f = mxa_headers_find(h, names[i], 0);
		struct mxa_str rest, found;
		size_t end = 0;

		if (f == NULL)
			continue;
		rest = mxa_field_unfold(a, f);
		while (out->n_addressed < MXA_MAX_ADDRESSED &&
		    (found = mxa_find_address(rest, &end)).len > 0) {
			if (out->to.len == 0)
				out->to = found;
			out->addressed[out->n_addressed++] =
			    mxa_domain_of(a, found);
			rest = mxa_str_sub(rest, end, rest.len);
		}
	}
}

static void read_author(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	struct mxa_authors authors;

	out->there = mxa_headers_find(h, "From", 0) != NULL;
	if (!out->there)
		return;
	mxa_authors_read(a, h, &authors);
	if (authors.n > 0)
		out->author = authors.domain[0];
}

void mxa_returned_read(struct mxa_collect *c, struct mxa_returned *out)
{
	struct mxa_arena *a = c->arena;
	struct mxa_headers h;
	size_t body;

	memset(out, 0, sizeof(*out));
	out->author = out->mail_from = out->mail_domain = out->domain_before =
	    out->forwarded_by = out->to = out->received_by = MXA_STR("");
	mxa_headers_init(&h, a);
	mxa_headers_split(
	    &h, mxa_str_sub(c->returned, 0, (size_t)1 << 20), &body);
	read_author(a, &h, out);
	read_addressed(a, &h, out);
	read_sender(c, &h, out);
	read_received(a, &h, out);
	read_signatures(a, &h, out);
	read_passed(a, &h, out);
	read_forwarding(a, &h, out);
	out->resent = out->resent || c->expanded;
}
