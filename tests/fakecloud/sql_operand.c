/* sql_operand - literals, columns, CASE, CAST, subqueries, arrays and structs. See
 * sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

static struct expr null_expr(struct sql *sql, const struct token *token)
{
	return sql_make(sql, "NULL", BQ_TYPE_NONE, token);
}

/* --- columns --- */

static struct expr column_expr(struct sql *sql, const struct source *source,
			       const struct bq_field *field, const struct token *token)
{
	struct expr expr = {.field = field, .name = field->name, .token = token};

	if (source->unnested)
		expr.sql = sql_keepf(sql, "%s.%s", source->id,
				     field == source->fields->pdata[0] ? "value" : "key");
	else
		expr.sql = sql_keepf(sql, "%s.%s", source->id, sql_quote_name(sql, field->name));
	return expr;
}

/** Remember that WHERE speaks of the partition column, and that a column stands outside of
 * aggregates. */
static void note_column(struct sql *sql, struct scope *scope, struct source *source,
			const struct expr *expr)
{
	const char *partition = source->table ? bq_table_partition_field(source->table) : NULL;
	struct bare *bare = NULL;

	if (partition &&
	    (g_ascii_strcasecmp(expr->name, *partition ? partition : "_PARTITIONTIME") == 0 ||
	     (!*partition && g_ascii_strcasecmp(expr->name, "_PARTITIONDATE") == 0)))
		source->filtered |= scope->in_where;
	if (scope != sql->scope || scope->in_aggregate)
		return;
	bare = sql_block(sql, sizeof(*bare));
	*bare = (struct bare){expr->sql, expr->name, expr->token};
	g_ptr_array_add(scope->bares, bare);
}

static struct source *find_alias(const struct scope *scope, const char *name)
{
	for (guint i = 0; scope && i < scope->sources->len; i++) {
		struct source *source = scope->sources->pdata[i];

		if (source->alias && g_ascii_strcasecmp(source->alias, name) == 0)
			return source;
	}
	return NULL;
}

/** The source of an unqualified column; ret_count tells how many have it. */
static struct source *find_column(const struct scope *scope, const char *name, int *ret_count)
{
	struct source *found = NULL;

	*ret_count = 0;
	for (guint i = 0; i < scope->sources->len; i++) {
		struct source *source = scope->sources->pdata[i];

		if (!bq_fields_find(source->fields, name))
			continue;
		found = source;
		++*ret_count;
	}
	return found;
}

/** Members of a STRUCT, from part @p first of the path on. */
static struct expr take_members(struct sql *sql, struct expr expr, const GPtrArray *path,
				guint first)
{
	for (guint i = first; i < path->len && !sql_failed(sql); i++) {
		const char *name = path->pdata[i];
		const struct bq_field *member = bq_fields_find(expr.field->fields, name);

		if (expr.field->repeated || expr.field->type != BQ_TYPE_STRUCT) {
			sql_fail(sql, expr.token, "Cannot access field %s on a value with type %s",
				 name, sql_type_list(sql, &expr, 1));
		} else if (!member) {
			sql_fail(sql, expr.token, "Field name %s does not exist in %s", name,
				 sql_type_list(sql, &expr, 1));
		} else {
			expr.sql = sql_keepf(sql, "json_extract(%s, '$.%s')", expr.sql,
					     sql_quote_name(sql, member->name));
			expr.field = member;
			expr.name = member->name;
		}
	}
	return expr;
}

static struct expr resolve_in(struct sql *sql, struct scope *scope, const struct token *token,
			      const GPtrArray *path, bool *ret_found)
{
	const char *first = path->pdata[0];
	int count = 0;
	struct source *source = find_column(scope, first, &count);
	struct expr expr = null_expr(sql, token);
	guint used = 1;

	*ret_found = true;
	if (count > 1) {
		sql_fail(sql, token, "Column name %s is ambiguous", first);
		return expr;
	}
	if (!source && path->len > 1) {
		source = find_alias(scope, first);
		used = 2;
		if (source && !bq_fields_find(source->fields, path->pdata[1]))
			sql_fail(sql, token, "Name %s not found inside %s",
				 (const char *)path->pdata[1], first);
	}
	*ret_found = source != NULL;
	if (!source || sql_failed(sql))
		return expr;
	expr = column_expr(sql, source, bq_fields_find(source->fields, path->pdata[used - 1]),
			   token);
	note_column(sql, scope, source, &expr);
	return take_members(sql, expr, path, used);
}

