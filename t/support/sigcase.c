/* sigcase.c - see sigcase.h. */
#include "t/support/sigcase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/arc.h"
#include "dns/zone.h"
#include "t/support/signer.h"

/* sigbench.c uses this file outside a test, where ck_assert cannot be. */
#define NEED(what, ...)                               \
	do {                                          \
		if (!(what)) {                        \
			fprintf(stderr, __VA_ARGS__); \
			fputc('\n', stderr);          \
			abort();                      \
		}                                     \
	} while (0)

static struct {
	const char *name;
	EVP_PKEY *key;
} keys[] = {
	{ "rsa2048", NULL },
	{ "rsa1024", NULL },
	{ "rsa768", NULL },
	{ "rsa512", NULL },
	{ "rsa4096", NULL },
	{ "other2048", NULL },
	{ "ed25519", NULL },
};

EVP_PKEY *sigcase_key(const char *name)
{
	char path[64];

	for (size_t i = 0; i < MXA_ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		snprintf(path, sizeof(path), "keys/%s.pem", name);
		if (keys[i].key == NULL)
			keys[i].key = sign_key_load(test_path(path));
		NEED(keys[i].key != NULL, "no key in %s", path);
		return keys[i].key;
	}
	NEED(false, "no key called %s", name);
	return NULL;
}

void sigcase_init(struct sigcase *c)
{
	memset(c, 0, sizeof(*c));
	c->arena = mxa_arena_new();
	test_clock_init(&c->clock, SIGCASE_NOW);
	mxa_buf_init(&c->zone, c->arena, (size_t)16 << 20);
	c->deadline_ms = 20000;
	c->options.dkim_min_rsa_bits = 1024;
	c->options.dkim_max_signatures = MXA_MAX_SIGNATURES;
	c->options.clock_skew = 300;
	c->options.arc_max_sets = MXA_MAX_ARC_SETS;
}

void sigcase_done(struct sigcase *c)
{
	mxa_budget_close(c->budget);
	mxa_dns_free(c->dns);
	mxa_arena_free(c->arena);
	for (size_t i = 0; i < MXA_ARRAY_LEN(keys); i++) {
		EVP_PKEY_free(keys[i].key);
		keys[i].key = NULL;
	}
}

void sigcase_zone(struct sigcase *c, const char *lines)
{
	mxa_buf_adds(&c->zone, lines);
	mxa_buf_addc(&c->zone, '\n');
}

void sigcase_publish(struct sigcase *c, const char *selector,
    const char *domain, const char *record)
{
	struct mxa_str strings =
	    sign_key_strings(c->arena, mxa_str_from(record));

	mxa_buf_printf(
	    &c->zone, "%s._domainkey.%s. 300 IN TXT ", selector, domain);
	mxa_buf_addstr(&c->zone, strings);
	mxa_buf_addc(&c->zone, '\n');
}

void sigcase_domain(struct sigcase *c, const char *domain)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(keys); i++)
		sigcase_publish(c, keys[i].name, domain,
		    mxa_str_cstr(c->arena,
			sign_key_record(c->arena, sigcase_key(keys[i].name))));
}

static struct mxa_dns *source(struct sigcase *c)
{
	char *error = NULL;

	if (c->dns == NULL) {
		c->dns = mxa_dns_zone_text(
		    "zone", mxa_buf_str(&c->zone), &c->clock.clock, &error);
		NEED(c->dns != NULL, "%s", error);
	}
	return c->dns;
}

/* The calls of an engine in the order in which a message arrives; finish is
 * the caller's. */
struct stages {
	struct mxa_budget *budget;
	struct mxa_engine_env env;
	struct mxa_headers headers;
};

static enum mxa_settled settled_as_told(
    void *ctx, const struct mxa_dkim_verdict *so_far, bool wait)
{
	const struct sigcase *c = ctx;

	(void)so_far;
	(void)wait;
	return c->settled ? MXA_SETTLED : MXA_UNSETTLED;
}

static void open_stages(struct sigcase *c, struct stages *s)
{
	memset(s, 0, sizeof(*s));
	if (c->budget == NULL)
		c->budget = mxa_budget_open(source(c), c->deadline_ms);
	s->budget = c->budget;
	s->env.arena = c->arena;
	s->env.budget = s->budget;
	s->env.clock = &c->clock.clock;
	s->env.options = &c->options;
	s->env.settled = settled_as_told;
	s->env.settled_ctx = c;
	mxa_headers_init(&s->headers, c->arena);
}

static void close_stages(struct sigcase *c, struct stages *s)
{
	c->counts = mxa_budget_counts(s->budget);
	if (c->one_budget)
		return;
	mxa_budget_close(c->budget);
	c->budget = NULL;
}

static void feed_body(struct sigcase *c, void *state, struct mxa_str body,
    void (*feed)(void *state, const char *p, size_t len))
{
	size_t chunk = c->chunk ? c->chunk : body.len + 1;

	for (size_t at = 0; at < body.len; at += chunk) {
		struct mxa_str piece = mxa_str_sub(body, at, at + chunk);

		feed(state, piece.p, piece.len);
	}
}

