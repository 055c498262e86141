/* relays.c - the client behind our own relays.
 *
 * What the client said of itself (HELO) stands in the same field as what the
 * relay saw, so the two are told apart by place: an address counts inside the
 * first comment that has one, not behind "helo" there; before the comments only
 * when no comment has one.
 *
 *	Postfix, Sendmail   from HELO (NAME [ADDRESS]) by …
 *	Exim                from NAME ([ADDRESS] helo=HELO) by …
 *	                    from [ADDRESS] (helo=HELO) by …
 *	qmail               from NAME (HELO HELO) (ADDRESS) by …
 *	Exchange            from HELO (ADDRESS) by …
 */
#include "policy/relays.h"

#include "base/arena.h"
#include "base/limits.h"
#include "conf/conf.h"

#define MAX_RECEIVED 4000 /* bytes of a Received field that are looked at */
#define MAX_HELO 255

bool mxa_relays_trusts(const struct mxa_conf *conf, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < conf->n_trusted_relays; i++)
		if (mxa_cidr_has(&conf->trusted_relays[i], ip))
			return true;
	return false;
}

/* --- one field --- */

/* End of the word at 'from': white space or a comment. */
static size_t word_end(struct mxa_str s, size_t from)
{
	while (from < s.len && !mxa_is_space(s.p[from]) && s.p[from] != '(')
		from++;
	return from;
}

/* Offset behind the comment that begins at 'from'; beyond s.len when it never
 * ends. */
static size_t comment_end(struct mxa_str s, size_t from)
{
	size_t depth = 0;

	for (size_t i = from; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.len + 1;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]:4711" */
static bool is_literal(struct mxa_str word, struct mxa_ip *ip)
{
	size_t close = mxa_str_chr(word, ']', 0);

	return word.len > 0 && word.p[0] == '[' && close < word.len &&
	    mxa_ip_parse(mxa_str_sub(word, 1, close), ip);
}

static bool is_helo_word(struct mxa_str word)
{
	return mxa_str_caseis(word, "HELO") || mxa_str_caseis(word, "EHLO");
}

/* What one comment tells: an address in brackets, or nothing but an address; a
 * "helo=…" or "HELO …".  A name beside the address may look like one itself:
 * whoever owns the reverse zone wrote it. */
static void read_comment(
    struct mxa_str s, struct mxa_ip *ip, bool *found, struct mxa_str *helo)
{
	bool helo_follows = false;
	size_t end;

	if (!*found && mxa_ip_parse(mxa_str_trim(s), ip))
		*found = true;
	for (size_t at = 0; at < s.len; at = end) {
		struct mxa_str w;

		end = word_end(s, at);
		w = mxa_str_sub(s, at, end);
		if (w.len == 0)
			end = s.p[at] == '(' ? comment_end(s, at) : at + 1;
		else if (helo_follows)
			*helo = w;
		else if (mxa_str_casestarts(w, MXA_STR("helo=")))
			*helo = mxa_str_sub(w, 5, w.len);
		else if (!*found)
			*found = is_literal(w, ip);
		if (w.len > 0)
			helo_follows = is_helo_word(w);
	}
}

/* The part between "from" and "by". */
static bool read_from(struct mxa_str s, struct mxa_ip *ip, struct mxa_str *helo)
{
	struct mxa_str name = MXA_STR_NONE, said = MXA_STR_NONE;
	bool found = false;
	size_t at = 0;

	while (at < s.len) {
		size_t end;

		if (s.p[at] == '(') {
			end = comment_end(s, at);
			if (end > s.len)
				break; /* cut: tells nothing */
			if (!found || said.len == 0)
				read_comment(mxa_str_sub(s, at + 1, end - 1),
				    ip, &found, &said);
			at = end;
			continue;
		}
		end = word_end(s, at);
		/* the first word is the name, and if somebody's HELO is "by" */
		if (name.len == 0)
			name = mxa_str_sub(s, at, end);
		else if (mxa_str_caseis(mxa_str_sub(s, at, end), "by"))
			break;
		at = end > at ? end : at + 1;
	}
	if (!found)
		found = is_literal(name, ip);
	*helo = said.len > 0 ? said : name;
	return found;
}

bool mxa_received_client(struct mxa_arena *a, const struct mxa_field *f,
    struct mxa_ip *ip, struct mxa_str *helo)
{
	struct mxa_str s = mxa_field_unfold(a, f);
	size_t word;

	s = mxa_str_sub(s, 0, MAX_RECEIVED);
	word = word_end(s, 0);
	*helo = MXA_STR_NONE;
	if (!mxa_str_caseis(mxa_str_sub(s, 0, word), "from") ||
	    !read_from(mxa_str_sub(s, word, s.len), ip, helo))
		return false;
	*helo = mxa_str_dup(a, mxa_str_sub(*helo, 0, MAX_HELO));
	return true;
}

/* --- the chain --- */

const char *mxa_relays_walk(
    const struct mxa_conf *conf, struct mxa_arena *a, struct mxa_msg *msg)
{
	if (!mxa_relays_trusts(conf, &msg->peer))
		return NULL;
	msg->client_name = MXA_STR_NONE;
	while (msg->relay_hops < MXA_MAX_RELAY_HOPS) {
		const struct mxa_field *f = mxa_headers_find(
		    &msg->headers, "Received", msg->relay_hops);
		struct mxa_str helo;
		struct mxa_ip ip;

		if (f == NULL)
			return NULL; /* written by the relay itself */
		if (!mxa_received_client(a, f, &ip, &helo))
			return "a trusted relay's Received field names no "
			       "client address";
		msg->relay_hops++;
		/* A relay's content filter hands mail back over loopback: such
		 * a hop is inside the relay, and never the client. */
		if (mxa_ip_is_loopback(&ip))
			continue;
		msg->ip = ip;
		msg->helo = helo;
		if (!mxa_relays_trusts(conf, &ip))
			return NULL;
	}
	return "more trusted relays than are walked";
}
