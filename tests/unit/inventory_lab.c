/* inventory_lab - see inventory_lab.h */
#include "tests/unit/inventory_lab.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clk.h"
#include "data/snapshot_inventory.h"
#include "source/gcp_access.h"

/* Longer than anything here takes. */
#define LONG_MS (20 * MS_PER_S)

static char *const none[] = {NULL};

void inventory_lab_init(struct inventory_lab *lab, enum config_data_source source)
{
	struct config_inventory *inventory = &lab->inventory;

	*lab = (struct inventory_lab){0};
	lab->folder = g_dir_make_tmp("driftd-inventory-XXXXXX", NULL);
	ck_assert_ptr_nonnull(lab->folder);
	lab->gcp.name = g_strdup("default");
	lab->gcp.credentials = CONFIG_CREDENTIALS_TOKEN;
	lab->gcp.credentials_token = g_strdup("token");
	lab->config.gcps = g_ptr_array_new();
	g_ptr_array_add(lab->config.gcps, &lab->gcp);
	lab->config.driftd.max_parallel_requests = 16;
	lab->config.driftd.request_timeout_ms = LONG_MS;
	lab->config.driftd.cycle_timeout_ms = LONG_MS;
	inventory->target.id = g_strdup("inventory/x");
	inventory->target.name = g_strdup("x");
	inventory->target.kind = TARGET_KIND_INVENTORY;
	inventory->source = source;
	inventory->gcp = source == CONFIG_DATA_SOURCE_BIGQUERY ? &lab->gcp : NULL;
	inventory->project = g_strdup("acme");
	inventory->expect_file = g_build_filename(lab->folder, "x.objects", NULL);
	inventory->report_unexpected = true;
	inventory->ignores = g_strdupv((char **)(uintptr_t)none);  /* only reads it */
	inventory->schemas = g_strdupv((char **)(uintptr_t)none);  /* the same */
	inventory->datasets = g_strdupv((char **)(uintptr_t)none); /* the same */
	lab->budget = budget_create();
	budget_set_config(lab->budget, &lab->config);
}

void inventory_lab_done(struct inventory_lab *lab)
{
	struct config_inventory *inventory = &lab->inventory;

	(void)g_remove(inventory->expect_file); /* need not be there */
	ck_assert_int_eq(g_rmdir(lab->folder), 0);
	if (lab->observation)
		observation_unref(lab->observation);
	budget_free(lab->budget);
	g_ptr_array_unref(lab->config.gcps);
	g_free(lab->gcp.name);
	g_free(lab->gcp.credentials_token);
	g_free(lab->gcp.bigquery_endpoint);
	g_free(inventory->target.id);
	g_free(inventory->target.name);
	g_free(inventory->project);
	g_free(inventory->location);
	g_free(inventory->expect_file);
	g_free(inventory->dsn);
	g_strfreev(inventory->ignores);
	g_strfreev(inventory->schemas);
	g_strfreev(inventory->datasets);
	g_free(lab->folder);
}

void inventory_lab_expect(const struct inventory_lab *lab, const char *text)
{
	ck_assert(g_file_set_contents(lab->inventory.expect_file, text, -1, NULL));
}

char *inventory_lab_snapshot(struct inventory_lab *lab, GError **error)
{
	char *text = snapshot_inventory(&lab->config, &lab->inventory, error);

	if (text)
		inventory_lab_expect(lab, text);
	return text;
}

/* --- a look --- */

static int woken = -1;

static void wake(void *data)
{
	(void)data;
	(void)eventfd_write(woken, 1);
}

static void on_end(void *data, GPtrArray *observations)
{
	struct inventory_lab *lab = data;

	ck_assert_uint_eq(observations->len, 1);
	lab->observation = observation_ref(observations->pdata[0]);
	g_ptr_array_unref(observations);
}

void inventory_lab_look(struct inventory_lab *lab, int64_t within_ms)
{
	struct http_client *client = http_client_create(16, NULL);
	g_autoptr(GPtrArray) access = gcp_access_list(client, &lab->config, NULL);
	struct data_memory memory = {0};
	struct data_run_input input = {
		.client = client,
		.postgres = pg_pool_create(wake, NULL),
		.config = &lab->config,
		.access = access,
		.budget = lab->budget,
		.memory = &memory,
		.timeout_ms = LONG_MS,
		.deadline_mono_ms = clk_mono_ms() + within_ms,
	};
	g_autoptr(GPtrArray) targets = g_ptr_array_new();
	int64_t end_mono_ms = clk_mono_ms() + 2 * LONG_MS;
	eventfd_t rings = 0;

	woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (lab->observation)
		observation_unref(lab->observation);
	lab->observation = NULL;
	g_ptr_array_add(targets, &lab->inventory.target);
	data_run_start(data_run_create(&input, targets), on_end, lab);
	while (!lab->observation) {
		ck_assert_int_lt(clk_mono_ms(), end_mono_ms);
		http_client_poll(client, MS_PER_S, woken);
		(void)eventfd_read(woken, &rings);
		pg_pool_poll(input.postgres);
	}
	http_client_cancel_all(client);
	pg_pool_free(input.postgres);
	g_clear_pointer(&access, g_ptr_array_unref);
	http_client_free(client);
	ck_assert_int_eq(close(woken), 0);
	ck_assert_str_eq(lab->observation->target_id, "inventory/x");
}

void inventory_lab_look_fails(struct inventory_lab *lab, enum fault_class class, const char *part)
{
	const struct fault *fault = NULL;

	inventory_lab_look(lab, LONG_MS);
	fault = lab->observation->fault;
	ck_assert_msg(fault != NULL, "it did not fail");
	ck_assert_msg(fault->class == class, "%s: %s", fault_class_text(fault->class),
		      fault->message);
	ck_assert_msg(strstr(fault->message, part) != NULL, "%s", fault->message);
	ck_assert_msg(strstr(fault->message, "inventory/x") != NULL, "%s", fault->message);
}

char *inventory_lab_look_differs(struct inventory_lab *lab)
{
	const struct inventory_obs *obs = NULL;
	GString *text = g_string_new(NULL);

	inventory_lab_look(lab, LONG_MS);
	ck_assert_msg(!lab->observation->fault, "%s", lab->observation->fault->message);
	obs = lab->observation->inventory;
	for (guint i = 0; i < obs->differences->len; i++) {
		const struct inventory_difference *difference = obs->differences->pdata[i];

		g_string_append_printf(text, "%s%c%s %s", i > 0 ? "\n" : "",
				       " -+~"[difference->change], difference -> type,
				       difference -> object);
		if (difference->change == INVENTORY_CHANGE_CHANGED)
			g_string_append_printf(text, ": %s -> %s",
					       difference->expected ? difference->expected : "NULL",
					       difference->actual ? difference->actual : "NULL");
	}
	return g_string_free(text, FALSE);
}
