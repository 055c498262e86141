/* dnsreply.c - packets by hand, so that they can be wrong. */
#include "t/support/dnsreply.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "dns/name.h"
#include "dns/zone.h"

enum fault_word {
	NONE,
	DROP,
	DELAY,
	HELD,
	FLAP,
	LAME,
	TRUNCATE,
	TRUNCATE_HANGUP,
	TRUNCATE_SILENT,
	WRONG_ID,
	WRONG_QUESTION,
	WRONG_TYPE,
	NO_QR,
	OPCODE,
	WRONG_OWNER,
	CLASS_CH,
	GARBAGE,
	SHORT,
	LOOP,
	LONG_NAME,
	OVERRUN,
	NO_EDNS,
	BADVERS,
	ALIAS_ONLY,
	ENDLESS,
	NXDOMAIN_DATA,
	EXTRA,
	EMPTY_TXT,
};

static const char *const words[] = {
	[DROP] = "drop",
	[DELAY] = "delay",
	[HELD] = "held",
	[FLAP] = "flap",
	[LAME] = "lame",
	[TRUNCATE] = "truncate",
	[TRUNCATE_HANGUP] = "truncate-hangup",
	[TRUNCATE_SILENT] = "truncate-silent",
	[WRONG_ID] = "wrong-id",
	[WRONG_QUESTION] = "wrong-question",
	[WRONG_TYPE] = "wrong-type",
	[NO_QR] = "no-qr",
	[OPCODE] = "opcode",
	[WRONG_OWNER] = "wrong-owner",
	[CLASS_CH] = "class-ch",
	[GARBAGE] = "garbage",
	[SHORT] = "short",
	[LOOP] = "loop",
	[LONG_NAME] = "long-name",
	[OVERRUN] = "overrun",
	[NO_EDNS] = "no-edns",
	[BADVERS] = "badvers",
	[ALIAS_ONLY] = "alias-only",
	[ENDLESS] = "endless",
	[NXDOMAIN_DATA] = "nxdomain-data",
	[EXTRA] = "extra",
	[EMPTY_TXT] = "empty-txt",
};

struct fault {
	struct fault *next;
	enum fault_word word;
	uint64_t number;
	struct mxa_str name;
	unsigned type; /* 0: every */
};

struct reply_zone {
	struct mxa_dns *dns;
	struct mxa_arena *arena;
	struct fault *faults, **last;
};

/* --- faults --- */

static struct mxa_str next_word(struct mxa_str *s)
{
	struct mxa_str word;
	size_t end = 0;

	*s = mxa_str_trim(*s);
	while (end < s->len && !mxa_is_space(s->p[end]))
		end++;
	word = mxa_str_sub(*s, 0, end);
	*s = mxa_str_sub(*s, end, s->len);
	return word;
}

static unsigned type_number(struct mxa_str word)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_PTR,
		MXA_DNS_MX, MXA_DNS_TXT, MXA_DNS_AAAA };

	for (size_t i = 0; i < MXA_ARRAY_LEN(types); i++)
		if (mxa_str_caseis(word, mxa_dns_type_name(types[i])))
			return types[i];
	return 0;
}

static bool fault_line(struct reply_zone *z, struct mxa_str line)
{
	struct mxa_str word = next_word(&line), type;
	struct fault *f = mxa_arena_calloc(z->arena, 1, sizeof(*f));
	size_t eq = mxa_str_chr(word, '=', 0);

	if (eq < word.len &&
	    !mxa_str_u64(
		mxa_str_sub(word, eq + 1, word.len), 1000000, &f->number))
		return false;
	word = mxa_str_sub(word, 0, eq);
	for (size_t i = 1; i < MXA_ARRAY_LEN(words); i++)
		if (mxa_str_is(word, words[i]))
			f->word = (enum fault_word)i;
	f->name = mxa_str_lower(z->arena, next_word(&line));
	type = next_word(&line);
	f->type = type_number(type);
	*z->last = f;
	z->last = &f->next;
	return f->word != NONE && f->name.len > 0 &&
	    (type.len == 0 || f->type != 0);
}

