/* sigbench.c - what a signature costs, beside the cryptography alone: SHA-256
 * of body and signed fields and one RSA verification, keys decoded before. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "sigbench: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct mxa_str text_body(size_t len, const char *line)
{
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, len + 200);
	while (b.len < len)
		mxa_buf_adds(&b, line);
	return mxa_buf_str(&b);
}

static struct mxa_str message(size_t fields, size_t body, const char *line)
{
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, (size_t)64 << 20);
	for (size_t i = 0; i < fields; i++)
		mxa_buf_printf(&b,
		    "Received: from mx%zu.example.net (mx%zu.example.net "
		    "[192.0.2.1])\r\n\tby mx.example.com with ESMTPS id "
		    "4XyZ%zu;\r\n\tTue, 1 Sep 2026 00:00:00 +0000\r\n",
		    i, i, i);
	mxa_buf_adds(&b,
	    "From: Ann <ann@example.com>\r\n"
	    "To: Bob <bob@example.net>\r\n"
	    "Subject: a subject of the usual length\r\n"
	    "Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"
	    "Message-ID: <20260901000000.12345@example.com>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n");
	mxa_buf_addstr(&b, text_body(body, line));
	return mxa_buf_str(&b);
}

static const char headers[] = "from:to:subject:date:message-id:mime-version:"
			      "content-type:from:subject";

static struct mxa_str sign(struct mxa_str m, const char *key, unsigned n)
{
	struct sign_options o = { .key = sigcase_key(key),
		.domain = "example.com",
		.selector = key,
		.headers = headers };
	struct mxa_str unsigned_message = m;

	while (n-- > 0)
		m = sigcase_join(
		    &c, sign_dkim(c.arena, unsigned_message, &o), m);
	return m;
}

/* Seconds for one message. */
static double engine(struct mxa_str m, size_t times)
{
	struct mxa_arena *keep = c.arena;
	struct mxa_dkim_verdict v;
	double start = 0;

	c.arena = mxa_arena_new();
	for (size_t i = 0; i <= times; i++) {
		if (i == 1)
			start = now();
		mxa_arena_reset(c.arena);
		sigcase_dkim(&c, m, "example.com", &v);
		for (size_t k = 0; k < v.n; k++)
			need(v.sig[k].result == MXA_DKIM_PASS, "no pass");
	}
	start = (now() - start) / (double)times;
	mxa_arena_free(c.arena);
	c.arena = keep;
	return start;
}

static double crypto_floor(size_t hashed, unsigned signatures, size_t times)
{
	EVP_PKEY *key = sigcase_key("rsa2048");
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	char *bytes = mxa_arena_calloc(c.arena, 1, hashed);
	unsigned char digest[32] = { 0 }, sig[256];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t len = sizeof(sig);
	double start = 0;

	EVP_PKEY_sign_init(ctx);
	EVP_PKEY_CTX_set_signature_md(ctx, md);
	need(EVP_PKEY_sign(ctx, sig, &len, digest, 32) == 1, "cannot sign");
	EVP_PKEY_CTX_free(ctx);
	start = now();
	for (size_t i = 0; i < times; i++) {
		unsigned char out[32];

		EVP_Digest(bytes, hashed, out, NULL, md, NULL);
		for (unsigned k = 0; k < signatures; k++) {
			ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
			EVP_PKEY_verify_init(ctx);
			EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
			EVP_PKEY_CTX_set_signature_md(ctx, md);
			need(EVP_PKEY_verify(ctx, sig, len, digest, 32) == 1,
			    "cannot verify");
			EVP_PKEY_CTX_free(ctx);
		}
	}
	start = (now() - start) / (double)times;
	EVP_MD_free(md);
	return start;
}

#define TEXT                                                        \
	"The quick brown fox jumps over the lazy dog, and goes on " \
	"to the next line.\r\n"
#define BASE64                                                         \
	"TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24s" \
	"IGJ1dCBieSB0aGlz\r\n"

static void line(const char *what, struct mxa_str m, size_t body,
    unsigned signatures, size_t times)
{
	double us = engine(m, times) * 1e6;
	double least = crypto_floor(body + 1200, signatures, times) * 1e6;

	printf("%-34s %10.1f us  floor %10.1f us  %5.2f x\n", what, us, least,
	    us / least);
}

int main(int argc, char **argv)
{
	struct mxa_str small;
	double one, eight;

	sigcase_init(&c);
	c.one_budget = true;
	sigcase_domain(&c, "example.com");
	if (argc == 3) {
		/* for valgrind --tool=callgrind: "engine N", "floor N" */
		size_t times = strtoul(argv[2], NULL, 10);

		if (strcmp(argv[1], "engine") == 0)
			engine(
			    sign(message(8, 6000, TEXT), "rsa2048", 1), times);
		else
			crypto_floor(6000 + 1200, 1, times);
		sigcase_done(&c);
		return 0;
	}
	small = message(8, 6000, TEXT);
	line("small, 1 rsa-2048", sign(small, "rsa2048", 1), 6000, 1, 5000);
	line("small, 8 rsa-2048", sign(small, "rsa2048", 8), 6000, 8, 1000);
	line("medium 50 KB text", sign(message(8, 50000, TEXT), "rsa2048", 1),
	    50000, 1, 2000);
	line("medium 50 KB base64",
	    sign(message(8, 50000, BASE64), "rsa2048", 1), 50000, 1, 2000);
	line("large 3 MB text", sign(message(8, 3000000, TEXT), "rsa2048", 1),
	    3000000, 1, 100);
	line("large 3 MB base64",
	    sign(message(8, 3000000, BASE64), "rsa2048", 1), 3000000, 1, 100);
	line("large 25 MB base64",
	    sign(message(8, 25000000, BASE64), "rsa2048", 1), 25000000, 1, 10);
	one = engine(sign(small, "rsa2048", 1), 3000);
	eight = engine(sign(small, "rsa2048", 9), 1000);
	printf("%-34s %10.1f us\n", "each further rsa-2048 signature",
	    (eight - one) / 8 * 1e6);
	eight = engine(sign(small, "ed25519", 9), 1000);
	one = engine(sign(small, "ed25519", 1), 1000);
	printf("%-34s %10.1f us\n", "each further ed25519 signature",
	    (eight - one) / 8 * 1e6);
	one = engine(sign(message(8, 6000, TEXT), "rsa2048", 1), 3000);
	eight = engine(sign(message(1008, 6000, TEXT), "rsa2048", 1), 1000);
	printf("%-34s %10.3f us\n", "each further header field",
	    (eight - one) / 1000 * 1e6);
	sigcase_done(&c);
	return 0;
}
