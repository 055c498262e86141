/* schema.c - the options of mxauth.conf.
 *
 * A new option is a row here, a field in conf.h, a paragraph in mxauth.conf(5);
 * `make update-sample` writes the sample file anew. */
#include "conf/schema.h"

#include "base/attr.h"
#include "conf/conf.h"

#define AT(field) offsetof(struct mxa_conf, field)
#define LIST(field) AT(field), AT(n_##field)

static const struct mxa_opt_word merges[] = {
	{ "strictest", MXA_RCPT_STRICTEST },
	{ "mildest", MXA_RCPT_MILDEST },
	{ "split", MXA_RCPT_SPLIT },
	{ NULL, 0 },
};

static const struct mxa_opt_word orgdom_modes[] = {
	{ "treewalk", MXA_ORGDOM_TREEWALK },
	{ "psl", MXA_ORGDOM_PSL },
	{ "auto", MXA_ORGDOM_AUTO },
	{ NULL, 0 },
};

static const struct mxa_opt_word report_domains[] = {
	{ "all", MXA_REPORT_ALL },
	{ "known", MXA_REPORT_KNOWN },
	{ NULL, 0 },
};

static const struct mxa_opt_section sections[] = {
	{ "", "" },
	{ "actions",
	    "What to do with a message for a cause, in place of what the "
	    "profile does: \"accept\", \"tag\" (deliver; the header says what "
	    "it is), \"quarantine\" (the MTA's hold queue), \"defer\" (4xx), "
	    "\"reject\" (5xx); \"\" leaves it to the profile. A message with "
	    "several causes gets the strictest of their actions. A rule of the "
	    "policy file that sets a profile or an action goes before these; "
	    "profile monitor never does more than tag." },
	{ "texts",
	    "Words of refusals. Placeholders: %{domain} %{policy} %{cause} "
	    "%{spf} %{dkim} %{dmarc} %{mail-from} %{helo} %{ip} %{receiver} "
	    "%{id} %{rule} %{help-url} %{contact}; %% is a percent sign. "
	    "Printable ASCII." },
	{ "header", "The header fields that are put on messages." },
	{ "dns", "The resolver." },
	{ "spf", "SPF, RFC 7208." },
	{ "dkim", "DKIM, RFC 6376." },
	{ "arc", "ARC, RFC 8617." },
	{ "dmarc", "DMARC, RFC 9989." },
	{ "iprev", "The client's name by reverse DNS, RFC 8601 section 3." },
	{ "journal",
	    "One line of JSON a message: the evidence that mxauth explain and "
	    "mxauth replay read. It holds addresses of people." },
	{ "metrics", "Counters over HTTP, for Prometheus and the like." },
	{ "log", "The log of mxauthd." },
	{ "store",
	    "The database into which mxauth history import takes the journals, "
	    "for questions about many hosts and for our reports. mxauthd never "
	    "uses it." },
	{ "reports",
	    "Reports to domain owners, RFC 9990 and RFC 9991, sent by mxauth "
	    "report send: mxauth-report(1). A group in this section is a "
	    "common beginning: sign: { domain = ... } is sign-domain = ..." },
};

static const struct mxa_opt_word facilities[] = {
	{ "mail", 0 },
	{ "daemon", 0 },
	{ "user", 0 },
	{ "auth", 0 },
	{ "authpriv", 0 },
	{ "local0", 0 },
	{ "local1", 0 },
	{ "local2", 0 },
	{ "local3", 0 },
	{ "local4", 0 },
	{ "local5", 0 },
	{ "local6", 0 },
	{ "local7", 0 },
	{ NULL, 0 },
};

#define ACTION(cause, name, help)                                   \
	{                                                           \
		"actions", name, MXA_OPT_ACTION, AT(action[cause]), \
		    AT(action_at[cause]), NULL, cause, 0, "\"\"",   \
		    "\"reject\"", help, MXA_RELOAD_TAKEN            \
	}

