/* arc.c - ARC chain validation (RFC 8617 section 5.2), on the core in
 * auth/sig/.  The structure is checked before anybody is asked anything; what
 * a chain costs grows with its length and no faster. */
#include "auth/arc.h"

#include <string.h>

#include "auth/sig/body.h"
#include "auth/sig/hash.h"
#include "auth/sig/select.h"
#include "auth/sig/tags.h"
#include "auth/sig/verify.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mail/headers.h"
#include "mail/lex.h"

enum part { AAR, AMS, SEAL, PARTS };

static const char *const part_name[PARTS] = { "ARC-Authentication-Results",
	"ARC-Message-Signature", "ARC-Seal" };

/* One field more than a chain can have is enough to know that it is none. */
#define MAX_FOUND (PARTS * MXA_MAX_ARC_SETS + 1)

struct found {
	enum part part;
	size_t field;
};

struct set {
	size_t n[PARTS]; /* fields of this instance */
	size_t aar_field;
	struct mxa_str aar; /* behind "i=N;" */
	struct mxa_sig ams;
	struct mxa_sig seal;
	uint8_t digest[MXA_SHA256]; /* what the seal signs */
};

struct state {
	const struct mxa_engine_env *env;
	const struct mxa_headers *headers;
	struct mxa_sig_limits limits;
	struct found *found;
	size_t n_found, cap;
	bool complete;
	struct set *set;	 /* set[0] is i=1 */
	size_t n;		 /* highest instance */
	struct mxa_phrase fault; /* why the chain fails; empty: try it */
	bool dns_trouble;
	struct mxa_bodies *bodies;
};

void *mxa_arc_begin(
    const struct mxa_engine_env *env, const struct mxa_headers *h)
{
	struct state *st = mxa_arena_calloc(env->arena, 1, sizeof(*st));

	st->env = env;
	st->headers = h;
	st->limits.now = mxa_clock_wall(env->clock);
	st->limits.skew = env->options->clock_skew;
	st->fault = MXA_PHRASE("");
	return st;
}

void mxa_arc_header(void *state, size_t field)
{
	struct state *st = state;
	struct mxa_str name = st->headers->v[field].name;
	enum part part = 0;

	/* by far most fields end here */
	if (name.len < 4 || mxa_lower(name.p[0]) != 'a')
		return;
	while (part < PARTS && !mxa_str_caseis(name, part_name[part]))
		part++;
	if (part == PARTS || st->n_found == MAX_FOUND)
		return;
	st->found = mxa_arena_room(st->env->arena, st->found, st->n_found,
	    &st->cap, sizeof(*st->found));
	st->found[st->n_found++] = (struct found){ part, field };
}

/* --- structure: steps 2 to 4 --- */

#define FAULT(st, ...) set_fault(st, mxa_phrase((st)->env->arena, __VA_ARGS__))

/* The first fault stays. */
static void set_fault(struct state *st, struct mxa_phrase why)
{
	if (st->fault.text.len == 0)
		st->fault = why;
}

/* Behind CFWS and the character 'c'; false when it is not there. */
static bool pass_char(struct mxa_str s, size_t *at, char c)
{
	if (!mxa_lex_cfws(s, at) || *at >= s.len || s.p[*at] != c)
		return false;
	++*at;
	return true;
}

/* "[CFWS] i [CFWS] = [CFWS] N [CFWS] ;" (section 4.1.1): the instance and what
 * follows.  0: not that. */
static unsigned read_aar(struct mxa_str value, struct mxa_str *rest)
{
	size_t at = 0, from;
	unsigned instance;

	if (!pass_char(value, &at, 'i') || !pass_char(value, &at, '=') ||
	    !mxa_lex_cfws(value, &at))
		return 0;
	from = at;
	while (at < value.len && mxa_is_digit(value.p[at]))
		at++;
	instance = mxa_sig_instance(mxa_str_sub(value, from, at));
	if (!pass_char(value, &at, ';'))
		return 0;
	*rest = mxa_str_trim(mxa_str_sub(value, at, value.len));
	return instance;
}

static void no_instance(struct state *st, enum part part)
{
	FAULT(st, N_("%s without a valid instance"), part_name[part]);
}

/* Put a field into its set. */
static void place_field(struct state *st, const struct found *f)
{
	struct mxa_arena *a = st->env->arena;
	struct mxa_str rest = MXA_STR("");
	struct mxa_sig sig;
	unsigned instance;
	struct set *set;

	if (f->part == AAR) {
		instance = read_aar(st->headers->v[f->field].value, &rest);
	} else {
		mxa_sig_parse(a, f->part == AMS ? MXA_SIG_AMS : MXA_SIG_SEAL,
		    st->headers, f->field, &st->limits, &sig);
		instance = sig.instance;
	}
	if (instance == 0) {
		no_instance(st, f->part);
		return;
	}
	set = &st->set[instance - 1];
	if (st->n < instance)
		st->n = instance;
	if (set->n[f->part]++ > 0)
		return;
	if (f->part == AAR) {
		set->aar_field = f->field;
		set->aar = rest;
	} else if (f->part == AMS) {
		set->ams = sig;
	} else {
		set->seal = sig;
	}
}

