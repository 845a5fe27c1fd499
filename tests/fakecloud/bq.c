/* bq - see bq.h */
#include "tests/fakecloud/bq.h"

#include "clk.h"
#include "tests/fakecloud/bq_job.h"
#include "tests/fakecloud/jsn.h"

#include <string.h>

static int compare_names(gconstpointer a, gconstpointer b, gpointer data)
{
	(void)data;
	return strcmp(a, b);
}

static void json_free(void *object)
{
	json_object_put(object);
}

static void table_free(void *data)
{
	struct bq_table *table = data;

	g_free(table->project);
	g_free(table->dataset);
	g_free(table->name);
	json_object_put(table->spec);
	json_object_put(table->rows);
	if (table->fields)
		g_ptr_array_unref(table->fields);
	g_free(table);
}

static void dataset_free(void *data)
{
	struct bq_dataset *dataset = data;

	g_tree_unref(dataset->tables);
	g_tree_unref(dataset->routines);
	g_free(dataset->project);
	g_free(dataset->name);
	g_free(dataset->location);
	g_free(dataset);
}

struct bq *bq_create(void)
{
	struct bq *bq = g_new0(struct bq, 1);

	bq->datasets = g_tree_new_full(compare_names, NULL, g_free, dataset_free);
	bq->jobs = g_tree_new_full(compare_names, NULL, g_free, bq_job_free);
	bq->rules = g_ptr_array_new_with_free_func(bq_rule_free);
	bq->recent = g_ptr_array_new_with_free_func(g_free);
	bq->labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return bq;
}

void bq_free(struct bq *bq)
{
	if (!bq)
		return;
	g_tree_unref(bq->datasets);
	g_tree_unref(bq->jobs);
	g_ptr_array_unref(bq->rules);
	g_ptr_array_unref(bq->recent);
	g_hash_table_unref(bq->labels);
	g_free(bq);
}

void bq_reset(struct bq *bq)
{
	g_tree_remove_all(bq->datasets);
	g_tree_remove_all(bq->jobs);
	g_ptr_array_set_size(bq->rules, 0);
	g_ptr_array_set_size(bq->recent, 0);
	g_hash_table_remove_all(bq->labels);
	bq->counts = (struct bq_counts){0};
}

int64_t bq_now_us(void)
{
	return clk_wall_ms() * 1000;
}

struct bq_dataset *bq_find_dataset(const struct bq *bq, const char *project, const char *name)
{
	g_autofree char *key = g_strdup_printf("%s.%s", project, name);

	return g_tree_lookup(bq->datasets, key);
}

struct bq_table *bq_find_table(const struct bq *bq, const char *project, const char *dataset,
			       const char *name)
{
	struct bq_dataset *found = bq_find_dataset(bq, project, dataset);

	return found ? g_tree_lookup(found->tables, name) : NULL;
}

struct bq_dataset *bq_make_dataset(struct bq *bq, const char *project, const char *name,
				   const char *location)
{
	struct bq_dataset *dataset = bq_find_dataset(bq, project, name);

	if (!dataset) {
		dataset = g_new0(struct bq_dataset, 1);
		dataset->project = g_strdup(project);
		dataset->name = g_strdup(name);
		dataset->location = g_strdup("US");
		dataset->tables = g_tree_new_full(compare_names, NULL, g_free, table_free);
		dataset->routines = g_tree_new_full(compare_names, NULL, g_free, json_free);
		g_tree_insert(bq->datasets, g_strdup_printf("%s.%s", project, name), dataset);
	}
	if (location) {
		g_free(dataset->location);
		dataset->location = g_strdup(location);
	}
	return dataset;
}

int64_t bq_spec_ms(json_object *spec, const char *name, int64_t fallback)
{
	json_object *value = jsn_at(spec, name);
	int64_t us = 0;

	if (json_object_is_type(value, json_type_int))
		return json_object_get_int64(value);
	if (!value || !bq_time_parse(json_object_get_string(value), bq_now_us(), &us))
		return fallback;
	return bq_floor_div(us, 1000);
}

/* --- tables --- */

static json_object *row_value(json_object *row, const GPtrArray *fields, guint index)
{
	const struct bq_field *field = fields->pdata[index];

	if (json_object_is_type(row, json_type_array))
		return json_object_array_get_idx(row, index);
	return jsn_at(row, field->name);
}

