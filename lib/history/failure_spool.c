/* failure_spool.c - messages that wait for a failure report. */
#include "history/failure_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "history/journal.h"

#define MODE 0640
#define TIME_DIGITS 10
#define RANDOM_BYTES ((MXA_SPOOL_ID - TIME_DIGITS) / 2)
#define HOUR 3600
#define LOOK_SECONDS 60	  /* how often the directory is looked over */
#define MAX_LOOKED 100000 /* names in it that are looked at */
#define SLOTS 256
#define MAX_INCIDENTS INT64_C(1000000000)

static const char first_line[] = "mxauth-failure 1 ";

/* What a policy domain had in this hour.  Two domains with the same slot take
 * it from each other: the sender has limits of its own. */
struct spool_slot {
	uint64_t domain; /* hash */
	int64_t hour;
	uint32_t written;
	int64_t missed; /* not written since the last that was */
};

struct mxa_spool {
	char *directory;
	char *state;
	const struct mxa_clock *clock;
	uint8_t key[MXA_REDACT_KEY];

	/* below: under 'lock' */
	pthread_mutex_t lock;
	size_t files;
	int64_t looked; /* when they were counted; 0: never */
	bool failing;	/* and said so */
	uint64_t missed;
	struct spool_slot slot[SLOTS];
};

struct mxa_spool *mxa_spool_new(const struct mxa_spool_options *o)
{
	struct mxa_spool *s = mxa_xcalloc(1, sizeof(*s));

