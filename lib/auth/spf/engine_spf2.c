/* engine_spf2.c - libspf2 as the second SPF engine, and the only file that
 * knows it.
 *
 * libspf2 drops terms that do not fit its 511 bytes without a word, follows
 * 10^n questions, lets loopback pass, and answers what surprises it with a
 * handler that ends the process (doc/engines.md).  So it sees a record
 * only after our grammar accepted it and only when it holds all its terms,
 * without modifiers that decide nothing; its questions are ours, counted as RFC
 * 7208 section 4.6.4 says; every name and value it gets is short ASCII.  What
 * it cannot be given is evaluated by the native engine.  The words come from
 * there, too: libspf2 does not tell which term decided. */
#include "auth/engine.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <spf2/spf.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf/check_host.h"
#include "auth/spf/eval.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/limits.h"

/* Octets of the local part and of the HELO name that it is given. */
#define LONGEST_VALUE 255

/* Text of a record that could fit into its 511 octets: 63 terms
 * "-ip4:255.255.255.255/32 ". */
#define LONGEST_RECORD 1600

/* Why the library's own result does not count. */
enum end {
	GOING,
	END_NONE,
	END_TEMPERROR,
	END_PERMERROR,
	END_NATIVE, /* it cannot hold this */
};

struct run {
	const struct mxa_engine_env *env;
	enum mxa_dns_share share;
	const struct mxa_spf_values *values;
	struct mxa_str domain;
	unsigned records; /* fetched */
	unsigned lookups; /* terms that asked */
	unsigned voids;
	enum end end;
	/* names whose addresses an mx or ptr term asks next, in this order */
	struct mxa_str *host;
	size_t n_hosts, next_host;
	bool hosts_of_ptr;
	SPF_result_t result;
	SPF_errcode_t error;
};

/* --- its handlers --- */

/* Where an assertion of the library that fails in this thread goes. */
static _Thread_local jmp_buf *escape;

static void MXA_NORETURN on_error(
    const char *file, int line, const char *message)
{
	if (escape != NULL)
		longjmp(*escape, 1);
	SPF_error_syslog(file, line, message);
}

static void on_message(const char *file, int line, const char *message)
{
	(void)file;
	(void)line;
	(void)message;
}

/* They are global in the library; nobody else here uses it. */
static void set_handlers(void)
{
	SPF_error_handler = on_error;
	SPF_warning_handler = on_message;
	SPF_info_handler = on_message;
	SPF_debug_handler = on_message;
}

/* --- what may be handed over --- */

static bool is_plain_text(struct mxa_str s, size_t most)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.len > 0 && s.len <= most;
}

/* Whether the client and the sender can be put into its macros. */
static bool values_acceptable(const struct mxa_spf_values *v)
{
	return !mxa_ip_is_loopback(&v->ip) &&
	    is_plain_text(v->local, LONGEST_VALUE) &&
	    is_plain_text(v->helo, LONGEST_VALUE) &&
	    is_plain_text(v->origin, MXA_MAX_DOMAIN);
}

/* The terms that decide, as published, and how many: modifiers that do not
 * count stay here, and so does exp=, which is expanded by us. */
static size_t deciding_terms(struct mxa_buf *b, const struct mxa_spf_record *r)
{
	size_t n = 0;

	mxa_buf_adds(b, "v=spf1");
	for (size_t i = 0; i < r->n; i++) {
		const struct mxa_spf_term *t = &r->term[i];

		if (t->qualifier == '\0' && t->kind != MXA_TERM_REDIRECT)
			continue;
		mxa_buf_addc(b, ' ');
		mxa_buf_addstr(b, mxa_spf_term_text(r, t));
		n++;
	}
	return n;
}

static void stop_run(struct run *run, enum end end)
{
	if (run->end == GOING)
		run->end = end;
}

static const struct mxa_dns_answer *ask_question(
    struct run *run, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(run->env->budget, run->share, name, type);
}

static const struct mxa_dns_answer *evaluator_ask(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	return ask_question(ctx, name, type);
}

