/* html.c - the words of an HTML part, or of text copied out of a page. */
#include "bounce/collect.h"

#include "base/attr.h"
#include "base/buf.h"

#define MAX_TAG 2000 /* bytes of a tag that are looked at */

/* Named entities that bounces use. */
static const struct {
	struct mxa_str name;
	uint32_t c;
} entities[] = {
	{ MXA_STR_INIT("lt"), '<' },
	{ MXA_STR_INIT("gt"), '>' },
	{ MXA_STR_INIT("amp"), '&' },
	{ MXA_STR_INIT("quot"), '"' },
	{ MXA_STR_INIT("apos"), '\'' },
	{ MXA_STR_INIT("nbsp"), ' ' },
	{ MXA_STR_INIT("colon"), ':' },
	{ MXA_STR_INIT("commat"), '@' },
	{ MXA_STR_INIT("period"), '.' },
	{ MXA_STR_INIT("lsqb"), '[' },
	{ MXA_STR_INIT("rsqb"), ']' },
	{ MXA_STR_INIT("rsquo"), '\'' },
	{ MXA_STR_INIT("lsquo"), '\'' },
	{ MXA_STR_INIT("ldquo"), '"' },
	{ MXA_STR_INIT("rdquo"), '"' },
	{ MXA_STR_INIT("eacute"), 0xe9 },
	{ MXA_STR_INIT("egrave"), 0xe8 },
	{ MXA_STR_INIT("agrave"), 0xe0 },
	{ MXA_STR_INIT("auml"), 0xe4 },
	{ MXA_STR_INIT("ouml"), 0xf6 },
	{ MXA_STR_INIT("uuml"), 0xfc },
	{ MXA_STR_INIT("ntilde"), 0xf1 },
};

/* "#64" or "#x40". */
static uint32_t numeric_entity(struct mxa_str s)
{
	bool hex = s.len > 1 && mxa_lower(s.p[1]) == 'x';
	uint32_t c = 0;

	for (size_t i = hex ? 2 : 1; i < s.len && c < 0x110000; i++) {
		char x = mxa_lower(s.p[i]);

		if (mxa_is_digit(x))
			c = c * (hex ? 16 : 10) + (uint32_t)(x - '0');
		else if (hex && mxa_is_xdigit(x))
			c = c * 16 + (uint32_t)(x - 'a' + 10);
		else
			return 0;
	}
	return c;
}

/* The character of the entity at '&' in 's' and its length; 0: it is none. */
static uint32_t entity_at(struct mxa_str s, size_t *len)
{
	size_t end = mxa_str_chr(mxa_str_sub(s, 0, 12), ';', 0);
	struct mxa_str name = mxa_str_sub(s, 1, end);

	if (end >= s.len || end >= 12 || name.len == 0)
		return 0;
	*len = end + 1;
	if (name.p[0] == '#')
		return numeric_entity(name);
	for (size_t i = 0; i < MXA_ARRAY_LEN(entities); i++)
		if (mxa_str_caseeq(name, entities[i].name))
			return entities[i].c;
	return 0;
}

/* Add what stands at 'i'; the offset of what follows. */
static size_t add_character(struct mxa_buf *b, struct mxa_str s, size_t i)
{
	size_t len = 1;
	uint32_t c = 0;

	if (s.p[i] == '&')
		c = entity_at(mxa_str_sub(s, i, s.len), &len);
	if (c == 0xa0)
		c = ' ';
	if (c == '\n' || c == '\t' || c == '\r')
		mxa_buf_addc(b, ' ');
	else if (c != 0)
		mxa_add_character(b, c);
	else
		mxa_buf_addc(b, s.p[i]);
	return i + (c != 0 ? len : 1);
}

struct mxa_str mxa_html_entities(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;

	if (mxa_str_casefind(s, MXA_STR("&lt;")) == s.len &&
	    mxa_str_casefind(s, MXA_STR("&#")) == s.len)
		return s;
	mxa_buf_init(&b, a, s.len + 2);
	for (size_t i = 0; i < s.len;)
		i = add_character(&b, s, i);
	return mxa_buf_str(&b);
}

/* Tags that begin or end a line. */
static bool breaks_line(struct mxa_str tag)
{
	static const struct mxa_str names[] = { MXA_STR_INIT("br"),
		MXA_STR_INIT("p"), MXA_STR_INIT("/p"), MXA_STR_INIT("/div"),
		MXA_STR_INIT("div"), MXA_STR_INIT("/tr"), MXA_STR_INIT("/h"),
		MXA_STR_INIT("li"), MXA_STR_INIT("/li"), MXA_STR_INIT("pre"),
		MXA_STR_INIT("/pre"), MXA_STR_INIT("hr"), MXA_STR_INIT("/td") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++) {
		struct mxa_str n = names[i];

		if (mxa_str_casestarts(tag, n) &&
		    (tag.len == n.len || !mxa_is_alpha(tag.p[n.len])))
			return true;
	}
	return false;
}

/* Whether '<' at 'i' opens a tag, not an address ("<u@example.com>"). */
static bool opens_tag(struct mxa_str s, size_t i)
{
	struct mxa_str tag = mxa_str_sub(s, i, i + MAX_TAG);

	tag = mxa_str_sub(tag, 0, mxa_str_chr(tag, '>', 0));
	if (tag.len < 2 ||
	    (!mxa_is_alpha(tag.p[1]) && tag.p[1] != '/' && tag.p[1] != '!'))
		return false;
	return mxa_str_chr(tag, '@', 0) == tag.len ||
	    mxa_str_chr(tag, ' ', 0) < tag.len ||
	    mxa_str_chr(tag, '\n', 0) < tag.len;
}

/* The end of a tag, or of the style sheet or script that it opens. */
static size_t tag_end(struct mxa_str s, size_t i)
{
	static const struct {
		struct mxa_str open, close;
	} hidden[] = {
		{ MXA_STR_INIT("<style"), MXA_STR_INIT("</style") },
		{ MXA_STR_INIT("<script"), MXA_STR_INIT("</script") },
		{ MXA_STR_INIT("<!--"), MXA_STR_INIT("-->") },
	};
	struct mxa_str rest = mxa_str_sub(s, i, s.len);

	for (size_t k = 0; k < MXA_ARRAY_LEN(hidden); k++)
		if (mxa_str_casestarts(rest, hidden[k].open))
			i += mxa_str_casefind(rest, hidden[k].close);
	return mxa_str_chr(s, '>', i);
}

struct mxa_str mxa_html_text(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;
	bool pre = false;

	mxa_buf_init(&b, a, MXA_BOUNCE_MAX_TEXT + 16);
	for (size_t i = 0; i < s.len && !b.full;) {
		struct mxa_str tag = mxa_str_sub(s, i + 1, i + 8);

		if (s.p[i] == '\n' && !pre) {
			mxa_buf_addc(&b, ' ');
			i++;
			continue;
		}
		if (s.p[i] != '<' || !opens_tag(s, i)) {
			i = add_character(&b, s, i);
			continue;
		}
		pre = (pre || mxa_str_casestarts(tag, MXA_STR("pre"))) &&
		    !mxa_str_casestarts(tag, MXA_STR("/pre"));
		if (breaks_line(tag))
			mxa_buf_addc(&b, '\n');
		i = tag_end(s, i) + 1;
	}
	return mxa_buf_str(&b);
}
