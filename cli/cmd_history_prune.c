/* cmd_history_prune.c - mxauth history prune: removes what is older than the
 * configuration says. */
#include "cli/cmd_history.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/i18n.h"
#include "cli/out.h"
#include "conf/conf.h"
#include "history/store_state.h"

int history_prune(struct history *h)
{
	const struct mxa_conf *conf = h->c.conf;
	struct mxa_store_ages ages = { (int64_t)conf->store_keep_messages,
		(int64_t)conf->store_keep_days,
		(int64_t)conf->store_keep_reports };
	struct mxa_store_pruned p;
	struct out o;
	struct mxa_json *j;

	if (!mxa_store_prune(h->c.store, &ages, &p))
		return cli_store_failed(&h->c);
	if (!h->c.cli.json) {
		printf(_("Removed: %lld days of messages, %lld sums, %lld "
			 "reports\n"),
		    (long long)p.message_days, (long long)p.sums,
		    (long long)p.reports);
		return EX_OK;
	}
	out_init(&o, stdout);
	j = out_json(&o, 0);
	mxa_json_open(j, NULL, '{');
	mxa_json_int(j, "message_days", p.message_days);
	mxa_json_int(j, "sums", p.sums);
	mxa_json_int(j, "reports", p.reports);
	mxa_json_int(j, "received_reports", p.received);
	mxa_json_close(j, '}');
	out_json_end(&o);
	return EX_OK;
}
