/* daemon.c - how mail systems introduce their reports. */
#include "bounce/daemon.h"

#include "base/attr.h"
#include "bounce/find.h"
#include "bounce/words.h"

static bool any_in(const struct mxa_str *words, size_t n, struct mxa_str s)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_casefind(s, words[i]) < s.len)
			return true;
	return false;
}

bool mxa_is_daemon(struct mxa_str from)
{
	static const struct mxa_str names[] = { MXA_STR_INIT("mailer-daemon"),
		MXA_STR_INIT("mailerdaemon"), MXA_STR_INIT("mail-daemon"),
		MXA_STR_INIT("mail delivery"), MXA_STR_INIT("postmaster@"),
		MXA_STR_INIT("microsoftexchange"),
		MXA_STR_INIT("microsoft outlook"),
		MXA_STR_INIT("mail administrator"),
		MXA_STR_INIT("delivery subsystem"), MXA_STR_INIT("mail system"),
		MXA_STR_INIT("double-bounce@"),
		MXA_STR_INIT("system administrator"),
		MXA_STR_INIT("メール配信システム"),
		MXA_STR_INIT("メール配送") };

	from = mxa_str_trim(from);
	return mxa_str_is(from, "<>") ||
	    any_in(names, MXA_ARRAY_LEN(names), from);
}

bool mxa_is_bounce_subject(struct mxa_str subject)
{
	static const struct mxa_str words[] = { MXA_STR_INIT("undeliver"),
		MXA_STR_INIT("delivery status notification"),
		MXA_STR_INIT("failure notice"), MXA_STR_INIT("returned mail"),
		MXA_STR_INIT("returned to sender"),
		MXA_STR_INIT("delivery failed"),
		MXA_STR_INIT("delivery failure"),
		MXA_STR_INIT("delivery error"),
		MXA_STR_INIT("mail system error"),
		MXA_STR_INIT("could not be delivered"),
		MXA_STR_INIT("unzustellbar"), MXA_STR_INIT("non remis"),
		MXA_STR_INIT("no se puede entregar"), MXA_STR_INIT("配信不能"),
		MXA_STR_INIT("配信できません"), MXA_STR_INIT("配送できません"),
		MXA_STR_INIT("未送達"), MXA_STR_INIT("送信できません"),
		MXA_STR_INIT("退信"), MXA_STR_INIT("未送达"),
		MXA_STR_INIT("无法送达"), MXA_STR_INIT("無法傳遞"),
		MXA_STR_INIT("無法送達"), MXA_STR_INIT("nicht zugestellt"),
		MXA_STR_INIT("non distribuable"), MXA_STR_INIT("non livré"),
		MXA_STR_INIT("no se pudo entregar"),
		MXA_STR_INIT("no entregado") };

	return any_in(words, MXA_ARRAY_LEN(words), subject);
}

bool mxa_has_bounce_words(struct mxa_arena *a, struct mxa_str text)
{
	static const char *const greetings[] = {
		"this is the mail system at host", "hi. this is the ",
		"created automatically by mail delivery software",
		"permanent fatal errors", "transient non-fatal errors",
		"delivery has failed to these recipients",
		"delivery to the following recipient", "could not be delivered",
		"couldn't be delivered", "wasn't delivered to",
		"was not delivered to", "cannot be delivered",
		"has not been delivered", "undelivered mail",
		"unable to deliver", "delivery failure", "the mailer-daemon",
		"message not delivered", "a message that you sent",
		"diagnostic information for administrators",
		"delivery status notification", "error delivering your mail",
		"had delivery problems", "did not reach the following",
		"following recipients was rejected",
		"could not deliver message", "undeliverable mail",
		"failure reasons", "original message follows",
		"message blocked", "transcript of session follows",
		"delivery failed", "user(s) account is", "address not found",
		"mail delivery failed", "配信でき", "送信でき", "届ける",
		"配送でき", "お届けできません", "送達でき", "宛先不明",
		"メール システムです", "konnte nicht zugestellt",
		"nicht zugestellt werden", "n'a pas pu être", "n'a pu être",
		"no se pudo entregar", "no se ha podido entregar", "无法投递",
		"退信", "無法傳遞", "無法傳送", "無法投遞", "無法送達",
		"无法送达", "无法传递", "未能传递", "未能投递", "未送达",
		"邮件已被屏蔽", "nachricht nicht zugestellt",
		"wurde nicht zugestellt",
		"fehler bei der nachrichtenzustellung", "unzustellbar",
		"n'a pas été remis", "n'a pas été distribué",
		"échec de la remise", "impossible de remettre", "non remis",
		"adresse introuvable", "error al entregar",
		"no se ha entregado", "no se entregó", "mensaje bloqueado"
	};
	struct mxa_words w;

	mxa_words_make(a, text, &w);
	for (size_t i = 0; i < MXA_ARRAY_LEN(greetings); i++)
		if (mxa_words_have(&w, greetings[i]))
			return true;
	return false;
}

