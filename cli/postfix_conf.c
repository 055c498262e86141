/* postfix_conf.c - see postfix_conf.h. */
#include "cli/postfix_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sysclock.h"

extern char **environ;

#define MAX_TEXT ((size_t)256 * 1024)
#define MAX_WAIT_MS 10000
#define QUEUE "/var/spool/postfix/"

/* --- asking postconf --- */

/* At most six words.  An ordinary user's PATH often lacks /usr/sbin. */
static int spawn_postconf(
    pid_t *pid, const posix_spawn_file_actions_t *act, const char *const *words)
{
	char *argv[8] = { (char *)"postconf" };
	int error;

	for (size_t i = 0; words[i] != NULL; i++)
		argv[i + 1] = (char *)words[i];
	error = posix_spawnp(pid, argv[0], act, NULL, argv, environ);
	if (error == ENOENT)
		error = posix_spawn(
		    pid, "/usr/sbin/postconf", act, NULL, argv, environ);
	return error;
}

static bool start_postconf(pid_t *pid, int *out, const char *const *words)
{
	posix_spawn_file_actions_t act;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_addopen(&act, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&act, ends[1], 1);
	posix_spawn_file_actions_addopen(&act, 2, "/dev/null", O_WRONLY, 0);
	error = spawn_postconf(pid, &act, words);
	posix_spawn_file_actions_destroy(&act);
	close(ends[1]);
	*out = ends[0];
	if (error != 0)
		close(ends[0]);
	return error == 0;
}

/* Until its end.  False: it says too much, or takes too long. */
static bool read_pipe(int fd, struct mxa_buf *text)
{
	uint64_t now, end = mxa_clock_ms(mxa_sysclock()) + MAX_WAIT_MS;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char piece[4096];
	ssize_t n;

	while ((now = mxa_clock_ms(mxa_sysclock())) < end) {
		if (poll(&pfd, 1, (int)(end - now)) <= 0)
			continue;
		n = read(fd, piece, sizeof(piece));
		if (n == 0)
			return true;
		if (n > 0 && text->len + (size_t)n > MAX_TEXT)
			return false;
		if (n > 0)
			mxa_buf_add(text, piece, (size_t)n);
	}
	return false;
}

/* What postconf says to these words; empty: nothing, or it failed. */
static struct mxa_str ask_postconf(
    struct mxa_arena *a, const char *const *words)
{
	struct mxa_buf text;
	int fd, status = 0;
	bool whole;
	pid_t pid;

	if (!start_postconf(&pid, &fd, words))
		return MXA_STR("");
	mxa_buf_init(&text, a, MAX_TEXT + 1);
	whole = read_pipe(fd, &text);
	close(fd);
	if (!whole)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return whole && WIFEXITED(status) && WEXITSTATUS(status) == 0
	    ? mxa_buf_str(&text)
	    : MXA_STR("");
}

/* --- "name = value", continued on lines that begin with a blank --- */

struct parameter {
	struct mxa_str name, value; /* the value with its line ends */
};

static size_t line_end(struct mxa_str text, size_t at)
{
	size_t end = mxa_str_chr(text, '\n', at);

	return end < text.len ? end + 1 : end;
}

