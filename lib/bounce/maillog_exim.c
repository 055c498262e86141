/* maillog_exim.c - the lines of Exim (its specification, chapter "Log files").
 */
#include "bounce/maillog_exim.h"

#include "bounce/find.h"

/* "1tGabc-0001Ab-Xy", "1tGabc-000000001Ab-0Xyz": its length; 0: it is none. */
static size_t id_len(struct mxa_str s)
{
	static const size_t most[] = { 6, 11, 4 };
	size_t at = 0;

	for (size_t part = 0; part < 3; part++) {
		size_t from = at;

		while (at < s.len && mxa_is_alnum(s.p[at]))
			at++;
		if (at - from > most[part] || at - from < (part < 2 ? 6 : 2))
			return 0;
		if (part < 2 && (at == s.len || s.p[at++] != '-'))
			return 0;
	}
	return at + 1 < s.len && s.p[at] == ' ' ? at : 0;
}

/* Take a word and the blank after it off '*s'. */
static struct mxa_str take_word(struct mxa_str *s)
{
	size_t end = mxa_str_chr(*s, ' ', 0);
	struct mxa_str word = mxa_str_sub(*s, 0, end);

	*s = mxa_str_sub(*s, end + 1, s->len);
	return word;
}

static struct mxa_str without_angles(struct mxa_str s)
{
	if (mxa_str_starts(s, MXA_STR("<")) && mxa_str_ends(s, MXA_STR(">")))
		return mxa_str_sub(s, 1, s.len - 1);
	return s;
}

/* "u@example.com", "<u@example.com>:" */
static struct mxa_str take_address(struct mxa_str *s)
{
	struct mxa_str word = take_word(s);

	if (mxa_str_ends(word, MXA_STR(":")))
		word.len--;
	return without_angles(word);
}

/* "u@example.com <v@example.net>", "user <u@example.com>": the address that was
 * delivered to, and the one that it came from. */
static void take_addresses(struct mxa_str *s, struct mxa_delivery *d)
{
	d->recipient = take_address(s);
	d->original = MXA_STR("");
	if (mxa_str_starts(*s, MXA_STR("<")))
		d->original = take_address(s);
	if (mxa_str_chr(d->recipient, '@', 0) == d->recipient.len &&
	    d->original.len > 0) {
		d->recipient = d->original;
		d->original = MXA_STR("");
	}
}

/* The host of "R=… H=mx.example.com [192.0.2.1]". */
static struct mxa_str host_of_line(struct mxa_str s)
{
	size_t at = mxa_str_casefind(s, MXA_STR(" H="));
	struct mxa_str host;

	if (at == s.len)
		return MXA_STR("");
	host = mxa_str_sub(s, at + 3, s.len);
	host = mxa_str_sub(host, 0, mxa_str_chr(host, ' ', 0));
	return mxa_str_starts(host, MXA_STR("[")) ? MXA_STR("") : host;
}

/* The reply: after "SMTP error from remote mail server after …: "; else all
 * that stands after the host. */
static struct mxa_str reply_of_line(struct mxa_str s)
{
	size_t error = mxa_str_casefind(s, MXA_STR("SMTP error from remote"));
	size_t at = error < s.len ? error : 0;

	for (; at + 4 < s.len; at++)
		if (s.p[at] == ':' && s.p[at + 1] == ' ' &&
		    (error == s.len || s.p[at + 2] == '4' ||
			s.p[at + 2] == '5'))
			return mxa_str_sub(s, at + 2, s.len);
	return error < s.len ? mxa_str_sub(s, error, s.len) : s;
}

/* Exim writes the line ends of a reply as "\n": they become blanks. */
static struct mxa_str without_line_ends(struct mxa_str s, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < size; i++) {
		bool end = s.p[i] == '\\' && i + 1 < s.len && s.p[i + 1] == 'n';

		to[n++] = end ? ' ' : s.p[i];
		i += end;
	}
	return mxa_str_make(to, n);
}

static bool delivery_state(struct mxa_str sign, enum mxa_delivery_state *out)
{
	if (mxa_str_is(sign, "=>") || mxa_str_is(sign, "->"))
		*out = MXA_DELIVERY_SENT;
	else if (mxa_str_is(sign, "**"))
		*out = MXA_DELIVERY_REFUSED;
	else if (mxa_str_is(sign, "=="))
		*out = MXA_DELIVERY_DEFERRED;
	else
		return false;
	return true;
}

static void read_exim_words(struct mxa_str s, struct mxa_exim_line *out)
{
	struct mxa_str sign;

	if (mxa_str_is(s, "Completed")) {
		out->kind = MXA_EXIM_COMPLETED;
		return;
	}
	sign = take_word(&s);
	if (mxa_str_is(sign, "<=")) {
		out->kind = MXA_EXIM_ARRIVED;
		out->sender = without_angles(take_word(&s));
	} else if (delivery_state(sign, &out->d.state)) {
		out->kind = MXA_EXIM_DELIVERY;
		take_addresses(&s, &out->d);
		/* where "<=" was in an older log */
		out->sender = mxa_find_mail_from(s);
		out->d.relay = host_of_line(s);
		out->d.status = MXA_STR("");
		out->d.words = without_line_ends(
		    reply_of_line(s), out->words, sizeof(out->words));
	}
}

bool mxa_exim_read(struct mxa_logstamp *s, struct mxa_str line, int64_t when,
    struct mxa_exim_line *out)
{
	size_t at = mxa_logstamp_exim(s, line, &when), n;

	line = mxa_str_sub(line, at, line.len);
	n = id_len(line);
	if (n == 0)
		return false;
	out->kind = MXA_EXIM_OTHER;
	out->id = mxa_str_sub(line, 0, n);
	out->d.time = when;
	read_exim_words(mxa_str_sub(line, n + 1, line.len), out);
	return true;
}
