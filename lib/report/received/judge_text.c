/* judge_text.c - a judgement in words. */
#include <stdio.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "report/received/judge.h"

const char *mxa_readiness_name(enum mxa_readiness r)
{
	static const char *const names[] = { "unknown", "no", "wait",
		"quarantine", "reject" };

	return names[r];
}

const char *mxa_sender_kind_name(enum mxa_sender_kind k)
{
	static const char *const names[MXA_SENDER_KINDS] = { "own", "service",
		"key", "forwarder", "repaired", "passes", "stranger" };

	return names[k];
}

/* --- numbers --- */

struct mxa_number_text mxa_number_text(uint64_t n)
{
	struct mxa_number_text t;
	char digits[24];
	int len =
	    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			t.p[at++] = ',';
		t.p[at++] = digits[i];
	}
	t.p[at] = '\0';
	return t;
}

struct mxa_number_text mxa_percent_text(uint64_t part, uint64_t of)
{
	struct mxa_number_text t;
	double share = of > 0 ? 100.0 * (double)part / (double)of : 0;

	if (part < of && share > 99.9)
		share = 99.9;
	if (part > 0 && share < 0.1)
		share = 0.1;
	snprintf(t.p, sizeof(t.p), "%.*f %%", part == of || part == 0 ? 0 : 1,
	    share);
	return t;
}

/* --- the answer --- */

static void answer_no(struct mxa_buf *b, const struct mxa_judgement *j)
{
	struct mxa_number_text n = mxa_number_text(j->messages);

	if (j->aligned == 0)
		mxa_buf_printf(b,
		    _("Not yet: none of %s messages passed, so no sender of "
		      "yours is known. (If %.*s sends no mail at all, p=reject "
		      "is right at once.)"),
		    n.p, MXA_STR_ARG(j->domain));
	else if (mxa_str_is(j->policy, "reject"))
		mxa_buf_printf(b,
		    P_("p=reject is published, and %zu sender that is yours or "
		       "seems to be is refused.",
			"p=reject is published, and %zu senders that are yours "
			"or seem to be are refused.",
			j->blocking),
		    j->blocking);
	else
		mxa_buf_printf(b,
		    P_("Not yet: %zu sender that is yours or seems to be would "
		       "be refused.",
			"Not yet: %zu senders that are yours or seem to be "
			"would be refused.",
			j->blocking),
		    j->blocking);
}

static void answer_quarantine(struct mxa_buf *b, const struct mxa_judgement *j)
{
	struct mxa_number_text share =
	    mxa_percent_text(j->of_kind[MXA_SENDER_FORWARDER], j->messages);

	mxa_buf_printf(b,
	    _("p=quarantine is safe. p=reject would also refuse mail that "
	      "forwarders and mailing lists break: %s of all."),
	    share.p);
}

static void answer_reject(struct mxa_buf *b, const struct mxa_judgement *j)
{
	if (mxa_str_is(j->policy, "reject"))
		mxa_buf_adds(b,
		    _("p=reject is published, and no sender of yours is "
		      "refused."));
	else
		mxa_buf_adds(b,
		    _("p=reject is safe: no sender of yours would be "
		      "refused."));
}

void mxa_judge_answer(struct mxa_buf *b, const struct mxa_judgement *j)
{
	switch (j->ready) {
	case MXA_READY_UNKNOWN:
		mxa_buf_printf(
		    b, _("No report is about %.*s."), MXA_STR_ARG(j->domain));
		return;
	case MXA_READY_NO:
		answer_no(b, j);
		return;
	case MXA_READY_WAIT:
		mxa_buf_printf(b,
		    P_("Nothing stands in the way so far, but the reports are "
		       "about %zu day only; %d days are needed.",
			"Nothing stands in the way so far, but the reports are "
			"about %zu days only; %d days are needed.",
			j->reported_days),
		    j->reported_days, MXA_JUDGE_DAYS);
		return;
	case MXA_READY_QUARANTINE:
		answer_quarantine(b, j);
		return;
	case MXA_READY_REJECT:
		answer_reject(b, j);
		return;
	}
}

void mxa_judge_overview(struct mxa_buf *b, const struct mxa_judgement *j)
{
	const size_t *n = j->senders_of_kind;
	struct mxa_number_text all = mxa_number_text(j->messages);
	struct mxa_number_text share =
	    mxa_percent_text(j->aligned, j->messages);

	mxa_buf_printf(b,
	    _("%s of %s messages are aligned. Senders: passing %zu, in the way "
	      "%zu, small and unclear %zu, forwarders %zu, repaired %zu, "
	      "strangers %zu."),
	    share.p, all.p, n[MXA_SENDER_PASSES], j->blocking,
	    n[MXA_SENDER_OWN] + n[MXA_SENDER_SERVICE] + n[MXA_SENDER_KEY] -
		j->blocking,
	    n[MXA_SENDER_FORWARDER], n[MXA_SENDER_FIXED],
	    n[MXA_SENDER_STRANGER]);
}

/* --- senders --- */

const char *mxa_sender_text(const struct mxa_sender *s)
{
	switch (s->kind) {
	case MXA_SENDER_OWN:
		return s->proof == MXA_PROOF_RECORD
		    ? _("yours: your SPF record lists it")
		    : _("yours: other mail of it passes");
	case MXA_SENDER_SERVICE:
		return _("authenticates, but for its own domain: a service "
			 "that sends for you, or somebody who uses your name");
	case MXA_SENDER_KEY:
		return _("signs in your name, but no signature with its key "
			 "ever verified");
	case MXA_SENDER_FORWARDER:
		return s->sum.aligned == s->sum.messages
		    ? _("passes by DKIM alone: a forwarder, or a server that "
			"your SPF record does not list")
		    : _("a forwarder or mailing list: your mail breaks on its "
			"way");
	case MXA_SENDER_FIXED:
		return _("repaired: it failed earlier and passes now");
	case MXA_SENDER_PASSES:
		return _("passes");
	case MXA_SENDER_STRANGER:
	case MXA_SENDER_KINDS:
		break;
	}
	return _("a stranger: nothing speaks for it");
}

