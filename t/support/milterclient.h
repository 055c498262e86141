/* milterclient.h - the MTA's side of the milter protocol, for tests and bench.
 *
 * A connection is opened, negotiated with what an MTA of some kind offers, and
 * then speaks step by step as that MTA does: macros before their step, no step
 * that was negotiated away, no waiting where NR_* was agreed.  Steps gather in
 * a buffer that leaves when a reply is awaited (mtc_flush sends it earlier).
 *
 * Nothing here knows mxauth: what comes back is what the filter said. */
#ifndef MXA_T_MILTERCLIENT_H
#define MXA_T_MILTERCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the MTA offers: protocol version, actions (SMFIF_*), steps (SMFIP_*). */
struct mtc_offer {
	uint32_t version, actions, steps;
};

extern const struct mtc_offer mtc_postfix;    /* 3.x: 6, everything */
extern const struct mtc_offer mtc_sendmail;   /* 8.14 and later */
extern const struct mtc_offer mtc_version2;   /* 8.13: nothing but steps off */
extern const struct mtc_offer mtc_version3;   /* sends unknown commands too */
extern const struct mtc_offer mtc_version4;   /* sends DATA too */
extern const struct mtc_offer mtc_no_noreply; /* 6 without any NR_* */

/* Bits used by tests, in the protocol's own numbers. */
enum {
	MTC_ACT_ADDHDRS = 0x1,
	MTC_ACT_CHGHDRS = 0x10,
	MTC_ACT_QUARANTINE = 0x20,
	MTC_ACT_SETSYMLIST = 0x100,
	MTC_NO_BODY = 0x10,
	MTC_NR_HDR = 0x80,
	MTC_NO_UNKNOWN = 0x100,
	MTC_NO_DATA = 0x200,
	MTC_SKIP = 0x400,
	MTC_RCPT_REJ = 0x800,
	MTC_NR_CONN = 0x1000,
	MTC_NR_HELO = 0x2000,
	MTC_NR_MAIL = 0x4000,
	MTC_NR_RCPT = 0x8000,
	MTC_NR_DATA = 0x10000,
	MTC_NR_UNKN = 0x20000,
	MTC_NR_EOH = 0x40000,
	MTC_NR_BODY = 0x80000,
	MTC_LEADSPC = 0x100000,
};

/* What a step was answered with.  MTC_NONE: no reply was awaited. */
enum mtc_reply {
	MTC_GONE = 0, /* the filter closed, or said nothing in time */
	MTC_NONE = '-',
	MTC_CONTINUE = 'c',
	MTC_ACCEPT = 'a',
	MTC_DISCARD = 'd',
	MTC_REJECT = 'r',
	MTC_TEMPFAIL = 't',
	MTC_REPLYCODE = 'y', /* with mtc_text */
	MTC_SKIPPED = 's',
};

/* One change the filter asked for at end of message, in order. */
struct mtc_edit {
	char kind;	/* 'i' insert, 'h' add, 'm' change, 'q' quarantine */
	uint32_t index; /* of 'i' and 'm' */
	char *name;
	char *value; /* the reason for 'q' */
};

struct mtc_result {
	enum mtc_reply reply;
	char *text; /* reply code and text, lines with CRLF; NULL: none */
	struct mtc_edit *edit;
	size_t n;
};

struct mtc;

/* "unix:PATH", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS".  NULL with errno. */
struct mtc *mtc_open(const char *socket);

/* Milliseconds to wait for any reply; 30000 unless set. */
void mtc_timeout(struct mtc *m, int ms);

/* Bytes sent before mtc_flush or an awaited reply; 0: every step at once. */
void mtc_buffer(struct mtc *m, size_t bytes);

/* Cut all that is sent from now on into pieces of so many bytes, wherever the
 * packets end; 0: whole. */
void mtc_pieces(struct mtc *m, size_t bytes);

/* False: the filter refused, or asked for what was not offered. */
bool mtc_negotiate(struct mtc *m, const struct mtc_offer *offer);

