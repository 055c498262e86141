/* dmarc_record.c - reads DMARC records.
 *
 * A mistake costs its tag, never the record (RFC 9989 section 4.8), except in
 * the policies themselves (section 4.10.1). */
#include "auth/dmarc_record.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "dns/dns.h"
#include "mail/taglist.h"

static size_t skip_wsp(struct mxa_str s, size_t i)
{
	while (i < s.len && mxa_is_wsp(s.p[i]))
		i++;
	return i;
}

bool mxa_dmarc_record_is(struct mxa_str text)
{
	size_t i;

	/* The tag's name is case-insensitive, its value is not. */
	if (text.len == 0 || mxa_lower(text.p[0]) != 'v')
		return false;
	i = skip_wsp(text, 1);
	if (i == text.len || text.p[i] != '=')
		return false;
	i = skip_wsp(text, i + 1);
	if (!mxa_str_starts(mxa_str_sub(text, i, text.len), MXA_STR("DMARC1")))
		return false;
	i = skip_wsp(text, i + 6);
	return i == text.len || text.p[i] == ';';
}

static void add_mistake(struct mxa_dmarc_record *r,
    enum mxa_dmarc_mistake_kind kind, size_t at, struct mxa_str tag,
    const char *what)
{
	if (r->n_mistakes == MXA_MAX_DMARC_MISTAKES)
		return;
	r->mistake[r->n_mistakes++] =
	    (struct mxa_dmarc_mistake){ kind, at, tag, what };
}

/* Offset of a slice of the text. */
static size_t text_place(const struct mxa_dmarc_record *r, struct mxa_str part)
{
	return part.p != NULL ? (size_t)(part.p - r->text.p) : 0;
}

static void bad_value(
    struct mxa_dmarc_record *r, const struct mxa_tag *tag, const char *what)
{
	add_mistake(
	    r, MXA_DMARC_BAD_VALUE, text_place(r, tag->value), tag->name, what);
}

/* --- one reader for each tag --- */

static bool policy_word(struct mxa_str s, enum mxa_dmarc_policy *out)
{
	static const enum mxa_dmarc_policy all[] = { MXA_POLICY_NONE,
		MXA_POLICY_QUARANTINE, MXA_POLICY_REJECT };

	for (size_t i = 0; i < MXA_ARRAY_LEN(all); i++)
		if (mxa_str_caseis(s, mxa_dmarc_policy_name(all[i]))) {
			*out = all[i];
			return true;
		}
	return false;
}

static void read_policy(struct mxa_dmarc_record *r, const struct mxa_tag *tag,
    enum mxa_dmarc_policy *policy, bool *has)
{
	*has = policy_word(tag->value, policy);
	if (*has)
		return;
	r->usable = false;
	add_mistake(r, MXA_DMARC_BAD_POLICY, text_place(r, tag->value),
	    tag->name, N_("value is not none, quarantine or reject"));
}

static void read_p(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_policy(r, tag, &r->p, &r->has_p);
}

static void read_sp(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_policy(r, tag, &r->sp, &r->has_sp);
}

static void read_np(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_policy(r, tag, &r->np, &r->has_np);
}

static void read_mode(
    struct mxa_dmarc_record *r, const struct mxa_tag *tag, bool *strict)
{
	if (mxa_str_caseis(tag->value, "s"))
		*strict = true;
	else if (!mxa_str_caseis(tag->value, "r"))
		bad_value(r, tag, N_("value is not r or s"));
}

static void read_adkim(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_mode(r, tag, &r->strict_dkim);
}

static void read_aspf(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_mode(r, tag, &r->strict_spf);
}

static void read_psd(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	if (mxa_str_caseis(tag->value, "y"))
		r->psd = MXA_PSD_Y;
	else if (mxa_str_caseis(tag->value, "n"))
		r->psd = MXA_PSD_N;
	else if (!mxa_str_caseis(tag->value, "u"))
		bad_value(r, tag, N_("value is not y, n or u"));
}

static void read_t(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	if (mxa_str_caseis(tag->value, "y"))
		r->testing = true;
	else if (!mxa_str_caseis(tag->value, "n"))
		bad_value(r, tag, N_("value is not y or n"));
}

static unsigned fo_bit(struct mxa_str s)
{
	if (mxa_str_is(s, "0"))
		return MXA_FO_ALL;
	if (mxa_str_is(s, "1"))
		return MXA_FO_ANY;
	if (mxa_str_caseis(s, "d"))
		return MXA_FO_DKIM;
	if (mxa_str_caseis(s, "s"))
		return MXA_FO_SPF;
	return 0;
}

static void read_fo(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	unsigned set = 0;
	size_t from = 0;

	while (from <= tag->value.len) {
		size_t colon = mxa_str_chr(tag->value, ':', from);
		unsigned bit =
		    fo_bit(mxa_str_trim(mxa_str_sub(tag->value, from, colon)));

		if (bit == 0) {
			bad_value(r, tag, N_("value is not of 0, 1, d and s"));
			return;
		}
		set |= bit;
		from = colon + 1;
	}
	if ((set & MXA_FO_ALL) != 0 && (set & MXA_FO_ANY) != 0)
		bad_value(r, tag, "0 and 1 exclude each other");
	else
		r->fo = set;
}

