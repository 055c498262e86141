/* cmd_history.c - mxauth history: its options, and which verb does what; each
 * verb is a file of its own. */
#include "cli/cmd_history.h"

#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "cli/store_common.h"

static const char usage[] =
    "usage: mxauth history import [OPTION]... [JOURNAL...]\n"
    "       mxauth history list [OPTION]... [JOURNAL...]\n"
    "       mxauth history status [OPTION]...\n"
    "       mxauth history prune [OPTION]...\n"
    "       mxauth history page --html PAGE [OPTION]... [JOURNAL...]\n"
    "\n"
    "import takes journals (files or directories; default: that of the\n"
    "configuration) into the store, each line once; list shows messages of\n"
    "the store, or of journals; status how far each host has been imported,\n"
    "prune removes what is older than the configuration says, page shows what\n"
    "was refused, by whom and why, as a page for a web server.\n"
    "\n"
    "  --store URL    sqlite:PATH or postgresql://...; default: store.url\n"
    "  --now T        as if it were that time\n"
    "  --follow       import: go on until SIGTERM or SIGINT\n"
    "  --since T      list, page: from that time on (page: the last 7 days)\n"
    "  --until T      list, page: before that time\n"
    "  --html PAGE    page: the file\n"
    "  --full         page: whole addresses of clients; of journals, of "
    "mailboxes\n"
    "  --author D     list: of that author domain (.D: its subdomains, too)\n"
    "  --ip A         list: from that client\n"
    "  --rcpt D       list: to that recipient domain (journals: or address)\n"
    "  --mail-from D  list: with that sender domain (journals: or address)\n"
    "  --message-id I list: with that Message-ID; asks the journals\n"
    "  --action A     list: accept, tag, quarantine, defer or reject\n"
    "  --limit N      list: at most so many, the newest (default 100)\n"
    "  --json         answer as JSON\n"
    "\n"
    "Times are RFC 3339, dates, or seconds since 1970.\n"
    "Exit status: 0 done, 1 something is left or nothing was found,\n"
    "75 the store cannot be used.\n";

static const struct {
	const char *name;
	int (*run)(struct history *h);
	bool paths; /* takes arguments */
} verbs[] = {
	{ "import", history_import, true },
	{ "list", history_list, true },
	{ "status", history_status, false },
	{ "prune", history_prune, false },
	{ "page", history_page, true },
};

static bool take_limit(void *self, const char *value)
{
	struct history *h = self;

	if (mxa_str_u64(mxa_str_from(value), 1000000000, &h->limit))
		return true;
	cli_error(&h->c.cli, _("--limit expects a number, found '%s'"), value);
	return false;
}

static int run_verb(struct history *h, int verb)
{
	int status;

	h->a = mxa_arena_new();
	if (verbs[verb].run == history_list &&
	    (h->n > 0 || h->message_id != NULL)) {
		status = history_list_journals(h);
		mxa_arena_free(h->a);
		return status;
	}
	/* a page of journals needs no store but that of this run */
	if (verbs[verb].run == history_page && h->n > 0)
		h->c.url = "sqlite::memory:";
	if (!cli_store_open(&h->c, &status)) {
		mxa_arena_free(h->a);
		return status;
	}
	status = verbs[verb].run(h);
	mxa_arena_free(h->a);
	cli_store_close(&h->c);
	return status;
}

int mxa_cmd_history(int argc, char **argv)
{
	struct history h = {
		.c = { .cli = { .name = "history", .usage = usage } },
		.limit = 100
	};
	const struct cli_opt own[] = {
		{ "follow", .given = &h.follow },
		{ "since", .time = &h.since },
		{ "until", .time = &h.until },
		{ "author", .text = &h.author },
		{ "ip", .text = &h.ip },
		{ "rcpt", .text = &h.rcpt },
		{ "mail-from", .text = &h.mail_from },
		{ "message-id", .text = &h.message_id },
		{ "action", .text = &h.action },
		{ "limit", .take = take_limit },
		{ "html", .text = &h.html },
		{ "full", .given = &h.full },
		CLI_STORE_OPTIONS(&h.c),
	};
	int verb = -1,
	    status =
		cli_options(&h.c.cli, own, MXA_ARRAY_LEN(own), &h, argc, argv);

	if (status >= 0)
		return status;
	for (size_t i = 0; optind < argc && i < MXA_ARRAY_LEN(verbs); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0)
			verb = (int)i;
	if (verb < 0 || (!verbs[verb].paths && optind + 1 < argc))
		return cli_usage(&h.c.cli);
	h.n = argc - optind - 1;
	h.path = argv + optind + 1;
	return run_verb(&h, verb);
}
