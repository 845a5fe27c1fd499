/* tables_facts - see tables_facts.h */
#include "data/tables_facts.h"

#include <string.h>

static enum partition_unit unit_of(const char *type_or_null)
{
	static const struct {
		const char *type;
		enum partition_unit unit;
	} units[] = {
		{"HOUR", PARTITION_UNIT_HOUR},
		{"DAY", PARTITION_UNIT_DAY},
		{"MONTH", PARTITION_UNIT_MONTH},
		{"YEAR", PARTITION_UNIT_YEAR},
	};

	for (size_t i = 0; type_or_null && i < G_N_ELEMENTS(units); i++)
		if (strcmp(type_or_null, units[i].type) == 0)
			return units[i].unit;
	return PARTITION_UNIT_NONE;
}

struct table_facts *table_facts_create(const struct bigquery_table *table)
{
	struct table_facts *facts = g_new0(struct table_facts, 1);

	facts->type = g_strdup(table->type);
	facts->location = g_strdup(table->location);
	facts->loaded_wall_ms = MAX(table->modified_wall_ms, table->streaming_oldest_wall_ms);
	facts->rows = table->rows;
	facts->streaming = table->streaming;
	facts->unit = unit_of(table->partition_type);
	return facts;
}

void table_facts_free(struct table_facts *facts)
{
	if (!facts)
		return;
	g_free(facts->type);
	g_free(facts->location);
	g_free(facts);
}

bool table_facts_tell_loads(const char *type_or_null)
{
	static const char *const silent[] = {"VIEW", "MATERIALIZED_VIEW", "EXTERNAL", NULL};

	return !type_or_null || !g_strv_contains(silent, type_or_null);
}

static struct fault *broken(const struct config_table *config, const char *why)
{
	return fault_create(FAULT_BROKEN, 0, NULL, "check %s.%s.%s: %s", config->table_project,
			    config->dataset, config->table, why);
}

static struct fault *check_location(const struct config_table *config,
				    const struct bigquery_table *table)
{
	g_autofree char *why = NULL;

	if (!config->location || !table->location ||
	    g_ascii_strcasecmp(config->location, table->location) == 0)
		return NULL;
	why = g_strdup_printf("location = %s is wrong: it is in %s; leave location out",
			      config->location, table->location);
	return broken(config, why);
}

static struct fault *check_metadata(const struct config_table *config,
				    const struct bigquery_table *table)
{
	g_autofree char *why = NULL;

	if (!table_facts_tell_loads(table->type)) {
		why = g_strdup_printf("its type is %s, whose metadata does not say when its data "
				      "changed; use method = column",
				      table->type);
		return broken(config, why);
	}
	if (table->modified_wall_ms <= 0 && table->streaming_oldest_wall_ms <= 0)
		return broken(config, "BigQuery says no lastModifiedTime for it; use method = "
				      "column");
	return NULL;
}

static const struct bigquery_field *find_field(const struct bigquery_table *table, const char *name,
					       size_t length)
{
	for (guint i = 0; i < table->fields->len; i++) {
		const struct bigquery_field *field = table->fields->pdata[i];

		/* names of columns differ by more than case */
		if (strlen(field->name) == length &&
		    g_ascii_strncasecmp(field->name, name, length) == 0)
			return field;
	}
	return NULL;
}

/* The column, or a STRUCT that it is in, is an array: MAX() has no single value of it. */
static bool is_repeated(const struct bigquery_table *table, const char *name)
{
	size_t length = 0;

	for (;;) {
		const struct bigquery_field *field = NULL;

		length += strcspn(name + length, ".");
		field = find_field(table, name, length);
		if (field && field->repeated)
			return true;
		if (!name[length])
			return false;
		length++; /* the dot */
	}
}

/* Columns that no schema lists
 * (https://cloud.google.com/bigquery/docs/partitioned-tables#ingestion_time). */
static bool is_pseudo_column(const struct bigquery_table *table, const char *name)
{
	return table->partition_type && !table->partition_field &&
	       (g_ascii_strcasecmp(name, "_PARTITIONTIME") == 0 ||
		g_ascii_strcasecmp(name, "_PARTITIONDATE") == 0);
}

static struct fault *check_field(const struct config_table *config,
				 const struct bigquery_table *table)
{
	static const char *const times[] = {"TIMESTAMP", "DATETIME", "DATE", NULL};
	const char *name = config->loaded_at_field;
	const struct bigquery_field *field = find_field(table, name, strlen(name));
	g_autofree char *why = NULL;

	if (!field && is_pseudo_column(table, name))
		return NULL;
	if (!field)
		why = g_strdup_printf("there is no column %s; check loaded-at-field", name);
	else if (is_repeated(table, name))
		why = g_strdup_printf("column %s is repeated, which has no newest value; choose "
				      "another loaded-at-field",
				      name);
	else if (!g_strv_contains(times, field->type))
		why = g_strdup_printf("column %s is %s; loaded-at-field must be TIMESTAMP, "
				      "DATETIME or DATE",
				      name, field->type);
	return why ? broken(config, why) : NULL;
}

static struct fault *check_column(const struct config_table *config,
				  const struct bigquery_table *table)
{
	struct fault *fault = NULL;

	if (!config->loaded_at_field)
		return broken(config, "method = column needs loaded-at-field");
	fault = check_field(config, table);
	if (fault)
		return fault;
	if (table->partition_filter_required && !config->filter)
		return broken(config,
			      "it takes no query without a partition filter; set filter = a "
			      "condition on its partitioning column");
	return NULL;
}

static struct fault *check_partition(const struct config_table *config,
				     const struct bigquery_table *table)
{
	g_autofree char *why = NULL;

	if (unit_of(table->partition_type) != PARTITION_UNIT_NONE)
		return NULL;
	why = g_strdup_printf("it is %s%s, and method = partition needs partitions by hour, day, "
			      "month or year; use method = column",
			      table->partition_type ? "partitioned by " : "not partitioned",
			      table->partition_type ? table->partition_type : "");
	return broken(config, why);
}

struct fault *table_facts_check(const struct config_table *config,
				const struct bigquery_table *table)
{
	struct fault *fault = check_location(config, table);

	if (fault)
		return fault;
	switch (config->method) {
	case TABLE_METHOD_COLUMN:
		return check_column(config, table);
	case TABLE_METHOD_PARTITION:
		return check_partition(config, table);
	case TABLE_METHOD_METADATA:
	case TABLE_METHOD_NONE:
		break;
	}
	return check_metadata(config, table);
}

/* "Not found: Table PROJECT:DATASET.TABLE", and then no more of a name. The project may be written
 * otherwise (its number). */
bool table_facts_say_missing(const struct config_table *config, const char *message)
{
	static const char words[] = "Not found: Table ";
	g_autofree char *name = g_strdup_printf(":%s.%s", config->dataset, config->table);
	const char *at = strstr(message, words);
	const char *found = NULL;

	if (!at)
		return false;
	at += strlen(words);
	found = strstr(at, name);
	if (!found || strcspn(at, " ") < (size_t)(found - at))
		return false;
	found += strlen(name);
	return *found == '\0' || *found == ' ' || *found == ':' || *found == ';' || *found == ',';
}
