/* replay_suggest.c - suggestions as a part of policy.conf, and as JSON. */
#include "cli/replay_suggest.h"

#include "base/i18n.h"
#include "history/counts.h"

#define MAX_RULES 200
#define MAX_REFUSED 50
#define MANY_AUTHORS 3 /* from one address: perhaps a forwarder */

/* In one line, as it stands in the policy file. */
static const char *rule_text(
    const struct mxa_suggestion *r, char *space, size_t size)
{
	if (r->signer != NULL)
		snprintf(space, size, "{ author = \"%s\"  signer = \"%s\" },",
		    r->author, r->signer);
	else
		snprintf(space, size,
		    "{ client = \"%s\"  author = \"%s\"  dmarc-reject = "
		    "\"tag\"  dmarc-quarantine = \"tag\" },",
		    r->client, r->author);
	return space;
}

static void print_rule(struct out *o, const struct mxa_suggestion *r)
{
	char text[700];

	out_text(o, "\n# ");
	if (r->signer != NULL)
		out_printf(o,
		    _("%zu messages of %s that %s signed fail DMARC (for "
		      "instance %s);"),
		    r->failed, r->author, r->signer, r->example);
	else
		out_printf(o,
		    _("%zu messages of %s from %s fail DMARC (for instance "
		      "%s);"),
		    r->failed, r->author, r->client, r->example);
	out_text(o, "\n# ");
	if (r->signer != NULL)
		out_printf(o,
		    _("%zu others that it signed passed by the SPF record of "
		      "%s."),
		    r->passed, r->author);
	else
		out_printf(o,
		    _("%zu others from there passed by the SPF record of %s."),
		    r->passed, r->author);
	out_printf(o, "\n%s\n", rule_text(r, text, sizeof(text)));
}

static void print_refused(struct out *o, const struct mxa_refused *r)
{
	out_printf(o, "# %7zu  %s [%s]", r->n, r->author, r->client);
	if (r->signers[0] != '\0')
		out_printf(o, " d=%s", r->signers);
	out_printf(o, "  %s\n", r->example);
}

/* Authors from one address that would still be refused: nothing that the
 * journal holds tells a forwarder from a forger. */
static void print_forwarders(struct out *o, struct mxa_suggest *s)
{
	struct mxa_counts *c = mxa_counts_new(10000);
	struct mxa_count **all;
	struct mxa_refused r;
	bool first = true;
	size_t n;

	for (size_t i = 0; i < MAX_REFUSED && mxa_suggest_refused(s, i, &r);
	     i++) {
		struct mxa_count *at = mxa_counts_at(c, r.client);

		if (at != NULL)
			at->n++;
	}
	all = mxa_counts_sorted(c, &n);
	for (size_t i = 0; i < n && all[i]->n >= MANY_AUTHORS; i++) {
		if (first)
			out_printf(o, "\n# %s\n# %s\n",
			    _("Perhaps forwarders or lists: mail of several "
			      "authors from one address."),
			    _("A forger can look the same. Where you know the "
			      "host, put it into trusted-forwarders."));
		first = false;
		out_printf(o, "#   %s\n", all[i]->key);
	}
	mxa_counts_free(c);
}

void replay_print_suggestions(
    struct out *o, struct mxa_suggest *s, size_t messages)
{
	struct mxa_suggestion rule;
	struct mxa_refused refused;

	out_printf(o, "# ");
	out_printf(o,
	    _("Of %zu messages %zu would be refused or held, with these rules "
	      "%zu."),
	    messages, mxa_suggest_before(s), mxa_suggest_after(s));
	out_text(o, "\n");
	for (size_t i = 0; i < MAX_RULES && mxa_suggest_rule(s, i, &rule); i++)
		print_rule(o, &rule);
	for (size_t i = 0;
	     i < MAX_REFUSED && mxa_suggest_refused(s, i, &refused); i++) {
		if (i == 0)
			out_printf(o, "\n# %s\n",
			    _("What would still be refused or held:"));
		print_refused(o, &refused);
	}
	print_forwarders(o, s);
}

void replay_write_suggestions(struct mxa_json *j, struct mxa_suggest *s)
{
	struct mxa_suggestion rule;
	struct mxa_refused refused;
	char text[700];

	mxa_json_int(j, "refused_without", (int64_t)mxa_suggest_before(s));
	mxa_json_int(j, "refused_with", (int64_t)mxa_suggest_after(s));
	mxa_json_open(j, "suggestions", '[');
	for (size_t i = 0; i < MAX_RULES && mxa_suggest_rule(s, i, &rule);
	     i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_text(j, "author", rule.author);
		mxa_json_text(j, "client", rule.client);
		mxa_json_text(j, "signer", rule.signer);
		mxa_json_int(j, "failed", (int64_t)rule.failed);
		mxa_json_int(j, "passed", (int64_t)rule.passed);
		mxa_json_text(j, "example", rule.example);
		mxa_json_text(j, "rule", rule_text(&rule, text, sizeof(text)));
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_open(j, "still_refused", '[');
	for (size_t i = 0;
	     i < MAX_REFUSED && mxa_suggest_refused(s, i, &refused); i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_text(j, "author", refused.author);
		mxa_json_text(j, "client", refused.client);
		mxa_json_text(j, "signers", refused.signers);
		mxa_json_int(j, "messages", (int64_t)refused.n);
		mxa_json_text(j, "example", refused.example);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}
