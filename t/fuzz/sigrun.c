/* sigrun.c - see sigrun.h. */
#include "t/fuzz/sigrun.h"

#include "dns/zone.h"
#include "mail/headers.h"

#define ED25519                  \
	"\"v=DKIM1; k=ed25519; " \
	"p=hpl482yR4Rtof97ddPagbGOpxmYilfMee0JbBG+ELzg=\"\n"
#define RSA1024                                                      \
	"\"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ" \
	"DHS+tWe5ywezB0w0kB1+3ffJ98rC+bq4nhNQ2NOSycAvofYC2qlUQwGi"   \
	"lmIfb6ZRiVwx70ktgF2OqGvVGiLva9z1Fx4iUMzUXYy9oQ24zS0hAqsB"   \
	"FQNP/ivYGaDYl18rV9n37aETOWQXvSwR6DuY+Uy1fDoSq7lYFZgg0e34"   \
	"r17QIDAQAB\"\n"

static const char zone_text[] =
    "ed25519._domainkey.example.com. 300 IN TXT " ED25519
    "ed25519._domainkey.list.example. 300 IN TXT " ED25519
    "rsa1024._domainkey.example.com. 300 IN TXT " RSA1024
    "rsa1024._domainkey.list.example. 300 IN TXT " RSA1024
    "revoked._domainkey.example.com. 300 IN TXT \"v=DKIM1; p=\"\n"
    ";! servfail broken._domainkey.example.com TXT\n";

static uint64_t no_ms(void *ctx)
{
	(void)ctx;
	return 1000;
}

static int64_t standing(void *ctx)
{
	(void)ctx;
	return INT64_C(1788220800);
}

static const struct mxa_clock still = { no_ms, standing, NULL };

static const struct mxa_auth_options options = {
	.dkim_min_rsa_bits = 1024,
	.dkim_max_signatures = 16,
	.clock_skew = 300,
	.arc = true,
	.arc_max_sets = 50,
};

struct run {
	struct mxa_engine_env env;
	struct mxa_headers all;	  /* the message's */
	struct mxa_headers shown; /* what has arrived */
	struct mxa_str body;
	size_t chunk;
};

static void open_run(
    struct run *r, struct mxa_arena *a, struct mxa_str message, size_t chunk)
{
	static struct mxa_dns *zone;
	char *error = NULL;
	size_t at;

	if (zone == NULL)
		zone = mxa_dns_zone_text("zone",
		    mxa_str_make(zone_text, sizeof(zone_text) - 1), &still,
		    &error);
	require(zone != NULL);
	r->env = (struct mxa_engine_env){ .arena = a,
		.budget = mxa_budget_open(zone, 20000),
		.clock = &still,
		.options = &options };
	mxa_headers_init(&r->all, a);
	mxa_headers_init(&r->shown, a);
	mxa_headers_split(&r->all, message, &at);
	r->body = mxa_body_crlf(a, mxa_str_sub(message, at, message.len));
	r->chunk = chunk;
}

static bool next_field(struct run *r)
{
	if (r->shown.n == r->all.n)
		return false;
	r->shown.v = r->all.v;
	r->shown.n++;
	return true;
}

static bool next_piece(struct run *r, struct mxa_str *piece)
{
	*piece = mxa_str_sub(r->body, 0, r->chunk);
	r->body = mxa_str_sub(r->body, r->chunk, r->body.len);
	return piece->len > 0;
}

void sigrun_dkim(struct mxa_arena *a, struct mxa_str message, size_t chunk,
    struct mxa_dkim_verdict *out)
{
	sigrun_dkim_by(&mxa_dkim_native, a, message, chunk, out);
}

void sigrun_dkim_by(const struct mxa_dkim_engine *engine, struct mxa_arena *a,
    struct mxa_str message, size_t chunk, struct mxa_dkim_verdict *out)
{
	struct mxa_authors authors = { .domain = { MXA_STR("example.com") },
		.n = 1 };
	struct mxa_str piece;
	struct run r;
	void *state;

	open_run(&r, a, message, chunk);
	state = engine->begin(&r.env, &r.shown);
	while (next_field(&r))
		engine->header(state, r.shown.n - 1);
	if (engine->eoh(state, &authors))
		while (next_piece(&r, &piece))
			engine->body(state, piece.p, piece.len);
	engine->finish(state, out);
	mxa_budget_close(r.env.budget);
}

void sigrun_arc(struct mxa_arena *a, struct mxa_str message, size_t chunk,
    struct mxa_arc_verdict *out)
{
	struct mxa_str piece;
	struct run r;
	void *state;

	open_run(&r, a, message, chunk);
	state = mxa_arc_begin(&r.env, &r.shown);
	while (next_field(&r))
		mxa_arc_header(state, r.shown.n - 1);
	if (mxa_arc_eoh(state))
		while (next_piece(&r, &piece))
			mxa_arc_body(state, piece.p, piece.len);
	mxa_arc_finish(state, out);
	mxa_budget_close(r.env.budget);
}
