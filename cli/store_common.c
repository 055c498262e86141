/* store_common.c - what the commands share that use the store. */
#include "cli/store_common.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/date.h"
#include "base/i18n.h"
#include "conf/conf.h"

static volatile sig_atomic_t stop;

bool cli_take_now(void *self, const char *value)
{
	struct cli_store *c = self;

	if (mxa_time_parse(mxa_str_from(value), &c->now) && c->now > 0)
		return true;
	cli_error(&c->cli,
	    _("--now expects a time such as 2027-03-31T08:00:00Z, or "
	      "seconds since 1970; found '%s'"),
	    value);
	return false;
}

bool cli_store_open(struct cli_store *c, int *status)
{
	struct mxa_store_options o = { .url = c->url, .now = c->now };
	char *error = NULL;
	bool gone = false;

	c->conf = cli_conf(&c->cli);
	if (c->conf == NULL) {
		*status = EX_CONFIG;
		return false;
	}
	if (o.url == NULL)
		o.url = c->conf->store_url.p;
	c->store = mxa_store_open(&o, &error, &gone);
	if (c->store != NULL)
		return true;
	cli_error(&c->cli, _("the store cannot be used: %s"), error);
	free(error);
	cli_store_close(c);
	*status = EX_TEMPFAIL;
	return false;
}

void cli_store_close(struct cli_store *c)
{
	mxa_store_close(c->store);
	mxa_conf_free(c->conf);
	c->store = NULL;
	c->conf = NULL;
}

int cli_store_failed(const struct cli_store *c)
{
	cli_error(&c->cli, _("the store cannot be used: %s"),
	    mxa_store_error(c->store));
	return EX_TEMPFAIL;
}

const char *cli_store_host(const struct cli_store *c)
{
	static char name[256];

	if (c->conf->store_host.len > 0)
		return c->conf->store_host.p;
	if (gethostname(name, sizeof(name) - 1) != 0)
		return "localhost";
	return name;
}

static void note_stop(int signal)
{
	(void)signal;
	stop = 1;
}

/* Calls that wait are interrupted: no SA_RESTART. */
const volatile sig_atomic_t *cli_stop_flag(void)
{
	struct sigaction sa = { .sa_handler = note_stop };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	return &stop;
}
