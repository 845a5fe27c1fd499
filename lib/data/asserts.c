/* asserts - SQL whose answer must fulfil a condition; see data/run.h and DESIGN 7. Every assertion is by itself: what goes wrong
 * with one touches no other. */
#include "data/asserts.h"

#include <string.h>

#include "clk.h"
#include "data/active.h"
#include "text.h"

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
};

/* --- memory --- */

struct asserts_memory *asserts_memory_get(struct data_run *run)
{
	struct data_memory *memory = data_run_input(run)->memory;

	if (!memory->asserts) {
		memory->asserts = g_new0(struct asserts_memory, 1);
		memory->asserts->known =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	return memory->asserts;
}

void asserts_memory_free(struct asserts_memory *memory)
{
	if (!memory)
		return;
	g_hash_table_unref(memory->known);
	active_memory_unref(memory->active);
	g_free(memory);
}

char *asserts_key(const char *first, const char *second, const char *third, const char *sql)
{
	const char *const parts[] = {first, second, third ? third : "", sql};
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	char *key = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) /* each with the NUL that ends it */
		g_checksum_update(sum, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
	key = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return key;
}

bool asserts_recall(GHashTable *known, const char *key, int64_t *ret_bytes)
{
	const int64_t *bytes = g_hash_table_lookup(known, key);

	if (bytes)
		*ret_bytes = *bytes;
	return bytes != NULL;
}

void asserts_remember(GHashTable *known, const char *key, int64_t bytes)
{
	int64_t *copy = g_new0(int64_t, 1);

	*copy = bytes;
	if (g_hash_table_size(known) >= ASSERTS_KNOWN_MAX)
		g_hash_table_remove_all(known);
	g_hash_table_insert(known, g_strdup(key), copy);
}

/* --- before anything is billed --- */

int64_t asserts_estimate(const struct bigquery_result *dry_run)
{
	int64_t tables = (int64_t)dry_run->tables->len; /* at most 10,000 */
	int64_t least = 0;

	if (dry_run->bytes_processed > 0) /* INFORMATION_SCHEMA is not named among them */
		tables = MAX(tables, 1);
	least = BIGQUERY_BYTES_MIN * tables;
	return MAX(least, dry_run->bytes_processed);
}

static struct fault *over_cap(const char *what, int64_t bytes, int64_t cap_bytes,
			      const char *setting)
{
	g_autofree char *needed = budget_bytes_text(bytes);
	g_autofree char *allowed = budget_bytes_text(cap_bytes);

	return fault_create(
		FAULT_OVER_BUDGET, 0, NULL,
		"%s: it would be billed for about %s, %s is %s: raise that, or read less", what,
		needed, setting, allowed);
}

struct fault *asserts_judge_dry_run(struct data_run *run, const struct config_gcp *gcp,
				    const char *what, const struct bigquery_result *dry_run,
				    int64_t cap_bytes, const char *setting)
{
	int64_t bytes = asserts_estimate(dry_run);
	g_autofree char *why = NULL;

	if (!dry_run->statement_type)
		return fault_create(
			FAULT_BAD_ANSWER, 0, NULL,
			"%s: BigQuery does not say what kind of statement it is: not run", what);
	if (strcmp(dry_run->statement_type, "SELECT") != 0)
		return fault_create(FAULT_BROKEN, 0, NULL,
				    "%s: a %s statement is not run: write one SELECT", what,
				    dry_run->statement_type);
	if (bytes > cap_bytes)
		return over_cap(what, bytes, cap_bytes, setting);
	if (!budget_allows(data_run_input(run)->budget, gcp, bytes, clk_wall_ms(), &why))
		return fault_create(FAULT_OVER_BUDGET, 0, NULL, "%s: %s", what, why);
	return NULL;
}

struct fault *asserts_fault(struct fault *fault)
{
	if (fault->class != FAULT_NOT_FOUND)
		return fault_ref(fault);
	return fault_create(FAULT_BROKEN, fault->status, NULL, "%s", fault->message);
}

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

static void keep_rows(struct assert_obs *assertion, const struct table *table)
{
	guint columns = MIN(table->names->len, ASSERT_COLUMNS_MAX);

	for (guint i = 0; i < columns; i++)
		g_ptr_array_add(assertion->columns, cut(table->names->pdata[i]));
	for (guint i = 0; i < MIN(table->rows->len, ASSERT_ROWS_MAX); i++) {
		char *const *row = table->rows->pdata[i];
		char **cells = g_new0(char *, columns + 1);

		for (guint j = 0; j < columns; j++)
			cells[j] = cut(row[j]);
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

static int64_t cap_of(const struct config_assert *config)
{
	return config->max_bytes_billed > 0 ? config->max_bytes_billed : CONFIG_MAX_BYTES_BILLED;
}

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

static void on_query(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct check *check = data;
	GHashTable *known = asserts_memory_get(check->run)->known;
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	release(check);
	if (!result) { /* whatever it was, the next look begins with a dry run */
		(void)g_hash_table_remove(known, check->key);
		fail(check, asserts_fault(fault));
		return;
	}
	charge(check, result);
	for (guint i = 0; i < result->columns->len; i++)
		g_ptr_array_add(names, ((struct bigquery_column *)result->columns->pdata[i])->name);
	take_table(check, &(struct table){names, result->rows, result->total_rows});
}

static void query(struct check *check, bool is_dry_run, bigquery_done_fn done)
{
	const struct config_assert *config = check->config;
	struct bigquery_query query = {.project = config->project,
				       .location = config->location,
				       .sql = config->sql,
				       .what = check->id,
				       .max_bytes_billed = cap_of(config),
				       .dry_run = is_dry_run,
				       .rows_max = config->show_rows ? ASSERT_ROWS_MAX : 1};

	check->errand->waits_for =
		data_run_text(check->run, "%s of %s", is_dry_run ? "dry run" : "query", check->id);
	data_run_query(check->run, config->gcp, &query, done, check);
}

static void on_dry_run(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct check *check = data;
	struct fault *refusal = NULL;
	int64_t bytes = 0;

	if (!result) {
		fail(check, asserts_fault(fault));
		return;
	}
	refusal = asserts_judge_dry_run(check->run, check->config->gcp, check->id, result,
					cap_of(check->config), "max-bytes-billed");
	if (refusal) {
		fail(check, refusal);
		return;
	}
	bytes = asserts_estimate(result);
	asserts_remember(asserts_memory_get(check->run)->known, check->key, bytes);
	hold(check, bytes);
	query(check, false, on_query);
}

/* What is new is looked at first, for free: it may not even be a SELECT (L15). */
static void ask_bigquery(struct check *check)
{
	struct budget *budget = data_run_input(check->run)->budget;
	g_autofree char *why = NULL;
	int64_t bytes = 0;
	bool is_known = asserts_recall(asserts_memory_get(check->run)->known, check->key, &bytes);

	if (is_known && budget_allows(budget, check->config->gcp, bytes, clk_wall_ms(), &why)) {
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
		take_table(check,
			   &(struct table){result->columns, result->rows, result->total_rows});
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
				       .caller_sql = true};

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
		check->key = asserts_key(config->gcp->name, config->project, config->location,
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
