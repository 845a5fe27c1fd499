/* bigquery_sql - names and texts inside SQL
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical); see bigquery.h */
#include "google/bigquery.h"

#include <string.h>

/** Longest name of a column or table, in bytes: 300 and 1,024 characters. */
#define COLUMN_MAX_BYTES 1200
#define NAME_MAX_BYTES 4096

#define SCHEMA_VIEWS "INFORMATION_SCHEMA."

/* Inside backticks the escapes of strings apply: what would need one is no name of BigQuery's. */
static bool can_be_quoted(const char *name, size_t length, size_t max_bytes)
{
	if (length == 0 || length > max_bytes || !g_utf8_validate(name, (gssize)length, NULL))
		return false;
	for (size_t i = 0; i < length; i++)
		if (g_ascii_iscntrl(name[i]) || strchr("`\\*$", name[i]))
			return false;
	return true;
}

static bool is_part(const char *name)
{
	return can_be_quoted(name, strlen(name), NAME_MAX_BYTES) && !strchr(name, '.');
}

char *bigquery_quote_table(const char *project, const char *dataset, const char *table)
{
	const char *view =
		g_str_has_prefix(table, SCHEMA_VIEWS) ? table + strlen(SCHEMA_VIEWS) : table;

	/* a project of a domain has a dot: "example.com:project" */
	if (!can_be_quoted(project, strlen(project), NAME_MAX_BYTES) || !is_part(dataset) ||
	    !is_part(view))
		return NULL;
	return g_strdup_printf("`%s.%s.%s`", project, dataset, table);
}

char *bigquery_quote_column(const char *name)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) parts = g_strsplit(name, ".", -1);
	bool ok = parts[0] != NULL;

	for (guint i = 0; ok && parts[i]; i++) {
		ok = can_be_quoted(parts[i], strlen(parts[i]), COLUMN_MAX_BYTES);
		g_string_append_printf(out, "%s`%s`", i > 0 ? "." : "", parts[i]);
	}
	if (ok)
		return g_string_free(out, FALSE);
	(void)g_string_free(out, TRUE); /* gives NULL */
	return NULL;
}

char *bigquery_quote_text(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_new("'");

	for (const char *at = valid; *at; at++) {
		if (*at == '\n')
			g_string_append(out, "\\n");
		else if (g_ascii_iscntrl(*at))
			g_string_append_printf(out, "\\x%02x", (unsigned)(unsigned char)*at);
		else if (*at == '\'' || *at == '\\')
			g_string_append_printf(out, "\\%c", *at);
		else
			g_string_append_c(out, *at);
	}
	g_string_append_c(out, '\'');
	return g_string_free(out, FALSE);
}

const char *bigquery_type_text(const char *name)
{
	static const char *const names[][2] = {
		{"INTEGER", "INT64"}, {"FLOAT", "FLOAT64"},   {"BOOLEAN", "BOOL"},
		{"RECORD", "STRUCT"}, {"DECIMAL", "NUMERIC"}, {"BIGDECIMAL", "BIGNUMERIC"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i][0]) == 0)
			return names[i][1];
	return name;
}
