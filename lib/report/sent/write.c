/* write.c - our aggregate reports as XML, by libxml2's writer, through zlib. */
#include "report/sent/write.h"

#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/attr.h"

#define NAMESPACE "urn:ietf:params:xml:ns:dmarc-2.0"
#define MAX_TEXT 4096

struct mxa_report_writer {
	xmlTextWriterPtr xml;
	struct mxa_buf *out;
	z_stream zip;
	bool gzip;
	bool failed;
};

/* --- bytes --- */

static void deflate_bytes(
    struct mxa_report_writer *w, const char *p, size_t len, int flush)
{
	unsigned char chunk[16384];
	int rc;

	w->zip.next_in = (unsigned char *)p;
	w->zip.avail_in = (unsigned)len;
	do {
		w->zip.next_out = chunk;
		w->zip.avail_out = sizeof(chunk);
		rc = deflate(&w->zip, flush);
		mxa_buf_add(w->out, chunk, sizeof(chunk) - w->zip.avail_out);
	} while (rc == Z_OK && w->zip.avail_out == 0);
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		w->failed = true;
}

static int take_bytes(void *ctx, const char *p, int len)
{
	struct mxa_report_writer *w = ctx;

	if (w->gzip)
		deflate_bytes(w, p, (size_t)len, Z_NO_FLUSH);
	else
		mxa_buf_add(w->out, p, (size_t)len);
	return len;
}

/* --- elements --- */

static void check_result(struct mxa_report_writer *w, int rc)
{
	if (rc < 0)
		w->failed = true;
}

static void open_element(struct mxa_report_writer *w, const char *name)
{
	check_result(w, xmlTextWriterStartElement(w->xml, BAD_CAST name));
}

static void close_element(struct mxa_report_writer *w)
{
	check_result(w, xmlTextWriterEndElement(w->xml));
}

/* Texts come from the store: valid UTF-8 without control characters.  The
 * library escapes the rest. */
static void add_xml_text(
    struct mxa_report_writer *w, const char *name, struct mxa_str s)
{
	char text[MAX_TEXT];
	size_t len = s.len < sizeof(text) ? s.len : sizeof(text) - 1;

	memcpy(text, len > 0 ? s.p : "", len);
	text[len] = '\0';
	check_result(
	    w, xmlTextWriterWriteElement(w->xml, BAD_CAST name, BAD_CAST text));
}

static void add_xml_word(
    struct mxa_report_writer *w, const char *name, const char *word)
{
	add_xml_text(w, name, mxa_str_from(word));
}

static void add_number(struct mxa_report_writer *w, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	add_xml_word(w, name, text);
}

static const char *pass_word(bool pass)
{
	return pass ? "pass" : "fail";
}

/* --- the head --- */

/* A tag's name as far as it is one. */
static struct mxa_str tag_name(struct mxa_str tag)
{
	size_t n = 0;

	while (n < tag.len && n < 20 && mxa_is_alnum(tag.p[n]))
		n++;
	return mxa_str_sub(tag, 0, n);
}

/* What is wrong with the record, in one text: only one "error" is allowed. */
static void add_mistakes(
    struct mxa_report_writer *w, const struct mxa_dmarc_record *r)
{
	char text[MAX_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < r->n_mistakes && len < sizeof(text) - 200; i++) {
		const struct mxa_dmarc_mistake *m = &r->mistake[i];

		if (m->kind > MXA_DMARC_DUPLICATE)
			continue; /* without effect, and no mistake */
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%.*s: %s", len > 0 ? "; " : "policy record: ",
		    MXA_STR_ARG(tag_name(m->tag)), m->what);
	}
	if (len > 0)
		add_xml_word(w, "error", text);
}

static void add_metadata(struct mxa_report_writer *w,
    const struct mxa_reporter *who, const struct mxa_sent_report *r,
    const struct mxa_dmarc_record *record)
{
	open_element(w, "report_metadata");
	add_xml_text(w, "org_name", who->organization);
	add_xml_text(w, "email", who->from);
	if (who->contact.len > 0)
		add_xml_text(w, "extra_contact_info", who->contact);
	add_xml_text(w, "report_id", r->id);
	open_element(w, "date_range");
	add_number(w, "begin", r->begin);
	add_number(w, "end", r->end);
	close_element(w);
	add_mistakes(w, record);
	add_xml_text(w, "generator", who->generator);
	close_element(w);
}

static void add_fo(struct mxa_report_writer *w, unsigned fo)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = { { MXA_FO_ALL, "0" }, { MXA_FO_ANY, "1" },
		{ MXA_FO_DKIM, "d" }, { MXA_FO_SPF, "s" } };
	char text[16] = "";

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (fo & words[i].bit) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s%s",
			    len > 0 ? ":" : "", words[i].word);
		}
	add_xml_word(w, "fo", text[0] != '\0' ? text : "0");
}

