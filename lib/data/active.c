/* active - see active.h. A question belongs to its run; what is known of its SQL (that it is a
 * SELECT, and what it costs) is remembered. */
#include "data/active.h"

#include <assert.h>
#include <string.h>

#include "clk.h"
#include "data/dry_run.h"
#include "text.h"

/** So much of the SQL is in messages. */
#define SQL_SHOWN_BYTES 80

/** One who waits for an answer. */
struct asker {
	active_done_fn done;
	void *data;
};

struct question {
	struct data_run *run;
	struct active_memory *memory; /* borrowed: the run holds a reference */
	const struct config_gcp *gcp; /* NULL: PostgreSQL */
	const char *project;          /* these are borrowed from the run */
	const char *location;         /* NULL: Google finds it */
	const char *sql;
	const char *what;
	const char *payer;      /* target of the first asker */
	struct dry_run_cap cap; /* of all who ask it */
	char *key;
	GPtrArray *askers; /* struct asker *; the first one pays */
	int64_t held_bytes, held_until_wall_ms;
	bool answered;
	bool active;         /* these two when answered */
	struct fault *fault; /* NULL: none */
};

/** The questions of one run. */
struct active_run {
	struct data_run *run;
	struct active_memory *memory; /* one reference: the run may outlive the sources */
	GHashTable *questions;        /* key to struct question * */
};

/** Reference counted, not atomic. */
struct active_memory {
	GHashTable *runs;  /* struct data_run * to struct active_run *, borrowed */
	GHashTable *known; /* as in struct dry_run_memory */
};

/* --- memory --- */

static void clear_memory(void *data)
{
	struct active_memory *memory = data;

	g_hash_table_unref(memory->runs);
	g_hash_table_unref(memory->known);
}

void active_memory_unref(struct active_memory *memory)
{
	if (memory)
		g_rc_box_release_full(memory, clear_memory);
}

static struct active_memory *memory_of(struct data_run *run)
{
	struct dry_run_memory *memory = dry_run_memory_get(run);

	if (!memory->active) {
		memory->active = g_rc_box_new0(struct active_memory);
		memory->active->runs = g_hash_table_new(NULL, NULL);
		memory->active->known =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	return memory->active;
}

static void free_question(void *data)
{
	struct question *question = data;

	g_ptr_array_unref(question->askers);
	fault_unref(question->fault);
	g_free(question->key);
	g_free(question);
}

static void free_run(void *data)
{
	struct active_run *active = data;

	(void)g_hash_table_remove(active->memory->runs, active->run); /* it is there */
	g_hash_table_unref(active->questions);
	active_memory_unref(active->memory);
	g_free(active);
}

static struct active_run *run_of(struct data_run *run)
{
	struct active_memory *memory = memory_of(run);
	struct active_run *active = g_hash_table_lookup(memory->runs, run);

	if (active)
		return active;
	active = g_new0(struct active_run, 1);
	active->run = run;
	active->memory = g_rc_box_acquire(memory);
	active->questions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_question);
	g_hash_table_insert(memory->runs, run, active);
	data_run_own(run, active, free_run);
	return active;
}

/* --- answers --- */

static void answer(struct question *question, bool active, struct fault *fault,
		   struct data_cost cost)
{
	struct data_cost free_of_charge = {0};

	assert(!question->answered);
	question->answered = true;
	question->active = active;
	question->fault = fault_ref(fault);
	for (guint i = 0; i < question->askers->len; i++) {
		const struct asker *asker = question->askers->pdata[i];

		asker->done(asker->data, active, fault, i == 0 ? cost : free_of_charge);
	}
}

/* Takes @p fault. */
static void answer_fault(struct question *question, struct fault *fault, struct data_cost cost)
{
	answer(question, false, fault, cost);
	fault_unref(fault);
}

static void answer_broken(struct question *question, const char *why, struct data_cost cost)
{
	answer_fault(question,
		     fault_create(FAULT_BROKEN, 0, NULL,
				  "%s: %s; it must answer with one boolean, true when the target "
				  "is in season",
				  question->what, why),
		     cost);
}

/* --- BigQuery --- */

static void hold(struct question *question, int64_t bytes)
{
	const struct data_run_input *input = data_run_input(question->run);

	question->held_bytes = bytes;
	question->held_until_wall_ms =
		clk_wall_ms() + MAX(input->deadline_mono_ms - clk_mono_ms(), 0);
	if (bytes > 0)
		budget_hold(input->budget, question->gcp, bytes, question->held_until_wall_ms);
}

static void release(struct question *question)
{
	if (question->held_bytes > 0)
		budget_release(data_run_input(question->run)->budget, question->gcp,
			       question->held_bytes, question->held_until_wall_ms);
	question->held_bytes = 0;
}

static void take_result(struct question *question, const struct bigquery_result *result,
			struct data_cost cost)
{
	const struct bigquery_column *column =
		result->columns->len == 1 ? result->columns->pdata[0] : NULL;
	char *const *cells = result->rows->len == 1 ? result->rows->pdata[0] : NULL;

	if (!column || column->repeated || strcmp(column->type, "BOOL") != 0)
		answer_broken(question, "its answer is not one BOOL column", cost);
	else if (!cells || result->total_rows != 1)
		answer_broken(question, "its answer is not one row", cost);
	else if (!cells[0])
		answer_broken(question, "its answer is NULL", cost);
	else
		answer(question, strcmp(cells[0], "true") == 0, NULL, cost);
}