static bool fault_lines(struct reply_zone *z, struct mxa_str text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t end = mxa_str_chr(text, '\n', at);
		struct mxa_str line = mxa_str_sub(text, at, end);

		if (mxa_str_starts(line, MXA_STR(";?")) &&
		    !fault_line(z, mxa_str_sub(line, 2, line.len)))
			return false;
		at = end + 1;
	}
	return true;
}

static struct fault *fault_for(
    const struct reply_zone *z, struct mxa_str name, unsigned type)
{
	for (struct fault *f = z->faults; f != NULL; f = f->next) {
		bool below = mxa_str_starts(f->name, MXA_STR("*."));

		if (f->type != 0 && f->type != type)
			continue;
		if (below ? mxa_str_ends(
				name, mxa_str_sub(f->name, 1, f->name.len))
			  : mxa_str_eq(name, f->name))
			return f;
	}
	return NULL;
}

struct reply_zone *reply_zone_new(struct mxa_str text, char **error)
{
	struct reply_zone *z = mxa_xcalloc(1, sizeof(*z));

	z->arena = mxa_arena_new();
	z->last = &z->faults;
	z->dns = mxa_dns_zone_text("zone", text, NULL, error);
	if (z->dns != NULL && fault_lines(z, text))
		return z;
	if (z->dns != NULL)
		*error = mxa_xstrdup("a ;? line is not understood");
	reply_zone_free(z);
	return NULL;
}

void reply_zone_free(struct reply_zone *z)
{
	if (z == NULL)
		return;
	mxa_dns_free(z->dns);
	mxa_arena_free(z->arena);
	free(z);
}

/* --- the packet --- */

struct out {
	uint8_t *p;
	size_t len;
	bool full;
};

static void put(struct out *o, const void *p, size_t len)
{
	if (len > REPLY_MAX - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->p + o->len, p, len);
	o->len += len;
}

static void put8(struct out *o, unsigned v)
{
	uint8_t b = (uint8_t)v;

	put(o, &b, 1);
}

static void put16(struct out *o, unsigned v)
{
	put8(o, v >> 8);
	put8(o, v);
}

static void put32(struct out *o, uint32_t v)
{
	put16(o, v >> 16);
	put16(o, v & 0xffff);
}

static void put_name(struct out *o, struct mxa_str name)
{
	uint8_t wire[MXA_WIRE_NAME];

	put(o, wire, mxa_name_to_wire(name, wire));
}

/* TYPE, class, TTL and a length that put_end() fills in. */
static size_t put_head(
    struct out *o, unsigned type, unsigned class, uint32_t ttl)
{
	put16(o, type);
	put16(o, class);
	put32(o, ttl);
	put16(o, 0);
	return o->len;
}

static void put_end(struct out *o, size_t data)
{
	size_t len = o->len - data;

	if (o->full)
		return;
	o->p[data - 2] = (uint8_t)(len >> 8);
	o->p[data - 1] = (uint8_t)len;
}

static void put_text(struct out *o, struct mxa_str text)
{
	size_t at = 0;

	do {
		struct mxa_str part = mxa_str_sub(text, at, at + 255);

		put8(o, (unsigned)part.len);
		put(o, part.p, part.len);
		at += part.len;
	} while (at < text.len);
}

static void put_data(
    struct out *o, enum mxa_dns_type type, const struct mxa_dns_record *rr)
{
	switch (type) {
	case MXA_DNS_A:
		put(o, rr->ip.b, 4);
		break;
	case MXA_DNS_AAAA:
		put(o, rr->ip.b, 16);
		break;
	case MXA_DNS_MX:
		put16(o, rr->preference);
		put_name(o, rr->text);
		break;
	case MXA_DNS_PTR:
		put_name(o, rr->text);
		break;
	case MXA_DNS_TXT:
		put_text(o, rr->text);
		break;
	}
}

/* What nobody must ever believe. */
static void put_poison(struct out *o, enum mxa_dns_type type)
{
	static const uint8_t address[16] = { 203, 0, 113, 66 };
	struct mxa_dns_record rr = { .text = MXA_STR("poison.example") };

	memcpy(rr.ip.b, address, sizeof(address));
	put_data(o, type, &rr);
}

/* --- the reply --- */

