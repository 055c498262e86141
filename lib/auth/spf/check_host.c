/* check_host.c - the native SPF engine. */
#include "auth/spf/check_host.h"

#include <string.h>

#include "auth/spf/trace.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/limits.h"

/* --- identity --- */

/* Section 4.3: more than one label, and no address. */
static bool may_publish(struct mxa_str domain)
{
	struct mxa_str top = mxa_domain_right(domain, 1);
	uint64_t n;

	return mxa_domain_labels(domain) > 1 &&
	    !mxa_str_u64(top, UINT64_MAX, &n);
}

/* The HELO argument for %{h}: as it is, but U-labels as A-labels. */
static struct mxa_str helo_value(struct mxa_arena *a, struct mxa_str helo)
{
	struct mxa_str canonical;

	if (helo.len == 0)
		return MXA_STR("unknown");
	if (!mxa_str_is_ascii(helo) &&
	    mxa_domain_canonical(a, helo, &canonical) == MXA_OK)
		return canonical;
	return helo;
}

/* Section 5: a mapped address is an IPv4 one, however it came here. */
static struct mxa_ip unmapped_ip(struct mxa_ip ip)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	struct mxa_ip ip4 = { .family = 4 };

	if (ip.family != 6 || memcmp(ip.b, prefix, sizeof(prefix)) != 0)
		return ip;
	memcpy(ip4.b, ip.b + sizeof(prefix), 4);
	return ip4;
}

bool mxa_spf_prepare(struct mxa_arena *a, const struct mxa_spf_query *q,
    struct mxa_spf_values *values, struct mxa_str *domain)
{
	memset(values, 0, sizeof(*values));
	values->ip = unmapped_ip(q->ip);
	values->local = q->local.len > 0 ? q->local : MXA_STR("postmaster");
	values->helo = helo_value(a, q->helo);
	values->receiver =
	    q->receiver.len > 0 ? q->receiver : MXA_STR("unknown");
	values->ptr = MXA_STR("unknown");
	*domain = MXA_STR("");
	if (q->ip.family == 0)
		return false;
	if (mxa_domain_canonical(a, q->domain, domain) != MXA_OK ||
	    !may_publish(*domain)) {
		*domain = MXA_STR("");
		return false;
	}
	values->origin = *domain;
	values->domain = *domain;
	values->sender = mxa_str_from(mxa_arena_printf(
	    a, "%.*s@%.*s", MXA_STR_ARG(values->local), MXA_STR_ARG(*domain)));
	return true;
}

/* --- words --- */

/* Octets of a name or term that are shown, and of a reason: it has at most
 * four of them, and its own words. */
#define LONGEST_SHOWN 100
#define LONGEST_REASON (4 * (LONGEST_SHOWN + 3) + 200)

/* Part of a record or name, fit to be shown. */
static const char *shown_text(struct mxa_arena *a, struct mxa_str s)
{
	const size_t most = LONGEST_SHOWN;
	size_t len = s.len > most ? most : s.len;
	char *p = mxa_arena_alloc(a, len + 4);

	for (size_t i = 0; i < len; i++)
		p[i] = s.p[i] < 0x20 || s.p[i] > 0x7e ? '?' : s.p[i];
	memcpy(p + len, s.len > most ? "..." : "", s.len > most ? 4 : 1);
	return p;
}

static const char *result_verb(enum mxa_spf_result result)
{
	switch (result) {
	case MXA_SPF_PASS:
		return "is listed in";
	case MXA_SPF_FAIL:
		return "is refused by";
	case MXA_SPF_SOFTFAIL:
		return "is doubted by";
	case MXA_SPF_NEUTRAL:
	case MXA_SPF_NONE:
	case MXA_SPF_TEMPERROR:
	case MXA_SPF_PERMERROR:
		break;
	}
	return "is left open by";
}

static bool is_all(struct mxa_str term)
{
	if (term.len == 4)
		term = mxa_str_sub(term, 1, 4);
	return mxa_str_caseis(term, "all");
}

/* What is said about an evaluation. */
struct said {
	struct mxa_arena *arena;
	struct mxa_str domain; /* evaluated */
	const struct mxa_spf_eval *e;
	enum mxa_spf_result result;
	struct mxa_buf b;
};

static const char *show_said(struct said *s, struct mxa_str text)
{
	return shown_text(s->arena, text);
}

/* The domain whose record it was: "example.com", or what led there:
 * "_spf.example.net used by example.com". */
static const char *whose_record(struct said *s)
{
	const char *name = show_said(s, s->e->finding.domain);

	if (mxa_str_caseeq(s->e->finding.domain, s->domain))
		return name;
	return mxa_arena_printf(
	    s->arena, "%s used by %s", name, show_said(s, s->domain));
}

