/* sign.h - DKIM signatures on our report mails, by libopendkim. */
#ifndef MXA_REPORT_SENT_SIGN_H
#define MXA_REPORT_SENT_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "dns/dns.h"

struct mxa_arena;
struct mxa_clock;
struct mxa_conf;
struct mxa_signer;

/* rsa-sha256, relaxed/relaxed.  'key' is PEM; texts are copied.  NULL:
 * '*error' is a phrase in static storage. */
struct mxa_signer *mxa_signer_new(struct mxa_str domain,
    struct mxa_str selector, struct mxa_str key, const char **error);
void mxa_signer_free(struct mxa_signer *s); /* NULL is fine */

/* The field "DKIM-Signature: ...", CRLF included, in 'a', for a message with
 * CRLF line ends.  False: it could not be signed. */
bool mxa_sign(struct mxa_signer *s, struct mxa_arena *a, struct mxa_str message,
    int64_t now, struct mxa_str *field);

/* Whether our own verifier accepts a signed message: the signature passes, and
 * DMARC passes for the author.  Else '*why' says what is wrong, in 'a'. */
bool mxa_sign_check(struct mxa_dns *dns, const struct mxa_conf *conf,
    const struct mxa_clock *clock, struct mxa_arena *a, struct mxa_str message,
    struct mxa_str *why);

#endif
