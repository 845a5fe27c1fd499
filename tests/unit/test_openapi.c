#include <check.h>
#include <string.h>

#include "api/openapi.h"
#include "api/problem.h"
#include "api/router.h"
#include "alerts_world.h"
#include "api_fixture.h"
#include "data_fixture.h"

Suite *openapi_suite(void);

static struct app *app;
static struct auth_rules *rules;

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);

	app = fixture_app(fixture_world());
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	app_free(app);
}

static struct verdict *make_assertion(void)
{
	return data_fixture_assert(3);
}

static struct response get(const char *target)
{
	struct fixture_request request = {.app = app, .rules = rules, .target = target};

	return fixture_answer(&request);
}

START_TEST(test_index_lists_all_routes)
{
	struct response response = get("/");
	size_t count = 0;
	const struct route *routes = router_routes(&count);

	for (size_t i = 0; i < count; i++)
		ck_assert_msg(strstr(response.bytes, routes[i].path), "%s", routes[i].path);
	response_done(&response);
}
END_TEST

/* The table of routes and openapi.json: the same paths, methods, parameters, forms and problems. */
static json_object *openapi(void)
{
	g_autoptr(GError) error = NULL;
	json_object *document = json_parse(openapi_json, openapi_json_bytes, &error);

	ck_assert_msg(document, "%s", error ? error->message : "");
	return document;
}

static json_object *at(json_object *document, const char *pointer)
{
	json_object *value = NULL;
	g_autoptr(GError) error = NULL;

	ck_assert_msg(json_pointer(document, pointer, &value, &error), "%s: %s", pointer,
		      error ? error->message : "");
	return value;
}

/* The parameter @p entry stands for, followed through its $ref. */
static json_object *parameter_of(json_object *document, json_object *entry)
{
	const char *ref = json_member_text(entry, "$ref", NULL);

	return ref ? at(document, ref + 1) : entry;
}

static json_object *find_described(json_object *document, json_object *operation, const char *name)
{
	json_object *entries = json_member_array(operation, "parameters");

	for (size_t i = 0; entries && i < json_object_array_length(entries); i++) {
		json_object *parameter =
			parameter_of(document, json_object_array_get_idx(entries, i));

		if (strcmp(json_member_text(parameter, "in", ""), "query") == 0 &&
		    strcmp(json_member_text(parameter, "name", ""), name) == 0)
			return parameter;
	}
	return NULL;
}

/* Longest value of a text parameter, as the router says when it is longer. */
#define TEXT_MAX_BYTES 400

static void check_described(json_object *document, json_object *operation,
			    const struct parameter *parameter)
{
	json_object *described = find_described(document, operation, parameter->name);
	json_object *schema = NULL;

	ck_assert_msg(described, "parameter %s", parameter->name);
	schema = json_member_object(described, "schema");
	ck_assert_int_eq(strcmp(json_member_text(schema, "type", ""), "array") == 0,
			 parameter->repeatable);
	if (parameter->repeatable)
		schema = json_member_object(schema, "items");
	if (json_member_text(schema, "$ref", NULL))
		schema = at(document, json_member_text(schema, "$ref", NULL) + 1);
	if (parameter->type == PARAMETER_NUMBER) {
		ck_assert_int_eq(json_member_int(schema, "minimum", -1), parameter->min);
		ck_assert_int_eq(json_member_int(schema, "maximum", -1), parameter->max);
	}
	if (parameter->type == PARAMETER_TEXT) {
		ck_assert_int_eq(json_member_int(schema, "minLength", -1),
				 parameter->may_be_empty ? 0 : 1);
		ck_assert_int_eq(json_member_int(schema, "maxLength", -1), TEXT_MAX_BYTES);
	}
	if (parameter->type == PARAMETER_WORD) {
		json_object *words = json_member_array(schema, "enum");

		ck_assert_ptr_nonnull(words);
		for (size_t i = 0; i < json_object_array_length(words); i++)
			ck_assert_str_eq(
				json_object_get_string(json_object_array_get_idx(words, i)),
				parameter->words[i]);
		ck_assert_ptr_null(parameter->words[json_object_array_length(words)]);
	}
}

