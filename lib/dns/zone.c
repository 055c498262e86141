/* zone.c - answers out of a zone file.  Nothing here waits or has a thread:
 * every question is answered at once, a played delay is left to dns.c. */
#include "dns/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "dns/source.h"
#include "base/table.h"
#include "dns/wire.h"
#include "dns/zonefile.h"

#define MAX_FILE ((size_t)64 << 20)
#define NEGATIVE_TTL 300 /* where no SOA says otherwise */
#define SOA_MINIMUM 6	 /* index of that field */

struct rrset {
	struct rrset *next;
	unsigned type;
	uint32_t ttl;
	struct mxa_dns_record *rr;
	size_t n, room;
};

/* A played fault. */
struct fault {
	struct fault *next;
	unsigned type; /* 0: every */
	enum { FAIL, DELAY, TTL0 } kind;
	enum mxa_dns_status status; /* FAIL */
	uint32_t ms;		    /* DELAY */
};

/* A name that exists, if only because there are names below it, or one that
 * has faults ("*.NAME": those of everything below). */
struct node {
	struct mxa_link link;
	struct mxa_str name;
	bool exists;
	bool soa;
	uint32_t negative_ttl; /* with 'soa' */
	struct rrset *sets;
	struct fault *faults;
};

struct zone {
	struct mxa_dns dns; /* first */
	struct mxa_arena *arena;
	struct mxa_table nodes;
};

/* --- the names --- */

static struct node *node_find(const struct zone *z, struct mxa_str name)
{
	uint64_t hash = mxa_table_hash(z->dns.key, name.p, name.len, 0);
	struct mxa_link *l = mxa_table_first(&z->nodes, hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct node *n = MXA_OWNER(l, struct node, link);

		if (mxa_str_eq(n->name, name))
			return n;
	}
	return NULL;
}

static struct node *node_get(struct zone *z, struct mxa_str name)
{
	struct node *n = node_find(z, name);

	if (n != NULL)
		return n;
	n = mxa_arena_calloc(z->arena, 1, sizeof(*n));
	n->name = mxa_str_dup(z->arena, name);
	mxa_table_add(&z->nodes, &n->link,
	    mxa_table_hash(z->dns.key, name.p, name.len, 0));
	return n;
}

/* The name without its first label; false at the root. */
static bool parent_name(struct mxa_str *name)
{
	if (name->len == 0)
		return false;
	*name = mxa_str_sub(*name, mxa_str_chr(*name, '.', 0) + 1, name->len);
	return true;
}

/* The node "*.NAME".  Names hold any octets, so no printf. */
static struct node *wildcard_below(const struct zone *z, struct mxa_str name)
{
	char space[MXA_NAME_TEXT + 2] = "*.";

	if (name.len == 0)
		return node_find(z, MXA_STR("*"));
	if (name.len > MXA_NAME_TEXT)
		return NULL;
	memcpy(space + 2, name.p, name.len);
	return node_find(z, mxa_str_make(space, 2 + name.len));
}

/* --- filling it --- */

static struct rrset *rrset_find(const struct node *n, unsigned type)
{
	struct rrset *s = n->sets;

	while (s != NULL && s->type != type)
		s = s->next;
	return s;
}

static void rrset_add(struct zone *z, struct node *n, unsigned type,
    uint32_t ttl, const struct mxa_dns_record *rr)
{
	struct rrset *s = rrset_find(n, type);

	if (s == NULL) {
		s = mxa_arena_calloc(z->arena, 1, sizeof(*s));
		*s =
		    (struct rrset){ .next = n->sets, .type = type, .ttl = ttl };
		n->sets = s;
	}
	s->rr = mxa_arena_room(z->arena, s->rr, s->n, &s->room, sizeof(*rr));
	s->rr[s->n++] = *rr;
	if (ttl < s->ttl)
		s->ttl = ttl;
}

static struct mxa_str name_of(struct zone *z, const ldns_rdf *name)
{
	char space[MXA_NAME_TEXT];

	return mxa_str_dup(z->arena,
	    mxa_name_from_wire(
		ldns_rdf_data(name), ldns_rdf_size(name), space));
}

