/* catalogue.h - a catalogue of translations for a test, as msgfmt makes it. */
#ifndef MXA_T_SUPPORT_CATALOGUE_H
#define MXA_T_SUPPORT_CATALOGUE_H

#include <stddef.h>

/* The process speaks with these texts from now on: 'n' pairs of English and
 * its translation, in any order.  The file is gone when this returns. */
void use_catalogue(const char *const (*texts)[2], size_t n);

#endif
