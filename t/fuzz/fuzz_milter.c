/* fuzz_milter.c - what an MTA tells, in any order: libmilter's callbacks driven
 * by lines of text, with libmilter's calls answered here.
 *
 *	C HOST ADDRESS	connect		m NAME VALUE	a macro
 *	H NAME		helo		M ARG ARG...	mail
 *	R ARG...	rcpt		N NAME:VALUE	header (0x1f: a fold)
 *	E		end of header	B TEXT		body
 *	.		end of message	A abort, Q close, T turn a switch
 *
 * Whatever comes: each step is answered as negotiated; what goes into a header
 * or a reply is UTF-8 without control characters; a field that is deleted was
 * there. */
#include "t/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/sysclock.h"
#include "base/utf8.h"
#include "dns/zone.h"
#include "milter/callbacks.h"
#include "milter/log.h"
#include "milter/runtime.h"
#include "policy/load.h"

#define MAX_INPUT 20000
#define MAX_FIELDS 1000
#define MAX_MACROS 8

/* libmilter's context: ours. */
static struct {
	void *priv;
	struct smfiDesc desc;
	char macro[MAX_MACROS][2][64];
	unsigned n_macros;
	char field[MAX_FIELDS][32]; /* names of the message, topmost first */
	unsigned n_fields;
	bool in_eom;
	bool hung_up; /* the MTA does not take progress */
} mta;

static SMFICTX *const the_ctx = (SMFICTX *)(void *)&mta;

/* 'folds': LF followed by a blank may stand in it. */
static void require_clean(const char *s, bool folds)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n' && folds)
			require(s[i + 1] == ' ' || s[i + 1] == '\t');
		else
			require((c >= ' ' && c != 0x7f) || c == '\t');
	}
	for (size_t i = 0; i < len;) {
		size_t n = mxa_utf8_len(mxa_str_make(s, len), i);

		require(n > 0);
		i += n;
	}
}

/* --- the log --- */

static void check_line(const char *fmt, va_list ap)
{
	char line[8192];

	vsnprintf(line, sizeof(line), fmt, ap);
	require_clean(line, false);
}

#define LOG_FUNCTION(name)              \
	void name(const char *fmt, ...) \
	{                               \
		va_list ap;             \
                                        \
		va_start(ap, fmt);      \
		check_line(fmt, ap);    \
		va_end(ap);             \
	}

LOG_FUNCTION(log_info)
LOG_FUNCTION(log_warn)
LOG_FUNCTION(log_error)

void log_message(struct mxa_str line)
{
	char *copy = mxa_xmalloc(line.len + 1);

	memcpy(copy, line.p, line.len);
	copy[line.len] = '\0';
	require(strlen(copy) == line.len);
	require_clean(copy, false);
	free(copy);
}

/* --- the daemon's surroundings --- */

static const char conf_text[] =
    "authserv-id = \"mx.example.jp\"\n"
    "trusted-networks = []\n"
    "trusted-relays = [ \"192.0.2.25\" ]\n"
    "recipients = \"split\"\n"
    "arc: { trusted-sealers = [ \"lists.example\" ] }\n"
    "actions: { unauthenticated = \"quarantine\" }\n";

static const char policy_text[] =
    "rules = ( { recipient = \"strict.example\" profile = \"strict\" },\n"
    "{ author = \"monitor.example\" profile = \"monitor\" },\n"
    "{ client = \"198.51.100.0/24\" exempt = true } )\n";

static const char zone_text[] =
    "$TTL 300\n"
    "bank.example TXT \"v=spf1 ip4:203.0.113.9 -all\"\n"
    "_dmarc.bank.example TXT \"v=DMARC1; p=reject\"\n"
    "shop.example TXT \"v=spf1 include:bank.example ~all\"\n"
    "_dmarc.shop.example TXT \"v=DMARC1; p=quarantine; sp=reject\"\n"
    "9.113.0.203.in-addr.arpa PTR mail.bank.example\n"
    "mail.bank.example A 203.0.113.9\n"
    ";! servfail broken.example\n"
    ";! servfail _dmarc.broken.example\n";

static struct mxa_conf *conf;
static struct mxa_dns *dns;
static struct stats stats;

struct runtime {
	int unused;
};

static struct runtime the_runtime;

enum lease_answer runtime_lease(struct runtime *rt, struct lease *out)
{
	(void)rt;
	*out = (struct lease){ .snapshot = (struct snapshot *)(void *)&stats,
		.conf = conf,
		.dns = dns,
		.arena = mxa_arena_new() };
	return LEASE_GIVEN;
}

bool runtime_connect(struct runtime *rt)
{
	(void)rt;
	return true;
}

void runtime_disconnect(struct runtime *rt)
{
	(void)rt;
}

bool runtime_full(const struct runtime *rt)
{
	(void)rt;
	return false;
}