/* %{p} asks on its own, with names of the client's choice: it gets ours. */
static void set_client_name(
    struct run *run, SPF_request_t *request, struct mxa_str domain)
{
	struct mxa_spf_source source = { evaluator_ask, NULL, run };
	struct mxa_spf_eval e = { .arena = run->env->arena,
		.source = &source,
		.values = *run->values };
	struct mxa_str name = mxa_spf_validated_name(&e, domain);

	if (!is_plain_text(name, MXA_MAX_DOMAIN))
		name = MXA_STR("unknown");
	free(request->client_dom);
	request->client_dom = mxa_xstrndup(name.p, name.len);
}

static bool uses_client_name(const struct mxa_spf_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->term[i].uses & MXA_SPF_USES_PTR)
			return true;
	return false;
}

static void free_response(SPF_response_t **response)
{
	if (*response != NULL)
		SPF_response_free(*response);
}

/* Compile 'text', which has so many terms; NULL: 'run' has an end. */
static SPF_record_t *compile(struct run *run, SPF_server_t *server,
    SPF_request_t *request, const char *text, size_t terms)
{
	MXA_CLEANUP(free_response)
	SPF_response_t *response = SPF_response_new(request);
	SPF_record_t *record = NULL;

	if (response == NULL)
		stop_run(run, END_NATIVE);
	else if (SPF_record_compile(server, response, &record, text) !=
	    SPF_E_SUCCESS)
		stop_run(run, END_PERMERROR);
	else if (record == NULL || record->num_mech != terms)
		stop_run(run, END_NATIVE);
	if (run->end == GOING)
		return record;
	if (record != NULL)
		SPF_record_free(record);
	return NULL;
}

/* The library's form of the record of 'domain'; NULL: 'run' has an end. */
static SPF_record_t *hand_over(struct run *run, SPF_server_t *server,
    SPF_request_t *request, struct mxa_str domain, struct mxa_str text)
{
	struct mxa_spf_record r;
	struct mxa_buf b;
	size_t terms;

	mxa_spf_parse(&r, text, true);
	mxa_buf_init(&b, run->env->arena, LONGEST_RECORD);
	terms = deciding_terms(&b, &r);
	if (uses_client_name(&r))
		set_client_name(run, request, domain);
	mxa_spf_record_done(&r);
	if (b.full)
		stop_run(run, END_NATIVE);
	return b.full ? NULL
		      : compile(run, server, request, mxa_buf_cstr(&b), terms);
}

/* --- its questions --- */

static void count_term(struct run *run)
{
	run->n_hosts = 0;
	if (++run->lookups > MXA_SPF_MAX_TERMS)
		stop_run(run, END_PERMERROR);
}

static void count_void(struct run *run, const struct mxa_dns_answer *answer)
{
	if (answer->status != MXA_DNS_NODATA &&
	    answer->status != MXA_DNS_NXDOMAIN)
		return;
	if (++run->voids > run->env->options->spf_max_voids)
		stop_run(run, END_PERMERROR);
}

/* Whether 'name' is the next host of an mx or ptr term. */
static bool is_next_host(struct run *run, struct mxa_str name)
{
	if (run->next_host < run->n_hosts &&
	    mxa_str_caseeq(run->host[run->next_host], name)) {
		run->next_host++;
		return true;
	}
	return false;
}

static SPF_dns_stat_t herrno(const struct mxa_dns_answer *answer)
{
	switch (answer->status) {
	case MXA_DNS_DATA:
		return NETDB_SUCCESS;
	case MXA_DNS_NODATA:
		return NO_DATA;
	case MXA_DNS_NXDOMAIN:
	case MXA_DNS_BADNAME:
		return HOST_NOT_FOUND;
	case MXA_DNS_SERVFAIL:
	case MXA_DNS_REFUSED:
	case MXA_DNS_TIMEOUT:
	case MXA_DNS_MALFORMED:
	case MXA_DNS_SPENT:
		return TRY_AGAIN;
	}
	return TRY_AGAIN;
}

