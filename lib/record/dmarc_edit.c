/* dmarc_edit.c - DMARC records edited and proposed. */
#include "record/dmarc_edit.h"

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/buf.h"
#include "mail/taglist.h"
#include "record/slips.h"

static void add_tag(struct mxa_buf *b, struct mxa_str tag, struct mxa_str value)
{
	if (b->len > 0)
		mxa_buf_adds(b, "; ");
	mxa_buf_addstr(b, tag);
	mxa_buf_addc(b, '=');
	mxa_buf_addstr(b, value);
}

struct mxa_str mxa_dmarc_edit(struct mxa_arena *a, struct mxa_str text,
    const char *tag, const char *value)
{
	struct mxa_taglist tags;
	struct mxa_buf b;
	bool done = value == NULL;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	(void)mxa_taglist_parse(text, &tags);
	for (size_t i = 0; i < tags.n; i++) {
		const struct mxa_tag *t = &tags.v[i];

		if (!mxa_str_caseis(t->name, tag)) {
			add_tag(&b, t->name, t->value);
			continue;
		}
		if (!done)
			add_tag(&b, t->name, mxa_str_from(value));
		done = true;
	}
	if (!done)
		add_tag(&b, mxa_str_from(tag), mxa_str_from(value));
	return mxa_buf_str(&b);
}

bool mxa_dmarc_stands(struct mxa_str text)
{
	struct mxa_dmarc_record r;

	if (!mxa_dmarc_record_is(text))
		return false;
	mxa_dmarc_record_parse(text, &r);
	return r.usable && r.has_p && r.n_mistakes == 0;
}

/* --- mistakes --- */

/* "d@example.com" was meant to be "mailto:d@example.com"; a size limit has no
 * effect (RFC 9989 section 4.7).  Empty: no report can go there. */
static struct mxa_str repaired_uri(struct mxa_arena *a, struct mxa_str uri)
{
	bool scheme = mxa_str_casestarts(uri, MXA_STR("mailto:"));
	struct mxa_str address;
	size_t at;

	uri = mxa_str_sub(uri, 0, mxa_str_chr(uri, '!', 0));
	address = mxa_str_trim(mxa_str_sub(uri, scheme ? 7 : 0, uri.len));
	at = mxa_str_chr(address, '@', 0);
	if (at == 0 || at + 1 >= address.len ||
	    mxa_str_chr(address, ':', 0) < address.len ||
	    mxa_str_chr(address, ' ', 0) < address.len)
		return MXA_STR("");
	return mxa_str_from(
	    mxa_arena_printf(a, "mailto:%.*s", MXA_STR_ARG(address)));
}

static struct mxa_str repaired_uris(struct mxa_arena *a, struct mxa_str list)
{
	struct mxa_buf b;
	size_t end;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	for (size_t at = 0; at < list.len; at = end + 1) {
		struct mxa_str uri;

		end = mxa_str_chr(list, ',', at);
		uri = repaired_uri(a, mxa_str_trim(mxa_str_sub(list, at, end)));
		if (uri.len == 0)
			continue;
		if (b.len > 0)
			mxa_buf_addc(&b, ',');
		mxa_buf_addstr(&b, uri);
	}
	return mxa_buf_str(&b);
}

static struct mxa_str tag_value(struct mxa_str text, const char *name)
{
	struct mxa_taglist tags;
	const struct mxa_tag *t;

	(void)mxa_taglist_parse(text, &tags);
	t = mxa_taglist_find(&tags, name);
	return t ? t->value : MXA_STR("");
}

/* p= stands after the version, where it is missing. */
static struct mxa_str with_policy(
    struct mxa_arena *a, struct mxa_str text, const char *policy)
{
	struct mxa_str rest;

	if (tag_value(text, "p").len > 0)
		return mxa_dmarc_edit(a, text, "p", policy);
	rest = mxa_dmarc_edit(a, text, "v", NULL);
	rest = mxa_dmarc_edit(a, rest, "p", NULL);
	return mxa_str_from(mxa_arena_printf(a, "v=DMARC1; p=%s%s%.*s", policy,
	    rest.len > 0 ? "; " : "", MXA_STR_ARG(rest)));
}

static struct mxa_str repair_policy(
    struct mxa_arena *a, struct mxa_str text, const char *tag)
{
	const char *meant = mxa_slips_policy(tag_value(text, tag));

	if (mxa_str_caseis(MXA_STR("p"), tag))
		return with_policy(a, text, meant ? meant : "none");
	return mxa_dmarc_edit(a, text, tag, meant);
}

