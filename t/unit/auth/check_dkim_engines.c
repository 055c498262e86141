/* check_dkim_engines.c - both DKIM engines over the same messages: signed in
 * many ways by t/support/signer, then changed on the way.  They agree, except
 * on the written list of libopendkim's deviations. */
#include "t/support/sigcase.h"
#include "t/support/signer.h"

#include <string.h>

#define HEAD                                    \
	"From: A <a@example.com>\r\n"           \
	"To: b@example.net\r\n"                 \
	"Subject: a   subject\twith space \r\n" \
	"Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"

static const struct {
	const char *name, *text;
} messages[] = {
	{ "plain", HEAD "\r\nHello,\r\n\r\nworld.\r\n" },
	{ "no body at all", HEAD },
	{ "empty body", HEAD "\r\n" },
	{ "body of empty lines", HEAD "\r\n\r\n\r\n\r\n" },
	{ "empty lines at the end", HEAD "\r\nHello\r\n\r\n\r\n\r\n" },
	{ "no line end at the end", HEAD "\r\nHello\r\nworld" },
	{ "white space at line ends",
	    HEAD "\r\nHello \t\r\n \t\r\n  two  words\t\there \r\n\r\n" },
	{ "lines of white space at the end",
	    HEAD "\r\nHello\r\n \r\n\t\r\n  \r\n" },
	{ "8-bit",
	    HEAD "X-Name: J\xc3\xb6rg\r\n"
		 "X-Raw: \xff\xfe\r\n\r\nGr\xc3\xbc\xc3\x9f\x65 \xff\x80\r\n" },
	{ "folds",
	    "From: A\r\n <a@example.com>\r\nTo: b@example.net,\r\n\t"
	    "c@example.net\r\nSubject:\r\n folded  \r\n\tsubject\r\n"
	    "Date: Tue, 1 Sep 2026\r\n 00:00:00 +0000\r\n\r\nx\r\n" },
	{ "odd colons",
	    "FROM : a@example.com\r\nto:b@example.net\r\nSuBject:  x\r\n"
	    "Date:\tTue, 1 Sep 2026 00:00:00 +0000\r\n\r\nx\r\n" },
	{ "a field again and again",
	    HEAD "To: c@example.net\r\nTo: d@example.net\r\n"
		 "Received: x\r\nReceived: y\r\n\r\nx\r\n" },
	{ "empty fields",
	    "From: a@example.com\r\nTo:\r\nSubject: \r\nDate:\t\r\n\r\nx\r\n" },
	{ "lone CR and LF", HEAD "\r\na\rb\r\n\rc\r\n d\r\r\ne\r\n" },
	{ "no subject",
	    "From: a@example.com\r\nTo: b@example.net\r\n\r\nx\r\n" },
	{ "VT and FF at the end of header lines",
	    "From: a@example.com\r\nTo: b@example.net\v\r\nSubject: x "
	    "\f\r\nDate: Tue, 1 Sep 2026 00:00:00 +0000 \v \r\n\r\nx\r\n" },
	{ "VT and FF at the end of body lines",
	    HEAD "\r\nHello\v\r\nworld \f\r\n\v\r\n" },
	{ "dot lines", HEAD "\r\n.\r\n..\r\n.x\r\n" },
};

