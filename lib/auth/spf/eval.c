/* eval.c - the evaluation of SPF records. */
#include "auth/spf/eval.h"

#include <stdarg.h>
#include <string.h>

#include "auth/spf/trace.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"

/* One record under evaluation. */
struct frame {
	struct mxa_spf_eval *e;
	struct mxa_str domain;
	unsigned depth;
	const struct mxa_spf_record *r;
	struct mxa_spf_step *step; /* of the term at hand; NULL: no trace */
};

/* What became of one term. */
enum fate {
	NO,
	YES,
	TEMPERROR, /* the whole evaluation ends */
	PERMERROR,
};

static enum mxa_spf_result check_host(
    struct mxa_spf_eval *e, struct mxa_str domain, unsigned depth);

static void MXA_PRINTF(2, 3) why(struct frame *f, const char *fmt, ...)
{
	va_list ap;

	if (f->step == NULL)
		return;
	va_start(ap, fmt);
	f->step->why = mxa_phrase_v(f->e->arena, fmt, ap);
	va_end(ap);
}

static const struct mxa_dns_answer *ask_question(
    struct mxa_spf_eval *e, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer =
	    e->source->ask(e->source->ctx, name, type);

	if (answer == NULL)
		e->pending = true;
	return answer;
}

/* Record what decided; 't' NULL: no term. */
static void set_decision(
    struct frame *f, const struct mxa_spf_term *t, enum mxa_spf_cause cause)
{
	f->e->finding = (struct mxa_spf_finding){
		.cause = cause,
		.domain = f->domain,
		.term = t == NULL ? MXA_STR("") : mxa_spf_term_text(f->r, t),
	};
}

static void found_at(struct frame *f, const struct mxa_spf_term *t,
    enum mxa_spf_cause cause, struct mxa_str name, enum mxa_dns_type type,
    enum mxa_dns_status status)
{
	set_decision(f, t, cause);
	f->e->finding.name = name;
	f->e->finding.type = type;
	f->e->finding.status = status;
}

static enum fate dns_error(struct frame *f, const struct mxa_spf_term *t,
    const struct mxa_dns_answer *answer)
{
	found_at(f, t, MXA_SPF_CAUSE_DNS, answer->name, answer->type,
	    answer->status);
	why(f, N_("%s asking %s %.*s"), mxa_dns_status_name(answer->status),
	    mxa_dns_type_name(answer->type), MXA_STR_ARG(answer->name));
	return TEMPERROR;
}

/* --- limits (RFC 7208 section 4.6.4) --- */

static bool within_lookups(struct frame *f, const struct mxa_spf_term *t)
{
	if (++f->e->lookups <= MXA_SPF_MAX_TERMS)
		return true;
	set_decision(f, t, MXA_SPF_CAUSE_LOOKUPS);
	why(f, N_("more than %d terms ask the DNS"), MXA_SPF_MAX_TERMS);
	return false;
}

static bool is_void(const struct mxa_dns_answer *answer)
{
	return answer->status == MXA_DNS_NODATA ||
	    answer->status == MXA_DNS_NXDOMAIN;
}

/* A term's own question had no answer: NO, or PERMERROR when that was one too
 * many.  Counted by the term: the hosts behind an mx are not the record's. */
static enum fate no_answer(struct frame *f, const struct mxa_spf_term *t,
    const struct mxa_dns_answer *answer)
{
	struct mxa_spf_eval *e = f->e;

	if (answer->status == MXA_DNS_NODATA)
		why(f, N_("%.*s has no such record"),
		    MXA_STR_ARG(answer->name));
	else
		why(f, N_("%.*s does not exist"), MXA_STR_ARG(answer->name));
	if (!is_void(answer) || ++e->voids <= e->max_voids)
		return NO;
	set_decision(f, t, MXA_SPF_CAUSE_VOIDS);
	why(f, N_("more than %u terms without an answer"), e->max_voids);
	return PERMERROR;
}

/* --- target names --- */

static enum mxa_dns_type address_type(const struct mxa_spf_eval *e)
{
	return e->values.ip.family == 6 ? MXA_DNS_AAAA : MXA_DNS_A;
}

