/* auth_fields.c - Received-SPF (RFC 7208 section 9.1) and
 * Authentication-Results (RFC 8601) as a person copies them: alone, or in a
 * message that arrived. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "base/domain.h"
#include "mail/authres.h"
#include "mail/headers.h"
#include "mail/message.h"

struct reader {
	struct mxa_arena *a;
	struct mxa_bounce *out;
	const struct mxa_headers *h;
	bool passed;		 /* something has */
	struct mxa_str evidence; /* the first field read */
};

struct mxa_failure *mxa_failure_add(struct mxa_arena *a, struct mxa_bounce *b)
{
	struct mxa_failure *f;

	if (b->n == MXA_MAX_FAILURES) {
		b->more = true;
		return NULL;
	}
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 4;

		b->v = mxa_arena_grow(
		    a, b->v, b->cap * sizeof(*b->v), cap * sizeof(*b->v));
		b->cap = cap;
	}
	f = &b->v[b->n++];
	memset(f, 0, sizeof(*f));
	f->recipient = f->original = f->remote_mta = f->status = f->domain =
	    f->evidence = f->selector = f->said.text = f->said.enhanced =
		MXA_STR("");
	f->refusal.provider = "";
	return f;
}

/* Domain of an address or name, canonical; empty: none. */
static struct mxa_str domain_of(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str whole, local, domain, out;

	s = mxa_str_trim(s);
	if (s.len > 1 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		s = mxa_str_sub(s, 1, s.len - 1);
	mxa_address_split(s, &whole, &local, &domain);
	if (mxa_str_starts(whole, MXA_STR("@")))
		domain = mxa_str_sub(whole, 1, whole.len);
	if (domain.len == 0)
		domain = whole;
	if (mxa_domain_canonical(a, domain, &out) != MXA_OK)
		return MXA_STR("");
	return out;
}

/* --- Received-SPF --- */

/* Value of "key=" in the field; empty: not there. */
static struct mxa_str spf_value(struct mxa_str v, const char *key)
{
	struct mxa_str k = mxa_str_from(key);
	size_t at = 0;

	while (at < v.len) {
		struct mxa_str rest = mxa_str_sub(v, at, v.len);
		size_t hit = mxa_str_casefind(rest, k);
		size_t end;

		if (hit == rest.len)
			break;
		at += hit + k.len;
		if (at >= v.len || v.p[at] != '=' ||
		    (hit > 0 && strchr(" ;\t(", rest.p[hit - 1]) == NULL))
			continue;
		rest = mxa_str_trim(mxa_str_sub(v, at + 1, v.len));
		if (mxa_str_starts(rest, MXA_STR("\""))) {
			end = mxa_str_chr(rest, '"', 1);
			return mxa_str_sub(rest, 1, end);
		}
		for (end = 0; end < rest.len && rest.p[end] != ';' &&
		     !mxa_is_space(rest.p[end]);
		     end++)
			;
		return mxa_str_sub(rest, 0, end);
	}
	return MXA_STR("");
}

/* Google and others say it in the comment: "(google.com: domain of u@d does
 * not designate 192.0.2.1 as permitted sender)". */
static void spf_from_comment(
    struct mxa_arena *a, struct mxa_str v, struct mxa_failure *f)
{
	size_t open = mxa_str_chr(v, '(', 0), close = mxa_str_chr(v, ')', 0);
	struct mxa_returned nobody;
	struct mxa_failure said;

	if (open >= close)
		return;
	memset(&nobody, 0, sizeof(nobody));
	said = *f;
	said.said.text = mxa_str_sub(v, open + 1, close);
	memset(&said.ip, 0, sizeof(said.ip));
	mxa_facts_read(a, &nobody, &said);
	if (f->ip.family == 0)
		f->ip = said.ip;
	if (f->domain.len == 0)
		f->domain = said.domain;
}

static struct mxa_failure *add(struct reader *r, struct mxa_str evidence)
{
	struct mxa_failure *f = mxa_failure_add(r->a, r->out);

	if (f != NULL) {
		f->evidence = evidence;
		f->refusal.sure = true;
	}
	return f;
}

static void received_spf(struct reader *r, const struct mxa_field *field)
{
	struct mxa_str v = mxa_field_unfold(r->a, field), word, id;
	struct mxa_failure *f;
	size_t n = 0;

	while (n < v.len && mxa_is_alpha(v.p[n]))
		n++;
	word = mxa_str_sub(v, 0, n);
	if (r->evidence.len == 0)
		r->evidence = mxa_str_dup(r->a, field->raw);
	if (mxa_str_caseis(word, "pass")) {
		r->passed = true;
		return;
	}
	f = add(r, mxa_str_trim(field->raw));
	if (f == NULL)
		return;
	f->refusal.methods = MXA_BY_SPF;
	f->refusal.class = mxa_str_caseis(word, "permerror") ||
		mxa_str_caseis(word, "temperror") ||
		mxa_str_caseis(word, "error") || mxa_str_caseis(word, "unknown")
	    ? MXA_RF_SPF_ERROR
	    : MXA_RF_SPF;
	f->temporary = mxa_str_caseis(word, "temperror");
	f->refusal.helo = mxa_str_caseis(spf_value(v, "identity"), "helo");
	f->identity =
	    f->refusal.helo ? MXA_IDENTITY_HELO : MXA_IDENTITY_MAILFROM;
	mxa_ip_parse(spf_value(v, "client-ip"), &f->ip);
	id = spf_value(v, f->refusal.helo ? "helo" : "envelope-from");
	if (id.len == 0 && !f->refusal.helo) {
		id = spf_value(v, "helo");
		if (id.len > 0 && spf_value(v, "identity").len == 0 &&
		    mxa_str_chr(v, '(', 0) == v.len)
			f->identity = MXA_IDENTITY_HELO;
		else
			id = MXA_STR("");
	}
	f->domain = domain_of(r->a, id);
	spf_from_comment(r->a, v, f);
	f->remote_mta = domain_of(r->a, spf_value(v, "receiver"));
}

/* --- Authentication-Results --- */

static const struct mxa_str *prop(
    const struct mxa_authres_result *res, const char *ptype, const char *name)
{
	for (size_t i = 0; i < res->n_prop; i++)
		if (mxa_str_is(res->prop[i].ptype, ptype) &&
		    mxa_str_is(res->prop[i].name, name))
			return &res->prop[i].value;
	return NULL;
}

static bool result_failed(const struct mxa_authres_result *res, bool *temp)
{
	static const char *const failing[] = { "fail", "hardfail", "softfail",
		"permerror", "temperror", "policy", "bestguesspass" };

	*temp = mxa_str_is(res->result, "temperror");
	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++)
		if (mxa_str_is(res->result, failing[i]))
			return true;
	/* SPF that is not there, or says nothing, did not pass either */
	return mxa_str_is(res->method, "spf") &&
	    (mxa_str_is(res->result, "none") ||
		mxa_str_is(res->result, "neutral"));
}