static void add_address(SPF_dns_rr_t *rr, const struct mxa_ip *ip)
{
	int i = rr->num_rr;

	if (SPF_dns_rr_buf_realloc(rr, i, sizeof(*rr->rr[i])) != SPF_E_SUCCESS)
		return;
	if (ip->family == 4)
		memcpy(&rr->rr[i]->a, ip->b, 4);
	else
		memcpy(&rr->rr[i]->aaaa, ip->b, 16);
	rr->num_rr++;
}

static void add_expected_host(SPF_dns_rr_t *rr, struct mxa_str name)
{
	int i = rr->num_rr;
	char *room;

	if (SPF_dns_rr_buf_realloc(rr, i, name.len + 1) != SPF_E_SUCCESS)
		return;
	room = rr->rr_type == ns_t_mx ? rr->rr[i]->mx : rr->rr[i]->ptr;
	memcpy(room, name.p, name.len);
	room[name.len] = '\0';
	rr->num_rr++;
}

/* Hand over the hosts and remember them; names it could stumble over (null MX,
 * odd octets) are left out: no client can be confirmed by them. */
static void add_hosts(struct run *run, SPF_dns_rr_t *rr,
    const struct mxa_dns_answer *answer, size_t most)
{
	run->host = mxa_arena_calloc(run->env->arena, most, sizeof(*run->host));
	run->n_hosts = run->next_host = 0;
	run->hosts_of_ptr = answer->type == MXA_DNS_PTR;
	for (size_t i = 0; i < answer->n && i < most; i++) {
		struct mxa_str name = answer->rr[i].text;

		if (!is_plain_text(name, MXA_MAX_DOMAIN))
			continue;
		run->host[run->n_hosts++] = name;
		add_expected_host(rr, name);
	}
}

/* Addresses, for a term or for one of its hosts. */
static void answer_address(
    struct run *run, SPF_dns_rr_t *rr, struct mxa_str name, bool ip4)
{
	const struct mxa_dns_answer *answer;
	bool host = is_next_host(run, name);

	if (!host)
		count_term(run);
	if (run->end != GOING)
		return;
	answer = ask_question(run, name, ip4 ? MXA_DNS_A : MXA_DNS_AAAA);
	rr->herrno = herrno(answer);
	if (host && run->hosts_of_ptr && rr->herrno == TRY_AGAIN)
		rr->herrno = HOST_NOT_FOUND; /* section 5.5: no match */
	if (rr->herrno == TRY_AGAIN)
		stop_run(run, END_TEMPERROR);
	if (!host)
		count_void(run, answer);
	for (size_t i = 0; i < answer->n; i++)
		add_address(rr, &answer->rr[i].ip);
}

static void answer_mx(struct run *run, SPF_dns_rr_t *rr, struct mxa_str name)
{
	const struct mxa_dns_answer *answer;

	count_term(run);
	if (run->end != GOING)
		return;
	answer = ask_question(run, name, MXA_DNS_MX);
	rr->herrno = herrno(answer);
	if (rr->herrno == TRY_AGAIN)
		stop_run(run, END_TEMPERROR);
	count_void(run, answer);
	if (answer->n > MXA_SPF_MAX_MX)
		stop_run(run, END_PERMERROR);
	else
		add_hosts(run, rr, answer, MXA_SPF_MAX_MX);
}

static void answer_ptr(struct run *run, SPF_dns_rr_t *rr)
{
	const struct mxa_dns_answer *answer;
	char name[MXA_IP_REVERSE];

	count_term(run);
	if (run->end != GOING)
		return;
	mxa_ip_reverse(&run->values->ip, name);
	answer = ask_question(run, mxa_str_from(name), MXA_DNS_PTR);
	rr->herrno = herrno(answer);
	if (rr->herrno == TRY_AGAIN)
		rr->herrno = HOST_NOT_FOUND; /* section 5.5: no match */
	count_void(run, answer);
	add_hosts(run, rr, answer, MXA_SPF_MAX_PTR);
}

