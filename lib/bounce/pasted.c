/* pasted.c - headers as mail readers show them, in the language of the reader:
 * "差出人: alice@example.com". */
#include "bounce/collect.h"

#include "base/attr.h"
#include "base/buf.h"
#include "bounce/find.h"

enum label { LABEL_FROM, LABEL_TO, LABEL_SUBJECT, LABEL_DATE, LABEL_NONE };

static const struct {
	struct mxa_str word;
	enum label label;
} labels[] = {
	{ MXA_STR_INIT("From"), LABEL_FROM },
	{ MXA_STR_INIT("差出人"), LABEL_FROM },
	{ MXA_STR_INIT("送信者"), LABEL_FROM },
	{ MXA_STR_INIT("送信元"), LABEL_FROM },
	{ MXA_STR_INIT("Von"), LABEL_FROM },
	{ MXA_STR_INIT("De"), LABEL_FROM }, /* French, Spanish, Portuguese */
	{ MXA_STR_INIT("Da"), LABEL_FROM },
	{ MXA_STR_INIT("发件人"), LABEL_FROM },
	{ MXA_STR_INIT("寄件者"), LABEL_FROM },
	{ MXA_STR_INIT("寄件人"), LABEL_FROM },
	{ MXA_STR_INIT("보낸 사람"), LABEL_FROM },
	{ MXA_STR_INIT("To"), LABEL_TO },
	{ MXA_STR_INIT("宛先"), LABEL_TO },
	{ MXA_STR_INIT("送信先"), LABEL_TO },
	{ MXA_STR_INIT("受信者"), LABEL_TO },
	{ MXA_STR_INIT("An"), LABEL_TO },
	{ MXA_STR_INIT("À"), LABEL_TO },
	{ MXA_STR_INIT("A"), LABEL_TO }, /* Italian, some French readers */
	{ MXA_STR_INIT("Para"), LABEL_TO },
	{ MXA_STR_INIT("收件人"), LABEL_TO },
	{ MXA_STR_INIT("收件者"), LABEL_TO },
	{ MXA_STR_INIT("받는 사람"), LABEL_TO },
	{ MXA_STR_INIT("Subject"), LABEL_SUBJECT },
	{ MXA_STR_INIT("件名"), LABEL_SUBJECT },
	{ MXA_STR_INIT("Betreff"), LABEL_SUBJECT },
	{ MXA_STR_INIT("Objet"), LABEL_SUBJECT },
	{ MXA_STR_INIT("Asunto"), LABEL_SUBJECT },
	{ MXA_STR_INIT("Oggetto"), LABEL_SUBJECT },
	{ MXA_STR_INIT("主题"), LABEL_SUBJECT },
	{ MXA_STR_INIT("主旨"), LABEL_SUBJECT },
	{ MXA_STR_INIT("제목"), LABEL_SUBJECT },
	{ MXA_STR_INIT("Date"), LABEL_DATE },
	{ MXA_STR_INIT("Sent"), LABEL_DATE },
	{ MXA_STR_INIT("日付"), LABEL_DATE },
	{ MXA_STR_INIT("日時"), LABEL_DATE },
	{ MXA_STR_INIT("送信日時"), LABEL_DATE },
	{ MXA_STR_INIT("Datum"), LABEL_DATE },
	{ MXA_STR_INIT("Gesendet"), LABEL_DATE },
	{ MXA_STR_INIT("Envoyé"), LABEL_DATE },
	{ MXA_STR_INIT("Enviado"), LABEL_DATE },
	{ MXA_STR_INIT("Enviado el"), LABEL_DATE },
	{ MXA_STR_INIT("Fecha"), LABEL_DATE },
	{ MXA_STR_INIT("日期"), LABEL_DATE },
	{ MXA_STR_INIT("发送时间"), LABEL_DATE },
	{ MXA_STR_INIT("時間"), LABEL_DATE },
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

/* The label that a line begins with and what follows it. */
static enum label label_of(struct mxa_str line, struct mxa_str *value)
{
	line = mxa_str_trim(line);
	for (size_t i = 0; i < MXA_ARRAY_LEN(labels); i++) {
		struct mxa_str rest;
		size_t n;

		if (!mxa_str_casestarts(line, labels[i].word))
			continue;
		rest = mxa_str_sub(line, labels[i].word.len, line.len);
		n = colon_len(rest);
		if (n == 0)
			continue;
		*value = mxa_str_trim(mxa_str_sub(rest, n, rest.len));
		return labels[i].label;
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
