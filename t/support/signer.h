/* signer.h - signs for the tests: DKIM-Signature fields and ARC sets.  Its
 * canonicalisation is refcanon.c, not the library's, so that a signature that
 * verifies has been computed twice. */
#ifndef MXA_T_SIGNER_H
#define MXA_T_SIGNER_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_arena;

struct sign_options {
	EVP_PKEY *key;
	const char *domain;
	const char *selector;
	const char *algorithm; /* NULL: rsa-sha256, or ed25519-sha256 by key */
	const char *canon;     /* NULL: "relaxed/relaxed"; "": no c= */
	const char *headers;   /* h=; NULL: "from:to:subject:date" */
	const char *identity;  /* i=; NULL: none */
	const char *extra;     /* further tags, "x=1; z=2"; NULL: none */
	const char *length;    /* l= as text; NULL: none */
	int64_t time;	       /* t=; 0: none */
	/* replace what the signer would write, to make it wrong */
	const char *version; /* "1"; "" leaves the tag out */
	const char *bh;
};

/* 'message' with CRLF line ends.  The field with its CRLF, to be put on top of
 * the message. */
struct mxa_str sign_dkim(
    struct mxa_arena *a, struct mxa_str message, const struct sign_options *o);

struct sign_arc {
	unsigned instance;
	const char *cv;		/* "none", "pass", "fail" */
	const char *aar;	/* "mx.example.net; dmarc=pass …" */
	const char *seal_extra; /* further tags of the seal; NULL: none */
};

/* The three fields of a set, to be put on top; 'message' holds the sets below
 * it. */
struct mxa_str sign_arc(struct mxa_arena *a, struct mxa_str message,
    const struct sign_options *o, const struct sign_arc *arc);

/* A PEM private key, or NULL. */
EVP_PKEY *sign_key_load(const char *path);

/* The TXT record of a key: "v=DKIM1; k=rsa; p=…". */
struct mxa_str sign_key_record(struct mxa_arena *a, EVP_PKEY *key);

/* 'record' as the strings of a TXT record in a zone file: "…" "…", each at most
 * 255 octets. */
struct mxa_str sign_key_strings(struct mxa_arena *a, struct mxa_str record);

/* SHA-256 in base64, for bodies made by hand. */
struct mxa_str sign_base64(struct mxa_arena *a, const void *p, size_t len);

#endif
