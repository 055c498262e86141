/* domain.h - domain names as text: A-labels, labels, suffixes.
 *
 * A *canonical* name is lower-case, all A-labels, without trailing dot, at most
 * 253 octets in labels of 1 to 63.  Everything that compares or asks the DNS
 * works on canonical names (RFC 5890, RFC 9989 section 4.2, RFC 8616). */
#ifndef MXA_BASE_DOMAIN_H
#define MXA_BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

struct mxa_arena;

/* Canonical form of 's' in the arena: one trailing dot dropped, U-labels
 * converted after case mapping (UTS 46), ASCII lowered.  MXA_ESYNTAX: empty
 * name or label, a byte that no host or DNS owner name has in mail (anything
 * but letters, digits, '-', '_', and '.'), or an invalid U-label.  MXA_ELIMIT:
 * label or name too long. */
enum mxa_rc mxa_domain_canonical(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out);

/* Whether every label is a letters-digits-hyphen label (no '_', no hyphen at
 * an edge) and the last is not all digits: fit to be shown in a reply. */
bool mxa_domain_is_ldh(struct mxa_str name);

/* Number of labels of a canonical name; 0 for the empty one. */
size_t mxa_domain_labels(struct mxa_str name);

/* The rightmost 'n' labels (the whole name when it has no more). */
struct mxa_str mxa_domain_right(struct mxa_str name, size_t n);

/* The name without its leftmost label; empty when it has only one. */
struct mxa_str mxa_domain_parent(struct mxa_str name);

/* Whether 'name' equals 'parent' or lies below it, ASCII case-less. */
bool mxa_domain_within(struct mxa_str name, struct mxa_str parent);

/* Whether one of the two is within the other. */
bool mxa_domain_related(struct mxa_str a, struct mxa_str b);

#endif