static struct mxa_ip rdf_address(const ldns_rdf *f, uint8_t family)
{
	struct mxa_ip ip = { .family = family };
	size_t len = family == 4 ? 4 : 16;

	if (ldns_rdf_size(f) == len)
		memcpy(ip.b, ldns_rdf_data(f), len);
	return ip;
}

/* Whether field 'i' is there and of that type: the generic form of RFC 3597
 * makes ldns leave fields out. */
static bool has_field(const ldns_rr *rr, size_t i, ldns_rdf_type type)
{
	const ldns_rdf *f = ldns_rr_rdf(rr, i);

	return f != NULL && ldns_rdf_get_type(f) == type;
}

static bool has_fields(const ldns_rr *rr)
{
	switch (ldns_rr_get_type(rr)) {
	case LDNS_RR_TYPE_A:
		return has_field(rr, 0, LDNS_RDF_TYPE_A);
	case LDNS_RR_TYPE_AAAA:
		return has_field(rr, 0, LDNS_RDF_TYPE_AAAA);
	case LDNS_RR_TYPE_MX:
		return has_field(rr, 0, LDNS_RDF_TYPE_INT16) &&
		    has_field(rr, 1, LDNS_RDF_TYPE_DNAME);
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_CNAME:
		return has_field(rr, 0, LDNS_RDF_TYPE_DNAME);
	case LDNS_RR_TYPE_TXT:
		for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
			if (!has_field(rr, i, LDNS_RDF_TYPE_STR))
				return false;
		return ldns_rr_rd_count(rr) > 0;
	case LDNS_RR_TYPE_SOA:
		return has_field(rr, SOA_MINIMUM, LDNS_RDF_TYPE_PERIOD);
	default:
		return true;
	}
}

static void note_soa(struct node *n, const ldns_rr *rr)
{
	uint32_t ttl = ldns_rr_ttl(rr);
	uint32_t minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, SOA_MINIMUM));

	n->soa = true;
	n->negative_ttl = minimum < ttl ? minimum : ttl;
}

static const char *zone_record(
    void *ctx, const ldns_rdf *owner, const ldns_rr *rr)
{
	struct zone *z = ctx;
	struct mxa_str name = name_of(z, owner);
	struct node *n = node_get(z, name);
	unsigned type = ldns_rr_get_type(rr);
	struct mxa_dns_record out = { .text = MXA_STR_NONE };

	if (!has_fields(rr))
		return "the record's data are incomplete";
	do
		node_get(z, name)->exists = true;
	while (parent_name(&name));
	switch (type) {
	case LDNS_RR_TYPE_A:
		out.ip = rdf_address(ldns_rr_rdf(rr, 0), 4);
		break;
	case LDNS_RR_TYPE_AAAA:
		out.ip = rdf_address(ldns_rr_rdf(rr, 0), 6);
		break;
	case LDNS_RR_TYPE_MX:
		out.preference = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
		out.text = name_of(z, ldns_rr_rdf(rr, 1));
		break;
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_CNAME:
		out.text = name_of(z, ldns_rr_rdf(rr, 0));
		break;
	case LDNS_RR_TYPE_TXT:
		out.text = mxa_wire_strings(z->arena, rr);
		break;
	case LDNS_RR_TYPE_SOA:
		note_soa(n, rr);
		return NULL;
	default:
		return NULL; /* the name exists, nobody asks for the type */
	}
	rrset_add(z, n, type, ldns_rr_ttl(rr), &out);
	return NULL;
}

/* --- faults --- */

static struct mxa_str next_fault_word(struct mxa_str *s)
{
	struct mxa_str word;
	size_t end = 0;

	*s = mxa_str_trim(*s);
	while (end < s->len && !mxa_is_space(s->p[end]))
		end++;
	word = mxa_str_sub(*s, 0, end);
	*s = mxa_str_trim(mxa_str_sub(*s, end, s->len));
	return word;
}

