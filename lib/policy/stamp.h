/* stamp.h - the header fields we put on a message, from verdict and action
 * (mxauthd(8)). */
#ifndef MXA_POLICY_STAMP_H
#define MXA_POLICY_STAMP_H

#include "base/buf.h"
#include "policy/txn.h"

struct mxa_conf;

/* Value of Authentication-Results: as smfi_insheader wants it, without the
 * leading space (folds LF + TAB). */
void mxa_stamp_authres(
    struct mxa_buf *b, const struct mxa_conf *c, const struct mxa_txn *t);

/* Value of Received-SPF (RFC 7208 section 9.1); for 'v' the MAIL FROM or the
 * HELO verdict. */
void mxa_stamp_received_spf(struct mxa_buf *b, const struct mxa_conf *c,
    const struct mxa_txn *t, const struct mxa_spf_verdict *v);

#endif
