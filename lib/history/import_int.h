/* import_int.h - an import while it runs; for import*.c only. */
#ifndef MXA_HISTORY_IMPORT_INT_H
#define MXA_HISTORY_IMPORT_INT_H

#include "history/tally.h"

struct message; /* of import.c */
struct mxa_import_options;
struct mxa_import_result;

/* An import: of one file after the other, of each batch after batch. */
struct importer {
	const struct mxa_import_options *o;
	struct mxa_import_result *out;
	struct mxa_store *store;
	struct mxa_tally *tally;
	struct mxa_arena *line;	       /* of one line */
	struct mxa_arena *batch;       /* of messages */
	struct mxa_arena *lasting;     /* of the run */
	struct message *first, **last; /* in the order of the file */
	int64_t made_day; /* the last day for which room was made */

	/* the file */
	const char *path;
	char file_id[MXA_ROW_ID];
	int64_t begun;
	/* the batch */
	uint64_t from, to; /* offsets in the file */
	uint64_t lines, messages, bad, late;
	int64_t newest;
	bool ended;	  /* the end of the file was reached */
	uint64_t reached; /* position in the store after this file */
};

/* Notes what is wrong with the file 'im->path', so that the import is not
 * complete. */
void mxa_import_problem(struct importer *im, const char *what);

/* Everything of one file from where the store says; 'im->reached' is how far it
 * is in the store then. */
enum mxa_store_state mxa_import_file(struct importer *im, const char *path);

/* True: the import is to end after this batch. */
bool mxa_import_stopped(const struct importer *im);

#endif
