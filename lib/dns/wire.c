/* wire.c - packets.  ldns parses record data; everything around it is our own
 * and stricter: ldns follows up to 65,535 compression pointers for one name,
 * and reads the whole packet where we need few records. */
#include "dns/wire.h"

#include <string.h>

#include <ldns/ldns.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

#define HEADER 12
#define MAX_HOPS 127	 /* pointers in a name: more than it can have labels */
#define NEGATIVE_RDATA 6 /* index of MINIMUM in a SOA */

static void free_rdf(ldns_rdf **f)
{
	ldns_rdf_deep_free(*f);
}

static void free_rr(ldns_rr **rr)
{
	ldns_rr_free(*rr);
}

/* --- asking --- */

/* RFC 1035 section 4.1.1, RFC 6891 section 6.1.2. */
enum {
	FLAG_RD = 0x0100,
	FLAG_AD = 0x0020,
	TYPE_OPT = 41,
	CLASS_IN = 1,
	OPT_LENGTH = 11,
};

static uint8_t *put_u16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
	return p + 2;
}

/* An OPT record without options: our size for UDP, version 0. */
static uint8_t *put_opt(uint8_t *p)
{
	*p++ = 0; /* the root */
	p = put_u16(p, TYPE_OPT);
	p = put_u16(p, MXA_WIRE_EDNS);
	memset(p, 0, 6); /* extended response code, version, flags, length */
	return p + 6;
}

/* Written without ldns, which allocates 64 KiB for it and may find none. */
size_t mxa_wire_ask(
    const struct mxa_wire_question *q, uint8_t out[MXA_WIRE_QUERY])
{
	size_t len =
	    HEADER + q->name.len + 4 + (q->edns ? (size_t)OPT_LENGTH : 0);
	uint8_t *p = out;

	if (q->name.len == 0 || len > MXA_WIRE_QUERY)
		return 0;
	p = put_u16(p, q->id);
	p = put_u16(p, FLAG_RD | (q->ad ? FLAG_AD : 0));
	p = put_u16(p, 1); /* questions */
	p = put_u16(p, 0);
	p = put_u16(p, 0);
	p = put_u16(p, q->edns); /* additional records */
	memcpy(p, q->name.octets, q->name.len);
	p = put_u16(p + q->name.len, (unsigned)q->type);
	p = put_u16(p, CLASS_IN);
	if (q->edns)
		p = put_opt(p);
	return (size_t)(p - out);
}

/* --- reading names and record heads --- */

#define ILLEGAL_TXT "a TXT record without strings that fit it is left out"

struct reader {
	const uint8_t *p;
	size_t len;
	size_t at;
	struct mxa_arena *arena;
	const char *error; /* the first thing that was wrong */
};

struct head {
	struct mxa_wire_name owner;
	uint16_t type, class;
	uint32_t ttl;
	size_t start, data, end;
};

/* Where the name at 'at' ends, pointers not followed; 0: it is broken.  Each
 * pointer must lead further back (RFC 1035 section 4.1.4: "a prior
 * occurrence"), so no name can lead in a circle. */
static size_t name_end(const uint8_t *p, size_t len, size_t at)
{
	size_t octets = 1, run = at, end = 0;

	for (int hops = 0; hops <= MAX_HOPS && at < len;) {
		uint8_t c = p[at];

		if (c >= 0xc0) {
			size_t target;

			if (at + 1 >= len)
				return 0;
			target = (size_t)(c & 0x3f) << 8 | p[at + 1];
			if (end == 0)
				end = at + 2;
			if (target >= run)
				return 0;
			run = at = target;
			hops++;
			continue;
		}
		octets += (size_t)c + (c > 0);
		if (c > MXA_MAX_LABEL || octets > MXA_WIRE_NAME)
			return 0;
		if (c == 0)
			return end ? end : at + 1;
		at += 1 + (size_t)c;
	}
	return 0;
}

static bool set_error(struct reader *r, const char *what)
{
	if (r->error == NULL)
		r->error = what;
	return false;
}

static void name_set(struct mxa_wire_name *out, const ldns_rdf *name)
{
	out->len = ldns_rdf_size(name);
	if (out->len > MXA_WIRE_NAME)
		out->len = MXA_WIRE_NAME;
	/* the length octets are below 'A' */
	for (size_t i = 0; i < out->len; i++)
		out->octets[i] =
		    (uint8_t)mxa_lower((char)ldns_rdf_data(name)[i]);
}

