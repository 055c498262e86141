/* cmd_history_page.c - mxauth history page: received mail as a page for a web
 * server. */
#include "cli/cmd_history.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/page_history.h"
#include "conf/conf.h"

#define PAGE_DAYS 7 /* unless --since says more */

/* Into the store of this run.  Returns the exit status. */
static int read_journals(struct history *h, int64_t since)
{
	const struct mxa_conf *conf = h->c.conf;
	struct mxa_buf complaints;
	struct mxa_import_result r = { .complaints = &complaints };
	struct mxa_import_options o = { .store = h->c.store,
		.host = mxa_str_from(cli_store_host(&h->c)),
		.messages_since = since / MXA_DAY_SECONDS,
		.whole = h->full,
		.own_address = { conf->reports_from, conf->reports_bounces } };

	mxa_buf_init(&complaints, h->a, 64 * 1024);
	if (history_import_paths(h, &o, &r) != MXA_STORE_OK)
		return cli_store_failed(&h->c);
	history_print_complaints(h, &r);
	return complaints.len > 0 ? 1 : EX_OK;
}

/* As the importer of this host keeps them. */
static int64_t messages_since(const struct history *h)
{
	int64_t keep = (int64_t)h->c.conf->store_keep_messages;

	return keep > 0 ? mxa_store_now(h->c.store) - keep : INT64_MAX;
}

int history_page(struct history *h)
{
	int status = EX_OK;
	struct page_history ph = { .store = h->c.store,
		.since = h->since,
		.until = h->until,
		.full = h->full };
	struct page p;
	bool ok;

	if (h->html == NULL) {
		fputs(h->c.cli.usage, stderr);
		return EX_USAGE;
	}
	if (ph.until == 0)
		ph.until = mxa_store_now(h->c.store) + 1;
	if (ph.since == 0)
		ph.since = ph.until - PAGE_DAYS * MXA_DAY_SECONDS;
	if (h->n > 0)
		status = read_journals(h, ph.since);
	else
		ph.kept_since = messages_since(h);
	if (status > 1)
		return status;
	if (!page_open(&p, &h->c.cli, h->html, _("Received mail")))
		return EX_CANTCREAT;
	ok = cli_page_history(&p, &ph);
	if (!ok) {
		page_abandon(&p);
		return cli_store_failed(&h->c);
	}
	return page_close(&p) ? status : EX_CANTCREAT;
}
