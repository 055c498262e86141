/* receiver.c - see receiver.h. */
#include "explain/receiver.h"

#include "auth/orgdom.h"
#include "base/domain.h"

struct mxa_str mxa_receiver_name(
    struct mxa_arena *a, const struct mxa_psl *psl, const struct mxa_failure *f)
{
	struct mxa_str host = mxa_str_lower(a, f->remote_mta);
	struct mxa_str org = MXA_STR("");

	if (f->refusal.provider[0] != '\0')
		return mxa_str_from(f->refusal.provider);
	if (psl != NULL && mxa_domain_is_ldh(host))
		org = mxa_psl_org(psl, host);
	return org.len > 0 ? org : host;
}
