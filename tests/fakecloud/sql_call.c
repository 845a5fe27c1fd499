/* sql_call - functions of GoogleSQL: one table says what each takes and how SQLite says it.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all . See
 * sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

/** Most arguments of a call. */
#define ARGUMENTS_MAX 64

/* Letters of arguments: i INT64, n any number, f FLOAT64, s STRING, b BOOL, d DATE, t TIMESTAMP, D
 * DATETIME, j JSON, r an array, a anything; '*' after a letter: one or more of it. Letters of
 * results: the same, and 1 or 2: as that argument, u: as all arguments brought to one type. In the
 * text $1 is an argument, $* all of them. */
static const struct function {
	const char *name, *arguments, *result, *text;
} functions[] = {
	{"CURRENT_TIMESTAMP", "", "t", "bq_now()"},
	{"CURRENT_DATE", "", "d", "bq_date(bq_now(), 'UTC')"},
	{"CURRENT_DATE", "s", "d", "bq_date(bq_now(), $1)"},
	{"CURRENT_DATETIME", "", "D", "bq_datetime(bq_now(), 'UTC')"},
	{"CURRENT_DATETIME", "s", "D", "bq_datetime(bq_now(), $1)"},
	{"UNIX_MICROS", "t", "i", "($1)"},
	{"UNIX_MILLIS", "t", "i", "bq_floor($1, 1000)"},
	{"UNIX_SECONDS", "t", "i", "bq_floor($1, 1000000)"},
	{"UNIX_DATE", "d", "i", "CAST(julianday($1) - 2440587.5 AS INTEGER)"},
	{"TIMESTAMP_MICROS", "i", "t", "($1)"},
	{"TIMESTAMP_MILLIS", "i", "t", "($1 * 1000)"},
	{"TIMESTAMP_SECONDS", "i", "t", "($1 * 1000000)"},
	{"TIMESTAMP", "t", "t", "($1)"},
	{"TIMESTAMP", "d", "t", "bq_timestamp($1, 'UTC')"},
	{"TIMESTAMP", "D", "t", "bq_timestamp($1, 'UTC')"},
	{"TIMESTAMP", "s", "t", "bq_timestamp($1, 'UTC')"},
	{"TIMESTAMP", "ds", "t", "bq_timestamp($1, $2)"},
	{"TIMESTAMP", "Ds", "t", "bq_timestamp($1, $2)"},
	{"TIMESTAMP", "ss", "t", "bq_timestamp($1, $2)"},
	{"DATE", "d", "d", "($1)"},
	{"DATE", "t", "d", "bq_date($1, 'UTC')"},
	{"DATE", "D", "d", "substr($1, 1, 10)"},
	{"DATE", "s", "d", "bq_cast($1, 'STRING', 'DATE', 0)"},
	{"DATE", "ts", "d", "bq_date($1, $2)"},
	{"DATE", "iii", "d", "printf('%04d-%02d-%02d', $1, $2, $3)"},
	{"DATETIME", "t", "D", "bq_datetime($1, 'UTC')"},
	{"DATETIME", "ts", "D", "bq_datetime($1, $2)"},
	{"DATETIME", "d", "D", "($1 || 'T00:00:00')"},
	{"STRING", "t", "s", "bq_cast($1, 'TIMESTAMP', 'STRING', 0)"},
	{"STRING", "d", "s", "($1)"},
	{"FORMAT_DATE", "sd", "s", "bq_format($1, bq_timestamp($2, 'UTC'), 'UTC')"},
	{"FORMAT_TIMESTAMP", "st", "s", "bq_format($1, $2, 'UTC')"},
	{"FORMAT_TIMESTAMP", "sts", "s", "bq_format($1, $2, $3)"},
	{"PARSE_DATE", "ss", "d", "bq_parse_date($1, $2)"},
	{"CONCAT", "s*", "s", "bq_concat($*)"},
	{"LOWER", "s", "s", "lower($1)"},
	{"UPPER", "s", "s", "upper($1)"},
	{"LENGTH", "s", "i", "length($1)"},
	{"CHAR_LENGTH", "s", "i", "length($1)"},
	{"SUBSTR", "si", "s", "substr($1, $2)"},
	{"SUBSTR", "sii", "s", "substr($1, $2, $3)"},
	{"TRIM", "s", "s", "trim($1)"},
	{"LTRIM", "s", "s", "ltrim($1)"},
	{"RTRIM", "s", "s", "rtrim($1)"},
	{"REPLACE", "sss", "s", "replace($1, $2, $3)"},
	{"STRPOS", "ss", "i", "instr($1, $2)"},
	{"STARTS_WITH", "ss", "b", "(substr($1, 1, length($2)) = $2)"},
	{"ENDS_WITH", "ss", "b", "(substr($1, -length($2), length($2)) = $2)"},
	{"REGEXP_CONTAINS", "ss", "b", "bq_regexp($1, $2)"},
	{"TO_HEX", "s", "s", "lower(hex($1))"},
	{"ABS", "n", "1", "abs($1)"},
	{"SIGN", "n", "1", "sign($1)"},
	{"ROUND", "n", "f", "round($1)"},
	{"ROUND", "ni", "f", "round($1, $2)"},
	{"FLOOR", "n", "f", "CAST(bq_floor_real($1) AS REAL)"},
	{"CEIL", "n", "f", "(- bq_floor_real(- $1))"},
	{"MOD", "ii", "i", "($1 % $2)"},
	{"DIV", "ii", "i", "bq_int_div($1, $2)"},
	{"SAFE_DIVIDE", "nn", "f", "($1 / nullif(CAST($2 AS REAL), 0.0))"},
	{"IS_NAN", "n", "b", "(typeof($1) = 'text')"},
	{"IF", "baa", "v", "iif($1, $2, $3)"},
	{"IFNULL", "aa", "u", "ifnull($1, $2)"},
	{"COALESCE", "a*", "u", "bq_coalesce($*)"},
	{"NULLIF", "aa", "u", "nullif($1, $2)"},
	{"GREATEST", "a*", "u", "bq_extreme(1, $*)"},
	{"LEAST", "a*", "u", "bq_extreme(0, $*)"},
	{"TO_JSON_STRING", "a", "s", "bq_json($1)"},
	{"JSON_VALUE", "ss", "s", "CAST(json_extract($1, $2) AS TEXT)"},
	{"ARRAY_LENGTH", "r", "i", "json_array_length($1)"},
	{"GENERATE_ARRAY", "ii", "I",
	 "(WITH RECURSIVE g(v) AS (SELECT $1 WHERE $1 <= $2 UNION ALL SELECT v + 1 FROM g WHERE v "
	 "< $2) "
	 "SELECT json_group_array(v) FROM g)"},
	{"ARRAY_TO_STRING", "rs", "s", "(SELECT group_concat(value, $2) FROM json_each($1))"},
	{"ERROR", "s", "i", "bq_error($1)"},
	{"SESSION_USER", "", "s", "'fake@acme.iam.gserviceaccount.com'"},
	{"GENERATE_UUID", "", "s", "lower(hex(randomblob(16)))"},
	{"ROW_NUMBER", "", "i", "row_number()"},
	{"RANK", "", "i", "rank()"},
	{"LAG", "a", "1", "lag($1)"},
	{"LEAD", "a", "1", "lead($1)"},
};

