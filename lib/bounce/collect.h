/* collect.h - what the readers of bounces share: what was found so far.
 * Private to lib/bounce. */
#ifndef MXA_BOUNCE_COLLECT_H
#define MXA_BOUNCE_COLLECT_H

#include "base/buf.h"
#include "bounce/failure.h"

/* A recipient as a delivery-status part or a text tells of it. */
struct mxa_entry_found {
	struct mxa_str recipient; /* empty: the text names none */
	struct mxa_str original;
	struct mxa_str action; /* "failed"; empty: not said */
	struct mxa_str status;
	struct mxa_str remote_mta;
	struct mxa_said said;  /* the reply, read once */
	struct mxa_str around; /* the paragraph that it stands in; empty: a
				  field */
};

struct mxa_found_list {
	struct mxa_entry_found *v;
	size_t n, cap;
};

struct mxa_collect {
	struct mxa_arena *arena;
	struct mxa_found_list fields; /* from delivery-status fields */
	struct mxa_found_list text;   /* from words for people */
	struct mxa_str reporting_mta; /* Reporting-MTA */
	struct mxa_str greeting_host; /* of the text, of MAILER-DAEMON@HOST */
	struct mxa_str sender;	      /* X-Postfix-Sender and the like */
	struct mxa_str bounce_to;     /* To: of the bounce itself */
	struct mxa_str top;	      /* header section of the input itself */
	struct mxa_str returned;    /* header section of the returned message */
	unsigned returned_depth;    /* of its MIME part; 0: not known */
	struct mxa_str failed_list; /* X-Failed-Recipients */
	struct mxa_ip sending_ip;   /* a service's event names it */
	const char *not_a_bounce;   /* another kind of report: why */
	bool looks;	 /* header or greeting of a bounce was seen */
	bool event;	 /* of a sending service, not a mail */
	bool report;	 /* a delivery-status part was seen */
	bool greeted;	 /* words of a bounce were seen */
	bool auto_reply; /* the header is that of an answer in absence */
	bool words;	 /* text without any reply was seen */
	bool more;	 /* entries beyond the limit */
	bool expanded;	 /* the reporting server expanded an alias */
};

/* A new entry, zeroed with empty strings; NULL beyond MXA_MAX_FAILURES. */
struct mxa_entry_found *mxa_found_add(
    struct mxa_collect *c, struct mxa_found_list *list);

/* A new failure of 'b', zeroed with empty strings; NULL beyond the limit. */
struct mxa_failure *mxa_failure_add(struct mxa_arena *a, struct mxa_bounce *b);

/* The input with LF line ends and as UTF-8, without a byte order mark
 * (input.c). */
struct mxa_str mxa_input_text(struct mxa_arena *a, struct mxa_str bytes);

/* Add a code point as UTF-8; a control character as '?' (input.c). */
void mxa_add_character(struct mxa_buf *b, uint32_t c);

/* Whether it begins with the header section of a mail (input.c). */
bool mxa_input_is_mail(struct mxa_str s);

/* A part with its boundary, whose mail's header section is missing, as a mail
 * (input.c); p NULL: it is none. */
struct mxa_str mxa_input_part(struct mxa_arena *a, struct mxa_str s);

/* Text of HTML (html.c): no tags, blocks as lines, entities as characters. */
struct mxa_str mxa_html_text(struct mxa_arena *a, struct mxa_str s);

/* "&lt;u@example.com&gt;" in text that was copied out of a page (html.c). */
struct mxa_str mxa_html_entities(struct mxa_arena *a, struct mxa_str s);

/* Visit the parts of a mail (parts.c). */
void mxa_collect_parts(struct mxa_collect *c, struct mxa_str mail);

/* Take a header section as that of the bounce or of the returned message
 * (parts.c); 'top': that of the input itself. */
void mxa_collect_header(struct mxa_collect *c, struct mxa_str header, bool top);

/* Fields of delivery status in 's' (dsn.c): a whole part, or lines among
 * others. */
void mxa_collect_status(struct mxa_collect *c, struct mxa_str s);

/* Whether a paragraph is such fields, of one recipient at least (dsn.c). */
bool mxa_is_status(struct mxa_str p);

/* Words for people in 's' (dialogue.c). */
void mxa_collect_text(struct mxa_collect *c, struct mxa_str s);

/* A transcript of Sendmail or Courier ("<<< 550 ...") in paragraph 'p'
 * (transcript.c); false: it is none. */
bool mxa_collect_transcript(struct mxa_collect *c, struct mxa_str p);

/* Entries with the first line of a reply take the whole of it from the
 * transcript (transcript.c). */
void mxa_join_transcripts(
    struct mxa_found_list *whole, struct mxa_found_list *parts);

/* A webhook's event as JSON: Amazon SES, SendGrid, Mailgun (webhook.c); false:
 * it is none. */
bool mxa_collect_event(struct mxa_collect *c, struct mxa_str s);

/* Lines of a header in the words of a mail reader ("差出人: …") as header
 * fields (pasted.c); empty: 'p' is no header. */
struct mxa_str mxa_pasted_header(struct mxa_arena *a, struct mxa_str p);

/* The header section of the returned message (returned.c). */
void mxa_returned_read(struct mxa_collect *c, struct mxa_returned *out);

/* Received-SPF and Authentication-Results in a header section
 * (auth_fields.c): one failure, or all_passed.  False: there are none. */
bool mxa_auth_fields_read(
    struct mxa_arena *a, struct mxa_str header, struct mxa_bounce *out);

/* Domain, identity and address out of the reply (facts.c). */
void mxa_facts_read(struct mxa_arena *a, const struct mxa_returned *returned,
    struct mxa_failure *f);

/* The same of any words: the client's address; a domain with its identity. */
bool mxa_facts_ip(struct mxa_str text, struct mxa_ip *ip);
bool mxa_facts_domain(struct mxa_arena *a, struct mxa_str text,
    struct mxa_str *domain, enum mxa_identity *identity);

#endif
