/* suggest.h - rules that a careful postmaster would add before he turns
 * refusals on, from what the journal shows.
 *
 * A rule is suggested only by what a forger cannot bring about himself: SPF
 * that passed, aligned, for the author's domain from that very address, or for
 * a message that the signer signed too.  A DKIM signature can be replayed, an
 * ARC chain or list fields can be made up, and whoever is a customer of a mail
 * service has its signature. */
#ifndef MXA_HISTORY_SUGGEST_H
#define MXA_HISTORY_SUGGEST_H

#include "history/replay.h"

struct mxa_suggest;

struct mxa_suggest *mxa_suggest_new(void);
void mxa_suggest_free(struct mxa_suggest *s);

/* A message as it was decided again. */
void mxa_suggest_add(struct mxa_suggest *s, const struct mxa_entry *e,
    const struct mxa_replayed *r);

/* A rule: "author" and "client", or "author" and "signer". */
struct mxa_suggestion {
	const char *author;
	const char *client;  /* address, or NULL */
	const char *signer;  /* domain, or NULL */
	size_t failed;	     /* messages that it would let through */
	size_t passed;	     /* that show that the author's domain means it */
	const char *example; /* queue id of one that failed */
};

/* Messages that would still be refused: "author client cause". */
struct mxa_refused {
	const char *author, *client;
	size_t n;
	const char *signers; /* domains that signed them; empty: none */
	const char *example;
};

/* Each in turn, those for most messages first; false: no more.  Texts live as
 * long as 's'. */
bool mxa_suggest_rule(
    struct mxa_suggest *s, size_t i, struct mxa_suggestion *out);
bool mxa_suggest_refused(
    struct mxa_suggest *s, size_t i, struct mxa_refused *out);

/* Messages that would be refused or held without the rules, and with them. */
size_t mxa_suggest_before(const struct mxa_suggest *s);
size_t mxa_suggest_after(struct mxa_suggest *s);

#endif
