/* xml.c - from XML events to struct mxa_report. */
#include "report/received/xml.h"

#include <libxml/parser.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ipaddr.h"
#include "report/received/markup.h"
#include "report/received/utf8.h"

#define MAX_DEPTH 32 /* elements whose names are kept */
#define MAX_NESTING 250
/* As 200 MB of the shortest records hold that a receiver writes. */
#define MAX_ELEMENTS 8000000
#define MAX_TEXT 4096
#define MAX_PER_ROW 100 /* RFC 9990 section 3.1.3 */
/* Rows that wait for the metadata when those come after them. */
#define MAX_WAITING 10000
#define CHUNK 65536

struct reader {
	struct mxa_reports *all;
	struct mxa_report *rep;
	xmlParserCtxtPtr xml;
	const char *error;		/* static; why nothing more is read */
	struct mxa_str path[MAX_DEPTH]; /* libxml2's, as they are written */
	int depth;			/* elements open */
	unsigned elements;
	char text[MAX_TEXT];
	size_t text_len;
	bool feedback;	  /* the root element was seen */
	bool policy_done; /* the first policy_published counts */
	bool metadata_done;
	/* What is known of the rows that the sink has not got; when the report
	 * was given before, they go nowhere. */
	struct mxa_arena *rows;
	struct mxa_report_row *waiting;
	size_t n_waiting, cap;
	bool begun, duplicate;
	/* the record that is being read */
	struct mxa_report_row row;
	bool in_record, have_ip, have_count;
	struct mxa_report_reason reason[MAX_PER_ROW + 1]; /* one is open */
	struct mxa_report_dkim dkim[MAX_PER_ROW + 1];
	struct mxa_report_spf spf[MAX_PER_ROW + 1];
	size_t n_reason, n_dkim, n_spf;
};

static struct mxa_str text_of(const struct reader *rd)
{
	return mxa_str_trim(mxa_str_make(rd->text, rd->text_len));
}

/* The text becomes '*to' where that is empty: what comes twice costs nothing.
 */
static void take_into(struct mxa_arena *a, const struct reader *rd, bool lower,
    struct mxa_str *to)
{
	if (to->len > 0)
		return;
	*to =
	    lower ? mxa_str_lower(a, text_of(rd)) : mxa_str_dup(a, text_of(rd));
}

static void take_text(struct reader *rd, struct mxa_str *to)
{
	take_into(rd->all->arena, rd, false, to);
}

static void take_lower(struct reader *rd, struct mxa_str *to)
{
	take_into(rd->all->arena, rd, true, to);
}

/* The same of the row. */
static void take_row(struct reader *rd, struct mxa_str *to)
{
	take_into(rd->rows, rd, false, to);
}

static void take_row_lower(struct reader *rd, struct mxa_str *to)
{
	take_into(rd->rows, rd, true, to);
}

/* Name of the element 'up' levels above the one that ends. */
static struct mxa_str parent_name(const struct reader *rd, int up)
{
	int at = rd->depth - 1 - up;

	return at >= 0 && at < MAX_DEPTH ? rd->path[at] : MXA_STR("");
}

static bool is_inside(const struct reader *rd, const char *parent)
{
	return mxa_str_caseis(parent_name(rd, 1), parent);
}

/* "1643587200", with decimals, or in milliseconds. */
static int64_t read_epoch(const struct reader *rd)
{
	struct mxa_str s = text_of(rd);
	uint64_t v;

	s = mxa_str_sub(s, 0, mxa_str_chr(s, '.', 0));
	if (!mxa_str_u64(s, (uint64_t)1 << 53, &v))
		return 0;
	return (int64_t)(v > 100000000000u ? v / 1000 : v);
}

