/* examine_spf.c - the tree of a domain's SPF records.
 *
 * Not an evaluation: that ends at the first match or the first mistake, and
 * the owner wants to hear of all of them.  The tree is walked as check_host()
 * would for a client that nothing matches (RFC 7208 section 4.6.4 counts the
 * terms that come to be evaluated, over all records). */
#include "auth/engine.h"
#include "auth/spf/eval.h"
#include "auth/spf/published.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sysclock.h"
#include "lint/spf_walk.h"
#include "record/slips.h"

/* Counting is given up here: nobody needs to know how far beyond ten. */
#define MAX_LOOKUPS 40

/* Two from each of so many terms, three with their hosts. */
#define NEAR_LIMIT 8

/* RFC 7208 section 3.4: an answer over UDP without EDNS. */
#define MAX_UDP_ANSWER 512

static const struct mxa_dns_answer *ask_spf(
    struct spf_walk *w, struct mxa_str name, enum mxa_dns_type type)
{
	const struct mxa_dns_answer *answer =
	    mxa_dns_lookup(w->l->spf, MXA_SHARE_SPF, name, type);

	if (answer->status == MXA_DNS_SPENT)
		w->out->lookups_cut = true;
	else if (mxa_dns_failed(answer->status))
		lint_dns_error(w->l, answer);
	return answer;
}

/* --- names --- */

/* Whether all macros of a term are known without a message: %{d}, %{o}. */
static bool can_expand(
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	struct mxa_str arg = mxa_spf_term_arg(r, t);
	struct mxa_spf_mistake bad;
	struct mxa_spf_macro m;

	for (size_t i = mxa_str_chr(arg, '%', 0); i < arg.len;
	     i = mxa_str_chr(arg, '%', i)) {
		if (!mxa_spf_macro_parse(arg, i, false, &m, &bad))
			return false;
		if (mxa_is_alpha(m.letter) && m.letter != 'd' &&
		    m.letter != 'o')
			return false;
		i += m.len;
	}
	return true;
}

bool spf_target(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_str *name)
{
	struct mxa_spf_values values = { .domain = v->domain,
		.origin = w->l->domain };

	*name = v->domain;
	if (t->arg_len == 0)
		return true;
	if (t->uses & MXA_SPF_USES_MACRO && !can_expand(v->r, t))
		return false;
	*name =
	    mxa_spf_expand_domain(w->l->a, mxa_spf_term_arg(v->r, t), &values);
	*name = mxa_str_lower(w->l->a, *name);
	return name->len > 0;
}

/* Whether the owner of the domain is likely to own that record, too. */
bool spf_own(const struct spf_walk *w, struct mxa_str record)
{
	struct mxa_str parent = mxa_domain_parent(record);

	if (mxa_domain_related(record, w->l->domain))
		return true;
	/* _spf.example.com of news.example.com */
	return record.len > 0 && record.p[0] == '_' &&
	    mxa_domain_labels(parent) > 1 &&
	    mxa_domain_within(w->l->domain, parent);
}

void spf_fix(
    struct spf_walk *w, const struct spf_visit *v, struct mxa_finding *f)
{
	struct spf_pending *p;

	if (f == NULL)
		return;
	if (!spf_own(w, v->domain)) {
		lint_fix(w->l, f,
		    _("Tell the owner of %s, or remove the term that leads "
		      "there."),
		    lint_show(w->l, v->domain));
		return;
	}
	p = mxa_arena_calloc(w->l->a, 1, sizeof(*p));
	*p = (struct spf_pending){ .next = w->pending,
		.finding = f,
		.domain = v->domain,
		.included = !v->decides };
	w->pending = p;
}

static const char *term_text(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	return lint_show(w->l, mxa_spf_term_text(v->r, t));
}

/* --- terms that ask --- */

void spf_show_found(
    struct spf_walk *w, struct mxa_lint_term *node, struct mxa_str text)
{
	if (node->found == NULL)
		node->found = mxa_arena_calloc(
		    w->l->a, MXA_LINT_MAX_FOUND, sizeof(*node->found));
	if (node->n == MXA_LINT_MAX_FOUND)
		node->more++;
	else
		node->found[node->n++] = mxa_str_dup(w->l->a, text);
}