static const struct {
	const char *name, *key, *canon, *headers, *length, *extra, *identity;
} signings[] = {
	{ "r/r", "rsa2048", "relaxed/relaxed", NULL, NULL, NULL, NULL },
	{ "s/s", "rsa2048", "simple/simple", NULL, NULL, NULL, NULL },
	{ "r/s", "rsa1024", "relaxed/simple", NULL, NULL, NULL, NULL },
	{ "s/r", "rsa4096", "simple/relaxed", NULL, NULL, NULL, NULL },
	{ "ed r/r", "ed25519", "relaxed/relaxed", NULL, NULL, NULL, NULL },
	{ "ed s/s", "ed25519", "simple/simple", NULL, NULL, NULL, NULL },
	{ "header only named", "rsa2048", "relaxed", NULL, NULL, NULL, NULL },
	{ "oversigned", "rsa2048", "relaxed/relaxed",
	    "from:from:to:to:to:to:subject:subject:date:date:cc", NULL, NULL,
	    NULL },
	{ "oversigned s/s", "rsa2048", "simple/simple",
	    "from:from:x-none:received:received:received:subject", NULL, NULL,
	    NULL },
	{ "everything", "rsa2048", "simple/simple",
	    "date:subject:to:to:to:from:x-name:x-raw:received", NULL, NULL,
	    NULL },
	{ "odd h=", "rsa2048", "relaxed/relaxed",
	    "From : To:\r\n\tSUBJECT :\tdate", NULL, NULL, NULL },
	{ "empty elements in h=", "rsa2048", "relaxed/relaxed",
	    "from:to::subject: :date:", NULL, NULL, NULL },
	{ "l=0", "rsa2048", "relaxed/relaxed", NULL, "0", NULL, NULL },
	{ "l=1", "rsa2048", "simple/simple", NULL, "1", NULL, NULL },
	{ "l=3 r", "rsa2048", "relaxed/relaxed", NULL, "3", NULL, NULL },
	{ "l=9999", "rsa2048", "simple/simple", NULL, "9999", NULL, NULL },
	{ "i=", "rsa2048", "relaxed/relaxed", NULL, NULL, NULL,
	    "user@news.example.com" },
	{ "time", "rsa2048", "relaxed/relaxed", NULL, NULL,
	    "t=1788220000; x=1788230000; z=From:x|To:y; foo=bar", NULL },
	{ "wrong key", "other2048", "relaxed/relaxed", NULL, NULL, NULL, NULL },
	{ "small key", "rsa768", "relaxed/relaxed", NULL, NULL, NULL, NULL },
};

/* What happens to a signed message on the way: text replaced, once. */
static const struct {
	const char *name, *from, *to;
} changes[] = {
	{ "nothing", "", "" },
	{ "subject", "ubject:", "ubject: Re:" },
	{ "field name's case", "Date:", "DATE:" },
	{ "space in a field", "To: ", "To:  " },
	{ "fold", "To: ", "To:\r\n " },
	{ "field added on top", "DKIM-Sig", "Received: z\r\nDKIM-Sig" },
	{ "field on top that is signed", "DKIM-Sig",
	    "From: x@example.org\r\nDKIM-Sig" },
	{ "From added below", "\r\n\r\n", "\r\nFrom: x@example.org\r\n\r\n" },
	{ "body begins otherwise", "\r\n\r\n", "\r\n\r\nX" },
	{ "empty line before the body", "\r\n\r\n", "\r\n\r\n\r\n" },
	{ "a letter of the body", "ello", "ullo" },
	{ "space in the body", "llo", "llo " },
	{ "h= refolded", "h=", "h=\r\n\t" },
	{ "b= refolded", "b=", "b=\r\n " },
	{ "bh= changed", "bh=", "bh=AA" },
	{ "name of the signature", "DKIM-Signature:", "dkim-signature :" },
	{ "tag added", "DKIM-Signature:", "DKIM-Signature: k=v;" },
	{ "selector", "s=rsa2048", "s=other2048" },
	{ "no such key", "s=rsa", "s=no" },
	{ "algorithm", "a=rsa-sha256", "a=rsa-sha512" },
	{ "canonicalisation", "c=relaxed", "c=simple" },
	{ "version", "v=1", "v=2" },
};

static struct sigcase c;

static void setup(void)
{
	sigcase_init(&c);
	sigcase_domain(&c, "example.com");
}

static void teardown(void)
{
	sigcase_done(&c);
}

