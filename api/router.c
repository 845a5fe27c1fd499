/* router - see router.h */
#include "api/router.h"

#include <inttypes.h>
#include <string.h>

#include "api/handlers.h"
#include "api/problem.h"

/* Longest value of a text parameter; names and ids are shorter. */
#define TEXT_VALUE_MAX_BYTES 400

/* Takes the part of @p path up to the next "/" into @p part, decoded; NULL when it is none. */
static const char *take_part(const char *path, char part[REQUEST_PART_BYTES])
{
	size_t length = strcspn(path, "/");

	if (length == 0 || length >= REQUEST_PART_BYTES)
		return NULL;
	memcpy(part, path, length);
	part[length] = '\0';
	return query_unescape(part, false) && *part ? path + length : NULL;
}

static bool matches(const struct route *route, const char *path,
		    char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES])
{
	const char *pattern = route->path;
	size_t part = 0;

	if (route->parts == 0)
		return strcmp(pattern, path) == 0;
	while (*pattern) {
		if (*pattern == '{') {
			path = take_part(path, parts[part++]);
			if (!path)
				return false;
			pattern = strchr(pattern, '}') + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path;
}

const struct route *router_find(const char *path, char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES])
{
	size_t count = 0;
	const struct route *routes = router_routes(&count);

	for (size_t i = 0; i < count; i++)
		if (matches(&routes[i], path, parts))
			return &routes[i];
	return NULL;
}

static bool is_allowed_method(const struct route *route, enum request_method method)
{
	switch (method) {
	case REQUEST_METHOD_GET:
	case REQUEST_METHOD_HEAD:
		return route->methods & ROUTE_GET;
	case REQUEST_METHOD_POST:
		return route->methods & ROUTE_POST;
	case REQUEST_METHOD_NONE:
		break;
	}
	return false;
}

static void refuse_method(const struct route *route, struct response *response)
{
	bool get = route->methods & ROUTE_GET;
	bool post = route->methods & ROUTE_POST;

	g_free(response->allow);
	response->allow = g_strconcat(get ? "GET, HEAD" : "", get && post ? ", " : "",
				      post ? "POST" : "", NULL);
	problem_set(response, PROBLEM_METHOD_NOT_ALLOWED, "%s takes %s", route->path,
		    response->allow);
}

/* May it be asked at all, and by this request? False: answered. */
static bool admit(const struct request *request, const struct route *route,
		  struct response *response)
{
	bool any_host = route && route->any_host;

	if (!any_host && !request->headers.host) {
		problem_set(response, PROBLEM_INVALID_REQUEST, "the request names no Host");
		return false;
	}
	if (!any_host && !auth_allows_host(request->rules, request)) {
		problem_set(response, PROBLEM_WRONG_HOST,
			    "this driftd does not serve the Host \"%s\": use a loopback name, the "
			    "address it listens on, or name it as allowed-host or public-url in "
			    "the configuration",
			    request->headers.host);
		return false;
	}
	if (request->headers.repeated) {
		problem_set(response, PROBLEM_INVALID_REQUEST,
			    "the header %s stands more than once", request->headers.repeated);
		return false;
	}
	if (!route) {
		problem_set(response, PROBLEM_NOT_FOUND,
			    "there is nothing at %s: GET / lists what there is", request->path);
		return false;
	}
	if (!is_allowed_method(route, request->method)) {
		refuse_method(route, response);
		return false;
	}
	return true;
}

static bool authorise(const struct request *request, const struct route *route,
		      struct response *response)
{
	if (route->need == AUTH_NEED_WRITE && !auth_allows_origin(request->rules, request)) {
		problem_set(response, PROBLEM_FORBIDDEN,
			    "this request comes from another site's page (Origin or "
			    "Sec-Fetch-Site): such pages may not change anything here");
		return false;
	}
	switch (auth_check(request->rules, request, route->need)) {
	case AUTH_ANSWER_YES:
		return true;
	case AUTH_ANSWER_CREDENTIAL:
		problem_set(response, PROBLEM_CREDENTIAL_NEEDED,
			    "send the token of [auth] as \"Authorization: Bearer TOKEN\", or as "
			    "the password of HTTP Basic");
		return false;
	case AUTH_ANSWER_NONE:
	case AUTH_ANSWER_REFUSED:
		break;
	}
	problem_set(response, PROBLEM_FORBIDDEN,
		    request->method == REQUEST_METHOD_POST || route->need != AUTH_NEED_WRITE
			    ? "without [auth] only this machine is served: give [auth] a token, or "
			      "allow-anonymous = true"
			    : "GET changes state here only from this machine itself, without a "
			      "proxy in between, or with a credential: use POST");
	return false;
}

static const struct parameter *find_parameter(const struct route *route, const char *name)
{
	for (size_t i = 0; i < route->parameter_count; i++)
		if (strcmp(route->parameters[i].name, name) == 0)
			return &route->parameters[i];
	return NULL;
}

static void refuse_name(const struct route *route, const char *name, struct response *response)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < route->parameter_count; i++)
		g_ptr_array_add(names, g_strdup(route->parameters[i].name));
	g_ptr_array_add(names, NULL);
	problem_set_allowed(response, PROBLEM_UNKNOWN_PARAMETER, (const char *const *)names->pdata,
			    "%s has no parameter \"%s\"", route->path, name);
}