static size_t count_query_parameters(json_object *document, json_object *operation)
{
	json_object *entries = json_member_array(operation, "parameters");
	size_t count = 0;

	for (size_t i = 0; entries && i < json_object_array_length(entries); i++)
		count +=
			strcmp(json_member_text(parameter_of(document,
							     json_object_array_get_idx(entries, i)),
						"in", ""),
			       "query") == 0;
	return count;
}

static const struct {
	unsigned bit;
	const char *word;
} method_words[] = {{ROUTE_GET, "get"}, {ROUTE_POST, "post"}, {ROUTE_DELETE, "delete"}};

static bool has_word(const struct route *route, const char *name, const char *word)
{
	for (size_t i = 0; i < route->parameter_count; i++)
		if (strcmp(route->parameters[i].name, name) == 0)
			return g_strv_contains(route->parameters[i].words, word);
	return false;
}

/* The forms that a route has are those of its format=, and those of its answer. */
static void check_forms(json_object *success, const struct route *route)
{
	static const struct {
		const char *word, *type;
	} forms[] = {{"json", "application/json"}, {"text", "text/plain"}, {"html", "text/html"}};
	json_object *content = json_member_object(success, "content");

	ck_assert_int_eq(has_word(route, "format", "text"), route->has_text);
	ck_assert_int_eq(has_word(route, "format", "html"), route->page != NULL);
	for (size_t i = 0; route->has_text && i < G_N_ELEMENTS(forms); i++)
		ck_assert_msg((json_member_object(content, forms[i].type) != NULL) ==
				      has_word(route, "format", forms[i].word),
			      "%s: %s", route->path, forms[i].type);
}

/* Who may not, is told so; and whoever may do anything, is not asked for a credential. */
static void check_need(json_object *responses, json_object *operation, const struct route *route)
{
	bool protected = route->need != AUTH_NEED_NONE;
	bool hook = route->body == ROUTE_BODY_HOOK;

	ck_assert_msg((json_member_object(responses, "401") != NULL) == (protected || hook), "%s",
		      route->path);
	ck_assert_msg((json_object_array_length(json_member_array(operation, "security")) > 1) ==
			      protected,
		      "%s", route->path);
	ck_assert_msg((json_member_object(responses, "421") == NULL) == route->any_host, "%s",
		      route->path);
}

static void check_operation(json_object *document, json_object *operation,
			    const struct route *route)
{
	json_object *responses = json_member_object(operation, "responses");
	json_object *success = json_member_object(responses, "200");

	ck_assert_msg(operation, "%s", route->path);
	if (!success)
		success = json_member_object(responses, "201");
	for (size_t i = 0; i < route->parameter_count; i++)
		check_described(document, operation, &route->parameters[i]);
	ck_assert_uint_eq(count_query_parameters(document, operation), route->parameter_count);
	ck_assert_int_eq(json_member_object(operation, "requestBody") != NULL,
			 route->body != ROUTE_BODY_NONE);
	ck_assert_int_eq(json_member_object(responses, "415") != NULL,
			 route->body != ROUTE_BODY_NONE);
	check_forms(success, route);
	check_need(responses, operation, route);
}

START_TEST(test_openapi_describes_every_route)
{
	json_object *document = openapi();
	json_object *paths = at(document, "/paths");
	size_t count = 0;
	const struct route *routes = router_routes(&count);
	int operations = 0;

	for (size_t i = 0; i < count; i++) {
		json_object *path = json_member_object(paths, routes[i].path);

		ck_assert_msg(path, "%s", routes[i].path);
		for (size_t j = 0; j < G_N_ELEMENTS(method_words); j++)
			if (routes[i].methods & method_words[j].bit) {
				check_operation(document,
						json_member_object(path, method_words[j].word),
						&routes[i]);
				operations++;
			}
	}
	json_object_object_foreach(paths, name, described)
	{
		(void)name; /* each of the table's was found above: there are no others */
		operations -= json_object_object_length(described);
	}
	ck_assert_int_eq(operations, 0);
	json_object_put(document);
}
END_TEST

