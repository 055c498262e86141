/* forms.h - one refusal, as different mail systems and people tell of it. */
#ifndef MXA_T_BOUNCE_FORMS_H
#define MXA_T_BOUNCE_FORMS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct letter {
	struct mxa_arena *a;
	const char *sender;    /* sales@firm.example */
	const char *author;    /* of From; the same domain */
	const char *recipient; /* u@rcpt.example */
	const char *host;      /* that had sent it and writes the bounce */
	const char *remote;    /* that refused */
	const char *reply;     /* "550 5.7.1 words" on one line */
};

struct form {
	const char *name;
	void (*write)(struct mxa_buf *b, const struct letter *l);
	bool no_sender; /* does not tell the envelope sender */
	bool no_host;	/* does not tell who wrote it */
	bool no_remote; /* does not tell who refused */
};

extern const struct form forms[];
extern const size_t n_forms;

#endif
