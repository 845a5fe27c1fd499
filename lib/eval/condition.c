/* condition - "rows = 0", "value between 1 and 2": does it hold? See eval_condition() in data.h. */
#include "eval/data.h"

#include <string.h>

#include "drift_error.h"

/* What a number in a condition is made of; no word or operator has any of these but the e. */
#define NUMBER_BEGINS "0123456789+-."
#define NUMBER_HAS NUMBER_BEGINS "eE"

/* Exponents beyond this are all the same: no text is long enough to make up for it. */
#define EXPONENT_MAX INT64_C(1000000000000)

/* A number as it was written: sign * 0.DIGITS * 10 to the power of point. No double: it cannot hold every integer, nor
 * every fraction. */
struct number {
	int sign;      /* -1, 0, 1 */
	int64_t point; /* INT64_MAX: infinite */
	char *digits;  /* without zeros at either end; owned */
};

static void number_done(struct number *number)
{
	g_clear_pointer(&number->digits, g_free);
}

static int compare(const struct number *a, const struct number *b)
{
	int digits;

	if (a->sign != b->sign)
		return a->sign < b->sign ? -1 : 1;
	if (a->point != b->point)
		return a->point < b->point ? -a->sign : a->sign;
	digits = strcmp(a->digits, b->digits);
	return digits == 0 ? 0 : digits < 0 ? -a->sign : a->sign;
}

/* --- from text --- */

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Behind [e[+-]DIGITS]; NULL: something else follows. */
static const char *read_exponent(const char *text, int64_t *ret_exponent)
{
	int64_t exponent = 0;
	bool is_negative;

	if (*text != 'e' && *text != 'E') {
		*ret_exponent = 0;
		return text;
	}
	text++;
	is_negative = *text == '-';
	text += *text == '+' || *text == '-';
	if (count_digits(text) == 0)
		return NULL;
	for (; g_ascii_isdigit(*text); text++)
		exponent = MIN(exponent * 10 + g_ascii_digit_value(*text), EXPONENT_MAX);
	*ret_exponent = is_negative ? -exponent : exponent;
	return text;
}

/* [+-]DIGITS[.DIGITS][e[+-]DIGITS], at least one digit before the exponent. */
static bool read_decimal(const char *text, struct number *ret_number)
{
	bool is_negative = *text == '-';
	const char *whole = text + (*text == '+' || *text == '-');
	size_t whole_count = count_digits(whole);
	bool has_point = whole[whole_count] == '.';
	const char *fraction = whole + whole_count + has_point;
	size_t fraction_count = has_point ? count_digits(fraction) : 0;
	int64_t exponent = 0;
	const char *end = read_exponent(fraction + fraction_count, &exponent);
	g_autofree char *digits = NULL;
	size_t zeros, length = whole_count + fraction_count;

	if (length == 0 || !end || *end)
		return false;
	digits = g_strdup_printf("%.*s%.*s", (int)whole_count, whole, (int)fraction_count,
				 fraction); /* a cell, or a word of a condition: short */
	zeros = strspn(digits, "0");
	while (length > zeros && digits[length - 1] == '0')
		digits[--length] = '\0';
	*ret_number = (struct number){.digits = g_strdup(digits + zeros)};
	if (zeros == length)
		return true;
	ret_number->sign = is_negative ? -1 : 1;
	ret_number->point = (int64_t)whole_count - (int64_t)zeros + exponent;
	return true;
}

static bool is_infinity(const char *text)
{
	text += *text == '+' || *text == '-';
	return g_ascii_strcasecmp(text, "infinity") == 0 || g_ascii_strcasecmp(text, "inf") == 0;
}

static bool read_value(const char *text, struct number *ret_number, GError **error)
{
	if (!text) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the value is NULL, and a number is needed");
		return false;
	}
	if (is_infinity(text)) {
		*ret_number = (struct number){*text == '-' ? -1 : 1, INT64_MAX, g_strdup("")};
		return true;
	}
	if (read_decimal(text, ret_number))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "the value is \"%.100s\", and a number is needed", text);
	return false;
}

/* The number that comes next in a condition; *at moves behind it. */
static bool read_bound(const char **at, struct number *ret_number, GError **error)
{
	const char *begin = *at + strcspn(*at, NUMBER_BEGINS);
	size_t length = strspn(begin, NUMBER_HAS);
	g_autofree char *text = g_strndup(begin, length);

	if (!read_decimal(text, ret_number)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%.100s\" of the condition is no number", text);
		return false;
	}
	*at = begin + length;
	return true;
}

/* --- what it comes to --- */

/* @p order: how the number compares with the bound, @p upper: with the second one. */
static bool holds(enum condition_operator operator, int order, int upper)
{
	switch (operator) {
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
		return order >= 0 && upper <= 0;
	case CONDITION_OPERATOR_NONE:
		break;
	}
	return false;
}

static bool judge(const struct config_condition *condition, const struct number *number,
		  bool *ret_holds, GError **error)
{
	const char *at = condition->text;
	bool has_two = condition->operator== CONDITION_OPERATOR_BETWEEN;
	struct number bound = {0}, upper = {0};
	bool ok = read_bound(&at, &bound, error) && (!has_two || read_bound(&at, &upper, error));

	if (ok)
		*ret_holds = holds(condition->operator, compare(number, &bound),
				   has_two ? compare(number, &upper) : 0);
	number_done(&upper);
	number_done(&bound);
	return ok;
}

bool eval_condition(const struct config_condition *condition, int64_t rows, const char *value,
		    bool *ret_holds, GError **error)
{
	bool of_rows = condition->subject == CONDITION_SUBJECT_ROWS;
	g_autofree char *count = g_strdup_printf("%" PRId64, rows);
	struct number number = {0};
	bool ok;

	if (of_rows && rows < 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "the rows were not counted");
		return false;
	}
	if (!read_value(of_rows ? count : value, &number, error))
		return false;
	ok = judge(condition, &number, ret_holds, error);
	number_done(&number);
	return ok;
}
