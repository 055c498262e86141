/* spfsuite.c - the public SPF suite as zones and cases. */
#include "t/support/spfsuite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "t/support/testing.h"
#include "t/support/yaml.h"

#define ZONE_MAX ((size_t)1 << 20)

const char *spfsuite_path(void)
{
	static char path[4096];
	const char *dir = getenv("SPF_SUITE");

	if (dir == NULL || dir[0] == '\0')
		return NULL;
	snprintf(path, sizeof(path), "%s/rfc7208-tests.yml", dir);
	return access(path, R_OK) == 0 ? path : NULL;
}

/* --- zones --- */

/* Every octet that a master file could take for something else, as \DDD. */
void zone_add_name(struct mxa_buf *b, struct mxa_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (mxa_is_alnum(c) || c == '-' || c == '_' || c == '.')
			mxa_buf_addc(b, c);
		else
			mxa_buf_printf(b, "\\%03u", (unsigned char)c);
	}
	if (name.len == 0 || name.p[name.len - 1] != '.')
		mxa_buf_addc(b, '.');
}

/* Quoted strings of at most 255 octets. */
void zone_add_text(struct mxa_buf *b, struct mxa_str text)
{
	size_t i = 0;

	do {
		mxa_buf_adds(b, " \"");
		for (size_t n = 0; n < 255 && i < text.len; n++, i++) {
			unsigned char c = (unsigned char)text.p[i];

			if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
				mxa_buf_printf(b, "\\%03u", c);
			else
				mxa_buf_addc(b, (char)c);
		}
		mxa_buf_addc(b, '"');
	} while (i < text.len);
}

static bool has(const struct yaml *records, const char *type)
{
	for (const struct yaml *r = records->child; r != NULL; r = r->next)
		if (yaml_get(r, type) != NULL)
			return true;
	return false;
}

static bool times_out(const struct yaml *records)
{
	for (const struct yaml *r = records->child; r != NULL; r = r->next)
		if (r->kind == YAML_SCALAR && mxa_str_is(r->text, "TIMEOUT"))
			return true;
	return false;
}

static void add_strings(struct mxa_buf *b, const struct yaml *value)
{
	if (value->kind == YAML_SCALAR) {
		zone_add_text(b, value->text);
		return;
	}
	for (const struct yaml *s = value->child; s != NULL; s = s->next)
		zone_add_text(b, s->text);
}

static void add_value(
    struct mxa_buf *b, const char *type, const struct yaml *value)
{
	if (strcmp(type, "TXT") == 0) {
		add_strings(b, value);
	} else if (strcmp(type, "MX") == 0) {
		mxa_buf_addc(b, ' ');
		mxa_buf_addstr(b, value->child->text);
		mxa_buf_addc(b, ' ');
		zone_add_name(b, value->child->next->text);
	} else if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0) {
		mxa_buf_addc(b, ' ');
		mxa_buf_addstr(b, value->text);
	} else {
		mxa_buf_addc(b, ' ');
		zone_add_name(b, value->text);
	}
}

/* Records of the suite's type 'as', which become 'type' here.  "TXT: NONE"
 * only says that SPF records are not to be taken for TXT; a TXT record without
 * strings does not exist. */
static size_t add_records(struct mxa_buf *b, struct mxa_str name,
    const struct yaml *records, const char *as, const char *type)
{
	size_t n = 0;

	for (const struct yaml *r = records->child; r != NULL; r = r->next) {
		const struct yaml *v = yaml_get(r, as);

		if (v == NULL ||
		    (v->kind == YAML_SCALAR && mxa_str_is(v->text, "NONE")) ||
		    (v->kind == YAML_LIST && v->child == NULL))
			continue;
		zone_add_name(b, name);
		mxa_buf_printf(b, " 300 IN %s", type);
		add_value(b, type, v);
		mxa_buf_addc(b, '\n');
		n++;
	}
	return n;
}

static void add_owner(
    struct mxa_buf *b, struct mxa_str name, const struct yaml *records)
{
	static const char *const types[] = { "A", "AAAA", "MX", "TXT", "PTR" };
	bool txt = has(records, "TXT");

	add_records(b, name, records, "CNAME", "CNAME");
	for (size_t i = 0; i < MXA_ARRAY_LEN(types); i++) {
		const char *as = types[i];

		if (strcmp(as, "TXT") == 0 && !txt)
			as = "SPF";
		if (add_records(b, name, records, as, types[i]) > 0 ||
		    !times_out(records))
			continue;
		mxa_buf_adds(b, ";! timeout ");
		mxa_buf_addstr(b, name);
		mxa_buf_printf(b, " %s\n", types[i]);
	}
}

static struct mxa_str zone_of(struct mxa_arena *a, const struct yaml *document)
{
	const struct yaml *data = yaml_get(document, "zonedata");
	struct mxa_buf b;

	mxa_buf_init(&b, a, ZONE_MAX);
	ck_assert_ptr_nonnull(data);
	for (const struct yaml *y = data->child; y != NULL; y = y->next)
		add_owner(&b, y->key, y);
	ck_assert(!b.full);
	return mxa_buf_str(&b);
}

/* --- cases --- */

static void read_results(struct spfsuite_case *c, const struct yaml *y)
{
	ck_assert_ptr_nonnull(y);
	if (y->kind == YAML_SCALAR) {
		c->result[c->n_results++] = y->text;
		return;
	}
	for (y = y->child; y != NULL; y = y->next) {
		ck_assert_uint_lt(c->n_results, MXA_ARRAY_LEN(c->result));
		c->result[c->n_results++] = y->text;
	}
}

static struct spfsuite_case *cases_of(
    struct mxa_arena *a, const struct yaml *document)
{
	struct spfsuite_case *first = NULL, **last = &first;
	const struct yaml *y = yaml_get(document, "tests");

	ck_assert_ptr_nonnull(y);
	for (y = y->child; y != NULL; y = y->next) {
		struct spfsuite_case *c = mxa_arena_calloc(a, 1, sizeof(*c));

		c->name = y->key;
		c->helo = yaml_text(y, "helo");
		c->host = yaml_text(y, "host");
		c->mailfrom = yaml_text(y, "mailfrom");
		c->explanation = yaml_text(y, "explanation");
		read_results(c, yaml_get(y, "result"));
		*last = c;
		last = &c->next;
	}
	return first;
}

struct spfsuite_scenario *spfsuite_read(struct mxa_arena *a, const char *path)
{
	struct spfsuite_scenario *first = NULL, **last = &first;
	struct yaml *d = yaml_parse(a, test_read(a, path));

	for (; d != NULL; d = d->next) {
		struct spfsuite_scenario *s =
		    mxa_arena_calloc(a, 1, sizeof(*s));

		s->name = yaml_text(d, "description");
		s->zone = zone_of(a, d);
		s->cases = cases_of(a, d);
		*last = s;
		last = &s->next;
	}
	return first;
}
