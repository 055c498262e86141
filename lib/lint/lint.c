/* lint.c - the lint's findings, and the order of its methods. */
#include "lint/examine.h"
#include "lint/lint.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "auth/orgdom.h"
#include "base/i18n.h"
#include "base/sysclock.h"

static const struct {
	const char *name;
	enum mxa_lint_severity severity;
} codes[MXA_LINT_CODES] = {
	[MXA_LINT_DOMAIN_MISSING] = { "domain-missing", MXA_LINT_ERROR },
	[MXA_LINT_DNS_ERROR] = { "dns-error", MXA_LINT_ERROR },
	[MXA_LINT_SPF_MISSING] = { "spf-missing", MXA_LINT_ERROR },
	[MXA_LINT_SPF_MULTIPLE] = { "spf-multiple", MXA_LINT_ERROR },
	[MXA_LINT_SPF_SYNTAX] = { "spf-syntax", MXA_LINT_ERROR },
	[MXA_LINT_SPF_PLUS_ALL] = { "spf-plus-all", MXA_LINT_ERROR },
	[MXA_LINT_SPF_NEUTRAL_ALL] = { "spf-neutral-all", MXA_LINT_WARNING },
	[MXA_LINT_SPF_NO_ALL] = { "spf-no-all", MXA_LINT_WARNING },
	[MXA_LINT_SPF_AFTER_ALL] = { "spf-after-all", MXA_LINT_WARNING },
	[MXA_LINT_SPF_REDIRECT_IGNORED] = { "spf-redirect-ignored",
	    MXA_LINT_WARNING },
	[MXA_LINT_SPF_TOO_MANY_LOOKUPS] = { "spf-too-many-lookups",
	    MXA_LINT_ERROR },
	[MXA_LINT_SPF_NEAR_LIMIT] = { "spf-near-limit", MXA_LINT_INFO },
	[MXA_LINT_SPF_VOID_LOOKUPS] = { "spf-void-lookups", MXA_LINT_ERROR },
	[MXA_LINT_SPF_VOID_IPV6] = { "spf-void-ipv6", MXA_LINT_INFO },
	[MXA_LINT_SPF_INCLUDE_NONE] = { "spf-include-none", MXA_LINT_ERROR },
	[MXA_LINT_SPF_A_NONE] = { "spf-a-none", MXA_LINT_WARNING },
	[MXA_LINT_SPF_LOOP] = { "spf-loop", MXA_LINT_ERROR },
	[MXA_LINT_SPF_PTR] = { "spf-ptr", MXA_LINT_WARNING },
	[MXA_LINT_SPF_TOO_WIDE] = { "spf-too-wide", MXA_LINT_WARNING },
	[MXA_LINT_SPF_PRIVATE_IP] = { "spf-private-ip", MXA_LINT_INFO },
	[MXA_LINT_SPF_UNKNOWN_MODIFIER] = { "spf-unknown-modifier",
	    MXA_LINT_INFO },
	[MXA_LINT_SPF_DUPLICATE] = { "spf-duplicate", MXA_LINT_INFO },
	[MXA_LINT_SPF_NOT_LISTED] = { "spf-not-listed", MXA_LINT_ERROR },
	[MXA_LINT_DKIM_MISSING] = { "dkim-missing", MXA_LINT_ERROR },
	[MXA_LINT_DKIM_UNKNOWN] = { "dkim-unknown", MXA_LINT_INFO },
	[MXA_LINT_DKIM_MULTIPLE] = { "dkim-multiple", MXA_LINT_WARNING },
	[MXA_LINT_DKIM_SYNTAX] = { "dkim-syntax", MXA_LINT_ERROR },
	[MXA_LINT_DKIM_KEY_WEAK] = { "dkim-key-weak", MXA_LINT_ERROR },
	[MXA_LINT_DKIM_KEY_LONG] = { "dkim-key-long", MXA_LINT_WARNING },
	[MXA_LINT_DKIM_KEY_REVOKED] = { "dkim-key-revoked", MXA_LINT_WARNING },
	[MXA_LINT_DKIM_TESTING] = { "dkim-testing", MXA_LINT_INFO },
	[MXA_LINT_DKIM_SHA1] = { "dkim-sha1", MXA_LINT_WARNING },
	[MXA_LINT_DKIM_SERVICE] = { "dkim-service", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_MISSING] = { "dmarc-missing", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_INHERITED] = { "dmarc-inherited", MXA_LINT_INFO },
	[MXA_LINT_DMARC_MULTIPLE] = { "dmarc-multiple", MXA_LINT_ERROR },
	[MXA_LINT_DMARC_SYNTAX] = { "dmarc-syntax", MXA_LINT_ERROR },
	[MXA_LINT_DMARC_WRONG_PLACE] = { "dmarc-wrong-place",
	    MXA_LINT_WARNING },
	[MXA_LINT_DMARC_P_NONE] = { "dmarc-p-none", MXA_LINT_INFO },
	[MXA_LINT_DMARC_SP_WEAKER] = { "dmarc-sp-weaker", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_TESTING] = { "dmarc-testing", MXA_LINT_INFO },
	[MXA_LINT_DMARC_PCT] = { "dmarc-pct", MXA_LINT_INFO },
	[MXA_LINT_DMARC_NO_RUA] = { "dmarc-no-rua", MXA_LINT_INFO },
	[MXA_LINT_DMARC_RUA_SYNTAX] = { "dmarc-rua-syntax", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_RUA_NO_MX] = { "dmarc-rua-no-mx", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_EXTERNAL_RUA] = { "dmarc-external-rua-unauthorised",
	    MXA_LINT_WARNING },
	[MXA_LINT_DMARC_UNKNOWN_TAG] = { "dmarc-unknown-tag", MXA_LINT_INFO },
	[MXA_LINT_SPF_ANSWER_SIZE] = { "spf-answer-size", MXA_LINT_INFO },
	[MXA_LINT_DMARC_PSD] = { "dmarc-psd", MXA_LINT_WARNING },
	[MXA_LINT_DMARC_RF] = { "dmarc-rf", MXA_LINT_INFO },
	[MXA_LINT_DMARC_RI] = { "dmarc-ri", MXA_LINT_INFO },
	[MXA_LINT_DMARC_SIZE_LIMIT] = { "dmarc-size-limit", MXA_LINT_INFO },
	[MXA_LINT_DMARC_RUA_MANY] = { "dmarc-rua-many", MXA_LINT_INFO },
	[MXA_LINT_MX_CNAME] = { "mx-cname", MXA_LINT_WARNING },
	[MXA_LINT_MX_ADDRESS] = { "mx-address", MXA_LINT_WARNING },
	[MXA_LINT_PTR_MISSING] = { "ptr-missing", MXA_LINT_WARNING },
	[MXA_LINT_PTR_UNCONFIRMED] = { "ptr-unconfirmed", MXA_LINT_WARNING },
	[MXA_LINT_TLS_RPT] = { "tls-rpt-syntax", MXA_LINT_INFO },
	[MXA_LINT_MTA_STS] = { "mta-sts-syntax", MXA_LINT_INFO },
	[MXA_LINT_BIMI] = { "bimi-syntax", MXA_LINT_INFO },
	[MXA_LINT_MX_MISSING] = { "mx-missing", MXA_LINT_INFO },
	[MXA_LINT_MX_A_NONE] = { "mx-a-none", MXA_LINT_WARNING },
	[MXA_LINT_MX_NULL] = { "mx-null-not-alone", MXA_LINT_WARNING },
};

