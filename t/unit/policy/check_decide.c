/* check_decide.c - which action for which verdict under which configuration.
 *
 * Expected: "ACTION [CODE] dis=… [override=…] [cause=…] [would=…] rule=…". */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/decide.h"
#include "policy/grounds.h"
#include "policy/override.h"
#include "policy/rules.h"
#include "t/support/verdicts.h"

#define STRICT "profile = \"strict\"\n"
#define MONITOR "profile = \"monitor\"\n"
#define SEALERS "arc: { trusted-sealers = [\"fwd.example\"] }\n"
#define RULES(text) "rules = (\n" text ")\n"

/* example.com publishes p=reject, and somebody else sends. */
#define FORGED                         \
	"spf=fail:bounce.example.com " \
	"dmarc=fail:example.com:reject "

struct row {
	const char *name, *conf, *policy, *words, *want;
	const char
	    *ground; /* one that must be named; NULL: none is looked at */
};

static const struct row dmarc_rows[] = {
	{ "aligned pass is accepted", "", "",
	    "spf=pass:example.com dmarc=pass:example.com:reject:spf",
	    "accept dis=none rule=default", NULL },
	{ "no policy is accepted", "", "",
	    "spf=pass:example.com dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },
	{ "no policy, nothing passes: still accepted", "", "",
	    "spf=fail:example.com dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },

	/* RFC 9989 section 5.4: p=none must not alter handling */
	{ "p=none changes nothing", "", "",
	    "spf=fail:example.com dmarc=fail:example.com:none",
	    "accept dis=none rule=default", NULL },
	{ "p=none changes nothing in strict", STRICT, "",
	    "spf=fail:example.com dmarc=fail:example.com:none",
	    "accept dis=none rule=mxauth.conf:1", NULL },
	{ "p=none changes nothing in monitor", MONITOR, "",
	    "spf=fail:example.com dmarc=fail:example.com:none",
	    "accept dis=none rule=mxauth.conf:1", NULL },

	/* p=reject, straight from a stranger */
	{ "forged author, no signature", "", "", FORGED,
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-signature" },
	{ "forged author, forger's own SPF passes", "", "",
	    "spf=pass:evil.example dmarc=fail:example.com:reject",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "spf-unaligned" },
	{ "forged author, forger's own signature passes", "", "",
	    FORGED "dkim=pass:evil.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-author-signature" },
	{ "forged author with list fields alone", "", "", FORGED "list",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "list-fields-alone" },
	{ "forged author with List-Unsubscribe and an own signature", "", "",
	    FORGED "dkim=pass:evil.example "
		   "field=List-Unsubscribe:<https://evil.example/u>",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-list-fields" },
	{ "forged author with an invented signature of the author", "", "",
	    FORGED "dkim=fail/signature:example.com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-signature-bad" },
	{ "invented signature of the author and an own one that passes", "", "",
	    FORGED "dkim=fail/signature:example.com dkim=pass:evil.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-signature-bad" },
	{ "a signature of nobody is none of the author", "", "",
	    FORGED "dkim=neutral/syntax:",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-author-signature" },
	{ "the author's key is too short", "", "",
	    FORGED "dkim=policy/short-key:example.com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-signature-bad" },
	{ "the author's key does not exist", "", "",
	    FORGED "dkim=permerror/no-key:example.com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-signature-bad" },
	{ "the author's key is revoked", "", "",
	    FORGED "dkim=permerror/revoked:example.com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-signature-bad" },
	{ "author domain that does not exist", "", "",
	    "spf=none: dmarc=fail:x.example.com:reject:np,nx,at=example.com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "author-nxdomain" },
	{ "a chain of nobody we trust", "", "", FORGED "arc=pass:fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-signature" },

	/* p=reject, with signs of indirect mail: quarantine, which is a tag */
	{ "list that broke the signature and signs itself", "", "",
	    FORGED "dkim=fail/body:example.com dkim=pass:lists.example.org "
		   "list",
	    "tag dis=quarantine override=mailing_list cause=dmarc-reject "
	    "rule=default",
	    "list-signature" },
	{ "list that broke header and body and signs itself", "", "",
	    FORGED "dkim=fail/signature:example.com "
		   "dkim=pass:lists.example.org list",
	    "tag dis=quarantine override=mailing_list cause=dmarc-reject "
	    "rule=default",
	    "list-signature" },
	{ "list whose SPF passes", "", "",
	    "spf=pass:lists.example.org dkim=fail/signature:example.com list "
	    "dmarc=fail:example.com:reject",
	    "tag dis=quarantine override=mailing_list cause=dmarc-reject "
	    "rule=default",
	    "list-spf" },
	{ "author never signed, list signs", "", "",
	    FORGED "dkim=pass:lists.example.org list",
	    "tag dis=quarantine override=mailing_list cause=dmarc-reject "
	    "rule=default",
	    "list-signature" },
	{ "one list field is enough", "", "",
	    FORGED "dkim=pass:lists.example.org field=list-id:<a.example.org>",
	    "tag dis=quarantine override=mailing_list cause=dmarc-reject "
	    "rule=default",
	    "list-signature" },
	{ "author's signature broken in the body only", "", "",
	    FORGED "dkim=fail/body:example.com",
	    "tag dis=quarantine override=local_policy cause=dmarc-reject "
	    "rule=default",
	    "author-signature-body-only" },
	{ "the same by a subdomain's signature", "", "",
	    FORGED "dkim=fail/body:mail.example.com",
	    "tag dis=quarantine override=local_policy cause=dmarc-reject "
	    "rule=default",
	    "author-signature-body-only" },
	{ "another domain's signature broken in the body only", "", "",
	    FORGED "dkim=fail/body:evil.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-author-signature" },
	{ "text behind the end that l= names", "", "",
	    FORGED "dkim=policy/partial-body:example.com",
	    "tag dis=quarantine override=local_policy cause=dmarc-reject "
	    "rule=default",
	    "author-signature-partial" },
	{ "a top-level record makes nobody the author", "", "",
	    "spf=fail:x dkim=fail/body:evil.com "
	    "dmarc=fail:example.com:reject:org=com,at=com",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "no-author-signature" },

	/* p=quarantine */
	{ "p=quarantine is a tag to file by", "", "",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "tag dis=quarantine cause=dmarc-quarantine rule=default",
	    "no-signature" },
	{ "p=quarantine through a list stays quarantine", "", "",
	    "spf=pass:lists.example.org list dmarc=fail:example.com:quarantine",
	    "tag dis=quarantine cause=dmarc-quarantine rule=default", NULL },
	{ "hold queue, opted in",
	    "actions: { dmarc-quarantine = "
	    "\"quarantine\" }\n",
	    "", "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "quarantine dis=quarantine cause=dmarc-quarantine "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "p=reject treated as quarantine goes where quarantine goes",
	    "actions: { dmarc-quarantine = \"quarantine\" }\n", "",
	    FORGED "dkim=pass:lists.example.org list",
	    "quarantine dis=quarantine override=mailing_list "
	    "cause=dmarc-reject rule=mxauth.conf:1",
	    "list-signature" },

	{ "even when that is acceptance",
	    "actions: { dmarc-quarantine = \"accept\" }\n", "",
	    FORGED "dkim=pass:lists.example.org list",
	    "accept dis=none override=mailing_list cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    "list-signature" },

	/* t=y */
	{ "p=reject t=y is quarantine", "", "",
	    "spf=fail:a.example dmarc=fail:example.com:reject:t",
	    "tag dis=quarantine override=policy_test_mode "
	    "cause=dmarc-quarantine rule=default",
	    NULL },
	{ "p=quarantine t=y is delivered", "", "",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine:t",
	    "accept dis=none override=policy_test_mode rule=default", NULL },
	{ "p=reject t=y in strict", STRICT, "",
	    "spf=fail:a.example dmarc=fail:example.com:reject:t",
	    "quarantine dis=quarantine override=policy_test_mode "
	    "cause=dmarc-quarantine rule=mxauth.conf:1",
	    NULL },

	/* strict */
	{ "strict rejects p=reject", STRICT, "", FORGED,
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "strict rejects lists too", STRICT, "",
	    FORGED "dkim=fail/body:example.com dkim=pass:lists.example.org "
		   "list",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    "list-signature" },
	{ "strict holds p=quarantine", STRICT, "",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "quarantine dis=quarantine cause=dmarc-quarantine "
	    "rule=mxauth.conf:1",
	    NULL },

	/* monitor */
	{ "monitor says what it would have done", MONITOR, "", FORGED,
	    "tag dis=none override=local_policy cause=dmarc-reject "
	    "would=reject rule=mxauth.conf:1",
	    "no-signature" },
	{ "monitor, p=quarantine", MONITOR, "",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "tag dis=none override=local_policy cause=dmarc-quarantine "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "monitor is the reason, not the list", MONITOR, "",
	    FORGED "dkim=pass:lists.example.org list",
	    "tag dis=none override=local_policy cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    "list-signature" },
	{ "monitor never does more, whatever is configured",
	    MONITOR "actions: { dmarc-none = \"reject\" }\n", "",
	    "spf=fail:a.example dmarc=fail:example.com:none",
	    "tag dis=none cause=dmarc-none would=reject rule=mxauth.conf:1",
	    NULL },

	/* explicit actions */
	{ "the operator's word for dmarc-reject is literal",
	    "actions: { dmarc-reject = \"reject\" }\n", "",
	    FORGED "dkim=pass:lists.example.org list",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "dmarc-reject accepted", "actions: { dmarc-reject = \"accept\" }\n",
	    "", FORGED,
	    "accept dis=none override=local_policy cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "dmarc-none rejected for one bank", "",
	    RULES("{ author = \"bank.example\" dmarc-none = \"reject\" }\n"),
	    "spf=fail:a.example dmarc=fail:bank.example:none",
	    "reject 550 5.7.26 dis=reject override=local_policy "
	    "cause=dmarc-none rule=policy.conf:2",
	    NULL },
	{ "and for nobody else", "",
	    RULES("{ author = \"bank.example\" dmarc-none = \"reject\" }\n"),
	    "spf=fail:a.example dmarc=fail:shop.example:none",
	    "accept dis=none rule=default", NULL },

	/* dmarc=permerror: no policy */
	{ "a name that cannot be asked has no policy", "", "",
	    "spf=pass:a.example dmarc=permerror:example.com",
	    "accept dis=none rule=default", NULL },
};

static const struct row trust_rows[] = {
	{ "trusted forwarder by network",
	    "trusted-forwarders = [\"192.0.2.0/28\"]\n", "", FORGED,
	    "accept dis=none override=trusted_forwarder cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    "trusted-forwarder-network" },
	{ "another network", "trusted-forwarders = [\"198.51.100.0/24\"]\n", "",
	    FORGED,
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "a forwarder's signature, paired with nobody: a tag",
	    "trusted-forwarders = [\"fwd.example\"]\n", "",
	    FORGED "dkim=fail/signature:example.com dkim=pass:fwd.example",
	    "tag dis=quarantine override=trusted_forwarder cause=dmarc-reject "
	    "rule=default",
	    "forwarder-signature" },
	{ "and nothing in strict",
	    STRICT "trusted-forwarders = [\"fwd.example\"]\n", "",
	    FORGED "dkim=pass:fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "paired with the author", STRICT,
	    "rules = ( { author = \"example.com\" signer = \"fwd.example\" "
	    "} );",
	    FORGED "dkim=fail/signature:example.com dkim=pass:fwd.example",
	    "accept dis=none override=trusted_forwarder cause=dmarc-reject "
	    "rule=policy.conf:1",
	    NULL },
	{ "paired with another author", "",
	    "rules = ( { author = \"a.example\" signer = \"fwd.example\" } "
	    ");",
	    FORGED "dkim=pass:fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "paired, but it does not pass", "",
	    "rules = ( { author = \"example.com\" signer = \"fwd.example\" "
	    "} );",
	    FORGED "dkim=fail/signature:fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "its signature does not pass",
	    "trusted-forwarders = [\"fwd.example\"]\n", "",
	    FORGED "dkim=fail/signature:fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "a name below it is another name",
	    "trusted-forwarders = [\"fwd.example\"]\n", "",
	    FORGED "dkim=pass:x.fwd.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "unless names below it are meant",
	    "trusted-forwarders = [\".fwd.example\"]\n", "",
	    FORGED "dkim=pass:x.fwd.example",
	    "tag dis=quarantine override=trusted_forwarder cause=dmarc-reject "
	    "rule=default",
	    NULL },
	{ "trusted also in strict",
	    STRICT "trusted-forwarders = [\"192.0.2.1\"]\n", "", FORGED,
	    "accept dis=none override=trusted_forwarder cause=dmarc-reject "
	    "rule=mxauth.conf:2",
	    NULL },
	{ "trusted for p=quarantine", "trusted-forwarders = [\"192.0.2.1\"]\n",
	    "", "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "accept dis=none override=trusted_forwarder "
	    "cause=dmarc-quarantine rule=mxauth.conf:1",
	    NULL },
	{ "trust does not mend a broken From",
	    STRICT "trusted-forwarders = [\"192.0.2.1\"]\n", "",
	    "spf=pass:a.example from=none",
	    "reject 550 5.7.1 dis=none cause=no-author rule=mxauth.conf:1",
	    NULL },
	{ "nor a repeated one", STRICT "trusted-forwarders = [\"192.0.2.1\"]\n",
	    "", "spf=pass:a.example dmarc=pass:a.example:none:spf from=twice",
	    "reject 550 5.7.1 dis=none cause=malformed-from "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "a forwarder's SPF failure is not looked at",
	    "trusted-forwarders = [\"192.0.2.1\"]\n"
	    "actions: { spf-fail = \"reject\" }\n",
	    "", "spf=fail:a.example dmarc=none:example.com",
	    "accept dis=none cause=spf-fail rule=mxauth.conf:1", NULL },
	{ "trusted sealer", SEALERS, "",
	    FORGED "arc=pass:list.example,fwd.example:trusted",
	    "accept dis=none override=local_policy cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    "trusted-sealer" },
	{ "a broken chain is nobody's word", "", "",
	    FORGED "arc=fail:fwd.example:trusted",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "the sealer vouches for all that fail", SEALERS, "",
	    "spf=fail:a.example arc=pass:fwd.example:trusted "
	    "dmarc=fail:example.com:reject dmarc=fail:example.net:reject",
	    "accept dis=none override=local_policy cause=dmarc-reject "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "and not for those that nobody looked at", SEALERS, "",
	    FORGED "arc=pass:fwd.example:trusted from=more",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
};

static const struct row other_rows[] = {
	/* malformed From */
	{ "no author domain is refused", "", "", "spf=pass:a.example from=none",
	    "reject 550 5.7.1 dis=none cause=no-author rule=default", NULL },
	{ "no author domain, strict", STRICT, "",
	    "spf=pass:a.example from=none",
	    "reject 550 5.7.1 dis=none cause=no-author rule=mxauth.conf:1",
	    NULL },
	{ "no author domain, monitor", MONITOR, "",
	    "spf=pass:a.example from=none",
	    "tag dis=none cause=no-author would=reject rule=mxauth.conf:1",
	    NULL },
	{ "no author domain, by the setting",
	    "actions: { no-author = \"accept\" }\n", "",
	    "spf=pass:a.example from=none",
	    "tag dis=none cause=malformed-from rule=default", NULL },
	{ "no author domain, by a rule", "",
	    RULES("{ client = \"192.0.2.0/24\" no-author = \"defer\" }\n"),
	    "spf=pass:a.example from=none",
	    "defer 451 4.7.1 dis=none cause=no-author rule=policy.conf:2",
	    NULL },
	{ "a damaged domain that passes is delivered", "", "",
	    "spf=pass:bank.example "
	    "dmarc=permerror:bank.example:reject:spf from=damaged",
	    "tag dis=none cause=malformed-from rule=default", NULL },
	{ "one that fails is refused by its policy", "", "",
	    "spf=fail:bank.example "
	    "dmarc=fail:bank.example:reject from=damaged",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "one with more readings than are evaluated", "", "",
	    "spf=pass:bank.example "
	    "dmarc=permerror:bank.example:none:spf from=damaged from=more",
	    "reject 550 5.7.1 dis=reject override=local_policy cause=no-author "
	    "rule=default",
	    NULL },
	{ "two From fields with a pass are tagged", "", "",
	    "spf=pass:example.com dmarc=pass:example.com:reject:spf from=twice",
	    "tag dis=none cause=malformed-from rule=default", NULL },
	{ "two From fields, one of them fails", "", "",
	    "spf=pass:example.com dmarc=pass:example.com:reject:spf "
	    "dmarc=fail:bank.example:reject from=twice",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "malformed From configured",
	    "actions: { malformed-from = "
	    "\"reject\" }\n",
	    "",
	    "spf=pass:example.com dmarc=pass:example.com:none:spf "
	    "from=malformed",
	    "reject 550 5.7.1 dis=none cause=malformed-from "
	    "rule=mxauth.conf:1",
	    NULL },

	/* more author domains than are evaluated (RFC 9989 section 11.5) */
	{ "too many authors, all seen pass under p=none", "", "",
	    "spf=pass:a.example dmarc=pass:a.example:none:spf from=more",
	    "tag dis=quarantine override=local_policy "
	    "cause=dmarc-quarantine rule=default",
	    "too-many-authors" },
	{ "too many authors, one seen has p=reject", "", "",
	    "spf=pass:a.example dmarc=pass:a.example:reject:spf from=more",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    "too-many-authors" },
	{ "too many authors without any policy", "", "",
	    "spf=pass:a.example dmarc=none:a.example from=more",
	    "tag dis=quarantine override=local_policy "
	    "cause=dmarc-quarantine rule=default",
	    "too-many-authors" },

	/* several author domains: the strictest */
	{ "one passes, one fails under none", "", "",
	    "spf=pass:a.example dmarc=pass:a.example:reject:spf "
	    "dmarc=fail:b.example:none",
	    "accept dis=none rule=default", NULL },
	{ "none and quarantine fail", "", "",
	    "spf=fail:x.example dmarc=fail:a.example:none "
	    "dmarc=fail:b.example:quarantine",
	    "tag dis=quarantine cause=dmarc-quarantine rule=default", NULL },
	{ "a rule that exempts one author does not exempt the other", "",
	    RULES("{ author = \"a.example\" exempt = true }\n"),
	    "spf=fail:x.example dmarc=fail:a.example:reject "
	    "dmarc=fail:b.example:reject",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },

	/* SPF, DKIM alone: nothing by default, what is asked when asked */
	{ "SPF fail refuses nothing in strict", STRICT, "",
	    "spf=fail:a.example dmarc=none:example.com",
	    "accept dis=none rule=mxauth.conf:1", NULL },
	{ "spf-fail configured", "actions: { spf-fail = \"reject\" }\n", "",
	    "spf=fail:a.example dmarc=none:example.com",
	    "reject 550 5.7.23 dis=none cause=spf-fail rule=mxauth.conf:1",
	    "spf-fail" },
	{ "spf-fail is not softfail", "actions: { spf-fail = \"reject\" }\n",
	    "", "spf=softfail:a.example dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },
	{ "spf-softfail configured", "actions: { spf-softfail = \"tag\" }\n",
	    "", "spf=softfail:a.example dmarc=none:example.com",
	    "tag dis=none cause=spf-softfail rule=mxauth.conf:1", NULL },
	{ "rejected for SPF under p=quarantine",
	    "actions: { spf-fail = \"reject\" }\n", "",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "reject 550 5.7.23 dis=reject override=local_policy "
	    "cause=spf-fail rule=mxauth.conf:1",
	    NULL },
	{ "unauthenticated configured, neither passes",
	    "actions: { unauthenticated = \"reject\" }\n", "",
	    "spf=none: dkim=fail/signature:a.example dmarc=none:example.com",
	    "reject 550 5.7.26 dis=none cause=unauthenticated "
	    "rule=mxauth.conf:1",
	    NULL },
	{ "unauthenticated configured, a signature passes",
	    "actions: { unauthenticated = \"reject\" }\n", "",
	    "spf=none: dkim=pass:a.example dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },
	{ "unauthenticated configured, SPF passes",
	    "actions: { unauthenticated = \"reject\" }\n", "",
	    "spf=pass:a.example dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },
	{ "unauthenticated deferred",
	    "actions: { unauthenticated = \"defer\" }\n", "",
	    "spf=fail:a.example dmarc=none:example.com",
	    "defer 451 4.7.26 dis=none cause=unauthenticated "
	    "rule=mxauth.conf:1",
	    NULL },
};

/* dkim-required for bank.example, rejected */
#define REQUIRED \
	RULES("{ author = \"bank.example\" dkim-required = \"reject\" }\n")

static const struct row required_rows[] = {
	{ "no signature at all", "", REQUIRED,
	    "spf=pass:bank.example dmarc=pass:bank.example:none:spf",
	    "reject 550 5.7.20 dis=none cause=dkim-required "
	    "rule=policy.conf:2",
	    "no-signature" },
	{ "signature that fails", "", REQUIRED,
	    "spf=pass:bank.example dkim=fail/body:bank.example "
	    "dmarc=pass:bank.example:none:spf",
	    "reject 550 5.7.20 dis=none cause=dkim-required "
	    "rule=policy.conf:2",
	    NULL },
	{ "signature that verifies but is not acceptable", "", REQUIRED,
	    "spf=pass:bank.example dkim=policy/short-key:bank.example "
	    "dmarc=pass:bank.example:none:spf",
	    "reject 550 5.7.21 dis=none cause=dkim-required "
	    "rule=policy.conf:2",
	    NULL },
	{ "signature of somebody else", "", REQUIRED,
	    "spf=pass:bank.example dkim=pass:esp.example "
	    "dmarc=pass:bank.example:none:spf",
	    "reject 550 5.7.22 dis=none cause=dkim-required "
	    "rule=policy.conf:2",
	    NULL },
	{ "signed as required", "", REQUIRED,
	    "spf=fail:x.example dkim=pass:bank.example "
	    "dmarc=pass:bank.example:none:dkim",
	    "accept dis=none rule=default", NULL },
	{ "signed by a name below", "", REQUIRED,
	    "spf=fail:x.example dkim=pass:mail.bank.example "
	    "dmarc=none:bank.example",
	    "accept dis=none rule=default", NULL },
	{ "signed by a neighbour of the same organization", "",
	    RULES("{ author = \"a.host.example\" dkim-required = "
		  "\"reject\" }\n"),
	    "spf=pass:a.host.example dkim=pass:b.host.example "
	    "dmarc=none:a.host.example",
	    "reject 550 5.7.22 dis=none cause=dkim-required "
	    "rule=policy.conf:2",
	    NULL },
	{ "its key cannot be had now", "", REQUIRED,
	    "spf=pass:bank.example dkim=temperror/dns:bank.example "
	    "dmarc=pass:bank.example:none:spf",
	    "tag dis=none cause=temperror rule=default", NULL },
	{ "another author need not sign", "", REQUIRED,
	    "spf=pass:shop.example dmarc=pass:shop.example:none:spf",
	    "accept dis=none rule=default", NULL },
};

#define DEFER "actions: { temperror = \"defer\" }\n"

static const struct row temperror_rows[] = {
	{ "unknown policy is tagged", "", "",
	    "spf=fail:a.example dmarc=temperror:example.com",
	    "tag dis=none cause=temperror rule=default", NULL },
	{ "unknown policy deferred", DEFER, "",
	    "spf=fail:a.example dmarc=temperror:example.com",
	    "defer 451 4.7.26 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "SPF is what is missing", DEFER, "",
	    "spf=temperror:example.com dmarc=temperror:example.com:reject",
	    "defer 451 4.7.24 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "a key is what is missing", DEFER, "",
	    "spf=fail:a.example dkim=temperror/dns:example.com "
	    "dmarc=temperror:example.com:reject",
	    "defer 451 4.7.5 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "both are missing", DEFER, "",
	    "spf=temperror:example.com dkim=temperror/dns:example.com "
	    "dmarc=temperror:example.com:reject",
	    "defer 451 4.7.26 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "p=none is not worth a deferral when a method passes", DEFER, "",
	    "spf=pass:esp.example dkim=temperror/dns:example.com "
	    "dmarc=temperror:example.com:none",
	    "accept dis=none rule=default", NULL },
	{ "a pass makes the rest unimportant", DEFER, "",
	    "spf=temperror:a.example dkim=pass:example.com "
	    "dmarc=pass:example.com:reject:dkim",
	    "accept dis=none rule=default", NULL },
	{ "no DMARC, SPF unknown, nothing passes", DEFER, "",
	    "spf=temperror:example.com dmarc=none:example.com",
	    "defer 451 4.7.24 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "no DMARC, key unknown, nothing passes", DEFER, "",
	    "spf=none: dkim=temperror/dns:example.com dmarc=none:example.com",
	    "defer 451 4.7.5 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "no DMARC, key unknown, SPF passes", DEFER, "",
	    "spf=pass:example.com dkim=temperror/dns:example.com "
	    "dmarc=none:example.com",
	    "accept dis=none rule=default", NULL },
	{ "a failure that stands without the open key", DEFER, "",
	    FORGED "dkim=temperror/dns:evil.example",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default",
	    NULL },
	{ "spf-fail could still come",
	    "actions: { temperror = \"defer\" spf-fail = \"reject\" }\n", "",
	    "spf=temperror:a.example dkim=pass:esp.example "
	    "dmarc=none:example.com",
	    "defer 451 4.7.24 dis=none cause=temperror rule=mxauth.conf:1",
	    NULL },
	{ "delivered after all under p=reject: other", "", "",
	    "spf=temperror:example.com dmarc=temperror:example.com:reject",
	    "tag dis=none override=other cause=temperror rule=default", NULL },
	{ "monitor does not defer", MONITOR DEFER, "",
	    "spf=fail:a.example dmarc=temperror:example.com",
	    "tag dis=none cause=temperror would=defer rule=mxauth.conf:1",
	    NULL },
};

/* Rules for recipients: boss@ is strict, lists are watched, abuse@ is open. */
#define RCPTS                                                  \
	RULES("{ recipient = \"strict.example.jp\" profile = " \
	      "\"strict\" },\n"                                \
	      "{ recipient = \"lists.example.jp\" profile = "  \
	      "\"monitor\" },\n"                               \
	      "{ recipient = \"abuse@\" exempt = true }\n")
#define QUARANTINED "spf=fail:a.example dmarc=fail:example.com:quarantine "

static const struct row rcpt_rows[] = {
	{ "recipient's own profile", "", RCPTS,
	    QUARANTINED "rcpt=a@strict.example.jp",
	    "quarantine dis=quarantine cause=dmarc-quarantine "
	    "rule=policy.conf:2",
	    NULL },
	{ "exempt recipient", "", RCPTS, FORGED "rcpt=abuse@example.jp",
	    "accept dis=none override=local_policy rule=policy.conf:4", NULL },
	{ "an exempt recipient does not open the door for others", "", RCPTS,
	    FORGED "rcpt=abuse@example.jp rcpt=bob@example.jp",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject merge=strictest "
	    "rule=default",
	    NULL },
	{ "in whatever order", "", RCPTS,
	    FORGED "rcpt=bob@example.jp rcpt=abuse@example.jp",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject merge=strictest "
	    "rule=default",
	    NULL },
	{ "mildest, when asked for", "recipients = \"mildest\"\n", RCPTS,
	    FORGED "rcpt=bob@example.jp rcpt=abuse@example.jp",
	    "accept dis=none override=local_policy merge=mildest "
	    "rule=policy.conf:4",
	    NULL },
	{ "strictest of three", "", RCPTS,
	    QUARANTINED "rcpt=a@lists.example.jp rcpt=a@strict.example.jp "
			"rcpt=bob@example.jp",
	    "quarantine dis=quarantine cause=dmarc-quarantine "
	    "merge=strictest rule=policy.conf:2",
	    NULL },
	{ "two rules with the same action are two rules", "",
	    RULES("{ recipient = \"a@\" profile = \"strict\" },\n"
		  "{ recipient = \"b@\" profile = \"strict\" }\n"),
	    FORGED "rcpt=a@example.jp rcpt=b@example.jp",
	    "reject 550 5.7.26 dis=reject cause=dmarc-reject merge=strictest "
	    "rule=policy.conf:2",
	    NULL },
	{ "recipients that agree", "", RCPTS,
	    QUARANTINED "rcpt=bob@example.jp rcpt=carol@example.jp",
	    "tag dis=quarantine cause=dmarc-quarantine rule=default", NULL },

	/* client before recipient before author */
	{ "kinds in their order", "",
	    RULES("{ author = \"example.com\" profile = \"strict\" },\n"
		  "{ recipient = \"example.jp\" profile = \"standard\" },\n"
		  "{ client = \"192.0.2.0/24\" profile = \"monitor\" }\n"),
	    QUARANTINED,
	    "tag dis=none override=local_policy cause=dmarc-quarantine "
	    "rule=policy.conf:4",
	    NULL },
	{ "a rule's own reason", "",
	    RULES("{ client = \"192.0.2.0/24\" dmarc-reject = \"accept\" "
		  "override = \"trusted_forwarder\" comment = \"alumni\" "
		  "}\n"),
	    FORGED,
	    "accept dis=none override=trusted_forwarder(alumni) "
	    "cause=dmarc-reject rule=policy.conf:2",
	    NULL },
};

/* --- the rows are driven --- */

static struct mxa_conf *load(const char *conf, const char *policy)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("mxauth.conf", mxa_str_from(conf),
	    *policy ? mxa_str_from(policy) : MXA_STR_NONE, &errors, &warnings);

	ck_assert_msg(c != NULL, "%s", errors);
	free(warnings);
	return c;
}

/* "reject 550 5.7.26 dis=reject cause=dmarc-reject rule=default" */
static const char *sentence(struct mxa_arena *a, const struct mxa_action *act)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	mxa_buf_adds(&b, mxa_action_name(act->kind));
	if (act->reply.n > 0)
		mxa_buf_printf(
		    &b, " %s %s", act->reply.code, act->reply.enhanced);
	mxa_buf_printf(&b, " dis=%s", mxa_dmarc_policy_name(act->disposition));
	if (act->override != MXA_OVERRIDE_NONE)
		mxa_buf_printf(
		    &b, " override=%s", mxa_override_name(act->override));
	/* comments of grounds are their texts; a rule's own is shown */
	if (act->override_comment.len > 0 && act->turned == MXA_GROUND_NONE &&
	    act->override != MXA_OVERRIDE_OTHER)
		mxa_buf_printf(
		    &b, "(%.*s)", MXA_STR_ARG(act->override_comment));
	if (act->cause != MXA_CAUSE_NOTHING)
		mxa_buf_printf(&b, " cause=%s", mxa_cause_name(act->cause));
	if (act->would != act->kind)
		mxa_buf_printf(&b, " would=%s", mxa_action_name(act->would));
	if (act->merge != MXA_MERGE_NONE)
		mxa_buf_printf(&b, " merge=%s", mxa_merge_name(act->merge));
	mxa_buf_printf(&b, " rule=%.*s", MXA_STR_ARG(act->rule));
	return mxa_buf_cstr(&b);
}

static bool names_ground(const struct mxa_action *act, const char *name)
{
	for (size_t i = 0; i < act->n_grounds; i++)
		if (strcmp(mxa_ground_name(act->ground[i]), name) == 0)
			return true;
	return false;
}

/* What holds for every action, whatever decided it. */
static void check_whole(const struct mxa_action *act, const char *name)
{
	bool refused =
	    act->kind == MXA_ACT_DEFER || act->kind == MXA_ACT_REJECT;

	ck_assert_msg((act->reply.n > 0) == refused, "%s: reply", name);
	ck_assert_msg((act->quarantine_reason.len > 0) ==
		(act->kind == MXA_ACT_QUARANTINE),
	    "%s: quarantine reason", name);
	if (refused)
		ck_assert_msg(mxa_reply_codes_ok(mxa_str_from(act->reply.code),
				  mxa_str_from(act->reply.enhanced)),
		    "%s: codes", name);
	ck_assert_msg(act->rule.len > 0, "%s: no rule", name);
}

static void drive(const struct row *row)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load(row->conf, row->policy);
	struct mxa_txn t;
	const char *got;

	test_txn(a, row->words, &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	got = sentence(a, &t.action);
	ck_assert_msg(strcmp(got, row->want) == 0,
	    "%s: got \"%s\", want \"%s\"", row->name, got, row->want);
	if (row->ground != NULL)
		ck_assert_msg(names_ground(&t.action, row->ground),
		    "%s: ground %s is not named", row->name, row->ground);
	check_whole(&t.action, row->name);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}

#define HELO "actions: { helo-fail = \"tag\" }\n"

/* A HELO name whose SPF record does not permit the client. */
static const struct row helo_rows[] = {
	{ "HELO fails", HELO, "",
	    "spf=pass:a.example helo-spf=fail:h.example.net "
	    "dmarc=none:a.example",
	    "tag dis=none cause=helo-fail rule=mxauth.conf:1", NULL },
	{ "HELO passes", HELO, "",
	    "spf=pass:a.example helo-spf=pass:h.example.net "
	    "dmarc=none:a.example",
	    "accept dis=none rule=default", NULL },
	{ "HELO was not looked at", HELO, "",
	    "spf=fail:a.example dmarc=none:a.example",
	    "accept dis=none rule=default", NULL },
	{ "the null sender's SPF is HELO's", HELO, "",
	    "mfrom= spf=fail:h.example.net dmarc=none:a.example",
	    "tag dis=none cause=helo-fail rule=mxauth.conf:1", NULL },
	{ "the null sender's SPF passes", HELO, "",
	    "mfrom= spf=pass:h.example.net dmarc=none:a.example",
	    "accept dis=none rule=default", NULL },
};

START_TEST(helo)
{
	drive(&helo_rows[_i]);
}
END_TEST

#define A60 "a23456789.a23456789.a23456789.a23456789.a23456789.ab.example"

/* What a quarantined message is held for, as Postfix shows it. */
static const struct {
	const char *author, *want;
} reasons[] = {
	{ "example.com", "mxauth: dmarc-quarantine for example.com" },
	{ A60, "mxauth: dmarc-quarantine for " A60 },
	/* half a name would be another one */
	{ "x" A60, "mxauth: dmarc-quarantine" },
};

START_TEST(quarantine_reasons)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load(STRICT, "");
	struct mxa_txn t;

	test_txn(a,
	    mxa_arena_printf(a, "spf=fail:a.example dmarc=fail:%s:quarantine",
		reasons[_i].author),
	    &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	ck_str_is(t.action.quarantine_reason, reasons[_i].want);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

START_TEST(dmarc)
{
	drive(&dmarc_rows[_i]);
}
END_TEST

START_TEST(trust)
{
	drive(&trust_rows[_i]);
}
END_TEST

START_TEST(other_causes)
{
	drive(&other_rows[_i]);
}
END_TEST

START_TEST(dkim_required)
{
	drive(&required_rows[_i]);
}
END_TEST

START_TEST(dns_trouble)
{
	drive(&temperror_rows[_i]);
}
END_TEST

START_TEST(recipients)
{
	drive(&rcpt_rows[_i]);
}
END_TEST

/* --- what no row shows --- */

/* A forger's own means, in every combination: never less than quarantine. */
START_TEST(forgers_alone_get_no_acceptance)
{
	static const char *const means[] = { "list", "dkim=pass:evil.example",
		"dkim=fail/body:example.com",
		"dkim=policy/partial-body:example.com", "arc=pass:evil.example",
		"iprev=pass:evil.example", "spf=pass:evil.example" };
	struct mxa_conf *conf = load("", "");

	for (unsigned set = 0; set < 1u << MXA_ARRAY_LEN(means); set++) {
		struct mxa_arena *a = mxa_arena_new();
		struct mxa_buf words;
		struct mxa_txn t;

		mxa_buf_init(&words, a, 1000);
		mxa_buf_adds(&words, FORGED);
		for (unsigned i = 0; i < MXA_ARRAY_LEN(means); i++)
			if (set & 1u << i)
				mxa_buf_printf(&words, " %s", means[i]);
		test_txn(a, mxa_buf_cstr(&words), &t);
		mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
		ck_assert_msg(t.action.disposition >= MXA_POLICY_QUARANTINE,
		    "%s: %s", mxa_buf_cstr(&words), sentence(a, &t.action));
		mxa_arena_free(a);
	}
	mxa_conf_free(conf);
}
END_TEST

START_TEST(exempt_messages_are_accepted)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf =
	    load(STRICT, RULES("{ client = \"192.0.2.1\" exempt = true }\n"));
	struct mxa_txn t;

	test_txn(a, FORGED "exempt=rule", &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	ck_assert_str_eq(
	    sentence(a, &t.action), "accept dis=none rule=policy.conf:2");
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

START_TEST(sealer_override_carries_the_chain)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load("", "");
	struct mxa_txn t;

	test_txn(a, FORGED "arc=pass:list.example,fwd.example:trusted", &t);
	t.verdict.arc.set[0].aar =
	    MXA_STR(" lists.example; arc=none smtp.remote-ip=\"2001:db8::1a\";"
		    " dmarc=pass header.from=example.com");
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	ck_str_is(t.action.override_comment,
	    "arc=pass as[2].d=fwd.example as[2].s=arc as[1].d=list.example "
	    "as[1].s=arc remote-ip[1]=2001:db8::1a");
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

START_TEST(words_have_values)
{
	enum mxa_action_kind kind;
	enum mxa_profile profile;
	enum mxa_override override;
	enum mxa_cause cause;

	for (int i = 0; i <= MXA_ACT_REJECT; i++) {
		ck_assert(mxa_action_from_name(
		    mxa_str_from(mxa_action_name(i)), &kind));
		ck_assert_int_eq(kind, i);
	}
	for (int i = 0; i <= MXA_PROFILE_MONITOR; i++) {
		ck_assert(mxa_profile_from_name(
		    mxa_str_from(mxa_profile_name(i)), &profile));
		ck_assert_int_eq(profile, i);
	}
	for (int i = 0; i <= MXA_OVERRIDE_OTHER; i++) {
		ck_assert(mxa_override_from_name(
		    mxa_str_from(mxa_override_name(i)), &override));
		ck_assert_int_eq(override, i);
	}
	for (int i = 0; i < MXA_CAUSES; i++) {
		ck_assert(mxa_cause_from_name(
		    mxa_str_from(mxa_cause_name(i)), &cause));
		ck_assert_int_eq(cause, i);
	}
	ck_assert(!mxa_cause_from_name(MXA_STR("nothing"), &cause));
	ck_assert(!mxa_action_from_name(MXA_STR("Reject"), &kind));
}
END_TEST

START_TEST(grounds_have_names_and_texts)
{
	for (int g = MXA_GROUND_NONE + 1; g < MXA_GROUNDS; g++) {
		const struct mxa_ground_info *i = mxa_ground_info(g);

		ck_assert_int_eq(
		    mxa_ground_from_name(mxa_str_from(i->name)), g);
		ck_assert_uint_gt(strlen(i->text), 5);
		/* trusted and indirect ones come first */
		ck_assert(g == MXA_GROUND_NONE + 1 ||
		    i->kind >= mxa_ground_info(g - 1)->kind);
	}
	ck_assert_int_eq(
	    mxa_ground_from_name(MXA_STR("none")), MXA_GROUND_OTHER);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("decide");
	TCase *tc = tcase_create("decide");

	tcase_add_loop_test(tc, dmarc, 0, MXA_ARRAY_LEN(dmarc_rows));
	tcase_add_loop_test(tc, trust, 0, MXA_ARRAY_LEN(trust_rows));
	tcase_add_loop_test(tc, other_causes, 0, MXA_ARRAY_LEN(other_rows));
	tcase_add_loop_test(tc, dkim_required, 0, MXA_ARRAY_LEN(required_rows));
	tcase_add_loop_test(tc, dns_trouble, 0, MXA_ARRAY_LEN(temperror_rows));
	tcase_add_loop_test(tc, recipients, 0, MXA_ARRAY_LEN(rcpt_rows));
	tcase_add_test(tc, forgers_alone_get_no_acceptance);
	tcase_add_test(tc, exempt_messages_are_accepted);
	tcase_add_test(tc, sealer_override_carries_the_chain);
	tcase_add_test(tc, words_have_values);
	tcase_add_loop_test(tc, helo, 0, MXA_ARRAY_LEN(helo_rows));
	tcase_add_loop_test(tc, quarantine_reasons, 0, MXA_ARRAY_LEN(reasons));
	tcase_add_test(tc, grounds_have_names_and_texts);
	suite_add_tcase(s, tc);
	return test_main(s);
}