static void read_ip(struct reader *rd)
{
	struct mxa_str s = text_of(rd);
	char text[MXA_IP_TEXT];
	struct mxa_ip ip;

	if (rd->have_ip)
		return;
	s = mxa_str_sub(s, 0, mxa_str_chr(s, '%', 0)); /* IPv6 zone */
	rd->have_ip = mxa_ip_parse(s, &ip);
	if (rd->have_ip)
		rd->row.source_ip = mxa_str_dup(
		    rd->rows, mxa_str_from(mxa_ip_format(&ip, text)));
}

static void read_count(struct reader *rd)
{
	struct mxa_str s = text_of(rd);
	uint64_t v = 0;

	rd->have_count = mxa_str_u64(s, UINT32_MAX, &v) && v > 0;
	rd->row.count = v;
}

static void take_metadata(struct reader *rd, struct mxa_str name)
{
	struct mxa_report *rep = rd->rep;

	if (mxa_str_caseis(name, "org_name"))
		take_text(rd, &rep->org);
	else if (mxa_str_caseis(name, "email"))
		take_text(rd, &rep->email);
	else if (mxa_str_caseis(name, "report_id"))
		take_text(rd, &rep->report_id);
	else if (mxa_str_caseis(name, "extra_contact_info"))
		take_text(rd, &rep->contact);
	else if (mxa_str_caseis(name, "error"))
		take_text(rd, &rep->error);
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
		if (mxa_str_caseis(name, fields[i].name))
			take_lower(rd, fields[i].to);
}

/* A domain, also where somebody put a whole address. */
static void take_domain(struct reader *rd, struct mxa_str *to)
{
	size_t at;

	take_row_lower(rd, to);
	at = mxa_str_chr(*to, '@', 0);
	if (at < to->len)
		*to = mxa_str_sub(*to, at + 1, to->len);
}

static void take_identifier(struct reader *rd, struct mxa_str name)
{
	if (mxa_str_caseis(name, "header_from"))
		take_domain(rd, &rd->row.header_from);
	else if (mxa_str_caseis(name, "envelope_from"))
		take_domain(rd, &rd->row.envelope_from);
	else if (mxa_str_caseis(name, "envelope_to"))
		take_domain(rd, &rd->row.envelope_to);
}

static void take_evaluated(struct reader *rd, struct mxa_str name)
{
	if (mxa_str_caseis(name, "disposition"))
		take_row_lower(rd, &rd->row.disposition);
	else if (mxa_str_caseis(name, "dkim"))
		take_row_lower(rd, &rd->row.dkim);
	else if (mxa_str_caseis(name, "spf"))
		take_row_lower(rd, &rd->row.spf);
}

/* Leaves of <reason>, and of <dkim> and <spf> below auth_results. */
static void take_nested(struct reader *rd, struct mxa_str name)
{
	struct mxa_report_reason *reason = &rd->reason[rd->n_reason];
	struct mxa_report_dkim *dkim = &rd->dkim[rd->n_dkim];
	struct mxa_report_spf *spf = &rd->spf[rd->n_spf];

	if (is_inside(rd, "reason") && rd->n_reason < MAX_PER_ROW) {
		if (mxa_str_caseis(name, "type"))
			take_row_lower(rd, &reason->type);
		else if (mxa_str_caseis(name, "comment"))
			take_row(rd, &reason->comment);
	} else if (is_inside(rd, "dkim") && rd->n_dkim < MAX_PER_ROW) {
		if (mxa_str_caseis(name, "domain"))
			take_domain(rd, &dkim->domain);
		else if (mxa_str_caseis(name, "selector"))
			take_row(rd, &dkim->selector);
		else if (mxa_str_caseis(name, "result"))
			take_row_lower(rd, &dkim->result);
	} else if (is_inside(rd, "spf") && rd->n_spf < MAX_PER_ROW) {
		if (mxa_str_caseis(name, "domain"))
			take_domain(rd, &spf->domain);
		else if (mxa_str_caseis(name, "scope"))
			take_row_lower(rd, &spf->scope);
		else if (mxa_str_caseis(name, "result"))
			take_row_lower(rd, &spf->result);
	}
}

