/* examine_dkim.c - DKIM key records.
 *
 * Nobody can list a domain's selectors.  Named ones must be there; ones seen in
 * the journal and well-known ones are judged when they are. */
#include "auth/sig/base64.h"
#include "auth/sig/key.h"
#include "base/buf.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "lint/examine.h"
#include "mail/taglist.h"

/* What providers and packages call theirs. */
static const char *const well_known[] = { "default", "google", "selector1",
	"selector2", "s1", "s2", "k1", "k2", "k3", "mail", "dkim", "mx", "smtp",
	"email", "key1", "key2", "sig1", "sel1", "sel2", "20230601", "20210112",
	"mandrill", "mailjet", "mte1", "mte2", "protonmail", "protonmail2",
	"protonmail3", "fm1", "fm2", "fm3", "zoho", "zmail", "pm", "krs",
	"amazonses", "sendgrid", "mailgun", "mailo", "turbo-smtp", "cm",
	"everlytickey1", "ctct1", "dkim1", "s1024", "s2048" };

/* A selector that nobody has: what it gives comes from a wildcard. */
#define NOBODYS "mxauth-lint-no-such-selector"

#define GOOD_BITS 2048
#define LEAST_BITS 1024
#define MOST_BITS 4096 /* RFC 8301 section 3.2: more need not be verified */
#define MAX_RECORDS 8  /* judged of one selector */

struct probe {
	struct lint *l;
	struct mxa_lint_key *key;
	const struct mxa_dns_answer *answer;
	const struct mxa_dns_answer *wildcard;
};

static struct mxa_str key_name(struct lint *l, struct mxa_str selector)
{
	return mxa_str_from(mxa_arena_printf(l->a, "%.*s._domainkey.%.*s",
	    MXA_STR_ARG(selector), MXA_STR_ARG(l->domain)));
}

static struct mxa_budget *budget(struct lint *l, enum mxa_lint_source source)
{
	return source == MXA_SELECTOR_KNOWN ? l->known : l->keys;
}

static const struct mxa_dns_answer *ask(
    struct lint *l, struct mxa_str selector, enum mxa_lint_source source)
{
	return mxa_dns_lookup(budget(l, source), MXA_SHARE_OTHER,
	    key_name(l, selector), MXA_DNS_TXT);
}

/* --- what can be said about one record --- */

/* The record 'text' without the tag 'tag'. */
static struct mxa_str without_tag(
    struct lint *l, struct mxa_str text, const char *tag)
{
	struct mxa_taglist tags;
	struct mxa_buf b;

	mxa_buf_init(&b, l->a, MXA_MAX_RECORD);
	if (mxa_taglist_parse(text, &tags) != MXA_OK)
		return MXA_STR("");
	for (size_t i = 0; i < tags.n; i++)
		if (!mxa_str_is(tags.v[i].name, tag))
			mxa_buf_printf(&b, "%s%.*s=%.*s", b.len ? "; " : "",
			    MXA_STR_ARG(tags.v[i].name),
			    MXA_STR_ARG(tags.v[i].value));
	return mxa_buf_str(&b);
}

/* Whether p= ends before its own DER says that it does: the record was cut,
 * most often at the 255 octets of a TXT string. */
static bool is_cut(struct lint *l, struct mxa_str text)
{
	const struct mxa_tag *p;
	struct mxa_taglist tags;
	struct mxa_str der;
	size_t len;

	(void)mxa_taglist_parse(text, &tags);
	p = mxa_taglist_find(&tags, "p");
	if (p == NULL)
		return false;
	der = p->value;
	der.len -= der.len % 4; /* the last group may be torn */
	if (!mxa_base64_decode(l->a, der, &der) || der.len < 4 ||
	    der.p[0] != 0x30)
		return false;
	len = (unsigned char)der.p[1];
	if (len == 0x81)
		len = (unsigned char)der.p[2] + 1U;
	else if (len == 0x82)
		len = ((size_t)(unsigned char)der.p[2] << 8) +
		    (unsigned char)der.p[3] + 2;
	return der.len < len + 2;
}

static void syntax(struct lint *l, const struct mxa_lint_key *k,
    struct mxa_str text, const struct mxa_key *key)
{
	bool cut = is_cut(l, text);
	struct mxa_finding *f = lint_add(l, MXA_LINT_DKIM_SYNTAX, k->name,
	    cut ? _("The key of selector %s was cut off (%s): every signature "
		    "made with it fails.")
		: _("The record of selector %s cannot be used (%s): every "
		    "signature made with it fails."),
	    lint_show(l, k->selector), _(key->problem));

	if (cut)
		lint_fix(l, f,
		    _("Publish the whole key; one string of a TXT record "
		      "holds 255 bytes, so a long record is written as "
		      "several strings."));
	else
		lint_fix(l, f,
		    _("Publish the record that your signing software gives, "
		      "of the form v=DKIM1; k=rsa; p=KEY."));
}

static void weak(
    struct lint *l, const struct mxa_lint_key *k, const struct mxa_key *key)
{
	struct mxa_finding *f;

