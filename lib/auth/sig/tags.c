/* tags.c - see tags.h.  A table says which tags there are and how each is
 * read; the checks between tags follow it. */
#include "auth/sig/tags.h"

#include <string.h>

#include "base/base64.h"
#include "auth/sig/select.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "mail/taglist.h"

#define MAX_B 4096 /* characters; the largest key we use needs 1368 */
#define MAX_SECONDS UINT64_C(999999999999) /* twelve digits */

struct reading {
	struct mxa_arena *arena;
	struct mxa_sig *sig;
	bool from; /* h= has From */
	struct mxa_str i;
};

/* The first fault stays. */
static void set_fault(struct mxa_sig *s, enum mxa_dkim_result result,
    enum mxa_dkim_cause cause, struct mxa_phrase reason)
{
	if (mxa_sig_usable(s))
		s->fault = (struct mxa_sig_outcome){ result, cause, reason };
}

/* "what VALUE", the value cut to what a report can show. */
static struct mxa_phrase fault_text(
    struct mxa_arena *a, const char *what, struct mxa_str v)
{
	struct mxa_str shown = mxa_str_sub(v, 0, 64);

	return mxa_phrase(a, "%s %.*s", what, MXA_STR_ARG(shown));
}

/* --- one reader for each tag; a phrase that says what is wrong, or NULL --- */

static const char *read_v(struct reading *r, struct mxa_str v)
{
	(void)r;
	return mxa_str_is(v, "1") ? NULL : N_("v= is not 1");
}

static const char *read_a(struct reading *r, struct mxa_str v)
{
	static const struct {
		const char *name;
		enum mxa_sig_algorithm id;
	} known[] = {
		{ "rsa-sha256", MXA_SIG_RSA_SHA256 },
		{ "ed25519-sha256", MXA_SIG_ED25519_SHA256 },
		{ "rsa-sha1", MXA_SIG_RSA_SHA1 },
	};

	r->sig->a = v;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (mxa_str_is(v, known[i].name))
			r->sig->algorithm = known[i].id;
	return NULL;
}

/* Copy without white space; the value itself when it has none. */
static struct mxa_str squeeze_value(struct mxa_arena *a, struct mxa_str v)
{
	size_t n = 0, i = 0;
	char *p;

	while (i < v.len && !mxa_is_space(v.p[i]))
		i++;
	if (i == v.len)
		return v;
	p = mxa_arena_alloc(a, v.len);
	for (i = 0; i < v.len; i++)
		if (!mxa_is_space(v.p[i]))
			p[n++] = v.p[i];
	return mxa_str_make(p, n);
}

static const char *read_b(struct reading *r, struct mxa_str v)
{
	if (v.len > 2 * MAX_B)
		return N_("b= is too long");
	r->sig->b_text = squeeze_value(r->arena, v);
	if (r->sig->b_text.len > MAX_B)
		return N_("b= is too long");
	if (!mxa_base64_decode(r->arena, r->sig->b_text, &r->sig->b))
		return N_("b= is not base64");
	return NULL;
}

static const char *read_bh(struct reading *r, struct mxa_str v)
{
	if (v.len > MAX_B || !mxa_base64_decode(r->arena, v, &r->sig->bh))
		return N_("bh= is not base64");
	return NULL;
}

static bool canon_named(struct mxa_str s, enum mxa_canon *out)
{
	*out = mxa_str_is(s, "relaxed") ? MXA_CANON_RELAXED : MXA_CANON_SIMPLE;
	return mxa_str_is(s, mxa_canon_name(*out));
}

static const char *read_c(struct reading *r, struct mxa_str v)
{
	size_t slash = mxa_str_chr(v, '/', 0);
	struct mxa_str body = slash < v.len ? mxa_str_sub(v, slash + 1, v.len)
					    : MXA_STR("simple");

	if (!canon_named(mxa_str_sub(v, 0, slash), &r->sig->header_canon) ||
	    !canon_named(body, &r->sig->body_canon))
		return N_("c= is unknown");
	return NULL;
}

static const char *read_d(struct reading *r, struct mxa_str v)
{
	if (mxa_domain_canonical(r->arena, v, &r->sig->domain) != MXA_OK) {
		r->sig->domain = MXA_STR("");
		return N_("d= is not a domain name");
	}
	return NULL;
}

