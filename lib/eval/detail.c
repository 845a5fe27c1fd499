/* detail - what a verdict about data rests on: made, copied, searched and freed; see verdict.h. */
#include "eval/verdict.h"

#include <assert.h>
#include <string.h>

static void datum_free(gpointer data)
{
	struct verdict_datum *datum = data;

	g_free(datum->name);
	g_free(datum->text);
	g_free(datum);
}

void verdict_detail_free(struct verdict_detail *detail)
{
	if (!detail)
		return;
	for (guint i = 0; i < detail->rows->len; i++) {
		char **cells = detail->rows->pdata[i];

		for (guint j = 0; j < detail->columns->len; j++)
			g_free(cells[j]);
		g_free(cells);
	}
	g_ptr_array_unref(detail->rows);
	g_array_unref(detail->types);
	g_ptr_array_unref(detail->columns);
	g_ptr_array_unref(detail->data);
	g_free(detail->list_name);
	g_free(detail->name);
	g_free(detail);
}

static struct verdict_detail *create(const char *name)
{
	struct verdict_detail *detail = g_new0(struct verdict_detail, 1);

	detail->name = g_strdup(name);
	detail->aged_wall_ms = -1;
	detail->data = g_ptr_array_new_with_free_func(datum_free);
	detail->columns = g_ptr_array_new_with_free_func(g_free);
	detail->types = g_array_new(FALSE, FALSE, sizeof(enum datum_type));
	detail->rows = g_ptr_array_new();
	return detail;
}

struct verdict_detail *verdict_detail_add(struct verdict *verdict, const char *name)
{
	assert(!verdict->detail);
	verdict->detail = create(name);
	return verdict->detail;
}

static struct verdict_datum *add_detail(struct verdict_detail *detail, const char *name,
					enum datum_type type)
{
	struct verdict_datum *datum = g_new0(struct verdict_datum, 1);

	datum->name = g_strdup(name);
	datum->type = type;
	g_ptr_array_add(detail->data, datum);
	return datum;
}

void verdict_detail_text(struct verdict_detail *detail, const char *name, const char *text)
{
	add_detail(detail, name, DATUM_TYPE_TEXT)->text = g_strdup(text);
}

void verdict_detail_number(struct verdict_detail *detail, const char *name, int64_t number)
{
	add_detail(detail, name, DATUM_TYPE_NUMBER)->number = number;
}

void verdict_detail_boolean(struct verdict_detail *detail, const char *name, bool answer)
{
	add_detail(detail, name, DATUM_TYPE_BOOLEAN)->number = answer;
}

void verdict_detail_time(struct verdict_detail *detail, const char *name, int64_t wall_ms)
{
	add_detail(detail, name, DATUM_TYPE_TIME)->number = wall_ms;
}

void verdict_detail_list(struct verdict_detail *detail, const char *list_name,
			 const char *const *names)
{
	assert(!detail->list_name && detail->rows->len == 0);
	detail->list_name = g_strdup(list_name);
	for (size_t i = 0; names[i]; i++)
		verdict_detail_column(detail, names[i], DATUM_TYPE_TEXT);
}

void verdict_detail_column(struct verdict_detail *detail, const char *name, enum datum_type type)
{
	assert(detail->rows->len == 0);
	g_ptr_array_add(detail->columns, g_strdup(name));
	g_array_append_val(detail->types, type);
}

void verdict_detail_set_type(struct verdict_detail *detail, const char *column,
			     enum datum_type type)
{
	guint i = 0;

	assert(type == DATUM_TYPE_TEXT || type == DATUM_TYPE_NUMBER || type == DATUM_TYPE_BOOLEAN);
	while (i < detail->columns->len && strcmp(detail->columns->pdata[i], column) != 0)
		i++;
	assert(i < detail->columns->len);
	g_array_index(detail->types, enum datum_type, i) = type;
}

void verdict_detail_row(struct verdict_detail *detail, const char *const *cells)
{
	char **copies = g_new0(char *, MAX(detail->columns->len, 1));

	for (guint i = 0; i < detail->columns->len; i++)
		copies[i] = g_strdup(cells[i]);
	g_ptr_array_add(detail->rows, copies);
}

const struct verdict_datum *verdict_detail_find(const struct verdict_detail *detail,
						const char *name)
{
	for (guint i = 0; detail && i < detail->data->len; i++) {
		const struct verdict_datum *datum = detail->data->pdata[i];

		if (strcmp(datum->name, name) == 0)
			return datum;
	}
	return NULL;
}

struct verdict_detail *verdict_detail_copy(const struct verdict_detail *from)
{
	struct verdict_detail *copy = create(from->name);

	copy->aged_wall_ms = from->aged_wall_ms;
	copy->list_name = g_strdup(from->list_name);
	copy->list_is_table = from->list_is_table;
	copy->rows_total = from->rows_total;
	for (guint i = 0; i < from->data->len; i++) {
		const struct verdict_datum *datum = from->data->pdata[i];
		struct verdict_datum *made = add_detail(copy, datum->name, datum->type);

		made->text = g_strdup(datum->text);
		made->number = datum->number;
	}
	for (guint i = 0; i < from->columns->len; i++)
		verdict_detail_column(copy, from->columns->pdata[i],
				      g_array_index(from->types, enum datum_type, i));
	for (guint i = 0; i < from->rows->len; i++)
		verdict_detail_row(copy, from->rows->pdata[i]);
	return copy;
}
