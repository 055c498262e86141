/* forms.c - one refusal, as different mail systems and people tell of it. */
#include "t/unit/bounce/forms.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"

/* --- the reply --- */

/* "550 5.7.1 " of the reply, with '-' for all lines but the last. */
static const char *codes_of(const struct letter *l, bool last)
{
	bool enhanced =
	    l->reply[4] >= '2' && l->reply[4] <= '5' && l->reply[5] == '.';
	size_t n = enhanced ? strcspn(l->reply + 4, " ") : 0;

	return mxa_arena_printf(l->a, "%.3s%c%.*s%s", l->reply,
	    last ? ' ' : '-', (int)n, l->reply + 4, enhanced ? " " : "");
}

/* The reply in lines of about 60 bytes, each after 'mark' and with its codes,
 * or (folded) with them in the running text as Postfix shows it. */
static void add_lines(
    struct mxa_buf *b, const struct letter *l, const char *mark)
{
	const char *words = l->reply + strlen(codes_of(l, true));

	while (*words != '\0') {
		size_t n = strlen(words);

		if (n > 60) {
			n = 60;
			while (n > 1 && words[n] != ' ')
				n--;
			if (n == 1)
				n = strcspn(words, " ");
		}
		mxa_buf_printf(b, "%s%s%.*s\n", mark,
		    codes_of(l, words[n] == '\0'), (int)n, words);
		words += n;
		words += strspn(words, " ");
	}
}

/* Postfix folds the lines anew. */
static void add_folded(
    struct mxa_buf *b, const struct letter *l, const char *indent)
{
	struct mxa_buf lines;
	const char *p;
	size_t column = 0;

	mxa_buf_init(&lines, l->a, 20000);
	add_lines(&lines, l, "");
	for (p = mxa_buf_cstr(&lines); *p != '\0';) {
		size_t n = strcspn(p, " \n");

		if (column + n > 66) {
			mxa_buf_printf(b, "\n%s", indent);
			column = 0;
		} else if (column > 0) {
			mxa_buf_addc(b, ' ');
		}
		mxa_buf_add(b, p, n);
		column += n + 1;
		p += n;
		p += strspn(p, " \n");
	}
}

/* --- pieces --- */

static void add_returned(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "Return-Path: <%s>\nReceived: from pc.firm.example by %s with "
	    "ESMTP id 1;\n\tFri, 27 Nov 2026 09:00:00 +0900\nFrom: Sales <%s>\n"
	    "To: %s\nSubject: Your order\nMessage-ID: <1@firm.example>\n",
	    l->sender, l->host, l->author, l->recipient);
}

static void add_top(
    struct mxa_buf *b, const struct letter *l, const char *subject)
{
	mxa_buf_printf(b,
	    "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@%s>\n"
	    "To: %s\nSubject: %s\nMIME-Version: 1.0\n",
	    l->host, l->sender, subject);
}

/* --- Postfix --- */

static void add_postfix_text(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "This is the mail system at host %s.\n\nI'm sorry to have to "
	    "inform you that your message could not\nbe delivered to one or "
	    "more recipients. It's attached below.\n\n                   The "
	    "mail system\n\n<%s>: host %s[198.51.100.26] said:\n    ",
	    l->host, l->recipient, l->remote);
	add_folded(b, l, "    ");
	mxa_buf_adds(b, " (in reply to end of DATA\n    command)\n");
}

static void add_postfix_fields(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "Reporting-MTA: dns; %s\nX-Postfix-Queue-ID: 4XyZabc\n"
	    "X-Postfix-Sender: rfc822; %s\nArrival-Date: Fri, 27 Nov 2026 "
	    "09:00:00 +0900 (JST)\n\nFinal-Recipient: rfc822; %s\n"
	    "Original-Recipient: rfc822;%s\nAction: failed\nStatus: 5.0.0\n"
	    "Remote-MTA: dns; %s\nDiagnostic-Code: smtp; ",
	    l->host, l->sender, l->recipient, l->recipient, l->remote);
	add_folded(b, l, "    ");
	mxa_buf_adds(b, "\n");
}

