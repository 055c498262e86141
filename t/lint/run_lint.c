/* run_lint.c - every t/lint/NAME.case through `mxauth lint --zone ... --json`.
 *
 * The format is that of t/cases/case.h.  [args] are the command's, without
 * them the domain is example.com.  [expect] lines; each must hold:
 *
 *	exit: N			exit status
 *	code: CODE SEVERITY [NAME]	there is such a finding
 *	no-code: CODE		there is none
 *	clean:			no finding above info
 *	only: CODE...		no finding above info but these
 *	fix: TEXT		some finding's fix is TEXT
 *	fix-has: TEXT		or contains it
 *	text: TEXT		some finding's text contains TEXT
 *	json: PATH = VALUE	the value there: spf.lookups = 3,
 *				dkim.0.bits = 1024, findings.0.name = a.example
 *	out: TEXT		the answer in sentences contains TEXT
 *	no-out: TEXT
 *
 * usage: run_lint [-v] FILE... */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/cases/case.h"
#include "t/support/testing.h"

#define MAX_OUTPUT ((size_t)4 << 20)

struct run {
	struct mxa_arena *a;
	struct case_file file;
	const char *zone; /* path */
	json_t *json;	  /* an array of objects */
	int status;
	struct mxa_str text; /* the answer in sentences */
	const char *error;   /* first thing that is not as it should be */
};

static void wrong(struct run *r, const char *what, struct mxa_str value)
{
	if (r->error == NULL)
		r->error = mxa_arena_printf(
		    r->a, "%s: %.*s", what, MXA_STR_ARG(value));
}

/* --- running it --- */

static struct mxa_str run_command(
    struct run *r, const char *options, int *status)
{
	const char *dir = getenv("builddir"), *src = getenv("srcdir");
	struct mxa_str args = mxa_str_trim(r->file.message);
	struct mxa_buf b;
	char chunk[4096];
	size_t n;
	FILE *f;

	if (args.len == 0)
		args = MXA_STR("example.com");
	mxa_buf_init(&b, r->a, MAX_OUTPUT);
	f = popen(mxa_arena_printf(r->a,
		      "'%s/mxauth' lint --config '%s/t/lint/no-journal.conf' "
		      "--zone '%s' %s %.*s 2>&1",
		      dir ? dir : ".", src ? src : ".", r->zone, options,
		      MXA_STR_ARG(args)),
	    "r");
	if (f == NULL)
		return MXA_STR("");
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, n);
	*status = pclose(f);
	*status = WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
	return mxa_buf_str(&b);
}

static void run_both(struct run *r)
{
	struct mxa_str out = run_command(r, "--json", &r->status);
	int status = -1;
	json_t *j;

	r->text = run_command(r, "", &status);
	if (status != r->status)
		wrong(r, "the exit status differs without --json", r->text);
	if (r->status >= 64)
		return; /* bad usage has no answer */
	j = json_loadb(out.len ? out.p : "", out.len, 0, NULL);
	if (j == NULL) {
		wrong(r, "the answer is not JSON", out);
		return;
	}
	r->json = json_is_array(j) ? j : json_pack("[o]", j);
}

static bool write_zone(struct run *r, char *path)
{
	struct mxa_str zone = case_zone(r->a, &r->file);
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool ok;

	if (f == NULL)
		return false;
	ok = fwrite(zone.p, 1, zone.len, f) == zone.len;
	r->zone = path;
	return fclose(f) == 0 && ok;
}

/* --- the manual --- */

/* ".Cm key" somewhere in the manual's section about the JSON. */
static bool is_described(struct mxa_str manual, const char *key)
{
	size_t len = strlen(key);

	for (size_t at = 0; at < manual.len; at++) {
		struct mxa_str rest = mxa_str_sub(manual, at, manual.len);

		if (rest.len > len && mxa_str_starts(rest, mxa_str_from(key)) &&
		    at > 0 && manual.p[at - 1] == ' ' &&
		    (mxa_is_space(rest.p[len]) || rest.p[len] == ','))
			return true;
	}
	return false;
}

static void check_keys(struct run *r, json_t *j, struct mxa_str manual)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(j, key, value)
	{
		if (!is_described(manual, key))
			wrong(r, "not in mxauth(1), JSON OF LINT",
			    mxa_str_from(key));
		check_keys(r, value, manual);
	}
	json_array_foreach(j, i, value) check_keys(r, value, manual);
}

static void check_manual(struct run *r)
{
	struct mxa_str text, start = MXA_STR(".Sh JSON OF LINT\n");
	size_t from;

	if (!test_load(r->a, test_path("../cli/mxauth.1"), &text)) {
		wrong(r, "no manual", MXA_STR("cli/mxauth.1"));
		return;
	}
	from = mxa_str_casefind(text, start) + start.len;
	text = mxa_str_sub(text, from, text.len);
	text = mxa_str_sub(text, 0, mxa_str_casefind(text, MXA_STR("\n.Sh ")));
	check_keys(r, r->json, text);
}

/* --- looking at it --- */

static const char *get(const json_t *finding, const char *key)
{
	const char *s = json_string_value(json_object_get(finding, key));

	return s ? s : "";
}

/* Whether some finding of some domain has it. */
static bool any(struct run *r,
    bool (*has)(const json_t *finding, struct mxa_str want),
    struct mxa_str want)
{
	size_t i, k;
	json_t *domain, *finding;

	json_array_foreach(r->json, i, domain)
	    json_array_foreach(json_object_get(domain, "findings"), k,
		finding) if (has(finding, want)) return true;
	return false;
}

