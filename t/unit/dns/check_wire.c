/* check_wire.c - packets, octet by octet. */
#include "dns/wire.h"

#include <stdlib.h>
#include <string.h>

#include "t/support/dnsshow.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

/* --- packets from words ---
 *
 * HEX octets; "text" as it is; .NAME a name on the wire (.a.example, or . for
 * the root); {...} the same preceded by its length in two octets. */

static size_t put_words(const char **in, uint8_t *out);

static size_t put_name(const char **in, uint8_t *out)
{
	struct mxa_str name = { *in + 1, strcspn(*in + 1, " }") };

	*in += 1 + name.len;
	return mxa_name_to_wire(name, out);
}

static size_t put_word(const char **in, uint8_t *out)
{
	char octet[3] = { (*in)[0], (*in)[1], '\0' };
	const char *end;
	size_t len;

	switch (**in) {
	case '.':
		return put_name(in, out);
	case '"':
		end = strchr(*in + 1, '"');
		len = (size_t)(end - *in) - 1;
		memcpy(out, *in + 1, len);
		*in = end + 1;
		return len;
	case '{':
		++*in;
		len = put_words(in, out + 2);
		out[0] = (uint8_t)(len >> 8);
		out[1] = (uint8_t)len;
		return 2 + len;
	default:
		*out = (uint8_t)strtoul(octet, NULL, 16);
		*in += 2;
		return 1;
	}
}

static size_t put_words(const char **in, uint8_t *out)
{
	size_t len = 0;

	while (**in != '\0' && **in != '}') {
		if (**in == ' ')
			++*in;
		else
			len += put_word(in, out + len);
	}
	*in += **in == '}';
	return len;
}

static size_t packet(const char *words, uint8_t *out)
{
	return put_words(&words, out);
}

/* --- reading --- */

static struct mxa_wire_question asked(enum mxa_dns_type type, bool edns)
{
	struct mxa_wire_question q = {
		.type = type, .id = 0x1234, .edns = edns
	};

	q.name.len = mxa_name_to_wire(MXA_STR("a.example"), q.name.octets);
	return q;
}

/* The result in words: what the resolver would do with it. */
static const char *read_shown(
    const uint8_t *p, size_t len, const struct mxa_wire_question *q)
{
	char space[MXA_NAME_TEXT];
	struct mxa_wire_answer got;
	struct mxa_dns_answer a = { .type = q->type,
		.name = MXA_STR("a.example") };
	/* exactly as long as it is, so that a sanitizer sees what is behind */
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, p, len);
	mxa_wire_read(exact, len, q, arena, &got);
	free(exact);
	switch (got.kind) {
	case MXA_WIRE_FOREIGN:
		return "foreign";
	case MXA_WIRE_TRUNCATED:
		return "truncated";
	case MXA_WIRE_NO_EDNS:
		return "no edns";
	case MXA_WIRE_FAILED:
		return mxa_arena_printf(arena, "%s: %s",
		    mxa_dns_status_name(got.status), got.detail);
	case MXA_WIRE_ALIAS:
	case MXA_WIRE_ANSWER:
		break;
	}
	a.status = got.status;
	a.canonical =
	    mxa_name_from_wire(got.owner.octets, got.owner.len, space);
	a.rr = got.rr;
	a.n = got.n;
	a.ttl = got.ttl;
	if (got.kind == MXA_WIRE_ALIAS)
		return mxa_arena_printf(
		    arena, "alias %.*s", MXA_STR_ARG(a.canonical));
	if (a.status == MXA_DNS_DATA && got.detail != NULL)
		return mxa_arena_printf(
		    arena, "%s (%s)", test_dns_shown(arena, &a), got.detail);
	if (a.status == MXA_DNS_DATA)
		return test_dns_shown(arena, &a);
	return mxa_arena_printf(
	    arena, "%s ttl=%u", test_dns_shown(arena, &a), a.ttl);
}

