/* auth_fields.c - Received-SPF (RFC 7208 section 9.1) and
 * Authentication-Results (RFC 8601) as a person copies them: alone, or in a
 * message that arrived.  One message is one failure with all its methods. */
#include "bounce/collect.h"

#include <string.h>

#include "base/attr.h"
#include "bounce/find.h"
#include "bounce/rewritten.h"
#include "mail/address.h"
#include "mail/authres.h"
#include "mail/headers.h"
#include "mail/lex.h"

#define MAX_RESULT_FIELDS 1000

/* What all fields of one message say together. */
struct results {
	struct mxa_arena *a;
	struct mxa_returned *returned;
	bool there;		 /* a field with a result */
	struct mxa_str evidence; /* the first field read */
	struct mxa_str failing;	 /* the first field with a failure */
	struct mxa_str receiver;
	unsigned failed; /* methods */
	bool spf_error, temporary, helo;
	struct mxa_str spf_domain, dkim_domain, author;
	enum mxa_identity spf_identity;
	struct mxa_ip ip;
};

/* Note a result; 'raw' is its field. */
static void note_field(struct results *r, struct mxa_str raw, bool failed)
{
	raw = mxa_str_trim(raw);
	r->there = true;
	if (r->evidence.len == 0)
		r->evidence = raw;
	if (failed && r->failing.len == 0)
		r->failing = raw;
}

static void set_once(struct mxa_str *s, struct mxa_str value)
{
	if (s->len == 0)
		*s = value;
}

/* Google and others say it in the comment: "(google.com: domain of u@d does
 * not designate 192.0.2.1 as permitted sender)". */
static void read_comment(struct results *r, struct mxa_str comment)
{
	enum mxa_identity identity;
	struct mxa_str domain;
	struct mxa_ip ip;

	if (r->ip.family == 0 && mxa_facts_ip(comment, &ip))
		r->ip = ip;
	if (r->spf_domain.len == 0 &&
	    mxa_facts_domain(r->a, comment, &domain, &identity))
		r->spf_domain = domain;
}

/* --- Received-SPF --- */

/* Where "key=" has its value in the field; v.len: not there. */
static size_t value_at(struct mxa_str v, struct mxa_str key)
{
	size_t at = 0;

	while (at < v.len) {
		struct mxa_str rest = mxa_str_sub(v, at, v.len);
		size_t hit = mxa_str_casefind(rest, key);

		if (hit == rest.len)
			break;
		at += hit + key.len;
		if (at < v.len && v.p[at] == '=' &&
		    (hit == 0 || strchr(" ;\t(", rest.p[hit - 1]) != NULL))
			return at + 1;
	}
	return v.len;
}

/* Value of "key=" in the field; empty: not there. */
static struct mxa_str spf_value(struct mxa_str v, const char *key)
{
	struct mxa_str rest =
	    mxa_str_trim(mxa_str_sub(v, value_at(v, mxa_str_from(key)), v.len));
	size_t end;

	if (mxa_str_starts(rest, MXA_STR("\"")))
		return mxa_str_sub(rest, 1, mxa_str_chr(rest, '"', 1));
	for (end = 0;
	     end < rest.len && rest.p[end] != ';' && !mxa_is_space(rest.p[end]);
	     end++)
		;
	return mxa_str_sub(rest, 0, end);
}

static bool is_spf_error(struct mxa_str word)
{
	return mxa_str_caseis(word, "permerror") ||
	    mxa_str_caseis(word, "temperror") ||
	    mxa_str_caseis(word, "error") || mxa_str_caseis(word, "unknown");
}

/* Whose SPF failed: the envelope sender's, or HELO's, of which nothing else is
 * told. */
static void read_spf_identity(struct results *r, struct mxa_str v)
{
	struct mxa_str from = spf_value(v, "envelope-from");
	struct mxa_str helo = spf_value(v, "helo");
	struct mxa_str identity = spf_value(v, "identity");

	r->spf_identity = MXA_IDENTITY_MAILFROM;
	if (mxa_str_caseis(identity, "helo") ||
	    (from.len == 0 && identity.len == 0 && helo.len > 0 &&
		mxa_str_chr(v, '(', 0) == v.len)) {
		r->helo = true;
		r->spf_identity = MXA_IDENTITY_HELO;
		from = helo;
	}
	set_once(&r->spf_domain, mxa_domain_of(r->a, from));
	if (!r->helo)
		set_once(&r->returned->mail_from, from);
}