static const char *show(const struct mxa_dkim_verdict *v)
{
	static const char *const body[] = { "?", "same", "differs" };
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, 65536);
	for (size_t i = 0; i < v->n; i++)
		mxa_buf_printf(&b, "%s%s %s body %s bits %u%s", i ? " | " : "",
		    mxa_dkim_result_name(v->sig[i].result),
		    mxa_dkim_cause_name(v->sig[i].cause), body[v->sig[i].body],
		    v->sig[i].key_bits, v->sig[i].testing ? " testing" : "");
	return mxa_buf_cstr(&b);
}

static const char *by(
    const struct mxa_dkim_engine *engine, struct mxa_str message)
{
	struct mxa_dkim_verdict v;

	c.options.dkim_engine = engine;
	sigcase_dkim(&c, message, "example.com", &v);
	return show(&v);
}

/* --- the deviations of libopendkim that the engine around it cannot mend ---
 */

static bool relaxed_header(size_t signing)
{
	return strncmp(signings[signing].canon, "relaxed", 7) == 0;
}

static bool relaxed_body(size_t signing)
{
	return strstr(signings[signing].canon, "/relaxed") != NULL;
}

static const struct {
	const char *message;
	bool (*in)(size_t signing); /* with these canonicalisations */
	const char *why;
} deviations[] = {
	{ "lone CR and LF", relaxed_body,
	    "in a relaxed body it drops white space before a bare CR or LF, "
	    "which end no line (RFC 6376 section 3.4.4)" },
	{ "VT and FF at the end of header lines", relaxed_header,
	    "in a relaxed header field it drops VT and FF at the end, which "
	    "are no WSP (RFC 6376 section 3.4.2)" },
};

static bool deviates(size_t message, size_t signing)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(deviations); i++)
		if (strcmp(messages[message].name, deviations[i].message) ==
			0 &&
		    deviations[i].in(signing))
			return true;
	return false;
}

/* --- the grid --- */

static bool change(struct mxa_str *text, size_t k)
{
	size_t len = strlen(changes[k].from);

	if (len == 0)
		return true;
	if (memmem(text->p, text->len, changes[k].from, len) == NULL)
		return false;
	*text = sigcase_replace(&c, *text, changes[k].from, changes[k].to);
	return true;
}

static void compare(
    size_t message, size_t signing, size_t k, struct mxa_str text)
{
	const char *native = by(&mxa_dkim_native, text);
	const char *other = by(&mxa_dkim_libopendkim, text);

	if (deviates(message, signing)) {
		/* never towards a pass */
		ck_assert(strncmp(other, "pass", 4) != 0 ||
		    strcmp(native, other) == 0);
		if (k == 0 && strncmp(native, "pass", 4) == 0)
			ck_assert_str_ne(native, other);
		return;
	}
	ck_assert_msg(strcmp(native, other) == 0,
	    "%s, %s, %s: native \"%s\", libopendkim \"%s\"",
	    messages[message].name, signings[signing].name, changes[k].name,
	    native, other);
}

static struct mxa_str signed_by(size_t k, struct mxa_str plain)
{
	struct sign_options o = { .key = sigcase_key(signings[k].key),
		.domain = "example.com",
		.selector = signings[k].key,
		.canon = signings[k].canon,
		.headers = signings[k].headers,
		.length = signings[k].length,
		.extra = signings[k].extra,
		.identity = signings[k].identity };

	return sigcase_join(&c, sign_dkim(c.arena, plain, &o), plain);
}

START_TEST(agree)
{
	struct mxa_str plain = mxa_str_from(messages[_i].text);
	unsigned passed = 0, runs = 0;

	for (size_t k = 0; k < MXA_ARRAY_LEN(signings); k++) {
		struct mxa_str text = signed_by(k, plain);

		passed += strncmp(by(&mxa_dkim_native, text), "pass", 4) == 0;
		for (size_t m = 0; m < MXA_ARRAY_LEN(changes); m++) {
			struct mxa_str sent = text;

			if (!change(&sent, m))
				continue;
			compare((size_t)_i, k, m, sent);
			runs++;
		}
	}
	ck_assert_uint_ge(passed, 10);
	ck_assert_uint_gt(runs, MXA_ARRAY_LEN(signings) * 10);
}
END_TEST

