/* language.c - see language.h. */
#include "cli/language.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/i18n.h"

#define NAME_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* NULL: not there. */
static const char *take_lang(int *argc, char **argv)
{
	const char *lang = NULL;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0)
			lang = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0 && i + 1 < *argc)
			lang = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return lang;
}

/* Where the words are: named by the environment, beside a program that was not
 * installed, or where "make install" put them.  Static storage. */
static const char *locale_dir(const char *program)
{
	static char beside[4096];
	const char *dir = getenv("MXAUTH_LOCALEDIR");
	const char *slash = strrchr(program, '/');

	if (dir != NULL)
		return dir;
	if (slash != NULL) {
		snprintf(beside, sizeof(beside), "%.*s/po/locale",
		    (int)(slash - program), program);
		if (access(beside, R_OK) == 0)
			return beside;
	}
	return MXAUTH_LOCALEDIR;
}

/* Empty: English. */
static char spoken[16];

const char *language_code(void)
{
	return spoken[0] != '\0' ? spoken : "en";
}

static bool use_catalogue(const char *dir, const char *lang, size_t len)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%.*s/LC_MESSAGES/mxauth.mo",
	    dir, (int)len, lang);

	if (n <= 0 || (size_t)n >= sizeof(path) || !mxa_words_use(path))
		return false;
	/* "ja_JP" is "ja-JP" there */
	snprintf(spoken, sizeof(spoken), "%.*s", (int)len, lang);
	if (strchr(spoken, '_') != NULL)
		*strchr(spoken, '_') = '-';
	return true;
}

/* "ja_JP.UTF-8" is ja_JP, or else ja.  True: spoken from now on; English always
 * is. */
static bool speak_language(const char *dir, const char *lang)
{
	size_t len = strspn(lang, NAME_CHARS), base = strcspn(lang, "_.@:");

	if ((base == 2 && strncmp(lang, "en", 2) == 0) ||
	    (base == 1 && lang[0] == 'C'))
		return mxa_words_use(NULL);
	if (base > len)
		base = len;
	return len > 0 &&
	    (use_catalogue(dir, lang, len) || use_catalogue(dir, lang, base));
}

/* The locale for messages; NULL: none, which is English. */
static const char *message_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		if (strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0)
			return NULL;
		return value;
	}
	return NULL;
}

/* LANGUAGE is a list with ':', best first; it counts where a locale is set. */
static void speak_as_environment(const char *dir)
{
	const char *locale = message_locale(), *list = getenv("LANGUAGE");

	if (locale == NULL)
		return;
	while (list != NULL && list[0] != '\0') {
		if (speak_language(dir, list))
			return;
		list = strchr(list, ':');
		if (list != NULL)
			list++;
	}
	(void)speak_language(dir, locale);
}

void language_choose(int *argc, char **argv)
{
	const char *lang = take_lang(argc, argv);
	const char *dir = locale_dir(*argc > 0 ? argv[0] : "");

	/* File names in archives are UTF-8; numbers and dates stay plain. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (lang == NULL)
		speak_as_environment(dir);
	else if (!speak_language(dir, lang))
		fprintf(
		    stderr, "mxauth: no words in the language '%s'\n", lang);
}
