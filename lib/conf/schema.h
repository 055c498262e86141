/* schema.h - every option of mxauth.conf as a row: the loader, `mxauth config`,
 * the sample file and the test of the manual page read the same table. */
#ifndef MXA_CONF_SCHEMA_H
#define MXA_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct mxa_conf;

enum mxa_opt_type {
	MXA_OPT_BOOL,
	MXA_OPT_WORD, /* one of a table: an int or enum */
	MXA_OPT_PROFILE,
	MXA_OPT_ACTION,
	MXA_OPT_COUNT,	 /* uint32_t or unsigned */
	MXA_OPT_SECONDS, /* uint32_t; 5, "5s", "2m" */
	MXA_OPT_AGE,	 /* uint64_t seconds; "90d" */
	MXA_OPT_SIZE,	 /* uint64_t bytes; "1G" */
	MXA_OPT_MODE,	 /* unsigned; "0660" */
	MXA_OPT_NAME,	 /* a user, a group, a facility */
	MXA_OPT_HOST,	 /* an authserv-id */
	MXA_OPT_HOSTS,
	MXA_OPT_PATH, /* relative ones: from mxauth.conf's directory */
	MXA_OPT_NETWORKS,
	MXA_OPT_FORWARDERS, /* networks and domains */
	MXA_OPT_SEALERS,
	MXA_OPT_SERVERS,
	MXA_OPT_LISTEN,
	MXA_OPT_HOST_PORT,
	MXA_OPT_REPLY_TEXT,
	MXA_OPT_URL,
	MXA_OPT_CONTACT,
	MXA_OPT_ADDRESS,    /* "": none */
	MXA_OPT_EXCLUSIONS, /* domains, addresses, "@" and a domain */
	MXA_OPT_CODE,	    /* "550 5.7.1" */
	MXA_OPT_SPF_ENGINE,
	MXA_OPT_DKIM_ENGINE,
};

/* What a reload (SIGHUP) does with a changed value. */
enum mxa_opt_reload {
	MXA_RELOAD_TAKEN,    /* in effect for the next message */
	MXA_RELOAD_RESOLVER, /* needs a new resolver, with an empty cache */
	MXA_RELOAD_RESTART,  /* only a restart takes it; the log says so */
};

struct mxa_opt_word {
	const char *word;
	int value;
};

struct mxa_opt {
	const char *section; /* "": none */
	const char *name;
	enum mxa_opt_type type;
	size_t at;			  /* in struct mxa_conf */
	size_t n_at;			  /* of a list's length; second part */
	const struct mxa_opt_word *words; /* MXA_OPT_WORD, ends with NULL */
	uint64_t min, max;   /* COUNT, SECONDS, AGE, SIZE; ACTION: the cause */
	const char *preset;  /* the default as it would be written */
	const char *example; /* NULL: the default is one */
	const char *help;    /* sentences; '\n' begins a paragraph */
	enum mxa_opt_reload reload;
};

struct mxa_opt_section {
	const char *name;
	const char *help;
};

/* In the order of the sample file: first those without section. */
const struct mxa_opt *mxa_schema(size_t *n);
const struct mxa_opt_section *mxa_schema_sections(size_t *n);

/* What is expected of a value: "a time from 1s to 4m (5, "5s", "2m")". */
void mxa_schema_expects(const struct mxa_opt *o, struct mxa_buf *b);

/* The value as it would be written, from a configuration. */
void mxa_schema_show(
    const struct mxa_opt *o, const struct mxa_conf *c, struct mxa_buf *b);

/* Whether the option's value differs between two configurations. */
bool mxa_schema_differs(const struct mxa_opt *o, const struct mxa_conf *a,
    const struct mxa_conf *b);

/* The reference of all options, which is the sample file: each with its help
 * and its default, commented out. */
void mxa_schema_reference(struct mxa_buf *b);

/* The effective values as a configuration file. */
void mxa_schema_effective(const struct mxa_conf *c, struct mxa_buf *b);

#endif