/* The size of the pieces makes no difference. */
START_TEST(agree_in_pieces)
{
	static const size_t sizes[] = { 1, 2, 3, 7 };
	struct mxa_str text = signed_by(0, mxa_str_from(messages[6].text));

	c.chunk = sizes[_i];
	ck_assert_str_eq(
	    by(&mxa_dkim_native, text), "pass ok body same bits 2048");
	ck_assert_str_eq(
	    by(&mxa_dkim_libopendkim, text), "pass ok body same bits 2048");
}
END_TEST

/* --- key records: "%s" is the key --- */

static const struct {
	const char *name, *record, *want;
} records[] = {
	{ "bare", "p=%s", "pass ok" },
	{ "with everything",
	    "v=DKIM1; k=rsa; h=sha1:sha256; s=email; t=y; n=a note; p=%s; x=1",
	    "pass ok" },
	{ "white space", " v = DKIM1 ;\tk=rsa ; p= %s ; ", "pass ok" },
	{ "service list", "v=DKIM1; s=foo:email; p=%s", "pass ok" },
	{ "any service", "v=DKIM1; s=*; p=%s", "pass ok" },
	{ "other service", "v=DKIM1; s=tlsrpt; p=%s", "permerror bad-key" },
	{ "sha1 only", "v=DKIM1; h=sha1; p=%s", "permerror bad-key" },
	{ "revoked", "v=DKIM1; p=", "permerror revoked" },
	{ "no key in it", "v=DKIM1; k=rsa", "permerror bad-key" },
	{ "other version", "v=DKIM2; p=%s", "permerror bad-key" },
	{ "version not first", "p=%s; v=DKIM1", "permerror bad-key" },
	{ "twice p", "v=DKIM1; p=%s; p=%s", "permerror bad-key" },
	{ "no base64", "v=DKIM1; p=!!!!", "permerror bad-key" },
	{ "no DER", "v=DKIM1; p=AAAA", "permerror bad-key" },
	{ "said to be Ed25519", "v=DKIM1; k=ed25519; p=%s",
	    "permerror bad-key" },
	{ "unknown kind", "v=DKIM1; k=dsa; p=%s", "permerror bad-key" },
	{ "strict", "v=DKIM1; t=s; p=%s", "permerror identity" },
	{ "wildcard text", "hello world", "permerror bad-key" },
};

static const char *with_key(const char *record)
{
	struct mxa_str full = sign_key_record(c.arena, sigcase_key("rsa2048"));
	const char *key = strstr(mxa_str_cstr(c.arena, full), "p=") + 2;
	struct mxa_str text = mxa_str_from(record);

	while (memmem(text.p, text.len, "%s", 2) != NULL)
		text = sigcase_replace(&c, text, "%s", key);
	return mxa_str_cstr(c.arena, text);
}

static struct mxa_str signed_with(const char *selector)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = selector,
		.identity = "x@sub.example.com" };

	return sigcase_join(&c, sign_dkim(c.arena, plain, &o), plain);
}

/* Both say 'want', and the same of everything else. */
static void both(struct mxa_str text, const char *want)
{
	const char *native = by(&mxa_dkim_native, text);
	const char *other = by(&mxa_dkim_libopendkim, text);

	ck_assert_str_eq(native, other);
	ck_assert_msg(strncmp(native, want, strlen(want)) == 0,
	    "got \"%s\", want \"%s\"", native, want);
}

START_TEST(agree_on_records)
{
	sigcase_publish(&c, "rec", "example.com", with_key(records[_i].record));
	both(signed_with("rec"), records[_i].want);
}
END_TEST

