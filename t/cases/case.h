/* case.h - a whole-message scenario as a text file.
 *
 *	# what it shows and where the standard says so
 *	[zone]		master-file lines; @key:NAME@ becomes the DKIM record
 *			of t/keys/NAME.pem
 *	[config]	mxauth.conf (optional); @t@ stands for the folder t
 *	[policy]	policy.conf (optional)
 *	[envelope]	ip: helo: mail-from: rcpt: (repeatable) smtputf8:
 *			no-quarantine:
 *	[sign]		d: s: key: and optionally a: c: h: i: l: t: extra: (more
 *			tags), applied to the message as it is then; with arc: N
 *			cv: aar: an ARC set; repeatable
 *	[change]	after the signing: replace: OLD => NEW, append: LINE,
 *			prepend: LINE, before: LINE (end of header)
 *	[message]	header, empty line, body, up to the next section;
 *			@repeat N TEXT  is N lines, @long N TEXT  a line that
 *			goes on with N times 'x', @nul TEXT  a line with NUL
 *			for each '~'
 *	[args]		in place of [message]: arguments of a command (t/lint)
 *	[expect]	KEY: VALUE lines, see run_cases.c, t/lint/run_lint.c
 *
 * [sign] and [change] take effect in the order of the file. */
#ifndef MXA_T_CASE_H
#define MXA_T_CASE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

struct case_line {
	struct mxa_str key;
	struct mxa_str value;
};

#define CASE_LINES 40
#define CASE_STEPS 24

struct case_step { /* a [sign] or [change] section */
	bool sign;
	struct case_line line[CASE_LINES];
	size_t n;
};

struct case_file {
	struct mxa_str title;
	struct mxa_str zone, config, policy, message;
	struct case_line envelope[CASE_LINES];
	size_t n_envelope;
	struct case_step step[CASE_STEPS];
	size_t n_steps;
	struct case_line expect[CASE_LINES];
	size_t n_expect;
};

/* NULL, or what is wrong with the file, in 'a'. */
const char *case_parse(
    struct mxa_arena *a, struct mxa_str text, struct case_file *out);

/* The value of a key among lines; MXA_STR_NONE when absent. */
struct mxa_str case_value(
    const struct case_line *line, size_t n, const char *key);

/* The zone with the keys in it. */
struct mxa_str case_zone(struct mxa_arena *a, const struct case_file *c);

/* t/keys/NAME.pem, or NULL. */
EVP_PKEY *case_key(struct mxa_arena *a, struct mxa_str name);

/* [config] with each @t@ replaced by the folder of the tests; in 'a'. */
struct mxa_str case_config(struct mxa_arena *a, const struct case_file *f);

/* The message with all steps done, CRLF line ends; NULL p: '*error' says why.
 */
struct mxa_str case_message(
    struct mxa_arena *a, const struct case_file *c, const char **error);

#endif
