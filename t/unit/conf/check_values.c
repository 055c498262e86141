/* check_values.c - times, sizes and sockets as text. */
#include "t/support/testing.h"

#include <inttypes.h>

#include "conf/values.h"

#define NONE UINT64_MAX /* not one */

static const struct {
	const char *in;
	uint64_t time, size;
	const char *time_shown, *size_shown; /* NULL: like 'in' */
} numbers[] = {
	{ "0", 0, 0, NULL, NULL },
	{ "5", 5, 5, "5s", NULL },
	{ "59s", 59, NONE, NULL, NULL },
	{ "60", 60, 60, "1m", NULL },
	{ "1m", 60, 1048576, NULL, "1M" },
	{ "90M", 5400, 94371840, "90m", NULL },
	{ "1h", 3600, NONE, NULL, NULL },
	{ "24h", 86400, NONE, "1d", NULL },
	{ "25H", 90000, NONE, "25h", NULL },
	{ "90d", 7776000, NONE, NULL, NULL },
	{ "1023", 1023, 1023, "1023s", NULL },
	{ "1024", 1024, 1024, "1024s", "1k" },
	{ "3k", NONE, 3072, NULL, NULL },
	{ "1024K", NONE, 1048576, NULL, "1M" },
	{ "2g", NONE, UINT64_C(2147483648), NULL, "2G" },
	{ "1025g", NONE, UINT64_C(1100585369600), NULL, "1025G" },
	{ "4T", NONE, UINT64_C(4398046511104), NULL, NULL },
	/* the largest that 64 bits hold, and one more */
	{ "18014398509481983k", NONE, UINT64_C(18446744073709550592), NULL,
	    NULL },
	{ "18014398509481984k", NONE, NONE, NULL, NULL },
	{ "", NONE, NONE, NULL, NULL },
	{ "s", NONE, NONE, NULL, NULL },
	{ "k", NONE, NONE, NULL, NULL },
	{ "5ss", NONE, NONE, NULL, NULL },
	{ "5kk", NONE, NONE, NULL, NULL },
	{ "-5", NONE, NONE, NULL, NULL },
	{ "5 ", NONE, NONE, NULL, NULL },
};

static void check_number(int row, uint64_t want, const char *shown,
    bool (*read)(struct mxa_str s, uint64_t *out),
    void (*show)(struct mxa_buf *b, uint64_t v))
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;
	uint64_t v = NONE;
	bool ok = read(mxa_str_from(numbers[row].in), &v);

	ck_assert_msg(ok == (want != NONE), "%s", numbers[row].in);
	if (ok) {
		ck_assert_msg(
		    v == want, "%s: got %" PRIu64, numbers[row].in, v);
		mxa_buf_init(&b, a, 100);
		show(&b, v);
		ck_str_is(mxa_buf_str(&b), shown ? shown : numbers[row].in);
	}
	mxa_arena_free(a);
}

START_TEST(times_and_sizes)
{
	check_number(_i, numbers[_i].time, numbers[_i].time_shown,
	    mxa_value_time, mxa_value_time_show);
	check_number(_i, numbers[_i].size, numbers[_i].size_shown,
	    mxa_value_size, mxa_value_size_show);
}
END_TEST

static const struct {
	const char *in, *host; /* NULL: not one */
	int port;
} hosts[] = {
	{ "192.0.2.1:80", "192.0.2.1", 80 },
	{ "192.0.2.1:0", "192.0.2.1", 0 },
	{ "192.0.2.1:65535", "192.0.2.1", 65535 },
	{ "[2001:db8::1]:80", "2001:db8::1", 80 },
	{ "192.0.2.1:65536", NULL, 0 },
	{ "192.0.2.1:000080", NULL, 0 },
	{ "192.0.2.1:", NULL, 0 },
	{ "192.0.2.1", NULL, 0 },
	{ "[192.0.2.1]:80", NULL, 0 },
	{ "2001:db8::1:80", NULL, 0 },
	{ "[2001:db8::1]", NULL, 0 },
	{ "mx.example.com:80", NULL, 0 },
	{ ":80", NULL, 0 },
	{ "[]:80", NULL, 0 },
	{ "", NULL, 0 },
};

START_TEST(addresses_with_a_port)
{
	struct mxa_str host;
	uint16_t port;
	bool ok = mxa_value_host_port(mxa_str_from(hosts[_i].in), &host, &port);

	ck_assert_msg(ok == (hosts[_i].host != NULL), "%s", hosts[_i].in);
	if (!ok)
		return;
	ck_str_is(host, hosts[_i].host);
	ck_assert_uint_eq(port, hosts[_i].port);
}
END_TEST

/* 103 bytes: the longest path of a socket that every system takes */
#define PATH10 "/123456789"
#define PATH100 \
	PATH10 PATH10 PATH10 PATH10 PATH10 PATH10 PATH10 PATH10 PATH10 PATH10
#define PATH103 PATH100 "/12"

static const struct {
	const char *in, *out; /* NULL: not one */
} sockets[] = {
	{ "unix:/run/x", "unix:/run/x" },
	{ "local:/run/x", "unix:/run/x" },
	{ "unix:" PATH103, "unix:" PATH103 },
	{ "unix:" PATH103 "3", NULL },
	{ "unix:", NULL },
	{ "unix", NULL },
	{ "inet:8891", "inet:8891" },
	{ "inet:8891@127.0.0.1", "inet:8891@127.0.0.1" },
	{ "inet:8891@[127.0.0.1]", "inet:8891@127.0.0.1" },
	{ "inet:127.0.0.1:8891", "inet:8891@127.0.0.1" },
	{ "inet:mx.example.com:8891", "inet:8891@mx.example.com" },
	{ "inet:8891@mx.example.com", "inet:8891@mx.example.com" },
	{ "inet6:8891@::1", "inet6:8891@::1" },
	{ "inet6:8891@[::1]", "inet6:8891@::1" },
	{ "inet6:[::1]:8891", "inet6:8891@::1" },
	{ "inet:8891@", "inet:8891" },
	{ "inet:65535", "inet:65535" },
	{ "inet:65536", NULL },
	{ "inet:x", NULL },
	{ "inet:8891@a..example", NULL },
	{ "inet:", NULL },
	{ "fd:3", "fd:3" },
	{ "fd:65535", "fd:65535" },
	{ "fd:65536", NULL },
	{ "fd:", NULL },
	{ "fd:x", NULL },
	{ "tcp:8891", NULL },
	{ "", NULL },
};

START_TEST(sockets_to_listen_at)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str out;
	bool ok = mxa_value_listen(a, mxa_str_from(sockets[_i].in), &out);

	ck_assert_msg(ok == (sockets[_i].out != NULL), "%s", sockets[_i].in);
	if (ok)
		ck_str_is(out, sockets[_i].out);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("values");
	TCase *tc = tcase_create("values");

	tcase_add_loop_test(tc, times_and_sizes, 0, MXA_ARRAY_LEN(numbers));
	tcase_add_loop_test(tc, addresses_with_a_port, 0, MXA_ARRAY_LEN(hosts));
	tcase_add_loop_test(
	    tc, sockets_to_listen_at, 0, MXA_ARRAY_LEN(sockets));
	suite_add_tcase(s, tc);
	return test_main(s);
}
