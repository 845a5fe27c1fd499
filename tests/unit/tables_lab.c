/* tables_lab - see tables_lab.h */
#include "tests/unit/tables_lab.h"

#include <string.h>

#include "clk.h"
#include "json.h"
#include "source/gcp_access.h"

#define API "/bigquery/v2/projects/acme/"

struct tlab *tlab;

/* --- the server --- */

static const struct tlab_table *find_table(const char *dataset, const char *name)
{
	for (size_t i = 0; i < tlab->table_count; i++)
		if (strcmp(tlab->tables[i].dataset, dataset) == 0 &&
		    strcmp(tlab->tables[i].name, name) == 0)
			return &tlab->tables[i];
	return NULL;
}

static bool reply_error(const struct web_request *request, int status, const char *reason,
			const char *text)
{
	g_autofree char *body = g_strdup_printf(
		"{\"error\":{\"code\":%d,\"message\":\"%s\",\"errors\":[{\"message\":"
		"\"%s\",\"domain\":\"global\",\"reason\":\"%s\"}]}}",
		status, text, text, reason);

	return web_reply(request, status, "", body);
}

static int status_of(const char *reason)
{
	if (strcmp(reason, "notFound") == 0)
		return 404;
	return strcmp(reason, "accessDenied") == 0 ? 403 : 400;
}

static bool reply_table(const struct web_request *request)
{
	g_auto(GStrv) parts = g_strsplit_set(request->path + strlen(API), "/?", -1);
	const struct tlab_table *table = find_table(parts[1], parts[3]);
	g_autofree char *text = NULL;

	if (!table) {
		text = g_strdup_printf("Not found: Table acme:%s.%s", parts[1], parts[3]);
		return reply_error(request, 404, "notFound", text);
	}
	if (table->get_hangs) {
		(void)web_wait(request, -1); /* until the server stops */
		return false;
	}
	if (table->get_status)
		return web_reply(request, table->get_status, "", table->get_answer);
	text = g_strdup_printf(
		"{\"type\":\"%s\",\"location\":\"EU\",\"lastModifiedTime\":\"%" PRId64
		"\",\"numRows\":\"%" PRId64 "\",\"schema\":{\"fields\":["
		"{\"name\":\"at\",\"type\":\"TIMESTAMP\"},"
		"{\"name\":\"id\",\"type\":\"INTEGER\"}]}%s}",
		table->type ? table->type : "TABLE", TLAB_LOADED_MS, table->rows,
		table->more ? table->more : "");
	return web_reply(request, 200, "", text);
}

/* The tables that @p sql asks about, in its order. */
static GPtrArray *tables_of(const char *sql)
{
	GPtrArray *tables = g_ptr_array_new();
	g_auto(GStrv) members = g_strsplit(sql, "\nUNION ALL\n", -1);

	for (guint i = 0; members[i]; i++) {
		const char *from = strstr(members[i], "FROM `acme.");
		g_auto(GStrv) name = NULL;

		ck_assert_msg(from, "%s", members[i]);
		name = g_strsplit_set(from + strlen("FROM `acme."), ".`", 3);
		g_ptr_array_add(tables, (gpointer)(uintptr_t)find_table(name[0], name[1]));
		ck_assert_msg(tables->pdata[i], "%s", from);
	}
	return tables;
}

static char *sql_of(const char *body, bool dry)
{
	json_object *document = json_parse(body, strlen(body), NULL);
	json_object *value = NULL;
	char *sql = NULL;

	ck_assert(json_pointer(document, dry ? "/configuration/query/query" : "/query", &value,
			       NULL));
	sql = g_strdup(json_object_get_string(value));
	json_object_put(document);
	return sql;
}

static bool reply_dry_run(const struct web_request *request)
{
	g_autofree char *sql = sql_of(request->body, true);
	bool is_about_season = strstr(sql, "season") != NULL;
	g_autoptr(GPtrArray) tables = is_about_season ? g_ptr_array_new() : tables_of(sql);
	const struct tlab_table *table = tables->len > 0 ? tables->pdata[0] : NULL;
	g_autofree char *body = NULL;

	if (table && table->check_reason)
		return reply_error(request, status_of(table->check_reason), table->check_reason,
				   table->reason_text);
	body = g_strdup_printf(
		"{\"status\":{\"state\":\"DONE\"},\"jobReference\":{\"projectId\":\"acme\","
		"\"location\":\"EU\"},\"statistics\":{\"totalBytesProcessed\":\"%" PRId64
		"\",\"query\":{\"statementType\":\"%s\",\"totalBytesProcessed\":\"%" PRId64 "\"}}}",
		table ? table->bytes : 0, table && table->statement ? table->statement : "SELECT",
		table ? table->bytes : 0);
	return web_reply(request, 200, "", body);
}

