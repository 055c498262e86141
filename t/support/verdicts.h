/* verdicts.h - messages and verdicts written as one line of words, for tests of
 * what comes behind evaluate(). */
#ifndef MXA_T_VERDICTS_H
#define MXA_T_VERDICTS_H

#include "policy/txn.h"

/* Message and verdict from words separated by spaces:
 *
 *	ip=A peer=A hops=N helo=H mfrom=U@D rcpt=U@D (again for more) id=Q
 *	exempt=network|authenticated|local|rule auth=LOGIN ptr=NAME
 *	field=NAME:VALUE (underscores are spaces)
 *	list		List-Id and List-Post fields
 *	spf=RESULT:DOMAIN[:MECHANISM] helo-spf=RESULT:DOMAIN  local
 *	dkim=RESULT[/CAUSE]:DOMAIN[:SELECTOR]	(again for more)
 *	untried=N
 *	arc=RESULT[:SEALER,SEALER…][:trusted]
 *	dmarc=RESULT:AUTHOR[:POLICY[:FLAG,FLAG…]]  flags: t sp np nx spf dkim
 *		org=DOMAIN at=DOMAIN	(again for more author domains)
 *	from=none|malformed|twice|more
 *	iprev=RESULT[:NAME]
 *
 * Defaults: ip 192.0.2.1, helo h.example.net, sender u@bounce.example.com, one
 * recipient bob@example.jp, queue id 4XyZabc, receiver mx.example.jp, and
 * everything none.  Fails the test at a word it does not know.  The action is
 * left zeroed. */
void test_txn(struct mxa_arena *a, const char *words, struct mxa_txn *out);

#endif
