/* asserts_lab - see asserts_lab.h */
#include "tests/unit/asserts_lab.h"

#include "clk.h"
#include "source/gcp_access.h"

#include <string.h>

#define PATIENCE_MS 20000

struct asserts_lab asserts_lab;

/* Constants where the configuration owns its texts: nothing here frees them. */
static char *text(const char *constant)
{
	union {
		const char *from;
		char *to;
	} pointer = {.from = constant};

	return pointer.to;
}

static void fill(struct config_assert *config, guint index)
{
	static const char *const ids[ASSERTS_LAB_MAX] = {"assert/a0", "assert/a1", "assert/a2",
							 "assert/a3"};

	*config =
		(struct config_assert){.target = {.id = text(ids[index]),
						  .name = text(ids[index] + strlen("assert/")),
						  .kind = TARGET_KIND_ASSERT},
				       .source = CONFIG_DATA_SOURCE_BIGQUERY,
				       .gcp = &bq_gcp,
				       .project = text("acme"),
				       .location = text("EU"),
				       .sql = text("SELECT n FROM `acme.sales.orders` WHERE n < 0"),
				       .expect =
					       {
						       .subject = CONDITION_SUBJECT_ROWS,
						       .operator= CONDITION_OPERATOR_EQ },
						       .show_rows = true,
				       };
}

void asserts_lab_open(void)
{
	bq_open();
	asserts_lab = (struct asserts_lab){.deadline_ms = 30 * MS_PER_S, .step_ms = 5};
	asserts_lab.config.gcps = g_ptr_array_new();
	g_ptr_array_add(asserts_lab.config.gcps, &bq_gcp);
	asserts_lab.access = gcp_access_list(bq_client, &asserts_lab.config, NULL);
	asserts_lab.budget = budget_create();
	budget_set_config(asserts_lab.budget, &asserts_lab.config);
	for (guint i = 0; i < ASSERTS_LAB_MAX; i++)
		fill(&asserts_lab.asserts[i], i);
}

void asserts_lab_close(void)
{
	if (asserts_lab.observations)
		g_ptr_array_unref(asserts_lab.observations);
	dry_run_memory_free(asserts_lab.memory.dry_runs);
	budget_free(asserts_lab.budget);
	g_ptr_array_unref(asserts_lab.access);
	bq_close();
	g_ptr_array_unref(asserts_lab.config.gcps);
}

static void on_end(void *data, GPtrArray *observations)
{
	(void)data;
	ck_assert_ptr_nonnull(asserts_lab.run);
	asserts_lab.run = NULL; /* it frees itself */
	asserts_lab.observations = observations;
}

void asserts_lab_wait(guint count)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (asserts_lab.run && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(bq_client, 5, -1);
		if (asserts_lab.postgres)
			pg_pool_poll(asserts_lab.postgres);
		if (asserts_lab.step_ms > 0)
			clk_set_fake(clk_mono_ms() + asserts_lab.step_ms, clk_wall_ms());
	}
	ck_assert_msg(!asserts_lab.run, "the run does not end");
	ck_assert_uint_eq(asserts_lab.observations->len, count);
}

void asserts_lab_start(guint count)
{
	struct data_run_input input = {.client = bq_client,
				       .postgres = asserts_lab.postgres,
				       .config = &asserts_lab.config,
				       .access = asserts_lab.access,
				       .budget = asserts_lab.budget,
				       .memory = &asserts_lab.memory,
				       .timeout_ms = 10 * MS_PER_S,
				       .deadline_mono_ms = clk_mono_ms() + asserts_lab.deadline_ms};
	g_autoptr(GPtrArray) targets = g_ptr_array_new();

	g_clear_pointer(&asserts_lab.observations, g_ptr_array_unref);
	for (guint i = 0; i < count; i++)
		g_ptr_array_add(targets, &asserts_lab.asserts[i].target);
	asserts_lab.run = data_run_create(&input, targets);
	data_run_start(asserts_lab.run, on_end, NULL);
}

void asserts_lab_run(guint count)
{
	asserts_lab_start(count);
	asserts_lab_wait(count);
}

const struct assert_obs *asserts_lab_seen(guint index)
{
	const struct observation *observation = asserts_lab.observations->pdata[index];

	ck_assert_msg(!observation->fault, "%s",
		      observation->fault ? observation->fault->message : "");
	ck_assert_ptr_nonnull(observation->assertion);
	return observation->assertion;
}

const struct fault *asserts_lab_fault(guint index, enum fault_class class, const char *part)
{
	const struct observation *observation = asserts_lab.observations->pdata[index];

	ck_assert_ptr_nonnull(observation->fault);
	ck_assert_ptr_null(observation->assertion);
	ck_assert_msg(observation->fault->class == class, "%s: %s",
		      fault_class_text(observation->fault->class), observation->fault->message);
	ck_assert_msg(strstr(observation->fault->message, part), "%s", observation->fault->message);
	return observation->fault;
}

int64_t asserts_lab_spent(void)
{
	return budget_spent(asserts_lab.budget, NULL, clk_wall_ms());
}