struct asked {
	const uint8_t *query;
	size_t question_end;
	struct mxa_str name;
	enum mxa_dns_type type;
	size_t udp_size; /* what the client takes */
	bool edns;
	bool tcp;
};

#define QR 0x8000u
#define AA 0x0400u
#define TC 0x0200u
#define RD 0x0100u
#define RA 0x0080u
#define AD 0x0020u

static void put_header(struct out *o, const struct asked *a, unsigned flags,
    unsigned answers, unsigned authority)
{
	put(o, a->query, 2);
	put16(o, flags);
	put16(o, 1);
	put16(o, answers);
	put16(o, authority);
	put16(o, 0);
	put(o, a->query + 12, a->question_end - 12);
}

static unsigned rcode_of(enum mxa_dns_status s)
{
	switch (s) {
	case MXA_DNS_SERVFAIL:
		return 2;
	case MXA_DNS_NXDOMAIN:
		return 3;
	case MXA_DNS_REFUSED:
		return 5;
	case MXA_DNS_DATA:
	case MXA_DNS_NODATA:
	case MXA_DNS_TIMEOUT:
	case MXA_DNS_MALFORMED:
	case MXA_DNS_BADNAME:
	case MXA_DNS_SPENT:
		return 0;
	}
	return 0;
}

static void put_soa(struct out *o, uint32_t minimum)
{
	size_t data;

	put8(o, 0); /* the root's, so that it fits any name */
	data = put_head(o, 6, 1, 86400);
	put_name(o, MXA_STR("ns.example"));
	put_name(o, MXA_STR("hostmaster.example"));
	for (int i = 0; i < 4; i++)
		put32(o, 3600);
	put32(o, minimum);
	put_end(o, data);
}

static void put_records(struct out *o, const struct asked *a,
    const struct mxa_dns_answer *answer, enum fault_word fault)
{
	unsigned class = fault == CLASS_CH ? 3 : 1;
	size_t data;

	for (size_t i = 0; i < answer->n; i++) {
		if (fault == WRONG_OWNER)
			put_name(o, MXA_STR("elsewhere.example"));
		else if (mxa_str_eq(answer->canonical, answer->name))
			put16(o, 0xc00c);
		else
			put_name(o, answer->canonical);
		data = put_head(o, a->type, class, answer->ttl);
		if (fault == WRONG_OWNER || fault == CLASS_CH)
			put_poison(o, a->type);
		else
			put_data(o, a->type, &answer->rr[i]);
		put_end(o, data);
	}
}

static void put_cname(struct out *o, const struct mxa_dns_answer *answer)
{
	size_t data;

	put16(o, 0xc00c);
	data = put_head(o, 5, 1, answer->ttl);
	put_name(o, answer->canonical);
	put_end(o, data);
}

/* A well-formed answer, apart from the faults that concern its records. */
static void put_answer(struct out *o, const struct asked *a,
    const struct mxa_dns_answer *answer, enum fault_word fault)
{
	bool cname = !mxa_str_eq(answer->canonical, answer->name);
	bool soa = answer->status == MXA_DNS_NODATA ||
	    answer->status == MXA_DNS_NXDOMAIN;
	unsigned n = (unsigned)answer->n;
	unsigned rcode = rcode_of(answer->status);
	size_t data;

	if (fault == NXDOMAIN_DATA)
		rcode = 3;
	if (fault == ALIAS_ONLY && cname) {
		put_header(o, a, QR | RD | RA | AD, 1, 0);
		put_cname(o, answer);
		return;
	}
	put_header(o, a, QR | RD | RA | AD | rcode,
	    n + cname + (fault == EXTRA || fault == EMPTY_TXT), soa);
	if (cname)
		put_cname(o, answer);
	if (fault == EXTRA) {
		put_name(o, MXA_STR("other.example"));
		data = put_head(o, a->type, 1, 60);
		put_poison(o, a->type);
		put_end(o, data);
	}
	if (fault == EMPTY_TXT) {
		put16(o, 0xc00c);
		put_end(o, put_head(o, 16, 1, 60));
	}
	put_records(o, a, answer, fault);
	if (soa)
		put_soa(o, answer->ttl);
}

