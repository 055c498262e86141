/* facts.c - domain, identity and address out of a refusal's words. */
#include "bounce/collect.h"

#include <string.h>

#include "base/attr.h"
#include "base/domain.h"
#include "bounce/find.h"
#include "bounce/words.h"

/* Words right before the domain that failed.  Those of unknown
 * identity may also stand before other names;
 * "id=" is a parameter of the openspf page. */
static const struct {
	const char *before; /* lower case */
	enum mxa_identity identity;
} places[] = {
	/* what follows is surely a sender's */
	{ "spf check for [", MXA_IDENTITY_MAILFROM },
	{ "mail from domain [", MXA_IDENTITY_MAILFROM },
	{ "domain of transitioning ", MXA_IDENTITY_MAILFROM },
	{ "で [", MXA_IDENTITY_MAILFROM },
	{ "spf [", MXA_IDENTITY_MAILFROM },
	{ "dkim check for [", MXA_IDENTITY_FROM },
	{ "unauthenticated email from ", MXA_IDENTITY_FROM },
	{ "authentifizierte e-mails von ", MXA_IDENTITY_FROM },
	{ "authentifizierte e-mail von ", MXA_IDENTITY_FROM },
	{ "authentifiés provenant de ", MXA_IDENTITY_FROM },
	{ "authentifié provenant de ", MXA_IDENTITY_FROM },
	{ "no autenticado de ", MXA_IDENTITY_FROM },
	{ "no autenticados de ", MXA_IDENTITY_FROM },
	{ "sending domain [", MXA_IDENTITY_FROM },
	{ "sending domain ", MXA_IDENTITY_FROM },
	{ "rejected per dmarc policy for ", MXA_IDENTITY_FROM },
	{ "dmarc policy for ", MXA_IDENTITY_FROM },
	{ "dmarc policy on from: ", MXA_IDENTITY_FROM },
	{ "dmarc policy reject for ", MXA_IDENTITY_FROM },
	{ "dmarc policy of ", MXA_IDENTITY_FROM },
	{ "dmarc failure for domain ", MXA_IDENTITY_FROM },
	{ "due to the dmarc policy of ", MXA_IDENTITY_FROM },
	{ "helo=", MXA_IDENTITY_HELO },
	{ "helo name ", MXA_IDENTITY_HELO },
	{ "helo command ", MXA_IDENTITY_HELO },
	{ "helo identity ", MXA_IDENTITY_HELO },
	{ ";id=", MXA_IDENTITY_UNKNOWN },
	{ "&id=", MXA_IDENTITY_UNKNOWN },
	{ "?id=", MXA_IDENTITY_UNKNOWN },
	{ "envelope-from=", MXA_IDENTITY_MAILFROM },
	{ "smtp.mailfrom=", MXA_IDENTITY_MAILFROM },
	{ "header.from=", MXA_IDENTITY_FROM },
	{ "not allowed to send from <", MXA_IDENTITY_MAILFROM },
	{ "not allowed to send mail from ", MXA_IDENTITY_MAILFROM },
	{ "not permitted to send mail for ", MXA_IDENTITY_MAILFROM },
	{ "not authorized to send mail from ", MXA_IDENTITY_MAILFROM },
	{ "not authorized to send mail for ", MXA_IDENTITY_MAILFROM },
	{ "not authorized by ", MXA_IDENTITY_MAILFROM },
	{ "fail for ", MXA_IDENTITY_UNKNOWN },
	{ "failed for ", MXA_IDENTITY_UNKNOWN },
	{ "failure for ", MXA_IDENTITY_UNKNOWN },
	{ "spf for ", MXA_IDENTITY_MAILFROM },
	{ "for the domain ", MXA_IDENTITY_UNKNOWN },
	{ "for domain ", MXA_IDENTITY_UNKNOWN },
	{ "domain of ", MXA_IDENTITY_UNKNOWN },
	{ "the domain ", MXA_IDENTITY_UNKNOWN },
	{ "domain ", MXA_IDENTITY_UNKNOWN },
	{ "domaine ", MXA_IDENTITY_UNKNOWN },
	{ "dominio ", MXA_IDENTITY_UNKNOWN },
	{ "spf-prüfung für ", MXA_IDENTITY_MAILFROM },
	{ "spf pour ", MXA_IDENTITY_MAILFROM },
	{ "spf falló para ", MXA_IDENTITY_MAILFROM },
	{ "spf para ", MXA_IDENTITY_MAILFROM },
	{ "来自 ", MXA_IDENTITY_UNKNOWN },
	{ "來自 ", MXA_IDENTITY_UNKNOWN },
	{ "ドメイン ", MXA_IDENTITY_UNKNOWN },
	{ "ドメイン「", MXA_IDENTITY_UNKNOWN },
	{ "域 ", MXA_IDENTITY_UNKNOWN },
	{ "域名 ", MXA_IDENTITY_UNKNOWN },
	{ "spf record for ", MXA_IDENTITY_MAILFROM },
	{ "spf record of ", MXA_IDENTITY_MAILFROM },
	{ "mail from ", MXA_IDENTITY_UNKNOWN },
	{ "email from ", MXA_IDENTITY_UNKNOWN },
	{ "message from ", MXA_IDENTITY_UNKNOWN },
	{ "sender ", MXA_IDENTITY_UNKNOWN },
	{ "on behalf of ", MXA_IDENTITY_UNKNOWN },
	{ "from ", MXA_IDENTITY_UNKNOWN },
};

