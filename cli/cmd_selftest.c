/* cmd_selftest.c - mxauth selftest: is mxauthd there, can the MTA reach it, and
 * what does it say to a message (mxauth(1)). */
#include "cli/cmd.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "cli/milter_probe.h"
#include "cli/out.h"
#include "cli/postfix_conf.h"
#include "cli/sendmail_conf.h"
#include "conf/conf.h"
#include "conf/values.h"

static const char usage[] =
    "usage: mxauth selftest [--socket SOCK] [OPTION]...\n"
    "\n"
    "Speaks to mxauthd as an MTA does: hands it a small message of an\n"
    "unauthenticated author from 192.0.2.1 and shows the answer.  Where that\n"
    "does not work it says what to change, and names the line for Postfix or\n"
    "Sendmail.\n"
    "\n"
    "  --socket SOCK  unix:PATH, inet:PORT@HOST, inet6:PORT@HOST or a path;\n"
    "                 default: option listen of the configuration\n"
    "  --timeout N    seconds to wait for each answer (30)\n"
    "  --config C     this configuration\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0 mxauthd answered as it should, 1 it did not, or Postfix may\n"
    "not connect to it.\n";

#define CLIENT "192.0.2.1"
#define AUTHOR "selftest.example"

struct selftest {
	struct cli cli;
	struct out out;
	struct mxa_arena *arena;
	struct mxa_str socket; /* as conf/values.h writes it */
	struct mxa_str path;   /* of a UNIX socket; empty: TCP */
	unsigned timeout_ms;
	struct postfix_conf postfix;
	struct probe_result probe;
	bool ok;
	bool no_journal;       /* the configuration that was read wants none */
	struct mxa_buf advice; /* what to change, or what to know */
};

