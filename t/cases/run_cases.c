/* run_cases.c - every t/cases/NAME.case through evaluate() and decide().
 *
 * [expect] lines; each must hold:
 *	action, code (550 5.7.26), spf, dkim (all, topmost first), arc, dmarc,
 *	policy, override, rule, disposition, questions-at-most
 *	would, cause, turned (a ground or none), merge, exempt, ip, org, comment
 *	ground: that is among the grounds; no-ground: that is not
 *	quarantine: text that must be in the reason
 *	header, reply, note: text that must be in it (white space folded)
 *	no-header, no-reply: text that must not
 *
 *
 * usage: run_cases [-v] FILE... */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/load.h"
#include "base/limits.h"
#include "mxauth.h"
#include "policy/exempt.h"
#include "policy/relays.h"
#include "t/cases/case.h"
#include "t/support/signer.h"
#include "t/support/testing.h"

/* 21 November 2026, 12:00 UTC: the time at which all cases play. */
#define NOW 1795262400

struct run {
	struct mxa_arena *a;
	struct case_file file;
	struct mxa_conf *conf;
	struct mxa_dns *dns;
	struct mxa_txn txn;
	struct mxa_str header;
	unsigned questions;
	const char *error; /* first thing that is not as it should be */
};

static bool write_text(const char *path, struct mxa_str text)
{
	FILE *f = fopen(path, "wb");
	bool ok;

	if (f == NULL)
		return false;
	ok = fwrite(text.p, 1, text.len, f) == text.len;
	return fclose(f) == 0 && ok;
}

/* The case's configuration through the real loader. */
static void load_conf(struct run *r)
{
	char dir[] = "/tmp/mxauth-case.XXXXXX";
	char *errors = NULL, *warnings = NULL, *conf, *policy;
	struct mxa_buf b;

	if (r->file.config.len + r->file.policy.len == 0) {
		r->conf = mxa_policy_load(NULL, &errors, &warnings);
		return;
	}
	if (mkdtemp(dir) == NULL) {
		r->error = "cannot make a folder";
		return;
	}
	conf = mxa_arena_printf(r->a, "%s/mxauth.conf", dir);
	policy = mxa_arena_printf(r->a, "%s/policy.conf", dir);
	mxa_buf_init(&b, r->a, 1 << 20);
	mxa_buf_addstr(&b, case_config(r->a, &r->file));
	if (r->file.policy.len > 0)
		mxa_buf_printf(&b, "\npolicy-file = \"%s\"\n", policy);
	if (write_text(conf, mxa_buf_str(&b)) &&
	    (r->file.policy.len == 0 || write_text(policy, r->file.policy)))
		r->conf = mxa_policy_load(conf, &errors, &warnings);
	if (r->conf == NULL)
		r->error = mxa_arena_printf(r->a, "configuration: %s",
		    errors ? errors : "cannot be written");
	free(errors);
	free(warnings);
	unlink(conf);
	unlink(policy);
	rmdir(dir);
}

static void fill_envelope(struct run *r)
{
	struct mxa_msg *m = &r->txn.msg;

	for (size_t i = 0; i < r->file.n_envelope; i++) {
		const struct case_line *l = &r->file.envelope[i];

		if (mxa_str_is(l->key, "ip")) {
			if (!mxa_ip_parse(l->value, &m->ip))
				r->error = "bad ip in [envelope]";
			m->peer = m->ip;
		} else if (mxa_str_is(l->key, "helo")) {
			m->helo = l->value;
		} else if (mxa_str_is(l->key, "mail-from")) {
			mxa_msg_set_mail_from(m, r->a, l->value);
		} else if (mxa_str_is(l->key, "rcpt")) {
			mxa_msg_add_rcpt(m, r->a, l->value);
		} else if (mxa_str_is(l->key, "smtputf8")) {
			m->smtputf8 = true;
		} else if (mxa_str_is(l->key, "no-quarantine")) {
			m->no_quarantine = true;
		} else {
			r->error = "unknown line in [envelope]";
		}
	}
	m->queue_id = MXA_STR("4XyZabc");
	m->receiver = MXA_STR("mx.example.org");
	m->received = NOW;
}

