/* xml.c - from XML events to struct mxa_report. */
#include "report/received/xml.h"

#include <libxml/xmlreader.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ipaddr.h"
#include "base/rc.h"
#include "report/received/utf8.h"

#define MAX_DEPTH 32
#define MAX_TEXT 4096
#define MAX_PER_ROW 100 /* RFC 9990 section 3.1.3 */

struct reader {
	struct mxa_reports *all;
	struct mxa_report *rep;
	struct mxa_str path[MAX_DEPTH];
	int depth; /* elements open */
	char text[MAX_TEXT];
	size_t text_len;
	bool feedback;	  /* the root element was seen */
	bool policy_done; /* the first policy_published counts */
	/* the record that is being read */
	struct mxa_report_row row;
	bool have_ip, have_count;
	struct mxa_report_reason reason[MAX_PER_ROW + 1]; /* one is open */
	struct mxa_report_dkim dkim[MAX_PER_ROW + 1];
	struct mxa_report_spf spf[MAX_PER_ROW + 1];
	size_t n_reason, n_dkim, n_spf;
};

static struct mxa_str read_word(struct reader *rd, bool lower)
{
	return mxa_reports_word(
	    rd->all, mxa_str_trim(mxa_str_make(rd->text, rd->text_len)), lower);
}

/* Name of the element 'up' levels above the one that ends. */
static struct mxa_str parent_name(const struct reader *rd, int up)
{
	int at = rd->depth - 1 - up;

	return at >= 0 && at < MAX_DEPTH ? rd->path[at] : MXA_STR("");
}

static bool is_inside(const struct reader *rd, const char *parent)
{
	return mxa_str_is(parent_name(rd, 1), parent);
}

/* "1643587200", with decimals, or in milliseconds. */
static int64_t read_epoch(const struct reader *rd)
{
	struct mxa_str s = mxa_str_trim(mxa_str_make(rd->text, rd->text_len));
	uint64_t v;

	s = mxa_str_sub(s, 0, mxa_str_chr(s, '.', 0));
	if (!mxa_str_u64(s, (uint64_t)1 << 53, &v))
		return 0;
	return (int64_t)(v > 100000000000u ? v / 1000 : v);
}

static void read_ip(struct reader *rd)
{
	struct mxa_str s = mxa_str_trim(mxa_str_make(rd->text, rd->text_len));
	char text[MXA_IP_TEXT];
	struct mxa_ip ip;

	s = mxa_str_sub(s, 0, mxa_str_chr(s, '%', 0)); /* IPv6 zone */
	rd->have_ip = mxa_ip_parse(s, &ip);
	if (rd->have_ip)
		rd->row.source_ip = mxa_reports_word(
		    rd->all, mxa_str_from(mxa_ip_format(&ip, text)), false);
}

static void read_count(struct reader *rd)
{
	struct mxa_str s = mxa_str_trim(mxa_str_make(rd->text, rd->text_len));
	uint64_t v = 0;

	rd->have_count = mxa_str_u64(s, UINT32_MAX, &v) && v > 0;
	rd->row.count = v;
}

static void take_metadata(struct reader *rd, struct mxa_str name)
{
	struct mxa_report *rep = rd->rep;

	if (mxa_str_is(name, "org_name"))
		rep->org = read_word(rd, false);
	else if (mxa_str_is(name, "email"))
		rep->email = read_word(rd, false);
	else if (mxa_str_is(name, "report_id"))
		rep->report_id = read_word(rd, false);
	else if (mxa_str_is(name, "extra_contact_info"))
		rep->contact = read_word(rd, false);
	else if (mxa_str_is(name, "error") && rep->error.len == 0)
		rep->error = read_word(rd, false);
}

