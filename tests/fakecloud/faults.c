/* faults - see faults.h */
#include "tests/fakecloud/faults.h"

#include <fnmatch.h>
#include <string.h>

/** How often a hanging request looks whether its rule is still there. */
#define HANG_LOOK_MS 20

/** Filler of FAULT_KIND_HUGE when the rule names no number. */
#define HUGE_DEFAULT_BYTES ((int64_t)256 * 1024 * 1024)

static const struct {
	const char *word;
	enum fault_kind kind;
} kinds[] = {
	{"status", FAULT_KIND_STATUS},
	{"latency", FAULT_KIND_LATENCY},
	{"hang", FAULT_KIND_HANG},
	{"reset", FAULT_KIND_RESET},
	{"truncate", FAULT_KIND_TRUNCATE},
	{"garbage", FAULT_KIND_GARBAGE},
	{"not_http", FAULT_KIND_NOT_HTTP},
	{"wrong_types", FAULT_KIND_WRONG_TYPES},
	{"huge", FAULT_KIND_HUGE},
	{"empty", FAULT_KIND_EMPTY},
	{"html503", FAULT_KIND_HTML503},
	{"endless_pages", FAULT_KIND_ENDLESS_PAGES},
	{"drip", FAULT_KIND_DRIP},
	{"denied", FAULT_KIND_DENIED},
	{"disabled", FAULT_KIND_DISABLED},
	{"quota", FAULT_KIND_QUOTA},
	{"rate", FAULT_KIND_RATE},
	{"backend", FAULT_KIND_BACKEND},
	{"reason", FAULT_KIND_REASON},
	{"reset_after", FAULT_KIND_RESET_AFTER},
	{"hang_after", FAULT_KIND_HANG_AFTER},
	{"status_after", FAULT_KIND_STATUS_AFTER},
};

void fault_rule_free(void *data)
{
	struct fault_rule *rule = data;

	if (!rule)
		return;
	g_free(rule->path);
	g_free(rule->query);
	g_free(rule->method);
	g_free(rule->body);
	g_free(rule->content_type);
	g_free(rule->permission);
	g_free(rule->api);
	g_free(rule->sends);
	g_free(rule->reason);
	g_ptr_array_unref(rule->headers);
	g_free(rule);
}

static struct fault_rule *rule_copy(const struct fault_rule *rule)
{
	struct fault_rule *copy = g_new0(struct fault_rule, 1);

	*copy = *rule;
	copy->path = g_strdup(rule->path);
	copy->query = g_strdup(rule->query);
	copy->method = g_strdup(rule->method);
	copy->body = g_strdup(rule->body);
	copy->content_type = g_strdup(rule->content_type);
	copy->permission = g_strdup(rule->permission);
	copy->api = g_strdup(rule->api);
	copy->sends = g_strdup(rule->sends);
	copy->reason = g_strdup(rule->reason);
	copy->headers = g_ptr_array_ref(rule->headers);
	return copy;
}

static char *take_text(json_object *object, const char *name)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value) || !value)
		return NULL;
	return g_strdup(json_object_get_string(value));
}

static int64_t take_int(json_object *object, const char *name, int64_t fallback)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		return fallback;
	return json_object_get_int64(value);
}

static GPtrArray *take_headers(json_object *object)
{
	GPtrArray *headers = g_ptr_array_new_with_free_func(g_free);
	json_object *members = NULL;

	if (!json_object_object_get_ex(object, "headers", &members))
		return headers;
	json_object_object_foreach(members, name, value) g_ptr_array_add(
		headers, g_strdup_printf("%s: %s", name, json_object_get_string(value)));
	return headers;
}

static enum fault_kind kind_from_text(const char *word)
{
	for (size_t i = 0; word && i < G_N_ELEMENTS(kinds); i++) {
		if (g_str_equal(kinds[i].word, word))
			return kinds[i].kind;
	}
	return FAULT_KIND_NONE;
}

struct fault_rule *fault_rule_parse(json_object *object, const char **ret_problem)
{
	g_autofree char *kind = take_text(object, "kind");
	struct fault_rule *rule = g_new0(struct fault_rule, 1);

