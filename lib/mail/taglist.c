/* taglist.c - tag=value lists, one pass over the text. */
#include "mail/taglist.h"

#include "base/i18n.h"

static void add_mistake(struct mxa_taglist *t, size_t at, const char *what)
{
	if (t->error != NULL)
		return;
	t->error = what;
	t->error_at = at;
}

/* RFC 6376 section 3.2: tag-name = ALPHA *ALNUMPUNC. */
static bool valid_name(struct mxa_str s)
{
	if (s.len == 0 || !mxa_is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!mxa_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

/* Offset of the first control that is no folding white space; s.len: none.
 * 8-bit bytes are let through: RFC 8616 allows U-labels in d=, s= and i=, and
 * the owner of any other tag checks its own value. */
static size_t control_at(struct mxa_str s)
{
	for (size_t i = mxa_str_plain(s, 0, ""); i < s.len;
	     i += 1 + mxa_str_plain(s, i + 1, "")) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && !mxa_is_space(s.p[i])) || c == 0x7f)
			return i;
	}
	return s.len;
}

static const struct mxa_tag *find_tag(
    const struct mxa_taglist *t, struct mxa_str name)
{
	for (size_t i = 0; i < t->n; i++)
		if (mxa_str_eq(t->v[i].name, name))
			return &t->v[i];
	return NULL;
}

const struct mxa_tag *mxa_taglist_find(
    const struct mxa_taglist *t, const char *name)
{
	return find_tag(t, mxa_str_from(name));
}

/* One element, [from, to) of 'text'; false when there is no room for it. */
static bool add_element(
    struct mxa_taglist *t, struct mxa_str text, size_t from, size_t to)
{
	struct mxa_str e = mxa_str_trim(mxa_str_sub(text, from, to));
	size_t at = (size_t)(e.p - text.p);
	size_t equals = mxa_str_chr(e, '=', 0);
	struct mxa_str name = mxa_str_trim(mxa_str_sub(e, 0, equals));
	struct mxa_str value = mxa_str_trim(mxa_str_sub(e, equals + 1, e.len));
	size_t bad = control_at(value);

	if (e.len == 0) {
		add_mistake(t, from, N_("nothing between two semicolons"));
	} else if (equals == e.len) {
		add_mistake(t, at, N_("no '=' after the tag's name"));
	} else if (!valid_name(name)) {
		add_mistake(t, at, N_("not the name of a tag"));
	} else if (bad < value.len) {
		add_mistake(t, (size_t)(value.p - text.p) + bad,
		    N_("a control character in the value"));
	} else if (find_tag(t, name) != NULL) {
		add_mistake(t, at, N_("the same tag twice"));
	} else if (t->n == MXA_MAX_TAGS) {
		add_mistake(t, at, N_("too many tags"));
		return false;
	} else {
		t->v[t->n++] = (struct mxa_tag){ name, value, at };
	}
	return true;
}

/* Without white space at the end, so that one ';' may end the list. */
static struct mxa_str trim_end(struct mxa_str s)
{
	while (s.len > 0 && mxa_is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

enum mxa_rc mxa_taglist_parse(struct mxa_str text, struct mxa_taglist *out)
{
	struct mxa_str list = trim_end(text);
	size_t from = 0;

	out->n = 0;
	out->error = NULL;
	out->error_at = 0;
	if (list.len == 0)
		add_mistake(out, 0, N_("no tag at all"));
	while (from < list.len) {
		size_t end = mxa_str_chr(list, ';', from);

		if (!add_element(out, list, from, end))
			return MXA_ELIMIT;
		from = end + 1;
	}
	return out->error ? MXA_ESYNTAX : MXA_OK;
}

struct mxa_str mxa_taglist_value(struct mxa_str text, const char *name)
{
	struct mxa_str wanted = mxa_str_from(name);

	for (size_t from = 0; from < text.len;) {
		size_t end = mxa_str_chr(text, ';', from);
		struct mxa_str e = mxa_str_sub(text, from, end);
		size_t equals = mxa_str_chr(e, '=', 0);

		if (mxa_str_eq(mxa_str_trim(mxa_str_sub(e, 0, equals)), wanted))
			return mxa_str_trim(mxa_str_sub(e, equals + 1, e.len));
		from = end + 1;
	}
	return MXA_STR_NONE;
}
