/* github - /github/repos/O/R/issues…: list, read, create, change; comments. Driftd's api-url is
 * ORIGIN/github. See github.h. */
#include "tests/fakecloud/github.h"

#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

#include <string.h>

#define PAGE_DEFAULT 30
#define PAGE_MAX 100
#define BODY_MAX_CHARS 65536
#define TITLE_MAX_CHARS 256
#define LABEL_MAX_CHARS 50
#define HOURLY_LIMIT 5000

/** Who the token belongs to. */
#define LOGIN "driftd-bot"

static void drop_json(void *object)
{
	(void)json_object_put(object); /* says whether it was the last reference */
}

struct github_repo *github_repo_create(const char *name)
{
	struct github_repo *repo = g_new0(struct github_repo, 1);

	repo->name = g_strdup(name);
	repo->issues = g_ptr_array_new_with_free_func(drop_json);
	repo->comments = g_ptr_array_new_with_free_func(drop_json);
	return repo;
}

void github_repo_free(void *data)
{
	struct github_repo *repo = data;

	if (!repo)
		return;
	g_free(repo->name);
	g_free(repo->token);
	g_ptr_array_unref(repo->issues);
	g_ptr_array_unref(repo->comments);
	g_free(repo);
}

static bool is_comment_of(json_object *comment, json_object *issue)
{
	return jsn_int(comment, "issue_number", 0) == jsn_int(issue, "number", -1);
}

json_object *github_repo_to_json(const struct github_repo *repo)
{
	json_object *list = json_object_new_array(), *object = json_object_new_object();

	for (guint i = 0; i < repo->issues->len; i++) {
		json_object *issue = repo->issues->pdata[i], *copy = NULL,
			    *comments = json_object_new_array();

		if (json_object_deep_copy(issue, &copy, NULL) != 0)
			g_assert_not_reached(); /* only fails for arguments that are none */
		for (guint j = 0; j < repo->comments->len; j++) {
			json_object *comment = repo->comments->pdata[j];

			if (is_comment_of(comment, issue))
				json_object_array_add(comments, json_object_new_string(jsn_text(
									comment, "body", "")));
		}
		jsn_add(copy, "comment_bodies", comments);
		json_object_array_add(list, copy);
	}
	jsn_add_text(object, "name", repo->name);
	jsn_add(object, "issues", list);
	return object;
}

/* --- errors and limits --- */

static void set_errors(struct reply *reply, int status, const char *message, json_object *errors)
{
	json_object *object = json_object_new_object();
	g_autofree char *word = g_strdup_printf("%d", status);

	jsn_add_text(object, "message", message);
	if (errors)
		jsn_add(object, "errors", errors);
	jsn_add_text(object, "documentation_url", "https://docs.github.com/rest/issues/issues");
	jsn_add_text(object, "status", word);
	reply_set_json(reply, status, object);
}

void github_set_error(struct reply *reply, int status, const char *message)
{
	set_errors(reply, status, message, NULL);
}

/** 422 in GitHub's words. */
static void set_invalid(struct reply *reply, const char *resource, const char *field,
			const char *problem)
{
	json_object *error = json_object_new_object(), *errors = json_object_new_array();

	jsn_add_text(error, "resource", resource);
	jsn_add_text(error, "field", field);
	jsn_add_text(error, "code", g_str_equal(problem, "missing_field") ? problem : "custom");
	jsn_add_text(error, "message", problem);
	json_object_array_add(errors, error);
	set_errors(reply, 422, "Validation Failed", errors);
}

static void add_limit_headers(struct reply *reply, int64_t remaining, int64_t reset_s)
{
	g_autofree char *left = g_strdup_printf("%" G_GINT64_FORMAT, remaining);
	g_autofree char *used = g_strdup_printf("%" G_GINT64_FORMAT, HOURLY_LIMIT - remaining);
	g_autofree char *reset = g_strdup_printf("%" G_GINT64_FORMAT, reset_s);

	reply_add_header(reply, "x-ratelimit-limit", G_STRINGIFY(HOURLY_LIMIT));
	reply_add_header(reply, "x-ratelimit-remaining", left);
	reply_add_header(reply, "x-ratelimit-used", used);
	reply_add_header(reply, "x-ratelimit-reset", reset);
	reply_add_header(reply, "x-ratelimit-resource", "core");
}

