/* find.h - lines, addresses, hosts and domains in the words of a bounce. */
#ifndef MXA_BOUNCE_FIND_H
#define MXA_BOUNCE_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "base/str.h"

struct mxa_arena;

/* Next line of 's' from '*at' without its LF; false at the end. */
bool mxa_next_line(struct mxa_str s, size_t *at, struct mxa_str *line);

/* Next paragraph of 's' from '*at': lines up to a blank one; false at the
 * end. */
bool mxa_next_paragraph(struct mxa_str s, size_t *at, struct mxa_str *p);

/* An e-mail address in 's': "u@example.com", "<u@example.com>"; '*end' is the
 * offset after it.  Empty: none. */
struct mxa_str mxa_find_address(struct mxa_str s, size_t *end);

/* What "MAIL FROM:<u@example.com>" in 's' has in its brackets.  Empty: the null
 * sender, or there is none. */
struct mxa_str mxa_find_mail_from(struct mxa_str s);

/* Domain of an address, or of a bare name, in canonical form; empty: none. */
struct mxa_str mxa_domain_of(struct mxa_arena *a, struct mxa_str address);

/* A host name of at least two labels at the start of 's', lower case; empty:
 * something else stands there. */
struct mxa_str mxa_host_at(struct mxa_arena *a, struct mxa_str s);

/* The host name that follows the first of 'before' in 's' that has one;
 * empty: none.  A space at the end of one stands for any white space; the last
 * is NULL. */
struct mxa_str mxa_host_after(
    struct mxa_arena *a, struct mxa_str s, const char *const *before);

/* Whether one of the words is in 's', in any case; the last is NULL. */
bool mxa_any_in(struct mxa_str s, const char *const *words);

/* "<u@EXAMPLE.com>." or "[example.com]" at the start of 's' as a canonical
 * domain; empty: none stands there. */
struct mxa_str mxa_domain_at(struct mxa_arena *a, struct mxa_str s);

/* An IP address that begins at 'at' and not inside a longer word. */
bool mxa_ip_at(struct mxa_str s, size_t at, struct mxa_ip *ip);

#endif
