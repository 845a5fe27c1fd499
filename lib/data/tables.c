/* tables - the way of each table through a collection; see tables.h */
#include "data/tables.h"

#include "clk.h"
#include "data/active.h"

static void free_look(gpointer data)
{
	struct look *look = data;

	g_free(look->table_sql);
	g_free(look->column_sql);
	g_free(look->name_sql);
	table_facts_free(look->facts);
	fault_unref(look->fault);
	g_free(look);
}

static void free_gate(gpointer data)
{
	gate_free(data);
}

static void free_reading(gpointer data)
{
	reading_free(data);
}

static void tables_free(gpointer data)
{
	struct tables *tables = data;

	if (tables->timer)
		http_timer_stop(tables->timer);
	if (tables->memory && tables->memory->current == tables)
		tables->memory->current = NULL;
	g_hash_table_unref(tables->gates);
	g_hash_table_unref(tables->readings);
	g_ptr_array_unref(tables->looks);
	g_free(tables);
}

/* --- the end of a look --- */

void look_fail(struct look *look, struct fault *fault)
{
	errand_fail(look->errand, fault);
	look_leave_gate(look);
}

void look_fail_with(struct look *look, enum fault_class class, const char *format, ...)
{
	g_autofree char *why = NULL;
	struct fault *fault = NULL;
	va_list arguments;

	va_start(arguments, format);
	why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	fault = fault_create(class, 0, NULL, "%s", why);
	look_fail(look, fault);
	fault_unref(fault);
}

void look_settle(struct look *look, struct table_obs *table)
{
	table->type = g_strdup(look->facts ? look->facts->type : look->memo->type);
	table->cost = look->cost;
	errand_settle_table(look->errand, table);
	look_leave_gate(look);
}

void look_settle_missing(struct look *look)
{
	struct table_obs *table = table_obs_create();

	table->method = look->config->method;
	table->over_budget = look->over_budget;
	look_settle(look, table);
}

void look_settle_metadata(struct look *look)
{
	struct table_obs *table = NULL;

	if (look->is_missing) {
		look_settle_missing(look);
		return;
	}
	if (look->fault) {
		look_fail(look, look->fault);
		return;
	}
	table = table_obs_create();
	table->found = true;
	table->method = TABLE_METHOD_METADATA;
	table->over_budget = look->over_budget;
	table->loaded_wall_ms = look->facts->loaded_wall_ms;
	table->rows = look->facts->rows;
	table->streaming = look->facts->streaming;
	look_settle(look, table);
}

int64_t look_cap_bytes(const struct look *look)
{
	return look->config->max_bytes_billed > 0 ? look->config->max_bytes_billed
						  : CONFIG_MAX_BYTES_BILLED;
}

void look_fall_back(struct look *look, const char *why)
{
	const char *type = look->facts ? look->facts->type : look->memo->type;

	if (!table_facts_tell_loads(type)) {
		look_fail_with(
			look, FAULT_OVER_BUDGET,
			"look at %s: %s; its type is %s, whose metadata cannot stand in for the "
			"query: raise daily-bytes, or its every",
			look->name, why, type);
		return;
	}
	look->over_budget = true;
	if (look->facts)
		look_settle_metadata(look);
	else
		look_read(look, LOOK_STEP_METADATA);
}

/* --- its way --- */

/* The check is done, and data is expected to be there. */
static void go_on_in_season(struct look *look)
{
	if (look->is_missing)
		look_settle_missing(look);
	else if (look->fault)
		look_fail(look, look->fault);
	else if (look->config->method == TABLE_METHOD_COLUMN ||
		 look->config->method == TABLE_METHOD_PARTITION)
		look_enter_gate(look);
	else if (look->facts)
		look_settle_metadata(look);
	else
		look_read(look, LOOK_STEP_METADATA);
}

static void settle_not_active(struct look *look)
{
	struct table_obs *table = table_obs_create();

	table->found = !look->is_missing;
	table->not_active = true;
	table->method = look->config->method;
	look_settle(look, table);
}