/* An answer with @p fields ("i INTEGER,n INTEGER") and @p rows, cells as JSON separated by commas,
 * a line each. */
static bool reply_rows(const struct web_request *request, const char *fields, const char *rows,
		       int64_t bytes)
{
	g_auto(GStrv) names = g_strsplit(fields, ",", -1);
	g_auto(GStrv) lines = g_strsplit(rows, "\n", -1);
	g_autoptr(GString) body = g_string_new("{\"jobComplete\":true,\"jobReference\":{"
					       "\"projectId\":\"acme\",\"jobId\":\"j\","
					       "\"location\":\"EU\"},\"schema\":{\"fields\":[");
	guint count = 0;

	for (guint i = 0; names[i]; i++) {
		g_auto(GStrv) words = g_strsplit(names[i], " ", 2);

		g_string_append_printf(body, "%s{\"name\":\"%s\",\"type\":\"%s\"}", i ? "," : "",
				       words[0], words[1]);
	}
	g_string_append(body, "]},\"rows\":[");
	for (; lines[count] && *lines[count]; count++) {
		g_auto(GStrv) cells = g_strsplit(lines[count], ",", -1);

		g_string_append(body, count ? ",{\"f\":[" : "{\"f\":[");
		for (guint i = 0; cells[i]; i++)
			g_string_append_printf(body, "%s{\"v\":%s}", i ? "," : "", cells[i]);
		g_string_append(body, "]}");
	}
	g_string_append_printf(body,
			       "],\"totalRows\":\"%u\",\"totalBytesProcessed\":\"%" PRId64
			       "\",\"totalBytesBilled\":\"%" PRId64 "\",\"cacheHit\":false}",
			       count, bytes, bytes);
	(void)pthread_mutex_lock(&tlab->lock);
	tlab->billed += bytes;
	(void)pthread_mutex_unlock(&tlab->lock);
	return web_reply(request, 200, "", body->str);
}

static void add_row(GString *rows, guint index, const struct tlab_table *table)
{
	if (table->answer_row)
		g_string_append_printf(rows, "\"%u\",%s\n", index, table->answer_row);
	else if (table->loaded_us < 0)
		g_string_append_printf(rows, "\"%u\",null,\"%" PRId64 "\"\n", index, table->rows);
	else
		g_string_append_printf(rows, "\"%u\",\"%" PRId64 "\",\"%" PRId64 "\"\n", index,
				       table->loaded_us, table->rows);
}

static bool reply_columns(const struct web_request *request, const char *sql)
{
	g_autoptr(GPtrArray) tables = tables_of(sql);
	g_autoptr(GString) rows = g_string_new(NULL);
	int64_t bytes = 0;

	if (tlab->members_max > 0 && tables->len > tlab->members_max)
		return reply_error(request, 400, "resourcesExceeded", "too complex");
	for (guint i = 0; i < tables->len; i++) {
		const struct tlab_table *table = tables->pdata[i];

		if (table->query_reason)
			return reply_error(request, status_of(table->query_reason),
					   table->query_reason, table->reason_text);
		bytes += MAX(table->bytes, BIGQUERY_BYTES_MIN);
		add_row(rows, tables->len - 1 - i, tables->pdata[tables->len - 1 - i]);
	}
	return reply_rows(request, "i INTEGER,loaded INTEGER,n INTEGER", rows->str, bytes);
}

static bool reply_partitions(const struct web_request *request, const char *sql)
{
	g_autoptr(GString) rows = g_string_new(NULL);

	for (size_t i = 0; i < tlab->table_count; i++) {
		const struct tlab_table *table = &tlab->tables[i];
		g_autofree char *name = g_strdup_printf("'%s'", table->name);
		g_auto(GStrv) lines =
			g_strsplit(table->partitions ? table->partitions : "", "\n", -1);

		if (!strstr(sql, name))
			continue;
		for (guint j = 0; lines[j] && *lines[j]; j++) {
			g_auto(GStrv) cells = g_strsplit(lines[j], "|", 3);

			g_string_append_printf(rows, "\"%s\",\"%s\",\"%s\",\"%s\"\n", table->name,
					       cells[0], cells[1], cells[2]);
		}
	}
	return reply_rows(
		request,
		"table_name STRING,partition_id STRING,total_rows INTEGER,modified INTEGER",
		rows->str, BIGQUERY_BYTES_MIN);
}