struct mxa_str mxa_host_that_wrote(struct mxa_arena *a, struct mxa_str text)
{
	static const struct mxa_str before[] = { MXA_STR_INIT(
						     "mail system at host "),
		MXA_STR_INIT("-send program at "),
		MXA_STR_INIT("mail server at "), MXA_STR_INIT("Mail Agent at "),
		MXA_STR_INIT("notification from "),
		MXA_STR_INIT("Generating server:"),
		MXA_STR_INIT("生成サーバー:"), MXA_STR_INIT("これはホスト "),
		MXA_STR_INIT("Mailsystem auf Host "),
		MXA_STR_INIT("Mail-System auf dem Host "),
		MXA_STR_INIT("system de messagerie de l'hôte "),
		MXA_STR_INIT("Mailsystem auf dem Host "),
		MXA_STR_INIT("Mail-System auf Host "),
		MXA_STR_INIT("system de messagerie sur l'hôte "),
		MXA_STR_INIT("sistema de correo en el host "),
		MXA_STR_INIT("sistema de correo del host "),
		MXA_STR_INIT("Generierender Server:"),
		MXA_STR_INIT("Serveur de génération :"),
		MXA_STR_INIT("Serveur de génération:"),
		MXA_STR_INIT("Generando servidor:"),
		MXA_STR_INIT("Servidor de generación:"),
		MXA_STR_INIT("生成服务器:"), MXA_STR_INIT("生成服务器："),
		MXA_STR_INIT("產生伺服器:"), MXA_STR_INIT("產生伺服器："),
		/* not "主机 " alone: the host that refused is called so */
		MXA_STR_INIT("这是主机 "), MXA_STR_INIT("這是主機 "),
		MXA_STR_INIT("original message was received "
			     "at host ") };

	return mxa_host_after(a, text, before, MXA_ARRAY_LEN(before));
}

bool mxa_begins_copy(struct mxa_str line)
{
	static const struct mxa_str words[] = {
		MXA_STR_INIT("This is a copy of the message"),
		MXA_STR_INIT("Below this line is a copy of the message"),
		MXA_STR_INIT("Below is a copy of the original message"),
		MXA_STR_INIT("Original message headers:"),
		MXA_STR_INIT("元のメッセージ ヘッダー"),
		MXA_STR_INIT("Ursprüngliche Nachrichtenkopf"),
		MXA_STR_INIT("En-têtes de message d'origine"),
		MXA_STR_INIT("En-têtes du message d'origine"),
		MXA_STR_INIT("Encabezados de mensajes originales"),
		MXA_STR_INIT("Encabezados del mensaje original"),
		MXA_STR_INIT("原始邮件头"), MXA_STR_INIT("原始邮件标头"),
		MXA_STR_INIT("原始郵件標頭"), MXA_STR_INIT("原始郵件標題"),
		MXA_STR_INIT("Original message -----"),
		MXA_STR_INIT("Original message follows"),
		MXA_STR_INIT("Original message below"),
		MXA_STR_INIT("Message header follows"),
		MXA_STR_INIT("Unsent message follows"),
		MXA_STR_INIT("Returned Message ---"),
		MXA_STR_INIT("Message details:"),
		MXA_STR_INIT("Undelivered message"),
		MXA_STR_INIT("Header of the original message"),
		MXA_STR_INIT("headers of the message:")
	};

	return any_in(words, MXA_ARRAY_LEN(words), line);
}