	if (key->bits < LEAST_BITS) {
		f = lint_add(l, MXA_LINT_DKIM_KEY_WEAK, k->name,
		    _("The RSA key of selector %s has %u bits: verifiers must "
		      "not accept less than 1024 (RFC 8301), and it can be "
		      "broken."),
		    lint_show(l, k->selector), key->bits);
	} else {
		f = lint_add(l, MXA_LINT_DKIM_KEY_WEAK, k->name,
		    _("The RSA key of selector %s has %u bits; 2048 are "
		      "recommended."),
		    lint_show(l, k->selector), key->bits);
		lint_grade(l, f, MXA_LINT_INFO);
	}
	lint_fix(l, f,
	    _("Make a key of 2048 bits under a new selector, sign with it, "
	      "and revoke this one when mail in transit has arrived."));
}

static void flags(struct lint *l, const struct mxa_lint_key *k,
    struct mxa_str text, const struct mxa_key *key)
{
	struct mxa_finding *f;

	if (key->testing) {
		f = lint_add(l, MXA_LINT_DKIM_TESTING, k->name,
		    _("Selector %s says t=y, testing: receivers may treat its "
		      "mail as unsigned."),
		    lint_show(l, k->selector));
		lint_fix_record(f, k->name,
		    key->strict ? MXA_STR("") : without_tag(l, text, "t"));
		lint_fix(l, f, _("Publish the record with t=s."));
	}
	if (!key->sha256) {
		f = lint_add(l, MXA_LINT_DKIM_SHA1, k->name,
		    _("The h= tag of selector %s does not allow sha256, and "
		      "verifiers must not accept sha1 (RFC 8301)."),
		    lint_show(l, k->selector));
		lint_fix_record(f, k->name, without_tag(l, text, "h"));
	}
	if (!key->email) {
		f = lint_add(l, MXA_LINT_DKIM_SERVICE, k->name,
		    _("The s= tag of selector %s does not allow e-mail: "
		      "verifiers take no signature from it."),
		    lint_show(l, k->selector));
		lint_fix_record(f, k->name, without_tag(l, text, "s"));
	}
}

static void usable(struct lint *l, struct mxa_lint_key *k, struct mxa_str text,
    const struct mxa_key *key)
{
	struct mxa_finding *f;

	k->type = key->type == MXA_KEY_RSA ? "rsa" : "ed25519";
	k->bits = key->bits;
	k->testing = key->testing;
	k->state = "ok";
	if (key->type == MXA_KEY_RSA && key->bits < LEAST_BITS)
		k->state = "weak";
	if (key->type == MXA_KEY_RSA && key->bits < GOOD_BITS)
		weak(l, k, key);
	if (key->type == MXA_KEY_RSA && key->bits > MOST_BITS) {
		f = lint_add(l, MXA_LINT_DKIM_KEY_LONG, k->name,
		    _("The RSA key of selector %s has %u bits; verifiers need "
		      "not accept more than 4096."),
		    lint_show(l, k->selector), key->bits);
		lint_fix(l, f, _("Use a key of 2048 bits."));
	}
	flags(l, k, text, key);
}

static void judge(struct lint *l, struct mxa_lint_key *k, struct mxa_str text)
{
	struct mxa_key key;

	mxa_key_parse(text, &key);
	k->record = mxa_str_dup(l->a, text);
	switch (key.state) {
	case MXA_KEY_OK:
		usable(l, k, text, &key);
		break;
	case MXA_KEY_REVOKED:
		k->state = "revoked";
		break;
	case MXA_KEY_BAD:
		k->state = "syntax";
		syntax(l, k, text, &key);
		break;
	}
	mxa_key_done(&key);
}

/* --- selectors --- */

static bool same_answer(
    const struct mxa_dns_answer *a, const struct mxa_dns_answer *b)
{
	return a->n > 0 && b->n > 0 && mxa_str_eq(a->rr[0].text, b->rr[0].text);
}

/* A text that is or was meant to be a key. */
static bool like_key(struct mxa_str text)
{
	return mxa_str_casefind(text, MXA_STR("p=")) < text.len ||
	    mxa_str_casestarts(text, MXA_STR("v=DKIM"));
}

/* Whether there is something to judge at a selector that nobody named. */
static bool found(const struct probe *p)
{
	if (p->answer->status != MXA_DNS_DATA)
		return false;
	if (same_answer(p->answer, p->wildcard))
		return false;
	return like_key(p->answer->rr[0].text);
}

static void missing(const struct probe *p)
{
	struct mxa_lint_key *k = p->key;
	struct mxa_finding *f;

	k->state = "missing";
	f = lint_add(p->l, MXA_LINT_DKIM_MISSING, k->name,
	    _("Selector %s has no key record: every signature made with it "
	      "fails."),
	    lint_show(p->l, k->selector));
	lint_fix(p->l, f,
	    _("Publish the record that your signing software gives for this "
	      "selector at %s."),
	    lint_show(p->l, k->name));
	if (k->source != MXA_SELECTOR_NAMED)
		lint_grade(p->l, f, MXA_LINT_INFO);
}

