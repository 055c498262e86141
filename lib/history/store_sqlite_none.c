/* store_sqlite_none.c - in place of store_sqlite.c where SQLite is missing. */
#include "history/store.h"
#include "history/store_int.h"

static bool sqlite_connect(struct mxa_store *s, const char *url)
{
	mxa_store_fail(s, MXA_STORE_BROKEN,
	    "%s: this mxauth was built without SQLite (libsqlite3-dev)", url);
	return false;
}

static const char *const sqlite_schemes[] = { "sqlite:", NULL };

const struct mxa_store_backend mxa_store_sqlite = {
	.kind = "sqlite",
	.schemes = sqlite_schemes,
	.connect = sqlite_connect,
};
