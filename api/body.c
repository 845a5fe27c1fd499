/* body - see body.h */
#include "api/body.h"

#include <string.h>

#include "api/query.h"
#include "drift_error.h"
#include "json.h"
#include "text.h"
#include "timefmt.h"

/** A name that is repeated in a message. */
#define NAME_SHOWN_BYTES 100

/* The table that a body is held against, and what has been found so far. */
struct reading {
	const struct body_field *fields;
	size_t field_count;
	struct body_values values;
	char *unknown;
	GError *error;
};

void body_values_done(struct body_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		g_free(values->values[i].text);
	*values = (struct body_values){0};
}

static const struct body_value *find_value(const struct body_values *values, const char *name)
{
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->values[i].name, name) == 0)
			return &values->values[i];
	return NULL;
}

const char *body_text(const struct body_values *values, const char *name)
{
	const struct body_value *value = find_value(values, name);

	return value ? value->text : NULL;
}

int64_t body_time(const struct body_values *values, const char *name, int64_t fallback)
{
	const struct body_value *value = find_value(values, name);

	return value ? value->wall_ms : fallback;
}

bool body_flag(const struct body_values *values, const char *name, bool fallback)
{
	const struct body_value *value = find_value(values, name);

	return value ? value->flag : fallback;
}

/* Is there a charset among the parameters, and not UTF-8? */
static bool has_other_charset(const char *parameters)
{
	g_auto(GStrv) parts = g_strsplit(parameters, ";", 16);

	for (size_t i = 0; parts[i]; i++) {
		const char *part = g_strstrip(parts[i]);

		if (g_ascii_strncasecmp(part, "charset=", strlen("charset=")) != 0)
			continue;
		part += strlen("charset=");
		return g_ascii_strcasecmp(part, "utf-8") != 0 &&
		       g_ascii_strcasecmp(part, "\"utf-8\"") != 0;
	}
	return false;
}

bool body_is_type(const char *content_type, const char *type)
{
	size_t length = strlen(type);

	if (!content_type)
		return false;
	content_type += strspn(content_type, " \t");
	if (g_ascii_strncasecmp(content_type, type, length) != 0)
		return false;
	content_type += length + strspn(content_type + length, " \t");
	return *content_type == '\0' ||
	       (*content_type == ';' && !has_other_charset(content_type + 1));
}

