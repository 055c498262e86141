/* mail.c - the mail that carries a report. */
#include "report/sent/mail.h"

#include <stdlib.h>

#include "base/date.h"

#define BYTES_OF_A_LINE 57 /* become 76 characters */

/* --- base64 --- */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_group(struct mxa_buf *b, const unsigned char *p, size_t n)
{
	unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) |
	    (n > 2 ? p[2] : 0);
	char out[4];

	for (int i = 0; i < 4; i++)
		out[i] = base64_digits[v >> (18 - 6 * i) & 63];
	for (size_t i = n + 1; i < 4; i++)
		out[i] = '=';
	mxa_buf_add(b, out, 4);
}

void mxa_base64_lines(struct mxa_buf *b, struct mxa_str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t i = 0; i < bytes.len; i += 3) {
		add_group(b, p + i, bytes.len - i < 3 ? bytes.len - i : 3);
		if (i % BYTES_OF_A_LINE == BYTES_OF_A_LINE - 3)
			mxa_buf_adds(b, "\r\n");
	}
	if (bytes.len % BYTES_OF_A_LINE != 0)
		mxa_buf_adds(b, "\r\n");
}

/* --- header fields --- */

void mxa_mail_date(struct mxa_buf *b, int64_t t)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char iso[MXA_TIME_TEXT]; /* 2026-11-21T08:00:00Z */

	mxa_time_format(t, iso);
	mxa_buf_printf(b, "%s, %d %s %.4s %.8s +0000",
	    days[(t / 86400 + 4) % 7], atoi(iso + 8), months[atoi(iso + 5) - 1],
	    iso, iso + 11);
}

/* A display name as a quoted string. */
static void add_name(struct mxa_buf *b, struct mxa_str name)
{
	mxa_buf_addc(b, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			mxa_buf_addc(b, '\\');
		if (name.p[i] >= ' ' && name.p[i] < 0x7f)
			mxa_buf_addc(b, name.p[i]);
	}
	mxa_buf_addc(b, '"');
}

void mxa_mail_begin(struct mxa_buf *b, const struct mxa_reporter *who,
    struct mxa_str to, int64_t date)
{
	mxa_buf_adds(b, "From: ");
	add_name(b, who->organization);
	mxa_buf_printf(b,
	    " <%.*s>\r\nTo: %.*s\r\nDate: ", MXA_STR_ARG(who->from),
	    MXA_STR_ARG(to));
	mxa_mail_date(b, date);
	mxa_buf_adds(b, "\r\n");
}

void mxa_mail_ids(
    struct mxa_buf *b, const struct mxa_reporter *who, struct mxa_str id)
{
	mxa_buf_printf(b,
	    "Message-ID: <%.*s@%.*s>\r\nAuto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n",
	    MXA_STR_ARG(id), MXA_STR_ARG(who->domain));
}

static void add_header(struct mxa_buf *b, const struct mxa_report_mail *m)
{
	mxa_mail_begin(b, m->who, m->to, m->made);
	mxa_buf_printf(b,
	    "Subject: Report Domain: %.*s\r\n Submitter: %.*s\r\n"
	    " Report-ID: <%.*s>\r\n",
	    MXA_STR_ARG(m->domain), MXA_STR_ARG(m->who->domain),
	    MXA_STR_ARG(m->id));
	mxa_mail_ids(b, m->who, m->id);
	mxa_buf_printf(b,
	    "Content-Type: multipart/mixed; boundary=\"=_%.*s\"\r\n\r\n",
	    MXA_STR_ARG(m->id));
}

/* --- body --- */

static void add_explanation(struct mxa_buf *b, const struct mxa_report_mail *m)
{
	mxa_buf_printf(b,
	    "--=_%.*s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "This is a DMARC aggregate report (RFC 9990) about mail from\r\n"
	    "%.*s that arrived at %.*s\r\nfrom ",
	    MXA_STR_ARG(m->id), MXA_STR_ARG(m->domain),
	    MXA_STR_ARG(m->who->domain));
	mxa_mail_date(b, m->begin);
	mxa_buf_adds(b, "\r\nto   ");
	mxa_mail_date(b, m->end);
	mxa_buf_printf(b,
	    ".\r\nYou get it because the DMARC record of the domain asks for "
	    "it (rua=).\r\n");
	if (m->who->contact.len > 0)
		mxa_buf_printf(
		    b, "More: %.*s\r\n", MXA_STR_ARG(m->who->contact));
	mxa_buf_adds(b, "\r\n");
}

void mxa_report_mail_write(struct mxa_buf *b, const struct mxa_report_mail *m)
{
	add_header(b, m);
	add_explanation(b, m);
	mxa_buf_printf(b,
	    "--=_%.*s\r\nContent-Type: application/gzip;\r\n"
	    " name=\"%.*s\"\r\nContent-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment;\r\n filename=\"%.*s\"\r\n\r\n",
	    MXA_STR_ARG(m->id), MXA_STR_ARG(m->filename),
	    MXA_STR_ARG(m->filename));
	mxa_base64_lines(b, m->body);
	mxa_buf_printf(b, "--=_%.*s--\r\n", MXA_STR_ARG(m->id));
}
