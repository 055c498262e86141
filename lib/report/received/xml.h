/* xml.h - the XML of an aggregate report, read as a stream by libxml2.  Entity
 * expansion is off, document type declarations are refused, elements may come
 * in any order and namespace (RFC 9990 section 3.1.1). */
#ifndef MXA_REPORT_RECEIVED_XML_H
#define MXA_REPORT_RECEIVED_XML_H

#include "report/received/model.h"
#include "report/received/utf8.h"

/* Read one document.  NULL: nothing usable, '*error' (static) says why.  A
 * document that breaks off behind usable rows comes back with 'cut' set. */
struct mxa_report *mxa_report_xml_read(struct mxa_reports *r,
    struct mxa_str file, mxa_report_source *source, void *ctx,
    const char **error);

#endif