static void take_policy(struct reader *rd, struct mxa_str name)
{
	struct mxa_report_policy *p = &rd->rep->policy;
	const struct {
		const char *name;
		struct mxa_str *to;
	} fields[] = {
		{ "domain", &p->domain },
		{ "p", &p->p },
		{ "sp", &p->sp },
		{ "np", &p->np },
		{ "adkim", &p->adkim },
		{ "aspf", &p->aspf },
		{ "pct", &p->pct },
		{ "fo", &p->fo },
		{ "testing", &p->testing },
		{ "discovery_method", &p->discovery },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(fields) && !rd->policy_done; i++)
		if (mxa_str_is(name, fields[i].name))
			*fields[i].to = read_word(rd, true);
}

/* A domain, also where somebody put a whole address. */
static struct mxa_str domain_word(struct reader *rd)
{
	struct mxa_str s = read_word(rd, true);
	size_t at = mxa_str_chr(s, '@', 0);

	if (at < s.len)
		s = mxa_reports_word(
		    rd->all, mxa_str_sub(s, at + 1, s.len), true);
	return s;
}

static void take_identifier(struct reader *rd, struct mxa_str name)
{
	if (mxa_str_is(name, "header_from"))
		rd->row.header_from = domain_word(rd);
	else if (mxa_str_is(name, "envelope_from"))
		rd->row.envelope_from = domain_word(rd);
	else if (mxa_str_is(name, "envelope_to"))
		rd->row.envelope_to = domain_word(rd);
}

static void take_evaluated(struct reader *rd, struct mxa_str name)
{
	if (mxa_str_is(name, "disposition"))
		rd->row.disposition = read_word(rd, true);
	else if (mxa_str_is(name, "dkim"))
		rd->row.dkim = read_word(rd, true);
	else if (mxa_str_is(name, "spf"))
		rd->row.spf = read_word(rd, true);
}

/* Leaves of <reason>, and of <dkim> and <spf> below auth_results. */
static void take_nested(struct reader *rd, struct mxa_str name)
{
	struct mxa_report_reason *reason = &rd->reason[rd->n_reason];
	struct mxa_report_dkim *dkim = &rd->dkim[rd->n_dkim];
	struct mxa_report_spf *spf = &rd->spf[rd->n_spf];

	if (is_inside(rd, "reason") && rd->n_reason < MAX_PER_ROW) {
		if (mxa_str_is(name, "type"))
			reason->type = read_word(rd, true);
		else if (mxa_str_is(name, "comment"))
			reason->comment = read_word(rd, false);
	} else if (is_inside(rd, "dkim") && rd->n_dkim < MAX_PER_ROW) {
		if (mxa_str_is(name, "domain"))
			dkim->domain = domain_word(rd);
		else if (mxa_str_is(name, "selector"))
			dkim->selector = read_word(rd, false);
		else if (mxa_str_is(name, "result"))
			dkim->result = read_word(rd, true);
	} else if (is_inside(rd, "spf") && rd->n_spf < MAX_PER_ROW) {
		if (mxa_str_is(name, "domain"))
			spf->domain = domain_word(rd);
		else if (mxa_str_is(name, "scope"))
			spf->scope = read_word(rd, true);
		else if (mxa_str_is(name, "result"))
			spf->result = read_word(rd, true);
	}
}

static void begin_record(struct reader *rd)
{
	rd->row = (struct mxa_report_row){ .count = 0 };
	rd->have_ip = rd->have_count = false;
	rd->n_reason = rd->n_dkim = rd->n_spf = 0;
	rd->reason[0] = (struct mxa_report_reason){ .type = MXA_STR("") };
	rd->dkim[0] = (struct mxa_report_dkim){ .domain = MXA_STR("") };
	rd->spf[0] = (struct mxa_report_spf){ .domain = MXA_STR("") };
}

static void *keep_copy(struct reader *rd, const void *v, size_t size)
{
	void *copy;

	if (size == 0)
		return NULL;
	copy = mxa_arena_alloc(rd->all->arena, size);
	memcpy(copy, v, size);
	return copy;
}

