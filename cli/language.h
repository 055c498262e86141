/* language.h - the language in which mxauth speaks to people. */
#ifndef MXA_CLI_LANGUAGE_H
#define MXA_CLI_LANGUAGE_H

/* Takes "--lang L" out of the arguments, wherever it stands, and speaks that
 * language; without it the one of the environment (LANGUAGE and the locale, as
 * gettext reads them).  A language of --lang that has no words is said on
 * standard error; the answer is then in English. */
void language_choose(int *argc, char **argv);

/* The language that is spoken, as HTML's lang names it: "en", "ja". */
const char *language_code(void);

#endif