static bool fault_kind(struct mxa_str word, struct fault *f)
{
	static const struct {
		const char *word;
		struct fault fault;
	} rows[] = {
		{ "servfail", { .kind = FAIL, .status = MXA_DNS_SERVFAIL } },
		{ "refused", { .kind = FAIL, .status = MXA_DNS_REFUSED } },
		{ "timeout", { .kind = FAIL, .status = MXA_DNS_TIMEOUT } },
		{ "malformed", { .kind = FAIL, .status = MXA_DNS_MALFORMED } },
		{ "delay", { .kind = DELAY } },
		{ "ttl0", { .kind = TTL0 } },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(rows); i++) {
		if (mxa_str_caseis(word, rows[i].word)) {
			*f = rows[i].fault;
			return true;
		}
	}
	return false;
}

static bool type_named(struct mxa_str word, unsigned *type)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_PTR,
		MXA_DNS_MX, MXA_DNS_TXT, MXA_DNS_AAAA };

	for (size_t i = 0; i < MXA_ARRAY_LEN(types); i++) {
		if (mxa_str_caseis(word, mxa_dns_type_name(types[i]))) {
			*type = types[i];
			return true;
		}
	}
	return false;
}

static const char *zone_fault(void *ctx, struct mxa_str words)
{
	struct zone *z = ctx;
	char space[MXA_ASKED_NAME];
	struct fault f, *kept;
	struct mxa_str name;
	struct node *n;
	uint64_t ms;

	if (!fault_kind(next_fault_word(&words), &f))
		return "no such fault";
	if (f.kind == DELAY) {
		if (!mxa_str_u64(next_fault_word(&words), UINT32_MAX, &ms))
			return "the delay is no number";
		f.ms = (uint32_t)ms;
	}
	if (!mxa_name_asked(next_fault_word(&words), space, &name))
		return "the fault needs a domain name";
	if (words.len > 0 && !type_named(next_fault_word(&words), &f.type))
		return "no such type";
	if (words.len > 0)
		return "text behind the fault";
	n = node_get(z, name);
	kept = mxa_arena_alloc(z->arena, sizeof(*kept));
	f.next = n->faults;
	*kept = f;
	n->faults = kept;
	return NULL;
}

/* The faults of a name: its own, else those of the nearest "*." above. */
static const struct fault *faults_for(const struct zone *z, struct mxa_str name)
{
	const struct node *n = node_find(z, name);

	while ((n == NULL || n->faults == NULL) && parent_name(&name))
		n = wildcard_below(z, name);
	return n != NULL ? n->faults : NULL;
}

/* --- answering --- */

/* The node that answers for a name: itself, or the wildcard next to its
 * closest encloser (RFC 4592); NULL: the name does not exist. */
static const struct node *match_node(const struct zone *z, struct mxa_str name)
{
	const struct node *n = node_find(z, name);

	if (n != NULL && n->exists)
		return n;
	while (parent_name(&name)) {
		n = node_find(z, name);
		if (name.len == 0 || (n != NULL && n->exists))
			break;
	}
	n = wildcard_below(z, name);
	return n != NULL && n->exists ? n : NULL;
}

static uint32_t negative_ttl(const struct zone *z, struct mxa_str name)
{
	do {
		const struct node *n = node_find(z, name);

		if (n != NULL && n->soa)
			return n->negative_ttl;
	} while (parent_name(&name));
	return NEGATIVE_TTL;
}

static uint32_t smaller_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Plays what concerns the type; true: the answer is a failure. */
static bool play_fault(
    const struct fault *f, struct mxa_dns_answer *out, uint32_t *ceiling)
{
	for (; f != NULL; f = f->next) {
		if (f->type != 0 && f->type != out->type)
			continue;
		switch (f->kind) {
		case FAIL:
			out->status = f->status;
			break;
		case DELAY:
			out->ms += f->ms;
			break;
		case TTL0:
			*ceiling = 0;
			break;
		}
	}
	return mxa_dns_failed(out->status);
}

