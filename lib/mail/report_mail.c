/* report_mail.c - which mail is itself a report. */
#include "mail/report_mail.h"

#include "mail/headers.h"

static struct mxa_str field_text(const struct mxa_headers *h, const char *name)
{
	const struct mxa_field *f = mxa_headers_find(h, name, 0);

	return f != NULL ? mxa_str_trim(f->value) : MXA_STR("");
}

bool mxa_is_aggregate_report(const struct mxa_headers *h)
{
	return mxa_str_casestarts(
	    field_text(h, "Subject"), MXA_STR("Report Domain:"));
}

bool mxa_is_automatic_mail(const struct mxa_headers *h)
{
	struct mxa_str v = field_text(h, "Auto-Submitted");
	struct mxa_str word =
	    mxa_str_trim(mxa_str_sub(v, 0, mxa_str_chr(v, ';', 0)));

	return (v.len > 0 && !mxa_str_caseis(word, "no")) ||
	    mxa_str_casestarts(
		field_text(h, "Content-Type"), MXA_STR("multipart/report"));
}

bool mxa_is_address_of(struct mxa_str own, struct mxa_str address)
{
	size_t at = mxa_str_chr(own, '@', 0);
	size_t plus = mxa_str_chr(address, '+', 0);
	struct mxa_str domain = mxa_str_sub(own, at, own.len);

	if (own.len == 0)
		return false;
	if (mxa_str_caseeq(own, address))
		return true;
	return plus == at && address.len > own.len &&
	    mxa_str_caseeq(
		mxa_str_sub(own, 0, at), mxa_str_sub(address, 0, plus)) &&
	    mxa_str_caseeq(domain,
		mxa_str_sub(address, address.len - domain.len, address.len));
}
