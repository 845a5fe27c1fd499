/* catalogue_bigquery - reads datasets, one query each, all at once. See catalogue.h */
#include "data/catalogue_private.h"

#include <string.h>

#include "clk.h"
#include "drift_error.h"

/* A reading under way; the run owns it. */
struct reading {
	struct errand *errand;
	const struct config_inventory *config;
	catalogue_done_fn done;
	void *data;
	struct inventory *inventory;
	struct fault *fault; /* the first; NULL: none */
	struct data_cost cost;
	int64_t held_bytes, held_until_wall_ms; /* of each dataset */
	guint pending;
};

/* One dataset of it; the run owns it. */
struct dataset {
	struct reading *reading;
	const char *given;   /* as configured */
	const char *project; /* where it is */
	const char *name;
};

static void reading_free(void *data)
{
	struct reading *reading = data;

	inventory_free(reading->inventory);
	fault_unref(reading->fault);
	g_free(reading);
}

/* Takes @p fault; NULL: fine. */
static void end_dataset(struct reading *reading, struct fault *fault)
{
	if (reading->fault)
		fault_unref(fault);
	else
		reading->fault = fault;
	reading->pending--;
	if (reading->pending > 0)
		return;
	reading->done(reading->data, reading->fault ? NULL : g_steal_pointer(&reading->inventory),
		      reading->fault, reading->cost);
}

static void charge(struct reading *reading, const struct bigquery_result *result)
{
	struct data_cost cost = {.queries = 1,
				 .bytes_processed = result->bytes_processed,
				 .bytes_billed = result->bytes_billed};

	budget_spend(data_run_input(reading->errand->run)->budget, reading->config->gcp,
		     reading->config->target.id, cost, clk_wall_ms());
	reading->cost.queries += cost.queries;
	reading->cost.bytes_processed += cost.bytes_processed;
	reading->cost.bytes_billed += cost.bytes_billed;
}

static struct fault *decode_fault(const struct dataset *dataset, const GError *error)
{
	bool is_large = error->code == DRIFT_ERROR_TOO_LARGE;

	return fault_create(is_large ? FAULT_TOO_LARGE : FAULT_BAD_ANSWER, 0, NULL, "%s: %s",
			    dataset->reading->config->target.id, error->message);
}

/* It is there, although the query did not find it: it was asked elsewhere. */
static struct fault *elsewhere(const struct dataset *dataset)
{
	const struct config_inventory *config = dataset->reading->config;

	return fault_create(
		FAULT_BROKEN, 0, NULL,
		"%s: dataset %s exists, but not in location %s: correct location, or leave it "
		"out",
		config->target.id, dataset->given,
		config->location ? config->location : "that BigQuery chose");
}

static void on_dataset(void *data, const char *body, size_t length, struct fault *fault)
{
	struct dataset *dataset = data;
	bool is_missing = fault && fault->class == FAULT_NOT_FOUND &&
			  !strstr(fault->message, "Not found: Project");

	(void)body; /* that there is an answer is enough */
	(void)length;
	if (!fault)
		end_dataset(dataset->reading, elsewhere(dataset));
	else
		end_dataset(dataset->reading, is_missing ? NULL : fault_ref(fault));
}

/* A wrong location looks like a dataset that is not there: ask for the dataset itself, which is
 * free. */
static void look_for(struct dataset *dataset)
{
	const struct config_inventory *config = dataset->reading->config;
	struct data_run *run = dataset->reading->errand->run;
	GString *url = g_string_new(config->gcp->bigquery_endpoint);
	struct google_call call = {
		.api = "bigquery",
		.what = data_run_text(run, "%s: look for dataset %s", config->target.id,
				      dataset->given),
		.permission = "bigquery.datasets.get",
	};

	g_string_append(url, "/bigquery/v2/projects/");
	g_string_append_uri_escaped(url, dataset->project, NULL, FALSE);
	g_string_append(url, "/datasets/");
	g_string_append_uri_escaped(url, dataset->name, NULL, FALSE);
	g_string_append(url, "?fields=location&prettyPrint=false");
	call.url = url->str;
	data_run_call(run, config->gcp, &call, NULL, on_dataset, dataset);
	(void)g_string_free(url, TRUE); /* gives NULL */
}