static void refuse(struct reading *reading, const char *name, const char *wanted)
{
	if (!reading->error)
		g_set_error(&reading->error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the field %s: give %s", name, wanted);
}

/* The field of that name; NULL: there is none, or it has come before: said. */
static const struct body_field *find_field(struct reading *reading, const char *name)
{
	if (find_value(&reading->values, name)) {
		refuse(reading, name, "it once only");
		return NULL;
	}
	for (size_t i = 0; i < reading->field_count; i++)
		if (strcmp(reading->fields[i].name, name) == 0)
			return &reading->fields[i];
	if (!reading->unknown) {
		g_autofree char *shown = text_to_utf8(name, strlen(name), NAME_SHOWN_BYTES);

		reading->unknown = text_escape_terminal(shown);
	}
	return NULL;
}

static bool is_one_line(const char *text, size_t length)
{
	if (!g_utf8_validate_len(text, (gsize)length, NULL))
		return false; /* NUL too */
	for (const char *p = text; *p; p = g_utf8_find_next_char(p, NULL))
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return false;
	return true;
}

static void take_text(struct reading *reading, const struct body_field *field, const char *text,
		      size_t length)
{
	g_autofree char *stripped = NULL;
	g_autofree char *wanted = g_strdup_printf(
		"a text of 1 to %zu bytes of UTF-8 without control characters", field->max_bytes);

	if (!is_one_line(text, length)) {
		refuse(reading, field->name, wanted);
		return;
	}
	stripped = g_strstrip(g_strndup(text, length));
	if (!*stripped || strlen(stripped) > field->max_bytes) {
		refuse(reading, field->name, wanted);
		return;
	}
	reading->values.values[reading->values.count++] =
		(struct body_value){.name = field->name, .text = g_steal_pointer(&stripped)};
}

static void take_time(struct reading *reading, const struct body_field *field, const char *text)
{
	int64_t wall_ms = 0;

	if (!timefmt_parse(text, &wall_ms, NULL)) {
		refuse(reading, field->name, "a time as RFC 3339 (2026-11-20T11:00:00Z)");
		return;
	}
	reading->values.values[reading->values.count++] =
		(struct body_value){.name = field->name, .wall_ms = wall_ms};
}

static void take_flag(struct reading *reading, const struct body_field *field, bool flag)
{
	reading->values.values[reading->values.count++] =
		(struct body_value){.name = field->name, .flag = flag};
}

static void take_member(struct reading *reading, const char *name, json_object *value)
{
	const struct body_field *field = find_field(reading, name);
	bool is_text = json_object_is_type(value, json_type_string);

	if (!field || (!value && !field->required))
		return; /* null is as good as absent */
	switch (field->type) {
	case BODY_FIELD_TEXT:
		if (is_text)
			take_text(reading, field, json_object_get_string(value),
				  (size_t)json_object_get_string_len(value)); /* never below 0 */
		else
			refuse(reading, name, "a text");
		break;
	case BODY_FIELD_TIME:
		take_time(reading, field, is_text ? json_object_get_string(value) : "");
		break;
	case BODY_FIELD_FLAG:
		if (json_object_is_type(value, json_type_boolean))
			take_flag(reading, field, json_object_get_boolean(value));
		else
			refuse(reading, name, "true or false");
		break;
	case BODY_FIELD_NONE:
		break;
	}
}

static void take_members(struct reading *reading, json_object *object)
{
	json_object_object_foreach(object, name, value)
	{
		take_member(reading, name, value);
	}
}

static void take_pair(struct reading *reading, const struct query_pair *pair)
{
	const struct body_field *field = find_field(reading, pair->name);
	bool on = strcmp(pair->value, "true") == 0 || strcmp(pair->value, "1") == 0;

	if (!field || (!*pair->value && !field->required))
		return; /* a form sends what was left empty */
	switch (field->type) {
	case BODY_FIELD_TEXT:
		take_text(reading, field, pair->value, strlen(pair->value));
		break;
	case BODY_FIELD_TIME:
		take_time(reading, field, pair->value);
		break;
	case BODY_FIELD_FLAG:
		if (on || strcmp(pair->value, "false") == 0 || strcmp(pair->value, "0") == 0)
			take_flag(reading, field, on);
		else
			refuse(reading, pair->name, "true or false");
		break;
	case BODY_FIELD_NONE:
		break;
	}
}

static void require_all(struct reading *reading)
{
	for (size_t i = 0; i < reading->field_count; i++)
		if (reading->fields[i].required &&
		    !find_value(&reading->values, reading->fields[i].name) && !reading->error)
			g_set_error(&reading->error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "the field %s is missing", reading->fields[i].name);
}

/* What was read, handed out or dropped. */
static bool end(struct reading *reading, struct body_values *ret_values, char **ret_unknown,
		GError **error)
{
	if (!reading->unknown)
		require_all(reading);
	else if (!reading->error)
		g_set_error(&reading->error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the body has no field \"%s\"", reading->unknown);
	*ret_unknown = reading->unknown;
	if (!reading->error) {
		*ret_values = reading->values;
		return true;
	}
	body_values_done(&reading->values);
	g_propagate_error(error, reading->error);
	return false;
}

bool body_parse_json(const char *bytes, size_t length, const struct body_field *fields,
		     size_t field_count, struct body_values *ret_values, char **ret_unknown,
		     GError **error)
{
	struct reading reading = {.fields = fields, .field_count = field_count};
	json_object *object = length > 0 ? json_parse(bytes, length, &reading.error) : NULL;

	if (length > 0 && !reading.error && !json_object_is_type(object, json_type_object))
		g_set_error(&reading.error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the body is no JSON object");
	else if (object)
		take_members(&reading, object);
	json_object_put(object);
	return end(&reading, ret_values, ret_unknown, error);
}

bool body_parse_form(const char *bytes, size_t length, const struct body_field *fields,
		     size_t field_count, struct body_values *ret_values, char **ret_unknown,
		     GError **error)
{
	struct reading reading = {.fields = fields, .field_count = field_count};
	struct query query = {0};

	if (length > 0 && strlen(bytes) != length)
		g_set_error(&reading.error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the form has a NUL byte in it");
	else if (query_parse(length > 0 ? bytes : NULL, &query, &reading.error))
		for (size_t i = 0; i < query.count; i++)
			take_pair(&reading, &query.pairs[i]);
	query_done(&query);
	return end(&reading, ret_values, ret_unknown, error);
}