/* "192.0.2.9 is not listed in the SPF record of example.com (-all)" */
static void say_match(struct said *s, const char *ip)
{
	struct mxa_str term = s->e->finding.term;

	if (!is_all(term))
		mxa_buf_printf(&s->b, "%s %s", ip, result_verb(s->result));
	else if (s->result == MXA_SPF_PASS)
		mxa_buf_printf(
		    &s->b, "%s like every address is allowed by", ip);
	else
		mxa_buf_printf(&s->b, "%s is not listed in", ip);
	mxa_buf_printf(&s->b, " the SPF record of %s (%s)", whose_record(s),
	    show_said(s, term));
}

static void say_no_record(struct said *s, const struct mxa_spf_finding *f)
{
	mxa_buf_printf(
	    &s->b, "%s publishes no SPF record", show_said(s, f->name));
	if (f->status == MXA_DNS_NXDOMAIN)
		mxa_buf_adds(&s->b, ": the name does not exist");
}

/* "include:x.example in the record of example.com leads to no SPF record" */
static void say_no_target(struct said *s, const struct mxa_spf_finding *f)
{
	mxa_buf_printf(&s->b, "%s in the record of %s leads to no SPF record",
	    show_said(s, f->term), whose_record(s));
	if (f->status == MXA_DNS_NXDOMAIN)
		mxa_buf_printf(
		    &s->b, ": %s does not exist", show_said(s, f->name));
	else if (f->status == MXA_DNS_BADNAME)
		mxa_buf_printf(
		    &s->b, ": %s is no usable name", show_said(s, f->name));
}

/* "timeout asking A x.example for a:x.example in the record of example.com" */
static void say_dns(struct said *s, const struct mxa_spf_finding *f)
{
	if (f->status == MXA_DNS_SPENT)
		mxa_buf_adds(&s->b, "too many DNS questions for one message,");
	else
		mxa_buf_adds(&s->b, mxa_dns_status_name(f->status));
	mxa_buf_printf(&s->b, " asking %s ", mxa_dns_type_name(f->type));
	if (f->term.len > 0)
		mxa_buf_printf(&s->b, "%s for %s in the record of %s",
		    show_said(s, f->name), show_said(s, f->term),
		    whose_record(s));
	else
		mxa_buf_adds(&s->b, whose_record(s));
}

/* "more than 10 … in the record of example.com, at a:x.example of y.example" */
static void say_limit(struct said *s, unsigned most, const char *what)
{
	const struct mxa_spf_finding *f = &s->e->finding;

	mxa_buf_printf(&s->b, "more than %u %s in the record of %s, at %s",
	    most, what, show_said(s, s->domain), show_said(s, f->term));
	if (!mxa_str_caseeq(f->domain, s->domain))
		mxa_buf_printf(&s->b, " of %s", show_said(s, f->domain));
}

static void say_reason(struct said *s)
{
	const struct mxa_spf_finding *f = &s->e->finding;
	char ip[MXA_IP_TEXT];

	mxa_ip_format(&s->e->values.ip, ip);
	switch (f->cause) {
	case MXA_SPF_CAUSE_MATCH:
		say_match(s, ip);
		return;
	case MXA_SPF_CAUSE_DEFAULT:
		mxa_buf_printf(&s->b,
		    "%s is not listed in the SPF record of %s, which has no "
		    "\"all\"",
		    ip, whose_record(s));
		return;
	case MXA_SPF_CAUSE_NO_DOMAIN:
		mxa_buf_printf(&s->b, "%s cannot have an SPF record",
		    show_said(s, f->domain));
		return;
	case MXA_SPF_CAUSE_NO_RECORD:
		say_no_record(s, f);
		return;
	case MXA_SPF_CAUSE_SYNTAX:
		mxa_buf_printf(&s->b,
		    "syntax error in the record of %s at position %zu: %s (%s)",
		    whose_record(s), f->mistake.at + 1, show_said(s, f->term),
		    f->mistake.what);
		return;
	case MXA_SPF_CAUSE_MULTIPLE:
		mxa_buf_printf(&s->b, "%s publishes more than one SPF record",
		    whose_record(s));
		return;
	case MXA_SPF_CAUSE_LOOKUPS:
		say_limit(s, MXA_SPF_MAX_TERMS, "DNS lookups");
		return;
	case MXA_SPF_CAUSE_VOIDS:
		say_limit(s, s->e->max_voids, "DNS lookups without an answer");
		return;
	case MXA_SPF_CAUSE_MX_HOSTS:
		mxa_buf_printf(&s->b,
		    "more than %d MX hosts of %s for %s in the record of %s",
		    MXA_SPF_MAX_MX, show_said(s, f->name),
		    show_said(s, f->term), whose_record(s));
		return;
	case MXA_SPF_CAUSE_NO_TARGET:
		say_no_target(s, f);
		return;
	case MXA_SPF_CAUSE_DNS:
		say_dns(s, f);
		return;
	}
}

