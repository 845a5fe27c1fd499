/* api_fixture - see api_fixture.h */
#include "api_fixture.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

#include "api/router.h"
#include "clk.h"

struct config *fixture_config_text(const char *text)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("driftd-test-XXXXXX", &path, NULL);
	struct config *config = NULL;
	GPtrArray *problems = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	if (!config_load(path, &config, &problems)) {
		g_autofree char *why = config_problems_text(problems);

		ck_abort_msg("%s", why);
	}
	ck_assert_int_eq(unlink(path), 0);
	return config;
}

struct config *fixture_config(const char *driftd, const char *auth)
{
	g_autofree char *text = g_strconcat(
		"[driftd]\ncheck-interval = 5m\n", driftd ? driftd : "", auth ? "\n[auth]\n" : "",
		auth ? auth : "",
		"\n[repo \"main\"]\nurl = https://github.com/example/pipeline.git\nbranch = main\n"
		"[service \"web\"]\nsource = http\nurl = https://web.example.com/version\n"
		"[service \"worker\"]\nsource = http\nurl = https://worker.example.com/version\n",
		NULL);

	return fixture_config_text(text);
}

struct verdict *fixture_verdict(const char *name, enum state state, enum relation relation,
				enum priority priority)
{
	g_autofree char *id = g_strconcat("service/", name, NULL);
	struct verdict *verdict = verdict_create(id);

	verdict->kind = g_strdup("service");
	verdict->name = g_strdup(name);
	verdict->repo = g_strdup("main");
	verdict->owner = g_strdup(priority == PRIORITY_P0 ? "ml" : "web");
	verdict->priority = priority;
	verdict->state = state;
	verdict->relation = relation;
	verdict->since_wall_ms = FIXTURE_NOW_WALL_MS - 2 * MS_PER_HOUR;
	verdict->observed_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_MINUTE;
	verdict->expires_wall_ms = FIXTURE_NOW_WALL_MS + 14 * MS_PER_MINUTE;
	verdict->expires_mono_ms = FIXTURE_NOW_MONO_MS + 14 * MS_PER_MINUTE;
	if (state == STATE_UNKNOWN)
		g_ptr_array_add(verdict->reasons,
				reason_create(REASON_FETCH_FAILED, STATE_UNKNOWN,
					      "no answer from %s.example.com: timeout", name));
	return verdict;
}

static struct git_commit *make_commit(int64_t number)
{
	struct git_commit *commit = g_new0(struct git_commit, 1);

	(void)g_snprintf(commit->sha, sizeof(commit->sha), "%08x%032d", (unsigned)number + 0xabc,
			 0);
	commit->subject = g_strdup_printf("Change \x1b[31m number %d", (int)number);
	commit->author = g_strdup("Ada Example");
	commit->committed_wall_ms = FIXTURE_NOW_WALL_MS - (3 + number) * MS_PER_HOUR;
	commit->first_seen_wall_ms = FIXTURE_NOW_WALL_MS - (2 + number) * MS_PER_HOUR;
	commit->first_seen_is_stored = true;
	return commit;
}

struct verdict *fixture_behind(const char *name, int64_t commits)
{
	struct verdict *verdict = fixture_verdict(name, STATE_DRIFT, RELATION_BEHIND, PRIORITY_P0);
	struct verdict_behind *behind = g_new0(struct verdict_behind, 1);

	behind->commits = commits;
	behind->files = commits * 2;
	behind->basis_seen = true;
	behind->since_wall_ms = FIXTURE_NOW_WALL_MS - 2 * MS_PER_HOUR;
	behind->authors = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(behind->authors, g_strdup("Ada Example"));
	behind->list = g_ptr_array_new_with_free_func((GDestroyNotify)git_commit_free);
	for (int64_t i = 0; i < commits && i < GIT_LIST_MAX; i++)
		g_ptr_array_add(behind->list, make_commit(i));
	behind->newest = make_commit(0);
	behind->oldest = make_commit(commits - 1);
	verdict->behind = behind;
	verdict->head = make_commit(0);
	verdict->deploy_command = g_strdup("./bin/deploy.sh");
	g_ptr_array_add(verdict->reasons,
			reason_create(REASON_BEHIND, STATE_DRIFT,
				      "%d commits under its paths are not deployed", (int)commits));
	return verdict;
}

struct snapshot_input *fixture_input(struct verdict *first, ...)
{
	struct snapshot_input *input = snapshot_input_create();
	struct repo_status *repo = g_new0(struct repo_status, 1);
	va_list arguments;

	va_start(arguments, first);
	for (struct verdict *verdict = first; verdict; verdict = va_arg(arguments, void *))
		g_ptr_array_add(input->verdicts, verdict);
	va_end(arguments);
	repo->name = g_strdup("main");
	repo->branch = g_strdup("main");
	repo->head = make_commit(0);
	repo->head_seen_wall_ms = FIXTURE_NOW_WALL_MS - 2 * MS_PER_HOUR;
	repo->fetched_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_MINUTE;
	g_ptr_array_add(input->repos, repo);
	input->config = fixture_config(NULL, NULL);
	input->check = (struct check_status){
		.id = 812,
		.trigger = g_strdup("schedule"),
		.started_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_S,
		.duration_ms = 412,
		.next_wall_ms = FIXTURE_NOW_WALL_MS + 5 * MS_PER_MINUTE,
	};
	input->first_cycle_done = true;
	input->ready = true;
	input->cycles_total = 7;
	input->generated_wall_ms = FIXTURE_NOW_WALL_MS;
	input->generated_mono_ms = FIXTURE_NOW_MONO_MS;
	return input;
}