/* An answer for somebody else, or none at all. */
static void put_foreign(
    struct out *o, const struct asked *a, enum fault_word fault)
{
	size_t data;

	put_header(o, a, QR | RD | RA, 1, 0);
	if (fault == WRONG_ID)
		o->p[0] ^= 0x55;
	if (fault == WRONG_QUESTION)
		o->p[13] ^= 1;
	if (fault == WRONG_TYPE)
		o->p[o->len - 3] = 99;
	if (fault == NO_QR)
		o->p[2] &= 0x7f;
	if (fault == OPCODE)
		o->p[2] |= 0x20;
	put16(o, 0xc00c);
	data = put_head(o, a->type, 1, 600);
	put_poison(o, a->type);
	put_end(o, data);
}

/* An answer to this question that cannot be read. */
static void put_broken(
    struct out *o, const struct asked *a, enum fault_word fault)
{
	static const uint8_t nonsense[] = { 0xff, 0x13, 0x37, 0x80, 0x41, 0xfe,
		0x00, 0x99, 0x3f, 0x7a, 0xc1 };
	size_t data;

	put_header(o, a, QR | RD | RA, 1, 0);
	switch (fault) {
	case LOOP:
		put16(o, 0xc000 | (unsigned)o->len);
		put_end(o, put_head(o, a->type, 1, 600));
		break;
	case LONG_NAME:
		for (int i = 0; i < 5; i++) {
			put8(o, 63);
			for (int j = 0; j < 63; j++)
				put8(o, 'a');
		}
		put8(o, 0);
		put_end(o, put_head(o, a->type, 1, 600));
		break;
	case OVERRUN:
		put16(o, 0xc00c);
		data = put_head(o, MXA_DNS_TXT, 1, 600);
		put8(o, 10);
		put(o, "12345", 5);
		put_end(o, data);
		put(o, "67890 behind the record", 23);
		break;
	case SHORT:
		put16(o, 0xc00c);
		put16(o, a->type);
		put16(o, 1);
		put16(o, 0);
		break;
	default:
		put(o, nonsense, sizeof(nonsense));
		break;
	}
}

static void put_lame(struct out *o, const struct asked *a)
{
	size_t data;

	put_header(o, a, QR | RD, 0, 1);
	put8(o, 0);
	data = put_head(o, 2, 1, 3600);
	put_name(o, MXA_STR("ns.example"));
	put_end(o, data);
}

static void put_endless(struct out *o, const struct asked *a)
{
	size_t data;

	put_header(o, a, QR | RD | RA, 1, 0);
	put16(o, 0xc00c);
	data = put_head(o, 5, 1, 600);
	put8(o, 1);
	put8(o, 'c');
	put_name(o, a->name);
	put_end(o, data);
}

static void put_no_edns(
    struct out *o, const struct asked *a, enum fault_word fault)
{
	if (fault == NO_EDNS) {
		put(o, a->query, 2);
		put16(o, QR | RD | 1);
		put32(o, 0);
		put32(o, 0);
		return;
	}
	put_header(o, a, QR | RD | RA, 0, 0);
	o->p[11] = 1; /* OPT with the upper bits of BADVERS */
	put8(o, 0);
	put16(o, 41);
	put16(o, 1232);
	put32(o, (uint32_t)1 << 24);
	put16(o, 0);
}

/* The question in the packet; false: there is none. */
static bool read_question(const uint8_t *query, size_t len, bool tcp,
    struct reply *out, struct asked *a)
{
	char space[MXA_NAME_TEXT];
	size_t at = 12;

	*a = (struct asked){ .query = query, .tcp = tcp, .udp_size = 512 };
	if (len < 17 || (query[2] & 0xf8) != 0 || query[4] || query[5] != 1)
		return false;
	while (at < len && query[at] != 0)
		at += 1 + (size_t)query[at];
	if (at + 5 > len || at - 12 >= MXA_WIRE_NAME)
		return false;
	a->name = mxa_name_from_wire(query + 12, at + 1 - 12, space);
	memcpy(out->name, a->name.p, a->name.len);
	out->name[a->name.len] = '\0';
	a->name.p = out->name;
	a->type = (enum mxa_dns_type)(query[at + 1] << 8 | query[at + 2]);
	out->type = a->type;
	a->question_end = at + 5;
	if (query[11] == 1 && at + 5 + 11 <= len && query[at + 5] == 0 &&
	    query[at + 7] == 41) {
		a->edns = true;
		a->udp_size = (size_t)query[at + 8] << 8 | query[at + 9];
	}
	return true;
}

