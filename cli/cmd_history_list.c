/* cmd_history_list.c - mxauth history list: messages of the store, or of
 * journals. */
#include "cli/cmd_history.h"

#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/domain.h"
#include "cli/history_journal.h"
#include "cli/out.h"
#include "conf/conf.h"

static const char list_sql[] =
    "SELECT time, host, queue_id, ip, author, mail_from_domain, rcpt_domain, "
    "action, cause, spf, dkim, dmarc FROM message "
    "WHERE day >= $1 AND day <= $2 AND time >= $3 AND time < $4 "
    "AND ($5 = '' OR author = $5 OR author LIKE $6) "
    "AND ($7 = '' OR ip = $7) AND ($8 = '' OR rcpt_domain = $8) "
    "AND ($9 = '' OR action = $9) "
    "AND ($10 = '' OR mail_from_domain = $10) "
    "ORDER BY time DESC, file_id, pos LIMIT $11";

struct list_writer {
	struct out *o;
	struct mxa_json *j; /* NULL: text */
	bool any;	    /* a row came */
};

static const char *const list_keys[] = { "time", "host", "id", "ip", "author",
	"mail_from_domain", "rcpt_domain", "action", "cause", "spf", "dkim",
	"dmarc" };

static bool write_list_row(void *ctx, const struct mxa_row *r)
{
	struct list_writer *w = ctx;
	char time[MXA_TIME_TEXT];

	mxa_time_format(mxa_row_int(r, 0), time);
	w->any = true;
	if (w->j != NULL) {
		mxa_json_open(w->j, NULL, '{');
		mxa_json_word(w->j, "time", time);
		for (size_t i = 1; i < r->n; i++)
			mxa_json_str(w->j, list_keys[i], r->col[i]);
		mxa_json_close(w->j, '}');
		return true;
	}
	/* as the log line of mxauthd: KEY=VALUE, the queue id first */
	out_printf(w->o, "%s %.*s %.*s:", time, MXA_STR_ARG(r->col[1]),
	    MXA_STR_ARG(r->col[2]));
	for (size_t i = 3; i < r->n; i++)
		if (r->col[i].len > 0)
			out_printf(w->o, " %s=%.*s", list_keys[i],
			    MXA_STR_ARG(r->col[i]));
	out_text(w->o, "\n");
	return true;
}

/* The A-label form of what the operator typed; ".d" keeps its dot. */
static struct mxa_str domain_filter(struct mxa_arena *a, const char *s)
{
	struct mxa_str given = mxa_str_from(s ? s : ""), out;
	bool dot = mxa_str_starts(given, MXA_STR("."));

	if (mxa_domain_canonical(a, mxa_str_sub(given, dot, given.len), &out) !=
	    MXA_OK)
		return given;
	return dot
	    ? mxa_str_from(mxa_arena_printf(a, ".%.*s", MXA_STR_ARG(out)))
	    : out;
}

static struct mxa_str ip_filter(struct mxa_arena *a, const char *s)
{
	char text[MXA_IP_TEXT];
	struct mxa_ip ip;

	if (s == NULL || !mxa_ip_parse(mxa_str_from(s), &ip))
		return mxa_str_from(s ? s : "");
	return mxa_str_dup(a, mxa_str_from(mxa_ip_format(&ip, text)));
}

/* From journals: those that are named, or that of the configuration. */
int history_list_journals(struct history *h)
{
	struct mxa_conf *conf = h->n == 0 ? cli_conf(&h->c.cli) : NULL;
	const struct journal_filter f = {
		.since = h->since,
		.until = h->until > 0 ? h->until : INT64_MAX,
		.author = domain_filter(h->a, h->author),
		.ip = ip_filter(h->a, h->ip),
		.rcpt = mxa_str_from(h->rcpt),
		.mail_from = mxa_str_from(h->mail_from),
		.message_id = mxa_str_from(h->message_id),
		.action = mxa_str_from(h->action),
	};
	struct out o;
	struct list_writer w = { .o = &o };
	char *configured;
	int status;

	if (h->n == 0 && conf == NULL)
		return EX_CONFIG;
	if (conf != NULL) {
		configured = mxa_str_cstr(h->a, conf->journal_directory);
		h->n = 1;
		h->path = &configured;
	}
	out_init(&o, stdout);
	if (h->c.cli.json) {
		w.j = out_json(&o, 1);
		mxa_json_open(w.j, NULL, '[');
	}
	status = journal_list(
	    &h->c.cli, h->path, h->n, &f, h->limit, write_list_row, &w);
	if (w.j != NULL) {
		mxa_json_close(w.j, ']');
		out_json_end(&o);
	}
	mxa_conf_free(conf);
	return status;
}

int history_list(struct history *h)
{
	struct mxa_str author = domain_filter(h->a, h->author);
	bool below = mxa_str_starts(author, MXA_STR("."));
	int64_t until = h->until > 0 ? h->until : INT64_MAX / 2;
	struct out o;
	struct list_writer w = { .o = &o };

	out_init(&o, stdout);
	if (h->c.cli.json) {
		w.j = out_json(&o, 1);
		mxa_json_open(w.j, NULL, '[');
	}
	mxa_store_query(h->c.store, list_sql,
	    MXA_ARGS(MXA_INT(h->since / MXA_DAY_SECONDS),
		MXA_INT(until / MXA_DAY_SECONDS), MXA_INT(h->since),
		MXA_INT(until),
		MXA_TEXT(mxa_str_sub(author, below, author.len)),
		MXA_TEXT(below ? mxa_str_from(mxa_arena_printf(
				     h->a, "%%%.*s", MXA_STR_ARG(author)))
			       : MXA_STR("")),
		MXA_TEXT(ip_filter(h->a, h->ip)),
		MXA_TEXT(domain_filter(h->a, h->rcpt)),
		MXA_TEXT(mxa_str_from(h->action ? h->action : "")),
		MXA_TEXT(domain_filter(h->a, h->mail_from)), MXA_INT(h->limit)),
	    write_list_row, &w);
	if (w.j != NULL) {
		mxa_json_close(w.j, ']');
		out_json_end(&o);
	}
	if (mxa_store_state(h->c.store) != MXA_STORE_OK)
		return cli_store_failed(&h->c);
	return w.any ? EX_OK : 1;
}
