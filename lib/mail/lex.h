/* lex.h - comments, quoted strings and white space of RFC 5322 section 3.2, for
 * the parsers of this floor.  Nesting is counted, never recursed. */
#ifndef MXA_MAIL_LEX_H
#define MXA_MAIL_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

/* s.p[*at] is '(' (or '"'): move '*at' behind the ')' (or '"') that closes it.
 * False, and '*at' stays, when nothing closes it. */
bool mxa_lex_comment(struct mxa_str s, size_t *at);
bool mxa_lex_quoted(struct mxa_str s, size_t *at);

/* Pass over folding white space and comments.  False at a comment that is never
 * closed; '*at' is then on its '('. */
bool mxa_lex_cfws(struct mxa_str s, size_t *at);

/* What stands between the quotes or parentheses: quoted pairs resolved, line
 * ends of folds dropped.  In 'a'. */
struct mxa_str mxa_lex_unescape(struct mxa_arena *a, struct mxa_str inner);

/* A byte of a MIME token (RFC 2045 section 5.1). */
bool mxa_lex_token_byte(char c);

/* A byte of a Keyword (RFC 8601 section 2.2), and the '_' that some use. */
bool mxa_lex_keyword_byte(char c);

#endif