static const struct mxa_opt options[] = {
	{ "", "listen", MXA_OPT_LISTEN, AT(listen), 0, NULL, 0, 0,
	    "\"unix:/run/mxauth/mxauth.sock\"", NULL,
	    "The socket at which the MTA finds mxauthd: unix:PATH, "
	    "inet:PORT@HOST, inet6:PORT@HOST, fd:N (inherited), or Postfix's "
	    "inet:HOST:PORT.\n"
	    "Debian's smtpd is chrooted and cannot reach the default; there "
	    "use \"unix:/var/spool/postfix/mxauth/mxauth.sock\", and in "
	    "Postfix smtpd_milters = unix:mxauth/mxauth.sock.",
	    MXA_RELOAD_RESTART },
	{ "", "socket-mode", MXA_OPT_MODE, AT(socket_mode), 0, NULL, 0, 0,
	    "\"0660\"", NULL,
	    "Permissions of a UNIX socket: octal digits in quotes.",
	    MXA_RELOAD_RESTART },
	{ "", "socket-group", MXA_OPT_NAME, AT(socket_group), 0, NULL, 0, 0,
	    "\"\"", "\"postfix\"",
	    "Its group, which the MTA belongs to; \"\": mxauthd's own.",
	    MXA_RELOAD_RESTART },
	{ "", "user", MXA_OPT_NAME, AT(user), 0, NULL, 0, 0, "\"\"",
	    "\"mxauth\"",
	    "Whom mxauthd becomes when it is started as root. \"\": the user "
	    "mxauth if there is one.",
	    MXA_RELOAD_RESTART },
	{ "", "pid-file", MXA_OPT_PATH, AT(pid_file), 0, NULL, 0, 0, "\"\"",
	    "\"/run/mxauth/mxauthd.pid\"",
	    "Where mxauthd leaves its process id; \"\": nowhere.",
	    MXA_RELOAD_RESTART },
	{ "", "shutdown", MXA_OPT_SECONDS, AT(shutdown_seconds), 0, NULL, 1,
	    3600, "10", NULL,
	    "How long mxauthd waits for messages that are open when it is "
	    "told to stop.",
	    MXA_RELOAD_TAKEN },
	{ "", "maximum-connections", MXA_OPT_COUNT, AT(max_connections), 0,
	    NULL, 1, 60000, "12000", NULL,
	    "Connections of MTAs at the same time; messages on those beyond "
	    "get a temporary error (451 4.3.2).",
	    MXA_RELOAD_TAKEN },
	{ "", "maximum-messages", MXA_OPT_COUNT, AT(max_messages), 0, NULL, 1,
	    60000, "3000", NULL,
	    "Messages at the same time, from MAIL to the answer; those beyond "
	    "get a temporary error (451 4.3.2).",
	    MXA_RELOAD_TAKEN },
	{ "", "authserv-id", MXA_OPT_HOST, AT(authserv_id), 0, NULL, 0, 0,
	    "\"\"", "\"mx.example.jp\"",
	    "The name in Authentication-Results. Fields of that name that "
	    "come in with a message are forged and are removed. \"\": the "
	    "MTA's name.",
	    MXA_RELOAD_TAKEN },
	{ "", "trusted-networks", MXA_OPT_NETWORKS, LIST(trusted_networks),
	    NULL, 0, 0, "[\"127.0.0.0/8\", \"::1/128\"]", NULL,
	    "Clients whose mail is not verified, as authenticated ones are "
	    "not. []: everybody is verified, loopback too.",
	    MXA_RELOAD_TAKEN },
	{ "", "trusted-relays", MXA_OPT_NETWORKS, LIST(trusted_relays), NULL, 0,
	    0, "[]", "[\"192.0.2.25\"]",
	    "Hosts of ours that take mail from the Internet and hand it to "
	    "us: behind them the client is read from their Received fields.",
	    MXA_RELOAD_TAKEN },
	{ "", "trusted-forwarders", MXA_OPT_FORWARDERS, LIST(forwarders), NULL,
	    0, 0, "[]", "[\"198.51.100.0/24\"]",
	    "Networks of forwarders and lists whose mail is delivered "
	    "although DMARC fails; reported as trusted_forwarder.\n"
	    "Forwarders that are known by their DKIM signature belong into "
	    "the policy file, with the authors for whom they sign: "
	    "{ author = \"partner.example\" signer = \"vendor.example\" }. "
	    "A signing domain here turns a refusal into a tag, no more: "
	    "whoever can have mail signed there could write as anybody.",
	    MXA_RELOAD_TAKEN },
	{ "", "profile", MXA_OPT_PROFILE, AT(profile), AT(profile_at), NULL, 0,
	    0, "\"standard\"", NULL,
	    "\"standard\": what fails under a policy of reject is refused when "
	    "nothing says that it is indirect mail, else tagged (RFC 9989 "
	    "section 7.4). \"strict\": the published policy as it stands; much "
	    "of the industry does it, RFC 9989 does not allow it, and lists "
	    "and forwarders suffer. \"monitor\": nothing but tags.",
	    MXA_RELOAD_TAKEN },
	{ "", "recipients", MXA_OPT_WORD, AT(recipients), 0, merges, 0, 0,
	    "\"strictest\"", NULL,
	    "When the rules of a message's recipients differ: \"strictest\" "
	    "(else a forger adds an exempt recipient to reach the others), "
	    "\"mildest\", or \"split\" (the recipient with another rule is "
	    "told 452 4.5.3 and comes in a separate transaction).",
	    MXA_RELOAD_TAKEN },
	{ "", "policy-file", MXA_OPT_PATH, AT(policy_file), 0, NULL, 0, 0,
	    "\"" MXAUTH_SYSCONFDIR "/policy.conf\"", NULL,
	    "Rules by client, recipient and author domain: policy.conf(5). "
	    "It may be missing only when it is not named here; \"\": none.",
	    MXA_RELOAD_TAKEN },

	ACTION(MXA_CAUSE_DMARC_REJECT, "dmarc-reject",
	    "DMARC fails under an effective policy of reject."),
	ACTION(MXA_CAUSE_DMARC_QUARANTINE, "dmarc-quarantine",
	    "DMARC fails under an effective policy of quarantine."),
	ACTION(MXA_CAUSE_NO_AUTHOR, "no-author",
	    "No author domain can be read: From is missing, has no address, or "
	    "is too damaged."),
	ACTION(MXA_CAUSE_MALFORMED_FROM, "malformed-from",
	    "From is repeated, or is not as RFC 5322 defines it."),
	ACTION(MXA_CAUSE_DKIM_REQUIRED, "dkim-required",
	    "No signature of the author domain passes, and a rule of the "
	    "policy file requires one."),
	ACTION(MXA_CAUSE_UNAUTHENTICATED, "unauthenticated",
	    "Neither SPF nor DKIM passes, for any domain."),
	ACTION(MXA_CAUSE_NO_MAIL, "no-mail",
	    "The sender's domain says that it sends no mail: its SPF record is "
	    "v=spf1 -all, or it has a null MX (RFC 7505). The MX is asked for "
	    "only where this has an action."),
	ACTION(MXA_CAUSE_SPF_FAIL, "spf-fail", "SPF says fail."),
	ACTION(MXA_CAUSE_SPF_PERMERROR, "spf-permerror",
	    "The SPF record cannot be used: it has a mistake, or too many "
	    "look-ups."),
	ACTION(MXA_CAUSE_SPF_SOFTFAIL, "spf-softfail", "SPF says softfail."),
	ACTION(MXA_CAUSE_HELO_FAIL, "helo-fail",
	    "SPF says fail for the name in HELO."),
	ACTION(MXA_CAUSE_DMARC_NONE, "dmarc-none",
	    "DMARC fails under a policy of none."),
	ACTION(MXA_CAUSE_TEMPERROR, "temperror",
	    "The DNS did not answer, and the verdict depends on it."),

	{ "texts", "help-url", MXA_OPT_URL, AT(help_url), 0, NULL, 0, 0, "\"\"",
	    "\"https://www.example.jp/mail-refused?id=%{id}\"",
	    "A page for those whose mail is refused; it is named in the "
	    "refusal. Values are percent-encoded.",
	    MXA_RELOAD_TAKEN },
	{ "texts", "contact", MXA_OPT_CONTACT, AT(contact), 0, NULL, 0, 0,
	    "\"\"", "\"postmaster@example.jp\"",
	    "Whom they can ask: an address (one that takes mail without "
	    "authentication) or a telephone number. No placeholders.",
	    MXA_RELOAD_TAKEN },
	{ "texts", "reject", MXA_OPT_REPLY_TEXT, AT(reject_text), 0, NULL, 0, 0,
	    "\"\"",
	    "\"Mail from %{domain} is refused (%{cause}), see %{help-url}\"",
	    "The words of a 5xx reply; \"\": our own, which say what failed. "
	    "The last line with its key=value pairs always comes.",
	    MXA_RELOAD_TAKEN },
	{ "texts", "defer", MXA_OPT_REPLY_TEXT, AT(defer_text), 0, NULL, 0, 0,
	    "\"\"", "\"The DNS of %{domain} does not answer, try later\"",
	    "The words of a 4xx reply.", MXA_RELOAD_TAKEN },
	{ "texts", "reject-code", MXA_OPT_CODE, AT(reject_code),
	    AT(reject_enhanced), NULL, 5, 0, "\"\"", "\"550 5.7.1\"",
	    "Reply code and enhanced code of every rejection; \"\": by cause "
	    "(RFC 7372), which tells the sender most.",
	    MXA_RELOAD_TAKEN },
	{ "texts", "defer-code", MXA_OPT_CODE, AT(defer_code),
	    AT(defer_enhanced), NULL, 4, 0, "\"\"", "\"451 4.7.1\"",
	    "The same of every 4xx reply.", MXA_RELOAD_TAKEN },

	{ "header", "comments", MXA_OPT_BOOL, AT(header_comments), 0, NULL, 0,
	    0, "true", NULL,
	    "Comments in Authentication-Results, which tell people more.",
	    MXA_RELOAD_TAKEN },
	{ "header", "received-spf", MXA_OPT_BOOL, AT(received_spf), 0, NULL, 0,
	    0, "true", NULL, "Add Received-SPF (RFC 7208 section 9.1).",
	    MXA_RELOAD_TAKEN },
	{ "header", "remove-received-spf", MXA_OPT_BOOL,
	    AT(remove_received_spf), 0, NULL, 0, 0, "true", NULL,
	    "Remove incoming Received-SPF that names us as the receiver: it is "
	    "forged.",
	    MXA_RELOAD_TAKEN },
	{ "header", "aliases", MXA_OPT_HOSTS, LIST(authserv_aliases), NULL, 0,
	    0, "[]", "[\"mx-old.example.jp\"]",
	    "Further names of ours: incoming Authentication-Results with them "
	    "are removed as well.",
	    MXA_RELOAD_TAKEN },

	{ "dns", "servers", MXA_OPT_SERVERS, LIST(dns_servers), NULL, 0, 0,
	    "[]", "[\"127.0.0.1\", \"[::1]:53\"]",
	    "Recursive servers, asked in turn: ADDRESS, ADDRESS:PORT, "
	    "[IPV6]:PORT. []: those of resolv.conf. One on the same host is "
	    "best.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "timeout", MXA_OPT_SECONDS, AT(dns_timeout), 0, NULL, 1, 60,
	    "5", NULL, "For one question, all tries at all servers.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "deadline", MXA_OPT_SECONDS, AT(dns_deadline), 0, NULL, 1, 240,
	    "20", NULL,
	    "For all questions of one message. Keep it below the MTA's "
	    "timeout (Postfix: milter_content_timeout, 300 s).",
	    MXA_RELOAD_TAKEN },
	{ "dns", "grace", MXA_OPT_SECONDS, AT(dns_grace), 0, NULL, 0, 60, "1",
	    NULL,
	    "For all answers together that cannot change what is done with a "
	    "message: the name of its client, SPF of HELO, SPF beside an "
	    "author's signature that passes. 0: none is waited for.",
	    MXA_RELOAD_TAKEN },
	{ "dns", "failure-memory", MXA_OPT_SECONDS, AT(dns_failure_memory), 0,
	    NULL, 0, 300, "3", NULL,
	    "For so long a question that failed is not asked again; 0: it "
	    "is.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "cache-size", MXA_OPT_SIZE, AT(dns_cache_size), 0, NULL,
	    UINT64_C(1) << 20, UINT64_C(1) << 40, "\"64M\"", NULL,
	    "Memory for answers and decoded keys.", MXA_RELOAD_RESOLVER },
	{ "dns", "minimum-ttl", MXA_OPT_SECONDS, AT(dns_ttl_floor), 0, NULL, 0,
	    3600, "0", NULL,
	    "Answers are kept at least so long, except those with TTL 0.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "maximum-ttl", MXA_OPT_SECONDS, AT(dns_ttl_ceiling), 0, NULL,
	    1, 604800, "\"1d\"", NULL, "And at most so long.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "refresh-hits", MXA_OPT_COUNT, AT(dns_refresh_hits), 0, NULL,
	    0, 100000, "2", NULL,
	    "An answer that so many messages used is asked again in the "
	    "background shortly before its TTL ends, so that none waits for "
	    "it; 0: none is.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "maximum-waiting", MXA_OPT_COUNT, AT(dns_max_waiting), 0, NULL,
	    1, 100000, "2000", NULL,
	    "Messages that may wait for the DNS at the same time; beyond, "
	    "what is open is a temporary error at once.",
	    MXA_RELOAD_RESOLVER },
	{ "dns", "trust-ad", MXA_OPT_BOOL, AT(dns_trust_ad), 0, NULL, 0, 0,
	    "false", NULL,
	    "Note answers as validated by DNSSEC when the server says so. "
	    "Only for a validating server on the same host.",
	    MXA_RELOAD_RESOLVER },

	{ "spf", "engine", MXA_OPT_SPF_ENGINE, AT(auth.spf_engine), 0, NULL, 0,
	    0, "\"native\"", NULL,
	    "\"native\", or \"libspf2\" for the answers of other software with "
	    "that library.",
	    MXA_RELOAD_TAKEN },
	{ "spf", "maximum-void-lookups", MXA_OPT_COUNT, AT(auth.spf_max_voids),
	    0, NULL, 0, 10, "2", NULL,
	    "Terms that may find nothing (RFC 7208 section 4.6.4).",
	    MXA_RELOAD_TAKEN },
	{ "spf", "check-helo", MXA_OPT_BOOL, AT(auth.check_helo), 0, NULL, 0, 0,
	    "true", NULL,
	    "Check the HELO name on its own as well; it never counts for "
	    "DMARC.",
	    MXA_RELOAD_TAKEN },

	{ "dkim", "engine", MXA_OPT_DKIM_ENGINE, AT(auth.dkim_engine), 0, NULL,
	    0, 0, "\"native\"", NULL, "\"native\", or \"libopendkim\".",
	    MXA_RELOAD_TAKEN },
	{ "dkim", "minimum-rsa-bits", MXA_OPT_COUNT, AT(auth.dkim_min_rsa_bits),
	    0, NULL, 1024, 8192, "1024", NULL,
	    "Signatures with shorter keys do not pass (RFC 8301).",
	    MXA_RELOAD_TAKEN },
	{ "dkim", "maximum-signatures", MXA_OPT_COUNT,
	    AT(auth.dkim_max_signatures), 0, NULL, 1, 500, "16", NULL,
	    "So many signatures of a message are verified, those of the "
	    "author's domain first.",
	    MXA_RELOAD_TAKEN },
	{ "dkim", "accept-partial-body", MXA_OPT_BOOL,
	    AT(auth.dkim_accept_partial_body), 0, NULL, 0, 0, "false", NULL,
	    "Let a signature pass that leaves the end of the body unsigned "
	    "(l=): anybody can put his own text there.",
	    MXA_RELOAD_TAKEN },
	{ "dkim", "clock-skew", MXA_OPT_SECONDS, AT(auth.clock_skew), 0, NULL,
	    0, 86400, "\"5m\"", NULL,
	    "By so much other clocks may be wrong (t= and x=).",
	    MXA_RELOAD_TAKEN },

	{ "arc", "trusted-sealers", MXA_OPT_SEALERS, AT(auth.trusted_sealers),
	    AT(auth.n_trusted_sealers), NULL, 0, 0, "[]",
	    "[\"lists.example.jp\", \".example.net\"]",
	    "Domains whose seals vouch for mail that changed on its way. []: "
	    "ARC is off. \"*\": every chain is validated and reported, nobody "
	    "is trusted by it.",
	    MXA_RELOAD_TAKEN },
	{ "arc", "maximum-sets", MXA_OPT_COUNT, AT(auth.arc_max_sets), 0, NULL,
	    1, 50, "50", NULL, "Longer chains fail.", MXA_RELOAD_TAKEN },

	{ "dmarc", "organizational-domain", MXA_OPT_WORD, AT(auth.orgdom_mode),
	    0, orgdom_modes, 0, 0, "\"treewalk\"", NULL,
	    "\"treewalk\" (RFC 9989), \"psl\" (the public suffix list, as in "
	    "RFC 7489), or \"auto\" (treewalk; a note where the list says "
	    "otherwise).",
	    MXA_RELOAD_TAKEN },
	{ "dmarc", "public-suffix-list", MXA_OPT_PATH, AT(psl_file), 0, NULL, 0,
	    0, "\"\"", "\"/usr/share/publicsuffix/public_suffix_list.dat\"",
	    "That list; \"\": the newer of the system's and libpsl's own.",
	    MXA_RELOAD_TAKEN },
	{ "dmarc", "single-label-guard", MXA_OPT_BOOL,
	    AT(auth.single_label_guard), 0, NULL, 0, 0, "true", NULL,
	    "Two different names never align because a top-level domain "
	    "publishes a record, unless that says psd=n.",
	    MXA_RELOAD_TAKEN },
	{ "dmarc", "honour-pct-zero", MXA_OPT_BOOL, AT(auth.honour_pct_zero), 0,
	    NULL, 0, 0, "false", NULL,
	    "Take the historic pct=0 for t=y. Other values of pct are always "
	    "ignored.",
	    MXA_RELOAD_TAKEN },

	{ "iprev", "check", MXA_OPT_BOOL, AT(auth.check_iprev), 0, NULL, 0, 0,
	    "true", NULL,
	    "Ask for the name and confirm it; evidence only, no action.",
	    MXA_RELOAD_TAKEN },

	{ "journal", "directory", MXA_OPT_PATH, AT(journal_directory), 0, NULL,
	    0, 0, "\"" MXAUTH_STATEDIR "/journal\"", NULL,
	    "Where it is; \"\": none is written. A directory that is not "
	    "there is said once in the log, and mail goes on.",
	    MXA_RELOAD_RESTART },
	{ "journal", "maximum-size", MXA_OPT_SIZE, AT(journal_max_size), 0,
	    NULL, UINT64_C(1) << 20, UINT64_C(1) << 50, "\"1G\"", NULL,
	    "All files together; the oldest go first. A message is a line of 2 "
	    "to 3 kB.",
	    MXA_RELOAD_RESTART },
	{ "journal", "maximum-age", MXA_OPT_AGE, AT(journal_max_age), 0, NULL,
	    3600, UINT64_C(86400) * 36500, "\"90d\"", NULL, "Older files go.",
	    MXA_RELOAD_RESTART },
	{ "journal", "maximum-unimported", MXA_OPT_SIZE,
	    AT(journal_max_unimported), 0, NULL, UINT64_C(1) << 20,
	    UINT64_C(1) << 50, "\"4G\"", NULL,
	    "Where mxauth history import runs, files that it has not read yet "
	    "are kept beyond maximum-size and maximum-age, until all files "
	    "together are as large as this.",
	    MXA_RELOAD_RESTART },

	{ "metrics", "listen", MXA_OPT_HOST_PORT, AT(metrics_listen), 0, NULL,
	    0, 0, "\"\"", "\"127.0.0.1:9811\"",
	    "ADDRESS:PORT; \"\": off. Whoever can connect can read them.",
	    MXA_RELOAD_RESTART },

	{ "log", "facility", MXA_OPT_NAME, AT(syslog_facility), 0, facilities,
	    0, 0, "\"mail\"", NULL,
	    "Of syslog: mail, daemon, user, auth, authpriv, local0 to "
	    "local7.",
	    MXA_RELOAD_RESTART },

	{ "store", "url", MXA_OPT_CONTACT, AT(store_url), 0, NULL, 0, 0,
	    "\"sqlite:" MXAUTH_STATEDIR "/store.db\"",
	    "\"postgresql://mxauth@db.example.jp/mxauth\"",
	    "sqlite:PATH for one host (not on a network file system), or a "
	    "libpq URL of a PostgreSQL server for several. Keep the password in ~/.pgpass.",
	    MXA_RELOAD_TAKEN },
	{ "store", "host", MXA_OPT_HOST, AT(store_host), 0, NULL, 0, 0, "\"\"",
	    "\"mx1.example.jp\"",
	    "The name under which this host's messages are kept; \"\": the "
	    "machine's name.",
	    MXA_RELOAD_TAKEN },
	{ "store", "keep-messages", MXA_OPT_AGE, AT(store_keep_messages), 0,
	    NULL, 0, UINT64_C(86400) * 36500, "\"14d\"", NULL,
	    "How long single messages are kept, for mxauth history list and page; 0: only sums are kept.",
	    MXA_RELOAD_TAKEN },
	{ "store", "keep-days", MXA_OPT_AGE, AT(store_keep_days), 0, NULL,
	    UINT64_C(86400) * 3, UINT64_C(86400) * 36500, "\"35d\"", NULL,
	    "How long the daily sums are kept, from which reports are made.",
	    MXA_RELOAD_TAKEN },
	{ "store", "keep-reports", MXA_OPT_AGE, AT(store_keep_reports), 0, NULL,
	    UINT64_C(86400) * 3, UINT64_C(86400) * 36500, "\"400d\"", NULL,
	    "How long reports and their deliveries are kept.",
	    MXA_RELOAD_TAKEN },
	{ "store", "metrics-file", MXA_OPT_PATH, AT(store_metrics_file), 0,
	    NULL, 0, 0, "\"\"",
	    "\"/var/lib/prometheus/node-exporter/mxauth.prom\"",
	    "Written after each import and each run of report send, in the "
	    "text format of Prometheus; \"\": none.",
	    MXA_RELOAD_TAKEN },

	{ "reports", "send", MXA_OPT_BOOL, AT(reports_send), 0, NULL, 0, 0,
	    "false", NULL, "Whether reports leave this host at all.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "organization", MXA_OPT_CONTACT, AT(reports_organization),
	    0, NULL, 0, 0, "\"\"", "\"Example Mail\"",
	    "Who reports; \"\": the domain of from.", MXA_RELOAD_TAKEN },
	{ "reports", "from", MXA_OPT_ADDRESS, AT(reports_from), 0, NULL, 0, 0,
	    "\"\"", "\"noreply@reports.example.jp\"",
	    "The author of report mails. Take a subdomain of its own with a "
	    "DMARC record without rua, so that nobody reports on reports.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "bounces", MXA_OPT_ADDRESS, AT(reports_bounces), 0, NULL,
	    0, 0, "\"\"", "\"bounces@reports.example.jp\"",
	    "Where report mails that cannot be delivered come back to, as "
	    "bounces+ID@..., for mxauth report bounced; \"\": nowhere (the "
	    "null sender).",
	    MXA_RELOAD_TAKEN },
	{ "reports", "contact", MXA_OPT_CONTACT, AT(reports_contact), 0, NULL,
	    0, 0, "\"\"", "\"https://www.example.jp/dmarc\"",
	    "Where readers of a report find more.", MXA_RELOAD_TAKEN },
	{ "reports", "mailer", MXA_OPT_CONTACT, AT(reports_mailer), 0, NULL, 0,
	    0, "\"sendmail\"", "\"smtp://relay.example.jp:587\"",
	    "\"sendmail\", whose queue does the rest, or "
	    "smtp://[USER@]HOST[:PORT] (with STARTTLS where it is offered) or "
	    "smtps://[USER@]HOST[:PORT].",
	    MXA_RELOAD_TAKEN },
	{ "reports", "sendmail", MXA_OPT_PATH, AT(reports_sendmail), 0, NULL, 0,
	    0, "\"/usr/sbin/sendmail\"", NULL,
	    "The program that mailer = \"sendmail\" calls.", MXA_RELOAD_TAKEN },
	{ "reports", "password-file", MXA_OPT_PATH, AT(reports_password_file),
	    0, NULL, 0, 0, "\"\"", "\"/etc/mxauth/smtp-password\"",
	    "Its first line is USER's password. Without TLS it is not sent.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "ca-file", MXA_OPT_PATH, AT(reports_ca_file), 0, NULL, 0,
	    0, "\"\"", "\"/etc/ssl/certs/example-ca.pem\"",
	    "Who may vouch for the server's certificate when there is a "
	    "password (PEM); \"\": whom the system trusts.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "sign-domain", MXA_OPT_HOST, AT(reports_sign_domain), 0,
	    NULL, 0, 0, "\"\"", "\"reports.example.jp\"",
	    "Report mails are signed for that domain (DKIM); \"\": the MTA "
	    "signs them. The domain of from, or one that aligns with it.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "sign-selector", MXA_OPT_HOST, AT(reports_sign_selector),
	    0, NULL, 0, 0, "\"\"", "\"r1\"",
	    "The key's record is at SELECTOR._domainkey.DOMAIN.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "sign-key", MXA_OPT_PATH, AT(reports_sign_key), 0, NULL, 0,
	    0, "\"\"", "\"/etc/mxauth/report.key\"",
	    "The private key, RSA in PEM.", MXA_RELOAD_TAKEN },
	{ "reports", "exclude", MXA_OPT_EXCLUSIONS, LIST(reports_exclude), NULL,
	    0, 0, "[]",
	    "[\"optout.example\", \"x@victim.example\", \"@victim.example\"]",
	    "No reports of these policy domains, to these addresses, or to any "
	    "address of a domain (with @ before it).",
	    MXA_RELOAD_TAKEN },
	{ "reports", "domains", MXA_OPT_WORD, AT(reports_domains), 0,
	    report_domains, 0, 0, "\"all\"", NULL,
	    "\"all\" that ask for reports, or \"known\": only those of which "
	    "some mail passed DMARC and was not refused, so that a spammer's "
	    "throw-away domains get none.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "maximum-per-hour", MXA_OPT_COUNT, AT(reports_per_hour), 0,
	    NULL, 1, 10000000, "10000", NULL,
	    "How many report mails may leave in an hour.", MXA_RELOAD_TAKEN },
	{ "reports", "maximum-per-hour-each", MXA_OPT_COUNT,
	    AT(reports_per_hour_each), 0, NULL, 1, 10000000, "2000", NULL,
	    "How many of them may go to the addresses of one domain.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "failure-reports", MXA_OPT_BOOL, AT(failure_reports), 0,
	    NULL, 0, 0, "false", NULL,
	    "Send reports of single messages (RFC 9991) to domains that ask "
	    "for them; they hold parts of other people's mail.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "failure-reports-per-hour", MXA_OPT_COUNT,
	    AT(failure_reports_per_hour), 0, NULL, 1, 100000, "10", NULL,
	    "How many may go to one domain; further ones are counted in the field Incidents of the next.",
	    MXA_RELOAD_TAKEN },
	{ "reports", "failure-directory", MXA_OPT_PATH, AT(failure_directory),
	    0, NULL, 0, 0, "\"" MXAUTH_STATEDIR "/failures\"", NULL,
	    "Where mxauthd leaves the header section of such messages for "
	    "mxauth report send, without local parts; at most 1000 files.",
	    MXA_RELOAD_RESTART },
};

const struct mxa_opt *mxa_schema(size_t *n)
{
	*n = MXA_ARRAY_LEN(options);
	return options;
}

const struct mxa_opt_section *mxa_schema_sections(size_t *n)
{
	*n = MXA_ARRAY_LEN(sections);
	return sections;
}
