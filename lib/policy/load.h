/* load.h - the whole configuration: mxauth.conf and the rules of the policy
 * file that it names. */
#ifndef MXA_POLICY_LOAD_H
#define MXA_POLICY_LOAD_H

#include "conf/conf.h"

/* Read 'file' and the policy file it names.  NULL when there was any mistake:
 * then '*errors' (malloc) holds a line each, "file:line: what", all mistakes of
 * the run together.  '*warnings' likewise (malloc or NULL), also on success:
 * things an operator should know that are no mistake.  'file' NULL: the
 * defaults alone, cannot fail. */
struct mxa_conf *mxa_policy_load(
    const char *file, char **errors, char **warnings);

/* The same with the policy file 'policy' in place of the one that 'file' names
 * (NULL: that one). */
struct mxa_conf *mxa_policy_load_with(
    const char *file, const char *policy, char **errors, char **warnings);

/* The same from memory, for tests and the fuzz harness: 'text' under the name
 * 'name', and 'policy' (absent: none) under "policy.conf".  Opens no policy
 * file; @include is an error. */
struct mxa_conf *mxa_policy_parse(const char *name, struct mxa_str text,
    struct mxa_str policy, char **errors, char **warnings);

/* The rules whose "until" is over at 'now' (seconds since 1970), a warning a
 * line (malloc); NULL: none.  Loading knows no time, so it cannot say so. */
char *mxa_policy_ended(const struct mxa_conf *c, int64_t now);

#endif
