/* resolve_data - what the keys of tables, completion documents, inventories, assertions and backups
 * mean together. */
#include "config/resolve_target.h"

#include "config/slurp.h"
#include "drift_error.h"
#include "postgres/pg.h"

#include <string.h>

/* What BigQuery bills at least for each table that a query names. */
#define BYTES_BILLED_MIN ((int64_t)10 * 1024 * 1024)

static void resolve_table_name(struct build *build, struct config_table *table)
{
	const struct setting *setting = settings_find(build->kind, "table");

	if (build_is_given(build, "table"))
		return;
	if (!value_parse(&build->loader->context, setting, table->target.name, table, NULL)) {
		build_refuse(build, NULL,
			     "table is missing: the section's name is not DATASET.TABLE or "
			     "PROJECT.DATASET.TABLE");
		return;
	}
	g_clear_pointer(&table->table_given, g_free);
}

static void check_ages(struct build *build, const struct config_table *table)
{
	bool is_watched = table->warn_after_ms || table->error_after_ms || table->min_rows ||
			  table->volume_pct || build_is_given(build, "expected");

	if (table->warn_after_ms && table->error_after_ms &&
	    table->error_after_ms <= table->warn_after_ms)
		build_refuse(build, "error-after", "must be longer than warn-after");
	if (!is_watched)
		build_warn(build, NULL,
			   "without warn-after, error-after, expected, min-rows or volume only a "
			   "table that is missing or empty is drift");
}

/* A cap that no query can keep. */
static void check_cap(struct build *build, int64_t max_bytes)
{
	if (max_bytes > 0 && max_bytes < BYTES_BILLED_MIN &&
	    build_is_given(build, "max-bytes-billed"))
		build_warn(build, "max-bytes-billed",
			   "BigQuery bills at least 10MiB for each table of a query: every look "
			   "would fail");
}

void resolve_table(struct build *build)
{
	struct config_table *table = build->object;

	table->target.billed = table->method != TABLE_METHOD_METADATA || table->active_when;
	(void)resolve_target_times(build, &table->target); /* warned */
	resolve_table_name(build, table);
	resolve_target_keys(build);
	(void)resolve_target_google(build, &table->gcp, &table->project); /* reported */
	resolve_target_location(build, table->location_given, table->region, &table->location);
	resolve_target_schedule(build, &table->expected, table->grace_ms, table->holidays);
	resolve_target_sql(build, "filter", SQL_DIALECT_BIGQUERY, SQL_FORM_CONDITION,
			   table->filter);
	resolve_target_sql(build, "active-when", SQL_DIALECT_BIGQUERY, SQL_FORM_SELECT,
			   table->active_when);
	check_ages(build, table);
	check_cap(build, table->max_bytes_billed);
	if (!table->table_project && table->project)
		table->table_project = g_strdup(table->project);
	if (table->method == TABLE_METHOD_COLUMN && !build_is_given(build, "loaded-at-field"))
		build_refuse(build, NULL, "loaded-at-field is missing: method = column needs it");
	if (table->max_bytes_billed && !table->target.billed &&
	    build_is_given(build, "max-bytes-billed"))
		build_warn(build, "max-bytes-billed", "has no effect: method = metadata is free");
}

static void resolve_date_zone(struct build *build, struct config_completion *completion)
{
	bool is_dated = !completion->document || strstr(completion->document, "{date}");

	if (!completion->date_zone)
		completion->date_zone =
			g_strdup(completion->expected ? schedule_zone(completion->expected)
						      : build->loader->context.timezone);
	completion->date_zone_held = g_time_zone_new_identifier(completion->date_zone);
	if (!is_dated && completion->date_offset_days != 0)
		build_warn(build, "date-offset", "has no effect: there is no {date} in document");
}

static bool is_expected_key(const struct config_completion *completion, const char *key)
{
	for (size_t i = 0; i < completion->expect_count; i++)
		if (strcmp(completion->expects[i].key, key) == 0)
			return true;
	return false;
}

static void check_completion_keys(struct build *build, const struct config_completion *completion)
{
	for (size_t i = 0; i < completion->expect_count; i++)
		if (completion->expects[i].mode && !build_is_given(build, "mode-field")) {
			build_refuse(build, NULL,
				     "mode-field is missing: expect = %s: %s names a mode",
				     completion->expects[i].mode, completion->expects[i].key);
			break;
		}
	for (size_t i = 0; i < completion->evidence_count; i++)
		if (!is_expected_key(completion, completion->evidence[i].key) &&
		    !build_is_refused(build, "expect"))
			build_refuse(build, "evidence", "no expect names the key %s",
				     completion->evidence[i].key);
}

