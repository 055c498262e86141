/* sign.c - DKIM signatures on our report mails. */
#include "report/sent/sign.h"

#include <opendkim/dkim.h>
#include <stdlib.h>
#include <string.h>

#include "auth/evaluate.h"
#include "auth/sig/key.h"
#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "mail/message.h"

struct mxa_signer {
	DKIM_LIB *lib;
	char *domain, *selector, *key;
	bool rsa; /* libopendkim loses memory over a key that it cannot use */
};

struct mxa_signer *mxa_signer_new(struct mxa_str domain,
    struct mxa_str selector, struct mxa_str key, const char **error)
{
	struct mxa_signer *s;
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	*error = NULL;
	if (lib == NULL) {
		*error = "libopendkim cannot be started";
		return NULL;
	}
	s = mxa_xcalloc(1, sizeof(*s));
	s->lib = lib;
	s->domain = mxa_xstrndup(domain.p, domain.len);
	s->selector = mxa_xstrndup(selector.p, selector.len);
	s->key = mxa_xstrndup(key.p, key.len);
	s->rsa = mxa_key_is_rsa_private(key);
	return s;
}

void mxa_signer_free(struct mxa_signer *s)
{
	if (s == NULL)
		return;
	dkim_close(s->lib);
	free(s->domain);
	free(s->selector);
	explicit_bzero(s->key, strlen(s->key));
	free(s->key);
	free(s);
}

static bool feed_message(DKIM *d, struct mxa_arena *a, struct mxa_str message)
{
	struct mxa_headers h;
	struct mxa_str body;
	size_t at;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, message, &at);
	for (size_t i = 0; i < h.n; i++)
		if (dkim_header(d, (u_char *)h.v[i].raw.p, h.v[i].raw.len) !=
		    DKIM_STAT_OK)
			return false;
	if (dkim_eoh(d) != DKIM_STAT_OK)
		return false;
	body = mxa_str_sub(message, at, message.len);
	return dkim_body(d, (u_char *)body.p, body.len) == DKIM_STAT_OK &&
	    dkim_eom(d, NULL) == DKIM_STAT_OK;
}

static bool take_signed_field(
    DKIM *d, struct mxa_arena *a, struct mxa_str *field)
{
	struct mxa_buf b;
	u_char *value;
	size_t len;

	if (dkim_getsighdr_d(d, sizeof("DKIM-Signature: ") - 1, &value, &len) !=
	    DKIM_STAT_OK)
		return false;
	mxa_buf_init(&b, a, 8192);
	mxa_buf_adds(&b, "DKIM-Signature: ");
	mxa_buf_addstr(&b, mxa_str_make((char *)value, len)); /* CRLF folds */
	mxa_buf_adds(&b, "\r\n");
	*field = mxa_buf_str(&b);
	return !b.full;
}

bool mxa_sign(struct mxa_signer *s, struct mxa_arena *a, struct mxa_str message,
    int64_t now, struct mxa_str *field)
{
	uint64_t fixed = (uint64_t)now;
	DKIM_STAT stat;
	DKIM *d;
	bool ok;

	if (!s->rsa)
		return false;
	(void)dkim_options(
	    s->lib, DKIM_OP_SETOPT, DKIM_OPTS_FIXEDTIME, &fixed, sizeof(fixed));
	d = dkim_sign(s->lib, (u_char *)"report", NULL, (u_char *)s->key,
	    (u_char *)s->selector, (u_char *)s->domain, DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &stat);
	if (d == NULL)
		return false;
	ok = feed_message(d, a, message) && take_signed_field(d, a, field);
	dkim_free(d);
	return ok;
}

/* --- the check --- */

static struct mxa_str why_not_signed(
    struct mxa_arena *a, const struct mxa_verdict *v)
{
	const struct mxa_dmarc_domain *d = &v->dmarc.domain[0];

	if (v->dkim.n == 0)
		return MXA_STR("there is no signature");
	if (v->dkim.sig[0].result != MXA_DKIM_PASS)
		return mxa_str_from(mxa_arena_printf(a,
		    "the signature of %.*s (selector %.*s) does not pass: %.*s",
		    MXA_STR_ARG(v->dkim.sig[0].domain),
		    MXA_STR_ARG(v->dkim.sig[0].selector),
		    MXA_STR_ARG(v->dkim.sig[0].reason.text)));
	if (v->dmarc.n == 0)
		return MXA_STR("reports.from has no domain");
	if (v->dmarc.result == MXA_DMARC_NONE)
		return mxa_str_from(mxa_arena_printf(a,
		    "%.*s has no DMARC record (RFC 9990 section 3.5.2 asks for "
		    "one): mxauth lint %.*s proposes it",
		    MXA_STR_ARG(d->author), MXA_STR_ARG(d->author)));
	return mxa_str_from(mxa_arena_printf(a, "DMARC says %s for %.*s: %.*s",
	    mxa_dmarc_result_name(v->dmarc.result), MXA_STR_ARG(d->author),
	    MXA_STR_ARG(d->reason.text)));
}

bool mxa_sign_check(struct mxa_dns *dns, const struct mxa_conf *conf,
    const struct mxa_clock *clock, struct mxa_arena *a, struct mxa_str message,
    struct mxa_str *why)
{
	struct mxa_verdict *v = mxa_arena_calloc(a, 1, sizeof(*v));
	struct mxa_msg *m = mxa_arena_calloc(a, 1, sizeof(*m));
	struct mxa_budget *budget =
	    mxa_budget_open(dns, conf->dns_deadline * 1000);
	struct mxa_engine_env env = { .arena = a,
		.budget = budget,
		.clock = clock,
		.options = &conf->auth };
	size_t body;
	bool ok;

	mxa_msg_init(m, a);
	mxa_headers_split(&m->headers, message, &body);
	mxa_evaluate(&env, m, mxa_str_sub(message, body, message.len), v);
	ok = v->dkim.n > 0 && v->dkim.sig[0].result == MXA_DKIM_PASS &&
	    v->dmarc.result == MXA_DMARC_PASS;
	if (!ok)
		*why = mxa_str_dup(a, why_not_signed(a, v));
	mxa_budget_close(budget);
	return ok;
}
