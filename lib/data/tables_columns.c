/* tables_columns - method column: as few queries as limits allow. One that fails because of what it
 * asks is split until only the broken tables are left alone; see tables.h */
#include "data/tables.h"

#include "clk.h"
#include "data/tables_answer.h"

/* A combined query that never works is split down to this size at most by what it taught. */
#define MEMBERS_MAX_LEAST 10

/* One query. Those it was split into point to it: it lives until they have ended. */
struct batch {
	struct tables *tables;
	GPtrArray *looks; /* struct look * */
	const char *what; /* of the run */
	struct tables_held held;
	struct batch *parent; /* NULL: it was not split off */
	int open;             /* halves that have not ended */
	bool has_failed;      /* for a table, or the whole of it */
};

static void batch_free(gpointer data)
{
	struct batch *batch = data;

	g_ptr_array_unref(batch->looks);
	g_free(batch);
}

/* @p looks is taken. */
static struct batch *batch_create(struct tables *tables, GPtrArray *looks, struct batch *parent)
{
	struct batch *batch = g_new0(struct batch, 1);

	batch->tables = tables;
	batch->looks = looks;
	batch->parent = parent;
	batch->what = tables_name_query(tables, looks, "look at");
	data_run_own(tables->run, batch, batch_free);
	return batch;
}

/* Both halves of a batch worked, and the whole did not: it was too much at once. */
static void learn_size(struct batch *batch)
{
	struct tables_memory *memory = batch->tables->memory;

	memory->members_max =
		MIN(memory->members_max, MAX(batch->looks->len / 2, MEMBERS_MAX_LEAST));
}

static void batch_end(struct batch *batch, bool has_failed)
{
	struct batch *parent = batch->parent;

	batch->has_failed = has_failed;
	while (parent) {
		parent->has_failed |= batch->has_failed;
		if (--parent->open > 0)
			return;
		if (!parent->has_failed)
			learn_size(parent);
		batch = parent;
		parent = batch->parent;
	}
}

/* --- what is sent --- */

static GPtrArray *members_of(const GPtrArray *looks)
{
	GPtrArray *members = g_ptr_array_new();

	for (guint i = 0; i < looks->len; i++) {
		struct look *look = looks->pdata[i];

		look->member.tables = look->memo->tables;
		g_ptr_array_add(members, &look->member);
	}
	return members;
}

static int64_t sum_estimates(const GPtrArray *looks)
{
	int64_t sum = 0;

	for (guint i = 0; i < looks->len; i++)
		sum += ((struct look *)looks->pdata[i])->memo->estimate_bytes;
	return sum;
}

static void on_answer(void *data, const struct bigquery_result *result, struct fault *fault);

static void send_batch(struct batch *batch)
{
	const struct look *first = batch->looks->pdata[0];
	const struct config_table *config = first->config;
	g_autoptr(GPtrArray) members = members_of(batch->looks);
	g_autofree char *sql = tables_sql_columns(members);
	const struct bigquery_query query = {
		.project = config->project,
		.location = config->location ? config->location : first->memo->location,
		.sql = sql,
		.what = batch->what,
		.max_bytes_billed = tables_sum_caps(batch->looks),
		.rows_max = batch->looks->len,
	};

	batch->held = tables_hold(batch->tables, config->gcp, sum_estimates(batch->looks));
	data_run_query(batch->tables->run, config->gcp, &query, batch->held.bytes, on_answer,
		       batch);
}

/* --- what comes back --- */

static void settle_column(struct look *look, const struct column_answer *answer)
{
	struct table_obs *table = table_obs_create();

	look->memo->is_suspect = false;
	table->found = true;
	table->method = TABLE_METHOD_COLUMN;
	table->loaded_wall_ms = answer->loaded_wall_ms;
	table->rows = answer->rows;
	look_settle(look, table);
}

/* Its own query fails. It is checked before it is asked again, and then asked alone. */
static void blame(struct look *look, struct fault *fault)
{
	look->memo->is_suspect = true;
	table_memo_doubt(look->memo);
	look->fault = fault_ref(fault);
	if (fault->class == FAULT_NOT_FOUND) /* it may be gone since the check */
		look_read(look, LOOK_STEP_AGAIN);
	else
		look_fail(look, fault);
}

static void split(struct batch *batch)
{
	guint middle = batch->looks->len / 2;

	batch->open = 2;
	for (int half = 0; half < 2; half++) {
		GPtrArray *looks = g_ptr_array_new();

		for (guint i = half ? middle : 0; i < (half ? batch->looks->len : middle); i++)
			g_ptr_array_add(looks, batch->looks->pdata[i]);
		send_batch(batch_create(batch->tables, looks, batch));
	}
}

