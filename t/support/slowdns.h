/* slowdns.h - a source of answers that gives them when it is told to, in the
 * order the test likes: what runs when an answer arrives can be seen step by
 * step. */
#ifndef MXA_T_SLOWDNS_H
#define MXA_T_SLOWDNS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "dns/dns.h"

/* Over the zone in 'text'.  Freed with mxa_dns_free. */
struct mxa_dns *slowdns_new(struct mxa_str text);

/* Questions that wait, oldest first: "TXT a.example, MX b.example". */
const char *slowdns_waiting(struct mxa_dns *d, struct mxa_arena *a);
size_t slowdns_count(struct mxa_dns *d);

/* Answer the 'i'-th of them, as the resolver's thread would; it is cached from
 * then on.  False: there is no such question. */
bool slowdns_answer(struct mxa_dns *d, size_t i);

/* Answer, oldest first, until nothing waits. */
void slowdns_answer_all(struct mxa_dns *d);

/* From now on a thread that waits is served one round of the DNS: all that has
 * been asked by then is answered, and not what is asked because of it.  So the
 * waits of a message (mxa_budget_counts) are the rounds that it takes. */
void slowdns_in_rounds(struct mxa_dns *d);

#endif
