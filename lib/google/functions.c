/* functions - see functions.h */
#include "google/functions.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"
#include "text.h"

#define PAGE_SIZE 500 /* at most 1,000; functions are small beside services */
#define TOKEN_MAX_BYTES 4096
#define WORD_MAX_BYTES 256
#define UNREACHABLE_MAX 1000
#define MESSAGES_MAX 100
#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)
#define FAILURE_MAX_BYTES 1000
#define VALUE_MAX_BYTES 4096
#define INSTANCES_MAX 1000000
#define TIMEOUT_MAX_S 86400

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static void function_clear(void *data)
{
	struct function *function = data;

	g_free(function->name);
	g_free(function->region);
	g_free(function->damage);
	g_free(function->failure);
	g_clear_pointer(&function->labels, g_hash_table_unref);
	g_free(function->run_service);
	g_free(function->run_revision);
	run_template_free(function->own);
}

struct function *function_ref(struct function *function)
{
	return g_rc_box_acquire(function);
}

void function_unref(struct function *function)
{
	if (function)
		g_rc_box_release_full(function, function_clear);
}

static void unref_function(void *data)
{
	function_unref(data);
}

static enum function_state state_of(const char *word)
{
	static const struct {
		const char *word;
		enum function_state state;
	} states[] = {
		{"ACTIVE", FUNCTION_STATE_ACTIVE},
		{"FAILED", FUNCTION_STATE_FAILED},
		{"DEPLOYING", FUNCTION_STATE_DEPLOYING},
		{"DELETING", FUNCTION_STATE_DELETING},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_strcmp0(word, states[i].word) == 0)
			return states[i].state;
	return FUNCTION_STATE_NONE;
}

/* The first of stateMessages that is no mere warning. */
static bool decode_failure(json_object *object, struct function *function, GError **error)
{
	json_object *array = NULL;
	g_autofree char *text = NULL;
	size_t count = 0;

	if (!decode_array(object, "stateMessages", MESSAGES_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count && !text; i++) {
		json_object *item = NULL;
		g_autofree char *severity = NULL;

		if (!decode_element(array, "stateMessages", i, &item, error) ||
		    !decode_text(item, "severity", WORD_MAX_BYTES, &severity, error))
			return false;
		if (g_strcmp0(severity, "WARNING") == 0 || g_strcmp0(severity, "INFO") == 0)
			continue;
		if (!decode_text(item, "message", MESSAGE_MAX_BYTES, &text, error))
			return false;
	}
	function->failure = text ? text_to_utf8(text, strlen(text), FAILURE_MAX_BYTES)
				 : g_strdup("the function's state is FAILED");
	return true;
}

static bool decode_variables(json_object *config, const struct run_wants *wants,
			     struct run_template *template, GError **error)
{
	json_object *map = NULL;

	if (!decode_object(config, "environmentVariables", &map, error))
		return false;
	if (!map)
		return true;
	if (json_object_object_length(map) > RUN_ENV_MAX)
		return refuse(error, "environmentVariables has too many elements");
	json_object_object_foreach(map, name, value)
	{
		if (value && !json_object_is_type(value, json_type_string))
			return refuse(error, "environmentVariables has a value that is no text");
		run_template_add_env(template, wants, name,
				     value ? json_object_get_string(value) : NULL);
	}
	return true;
}

static bool decode_secrets(json_object *config, const struct run_wants *wants,
			   struct run_template *template, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(config, "secretEnvironmentVariables", RUN_ENV_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *item = NULL;
		g_autofree char *key = NULL;
		g_autofree char *secret = NULL;
		g_autofree char *version = NULL;

		if (!decode_element(array, "secretEnvironmentVariables", i, &item, error) ||
		    !decode_text(item, "key", VALUE_MAX_BYTES, &key, error) ||
		    !decode_text(item, "secret", VALUE_MAX_BYTES, &secret, error) ||
		    !decode_text(item, "version", VALUE_MAX_BYTES, &version, error))
			return false;
		if (key)
			run_template_add_reference(template, wants, key, secret, version);
	}
	return true;
}

static bool decode_limits(json_object *config, struct run_template *template, GError **error)
{
	int64_t timeout_s = 0;

	if (!decode_int(config, "minInstanceCount", 0, INSTANCES_MAX, &template->min_instances,
			error) ||
	    !decode_int(config, "maxInstanceCount", 0, INSTANCES_MAX, &template->max_instances,
			error) ||
	    !decode_int(config, "timeoutSeconds", 0, TIMEOUT_MAX_S, &timeout_s, error) ||
	    !decode_text(config, "availableMemory", WORD_MAX_BYTES, &template->memory, error) ||
	    !decode_text(config, "serviceAccountEmail", WORD_MAX_BYTES, &template->service_account,
			 error))
		return false;
	if (timeout_s > 0)
		template->timeout = g_strdup_printf("%ds", (int)timeout_s); /* fits: see max */
	return true;
}

/* A function of the first generation is its own revision. */
static bool decode_own(json_object *config, const struct run_wants *wants,
		       struct function *function, GError **error)
{
	function->own = run_template_create();
	function->own->concurrency = 1; /* that generation serves one request at a time */
	function->own->cpu_idle = true;
	if (!config)
		return true;
	if (!decode_limits(config, function->own, error) ||
	    !decode_variables(config, wants, function->own, error) ||
	    !decode_secrets(config, wants, function->own, error))
		return false;
	run_template_sort(function->own);
	return true;
}

static bool decode_members(json_object *object, const struct run_wants *wants,
			   struct function *function, GError **error)
{
	json_object *config = NULL;
	g_autofree char *state = NULL;
	g_autofree char *environment = NULL;

	if (!decode_text(object, "state", WORD_MAX_BYTES, &state, error) ||
	    !decode_text(object, "environment", WORD_MAX_BYTES, &environment, error) ||
	    !decode_time(object, "updateTime", &function->updated_wall_ms, error) ||
	    !decode_map(object, "labels", wants->labels, &function->labels, error) ||
	    !decode_object(object, "serviceConfig", &config, error))
		return false;
	function->state = state_of(state);
	if (function->state == FUNCTION_STATE_FAILED && !decode_failure(object, function, error))
		return false;
	if (g_strcmp0(environment, "GEN_1") == 0)
		return decode_own(config, wants, function, error);
	return !config || (decode_last_part(config, "service", &function->run_service, error) &&
			   decode_last_part(config, "revision", &function->run_revision, error));
}

static struct function *function_create(const char *region, const char *name)
{
	struct function *function = g_rc_box_new0(struct function);

	function->region = g_strdup(region);
	function->name = g_strdup(name);
	return function;
}

/* Never NULL: what is wrong with the function goes into its damage. */
static struct function *decode_function(json_object *object, const char *region, const char *name,
					const struct run_wants *wants)
{
	struct function *function = function_create(region, name);
	g_autoptr(GError) error = NULL;

	if (decode_members(object, wants, function, &error))
		return function;
	function_unref(function);
	function = function_create(region, name);
	function->damage = text_to_utf8(error->message, strlen(error->message), WORD_MAX_BYTES);
	return function;
}

/* "projects/P/locations/R/functions/F", split; NULL when it is not that. */
static char **split_name(json_object *object)
{
	g_autofree char *text = NULL;
	char **parts = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !decode_text(object, "name", 4 * (size_t)DECODE_NAME_MAX_BYTES, &text, NULL) || !text)
		return NULL;
	parts = g_strsplit(text, "/", 7);
	if (g_strv_length(parts) == 6 && strcmp(parts[2], "locations") == 0 &&
	    strcmp(parts[4], "functions") == 0 && parts[3][0] && parts[5][0])
		return parts;
	g_strfreev(parts);
	return NULL;
}