/* --- URIs --- */

static bool scheme_byte(char c)
{
	return mxa_is_alnum(c) || c == '+' || c == '-' || c == '.';
}

/* RFC 3986 section 2: what may stand in a URI, '%' with its two digits. */
static bool uri_bytes(struct mxa_str s)
{
	static const struct mxa_str marks =
	    MXA_STR_INIT("-._~:/?#[]@!$&'()*+,;=");

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (i + 2 >= s.len || !mxa_is_xdigit(s.p[i + 1]) ||
			    !mxa_is_xdigit(s.p[i + 2]))
				return false;
			i += 2;
		} else if (!mxa_is_alnum(c) &&
		    mxa_str_chr(marks, c, 0) == marks.len) {
			return false;
		}
	}
	return true;
}

/* "!10m" behind a URI (RFC 7489): where it begins, else the length. */
static size_t size_limit(struct mxa_str uri)
{
	size_t bang = mxa_str_chr(uri, '!', 0), i = bang + 1;

	if (bang == uri.len)
		return uri.len;
	while (i < uri.len && mxa_is_digit(uri.p[i]))
		i++;
	if (i == bang + 1)
		return uri.len;
	if (i < uri.len &&
	    mxa_str_chr(MXA_STR("kmgt"), mxa_lower(uri.p[i]), 0) < 4)
		i++;
	return i == uri.len ? bang : uri.len;
}

/* NULL: 'out' is filled; else what is wrong. */
static const char *read_uri(struct mxa_str s, struct mxa_dmarc_uri *out)
{
	size_t colon = mxa_str_chr(s, ':', 0);
	size_t at, query;

	if (s.len == 0)
		return N_("empty element");
	if (colon == s.len || colon == 0 || !mxa_is_alpha(s.p[0]))
		return N_("not a URI: no scheme such as mailto:");
	for (size_t i = 0; i < colon; i++)
		if (!scheme_byte(s.p[i]))
			return N_("not a URI: no scheme such as mailto:");
	if (!uri_bytes(s) || mxa_str_chr(s, '!', 0) < s.len)
		return N_("a character that must be percent-encoded");
	*out = (struct mxa_dmarc_uri){ .uri = s, .address = MXA_STR("") };
	if (!mxa_str_caseis(mxa_str_sub(s, 0, colon), "mailto"))
		return colon + 1 < s.len ? NULL
					 : N_("nothing after the scheme");
	query = mxa_str_chr(s, '?', colon);
	out->address = mxa_str_sub(s, colon + 1, query);
	at = mxa_str_chr(out->address, '@', 0);
	if (at == 0 || at + 1 >= out->address.len ||
	    mxa_str_chr(out->address, '@', at + 1) < out->address.len)
		return N_("mailto: without one address");
	return NULL;
}

static void read_uris(struct mxa_dmarc_record *r, const struct mxa_tag *tag,
    struct mxa_dmarc_uri *list, size_t *n)
{
	size_t from = 0;

	while (from <= tag->value.len) {
		size_t comma = mxa_str_chr(tag->value, ',', from);
		struct mxa_str part =
		    mxa_str_trim(mxa_str_sub(tag->value, from, comma));
		size_t at = text_place(r, part);
		size_t limit = size_limit(part);
		struct mxa_dmarc_uri uri;
		const char *what;

		if (limit < part.len) {
			add_mistake(r, MXA_DMARC_HISTORIC, at + limit,
			    tag->name, N_("a size limit has no effect"));
			part.len = limit;
		}
		what = read_uri(part, &uri);
		if (what == NULL && *n == MXA_MAX_DMARC_URIS)
			what = N_("too many of them");
		if (what == NULL) {
			uri.at = at;
			list[(*n)++] = uri;
		} else {
			add_mistake(r, MXA_DMARC_BAD_URI, at, tag->name, what);
		}
		from = comma + 1;
	}
}

static void read_rua(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_uris(r, tag, r->rua, &r->n_rua);
}

static void read_ruf(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	read_uris(r, tag, r->ruf, &r->n_ruf);
}

static void read_pct(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	uint64_t pct;

	if (mxa_str_u64(tag->value, 100, &pct))
		r->pct = (int)pct;
	add_mistake(r, MXA_DMARC_HISTORIC, tag->at, tag->name,
	    N_("a tag of RFC 7489 without effect today"));
}

static void read_historic(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	add_mistake(r, MXA_DMARC_HISTORIC, tag->at, tag->name,
	    N_("a tag of RFC 7489 without effect today"));
}

static void read_v(struct mxa_dmarc_record *r, const struct mxa_tag *tag)
{
	(void)r;
	(void)tag;
}

