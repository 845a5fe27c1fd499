/* value_basic - texts, numbers, words and secrets: the types that any key may have. */
#include "config/value_types.h"

#include "config/net.h"
#include "config/secret.h"
#include "dur.h"
#include "text.h"

#include <string.h>

bool value_parse_text(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	(void)context;
	(void)error;
	return value_keep_text(setting, text, object);
}

void value_print_text(const char *zone, const struct setting *setting, const void *object,
		      GPtrArray *ret_texts)
{
	char *const *field = value_field_const(setting, object);

	(void)zone;
	if (*field)
		g_ptr_array_add(ret_texts, g_strdup(*field));
}

void value_clear_text(const struct setting *setting, void *object)
{
	char **field = value_field(setting, object);

	g_clear_pointer(field, g_free);
}

bool value_parse_texts(const struct value_context *context, const struct setting *setting,
		       const char *text, void *object, GError **error)
{
	(void)context;
	(void)error;
	value_append(setting, object, text);
	return true;
}

void value_print_texts(const char *zone, const struct setting *setting, const void *object,
		       GPtrArray *ret_texts)
{
	char *const *const *field = value_field_const(setting, object);

	(void)zone;
	for (char *const *at = *field; at && *at; at++)
		g_ptr_array_add(ret_texts, g_strdup(*at));
}

void value_clear_texts(const struct setting *setting, void *object)
{
	char ***field = value_field(setting, object);

	g_clear_pointer(field, g_strfreev);
}

void value_clear_nothing(const struct setting *setting, void *object)
{
	(void)setting;
	(void)object;
}

void value_print_nothing(const char *zone, const struct setting *setting, const void *object,
			 GPtrArray *ret_texts)
{
	(void)zone;
	(void)setting;
	(void)object;
	(void)ret_texts;
}

bool value_parse_duration(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	int64_t ms = 0;
	int64_t *field = value_field(setting, object);
	g_autofree char *min = dur_format(setting->min);

	(void)context;
	if (!dur_parse(text, &ms, NULL))
		return value_refuse(error, "not a duration up to 365d; write a number and s, m, h "
					   "or d: 90s, 5m, 24h, 7d");
	if (ms < setting->min || ms > setting->max)
		return value_refuse(error, "out of range: from %s to 365d", min);
	*field = ms;
	return true;
}

void value_print_duration(const char *zone, const struct setting *setting, const void *object,
			  GPtrArray *ret_texts)
{
	const int64_t *field = value_field_const(setting, object);

	(void)zone;
	if (*field >= setting->min)
		g_ptr_array_add(ret_texts, dur_format(*field));
}

bool value_parse_number(const struct setting *setting, const char *text, int64_t *ret_number,
			GError **error)
{
	gint64 number = 0;

	if (!g_ascii_string_to_signed(text, 10, setting->min, setting->max, &number, NULL))
		return value_refuse(error,
				    "a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
				    " is needed",
				    setting->min, setting->max);
	*ret_number = number;
	return true;
}

bool value_parse_integer(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	int *field = value_field(setting, object);
	int64_t number = 0;

	(void)context;
	if (!value_parse_number(setting, text, &number, error))
		return false;
	*field = (int)number; /* within the setting's range, which fits */
	return true;
}

void value_print_integer(const char *zone, const struct setting *setting, const void *object,
			 GPtrArray *ret_texts)
{
	const int *field = value_field_const(setting, object);

	(void)zone;
	if (*field >= setting->min)
		g_ptr_array_add(ret_texts, g_strdup_printf("%d", *field));
}

static const char *const *words_of(const struct setting *setting)
{
	static const char *const booleans[] = {"false", "true", NULL};

	return setting->choices ? setting->choices : booleans;
}

/* Position of @p text among the setting's words, or -1 with error set. */
static int find_word(const struct setting *setting, const char *text, GError **error)
{
	const char *const *words = words_of(setting);
	g_autoptr(GString) all = NULL;
	const char *near;

	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	near = text_nearest(text, words);
	all = g_string_new(NULL);
	for (int i = 0; words[i]; i++)
		g_string_append_printf(all, "%s%s", i == 0 ? "" : (words[i + 1] ? ", " : " or "),
				       words[i]);
	if (near)
		(void)value_refuse(error, "must be %s; did you mean %s?", all->str, near);
	else
		(void)value_refuse(error, "must be %s", all->str);
	return -1;
}

bool value_parse_boolean(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	int word = find_word(setting, text, error);
	bool *field = value_field(setting, object);

	(void)context;
	if (word < 0)
		return false;
	*field = word == 1;
	return true;
}

void value_print_boolean(const char *zone, const struct setting *setting, const void *object,
			 GPtrArray *ret_texts)
{
	const bool *field = value_field_const(setting, object);

	(void)zone;
	g_ptr_array_add(ret_texts, g_strdup(words_of(setting)[*field ? 1 : 0]));
}

bool value_parse_choice(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	int word = find_word(setting, text, error);
	int value = word + 1; /* 0 is "none" in every enum */

	(void)context;
	if (word < 0)
		return false;
	memcpy(value_field(setting, object), &value, sizeof(value));
	return true;
}

void value_print_choice(const char *zone, const struct setting *setting, const void *object,
			GPtrArray *ret_texts)
{
	int value = 0;

	(void)zone;
	memcpy(&value, value_field_const(setting, object), sizeof(value));
	if (value > 0)
		g_ptr_array_add(ret_texts, g_strdup(setting->choices[value - 1]));
}

void value_clear_secret(const struct setting *setting, void *object)
{
	secret_wipe(value_field(setting, object));
}

bool value_parse_secret(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	char *secret = NULL;
	char **field = value_field(setting, object);

	if (context->without_secrets)
		return true;
	if (!secret_resolve(text, context->directory, &secret, error))
		return false;
	secret_wipe(field);
	*field = secret;
	return true;
}

void value_print_secret(const char *zone, const struct setting *setting, const void *object,
			GPtrArray *ret_texts)
{
	char *const *field = value_field_const(setting, object);

	(void)zone;
	if (*field)
		g_ptr_array_add(ret_texts, g_strdup(VALUE_SECRET));
}

bool value_parse_secret_url(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error)
{
	char *const *field = value_field_const(setting, object);

	return value_parse_secret(context, setting, text, object, error) &&
	       (!*field || net_check_url(*field, NULL, error));
}

/* Who it is sent to can be shown; the rest may be the secret. */
void value_print_secret_url(const char *zone, const struct setting *setting, const void *object,
			    GPtrArray *ret_texts)
{
	char *const *field = value_field_const(setting, object);
	const char *host = *field ? strstr(*field, "://") : NULL;
	size_t length;

	(void)zone;
	if (!host)
		return;
	length = strcspn(host + 3, "/?") + 3 + (size_t)(host - *field);
	g_ptr_array_add(ret_texts, g_strdup_printf("%.*s/" VALUE_SECRET, (int)length, *field));
}