static SPF_dns_rr_t *on_lookup(
    SPF_dns_server_t *dns, const char *domain, ns_type type, int cache)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, domain, type, 0, TRY_AGAIN);
	struct mxa_str name = mxa_str_from(domain);
	struct run *run = dns->hook;

	(void)cache;
	if (rr == NULL || run->end != GOING)
		return rr;
	if (type == ns_t_a || type == ns_t_aaaa)
		answer_address(run, rr, name, type == ns_t_a);
	else if (type == ns_t_mx)
		answer_mx(run, rr, name);
	else if (type == ns_t_ptr)
		answer_ptr(run, rr);
	else
		rr->herrno = HOST_NOT_FOUND;
	if (run->end != GOING) {
		rr->herrno = TRY_AGAIN;
		rr->num_rr = 0;
	}
	return rr;
}

/* --- its records --- */

/* The checked text of the record of 'domain'; none: 'run' has an end. */
static struct mxa_str fetch_record(struct run *run, struct mxa_str domain)
{
	const struct mxa_spf_published *p;
	const struct mxa_dns_answer *answer;
	bool first = run->records++ == 0;

	if (!first)
		count_term(run);
	if (run->end != GOING)
		return MXA_STR_NONE;
	answer = ask_question(run, domain, MXA_DNS_TXT);
	p = mxa_spf_published(answer);
	if (!mxa_spf_usable(domain))
		stop_run(run, END_PERMERROR);
	else if (mxa_dns_failed(answer->status))
		stop_run(run, END_TEMPERROR);
	else if (p->count == 0)
		stop_run(run, first ? END_NONE : END_PERMERROR);
	else if (p->count > 1 || !p->record.ok)
		stop_run(run, END_PERMERROR);
	return run->end == GOING ? p->record.text : MXA_STR_NONE;
}

static SPF_errcode_t on_get_spf(SPF_server_t *server, SPF_request_t *request,
    SPF_response_t *response, SPF_record_t **record)
{
	struct run *run = server->resolver->hook;
	struct mxa_str domain = mxa_str_from(request->cur_dom), text;

	(void)response;
	if (mxa_str_ends(domain, MXA_STR(".")))
		domain.len--;
	text = fetch_record(run, domain);
	*record = NULL;
	if (run->end == GOING)
		*record = hand_over(run, server, request, domain, text);
	return *record == NULL ? SPF_E_DNS_ERROR : SPF_E_SUCCESS;
}

/* --- running it --- */

static void free_server(SPF_server_t **server)
{
	if (*server != NULL)
		SPF_server_free(*server);
}

static void free_request(SPF_request_t **request)
{
	if (*request != NULL)
		SPF_request_free(*request);
}

static void set_client(SPF_request_t *request, const struct mxa_ip *ip)
{
	struct in6_addr addr6;
	struct in_addr addr;

	if (ip->family == 4) {
		memcpy(&addr, ip->b, 4);
		SPF_request_set_ipv4(request, addr);
	} else {
		memcpy(&addr6, ip->b, 16);
		SPF_request_set_ipv6(request, addr6);
	}
}

/* A fixed text instead of its own, which expands macros. */
static bool set_explanation(SPF_server_t *server)
{
	MXA_CLEANUP(free_response) SPF_response_t *response = NULL;

	return SPF_server_set_explanation(server, "-", &response) ==
	    SPF_E_SUCCESS;
}

static void ask_library(struct run *run)
{
	SPF_dns_server_t dns = { .name = "mxauth",
		.lookup = on_lookup,
		.get_spf = on_get_spf,
		.hook = run };
	MXA_CLEANUP(free_server)
	SPF_server_t *server = SPF_server_new_dns(&dns, 0);
	MXA_CLEANUP(free_request)
	SPF_request_t *request =
	    server == NULL ? NULL : SPF_request_new(server);
	MXA_CLEANUP(free_response) SPF_response_t *response = NULL;
	struct mxa_arena *a = run->env->arena;

	if (request == NULL || !set_explanation(server)) {
		stop_run(run, END_NATIVE);
		return;
	}
	set_client(request, &run->values->ip);
	SPF_request_set_helo_dom(request, mxa_str_cstr(a, run->values->helo));
	SPF_request_set_env_from(request, mxa_str_cstr(a, run->values->sender));
	SPF_request_query_mailfrom(request, &response);
	if (response == NULL)
		stop_run(run, END_NATIVE);
	else
		run->result = SPF_response_result(response);
	if (response != NULL)
		run->error = SPF_response_errcode(response);
}

