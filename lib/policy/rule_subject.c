/* rule_subject.c - what a message shows to the rules. */
#include "policy/rule_subject.h"

#include "auth/arc.h"
#include "base/arena.h"
#include "conf/conf.h"

static bool is_listed(
    const struct mxa_str *list, size_t n, struct mxa_str domain)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_eq(list[i], domain))
			return true;
	return false;
}

/* The domains whose signature passes, each once. */
static void list_signers(struct mxa_rule_subject *s,
    const struct mxa_dkim_verdict *dkim, struct mxa_arena *a)
{
	struct mxa_str *list = mxa_arena_calloc(a, dkim->n + 1, sizeof(*list));

	s->signer = list;
	for (size_t i = 0; i < dkim->n; i++)
		if (dkim->sig[i].result == MXA_DKIM_PASS &&
		    !is_listed(list, s->n_signers, dkim->sig[i].domain))
			list[s->n_signers++] = dkim->sig[i].domain;
}

/* The newest seal of a chain that passes: what lies below it is that sealer's
 * word, and it counts only where the sealer is trusted. */
static struct mxa_str trusted_sealer(
    const struct mxa_conf *conf, const struct mxa_arc_verdict *arc)
{
	struct mxa_str newest;

	if (arc->result != MXA_ARC_PASS || arc->n == 0)
		return MXA_STR_NONE;
	newest = arc->set[arc->n - 1].seal_domain;
	return mxa_arc_trusts(&conf->auth, newest) ? newest : MXA_STR_NONE;
}

void mxa_rule_subject_init(struct mxa_rule_subject *s,
    const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a)
{
	*s = (struct mxa_rule_subject){
		.ip = &msg->ip,
		.helo = msg->helo,
		.daemon_name = msg->daemon_name,
		.mail_from = msg->mail_from.len > 0 ? msg->mail_from
						    : MXA_STR(MXA_NULL_SENDER),
		.now = msg->received,
	};
	if (v == NULL)
		return;
	if (v->iprev.result == MXA_IPREV_PASS)
		s->client_name = v->iprev.name;
	s->author_address = v->authors.address;
	s->n_author_addresses = v->authors.n_address;
	list_signers(s, &v->dkim, a);
	s->sealer = trusted_sealer(conf, &v->arc);
}
