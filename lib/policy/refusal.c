/* refusal.c - codes and words of a refusal.
 *
 * What a sender wrote is shown only as a domain name that is LDH, or as one of
 * our own words. */
#include "policy/refusal.h"

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "conf/texts.h"

#define WIDTH 72 /* of a line, where the text fits into three of them */
#define WIDTH_STEP 4
#define MAX_WIDTH 480 /* with "550-5.7.26 " and CRLF below 512 */
#define MAX_TEXT 1400
#define PROSE_LINES (MXA_MAX_REPLY_LINES - 1)

/* --- which signature speaks for all --- */

/* Smaller speaks first. */
static unsigned sig_rank(
    const struct mxa_dkim_sig *s, const struct mxa_dmarc_domain *author)
{
	return (s->result == MXA_DKIM_PASS ? 0 : 2) +
	    (mxa_sig_of_author(s, author) ? 0 : 1);
}

const struct mxa_dkim_sig *mxa_dkim_telling(
    const struct mxa_dkim_verdict *dkim, const struct mxa_dmarc_domain *author)
{
	const struct mxa_dkim_sig *best = NULL;

	for (size_t i = 0; i < dkim->n; i++)
		if (best == NULL ||
		    sig_rank(&dkim->sig[i], author) < sig_rank(best, author))
			best = &dkim->sig[i];
	return best;
}

enum mxa_dkim_result mxa_dkim_summary(
    const struct mxa_dkim_verdict *dkim, const struct mxa_dmarc_domain *author)
{
	const struct mxa_dkim_sig *s = mxa_dkim_telling(dkim, author);

	return s ? s->result : MXA_DKIM_NONE;
}

/* --- codes --- */

/* RFC 7372 section 3.1: no passing signature, none acceptable, none that
 * matches the author. */
static const char *dkim_detail(const struct mxa_facts *f)
{
	if (mxa_sig_any(&f->v->dkim, MXA_DKIM_PASS))
		return "7.22";
	return mxa_sig_any(&f->v->dkim, MXA_DKIM_POLICY) ? "7.21" : "7.20";
}

/* What the DNS did not answer. */
enum trouble { TROUBLE_DMARC, TROUBLE_SPF, TROUBLE_DKIM };

static enum trouble find_trouble(const struct mxa_facts *f)
{
	bool spf = f->v->spf.result == MXA_SPF_TEMPERROR;
	bool dkim = mxa_sig_any(&f->v->dkim, MXA_DKIM_TEMPERROR);

	/* the policy itself is unknown */
	if (f->author != NULL && f->author->result == MXA_DMARC_TEMPERROR &&
	    f->author->record == NULL)
		return TROUBLE_DMARC;
	if (spf != dkim)
		return spf ? TROUBLE_SPF : TROUBLE_DKIM;
	return TROUBLE_DMARC;
}

static const char *trouble_detail(const struct mxa_facts *f, bool defer)
{
	switch (find_trouble(f)) {
	case TROUBLE_SPF:
		return "7.24";
	case TROUBLE_DKIM: /* RFC 6376 section 6.3 */
		return defer ? "7.5" : "7.20";
	case TROUBLE_DMARC:
		break;
	}
	return "7.26";
}

static const char *detail_code(
    const struct mxa_facts *f, enum mxa_cause cause, bool defer)
{
	switch (cause) {
	case MXA_CAUSE_DMARC_REJECT:
	case MXA_CAUSE_DMARC_QUARANTINE:
	case MXA_CAUSE_DMARC_NONE:
	case MXA_CAUSE_UNAUTHENTICATED:
		return "7.26";
	case MXA_CAUSE_NO_MAIL: /* RFC 7505 section 4.2 */
		return f->v->no_mail == MXA_NO_MAIL_MX ? "7.27" : "7.23";
	case MXA_CAUSE_SPF_FAIL:
	case MXA_CAUSE_SPF_SOFTFAIL:
	case MXA_CAUSE_HELO_FAIL:
		return "7.23";
	case MXA_CAUSE_SPF_PERMERROR:
		return "7.24";
	case MXA_CAUSE_DKIM_REQUIRED:
		return dkim_detail(f);
	case MXA_CAUSE_TEMPERROR:
		return trouble_detail(f, defer);
	case MXA_CAUSE_NO_AUTHOR:
	case MXA_CAUSE_MALFORMED_FROM:
	case MXA_CAUSE_NOTHING:
		break;
	}
	return "7.1";
}