/* The fields that a body may have, and how long they may be: the same in both. */
static void check_fields(json_object *document, const struct route *route, const char *method)
{
	static const char *const types[] = {"", "string", "string", "boolean"};
	bool json = route->body == ROUTE_BODY_JSON;
	json_object *path = json_member_object(at(document, "/paths"), route->path);
	json_object *body = json_member_object(json_member_object(path, method), "requestBody");
	json_object *content = json_member_object(body, "content");
	json_object *schema = json_member_object(
		json_member_object(content,
				   json ? "application/json" : "application/x-www-form-urlencoded"),
		"schema");
	json_object *object = NULL, *properties = NULL;
	size_t required = 0;

	ck_assert_msg(schema, "%s", route->path);
	ck_assert_int_eq(json_object_object_length(content), 1);
	object = at(document, json_member_text(schema, "$ref", NULL) + 1);
	ck_assert(!json_member_bool(object, "additionalProperties", true));
	properties = json_member_object(object, "properties");
	ck_assert_uint_eq((size_t)json_object_object_length(properties), route->field_count);
	for (size_t i = 0; i < route->field_count; i++) {
		json_object *field = json_member_object(properties, route->fields[i].name);

		ck_assert_msg(field, "%s", route->fields[i].name);
		ck_assert_str_eq(json_member_text(field, "type", ""), types[route->fields[i].type]);
		if (route->fields[i].type == BODY_FIELD_TEXT)
			ck_assert_int_eq(json_member_int(field, "maxLength", -1),
					 (int64_t)route->fields[i].max_bytes);
		required += route->fields[i].required;
	}
	ck_assert_int_eq(json_member_bool(body, "required", false), required > 0);
	ck_assert_uint_eq(json_member_array(object, "required")
				  ? json_object_array_length(json_member_array(object, "required"))
				  : 0,
			  required);
}

START_TEST(test_openapi_describes_every_body)
{
	json_object *document = openapi();
	size_t count = 0, bodies = 0;
	const struct route *routes = router_routes(&count);

	for (size_t i = 0; i < count; i++) {
		if (routes[i].body != ROUTE_BODY_JSON && routes[i].body != ROUTE_BODY_FORM)
			continue;
		check_fields(document, &routes[i], "post");
		bodies++;
	}
	ck_assert_uint_eq(bodies, 4);
	json_object_put(document);
}
END_TEST

START_TEST(test_openapi_lists_every_problem)
{
	json_object *document = openapi();
	json_object *types = at(document, "/components/schemas/ProblemType/enum");
	g_autoptr(GHashTable) distinct = g_hash_table_new(g_str_hash, g_str_equal);

	for (enum problem problem = PROBLEM_INVALID_REQUEST; problem < PROBLEM_COUNT; problem++) {
		const char *type = problem_get(problem)->type;
		bool found = false;

		(void)g_hash_table_add(distinct, (gpointer)(uintptr_t)type);
		for (size_t i = 0; i < json_object_array_length(types); i++)
			found = found ||
				strcmp(type, json_object_get_string(
						     json_object_array_get_idx(types, i))) == 0;
		ck_assert_msg(found, "%s", type);
	}
	ck_assert_uint_eq(g_hash_table_size(distinct), json_object_array_length(types));
	json_object_put(document);
}
END_TEST

static bool lists_word(json_object *words, const char *word)
{
	for (size_t i = 0; words && i < json_object_array_length(words); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(words, i)), word) == 0)
			return true;
	return false;
}