/* Words right after it. */
static const struct {
	const char *after; /* lower case */
	enum mxa_identity identity;
} ends[] = {
	{ " does not designate ", MXA_IDENTITY_MAILFROM },
	{ "'s dmarc policy", MXA_IDENTITY_FROM },
	{ "'s spf record", MXA_IDENTITY_MAILFROM },
	{ " の dmarc", MXA_IDENTITY_FROM },
	{ " の spf", MXA_IDENTITY_MAILFROM },
	{ " からの", MXA_IDENTITY_UNKNOWN },
};

/* The domain before 'after' in the text; empty: none. */
static struct mxa_str domain_before(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str after)
{
	size_t at = mxa_str_casefind(text, after), from = at;

	/* words of Japanese stand right before a name, too */
	while (from > 0 &&
	    (mxa_is_alnum(text.p[from - 1]) || text.p[from - 1] == '-' ||
		text.p[from - 1] == '_' || text.p[from - 1] == '.'))
		from--;
	return mxa_domain_at(a, mxa_str_sub(text, from, at));
}

/* The domain after 'before' in the text; empty: none. */
static struct mxa_str domain_after(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str before)
{
	struct mxa_str found;
	size_t at = 0;

	while (at < text.len) {
		struct mxa_str rest = mxa_str_sub(text, at, text.len);
		size_t hit = mxa_str_casefind(rest, before);

		if (hit == rest.len)
			break;
		at += hit + before.len;
		found = mxa_domain_at(a, mxa_str_sub(text, at, text.len));
		if (found.len > 0)
			return found;
	}
	return MXA_STR("");
}

bool mxa_facts_domain(struct mxa_arena *a, struct mxa_str text,
    struct mxa_str *domain, enum mxa_identity *identity)
{
	struct mxa_words w;

	mxa_words_make(a, text, &w);
	for (size_t i = 0; i < MXA_ARRAY_LEN(places); i++) {
		if (!mxa_words_have(&w, places[i].before))
			continue;
		*domain = domain_after(a, text, mxa_str_from(places[i].before));
		if (domain->len == 0)
			continue;
		*identity = places[i].identity;
		return true;
	}
	for (size_t i = 0; i < MXA_ARRAY_LEN(ends); i++) {
		if (!mxa_words_have(&w, ends[i].after))
			continue;
		*domain = domain_before(a, text, mxa_str_from(ends[i].after));
		*identity = ends[i].identity;
		if (domain->len > 0)
			return true;
	}
	*domain = MXA_STR("");
	return false;
}

/* Whether the words mean the sender: they say so, and do not name the
 * recipient's domain instead; or it is the name that is known, one above or one
 * below it. */
static bool is_sender(const struct mxa_returned *r, struct mxa_str domain,
    enum mxa_identity identity, struct mxa_str recipient)
{
	const struct mxa_str known[] = { r->author, r->mail_domain };
	bool any = false;

	if (identity != MXA_IDENTITY_UNKNOWN &&
	    (recipient.len == 0 || !mxa_domain_within(domain, recipient)))
		return true;
	for (size_t i = 0; i < MXA_ARRAY_LEN(known); i++) {
		if (known[i].len == 0)
			continue;
		any = true;
		if (mxa_domain_related(domain, known[i]))
			return true;
	}
	return !any;
}

/* --- the client's address --- */

/* Words after which the client's address stands. */
static const char *const ip_places[] = { "client-ip=", ";ip=", "&ip=",
	"does not designate ", "with ip: [", "with ip [", "ip: [", "ip=[",
	"ip=", "sender ip is ", "ip address ", "client host [", "host [",
	"messages from ", "mail from ", "connection from ", "connections from ",
	"from " };

