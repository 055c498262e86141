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

enum {
	OPT_FOLLOW = CLI_OPT_STORE_OWN,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_AUTHOR,
	OPT_IP,
	OPT_RCPT,
	OPT_MAIL_FROM,
	OPT_MESSAGE_ID,
	OPT_ACTION,
	OPT_LIMIT,
	OPT_HTML,
	OPT_FULL,
};

static const struct option options[] = {
	{ "follow", no_argument, NULL, OPT_FOLLOW },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "author", required_argument, NULL, OPT_AUTHOR },
	{ "ip", required_argument, NULL, OPT_IP },
	{ "rcpt", required_argument, NULL, OPT_RCPT },
	{ "mail-from", required_argument, NULL, OPT_MAIL_FROM },
	{ "message-id", required_argument, NULL, OPT_MESSAGE_ID },
	{ "action", required_argument, NULL, OPT_ACTION },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "full", no_argument, NULL, OPT_FULL },
	CLI_STORE_OPTIONS,
	CLI_COMMON_OPTIONS,
	{ 0 },
};

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

/* False: bad usage, and that has been said. */
static bool take_history_option(struct history *h, int opt)
{
	switch (opt) {
	case OPT_FOLLOW:
		h->follow = true;
		return true;
	case OPT_SINCE:
		return cli_take_time(&h->c.cli, "--since", &h->since);
	case OPT_UNTIL:
		return cli_take_time(&h->c.cli, "--until", &h->until);
	case OPT_AUTHOR:
		h->author = optarg;
		return true;
	case OPT_IP:
		h->ip = optarg;
		return true;
	case OPT_RCPT:
		h->rcpt = optarg;
		return true;
	case OPT_MAIL_FROM:
		h->mail_from = optarg;
		return true;
	case OPT_MESSAGE_ID:
		h->message_id = optarg;
		return true;
	case OPT_ACTION:
		h->action = optarg;
		return true;
	case OPT_HTML:
		h->html = optarg;
		return true;
	case OPT_FULL:
		h->full = true;
		return true;
	case OPT_LIMIT:
		if (mxa_str_u64(mxa_str_from(optarg), 1000000000, &h->limit))
			return true;
		cli_error(&h->c.cli, _("--limit expects a number, found '%s'"),
		    optarg);
		return false;
	}
	return true;
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
	int opt, status, verb = -1;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_store_option(&h.c, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (!take_history_option(&h, opt)) {
			return EX_USAGE;
		}
	}
	for (size_t i = 0; optind < argc && i < MXA_ARRAY_LEN(verbs); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0)
			verb = (int)i;
	if (verb < 0 || (!verbs[verb].paths && optind + 1 < argc)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	h.n = argc - optind - 1;
	h.path = argv + optind + 1;
	return run_verb(&h, verb);
}
