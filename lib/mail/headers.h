/* headers.h - the header section: fields in order, with their original bytes.
 *
 * A field is kept as DKIM needs it: "Name: value" with CRLF at folds and no
 * CRLF at its end.  'name' and 'value' are slices of 'raw'; 'value' begins
 * right behind the colon, leading white space included. */
#ifndef MXA_MAIL_HEADERS_H
#define MXA_MAIL_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/str.h"

struct mxa_arena;

struct mxa_field {
	struct mxa_str raw;
	struct mxa_str name;  /* without white space before the colon */
	struct mxa_str value; /* folded as it came */
	bool cut;	      /* shortened to MXA_MAX_FIELD */
};

struct mxa_headers {
	struct mxa_arena *arena;
	struct mxa_field *v; /* top of the message first */
	size_t n;
	size_t cap;
	size_t bytes;	    /* of all raw fields kept */
	size_t from_fields; /* From fields kept */
	size_t dropped;	    /* fields beyond the limits (base/limits.h) */
	size_t cut;	    /* fields shortened to MXA_MAX_FIELD */
};

void mxa_headers_init(struct mxa_headers *h, struct mxa_arena *a);

/* Append a field as libmilter hands it over: folds as LF + WSP, which become
 * CRLF + WSP (a CR that is there already is kept).  'value' starts right behind
 * the colon when 'exact' (SMFIP_HDR_LEADSPC), else one space is put before it.
 * The bytes are copied.  A field longer than MXA_MAX_FIELD is shortened, marked
 * and counted in 'cut'.  Beyond the limits the field is counted in 'dropped'
 * and MXA_ELIMIT comes back (the first MXA_MAX_FROM_FIELDS From fields are kept
 * all the same).  Where something was dropped or cut the section is not what a
 * reader sees: no signature over it may pass. */
enum mxa_rc mxa_headers_add(struct mxa_headers *h, struct mxa_str name,
    struct mxa_str value, bool exact);

/* Split a message file into header section and body.  Line ends may be LF or
 * CRLF (a mixture too); fields come out with CRLF folds.  A leading mbox "From
 * " line is passed over.  Lines before the first field or between fields that
 * are neither field nor continuation end the header section, as an MTA does.
 * '*body' is the offset of the first body byte in 'text'. */
void mxa_headers_split(
    struct mxa_headers *h, struct mxa_str fault_text, size_t *body);

/* The body of a message file as it travels: each LF without a CR gets one, a CR
 * alone stays.  'text' itself when nothing changes, else a copy in 'a'. */
struct mxa_str mxa_body_crlf(struct mxa_arena *a, struct mxa_str text);

/* How many fields have that name (case-less). */
size_t mxa_headers_count(const struct mxa_headers *h, const char *name);

/* The nth (0: topmost) field of that name, or NULL. */
const struct mxa_field *mxa_headers_find(
    const struct mxa_headers *h, const char *name, size_t nth);

/* The value on one line: CRLF before WSP removed (RFC 5322 section 2.2.3),
 * leading and trailing white space gone.  A slice of the field where nothing
 * is folded, else a copy in 'a'. */
struct mxa_str mxa_field_unfold(struct mxa_arena *a, const struct mxa_field *f);

#endif