void github_set_rate_limit(struct reply *reply, bool primary, int64_t seconds)
{
	int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;
	g_autofree char *wait = g_strdup_printf("%" G_GINT64_FORMAT, seconds);

	if (primary) {
		github_set_error(reply, 403, "API rate limit exceeded for user ID 81234.");
		add_limit_headers(reply, 0, now_s + (seconds >= 0 ? seconds : 60));
		return;
	}
	github_set_error(reply, 403,
			 "You have exceeded a secondary rate limit. Please wait a few minutes "
			 "before you try again.");
	add_limit_headers(reply, HOURLY_LIMIT - 100, now_s + 3600);
	if (seconds >= 0)
		reply_add_header(reply, "retry-after", wait);
}

/* --- issues --- */

static char *now_text(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
}

/** A label is a name, or an object with one. "" when it is none. Borrowed. */
static const char *label_name(json_object *label)
{
	if (json_object_is_type(label, json_type_string))
		return json_object_get_string(label);
	return jsn_text(label, "name", "");
}

static json_object *labels_json(json_object *names)
{
	json_object *labels = json_object_new_array();

	for (size_t i = 0; i < jsn_length(names); i++) {
		json_object *label = json_object_new_object();

		jsn_add_text(label, "name", label_name(json_object_array_get_idx(names, i)));
		jsn_add_text(label, "color", "ededed");
		json_object_array_add(labels, label);
	}
	return labels;
}

static void set_state(json_object *issue, const char *state, const char *reason)
{
	bool closed = g_str_equal(state, "closed");
	g_autofree char *now = now_text();

	jsn_add_text(issue, "state", state);
	jsn_add(issue, "state_reason", reason ? json_object_new_string(reason) : NULL);
	jsn_add(issue, "closed_at", closed ? json_object_new_string(now) : NULL);
}

static void touch(json_object *issue)
{
	g_autofree char *now = now_text();

	jsn_add_text(issue, "updated_at", now);
}

static json_object *user_json(const char *login)
{
	json_object *user = json_object_new_object();

	jsn_add_text(user, "login", login);
	return user;
}

json_object *github_add_issue(struct github_repo *repo, const char *login, json_object *spec)
{
	json_object *issue = json_object_new_object(), *labels = jsn_at(spec, "labels");
	g_autofree char *now = now_text();
	guint number = repo->issues->len + 1;
	g_autofree char *page =
		g_strdup_printf("https://github.com/%s/issues/%u", repo->name, number);

	jsn_add(issue, "id", json_object_new_int64(3000000000 + number));
	jsn_add(issue, "number", json_object_new_int64(number));
	jsn_add_text(issue, "html_url", page);
	jsn_add_text(issue, "title", jsn_text(spec, "title", ""));
	jsn_add(issue, "body",
		jsn_at(spec, "body") ? json_object_new_string(jsn_text(spec, "body", "")) : NULL);
	jsn_add(issue, "user", user_json(login));
	jsn_add(issue, "labels", labels_json(repo->read_only ? NULL : labels));
	jsn_add(issue, "comments", json_object_new_int(0));
	jsn_add_text(issue, "created_at", now);
	jsn_add_copy(issue, "pull_request", jsn_at(spec, "pull_request"));
	set_state(issue, jsn_text(spec, "state", "open"), NULL);
	touch(issue);
	g_ptr_array_add(repo->issues, issue);
	return issue;
}

/** Does the issue have every one of @p names ("a,b")? Names are compared without case. */
static bool has_labels(json_object *issue, const char *names)
{
	g_auto(GStrv) wanted = g_strsplit(names, ",", -1);
	json_object *labels = jsn_at(issue, "labels");

	for (size_t i = 0; wanted[i]; i++) {
		bool found = !*wanted[i];

		for (size_t j = 0; j < jsn_length(labels) && !found; j++)
			found = g_ascii_strcasecmp(wanted[i], label_name(json_object_array_get_idx(
								      labels, j))) == 0;
		if (!found)
			return false;
	}
	return true;
}

/** Changed at or after ?since=, both to the second in UTC. */
static bool is_recent(json_object *object, const struct request *request)
{
	const char *since = request_query(request, "since");

	return !since || strncmp(jsn_text(object, "updated_at", ""), since,
				 strlen("2026-01-01T00:00:00")) >= 0;
}

