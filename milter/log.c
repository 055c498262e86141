/* log.c - lines to syslog or standard error. */
#include "milter/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define MAX_LINE 4096

/* All but "mail". */
static const struct {
	const char *name;
	int code;
} facilities[] = {
	{ "daemon", LOG_DAEMON },
	{ "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV },
	{ "user", LOG_USER },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

/* Set by log_open before any thread starts, then only read. */
static struct {
	bool syslog;
	bool journal; /* standard error is systemd's journal */
} sink;

static int facility_code(const char *name)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(facilities); i++)
		if (strcmp(name, facilities[i].name) == 0)
			return facilities[i].code;
	return LOG_MAIL;
}

void log_open(bool foreground, const char *facility)
{
	sink.syslog = !foreground;
	sink.journal = foreground && getenv("JOURNAL_STREAM") != NULL;
	/* In the foreground as well: libmilter always logs to syslog. */
	openlog("mxauthd", LOG_PID | LOG_NDELAY, facility_code(facility));
}

static const char *priority_mark(int priority)
{
	switch (priority) {
	case LOG_ERR:
		return "error: ";
	case LOG_WARNING:
		return "warning: ";
	}
	return "";
}

static void put_line(int priority, const char *text, size_t len)
{
	char line[MAX_LINE + 32];
	int n;

	if (len > MAX_LINE)
		len = MAX_LINE;
	if (sink.syslog) {
		syslog(priority, "%s%.*s", priority_mark(priority), (int)len,
		    text);
		return;
	}
	if (sink.journal)
		n = snprintf(line, sizeof(line), "<%d>%s%.*s\n", priority,
		    priority_mark(priority), (int)len, text);
	else
		n = snprintf(line, sizeof(line), "%s%.*s\n",
		    priority_mark(priority), (int)len, text);
	/* There is no place to report that the log cannot be written. */
	while (write(STDERR_FILENO, line, (size_t)n) < 0 && errno == EINTR)
		;
}

static void MXA_PRINTF(2, 0) putv(int priority, const char *fmt, va_list ap)
{
	char text[MAX_LINE];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n > 0)
		put_line(priority, text,
		    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	putv(LOG_INFO, fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	putv(LOG_WARNING, fmt, ap);
	va_end(ap);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	putv(LOG_ERR, fmt, ap);
	va_end(ap);
}

void log_message(struct mxa_str line)
{
	put_line(LOG_INFO, line.p, line.len);
}

void log_lines(bool error, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len > 0)
			put_line(error ? LOG_ERR : LOG_WARNING, text, len);
		text += len + (text[len] == '\n');
	}
}