static void on_query(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct question *question = data;
	struct data_cost cost = {.queries = 1};

	release(question);
	if (!result) {
		(void)g_hash_table_remove(question->memory->known, question->key);
		answer_fault(question, dry_run_fault(fault), (struct data_cost){0});
		return;
	}
	cost.bytes_processed = result->bytes_processed;
	cost.bytes_billed = result->bytes_billed;
	budget_spend(data_run_input(question->run)->budget, question->gcp, question->payer, cost,
		     clk_wall_ms());
	take_result(question, result, cost);
}

static void query(struct question *question, bool is_dry_run, bigquery_done_fn done)
{
	struct bigquery_query query = {.project = question->project,
				       .location = question->location,
				       .sql = question->sql,
				       .what = question->what,
				       .max_bytes_billed = question->cap.bytes,
				       .dry_run = is_dry_run,
				       .rows_max = 2};

	data_run_query(question->run, question->gcp, &query, question->held_bytes, done, question);
}

static void on_dry_run(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct question *question = data;
	struct fault *refusal = NULL;
	int64_t bytes = 0;

	if (!result) {
		answer_fault(question, dry_run_fault(fault), (struct data_cost){0});
		return;
	}
	refusal =
		dry_run_judge(question->run, question->gcp, question->what, result, question->cap);
	if (refusal) {
		answer_fault(question, refusal, (struct data_cost){0});
		return;
	}
	bytes = dry_run_estimate(result);
	dry_run_remember(question->memory->known, question->key, bytes);
	hold(question, bytes);
	query(question, false, on_query);
}

/* A dry run is free, and says before it costs anything what it would cost, and that it only reads.
 * Over budget, too, it is the dry run that says so. */
static void ask_bigquery(struct question *question)
{
	g_autofree char *why = NULL;
	int64_t bytes = 0;
	bool is_known = dry_run_recall(question->memory->known, question->key, &bytes);

	if (is_known && budget_allows(data_run_input(question->run)->budget, question->gcp, bytes,
				      clk_wall_ms(), &why)) {
		hold(question, bytes);
		query(question, false, on_query);
	} else {
		query(question, true, on_dry_run);
	}
}

/* --- PostgreSQL --- */

static void on_postgres(void *data, const GPtrArray *results, struct fault *fault)
{
	struct question *question = data;
	struct data_cost cost = {0};
	const struct pg_result *result = results ? results->pdata[0] : NULL;
	char *const *cells = result && result->rows->len == 1 ? result->rows->pdata[0] : NULL;

	if (!result)
		answer(question, false, fault, cost);
	else if (result->columns->len != 1)
		answer_broken(question, "its answer is not one column", cost);
	else if (!cells || result->total_rows != 1)
		answer_broken(question, "its answer is not one row", cost);
	else if (!cells[0])
		answer_broken(question, "its answer is NULL", cost);
	else if (strcmp(cells[0], "t") != 0 && strcmp(cells[0], "f") != 0)
		answer_broken(question, "its answer is no boolean", cost);
	else
		answer(question, cells[0][0] == 't', NULL, cost);
}

static void ask_postgres(struct question *question, const char *dsn)
{
	const char *const statements[] = {question->sql, NULL};
	struct pg_question asked = {.dsn = dsn,
				    .what = question->what,
				    .statements = statements,
				    .rows_max = 2,
				    .caller_sql = true};

	data_run_ask_postgres(question->run, &asked, on_postgres, question);
}

/* --- questions --- */

static struct question *add_question(struct active_run *active, struct errand *errand, char *key,
				     const char *sql)
{
	struct question *question = g_new0(struct question, 1);
	g_autofree char *shown = text_to_utf8(sql, strlen(sql), SQL_SHOWN_BYTES);

	question->run = active->run;
	question->memory = active->memory;
	question->sql = data_run_text(active->run, "%s", sql);
	question->what = data_run_text(active->run, "active-when \"%s\"", shown);
	question->payer = data_run_text(active->run, "%s", errand->target->id);
	question->key = key;
	question->askers = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(active->questions, key, question);
	return question;
}

/* NULL: it was asked already, and is or will be answered. Takes @p key. */
static struct question *join(struct errand *errand, char *key, const char *sql, struct asker asker)
{
	struct active_run *active = run_of(errand->run);
	struct question *question = g_hash_table_lookup(active->questions, key);
	struct asker *added = NULL;
	bool is_new = !question;

	if (question && question->answered) {
		g_free(key);
		asker.done(asker.data, question->active, question->fault, (struct data_cost){0});
		return NULL;
	}
	if (is_new)
		question = add_question(active, errand, key, sql);
	else
		g_free(key);
	added = g_new0(struct asker, 1);
	*added = asker;
	g_ptr_array_add(question->askers, added);
	return is_new ? question : NULL;
}

void active_ask_bigquery(struct errand *errand, const struct config_gcp *gcp, const char *project,
			 const char *location, const char *sql, active_done_fn done, void *data)
{
	struct dry_run_cap cap = dry_run_cap_of(errand->target);
	/* who may pay more asks by itself: it may be told what the others are not */
	g_autofree char *place =
		g_strdup_printf("%s\n%" PRIi64, location ? location : "", cap.bytes);
	char *key = dry_run_key(gcp->name, project, place, sql);
	struct question *question = join(errand, key, sql, (struct asker){done, data});

	if (!question)
		return;
	question->cap = cap;
	question->gcp = gcp;
	question->project = data_run_text(errand->run, "%s", project);
	question->location = location ? data_run_text(errand->run, "%s", location) : NULL;
	ask_bigquery(question);
}

void active_ask_postgres(struct errand *errand, const char *dsn, const char *sql,
			 active_done_fn done, void *data)
{
	char *key = dry_run_key("postgresql", dsn, NULL, sql);
	struct question *question = join(errand, key, sql, (struct asker){done, data});

	if (question)
		ask_postgres(question, dsn);
}