static bool is_listed(json_object *issue, const struct request *request)
{
	const char *state = request_query(request, "state");
	const char *labels = request_query(request, "labels");

	if (!state)
		state = "open";
	if (!g_str_equal(state, "all") && !g_str_equal(state, jsn_text(issue, "state", "")))
		return false;
	return (!labels || has_labels(issue, labels)) && is_recent(issue, request);
}

/** What a page is cut out of. */
struct paging {
	guint per_page, page, total; /* pages begin with 1 */
};

static guint number_query(const struct request *request, const char *name, guint fallback)
{
	const char *text = request_query(request, name);
	guint64 number = 0;

	if (!text || !g_ascii_string_to_unsigned(text, 10, 1, 1000000, &number, NULL))
		return fallback;
	return (guint)number; /* checked */
}

/** The query without its page. Caller frees. */
static char *query_without_page(const struct request *request)
{
	const char *mark = strchr(request->uri, '?');
	g_auto(GStrv) pairs = g_strsplit(mark ? mark + 1 : "", "&", -1);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; pairs[i]; i++) {
		if (*pairs[i] && !g_str_has_prefix(pairs[i], "page="))
			g_string_append_printf(text, "%s&", pairs[i]);
	}
	return g_string_free(text, FALSE);
}

/** RFC 8288; none when all is on one page. */
static void add_links(const struct cloud *cloud, const struct request *request,
		      const struct paging *paging, struct reply *reply)
{
	guint last = (paging->total + paging->per_page - 1) / paging->per_page;
	g_autofree char *query = query_without_page(request);
	g_autoptr(GString) links = g_string_new(NULL);
	const struct {
		const char *rel;
		guint page;
	} table[] = {
		{"prev", paging->page - 1},
		{"next", paging->page < last ? paging->page + 1 : 0},
		{"last", paging->page < last ? last : 0},
		{"first", paging->page > 1 ? 1 : 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (table[i].page == 0)
			continue;
		g_string_append_printf(links, "%s<%s%s?%spage=%u>; rel=\"%s\"",
				       links->len > 0 ? ", " : "", cloud->origin, request->path,
				       query, table[i].page, table[i].rel);
	}
	if (links->len > 0)
		reply_add_header(reply, "Link", links->str);
}

/** The part of @p all (json_object *, borrowed) that the request asks for. */
static void set_page(const struct cloud *cloud, const struct request *request, const GPtrArray *all,
		     struct reply *reply)
{
	const struct paging paging = {
		.per_page = MIN(number_query(request, "per_page", PAGE_DEFAULT), PAGE_MAX),
		.page = number_query(request, "page", 1),
		.total = all->len,
	};
	json_object *list = json_object_new_array();
	guint64 begin = (guint64)(paging.page - 1) * paging.per_page;

	for (guint64 i = begin; i < all->len && i < begin + paging.per_page; i++)
		json_object_array_add(list, json_object_get(all->pdata[i]));
	reply_set_json(reply, 200, list);
	add_links(cloud, request, &paging, reply);
}

static void list_issues(const struct cloud *cloud, const struct github_repo *repo,
			const struct request *request, struct reply *reply)
{
	g_autoptr(GPtrArray) listed = g_ptr_array_new();

	const char *direction = request_query(request, "direction");
	bool oldest_first = direction && g_str_equal(direction, "asc");

	for (guint i = 0; i < repo->issues->len; i++) {
		json_object *issue =
			repo->issues->pdata[oldest_first ? i : repo->issues->len - 1 - i];

		if (is_listed(issue, request))
			g_ptr_array_add(listed, issue);
	}
	set_page(cloud, request, listed, reply);
}

/* --- checks of what comes --- */

static bool labels_are_fine(json_object *body, struct reply *reply)
{
	json_object *labels = jsn_at(body, "labels");

	for (size_t i = 0; i < jsn_length(labels); i++) {
		const char *name = label_name(json_object_array_get_idx(labels, i));

		if (!*name || g_utf8_strlen(name, -1) > LABEL_MAX_CHARS) {
			set_invalid(reply, "Label", "name",
				    "is too long (maximum is 50 characters)");
			return false;
		}
	}
	return true;
}

static bool texts_are_fine(json_object *body, struct reply *reply)
{
	if (g_utf8_strlen(jsn_text(body, "title", ""), -1) > TITLE_MAX_CHARS)
		set_invalid(reply, "Issue", "title", "is too long (maximum is 256 characters)");
	else if (g_utf8_strlen(jsn_text(body, "body", ""), -1) > BODY_MAX_CHARS)
		set_invalid(reply, "Issue", "body", "is too long (maximum is 65536 characters)");
	else
		return labels_are_fine(body, reply);
	return false;
}

static bool state_is_fine(json_object *body, struct reply *reply)
{
	static const char *const states[] = {"open", "closed", NULL};
	static const char *const reasons[] = {"completed", "not_planned", "duplicate", "reopened",
					      NULL};
	const char *state = jsn_text(body, "state", "open");
	const char *reason = jsn_text(body, "state_reason", "completed");

	if (!g_strv_contains(states, state))
		set_invalid(reply, "Issue", "state", "is none of open, closed");
	else if (!g_strv_contains(reasons, reason))
		set_invalid(reply, "Issue", "state_reason", "is none that there is");
	else
		return true;
	return false;
}

static void create_issue(struct github_repo *repo, json_object *body, struct reply *reply)
{
	json_object *issue = NULL;

	if (!*jsn_text(body, "title", "")) {
		set_invalid(reply, "Issue", "title", "missing_field");
		return;
	}
	if (!texts_are_fine(body, reply))
		return;
	issue = github_add_issue(repo, LOGIN, body);
	reply_set_json(reply, 201, json_object_get(issue));
	reply_add_header(reply, "Location", jsn_text(issue, "html_url", ""));
}

static void change_state(json_object *issue, json_object *body)
{
	const char *before = jsn_text(issue, "state", "open");
	const char *state = jsn_text(body, "state", before);
	const char *reason = jsn_text(body, "state_reason", NULL);
	bool same = g_str_equal(before, state);

	if (same && !reason)
		return;
	if (!reason)
		reason = g_str_equal(state, "closed") ? "completed" : "reopened";
	set_state(issue, state, reason);
}

static void change_issue(const struct github_repo *repo, json_object *issue, json_object *body,
			 struct reply *reply)
{
	if (repo->read_only) {
		github_set_error(reply, 403, "Must have admin rights to Repository.");
		return;
	}
	if (!texts_are_fine(body, reply) || !state_is_fine(body, reply))
		return;
	if (jsn_at(body, "title"))
		jsn_add_text(issue, "title", jsn_text(body, "title", ""));
	if (jsn_at(body, "body"))
		jsn_add_text(issue, "body", jsn_text(body, "body", ""));
	if (jsn_at(body, "labels"))
		jsn_add(issue, "labels", labels_json(jsn_at(body, "labels")));
	change_state(issue, body);
	touch(issue);
	reply_set_json(reply, 200, json_object_get(issue));
}

static void add_comment(struct github_repo *repo, json_object *issue, json_object *body,
			struct reply *reply)
{
	const char *text = jsn_text(body, "body", "");
	json_object *comment = NULL;
	g_autofree char *now = now_text();

	if (!*text) {
		set_invalid(reply, "IssueComment", "body", "missing_field");
		return;
	}
	if (g_utf8_strlen(text, -1) > BODY_MAX_CHARS) {
		set_invalid(reply, "IssueComment", "body",
			    "is too long (maximum is 65536 characters)");
		return;
	}
	comment = json_object_new_object();
	jsn_add(comment, "id", json_object_new_int64(2000000000 + (int64_t)repo->comments->len));
	jsn_add(comment, "issue_number", json_object_new_int64(jsn_int(issue, "number", 0)));
	jsn_add_text(comment, "body", text);
	jsn_add(comment, "user", user_json(LOGIN));
	jsn_add_text(comment, "created_at", now);
	jsn_add_text(comment, "updated_at", now);
	g_ptr_array_add(repo->comments, comment);
	jsn_add(issue, "comments", json_object_new_int64(jsn_int(issue, "comments", 0) + 1));
	touch(issue);
	reply_set_json(reply, 201, json_object_get(comment));
}

static void list_comments(const struct cloud *cloud, const struct github_repo *repo,
			  json_object *issue, const struct request *request, struct reply *reply)
{
	g_autoptr(GPtrArray) listed = g_ptr_array_new();

	for (guint i = 0; i < repo->comments->len; i++) { /* oldest first */
		if (is_comment_of(repo->comments->pdata[i], issue) &&
		    is_recent(repo->comments->pdata[i], request))
			g_ptr_array_add(listed, repo->comments->pdata[i]);
	}
	set_page(cloud, request, listed, reply);
}

/* --- who may ask, and for what --- */

/** One call; repo and issue NULL where the path has none. */
struct call {
	struct cloud *cloud;
	struct request *request;
	struct reply *reply;
	struct github_repo *repo;
	json_object *issue;
	json_object *body; /* of POST and PATCH */
};

static void call_issues(const struct call *call)
{
	if (call->body) {
		call->request->api = "github.issues.create";
		create_issue(call->repo, call->body, call->reply);
	} else {
		call->request->api = "github.issues.list";
		list_issues(call->cloud, call->repo, call->request, call->reply);
	}
}

static void call_issue(const struct call *call)
{
	if (call->body) {
		call->request->api = "github.issues.update";
		change_issue(call->repo, call->issue, call->body, call->reply);
	} else {
		call->request->api = "github.issues.get";
		reply_set_json(call->reply, 200, json_object_get(call->issue));
	}
}

static void call_comments(const struct call *call)
{
	if (call->body) {
		call->request->api = "github.comments.create";
		add_comment(call->repo, call->issue, call->body, call->reply);
	} else {
		call->request->api = "github.comments.list";
		list_comments(call->cloud, call->repo, call->issue, call->request, call->reply);
	}
}

static json_object *find_issue(const struct github_repo *repo, const char *text)
{
	guint64 number = 0;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &number, NULL) ||
	    number > repo->issues->len)
		return NULL;
	return repo->issues->pdata[number - 1];
}

