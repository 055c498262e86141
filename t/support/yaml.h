/* yaml.h - the part of YAML that the public conformance suites use: block
 * mappings and sequences, flow sequences, plain, quoted and block scalars,
 * several documents in one file.  A mistake ends the program: it is ours. */
#ifndef MXA_T_YAML_H
#define MXA_T_YAML_H

#include "base/arena.h"
#include "base/str.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	struct mxa_str text; /* scalar */
	struct mxa_str key;  /* in a map */
	struct yaml *child;  /* first of a list or map */
	struct yaml *next;   /* sibling; of a document: the next one */
};

/* The documents of 'text', which must outlive them. */
struct yaml *yaml_parse(struct mxa_arena *a, struct mxa_str text);

/* Member of a map, or NULL. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* Text of a scalar member; empty when there is none. */
struct mxa_str yaml_text(const struct yaml *map, const char *key);

#endif
