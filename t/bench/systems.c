/* systems.c - configurations and processes of what is measured. */
#include "t/bench/systems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/bench/process.h"

static void write_file(const char *path, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void write_file(const char *path, const char *fmt, ...)
{
	FILE *f = fopen(path, "w");
	va_list ap;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

/* Start stage 'i' and wait for it; what does not start is shown and left out.
 */
static bool start(struct bench_system *s, unsigned i, const char *const *argv,
    const char *log)
{
	s->pid[i] = bench_spawn(argv, log);
	if (bench_wait_socket(s->pid[i], s->socket[i])) {
		s->stages = i + 1;
		return true;
	}
	fprintf(stderr, "bench: %s does not start, see %s\n", argv[0], log);
	bench_end(s->pid[i]);
	s->pid[i] = 0;
	return false;
}

void bench_mxauthd(struct bench_system *s, const struct bench_place *p,
    const char *tag, const char *socket, const char *more)
{
	char conf[200], log[200], journal[200], program[4200], out[4200];
	const char *argv[] = { program, "-f", "-c", conf, NULL };
	const char *wrapped[] = { "/usr/bin/valgrind", "--tool=callgrind", out,
		program, "-f", "-c", conf, NULL };
	const char *wrap = getenv("BENCH_WRAP"); /* callgrind's file */

	*s = (struct bench_system){ .name = "mxauthd", .judges = true };
	snprintf(out, sizeof(out), "--callgrind-out-file=%s", wrap ? wrap : "");
	snprintf(conf, sizeof(conf), "%s/%s.conf", p->dir, tag);
	snprintf(log, sizeof(log), "%s/%s.log", p->dir, tag);
	snprintf(journal, sizeof(journal), "%s/%s.journal", p->dir, tag);
	snprintf(program, sizeof(program), "%s/mxauthd", p->build);
	if (socket != NULL)
		snprintf(s->socket[0], sizeof(s->socket[0]), "%s", socket);
	else
		snprintf(s->socket[0], sizeof(s->socket[0]), "unix:%s/%s.sock",
		    p->dir, tag);
	mkdir(journal, 0777);
	write_file(conf,
	    "listen = \"%s\"\n"
	    "authserv-id = \"mx.example.org\"\n"
	    "trusted-networks = []\n"
	    "dns: { servers = [\"%s\"] timeout = 2 }\n"
	    "journal: { directory = \"%s\" }\n%s",
	    s->socket[0], p->dns, journal, more);
	start(s, 0, wrap ? wrapped : argv, log);
}

void bench_empty(
    struct bench_system *s, const struct bench_place *p, bool ahead)
{
	char program[4200], log[200];
	const char *argv[] = { program, s->socket[0], NULL };

	*s = (struct bench_system){ .name = ahead
		    ? "libmilter, empty, with read-ahead"
		    : "libmilter, empty" };
	snprintf(program, sizeof(program), "%s/t/bench/empty%s", p->build,
	    ahead ? "ahead" : "milter");
	snprintf(log, sizeof(log), "%s/empty.log", p->dir);
	snprintf(s->socket[0], sizeof(s->socket[0]), "unix:%s/empty%d.sock",
	    p->dir, ahead);
	start(s, 0, argv, log);
}

/* A public suffix list that knows our top-level domain: the peers know no other
 * way to an organizational domain. */
static void write_suffixes(const char *dir)
{
	char path[250];

	snprintf(path, sizeof(path), "%s/suffixes", dir);
	write_file(path, "// for the bench\ncom\norg\nexample\n");
}

/* --- rspamd --- */

/* Its modules for our four methods, and the one that writes the header. */
static const char rspamd_conf[] =
    "options {\n"
    "  filters = \"spf,dkim\"; explicit_modules = [];\n"
    "  dns { nameserver = [\"%s\"]; timeout = 2s; }\n"
    "  local_addrs = []; pidfile = \"%s/pid\"; tempdir = \"%s\";\n"
    "  url_tld = \"%s/suffixes\";\n"
    "  control_socket = \"%s/control mode=0600\";\n"
    "}\n"
    "logging { type = \"console\"; level = \"warning\"; }\n"
    "metric \"default\" { actions { reject = 1000; } }\n"
    "spf { spf_cache_size = 2k; }\n"
    "dkim { dkim_cache_size = 2k; }\n"
    "dmarc { reporting { enabled = false; } }\n"
    "arc { sign_authenticated = false; sign_inbound = false; }\n"
    "milter_headers { use = [\"authentication-results\"];\n"
    "  skip_local = false; skip_authenticated = false; }\n"
    "modules {\n"
    "  path = \"/usr/share/rspamd/plugins/spf.lua\";\n"
    "  path = \"/usr/share/rspamd/plugins/dmarc.lua\";\n"
    "  path = \"/usr/share/rspamd/plugins/arc.lua\";\n"
    "  path = \"/usr/share/rspamd/plugins/milter_headers.lua\";\n"
    "}\n"
    "worker \"rspamd_proxy\" {\n"
    "  bind_socket = \"%s mode=0666\"; milter = yes; timeout = 120s;\n"
    "  count = 2;\n"
    "  upstream \"local\" { default = yes; self_scan = yes; }\n"
    "}\n";

/* The modules of the package, over our name server, but not fuzzy_check, which
 * refuses to start without its servers in the Internet; what needs a database
 * does without. */
static const char rspamd_all_conf[] =
    ".include \"/etc/rspamd/common.conf\"\n"
    "options {\n"
    "  filters = \"chartable,dkim,regexp\"; local_addrs = [];\n"
    "  dns { nameserver = [\"%s\"]; timeout = 2s; }\n"
    "  pidfile = \"%s/pid\"; tempdir = \"%s\";\n"
    "  url_tld = \"%s/suffixes\";\n"
    "  control_socket = \"%s/control mode=0600\";\n"
    "}\n"
    "logging { type = \"console\"; level = \"error\"; }\n"
    "milter_headers { use = [\"authentication-results\"];\n"
    "  skip_local = false; skip_authenticated = false; }\n"
    "worker \"rspamd_proxy\" {\n"
    "  bind_socket = \"%s mode=0666\"; milter = yes; timeout = 120s;\n"
    "  count = 2;\n"
    "  upstream \"local\" { default = yes; self_scan = yes; }\n"
    "}\n";

static void start_rspamd(struct bench_system *s, const struct bench_place *p,
    const char *tag, bool all)
{
	char dir[200], conf[250], log[250], dbdir[250], rundir[250];
	char server[100], address[64];
	const char *argv[] = { "/usr/bin/rspamd", "-f", "-i", "-c", conf,
		"--var", dbdir, "--var", rundir, NULL };
	const char *colon = strrchr(p->dns, ':');

	*s = (struct bench_system){ .name = all
		    ? "rspamd, as Debian configures it"
		    : "rspamd, spf dkim arc dmarc only",
		.judges = true };
	if (access(argv[0], X_OK) != 0)
		return;
	snprintf(dir, sizeof(dir), "%s/%s", p->dir, tag);
	mkdir(dir, 0755);
	write_suffixes(dir);
	snprintf(conf, sizeof(conf), "%s/rspamd.conf", dir);
	snprintf(log, sizeof(log), "%s/log", dir);
	snprintf(dbdir, sizeof(dbdir), "DBDIR=%s", dir);
	snprintf(rundir, sizeof(rundir), "RUNDIR=%s", dir);
	snprintf(s->socket[0], sizeof(s->socket[0]), "unix:%s/sock", dir);
	snprintf(
	    address, sizeof(address), "%.*s", (int)(colon - p->dns), p->dns);
	snprintf(server, sizeof(server), "%s:%s:1", address, colon + 1);
	if (all)
		write_file(conf, rspamd_all_conf, server, dir, dir, dir, dir,
		    s->socket[0] + strlen("unix:"));
	else
		write_file(conf, rspamd_conf, server, dir, dir, dir, dir,
		    s->socket[0] + strlen("unix:"));
	start(s, 0, argv, log);
}

void bench_rspamd(
    struct bench_system *s, const struct bench_place *p, const char *tag)
{
	start_rspamd(s, p, tag, false);
}

void bench_rspamd_all(struct bench_system *s, const struct bench_place *p)
{
	start_rspamd(s, p, "rspamd-all", true);
}

/* --- opendkim and opendmarc --- */

static bool opendkim_stage(
    struct bench_system *s, const struct bench_place *p, const char *dir)
{
	char conf[250], log[250];
	const char *argv[] = { "/usr/sbin/opendkim", "-f", "-x", conf, NULL };

	snprintf(conf, sizeof(conf), "%s/opendkim.conf", dir);
	snprintf(log, sizeof(log), "%s/opendkim.log", dir);
	snprintf(s->socket[0], sizeof(s->socket[0]), "unix:%s/k.sock", dir);
	write_file(conf,
	    "Mode v\nSocket local:%s/k.sock\nSyslog no\nBackground no\n"
	    "Nameservers %s\nAuthservID mx.example.org\n"
	    "AlwaysAddARHeader yes\nInternalHosts 192.168.255.1\n"
	    "On-BadSignature accept\nDNSTimeout 5\n",
	    dir, p->dns_address);
	return start(s, 0, argv, log);
}

static bool opendmarc_stage(struct bench_system *s, const char *dir)
{
	char conf[250], log[250], ignore[250];
	const char *argv[] = { "/usr/sbin/opendmarc", "-f", "-c", conf, NULL };

	snprintf(conf, sizeof(conf), "%s/opendmarc.conf", dir);
	snprintf(ignore, sizeof(ignore), "%s/ignore", dir);
	snprintf(log, sizeof(log), "%s/opendmarc.log", dir);
	snprintf(s->socket[1], sizeof(s->socket[1]), "unix:%s/m.sock", dir);
	write_file(ignore, "192.168.255.1\n");
	write_file(conf,
	    "Socket local:%s/m.sock\nSyslog false\nBackground false\n"
	    "AuthservID mx.example.org\nTrustedAuthservIDs mx.example.org\n"
	    "SPFIgnoreResults true\nSPFSelfValidate true\n"
	    "RejectFailures false\nIgnoreHosts %s\nAutoRestart false\n"
	    "PublicSuffixList %s/suffixes\n",
	    dir, ignore, dir);
	return start(s, 1, argv, log);
}

void bench_opendkim(
    struct bench_system *s, const struct bench_place *p, const char *tag)
{
	char dir[200];

	*s = (struct bench_system){ .name = "opendkim+opendmarc",
		.judges = true };
	if (access("/usr/sbin/opendkim", X_OK) != 0 ||
	    access("/usr/sbin/opendmarc", X_OK) != 0)
		return;
	if (!p->port53) {
		fputs("bench: opendkim and opendmarc want their name server at "
		      "port 53: no namespaces here, they are left out\n",
		    stderr);
		return;
	}
	snprintf(dir, sizeof(dir), "%s/%s", p->dir, tag);
	mkdir(dir, 0755);
	write_suffixes(dir);
	if (!opendkim_stage(s, p, dir) || !opendmarc_stage(s, dir))
		bench_stop(s);
}

/* --- all --- */

void bench_stop(struct bench_system *s)
{
	for (unsigned i = 0; i < BENCH_STAGES; i++) {
		bench_end(s->pid[i]);
		s->pid[i] = 0;
	}
	s->stages = 0;
}

double bench_system_cpu(const struct bench_system *s)
{
	double total = 0;

	for (unsigned i = 0; i < s->stages; i++)
		total += bench_cpu(s->pid[i]);
	return total;
}

long bench_system_pss(const struct bench_system *s)
{
	long total = 0;

	for (unsigned i = 0; i < s->stages; i++)
		total += bench_pss(s->pid[i]);
	return total;
}

long bench_system_rss(const struct bench_system *s)
{
	long total = 0;

	for (unsigned i = 0; i < s->stages; i++)
		total += bench_rss(s->pid[i]);
	return total;
}
