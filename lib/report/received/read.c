/* read.c - what a file is, and the reports inside. */
#include "report/received/read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "mail/mime.h"
#include "report/received/xml.h"

#define MAX_DEPTH 4 /* an archive in a mail in a mail … */

static bool read_any(struct mxa_reports *r, struct mxa_str name,
    struct mxa_str bytes, unsigned depth);

/* --- plain XML --- */

struct memory {
	struct mxa_str rest;
};

static long from_memory(void *ctx, char *p, size_t len)
{
	struct memory *m = ctx;
	size_t n = m->rest.len < len ? m->rest.len : len;

	memcpy(p, m->rest.p, n);
	m->rest = mxa_str_sub(m->rest, n, m->rest.len);
	return (long)n;
}

static bool add_xml(struct mxa_reports *r, struct mxa_str name,
    mxa_report_source *source, void *ctx, const char **error)
{
	struct mxa_report *rep =
	    mxa_report_xml_read(r, name, source, ctx, error);

	if (rep == NULL)
		return false;
	if (!mxa_reports_add(r, rep)) {
		mxa_reports_warning(
		    r, name, "this report was given before; it counts once");
		mxa_report_drop(rep);
	}
	return true;
}

static bool read_xml(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes)
{
	struct memory m = { bytes };
	const char *error;

	if (add_xml(r, name, from_memory, &m, &error))
		return true;
	mxa_reports_error(r, name, error);
	return false;
}

/* --- archives --- */

struct unpack {
	struct archive *archive;
	size_t packed, unpacked;
	const char *error; /* static */
};

static long from_archive(void *ctx, char *p, size_t len)
{
	struct unpack *u = ctx;
	la_ssize_t n = u->error ? -1 : archive_read_data(u->archive, p, len);

	if (n < 0) {
		if (u->error == NULL)
			u->error = "the archive is damaged";
		return -1;
	}
	u->unpacked += (size_t)n;
	if (u->unpacked > MXA_REPORT_MAX_UNPACKED ||
	    (u->unpacked > (size_t)16 << 20 &&
		u->unpacked / MXA_REPORT_MAX_RATIO > u->packed)) {
		u->error = "the archive unpacks to more than any report holds";
		return -1;
	}
	return (long)n;
}

static void free_archive(struct archive **a)
{
	if (*a != NULL)
		archive_read_free(*a);
}

static struct mxa_str member_name(
    struct mxa_reports *r, struct mxa_str name, struct archive_entry *entry)
{
	const char *member = archive_entry_pathname(entry);

	if (member == NULL || strcmp(member, "data") == 0)
		return name;
	return mxa_str_from(
	    mxa_arena_printf(r->arena, "%.*s:%s", MXA_STR_ARG(name), member));
}

/* One member; the reason when nothing could be read is kept for later, since
 * another member may hold the report. */
static bool read_member(struct mxa_reports *r, struct mxa_str name,
    struct unpack *u, const char **error)
{
	if (add_xml(r, name, from_archive, u, error))
		return true;
	if (u->error != NULL)
		*error = u->error;
	return false;
}

static bool read_archive(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes)
{
	MXA_CLEANUP(free_archive) struct archive *a = archive_read_new();
	struct unpack u = { .archive = a, .packed = bytes.len };
	const char *error = "the archive is damaged";
	struct archive_entry *entry;
	bool found = false;
	int members = 0;

	archive_read_support_filter_gzip(a);
	archive_read_support_format_zip(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, bytes.p, bytes.len) != ARCHIVE_OK) {
		mxa_reports_error(r, name, error);
		return false;
	}
	while (u.error == NULL && members++ < MXA_REPORT_MAX_MEMBERS &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		if (archive_entry_filetype(entry) == AE_IFDIR)
			continue;
		found |=
		    read_member(r, member_name(r, name, entry), &u, &error);
	}
	if (!found)
		mxa_reports_error(r, name, error);
	return found;
}

/* --- mails --- */

struct mail {
	struct mxa_reports *r;
	struct mxa_str name;
	unsigned depth;
	bool found;
	size_t tried;
};