/* An assertion that fails after all costs this request's memory, not the
 * process. */
static void ask_library_guarded(struct run *run)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	jmp_buf here;

	pthread_once(&once, set_handlers);
	escape = &here;
	if (setjmp(here) == 0)
		ask_library(run);
	else
		run->end = END_NATIVE;
	escape = NULL;
}

/* --- its result --- */

/* Its words for the results of RFC 7208 section 2.6. */
static enum mxa_spf_result library_result(const struct run *run)
{
	switch (run->result) {
	case SPF_RESULT_NEUTRAL:
		return MXA_SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return MXA_SPF_PASS;
	case SPF_RESULT_FAIL:
		return MXA_SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return MXA_SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return MXA_SPF_NONE;
	case SPF_RESULT_TEMPERROR:
		return MXA_SPF_TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return MXA_SPF_PERMERROR;
	case SPF_RESULT_INVALID:
		break;
	}
	return run->error == SPF_E_DNS_ERROR ? MXA_SPF_TEMPERROR
					     : MXA_SPF_PERMERROR;
}

/* False: the native engine decides. */
static bool run_result(const struct run *run, enum mxa_spf_result *result)
{
	switch (run->end) {
	case GOING:
		*result = library_result(run);
		return true;
	case END_NONE:
		*result = MXA_SPF_NONE;
		return true;
	case END_TEMPERROR:
		*result = MXA_SPF_TEMPERROR;
		return true;
	case END_PERMERROR:
		*result = MXA_SPF_PERMERROR;
		return true;
	case END_NATIVE:
		return false;
	}
	return false;
}

static enum mxa_spf_cause cause_of(enum mxa_spf_result result)
{
	switch (result) {
	case MXA_SPF_NONE:
		return MXA_SPF_CAUSE_NO_RECORD;
	case MXA_SPF_TEMPERROR:
		return MXA_SPF_CAUSE_DNS;
	case MXA_SPF_PERMERROR:
		return MXA_SPF_CAUSE_SYNTAX;
	case MXA_SPF_NEUTRAL:
	case MXA_SPF_PASS:
	case MXA_SPF_FAIL:
	case MXA_SPF_SOFTFAIL:
		return MXA_SPF_CAUSE_MATCH;
	}
	return MXA_SPF_CAUSE_MATCH;
}

/* The library disagrees with our reading, whose words then do not fit. */
static void overrule_result(struct mxa_arena *a, const struct run *run,
    enum mxa_spf_result result, struct mxa_spf_verdict *out)
{
	out->reason = mxa_phrase(a,
	    N_("libspf2 finds %s for the record of %.*s (native engine: %s)"),
	    mxa_spf_result_name(result), MXA_STR_ARG(run->domain),
	    mxa_spf_result_name(out->result));
	out->result = result;
	out->cause = cause_of(result);
	out->mechanism = MXA_STR("");
	out->record_domain = run->domain;
	out->explanation = MXA_STR("");
	out->lookups = run->lookups;
	out->voids = run->voids;
}

/* 'out' is the native engine's. */
static void ask_second_engine(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	struct mxa_spf_values values;
	struct run run = { .env = env, .share = q->share, .values = &values };
	enum mxa_spf_result result;

	if (!mxa_spf_prepare(env->arena, q, &values, &run.domain) ||
	    !values_acceptable(&values))
		return;
	ask_library_guarded(&run);
	if (run_result(&run, &result) && result != out->result)
		overrule_result(env->arena, &run, result, out);
}

static void check_libspf2(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	mxa_spf_native.check(env, q, out);
	ask_second_engine(env, q, out);
}

static bool check_libspf2_now(const struct mxa_engine_env *env,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	if (!mxa_spf_native.check_now(env, q, out))
		return false;
	ask_second_engine(env, q, out);
	return true;
}

const struct mxa_spf_engine mxa_spf_libspf2 = { "libspf2", check_libspf2,
	check_libspf2_now };