static bool name_eq(
    const struct mxa_wire_name *a, const struct mxa_wire_name *b)
{
	return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

/* Whether 'name' is 'above' or below it. */
static bool name_within(
    const struct mxa_wire_name *name, const struct mxa_wire_name *above)
{
	size_t at = 0;

	while (name->len - at > above->len)
		at += 1 + (size_t)name->octets[at];
	return name->len - at == above->len &&
	    memcmp(name->octets + at, above->octets, above->len) == 0;
}

static bool read_name(struct reader *r, struct mxa_wire_name *out)
{
	MXA_CLEANUP(free_rdf) ldns_rdf *name = NULL;
	size_t end = name_end(r->p, r->len, r->at);

	if (end == 0 ||
	    ldns_wire2dname(&name, r->p, r->len, &r->at) != LDNS_STATUS_OK)
		return set_error(r, "a name is broken");
	name_set(out, name);
	r->at = end;
	return true;
}

static bool read_head(struct reader *r, struct head *out)
{
	out->start = r->at;
	if (!read_name(r, &out->owner))
		return false;
	if (r->len - r->at < 10)
		return set_error(r, "it ends inside a record");
	out->type = ldns_read_uint16(r->p + r->at);
	out->class = ldns_read_uint16(r->p + r->at + 2);
	out->ttl = ldns_read_uint32(r->p + r->at + 4);
	if (out->ttl > INT32_MAX)
		out->ttl = 0; /* RFC 2181 section 8 */
	out->data = r->at + 10;
	out->end = out->data + ldns_read_uint16(r->p + r->at + 8);
	if (out->end > r->len)
		return set_error(r, "it ends inside a record");
	r->at = out->end;
	return true;
}

/* --- record data --- */

/* Whether the octets of a TXT record are strings that end where it ends. */
static bool strings_fit(const struct reader *r, const struct head *h)
{
	size_t at = h->data;

	while (at < h->end)
		at += 1 + (size_t)r->p[at];
	return at == h->end && h->end > h->data;
}

/* Whether one name, 'skip' octets in, fills the rest of the record. */
static bool name_fits(const struct reader *r, const struct head *h, size_t skip)
{
	return h->end - h->data > skip &&
	    name_end(r->p, h->end, h->data + skip) == h->end;
}

/* Whether the data have the form that their type demands: ldns accepts octets
 * that are left over. */
static const char *why_misfit(const struct reader *r, const struct head *h)
{
	bool ok = true;
	size_t at;

	switch (h->type) {
	case LDNS_RR_TYPE_A:
		ok = h->end - h->data == 4;
		break;
	case LDNS_RR_TYPE_AAAA:
		ok = h->end - h->data == 16;
		break;
	case LDNS_RR_TYPE_MX:
		ok = name_fits(r, h, 2);
		break;
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_CNAME:
		ok = name_fits(r, h, 0);
		break;
	case LDNS_RR_TYPE_SOA:
		at = name_end(r->p, h->end, h->data);
		at = at ? name_end(r->p, h->end, at) : 0;
		ok = at != 0 && h->end - at == 20;
		break;
	default:
		break;
	}
	return ok ? NULL : "a record has another length than its type";
}

static ldns_rr *read_rr(struct reader *r, const struct head *h)
{
	const char *wrong = why_misfit(r, h);
	size_t at = h->start;
	ldns_rr *rr = NULL;

	if (wrong != NULL) {
		set_error(r, wrong);
		return NULL;
	}
	if (ldns_wire2rr(&rr, r->p, h->end, &at, LDNS_SECTION_ANSWER) !=
		LDNS_STATUS_OK ||
	    ldns_rr_rd_count(rr) == 0) {
		ldns_rr_free(rr);
		set_error(r, "a record cannot be read");
		return NULL;
	}
	return rr;
}

static struct mxa_str name_text(struct mxa_arena *a, const ldns_rdf *name)
{
	struct mxa_wire_name lower;
	char space[MXA_NAME_TEXT];

	name_set(&lower, name);
	return mxa_str_dup(
	    a, mxa_name_from_wire(lower.octets, lower.len, space));
}

struct mxa_str mxa_wire_strings(struct mxa_arena *a, const ldns_rr *rr)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *s = ldns_rr_rdf(rr, i);

		if (ldns_rdf_size(s) > 1)
			mxa_buf_add(
			    &b, ldns_rdf_data(s) + 1, ldns_rdf_size(s) - 1);
	}
	return mxa_buf_str(&b);
}