static bool reply_query(const struct web_request *request)
{
	g_autofree char *sql = sql_of(request->body, false);

	(void)pthread_mutex_lock(&tlab->lock);
	g_ptr_array_add(tlab->queries, g_strdup(request->body));
	(void)pthread_mutex_unlock(&tlab->lock);
	if (strstr(sql, "season"))
		return reply_rows(request, "active BOOLEAN",
				  strstr(sql, "off season") ? "\"false\"" : "\"true\"",
				  BIGQUERY_BYTES_MIN);
	if (tlab->query_status && !tlab->query_answer) {
		(void)web_wait(request, -1);
		return false;
	}
	if (tlab->query_status)
		return web_reply(request, tlab->query_status, "", tlab->query_answer);
	if (strstr(sql, "INFORMATION_SCHEMA"))
		return reply_partitions(request, sql);
	return reply_columns(request, sql);
}

static bool handle(const struct web_request *request)
{
	if (g_str_has_prefix(request->path, API "datasets/"))
		return reply_table(request);
	if (g_str_has_prefix(request->path, API "jobs?"))
		return reply_dry_run(request);
	if (g_str_has_prefix(request->path, API "queries?"))
		return reply_query(request);
	return web_reply(request, 200, "", "{}"); /* a job is cancelled */
}

/* --- the lab --- */

static void wake(void *data)
{
	(void)data;
}

void tlab_open(void)
{
	g_autoptr(GError) error = NULL;

	tlab = g_new0(struct tlab, 1);
	(void)pthread_mutex_init(&tlab->lock, NULL);
	tlab->queries = g_ptr_array_new_with_free_func(g_free);
	tlab->web = web_start(handle);
	tlab->client = http_client_create(32, &error);
	ck_assert_msg(tlab->client, "%s", error ? error->message : "");
	tlab->postgres = pg_pool_create(wake, NULL);
	tlab->budget = budget_create();
	tlab->gcp = (struct config_gcp){
		.name = g_strdup("default"),
		.project = g_strdup("acme"),
		.credentials = CONFIG_CREDENTIALS_TOKEN,
		.credentials_token = g_strdup("secret-token"),
		.bigquery_endpoint = g_strdup(tlab->web->origin),
	};
	tlab->config = g_new0(struct config, 1);
	tlab->config->gcps = g_ptr_array_new();
	tlab->config->tables = g_ptr_array_new();
	tlab->config->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_add(tlab->config->gcps, &tlab->gcp);
	tlab->access = gcp_access_list(tlab->client, tlab->config, NULL);
}

static void table_free(struct config_table *config)
{
	g_free(config->target.id);
	g_free(config->target.name);
	g_free(config->project);
	g_free(config->location);
	g_free(config->table_project);
	g_free(config->dataset);
	g_free(config->table);
	g_free(config->loaded_at_field);
	g_free(config->filter);
	g_free(config->active_when);
	g_free(config);
}

void tlab_close(void)
{
	if (tlab->run)
		data_run_abandon(tlab->run);
	web_stop(tlab->web);
	http_client_free(tlab->client);
	pg_pool_free(tlab->postgres);
	tables_memory_free(tlab->memory.tables);
	dry_run_memory_free(tlab->memory.dry_runs);
	budget_free(tlab->budget);
	g_ptr_array_unref(tlab->access);
	g_clear_pointer(&tlab->observations, g_ptr_array_unref);
	for (guint i = 0; i < tlab->config->tables->len; i++)
		table_free(tlab->config->tables->pdata[i]);
	g_ptr_array_unref(tlab->config->tables);
	g_ptr_array_unref(tlab->config->gcps);
	g_hash_table_unref(tlab->config->by_id);
	g_free(tlab->config);
	g_free(tlab->gcp.name);
	g_free(tlab->gcp.project);
	g_free(tlab->gcp.credentials_token);
	g_free(tlab->gcp.bigquery_endpoint);
	g_ptr_array_unref(tlab->queries);
	(void)pthread_mutex_destroy(&tlab->lock);
	g_free(tlab);
	tlab = NULL;
}

struct tlab_table *tlab_add(const char *name)
{
	struct tlab_table *table = &tlab->tables[tlab->table_count++];

	ck_assert_uint_le(tlab->table_count, TLAB_TABLES_MAX);
	*table = (struct tlab_table){.dataset = "sales",
				     .name = name,
				     .bytes = MB,
				     .loaded_us = TLAB_LOADED_MS * 1000,
				     .rows = 5};
	return table;
}

void tlab_set(char **member, const char *text)
{
	g_free(*member);
	*member = g_strdup(text);
}

struct config_table *tlab_watch(const char *name, enum table_method method)
{
	struct config_table *config = g_new0(struct config_table, 1);

