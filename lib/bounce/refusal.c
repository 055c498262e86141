/* refusal.c - what a refusal is about. */
#include "bounce/refusal.h"

#include <string.h>

#include "base/attr.h"
#include "bounce/provider.h"
#include "bounce/refusal_table.h"
#include "bounce/words.h"

static const char *const class_names[] = {
	[MXA_RF_DMARC] = "dmarc-policy",
	[MXA_RF_SPF] = "spf-fail",
	[MXA_RF_SPF_ERROR] = "spf-error",
	[MXA_RF_DKIM] = "dkim-fail",
	[MXA_RF_NO_AUTH] = "no-auth",
	[MXA_RF_ALIGN] = "alignment",
	[MXA_RF_NO_DMARC] = "no-dmarc-record",
	[MXA_RF_UNKNOWN_USER] = "unknown-user",
	[MXA_RF_MAILBOX_FULL] = "mailbox-full",
	[MXA_RF_DISABLED] = "account-disabled",
	[MXA_RF_BLACKLIST] = "blacklist",
	[MXA_RF_RDNS] = "rdns",
	[MXA_RF_HELO] = "helo",
	[MXA_RF_SENDER_DNS] = "sender-dns",
	[MXA_RF_FROM_HEADER] = "from-header",
	[MXA_RF_HEADER_FORMAT] = "header-format",
	[MXA_RF_TLS] = "tls",
	[MXA_RF_NULL_MX] = "null-mx",
	[MXA_RF_RATE] = "rate-limit",
	[MXA_RF_GREYLIST] = "greylist",
	[MXA_RF_BUSY] = "busy",
	[MXA_RF_CONTENT] = "content",
	[MXA_RF_SIZE] = "too-large",
	[MXA_RF_RELAY] = "relay-denied",
	[MXA_RF_ROUTING] = "routing",
	[MXA_RF_FORWARDING] = "forwarding-forbidden",
	[MXA_RF_TENANT] = "tenant",
	[MXA_RF_RULE] = "administrator-rule",
	[MXA_RF_OTHER] = "other",
};

const char *mxa_refusal_class_name(enum mxa_refusal_class c)
{
	return class_names[c];
}

/* The methods that a refusal of this class is about, unless it names them. */
static unsigned class_methods(enum mxa_refusal_class c)
{
	switch (c) {
	case MXA_RF_DMARC:
	case MXA_RF_ALIGN:
	case MXA_RF_NO_DMARC:
		return MXA_BY_DMARC;
	case MXA_RF_SPF:
	case MXA_RF_SPF_ERROR:
		return MXA_BY_SPF;
	case MXA_RF_DKIM:
		return MXA_BY_DKIM;
	case MXA_RF_NO_AUTH:
		return MXA_BY_SPF | MXA_BY_DKIM;
	default:
		return 0;
	}
}

/* One reply, ready for the rows. */
struct look_up {
	const struct mxa_said *said;
	struct mxa_str status; /* enhanced code that counts */
	const char *provider;
	struct mxa_words words;
	bool fails; /* some word tells of a failure */
};

/* "5.7.26" also fits "4.7.26"; "504" is the reply's code. */
static bool code_fits(const char *code, const struct look_up *u)
{
	if (strchr(code, '.') == NULL)
		return strcmp(code, u->said->code) == 0;
	return u->status.len > 1 && strlen(code) == u->status.len &&
	    memcmp(code + 1, u->status.p + 1, u->status.len - 1) == 0;
}

static bool some_code_fits(const char *const *codes, const struct look_up *u)
{
	for (; *codes != NULL; codes++)
		if (code_fits(*codes, u))
			return true;
	return false;
}

static bool have_one(const struct mxa_words *w, const char *const *fragments)
{
	for (; *fragments != NULL; fragments++)
		if (mxa_words_have(w, *fragments))
			return true;
	return false;
}

