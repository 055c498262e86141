/* seen.c - selectors out of the journal. */
#include "lint/seen.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "history/prune.h"
#include "history/scan.h"

/* Reading is bounded: a journal may have a gigabyte, and a selector that is in
 * use is found in the newest part of it. */
#define MAX_LINES 20000
#define MAX_FILES 4

struct seen {
	struct mxa_arena *a;
	struct mxa_str domain;
	struct mxa_str *out;
	size_t n, max;
	size_t lines;
};

static void note_selector(struct seen *s, struct mxa_str selector)
{
	if (selector.len == 0 || s->n == s->max)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (mxa_str_caseeq(s->out[i], selector))
			return;
	s->out[s->n++] = mxa_str_lower(s->a, selector);
}

/* A forger can write any selector; one with a key at its name was not made up.
 */
static bool has_key(const struct mxa_dkim_sig *sig)
{
	return sig->result == MXA_DKIM_PASS || sig->result == MXA_DKIM_FAIL ||
	    sig->result == MXA_DKIM_POLICY;
}

static void note_all(struct seen *s, const struct mxa_dkim_verdict *dkim)
{
	for (size_t i = 0; i < dkim->n; i++)
		if (mxa_str_caseeq(dkim->sig[i].domain, s->domain) &&
		    has_key(&dkim->sig[i]))
			note_selector(s, dkim->sig[i].selector);
}

static void read_journal_file(struct seen *s, const char *path)
{
	struct mxa_arena *line = mxa_arena_new();
	struct mxa_scan *scan = NULL;
	struct mxa_place place;
	struct mxa_entry e;
	enum mxa_rc rc;

	if (mxa_scan_open(path, &scan) != MXA_OK) {
		mxa_arena_free(line);
		return;
	}
	mxa_scan_without(scan, MXA_WITHOUT_DNS | MXA_WITHOUT_NOTES);
	while ((rc = mxa_scan_next(scan, line, &e, &place)) != MXA_ENOENT &&
	    rc != MXA_EIO && s->lines < MAX_LINES) {
		s->lines++;
		if (rc == MXA_OK && e.kind == MXA_ENTRY_MESSAGE)
			note_all(s, &e.txn.verdict.dkim);
		mxa_arena_reset(line);
	}
	mxa_scan_close(scan);
	mxa_arena_free(line);
}

size_t mxa_lint_selectors_seen(struct mxa_arena *a, const char *path,
    struct mxa_str domain, size_t max, struct mxa_str *out)
{
	struct seen s = { .a = a, .domain = domain, .out = out, .max = max };
	struct mxa_dir dir;
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	if (!S_ISDIR(st.st_mode)) {
		read_journal_file(&s, path);
		return s.n;
	}
	mxa_dir_read(path, &dir);
	for (size_t i = 0; i < dir.n && i < MAX_FILES; i++)
		read_journal_file(&s,
		    mxa_arena_printf(
			a, "%s/%s", path, dir.file[dir.n - 1 - i].name));
	mxa_dir_free(&dir);
	return s.n;
}
