/* reply.c - one reply out of the pieces in which bounces show it. */
#include "bounce/reply.h"

#include <string.h>

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
	/* DragonFly */
	{ MXA_STR_INIT("did not like our final data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("did not like our data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("did not like our rcpt"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("did not like our mail"), MXA_STAGE_MAIL },
	/* Postfix, translated by a mail reader */
	{ MXA_STR_INIT("data コマンドの終わり"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("data-befehl"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("commande data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("comando data"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("data 命令"), MXA_STAGE_DATA },
	{ MXA_STR_INIT("rcpt to-befehl"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("befehl rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("commande rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("comando rcpt to"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("rcpt to 命令"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("mail from-befehl"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("befehl mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("commande mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("comando mail from"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("mail from 命令"), MXA_STAGE_MAIL },
	{ MXA_STR_INIT("rcpt to コマンド"), MXA_STAGE_RCPT },
	{ MXA_STR_INIT("mail from コマンド"), MXA_STAGE_MAIL },
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

/* What may stand right before a code, at 'at' > 0: white space and signs, also
 * those of Chinese and Japanese, which take no space after them. */
static bool code_may_begin(struct mxa_str s, size_t at)
{
	static const struct mxa_str wide[] = { MXA_STR_INIT("："),
		MXA_STR_INIT("；"), MXA_STR_INIT("，"), MXA_STR_INIT("、"),
		MXA_STR_INIT("。"), MXA_STR_INIT("（"), MXA_STR_INIT("「"),
		MXA_STR_INIT("『"), MXA_STR_INIT("“"), MXA_STR_INIT("‘"),
		MXA_STR_INIT("\xc2\xa0") };
	char c = s.p[at - 1];

	if (c == '\0')
		return false;
	if (mxa_is_space(c) || strchr(":;'\"<(#>=[,", c) != NULL)
		return true;
	for (size_t i = 0; i < MXA_ARRAY_LEN(wide); i++)
		if (mxa_str_ends(mxa_str_sub(s, 0, at), wide[i]))
			return true;
	return false;
}

/* A refusal's code at 'at', alone or with its '-'. */
static bool is_code(struct mxa_str s, size_t at)
{
	if (at + 3 > s.len || (s.p[at] != '4' && s.p[at] != '5') ||
	    !mxa_is_digit(s.p[at + 1]) || s.p[at + 1] > '7' ||
	    !mxa_is_digit(s.p[at + 2]))
		return false;
	if (at > 0 && !code_may_begin(s, at))
		return false;
	return at + 3 == s.len || mxa_is_space(s.p[at + 3]) ||
	    strchr("-#:;,", s.p[at + 3]) != NULL;
}

/* Whether an enhanced code of the same class stands behind the code. */
static bool enhanced_follows(struct mxa_str s, size_t at)
{
	size_t next = at + 3;

	while (next < s.len && next < at + 8 &&
	    (mxa_is_space(s.p[next]) ||
		(s.p[next] != '\0' && strchr("-#:;,(", s.p[next]))))
		next++;
	return next < s.len && s.p[next] == s.p[at] &&
	    mxa_enhanced_len(mxa_str_sub(s, next, s.len)) > 0;
}

bool mxa_enhanced_is_generic(struct mxa_str code)
{
	return code.len == 0 || mxa_str_ends(code, MXA_STR(".0.0"));
}

size_t mxa_said_find(struct mxa_str s)
{
	size_t first = s.len;

	for (size_t at = 0; at < s.len; at++) {
		if (!is_code(s, at))
			continue;
		if (enhanced_follows(s, at))
			return at;
		if (first == s.len)
			first = at;
	}
	return first;
}

/* White space runs, and NUL, as one space; marks of a transcript dropped. */
static struct mxa_str flatten_text(struct mxa_arena *a, struct mxa_str s)
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
static bool next_reply_word(struct mxa_str s, size_t *at, struct mxa_str *word)
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

/* The word is the reply's code again ("550", "550:", "550-5.7.1"): it is taken
 * from its front. */
static bool drop_code(const struct mxa_said *said, struct mxa_str *word)
{
	if (word->len < 3 || memcmp(word->p, said->code, 3) != 0)
		return false;
	if (word->len > 3 && strchr("-:;,", word->p[3]) == NULL)
		return false;
	*word = mxa_str_sub(*word, 4, word->len);
	return true;
}

/* An enhanced code with what stands around it: "#5.7.1", "5.7.1:"; true when
 * the word is nothing else. */
static bool take_enhanced(struct mxa_said *said, struct mxa_str word)
{
	size_t len;

	while (word.len > 0 && strchr("#(<[:", word.p[0]) != NULL)
		word = mxa_str_sub(word, 1, word.len);
	len = mxa_enhanced_len(word);
	if (len == 0 || word.len > len + 1)
		return false;
	if (mxa_enhanced_is_generic(said->enhanced))
		said->enhanced = mxa_str_sub(word, 0, len);
	return true;
}

/* Zoho: "ERROR_CODE :550, ERROR_CODE :5.1.1 ...". */
static bool is_label(struct mxa_str word)
{
	return mxa_str_is(word, "ERROR_CODE") || mxa_str_is(word, "ERROR_MSG");
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
	while (next_reply_word(s, &at, &word)) {
		if (said->code[0] != '\0' && drop_code(said, &word)) {
			head = true;
			if (word.len == 0)
				continue;
		}
		if (head && (is_label(word) || take_enhanced(said, word)))
			continue;
		head = false;
		if (b.len > 0)
			mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, word);
	}
	said->text = mxa_str_trim(mxa_buf_str(&b));
}

/* Cut the text at 'at', and the white space before it. */
static void cut_text(struct mxa_said *said, size_t at)
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

/* "n1-20020a170903404100b001bbc7b6492fsi4175505pla.8", not "blocked." */
static bool is_google_id(struct mxa_str word)
{
	size_t digits = 0;

	if (word.len < 5)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (mxa_is_digit(word.p[i]))
			digits++;
		else if (!mxa_is_alpha(word.p[i]) && word.p[i] != '-' &&
		    word.p[i] != '.')
			return false;
	}
	return digits >= 2 && digits < word.len;
}

static void drop_google_id(struct mxa_said *said)
{
	size_t at = last_word(said->text);

	if (is_google_id(mxa_str_sub(said->text, at, said->text.len)))
		cut_text(said, at);
}

/* "… id - gsmtp"; with "- gcdp id" a rule of the administrator spoke. */
static void drop_google_tail(struct mxa_said *said)
{
	size_t at = mxa_str_casefind(said->text, MXA_STR("- gsmtp"));

	if (at == said->text.len)
		return;
	said->gsmtp = true;
	cut_text(said, at);
	drop_google_id(said);
	if (!mxa_str_ends(said->text, MXA_STR("- gcdp")))
		return;
	said->rule = true;
	cut_text(said, said->text.len - 6);
	drop_google_id(said);
}

/* Microsoft: [HOST date id]. */
static void drop_microsoft_tail(struct mxa_said *said)
{
	size_t at = said->text.len;

	if (!mxa_str_ends(said->text, MXA_STR("]")))
		return;
	while (at > 0 && said->text.p[at - 1] != '[')
		at--;
	if (at > 1 && mxa_str_chr(said->text, ' ', at) < said->text.len - 1)
		cut_text(said, at - 1);
}

/* Where the words of the receiver end and those of the sender's server, or
 * more of the bounce, begin. */
static void drop_own_words(struct mxa_said *said)
{
	static const struct mxa_str ends[] = { MXA_STR_INIT("(in reply to "),
		MXA_STR_INIT("Giving up on "),
		MXA_STR_INIT("I'm not going to try again"),
		MXA_STR_INIT("Original message headers"),
		MXA_STR_INIT("Original message follows"),
		MXA_STR_INIT("--- Below this line"),
		MXA_STR_INIT("----- Original message"),
		MXA_STR_INIT("------ This is a copy"), MXA_STR_INIT("##"),
		MXA_STR_INIT("コマンドの終わりへの応答"),
		MXA_STR_INIT("コマンドへの応答"),
		MXA_STR_INIT("(als antwort auf "),
		MXA_STR_INIT("(en réponse à "), MXA_STR_INIT("(en respuesta a"),
		MXA_STR_INIT("（回复"), MXA_STR_INIT("(回复"),
		MXA_STR_INIT("（回覆"), MXA_STR_INIT("(回覆") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(ends); i++)
		cut_text(said, mxa_str_casefind(said->text, ends[i]));
	for (size_t at = said->text.len; at > 0; at--)
		if (said->text.p[at - 1] == '(' &&
		    mxa_str_chr(said->text, ')', at) == said->text.len &&
		    said->text.len - at < 40)
			cut_text(said, at - 1);
}

/* "(#5.1.1)" at the end, as qmail and its descendants write it. */
static void take_trailing_code(struct mxa_said *said)
{
	struct mxa_str s = said->text;
	size_t at = s.len;

	if (!mxa_str_ends(s, MXA_STR(")")))
		return;
	while (at > 0 && s.p[at - 1] != '(')
		at--;
	s = mxa_str_sub(s, at, s.len - 1);
	if (mxa_str_starts(s, MXA_STR("#")))
		s = mxa_str_sub(s, 1, s.len);
	if (at == 0 || s.len == 0 || mxa_enhanced_len(s) != s.len)
		return;
	if (mxa_enhanced_is_generic(said->enhanced))
		said->enhanced = s;
	cut_text(said, at - 1);
}

/* A quote or bracket at the end that nothing opens. */
static void drop_open_quote(struct mxa_said *said)
{
	while (said->text.len > 0) {
		struct mxa_str s = said->text;
		char last = s.p[s.len - 1];
		char opens = last == '>' ? '<' : last == ')' ? '(' : last;

		if (strchr("'\">)", last) == NULL ||
		    mxa_str_chr(s, opens, 0) < s.len - 1)
			return;
		cut_text(said, s.len - 1);
	}
}

void mxa_said_read(
    struct mxa_arena *a, struct mxa_str raw, struct mxa_said *out)
{
	struct mxa_str s = flatten_text(a, raw);
	size_t at = mxa_said_find(s);

	memset(out, 0, sizeof(*out));
	out->enhanced = MXA_STR("");
	out->stage = mxa_stage_in(s);
	if (at < s.len) {
		memcpy(out->code, s.p + at, 3);
		s = mxa_str_sub(s, at, s.len);
	}
	drop_codes(a, out, s);
	drop_own_words(out);
	drop_google_tail(out);
	drop_microsoft_tail(out);
	take_trailing_code(out);
	drop_open_quote(out);
}
