/* store.c - what both databases have in common. */
#include "history/store.h"
#include "history/store_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"

/* --- failures --- */

void mxa_store_fail(
    struct mxa_store *s, enum mxa_store_state state, const char *fmt, ...)
{
	va_list ap;
	char *nl;

	if (s->state != MXA_STORE_OK)
		return;
	s->state = state;
	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	/* libpq writes several lines; the first one tells */
	nl = strchr(s->error, '\n');
	if (nl != NULL)
		*nl = '\0';
}

enum mxa_store_state mxa_store_state(const struct mxa_store *s)
{
	return s->state;
}

const char *mxa_store_error(const struct mxa_store *s)
{
	return s->state == MXA_STORE_OK ? "" : s->error;
}

const char *mxa_store_kind(const struct mxa_store *s)
{
	return s->backend->kind;
}

/* --- opening --- */

static const struct mxa_store_backend *find_backend(const char *url)
{
	static const struct mxa_store_backend *const known[] = {
		&mxa_store_sqlite, &mxa_store_pgsql
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(known); i++)
		for (size_t k = 0; known[i]->schemes[k] != NULL; k++) {
			const char *scheme = known[i]->schemes[k];

			if (strncmp(url, scheme, strlen(scheme)) == 0)
				return known[i];
		}
	return NULL;
}

struct mxa_store *mxa_store_open(
    const struct mxa_store_options *o, char **error, bool *gone)
{
	const struct mxa_store_backend *backend = find_backend(o->url);
	struct mxa_store *s;

	*error = NULL;
	*gone = false;
	if (backend == NULL) {
		*error = mxa_xstrdup("the URL of a store begins with sqlite: "
				     "or postgresql://");
		return NULL;
	}
	s = mxa_xcalloc(1, sizeof(*s));
	s->backend = backend;
	s->url = mxa_xstrdup(o->url);
	s->now = o->now;
	if (backend->connect(s, s->url))
		mxa_store_migrate(s);
	if (s->state == MXA_STORE_OK)
		return s;
	*error = mxa_xstrdup(s->error);
	*gone = s->state != MXA_STORE_BROKEN;
	mxa_store_close(s);
	return NULL;
}

void mxa_store_close(struct mxa_store *s)
{
	if (s == NULL)
		return;
	if (s->handle != NULL)
		s->backend->disconnect(s);
	free(s->url);
	free(s);
}

enum mxa_store_state mxa_store_retry(struct mxa_store *s)
{
	bool lost = s->state == MXA_STORE_GONE || s->handle == NULL;

	s->state = MXA_STORE_OK;
	if (lost) {
		if (s->handle != NULL)
			s->backend->disconnect(s);
		s->in_transaction = false;
		s->backend->connect(s, s->url);
	} else if (s->in_transaction) {
		s->in_transaction = false;
		mxa_store_run(s, "ROLLBACK", NULL, 0);
		s->state = MXA_STORE_OK;
	}
	return s->state;
}

int64_t mxa_store_now(struct mxa_store *s)
{
	if (s->now > 0)
		return s->now;
	return mxa_store_number(s, s->backend->now, NULL, 0, 0);
}

/* --- transactions --- */

void mxa_store_begin(struct mxa_store *s)
{
	if (mxa_store_retry(s) != MXA_STORE_OK)
		return;
	mxa_store_run(s, s->backend->begin, NULL, 0);
	s->in_transaction = s->state == MXA_STORE_OK;
}

enum mxa_store_state mxa_store_commit(struct mxa_store *s)
{
	enum mxa_store_state failed = s->state;

	if (failed == MXA_STORE_OK)
		mxa_store_run(s, "COMMIT", NULL, 0);
	failed = s->state;
	if (failed != MXA_STORE_OK && failed != MXA_STORE_GONE &&
	    s->in_transaction) {
		/* the failure stays for mxa_store_error() */
		s->state = MXA_STORE_OK;
		s->backend->run(s, "ROLLBACK", NULL, 0, NULL, NULL);
		s->state = failed;
	}
	s->in_transaction = false;
	return s->state;
}

void mxa_store_abort(struct mxa_store *s, const char *why)
{
	mxa_store_fail(s, MXA_STORE_CONFLICT, "%s", why);
}

/* --- statements --- */

int64_t mxa_store_run(
    struct mxa_store *s, const char *sql, const struct mxa_arg *args, size_t n)
{
	if (s->state != MXA_STORE_OK)
		return -1;
	return s->backend->run(s, sql, args, n, NULL, NULL);
}

int64_t mxa_row_int(const struct mxa_row *r, size_t i)
{
	char text[24];
	size_t len;

	if (i >= r->n)
		return 0;
	len = r->col[i].len < sizeof(text) ? r->col[i].len : 0;
	memcpy(text, len ? r->col[i].p : "", len);
	text[len] = '\0';
	return strtoll(text, NULL, 10);
}

bool mxa_store_query(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n,
    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx)
{
	if (s->state != MXA_STORE_OK)
		return false;
	return s->backend->run(s, sql, args, n, fn, ctx) >= 0;
}

struct first_row {
	struct mxa_arena *a;
	struct mxa_row *out;
};

static bool keep_row(void *ctx, const struct mxa_row *r)
{
	const struct first_row *f = ctx;

	for (size_t i = 0; i < r->n; i++)
		f->out->col[i] = mxa_str_dup(f->a, r->col[i]);
	f->out->n = r->n;
	return false;
}

void mxa_store_row(struct mxa_store *s, struct mxa_arena *a, const char *sql,
    const struct mxa_arg *args, size_t n, struct mxa_row *out)
{
	struct first_row f = { a, out };

	out->n = 0;
	if (!mxa_store_query(s, sql, args, n, keep_row, &f))
		out->n = 0;
}

static bool keep_number(void *ctx, const struct mxa_row *r)
{
	if (r->n > 0 && r->col[0].len > 0)
		*(int64_t *)ctx = mxa_row_int(r, 0);
	return false;
}

int64_t mxa_store_number(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n, int64_t absent)
{
	int64_t v = absent;

	mxa_store_query(s, sql, args, n, keep_number, &v);
	return v;
}

void mxa_store_insert(struct mxa_store *s, const struct mxa_store_insert *in,
    const struct mxa_arg *rows, size_t n_rows)
{
	bool alone = !s->in_transaction;

	if (s->state != MXA_STORE_OK || n_rows == 0)
		return;
	if (alone)
		mxa_store_begin(s);
	if (s->state == MXA_STORE_OK)
		s->backend->insert(s, in, rows, n_rows);
	if (alone)
		mxa_store_commit(s);
}

/* --- differences --- */

void mxa_store_make_day(struct mxa_store *s, int64_t day)
{
	if (s->state == MXA_STORE_OK)
		s->backend->make_day(s, day);
}

int64_t mxa_store_drop_days(struct mxa_store *s, int64_t day)
{
	int64_t gone =
	    s->state == MXA_STORE_OK ? s->backend->drop_days(s, day) : -1;

	mxa_store_run(s, "DELETE FROM message_story WHERE day < $1",
	    MXA_ARGS(MXA_INT(day)));
	return s->state == MXA_STORE_OK ? gone : -1;
}

int64_t mxa_store_pinned(struct mxa_store *s, const char *meta_name)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT value FROM meta WHERE name = $1%s",
	    s->backend->pin);
	return mxa_store_number(s, sql,
	    (struct mxa_arg[]){ MXA_TEXT(mxa_str_from(meta_name)) }, 1, 0);
}

int64_t mxa_store_size(struct mxa_store *s)
{
	return mxa_store_number(s, s->backend->size, NULL, 0, 0);
}