const char *mxa_lint_code_name(enum mxa_lint_code c)
{
	return codes[c].name;
}

const char *mxa_lint_severity_name(enum mxa_lint_severity s)
{
	switch (s) {
	case MXA_LINT_INFO:
		return "info";
	case MXA_LINT_WARNING:
		return "warning";
	case MXA_LINT_ERROR:
		return "error";
	}
	return "info";
}

/* --- findings --- */

static unsigned *severity_counter(
    struct mxa_lint *out, enum mxa_lint_severity s)
{
	switch (s) {
	case MXA_LINT_INFO:
		return &out->infos;
	case MXA_LINT_WARNING:
		return &out->warnings;
	case MXA_LINT_ERROR:
		return &out->errors;
	}
	return &out->infos;
}

/* A record that several terms lead to is met several times. */
static bool is_there(const struct mxa_lint *out, enum mxa_lint_code code,
    struct mxa_str name, struct mxa_str text)
{
	for (const struct mxa_finding *f = out->first; f; f = f->next)
		if (f->code == code && mxa_str_eq(f->name, name) &&
		    mxa_str_eq(f->evidence, text))
			return true;
	return false;
}

struct mxa_finding *lint_add(struct lint *l, enum mxa_lint_code code,
    struct mxa_str name, const char *fmt, ...)
{
	struct mxa_lint *out = l->out;
	struct mxa_finding *f;
	struct mxa_str text;
	va_list ap;

