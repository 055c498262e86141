/* rewritten.c - see rewritten.h. */
#include "bounce/rewritten.h"

#include "bounce/find.h"

/* Take the words up to a '=' off '*s'; false: there is none. */
static bool skip_field(struct mxa_str *s)
{
	size_t at = mxa_str_chr(*s, '=', 0);

	if (at == s->len)
		return false;
	*s = mxa_str_sub(*s, at + 1, s->len);
	return true;
}

/* The local part behind its BATV tag: "prvs=0123456789=u", Barracuda's
 * "btv1==012==u". */
static struct mxa_str without_tag(struct mxa_str local)
{
	struct mxa_str rest = local;

	if (!mxa_str_casestarts(local, MXA_STR("prvs=")) &&
	    !mxa_str_casestarts(local, MXA_STR("btv1==")))
		return local;
	(void)skip_field(&rest);
	if (mxa_str_starts(rest, MXA_STR("=")))
		rest = mxa_str_sub(rest, 1, rest.len);
	if (!skip_field(&rest))
		return local;
	if (mxa_str_starts(rest, MXA_STR("=")))
		rest = mxa_str_sub(rest, 1, rest.len);
	return rest;
}

/* "HASH=TIME=DOMAIN=USER": the domain; empty: it is something else. */
static struct mxa_str domain_in(struct mxa_arena *a, struct mxa_str s)
{
	size_t end;

	if (!skip_field(&s) || !skip_field(&s))
		return MXA_STR("");
	end = mxa_str_chr(s, '=', 0);
	if (end == s.len || mxa_str_chr(s, '.', 0) > end)
		return MXA_STR("");
	return mxa_domain_of(a, mxa_str_sub(s, 0, end));
}

static bool is_separator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

/* "SRS0=…", and "SRS1=HASH=FORWARDER==…" of a second forwarder. */
static bool read_scheme(
    struct mxa_arena *a, struct mxa_str local, struct mxa_str *before)
{
	bool second = mxa_str_casestarts(local, MXA_STR("SRS1"));
	struct mxa_str rest = mxa_str_sub(local, 5, local.len);

	if (!second && !mxa_str_casestarts(local, MXA_STR("SRS0")))
		return false;
	if (local.len < 6 || !is_separator(local.p[4]))
		return false;
	if (second &&
	    (!skip_field(&rest) || !skip_field(&rest) || rest.len == 0 ||
		!is_separator(rest.p[0])))
		return false;
	if (second)
		rest = mxa_str_sub(rest, 1, rest.len);
	*before = domain_in(a, rest);
	return before->len > 0;
}

bool mxa_address_is_rewritten(
    struct mxa_arena *a, struct mxa_str address, struct mxa_str *before)
{
	static const struct mxa_str exchange = MXA_STR_INIT("+SRS=");
	struct mxa_str local;
	size_t at;

	if (mxa_str_starts(address, MXA_STR("\"")))
		address = mxa_str_sub(address, 1, address.len);
	local =
	    without_tag(mxa_str_sub(address, 0, mxa_str_chr(address, '@', 0)));
	at = mxa_str_casefind(local, exchange);
	*before = MXA_STR("");
	if (read_scheme(a, local, before))
		return true;
	if (at < local.len)
		*before = domain_in(
		    a, mxa_str_sub(local, at + exchange.len, local.len));
	if (before->len > 0)
		return true;
	return mxa_str_casefind(local, MXA_STR("+caf_=")) < local.len;
}
