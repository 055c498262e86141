/* dmarccase.h - one message's results through DMARC, over a zone in memory. */
#ifndef MXA_T_DMARCCASE_H
#define MXA_T_DMARCCASE_H

#include "auth/dmarc.h"
#include "auth/orgdom.h"
#include "dns/zone.h"
#include "t/support/testing.h"

/* Lines of a zone. */
#define D(name, tags) "_dmarc." name ". IN TXT \"v=DMARC1; " tags "\"\n"
#define A(name) name ". IN A 192.0.2.1\n"

/* A row is a zone, a From, results of SPF and DKIM. */
struct dmarc_row {
	const char *name;
	const char *zone;
	const char *authors; /* separated by spaces; "+" at the end: more */
	const char *spf;     /* "pass example.com"; NULL: none */
	const char *dkim;    /* "pass example.com, fail example.net" */
	/* "fail reject org=example.com sp@example.com spf dkim testing
	 * nonexistent guarded differ": result, effective policy, organizational
	 * domain, the record's tag and place, what is aligned */
	const char *want;
};

struct dmarc_setup {
	struct mxa_auth_options options;
	struct mxa_psl *psl;
	struct test_clock clock;
	struct mxa_engine_env env;
	struct mxa_dns *dns;
	struct mxa_notes notes;
};

void dmarc_set_up(
    struct dmarc_setup *s, const char *zone, enum mxa_orgdom_mode mode);
void dmarc_tear_down(struct dmarc_setup *s);

void dmarc_read_authors(const char *text, struct mxa_authors *out);

void dmarc_evaluate_row(struct dmarc_setup *s, const struct dmarc_row *row,
    struct mxa_dmarc_verdict *out);

/* Evaluate and compare with 'want'. */
void dmarc_run(struct dmarc_setup *s, const struct dmarc_row *row);

#endif
