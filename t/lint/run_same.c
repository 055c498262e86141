/* run_same.c - lint and explain propose the same SPF and DMARC records.
 *
 * usage: run_same MXAUTH BROKEN FILE...
 *
 * BROKEN holds lines "RECORD => PROPOSAL": RECORD is published at example.com,
 * and both commands are asked about mail from 203.0.113.211; "-" is no
 * proposal.  A line "+ NAME TYPE DATA" adds to the zone of all of them.  FILEs
 * are cases of t/lint or zones: every name in them with a text that is or looks
 * like SPF is asked about in the same way, and the answers are compared; and
 * every name whose DMARC record cannot be used, after a refusal for want of
 * one. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/cases/case.h"
#include "t/support/testing.h"

#define SENDER "203.0.113.211"
#define MAX_OUTPUT ((size_t)4 << 20)

static const char *mxauth;
static const char *zone_path, *header_path;
static int passed, failed;

static bool write_file(const char *path, struct mxa_str text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return false;
	fwrite(text.p, 1, text.len, f);
	return fclose(f) == 0;
}

static json_t *ask_command(struct mxa_arena *a, const char *arguments)
{
	struct mxa_buf b;
	char chunk[4096];
	size_t n;
	FILE *f = popen(mxa_arena_printf(a, "'%s' %s --json --zone '%s'",
			    mxauth, arguments, zone_path),
	    "r");

	mxa_buf_init(&b, a, MAX_OUTPUT);
	while (f != NULL && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, n);
	if (f != NULL)
		pclose(f);
	return json_loadb(b.len ? b.p : "", b.len, 0, NULL);
}

/* --- the two answers --- */

struct answer {
	char record[20000]; /* "-": none; "pass": nothing is to be done */
};

static void set_answer(struct answer *out, const char *record)
{
	snprintf(out->record, sizeof(out->record), "%s",
	    record != NULL && record[0] != '\0' ? record : "-");
}

static void ask_lint(
    struct mxa_arena *a, const char *domain, struct answer *out)
{
	json_t *j = ask_command(
	    a, mxa_arena_printf(a, "lint --ip %s '%s'", SENDER, domain));
	const json_t *spf = json_object_get(j, "spf");
	const json_t *sender =
	    json_array_get(json_object_get(spf, "senders"), 0);
	const char *result =
	    json_string_value(json_object_get(sender, "result"));

	set_answer(out, json_string_value(json_object_get(spf, "proposed")));
	if (result != NULL && strcmp(result, "pass") == 0)
		set_answer(out, "pass");
	json_decref(j);
}

static void ask_explain(
    struct mxa_arena *a, const char *domain, struct answer *out)
{
	size_t i;
	json_t *j, *fix;

	write_file(header_path,
	    mxa_str_from(mxa_arena_printf(a,
		"Received-SPF: fail identity=mailfrom;\n client-ip=" SENDER
		"; envelope-from=\"u@%s\"\n",
		domain)));
	j = ask_command(a, mxa_arena_printf(a, "explain '%s'", header_path));
	set_answer(out, NULL);
	json_array_foreach(json_object_get(j, "fixes"), i, fix)
	{
		const char *action =
		    json_string_value(json_object_get(fix, "action"));

		if (action != NULL && strstr(action, "-spf") != NULL)
			set_answer(out,
			    json_string_value(json_object_get(fix, "record")));
	}
	json_decref(j);
}

/* 'want' NULL: whatever it is, it must be the same. */
static void compare(const char *what, const char *domain, const char *want)
{
	struct mxa_arena *a = mxa_arena_new();
	static struct answer lint, explain;

	ask_lint(a, domain, &lint);
	if (strcmp(lint.record, "pass") != 0)
		ask_explain(a, domain, &explain);
	else
		set_answer(&explain, "pass");
	if (strcmp(lint.record, explain.record) == 0 &&
	    (want == NULL || strcmp(lint.record, want) == 0)) {
		passed++;
	} else {
		failed++;
		printf("FAIL: %s: %s\n  lint:    %s\n  explain: %s\n", what,
		    domain, lint.record, explain.record);
		if (want != NULL)
			printf("  want:    %s\n", want);
	}
	mxa_arena_free(a);
}

