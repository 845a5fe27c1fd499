/* router - see router.h */
#include "api/router.h"

#include <inttypes.h>
#include <string.h>

#include "api/dashboard/assets.h"
#include "api/dashboard/pages.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "api/refusal.h"

/** How long a request waits for an issuer's keys. */
#define KEYS_WAIT_MS (15 * MS_PER_S)

/* Longest value of a text parameter; names and ids are shorter. */
#define TEXT_VALUE_MAX_BYTES 400

/* Takes the part of @p path up to the next "/", but for as much as the pattern has behind its "}"
 * (".svg" of "{name}.svg"), into @p part, decoded. Behind it; NULL when it is none. */
static const char *take_part(const char *path, const char *literal, char part[REQUEST_PART_BYTES])
{
	size_t literal_length = strcspn(literal, "/");
	size_t length = strcspn(path, "/");

	if (length <= literal_length || length - literal_length >= REQUEST_PART_BYTES)
		return NULL;
	length -= literal_length;
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
			pattern = strchr(pattern, '}') + 1;
			path = take_part(path, pattern, parts[part++]);
			if (!path)
				return false;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*path;
}

const struct route *router_find(const char *path, enum request_method method,
				char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES])
{
	size_t count = 0;
	const struct route *routes = router_routes(&count);
	const struct route *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!matches(&routes[i], path, parts))
			continue;
		if (router_takes(&routes[i], method))
			return &routes[i];
		first = first ? first : &routes[i];
	}
	return first;
}

bool router_takes(const struct route *route, enum request_method method)
{
	switch (method) {
	case REQUEST_METHOD_GET:
	case REQUEST_METHOD_HEAD:
		return route->methods & ROUTE_GET;
	case REQUEST_METHOD_POST:
		return route->methods & ROUTE_POST;
	case REQUEST_METHOD_DELETE:
		return route->methods & ROUTE_DELETE;
	case REQUEST_METHOD_NONE:
		break;
	}
	return false;
}

/* All methods that @p path takes, on whichever of its routes. */
static char *allowed_methods(const char *path)
{
	static const enum request_method methods[] = {REQUEST_METHOD_GET, REQUEST_METHOD_HEAD,
						      REQUEST_METHOD_POST, REQUEST_METHOD_DELETE};
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	GString *to = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		if (router_takes(router_find(path, methods[i], parts), methods[i]))
			g_string_append_printf(to, "%s%s", to->len > 0 ? ", " : "",
					       request_method_text(methods[i]));
	return g_string_free(to, FALSE);
}

static void refuse_method(const struct request *request, const struct route *route,
			  struct response *response)
{
	g_free(response->allow);
	response->allow = allowed_methods(request->path);
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
	if (!router_takes(route, request->method)) {
		refuse_method(request, route, response);
		return false;
	}
	return true;
}

/* The key an OIDC token names is not known: ask for it, and judge anew when it is there. */
static void await_keys(struct response *response)
{
	response->wait = (struct response_wait){
		.wanted = true,
		.wait_ms = KEYS_WAIT_MS,
		.command = app_command_create(APP_COMMAND_KEYS),
	};
}

static void refuse_caller(const struct request *request, const struct route *route,
			  enum auth_answer answer, struct response *response)
{
	switch (answer) {
	case AUTH_ANSWER_CREDENTIAL:
		problem_set(response, PROBLEM_CREDENTIAL_NEEDED,
			    "send the token of [auth] as \"Authorization: Bearer TOKEN\", or as "
			    "the password of HTTP Basic; where oidc-audience is configured, an ID "
			    "token as Bearer is taken too");
		return;
	case AUTH_ANSWER_IDENTITY:
		problem_set(response, PROBLEM_FORBIDDEN,
			    "the token is valid, and its email is none of those that may call "
			    "([auth] oidc-email)");
		return;
	case AUTH_ANSWER_KEYS:
	case AUTH_ANSWER_UNAVAILABLE:
		problem_set(response, PROBLEM_NOT_READY,
			    "the keys of the token's issuer cannot be had now, so that nobody can "
			    "tell whether it is valid: try again in a moment");
		return;
	case AUTH_ANSWER_NONE:
	case AUTH_ANSWER_YES:
	case AUTH_ANSWER_REFUSED:
		break;
	}
	problem_set(response, PROBLEM_FORBIDDEN,
		    !request_is_read(request->method) || route->need != AUTH_NEED_WRITE
			    ? "without [auth] only this machine is served: give [auth] a token, or "
			      "allow-anonymous = true"
			    : "GET changes state here only from this machine itself, without a "
			      "proxy in between, or with a credential: use POST");
}

static bool authorise(const struct request *request, const struct route *route,
		      struct response *response)
{
	struct auth_refusal refusal = {0};
	enum auth_answer answer = AUTH_ANSWER_NONE;

