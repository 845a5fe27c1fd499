/* bq_rest - BigQuery v2 (API-FACTS C): datasets and tables, and which path is whose. */
#include "tests/fakecloud/bq_rest.h"

#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/mask.h"

#include <string.h>

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

static const char *status_word(int status)
{
	switch (status) {
	case 400:
		return "INVALID_ARGUMENT";
	case 401:
		return "UNAUTHENTICATED";
	case 403:
		return "PERMISSION_DENIED";
	case 404:
		return "NOT_FOUND";
	case 429:
		return "RESOURCE_EXHAUSTED";
	case 499:
		return "CANCELLED";
	case 503:
		return "UNAVAILABLE";
	default:
		return "INTERNAL";
	}
}

void bq_set_error(struct reply *reply, int status, const char *reason, const char *message)
{
	json_object *envelope = json_object_new_object(), *error = json_object_new_object();
	json_object *errors = json_object_new_array(), *one = json_object_new_object();

	jsn_add_text(one, "message", message);
	jsn_add_text(one, "domain", "global");
	jsn_add_text(one, "reason", reason);
	if (g_str_equal(reason, "invalidQuery")) {
		jsn_add_text(one, "location", "q");
		jsn_add_text(one, "locationType", "parameter");
	}
	json_object_array_add(errors, one);
	jsn_add(error, "code", json_object_new_int(status));
	jsn_add_text(error, "message", message);
	jsn_add(error, "errors", errors);
	jsn_add_text(error, "status", status_word(status));
	jsn_add(envelope, "error", error);
	reply_set_json(reply, status, envelope);
}

/* --- tables --- */

static json_object *table_reference(const struct bq_table *table)
{
	json_object *reference = json_object_new_object();

	jsn_add_text(reference, "projectId", table->project);
	jsn_add_text(reference, "datasetId", table->dataset);
	jsn_add_text(reference, "tableId", table->name);
	return reference;
}

static bool add_partitioning(json_object *object, const struct bq_table *table)
{
	json_object *given = jsn_at(table->spec, "partitioning"), *partitioning = NULL;

	if (!given)
		return false;
	if (g_str_equal(jsn_text(given, "type", "DAY"), "RANGE")) {
		jsn_add_copy(object, "rangePartitioning", given);
	} else {
		partitioning = json_object_new_object();
		jsn_add_text(partitioning, "type", jsn_text(given, "type", "DAY"));
		jsn_add_text(partitioning, "field", jsn_text(given, "field", NULL));
		jsn_add_copy(partitioning, "expirationMs", jsn_at(given, "expirationMs"));
		jsn_add(object, "timePartitioning", partitioning);
	}
	if (jsn_flag(table->spec, "requirePartitionFilter"))
		jsn_add(object, "requirePartitionFilter", json_object_new_boolean(true));
	return true;
}

static void add_clustering(json_object *object, const struct bq_table *table)
{
	json_object *list = jsn_at(table->spec, "clustering"), *clustering = NULL;

	if (!list)
		return;
	clustering = json_object_new_object();
	jsn_add_copy(clustering, "fields", list);
	jsn_add(object, "clustering", clustering);
}

/** What tables.list shows of a table: no rows, no times of changes, no schema. */
static json_object *listed_table(const struct bq_table *table)
{
	json_object *object = json_object_new_object();
	g_autofree char *id =
		g_strdup_printf("%s:%s.%s", table->project, table->dataset, table->name);

	jsn_add_text(object, "kind", "bigquery#table");
	jsn_add_text(object, "id", id);
	jsn_add(object, "tableReference", table_reference(table));
	jsn_add_text(object, "type", table->type);
	jsn_add_int64(object, "creationTime", table->created_ms);
	jsn_add_copy(object, "labels", jsn_at(table->spec, "labels"));
	(void)add_partitioning(object, table); /* may have none */
	add_clustering(object, table);
	return object;
}

static GPtrArray *visible_fields(const struct bq_table *table)
{
	GPtrArray *fields = g_ptr_array_new();

	for (guint i = 0; i < table->fields->len; i++) {
		struct bq_field *field = table->fields->pdata[i];

		if (!g_str_has_prefix(field->name, "_PARTITION"))
			g_ptr_array_add(fields, field);
	}
	return fields;
}

