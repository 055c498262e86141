/* feedback.c - the mail of a failure report. */
#include "report/sent/feedback.h"

#include <inttypes.h>

#include "base/domain.h"
#include "base/limits.h"
#include "policy/stamp.h"
#include "report/sent/mail.h"

#define MAX_VALUE 800 /* of a field, so that its line is no longer than 998 */

static const struct mxa_dmarc_domain *domain_of(const struct mxa_feedback *f)
{
	const struct mxa_dmarc_verdict *v =
	    &f->entry->message.txn.verdict.dmarc;

	return &v->domain[v->worst];
}

/* Texts of strangers: what is not ASCII, or would end the line, becomes "?". */
static void add_value(struct mxa_buf *b, struct mxa_str s)
{
	for (size_t i = 0; i < s.len && i < MAX_VALUE; i++) {
		unsigned char c = (unsigned char)s.p[i];

		mxa_buf_addc(
		    b, (c < ' ' && c != '\t') || c >= 0x7f ? '?' : s.p[i]);
	}
}

static void add_field(struct mxa_buf *b, const char *name, struct mxa_str value)
{
	mxa_buf_printf(b, "%s: ", name);
	add_value(b, value);
	mxa_buf_adds(b, "\r\n");
}

/* --- the header, and the words for people --- */

static void add_header(struct mxa_buf *b, const struct mxa_feedback *f)
{
	mxa_mail_begin(b, f->who, f->to, f->made);
	mxa_buf_printf(b, "Subject: Failure report for %.*s\r\n",
	    MXA_STR_ARG(domain_of(f)->author));
	mxa_mail_ids(b, f->who, f->id);
	mxa_buf_printf(b,
	    "Content-Type: multipart/report; report-type=feedback-report;\r\n"
	    " boundary=\"=_%.*s\"\r\n\r\n",
	    MXA_STR_ARG(f->id));
}

static void add_source(
    struct mxa_buf *b, const struct mxa_ip *ip, const char *unknown)
{
	char text[MXA_IP_TEXT];

	mxa_buf_adds(b, ip->family != 0 ? mxa_ip_format(ip, text) : unknown);
}

static void add_explanation(struct mxa_buf *b, const struct mxa_feedback *f)
{
	const struct mxa_entry *e = &f->entry->message;

	mxa_buf_printf(b,
	    "--=_%.*s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "This is a DMARC failure report (RFC 9991) about mail that claims "
	    "to be\r\nfrom %.*s and came from ",
	    MXA_STR_ARG(f->id), MXA_STR_ARG(domain_of(f)->author));
	add_source(b, &e->txn.msg.ip, "an unknown address");
	mxa_buf_adds(b, "\r\non ");
	mxa_mail_date(b, e->time);
	mxa_buf_printf(b,
	    ".\r\nYou get it because the DMARC record of %.*s asks for\r\n"
	    "it (ruf=). Local parts are hidden; equal ones have the same "
	    "hash.\r\n",
	    MXA_STR_ARG(domain_of(f)->record_domain));
	if (f->who->contact.len > 0) {
		mxa_buf_adds(b, "More: ");
		add_value(b, f->who->contact);
		mxa_buf_adds(b, "\r\n");
	}
	mxa_buf_adds(b, "\r\n");
}

/* --- message/feedback-report --- */

/* "mxauth 1.0" as a product with its version (RFC 5965 section 3.1). */
static void add_user_agent(struct mxa_buf *b, struct mxa_str generator)
{
	size_t space = mxa_str_chr(generator, ' ', 0);

	mxa_buf_printf(b, "User-Agent: %.*s/%.*s\r\n",
	    MXA_STR_ARG(mxa_str_sub(generator, 0, space)),
	    MXA_STR_ARG(mxa_str_sub(generator, space + 1, generator.len)));
}

/* RFC 6591 section 3.2.2; a message in quarantine is not where its recipient
 * looks ("policy"). */
static const char *delivery_result(enum mxa_action_kind kind)
{
	switch (kind) {
	case MXA_ACT_ACCEPT:
	case MXA_ACT_TAG:
		return "delivered";
	case MXA_ACT_QUARANTINE:
		return "policy";
	case MXA_ACT_REJECT:
		return "reject";
	case MXA_ACT_DEFER:
		break;
	}
	return "other";
}

/* RFC 9991 section 4: what failed to authenticate an aligned identifier. */
static const char *identity_alignment(const struct mxa_dmarc_domain *d)
{
	if (!d->dkim_aligned)
		return d->spf_aligned ? "dkim" : "dkim, spf";
	return d->spf_aligned ? "none" : "spf";
}

static void add_results(
    struct mxa_buf *b, struct mxa_arena *a, const struct mxa_feedback *f)
{
	struct mxa_buf value;
	struct mxa_str s;

	mxa_buf_init(&value, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&value, f->conf, &f->entry->message.txn);
	s = mxa_buf_str(&value);
	mxa_buf_adds(b, "Authentication-Results: ");
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\n')
			mxa_buf_adds(b, "\r\n");
		else
			add_value(b, mxa_str_sub(s, i, i + 1));
	mxa_buf_adds(b, "\r\n");
}

