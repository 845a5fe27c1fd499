/* detail_text - see detail_text.h */
#include "eval/detail_text.h"

#include <inttypes.h>
#include <string.h>

#include "eval/columns.h"
#include "text.h"
#include "timefmt.h"

/* Where texts are cut, and how wide a line of a list gets: an assertion may answer fifty columns. */
#define NAME_COLUMNS_MAX 60
#define VALUE_COLUMNS_MAX 400
#define CELL_COLUMNS_MAX 60
#define LINE_COLUMNS_MAX 400

#define GAP 2

/* One list, its cells fit to be shown. */
struct table {
	guint columns; /* that are shown */
	guint rows;
	size_t *widths; /* of the columns */
	char **cells;   /* titles first, then row by row */
};

void detail_text_append_time(GString *to, int64_t wall_ms, int64_t now_wall_ms)
{
	bool ahead = wall_ms > now_wall_ms;
	char time[TIMEFMT_BYTES];
	g_autofree char *age = text_age(ahead ? wall_ms - now_wall_ms : now_wall_ms - wall_ms);

	if (wall_ms <= 0)
		g_string_append_c(to, '-');
	else
		g_string_append_printf(to, "%s (%s%s%s)", timefmt_utc(wall_ms, time),
				       ahead ? "in " : "", age, ahead ? "" : " ago");
}

/* "43200 (12 h)" where the name says that they are seconds. */
static void append_number(GString *to, const char *name, int64_t number)
{
	g_autofree char *age = NULL;

	g_string_append_printf(to, "%" PRId64, number);
	if (!g_str_has_suffix(name, "_s") || number < 60 || number > INT64_MAX / MS_PER_S)
		return;
	age = text_age(number * MS_PER_S);
	g_string_append_printf(to, " (%s)", age);
}

static void append_datum(GString *to, const struct verdict_datum *datum, int64_t now_wall_ms)
{
	g_autofree char *name = columns_fit(datum->name, NAME_COLUMNS_MAX);
	g_autofree char *text = NULL;

	g_string_append_printf(to, "    %s: ", name);
	switch (datum->type) {
	case DATUM_TYPE_TEXT:
		text = columns_fit(datum->text, VALUE_COLUMNS_MAX);
		g_string_append(to, text);
		break;
	case DATUM_TYPE_NUMBER:
		append_number(to, datum->name, datum->number);
		break;
	case DATUM_TYPE_BOOLEAN:
		g_string_append(to, datum->number != 0 ? "true" : "false");
		break;
	case DATUM_TYPE_TIME:
		detail_text_append_time(to, datum->number, now_wall_ms);
		break;
	case DATUM_TYPE_NONE:
		break;
	}
	g_string_append_c(to, '\n');
}

static void fill_column(struct table *table, const struct verdict_detail *detail, guint column)
{
	for (guint i = 0; i <= table->rows; i++) {
		char *const *source =
			i == 0 ? (char *const *)detail->columns->pdata : detail->rows->pdata[i - 1];
		char **cell = &table->cells[(gsize)i * detail->columns->len + column];

		*cell = columns_fit(source[column], CELL_COLUMNS_MAX);
		table->widths[column] = MAX(table->widths[column], columns_width(*cell));
	}
}

/* As many columns as fit on a line, at least one. */
static struct table make_table(const struct verdict_detail *detail, guint max)
{
	guint count = detail->columns->len;
	size_t width = 0;
	struct table table = {.rows = MIN(detail->rows->len, max)};

	table.widths = g_new0(size_t, MAX(count, 1));
	table.cells = g_new0(char *, (gsize)MAX(count, 1) * ((gsize)table.rows + 1));
	while (table.columns < count) {
		fill_column(&table, detail, table.columns);
		width += table.widths[table.columns] + GAP;
		if (table.columns > 0 && width > LINE_COLUMNS_MAX)
			break;
		table.columns++;
	}
	return table;
}

static void table_done(struct table *table, const struct verdict_detail *detail)
{
	for (gsize i = 0; i < (gsize)detail->columns->len * ((gsize)table->rows + 1); i++)
		g_free(table->cells[i]);
	g_free(table->cells);
	g_free(table->widths);
}

static void append_line(GString *to, const char *indent, const struct table *table,
			char *const *cells)
{
	g_string_append(to, indent);
	for (guint i = 0; i < table->columns; i++) {
		bool last = i == table->columns - 1;

		columns_append(to, cells[i], last ? 0 : table->widths[i] + GAP);
	}
	g_string_append_c(to, '\n');
}

void detail_text_append_rows(GString *to, const char *indent, const struct verdict_detail *detail,
			     guint max)
{
	struct table table = {0};
	int64_t total = 0;
	guint count = detail ? detail->columns->len : 0;

	if (count == 0 || detail->rows->len == 0)
		return;
	table = make_table(detail, max);
	total = MAX(detail->rows_total, (int64_t)detail->rows->len);
	for (gsize i = 0; i <= table.rows; i++)
		append_line(to, indent, &table, &table.cells[i * count]);
	if (total > (int64_t)table.rows)
		g_string_append_printf(to, "%s… and %" PRId64 " more\n", indent,
				       total - (int64_t)table.rows);
	if (count > table.columns)
		g_string_append_printf(to, "%s… and %u more columns\n", indent,
				       count - table.columns);
	table_done(&table, detail);
}

void detail_text_append(GString *to, const struct verdict_detail *detail, int64_t last_wall_ms,
			int64_t now_wall_ms)
{
	g_autofree char *list = NULL;

	if (!detail)
		return;
	g_string_append_printf(to, "  %s", detail->name);
	if (last_wall_ms > 0) {
		g_string_append(to, " of the last look, ");
		detail_text_append_time(to, last_wall_ms, now_wall_ms);
	}
	g_string_append(to, ":\n");
	for (guint i = 0; i < detail->data->len; i++)
		append_datum(to, detail->data->pdata[i], now_wall_ms);
	if (!detail->list_name)
		return;
	list = columns_fit(detail->list_name, NAME_COLUMNS_MAX);
	g_string_append_printf(to, "    %s:%s\n", list,
			       detail->rows->len == 0 && detail->rows_total == 0 ? " none" : "");
	detail_text_append_rows(to, "      ", detail, G_MAXUINT);
}
