/* catalogue_postgres - reads a database: its catalogues in one transaction, then row counts, a
 * hundred tables at a time. See catalogue.h */
#include "data/catalogue_private.h"

#include "drift_error.h"

/* A reading under way; the run owns it. */
struct reading {
	struct errand *errand;
	const struct config_inventory *config;
	const struct inventory *expected;
	catalogue_done_fn done;
	void *data;
	struct inventory *inventory;
	GPtrArray *tables; /* struct catalogue_table *: to be counted; NULL: not known yet */
	guint counted;     /* of them, up to the end of those that are asked about */
	guint asked;
};

static void reading_free(void *data)
{
	struct reading *reading = data;

	inventory_free(reading->inventory);
	if (reading->tables)
		g_ptr_array_unref(reading->tables);
	g_free(reading);
}

static void succeed(struct reading *reading)
{
	reading->done(reading->data, g_steal_pointer(&reading->inventory), NULL,
		      (struct data_cost){0});
}

static void fail(struct reading *reading, struct fault *fault)
{
	reading->done(reading->data, NULL, fault, (struct data_cost){0});
}

static void fail_with(struct reading *reading, const GError *error)
{
	bool is_large = error->code == DRIFT_ERROR_TOO_LARGE;
	struct fault *fault = fault_create(is_large ? FAULT_TOO_LARGE : FAULT_BAD_ANSWER, 0, NULL,
					   "%s: read the catalogue of PostgreSQL: %s",
					   reading->config->target.id, error->message);

	fail(reading, fault);
	fault_unref(fault);
}

static void ask(struct reading *reading, const char *const *statements, const char *doing,
		pg_done_fn done)
{
	struct data_run *run = reading->errand->run;
	struct pg_question question = {
		.dsn = reading->config->dsn,
		.what = data_run_text(run, "%s: %s", reading->config->target.id, doing),
		.statements = statements,
		.rows_max = PG_ROWS_MAX,
	};

	reading->errand->waits_for = question.what;
	data_run_ask_postgres(run, &question, done, reading);
}

static struct catalogue_table *const *asked_tables(const struct reading *reading)
{
	return (struct catalogue_table *const *)reading->tables->pdata + reading->counted;
}

static void on_counts(void *data, const GPtrArray *results, struct fault *fault);

static void count_next(struct reading *reading)
{
	g_autofree char *sql = NULL;

	if (reading->counted == reading->tables->len) {
		succeed(reading);
		return;
	}
	reading->asked = MIN(reading->tables->len - reading->counted, CATALOGUE_COUNT_TABLES);
	sql = catalogue_postgres_count(asked_tables(reading), reading->asked);
	ask(reading, (const char *const[]){sql, NULL}, "count rows", on_counts);
}

/* A snapshot does without the counts of tables that it may not read, or that went meanwhile. */
static bool can_do_without(const struct reading *reading, const struct fault *fault)
{
	return !reading->expected && (fault->class == FAULT_DENIED || fault->class == FAULT_BROKEN);
}

static void on_counts(void *data, const GPtrArray *results, struct fault *fault)
{
	struct reading *reading = data;
	g_autoptr(GError) error = NULL;

	if (fault && !can_do_without(reading, fault)) {
		fail(reading, fault);
		return;
	}
	if (results && !catalogue_postgres_take_counts(reading->inventory, asked_tables(reading),
						       reading->asked, results->pdata[0], &error)) {
		fail_with(reading, error);
		return;
	}
	reading->counted += reading->asked;
	count_next(reading);
}

static void on_catalogue(void *data, const GPtrArray *results, struct fault *fault)
{
	struct reading *reading = data;
	g_autoptr(GError) error = NULL;

	if (fault)
		fail(reading, fault);
	else if (!catalogue_postgres_decode(reading->inventory, results, reading->expected,
					    &reading->tables, &error))
		fail_with(reading, error);
	else
		count_next(reading);
}

void catalogue_read_postgres(struct errand *errand, const struct config_inventory *config,
			     const struct inventory *expected, catalogue_done_fn done, void *data)
{
	struct reading *reading = g_new0(struct reading, 1);
	g_auto(GStrv) statements = catalogue_postgres_statements(config->schemas);

	data_run_own(errand->run, reading, reading_free);
	reading->errand = errand;
	reading->config = config;
	reading->expected = expected;
	reading->done = done;
	reading->data = data;
	reading->inventory = inventory_create();
	ask(reading, (const char *const *)statements, "read the catalogue", on_catalogue);
}