/** A column that SELECT makes, for HAVING and ORDER BY. */
static bool resolve_output(const struct scope *scope, const struct token *token,
			   const GPtrArray *path, struct expr *ret_expr)
{
	for (guint i = 0; scope->outputs && path->len == 1 && i < scope->outputs->len; i++) {
		const struct bq_field *field = scope->output_fields->pdata[i];

		if (g_ascii_strcasecmp(field->name, path->pdata[0]) != 0)
			continue;
		*ret_expr = (struct expr){.sql = scope->outputs->pdata[i],
					  .field = field,
					  .name = field->name,
					  .token = token};
		return true;
	}
	return false;
}

/** Do the names differ by one or two letters? */
static bool is_near(const char *a, const char *b)
{
	size_t differ = 0;

	while (*a && g_ascii_tolower(*a) == g_ascii_tolower(*b)) {
		a++;
		b++;
	}
	while (*a && *b && differ < 3) {
		differ += g_ascii_tolower(*a++) == g_ascii_tolower(*b++) ? 0 : 1;
	}
	return differ + strlen(a) + strlen(b) <= 2;
}

static const char *find_near(const struct scope *scope, const char *name)
{
	for (guint i = 0; scope && strlen(name) > 3 && i < scope->sources->len; i++) {
		const struct source *source = scope->sources->pdata[i];

		for (guint column = 0; column < source->fields->len; column++) {
			const struct bq_field *field = source->fields->pdata[column];

			if (is_near(field->name, name))
				return field->name;
		}
	}
	return NULL;
}

struct expr sql_resolve_column(struct sql *sql, const struct token *token, GPtrArray *path)
{
	const char *first = path->pdata[0], *near = find_near(sql->scope, first);

	for (struct scope *scope = sql->scope; scope; scope = scope->outer) {
		bool found = false;
		struct expr expr = resolve_in(sql, scope, token, path, &found);

		if (found || sql_failed(sql) || resolve_output(scope, token, path, &expr))
			return expr;
	}
	if (near)
		sql_fail(sql, token, "Unrecognized name: %s; Did you mean %s?", first, near);
	else
		sql_fail(sql, token, "Unrecognized name: %s", first);
	return null_expr(sql, token);
}

static struct expr parse_path(struct sql *sql)
{
	g_autoptr(GPtrArray) path = g_ptr_array_new();
	const struct token *token = sql_peek(sql);

	g_ptr_array_add(path, (char *)(uintptr_t)sql_expect_name(sql));
	while (sql_is_sign(sql_peek(sql), ".") && sql_peek_at(sql, 1)->kind != TOKEN_SIGN) {
		(void)sql_next(sql); /* the point */
		g_ptr_array_add(
			path,
			(char *)(uintptr_t)sql_next(sql)->text); /* keywords are allowed here */
	}
	if (sql_failed(sql))
		return null_expr(sql, token);
	return sql_resolve_column(sql, token, path);
}

/* --- CASE, CAST --- */

static void keep_type(struct sql *sql, struct expr *kept, struct expr *value)
{
	if (!kept->field)
		*kept = *value;
	else if (!sql_unify(sql, kept, value))
		sql_fail(sql, value->token,
			 "No matching signature for operator CASE; all THEN/ELSE arguments must be "
			 "coercible to a common type but found: %s, %s",
			 sql_type_list(sql, kept, 1), sql_type_list(sql, value, 1));
}

static struct expr parse_case(struct sql *sql, const struct token *token)
{
	g_autoptr(GString) text = g_string_new("(CASE");
	struct expr subject = {0}, when = {0}, value = {0}, kept = {0};

	if (!sql_is_word(sql_peek(sql), "WHEN")) {
		subject = sql_parse_expr(sql);
		g_string_append_printf(text, " %s", subject.sql);
	}
	while (sql_take_word(sql, "WHEN")) {
		when = sql_parse_expr(sql);
		if (subject.field ? !sql_unify(sql, &subject, &when)
				  : !sql_coerce(sql, &when, BQ_TYPE_BOOL))
			sql_fail(sql, when.token, "CASE condition does not fit: %s",
				 sql_type_list(sql, &when, 1));
		sql_expect_word(sql, "THEN");
		value = sql_parse_expr(sql);
		keep_type(sql, &kept, &value);
		g_string_append_printf(text, " WHEN %s THEN %s", when.sql, value.sql);
	}
	if (sql_take_word(sql, "ELSE")) {
		value = sql_parse_expr(sql);
		keep_type(sql, &kept, &value);
		g_string_append_printf(text, " ELSE %s", value.sql);
	}
	sql_expect_word(sql, "END");
	if (!kept.field)
		return null_expr(sql, token);
	return (struct expr){
		.sql = sql_keepf(sql, "%s END)", text->str), .field = kept.field, .token = token};
}

static struct expr parse_cast(struct sql *sql, bool safe)
{
	struct expr value = {0}, result = {0};

