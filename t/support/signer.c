/* signer.c - see signer.h. */
#include "t/support/signer.h"

#include <inttypes.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/support/refcanon.h"

#define MAX_FIELDS 32000
#define CEILING ((size_t)256 << 20)

struct message {
	struct mxa_str field[MAX_FIELDS];
	size_t n;
	struct mxa_str body;
};

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "signer: %s\n", what);
	abort();
}

static bool at_line_start(struct mxa_str s, size_t i)
{
	return i >= 2 && s.p[i - 2] == '\r' && s.p[i - 1] == '\n';
}

/* Fields without their final CRLF, and the body. */
static struct message *split(struct mxa_arena *a, struct mxa_str text)
{
	struct message *m = mxa_arena_calloc(a, 1, sizeof(*m));
	size_t from = 0;

	m->body = MXA_STR("");
	while (from < text.len) {
		size_t end = from + 1;

		if (text.len - from >= 2 && text.p[from] == '\r') {
			m->body = mxa_str_sub(text, from + 2, text.len);
			break;
		}
		while (end < text.len &&
		    !(at_line_start(text, end) && !mxa_is_wsp(text.p[end])))
			end++;
		need(m->n < MAX_FIELDS, "too many fields");
		m->field[m->n++] = mxa_str_sub(
		    text, from, at_line_start(text, end) ? end - 2 : end);
		from = end;
	}
	return m;
}

static struct mxa_str name_of(struct mxa_str field)
{
	return mxa_str_trim(mxa_str_sub(field, 0, mxa_str_chr(field, ':', 0)));
}

struct mxa_str sign_base64(struct mxa_arena *a, const void *p, size_t len)
{
	char *out = mxa_arena_alloc(a, len / 3 * 4 + 5);
	int n = EVP_EncodeBlock((unsigned char *)out, p, (int)len);

	return mxa_str_make(out, (size_t)n);
}

/* --- the signature --- */

static const char *algorithm_of(const struct sign_options *o)
{
	if (o->algorithm != NULL)
		return o->algorithm;
	return EVP_PKEY_get_base_id(o->key) == EVP_PKEY_ED25519
	    ? "ed25519-sha256"
	    : "rsa-sha256";
}

static const EVP_MD *md_of(const struct sign_options *o)
{
	return strstr(algorithm_of(o), "sha1") ? EVP_sha1() : EVP_sha256();
}

static struct mxa_str digest(
    struct mxa_arena *a, const struct sign_options *o, struct mxa_str text)
{
	unsigned char *out = mxa_arena_alloc(a, EVP_MAX_MD_SIZE);
	unsigned len = 0;

	need(EVP_Digest(text.p, text.len, out, &len, md_of(o), NULL) == 1,
	    "no digest");
	return mxa_str_make((char *)out, len);
}

/* RSA signs the digest of 'text' as PKCS#1 wants it, Ed25519 the digest as its
 * message (RFC 8463 section 3). */
static struct mxa_str signature(
    struct mxa_arena *a, const struct sign_options *o, struct mxa_str text)
{
	bool ed25519 = EVP_PKEY_get_base_id(o->key) == EVP_PKEY_ED25519;
	struct mxa_str signed_text = ed25519 ? digest(a, o, text) : text;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = (size_t)EVP_PKEY_get_size(o->key);
	unsigned char *out = mxa_arena_alloc(a, len);

	need(EVP_DigestSignInit(
		 ctx, NULL, ed25519 ? NULL : md_of(o), NULL, o->key) == 1 &&
		EVP_DigestSign(ctx, out, &len,
		    (const unsigned char *)signed_text.p, signed_text.len) == 1,
	    "cannot sign");
	EVP_MD_CTX_free(ctx);
	return sign_base64(a, out, len);
}

static bool relaxed_header(const struct sign_options *o)
{
	return o->canon == NULL || strncmp(o->canon, "relaxed", 7) == 0;
}

static bool relaxed_body(const struct sign_options *o)
{
	return o->canon == NULL || strstr(o->canon, "/relaxed") != NULL;
}

static struct mxa_str body_hash(
    struct mxa_arena *a, const struct sign_options *o, const struct message *m)
{
	struct mxa_str body = ref_canon_body(a, relaxed_body(o), m->body);
	struct mxa_str hash;

	if (o->bh != NULL)
		return mxa_str_from(o->bh);
	if (o->length != NULL)
		body =
		    mxa_str_sub(body, 0, (size_t)strtoull(o->length, NULL, 10));
	hash = digest(a, o, body);
	return sign_base64(a, hash.p, hash.len);
}