/* Of the author's organization, as far as names tell. */
static bool is_of_author(const struct mxa_dmarc_domain *d, struct mxa_str name)
{
	return mxa_domain_within(
	    name, d->organizational.len > 0 ? d->organizational : d->author);
}

static bool signature_failed(const struct mxa_dkim_sig *s)
{
	return s->cause != MXA_DKIM_NOT_TRIED && s->domain.len > 0 &&
	    (s->result == MXA_DKIM_FAIL || s->result == MXA_DKIM_PERMERROR);
}

/* The signature that failed: of the author, else the first; NULL: none. */
static const struct mxa_dkim_sig *failed_signature(const struct mxa_feedback *f)
{
	const struct mxa_dkim_verdict *v = &f->entry->message.txn.verdict.dkim;
	const struct mxa_dkim_sig *found = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct mxa_dkim_sig *s = &v->sig[i];

		if (!signature_failed(s))
			continue;
		if (is_of_author(domain_of(f), s->domain))
			return s;
		if (found == NULL)
			found = s;
	}
	return found;
}

static void add_signature(struct mxa_buf *b, const struct mxa_feedback *f)
{
	const struct mxa_dkim_sig *s = failed_signature(f);

	if (s == NULL)
		return;
	add_field(b, "DKIM-Domain", s->domain);
	add_field(b, "DKIM-Identity", s->identity);
	add_field(b, "DKIM-Selector", s->selector);
}

/* The SPF record as it was seen; empty: it is not known. */
static struct mxa_str spf_record(const struct mxa_entry *e)
{
	for (size_t i = 0; i < e->n_evidence; i++) {
		const struct mxa_dns_answer *answer = e->evidence[i].answer;

		for (size_t k = 0; answer != NULL && k < answer->n; k++)
			if (mxa_str_casestarts(
				answer->rr[k].text, MXA_STR("v=spf1")))
				return answer->rr[k].text;
	}
	return MXA_STR("");
}

static void add_spf_record(struct mxa_buf *b, const struct mxa_feedback *f)
{
	const struct mxa_spf_verdict *v = &f->entry->message.txn.verdict.spf;
	struct mxa_str record = spf_record(&f->entry->message);

	if (v->result == MXA_SPF_PASS || v->domain.len == 0 || record.len == 0)
		return;
	mxa_buf_adds(b, "SPF-DNS: txt : ");
	add_value(b, v->domain);
	mxa_buf_adds(b, " : \"");
	add_value(b, mxa_str_sub(record, 0, MAX_VALUE / 2));
	mxa_buf_adds(b, "\"\r\n");
}

static void add_message_facts(struct mxa_buf *b, const struct mxa_feedback *f)
{
	const struct mxa_entry *e = &f->entry->message;

	if (e->txn.msg.mail_from.len > 0) {
		mxa_buf_adds(b, "Original-Mail-From: <");
		add_value(b, e->txn.msg.mail_from);
		mxa_buf_adds(b, ">\r\n");
	}
	if (e->txn.msg.ip.family != 0) {
		mxa_buf_adds(b, "Source-IP: ");
		add_source(b, &e->txn.msg.ip, "");
		mxa_buf_adds(b, "\r\n");
	}
	mxa_buf_adds(b, "Arrival-Date: ");
	mxa_mail_date(b, e->time);
	mxa_buf_printf(b,
	    "\r\nDelivery-Result: %s\r\nIncidents: %" PRId64 "\r\n",
	    delivery_result(e->txn.action.kind), f->entry->incidents);
}

static void add_feedback(
    struct mxa_buf *b, struct mxa_arena *a, const struct mxa_feedback *f)
{
	const struct mxa_dmarc_domain *d = domain_of(f);

	mxa_buf_printf(b,
	    "--=_%.*s\r\nContent-Type: message/feedback-report\r\n\r\n"
	    "Feedback-Type: auth-failure\r\nVersion: 1\r\n",
	    MXA_STR_ARG(f->id));
	add_user_agent(b, f->who->generator);
	mxa_buf_printf(b, "Auth-Failure: dmarc\r\nIdentity-Alignment: %s\r\n",
	    identity_alignment(d));
	add_results(b, a, f);
	add_field(b, "Reported-Domain", d->author);
	add_message_facts(b, f);
	add_signature(b, f);
	add_spf_record(b, f);
	mxa_buf_adds(b, "\r\n");
}

void mxa_feedback_write(
    struct mxa_buf *b, struct mxa_arena *a, const struct mxa_feedback *f)
{
	add_header(b, f);
	add_explanation(b, f);
	add_feedback(b, a, f);
	mxa_buf_printf(b,
	    "--=_%.*s\r\nContent-Type: text/rfc822-headers\r\n\r\n",
	    MXA_STR_ARG(f->id));
	mxa_buf_addstr(b, f->entry->headers);
	mxa_buf_printf(b, "\r\n--=_%.*s--\r\n", MXA_STR_ARG(f->id));
}
