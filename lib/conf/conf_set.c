/* conf_set.c - a function for each type of value.
 *
 * It stores the value, or returns false: it is not what the type expects.  A
 * list reports its wrong elements itself, all of them. */
#include "conf/conf_set.h"

#include <string.h>

#include "auth/engine.h"
#include "base/arena.h"
#include "base/domain.h"
#include "dns/stub.h"
#include "mail/reply.h"
#include "conf/texts.h"
#include "conf/values.h"

#define MAX_REPLY_TEXT 1000
#define MAX_CONTACT 200
#define MAX_URL 200

struct setter {
	const struct mxa_conf_setter *s;
	const struct mxa_opt *o;
	const struct mxa_node *v; /* the value */
	struct mxa_arena *arena;  /* the configuration's */
	const char *reason;	  /* says more than what the type expects */
	bool wrong;		  /* an element was reported */
};

/* A value of any kind; a string, which becomes what is kept; an element of a
 * list. */
typedef bool set_fn(struct setter *t, const struct mxa_node *v);
typedef bool text_fn(struct setter *t, struct mxa_str *s);
typedef bool element_fn(struct setter *t, const struct mxa_node *v, void *out);

static void *field_at(const struct setter *t, size_t at)
{
	return (char *)t->s->conf + at;
}

static void store_text(struct setter *t, struct mxa_str s)
{
	*(struct mxa_str *)field_at(t, t->o->at) = mxa_str_dup(t->arena, s);
}

/* --- plain values --- */

static bool set_bool(struct setter *t, const struct mxa_node *v)
{
	return mxa_tree_bool(v, field_at(t, t->o->at));
}

static const struct mxa_opt_word *find_word(
    const struct mxa_opt_word *w, struct mxa_str s)
{
	while (w->word != NULL && !mxa_str_is(s, w->word))
		w++;
	return w->word != NULL ? w : NULL;
}

static bool set_word(struct setter *t, const struct mxa_node *v)
{
	const struct mxa_opt_word *w = NULL;
	struct mxa_str word;

	if (mxa_tree_string(v, &word))
		w = find_word(t->o->words, word);
	/* the size of an enum is that of an int */
	if (w != NULL)
		memcpy(field_at(t, t->o->at), &w->value, sizeof(w->value));
	return w != NULL;
}

static struct mxa_str where_set(struct setter *t, const struct mxa_node *v)
{
	if (t->s->preset)
		return MXA_STR("default");
	return mxa_tree_where(t->s->tree, t->arena, v);
}

static bool set_profile(struct setter *t, const struct mxa_node *v)
{
	struct mxa_str word;

	if (!mxa_tree_string(v, &word) ||
	    !mxa_profile_from_name(word, field_at(t, t->o->at)))
		return false;
	*(struct mxa_str *)field_at(t, t->o->n_at) = where_set(t, v);
	return true;
}

static bool set_action(struct setter *t, const struct mxa_node *v)
{
	int *out = field_at(t, t->o->at);
	enum mxa_action_kind kind;
	struct mxa_str word;

	if (!mxa_tree_string(v, &word))
		return false;
	*(struct mxa_str *)field_at(t, t->o->n_at) = where_set(t, v);
	*out = MXA_ACTION_UNSET;
	if (word.len == 0)
		return true;
	if (!mxa_action_from_name(word, &kind))
		return false;
	*out = (int)kind;
	return true;
}

/* An integer, or a string that 'parse' reads, within the option's range. */
static bool read_number(struct setter *t, const struct mxa_node *v,
    bool (*parse)(struct mxa_str, uint64_t *), uint64_t *out)
{
	struct mxa_str text;
	long long n;

	if (mxa_tree_integer(v, &n)) {
		if (n < 0)
			return false;
		*out = (uint64_t)n;
	} else if (parse == NULL || !mxa_tree_string(v, &text) ||
	    !parse(text, out)) {
		return false;
	}
	return *out >= t->o->min && *out <= t->o->max;
}

static bool set_u32(struct setter *t, const struct mxa_node *v,
    bool (*parse)(struct mxa_str, uint64_t *))
{
	uint64_t n;

	if (!read_number(t, v, parse, &n))
		return false;
	*(uint32_t *)field_at(t, t->o->at) = (uint32_t)n;
	return true;
}