void runtime_return(struct runtime *rt, struct lease *l)
{
	(void)rt;
	mxa_arena_free(l->arena);
	*l = (struct lease){ .snapshot = NULL };
}

struct stats *runtime_stats(struct runtime *rt)
{
	(void)rt;
	return &stats;
}

struct mxa_spool *runtime_spool(const struct runtime *rt)
{
	(void)rt;
	return NULL;
}

struct mxa_journal *runtime_journal(const struct runtime *rt)
{
	(void)rt;
	return NULL;
}

struct mxa_str runtime_hostname(const struct runtime *rt)
{
	(void)rt;
	return MXA_STR("mx.example.jp");
}

enum mxa_rcpt_merge runtime_recipients(struct runtime *rt)
{
	(void)rt;
	return conf->recipients;
}

bool runtime_once(struct runtime *rt, enum runtime_once what)
{
	(void)rt;
	(void)what;
	return false;
}

bool runtime_draining(const struct runtime *rt)
{
	(void)rt;
	return false;
}

/* --- libmilter's calls --- */

int smfi_register(struct smfiDesc desc)
{
	mta.desc = desc;
	return MI_SUCCESS;
}

int smfi_setpriv(SMFICTX *ctx, void *priv)
{
	(void)ctx;
	mta.priv = priv;
	return MI_SUCCESS;
}

void *smfi_getpriv(SMFICTX *ctx)
{
	(void)ctx;
	return mta.priv;
}

char *smfi_getsymval(SMFICTX *ctx, char *name)
{
	(void)ctx;
	for (unsigned i = 0; i < mta.n_macros; i++)
		if (strcmp(mta.macro[i][0], name) == 0)
			return mta.macro[i][1];
	return NULL;
}

int smfi_setsymlist(SMFICTX *ctx, int stage, char *names)
{
	(void)ctx;
	(void)stage;
	require(names[0] != '\0');
	return MI_SUCCESS;
}

int smfi_progress(SMFICTX *ctx)
{
	(void)ctx;
	require(mta.in_eom);
	return mta.hung_up ? MI_FAILURE : MI_SUCCESS;
}

int smfi_insheader(SMFICTX *ctx, int index, char *name, char *value)
{
	(void)ctx;
	require(mta.in_eom && index == 0);
	require(strcmp(name, "Authentication-Results") == 0 ||
	    strcmp(name, "Received-SPF") == 0);
	require_clean(value, true);
	return MI_SUCCESS;
}

int smfi_chgheader(SMFICTX *ctx, char *name, int index, char *value)
{
	int n = 0;

	(void)ctx;
	require(mta.in_eom && value == NULL);
	for (unsigned i = 0; i < mta.n_fields; i++)
		n += strcasecmp(mta.field[i], name) == 0;
	require(index >= 1 && index <= n);
	return MI_SUCCESS;
}

int smfi_quarantine(SMFICTX *ctx, char *reason)
{
	(void)ctx;
	require(mta.in_eom && reason[0] != '\0');
	require_clean(reason, false);
	return MI_SUCCESS;
}

int smfi_setreply(SMFICTX *ctx, char *code, char *enhanced, char *text)
{
	(void)ctx;
	require(strlen(code) == 3 && enhanced[0] == code[0]);
	require_clean(text, false);
	return MI_SUCCESS;
}

int smfi_setmlreply(SMFICTX *ctx, const char *code, const char *enhanced, ...)
{
	const char *line;
	va_list ap;

	(void)ctx;
	require(mta.in_eom && strlen(code) == 3 && enhanced[0] == code[0]);
	va_start(ap, enhanced);
	while ((line = va_arg(ap, const char *)) != NULL) {
		require(strlen(line) <= 980); /* MAXREPLYLEN of libmilter */
		require_clean(line, false);
	}
	va_end(ap);
	return MI_SUCCESS;
}

/* --- the MTA --- */

static void negotiate(void)
{
	unsigned long actions =
	    SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_SETSYMLIST;
	unsigned long steps = 0x1fffffUL, a, s, f2, f3;

	require(mta.desc.xxfi_negotiate(the_ctx, actions, steps, 0, 0, &a, &s,
		    &f2, &f3) == SMFIS_CONTINUE);
	require((a & ~actions) == 0 && (s & ~steps) == 0);
}

static void start(void)
{
	char *error = NULL;

	if (conf != NULL)
		return;
	conf = mxa_policy_parse("c", mxa_str_from(conf_text),
	    mxa_str_from(policy_text), &error, NULL);
	require(conf != NULL);
	dns = mxa_dns_zone_text("zone",
	    mxa_str_make(zone_text, sizeof(zone_text) - 1), mxa_sysclock(),
	    &error);
	require(dns != NULL);
	require(callbacks_register(&the_runtime));
}

