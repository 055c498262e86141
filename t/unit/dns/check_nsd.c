/* check_nsd.c - a real name server (NSD) and our zone source say the same from
 * one file, asked through the resolver.  Skipped where nsd is not installed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dns/stub.h"
#include "dns/zone.h"
#include "t/support/dnsshow.h"
#include "t/support/testing.h"

#define SKIPPED 77

static const char zone_text[] =
    "$ORIGIN example.com.\n"
    "$TTL 600\n"
    "@ IN SOA ns hostmaster 1 7200 3600 864000 120 ; a comment\n"
    "  NS ns\n"
    "ns A 127.0.0.1\n"
    "@ MX 10 mail\n"
    "@ MX 20 MX2.Example.NET.\n"
    "@ TXT \"v=spf1 \" \"mx -all\"\n"
    "mail 60 A 192.0.2.1\n"
    "mail 60 A 192.0.2.2\n"
    "mail IN AAAA 2001:db8::1\n"
    "first IN 30 TXT class-first\n"
    "s1._domainkey TXT (\n"
    "  \"v=DKIM1; \" ; a comment (in parentheses)\n"
    "  \"p=AbC\" )\n"
    "alias CNAME mail\n"
    "alias2 CNAME alias\n"
    "circle CNAME circle2\n"
    "circle2 CNAME circle\n"
    "a.b.deep TXT here\n"
    "*.wild TXT any\n"
    "*.wild MX 5 mail\n"
    "x.only.wild TXT mine\n"
    "*.wcname CNAME mail\n"
    "bin TXT \"\\000\\255;(\\\"\\\\ \"\n"
    "empty TXT \"\"\n"
    "semi TXT \"a;b\" c\\;d\n"
    "null MX 0 .\n"
    "dot\\.ted A 192.0.2.3\n"
    "odd\\032@\\000 A 192.0.2.4\n"
    "ptr PTR x\\.y.Example.COM.\n";

static const struct mxa_str names[] = {
	MXA_STR_INIT("example.com"),
	MXA_STR_INIT("EXAMPLE.com."),
	MXA_STR_INIT("mail.example.com"),
	MXA_STR_INIT("first.example.com"),
	MXA_STR_INIT("s1._domainkey.example.com"),
	MXA_STR_INIT("alias.example.com"),
	MXA_STR_INIT("alias2.example.com"),
	MXA_STR_INIT("circle.example.com"),
	MXA_STR_INIT("deep.example.com"),
	MXA_STR_INIT("b.deep.example.com"),
	MXA_STR_INIT("foo.wild.example.com"),
	MXA_STR_INIT("a.b.wild.example.com"),
	MXA_STR_INIT("x.only.wild.example.com"),
	MXA_STR_INIT("only.wild.example.com"),
	MXA_STR_INIT("y.only.wild.example.com"),
	MXA_STR_INIT("wild.example.com"),
	MXA_STR_INIT("q.wcname.example.com"),
	MXA_STR_INIT("bin.example.com"),
	MXA_STR_INIT("empty.example.com"),
	MXA_STR_INIT("semi.example.com"),
	MXA_STR_INIT("null.example.com"),
	MXA_STR_INIT("dot.ted.example.com"),
	MXA_STR_INIT("odd @\0.example.com"),
	MXA_STR_INIT("ptr.example.com"),
	MXA_STR_INIT("long.example.com"),
	MXA_STR_INIT("many.example.com"),
	MXA_STR_INIT("nope.example.com"),
};

static struct mxa_arena *arena;
static char dir[] = "/tmp/mxa-nsd-XXXXXX";
static char server[40];
static unsigned port;
static pid_t nsd;

/* --- the server --- */

