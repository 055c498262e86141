/* texts.h - placeholders %{name} in texts that the operator writes. */
#ifndef MXA_CONF_TEXTS_H
#define MXA_CONF_TEXTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct mxa_arena;

enum mxa_placeholder {
	MXA_PH_DOMAIN, /* %{domain}: author domain */
	MXA_PH_POLICY, /* %{policy}: effective DMARC policy */
	MXA_PH_CAUSE,  /* %{cause}: dmarc-reject, … */
	MXA_PH_SPF,    /* %{spf}, %{dkim}, %{dmarc}: result words */
	MXA_PH_DKIM,
	MXA_PH_DMARC,
	MXA_PH_MAIL_FROM, /* %{mail-from}: domain that SPF was asked about */
	MXA_PH_HELO,
	MXA_PH_IP,	 /* %{ip}: client address */
	MXA_PH_RECEIVER, /* %{receiver}: our authserv-id */
	MXA_PH_ID,	 /* %{id}: queue id */
	MXA_PH_RULE,	 /* %{rule}: policy.conf:12, or default */
	MXA_PH_HELP_URL, /* %{help-url}, %{contact}: the settings */
	MXA_PH_CONTACT,
	MXA_PLACEHOLDERS,
};

const char *mxa_placeholder_name(enum mxa_placeholder p);

/* Whether a text is fit for an SMTP reply: printable ASCII, at most 'max'
 * bytes, each '%' part of "%{name}" with a known name or of "%%".  False:
 * '*error' (in 'a') is one phrase. */
bool mxa_text_check(
    struct mxa_arena *a, struct mxa_str text, size_t max, const char **error);

/* Text with its placeholders replaced; an absent value leaves "-".  Bytes of a
 * value outside printable ASCII become '?'; with 'url' all but RFC 3986's
 * unreserved characters are percent-encoded.  Values are not looked at for
 * placeholders again. */
void mxa_text_expand(struct mxa_buf *out, struct mxa_str text,
    const struct mxa_str value[MXA_PLACEHOLDERS], bool url);

#endif
