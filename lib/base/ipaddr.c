/* ipaddr.c - addresses as bytes and as text. */
#include "base/ipaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

static void set_ipv4(struct mxa_ip *out, const void *bytes)
{
	memset(out, 0, sizeof(*out));
	out->family = 4;
	memcpy(out->b, bytes, 4);
}

static void set_ipv6(struct mxa_ip *out, const uint8_t *bytes)
{
	if (memcmp(bytes, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		set_ipv4(out, bytes + 12);
		return;
	}
	out->family = 6;
	memcpy(out->b, bytes, 16);
}

/* inet_pton takes "192.0.2.01" in some C libraries: refuse it everywhere. */
static bool leading_zero(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if (*p == '0' && (p == s || p[-1] == '.') && mxa_is_digit(p[1]))
			return true;
	return false;
}

bool mxa_ip_parse(struct mxa_str s, struct mxa_ip *out)
{
	char text[MXA_IP_TEXT];
	uint8_t bytes[16];

	if (mxa_str_casestarts(s, MXA_STR("IPv6:")))
		s = mxa_str_sub(s, 5, s.len);
	if (s.len == 0 || s.len >= sizeof(text) ||
	    memchr(s.p, '\0', s.len) != NULL)
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	if (strchr(text, ':') != NULL) {
		if (inet_pton(AF_INET6, text, bytes) != 1)
			return false;
		set_ipv6(out, bytes);
		return true;
	}
	if (leading_zero(text) || inet_pton(AF_INET, text, bytes) != 1)
		return false;
	set_ipv4(out, bytes);
	return true;
}

bool mxa_ip_from_sockaddr(const struct sockaddr *sa, struct mxa_ip *out)
{
	memset(out, 0, sizeof(*out));
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		set_ipv4(out, &in.sin_addr);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		set_ipv6(out, in6.sin6_addr.s6_addr);
		return true;
	}
	return false;
}

static char *add_octet(char *to, unsigned octet)
{
	if (octet >= 100)
		*to++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*to++ = (char)('0' + octet / 10 % 10);
	*to++ = (char)('0' + octet % 10);
	return to;
}

/* A message's address is written half a dozen times, and inet_ntop(3) takes
 * 1,700 instructions for one of IPv4. */
static void format_ipv4(const uint8_t b[4], char *to)
{
	for (unsigned i = 0; i < 4; i++) {
		to = add_octet(to, b[i]);
		*to++ = i < 3 ? '.' : '\0';
	}
}

const char *mxa_ip_format(const struct mxa_ip *ip, char out[MXA_IP_TEXT])
{
	out[0] = '\0';
	if (ip->family == 4)
		format_ipv4(ip->b, out);
	else if (ip->family == 6)
		(void)inet_ntop(AF_INET6, ip->b, out, MXA_IP_TEXT);
	return out;
}

bool mxa_ip_eq(const struct mxa_ip *a, const struct mxa_ip *b)
{
	return a->family == b->family &&
	    memcmp(a->b, b->b, a->family == 4 ? 4 : 16) == 0;
}

struct mxa_cidr mxa_cidr_network(const struct mxa_cidr *net)
{
	struct mxa_cidr out = *net;

	for (unsigned i = 0; i < sizeof(out.ip.b); i++) {
		unsigned kept = net->bits > i * 8 ? net->bits - i * 8 : 0;

		if (kept < 8)
			out.ip.b[i] &= (uint8_t)(0xff00U >> kept);
	}
	return out;
}

bool mxa_cidr_has(const struct mxa_cidr *net, const struct mxa_ip *ip)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (net->ip.family != ip->family || ip->family == 0)
		return false;
	if (memcmp(net->ip.b, ip->b, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((net->ip.b[whole] ^ ip->b[whole]) >> (8 - rest)) == 0;
}

static bool in_any(
    const struct mxa_ip *ip, const struct mxa_cidr *nets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_cidr_has(&nets[i], ip))
			return true;
	return false;
}

static const struct mxa_cidr loopback[] = {
	{ { 4, { 127 } }, 8 },
	{ { 6, { [15] = 1 } }, 128 },
};

static const struct mxa_cidr private_nets[] = {
	{ { 4, { 0 } }, 8 },
	{ { 4, { 10 } }, 8 },
	{ { 4, { 100, 64 } }, 10 },
	{ { 4, { 127 } }, 8 },
	{ { 4, { 169, 254 } }, 16 },
	{ { 4, { 172, 16 } }, 12 },
	{ { 4, { 192, 168 } }, 16 },
	{ { 6, { 0 } }, 128 },
	{ { 6, { [15] = 1 } }, 128 },
	{ { 6, { 0xfc } }, 7 },
	{ { 6, { 0xfe, 0x80 } }, 10 },
};

bool mxa_ip_is_loopback(const struct mxa_ip *ip)
{
	return in_any(ip, loopback, sizeof(loopback) / sizeof(loopback[0]));
}

bool mxa_ip_is_private(const struct mxa_ip *ip)
{
	return in_any(
	    ip, private_nets, sizeof(private_nets) / sizeof(private_nets[0]));
}

bool mxa_cidr_parse(struct mxa_str s, struct mxa_cidr *out)
{
	size_t slash = mxa_str_chr(s, '/', 0);
	uint64_t bits;
	unsigned most;

	if (!mxa_ip_parse(mxa_str_sub(s, 0, slash), &out->ip))
		return false;
	most = out->ip.family == 4 ? 32 : 128;
	out->bits = most;
	if (slash == s.len)
		return true;
	if (!mxa_str_u64(mxa_str_sub(s, slash + 1, s.len), 128, &bits))
		return false;
	/* ::ffff:192.0.2.0/120 means the IPv4 network 192.0.2.0/24 */
	if (most == 32 && mxa_str_chr(s, ':', 0) < slash) {
		if (bits < 96)
			return false;
		bits -= 96;
	}
	if (bits > most)
		return false;
	out->bits = (unsigned)bits;
	return true;
}

const char *mxa_ip_reverse(const struct mxa_ip *ip, char out[MXA_IP_REVERSE])
{
	size_t len = 0;

	if (ip->family == 4) {
		snprintf(out, MXA_IP_REVERSE, "%u.%u.%u.%u.in-addr.arpa",
		    ip->b[3], ip->b[2], ip->b[1], ip->b[0]);
		return out;
	}
	for (int i = 15; i >= 0; i--)
		len += (size_t)snprintf(out + len, MXA_IP_REVERSE - len,
		    "%x.%x.", ip->b[i] & 0xf, ip->b[i] >> 4);
	snprintf(out + len, MXA_IP_REVERSE - len, "ip6.arpa");
	return out;
}
