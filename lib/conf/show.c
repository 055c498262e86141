/* show.c - options as text: what is expected, what is in effect, and
 * the reference of all. */
#include "conf/schema.h"

#include <inttypes.h>
#include <string.h>

#include "auth/engine.h"
#include "base/ipaddr.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "conf/text.h"
#include "conf/values.h"

/* --- expectations --- */

static void add_words(struct mxa_buf *b, const struct mxa_opt_word *w)
{
	for (size_t i = 0; w[i].word != NULL; i++) {
		if (i > 0)
			mxa_buf_adds(b, w[i + 1].word == NULL ? " or " : ", ");
		mxa_buf_adds(b, w[i].word);
	}
}

static void add_range(struct mxa_buf *b, const struct mxa_opt *o,
    const char *what, void (*show)(struct mxa_buf *, uint64_t),
    const char *examples)
{
	mxa_buf_printf(b, "%s from ", what);
	show(b, o->min);
	mxa_buf_adds(b, " to ");
	show(b, o->max);
	mxa_buf_adds(b, examples);
}

static void show_count(struct mxa_buf *b, uint64_t v)
{
	mxa_buf_printf(b, "%" PRIu64, v);
}

static const char *plain_expectation(enum mxa_opt_type type)
{
	switch (type) {
	case MXA_OPT_BOOL:
		return "true or false";
	case MXA_OPT_PROFILE:
		return MXA_EXPECT_PROFILE;
	case MXA_OPT_ACTION:
		return MXA_EXPECT_ACTION;
	case MXA_OPT_MODE:
		return "octal permissions in quotes, such as \"0660\"";
	case MXA_OPT_HOST:
		return "a host name";
	case MXA_OPT_HOSTS:
		return "host names";
	case MXA_OPT_PATH:
		return "a path";
	case MXA_OPT_NETWORKS:
		return "addresses or networks (\"192.0.2.0/24\")";
	case MXA_OPT_FORWARDERS:
		return "addresses, networks, or domains (\".d\": subdomains)";
	case MXA_OPT_SEALERS:
		return "domains (\".d\": subdomains), or \"*\"";
	case MXA_OPT_SERVERS:
		return "addresses of servers (\"192.0.2.53\", "
		       "\"192.0.2.53:5353\", \"[2001:db8::53]:53\")";
	case MXA_OPT_LISTEN:
		return "unix:PATH, inet:PORT@HOST, inet6:PORT@HOST, fd:N or "
		       "inet:HOST:PORT";
	case MXA_OPT_HOST_PORT:
		return "ADDRESS:PORT or [IPV6]:PORT";
	case MXA_OPT_REPLY_TEXT:
		return "a text";
	case MXA_OPT_URL:
		return "a URL that begins with https:// or http://";
	case MXA_OPT_CONTACT:
		return "printable ASCII, at most 200 characters";
	case MXA_OPT_ADDRESS:
		return "an address such as \"user@example.jp\"";
	case MXA_OPT_EXCLUSIONS:
		return "domains, addresses, or \"@\" and a domain";
	case MXA_OPT_SPF_ENGINE:
		return "native or libspf2";
	case MXA_OPT_DKIM_ENGINE:
		return "native or libopendkim";
	case MXA_OPT_NAME:
		return "a name";
	case MXA_OPT_WORD:
	case MXA_OPT_COUNT:
	case MXA_OPT_SECONDS:
	case MXA_OPT_AGE:
	case MXA_OPT_SIZE:
	case MXA_OPT_CODE:
		break;
	}
	return "";
}

void mxa_schema_expects(const struct mxa_opt *o, struct mxa_buf *b)
{
	switch (o->type) {
	case MXA_OPT_WORD:
	case MXA_OPT_NAME:
		if (o->words != NULL) {
			add_words(b, o->words);
			return;
		}
		break;
	case MXA_OPT_COUNT:
		add_range(b, o, "a number", show_count, "");
		return;
	case MXA_OPT_SECONDS:
	case MXA_OPT_AGE:
		add_range(b, o, "a time", mxa_value_time_show,
		    " (5, \"5s\", \"2m\", \"1h\", \"90d\")");
		return;
	case MXA_OPT_SIZE:
		add_range(b, o, "a size", mxa_value_size_show,
		    " (\"512k\", \"64M\", \"1G\")");
		return;
	case MXA_OPT_CODE:
		mxa_buf_printf(b,
		    "a reply code and an enhanced code of class %u, such as %s",
		    (unsigned)o->min, o->example);
		return;
	default:
		break;
	}
	mxa_buf_adds(b, plain_expectation(o->type));
}

/* --- values --- */

static const void *field_at(const struct mxa_conf *c, size_t at)
{
	return (const char *)c + at;
}

