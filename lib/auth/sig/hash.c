/* hash.c - see hash.h. */
#include "auth/sig/hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "base/arena.h"

/* Fetching an algorithm searches OpenSSL's providers under a lock and costs
 * more than hashing a header: done once in a process, then only read. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static void fetch_digests(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

struct mxa_hash *mxa_hash_new(struct mxa_arena *a)
{
	struct mxa_hash *h = mxa_arena_alloc(a, sizeof(*h));

	pthread_once(&once, fetch_digests);
	h->md = EVP_MD_CTX_new();
	mxa_hash_start(h);
	return h;
}

void mxa_hash_free(struct mxa_hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->md);
	h->md = NULL;
}

void mxa_hash_start(struct mxa_hash *h)
{
	h->n = 0;
	h->failed = h->md == NULL || sha256 == NULL ||
	    EVP_DigestInit_ex2(h->md, sha256, NULL) != 1;
}

static void update_hash(struct mxa_hash *h, const char *p, size_t len)
{
	if (!h->failed && EVP_DigestUpdate(h->md, p, len) != 1)
		h->failed = true;
}

static void flush_hash(struct mxa_hash *h)
{
	if (h->n > 0)
		update_hash(h, h->buf, h->n);
	h->n = 0;
}

void mxa_hash_put(struct mxa_hash *h, const char *p, size_t len)
{
	if (len > sizeof(h->buf) - h->n)
		flush_hash(h);
	if (len < sizeof(h->buf)) {
		memcpy(h->buf + h->n, p, len);
		h->n += len;
	} else {
		update_hash(h, p, len);
	}
}

bool mxa_hash_final(struct mxa_hash *h, uint8_t out[MXA_SHA256])
{
	flush_hash(h);
	return !h->failed && EVP_DigestFinal_ex(h->md, out, NULL) == 1;
}

bool mxa_hash_hex(struct mxa_hash *h, char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[MXA_SHA256] = { 0 };
	bool ok = mxa_hash_final(h, raw);

	for (size_t i = 0; i < n / 2; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[n] = '\0';
	return ok;
}

void mxa_hash_copy(struct mxa_hash *to, struct mxa_hash *from)
{
	flush_hash(from);
	to->n = 0;
	to->failed = from->failed || to->md == NULL ||
	    EVP_MD_CTX_copy_ex(to->md, from->md) != 1;
}

static void sink_put(void *ctx, const char *p, size_t len)
{
	mxa_hash_put(ctx, p, len);
}

struct mxa_canon_sink mxa_hash_sink(struct mxa_hash *h)
{
	return (struct mxa_canon_sink){ sink_put, h };
}
