/* spf_propose.c - the SPF record that a domain should publish. */
#include "record/spf_propose.h"

#include <string.h>

#include "auth/spf/grammar.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "record/slips.h"
#include "record/spf_edit.h"
#include "record/spf_provider.h"
#include "record/spf_shorten.h"
#include "record/spf_useless.h"

#define MAX_PUBLISHED 16 /* records read at one name */
#define MAX_SHORTENED 40 /* terms replaced by addresses */

struct proposal {
	const struct mxa_engine_env *env;
	const struct mxa_spf_wish *wish;
	struct mxa_spf_proposal *out;
	struct mxa_arena *a;
	struct mxa_spf_words words;
	bool changed; /* 'words' says other than what is published */
};

/* --- notes --- */

static void note_text(struct proposal *p, const char *text)
{
	struct mxa_spf_proposal *out = p->out;

	if (out->n_notes < MXA_MAX_SPF_NOTES)
		out->note[out->n_notes++] = mxa_str_from(text);
}

#define NOTE(p, ...) note_text(p, mxa_arena_printf((p)->a, __VA_ARGS__))

static void note_slip(struct proposal *p, const struct mxa_slip *s)
{
	if (s->right.len > 0)
		NOTE(p, _("\"%.*s\" is not SPF: it is now \"%.*s\"."),
		    MXA_STR_ARG(s->wrong), MXA_STR_ARG(s->right));
	else
		NOTE(p,
		    _("\"%.*s\" is not SPF and is taken out: if it was meant "
		      "to name a server, add that server's address."),
		    MXA_STR_ARG(s->wrong));
}

static const char *useless_reason(enum mxa_spf_useless why)
{
	switch (why) {
	case MXA_SPF_USEFUL:
		break;
	case MXA_SPF_UNKNOWN_MODIFIER:
		return _("\"%.*s\" is taken out: it has no effect.");
	case MXA_SPF_REPEATED:
		return _("\"%.*s\" is taken out once: it is in the record "
			 "twice.");
	case MXA_SPF_REDIRECT_IGNORED:
		return _("\"%.*s\" is taken out: receivers ignore it, because "
			 "the record has \"all\".");
	case MXA_SPF_PTR:
		return _("\"%.*s\" is taken out: RFC 7208 says not to use it, "
			 "and some receivers ignore it.");
	case MXA_SPF_PRIVATE:
		return _("\"%.*s\" is taken out: no host on the Internet has "
			 "such an address.");
	case MXA_SPF_NO_ADDRESS:
		return _(
		    "\"%.*s\" is taken out: the name has no address, so it "
		    "matches no sender.");
	case MXA_SPF_NO_TARGET:
		return _("\"%.*s\" is taken out: there is no SPF record at "
			 "that name, and this makes the whole record fail.");
	case MXA_SPF_LOOP:
		return _("\"%.*s\" is taken out: it leads back to this "
			 "record, and this makes the whole record fail.");
	}
	return NULL;
}

static void note_useless(
    struct proposal *p, enum mxa_spf_useless why, struct mxa_str word)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	NOTE(p, useless_reason(why), MXA_STR_ARG(word));
#pragma GCC diagnostic pop
}

static void note_ending(struct proposal *p, enum mxa_spf_ending ending)
{
	switch (ending) {
	case MXA_SPF_END_KEPT:
	case MXA_SPF_END_REDIRECT:
		break;
	case MXA_SPF_END_MOVED:
		NOTE(p,
		    _("\"all\" is now the last term: receivers ignore what "
		      "comes after it."));
		break;
	case MXA_SPF_END_ADDED:
		NOTE(p,
		    _("\"~all\" is the new end: without it the result for "
		      "servers that are not listed is neutral, as if there "
		      "were no record."));
		break;
	case MXA_SPF_END_REPLACED:
		NOTE(p,
		    _("\"~all\" is the new end: \"+all\", \"?all\" and a bare "
		      "\"all\" do not protect against forged mail."));
		break;
	}
}

/* --- today's records --- */

/* The records at the name, else the texts that were meant as one; in '*old'
 * as they are published. */
static size_t read_published(
    struct proposal *p, struct mxa_str text[MAX_PUBLISHED], struct mxa_str *old)
{
	const struct mxa_dns_answer *txt = mxa_dns_lookup(
	    p->env->budget, MXA_SHARE_SPF, p->wish->domain, MXA_DNS_TXT);
	size_t n = 0;