static void add_advice(struct selftest *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_advice(struct selftest *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (t->advice.len > 0)
		mxa_buf_addc(&t->advice, '\n');
	mxa_buf_adds(&t->advice, mxa_arena_vprintf(t->arena, fmt, ap));
	va_end(ap);
}

/* --- arguments --- */

static bool set_socket(void *self, const char *text)
{
	struct selftest *t = self;
	struct mxa_str s = mxa_str_from(text);

	if (text[0] == '/')
		s = mxa_str_from(mxa_arena_printf(t->arena, "unix:%s", text));
	if (!mxa_value_listen(t->arena, s, &t->socket) ||
	    mxa_str_starts(t->socket, MXA_STR("fd:"))) {
		cli_error(&t->cli,
		    _("--socket wants unix:PATH, inet:PORT@HOST or "
		      "inet6:PORT@HOST, not '%s'"),
		    text);
		return false;
	}
	if (mxa_str_starts(t->socket, MXA_STR("unix:")))
		t->path = mxa_str_sub(t->socket, 5, t->socket.len);
	return true;
}

static bool set_timeout(void *self, const char *text)
{
	struct selftest *t = self;
	uint64_t n;

	if (!mxa_str_u64(mxa_str_from(text), 600, &n) || n == 0) {
		cli_error(&t->cli,
		    _("--timeout wants 1 to 600 seconds, not '%s'"), text);
		return false;
	}
	t->timeout_ms = (unsigned)n * 1000;
	return true;
}

/* The socket of the configuration; -1, or the exit status. */
static int socket_of_conf(struct selftest *t)
{
	struct mxa_conf *conf;
	bool ok;

	if (!cli_readable(&t->cli, t->cli.config))
		return EX_NOINPUT;
	conf = cli_conf(&t->cli);
	if (conf == NULL)
		return EX_CONFIG;
	ok = set_socket(t, mxa_str_cstr(t->arena, conf->listen));
	t->no_journal = conf->journal_directory.len == 0;
	mxa_conf_free(conf);
	return ok ? -1 : EX_USAGE;
}

static int parse_options(struct selftest *t, int argc, char **argv)
{
	static const struct cli_opt own[] = {
		{ "socket", .take = set_socket },
		{ "timeout", .take = set_timeout },
	};
	int status =
	    cli_options(&t->cli, own, MXA_ARRAY_LEN(own), t, argc, argv);

	if (status >= 0)
		return status;
	if (optind != argc)
		return cli_usage(&t->cli);
	return t->socket.len > 0 ? -1 : socket_of_conf(t);
}

/* --- what to change --- */

/* 'milter' as smtpd_milters spells it. */
static void advise_milter(struct selftest *t, const char *milter)
{
	if (postfix_conf_has(&t->postfix, mxa_str_from(milter)))
		add_advice(
		    t, _("Postfix, main.cf: smtpd_milters has %s."), milter);
	else
		add_advice(
		    t, _("Postfix, main.cf: smtpd_milters = %s"), milter);
}

/* Whether a Sendmail is configured on this host. */
static bool has_sendmail(void)
{
	return access("/etc/mail/sendmail.mc", F_OK) == 0 ||
	    access("/etc/mail/sendmail.cf", F_OK) == 0;
}

static void advise_sendmail(struct selftest *t)
{
	struct mxa_str cf = sendmail_conf_read(t->arena);

	switch (sendmail_conf_find(cf, t->socket)) {
	case SENDMAIL_SAFE:
		add_advice(t, _("Sendmail, sendmail.cf: it has %.*s."),
		    MXA_STR_ARG(t->socket));
		return;
	case SENDMAIL_UNSAFE:
		add_advice(t,
		    _("Sendmail, sendmail.cf: it has %.*s with neither F=T "
		      "nor F=R, so it delivers unverified when mxauthd does "
		      "not answer."),
		    MXA_STR_ARG(t->socket));
		break;
	case SENDMAIL_NONE:
		break;
	}
	add_advice(t,
	    _("Sendmail, sendmail.mc: INPUT_MAIL_FILTER(`mxauth', `S=%.*s, "
	      "F=T, T=C:10s;S:30s;R:60s;E:5m')"),
	    MXA_STR_ARG(t->socket));
}

/* A path that smtpd in its chroot cannot reach, unless it is not in one. */
static void advise_chroot(struct selftest *t)
{
	struct mxa_str queue = t->postfix.instance[0].queue;

	if (t->postfix.chrooted)
		add_advice(t,
		    _("A chrooted smtpd (Debian's is) cannot reach that path: "
		      "in mxauth.conf %s and socket-group = \"postfix\", in "
		      "main.cf %s"),
		    mxa_arena_printf(t->arena,
			"listen = \"unix:%.*smxauth/mxauth.sock\"",
			MXA_STR_ARG(queue)),
		    "smtpd_milters = unix:mxauth/mxauth.sock");
}

static void advise_postfix(struct selftest *t)
{
	struct mxa_str below = postfix_conf_below(&t->postfix, t->path);
	size_t at = mxa_str_chr(t->socket, '@', 0);
	struct mxa_str port =
	    mxa_str_sub(t->socket, mxa_str_chr(t->socket, ':', 0) + 1, at);
	struct mxa_str host = mxa_str_sub(t->socket, at + 1, t->socket.len);

	if (below.len > 0) {
		advise_milter(t,
		    mxa_arena_printf(
			t->arena, "unix:%.*s", MXA_STR_ARG(below)));
	} else if (t->path.len == 0) {
		if (host.len == 0)
			host = MXA_STR("127.0.0.1");
		advise_milter(t,
		    mxa_arena_printf(t->arena,
			memchr(host.p, ':', host.len) ? "inet:[%.*s]:%.*s"
						      : "inet:%.*s:%.*s",
			MXA_STR_ARG(host), MXA_STR_ARG(port)));
	} else {
		advise_milter(t,
		    mxa_arena_printf(
			t->arena, "unix:%.*s", MXA_STR_ARG(t->path)));
		advise_chroot(t);
	}
}

static void advise_connection(struct selftest *t)
{
	switch (t->probe.trouble) {
	case PROBE_MISSING:
		add_advice(t,
		    _("Is mxauthd running, and is this the option listen of "
		      "its mxauth.conf? Its log says where it listens. It "
		      "makes the socket, not the folder: that must exist and "
		      "be writable for its user."));
		if (t->path.p[0] != '/')
			add_advice(t,
			    _("The path is relative, which only Postfix "
			      "understands (below its queue directory): try "
			      "--socket unix:%.*s%.*s"),
			    MXA_STR_ARG(t->postfix.instance[0].queue),
			    MXA_STR_ARG(t->path));
		return;
	case PROBE_NOT_A_SOCKET:
		add_advice(t,
		    _("Remove what is there, or give the option listen "
		      "another path; mxauthd removes nothing but its own "
		      "sockets."));
		return;
	case PROBE_NO_PERMISSION:
		add_advice(t,
		    _("Whoever connects needs write permission on the socket "
		      "and search permission on the folders above it: set "
		      "socket-group (\"postfix\") and socket-mode (\"0660\") in "
		      "mxauth.conf and restart mxauthd, or try as root."));
		return;
	case PROBE_NOBODY:
		add_advice(t,
		    _("Nobody listens there: start mxauthd (its log says why "
		      "it ended)."));
		return;
	case PROBE_UNREACHABLE:
		add_advice(t,
		    _("Compare the socket with the option listen of "
		      "mxauth.conf."));
		return;
	case PROBE_SILENT:
		add_advice(t,
		    _("Something accepts connections and says nothing in time: "
		      "mxauthd that hangs or waits for the DNS (see its log, "
		      "and dns: timeout and deadline), or another program."));
		return;
	case PROBE_CLOSED:
		add_advice(t,
		    _("The other side hung up: see the log of mxauthd, or "
		      "another program listens there."));
		return;
	case PROBE_NOT_A_MILTER:
		add_advice(t,
		    _("What listens there does not speak the milter protocol: "
		      "smtpd_milters names mxauthd's socket, not that of an "
		      "SMTP server or of metrics."));
		return;
	case PROBE_OK:
		return;
	}
}

/* --- may Postfix connect? --- */

static bool is_permitted(const struct stat *st, uid_t uid, const gid_t *group,
    int n_groups, mode_t other_bit)
{
	if (uid == st->st_uid)
		return (st->st_mode & (other_bit << 6)) != 0;
	for (int i = 0; i < n_groups; i++)
		if (group[i] == st->st_gid)
			return (st->st_mode & (other_bit << 3)) != 0;
	return (st->st_mode & other_bit) != 0;
}

/* The first name on the way to the socket that the user postfix may not pass,
 * and what is there; NULL: none. */
static const char *barred_at(
    struct selftest *t, const struct passwd *pw, struct stat *there)
{
	char *path = mxa_str_cstr(t->arena, t->path);
	gid_t group[64];
	int n = 64;
	struct stat st;

	if (getgrouplist(pw->pw_name, pw->pw_gid, group, &n) < 0)
		return NULL;
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(path, &st) == 0 &&
		    !is_permitted(&st, pw->pw_uid, group, n, S_IXOTH)) {
			*there = st;
			return path;
		}
		*slash = '/';
	}
	if (stat(path, there) == 0 &&
	    !is_permitted(there, pw->pw_uid, group, n, S_IWOTH))
		return path;
	return NULL;
}