static json_object *normalise_row(json_object *row, const GPtrArray *fields, int64_t now_us,
				  char **ret_problem)
{
	json_object *normal = json_object_new_array();

	for (guint i = 0; i < fields->len; i++) {
		const struct bq_field *field = fields->pdata[i];
		json_object *given = row_value(row, fields, i), *value = NULL;

		if (!bq_value_normalise(field, given, now_us, &value)) {
			*ret_problem = g_strdup_printf("\"%s\" is no %s for column %s",
						       json_object_get_string(given),
						       bq_type_sql(field->type), field->name);
			json_object_put(value);
			json_object_put(normal);
			return NULL;
		}
		json_object_array_add(normal, value);
	}
	return normal;
}

static json_object *normalise_rows(json_object *rows, const GPtrArray *fields, char **ret_problem)
{
	json_object *normal = json_object_new_array();
	int64_t now_us = bq_now_us();

	for (size_t i = 0; i < jsn_length(rows); i++) {
		json_object *row = normalise_row(json_object_array_get_idx(rows, i), fields, now_us,
						 ret_problem);

		if (!row) {
			json_object_put(normal);
			return NULL;
		}
		json_object_array_add(normal, row);
	}
	return normal;
}

static struct bq_table *table_create(const char *const path[3], json_object *spec)
{
	struct bq_table *table = g_new0(struct bq_table, 1);
	int64_t now_ms = clk_wall_ms();

	table->project = g_strdup(path[0]);
	table->dataset = g_strdup(path[1]);
	table->name = g_strdup(path[2]);
	(void)json_object_deep_copy(spec, &table->spec, NULL); /* spec is an object */
	json_object_object_del(table->spec, "rows");
	table->view = jsn_text(table->spec, "view", NULL);
	table->type = jsn_text(table->spec, "type", table->view ? "VIEW" : "TABLE");
	table->modified_ms = bq_spec_ms(spec, "lastModifiedTime", now_ms);
	table->created_ms = bq_spec_ms(spec, "creationTime", table->modified_ms - 90 * MS_PER_DAY);
	return table;
}

/** Pseudo columns of ingestion time are real columns here, whose names begin with '_'. */
static void add_ingestion_columns(struct bq_table *table)
{
	const char *field = bq_table_partition_field(table);

	if (field && !*field && !bq_fields_find(table->fields, "_PARTITIONTIME")) {
		g_ptr_array_add(table->fields,
				bq_field_create("_PARTITIONTIME", BQ_TYPE_TIMESTAMP));
		g_ptr_array_add(table->fields, bq_field_create("_PARTITIONDATE", BQ_TYPE_DATE));
	}
}

bool bq_put_table(struct bq *bq, const char *const path[3], json_object *spec, char **ret_problem)
{
	struct bq_table *table = table_create(path, spec);
	struct bq_dataset *dataset = NULL;

	*ret_problem = NULL;
	table->fields = bq_fields_parse(jsn_at(spec, "schema"));
	if (!table->fields) {
		*ret_problem =
			g_strdup("a field of the schema has no name, or no type of BigQuery");
	} else {
		add_ingestion_columns(table);
		table->rows = normalise_rows(jsn_at(spec, "rows"), table->fields, ret_problem);
	}
	if (*ret_problem) {
		table_free(table);
		return false;
	}
	table->row_count = jsn_int(spec, "numRows", (int64_t)jsn_length(table->rows));
	table->bytes = jsn_int(spec, "numBytes", table->row_count * 100);
	dataset = bq_make_dataset(bq, path[0], path[1], jsn_text(spec, "location", NULL));
	g_tree_replace(dataset->tables, g_strdup(path[2]), table);
	return true;
}

const char *bq_table_partition_field(const struct bq_table *table)
{
	json_object *partitioning = jsn_at(table->spec, "partitioning");

	return partitioning ? jsn_text(partitioning, "field", "") : NULL;
}

/* --- partitions --- */

/** "20261119", "2026111907", "202611", "2026" of a point in time. Caller frees. */
static char *partition_id(const char *type, int64_t us)
{
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(bq_floor_div(us, BQ_US_PER_S));

	if (!then)
		return g_strdup("__NULL__");
	if (g_str_equal(type, "HOUR"))
		return g_date_time_format(then, "%Y%m%d%H");
	if (g_str_equal(type, "MONTH"))
		return g_date_time_format(then, "%Y%m");
	if (g_str_equal(type, "YEAR"))
		return g_date_time_format(then, "%Y");
	return g_date_time_format(then, "%Y%m%d");
}

static char *row_partition(const struct bq_table *table, json_object *row, guint column)
{
	json_object *value = json_object_array_get_idx(row, column);
	const char *type = jsn_text(jsn_at(table->spec, "partitioning"), "type", "DAY");
	int64_t us = 0;

	if (!value)
		return g_strdup("__NULL__");
	if (json_object_is_type(value, json_type_int))
		us = json_object_get_int64(value);
	else if (!bq_time_parse(json_object_get_string(value), 0, &us))
		return g_strdup("__NULL__");
	return partition_id(type, us);
}

