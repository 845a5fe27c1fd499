/* sql_expr - operators of GoogleSQL, by their precedence:
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/operators . See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

static struct expr parse_not(struct sql *sql);
static struct expr parse_sum(struct sql *sql);

static bool is_bool(const struct expr *expr)
{
	return sql_is_type(expr, BQ_TYPE_BOOL) || sql_is_type(expr, BQ_TYPE_NONE);
}

static void no_signature(struct sql *sql, const struct token *sign, const struct expr *exprs,
			 guint count)
{
	sql_fail(sql, exprs[0].token,
		 "No matching signature for operator %s for argument types: %s", sign->text,
		 sql_type_list(sql, exprs, count));
}

static struct expr parse_logical(struct sql *sql, const char *word,
				 struct expr (*inner)(struct sql *))
{
	struct expr pair[2] = {inner(sql), {0}};

	while (sql_is_word(sql_peek(sql), word)) {
		const struct token *token = sql_next(sql);

		pair[1] = inner(sql);
		if (!is_bool(&pair[0]) || !is_bool(&pair[1]))
			no_signature(sql, token, pair, 2);
		pair[0] =
			sql_make(sql, sql_keepf(sql, "(%s %s %s)", pair[0].sql, word, pair[1].sql),
				 BQ_TYPE_BOOL, pair[0].token);
	}
	return pair[0];
}

static struct expr parse_and(struct sql *sql)
{
	return parse_logical(sql, "AND", parse_not);
}

struct expr sql_parse_expr(struct sql *sql)
{
	struct expr expr = {0};

	if (++sql->depth > SQL_DEPTH_MAX)
		sql_fail_with(sql, 400, "invalidQuery",
			      "Query is too deeply nested for the query compiler");
	expr = parse_logical(sql, "OR", parse_and);
	sql->depth--;
	return expr;
}

/* --- comparisons --- */

static struct expr compare(struct sql *sql, struct expr left, const struct token *sign)
{
	struct expr pair[2] = {left, parse_sum(sql)};
	const char *name = g_str_equal(sign->text, "!=") ? "<>" : sign->text;

	if (!sql_unify(sql, &pair[0], &pair[1]) || pair[0].field->repeated) {
		sql_fail(sql, left.token,
			 "No matching signature for operator %s for argument types: %s. Supported "
			 "signature: ANY %s ANY",
			 name, sql_type_list(sql, pair, 2), name);
	}
	return sql_make(sql, sql_keepf(sql, "(%s %s %s)", pair[0].sql, name, pair[1].sql),
			BQ_TYPE_BOOL, left.token);
}

static struct expr parse_like(struct sql *sql, struct expr left, bool negated)
{
	struct expr right = parse_sum(sql);

	if (!sql_coerce(sql, &left, BQ_TYPE_STRING) || !sql_coerce(sql, &right, BQ_TYPE_STRING))
		sql_fail(sql, left.token,
			 "No matching signature for operator LIKE for argument types: %s, %s",
			 sql_type_list(sql, &left, 1), sql_type_list(sql, &right, 1));
	return sql_make(
		sql,
		sql_keepf(sql, "(%sbq_like(%s, %s))", negated ? "NOT " : "", left.sql, right.sql),
		BQ_TYPE_BOOL, left.token);
}

static struct expr parse_between(struct sql *sql, struct expr value, bool negated)
{
	struct expr low = parse_sum(sql), high = {0};

	sql_expect_word(sql, "AND");
	high = parse_sum(sql);
	if (!sql_unify(sql, &value, &low) || !sql_unify(sql, &value, &high))
		sql_fail(
			sql, value.token,
			"No matching signature for operator BETWEEN for argument types: %s, %s, %s",
			sql_type_list(sql, &value, 1), sql_type_list(sql, &low, 1),
			sql_type_list(sql, &high, 1));
	return sql_make(sql,
			sql_keepf(sql, "(%s %sBETWEEN %s AND %s)", value.sql, negated ? "NOT " : "",
				  low.sql, high.sql),
			BQ_TYPE_BOOL, value.token);
}