/* Whether 'name' has the client's address; false also on any error. */
static bool name_confirmed(struct mxa_spf_eval *e, struct mxa_str name)
{
	const struct mxa_dns_answer *answer =
	    ask_question(e, name, address_type(e));

	if (answer == NULL || answer->status != MXA_DNS_DATA)
		return false;
	for (size_t i = 0; i < answer->n; i++)
		if (mxa_ip_eq(&answer->rr[i].ip, &e->values.ip))
			return true;
	return false;
}

static const struct mxa_dns_answer *reverse_names(struct mxa_spf_eval *e)
{
	char name[MXA_IP_REVERSE];

	mxa_ip_reverse(&e->values.ip, name);
	return ask_question(e, mxa_str_from(name), MXA_DNS_PTR);
}

/* 0: the domain itself, 1: below it, 2: elsewhere */
static int name_rank(struct mxa_str name, struct mxa_str domain)
{
	if (mxa_str_caseeq(name, domain))
		return 0;
	return mxa_domain_within(name, domain) ? 1 : 2;
}

struct mxa_str mxa_spf_validated_name(
    struct mxa_spf_eval *e, struct mxa_str domain)
{
	const struct mxa_dns_answer *answer = reverse_names(e);

	if (answer == NULL || answer->status != MXA_DNS_DATA)
		return MXA_STR("unknown");
	for (int want = 0; want <= 2 && !e->pending; want++)
		for (size_t i = 0; i < answer->n && i < MXA_SPF_MAX_PTR; i++) {
			struct mxa_str name = answer->rr[i].text;

			if (name_rank(name, domain) == want &&
			    name_confirmed(e, name))
				return mxa_str_dup(e->arena, name);
		}
	return MXA_STR("unknown");
}

/* Prepare the macros that 'uses' names for this record; false: some answer is
 * not there yet. */
static bool prepare_values(struct frame *f, unsigned uses)
{
	struct mxa_spf_eval *e = f->e;

	if (uses & MXA_SPF_USES_SENDER)
		e->used_sender = true;
	e->values.domain = f->domain;
	e->values.ptr = MXA_STR("unknown");
	if (uses & MXA_SPF_USES_PTR)
		e->values.ptr = mxa_spf_validated_name(e, f->domain);
	return !e->pending;
}

/* The name that term 't' is about; false: it cannot match (now). */
static bool target_name(
    struct frame *f, const struct mxa_spf_term *t, struct mxa_str *name)
{
	struct mxa_spf_eval *e = f->e;

	*name = f->domain;
	if (t->arg_len > 0) {
		if (t->uses & MXA_SPF_USES_LOCAL &&
		    !mxa_str_is_ascii(e->values.local)) {
			why(f, N_("the local part is not ASCII (RFC 8616)"));
			return false;
		}
		if (t->uses & MXA_SPF_USES_MACRO &&
		    (e->pending || !prepare_values(f, t->uses)))
			return false;
		*name = mxa_spf_expand_domain(
		    e->arena, mxa_spf_term_arg(f->r, t), &e->values);
	}
	if (f->step != NULL)
		f->step->target = mxa_str_dup(e->arena, *name);
	if (name->len == 0)
		why(f, N_("the name expands to nothing"));
	return name->len > 0;
}

/* --- mechanisms --- */

static const char *client_text(struct frame *f, char text[MXA_IP_TEXT])
{
	return mxa_ip_format(&f->e->values.ip, text);
}

/* Compare the client with an address and the term's CIDR length. */
static bool in_network(
    struct frame *f, const struct mxa_spf_term *t, const struct mxa_ip *ip)
{
	struct mxa_cidr net = { *ip, ip->family == 6 ? t->bits6 : t->bits4 };

	return mxa_cidr_has(&net, &f->e->values.ip);
}

static enum fate match_network(struct frame *f, const struct mxa_spf_term *t)
{
	struct mxa_ip ip = { .family = t->kind == MXA_TERM_IP4 ? 4 : 6 };
	char text[MXA_IP_TEXT];
	bool in;

