/* mailbox.c - mbox and directories. */
#include "bounce/mailbox.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

/* --- mbox --- */

/* "Fri Nov 27 09:14:01 2026", perhaps with a zone; as mbox writers do. */
static bool has_asctime(struct mxa_str s)
{
	static const char days[] = "MonTueWedThuFriSatSun";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i + 20 <= s.len; i++) {
		char day[4] = "", month[4] = "";

		if (i > 0 && s.p[i - 1] != ' ')
			continue;
		memcpy(day, s.p + i, 3);
		memcpy(month, s.p + i + 4, 3);
		if (s.p[i + 3] == ' ' && s.p[i + 7] == ' ' &&
		    strstr(days, day) != NULL && strstr(months, month) != NULL)
			return true;
	}
	return false;
}

static bool begins_message(struct mxa_str line)
{
	return mxa_str_starts(line, MXA_STR("From ")) && has_asctime(line);
}

bool mxa_mailbox_is_mbox(struct mxa_str start)
{
	return begins_message(
	    mxa_str_sub(start, 0, mxa_str_chr(start, '\n', 0)));
}

/* One message as it grows. */
struct collected {
	char *p;
	size_t len, cap;
	bool open; /* a message has begun */
	size_t n;
	struct mxa_str box;
	mxa_mailbox_fn *fn;
	void *ctx;
};

static void add_bytes(struct collected *c, const char *p, size_t len)
{
	if (c->len + len > MXA_MAILBOX_MAX_MESSAGE)
		len = MXA_MAILBOX_MAX_MESSAGE - c->len;
	if (c->len + len > c->cap) {
		c->cap = c->cap > 0 ? c->cap : 65536;
		while (c->cap < c->len + len)
			c->cap *= 2;
		c->p = mxa_xrealloc(c->p, c->cap);
	}
	memcpy(c->p + c->len, p, len);
	c->len += len;
}

static bool hand_over_message(struct collected *c)
{
	struct mxa_arena *a;
	const char *name;
	bool more;

	if (!c->open)
		return true;
	c->open = false;
	c->n++;
	a = mxa_arena_new();
	name = mxa_arena_printf(a, "%.*s:%zu", MXA_STR_ARG(c->box), c->n);
	more = c->fn(c->ctx, mxa_str_from(name), mxa_str_make(c->p, c->len));
	mxa_arena_free(a);
	c->len = 0;
	return more;
}

/* ">From ", ">>From ": one '>' was put before it. */
static struct mxa_str unquoted_line(struct mxa_str line)
{
	size_t i = 0;

	while (i < line.len && line.p[i] == '>')
		i++;
	if (i > 0 &&
	    mxa_str_starts(mxa_str_sub(line, i, line.len), MXA_STR("From ")))
		return mxa_str_sub(line, 1, line.len);
	return line;
}

size_t mxa_mailbox_mbox(
    struct mxa_intake *in, struct mxa_str name, mxa_mailbox_fn *fn, void *ctx)
{
	struct collected c = { .box = name, .fn = fn, .ctx = ctx };
	bool after_empty = true, more = true;
	struct mxa_str line;

	while (more && mxa_intake_line(in, &line)) {
		if (after_empty && begins_message(line)) {
			more = hand_over_message(&c);
			c.open = true;
			after_empty = false;
			continue;
		}
		after_empty = line.len == 0;
		line = unquoted_line(line);
		if (c.open) {
			add_bytes(&c, line.p, line.len);
			add_bytes(&c, "\n", 1);
		}
	}
	if (more)
		(void)hand_over_message(&c);
	free(c.p);
	return c.n;
}

/* --- directories --- */

static bool is_directory(const char *dir, const char *name)
{
	char path[4096];
	struct stat st;

	return (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) <
	    sizeof(path) &&
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum mxa_mailbox_kind mxa_mailbox_kind(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return MXA_MAILBOX_FILE;
	if (is_directory(path, "cur") && is_directory(path, "new"))
		return MXA_MAILBOX_MAILDIR;
	return MXA_MAILBOX_DIRECTORY;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static bool walk_folder(
    const char *dir, void (*fn)(void *ctx, const char *path), void *ctx)
{
	struct dirent **list;
	int n = scandir(dir, &list, not_hidden, alphasort);

	if (n < 0)
		return false;
	for (int i = 0; i < n; i++) {
		char path[4096];
		struct stat st;
		int len =
		    snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);

		if (len > 0 && (size_t)len < sizeof(path) &&
		    lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			fn(ctx, path);
		free(list[i]);
	}
	free(list);
	return true;
}

bool mxa_mailbox_walk(const char *path, enum mxa_mailbox_kind kind,
    void (*fn)(void *ctx, const char *path), void *ctx)
{
	char sub[4096];

	if (kind != MXA_MAILBOX_MAILDIR)
		return walk_folder(path, fn, ctx);
	snprintf(sub, sizeof(sub), "%s/cur", path);
	if (!walk_folder(sub, fn, ctx))
		return false;
	snprintf(sub, sizeof(sub), "%s/new", path);
	return walk_folder(sub, fn, ctx);
}
