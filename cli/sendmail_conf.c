/* sendmail_conf.c - see sendmail_conf.h. */
#include "cli/sendmail_conf.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

#define MAX_TEXT ((size_t)1024 * 1024)

struct mxa_str sendmail_conf_read(struct mxa_arena *a)
{
	FILE *f = fopen("/etc/mail/sendmail.cf", "re");
	char *text;
	size_t len;

	if (f == NULL)
		return MXA_STR("");
	text = mxa_arena_alloc(a, MAX_TEXT);
	len = fread(text, 1, MAX_TEXT, f);
	fclose(f);
	return mxa_str_make(text, len);
}

/* Sendmail knows "local:" and a bare path as well. */
static bool same_socket(struct mxa_str theirs, struct mxa_str ours)
{
	if (mxa_str_starts(ours, MXA_STR("unix:"))) {
		ours = mxa_str_sub(ours, 5, ours.len);
		if (mxa_str_starts(theirs, MXA_STR("unix:")))
			theirs = mxa_str_sub(theirs, 5, theirs.len);
		else if (mxa_str_starts(theirs, MXA_STR("local:")))
			theirs = mxa_str_sub(theirs, 6, theirs.len);
	}
	return mxa_str_eq(theirs, ours);
}

/* 'line': an X line with its equates, separated by commas. */
static enum sendmail_milter judge_line(
    struct mxa_str line, struct mxa_str socket)
{
	bool ours = false, safe = false;
	size_t end;

	for (size_t at = 0; at < line.len; at = end + 1) {
		struct mxa_str word;

		end = mxa_str_chr(line, ',', at);
		word = mxa_str_trim(mxa_str_sub(line, at, end));
		if (mxa_str_starts(word, MXA_STR("S=")))
			ours = same_socket(
			    mxa_str_trim(mxa_str_sub(word, 2, word.len)),
			    socket);
		else if (mxa_str_starts(word, MXA_STR("F=")))
			safe = mxa_str_is(word, "F=T") ||
			    mxa_str_is(word, "F=R") || mxa_str_is(word, "F=4");
	}
	if (!ours)
		return SENDMAIL_NONE;
	return safe ? SENDMAIL_SAFE : SENDMAIL_UNSAFE;
}

enum sendmail_milter sendmail_conf_find(
    struct mxa_str cf, struct mxa_str socket)
{
	enum sendmail_milter found = SENDMAIL_NONE;
	size_t end;

	for (size_t at = 0; found == SENDMAIL_NONE && at < cf.len;
	     at = end + 1) {
		end = mxa_str_chr(cf, '\n', at);
		if (cf.p[at] == 'X')
			found = judge_line(mxa_str_sub(cf, at, end), socket);
	}
	return found;
}