static void postfix(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Undelivered Mail Returned to Sender");
	mxa_buf_adds(b,
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\n");
	add_postfix_text(b, l);
	mxa_buf_adds(b, "\n--b1\nContent-Type: message/delivery-status\n\n");
	add_postfix_fields(b, l);
	mxa_buf_adds(b, "\n--b1\nContent-Type: message/rfc822\n\n");
	add_returned(b, l);
	mxa_buf_adds(b, "\nHello\n\n--b1--\n");
}

/* Only what a mail program shows: text, status, and its own header lines. */
static void add_pasted(struct mxa_buf *b, const struct letter *l,
    const char *from, const char *subject, const char *date, const char *to)
{
	mxa_buf_printf(b,
	    "%sMAILER-DAEMON@%s\n%sUndelivered Mail\n"
	    "%sFri, 27 Nov 2026 09:00:01\n%s%s\n\n",
	    from, l->host, subject, date, to, l->sender);
	add_postfix_text(b, l);
	mxa_buf_printf(b,
	    "\n%sSales <%s>\n%sYour order\n%sFri, 27 Nov 2026\n"
	    "%s%s\n",
	    from, l->author, subject, date, to, l->recipient);
}

static void pasted(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "From: ", "Subject: ", "Date: ", "To: ");
}

static void pasted_japanese(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "差出人: ", "件名: ", "日付: ", "宛先: ");
}

static void pasted_german(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "Von: ", "Betreff: ", "Datum: ", "An: ");
}

static void pasted_french(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "De : ", "Objet : ", "Date : ", "À : ");
}

static void pasted_spanish(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "De: ", "Asunto: ", "Fecha: ", "Para: ");
}

static void pasted_chinese(struct mxa_buf *b, const struct letter *l)
{
	add_pasted(b, l, "发件人：", "主题：", "日期：", "收件人：");
}

/* Postfix's words around the reply, translated by the mail reader. */
struct tongue {
	const char *greeting, *after_greeting; /* around the host */
	const char *failed;
	const char *host, *said; /* around the server that refused */
	const char *tail;
};

static void add_translated(
    struct mxa_buf *b, const struct letter *l, const struct tongue *t)
{
	add_top(b, l, "Undelivered Mail Returned to Sender");
	mxa_buf_printf(b,
	    "Content-Type: text/plain; charset=utf-8\n\n%s%s%s\n\n%s\n\n"
	    "<%s>%s%s[198.51.100.26]%s\n    ",
	    t->greeting, l->host, t->after_greeting, t->failed, l->recipient,
	    t->host, l->remote, t->said);
	add_folded(b, l, "    ");
	mxa_buf_printf(b, " %s\n", t->tail);
}

static void translated_german(struct mxa_buf *b, const struct letter *l)
{
	add_translated(b, l,
	    &(struct tongue){ "Dies ist das Mailsystem auf Host ", ".",
		"Ihre Nachricht konnte nicht zugestellt werden.", ": Host ",
		" sagte:", "(als Antwort auf das Ende des DATA-Befehls)" });
}

static void translated_french(struct mxa_buf *b, const struct letter *l)
{
	add_translated(b, l,
	    &(struct tongue){ "Voici le système de messagerie de l'hôte ", ".",
		"Votre message n'a pas pu être remis.", " : l'hôte ",
		" a dit :", "(en réponse à la fin de la commande DATA)" });
}

static void translated_spanish(struct mxa_buf *b, const struct letter *l)
{
	add_translated(b, l,
	    &(struct tongue){ "Este es el sistema de correo en el host ", ".",
		"Su mensaje no se pudo entregar.", ": el host ",
		" dijo:", "(en respuesta al final del comando DATA)" });
}

static void translated_chinese(struct mxa_buf *b, const struct letter *l)
{
	add_translated(b, l,
	    &(struct tongue){ "这是主机 ", " 上的邮件系统。",
		"您的邮件无法投递。", "：主机 ", " 说：",
		"（回复 DATA 命令结束）" });
}

static void translated_japanese(struct mxa_buf *b, const struct letter *l)
{
	add_translated(b, l,
	    &(struct tongue){ "これはホスト ", " のメール システムです。",
		"メッセージを配信できませんでした。", ": ホスト ",
		" は次のように言いました:",
		"(DATA コマンドの終わりへの応答)" });
}

static void postfix_text_only(struct mxa_buf *b, const struct letter *l)
{
	add_postfix_text(b, l);
}

static void postfix_fields_only(struct mxa_buf *b, const struct letter *l)
{
	add_postfix_fields(b, l);
}

/* Each line of another form after a mark, or with another line end. */
static void add_with(struct mxa_buf *b, const struct letter *l,
    const char *mark, const char *end,
    void (*write)(struct mxa_buf *, const struct letter *))
{
	struct mxa_buf plain;
	const char *p;

	mxa_buf_init(&plain, l->a, 100000);
	write(&plain, l);
	for (p = mxa_buf_cstr(&plain); *p != '\0';) {
		size_t n = strcspn(p, "\n");

		mxa_buf_printf(b, "%s%.*s%s", mark, (int)n, p, end);
		p += n + (p[n] == '\n');
	}
}