static void in_type_check(struct sql *sql, struct expr *value, struct expr *item)
{
	if (!sql_unify(sql, value, item))
		sql_fail(sql, value->token,
			 "No matching signature for operator IN for argument types %s and {%s}",
			 sql_type_list(sql, value, 1), sql_type_list(sql, item, 1));
}

static void parse_in_array(struct sql *sql, GString *list)
{
	struct expr item = {0};

	sql_expect_sign(sql, "(");
	item = sql_parse_expr(sql);
	if (!item.field->repeated)
		sql_fail(sql, item.token,
			 "Second argument of IN UNNEST must be an array but was %s",
			 sql_type_list(sql, &item, 1));
	g_string_append_printf(list, "SELECT value FROM json_each(%s)", item.sql);
}

static void parse_in_list(struct sql *sql, struct expr *value, GString *list)
{
	struct expr item = {0};

	do {
		item = sql_parse_expr(sql);
		in_type_check(sql, value, &item);
		g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", item.sql);
	} while (sql_take_sign(sql, ","));
}

static void parse_in_query(struct sql *sql, const struct expr *value, GString *list)
{
	struct rows rows = sql_parse_query(sql);

	if (!sql_failed(sql) && rows.fields->len != 1)
		sql_fail(sql, value->token, "Subquery of type IN must have only one output column");
	g_string_append(list, rows.sql);
}

/** IN (SELECT …), IN UNNEST(array), IN (a, b). */
static struct expr parse_in(struct sql *sql, struct expr value, bool negated)
{
	GString *list = g_string_new(NULL);
	const char *text = NULL;

	if (sql_take_word(sql, "UNNEST")) {
		parse_in_array(sql, list);
	} else {
		sql_expect_sign(sql, "(");
		if (sql_is_word(sql_peek(sql), "SELECT") || sql_is_word(sql_peek(sql), "WITH"))
			parse_in_query(sql, &value, list);
		else
			parse_in_list(sql, &value, list);
	}
	sql_expect_sign(sql, ")");
	text = sql_keep(sql, g_string_free(list, FALSE));
	return sql_make(sql,
			sql_keepf(sql, "(%s %sIN (%s))", value.sql, negated ? "NOT " : "", text),
			BQ_TYPE_BOOL, value.token);
}

static struct expr parse_is(struct sql *sql, struct expr value)
{
	bool negated = sql_take_word(sql, "NOT");
	const struct token *token = sql_next(sql);
	const char *what = NULL;

	if (sql_is_word(token, "NULL"))
		what = "NULL";
	else if (sql_is_word(token, "TRUE"))
		what = "TRUE";
	else if (sql_is_word(token, "FALSE"))
		what = "FALSE";
	else
		sql_unexpected(sql, token);
	if (what && *what != 'N' && !is_bool(&value))
		sql_fail(sql, value.token,
			 "No matching signature for operator IS %s for argument types: %s", what,
			 sql_type_list(sql, &value, 1));
	return sql_make(sql,
			sql_keepf(sql, "(%s IS %s%s)", value.sql, negated ? "NOT " : "",
				  what ? what : "NULL"),
			BQ_TYPE_BOOL, value.token);
}

static bool is_comparison(const struct token *token)
{
	static const char *const signs[] = {"=", "!=", "<>", "<", "<=", ">", ">="};

	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		if (sql_is_sign(token, signs[i]))
			return true;
	}
	return false;
}

static struct expr parse_comparison(struct sql *sql)
{
	struct expr left = parse_sum(sql);
	bool negated = false;

	if (is_comparison(sql_peek(sql)))
		return compare(sql, left, sql_next(sql));
	if (sql_take_word(sql, "IS"))
		return parse_is(sql, left);
	negated = sql_is_word(sql_peek(sql), "NOT") && sql_take_word(sql, "NOT");
	if (sql_take_word(sql, "LIKE"))
		return parse_like(sql, left, negated);
	if (sql_take_word(sql, "BETWEEN"))
		return parse_between(sql, left, negated);
	if (sql_take_word(sql, "IN"))
		return parse_in(sql, left, negated);
	if (negated)
		sql_unexpected(sql, sql_peek(sql));
	return left;
}

