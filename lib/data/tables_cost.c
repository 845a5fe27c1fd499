/* tables_cost - what queries about tables may cost, did cost, and are called; see tables.h */
#include "data/tables.h"

#include <string.h>

#include "clk.h"

struct tables_held tables_hold(struct tables *tables, const struct config_gcp *gcp, int64_t bytes)
{
	const struct data_run_input *input = data_run_input(tables->run);
	int64_t left_ms = MAX(input->deadline_mono_ms - clk_mono_ms(), 0);
	struct tables_held held = {
		.gcp = gcp, .bytes = bytes, .until_wall_ms = clk_wall_ms() + left_ms};

	if (bytes > 0)
		budget_hold(input->budget, gcp, bytes, held.until_wall_ms);
	return held;
}

void tables_release(struct tables *tables, struct tables_held *held)
{
	if (held->bytes > 0)
		budget_release(data_run_input(tables->run)->budget, held->gcp, held->bytes,
			       held->until_wall_ms);
	held->bytes = 0;
}

int64_t tables_sum_caps(const GPtrArray *looks)
{
	int64_t sum = 0;

	for (guint i = 0; i < looks->len; i++)
		sum += look_cap_bytes(looks->pdata[i]);
	return sum;
}

static int64_t weight_of(const struct look *look, bool is_even)
{
	return tables_weight(is_even ? 1 : look->memo->estimate_bytes);
}

static void add_cost(struct look *look, struct data_cost cost)
{
	look->cost.queries += cost.queries;
	look->cost.bytes_processed += cost.bytes_processed;
	look->cost.bytes_billed += cost.bytes_billed;
}

void tables_charge(struct tables *tables, const GPtrArray *looks, bool is_even,
		   const struct bigquery_result *result)
{
	struct budget *budget = data_run_input(tables->run)->budget;
	int64_t now_wall_ms = clk_wall_ms();
	struct tables_sharing processed;
	struct tables_sharing billed;
	int64_t weights = 0;

	for (guint i = 0; i < looks->len; i++)
		weights += weight_of(looks->pdata[i], is_even);
	processed = tables_share(result->bytes_processed, weights);
	billed = tables_share(result->bytes_billed, weights);
	for (guint i = 0; i < looks->len; i++) {
		struct look *look = looks->pdata[i];
		int64_t weight = weight_of(look, is_even);
		struct data_cost cost = {
			.queries = 1,
			.bytes_processed = tables_share_next(&processed, weight),
			.bytes_billed = tables_share_next(&billed, weight),
		};

		add_cost(look, cost);
		budget_spend(budget, look->config->gcp, look->config->target.id, cost, now_wall_ms);
	}
}

const char *tables_name_query(struct tables *tables, const GPtrArray *looks, const char *verb)
{
	const struct look *first = looks->pdata[0];
	const char *name = NULL;

	if (looks->len == 1)
		name = data_run_text(tables->run, "%s %s", verb, first->name);
	else
		name = data_run_text(tables->run, "%s %s and %u more", verb, first->name,
				     looks->len - 1);
	for (guint i = 0; i < looks->len; i++)
		((struct look *)looks->pdata[i])->errand->waits_for = name;
	return name;
}

static gint compare_looks(gconstpointer a, gconstpointer b)
{
	const struct config_target *first = &(*(const struct look *const *)a)->config->target;
	const struct config_target *second = &(*(const struct look *const *)b)->config->target;

	if (first->priority != second->priority)
		return first->priority < second->priority ? -1 : 1;
	return strcmp(first->id, second->id);
}

void tables_sort(GPtrArray *looks)
{
	g_ptr_array_sort(looks, compare_looks);
}
