/* explain_store.c - what the store knows about a message of another host. */
#include "cli/explain_store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/explain_story.h"
#include "cli/out.h"
#include "cli/page.h"
#include "cli/store_common.h"
#include "conf/conf.h"
#include "history/line.h"
#include "history/store.h"

enum column {
	COL_TIME,
	COL_HOST,
	COL_ID,
	COL_IP,
	COL_AUTHOR,
	COL_SENDER,
	COL_RCPT,
	COL_ACTION,
	COL_CAUSE,
	COL_SPF,
	COL_DKIM,
	COL_DMARC,
	COL_STORY /* empty: the store keeps none of it */
};

static const char newest_sql[] =
    "SELECT m.time, host, queue_id, ip, author, mail_from_domain, "
    "rcpt_domain, action, cause, spf, dkim, dmarc, story "
    "FROM message m LEFT JOIN message_story s ON s.day = m.day "
    "AND s.file_id = m.file_id AND s.pos = m.pos WHERE queue_id = $1 "
    "ORDER BY m.time DESC LIMIT 1";

/* A file that is not there must not be made. */
static bool may_be_there(const struct cli *c, const char *url)
{
	if (strncmp(url, "sqlite:", 7) == 0)
		return access(url + 7, R_OK) == 0;
	return url[0] != '\0' && c->zone == NULL;
}

/* As for a message of the journal: DMARC pass and delivery is no failure. */
static bool row_failed(const struct mxa_row *r)
{
	bool delivered = mxa_str_is(r->col[COL_ACTION], "accept") ||
	    mxa_str_is(r->col[COL_ACTION], "tag");

	if (mxa_str_is(r->col[COL_DMARC], "pass") && delivered)
		return false;
	return mxa_str_is(r->col[COL_DMARC], "fail") ||
	    mxa_str_is(r->col[COL_SPF], "fail") ||
	    mxa_str_is(r->col[COL_SPF], "softfail") ||
	    (!mxa_str_is(r->col[COL_ACTION], "accept") &&
		r->col[COL_CAUSE].len > 0);
}

/* False: there is none. */
static bool print_stored_story(
    struct out *o, struct mxa_arena *a, const struct mxa_row *r)
{
	struct mxa_entry *e = mxa_arena_calloc(a, 1, sizeof(*e));

	if (r->col[COL_STORY].len == 0 ||
	    mxa_line_read(a, r->col[COL_STORY], e) != MXA_OK ||
	    e->kind != MXA_ENTRY_MESSAGE)
		return false;
	cli_story_text(o, a, e, false);
	out_text(o, "\n");
	out_printf(o,
	    _("This is what the store keeps; the journal of %.*s tells "
	      "more.\n"),
	    MXA_STR_ARG(r->col[COL_HOST]));
	return true;
}

static void print_store_row(
    struct out *o, struct mxa_arena *a, const struct mxa_row *r)
{
	static const char *const names[] = { [COL_IP] = "ip",
		[COL_AUTHOR] = "from",
		[COL_SENDER] = "mfrom",
		[COL_RCPT] = "rcpt",
		[COL_ACTION] = "action",
		[COL_CAUSE] = "cause",
		[COL_SPF] = "spf",
		[COL_DKIM] = "dkim",
		[COL_DMARC] = "dmarc" };
	char when[MXA_TIME_TEXT];

	if (print_stored_story(o, a, r))
		return;
	mxa_time_format(mxa_row_int(r, COL_TIME), when);
	out_printf(o, _("Message %.*s, %s, seen by %.*s\n"),
	    MXA_STR_ARG(r->col[COL_ID]), when, MXA_STR_ARG(r->col[COL_HOST]));
	for (size_t i = COL_IP; i <= COL_DMARC; i++)
		if (r->col[i].len > 0) {
			out_printf(o, "    %s: ", names[i]);
			out_line(o, 0, r->col[i]);
		}
	out_printf(o,
	    _("The store keeps no more of it; its reasons are in the journal "
	      "of %.*s.\n"),
	    MXA_STR_ARG(r->col[COL_HOST]));
}

static void put_store_row(
    struct page *page, struct mxa_arena *a, const struct mxa_row *r)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct out o;

	if (f == NULL)
		return;
	out_init(&o, f);
	print_store_row(&o, a, r);
	fclose(f);
	cli_story_page(page, text);
}

static void write_store_row(struct mxa_json *j, const struct mxa_row *r)
{
	static const char *const names[] = { "time", "host", "queue_id", "ip",
		"domain", "mail_from_domain", "rcpt_domain", "action", "cause",
		"spf", "dkim", "dmarc" };

	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "kind", "store");
	mxa_json_bool(j, "auth_failure", row_failed(r));
	mxa_json_int(j, "time", mxa_row_int(r, COL_TIME));
	for (size_t i = COL_HOST; i <= COL_DMARC; i++)
		mxa_json_str(j, names[i], r->col[i]);
	mxa_json_list(j, "failures", NULL, 0);
	mxa_json_list(j, "fixes", NULL, 0);
	mxa_json_close(j, '}');
}

int cli_explain_from_store(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o, struct page *page)
{
	struct mxa_store_options options = { .url = mxa_str_cstr(
						 a, conf->store_url) };
	struct mxa_store *store;
	struct mxa_row row;
	char *error = NULL;
	bool gone;

	if (!may_be_there(c, options.url))
		return -1;
	store = mxa_store_open(&options, &error, &gone);
	if (store == NULL) {
		cli_error(c, _("the store cannot be used: %s"), error);
		free(error);
		return -1;
	}
	mxa_store_row(
	    store, a, newest_sql, MXA_ARGS(MXA_TEXT(mxa_str_from(id))), &row);
	if (mxa_store_state(store) != MXA_STORE_OK)
		cli_error(c, _("the store cannot be used: %s"),
		    mxa_store_error(store));
	mxa_store_close(store);
	if (row.n == 0)
		return -1;
	if (c->json)
		write_store_row(&o->json, &row);
	else
		print_store_row(o, a, &row);
	if (page->f != NULL)
		put_store_row(page, a, &row);
	return row_failed(&row) ? 0 : 1;
}