static void read_received_spf(struct results *r, const struct mxa_field *field)
{
	struct mxa_str v = mxa_field_unfold(r->a, field), word;
	size_t from = 0, n, open;
	bool failed;

	mxa_lex_cfws(v, &from);
	for (n = from; n < v.len && mxa_is_alpha(v.p[n]);)
		n++;
	open = mxa_str_chr(v, '(', n);
	word = mxa_str_sub(v, from, n);
	failed = !mxa_str_caseis(word, "pass");
	note_field(r, field->raw, failed);
	if (!failed)
		return;
	r->failed |= MXA_BY_SPF;
	r->spf_error = r->spf_error || is_spf_error(word);
	r->temporary = r->temporary || mxa_str_caseis(word, "temperror");
	if (r->ip.family == 0)
		mxa_ip_parse(spf_value(v, "client-ip"), &r->ip);
	read_spf_identity(r, v);
	read_comment(r, mxa_str_sub(v, open + 1, mxa_str_chr(v, ')', open)));
	set_once(&r->receiver, mxa_domain_of(r->a, spf_value(v, "receiver")));
}

/* --- Authentication-Results --- */

/* Value of a property; empty: not there. */
static struct mxa_str property_value(
    const struct mxa_authres_result *res, const char *ptype, const char *name)
{
	for (size_t i = 0; i < res->n_prop; i++)
		if (mxa_str_is(res->prop[i].ptype, ptype) &&
		    mxa_str_is(res->prop[i].name, name))
			return res->prop[i].value;
	return MXA_STR("");
}

static bool result_failed(const struct mxa_authres_result *res)
{
	static const char *const failing[] = { "fail", "hardfail", "softfail",
		"permerror", "temperror", "policy", "bestguesspass" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(failing); i++)
		if (mxa_str_is(res->result, failing[i]))
			return true;
	/* SPF that is not there, or says nothing, did not pass either */
	return mxa_str_is(res->method, "spf") &&
	    (mxa_str_is(res->result, "none") ||
		mxa_str_is(res->result, "neutral"));
}

/* The client's address, wherever one of the results has it. */
static void read_client(struct results *r, const struct mxa_authres_result *res)
{
	static const char *const names[][2] = { { "policy", "iprev" },
		{ "smtp", "remote-ip" }, { "smtp", "client-ip" } };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names) && r->ip.family == 0; i++)
		mxa_ip_parse(
		    property_value(res, names[i][0], names[i][1]), &r->ip);
}

static void read_spf_result(
    struct results *r, const struct mxa_authres_result *res, bool failed)
{
	struct mxa_str from = property_value(res, "smtp", "mailfrom");
	struct mxa_str helo = property_value(res, "smtp", "helo");
	bool by_helo = from.len == 0 && helo.len > 0;
	struct mxa_str domain = mxa_domain_of(r->a, by_helo ? helo : from);

	set_once(&r->returned->mail_from, from);
	if (!failed) {
		if (!by_helo && domain.len > 0)
			r->returned->mail_domain = domain;
		return;
	}
	/* a HELO that failed beside a sender that passed is no failure */
	if (by_helo && r->returned->mail_domain.len > 0)
		return;
	r->failed |= MXA_BY_SPF;
	r->spf_error = r->spf_error || is_spf_error(res->result);
	r->helo = by_helo;
	r->spf_identity = by_helo ? MXA_IDENTITY_HELO : MXA_IDENTITY_MAILFROM;
	set_once(&r->spf_domain, domain);
	read_comment(r, res->comment);
	if (!by_helo && r->spf_domain.len > 0)
		r->returned->mail_domain = r->spf_domain;
}

static void read_dkim_result(
    struct results *r, const struct mxa_authres_result *res, bool failed)
{
	struct mxa_returned *out = r->returned;
	struct mxa_str d = property_value(res, "header", "d");

	if (d.len == 0)
		d = property_value(res, "header", "i");
	if (!failed)
		return;
	r->failed |= MXA_BY_DKIM;
	set_once(&r->dkim_domain, mxa_domain_of(r->a, d));
	if (out->n_sigs == MXA_MAX_RETURNED_SIGS)
		return;
	out->sig[out->n_sigs].domain = mxa_domain_of(r->a, d);
	out->sig[out->n_sigs].selector =
	    mxa_domain_of(r->a, property_value(res, "header", "s"));
	out->n_sigs++;
}

static void read_result(struct results *r, const struct mxa_authres_result *res,
    struct mxa_str raw, struct mxa_str id)
{
	bool failed = result_failed(res);

