/* engine.c - the engines by name, and the options that name them. */
#include "auth/engine.h"

#include "base/attr.h"
#include "base/limits.h"

void mxa_auth_options_default(struct mxa_auth_options *o)
{
	*o = (struct mxa_auth_options){
		.spf_engine = &mxa_spf_native,
		.spf_max_voids = MXA_SPF_MAX_VOID,
		.check_helo = true,
		.dkim_engine = &mxa_dkim_native,
		.dkim_min_rsa_bits = 1024,
		.dkim_max_signatures = MXA_MAX_SIGNATURES,
		.clock_skew = 300,
		.arc_max_sets = MXA_MAX_ARC_SETS,
		.orgdom_mode = MXA_ORGDOM_TREEWALK,
		.single_label_guard = true,
		.check_iprev = true,
	};
}

const struct mxa_spf_engine *mxa_spf_engine_find(struct mxa_str name)
{
	static const struct mxa_spf_engine *const all[] = { &mxa_spf_native,
		&mxa_spf_libspf2 };

	for (size_t i = 0; i < MXA_ARRAY_LEN(all); i++)
		if (mxa_str_is(name, all[i]->name))
			return all[i];
	return NULL;
}

const struct mxa_dkim_engine *mxa_dkim_engine_find(struct mxa_str name)
{
	static const struct mxa_dkim_engine *const all[] = { &mxa_dkim_native,
		&mxa_dkim_libopendkim };

	for (size_t i = 0; i < MXA_ARRAY_LEN(all); i++)
		if (mxa_str_is(name, all[i]->name))
			return all[i];
	return NULL;
}
