/* catalogue_bigquery_sql - the catalogue of one dataset: the query, and its answer.
 * https://cloud.google.com/bigquery/docs/information-schema-intro ; API-FACTS C.5 */
#include "data/catalogue_private.h"

#include <string.h>

#include "drift_error.h"

/* Columns of the answer: what the row is about, its name, and up to six texts. */
enum column {
	COLUMN_KIND,
	COLUMN_NAME,
	COLUMN_A,
	COLUMN_B,
	COLUMN_C,
	COLUMN_D,
	COLUMN_E,
	COLUMN_F,
	COLUMN_COUNT,
};

/* A view of the dataset, and what is read of it. Named columns only: others come and go. */
static const struct {
	const char *view;
	const char *columns;
} parts[CATALOGUE_BIGQUERY_VIEWS] = {
	{"INFORMATION_SCHEMA.TABLES", "'table' AS kind, table_name AS name, table_type AS a, "
				      "COALESCE(ddl, '') AS b, '' AS c, '' AS "
				      "d, '' AS e, '' AS f"},
	{"INFORMATION_SCHEMA.COLUMNS",
	 "'column', table_name, column_name, data_type, is_nullable, "
	 "COALESCE(is_partitioning_column, "
	 "'NO'), COALESCE(CAST(clustering_ordinal_position AS STRING), ''), "
	 "COALESCE(CAST(ordinal_position AS STRING), '')"},
	{"INFORMATION_SCHEMA.ROUTINES", "'routine', routine_name, routine_type, "
					"COALESCE(data_type, ''), COALESCE(routine_definition, "
					"''), COALESCE(ddl, ''), '', ''"},
	{"INFORMATION_SCHEMA.VIEWS",
	 "'view', table_name, COALESCE(view_definition, ''), '', '', '', '', ''"},
	{"__TABLES__",
	 "'rows', table_id, CAST(row_count AS STRING), CAST(type AS STRING), '', '', '', ''"},
};

char *catalogue_bigquery_sql(const char *project, const char *dataset)
{
	GString *sql = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *view = bigquery_quote_table(project, dataset, parts[i].view);

		if (!view) {
			(void)g_string_free(sql, TRUE); /* gives NULL */
			return NULL;
		}
		g_string_append_printf(sql, "%sSELECT %s\nFROM %s", i > 0 ? "\nUNION ALL\n" : "",
				       parts[i].columns, view);
	}
	return g_string_free(sql, FALSE);
}

/* --- the answer --- */

/* A dataset being decoded. */
struct dataset {
	struct inventory *inventory;
	const char *name;
	GHashTable *views;       /* name -> definition; borrowed from the answer */
	GHashTable *partitioned; /* name -> what by, char *, owned */
	GHashTable *clustered;   /* name -> GPtrArray of struct cluster_column */
};

/* A column that a table is clustered by. */
struct cluster_column {
	const char *name; /* borrowed */
	gint64 position;
};

/* Names of other characters than these are quoted. */
static char *quote(const char *name)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return name[strspn(name, plain)] == '\0' ? g_strdup(name) : g_strdup_printf("`%s`", name);
}

static char *full_name(const struct dataset *dataset, const char *name)
{
	g_autofree char *quoted = quote(name);

	return g_strdup_printf("%s.%s", dataset->name, quoted);
}

static const char *cell(char *const *row, enum column column)
{
	return row[column] ? row[column] : "";
}

static char *hash_of(const char *text)
{
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

	return g_strdup_printf("definition sha256:%.16s", hash);
}