static void end_record(struct reader *rd)
{
	struct mxa_report_row *row = &rd->row;

	if (!rd->have_ip || !rd->have_count) {
		rd->rep->left_out++;
		return;
	}
	row->n_reason = (unsigned char)rd->n_reason;
	row->n_dkim = (unsigned char)rd->n_dkim;
	row->n_spf = (unsigned char)rd->n_spf;
	row->reason =
	    keep_copy(rd, rd->reason, rd->n_reason * sizeof(rd->reason[0]));
	row->auth_dkim =
	    keep_copy(rd, rd->dkim, rd->n_dkim * sizeof(rd->dkim[0]));
	row->auth_spf = keep_copy(rd, rd->spf, rd->n_spf * sizeof(rd->spf[0]));
	mxa_report_add_row(rd->rep, row);
}

static bool in_auth_results(const struct reader *rd)
{
	return mxa_str_is(parent_name(rd, 1), "auth_results");
}

/* The element on top of the path ends; its text is complete. */
static void end_element(struct reader *rd)
{
	struct mxa_str name = parent_name(rd, 0);

	if (is_inside(rd, "report_metadata"))
		take_metadata(rd, name);
	else if (is_inside(rd, "date_range") && mxa_str_is(name, "begin"))
		rd->rep->begin = read_epoch(rd);
	else if (is_inside(rd, "date_range") && mxa_str_is(name, "end"))
		rd->rep->end = read_epoch(rd);
	else if (is_inside(rd, "policy_published"))
		take_policy(rd, name);
	else if (is_inside(rd, "row") && mxa_str_is(name, "source_ip"))
		read_ip(rd);
	else if (is_inside(rd, "row") && mxa_str_is(name, "count"))
		read_count(rd);
	else if (is_inside(rd, "policy_evaluated"))
		take_evaluated(rd, name);
	else if (is_inside(rd, "identifiers") || is_inside(rd, "identities"))
		take_identifier(rd, name);
	else if (mxa_str_is(parent_name(rd, 2), "auth_results") ||
	    is_inside(rd, "reason"))
		take_nested(rd, name);

	if (mxa_str_is(name, "policy_published"))
		rd->policy_done = true;
	else if (mxa_str_is(name, "record"))
		end_record(rd);
	else if (mxa_str_is(name, "reason") && rd->n_reason < MAX_PER_ROW)
		rd->reason[++rd->n_reason] =
		    (struct mxa_report_reason){ .type = MXA_STR("") };
	else if (mxa_str_is(name, "dkim") && in_auth_results(rd) &&
	    rd->n_dkim < MAX_PER_ROW)
		rd->dkim[++rd->n_dkim] =
		    (struct mxa_report_dkim){ .domain = MXA_STR("") };
	else if (mxa_str_is(name, "spf") && in_auth_results(rd) &&
	    rd->n_spf < MAX_PER_ROW)
		rd->spf[++rd->n_spf] =
		    (struct mxa_report_spf){ .domain = MXA_STR("") };
}

static void begin_element(struct reader *rd, xmlTextReaderPtr xml)
{
	const char *name = (const char *)xmlTextReaderConstLocalName(xml);
	struct mxa_str s = mxa_reports_word(rd->all, mxa_str_from(name), true);

	if (rd->depth < MAX_DEPTH)
		rd->path[rd->depth] = s;
	rd->depth++;
	rd->text_len = 0;
	if (mxa_str_is(s, "feedback"))
		rd->feedback = true;
	else if (mxa_str_is(s, "record"))
		begin_record(rd);
	if (xmlTextReaderIsEmptyElement(xml)) {
		end_element(rd);
		rd->depth--;
	}
}

static void add_text(struct reader *rd, xmlTextReaderPtr xml)
{
	const char *value = (const char *)xmlTextReaderConstValue(xml);
	size_t len = value ? strlen(value) : 0;

	if (len > MAX_TEXT - rd->text_len)
		len = MAX_TEXT - rd->text_len;
	if (len > 0)
		memcpy(rd->text + rd->text_len, value, len);
	rd->text_len += len;
}

