/* provider.h - the mail providers that bounces name: whose server it was.
 * One table (provider.c); what their customers include is in
 * record/spf_provider.c. */
#ifndef MXA_BOUNCE_PROVIDER_H
#define MXA_BOUNCE_PROVIDER_H

#include <stdbool.h>

#include "base/str.h"

/* "gmail", "microsoft", …, by the name of a host; "" when it is nobody's that
 * we know.  Static. */
const char *mxa_provider_of_host(struct mxa_str host);

/* The same by marks that only one provider writes into a reply. */
const char *mxa_provider_of_text(struct mxa_str text);

#endif
