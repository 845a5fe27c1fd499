/* tables_read - tables.get, once for all who need it, and the check that it is for; see tables.h */
#include "data/tables.h"

#include <string.h>

#include "clk.h"

struct reading {
	struct tables *tables;
	char *key;        /* in tables.readings */
	const char *what; /* of the run */
	GPtrArray *looks; /* struct look * */
};

void reading_free(struct reading *reading)
{
	g_free(reading->key);
	g_ptr_array_unref(reading->looks);
	g_free(reading);
}

/* --- what comes of it --- */

/* The step has its answer, or look.fault or look.is_missing. */
static void step_on(struct look *look)
{
	struct table_obs *table = NULL;

	switch (look->step) {
	case LOOK_STEP_CHECK:
		look_go_on(look);
		return;
	case LOOK_STEP_METADATA:
		look_settle_metadata(look);
		return;
	case LOOK_STEP_AGAIN:
	case LOOK_STEP_NONE:
		break;
	}
	if (look->is_missing) {
		look_settle_missing(look);
	} else if (look->fault) {
		look_fail(look, look->fault);
	} else { /* it is there, and has no partition up to now */
		table = table_obs_create();
		table->found = true;
		table->method = TABLE_METHOD_PARTITION;
		table->unit = look->facts->unit;
		table->rows = look->facts->rows;
		table->streaming = look->facts->streaming;
		look_settle(look, table);
	}
}

/* Takes @p fault. What was said first is what is told. */
static void set_fault(struct look *look, struct fault *fault)
{
	if (look->fault)
		fault_unref(fault);
	else
		look->fault = fault;
	table_memo_doubt(look->memo);
}

/* The dry run worked: what will the query cost? */
static void take_estimate(struct look *look, const struct bigquery_result *result)
{
	struct table_memo *memo = look->memo;
	int64_t cap_bytes = look_cap_bytes(look);
	g_autofree char *estimate = NULL;
	g_autofree char *cap = NULL;

	memo->tables = MAX(result->tables->len, 1);
	memo->estimate_bytes = MAX(result->bytes_processed, memo->tables * BIGQUERY_BYTES_MIN);
	if (memo->estimate_bytes <= cap_bytes) {
		table_memo_pass(memo, look->facts, clk_mono_ms());
		return;
	}
	estimate = budget_bytes_text(memo->estimate_bytes);
	cap = budget_bytes_text(cap_bytes);
	set_fault(look, fault_create(FAULT_OVER_BUDGET, 0, NULL,
				     "look at %s: its query would bill about %s, and "
				     "max-bytes-billed is %s%s; narrow its filter, or raise it",
				     look->name, estimate, cap,
				     look->config->max_bytes_billed > 0 ? "" : " unless set"));
}

static void on_dry_run(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct look *look = data;

	if (fault && fault->class == FAULT_NOT_FOUND) /* the table itself was found just now */
		set_fault(look, fault_create(FAULT_BROKEN, fault->status, NULL,
					     "%s (is it named in filter?)", fault->message));
	else if (fault)
		set_fault(look, fault_ref(fault));
	else if (result->statement_type && strcmp(result->statement_type, "SELECT") != 0)
		set_fault(look, fault_create(FAULT_BROKEN, 0, NULL,
					     "check %s: with its filter it is no SELECT but %s; "
					     "filter must be one condition",
					     look->name, result->statement_type));
	else
		take_estimate(look, result);
	step_on(look);
}

static void dry_run(struct look *look)
{
	const struct config_table *config = look->config;
	g_autoptr(GPtrArray) alone = g_ptr_array_new();
	g_autofree char *sql = NULL;
	struct bigquery_query query = {
		.project = config->project,
		.location = config->location ? config->location : look->facts->location,
		.what = data_run_text(look->tables->run, "check loaded-at-field and filter of %s",
				      look->name),
		.max_bytes_billed = look_cap_bytes(look),
		.dry_run = true,
		.rows_max = 1,
	};

	g_ptr_array_add(alone, &look->member);
	sql = tables_sql_columns(alone);
	query.sql = sql;
	look->errand->waits_for = query.what;
	data_run_query(look->tables->run, config->gcp, &query, 0, on_dry_run, look);
}

static void take_table(struct look *look, const struct bigquery_table *table)
{
	struct fault *problem = table_facts_check(look->config, table);

	table_facts_free(look->facts);
	look->facts = table_facts_create(table);
	if (problem)
		set_fault(look, problem);
	else if (look->step == LOOK_STEP_CHECK && look->config->method == TABLE_METHOD_COLUMN) {
		dry_run(look);
		return;
	} else if (look->step == LOOK_STEP_CHECK)
		table_memo_pass(look->memo, look->facts, clk_mono_ms());
	step_on(look);
}

static void take_fault(struct look *look, struct fault *fault)
{
	look->is_missing = fault->class == FAULT_NOT_FOUND &&
			   table_facts_say_missing(look->config, fault->message);
	set_fault(look, fault_ref(fault));
	step_on(look);
}

/* --- the call --- */

static void on_table(void *data, const char *body, size_t length, struct fault *fault)
{
	struct reading *reading = data;
	g_autoptr(GError) error = NULL;
	struct bigquery_table *table = NULL;
	struct fault *garbage = NULL;

	/* who asks from now on wants a newer answer */
	(void)g_hash_table_steal(reading->tables->readings, reading->key); /* it is there */
	if (body)
		table = bigquery_table_decode(body, length, &error);
	if (error)
		fault = garbage = fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s", reading->what,
					       error->message);
	for (guint i = 0; i < reading->looks->len; i++) {
		if (table)
			take_table(reading->looks->pdata[i], table);
		else
			take_fault(reading->looks->pdata[i], fault);
	}
	fault_unref(garbage);
	bigquery_table_free(table);
	reading_free(reading);
}

static void start(struct reading *reading, const struct config_table *config, const char *url)
{
	const struct google_call call = {
		.api = "bigquery",
		.what = reading->what,
		.permission = "bigquery.tables.get",
		.url = url,
	};

	/* may call back at once */
	data_run_call(reading->tables->run, config->gcp, &call, NULL, on_table, reading);
}

void look_read(struct look *look, enum look_step step)
{
	const struct config_table *config = look->config;
	struct tables *tables = look->tables;
	g_autofree char *url =
		bigquery_table_url(config->gcp->bigquery_endpoint, config->table_project,
				   config->dataset, config->table);
	g_autofree char *key = g_strdup_printf("%s\n%s", config->gcp->name, url);
	struct reading *reading = g_hash_table_lookup(tables->readings, key);
	bool is_new = !reading;

	look->step = step;
	if (is_new) {
		reading = g_new0(struct reading, 1);
		reading->tables = tables;
		reading->key = g_steal_pointer(&key);
		reading->what = data_run_text(tables->run, "read table %s", look->name);
		reading->looks = g_ptr_array_new();
		g_hash_table_insert(tables->readings, reading->key, reading);
	}
	look->errand->waits_for = reading->what;
	g_ptr_array_add(reading->looks, look);
	if (is_new)
		start(reading, config, url);
}
