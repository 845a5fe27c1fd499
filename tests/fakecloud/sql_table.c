/* sql_table - paths of tables and what they mean: a table, a view, a name of WITH,
 * INFORMATION_SCHEMA, __TABLES__. See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

/** Most tables of one query (https://cloud.google.com/bigquery/quotas#query_jobs). */
#define TABLES_MAX 1000

/** What INFORMATION_SCHEMA.PARTITIONS reads at once (API-FACTS C.5). */
#define PARTITION_TABLES_MAX 1000

/* --- the path --- */

static void add_parts(struct sql *sql, GPtrArray *parts, const struct token *token)
{
	g_auto(GStrv) pieces = g_strsplit(token->text, ".", -1);

	for (size_t i = 0; pieces[i]; i++)
		g_ptr_array_add(parts, (char *)(uintptr_t)sql_keep(sql, g_strdup(pieces[i])));
}

/** Unquoted: "acme-prod" may have hyphens in its first part. */
static void add_word(struct sql *sql, GPtrArray *parts, const struct token *token)
{
	GString *word = g_string_new(token->text);

	while (parts->len == 0 && sql_is_sign(sql_peek(sql), "-")) {
		(void)sql_next(sql); /* "-" */
		g_string_append_printf(word, "-%s", sql_next(sql)->text);
	}
	g_ptr_array_add(parts, (char *)(uintptr_t)sql_keep(sql, g_string_free(word, FALSE)));
}

static void parse_path(struct sql *sql, GPtrArray *parts)
{
	do {
		const struct token *token = sql_next(sql);

		if (token->kind == TOKEN_QUOTED)
			add_parts(sql, parts, token);
		else if (token->kind == TOKEN_WORD && (parts->len > 0 || !sql_is_reserved(token)))
			add_word(sql, parts, token);
		else
			sql_unexpected(sql, token);
	} while (sql_take_sign(sql, "."));
}

/** "P" and "D" before the last @p used parts of the path. */
static void split_qualifier(struct sql *sql, const GPtrArray *parts, guint used,
			    const char **ret_project, const char **ret_dataset)
{
	g_auto(GStrv) pieces = NULL;
	const char *given = sql->context->default_dataset;

	*ret_project = sql->context->project;
	*ret_dataset = NULL;
	if (parts->len >= used + 2)
		*ret_project = parts->pdata[parts->len - used - 2];
	if (parts->len > used) {
		*ret_dataset = parts->pdata[parts->len - used - 1];
	} else if (given) {
		pieces = g_strsplit(given, ".", 2);
		*ret_dataset = sql_keep(sql, g_strdup(pieces[1] ? pieces[1] : pieces[0]));
		if (pieces[1])
			*ret_project = sql_keep(sql, g_strdup(pieces[0]));
	}
}

/* --- places --- */

/** The query runs where its first dataset is, unless it says where. */
static bool settle_location(struct sql *sql, const struct bq_dataset *dataset)
{
	struct sql_plan *plan = sql->plan;

	if (!plan->location)
		plan->location = g_strdup(dataset->location);
	if (g_ascii_strcasecmp(plan->location, dataset->location) == 0)
		return true;
	sql_fail_with(sql, 404, "notFound", "Not found: Dataset %s:%s was not found in location %s",
		      dataset->project, dataset->name, plan->location);
	return false;
}

static const struct bq_dataset *need_dataset(struct sql *sql, const char *project, const char *name)
{
	const struct bq_dataset *dataset = bq_find_dataset(sql->context->bq, project, name);

	if (!dataset)
		sql_fail_with(sql, 404, "notFound",
			      "Not found: Dataset %s:%s was not found in location %s", project,
			      name, sql->plan->location ? sql->plan->location : "US");
	else if (!settle_location(sql, dataset))
		dataset = NULL;
	return dataset;
}

/* --- what is read --- */

static bool add_once(GPtrArray *list, const void *item, GEqualFunc equal)
{
	if (g_ptr_array_find_with_equal_func(list, item, equal, NULL))
		return false;
	g_ptr_array_add(list, (void *)(uintptr_t)item);
	return true;
}

