/* pg_answer - see pg_answer.h */
#include "postgres/pg_answer.h"

#include <string.h>

#ifdef HAVE_LIBPQ

/* What a row's cells say, in one block: the pointers, then the texts. */
static char **copy_row(const PGresult *result, int row, int columns, size_t *ret_bytes)
{
	size_t bytes = ((size_t)columns + 1) * sizeof(char *);
	char **cells = NULL;
	char *text = NULL;

	for (int i = 0; i < columns; i++)
		bytes += (size_t)PQgetlength(result, row, i) + 1; /* never negative */
	cells = g_malloc(bytes);
	text = (char *)(cells + columns + 1);
	for (int i = 0; i < columns; i++) {
		size_t length = (size_t)PQgetlength(result, row, i); /* never negative */

		cells[i] = PQgetisnull(result, row, i) ? NULL : text;
		memcpy(text, PQgetvalue(result, row, i), length);
		text[length] = '\0';
		text += length + 1;
	}
	cells[columns] = NULL;
	*ret_bytes = bytes;
	return cells;
}

/* Rows from a database whose encoding is not known (SQL_ASCII) may be anything. */
static char **make_valid(char **cells, int columns)
{
	GString *text = NULL;
	char **whole = NULL;
	char *at = NULL;
	bool valid = true;

	for (int i = 0; i < columns && valid; i++)
		valid = !cells[i] || g_utf8_validate(cells[i], -1, NULL);
	if (valid)
		return cells;
	text = g_string_new(NULL);
	for (int i = 0; i < columns; i++) {
		g_autofree char *made = g_utf8_make_valid(cells[i] ? cells[i] : "", -1);

		g_string_append_len(text, made, (gssize)strlen(made) + 1);
	}
	whole = g_malloc(((size_t)columns + 1) * sizeof(char *) + text->len);
	at = memcpy(whole + columns + 1, text->str, text->len);
	for (int i = 0; i < columns; i++) {
		whole[i] = cells[i] ? at : NULL;
		at += strlen(at) + 1;
	}
	whole[columns] = NULL;
	(void)g_string_free(text, TRUE); /* gives NULL */
	g_free(cells);
	return whole;
}

void pg_answer_free(gpointer data)
{
	struct pg_result *result = data;

	g_ptr_array_unref(result->columns);
	g_ptr_array_unref(result->rows);
	g_free(result);
}

struct pg_result *pg_answer_create(void)
{
	struct pg_result *result = g_new0(struct pg_result, 1);

	result->columns = g_ptr_array_new_with_free_func(g_free);
	result->rows = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void pg_answer_take_columns(struct pg_result *answer, const PGresult *result)
{
	if (answer->columns->len > 0)
		return;
	for (int i = 0; i < PQnfields(result); i++)
		g_ptr_array_add(answer->columns, g_utf8_make_valid(PQfname(result, i), -1));
}

size_t pg_answer_take_row(struct pg_result *answer, const PGresult *result, int row)
{
	int columns = PQnfields(result);
	size_t bytes = 0;

	g_ptr_array_add(answer->rows, make_valid(copy_row(result, row, columns, &bytes), columns));
	return bytes;
}

/* The number in "MOVE 17". */
int64_t pg_answer_count(const PGresult *result)
{
	char *copy = g_strdup(PQcmdTuples((PGresult *)(uintptr_t)result)); /* only reads it */
	gint64 count = 0;

	if (!g_ascii_string_to_signed(copy, 10, 0, G_MAXINT64, &count, NULL))
		count = 0;
	g_free(copy);
	return count;
}

#endif
