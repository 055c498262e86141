/* i18n.h - words for people in their language.
 *
 * _("text") is the text in the language of the process (gettext, domain
 * "mxauth"); N_("text") only marks one that is translated where it is shown.
 * The daemon never calls setlocale(), so that what it writes into headers,
 * replies and logs is always English. */
#ifndef MXA_BASE_I18N_H
#define MXA_BASE_I18N_H

#include <libintl.h>

#define _(text) dgettext("mxauth", text)
#define N_(text) text
#define P_(one, many, n) dngettext("mxauth", one, many, n)

#endif