/** Sets the error and returns false when the caller may not. */
static bool may_call(struct call *call)
{
	const char *bearer = request_bearer(call->request);
	g_autofree char *name = g_strdup_printf("%s/%s", request_part(call->request, 2),
						request_part(call->request, 3));

	call->repo = g_hash_table_lookup(call->cloud->sinks->repos, name);
	if (!request_header(call->request, "User-Agent"))
		reply_set_text(call->reply, 403, "text/html",
			       "Request forbidden by administrative rules. Please make sure your "
			       "request has a User-Agent header");
	else if (!bearer)
		github_set_error(call->reply, 401, "Requires authentication");
	else if (call->repo && call->repo->token && !g_str_equal(bearer, call->repo->token))
		github_set_error(call->reply, 401, "Bad credentials");
	else if (!call->repo)
		github_set_error(call->reply, 404, "Not Found");
	else if (call->repo->issues_disabled)
		github_set_error(call->reply, 410, "Issues has been disabled in this repository.");
	else
		return true;
	return false;
}

/** The body of a request that has one; false: the error is set. */
static bool take_body(struct call *call, bool has_one)
{
	if (!has_one)
		return true;
	call->body = json_tokener_parse(call->request->body->str);
	if (json_object_is_type(call->body, json_type_object))
		return true;
	github_set_error(call->reply, 400, "Problems parsing JSON");
	return false;
}

