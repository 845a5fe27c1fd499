/* handle_hook - POST /hooks/github and /hooks/gitlab: somebody pushed. The signature over the raw
 * body was worked out while it came (hook_guard) and is looked at before anything is read. The head
 * is fetched from the repository, never believed from here. DESIGN 9; API-FACTS H.1, H.3. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "api/hook_event.h"
#include "api/refusal.h"
#include "drift_error.h"

/** A longer delivery id is none of GitHub's or GitLab's: it is not remembered. */
#define DELIVERY_MAX_BYTES 200

/* What this hook is about. */
struct hook {
	const struct request *request;
	enum hook_sender sender;
	const char *event;
	char *delivery;   /* owned; NULL: the sender gave none */
	GPtrArray *repos; /* const struct config_repo * that have the secret it was signed with */
};

static const char *sender_name(enum hook_sender sender)
{
	return sender == HOOK_SENDER_GITHUB ? "github" : "gitlab";
}

/* Ids of two senders are never taken for each other. */
static char *delivery_of(const struct request *request, enum hook_sender sender)
{
	const struct request_headers *headers = &request->headers;
	const char *id = headers->github_delivery;

	if (sender == HOOK_SENDER_GITLAB)
		id = headers->idempotency_key ? headers->idempotency_key : headers->gitlab_delivery;
	if (!id || !*id || strlen(id) > DELIVERY_MAX_BYTES || !g_str_is_ascii(id))
		return NULL;
	return g_strconcat(sender_name(sender), ":", id, NULL);
}

static GPtrArray *repos_with(const struct config *config, const char *secret)
{
	GPtrArray *repos = g_ptr_array_new();

	for (guint i = 0; i < config->repos->len; i++) {
		const struct config_repo *repo = config->repos->pdata[i];

		if (g_strcmp0(repo->webhook_secret, secret) == 0)
			g_ptr_array_add(repos, config->repos->pdata[i]);
	}
	return repos;
}

static void answer_ignored(const struct hook *hook, int status, const char *reason,
			   const char *detail, struct response *response)
{
	json_object *object = json_object_new_object();

	app_count(hook->request->app, APP_COUNT_PUSH_IGNORED);
	json_add_text(object, "status", "ignored");
	json_add_text(object, "reason", reason);
	json_add_text(object, "detail", detail);
	handle_set_json(response, status, object);
}

/* The branch that is watched; NULL: not known yet. Borrowed. */
static const char *watched_branch(const struct snapshot *snapshot, const struct config_repo *repo)
{
	if (repo->branch || !snapshot)
		return repo->branch;
	for (guint i = 0; i < snapshot->input.repos->len; i++) {
		const struct repo_status *status = snapshot->input.repos->pdata[i];

		if (strcmp(status->name, repo->name) == 0)
			return status->branch;
	}
	return NULL;
}

/* Those of @p repos that the push names: by address (they may be fetched from a mirror, or a
 * checkout), or else by full name. Caller unrefs. */
static GPtrArray *named_repos(const GPtrArray *repos, const struct hook_push *push)
{
	GPtrArray *by_url = g_ptr_array_new();
	GPtrArray *by_name = g_ptr_array_new();

	for (guint i = 0; i < repos->len; i++) {
		const struct config_repo *repo = repos->pdata[i];

		if (hook_push_has_url(push, repo->url) ||
		    (repo->web_url && hook_push_has_url(push, repo->web_url)))
			g_ptr_array_add(by_url, repos->pdata[i]);
		if (hook_push_has_name(push, repo->url))
			g_ptr_array_add(by_name, repos->pdata[i]);
	}
	if (by_url->len > 0) {
		g_ptr_array_unref(by_name);
		return by_url;
	}
	g_ptr_array_unref(by_url);
	return by_name;
}

/* Drops those that watch another branch; one whose branch is not known yet stays: the fetch will tell. */
static void keep_watching(const struct request *request, GPtrArray *repos, const char *branch)
{
	struct snapshot *snapshot = app_snapshot(request->app);

	for (guint i = repos->len; i > 0; i--) {
		const char *watched = watched_branch(snapshot, repos->pdata[i - 1]);

		if (watched && strcmp(watched, branch) != 0)
			(void)g_ptr_array_remove_index(repos, i - 1);
	}
	snapshot_unref(snapshot);
}

static void ignore_completion(void *data, int64_t id, const GError *error)
{
	(void)data; /* it was answered when it was queued */
	(void)id;
	(void)error;
}

static bool send_push(const struct hook *hook, const struct config_repo *repo,
		      int64_t *ret_check_id, GError **error)
{
	struct app_command *command = app_command_create(APP_COMMAND_PUSH);

	command->repo = g_strdup(repo->name);
	command->delivery = g_strdup(hook->delivery);
	command->deadline_mono_ms = INT64_MAX;
	command->complete = ignore_completion;
	if (app_send_push(hook->request->app, command, ret_check_id, error))
		return true;
	app_command_free(command);
	return false;
}

static void answer_accepted(const GPtrArray *repos, int64_t check_id, struct response *response)
{
	json_object *object = json_object_new_object();
	json_object *names = json_object_new_array();
	const struct config_repo *first = repos->pdata[0];

	for (guint i = 0; i < repos->len; i++)
		json_append(names, json_object_new_string(
					   ((const struct config_repo *)repos->pdata[i])->name));
	g_free(response->location);
	response->location = g_strdup_printf("/checks/%" PRId64, check_id);
	json_add_text(object, "status", "accepted");
	json_add_text(object, "repo", first->name);
	json_add(object, "repos", names);
	json_add_text(object, "check", response->location);
	handle_set_json(response, 202, object);
}

