/* sql_part - functions that name a part of a date: DATE_SUB(x, INTERVAL 2 DAY), TIMESTAMP_TRUNC(x,
 * HOUR), EXTRACT(YEAR FROM x). See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

static const char *const parts[] = {"MICROSECOND", "MILLISECOND", "SECOND",    "MINUTE",  "HOUR",
				    "DAY",         "WEEK",        "MONTH",     "QUARTER", "YEAR",
				    "ISOWEEK",     "DAYOFWEEK",   "DAYOFYEAR", "ISOYEAR", "DATE"};

const char *sql_parse_part(struct sql *sql)
{
	const struct token *token = sql_next(sql);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (sql_is_word(token, parts[i]))
			return parts[i];
	}
	if (token->kind == TOKEN_WORD)
		sql_fail(sql, token, "A valid date part name is required but found %s",
			 token->text);
	else
		sql_unexpected(sql, token);
	return "DAY";
}

/** Is @p part smaller than a day? */
static bool is_small(const char *part)
{
	for (size_t i = 0; i < 5; i++) {
		if (g_str_equal(parts[i], part))
			return true;
	}
	return false;
}

static void wrong_part(struct sql *sql, const struct expr *value, const char *name,
		       const char *part)
{
	sql_fail(sql, value->token, "%s does not support the %s date part", name, part);
}

/** DATE + INTERVAL is a DATETIME, DATE + INT64 a DATE: "DATE+DAY" is the second. */
struct expr sql_shift(struct sql *sql, const struct expr *value, const struct expr *count,
		      const char *part, bool minus)
{
	bool days = g_str_equal(part, "DATE+DAY");
	const char *unit = days ? "DAY" : part, *base = value->sql;
	enum bq_type type = value->field->type;

	if (!sql_is_type(count, BQ_TYPE_INT64))
		sql_fail(sql, count->token, "Interval value must be coercible to INT64 type");
	if (type == BQ_TYPE_DATE && !days) {
		type = BQ_TYPE_DATETIME;
		base = sql_keepf(sql, "(%s || 'T00:00:00')", value->sql);
	} else if (type != BQ_TYPE_TIMESTAMP && type != BQ_TYPE_DATETIME && type != BQ_TYPE_DATE) {
		sql_fail(sql, value->token,
			 "No matching signature for operator %c for argument types: %s, INTERVAL",
			 minus ? '-' : '+', sql_type_list(sql, value, 1));
	}
	return sql_make(sql,
			sql_keepf(sql, "bq_shift('%s', %s, %s(%s), '%s')", bq_type_sql(type), base,
				  minus ? "-" : "", count->sql, unit),
			type, value->token);
}

struct part_function {
	const char *name;
	enum bq_type type;
};

/** DATE_SUB(x, INTERVAL n PART) */
static struct expr parse_shift(struct sql *sql, const char *name, enum bq_type type, bool minus)
{
	struct expr value = sql_parse_expr(sql), count = {0};
	const char *part = NULL;

	sql_expect_sign(sql, ",");
	if (!sql_coerce(sql, &value, type))
		sql_fail(sql, value.token,
			 "No matching signature for function %s for argument types: %s, INT64, "
			 "DATE_TIME_PART",
			 name, sql_type_list(sql, &value, 1));
	sql_expect_word(sql, "INTERVAL");
	count = sql_parse_expr(sql);
	part = sql_parse_part(sql);
	sql_expect_sign(sql, ")");
	if (!sql_is_type(&count, BQ_TYPE_INT64))
		sql_fail(sql, count.token, "Interval value must be coercible to INT64 type");
	/* TIMESTAMP_SUB knows no month: its length is not fixed */
	if (type == BQ_TYPE_TIMESTAMP ? !is_small(part) && !g_str_equal(part, "DAY")
				      : type == BQ_TYPE_DATE && is_small(part))
		wrong_part(sql, &value, name, part);
	return sql_make(sql,
			sql_keepf(sql, "bq_shift('%s', %s, %s(%s), '%s')", bq_type_sql(type),
				  value.sql, minus ? "-" : "", count.sql, part),
			type, value.token);
}