	memcpy(ip.b, t->net, ip.family == 4 ? 4 : 16);
	in = in_network(f, t, &ip);
	if (f->step != NULL && ip.family != f->e->values.ip.family)
		why(f, N_("%s is an IPv%d address"), client_text(f, text),
		    f->e->values.ip.family);
	else if (f->step != NULL && in)
		why(f, N_("%s is in that network"), client_text(f, text));
	else if (f->step != NULL)
		why(f, N_("%s is not in that network"), client_text(f, text));
	return in ? YES : NO;
}

/* Addresses of 'name'.  'own': it is the term's own question. */
static enum fate match_addresses(struct frame *f, const struct mxa_spf_term *t,
    struct mxa_str name, bool own)
{
	const struct mxa_dns_answer *answer =
	    ask_question(f->e, name, address_type(f->e));
	char text[MXA_IP_TEXT];
	enum fate fate = NO;

	if (answer == NULL)
		return NO;
	if (mxa_dns_failed(answer->status))
		return dns_error(f, t, answer);
	if (answer->n == 0)
		return own ? no_answer(f, t, answer) : NO;
	for (size_t i = 0; i < answer->n; i++) {
		mxa_spf_trace_ip(f->e->trace, f->step, &answer->rr[i].ip);
		if (in_network(f, t, &answer->rr[i].ip))
			fate = YES;
	}
	if (f->step != NULL && fate == YES)
		why(f, N_("%s is among the addresses"), client_text(f, text));
	else if (f->step != NULL)
		why(f, N_("%s is not among the addresses"),
		    client_text(f, text));
	return fate;
}

static enum fate match_a(struct frame *f, const struct mxa_spf_term *t)
{
	struct mxa_str name;

	return target_name(f, t, &name) ? match_addresses(f, t, name, true)
					: NO;
}

static enum fate match_mx(struct frame *f, const struct mxa_spf_term *t)
{
	const struct mxa_dns_answer *answer;
	struct mxa_str name;

	if (!target_name(f, t, &name))
		return NO;
	answer = ask_question(f->e, name, MXA_DNS_MX);
	if (answer == NULL)
		return NO;
	if (mxa_dns_failed(answer->status))
		return dns_error(f, t, answer);
	if (answer->n == 0)
		return no_answer(f, t, answer);
	if (answer->n > MXA_SPF_MAX_MX) {
		found_at(f, t, MXA_SPF_CAUSE_MX_HOSTS, name, MXA_DNS_MX,
		    answer->status);
		why(f, N_("more than %d MX hosts"), MXA_SPF_MAX_MX);
		return PERMERROR;
	}
	why(f, N_("no MX host has an address of that family"));
	if (f->e->pending)
		return NO;
	for (size_t i = 0; i < answer->n; i++) {
		enum fate fate;

		if (answer->rr[i].text.len == 0) /* null MX, RFC 7505 */
			continue;
		mxa_spf_trace_name(f->e->trace, f->step, answer->rr[i].text);
		fate = match_addresses(f, t, answer->rr[i].text, false);
		if (fate != NO)
			return fate;
	}
	return NO;
}

static enum fate match_exists(struct frame *f, const struct mxa_spf_term *t)
{
	const struct mxa_dns_answer *answer;
	struct mxa_str name;

	if (f->e->pending || !target_name(f, t, &name))
		return NO;
	answer = ask_question(f->e, name, MXA_DNS_A);
	if (answer == NULL)
		return NO;
	if (mxa_dns_failed(answer->status))
		return dns_error(f, t, answer);
	if (answer->n == 0)
		return no_answer(f, t, answer);
	for (size_t i = 0; i < answer->n; i++)
		mxa_spf_trace_ip(f->e->trace, f->step, &answer->rr[i].ip);
	why(f, N_("the name has an address"));
	return YES;
}

/* Section 5.5: errors are no matches; only the first ten names count. */
static enum fate match_ptr(struct frame *f, const struct mxa_spf_term *t)
{
	const struct mxa_dns_answer *answer;
	struct mxa_str name;