static void add_schema(json_object *object, const struct bq_table *table)
{
	g_autoptr(GPtrArray) fields = visible_fields(table);
	json_object *schema = NULL;

	if (fields->len == 0)
		return;
	schema = json_object_new_object();
	jsn_add(schema, "fields", bq_fields_to_json(fields));
	jsn_add(object, "schema", schema);
}

static void add_streaming(json_object *object, const struct bq_table *table)
{
	json_object *given = jsn_at(table->spec, "streamingBuffer"), *buffer = NULL;

	if (!given)
		return;
	buffer = json_object_new_object();
	jsn_add_int64(buffer, "estimatedRows", jsn_int(given, "estimatedRows", 0));
	jsn_add_int64(buffer, "estimatedBytes", jsn_int(given, "estimatedBytes", 0));
	jsn_add_int64(buffer, "oldestEntryTime",
		      bq_spec_ms(given, "oldestEntryTime", table->modified_ms));
	jsn_add(object, "streamingBuffer", buffer);
}

static void add_storage(json_object *object, const struct bq_table *table)
{
	bool counted = !table->view && !g_str_equal(table->type, "EXTERNAL");

	jsn_add_int64(object, "lastModifiedTime", table->modified_ms);
	if (counted) {
		jsn_add_int64(object, "numRows", table->row_count);
		jsn_add_int64(object, "numBytes", table->bytes);
		jsn_add_int64(object, "numLongTermBytes", 0);
	}
	add_streaming(object, table);
}

static void replace_members(json_object *object, json_object *raw)
{
	if (!json_object_is_type(raw, json_type_object))
		return;
	json_object_object_foreach(raw, name, value)
	{
		json_object_object_del(object, name);
		jsn_add_copy(object, name, value);
	}
}

static json_object *table_json(const struct bq_table *table, const char *location, bool basic)
{
	json_object *object = listed_table(table), *view = NULL;
	g_autofree char *etag = g_strdup_printf("fake-%" G_GINT64_FORMAT, table->modified_ms);

	jsn_add_text(object, "etag", etag);
	jsn_add_text(object, "location", location);
	jsn_add_text(object, "description", jsn_text(table->spec, "description", NULL));
	add_schema(object, table);
	if (table->view) {
		view = json_object_new_object();
		jsn_add_text(view, "query", table->view);
		jsn_add(view, "useLegacySql", json_object_new_boolean(false));
		jsn_add(object, "view", view);
	}
	if (!basic)
		add_storage(object, table);
	replace_members(object, jsn_at(table->spec, "raw"));
	return object;
}

/* --- paths --- */

static void set_no_dataset(const struct request *request, struct reply *reply)
{
	g_autofree char *message = g_strdup_printf(
		"Not found: Dataset %s:%s", request_part(request, 3), request_part(request, 5));

	bq_set_error(reply, 404, "notFound", message);
}

/** Under lock. */
static void set_table(const struct bq_table *table, const struct bq_dataset *dataset,
		      const struct request *request, struct reply *reply)
{
	const char *view = request_query(request, "view");
	const char *denied = table ? jsn_text(table->spec, "denied", NULL) : NULL;
	g_autofree char *id = g_strdup_printf("%s:%s.%s", request_part(request, 3),
					      request_part(request, 5), request_part(request, 7));
	g_autofree char *message = NULL;

	if (!table) {
		message = g_strdup_printf("Not found: Table %s", id);
		bq_set_error(reply, 404, "notFound", message);
	} else if (g_strcmp0(denied, "bigquery.tables.get") == 0) {
		message = g_strdup_printf(
			"Access Denied: Table %s: Permission bigquery.tables.get denied on "
			"table %s (or it may not exist).",
			id, id);
		bq_set_error(reply, 403, "accessDenied", message);
	} else {
		reply_set_json(reply, 200,
			       mask_apply(table_json(table, dataset->location,
						     view && g_str_equal(view, "BASIC")),
					  request));
	}
}

static void get_table(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const struct bq_dataset *dataset = NULL;

	request->api = "bigquery.tables.get";
	lock(cloud);
	dataset = bq_find_dataset(cloud->bq, request_part(request, 3), request_part(request, 5));
	if (dataset)
		set_table(g_tree_lookup(dataset->tables, request_part(request, 7)), dataset,
			  request, reply);
	else
		set_no_dataset(request, reply);
	unlock(cloud);
}

