/* reader.h - the text of a configuration as a tree, with the line of every
 * node.  The language is libconfig's: settings, sections, lists, scalars. */
#ifndef MXA_CONF_READER_H
#define MXA_CONF_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "conf/text.h"

#define MXA_MAX_CONF_DEPTH 16	  /* sections and lists inside each other */
#define MXA_MAX_CONF_SETTINGS 200 /* in one section */

enum mxa_node_kind {
	MXA_NODE_SECTION, /* { } */
	MXA_NODE_ARRAY,	  /* [ ], scalars of one kind */
	MXA_NODE_LIST,	  /* ( ) */
	MXA_NODE_BOOL,
	MXA_NODE_INTEGER,
	MXA_NODE_FLOAT,
	MXA_NODE_STRING,
};

/* A setting, or an element of a list.  Lives in the arena of its text. */
struct mxa_node {
	enum mxa_node_kind kind;
	const char *name;	 /* of a setting; "": an element of a list */
	size_t line;		 /* of the text: mxa_conf_text_where() */
	bool left_open;		 /* its bracket is missing up to the end */
	struct mxa_str written;	 /* of a scalar: as it stands in the file */
	struct mxa_str text;	 /* of a string: without quotes and escapes; a
				    NUL follows */
	long long integer;	 /* of an integer; of a bool: 0 or 1 */
	struct mxa_node **child; /* of a section or list, in order */
	size_t n, cap;
};

/* The settings of 's' as one section.  Adds each mistake in the form, each name
 * given twice, each bracket left open; settings with a mistake are left out.
 * NULL: the text is so wrong that nothing in it can be read. */
const struct mxa_node *mxa_conf_read(struct mxa_conf_text *s);

#endif