static struct sql_input *add_input(struct sql *sql)
{
	struct sql_input *input = g_new0(struct sql_input, 1);

	input->name = g_strdup_printf("t%u", sql->plan->inputs->len + 1);
	g_ptr_array_add(sql->plan->inputs, input);
	return input;
}

static const struct sql_input *table_input(struct sql *sql, const struct bq_table *table)
{
	const struct sql_plan *plan = sql->plan;
	struct sql_input *input = NULL;

	for (guint i = 0; i < plan->inputs->len; i++) {
		const struct sql_input *known = plan->inputs->pdata[i];

		if (known->rows == table->rows)
			return known;
	}
	input = add_input(sql);
	input->fields = table->fields;
	input->rows = json_object_get(table->rows);
	return input;
}

static struct rows input_rows(struct sql *sql, const struct sql_input *input)
{
	/* fields are only read: rows of inputs are shared with the table */
	return (struct rows){sql_keepf(sql, "SELECT * FROM %s", input->name),
			     (GPtrArray *)(uintptr_t)input->fields};
}

static struct rows nothing(struct sql *sql)
{
	struct bq_field *holder = bq_field_create("", BQ_TYPE_STRUCT);

	g_ptr_array_add(sql->plan->fields, holder);
	holder->fields = g_ptr_array_new_with_free_func(bq_field_free);
	return (struct rows){"SELECT NULL", holder->fields};
}

/* --- views and tables --- */

/** A view's own text; its errors are told without a position. */
static struct rows view_rows(struct sql *sql, const struct bq_table *table)
{
	struct sql inner = *sql;
	struct rows rows = nothing(sql);

	if (sql->depth > 20) {
		sql_fail_with(sql, 400, "invalidQuery", "Views are nested too deeply");
		return rows;
	}
	inner.scope = NULL;
	inner.at = 0;
	inner.inside_view = true;
	inner.ctes = g_ptr_array_new();
	if (sql_tokenise(&inner, table->view))
		rows = sql_parse_query(&inner);
	sql_tokens_free(inner.tokens);
	g_ptr_array_unref(inner.ctes);
	sql->next_source = inner.next_source;
	return rows;
}

static struct rows table_rows(struct sql *sql, struct source *source, struct bq_table *table)
{
	const char *denied = jsn_text(table->spec, "denied", NULL);

	if (denied) {
		sql_fail_with(sql, 403, "accessDenied",
			      "Access Denied: Table %s:%s.%s: User does not have permission to "
			      "query table "
			      "%s:%s.%s, or perhaps it does not exist.",
			      table->project, table->dataset, table->name, table->project,
			      table->dataset, table->name);
		return nothing(sql);
	}
	if (table->view)
		return view_rows(sql, table);
	source->table = table;
	if (add_once(sql->plan->tables, table, g_direct_equal) &&
	    sql->plan->tables->len > TABLES_MAX)
		sql_fail_with(sql, 400, "invalidQuery",
			      "Too many tables and views for query: Max: %d", TABLES_MAX);
	return input_rows(sql, table_input(sql, table));
}

static struct rows plain_table(struct sql *sql, struct source *source, const GPtrArray *parts)
{
	const char *project = NULL, *dataset = NULL, *name = parts->pdata[parts->len - 1];
	struct bq_table *table = NULL;

	split_qualifier(sql, parts, 1, &project, &dataset);
	if (!dataset) {
		sql_fail(sql, NULL,
			 "Table \"%s\" must be qualified with a dataset (e.g. dataset.table)",
			 name);
		return nothing(sql);
	}
	if (!need_dataset(sql, project, dataset))
		return nothing(sql);
	table = bq_find_table(sql->context->bq, project, dataset, name);
	if (table)
		return table_rows(sql, source, table);
	sql_fail_with(sql, 404, "notFound",
		      "Not found: Table %s:%s.%s was not found in location %s", project, dataset,
		      name, sql->plan->location);
	return nothing(sql);
}

/* --- metadata --- */