static void do_connect(char *line)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	char *address = strchr(line, ' ');
	_SOCK_ADDR *sa = NULL;

	if (address != NULL)
		*address++ = '\0';
	if (address != NULL && inet_pton(AF_INET, address, &sin.sin_addr) == 1)
		sa = (_SOCK_ADDR *)(void *)&sin;
	else if (address != NULL &&
	    inet_pton(AF_INET6, address, &sin6.sin6_addr) == 1)
		sa = (_SOCK_ADDR *)(void *)&sin6;
	require(mta.desc.xxfi_connect(the_ctx, line, sa) == SMFIS_NOREPLY);
}

/* The words of the line as arguments; there is always one. */
static void split_words(char *line, char *argv[8])
{
	int n = 0;

	for (char *word = strtok(line, " "); word != NULL && n < 7;
	     word = strtok(NULL, " "))
		argv[n++] = word;
	if (n == 0)
		argv[n++] = line;
	argv[n] = NULL;
}

static void do_mail(char *line)
{
	char *argv[8];

	split_words(line, argv);
	mta.n_fields = 0;
	require(mta.desc.xxfi_envfrom(the_ctx, argv) == SMFIS_NOREPLY);
}

static void do_rcpt(char *line)
{
	char *argv[8];
	sfsistat answer;

	split_words(line, argv);
	answer = mta.desc.xxfi_envrcpt(the_ctx, argv);
	require(answer == SMFIS_CONTINUE || answer == SMFIS_TEMPFAIL ||
	    (answer == SMFIS_NOREPLY && mta.priv == NULL));
}

/* The name as an MTA compares it: blanks behind it are not part of it. */
static void note_name(char *to, const char *name)
{
	size_t len = strlen(name);

	while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	if (len > 31)
		len = 31;
	memcpy(to, name, len);
	to[len] = '\0';
}

static void do_header(char *line)
{
	char *value = strchr(line, ':');

	if (value == NULL)
		return;
	*value++ = '\0';
	while (*line == ' ' || *line == '\t')
		line++; /* no MTA sends these: they would be a fold */
	for (char *p = value; *p != '\0'; p++)
		if (*p == 0x1f)
			*p = '\n';
	if (mta.n_fields < MAX_FIELDS) {
		note_name(mta.field[mta.n_fields++], line);
		require(mta.desc.xxfi_header(the_ctx, line, value) ==
		    SMFIS_NOREPLY);
	}
}

static void do_eom(void)
{
	sfsistat answer;

	mta.in_eom = true;
	answer = mta.desc.xxfi_eom(the_ctx);
	mta.in_eom = false;
	require(answer == SMFIS_CONTINUE || answer == SMFIS_TEMPFAIL ||
	    answer == SMFIS_REJECT);
	mta.n_fields = 0;
}

static void do_macro(char *line)
{
	char *value = strchr(line, ' ');

	if (value == NULL || mta.n_macros == MAX_MACROS) {
		mta.n_macros = 0;
		return;
	}
	*value++ = '\0';
	strncpy(mta.macro[mta.n_macros][0], line, 63);
	strncpy(mta.macro[mta.n_macros][1], value, 63);
	mta.n_macros++;
}

static void do_close(void)
{
	require(mta.desc.xxfi_close(the_ctx) == SMFIS_CONTINUE);
	require(mta.priv == NULL);
}

static void do_line(char op, char *line)
{
	switch (op) {
	case 'C':
		do_connect(line);
		break;
	case 'H':
		require(mta.desc.xxfi_helo(the_ctx, line) == SMFIS_NOREPLY);
		break;
	case 'M':
		do_mail(line);
		break;
	case 'R':
		do_rcpt(line);
		break;
	case 'N':
		do_header(line);
		break;
	case 'E':
		require(mta.desc.xxfi_eoh(the_ctx) == SMFIS_NOREPLY);
		break;
	case 'B':
		require(mta.desc.xxfi_body(the_ctx, (unsigned char *)line,
			    strlen(line)) == SMFIS_NOREPLY);
		break;
	case '.':
		do_eom();
		break;
	case 'A':
		require(mta.desc.xxfi_abort(the_ctx) == SMFIS_CONTINUE);
		break;
	case 'Q':
		do_close();
		break;
	case 'T':
		mta.hung_up = !mta.hung_up;
		break;
	case 'm':
		do_macro(line);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0;

	start();
	mta.n_macros = mta.n_fields = 0;
	mta.hung_up = false;
	negotiate();
	if (size > MAX_INPUT)
		size = MAX_INPUT;
	while (at < size) {
		const uint8_t *lf = memchr(data + at, '\n', size - at);
		size_t end = lf != NULL ? (size_t)(lf - data) : size;
		size_t skip = end > at + 1 && data[at + 1] == ' ' ? 2 : 1;
		char *line;

		if (end > at) {
			if (at + skip > end)
				skip = end - at;
			line = mxa_xmalloc(end - at - skip + 1);
			memcpy(line, data + at + skip, end - at - skip);
			line[end - at - skip] = '\0';
			do_line((char)data[at], line);
			free(line);
		}
		at = end + 1;
	}
	do_close();
	return 0;
}
