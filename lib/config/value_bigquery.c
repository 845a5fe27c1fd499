/* value_bigquery - places and names of BigQuery. What passes here can stand between backticks.
 * https://cloud.google.com/bigquery/docs/tables#table_naming */
#include "config/value_types.h"

#include "config/config.h"

#include <string.h>

/* BigQuery's own limits. */
#define NAME_MAX_BYTES 1024
#define COLUMN_MAX_BYTES 300

bool value_parse_location(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	(void)context;
	if (!value_is_of(text, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "-", 63) ||
	    !g_ascii_isalpha(*text))
		return value_refuse(error, "a location is US, EU or a region like us-west2");
	return value_keep_text(setting, text, object);
}

static bool is_dataset(const char *text)
{
	return value_is_of(text, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "_", NAME_MAX_BYTES);
}

/* Letters, marks, digits, connectors, dashes and spaces of any script. */
static bool is_table_character(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return g_unichar_isalnum(c) || g_unichar_ismark(c) || c == ' ' ||
	       type == G_UNICODE_CONNECT_PUNCTUATION || type == G_UNICODE_DASH_PUNCTUATION;
}

static bool is_table(const char *text)
{
	if (*text == '\0' || strlen(text) > NAME_MAX_BYTES)
		return false;
	for (const char *at = text; *at; at = g_utf8_find_next_char(at, NULL))
		if (!is_table_character(g_utf8_get_char(at)))
			return false;
	return true;
}

/* Cut "[PROJECT.]DATASET" at its last dot. */
static bool split_dataset(const char *text, char **ret_project, char **ret_dataset)
{
	const char *dot = strrchr(text, '.');
	g_autofree char *project = dot ? g_strndup(text, (size_t)(dot - text)) : NULL;

	if (!is_dataset(dot ? dot + 1 : text) || (project && !value_is_project(project)))
		return false;
	*ret_dataset = g_strdup(dot ? dot + 1 : text);
	*ret_project = g_steal_pointer(&project);
	return true;
}

bool value_parse_table(const struct value_context *context, const struct setting *setting,
		       const char *text, void *object, GError **error)
{
	struct config_table *table = object;
	const char *dot = strrchr(text, '.');
	g_autofree char *dataset = dot ? g_strndup(text, (size_t)(dot - text)) : NULL;

	(void)context;
	if (strchr(text, '*') || strchr(text, '$'))
		return value_refuse(error, "one whole table is needed: no * and no $PARTITION");
	if (!dataset || !is_table(dot + 1))
		return value_refuse(error, "write DATASET.TABLE or PROJECT.DATASET.TABLE");
	value_clear_table(setting, object);
	if (!split_dataset(dataset, &table->table_project, &table->dataset))
		return value_refuse(error,
				    "write DATASET.TABLE or PROJECT.DATASET.TABLE: a dataset is "
				    "letters, digits and '_', a project id lower-case letters, "
				    "digits and '-'");
	table->table = g_strdup(dot + 1);
	table->table_given = g_strdup(text);
	return true;
}

/* Without the key it is the section's name. */
void value_print_table(const char *zone, const struct setting *setting, const void *object,
		       GPtrArray *ret_texts)
{
	const struct config_table *table = object;

	(void)zone;
	(void)setting;
	g_ptr_array_add(ret_texts,
			g_strdup(table->table_given ? table->table_given : table->target.name));
}

void value_clear_table(const struct setting *setting, void *object)
{
	struct config_table *table = object;

	(void)setting;
	g_clear_pointer(&table->table_given, g_free);
	g_clear_pointer(&table->table_project, g_free);
	g_clear_pointer(&table->dataset, g_free);
	g_clear_pointer(&table->table, g_free);
}

bool value_parse_dataset(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	g_autofree char *project = NULL;
	g_autofree char *dataset = NULL;

	(void)context;
	if (!split_dataset(text, &project, &dataset))
		return value_refuse(error,
				    "write DATASET or PROJECT.DATASET: a dataset is letters, "
				    "digits and '_', a project id lower-case letters, digits "
				    "and '-'");
	value_append(setting, object, text);
	return true;
}

bool value_parse_column(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	(void)context;
	if (!value_is_of(text, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "_", COLUMN_MAX_BYTES) ||
	    g_ascii_isdigit(*text))
		return value_refuse(error, "the name of one column is needed: letters, digits and "
					   "'_', no digit first");
	return value_keep_text(setting, text, object);
}
