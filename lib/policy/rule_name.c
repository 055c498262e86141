/* rule_name.c - names and addresses as rules compare them. */
#include "policy/rule_name.h"

#include "base/arena.h"
#include "base/domain.h"

void mxa_rule_name_done(struct mxa_rule_name *n)
{
	mxa_arena_free(n->arena);
}

static bool lower_ascii(struct mxa_rule_name *n, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
		n->ascii[i] = mxa_lower(s.p[i]);
	}
	n->text = mxa_str_make(n->ascii, s.len);
	return true;
}

size_t mxa_rule_name_local(struct mxa_str s)
{
	size_t i = s.len;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	return i;
}

void mxa_rule_name_init(struct mxa_rule_name *n, struct mxa_str s)
{
	struct mxa_str domain, canonical;
	size_t at = mxa_rule_name_local(s);

	n->arena = NULL;
	n->text = MXA_STR("");
	if (s.len > MXA_MAX_ADDRESS) {
		s = mxa_str_sub(s, at, s.len);
		at = 0;
	}
	if (s.len > MXA_MAX_ADDRESS)
		return;
	if (s.len > 0 && s.p[s.len - 1] == '.')
		s.len--;
	if (lower_ascii(n, s))
		return;
	n->arena = mxa_arena_new();
	domain = mxa_str_sub(s, at, s.len);
	if (mxa_domain_canonical(n->arena, domain, &canonical) == MXA_OK)
		n->text = mxa_str_from(mxa_arena_printf(n->arena, "%.*s%.*s",
		    MXA_STR_ARG(mxa_str_lower(n->arena, mxa_str_sub(s, 0, at))),
		    MXA_STR_ARG(canonical)));
}

bool mxa_rule_name_is_at(struct mxa_str address, struct mxa_str domain)
{
	return mxa_str_caseeq(
	    mxa_str_sub(address, mxa_rule_name_local(address), address.len),
	    domain);
}
