/* page_history_cells.c - a table of the page: its section, rows and cells. */
#include "cli/page_history_int.h"

#include "base/date.h"
#include "base/i18n.h"
#include "report/received/judge.h"

#define SHOWN_ROWS 20 /* before the fold */

void page_history_row(struct history_page *hp)
{
	if (hp->rows == SHOWN_ROWS) {
		page_table_end(hp->p);
		page_markup(hp->p, "<details><summary>");
		page_words(hp->p, _("More"));
		page_markup(hp->p, "</summary>\n");
	}
	if (hp->rows == 0 || hp->rows == SHOWN_ROWS)
		page_table(hp->p, hp->title, hp->columns);
	hp->rows++;
	page_markup(hp->p, "<tr>");
}

void page_history_row_end(struct history_page *hp)
{
	page_markup(hp->p, "</tr>\n");
}

static void begin_table(
    struct history_page *hp, const char *title, const char *const *columns)
{
	hp->title = title;
	hp->columns = columns;
	hp->rows = 0;
}

static void end_table(struct history_page *hp, const char *nothing)
{
	if (hp->rows > 0) {
		page_table_end(hp->p);
	} else {
		page_element(hp->p, "h3", NULL, mxa_str_from(hp->title));
		page_element(hp->p, "p", "soft", mxa_str_from(nothing));
	}
	if (hp->rows > SHOWN_ROWS)
		page_markup(hp->p, "</details>");
}

void page_history_section(
    struct history_page *hp, const char *title, const char *const *columns)
{
	page_markup(
	    hp->p, "<section class=\"card\"><div class=\"tools\"></div>\n");
	begin_table(hp, title, columns);
}

void page_history_section_end(struct history_page *hp, const char *nothing)
{
	end_table(hp, nothing);
	page_markup(hp->p, "</section>\n");
}

void page_history_time_cell(
    struct history_page *hp, size_t column, int64_t seconds)
{
	bool small = hp->columns[column][0] == '-';
	char text[MXA_TIME_TEXT];

	fprintf(hp->p->f, "<td class=\"n%s\" data-v=\"%lld\">%s</td>",
	    small ? " small" : "", (long long)seconds,
	    seconds > 0 ? mxa_time_format(seconds, text) : "-");
}

void page_history_author_cell(struct history_page *hp, struct mxa_str name)
{
	size_t i = page_history_author_place(hp, name);

	page_markup(hp->p, "<td>");
	if (i < hp->n_messages)
		fprintf(hp->p->f, "<a href=\"#a%zu\">", i);
	page_text(hp->p, name.len > 0 ? name : MXA_STR("-"));
	page_markup(hp->p, i < hp->n_messages ? "</a></td>" : "</td>");
}

void page_history_number_cell(
    struct history_page *hp, size_t column, uint64_t n)
{
	if (hp->columns[column][0] == '-')
		fprintf(hp->p->f,
		    "<td class=\"n small\" data-v=\"%llu\">%s</td>",
		    (unsigned long long)n, mxa_number_text(n).p);
	else
		page_number_cell(hp->p, n);
}