static const char *type_of(const char *table_type)
{
	static const char *const types[][2] = {
		{"VIEW", "view"},         {"MATERIALIZED VIEW", "materialized_view"},
		{"CLONE", "clone"},       {"EXTERNAL", "external_table"},
		{"SNAPSHOT", "snapshot"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (strcmp(types[i][0], table_type) == 0)
			return types[i][1];
	return "table";
}

/* What follows PARTITION BY in a table's DDL, which has it on a line of its own. Caller frees;
 * NULL: not there. */
static char *partition_of(const char *ddl)
{
	static const char lead[] = "\nPARTITION BY ";
	const char *at = strstr(ddl, lead);

	return at ? g_strndup(at + strlen(lead), strcspn(at + strlen(lead), "\n;")) : NULL;
}

static bool add_table(struct dataset *dataset, char *const *row, GError **error)
{
	const char *type = type_of(cell(row, COLUMN_A));
	g_autofree char *name = full_name(dataset, cell(row, COLUMN_NAME));
	g_autofree char *definition = NULL;
	char *partition = partition_of(cell(row, COLUMN_B));

	if (strcmp(type, "view") == 0) {
		const char *view = g_hash_table_lookup(dataset->views, cell(row, COLUMN_NAME));

		definition = hash_of(view ? view : cell(row, COLUMN_B));
	} else if (strcmp(type, "materialized_view") == 0 || strcmp(type, "external_table") == 0) {
		definition = hash_of(cell(row, COLUMN_B));
	}
	if (partition) /* says more than the column's name */
		g_hash_table_replace(dataset->partitioned, g_strdup(cell(row, COLUMN_NAME)),
				     partition);
	return inventory_add(dataset->inventory, type, name, definition, error);
}

static void note_cluster(struct dataset *dataset, char *const *row)
{
	const char *table = cell(row, COLUMN_NAME);
	GPtrArray *columns = g_hash_table_lookup(dataset->clustered, table);
	struct cluster_column *column = NULL;
	gint64 position = 0;

	if (!g_ascii_string_to_signed(cell(row, COLUMN_E), 10, 1, G_MAXINT32, &position, NULL))
		return;
	if (!columns) {
		columns = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(dataset->clustered, g_strdup(table), columns);
	}
	column = g_new0(struct cluster_column, 1);
	column->name = cell(row, COLUMN_A);
	column->position = position;
	g_ptr_array_add(columns, column);
}

static bool add_column(struct dataset *dataset, char *const *row, GError **error)
{
	g_autofree char *table = full_name(dataset, cell(row, COLUMN_NAME));
	g_autofree char *column = quote(cell(row, COLUMN_A));
	g_autofree char *name = g_strdup_printf("%s.%s", table, column);
	bool is_required = strcmp(cell(row, COLUMN_C), "NO") == 0;
	g_autofree char *definition =
		g_strconcat(cell(row, COLUMN_B), is_required ? " NOT NULL" : "", NULL);

	if (strcmp(cell(row, COLUMN_D), "YES") == 0 &&
	    !g_hash_table_contains(dataset->partitioned, cell(row, COLUMN_NAME)))
		g_hash_table_insert(dataset->partitioned, g_strdup(cell(row, COLUMN_NAME)),
				    g_strdup(cell(row, COLUMN_A)));
	note_cluster(dataset, row);
	if (!*cell(row, COLUMN_F)) /* a pseudo column: _PARTITIONTIME */
		return true;
	return inventory_add(dataset->inventory, "column", name, definition, error);
}

static bool add_routine(struct dataset *dataset, char *const *row, GError **error)
{
	g_autofree char *name = full_name(dataset, cell(row, COLUMN_NAME));
	const char *ddl = cell(row, COLUMN_D);
	g_autofree char *hash = hash_of(*ddl ? ddl : cell(row, COLUMN_C));
	const char *returns = cell(row, COLUMN_B);
	g_autofree char *definition = g_strdup_printf("%s%s%s, %s", cell(row, COLUMN_A),
						      *returns ? " returns " : "", returns, hash);

	return inventory_add(dataset->inventory, "routine", name, definition, error);
}

/* Views and external tables have no count: only tables (1) do. */
static bool add_rows(struct dataset *dataset, char *const *row, GError **error)
{
	g_autofree char *name = full_name(dataset, cell(row, COLUMN_NAME));
	gint64 rows = 0;

	if (strcmp(cell(row, COLUMN_B), "1") != 0)
		return true;
	if (!g_ascii_string_to_signed(cell(row, COLUMN_A), 10, 0, G_MAXINT64, &rows, NULL))
		rows = INVENTORY_ROWS_UNKNOWN;
	return inventory_add_rows(dataset->inventory, name, rows, false, error);
}

static bool add_row(struct dataset *dataset, char *const *row, GError **error)
{
	const char *kind = cell(row, COLUMN_KIND);

	if (strcmp(kind, "table") == 0)
		return add_table(dataset, row, error);
	if (strcmp(kind, "column") == 0)
		return add_column(dataset, row, error);
	if (strcmp(kind, "routine") == 0)
		return add_routine(dataset, row, error);
	if (strcmp(kind, "rows") == 0)
		return add_rows(dataset, row, error);
	return true; /* of a view, taken before */
}

static gint by_position(gconstpointer a, gconstpointer b)
{
	const struct cluster_column *first = *(const struct cluster_column *const *)a;
	const struct cluster_column *second = *(const struct cluster_column *const *)b;

	return first->position < second->position ? -1 : first->position > second->position;
}

static bool add_layouts(struct dataset *dataset, GError **error)
{
	GHashTableIter iter;
	gpointer table = NULL;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, dataset->partitioned);
	while (g_hash_table_iter_next(&iter, &table, &value)) {
		g_autofree char *name = full_name(dataset, table);

		if (!inventory_add(dataset->inventory, "partitioning", name, value, error))
			return false;
	}
	g_hash_table_iter_init(&iter, dataset->clustered);
	while (g_hash_table_iter_next(&iter, &table, &value)) {
		GPtrArray *columns = value;
		g_autofree char *name = full_name(dataset, table);
		g_autoptr(GString) text = g_string_new(NULL);

		g_ptr_array_sort(columns, by_position);
		for (guint i = 0; i < columns->len; i++)
			g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
					       ((struct cluster_column *)columns->pdata[i])->name);
		if (!inventory_add(dataset->inventory, "clustering", name, text->str, error))
			return false;
	}
	return true;
}