	if (f->e->pending || !target_name(f, t, &name))
		return NO;
	answer = reverse_names(f->e);
	if (answer == NULL)
		return NO;
	if (mxa_dns_failed(answer->status)) {
		why(f, N_("%s asking for the client's name"),
		    mxa_dns_status_name(answer->status));
		return NO;
	}
	if (answer->n == 0)
		return no_answer(f, t, answer);
	why(f,
	    N_("no name of the client lies in that domain and leads "
	       "back"));
	for (size_t i = 0; i < answer->n && i < MXA_SPF_MAX_PTR; i++) {
		struct mxa_str host = answer->rr[i].text;

		mxa_spf_trace_name(f->e->trace, f->step, host);
		if (mxa_domain_within(host, name) &&
		    name_confirmed(f->e, host)) {
			why(f, N_("%.*s leads back to the client"),
			    MXA_STR_ARG(host));
			return YES;
		}
	}
	return NO;
}

/* Section 5.2: what the included record's result means here. */
static enum fate include_fate(struct frame *f, const struct mxa_spf_term *t,
    struct mxa_str name, enum mxa_spf_result result)
{
	switch (result) {
	case MXA_SPF_PASS:
		return YES;
	case MXA_SPF_FAIL:
	case MXA_SPF_SOFTFAIL:
	case MXA_SPF_NEUTRAL:
		return NO;
	case MXA_SPF_TEMPERROR:
		return TEMPERROR;
	case MXA_SPF_PERMERROR:
		return PERMERROR;
	case MXA_SPF_NONE:
		break;
	}
	found_at(f, t, MXA_SPF_CAUSE_NO_TARGET, name, MXA_DNS_TXT,
	    f->e->finding.status);
	return PERMERROR;
}

static enum fate match_include(struct frame *f, const struct mxa_spf_term *t)
{
	enum mxa_spf_result result;
	struct mxa_str name;

	if (!target_name(f, t, &name))
		return NO;
	result = check_host(f->e, name, f->depth + 1);
	why(f, N_("the record of %.*s gives %s"), MXA_STR_ARG(name),
	    mxa_spf_result_name(result));
	return include_fate(f, t, name, result);
}

static enum fate match_term(struct frame *f, const struct mxa_spf_term *t)
{
	if (mxa_spf_kind_asks(t->kind) && !within_lookups(f, t))
		return PERMERROR;
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_ALL:
		why(f, N_("matches everything"));
		return YES;
	case MXA_TERM_INCLUDE:
		return match_include(f, t);
	case MXA_TERM_A:
		return match_a(f, t);
	case MXA_TERM_MX:
		return match_mx(f, t);
	case MXA_TERM_PTR:
		return match_ptr(f, t);
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
		return match_network(f, t);
	case MXA_TERM_EXISTS:
		return match_exists(f, t);
	case MXA_TERM_REDIRECT:
	case MXA_TERM_EXP:
	case MXA_TERM_UNKNOWN:
		return NO;
	}
	return NO;
}

/* --- records --- */

static enum mxa_spf_result qualified_result(char qualifier)
{
	switch (qualifier) {
	case '-':
		return MXA_SPF_FAIL;
	case '~':
		return MXA_SPF_SOFTFAIL;
	case '?':
		return MXA_SPF_NEUTRAL;
	default:
		return MXA_SPF_PASS;
	}
}

/* The text behind exp= (section 6.2).  Whatever goes wrong: none. */
static void fetch_explanation(struct frame *f)
{
	struct mxa_spf_eval *e = f->e;
	const struct mxa_dns_answer *answer;
	struct mxa_spf_mistake bad;
	struct mxa_str name, text;
	unsigned uses;

	if (!target_name(f, &f->r->term[f->r->exp], &name))
		return;
	answer = ask_question(e, name, MXA_DNS_TXT);
	if (answer == NULL || answer->status != MXA_DNS_DATA || answer->n != 1)
		return;
	text = answer->rr[0].text;
	if (!mxa_spf_macro_check(text, true, &uses, &bad) ||
	    !prepare_values(f, uses))
		return;
	if (!mxa_spf_expand_text(e->arena, text, &e->values,
		MXA_SPF_MAX_EXPLANATION, &e->explanation))
		e->explanation = MXA_STR("");
}