static void set_codes(
    const struct mxa_facts *f, struct mxa_arena *a, struct mxa_action *act)
{
	bool defer = act->kind == MXA_ACT_DEFER;
	struct mxa_str code =
	    defer ? f->conf->defer_code : f->conf->reject_code;
	struct mxa_str enhanced =
	    defer ? f->conf->defer_enhanced : f->conf->reject_enhanced;

	if (code.len == 0)
		code = defer ? MXA_STR("451") : MXA_STR("550");
	if (enhanced.len == 0)
		enhanced = mxa_str_from(mxa_arena_printf(a, "%c.%s",
		    defer ? '4' : '5', detail_code(f, act->cause, defer)));
	mxa_reply_init(
	    &act->reply, mxa_str_cstr(a, code), mxa_str_cstr(a, enhanced));
}

/* --- phrases --- */

static const char *cause_words(enum mxa_dkim_cause c)
{
	switch (c) {
	case MXA_DKIM_OK:
		return "";
	case MXA_DKIM_SYNTAX:
		return "malformed signature";
	case MXA_DKIM_ALGORITHM:
		return "unknown algorithm";
	case MXA_DKIM_SHA1:
		return "SHA-1 is not accepted";
	case MXA_DKIM_SHORT_KEY:
		return "key too short";
	case MXA_DKIM_LONG_KEY:
		return "key too long";
	case MXA_DKIM_EXPIRED:
		return "signature expired";
	case MXA_DKIM_FUTURE:
		return "signed in the future";
	case MXA_DKIM_NO_KEY:
		return "no key published";
	case MXA_DKIM_REVOKED:
		return "key revoked";
	case MXA_DKIM_BAD_KEY:
		return "unusable key";
	case MXA_DKIM_DNS:
		return "key not available now";
	case MXA_DKIM_BODY:
		return "body changed after signing";
	case MXA_DKIM_SIGNATURE:
		return "signature does not match";
	case MXA_DKIM_FROM:
		return "From not signed";
	case MXA_DKIM_IDENTITY:
		return "i= outside d=";
	case MXA_DKIM_PARTIAL:
		return "part of the body not signed";
	case MXA_DKIM_DOMAIN:
		return "unacceptable d=";
	case MXA_DKIM_INCOMPLETE:
	case MXA_DKIM_NOT_TRIED:
		return "not tried";
	}
	return "";
}

static struct mxa_str author_name(const struct mxa_facts *f)
{
	return f->author ? mxa_reply_domain(f->author->author) : MXA_STR_NONE;
}

static void add_unaligned(struct mxa_buf *b, const struct mxa_facts *f,
    struct mxa_str domain, bool aligned)
{
	if (mxa_facts_unaligned(f, domain, aligned))
		mxa_buf_printf(b, ", which is not aligned with %.*s",
		    MXA_STR_ARG(author_name(f)));
}

/* "fail for bounce.example.com at [192.0.2.1]" */
static void add_spf(struct mxa_buf *b, const struct mxa_facts *f)
{
	const struct mxa_spf_verdict *spf = &f->v->spf;
	struct mxa_str domain = mxa_reply_domain(spf->domain);
	char ip[MXA_IP_TEXT];

	mxa_buf_adds(b, mxa_spf_result_name(spf->result));
	if (f->msg->ip.family == 0) {
		mxa_buf_adds(b, ", the client's address is not known");
		return;
	}
	if (spf->domain.len == 0) {
		mxa_buf_adds(b, ", the sender has no usable domain");
		return;
	}
	if (spf->result == MXA_SPF_NONE) {
		mxa_buf_printf(
		    b, ", %.*s has no SPF record", MXA_STR_ARG(domain));
		return;
	}
	mxa_buf_printf(b, " for %.*s at [%s]", MXA_STR_ARG(domain),
	    mxa_ip_format(&f->msg->ip, ip));
	if (spf->result == MXA_SPF_PASS)
		add_unaligned(
		    b, f, spf->domain, f->author && f->author->spf_aligned);
}

