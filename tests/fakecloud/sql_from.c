/* sql_from - what stands in FROM: tables, subqueries, UNNEST, joins. See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

static struct source *new_source(struct sql *sql)
{
	struct source *source = sql_block(sql, sizeof(*source));

	source->id = sql_keepf(sql, "s%u", ++sql->next_source);
	source->token = sql_peek(sql);
	return source;
}

static void parse_alias(struct sql *sql, struct source *source)
{
	const struct token *token = sql_peek(sql);

	if (sql_take_word(sql, "AS") || token->kind == TOKEN_QUOTED ||
	    (token->kind == TOKEN_WORD && !sql_is_reserved(token)))
		source->alias = sql_expect_name(sql);
}

static void add_source(struct sql *sql, struct source *source)
{
	for (guint i = 0; i < sql->scope->sources->len; i++) {
		const struct source *other = sql->scope->sources->pdata[i];

		if (source->alias && other->alias &&
		    g_ascii_strcasecmp(source->alias, other->alias) == 0)
			sql_fail(sql, source->token,
				 "Duplicate table alias %s in the same FROM clause", source->alias);
	}
	g_ptr_array_add(sql->scope->sources, source);
}

/** UNNEST(array) [AS x] [WITH OFFSET [AS y]] */
static void parse_unnest(struct sql *sql, struct source *source, GString *text)
{
	struct expr array = {0};
	struct bq_field *holder = bq_field_create("", BQ_TYPE_STRUCT), *element = NULL;

	g_ptr_array_add(sql->plan->fields, holder);
	holder->fields = g_ptr_array_new_with_free_func(bq_field_free);
	sql_expect_sign(sql, "(");
	array = sql_parse_expr(sql);
	sql_expect_sign(sql, ")");
	if (!array.field->repeated)
		sql_fail(sql, array.token,
			 "Values referenced in UNNEST must be arrays. UNNEST contains "
			 "expression of type %s",
			 sql_type_list(sql, &array, 1));
	parse_alias(sql, source);
	element = bq_field_copy(array.field);
	element->repeated = false;
	g_free(element->name);
	element->name = g_strdup(source->alias ? source->alias : "");
	g_ptr_array_add(holder->fields, element);
	if (sql_take_word(sql, "WITH")) {
		sql_expect_word(sql, "OFFSET");
		g_ptr_array_add(
			holder->fields,
			bq_field_create(sql_take_word(sql, "AS") ? sql_expect_name(sql) : "offset",
					BQ_TYPE_INT64));
	}
	source->alias = NULL; /* it names the column */
	source->fields = holder->fields;
	source->unnested = true;
	g_string_append_printf(text, "json_each(%s) AS %s", array.sql, source->id);
	add_source(sql, source);
}

static void parse_item(struct sql *sql, GString *text)
{
	struct source *source = new_source(sql);
	struct scope *scope = sql->scope;
	struct rows rows = {0};

	if (sql_take_word(sql, "UNNEST")) {
		parse_unnest(sql, source, text);
		return;
	}
	if (sql_take_sign(sql, "(")) {
		sql->scope = scope->outer; /* what stands beside it is not seen in it */
		rows = sql_parse_query(sql);
		sql->scope = scope;
		sql_expect_sign(sql, ")");
	} else {
		rows = sql_parse_table(sql, source);
	}
	parse_alias(sql, source);
	source->fields = rows.fields;
	g_string_append_printf(text, "(%s) AS %s", rows.sql, source->id);
	add_source(sql, source);
}

/** "LEFT JOIN" and so on; NULL when no join follows. */
static const char *parse_join(struct sql *sql)
{
	static const char *const kinds[] = {"LEFT", "RIGHT", "FULL"};

	if (sql_take_sign(sql, ",")) /* not "," : that binds weaker in SQLite */
		return "CROSS JOIN";
	if (sql_take_word(sql, "JOIN"))
		return "JOIN";
	if (sql_take_word(sql, "INNER")) {
		sql_expect_word(sql, "JOIN");
		return "JOIN";
	}
	if (sql_take_word(sql, "CROSS")) {
		sql_expect_word(sql, "JOIN");
		return "CROSS JOIN";
	}
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (!sql_take_word(sql, kinds[i]))
			continue;
		(void)sql_take_word(sql, "OUTER"); /* may be there */
		sql_expect_word(sql, "JOIN");
		return sql_keepf(sql, "%s JOIN", kinds[i]);
	}
	return NULL;
}

/** USING (a, b): as conditions; both columns stay, named by their tables. */
static void parse_using(struct sql *sql, GString *text)
{
	const GPtrArray *sources = sql->scope->sources;
	const struct source *right = sources->pdata[sources->len - 1];

	sql_expect_sign(sql, "(");
	do {
		const struct token *token = sql_peek(sql);
		const char *name = sql_expect_name(sql);
		const struct source *left = NULL;

		for (guint i = 0; i + 1 < sources->len; i++) {
			const struct source *source = sources->pdata[i];

			if (bq_fields_find(source->fields, name))
				left = source;
		}
		if (!left || !bq_fields_find(right->fields, name))
			sql_fail(sql, token,
				 "Column %s in USING clause not found on %s side of join", name,
				 left ? "right" : "left");
		else
			g_string_append_printf(text, "%s %s.%s = %s.%s",
					       g_str_has_suffix(text->str, " ON") ? "" : " AND",
					       left->id, sql_quote_name(sql, name), right->id,
					       sql_quote_name(sql, name));
	} while (sql_take_sign(sql, ","));
	sql_expect_sign(sql, ")");
}

static void parse_on(struct sql *sql, GString *text)
{
	struct expr condition = sql_parse_expr(sql);

	if (!sql_coerce(sql, &condition, BQ_TYPE_BOOL))
		sql_fail(sql, condition.token,
			 "JOIN ON clause should return type BOOL, but returns %s",
			 sql_type_list(sql, &condition, 1));
	g_string_append_printf(text, " %s", condition.sql);
	g_ptr_array_set_size(sql->scope->bares, 0);
}

void sql_parse_sources(struct sql *sql, GString *text)
{
	const char *join = NULL;

	g_string_append(text, " FROM ");
	parse_item(sql, text);
	while (!sql_failed(sql) && (join = parse_join(sql))) {
		g_string_append_printf(text, " %s ", join);
		parse_item(sql, text);
		if (g_str_equal(join, "CROSS JOIN"))
			continue;
		g_string_append(text, " ON");
		if (sql_take_word(sql, "USING")) {
			parse_using(sql, text);
		} else {
			sql_expect_word(sql, "ON");
			parse_on(sql, text);
		}
	}
}