static const char *read_s(struct reading *r, struct mxa_str v)
{
	r->sig->selector = v;
	return NULL;
}

/* RFC 5322 section 3.6.8 */
static bool field_name(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.len > 0;
}

static const char *read_h(struct reading *r, struct mxa_str v)
{
	struct mxa_str rest = v, name;
	size_t n = 0;

	r->sig->names = v;
	while (mxa_names_next(&rest, &name)) {
		if (++n > MXA_MAX_SIGNED_NAMES)
			return N_("h= has too many names");
		if (!field_name(name))
			return N_("h= is not a list of field names");
		r->from |= mxa_str_caseis(name, "From");
		r->sig->covers_subject |= mxa_str_caseis(name, "Subject");
		if (r->sig->kind == MXA_SIG_AMS &&
		    mxa_str_caseis(name, "ARC-Seal"))
			return N_("h= has ARC-Seal");
	}
	return NULL;
}

static const char *read_seal_h(struct reading *r, struct mxa_str v)
{
	(void)r;
	(void)v;
	return N_("a seal has no h=");
}

static const char *read_i(struct reading *r, struct mxa_str v)
{
	r->i = squeeze_value(r->arena, v);
	return NULL;
}

static const char *read_instance(struct reading *r, struct mxa_str v)
{
	r->sig->instance = mxa_sig_instance(v);
	return r->sig->instance == 0 ? N_("i= is not 1 to 50") : NULL;
}

static const char *read_l(struct reading *r, struct mxa_str v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!mxa_is_digit(v.p[i]))
			return N_("l= is not a number");
	r->sig->has_length = true;
	if (!mxa_str_u64(v, UINT64_MAX - 1, &r->sig->length))
		r->sig->length = UINT64_MAX - 1;
	return NULL;
}

static const char *read_q(struct reading *r, struct mxa_str v)
{
	struct mxa_str rest = v, method;

	(void)r;
	while (mxa_names_next(&rest, &method))
		if (mxa_str_is(method, "dns/txt"))
			return NULL;
	return N_("q= has no method that is known");
}