static void quoted(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_adds(b, "Please help, our mail came back:\n\n");
	add_with(b, l, "> ", "\n", pasted);
}

static void crcrlf(struct mxa_buf *b, const struct letter *l)
{
	add_with(b, l, "", "\r\r\n", postfix);
}

/* Somebody sends the bounce on as an attachment. */
static void attached(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_adds(b,
	    "Return-Path: <boss@elsewhere.example>\n"
	    "Authentication-Results: mx.elsewhere.example; spf=pass "
	    "smtp.mailfrom=boss@elsewhere.example\n"
	    "From: Boss <boss@elsewhere.example>\n"
	    "To: postmaster@elsewhere.example\n"
	    "Subject: Fwd: Undelivered Mail Returned to Sender\n"
	    "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
	    "boundary=\"o1\"\n\n--o1\nContent-Type: text/plain\n\nWhat is "
	    "this?\n\n--o1\nContent-Type: message/rfc822\n\n");
	postfix(b, l);
	mxa_buf_adds(b, "\n--o1--\n");
}

/* --- other mail systems --- */

static void qmail(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "failure notice");
	mxa_buf_printf(b,
	    "\nHi. This is the qmail-send program at %s.\nI'm afraid I wasn't "
	    "able to deliver your message to the following addresses.\nThis is "
	    "a permanent error; I've given up. Sorry it didn't work out.\n\n"
	    "<%s>:\nConnected to 198.51.100.26 but sender was rejected.\n"
	    "Remote host said: ",
	    l->host, l->recipient);
	add_lines(b, l, "");
	mxa_buf_adds(b,
	    "Giving up on 198.51.100.26.\n\n--- Below this line is "
	    "a copy of the message.\n\n");
	add_returned(b, l);
	mxa_buf_adds(b, "\nHello, 550 pieces\n");
}

static void exim(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Mail delivery failed: returning message to sender");
	mxa_buf_printf(b,
	    "X-Failed-Recipients: %s\nAuto-Submitted: auto-replied\n\nThis "
	    "message was created automatically by mail delivery software.\n\n"
	    "A message that you sent could not be delivered to one or more of "
	    "its\nrecipients. This is a permanent error. The following "
	    "address(es) failed:\n\n  %s\n    host %s [198.51.100.26]\n    "
	    "SMTP error from remote mail server after end of data:\n",
	    l->recipient, l->recipient, l->remote);
	add_lines(b, l, "    ");
	mxa_buf_adds(b,
	    "\n------ This is a copy of the message, including all "
	    "the headers. ------\n\n");
	add_returned(b, l);
	mxa_buf_adds(b, "\nHello\n");
}

static void opensmtpd(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Delivery status notification: error");
	mxa_buf_printf(b,
	    "Content-Type: multipart/mixed; boundary=\"s1\"\n\nThis is a "
	    "MIME-encapsulated message.\n\n--s1\nContent-Type: text/plain\n\n"
	    "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to "
	    "this email.\n\n    An error has occurred while attempting to "
	    "deliver a message for\n    the following list of recipients:\n\n"
	    "%s: %s\n\n    Below is a copy of the original message:\n\n--s1\n"
	    "Content-Type: message/rfc822\n\n",
	    l->recipient, l->reply);
	add_returned(b, l);
	mxa_buf_adds(b, "\nHello\n\n--s1--\n");
}

static void add_sendmail_text(struct mxa_buf *b, const struct letter *l)
{
	struct mxa_buf lines;

	mxa_buf_init(&lines, l->a, 20000);
	add_lines(&lines, l, "");
	mxa_buf_printf(b,
	    "The original message was received at Fri, 27 Nov 2026 09:00:00 "
	    "+0900\nfrom pc.firm.example [192.168.1.5]\n\n   ----- The "
	    "following addresses had permanent fatal errors -----\n<%s>\n    "
	    "(reason: %.*s)\n\n   ----- Transcript of session follows -----\n"
	    "... while talking to %s.:\n>>> DATA\n",
	    l->recipient, (int)strcspn(mxa_buf_cstr(&lines), "\n"),
	    mxa_buf_cstr(&lines), l->remote);
	add_lines(b, l, "<<< ");
	mxa_buf_adds(b, "554 5.0.0 Service unavailable\n");
}

