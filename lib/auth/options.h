/* options.h - what an operator chooses about verification.  conf/conf.h
 * fills it from the configuration; tests and tools fill it by hand. */
#ifndef MXA_AUTH_OPTIONS_H
#define MXA_AUTH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_spf_engine;
struct mxa_dkim_engine;
struct mxa_psl; /* auth/orgdom.h: the loaded public suffix list */

enum mxa_orgdom_mode {
	MXA_ORGDOM_TREEWALK,
	MXA_ORGDOM_PSL,
	MXA_ORGDOM_AUTO, /* treewalk; a note where psl differs */
};

struct mxa_auth_options {
	const struct mxa_spf_engine *spf_engine;
	unsigned spf_max_voids; /* default MXA_SPF_MAX_VOID */
	bool check_helo;	/* the separate HELO check; default true */

	const struct mxa_dkim_engine *dkim_engine;
	unsigned dkim_min_rsa_bits; /* default 1024, which is also the floor */
	unsigned dkim_max_signatures;
	bool dkim_accept_partial_body; /* l= shorter than the body; false */
	uint32_t clock_skew;	       /* seconds for t= and x=; default 300 */

	bool arc;			       /* evaluated at all */
	const struct mxa_str *trusted_sealers; /* canonical; ".d" with subs */
	size_t n_trusted_sealers;
	unsigned arc_max_sets; /* default MXA_MAX_ARC_SETS */

	enum mxa_orgdom_mode orgdom_mode;
	const struct mxa_psl *psl; /* NULL unless the mode needs it */
	bool single_label_guard;   /* auth/align.h; default true */
	bool honour_pct_zero;	   /* pct=0 as t=y; default false */

	bool check_iprev; /* default true */

	bool check_null_mx; /* ask for the sender's MX (RFC 7505); false */
};

#endif
