/* reply.c - one reply out of the pieces in which bounces show it. */
#include "bounce/reply.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

const char *mxa_stage_name(enum mxa_stage s)
{
	switch (s) {
	case MXA_STAGE_UNKNOWN:
		return "";
	case MXA_STAGE_CONNECT:
		return "connect";
	case MXA_STAGE_HELO:
		return "helo";
	case MXA_STAGE_MAIL:
		return "mail";
	case MXA_STAGE_RCPT:
		return "rcpt";
	case MXA_STAGE_DATA:
		return "data";
	}
	return "";
}

/* How MTAs say when it happened; the first that is found counts. */
static const struct {
	struct mxa_str words;
	enum mxa_stage stage;
} stages[] = {
	/* Postfix */
	{ MXA_STR_INIT("in reply to end of data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("in reply to data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("in reply to bdat"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("in reply to mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("in reply to rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("in reply to ehlo"), MXA_STAGE_HELO },
	{ MXA_STR_INIT("in reply to helo"), MXA_STAGE_HELO },
	{ MXA_STR_INIT("refused to talk to me"), MXA_STAGE_CONNECT },
	{ MXA_STR_INIT("initial server greeting"), MXA_STAGE_CONNECT },
	/* Exim */
	{ MXA_STR_INIT("end of data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("end of message"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("after data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("after mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("after pipelined mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("after rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("after pipelined rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("after initial connection"), MXA_STAGE_CONNECT },
	{ MXA_STR_INIT("after ehlo"), MXA_STAGE_HELO },
	{ MXA_STR_INIT("after helo"), MXA_STAGE_HELO },
	/* qmail */
	{ MXA_STR_INIT("after i sent the message"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("failed on data command"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("does not like recipient"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("sender was rejected"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("connected but greeting failed"), MXA_STAGE_CONNECT },
	/* Sendmail's transcript */
	{ MXA_STR_INIT(">>> data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT(">>> rcpt"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT(">>> mail"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT(">>> ehlo"), MXA_STAGE_HELO },
	{ MXA_STR_INIT(">>> helo"), MXA_STAGE_HELO },
};

enum mxa_stage mxa_stage_in(struct mxa_str words)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(stages); i++)
		if (mxa_str_casefind(words, stages[i].words) < words.len)
			return stages[i].stage;
	return MXA_STAGE_UNKNOWN;
}

size_t mxa_enhanced_len(struct mxa_str s)
{
	size_t at = 1, digits;

	if (s.len < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5'))
		return 0;
	for (int part = 0; part < 2; part++) {
		if (at >= s.len || s.p[at++] != '.')
			return 0;
		for (digits = 0; at < s.len && mxa_is_digit(s.p[at]); at++)
			digits++;
		if (digits < 1 || digits > 3)
			return 0;
	}
	if (at < s.len &&
	    (mxa_is_alnum(s.p[at]) ||
		(s.p[at] == '.' && at + 1 < s.len &&
		    mxa_is_digit(s.p[at + 1]))))
		return 0;
	return at;
}

/* What may stand right before a code. */
static bool is_edge(char c)
{
	return mxa_is_space(c) || strchr(":;'\"<(#>=[,", c) != NULL;
}

/* A refusal's code at 'at', alone or with its '-'. */
static bool is_code(struct mxa_str s, size_t at)
{
	if (at + 3 > s.len || (s.p[at] != '4' && s.p[at] != '5') ||
	    !mxa_is_digit(s.p[at + 1]) || s.p[at + 1] > '7' ||
	    !mxa_is_digit(s.p[at + 2]))
		return false;
	if (at > 0 && (s.p[at - 1] == '\0' || !is_edge(s.p[at - 1])))
		return false;
	return at + 3 == s.len || mxa_is_space(s.p[at + 3]) ||
	    strchr("-#:;,", s.p[at + 3]) != NULL;
}

/* Whether an enhanced code of the same class stands behind the code. */
static bool enhanced_behind(struct mxa_str s, size_t at)
{
	size_t next = at + 3;

	while (next < s.len && next < at + 8 &&
	    (mxa_is_space(s.p[next]) ||
		(s.p[next] != '\0' && strchr("-#:;,(", s.p[next]))))
		next++;
	return next < s.len && s.p[next] == s.p[at] &&
	    mxa_enhanced_len(mxa_str_sub(s, next, s.len)) > 0;
}

size_t mxa_said_find(struct mxa_str s, bool *sure)
{
	size_t first = s.len;

	*sure = false;
	for (size_t at = 0; at + 3 <= s.len; at++) {
		if ((s.p[at] != '4' && s.p[at] != '5') || !is_code(s, at))
			continue;
		if (enhanced_behind(s, at)) {
			*sure = true;
			return at;
		}
		if (first == s.len)
			first = at;
	}
	return first;
}

/* White space runs as one space; marks of a transcript dropped. */
static struct mxa_str flatten(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_SAID);
	s = mxa_str_sub(mxa_str_trim(s), 0, MXA_MAX_SAID);
	for (size_t i = 0; i < s.len; i++) {
		if (mxa_str_starts(mxa_str_sub(s, i, s.len), MXA_STR("<<< "))) {
			i += 2;
			continue;
		}
		if (!mxa_is_space(s.p[i]) && s.p[i] != '\0')
			mxa_buf_addc(&b, s.p[i]);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			mxa_buf_addc(&b, ' ');
	}
	return mxa_str_trim(mxa_buf_str(&b));
}

/* The next word; false at the end. */
static bool next_word(struct mxa_str s, size_t *at, struct mxa_str *word)
{
	size_t end;

	while (*at < s.len && s.p[*at] == ' ')
		(*at)++;
	if (*at == s.len)
		return false;
	end = mxa_str_chr(s, ' ', *at);
	*word = mxa_str_sub(s, *at, end);
	*at = end;
	return true;
}

/* The word is the reply's code again, perhaps with its enhanced code or the
 * first word of a line behind it. */
static bool repeats(const struct mxa_said *said, struct mxa_str *word)
{
	if (word->len < 3 || memcmp(word->p, said->code, 3) != 0)
		return false;
	if (word->len > 3 && word->p[3] != '-')
		return false;
	*word = mxa_str_sub(*word, 4, word->len);
	return true;
}

/* An enhanced code with what stands around it: "#5.7.1", "5.7.1:"; true when
 * the word is nothing else. */
static bool take_enhanced(struct mxa_said *said, struct mxa_str word)
{
	size_t len;

	while (word.len > 0 && strchr("#(<[", word.p[0]) != NULL)
		word = mxa_str_sub(word, 1, word.len);
	len = mxa_enhanced_len(word);
	if (len == 0 || word.len > len + 1)
		return false;
	if (said->enhanced.len == 0 ||
	    mxa_str_ends(said->enhanced, MXA_STR(".0.0")))
		said->enhanced = mxa_str_sub(word, 0, len);
	return true;
}

/* The words without the codes at the beginning of each of its lines. */
static void drop_codes(
    struct mxa_arena *a, struct mxa_said *said, struct mxa_str s)
{
	struct mxa_str word;
	struct mxa_buf b;
	bool head = true; /* at the beginning of a line of the reply */
	size_t at = 0;

	mxa_buf_init(&b, a, MXA_MAX_SAID);
	while (next_word(s, &at, &word)) {
		if (said->code[0] != '\0' && repeats(said, &word)) {
			head = true;
			if (word.len == 0)
				continue;
		}
		if (head && take_enhanced(said, word))
			continue;
		head = false;
		if (b.len > 0)
			mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, word);
	}
	said->text = mxa_buf_str(&b);
}

/* Cut the text behind 'at', and what is white space then. */
static void cut(struct mxa_said *said, size_t at)
{
	said->text = mxa_str_trim(mxa_str_sub(said->text, 0, at));
}

/* Offset of the last word of 's'. */
static size_t last_word(struct mxa_str s)
{
	size_t at = s.len;

	while (at > 0 && s.p[at - 1] != ' ')
		at--;
	return at;
}

/* What servers append for their own postmasters. */
static void drop_tail(struct mxa_said *said)
{
	size_t at = mxa_str_casefind(said->text, MXA_STR("(in reply to "));

	if (at < said->text.len)
		cut(said, at);
	at = mxa_str_casefind(said->text, MXA_STR(" - gsmtp"));
	if (at < said->text.len) {
		said->gsmtp = true;
		cut(said, at);
		cut(said, last_word(said->text));
		at = mxa_str_casefind(said->text, MXA_STR(" - gcdp"));
		said->rule = at < said->text.len;
		if (said->rule)
			cut(said, at);
	}
	/* Microsoft: [HOST date id] */
	if (mxa_str_ends(said->text, MXA_STR("]"))) {
		at = said->text.len;
		while (at > 0 && said->text.p[at - 1] != '[')
			at--;
		if (at > 1 &&
		    mxa_str_chr(said->text, ' ', at) < said->text.len - 1)
			cut(said, at - 1);
	}
}

void mxa_said_read(
    struct mxa_arena *a, struct mxa_str raw, struct mxa_said *out)
{
	struct mxa_str s = flatten(a, raw);
	bool sure;
	size_t at = mxa_said_find(s, &sure);

	memset(out, 0, sizeof(*out));
	out->enhanced = MXA_STR("");
	out->stage = mxa_stage_in(s);
	if (at < s.len) {
		memcpy(out->code, s.p + at, 3);
		s = mxa_str_sub(s, at, s.len);
	}
	drop_codes(a, out, s);
	out->text = mxa_str_trim(out->text);
	drop_tail(out);
	while (out->text.len > 0 &&
	    strchr("'\">", out->text.p[out->text.len - 1]) != NULL &&
	    mxa_str_chr(out->text, out->text.p[out->text.len - 1], 0) ==
		out->text.len - 1 &&
	    (out->text.p[out->text.len - 1] != '>' ||
		mxa_str_chr(out->text, '<', 0) == out->text.len))
		cut(out, out->text.len - 1);
}