/* --- DMARC --- */

/* What the examiner of lint proposes in place of a record that cannot be used;
 * "pass": there is a policy. */
static void ask_lint_dmarc(
    struct mxa_arena *a, const char *domain, struct answer *out)
{
	size_t i;
	json_t *j = ask_command(a, mxa_arena_printf(a, "lint '%s'", domain));
	json_t *finding;

	set_answer(out, NULL);
	json_array_foreach(json_object_get(j, "findings"), i, finding)
	{
		const char *code =
		    json_string_value(json_object_get(finding, "code"));

		if (code == NULL || out->record[0] != '-' ||
		    (strcmp(code, "dmarc-missing") != 0 &&
			strcmp(code, "dmarc-multiple") != 0 &&
			strcmp(code, "dmarc-syntax") != 0 &&
			strcmp(code, "dmarc-wrong-place") != 0) ||
		    json_is_null(json_object_get(finding, "publish_at")))
			continue;
		set_answer(
		    out, json_string_value(json_object_get(finding, "fix")));
	}
	if (json_is_string(
		json_object_get(json_object_get(j, "dmarc"), "policy")))
		set_answer(out, "pass");
	json_decref(j);
}

static void ask_explain_dmarc(
    struct mxa_arena *a, const char *domain, struct answer *out)
{
	size_t i;
	json_t *j, *fix;

	write_file(header_path,
	    mxa_str_from(mxa_arena_printf(a,
		"<u@gmail.example>: host gmail-smtp-in.l.google.com"
		"[198.51.100.26] said: 550-5.7.40\n    Your email has been "
		"blocked because the sending domain doesn't have a DMARC\n    "
		"550 5.7.40 record. - gsmtp (in reply to end of DATA "
		"command)\n\nFrom: u@%s\nTo: u@gmail.example\n",
		domain)));
	j = ask_command(a, mxa_arena_printf(a, "explain '%s'", header_path));
	set_answer(out, NULL);
	json_array_foreach(json_object_get(j, "fixes"), i, fix)
	{
		const char *action =
		    json_string_value(json_object_get(fix, "action"));

		if (action == NULL || out->record[0] != '-')
			continue;
		if (strcmp(action, "publish-dmarc") == 0)
			set_answer(out,
			    json_string_value(json_object_get(fix, "record")));
		else if (strcmp(action, "none") == 0)
			set_answer(out, "pass");
	}
	json_decref(j);
}

static void compare_dmarc(const char *what, const char *domain)
{
	struct mxa_arena *a = mxa_arena_new();
	static struct answer lint, explain;

	ask_lint_dmarc(a, domain, &lint);
	ask_explain_dmarc(a, domain, &explain);
	if (strcmp(lint.record, explain.record) == 0) {
		passed++;
	} else {
		failed++;
		printf("FAIL: %s: DMARC of %s\n  lint:    %s\n  explain: %s\n",
		    what, domain, lint.record, explain.record);
	}
	mxa_arena_free(a);
}

/* --- every name with SPF or DMARC --- */

static bool has_spf(struct mxa_str line)
{
	return mxa_str_casefind(line, MXA_STR("TXT")) < line.len &&
	    mxa_str_casefind(line, MXA_STR("spf")) < line.len;
}

/* The name at the start of a line of a zone; empty: none. */
static struct mxa_str line_name(struct mxa_str line)
{
	size_t end = 0;

	while (end < line.len && !mxa_is_space(line.p[end]))
		end++;
	if (end > 0 && line.p[end - 1] == '.')
		end--;
	return line.len > 0 && (mxa_is_alnum(line.p[0]) || line.p[0] == '_')
	    ? mxa_str_sub(line, 0, end)
	    : MXA_STR("");
}

static bool asked_before(
    const struct mxa_str *list, size_t n, struct mxa_str name)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_caseeq(list[i], name))
			return true;
	return false;
}

static void compare_zone(
    struct mxa_arena *a, const char *what, struct mxa_str zone)
{
	struct mxa_str name[200];
	size_t n = 0, end;