START_TEST(agree_on_several_records)
{
	sigcase_publish(&c, "rec", "example.com", "hello world");
	sigcase_publish(&c, "rec", "example.com", "v=DKIM1; p=");
	sigcase_publish(&c, "rec", "example.com", with_key("v=DKIM1; p=%s"));
	both(signed_with("rec"), "pass ok");
}
END_TEST

/* A long note does not crowd the key out of the library's buffer. */
START_TEST(agree_on_long_records)
{
	char note[6000];

	memset(note, 'n', sizeof(note) - 1);
	note[sizeof(note) - 1] = '\0';
	sigcase_publish(&c, "rec", "example.com",
	    mxa_arena_printf(
		c.arena, "v=DKIM1; n=%s; %s", note, with_key("p=%s")));
	both(signed_with("rec"), "pass ok");
}
END_TEST

static const struct {
	const char *fault, *want;
} faults[] = {
	{ "servfail", "temperror dns" },
	{ "timeout", "temperror dns" },
	{ "refused", "temperror dns" },
	{ "malformed", "temperror dns" },
};

/* One key that cannot be had for now costs its own signature only. */
START_TEST(agree_on_dns_trouble)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);
	struct mxa_str text = signed_by(0, plain);
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = "away" };

	sigcase_zone(&c,
	    mxa_arena_printf(c.arena, ";! %s away._domainkey.example.com",
		faults[_i].fault));
	text = sigcase_join(&c, sign_dkim(c.arena, plain, &o), text);
	both(text,
	    mxa_arena_printf(c.arena,
		"%s body same bits 0 | pass ok body same bits 2048",
		faults[_i].want));
}
END_TEST

/* --- several signatures --- */

static const struct {
	const char *field, *want; /* on top of a signature that is good */
} neighbours[] = {
	{ "DKIM-Signature: garbage\r\n", "neutral syntax" },
	{ "DKIM-Signature:\r\n", "neutral syntax" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; a=rsa-sha256; b=AA\r\n",
	    "neutral syntax" },
	{ "DKIM-Signature: v=1; d=example.com\r\n", "permerror syntax" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=rsa2048; "
	  "h=to; b=AAAA; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
	    "permerror from-unsigned" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=rsa2048; "
	  "h=from; b=AAAA; x=1000; t=900; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
	    "permerror expired" },
	{ "DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=rsa2048; "
	  "h=from; b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
	    "policy sha1" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=rsa2048; "
	  "h=from; b=AAAA; i=@example.org; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
	    "permerror identity" },
};

START_TEST(agree_beside_bad_ones)
{
	struct mxa_str text = signed_by(0, mxa_str_from(messages[0].text));

	text = sigcase_join(&c, mxa_str_from(neighbours[_i].field), text);
	both(text, neighbours[_i].want);
	ck_assert_ptr_nonnull(
	    strstr(by(&mxa_dkim_libopendkim, text), "| pass ok body same"));
}
END_TEST

/* Thirty signatures: those by the author are tried first, and no more than the
 * limit. */
START_TEST(agree_on_the_limit)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);
	struct mxa_str text = signed_by(0, plain);
	struct mxa_dkim_verdict v;

	sigcase_domain(&c, "esp.example");
	for (int i = 0; i < 29; i++) {
		struct sign_options o = { .key = sigcase_key("rsa2048"),
			.domain = "esp.example",
			.selector = "rsa2048",
			.length = mxa_arena_printf(c.arena, "%d", i % 10) };

		text = sigcase_join(&c, sign_dkim(c.arena, plain, &o), text);
	}
	both(text, "policy partial-body");
	sigcase_dkim(&c, text, "example.com", &v);
	ck_assert_uint_eq(v.n, MXA_MAX_SIGNATURES);
	ck_assert_uint_eq(v.untried, 30 - MXA_MAX_SIGNATURES);
	ck_assert_int_eq(v.sig[MXA_MAX_SIGNATURES - 1].result, MXA_DKIM_PASS);
}
END_TEST