static struct mxa_dns_record record_of(struct mxa_arena *a, const ldns_rr *rr)
{
	struct mxa_dns_record out = { .text = MXA_STR_NONE };
	const ldns_rdf *first = ldns_rr_rdf(rr, 0);

	switch ((enum mxa_dns_type)ldns_rr_get_type(rr)) {
	case MXA_DNS_A:
		out.ip.family = 4;
		memcpy(out.ip.b, ldns_rdf_data(first), 4);
		break;
	case MXA_DNS_AAAA:
		out.ip.family = 6;
		memcpy(out.ip.b, ldns_rdf_data(first), 16);
		break;
	case MXA_DNS_MX:
		out.preference = ldns_rdf2native_int16(first);
		out.text = name_text(a, ldns_rr_rdf(rr, 1));
		break;
	case MXA_DNS_PTR:
		out.text = name_text(a, first);
		break;
	case MXA_DNS_TXT:
		out.text = mxa_wire_strings(a, rr);
		break;
	}
	return out;
}

/* --- the answer section --- */

/* A record that may belong to the answer: of the type asked, or a CNAME. */
struct kept {
	struct kept *next;
	const struct mxa_wire_name *owner;
	const struct mxa_wire_name *target; /* of a CNAME; else NULL */
	uint32_t ttl;
	struct mxa_dns_record record;
};

struct section {
	struct kept *first, **last;
	size_t n;     /* of the type asked */
	size_t total; /* whatever they are */
	bool illegal; /* a TXT record was left out */
	/* the owner of the record before: most share it */
	const struct mxa_wire_name *owner;
};

static const struct mxa_wire_name *keep_name(
    struct mxa_arena *a, const struct mxa_wire_name *name)
{
	struct mxa_wire_name *copy = mxa_arena_alloc(a, sizeof(*copy));

	*copy = *name;
	return copy;
}

static bool keep_record(
    struct reader *r, struct section *s, const struct head *h)
{
	MXA_CLEANUP(free_rr) ldns_rr *rr = read_rr(r, h);
	struct mxa_wire_name target;
	struct kept *k;

	if (rr == NULL)
		return false;
	k = mxa_arena_calloc(r->arena, 1, sizeof(*k));
	if (s->owner == NULL || !name_eq(s->owner, &h->owner))
		s->owner = keep_name(r->arena, &h->owner);
	k->owner = s->owner;
	k->ttl = h->ttl;
	if (h->type == LDNS_RR_TYPE_CNAME) {
		name_set(&target, ldns_rr_rdf(rr, 0));
		k->target = keep_name(r->arena, &target);
	} else {
		k->record = record_of(r->arena, rr);
		s->n++;
	}
	*s->last = k;
	s->last = &k->next;
	return true;
}

static bool read_answers(
    struct reader *r, enum mxa_dns_type type, unsigned count, struct section *s)
{
	struct head h;

	*s = (struct section){ .last = &s->first };
	for (unsigned i = 0; i < count; i++) {
		if (!read_head(r, &h))
			return false;
		s->total++;
		if (h.class != LDNS_RR_CLASS_IN)
			continue;
		if (h.type != LDNS_RR_TYPE_CNAME && h.type != type)
			continue;
		/* its end is known, so the other records count */
		if (h.type == LDNS_RR_TYPE_TXT && !strings_fit(r, &h)) {
			s->illegal = true;
			continue;
		}
		if (!keep_record(r, s, &h))
			return false;
	}
	return true;
}

static const struct kept *find_kept(
    const struct section *s, const struct mxa_wire_name *owner, bool cname)
{
	const struct kept *k = s->first;

	while (k != NULL &&
	    ((k->target != NULL) != cname || !name_eq(k->owner, owner)))
		k = k->next;
	return k;
}

static void lower_ttl(struct mxa_wire_answer *out, uint32_t ttl)
{
	if (ttl < out->ttl)
		out->ttl = ttl;
}

