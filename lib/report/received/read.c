/* read.c - what a file is, and the reports inside. */
#include "report/received/read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "bounce/intake.h"
#include "bounce/mailbox.h"
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

static bool read_xml(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes)
{
	struct memory m = { bytes };
	const char *error;

	if (mxa_report_xml_read(r, name, from_memory, &m, &error))
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
	if (mxa_report_xml_read(r, name, from_archive, u, error))
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

/* Whether the first line is a header field, or the line before a message in an
 * mbox: no document or archive begins so. */
static bool looks_like_mail(struct mxa_str b)
{
	size_t i = 0;

	if (mxa_str_starts(b, MXA_STR("From ")))
		return true;
	while (i < b.len && i < 80 && (mxa_is_alnum(b.p[i]) || b.p[i] == '-'))
		i++;
	while (i < b.len && mxa_is_wsp(b.p[i]))
		i++;
	return i > 0 && i < b.len && b.p[i] == ':';
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

/* What is said when a mail has nothing that could be a report. */
#define NO_REPORT "neither XML nor an archive, nor a mail that has one"

static struct mail read_mail(struct mxa_reports *r, struct mxa_str name,
    struct mxa_str bytes, unsigned depth)
{
	struct mail m = { .r = r, .name = name, .depth = depth };
	struct mxa_arena *parts = mxa_arena_new();
	const char *limit;

	limit = mxa_mime_walk(
	    parts, mxa_str_sub(bytes, 0, MXA_REPORT_MAX_MAIL), visit_part, &m);
	mxa_arena_free(parts);
	if (bytes.len > MXA_REPORT_MAX_MAIL)
		limit = "the mail is larger than 64 MiB";
	if (limit != NULL) {
		mxa_reports_error(r, name,
		    mxa_arena_printf(r->arena,
			"%s: what comes after that was not read", limit));
		m.tried++;
	}
	return m;
}

static bool read_any(struct mxa_reports *r, struct mxa_str name,
    struct mxa_str bytes, unsigned depth)
{
	struct mail m;

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
	if (!looks_like_mail(bytes) && looks_like_xml(bytes))
		return read_xml(r, name, bytes);
	m = read_mail(r, name, bytes, depth);
	if (m.tried == 0 && looks_like_xml(bytes))
		return read_xml(r, name, bytes);
	if (m.tried == 0)
		mxa_reports_error(r, name, NO_REPORT);
	return m.found;
}

bool mxa_report_read_bytes(
    struct mxa_reports *r, struct mxa_str name, struct mxa_str bytes)
{
	return read_any(r, name, bytes, 0);
}

/* --- files --- */

static bool fail_errno(struct mxa_reports *r, struct mxa_str name)
{
	mxa_reports_error(r, name, strerror(errno));
	return false;
}

/* Bytes of a file, the first of which have been read. */
struct source_file {
	struct memory start;
	int fd;
};

static long from_file(void *ctx, char *p, size_t len)
{
	struct source_file *f = ctx;

	return f->start.rest.len > 0 ? from_memory(&f->start, p, len)
				     : (long)read(f->fd, p, len);
}

/* A plain document needs no memory for its bytes, however long it is; false:
 * it is something else, and the file is at its beginning. */
static bool read_plain(
    struct mxa_reports *r, struct mxa_str name, int fd, bool *found)
{
	char head[512];
	ssize_t n = read(fd, head, sizeof(head));
	struct mxa_str s = mxa_str_make(head, n > 0 ? (size_t)n : 0);
	struct source_file f = { .start = { s }, .fd = fd };
	const char *error;

	if (looks_packed(s) || looks_like_mail(s) || !looks_like_xml(s)) {
		lseek(fd, 0, SEEK_SET);
		return false;
	}
	*found = mxa_report_xml_read(r, name, from_file, &f, &error);
	if (!*found)
		mxa_reports_error(r, name, error);
	return true;
}

/* Hand over the bytes of a file. */
static bool map_file(struct mxa_reports *r, struct mxa_str name, int fd,
    size_t size, mxa_mailbox_fn *fn, void *ctx)
{
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	bool ok;

	if (map == MAP_FAILED)
		return fail_errno(r, name);
	ok = fn(ctx, name, mxa_str_make(map, size));
	munmap(map, size);
	return ok;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool read_regular(struct mxa_reports *r, const char *path,
    struct mxa_str name, mxa_mailbox_fn *fn, void *ctx)
{
	MXA_CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool found;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail_errno(r, name);
	if (st.st_size == 0) {
		mxa_reports_error(r, name, "the file is empty");
		return false;
	}
	if (read_plain(r, name, fd, &found))
		return found;
	return map_file(r, name, fd, (size_t)st.st_size, fn, ctx);
}

static bool read_only_one(void *ctx, struct mxa_str name, struct mxa_str bytes)
{
	return mxa_report_read_bytes(ctx, name, bytes);
}

/* --- many messages --- */

struct box {
	struct mxa_reports *r;
	size_t before; /* reports that had been seen */
	size_t others; /* messages without any */
};

static size_t reports_seen(const struct mxa_reports *r)
{
	return r->n + r->duplicates;
}

/* A mail without any report is no error among others. */
static bool read_one_of_many(
    void *ctx, struct mxa_str name, struct mxa_str bytes)
{
	struct box *box = ctx;
	struct mail m = { .tried = 0 };

	if (looks_packed(bytes)) {
		(void)read_archive(box->r, name, bytes);
		return true;
	}
	if (looks_like_mail(bytes) || !looks_like_xml(bytes))
		m = read_mail(box->r, name, bytes, 0);
	if (m.tried == 0 && looks_like_xml(bytes))
		(void)read_xml(box->r, name, bytes);
	else if (m.tried == 0)
		box->others++;
	return true;
}

static bool finish_box(const struct box *box, struct mxa_str name)
{
	struct mxa_reports *r = box->r;
	bool found = reports_seen(r) > box->before;

	if (!found)
		mxa_reports_error(r, name, "there is no report in it");
	else if (box->others > 0)
		mxa_reports_warning(r, name,
		    mxa_arena_printf(r->arena,
			"%zu messages without a report were passed over",
			box->others));
	return found;
}

/* Whether the file is an mbox; then all its messages have been read. */
static bool read_mbox(struct box *box, const char *path, struct mxa_str name)
{
	const char *error;
	struct mxa_intake *in = mxa_intake_open(path, &error);
	bool mbox = in != NULL && mxa_mailbox_is_mbox(mxa_intake_peek(in, 512));

	if (mbox) {
		mxa_mailbox_mbox(in, name, read_one_of_many, box);
		error = mxa_intake_error(in);
		if (error != NULL)
			mxa_reports_error(box->r, name, error);
	}
	mxa_intake_free(in);
	return mbox;
}

/* A file of a folder. */
static void read_member_file(void *ctx, const char *path)
{
	struct box *box = ctx;
	struct mxa_str name = mxa_str_from(path);

	if (!read_mbox(box, path, name))
		read_regular(box->r, path, name, read_one_of_many, box);
}

static bool read_folder(
    struct mxa_reports *r, const char *path, enum mxa_mailbox_kind kind)
{
	struct box box = { .r = r, .before = reports_seen(r) };

	if (!mxa_mailbox_walk(path, kind, read_member_file, &box))
		return fail_errno(r, mxa_str_from(path));
	return finish_box(&box, mxa_str_from(path));
}

static bool read_named(
    struct mxa_reports *r, const char *path, struct mxa_str name)
{
	struct box box = { .r = r, .before = reports_seen(r) };

	if (read_mbox(&box, path, name))
		return finish_box(&box, name);
	return read_regular(r, path, name, read_only_one, r);
}

/* --- standard input and pipes --- */

static void close_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

/* All of 'from' in a file without a name. */
static FILE *spool(FILE *from)
{
	FILE *to = tmpfile();
	char chunk[65536];
	size_t n, all = 0;

	while (to != NULL && all < MXA_REPORT_MAX_UNPACKED &&
	    (n = fread(chunk, 1, sizeof(chunk), from)) > 0) {
		all += n;
		if (fwrite(chunk, 1, n, to) == n)
			continue;
		fclose(to);
		return NULL;
	}
	if (to != NULL)
		fflush(to);
	return to;
}

static bool read_pipe(struct mxa_reports *r, FILE *from, struct mxa_str name)
{
	MXA_CLEANUP(close_file) FILE *file = spool(from);
	char path[64];

	if (file == NULL)
		return fail_errno(r, name);
	snprintf(path, sizeof(path), "/dev/fd/%d", fileno(file));
	return read_named(r, path, name);
}

bool mxa_report_read_file(struct mxa_reports *r, const char *path)
{
	struct mxa_str name = mxa_str_from(path);
	enum mxa_mailbox_kind kind;
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_pipe(r, stdin, name);
	if (stat(path, &st) != 0)
		return fail_errno(r, name);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		MXA_CLEANUP(close_file) FILE *from = fopen(path, "rb");

		return from ? read_pipe(r, from, name) : fail_errno(r, name);
	}
	kind = mxa_mailbox_kind(path);
	if (kind != MXA_MAILBOX_FILE)
		return read_folder(r, path, kind);
	return read_named(r, path, name);
}