static void begin_record(struct reader *rd)
{
	rd->row = (struct mxa_report_row){ .count = 0 };
	rd->in_record = true;
	rd->have_ip = rd->have_count = false;
	rd->n_reason = rd->n_dkim = rd->n_spf = 0;
	rd->reason[0] = (struct mxa_report_reason){ .type = MXA_STR("") };
	rd->dkim[0] = (struct mxa_report_dkim){ .domain = MXA_STR("") };
	rd->spf[0] = (struct mxa_report_spf){ .domain = MXA_STR("") };
}

/* --- rows on their way to the sink --- */

static void complete_row(const struct reader *rd, struct mxa_report_row *row)
{
	if (row->header_from.len == 0)
		row->header_from = rd->rep->policy.domain;
	if (row->envelope_from.p == NULL)
		row->envelope_from =
		    row->n_spf > 0 ? row->auth_spf[0].domain : MXA_STR("");
}

static void give_row(struct reader *rd, struct mxa_report_row *row)
{
	complete_row(rd, row);
	rd->rep->n++;
	rd->rep->messages[mxa_report_row_outcome(row)] += row->count;
	rd->all->sink->row(rd->all->ctx, rd->rep, row);
}

/* The report is known well enough: its rows need not wait any more. */
static void begin_rows(struct reader *rd)
{
	struct mxa_report *rep = rd->rep;

	rd->begun = true;
	if (rep->org.len == 0)
		rep->org =
		    rep->email.len > 0 ? rep->email : MXA_STR("(unnamed)");
	rep->head_known = rd->metadata_done && rd->policy_done;
	rd->duplicate = !mxa_reports_add(rd->all, rep);
	if (rd->duplicate)
		return;
	rd->all->sink->begin(rd->all->ctx, rep);
	for (size_t i = 0; i < rd->n_waiting; i++)
		give_row(rd, &rd->waiting[i]);
}

static void *keep_copy(struct reader *rd, const void *v, size_t size)
{
	void *copy;

	if (size == 0)
		return NULL;
	copy = mxa_arena_alloc(rd->rows, size);
	memcpy(copy, v, size);
	return copy;
}

static void wait_row(struct reader *rd)
{
	struct mxa_report_row *row = &rd->row;

	rd->waiting = mxa_arena_room(
	    rd->rows, rd->waiting, rd->n_waiting, &rd->cap, sizeof(*row));
	row->reason =
	    keep_copy(rd, rd->reason, rd->n_reason * sizeof(rd->reason[0]));
	row->auth_dkim =
	    keep_copy(rd, rd->dkim, rd->n_dkim * sizeof(rd->dkim[0]));
	row->auth_spf = keep_copy(rd, rd->spf, rd->n_spf * sizeof(rd->spf[0]));
	rd->waiting[rd->n_waiting++] = *row;
}

static void forget_rows(struct reader *rd)
{
	mxa_arena_reset(rd->rows);
	rd->waiting = NULL;
	rd->n_waiting = rd->cap = 0;
}

static void end_record(struct reader *rd)
{
	struct mxa_report_row *row = &rd->row;

	rd->in_record = false;
	if (!rd->have_ip || !rd->have_count) {
		rd->rep->left_out++;
		if (rd->begun)
			forget_rows(rd);
		return;
	}
	row->n_reason = rd->n_reason;
	row->n_dkim = rd->n_dkim;
	row->n_spf = rd->n_spf;
	if (!rd->begun)
		wait_row(rd);
	if (!rd->begun &&
	    (rd->n_waiting == MAX_WAITING ||
		(rd->metadata_done && rd->policy_done))) {
		begin_rows(rd);
		forget_rows(rd);
		return;
	}
	if (!rd->begun)
		return;
	row->reason = rd->reason;
	row->auth_dkim = rd->dkim;
	row->auth_spf = rd->spf;
	if (!rd->duplicate)
		give_row(rd, row);
	forget_rows(rd);
}

static bool in_auth_results(const struct reader *rd)
{
	return is_inside(rd, "auth_results");
}

