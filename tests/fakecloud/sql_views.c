/* sql_views - INFORMATION_SCHEMA and __TABLES__, made from what the stand-in holds. API-FACTS C.5;
 * https://cloud.google.com/bigquery/docs/information-schema-intro . See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

/** Rows under way. */
struct view_rows {
	const struct bq *bq;
	const char *project;
	const char *dataset; /* NULL: all in location */
	const char *location;
	json_object *rows;
	const struct bq_dataset *in; /* the dataset under way */
};

/* --- rows --- */

static json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static json_object *time_of_ms(int64_t ms)
{
	return json_object_new_int64(ms * 1000);
}

/** A row that begins with the place of @p table. */
static json_object *table_row(struct view_rows *view, const struct bq_table *table)
{
	json_object *row = json_object_new_array();

	json_object_array_add(row, json_object_new_string(table->project));
	json_object_array_add(row, json_object_new_string(table->dataset));
	json_object_array_add(row, json_object_new_string(table->name));
	json_object_array_add(view->rows, row);
	return row;
}

static const char *table_type(const struct bq_table *table)
{
	if (g_str_equal(table->type, "TABLE"))
		return "BASE TABLE";
	if (g_str_equal(table->type, "MATERIALIZED_VIEW"))
		return "MATERIALIZED VIEW";
	return table->type;
}

static bool has_rows(const struct bq_table *table)
{
	return g_str_equal(table->type, "TABLE") || g_str_equal(table->type, "MATERIALIZED_VIEW") ||
	       g_str_equal(table->type, "SNAPSHOT");
}

/** What stands after PARTITION BY. Caller frees; NULL: the table is not partitioned. */
static char *partition_ddl(const struct bq_table *table)
{
	const char *name = bq_table_partition_field(table);
	const char *unit = jsn_text(jsn_at(table->spec, "partitioning"), "type", "DAY");
	const struct bq_field *field = name && *name ? bq_fields_find(table->fields, name) : NULL;
	bool is_date = field && field->type == BQ_TYPE_DATE, is_day = g_str_equal(unit, "DAY");

	if (!name)
		return NULL;
	if (!*name)
		return is_day ? g_strdup("_PARTITIONDATE")
			      : g_strdup_printf("TIMESTAMP_TRUNC(_PARTITIONTIME, %s)", unit);
	if (is_day)
		return is_date ? g_strdup(name) : g_strdup_printf("DATE(%s)", name);
	return g_strdup_printf("%s_TRUNC(%s, %s)", is_date ? "DATE" : "TIMESTAMP", name, unit);
}

/** The lines after the columns: the column ddl has each on its own. */
static void add_layout(GString *text, const struct bq_table *table)
{
	g_autofree char *partition = partition_ddl(table);
	json_object *clustering = jsn_at(table->spec, "clustering");

	if (partition)
		g_string_append_printf(text, "\nPARTITION BY %s", partition);
	for (size_t i = 0; i < jsn_length(clustering); i++)
		g_string_append_printf(
			text, "%s%s", i == 0 ? "\nCLUSTER BY " : ", ",
			json_object_get_string(json_object_array_get_idx(clustering, i)));
}

/** CREATE TABLE of a table, as the column ddl has it. Caller frees. */
static char *table_ddl(const struct bq_table *table)
{
	GString *text = g_string_new(NULL);

	if (table->view) {
		g_string_printf(text, "CREATE VIEW `%s.%s.%s`\nAS %s;", table->project,
				table->dataset, table->name, table->view);
		return g_string_free(text, FALSE);
	}
	g_string_printf(text, "CREATE TABLE `%s.%s.%s`\n(", table->project, table->dataset,
			table->name);
	for (guint i = 0; i < table->fields->len; i++) {
		const struct bq_field *field = table->fields->pdata[i];
		g_autofree char *type = bq_field_type_text(field);

		if (!g_str_has_prefix(field->name, "_PARTITION"))
			g_string_append_printf(text, "%s\n  %s %s%s", i > 0 ? "," : "", field->name,
					       type, field->required ? " NOT NULL" : "");
	}
	g_string_append(text, "\n)");
	add_layout(text, table);
	g_string_append_c(text, ';');
	return g_string_free(text, FALSE);
}

static void add_tables(struct view_rows *view, const struct bq_table *table)
{
	json_object *row = table_row(view, table);
	g_autofree char *ddl = table_ddl(table);

	json_object_array_add(row, json_object_new_string(table_type(table)));
	json_object_array_add(row, json_object_new_string(table->view ? "NO" : "YES"));
	json_object_array_add(row, json_object_new_string("NO"));
	json_object_array_add(row, time_of_ms(table->created_ms));
	json_object_array_add(row, json_object_new_string(ddl));
}

static int64_t clustering_position(const struct bq_table *table, const char *column)
{
	json_object *list = jsn_at(table->spec, "clustering");

	for (size_t i = 0; i < jsn_length(list); i++) {
		if (g_ascii_strcasecmp(json_object_get_string(json_object_array_get_idx(list, i)),
				       column) == 0)
			return (int64_t)i + 1;
	}
	return 0;
}