struct arguments {
	struct expr values[ARGUMENTS_MAX];
	guint count;
};

bool sql_is_call(const struct sql *sql)
{
	const struct token *token = sql_peek(sql);

	if (!sql_is_sign(sql_peek_at(sql, 1), "(") || token->kind != TOKEN_WORD)
		return false;
	return !sql_is_reserved(token) || sql_is_word(token, "IF") || sql_is_word(token, "LEFT") ||
	       sql_is_word(token, "RIGHT") || sql_is_word(token, "EXTRACT");
}

static void parse_arguments(struct sql *sql, struct arguments *ret_arguments)
{
	ret_arguments->count = 0;
	if (sql_take_sign(sql, ")"))
		return;
	do {
		if (ret_arguments->count == ARGUMENTS_MAX) {
			sql_fail(sql, sql_peek(sql), "Too many arguments");
			return;
		}
		ret_arguments->values[ret_arguments->count++] = sql_parse_expr(sql);
	} while (sql_take_sign(sql, ","));
	sql_expect_sign(sql, ")");
}

/* --- which of the table fits --- */

static bool fits_letter(const struct expr *value, char letter)
{
	static const struct {
		char letter;
		enum bq_type type;
	} types[] = {{'i', BQ_TYPE_INT64}, {'s', BQ_TYPE_STRING},    {'b', BQ_TYPE_BOOL},
		     {'d', BQ_TYPE_DATE},  {'t', BQ_TYPE_TIMESTAMP}, {'D', BQ_TYPE_DATETIME},
		     {'j', BQ_TYPE_JSON},  {'f', BQ_TYPE_FLOAT64}};

	if (letter == 'a' || sql_is_type(value, BQ_TYPE_NONE))
		return true;
	if (letter == 'r')
		return value->field->repeated;
	if (letter == 'n')
		return sql_is_number(value);
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (types[i].letter == letter)
			return sql_is_type(value, types[i].type);
	}
	return false;
}

static bool fits(const struct function *function, const struct arguments *arguments)
{
	const char *letters = function->arguments;
	bool many = letters[0] && letters[1] == '*';

	if (many ? arguments->count == 0 : arguments->count != strlen(letters))
		return false;
	for (guint i = 0; i < arguments->count; i++) {
		if (!fits_letter(&arguments->values[i], letters[many ? 0 : i]))
			return false;
	}
	return true;
}

/** Text literals where only a date or a time can stand. */
static bool coerce_literals(struct sql *sql, const struct function *function,
			    struct arguments *arguments)
{
	const char *letters = function->arguments;