static void serve_call(struct call *call)
{
	static const struct {
		const char *pattern;
		void (*serve)(const struct call *call);
		const char *read, *write; /* methods */
	} table[] = {
		{"github/repos/?/?/issues", call_issues, "GET", "POST"},
		{"github/repos/?/?/issues/?", call_issue, "GET", "PATCH"},
		{"github/repos/?/?/issues/?/comments", call_comments, "GET", "POST"},
	};
	const char *method = call->request->method;

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		bool write = g_str_equal(method, table[i].write);

		if (!request_matches(call->request, table[i].pattern) ||
		    (!write && !g_str_equal(method, table[i].read)))
			continue;
		if (!may_call(call) || !take_body(call, write))
			return;
		call->issue = find_issue(call->repo, request_part(call->request, 5));
		if (*request_part(call->request, 5) && !call->issue)
			github_set_error(call->reply, 404, "Not Found");
		else
			table[i].serve(call);
		return;
	}
	github_set_error(call->reply, 404, "Not Found");
}

bool serve_github(struct cloud *cloud, struct request *request, struct reply *reply)
{
	struct call call = {.cloud = cloud, .request = request, .reply = reply};

	if (!g_str_equal(request_part(request, 0), "github"))
		return false;
	request->api = "github";
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	serve_call(&call);
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	json_object_put(call.body);
	add_limit_headers(reply, HOURLY_LIMIT - 1, g_get_real_time() / G_USEC_PER_SEC + 3600);
	return true;
}