/* What mail of the domain's own server lacks. */
static const char *missing_of_own(enum mxa_report_cause cause)
{
	switch (cause) {
	case MXA_RC_PASS_BOTH:
	case MXA_RC_PASS_SPF:
	case MXA_RC_PASS_DKIM:
		return "";
	case MXA_RC_NO_SPF_RECORD:
		return _("Publish an SPF record for {domain} that lists "
			 "{sender}, and sign with DKIM.");
	case MXA_RC_SPF_ERROR:
		return _("Repair the SPF record of {domain} (mxauth lint "
			 "{domain}); {sender} needs it.");
	case MXA_RC_UNALIGNED:
		return _("Let {sender} sign with DKIM for {domain} "
			 "(d={domain}), or use {domain} in MAIL FROM.");
	case MXA_RC_DKIM_BROKEN:
		return _("Check selector and key of {sender}: its signatures "
			 "for {domain} fail.");
	case MXA_RC_NOT_LISTED:
	case MXA_RC_NO_RESULTS:
	case MXA_RCAUSES:
		break;
	}
	return _("Add {sender} to the SPF record of {domain}, and sign with "
		 "DKIM (d={domain}).");
}

static const char *missing_text(const struct mxa_sender *s)
{
	switch (s->kind) {
	case MXA_SENDER_OWN:
		return missing_of_own(s->cause);
	case MXA_SENDER_SERVICE:
		return _("If {sender} works for you, let it sign with DKIM for "
			 "{domain} (d={domain}), or give it a name below "
			 "{domain} for MAIL FROM. If not, p=reject stops it.");
	case MXA_SENDER_KEY:
		return _("If {sender} is yours, publish the key of its "
			 "selector and add it to the SPF record of {domain}. "
			 "If not, p=reject stops it.");
	case MXA_SENDER_FORWARDER:
		if (s->sum.aligned == s->sum.messages)
			return "";
		return _("Nothing of yours is wrong. Signed mail that {sender} "
			 "forwards unchanged passes; a list that changes mail "
			 "must rewrite From.");
	case MXA_SENDER_STRANGER:
		return _("If {sender} is yours, add it to the SPF record of "
			 "{domain} and sign with DKIM. If not, p=reject stops "
			 "it.");
	case MXA_SENDER_FIXED:
	case MXA_SENDER_PASSES:
	case MXA_SENDER_KINDS:
		break;
	}
	if (s->sum.cause[MXA_RC_PASS_SPF] == s->sum.messages)
		return _("Sign with DKIM: without a signature mail of "
			 "{sender} fails when somebody forwards it.");
	return "";
}

/* Copies the text; {domain} and {sender} become the names. */
static void fill_names(struct mxa_buf *b, struct mxa_str text,
    struct mxa_str domain, struct mxa_str sender)
{
	while (text.len > 0) {
		size_t at = mxa_str_chr(text, '{', 0);
		struct mxa_str rest = mxa_str_sub(text, at, text.len);
		struct mxa_str name =
		    mxa_str_starts(rest, MXA_STR("{domain}")) ? domain : sender;

		mxa_buf_addstr(b, mxa_str_sub(text, 0, at));
		if (rest.len > 0)
			mxa_buf_addstr(b, name);
		at = mxa_str_chr(rest, '}', 0);
		text = mxa_str_sub(rest, at + 1, rest.len);
	}
}

void mxa_sender_missing(struct mxa_buf *b, const struct mxa_judgement *j,
    const struct mxa_sender *s)
{
	fill_names(b, mxa_str_from(missing_text(s)), j->domain,
	    s->sources == 1 ? s->sum.ip : s->name);
}

void mxa_judge_strangers(struct mxa_buf *b, const struct mxa_judgement *j)
{
	fill_names(b,
	    mxa_str_from(_("A stranger that is yours belongs into the SPF "
			   "record of {domain}, and must sign with DKIM. The "
			   "others use your name, and p=reject stops them.")),
	    j->domain, MXA_STR(""));
}

void mxa_judge_first_step(struct mxa_buf *b, const struct mxa_judgement *j)
{
	switch (j->ready) {
	case MXA_READY_UNKNOWN:
		mxa_buf_adds(b,
		    _("Let the DMARC record name an address for reports "
		      "(rua=), and wait for them."));
		return;
	case MXA_READY_WAIT:
		mxa_buf_adds(b, _("Go on collecting reports."));
		return;
	case MXA_READY_NO:
		if (j->n > 0)
			mxa_sender_missing(b, j, &j->v[0]);
		return;
	case MXA_READY_QUARANTINE:
	case MXA_READY_REJECT:
		break;
	}
	if (mxa_str_is(j->policy, "reject"))
		mxa_buf_adds(b, _("Nothing is to be done."));
	else if (j->ready == MXA_READY_QUARANTINE)
		mxa_buf_adds(b, _("Publish p=quarantine."));
	else if (mxa_str_is(j->policy, "quarantine"))
		mxa_buf_adds(b, _("Publish p=reject."));
	else
		mxa_buf_adds(b,
		    _("Publish p=quarantine, and p=reject after two weeks "
		      "without complaints."));
}