static const char *group_text(struct selftest *t, gid_t gid)
{
	const struct group *gr = getgrgid(gid);

	return gr != NULL
	    ? mxa_arena_strdup(t->arena, gr->gr_name, strlen(gr->gr_name))
	    : mxa_arena_printf(t->arena, "%u", (unsigned)gid);
}

/* What is not set already. */
static void advise_way(struct selftest *t, const char *path,
    const struct stat *st, const struct passwd *pw)
{
	unsigned mode = st->st_mode & 07777;

	add_advice(t,
	    S_ISDIR(st->st_mode)
		? _("The user postfix may not enter the folder %s (mode %04o, "
		    "group %s).")
		: _("The user postfix may not write to the socket %s (mode "
		    "%04o, group %s)."),
	    path, mode, group_text(t, st->st_gid));
	if (S_ISDIR(st->st_mode) && st->st_gid == pw->pw_gid)
		add_advice(t, _("As root: chmod g+x %s"), path);
	else if (S_ISDIR(st->st_mode))
		add_advice(t, _("As root: chgrp postfix %s && chmod g+x %s"),
		    path, path);
	else if (st->st_gid == pw->pw_gid)
		add_advice(t,
		    _("Set socket-mode = \"0660\" in mxauth.conf and restart "
		      "mxauthd."));
	else
		add_advice(t,
		    _("Set socket-group = \"postfix\" in mxauth.conf and "
		      "restart mxauthd."));
}

static void advise_permissions(struct selftest *t)
{
	const struct passwd *pw = getpwnam("postfix");
	const char *barred;
	struct stat st;

	if (t->path.len == 0 || pw == NULL)
		return;
	barred = barred_at(t, pw, &st);
	if (barred == NULL)
		return;
	t->ok = false;
	advise_way(t, barred, &st, pw);
}

/* --- the conversation --- */

static void judge_answer(struct selftest *t)
{
	const struct probe_result *r = &t->probe;

	if (r->header.len > 0 || r->text.len > 0)
		t->ok = true;
	else
		add_advice(t,
		    _("mxauthd added no Authentication-Results: mail from %s "
		      "is exempt (trusted-networks, or a rule of the policy "
		      "file), or this is another milter."),
		    CLIENT);
	if (mxa_str_casefind(r->header, MXA_STR("=temperror")) <
		r->header.len ||
	    (r->text.len > 0 && r->text.p[0] == '4'))
		add_advice(t,
		    _("The DNS does not answer mxauthd: see dns: servers in "
		      "mxauth.conf, or resolv.conf."));
}

static void converse_once(struct selftest *t)
{
	const struct probe_message m = {
		.ip = CLIENT,
		.helo = "mail." AUTHOR,
		.mail_from = "<postmaster@" AUTHOR ">",
		.rcpt = "<postmaster>",
		.queue_id = "selftest",
		.field = { "From: mxauth selftest <postmaster@" AUTHOR ">",
		    "To: postmaster", "Subject: mxauth selftest",
		    "Message-ID: <selftest@" AUTHOR ">", NULL },
		.body = "This is a test of the milter; nobody gets it.\r\n",
	};

	postfix_conf_read(t->arena, &t->postfix);
	probe_run(t->arena, t->socket, t->timeout_ms, &m, &t->probe);
	if (t->probe.trouble != PROBE_OK) {
		advise_connection(t);
	} else {
		judge_answer(t);
		advise_permissions(t);
	}
	if (t->no_journal)
		add_advice(t,
		    _("No journal is kept: journal.directory is empty in the "
		      "configuration."));
	if (!has_sendmail() || getpwnam("postfix") != NULL)
		advise_postfix(t);
	if (has_sendmail() || getpwnam("postfix") == NULL)
		advise_sendmail(t);
}

