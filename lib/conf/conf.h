/* conf.h - the configuration: mxauth.conf and the policy file it names, as one
 * immutable object.  The table conf/schema.c describes every option: the
 * loader, `mxauth config`, the sample file and the manual-page test read it. */
#ifndef MXA_CONF_CONF_H
#define MXA_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/options.h"
#include "base/ipaddr.h"
#include "base/str.h"
#include "conf/words.h"

struct mxa_rules; /* policy/rules.h */
struct mxa_arena;
struct mxa_psl;
struct mxa_dns_options; /* dns/stub.h */

enum mxa_rcpt_merge { MXA_RCPT_STRICTEST, MXA_RCPT_MILDEST, MXA_RCPT_SPLIT };

/* Whose reports are made: of every domain that asks, or only of those of which
 * some mail passed and was not refused. */
enum mxa_report_domains { MXA_REPORT_ALL, MXA_REPORT_KNOWN };

struct mxa_conf {
	struct mxa_arena *arena; /* owns everything below */

	/* daemon */
	struct mxa_str listen;
	struct mxa_str socket_group;	/* empty: as created */
	unsigned socket_mode;		/* 0660 */
	struct mxa_str user;		/* empty: see mxauthd(8) */
	struct mxa_str pid_file;	/* empty: none */
	struct mxa_str syslog_facility; /* "mail" */
	uint32_t shutdown_seconds;	/* 10 */
	uint32_t max_connections;	/* 12000 */
	uint32_t max_messages;		/* 3000 */

	/* identity */
	struct mxa_str authserv_id; /* empty: the MTA's name */
	struct mxa_str *authserv_aliases;
	size_t n_authserv_aliases;

	/* who is verified */
	struct mxa_cidr *trusted_networks;
	size_t n_trusted_networks;
	struct mxa_cidr *trusted_relays;
	size_t n_trusted_relays;

	/* decision */
	enum mxa_profile profile;
	struct mxa_str profile_at; /* "mxauth.conf:7", or "default" */
	/* Action of each cause in the default rule (group "actions");
	 * MXA_ACTION_UNSET: by profile.  decide() reads struct mxa_ruling
	 * (policy/rules.h), which has both these and the rules. */
	int action[MXA_CAUSES];
	struct mxa_str action_at[MXA_CAUSES];
	enum mxa_rcpt_merge recipients;
	struct mxa_str policy_file;
	const struct mxa_rules *rules; /* policy/load.h; never NULL then */
	struct mxa_cidr *forwarders;   /* trusted forwarders by network */
	size_t n_forwarders;
	struct mxa_str *forwarder_domains; /* and by passing d= */
	size_t n_forwarder_domains;
	/* where trusted-forwarders and trusted-sealers are set, like
	 * profile_at */
	struct mxa_str forwarders_at;
	struct mxa_str sealers_at;

	/* reply texts; placeholders of conf/texts.h, checked at load */
	struct mxa_str help_url;
	struct mxa_str contact;	    /* no placeholders */
	struct mxa_str reject_text; /* empty: built-in words */
	struct mxa_str defer_text;
	/* codes for every refusal, "550" and "5.7.1"; empty: by cause */
	struct mxa_str reject_code, reject_enhanced;
	struct mxa_str defer_code, defer_enhanced;

	/* header */
	bool header_comments;	  /* true */
	bool received_spf;	  /* true */
	bool remove_received_spf; /* incoming, that names us; true */

	/* dns */
	const char **dns_servers;
	size_t n_dns_servers;
	uint32_t dns_timeout;	     /* seconds, 5 */
	uint32_t dns_deadline;	     /* seconds, 20 */
	uint32_t dns_grace;	     /* seconds, 1 */
	uint32_t dns_failure_memory; /* seconds, 3 */
	uint64_t dns_cache_size;     /* bytes, 64 MiB */
	uint32_t dns_ttl_floor;	     /* seconds, 0 */
	uint32_t dns_ttl_ceiling;    /* seconds, 86400 */
	uint32_t dns_refresh_hits;   /* uses before an answer is refreshed, 2 */
	uint32_t dns_max_waiting;    /* messages that may wait at once, 2000 */
	bool dns_trust_ad;

	struct mxa_auth_options auth;
	struct mxa_str psl_file; /* empty: the system's */
	struct mxa_psl *psl;	 /* what auth.psl shows; freed with us */

	/* evidence */
	struct mxa_str journal_directory; /* empty: off */
	uint64_t journal_max_size;
	uint64_t journal_max_age; /* seconds */
	uint64_t journal_max_unimported;
	struct mxa_str metrics_listen; /* empty: off */

	/* the store: only the tools */
	struct mxa_str store_url;
	struct mxa_str store_host;	   /* empty: this machine's name */
	uint64_t store_keep_messages;	   /* seconds; 0: sums only */
	uint64_t store_keep_days;	   /* seconds, of sums */
	uint64_t store_keep_reports;	   /* seconds */
	struct mxa_str store_metrics_file; /* empty: none */

	/* our own reports */
	bool reports_send; /* false: nothing leaves the host */
	struct mxa_str reports_organization;
	struct mxa_str reports_from;	/* address */
	struct mxa_str reports_bounces; /* address; empty: the null sender */
	struct mxa_str reports_contact;
	struct mxa_str reports_mailer; /* "sendmail", or an SMTP URL */
	struct mxa_str reports_sendmail;
	struct mxa_str reports_password_file;
	struct mxa_str reports_ca_file;	    /* empty: the system's */
	struct mxa_str reports_sign_domain; /* empty: the MTA signs */
	struct mxa_str reports_sign_selector;
	struct mxa_str reports_sign_key;
	struct mxa_str *reports_exclude;
	size_t n_reports_exclude;
	enum mxa_report_domains reports_domains;
	uint32_t reports_per_hour;
	uint32_t reports_per_hour_each;
	bool failure_reports;
	uint32_t failure_reports_per_hour;
	struct mxa_str failure_directory;
};

#define MXA_ACTION_UNSET (-1) /* the same value as MXA_RULE_UNSET */

/* The resolver that it asks for; the strings are the configuration's. */
void mxa_conf_dns_options(
    const struct mxa_conf *c, struct mxa_dns_options *out);

/* NULL is fine. */
void mxa_conf_free(struct mxa_conf *c);

#endif