static struct mxa_str word(struct mxa_str *rest)
{
	size_t end = mxa_str_chr(*rest, ' ', 0);
	struct mxa_str w = mxa_str_sub(*rest, 0, end);

	*rest = mxa_str_trim(mxa_str_sub(*rest, end, rest->len));
	return w;
}

static bool has_code(const json_t *finding, struct mxa_str want)
{
	static const char *const keys[] = { "code", "severity", "name" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(keys) && want.len > 0; i++)
		if (!mxa_str_is(word(&want), get(finding, keys[i])))
			return false;
	return true;
}

/* Above info, and not among the codes wanted. */
static bool is_loud(const json_t *finding, struct mxa_str want)
{
	if (strcmp(get(finding, "severity"), "info") == 0)
		return false;
	while (want.len > 0)
		if (mxa_str_is(word(&want), get(finding, "code")))
			return false;
	return true;
}

static bool has_fix(const json_t *finding, struct mxa_str want)
{
	return mxa_str_is(want, get(finding, "fix"));
}

static bool contains(const char *text, struct mxa_str want)
{
	struct mxa_str s = mxa_str_from(text);

	return mxa_str_casefind(s, want) < s.len;
}

static bool fix_has(const json_t *finding, struct mxa_str want)
{
	return contains(get(finding, "fix"), want);
}

static bool text_has(const json_t *finding, struct mxa_str want)
{
	return contains(get(finding, "text"), want);
}

/* A finding without words, code or fix is one that nobody can use. */
static bool is_mute(const json_t *finding, struct mxa_str want)
{
	(void)want;
	return get(finding, "text")[0] == '\0' ||
	    get(finding, "name")[0] == '\0' || get(finding, "fix")[0] == '\0';
}

/* --- PATH = VALUE --- */

static const json_t *step(const json_t *j, const char *name)
{
	if (json_is_array(j))
		return json_array_get(j, strtoul(name, NULL, 10));
	return json_object_get(j, name);
}

static void check_path(struct run *r, struct mxa_str want)
{
	size_t eq = mxa_str_casefind(want, MXA_STR(" = "));
	struct mxa_str path = mxa_str_sub(want, 0, eq);
	struct mxa_str value = mxa_str_sub(want, eq + 3, want.len);
	const json_t *j = json_array_get(r->json, 0);
	char *text;
	size_t at = 0;

	while (at < path.len && j != NULL) {
		size_t dot = mxa_str_chr(path, '.', at);

		j = step(j, mxa_str_cstr(r->a, mxa_str_sub(path, at, dot)));
		at = dot + 1;
	}
	text = json_is_string(j)
	    ? mxa_xstrdup(json_string_value(j))
	    : json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);
	if (text == NULL || !mxa_str_is(value, text))
		wrong(r,
		    mxa_arena_printf(r->a, "got %s, want", text ? text : "-"),
		    want);
	free(text);
}

static bool in_text(struct run *r, struct mxa_str want)
{
	return mxa_str_casefind(r->text, want) < r->text.len;
}

static void expect(struct run *r, const struct case_line *line)
{
	struct mxa_str key = line->key, want = line->value;
	bool ok = true;

	if (mxa_str_is(key, "exit"))
		ok = mxa_str_is(want, mxa_arena_printf(r->a, "%d", r->status));
	else if (mxa_str_is(key, "code"))
		ok = any(r, has_code, want);
	else if (mxa_str_is(key, "no-code"))
		ok = !any(r, has_code, want);
	else if (mxa_str_is(key, "clean") || mxa_str_is(key, "only"))
		ok = !any(r, is_loud, want);
	else if (mxa_str_is(key, "fix"))
		ok = any(r, has_fix, want);
	else if (mxa_str_is(key, "fix-has"))
		ok = any(r, fix_has, want);
	else if (mxa_str_is(key, "text"))
		ok = any(r, text_has, want);
	else if (mxa_str_is(key, "json"))
		check_path(r, want);
	else if (mxa_str_is(key, "out"))
		ok = in_text(r, want);
	else if (mxa_str_is(key, "no-out"))
		ok = !in_text(r, want);
	else
		wrong(r, "unknown key", key);
	if (!ok)
		wrong(r, mxa_str_cstr(r->a, key), want);
}

static void run_case(struct run *r, const char *path)
{
	char zone[] = "/tmp/mxauth-lint.XXXXXX";
	struct mxa_str text;

	if (!test_load(r->a, path, &text)) {
		r->error = "cannot be read";
		return;
	}
	r->error = case_parse(r->a, text, &r->file);
	if (r->error != NULL)
		return;
	if (write_zone(r, zone))
		run_both(r);
	else
		r->error = "cannot write the zone";
	unlink(zone);
	check_manual(r);
	if (any(r, is_mute, MXA_STR("")))
		r->error = "a finding without name, text or fix";
	for (size_t i = 0; i < r->file.n_expect && r->error == NULL; i++)
		expect(r, &r->file.expect[i]);
}

static bool run_file(const char *path, bool verbose)
{
	struct run r = { .a = mxa_arena_new() };
	bool ok;

	run_case(&r, path);
	ok = r.error == NULL;
	if (!ok)
		printf("FAIL: %s: %.*s\n  %s\n", path,
		    MXA_STR_ARG(r.file.title), r.error);
	if (verbose)
		printf("%s\n%.*s\n", path, MXA_STR_ARG(r.text));
	json_decref(r.json);
	mxa_arena_free(r.a);
	return ok;
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	int passed = 0, failed = 0;

	for (int i = 1 + verbose; i < argc; i++) {
		if (run_file(argv[i], verbose))
			passed++;
		else
			failed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