static struct mxa_str repair_uris(
    struct mxa_arena *a, struct mxa_str text, const char *tag)
{
	struct mxa_str list = repaired_uris(a, tag_value(text, tag));

	return mxa_dmarc_edit(
	    a, text, tag, list.len > 0 ? mxa_str_cstr(a, list) : NULL);
}

static struct mxa_str repair_mistake(
    struct mxa_arena *a, struct mxa_str text, const struct mxa_dmarc_mistake *m)
{
	const char *tag = mxa_str_cstr(a, m->tag);

	switch (m->kind) {
	case MXA_DMARC_BAD_POLICY:
		return repair_policy(a, text, tag);
	case MXA_DMARC_BAD_URI:
		return repair_uris(a, text, tag);
	case MXA_DMARC_HISTORIC:
		if (tag[0] == 'r' && tag[1] == 'u')
			return repair_uris(a, text, tag);
		return mxa_dmarc_edit(a, text, tag, NULL);
	case MXA_DMARC_BAD_VALUE:
	case MXA_DMARC_UNKNOWN:
		return mxa_dmarc_edit(a, text, tag, NULL);
	case MXA_DMARC_BAD_SYNTAX: /* an edit leaves these out */
	case MXA_DMARC_DUPLICATE:
		break;
	}
	return mxa_dmarc_edit(a, text, "v", "DMARC1");
}

/* A repair takes at least one mistake away, and a record has no more than tags
 * and addresses in it. */
#define MAX_REPAIRS 64

struct mxa_str mxa_dmarc_repair(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_dmarc_record r;

	mxa_dmarc_record_parse(text, &r);
	if (r.n_mistakes == 0)
		return MXA_STR("");
	text = mxa_slips_dmarc_tags(a, text);
	mxa_dmarc_record_parse(text, &r);
	for (int i = 0; i < MAX_REPAIRS && r.n_mistakes > 0; i++) {
		text = repair_mistake(a, text, &r.mistake[0]);
		if (!mxa_dmarc_record_is(text))
			return MXA_STR("");
		mxa_dmarc_record_parse(text, &r);
	}
	return mxa_dmarc_stands(text) ? text : MXA_STR("");
}

/* --- texts that are no record --- */

bool mxa_dmarc_was_meant(struct mxa_str text)
{
	struct mxa_str start = mxa_str_sub(text, 0, 40);

	return mxa_str_casefind(start, MXA_STR("dmarc")) < start.len ||
	    mxa_str_casestarts(mxa_str_trim(text), MXA_STR("p=")) ||
	    mxa_str_casefind(text, MXA_STR("rua=")) < text.len;
}

/* What follows the text's own attempt at "v=DMARC1;". */
static struct mxa_str after_version(struct mxa_str text)
{
	size_t i = mxa_str_casefind(text, MXA_STR("dmarc"));

	if (i == text.len || i >= 8)
		return text;
	i += 5;
	while (i < text.len &&
	    (mxa_is_space(text.p[i]) || mxa_is_digit(text.p[i]) ||
		mxa_str_chr(MXA_STR(".;:,\""), text.p[i], 0) < 5))
		i++;
	return mxa_str_sub(text, i, text.len);
}

struct mxa_str mxa_dmarc_restore(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_str rest = mxa_str_trim(after_version(text)), repaired;

	text = mxa_slips_dmarc_tags(a,
	    mxa_str_from(
		mxa_arena_printf(a, "v=DMARC1; %.*s", MXA_STR_ARG(rest))));
	text = mxa_dmarc_edit(a, text, "v", "DMARC1"); /* once */
	/* without these nobody can tell that it was meant to be one */
	if (tag_value(text, "p").len == 0 && tag_value(text, "rua").len == 0)
		return MXA_STR("");
	repaired = mxa_dmarc_repair(a, text);
	if (repaired.len > 0)
		return repaired;
	return mxa_dmarc_stands(text) ? text : MXA_STR("");
}

struct mxa_str mxa_dmarc_first(
    struct mxa_arena *a, struct mxa_str domain, bool silent, bool mail)
{
	if (silent)
		return MXA_STR("v=DMARC1; p=reject");
	if (!mail)
		return MXA_STR("v=DMARC1; p=none");
	return mxa_str_from(mxa_arena_printf(a,
	    "v=DMARC1; p=none; rua=mailto:dmarc-reports@%.*s",
	    MXA_STR_ARG(domain)));
}
