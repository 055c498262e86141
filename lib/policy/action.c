/* action.c - words of an action that no configuration has. */
#include "policy/action.h"

const char *mxa_merge_name(enum mxa_merge m)
{
	static const char *const names[] = { "none", "strictest", "mildest" };

	return names[m];
}