static bool read_seconds(struct mxa_str v, int64_t *out)
{
	uint64_t n;

	if (v.len > 12 || !mxa_str_u64(v, MAX_SECONDS, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static const char *read_t(struct reading *r, struct mxa_str v)
{
	return read_seconds(v, &r->sig->signed_at) ? NULL
						   : N_("t= is not a time");
}

static const char *read_x(struct reading *r, struct mxa_str v)
{
	return read_seconds(v, &r->sig->expires) ? NULL
						 : N_("x= is not a time");
}

static const char *read_cv(struct reading *r, struct mxa_str v)
{
	if (mxa_str_is(v, "none"))
		r->sig->cv = MXA_CV_NONE;
	else if (mxa_str_is(v, "pass"))
		r->sig->cv = MXA_CV_PASS;
	else if (mxa_str_is(v, "fail"))
		r->sig->cv = MXA_CV_FAIL;
	return r->sig->cv == MXA_CV_BAD ? N_("cv= is unknown") : NULL;
}

#define DKIM (1u << MXA_SIG_DKIM)
#define AMS (1u << MXA_SIG_AMS)
#define SEAL (1u << MXA_SIG_SEAL)

/* RFC 6376 section 3.5; RFC 8617 sections 4.1.2 and 4.1.3. */
static const struct {
	const char *name;
	unsigned kinds;	   /* where it is known */
	unsigned required; /* where it must be */
	const char *(*read)(struct reading *r, struct mxa_str v);
} tags[] = {
	{ "v", DKIM, DKIM, read_v },
	{ "a", DKIM | AMS | SEAL, DKIM | AMS | SEAL, read_a },
	{ "b", DKIM | AMS | SEAL, DKIM | AMS | SEAL, read_b },
	{ "bh", DKIM | AMS, DKIM | AMS, read_bh },
	{ "c", DKIM | AMS, 0, read_c },
	{ "d", DKIM | AMS | SEAL, DKIM | AMS | SEAL, read_d },
	{ "h", DKIM | AMS, DKIM | AMS, read_h },
	{ "h", SEAL, 0, read_seal_h },
	{ "i", DKIM, 0, read_i },
	{ "i", AMS | SEAL, AMS | SEAL, read_instance },
	{ "l", DKIM | AMS, 0, read_l },
	{ "q", DKIM | AMS, 0, read_q },
	{ "s", DKIM | AMS | SEAL, DKIM | AMS | SEAL, read_s },
	{ "t", DKIM | AMS | SEAL, 0, read_t },
	{ "x", DKIM | AMS, 0, read_x },
	{ "cv", SEAL, SEAL, read_cv },
};

static void set_syntax_fault(struct mxa_sig *s, struct mxa_phrase reason)
{
	set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX, reason);
}

/* Tags in the order of the table, so that the first fault does not depend on
 * the sender's order. */
static void read_tags(struct reading *r, const struct mxa_taglist *list)
{
	unsigned kind = 1u << r->sig->kind;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct mxa_tag *tag;
		const char *wrong;

		if (!(tags[i].kinds & kind))
			continue;
		tag = mxa_taglist_find(list, tags[i].name);
		if (tag == NULL && tags[i].required & kind)
			set_syntax_fault(r->sig,
			    mxa_phrase(
				r->arena, N_("%s= is missing"), tags[i].name));
		if (tag == NULL)
			continue;
		if (tag->value.len == 0)
			set_syntax_fault(r->sig,
			    mxa_phrase(
				r->arena, N_("%s= is empty"), tags[i].name));
		else if ((wrong = tags[i].read(r, tag->value)) != NULL)
			set_syntax_fault(r->sig, MXA_PHRASE_OF(wrong));
	}
}

/* Where the value of b= lies in the raw field, with the white space around it:
 * from behind the '=' to the ';' or the end (section 3.5, b=). */
static void find_cut(struct mxa_sig *s, const struct mxa_taglist *list)
{
	const struct mxa_tag *b = mxa_taglist_find(list, "b");
	struct mxa_str v = s->raw.value;
	size_t base = (size_t)(v.p - s->raw.raw.p);
	size_t end;

	if (b == NULL)
		return;
	end = (size_t)(b->value.p - v.p) + b->value.len;
	s->cut_from = base + mxa_str_chr(v, '=', b->at) + 1;
	s->cut_to = base + mxa_str_chr(v, ';', end);
}

/* --- checks between tags --- */

/* i= lies within d= (section 6.1.1); its domain may be U-labels. */
static void check_identity(struct reading *r)
{
	struct mxa_sig *s = r->sig;
	struct mxa_str domain;
	size_t at = r->i.len;

	while (at > 0 && r->i.p[at - 1] != '@')
		at--;
	if (at == 0 ||
	    mxa_domain_canonical(
		r->arena, mxa_str_sub(r->i, at, r->i.len), &domain) != MXA_OK) {
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX,
		    MXA_PHRASE(N_("i= is not an identity")));
		return;
	}
	s->strict_ok = mxa_str_eq(domain, s->domain);
	if (!mxa_domain_within(domain, s->domain))
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_IDENTITY,
		    fault_text(r->arena, N_("i= is not within d=:"), domain));
}

static void set_identity(struct reading *r)
{
	struct mxa_sig *s = r->sig;

	if (r->i.len > 0) {
		s->identity = r->i;
		if (s->domain.len > 0)
			check_identity(r);
	} else if (s->domain.len > 0) {
		s->strict_ok = true;
		s->identity = mxa_str_join(
		    r->arena, (struct mxa_str[]){ MXA_STR("@"), s->domain }, 2);
	}
}

/* RFC 6376 section 3.6.2.1 */
static void set_key_name(struct reading *r)
{
	struct mxa_sig *s = r->sig;
	struct mxa_str selector;

	if (s->domain.len == 0 || s->selector.len == 0)
		return;
	if (mxa_domain_canonical(r->arena, s->selector, &selector) != MXA_OK) {
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX,
		    MXA_PHRASE(N_("s= is not a selector")));
		return;
	}
	s->key_name = mxa_str_join(r->arena,
	    (struct mxa_str[]){ selector, MXA_STR("._domainkey."), s->domain },
	    3);
	if (s->key_name.len > MXA_MAX_DOMAIN) {
		s->key_name = MXA_STR("");
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_NO_KEY,
		    MXA_PHRASE(N_("no key: its name is too long for the DNS")));
	}
}