static void show_addresses(struct spf_walk *w, struct mxa_lint_term *node,
    const struct mxa_dns_answer *answer)
{
	char text[MXA_IP_TEXT];

	for (size_t i = 0; i < answer->n; i++)
		spf_show_found(w, node,
		    mxa_str_from(mxa_ip_format(&answer->rr[i].ip, text)));
}

/* A term whose own question has no answer; false: it has one, or nobody knows.
 */
static void no_address(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_str name, const char *what)
{
	struct mxa_finding *f;

	w->voids++;
	f = lint_add(w->l, MXA_LINT_SPF_A_NONE, v->domain,
	    _("\"%s\" matches no sender: %s has no %s.  After two such terms "
	      "receivers treat the whole record as an error."),
	    term_text(w, v, t), lint_show(w->l, name), what);
	spf_fix(w, v, f);
}

static void visit_a(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	const struct mxa_dns_answer *a, *aaaa;

	mxa_dns_prefetch(w->l->spf, MXA_SHARE_SPF, node->target, MXA_DNS_AAAA);
	a = ask_spf(w, node->target, MXA_DNS_A);
	aaaa = ask_spf(w, node->target, MXA_DNS_AAAA);
	show_addresses(w, node, a);
	show_addresses(w, node, aaaa);
	spf_check_addresses(w, v, t, a);
	spf_check_addresses(w, v, t, aaaa);
	if (lint_void(a) && lint_void(aaaa))
		no_address(w, v, t, node->target, "A, AAAA");
	else if (lint_void(aaaa))
		w->voids6++;
	else if (lint_void(a))
		w->voids4++;
}

static void visit_mx(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	const struct mxa_dns_answer *mx = ask_spf(w, node->target, MXA_DNS_MX);

	if (lint_void(mx)) {
		no_address(w, v, t, node->target, "MX");
		return;
	}
	if (mx->status == MXA_DNS_DATA)
		spf_mx_hosts(w, v, t, node, mx);
}

static void visit_exists(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	const struct mxa_dns_answer *a = ask_spf(w, node->target, MXA_DNS_A);

	show_addresses(w, node, a);
	if (lint_void(a))
		no_address(w, v, t, node->target, "A");
}

static void visit_ptr(
    struct spf_walk *w, const struct spf_visit *v, const struct mxa_spf_term *t)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_PTR, v->domain,
	    _("\"%s\" is slow and unreliable: RFC 7208 says not to use it, and "
	      "some receivers ignore it."),
	    term_text(w, v, t));

	spf_fix(w, v, f);
}

static bool is_loop(const struct spf_visit *v, struct mxa_str name)
{
	for (; v != NULL; v = v->up)
		if (mxa_str_caseeq(v->domain, name))
			return true;
	return false;
}

/* include or redirect */
static void descend_into(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	struct spf_visit below = { .up = v, .domain = node->target };
	bool include = t->kind == MXA_TERM_INCLUDE;
	struct mxa_finding *f;

	below.decides = v->decides && !include;
	below.passes = v->passes && (!include || t->qualifier == '+');
	below.include = include;
	if (is_loop(v, node->target)) {
		f = lint_add(w->l, MXA_LINT_SPF_LOOP, v->domain,
		    _("\"%s\" leads back to a record that leads here: every "
		      "evaluation ends in an error."),
		    term_text(w, v, t));
		spf_fix(w, v, f);
		return;
	}
	node->record = spf_visit_record(w, &below);
	if (below.published)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_INCLUDE_NONE, v->domain,
	    _("\"%s\": %s publishes no SPF record.  For receivers this is an "
	      "error of your record: no term after it can pass."),
	    term_text(w, v, t), lint_show(w->l, node->target));
	spf_fix(w, v, f);
}

static void ask_for_term(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	if (w->out->lookups == MAX_LOOKUPS) {
		w->out->lookups_cut = true;
		return;
	}
	w->out->lookups++;
	if (t->kind == MXA_TERM_PTR)
		visit_ptr(w, v, t);
	if (!spf_target(w, v, t, &node->target)) {
		node->target = MXA_STR("");
		return;
	}
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_A:
		visit_a(w, v, t, node);
		break;
	case MXA_TERM_MX:
		visit_mx(w, v, t, node);
		break;
	case MXA_TERM_EXISTS:
		visit_exists(w, v, t, node);
		break;
	case MXA_TERM_INCLUDE:
	case MXA_TERM_REDIRECT:
		descend_into(w, v, t, node);
		break;
	case MXA_TERM_PTR:
	case MXA_TERM_ALL:
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
	case MXA_TERM_EXP:
	case MXA_TERM_UNKNOWN:
		break;
	}
}

