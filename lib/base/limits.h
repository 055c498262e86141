/* limits.h - the ceiling of every size that a sender chooses.
 *
 * Hitting one is a result with a note, never a crash and never a pass.  None
 * of them bites where a real MTA still delivers (doc/design.md). */
#ifndef MXA_BASE_LIMITS_H
#define MXA_BASE_LIMITS_H

/* header section */
#define MXA_MAX_FIELDS 21000		    /* fields kept */
#define MXA_MAX_FIELD ((size_t)1024 * 1024) /* bytes of one field */
#define MXA_MAX_HEADER ((size_t)16 << 20)   /* bytes of all fields */
#define MXA_MAX_FROM_FIELDS 64		    /* From fields kept beyond these */
#define MXA_MAX_AUTHORS 4		    /* author domains evaluated */
#define MXA_MAX_FROM_ADDRESSES 10000	    /* addresses read in From */
#define MXA_MAX_AUTHOR_ADDRESSES 32	    /* of them kept, for rules */
#define MXA_MAX_FROM_DAMAGED 64		    /* of them with a damaged domain */
#define MXA_MAX_FROM_DOMAIN 4096	    /* bytes of one domain in From */
#define MXA_MAX_SHOWN_DOMAIN 120	    /* of a damaged domain, escaped */
#define MXA_MAX_RCPTS 1000		    /* recipients remembered */
#define MXA_MAX_ADDRESS 1024		    /* bytes of an envelope address */
#define MXA_MAX_RELAY_HOPS 10 /* Received fields walked to the client */

/* tag lists and records */
#define MXA_MAX_TAGS 128
#define MXA_MAX_KEYWORD 64 /* a method, result, ptype or property's name */
#define MXA_MAX_AUTHRES_VALUE 800 /* a value that we write, escaped */
#define MXA_MAX_RECORD 65535	  /* a joined TXT record */
#define MXA_MAX_DOMAIN 253	  /* RFC 1035, text form without trailing dot */
#define MXA_MAX_LABEL 63

/* signatures and chains */
#define MXA_MAX_SIGNATURES 16 /* verified; the option's default */
#define MXA_MAX_SIGNATURES_SEEN 500
#define MXA_MAX_SIGNED_NAMES 1000 /* names in h= */
#define MXA_MAX_RSA_BITS 8192
#define MXA_MAX_ARC_SETS 50    /* RFC 8617 section 5.2 */
#define MXA_MAX_ALIGN_WALKS 10 /* distinct d= walked for alignment */

/* SPF, RFC 7208 section 4.6.4 */
#define MXA_SPF_MAX_TERMS 10
#define MXA_SPF_MAX_VOID 2
#define MXA_SPF_MAX_MX 10
#define MXA_SPF_MAX_PTR 10

/* DNS */
#define MXA_MAX_QUESTIONS_SPF 128 /* of one message, by share (dns/dns.h) */
#define MXA_MAX_QUESTIONS_DMARC 96
#define MXA_MAX_QUESTIONS_AUTHOR_KEYS 16
#define MXA_MAX_QUESTIONS_OTHER 64
#define MXA_MAX_CNAMES 8
#define MXA_MAX_DNS_RECORDS 4096 /* kept of one answer */

/* output */
#define MXA_MAX_NOTES 64
#define MXA_MAX_NOTE 400
#define MXA_MAX_AUTHRES ((size_t)32 * 1024)
#define MXA_MAX_REPLY_LINE 500
#define MXA_MAX_REPLY_LINES 4
#define MXA_MAX_LOG_LINE 2000
#define MXA_MAX_JOURNAL_LINE ((size_t)64 * 1024)

#endif