/* Is @p type described of an answer with @p status, with an example? */
static bool has_problem(json_object *response, int status, const char *type)
{
	json_object *content = json_member_object(json_member_object(response, "content"),
						  "application/problem+json");
	json_object *members =
		json_member_object(json_member_object(content, "schema"), "properties");
	const char *name = strrchr(type, '/') + 1;

	if (json_member_int(json_member_object(members, "status"), "const", 0) != status)
		return false;
	return lists_word(json_member_array(json_member_object(members, "type"), "enum"), type) &&
	       json_member_object(json_member_object(content, "examples"), name);
}

/* Each problem comes with its status, and is in the answers that are described with it. */
START_TEST(test_openapi_lists_every_problem_with_its_status)
{
	json_object *document = openapi();
	json_object *responses = at(document, "/components/responses");

	for (enum problem problem = PROBLEM_INVALID_REQUEST; problem < PROBLEM_COUNT; problem++) {
		const struct problem_kind *kind = problem_get(problem);
		bool found = false;

		json_object_object_foreach(responses, name, response)
		{
			(void)name; /* any of them */
			found = found || has_problem(response, kind->status, kind->type);
		}
		ck_assert_msg(found, "%d %s", kind->status, kind->type);
	}
	json_object_put(document);
}
END_TEST

START_TEST(test_openapi_lists_every_reason)
{
	json_object *document = openapi();
	json_object *codes = at(document, "/components/schemas/ReasonCode/x-extensible-enum");
	const char *text =
		json_member_text(at(document, "/components/schemas/ReasonCode"), "description", "");
	size_t count = 0;

	for (enum reason_code code = REASON_BEHIND; code <= REASON_NOT_DUE; code++) {
		ck_assert_msg(lists_word(codes, reason_code_text(code)), "%s",
			      reason_code_text(code));
		ck_assert_msg(strstr(text, reason_code_text(code)), "%s", reason_code_text(code));
		count++;
	}
	ck_assert_uint_eq(json_object_array_length(codes), count);
	json_object_put(document);
}
END_TEST

/* What openapi.json says is in an answer, is there; and nothing else is. */
static const struct {
	const char *target, *schema;
} shape_cases[] = {
	{"/status", "/components/schemas/Status"},   {"/drift", "/components/schemas/Drift"},
	{"/gate", "/components/schemas/Gate"},       {"/version", "/components/schemas/Version"},
	{"/healthz", "/components/schemas/Word"},    {"/readyz", "/components/schemas/Word"},
	{"/nothing", "/components/schemas/Problem"},
};

START_TEST(test_openapi_names_every_member)
{
	json_object *document = openapi();
	g_autofree char *pointer = g_strconcat(shape_cases[_i].schema, "/properties", NULL);
	json_object *properties = at(document, pointer);
	struct response response = get(shape_cases[_i].target);
	json_object *answer = fixture_json(&response);

	json_object_object_foreach(answer, name, value)
	{
		(void)value; /* its name is looked at */
		ck_assert_msg(json_object_object_get_ex(properties, name, NULL), "%s: %s",
			      shape_cases[_i].target, name);
	}
	if (response.status != 404)
		ck_assert_int_eq(json_object_object_length(answer),
				 json_object_object_length(properties));
	json_object_put(answer);
	response_done(&response);
	json_object_put(document);
}
END_TEST

START_TEST(test_openapi_names_every_member_of_a_target)
{
	json_object *document = openapi();
	json_object *line = at(document, "/components/schemas/StatusLine/properties");
	json_object *rest = at(document, "/components/schemas/Target/allOf/1/properties");
	json_object *around = at(document, "/components/schemas/TargetAnswer/allOf/1/properties");
	struct response response = get("/drift/service/worker");
	json_object *target = fixture_json(&response);

	json_object_object_foreach(target, name, value)
	{
		(void)value; /* its name is looked at */
		ck_assert_msg(json_object_object_get_ex(around, name, NULL) ||
				      json_object_object_get_ex(line, name, NULL) ||
				      json_object_object_get_ex(rest, name, NULL),
			      "%s", name);
	}
	json_object_object_foreach(rest, described, schema)
	{
		(void)schema; /* likewise */
		ck_assert_msg(json_object_object_get_ex(target, described, NULL), "%s", described);
	}
	json_object_put(target);
	response_done(&response);
	json_object_put(document);
}
END_TEST

