/* examine_dkim.c - DKIM key records.
 *
 * Nobody can list a domain's selectors.  Named ones must be there; ones seen in
 * the journal and well-known ones are judged when they are. */
#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "lint/examine.h"

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

#define MAX_RECORDS 8 /* judged of one selector */

struct probe {
	struct lint *l;
	struct mxa_lint_key *key;
	const struct mxa_dns_answer *answer;
	const struct mxa_dns_answer *wildcard;
};

static struct mxa_str key_name(struct lint *l, struct mxa_str selector)
{
	return mxa_dkim_key_name(l->a, selector, l->domain);
}

static struct mxa_budget *budget_for(
    struct lint *l, enum mxa_lint_source source)
{
	return source == MXA_SELECTOR_KNOWN ? l->known : l->keys;
}

static const struct mxa_dns_answer *ask_key(
    struct lint *l, struct mxa_str selector, enum mxa_lint_source source)
{
	return mxa_dns_lookup(budget_for(l, source), MXA_SHARE_OTHER,
	    key_name(l, selector), MXA_DNS_TXT);
}

/* --- what can be said about one record --- */

static void unusable_key(struct lint *l, const struct mxa_lint_key *k)
{
	bool cut = k->key.state == MXA_DKIM_KEY_CUT;
	struct mxa_finding *f = lint_add(l, MXA_LINT_DKIM_SYNTAX, k->name,
	    cut ? _("The DKIM key at %s was cut off (%s): every signature made "
		    "with it fails.")
		: _("The DKIM key at %s cannot be used (%s): every signature "
		    "made with it fails."),
	    lint_show(l, k->name), _(k->key.problem));

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

static void short_key(struct lint *l, const struct mxa_lint_key *k)
{
	struct mxa_finding *f;

	if (k->key.state == MXA_DKIM_KEY_SHORT) {
		f = lint_add(l, MXA_LINT_DKIM_KEY_WEAK, k->name,
		    _("The RSA key at %s has %u bits: verifiers must not "
		      "accept less than 1024 (RFC 8301), and it can be "
		      "broken."),
		    lint_show(l, k->name), k->key.bits);
	} else {
		f = lint_add(l, MXA_LINT_DKIM_KEY_WEAK, k->name,
		    _("The RSA key at %s has %u bits; 2048 are recommended."),
		    lint_show(l, k->name), k->key.bits);
		lint_grade(l, f, MXA_LINT_INFO);
	}
	lint_fix(l, f,
	    _("Make a key of 2048 bits under a new selector, sign with it, "
	      "and revoke this one when mail in transit has arrived."));
}

static void long_key(struct lint *l, const struct mxa_lint_key *k)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DKIM_KEY_LONG, k->name,
	    _("The RSA key at %s has %u bits; verifiers need not accept more "
	      "than 4096."),
	    lint_show(l, k->name), k->key.bits);

	lint_fix(l, f, _("Use a key of 2048 bits."));
}

/* The record without the tag, or a sentence where that does not help. */
static void fix_tag(struct lint *l, const struct mxa_lint_key *k,
    struct mxa_finding *f, const char *tag)
{
	lint_fix_record(f, k->name, k->key.record,
	    mxa_dkim_key_without(l->a, k->key.record, tag));
	lint_fix(l, f, _("Publish the record without the tag %s."), tag);
}

static void restricting_tags(struct lint *l, const struct mxa_lint_key *k)
{
	struct mxa_finding *f;

	if (k->key.testing) {
		f = lint_add(l, MXA_LINT_DKIM_TESTING, k->name,
		    _("The DKIM key at %s has t=y (testing): receivers may "
		      "treat its mail as unsigned."),
		    lint_show(l, k->name));
		if (k->key.strict)
			lint_fix(l, f, _("Publish the record with t=s."));
		else
			fix_tag(l, k, f, "t");
	}
	if (!k->key.sha256) {
		f = lint_add(l, MXA_LINT_DKIM_SHA1, k->name,
		    _("The h= tag of the DKIM key at %s does not allow sha256, "
		      "and verifiers must not accept sha1 (RFC 8301)."),
		    lint_show(l, k->name));
		fix_tag(l, k, f, "h");
	}
	if (!k->key.email) {
		f = lint_add(l, MXA_LINT_DKIM_SERVICE, k->name,
		    _("The s= tag of the DKIM key at %s does not allow e-mail: "
		      "verifiers ignore signatures made with it."),
		    lint_show(l, k->name));
		fix_tag(l, k, f, "s");
	}
}

static void usable_key(struct lint *l, const struct mxa_lint_key *k)
{
	bool rsa = k->key.type != NULL && k->key.type[0] == 'r';

	if (rsa && k->key.bits < MXA_DKIM_GOOD_BITS)
		short_key(l, k);
	if (rsa && k->key.bits > MXA_DKIM_LONG_BITS)
		long_key(l, k);
	restricting_tags(l, k);
}