static const char *headers_of(const struct sign_options *o)
{
	return o->headers ? o->headers : "from:to:subject:date";
}

/* The field that h= names next: from the bottom, each once. */
static size_t pick(
    const struct message *m, struct mxa_str name, const bool *used)
{
	for (size_t i = m->n; i > 0; i--)
		if (!used[i - 1] &&
		    mxa_str_caseeq(name_of(m->field[i - 1]), name))
			return i - 1;
	return m->n;
}

static void add_signed_fields(struct mxa_arena *a, struct mxa_buf *b,
    const struct sign_options *o, const struct message *m)
{
	struct mxa_str list = mxa_str_from(headers_of(o));
	bool *used = mxa_arena_calloc(a, m->n + 1, sizeof(*used));
	size_t from = 0;

	while (from <= list.len) {
		size_t colon = mxa_str_chr(list, ':', from);
		struct mxa_str name =
		    mxa_str_trim(mxa_str_sub(list, from, colon));
		size_t i = pick(m, name, used);

		from = colon + 1;
		if (i == m->n)
			continue;
		used[i] = true;
		mxa_buf_addstr(
		    b, ref_canon_header(a, relaxed_header(o), m->field[i]));
		mxa_buf_adds(b, "\r\n");
	}
}

static void add_optional_tags(struct mxa_buf *b, const struct sign_options *o)
{
	if (o->time != 0)
		mxa_buf_printf(b, " t=%" PRId64 ";", o->time);
	if (o->length != NULL)
		mxa_buf_printf(b, " l=%s;", o->length);
	if (o->extra != NULL)
		mxa_buf_printf(b, " %s;", o->extra);
}

/* "unsigned field" + b= folded. */
static struct mxa_str with_b(
    struct mxa_arena *a, struct mxa_str field, struct mxa_str b)
{
	struct mxa_buf out;

	mxa_buf_init(&out, a, CEILING);
	mxa_buf_addstr(&out, field);
	for (size_t i = 0; i < b.len; i += 64) {
		mxa_buf_adds(&out, i ? "\r\n\t" : "");
		mxa_buf_addstr(&out, mxa_str_sub(b, i, i + 64));
	}
	mxa_buf_adds(&out, "\r\n");
	return mxa_buf_str(&out);
}

/* Sign with the field whose b= is still empty as the last one. */
static struct mxa_str sign_with(struct mxa_arena *a,
    const struct sign_options *o, const struct message *m, struct mxa_str field)
{
	struct mxa_buf covered;

	mxa_buf_init(&covered, a, CEILING);
	add_signed_fields(a, &covered, o, m);
	mxa_buf_addstr(&covered, ref_canon_header(a, relaxed_header(o), field));
	return with_b(a, field, signature(a, o, mxa_buf_str(&covered)));
}

static void add_message_tags(struct mxa_arena *a, struct mxa_buf *b,
    const struct sign_options *o, const struct message *m)
{
	mxa_buf_printf(b, " a=%s;", algorithm_of(o));
	if (o->canon == NULL || *o->canon != '\0')
		mxa_buf_printf(
		    b, " c=%s;", o->canon ? o->canon : "relaxed/relaxed");
	mxa_buf_printf(b, "\r\n\td=%s; s=%s;", o->domain, o->selector);
	add_optional_tags(b, o);
	mxa_buf_printf(b, "\r\n\th=%s;\r\n\tbh=", headers_of(o));
	mxa_buf_addstr(b, body_hash(a, o, m));
	mxa_buf_adds(b, ";\r\n\tb=");
}

struct mxa_str sign_dkim(
    struct mxa_arena *a, struct mxa_str message, const struct sign_options *o)
{
	struct message *m = split(a, message);
	struct mxa_buf b;

	mxa_buf_init(&b, a, CEILING);
	mxa_buf_adds(&b, "DKIM-Signature:");
	if (o->version == NULL || *o->version != '\0')
		mxa_buf_printf(&b, " v=%s;", o->version ? o->version : "1");
	if (o->identity != NULL)
		mxa_buf_printf(&b, " i=%s;", o->identity);
	add_message_tags(a, &b, o, m);
	return sign_with(a, o, m, mxa_buf_str(&b));
}

/* --- ARC (RFC 8617 section 5.1) --- */

static bool is_instance(struct mxa_str field, const char *name, unsigned i)
{
	char wanted[32];
	size_t colon = mxa_str_chr(field, ':', 0);

	snprintf(wanted, sizeof(wanted), "i=%u;", i);
	return mxa_str_caseis(name_of(field), name) &&
	    mxa_str_starts(
		mxa_str_trim(mxa_str_sub(field, colon + 1, field.len)),
		mxa_str_from(wanted));
}