	*old = MXA_STR("");
	for (size_t i = 0; i < txt->n && n < MAX_PUBLISHED; i++)
		if (mxa_spf_is_record(txt->rr[i].text))
			text[n++] = mxa_str_dup(p->a, txt->rr[i].text);
	if (n > 0) {
		*old = text[0];
		return n;
	}
	for (size_t i = 0; i < txt->n && n < MAX_PUBLISHED; i++) {
		text[n] = mxa_slips_spf_record(p->a, txt->rr[i].text);
		if (text[n].len == 0)
			continue;
		if (n++ == 0)
			*old = mxa_str_dup(p->a, txt->rr[i].text);
	}
	return n;
}

static void repair_slips(struct proposal *p)
{
	struct mxa_slip slip[MXA_MAX_SLIPS];
	size_t n = mxa_slips_repair(&p->words, slip);

	for (size_t i = 0; i < n && i < MXA_MAX_SLIPS; i++)
		note_slip(p, &slip[i]);
	p->changed |= n > 0;
}

static void drop_useless(struct proposal *p)
{
	for (size_t i = 0; i < p->words.n;) {
		enum mxa_spf_useless why =
		    mxa_spf_useless_word(p->env, p->wish->domain, &p->words, i);

		if (why == MXA_SPF_USEFUL) {
			i++;
			continue;
		}
		note_useless(p, why, p->words.v[i].text);
		mxa_spf_words_remove(&p->words, i);
		p->changed = true;
	}
}

static void end_record(struct proposal *p)
{
	enum mxa_spf_ending ending;

	if (p->wish->included && !mxa_spf_words_have_all(&p->words))
		return;
	ending = mxa_spf_words_end(&p->words);
	note_ending(p, ending);
	p->changed |=
	    ending != MXA_SPF_END_KEPT && ending != MXA_SPF_END_REDIRECT;
}

static void read_record(
    struct proposal *p, const struct mxa_str *text, size_t n)
{
	mxa_spf_words_merge(&p->words, p->a, text, n);
	if (n > 1) {
		NOTE(p,
		    _("%zu records become one: with more than one, SPF is a "
		      "permanent error for every sender."),
		    n);
		p->changed = true;
	}
	p->changed |= !mxa_spf_is_record(p->out->old);
	repair_slips(p);
	drop_useless(p);
	end_record(p);
}

/* --- senders --- */

static bool ip_passes(
    struct proposal *p, const struct mxa_spf_words *w, const struct mxa_ip *ip)
{
	struct mxa_trial t;

	mxa_spf_try(p->env, p->wish->domain, mxa_spf_words_text(w), ip, &t);
	return t.result == MXA_SPF_PASS;
}

static struct mxa_str sender_term(
    struct proposal *p, const struct mxa_ip *ip, bool by_include)
{
	const struct mxa_spf_wish *wish = p->wish;
	struct mxa_str provider = MXA_STR("");
	char text[MXA_IP_TEXT];

	if (by_include && !wish->guessed)
		provider =
		    mxa_spf_provider(p->env, wish->domain, ip, wish->relay);
	if (provider.len > 0) {
		p->out->provider = provider;
		return mxa_str_from(mxa_arena_printf(
		    p->a, "include:%.*s", MXA_STR_ARG(provider)));
	}
	return mxa_str_from(mxa_arena_printf(
	    p->a, "ip%u:%s", ip->family, mxa_ip_format(ip, text)));
}

/* Terms for the senders that do not pass.  A term that comes after one which
 * says no goes first. */
static void add_senders(
    struct proposal *p, struct mxa_spf_words *w, bool by_include)
{
	for (size_t i = 0; i < p->wish->n_ips; i++) {
		const struct mxa_ip *ip = &p->wish->ip[i];
		struct mxa_str term;

		if (ip_passes(p, w, ip))
			continue;
		p->changed = true;
		term = sender_term(p, ip, by_include);
		if (mxa_spf_words_find(w, term, 0) < w->n)
			continue;
		mxa_spf_words_add(w, term);
		if (ip_passes(p, w, ip))
			continue;
		mxa_spf_words_remove(w, mxa_spf_words_find(w, term, 0));
		mxa_spf_words_insert(w, 0, term);
		if (!ip_passes(p, w, ip)) {
			/* something else is wrong: keep the usual order */
			mxa_spf_words_remove(w, 0);
			mxa_spf_words_add(w, term);
		}
	}
}

/* The include of a provider whose address is not known. */
static void add_include(struct proposal *p)
{
	struct mxa_str include = p->wish->include;
	struct mxa_str term;

	if (include.len == 0)
		return;
	term = mxa_str_from(
	    mxa_arena_printf(p->a, "include:%.*s", MXA_STR_ARG(include)));
	if (mxa_spf_words_find(&p->words, term, 0) < p->words.n)
		return;
	mxa_spf_words_add(&p->words, term);
	p->changed = true;
	NOTE(p,
	    _("%.*s sends for you: its manual asks customers to include this "
	      "name, which it keeps up to date."),
	    MXA_STR_ARG(include));
}

