/* sql_functions - see sql_functions.h */
#include "tests/fakecloud/sql_functions.h"

#include "tests/fakecloud/bq_value.h"

#include <math.h>
#include <string.h>

const char *sql_argument_text(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return text ? text : "";
}

bool sql_any_null(int count, sqlite3_value **values)
{
	for (int i = 0; i < count; i++) {
		if (sqlite3_value_type(values[i]) == SQLITE_NULL)
			return true;
	}
	return false;
}

static void fail(sqlite3_context *context, const char *format, const char *what)
{
	g_autofree char *message = g_strdup_printf("%s%s", format, what);

	sqlite3_result_error(context, message, -1);
}

static void give_text(sqlite3_context *context, char *taken)
{
	sqlite3_result_text(context, taken, -1, g_free);
}

/* --- numbers --- */

static void divide(sqlite3_context *context, int count, sqlite3_value **values)
{
	double by = sqlite3_value_double(values[1]);

	if (sql_any_null(count, values))
		return;
	if (by == 0.0)
		fail(context, "division by zero: ", sql_argument_text(values[0]));
	else
		sqlite3_result_double(context, sqlite3_value_double(values[0]) / by);
}

static void divide_int(sqlite3_context *context, int count, sqlite3_value **values)
{
	int64_t by = sqlite3_value_int64(values[1]);

	if (sql_any_null(count, values))
		return;
	if (by == 0)
		fail(context, "division by zero: ", sql_argument_text(values[0]));
	else
		sqlite3_result_int64(context, sqlite3_value_int64(values[0]) / by);
}

static void floor_int(sqlite3_context *context, int count, sqlite3_value **values)
{
	if (!sql_any_null(count, values))
		sqlite3_result_int64(context, bq_floor_div(sqlite3_value_int64(values[0]),
							   sqlite3_value_int64(values[1])));
}

static void floor_real(sqlite3_context *context, int count, sqlite3_value **values)
{
	if (!sql_any_null(count, values))
		sqlite3_result_double(context, floor(sqlite3_value_double(values[0])));
}

static int compare_values(sqlite3_value *a, sqlite3_value *b)
{
	double x = 0, y = 0;

	if (sqlite3_value_type(a) == SQLITE_TEXT || sqlite3_value_type(b) == SQLITE_TEXT)
		return strcmp(sql_argument_text(a), sql_argument_text(b));
	if (sqlite3_value_type(a) == SQLITE_INTEGER && sqlite3_value_type(b) == SQLITE_INTEGER) {
		int64_t left = sqlite3_value_int64(a), right = sqlite3_value_int64(b);

		return left < right ? -1 : left > right;
	}
	x = sqlite3_value_double(a);
	y = sqlite3_value_double(b);
	return x < y ? -1 : x > y;
}

/** GREATEST and LEAST: the first argument says which. */
static void extreme(sqlite3_context *context, int count, sqlite3_value **values)
{
	int sign = sqlite3_value_int(values[0]) ? 1 : -1, best = 1;

	if (sql_any_null(count, values))
		return;
	for (int i = 2; i < count; i++) {
		if (compare_values(values[i], values[best]) * sign > 0)
			best = i;
	}
	sqlite3_result_value(context, values[best]);
}

static void coalesce(sqlite3_context *context, int count, sqlite3_value **values)
{
	for (int i = 0; i < count; i++) {
		if (sqlite3_value_type(values[i]) != SQLITE_NULL) {
			sqlite3_result_value(context, values[i]);
			return;
		}
	}
}

/* --- texts --- */

static void concat(sqlite3_context *context, int count, sqlite3_value **values)
{
	GString *text = NULL;

	if (sql_any_null(count, values))
		return;
	text = g_string_new(NULL);
	for (int i = 0; i < count; i++)
		g_string_append(text, sql_argument_text(values[i]));
	give_text(context, g_string_free(text, FALSE));
}

/** Where the next character begins. */
static const char *next_character(const char *text)
{
	for (text++; ((unsigned char)*text & 0xc0) == 0x80;)
		text++;
	return text;
}

/** LIKE minds case; '%' and '_'. */
static bool is_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '%') {
			for (;; text++) {
				if (is_like(text, pattern + 1))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text)
			return false;
		if (*pattern == '_') {
			text = next_character(text);
			continue;
		}
		if (*pattern == '\\' && pattern[1])
			pattern++;
		if (*pattern != *text++)
			return false;
	}
	return !*text;
}

static void like(sqlite3_context *context, int count, sqlite3_value **values)
{
	if (!sql_any_null(count, values))
		sqlite3_result_int(context, is_like(sql_argument_text(values[0]),
						    sql_argument_text(values[1])));
}

