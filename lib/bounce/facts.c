/* facts.c - domain, identity and address out of a refusal's words. */
#include "bounce/collect.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/limits.h"
#include "mail/message.h"

/* Words right before the domain that failed.  Providers' texts: see refusal.c;
 * "s=" and "id=" are the parameters of the SPF Why page. */
static const struct {
	struct mxa_str before;
	enum mxa_identity identity;
} places[] = {
	{ MXA_STR_INIT("SPF check for ["), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("SPF ["), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("DKIM check for ["), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("Unauthenticated email from "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("sending domain ["), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("sending domain "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("rejected per DMARC policy for "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("DMARC policy for "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("DMARC policy of "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("DMARC failure for domain "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("due to the DMARC policy of "), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("helo="), MXA_IDENTITY_HELO },
	{ MXA_STR_INIT(";id="), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("&id="), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("?id="), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("envelope-from="), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("smtp.mailfrom="), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("header.from="), MXA_IDENTITY_FROM },
	{ MXA_STR_INIT("not allowed to send from <"), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("not allowed to send mail from "),
	    MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("not permitted to send mail for "),
	    MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("not authorized to send mail from "),
	    MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("not authorized to send mail for "),
	    MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("not authorized by "), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("fail for "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("failed for "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("failure for "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("SPF for "), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("for the domain "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("for domain "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("domain of "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("the domain "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("domain "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("SPF record for "), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("SPF record of "), MXA_IDENTITY_MAILFROM },
	{ MXA_STR_INIT("mail from "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("email from "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("message from "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("sender "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("on behalf of "), MXA_IDENTITY_UNKNOWN },
	{ MXA_STR_INIT("from "), MXA_IDENTITY_UNKNOWN },
};

static bool name_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 || c == '.' ||
	    c == '-' || c == '_';
}

/* "<u@EXAMPLE.com>." or "[example.com]" at the start of 's' as a canonical
 * domain; empty: none stands there. */
static struct mxa_str domain_at(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str out, rest;
	struct mxa_ip ip;
	size_t n = 0, at;

	while (n < s.len && n < 2 && strchr("<['\"(", s.p[n]) != NULL)
		n++;
	s = mxa_str_sub(s, n, s.len);
	for (n = 0; n < s.len && n < 600 && !mxa_is_space(s.p[n]) &&
	     strchr("<>[]()'\";,&:", s.p[n]) == NULL;
	     n++)
		;
	rest = mxa_str_sub(s, 0, n);
	for (at = rest.len; at > 0 && rest.p[at - 1] != '@'; at--)
		;
	/* the Why page escapes: id=user%40example.com */
	if (at == 0) {
		at = mxa_str_casefind(rest, MXA_STR("%40"));
		at = at < rest.len ? at + 3 : 0;
	}
	rest = mxa_str_sub(rest, at, rest.len);
	for (n = 0; n < rest.len && name_byte(rest.p[n]); n++)
		;
	rest = mxa_str_sub(rest, 0, n);
	while (rest.len > 0 && rest.p[rest.len - 1] == '.')
		rest.len--;
	if (mxa_ip_parse(rest, &ip) || mxa_str_chr(rest, '.', 0) == rest.len ||
	    rest.len < 4 || mxa_domain_canonical(a, rest, &out) != MXA_OK ||
	    !mxa_is_alpha(out.p[out.len - 1]))
		return MXA_STR("");
	return out;
}

static bool find_domain(struct mxa_arena *a, struct mxa_failure *f)
{
	struct mxa_str text = f->said.text;

	for (size_t i = 0; i < MXA_ARRAY_LEN(places); i++) {
		size_t at = 0;

		while (at < text.len) {
			struct mxa_str rest = mxa_str_sub(text, at, text.len);
			size_t hit = mxa_str_casefind(rest, places[i].before);

			if (hit == rest.len)
				break;
			at += hit + places[i].before.len;
			f->domain =
			    domain_at(a, mxa_str_sub(text, at, text.len));
			if (f->domain.len == 0)
				continue;
			f->identity = places[i].identity;
			return true;
		}
	}
	f->domain = MXA_STR("");
	return false;
}

/* --- the client's address --- */

static bool ip_byte(char c)
{
	return mxa_is_xdigit(c) || c == '.' || c == ':';
}

/* An address that stands at 'at', not inside a longer word. */
static bool ip_at(struct mxa_str s, size_t at, struct mxa_ip *ip)
{
	size_t end = at;
	struct mxa_str word;

	if (at > 0 &&
	    (mxa_is_alnum(s.p[at - 1]) || s.p[at - 1] == '.' ||
		s.p[at - 1] == '-' || s.p[at - 1] == '_'))
		return false;
	while (end < s.len && end - at < MXA_IP_TEXT && ip_byte(s.p[end]))
		end++;
	if (end < s.len &&
	    (mxa_is_alnum(s.p[end]) || s.p[end] == '-' || s.p[end] == '_'))
		return false;
	word = mxa_str_sub(s, at, end);
	while (word.len > 0 &&
	    (word.p[word.len - 1] == '.' ||
		(word.p[word.len - 1] == ':' &&
		    !mxa_str_ends(word, MXA_STR("::")))))
		word.len--;
	return word.len >= 3 && mxa_ip_parse(word, ip) &&
	    (ip->family == 4 || word.len > 4);
}

/* Words after which the client's address stands. */
static const struct mxa_str ip_places[] = {
	MXA_STR_INIT("client-ip="),
	MXA_STR_INIT(";ip="),
	MXA_STR_INIT("&ip="),
	MXA_STR_INIT("with ip: ["),
	MXA_STR_INIT("with ip ["),
	MXA_STR_INIT("ip: ["),
	MXA_STR_INIT("ip=["),
	MXA_STR_INIT("ip="),
	MXA_STR_INIT("sender IP is "),
	MXA_STR_INIT("IP address "),
	MXA_STR_INIT("client host ["),
	MXA_STR_INIT("host ["),
};

static void find_ip(struct mxa_failure *f)
{
	struct mxa_str text = f->said.text;

	for (size_t i = 0; i < MXA_ARRAY_LEN(ip_places); i++) {
		size_t at = mxa_str_casefind(text, ip_places[i]);

		if (at == text.len)
			continue;
		at += ip_places[i].len;
		while (at < text.len && strchr("[(<", text.p[at]) != NULL)
			at++;
		if (ip_at(text, at, &f->ip))
			return;
	}
	for (size_t at = 0; at < text.len; at++)
		if (mxa_is_xdigit(text.p[at]) && ip_at(text, at, &f->ip))
			return;
	memset(&f->ip, 0, sizeof(f->ip));
}

/* --- which identity, where the words leave it open --- */

static enum mxa_identity default_identity(const struct mxa_failure *f)
{
	unsigned m = f->refusal.methods;

	if (f->refusal.helo)
		return MXA_IDENTITY_HELO;
	if (m & MXA_BY_DMARC)
		return MXA_IDENTITY_FROM;
	if (m & MXA_BY_SPF)
		return MXA_IDENTITY_MAILFROM;
	return MXA_IDENTITY_FROM;
}

/* The returned message's domain for that identity. */
static struct mxa_str known_domain(
    const struct mxa_returned *r, const struct mxa_failure *f)
{
	bool from = f->identity == MXA_IDENTITY_FROM;
	struct mxa_str first = from ? r->author : r->mail_domain;
	struct mxa_str second = from ? r->mail_domain : r->author;

	if (f->refusal.class == MXA_RF_DKIM && r->n_sigs > 0 &&
	    r->sig[0].domain.len > 0)
		return r->sig[0].domain;
	return first.len > 0 ? first : second;
}

void mxa_facts_read(struct mxa_arena *a, const struct mxa_returned *returned,
    struct mxa_failure *f)
{
	f->domain = MXA_STR("");
	f->identity = MXA_IDENTITY_UNKNOWN;
	if (!mxa_refusal_is_auth(f->refusal.class))
		return;
	find_ip(f);
	find_domain(a, f);
	if (f->refusal.helo)
		f->identity = MXA_IDENTITY_HELO;
	else if (f->refusal.methods == MXA_BY_DMARC)
		f->identity = MXA_IDENTITY_FROM;
	else if (f->identity == MXA_IDENTITY_UNKNOWN ||
	    !(f->refusal.methods & MXA_BY_DMARC))
		f->identity = f->identity == MXA_IDENTITY_FROM &&
			!(f->refusal.methods & MXA_BY_SPF)
		    ? MXA_IDENTITY_FROM
		    : default_identity(f);
	if (f->domain.len == 0 && f->identity != MXA_IDENTITY_HELO)
		f->domain = known_domain(returned, f);
}
