/* value_condition - what the answer to a query must be: "rows = 0", "value between 1 and 2". */
#include "config/value_types.h"

#include "config/config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define GRAMMAR                                                                                    \
	"write rows OP N, value OP N or value between A and B, where OP is one of = != < <= > >="

/* Longer ones first: "<=" is not "<". */
static const struct {
	const char *text;
	enum condition_operator code;
} operators[] = {
	{"!=", CONDITION_OPERATOR_NE}, {"<=", CONDITION_OPERATOR_LE}, {">=", CONDITION_OPERATOR_GE},
	{"=", CONDITION_OPERATOR_EQ},  {"<", CONDITION_OPERATOR_LT},  {">", CONDITION_OPERATOR_GT},
};

static const char *skip_space(const char *text)
{
	return text + strspn(text, " \t");
}

/* Behind @p word and the white space behind it, or NULL: it is another word. */
static const char *skip_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(text, word, length) != 0 || !strchr(" \t", text[length]))
		return NULL;
	return skip_space(text + length);
}

/* A decimal number at *at, which moves behind it and white space. */
static bool take_number(const char **at, double *ret_number)
{
	size_t length = strspn(*at, VALUE_DIGITS "+-.eE");
	g_autofree char *text = g_strndup(*at, length);
	char *end = NULL;
	double number;

	errno = 0;
	number = g_ascii_strtod(text, &end);
	if (length == 0 || length > 40 || *end != '\0' || errno != 0 || !isfinite(number))
		return false;
	*at = skip_space(*at + length);
	*ret_number = number;
	return true;
}

static bool parse_between(const char *at, struct config_condition *condition)
{
	const char *second;

	if (!take_number(&at, &condition->bound))
		return false;
	second = skip_word(at, "and");
	if (!second || !take_number(&second, &condition->upper))
		return false;
	condition->operator= CONDITION_OPERATOR_BETWEEN;
	return *second == '\0';
}

static bool parse_comparison(const char *at, struct config_condition *condition)
{
	for (size_t i = 0; i < G_N_ELEMENTS(operators); i++) {
		if (!g_str_has_prefix(at, operators[i].text))
			continue;
		at = skip_space(at + strlen(operators[i].text));
		condition->operator= operators[i].code;
		return take_number(&at, &condition->bound) && *at == '\0';
	}
	return false;
}

static bool parse(const char *text, struct config_condition *condition)
{
	size_t length = strspn(text, VALUE_LOWER);
	const char *rest = skip_space(text + length);
	const char *between = skip_word(rest, "between");

	if (length == 4 && strncmp(text, "rows", length) == 0)
		condition->subject = CONDITION_SUBJECT_ROWS;
	else if (length == 5 && strncmp(text, "value", length) == 0)
		condition->subject = CONDITION_SUBJECT_VALUE;
	else
		return false;
	if (between)
		return condition->subject == CONDITION_SUBJECT_VALUE &&
		       parse_between(between, condition);
	return parse_comparison(rest, condition);
}

/* Conditions that nothing, or anything, fulfils are slips. */
static bool check_sense(const struct config_condition *condition, GError **error)
{
	bool is_rows = condition->subject == CONDITION_SUBJECT_ROWS;
	enum condition_operator compare = condition->operator;
	double bound = condition->bound;

	if (is_rows && (bound < 0 || bound != floor(bound) || bound > 1e15))
		return value_refuse(error, "a number of rows is a whole number from 0 on");
	if (is_rows && bound == 0 && compare == CONDITION_OPERATOR_GE)
		return value_refuse(error, "this holds whatever the answer is");
	if (is_rows && bound == 0 && compare == CONDITION_OPERATOR_LT)
		return value_refuse(error, "this never holds");
	if (compare == CONDITION_OPERATOR_BETWEEN && condition->upper < bound)
		return value_refuse(error,
				    "this never holds: the second number is the smaller one");
	return true;
}

bool value_parse_condition(const struct value_context *context, const struct setting *setting,
			   const char *text, void *object, GError **error)
{
	struct config_condition *field = value_field(setting, object);
	struct config_condition condition = {0};

	(void)context;
	if (!parse(text, &condition))
		return value_refuse(error, GRAMMAR);
	if (!check_sense(&condition, error))
		return false;
	condition.text = g_strdup(text);
	value_clear_condition(setting, object);
	*field = condition;
	return true;
}

void value_print_condition(const char *zone, const struct setting *setting, const void *object,
			   GPtrArray *ret_texts)
{
	const struct config_condition *field = value_field_const(setting, object);

	(void)zone;
	if (field->text)
		g_ptr_array_add(ret_texts, g_strdup(field->text));
}

void value_clear_condition(const struct setting *setting, void *object)
{
	struct config_condition *field = value_field(setting, object);

	g_free(field->text);
	*field = (struct config_condition){0};
}
