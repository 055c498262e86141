/* run_bounces.c - every case of t/dsn/NAME.cases through `mxauth explain`.
 *
 *	[case NAME]	begins one
 *	[options]	options of the command, on one line (may be left out)
 *	[form] WORDS	what is done to the input first: crlf, cr, quote (each
 *			line behind "> "), cut=N (bytes kept)
 *	[zone]		master-file lines; without them t/dsn/zone is asked
 *	[input]		the bytes, up to [expect]; "@esc" at the beginning of a
 *			line becomes ESC (ISO-2022-JP), and "\x1b" inside
 *	[expect]	PATH: VALUE lines
 *
 * A path is exit; n (number of failures); kind, auth_failure; failure fields as
 * INDEX.NAME; fix.INDEX.NAME; finding.INDEX.NAME; text (a fragment of the
 *answer in words, with white space folded); no-text; first-line of the answer.
 *A list is its words with spaces between.  A value that begins with '~' must be
 *found in it.
 *
 * usage: run_bounces MXAUTH ZONE FILE... */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t/support/testing.h"

struct run {
	struct mxa_arena *a;
	const char *mxauth, *zone;
	char dir[64];
	/* one case */
	struct mxa_str name, options, form, zone_text, input, expect;
	json_t *json;
	const char *text;
	int exit_json, exit_text;
	const char *error;
};

static bool next_line(struct mxa_str s, size_t *at, struct mxa_str *line)
{
	size_t end;

	if (*at >= s.len)
		return false;
	end = mxa_str_chr(s, '\n', *at);
	*line = mxa_str_sub(s, *at, end);
	*at = end + 1;
	return true;
}

static bool write_file(const char *path, struct mxa_str s)
{
	FILE *f = fopen(path, "wb");
	bool ok = f != NULL && fwrite(s.p, 1, s.len, f) == s.len;

	return f != NULL && fclose(f) == 0 && ok;
}

static const char *path_of(struct run *r, const char *name)
{
	return mxa_arena_printf(r->a, "%s/%s", r->dir, name);
}

/* The input as [form] wants it. */
static struct mxa_str formed(struct run *r)
{
	bool crlf = mxa_str_casefind(r->form, MXA_STR("crlf")) < r->form.len;
	bool cr =
	    !crlf && mxa_str_casefind(r->form, MXA_STR("cr")) < r->form.len;
	bool quote = mxa_str_casefind(r->form, MXA_STR("quote")) < r->form.len;
	size_t cut = mxa_str_casefind(r->form, MXA_STR("cut="));
	struct mxa_str line;
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, r->a, 1 << 20);
	while (next_line(r->input, &at, &line)) {
		if (quote)
			mxa_buf_adds(&b, "> ");
		for (size_t i = 0; i < line.len; i++)
			if (mxa_str_starts(mxa_str_sub(line, i, line.len),
				MXA_STR("@esc"))) {
				mxa_buf_addc(&b, '\x1b');
				i += 3;
			} else {
				mxa_buf_addc(&b, line.p[i]);
			}
		mxa_buf_adds(&b, crlf ? "\r\n" : cr ? "\r" : "\n");
	}
	if (cut < r->form.len)
		mxa_buf_cut(&b, (size_t)atol(r->form.p + cut + 4));
	return mxa_buf_str(&b);
}

/* Output of a command; its exit status in '*status'. */
static const char *output_of(struct run *r, const char *command, int *status)
{
	FILE *f = popen(command, "r");
	struct mxa_buf b;
	char chunk[8192];
	size_t n;

	mxa_buf_init(&b, r->a, 1 << 22);
	*status = -1;
	if (f == NULL)
		return "";
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, n);
	n = (size_t)pclose(f);
	if (WIFEXITED((int)n))
		*status = WEXITSTATUS((int)n);
	return mxa_buf_cstr(&b);
}

static void explain(struct run *r)
{
	const char *input = path_of(r, "input");
	const char *zone = r->zone;
	const char *command;

	if (r->zone_text.len > 0) {
		zone = path_of(r, "zone");
		write_file(zone, r->zone_text);
	}
	write_file(input, formed(r));
	command = mxa_arena_printf(r->a, "%s explain --zone %s %.*s %s",
	    r->mxauth, zone, MXA_STR_ARG(r->options), input);
	r->text = output_of(r, command, &r->exit_text);
	command = mxa_arena_printf(r->a, "%s explain --json --zone %s %.*s %s",
	    r->mxauth, zone, MXA_STR_ARG(r->options), input);
	r->json = json_loads(output_of(r, command, &r->exit_json), 0, NULL);
	if (r->json == NULL)
		r->error = "no JSON";
	else if (r->exit_json != r->exit_text)
		r->error = "JSON and text have different exit statuses";
}

/* --- expectations --- */

/* A value as text: lists as words. */
static const char *value_text(struct run *r, const json_t *v)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, 1 << 16);
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_boolean(v))
		return json_is_true(v) ? "true" : "false";
	if (json_is_integer(v))
		return mxa_arena_printf(
		    r->a, "%lld", (long long)json_integer_value(v));
	for (size_t i = 0; i < json_array_size(v); i++)
		mxa_buf_printf(&b, "%s%s", i ? " " : "",
		    value_text(r, json_array_get(v, i)));
	return mxa_buf_cstr(&b);
}

