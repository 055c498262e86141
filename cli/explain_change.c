/* explain_change.c - the proposed records as something to paste. */
#include "cli/explain_change.h"

#include <string.h>

#include "auth/spf/grammar.h"
#include "base/i18n.h"

#define TTL 3600
#define MAX_STRING 255 /* bytes of one string in a TXT record (RFC 1035) */

bool explain_format_read(const char *word, enum explain_format *out)
{
	if (strcmp(word, "zone") == 0)
		*out = EXPLAIN_ZONE;
	else if (strcmp(word, "nsupdate") == 0)
		*out = EXPLAIN_NSUPDATE;
	else if (strcmp(word, "json") == 0)
		*out = EXPLAIN_JSON;
	else
		return false;
	return true;
}

/* The text as strings of a master file (RFC 1035 section 5.1). */
static void write_strings(struct out *o, struct mxa_str text)
{
	for (size_t i = 0; i == 0 || i < text.len; i += MAX_STRING) {
		struct mxa_str part = mxa_str_sub(text, i, i + MAX_STRING);

		out_text(o, i > 0 ? " \"" : "\"");
		for (size_t k = 0; k < part.len; k++) {
			if (part.p[k] == '"' || part.p[k] == '\\')
				out_text(o, "\\");
			out_str(o, mxa_str_sub(part, k, k + 1));
		}
		out_text(o, "\"");
	}
}

static void write_record(struct out *o, enum explain_format format,
    struct mxa_str name, struct mxa_str text, bool add)
{
	if (format == EXPLAIN_ZONE)
		out_printf(o, "%s%.*s. %u IN TXT ",
		    add ? "" : "; remove: ", MXA_STR_ARG(name), TTL);
	else if (add)
		out_printf(
		    o, "update add %.*s. %u TXT ", MXA_STR_ARG(name), TTL);
	else
		out_printf(o, "update delete %.*s. TXT ", MXA_STR_ARG(name));
	write_strings(o, text);
	out_text(o, "\n");
}

/* Whether a published text goes when the fix is done. */
static bool is_replaced(const struct mxa_advice *advice, struct mxa_str text)
{
	return mxa_str_eq(text, advice->fix.old) ||
	    (advice->action == MXA_FIX_MERGE_SPF && mxa_spf_is_record(text));
}

static const struct mxa_dns_answer *published_record(
    struct mxa_budget *budget, const struct mxa_advice *advice)
{
	return mxa_dns_lookup(
	    budget, MXA_SHARE_OTHER, advice->fix.name, MXA_DNS_TXT);
}

static void write_fix(struct out *o, enum explain_format format,
    struct mxa_budget *budget, const struct mxa_advice *advice)
{
	const struct mxa_dns_answer *txt = published_record(budget, advice);

	for (size_t i = 0; i < txt->n; i++)
		if (is_replaced(advice, txt->rr[i].text))
			write_record(o, format, advice->fix.name,
			    txt->rr[i].text, false);
	write_record(o, format, advice->fix.name, advice->fix.new, true);
}

static void write_json(struct mxa_json *j, struct mxa_budget *budget,
    const struct mxa_explained *x)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "summary", x->summary);
	mxa_json_open(j, "changes", '[');
	for (size_t i = 0; i < x->n_advice; i++) {
		const struct mxa_advice *advice = &x->advice[i];
		const struct mxa_dns_answer *txt;

		if (advice->fix.new.len == 0)
			continue;
		txt = published_record(budget, advice);
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "name", advice->fix.name);
		mxa_json_word(j, "type", "TXT");
		mxa_json_int(j, "ttl", TTL);
		mxa_json_open(j, "remove", '[');
		for (size_t k = 0; k < txt->n; k++)
			if (is_replaced(advice, txt->rr[k].text))
				mxa_json_str(j, NULL, txt->rr[k].text);
		mxa_json_close(j, ']');
		mxa_json_str(j, "add", advice->fix.new);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

void explain_change(struct out *o, enum explain_format format,
    struct mxa_budget *budget, const struct mxa_explained *x)
{
	bool any = false;

	if (format == EXPLAIN_JSON) {
		write_json(&o->json, budget, x);
		return;
	}
	out_printf(o, "; %.*s\n", MXA_STR_ARG(x->summary));
	for (size_t i = 0; i < x->n_advice; i++) {
		if (x->advice[i].fix.new.len == 0)
			continue;
		any = true;
		write_fix(o, format, budget, &x->advice[i]);
	}
	if (!any)
		out_printf(o, "; %s\n", _("There is no record to publish."));
	else if (format == EXPLAIN_NSUPDATE)
		out_text(o, "send\n");
}