static void explain_fail(struct frame *f)
{
	bool used_sender = f->e->used_sender; /* by what decides */

	if (f->r->exp < 0 || f->e->pending || f->depth > 0)
		return;
	f->step = NULL;
	fetch_explanation(f);
	f->e->used_sender = used_sender;
}

static void begin_step(struct frame *f, const struct mxa_spf_term *t)
{
	f->step = NULL;
	if (f->e->trace != NULL)
		f->step = mxa_spf_trace_add(f->e->trace, f->depth, f->domain,
		    mxa_spf_term_text(f->r, t));
}

static void end_step(
    struct frame *f, struct mxa_spf_step *step, enum mxa_spf_outcome outcome)
{
	if (step == NULL)
		return;
	step->outcome = outcome;
	step->lookups = f->e->lookups;
	step->voids = f->e->voids;
}

/* Section 6.1. */
static enum mxa_spf_result follow_redirect(
    struct frame *f, const struct mxa_spf_term *t)
{
	enum mxa_spf_result result;
	struct mxa_spf_step *step;
	struct mxa_str name;

	begin_step(f, t);
	step = f->step;
	if (!within_lookups(f, t)) {
		end_step(f, step, MXA_STEP_ERROR);
		return MXA_SPF_PERMERROR;
	}
	end_step(f, step, MXA_STEP_INFO);
	if (!target_name(f, t, &name)) {
		set_decision(f, NULL, MXA_SPF_CAUSE_DEFAULT);
		return MXA_SPF_NEUTRAL;
	}
	result = check_host(f->e, name, f->depth);
	if (result != MXA_SPF_NONE)
		return result;
	found_at(f, t, MXA_SPF_CAUSE_NO_TARGET, name, MXA_DNS_TXT,
	    f->e->finding.status);
	end_step(f, step, MXA_STEP_ERROR);
	return MXA_SPF_PERMERROR;
}

static enum mxa_spf_result no_match(struct frame *f)
{
	if (f->r->redirect >= 0 && !f->r->all)
		return follow_redirect(f, &f->r->term[f->r->redirect]);
	set_decision(f, NULL, MXA_SPF_CAUSE_DEFAULT);
	return MXA_SPF_NEUTRAL;
}

static enum mxa_spf_result matched_result(
    struct frame *f, const struct mxa_spf_term *t)
{
	enum mxa_spf_result result = qualified_result(t->qualifier);

	/* a passing include leaves the included record's term as the finding */
	if (t->kind != MXA_TERM_INCLUDE || result != MXA_SPF_PASS)
		set_decision(f, t, MXA_SPF_CAUSE_MATCH);
	if (result == MXA_SPF_FAIL)
		explain_fail(f);
	return result;
}

static enum mxa_spf_result evaluate_record(struct frame *f)
{
	for (size_t i = 0; i < f->r->n; i++) {
		const struct mxa_spf_term *t = &f->r->term[i];
		struct mxa_spf_step *step;

		if (t->qualifier == '\0')
			continue;
		begin_step(f, t);
		step = f->step;
		switch (match_term(f, t)) {
		case NO:
			end_step(f, step, MXA_STEP_NO_MATCH);
			break;
		case YES:
			end_step(f, step, MXA_STEP_MATCH);
			return matched_result(f, t);
		case TEMPERROR:
			end_step(f, step, MXA_STEP_ERROR);
			return MXA_SPF_TEMPERROR;
		case PERMERROR:
			end_step(f, step, MXA_STEP_ERROR);
			return MXA_SPF_PERMERROR;
		}
	}
	return no_match(f);
}

/* A record whose terms are not kept with its answer. */
static enum mxa_spf_result evaluate_long_record(const struct frame *f)
{
	struct frame own = *f;
	struct mxa_spf_record whole;
	enum mxa_spf_result result;

	mxa_spf_parse(&whole, f->r->text, false);
	own.r = &whole;
	result = evaluate_record(&own);
	mxa_spf_record_done(&whole);
	return result;
}

