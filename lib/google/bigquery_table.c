/* bigquery_table - tables.get; see bigquery.h
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/tables */
#include "google/bigquery_private.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"

#define WORD_MAX_BYTES 128
#define NAME_MAX_BYTES 1200

/** So deep does BigQuery nest STRUCT. */
#define STRUCT_DEPTH_MAX 15

/** Latest time that is believed: the year 9999. */
#define TIME_MAX_MS ((int64_t)253402300799999)

/** Members that are read, and asked for. */
#define FIELDS                                                                                     \
	"type,location,lastModifiedTime,numRows,streamingBuffer,timePartitioning,"                 \
	"rangePartitioning,requirePartitionFilter,schema"

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static void free_field(void *data)
{
	struct bigquery_field *field = data;

	g_free(field->name);
	g_free(field->type);
	g_free(field);
}

void bigquery_table_free(struct bigquery_table *table)
{
	if (!table)
		return;
	g_free(table->type);
	g_free(table->location);
	g_free(table->partition_type);
	g_free(table->partition_field);
	g_ptr_array_unref(table->fields);
	g_free(table);
}

/** What the fields inside a STRUCT have from it. */
struct nest {
	const char *prefix; /* "" or "customer." */
	bool repeated;
	int depth;
};

static bool add_fields(struct bigquery_table *table, json_object *holder, struct nest nest,
		       GError **error);

static bool add_field(struct bigquery_table *table, json_object *object, struct nest nest,
		      GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *type = NULL;
	g_autofree char *mode = NULL;
	g_autofree char *prefix = NULL;
	struct bigquery_field *field = NULL;

	if (!decode_text(object, "name", NAME_MAX_BYTES, &name, error) ||
	    !decode_text(object, "type", WORD_MAX_BYTES, &type, error) ||
	    !decode_text(object, "mode", WORD_MAX_BYTES, &mode, error))
		return false;
	if (!name || !type)
		return refuse(error, "a field without name or type");
	if (table->fields->len >= BIGQUERY_COLUMNS_MAX)
		return refuse(error, "too many fields");
	field = g_new0(struct bigquery_field, 1);
	field->name = g_strconcat(nest.prefix, name, NULL);
	field->type = g_strdup(bigquery_type_text(type));
	field->repeated = nest.repeated || g_strcmp0(mode, "REPEATED") == 0;
	field->required = g_strcmp0(mode, "REQUIRED") == 0;
	g_ptr_array_add(table->fields, field);
	if (strcmp(field->type, "STRUCT") != 0)
		return true;
	prefix = g_strconcat(field->name, ".", NULL);
	return add_fields(table, object, (struct nest){prefix, field->repeated, nest.depth + 1},
			  error);
}

static bool add_fields(struct bigquery_table *table, json_object *holder, struct nest nest,
		       GError **error)
{
	json_object *fields = NULL;

	if (nest.depth > STRUCT_DEPTH_MAX)
		return refuse(error, "fields nest too deep");
	if (!decode_array(holder, "fields", BIGQUERY_COLUMNS_MAX, &fields, error))
		return false;
	for (size_t i = 0; fields && i < json_object_array_length(fields); i++) {
		json_object *field = NULL;

		if (!decode_element(fields, "fields", i, &field, error) ||
		    !add_field(table, field, nest, error))
			return false;
	}
	return true;
}

static bool decode_schema(struct bigquery_table *table, json_object *object, GError **error)
{
	json_object *schema = NULL;

	if (!decode_object(object, "schema", &schema, error))
		return false;
	return !schema || add_fields(table, schema, (struct nest){.prefix = ""}, error);
}

static bool decode_rows(struct bigquery_table *table, json_object *object, GError **error)
{
	json_object *value = NULL;

	table->rows = -1;
	if (!json_object_object_get_ex(object, "numRows", &value) || !value)
		return true;
	return decode_int(object, "numRows", 0, INT64_MAX, &table->rows, error);
}

static bool decode_streaming(struct bigquery_table *table, json_object *object, GError **error)
{
	json_object *buffer = NULL;

	if (!decode_object(object, "streamingBuffer", &buffer, error))
		return false;
	table->streaming = buffer != NULL;
	return !buffer || decode_int(buffer, "oldestEntryTime", 0, TIME_MAX_MS,
				     &table->streaming_oldest_wall_ms, error);
}

static bool decode_range(struct bigquery_table *table, json_object *object, GError **error)
{
	json_object *range = NULL;

	if (!decode_object(object, "rangePartitioning", &range, error))
		return false;
	if (!range)
		return true;
	table->partition_type = g_strdup("RANGE");
	return decode_text(range, "field", NAME_MAX_BYTES, &table->partition_field, error);
}

/* requirePartitionFilter was inside timePartitioning before it was beside it. */
static bool decode_partitions(struct bigquery_table *table, json_object *object, GError **error)
{
	json_object *time = NULL;
	bool inner = false;

	if (!decode_object(object, "timePartitioning", &time, error) ||
	    !decode_bool(object, "requirePartitionFilter", &table->partition_filter_required,
			 error))
		return false;
	if (!time)
		return decode_range(table, object, error);
	if (!decode_text(time, "type", WORD_MAX_BYTES, &table->partition_type, error) ||
	    !decode_text(time, "field", NAME_MAX_BYTES, &table->partition_field, error) ||
	    !decode_bool(time, "requirePartitionFilter", &inner, error))
		return false;
	if (!table->partition_type)
		table->partition_type = g_strdup("DAY");
	table->partition_filter_required = table->partition_filter_required || inner;
	return true;
}

static bool decode_table(struct bigquery_table *table, json_object *object, GError **error)
{
	if (!json_object_is_type(object, json_type_object))
		return refuse(error, "not a JSON object");
	if (!decode_text(object, "type", WORD_MAX_BYTES, &table->type, error))
		return false;
	if (!table->type)
		return refuse(error, "a table without type");
	return decode_text(object, "location", WORD_MAX_BYTES, &table->location, error) &&
	       decode_int(object, "lastModifiedTime", 0, TIME_MAX_MS, &table->modified_wall_ms,
			  error) &&
	       decode_rows(table, object, error) && decode_streaming(table, object, error) &&
	       decode_partitions(table, object, error) && decode_schema(table, object, error);
}

struct bigquery_table *bigquery_table_decode(const char *bytes, size_t length, GError **error)
{
	json_object *object = json_parse(bytes, length, error);
	struct bigquery_table *table = NULL;
	bool ok = false;

	if (!object)
		return NULL;
	table = g_new0(struct bigquery_table, 1);
	table->fields = g_ptr_array_new_with_free_func(free_field);
	ok = decode_table(table, object, error);
	json_object_put(object);
	if (ok)
		return table;
	bigquery_table_free(table);
	return NULL;
}

char *bigquery_table_url(const char *endpoint, const char *project, const char *dataset,
			 const char *table)
{
	GString *url = g_string_new(endpoint);

	g_string_append(url, "/bigquery/v2/projects/");
	g_string_append_uri_escaped(url, project, NULL, FALSE);
	g_string_append(url, "/datasets/");
	g_string_append_uri_escaped(url, dataset, NULL, FALSE);
	g_string_append(url, "/tables/");
	g_string_append_uri_escaped(url, table, NULL, FALSE);
	g_string_append(url, "?fields=" FIELDS "&prettyPrint=false");
	return g_string_free(url, FALSE);
}