static bool check_number(const struct parameter *parameter, const char *value,
			 struct response *response)
{
	if (g_ascii_string_to_signed(value, 10, parameter->min, parameter->max, NULL, NULL) &&
	    g_ascii_isdigit(*value))
		return true;
	problem_set(response, PROBLEM_INVALID_PARAMETER,
		    "%s=%s: give a whole number from %" PRId64 " to %" PRId64, parameter->name,
		    value, parameter->min, parameter->max);
	return false;
}

static bool check_word(const struct parameter *parameter, const char *value,
		       const char *const *words, struct response *response)
{
	if (g_strv_contains(words, value))
		return true;
	problem_set_allowed(response, PROBLEM_INVALID_PARAMETER, words,
			    "%s=%s: not a value of this parameter", parameter->name, value);
	return false;
}

static bool check_value(const struct parameter *parameter, const char *value,
			struct response *response)
{
	static const char *const flags[] = {"0", "1", "false", "true", NULL};

	switch (parameter->type) {
	case PARAMETER_FLAG:
		return check_word(parameter, value, flags, response);
	case PARAMETER_NUMBER:
		return check_number(parameter, value, response);
	case PARAMETER_WORD:
		return check_word(parameter, value, parameter->words, response);
	case PARAMETER_NONE:
	case PARAMETER_TEXT:
		break;
	}
	if (*value && strlen(value) <= TEXT_VALUE_MAX_BYTES)
		return true;
	problem_set(response, PROBLEM_INVALID_PARAMETER, "%s: give 1 to %d bytes", parameter->name,
		    TEXT_VALUE_MAX_BYTES);
	return false;
}

static bool is_first(const struct query *query, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(query->pairs[i].name, query->pairs[index].name) == 0)
			return false;
	return true;
}

static bool check_parameters(const struct request *request, const struct route *route,
			     struct response *response)
{
	for (size_t i = 0; i < request->query->count; i++) {
		const struct query_pair *pair = &request->query->pairs[i];
		const struct parameter *parameter = find_parameter(route, pair->name);

		if (!parameter) {
			refuse_name(route, pair->name, response);
			return false;
		}
		if (!parameter->repeatable && !is_first(request->query, i)) {
			problem_set(response, PROBLEM_REPEATED_PARAMETER,
				    "%s stands more than once: give it one value", pair->name);
			return false;
		}
		if (!check_value(parameter, pair->value, response))
			return false;
	}
	return true;
}

static bool wants_text(const struct request *request, const struct route *route)
{
	const char *format = NULL;

	if (!route->has_text)
		return false;
	format = request->query->count > 0 ? query_text(request->query, "format") : NULL;
	if (format)
		return strcmp(format, "text") == 0;
	return response_prefers_text(request->headers.accept);
}

/* What holds for every answer of a handler: who may keep it, and whether it has been seen. */
static void finish(const struct request *request, const struct route *route,
		   struct response *response)
{
	const char *etag = NULL;

	response->is_private = auth_is_protected(request->rules, route->need);
	if (response->status != 200 || request->method == REQUEST_METHOD_POST)
		return;
	if (!response->body && !response->etag)
		response->etag = response_etag(response->bytes, response->length);
	etag = response->body ? response->body->etag : response->etag;
	if (request->headers.if_none_match &&
	    response_etag_matches(request->headers.if_none_match, etag))
		response->status = 304; /* the server sends the headers of the body, without it */
}

void router_answer(struct request *request, struct response *response)
{
	const struct route *route = router_find(request->path, request->parts);
	g_autoptr(GError) error = NULL;

	if (!admit(request, route, response) || !authorise(request, route, response) ||
	    !check_parameters(request, route, response))
		return;
	request->wants_text = wants_text(request, route);
	if (!route->handle(request, response, &error))
		problem_set_error(response, error);
	if (!response->wait.wanted)
		finish(request, route, response);
}

void router_answer_waited(struct request *request, const struct router_outcome *outcome,
			  struct response *response)
{
	const struct route *route = router_find(request->path, request->parts);
	g_autoptr(GError) error = NULL;

	request->wants_text = wants_text(request, route);
	if (!handle_check_outcome(request, outcome, response, &error))
		problem_set_error(response, error);
	finish(request, route, response);
}
