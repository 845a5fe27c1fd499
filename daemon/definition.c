/* definition - what a target's verdicts rest on, as a digest; see engine_private.h. */
#include "daemon/engine_private.h"

#include "config/slurp.h"
#include "data/inventory.h"

static void add_strings(GString *text, char *const *strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		g_string_append_printf(text, "|%s", strings[i]);
	g_string_append_c(text, '\n');
}

static void add_expectations(GString *text, const struct config_service *service)
{
	for (size_t i = 0; i < service->expect_count; i++)
		g_string_append_printf(text, "|%s=%s", service->expects[i].name,
				       service->expects[i].value);
	for (size_t i = 0; i < service->expect_from_count; i++)
		g_string_append_printf(text, "|%s %s/%s#%s", service->expects_from[i].name,
				       service->expects_from[i].bucket,
				       service->expects_from[i].object,
				       service->expects_from[i].pointer);
	for (size_t i = 0; i < service->probe_expect_count; i++)
		g_string_append_printf(text, "|%s=%s", service->probe_expects[i].pointer,
				       service->probe_expects[i].value);
}

static void add_field(GString *text, const char *field)
{
	g_string_append_printf(text, "|%s", field ? field : "");
}

static void add_number(GString *text, int64_t number)
{
	g_string_append_printf(text, "|%" PRId64, number);
}

static void add_gcp(GString *text, const struct config_gcp *gcp)
{
	if (!gcp)
		return;
	add_field(text, gcp->name);
	add_field(text, gcp->run_endpoint);
	add_field(text, gcp->functions_endpoint);
	add_field(text, gcp->bigquery_endpoint);
	add_field(text, gcp->firestore_endpoint);
	add_field(text, gcp->storage_endpoint);
}

static void add_schedule(GString *text, const struct schedule *schedule, int64_t grace_ms)
{
	g_autofree char *description = schedule ? schedule_describe(schedule) : NULL;

	add_field(text, description);
	add_number(text, grace_ms);
}

/* By a digest that nobody can guess backwards: the whole goes into the database. */
static void add_secret(GString *text, const char *secret, const char *key)
{
	g_autofree char *digest = NULL;

	if (secret)
		digest = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)key,
						   STORE_HASH_KEY_BYTES, secret, -1);
	add_field(text, digest);
}

/* One that is not there, or cannot be read, is told when it is looked at. */
static void add_file(GString *text, const char *path)
{
	g_autoptr(GError) unread = NULL;
	g_autofree char *digest = NULL;
	struct slurp slurp = {0};

	add_field(text, path);
	if (!slurp_file(path, INVENTORY_FILE_MAX_BYTES, &slurp, &unread))
		return;
	digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)slurp.bytes,
					     slurp.length);
	slurp_done(&slurp);
	add_field(text, digest);
}

static void define_service(GString *text, const struct config_service *service)
{
	const char *const fields[] = {
		service->project,        service->region,
		service->service,        service->url,
		service->commit_pointer, service->probe_url,
		service->repo->url,      service->repo->branch,
		service->pin.commit,     service->traffic_latest ? "latest" : "any",
	};

	add_number(text, service->source);
	add_gcp(text, service->gcp);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		add_field(text, fields[i]);
	add_strings(text, service->paths);
	add_strings(text, service->commit_from);
	add_strings(text, service->require_env);
	add_strings(text, service->forbid_env);
	add_expectations(text, service);
}

static void define_table(GString *text, const struct config_table *table)
{
	const char *const fields[] = {
		table->project, table->location,        table->table_project, table->dataset,
		table->table,   table->loaded_at_field, table->filter,        table->active_when,
	};
	const int64_t numbers[] = {
		table->method,   table->warn_after_ms, table->error_after_ms,
		table->min_rows, table->volume_pct,    table->max_bytes_billed,
	};

	add_gcp(text, table->gcp);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		add_field(text, fields[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		add_number(text, numbers[i]);
	add_schedule(text, table->expected, table->grace_ms);
}

static void define_completion(GString *text, const struct config_completion *completion)
{
	const char *const fields[] = {
		completion->project,    completion->document,   completion->date_zone,
		completion->mode_field, completion->done_field, completion->active_when,
		completion->location,
	};

	add_gcp(text, completion->gcp);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		add_field(text, fields[i]);
	add_number(text, completion->date_offset_days);
	add_strings(text, completion->done_values);
	for (size_t i = 0; i < completion->expect_count; i++) {
		add_field(text, completion->expects[i].mode);
		add_field(text, completion->expects[i].key);
	}
	for (size_t i = 0; i < completion->evidence_count; i++) {
		add_field(text, completion->evidence[i].key);
		add_field(text, completion->evidence[i].table_id);
	}
	add_schedule(text, completion->expected, completion->grace_ms);
}

static void define_inventory(GString *text, const struct config_inventory *inventory,
			     const char *key)
{
	add_number(text, inventory->source);
	add_gcp(text, inventory->gcp);
	add_field(text, inventory->project);
	add_field(text, inventory->location);
	add_secret(text, inventory->dsn, key);
	add_file(text, inventory->expect_file);
	add_strings(text, inventory->datasets);
	add_strings(text, inventory->schemas);
	add_strings(text, inventory->ignores);
	add_number(text, inventory->report_unexpected);
}

static void define_assert(GString *text, const struct config_assert *assertion, const char *key)
{
	add_number(text, assertion->source);
	add_gcp(text, assertion->gcp);
	add_field(text, assertion->project);
	add_field(text, assertion->location);
	add_field(text, assertion->sql);
	add_secret(text, assertion->dsn, key);
	add_field(text, assertion->active_when);
	add_field(text, assertion->expect.text);
	add_field(text, assertion->warn.text);
	add_number(text, assertion->show_rows);
	add_number(text, assertion->max_bytes_billed);
}

static void define_backup(GString *text, const struct config_backup *backup)
{
	add_gcp(text, backup->gcp);
	add_field(text, backup->bucket);
	add_field(text, backup->prefix);
	add_field(text, backup->folder_format);
	add_field(text, backup->metadata);
	add_strings(text, backup->files);
	add_number(text, backup->max_age_ms);
	add_number(text, backup->retention_ms);
}

char *definition_of(const struct config_target *target, const char *key)
{
	g_autoptr(GString) text = g_string_new(NULL);

	switch (target->kind) {
	case TARGET_KIND_SERVICE:
		define_service(text, config_to_service(target));
		break;
	case TARGET_KIND_TABLE:
		define_table(text, config_to_table(target));
		break;
	case TARGET_KIND_COMPLETION:
		define_completion(text, config_to_completion(target));
		break;
	case TARGET_KIND_INVENTORY:
		define_inventory(text, config_to_inventory(target), key);
		break;
	case TARGET_KIND_ASSERT:
		define_assert(text, config_to_assert(target), key);
		break;
	case TARGET_KIND_BACKUP:
		define_backup(text, config_to_backup(target));
		break;
	case TARGET_KIND_NONE:
	case TARGET_KIND_COUNT:
		break;
	}
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}
