/* floor.c - the crypto floor. */
#include "t/bench/floor.h"

#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench_floor {
	EVP_PKEY *key;
	EVP_MD *md;
	unsigned char digest[32], sig[512];
	size_t sig_len;
};

static void need(bool ok)
{
	if (ok)
		return;
	fputs("bench: the crypto floor does not work\n", stderr);
	exit(1);
}

struct bench_floor *bench_floor_new(EVP_PKEY *key)
{
	struct bench_floor *f = mxa_xcalloc(1, sizeof(*f));
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	f->key = key;
	f->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	f->sig_len = sizeof(f->sig);
	need(f->md != NULL && ctx != NULL);
	need(EVP_PKEY_sign_init(ctx) == 1);
	need(EVP_PKEY_CTX_set_signature_md(ctx, f->md) == 1);
	need(EVP_PKEY_sign(ctx, f->sig, &f->sig_len, f->digest, 32) == 1);
	EVP_PKEY_CTX_free(ctx);
	return f;
}

void bench_floor_free(struct bench_floor *f)
{
	EVP_MD_free(f->md);
	free(f);
}

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void one(const struct bench_floor *f, const struct bench_message *m)
{
	size_t body = m->header_len + 2;
	unsigned char out[32];

	if (m->signatures > 0)
		EVP_Digest(m->text.p + body, m->text.len - body, out, NULL,
		    f->md, NULL);
	for (unsigned i = 0; i < m->signatures; i++) {
		EVP_PKEY_CTX *ctx =
		    EVP_PKEY_CTX_new_from_pkey(NULL, f->key, NULL);

		EVP_Digest(m->text.p, m->header_len, out, NULL, f->md, NULL);
		EVP_PKEY_verify_init(ctx);
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
		EVP_PKEY_CTX_set_signature_md(ctx, f->md);
		need(EVP_PKEY_verify(ctx, f->sig, f->sig_len, f->digest, 32) ==
		    1);
		EVP_PKEY_CTX_free(ctx);
	}
}

double bench_floor_run(
    struct bench_floor *f, const struct bench_class *of, size_t first, size_t n)
{
	double start = cpu_now();

	for (size_t i = 0; i < n; i++)
		one(f, &of->m[(first + i) % of->n]);
	return cpu_now() - start;
}