static void visit_asking(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node)
{
	unsigned before = w->out->lookups;

	ask_for_term(w, v, t, node);
	node->lookups = w->out->lookups - before;
}

/* --- one record --- */

static struct mxa_lint_term *add_node(struct spf_walk *w,
    const struct spf_visit *v, const struct mxa_spf_term *t,
    struct mxa_lint_record *rec)
{
	struct mxa_lint_term *node;

	/* A record may have thousands of terms; the owner knows them. */
	if (w->terms++ >= MAX_TERMS)
		return NULL;
	node = mxa_arena_calloc(w->l->a, 1, sizeof(*node));
	node->text = mxa_str_dup(w->l->a, mxa_spf_term_text(v->r, t));
	*rec->last = node;
	rec->last = &node->next;
	return node;
}

/* Ask for what the terms of a record will need, all at once. */
static void prefetch_terms(struct spf_walk *w, const struct spf_visit *v)
{
	unsigned left = MAX_LOOKUPS - w->out->lookups;
	struct mxa_str name;

	for (size_t i = 0; i < v->r->n && left > 0; i++) {
		const struct mxa_spf_term *t = &v->r->term[i];
		enum mxa_dns_type type = MXA_DNS_TXT;

		if (t->kind == MXA_TERM_ALL)
			return;
		if (!mxa_spf_kind_asks(t->kind) || t->kind == MXA_TERM_PTR)
			continue;
		left--;
		if (!spf_target(w, v, t, &name))
			continue;
		if (t->kind == MXA_TERM_A || t->kind == MXA_TERM_EXISTS)
			type = MXA_DNS_A;
		else if (t->kind == MXA_TERM_MX)
			type = MXA_DNS_MX;
		mxa_dns_prefetch(w->l->spf, MXA_SHARE_SPF, name, type);
	}
}

static void visit_terms(
    struct spf_walk *w, const struct spf_visit *v, struct mxa_lint_record *rec)
{
	const struct mxa_spf_term *redirect = NULL, *all = NULL;
	struct mxa_lint_term *node, *redirect_node = NULL;

	for (size_t i = 0; i < v->r->n; i++) {
		const struct mxa_spf_term *t = &v->r->term[i];

		node = add_node(w, v, t, rec);
		if (node == NULL)
			node = &w->spare;
		*node = (struct mxa_lint_term){ .text = node->text,
			.target = MXA_STR(""),
			.unreachable = all != NULL && t->qualifier != '\0' };
		if (t->kind == MXA_TERM_REDIRECT) {
			redirect = t;
			redirect_node = node;
			node->unreachable = v->r->all;
		}
		if (t->qualifier == '\0')
			spf_check_modifier(w, v, t);
		if (t->qualifier == '\0' || node->unreachable)
			continue;
		if (t->kind == MXA_TERM_ALL)
			all = t;
		spf_check_twice(w, v, t);
		if (mxa_spf_kind_asks(t->kind))
			visit_asking(w, v, t, node);
		else
			spf_check_network(w, v, t);
	}
	spf_check_all(w, v, all, redirect);
	if (redirect != NULL && !v->r->all)
		visit_asking(w, v, redirect, redirect_node);
}

static void bad_syntax(struct spf_walk *w, const struct spf_visit *v)
{
	const struct mxa_spf_record *r = v->r;
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_SYNTAX, v->domain,
	    _("The SPF record of %s has a syntax error at position %zu, in "
	      "\"%s\": %s.  A record with one mistake anywhere is a permanent "
	      "error for every sender."),
	    lint_show(w->l, v->domain), r->mistake.at + 1,
	    lint_show(w->l, r->bad_term), _(r->mistake.what));

	spf_fix(w, v, f);
}

static void several_records(struct spf_walk *w, struct spf_visit *v, size_t n)
{
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_MULTIPLE, v->domain,
	    _("%s publishes %zu SPF records.  Only one is allowed: with "
	      "more, SPF is a permanent error for every sender."),
	    lint_show(w->l, v->domain), n);

	spf_fix(w, v, f);
}