static void spf_result(struct reader *r, const struct mxa_authres_result *res,
    struct mxa_failure *f)
{
	const struct mxa_str *id = prop(res, "smtp", "mailfrom");
	const struct mxa_str *ip = prop(res, "policy", "iprev");
	struct mxa_str comment;

	f->refusal.methods |= MXA_BY_SPF;
	f->refusal.class = mxa_str_is(res->result, "permerror") ||
		mxa_str_is(res->result, "temperror")
	    ? MXA_RF_SPF_ERROR
	    : MXA_RF_SPF;
	f->identity = MXA_IDENTITY_MAILFROM;
	if (id == NULL || mxa_str_chr(*id, '.', 0) == id->len) {
		const struct mxa_str *helo = prop(res, "smtp", "helo");

		if (helo != NULL && id == NULL) {
			id = helo;
			f->identity = MXA_IDENTITY_HELO;
			f->refusal.helo = true;
		}
	}
	if (id != NULL)
		f->domain = domain_of(r->a, *id);
	if (ip == NULL)
		ip = prop(res, "smtp", "remote-ip");
	if (ip == NULL)
		ip = prop(res, "smtp", "client-ip");
	if (ip != NULL)
		mxa_ip_parse(*ip, &f->ip);
	comment = mxa_arena_alloc(r->a, 1)
	    ? mxa_str_from(
		  mxa_arena_printf(r->a, "(%.*s)", MXA_STR_ARG(res->comment)))
	    : MXA_STR("");
	spf_from_comment(r->a, comment, f);
}

