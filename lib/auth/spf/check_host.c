/* check_host.c - the native SPF engine. */
#include "auth/spf/check_host.h"

#include <string.h>

#include "auth/spf/trace.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
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
	values->sender = mxa_str_join(
	    a, (struct mxa_str[]){ values->local, MXA_STR("@"), *domain }, 3);
	return true;
}

/* --- words --- */

/* Octets of a name or term that are shown. */
#define LONGEST_SHOWN 100

/* Part of a record or name, fit to be shown. */
static struct mxa_str shown_text(struct mxa_arena *a, struct mxa_str s)
{
	const size_t most = LONGEST_SHOWN;
	size_t len = s.len > most ? most : s.len;
	char *p = mxa_arena_alloc(a, len + 4);

	for (size_t i = 0; i < len; i++)
		p[i] = s.p[i] < 0x20 || s.p[i] > 0x7e ? '?' : s.p[i];
	memcpy(p + len, s.len > most ? "..." : "", s.len > most ? 4 : 1);
	return mxa_str_from(p);
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
	char ip[MXA_IP_TEXT];
	struct mxa_str term;	 /* of the finding, as it is shown */
	struct mxa_str name;	 /* the same */
	struct mxa_phrase whose; /* the domain whose record it was */
};

#define SAY(s, ...) mxa_phrase((s)->arena, __VA_ARGS__)
#define WHOSE(s) (const void *)&(s)->whose

/* "example.com", or with what led there: "_spf.example.net used by
 * example.com". */
static struct mxa_phrase whose_record(const struct said *s)
{
	struct mxa_str name = s->e->finding.domain;
	struct mxa_str shown = shown_text(s->arena, name);

	if (mxa_str_caseeq(name, s->domain))
		return SAY(s, "%.*s", MXA_STR_ARG(shown));
	return SAY(s, N_("%.*s used by %.*s"), MXA_STR_ARG(shown),
	    MXA_STR_ARG(shown_text(s->arena, s->domain)));
}

static struct mxa_phrase say_all(const struct said *s)
{
	if (s->result == MXA_SPF_PASS)
		return SAY(s,
		    N_("%.*s like every address is allowed by the SPF record "
		       "of %p (%.*s)"),
		    MXA_STR_ARG(mxa_str_from(s->ip)), WHOSE(s),
		    MXA_STR_ARG(s->term));
	return SAY(s, N_("%.*s is not listed in the SPF record of %p (%.*s)"),
	    MXA_STR_ARG(mxa_str_from(s->ip)), WHOSE(s), MXA_STR_ARG(s->term));
}

/* "192.0.2.9 is listed in the SPF record of example.com (ip4:192.0.2.9)" */
static struct mxa_phrase say_match(const struct said *s)
{
	struct mxa_str ip = mxa_str_from(s->ip);

	if (is_all(s->term))
		return say_all(s);
	switch (s->result) {
	case MXA_SPF_PASS:
		return SAY(s,
		    N_("%.*s is listed in the SPF record of %p (%.*s)"),
		    MXA_STR_ARG(ip), WHOSE(s), MXA_STR_ARG(s->term));
	case MXA_SPF_FAIL:
		return SAY(s,
		    N_("%.*s is refused by the SPF record of %p (%.*s)"),
		    MXA_STR_ARG(ip), WHOSE(s), MXA_STR_ARG(s->term));
	case MXA_SPF_SOFTFAIL:
		return SAY(s,
		    N_("%.*s is doubted by the SPF record of %p (%.*s)"),
		    MXA_STR_ARG(ip), WHOSE(s), MXA_STR_ARG(s->term));
	case MXA_SPF_NEUTRAL:
	case MXA_SPF_NONE:
	case MXA_SPF_TEMPERROR:
	case MXA_SPF_PERMERROR:
		break;
	}
	return SAY(s, N_("%.*s is left open by the SPF record of %p (%.*s)"),
	    MXA_STR_ARG(ip), WHOSE(s), MXA_STR_ARG(s->term));
}

static struct mxa_phrase say_no_record(const struct said *s)
{
	if (s->e->finding.status == MXA_DNS_NXDOMAIN)
		return SAY(s,
		    N_("%.*s publishes no SPF record: the name does not exist"),
		    MXA_STR_ARG(s->name));
	return SAY(s, N_("%.*s publishes no SPF record"), MXA_STR_ARG(s->name));
}

/* "include:x.example in the record of example.com leads to no SPF record" */
static struct mxa_phrase say_no_target(const struct said *s)
{
	if (s->e->finding.status == MXA_DNS_NXDOMAIN)
		return SAY(s,
		    N_("%.*s in the record of %p leads to no SPF record: %.*s "
		       "does not exist"),
		    MXA_STR_ARG(s->term), WHOSE(s), MXA_STR_ARG(s->name));
	if (s->e->finding.status == MXA_DNS_BADNAME)
		return SAY(s,
		    N_("%.*s in the record of %p leads to no SPF record: %.*s "
		       "is no usable name"),
		    MXA_STR_ARG(s->term), WHOSE(s), MXA_STR_ARG(s->name));
	return SAY(s, N_("%.*s in the record of %p leads to no SPF record"),
	    MXA_STR_ARG(s->term), WHOSE(s));
}

/* "timeout asking A x.example for a:x.example in the record of example.com" */
static struct mxa_phrase say_dns(const struct said *s)
{
	const struct mxa_spf_finding *f = &s->e->finding;
	const char *type = mxa_dns_type_name(f->type);
	const char *what = f->status == MXA_DNS_SPENT
	    ? N_("too many DNS questions for one message,")
	    : mxa_dns_status_name(f->status);

