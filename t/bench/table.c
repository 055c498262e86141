/* table.c - goals and the machine, as text. */
#include "t/bench/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ROWS 64
#define ROW 320

static char rows[ROWS][ROW];
static unsigned n_rows, n_missed;

static char *next_row(void)
{
	return rows[n_rows < ROWS - 1 ? n_rows++ : ROWS - 1];
}

/* Three digits, whatever the size. */
static const char *digits(double v, char *out, size_t size)
{
	snprintf(out, size, "%.*f",
	    v < 1	  ? 3
		: v < 10  ? 2
		: v < 100 ? 1
			  : 0,
	    v);
	return out;
}

void table_goal(const char *what, double value, double goal, const char *unit)
{
	char v[32], g[32], by[64] = "met";

	if (value > goal) {
		n_missed++;
		snprintf(by, sizeof(by), "**missed by %.0f %%**",
		    (value / goal - 1) * 100);
	}
	snprintf(next_row(), ROW, "| %s | %s %s | ≤ %s | %s |", what,
	    digits(value, v, sizeof(v)), unit, digits(goal, g, sizeof(g)), by);
}

void table_absent(const char *what, const char *why)
{
	snprintf(next_row(), ROW, "| %s | - | | %s |", what, why);
}

void table_print_goals(void)
{
	puts("\n| goal | measured | at most | |\n|---|---|---|---|");
	for (unsigned i = 0; i < n_rows; i++)
		puts(rows[i]);
	printf("\n%u of %u goals met.\n", n_rows - n_missed, n_rows);
}

/* The first line of what a command prints. */
static void first_line(const char *command, char *out, size_t size)
{
	FILE *f = popen(command, "r");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, (int)size, f) == NULL)
		out[0] = '\0';
	pclose(f);
	out[strcspn(out, "\n")] = '\0';
}

void table_machine(const char *build)
{
	static const char *const commands[] = {
		"openssl version 2>/dev/null",
		"opendkim -V 2>/dev/null",
		"opendmarc -V 2>/dev/null",
		"rspamd --version 2>/dev/null",
	};
	char line[200], command[4300];
	struct utsname u;

	uname(&u);
	first_line("sed -n 's/^model name.*: //p' /proc/cpuinfo 2>/dev/null",
	    line, sizeof(line));
	printf("Machine: %ld x %s, %s %s\n\n", sysconf(_SC_NPROCESSORS_ONLN),
	    line, u.sysname, u.release);
	snprintf(command, sizeof(command), "%s/mxauthd -V", build);
	first_line(command, line, sizeof(line));
	printf("Versions: %s", line);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		first_line(commands[i], line, sizeof(line));
		if (line[0] != '\0')
			printf("; %s", line);
	}
	puts("");
}
