/* report_line.c - what an aggregate report says about a message (RFC 9990
 * section 3.1), and its canonical text. */
#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/domain.h"
#include "history/tally.h"

#define MAX_LINE_TEXT ((size_t)128 * 1024)

struct mxa_str mxa_store_text(
    struct mxa_arena *a, struct mxa_str s, size_t most)
{
	bool clean = s.len <= most;
	char *p;

	for (size_t i = 0; i < s.len && clean; i++)
		clean = (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f;
	if (clean)
		return s.len > 0 ? s : MXA_STR("");
	if (s.len > most) {
		s.len = most;
		/* not in the middle of a character */
		while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	p = mxa_arena_strdup(a, s.p, s.len);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = '?';
	return mxa_str_make(p, s.len);
}

/* --- from a transaction --- */

static struct mxa_str canonical_or_empty(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str out;

	return s.len > 0 && mxa_domain_canonical(a, s, &out) == MXA_OK
	    ? out
	    : MXA_STR("");
}

static struct mxa_str policy_word(enum mxa_dmarc_policy p)
{
	return mxa_str_from(mxa_dmarc_policy_name(p));
}

/* A pass counts as "pass" only where the policy asks for something. */
static void line_disposition(struct mxa_arena *a, const struct mxa_action *act,
    const struct mxa_dmarc_domain *d, bool decided, struct mxa_report_line *out)
{
	enum mxa_override why = act->override;

	out->disposition = policy_word(MXA_POLICY_NONE);
	out->reason = out->comment = MXA_STR("");
	if (d->result == MXA_DMARC_PASS) {
		if (d->policy != MXA_POLICY_NONE)
			out->disposition = MXA_STR("pass");
		return;
	}
	if (d->result != MXA_DMARC_FAIL) {
		out->reason =
		    mxa_str_from(mxa_override_name(MXA_OVERRIDE_OTHER));
		out->comment = MXA_STR("temporary DNS error");
		return;
	}
	out->disposition = policy_word(act->disposition);
	if (!decided)
		why = act->disposition != d->published
		    ? MXA_OVERRIDE_LOCAL_POLICY
		    : MXA_OVERRIDE_NONE;
	if (why == MXA_OVERRIDE_NONE)
		return;
	out->reason = mxa_str_from(mxa_override_name(why));
	if (decided)
		out->comment = mxa_store_text(
		    a, act->override_comment, MXA_ROW_MAX_COMMENT);
}

/* RFC 9990 section 3.1.3: those that matter most come first, because some
 * readers look at the first ones only. */
static int sig_priority(
    const struct mxa_dmarc_domain *d, const struct mxa_row_dkim *s)
{
	if (!mxa_str_is(s->result, "pass"))
		return 3;
	if (mxa_str_eq(s->domain, d->author))
		return 0;
	return mxa_domain_within(s->domain, d->organizational) ? 1 : 2;
}

static int compare_sigs(const void *a, const void *b, void *ctx)
{
	const struct mxa_row_dkim *x = a, *y = b;
	int c = sig_priority(ctx, x) - sig_priority(ctx, y);

	if (c == 0)
		c = mxa_str_order(x->domain, y->domain);
	if (c == 0)
		c = mxa_str_order(x->selector, y->selector);
	return c != 0 ? c : mxa_str_order(x->result, y->result);
}

static bool same_sig(const struct mxa_row_dkim *a, const struct mxa_row_dkim *b)
{
	return mxa_str_eq(a->domain, b->domain) &&
	    mxa_str_eq(a->selector, b->selector) &&
	    mxa_str_eq(a->result, b->result);
}

/* Signatures that were tried and can be named, in a fixed order, each once. */
static void line_sigs(struct mxa_arena *a, const struct mxa_dkim_verdict *v,
    const struct mxa_dmarc_domain *d, struct mxa_report_line *out)
{
	struct mxa_row_dkim *all = mxa_arena_calloc(a, v->n, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct mxa_dkim_sig *s = &v->sig[i];

		if (s->cause == MXA_DKIM_NOT_TRIED || s->domain.len == 0 ||
		    s->selector.len == 0)
			continue;
		all[n].domain = mxa_store_text(a, s->domain, MXA_MAX_DOMAIN);
		all[n].selector =
		    mxa_store_text(a, s->selector, MXA_MAX_DOMAIN);
		all[n++].result = mxa_str_from(mxa_dkim_result_name(s->result));
	}
	if (n > 0)
		qsort_r(all, n, sizeof(*all), compare_sigs, (void *)d);
	out->n_sig = 0;
	for (size_t i = 0; i < n && out->n_sig < MXA_ROW_MAX_DKIM; i++)
		if (i == 0 || !same_sig(&all[i], &all[i - 1]))
			out->sig[out->n_sig++] = all[i];
}

static void line_spf(struct mxa_arena *a, const struct mxa_spf_verdict *v,
    struct mxa_report_line *out)
{
	out->spf_domain = canonical_or_empty(a, v->domain);
	out->spf_result = MXA_STR("");
	if (out->spf_domain.len > 0)
		out->spf_result = mxa_str_from(mxa_spf_result_name(v->result));
}

bool mxa_report_line_of(struct mxa_arena *a, const struct mxa_entry *e,
    size_t i, struct mxa_report_line *out)
{
	const struct mxa_txn *t = &e->txn;
	const struct mxa_dmarc_domain *d = &t->verdict.dmarc.domain[i];
	char ip[MXA_IP_TEXT];

	if (t->msg.exempt != MXA_EXEMPT_NO || t->action.kind == MXA_ACT_DEFER ||
	    t->msg.ip.family == 0 || d->record == NULL ||
	    d->record->n_rua == 0 || d->record_domain.len == 0 ||
	    d->author.len == 0)
		return false;
	out->source_ip =
	    mxa_str_dup(a, mxa_str_from(mxa_ip_format(&t->msg.ip, ip)));
	out->header_from = mxa_store_text(a, d->author, MXA_MAX_DOMAIN);
	out->envelope_from = canonical_or_empty(a, t->msg.mail_domain);
	out->dkim = d->dkim_aligned;
	out->spf = d->spf_aligned;
	line_disposition(a, &t->action, d,
	    i == t->action.author || t->verdict.dmarc.n == 1, out);
	line_sigs(a, &t->verdict.dkim, d, out);
	line_spf(a, &t->verdict.spf, out);
	return true;
}

/* --- the canonical text --- */

/* Fields end with a newline, parts of a field with a tab; neither is in a
 * value. */
static void add_line_field(struct mxa_buf *b, struct mxa_str s, char end)
{
	mxa_buf_addstr(b, s);
	mxa_buf_addc(b, end);
}

static struct mxa_str pass_word(bool pass)
{
	return pass ? MXA_STR("pass") : MXA_STR("fail");
}

struct mxa_str mxa_report_line_format(
    struct mxa_arena *a, const struct mxa_report_line *l)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_LINE_TEXT);
	add_line_field(&b, l->source_ip, '\n');
	add_line_field(&b, l->header_from, '\n');
	add_line_field(&b, l->envelope_from, '\n');
	add_line_field(&b, l->disposition, '\n');
	add_line_field(&b, pass_word(l->dkim), '\n');
	add_line_field(&b, pass_word(l->spf), '\n');
	add_line_field(&b, l->reason, '\t');
	add_line_field(&b, l->comment, '\n');
	add_line_field(&b, l->spf_domain, '\t');
	add_line_field(&b, l->spf_result, '\n');
	for (size_t i = 0; i < l->n_sig; i++) {
		add_line_field(&b, l->sig[i].domain, '\t');
		add_line_field(&b, l->sig[i].selector, '\t');
		add_line_field(&b, l->sig[i].result, '\n');
	}
	return mxa_buf_str(&b);
}

