/* sql_types - types of expressions: literals, coercion, casts. See sql_private.h;
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

const struct bq_field *sql_field(struct sql *sql, enum bq_type type)
{
	struct bq_field *field = bq_field_create("", type);

	g_ptr_array_add(sql->plan->fields, field);
	return field;
}

const struct bq_field *sql_array_of(struct sql *sql, const struct bq_field *element)
{
	struct bq_field *field = bq_field_copy(element);

	field->repeated = true;
	g_ptr_array_add(sql->plan->fields, field);
	return field;
}

struct expr sql_make(struct sql *sql, const char *text, enum bq_type type,
		     const struct token *token)
{
	return (struct expr){.sql = text, .field = sql_field(sql, type), .token = token};
}

struct expr sql_literal_text(struct sql *sql, const char *text, const struct token *token)
{
	struct expr expr = sql_make(sql, sql_quote_text(sql, text), BQ_TYPE_STRING, token);

	expr.literal = text;
	return expr;
}

bool sql_is_type(const struct expr *expr, enum bq_type type)
{
	return expr->field->type == type && !expr->field->repeated;
}

bool sql_is_number(const struct expr *expr)
{
	return sql_is_type(expr, BQ_TYPE_INT64) || sql_is_type(expr, BQ_TYPE_FLOAT64) ||
	       sql_is_type(expr, BQ_TYPE_NUMERIC) || sql_is_type(expr, BQ_TYPE_BIGNUMERIC) ||
	       sql_is_type(expr, BQ_TYPE_NONE);
}

const char *sql_type_list(struct sql *sql, const struct expr *exprs, guint count)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < count; i++) {
		g_autofree char *one = bq_field_type_text(exprs[i].field);

		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", one);
	}
	return sql_keep(sql, g_string_free(text, FALSE));
}

/** The value of a literal, in SQLite; NULL when the text is none of that type. */
static const char *literal_value(struct sql *sql, const char *text, enum bq_type type)
{
	int64_t number = 0;

	if (g_str_has_prefix(text, "now") || g_str_has_prefix(text, "today"))
		return NULL; /* of the control API, not of SQL */
	if (type == BQ_TYPE_DATE) {
		if (!bq_date_parse(text, 0, &number))
			return NULL;
		return sql_quote_text(sql, sql_keep(sql, bq_date_text(number)));
	}
	if (!bq_time_parse(text, 0, &number))
		return NULL;
	if (type == BQ_TYPE_DATETIME)
		return sql_quote_text(sql, sql_keep(sql, bq_datetime_text(number, 'T')));
	return sql_keepf(sql, "%" G_GINT64_FORMAT, number);
}

bool sql_coerce(struct sql *sql, struct expr *expr, enum bq_type type)
{
	const char *value = NULL;

	if (sql_is_type(expr, type))
		return true;
	if (sql_is_type(expr, BQ_TYPE_NONE)) {
		expr->field = sql_field(sql, type);
		return true;
	}
	if (sql_is_number(expr) &&
	    (type == BQ_TYPE_FLOAT64 || type == BQ_TYPE_NUMERIC || type == BQ_TYPE_BIGNUMERIC)) {
		expr->field = sql_field(sql, type);
		expr->sql = sql_keepf(sql, "CAST(%s AS REAL)", expr->sql);
		return true;
	}
	if (!expr->literal ||
	    (type != BQ_TYPE_DATE && type != BQ_TYPE_TIMESTAMP && type != BQ_TYPE_DATETIME))
		return false;
	value = literal_value(sql, expr->literal, type);
	if (!value)
		sql_fail(sql, expr->token, "Could not cast literal \"%s\" to type %s",
			 expr->literal, bq_type_sql(type));
	*expr = sql_make(sql, value ? value : "NULL", type, expr->token);
	return true;
}

