/* sql_aggregate - COUNT, MAX, STRING_AGG and their like, and windows. See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

static const struct aggregate {
	const char *name;
	/* n: numbers, b: BOOL, s: STRING, a: anything that has an order, x: anything */
	const char *takes;
	const char *result; /* 1: as the argument, i, f, b, s, r: an array of it */
	const char *text;   /* $1: DISTINCT and the argument */
} aggregates[] = {
	{"COUNT", "x", "i", "count($1)"},
	{"COUNTIF", "b", "i", "count(CASE WHEN $1 THEN 1 END)"},
	{"APPROX_COUNT_DISTINCT", "x", "i", "count(DISTINCT $1)"},
	{"MAX", "a", "1", "max($1)"},
	{"MIN", "a", "1", "min($1)"},
	{"ANY_VALUE", "x", "1", "min($1)"},
	{"SUM", "n", "1", "sum($1)"},
	{"AVG", "n", "f", "avg($1)"},
	{"STDDEV", "n", "f", "bq_stddev($1)"},
	{"LOGICAL_AND", "b", "b", "min($1)"},
	{"LOGICAL_OR", "b", "b", "max($1)"},
	{"STRING_AGG", "s", "s", NULL},
	{"ARRAY_AGG", "x", "r", "json_group_array($1)"},
};

static const struct aggregate *find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(aggregates); i++) {
		if (g_str_equal(aggregates[i].name, name))
			return &aggregates[i];
	}
	return NULL;
}

bool sql_is_aggregate(const char *name)
{
	return find(name) != NULL;
}

static bool takes(const struct aggregate *aggregate, const struct expr *value)
{
	switch (*aggregate->takes) {
	case 'n':
		return sql_is_number(value);
	case 'b':
		return sql_is_type(value, BQ_TYPE_BOOL) || sql_is_type(value, BQ_TYPE_NONE);
	case 's':
		return sql_is_type(value, BQ_TYPE_STRING) || sql_is_type(value, BQ_TYPE_NONE);
	case 'a':
		return !value->field->repeated && value->field->type != BQ_TYPE_STRUCT &&
		       value->field->type != BQ_TYPE_JSON;
	default:
		return true;
	}
}

static const struct bq_field *result_field(struct sql *sql, const struct aggregate *aggregate,
					   const struct bq_field *field)
{
	switch (*aggregate->result) {
	case 'i':
		return sql_field(sql, BQ_TYPE_INT64);
	case 'f':
		return sql_field(sql, BQ_TYPE_FLOAT64);
	case 'b':
		return sql_field(sql, BQ_TYPE_BOOL);
	case 's':
		return sql_field(sql, BQ_TYPE_STRING);
	case 'r':
		return sql_array_of(sql, field);
	default:
		return field;
	}
}

/** ", 'separator', key, descending" of STRING_AGG(x [, s] [ORDER BY key [DESC]]). */
static const char *parse_string_tail(struct sql *sql)
{
	const char *separator = "','", *key = "0";
	bool descending = false;

	if (sql_take_sign(sql, ","))
		separator = sql_parse_operand(sql).sql;
	if (sql_take_word(sql, "ORDER")) {
		sql_expect_word(sql, "BY");
		key = sql_parse_expr(sql).sql;
		descending = sql_take_word(sql, "DESC");
		if (!descending)
			(void)sql_take_word(sql, "ASC"); /* may be there */
	}
	return sql_keepf(sql, "%s, %s, %d", separator, key, descending);
}

static struct expr parse_string_agg(struct sql *sql, const struct expr *value, bool distinct)
{
	const char *tail = parse_string_tail(sql);

	if (distinct)
		sql_fail(sql, value->token,
			 "STRING_AGG with DISTINCT is not known to this stand-in");
	return sql_make(sql, sql_keepf(sql, "bq_string_agg(%s, %s)", value->sql, tail),
			BQ_TYPE_STRING, value->token);
}

static struct expr count_star(struct sql *sql, const struct token *token)
{
	(void)sql_next(sql); /* "*" */
	return sql_make(sql, "count(*)", BQ_TYPE_INT64, token);
}

static struct expr parse_inner(struct sql *sql, const struct aggregate *aggregate,
			       const struct token *token)
{
	bool distinct = sql_take_word(sql, "DISTINCT");
	struct expr value = {0}, result = {.token = token};
	const char *mark = strchr(aggregate->text ? aggregate->text : "$", '$');
	bool json = false;

	value = sql_parse_expr(sql);
	if (!takes(aggregate, &value)) {
		sql_fail(sql, token,
			 "No matching signature for aggregate function %s for argument types: %s",
			 aggregate->name, sql_type_list(sql, &value, 1));
	}
	if (!aggregate->text)
		return parse_string_agg(sql, &value, distinct);
	if (g_str_equal(aggregate->name, "ARRAY_AGG") && sql_take_word(sql, "IGNORE"))
		sql_expect_word(sql, "NULLS");
	json = *aggregate->result == 'r' && value.field->type == BQ_TYPE_STRUCT;
	result.field = result_field(sql, aggregate, value.field);
	result.sql = sql_keepf(sql, "%.*s%s%s%s%s%s", (int)(mark - aggregate->text),
			       aggregate->text, distinct ? "DISTINCT " : "", json ? "json(" : "",
			       value.sql, json ? ")" : "", mark + 2);
	return result;
}

struct expr sql_parse_aggregate(struct sql *sql, const char *name, const struct token *token)
{
	const struct aggregate *aggregate = find(name);
	struct expr result = sql_make(sql, "NULL", BQ_TYPE_INT64, token);
	struct scope *scope = sql->scope;

	if (!scope || scope->in_aggregate) {
		sql_fail(sql, token,
			 scope ? "Aggregations of aggregations are not allowed"
			       : "Aggregate function %s not allowed here",
			 name);
		return result;
	}
	if (scope->in_where) {
		sql_fail(sql, token, "Aggregate function %s not allowed in WHERE clause", name);
		return result;
	}
	scope->aggregated = true;
	scope->in_aggregate = true;
	result = sql_is_sign(sql_peek(sql), "*") && g_str_equal(name, "COUNT")
			 ? count_star(sql, token)
			 : parse_inner(sql, aggregate, token);
	scope->in_aggregate = false;
	sql_expect_sign(sql, ")");
	return result;
}

static void parse_list(struct sql *sql, GString *text, bool ordered)
{
	do {
		g_string_append_printf(text, "%s%s", text->str[text->len - 1] == ' ' ? "" : ", ",
				       sql_parse_expr(sql).sql);
		if (ordered && sql_take_word(sql, "DESC"))
			g_string_append(text, " DESC");
		else if (ordered)
			(void)sql_take_word(sql, "ASC"); /* may be there */
	} while (sql_take_sign(sql, ","));
}

struct expr sql_parse_over(struct sql *sql, struct expr call)
{
	g_autoptr(GString) text = NULL;

	if (!sql_take_word(sql, "OVER"))
		return call;
	text = g_string_new("(");
	sql_expect_sign(sql, "(");
	if (sql_take_word(sql, "PARTITION")) {
		sql_expect_word(sql, "BY");
		g_string_append(text, "PARTITION BY ");
		parse_list(sql, text, false);
	}
	if (sql_take_word(sql, "ORDER")) {
		sql_expect_word(sql, "BY");
		g_string_append(text, " ORDER BY ");
		parse_list(sql, text, true);
	}
	sql_expect_sign(sql, ")");
	if (sql->scope)
		sql->scope->aggregated = false; /* a window groups nothing */
	call.sql = sql_keepf(sql, "%s OVER %s)", call.sql, text->str);
	return call;
}