/* --- large and odd headers --- */

/* A deviation: libopendkim refuses 8-bit text in a signature, so that the
 * U-labels of RFC 8616 are beyond it. */
START_TEST(u_labels_are_beyond_libopendkim)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "b\xc3\xbc"
			  "cher.example",
		.selector = "rsa2048" };
	struct mxa_str text;

	sigcase_domain(&c, "xn--bcher-kva.example");
	text = sigcase_join(
	    &c, sign_dkim(c.arena, plain, &o), signed_by(0, plain));
	ck_assert_str_eq(by(&mxa_dkim_native, text),
	    "pass ok body same bits 2048 | pass ok body same bits 2048");
	ck_assert_str_eq(by(&mxa_dkim_libopendkim, text),
	    "permerror syntax body ? bits 0 | pass ok body same bits 2048");
}
END_TEST

START_TEST(agree_on_many_fields)
{
	struct mxa_str plain, text;
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = "rsa2048" };
	struct mxa_buf h, m;

	mxa_buf_init(&h, c.arena, 1 << 20);
	mxa_buf_init(&m, c.arena, 4 << 20);
	mxa_buf_adds(&h, "from");
	for (int i = 0; i < 200; i++)
		mxa_buf_adds(&h, ":x-many");
	for (int i = 0; i < 2000; i++)
		mxa_buf_printf(&m, "X-Many: %d\r\n", i);
	mxa_buf_adds(&m, messages[0].text);
	plain = mxa_buf_str(&m);
	o.headers = mxa_buf_cstr(&h);
	text = sigcase_join(&c, sign_dkim(c.arena, plain, &o), plain);
	both(text, "pass ok");
	both(sigcase_replace(&c, text, "X-Many: 1800", "X-Many: 9"),
	    "fail signature");
	both(sigcase_replace(&c, text, "X-Many: 1799", "X-Many: 9"), "pass ok");
}
END_TEST

START_TEST(agree_on_long_fields)
{
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = "rsa2048",
		.canon = _i ? "simple/simple" : "relaxed/relaxed",
		.headers = "from:x-long" };
	struct mxa_str plain;
	struct mxa_buf m;

	mxa_buf_init(&m, c.arena, 4 << 20);
	mxa_buf_adds(&m, "X-Long: x");
	for (int i = 0; i < 15000; i++)
		mxa_buf_adds(&m, "\r\n y");
	mxa_buf_adds(&m, "\r\n");
	mxa_buf_adds(&m, messages[0].text);
	plain = mxa_buf_str(&m);
	both(sigcase_join(&c, sign_dkim(c.arena, plain, &o), plain), "pass ok");
}
END_TEST

/* --- noise --- */

static uint64_t random_state;

static unsigned below(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(random_state >> 33) % n;
}

/* One to four bytes replaced, most of them in the header. */
static struct mxa_str with_noise(struct mxa_str text)
{
	static const char bytes[] = " ;=:\t,@aAzZ019+/.\r\n\0\x7f\x80";
	char *p = mxa_arena_strdup(c.arena, text.p, text.len);

	for (unsigned n = 1 + below(4); n > 0; n--)
		p[below((unsigned)text.len)] = bytes[below(sizeof(bytes) - 1)];
	return mxa_str_make(p, text.len);
}

/* Two more deviations: to libopendkim a lone CR in a relaxed field is white
 * space, and 8-bit text in a signature is an error (see above). */
static bool known_noise(struct mxa_str text)
{
	struct mxa_str head =
	    mxa_str_sub(text, 0, mxa_str_casefind(text, MXA_STR("\r\n\r\n")));
	struct mxa_str sig =
	    mxa_str_sub(head, 0, mxa_str_casefind(head, MXA_STR("\r\nFrom")));

	for (size_t i = 0; i < head.len; i++)
		if (head.p[i] == '\r' &&
		    (i + 1 == head.len || head.p[i + 1] != '\n'))
			return true;
	for (size_t i = 0; i < sig.len; i++)
		if ((unsigned char)sig.p[i] >= 0x80)
			return true;
	return false;
}