static void check_counts(struct state *st)
{
	for (size_t i = 0; i < st->n; i++)
		for (enum part p = 0; p < PARTS; p++) {
			size_t n = st->set[i].n[p];

			if (n != 1)
				FAULT(st, N_("%zu %s fields with i=%zu"), n,
				    part_name[p], i + 1);
		}
}

/* A fault in an older message signature only makes it an older signature that
 * no longer holds: what it says matters when it is the newest. */
static void check_set(struct state *st, size_t i)
{
	const struct set *set = &st->set[i];
	enum mxa_sig_cv wanted = i == 0 ? MXA_CV_NONE : MXA_CV_PASS;

	if (!mxa_sig_usable(&set->seal))
		FAULT(st, N_("ARC-Seal i=%zu: %p"), i + 1,
		    (const void *)&set->seal.fault.reason);
	if (set->seal.cv != wanted)
		FAULT(st, N_("ARC-Seal i=%zu: cv= is not %s"), i + 1,
		    i == 0 ? "none" : "pass");
	if (i + 1 == st->n && !mxa_sig_usable(&set->ams))
		FAULT(st, N_("ARC-Message-Signature i=%zu: %p"), i + 1,
		    (const void *)&set->ams.fault.reason);
}

/* Step 3: the newest sealer says that the chain was broken when it came. */
static void check_newest(struct state *st)
{
	const struct set *set = &st->set[st->n - 1];

	if (set->n[SEAL] > 0 && set->seal.cv == MXA_CV_FAIL)
		FAULT(st, N_("the chain was broken before i=%zu (cv=fail)"),
		    st->n);
}

static void check_structure(struct state *st)
{
	unsigned most = st->env->options->arc_max_sets;

	if (most == 0 || most > MXA_MAX_ARC_SETS)
		most = MXA_MAX_ARC_SETS;
	st->set = mxa_arena_calloc(
	    st->env->arena, MXA_MAX_ARC_SETS, sizeof(*st->set));
	if (st->n_found == MAX_FOUND)
		FAULT(st, N_("more than %u sets"), MXA_MAX_ARC_SETS);
	for (size_t i = 0; i < st->n_found && st->fault.text.len == 0; i++)
		place_field(st, &st->found[i]);
	if (st->fault.text.len > 0)
		return;
	if (st->n > most)
		FAULT(st, N_("more than %u sets"), most);
	check_newest(st);
	check_counts(st);
	for (size_t i = 0; i < st->n && st->fault.text.len == 0; i++)
		check_set(st, i);
}

/* --- questions --- */

static void ask_key(struct state *st, const struct mxa_sig *s)
{
	mxa_dns_prefetch(
	    st->env->budget, MXA_SHARE_OTHER, s->key_name, MXA_DNS_TXT);
}

/* The newest first: what the verdict needs must not wait for what it does
 * not. */
static void ask_all(struct state *st)
{
	for (size_t i = st->n; i > 0; i--)
		ask_key(st, &st->set[i - 1].seal);
	for (size_t i = st->n; i > 0; i--) {
		const struct mxa_sig *ams = &st->set[i - 1].ams;

		if (!mxa_sig_usable(ams))
			continue;
		ask_key(st, ams);
		mxa_verify_want_body(st->bodies, ams);
	}
}

bool mxa_arc_eoh(void *state)
{
	struct state *st = state;

	st->complete = true;
	if (st->n_found == 0)
		return false;
	check_structure(st);
	if (st->fault.text.len > 0)
		return false;
	st->bodies =
	    st->env->bodies ? st->env->bodies : mxa_bodies_new(st->env->arena);
	ask_all(st);
	return true;
}

void mxa_arc_body(void *state, const char *p, size_t len)
{
	struct state *st = state;

	if (st->bodies != NULL && st->bodies != st->env->bodies)
		mxa_bodies_feed(st->bodies, p, len);
}

/* --- cryptography: steps 5 to 7 --- */

static void put_field(
    struct mxa_hash *hash, const struct mxa_field *f, const struct mxa_sig *cut)
{
	struct mxa_canon_sink sink = mxa_hash_sink(hash);

	mxa_canon_field(MXA_CANON_RELAXED, f, cut ? cut->cut_from : 0,
	    cut ? cut->cut_to : 0, &sink);
	if (cut == NULL)
		mxa_hash_put(hash, "\r\n", 2);
}

/* What each seal signs (section 5.1.1): all sets below it, its own AAR and
 * AMS, itself without b=.  One pass for all of them, since each begins with
 * what the one before it has. */
