/* condition - "rows = 0", "value between 1 and 2": does it hold? See eval_condition() in data.h. */
#include "eval/data.h"

#include <math.h>
#include <string.h>

#include "drift_error.h"

/* 2 to the 63rd: the first double beyond int64_t. */
#define INT64_END 9223372036854775808.0

/* A number as it was written: whole when it fits. */
struct number {
	bool whole;
	int64_t integer;
	double real;
};

/* -1, 0, 1. A double cannot hold every integer: it is the double that is taken apart. */
static int compare_integer(int64_t integer, double bound)
{
	int64_t whole;

	if (bound >= INT64_END)
		return -1;
	if (bound < -INT64_END)
		return 1;
	whole = (int64_t)bound; /* in range, cut towards 0 */
	if (integer != whole)
		return integer < whole ? -1 : 1;
	if (bound > (double)whole)
		return -1;
	return bound < (double)whole ? 1 : 0;
}

static int compare(const struct number *number, double bound)
{
	if (number->whole)
		return compare_integer(number->integer, bound);
	if (number->real < bound)
		return -1;
	return number->real > bound ? 1 : 0;
}

static bool holds(const struct config_condition *condition, const struct number *number)
{
	int order = compare(number, condition->bound);

	switch (condition->operator) {
	case CONDITION_OPERATOR_EQ:
		return order == 0;
	case CONDITION_OPERATOR_NE:
		return order != 0;
	case CONDITION_OPERATOR_LT:
		return order < 0;
	case CONDITION_OPERATOR_LE:
		return order <= 0;
	case CONDITION_OPERATOR_GT:
		return order > 0;
	case CONDITION_OPERATOR_GE:
		return order >= 0;
	case CONDITION_OPERATOR_BETWEEN:
		return order >= 0 && compare(number, condition->upper) <= 0;
	case CONDITION_OPERATOR_NONE:
		break;
	}
	return false;
}

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* [+-]DIGITS[.DIGITS][e[+-]DIGITS], at least one digit before the exponent. */
static bool is_decimal(const char *text)
{
	size_t digits;

	text += *text == '+' || *text == '-';
	digits = count_digits(text);
	text += digits;
	if (*text == '.') {
		size_t fraction = count_digits(text + 1);

		digits += fraction;
		text += 1 + fraction;
	}
	if (digits == 0)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '+' || *text == '-';
		digits = count_digits(text);
		text += digits;
	}
	return digits > 0 && !*text;
}

static bool is_infinity(const char *text)
{
	text += *text == '+' || *text == '-';
	return g_ascii_strcasecmp(text, "infinity") == 0 || g_ascii_strcasecmp(text, "inf") == 0;
}

static bool read_number(const char *text, struct number *ret_number, GError **error)
{
	struct number number = {0};

	if (!text) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the value is NULL, and a number is needed");
		return false;
	}
	if (is_infinity(text)) {
		number.real = *text == '-' ? -HUGE_VAL : HUGE_VAL;
	} else if (!is_decimal(text)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the value is \"%.100s\", and a number is needed", text);
		return false;
	} else {
		number.whole = g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX,
							&number.integer, NULL);
		number.real = g_ascii_strtod(text, NULL);
	}
	*ret_number = number;
	return true;
}

bool eval_condition(const struct config_condition *condition, int64_t rows, const char *value,
		    bool *ret_holds, GError **error)
{
	struct number number = {.whole = true, .integer = rows};

	if (condition->subject == CONDITION_SUBJECT_ROWS && rows < 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "the rows were not counted");
		return false;
	}
	if (condition->subject != CONDITION_SUBJECT_ROWS && !read_number(value, &number, error))
		return false;
	*ret_holds = holds(condition, &number);
	return true;
}
