/* provider.h - the mail providers that bounces name: whose server refused, and
 * who sends on behalf of his customers.  One table (provider.c). */
#ifndef MXA_BOUNCE_PROVIDER_H
#define MXA_BOUNCE_PROVIDER_H

#include <stdbool.h>

#include "base/str.h"

/* "gmail", "microsoft", …, by the name of a host; "" when it is nobody's that
 * we know.  Static. */
const char *mxa_provider_of_host(struct mxa_str host);

/* The same by marks that only one provider writes into a reply. */
const char *mxa_provider_of_text(struct mxa_str text);

/* The SPF include that the owner of 'host' documents for customers whose mail
 * goes out through it; empty: none is known.  Static. */
struct mxa_str mxa_provider_include(struct mxa_str host);

#endif
