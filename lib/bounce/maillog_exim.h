/* maillog_exim.h - a line of Exim's main log. */
#ifndef MXA_BOUNCE_MAILLOG_EXIM_H
#define MXA_BOUNCE_MAILLOG_EXIM_H

#include "bounce/delivery.h"
#include "bounce/logstamp.h"

enum mxa_exim_kind {
	MXA_EXIM_OTHER,
	MXA_EXIM_ARRIVED,   /* "<=": the sender */
	MXA_EXIM_DELIVERY,  /* "=>", "->", "**", "==" */
	MXA_EXIM_COMPLETED, /* it left the queue */
};

struct mxa_exim_line {
	enum mxa_exim_kind kind;
	struct mxa_str id;
	struct mxa_str sender; /* empty: the null sender; of a delivery: not
				  told */
	struct mxa_delivery d; /* recipient, original, relay, words, state */
	char words[4096];      /* what was said, line ends as blanks */
};

/* Read "2026-11-27 09:14:02 1tGabc-0001Ab-Xy ** u@example.com R=…: …"; false:
 * no line of Exim.  Through syslog, 'line' is what follows "exim[123]: ", and
 * 'when' its time, for a line that has none of its own. */
bool mxa_exim_read(struct mxa_logstamp *s, struct mxa_str line, int64_t when,
    struct mxa_exim_line *out);

#endif