static bool set_count(struct setter *t, const struct mxa_node *v)
{
	return set_u32(t, v, NULL);
}

static bool set_seconds(struct setter *t, const struct mxa_node *v)
{
	return set_u32(t, v, mxa_value_time);
}

static bool set_age(struct setter *t, const struct mxa_node *v)
{
	return read_number(t, v, mxa_value_time, field_at(t, t->o->at));
}

static bool set_size(struct setter *t, const struct mxa_node *v)
{
	return read_number(t, v, mxa_value_size, field_at(t, t->o->at));
}

/* "0660".  Only a text: what a number means differs between readers of this
 * language (660, or 0660 octal), and the difference is a socket that everybody
 * may write to. */
static bool set_mode(struct setter *t, const struct mxa_node *v)
{
	struct mxa_str text;
	unsigned mode = 0;

	if (!mxa_tree_string(v, &text) || text.len < 3 || text.len > 4)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '7')
			return false;
		mode = mode * 8 + (unsigned)(text.p[i] - '0');
	}
	if (mode > 0777)
		return false;
	*(unsigned *)field_at(t, t->o->at) = mode;
	return true;
}

/* 421 would close the connection on a session that goes on. */
static bool set_code(struct setter *t, const struct mxa_node *v)
{
	struct mxa_str s, code, enhanced;
	size_t space;

	if (!mxa_tree_string(v, &s))
		return false;
	space = mxa_str_chr(s, ' ', 0);
	code = mxa_str_sub(s, 0, space);
	enhanced = mxa_str_sub(s, space + 1, s.len);
	if (s.len > 0 &&
	    (code.len != 3 || code.p[0] != (char)('0' + t->o->min) ||
		mxa_str_is(code, "421") || !mxa_reply_codes_ok(code, enhanced)))
		return false;
	store_text(t, code);
	*(struct mxa_str *)field_at(t, t->o->n_at) =
	    mxa_str_dup(t->arena, enhanced);
	return true;
}

static bool set_spf_engine(struct setter *t, const struct mxa_node *v)
{
	const struct mxa_spf_engine *e = NULL;
	struct mxa_str s;

	if (mxa_tree_string(v, &s))
		e = mxa_spf_engine_find(s);
	if (e != NULL)
		t->s->conf->auth.spf_engine = e;
	return e != NULL;
}

static bool set_dkim_engine(struct setter *t, const struct mxa_node *v)
{
	const struct mxa_dkim_engine *e = NULL;
	struct mxa_str s;

	if (mxa_tree_string(v, &s))
		e = mxa_dkim_engine_find(s);
	if (e != NULL)
		t->s->conf->auth.dkim_engine = e;
	return e != NULL;
}

/* --- texts --- */

static bool name_text(struct setter *t, struct mxa_str *s)
{
	if (s->len > 64 || (s->len > 0 && s->p[0] == '-') ||
	    (t->o->words != NULL && find_word(t->o->words, *s) == NULL))
		return false;
	for (size_t i = 0; i < s->len; i++)
		if (!mxa_is_alnum(s->p[i]) && strchr("._-$", s->p[i]) == NULL)
			return false;
	return true;
}

/* Kept as written when it is ASCII: people like their capitals. */
static bool read_host(struct mxa_arena *a, struct mxa_str *s)
{
	struct mxa_str canonical;

	if (mxa_domain_canonical(a, *s, &canonical) != MXA_OK)
		return false;
	if (!mxa_str_caseeq(*s, canonical))
		*s = canonical;
	return true;
}

static bool host_text(struct setter *t, struct mxa_str *s)
{
	return s->len == 0 || read_host(t->arena, s);
}

