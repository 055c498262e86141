/* replay.c - the journal decided again. */
#include "history/replay.h"

#include <string.h>

#include "auth/arc.h"
#include "base/i18n.h"
#include "conf/conf.h"
#include "policy/decide.h"
#include "policy/exempt.h"

static const struct {
	const char *name, *text;
} doubts[MXA_REPLAY_DOUBTS] = {
	[MXA_REPLAY_SURE] = { "", "" },
	[MXA_REPLAY_NOT_VERIFIED] = { "not-verified",
	    N_("the message was exempt when it arrived, so it was not "
	       "verified") },
	[MXA_REPLAY_SEALER] = { "sealer",
	    N_("the new configuration trusts an ARC sealer that was not "
	       "trusted when the message arrived; its results were not "
	       "recorded") },
	[MXA_REPLAY_CUT] = { "cut",
	    N_("the journal line of the message is incomplete, because it "
	       "was too long") },
};

const char *mxa_replay_doubt_name(enum mxa_replay_doubt d)
{
	return doubts[d].name;
}

const char *mxa_replay_doubt_text(enum mxa_replay_doubt d)
{
	return doubts[d].text;
}

/* --- sealers --- */

/* The outermost seal is looked at first: if it is not trusted, no seal is. */
static bool newest_sealer_trusted(
    const struct mxa_conf *conf, const struct mxa_arc_verdict *arc)
{
	return arc->n > 0 &&
	    mxa_arc_trusts(&conf->auth, arc->set[arc->n - 1].seal_domain);
}

/* A sealer that was trusted then counts only if the new configuration trusts it
 * too.  One that is trusted only now cannot be judged without the message. */
static enum mxa_replay_doubt settle_arc(
    const struct mxa_conf *conf, struct mxa_arc_verdict *arc)
{
	if (arc->trusted) {
		arc->trusted = newest_sealer_trusted(conf, arc) &&
		    mxa_arc_trusts(&conf->auth, arc->trusted_sealer);
		return MXA_REPLAY_SURE;
	}
	if (arc->result == MXA_ARC_PASS && newest_sealer_trusted(conf, arc))
		return MXA_REPLAY_SEALER;
	return MXA_REPLAY_SURE;
}

/* --- one message --- */

static bool action_differs(
    const struct mxa_action *then, const struct mxa_action *now)
{
	return then->kind != now->kind ||
	    then->disposition != now->disposition ||
	    strcmp(then->reply.code, now->reply.code) != 0 ||
	    strcmp(then->reply.enhanced, now->reply.enhanced) != 0;
}

void mxa_replay(const struct mxa_conf *conf, struct mxa_arena *a,
    const struct mxa_entry *e, struct mxa_replayed *out)
{
	struct mxa_msg msg = e->txn.msg;
	struct mxa_verdict v = e->txn.verdict;

	*out = (struct mxa_replayed){ .doubt = MXA_REPLAY_SURE };
	out->exempt = msg.exempt = mxa_exempt_check(conf, &msg);
	if (e->txn.msg.exempt != MXA_EXEMPT_NO &&
	    out->exempt == MXA_EXEMPT_NO) {
		out->doubt = MXA_REPLAY_NOT_VERIFIED;
		return;
	}
	if (out->exempt == MXA_EXEMPT_NO) {
		out->doubt = settle_arc(conf, &v.arc);
		if (e->cut)
			out->doubt = MXA_REPLAY_CUT;
	}
	mxa_decide(conf, &msg, &v, a, &out->now);
	out->changed = action_differs(&e->txn.action, &out->now);
}

void mxa_replay_count(struct mxa_replay_totals *t, const struct mxa_entry *e,
    const struct mxa_replayed *r)
{
	t->messages++;
	t->doubtful += r->doubt != MXA_REPLAY_SURE;
	if (r->doubt == MXA_REPLAY_NOT_VERIFIED)
		return;
	t->changed += r->changed;
	t->action[e->txn.action.kind][r->now.kind]++;
}
