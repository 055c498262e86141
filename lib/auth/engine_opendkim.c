/* engine_opendkim.c - DKIM by libopendkim, behind our reading of signatures and
 * keys, our DNS and our limits; the only file with <opendkim/dkim.h>.
 *
 * libopendkim canonicalises, hashes and verifies.  What it gets wrong or leaves
 * to its caller (doc/engines.md) is decided around it: fields are read
 * by auth/sig/tags.c and keys by auth/sig/key.c, so that it sees usable
 * signatures only and, for each, a key that may be used for it. */
#include <opendkim/dkim.h>
#include <pthread.h>
#include <string.h>

#include "auth/dkim_list.h"
#include "auth/engine.h"
#include "auth/sig/canon.h"
#include "auth/sig/key.h"
#include "auth/sig/verify.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "mail/headers.h"
#include "mail/taglist.h"

/* Octets of a canonicalised body: libopendkim counts only as far as l= goes. */
struct tally {
	struct mxa_canon_body body;
	uint64_t octets;
	bool wanted;
};

struct state {
	struct mxa_dkim_list list;
	DKIM *dkim;	       /* NULL: nothing to verify, or closed */
	struct tally tally[2]; /* by enum mxa_canon */
	bool complete;	       /* eoh was called */
	bool fed;	       /* some of the body came */
	char tail[2];	       /* the last two bytes of the body */
	/* while it verifies */
	struct mxa_dkim_verdict *out;
	struct mxa_str key; /* what the next key question answers */
	bool verified;
};

/* --- the library's handle, one for the process --- */

static DKIM_LIB *library;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static DKIM_CBSTAT give_key(
    DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buflen);
static DKIM_CBSTAT verify_all(DKIM *dkim, DKIM_SIGINFO **sigs, int n);

/* Its own checks of t= and x= use the system's clock.  Ours have been made
 * already, so its are given 30 years of drift (not more: t= minus the drift
 * must not become negative). */
#define DRIFT UINT64_C(946080000)

static void open_library(void)
{
	u_int flags = DKIM_LIBFLAGS_BADSIGHANDLES | DKIM_LIBFLAGS_DELAYSIGPROC;
	uint64_t drift = DRIFT;
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	if (lib == NULL)
		return;
	if (dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
		sizeof(flags)) != DKIM_STAT_OK ||
	    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift,
		sizeof(drift)) != DKIM_STAT_OK ||
	    dkim_set_key_lookup(lib, give_key) != DKIM_STAT_OK ||
	    dkim_set_final(lib, verify_all) != DKIM_STAT_OK) {
		dkim_close(lib);
		return;
	}
	library = lib;
}

/* --- while the message arrives --- */

static void *opendkim_begin(
    const struct mxa_engine_env *env, const struct mxa_headers *h)
{
	struct state *st = mxa_arena_calloc(env->arena, 1, sizeof(*st));

	mxa_dkim_list_init(&st->list, env, h);
	return st;
}

static void opendkim_header(void *state, size_t field)
{
	struct state *st = state;

	mxa_dkim_list_header(&st->list, field);
}

static void count_bytes(void *ctx, const char *p, size_t len)
{
	(void)p;
	((struct tally *)ctx)->octets += len;
}

static void want_tally(struct state *st, const struct mxa_sig *s)
{
	struct tally *t = &st->tally[s->body_canon];

	if (!s->has_length || t->wanted)
		return;
	t->wanted = true;
	mxa_canon_body_init(
	    &t->body, s->body_canon, (struct mxa_canon_sink){ count_bytes, t });
}

/* The library ends a field at a NUL and would not see what stands behind it:
 * another byte there makes sure that it is hashed as something else than it
 * was. */
static void feed_field(struct state *st, struct mxa_str raw)
{
	char *p = (char *)raw.p;

	if (memchr(raw.p, '\0', raw.len) != NULL) {
		p = mxa_arena_strdup(st->list.env->arena, raw.p, raw.len);
		for (size_t i = 0; i < raw.len; i++)
			if (p[i] == '\0')
				p[i] = '\x01';
	}
	(void)dkim_header(st->dkim, (u_char *)p, raw.len);
}

