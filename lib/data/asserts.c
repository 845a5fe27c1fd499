/* asserts - SQL whose answer must fulfil a condition; see data/run.h and DESIGN 7. Every assertion
 * is by itself: what goes wrong with one touches no other. */
#include "data/active.h"
#include "data/dry_run.h"

#include <string.h>

#include "clk.h"
#include "text.h"

#define MICROS_PER_S INT64_C(1000000)

/** One assertion under way; the run owns it. */
struct check {
	struct data_run *run;
	struct errand *errand;
	const struct config_assert *config;
	const char *id;
	char *key; /* of its definition */
	struct data_cost cost;
	int64_t held_bytes, held_until_wall_ms;
};

/** An answer, wherever it is from. Borrowed. */
struct table {
	GPtrArray *names;      /* const char * */
	const GPtrArray *rows; /* char **, as long as names */
	int64_t total_rows;
	const GPtrArray *columns; /* struct bigquery_column *; NULL: not BigQuery's */
};

/* Takes @p fault. */
static void fail(struct check *check, struct fault *fault)
{
	errand_fail(check->errand, fault);
	fault_unref(fault);
}

/* --- the answer --- */

static char *cut(const char *text)
{
	return text ? text_to_utf8(text, strlen(text), ASSERT_CELL_MAX_BYTES) : NULL;
}

static bool needs_value(const struct config_assert *config)
{
	return config->expect.subject == CONDITION_SUBJECT_VALUE ||
	       config->warn.subject == CONDITION_SUBJECT_VALUE;
}

/* BigQuery's TIMESTAMP as people read it (RFC 3339); NULL: no number. */
static char *time_text(const char *micros)
{
	g_autoptr(GDateTime) time = NULL;
	int64_t all = 0, rest;
	char fraction[16] = "";

	if (!g_ascii_string_to_signed(micros, 10, INT64_MIN, INT64_MAX, &all, NULL))
		return NULL;
	rest = all % MICROS_PER_S;
	time = g_date_time_new_from_unix_utc(all / MICROS_PER_S - (rest < 0)); /* downwards */
	rest += rest < 0 ? MICROS_PER_S : 0;
	if (!time)
		return NULL;
	if (rest > 0)
		g_snprintf(fraction, sizeof(fraction), ".%06" PRId64, rest);
	return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d%sZ", g_date_time_get_year(time),
			       g_date_time_get_month(time), g_date_time_get_day_of_month(time),
			       g_date_time_get_hour(time), g_date_time_get_minute(time),
			       g_date_time_get_second(time), fraction);
}

static bool is_time(const struct table *table, guint column)
{
	const struct bigquery_column *of = table->columns ? table->columns->pdata[column] : NULL;

	return of && !of->repeated && strcmp(of->type, "TIMESTAMP") == 0;
}

static char *cell_text(const struct table *table, guint column, const char *cell)
{
	char *text = cell && is_time(table, column) ? time_text(cell) : NULL;

	return text ? text : cut(cell);
}

static void keep_rows(struct assert_obs *assertion, const struct table *table)
{
	guint columns = MIN(table->names->len, ASSERT_COLUMNS_MAX);

	for (guint i = 0; i < columns; i++)
		g_ptr_array_add(assertion->columns, cut(table->names->pdata[i]));
	for (guint i = 0; i < MIN(table->rows->len, ASSERT_ROWS_MAX); i++) {
		char *const *row = table->rows->pdata[i];
		char **cells = g_new0(char *, columns + 1);

		for (guint j = 0; j < columns; j++)
			cells[j] = cell_text(table, j, row[j]);
		g_ptr_array_add(assertion->cells, cells);
	}
}

/* Which row, or which column, would be the value? */
static bool has_one_value(struct check *check, const struct table *table)
{
	const char *setting =
		check->config->expect.subject == CONDITION_SUBJECT_VALUE ? "expect" : "warn";

	if (table->names->len == 1 && table->total_rows == 1 && table->rows->len == 1)
		return true;
	fail(check, fault_create(FAULT_BROKEN, 0, NULL,
				 "%s: %s is about a value, and the answer has %" PRIi64
				 " rows and %u columns: select one row with one column",
				 check->id, setting, table->total_rows, table->names->len));
	return false;
}