static void judge_record(
    struct lint *l, struct mxa_lint_key *k, struct mxa_str text)
{
	mxa_dkim_key_judge(l->a, text, &k->key);
	switch (k->key.state) {
	case MXA_DKIM_KEY_OK:
	case MXA_DKIM_KEY_SHORT:
		usable_key(l, k);
		break;
	case MXA_DKIM_KEY_CUT:
	case MXA_DKIM_KEY_BAD:
		unusable_key(l, k);
		break;
	case MXA_DKIM_KEY_REVOKED: /* judged with the others */
	case MXA_DKIM_KEY_MISSING:
	case MXA_DKIM_KEY_UNKNOWN:
		break;
	}
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
static bool has_key(const struct probe *p)
{
	if (p->answer->status != MXA_DNS_DATA)
		return false;
	if (same_answer(p->answer, p->wildcard))
		return false;
	return like_key(p->answer->rr[0].text);
}

static void note_missing_key(const struct probe *p)
{
	struct mxa_lint_key *k = p->key;
	struct mxa_finding *f;

	f = lint_add(p->l, MXA_LINT_DKIM_MISSING, k->name,
	    _("There is no DKIM key at %s: every signature made with it "
	      "fails."),
	    lint_show(p->l, k->name));
	lint_fix(p->l, f,
	    _("Publish the record that your signing software gives for this "
	      "selector at %s."),
	    lint_show(p->l, k->name));
	if (k->source != MXA_SELECTOR_NAMED)
		lint_grade(p->l, f, MXA_LINT_INFO);
}

static void note_several(const struct probe *p)
{
	struct mxa_finding *f = lint_add(p->l, MXA_LINT_DKIM_MULTIPLE,
	    p->key->name,
	    _("There are %zu records at %s; it is undefined which of them a "
	      "verifier uses."),
	    p->answer->n, lint_show(p->l, p->key->name));

	lint_fix(p->l, f,
	    _("Keep one record, and publish another key under a selector of "
	      "its own."));
}

static void judge_all(const struct probe *p)
{
	const struct mxa_dns_answer *answer = p->answer;

	if (answer->n > 1)
		note_several(p);
	for (size_t i = 0; i < answer->n && i < MAX_RECORDS; i++) {
		struct mxa_lint_key one = *p->key;

		judge_record(p->l, &one, answer->rr[i].text);
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

static void look_at_selector(struct lint *l, struct mxa_str selector,
    enum mxa_lint_source source, const struct mxa_dns_answer *wildcard)
{
	struct probe p = { .l = l, .wildcard = wildcard };

	if (looked_at(l, selector))
		return;
	p.answer = ask_key(l, selector, source);
	if (source == MXA_SELECTOR_KNOWN && !has_key(&p))
		return;
	p.key = mxa_arena_calloc(l->a, 1, sizeof(*p.key));
	*p.key = (struct mxa_lint_key){ .selector = mxa_str_dup(l->a, selector),
		.source = source,
		.name = key_name(l, selector) };
	mxa_dkim_key_look(l->a, p.answer, &p.key->key);
	add_key(l, p.key);
	if (p.answer->status == MXA_DNS_DATA) {
		judge_all(&p);
	} else if (!mxa_dns_failed(p.answer->status)) {
		note_missing_key(&p);
	} else if (source == MXA_SELECTOR_NAMED) {
		lint_dns_error(l, p.answer);
	}
}

/* --- all of them together --- */

/* A revoked key beside a usable one is how keys are changed; and who sends no
 * mail has none. */
static void note_revoked(struct lint *l)
{
	bool usable = false;

	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next)
		usable |= k->key.bits > 0;
	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next) {
		struct mxa_finding *f;

		if (k->key.state != MXA_DKIM_KEY_REVOKED)
			continue;
		f = lint_add(l, MXA_LINT_DKIM_KEY_REVOKED, k->name,
		    _("The DKIM key at %s is revoked (p= is empty): no "
		      "signature made with it passes."),
		    lint_show(l, k->name));
		lint_fix(l, f,
		    _("Make sure that nothing signs with this selector any "
		      "more: the signer needs a new key under another "
		      "selector."));
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

static void prefetch_keys(struct lint *l)
{
	for (size_t i = 0; i < l->o->n_selectors; i++)
		mxa_dns_prefetch(l->keys, MXA_SHARE_OTHER,
		    key_name(l, l->o->selector[i]), MXA_DNS_TXT);
	for (size_t i = 0; i < l->o->n_seen; i++)
		mxa_dns_prefetch(l->keys, MXA_SHARE_OTHER,
		    key_name(l, l->o->seen[i]), MXA_DNS_TXT);
}

/* Selectors that nobody named, found by asking. */
static void look_for_selectors(struct lint *l)
{
	const struct mxa_dns_answer *wildcard;

	for (size_t i = 0; i < MXA_ARRAY_LEN(well_known); i++)
		mxa_dns_prefetch(l->known, MXA_SHARE_OTHER,
		    key_name(l, mxa_str_from(well_known[i])), MXA_DNS_TXT);
	wildcard = ask_key(l, MXA_STR(NOBODYS), MXA_SELECTOR_KNOWN);
	for (size_t i = 0; i < MXA_ARRAY_LEN(well_known); i++)
		look_at_selector(l, mxa_str_from(well_known[i]),
		    MXA_SELECTOR_KNOWN, wildcard);
}

void lint_dkim(struct lint *l)
{
	prefetch_keys(l);
	for (size_t i = 0; i < l->o->n_selectors; i++)
		look_at_selector(
		    l, l->o->selector[i], MXA_SELECTOR_NAMED, NULL);
	for (size_t i = 0; i < l->o->n_seen; i++)
		look_at_selector(l, l->o->seen[i], MXA_SELECTOR_SEEN, NULL);
	if (l->o->mail == NULL)
		look_for_selectors(l);
	note_revoked(l);
	nothing_found(l);
}
