/* explain_queue.c - see explain_queue.h. */
#include "cli/explain_queue.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "base/i18n.h"
#include "cli/explain_store.h"
#include "cli/explain_story.h"
#include "cli/out.h"
#include "cli/page.h"
#include "conf/conf.h"
#include "history/scan.h"

bool cli_looks_like_queue_id(const char *s)
{
	size_t n = strlen(s);

	if (n < 4 || n > 64)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!mxa_is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

static int say_unknown(const struct cli *c, const char *id, const char *dir,
    enum mxa_rc rc, int error)
{
	if (dir == NULL) {
		cli_error(c,
		    _("%s: there is no such file, and no journal is kept"), id);
		return EX_NOINPUT;
	}
	if (rc == MXA_EIO) {
		cli_error(c,
		    _("%s: there is no such file, and the journal in %s cannot "
		      "be read: %s"),
		    id, dir, strerror(error));
		return EX_NOINPUT;
	}
	cli_error(c,
	    _("%s: there is no such file, and no message with that "
	      "queue id in %s"),
	    id, dir);
	return 2;
}

int cli_explain_queue_id(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o, struct page *page)
{
	const char *dir = conf->journal_directory.len > 0
	    ? mxa_str_cstr(a, conf->journal_directory)
	    : NULL;
	struct mxa_entry e;
	enum mxa_rc rc;

	rc = dir != NULL ? mxa_scan_find(dir, mxa_str_from(id), a, &e)
			 : MXA_EINVAL;
	if (rc != MXA_OK) {
		int error = errno;
		int status = cli_explain_from_store(c, conf, a, id, o, page);

		return status >= 0 ? status
				   : say_unknown(c, id, dir, rc, error);
	}
	if (c->json)
		cli_story_json(&o->json, a, &e);
	else
		cli_story_text(o, a, &e, true);
	if (page->f != NULL)
		cli_story_page(page, cli_story_string(a, &e, true));
	return cli_story_is_failure(&e.txn) ? 0 : 1;
}
