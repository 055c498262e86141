/* name.h - domain names as text and as octets on the wire.
 *
 * Our text form is lower-case, without trailing dot, every octet as it is.  A
 * dot *inside* a label is written "\046", so that it never looks like one that
 * separates labels: "x\.example" in a PTR record must not end in ".example". */
#ifndef MXA_DNS_NAME_H
#define MXA_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/str.h"

#define MXA_WIRE_NAME 255	/* octets, RFC 1035 section 2.3.4 */
#define MXA_NAME_TEXT (4 * 256) /* holds any text form */
#define MXA_ASKED_NAME (MXA_MAX_DOMAIN + 1)

/* The name as it is asked: lower-cased, one trailing dot dropped.  False: it
 * cannot be asked (empty, empty label, label or name too long).  '*out' is a
 * slice of 'space'. */
bool mxa_name_asked(
    struct mxa_str s, char space[MXA_ASKED_NAME], struct mxa_str *out);

/* An askable name on the wire, in lower case; returns its length. */
size_t mxa_name_to_wire(struct mxa_str name, uint8_t out[MXA_WIRE_NAME]);

/* Text of an uncompressed name of 'len' octets; a slice of 'space'. */
struct mxa_str mxa_name_from_wire(
    const uint8_t *wire, size_t len, char space[MXA_NAME_TEXT]);

#endif