struct snapshot_input *fixture_world(void)
{
	struct verdict *paused = fixture_verdict("old", STATE_PAUSED, RELATION_NONE, PRIORITY_P2);

	paused->paused_reason = g_strdup("replaced by web");
	return fixture_input(
		fixture_verdict("web", STATE_OK, RELATION_IN_SYNC, PRIORITY_P0),
		fixture_behind("worker", 4),
		fixture_verdict("billing", STATE_PENDING, RELATION_BEHIND, PRIORITY_P1),
		fixture_verdict("api", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1), paused, NULL);
}

static void wake_nobody(void *data)
{
	(void)data; /* no scheduler here */
}

struct app *fixture_app(struct snapshot_input *input)
{
	struct app *app = NULL;

	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app = app_create("/nonexistent/driftd.db", wake_nobody, NULL);
	if (input)
		app_publish(app, snapshot_create(input));
	return app;
}

static enum request_method method_of(const char *text)
{
	if (!text || strcmp(text, "GET") == 0)
		return REQUEST_METHOD_GET;
	if (strcmp(text, "HEAD") == 0)
		return REQUEST_METHOD_HEAD;
	if (strcmp(text, "DELETE") == 0)
		return REQUEST_METHOD_DELETE;
	return strcmp(text, "POST") == 0 ? REQUEST_METHOD_POST : REQUEST_METHOD_NONE;
}

/* A request as the server makes it, and what it borrows from. */
struct made {
	char **split;
	struct query query;
	struct config *config;
	struct request request;
};

static struct hook_guard *make_guard(const struct made *made, const struct fixture_request *wanted)
{
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	const struct route *route = router_find(made->split[0], method_of(wanted->method), parts);
	bool github = route && route->hook == HOOK_SENDER_GITHUB;
	struct hook_guard *guard = NULL;

	if (!route || route->body != ROUTE_BODY_HOOK)
		return NULL;
	guard = hook_guard_create(made->config, route->hook,
				  github ? wanted->headers.hub_signature
					 : wanted->headers.gitlab_token);
	hook_guard_update(guard, wanted->body ? wanted->body : "", made->request.body_bytes);
	return guard;
}

static void make(struct made *made, const struct fixture_request *wanted)
{
	struct snapshot *snapshot = app_snapshot(wanted->app);
	size_t length = wanted->body ? strlen(wanted->body) : 0;

	made->split = g_strsplit(wanted->target, "?", 2);
	if (wanted->config)
		made->config = config_ref(wanted->config);
	else
		made->config =
			snapshot ? config_ref(snapshot->input.config) : fixture_config(NULL, NULL);
	snapshot_unref(snapshot);
	made->request = (struct request){
		.app = wanted->app,
		.rules = wanted->rules,
		.config = made->config,
		.method = method_of(wanted->method),
		.path = made->split[0],
		.query = &made->query,
		.headers = wanted->headers,
		.peer_loopback = !wanted->is_remote,
		.socket_fd = -1,
		.body = wanted->body,
		.body_bytes = wanted->body_bytes > 0 ? wanted->body_bytes : length,
		.keys_awaited = wanted->keys_awaited,
	};
	if (!made->request.headers.host)
		made->request.headers.host = "localhost:8080";
	if (wanted->body && !wanted->headers.content_type)
		made->request.headers.content_type = "application/json";
	ck_assert(query_parse(made->split[1], &made->query, NULL));
	made->request.hook = make_guard(made, wanted);
	if (wanted->is_body_dropped) {
		made->request.body = NULL;
		made->request.body_bytes = 0;
		made->request.body_dropped = true;
	}
}

static void made_done(struct made *made)
{
	hook_guard_free(made->request.hook);
	query_done(&made->query);
	config_unref(made->config);
	g_strfreev(made->split);
}

struct response fixture_answer(const struct fixture_request *wanted)
{
	struct made made = {0};
	struct response response = {0};

	make(&made, wanted);
	router_answer(&made.request, &response);
	made_done(&made);
	return response;
}

struct response fixture_finish(const struct fixture_request *wanted, int64_t id,
			       const GError *error)
{
	struct made made = {0};
	struct response response = {0};
	struct router_outcome outcome = {.id = id, .command_error = error};

	make(&made, wanted);
	router_answer_waited(&made.request, &outcome, &response);
	made_done(&made);
	return response;
}

struct incident *fixture_incident(int64_t id, const char *target)
{
	struct incident *incident = incident_create();

	incident->id = id;
	incident->target = g_strdup(target);
	incident->priority = PRIORITY_P0;
	incident->cause = INCIDENT_CAUSE_DRIFT;
	incident->status = INCIDENT_STATUS_OPEN;
	incident->summary = g_strdup("4 commits behind");
	incident->opened_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	incident->detected_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	incident->version = 1;
	return incident;
}

struct channel_status *fixture_channel(const char *name, bool is_failing)
{
	struct channel_status *channel = g_new0(struct channel_status, 1);

	channel->id = g_strconcat("slack/", name, NULL);
	channel->kind = g_strdup("slack");
	channel->name = g_strdup(name);
	channel->failing = is_failing;
	channel->waiting = 2;
	channel->failed = 1;
	channel->sent = 5;
	channel->last_error = is_failing ? g_strdup("hooks.slack.com: 404 no_service") : NULL;
	return channel;
}

const char *fixture_body(const struct response *response)
{
	return response->body ? response->body->bytes : response->bytes;
}

json_object *fixture_json(const struct response *response)
{
	const char *body = fixture_body(response);
	g_autoptr(GError) error = NULL;
	json_object *object = json_parse(body, strlen(body), &error);

	ck_assert_msg(object, "%s: %s", error ? error->message : "", body);
	return object;
}