static void regexp(sqlite3_context *context, int count, sqlite3_value **values)
{
	g_autoptr(GRegex) regex = NULL;

	if (sql_any_null(count, values))
		return;
	regex = g_regex_new(sql_argument_text(values[1]), 0, 0, NULL);
	if (regex)
		sqlite3_result_int(context,
				   g_regex_match(regex, sql_argument_text(values[0]), 0, NULL));
	else
		fail(context, "Cannot parse regular expression: ", sql_argument_text(values[1]));
}

static void raise_error(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	fail(context, "", sql_argument_text(values[0]));
}

/** TO_JSON_STRING of what is a scalar, or JSON already. */
static void to_json(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = sql_argument_text(values[0]);
	json_object *value = NULL;

	(void)count;
	if (sqlite3_value_type(values[0]) == SQLITE_NULL) {
		sqlite3_result_text(context, "null", -1, SQLITE_STATIC);
	} else if (sqlite3_value_type(values[0]) != SQLITE_TEXT || *text == '{' || *text == '[') {
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
	} else {
		value = json_object_new_string(text);
		sqlite3_result_text(
			context,
			json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE), -1,
			SQLITE_TRANSIENT);
		json_object_put(value);
	}
}

/* --- STRING_AGG --- */

struct piece {
	char *text;
	sqlite3_value *key;
};

struct pieces {
	GArray *list; /* struct piece */
	char *separator;
	bool descending;
};

static int compare_pieces(gconstpointer a, gconstpointer b)
{
	const struct piece *left = a, *right = b;

	return compare_values(left->key, right->key);
}

static void string_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct pieces *pieces = sqlite3_aggregate_context(context, sizeof(*pieces));
	struct piece piece = {0};

	(void)count;
	if (!pieces || sqlite3_value_type(values[0]) == SQLITE_NULL)
		return;
	if (!pieces->list) {
		pieces->list = g_array_new(FALSE, FALSE, sizeof(struct piece));
		pieces->separator = g_strdup(sql_argument_text(values[1]));
		pieces->descending = sqlite3_value_int(values[3]) != 0;
	}
	piece.text = g_strdup(sql_argument_text(values[0]));
	piece.key = sqlite3_value_dup(values[2]);
	g_array_append_val(pieces->list, piece);
}

static void string_final(sqlite3_context *context)
{
	struct pieces *pieces = sqlite3_aggregate_context(context, 0);
	GString *text = NULL;

	if (!pieces || !pieces->list)
		return;
	text = g_string_new(NULL);
	g_array_sort(pieces->list, compare_pieces);
	for (guint i = 0; i < pieces->list->len; i++) {
		guint index = pieces->descending ? pieces->list->len - 1 - i : i;
		struct piece *piece = &g_array_index(pieces->list, struct piece, index);

		g_string_append_printf(text, "%s%s", i > 0 ? pieces->separator : "", piece->text);
		g_free(piece->text);
		sqlite3_value_free(piece->key);
	}
	g_array_unref(pieces->list);
	g_free(pieces->separator);
	give_text(context, g_string_free(text, FALSE));
}

/* --- STDDEV --- */

struct moments {
	double count, mean, squares;
};

static void stddev_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct moments *moments = sqlite3_aggregate_context(context, sizeof(*moments));
	double value = sqlite3_value_double(values[0]), delta = 0;

	(void)count;
	if (!moments || sqlite3_value_type(values[0]) == SQLITE_NULL)
		return;
	moments->count += 1;
	delta = value - moments->mean;
	moments->mean += delta / moments->count;
	moments->squares += delta * (value - moments->mean);
}

static void stddev_final(sqlite3_context *context)
{
	const struct moments *moments = sqlite3_aggregate_context(context, 0);

	if (moments && moments->count > 1)
		sqlite3_result_double(context, sqrt(moments->squares / (moments->count - 1)));
}

bool sql_functions_register(sqlite3 *db)
{
	static const struct {
		const char *name;
		int arguments;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} table[] = {
		{"bq_div", 2, divide},       {"bq_int_div", 2, divide_int},
		{"bq_floor", 2, floor_int},  {"bq_floor_real", 1, floor_real},
		{"bq_extreme", -1, extreme}, {"bq_coalesce", -1, coalesce},
		{"bq_concat", -1, concat},   {"bq_like", 2, like},
		{"bq_regexp", 2, regexp},    {"bq_error", 1, raise_error},
		{"bq_json", 1, to_json},
	};
	bool ok = true;

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		ok &= sqlite3_create_function(db, table[i].name, table[i].arguments, SQLITE_UTF8,
					      NULL, table[i].call, NULL, NULL) == SQLITE_OK;
	ok &= sqlite3_create_function(db, "bq_string_agg", 4, SQLITE_UTF8, NULL, NULL, string_step,
				      string_final) == SQLITE_OK;
	ok &= sqlite3_create_function(db, "bq_stddev", 1, SQLITE_UTF8, NULL, NULL, stddev_step,
				      stddev_final) == SQLITE_OK;
	return ok && sql_dates_register(db);
}