/* From the name asked along the CNAMEs; false: too many of them. */
static bool follow_aliases(const struct section *s, struct mxa_wire_answer *out)
{
	const struct kept *k;

	while (find_kept(s, &out->owner, false) == NULL &&
	    (k = find_kept(s, &out->owner, true)) != NULL) {
		if (++out->cnames > MXA_MAX_CNAMES)
			return false;
		lower_ttl(out, k->ttl);
		out->owner = *k->target;
	}
	return true;
}

/* The records of the name where the CNAMEs end. */
static void collect_records(
    struct mxa_arena *a, const struct section *s, struct mxa_wire_answer *out)
{
	out->rr = mxa_arena_calloc(a, s->n, sizeof(*out->rr));
	for (const struct kept *k = s->first; k != NULL; k = k->next) {
		if (k->target != NULL || !name_eq(k->owner, &out->owner) ||
		    out->n == MXA_MAX_DNS_RECORDS)
			continue;
		out->rr[out->n++] = k->record;
		lower_ttl(out, k->ttl);
	}
}

/* --- what follows the answers --- */

struct authority {
	bool soa; /* of the name's zone */
	bool ns;
	uint32_t ttl;
};

static bool read_soa(
    struct reader *r, const struct head *h, struct authority *out)
{
	MXA_CLEANUP(free_rr) ldns_rr *rr = read_rr(r, h);
	uint32_t minimum;

	if (rr == NULL || ldns_rr_rd_count(rr) <= NEGATIVE_RDATA)
		return false;
	minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, NEGATIVE_RDATA));
	out->soa = true;
	out->ttl = minimum < h->ttl ? minimum : h->ttl; /* RFC 2308 section 5 */
	return true;
}

static bool read_authority(struct reader *r, unsigned count,
    const struct mxa_wire_name *name, struct authority *out)
{
	struct head h;

	*out = (struct authority){ .soa = false };
	for (unsigned i = 0; i < count; i++) {
		if (!read_head(r, &h))
			return false;
		if (h.class != LDNS_RR_CLASS_IN)
			continue;
		out->ns |= h.type == LDNS_RR_TYPE_NS;
		if (h.type == LDNS_RR_TYPE_SOA && !out->soa &&
		    name_within(name, &h.owner) && !read_soa(r, &h, out))
			return false;
	}
	return true;
}

/* The upper bits of the response code, in the OPT record (RFC 6891 section
 * 6.1.3); 0 without one.  BADVERS has no others. */
static unsigned extended_rcode(struct reader *r, unsigned count)
{
	struct head h;

	for (unsigned i = 0; i < count && read_head(r, &h); i++)
		if (h.type == LDNS_RR_TYPE_OPT)
			return r->p[h.data - 6];
	return 0;
}

/* --- the whole --- */

static void set_failed(
    struct mxa_wire_answer *out, enum mxa_dns_status status, const char *detail)
{
	out->kind = MXA_WIRE_FAILED;
	out->status = status;
	out->detail = detail;
}

static void set_malformed(struct mxa_wire_answer *out, const struct reader *r)
{
	set_failed(out, MXA_DNS_MALFORMED, r->error);
}

/* Without a record for the name where the CNAMEs end. */
static void set_negative(const struct reader *r, const struct section *s,
    const struct authority *auth, struct mxa_wire_answer *out)
{
	if (LDNS_RCODE_WIRE(r->p) == LDNS_RCODE_NXDOMAIN)
		out->status = MXA_DNS_NXDOMAIN;
	else if (auth->soa)
		out->status = MXA_DNS_NODATA;
	else if (out->cnames > 0) {
		out->kind = MXA_WIRE_ALIAS;
		return;
	} else if (s->total > 0) {
		/* answers, but none of this name, and no "no" either */
		set_failed(out, MXA_DNS_MALFORMED,
		    "its records belong to other names or types");
		return;
	} else if (auth->ns && !LDNS_RA_WIRE(r->p) && !LDNS_AA_WIRE(r->p)) {
		set_failed(out, MXA_DNS_REFUSED, "it only names other servers");
		return;
	} else
		out->status = MXA_DNS_NODATA;
	lower_ttl(out, auth->soa ? auth->ttl : 0);
}

static void read_body(struct reader *r, const struct mxa_wire_question *q,
    struct mxa_wire_answer *out)
{
	struct authority auth;
	struct section s;