/* One event; NULL, or why the document is refused. */
static const char *take_event(struct reader *rd, xmlTextReaderPtr xml)
{
	switch (xmlTextReaderNodeType(xml)) {
	case XML_READER_TYPE_DOCUMENT_TYPE:
		return "it has a document type declaration, which no report "
		       "needs";
	case XML_READER_TYPE_ELEMENT:
		begin_element(rd, xml);
		break;
	case XML_READER_TYPE_END_ELEMENT:
		end_element(rd);
		rd->depth--;
		rd->text_len = 0;
		break;
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
		add_text(rd, xml);
		break;
	}
	return NULL;
}

static int read_bytes(void *ctx, char *p, int len)
{
	return (int)mxa_report_clean_read(ctx, p, (size_t)len);
}

static void be_silent(void *ctx, const char *msg, xmlParserSeverities severity,
    xmlTextReaderLocatorPtr where)
{
	(void)ctx;
	(void)msg;
	(void)severity;
	(void)where;
}

/* Complaints that libxml2 makes about no reader in particular. */
static void be_quiet(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static void free_xml(xmlTextReaderPtr *xml)
{
	if (*xml != NULL)
		xmlFreeTextReader(*xml);
}

static void complete_report(struct mxa_reports *r, struct mxa_report *rep)
{
	if (rep->org.len == 0)
		rep->org =
		    rep->email.len > 0 ? rep->email : MXA_STR("(unnamed)");
	for (size_t i = 0; i < rep->n; i++) {
		struct mxa_report_row *row = &rep->row[i];

		if (row->header_from.len == 0)
			row->header_from = rep->policy.domain;
		if (row->envelope_from.p == NULL)
			row->envelope_from = row->n_spf > 0
			    ? row->auth_spf[0].domain
			    : MXA_STR("");
	}
	if (rep->left_out > 0)
		mxa_reports_warning(r, rep->file,
		    mxa_arena_printf(r->arena,
			"%zu rows without a readable address or count were "
			"left out",
			rep->left_out));
	if (rep->cut)
		mxa_reports_warning(r, rep->file,
		    "the document is broken; what stands before the break was "
		    "read");
}

struct mxa_report *mxa_report_xml_read(struct mxa_reports *r,
    struct mxa_str file, mxa_report_source *source, void *ctx,
    const char **error)
{
	MXA_CLEANUP(free_xml) xmlTextReaderPtr xml = NULL;
	struct mxa_report_clean *clean =
	    mxa_report_clean_new(r->arena, source, ctx);
	struct reader *rd = mxa_arena_calloc(r->arena, 1, sizeof(*rd));
	int more = 0;

	rd->all = r;
	rd->rep = mxa_report_new(r, file);
	*error = NULL;
	xml = xmlReaderForIO(read_bytes, NULL, clean, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_HUGE |
		XML_PARSE_COMPACT);
	if (xml == NULL) {
		*error = "the XML reader cannot be started";
		return NULL;
	}
	xmlTextReaderSetErrorHandler(xml, be_silent, NULL);
	xmlSetGenericErrorFunc(NULL, be_quiet);
	while (*error == NULL && (more = xmlTextReaderRead(xml)) == 1)
		*error = take_event(rd, xml);
	if (*error == NULL && more != 0) {
		rd->rep->cut = rd->rep->n > 0;
		*error = rd->rep->cut ? NULL : "it is not well-formed XML";
	}
	if (*error == NULL && !rd->feedback)
		*error = "it is XML, but not an aggregate report";
	if (*error == NULL && rd->rep->n == 0)
		*error = "it has no usable record";
	if (*error != NULL) {
		mxa_report_drop(rd->rep);
		return NULL;
	}
	complete_report(r, rd->rep);
	return rd->rep;
}