/* Every field but the signatures that are not tried: each of those would have
 * its body hashed. */
static void feed_fields(struct state *st)
{
	const struct mxa_headers *h = st->list.headers;
	size_t k = 0;

	for (size_t i = 0; i < h->n; i++) {
		bool skip = false;

		if (k < st->list.n && st->list.seen[k].sig.field == i)
			skip = !st->list.seen[k++].chosen;
		else
			skip = mxa_str_caseis(h->v[i].name, "DKIM-Signature");
		if (!skip)
			feed_field(st, h->v[i].raw);
	}
}

static bool opendkim_eoh(void *state, const struct mxa_authors *authors)
{
	struct state *st = state;
	bool usable = false;
	DKIM_STAT status;

	st->complete = true;
	mxa_dkim_list_choose(&st->list, authors);
	for (size_t i = 0; i < st->list.n; i++)
		if (st->list.seen[i].chosen &&
		    st->list.seen[i].rank != MXA_RANK_UNUSABLE) {
			usable = true;
			want_tally(st, &st->list.seen[i].sig);
		}
	if (!usable)
		return false;
	pthread_once(&library_once, open_library);
	if (library != NULL)
		st->dkim = dkim_verify(
		    library, (const u_char *)"mxauth", NULL, &status);
	if (st->dkim == NULL)
		return false;
	(void)dkim_set_user_context(st->dkim, st);
	feed_fields(st);
	(void)dkim_eoh(st->dkim);
	return true;
}

static void opendkim_body(void *state, const char *p, size_t len)
{
	struct state *st = state;

	if (st->dkim == NULL || len == 0)
		return;
	(void)dkim_body(st->dkim, (u_char *)p, len);
	st->tail[0] = len > 1 ? p[len - 2] : st->tail[1];
	st->tail[1] = p[len - 1];
	st->fed = true;
	for (size_t i = 0; i < MXA_ARRAY_LEN(st->tally); i++)
		if (st->tally[i].wanted)
			mxa_canon_body_feed(&st->tally[i].body, p, len);
}

/* libopendkim refuses a relaxed body whose last line has no end.  To add one
 * is what both canonicalisations do themselves (RFC 6376 sections 3.4.3 and
 * 3.4.4). */
static void end_body(struct state *st)
{
	if (st->fed && memcmp(st->tail, "\r\n", 2) != 0)
		opendkim_body(st, "\r\n", 2);
}

static void opendkim_cancel(void *state)
{
	struct state *st = state;

	if (st->dkim != NULL)
		(void)dkim_free(st->dkim);
	st->dkim = NULL;
}

/* --- keys --- */

static DKIM_CBSTAT give_key(
    DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buflen)
{
	const struct state *st = dkim_get_user_context(dkim);

	(void)sig;
	if (st->key.len == 0 || st->key.len >= buflen)
		return DKIM_CBSTAT_NOTFOUND;
	memcpy(buf, st->key.p, st->key.len);
	buf[st->key.len] = '\0';
	return DKIM_CBSTAT_CONTINUE;
}

/* The record with nothing in it but the key: what else it says has been heard
 * already, and the library's buffer is small. */
static struct mxa_str bare_record(
    struct mxa_arena *a, struct mxa_str record, const struct mxa_key *key)
{
	struct mxa_taglist list;
	const struct mxa_tag *p;
	struct mxa_buf b;

	(void)mxa_taglist_parse(record, &list);
	p = mxa_taglist_find(&list, "p");
	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_printf(&b, "v=DKIM1; k=%s; p=",
	    key->type == MXA_KEY_ED25519 ? "ed25519" : "rsa");
	for (size_t i = 0; p != NULL && i < p->value.len; i++)
		if (!mxa_is_space(p->value.p[i]))
			mxa_buf_addc(&b, p->value.p[i]);
	return mxa_buf_str(&b);
}

/* The first record that may be used for 's'; empty: none, 'out' says why, of
 * the first record that is a key at all. */
static struct mxa_str usable_record(const struct mxa_verifier *v,
    const struct mxa_sig *s, const struct mxa_dns_answer *answer,
    struct mxa_sig_checked *out)
{
	const struct mxa_sig_checked before = *out;
	size_t keys = 0;

