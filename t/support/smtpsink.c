/* smtpsink.c - an SMTP server of one connection. */
#include "t/support/smtpsink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS 20 /* then the child ends, whatever happens */

struct sink {
	const struct smtp_sink *o;
	FILE *seen;
	int fd;
	SSL_CTX *ctx;
	SSL *ssl; /* NULL: in clear */
	bool logged_in;
};

static int read_byte(struct sink *s)
{
	char c;
	int n =
	    s->ssl != NULL ? SSL_read(s->ssl, &c, 1) : (int)read(s->fd, &c, 1);

	return n == 1 ? (unsigned char)c : -1;
}

/* Without its end of line; false: the other side has closed. */
static bool read_line(struct sink *s, char *line, size_t size)
{
	size_t n = 0;
	int c;

	while ((c = read_byte(s)) >= 0 && c != '\n')
		if (c != '\r' && n + 1 < size)
			line[n++] = (char)c;
	line[n] = '\0';
	return c >= 0;
}

static void answer(struct sink *s, const char *text)
{
	char line[300];
	int n = snprintf(line, sizeof(line), "%s\r\n", text);
	int sent = s->ssl != NULL ? SSL_write(s->ssl, line, n)
				  : (int)write(s->fd, line, (size_t)n);

	if (sent != n)
		_exit(1);
}

static bool start_tls(struct sink *s)
{
	s->ssl = SSL_new(s->ctx);
	if (s->ssl == NULL || SSL_set_fd(s->ssl, s->fd) != 1 ||
	    SSL_accept(s->ssl) != 1)
		return false;
	fputs("TLS\n", s->seen);
	return true;
}

static bool offers_login(const struct sink *s)
{
	return s->o->login != NULL &&
	    (s->ssl != NULL || s->o->login_without_tls);
}

static void hello(struct sink *s)
{
	answer(s, "250-sink.example");
	if (s->ctx != NULL && s->ssl == NULL)
		answer(s, "250-STARTTLS");
	if (offers_login(s))
		answer(s, "250-AUTH PLAIN");
	answer(s, "250 8BITMIME");
}

/* "\0user\0password" as "user password" */
static void take_login(struct sink *s, const char *base64)
{
	unsigned char raw[300] = { 0 };
	const char *user = (char *)raw + 1, *password;

	if (strlen(base64) > 300 ||
	    EVP_DecodeBlock(
		raw, (const unsigned char *)base64, (int)strlen(base64)) < 3) {
		answer(s, "501 no");
		return;
	}
	password = user + strlen(user) + 1;
	fprintf(s->seen, "LOGIN %s %s\n", user, password);
	s->logged_in = strncmp(s->o->login, user, strlen(user)) == 0 &&
	    s->o->login[strlen(user)] == ' ' &&
	    strcmp(s->o->login + strlen(user) + 1, password) == 0;
	answer(s, s->logged_in ? "235 welcome" : "535 5.7.8 wrong password");
}

static void take_auth(struct sink *s, const char *line)
{
	char more[400];

	if (!offers_login(s) || strncasecmp(line, "AUTH PLAIN", 10) != 0) {
		answer(s, "502 no");
		return;
	}
	if (line[10] == ' ') {
		take_login(s, line + 11);
		return;
	}
	answer(s, "334 ");
	if (read_line(s, more, sizeof(more)))
		take_login(s, more);
}

static void take_message(struct sink *s)
{
	char line[2000];

	answer(s, "354 go on");
	fputs("MESSAGE\n", s->seen);
	while (read_line(s, line, sizeof(line)) && strcmp(line, ".") != 0)
		fprintf(s->seen, "%s\n", line[0] == '.' ? line + 1 : line);
	if (s->o->data_reply != NULL && s->o->data_reply[0] == '\0') {
		fclose(s->seen);
		_exit(0);
	}
	answer(s, s->o->data_reply ? s->o->data_reply : "250 2.0.0 taken");
}

static bool take_command(struct sink *s, const char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0)
		hello(s);
	else if (strncasecmp(line, "STARTTLS", 8) == 0 && s->ctx != NULL) {
		answer(s, "220 go on");
		return start_tls(s);
	} else if (strncasecmp(line, "AUTH", 4) == 0)
		take_auth(s, line);
	else if (strncasecmp(line, "MAIL", 4) == 0)
		answer(s,
		    s->o->login == NULL || s->logged_in
			? "250 ok"
			: "530 5.7.0 log in first");
	else if (strncasecmp(line, "RCPT", 4) == 0)
		answer(s, s->o->rcpt_reply ? s->o->rcpt_reply : "250 ok");
	else if (strncasecmp(line, "DATA", 4) == 0)
		take_message(s);
	else
		answer(s,
		    strncasecmp(line, "QUIT", 4) == 0 ? "221 bye" : "250 ok");
	return strncasecmp(line, "QUIT", 4) != 0;
}

static void serve(struct sink *s)
{
	char line[1000];

	if (s->o->implicit && !start_tls(s))
		return;
	answer(s, s->o->greeting ? s->o->greeting : "220 sink.example ESMTP");
	while (read_line(s, line, sizeof(line))) {
		if (strncasecmp(line, "AUTH", 4) != 0)
			fprintf(s->seen, "%s\n", line);
		if (!take_command(s, line))
			return;
	}
}

static SSL_CTX *load_tls(const struct smtp_sink *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL ||
	    SSL_CTX_use_certificate_file(ctx, o->cert, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, o->key, SSL_FILETYPE_PEM) != 1)
		_exit(2);
	return ctx;
}

static void run_child(const struct smtp_sink *o, const char *seen, int listener)
{
	struct sink s = { .o = o, .seen = fopen(seen, "w") };

	alarm(SECONDS);
	if (s.seen == NULL)
		_exit(2);
	setvbuf(s.seen, NULL, _IOLBF, 0);
	if (o->cert != NULL)
		s.ctx = load_tls(o);
	s.fd = accept(listener, NULL, NULL);
	if (s.fd >= 0)
		serve(&s);
	fclose(s.seen);
	_exit(0);
}

pid_t smtp_sink_start(
    const struct smtp_sink *o, const char *seen, unsigned *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t child;

	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&in, sizeof(in)) != 0 ||
	    listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&in, &len) != 0)
		return -1;
	*port = ntohs(in.sin_port);
	child = fork();
	if (child == 0)
		run_child(o, seen, listener);
	close(listener);
	return child;
}