static void on_query(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct dataset *dataset = data;
	struct reading *reading = dataset->reading;
	g_autoptr(GError) error = NULL;

	budget_release(data_run_input(reading->errand->run)->budget, reading->config->gcp,
		       reading->held_bytes, reading->held_until_wall_ms);
	if (result) {
		charge(reading, result);
		end_dataset(reading, catalogue_bigquery_decode(reading->inventory, dataset->given,
							       result, &error)
					     ? NULL
					     : decode_fault(dataset, error));
		return;
	}
	if (fault->class == FAULT_NOT_FOUND)
		look_for(dataset);
	else
		end_dataset(reading, fault_ref(fault));
}

/* PROJECT.DATASET or DATASET; a project may have dots. */
static void split(struct dataset *dataset, struct data_run *run, const char *project)
{
	const char *dot = strrchr(dataset->given, '.');

	dataset->name = dot ? dot + 1 : dataset->given;
	dataset->project =
		dot ? data_run_text(run, "%.*s", (int)(dot - dataset->given), dataset->given)
		    : project;
}

static void ask(struct reading *reading, const char *given)
{
	const struct config_inventory *config = reading->config;
	struct data_run *run = reading->errand->run;
	struct dataset *dataset = g_new0(struct dataset, 1);
	struct bigquery_query query = {
		.project = config->project,
		.location = config->location,
		.what = data_run_text(run, "%s: read the catalogue of dataset %s",
				      config->target.id, given),
		.max_bytes_billed = CONFIG_MAX_BYTES_BILLED,
		.rows_max = BIGQUERY_ROWS_MAX,
	};
	g_autofree char *sql = NULL;

	data_run_own(run, dataset, g_free);
	dataset->reading = reading;
	dataset->given = given;
	split(dataset, run, config->project);
	sql = catalogue_bigquery_sql(dataset->project, dataset->name);
	if (!sql) {
		end_dataset(reading, fault_create(FAULT_BROKEN, 0, NULL,
						  "%s: %s cannot be the name of a dataset",
						  config->target.id, given));
		return;
	}
	query.sql = sql;
	reading->errand->waits_for = query.what;
	budget_hold(data_run_input(run)->budget, config->gcp, reading->held_bytes,
		    reading->held_until_wall_ms);
	data_run_query(run, config->gcp, &query, reading->held_bytes, on_query, dataset);
}

void catalogue_read_bigquery(struct errand *errand, const struct config_inventory *config,
			     catalogue_done_fn done, void *data)
{
	const struct data_run_input *input = data_run_input(errand->run);
	struct reading *reading = g_new0(struct reading, 1);
	g_autofree char *why = NULL;

	data_run_own(errand->run, reading, reading_free);
	reading->errand = errand;
	reading->config = config;
	reading->done = done;
	reading->data = data;
	reading->inventory = inventory_create();
	reading->pending = g_strv_length(config->datasets) + 1;
	reading->held_bytes = CATALOGUE_BIGQUERY_VIEWS * BIGQUERY_BYTES_MIN;
	reading->held_until_wall_ms =
		clk_wall_ms() + MAX(input->deadline_mono_ms - clk_mono_ms(), 0);
	if (!budget_allows(input->budget, config->gcp,
			   (int64_t)g_strv_length(config->datasets) * reading->held_bytes,
			   clk_wall_ms(), &why)) {
		reading->pending = 1;
		end_dataset(reading, fault_create(FAULT_OVER_BUDGET, 0, NULL,
						  "%s: %s; raise daily-bytes, or its every",
						  config->target.id, why));
		return;
	}
	for (char **given = config->datasets; *given; given++)
		ask(reading, *given);
	end_dataset(reading, NULL); /* all are asked for */
}