	rule->path = take_text(object, "path");
	rule->query = take_text(object, "query");
	rule->method = take_text(object, "method");
	rule->kind = kind_from_text(kind);
	rule->skip = take_int(object, "skip", 0);
	rule->count = take_int(object, "count", -1);
	rule->status = (int)take_int(object, "status", 500); /* three digits */
	rule->latency_ms = (int)take_int(object, "latency_ms", 0);
	rule->bytes = take_int(object, "bytes", -1);
	rule->depth = (int)take_int(object, "depth", 1);
	rule->body = take_text(object, "body");
	rule->content_type = take_text(object, "content_type");
	rule->permission = take_text(object, "permission");
	rule->api = take_text(object, "api");
	rule->sends = take_text(object, "sends");
	rule->reason = take_text(object, "reason");
	rule->headers = take_headers(object);
	if (!rule->path && !rule->api)
		*ret_problem = "\"path\" and \"api\" are missing";
	else if (rule->kind == FAULT_KIND_NONE)
		*ret_problem = "\"kind\" is none of the kinds of faults.h";
	else if (rule->api && !fault_knows_api(rule->api))
		*ret_problem = "\"api\" is none of those of fault_match.c";
	else
		return rule;
	fault_rule_free(rule);
	return NULL;
}

json_object *fault_rule_to_json(const struct fault_rule *rule)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "id", json_object_new_int64(rule->id));
	if (rule->path)
		json_object_object_add(object, "path", json_object_new_string(rule->path));
	if (rule->api)
		json_object_object_add(object, "api", json_object_new_string(rule->api));
	json_object_object_add(object, "hits", json_object_new_int64(rule->hits));
	return object;
}

static bool rule_fits(const struct fault_rule *rule, const struct request *request)
{
	const char *query = strchr(request->uri, '?');

	if (rule->method && !g_str_equal(rule->method, request->method))
		return false;
	if (rule->query && (!query || !strstr(query, rule->query)))
		return false;
	if (rule->sends && !strstr(request->body->str, rule->sends))
		return false;
	if (rule->api && !fault_fits_api(request, rule->api))
		return false;
	return !rule->path || fnmatch(rule->path, request->path, 0) == 0;
}

struct fault_rule *faults_match(struct cloud *cloud, const struct request *request)
{
	for (guint i = 0; i < cloud->faults->len; i++) {
		struct fault_rule *rule = cloud->faults->pdata[i];

		if (rule->count >= 0 && rule->hits >= rule->count)
			continue;
		if (!rule_fits(rule, request))
			continue;
		if (rule->skip > 0) {
			rule->skip--;
			continue;
		}
		rule->hits++;
		return rule_copy(rule);
	}
	return NULL;
}

static bool rule_is_there(struct cloud *cloud, unsigned id)
{
	bool there = false;

	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	for (guint i = 0; i < cloud->faults->len; i++)
		there |= ((struct fault_rule *)cloud->faults->pdata[i])->id == id;
	(void)pthread_mutex_unlock(&cloud->lock);
	return there;
}

static void hang(struct cloud *cloud, const struct fault_rule *rule, const struct request *request)
{
	while (!atomic_load(&cloud->stopping) && rule_is_there(cloud, rule->id)) {
		if (request_wait(request, HANG_LOOK_MS))
			return;
	}
}

static void set_status(const struct fault_rule *rule, struct reply *reply)
{
	reply_set_text(reply, rule->status,
		       rule->content_type ? rule->content_type : "text/plain; charset=utf-8",
		       rule->body ? rule->body : "");
	for (guint i = 0; i < rule->headers->len; i++)
		g_ptr_array_add(reply->headers, g_strdup(rule->headers->pdata[i]));
}

static void set_garbage(struct reply *reply)
{
	static const char bytes[] = "{\"services\":[\xff\xfe\x80 <<<>>> \x01\x02]";

	reply->status = 200;
	reply->content_type = g_strdup("application/json; charset=UTF-8");
	g_string_append_len(reply->body, bytes, sizeof(bytes) - 1);
}

