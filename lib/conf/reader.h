/* reader.h - the form of a configuration: libconfig's language, checked by us
 * because libconfig stops at the first mistake, says "syntax error", and takes
 * 99999999999 for 1215752191. */
#ifndef MXA_CONF_READER_H
#define MXA_CONF_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/text.h"

#define MXA_MAX_CONF_DEPTH 16	  /* sections and lists inside each other */
#define MXA_MAX_CONF_SETTINGS 200 /* in one section */

struct mxa_grammar {
	struct mxa_buf text; /* for config_read_string: no comments, line
				numbers as in the source, what is wrong left
				out */
	size_t open_line;    /* line of the outermost section or list that was
				left open; 0: none */
};

/* Adds each mistake in the form of 's', each name given twice, each section
 * left open.  False: something was so wrong that 'out' is not worth reading. */
bool mxa_grammar_check(struct mxa_source *s, struct mxa_grammar *out);

#endif