static void sendmail(struct mxa_buf *b, const struct letter *l)
{
	struct mxa_buf lines;

	mxa_buf_init(&lines, l->a, 20000);
	add_lines(&lines, l, "");
	add_top(b, l, "Returned mail: see transcript for details");
	mxa_buf_adds(b,
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"m1\"\n\n--m1\n\n");
	add_sendmail_text(b, l);
	mxa_buf_printf(b,
	    "\n--m1\nContent-Type: message/delivery-status\n\nReporting-MTA: "
	    "dns; %s\n\nFinal-Recipient: RFC822; %s\nAction: failed\n"
	    "Status: 5.0.0\nRemote-MTA: DNS; %s\nDiagnostic-Code: SMTP; %.*s\n"
	    "Last-Attempt-Date: Fri, 27 Nov 2026 09:00:02 +0900\n\n--m1\n"
	    "Content-Type: text/rfc822-headers\n\n",
	    l->host, l->recipient, l->remote,
	    (int)strcspn(mxa_buf_cstr(&lines), "\n"), mxa_buf_cstr(&lines));
	add_returned(b, l);
	mxa_buf_adds(b, "\n--m1--\n");
}

static void v5sendmail(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Returned mail: User unknown");
	mxa_buf_printf(b,
	    "\n   ----- Transcript of session follows -----\nWhile talking to "
	    "%s:\n>>> RCPT To:<%s>\n",
	    l->remote, l->recipient);
	add_lines(b, l, "<<< ");
	mxa_buf_adds(b, "\n   ----- Unsent message follows -----\n");
	add_returned(b, l);
	mxa_buf_adds(b, "\nHello\n");
}

static void add_exchange_text(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "Delivery has failed to these recipients or groups:\n\n%s\nYour "
	    "message wasn't delivered.\n\nDiagnostic information for "
	    "administrators:\n\nGenerating server: %s\n\n%s\n%s\nRemote Server "
	    "returned '%s'\n\nOriginal message headers:\n\n",
	    l->recipient, l->host, l->recipient, l->remote, l->reply);
	add_returned(b, l);
}

static void exchange(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "From: Microsoft Outlook "
	    "<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@%s>\nTo: <%s>\n"
	    "Subject: Undeliverable: Your order\n"
	    "X-MS-Exchange-Message-Is-Ndr:\n"
	    "Content-Type: text/plain; charset=utf-8\n\n",
	    l->host, l->sender);
	add_exchange_text(b, l);
}

static void exchange_hash(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "From: postmaster@firm.example\nTo: %s\nSubject: Undeliverable: "
	    "Your order\nContent-Type: text/plain\n\nDelivery has failed to "
	    "these recipients or distribution lists:\n\n%s\nYour message "
	    "wasn't delivered.\n\nDiagnostic information for "
	    "administrators:\n\nGenerating server: %s\n\n%s\n%s #%s ##\n\n"
	    "Original message headers:\n\n",
	    l->sender, l->recipient, l->host, l->recipient, l->remote,
	    l->reply);
	add_returned(b, l);
}

/* '<', '>' and '&' of another form as entities, its lines as paragraphs. */
static void add_html(struct mxa_buf *b, const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '<')
			mxa_buf_adds(b, "&lt;");
		else if (*p == '>')
			mxa_buf_adds(b, "&gt;");
		else if (*p == '&')
			mxa_buf_adds(b, "&amp;");
		else if (*p == '\'')
			mxa_buf_adds(b, "&#39;");
		else if (*p == '@')
			mxa_buf_adds(b, "&#x40;");
		else if (*p == '\n')
			mxa_buf_adds(b, "<br>\n");
		else
			mxa_buf_addc(b, *p);
	}
}

static void exchange_html(struct mxa_buf *b, const struct letter *l)
{
	struct mxa_buf text;

	mxa_buf_init(&text, l->a, 100000);
	add_exchange_text(&text, l);
	mxa_buf_printf(b,
	    "From: postmaster@firm.example\nTo: %s\nSubject: Undeliverable: "
	    "Your order\nContent-Type: text/html; charset=utf-8\n\n<html><head>"
	    "<style>p { color: #550 }</style></head><body><p>",
	    l->sender);
	add_html(b, mxa_buf_cstr(&text));
	mxa_buf_adds(b, "</p></body></html>\n");
}

