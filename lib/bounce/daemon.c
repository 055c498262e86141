/* daemon.c - how mail systems introduce their reports. */
#include "bounce/daemon.h"

#include "base/attr.h"
#include "bounce/find.h"
#include "bounce/words.h"

bool mxa_is_daemon(struct mxa_str from)
{
	static const char *const names[] = { "mailer-daemon", "mailerdaemon",
		"mail-daemon", "mail delivery", "postmaster@",
		"microsoftexchange", "microsoft outlook", "mail administrator",
		"delivery subsystem", "mail system", "double-bounce@",
		"system administrator", "メール配信システム", "メール配送",
		NULL };

	from = mxa_str_trim(from);
	return mxa_str_is(from, "<>") || mxa_any_in(from, names);
}

bool mxa_is_bounce_subject(struct mxa_str subject)
{
	static const char *const words[] = { "undeliver",
		"delivery status notification", "failure notice",
		"returned mail", "returned to sender", "delivery failed",
		"delivery failure", "delivery error", "mail system error",
		"could not be delivered", "unzustellbar", "non remis",
		"no se puede entregar", "配信不能", "配信できません",
		"配送できません", "未送達", "送信できません", "退信", "未送达",
		"无法送达", "無法傳遞", "無法送達", "nicht zugestellt",
		"non distribuable", "non livré", "no se pudo entregar",
		"no entregado", NULL };

	return mxa_any_in(subject, words);
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
	static const char *const before[] = { "mail system at host ",
		"-send program at ", "mail server at ", "Mail Agent at ",
		"notification from ",
		"Generating server:", "生成サーバー:", "これはホスト ",
		"Mailsystem auf Host ", "Mail-System auf dem Host ",
		"system de messagerie de l'hôte ", "Mailsystem auf dem Host ",
		"Mail-System auf Host ", "system de messagerie sur l'hôte ",
		"sistema de correo en el host ", "sistema de correo del host ",
		"Generierender Server:", "Serveur de génération :",
		"Serveur de génération:", "Generando servidor:",
		"Servidor de generación:", "生成服务器:", "生成服务器：",
		"產生伺服器:", "產生伺服器：",
		/* not "主机 " alone: the host that refused is called so */
		"这是主机 ", "這是主機 ",
		"original message was received at host ", NULL };

	return mxa_host_after(a, text, before);
}

bool mxa_begins_copy(struct mxa_str line)
{
	static const char *const words[] = { "This is a copy of the message",
		"Below this line is a copy of the message",
		"Below is a copy of the original message",
		"Original message headers:", "元のメッセージ ヘッダー",
		"Ursprüngliche Nachrichtenkopf",
		"En-têtes de message d'origine",
		"En-têtes du message d'origine",
		"Encabezados de mensajes originales",
		"Encabezados del mensaje original", "原始邮件头",
		"原始邮件标头", "原始郵件標頭", "原始郵件標題",
		"Original message -----", "Original message follows",
		"Original message below", "Message header follows",
		"Unsent message follows", "Returned Message ---",
		"Message details:", "Undelivered message",
		"Header of the original message",
		"headers of the message:", NULL };

	return mxa_any_in(line, words);
}