void sigcase_dkim(struct sigcase *c, struct mxa_str message, const char *author,
    struct mxa_dkim_verdict *out)
{
	const struct mxa_dkim_engine *e =
	    c->options.dkim_engine ? c->options.dkim_engine : &mxa_dkim_native;
	struct mxa_authors authors = { .n = 0 };
	struct mxa_headers all;
	struct stages s;
	size_t body;
	void *state;

	while (author != NULL && *author != '\0') {
		size_t len = strcspn(author, " ");

		authors.domain[authors.n++] = mxa_str_make(author, len);
		author += len + strspn(author + len, " ");
	}
	mxa_headers_init(&all, c->arena);
	mxa_headers_split(&all, message, &body);
	open_stages(c, &s);
	state = e->begin(&s.env, &s.headers);
	s.headers.v = all.v;
	while (s.headers.n < all.n)
		e->header(state, s.headers.n++);
	c->body_needed = e->eoh(state, &authors);
	feed_body(c, state, mxa_str_sub(message, body, message.len), e->body);
	e->finish(state, out);
	close_stages(c, &s);
}

void sigcase_arc(
    struct sigcase *c, struct mxa_str message, struct mxa_arc_verdict *out)
{
	struct mxa_headers all;
	struct stages s;
	size_t body;
	void *state;

	mxa_headers_init(&all, c->arena);
	mxa_headers_split(&all, message, &body);
	open_stages(c, &s);
	state = mxa_arc_begin(&s.env, &s.headers);
	s.headers.v = all.v;
	while (s.headers.n < all.n)
		mxa_arc_header(state, s.headers.n++);
	c->body_needed = mxa_arc_eoh(state);
	feed_body(
	    c, state, mxa_str_sub(message, body, message.len), mxa_arc_body);
	mxa_arc_finish(state, out);
	close_stages(c, &s);
}

const char *sigcase_arc_text(struct sigcase *c, struct mxa_str message)
{
	struct mxa_arc_verdict v;

	sigcase_arc(c, message, &v);
	NEED(v.evaluated && !v.trusted, "ARC was not evaluated");
	if (v.result == MXA_ARC_FAIL)
		return mxa_arena_printf(
		    c->arena, "fail: %.*s", MXA_STR_ARG(v.reason.text));
	if (v.oldest_pass > 0)
		return mxa_arena_printf(
		    c->arena, "pass, oldest-pass %u", v.oldest_pass);
	return mxa_arc_result_name(v.result);
}

const char *sigcase_dkim_text(
    struct sigcase *c, struct mxa_str message, const char *author)
{
	struct mxa_dkim_verdict v;
	struct mxa_buf b;

	sigcase_dkim(c, message, author, &v);
	mxa_buf_init(&b, c->arena, (size_t)1 << 20);
	if (v.n == 0)
		mxa_buf_adds(&b, "none");
	for (size_t i = 0; i < v.n; i++) {
		mxa_buf_adds(&b, i ? " | " : "");
		mxa_buf_adds(&b, mxa_dkim_result_name(v.sig[i].result));
		if (v.sig[i].reason.text.len > 0)
			mxa_buf_printf(
			    &b, ": %.*s", MXA_STR_ARG(v.sig[i].reason.text));
	}
	return mxa_buf_cstr(&b);
}

struct mxa_str sigcase_file(struct sigcase *c, const char *name)
{
	struct mxa_str text = test_read(c->arena, test_path(name));

	return mxa_body_crlf(c->arena, text);
}

struct mxa_str sigcase_replace(
    struct sigcase *c, struct mxa_str text, const char *from, const char *to)
{
	struct mxa_str what = mxa_str_from(from);
	struct mxa_buf b;
	size_t at = 0;

	while (at + what.len <= text.len &&
	    memcmp(text.p + at, what.p, what.len) != 0)
		at++;
	NEED(at + what.len <= text.len, "no \"%s\"", from);
	mxa_buf_init(&b, c->arena, text.len + strlen(to) + 1);
	mxa_buf_addstr(&b, mxa_str_sub(text, 0, at));
	mxa_buf_adds(&b, to);
	mxa_buf_addstr(&b, mxa_str_sub(text, at + what.len, text.len));
	return mxa_buf_str(&b);
}

struct mxa_str sigcase_join(
    struct sigcase *c, struct mxa_str top, struct mxa_str message)
{
	struct mxa_buf b;

	mxa_buf_init(&b, c->arena, top.len + message.len + 1);
	mxa_buf_addstr(&b, top);
	mxa_buf_addstr(&b, message);
	return mxa_buf_str(&b);
}

struct mxa_str sigcase_sign(struct sigcase *c, const char *key,
    const struct sign_options *o, struct mxa_str message)
{
	struct sign_options with = *o;

	with.key = sigcase_key(key);
	with.domain = o->domain ? o->domain : "example.com";
	with.selector = o->selector ? o->selector : key;
	return sigcase_join(c, sign_dkim(c->arena, message, &with), message);
}
