/* mxauth.h - libmxauth: bytes in, verdicts out.  This header includes what a
 * program needs and tells the path of a message; nothing else lives here.
 *
 * A message arrives in pieces.  The connection's facts and the envelope go into
 * struct mxa_msg (mail/message.h), each header field into its mxa_headers.
 * At every step the program also tells struct mxa_eval (auth/evaluate.h), which
 * sends questions to the DNS as soon as their names are known, through the
 * message's struct mxa_budget (dns/dns.h), and streams the body into the
 * hashers of the signature engine.  Nothing waits before mxa_eval_finish.
 *
 * mxa_eval_finish waits for the answers that matter and writes struct
 * mxa_verdict (auth/verdict.h): SPF, DKIM, ARC, DMARC, iprev, each with its
 * cause in words.  mxa_decide (policy/decide.h) reads configuration, message
 * and verdict, asks nobody, and writes struct mxa_action: what to do, in which
 * words, by which rule, on which grounds.  policy/stamp.h turns the three into
 * Authentication-Results and Received-SPF, history/logline.h into the log line;
 * history/journal.h keeps them as one line of JSON.
 *
 * The three parts are one struct mxa_txn (policy/txn.h).  Every stage reads the
 * parts before its own as const.  The daemon, `mxauth check` and `mxauth
 * replay` are thin callers of the same functions, so that a field report
 * reproduces from a message and a zone file.
 *
 * Memory has three lifetimes: the message's arena (base/arena.h), the process's
 * objects (_new and _free), and a call's foreign handles (MXA_CLEANUP).
 */
#ifndef MXA_MXAUTH_H
#define MXA_MXAUTH_H

#include "auth/evaluate.h"
#include "base/arena.h"
#include "dns/dns.h"
#include "dns/stub.h"
#include "dns/zone.h"
#include "conf/conf.h"
#include "policy/decide.h"
#include "policy/grounds.h"
#include "policy/stamp.h"
#include "policy/txn.h"

#endif
