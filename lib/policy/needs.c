/* needs.c - the union over all author domains and recipients: each of them may
 * be the one that decides. */
#include "policy/needs.h"

#include "conf/conf.h"
#include "policy/decide.h"
#include "policy/rule_subject.h"
#include "policy/rules.h"

static void add_ruling(const struct mxa_ruling *r, struct mxa_needs *out)
{
	if (r->exempt)
		return;
	out->spf |= mxa_decide_asks_spf(r);
	out->helo |= mxa_decide_wanted(r, MXA_CAUSE_HELO_FAIL) > MXA_ACT_ACCEPT;
	out->mx |= mxa_decide_wanted(r, MXA_CAUSE_NO_MAIL) > MXA_ACT_ACCEPT;
	out->keys |= r->dkim_required;
}

static void add_recipient(const struct mxa_conf *conf,
    const struct mxa_authors *authors, struct mxa_rule_subject *s,
    struct mxa_str rcpt, struct mxa_needs *out)
{
	struct mxa_ruling r;
	size_t i = 0;

	s->rcpt = rcpt;
	do {
		s->author = authors->n > 0 ? authors->domain[i] : MXA_STR_NONE;
		mxa_ruling_find(conf, s, &r);
		add_ruling(&r, out);
	} while (++i < authors->n);
}

/* Rules that match what is found out: which of them will match, and so what
 * they want, is not known yet. */
static void add_later_rules(const struct mxa_rules *r, struct mxa_needs *out)
{
	if (mxa_rules_look_at(r, MXA_RULE_CLIENT_NAME))
		out->spf = out->keys = out->iprev = true;
	if (mxa_rules_look_at(r, MXA_RULE_SIGNER) ||
	    mxa_rules_look_at(r, MXA_RULE_SEALER))
		out->spf = out->keys = true;
}

void mxa_needs_find(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_authors *authors, struct mxa_needs *out)
{
	bool by_rcpt = mxa_rules_look_at(conf->rules, MXA_RULE_RECIPIENT);
	struct mxa_rule_subject s;

	*out = (struct mxa_needs){ .grace_ms = conf->dns_grace * 1000 };
	mxa_rule_subject_init(&s, conf, msg, NULL, NULL);
	s.author_address = authors->address;
	s.n_author_addresses = authors->n_address;
	/* also for recipients beyond those remembered */
	add_recipient(conf, authors, &s, MXA_STR_NONE, out);
	for (size_t i = 0; by_rcpt && i < msg->n_rcpt; i++)
		add_recipient(conf, authors, &s, msg->rcpt[i], out);
	add_later_rules(conf->rules, out);
	/* fo=1, d and s ask about what DMARC itself does not need */
	out->spf |= conf->failure_reports;
	out->keys |= conf->failure_reports;
}
