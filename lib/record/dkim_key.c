/* dkim_key.c - what is wrong with a key record. */
#include "record/dkim_key.h"

#include <string.h>

#include "base/base64.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/taglist.h"

#define MAX_RECORDS 8 /* judged at one name */

const char *mxa_dkim_key_state_name(enum mxa_dkim_key_state s)
{
	switch (s) {
	case MXA_DKIM_KEY_OK:
		return "ok";
	case MXA_DKIM_KEY_SHORT:
		return "weak";
	case MXA_DKIM_KEY_REVOKED:
		return "revoked";
	case MXA_DKIM_KEY_CUT:
	case MXA_DKIM_KEY_BAD:
		return "syntax";
	case MXA_DKIM_KEY_MISSING:
		return "missing";
	case MXA_DKIM_KEY_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

struct mxa_str mxa_dkim_key_name(
    struct mxa_arena *a, struct mxa_str selector, struct mxa_str domain)
{
	return mxa_str_from(mxa_arena_printf(a, "%.*s._domainkey.%.*s",
	    MXA_STR_ARG(selector), MXA_STR_ARG(domain)));
}

/* The length that the DER object at the start of 'der' says it has (X.690
 * section 8.1.3), with its own two to four octets. */
static size_t der_length(struct mxa_str der)
{
	size_t len = (unsigned char)der.p[1];

	if (len == 0x81)
		return (unsigned char)der.p[2] + 3U;
	if (len == 0x82)
		return ((size_t)(unsigned char)der.p[2] << 8) +
		    (unsigned char)der.p[3] + 4;
	return len + 2;
}

/* Whether p= ends before its own DER says that it does: most often at the 255
 * octets of a TXT string. */
static bool is_cut(struct mxa_arena *a, struct mxa_str record)
{
	const struct mxa_tag *p;
	struct mxa_taglist tags;
	struct mxa_str der;

	(void)mxa_taglist_parse(record, &tags);
	p = mxa_taglist_find(&tags, "p");
	if (p == NULL)
		return false;
	der = p->value;
	der.len -= der.len % 4; /* the last group may be torn */
	return mxa_base64_decode(a, der, &der) && der.len >= 4 &&
	    der.p[0] == 0x30 && der.len < der_length(der);
}

static void take_key(struct mxa_dkim_key *out, const struct mxa_key *key)
{
	out->type = key->type == MXA_KEY_RSA ? "rsa" : "ed25519";
	out->bits = key->bits;
	out->testing = key->testing;
	out->strict = key->strict;
	out->sha256 = key->sha256;
	out->email = key->email;
	out->state = MXA_DKIM_KEY_OK;
	if (key->type == MXA_KEY_RSA && key->bits < MXA_DKIM_SHORT_BITS)
		out->state = MXA_DKIM_KEY_SHORT;
}

void mxa_dkim_key_judge(
    struct mxa_arena *a, struct mxa_str record, struct mxa_dkim_key *out)
{
	struct mxa_key key;

	memset(out, 0, sizeof(*out));
	out->record = mxa_str_dup(a, record);
	mxa_key_parse(record, &key);
	switch (key.state) {
	case MXA_KEY_OK:
		take_key(out, &key);
		break;
	case MXA_KEY_REVOKED:
		out->state = MXA_DKIM_KEY_REVOKED;
		break;
	case MXA_KEY_BAD:
		out->state =
		    is_cut(a, record) ? MXA_DKIM_KEY_CUT : MXA_DKIM_KEY_BAD;
		out->problem = key.problem;
		break;
	}
	mxa_key_done(&key);
}

static bool is_better(
    const struct mxa_dkim_key *one, const struct mxa_dkim_key *two)
{
	if (one->state != two->state)
		return one->state < two->state;
	return one->bits > two->bits;
}

void mxa_dkim_key_look(struct mxa_arena *a, const struct mxa_dns_answer *answer,
    struct mxa_dkim_key *out)
{
	memset(out, 0, sizeof(*out));
	out->record = MXA_STR("");
	out->state = mxa_dns_failed(answer->status) ? MXA_DKIM_KEY_UNKNOWN
						    : MXA_DKIM_KEY_MISSING;
	for (size_t i = 0; i < answer->n && i < MAX_RECORDS; i++) {
		struct mxa_dkim_key key;

		mxa_dkim_key_judge(a, answer->rr[i].text, &key);
		if (i == 0 || is_better(&key, out))
			*out = key;
	}
}

struct mxa_str mxa_dkim_key_without(
    struct mxa_arena *a, struct mxa_str record, const char *tag)
{
	struct mxa_taglist tags;
	struct mxa_dkim_key key;
	struct mxa_buf b;

	if (mxa_taglist_parse(record, &tags) != MXA_OK)
		return MXA_STR("");
	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t i = 0; i < tags.n; i++) {
		if (mxa_str_is(tags.v[i].name, tag))
			continue;
		if (b.len > 0)
			mxa_buf_adds(&b, "; ");
		mxa_buf_addstr(&b, tags.v[i].name);
		mxa_buf_addc(&b, '=');
		mxa_buf_addstr(&b, tags.v[i].value);
	}
	mxa_dkim_key_judge(a, mxa_buf_str(&b), &key);
	return key.state == MXA_DKIM_KEY_OK ? mxa_buf_str(&b) : MXA_STR("");
}