bool faults_before(struct cloud *cloud, const struct fault_rule *rule,
		   const struct request *request, struct reply *reply)
{
	switch (rule->kind) {
	case FAULT_KIND_LATENCY:
		reply->reset = request_wait(request, rule->latency_ms);
		return reply->reset;
	case FAULT_KIND_HANG:
		hang(cloud, rule, request);
		reply->reset = true;
		return true;
	case FAULT_KIND_RESET:
		reply->reset = true;
		return true;
	case FAULT_KIND_STATUS:
		set_status(rule, reply);
		return true;
	case FAULT_KIND_GARBAGE:
		set_garbage(reply);
		return true;
	case FAULT_KIND_NOT_HTTP:
		reply->raw = true;
		g_string_assign(reply->body, "\x16\x03\x01 220 this is no HTTP\r\n\r\n");
		return true;
	case FAULT_KIND_HUGE:
		reply_set_text(reply, 200, "application/json; charset=UTF-8", "");
		reply->filler_bytes = rule->bytes >= 0 ? rule->bytes : HUGE_DEFAULT_BYTES;
		return true;
	case FAULT_KIND_EMPTY:
		reply_set_text(reply, 200, "application/json; charset=UTF-8", "");
		return true;
	case FAULT_KIND_HTML503:
		reply_set_text(reply, 503, "text/html; charset=UTF-8",
			       "<html><head><title>503 Server Error</title></head><body><h1>Error: "
			       "Server Error</h1></body></html>");
		return true;
	case FAULT_KIND_DENIED:
		fault_set_denied(rule, request, reply);
		return true;
	case FAULT_KIND_DISABLED:
		fault_set_disabled(request, reply);
		return true;
	case FAULT_KIND_QUOTA:
	case FAULT_KIND_RATE:
		fault_set_quota(rule, request, reply);
		return true;
	case FAULT_KIND_BACKEND:
		fault_set_backend(request, reply);
		return true;
	case FAULT_KIND_REASON:
		fault_set_reason(rule, request, reply);
		return true;
	case FAULT_KIND_NONE:
	case FAULT_KIND_TRUNCATE:
	case FAULT_KIND_WRONG_TYPES:
	case FAULT_KIND_ENDLESS_PAGES:
	case FAULT_KIND_DRIP:
	case FAULT_KIND_RESET_AFTER:
	case FAULT_KIND_HANG_AFTER:
	case FAULT_KIND_STATUS_AFTER:
		break;
	}
	return false;
}

/** A value of another type than @p value has. */
static json_object *other_type(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return json_object_new_int(7);
	case json_type_object:
	case json_type_array:
		return json_object_new_string("wrong");
	case json_type_boolean:
		return json_object_new_string("false");
	case json_type_null:
	case json_type_double:
	case json_type_int:
		break;
	}
	return json_object_new_array();
}

static json_object *spoil(json_object *value, int depth)
{
	json_object *result = NULL;

	if (depth == 0)
		return other_type(value);
	if (json_object_is_type(value, json_type_object)) {
		result = json_object_new_object();
		json_object_object_foreach(value, name, member)
			json_object_object_add(result, name, spoil(member, depth - 1));
		return result;
	}
	if (!json_object_is_type(value, json_type_array))
		return json_object_get(value);
	result = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(value); i++)
		json_object_array_add(result, spoil(json_object_array_get_idx(value, i), depth));
	return result;
}

static void change_body(struct reply *reply, json_object *changed)
{
	g_string_assign(reply->body,
			json_object_to_json_string_ext(changed, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(changed);
}

static void change_json(const struct fault_rule *rule, struct reply *reply)
{
	json_object *document = json_tokener_parse(reply->body->str);
	g_autofree char *token = g_strdup_printf("endless-%u", g_random_int());

	if (rule->kind == FAULT_KIND_WRONG_TYPES) {
		change_body(reply, spoil(document, rule->depth));
		json_object_put(document);
	} else if (json_object_is_type(document, json_type_object)) {
		/* query results have a name of their own for it */
		json_object_object_add(document,
				       json_object_object_get_ex(document, "jobReference", NULL)
					       ? "pageToken"
					       : "nextPageToken",
				       json_object_new_string(token));
		change_body(reply, document);
	} else {
		json_object_put(document);
	}
}

static void cut(const struct fault_rule *rule, struct reply *reply)
{
	/* a stream's length is not known: half of it is a guess */
	int64_t half = reply->stream ? 64 : (int64_t)reply->body->len / 2;
	int64_t bytes = rule->bytes >= 0 ? rule->bytes : half;

	if (reply->stream)
		reply->stream->left = bytes;
	else
		reply->cut_bytes = bytes;
}

void faults_after(struct cloud *cloud, const struct fault_rule *rule, const struct request *request,
		  struct reply *reply)
{
	if (rule->kind == FAULT_KIND_TRUNCATE)
		cut(rule, reply);
	else if (rule->kind == FAULT_KIND_DRIP)
		reply->drip_ms = rule->latency_ms;
	else if (rule->kind == FAULT_KIND_WRONG_TYPES || rule->kind == FAULT_KIND_ENDLESS_PAGES)
		change_json(rule, reply);
	else if (rule->kind == FAULT_KIND_STATUS_AFTER)
		set_status(rule, reply);
	else if (rule->kind == FAULT_KIND_HANG_AFTER)
		hang(cloud, rule, request);
	if (rule->kind == FAULT_KIND_RESET_AFTER || rule->kind == FAULT_KIND_HANG_AFTER)
		reply->reset = true;
}