static bool row_holds(const struct mxa_refusal_row *r, const struct look_up *u)
{
	if (r->provider != NULL && strcmp(r->provider, u->provider) != 0)
		return false;
	if ((r->codes != NULL && !some_code_fits(r->codes, u)) ||
	    (r->failing && !u->fails))
		return false;
	for (size_t i = 0; i < MXA_ARRAY_LEN(r->with) && r->with[i] != NULL;
	     i++)
		if (!mxa_words_have(&u->words, r->with[i]))
			return false;
	return r->any == NULL || have_one(&u->words, r->any);
}

/* Outlook.com lists "Spf= Fail, Dkim= Pass, DMARC= Pass". */
static void refine_listed(
    const struct mxa_said *said, struct mxa_refusal_kind *out)
{
	static const struct {
		struct mxa_str name;
		unsigned method;
	} listed[] = {
		{ MXA_STR_INIT("spf="), MXA_BY_SPF },
		{ MXA_STR_INIT("dkim="), MXA_BY_DKIM },
		{ MXA_STR_INIT("dmarc="), MXA_BY_DMARC },
	};
	unsigned failing = 0, found = 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(listed); i++) {
		size_t at = mxa_str_casefind(said->text, listed[i].name);
		struct mxa_str rest = mxa_str_trim(mxa_str_sub(
		    said->text, at + listed[i].name.len, said->text.len));

		if (at == said->text.len)
			continue;
		found++;
		if (!mxa_str_casestarts(rest, MXA_STR("pass")))
			failing |= listed[i].method;
	}
	if (found < 2 || failing == 0)
		return;
	out->methods = failing;
	if (failing == MXA_BY_SPF)
		out->class = MXA_RF_SPF;
	else if (failing == MXA_BY_DKIM)
		out->class = MXA_RF_DKIM;
	else if (failing == MXA_BY_DMARC)
		out->class = MXA_RF_DMARC;
}

/* The policy server's page names the identity: s=helo. */
static bool speaks_of_helo(const struct mxa_words *w)
{
	static const char *const words[] = { "s=helo", "identity=helo",
		"helo/ehlo", "helo command", "spf-helo", "helo spf", "spf helo",
		"for helo name", "helo identity", NULL };

	return have_one(w, words);
}

static void classify_words(
    const struct look_up *u, struct mxa_refusal_kind *out)
{
	for (size_t i = 0; i < mxa_refusal_n_rows; i++) {
		const struct mxa_refusal_row *r = &mxa_refusal_rows[i];

		if (!row_holds(r, u))
			continue;
		out->class = r->class;
		out->methods =
		    r->methods ? r->methods : class_methods(r->class);
		out->sure = r->any != NULL || r->provider != NULL;
		return;
	}
}

void mxa_refusal_classify(struct mxa_arena *a, const struct mxa_said *said,
    struct mxa_str status, struct mxa_str remote_mta,
    struct mxa_refusal_kind *out)
{
	struct look_up u = { .said = said };

	memset(out, 0, sizeof(*out));
	out->class = MXA_RF_OTHER;
	out->provider =
	    said->gsmtp ? "gmail" : mxa_provider_of_host(remote_mta);
	if (out->provider[0] == '\0')
		out->provider = mxa_provider_of_text(said->text);
	if (said->rule) {
		out->class = MXA_RF_RULE;
		out->sure = true;
		return;
	}
	u.status = mxa_enhanced_is_generic(said->enhanced) && status.len > 0
	    ? status
	    : said->enhanced;
	u.provider = out->provider;
	mxa_words_make_masked(a, said->text, &u.words);
	u.fails = have_one(&u.words, mxa_failing_words);
	classify_words(&u, out);
	out->arc = mxa_words_have(&u.words, "arc") && u.fails &&
	    out->class == MXA_RF_OTHER && out->sure;
	out->codes_differ = said->code[0] != '\0' && said->enhanced.len > 0 &&
	    said->code[0] != said->enhanced.p[0];
	if (!mxa_refusal_is_auth(out->class))
		return;
	refine_listed(said, out);
	out->helo =
	    (out->methods & MXA_BY_SPF) != 0 && speaks_of_helo(&u.words);
}