START_TEST(agree_on_noise)
{
	struct mxa_str text = signed_by(
	    (size_t)_i % 8, mxa_str_from(messages[(size_t)_i % 12].text));
	unsigned compared = 0;

	random_state = (uint64_t)_i;
	for (int i = 0; i < 400; i++) {
		struct mxa_str sent = with_noise(text);
		const char *native = by(&mxa_dkim_native, sent);
		const char *other = by(&mxa_dkim_libopendkim, sent);

		if (known_noise(sent))
			continue;
		compared++;
		ck_assert_msg(strcmp(native, other) == 0,
		    "native \"%s\", libopendkim \"%s\": %.*s", native, other,
		    MXA_STR_ARG(sent));
	}
	ck_assert_uint_gt(compared, 250);
}
END_TEST

START_TEST(nothing_hides_behind_a_nul)
{
	struct mxa_str text = signed_by(0, mxa_str_from(messages[0].text));
	char *p;

	text = sigcase_replace(&c, text, "space ", "space $hidden");
	p = mxa_arena_strdup(c.arena, text.p, text.len);
	*(char *)memchr(p, '$', text.len) = '\0';
	both(mxa_str_make(p, text.len), "fail signature");
}
END_TEST

/* --- streaming --- */

START_TEST(no_signature_needs_no_body)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);

	both(plain, "");
	ck_assert(!c.body_needed);
	both(sigcase_join(&c, MXA_STR("DKIM-Signature: garbage\r\n"), plain),
	    "neutral syntax");
	ck_assert(!c.body_needed);
}
END_TEST

/* What cannot align is not waited for when the author is known already. */
START_TEST(open_keys_need_not_be_waited_for)
{
	struct mxa_str plain = mxa_str_from(messages[0].text);
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "esp.example",
		.selector = "slow" };
	struct mxa_str text;

	sigcase_zone(&c, ";! delay 60000 slow._domainkey.esp.example");
	text = sigcase_join(
	    &c, sign_dkim(c.arena, plain, &o), signed_by(0, plain));
	both(text,
	    "neutral not-tried body ? bits 0 | pass ok body same bits 2048");
	c.settled = true;
	both(sigcase_join(&c, sign_dkim(c.arena, plain, &o), plain),
	    "neutral not-tried");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim_engines");
	TCase *tc = tcase_create("engines");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, agree, 0, MXA_ARRAY_LEN(messages));
	tcase_add_loop_test(tc, agree_in_pieces, 0, 4);
	tcase_add_loop_test(tc, agree_on_records, 0, MXA_ARRAY_LEN(records));
	tcase_add_test(tc, agree_on_several_records);
	tcase_add_test(tc, agree_on_long_records);
	tcase_add_loop_test(tc, agree_on_dns_trouble, 0, MXA_ARRAY_LEN(faults));
	tcase_add_loop_test(
	    tc, agree_beside_bad_ones, 0, MXA_ARRAY_LEN(neighbours));
	tcase_add_test(tc, agree_on_the_limit);
	tcase_add_test(tc, u_labels_are_beyond_libopendkim);
	tcase_add_test(tc, agree_on_many_fields);
	tcase_add_loop_test(tc, agree_on_long_fields, 0, 2);
	tcase_add_loop_test(tc, agree_on_noise, 0, 12);
	tcase_add_test(tc, nothing_hides_behind_a_nul);
	tcase_add_test(tc, no_signature_needs_no_body);
	tcase_add_test(tc, open_keys_need_not_be_waited_for);
	suite_add_tcase(s, tc);
	return test_main(s);
}