	if (arguments->count != strlen(letters))
		return false;
	for (guint i = 0; i < arguments->count; i++) {
		struct expr *value = &arguments->values[i];

		if (fits_letter(value, letters[i]))
			continue;
		if (letters[i] == 'd' && value->literal)
			(void)sql_coerce(sql, value, BQ_TYPE_DATE);
		else if (letters[i] == 't' && value->literal)
			(void)sql_coerce(sql, value, BQ_TYPE_TIMESTAMP);
	}
	return fits(function, arguments);
}

static const struct function *find_function(struct sql *sql, const char *name,
					    struct arguments *arguments, bool *ret_known)
{
	*ret_known = false;
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		if (g_ascii_strcasecmp(functions[i].name, name) != 0)
			continue;
		*ret_known = true;
		if (fits(&functions[i], arguments))
			return &functions[i];
	}
	for (size_t i = 0; *ret_known && i < G_N_ELEMENTS(functions); i++) {
		if (g_ascii_strcasecmp(functions[i].name, name) == 0 &&
		    coerce_literals(sql, &functions[i], arguments))
			return &functions[i];
	}
	return NULL;
}

/* --- writing --- */

static const char *join(struct sql *sql, const struct arguments *arguments)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < arguments->count; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", arguments->values[i].sql);
	return sql_keep(sql, g_string_free(text, FALSE));
}

static const char *fill(struct sql *sql, const char *template, const struct arguments *arguments)
{
	GString *text = g_string_new(NULL);

	for (const char *at = template; *at; at++) {
		if (*at != '$') {
			g_string_append_c(text, *at);
			continue;
		}
		at++;
		g_string_append(text, *at == '*' ? join(sql, arguments)
						 : arguments->values[*at - '1'].sql);
	}
	return sql_keep(sql, g_string_free(text, FALSE));
}

/** One type for the arguments from @p first on. */
static const struct bq_field *unify_all(struct sql *sql, const char *name,
					struct arguments *arguments, guint first)
{
	struct expr *values = arguments->values;

	for (int pass = 0; pass < 2; pass++) {
		for (guint i = first + 1; i < arguments->count; i++) {
			if (!sql_unify(sql, &values[first], &values[i]))
				sql_fail(sql, values[i].token,
					 "No matching signature for function %s for argument "
					 "types: %s",
					 name, sql_type_list(sql, values, arguments->count));
		}
	}
	return values[first].field;
}

static const struct bq_field *result_field(struct sql *sql, const struct function *function,
					   struct arguments *arguments)
{
	switch (*function->result) {
	case '1':
		return arguments->values[0].field;
	case 'u':
		return unify_all(sql, function->name, arguments, 0);
	case 'v':
		return unify_all(sql, function->name, arguments, 1);
	case 'I':
		return sql_array_of(sql, sql_field(sql, BQ_TYPE_INT64));
	case 'i':
		return sql_field(sql, BQ_TYPE_INT64);
	case 'f':
		return sql_field(sql, BQ_TYPE_FLOAT64);
	case 'b':
		return sql_field(sql, BQ_TYPE_BOOL);
	case 'd':
		return sql_field(sql, BQ_TYPE_DATE);
	case 't':
		return sql_field(sql, BQ_TYPE_TIMESTAMP);
	case 'D':
		return sql_field(sql, BQ_TYPE_DATETIME);
	default:
		return sql_field(sql, BQ_TYPE_STRING);
	}
}

static struct expr plain_call(struct sql *sql, const char *name, const struct token *token)
{
	struct arguments arguments = {0};
	struct expr result = sql_make(sql, "NULL", BQ_TYPE_NONE, token);
	const struct function *function = NULL;
	bool known = false;

	parse_arguments(sql, &arguments);
	if (sql_failed(sql))
		return result;
	function = find_function(sql, name, &arguments, &known);
	if (!known)
		sql_fail(sql, token, "Function not found: %s", name);
	else if (!function && arguments.count > 0)
		sql_fail(sql, token, "No matching signature for function %s for argument types: %s",
			 name, sql_type_list(sql, arguments.values, arguments.count));
	else if (!function)
		sql_fail(sql, token, "No matching signature for function %s with no arguments",
			 name);
	if (sql_failed(sql) || !function)
		return result;
	result.field = result_field(sql, function, &arguments);
	result.sql = fill(sql, function->text, &arguments);
	return result;
}

struct expr sql_parse_call(struct sql *sql)
{
	const struct token *token = sql_next(sql);
	const char *name = sql_keep(sql, g_ascii_strup(token->text, -1));
	struct expr result = {0};

	(void)sql_next(sql); /* "(": sql_is_call() saw it */
	if (sql_parse_part_call(sql, name, token, &result))
		return result;
	if (sql_is_aggregate(name))
		return sql_parse_over(sql, sql_parse_aggregate(sql, name, token));
	return sql_parse_over(sql, plain_call(sql, name, token));
}