static struct expr parse_not(struct sql *sql)
{
	const struct token *token = sql_peek(sql);
	struct expr inner = {0};

	if (!sql_take_word(sql, "NOT"))
		return parse_comparison(sql);
	inner = parse_not(sql);
	if (!is_bool(&inner))
		no_signature(sql, token, &inner, 1);
	return sql_make(sql, sql_keepf(sql, "(NOT %s)", inner.sql), BQ_TYPE_BOOL, token);
}

/* --- arithmetic --- */

static struct expr arithmetic(struct sql *sql, struct expr *pair, const struct token *sign)
{
	if (!sql_is_number(&pair[0]) || !sql_is_number(&pair[1]) ||
	    !sql_unify(sql, &pair[0], &pair[1])) {
		no_signature(sql, sign, pair, 2);
		return pair[0];
	}
	if (*sign->text == '/') {
		(void)sql_coerce(sql, &pair[0], BQ_TYPE_FLOAT64); /* a number does */
		return sql_make(sql, sql_keepf(sql, "bq_div(%s, %s)", pair[0].sql, pair[1].sql),
				BQ_TYPE_FLOAT64, pair[0].token);
	}
	return (struct expr){
		.sql = sql_keepf(sql, "(%s %s %s)", pair[0].sql, sign->text, pair[1].sql),
		.field = pair[0].field,
		.token = pair[0].token};
}

static struct expr parse_unary(struct sql *sql)
{
	const struct token *token = sql_peek(sql);
	struct expr inner = {0};

	if (!sql_take_sign(sql, "-") && !sql_take_sign(sql, "+"))
		return sql_parse_operand(sql);
	inner = parse_unary(sql);
	if (!sql_is_number(&inner))
		no_signature(sql, token, &inner, 1);
	inner.sql = sql_keepf(sql, "(%s %s)", token->text, inner.sql);
	inner.token = token;
	inner.name = NULL;
	return inner;
}

static struct expr concatenate(struct sql *sql, struct expr *pair, const struct token *sign)
{
	if (!sql_coerce(sql, &pair[0], BQ_TYPE_STRING) ||
	    !sql_coerce(sql, &pair[1], BQ_TYPE_STRING))
		no_signature(sql, sign, pair, 2);
	return sql_make(sql, sql_keepf(sql, "(%s || %s)", pair[0].sql, pair[1].sql), BQ_TYPE_STRING,
			pair[0].token);
}

static struct expr parse_product(struct sql *sql)
{
	struct expr pair[2] = {parse_unary(sql), {0}};

	while (sql_is_sign(sql_peek(sql), "*") || sql_is_sign(sql_peek(sql), "/") ||
	       sql_is_sign(sql_peek(sql), "||")) {
		const struct token *sign = sql_next(sql);

		pair[1] = parse_unary(sql);
		pair[0] = *sign->text == '|' ? concatenate(sql, pair, sign)
					     : arithmetic(sql, pair, sign);
	}
	return pair[0];
}

/** INTERVAL n PART after + or -. */
static struct expr add_interval(struct sql *sql, struct expr value, bool minus)
{
	struct expr count = sql_parse_operand(sql);
	const char *part = sql_parse_part(sql);

	return sql_shift(sql, &value, &count, part, minus);
}

static struct expr parse_sum(struct sql *sql)
{
	struct expr pair[2] = {parse_product(sql), {0}};

	while (sql_is_sign(sql_peek(sql), "+") || sql_is_sign(sql_peek(sql), "-")) {
		const struct token *sign = sql_next(sql);
		bool minus = *sign->text == '-';

		if (sql_take_word(sql, "INTERVAL")) {
			pair[0] = add_interval(sql, pair[0], minus);
			continue;
		}
		pair[1] = parse_product(sql);
		if (sql_is_type(&pair[0], BQ_TYPE_DATE) && sql_is_type(&pair[1], BQ_TYPE_INT64))
			pair[0] = sql_shift(sql, &pair[0], &pair[1], "DATE+DAY", minus);
		else
			pair[0] = arithmetic(sql, pair, sign);
	}
	return pair[0];
}