bool mxa_spf_usable(struct mxa_str domain)
{
	size_t from = 0, labels = 0;

	while (from <= domain.len) {
		size_t dot = mxa_str_chr(domain, '.', from);

		if (dot == from || dot - from > MXA_MAX_LABEL)
			return false;
		labels++;
		from = dot + 1;
	}
	return labels > 1 && domain.len <= MXA_MAX_DOMAIN;
}

/* The step that shows the record, or why there is none. */
static void trace_record(struct frame *f, const struct mxa_dns_answer *answer,
    struct mxa_str text, enum mxa_spf_outcome outcome)
{
	if (f->e->trace == NULL)
		return;
	f->step = mxa_spf_trace_add(f->e->trace, f->depth, f->domain, text);
	if (f->step == NULL)
		return;
	f->step->is_record = true;
	end_step(f, f->step, outcome);
	if (mxa_dns_failed(answer->status))
		why(f, N_("%s asking TXT"),
		    mxa_dns_status_name(answer->status));
	else if (answer->status != MXA_DNS_DATA)
		why(f, "%s", mxa_dns_status_name(answer->status));
}

static enum mxa_spf_result evaluate_published(struct frame *f,
    const struct mxa_dns_answer *answer, const struct mxa_spf_published *p)
{
	if (p->count == 0) {
		if (is_void(answer) && f->e->lookups > 0)
			f->e->voids++;
		found_at(f, NULL, MXA_SPF_CAUSE_NO_RECORD, f->domain,
		    MXA_DNS_TXT, answer->status);
		trace_record(f, answer, MXA_STR(""), MXA_STEP_ERROR);
		return MXA_SPF_NONE;
	}
	if (p->count > 1) {
		found_at(f, NULL, MXA_SPF_CAUSE_MULTIPLE, f->domain,
		    MXA_DNS_TXT, answer->status);
		trace_record(f, answer, MXA_STR(""), MXA_STEP_ERROR);
		why(f, N_("%zu SPF records"), p->count);
		return MXA_SPF_PERMERROR;
	}
	f->r = &p->record;
	if (!f->r->ok) {
		set_decision(f, NULL, MXA_SPF_CAUSE_SYNTAX);
		f->e->finding.term = f->r->bad_term;
		f->e->finding.mistake = f->r->mistake;
		trace_record(f, answer, f->r->text, MXA_STEP_ERROR);
		why(f, N_("position %zu: %s"), f->r->mistake.at + 1,
		    f->r->mistake.what);
		return MXA_SPF_PERMERROR;
	}
	trace_record(f, answer, f->r->text, MXA_STEP_INFO);
	return p->parse_again ? evaluate_long_record(f) : evaluate_record(f);
}

static enum mxa_spf_result check_host(
    struct mxa_spf_eval *e, struct mxa_str domain, unsigned depth)
{
	struct frame f = { .e = e, .domain = domain, .depth = depth };
	const struct mxa_dns_answer *answer;

	if (!mxa_spf_usable(domain)) {
		set_decision(&f, NULL, MXA_SPF_CAUSE_NO_DOMAIN);
		e->finding.status = MXA_DNS_BADNAME;
		return MXA_SPF_NONE;
	}
	if (e->trace != NULL) /* outlives the record that names it */
		f.domain = mxa_str_dup(e->arena, domain);
	answer = ask_question(e, domain, MXA_DNS_TXT);
	if (answer == NULL)
		return MXA_SPF_NEUTRAL;
	if (mxa_dns_failed(answer->status)) {
		trace_record(&f, answer, MXA_STR(""), MXA_STEP_ERROR);
		dns_error(&f, NULL, answer);
		return MXA_SPF_TEMPERROR;
	}
	return evaluate_published(
	    &f, answer, e->source->published(e->source->ctx, answer));
}

enum mxa_spf_result mxa_spf_evaluate(
    struct mxa_spf_eval *e, struct mxa_str domain)
{
	e->explanation = MXA_STR("");
	return check_host(e, domain, 0);
}
