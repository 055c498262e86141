/* table.h - what the bench prints: Markdown, fit for README.md. */
#ifndef MXA_T_BENCH_TABLE_H
#define MXA_T_BENCH_TABLE_H

/* A goal and how it went: 'value' in 'unit' against at most 'goal'. */
void table_goal(const char *what, double value, double goal, const char *unit);

/* Goals whose peer is not here. */
void table_absent(const char *what, const char *why);

/* Heading of the table of goals; then table_goal lines, collected and printed
 * by table_print_goals. */
void table_print_goals(void);

/* Machine and versions. */
void table_machine(const char *build);

#endif