static bool decode(struct dataset *dataset, const struct bigquery_result *result, GError **error)
{
	for (guint i = 0; i < result->rows->len; i++) {
		char *const *row = result->rows->pdata[i];

		if (strcmp(cell(row, COLUMN_KIND), "view") == 0)
			g_hash_table_insert(dataset->views, row[COLUMN_NAME], row[COLUMN_A]);
	}
	if (!inventory_add(dataset->inventory, "dataset", dataset->name, NULL, error))
		return false;
	for (guint i = 0; i < result->rows->len; i++)
		if (!add_row(dataset, result->rows->pdata[i], error))
			return false;
	return add_layouts(dataset, error);
}

static void unref_array(gpointer array)
{
	g_ptr_array_unref(array);
}

static bool is_named(const struct bigquery_result *result)
{
	for (guint i = 0; i < result->rows->len; i++)
		if (!((char *const *)result->rows->pdata[i])[COLUMN_NAME])
			return false;
	return true;
}

bool catalogue_bigquery_decode(struct inventory *inventory, const char *name,
			       const struct bigquery_result *result, GError **error)
{
	g_autoptr(GHashTable) views = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) partitioned =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GHashTable) clustered =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_array);
	struct dataset dataset = {
		.inventory = inventory,
		.name = name,
		.views = views,
		.partitioned = partitioned,
		.clustered = clustered,
	};

	if (result->columns->len != COLUMN_COUNT || !is_named(result)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the catalogue of dataset %s has not the columns asked for", name);
		return false;
	}
	if (result->total_rows > result->rows->len) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the catalogue of dataset %s has %" PRId64
			    " rows, driftd reads %d: split the dataset",
			    name, result->total_rows, BIGQUERY_ROWS_MAX);
		return false;
	}
	return decode(&dataset, result, error);
}
