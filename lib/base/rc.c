/* rc.c - words for mxa_rc. */
#include "base/rc.h"

const char *mxa_rc_text(enum mxa_rc rc)
{
	switch (rc) {
	case MXA_OK:
		return "ok";
	case MXA_ESYNTAX:
		return "syntax error";
	case MXA_ELIMIT:
		return "limit reached";
	case MXA_ENOENT:
		return "not found";
	case MXA_EIO:
		return "input/output error";
	case MXA_EINVAL:
		return "invalid argument";
	}
	return "unknown";
}