static void note_owner(struct proposal *p)
{
	const struct mxa_spf_wish *wish = p->wish;
	struct mxa_str parent = MXA_STR("");

	if (p->out->provider.len > 0)
		NOTE(p,
		    _("The address belongs to %.*s, whose own record covers "
		      "it and is kept up to date by its owner."),
		    MXA_STR_ARG(p->out->provider));
	if (wish->n_ips > 0 && !wish->guessed)
		parent = mxa_spf_parent(p->env, wish->domain, &wish->ip[0]);
	if (parent.len > 0)
		NOTE(p,
		    _("The record of %.*s lists the address already, but a "
		      "record counts for its own name only, never for names "
		      "below it."),
		    MXA_STR_ARG(parent));
}

/* --- the trial --- */

static bool needs_less(const struct mxa_trial *t)
{
	return t->result == MXA_SPF_PERMERROR &&
	    (t->cause == MXA_SPF_CAUSE_LOOKUPS ||
		t->cause == MXA_SPF_CAUSE_VOIDS ||
		t->cause == MXA_SPF_CAUSE_MX_HOSTS);
}

static bool stands_trial(struct proposal *p, const struct mxa_spf_words *w,
    size_t n_ips, struct mxa_trial *t)
{
	return !w->full &&
	    mxa_spf_stands(p->env, p->wish->domain, mxa_spf_words_text(w),
		p->wish->ip, n_ips, t);
}

/* Addresses in place of names until ten lookups are enough. */
static bool shorten_record(struct proposal *p, struct mxa_spf_words *w,
    size_t n_ips, struct mxa_trial *t)
{
	struct mxa_str word;
	struct mxa_buf b;

	mxa_buf_init(&b, p->a, MXA_MAX_RECORD);
	for (unsigned i = 0; i < MAX_SHORTENED && needs_less(t); i++) {
		if (!mxa_spf_shorten(p->env, p->wish->domain, w, &word))
			break;
		mxa_buf_adds(&b, b.len > 0 ? ", " : "");
		mxa_buf_addstr(&b, word);
		if (stands_trial(p, w, n_ips, t))
			break;
	}
	if (b.len == 0)
		return false;
	p->changed = true;
	NOTE(p,
	    _("Names are replaced by their addresses of today, because the "
	      "record needs more than ten DNS lookups: update them when a "
	      "server moves (%s)."),
	    mxa_buf_cstr(&b));
	return !needs_less(t);
}

/* Why a record of somebody else keeps every proposal from standing. */
static const char *foreign_failure(
    struct proposal *p, const struct mxa_trial *t)
{
	return mxa_arena_printf(p->a,
	    t->result == MXA_SPF_PASS
		? _("No record can be proposed: the record of %.*s, which "
		    "yours includes, lets everybody pass. Take the term that "
		    "leads there out.")
		: _("No record can be proposed: the record of %.*s, which "
		    "yours includes, is broken. Its owner must repair it; "
		    "until then take the term that leads there out."),
	    MXA_STR_ARG(t->owner));
}

static const char *own_failure(struct proposal *p, const struct mxa_trial *t)
{
	if (t->result == MXA_SPF_PASS)
		return mxa_arena_printf(p->a,
		    _("No record can be proposed: \"%.*s\" lets everybody "
		      "pass. Replace it by the addresses of your servers."),
		    MXA_STR_ARG(t->term));
	return mxa_arena_printf(p->a,
	    _("No record can be proposed: \"%.*s\" decides before the "
	      "sender's address is reached."),
	    MXA_STR_ARG(t->term));
}

static void say_failed(struct proposal *p, const struct mxa_trial *t)
{
	bool foreign =
	    t->owner.len > 0 && !mxa_str_caseeq(t->owner, p->wish->domain);
	const char *text;

	if (p->words.full)
		text = _("No record can be proposed: the record has too many "
			 "terms.");
	else if (t->result == MXA_SPF_TEMPERROR)
		text = mxa_arena_printf(p->a,
		    _("No record can be proposed now: the DNS does not answer "
		      "a question that the record of %.*s leads to."),
		    MXA_STR_ARG(p->wish->domain));
	else if (needs_less(t))
		text = _("No record can be proposed: it would need more than "
			 "ten DNS lookups, and its names cannot be replaced by "
			 "addresses. Remove includes that are no longer used, "
			 "or send part of the mail from a subdomain with a "
			 "record of its own.");
	else
		text = foreign ? foreign_failure(p, t) : own_failure(p, t);
	p->out->failed = mxa_str_from(text);
}