static void add_quoted(struct mxa_buf *b, struct mxa_str s)
{
	mxa_buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			mxa_buf_addc(b, '\\');
		mxa_buf_addc(b, s.p[i]);
	}
	mxa_buf_addc(b, '"');
}

static void show_strings(
    struct mxa_buf *b, const struct mxa_str *v, size_t n, bool more)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 || more)
			mxa_buf_adds(b, ", ");
		add_quoted(b, v[i]);
	}
}

static void show_networks(struct mxa_buf *b, const struct mxa_cidr *v, size_t n)
{
	char text[MXA_IP_TEXT];

	for (size_t i = 0; i < n; i++)
		mxa_buf_printf(b, "%s\"%s/%u\"", i > 0 ? ", " : "",
		    mxa_ip_format(&v[i].ip, text), v[i].bits);
}

static void show_list(
    const struct mxa_opt *o, const struct mxa_conf *c, struct mxa_buf *b)
{
	size_t n = *(const size_t *)field_at(c, o->n_at);
	const void *v = *(const void *const *)field_at(c, o->at);

	mxa_buf_addc(b, '[');
	switch (o->type) {
	case MXA_OPT_NETWORKS:
		show_networks(b, v, n);
		break;
	case MXA_OPT_FORWARDERS:
		show_networks(b, v, n);
		show_strings(
		    b, c->forwarder_domains, c->n_forwarder_domains, n > 0);
		break;
	case MXA_OPT_SERVERS:
		for (size_t i = 0; i < n; i++)
			mxa_buf_printf(b, "%s\"%s\"", i > 0 ? ", " : "",
			    ((const char *const *)v)[i]);
		break;
	case MXA_OPT_SEALERS:
		if (n == 0 && c->auth.arc)
			mxa_buf_adds(b, "\"*\"");
		show_strings(b, v, n, false);
		break;
	default:
		show_strings(b, v, n, false);
		break;
	}
	mxa_buf_addc(b, ']');
}

static const char *word_of(const struct mxa_opt_word *w, int value)
{
	for (; w->word != NULL; w++)
		if (w->value == value)
			return w->word;
	return "";
}

static void show_text(
    const struct mxa_opt *o, const struct mxa_conf *c, struct mxa_buf *b)
{
	int number = 0;

	switch (o->type) {
	case MXA_OPT_WORD:
		memcpy(&number, field_at(c, o->at), sizeof(number));
		add_quoted(b, mxa_str_from(word_of(o->words, number)));
		break;
	case MXA_OPT_PROFILE:
		add_quoted(b, mxa_str_from(mxa_profile_name(c->profile)));
		break;
	case MXA_OPT_ACTION:
		number = *(const int *)field_at(c, o->at);
		add_quoted(b,
		    number == MXA_ACTION_UNSET
			? MXA_STR("")
			: mxa_str_from(
			      mxa_action_name((enum mxa_action_kind)number)));
		break;
	case MXA_OPT_CODE: {
		struct mxa_str code =
		    *(const struct mxa_str *)field_at(c, o->at);
		struct mxa_str more =
		    *(const struct mxa_str *)field_at(c, o->n_at);

		mxa_buf_printf(b, "\"%.*s%s%.*s\"", MXA_STR_ARG(code),
		    code.len > 0 ? " " : "", MXA_STR_ARG(more));
		break;
	}
	case MXA_OPT_SPF_ENGINE:
		add_quoted(b, mxa_str_from(c->auth.spf_engine->name));
		break;
	case MXA_OPT_DKIM_ENGINE:
		add_quoted(b, mxa_str_from(c->auth.dkim_engine->name));
		break;
	default:
		add_quoted(b, *(const struct mxa_str *)field_at(c, o->at));
		break;
	}
}

static void quoted_unit(
    struct mxa_buf *b, uint64_t v, void (*show)(struct mxa_buf *, uint64_t))
{
	mxa_buf_addc(b, '"');
	show(b, v);
	mxa_buf_addc(b, '"');
}

void mxa_schema_show(
    const struct mxa_opt *o, const struct mxa_conf *c, struct mxa_buf *b)
{
	switch (o->type) {
	case MXA_OPT_BOOL:
		mxa_buf_adds(
		    b, *(const bool *)field_at(c, o->at) ? "true" : "false");
		break;
	case MXA_OPT_COUNT:
		show_count(b, *(const unsigned *)field_at(c, o->at));
		break;
	case MXA_OPT_SECONDS:
		quoted_unit(b, *(const uint32_t *)field_at(c, o->at),
		    mxa_value_time_show);
		break;
	case MXA_OPT_AGE:
		quoted_unit(b, *(const uint64_t *)field_at(c, o->at),
		    mxa_value_time_show);
		break;
	case MXA_OPT_SIZE:
		quoted_unit(b, *(const uint64_t *)field_at(c, o->at),
		    mxa_value_size_show);
		break;
	case MXA_OPT_MODE:
		mxa_buf_printf(
		    b, "\"%04o\"", *(const unsigned *)field_at(c, o->at));
		break;
	case MXA_OPT_HOSTS:
	case MXA_OPT_NETWORKS:
	case MXA_OPT_FORWARDERS:
	case MXA_OPT_SEALERS:
	case MXA_OPT_SERVERS:
	case MXA_OPT_EXCLUSIONS:
		show_list(o, c, b);
		break;
	default:
		show_text(o, c, b);
		break;
	}
}