static bool take_line_field(struct mxa_str *rest, char end, struct mxa_str *out)
{
	size_t at = mxa_str_chr(*rest, end, 0);

	if (at == rest->len)
		return false;
	*out = mxa_str_sub(*rest, 0, at);
	*rest = mxa_str_sub(*rest, at + 1, rest->len);
	return true;
}

static bool take_pass(struct mxa_str *rest, bool *out)
{
	struct mxa_str s;

	if (!take_line_field(rest, '\n', &s))
		return false;
	*out = mxa_str_is(s, "pass");
	return true;
}

bool mxa_report_line_parse(struct mxa_str text, struct mxa_report_line *out)
{
	bool ok = take_line_field(&text, '\n', &out->source_ip) &&
	    take_line_field(&text, '\n', &out->header_from) &&
	    take_line_field(&text, '\n', &out->envelope_from) &&
	    take_line_field(&text, '\n', &out->disposition) &&
	    take_pass(&text, &out->dkim) && take_pass(&text, &out->spf) &&
	    take_line_field(&text, '\t', &out->reason) &&
	    take_line_field(&text, '\n', &out->comment) &&
	    take_line_field(&text, '\t', &out->spf_domain) &&
	    take_line_field(&text, '\n', &out->spf_result);

	out->n_sig = 0;
	while (ok && text.len > 0 && out->n_sig < MXA_ROW_MAX_DKIM) {
		struct mxa_row_dkim *s = &out->sig[out->n_sig++];

		ok = take_line_field(&text, '\t', &s->domain) &&
		    take_line_field(&text, '\t', &s->selector) &&
		    take_line_field(&text, '\n', &s->result);
	}
	return ok && text.len == 0;
}
