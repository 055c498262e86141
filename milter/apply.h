/* apply.h - what was decided, done through libmilter. */
#ifndef MXA_MILTER_APPLY_H
#define MXA_MILTER_APPLY_H

#include <libmilter/mfapi.h>
#include <stdbool.h>

struct session_outcome;

/* At end of message: deletes forged fields (last first: indexes shift), inserts
 * ours on top, quarantines, sets the reply.  'exact': values carry their
 * leading space.  The value for xxfi_eom. */
sfsistat apply_outcome(
    SMFICTX *ctx, const struct session_outcome *o, bool exact);

/* 451 4.3.2 for a message that came when there were too many.  Returns the
 * value for xxfi_eom. */
sfsistat apply_busy(SMFICTX *ctx);

/* 452 4.5.3 for a recipient who needs a separate transaction.  Returns the
 * value for xxfi_envrcpt. */
sfsistat apply_recipient_later(SMFICTX *ctx);

#endif