/* The addresses that were tried. */
static const char *trial_text(struct proposal *p)
{
	const struct mxa_spf_wish *wish = p->wish;
	char ip[MXA_IP_TEXT];
	struct mxa_buf b;

	if (wish->n_ips == 0)
		return _("Tried before you publish it: receivers can evaluate "
			 "it, and unrelated addresses do not pass.");
	mxa_buf_init(&b, p->a, MXA_MAX_RECORD);
	for (size_t i = 0; i < wish->n_ips; i++)
		mxa_buf_printf(
		    &b, "%s%s", i ? ", " : "", mxa_ip_format(&wish->ip[i], ip));
	return mxa_arena_printf(p->a,
	    wish->n_ips > 1
		? _("Tried before you publish it: %s pass, and unrelated "
		    "addresses do not.")
		: _("Tried before you publish it: %s passes, and unrelated "
		    "addresses do not."),
	    mxa_buf_cstr(&b));
}

static void accept_record(struct proposal *p, const struct mxa_spf_words *w,
    enum mxa_spf_proposed kind)
{
	p->out->record = mxa_spf_words_text(w);
	p->out->kind = kind;
	p->out->tried = mxa_str_from(trial_text(p));
}

/* An include would be one lookup too many: addresses in its place. */
static void add_addresses(struct proposal *p, struct mxa_spf_words *w)
{
	NOTE(p,
	    _("include:%.*s would be shorter, but takes the record beyond the "
	      "ten DNS lookups that SPF allows."),
	    MXA_STR_ARG(p->out->provider));
	p->out->provider = MXA_STR("");
	*w = p->words;
	add_senders(p, w, false);
}

/* The words with the senders, tried; names as addresses where there are too
 * many. */
static void settle_record(struct proposal *p, enum mxa_spf_proposed kind)
{
	struct mxa_spf_words *w = mxa_arena_alloc(p->a, sizeof(*w));
	size_t n = p->wish->n_ips;
	struct mxa_trial t = { .result = MXA_SPF_PERMERROR };

	add_include(p);
	if (!stands_trial(p, &p->words, 0, &t))
		shorten_record(p, &p->words, 0, &t);
	*w = p->words;
	add_senders(p, w, true);
	if (!stands_trial(p, w, n, &t) && needs_less(&t) &&
	    p->out->provider.len > 0)
		add_addresses(p, w);
	if (!stands_trial(p, w, n, &t))
		say_failed(p, &t);
	else if (p->changed)
		accept_record(p, w, kind);
}

/* --- a domain without record --- */

static struct mxa_str first_record(const struct mxa_spf_wish *wish)
{
	if (wish->helo)
		return MXA_STR("v=spf1 a -all");
	if (wish->no_mail && wish->n_ips == 0)
		return MXA_STR("v=spf1 -all");
	return MXA_STR("v=spf1 mx ~all");
}

static void propose_first(struct proposal *p)
{
	const struct mxa_spf_wish *wish = p->wish;
	struct mxa_trial t;

	p->changed = true;
	mxa_spf_words_read(&p->words, p->a, first_record(wish));
	if (wish->include.len > 0)
		mxa_spf_words_read(&p->words, p->a, MXA_STR("v=spf1 ~all"));
	else if (wish->n_ips > 0 &&
	    (!stands_trial(p, &p->words, wish->n_ips, &t) ||
		(!wish->guessed &&
		    mxa_spf_provider(
			p->env, wish->domain, &wish->ip[0], wish->relay)
			    .len > 0)))
		mxa_spf_words_read(&p->words, p->a, MXA_STR("v=spf1 ~all"));
	settle_record(p, MXA_SPF_PROPOSE_NEW);
}

void mxa_spf_propose(const struct mxa_engine_env *env,
    const struct mxa_spf_wish *wish, struct mxa_spf_proposal *out)
{
	struct proposal *p = mxa_arena_calloc(env->arena, 1, sizeof(*p));
	struct mxa_str text[MAX_PUBLISHED];

	memset(out, 0, sizeof(*out));
	out->record = out->failed = out->tried = out->provider = MXA_STR("");
	*p = (struct proposal){
		.env = env, .wish = wish, .out = out, .a = env->arena
	};
	out->n_old = read_published(p, text, &out->old);
	if (out->n_old == 0) {
		propose_first(p);
	} else {
		read_record(p, text, out->n_old);
		settle_record(p,
		    out->n_old > 1 ? MXA_SPF_PROPOSE_MERGE
				   : MXA_SPF_PROPOSE_EDIT);
	}
	if (out->record.len > 0)
		note_owner(p);
}
