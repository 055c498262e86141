/* fields.h - the facts of a transaction, each described once: its name, its
 * type, where it is found, what it means.
 *
 * The journal is written and read by these tables; `mxauth check --json` and
 * `mxauth explain QUEUE-ID` print them; mxauth-journal(5) lists them, and a
 * test compares it with them.  A new fact is a new row. */
#ifndef MXA_HISTORY_FIELDS_H
#define MXA_HISTORY_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/json_read.h"
#include "dns/dns.h"
#include "policy/txn.h"

#define MXA_JOURNAL_VERSION 1

struct mxa_arena;
struct mxa_field_reader;
struct mxa_field_table;
struct mxa_field_writer;

/* What the tables describe: a transaction and what is kept beside it. */
struct mxa_line {
	int64_t version; /* as read */
	int64_t time;	 /* seconds since 1970 */
	/* of the first line of a file */
	struct mxa_str file_id, writer;
	/* of the others */
	struct mxa_txn *txn;
	bool has_dns; /* the next three are known */
	struct mxa_evidence *evidence;
	size_t n_evidence;
	struct mxa_dns_counts counts;
	bool cut; /* parts were left out when the line was written */
	/* set by the reader: the line has these parts */
	bool has_action, helo_checked, arc_checked;
};

enum mxa_field_type {
	MXA_FIELD_TEXT,	  /* struct mxa_str */
	MXA_FIELD_CHARS,  /* char[], ends in NUL */
	MXA_FIELD_FLAG,	  /* bool */
	MXA_FIELD_NUMBER, /* integer of 'size' bytes, not negative */
	MXA_FIELD_WORD,	  /* enum with names */
	MXA_FIELD_IP,	  /* struct mxa_ip */
	MXA_FIELD_TIME,	  /* int64_t, seconds since 1970; RFC 3339 as text */
	MXA_FIELD_OBJECT, /* struct of its own, described by 'table' */
	MXA_FIELD_LIST,	  /* array of texts, or of objects with 'table' */
	MXA_FIELD_OWN,	  /* only 'write' and 'read' know */
};

/* Where a field is written. */
enum mxa_field_place {
	MXA_PLACE_BOTH,
	MXA_PLACE_JOURNAL,
	MXA_PLACE_ANSWER, /* --json of the tools */
};

/* Names of an enum: name(0) to name(n - 1). */
struct mxa_field_words {
	const char *(*name)(int value);
	int n;
};

/* Parts of a line that a reader may do without (mxa_line_read). */
enum {
	MXA_WITHOUT_DNS = 1 << 0,
	MXA_WITHOUT_NOTES = 1 << 1,
};

struct mxa_field_row {
	const char *name;
	const char *meaning; /* a sentence for mxauth-journal(5) */
	const char *answer;  /* its name in answers, NULL: 'name' */
	const char *log;     /* its key in the log line, NULL: not there */
	enum mxa_field_type type;
	enum mxa_field_place place;

	/* Where it is: 'offset' in the struct, or in what the pointer at 'via'
	 * points to. */
	size_t offset, size;
	bool indirect;
	size_t via;

	/* The journal leaves out what is empty, false, 0 or 'absent', unless
	 * 'always' is set; answers leave out nothing. */
	bool always;
	int64_t absent; /* of numbers and words: what is read when it is not
			   there */
	size_t most;	/* bytes of a text; the largest number, 0: any;
			   elements of a list */
	const struct mxa_field_words *words;
	const struct mxa_field_table *table;

	/* A list: its length (size_t) is at 'count', in the same struct; its
	 * elements, of 'element' bytes, are in place, or where the pointer at
	 * 'offset' points.  Texts of at most 'text' bytes, or objects with
	 * 'table'. */
	size_t count, element, text;
	bool in_place;

	/* Asked before it is written, with the struct that holds it; NULL:
	 * always true.  Answers have it all the same with 'shown'. */
	bool (*present)(const void *base);
	bool shown;
	/* Becomes true when an object was read, if 'has_flag'. */
	bool has_flag;
	size_t flag;

	/* How long the line may be after this field (of a list: after each
	 * element); what does not fit is left out.  0: it always fits. */
	size_t limit;
	unsigned part; /* MXA_WITHOUT_…, 0: always read */

	/* Instead of what the type says.  They get the field's place, or the
	 * struct when the row names none.  MXA_FIELD_OWN without one of them is
	 * not written, or skipped. */
	void (*write)(
	    struct mxa_field_writer *w, const char *key, const void *base);
	void (*read)(struct mxa_field_reader *r, void *base);
};

struct mxa_field_table {
	const struct mxa_field_row *row;
	size_t n;
	/* Called before and after an object is read; NULL: nothing to do. */
	void (*begin)(struct mxa_field_reader *r, void *base);
	void (*end)(struct mxa_field_reader *r, void *base);
};

/* Both of struct mxa_line: a message, and the first line of a file. */
extern const struct mxa_field_table mxa_fields;
extern const struct mxa_field_table mxa_file_fields;

struct mxa_field_writer {
	struct mxa_json *j;
	struct mxa_arena *a; /* for answers only */
	bool answer;	     /* for a tool's --json; false: for the journal */
	bool cut;	     /* something did not fit and was left out */
};

/* The members of an object that the caller opens and closes. */
void mxa_fields_to_json(struct mxa_field_writer *w,
    const struct mxa_field_table *t, const void *base);

struct mxa_field_reader {
	struct mxa_arena *a;
	struct mxa_json_reader in;
	unsigned without; /* MXA_WITHOUT_… */
	bool bad;	  /* something contradicts: a word nobody knows */
};

/* An object into the zeroed struct 'base'; false: the value is another. */
bool mxa_fields_from_json(
    struct mxa_field_reader *r, const struct mxa_field_table *t, void *base);

/* What was answered, as one text: the records, or else the status.  In 'a', or
 * static. */
struct mxa_str mxa_evidence_text(
    struct mxa_arena *a, const struct mxa_evidence *e);

/* The field's place in the struct that holds it; NULL: it is not there. */
const void *mxa_field_at(const struct mxa_field_row *f, const void *base);

/* Value of a MXA_FIELD_NUMBER or MXA_FIELD_WORD at that place. */
int64_t mxa_field_number(const struct mxa_field_row *f, const void *at);

#endif