static bool decode_functions(json_object *object, const struct run_wants *wants,
			     functions_filter_fn filter, void *data, struct functions_page *page,
			     GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(object, "functions", FUNCTIONS_PAGE_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *item = json_object_array_get_idx(array, i);
		g_auto(GStrv) parts = split_name(item);

		if (!parts) {
			g_free(page->incomplete);
			page->incomplete =
				g_strdup("the list has an entry without a readable name");
			continue;
		}
		if (filter(data, parts[3], parts[5]))
			g_ptr_array_add(page->functions,
					decode_function(item, parts[3], parts[5], wants));
	}
	page->count = (int64_t)count;
	return true;
}

static bool decode_unreachable(json_object *object, struct functions_page *page, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(object, "unreachable", UNREACHABLE_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *item = json_object_array_get_idx(array, i);

		if (!json_object_is_type(item, json_type_string))
			return refuse(error, "unreachable has an element that is no text");
		g_ptr_array_add(page->unreachable,
				g_strdup(decode_tail(json_object_get_string(item))));
	}
	return true;
}

struct functions_page *functions_page_decode(const char *bytes, size_t length,
					     const struct run_wants *wants,
					     functions_filter_fn filter, void *data, GError **error)
{
	json_object *object = json_parse(bytes, length, error);
	struct functions_page *page = NULL;
	bool ok = false;

	if (!object)
		return NULL;
	page = g_new0(struct functions_page, 1);
	page->functions = g_ptr_array_new_with_free_func(unref_function);
	page->unreachable = g_ptr_array_new_with_free_func(g_free);
	if (!json_object_is_type(object, json_type_object))
		ok = refuse(error, "not a JSON object");
	else
		ok = decode_text(object, "nextPageToken", TOKEN_MAX_BYTES, &page->next_token,
				 error) &&
		     decode_functions(object, wants, filter, data, page, error) &&
		     decode_unreachable(object, page, error);
	json_object_put(object);
	if (!ok)
		g_clear_pointer(&page, functions_page_free);
	return page;
}

void functions_page_free(struct functions_page *page)
{
	if (!page)
		return;
	g_ptr_array_unref(page->functions);
	g_ptr_array_unref(page->unreachable);
	g_free(page->next_token);
	g_free(page->incomplete);
	g_free(page);
}

char *functions_list_url(const char *endpoint, const char *project, const char *page_token)
{
	GString *url = g_string_new(endpoint);

	g_string_append(url, "/v2/projects/");
	g_string_append_uri_escaped(url, project, NULL, FALSE);
	g_string_append_printf(url, "/locations/-/functions?pageSize=%d", PAGE_SIZE);
	if (page_token) {
		g_string_append(url, "&pageToken=");
		g_string_append_uri_escaped(url, page_token, NULL, FALSE);
	}
	return g_string_free(url, FALSE);
}

char *functions_usual_service(const char *name)
{
	char *service = g_ascii_strdown(name, -1);

	return g_strdelimit(service, "_", '-');
}