static bool digest_seals(struct state *st)
{
	struct mxa_hash *chain = mxa_hash_new(st->env->arena);
	struct mxa_hash *own = mxa_hash_new(st->env->arena);
	bool ok = true;

	for (size_t i = 0; i < st->n; i++) {
		struct set *set = &st->set[i];

		put_field(chain, &st->headers->v[set->aar_field], NULL);
		put_field(chain, &set->ams.raw, NULL);
		mxa_hash_copy(own, chain);
		put_field(own, &set->seal.raw, &set->seal);
		ok &= mxa_hash_final(own, set->digest);
		put_field(chain, &set->seal.raw, NULL);
	}
	mxa_hash_free(chain);
	mxa_hash_free(own);
	return ok;
}

static bool check_passed(struct state *st, const char *what, size_t instance,
    const struct mxa_sig_checked *checked)
{
	if (checked->outcome.result == MXA_DKIM_PASS)
		return true;
	st->dns_trouble = checked->outcome.cause == MXA_DKIM_DNS;
	FAULT(st, N_("%s i=%zu: %p"), what, instance,
	    (const void *)&checked->outcome.reason);
	return false;
}

static const struct mxa_dns_answer *answer_for(
    struct state *st, const struct mxa_sig *s)
{
	return mxa_dns_lookup(
	    st->env->budget, MXA_SHARE_OTHER, s->key_name, MXA_DNS_TXT);
}

static bool newest_message_signature(
    struct state *st, const struct mxa_verifier *v)
{
	const struct mxa_sig *ams = &st->set[st->n - 1].ams;
	struct mxa_sig_checked checked;

	mxa_verify_message(v, ams, answer_for(st, ams), &checked);
	return check_passed(st, part_name[AMS], st->n, &checked);
}

static bool verify_seals(struct state *st, const struct mxa_verifier *v)
{
	if (!digest_seals(st)) {
		FAULT(st, N_("the cryptographic library failed"));
		return false;
	}
	for (size_t i = st->n; i > 0; i--) {
		const struct set *set = &st->set[i - 1];
		struct mxa_sig_checked checked;

		mxa_verify_digest(v, &set->seal, answer_for(st, &set->seal),
		    set->digest, &checked);
		if (!check_passed(st, part_name[SEAL], i, &checked))
			return false;
	}
	return true;
}

/* Step 6, for the report only: hence no waiting.  The header bytes that all
 * message signatures together make us hash are bounded; beyond that the older
 * ones count as not verified. */
static unsigned oldest_pass(struct state *st, const struct mxa_verifier *v)
{
	uint64_t hashed = st->headers->bytes;

	for (size_t i = st->n - 1; i > 0; i--) {
		const struct mxa_sig *ams = &st->set[i - 1].ams;
		const struct mxa_dns_answer *answer = NULL;
		struct mxa_sig_checked checked;

		hashed += st->headers->bytes;
		if (mxa_sig_usable(ams) && hashed <= MXA_MAX_HEADER)
			answer = mxa_dns_peek(
			    st->env->budget, ams->key_name, MXA_DNS_TXT);
		if (answer == NULL)
			return (unsigned)i + 1;
		mxa_verify_message(v, ams, answer, &checked);
		if (checked.outcome.result != MXA_DKIM_PASS)
			return (unsigned)i + 1;
	}
	return 0;
}

static bool validate_chain(struct state *st, struct mxa_arc_verdict *out)
{
	struct mxa_arena *a = st->env->arena;
	struct mxa_verifier v = { .arena = a, .options = st->env->options };
	bool ok;

	mxa_bodies_finish(st->bodies);
	v.bodies = st->bodies;
	v.index = mxa_field_index_new(a, st->headers);
	v.hash = mxa_hash_new(a);
	ok = newest_message_signature(st, &v) && verify_seals(st, &v);
	if (ok)
		out->oldest_pass = oldest_pass(st, &v);
	mxa_hash_free(v.hash);
	return ok;
}

static void list_sets(const struct state *st, struct mxa_arc_verdict *out)
{
	out->set = mxa_arena_calloc(st->env->arena, st->n, sizeof(*out->set));
	for (size_t i = 0; i < st->n; i++) {
		out->set[i].seal_domain = st->set[i].seal.domain;
		out->set[i].seal_selector = st->set[i].seal.selector;
		out->set[i].aar = st->set[i].aar;
	}
	out->n = st->n;
}

void mxa_arc_cancel(void *state)
{
	struct state *st = state;

	if (st->bodies != st->env->bodies)
		mxa_bodies_free(st->bodies);
	st->bodies = NULL;
}

void mxa_arc_finish(void *state, struct mxa_arc_verdict *out)
{
	struct state *st = state;

	memset(out, 0, sizeof(*out));
	out->evaluated = true;
	if (!st->complete)
		mxa_arc_eoh(st);
	if (st->n_found == 0) {
		out->reason = MXA_PHRASE(N_("no ARC fields"));
		return;
	}
	out->result = MXA_ARC_FAIL;
	if (st->fault.text.len == 0) {
		list_sets(st, out);
		if (validate_chain(st, out))
			out->result = MXA_ARC_PASS;
	}
	out->reason = st->fault;
	out->dns_trouble = st->dns_trouble;
	mxa_arc_cancel(st);
}