static void add_columns(struct view_rows *view, const struct bq_table *table)
{
	const char *partition = bq_table_partition_field(table);

	for (guint i = 0; i < table->fields->len; i++) {
		const struct bq_field *field = table->fields->pdata[i];
		g_autofree char *type = bq_field_type_text(field);
		bool hidden = g_str_has_prefix(field->name, "_PARTITION");
		bool partitions =
			hidden ? g_str_equal(field->name, "_PARTITIONTIME")
			       : partition && g_ascii_strcasecmp(partition, field->name) == 0;
		int64_t position = clustering_position(table, field->name);
		json_object *row = table_row(view, table);

		json_object_array_add(row, json_object_new_string(field->name));
		json_object_array_add(row, hidden ? NULL : json_object_new_int64((int64_t)i + 1));
		json_object_array_add(row, json_object_new_string(field->required ? "NO" : "YES"));
		json_object_array_add(row, json_object_new_string(type));
		json_object_array_add(row, json_object_new_string(hidden ? "YES" : "NO"));
		json_object_array_add(row, json_object_new_string(hidden ? "YES" : "NO"));
		json_object_array_add(row, json_object_new_string(partitions ? "YES" : "NO"));
		json_object_array_add(row, position > 0 ? json_object_new_int64(position) : NULL);
	}
}

static void add_views(struct view_rows *view, const struct bq_table *table)
{
	json_object *row = NULL;

	if (!table->view)
		return;
	row = table_row(view, table);
	json_object_array_add(row, json_object_new_string(table->view));
	json_object_array_add(row, json_object_new_string("YES"));
}

static void add_partitions(struct view_rows *view, const struct bq_table *table)
{
	json_object *partitions = NULL;

	if (!has_rows(table))
		return;
	partitions = bq_table_partitions(table);
	for (size_t i = 0; i < jsn_length(partitions); i++) {
		json_object *one = json_object_array_get_idx(partitions, i);
		json_object *row = table_row(view, table);

		json_object_array_add(row, text_or_null(jsn_text(one, "id", NULL)));
		json_object_array_add(row, json_object_new_int64(jsn_int(one, "rows", 0)));
		json_object_array_add(row, json_object_new_int64(jsn_int(one, "bytes", 0)));
		json_object_array_add(row, json_object_new_int64(jsn_int(one, "bytes", 0)));
		json_object_array_add(row, json_object_new_int64(jsn_int(one, "modified", 0)));
		json_object_array_add(row, json_object_new_string("ACTIVE"));
	}
	json_object_put(partitions);
}

static void add_storage(struct view_rows *view, const struct bq_table *table)
{
	json_object *row = NULL;

	if (!has_rows(table))
		return;
	row = table_row(view, table);
	json_object_array_add(row, time_of_ms(table->created_ms));
	json_object_array_add(row, json_object_new_int64(table->row_count));
	json_object_array_add(row, json_object_new_int64(0));
	json_object_array_add(row, json_object_new_int64(table->bytes));
	json_object_array_add(row, table->row_count > 0 ? time_of_ms(table->modified_ms) : NULL);
	json_object_array_add(row, json_object_new_boolean(false));
	json_object_array_add(row, json_object_new_string(table_type(table)));
}

static void add_legacy(struct view_rows *view, const struct bq_table *table)
{
	json_object *row = table_row(view, table);
	int64_t type = table->view ? 2 : g_str_equal(table->type, "EXTERNAL") ? 3 : 1;

	json_object_array_add(row, json_object_new_int64(table->created_ms));
	json_object_array_add(row, json_object_new_int64(table->modified_ms));
	json_object_array_add(row, json_object_new_int64(type == 1 ? table->row_count : 0));
	json_object_array_add(row, json_object_new_int64(type == 1 ? table->bytes : 0));
	json_object_array_add(row, json_object_new_int64(type));
}

static gboolean add_routine(gpointer name, gpointer spec, gpointer data)
{
	struct view_rows *view = data;
	json_object *row = json_object_new_array();

	for (int twice = 0; twice < 2; twice++) {
		json_object_array_add(row, json_object_new_string(view->in->project));
		json_object_array_add(row, json_object_new_string(view->in->name));
		json_object_array_add(row, json_object_new_string(name));
	}
	json_object_array_add(row, json_object_new_string(jsn_text(spec, "type", "FUNCTION")));
	json_object_array_add(row, text_or_null(jsn_text(spec, "data_type", NULL)));
	json_object_array_add(row, json_object_new_string(jsn_text(spec, "language", "SQL")));
	json_object_array_add(row, text_or_null(jsn_text(spec, "definition", NULL)));
	json_object_array_add(row, text_or_null(jsn_text(spec, "ddl", NULL)));
	json_object_array_add(row, time_of_ms(jsn_int(spec, "created", 0)));
	json_object_array_add(row, time_of_ms(jsn_int(spec, "modified", 0)));
	json_object_array_add(view->rows, row);
	return FALSE;
}

