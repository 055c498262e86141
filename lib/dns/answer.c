/* answer.c - counted answers, and what is decoded from them. */
#include "dns/answer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* What a key (2.4 KB of RSA with 2048 bits, once it has verified something) or
 * a parsed record takes beside the text it came from; charged in advance, since
 * the cache is not told of it later. */
#define DECODED_BYTES 2560

struct decoded {
	_Atomic(void *) value;
	void (*drop)(void *);
};

struct answer {
	struct mxa_dns_answer pub; /* first: callers hold a pointer to it */
	atomic_uint count;
	size_t bytes;
	pthread_mutex_t decoding; /* held by the thread that decodes */
	struct decoded slots[MXA_SLOTS];
};

const char *mxa_dns_type_name(enum mxa_dns_type t)
{
	switch (t) {
	case MXA_DNS_A:
		return "A";
	case MXA_DNS_PTR:
		return "PTR";
	case MXA_DNS_MX:
		return "MX";
	case MXA_DNS_TXT:
		return "TXT";
	case MXA_DNS_AAAA:
		return "AAAA";
	}
	return "?";
}

const char *mxa_dns_status_name(enum mxa_dns_status s)
{
	switch (s) {
	case MXA_DNS_DATA:
		return "data";
	case MXA_DNS_NODATA:
		return "nodata";
	case MXA_DNS_NXDOMAIN:
		return "nxdomain";
	case MXA_DNS_SERVFAIL:
		return "servfail";
	case MXA_DNS_REFUSED:
		return "refused";
	case MXA_DNS_TIMEOUT:
		return "timeout";
	case MXA_DNS_MALFORMED:
		return "malformed";
	case MXA_DNS_BADNAME:
		return "badname";
	case MXA_DNS_SPENT:
		return "spent";
	}
	return "?";
}

bool mxa_dns_failed(enum mxa_dns_status s)
{
	switch (s) {
	case MXA_DNS_SERVFAIL:
	case MXA_DNS_REFUSED:
	case MXA_DNS_TIMEOUT:
	case MXA_DNS_MALFORMED:
	case MXA_DNS_SPENT:
		return true;
	case MXA_DNS_DATA:
	case MXA_DNS_NODATA:
	case MXA_DNS_NXDOMAIN:
	case MXA_DNS_BADNAME:
		return false;
	}
	return true;
}

static struct mxa_str copy_text(char **space, struct mxa_str s)
{
	struct mxa_str out = { *space, s.len };

	if (s.len > 0)
		memcpy(*space, s.p, s.len);
	*space += s.len;
	return out;
}

/* Length of all texts; a canonical name equal to the name is not kept twice. */
static size_t text_bytes(const struct mxa_dns_answer *from)
{
	size_t len = from->name.len + from->canonical.len + from->detail.len;

	for (size_t i = 0; i < from->n; i++)
		len += from->rr[i].text.len;
	return len;
}

const struct mxa_dns_answer *mxa_answer_new(const struct mxa_dns_answer *from)
{
	size_t records = from->n * sizeof(struct mxa_dns_record);
	size_t bytes = sizeof(struct answer) + records + text_bytes(from);
	struct answer *a = mxa_xmalloc(bytes);
	struct mxa_dns_record *rr = (struct mxa_dns_record *)(a + 1);
	char *space = (char *)rr + records;

	memset(a, 0, sizeof(*a));
	a->pub = *from;
	a->bytes = bytes;
	atomic_init(&a->count, 1);
	pthread_mutex_init(&a->decoding, NULL);
	for (size_t i = 0; i < from->n; i++) {
		rr[i] = from->rr[i];
		rr[i].text = copy_text(&space, from->rr[i].text);
	}
	a->pub.rr = rr;
	a->pub.name = copy_text(&space, from->name);
	a->pub.canonical = mxa_str_eq(from->canonical, from->name)
	    ? a->pub.name
	    : copy_text(&space, from->canonical);
	a->pub.detail = copy_text(&space, from->detail);
	return &a->pub;
}

const struct mxa_dns_answer *mxa_answer_failure(struct mxa_str name,
    enum mxa_dns_type type, enum mxa_dns_status status, uint32_t ms,
    const char *detail)
{
	struct mxa_dns_answer from = { .status = status,
		.type = type,
		.name = name,
		.canonical = name,
		.ms = ms,
		.detail = mxa_str_from(detail) };

	return mxa_answer_new(&from);
}

const struct mxa_dns_answer *mxa_answer_ref(const struct mxa_dns_answer *a)
{
	struct answer *own = (struct answer *)a;

	atomic_fetch_add_explicit(&own->count, 1, memory_order_relaxed);
	return a;
}

void mxa_answer_unref(const struct mxa_dns_answer *a)
{
	struct answer *own = (struct answer *)a;

	if (own == NULL ||
	    atomic_fetch_sub_explicit(&own->count, 1, memory_order_acq_rel) > 1)
		return;
	for (int i = 0; i < MXA_SLOTS; i++) {
		void *value = atomic_load(&own->slots[i].value);

		if (value != NULL && own->slots[i].drop != NULL)
			own->slots[i].drop(value);
	}
	pthread_mutex_destroy(&own->decoding);
	free(own);
}

size_t mxa_answer_bytes(const struct mxa_dns_answer *a)
{
	size_t bytes = ((const struct answer *)a)->bytes;

	if (a->type == MXA_DNS_TXT && a->n > 0)
		bytes += DECODED_BYTES;
	return bytes;
}

const void *mxa_dns_decoded(const struct mxa_dns_answer *answer,
    enum mxa_dns_slot slot, void *(*decode)(const struct mxa_dns_answer *),
    void (*drop)(void *))
{
	struct answer *own = (struct answer *)answer;
	struct decoded *d = &own->slots[slot];
	void *value = atomic_load_explicit(&d->value, memory_order_acquire);

	if (value != NULL)
		return value;
	pthread_mutex_lock(&own->decoding);
	value = atomic_load_explicit(&d->value, memory_order_relaxed);
	if (value == NULL) {
		value = decode(answer);
		d->drop = drop;
		atomic_store_explicit(&d->value, value, memory_order_release);
	}
	pthread_mutex_unlock(&own->decoding);
	return value;
}