	sql_expect_sign(sql, "(");
	value = sql_parse_expr(sql);
	sql_expect_word(sql, "AS");
	result = sql_cast(sql, &value, sql_parse_type(sql), safe);
	sql_expect_sign(sql, ")");
	return result;
}

/* --- subqueries, arrays, structs --- */

static struct expr scalar_query(struct sql *sql, const struct token *token)
{
	struct rows rows = sql_parse_query(sql);

	if (sql_failed(sql))
		return null_expr(sql, token);
	if (rows.fields->len != 1) {
		sql_fail(sql, token,
			 "Scalar subquery cannot have more than one column unless using SELECT AS "
			 "STRUCT to "
			 "build STRUCT values");
		return null_expr(sql, token);
	}
	return (struct expr){.sql = sql_keepf(sql, "(%s)", rows.sql),
			     .field = rows.fields->pdata[0],
			     .token = token};
}

static struct expr parse_parenthesis(struct sql *sql)
{
	const struct token *token = sql_next(sql);
	struct expr expr = {0};

	if (sql_is_word(sql_peek(sql), "SELECT") || sql_is_word(sql_peek(sql), "WITH"))
		expr = scalar_query(sql, token);
	else
		expr = sql_parse_expr(sql);
	expr.sql = sql_keepf(sql, "(%s)", expr.sql ? expr.sql : "NULL");
	expr.name = NULL;
	sql_expect_sign(sql, ")");
	return expr;
}

static struct expr parse_exists(struct sql *sql, const struct token *token)
{
	struct rows rows = {0};

	sql_expect_sign(sql, "(");
	rows = sql_parse_query(sql);
	sql_expect_sign(sql, ")");
	return sql_make(sql, sql_keepf(sql, "EXISTS(%s)", rows.sql), BQ_TYPE_BOOL, token);
}

/** Values that are JSON stay JSON inside JSON. */
static const char *as_json(struct sql *sql, const struct expr *value)
{
	bool is_json = value->field->repeated || value->field->type == BQ_TYPE_STRUCT;

	return is_json ? sql_keepf(sql, "json(%s)", value->sql) : value->sql;
}

/** [a, b] */
static struct expr parse_array(struct sql *sql, const struct token *token)
{
	g_autoptr(GString) text = g_string_new("json_array(");
	struct expr kept = {0}, value = {0};

	while (!sql_is_sign(sql_peek(sql), "]") && !sql_failed(sql)) {
		value = sql_parse_expr(sql);
		keep_type(sql, &kept, &value);
		g_string_append_printf(text, "%s%s", text->str[text->len - 1] == '(' ? "" : ", ",
				       as_json(sql, &value));
		if (!sql_take_sign(sql, ","))
			break;
	}
	sql_expect_sign(sql, "]");
	return (struct expr){
		.sql = sql_keepf(sql, "%s)", text->str),
		.field = sql_array_of(sql, kept.field ? kept.field : sql_field(sql, BQ_TYPE_INT64)),
		.token = token};
}

/** ARRAY(SELECT …) */
static struct expr parse_array_query(struct sql *sql, const struct token *token)
{
	struct rows rows = {0};
	const struct bq_field *field = NULL;

	sql_expect_sign(sql, "(");
	rows = sql_parse_query(sql);
	sql_expect_sign(sql, ")");
	if (sql_failed(sql))
		return null_expr(sql, token);
	if (rows.fields->len != 1)
		sql_fail(sql, token,
			 "ARRAY subquery cannot have more than one column unless using SELECT "
			 "AS STRUCT to build STRUCT values");
	field = rows.fields->pdata[0];
	return (struct expr){.sql = sql_keepf(sql, "(SELECT json_group_array(%s(%s)) FROM (%s))",
					      field->type == BQ_TYPE_STRUCT ? "json" : "",
					      sql_quote_name(sql, field->name), rows.sql),
			     .field = sql_array_of(sql, field),
			     .token = token};
}

/** STRUCT(a AS x, b) */
static struct expr parse_struct(struct sql *sql, const struct token *token)
{
	g_autoptr(GString) text = g_string_new("json_object(");
	struct bq_field *field = bq_field_create("", BQ_TYPE_STRUCT);

	g_ptr_array_add(sql->plan->fields, field);
	field->fields = g_ptr_array_new_with_free_func(bq_field_free);
	sql_expect_sign(sql, "(");
	do {
		struct expr value = sql_parse_expr(sql);
		const char *name = sql_take_word(sql, "AS") ? sql_expect_name(sql) : value.name;
		struct bq_field *member = bq_field_copy(value.field);

		g_free(member->name);
		member->name = name ? g_strdup(name)
				    : g_strdup_printf("_field_%u", field->fields->len + 1);
		g_ptr_array_add(field->fields, member);
		g_string_append_printf(text, "%s%s, %s", field->fields->len > 1 ? ", " : "",
				       sql_quote_text(sql, member->name), as_json(sql, &value));
	} while (sql_take_sign(sql, ","));
	sql_expect_sign(sql, ")");
	return (struct expr){
		.sql = sql_keepf(sql, "%s)", text->str), .field = field, .token = token};
}

