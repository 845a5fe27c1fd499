/* json - see json.h */
#include "json.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "drift_error.h"
#include "text.h"
#include "timefmt.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define WHITE_SPACE " \t\r\n"

static bool refuse(GError **error, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a JSON document: %s", why);
	return false;
}

/* Behind the string that begins at p; NULL when it never ends or has control characters. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return NULL;
}

static const char *skip_digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && g_ascii_isdigit(*p))
		p++;
	return p > start ? p : NULL;
}

/* Behind the number that begins at p (RFC 8259 6); NULL when it is none. */
static const char *skip_number(const char *p, const char *end)
{
	const char *start = *p == '-' ? p + 1 : p;

	p = skip_digits(start, end);
	if (!p || (*start == '0' && p - start > 1))
		return NULL;
	if (p < end && *p == '.')
		p = skip_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(p, end);
	}
	if (p && p < end && !strchr(WHITE_SPACE ",]}", *p))
		return NULL;
	return p;
}

/* Refuses what json-c's strict mode lets pass though RFC 8259 does not: control characters in
 * strings, 'names', NaN, Infinity, 1. and -01. The rest of the grammar is json-c's to check. */
static bool check_tokens(const char *p, const char *end, GError **error)
{
	while (p < end) {
		if (*p == '"')
			p = skip_string(p, end);
		else if (*p == '-' || g_ascii_isdigit(*p))
			p = skip_number(p, end);
		else if (strchr(WHITE_SPACE "{}[]:,truefalsn", *p))
			p++;
		else
			return refuse(error, "unexpected character");
		if (!p)
			return refuse(error, "unreadable string or number");
	}
	return true;
}

static json_object *parse_tokens(const char *bytes, int length, GError **error)
{
	json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
	json_object *value = NULL;
	enum json_tokener_error code = json_tokener_success;
	bool ok = true;

	if (!tokener)
		abort(); /* out of memory: what GLib does */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	value = json_tokener_parse_ex(tokener, bytes, length);
	code = json_tokener_get_error(tokener);
	if (code == json_tokener_continue) { /* a number may go on: an end settles it */
		value = json_tokener_parse_ex(tokener, "", 1);
		code = json_tokener_get_error(tokener);
	}
	if (code != json_tokener_success)
		ok = refuse(error, json_tokener_error_desc(code));
	json_tokener_free(tokener);
	if (ok && !value)
		ok = refuse(error, "a null alone");
	if (ok)
		return value;
	json_object_put(value);
	return NULL;
}

static bool check_bytes(const char *bytes, size_t length, GError **error)
{
	if (length == 0)
		return refuse(error, "it is empty");
	if (length > INT_MAX)
		return refuse(error, "longer than 2 GiB");
	if (!g_utf8_validate_len(bytes, length, NULL)) /* NUL is refused, too */
		return refuse(error, "not UTF-8 text");
	return check_tokens(bytes, bytes + length, error);
}

json_object *json_parse(const char *bytes, size_t length, GError **error)
{
	if (length >= 3 && memcmp(bytes, BYTE_ORDER_MARK, 3) == 0) { /* RFC 8259 8.1: may ignore */
		bytes += 3;
		length -= 3;
	}
	if (!check_bytes(bytes, length, error))
		return NULL;
	return parse_tokens(bytes, (int)length, error); /* at most INT_MAX: checked */
}

static json_object *member(json_object *object, const char *name)
{
	json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	(void)json_object_object_get_ex(object, name,
					&value); /* absent: stays NULL, as JSON null */
	return value;
}

static json_object *member_of_type(json_object *object, const char *name, enum json_type type)
{
	json_object *value = member(object, name);

	return value && json_object_is_type(value, type) ? value : NULL;
}

json_object *json_parse_array(const char *text)
{
	json_object *value = text ? json_parse(text, strlen(text), NULL) : NULL;

	if (json_object_is_type(value, json_type_array))
		return value;
	json_object_put(value);
	return json_object_new_array();
}

json_object *json_member_object(json_object *object, const char *name)
{
	return member_of_type(object, name, json_type_object);
}

json_object *json_member_array(json_object *object, const char *name)
{
	return member_of_type(object, name, json_type_array);
}

/* The text of a string; NULL when it holds a NUL, which C text would be cut at. */
static const char *string_text(json_object *value)
{
	const char *text = json_object_get_string(value);

	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

const char *json_member_text(json_object *object, const char *name, const char *fallback)
{
	json_object *value = member_of_type(object, name, json_type_string);
	const char *text = value ? string_text(value) : NULL;

	return text ? text : fallback;
}

/* json-c makes numbers beyond 64 bits the nearest it can hold: those limits are no values. */
static bool int_fits(json_object *value)
{
	int64_t number = json_object_get_int64(value);

	if (number == INT64_MIN)
		return false;
	return number != INT64_MAX || json_object_get_uint64(value) == (uint64_t)INT64_MAX;
}

int64_t json_member_int(json_object *object, const char *name, int64_t fallback)
{
	json_object *value = member(object, name);
	gint64 number = 0;

	if (json_object_is_type(value, json_type_int) && int_fits(value))
		return json_object_get_int64(value);
	if (json_object_is_type(value, json_type_string) && string_text(value) &&
	    g_ascii_string_to_signed(string_text(value), 10, G_MININT64, G_MAXINT64, &number, NULL))
		return number;
	return fallback;
}

bool json_member_bool(json_object *object, const char *name, bool fallback)
{
	json_object *value = member_of_type(object, name, json_type_boolean);

	return value ? (bool)json_object_get_boolean(value) : fallback;
}

bool json_check_member(json_object *object, const char *name, enum json_type type, GError **error)
{
	json_object *value = member(object, name);

	if (!value || json_object_is_type(value, type))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s is %s, expected %s", name,
		    json_type_to_name(json_object_get_type(value)), json_type_to_name(type));
	return false;
}

