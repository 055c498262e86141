/* story.c - see story.h. */
#include "history/story.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "history/line.h"
#include "policy/grounds.h"

#define MAX_KEPT_RCPTS 10
#define MAX_KEPT_SIGNATURES 8

/* --- for whom an exception was made --- */

/* The first signer that passed and is not the author. */
static struct mxa_str find_signer(
    const struct mxa_verdict *v, const struct mxa_dmarc_domain *author)
{
	for (size_t i = 0; i < v->dkim.n; i++)
		if (v->dkim.sig[i].result == MXA_DKIM_PASS &&
		    !mxa_sig_of_author(&v->dkim.sig[i], author))
			return v->dkim.sig[i].domain;
	return MXA_STR_NONE;
}

/* "192.0.2.0/24", "2001:db8:1::/48" */
static struct mxa_str network_text(struct mxa_arena *a, const struct mxa_ip *ip)
{
	struct mxa_cidr net = { .ip = *ip, .bits = ip->family == 4 ? 24 : 48 };
	char text[MXA_IP_TEXT];

	net = mxa_cidr_network(&net);
	return mxa_str_from(mxa_arena_printf(
	    a, "%s/%u", mxa_ip_format(&net.ip, text), net.bits));
}

static struct mxa_str find_via(struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;

	switch (t->action.turned) {
	case MXA_GROUND_FORWARDER_NETWORK:
		return network_text(a, &t->msg.ip);
	case MXA_GROUND_SEALER:
		return v->arc.trusted_sealer;
	case MXA_GROUND_LIST_SPF:
		return t->msg.mail_domain;
	case MXA_GROUND_LIST_SIGNATURE:
	case MXA_GROUND_FORWARDER_SIGNATURE:
		return find_signer(v,
		    v->dmarc.n > 0 ? &v->dmarc.domain[v->dmarc.worst] : NULL);
	default:
		return MXA_STR_NONE;
	}
}

/* --- the text --- */

struct mxa_str mxa_story_mailbox(struct mxa_arena *a, struct mxa_str address)
{
	struct mxa_str whole, local, domain;
	bool first;

	mxa_address_split(address, &whole, &local, &domain);
	if (domain.len == 0)
		return address.len > 0 ? MXA_STR("…") : address;
	first = local.len > 1 && mxa_is_alnum(local.p[0]);
	return mxa_str_from(mxa_arena_printf(
	    a, "%.*s…@%.*s", first, first ? local.p : "", MXA_STR_ARG(domain)));
}

static void keep_message(struct mxa_arena *a, const struct mxa_msg *from,
    bool whole, struct mxa_msg *to)
{
	size_t n =
	    from->n_rcpt < MAX_KEPT_RCPTS ? from->n_rcpt : MAX_KEPT_RCPTS;

	to->queue_id = from->queue_id;
	to->ip = from->ip;
	to->helo = from->helo;
	to->exempt = from->exempt;
	to->mail_from =
	    whole ? from->mail_from : mxa_story_mailbox(a, from->mail_from);
	to->rcpt = mxa_arena_calloc(a, n + 1, sizeof(*to->rcpt));
	for (size_t i = 0; i < n; i++)
		to->rcpt[i] =
		    whole ? from->rcpt[i] : mxa_story_mailbox(a, from->rcpt[i]);
	to->n_rcpt = n;
	to->n_rcpt_seen = from->n_rcpt_seen;
}

static void keep_spf(
    const struct mxa_spf_verdict *from, bool whole, struct mxa_spf_verdict *to)
{
	to->result = from->result;
	to->cause = from->cause;
	to->identity = from->identity;
	to->domain = from->domain;
	/* the reason may quote a name that a local part was put into */
	if (whole || !from->used_local_part)
		to->reason = from->reason;
}

static void keep_signatures(struct mxa_arena *a,
    const struct mxa_dkim_verdict *from, struct mxa_dkim_verdict *to)
{
	to->n = from->n < MAX_KEPT_SIGNATURES ? from->n : MAX_KEPT_SIGNATURES;
	to->untried = from->untried + from->n - to->n;
	to->sig = mxa_arena_calloc(a, to->n + 1, sizeof(*to->sig));
	for (size_t i = 0; i < to->n; i++) {
		to->sig[i].result = from->sig[i].result;
		to->sig[i].cause = from->sig[i].cause;
		to->sig[i].domain = from->sig[i].domain;
		to->sig[i].selector = from->sig[i].selector;
		to->sig[i].reason = from->sig[i].reason;
		to->sig[i].signed_at = -1;
	}
}

static void keep_dmarc(
    const struct mxa_dmarc_verdict *from, struct mxa_dmarc_verdict *to)
{
	to->result = from->result;
	to->worst = from->worst;
	to->policy = from->policy;
	to->n = from->n;
	for (size_t i = 0; i < from->n; i++) {
		to->domain[i].result = from->domain[i].result;
		to->domain[i].author = from->domain[i].author;
		to->domain[i].reason = from->domain[i].reason;
	}
}

static struct mxa_str write_story(
    struct mxa_arena *a, const struct mxa_entry *e, bool whole)
{
	const struct mxa_verdict *v = &e->txn.verdict;
	struct mxa_txn *t = mxa_arena_calloc(a, 1, sizeof(*t));
	struct mxa_buf b;

	mxa_msg_init(&t->msg, a);
	keep_message(a, &e->txn.msg, whole, &t->msg);
	keep_spf(&v->spf, whole, &t->verdict.spf);
	keep_signatures(a, &v->dkim, &t->verdict.dkim);
	keep_dmarc(&v->dmarc, &t->verdict.dmarc);
	t->verdict.authors.n = v->authors.n;
	for (size_t i = 0; i < v->authors.n; i++)
		t->verdict.authors.domain[i] = v->authors.domain[i];
	t->action = e->txn.action;
	t->action.override_comment = MXA_STR_NONE;
	t->ms = e->txn.ms;
	t->unanswered = e->txn.unanswered;
	mxa_buf_init(&b, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, t, NULL, e->time);
	return mxa_str_trim(mxa_buf_str(&b));
}

/* --- all of it --- */

static bool is_asked_about(const struct mxa_txn *t)
{
	const struct mxa_action *act = &t->action;

	return act->kind > MXA_ACT_TAG || act->would > act->kind ||
	    act->override != MXA_OVERRIDE_NONE || t->ms >= MXA_STORY_SLOW_MS;
}

bool mxa_story_make(struct mxa_arena *a, const struct mxa_entry *e, bool whole,
    struct mxa_story *out)
{
	const struct mxa_action *act = &e->txn.action;

	if (!is_asked_about(&e->txn))
		return false;
	*out = (struct mxa_story){ .ms = e->txn.ms,
		.would =
		    act->would > act->kind ? mxa_action_name(act->would) : "",
		.override = act->override != MXA_OVERRIDE_NONE
		    ? mxa_override_name(act->override)
		    : "",
		.ground = act->override != MXA_OVERRIDE_NONE &&
			act->turned != MXA_GROUND_NONE
		    ? mxa_ground_name(act->turned)
		    : "" };
	if (act->override != MXA_OVERRIDE_NONE)
		out->via = find_via(a, &e->txn);
	out->text = write_story(a, e, whole);
	return true;
}