/* --- output --- */

static const char *reply_word(const struct probe_result *r)
{
	if (r->trouble != PROBE_OK)
		return "";
	switch (r->reply) {
	case 'a':
	case 'c':
		return r->quarantine.len > 0 ? "quarantine" : "accept";
	case 'd':
		return "discard";
	case 't':
		return "defer";
	case 'y':
		return r->text.len > 0 && r->text.p[0] == '4' ? "defer"
							      : "reject";
	}
	return "reject";
}

static const char *trouble_text(const struct probe_result *r)
{
	switch (r->trouble) {
	case PROBE_OK:
		return "";
	case PROBE_MISSING:
		return _("there is no such socket");
	case PROBE_NOT_A_SOCKET:
		return _("what is there is not a socket");
	case PROBE_NO_PERMISSION:
		return _("permission denied");
	case PROBE_NOBODY:
		return _("connection refused");
	case PROBE_UNREACHABLE:
		return strerror(r->error);
	case PROBE_SILENT:
		return _("no answer in time");
	case PROBE_CLOSED:
		return _("the connection was closed");
	case PROBE_NOT_A_MILTER:
		return _("the answer is not of the milter protocol");
	}
	return "";
}

/* A heading, and text of several lines below it. */
static void print_block(struct out *o, const char *title, struct mxa_str text)
{
	size_t end;

	out_line(o, 0, mxa_str_from(title));
	text = mxa_str_trim(text);
	for (size_t at = 0; at < text.len; at = end + 1) {
		end = mxa_str_chr(text, '\n', at);
		out_line(o, 2, mxa_str_trim(mxa_str_sub(text, at, end)));
	}
}

static void print_text(struct selftest *t)
{
	const struct probe_result *r = &t->probe;
	struct out *o = &t->out;

	if (r->trouble != PROBE_OK)
		out_printf(o, _("%.*s does not work: %s (%s).\n"),
		    MXA_STR_ARG(t->socket), trouble_text(r), r->step);
	else
		out_printf(o,
		    _("%.*s answered: %s, after %u ms, milter protocol "
		      "%u.\n"),
		    MXA_STR_ARG(t->socket), reply_word(r), r->ms, r->version);
	if (r->text.len > 0)
		print_block(o, _("Its reply:"), r->text);
	if (r->header.len > 0)
		print_block(o, "Authentication-Results:", r->header);
	if (r->quarantine.len > 0)
		print_block(o, _("Quarantined:"), r->quarantine);
	print_block(o, t->ok ? _("To know:") : _("What to do:"),
	    mxa_buf_str(&t->advice));
}

static void print_json(struct selftest *t)
{
	const struct probe_result *r = &t->probe;
	struct mxa_json *j = out_json(&t->out, MXA_JSON_LINES);

	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "socket", t->socket);
	mxa_json_bool(j, "ok", t->ok);
	mxa_json_word(j, "trouble", probe_trouble_name(r->trouble));
	mxa_json_text(j, "step", r->step);
	mxa_json_text(j, "error", r->error ? strerror(r->error) : "");
	mxa_json_int(j, "version", r->version);
	mxa_json_text(j, "action", reply_word(r));
	mxa_json_str(j, "reply", r->text);
	mxa_json_str(j, "header", r->header);
	mxa_json_str(j, "quarantine", r->quarantine);
	mxa_json_int(j, "ms", r->ms);
	mxa_json_str(j, "advice", mxa_buf_str(&t->advice));
	mxa_json_close(j, '}');
	out_json_end(&t->out);
}

int mxa_cmd_selftest(int argc, char **argv)
{
	struct selftest *t = mxa_xcalloc(1, sizeof(*t));
	int status;

	t->cli = (struct cli){ .name = "selftest", .usage = usage };
	t->arena = mxa_arena_new();
	t->timeout_ms = 30000;
	mxa_buf_init(&t->advice, t->arena, 8192);
	status = parse_options(t, argc, argv);
	if (status < 0) {
		converse_once(t);
		out_init(&t->out, stdout);
		if (t->cli.json)
			print_json(t);
		else
			print_text(t);
		status = t->ok ? 0 : 1;
	}
	mxa_arena_free(t->arena);
	free(t);
	return status;
}