/* Fills in everything but 'name' and 'type', which are given. */
static void resolve_question(const struct zone *z, struct mxa_dns_answer *out)
{
	struct mxa_str name = out->name;
	uint32_t ttl = UINT32_MAX;

	for (int chain = 0; chain <= MXA_MAX_CNAMES; chain++) {
		const struct node *n;
		const struct rrset *s;

		out->canonical = name;
		out->status = MXA_DNS_DATA;
		if (play_fault(faults_for(z, name), out, &ttl)) {
			out->detail = MXA_STR("played by the zone file");
			return;
		}
		n = match_node(z, name);
		s = n != NULL ? rrset_find(n, out->type) : NULL;
		if (s != NULL) {
			out->rr = s->rr;
			out->n = s->n < MXA_MAX_DNS_RECORDS
			    ? s->n
			    : MXA_MAX_DNS_RECORDS;
			out->ttl = smaller_of(ttl, s->ttl);
			return;
		}
		s = n != NULL ? rrset_find(n, LDNS_RR_TYPE_CNAME) : NULL;
		if (s == NULL) {
			out->status = n ? MXA_DNS_NODATA : MXA_DNS_NXDOMAIN;
			out->ttl = smaller_of(ttl, negative_ttl(z, name));
			return;
		}
		ttl = smaller_of(ttl, s->ttl);
		name = s->rr[0].text;
	}
	out->status = MXA_DNS_SERVFAIL;
	out->detail = MXA_STR("CNAMEs that lead in a circle, or too many");
}

/* --- the source --- */

static const struct mxa_dns_answer *zone_find(
    struct mxa_dns *d, const struct mxa_question *q)
{
	(void)d;
	(void)q;
	return NULL; /* there is no cache: unasked is unanswered */
}

static struct mxa_ask zone_ask(struct mxa_dns *d, const struct mxa_question *q,
    struct mxa_sub *s, bool may_start)
{
	struct mxa_dns_answer out = { .name = q->name, .type = q->type };

	(void)s;
	if (!may_start)
		return (struct mxa_ask){ .how = MXA_ASKED_NOT };
	resolve_question((struct zone *)d, &out);
	return (struct mxa_ask){ .how = MXA_ASKED_ANSWERED,
		.answer = mxa_answer_new(&out),
		.delay_ms = out.ms };
}

static bool zone_cancel(struct mxa_dns *d, struct mxa_sub *s)
{
	(void)d;
	(void)s;
	return true; /* nothing is ever in flight */
}

static void zone_free(struct mxa_dns *d)
{
	struct zone *z = (struct zone *)d;

	mxa_table_done(&z->nodes);
	mxa_arena_free(z->arena);
	free(z);
}

static const struct mxa_dns_ops zone_ops = {
	.find = zone_find,
	.ask = zone_ask,
	.cancel = zone_cancel,
	.free = zone_free,
};

struct mxa_dns *mxa_dns_zone_text(const char *name, struct mxa_str text,
    const struct mxa_clock *clock, char **error)
{
	struct zone *z = mxa_xcalloc(1, sizeof(*z));
	struct mxa_zonefile_sink sink = { zone_record, zone_fault, z };

	(void)clock; /* nothing here is forgotten with time */
	mxa_dns_init(&z->dns, &zone_ops, MXA_MAX_WAITING);
	z->arena = mxa_arena_new();
	mxa_table_init(&z->nodes);
	*error = mxa_zonefile_read(name, text, &sink);
	if (*error == NULL)
		return &z->dns;
	zone_free(&z->dns);
	return NULL;
}

/* A file's text in the arena; false: errno tells. */
static bool read_zone_file(
    struct mxa_arena *a, const char *path, struct mxa_str *out)
{
	FILE *f = fopen(path, "rb");
	char chunk[8192];
	struct mxa_buf b;
	size_t got;

	if (f == NULL)
		return false;
	mxa_buf_init(&b, a, MAX_FILE);
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, got);
	if (b.full)
		errno = EFBIG;
	*out = mxa_buf_str(&b);
	return !(ferror(f) | fclose(f)) && !b.full;
}

struct mxa_dns *mxa_dns_zone_open(
    const char *file, const struct mxa_clock *clock, char **error)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_dns *d = NULL;
	struct mxa_str text;
	char reason[128];

	if (read_zone_file(a, file, &text))
		d = mxa_dns_zone_text(file, text, clock, error);
	else
		*error = mxa_xstrdup(mxa_arena_printf(a, "%s: %s", file,
		    strerror_r(errno, reason, sizeof(reason))));
	mxa_arena_free(a);
	return d;
}
