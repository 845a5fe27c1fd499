/* value_schedule - when data is due. The dates of holidays are read when all keys are known. */
#include "config/value_types.h"

#include "config/secret.h"
#include "schedule.h"

#include <string.h>

bool value_parse_schedule(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	struct schedule **field = value_field(setting, object);
	struct schedule *schedule = schedule_create(text, context->timezone, NULL, error);

	if (!schedule)
		return false;
	schedule_free(*field);
	*field = schedule;
	return true;
}

void value_print_schedule(const char *zone, const struct setting *setting, const void *object,
			  GPtrArray *ret_texts)
{
	struct schedule *const *field = value_field_const(setting, object);

	(void)zone;
	if (*field)
		g_ptr_array_add(ret_texts, g_strdup(schedule_text(*field)));
}

void value_clear_schedule(const struct setting *setting, void *object)
{
	struct schedule **field = value_field(setting, object);

	g_clear_pointer(field, schedule_free);
}

bool value_parse_holidays(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	bool is_marked = g_str_has_prefix(text, "file:");
	const char *path = is_marked ? text + strlen("file:") : text;
	g_autofree char *full = secret_find_file(path, context->directory);

	if (*path == '\0')
		return value_refuse(error, "file: needs a path");
	return value_keep_text(setting, full, object);
}
