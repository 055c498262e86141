/* failure_report.c - whether a message deserves failure reports. */
#include "policy/failure_report.h"

#include "auth/dmarc_record.h"
#include "conf/conf.h"
#include "mail/report_mail.h"

/* --- mail that is never reported --- */

static bool is_for_us(const struct mxa_conf *conf, const struct mxa_msg *m)
{
	for (size_t i = 0; i < m->n_rcpt; i++)
		if (mxa_is_address_of(conf->reports_from, m->rcpt[i]) ||
		    mxa_is_address_of(conf->reports_bounces, m->rcpt[i]))
			return true;
	return false;
}

static bool is_reportable(const struct mxa_conf *conf, const struct mxa_msg *m)
{
	return m->exempt == MXA_EXEMPT_NO && !m->authenticated &&
	    m->mail_from.len > 0 && !mxa_is_automatic_mail(&m->headers) &&
	    !mxa_is_aggregate_report(&m->headers) && !is_for_us(conf, m);
}

/* --- fo= --- */

static bool a_signature_failed(const struct mxa_dkim_verdict *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->sig[i].cause != MXA_DKIM_NOT_TRIED &&
		    (v->sig[i].result == MXA_DKIM_FAIL ||
			v->sig[i].result == MXA_DKIM_PERMERROR))
			return true;
	return false;
}

/* Whether it is known that no aligned signature passes: a key that could not
 * be asked for may have been the right one. */
static bool dkim_is_known(const struct mxa_dkim_verdict *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->sig[i].result == MXA_DKIM_TEMPERROR ||
		    v->sig[i].cause == MXA_DKIM_NOT_TRIED)
			return false;
	return v->untried == 0;
}

static bool spf_failed(enum mxa_spf_result r)
{
	return r == MXA_SPF_FAIL || r == MXA_SPF_SOFTFAIL ||
	    r == MXA_SPF_PERMERROR;
}

/* RFC 9989 section 4.7: the options of fo= are joined. */
static bool matches_options(
    const struct mxa_verdict *v, const struct mxa_dmarc_domain *d)
{
	unsigned fo = d->record->fo;
	bool no_spf = !d->spf_aligned && v->spf.result != MXA_SPF_TEMPERROR;
	bool no_dkim = !d->dkim_aligned && dkim_is_known(&v->dkim);

	return ((fo & MXA_FO_ALL) != 0 && d->result == MXA_DMARC_FAIL) ||
	    ((fo & MXA_FO_ANY) != 0 && (no_spf || no_dkim)) ||
	    ((fo & MXA_FO_DKIM) != 0 && a_signature_failed(&v->dkim)) ||
	    ((fo & MXA_FO_SPF) != 0 && spf_failed(v->spf.result));
}

static bool asks_for_it(
    const struct mxa_verdict *v, const struct mxa_dmarc_domain *d)
{
	return d->record != NULL && d->record->n_ruf > 0 &&
	    d->record->psd != MXA_PSD_Y &&
	    (d->result == MXA_DMARC_FAIL || d->result == MXA_DMARC_PASS) &&
	    matches_options(v, d);
}

size_t mxa_failure_reports_wanted(const struct mxa_conf *conf,
    const struct mxa_txn *t, const struct mxa_dmarc_domain **out)
{
	const struct mxa_dmarc_verdict *v = &t->verdict.dmarc;
	size_t n = 0;

	if (!conf->failure_reports || !is_reportable(conf, &t->msg))
		return 0;
	for (size_t i = 0; i < v->n; i++)
		if (asks_for_it(&t->verdict, &v->domain[i]))
			out[n++] = &v->domain[i];
	return n;
}