	write_file(zone_path, zone);
	for (size_t at = 0; at < zone.len; at = end + 1) {
		struct mxa_str line, domain;

		end = mxa_str_chr(zone, '\n', at);
		line = mxa_str_sub(zone, at, end);
		domain = line_name(line);
		if (mxa_str_casestarts(domain, MXA_STR("_dmarc.")) &&
		    n < MXA_ARRAY_LEN(name) && !asked_before(name, n, domain)) {
			name[n++] = domain;
			compare_dmarc(what,
			    mxa_str_cstr(
				a, mxa_str_sub(domain, 7, domain.len)));
			continue;
		}
		if (!has_spf(line) || domain.len == 0 ||
		    n == MXA_ARRAY_LEN(name) || asked_before(name, n, domain))
			continue;
		name[n++] = domain;
		compare(what, mxa_str_cstr(a, domain), NULL);
	}
}

static void compare_file(const char *path)
{
	struct mxa_arena *a = mxa_arena_new();
	struct case_file file = { .n_expect = 0 };
	struct mxa_str text;

	if (!test_load(a, path, &text)) {
		failed++;
		printf("FAIL: %s: cannot be read\n", path);
	} else if (!mxa_str_ends(mxa_str_from(path), MXA_STR(".case"))) {
		compare_zone(a, path, text);
	} else if (case_parse(a, text, &file) == NULL) {
		compare_zone(a, path, case_zone(a, &file));
	}
	mxa_arena_free(a);
}

/* --- the list of broken records --- */

static void add_text(struct mxa_buf *b, struct mxa_str text)
{
	mxa_buf_addc(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			mxa_buf_addc(b, '\\');
		mxa_buf_addc(b, text.p[i]);
	}
	mxa_buf_addc(b, '"');
}

static void compare_record(struct mxa_arena *a, struct mxa_str common,
    struct mxa_str line, size_t arrow)
{
	struct mxa_str record = mxa_str_sub(line, 0, arrow),
		       want = mxa_str_sub(line, arrow + 4, line.len);
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_OUTPUT);
	mxa_buf_addstr(&b, common);
	/* several records: "A && B" */
	for (size_t at = 0; at < record.len;) {
		struct mxa_str rest = mxa_str_sub(record, at, record.len);
		size_t end = mxa_str_casefind(rest, MXA_STR(" && "));

		mxa_buf_adds(&b, "example.com. TXT ");
		add_text(&b, mxa_str_sub(rest, 0, end));
		mxa_buf_addc(&b, '\n');
		at += end + 4;
	}
	write_file(zone_path, mxa_buf_str(&b));
	compare(mxa_str_cstr(a, record), "example.com", mxa_str_cstr(a, want));
}

static void compare_broken(const char *path)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf common;
	struct mxa_str text;
	size_t end;

	if (!test_load(a, path, &text)) {
		failed++;
		printf("FAIL: %s: cannot be read\n", path);
		return;
	}
	mxa_buf_init(&common, a, MAX_OUTPUT);
	for (size_t at = 0; at < text.len; at = end + 1) {
		struct mxa_str line;
		size_t arrow;

		end = mxa_str_chr(text, '\n', at);
		line = mxa_str_sub(text, at, end);
		arrow = mxa_str_casefind(line, MXA_STR(" => "));
		if (mxa_str_starts(line, MXA_STR("+ "))) {
			mxa_buf_addstr(&common, mxa_str_sub(line, 2, line.len));
			mxa_buf_addc(&common, '\n');
		} else if (arrow < line.len) {
			compare_record(a, mxa_buf_str(&common), line, arrow);
		}
	}
	mxa_arena_free(a);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/mxauth-same.XXXXXX";
	struct mxa_arena *a = mxa_arena_new();

	if (argc < 3 || mkdtemp(dir) == NULL)
		return 99;
	mxauth = argv[1];
	zone_path = mxa_arena_printf(a, "%s/zone", dir);
	header_path = mxa_arena_printf(a, "%s/header", dir);
	compare_broken(argv[2]);
	for (int i = 3; i < argc; i++)
		compare_file(argv[i]);
	unlink(zone_path);
	unlink(header_path);
	rmdir(dir);
	mxa_arena_free(a);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
