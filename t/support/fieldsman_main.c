/* fieldsman_main.c - print the lists of mxauth-journal(5).
 *
 *	fieldsman <MANUAL >NEW
 *
 * copies the manual; what is between ".\" fields" and ".\" end of fields" is
 * made anew. */
#include <stdio.h>

#include "base/arena.h"
#include "t/support/fieldsman.h"

static void print_table(const struct mxa_field_table *t)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	test_fields_manual(&b, t);
	fputs(mxa_buf_cstr(&b), stdout);
	mxa_arena_free(a);
}

int main(void)
{
	bool within = false, first = true;
	char line[1000];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct mxa_str s = mxa_str_trim(mxa_str_from(line));

		if (mxa_str_is(s, ".\\\" end of fields"))
			within = false;
		if (!within)
			fputs(line, stdout);
		if (mxa_str_is(s, ".\\\" fields")) {
			print_table(first ? &mxa_file_fields : &mxa_fields);
			within = true;
			first = false;
		}
	}
	return 0;
}