/* Every member of @p object is described by one of @p schemas (their pointers), and what they
 * require is there. */
static void check_members(json_object *document, json_object *object, const char *const *schemas)
{
	ck_assert_ptr_nonnull(object);
	json_object_object_foreach(object, name, value)
	{
		bool found = false;

		(void)value; /* its name is looked at */
		for (size_t i = 0; schemas[i]; i++)
			found = found ||
				json_object_object_get_ex(
					json_member_object(at(document, schemas[i]), "properties"),
					name, NULL);
		ck_assert_msg(found, "%s: %s", schemas[0], name);
	}
	for (size_t i = 0; schemas[i]; i++) {
		json_object *required = json_member_array(at(document, schemas[i]), "required");

		for (size_t j = 0; required && j < json_object_array_length(required); j++) {
			const char *member =
				json_object_get_string(json_object_array_get_idx(required, j));

			ck_assert_msg(json_object_object_get_ex(object, member, NULL), "%s: %s",
				      schemas[i], member);
		}
	}
}

START_TEST(test_openapi_names_every_member_of_a_commit)
{
	static const char *const head[] = {"/components/schemas/Commit",
					   "/components/schemas/Head/allOf/1", NULL};
	static const char *const undeployed[] = {
		"/components/schemas/Commit", "/components/schemas/UndeployedCommit/allOf/1", NULL};
	json_object *document = openapi();
	struct response response = get("/drift/service/worker"), status_response = get("/status");
	json_object *target = fixture_json(&response), *status = fixture_json(&status_response);
	json_object *behind = json_member_object(target, "behind");
	json_object *repo = json_object_array_get_idx(json_member_array(status, "repos"), 0);

	check_members(document, json_member_object(target, "head"), head);
	check_members(document, json_member_object(repo, "head"), head);
	check_members(document, json_member_object(behind, "oldest"), undeployed);
	check_members(document, json_member_object(behind, "newest"), undeployed);
	check_members(document, json_object_array_get_idx(json_member_array(behind, "list"), 0),
		      undeployed);
	json_object_put(status);
	json_object_put(target);
	response_done(&status_response);
	response_done(&response);
	json_object_put(document);
}
END_TEST

/* The schema of what @p pointer describes, through its $ref. */
static const char *resolve(json_object *document, const char *pointer)
{
	const char *ref = json_member_text(at(document, pointer), "$ref", NULL);

	return ref ? ref + 1 : pointer;
}

/* Is @p value of a type that the schema at @p pointer names? */
static void check_type(json_object *document, const char *pointer, json_object *value)
{
	static const struct {
		enum json_type type;
		const char *word;
	} words[] = {
		{json_type_null, "null"},     {json_type_boolean, "boolean"},
		{json_type_int, "integer"},   {json_type_string, "string"},
		{json_type_array, "array"},   {json_type_object, "object"},
		{json_type_double, "number"},
	};
	const char *word = "";
	json_object *type = NULL;
	bool found = false;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (words[i].type == json_object_get_type(value))
			word = words[i].word;
	if (!json_object_object_get_ex(at(document, resolve(document, pointer)), "type", &type))
		return;
	if (json_object_is_type(type, json_type_string))
		found = strcmp(json_object_get_string(type), word) == 0;
	for (size_t i = 0;
	     json_object_is_type(type, json_type_array) && i < json_object_array_length(type); i++)
		found = found || strcmp(json_object_get_string(json_object_array_get_idx(type, i)),
					word) == 0;
	ck_assert_msg(found, "%s is no %s", pointer, word);
}