/* @p repos have changed: fetch, and check. */
static bool accept(const struct hook *hook, const GPtrArray *repos, struct response *response,
		   GError **error)
{
	struct app *app = hook->request->app;
	int64_t check_id = 0;

	if (hook->delivery && !app_begin_push(app, hook->delivery)) {
		answer_ignored(hook, 200, "replay", "this delivery has been taken already",
			       response);
		return true;
	}
	for (guint i = 0; i < repos->len; i++)
		if (!send_push(hook, repos->pdata[i], &check_id, error)) {
			if (hook->delivery)
				app_forget_push(app, hook->delivery);
			return false;
		}
	app_count(app, APP_COUNT_PUSH_ACCEPTED);
	answer_accepted(repos, check_id, response);
	return true;
}

static bool take_push(const struct hook *hook, const struct hook_push *push,
		      struct response *response, GError **error)
{
	const char *branch = hook_push_branch(push);
	g_autoptr(GPtrArray) repos = NULL;

	if (hook_push_is_tag(push)) {
		answer_ignored(hook, 202, "tag", "tags are not watched", response);
		return true;
	}
	if (!branch) {
		answer_ignored(hook, 202, "ref", "only branches are watched", response);
		return true;
	}
	repos = named_repos(hook->repos, push);
	if (repos->len == 0) {
		answer_ignored(hook, 202, "repository",
			       "no [repo] with this webhook-secret has the url, or web-url, of the "
			       "repository that was pushed to",
			       response);
		return true;
	}
	keep_watching(hook->request, repos, branch);
	if (repos->len == 0) {
		answer_ignored(hook, 202, "branch", "this branch is not the one that is watched",
			       response);
		return true;
	}
	return accept(hook, repos, response, error);
}

static bool read_push(const struct hook *hook, struct response *response, GError **error)
{
	const struct request *request = hook->request;
	struct hook_push push = {0};
	g_autoptr(GError) local = NULL;
	bool ok = false;

	if (request->body_dropped) /* too long to be read: that it changed is all that is known */
		return accept(hook, hook->repos, response, error);
	if (!hook_push_parse(hook->sender, request->headers.content_type,
			     request->body ? request->body : "", request->body_bytes, &push,
			     &local)) {
		problem_set(response,
			    g_error_matches(local, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED)
				    ? PROBLEM_UNSUPPORTED_MEDIA_TYPE
				    : PROBLEM_INVALID_BODY,
			    "%s", local->message);
		return true;
	}
	ok = take_push(hook, &push, response, error);
	hook_push_done(&push);
	return ok;
}

static void answer_ping(struct response *response)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "status", "ok");
	json_add_text(object, "event", "ping");
	handle_set_json(response, 200, object);
}

static bool take_event(const struct hook *hook, struct response *response, GError **error)
{
	bool github = hook->sender == HOOK_SENDER_GITHUB;

	if (!hook->event) {
		problem_set(response, PROBLEM_INVALID_REQUEST, "there is no header %s",
			    github ? "X-GitHub-Event" : "X-Gitlab-Event");
		return true;
	}
	if (github && strcmp(hook->event, "ping") == 0) {
		answer_ping(response);
		return true;
	}
	if (!github && strcmp(hook->event, "Tag Push Hook") == 0) {
		answer_ignored(hook, 202, "tag", "tags are not watched", response);
		return true;
	}
	if (strcmp(hook->event, github ? "push" : "Push Hook") != 0) {
		answer_ignored(hook, 202, "event", "only pushes are taken", response);
		return true;
	}
	return read_push(hook, response, error);
}

static void refuse_signature(const struct request *request, enum hook_sender sender,
			     struct response *response)
{
	bool github = sender == HOOK_SENDER_GITHUB;
	bool missing = github ? !request->headers.hub_signature : !request->headers.gitlab_token;

	refusal_note(request, APP_COUNT_AUTH_HOOK,
		     missing ? "a hook without a signature or token"
			     : "a hook whose signature or token is none of ours");
	problem_set(
		response, PROBLEM_CREDENTIAL_NEEDED,
		github ? "the header X-Hub-Signature-256 is missing, or the body was not signed "
			 "with a webhook-secret of this driftd"
		       : "the header X-Gitlab-Token is missing, or it is no webhook-secret of "
			 "this driftd");
	response->challenge = false; /* no credential that a browser could ask for */
}

bool handle_hook(const struct request *request, struct response *response, GError **error)
{
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	struct hook hook = {
		.request = request,
		.sender = router_find(request->path, request->method, parts)->hook,
	};
	const char *secret = NULL;
	bool ok = false;

	if (!auth_allows_origin(request->rules, request)) {
		problem_set(response, PROBLEM_FORBIDDEN,
			    "this request comes from a page in a browser: hooks do not");
		return true;
	}
	if (!hook_guard_is_configured(request->config)) {
		problem_set(response, PROBLEM_FORBIDDEN,
			    "pushes are not taken: give the [repo] a webhook-secret, and the "
			    "webhook the same secret");
		return true;
	}
	secret = request->hook ? hook_guard_secret(request->hook) : NULL;
	if (!secret) {
		refuse_signature(request, hook.sender, response);
		return true;
	}
	hook.event = hook.sender == HOOK_SENDER_GITHUB ? request->headers.github_event
						       : request->headers.gitlab_event;
	hook.delivery = delivery_of(request, hook.sender);
	hook.repos = repos_with(request->config, secret);
	if (hook.repos->len > 0) {
		ok = take_event(&hook, response, error);
	} else { /* the configuration was changed while it came */
		refuse_signature(request, hook.sender, response);
		ok = true;
	}
	g_ptr_array_unref(hook.repos);
	g_free(hook.delivery);
	return ok;
}
