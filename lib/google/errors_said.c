/* errors_said - see errors_said.h */
#include "google/errors_said.h"

#include "google/errors.h"
#include "json.h"
#include "text.h"

#include <string.h>

/** Longest permission or role name that is believed. */
#define PERMISSION_MAX_BYTES 100

#define STATUS_MAX_BYTES 60

void said_done(struct said *said)
{
	g_free(said->status);
	g_free(said->reason);
	g_free(said->first);
	g_free(said->text);
	g_free(said->permission);
}

/* Bounded UTF-8 in one line. */
static char *line_of(const char *text, size_t max_bytes)
{
	return g_strstrip(text_to_line(text, max_bytes));
}

static bool is_permission(const char *text, size_t length)
{
	if (length == 0 || length > PERMISSION_MAX_BYTES || !memchr(text, '.', length))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && text[i] != '.' && text[i] != '_')
			return false;
	return true;
}

/* The word between @p before and the next of @p ends. */
static char *permission_between(const char *text, const char *before, const char *ends)
{
	const char *start = strstr(text, before);
	size_t length = 0;

	if (!start)
		return NULL;
	start += strlen(before);
	length = strcspn(start, ends);
	return is_permission(start, length) ? g_strndup(start, length) : NULL;
}

/* "Permission 'x' denied", "Permission x denied", "… does not have x access …" (Storage). */
static char *permission_in(const char *text)
{
	static const struct {
		const char *before;
		const char *ends;
	} forms[] = {
		{"Permission '", "'"}, {"Permission \"", "\""}, {"permission '", "'"},
		{"Permission ", " "},  {"does not have ", " "},
	};
	char *found = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(forms) && !found; i++)
		found = permission_between(text, forms[i].before, forms[i].ends);
	return found;
}

/* "1.5s" (API-FACTS 0: durations). */
static int64_t duration_ms(const char *text)
{
	char *end = NULL;
	double seconds = g_ascii_strtod(text, &end);

	if (end == text || strcmp(end, "s") != 0 || !(seconds >= 0) || seconds > 86400)
		return -1;
	return (int64_t)(seconds * (double)MS_PER_S); /* in range */
}

static void take_detail(struct said *said, json_object *detail)
{
	const char *type = json_member_text(detail, "@type", "");
	json_object *metadata = json_member_object(detail, "metadata");
	const char *permission = metadata ? json_member_text(metadata, "permission", "") : "";

	if (g_str_has_suffix(type, "google.rpc.RetryInfo"))
		said->retry_ms = duration_ms(json_member_text(detail, "retryDelay", ""));
	if (!g_str_has_suffix(type, "google.rpc.ErrorInfo"))
		return;
	g_free(said->reason);
	said->reason = line_of(json_member_text(detail, "reason", ""), STATUS_MAX_BYTES);
	if (!said->permission && is_permission(permission, strlen(permission)))
		said->permission = g_strdup(permission);
}

static void take_reason(struct said *said, const char *reason)
{
	if (!*said->first) {
		g_free(said->first);
		said->first = line_of(reason, STATUS_MAX_BYTES);
	}
	if (!*said->reason) {
		g_free(said->reason);
		said->reason = line_of(reason, STATUS_MAX_BYTES);
	}
}

static void take_list(struct said *said, json_object *error, const char *name)
{
	json_object *array = json_member_array(error, name);
	size_t count = array ? json_object_array_length(array) : 0;

	for (size_t i = 0; i < MIN(count, 20); i++) {
		json_object *entry = json_object_array_get_idx(array, i);

		if (!json_object_is_type(entry, json_type_object))
			continue;
		if (strcmp(name, "details") == 0)
			take_detail(said, entry);
		else
			take_reason(said, json_member_text(entry, "reason", ""));
	}
}

/* Shapes A and B. */
static void take_error(struct said *said, json_object *error)
{
	const char *message = json_member_text(error, "message", "");

	said->is_google = true;
	g_free(said->status);
	g_free(said->text);
	said->status = line_of(json_member_text(error, "status", ""), STATUS_MAX_BYTES);
	said->text = line_of(message, ERRORS_TEXT_MAX_BYTES);
	take_list(said, error, "details");
	take_list(said, error, "errors");
	if (!said->permission)
		said->permission = permission_in(message);
}

/* Shape C: {"error":"invalid_grant","error_description":"…"}. */
static void take_oauth(struct said *said, json_object *document)
{
	const char *subtype = json_member_text(document, "error_subtype", "");

	g_free(said->status);
	g_free(said->reason);
	g_free(said->text);
	said->status = line_of(json_member_text(document, "error", ""), STATUS_MAX_BYTES);
	said->reason = line_of(subtype, STATUS_MAX_BYTES);
	said->text =
		line_of(json_member_text(document, "error_description", ""), ERRORS_TEXT_MAX_BYTES);
}

/* Some Storage answers to alt=media are plain text whatever their type says: one line of it. */
static void take_plain(struct said *said, const struct http_response *response)
{
	const char *body = response->body;

	while (g_ascii_isspace(*body))
		body++;
	if (!*body || *body == '<')
		return; /* shape D: a page for browsers, or nothing */
	g_free(said->text);
	said->text = line_of(body, ERRORS_TEXT_MAX_BYTES);
	if (g_str_has_prefix(body, "No such object") ||
	    g_str_has_prefix(body, "The specified bucket does not exist"))
		said->is_google = true;
	said->permission = permission_in(body);
}

static void said_init(struct said *said)
{
	*said = (struct said){.status = g_strdup(""),
			      .reason = g_strdup(""),
			      .first = g_strdup(""),
			      .text = g_strdup(""),
			      .retry_ms = -1};
}

void said_fill(struct said *said, const char *reason, const char *text)
{
	said_init(said);
	g_free(said->text);
	said->is_google = true;
	said->text = line_of(text, ERRORS_TEXT_MAX_BYTES);
	said->permission = permission_in(text);
	take_reason(said, reason);
}

void said_decode(struct said *said, const struct http_response *response)
{
	json_object *document = NULL;
	json_object *object = NULL;

	said_init(said);
	if (!response->body || response->body_bytes == 0 ||
	    response->body_bytes > ERRORS_BODY_MAX_BYTES)
		return;
	document = json_parse(response->body, response->body_bytes, NULL);
	/* calls that answer with a stream put their error object into a list (Firestore) */
	object = json_object_is_type(document, json_type_array)
			 ? json_object_array_get_idx(document, 0)
			 : document;
	if (json_object_is_type(object, json_type_object)) {
		json_object *error = json_member_object(object, "error");

		if (error)
			take_error(said, error);
		else
			take_oauth(said, object);
	} else if (!document) {
		take_plain(said, response);
	}
	json_object_put(document);
}