/* --- literals --- */

static struct expr parse_parameter(struct sql *sql, const struct token *token)
{
	json_object *list = sql->context->parameters;

	for (size_t i = 0; i < jsn_length(list); i++) {
		json_object *one = json_object_array_get_idx(list, i);
		const char *type = jsn_text(jsn_at(one, "parameterType"), "type", "STRING");
		const char *value = jsn_text(jsn_at(one, "parameterValue"), "value", NULL);
		struct bq_field *field = NULL;
		struct expr expr = {0};

		if (!g_str_equal(jsn_text(one, "name", ""), token->text))
			continue;
		field = bq_field_create("", bq_type_from_text(type));
		g_ptr_array_add(sql->plan->fields, field);
		if (!value)
			return (struct expr){.sql = "NULL", .field = field, .token = token};
		expr = sql_literal_text(sql, sql_keep(sql, g_strdup(value)), token);
		return sql_cast(sql, &expr, field, false);
	}
	sql_fail(sql, token, "Query parameter '%s' not found", token->text);
	return null_expr(sql, token);
}

/** DATE '2026-11-20' and the like. */
static struct expr parse_typed_literal(struct sql *sql, enum bq_type type)
{
	const struct token *token = sql_next(sql), *text = sql_next(sql);
	struct expr expr = sql_literal_text(sql, text->text, text);

	if (!sql_coerce(sql, &expr, type))
		sql_fail(sql, token, "Invalid %s literal", bq_type_sql(type));
	return expr;
}

static struct expr parse_literal(struct sql *sql, const struct token *token)
{
	if (token->kind == TOKEN_STRING)
		return sql_literal_text(sql, token->text, token);
	if (token->kind == TOKEN_INT)
		return sql_make(sql, token->text, BQ_TYPE_INT64, token);
	if (token->kind == TOKEN_FLOAT)
		return sql_make(sql, token->text, BQ_TYPE_FLOAT64, token);
	return parse_parameter(sql, token);
}

static struct expr parse_keyword(struct sql *sql, const struct token *token)
{
	(void)sql_next(sql); /* token */
	if (sql_is_word(token, "NULL"))
		return null_expr(sql, token);
	if (sql_is_word(token, "TRUE") || sql_is_word(token, "FALSE"))
		return sql_make(sql, sql_is_word(token, "TRUE") ? "1" : "0", BQ_TYPE_BOOL, token);
	if (sql_is_word(token, "CASE"))
		return parse_case(sql, token);
	if (sql_is_word(token, "CAST"))
		return parse_cast(sql, false);
	if (sql_is_word(token, "EXISTS"))
		return parse_exists(sql, token);
	if (sql_is_word(token, "STRUCT"))
		return parse_struct(sql, token);
	if (sql_is_word(token, "ARRAY")) {
		if (sql_take_sign(sql, "["))
			return parse_array(sql, token);
		return parse_array_query(sql, token);
	}
	sql_unexpected(sql, token);
	return null_expr(sql, token);
}

struct expr sql_parse_operand(struct sql *sql)
{
	const struct token *token = sql_peek(sql);
	bool text_follows = sql_peek_at(sql, 1)->kind == TOKEN_STRING;

	if (sql_is_sign(token, "("))
		return parse_parenthesis(sql);
	if (sql_take_sign(sql, "["))
		return parse_array(sql, token);
	if (token->kind == TOKEN_END || token->kind == TOKEN_SIGN) {
		sql_unexpected(sql, token);
		return null_expr(sql, token);
	}
	if (token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED)
		return parse_literal(sql, sql_next(sql));
	if (text_follows && sql_is_word(token, "DATE"))
		return parse_typed_literal(sql, BQ_TYPE_DATE);
	if (text_follows && sql_is_word(token, "TIMESTAMP"))
		return parse_typed_literal(sql, BQ_TYPE_TIMESTAMP);
	if (text_follows && sql_is_word(token, "DATETIME"))
		return parse_typed_literal(sql, BQ_TYPE_DATETIME);
	if (sql_is_word(token, "SAFE_CAST")) {
		(void)sql_next(sql); /* token */
		return parse_cast(sql, true);
	}
	if (sql_is_call(sql))
		return sql_parse_call(sql);
	if (sql_is_reserved(token))
		return parse_keyword(sql, token);
	return parse_path(sql);
}