/* Note what a TXT answer holds; the record's text, or an empty one. */
static struct mxa_str select_record(struct spf_walk *w, struct spf_visit *v,
    const struct mxa_dns_answer *txt, struct mxa_lint_record *rec)
{
	struct mxa_str text = MXA_STR("");
	size_t n = 0;

	v->published = true;
	if (mxa_dns_failed(txt->status)) {
		rec->trouble = N_("the DNS does not answer");
		return MXA_STR("");
	}
	if (txt->status == MXA_DNS_DATA)
		n = mxa_spf_select(txt, &text);
	if (n == 1)
		return text;
	v->published = n > 0;
	rec->trouble = n == 0 ? N_("no SPF record") : N_("several SPF records");
	if (n > 1)
		several_records(w, v, n);
	return MXA_STR("");
}

struct mxa_lint_record *spf_visit_record(
    struct spf_walk *w, struct spf_visit *v)
{
	struct mxa_lint_record *rec =
	    mxa_arena_calloc(w->l->a, 1, sizeof(*rec));
	const struct mxa_dns_answer *txt;
	struct mxa_spf_record r;
	unsigned before = w->out->lookups;

	rec->last = &rec->first;
	rec->domain = v->domain = mxa_str_dup(w->l->a, v->domain);
	rec->text = MXA_STR("");
	if (!mxa_spf_usable(v->domain)) {
		rec->trouble = N_("not a name that can have a record");
		return rec;
	}
	txt = ask_spf(w, v->domain, MXA_DNS_TXT);
	rec->text = mxa_str_dup(w->l->a, select_record(w, v, txt, rec));
	if (rec->text.len == 0)
		return rec;
	mxa_spf_parse(&r, rec->text, true);
	v->r = &r;
	if (!r.ok)
		bad_syntax(w, v);
	prefetch_terms(w, v);
	visit_terms(w, v, rec);
	mxa_spf_record_done(&r);
	v->r = NULL;
	rec->lookups = w->out->lookups - before;
	return rec;
}

/* --- limits --- */

static void too_many_lookups(struct spf_walk *w, const struct spf_visit *root)
{
	struct mxa_lint_spf *out = w->out;
	struct mxa_finding *f = lint_add(w->l, MXA_LINT_SPF_TOO_MANY_LOOKUPS,
	    w->l->domain,
	    out->lookups_cut
		? _("The SPF record of %s needs more than %u DNS lookups.  "
		    "After %u receivers stop with a permanent error, and no "
		    "later term can pass.")
		: _("The SPF record of %s needs %u DNS lookups.  After %u "
		    "receivers stop with a permanent error, and no later term "
		    "can pass."),
	    lint_show(w->l, w->l->domain), out->lookups, MXA_SPF_MAX_TERMS);

	spf_fix(w, root, f);
}

/* Octets of the answer to the TXT question: header, question, records with a
 * compressed name, strings of 255 (RFC 1035 sections 3.3.14 and 4.1). */
static size_t answer_size(const struct mxa_dns_answer *txt)
{
	size_t size = 12 + txt->name.len + 2 + 4;

	for (size_t i = 0; i < txt->n; i++)
		size +=
		    12 + txt->rr[i].text.len + txt->rr[i].text.len / 255 + 1;
	return size;
}

static void check_size(struct spf_walk *w, const struct mxa_dns_answer *txt)
{
	size_t size = answer_size(txt);
	struct mxa_finding *f;

	if (size <= MAX_UDP_ANSWER)
		return;
	f = lint_add(w->l, MXA_LINT_SPF_ANSWER_SIZE, w->l->domain,
	    _("The TXT records of %s make an answer of %zu bytes.  Beyond %d "
	      "bytes some receivers must ask again over TCP, which some "
	      "firewalls block (RFC 7208 section 3.4)."),
	    lint_show(w->l, w->l->domain), size, MAX_UDP_ANSWER);
	lint_fix(w->l, f,
	    _("Remove TXT records that are no longer needed, or move part of "
	      "the SPF record into a record of its own that it includes."));
}