/* "no signature"; "fail for example.com (body changed after signing)" */
static void add_dkim(struct mxa_buf *b, const struct mxa_facts *f)
{
	const struct mxa_dkim_sig *s = mxa_dkim_telling(&f->v->dkim, f->author);

	if (s == NULL) {
		mxa_buf_adds(b, "no signature");
		return;
	}
	mxa_buf_adds(b, mxa_dkim_result_name(s->result));
	if (s->domain.len > 0)
		mxa_buf_printf(
		    b, " for %.*s", MXA_STR_ARG(mxa_reply_domain(s->domain)));
	if (s->result == MXA_DKIM_PASS)
		add_unaligned(
		    b, f, s->domain, f->author && f->author->dkim_aligned);
	else if (s->cause != MXA_DKIM_OK)
		mxa_buf_printf(b, " (%s)", cause_words(s->cause));
}

static void add_both(struct mxa_buf *b, const struct mxa_facts *f)
{
	mxa_buf_adds(b, " SPF: ");
	add_spf(b, f);
	mxa_buf_adds(b, "; DKIM: ");
	add_dkim(b, f);
	mxa_buf_addc(b, '.');
}

/* --- built-in texts, one a cause --- */

/* Where the policy was found, when not at the author domain's own name. */
static void add_record_name(struct mxa_buf *b, const struct mxa_facts *f)
{
	struct mxa_str at = f->author->record_domain;

	if (at.len > 0 && !mxa_str_eq(at, f->author->author))
		mxa_buf_printf(b, " (from _dmarc.%.*s)",
		    MXA_STR_ARG(mxa_reply_domain(at)));
}

/* The damaged domain as it is written, when there is one. */
static void add_damage(struct mxa_buf *b, const struct mxa_facts *f)
{
	if (f->v->authors.damage.len > 0)
		mxa_buf_printf(b,
		    " Its From field has the damaged domain %.*s.",
		    MXA_STR_ARG(f->v->authors.damage));
}

static void add_dmarc(struct mxa_buf *b, const struct mxa_facts *f)
{
	struct mxa_str name = author_name(f);

	if (f->v->authors.more) {
		mxa_buf_printf(b,
		    " because its From field names %.*s and more domains than "
		    "can be authenticated.",
		    MXA_STR_ARG(name));
	} else {
		mxa_buf_printf(b, ": its DMARC policy is %s",
		    mxa_dmarc_policy_name(f->author->policy));
		add_record_name(b, f);
		mxa_buf_printf(b, ", and neither SPF nor DKIM passes for %.*s.",
		    MXA_STR_ARG(name));
	}
	add_damage(b, f);
	add_both(b, f);
}

static void add_wanted_from(struct mxa_buf *b)
{
	mxa_buf_adds(b,
	    " RFC 5322 asks for one From field with the address "
	    "of the author.");
}

static void add_no_author(struct mxa_buf *b, const struct mxa_facts *f)
{
	if (f->v->authors.fields == 0)
		mxa_buf_adds(b, ": it has no From field.");
	else if (f->v->authors.n == 0)
		mxa_buf_adds(
		    b, ": no author domain can be read in its From field.");
	else
		mxa_buf_adds(b,
		    ": its From field can be read in more ways than can be "
		    "checked.");
	add_damage(b, f);
	add_wanted_from(b);
}

static void add_malformed(struct mxa_buf *b, const struct mxa_facts *f)
{
	const struct mxa_authors *au = &f->v->authors;

	if (au->fields == 0)
		mxa_buf_adds(b, ": it has no From field.");
	else if (au->fields > 1)
		mxa_buf_printf(b, ": it has %zu From fields.", au->fields);
	else if (au->n == 0)
		mxa_buf_adds(b, ": its From field names no author domain.");
	else
		mxa_buf_adds(b, ": its From field is malformed.");
	add_damage(b, f);
	add_wanted_from(b);
}

static void add_temperror(struct mxa_buf *b, const struct mxa_facts *f)
{
	static const char *const what[] = {
		[TROUBLE_DMARC] = "DMARC policy or alignment",
		[TROUBLE_SPF] = "SPF result",
		[TROUBLE_DKIM] = "DKIM key",
	};

	mxa_buf_printf(b,
	    ": a DNS question that decides about it was not answered (%s).",
	    what[find_trouble(f)]);
	add_both(b, f);
	mxa_buf_adds(b, " Please try again later.");
}

/* Whose mail it is: the author domain, for SPF causes the one that SPF was
 * asked about. */
