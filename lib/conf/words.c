/* words.c - words and their values. */
#include "conf/words.h"

#include "base/attr.h"

static const char *const action_names[] = {
	[MXA_ACT_ACCEPT] = "accept",
	[MXA_ACT_TAG] = "tag",
	[MXA_ACT_QUARANTINE] = "quarantine",
	[MXA_ACT_DEFER] = "defer",
	[MXA_ACT_REJECT] = "reject",
};

static const char *const profile_names[] = {
	[MXA_PROFILE_STANDARD] = "standard",
	[MXA_PROFILE_STRICT] = "strict",
	[MXA_PROFILE_MONITOR] = "monitor",
};

static const char *const cause_names[] = {
	[MXA_CAUSE_DMARC_REJECT] = "dmarc-reject",
	[MXA_CAUSE_DMARC_QUARANTINE] = "dmarc-quarantine",
	[MXA_CAUSE_NO_AUTHOR] = "no-author",
	[MXA_CAUSE_MALFORMED_FROM] = "malformed-from",
	[MXA_CAUSE_DKIM_REQUIRED] = "dkim-required",
	[MXA_CAUSE_UNAUTHENTICATED] = "unauthenticated",
	[MXA_CAUSE_NO_MAIL] = "no-mail",
	[MXA_CAUSE_SPF_FAIL] = "spf-fail",
	[MXA_CAUSE_SPF_PERMERROR] = "spf-permerror",
	[MXA_CAUSE_SPF_SOFTFAIL] = "spf-softfail",
	[MXA_CAUSE_HELO_FAIL] = "helo-fail",
	[MXA_CAUSE_DMARC_NONE] = "dmarc-none",
	[MXA_CAUSE_TEMPERROR] = "temperror",
	[MXA_CAUSE_NOTHING] = "nothing",
};

static const char *const override_names[] = {
	[MXA_OVERRIDE_NONE] = "none",
	[MXA_OVERRIDE_LOCAL_POLICY] = "local_policy",
	[MXA_OVERRIDE_MAILING_LIST] = "mailing_list",
	[MXA_OVERRIDE_TRUSTED_FORWARDER] = "trusted_forwarder",
	[MXA_OVERRIDE_POLICY_TEST_MODE] = "policy_test_mode",
	[MXA_OVERRIDE_OTHER] = "other",
};

const char *mxa_action_name(enum mxa_action_kind k)
{
	return action_names[k];
}

const char *mxa_profile_name(enum mxa_profile p)
{
	return profile_names[p];
}

const char *mxa_cause_name(enum mxa_cause c)
{
	return cause_names[c];
}

const char *mxa_override_name(enum mxa_override o)
{
	return override_names[o];
}

/* Index of 'word' in 'names', or -1. */
static int find_word(const char *const *names, size_t n, struct mxa_str word)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_is(word, names[i]))
			return (int)i;
	return -1;
}

#define FIND_WORD(names, word) find_word(names, MXA_ARRAY_LEN(names), word)

bool mxa_action_from_name(struct mxa_str name, enum mxa_action_kind *out)
{
	int i = FIND_WORD(action_names, name);

	*out = i < 0 ? MXA_ACT_ACCEPT : (enum mxa_action_kind)i;
	return i >= 0;
}

bool mxa_profile_from_name(struct mxa_str name, enum mxa_profile *out)
{
	int i = FIND_WORD(profile_names, name);

	*out = i < 0 ? MXA_PROFILE_STANDARD : (enum mxa_profile)i;
	return i >= 0;
}

bool mxa_cause_from_name(struct mxa_str name, enum mxa_cause *out)
{
	int i = find_word(cause_names, MXA_CAUSES, name);

	*out = i < 0 ? MXA_CAUSE_NOTHING : (enum mxa_cause)i;
	return i >= 0;
}

bool mxa_override_from_name(struct mxa_str name, enum mxa_override *out)
{
	int i = FIND_WORD(override_names, name);

	*out = i < 0 ? MXA_OVERRIDE_NONE : (enum mxa_override)i;
	return i >= 0;
}