	va_start(ap, fmt);
	text = mxa_str_from(mxa_arena_vprintf(l->a, fmt, ap));
	va_end(ap);
	if (is_there(out, code, name, text))
		return NULL;
	if (out->n == MXA_LINT_MAX_FINDINGS) {
		/* what does not fit still counts for the exit status */
		out->dropped++;
		(*severity_counter(out, codes[code].severity))++;
		return NULL;
	}
	f = mxa_arena_calloc(l->a, 1, sizeof(*f));
	f->code = code;
	f->severity = codes[code].severity;
	f->name = mxa_str_dup(l->a, name);
	f->evidence = text;
	f->fix.name = f->fix.old = f->fix.new = f->fix.advice = MXA_STR("");
	*out->last = f;
	out->last = &f->next;
	out->n++;
	(*severity_counter(out, f->severity))++;
	return f;
}

void lint_grade(struct lint *l, struct mxa_finding *f, enum mxa_lint_severity s)
{
	if (f == NULL)
		return;
	(*severity_counter(l->out, f->severity))--;
	f->severity = s;
	(*severity_counter(l->out, f->severity))++;
}

void lint_fix_record(struct mxa_finding *f, struct mxa_str name,
    struct mxa_str old, struct mxa_str record)
{
	if (f == NULL || record.len == 0)
		return;
	f->fix = (struct mxa_fix){ .name = name,
		.old = old,
		.new = record,
		.verified = true,
		.advice = MXA_STR("") };
}

void lint_fix(struct lint *l, struct mxa_finding *f, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL || f->fix.name.len > 0)
		return;
	va_start(ap, fmt);
	f->fix.advice = mxa_str_from(mxa_arena_vprintf(l->a, fmt, ap));
	va_end(ap);
}

struct mxa_finding *lint_dns_error(
    struct lint *l, const struct mxa_dns_answer *answer)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_DNS_ERROR, answer->name,
	    _("The DNS does not say whether %s has %s records (%s)."),
	    lint_show(l, answer->name), mxa_dns_type_name(answer->type),
	    mxa_dns_status_name(answer->status));

	lint_fix(l, f,
	    _("Check the name servers of this name: receivers that get no "
	      "answer defer mail or ignore the record."));
	return f;
}

struct mxa_str lint_join(struct lint *l, const char *a, struct mxa_str b)
{
	return mxa_str_from(
	    mxa_arena_printf(l->a, "%s.%.*s", a, MXA_STR_ARG(b)));
}

bool lint_void(const struct mxa_dns_answer *answer)
{
	return answer->status == MXA_DNS_NODATA ||
	    answer->status == MXA_DNS_NXDOMAIN ||
	    answer->status == MXA_DNS_BADNAME;
}

static bool begins_with(struct mxa_str text, struct mxa_str version)
{
	struct mxa_str rest =
	    mxa_str_trim(mxa_str_sub(text, version.len, text.len));

	return mxa_str_starts(text, version) &&
	    (rest.len == 0 || rest.p[0] == ';');
}

size_t lint_versioned(struct lint *l, struct mxa_str name, const char *version,
    struct mxa_str *text, struct mxa_str *alike)
{
	const struct mxa_dns_answer *txt =
	    mxa_dns_lookup(l->mx, MXA_SHARE_OTHER, name, MXA_DNS_TXT);
	struct mxa_str word = mxa_str_from(version + 2);
	size_t n = 0;

