/* dnsshow.c - DNS answers as one line of text. */
#include "t/support/dnsshow.h"

#include "base/arena.h"
#include "base/buf.h"

static void add_shown(struct mxa_buf *b, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c > '~')
			mxa_buf_printf(b, "\\%03o", c);
		else
			mxa_buf_addc(b, s.p[i]);
	}
}

static void add_record(
    struct mxa_buf *b, const struct mxa_dns_record *rr, enum mxa_dns_type type)
{
	char ip[MXA_IP_TEXT];

	switch (type) {
	case MXA_DNS_A:
	case MXA_DNS_AAAA:
		mxa_buf_printf(b, " %s", mxa_ip_format(&rr->ip, ip));
		return;
	case MXA_DNS_MX:
		mxa_buf_printf(b, " %u ", rr->preference);
		add_shown(b, rr->text);
		return;
	case MXA_DNS_TXT:
	case MXA_DNS_PTR:
		mxa_buf_adds(b, " <");
		add_shown(b, rr->text);
		mxa_buf_adds(b, ">");
		return;
	}
}

const char *test_dns_shown(
    struct mxa_arena *a, const struct mxa_dns_answer *answer)
{
	struct mxa_buf b;

	if (answer == NULL)
		return "none";
	mxa_buf_init(&b, a, 1000000);
	mxa_buf_adds(&b, mxa_dns_status_name(answer->status));
	if (!mxa_str_eq(answer->canonical, answer->name)) {
		mxa_buf_addc(&b, '@');
		add_shown(&b, answer->canonical);
	}
	if (answer->status == MXA_DNS_DATA)
		mxa_buf_printf(&b, " ttl=%u", answer->ttl);
	for (size_t i = 0; i < answer->n; i++)
		add_record(&b, &answer->rr[i], answer->type);
	return mxa_buf_cstr(&b);
}
