/* collect.h - what the readers of bounces share: what was found so far.
 * Private to lib/bounce. */
#ifndef MXA_BOUNCE_COLLECT_H
#define MXA_BOUNCE_COLLECT_H

#include "bounce/bounce.h"

/* A recipient as a delivery-status part or a text tells of it. */
struct mxa_entry_found {
	struct mxa_str recipient; /* empty: the text names none */
	struct mxa_str original;
	struct mxa_str action; /* "failed"; empty: not said */
	struct mxa_str status;
	struct mxa_str remote_mta;
	struct mxa_str raw; /* the reply, as it stands there */
	enum mxa_stage stage;
};

struct mxa_found_list {
	struct mxa_entry_found *v;
	size_t n, cap;
};

struct mxa_collect {
	struct mxa_arena *arena;
	struct mxa_found_list fields; /* from delivery-status fields */
	struct mxa_found_list text;   /* from words for people */
	struct mxa_str reporting_mta;
	struct mxa_str sender;	    /* X-Postfix-Sender and the like */
	struct mxa_str top;	    /* header section of the input itself */
	struct mxa_str returned;    /* header section of the returned message */
	struct mxa_str failed_list; /* X-Failed-Recipients */
	struct mxa_str to;	    /* of the returned message */
	const char *not_a_bounce;   /* another kind of report: why */
	bool looks;  /* header or greeting of a bounce was seen */
	bool report; /* a delivery-status part was seen */
	bool more;
	bool expanded; /* the reporting server expanded an alias */
};

/* A new entry, zeroed with empty strings; NULL beyond MXA_MAX_FAILURES. */
struct mxa_entry_found *mxa_found_add(
    struct mxa_collect *c, struct mxa_found_list *list);

/* Fields of delivery status in 's' (dsn.c): a whole part, or lines among
 * others. */
void mxa_collect_status(struct mxa_collect *c, struct mxa_str s);

/* Words for people in 's' (dialogue.c). */
void mxa_collect_text(struct mxa_collect *c, struct mxa_str s);

/* A header section (returned.c): that of the returned message, as far as the
 * last one seen is it. */
void mxa_returned_read(struct mxa_collect *c, struct mxa_returned *out);

/* Received-SPF and Authentication-Results in a header section (auth_fields.c):
 * failures, or all_passed.  False: there are none. */
bool mxa_fields_read(
    struct mxa_arena *a, struct mxa_str header, struct mxa_bounce *out);

/* Domain, identity and address out of the reply (facts.c). */
void mxa_facts_read(struct mxa_arena *a, const struct mxa_returned *returned,
    struct mxa_failure *f);

/* --- small things --- */

/* Next line of 's' from '*at' without its LF; false at the end. */
bool mxa_next_line(struct mxa_str s, size_t *at, struct mxa_str *line);

/* An address in 's': "u@example.com", "<u@example.com>"; '*end' behind it.
 * Empty: none. */
struct mxa_str mxa_find_address(struct mxa_str s, size_t *end);

/* Field value by name from a header section, unfolded; MXA_STR_NONE. */
struct mxa_failure *mxa_failure_add(struct mxa_arena *a, struct mxa_bounce *b);

#endif
