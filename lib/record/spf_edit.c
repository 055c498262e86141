/* spf_edit.c - SPF records edited word by word. */
#include "record/spf_edit.h"

#include <string.h>

#include "auth/spf/grammar.h"
#include "auth/spf/published.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"

#define MAX_FLAT 60 /* addresses that replace names */

static void put(struct mxa_terms *t, size_t at, struct mxa_str term)
{
	if (t->n == MXA_MAX_TERMS_EDITED)
		return;
	memmove(&t->v[at + 1], &t->v[at], (t->n - at) * sizeof(t->v[0]));
	t->v[at] = term;
	t->n++;
}

static void take_out(struct mxa_terms *t, size_t at)
{
	t->n--;
	memmove(&t->v[at], &t->v[at + 1], (t->n - at) * sizeof(t->v[0]));
}

void mxa_terms_parse(struct mxa_terms *t, struct mxa_str record)
{
	size_t at = 6;

	t->n = 0;
	while (at < record.len) {
		size_t end;

		while (at < record.len && record.p[at] == ' ')
			at++;
		end = mxa_str_chr(record, ' ', at);
		if (end > at)
			put(t, t->n, mxa_str_sub(record, at, end));
		at = end;
	}
}

struct mxa_str mxa_terms_text(struct mxa_arena *a, const struct mxa_terms *t)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=spf1");
	for (size_t i = 0; i < t->n; i++) {
		mxa_buf_addc(&b, ' ');
		mxa_buf_addstr(&b, t->v[i]);
	}
	return mxa_str_dup(a, mxa_buf_str(&b));
}

/* Without its qualifier. */
static struct mxa_str bare(struct mxa_str term)
{
	if (term.len > 0 && strchr("+-~?", term.p[0]) != NULL)
		return mxa_str_sub(term, 1, term.len);
	return term;
}

static bool is_all(struct mxa_str term)
{
	return mxa_str_caseis(bare(term), "all");
}

static bool is_modifier(struct mxa_str term)
{
	size_t eq = mxa_str_chr(term, '=', 0);

	return eq < term.len && mxa_str_chr(term, ':', 0) > eq &&
	    mxa_is_alpha(term.p[0]);
}

void mxa_terms_insert(struct mxa_terms *t, struct mxa_str term)
{
	size_t at = 0;

	while (at < t->n && !is_all(t->v[at]))
		at++;
	if (at == t->n)
		while (at > 0 && is_modifier(t->v[at - 1]))
			at--;
	put(t, at, term);
}

void mxa_terms_insert_first(struct mxa_terms *t, struct mxa_str term)
{
	put(t, 0, term);
}

bool mxa_terms_remove(struct mxa_terms *t, struct mxa_str term)
{
	for (size_t i = 0; i < t->n; i++)
		if (mxa_str_caseeq(t->v[i], term)) {
			take_out(t, i);
			return true;
		}
	return false;
}

static bool has(const struct mxa_terms *t, struct mxa_str term)
{
	for (size_t i = 0; i < t->n; i++)
		if (mxa_str_caseeq(t->v[i], term))
			return true;
	return false;
}

void mxa_terms_merge(struct mxa_terms *t, struct mxa_str record)
{
	static struct mxa_terms const none;
	struct mxa_terms other = none;

	mxa_terms_parse(&other, record);
	for (size_t i = 0; i < other.n; i++) {
		struct mxa_str term = other.v[i];
		size_t mine = 0;

		if (!is_all(term)) {
			if (!has(t, term) &&
			    (!is_modifier(term) ||
				!mxa_str_casestarts(
				    term, MXA_STR("redirect="))))
				mxa_terms_insert(t, term);
			continue;
		}
		while (mine < t->n && !is_all(t->v[mine]))
			mine++;
		if (mine == t->n)
			put(t, t->n, term);
		else if (t->v[mine].p[0] == '-' && term.p[0] == '~')
			t->v[mine] = term;
	}
}

void mxa_terms_unique(struct mxa_terms *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = t->n; k > i + 1; k--)
			if (mxa_str_caseeq(t->v[i], t->v[k - 1]))
				take_out(t, k - 1);
}

/* --- what people write --- */

/* One word on its own: is it SPF? */
static bool word_ok(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_spf_record r;
	bool ok;

	mxa_spf_parse(&r,
	    mxa_str_from(mxa_arena_printf(a, "v=spf1 %.*s", MXA_STR_ARG(word))),
	    false);
	ok = r.ok;
	mxa_spf_record_done(&r);
	return ok;
}

