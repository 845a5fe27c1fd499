/* http_source - see http_source.h */
#include "source/http_source.h"

#include <string.h>

#include "drift_error.h"
#include "json.h"

#define ALL_PERCENT 100

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static struct revision_obs *revision_with(struct marker *marker)
{
	struct revision_obs *revision = revision_obs_create(NULL, ALL_PERCENT);

	g_ptr_array_add(revision->markers, marker);
	return revision;
}

/* Does the object that holds the commit also say "dirty": true? */
static bool is_dirty_beside(json_object *document, const char *pointer)
{
	const char *slash = strrchr(pointer, '/');
	g_autofree char *parent = slash ? g_strndup(pointer, (size_t)(slash - pointer)) : NULL;
	json_object *object = NULL;

	return parent && json_pointer(document, parent, &object, NULL) &&
	       json_object_is_type(object, json_type_object) &&
	       json_member_bool(object, "dirty", false);
}

/* Null is what a build without a commit says: there, and without a meaning. */
static bool commit_text(json_object *value, const char *pointer, const char **ret_text,
			GError **error)
{
	if (value && !json_object_is_type(value, json_type_string)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the value at \"%.100s\" is %s; a commit id is a string, in quotes",
			    pointer, json_type_to_name(json_object_get_type(value)));
		return false;
	}
	*ret_text = value ? json_object_get_string(value) : "null";
	if (value && strlen(*ret_text) != (size_t)json_object_get_string_len(value))
		return refuse(error, "the commit id holds a NUL character");
	return true;
}

static struct revision_obs *decode_document(const char *body, size_t length, const char *pointer,
					    GError **error)
{
	g_autofree char *source = g_strdup_printf("pointer:%s", pointer);
	json_object *document = json_parse(body, length, error);
	json_object *value = NULL;
	struct marker *marker = NULL;
	const char *text = NULL;

	if (!document)
		return NULL;
	if (json_pointer(document, pointer, &value, error) &&
	    commit_text(value, pointer, &text, error)) {
		marker = marker_create(source, text, false);
		if (is_dirty_beside(document, pointer))
			marker->dirty = true;
	}
	json_object_put(document);
	return marker ? revision_with(marker) : NULL;
}

static struct revision_obs *decode_text(const char *body, size_t length, GError **error)
{
	g_autofree char *text = g_strndup(body, length); /* up to a NUL, which is refused below */
	bool is_whole = strlen(text) == length;

	(void)g_strstrip(text); /* in place */
	if (!is_whole || !g_utf8_validate(text, -1, NULL))
		return (void)refuse(error, "the body is not text"), NULL;
	if (!text[0])
		return (void)refuse(error, "the body is empty; a commit id is expected"), NULL;
	if (text[0] == '{' || text[0] == '[')
		return (void)refuse(error, "the body is JSON; set commit-pointer to where the "
					   "commit stands in it"),
		       NULL;
	if (text[0] == '<' || strlen(text) > MARKER_VALUE_MAX_BYTES || strpbrk(text, "\r\n"))
		return (void)refuse(error, "the body is no commit id (a page, or a longer text)"),
		       NULL;
	return revision_with(marker_create("body", text, false));
}

struct revision_obs *http_source_decode(const char *body, size_t length, const char *pointer,
					GError **error)
{
	return pointer ? decode_document(body, length, pointer, error)
		       : decode_text(body, length, error);
}