/* Text copied out of the source of a web page. */
static void entities(struct mxa_buf *b, const struct letter *l)
{
	struct mxa_buf text;
	const char *p;

	mxa_buf_init(&text, l->a, 100000);
	pasted(&text, l);
	for (p = mxa_buf_cstr(&text); *p != '\0'; p++) {
		if (*p == '<')
			mxa_buf_adds(b, "&lt;");
		else if (*p == '>')
			mxa_buf_adds(b, "&gt;");
		else
			mxa_buf_addc(b, *p);
	}
}

static void gmail_reports(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Delivery Status Notification (Failure)");
	mxa_buf_printf(b,
	    "X-Failed-Recipients: %s\n\nDelivery to the following recipient "
	    "failed permanently:\n\n     %s\n\nTechnical details of permanent "
	    "failure:\nGoogle tried to deliver your message, but it was "
	    "rejected by the server for the recipient domain rcpt.example by "
	    "%s. [198.51.100.26].\n\nThe error that the other server returned "
	    "was:\n",
	    l->recipient, l->recipient, l->remote);
	add_lines(b, l, "");
	mxa_buf_adds(b, "\n----- Original message -----\n\n");
	add_returned(b, l);
}

static void courier(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "NOTICE: mail delivery status.");
	mxa_buf_printf(b,
	    "\nThis is a delivery status notification from %s,\nrunning the "
	    "Courier mail server, version 0.65.2.\n\n                         "
	    "  UNDELIVERABLE MAIL\n\nYour message to the following recipients "
	    "cannot be delivered:\n\n<%s>:\n    %s [198.51.100.26]:\n>>> "
	    "DATA\n",
	    l->host, l->recipient, l->remote);
	add_lines(b, l, "<<< ");
	mxa_buf_adds(b,
	    "\n----------------------------------------\n\nIf your "
	    "message was also sent to others, they have it.\n");
}

static void dragonfly(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Mail delivery failed");
	mxa_buf_printf(b,
	    "\nThis is the DragonFly Mail Agent v0.9 at %s.\n\nThere was an "
	    "error delivering your mail to <%s>.\n\n%s [198.51.100.26] did not "
	    "like our final DATA:\n%s\n\nOriginal message follows.\n\n",
	    l->host, l->recipient, l->remote, l->reply);
	add_returned(b, l);
}

static void james(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Delivery failure");
	mxa_buf_printf(b,
	    "\nHi. This is the James mail server at %s.\nI'm afraid I wasn't "
	    "able to deliver your message to the following addresses.\nThis is "
	    "a permanent error; I've given up.\n\nFailed recipient(s):\n%s\n\n"
	    "Error message:\n%s\n\nMessage details:\n  Subject: Your order\n",
	    l->host, l->recipient, l->reply);
}

static void mcafee(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Delivery Status");
	mxa_buf_printf(b,
	    "\n--- The following addresses had delivery problems ---\n\n<%s>  "
	    " (%s)\n\n--------------Boundary-00=_000\nContent-Type: "
	    "message/delivery-status; name=\"deliverystatus.txt\"\n\n"
	    "Final-Recipient: <%s>\nAction: failed\nStatus: 5.0.0\n"
	    "Remote-MTA: 198.51.100.26\nDiagnostic-Code: smtp; %s\n",
	    l->recipient, l->reply, l->recipient, l->reply);
}

static void zoho(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Undelivered Mail Returned to Sender");
	mxa_buf_printf(b,
	    "\nThis message was created automatically by mail delivery "
	    "software.\n A message that you sent could not be delivered to one "
	    "or more of its recipients. This is a permanent error.\n\n%s "
	    "Invalid Address, ERROR_CODE :%.3s, ERROR_CODE :%s\n",
	    l->recipient, l->reply, l->reply + 4);
}

/* A Japanese provider tells the reason in words before the reply. */
static void japanese_isp(struct mxa_buf *b, const struct letter *l)
{
	add_top(b, l, "Mail System Error - Returned Mail");
	mxa_buf_printf(b,
	    "Content-Type: text/plain; charset=utf-8\n\nお客様のメールは次の"
	    "宛先に配信できませんでした。\n\n<%s>\n受信側のサーバーが次の理由で"
	    "拒否しました。\nhost %s[198.51.100.26] said: %s\n\n"
	    "ご不明な点はサポートまで。\n",
	    l->recipient, l->remote, l->reply);
}

/* --- webhooks --- */

static void add_json(struct mxa_buf *b, const char *s, bool twice)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			mxa_buf_adds(b, twice ? "\\\\\\" : "\\");
		mxa_buf_addc(b, *s);
	}
}