/* The one address in the text; false: there is none, or one of several, of
 * which it may be the receiver's. */
static bool only_ip(struct mxa_str text, struct mxa_ip *ip)
{
	struct mxa_ip other;
	bool found = false;

	memset(ip, 0, sizeof(*ip));
	for (size_t at = 0; at < text.len; at++) {
		if (!mxa_is_xdigit(text.p[at]) ||
		    !mxa_ip_at(text, at, &other) || mxa_ip_is_private(&other))
			continue;
		if (found && !mxa_ip_eq(ip, &other)) {
			memset(ip, 0, sizeof(*ip));
			return false;
		}
		*ip = other;
		found = true;
	}
	return found;
}

/* A private address is a host within the receiver's own network. */
bool mxa_facts_ip(struct mxa_str text, struct mxa_ip *ip)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(ip_places); i++) {
		struct mxa_str before = mxa_str_from(ip_places[i]);
		size_t at = mxa_str_casefind(text, before);

		if (at == text.len)
			continue;
		at += before.len;
		while (at < text.len && text.p[at] != '\0' &&
		    strchr("[(<", text.p[at]) != NULL)
			at++;
		if (mxa_ip_at(text, at, ip) && !mxa_ip_is_private(ip))
			return true;
	}
	return only_ip(text, ip);
}

/* --- which identity, where the words leave it open --- */

static enum mxa_identity default_identity(const struct mxa_failure *f)
{
	unsigned m = f->refusal.methods;

	if (f->refusal.helo)
		return MXA_IDENTITY_HELO;
	if (m & MXA_BY_DMARC)
		return MXA_IDENTITY_FROM;
	if (m & MXA_BY_SPF)
		return MXA_IDENTITY_MAILFROM;
	return MXA_IDENTITY_FROM;
}

static enum mxa_identity identity_of(
    const struct mxa_failure *f, enum mxa_identity said)
{
	unsigned m = f->refusal.methods;

	if (f->refusal.helo || said == MXA_IDENTITY_UNKNOWN)
		return default_identity(f);
	if (m == MXA_BY_DMARC)
		return MXA_IDENTITY_FROM;
	if ((m & MXA_BY_DMARC) != 0)
		return said;
	return said == MXA_IDENTITY_FROM && (m & MXA_BY_SPF) == 0
	    ? MXA_IDENTITY_FROM
	    : default_identity(f);
}

/* The domain of the envelope sender, before a forwarder rewrote it. */
static struct mxa_str envelope_domain(const struct mxa_returned *r)
{
	return r->rewritten ? r->domain_before : r->mail_domain;
}

/* The returned message's domain for that identity. */
static struct mxa_str known_domain(
    const struct mxa_returned *r, const struct mxa_failure *f)
{
	bool from = f->identity == MXA_IDENTITY_FROM;
	struct mxa_str first = from ? r->author : r->mail_domain;
	struct mxa_str second = from ? envelope_domain(r) : r->author;

	if (f->refusal.class == MXA_RF_DKIM && r->n_sigs > 0 &&
	    r->sig[0].domain.len > 0)
		return r->sig[0].domain;
	return first.len > 0 ? first : second;
}

/* Refusals, not for authentication, that are about the client's address. */
static bool is_about_address(enum mxa_refusal_class class)
{
	return class == MXA_RF_BLACKLIST || class == MXA_RF_RDNS ||
	    class == MXA_RF_RATE || class == MXA_RF_BUSY;
}

void mxa_facts_read(struct mxa_arena *a, const struct mxa_returned *returned,
    struct mxa_failure *f)
{
	enum mxa_identity said = MXA_IDENTITY_UNKNOWN;

	f->domain = MXA_STR("");
	f->identity = MXA_IDENTITY_UNKNOWN;
	if (mxa_refusal_is_auth(f->refusal.class) ||
	    is_about_address(f->refusal.class))
		mxa_facts_ip(f->said.text, &f->ip);
	if (!mxa_refusal_is_auth(f->refusal.class))
		return;
	if (!mxa_facts_domain(a, f->said.text, &f->domain, &said) ||
	    !is_sender(
		returned, f->domain, said, mxa_domain_of(a, f->recipient))) {
		f->domain = MXA_STR("");
		said = MXA_IDENTITY_UNKNOWN;
	}
	f->identity = identity_of(f, said);
	if (f->domain.len == 0 && f->identity != MXA_IDENTITY_HELO)
		f->domain = known_domain(returned, f);
}