	config->target.id = g_strdup_printf("table/%s", name);
	config->target.kind = TARGET_KIND_TABLE;
	config->target.name = g_strdup(name);
	config->target.priority = PRIORITY_P1;
	config->gcp = &tlab->gcp;
	config->project = g_strdup("acme");
	config->table_project = g_strdup("acme");
	config->dataset = g_strdup("sales");
	config->table = g_strdup(name);
	config->method = method;
	if (method == TABLE_METHOD_COLUMN)
		config->loaded_at_field = g_strdup("at");
	g_ptr_array_add(tlab->config->tables, config);
	g_hash_table_insert(tlab->config->by_id, config->target.id, config);
	return config;
}

/* --- runs --- */

static void on_end(void *data, GPtrArray *observations)
{
	(void)data;
	ck_assert_ptr_null(tlab->observations);
	tlab->observations = observations;
	tlab->run = NULL;
}

void tlab_start(int64_t deadline_ms)
{
	const struct data_run_input input = {
		.client = tlab->client,
		.postgres = tlab->postgres,
		.config = tlab->config,
		.access = tlab->access,
		.budget = tlab->budget,
		.memory = &tlab->memory,
		.timeout_ms = 5 * MS_PER_S,
		.deadline_mono_ms = clk_mono_ms() + deadline_ms,
	};

	g_clear_pointer(&tlab->observations, g_ptr_array_unref);
	tlab->run = data_run_create(&input, tlab->config->tables);
	data_run_start(tlab->run, on_end, NULL);
}

void tlab_wait(void)
{
	int64_t end_mono_ms = clk_mono_ms() + TLAB_PATIENCE_MS;

	while (!tlab->observations && clk_mono_ms() < end_mono_ms)
		http_client_poll(tlab->client, 100, -1);
	ck_assert_msg(tlab->observations, "the run does not end");
	ck_assert_uint_eq(tlab->observations->len, tlab->config->tables->len);
}

void tlab_run(int64_t deadline_ms)
{
	tlab_start(deadline_ms);
	tlab_wait();
}

static const struct observation *find_observation(const char *name)
{
	g_autofree char *id = g_strdup_printf("table/%s", name);

	for (guint i = 0; i < tlab->observations->len; i++) {
		const struct observation *observation = tlab->observations->pdata[i];

		if (strcmp(observation->target_id, id) == 0)
			return observation;
	}
	ck_abort_msg("no observation of %s", name);
}

const struct table_obs *tlab_found(const char *name)
{
	const struct observation *observation = find_observation(name);

	ck_assert_msg(observation->table, "%s: %s", name,
		      observation->fault ? observation->fault->message : "nothing");
	return observation->table;
}

const struct fault *tlab_fault(const char *name)
{
	const struct observation *observation = find_observation(name);

	ck_assert_msg(observation->fault, "%s was observed", name);
	return observation->fault;
}

void tlab_expect_fault(const char *name, enum fault_class class, const char *words)
{
	const struct fault *fault = tlab_fault(name);

	ck_assert_msg(fault->class == class, "%s: %s: %s", name, fault_class_text(fault->class),
		      fault->message);
	ck_assert_msg(strstr(fault->message, words), "%s: %s", name, fault->message);
}

void tlab_expect_loaded(const char *name)
{
	const struct table_obs *table = tlab_found(name);

	ck_assert(table->found && !table->not_active && !table->over_budget);
	ck_assert_int_eq(table->loaded_wall_ms, TLAB_LOADED_MS);
	ck_assert_int_eq(table->rows, 5);
}

void tlab_watch_eight(void)
{
	static const char *const names[EIGHT] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};

	for (size_t i = 0; i < EIGHT; i++) {
		(void)tlab_add(names[i]);
		(void)tlab_watch(names[i], TABLE_METHOD_COLUMN);
	}
}

void tlab_expect_eight_but(int broken)
{
	for (int i = 0; i < EIGHT; i++) {
		g_autofree char *name = g_strdup_printf("t%d", i);

		if (i != broken)
			tlab_expect_loaded(name);
	}
}

int tlab_gets(void)
{
	return web_count(tlab->web, API "datasets/");
}

int tlab_dry_runs(void)
{
	return web_count(tlab->web, API "jobs?");
}

int tlab_queries(void)
{
	return web_count(tlab->web, API "queries?");
}

const char *tlab_query(guint index)
{
	const char *body = NULL;

	(void)pthread_mutex_lock(&tlab->lock);
	ck_assert_uint_lt(index, tlab->queries->len);
	body = tlab->queries->pdata[index];
	(void)pthread_mutex_unlock(&tlab->lock);
	return body;
}
