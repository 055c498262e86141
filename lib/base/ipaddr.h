/* ipaddr.h - IPv4 and IPv6 addresses and networks. */
#ifndef MXA_BASE_IPADDR_H
#define MXA_BASE_IPADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct sockaddr;

struct mxa_ip {
	uint8_t family; /* 4, 6, or 0: no address */
	uint8_t b[16];	/* network order; an IPv4 address uses the first 4 */
};

struct mxa_cidr {
	struct mxa_ip ip;
	unsigned bits;
};

#define MXA_IP_TEXT 46 /* longest text form with its NUL */

/* Text to address: dotted quad without leading zeros in a part, or IPv6
 * (RFC 4291); an IPv4-mapped IPv6 address comes back as IPv4.  "IPv6:" in front
 * (SMTP literals, Sendmail's macros) is understood.  False: not an address. */
bool mxa_ip_parse(struct mxa_str s, struct mxa_ip *out);

/* Any socket address; false for other families.  Mapped is unmapped. */
bool mxa_ip_from_sockaddr(const struct sockaddr *sa, struct mxa_ip *out);

/* "192.0.2.1", "2001:db8::1"; "" for family 0.  Returns 'out'. */
const char *mxa_ip_format(const struct mxa_ip *ip, char out[MXA_IP_TEXT]);

bool mxa_ip_eq(const struct mxa_ip *a, const struct mxa_ip *b);

/* 127.0.0.0/8 or ::1 */
bool mxa_ip_is_loopback(const struct mxa_ip *ip);

/* Private, link-local, loopback and documentation-free special ranges that no
 * Internet host sends from (RFC 1918, 4193, 6598, 3927, 4291). */
bool mxa_ip_is_private(const struct mxa_ip *ip);

/* "192.0.2.0/24", "2001:db8::/32", or a lone address.  Host bits may be set. */
bool mxa_cidr_parse(struct mxa_str s, struct mxa_cidr *out);

/* The network that it lies in: host bits are 0. */
struct mxa_cidr mxa_cidr_network(const struct mxa_cidr *net);

/* Whether 'ip' lies in 'net'; families must agree. */
bool mxa_cidr_has(const struct mxa_cidr *net, const struct mxa_ip *ip);

/* Reverse name without trailing dot: "1.2.0.192.in-addr.arpa", nibbles under
 * ip6.arpa.  'out' holds at least MXA_IP_REVERSE bytes. */
#define MXA_IP_REVERSE 80
const char *mxa_ip_reverse(const struct mxa_ip *ip, char out[MXA_IP_REVERSE]);

#endif
