/* store_pgsql_none.c - in place of store_pgsql.c where libpq is missing. */
#include "history/store.h"
#include "history/store_int.h"

/* The URL may hold a password: it is not shown. */
static bool pgsql_connect(struct mxa_store *s, const char *url)
{
	(void)url;
	mxa_store_fail(s, MXA_STORE_BROKEN,
	    "this mxauth was built without PostgreSQL (libpq-dev)");
	return false;
}

static const char *const pgsql_schemes[] = { "postgresql:", "postgres:", NULL };

const struct mxa_store_backend mxa_store_pgsql = {
	.kind = "postgresql",
	.schemes = pgsql_schemes,
	.connect = pgsql_connect,
};