bool mxa_schema_differs(
    const struct mxa_opt *o, const struct mxa_conf *a, const struct mxa_conf *b)
{
	struct mxa_arena *arena = mxa_arena_new();
	struct mxa_buf one, other;
	bool differs;

	mxa_buf_init(&one, arena, MXA_MAX_CONF_TEXT);
	mxa_buf_init(&other, arena, MXA_MAX_CONF_TEXT);
	mxa_schema_show(o, a, &one);
	mxa_schema_show(o, b, &other);
	differs = !mxa_str_eq(mxa_buf_str(&one), mxa_buf_str(&other));
	mxa_arena_free(arena);
	return differs;
}

/* --- whole files --- */

#define WIDTH 78

/* Words as comment lines behind 'indent'. */
static void add_comment(struct mxa_buf *b, const char *indent, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " \n");

		if (column > 0 &&
		    column + 1 + len > WIDTH - 8 * strlen(indent)) {
			mxa_buf_addc(b, '\n');
			column = 0;
		}
		if (column == 0) {
			mxa_buf_printf(b, "%s#", indent);
			column = 1;
		}
		mxa_buf_printf(b, " %.*s", (int)len, text);
		column += 1 + len;
		text += len;
		if (*text == '\n') {
			mxa_buf_addc(b, '\n');
			column = 0;
		}
		text += *text != '\0';
	}
	mxa_buf_addc(b, '\n');
}

static void reference_option(
    struct mxa_buf *b, const struct mxa_opt *o, const char *indent)
{
	add_comment(b, indent, o->help);
	if (o->reload == MXA_RELOAD_RESTART)
		add_comment(b, indent, "A change needs a restart.");
	if (o->example != NULL && o->type != MXA_OPT_ACTION)
		mxa_buf_printf(b, "%s# For instance: %s = %s\n", indent,
		    o->name, o->example);
	mxa_buf_printf(b, "%s#%s = %s\n", indent, o->name, o->preset);
}

static void reference_section(
    struct mxa_buf *b, const struct mxa_opt_section *s)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);
	bool named = s->name[0] != '\0';
	bool first = true;

	if (named) {
		mxa_buf_addc(b, '\n');
		add_comment(b, "", s->help);
		mxa_buf_printf(b, "%s: {\n", s->name);
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(o[i].section, s->name) != 0)
			continue;
		if (!named || !first)
			mxa_buf_addc(b, '\n');
		first = false;
		reference_option(b, &o[i], named ? "\t" : "");
	}
	if (named)
		mxa_buf_adds(b, "};\n");
}

void mxa_schema_reference(struct mxa_buf *b)
{
	size_t n;
	const struct mxa_opt_section *s = mxa_schema_sections(&n);

	mxa_buf_adds(b,
	    "# mxauth.conf - configuration of mxauthd and mxauth; "
	    "mxauth.conf(5) tells more.\n#\n");
	add_comment(b, "",
	    "Every option stands here with its default, commented out: take "
	    "away its '#' to change it. mxauthd -n says what is wrong with "
	    "the file, mxauth config shows what is in effect, and systemctl "
	    "reload mxauthd puts it into effect. Times are seconds or "
	    "\"90s\", \"10m\", \"2h\", \"90d\"; sizes are \"512k\", \"64M\", "
	    "\"1G\". @include \"FILE\" at the beginning of a line reads "
	    "another file.");
	for (size_t i = 0; i < n; i++)
		reference_section(b, &s[i]);
}

void mxa_schema_effective(const struct mxa_conf *c, struct mxa_buf *b)
{
	size_t n_sections, n;
	const struct mxa_opt_section *s = mxa_schema_sections(&n_sections);
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n_sections; i++) {
		bool named = s[i].name[0] != '\0';

		if (named)
			mxa_buf_printf(b, "%s: {\n", s[i].name);
		for (size_t j = 0; j < n; j++) {
			if (strcmp(o[j].section, s[i].name) != 0)
				continue;
			mxa_buf_printf(
			    b, "%s%s = ", named ? "\t" : "", o[j].name);
			mxa_schema_show(&o[j], c, b);
			mxa_buf_addc(b, '\n');
		}
		if (named)
			mxa_buf_adds(b, "};\n");
	}
}