	read_client(r, res);
	if (mxa_str_is(res->method, "spf"))
		read_spf_result(r, res, failed);
	else if (mxa_str_is(res->method, "dkim"))
		read_dkim_result(r, res, failed);
	else if (!mxa_str_is(res->method, "dmarc"))
		return;
	if (mxa_str_is(res->method, "dmarc")) {
		set_once(&r->author,
		    mxa_domain_of(r->a, property_value(res, "header", "from")));
		r->failed |= failed ? MXA_BY_DMARC : 0u;
	}
	note_field(r, raw, failed);
	if (!failed)
		return;
	r->temporary = r->temporary || mxa_str_is(res->result, "temperror");
	set_once(&r->receiver, mxa_domain_of(r->a, id));
}

static void read_authres(struct results *r, const struct mxa_field *field)
{
	struct mxa_authres ar;

	if (mxa_authres_parse(r->a, field->value, &ar) != MXA_OK)
		return;
	for (size_t i = 0; i < ar.n; i++)
		read_result(r, &ar.result[i], field->raw, ar.id);
}

/* --- one failure of all of it --- */

static enum mxa_refusal_class class_of(const struct results *r)
{
	if (r->failed & MXA_BY_DMARC)
		return MXA_RF_DMARC;
	if (r->failed == MXA_BY_DKIM)
		return MXA_RF_DKIM;
	if (r->failed == (MXA_BY_SPF | MXA_BY_DKIM))
		return MXA_RF_NO_AUTH;
	return r->spf_error ? MXA_RF_SPF_ERROR : MXA_RF_SPF;
}

static void name_domain(const struct results *r, struct mxa_failure *f)
{
	if (r->failed & MXA_BY_DMARC) {
		f->identity = MXA_IDENTITY_FROM;
		f->domain = r->author;
	} else if (r->failed & MXA_BY_SPF) {
		f->identity = r->spf_identity;
		f->domain = r->spf_domain;
	} else {
		f->identity = MXA_IDENTITY_FROM;
		f->domain = r->dkim_domain;
	}
}

static void add_results(const struct results *r, struct mxa_bounce *out)
{
	struct mxa_failure *f = mxa_failure_add(r->a, out);

	if (f == NULL)
		return;
	f->evidence = r->failing;
	f->remote_mta = r->receiver;
	f->refusal.class = class_of(r);
	f->refusal.methods = r->failed;
	f->refusal.sure = true;
	f->refusal.helo = r->helo;
	f->temporary = r->temporary;
	/* a private address is that of a host behind the receiver's border */
	if (!mxa_ip_is_private(&r->ip))
		f->ip = r->ip;
	name_domain(r, f);
}

/* What the message itself tells, where it is there. */
static void read_message(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_returned *out)
{
	const struct mxa_field *path = mxa_headers_find(h, "Return-Path", 0);
	struct mxa_authors authors;
	size_t end;

	memset(out, 0, sizeof(*out));
	out->author = out->mail_from = out->mail_domain = out->domain_before =
	    out->forwarded_by = out->to = out->received_by = MXA_STR("");
	out->received = true;
	if (mxa_headers_find(h, "From", 0) != NULL) {
		mxa_authors_read(a, h, &authors);
		if (authors.n > 0)
			out->author = authors.domain[0];
	}
	if (path != NULL)
		out->mail_from =
		    mxa_find_address(mxa_field_unfold(a, path), &end);
}

bool mxa_auth_fields_read(
    struct mxa_arena *a, struct mxa_str header, struct mxa_bounce *out)
{
	struct results r = { .a = a, .returned = &out->returned };
	struct mxa_headers h;
	size_t body;

	r.evidence = r.failing = r.receiver = r.spf_domain = r.dkim_domain =
	    r.author = MXA_STR("");
	mxa_headers_init(&h, a);
	mxa_headers_split(&h, header, &body);
	read_message(a, &h, &out->returned);
	for (size_t i = 0; i < h.n && i < MAX_RESULT_FIELDS; i++) {
		if (mxa_str_caseis(h.v[i].name, "Received-SPF"))
			read_received_spf(&r, &h.v[i]);
		else if (mxa_str_caseis(h.v[i].name, "Authentication-Results"))
			read_authres(&r, &h.v[i]);
	}
	if (!r.there)
		return false;
	if (r.author.len > 0)
		out->returned.author = r.author;
	if (out->returned.mail_domain.len == 0)
		out->returned.mail_domain =
		    mxa_domain_of(a, out->returned.mail_from);
	out->returned.rewritten = mxa_address_is_rewritten(
	    a, out->returned.mail_from, &out->returned.domain_before);
	if (r.failed != 0)
		add_results(&r, out);
	out->evidence = mxa_str_dup(a, r.evidence);
	out->all_passed = out->n == 0;
	return true;
}