static json_object *partition_json(const char *id, int64_t rows, int64_t bytes, int64_t modified_us)
{
	json_object *object = json_object_new_object();

	jsn_add(object, "id", id ? json_object_new_string(id) : NULL);
	jsn_add(object, "rows", json_object_new_int64(rows));
	jsn_add(object, "bytes", json_object_new_int64(bytes));
	jsn_add(object, "modified", json_object_new_int64(modified_us));
	return object;
}

static gboolean add_counted(gpointer id, gpointer rows, gpointer data)
{
	json_object *array = ((void **)data)[0];
	const struct bq_table *table = ((void **)data)[1];

	json_object_array_add(array, partition_json(id, GPOINTER_TO_INT(rows),
						    GPOINTER_TO_INT(rows) * (int64_t)100,
						    table->modified_ms * 1000));
	return FALSE;
}

/** Counted from the rows. */
static void add_row_partitions(const struct bq_table *table, const char *field, json_object *array)
{
	g_autoptr(GTree) counts = g_tree_new_full(compare_names, NULL, g_free, NULL);
	const char *column = *field ? field : "_PARTITIONTIME";
	void *data[] = {array, (void *)(uintptr_t)table};
	guint index = 0;

	while (index < table->fields->len &&
	       g_ascii_strcasecmp(((struct bq_field *)table->fields->pdata[index])->name, column) !=
		       0)
		index++;
	for (size_t i = 0; i < jsn_length(table->rows); i++) {
		char *id = row_partition(table, json_object_array_get_idx(table->rows, i), index);
		int count = GPOINTER_TO_INT(g_tree_lookup(counts, id));

		g_tree_replace(counts, id, GINT_TO_POINTER(count + 1));
	}
	g_tree_foreach(counts, add_counted, data);
}

static void add_given_partitions(const struct bq_table *table, json_object *given,
				 json_object *array)
{
	for (size_t i = 0; i < jsn_length(given); i++) {
		json_object *one = json_object_array_get_idx(given, i);
		int64_t rows = jsn_int(one, "rows", 0);

		json_object_array_add(
			array,
			partition_json(jsn_text(one, "id", NULL), rows,
				       jsn_int(one, "bytes", rows * 100),
				       bq_spec_ms(one, "modified", table->modified_ms) * 1000));
	}
}

json_object *bq_table_partitions(const struct bq_table *table)
{
	const char *field = bq_table_partition_field(table);
	json_object *array = json_object_new_array(), *given = jsn_at(table->spec, "partitions");
	json_object *buffer = jsn_at(table->spec, "streamingBuffer");

	if (given)
		add_given_partitions(table, given, array);
	else if (field)
		add_row_partitions(table, field, array);
	else
		json_object_array_add(array, partition_json(NULL, table->row_count, table->bytes,
							    table->modified_ms * 1000));
	if (field && buffer)
		json_object_array_add(array, partition_json("__UNPARTITIONED__",
							    jsn_int(buffer, "estimatedRows", 0),
							    jsn_int(buffer, "estimatedBytes", 0),
							    table->modified_ms * 1000));
	return array;
}

/* --- many --- */

void bq_bulk(struct bq *bq, json_object *body)
{
	int64_t tables = CLAMP(jsn_int(body, "tables", 0), 0, 200000);
	int64_t datasets = CLAMP(jsn_int(body, "datasets", 1), 1, 1000);
	const char *project = jsn_text(body, "project", "acme-prod");
	const char *loaded = jsn_text(body, "loaded", "now-1h");
	const char *modified = jsn_text(body, "lastModifiedTime", "now-1h");
	g_autofree char *text =
		g_strdup_printf("{\"schema\":[{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"},"
				"{\"name\":\"n\",\"type\":\"INTEGER\"}],\"rows\":[[\"%s\",1]],"
				"\"lastModifiedTime\":\"%s\",\"numBytes\":1048576}",
				loaded, modified);
	json_object *spec = json_tokener_parse(text);

	for (int64_t i = 0; spec && i < tables; i++) {
		g_autofree char *dataset =
			g_strdup_printf("bench_%02" G_GINT64_FORMAT, i % datasets);
		g_autofree char *name = g_strdup_printf("t_%06" G_GINT64_FORMAT, i);
		g_autofree char *problem = NULL;
		const char *const path[] = {project, dataset, name};

		if (!bq_put_table(bq, path, spec, &problem))
			break; /* the times given are none: no table at all is noticed */
	}
	json_object_put(spec);
}
