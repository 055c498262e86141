/* xml.h - the XML of an aggregate report, read as a stream by libxml2 behind
 * our own limits (markup.h).  Document type declarations are refused, elements
 * may come in any order, namespace and case. */
#ifndef MXA_REPORT_RECEIVED_XML_H
#define MXA_REPORT_RECEIVED_XML_H

#include "report/received/model.h"
#include "report/received/utf8.h"

/* Read one document and give its rows to the sink.  False: nothing usable,
 * '*error' (static) says why.  Of a document that breaks off after usable rows
 * those are given, and the loss is an error of the collection. */
bool mxa_report_xml_read(struct mxa_reports *r, struct mxa_str file,
    mxa_report_source *source, void *ctx, const char **error);

#endif