static void evaluate(struct run *r, struct mxa_str text)
{
	struct test_clock clock;
	struct mxa_budget *budget;
	struct mxa_engine_env env;
	struct mxa_relays_end end = { 0, NULL };
	struct mxa_buf b;
	size_t body;

	test_clock_init(&clock, NOW);
	budget = mxa_budget_open(r->dns, 20000);
	env = (struct mxa_engine_env){ .arena = r->a,
		.budget = budget,
		.clock = &clock.clock,
		.options = &r->conf->auth };
	mxa_headers_init(&r->txn.msg.headers, r->a);
	mxa_headers_split(&r->txn.msg.headers, text, &body);
	text = mxa_str_sub(text, body, text.len);
	r->txn.msg.body_bytes = text.len;
	if (mxa_relays_trusts(r->conf, &r->txn.msg.peer))
		end = mxa_relays_walk(r->conf, r->a, &r->txn.msg);
	r->txn.msg.exempt = mxa_exempt_check(r->conf, &r->txn.msg);
	if (r->txn.msg.exempt == MXA_EXEMPT_NO)
		mxa_evaluate(&env, &r->txn.msg, text, &r->txn.verdict);
	if (end.note != NULL && r->txn.verdict.notes.arena != NULL)
		mxa_note(&r->txn.verdict.notes, "%s", end.note);
	mxa_decide(r->conf, &r->txn.msg, &r->txn.verdict, r->a, &r->txn.action);
	mxa_buf_init(&b, r->a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, r->conf, &r->txn);
	r->header = mxa_buf_str(&b);
	r->questions = mxa_budget_counts(budget).questions;
	mxa_budget_close(budget);
}

/* --- expectations --- */

/* White space runs as one space, so that folding does not matter. */
static struct mxa_str flat(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		bool space = mxa_is_space(s.p[i]);

		if (!space)
			mxa_buf_addc(&b, s.p[i]);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			mxa_buf_addc(&b, ' ');
	}
	return mxa_buf_str(&b);
}

static struct mxa_str reply_text(struct run *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, 8192);
	for (size_t i = 0; i < r->txn.action.reply.n; i++) {
		mxa_buf_addstr(&b, r->txn.action.reply.line[i]);
		mxa_buf_addc(&b, ' ');
	}
	return flat(r->a, mxa_buf_str(&b));
}

static struct mxa_str notes_text(struct run *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, 64 * 1024);
	for (struct mxa_note *n = r->txn.verdict.notes.first; n; n = n->next) {
		mxa_buf_addstr(&b, n->text);
		mxa_buf_addc(&b, '\n');
	}
	return mxa_buf_str(&b);
}

static struct mxa_str dkim_words(struct run *r)
{
	const struct mxa_dkim_verdict *v = &r->txn.verdict.dkim;
	struct mxa_buf b;

	if (v->n == 0)
		return MXA_STR("none");
	mxa_buf_init(&b, r->a, 8192);
	for (size_t i = 0; i < v->n; i++)
		mxa_buf_printf(&b, "%s%s", i ? " " : "",
		    mxa_dkim_result_name(v->sig[i].result));
	return mxa_buf_str(&b);
}

/* The same for what the postmaster decided. */
static struct mxa_str decided(struct run *r, struct mxa_str key)
{
	const struct mxa_action *act = &r->txn.action;
	char ip[MXA_IP_TEXT];

	if (mxa_str_is(key, "would"))
		return mxa_str_from(mxa_action_name(act->would));
	if (mxa_str_is(key, "cause"))
		return mxa_str_from(mxa_cause_name(act->cause));
	if (mxa_str_is(key, "turned"))
		return mxa_str_from(mxa_ground_name(act->turned));
	if (mxa_str_is(key, "merge"))
		return mxa_str_from(mxa_merge_name(act->merge));
	if (mxa_str_is(key, "exempt"))
		return mxa_str_from(mxa_exempt_name(r->txn.msg.exempt));
	if (mxa_str_is(key, "ip"))
		return mxa_str_dup(
		    r->a, mxa_str_from(mxa_ip_format(&r->txn.msg.ip, ip)));
	if (mxa_str_is(key, "org"))
		return r->txn.verdict.dmarc.n == 0
		    ? MXA_STR("none")
		    : r->txn.verdict.dmarc.domain[r->txn.verdict.dmarc.worst]
			  .organizational;
	if (mxa_str_is(key, "comment"))
		return act->override_comment.p ? act->override_comment
					       : MXA_STR("");
	return MXA_STR_NONE;
}

/* The value that a key compares with; MXA_STR_NONE: not such a key. */
static struct mxa_str value_of(struct run *r, struct mxa_str key)
{
	const struct mxa_verdict *v = &r->txn.verdict;
	const struct mxa_action *act = &r->txn.action;