static void several(const struct probe *p)
{
	struct mxa_finding *f =
	    lint_add(p->l, MXA_LINT_DKIM_MULTIPLE, p->key->name,
		_("Selector %s has %zu records; which of them a verifier takes "
		  "is undefined."),
		lint_show(p->l, p->key->selector), p->answer->n);

	lint_fix(p->l, f,
	    _("Keep one record, and give another key a selector of its own."));
}

static void judge_all(const struct probe *p)
{
	const struct mxa_dns_answer *answer = p->answer;
	struct mxa_lint_key *k = p->key;

	if (answer->n > 1)
		several(p);
	for (size_t i = 0; i < answer->n && i < MAX_RECORDS; i++) {
		struct mxa_lint_key other = *k;

		judge(p->l, &other, answer->rr[i].text);
		/* show the best */
		if (i == 0 || other.bits > k->bits)
			*k = other;
	}
}

static void add_key(struct lint *l, struct mxa_lint_key *k)
{
	struct mxa_lint_key **last = &l->out->keys;

	while (*last != NULL)
		last = &(*last)->next;
	*last = k;
}

static bool looked_at(const struct lint *l, struct mxa_str selector)
{
	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next)
		if (mxa_str_caseeq(k->selector, selector))
			return true;
	return false;
}

static void look(struct lint *l, struct mxa_str selector,
    enum mxa_lint_source source, const struct mxa_dns_answer *wildcard)
{
	struct probe p = { .l = l, .wildcard = wildcard };

	if (looked_at(l, selector))
		return;
	p.answer = ask(l, selector, source);
	if (source == MXA_SELECTOR_KNOWN && !found(&p))
		return;
	p.key = mxa_arena_calloc(l->a, 1, sizeof(*p.key));
	*p.key = (struct mxa_lint_key){ .selector = mxa_str_dup(l->a, selector),
		.source = source,
		.name = key_name(l, selector),
		.record = MXA_STR(""),
		.state = "unknown" };
	add_key(l, p.key);
	if (p.answer->status == MXA_DNS_DATA) {
		judge_all(&p);
	} else if (!mxa_dns_failed(p.answer->status)) {
		missing(&p);
	} else if (source == MXA_SELECTOR_NAMED) {
		lint_dns_error(l, p.answer);
	}
}

/* --- all of them together --- */

/* A revoked key beside a usable one is how keys are changed; and who sends no
 * mail has none. */
static void revoked(struct lint *l)
{
	bool usable = false;

	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next)
		usable |= k->bits > 0;
	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next) {
		struct mxa_finding *f;

		if (k->state[0] != 'r')
			continue;
		f = lint_add(l, MXA_LINT_DKIM_KEY_REVOKED, k->name,
		    _("The key of selector %s is revoked (p= is empty): no "
		      "signature made with it passes."),
		    lint_show(l, k->selector));
		lint_fix(l, f,
		    _("Make sure that nothing signs with this selector any "
		      "more."));
		if (k->source != MXA_SELECTOR_NAMED && (usable || l->silent))
			lint_grade(l, f, MXA_LINT_INFO);
	}
}

static void nothing_found(struct lint *l)
{
	struct mxa_finding *f;

	if (l->out->keys != NULL || l->silent)
		return;
	f = lint_add(l, MXA_LINT_DKIM_UNKNOWN, l->domain,
	    _("No DKIM key was found under the usual selectors.  Selectors "
	      "cannot be listed, so this proves nothing."));
	lint_fix(l, f, _("Name yours with --selector."));
}

static void prefetch(struct lint *l)
{
	for (size_t i = 0; i < l->o->n_selectors; i++)
		mxa_dns_prefetch(l->keys, MXA_SHARE_OTHER,
		    key_name(l, l->o->selector[i]), MXA_DNS_TXT);
	for (size_t i = 0; i < l->o->n_seen; i++)
		mxa_dns_prefetch(l->keys, MXA_SHARE_OTHER,
		    key_name(l, l->o->seen[i]), MXA_DNS_TXT);
	for (size_t i = 0; i < MXA_ARRAY_LEN(well_known); i++)
		mxa_dns_prefetch(l->known, MXA_SHARE_OTHER,
		    key_name(l, mxa_str_from(well_known[i])), MXA_DNS_TXT);
}

void lint_dkim(struct lint *l)
{
	const struct mxa_dns_answer *wildcard;

	prefetch(l);
	wildcard = ask(l, MXA_STR(NOBODYS), MXA_SELECTOR_KNOWN);
	for (size_t i = 0; i < l->o->n_selectors; i++)
		look(l, l->o->selector[i], MXA_SELECTOR_NAMED, wildcard);
	for (size_t i = 0; i < l->o->n_seen; i++)
		look(l, l->o->seen[i], MXA_SELECTOR_SEEN, wildcard);
	for (size_t i = 0; i < MXA_ARRAY_LEN(well_known); i++)
		look(l, mxa_str_from(well_known[i]), MXA_SELECTOR_KNOWN,
		    wildcard);
	revoked(l);
	nothing_found(l);
}