static bool looks_packed(struct mxa_str b)
{
	return mxa_str_starts(b, MXA_STR("\x1f\x8b")) ||
	    mxa_str_starts(b, MXA_STR("PK\x03\x04"));
}

/* Markup somewhere near the start: '<' or, escaped, "&lt;". */
static bool looks_like_xml(struct mxa_str b)
{
	struct mxa_str head = mxa_str_sub(b, 0, 512);

	if (mxa_str_starts(b, MXA_STR("\xff\xfe")) ||
	    mxa_str_starts(b, MXA_STR("\xfe\xff")) ||
	    mxa_str_starts(b, MXA_STR("<\0?")))
		return true;
	return mxa_str_casefind(head, MXA_STR("<?xml")) < head.len ||
	    mxa_str_casefind(head, MXA_STR("<feedback")) < head.len ||
	    mxa_str_casefind(head, MXA_STR(":feedback")) < head.len ||
	    mxa_str_casefind(head, MXA_STR("&lt;feedback")) < head.len ||
	    mxa_str_casefind(head, MXA_STR("&lt;?xml")) < head.len;
}

static bool visit_part(void *ctx, const struct mxa_mime_part *part)
{
	struct mail *m = ctx;
	struct mxa_str name = m->name;

	if (!looks_packed(part->body) && !looks_like_xml(part->body))
		return true;
	if (part->filename.len > 0)
		name = mxa_str_from(mxa_arena_printf(m->r->arena, "%.*s:%.*s",
		    MXA_STR_ARG(m->name), MXA_STR_ARG(part->filename)));
	m->tried++;
	m->found |= read_any(m->r, name, part->body, m->depth + 1);
	return true;
}

static bool read_mail(struct mxa_reports *r, struct mxa_str name,
    struct mxa_str bytes, unsigned depth)
{
	struct mail m = { .r = r, .name = name, .depth = depth };
	struct mxa_arena *parts = mxa_arena_new();

	mxa_mime_walk(
	    parts, mxa_str_sub(bytes, 0, MXA_REPORT_MAX_MAIL), visit_part, &m);
	mxa_arena_free(parts);
	if (m.tried == 0)
		mxa_reports_error(r, name,
		    "neither XML nor an archive, nor a mail that has one");
	return m.found;
}

static bool read_any(struct mxa_reports *r, struct mxa_str name,
    struct mxa_str bytes, unsigned depth)
{
	if (mxa_str_trim(bytes).len == 0) {
		mxa_reports_error(r, name, "the file is empty");
		return false;
	}
	if (depth > MAX_DEPTH) {
		mxa_reports_error(r, name, "packed too many times");
		return false;
	}
	if (looks_packed(bytes))
		return read_archive(r, name, bytes);
	if (looks_like_xml(bytes))
		return read_xml(r, name, bytes);
	return read_mail(r, name, bytes, depth);
}

bool mxa_report_read_bytes(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes)
{
	return read_any(r, name, bytes, 0);
}

/* --- files --- */

static bool fail_errno(struct mxa_reports *r, const char *path)
{
	mxa_reports_error(r, mxa_str_from(path), strerror(errno));
	return false;
}

static bool read_stdin(struct mxa_reports *r)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;
	char chunk[65536];
	size_t n;
	bool ok;

	mxa_buf_init(&b, a, MXA_REPORT_MAX_UNPACKED);
	while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		mxa_buf_add(&b, chunk, n);
	ok = mxa_report_read_bytes(r, MXA_STR("-"), mxa_buf_str(&b));
	mxa_arena_free(a);
	return ok;
}

bool mxa_report_read_file(struct mxa_reports *r, const char *path)
{
	struct stat st;
	void *map;
	bool ok;
	int fd;

	if (strcmp(path, "-") == 0)
		return read_stdin(r);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(r, path);
	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : errno;
		ok = fail_errno(r, path);
		close(fd);
		return ok;
	}
	if (st.st_size == 0) {
		close(fd);
		mxa_reports_error(r, mxa_str_from(path), "the file is empty");
		return false;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return fail_errno(r, path);
	ok = mxa_report_read_bytes(
	    r, mxa_str_from(path), mxa_str_make(map, (size_t)st.st_size));
	munmap(map, (size_t)st.st_size);
	return ok;
}