static void end_leaf(struct reader *rd, struct mxa_str name)
{
	if (is_inside(rd, "report_metadata"))
		take_metadata(rd, name);
	else if (is_inside(rd, "date_range") && mxa_str_caseis(name, "begin"))
		rd->rep->begin = read_epoch(rd);
	else if (is_inside(rd, "date_range") && mxa_str_caseis(name, "end"))
		rd->rep->end = read_epoch(rd);
	else if (is_inside(rd, "policy_published"))
		take_policy(rd, name);
	else if (!rd->in_record)
		return;
	else if (is_inside(rd, "row") && mxa_str_caseis(name, "source_ip"))
		read_ip(rd);
	else if (is_inside(rd, "row") && mxa_str_caseis(name, "count"))
		read_count(rd);
	else if (is_inside(rd, "policy_evaluated"))
		take_evaluated(rd, name);
	else if (is_inside(rd, "identifiers") || is_inside(rd, "identities"))
		take_identifier(rd, name);
	else if (mxa_str_caseis(parent_name(rd, 2), "auth_results") ||
	    is_inside(rd, "reason"))
		take_nested(rd, name);
}

/* The element on top of the path ends; its text is complete. */
static void end_element(struct reader *rd)
{
	struct mxa_str name = parent_name(rd, 0);

	end_leaf(rd, name);
	if (mxa_str_caseis(name, "policy_published"))
		rd->policy_done = true;
	else if (mxa_str_caseis(name, "report_metadata"))
		rd->metadata_done = true;
	else if (mxa_str_caseis(name, "record"))
		end_record(rd);
	else if (mxa_str_caseis(name, "reason") && rd->n_reason < MAX_PER_ROW)
		rd->reason[++rd->n_reason] =
		    (struct mxa_report_reason){ .type = MXA_STR("") };
	else if (mxa_str_caseis(name, "dkim") && in_auth_results(rd) &&
	    rd->n_dkim < MAX_PER_ROW)
		rd->dkim[++rd->n_dkim] =
		    (struct mxa_report_dkim){ .domain = MXA_STR("") };
	else if (mxa_str_caseis(name, "spf") && in_auth_results(rd) &&
	    rd->n_spf < MAX_PER_ROW)
		rd->spf[++rd->n_spf] =
		    (struct mxa_report_spf){ .domain = MXA_STR("") };
}

static void stop_parser(struct reader *rd, const char *error)
{
	rd->error = error;
	xmlStopParser(rd->xml);
}

/* --- libxml2's events --- */

static void on_start(void *ctx, const xmlChar *xname, const xmlChar **attr)
{
	struct reader *rd = ctx;
	struct mxa_str name = mxa_str_from((const char *)xname);

	(void)attr; /* markup.c leaves none */
	if (rd->depth == MAX_NESTING) {
		stop_parser(rd, "its elements are nested more than 250 deep");
		return;
	}
	if (++rd->elements > MAX_ELEMENTS) {
		stop_parser(rd, "it has more than 8,000,000 elements");
		return;
	}
	if (rd->depth < MAX_DEPTH)
		rd->path[rd->depth] = name;
	rd->depth++;
	rd->text_len = 0;
	if (mxa_str_caseis(name, "feedback"))
		rd->feedback = true;
	else if (mxa_str_caseis(name, "record"))
		begin_record(rd);
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct reader *rd = ctx;

	(void)name;
	if (rd->depth == 0)
		return;
	end_element(rd);
	rd->depth--;
	rd->text_len = 0;
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
	struct reader *rd = ctx;
	size_t len = n > 0 ? (size_t)n : 0;

	if (len > MAX_TEXT - rd->text_len)
		len = MAX_TEXT - rd->text_len;
	memcpy(rd->text + rd->text_len, text, len);
	rd->text_len += len;
}

static void be_silent(void *ctx, const char *message, ...)
{
	(void)ctx;
	(void)message;
}

