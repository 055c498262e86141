/* texts.c - %{name} in texts. */
#include "conf/texts.h"

#include "base/arena.h"

/* A switch, not an array: the compiler finds the name that is missing. */
const char *mxa_placeholder_name(enum mxa_placeholder p)
{
	switch (p) {
	case MXA_PH_DOMAIN:
		return "domain";
	case MXA_PH_POLICY:
		return "policy";
	case MXA_PH_CAUSE:
		return "cause";
	case MXA_PH_SPF:
		return "spf";
	case MXA_PH_DKIM:
		return "dkim";
	case MXA_PH_DMARC:
		return "dmarc";
	case MXA_PH_MAIL_FROM:
		return "mail-from";
	case MXA_PH_HELO:
		return "helo";
	case MXA_PH_IP:
		return "ip";
	case MXA_PH_RECEIVER:
		return "receiver";
	case MXA_PH_ID:
		return "id";
	case MXA_PH_RULE:
		return "rule";
	case MXA_PH_HELP_URL:
		return "help-url";
	case MXA_PH_CONTACT:
		return "contact";
	case MXA_PLACEHOLDERS:
		break;
	}
	return "";
}

/* The placeholder at text[i] == '%'; '*end' is behind its '}'. */
static enum mxa_placeholder placeholder_at(
    struct mxa_str text, size_t i, size_t *end)
{
	size_t close = mxa_str_chr(text, '}', i);
	struct mxa_str name = mxa_str_sub(text, i + 2, close);

	if (i + 1 >= text.len || text.p[i + 1] != '{' || close == text.len)
		return MXA_PLACEHOLDERS;
	*end = close + 1;
	for (enum mxa_placeholder p = 0; p < MXA_PLACEHOLDERS; p++)
		if (mxa_str_is(name, mxa_placeholder_name(p)))
			return p;
	return MXA_PLACEHOLDERS;
}

static bool check_percent(
    struct mxa_arena *a, struct mxa_str text, size_t *i, const char **error)
{
	struct mxa_str rest = mxa_str_sub(text, *i, text.len);
	size_t close = mxa_str_chr(rest, '}', 0);

	if (mxa_str_starts(rest, MXA_STR("%%"))) {
		*i += 2;
		return true;
	}
	if (!mxa_str_starts(rest, MXA_STR("%{")) || close == rest.len) {
		*error = "a '%' is neither part of %{name} nor doubled";
		return false;
	}
	if (placeholder_at(text, *i, i) == MXA_PLACEHOLDERS) {
		*error = mxa_arena_printf(a, "unknown placeholder %.*s",
		    MXA_STR_ARG(mxa_str_sub(rest, 0, close + 1)));
		return false;
	}
	return true;
}

bool mxa_text_check(
    struct mxa_arena *a, struct mxa_str text, size_t max, const char **error)
{
	size_t i = 0;

	if (text.len > max) {
		*error = mxa_arena_printf(a,
		    "the text has %zu bytes, %zu are allowed", text.len, max);
		return false;
	}
	while (i < text.len) {
		if (text.p[i] < ' ' || text.p[i] > '~') {
			*error = "only printable ASCII on one line is allowed";
			return false;
		}
		if (text.p[i] != '%')
			i++;
		else if (!check_percent(a, text, &i, error))
			return false;
	}
	return true;
}

static bool is_unreserved(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_value(struct mxa_buf *out, struct mxa_str v, bool url)
{
	if (v.len == 0)
		v = MXA_STR("-");
	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i];

		if (url && !is_unreserved(c))
			mxa_buf_printf(out, "%%%02X", (unsigned char)c);
		else
			mxa_buf_addc(out, c < ' ' || c > '~' ? '?' : c);
	}
}

void mxa_text_expand(struct mxa_buf *out, struct mxa_str text,
    const struct mxa_str value[MXA_PLACEHOLDERS], bool url)
{
	size_t i = 0;

	while (i < text.len) {
		struct mxa_str rest = mxa_str_sub(text, i, text.len);
		size_t end = i + 1;
		enum mxa_placeholder p = MXA_PLACEHOLDERS;

		if (text.p[i] == '%')
			p = placeholder_at(text, i, &end);
		if (p != MXA_PLACEHOLDERS) {
			add_value(out, value[p], url);
			i = end;
		} else {
			mxa_buf_addc(out, text.p[i]);
			i += mxa_str_starts(rest, MXA_STR("%%")) ? 2 : 1;
		}
	}
}