/* Parts of packets: header with counts, the question, heads of records. */
#define H(flags, an, ns, ar) "1234 " flags " 0001 " an ns ar " "
#define OK "8180"
#define Q_TXT ".a.example 0010 0001 "
#define Q_A ".a.example 0001 0001 "
#define IN_TXT " 0010 0001 0000003c "
#define IN_A " 0001 0001 0000003c "
#define IN_CNAME " 0005 0001 00000014 "
#define IN_SOA " 0006 0001 0000012c "
#define SOA "{.ns .host 00000001 00000002 00000003 00000004 00000064}"

static const struct {
	const char *what;
	enum mxa_dns_type type;
	const char *words, *want;
} rows[] = {
	/* answers */
	{ "one text", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") Q_TXT "c00c" IN_TXT
						"{03\"one\"02\"ly\"}",
	    "data ttl=60 <onely>" },
	{ "owner in other case", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") Q_TXT ".A.Example" IN_TXT "{01\"x\"}",
	    "data ttl=60 <x>" },
	{ "question in other case", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") ".A.EXAMPLE 00100001 c00c" IN_TXT
					  "{01\"x\"}",
	    "data ttl=60 <x>" },
	{ "empty string", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") Q_TXT "c00c" IN_TXT "{00}",
	    "data ttl=60 <>" },
	{ "smallest TTL of the set", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c" IN_A "{c0000201} c00c 0001 0001 00000005 {c0000202}",
	    "data ttl=5 192.0.2.1 192.0.2.2" },
	{ "TTL beyond 31 bits is none", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A
	    "c00c 0001 0001 80000000 {c0000201}",
	    "data ttl=0 192.0.2.1" },
	{ "name compressed in the data", MXA_DNS_MX,
	    H(OK, "0001", "0000",
		"0000") ".a.example 000f 0001 c00c 000f 0001 0000003c "
			"{000a 02\"MX\"c00e}",
	    "data ttl=60 10 mx.example" },
	{ "null MX", MXA_DNS_MX,
	    H(OK, "0001", "0000",
		"0000") ".a.example 000f 0001 c00c 000f 0001 0000003c "
			"{0000 00}",
	    "data ttl=60 0 " },
	{ "a dot inside a label", MXA_DNS_PTR,
	    H(OK, "0001", "0000",
		"0000") ".a.example 000c 0001 c00c 000c 0001 0000003c "
			"{03\"x.y\"c00e}",
	    "data ttl=60 <x\\046y.example>" },
	{ "records of other names are dropped", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    ".b.example" IN_A "{cb007142} c00c" IN_A "{c0000201}",
	    "data ttl=60 192.0.2.1" },
	{ "records of other types are dropped", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c" IN_TXT "{01\"x\"} c00c" IN_A "{c0000201}",
	    "data ttl=60 192.0.2.1" },
	{ "records of other classes are dropped", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c 0001 0003 0000003c {cb007142} c00c" IN_A "{c0000201}",
	    "data ttl=60 192.0.2.1" },
	{ "octets behind the packet do not matter", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_A "{c0000201} deadbeef",
	    "data ttl=60 192.0.2.1" },

	/* CNAMEs */
	{ "a CNAME", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c" IN_CNAME "{.b.example} .b.example" IN_A "{c0000201}",
	    "data@b.example ttl=20 192.0.2.1" },
	{ "in any order", MXA_DNS_A,
	    H(OK, "0003", "0000", "0000") Q_A
	    ".c.example" IN_A "{c0000201} .b.example" IN_CNAME
	    "{.c.example} c00c" IN_CNAME "{.B.Example}",
	    "data@c.example ttl=20 192.0.2.1" },
	{ "to a name the answer says nothing of", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_CNAME "{.b.example}",
	    "alias b.example" },
	{ "to a name without the type", MXA_DNS_A,
	    H(OK, "0001", "0001", "0000") Q_A
	    "c00c" IN_CNAME "{.b.example} .example" IN_SOA SOA,
	    "nodata@b.example ttl=20" },
	{ "to a name that is not there", MXA_DNS_A,
	    H("8183", "0001", "0000", "0000") Q_A "c00c" IN_CNAME
						  "{.b.example}",
	    "nxdomain@b.example ttl=0" },
	{ "records of the alias are not those of its target", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c" IN_CNAME "{.b.example} .c.example" IN_A "{cb007142}",
	    "alias b.example" },
	{ "in a circle", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c00c" IN_CNAME "{.b.example} .b.example" IN_CNAME "{.a.example}",
	    "servfail: CNAMEs that lead in a circle, or too many" },
	{ "to itself", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_CNAME "{c00c}",
	    "servfail: CNAMEs that lead in a circle, or too many" },
	{ "eight of them", MXA_DNS_A,
	    H(OK, "0009", "0000", "0000") Q_A
	    "c00c" IN_CNAME "{.1} .1" IN_CNAME "{.2} .2" IN_CNAME
	    "{.3} .3" IN_CNAME "{.4} .4" IN_CNAME "{.5} .5" IN_CNAME
	    "{.6} .6" IN_CNAME "{.7} .7" IN_CNAME "{.8} .8" IN_A "{c0000201}",
	    "data@8 ttl=20 192.0.2.1" },
	{ "nine of them", MXA_DNS_A,
	    H(OK, "000a", "0000", "0000") Q_A
	    "c00c" IN_CNAME "{.1} .1" IN_CNAME "{.2} .2" IN_CNAME
	    "{.3} .3" IN_CNAME "{.4} .4" IN_CNAME "{.5} .5" IN_CNAME
	    "{.6} .6" IN_CNAME "{.7} .7" IN_CNAME "{.8} .8" IN_CNAME
	    "{.9} .9" IN_A "{c0000201}",
	    "servfail: CNAMEs that lead in a circle, or too many" },

	/* negative answers */
	{ "no such name, SOA minimum", MXA_DNS_A,
	    H("8183", "0000", "0001", "0000") Q_A ".example" IN_SOA SOA,
	    "nxdomain ttl=100" },
	{ "SOA's own TTL is smaller", MXA_DNS_A,
	    H("8183", "0000", "0001", "0000") Q_A
	    ".example 0006 0001 00000032 " SOA,
	    "nxdomain ttl=50" },
	{ "no such record", MXA_DNS_A,
	    H(OK, "0000", "0001", "0000") Q_A ".a.example" IN_SOA SOA,
	    "nodata ttl=100" },
	{ "a SOA of elsewhere vouches for nothing", MXA_DNS_A,
	    H("8183", "0000", "0001", "0000") Q_A ".b.example" IN_SOA SOA,
	    "nxdomain ttl=0" },
	{ "nor one of a name that only ends alike", MXA_DNS_A,
	    H("8183", "0000", "0001", "0000") Q_A ".ple" IN_SOA SOA,
	    "nxdomain ttl=0" },
	{ "without any SOA", MXA_DNS_A, H(OK, "0000", "0000", "0000") Q_A,
	    "nodata ttl=0" },
	{ "records beside NXDOMAIN", MXA_DNS_A,
	    H("8183", "0001", "0000", "0000") Q_A "c00c" IN_A "{c0000201}",
	    "nxdomain ttl=0" },
	{ "a referral", MXA_DNS_A,
	    H("8100", "0000", "0001", "0000") Q_A
	    ".example 0002 0001 0000003c {.ns}",
	    "refused: it only names other servers" },
	{ "name servers beside a recursive no", MXA_DNS_A,
	    H(OK, "0000", "0001", "0000") Q_A
	    ".example 0002 0001 0000003c {.ns}",
	    "nodata ttl=0" },
	{ "only records of others", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A ".b.example" IN_A "{cb007142}",
	    "malformed: its records belong to other names or types" },

	/* response codes */
	{ "SERVFAIL", MXA_DNS_A, H("8182", "0000", "0000", "0000") Q_A,
	    "servfail: SERVFAIL" },
	{ "REFUSED", MXA_DNS_A, H("8185", "0000", "0000", "0000") Q_A,
	    "refused: REFUSED" },
	{ "NOTAUTH", MXA_DNS_A, H("8189", "0000", "0000", "0000") Q_A,
	    "refused: an unexpected response code" },
	{ "truncated", MXA_DNS_A, H("8380", "0001", "0000", "0000") Q_A,
	    "truncated" },
	{ "FORMERR", MXA_DNS_A, H("8181", "0000", "0000", "0000") Q_A,
	    "no edns" },
	{ "FORMERR, a header only", MXA_DNS_A, "1234 8181 0000 0000 0000 0000",
	    "no edns" },
	{ "NOTIMP", MXA_DNS_A, H("8184", "0000", "0000", "0000") Q_A,
	    "no edns" },
	{ "FORMERR for somebody else", MXA_DNS_A,
	    H("8181", "0000", "0000", "0000") ".b.example 0001 0001",
	    "foreign" },
	{ "BADVERS", MXA_DNS_A,
	    H(OK, "0000", "0000", "0001") Q_A ". 0029 04d0 01000000 {}",
	    "no edns" },
	{ "an OPT that says nothing", MXA_DNS_A,
	    H(OK, "0000", "0000", "0001") Q_A ". 0029 04d0 00000000 {}",
	    "nodata ttl=0" },

	/* not ours */
	{ "nothing", MXA_DNS_A, "", "foreign" },
	{ "half a header", MXA_DNS_A, "1234 8180 0001", "foreign" },
	{ "other id", MXA_DNS_A,
	    "1235 8180 0001 0001 0000 0000 " Q_A "c00c" IN_A "{c0000201}",
	    "foreign" },
	{ "a question", MXA_DNS_A, H("0100", "0000", "0000", "0000") Q_A,
	    "foreign" },
	{ "other opcode", MXA_DNS_A, H("a180", "0000", "0000", "0000") Q_A,
	    "foreign" },
	{ "other name", MXA_DNS_A,
	    H(OK, "0000", "0000", "0000") ".b.example 0001 0001", "foreign" },
	{ "other type", MXA_DNS_A, H(OK, "0000", "0000", "0000") Q_TXT,
	    "foreign" },
	{ "other class", MXA_DNS_A,
	    H(OK, "0000", "0000", "0000") ".a.example 0001 0003", "foreign" },

	/* broken */
	{ "no question", MXA_DNS_A, "1234 8180 0000 0000 0000 0000",
	    "malformed: it does not repeat the question" },
	{ "question cut", MXA_DNS_A,
	    H(OK, "0000", "0000", "0000") ".a.example 00",
	    "malformed: it ends inside the question" },
	{ "record missing", MXA_DNS_A, H(OK, "0001", "0000", "0000") Q_A,
	    "malformed: a name is broken" },
	{ "head cut", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c 0001 0001 00",
	    "malformed: it ends inside a record" },
	{ "data cut", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A
	    "c00c 0001 0001 0000003c 0004 c00002",
	    "malformed: it ends inside a record" },
	{ "more records announced than there are", MXA_DNS_A,
	    H(OK, "ffff", "0000", "0000") Q_A "c00c" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "a string runs past its record", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") Q_TXT "c00c" IN_TXT
						"{03\"ab\"} \"cdefgh\"",
	    "malformed: a TXT record without strings that fit it is left out" },
	{ "a text without strings", MXA_DNS_TXT,
	    H(OK, "0001", "0000", "0000") Q_TXT "c00c" IN_TXT "{}",
	    "malformed: a TXT record without strings that fit it is left out" },
	{ "one of three texts without strings", MXA_DNS_TXT,
	    H(OK, "0003", "0000", "0000") Q_TXT
	    "c00c" IN_TXT "{03\"one\"} c00c" IN_TXT "{} c00c" IN_TXT
	    "{03\"two\"}",
	    "data ttl=60 <one> <two> (a TXT record without strings that fit "
	    "it is left out)" },
	{ "one of two texts runs past its record", MXA_DNS_TXT,
	    H(OK, "0002", "0000", "0000") Q_TXT
	    "c00c" IN_TXT "{04\"one\"} c00c" IN_TXT "{03\"two\"}",
	    "data ttl=60 <two> (a TXT record without strings that fit it is "
	    "left out)" },
	{ "a text behind an alias, beside an illegal one", MXA_DNS_TXT,
	    H(OK, "0003", "0000", "0000") Q_TXT
	    "c00c" IN_CNAME "{.b.example} .b.example" IN_TXT
	    "{} .b.example" IN_TXT "{03\"two\"}",
	    "data@b.example ttl=20 <two> (a TXT record without strings that "
	    "fit it is left out)" },
	{ "an address of five octets", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_A "{c000020101}",
	    "malformed: a record has another length than its type" },
	{ "an address of three", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_A "{c00002}",
	    "malformed: a record has another length than its type" },
	{ "octets behind a name", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c00c" IN_CNAME "{.b.example ff}",
	    "malformed: a record has another length than its type" },
	{ "an MX without a name", MXA_DNS_MX,
	    H(OK, "0001", "0000",
		"0000") ".a.example 000f 0001 c00c 000f 0001 0000003c {000a}",
	    "malformed: a record has another length than its type" },
	{ "a pointer to itself", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c01b" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "a pointer forwards", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "c0ff" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "two pointers to one another", MXA_DNS_A,
	    H(OK, "0002", "0000", "0000") Q_A
	    "c01d c01b" IN_A "{c0000201} c01d" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "a label of 64", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A "40" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "a name of 257 octets", MXA_DNS_A,
	    H(OK, "0001", "0000", "0000") Q_A
	    "3f\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaa\"3f\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaa\"3f\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaa\"3f\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaa\"00" IN_A "{c0000201}",
	    "malformed: a name is broken" },
	{ "a broken SOA", MXA_DNS_A,
	    H("8183", "0000", "0001", "0000") Q_A ".example" IN_SOA
						  "{.ns .host 00000001}",
	    "malformed: a record has another length than its type" },
};

START_TEST(packets)
{
	struct mxa_wire_question q = asked(rows[_i].type, true);
	uint8_t space[2048];
	size_t len = packet(rows[_i].words, space);
	const char *got = read_shown(space, len, &q);

	ck_assert_msg(strcmp(got, rows[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[_i].what, got, rows[_i].want);
}
END_TEST

static const struct {
	const char *what, *words, *want;
} plain_rows[] = {
	{ "FORMERR", H("8181", "0000", "0000", "0000") Q_A,
	    "refused: FORMERR" },
	{ "NOTIMP", H("8184", "0000", "0000", "0000") Q_A, "refused: NOTIMP" },
	{ "BADVERS",
	    H(OK, "0000", "0000", "0001") Q_A ". 0029 04d0 01000000 {}",
	    "refused: an unexpected response code" },
};

START_TEST(packets_without_edns)
{
	struct mxa_wire_question q = asked(MXA_DNS_A, false);
	uint8_t space[2048];
	size_t len = packet(plain_rows[_i].words, space);

	ck_assert_str_eq(read_shown(space, len, &q), plain_rows[_i].want);
}
END_TEST

START_TEST(every_cut_is_survived)
{
	struct mxa_wire_question q = asked(MXA_DNS_TXT, true);
	uint8_t space[2048];
	size_t len = packet(H(OK, "0002", "0001", "0001") Q_TXT
	    "c00c" IN_CNAME "{.b.example} .b.example" IN_TXT
	    "{03\"one\"} .example" IN_SOA SOA ". 0029 04d0 00000000 {}",
	    space);

	ck_assert_str_eq(
	    read_shown(space, len, &q), "data@b.example ttl=20 <one>");
	for (size_t cut = 0; cut < len; cut++)
		ck_assert_str_ne(read_shown(space, cut, &q), "");
}
END_TEST

/* A record of no interest holds pointers, each to the one before; the next
 * record's owner is the last of them. */
static size_t pointer_chain(uint8_t *p, size_t pointers)
{
	size_t len = packet(
	    H(OK, "0002", "0000", "0000") Q_A "00 0063 0001 00000000 0000", p);
	size_t before = 12;

	p[len - 2] = (uint8_t)(2 * pointers >> 8);
	p[len - 1] = (uint8_t)(2 * pointers);
	for (size_t i = 0; i < pointers; i++) {
		p[len] = (uint8_t)(0xc0 | before >> 8);
		p[len + 1] = (uint8_t)before;
		before = len;
		len += 2;
	}
	p[len] = (uint8_t)(0xc0 | before >> 8);
	p[len + 1] = (uint8_t)before;
	return len + 2 + packet(IN_A "{c0000201}", p + len + 2);
}

START_TEST(long_chains_of_pointers_are_refused)
{
	static uint8_t p[65535];
	struct mxa_wire_question q = asked(MXA_DNS_A, true);

	ck_assert_str_eq(
	    read_shown(p, pointer_chain(p, 100), &q), "data ttl=60 192.0.2.1");
	/* legal by the letter, and a long walk for who goes all of it */
	ck_assert_str_eq(read_shown(p, pointer_chain(p, 8000), &q),
	    "malformed: a name is broken");
}
END_TEST

START_TEST(at_most_4096_records)
{
	static uint8_t p[65535];
	struct mxa_wire_question q = asked(MXA_DNS_TXT, true);
	size_t len = packet(H(OK, "1388", "0000", "0000") Q_TXT, p);
	struct mxa_wire_answer got;

	for (int i = 0; i < 5000; i++)
		len += packet("c00c" IN_TXT "0001 00", p + len);
	mxa_wire_read(p, len, &q, arena, &got);
	ck_assert_int_eq(got.status, MXA_DNS_DATA);
	ck_assert_uint_eq(got.n, MXA_MAX_DNS_RECORDS);
}
END_TEST

/* --- asking --- */

static const struct {
	bool edns, ad;
	const char *words;
} questions[] = {
	{ false, false, "1234 0100 0001 0000 0000 0000 " Q_TXT },
	{ true, false,
	    "1234 0100 0001 0000 0000 0001 " Q_TXT
	    "00 0029 04d0 00000000 0000" },
	{ true, true,
	    "1234 0120 0001 0000 0000 0001 " Q_TXT
	    "00 0029 04d0 00000000 0000" },
};

START_TEST(asking)
{
	struct mxa_wire_question q = asked(MXA_DNS_TXT, questions[_i].edns);
	uint8_t got[MXA_WIRE_QUERY], want[MXA_WIRE_QUERY];
	size_t len = packet(questions[_i].words, want);

	q.ad = questions[_i].ad;
	ck_assert_uint_eq(mxa_wire_ask(&q, got), len);
	ck_assert_mem_eq(got, want, len);
}
END_TEST

START_TEST(any_octets_are_asked)
{
	struct mxa_wire_question q = asked(MXA_DNS_A, false);
	uint8_t got[MXA_WIRE_QUERY];
	static const char want[] = "\3@\0\377\7example";

	q.name.len = mxa_name_to_wire(
	    mxa_str_make("@\0\377.example", 11), q.name.octets);
	ck_assert_uint_eq(mxa_wire_ask(&q, got), 12 + sizeof(want) + 4);
	ck_assert_mem_eq(got + 12, want, sizeof(want));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, packets, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(
	    tc, packets_without_edns, 0, MXA_ARRAY_LEN(plain_rows));
	tcase_add_test(tc, every_cut_is_survived);
	tcase_add_test(tc, long_chains_of_pointers_are_refused);
	tcase_add_test(tc, at_most_4096_records);
	tcase_add_loop_test(tc, asking, 0, MXA_ARRAY_LEN(questions));
	tcase_add_test(tc, any_octets_are_asked);
	suite_add_tcase(s, tc);
	return test_main(s);
}