bool sql_unify(struct sql *sql, struct expr *a, struct expr *b)
{
	if (a->field->repeated || b->field->repeated)
		return a->field->repeated && b->field->repeated && a->field->type == b->field->type;
	if (a->field->type == b->field->type)
		return true;
	if (sql_is_number(a) && sql_is_number(b)) {
		/* FLOAT64 is wider than NUMERIC, and both than INT64 */
		enum bq_type wide = BQ_TYPE_NUMERIC;

		if (sql_is_type(a, BQ_TYPE_NONE))
			return sql_coerce(sql, a, b->field->type);
		if (sql_is_type(b, BQ_TYPE_NONE))
			return sql_coerce(sql, b, a->field->type);
		if (sql_is_type(a, BQ_TYPE_FLOAT64) || sql_is_type(b, BQ_TYPE_FLOAT64))
			wide = BQ_TYPE_FLOAT64;
		return sql_coerce(sql, a, wide) && sql_coerce(sql, b, wide);
	}
	if (sql_is_type(a, BQ_TYPE_NONE) || a->literal)
		return sql_coerce(sql, a, b->field->type);
	return sql_coerce(sql, b, a->field->type);
}

/* --- CAST --- */

static enum bq_type named_type(const struct token *token)
{
	static const struct {
		const char *name;
		enum bq_type type;
	} aliases[] = {{"INT", BQ_TYPE_INT64},
		       {"SMALLINT", BQ_TYPE_INT64},
		       {"BIGINT", BQ_TYPE_INT64},
		       {"INTEGER", BQ_TYPE_INT64},
		       {"DECIMAL", BQ_TYPE_NUMERIC},
		       {"BOOLEAN", BQ_TYPE_BOOL},
		       {"BIGDECIMAL", BQ_TYPE_BIGNUMERIC}};

	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++) {
		if (sql_is_word(token, aliases[i].name))
			return aliases[i].type;
	}
	for (int type = BQ_TYPE_INT64; type < BQ_TYPE_STRUCT; type++) {
		if (sql_is_word(token, bq_type_sql((enum bq_type)type)))
			return (enum bq_type)type; /* within the enumeration */
	}
	return BQ_TYPE_NONE;
}

const struct bq_field *sql_parse_type(struct sql *sql)
{
	const struct token *token = sql_next(sql);
	enum bq_type type = named_type(token);

	if (type == BQ_TYPE_NONE)
		sql_fail(sql, token, "Type not found: %s", token->text);
	return sql_field(sql, type);
}

/** May a value of type @p from be cast to @p to? */
static bool can_cast(enum bq_type from, enum bq_type to)
{
	static const unsigned numbers = 1U << BQ_TYPE_INT64 | 1U << BQ_TYPE_FLOAT64 |
					1U << BQ_TYPE_NUMERIC | 1U << BQ_TYPE_BIGNUMERIC;
	static const unsigned times =
		1U << BQ_TYPE_DATE | 1U << BQ_TYPE_DATETIME | 1U << BQ_TYPE_TIMESTAMP;
	unsigned pair = 1U << from | 1U << to;

	if (from == to || from == BQ_TYPE_NONE || from == BQ_TYPE_STRING || to == BQ_TYPE_STRING)
		return from != BQ_TYPE_STRUCT && from != BQ_TYPE_JSON;
	if (pair == (1U << BQ_TYPE_BOOL | 1U << BQ_TYPE_INT64))
		return true;
	return (pair & ~numbers) == 0 || (pair & ~times) == 0;
}

struct expr sql_cast(struct sql *sql, const struct expr *value, const struct bq_field *type,
		     bool safe)
{
	struct expr result = {.field = type, .token = value->token};

	if (value->field->repeated || !can_cast(value->field->type, type->type)) {
		sql_fail(sql, value->token, "Invalid cast from %s to %s",
			 sql_type_list(sql, value, 1), bq_type_sql(type->type));
		result.sql = "NULL";
		return result;
	}
	result.sql = sql_keepf(sql, "bq_cast(%s, '%s', '%s', %d)", value->sql,
			       bq_type_sql(value->field->type), bq_type_sql(type->type), safe);
	return result;
}