static void ses(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "{\"Type\":\"Notification\",\"Message\":\"{\\\"notificationType\\\""
	    ":\\\"Bounce\\\",\\\"bounce\\\":{\\\"bounceType\\\":\\\"Permanent"
	    "\\\",\\\"reportingMTA\\\":\\\"dns; %s\\\",\\\"bouncedRecipients"
	    "\\\":[{\\\"emailAddress\\\":\\\"%s\\\",\\\"action\\\":\\\"failed"
	    "\\\",\\\"diagnosticCode\\\":\\\"smtp; ",
	    l->host, l->recipient);
	add_json(b, l->reply, true);
	mxa_buf_printf(b,
	    "\\\"}]},\\\"mail\\\":{\\\"source\\\":\\\"%s\\\","
	    "\\\"commonHeaders\\\":{\\\"from\\\":[\\\"Sales <%s>\\\"]}}}\"}",
	    l->sender, l->author);
}

static void sendgrid(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "[{\"email\":\"%s\",\"event\":\"bounce\",\"sg_event_id\":\"x\","
	    "\"timestamp\":1700000000,\"reason\":\"",
	    l->recipient);
	add_json(b, l->reply, false);
	mxa_buf_adds(b, "\"}]");
}

static void mailgun(struct mxa_buf *b, const struct letter *l)
{
	mxa_buf_printf(b,
	    "{\"signature\":{},\"event-data\":{\"event\":\"failed\","
	    "\"severity\":\"permanent\",\"recipient\":\"%s\","
	    "\"envelope\":{\"sender\":\"%s\"},\"message\":{\"headers\":{"
	    "\"from\":\"Sales <%s>\",\"to\":\"%s\"}},\"delivery-status\":{"
	    "\"code\":%.3s,\"mx-host\":\"%s\",\"message\":\"",
	    l->recipient, l->sender, l->author, l->recipient, l->reply,
	    l->remote);
	add_json(b, l->reply + 4, false);
	mxa_buf_adds(b, "\"}}}");
}

const struct form forms[] = {
	{ .name = "Postfix", .write = postfix },
	{ .name = "pasted from a reader", .write = pasted },
	{ .name = "pasted, Japanese", .write = pasted_japanese },
	{ .name = "pasted, German", .write = pasted_german },
	{ .name = "pasted, French", .write = pasted_french },
	{ .name = "pasted, Spanish", .write = pasted_spanish },
	{ .name = "pasted, Chinese", .write = pasted_chinese },
	{ .name = "translated, German", .write = translated_german },
	{ .name = "translated, French", .write = translated_french },
	{ .name = "translated, Spanish", .write = translated_spanish },
	{ .name = "translated, Chinese", .write = translated_chinese },
	{ .name = "translated, Japanese", .write = translated_japanese },
	{ .name = "Postfix, its text",
	    .write = postfix_text_only,
	    .no_sender = true },
	{ .name = "Postfix, its fields", .write = postfix_fields_only },
	{ .name = "quoted in a mail", .write = quoted },
	{ .name = "CR CR LF", .write = crcrlf },
	{ .name = "attached to a mail", .write = attached },
	{ .name = "qmail", .write = qmail, .no_remote = true },
	{ .name = "Exim", .write = exim },
	{ .name = "OpenSMTPD", .write = opensmtpd, .no_remote = true },
	{ .name = "Sendmail", .write = sendmail },
	{ .name = "Sendmail 5", .write = v5sendmail },
	{ .name = "Exchange", .write = exchange },
	{ .name = "Exchange 2007", .write = exchange_hash },
	{ .name = "Exchange, HTML only", .write = exchange_html },
	{ .name = "entities", .write = entities },
	{ .name = "Gmail reports", .write = gmail_reports },
	{ .name = "Courier", .write = courier },
	{ .name = "DragonFly", .write = dragonfly },
	{ .name = "James", .write = james, .no_remote = true },
	{ .name = "McAfee", .write = mcafee, .no_remote = true },
	{ .name = "Zoho", .write = zoho, .no_remote = true },
	{ .name = "Japanese provider", .write = japanese_isp },
	{ .name = "Amazon SES", .write = ses, .no_remote = true },
	{ .name = "SendGrid",
	    .write = sendgrid,
	    .no_sender = true,
	    .no_host = true,
	    .no_remote = true },
	{ .name = "Mailgun", .write = mailgun, .no_host = true },
};
const size_t n_forms = MXA_ARRAY_LEN(forms);