	s->directory = mxa_xstrdup(o->directory);
	s->state = o->state_directory ? mxa_xstrdup(o->state_directory) : NULL;
	s->clock = o->clock;
	memcpy(s->key, o->key, sizeof(s->key));
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void mxa_spool_free(struct mxa_spool *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	explicit_bzero(s->key, sizeof(s->key));
	free(s->directory);
	free(s->state);
	free(s);
}

/* --- names --- */

bool mxa_spool_name(struct mxa_str name, int64_t *time)
{
	int64_t t = 0;

	if (name.len != MXA_SPOOL_ID + sizeof(MXA_SPOOL_SUFFIX) - 1 ||
	    !mxa_str_ends(name, MXA_STR(MXA_SPOOL_SUFFIX)))
		return false;
	for (size_t i = 0; i < MXA_SPOOL_ID; i++) {
		char c = name.p[i];

		if (!mxa_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		if (i < TIME_DIGITS)
			t = t * 16 + (mxa_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	*time = t;
	return true;
}

/* "DIRECTORY/ID.failure" in the arena; NULL: no random bytes. */
static char *new_path(
    const struct mxa_spool *s, struct mxa_arena *a, int64_t now)
{
	uint8_t raw[RANDOM_BYTES];
	struct mxa_buf b;

	if (getentropy(raw, sizeof(raw)) != 0)
		return NULL;
	mxa_buf_init(&b, a, strlen(s->directory) + 64);
	mxa_buf_printf(&b, "%s/%010" PRIx64, s->directory,
	    (uint64_t)now & UINT64_C(0xffffffffff));
	for (size_t i = 0; i < sizeof(raw); i++)
		mxa_buf_printf(&b, "%02x", raw[i]);
	mxa_buf_adds(&b, MXA_SPOOL_SUFFIX);
	return (char *)mxa_buf_cstr(&b);
}

/* --- limits --- */

/* Count the files; what is too old goes. */
static void look_over(struct mxa_spool *s, int64_t now)
{
	DIR *dir = opendir(s->directory);
	struct dirent *e;
	int64_t time;

	s->files = 0;
	s->looked = now;
	if (dir == NULL)
		return; /* writing says why */
	for (int i = 0; i < MAX_LOOKED && (e = readdir(dir)) != NULL; i++) {
		if (!mxa_spool_name(mxa_str_from(e->d_name), &time))
			continue;
		if (time + MXA_SPOOL_SECONDS < now)
			(void)unlinkat(dirfd(dir), e->d_name, 0);
		else
			s->files++;
	}
	closedir(dir);
}

static bool has_room(struct mxa_spool *s, int64_t now)
{
	if (now - s->looked >= LOOK_SECONDS || now < s->looked)
		look_over(s, now);
	return s->files < MXA_SPOOL_FILES;
}

static struct spool_slot *slot_of(
    struct mxa_spool *s, struct mxa_str domain, int64_t now)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
	struct spool_slot *slot;

	for (size_t i = 0; i < domain.len; i++)
		h = (h ^ (unsigned char)domain.p[i]) * UINT64_C(1099511628211);
	slot = &s->slot[h % SLOTS];
	if (slot->domain != h)
		*slot = (struct spool_slot){ .domain = h, .hour = now / HOUR };
	if (slot->hour != now / HOUR) {
		slot->hour = now / HOUR;
		slot->written = 0;
	}
	return slot;
}

/* How many incidents the next file stands for; 0: none is to be written now. */
static int64_t take_turn(struct mxa_spool *s, struct mxa_str domain,
    uint32_t per_hour, int64_t now, bool *full)
{
	struct spool_slot *slot = slot_of(s, domain, now);
	int64_t incidents;

	*full = false;
	if (slot->written < per_hour)
		*full = !has_room(s, now);
	if (slot->written >= per_hour || *full) {
		slot->missed++;
		return 0;
	}
	incidents = slot->missed + 1;
	slot->missed = 0;
	slot->written++;
	s->files++;
	return incidents;
}

/* --- content --- */

static void hide_signatures(
    struct mxa_arena *a, const struct mxa_verdict *from, struct mxa_verdict *to)
{
	size_t n = from->dkim.n;

	to->dkim.sig = mxa_arena_calloc(a, n + 1, sizeof(*to->dkim.sig));
	for (size_t i = 0; i < n; i++) {
		struct mxa_dkim_sig *sig = &to->dkim.sig[i];
		struct mxa_str id = from->dkim.sig[i].identity;

		*sig = from->dkim.sig[i];
		sig->identity =
		    mxa_str_sub(id, mxa_str_chr(id, '@', 0), id.len);
	}
}

/* The transaction as 'domain' of it is told: without people, and with that
 * author domain in the place of the worst. */
static struct mxa_txn *as_told(const struct mxa_redactor *r,
    const struct mxa_txn *t, const struct mxa_dmarc_domain *domain)
{
	struct mxa_txn *out = mxa_arena_alloc(r->a, sizeof(*out));

	*out = *t;
	out->verdict.dmarc.worst = (size_t)(domain - t->verdict.dmarc.domain);
	out->verdict.dmarc.result = domain->result;
	out->msg.mail_from = mxa_redact_address(r, t->msg.mail_from);
	out->msg.mail_local = out->msg.auth_id = MXA_STR("");
	out->msg.rcpt = NULL;
	out->msg.n_rcpt = 0;
	mxa_headers_init(&out->msg.headers, r->a);
	out->verdict.spf.sender = out->verdict.helo.sender = MXA_STR("");
	out->verdict.spf.explanation = out->verdict.helo.explanation =
	    MXA_STR("");
	hide_signatures(r->a, &t->verdict, &out->verdict);
	out->verdict.authors.n_address = 0;
	out->verdict.notes.first = NULL;
	out->verdict.notes.n = 0;
	out->action.reply.n = 0;
	return out;
}

/* Of the answers of the DNS only the SPF record is wanted. */
static struct mxa_line_dns spf_record(
    const struct mxa_txn *t, const struct mxa_line_dns *dns)
{
	for (size_t i = 0; dns != NULL && i < dns->n; i++)
		if (dns->evidence[i].type == MXA_DNS_TXT &&
		    mxa_str_caseeq(
			dns->evidence[i].name, t->verdict.spf.domain))
			return (struct mxa_line_dns){
				.evidence = &dns->evidence[i], .n = 1
			};
	return (struct mxa_line_dns){ .n = 0 };
}

static struct mxa_str write_entry(const struct mxa_spool *s,
    struct mxa_arena *a, const struct mxa_txn *t,
    const struct mxa_dmarc_domain *domain, const struct mxa_line_dns *dns,
    int64_t incidents, int64_t now)
{
	struct mxa_line_dns record = spf_record(t, dns);
	struct mxa_redactor r;
	struct mxa_buf b, line;

	mxa_redactor_init(&r, a, s->key);
	mxa_buf_init(&b, a, MXA_SPOOL_FILE);
	mxa_buf_init(&line, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&line, as_told(&r, t, domain), &record, now);
	mxa_buf_printf(&b, "%s%" PRId64 "\n", first_line, incidents);
	mxa_buf_addstr(&b, mxa_buf_str(&line));
	(void)mxa_redact_headers(&r, &t->msg.headers, &b);
	mxa_redactor_done(&r);
	return mxa_buf_str(&b);
}

/* --- files --- */

/* Whole, or not there: readers see names that end in MXA_SPOOL_SUFFIX. */
static bool write_file(
    struct mxa_spool *s, struct mxa_arena *a, struct mxa_str text, int64_t now)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	char *path = new_path(s, a, now);
	char *tmp = path ? mxa_arena_printf(a, "%s.tmp", path) : NULL;
	int fd = tmp ? open(tmp, flags, MODE) : -1, error;
	ssize_t n;

	if (fd < 0 && tmp && errno == ENOENT &&
	    mxa_journal_make_directory(s->directory, s->state))
		fd = open(tmp, flags, MODE);
	if (fd < 0)
		return false;
	do
		n = write(fd, text.p, text.len);
	while (n < 0 && errno == EINTR);
	error = n < 0 ? errno : ENOSPC;
	if (close(fd) == 0 && n == (ssize_t)text.len && rename(tmp, path) == 0)
		return true;
	unlink(tmp);
	errno = error;
	return false;
}

static const char *report_spool_state(
    struct mxa_spool *s, struct mxa_arena *a, bool written, const char *why)
{
	if (written && s->failing) {
		s->failing = false;
		return mxa_arena_printf(a,
		    "failure reports: %s is written again, %" PRIu64
		    " messages are missing",
		    s->directory, s->missed);
	}
	if (written)
		return NULL;
	s->missed = s->failing ? s->missed + 1 : 1;
	if (s->failing)
		return NULL;
	s->failing = true;
	return mxa_arena_printf(a,
	    "failure reports: %s: %s; mail goes on without them", s->directory,
	    why);
}

const char *mxa_spool_write(struct mxa_spool *s, struct mxa_arena *a,
    const struct mxa_txn *t, const struct mxa_dmarc_domain *domain,
    const struct mxa_line_dns *dns, uint32_t per_hour)
{
	int64_t now = mxa_clock_wall(s->clock), incidents;
	const char *why = "it is full", *text = NULL;
	bool full, written = false;

	pthread_mutex_lock(&s->lock);
	incidents = take_turn(s, domain->record_domain, per_hour, now, &full);
	pthread_mutex_unlock(&s->lock);
	if (incidents > 0) {
		written = write_file(s, a,
		    write_entry(s, a, t, domain, dns, incidents, now), now);
		why = strerror(errno);
	}
	pthread_mutex_lock(&s->lock);
	if (incidents > 0 && !written)
		slot_of(s, domain->record_domain, now)->missed += incidents;
	if (incidents > 0 || full)
		text = report_spool_state(s, a, written, why);
	pthread_mutex_unlock(&s->lock);
	return text;
}

/* --- reading --- */

/* The number of the first line, and what follows it. */
static bool read_first_line(
    struct mxa_str bytes, uint64_t *incidents, struct mxa_str *rest)
{
	size_t end = mxa_str_chr(bytes, '\n', 0);
	struct mxa_str line = mxa_str_sub(bytes, 0, end);

	*rest = mxa_str_sub(bytes, end + 1, bytes.len);
	return end < bytes.len &&
	    mxa_str_starts(line, mxa_str_from(first_line)) &&
	    mxa_str_u64(mxa_str_sub(line, strlen(first_line), line.len),
		MAX_INCIDENTS, incidents) &&
	    *incidents > 0;
}

/* What we wrote is text; anything else does not go into a mail. */
static bool is_header_text(struct mxa_str s)
{
	bool after_cr = false;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (after_cr != (c == '\n') || c >= 0x7f ||
		    (c < ' ' && c != '\t' && c != '\r' && c != '\n'))
			return false;
		after_cr = c == '\r';
	}
	return !after_cr && (s.len == 0 || mxa_str_ends(s, MXA_STR("\r\n")));
}

bool mxa_spool_read(
    struct mxa_arena *a, struct mxa_str bytes, struct mxa_spool_entry *out)
{
	struct mxa_str rest, line;
	uint64_t incidents;
	size_t end;

	*out = (struct mxa_spool_entry){ .incidents = 1 };
	if (bytes.len > MXA_SPOOL_FILE ||
	    !read_first_line(bytes, &incidents, &rest))
		return false;
	out->incidents = (int64_t)incidents;
	end = mxa_str_chr(rest, '\n', 0);
	line = mxa_str_sub(rest, 0, end);
	out->headers = mxa_str_sub(rest, end + 1, rest.len);
	return end < rest.len && is_header_text(out->headers) &&
	    mxa_line_read(a, line, &out->message) == MXA_OK &&
	    out->message.kind == MXA_ENTRY_MESSAGE &&
	    out->message.txn.verdict.dmarc.n > 0;
}

void mxa_spool_rewrite(
    struct mxa_buf *b, struct mxa_str bytes, int64_t incidents)
{
	struct mxa_str rest;
	uint64_t old;

	if (!read_first_line(bytes, &old, &rest))
		return;
	mxa_buf_printf(b, "%s%" PRId64 "\n", first_line,
	    incidents < MAX_INCIDENTS ? incidents : MAX_INCIDENTS);
	mxa_buf_addstr(b, rest);
}