/* Tags that are absent show their default (appendix A). */
static void add_published_policy(struct mxa_report_writer *w,
    const struct mxa_reporter *who, const struct mxa_sent_report *r,
    const struct mxa_dmarc_record *record)
{
	bool none = record->as_none || !record->usable;

	open_element(w, "policy_published");
	add_xml_text(w, "domain", r->domain);
	add_xml_word(
	    w, "p", mxa_dmarc_policy_name(none ? MXA_POLICY_NONE : record->p));
	add_xml_word(w, "sp",
	    mxa_dmarc_policy_name(none ? MXA_POLICY_NONE : record->sp));
	add_xml_word(w, "np",
	    mxa_dmarc_policy_name(none ? MXA_POLICY_NONE : record->np));
	add_xml_word(w, "adkim", record->strict_dkim ? "s" : "r");
	add_xml_word(w, "aspf", record->strict_spf ? "s" : "r");
	add_xml_word(w, "discovery_method", who->psl ? "psl" : "treewalk");
	add_fo(w, record->fo);
	add_xml_word(w, "testing", record->testing ? "y" : "n");
	close_element(w);
}

/* --- the document --- */

static bool start_gzip(struct mxa_report_writer *w)
{
	/* 31: a window of 32 KiB and gzip's header, which then has no time */
	return deflateInit2(&w->zip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8,
		   Z_DEFAULT_STRATEGY) == Z_OK;
}

struct mxa_report_writer *mxa_report_writer_new(struct mxa_buf *out, bool gzip,
    const struct mxa_reporter *who, const struct mxa_sent_report *r,
    const struct mxa_dmarc_record *record)
{
	struct mxa_report_writer *w = mxa_xcalloc(1, sizeof(*w));
	xmlOutputBufferPtr io =
	    xmlOutputBufferCreateIO(take_bytes, NULL, w, NULL);

	w->out = out;
	w->gzip = gzip && start_gzip(w);
	w->failed = gzip && !w->gzip;
	w->xml = io != NULL ? xmlNewTextWriter(io) : NULL;
	if (w->xml == NULL) {
		w->failed = true;
		return w;
	}
	if (!gzip)
		xmlTextWriterSetIndent(w->xml, 1);
	check_result(
	    w, xmlTextWriterStartDocument(w->xml, "1.0", "UTF-8", NULL));
	check_result(w,
	    xmlTextWriterStartElementNS(
		w->xml, NULL, BAD_CAST "feedback", BAD_CAST NAMESPACE));
	add_xml_word(w, "version", "1.0");
	add_metadata(w, who, r, record);
	add_published_policy(w, who, r, record);
	return w;
}

static void add_evaluated(
    struct mxa_report_writer *w, const struct mxa_report_line *l)
{
	open_element(w, "policy_evaluated");
	add_xml_text(w, "disposition", l->disposition);
	add_xml_word(w, "dkim", pass_word(l->dkim));
	add_xml_word(w, "spf", pass_word(l->spf));
	if (l->reason.len > 0) {
		open_element(w, "reason");
		add_xml_text(w, "type", l->reason);
		if (l->comment.len > 0)
			add_xml_text(w, "comment", l->comment);
		close_element(w);
	}
	close_element(w);
}

static void add_result_elements(
    struct mxa_report_writer *w, const struct mxa_report_line *l)
{
	open_element(w, "auth_results");
	for (size_t i = 0; i < l->n_sig; i++) {
		open_element(w, "dkim");
		add_xml_text(w, "domain", l->sig[i].domain);
		add_xml_text(w, "selector", l->sig[i].selector);
		add_xml_text(w, "result", l->sig[i].result);
		close_element(w);
	}
	if (l->spf_domain.len > 0) {
		open_element(w, "spf");
		add_xml_text(w, "domain", l->spf_domain);
		add_xml_word(w, "scope", "mfrom");
		add_xml_text(w, "result", l->spf_result);
		close_element(w);
	}
	close_element(w);
}

void mxa_report_writer_row(
    struct mxa_report_writer *w, const struct mxa_report_line *l, int64_t count)
{
	if (w->xml == NULL)
		return;
	open_element(w, "record");
	open_element(w, "row");
	add_xml_text(w, "source_ip", l->source_ip);
	add_number(w, "count", count);
	add_evaluated(w, l);
	close_element(w);
	open_element(w, "identifiers");
	add_xml_text(w, "header_from", l->header_from);
	add_xml_text(w, "envelope_from", l->envelope_from);
	close_element(w);
	add_result_elements(w, l);
	close_element(w);
}

bool mxa_report_writer_end(struct mxa_report_writer *w)
{
	bool ok;

	if (w->xml != NULL) {
		check_result(w, xmlTextWriterEndDocument(w->xml));
		check_result(w, xmlTextWriterFlush(w->xml));
		xmlFreeTextWriter(w->xml);
	}
	if (w->gzip) {
		deflate_bytes(w, "", 0, Z_FINISH);
		deflateEnd(&w->zip);
	}
	ok = !w->failed && !w->out->full;
	free(w);
	return ok;
}