static const char *nsd_path(void)
{
	static const char *const paths[] = { "/usr/sbin/nsd",
		"/usr/local/sbin/nsd", "/usr/bin/nsd" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(paths); i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

static const char *in_dir(const char *file)
{
	return mxa_arena_printf(arena, "%s/%s", dir, file);
}

/* Beside the text above a TXT record and a set of addresses that do not fit
 * into a UDP packet. */
static void write_zone(FILE *f)
{
	fputs(zone_text, f);
	fputs("long TXT (", f);
	for (int i = 0; i < 200; i++) {
		fputs("\n \"", f);
		for (int j = 0; j < 255; j++)
			fputc('a' + i % 26, f);
		fputc('"', f);
	}
	fputs(")\n", f);
	for (int i = 0; i < 300; i++)
		fprintf(f, "many A 198.51.%d.%d\n", 100 + i / 250, i % 250);
}

static void write_files(void)
{
	FILE *f = fopen(in_dir("zone"), "w");

	ck_assert_ptr_nonnull(f);
	write_zone(f);
	fclose(f);
	f = fopen(in_dir("nsd.conf"), "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
	    "server:\n ip-address: 127.0.0.1@%u\n username: \"\"\n"
	    " chroot: \"\"\n server-count: 1\n database: \"\"\n"
	    " zonesdir: \"%s\"\n xfrdir: \"%s\"\n pidfile: \"%s/pid\"\n"
	    " xfrdfile: \"%s/xfrd\"\n zonelistfile: \"%s/list\"\n"
	    " logfile: \"%s/log\"\n"
	    "remote-control:\n control-enable: no\n"
	    "zone:\n name: example.com\n zonefile: zone\n",
	    port, dir, dir, dir, dir, dir, dir);
	fclose(f);
}

static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void start_nsd(void)
{
	arena = mxa_arena_new();
	ck_assert_ptr_nonnull(mkdtemp(dir));
	port = free_port();
	snprintf(server, sizeof(server), "127.0.0.1:%u", port);
	write_files();
	nsd = fork();
	ck_assert_int_ge(nsd, 0);
	if (nsd == 0) {
		execl(nsd_path(), "nsd", "-d", "-c", in_dir("nsd.conf"),
		    (char *)NULL);
		_exit(127);
	}
}

static void stop_nsd(void)
{
	static const char *const files[] = { "zone", "nsd.conf", "pid", "xfrd",
		"list", "log" };

	kill(nsd, SIGTERM);
	waitpid(nsd, NULL, 0);
	for (size_t i = 0; i < MXA_ARRAY_LEN(files); i++)
		unlink(in_dir(files[i]));
	rmdir(dir);
	mxa_arena_free(arena);
}

/* --- the comparison --- */

static struct mxa_dns *open_stub(void)
{
	const char *addr = server, *error;
	struct mxa_dns_options o;
	struct mxa_dns *d;

	mxa_dns_options_default(&o);
	o.servers = &addr;
	o.n_servers = 1;
	o.failure_memory_ms = 0;
	d = mxa_dns_stub_new(&o, &error);
	ck_assert_msg(d != NULL, "%s", error);
	return d;
}

static struct mxa_dns *open_zone(void)
{
	char *error = NULL;
	struct mxa_dns *d = mxa_dns_zone_open(in_dir("zone"), NULL, &error);

	ck_assert_msg(d != NULL, "%s", error ? error : "no error text");
	return d;
}

static void wait_until_it_serves(struct mxa_dns *d)
{
	struct timespec nap = { .tv_nsec = 50000000 };
	enum mxa_dns_status status = MXA_DNS_TIMEOUT;

	while (status != MXA_DNS_DATA) {
		struct mxa_budget *b = mxa_budget_open(d, 1000);

		status = mxa_dns_lookup(
		    b, MXA_SHARE_SPF, MXA_STR("ns.example.com"), MXA_DNS_A)
			     ->status;
		mxa_budget_close(b);
		nanosleep(&nap, NULL);
	}
}

static void compare(struct mxa_dns *real, struct mxa_dns *ours,
    struct mxa_str name, enum mxa_dns_type type)
{
	struct mxa_budget *b = mxa_budget_open(real, 5000);
	struct mxa_budget *c = mxa_budget_open(ours, 5000);
	const struct mxa_dns_answer *x =
	    mxa_dns_lookup(b, MXA_SHARE_SPF, name, type);
	const struct mxa_dns_answer *y =
	    mxa_dns_lookup(c, MXA_SHARE_SPF, name, type);
	const char *got = test_dns_shown(arena, x);
	const char *want = test_dns_shown(arena, y);

	ck_assert_msg(strcmp(got, want) == 0,
	    "%.*s %s: nsd \"%.200s\", zone \"%.200s\"", MXA_STR_ARG(name),
	    mxa_dns_type_name(type), got, want);
	ck_assert_uint_eq(x->ttl, y->ttl);
	mxa_budget_close(b);
	mxa_budget_close(c);
}

START_TEST(both_say_the_same)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_PTR,
		MXA_DNS_MX, MXA_DNS_TXT, MXA_DNS_AAAA };
	struct mxa_dns *real = open_stub(), *ours = open_zone();

	wait_until_it_serves(real);
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		for (size_t j = 0; j < MXA_ARRAY_LEN(types); j++)
			compare(real, ours, names[i], types[j]);
	mxa_dns_free(real);
	mxa_dns_free(ours);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nsd");
	TCase *tc = tcase_create("all");

	if (nsd_path() == NULL)
		return SKIPPED;
	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, start_nsd, stop_nsd);
	tcase_add_test(tc, both_say_the_same);
	suite_add_tcase(s, tc);
	return test_main(s);
}