/** DATE_DIFF(a, b, PART) */
static struct expr parse_diff(struct sql *sql, const char *name, enum bq_type type)
{
	struct expr a = sql_parse_expr(sql), b = {0};
	const char *part = NULL;

	sql_expect_sign(sql, ",");
	b = sql_parse_expr(sql);
	sql_expect_sign(sql, ",");
	part = sql_parse_part(sql);
	sql_expect_sign(sql, ")");
	if (!sql_coerce(sql, &a, type) || !sql_coerce(sql, &b, type))
		sql_fail(sql, a.token,
			 "No matching signature for function %s for argument types: %s, %s, "
			 "DATE_TIME_PART",
			 name, sql_type_list(sql, &a, 1), sql_type_list(sql, &b, 1));
	if (type == BQ_TYPE_DATE && is_small(part))
		wrong_part(sql, &a, name, part);
	return sql_make(sql,
			sql_keepf(sql, "bq_diff('%s', %s, %s, '%s')", bq_type_sql(type), a.sql,
				  b.sql, part),
			BQ_TYPE_INT64, a.token);
}

/** DATE_TRUNC(x, PART), TIMESTAMP_TRUNC(x, PART) */
static struct expr parse_trunc(struct sql *sql, const char *name, enum bq_type type)
{
	struct expr value = sql_parse_expr(sql);
	const char *part = NULL;

	sql_expect_sign(sql, ",");
	part = sql_parse_part(sql);
	sql_expect_sign(sql, ")");
	if (!sql_coerce(sql, &value, type))
		sql_fail(sql, value.token,
			 "No matching signature for function %s for argument types: %s, "
			 "DATE_TIME_PART",
			 name, sql_type_list(sql, &value, 1));
	return sql_make(
		sql, sql_keepf(sql, "bq_trunc('%s', %s, '%s')", bq_type_sql(type), value.sql, part),
		type, value.token);
}

/** EXTRACT(PART FROM x [AT TIME ZONE z]) */
static struct expr parse_extract(struct sql *sql)
{
	const char *part = sql_parse_part(sql), *zone = "'UTC'";
	struct expr value = {0}, place = {0};

	sql_expect_word(sql, "FROM");
	value = sql_parse_expr(sql);
	if (sql_take_word(sql, "AT")) {
		sql_expect_word(sql, "TIME");
		sql_expect_word(sql, "ZONE");
		place = sql_parse_expr(sql);
		zone = place.sql;
	}
	sql_expect_sign(sql, ")");
	if (!sql_is_type(&value, BQ_TYPE_DATE) && !sql_is_type(&value, BQ_TYPE_TIMESTAMP) &&
	    !sql_is_type(&value, BQ_TYPE_DATETIME))
		sql_fail(sql, value.token, "EXTRACT does not support arguments of type: %s",
			 sql_type_list(sql, &value, 1));
	return sql_make(sql,
			sql_keepf(sql, "bq_extract('%s', '%s', %s, %s)", part,
				  bq_type_sql(value.field->type), value.sql, zone),
			g_str_equal(part, "DATE") ? BQ_TYPE_DATE : BQ_TYPE_INT64, value.token);
}

bool sql_parse_part_call(struct sql *sql, const char *name, const struct token *token,
			 struct expr *ret_expr)
{
	static const struct part_function prefixes[] = {{"DATE_", BQ_TYPE_DATE},
							{"TIMESTAMP_", BQ_TYPE_TIMESTAMP},
							{"DATETIME_", BQ_TYPE_DATETIME}};

	(void)token;
	if (g_str_equal(name, "EXTRACT")) {
		*ret_expr = parse_extract(sql);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		const char *rest = name + strlen(prefixes[i].name);

		if (!g_str_has_prefix(name, prefixes[i].name))
			continue;
		if (g_str_equal(rest, "ADD") || g_str_equal(rest, "SUB"))
			*ret_expr = parse_shift(sql, name, prefixes[i].type, *rest == 'S');
		else if (g_str_equal(rest, "DIFF"))
			*ret_expr = parse_diff(sql, name, prefixes[i].type);
		else if (g_str_equal(rest, "TRUNC"))
			*ret_expr = parse_trunc(sql, name, prefixes[i].type);
		else
			continue;
		return true;
	}
	return false;
}
