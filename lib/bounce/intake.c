/* intake.c - libarchive's filters, and lines from a buffer. */
#include "bounce/intake.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define BLOCK ((size_t)256 << 10)
#define BUFFER (4 * BLOCK)

struct mxa_intake {
	int fd;
	struct archive *archive; /* NULL: the bytes are not packed */
	uint64_t taken, size;	 /* of the file as it is */
	uint64_t unpacked;
	const char *error;
	bool end;
	bool line_ended;

	/* the unread bytes are from 'at' to 'len' */
	char *buf;
	size_t at, len, cap;
	char first[BLOCK]; /* packed bytes on their way to libarchive */
	size_t first_len;
};

/* --- packed input --- */

static la_ssize_t read_packed(struct archive *a, void *ctx, const void **block)
{
	struct mxa_intake *in = ctx;
	ssize_t n;

	(void)a;
	*block = in->first;
	if (in->first_len > 0) { /* what was read to see what it is */
		n = (ssize_t)in->first_len;
		in->first_len = 0;
		return n;
	}
	do
		n = read(in->fd, in->first, sizeof(in->first));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		in->taken += (uint64_t)n;
	return n;
}

static bool is_packed(const char *p, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
	} known[] = {
		{ "\x1f\x8b", 2 },		 /* gzip */
		{ "\xfd\x37zXZ\0", 6 },		 /* xz */
		{ "\x28\xb5\x2f\xfd", 4 },	 /* zstd */
		{ "BZh", 3 }, { "\x1f\x9d", 2 }, /* compress */
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (len >= known[i].len &&
		    memcmp(p, known[i].magic, known[i].len) == 0)
			return true;
	return false;
}

static bool open_packed(struct mxa_intake *in)
{
	struct archive_entry *entry;

	in->archive = archive_read_new();
	if (in->archive == NULL)
		return false;
	archive_read_support_filter_gzip(in->archive);
	archive_read_support_filter_xz(in->archive);
	archive_read_support_filter_zstd(in->archive);
	archive_read_support_filter_bzip2(in->archive);
	archive_read_support_filter_compress(in->archive);
	archive_read_support_format_raw(in->archive);
	return archive_read_open(in->archive, in, NULL, read_packed, NULL) ==
	    ARCHIVE_OK &&
	    archive_read_next_header(in->archive, &entry) == ARCHIVE_OK;
}

/* --- bytes --- */

static ssize_t read_bytes(struct mxa_intake *in, char *p, size_t len)
{
	ssize_t n;

	if (in->archive != NULL) {
		n = archive_read_data(in->archive, p, len);
		if (n > 0)
			in->unpacked += (uint64_t)n;
		if (in->unpacked > MXA_INTAKE_MAX_UNPACKED) {
			in->error = "it unpacks to more than 64 GiB";
			return -1;
		}
		if (n < 0)
			in->error = "the packed data are damaged";
		return n;
	}
	do
		n = read(in->fd, p, len);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		in->taken += (uint64_t)n;
	else if (n < 0)
		in->error = "reading failed";
	return n;
}

/* More bytes after those that are unread; false: there are no more. */
static bool fill_buffer(struct mxa_intake *in)
{
	ssize_t n;

	if (in->end)
		return false;
	if (in->at > 0) {
		memmove(in->buf, in->buf + in->at, in->len - in->at);
		in->len -= in->at;
		in->at = 0;
	}
	if (in->len == in->cap)
		return false;
	n = read_bytes(in, in->buf + in->len, in->cap - in->len);
	if (n <= 0) {
		in->end = true;
		return false;
	}
	in->len += (size_t)n;
	return true;
}

struct mxa_str mxa_intake_peek(struct mxa_intake *in, size_t len)
{
	if (len > in->cap)
		len = in->cap;
	while (in->len - in->at < len && fill_buffer(in))
		;
	if (in->len - in->at < len)
		len = in->len - in->at;
	return mxa_str_make(in->buf + in->at, len);
}

/* Drops what is left of a line that is too long, with its LF. */
static void skip_rest(struct mxa_intake *in)
{
	for (;;) {
		char *lf = memchr(in->buf + in->at, '\n', in->len - in->at);

		if (lf != NULL) {
			in->at = (size_t)(lf - in->buf) + 1;
			return;
		}
		in->at = in->len;
		if (!fill_buffer(in))
			return;
	}
}

static struct mxa_str without_cr(struct mxa_str line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool mxa_intake_line(struct mxa_intake *in, struct mxa_str *out)
{
	size_t looked = 0;
	char *lf = NULL;

	/* bytes of a line that was too long are dropped only now, when nobody
	 * uses the line before any more */
	if (!in->line_ended)
		skip_rest(in);
	while (in->len - in->at > looked || fill_buffer(in)) {
		lf = memchr(
		    in->buf + in->at + looked, '\n', in->len - in->at - looked);
		looked = in->len - in->at;
		if (lf != NULL || looked >= MXA_INTAKE_MAX_LINE)
			break;
	}
	*out = mxa_str_make(in->buf + in->at,
	    lf != NULL ? (size_t)(lf - in->buf) - in->at : looked);
	in->line_ended = lf != NULL;
	if (lf == NULL && looked == 0)
		return false;
	in->at += out->len + (lf != NULL);
	if (out->len > MXA_INTAKE_MAX_LINE)
		out->len = MXA_INTAKE_MAX_LINE;
	*out = without_cr(*out);
	return true;
}

bool mxa_intake_line_ended(const struct mxa_intake *in)
{
	return in->line_ended;
}

/* --- the module --- */

static bool open_file(
    struct mxa_intake *in, const char *path, const char **error)
{
	struct stat st;

	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0 || fstat(in->fd, &st) != 0) {
		*error = strerror(errno);
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		*error = strerror(EISDIR);
		return false;
	}
	if (S_ISREG(st.st_mode))
		in->size = (uint64_t)st.st_size;
	return true;
}

struct mxa_intake *mxa_intake_open(const char *path, const char **error)
{
	struct mxa_intake *in = mxa_xcalloc(1, sizeof(*in));

	in->line_ended = true;
	in->cap = BLOCK; /* what 'first' can take back */
	in->buf = mxa_xmalloc(BUFFER);
	if (!open_file(in, path, error)) {
		mxa_intake_free(in);
		return NULL;
	}
	(void)mxa_intake_peek(in, 6);
	in->cap = BUFFER;
	if (!is_packed(in->buf, in->len))
		return in;
	in->first_len = in->len;
	memcpy(in->first, in->buf, in->first_len);
	in->at = in->len = 0;
	if (!open_packed(in)) {
		*error = "the packed data are damaged";
		mxa_intake_free(in);
		return NULL;
	}
	in->end = false;
	return in;
}

void mxa_intake_free(struct mxa_intake *in)
{
	if (in == NULL)
		return;
	archive_read_free(in->archive);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
	free(in);
}

void mxa_intake_progress(
    const struct mxa_intake *in, uint64_t *taken, uint64_t *size)
{
	*taken = in->taken;
	*size = in->size;
}

const char *mxa_intake_error(const struct mxa_intake *in)
{
	return in->error;
}