static void add_set(struct mxa_arena *a, struct mxa_buf *b,
    const struct message *m, unsigned instance)
{
	static const char *const names[] = { "ARC-Authentication-Results",
		"ARC-Message-Signature", "ARC-Seal" };

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < m->n; i++)
			if (is_instance(m->field[i], names[k], instance)) {
				mxa_buf_addstr(
				    b, ref_canon_header(a, true, m->field[i]));
				mxa_buf_adds(b, "\r\n");
			}
}

static struct mxa_str seal(struct mxa_arena *a, const struct message *m,
    const struct sign_options *o, const struct sign_arc *arc,
    struct mxa_str aar, struct mxa_str ams)
{
	struct mxa_buf field, covered;

	mxa_buf_init(&field, a, CEILING);
	mxa_buf_printf(&field, "ARC-Seal: i=%u; a=%s; cv=%s; d=%s; s=%s;",
	    arc->instance, algorithm_of(o), arc->cv, o->domain, o->selector);
	if (arc->seal_extra != NULL)
		mxa_buf_printf(&field, " %s;", arc->seal_extra);
	mxa_buf_adds(&field, "\r\n\tb=");
	mxa_buf_init(&covered, a, CEILING);
	for (unsigned i = 1; i < arc->instance && strcmp(arc->cv, "fail"); i++)
		add_set(a, &covered, m, i);
	mxa_buf_addstr(&covered, ref_canon_header(a, true, aar));
	mxa_buf_adds(&covered, "\r\n");
	mxa_buf_addstr(&covered,
	    ref_canon_header(a, true, mxa_str_sub(ams, 0, ams.len - 2)));
	mxa_buf_adds(&covered, "\r\n");
	mxa_buf_addstr(
	    &covered, ref_canon_header(a, true, mxa_buf_str(&field)));
	return with_b(
	    a, mxa_buf_str(&field), signature(a, o, mxa_buf_str(&covered)));
}

struct mxa_str sign_arc(struct mxa_arena *a, struct mxa_str message,
    const struct sign_options *o, const struct sign_arc *arc)
{
	struct message *m = split(a, message);
	struct mxa_buf field, out;
	struct mxa_str aar, ams;

	aar = mxa_str_from(mxa_arena_printf(a,
	    "ARC-Authentication-Results: i=%u; %s", arc->instance, arc->aar));
	mxa_buf_init(&field, a, CEILING);
	mxa_buf_printf(&field, "ARC-Message-Signature: i=%u;", arc->instance);
	add_message_tags(a, &field, o, m);
	ams = sign_with(a, o, m, mxa_buf_str(&field));
	mxa_buf_init(&out, a, CEILING);
	mxa_buf_addstr(&out, seal(a, m, o, arc, aar, ams));
	mxa_buf_addstr(&out, ams);
	mxa_buf_addstr(&out, aar);
	mxa_buf_adds(&out, "\r\n");
	return mxa_buf_str(&out);
}

/* --- keys --- */

EVP_PKEY *sign_key_load(const char *path)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *key;

	if (f == NULL)
		return NULL;
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	return key;
}

struct mxa_str sign_key_record(struct mxa_arena *a, EVP_PKEY *key)
{
	bool ed25519 = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	unsigned char *der = NULL, raw[32];
	size_t raw_len = sizeof(raw);
	struct mxa_str p;

	if (ed25519) {
		need(EVP_PKEY_get_raw_public_key(key, raw, &raw_len) == 1,
		    "no public key");
		p = sign_base64(a, raw, raw_len);
	} else {
		int len = i2d_PUBKEY(key, &der);

		need(len > 0, "no public key");
		p = sign_base64(a, der, (size_t)len);
		OPENSSL_free(der);
	}
	return mxa_str_from(mxa_arena_printf(a, "v=DKIM1; k=%s; p=%.*s",
	    ed25519 ? "ed25519" : "rsa", MXA_STR_ARG(p)));
}

struct mxa_str sign_key_strings(struct mxa_arena *a, struct mxa_str record)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, CEILING);
	for (size_t i = 0; i == 0 || i < record.len; i += 255) {
		mxa_buf_adds(&b, i ? " \"" : "\"");
		mxa_buf_addstr(&b, mxa_str_sub(record, i, i + 255));
		mxa_buf_addc(&b, '"');
	}
	return mxa_buf_str(&b);
}