	if (route->need == AUTH_NEED_WRITE && !auth_allows_origin(request->rules, request)) {
		problem_set(response, PROBLEM_FORBIDDEN,
			    "this request comes from another site's page (Origin or "
			    "Sec-Fetch-Site): such pages may not change anything here");
		return false;
	}
	answer = auth_check(request->rules, request, route->need, &refusal);
	if (answer == AUTH_ANSWER_YES)
		return true;
	if (answer == AUTH_ANSWER_KEYS && !request->keys_awaited) {
		await_keys(response);
		return false;
	}
	if (refusal.count != APP_COUNT_NONE)
		refusal_note(request, refusal.count, refusal.why);
	refuse_caller(request, route, answer, response);
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
	if ((*value || parameter->may_be_empty) && strlen(value) <= TEXT_VALUE_MAX_BYTES)
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

/* Of the forms that @p route has, the one that is asked for by format=, or by Accept. */
static void choose_form(struct request *request, const struct route *route)
{
	const char *format = query_text(request->query, "format");
	enum accept_form form = ACCEPT_FORM_JSON;

	if (!format)
		form = accept_choose_form(request->headers.accept, route->has_text,
					  route->page != NULL);
	else if (strcmp(format, "html") == 0 && route->page)
		form = ACCEPT_FORM_HTML;
	else if (strcmp(format, "text") == 0 && route->has_text)
		form = ACCEPT_FORM_TEXT;
	request->wants_text = form == ACCEPT_FORM_TEXT;
	request->wants_html = form == ACCEPT_FORM_HTML;
}

/* Is it a browser that shows its user what comes back, whatever the route answers otherwise? */
static bool is_for_people(const struct request *request)
{
	const char *format = query_text(request->query, "format");

	if (format && strcmp(format, "html") == 0)
		return true;
	if (format && (strcmp(format, "json") == 0 || strcmp(format, "text") == 0))
		return false;
	return accept_choose_form(request->headers.accept, true, true) == ACCEPT_FORM_HTML;
}

static void refuse_field(const struct route *route, const char *name, struct response *response)
{
	const char *names[BODY_FIELDS_MAX + 1] = {NULL};

	for (size_t i = 0; i < route->field_count; i++)
		names[i] = route->fields[i].name;
	problem_set_allowed(response, PROBLEM_UNKNOWN_FIELD, names,
			    "the body of %s has no field \"%s\"", route->path, name);
}

/* The fields of the body, into request->values. False: answered. */
static bool read_fields(struct request *request, const struct route *route,
			struct response *response)
{
	bool json = route->body == ROUTE_BODY_JSON;
	const char *type = json ? "application/json" : "application/x-www-form-urlencoded";
	g_autofree char *unknown = NULL;
	g_autoptr(GError) error = NULL;

	if (request->body_bytes > 0 && !body_is_type(request->headers.content_type, type)) {
		problem_set(response, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
			    "send the body of %s as Content-Type: %s (UTF-8)", route->path, type);
		return false;
	}
	if ((json ? body_parse_json : body_parse_form)(request->body, request->body_bytes,
						       route->fields, route->field_count,
						       &request->values, &unknown, &error))
		return true;
	if (unknown)
		refuse_field(route, unknown, response);
	else
		problem_set(response, PROBLEM_INVALID_BODY, "%s", error->message);
	return false;
}

static bool has_fields(const struct request *request, const struct route *route)
{
	return request->method == REQUEST_METHOD_POST &&
	       (route->body == ROUTE_BODY_JSON || route->body == ROUTE_BODY_FORM);
}

static char *etag_of(const struct response *response)
{
	if (response->asset)
		return response_etag((const char *)response->asset->bytes, /* text, or as good */
				     response->asset->length);
	return response_etag(response->bytes, response->length);
}

/* What holds for every answer of a handler: who may keep it, and whether it has been seen. */
static void finish(const struct request *request, const struct route *route,
		   struct response *response)
{
	const char *etag = NULL;

	response->is_private = auth_is_protected(request->rules, route->need);
	/* browsers send a credential along by themselves: other sites' pages would learn by it */
	response->cross_origin = response->cross_origin && !response->is_private;
	response->no_store = response->no_store || !request_is_read(request->method);
	if (response->status != 200 || !request_is_read(request->method) ||
	    response->content_type == response_events)
		return;
	if (!response->body && !response->etag)
		response->etag = etag_of(response);
	etag = response->body ? response->body->etag : response->etag;
	if (request->headers.if_none_match &&
	    response_etag_matches(request->headers.if_none_match, etag))
		response->status = 304; /* the server sends the headers of the body, without it */
}

/* What holds for those of nobody, too. */
static void settle(const struct request *request, struct response *response)
{
	response->coding = accept_choose_coding(request->headers.accept_encoding);
	if (response->content_type == response_problem && is_for_people(request))
		page_problem(request, response);
}

static void answer(struct request *request, const struct route *route, struct response *response)
{
	g_autoptr(GError) error = NULL;

	if (!admit(request, route, response) || !authorise(request, route, response) ||
	    !check_parameters(request, route, response) ||
	    (has_fields(request, route) && !read_fields(request, route, response)))
		return;
	choose_form(request, route);
	if (!(request->wants_html ? route->page : route->handle)(request, response, &error))
		problem_set_error(response, error);
	body_values_done(&request->values);
	if (!response->wait.wanted)
		finish(request, route, response);
}

void router_answer(struct request *request, struct response *response)
{
	answer(request, router_find(request->path, request->method, request->parts), response);
	if (!response->wait.wanted)
		settle(request, response);
}

static void answer_waited(struct request *request, const struct route *route,
			  const struct router_outcome *outcome, struct response *response)
{
	g_autoptr(GError) error = NULL;

	if (has_fields(request, route) && !read_fields(request, route, response))
		return; /* it was well-formed before the wait */
	choose_form(request, route);
	if (!route->finish(request, outcome, response, &error))
		problem_set_error(response, error);
	body_values_done(&request->values);
	finish(request, route, response);
}

void router_answer_waited(struct request *request, const struct router_outcome *outcome,
			  struct response *response)
{
	answer_waited(request, router_find(request->path, request->method, request->parts), outcome,
		      response);
	settle(request, response);
}
