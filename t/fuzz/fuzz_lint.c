/* fuzz_lint.c - the lint over records of any bytes: whatever is published, it
 * ends, asks a bounded number of questions, and each finding has words and a
 * fix; a record that it proposes is one that parses.
 *
 * The input is four records, with a line end between them: SPF of the domain,
 * SPF of what it may include, DMARC, a DKIM key. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "auth/dmarc_record.h"
#include "auth/engine.h"
#include "auth/spf/grammar.h"
#include "base/arena.h"
#include "base/buf.h"
#include "dns/zone.h"
#include "lint/lint.h"
#include "record/dmarc_edit.h"
#include "t/support/spfsuite.h"

#define MAX_QUESTIONS 900

static struct mxa_str part(struct mxa_str in, size_t *at)
{
	size_t from = *at, end = mxa_str_chr(in, '\n', from);

	*at = end + (end < in.len);
	return mxa_str_sub(in, from, end);
}

static void add_txt(struct mxa_buf *b, const char *name, struct mxa_str text)
{
	mxa_buf_printf(b, "%s TXT", name);
	zone_add_text(b, mxa_str_sub(text, 0, 4000));
	mxa_buf_addc(b, '\n');
}

static struct mxa_str zone_of(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	mxa_buf_adds(&b, "$TTL 300\nd.example MX 10 h.d.example\n");
	mxa_buf_adds(&b, "h.d.example A 192.0.2.7\n");
	add_txt(&b, "d.example", part(in, &at));
	add_txt(&b, "i.example", part(in, &at));
	add_txt(&b, "_dmarc.d.example", part(in, &at));
	add_txt(&b, "s1._domainkey.d.example", part(in, &at));
	mxa_buf_adds(&b, ";! servfail broken.example\n");
	return mxa_buf_str(&b);
}

static void check_finding(const struct mxa_finding *f)
{
	const char *code = mxa_lint_code_name(f->code);
	struct mxa_spf_record r;

	require(f->evidence.len > 0 && f->name.len > 0);
	require(f->fix.new.len > 0 || f->fix.advice.len > 0);
	require((f->fix.new.len > 0) == f->fix.verified);
	require((f->fix.new.len > 0) == (f->fix.name.len > 0));
	if (f->fix.new.len == 0)
		return;
	if (strncmp(code, "spf-", 4) == 0) {
		mxa_spf_parse(&r, f->fix.new, false);
		mxa_spf_record_done(&r);
		require(r.ok);
	}
	if (strncmp(code, "dmarc-", 6) == 0 &&
	    f->code != MXA_LINT_DMARC_EXTERNAL_RUA)
		require(mxa_dmarc_stands(f->fix.new));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_auth_options auth;
	struct mxa_ip ip = { .family = 4, .b = { 192, 0, 2, 9 } };
	struct mxa_lint_options o = {
		.ip = &ip, .n_ips = 1, .deadline_ms = 1000, .auth = &auth
	};
	struct mxa_lint l;
	struct mxa_dns *dns;
	char *error = NULL;

	mxa_auth_options_default(&auth);
	dns = mxa_dns_zone_text("zone",
	    zone_of(a, mxa_str_make((const char *)data, size)), NULL, &error);
	if (dns != NULL) {
		mxa_lint_run(a, dns, &o, MXA_STR("d.example"), &l);
		require(l.questions <= MAX_QUESTIONS);
		require(l.n <= MXA_LINT_MAX_FINDINGS);
		for (struct mxa_finding *f = l.first; f; f = f->next)
			check_finding(f);
	}
	free(error);
	mxa_dns_free(dns);
	mxa_arena_free(a);
	return 0;
}