	*text = *alike = MXA_STR("");
	/* "v=STSv1" is about "STS" */
	word.len -= word.p[word.len - 2] == 'v' ? 2 : 1;
	for (size_t i = 0; i < txt->n; i++) {
		struct mxa_str record = txt->rr[i].text;

		if (begins_with(record, mxa_str_from(version))) {
			if (n++ == 0)
				*text = record;
		} else if (mxa_str_casefind(record, word) < record.len) {
			*alike = record;
		}
	}
	return n;
}

#define SHOWN 300

const char *lint_show(struct lint *l, struct mxa_str s)
{
	bool cut = s.len > SHOWN;
	size_t n = cut ? SHOWN : s.len;
	char *text = mxa_arena_printf(
	    l->a, "%.*s%s", (int)n, s.len ? s.p : "", cut ? "..." : "");

	for (size_t i = 0; text[i] != '\0'; i++)
		if ((unsigned char)text[i] < ' ' ||
		    (unsigned char)text[i] >= 0x7f)
			text[i] = '?';
	return text;
}

/* --- the domain itself --- */

/* Ask at once what will be needed in any case. */
static void prefetch_records(struct lint *l)
{
	mxa_dns_prefetch(l->spf, MXA_SHARE_SPF, l->domain, MXA_DNS_TXT);
	mxa_dns_prefetch(l->mx, MXA_SHARE_OTHER, l->domain, MXA_DNS_MX);
	mxa_walk_prefetch(l->dmarc, NULL, l->domain);
}

/* False: there is nothing to look at. */
static bool look_at_domain(struct lint *l)
{
	const struct mxa_dns_answer *txt =
	    mxa_dns_lookup(l->spf, MXA_SHARE_SPF, l->domain, MXA_DNS_TXT);
	struct mxa_finding *f;

	if (mxa_dns_failed(txt->status)) {
		lint_dns_error(l, txt);
		l->out->unchecked = true;
		return true;
	}
	if (txt->status != MXA_DNS_NXDOMAIN)
		return true;
	f = lint_add(l, MXA_LINT_DOMAIN_MISSING, l->domain,
	    _("%s does not exist in the DNS: no mail from it can be "
	      "authenticated, and no reply can reach it."),
	    lint_show(l, l->domain));
	lint_fix(l, f,
	    _("Check the spelling, the registration and the delegation of the "
	      "domain."));
	return false;
}

/* --- what bulk senders need --- */

/* An address that is not listed is no fault of the record. */
static bool spf_is_broken(const struct mxa_lint *out)
{
	for (const struct mxa_finding *f = out->first; f; f = f->next)
		if (f->severity == MXA_LINT_ERROR &&
		    f->code != MXA_LINT_SPF_NOT_LISTED &&
		    strncmp(codes[f->code].name, "spf-", 4) == 0)
			return true;
	return false;
}

static enum mxa_lint_holds bulk_dkim(const struct lint *l)
{
	enum mxa_lint_holds holds = MXA_LINT_NOT_KNOWN;

	for (const struct mxa_lint_key *k = l->out->keys; k; k = k->next) {
		if (k->key.state == MXA_DKIM_KEY_OK)
			return MXA_LINT_HOLDS;
		if (k->source == MXA_SELECTOR_NAMED &&
		    k->key.state != MXA_DKIM_KEY_UNKNOWN)
			holds = MXA_LINT_HOLDS_NOT;
	}
	return holds;
}

static enum mxa_lint_holds bulk_dmarc(const struct lint *l)
{
	const struct mxa_lint_dmarc *d = &l->out->dmarc;

	if (d->known)
		return MXA_LINT_HOLDS;
	for (size_t i = 0; i < d->n_walk; i++)
		if (d->walk[i].failed)
			return MXA_LINT_NOT_KNOWN;
	return MXA_LINT_HOLDS_NOT;
}

/* Whether it holds for every sender of the options. */
static enum mxa_lint_holds of_senders(
    const struct lint *l, bool (*holds)(const struct mxa_lint_sender *s))
{
	const struct mxa_lint_sender *s = l->out->spf.senders;

	if (s == NULL)
		return MXA_LINT_NOT_KNOWN;
	for (; s != NULL; s = s->next)
		if (!holds(s))
			return MXA_LINT_HOLDS_NOT;
	return MXA_LINT_HOLDS;
}

