/* fieldsman.h - the lists of mxauth-journal(5), made from the tables of
 * history/fields.h. */
#ifndef MXA_T_FIELDSMAN_H
#define MXA_T_FIELDSMAN_H

#include "base/buf.h"
#include "history/fields.h"

/* A tagged list in mdoc(7) of the table's fields, with those of the objects
 * within. */
void test_fields_manual(struct mxa_buf *b, const struct mxa_field_table *t);

#endif
