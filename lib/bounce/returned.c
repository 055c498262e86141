/* returned.c - what the header section of the returned message tells. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "base/domain.h"
#include "mail/address.h"
#include "mail/authres.h"
#include "mail/headers.h"
#include "mail/message.h"
#include "mail/taglist.h"

static struct mxa_str canonical(struct mxa_arena *a, struct mxa_str domain)
{
	struct mxa_str out;

	if (mxa_domain_canonical(a, mxa_str_trim(domain), &out) != MXA_OK)
		return MXA_STR("");
	return out;
}

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
		out->sig[out->n_sigs].domain = canonical(a, d->value);
		out->sig[out->n_sigs].selector = canonical(a, s->value);
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
	if (mxa_headers_find(h, "ARC-Seal", 0) != NULL)
		out->resent = true;
	out->list = mxa_headers_find(h, "List-Id", 0) != NULL ||
	    mxa_headers_find(h, "List-Post", 0) != NULL;
}

static void read_sender(struct mxa_collect *c, const struct mxa_headers *h,
    struct mxa_returned *out)
{
	const struct mxa_field *f = mxa_headers_find(h, "Return-Path", 0);
	struct mxa_str whole, local, domain;
	size_t end;

	if (f != NULL)
		out->mail_from =
		    mxa_find_address(mxa_field_unfold(c->arena, f), &end);
	if (out->mail_from.len == 0)
		out->mail_from = c->sender;
	if (out->mail_from.len > 0) {
		mxa_address_split(out->mail_from, &whole, &local, &domain);
		out->mail_domain = canonical(c->arena, domain);
	}
}

void mxa_returned_read(struct mxa_collect *c, struct mxa_returned *out)
{
	struct mxa_arena *a = c->arena;
	const struct mxa_field *to;
	struct mxa_authors authors;
	struct mxa_headers h;
	size_t body, end;

	memset(out, 0, sizeof(*out));
	out->author = out->mail_from = out->mail_domain = out->forwarded_by =
	    MXA_STR("");
	mxa_headers_init(&h, a);
	mxa_headers_split(
	    &h, mxa_str_sub(c->returned, 0, (size_t)1 << 20), &body);
	out->there = mxa_headers_find(&h, "From", 0) != NULL;
	if (out->there) {
		mxa_authors_read(a, &h, &authors);
		if (authors.n > 0)
			out->author = authors.domain[0];
	}
	read_sender(c, &h, out);
	read_signatures(a, &h, out);
	read_passed(a, &h, out);
	read_forwarding(a, &h, out);
	to = mxa_headers_find(&h, "To", 0);
	if (to != NULL)
		c->to = mxa_find_address(mxa_field_unfold(a, to), &end);
}