static bool passes_spf(const struct mxa_lint_sender *s)
{
	return s->result == MXA_SPF_PASS;
}

static bool has_name(const struct mxa_lint_sender *s)
{
	return s->iprev == MXA_IPREV_PASS;
}

static void sum_up_bulk(struct lint *l)
{
	struct mxa_lint_bulk *b = &l->out->bulk;

	if (l->out->unchecked)
		b->spf = MXA_LINT_NOT_KNOWN;
	else if (l->out->spf.tree->text.len > 0 && !spf_is_broken(l->out))
		b->spf = MXA_LINT_HOLDS;
	else
		b->spf = MXA_LINT_HOLDS_NOT;
	b->dkim = bulk_dkim(l);
	b->dmarc = bulk_dmarc(l);
	b->alignment = of_senders(l, passes_spf);
	b->ptr = of_senders(l, has_name);
}

/* --- all of it --- */

static void open_budgets(struct lint *l, struct mxa_budget **all[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		*all[i] = mxa_budget_open(l->dns, l->o->deadline_ms);
}

/* Records that are published are parts of DNS answers, which go with their
 * budget. */
static void keep_texts(struct lint *l)
{
	for (struct mxa_finding *f = l->out->first; f; f = f->next)
		f->fix.old = mxa_str_dup(l->a, f->fix.old);
}

static void close_budgets(struct lint *l, struct mxa_budget **all[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		l->out->questions += mxa_budget_counts(*all[i]).questions;
		mxa_budget_close(*all[i]);
	}
}

/* In the order in which later ones use what earlier ones found. */
static const struct {
	enum mxa_lint_method method;
	void (*examine)(struct lint *l);
} examiners[] = {
	{ MXA_LINT_BY_MX, lint_mx },
	{ MXA_LINT_BY_SPF, lint_spf },
	{ MXA_LINT_BY_DKIM, lint_dkim },
	{ MXA_LINT_BY_DMARC, lint_dmarc },
	{ MXA_LINT_BY_SENDER, lint_senders },
	{ MXA_LINT_BY_TLS, lint_tls },
	{ MXA_LINT_BY_BIMI, lint_bimi },
};

static void examine_chosen(struct lint *l)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(examiners); i++)
		if (l->o->methods & examiners[i].method)
			examiners[i].examine(l);
}

static void examine_all(struct lint *l)
{
	prefetch_records(l);
	if (!look_at_domain(l))
		return;
	for (size_t i = 0; i < MXA_ARRAY_LEN(examiners); i++)
		examiners[i].examine(l);
	sum_up_bulk(l);
}

void mxa_lint_run(struct mxa_arena *a, struct mxa_dns *dns,
    const struct mxa_lint_options *o, struct mxa_str domain,
    struct mxa_lint *out)
{
	struct lint l = { .a = a, .dns = dns, .o = o, .domain = domain };
	struct mxa_budget **all[] = { &l.spf, &l.hosts, &l.keys, &l.known,
		&l.dmarc, &l.mx, &l.trials };

	*out = (struct mxa_lint){ .domain = domain };
	out->last = &out->first;
	l.out = out;
	open_budgets(&l, all, MXA_ARRAY_LEN(all));
	l.env = (struct mxa_engine_env){ .arena = a,
		.budget = l.trials,
		.clock = mxa_sysclock(),
		.options = o->auth };
	if (o->methods != 0)
		examine_chosen(&l);
	else
		examine_all(&l);
	keep_texts(&l);
	close_budgets(&l, all, MXA_ARRAY_LEN(all));
}

/* Errors other than answers that could not be had. */
static bool has_errors(const struct mxa_lint *l)
{
	for (const struct mxa_finding *f = l->first; f; f = f->next)
		if (f->severity == MXA_LINT_ERROR &&
		    f->code != MXA_LINT_DNS_ERROR)
			return true;
	return false;
}

int mxa_lint_status(const struct mxa_lint *l)
{
	if (l->unchecked && !has_errors(l))
		return 2;
	return l->errors > 0 ? 1 : 0;
}