static void be_quiet(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

/* --- the document --- */

static void free_xml(xmlParserCtxtPtr *xml)
{
	if (*xml == NULL)
		return;
	xmlFreeDoc((*xml)->myDoc);
	xmlFreeParserCtxt(*xml);
}

/* Give the parser everything; what it thinks of it is in rd->error. */
static void parse_all(
    struct reader *rd, struct mxa_report_clean *clean, struct mxa_arena *work)
{
	char *chunk = mxa_arena_alloc(work, CHUNK);
	struct mxa_markup markup;
	struct mxa_buf out;
	bool ok = true;
	long n;

	mxa_markup_init(&markup, work);
	/* a byte of the document makes less than two of what is passed on */
	mxa_buf_init(&out, work, 2 * CHUNK + MXA_MARKUP_MAX_TAG);
	while (ok && rd->error == NULL &&
	    (n = mxa_report_clean_read(clean, chunk, CHUNK)) > 0) {
		mxa_buf_cut(&out, 0);
		if (!mxa_markup_feed(
			&markup, mxa_str_make(chunk, (size_t)n), &out))
			rd->error = markup.error;
		/* the rows before that still count */
		ok = xmlParseChunk(rd->xml, out.p, (int)out.len, 0) == 0;
	}
	if (ok && rd->error == NULL)
		ok = xmlParseChunk(rd->xml, "", 0, 1) == 0;
	if (!ok && rd->error == NULL)
		rd->error = "it is not well-formed XML";
}

static void finish_report(struct reader *rd)
{
	struct mxa_reports *r = rd->all;
	struct mxa_report *rep = rd->rep;

	if (!rd->begun && rd->n_waiting > 0)
		begin_rows(rd);
	if (!rd->begun)
		return;
	if (rd->duplicate) {
		mxa_reports_warning(r, rep->file,
		    "this report was given before; it counts once");
		return;
	}
	r->sink->end(r->ctx, rep);
	if (rep->left_out > 0)
		mxa_reports_warning(r, rep->file,
		    mxa_arena_printf(r->arena,
			"%zu rows without a readable address or count were "
			"left out",
			rep->left_out));
	if (rd->error != NULL)
		mxa_reports_error(r, rep->file,
		    mxa_arena_printf(r->arena,
			"%s: only the %zu records before that were read",
			rd->error, rep->n));
}

static const char *nothing_usable(const struct reader *rd)
{
	if (rd->error != NULL)
		return rd->error;
	if (!rd->feedback)
		return "it is XML, but not an aggregate report";
	return "it has no usable record";
}

bool mxa_report_xml_read(struct mxa_reports *r, struct mxa_str file,
    mxa_report_source *source, void *ctx, const char **error)
{
	xmlSAXHandler events = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.warning = be_silent,
		.error = be_silent,
		.fatalError = be_silent };
	MXA_CLEANUP(free_xml) xmlParserCtxtPtr xml = NULL;
	struct mxa_arena *work = mxa_arena_new();
	struct mxa_report_clean *clean =
	    mxa_report_clean_new(work, source, ctx);
	struct reader *rd = mxa_arena_calloc(work, 1, sizeof(*rd));
	bool begun;

	rd->all = r;
	rd->rep = mxa_report_new(r, file);
	rd->rows = mxa_arena_new();
	xmlSetGenericErrorFunc(NULL, be_silent);
	xmlSetStructuredErrorFunc(NULL, be_quiet);
	xml = xmlCreatePushParserCtxt(&events, rd, NULL, 0, NULL);
	if (xml != NULL) {
		rd->xml = xml;
		xmlCtxtUseOptions(xml, XML_PARSE_NONET);
		parse_all(rd, clean, work);
		finish_report(rd);
	} else {
		rd->error = "the XML reader cannot be started";
	}
	mxa_report_clean_done(clean);
	mxa_arena_free(rd->rows);
	begun = rd->begun;
	if (!begun)
		*error = nothing_usable(rd);
	mxa_arena_free(work);
	return begun;
}
