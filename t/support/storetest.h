/* storetest.h - an empty store for a test: the database that STORE_URL names
 * (t/store/store.sh), else SQLite in a temporary file. */
#ifndef MXA_T_STORETEST_H
#define MXA_T_STORETEST_H

#include "history/store.h"

/* The URL of an empty store; fails the test when there is none. */
const char *test_store_url(void);

/* A connection to it; 'now' as in struct mxa_store_options. */
struct mxa_store *test_store_open(int64_t now);

/* False: this build has no SQLite and STORE_URL names nothing else; the test
 * program is skipped (status 77). */
bool test_store_there(void);

/* Removes the file. */
void test_store_done(void);

#endif
