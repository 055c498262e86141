/* fieldsman.c - tables of fields as mdoc(7). */
#include "t/support/fieldsman.h"

#include <string.h>

#define LINE 79

/* Sentences end in two spaces here, and at the end of a line there. */
static void add_sentences(struct mxa_buf *b, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > LINE) {
			mxa_buf_addc(b, '\n');
			column = 0;
		}
		if (column > 0)
			mxa_buf_addc(b, ' ');
		mxa_buf_add(b, text, word);
		column += word + (column > 0);
		text += word;
		if (strncmp(text, "  ", 2) == 0) {
			mxa_buf_addc(b, '\n');
			column = 0;
		}
		text += strspn(text, " ");
	}
	mxa_buf_addc(b, '\n');
}

/* One of
 * .Cm a , b
 * or
 * .Cm c . */
static void add_words(struct mxa_buf *b, const struct mxa_field_row *f)
{
	const char *word[64];
	size_t n = 0;

	for (int i = 0; i < f->words->n && n < 64; i++)
		if (f->always || i != f->absent)
			word[n++] = f->words->name(i);
	mxa_buf_adds(b, n > 1 ? "One of\n.Cm" : "Always\n.Cm");
	for (size_t i = 0; i < n; i++)
		mxa_buf_printf(b, "%s %s",
		    i == 0	     ? ""
			: i + 1 == n ? "\nor\n.Cm"
				     : " ,",
		    word[i]);
	mxa_buf_adds(b, " .\n");
}

static const char *type_name(const struct mxa_field_row *f)
{
	switch (f->type) {
	case MXA_FIELD_TEXT:
	case MXA_FIELD_CHARS:
		return " Pq text";
	case MXA_FIELD_FLAG:
		return " Pq true";
	case MXA_FIELD_NUMBER:
		return " Pq number";
	case MXA_FIELD_IP:
		return " Pq address";
	case MXA_FIELD_TIME:
		return " Pq time";
	case MXA_FIELD_OBJECT:
		return " Pq object";
	case MXA_FIELD_LIST:
		return f->table ? " Pq list of objects" : " Pq list of texts";
	case MXA_FIELD_WORD:
	case MXA_FIELD_OWN:
		break;
	}
	return "";
}

/* The row before 'f' whose objects have the same fields, or NULL. */
static const struct mxa_field_row *same_table_before(
    const struct mxa_field_table *t, const struct mxa_field_row *f)
{
	for (const struct mxa_field_row *g = t->row; g < f; g++)
		if (g->table == f->table)
			return g;
	return NULL;
}

static void add_row(struct mxa_buf *b, const struct mxa_field_table *t,
    const struct mxa_field_row *f)
{
	const struct mxa_field_row *before;

	mxa_buf_printf(b, ".It Cm %s%s\n", f->name, type_name(f));
	add_sentences(b, f->meaning);
	if (f->words != NULL)
		add_words(b, f);
	if (f->table == NULL)
		return;
	before = same_table_before(t, f);
	if (before != NULL)
		mxa_buf_printf(
		    b, "It has the fields of\n.Cm %s .\n", before->name);
	else
		test_fields_manual(b, f->table);
}

void test_fields_manual(struct mxa_buf *b, const struct mxa_field_table *t)
{
	mxa_buf_adds(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].place != MXA_PLACE_ANSWER)
			add_row(b, t, &t->row[i]);
	mxa_buf_adds(b, ".El\n");
}