static void check_row_types(json_object *document, json_object *row, const char *schema)
{
	json_object_object_foreach(row, name, value)
	{
		g_autofree char *pointer = g_strconcat(schema, "/properties/", name, NULL);

		check_type(document, pointer, value);
	}
}

/* Rows that are objects have the members that are described, all of them, and their types. */
static void check_rows(json_object *document, json_object *detail, const char *schema)
{
	json_object_object_foreach(detail, name, value)
	{
		g_autofree char *pointer =
			g_strconcat(schema, "/properties/", name, "/items", NULL);
		const char *const row_schemas[] = {pointer, NULL};

		if (!json_object_is_type(value, json_type_array) ||
		    json_object_array_length(value) == 0 ||
		    !json_object_is_type(json_object_array_get_idx(value, 0), json_type_object))
			continue;
		check_members(document, json_object_array_get_idx(value, 0), row_schemas);
		check_row_types(document, json_object_array_get_idx(value, 0), pointer);
		ck_assert_int_eq(json_object_object_length(json_object_array_get_idx(value, 0)),
				 json_object_object_length(
					 json_member_object(at(document, pointer), "properties")));
	}
}

static bool has_member(json_object *document, const char *schema, const char *name)
{
	json_object *properties = json_member_object(at(document, schema), "properties");

	return json_object_object_get_ex(properties, name, NULL);
}

/* May a member of that schema be null? */
static bool may_be_null(json_object *document, const char *schema, const char *name)
{
	g_autofree char *pointer = g_strconcat(schema, "/properties/", name, NULL);
	json_object *type = NULL;

	if (!json_object_object_get_ex(at(document, resolve(document, pointer)), "type", &type))
		return true;
	for (size_t i = 0;
	     json_object_is_type(type, json_type_array) && i < json_object_array_length(type); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(type, i)), "null") == 0)
			return true;
	return false;
}

static void check_nulls(json_object *document, json_object *detail, const char *schema)
{
	json_object_object_foreach(detail, name, value)
	{
		g_autofree char *pointer = g_strconcat(schema, "/properties/", name, NULL);

		if (!has_member(document, schema, name))
			continue; /* of another part of the schema: check_members() */
		check_type(document, pointer, value);
		ck_assert_msg(value || may_be_null(document, schema, name), "%s: %s is null",
			      schema, name);
	}
}

/* Each kind of data, as it is judged: its detail is described, and so is all that is in it. */
static const struct {
	struct verdict *(*make)(void);
	const char *detail;
} detail_cases[] = {
	{data_fixture_missing_table, "freshness"}, {data_fixture_table, "freshness"},
	{data_fixture_partitions, "freshness"},    {data_fixture_not_active, "freshness"},
	{data_fixture_completion, "completion"},   {data_fixture_inventory, "inventory"},
	{data_fixture_backup, "backup"},           {make_assertion, "assertion"},
};

START_TEST(test_openapi_names_every_member_of_a_detail)
{
	json_object *document = openapi();
	struct verdict *verdict = detail_cases[_i].make();
	g_autofree char *path = g_strconcat("/drift/", verdict->id, NULL);
	g_autofree char *pointer = g_strconcat("/components/schemas/Target/allOf/2/properties/",
					       detail_cases[_i].detail, NULL);
	const char *const schemas[] = {resolve(document, pointer), NULL};
	json_object *target = NULL;
	struct response response = {0};

	app_publish(app, snapshot_create(fixture_input(verdict, NULL)));
	response = get(path);
	target = fixture_json(&response);
	check_members(document, json_member_object(target, detail_cases[_i].detail), schemas);
	check_rows(document, json_member_object(target, detail_cases[_i].detail), schemas[0]);
	check_nulls(document, json_member_object(target, detail_cases[_i].detail), schemas[0]);
	json_object_put(target);
	response_done(&response);
	json_object_put(document);
}
END_TEST