static void check_coverage(struct reading *r)
{
	struct mxa_sig *s = r->sig;

	if (s->kind == MXA_SIG_SEAL)
		return;
	if (!r->from)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_FROM,
		    MXA_PHRASE(N_("From is not signed")));
	if (mxa_domain_labels(s->domain) < 2)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_DOMAIN,
		    fault_text(
			r->arena, N_("d= has a single label:"), s->domain));
}

static void check_algorithm(struct reading *r)
{
	struct mxa_sig *s = r->sig;

	if (s->algorithm == MXA_SIG_UNKNOWN)
		set_fault(s, MXA_DKIM_NEUTRAL, MXA_DKIM_ALGORITHM,
		    fault_text(r->arena, N_("unknown algorithm"), s->a));
	/* RFC 8301 section 3.1 */
	if (s->algorithm == MXA_SIG_RSA_SHA1)
		set_fault(s, MXA_DKIM_POLICY, MXA_DKIM_SHA1,
		    MXA_PHRASE(N_("rsa-sha1 is no longer accepted")));
	if (s->kind != MXA_SIG_SEAL && s->bh.len != 32)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX,
		    MXA_PHRASE(N_("bh= is not a SHA-256 hash")));
}

static struct mxa_phrase time_text(
    struct mxa_arena *a, const char *what, int64_t when)
{
	char shown[MXA_TIME_TEXT];

	return mxa_phrase(a, "%s %s", what, mxa_time_format(when, shown));
}

static void check_times(struct reading *r, const struct mxa_sig_limits *limits)
{
	struct mxa_sig *s = r->sig;
	int64_t skew = limits->skew;

	if (s->expires >= 0 && s->signed_at >= 0 && s->expires <= s->signed_at)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX,
		    MXA_PHRASE(N_("x= is not above t=")));
	if (s->expires >= 0 && limits->now > s->expires + skew)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_EXPIRED,
		    time_text(r->arena, N_("signature expired"), s->expires));
	if (s->kind == MXA_SIG_DKIM && s->signed_at > limits->now + skew)
		set_fault(s, MXA_DKIM_PERMERROR, MXA_DKIM_FUTURE,
		    time_text(
			r->arena, N_("signed in the future:"), s->signed_at));
}

static const char *kind_name(enum mxa_sig_kind kind)
{
	switch (kind) {
	case MXA_SIG_DKIM:
		return "DKIM-Signature";
	case MXA_SIG_AMS:
		return "ARC-Message-Signature";
	case MXA_SIG_SEAL:
		return "ARC-Seal";
	}
	return "";
}

static void list_fault(struct reading *r, const struct mxa_taglist *list)
{
	set_fault(r->sig, MXA_DKIM_NEUTRAL, MXA_DKIM_SYNTAX,
	    mxa_phrase(r->arena, N_("%s cannot be read: %s"),
		kind_name(r->sig->kind), list->error));
}

void mxa_sig_parse(struct mxa_arena *a, enum mxa_sig_kind kind,
    const struct mxa_headers *h, size_t field,
    const struct mxa_sig_limits *limits, struct mxa_sig *out)
{
	struct reading r = { .arena = a, .sig = out, .i = MXA_STR("") };
	struct mxa_taglist list;

	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->field = field;
	out->raw = h->v[field];
	out->signed_at = out->expires = -1;
	out->domain = out->selector = out->a = out->b_text = MXA_STR("");
	out->identity = out->key_name = MXA_STR("");
	if (mxa_taglist_parse(out->raw.value, &list) != MXA_OK)
		list_fault(&r, &list);
	read_tags(&r, &list);
	find_cut(out, &list);
	if (kind == MXA_SIG_DKIM)
		set_identity(&r);
	set_key_name(&r);
	check_coverage(&r);
	check_algorithm(&r);
	check_times(&r, limits);
}

unsigned mxa_sig_instance(struct mxa_str s)
{
	uint64_t n;

	if (s.len > 2 || !mxa_str_u64(s, MXA_MAX_ARC_SETS, &n))
		return 0;
	return (unsigned)n;
}
