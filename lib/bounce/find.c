/* find.c - lines, addresses, hosts and domains in the words of a bounce. */
#include "bounce/find.h"

#include <string.h>

#include "base/domain.h"
#include "base/limits.h"
#include "mail/message.h"

bool mxa_next_line(struct mxa_str s, size_t *at, struct mxa_str *line)
{
	size_t end;

	if (*at >= s.len)
		return false;
	end = mxa_str_chr(s, '\n', *at);
	*line = mxa_str_sub(s, *at, end);
	*at = end + 1;
	return true;
}

bool mxa_next_paragraph(struct mxa_str s, size_t *at, struct mxa_str *p)
{
	struct mxa_str line;
	size_t from = *at, end = *at;
	bool any = false;

	while (mxa_next_line(s, at, &line)) {
		if (mxa_str_trim(line).len > 0) {
			any = true;
			end = *at;
		} else if (any) {
			break;
		} else {
			from = end = *at;
		}
	}
	*p = mxa_str_sub(s, from, end);
	return any;
}

/* --- e-mail addresses --- */

static bool is_local_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.\"\\", c) != NULL);
}

static bool is_name_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 || c == '.' ||
	    c == '-' || c == '_';
}

/* "addr@ example.com": a blog's care against collectors. */
static bool is_spaced_domain(struct mxa_str s, size_t to)
{
	size_t end = mxa_str_chr(s, '>', to);

	return to + 1 < s.len && s.p[to] == ' ' && mxa_is_alnum(s.p[to + 1]) &&
	    end < s.len && end < to + 80;
}

struct mxa_str mxa_find_address(struct mxa_str s, size_t *end)
{
	size_t at = 0;

	while ((at = mxa_str_chr(s, '@', at)) < s.len) {
		size_t from = at, to = at + 1;

		while (
		    from > 0 && at - from < 320 && is_local_byte(s.p[from - 1]))
			from--;
		if (is_spaced_domain(s, to))
			to++;
		while (to < s.len && to - at < 256 && is_name_byte(s.p[to]))
			to++;
		while (
		    to > at + 1 && (s.p[to - 1] == '.' || s.p[to - 1] == '-'))
			to--;
		*end = to;
		if (from < at && to > at + 1)
			return mxa_str_sub(s, from, to);
		at++;
	}
	*end = s.len;
	return MXA_STR("");
}

struct mxa_str mxa_find_mail_from(struct mxa_str s)
{
	static const struct mxa_str command = MXA_STR_INIT("MAIL FROM:<");
	size_t at = mxa_str_casefind(s, command);

	s = mxa_str_sub(s, at + command.len, s.len);
	return mxa_str_sub(s, 0, mxa_str_chr(s, '>', 0));
}

struct mxa_str mxa_domain_of(struct mxa_arena *a, struct mxa_str address)
{
	struct mxa_str whole, local, domain, out;

	address = mxa_str_trim(address);
	if (address.len > 1 && address.p[0] == '"' &&
	    address.p[address.len - 1] == '"')
		address = mxa_str_sub(address, 1, address.len - 1);
	mxa_address_split(address, &whole, &local, &domain);
	if (mxa_str_starts(whole, MXA_STR("@")))
		domain = mxa_str_sub(whole, 1, whole.len);
	if (domain.len == 0)
		domain = whole;
	if (mxa_domain_canonical(a, mxa_str_trim(domain), &out) != MXA_OK)
		return MXA_STR("");
	return out;
}

/* --- hosts --- */

struct mxa_str mxa_host_at(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str name;
	struct mxa_ip ip;
	size_t n = 0;

	while (n < s.len && n <= MXA_MAX_DOMAIN &&
	    (unsigned char)s.p[n] < 0x80 && is_name_byte(s.p[n]))
		n++;
	name = mxa_str_sub(s, 0, n);
	while (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (mxa_str_chr(name, '.', 0) == name.len || !mxa_domain_is_ldh(name) ||
	    mxa_ip_parse(name, &ip))
		return MXA_STR("");
	return mxa_str_lower(a, name);
}

struct mxa_str mxa_host_after(
    struct mxa_arena *a, struct mxa_str s, const char *const *before)
{
	for (; *before != NULL; before++) {
		struct mxa_str word = mxa_str_from(*before);
		bool spaced = mxa_str_ends(word, MXA_STR(" "));
		size_t at = 0;

		word.len -= spaced;
		while (at < s.len) {
			struct mxa_str rest = mxa_str_sub(s, at, s.len), found;
			size_t hit = mxa_str_casefind(rest, word);

			if (hit == rest.len)
				break;
			at += hit + word.len;
			if (spaced && at < s.len && !mxa_is_space(s.p[at]))
				continue;
			rest = mxa_str_trim(mxa_str_sub(s, at, s.len));
			found = mxa_host_at(a, rest);
			if (found.len > 0)
				return found;
		}
	}
	return MXA_STR("");
}

/* --- words --- */

bool mxa_any_in(struct mxa_str s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (mxa_str_casefind(s, mxa_str_from(*words)) < s.len)
			return true;
	return false;
}

/* --- domains and IP addresses in a reply --- */

/* The part of 'word' after its '@'; the openspf page escapes it as %40. */
static struct mxa_str after_at(struct mxa_str word)
{
	size_t at = word.len;

	while (at > 0 && word.p[at - 1] != '@')
		at--;
	if (at == 0) {
		at = mxa_str_casefind(word, MXA_STR("%40"));
		at = at < word.len ? at + 3 : 0;
	}
	return mxa_str_sub(word, at, word.len);
}

struct mxa_str mxa_domain_at(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_str out, rest;
	struct mxa_ip ip;
	size_t n = 0;

	while (n < s.len && n < 2 && s.p[n] != '\0' &&
	    strchr("<['\"(", s.p[n]) != NULL)
		n++;
	s = mxa_str_sub(s, n, s.len);
	for (n = 0; n < s.len && n < 600 && s.p[n] != '\0' &&
	     !mxa_is_space(s.p[n]) && strchr("<>[]()'\";,&:", s.p[n]) == NULL;
	     n++)
		;
	rest = after_at(mxa_str_sub(s, 0, n));
	for (n = 0; n < rest.len && is_name_byte(rest.p[n]); n++)
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

static bool is_ip_byte(char c)
{
	return mxa_is_xdigit(c) || c == '.' || c == ':';
}

bool mxa_ip_at(struct mxa_str s, size_t at, struct mxa_ip *ip)
{
	size_t end = at;
	struct mxa_str word;

	if (at > 0 &&
	    (mxa_is_alnum(s.p[at - 1]) || s.p[at - 1] == '.' ||
		s.p[at - 1] == '-' || s.p[at - 1] == '_'))
		return false;
	while (end < s.len && end - at < MXA_IP_TEXT && is_ip_byte(s.p[end]))
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