static struct mxa_str make_reason(struct mxa_arena *a, struct mxa_str domain,
    const struct mxa_spf_eval *e, enum mxa_spf_result result)
{
	struct said s = { a, domain, e, result, { 0 } };

	mxa_buf_init(&s.b, a, LONGEST_REASON);
	say_reason(&s);
	return mxa_buf_str(&s.b);
}

void mxa_spf_conclude_unusable(struct mxa_arena *a,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	const char *whose =
	    q->identity == MXA_SPF_HELO ? "HELO name" : "sender's domain";

	memset(out, 0, sizeof(*out));
	out->result = MXA_SPF_NONE;
	out->identity = q->identity;
	out->cause = MXA_SPF_CAUSE_NO_DOMAIN;
	out->domain = out->sender = out->mechanism = MXA_STR("");
	out->record_domain = out->explanation = MXA_STR("");
	if (q->ip.family == 0)
		out->reason = MXA_STR("the client has no address");
	else if (q->domain.len == 0)
		out->reason =
		    mxa_str_from(mxa_arena_printf(a, "there is no %s", whose));
	else
		out->reason = mxa_str_from(
		    mxa_arena_printf(a, "the %s cannot have an SPF record: %s",
			whose, shown_text(a, q->domain)));
	if (q->trace)
		out->trace = mxa_spf_trace_new(a);
}

void mxa_spf_conclude(struct mxa_arena *a, const struct mxa_spf_query *q,
    struct mxa_str domain, const struct mxa_spf_eval *e,
    enum mxa_spf_result result, struct mxa_spf_verdict *out)
{
	const struct mxa_spf_finding *f = &e->finding;

	memset(out, 0, sizeof(*out));
	out->result = result;
	out->identity = q->identity;
	out->cause = f->cause;
	out->domain = domain;
	out->sender = e->values.sender;
	out->mechanism = f->cause == MXA_SPF_CAUSE_DEFAULT
	    ? MXA_STR("default")
	    : mxa_str_dup(a, f->term);
	out->record_domain =
	    result == MXA_SPF_NONE ? MXA_STR("") : mxa_str_lower(a, f->domain);
	out->reason = make_reason(a, domain, e, result);
	out->explanation = mxa_str_dup(a, e->explanation);
	out->used_local_part = e->used_sender;
	out->lookups = e->lookups;
	out->voids = e->voids;
	out->trace = e->trace;
}

/* --- the engine --- */

struct account {
	struct mxa_budget *budget;
	enum mxa_dns_share share;
	bool pending; /* the answer that is needed next is not there */
};

static const struct mxa_dns_answer *ask_budget(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	struct account *account = ctx;

	return mxa_dns_lookup(account->budget, account->share, name, type);
}

/* The first question without an answer is needed for sure, and asked; what the
 * evaluation meets after it only perhaps. */
static const struct mxa_dns_answer *ask_next(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	struct account *account = ctx;
	const struct mxa_dns_answer *answer;

	if (account->pending)
		return mxa_dns_peek(account->budget, name, type);
	answer = mxa_dns_ask(account->budget, account->share, name, type);
	account->pending = answer == NULL;
	return answer;
}

static const struct mxa_spf_published *published_of(
    void *ctx, const struct mxa_dns_answer *answer)
{
	(void)ctx;
	return mxa_spf_published(answer);
}

/* False: an answer is not there. */
static bool check_patiently(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, bool wait, struct mxa_spf_verdict *out)
{
	struct account account = { env->budget, q->share, false };
	struct mxa_spf_source source = { wait ? ask_budget : ask_next,
		published_of, &account };
	struct mxa_spf_eval e = { .arena = env->arena, .source = &source };
	enum mxa_spf_result result;
	struct mxa_str domain;

	if (!mxa_spf_prepare(env->arena, q, &e.values, &domain)) {
		mxa_spf_conclude_unusable(env->arena, q, out);
		return true;
	}
	e.values.now = mxa_clock_wall(env->clock);
	e.max_voids = env->options->spf_max_voids;
	e.trace = q->trace ? mxa_spf_trace_new(env->arena) : NULL;
	result = mxa_spf_evaluate(&e, domain);
	if (e.pending)
		return false;
	mxa_spf_conclude(env->arena, q, domain, &e, result, out);
	return true;
}

static void check_native(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	(void)check_patiently(env, q, true, out);
}

static bool check_native_now(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	return check_patiently(env, q, false, out);
}

const struct mxa_spf_engine mxa_spf_native = { "native", check_native,
	check_native_now };