static void dkim_result(struct reader *r, const struct mxa_authres_result *res,
    struct mxa_failure *f)
{
	const struct mxa_str *d = prop(res, "header", "d");
	const struct mxa_str *s = prop(res, "header", "s");

	if (d == NULL)
		d = prop(res, "header", "i");
	f->refusal.methods |= MXA_BY_DKIM;
	f->refusal.class = MXA_RF_DKIM;
	f->identity = MXA_IDENTITY_FROM;
	if (d != NULL)
		f->domain = domain_of(r->a, *d);
	if (s != NULL)
		f->selector = domain_of(r->a, *s);
}

static void dmarc_result(struct reader *r, const struct mxa_authres_result *res,
    struct mxa_failure *f)
{
	const struct mxa_str *d = prop(res, "header", "from");

	f->refusal.methods |= MXA_BY_DMARC;
	f->refusal.class = MXA_RF_DMARC;
	f->identity = MXA_IDENTITY_FROM;
	if (d != NULL)
		f->domain = domain_of(r->a, *d);
	if (r->out->returned.author.len == 0)
		r->out->returned.author = f->domain;
}

/* One failure for each method that failed; what one tells (the address, the
 * author) serves the others. */
static void auth_results(struct reader *r, const struct mxa_field *field)
{
	struct mxa_str raw = mxa_str_trim(field->raw);
	struct mxa_authres ar;
	struct mxa_ip ip = { 0 };
	size_t first = r->out->n;

	if (mxa_authres_parse(r->a, field->value, &ar) != MXA_OK)
		return;
	for (size_t i = 0; i < ar.n; i++) {
		const struct mxa_authres_result *res = &ar.result[i];
		struct mxa_failure *f;
		bool temp;

		if (mxa_str_is(res->method, "iprev")) {
			const struct mxa_str *p = prop(res, "policy", "iprev");

			if (p == NULL)
				p = prop(res, "smtp", "remote-ip");
			if (p != NULL)
				mxa_ip_parse(*p, &ip);
			continue;
		}
		if (!mxa_str_is(res->method, "spf") &&
		    !mxa_str_is(res->method, "dkim") &&
		    !mxa_str_is(res->method, "dmarc"))
			continue;
		if (r->evidence.len == 0)
			r->evidence = raw;
		if (mxa_str_is(res->result, "pass"))
			r->passed = true;
		if (mxa_str_is(res->method, "spf") &&
		    mxa_str_is(res->result, "pass") &&
		    prop(res, "smtp", "mailfrom") != NULL)
			r->out->returned.mail_domain =
			    domain_of(r->a, *prop(res, "smtp", "mailfrom"));
		if (!result_failed(res, &temp) || (f = add(r, raw)) == NULL)
			continue;
		f->temporary = temp;
		f->remote_mta = domain_of(r->a, ar.id);
		if (mxa_str_is(res->method, "spf"))
			spf_result(r, res, f);
		else if (mxa_str_is(res->method, "dkim"))
			dkim_result(r, res, f);
		else
			dmarc_result(r, res, f);
	}
	for (size_t i = first; i < r->out->n; i++) {
		struct mxa_failure *f = &r->out->v[i];

		if (f->ip.family != 0)
			ip = f->ip;
		if (f->refusal.methods == MXA_BY_SPF && f->domain.len > 0 &&
		    f->identity == MXA_IDENTITY_MAILFROM)
			r->out->returned.mail_domain = f->domain;
	}
	for (size_t i = first; i < r->out->n; i++)
		if (r->out->v[i].ip.family == 0)
			r->out->v[i].ip = ip;
}

bool mxa_fields_read(
    struct mxa_arena *a, struct mxa_str header, struct mxa_bounce *out)
{
	struct mxa_headers h;
	struct reader r = { .a = a, .out = out, .h = &h };
	bool there = false;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, header, &body);
	for (size_t i = 0; i < h.n && i < 1000; i++) {
		if (mxa_str_caseis(h.v[i].name, "Received-SPF")) {
			there = true;
			received_spf(&r, &h.v[i]);
		} else if (mxa_str_caseis(
			       h.v[i].name, "Authentication-Results")) {
			there = true;
			auth_results(&r, &h.v[i]);
		}
	}
	if (!there || r.evidence.len + out->n == 0)
		return false;
	out->evidence = r.evidence;
	out->all_passed = out->n == 0;
	return true;
}