static void add_dataset(struct view_rows *view)
{
	json_object *row = json_object_new_array();

	json_object_array_add(row, json_object_new_string(view->in->project));
	json_object_array_add(row, json_object_new_string(view->in->name));
	json_object_array_add(row, NULL);
	json_object_array_add(row, time_of_ms(0));
	json_object_array_add(row, time_of_ms(0));
	json_object_array_add(row, json_object_new_string(view->in->location));
	json_object_array_add(view->rows, row);
}

/* --- which --- */

/* columns: "name:letter …", s STRING, i INT64, t TIMESTAMP, b BOOL */
#define TABLE_COLUMNS "table_catalog:s table_schema:s table_name:s "
static const struct view {
	const char *name, *columns;
	bool dataset_only, region_only;
	void (*add)(struct view_rows *, const struct bq_table *); /* NULL: not of tables */
} views[] = {
	{"TABLES",
	 TABLE_COLUMNS "table_type:s is_insertable_into:s is_typed:s creation_time:t ddl:s", false,
	 false, add_tables},
	{"COLUMNS",
	 TABLE_COLUMNS "column_name:s ordinal_position:i is_nullable:s data_type:s is_hidden:s "
		       "is_system_defined:s is_partitioning_column:s clustering_ordinal_position:i",
	 false, false, add_columns},
	{"VIEWS", TABLE_COLUMNS "view_definition:s use_standard_sql:s", false, false, add_views},
	{"PARTITIONS",
	 TABLE_COLUMNS "partition_id:s total_rows:i total_logical_bytes:i total_billable_bytes:i "
		       "last_modified_time:t storage_tier:s",
	 true, false, add_partitions},
	{"TABLE_STORAGE",
	 "project_id:s table_schema:s table_name:s creation_time:t total_rows:i total_partitions:i "
	 "total_logical_bytes:i storage_last_modified_time:t deleted:b table_type:s",
	 false, true, add_storage},
	{"ROUTINES",
	 "specific_catalog:s specific_schema:s specific_name:s routine_catalog:s routine_schema:s "
	 "routine_name:s routine_type:s data_type:s external_language:s routine_definition:s ddl:s "
	 "created:t "
	 "last_altered:t",
	 false, false, NULL},
	{"SCHEMATA",
	 "catalog_name:s schema_name:s schema_owner:s creation_time:t last_modified_time:t "
	 "location:s",
	 false, false, NULL},
	{"__TABLES__",
	 "project_id:s dataset_id:s table_id:s creation_time:i last_modified_time:i row_count:i "
	 "size_bytes:i "
	 "type:i",
	 true, false, add_legacy},
};

/** The columns of a view, made once. Never freed. */
static const GPtrArray *view_fields(size_t index)
{
	static GPtrArray *made[G_N_ELEMENTS(views)]; /* under the cloud's lock */
	g_auto(GStrv) columns = NULL;

	if (made[index])
		return made[index];
	made[index] = g_ptr_array_new_with_free_func(bq_field_free);
	columns = g_strsplit(views[index].columns, " ", -1);
	for (size_t i = 0; columns[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(columns[i], ":", 2);
		enum bq_type type = BQ_TYPE_STRING;

		if (*pair[1] == 'i')
			type = BQ_TYPE_INT64;
		else if (*pair[1] == 't')
			type = BQ_TYPE_TIMESTAMP;
		else if (*pair[1] == 'b')
			type = BQ_TYPE_BOOL;
		g_ptr_array_add(made[index], bq_field_create(pair[0], type));
	}
	return made[index];
}

struct walk {
	struct view_rows *rows;
	const struct view *view;
};

static gboolean walk_table(gpointer name, gpointer table, gpointer data)
{
	struct walk *walk = data;

	(void)name;
	walk->view->add(walk->rows, table);
	return FALSE;
}

static gboolean walk_dataset(gpointer key, gpointer data, gpointer context)
{
	const struct bq_dataset *dataset = data;
	struct walk *walk = context;

	(void)key;
	if (!g_str_equal(dataset->project, walk->rows->project) ||
	    (walk->rows->dataset && !g_str_equal(dataset->name, walk->rows->dataset)) ||
	    g_ascii_strcasecmp(dataset->location, walk->rows->location) != 0)
		return FALSE;
	walk->rows->in = dataset;
	if (walk->view->add)
		g_tree_foreach(dataset->tables, walk_table, walk);
	else if (g_str_equal(walk->view->name, "ROUTINES"))
		g_tree_foreach(dataset->routines, add_routine, walk->rows);
	else
		add_dataset(walk->rows);
	return FALSE;
}

bool sql_view_rows(const struct bq *bq, const char *project, const char *dataset,
		   const char *location, const char *view, struct sql_input *ret_input)
{
	struct view_rows rows = {
		.bq = bq, .project = project, .dataset = dataset, .location = location};

	for (size_t i = 0; i < G_N_ELEMENTS(views); i++) {
		struct walk walk = {&rows, &views[i]};

		if (!g_str_equal(views[i].name, view))
			continue;
		ret_input->fields = view_fields(i);
		ret_input->rows = rows.rows = json_object_new_array();
		if ((views[i].dataset_only && !dataset) || (views[i].region_only && dataset))
			return false;
		g_tree_foreach(bq->datasets, walk_dataset, &walk);
		return true;
	}
	return false;
}