static const char *got(struct run *r, const char *path)
{
	const char *list = "failures", *dot;
	json_t *v;

	if (strcmp(path, "exit") == 0)
		return mxa_arena_printf(r->a, "%d", r->exit_json);
	if (strcmp(path, "n") == 0)
		return mxa_arena_printf(r->a, "%zu",
		    json_array_size(json_object_get(r->json, "failures")));
	if (strcmp(path, "fixes") == 0)
		return mxa_arena_printf(r->a, "%zu",
		    json_array_size(json_object_get(r->json, "fixes")));
	if (strncmp(path, "fix.", 4) == 0) {
		list = "fixes";
		path += 4;
	}
	if (strncmp(path, "finding.", 8) == 0) {
		list = "findings";
		path += 8;
	}
	dot = strchr(path, '.');
	if (dot == NULL)
		return value_text(r, json_object_get(r->json, path));
	v = json_array_get(
	    json_object_get(r->json, list), (size_t)strtoul(path, NULL, 10));
	return value_text(r, json_object_get(v, dot + 1));
}

/* White space runs as one space. */
static const char *flat(struct run *r, const char *s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, 1 << 22);
	for (; *s != '\0'; s++)
		if (!mxa_is_space(*s))
			mxa_buf_addc(&b, *s);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			mxa_buf_addc(&b, ' ');
	return mxa_buf_cstr(&b);
}

static void expect(struct run *r, struct mxa_str line)
{
	size_t colon = mxa_str_chr(line, ':', 0);
	const char *path =
	    mxa_str_cstr(r->a, mxa_str_trim(mxa_str_sub(line, 0, colon)));
	const char *want = mxa_str_cstr(
	    r->a, mxa_str_trim(mxa_str_sub(line, colon + 1, line.len)));
	const char *is;
	bool ok;

	if (strcmp(path, "text") == 0 || strcmp(path, "no-text") == 0) {
		is = flat(r, r->text);
		ok = (strstr(is, want) != NULL) == (path[0] == 't');
	} else if (strcmp(path, "first-line") == 0) {
		is = mxa_arena_printf(
		    r->a, "%.*s", (int)strcspn(r->text, "\n"), r->text);
		ok = strcmp(is, want) == 0;
	} else {
		is = got(r, path);
		ok = want[0] == '~' ? strstr(is, want + 1) != NULL
				    : strcmp(is, want) == 0;
	}
	if (!ok && r->error == NULL)
		r->error = mxa_arena_printf(
		    r->a, "%s: got \"%s\", want \"%s\"", path, is, want);
}

static bool run_case(struct run *r)
{
	struct mxa_str line;
	size_t at = 0, n = 0;

	r->error = NULL;
	explain(r);
	while (r->error == NULL && next_line(r->expect, &at, &line))
		if (mxa_str_trim(line).len > 0 && line.p[0] != '#') {
			expect(r, line);
			n++;
		}
	if (n == 0 && r->error == NULL)
		r->error = "expects nothing";
	if (r->error != NULL)
		printf("FAIL: %.*s: %s\n", MXA_STR_ARG(r->name), r->error);
	json_decref(r->json);
	r->json = NULL;
	return r->error == NULL;
}

/* --- files --- */

static bool section(struct mxa_str line, const char *name, struct mxa_str *rest)
{
	size_t n = strlen(name);

	if (!mxa_str_starts(line, mxa_str_from(name)))
		return false;
	*rest = mxa_str_trim(mxa_str_sub(line, n, line.len));
	return true;
}

static void run_file(struct run *r, struct mxa_str s, size_t *good, size_t *bad)
{
	struct mxa_str *into = NULL, line, rest;
	size_t at = 0, here = 0;
	bool open = false;

	while (here = at, next_line(s, &at, &line)) {
		if (section(line, "[case ", &rest)) {
			if (open)
				++*(run_case(r) ? good : bad);
			open = true;
			r->name = mxa_str_sub(rest, 0, rest.len - 1);
			r->options = r->form = r->zone_text = r->input =
			    r->expect = MXA_STR("");
			into = NULL;
		} else if (section(line, "[options]", &r->options) ||
		    section(line, "[form]", &r->form)) {
			into = NULL;
		} else if (section(line, "[zone]", &rest)) {
			into = &r->zone_text;
			*into = mxa_str_sub(s, at, at);
		} else if (section(line, "[input]", &rest)) {
			into = &r->input;
			*into = mxa_str_sub(s, at, at);
		} else if (section(line, "[expect]", &rest)) {
			into = &r->expect;
			*into = mxa_str_sub(s, at, at);
		} else if (into != NULL) {
			*into = mxa_str_make(into->p,
			    (size_t)(s.p + (at < s.len ? at : s.len) -
				into->p));
		}
	}
	(void)here;
	if (open)
		++*(run_case(r) ? good : bad);
}

int main(int argc, char **argv)
{
	struct run r = { .dir = "/tmp/mxauth-dsn.XXXXXX" };
	size_t good = 0, bad = 0;

	if (argc < 4 || mkdtemp(r.dir) == NULL)
		return 99;
	r.mxauth = argv[1];
	r.zone = argv[2];
	for (int i = 3; i < argc; i++) {
		struct mxa_str s;

		r.a = mxa_arena_new();
		if (!test_load(r.a, argv[i], &s)) {
			printf("FAIL: %s cannot be read\n", argv[i]);
			bad++;
		} else {
			run_file(&r, s, &good, &bad);
		}
		unlink(path_of(&r, "input"));
		unlink(path_of(&r, "zone"));
		mxa_arena_free(r.a);
	}
	rmdir(r.dir);
	printf("%zu passed, %zu failed\n", good, bad);
	return bad == 0 && good > 0 ? 0 : 1;
}