	if (mxa_str_is(key, "action"))
		return mxa_str_from(mxa_action_name(act->kind));
	if (mxa_str_is(key, "code"))
		return mxa_str_from(mxa_arena_printf(
		    r->a, "%s %s", act->reply.code, act->reply.enhanced));
	if (mxa_str_is(key, "spf"))
		return mxa_str_from(mxa_spf_result_name(v->spf.result));
	if (mxa_str_is(key, "dkim"))
		return dkim_words(r);
	if (mxa_str_is(key, "arc"))
		return mxa_str_from(mxa_arc_result_name(v->arc.result));
	if (mxa_str_is(key, "dmarc"))
		return mxa_str_from(mxa_dmarc_result_name(v->dmarc.result));
	if (mxa_str_is(key, "policy"))
		return mxa_str_from(v->dmarc.n == 0
			? "none"
			: mxa_dmarc_policy_name(
			      v->dmarc.domain[v->dmarc.worst].policy));
	if (mxa_str_is(key, "override"))
		return mxa_str_from(mxa_override_name(act->override));
	if (mxa_str_is(key, "disposition"))
		return mxa_str_from(mxa_dmarc_policy_name(act->disposition));
	if (mxa_str_is(key, "rule"))
		return act->rule.p ? act->rule : MXA_STR("");
	return decided(r, key);
}

/* The ground of that name, or nothing: "no-signature" is a part of
 * "no-signature-x". */
static struct mxa_str ground_of(struct run *r, struct mxa_str name)
{
	const struct mxa_action *act = &r->txn.action;

	for (size_t i = 0; i < act->n_grounds; i++)
		if (mxa_str_is(name, mxa_ground_name(act->ground[i])))
			return name;
	return MXA_STR("");
}

static void expect(struct run *r, const struct case_line *l)
{
	struct mxa_str got = value_of(r, l->key), key = l->key;
	bool absent = mxa_str_starts(key, MXA_STR("no-")), holds;

	if (got.p != NULL) {
		holds = mxa_str_eq(got, l->value);
	} else if (mxa_str_is(key, "questions-at-most")) {
		got = mxa_str_from(mxa_arena_printf(r->a, "%u", r->questions));
		holds = r->questions <=
		    (unsigned)atoi(mxa_str_cstr(r->a, l->value));
	} else {
		if (mxa_str_ends(key, MXA_STR("header")))
			got = flat(r->a, r->header);
		else if (mxa_str_ends(key, MXA_STR("reply")))
			got = reply_text(r);
		else if (mxa_str_is(key, "note"))
			got = notes_text(r);
		else if (mxa_str_ends(key, MXA_STR("ground")))
			got = ground_of(r, l->value);
		else if (mxa_str_is(key, "quarantine"))
			got = r->txn.action.quarantine_reason;
		else
			r->error = "unknown line in [expect]";
		holds = (mxa_str_casefind(got, l->value) < got.len) != absent;
	}
	if (!holds && r->error == NULL)
		r->error = mxa_arena_printf(r->a,
		    "%.*s: want \"%.*s\", got \"%.*s\"", MXA_STR_ARG(key),
		    MXA_STR_ARG(l->value), MXA_STR_ARG(got));
}

static void play(struct run *r, struct mxa_str text)
{
	char *zone_error = NULL;
	struct mxa_str message;

	r->error = case_parse(r->a, text, &r->file);
	if (r->error == NULL)
		load_conf(r);
	if (r->error == NULL)
		fill_envelope(r);
	if (r->error != NULL)
		return;
	message = case_message(r->a, &r->file, &r->error);
	if (r->error != NULL)
		return;
	r->dns = mxa_dns_zone_text(
	    "zone", case_zone(r->a, &r->file), NULL, &zone_error);
	if (r->dns == NULL) {
		r->error = mxa_arena_printf(r->a, "%s", zone_error);
		free(zone_error);
		return;
	}
	evaluate(r, message);
	for (size_t i = 0; i < r->file.n_expect && r->error == NULL; i++)
		expect(r, &r->file.expect[i]);
}

static void show(struct run *r, const char *path)
{
	printf("%s\n%.*s\nreply: %.*s\nrule: %.*s\ngrounds:", path,
	    MXA_STR_ARG(r->header), MXA_STR_ARG(reply_text(r)),
	    MXA_STR_ARG(r->txn.action.rule));
	for (size_t i = 0; i < r->txn.action.n_grounds; i++)
		printf(" %s", mxa_ground_name(r->txn.action.ground[i]));
	printf("\nnotes:\n%.*s\n", MXA_STR_ARG(notes_text(r)));
}

static bool run_file(const char *path, bool verbose)
{
	struct run r = { .a = mxa_arena_new() };
	struct mxa_str text;
	bool ok;

	if (test_load(r.a, path, &text))
		play(&r, text);
	else
		r.error = "cannot be read";
	ok = r.error == NULL;
	if (!ok)
		printf("FAIL: %s: %.*s\n  %s\n", path,
		    MXA_STR_ARG(r.file.title), r.error);
	if (verbose)
		show(&r, path);
	mxa_dns_free(r.dns);
	mxa_conf_free(r.conf);
	mxa_arena_free(r.a);
	return ok;
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	int passed = 0, failed = 0;

	for (int i = 1 + verbose; i < argc; i++) {
		if (run_file(argv[i], verbose))
			passed++;
		else
			failed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
