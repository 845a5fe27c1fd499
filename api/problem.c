/* problem - see problem.h */
#include "api/problem.h"

#include <string.h>

#include "drift_error.h"
#include "json.h"
#include "text.h"

/** How long to wait before trying again, where a try may then work. */
#define RETRY_AFTER_S 5

/** Longest detail: names from the request are repeated in it. */
#define DETAIL_MAX_BYTES 2000

static const struct problem_kind kinds[PROBLEM_COUNT] = {
	[PROBLEM_NONE] = {500, "/problems/internal", "Internal error"},
	[PROBLEM_INVALID_REQUEST] = {400, "/problems/invalid-request", "Malformed request"},
	[PROBLEM_UNKNOWN_PARAMETER] = {400, "/problems/unknown-parameter", "Unknown parameter"},
	[PROBLEM_REPEATED_PARAMETER] = {400, "/problems/repeated-parameter",
					"Parameter given more than once"},
	[PROBLEM_INVALID_PARAMETER] = {400, "/problems/invalid-parameter",
				       "Invalid parameter value"},
	[PROBLEM_AMBIGUOUS_TARGET] = {400, "/problems/ambiguous-target",
				      "More than one target has this name"},
	[PROBLEM_CREDENTIAL_NEEDED] = {401, "/problems/credential-needed",
				       "A valid credential is needed"},
	[PROBLEM_FORBIDDEN] = {403, "/problems/forbidden", "Forbidden"},
	[PROBLEM_NOT_FOUND] = {404, "/problems/not-found", "Not found"},
	[PROBLEM_METHOD_NOT_ALLOWED] = {405, "/problems/method-not-allowed", "Method not allowed"},
	[PROBLEM_BODY_TOO_LARGE] = {413, "/problems/body-too-large", "Request body too large"},
	[PROBLEM_URI_TOO_LONG] = {414, "/problems/uri-too-long", "URI too long"},
	[PROBLEM_WRONG_HOST] = {421, "/problems/wrong-host", "Not served under this Host"},
	[PROBLEM_HEADERS_TOO_LARGE] = {431, "/problems/headers-too-large",
				       "Request headers too large"},
	[PROBLEM_INTERNAL] = {500, "/problems/internal", "Internal error"},
	[PROBLEM_CHECK_FAILED] = {503, "/problems/check-failed", "The check failed"},
	[PROBLEM_NOT_READY] = {503, "/problems/not-ready", "Not ready"},
	[PROBLEM_BUSY] = {503, "/problems/busy", "Too busy"},
	[PROBLEM_TIMEOUT] = {503, "/problems/timeout", "Took too long"},
	[PROBLEM_STORE_UNAVAILABLE] = {503, "/problems/store-unavailable",
				       "The database could not be read"},
	[PROBLEM_INVALID_BODY] = {400, "/problems/invalid-body", "Malformed request body"},
	[PROBLEM_UNKNOWN_FIELD] = {400, "/problems/unknown-field", "Unknown field in the body"},
	[PROBLEM_CONFLICT] = {409, "/problems/conflict", "Not possible as things are"},
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {415, "/problems/unsupported-media-type",
					    "Media type not taken here"},
};

const struct problem_kind *problem_get(enum problem problem)
{
	return &kinds[problem];
}

static void set(struct response *response, enum problem problem, const char *const *allowed,
		const char *detail)
{
	const struct problem_kind *kind = &kinds[problem];
	g_autofree char *bounded = text_to_utf8(detail, strlen(detail), DETAIL_MAX_BYTES);
	json_object *object = json_object_new_object();

	json_add_text(object, "type", kind->type);
	json_add_text(object, "title", kind->title);
	json_add_int(object, "status", kind->status);
	json_add_text(object, "detail", bounded);
	if (allowed) {
		json_object *array = json_object_new_array();

		for (; *allowed; allowed++)
			(void)json_object_array_add(array, json_object_new_string(*allowed));
		json_add(object, "allowed", array);
	}
	response_set(response, kind->status, response_problem, json_to_text(object, NULL));
	json_object_put(object);
	response->no_store = true;
	response->challenge = kind->status == 401;
	response->retry_after_s = kind->status == 503 ? RETRY_AFTER_S : 0;
}

void problem_set(struct response *response, enum problem problem, const char *format, ...)
{
	g_autofree char *detail = NULL;
	va_list arguments;

	va_start(arguments, format);
	detail = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	set(response, problem, NULL, detail);
}

void problem_set_allowed(struct response *response, enum problem problem,
			 const char *const *allowed, const char *format, ...)
{
	g_autofree char *detail = NULL;
	va_list arguments;

	va_start(arguments, format);
	detail = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	set(response, problem, allowed, detail);
}

static enum problem from_code(const GError *error)
{
	if (error->domain != DRIFT_ERROR)
		return PROBLEM_INTERNAL;
	switch ((enum drift_error)error->code) {
	case DRIFT_ERROR_INVALID:
	case DRIFT_ERROR_TOO_LARGE:
	case DRIFT_ERROR_UNSUPPORTED:
		return PROBLEM_INVALID_PARAMETER;
	case DRIFT_ERROR_NOT_FOUND:
		return PROBLEM_NOT_FOUND;
	case DRIFT_ERROR_AMBIGUOUS:
		return PROBLEM_AMBIGUOUS_TARGET;
	case DRIFT_ERROR_BUSY:
	case DRIFT_ERROR_CANCELLED:
		return PROBLEM_BUSY;
	case DRIFT_ERROR_TIMEOUT:
		return PROBLEM_TIMEOUT;
	case DRIFT_ERROR_UNAVAILABLE:
		return PROBLEM_NOT_READY;
	case DRIFT_ERROR_CORRUPT:
	case DRIFT_ERROR_NEWER:
	case DRIFT_ERROR_FULL:
	case DRIFT_ERROR_DENIED:
	case DRIFT_ERROR_IO:
		return PROBLEM_STORE_UNAVAILABLE;
	case DRIFT_ERROR_NONE:
	case DRIFT_ERROR_SHALLOW:
		break;
	}
	return PROBLEM_INTERNAL;
}

void problem_set_error(struct response *response, const GError *error)
{
	set(response, from_code(error), NULL, error->message);
}