struct listing {
	json_object *tables;
	const char *start; /* NULL: from the beginning */
	int64_t limit;
	char *next; /* NULL: that was all */
};

static gboolean list_one(gpointer name, gpointer table, gpointer data)
{
	struct listing *listing = data;

	if (listing->start && strcmp(name, listing->start) < 0)
		return FALSE;
	if ((int64_t)jsn_length(listing->tables) == listing->limit) {
		listing->next = g_strdup(name);
		return TRUE;
	}
	json_object_array_add(listing->tables, listed_table(table));
	return FALSE;
}

static json_object *tables_json(const struct bq_dataset *dataset, struct listing *listing)
{
	json_object *answer = json_object_new_object();

	listing->tables = json_object_new_array();
	g_tree_foreach(dataset->tables, list_one, listing);
	jsn_add_text(answer, "kind", "bigquery#tableList");
	jsn_add_text(answer, "nextPageToken", listing->next);
	jsn_add(answer, "totalItems", json_object_new_int(g_tree_nnodes(dataset->tables)));
	if (jsn_length(listing->tables) > 0)
		jsn_add(answer, "tables", listing->tables);
	else
		json_object_put(listing->tables);
	g_free(listing->next);
	return answer;
}

static void list_tables(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *max = request_query(request, "maxResults"),
		   *start = request_query(request, "pageToken");
	struct listing listing = {.limit = 50};
	const struct bq_dataset *dataset = NULL;
	gint64 wanted = 0;

	request->api = "bigquery.tables.list";
	if (start && !g_str_has_prefix(start, "endless-"))
		listing.start = start;
	if (max && g_ascii_string_to_signed(max, 10, 1, 10000, &wanted, NULL))
		listing.limit = wanted;
	lock(cloud);
	listing.limit = MIN(listing.limit, cloud->options.page_cap);
	dataset = bq_find_dataset(cloud->bq, request_part(request, 3), request_part(request, 5));
	if (dataset)
		reply_set_json(reply, 200, mask_apply(tables_json(dataset, &listing), request));
	else
		set_no_dataset(request, reply);
	unlock(cloud);
}

static json_object *dataset_json(const struct bq_dataset *dataset)
{
	json_object *object = json_object_new_object(), *reference = json_object_new_object();
	g_autofree char *id = g_strdup_printf("%s:%s", dataset->project, dataset->name);

	jsn_add_text(reference, "datasetId", dataset->name);
	jsn_add_text(reference, "projectId", dataset->project);
	jsn_add_text(object, "kind", "bigquery#dataset");
	jsn_add_text(object, "id", id);
	jsn_add(object, "datasetReference", reference);
	jsn_add_text(object, "location", dataset->location);
	return object;
}

static void get_dataset(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const struct bq_dataset *dataset = NULL;

	request->api = "bigquery.datasets.get";
	lock(cloud);
	dataset = bq_find_dataset(cloud->bq, request_part(request, 3), request_part(request, 5));
	if (dataset)
		reply_set_json(reply, 200, mask_apply(dataset_json(dataset), request));
	else
		set_no_dataset(request, reply);
	unlock(cloud);
}

bool serve_bigquery(struct cloud *cloud, struct request *request, struct reply *reply)
{
	static const struct {
		const char *method, *pattern;
		void (*serve)(struct cloud *, struct request *, struct reply *);
	} routes[] = {
		{"POST", "bigquery/v2/projects/?/queries", bq_query},
		{"GET", "bigquery/v2/projects/?/queries/?", bq_query_results},
		{"POST", "bigquery/v2/projects/?/jobs", bq_insert_job},
		{"GET", "bigquery/v2/projects/?/jobs/?", bq_get_job},
		{"POST", "bigquery/v2/projects/?/jobs/?/cancel", bq_cancel_job},
		{"GET", "bigquery/v2/projects/?/datasets/?", get_dataset},
		{"GET", "bigquery/v2/projects/?/datasets/?/tables", list_tables},
		{"GET", "bigquery/v2/projects/?/datasets/?/tables/?", get_table},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
		if (!g_str_equal(routes[i].method, request->method) ||
		    !request_matches(request, routes[i].pattern))
			continue;
		if (auth_check(cloud, request, reply))
			routes[i].serve(cloud, request, reply);
		return true;
	}
	return false;
}
