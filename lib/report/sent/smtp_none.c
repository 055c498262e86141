/* smtp_none.c - in place of smtp.c where libcurl is missing. */
#include "report/sent/mailer.h"

enum mxa_mailed mxa_mail_smtp(const struct mxa_smtp *smtp, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply)
{
	(void)smtp;
	(void)a;
	(void)mail;
	*reply = MXA_STR("this mxauth was built without libcurl "
			 "(libcurl4-openssl-dev): mailer = \"sendmail\"");
	return MXA_MAIL_LATER;
}
