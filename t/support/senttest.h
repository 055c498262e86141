/* senttest.h - what tests of our own reports have around them: a store, the
 * settings, a DNS, a folder. */
#ifndef MXA_T_SENTTEST_H
#define MXA_T_SENTTEST_H

#include "report/sent/deliver.h"
#include "t/support/storetest.h"
#include "t/support/testing.h"

struct senttest {
	struct mxa_arena *arena;
	struct mxa_dns *dns; /* over the zone of senttest_begin */
	struct mxa_store *store;
	struct mxa_conf *conf;
	struct mxa_reporter who; /* noreply@reports.example.org */
	char dir[256];
};

/* Then senttest_at is to follow. */
void senttest_begin(struct senttest *t, const char *zone);

/* From now on: the store as seen at 'now', the settings of "reports:" in
 * 'text', the program that reports. */
void senttest_at(
    struct senttest *t, int64_t now, const char *text, const char *program);

/* Removes the folder, too. */
void senttest_end(struct senttest *t);

/* How mail is delivered; 'directory' NULL: sent. */
struct mxa_deliver_options senttest_delivery(
    const struct senttest *t, const char *directory);

/* The number that a statement gives; fails the test on an error. */
int64_t senttest_number(struct senttest *t, const char *sql);

#endif
