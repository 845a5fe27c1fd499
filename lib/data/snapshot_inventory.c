/* snapshot_inventory - see snapshot_inventory.h. A collection of one target, which has nothing to
 * be compared with. */
#include "data/snapshot_inventory.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clk.h"
#include "data/inventory.h"
#include "data/run.h"
#include "drift_error.h"
#include "source/gcp_access.h"

/* A snapshot under way, and all that it needs. */
struct snapshot {
	const struct config_inventory *config;
	struct inventory *inventory; /* what exists; NULL: not read */
	struct fault *fault;
	bool ended;
	int woken; /* eventfd: the pool has something */
	struct http_client *client;
	struct pg_pool *pool;
	GPtrArray *access;
	struct budget *budget;
	struct data_memory memory; /* of other kinds of target: stays empty */
};

static void wake(void *data)
{
	const struct snapshot *snapshot = data;

	(void)eventfd_write(snapshot->woken, 1); /* fails when it is full: it is awake already */
}

static bool open_all(struct snapshot *snapshot, struct config *config, GError **error)
{
	snapshot->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (snapshot->woken < 0) {
		drift_error_set_errno(error, errno, "make", "an eventfd");
		return false;
	}
	snapshot->client = http_client_create(config->driftd.max_parallel_requests, error);
	if (!snapshot->client)
		return false;
	snapshot->pool = pg_pool_create(wake, snapshot);
	snapshot->access = gcp_access_list(snapshot->client, config, NULL);
	snapshot->budget = budget_create();
	budget_set_config(snapshot->budget, config);
	return true;
}

/* First what may call back, then what is called. */
static void close_all(struct snapshot *snapshot)
{
	if (snapshot->client)
		http_client_cancel_all(snapshot->client);
	pg_pool_free(snapshot->pool);
	g_clear_pointer(&snapshot->access, g_ptr_array_unref);
	http_client_free(snapshot->client);
	budget_free(snapshot->budget);
	if (snapshot->woken >= 0)
		(void)close(snapshot->woken); /* an eventfd */
	inventory_free(snapshot->inventory);
	fault_unref(snapshot->fault);
}

static void on_end(void *data, GPtrArray *observations)
{
	struct snapshot *snapshot = data;
	const struct observation *observation = observations->pdata[0];

	snapshot->fault = fault_ref(observation->fault);
	snapshot->ended = true;
	g_ptr_array_unref(observations);
}

static void collect(struct snapshot *snapshot, const struct config *config)
{
	const struct data_run_input input = {
		.client = snapshot->client,
		.postgres = snapshot->pool,
		.config = config,
		.access = snapshot->access,
		.budget = snapshot->budget,
		.memory = &snapshot->memory,
		.timeout_ms = config->driftd.request_timeout_ms,
		.deadline_mono_ms = clk_mono_ms() + config->driftd.cycle_timeout_ms,
		.ret_inventory = &snapshot->inventory,
	};
	g_autoptr(GPtrArray) targets = g_ptr_array_new();
	eventfd_t rings = 0;

	g_ptr_array_add(targets, (gpointer)(uintptr_t)&snapshot->config->target); /* only read */
	data_run_start(data_run_create(&input, targets), on_end, snapshot);
	while (!snapshot->ended) {
		http_client_poll(snapshot->client, MS_PER_S, snapshot->woken);
		(void)eventfd_read(snapshot->woken, &rings); /* whether it rang does not matter */
		pg_pool_poll(snapshot->pool);
	}
}

static int code_of(const struct fault *fault)
{
	switch (fault->class) {
	case FAULT_DENIED:
	case FAULT_CREDENTIALS:
		return DRIFT_ERROR_DENIED;
	case FAULT_NOT_FOUND:
		return DRIFT_ERROR_NOT_FOUND;
	case FAULT_TIMEOUT:
		return DRIFT_ERROR_TIMEOUT;
	case FAULT_TOO_LARGE:
		return DRIFT_ERROR_TOO_LARGE;
	case FAULT_BROKEN:
	case FAULT_DISABLED:
	case FAULT_HTTP_4XX:
		return DRIFT_ERROR_INVALID;
	case FAULT_NONE:
	case FAULT_HTTP_5XX:
	case FAULT_RESET:
	case FAULT_RESOLVE:
	case FAULT_TLS:
	case FAULT_BAD_ANSWER:
	case FAULT_REDIRECT:
	case FAULT_QUOTA:
	case FAULT_CANCELLED:
	case FAULT_OVER_BUDGET:
		break;
	}
	return DRIFT_ERROR_UNAVAILABLE;
}

/* What is named in the configuration and is not there would be expected by nobody. */
static bool has_all(const struct snapshot *snapshot, GError **error)
{
	const struct config_inventory *config = snapshot->config;
	bool is_postgres = config->source == CONFIG_DATA_SOURCE_POSTGRESQL;
	const char *type = is_postgres ? "schema" : "dataset";

	for (char **name = is_postgres ? config->schemas : config->datasets; name && *name;
	     name++) {
		if (inventory_has_named(snapshot->inventory, type, *name))
			continue;
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "%s: %s %s does not exist: correct the configuration, or make it first",
			    config->target.id, type, *name);
		return false;
	}
	return true;
}

static char *write_text(const struct snapshot *snapshot, GError **error)
{
	if (snapshot->fault) {
		g_set_error_literal(error, DRIFT_ERROR, code_of(snapshot->fault),
				    snapshot->fault->message);
		return NULL;
	}
	if (!has_all(snapshot, error))
		return NULL;
	return inventory_write(snapshot->inventory, snapshot->config->target.id,
			       snapshot->config->ignores);
}

char *snapshot_inventory(struct config *config, const struct config_inventory *inventory,
			 GError **error)
{
	struct snapshot snapshot = {.config = inventory, .woken = -1};
	char *text = NULL;

	if (open_all(&snapshot, config, error)) {
		collect(&snapshot, config);
		text = write_text(&snapshot, error);
	}
	close_all(&snapshot);
	return text;
}