/* One of the tables is to blame, or may be; not the service, the network or the project that it
 * runs in. */
static bool is_of_a_table(const struct fault *fault)
{
	switch (fault->class) {
	case FAULT_BROKEN:
	case FAULT_NOT_FOUND:
	case FAULT_OVER_BUDGET:
		return true;
	case FAULT_DENIED: /* 401, and the right to run queries at all, concern every table */
		return fault->status != 401 &&
		       !(fault->permission &&
			 g_str_has_prefix(fault->permission, "bigquery.jobs."));
	case FAULT_NONE:
	case FAULT_HTTP_4XX:
	case FAULT_HTTP_5XX:
	case FAULT_TIMEOUT:
	case FAULT_RESET:
	case FAULT_RESOLVE:
	case FAULT_TLS:
	case FAULT_BAD_ANSWER:
	case FAULT_TOO_LARGE:
	case FAULT_REDIRECT:
	case FAULT_QUOTA:
	case FAULT_CREDENTIALS:
	case FAULT_DISABLED:
	case FAULT_CANCELLED:
		break;
	}
	return false;
}

static void take_failure(struct batch *batch, struct fault *fault, bool is_of_one)
{
	if (is_of_one && batch->looks->len > 1) {
		split(batch);
		return;
	}
	for (guint i = 0; i < batch->looks->len; i++) {
		if (is_of_one)
			blame(batch->looks->pdata[i], fault);
		else
			look_fail(batch->looks->pdata[i], fault);
	}
	batch_end(batch, true);
}

static void take_result(struct batch *batch, const struct bigquery_result *result)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) answers = NULL;

	tables_charge(batch->tables, batch->looks, false, result);
	answers = tables_answer_columns(result, batch->looks->len, &error);
	if (!answers) {
		struct fault *fault = fault_create(FAULT_BAD_ANSWER, 0, NULL,
						   "%s: the answer is not what was asked for: %s; "
						   "is filter one condition?",
						   batch->what, error->message);

		take_failure(batch, fault, true); /* one filter can spoil it all */
		fault_unref(fault);
		return;
	}
	for (guint i = 0; i < batch->looks->len; i++)
		settle_column(batch->looks->pdata[i],
			      &g_array_index(answers, struct column_answer, i));
	batch_end(batch, false);
}

static void on_answer(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct batch *batch = data;

	tables_release(batch->tables, &batch->held);
	if (result)
		take_result(batch, result);
	else
		take_failure(batch, fault, is_of_a_table(fault));
}

/* --- who is asked, and in which company --- */

/* Those whose queries the budget still allows; the others fall back. */
static GPtrArray *take_allowed(struct tables *tables, const GPtrArray *looks)
{
	const struct budget *budget = data_run_input(tables->run)->budget;
	GPtrArray *allowed = g_ptr_array_new();
	struct tables_held held = {0}; /* for those before: who is not allowed is told of itself */
	int64_t bytes = 0;

	for (guint i = 0; i < looks->len; i++) {
		struct look *look = looks->pdata[i];
		int64_t more = look->memo->estimate_bytes;
		g_autofree char *why = NULL;

		if (budget_allows(budget, look->config->gcp, more, clk_wall_ms(), &why)) {
			bytes += more;
			tables_release(tables, &held);
			held = tables_hold(tables, look->config->gcp, bytes);
			g_ptr_array_add(allowed, look);
		} else {
			look_fall_back(look, why);
		}
	}
	tables_release(tables, &held);
	return allowed;
}

static void send_alone(struct tables *tables, struct look *look)
{
	GPtrArray *alone = g_ptr_array_new();

	g_ptr_array_add(alone, look);
	send_batch(batch_create(tables, alone, NULL));
}

static void send_together(struct tables *tables, const GPtrArray *looks)
{
	g_autoptr(GPtrArray) members = members_of(looks);

	for (guint from = 0; from < looks->len;) {
		guint end = from + tables_sql_fit(members, from, tables->memory->members_max);
		GPtrArray *part = g_ptr_array_new();

		for (; from < end; from++)
			g_ptr_array_add(part, looks->pdata[from]);
		send_batch(batch_create(tables, part, NULL));
	}
}

void tables_ask_columns(struct tables *tables, GPtrArray *looks)
{
	g_autoptr(GPtrArray) allowed = take_allowed(tables, looks);
	g_autoptr(GPtrArray) company = g_ptr_array_new();

	for (guint i = 0; i < allowed->len; i++) {
		struct look *look = allowed->pdata[i];

		if (look->memo->is_suspect)
			send_alone(tables, look);
		else
			g_ptr_array_add(company, look);
	}
	send_together(tables, company);
}