	for (size_t i = 0; i < answer->n && keys < MXA_MAX_KEYS; i++) {
		struct mxa_str record = answer->rr[i].text;
		struct mxa_sig_checked one = before;
		struct mxa_key key;
		bool fits;

		mxa_key_parse(record, &key);
		fits = mxa_verify_key_fits(v, s, &key, &one);
		keys += key.state != MXA_KEY_BAD;
		if (fits || i == 0 || (keys == 1 && key.state != MXA_KEY_BAD))
			*out = one;
		mxa_key_done(&key);
		if (fits)
			return bare_record(v->arena, record, &key);
	}
	return MXA_STR("");
}

/* --- results --- */

#define TOO_LONG MXA_PHRASE(N_("l= is beyond the end of the body"))

static void set_library_result(struct mxa_sig_checked *out,
    enum mxa_dkim_result result, enum mxa_dkim_cause cause,
    struct mxa_phrase reason)
{
	out->outcome = (struct mxa_sig_outcome){ result, cause, reason };
}

/* The body hash is there even where the library does not look at it: when the
 * key or the signature is no good. */
static enum mxa_body_hash body_hash(DKIM_SIGINFO *sig, const struct mxa_sig *s)
{
	void *header = NULL, *body = NULL;
	size_t header_len = 0, body_len = 0;

	if (dkim_sig_gethashes(sig, &header, &header_len, &body, &body_len) !=
		DKIM_STAT_OK ||
	    body_len != s->bh.len)
		return MXA_BODY_UNKNOWN;
	return memcmp(body, s->bh.p, body_len) == 0 ? MXA_BODY_MATCHES
						    : MXA_BODY_DIFFERS;
}

/* A signature that was processed.  DKIM_SIGFLAG_PASSED says that the signature
 * over the header holds, whatever the body. */
static void read_result(DKIM_SIGINFO *sig, struct mxa_sig_checked *out)
{
	bool passed = (dkim_sig_getflags(sig) & DKIM_SIGFLAG_PASSED) != 0;
	int body = dkim_sig_getbh(sig);
	int error = dkim_sig_geterror(sig);

	if (passed && body == DKIM_SIGBH_MATCH && error == DKIM_SIGERROR_OK)
		set_library_result(
		    out, MXA_DKIM_PASS, MXA_DKIM_OK, MXA_PHRASE(""));
	else if (error == DKIM_SIGERROR_TOOLARGE_L)
		set_library_result(
		    out, MXA_DKIM_PERMERROR, MXA_DKIM_PARTIAL, TOO_LONG);
	else if (passed && body == DKIM_SIGBH_MISMATCH)
		set_library_result(out, MXA_DKIM_FAIL, MXA_DKIM_BODY,
		    MXA_PHRASE(N_("body hash did not verify")));
	else if (error == DKIM_SIGERROR_BADSIG)
		set_library_result(out, MXA_DKIM_FAIL, MXA_DKIM_SIGNATURE,
		    out->body == MXA_BODY_DIFFERS
			? MXA_PHRASE(N_("body hash did not verify, nor did "
					"the signature"))
			: MXA_PHRASE(N_("signature did not verify")));
	else
		set_library_result(out, MXA_DKIM_PERMERROR, MXA_DKIM_SYNTAX,
		    MXA_PHRASE_QUOTED(
			mxa_str_from(dkim_sig_geterrorstr(error))));
}

static bool reached_by_library(const struct state *st, const struct mxa_sig *s)
{
	return !s->has_length || s->length <= st->tally[s->body_canon].octets;
}

/* A pass that covers only the beginning of the body (section 6, item 9). */
static void check_length(const struct state *st, const struct mxa_verifier *v,
    const struct mxa_sig *s, struct mxa_sig_checked *out)
{
	uint64_t total = st->tally[s->body_canon].octets;

	if (!s->has_length || out->outcome.result != MXA_DKIM_PASS ||
	    v->options->dkim_accept_partial_body || s->length >= total)
		return;
	set_library_result(out, MXA_DKIM_POLICY, MXA_DKIM_PARTIAL,
	    mxa_phrase(v->arena,
		N_("l= leaves %llu of %llu octets of the body unsigned"),
		(unsigned long long)(total - s->length),
		(unsigned long long)total));
}