/** "region-eu" as a location: "EU"; NULL when it is no region. Borrowed. */
static const char *region_location(struct sql *sql, const char *dataset)
{
	if (!dataset || g_ascii_strncasecmp(dataset, "region-", 7) != 0)
		return NULL;
	if (strlen(dataset) == 9) /* us, eu */
		return sql_keep(sql, g_ascii_strup(dataset + 7, -1));
	return dataset + 7;
}

static bool check_region(struct sql *sql, const char *project, const char *location)
{
	if (!sql->plan->location)
		sql->plan->location = g_strdup(location);
	if (g_ascii_strcasecmp(sql->plan->location, location) == 0)
		return true;
	sql_fail_with(sql, 404, "notFound",
		      "Not found: Dataset %s:region-%s was not found in location %s", project,
		      location, sql->plan->location);
	return false;
}

/** How many tables a filter leaves is not known here: any filter will do. */
static void check_partition_count(struct sql *sql, const char *project, const char *name)
{
	const struct bq_dataset *dataset = bq_find_dataset(sql->context->bq, project, name);
	bool filtered = false;

	for (guint i = 0; sql_peek_at(sql, i)->kind != TOKEN_END; i++)
		filtered |= sql_is_word(sql_peek_at(sql, i), "WHERE");
	if (dataset && !filtered && g_tree_nnodes(dataset->tables) > PARTITION_TABLES_MAX)
		sql_fail_with(sql, 400, "invalidQuery",
			      "INFORMATION_SCHEMA.PARTITIONS query attempted to read too many "
			      "tables. Please "
			      "add more restrictive filters.");
}

static struct rows metadata_rows(struct sql *sql, const GPtrArray *parts, const char *view,
				 guint used)
{
	const char *project = NULL, *dataset = NULL, *location = NULL;
	struct sql_input *input = NULL;
	char *name = NULL;

	split_qualifier(sql, parts, used, &project, &dataset);
	if (g_str_equal(view, "SCHEMATA") && dataset && !region_location(sql, dataset)) {
		project = dataset; /* it is a project's, not a dataset's */
		dataset = NULL;
	}
	location = region_location(sql, dataset);
	if (location ? !check_region(sql, project, location)
		     : dataset && !need_dataset(sql, project, dataset))
		return nothing(sql);
	name = g_strdup_printf("%s:%s.%s%s", project, dataset ? dataset : "-",
			       used == 2 ? "INFORMATION_SCHEMA." : "", view);
	input = add_input(sql);
	if (!sql_view_rows(sql->context->bq, project, location ? NULL : dataset,
			   sql->plan->location ? sql->plan->location : "US", view, input)) {
		sql_fail_with(sql, 404, "notFound",
			      "Not found: Table %s was not found in location %s", name,
			      sql->plan->location ? sql->plan->location : "US");
		g_free(name);
		return nothing(sql);
	}
	if (g_str_equal(view, "PARTITIONS"))
		check_partition_count(sql, project, dataset);
	sql_keep(sql, name);
	(void)add_once(sql->plan->views, name, g_str_equal); /* kept either way */
	return input_rows(sql, input);
}

/* --- all of it --- */

static const struct cte *find_cte(const struct sql *sql, const char *name)
{
	for (guint i = sql->ctes->len; i > 0; i--) {
		const struct cte *cte = sql->ctes->pdata[i - 1];

		if (g_ascii_strcasecmp(cte->name, name) == 0)
			return cte;
	}
	return NULL;
}

struct rows sql_parse_table(struct sql *sql, struct source *source)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	const struct cte *cte = NULL;
	const char *last = NULL;

	parse_path(sql, parts);
	if (sql_failed(sql))
		return nothing(sql);
	last = parts->pdata[parts->len - 1];
	source->alias = last;
	cte = parts->len == 1 ? find_cte(sql, last) : NULL;
	if (cte) /* fields are only read */
		return (struct rows){cte->sql, (GPtrArray *)(uintptr_t)cte->fields};
	if (g_str_equal(last, "__TABLES__"))
		return metadata_rows(sql, parts, last, 1);
	if (parts->len >= 2 &&
	    g_ascii_strcasecmp(parts->pdata[parts->len - 2], "INFORMATION_SCHEMA") == 0)
		return metadata_rows(sql, parts, last, 2);
	return plain_table(sql, source, parts);
}