/* Faults of time and transport; true: that is all there is to say. */
static bool transport_fault(
    struct fault *f, const struct asked *a, struct reply *out, struct out *o)
{
	switch (f->word) {
	case DROP:
		return true;
	case FLAP:
		if (f->number == 0)
			return false;
		f->number--;
		return true;
	case DELAY:
		out->delay_ms = (uint32_t)f->number;
		return false;
	case HELD:
		out->held = true;
		return false;
	case TRUNCATE:
	case TRUNCATE_HANGUP:
	case TRUNCATE_SILENT:
		if (!a->tcp) {
			put_header(o, a, QR | TC | RD | RA, 0, 0);
			out->n = 1;
			return true;
		}
		out->hangup = f->word == TRUNCATE_HANGUP;
		return f->word != TRUNCATE;
	default:
		return false;
	}
}

static void clip(struct out *o, const struct asked *a)
{
	size_t most = a->tcp ? REPLY_MAX : a->udp_size;

	if (!o->full && o->len <= most)
		return;
	o->len = 0;
	o->full = false;
	put_header(o, a, QR | TC | RD | RA, 0, 0);
}

/* What the zone says, with the faults of single packets. */
static void answer_packets(const struct asked *a,
    const struct mxa_dns_answer *answer, enum fault_word fault,
    struct reply *out)
{
	struct out o = { .p = out->packets[0] };

	out->delay_ms += answer->ms;
	switch (fault) {
	case WRONG_ID:
	case WRONG_QUESTION:
	case WRONG_TYPE:
	case NO_QR:
	case OPCODE:
		put_foreign(&o, a, fault);
		out->len[out->n++] = o.len;
		o = (struct out){ .p = out->packets[1] };
		put_answer(&o, a, answer, NONE);
		break;
	case GARBAGE:
	case SHORT:
	case LOOP:
	case LONG_NAME:
	case OVERRUN:
		put_broken(&o, a, fault);
		break;
	case LAME:
		put_lame(&o, a);
		break;
	case ENDLESS:
		put_endless(&o, a);
		break;
	case NO_EDNS:
	case BADVERS:
		if (a->edns)
			put_no_edns(&o, a, fault);
		else
			put_answer(&o, a, answer, NONE);
		break;
	default:
		if (answer->status == MXA_DNS_TIMEOUT)
			return;
		if (answer->status == MXA_DNS_MALFORMED)
			put_broken(&o, a, GARBAGE);
		else
			put_answer(&o, a, answer, fault);
		break;
	}
	clip(&o, a);
	out->len[out->n++] = o.len;
}

struct job {
	const struct asked *asked;
	enum fault_word fault;
	struct reply *out;
};

static void answered(void *ctx, const struct mxa_dns_answer *answer)
{
	struct job *j = ctx;

	answer_packets(j->asked, answer, j->fault, j->out);
}

bool reply_make(struct reply_zone *z, const uint8_t *query, size_t len,
    bool tcp, struct reply *out)
{
	struct mxa_budget *b;
	struct asked a;
	struct fault *f;
	struct out o = { .p = out->packets[0] };
	struct job job = { .asked = &a, .out = out };

	out->n = 0;
	out->delay_ms = 0;
	out->held = false;
	out->hangup = false;
	if (!read_question(query, len, tcp, out, &a))
		return false;
	f = fault_for(z, a.name, a.type);
	if (f != NULL && transport_fault(f, &a, out, &o)) {
		out->len[0] = o.len;
		return true;
	}
	job.fault = f != NULL ? f->word : NONE;
	b = mxa_budget_open(z->dns, 1000);
	mxa_dns_watch(b, MXA_SHARE_OTHER, a.name, a.type, answered, &job);
	mxa_budget_close(b);
	return true;
}