/* Wrong beginnings and the right ones. */
static const struct {
	struct mxa_str wrong;
	const char *right;
} beginnings[] = {
	{ MXA_STR_INIT("ipv4:"), "ip4:" },
	{ MXA_STR_INIT("ipv6:"), "ip6:" },
	{ MXA_STR_INIT("ip4="), "ip4:" },
	{ MXA_STR_INIT("ip6="), "ip6:" },
	{ MXA_STR_INIT("ip:"), "ip4:" },
	{ MXA_STR_INIT("ip4:"), "ip6:" },
	{ MXA_STR_INIT("ip6:"), "ip4:" },
	{ MXA_STR_INIT("includes:"), "include:" },
	{ MXA_STR_INIT("include="), "include:" },
	{ MXA_STR_INIT("include:http://"), "include:" },
	{ MXA_STR_INIT("include:https://"), "include:" },
	{ MXA_STR_INIT("redirect:"), "redirect=" },
	{ MXA_STR_INIT("mx="), "mx:" },
	{ MXA_STR_INIT("a="), "a:" },
};

/* A word that means the same and is SPF; empty: none is known. */
static struct mxa_str corrected(struct mxa_arena *a, struct mxa_str word)
{
	struct mxa_str w = word, b;
	struct mxa_cidr net;
	const char *try;

	while (w.len > 0 && strchr(",;.\"'", w.p[w.len - 1]) != NULL)
		w.len--;
	while (w.len > 0 && strchr("\"',;", w.p[0]) != NULL)
		w = mxa_str_sub(w, 1, w.len);
	if (w.len > 0 && w.len < word.len && word_ok(a, w))
		return w;
	b = bare(w);
	if (mxa_cidr_parse(b, &net)) {
		try = mxa_arena_printf(a, "%s:%.*s",
		    net.ip.family == 6 ? "ip6" : "ip4", MXA_STR_ARG(b));
		return mxa_str_from(try);
	}
	for (size_t i = 0; i < MXA_ARRAY_LEN(beginnings); i++) {
		if (!mxa_str_casestarts(b, beginnings[i].wrong))
			continue;
		b = mxa_str_sub(bare(w), beginnings[i].wrong.len, bare(w).len);
		while (b.len > 0 && b.p[b.len - 1] == '/')
			b.len--;
		try = mxa_arena_printf(
		    a, "%s%.*s", beginnings[i].right, MXA_STR_ARG(b));
		if (b.len > 0 && word_ok(a, mxa_str_from(try)))
			return mxa_str_from(try);
		b = bare(w);
	}
	/* dashes of a word processor before "all" */
	if (mxa_str_ends(w, MXA_STR("all")) && w.len > 4 &&
	    (unsigned char)w.p[0] >= 0x80)
		return MXA_STR("-all");
	return MXA_STR("");
}

bool mxa_terms_correct(
    struct mxa_arena *a, struct mxa_terms *t, struct mxa_str *wrong)
{
	for (size_t i = 0; i < t->n; i++) {
		struct mxa_str right;

		if (word_ok(a, t->v[i]))
			continue;
		*wrong = t->v[i];
		/* "ip4: 192.0.2.1" */
		if (i + 1 < t->n && mxa_str_ends(t->v[i], MXA_STR(":"))) {
			right = mxa_str_from(mxa_arena_printf(a, "%.*s%.*s",
			    MXA_STR_ARG(t->v[i]), MXA_STR_ARG(t->v[i + 1])));
			if (word_ok(a, right)) {
				take_out(t, i + 1);
				t->v[i] = right;
				return true;
			}
		}
		right = corrected(a, t->v[i]);
		take_out(t, i);
		if (right.len > 0)
			put(t, i, right);
		return true;
	}
	return false;
}

/* --- names to addresses --- */

struct flat {
	const struct mxa_engine_env *env;
	struct mxa_str v[MAX_FLAT];
	size_t n;
	bool cannot;
	unsigned depth;
};

static const struct mxa_dns_answer *ask(
    const struct flat *f, struct mxa_str name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(f->env->budget, MXA_SHARE_SPF, name, type);
}

static void flat_add(struct flat *f, struct mxa_str term)
{
	for (size_t i = 0; i < f->n; i++)
		if (mxa_str_caseeq(f->v[i], term))
			return;
	if (f->n == MAX_FLAT)
		f->cannot = true;
	else
		f->v[f->n++] = mxa_str_dup(f->env->arena, term);
}

