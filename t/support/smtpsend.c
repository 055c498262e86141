/* smtpsend.c - an SMTP client that does what its standard input says, a line
 * each, and prints every reply.  For tests and the demo.
 *
 *	connect ADDRESS PORT	xclient NAME=VALUE...	helo NAME
 *	mail <PATH> [PARAM]	rcpt <PATH>		data FILE
 *	rset	quit	drop (close without QUIT)	raw TEXT
 *	probe ADDRESS PORT (connect and close, nothing is read)
 *
 * Exit status 0 when the conversation itself worked, whatever the replies. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static FILE *in, *out;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void open_connection(const char *address, const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, address, &sin.sin_addr) != 1)
		die(address);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0)
		die("connect");
	in = fdopen(fd, "rb");
	out = fdopen(dup(fd), "wb");
	if (in == NULL || out == NULL)
		die("fdopen");
}

/* Print a reply; its code, or 0 when the server is gone. */
static int reply(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		puts(line);
		if (strlen(line) < 4 || line[3] != '-')
			return atoi(line);
	}
	puts("(connection closed)");
	return 0;
}

static int command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int command(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputs("\r\n", out);
	fflush(out);
	return reply();
}

/* The file with CRLF line ends and dots stuffed. */
static void send_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	bool start = true;
	int c;

	if (f == NULL)
		die(path);
	while ((c = getc(f)) != EOF) {
		if (c == '\r')
			continue;
		if (c == '\n') {
			fputs("\r\n", out);
			start = true;
			continue;
		}
		if (start && c == '.')
			putc('.', out);
		putc(c, out);
		start = false;
	}
	if (!start)
		fputs("\r\n", out);
	fclose(f);
	fputs(".\r\n", out);
	fflush(out);
	reply();
}

static void step(char *verb, char *rest)
{
	if (strcmp(verb, "connect") == 0 || strcmp(verb, "probe") == 0) {
		char *port = strchr(rest, ' ');

		if (port == NULL)
			die("connect ADDRESS PORT");
		*port++ = '\0';
		open_connection(rest, port);
		if (strcmp(verb, "connect") == 0)
			reply();
	} else if (strcmp(verb, "xclient") == 0) {
		command("XCLIENT %s", rest);
	} else if (strcmp(verb, "helo") == 0) {
		command("EHLO %s", rest);
	} else if (strcmp(verb, "mail") == 0) {
		command("MAIL FROM:%s", rest);
	} else if (strcmp(verb, "rcpt") == 0) {
		command("RCPT TO:%s", rest);
	} else if (strcmp(verb, "rset") == 0) {
		command("RSET");
	} else if (strcmp(verb, "raw") == 0) {
		command("%s", rest);
	} else if (strcmp(verb, "quit") == 0) {
		command("QUIT");
	} else if (strcmp(verb, "data") == 0) {
		if (command("DATA") == 354)
			send_file(rest);
	} else if (strcmp(verb, "drop") == 0) {
		exit(0);
	} else {
		fprintf(stderr, "smtpsend: unknown step '%s'\n", verb);
		exit(64);
	}
}

int main(void)
{
	char line[4096];

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(120);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *rest;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		rest = strchr(line, ' ');
		if (rest != NULL)
			*rest++ = '\0';
		step(line, rest ? rest : line + strlen(line));
	}
	return 0;
}