static void add_subject(
    struct mxa_buf *b, const struct mxa_facts *f, const struct mxa_action *act)
{
	bool spf = act->cause == MXA_CAUSE_SPF_FAIL ||
	    act->cause == MXA_CAUSE_SPF_SOFTFAIL ||
	    act->cause == MXA_CAUSE_SPF_PERMERROR ||
	    act->cause == MXA_CAUSE_NO_MAIL;
	struct mxa_str who =
	    spf ? mxa_reply_domain(f->v->spf.domain) : author_name(f);
	bool defer = act->kind == MXA_ACT_DEFER;

	if (who.len > 0 && act->cause != MXA_CAUSE_NO_AUTHOR)
		mxa_buf_printf(b, "Mail from %.*s", MXA_STR_ARG(who));
	else
		mxa_buf_adds(b, "The message");
	mxa_buf_adds(b, defer ? " is not accepted now" : " is refused");
}

static void add_cause(
    struct mxa_buf *b, const struct mxa_facts *f, const struct mxa_action *act)
{
	switch (act->cause) {
	case MXA_CAUSE_DMARC_REJECT:
	case MXA_CAUSE_DMARC_QUARANTINE:
	case MXA_CAUSE_DMARC_NONE:
		add_dmarc(b, f);
		break;
	case MXA_CAUSE_NO_AUTHOR:
		add_no_author(b, f);
		break;
	case MXA_CAUSE_MALFORMED_FROM:
		add_malformed(b, f);
		break;
	case MXA_CAUSE_DKIM_REQUIRED:
		mxa_buf_printf(b,
		    ": it needs a valid DKIM signature of %.*s. DKIM: ",
		    MXA_STR_ARG(author_name(f)));
		add_dkim(b, f);
		mxa_buf_addc(b, '.');
		break;
	case MXA_CAUSE_UNAUTHENTICATED:
		mxa_buf_adds(b, ": neither SPF nor DKIM passes.");
		add_both(b, f);
		break;
	case MXA_CAUSE_NO_MAIL:
		mxa_buf_adds(b,
		    f->v->no_mail == MXA_NO_MAIL_MX
			? ": its null MX says that it takes and sends no mail."
			: ": its SPF record says that it sends no mail.");
		add_both(b, f);
		break;
	case MXA_CAUSE_HELO_FAIL:
		mxa_buf_adds(b,
		    ": the SPF record of the HELO name does not permit the "
		    "client.");
		add_both(b, f);
		break;
	case MXA_CAUSE_SPF_PERMERROR:
		mxa_buf_adds(b, ": its SPF record cannot be used.");
		add_both(b, f);
		break;
	case MXA_CAUSE_SPF_FAIL:
	case MXA_CAUSE_SPF_SOFTFAIL:
		mxa_buf_adds(b, ": its SPF record does not permit the client.");
		add_both(b, f);
		break;
	case MXA_CAUSE_TEMPERROR:
		add_temperror(b, f);
		break;
	case MXA_CAUSE_NOTHING:
		mxa_buf_adds(b, " by local policy.");
		break;
	}
}

/* --- placeholders --- */

static void set_placeholders(const struct mxa_facts *f, struct mxa_arena *a,
    const struct mxa_action *act, struct mxa_str v[MXA_PLACEHOLDERS])
{
	char ip[MXA_IP_TEXT];

	for (int i = 0; i < MXA_PLACEHOLDERS; i++)
		v[i] = MXA_STR_NONE;
	v[MXA_PH_DOMAIN] = author_name(f);
	if (f->author != NULL && f->author->record != NULL)
		v[MXA_PH_POLICY] =
		    mxa_str_from(mxa_dmarc_policy_name(f->author->policy));
	v[MXA_PH_CAUSE] = mxa_str_from(mxa_cause_name(act->cause));
	v[MXA_PH_SPF] = mxa_str_from(mxa_spf_result_name(f->v->spf.result));
	v[MXA_PH_DKIM] = mxa_str_from(
	    mxa_dkim_result_name(mxa_dkim_summary(&f->v->dkim, f->author)));
	v[MXA_PH_DMARC] =
	    mxa_str_from(mxa_dmarc_result_name(f->v->dmarc.result));
	if (f->v->spf.domain.len > 0)
		v[MXA_PH_MAIL_FROM] = mxa_reply_domain(f->v->spf.domain);
	if (f->msg->helo.len > 0)
		v[MXA_PH_HELO] = mxa_reply_domain(f->msg->helo);
	if (f->msg->ip.family != 0)
		v[MXA_PH_IP] = mxa_str_dup(
		    a, mxa_str_from(mxa_ip_format(&f->msg->ip, ip)));
	v[MXA_PH_RECEIVER] = f->msg->receiver;
	v[MXA_PH_ID] = f->msg->queue_id;
	v[MXA_PH_RULE] = act->rule;
	v[MXA_PH_CONTACT] = f->conf->contact;
}