/* While dkim_eom runs. */
struct verifying {
	struct state *st;
	DKIM *dkim;
	DKIM_SIGINFO **sigs; /* in step with out->sig */
};

static void verify_opendkim(void *ctx, const struct mxa_dkim_seen *seen,
    size_t n, const struct mxa_dns_answer *answer, struct mxa_sig_checked *out)
{
	struct verifying *w = ctx;
	struct state *st = w->st;
	struct mxa_verifier v = { .arena = st->list.env->arena,
		.options = st->list.env->options };
	/* It asserts, and ends the process, when asked to work on a signature
	 * that it has given up already (8-bit text, for one). */
	bool open = dkim_sig_geterror(w->sigs[n]) == DKIM_SIGERROR_UNKNOWN;

	if (open && reached_by_library(st, &seen->sig))
		out->body = body_hash(w->sigs[n], &seen->sig);
	if (mxa_verify_no_record(&v, &seen->sig, answer, out))
		return;
	if (!reached_by_library(st, &seen->sig)) {
		set_library_result(
		    out, MXA_DKIM_PERMERROR, MXA_DKIM_PARTIAL, TOO_LONG);
		return;
	}
	if (!open) {
		read_result(w->sigs[n], out);
		return;
	}
	st->key = usable_record(&v, &seen->sig, answer, out);
	if (st->key.len == 0)
		return;
	(void)dkim_sig_process(w->dkim, w->sigs[n]);
	read_result(w->sigs[n], out);
	check_length(st, &v, &seen->sig, out);
}

/* Called back when the body is complete.  What is ignored afterwards the
 * library leaves alone. */
static DKIM_CBSTAT verify_all(DKIM *dkim, DKIM_SIGINFO **sigs, int n)
{
	struct state *st = dkim_get_user_context(dkim);
	struct verifying w = { st, dkim, sigs };

	if (st->out == NULL || n < 0 || (size_t)n != st->out->n)
		return DKIM_CBSTAT_ERROR;
	mxa_dkim_list_verify(&st->list, verify_opendkim, &w, st->out);
	st->verified = true;
	for (int i = 0; i < n; i++)
		dkim_sig_ignore(sigs[i]);
	return DKIM_CBSTAT_CONTINUE;
}

/* The library did not come as far as verifying. */
static void excuse_library(struct mxa_dkim_verdict *out)
{
	for (size_t i = 0; i < out->n; i++) {
		if (out->sig[i].cause != MXA_DKIM_OK)
			continue;
		out->sig[i].result = MXA_DKIM_TEMPERROR;
		out->sig[i].cause = MXA_DKIM_NOT_TRIED;
		out->sig[i].reason =
		    MXA_PHRASE(N_("libopendkim gave up on the message"));
	}
}

static void opendkim_finish(void *state, struct mxa_dkim_verdict *out)
{
	struct state *st = state;

	memset(out, 0, sizeof(*out));
	if (!st->complete)
		opendkim_eoh(st, NULL);
	if (st->list.n == 0)
		return;
	mxa_dkim_list_describe(&st->list, out);
	st->out = out;
	end_body(st);
	for (size_t i = 0; i < MXA_ARRAY_LEN(st->tally); i++)
		if (st->tally[i].wanted)
			mxa_canon_body_finish(&st->tally[i].body);
	if (st->dkim != NULL)
		(void)dkim_eom(st->dkim, NULL);
	if (!st->verified)
		excuse_library(out);
	mxa_dkim_list_finish(&st->list, out);
	opendkim_cancel(st);
}

const struct mxa_dkim_engine mxa_dkim_libopendkim = {
	.name = "libopendkim",
	.begin = opendkim_begin,
	.header = opendkim_header,
	.eoh = opendkim_eoh,
	.body = opendkim_body,
	.finish = opendkim_finish,
	.cancel = opendkim_cancel,
};