static const struct {
	const char *name;
	void (*read)(struct mxa_dmarc_record *r, const struct mxa_tag *tag);
} known[] = {
	{ "v", read_v },
	{ "p", read_p },
	{ "sp", read_sp },
	{ "np", read_np },
	{ "adkim", read_adkim },
	{ "aspf", read_aspf },
	{ "psd", read_psd },
	{ "t", read_t },
	{ "fo", read_fo },
	{ "rua", read_rua },
	{ "ruf", read_ruf },
	{ "pct", read_pct },
	{ "rf", read_historic },
	{ "ri", read_historic },
};

/* --- the record --- */

static void read_tag(
    struct mxa_dmarc_record *r, const struct mxa_tag *tag, unsigned *seen)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(known); i++) {
		if (!mxa_str_caseis(tag->name, known[i].name))
			continue;
		if ((*seen & 1U << i) != 0) {
			add_mistake(r, MXA_DMARC_DUPLICATE, tag->at, tag->name,
			    N_("given twice; the first one counts"));
			return;
		}
		*seen |= 1U << i;
		known[i].read(r, tag);
		return;
	}
	add_mistake(r, MXA_DMARC_UNKNOWN, tag->at, tag->name,
	    N_("an unknown tag without effect"));
}

/* What absent tags inherit, and what is left of an unusable policy. */
static void settle_policy(struct mxa_dmarc_record *r)
{
	if (!r->has_sp)
		r->sp = r->p;
	if (!r->has_np)
		r->np = r->sp;
	if (r->usable)
		return;
	r->as_none = r->usable = r->n_rua > 0;
	r->p = r->sp = r->np = MXA_POLICY_NONE;
}

/* By place; a record has few of them. */
static void sort_mistakes(struct mxa_dmarc_record *r)
{
	for (size_t i = 1; i < r->n_mistakes; i++) {
		struct mxa_dmarc_mistake m = r->mistake[i];
		size_t k = i;

		for (; k > 0 && r->mistake[k - 1].at > m.at; k--)
			r->mistake[k] = r->mistake[k - 1];
		r->mistake[k] = m;
	}
}

static bool has_tag(const struct mxa_taglist *tags, const char *name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (mxa_str_caseis(tags->v[i].name, name))
			return true;
	return false;
}

void mxa_dmarc_record_parse(struct mxa_str text, struct mxa_dmarc_record *out)
{
	struct mxa_taglist tags;
	unsigned seen = 0;

	*out = (struct mxa_dmarc_record){
		.text = text, .usable = true, .fo = MXA_FO_ALL, .pct = -1
	};
	(void)mxa_taglist_parse(text, &tags);
	if (tags.error != NULL)
		add_mistake(out, MXA_DMARC_BAD_SYNTAX, tags.error_at,
		    mxa_str_sub(text, tags.error_at, tags.error_at),
		    tags.error);
	for (size_t i = 0; i < tags.n; i++)
		read_tag(out, &tags.v[i], &seen);
	sort_mistakes(out);
	if (!has_tag(&tags, "p")) {
		out->usable = false;
		add_mistake(out, MXA_DMARC_BAD_POLICY, text.len, MXA_STR("p"),
		    N_("the tag is missing"));
	}
	settle_policy(out);
}

/* --- copies --- */

static struct mxa_str moved_slice(
    struct mxa_str part, struct mxa_str from, struct mxa_str to)
{
	uintptr_t at = (uintptr_t)part.p - (uintptr_t)from.p;

	/* Names of missing tags and absent parts lie elsewhere. */
	if (at > from.len)
		return part;
	return (struct mxa_str){ to.p + at, part.len };
}

static void move_uris(struct mxa_dmarc_uri *list, size_t n, struct mxa_str from,
    struct mxa_str to)
{
	for (size_t i = 0; i < n; i++) {
		list[i].uri = moved_slice(list[i].uri, from, to);
		list[i].address = moved_slice(list[i].address, from, to);
	}
}

struct mxa_dmarc_record *mxa_dmarc_record_dup(
    struct mxa_arena *a, const struct mxa_dmarc_record *r)
{
	struct mxa_dmarc_record *copy = mxa_arena_alloc(a, sizeof(*copy));

	*copy = *r;
	copy->text = mxa_str_dup(a, r->text);
	move_uris(copy->rua, copy->n_rua, r->text, copy->text);
	move_uris(copy->ruf, copy->n_ruf, r->text, copy->text);
	for (size_t i = 0; i < copy->n_mistakes; i++)
		copy->mistake[i].tag =
		    moved_slice(copy->mistake[i].tag, r->text, copy->text);
	return copy;
}

/* --- the records of one name --- */

static void *decode_record(const struct mxa_dns_answer *answer)
{
	struct mxa_dmarc_found *found = mxa_xcalloc(1, sizeof(*found));

	for (size_t i = 0; i < answer->n; i++) {
		struct mxa_str text = answer->rr[i].text;

		if (!mxa_dmarc_record_is(text))
			continue;
		if (++found->n == 1)
			mxa_dmarc_record_parse(text, &found->record);
	}
	return found;
}

const struct mxa_dmarc_found *mxa_dmarc_found_in(
    const struct mxa_dns_answer *answer)
{
	return mxa_dns_decoded(answer, MXA_SLOT_DMARC, decode_record, free);
}