static void flat_host(struct flat *f, struct mxa_str host)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_AAAA };
	char text[MXA_IP_TEXT];

	for (size_t k = 0; k < 2; k++) {
		const struct mxa_dns_answer *a = ask(f, host, types[k]);

		if (mxa_dns_failed(a->status))
			f->cannot = true;
		for (size_t i = 0; i < a->n; i++)
			flat_add(f,
			    mxa_str_from(mxa_arena_printf(f->env->arena,
				"%s:%s", k ? "ip6" : "ip4",
				mxa_ip_format(&a->rr[i].ip, text))));
	}
}

static void flat_record(struct flat *f, struct mxa_str domain);

static void flat_term(struct flat *f, struct mxa_str domain,
    const struct mxa_spf_record *r, const struct mxa_spf_term *t)
{
	struct mxa_str arg = mxa_spf_term_arg(r, t);
	const struct mxa_dns_answer *mx;

	if (t->kind == MXA_TERM_ALL || t->kind == MXA_TERM_EXP ||
	    t->kind == MXA_TERM_UNKNOWN)
		return;
	if (t->qualifier != '+' || mxa_str_chr(arg, '%', 0) < arg.len ||
	    ((t->kind == MXA_TERM_A || t->kind == MXA_TERM_MX) &&
		(t->bits4 != 32 || t->bits6 != 128))) {
		f->cannot = true;
		return;
	}
	switch ((enum mxa_spf_kind)t->kind) {
	case MXA_TERM_IP4:
	case MXA_TERM_IP6:
		flat_add(f, bare(mxa_spf_term_text(r, t)));
		break;
	case MXA_TERM_A:
		flat_host(f, arg.len ? arg : domain);
		break;
	case MXA_TERM_MX:
		mx = ask(f, arg.len ? arg : domain, MXA_DNS_MX);
		f->cannot = f->cannot || mxa_dns_failed(mx->status);
		for (size_t i = 0; i < mx->n && i < MXA_SPF_MAX_MX; i++)
			flat_host(f, mx->rr[i].text);
		break;
	case MXA_TERM_INCLUDE:
		flat_record(f, arg);
		break;
	default:
		f->cannot = true;
	}
}

static void flat_record(struct flat *f, struct mxa_str domain)
{
	const struct mxa_spf_published *p;
	const struct mxa_dns_answer *a = ask(f, domain, MXA_DNS_TXT);

	p = mxa_dns_failed(a->status) ? NULL : mxa_spf_published(a);
	if (p == NULL || p->count != 1 || !p->record.ok || p->record.cut ||
	    p->record.redirect >= 0 || ++f->depth > 6) {
		f->cannot = true;
		return;
	}
	for (size_t i = 0; i < p->record.n && !f->cannot; i++)
		flat_term(f, domain, &p->record, &p->record.term[i]);
	f->depth--;
}

/* What the word would become; false: it cannot be flattened. */
static bool flatten_word(
    struct flat *f, struct mxa_str domain, struct mxa_str word)
{
	struct mxa_arena *a = f->env->arena;
	struct mxa_spf_record r;

	mxa_spf_parse(&r,
	    mxa_str_from(mxa_arena_printf(a, "v=spf1 %.*s", MXA_STR_ARG(word))),
	    false);
	f->n = 0;
	f->depth = 0;
	f->cannot = !r.ok || r.n != 1 || !mxa_spf_kind_asks(r.term[0].kind);
	if (!f->cannot && r.term[0].kind == MXA_TERM_PTR)
		; /* "do not use" (RFC 7208 section 5.5): nothing replaces it */
	else if (!f->cannot)
		flat_term(f, domain, &r, &r.term[0]);
	mxa_spf_record_done(&r);
	return !f->cannot;
}

bool mxa_terms_flatten(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_terms *t)
{
	struct flat *f = mxa_arena_calloc(env->arena, 1, sizeof(*f));
	size_t best = t->n, least = MAX_FLAT + 1;

	f->env = env;
	/* hosts first, then the include with the fewest addresses */
	for (size_t i = 0; i < t->n; i++) {
		bool include =
		    mxa_str_casestarts(bare(t->v[i]), MXA_STR("include:"));

		if (!flatten_word(f, domain, t->v[i]))
			continue;
		if (!include) {
			best = i;
			break;
		}
		if (f->n < least) {
			least = f->n;
			best = i;
		}
	}
	if (best == t->n || !flatten_word(f, domain, t->v[best]))
		return false;
	take_out(t, best);
	for (size_t i = 0; i < f->n; i++)
		if (!has(t, f->v[i]))
			put(t, best, f->v[i]);
	return true;
}