static void check_limits(struct spf_walk *w, const struct spf_visit *root)
{
	struct mxa_lint_spf *out = w->out;
	struct mxa_finding *f;

	out->voids = w->voids;
	check_size(w, ask_spf(w, w->l->domain, MXA_DNS_TXT));
	if (out->lookups > MXA_SPF_MAX_TERMS || out->lookups_cut) {
		too_many_lookups(w, root);
	} else if (out->lookups >= NEAR_LIMIT) {
		f = lint_add(w->l, MXA_LINT_SPF_NEAR_LIMIT, w->l->domain,
		    _("The record needs %u of the %u DNS lookups that SPF "
		      "allows.  When a provider adds one, SPF can end in an "
		      "error."),
		    out->lookups, MXA_SPF_MAX_TERMS);
		lint_fix(w->l, f,
		    _("Remove what is no longer used before adding more."));
	}
	if (w->voids + w->voids4 > MXA_SPF_MAX_VOID) {
		f = lint_add(w->l, MXA_LINT_SPF_VOID_LOOKUPS, w->l->domain,
		    _("%u terms of the SPF record of %s lead to names without "
		      "records.  At the third, receivers stop with a permanent "
		      "error."),
		    w->voids + w->voids4, lint_show(w->l, w->l->domain));
		spf_fix(w, root, f);
	} else if (w->voids + w->voids6 > MXA_SPF_MAX_VOID) {
		f = lint_add(w->l, MXA_LINT_SPF_VOID_IPV6, w->l->domain,
		    _("%u terms of the SPF record of %s lead to names without "
		      "IPv6 addresses.  For a client that connects over IPv6 "
		      "and matches no term before the third of them, strict "
		      "receivers stop with a permanent error."),
		    w->voids + w->voids6, lint_show(w->l, w->l->domain));
		lint_fix(w->l, f,
		    _("If you send mail over IPv6, replace \"a:\" terms by "
		      "ip4:, or put them last."));
	}
}

/* --- senders --- */

static void add_sender(
    struct spf_walk *w, const char *ip, enum mxa_spf_result result)
{
	struct mxa_lint_sender *s = mxa_arena_calloc(w->l->a, 1, sizeof(*s));
	struct mxa_lint_sender **last = &w->out->senders;

	s->ip = mxa_str_from(mxa_arena_printf(w->l->a, "%s", ip));
	s->result = result;
	while (*last != NULL)
		last = &(*last)->next;
	*last = s;
}

/* Other findings tell what is wrong with the record. */
static void not_listed(struct spf_walk *w, const struct spf_visit *root,
    const char *ip, const struct mxa_spf_verdict *v)
{
	const char *result = mxa_spf_result_name(v->result);
	struct mxa_finding *f;

	if (v->cause == MXA_SPF_CAUSE_MATCH)
		f = lint_add(w->l, MXA_LINT_SPF_NOT_LISTED, w->l->domain,
		    _("The SPF record of %s does not list %s (%s by \"%s\")."),
		    lint_show(w->l, w->l->domain), ip, result,
		    lint_show(w->l, v->mechanism));
	else
		f = lint_add(w->l, MXA_LINT_SPF_NOT_LISTED, w->l->domain,
		    _("Mail from %s does not pass SPF: the result is %s."), ip,
		    result);
	spf_fix(w, root, f);
}

static void check_sender(
    struct spf_walk *w, const struct spf_visit *root, const struct mxa_ip *ip)
{
	struct mxa_budget *b = mxa_budget_open(w->l->dns, w->l->o->deadline_ms);
	struct mxa_engine_env env = { .arena = w->l->a,
		.budget = b,
		.clock = mxa_sysclock(),
		.options = w->l->o->auth };
	const struct mxa_lint_mail *mail = w->l->o->mail;
	struct mxa_spf_query q = { .ip = *ip,
		.identity = mail != NULL && mail->helo ? MXA_SPF_HELO
						       : MXA_SPF_MAILFROM,
		.domain = w->l->domain,
		.helo = w->l->domain,
		.receiver = MXA_STR("unknown") };
	struct mxa_spf_verdict verdict;
	char text[MXA_IP_TEXT];

	mxa_ip_format(ip, text);
	mxa_spf_native.check(&env, &q, &verdict);
	add_sender(w, text, verdict.result);
	if (verdict.result != MXA_SPF_PASS)
		not_listed(w, root, text, &verdict);
	w->l->out->questions += mxa_budget_counts(b).questions;
	mxa_budget_close(b);
}

/* --- the records to publish --- */