	if (f->term.len == 0)
		return SAY(s, N_("%s asking %s %p"), what, type, WHOSE(s));
	return SAY(s, N_("%s asking %s %.*s for %.*s in the record of %p"),
	    what, type, MXA_STR_ARG(s->name), MXA_STR_ARG(s->term), WHOSE(s));
}

/* "more than 10 … in the record of example.com, at a:x.example of y.example" */
static struct mxa_phrase say_limit(
    const struct said *s, unsigned most, const char *what)
{
	struct mxa_str own = shown_text(s->arena, s->domain);
	struct mxa_str other = shown_text(s->arena, s->e->finding.domain);

	if (mxa_str_caseeq(s->e->finding.domain, s->domain))
		return SAY(s,
		    N_("more than %u %s in the record of %.*s, at %.*s"), most,
		    what, MXA_STR_ARG(own), MXA_STR_ARG(s->term));
	return SAY(s,
	    N_("more than %u %s in the record of %.*s, at %.*s of %.*s"), most,
	    what, MXA_STR_ARG(own), MXA_STR_ARG(s->term), MXA_STR_ARG(other));
}

static struct mxa_phrase say_syntax(const struct said *s)
{
	const struct mxa_spf_mistake *wrong = &s->e->finding.mistake;

	return SAY(s,
	    N_("syntax error in the record of %p at position %zu: %.*s (%s)"),
	    WHOSE(s), wrong->at + 1, MXA_STR_ARG(s->term), wrong->what);
}

static struct mxa_phrase say_finding(const struct said *s)
{
	switch (s->e->finding.cause) {
	case MXA_SPF_CAUSE_MATCH:
		return say_match(s);
	case MXA_SPF_CAUSE_DEFAULT:
		return SAY(s,
		    N_("%.*s is not listed in the SPF record of %p, which has "
		       "no \"all\""),
		    MXA_STR_ARG(mxa_str_from(s->ip)), WHOSE(s));
	case MXA_SPF_CAUSE_NO_DOMAIN:
		return SAY(s, N_("%.*s cannot have an SPF record"),
		    MXA_STR_ARG(shown_text(s->arena, s->e->finding.domain)));
	case MXA_SPF_CAUSE_NO_RECORD:
		return say_no_record(s);
	case MXA_SPF_CAUSE_SYNTAX:
		return say_syntax(s);
	case MXA_SPF_CAUSE_MULTIPLE:
		return SAY(
		    s, N_("%p publishes more than one SPF record"), WHOSE(s));
	case MXA_SPF_CAUSE_LOOKUPS:
		return say_limit(s, MXA_SPF_MAX_TERMS, N_("DNS lookups"));
	case MXA_SPF_CAUSE_VOIDS:
		return say_limit(
		    s, s->e->max_voids, N_("DNS lookups without an answer"));
	case MXA_SPF_CAUSE_MX_HOSTS:
		return SAY(s,
		    N_("more than %d MX hosts of %.*s for %.*s in the record "
		       "of %p"),
		    MXA_SPF_MAX_MX, MXA_STR_ARG(s->name), MXA_STR_ARG(s->term),
		    WHOSE(s));
	case MXA_SPF_CAUSE_NO_TARGET:
		return say_no_target(s);
	case MXA_SPF_CAUSE_DNS:
		return say_dns(s);
	}
	return MXA_PHRASE("");
}

static struct mxa_phrase make_reason(struct mxa_arena *a, struct mxa_str domain,
    const struct mxa_spf_eval *e, enum mxa_spf_result result)
{
	struct said s = { .arena = a, .domain = domain, .e = e };

	s.result = result;
	s.term = shown_text(a, e->finding.term);
	s.name = shown_text(a, e->finding.name);
	s.whose = whose_record(&s);
	mxa_ip_format(&e->values.ip, s.ip);
	return say_finding(&s);
}

/* The verdict for a query that mxa_spf_prepare refused. */
static void conclude_unusable(struct mxa_arena *a,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	const char *whose = q->identity == MXA_SPF_HELO ? N_("HELO name")
							: N_("sender's domain");

	memset(out, 0, sizeof(*out));
	out->result = MXA_SPF_NONE;
	out->identity = q->identity;
	out->cause = MXA_SPF_CAUSE_NO_DOMAIN;
	out->domain = out->sender = out->mechanism = MXA_STR("");
	out->record_domain = out->explanation = MXA_STR("");
	if (q->ip.family == 0)
		out->reason = MXA_PHRASE(N_("the client has no address"));
	else if (q->domain.len == 0)
		out->reason = mxa_phrase(a, N_("there is no %s"), whose);
	else
		out->reason =
		    mxa_phrase(a, N_("the %s cannot have an SPF record: %.*s"),
			whose, MXA_STR_ARG(shown_text(a, q->domain)));
	if (q->trace)
		out->trace = mxa_spf_trace_new(a);
}

/* Write 'out' from what the evaluation left.  Copies into 'a'. */
static void conclude_query(struct mxa_arena *a, const struct mxa_spf_query *q,
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
		conclude_unusable(env->arena, q, out);
		return true;
	}
	e.values.now = mxa_clock_wall(env->clock);
	e.max_voids = env->options->spf_max_voids;
	e.trace = q->trace ? mxa_spf_trace_new(env->arena) : NULL;
	result = mxa_spf_evaluate(&e, domain);
	if (e.pending)
		return false;
	conclude_query(env->arena, q, domain, &e, result, out);
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