/* RFC 6901 4: ~1 is '/', ~0 is '~'; check_pointer() saw that nothing else follows a '~'. */
static char *unescape_token(const char *token, size_t length)
{
	GString *out = g_string_sized_new(length);

	for (size_t i = 0; i < length; i++) {
		if (token[i] != '~')
			g_string_append_c(out, token[i]);
		else
			g_string_append_c(out, token[++i] == '0' ? '~' : '/');
	}
	return g_string_free(out, FALSE);
}

/* RFC 6901 4: digits without leading zeros. */
static bool array_step(json_object *array, const char *token, json_object **ret_value)
{
	guint64 index = 0;

	if ((token[0] == '0' && token[1]) || !g_ascii_isdigit(token[0]) ||
	    !g_ascii_string_to_unsigned(token, 10, 0, INT_MAX, &index, NULL) ||
	    index >= json_object_array_length(array))
		return false;
	*ret_value = json_object_array_get_idx(array, (size_t)index);
	return true;
}

static bool step(json_object *from, const char *token, json_object **ret_value)
{
	if (json_object_is_type(from, json_type_array))
		return array_step(from, token, ret_value);
	return json_object_is_type(from, json_type_object) &&
	       json_object_object_get_ex(from, token, ret_value);
}

static bool check_pointer(const char *pointer, GError **error)
{
	bool ok = pointer[0] == '\0' || pointer[0] == '/';

	for (const char *p = pointer; ok && (p = strchr(p, '~')) != NULL; p++)
		ok = p[1] == '0' || p[1] == '1';
	if (!ok)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%.200s\" is not a JSON pointer (RFC 6901: /build/commit)", pointer);
	return ok;
}

bool json_pointer(json_object *document, const char *pointer, json_object **ret_value,
		  GError **error)
{
	json_object *value = document;
	const char *p = pointer;

	if (!check_pointer(pointer, error))
		return false;
	while (*p == '/') {
		size_t length = strcspn(p + 1, "/");
		g_autofree char *token = unescape_token(p + 1, length);

		p += 1 + length;
		if (!step(value, token, &value)) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
				    "nothing at \"%.*s\" of the document",
				    (int)MIN(p - pointer, 200), pointer);
			return false;
		}
	}
	*ret_value = value;
	return true;
}

char *json_scalar_text(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return g_strdup(string_text(value));
	case json_type_int:
		return int_fits(value) ? g_strdup(json_object_get_string(value)) : NULL;
	case json_type_boolean:
	case json_type_double: /* json-c keeps the spelling of the document */
		return g_strdup(json_object_get_string(value));
	case json_type_null:
	case json_type_object:
	case json_type_array:
		break;
	}
	return NULL;
}

void json_add(json_object *object, const char *name, json_object *value)
{
	if (json_object_object_add(object, name, value) != 0)
		abort(); /* out of memory: it fails for no other reason */
}

void json_add_text(json_object *object, const char *name, const char *text_or_null)
{
	json_add(object, name, text_or_null ? json_object_new_string(text_or_null) : NULL);
}

void json_append(json_object *array, json_object *value)
{
	if (json_object_array_add(array, value) != 0)
		abort(); /* out of memory */
}

void json_add_int(json_object *object, const char *name, int64_t value)
{
	json_add(object, name, json_object_new_int64(value));
}

void json_add_bool(json_object *object, const char *name, bool value)
{
	json_add(object, name, json_object_new_boolean(value));
}

void json_add_time(json_object *object, const char *name, int64_t wall_ms)
{
	char text[TIMEFMT_BYTES];

	json_add_text(object, name, wall_ms > 0 ? timefmt_utc(wall_ms, text) : NULL);
}

/* Outside of its texts a document is ASCII. Caller frees. */
static char *escape(const char *json, size_t length, size_t *ret_length)
{
	GString *out = g_string_sized_new(length);
	const char *done = json;

	for (const char *at = json; *at; at = g_utf8_find_next_char(at, NULL)) {
		gunichar c = (unsigned char)*at < 0x7f ? ' ' : g_utf8_get_char_validated(at, -1);

		if (c > 0x10ffff || !text_disturbs(c))
			continue;
		g_string_append_len(out, done, at - done);
		if (c > 0xffff)
			g_string_append_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
					       0xdc00 + (c & 0x3ff));
		else
			g_string_append_printf(out, "\\u%04x", c);
		done = g_utf8_find_next_char(at, NULL);
	}
	g_string_append(out, done);
	if (ret_length)
		*ret_length = out->len;
	return g_string_free(out, FALSE);
}

char *json_to_text(json_object *value, size_t *ret_length)
{
	size_t length = 0;
	const char *text = json_object_to_json_string_length(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	if (!text)
		abort(); /* out of memory */
	return escape(text, length, ret_length);
}