static bool has_control(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool path_text(struct setter *t, struct mxa_str *s)
{
	const char *dir = t->s->dir;

	if (s->len > 4000 || has_control(*s))
		return false;
	if (s->len > 0 && s->p[0] != '/' && dir != NULL)
		*s = mxa_str_from(mxa_arena_printf(
		    t->arena, "%s/%.*s", dir, MXA_STR_ARG(*s)));
	return true;
}

static bool listen_text(struct setter *t, struct mxa_str *s)
{
	return !has_control(*s) && mxa_value_listen(t->arena, *s, s);
}

/* 0.0.0.0 and [::] */
static bool is_every_address(struct mxa_str address)
{
	static const struct mxa_ip none;
	struct mxa_ip ip;

	return mxa_ip_parse(address, &ip) &&
	    memcmp(ip.b, none.b, sizeof(ip.b)) == 0;
}

/* Counters tell a stranger how much mail there is, and whose. */
static bool host_port_text(struct setter *t, struct mxa_str *s)
{
	struct mxa_str address = MXA_STR_NONE;
	uint16_t port;

	if (s->len > 0 && !mxa_value_host_port(*s, &address, &port))
		return false;
	if (is_every_address(address))
		mxa_tree_warning(t->s->tree, t->v,
		    "%s: \"%.*s\" is every address of this host: anybody "
		    "who reaches the port can read the counters",
		    t->o->name, MXA_STR_ARG(*s));
	return true;
}

static bool reply_text(struct setter *t, struct mxa_str *s)
{
	return mxa_text_check(t->arena, *s, MAX_REPLY_TEXT, &t->reason);
}

static bool url_text(struct setter *t, struct mxa_str *s)
{
	if (!mxa_text_check(t->arena, *s, MAX_URL, &t->reason))
		return false;
	if (s->len > 0 && !mxa_str_casestarts(*s, MXA_STR("https://")) &&
	    !mxa_str_casestarts(*s, MXA_STR("http://")))
		return false;
	if (mxa_str_chr(*s, ' ', 0) < s->len) {
		t->reason = "a URL has no spaces";
		return false;
	}
	if (mxa_str_casefind(*s, MXA_STR("%{help-url}")) < s->len) {
		t->reason = "%{help-url} cannot stand in itself";
		return false;
	}
	return true;
}

static bool contact_text(struct setter *t, struct mxa_str *s)
{
	(void)t;
	for (size_t i = 0; i < s->len; i++)
		if (s->p[i] < ' ' || s->p[i] > '~')
			return false;
	return s->len <= MAX_CONTACT;
}

/* USER@DOMAIN of characters that need no quotes (RFC 5322 dot-atom); kept as
 * written. */
static bool plain_address(struct mxa_arena *a, struct mxa_str s)
{
	size_t at = mxa_str_chr(s, '@', 0);
	struct mxa_str name;

	if (at == 0 || at > 64 || s.p[0] == '-' || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < at; i++)
		if (!mxa_is_alnum(s.p[i]) &&
		    strchr("!#$%&'*+-/=?^_`{|}~.", s.p[i]) == NULL)
			return false;
	return mxa_domain_canonical(a, mxa_str_sub(s, at + 1, s.len), &name) ==
	    MXA_OK;
}

static bool address_text(struct setter *t, struct mxa_str *s)
{
	return s->len == 0 || plain_address(t->arena, *s);
}

/* --- lists --- */

static void report_wrong(struct setter *t, const struct mxa_node *culprit)
{
	struct mxa_tree *tree = t->s->tree;
	struct mxa_buf expects;

	t->wrong = true;
	if (t->reason != NULL) {
		mxa_tree_error(tree, culprit, "%s: %s", t->o->name, t->reason);
		return;
	}
	mxa_buf_init(&expects, tree->source->arena, 1000);
	mxa_schema_expects(t->o, &expects);
	mxa_tree_error(tree, culprit, "%s: expected %s, found %s", t->o->name,
	    mxa_buf_cstr(&expects), mxa_tree_found(tree, culprit));
}

/* Room for all elements; the list and its length are put into the fields by
 * store_list. */
static void *new_list(struct setter *t, const struct mxa_node *v, size_t size)
{
	return mxa_arena_calloc(t->arena, mxa_tree_count(v), size);
}

static void store_list(struct setter *t, void *list, size_t n)
{
	memcpy(field_at(t, t->o->at), &list, sizeof(list));
	*(size_t *)field_at(t, t->o->n_at) = n;
}

static bool host_element(struct setter *t, const struct mxa_node *v, void *out)
{
	struct mxa_str *s = out;

	if (!mxa_tree_string(v, s) || !read_host(t->arena, s))
		return false;
	*s = mxa_str_dup(t->arena, *s);
	return true;
}

/* "d", "u@d" or "@d": domains canonical, users in lower case. */
static bool exclusion_element(
    struct setter *t, const struct mxa_node *v, void *out)
{
	struct mxa_str s, name;
	size_t at;

	if (!mxa_tree_string(v, &s))
		return false;
	at = mxa_str_chr(s, '@', 0);
	if (mxa_domain_canonical(t->arena,
		mxa_str_sub(s, at < s.len ? at + 1 : 0, s.len),
		&name) != MXA_OK ||
	    (at > 0 && at < s.len && !plain_address(t->arena, s)))
		return false;
	*(struct mxa_str *)out = at == s.len
	    ? name
	    : mxa_str_from(mxa_arena_printf(t->arena, "%.*s@%.*s",
		  MXA_STR_ARG(mxa_str_lower(t->arena, mxa_str_sub(s, 0, at))),
		  MXA_STR_ARG(name)));
	return true;
}

/* "10.0.0.1/8" is read as 10.0.0.0/8; who wrote it may have meant one host. */
static bool network_element(
    struct setter *t, const struct mxa_node *v, void *out)
{
	struct mxa_cidr *given = out, net;
	char text[MXA_IP_TEXT];
	struct mxa_str s;

	if (!mxa_tree_string(v, &s) || !mxa_cidr_parse(s, given))
		return false;
	net = mxa_cidr_network(given);
	if (!mxa_ip_eq(&net.ip, &given->ip))
		mxa_tree_warning(t->s->tree, v,
		    "%s: \"%.*s\" has host bits set; it means the network "
		    "%s/%u",
		    t->o->name, MXA_STR_ARG(s), mxa_ip_format(&net.ip, text),
		    net.bits);
	return true;
}

/* "192.0.2.300" is a name by its form, but never a domain that signs. */
static bool signing_domain(
    struct setter *t, const struct mxa_node *v, struct mxa_str *out)
{
	struct mxa_str s;

	return mxa_tree_string(v, &s) && mxa_value_domain(t->arena, s, out) &&
	    mxa_domain_is_ldh(mxa_str_sub(
		*out, mxa_str_starts(*out, MXA_STR(".")), out->len));
}

/* Who can get its signature could write as any author. */
static void warn_of_forwarder(
    struct setter *t, const struct mxa_node *v, struct mxa_str signer)
{
	mxa_tree_warning(t->s->tree, v,
	    "%s: a signature of %.*s turns a refusal into a tag, for any "
	    "author; name the authors for whom it signs in the policy file: "
	    "{ author = \"...\"  signer = \"%.*s\" }",
	    t->o->name, MXA_STR_ARG(signer), MXA_STR_ARG(signer));
}

static bool set_forwarders(struct setter *t, const struct mxa_node *v)
{
	struct mxa_cidr *nets = new_list(t, v, sizeof(*nets));
	struct mxa_str *domains = new_list(t, v, sizeof(*domains));
	size_t n_nets = 0, n_domains = 0;

	for (size_t i = 0; i < mxa_tree_count(v); i++) {
		const struct mxa_node *e = mxa_tree_element(v, i);

		if (network_element(t, e, &nets[n_nets]))
			n_nets++;
		else if (signing_domain(t, e, &domains[n_domains]))
			warn_of_forwarder(t, e, domains[n_domains++]);
		else
			report_wrong(t, e);
	}
	store_list(t, nets, n_nets);
	t->s->conf->forwarder_domains = domains;
	t->s->conf->n_forwarder_domains = n_domains;
	t->s->conf->forwarders_at = where_set(t, v);
	return true;
}

static bool set_sealers(struct setter *t, const struct mxa_node *v)
{
	struct mxa_str *list = new_list(t, v, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < mxa_tree_count(v); i++) {
		const struct mxa_node *e = mxa_tree_element(v, i);
		struct mxa_str s;

		if (mxa_tree_string(e, &s) && mxa_str_is(s, "*"))
			continue;
		if (!signing_domain(t, e, &list[n++]))
			report_wrong(t, e);
	}
	t->s->conf->auth.arc = mxa_tree_count(v) > 0;
	t->s->conf->sealers_at = where_set(t, v);
	store_list(t, list, n);
	return true;
}

static bool server_element(
    struct setter *t, const struct mxa_node *v, void *out)
{
	struct mxa_str s;

	if (!mxa_tree_string(v, &s) || !mxa_dns_server_ok(s))
		return false;
	*(const char **)out = mxa_str_cstr(t->arena, s);
	return true;
}

static void set_list(struct setter *t, const struct mxa_node *v,
    element_fn *element, size_t size)
{
	size_t n = mxa_tree_count(v);
	char *list = new_list(t, v, size);

	for (size_t i = 0; i < n; i++)
		if (!element(t, mxa_tree_element(v, i), list + i * size))
			report_wrong(t, mxa_tree_element(v, i));
	store_list(t, list, n);
}

/* --- all of them --- */

/* One of the three functions. */
static const struct {
	set_fn *set;
	text_fn *text;
	element_fn *element;
	size_t size;
} types[] = {
	[MXA_OPT_BOOL] = { .set = set_bool },
	[MXA_OPT_WORD] = { .set = set_word },
	[MXA_OPT_PROFILE] = { .set = set_profile },
	[MXA_OPT_ACTION] = { .set = set_action },
	[MXA_OPT_COUNT] = { .set = set_count },
	[MXA_OPT_SECONDS] = { .set = set_seconds },
	[MXA_OPT_AGE] = { .set = set_age },
	[MXA_OPT_SIZE] = { .set = set_size },
	[MXA_OPT_MODE] = { .set = set_mode },
	[MXA_OPT_NAME] = { .text = name_text },
	[MXA_OPT_HOST] = { .text = host_text },
	[MXA_OPT_HOSTS] = { .element = host_element,
	    .size = sizeof(struct mxa_str) },
	[MXA_OPT_PATH] = { .text = path_text },
	[MXA_OPT_NETWORKS] = { .element = network_element,
	    .size = sizeof(struct mxa_cidr) },
	[MXA_OPT_FORWARDERS] = { .set = set_forwarders },
	[MXA_OPT_SEALERS] = { .set = set_sealers },
	[MXA_OPT_SERVERS] = { .element = server_element,
	    .size = sizeof(const char *) },
	[MXA_OPT_LISTEN] = { .text = listen_text },
	[MXA_OPT_HOST_PORT] = { .text = host_port_text },
	[MXA_OPT_REPLY_TEXT] = { .text = reply_text },
	[MXA_OPT_URL] = { .text = url_text },
	[MXA_OPT_CONTACT] = { .text = contact_text },
	[MXA_OPT_ADDRESS] = { .text = address_text },
	[MXA_OPT_EXCLUSIONS] = { .element = exclusion_element,
	    .size = sizeof(struct mxa_str) },
	[MXA_OPT_CODE] = { .set = set_code },
	[MXA_OPT_SPF_ENGINE] = { .set = set_spf_engine },
	[MXA_OPT_DKIM_ENGINE] = { .set = set_dkim_engine },
};

static bool set_value(struct setter *t, const struct mxa_node *v)
{
	enum mxa_opt_type type = t->o->type;
	struct mxa_str s;

	if (types[type].set != NULL)
		return types[type].set(t, v);
	if (types[type].element != NULL) {
		set_list(t, v, types[type].element, types[type].size);
		return true;
	}
	if (!mxa_tree_string(v, &s) || !types[type].text(t, &s))
		return false;
	store_text(t, s);
	return true;
}

bool mxa_conf_set(const struct mxa_conf_setter *s, const struct mxa_opt *o,
    const struct mxa_node *v)
{
	struct setter t = { .s = s, .o = o, .v = v, .arena = s->conf->arena };

	if (!set_value(&t, v))
		report_wrong(&t, v);
	return !t.wrong;
}
