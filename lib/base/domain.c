/* domain.c - canonical domain names. */
#include "base/domain.h"

#include <idn2.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"

static void free_idn(char **p)
{
	idn2_free(*p);
}

/* Ideographic and fullwidth full stops are dots to UTS 46; idn2 maps them. */
static enum mxa_rc to_alabels(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	MXA_CLEANUP(free_idn) char *ascii = NULL;
	const char *utf8 = mxa_str_cstr(a, s);
	int rc;

	if (memchr(s.p, '\0', s.len) != NULL || s.len > 4 * MXA_MAX_DOMAIN)
		return MXA_ESYNTAX;
	rc = idn2_to_ascii_8z(
	    utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc == IDN2_TOO_BIG_LABEL || rc == IDN2_TOO_BIG_DOMAIN)
		return MXA_ELIMIT;
	if (rc != IDN2_OK)
		return MXA_ESYNTAX;
	*out = mxa_str_dup(a, mxa_str_from(ascii));
	return MXA_OK;
}

static bool label_byte(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '_';
}

static enum mxa_rc check_labels(struct mxa_str s)
{
	size_t label = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '.') {
			if (!label_byte(s.p[i]))
				return MXA_ESYNTAX;
			label++;
			continue;
		}
		if (label == 0)
			return MXA_ESYNTAX;
		if (label > MXA_MAX_LABEL)
			return MXA_ELIMIT;
		label = 0;
	}
	return s.len > MXA_MAX_DOMAIN ? MXA_ELIMIT : MXA_OK;
}

enum mxa_rc mxa_domain_canonical(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	struct mxa_str name = s;
	enum mxa_rc rc;

	if (!mxa_str_is_ascii(s)) {
		rc = to_alabels(a, s, &name);
		if (rc != MXA_OK)
			return rc;
	}
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	rc = check_labels(name);
	if (rc != MXA_OK)
		return rc;
	*out = mxa_str_lower(a, name);
	return MXA_OK;
}

static bool ldh_label(struct mxa_str label)
{
	if (label.len == 0 || label.p[0] == '-' ||
	    label.p[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!mxa_is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

bool mxa_domain_is_ldh(struct mxa_str name)
{
	bool letter = false;
	size_t from = 0;

	if (name.len == 0 || name.len > MXA_MAX_DOMAIN)
		return false;
	while (from <= name.len) {
		size_t dot = mxa_str_chr(name, '.', from);
		struct mxa_str label = mxa_str_sub(name, from, dot);

		if (!ldh_label(label) || label.len > MXA_MAX_LABEL)
			return false;
		letter = false;
		for (size_t i = 0; i < label.len; i++)
			letter |= !mxa_is_digit(label.p[i]);
		from = dot + 1;
	}
	return letter;
}

size_t mxa_domain_labels(struct mxa_str name)
{
	size_t n = name.len > 0;

	for (size_t i = 0; i < name.len; i++)
		n += name.p[i] == '.';
	return n;
}

struct mxa_str mxa_domain_right(struct mxa_str name, size_t n)
{
	size_t i = name.len;

	if (n == 0)
		return mxa_str_sub(name, name.len, name.len);
	while (i > 0) {
		if (name.p[i - 1] == '.' && --n == 0)
			break;
		i--;
	}
	return mxa_str_sub(name, i, name.len);
}

struct mxa_str mxa_domain_parent(struct mxa_str name)
{
	return mxa_str_sub(name, mxa_str_chr(name, '.', 0) + 1, name.len);
}

bool mxa_domain_within(struct mxa_str name, struct mxa_str parent)
{
	struct mxa_str tail;

	if (parent.len == 0 || name.len < parent.len)
		return false;
	tail = mxa_str_sub(name, name.len - parent.len, name.len);
	if (!mxa_str_caseeq(tail, parent))
		return false;
	return name.len == parent.len ||
	    name.p[name.len - parent.len - 1] == '.';
}

bool mxa_domain_related(struct mxa_str a, struct mxa_str b)
{
	return mxa_domain_within(a, b) || mxa_domain_within(b, a);
}
