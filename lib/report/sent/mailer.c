/* mailer.c - handing a mail over; sendmail(1). */
#include "report/sent/mailer.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"

extern char **environ;

#define MAX_REPLY 300
#define MAX_PASSWORD 256

/* --- sendmail(1) --- */

/* The mail as sendmail reads it, with LF line ends, in a file without a name:
 * were it a pipe, a mail would be cut off, and sent so, when this process is
 * killed.  NULL with errno: it cannot be written. */
static FILE *message_file(struct mxa_arena *a, struct mxa_str message)
{
	char *p = mxa_arena_alloc(a, message.len);
	size_t n = 0;
	FILE *f = tmpfile();

	if (f == NULL)
		return NULL;
	(void)fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
	for (size_t i = 0; i < message.len; i++)
		if (message.p[i] != '\r' || i + 1 == message.len ||
		    message.p[i + 1] != '\n')
			p[n++] = message.p[i];
	if (fwrite(p, 1, n, f) == n && fflush(f) == 0 &&
	    lseek(fileno(f), 0, SEEK_SET) == 0)
		return f;
	fclose(f);
	return NULL;
}

/* It reads the mail from 'in'; what it prints goes to '*out'. */
static bool spawn_sendmail(const char *program, struct mxa_arena *a,
    const struct mxa_mail *mail, int in, pid_t *pid, int *out)
{
	char *argv[] = { (char *)program, (char *)"-i", (char *)"-f",
		mxa_str_cstr(a, mail->from), (char *)"--",
		mxa_str_cstr(a, mail->to), NULL };
	posix_spawn_file_actions_t act;
	int from[2], error;

	if (pipe2(from, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, in, 0);
	posix_spawn_file_actions_adddup2(&act, from[1], 1);
	posix_spawn_file_actions_adddup2(&act, from[1], 2);
	error = posix_spawn(pid, program, &act, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&act);
	close(from[1]);
	*out = from[0];
	if (error == 0)
		return true;
	close(from[0]);
	errno = error;
	return false;
}

static struct mxa_str read_words(int fd, struct mxa_arena *a)
{
	char text[MAX_REPLY];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 1 &&
	    ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0 ||
		(n < 0 && errno == EINTR)))
		len += n > 0 ? (size_t)n : 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] >= 0x7f)
			text[i] = ' ';
	return mxa_str_trim(mxa_str_dup(a, mxa_str_make(text, len)));
}

/* By sysexits.h; what we do not know is tried again. */
static enum mxa_mailed judge_status(int status)
{
	if (!WIFEXITED(status))
		return MXA_MAIL_LATER;
	switch (WEXITSTATUS(status)) {
	case 0:
		return MXA_MAILED;
	case EX_NOUSER:
	case EX_NOHOST:
	case EX_UNAVAILABLE:
	case EX_DATAERR:
		return MXA_MAIL_REFUSED;
	default:
		return MXA_MAIL_LATER;
	}
}

static enum mxa_mailed not_started(
    const char *program, struct mxa_arena *a, struct mxa_str *reply)
{
	*reply = mxa_str_from(
	    mxa_arena_printf(a, "%s: %s", program, strerror(errno)));
	return MXA_MAIL_LATER;
}

static enum mxa_mailed send_by_program(const char *program, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply)
{
	FILE *in = message_file(a, mail->message);
	struct mxa_str words;
	int out, status = 0;
	pid_t pid;
	bool started;

	if (in == NULL)
		return not_started("a file for the mail", a, reply);
	started = spawn_sendmail(program, a, mail, fileno(in), &pid, &out);
	if (!started)
		(void)not_started(program, a, reply);
	fclose(in);
	if (!started)
		return MXA_MAIL_LATER;
	words = read_words(out, a);
	close(out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	*reply = mxa_str_from(mxa_arena_printf(a, "sendmail: status %d%s%.*s",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128,
	    words.len > 0 ? ", " : "", MXA_STR_ARG(words)));
	return judge_status(status);
}

/* --- the choice --- */

/* The first line of the file, or NULL. */
static const char *read_password(struct mxa_arena *a, struct mxa_str path)
{
	char line[MAX_PASSWORD];
	FILE *f;
	const char *got = NULL;

	if (path.len == 0 || (f = fopen(mxa_str_cstr(a, path), "re")) == NULL)
		return NULL;
	if (fgets(line, sizeof(line), f) != NULL)
		got = mxa_arena_strdup(a, line, strcspn(line, "\r\n"));
	fclose(f);
	explicit_bzero(line, sizeof(line));
	return got;
}

enum mxa_mailed mxa_mail_send(const struct mxa_conf *conf, struct mxa_arena *a,
    const struct mxa_mail *mail, struct mxa_str *reply)
{
	struct mxa_smtp smtp;

	if (mxa_str_is(conf->reports_mailer, "sendmail"))
		return send_by_program(
		    mxa_str_cstr(a, conf->reports_sendmail), a, mail, reply);
	smtp = (struct mxa_smtp){ .url = mxa_str_cstr(a, conf->reports_mailer),
		.password = read_password(a, conf->reports_password_file) };
	if (conf->reports_ca_file.len > 0)
		smtp.ca_file = mxa_str_cstr(a, conf->reports_ca_file);
	return mxa_mail_smtp(&smtp, a, mail, reply);
}