static bool begins_blank(struct mxa_str line)
{
	return line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* The next parameter from '*at' on; false: there is none. */
static bool next_parameter(
    struct mxa_str text, size_t *at, struct parameter *out)
{
	while (*at < text.len) {
		struct mxa_str whole;
		size_t from = *at, equals;

		*at = line_end(text, from);
		while (
		    begins_blank(mxa_str_sub(text, *at, line_end(text, *at))))
			*at = line_end(text, *at);
		whole = mxa_str_sub(text, from, *at);
		equals = mxa_str_chr(whole, '=', 0);
		if (equals == whole.len)
			continue;
		out->name = mxa_str_trim(mxa_str_sub(whole, 0, equals));
		out->value =
		    mxa_str_trim(mxa_str_sub(whole, equals + 1, whole.len));
		return true;
	}
	return false;
}

/* The value of 'name'; the last one counts.  Empty: it is not there. */
static struct mxa_str find_value(struct mxa_str text, const char *name)
{
	struct mxa_str value = MXA_STR("");
	struct parameter p;

	for (size_t at = 0; next_parameter(text, &at, &p);)
		if (mxa_str_is(p.name, name))
			value = p.value;
	return value;
}

/* --- the instances --- */

/* Where values end: blanks, commas, and the braces around one with options. */
static size_t word_end(struct mxa_str s, size_t at)
{
	while (at < s.len && memchr(" \t\r\n,{}", s.p[at], 8) == NULL)
		at++;
	return at;
}

/* The next word from '*at' on; empty: there is none. */
static struct mxa_str next_word(struct mxa_str s, size_t *at)
{
	size_t from = *at;

	while (from < s.len && word_end(s, from) == from)
		from++;
	*at = word_end(s, from);
	return mxa_str_sub(s, from, *at);
}

/* smtpd_milters of main.cf ('values'), and of services that have their own
 * ('services': "smtp/inet/smtpd_milters = ..."). */
static struct mxa_str all_milters(
    struct mxa_arena *a, struct mxa_str values, struct mxa_str services)
{
	struct mxa_buf all;
	struct parameter p;

	mxa_buf_init(&all, a, 2 * MAX_TEXT);
	mxa_buf_addstr(&all, find_value(values, "smtpd_milters"));
	for (size_t at = 0; next_parameter(services, &at, &p);) {
		if (!mxa_str_ends(p.name, MXA_STR("/smtpd_milters")))
			continue;
		mxa_buf_addc(&all, ' ');
		mxa_buf_addstr(&all, p.value);
	}
	return mxa_buf_str(&all);
}

static void add_instance(struct mxa_arena *a, struct postfix_conf *p,
    struct mxa_str values, struct mxa_str services)
{
	struct mxa_str queue = find_value(values, "queue_directory");

	if (queue.len == 0)
		queue = MXA_STR(QUEUE);
	else if (!mxa_str_ends(queue, MXA_STR("/")))
		queue = mxa_str_from(
		    mxa_arena_printf(a, "%.*s/", MXA_STR_ARG(queue)));
	p->instance[p->n].queue = queue;
	p->instance[p->n].milters = all_milters(a, values, services);
	p->n++;
}

/* An smtpd is a service of type inet or pass; "n": it is not chrooted. */
static bool some_chrooted(struct mxa_str services)
{
	bool known = false;
	struct parameter p;

	for (size_t at = 0; next_parameter(services, &at, &p);) {
		if (!mxa_str_ends(p.name, MXA_STR("/inet/chroot")) &&
		    !mxa_str_ends(p.name, MXA_STR("/pass/chroot")))
			continue;
		known = true;
		if (!mxa_str_is(p.value, "n"))
			return true;
	}
	return !known;
}

/* The instance of a configuration directory (NULL: the first).  False: postconf
 * says nothing about it.  '*more': the directories of other instances. */
static bool ask_instance(struct mxa_arena *a, struct postfix_conf *p,
    const char *directory, struct mxa_str *more)
{
	const char *const main_words[] = { "-c", directory, "-x",
		"smtpd_milters", "queue_directory",
		"multi_instance_directories", NULL };
	const char *const master_words[] = { "-c", directory, "-Px", NULL };
	const char *const chroot_words[] = { "-c", directory, "-F", NULL };
	size_t skip = directory != NULL ? 0 : 2;
	struct mxa_str values = ask_postconf(a, main_words + skip);

	if (values.len == 0)
		return false;
	add_instance(a, p, values, ask_postconf(a, master_words + skip));
	if (some_chrooted(ask_postconf(a, chroot_words + skip)))
		p->chrooted = true;
	*more = find_value(values, "multi_instance_directories");
	return true;
}

/* --- main.cf --- */

/* Comments may stand between the lines of one value. */
static struct mxa_str drop_comments(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_buf kept;
	size_t end;

	mxa_buf_init(&kept, a, MAX_TEXT);
	for (size_t at = 0; at < text.len; at = end) {
		struct mxa_str line;

		end = line_end(text, at);
		line = mxa_str_sub(text, at, end);
		if (!mxa_str_starts(mxa_str_trim(line), MXA_STR("#")))
			mxa_buf_addstr(&kept, line);
	}
	return mxa_buf_str(&kept);
}

/* The file of the configuration directory that MAIL_CONFIG names, as for
 * Postfix's own programs. */
static struct mxa_str read_main_cf(struct mxa_arena *a)
{
	const char *directory = getenv("MAIL_CONFIG");
	const char *path = mxa_arena_printf(
	    a, "%s/main.cf", directory ? directory : "/etc/postfix");
	FILE *f = fopen(path, "re");
	char *text;
	size_t len;

	if (f == NULL)
		return MXA_STR("");
	text = mxa_arena_alloc(a, MAX_TEXT);
	len = fread(text, 1, MAX_TEXT, f);
	fclose(f);
	return drop_comments(a, mxa_str_make(text, len));
}

void postfix_conf_read(struct mxa_arena *a, struct postfix_conf *out)
{
	struct mxa_str more = MXA_STR(""), none, word;
	size_t at = 0;

	*out = (struct postfix_conf){ 0 };
	if (!ask_instance(a, out, NULL, &more)) {
		add_instance(a, out, read_main_cf(a), MXA_STR(""));
		out->chrooted = true;
	}
	while (
	    out->n < POSTFIX_INSTANCES && (word = next_word(more, &at)).len > 0)
		(void)ask_instance(a, out, mxa_str_cstr(a, word), &none);
}

bool postfix_conf_has(const struct postfix_conf *p, struct mxa_str milter)
{
	for (size_t i = 0; i < p->n; i++) {
		struct mxa_str word;

		for (size_t at = 0;
		     (word = next_word(p->instance[i].milters, &at)).len > 0;)
			if (mxa_str_eq(word, milter))
				return true;
	}
	return false;
}

struct mxa_str postfix_conf_below(
    const struct postfix_conf *p, struct mxa_str path)
{
	for (size_t i = 0; i < p->n; i++)
		if (mxa_str_starts(path, p->instance[i].queue))
			return mxa_str_sub(
			    path, p->instance[i].queue.len, path.len);
	return MXA_STR("");
}
