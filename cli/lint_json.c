/* lint_json.c - the lint's findings as JSON. */
#include "base/i18n.h"
#include "cli/lint_out.h"

static json_t *str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

/* null where there is none */
static json_t *str_or_null(struct mxa_str s)
{
	return s.len > 0 ? str(s) : json_null();
}

static json_t *findings(const struct mxa_lint *l)
{
	json_t *list = json_array();

	for (const struct mxa_finding *f = l->first; f; f = f->next)
		json_array_append_new(list,
		    json_pack("{s:s s:s s:o s:o s:o s:o}", "code",
			mxa_lint_code_name(f->code), "severity",
			mxa_lint_severity_name(f->severity), "name",
			str(f->name), "text", str(f->text), "fix", str(f->fix),
			"publish_at", str_or_null(f->publish)));
	return list;
}

/* --- SPF --- */

static json_t *record(const struct mxa_lint_record *r);

static json_t *term(const struct mxa_lint_term *t)
{
	json_t *found = json_array();

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(found, str(t->found[i]));
	return json_pack("{s:o s:o s:o s:i s:b s:o}", "term", str(t->text),
	    "target", str_or_null(t->target), "found", found, "more",
	    (int)t->more, "unreachable", t->unreachable, "record",
	    record(t->record));
}

static json_t *record(const struct mxa_lint_record *r)
{
	json_t *terms = json_array();

	if (r == NULL)
		return json_decref(terms), json_null();
	for (const struct mxa_lint_term *t = r->first; t; t = t->next)
		json_array_append_new(terms, term(t));
	return json_pack("{s:o s:o s:s? s:i s:o}", "domain", str(r->domain),
	    "record", str_or_null(r->text), "trouble", r->trouble, "lookups",
	    (int)r->lookups, "terms", terms);
}

static json_t *spf(const struct mxa_lint_spf *s)
{
	json_t *senders = json_array();

	for (const struct mxa_lint_sender *x = s->senders; x; x = x->next)
		json_array_append_new(senders,
		    json_pack("{s:o s:s}", "ip", str(x->ip), "result",
			mxa_spf_result_name(x->result)));
	return json_pack("{s:o s:o s:i s:b s:i s:I s:o s:o}", "proposed",
	    str_or_null(s->proposed), "record",
	    s->tree ? str_or_null(s->tree->text) : json_null(), "lookups",
	    (int)s->lookups, "lookups_at_least", s->lookups_cut, "void_lookups",
	    (int)s->voids, "ipv4_addresses", (json_int_t)s->ipv4, "senders",
	    senders, "tree", record(s->tree));
}

/* --- DKIM --- */

const char *lint_source_name(enum mxa_lint_source s)
{
	switch (s) {
	case MXA_SELECTOR_NAMED:
		return N_("named");
	case MXA_SELECTOR_SEEN:
		return N_("journal");
	case MXA_SELECTOR_KNOWN:
		return N_("well-known");
	}
	return "";
}

static json_t *dkim(const struct mxa_lint_key *k)
{
	json_t *list = json_array();

	for (; k != NULL; k = k->next)
		json_array_append_new(list,
		    json_pack("{s:o s:s s:o s:o s:s s:s? s:i s:b}", "selector",
			str(k->selector), "source", lint_source_name(k->source),
			"name", str(k->name), "record", str_or_null(k->record),
			"state", k->state, "type", k->type, "bits",
			(int)k->bits, "testing", k->testing));
	return list;
}

/* --- DMARC --- */

static json_t *walk(const struct mxa_lint_dmarc *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_walk; i++)
		json_array_append_new(list,
		    json_pack("{s:o s:o s:b s:b}", "name", str(d->walk[i].name),
			"record", str_or_null(d->walk[i].record), "failed",
			d->walk[i].failed, "several", d->walk[i].several));
	return list;
}

static json_t *uris(const struct mxa_lint_uri *u)
{
	json_t *list = json_array();

	for (; u != NULL; u = u->next)
		json_array_append_new(list,
		    json_pack("{s:s s:o s:o s:b s:b}", "tag",
			u->failure ? "ruf" : "rua", "uri", str(u->uri), "host",
			str_or_null(u->host), "external", u->external,
			"authorised", u->authorised));
	return list;
}

static json_t *policy(const struct mxa_lint_dmarc *d, enum mxa_dmarc_policy p)
{
	return d->known ? json_string(mxa_dmarc_policy_name(p)) : json_null();
}

static json_t *dmarc(const struct mxa_lint_dmarc *d)
{
	return json_pack("{s:o s:o s:o s:b s:o s:o s:o s:b s:o s:o}", "record",
	    str_or_null(d->record), "record_domain",
	    str_or_null(d->record_domain), "org", str_or_null(d->org),
	    "inherited", d->inherited, "policy", policy(d, d->policy), "sp",
	    policy(d, d->sp), "np", policy(d, d->np), "testing", d->testing,
	    "walk", walk(d), "reports", uris(d->uris));
}

static json_t *mx(const struct mxa_lint_mx *m)
{
	json_t *hosts = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(hosts, str(m->host[i]));
	return json_pack("{s:o s:b}", "hosts", hosts, "null", m->null);
}

json_t *lint_json(const struct mxa_lint *l)
{
	return json_pack("{s:o s:o s:i s:o s:o s:o s:o}", "domain",
	    str(l->domain), "findings", findings(l), "findings_left_out",
	    (int)l->dropped, "spf", spf(&l->spf), "dkim", dkim(l->keys),
	    "dmarc", dmarc(&l->dmarc), "mx", mx(&l->mx));
}