/* "See <https://…> or write to postmaster@…": what is configured of it. */
static void add_help(struct mxa_buf *b, const struct mxa_facts *f,
    const struct mxa_str v[MXA_PLACEHOLDERS])
{
	if (v[MXA_PH_HELP_URL].len > 0)
		mxa_buf_printf(b, " See %.*s", MXA_STR_ARG(v[MXA_PH_HELP_URL]));
	if (f->conf->contact.len > 0)
		mxa_buf_printf(b, "%s %.*s",
		    v[MXA_PH_HELP_URL].len > 0 ? " or ask" : " Contact:",
		    MXA_STR_ARG(f->conf->contact));
}

/* --- the reply --- */

static void write_prose(struct mxa_buf *b, const struct mxa_facts *f,
    struct mxa_arena *a, const struct mxa_action *act)
{
	struct mxa_str own = act->kind == MXA_ACT_DEFER ? f->conf->defer_text
							: f->conf->reject_text;
	struct mxa_str v[MXA_PLACEHOLDERS];
	struct mxa_buf url;

	set_placeholders(f, a, act, v);
	mxa_buf_init(&url, a, MAX_WIDTH);
	mxa_text_expand(&url, f->conf->help_url, v, true);
	v[MXA_PH_HELP_URL] = mxa_buf_str(&url);
	if (own.len > 0) {
		mxa_text_expand(b, own, v, false);
		return;
	}
	add_subject(b, f, act);
	add_cause(b, f, act);
	add_help(b, f, v);
}

/* The last line: what a program reads, "ref=ID@HOST spf=fail dkim=none …". */
static struct mxa_str key_values(const struct mxa_facts *f, struct mxa_arena *a,
    const struct mxa_action *act)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_WIDTH);
	mxa_buf_printf(&b, "ref=%.*s@%.*s spf=%s dkim=%s dmarc=%s rule=%.*s",
	    MXA_STR_ARG(f->msg->queue_id), MXA_STR_ARG(f->msg->receiver),
	    mxa_spf_result_name(f->v->spf.result),
	    mxa_dkim_result_name(mxa_dkim_summary(&f->v->dkim, f->author)),
	    mxa_dmarc_result_name(f->v->dmarc.result), MXA_STR_ARG(act->rule));
	for (size_t i = 0; i < act->n_grounds; i++)
		mxa_buf_printf(&b, "%s%s",
		    i ? "," : " grounds=", mxa_ground_name(act->ground[i]));
	return mxa_buf_str(&b);
}

/* How many lines of that width the text takes. */
static size_t lines_at(struct mxa_str text, size_t width)
{
	size_t lines = 0, at = 0;

	while (text.len - at > width) {
		size_t end = at + width;

		while (end > at && text.p[end] != ' ')
			end--;
		at = end > at ? end + 1 : at + width;
		lines++;
	}
	return lines + (at < text.len);
}

/* Lines of 72 where three of them hold the text, else as wide as needed. */
static void wrap_text(
    struct mxa_reply *r, struct mxa_arena *a, struct mxa_str text)
{
	size_t width = WIDTH;

	while (width < MAX_WIDTH && lines_at(text, width) > PROSE_LINES)
		width += WIDTH_STEP;
	mxa_reply_wrap(r, a, text, width, PROSE_LINES);
}

void mxa_refusal_write(
    const struct mxa_facts *f, struct mxa_arena *a, struct mxa_action *act)
{
	struct mxa_buf b;

	set_codes(f, a, act);
	mxa_buf_init(&b, a, MAX_TEXT);
	write_prose(&b, f, a, act);
	wrap_text(&act->reply, a, mxa_buf_str(&b));
	mxa_reply_line(&act->reply, a, key_values(f, a, act));
}
