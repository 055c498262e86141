/* txn.h - one message on its way: message (facts), verdict (findings), action
 * (decision).  A stage reads the parts before its own as const. */
#ifndef MXA_POLICY_TXN_H
#define MXA_POLICY_TXN_H

#include "auth/verdict.h"
#include "mail/message.h"
#include "policy/action.h"

struct mxa_txn {
	struct mxa_msg msg;
	struct mxa_verdict verdict;
	struct mxa_action action;
	uint32_t ms;	 /* waited at end of message */
	bool unanswered; /* the MTA hung up before our answer */
};

#endif
