/* value_bucket - places in Cloud Storage. */
#include "config/value_types.h"

#include "folder_format.h"

#include <string.h>

/* Cloud Storage's limit on the name of an object. */
#define OBJECT_MAX_BYTES 1024

bool value_is_bucket(const char *text)
{
	return value_is_of(text, VALUE_LOWER VALUE_DIGITS "-_.", 222) && g_ascii_isalnum(*text);
}

bool value_parse_bucket(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	(void)context;
	if (!value_is_bucket(text))
		return value_refuse(error,
				    "a bucket's name is lower-case letters, digits, '-', '_' "
				    "and '.', without gs://");
	return value_keep_text(setting, text, object);
}

/* What a relative path cannot be. */
static const char *check_relative(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);

	if (*path == '\0')
		return "there is nothing in it but '/'";
	for (size_t i = 0; parts[i]; i++)
		if (*parts[i] == '\0' || strcmp(parts[i], ".") == 0 || strcmp(parts[i], "..") == 0)
			return "it begins or ends with '/', or a part of it is empty, . or ..";
	return NULL;
}

bool value_parse_prefix(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	size_t length = strlen(text);
	g_autofree char *path = g_strndup(text, length - (g_str_has_suffix(text, "/") ? 1 : 0));
	g_autofree char *whole = g_strconcat(path, "/", NULL);
	const char *why = check_relative(path);

	(void)context;
	if (why)
		return value_refuse(error, "no folder in a bucket: %s", why);
	return value_check_length(text, OBJECT_MAX_BYTES, error) &&
	       value_keep_text(setting, whole, object);
}

/* Without a prefix nothing is said: an empty value could not be read back. */
void value_print_prefix(const char *zone, const struct setting *setting, const void *object,
			GPtrArray *ret_texts)
{
	char *const *field = value_field_const(setting, object);

	if (*field && **field)
		value_print_text(zone, setting, object, ret_texts);
}

bool value_parse_folder_format(const struct value_context *context, const struct setting *setting,
			       const char *text, void *object, GError **error)
{
	(void)context;
	return folder_format_check(text, error) && value_keep_text(setting, text, object);
}

static bool check_file_name(const char *text, GError **error)
{
	const char *why = check_relative(text);

	if (why)
		return value_refuse(error, "no name of a file in the folder: %s", why);
	return value_check_length(text, OBJECT_MAX_BYTES, error);
}

bool value_parse_file_name(const struct value_context *context, const struct setting *setting,
			   const char *text, void *object, GError **error)
{
	(void)context;
	return check_file_name(text, error) && value_keep_text(setting, text, object);
}

bool value_parse_file_names(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error)
{
	(void)context;
	if (!check_file_name(text, error))
		return false;
	value_append(setting, object, text);
	return true;
}