#define MAX_PROPOSED 8 /* records of the owner, below the domain's own */

struct proposed {
	struct mxa_str domain;
	struct mxa_spf_proposal p;
};

static void propose_record(struct spf_walk *w, const struct spf_pending *x,
    struct mxa_spf_proposal *out)
{
	const struct mxa_lint_options *o = w->l->o;
	bool own = mxa_str_eq(x->domain, w->l->domain);
	struct mxa_spf_wish wish = { .domain = x->domain,
		.ip = o->ip,
		.n_ips = own ? o->n_ips : 0,
		.relay = MXA_STR(""),
		.no_mail = o->mail == NULL && w->l->out->mx.n == 0,
		.included = x->included };

	if (own && o->mail != NULL) {
		wish.relay = o->mail->relay;
		wish.include = o->mail->include;
		wish.guessed = o->mail->guessed;
		wish.helo = o->mail->helo;
	}

	mxa_spf_propose(&w->l->env, &wish, out);
}

/* The proposal for a record, made once; NULL: there are too many. */
static const struct mxa_spf_proposal *proposal_for(struct spf_walk *w,
    const struct spf_pending *x, struct proposed list[MAX_PROPOSED], size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (mxa_str_eq(list[i].domain, x->domain))
			return &list[i].p;
	if (*n == MAX_PROPOSED)
		return NULL;
	list[*n].domain = x->domain;
	propose_record(w, x, &list[*n].p);
	return &list[(*n)++].p;
}

static void fill_fix(struct spf_walk *w, const struct spf_pending *x,
    const struct mxa_spf_proposal *p)
{
	if (p != NULL && p->record.len > 0)
		lint_fix_record(x->finding, x->domain, p->old, p->record);
	else if (p != NULL && p->failed.len > 0)
		x->finding->fix.advice = p->failed;
	else
		lint_fix(w->l, x->finding,
		    _("Correct the record, and check it again."));
}

static void propose_records(struct spf_walk *w)
{
	struct proposed *list =
	    mxa_arena_calloc(w->l->a, MAX_PROPOSED, sizeof(*list));
	const struct spf_pending own = { .domain = w->l->domain };
	const struct mxa_spf_proposal *p;
	size_t n = 0;

	if (w->l->o->mail != NULL)
		w->out->proposal = *proposal_for(w, &own, list, &n);
	for (const struct spf_pending *x = w->pending; x; x = x->next) {
		p = proposal_for(w, x, list, &n);
		fill_fix(w, x, p);
		if (p != NULL && mxa_str_eq(x->domain, w->l->domain))
			w->out->proposal = *p;
	}
}

/* --- no record at all --- */

static void no_record(struct spf_walk *w, const struct spf_visit *root)
{
	const struct mxa_dns_answer *txt =
	    ask_spf(w, w->l->domain, MXA_DNS_TXT);
	struct mxa_finding *f;

	for (size_t i = 0; i < txt->n; i++) {
		struct mxa_str text = txt->rr[i].text;

		if (mxa_slips_spf_record(w->l->a, text).len == 0)
			continue;
		f = lint_add(w->l, MXA_LINT_SPF_SYNTAX, w->l->domain,
		    _("The TXT record \"%s\" is not an SPF record, which "
		      "begins with exactly \"v=spf1\" and a space."),
		    lint_show(w->l, text));
		spf_fix(w, root, f);
	}
	f = lint_add(w->l, MXA_LINT_SPF_MISSING, w->l->domain,
	    _("%s publishes no SPF record: receivers cannot tell which servers "
	      "may send its mail."),
	    lint_show(w->l, w->l->domain));
	spf_fix(w, root, f);
}

void lint_spf(struct lint *l)
{
	struct spf_walk w = { .l = l, .out = &l->out->spf };
	struct spf_visit root = {
		.domain = l->domain, .decides = true, .passes = true
	};

	if (l->out->unchecked)
		return;
	w.out->tree = spf_visit_record(&w, &root);
	if (!root.published)
		no_record(&w, &root);
	else
		check_limits(&w, &root);
	l->silent = l->o->mail == NULL &&
	    mxa_str_caseis(w.out->tree->text, "v=spf1 -all");
	for (size_t i = 0; i < l->o->n_ips; i++)
		check_sender(&w, &root, &l->o->ip[i]);
	propose_records(&w);
}