void resolve_completion(struct build *build)
{
	struct config_completion *completion = build->object;

	completion->target.billed = completion->active_when != NULL;
	(void)resolve_target_times(build, &completion->target);                     /* warned */
	(void)resolve_target_google(build, &completion->gcp, &completion->project); /* reported */
	resolve_target_schedule(build, &completion->expected, completion->grace_ms,
				completion->holidays);
	resolve_target_sql(build, "active-when", SQL_DIALECT_BIGQUERY, SQL_FORM_SELECT,
			   completion->active_when);
	resolve_date_zone(build, completion);
	check_completion_keys(build, completion);
	if (completion->location && !build_is_given(build, "active-when"))
		build_warn(build, "location", "has no effect without active-when");
}

/* What each of the two sources needs. */
static void check_dsn(struct build *build, enum config_data_source source, const char *dsn)
{
	g_autoptr(GError) error = NULL;

	if (source != CONFIG_DATA_SOURCE_POSTGRESQL)
		return;
	if (!build_is_given(build, "dsn"))
		build_refuse(build, NULL, "dsn is missing: source = postgresql needs it");
	else if (dsn && strcmp(dsn, VALUE_SECRET) == 0) /* what is printed must read back */
		build_warn(build, "dsn",
			   VALUE_SECRET " is what driftd config prints in place of it: every look "
					"would fail");
	else if (dsn && !pg_check_dsn(dsn, &error))
		build_refuse(build, "dsn", "%s", error->message);
}

void resolve_inventory(struct build *build)
{
	struct config_inventory *inventory = build->object;
	bool is_bigquery = inventory->source == CONFIG_DATA_SOURCE_BIGQUERY;

	inventory->target.billed = is_bigquery;
	(void)resolve_target_times(build, &inventory->target); /* warned */
	resolve_target_keys(build);
	check_dsn(build, inventory->source, inventory->dsn);
	if (!is_bigquery)
		return;
	(void)resolve_target_google(build, &inventory->gcp, &inventory->project); /* reported */
	resolve_target_location(build, inventory->location_given, inventory->region,
				&inventory->location);
	if (!build_is_given(build, "dataset"))
		build_refuse(build, NULL, "dataset is missing: source = bigquery needs it");
}

/* What is in a sql-file, as text. Caller frees. */
static char *read_text(const char *path, GError **error)
{
	struct slurp file = {0};
	char *text = NULL;

	if (slurp_file(path, CONFIG_SQL_MAX_BYTES, &file, error)) {
		if (file.length == 0 || g_utf8_validate(file.bytes, (gssize)file.length, NULL))
			text = g_strdup(file.bytes ? file.bytes : "");
		else
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "the file is not UTF-8 text");
	}
	slurp_done(&file);
	return text;
}

/* The statement in a sql-file. Caller frees; NULL: reported. */
static char *read_sql(struct build *build, const char *path, enum sql_dialect dialect)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = read_text(path, &error);
	size_t length = 0;

	if (text && sql_check(text, dialect, SQL_FORM_STATEMENT, &length, &error))
		return g_strndup(text, length);
	build_refuse(build, "sql-file", "%s", error->message);
	return NULL;
}

static void resolve_sql(struct build *build, struct config_assert *assertion)
{
	enum sql_dialect dialect = assertion->source == CONFIG_DATA_SOURCE_BIGQUERY
					   ? SQL_DIALECT_BIGQUERY
					   : SQL_DIALECT_POSTGRESQL;

	resolve_target_sql(build, "active-when", dialect, SQL_FORM_SELECT, assertion->active_when);
	if (assertion->sql_file && !build->loader->context.without_secrets)
		assertion->sql = read_sql(build, assertion->sql_file, dialect);
}

void resolve_assert(struct build *build)
{
	struct config_assert *assertion = build->object;

	assertion->target.billed = assertion->source == CONFIG_DATA_SOURCE_BIGQUERY;
	(void)resolve_target_times(build, &assertion->target); /* warned */
	if (assertion->warn.text && assertion->expect.text &&
	    assertion->warn.subject != assertion->expect.subject)
		build_refuse(build, "warn", "must be about the same as expect: rows or value");
	if (assertion->source == CONFIG_DATA_SOURCE_NONE)
		return; /* reported already */
	resolve_target_keys(build);
	resolve_sql(build, assertion);
	check_dsn(build, assertion->source, assertion->dsn);
	if (assertion->source != CONFIG_DATA_SOURCE_BIGQUERY)
		return;
	(void)resolve_target_google(build, &assertion->gcp, &assertion->project); /* reported */
	resolve_target_location(build, assertion->location_given, assertion->region,
				&assertion->location);
	check_cap(build, assertion->max_bytes_billed);
}

void resolve_backup(struct build *build)
{
	struct config_backup *backup = build->object;

	(void)resolve_target_times(build, &backup->target);                 /* warned */
	(void)resolve_target_google(build, &backup->gcp, &backup->project); /* reported */
	if (!backup->prefix)
		backup->prefix = g_strdup("");
	if (backup->retention_ms && backup->max_age_ms &&
	    backup->retention_ms <= backup->max_age_ms)
		build_refuse(build, "retention", "must be longer than max-age");
}
