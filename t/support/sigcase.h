/* sigcase.h - one message through the native DKIM engine or the ARC validator,
 * over a zone file in memory. */
#ifndef MXA_T_SIGCASE_H
#define MXA_T_SIGCASE_H

#include <openssl/evp.h>
#include <stddef.h>

#include "auth/engine.h"
#include "mail/headers.h"
#include "t/support/testing.h"

/* When the tests take place: 2026-09-01T00:00:00Z. */
#define SIGCASE_NOW INT64_C(1788220800)

/* The keys of t/keys, with these selectors below every test domain. */
EVP_PKEY *sigcase_key(const char *name); /* "rsa2048"; loaded once */

struct sigcase {
	struct mxa_arena *arena;
	struct test_clock clock;
	struct mxa_auth_options options;
	struct mxa_buf zone; /* text, grows until the first run */
	struct mxa_dns *dns;
	bool settled; /* what env.settled answers */
	size_t chunk; /* body fed in pieces of that size; 0: at once */
	uint32_t deadline_ms;
	bool one_budget; /* all runs share one: a warm cache */
	struct mxa_budget *budget;
	struct mxa_dns_counts counts; /* of the last run */
	bool body_needed;	      /* of the last run */
};

void sigcase_init(struct sigcase *c);
void sigcase_done(struct sigcase *c);

/* Add lines to the zone. */
void sigcase_zone(struct sigcase *c, const char *lines);

/* Publish a key: "SELECTOR._domainkey.DOMAIN TXT …". */
void sigcase_publish(struct sigcase *c, const char *selector,
    const char *domain, const char *record);

/* The usual keys of a domain: selector is the key's name. */
void sigcase_domain(struct sigcase *c, const char *domain);

/* 'message' signed with the key of that name; domain (example.com) and selector
 * (the key's name) unless 'o' has them. */
struct sign_options;
struct mxa_str sigcase_sign(struct sigcase *c, const char *key,
    const struct sign_options *o, struct mxa_str message);

/* Verify 'message' (CRLF line ends); 'author' is the author domain, or several
 * with spaces between them, NULL: none.  The verdict's text lives until
 * sigcase_done. */
void sigcase_dkim(struct sigcase *c, struct mxa_str message, const char *author,
    struct mxa_dkim_verdict *out);

/* All results on one line, "pass", "fail: signature did not verify",
 * separated by " | "; "none". */
const char *sigcase_dkim_text(
    struct sigcase *c, struct mxa_str message, const char *author);

/* The same for ARC; options.arc need not be set. */
void sigcase_arc(
    struct sigcase *c, struct mxa_str message, struct mxa_arc_verdict *out);

/* "pass", "pass, oldest-pass 2", "fail: …", "none". */
const char *sigcase_arc_text(struct sigcase *c, struct mxa_str message);

/* A message file below t/, with CRLF line ends. */
struct mxa_str sigcase_file(struct sigcase *c, const char *name);

/* 'text' with the first occurrence of 'from' replaced; fails the test when
 * there is none. */
struct mxa_str sigcase_replace(
    struct sigcase *c, struct mxa_str text, const char *from, const char *to);

/* 'top' and 'message' in one. */
struct mxa_str sigcase_join(
    struct sigcase *c, struct mxa_str top, struct mxa_str message);

#endif