/* What was agreed, and the macro list asked for a stage (SMFIM_*) or NULL. */
const struct mtc_offer *mtc_agreed(const struct mtc *m);
const char *mtc_symlist(const struct mtc *m, unsigned stage);

/* Replies read so far: the round trips of the connection. */
unsigned mtc_replies(const struct mtc *m);

/* Text of the last MTC_REPLYCODE; valid until the next step. */
const char *mtc_text(const struct mtc *m);

/* Macros for the step that 'cmd' opens ('C', 'H', 'M', 'R', 'T', 'N', 'E'):
 * names and values, ended by NULL. */
void mtc_macros(struct mtc *m, int cmd, ...) __attribute__((sentinel));

/* 'ip' NULL: address unknown; with '/' in front: a UNIX socket; else IPv4 or
 * IPv6 text, handed over as MTAs do (mapped addresses as IPv6). */
enum mtc_reply mtc_connect(struct mtc *m, const char *host, const char *ip);
enum mtc_reply mtc_helo(struct mtc *m, const char *name);
/* Address with brackets, then ESMTP parameters, ended by NULL. */
enum mtc_reply mtc_mail(struct mtc *m, const char *from, ...)
    __attribute__((sentinel));
enum mtc_reply mtc_rcpt(struct mtc *m, const char *to, ...)
    __attribute__((sentinel));
enum mtc_reply mtc_data(struct mtc *m);
/* 'value' as it stands behind the colon, leading space included; where
 * HDR_LEADSPC was not agreed one space is dropped, as MTAs do. */
enum mtc_reply mtc_header(struct mtc *m, const char *name, const char *value);
enum mtc_reply mtc_eoh(struct mtc *m);
/* Any length; cut into chunks of 65535 bytes. */
enum mtc_reply mtc_body(struct mtc *m, const void *p, size_t len);
/* End of message: sends it and returns at once, for clients with many
 * connections; mtc_finish then reads what comes back. */
void mtc_eom(struct mtc *m);
void mtc_finish(struct mtc *m, struct mtc_result *out);
void mtc_abort(struct mtc *m); /* RSET */
void mtc_quit(struct mtc *m);
/* Sends what waits. False: the filter is gone. */
bool mtc_flush(struct mtc *m);

/* Any packet, for tests of what no MTA would send. */
void mtc_packet(struct mtc *m, char cmd, const void *p, size_t len);

/* Reads one reply: for clients that send raw packets. */
enum mtc_reply mtc_reply(struct mtc *m);

int mtc_fd(const struct mtc *m);

/* Closes without a word; NULL is fine. */
void mtc_close(struct mtc *m);

void mtc_result_free(struct mtc_result *r);

/* The nth edit of that kind and header name (case-less; NULL: any), or NULL. */
const struct mtc_edit *mtc_find(
    const struct mtc_result *r, char kind, const char *name, size_t nth);

/* --- whole messages --- */

struct mtc_message {
	const char *queue_id;  /* NULL: the MTA names none */
	bool early_id;	       /* named at MAIL already, as Sendmail does */
	const char *login;     /* authenticated client; NULL: not */
	const char *mail_from; /* "<a@example.com>" */
	const char *mail_args; /* one ESMTP parameter, or NULL */
	const char *rcpt[8];   /* ended by NULL */
	const char *text;      /* header section, empty line, body; lines end in
				  CRLF, or all of them in LF */
	size_t len;	       /* of 'text'; 0: strlen */
};

/* MAIL to end of message with the macros of Postfix (queue id at DATA, end of
 * header and end of message).
 * Recipients that are refused are passed over.  The first step that is answered
 * with anything but continue ends it. */
void mtc_send(
    struct mtc *m, const struct mtc_message *msg, struct mtc_result *out);

/* The same up to and including the end-of-message packet: false when a step
 * before was answered, which 'out' then tells; else mtc_finish is to follow. */
bool mtc_send_begin(
    struct mtc *m, const struct mtc_message *msg, struct mtc_result *out);

#endif
