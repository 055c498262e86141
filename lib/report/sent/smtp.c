/* smtp.c - handing a mail to a server, by libcurl; the only file with
 * <curl/...>. */
#include <curl/curl.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "report/sent/mailer.h"

#define CONNECT_SECONDS 30L
#define TRANSFER_SECONDS 300L

struct upload {
	struct mxa_str rest;
};

static size_t read_upload(char *p, size_t size, size_t n, void *ctx)
{
	struct upload *u = ctx;
	size_t take = size * n < u->rest.len ? size * n : u->rest.len;

	memcpy(p, take > 0 ? u->rest.p : "", take);
	u->rest = mxa_str_sub(u->rest, take, u->rest.len);
	return take;
}

/* The last line that the server sent, and whether it wants to talk at all. */
struct last_reply {
	char text[300];
	bool any, welcome;
};

static size_t note_reply(char *p, size_t size, size_t n, void *ctx)
{
	struct last_reply *r = ctx;
	size_t len = size * n;
	size_t keep = len < sizeof(r->text) - 1 ? len : sizeof(r->text) - 1;

	for (size_t i = 0; i < keep; i++)
		r->text[i] =
		    (unsigned char)p[i] < ' ' || p[i] >= 0x7f ? ' ' : p[i];
	r->text[keep] = '\0';
	r->welcome = r->any ? r->welcome : r->text[0] == '2';
	r->any = true;
	return len;
}

static void curl_done(CURL **c)
{
	curl_easy_cleanup(*c);
}

static void list_done(struct curl_slist **l)
{
	curl_slist_free_all(*l);
}

/* A password goes only through TLS that was checked; without one, any TLS is
 * better than none. */
static void set_tls(CURL *c, bool login, const char *ca_file)
{
	curl_easy_setopt(c, CURLOPT_USE_SSL,
	    (long)(login ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	if (ca_file != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca_file);
	if (!login) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_envelope(CURL *c, struct mxa_arena *a,
    const struct mxa_mail *mail, struct curl_slist **to)
{
	/* without this option the sender is <> */
	if (mail->from.len > 0)
		curl_easy_setopt(c, CURLOPT_MAIL_FROM,
		    mxa_arena_printf(a, "<%.*s>", MXA_STR_ARG(mail->from)));
	*to = curl_slist_append(
	    NULL, mxa_arena_printf(a, "<%.*s>", MXA_STR_ARG(mail->to)));
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, *to);
}

static enum mxa_mailed judge_result(CURLcode rc, long code, bool welcome)
{
	if (rc == CURLE_OK)
		return MXA_MAILED;
	/* trouble with the login (RFC 4954 section 6), or with the server as a
	 * whole, is ours and not the address's */
	if (rc == CURLE_LOGIN_DENIED || !welcome || code == 530 ||
	    code == 534 || code == 535 || code == 538)
		return MXA_MAIL_LATER;
	return code >= 500 && code <= 599 ? MXA_MAIL_REFUSED : MXA_MAIL_LATER;
}

enum mxa_mailed mxa_mail_smtp(const struct mxa_smtp *smtp, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply)
{
	MXA_CLEANUP(curl_done) CURL *c = curl_easy_init();
	MXA_CLEANUP(list_done) struct curl_slist *to = NULL;
	struct upload upload = { mail->message };
	struct last_reply last = { .text = "" };
	char error[CURL_ERROR_SIZE] = "";
	bool login = strchr(smtp->url, '@') != NULL;
	enum mxa_mailed result;
	long code = 0;
	CURLcode rc;

	*reply = MXA_STR("reports.mailer is neither \"sendmail\" nor an "
			 "smtp:// or smtps:// URL");
	if (c == NULL ||
	    (strncmp(smtp->url, "smtp://", 7) != 0 &&
		strncmp(smtp->url, "smtps://", 8) != 0))
		return MXA_MAIL_LATER;
	curl_easy_setopt(c, CURLOPT_URL, smtp->url);
	if (smtp->password != NULL)
		curl_easy_setopt(c, CURLOPT_PASSWORD, smtp->password);
	set_tls(c, login, smtp->ca_file);
	set_envelope(c, a, mail, &to);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_upload);
	curl_easy_setopt(c, CURLOPT_READDATA, &upload);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, note_reply);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &last);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, TRANSFER_SECONDS);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
	rc = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	result = judge_result(rc, code, last.welcome);
	*reply = mxa_str_from(mxa_arena_printf(a, "%s%s%s", last.text,
	    rc != CURLE_OK && last.text[0] != '\0' ? " - " : "",
	    rc == CURLE_OK ? ""
		: error[0] ? error
			   : curl_easy_strerror(rc)));
	return result;
}