	out->kind = MXA_WIRE_ANSWER;
	out->ttl = UINT32_MAX;
	out->ad = LDNS_AD_WIRE(r->p);
	if (!read_answers(r, q->type, LDNS_ANCOUNT(r->p), &s)) {
		set_malformed(out, r);
		return;
	}
	if (!follow_aliases(&s, out)) {
		set_failed(out, MXA_DNS_SERVFAIL,
		    "CNAMEs that lead in a circle, or too many");
		return;
	}
	collect_records(r->arena, &s, out);
	if (out->n > 0 && LDNS_RCODE_WIRE(r->p) == LDNS_RCODE_NOERROR) {
		out->status = MXA_DNS_DATA;
		out->detail = s.illegal ? ILLEGAL_TXT : NULL;
		return;
	}
	/* a broken answer does not say that there is no record */
	if (s.illegal) {
		set_failed(out, MXA_DNS_MALFORMED, ILLEGAL_TXT);
		return;
	}
	out->n = 0;
	if (!read_authority(r, LDNS_NSCOUNT(r->p), &out->owner, &auth))
		set_malformed(out, r);
	else if (extended_rcode(r, LDNS_ARCOUNT(r->p)) == 0)
		set_negative(r, &s, &auth, out);
	else if (q->edns)
		out->kind = MXA_WIRE_NO_EDNS;
	else
		set_failed(out, MXA_DNS_REFUSED, "an unexpected response code");
}

static const char *rcode_word(unsigned rcode)
{
	switch (rcode) {
	case LDNS_RCODE_FORMERR:
		return "FORMERR";
	case LDNS_RCODE_SERVFAIL:
		return "SERVFAIL";
	case LDNS_RCODE_NOTIMPL:
		return "NOTIMP";
	case LDNS_RCODE_REFUSED:
		return "REFUSED";
	default:
		return "an unexpected response code";
	}
}

/* A server that does not know EDNS says FORMERR or NOTIMP (RFC 6891
 * section 7), perhaps with a header and nothing else. */
static bool rejects_edns(
    const struct mxa_wire_question *q, const uint8_t *packet)
{
	unsigned rcode = LDNS_RCODE_WIRE(packet);

	return q->edns &&
	    (rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL);
}

/* Whether the question in the packet is ours; sets r->error when there is
 * none that can be read. */
static bool our_question(struct reader *r, const struct mxa_wire_question *q)
{
	struct mxa_wire_name name;

	r->at = HEADER;
	if (LDNS_QDCOUNT(r->p) != 1)
		return set_error(r, "it does not repeat the question");
	if (!read_name(r, &name))
		return false;
	if (r->len - r->at < 4)
		return set_error(r, "it ends inside the question");
	r->at += 4;
	return name_eq(&name, &q->name) &&
	    ldns_read_uint16(r->p + r->at - 4) == q->type &&
	    ldns_read_uint16(r->p + r->at - 2) == LDNS_RR_CLASS_IN;
}

void mxa_wire_read(const uint8_t *packet, size_t len,
    const struct mxa_wire_question *q, struct mxa_arena *a,
    struct mxa_wire_answer *out)
{
	struct reader r = { .p = packet, .len = len, .arena = a };
	unsigned rcode;

	*out = (struct mxa_wire_answer){ .kind = MXA_WIRE_FOREIGN,
		.owner = q->name };
	if (len < HEADER || LDNS_ID_WIRE(packet) != q->id ||
	    !LDNS_QR_WIRE(packet) ||
	    LDNS_OPCODE_WIRE(packet) != LDNS_PACKET_QUERY)
		return;
	rcode = LDNS_RCODE_WIRE(packet);
	if (rejects_edns(q, packet) &&
	    (LDNS_QDCOUNT(packet) == 0 || our_question(&r, q))) {
		out->kind = MXA_WIRE_NO_EDNS;
		return;
	}
	if (!our_question(&r, q)) {
		if (r.error != NULL)
			set_malformed(out, &r);
		return;
	}
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN)
		set_failed(out,
		    rcode == LDNS_RCODE_SERVFAIL ? MXA_DNS_SERVFAIL
						 : MXA_DNS_REFUSED,
		    rcode_word(rcode));
	else if (LDNS_TC_WIRE(packet))
		out->kind = MXA_WIRE_TRUNCATED;
	else
		read_body(&r, q, out);
}