static void take_table(struct check *check, const struct table *table)
{
	struct assert_obs *assertion = NULL;

	if (needs_value(check->config) && !has_one_value(check, table))
		return;
	assertion = assert_obs_create();
	assertion->rows = table->total_rows;
	assertion->columns_total = table->names->len;
	assertion->cost = check->cost;
	if (needs_value(check->config)) {
		char *const *row = table->rows->pdata[0];

		assertion->value = cut(row[0]);
	}
	if (check->config->show_rows)
		keep_rows(assertion, table);
	errand_settle_assert(check->errand, assertion);
}

/* --- BigQuery --- */

static void hold(struct check *check, int64_t bytes)
{
	const struct data_run_input *input = data_run_input(check->run);

	check->held_bytes = bytes;
	check->held_until_wall_ms = clk_wall_ms() + MAX(input->deadline_mono_ms - clk_mono_ms(), 0);
	if (bytes > 0)
		budget_hold(input->budget, check->config->gcp, bytes, check->held_until_wall_ms);
}

static void release(struct check *check)
{
	if (check->held_bytes > 0)
		budget_release(data_run_input(check->run)->budget, check->config->gcp,
			       check->held_bytes, check->held_until_wall_ms);
	check->held_bytes = 0;
}

static void charge(struct check *check, const struct bigquery_result *result)
{
	struct data_cost cost = {.queries = 1,
				 .bytes_processed = result->bytes_processed,
				 .bytes_billed = result->bytes_billed};

	budget_spend(data_run_input(check->run)->budget, check->config->gcp, check->id, cost,
		     clk_wall_ms());
	check->cost.queries += cost.queries;
	check->cost.bytes_processed += cost.bytes_processed;
	check->cost.bytes_billed += cost.bytes_billed;
}

/* What BigQuery says of a query that ran may repeat values ("Bad int64 value: …"); what it says of
 * a dry run cannot. One reference. */
static struct fault *hide_values(const struct check *check, struct fault *fault)
{
	if (check->config->show_rows || fault->class != FAULT_BROKEN)
		return fault_ref(fault);
	return fault_create(FAULT_BROKEN, fault->status, NULL,
			    "%s: its SQL failed while it ran: what BigQuery says may repeat "
			    "values, which are not to be shown: run it by hand",
			    check->id);
}

static void on_query(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct check *check = data;
	GHashTable *known = dry_run_memory_get(check->run)->known;
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	release(check);
	if (!result) { /* whatever it was, the next look begins with a dry run */
		struct fault *told = dry_run_fault(fault);

		(void)g_hash_table_remove(known, check->key);
		fail(check, hide_values(check, told));
		fault_unref(told);
		return;
	}
	charge(check, result);
	for (guint i = 0; i < result->columns->len; i++)
		g_ptr_array_add(names, ((struct bigquery_column *)result->columns->pdata[i])->name);
	take_table(check,
		   &(struct table){names, result->rows, result->total_rows, result->columns});
}

static void query(struct check *check, bool is_dry_run, bigquery_done_fn done)
{
	const struct config_assert *config = check->config;
	struct bigquery_query query = {.project = config->project,
				       .location = config->location,
				       .sql = config->sql,
				       .what = check->id,
				       .max_bytes_billed = dry_run_cap_of(&config->target).bytes,
				       .dry_run = is_dry_run,
				       .rows_max = config->show_rows ? ASSERT_ROWS_MAX : 1};

	check->errand->waits_for =
		data_run_text(check->run, "%s of %s", is_dry_run ? "dry run" : "query", check->id);
	data_run_query(check->run, config->gcp, &query, check->held_bytes, done, check);
}

