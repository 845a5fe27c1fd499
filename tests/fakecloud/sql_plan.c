/* sql_plan - from the text of a query to what SQLite runs, and what it costs. See sql.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

/** Longest query (https://cloud.google.com/bigquery/quotas#query_jobs). */
#define TEXT_MAX_BYTES ((size_t)1024 * 1000)

#define MIB ((int64_t)1024 * 1024)

/** What is billed at least for each table that a query names (API-FACTS C.6). */
#define BILLED_MIN (10 * MIB)

static void input_free(void *data)
{
	struct sql_input *input = data;

	g_free(input->name);
	json_object_put(input->rows);
	g_free(input);
}

static struct sql_plan *plan_alloc(void)
{
	struct sql_plan *plan = g_new0(struct sql_plan, 1);

	plan->inputs = g_ptr_array_new_with_free_func(input_free);
	plan->tables = g_ptr_array_new();
	plan->views = g_ptr_array_new();
	plan->texts = g_ptr_array_new_with_free_func(g_free);
	plan->fields = g_ptr_array_new_with_free_func(bq_field_free);
	return plan;
}

void sql_plan_free(struct sql_plan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->inputs);
	g_ptr_array_unref(plan->tables);
	g_ptr_array_unref(plan->views);
	g_ptr_array_unref(plan->texts);
	g_ptr_array_unref(plan->fields);
	g_free(plan->sqlite);
	g_free(plan->location);
	g_free(plan->reason);
	g_free(plan->message);
	g_free(plan);
}

/* --- which statement --- */

/** More than one statement? A ';' at the end ends the only one. */
static bool is_script(const struct sql *sql)
{
	for (guint i = 0; i + 2 < sql->tokens->len; i++) {
		if (sql_is_sign(&g_array_index(sql->tokens, struct token, i), ";"))
			return true;
	}
	return sql_is_word(sql_peek(sql), "DECLARE") || sql_is_word(sql_peek(sql), "BEGIN");
}

/** Is one of the first words of the statement @p word? "CREATE OR REPLACE TABLE" has three
 * before. */
static bool has_word(const struct sql *sql, const char *word, guint within)
{
	for (guint i = 1; i < within && sql_peek_at(sql, i)->kind != TOKEN_END; i++) {
		if (sql_is_word(sql_peek_at(sql, i), word))
			return true;
	}
	return false;
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2.FIELDS.statement_type
 * ; NULL: no statement. */
static const char *write_type(const struct sql *sql)
{
	static const struct {
		const char *verb, *thing; /* NULL: any */
		const char *type;
	} types[] = {
		{"INSERT", NULL, "INSERT"},
		{"UPDATE", NULL, "UPDATE"},
		{"DELETE", NULL, "DELETE"},
		{"MERGE", NULL, "MERGE"},
		{"CALL", NULL, "CALL"},
		{"EXPORT", NULL, "EXPORT_DATA"},
		{"TRUNCATE", "TABLE", "TRUNCATE_TABLE"},
		{"CREATE", "TABLE", "CREATE_TABLE"},
		{"CREATE", "VIEW", "CREATE_VIEW"},
		{"CREATE", "SCHEMA", "CREATE_SCHEMA"},
		{"CREATE", "FUNCTION", "CREATE_FUNCTION"},
		{"CREATE", "PROCEDURE", "CREATE_PROCEDURE"},
		{"DROP", "TABLE", "DROP_TABLE"},
		{"DROP", "VIEW", "DROP_VIEW"},
		{"DROP", "SCHEMA", "DROP_SCHEMA"},
		{"DROP", "FUNCTION", "DROP_FUNCTION"},
		{"DROP", "PROCEDURE", "DROP_PROCEDURE"},
		{"ALTER", "TABLE", "ALTER_TABLE"},
		{"ALTER", "VIEW", "ALTER_VIEW"},
		{"ALTER", "SCHEMA", "ALTER_SCHEMA"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (!sql_is_word(sql_peek(sql), types[i].verb) ||
		    (types[i].thing && !has_word(sql, types[i].thing, 5)))
			continue;
		if (g_str_equal(types[i].type, "CREATE_TABLE") &&
		    has_word(sql, "SELECT", G_MAXUINT))
			return "CREATE_TABLE_AS_SELECT";
		return types[i].type;
	}
	return NULL;
}

static void read_select(struct sql *sql)
{
	struct rows rows = sql_parse_query(sql);

	(void)sql_take_sign(sql, ";"); /* may be there */
	if (!sql_failed(sql) && sql_peek(sql)->kind != TOKEN_END) {
		const struct token *token = sql_peek(sql);

		sql_fail(sql, token, "Syntax error: Expected end of input but got %s%s",
			 sql_is_reserved(token) ? "keyword " : "", token->text);
	}
	if (sql_failed(sql))
		return;
	sql->plan->sqlite = g_strdup(rows.sql);
	sql->plan->columns = rows.fields;
}

static void read_statement(struct sql *sql)
{
	const struct token *first = sql_peek(sql);
	const char *type = NULL;

	if (is_script(sql)) {
		sql->plan->statement_type = "SCRIPT";
		return;
	}
	if (sql_is_word(first, "SELECT") || sql_is_word(first, "WITH") || sql_is_sign(first, "(")) {
		sql->plan->statement_type = "SELECT";
		read_select(sql);
		return;
	}
	type = write_type(sql);
	if (type)
		sql->plan->statement_type = type;
	else
		sql_unexpected(sql, first);
}

struct sql_plan *sql_plan_create(const struct sql_context *context, const char *text)
{
	struct sql_plan *plan = plan_alloc();
	struct sql sql = {.context = context,
			  .plan = plan,
			  .ctes = g_ptr_array_new(),
			  .owned = g_ptr_array_new_with_free_func(g_free)};

	plan->location = g_strdup(context->location);
	if (strlen(text) > TEXT_MAX_BYTES)
		sql_fail_with(
			&sql, 400, "invalidQuery",
			"The query is too large. The maximum standard SQL query length is 1024.00K "
			"characters, including comments and white space characters.");
	if (sql_tokenise(&sql, text))
		read_statement(&sql);
	sql_tokens_free(sql.tokens);
	g_ptr_array_unref(sql.ctes);
	g_ptr_array_unref(sql.owned);
	return plan;
}

/* --- costs --- */

int64_t sql_plan_processed(const struct sql_plan *plan)
{
	int64_t bytes = (int64_t)plan->views->len * BILLED_MIN;

	for (guint i = 0; i < plan->tables->len; i++)
		bytes += ((const struct bq_table *)plan->tables->pdata[i])->bytes;
	return bytes;
}

int64_t sql_plan_billed(const struct sql_plan *plan)
{
	int64_t bytes = (int64_t)plan->views->len * BILLED_MIN;

	for (guint i = 0; i < plan->tables->len; i++) {
		const struct bq_table *table = plan->tables->pdata[i];

		bytes += MAX(BILLED_MIN, (table->bytes + MIB - 1) / MIB * MIB);
	}
	return bytes;
}