/* The new lists: every member of an answer is described, and every one described is there. */
static const struct {
	const char *target, *member; /* NULL: the answer itself */
	const char *schema;
	const char *more; /* the other half of a schema of two; NULL: none */
} alert_cases[] = {
	{"/incidents", NULL, "Incidents", NULL},
	{"/incidents", "items", "Incident", NULL},
	{"/incidents/2", NULL, "Incident", NULL},
	{"/incidents/summary", NULL, "IncidentSummary", NULL},
	{"/incidents/summary", "periods", "Figures", "Period/allOf/1"},
	{"/silences", NULL, "Silences", NULL},
	{"/silences", "items", "Silence", NULL},
	{"/notifications", NULL, "Notifications", NULL},
	{"/notifications", "items", "Notification", NULL},
};

START_TEST(test_openapi_names_every_member_of_alerts)
{
	json_object *document = openapi();
	g_autofree char *schema = g_strconcat("/components/schemas/", alert_cases[_i].schema, NULL);
	g_autofree char *more = g_strconcat("/components/schemas/",
					    alert_cases[_i].more ? alert_cases[_i].more : "", NULL);
	const char *const schemas[] = {schema, alert_cases[_i].more ? more : NULL, NULL};
	struct alerts_world world = {0};
	struct response response = {0};
	json_object *answer = NULL, *object = NULL;

	alerts_world_start(&world, NULL);
	response = alerts_world_get(&world, alert_cases[_i].target);
	answer = fixture_json(&response);
	object = alert_cases[_i].member
			 ? json_object_array_get_idx(
				   json_member_array(answer, alert_cases[_i].member), 0)
			 : answer;
	check_members(document, object, schemas);
	for (size_t i = 0; schemas[i]; i++)
		check_nulls(document, object, schemas[i]);
	json_object_put(answer);
	response_done(&response);
	alerts_world_stop(&world);
	json_object_put(document);
}
END_TEST

/* What no schema can say: bodies are ignored whatever their type, and who answers beyond the
 * limits. */
START_TEST(test_openapi_says_what_happens_to_bodies_and_giants)
{
	json_object *document = openapi();
	json_object *post = at(document, "/paths/~1check/post");

	ck_assert_ptr_nonnull(strstr(json_member_text(post, "description", ""), "ignored"));
	ck_assert_ptr_null(json_member_object(post, "requestBody"));
	ck_assert_ptr_null(json_member_object(json_member_object(post, "responses"), "415"));
	ck_assert_ptr_nonnull(
		strstr(json_member_text(at(document, "/info"), "description", ""), "HTML"));
	json_object_put(document);
}
END_TEST

Suite *openapi_suite(void)
{
	Suite *suite = suite_create("openapi");
	TCase *tcase = tcase_create("openapi");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_index_lists_all_routes);
	tcase_add_test(tcase, test_openapi_describes_every_route);
	tcase_add_test(tcase, test_openapi_describes_every_body);
	tcase_add_test(tcase, test_openapi_lists_every_problem);
	tcase_add_test(tcase, test_openapi_lists_every_problem_with_its_status);
	tcase_add_test(tcase, test_openapi_lists_every_reason);
	tcase_add_loop_test(tcase, test_openapi_names_every_member, 0, G_N_ELEMENTS(shape_cases));
	tcase_add_test(tcase, test_openapi_names_every_member_of_a_target);
	tcase_add_test(tcase, test_openapi_names_every_member_of_a_commit);
	tcase_add_loop_test(tcase, test_openapi_names_every_member_of_a_detail, 0,
			    G_N_ELEMENTS(detail_cases));
	tcase_add_loop_test(tcase, test_openapi_names_every_member_of_alerts, 0,
			    G_N_ELEMENTS(alert_cases));
	tcase_add_test(tcase, test_openapi_says_what_happens_to_bodies_and_giants);
	suite_add_tcase(suite, tcase);
	return suite;
}