static void on_dry_run(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct check *check = data;
	struct fault *refusal = NULL;
	int64_t bytes = 0;

	if (!result) {
		fail(check, dry_run_fault(fault));
		return;
	}
	refusal = dry_run_judge(check->run, check->config->gcp, check->id, result,
				dry_run_cap_of(&check->config->target));
	if (refusal) {
		fail(check, refusal);
		return;
	}
	bytes = dry_run_estimate(result);
	dry_run_remember(dry_run_memory_get(check->run)->known, check->key, bytes);
	hold(check, bytes);
	query(check, false, on_query);
}

/* What is new is looked at first, for free: it may not even be a SELECT (L15). */
static void ask_bigquery(struct check *check)
{
	struct budget *budget = data_run_input(check->run)->budget;
	g_autofree char *why = NULL;
	int64_t bytes = 0;
	bool is_known = dry_run_recall(dry_run_memory_get(check->run)->known, check->key, &bytes);

	/* equal SQL of another assertion may have another cap */
	if (is_known && bytes <= dry_run_cap_of(&check->config->target).bytes &&
	    budget_allows(budget, check->config->gcp, bytes, clk_wall_ms(), &why)) {
		hold(check, bytes);
		query(check, false, on_query);
	} else {
		query(check, true, on_dry_run);
	}
}

/* --- PostgreSQL --- */

static void on_postgres(void *data, const GPtrArray *results, struct fault *fault)
{
	struct check *check = data;
	const struct pg_result *result = results ? results->pdata[0] : NULL;

	if (result)
		take_table(check, &(struct table){result->columns, result->rows, result->total_rows,
						  NULL});
	else
		errand_fail(check->errand, fault);
}

static void ask_postgres(struct check *check)
{
	const char *const statements[] = {check->config->sql, NULL};
	struct pg_question question = {.dsn = check->config->dsn,
				       .what = check->id,
				       .statements = statements,
				       .rows_max = check->config->show_rows ? ASSERT_ROWS_MAX : 1,
				       .caller_sql = true,
				       .hide_values = !check->config->show_rows};

	check->errand->waits_for = data_run_text(check->run, "query of %s", check->id);
	data_run_ask_postgres(check->run, &question, on_postgres, check);
}

/* --- the collection --- */

static void ask(struct check *check)
{
	if (check->config->source == CONFIG_DATA_SOURCE_BIGQUERY)
		ask_bigquery(check);
	else
		ask_postgres(check);
}

static void on_active(void *data, bool active, struct fault *fault, struct data_cost cost)
{
	struct check *check = data;
	struct assert_obs *assertion = NULL;

	check->cost = cost;
	if (fault) {
		errand_fail(check->errand, fault);
		return;
	}
	if (active) {
		ask(check);
		return;
	}
	assertion = assert_obs_create();
	assertion->not_active = true;
	assertion->cost = cost;
	errand_settle_assert(check->errand, assertion);
}

static void ask_active(struct check *check)
{
	const struct config_assert *config = check->config;

	check->errand->waits_for = data_run_text(check->run, "active-when of %s", check->id);
	if (config->source == CONFIG_DATA_SOURCE_BIGQUERY)
		active_ask_bigquery(check->errand, config->gcp, config->project, config->location,
				    config->active_when, on_active, check);
	else
		active_ask_postgres(check->errand, config->dsn, config->active_when, on_active,
				    check);
}

static void check_free(void *data)
{
	struct check *check = data;

	g_free(check->key);
	g_free(check);
}

static void start(struct data_run *run, struct errand *errand)
{
	struct check *check = g_new0(struct check, 1);
	const struct config_assert *config = config_to_assert(errand->target);

	check->run = run;
	check->errand = errand;
	check->config = config;
	check->id = config->target.id;
	if (config->source == CONFIG_DATA_SOURCE_BIGQUERY)
		check->key = dry_run_key(config->gcp->name, config->project, config->location,
					 config->sql);
	data_run_own(run, check, check_free);
	if (config->active_when)
		ask_active(check);
	else
		ask(check);
}

void asserts_collect(struct data_run *run, const GPtrArray *errands)
{
	for (guint i = 0; i < errands->len; i++)
		start(run, errands->pdata[i]);
}
