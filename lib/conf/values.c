/* values.c - text to value. */
#include "conf/values.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/ipaddr.h"

struct unit {
	char letter;
	uint64_t factor;
};

/* largest first */
static const struct unit sizes[] = {
	{ 't', UINT64_C(1) << 40 },
	{ 'g', UINT64_C(1) << 30 },
	{ 'm', UINT64_C(1) << 20 },
	{ 'k', UINT64_C(1) << 10 },
};

static const struct unit times[] = {
	{ 'd', 86400 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};

static bool with_unit(
    struct mxa_str s, const struct unit *u, size_t n, uint64_t *out)
{
	uint64_t factor = 1, v;

	for (size_t i = 0; i < n && s.len > 0; i++) {
		if (mxa_lower(s.p[s.len - 1]) == u[i].letter) {
			factor = u[i].factor;
			s.len--;
			break;
		}
	}
	if (!mxa_str_u64(s, UINT64_MAX / factor, &v))
		return false;
	*out = v * factor;
	return true;
}

static void show_number(
    struct mxa_buf *b, uint64_t v, const struct unit *u, size_t n, bool upper)
{
	for (size_t i = 0; i < n; i++) {
		char c = u[i].letter;

		if (v == 0 || v % u[i].factor != 0)
			continue;
		if (upper && c != 'k')
			c = (char)(c - 'a' + 'A');
		mxa_buf_printf(b, "%" PRIu64 "%c", v / u[i].factor, c);
		return;
	}
	mxa_buf_printf(b, "%" PRIu64, v);
}

bool mxa_value_size(struct mxa_str s, uint64_t *out)
{
	return with_unit(s, sizes, MXA_ARRAY_LEN(sizes), out);
}

bool mxa_value_time(struct mxa_str s, uint64_t *out)
{
	return with_unit(s, times, MXA_ARRAY_LEN(times), out);
}

void mxa_value_size_show(struct mxa_buf *b, uint64_t v)
{
	show_number(b, v, sizes, MXA_ARRAY_LEN(sizes), true);
}

void mxa_value_time_show(struct mxa_buf *b, uint64_t v)
{
	show_number(b, v, times, MXA_ARRAY_LEN(times), false);
}

bool mxa_value_domain(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	bool below = s.len > 0 && s.p[0] == '.';

	if (mxa_domain_canonical(a, mxa_str_sub(s, below, s.len), out) !=
	    MXA_OK)
		return false;
	if (below)
		*out = mxa_str_from(
		    mxa_arena_printf(a, ".%.*s", MXA_STR_ARG(*out)));
	return true;
}

/* --- sockets --- */

static bool port_number(struct mxa_str s, uint16_t *out)
{
	uint64_t v;

	if (s.len > 5 || !mxa_str_u64(s, 65535, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

/* Offset of the last ':', or s.len. */
static size_t last_colon(struct mxa_str s)
{
	for (size_t i = s.len; i-- > 0;)
		if (s.p[i] == ':')
			return i;
	return s.len;
}

static struct mxa_str strip_brackets(struct mxa_str s)
{
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		return mxa_str_sub(s, 1, s.len - 1);
	return s;
}

bool mxa_value_host_port(struct mxa_str s, struct mxa_str *host, uint16_t *port)
{
	size_t colon = last_colon(s);
	struct mxa_str left = mxa_str_sub(s, 0, colon);
	struct mxa_ip ip;

	*host = strip_brackets(left);
	if (colon == s.len ||
	    !port_number(mxa_str_sub(s, colon + 1, s.len), port) ||
	    !mxa_ip_parse(*host, &ip))
		return false;
	/* an IPv6 address without brackets swallows the port */
	return (ip.family == 6) == (host->len < left.len);
}

/* An address, or a name that the resolver of the system may know. */
static bool host_ok(struct mxa_arena *a, struct mxa_str host)
{
	struct mxa_str canonical;
	struct mxa_ip ip;

	return host.len == 0 || mxa_ip_parse(host, &ip) ||
	    mxa_domain_canonical(a, host, &canonical) == MXA_OK;
}

static bool inet_socket(struct mxa_arena *a, const char *family,
    struct mxa_str rest, struct mxa_str *out)
{
	size_t cut = mxa_str_chr(rest, '@', 0);
	struct mxa_str host = mxa_str_sub(rest, cut + 1, rest.len);
	struct mxa_str port = mxa_str_sub(rest, 0, cut);
	uint16_t number;

	if (cut == rest.len) {
		/* "PORT" alone, or Postfix's "HOST:PORT" */
		cut = last_colon(rest);
		host = mxa_str_sub(rest, 0, cut);
		port = mxa_str_sub(rest, cut + 1, rest.len);
		if (cut == rest.len) {
			port = host;
			host = MXA_STR("");
		}
	}
	host = strip_brackets(host);
	if (!port_number(port, &number) || !host_ok(a, host))
		return false;
	*out = mxa_str_from(mxa_arena_printf(a, "%s:%u%s%.*s", family,
	    (unsigned)number, host.len > 0 ? "@" : "", MXA_STR_ARG(host)));
	return true;
}

/* sun_path of Linux has 108 bytes, of the BSDs 104. */
#define LONGEST_SOCKET 103

bool mxa_value_listen(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	struct mxa_str scheme = mxa_str_sub(s, 0, mxa_str_chr(s, ':', 0));
	struct mxa_str rest = mxa_str_sub(s, scheme.len + 1, s.len);
	uint64_t fd;

	if (scheme.len == s.len)
		return false;
	if (mxa_str_is(scheme, "unix") || mxa_str_is(scheme, "local")) {
		*out = mxa_str_from(
		    mxa_arena_printf(a, "unix:%.*s", MXA_STR_ARG(rest)));
		return rest.len > 0 && rest.len <= LONGEST_SOCKET;
	}
	if (mxa_str_is(scheme, "inet") || mxa_str_is(scheme, "inet6"))
		return inet_socket(
		    a, scheme.len == 4 ? "inet" : "inet6", rest, out);
	*out = mxa_str_dup(a, s);
	return mxa_str_is(scheme, "fd") && mxa_str_u64(rest, 65535, &fd);
}