static void on_active(void *data, bool active, struct fault *fault, struct data_cost cost)
{
	struct look *look = data;

	look->cost = cost;
	if (fault)
		look_fail(look, fault);
	else if (active)
		go_on_in_season(look);
	else
		settle_not_active(look);
}

void look_go_on(struct look *look)
{
	const struct config_table *config = look->config;

	/* what is wrong with the configuration is told in every season (L15); the rest is nobody's
	 * loss while nothing is due (L22) */
	if (look->fault && look->fault->class == FAULT_BROKEN) {
		look_fail(look, look->fault);
		return;
	}
	if (!config->active_when) {
		go_on_in_season(look);
		return;
	}
	look->errand->waits_for =
		data_run_text(look->tables->run, "ask active-when of %s", config->target.id);
	active_ask_bigquery(look->errand, config->gcp, config->project, config->location,
			    config->active_when, on_active, look);
}

/* --- the collection --- */

static struct look *look_create(struct tables *tables, struct errand *errand)
{
	const struct config_table *config = config_to_table(errand->target);
	struct look *look = g_new0(struct look, 1);

	look->tables = tables;
	look->errand = errand;
	look->config = config;
	look->memo = tables_memory_find(tables->memory, config);
	look->name = data_run_text(tables->run, "%s.%s.%s", config->table_project, config->dataset,
				   config->table);
	look->table_sql =
		bigquery_quote_table(config->table_project, config->dataset, config->table);
	if (config->loaded_at_field)
		look->column_sql = bigquery_quote_column(config->loaded_at_field);
	look->name_sql = bigquery_quote_text(config->table);
	look->member = (struct tables_member){.table = look->table_sql,
					      .column = look->column_sql,
					      .filter = config->filter,
					      .tables = 1};
	return look;
}

static void start_look(struct look *look)
{
	const struct config_table *config = look->config;

	if (!look->table_sql)
		look_fail_with(look, FAULT_BROKEN, "look at %s: this cannot be the name of a table",
			       look->name);
	else if (config->method == TABLE_METHOD_COLUMN && !look->column_sql)
		look_fail_with(look, FAULT_BROKEN,
			       "look at %s: loaded-at-field = %s cannot be the name of a column",
			       look->name, config->loaded_at_field ? config->loaded_at_field : "");
	else if (table_memo_is_fresh(look->memo, clk_mono_ms()))
		look_go_on(look);
	else
		look_read(look, LOOK_STEP_CHECK);
}

static struct tables *tables_create(struct data_run *run)
{
	struct data_memory *memory = data_run_input(run)->memory;
	struct tables *tables = g_new0(struct tables, 1);

	if (!memory->tables)
		memory->tables = tables_memory_create();
	tables->run = run;
	tables->memory = memory->tables;
	tables->looks = g_ptr_array_new_with_free_func(free_look);
	tables->gates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_gate);
	tables->readings = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_reading);
	if (memory->tables->current) /* abandoned, and not freed yet */
		memory->tables->current->memory = NULL;
	memory->tables->current = tables;
	return tables;
}

void tables_collect(struct data_run *run, const GPtrArray *errands)
{
	struct tables *tables = tables_create(run);

	data_run_own(run, tables, tables_free);
	tables_memory_sweep(tables->memory, data_run_input(run)->config);
	for (guint i = 0; i < errands->len; i++) {
		struct look *look = look_create(tables, errands->pdata[i]);

		g_ptr_array_add(tables->looks, look);
		if (look->config->method == TABLE_METHOD_COLUMN ||
		    look->config->method == TABLE_METHOD_PARTITION)
			look_join_gate(look);
	}
	/* only when all have joined: no gate must open for the first ones */
	for (guint i = 0; i < tables->looks->len; i++)
		start_look(tables->looks->pdata[i]);
	tables_start_gates(tables);
}
