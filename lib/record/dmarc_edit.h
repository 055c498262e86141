/* dmarc_edit.h - DMARC records edited and proposed.  The only place that makes
 * one: what lint and explain print comes from here. */
#ifndef MXA_RECORD_DMARC_EDIT_H
#define MXA_RECORD_DMARC_EDIT_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* The record 'text' with 'tag' as 'value': in its old place, else at the end.
 * 'value' NULL: without the tag.  The version stays first. */
struct mxa_str mxa_dmarc_edit(struct mxa_arena *a, struct mxa_str text,
    const char *tag, const char *value);

/* A record (mxa_dmarc_record_is) with every mistake put right: tags without
 * effect and values that cannot be used are left out, a policy that is missing
 * or cannot be read becomes what it was meant to be, else p=none.  Empty when
 * nothing was wrong, or when the result would not stand. */
struct mxa_str mxa_dmarc_repair(struct mxa_arena *a, struct mxa_str text);

/* A text at _dmarc that was meant to be a record and is none ("v=DMARC 1;
 * p=…"), as a record that stands; empty: it cannot be told. */
struct mxa_str mxa_dmarc_restore(struct mxa_arena *a, struct mxa_str text);

/* Whether a TXT record at _dmarc was meant to be a DMARC record. */
bool mxa_dmarc_was_meant(struct mxa_str text);

/* The first record of 'domain'.  'silent': it sends no mail and may refuse
 * everything at once.  'mail': it takes mail, so that reports can come to it.
 */
struct mxa_str mxa_dmarc_first(
    struct mxa_arena *a, struct mxa_str domain, bool silent, bool mail);

/* The trial: receivers apply the record, and find no mistake in it. */
bool mxa_dmarc_stands(struct mxa_str text);

#endif
