/* report_address.c - where DMARC reports may be sent. */
#include "auth/report_address.h"

#include <string.h>

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/domain.h"

/* --- the address --- */

static int hex_value(char c)
{
	if (mxa_is_digit(c))
		return c - '0';
	c = mxa_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%2B" to "+"; false: a percent sign without two digits. */
static bool decode_percent(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	char *p = mxa_arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		int high, low;

		if (s.p[i] != '%') {
			p[n++] = s.p[i];
			continue;
		}
		if (i + 2 >= s.len)
			return false;
		high = hex_value(s.p[i + 1]);
		low = hex_value(s.p[i + 2]);
		if (high < 0 || low < 0)
			return false;
		p[n++] = (char)(high * 16 + low);
		i += 2;
	}
	*out = mxa_str_make(p, n);
	return true;
}

/* No quotes, no spaces, nothing that a header or a command line would take for
 * something else. */
static bool is_plain_local(struct mxa_str local)
{
	if (local.len == 0 || local.len > 64 || local.p[0] == '-' ||
	    local.p[0] == '.' || local.p[local.len - 1] == '.')
		return false;
	for (size_t i = 0; i < local.len; i++)
		if (!mxa_is_alnum(local.p[i]) &&
		    (local.p[i] == '\0' ||
			strchr("!#$%&'*+-/=?^_`{|}~.", local.p[i]) == NULL))
			return false;
	return true;
}

bool mxa_report_address(
    struct mxa_arena *a, const struct mxa_dmarc_uri *uri, struct mxa_str *out)
{
	struct mxa_str s = uri->address, domain;
	size_t at;

	s = mxa_str_sub(s, 0, mxa_str_chr(s, '?', 0)); /* RFC 6068 headers */
	if (!decode_percent(a, s, &s))
		return false;
	at = mxa_str_chr(s, '@', 0);
	if (at == s.len || !is_plain_local(mxa_str_sub(s, 0, at)) ||
	    mxa_domain_canonical(a, mxa_str_sub(s, at + 1, s.len), &domain) !=
		MXA_OK ||
	    !mxa_domain_is_ldh(domain))
		return false;
	*out = mxa_str_from(mxa_arena_printf(
	    a, "%.*s@%.*s", (int)at, s.p, MXA_STR_ARG(domain)));
	return true;
}

struct mxa_str mxa_report_address_host(struct mxa_str address)
{
	return mxa_str_sub(
	    address, mxa_str_chr(address, '@', 0) + 1, address.len);
}

/* --- permission --- */

/* Item 5: other addresses instead, at the same host only.  False: the record
 * names another host, and nothing may be sent because of it. */
static bool take_instead(struct mxa_arena *a, struct mxa_str text,
    struct mxa_str host, bool failure, struct mxa_report_target *out)
{
	const struct mxa_dmarc_uri *uri;
	size_t n;
	struct mxa_dmarc_record *r = mxa_arena_calloc(a, 1, sizeof(*r));
	bool ok = true;

	mxa_dmarc_record_parse(text, r);
	uri = failure ? r->ruf : r->rua;
	n = failure ? r->n_ruf : r->n_rua;
	for (size_t i = 0; i < n; i++) {
		struct mxa_str address;

		if (!mxa_report_address(a, &uri[i], &address))
			continue;
		if (!mxa_str_eq(mxa_report_address_host(address), host))
			ok = false;
		else if (out->n_instead < MXA_MAX_DMARC_URIS)
			out->instead[out->n_instead++] = address;
	}
	if (!ok)
		out->n_instead = 0;
	return ok;
}

static void ask_owner(struct mxa_budget *b, struct mxa_arena *a,
    struct mxa_str host, bool failure, struct mxa_report_target *out)
{
	const struct mxa_dns_answer *txt =
	    mxa_dns_lookup(b, MXA_SHARE_DMARC, out->asked, MXA_DNS_TXT);

	if (mxa_dns_failed(txt->status)) {
		out->permission = MXA_REPORT_UNKNOWN;
		out->why = mxa_str_from(mxa_arena_printf(a,
		    "%.*s: the DNS does not answer (%s)",
		    MXA_STR_ARG(out->asked), mxa_dns_status_name(txt->status)));
		return;
	}
	out->permission = MXA_REPORT_REFUSED;
	out->why = mxa_str_from(mxa_arena_printf(
	    a, "%.*s has no record with v=DMARC1", MXA_STR_ARG(out->asked)));
	for (size_t i = 0; i < txt->n; i++) {
		if (!mxa_str_starts(txt->rr[i].text, MXA_STR("v=DMARC1")))
			continue;
		if (take_instead(a, txt->rr[i].text, host, failure, out)) {
			out->permission = MXA_REPORT_GRANTED;
			return;
		}
		out->why = mxa_str_from(
		    mxa_arena_printf(a, "%.*s names an address of another host",
			MXA_STR_ARG(out->asked)));
	}
}

void mxa_report_target_verify(struct mxa_budget *b,
    const struct mxa_auth_options *o, struct mxa_arena *a,
    struct mxa_str domain, struct mxa_str address, bool failure,
    struct mxa_report_target *out)
{
	struct mxa_str host = mxa_report_address_host(address);
	/* item 1: of the same organization nobody is asked */
	enum mxa_same_org same = mxa_orgdom_compare(b, o, domain, host);

	memset(out, 0, sizeof(*out));
	out->why = out->asked = MXA_STR("");
	if (same == MXA_SAME_ORG)
		return;
	if (same == MXA_SAME_ORG_UNKNOWN) {
		out->permission = MXA_REPORT_UNKNOWN;
		out->why = MXA_STR("the DNS does not tell the organization");
		return;
	}
	out->external = true;
	out->asked =
	    mxa_str_from(mxa_arena_printf(a, "%.*s._report._dmarc.%.*s",
		MXA_STR_ARG(domain), MXA_STR_ARG(host)));
	if (out->asked.len > MXA_MAX_DOMAIN) {
		out->permission = MXA_REPORT_REFUSED;
		out->why = MXA_STR("the name of its record is too long");
		return;
	}
	ask_owner(b, a, host, failure, out);
}
