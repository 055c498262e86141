/* pasted.c - headers as mail readers show them, in the language of the reader:
 * "差出人: alice@example.com". */
#include "bounce/collect.h"

#include "base/attr.h"
#include "base/buf.h"
#include "bounce/find.h"

enum label { LABEL_FROM, LABEL_TO, LABEL_SUBJECT, LABEL_DATE, LABEL_NONE };

/* "De" is French, Spanish and Portuguese; "A" Italian, and what some French
 * readers write. */
static const char *const labels[][15] = {
	[LABEL_FROM] = { "From", "差出人", "送信者", "送信元", "Von", "De",
	    "Da", "发件人", "寄件者", "寄件人", "보낸 사람" },
	[LABEL_TO] = { "To", "宛先", "送信先", "受信者", "An", "À", "A", "Para",
	    "收件人", "收件者", "받는 사람" },
	[LABEL_SUBJECT] = { "Subject", "件名", "Betreff", "Objet", "Asunto",
	    "Oggetto", "主题", "主旨", "제목" },
	[LABEL_DATE] = { "Date", "Sent", "日付", "日時", "送信日時", "Datum",
	    "Gesendet", "Envoyé", "Enviado", "Enviado el", "Fecha", "日期",
	    "发送时间", "時間" },
};

static const char *const field_names[] = { "From", "To", "Subject", "Date" };

/* Length of the colon after a label, a wide one or one after a space; 0: none
 * stands there. */
static size_t colon_len(struct mxa_str s)
{
	static const struct mxa_str colons[] = { MXA_STR_INIT(":"),
		MXA_STR_INIT(" :"), MXA_STR_INIT("："),
		MXA_STR_INIT("\xc2\xa0:") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(colons); i++)
		if (mxa_str_starts(s, colons[i]))
			return colons[i].len;
	return 0;
}

/* What follows the word and a colon at the beginning of the line; p is NULL: it
 * does not begin so. */
static struct mxa_str value_after(struct mxa_str line, struct mxa_str word)
{
	struct mxa_str rest = mxa_str_sub(line, word.len, line.len);
	size_t n = colon_len(rest);

	if (!mxa_str_casestarts(line, word) || n == 0)
		return MXA_STR_NONE;
	return mxa_str_trim(mxa_str_sub(rest, n, rest.len));
}

/* The label that a line begins with and what follows it. */
static enum label label_of(struct mxa_str line, struct mxa_str *value)
{
	line = mxa_str_trim(line);
	for (int i = 0; i < LABEL_NONE; i++)
		for (const char *const *w = labels[i]; *w != NULL; w++) {
			struct mxa_str v = value_after(line, mxa_str_from(*w));

			if (v.p == NULL)
				continue;
			*value = v;
			return (enum label)i;
		}
	return LABEL_NONE;
}

/* A field that only header sections have: the paragraph is one already. */
static bool is_mail_field(struct mxa_str line)
{
	static const struct mxa_str names[] = { MXA_STR_INIT("Return-Path:"),
		MXA_STR_INIT("Received:"), MXA_STR_INIT("DKIM-Signature:"),
		MXA_STR_INIT("Message-ID:"), MXA_STR_INIT("MIME-Version:"),
		MXA_STR_INIT("Delivered-To:"),
		MXA_STR_INIT("Authentication-Results:"),
		MXA_STR_INIT("Content-Type:") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_casestarts(line, names[i]))
			return true;
	return false;
}

/* "---------- Forwarded message ---------", a rule */
static bool is_rule(struct mxa_str line)
{
	return line.len > 0 && (line.p[0] == '-' || line.p[0] == '_');
}

struct mxa_str mxa_pasted_header(struct mxa_arena *a, struct mxa_str p)
{
	struct mxa_str line, value = MXA_STR("");
	size_t at = 0, labelled = 0, fields = 0;
	struct mxa_buf b;
	bool from = false;

	mxa_buf_init(&b, a, p.len * 2 + 64);
	while (mxa_next_line(p, &at, &line)) {
		enum label l = label_of(line, &value);

		if (labelled + fields == 0 && is_rule(line))
			continue;
		if (is_mail_field(line))
			fields++;
		if (l == LABEL_NONE || mxa_is_wsp(line.p[0])) {
			mxa_buf_addstr(&b, line);
		} else {
			labelled++;
			from = from || l == LABEL_FROM;
			mxa_buf_adds(&b, field_names[l]);
			mxa_buf_adds(&b, ": ");
			mxa_buf_addstr(&b, value);
		}
		mxa_buf_addc(&b, '\n');
	}
	from = from || mxa_str_casestarts(p, MXA_STR("Return-Path:"));
	if (!from || labelled + fields < 2)
		return MXA_STR("");
	return mxa_buf_str(&b);
}
