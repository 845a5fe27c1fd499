/* command_check - one check without a daemon, or by the one that runs; and the check of a
 * configuration. */
#include "daemon/commands.h"

#include "clk.h"
#include "daemon/alerting.h"
#include "daemon/client.h"
#include "daemon/engine.h"
#include "daemon/serve.h"
#include "daemon/statedir.h"
#include "drift_error.h"
#include "eval/verdict_text.h"
#include "git/repo.h"
#include "json.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** A running daemon answers when its cycle is over; the longest cycle-timeout is far less. */
#define CHECK_TIMEOUT_MS (5 * MS_PER_MINUTE)

/** Messages of a check by itself get this long to go out. */
#define NOTIFY_TIMEOUT_MS MS_PER_MINUTE

struct lone_check {
	struct snapshot *snapshot;
	bool ended;
	char *commit_error;
};

static void on_publish(void *data, struct snapshot *snapshot)
{
	struct lone_check *check = data;

	if (check->snapshot)
		snapshot_unref(check->snapshot);
	check->snapshot = snapshot;
}

static void on_end(void *data, const struct cycle_end *end)
{
	struct lone_check *check = data;

	check->ended = true;
	check->commit_error = end->committed ? NULL : g_strdup(end->commit_error);
}

static void print_snapshot(const struct snapshot *snapshot, bool as_json)
{
	bool colour = isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR");
	g_autofree char *head = verdict_text_headline(&snapshot->tally, colour);
	g_autofree char *table = verdict_text_table(
		snapshot->input.verdicts, snapshot->input.generated_wall_ms, true, colour);

	if (as_json)
		(void)printf("%.*s\n", (int)snapshot->status_json.length,
			     snapshot->status_json.bytes);
	else
		(void)printf("%s\n%s", head, table);
}

static void poll_engine(struct engine *engine)
{
	engine_poll(engine, CLAMP(engine_due_mono_ms(engine) - clk_mono_ms(), 0, MS_PER_S));
}

/* What does not go out now stays in the outbox, for the next driftd. */
static void deliver(struct engine *engine)
{
	struct alerting *alerting = engine_alerting(engine);
	int64_t end_mono_ms = clk_mono_ms() + NOTIFY_TIMEOUT_MS;

	while (alerting_waiting(alerting) > 0 && clk_mono_ms() < end_mono_ms)
		poll_engine(engine);
	if (alerting_waiting(alerting) > 0)
		commands_complain(
			"not all messages could be delivered: the next check --notify, or "
			"the daemon, goes on with them");
}

/* The lock is ours: a cycle of our own, written to the database as any other. */
static int check_alone(struct config *config, const struct options *options)
{
	struct lone_check check = {0};
	struct engine_hooks hooks = {
		.publish = on_publish, .end = on_end, .muted = !options->notify, .data = &check};
	g_autoptr(GError) error = NULL;
	struct engine *engine = engine_create(config, &hooks, &error);
	int status = EXIT_FAILED;

	if (!engine) {
		commands_complain(error->message);
		return EXIT_FAILED;
	}
	engine_start_cycle(engine, "check", CYCLE_SCOPE_EVERYTHING);
	while (!check.ended)
		poll_engine(engine);
	if (options->notify)
		deliver(engine);
	print_snapshot(check.snapshot, options->json);
	if (check.commit_error)
		commands_complain(check.commit_error);
	else
		status = commands_exit_status(state_text(check.snapshot->tally.overall));
	snapshot_unref(check.snapshot);
	g_free(check.commit_error);
	engine_free(engine);
	return status;
}

static void print_answer(const struct options *options, const struct client_place *place,
			 const char *summary)
{
	struct client_answer answer = {0};
	g_autoptr(GError) error = NULL;
	struct client_question question = {
		.method = "GET",
		.path = options->json ? "/status" : "/drift?all=1&limit=1000&format=text"};

	if (!client_ask(place, &question, CHECK_TIMEOUT_MS, &answer, &error)) {
		commands_complain(error->message);
		(void)puts(summary);
		return;
	}
	if (options->json)
		commands_print_json(answer.body);
	else
		commands_print(answer.body);
	g_free(answer.body);
}

/* Another driftd has the lock: it makes the check. */
static int check_by_daemon(const struct options *options, const struct config *config)
{
	const char *state_dir = config->driftd.state_dir;
	g_autofree char *address = statedir_read_address(state_dir);
	g_autofree char *url =
		g_strdup_printf("http://%s", address ? address : config->driftd.listen);
	struct client_place place = {.url = url, .token = config->auth.token};
	struct client_question question = {.method = "POST", .path = "/check?wait=300"};
	g_autoptr(GError) error = NULL;
	struct client_answer answer = {0};
	json_object *summary;
	int status = EXIT_FAILED;

	if (!client_ask(&place, &question, CHECK_TIMEOUT_MS + 10 * MS_PER_S, &answer, &error)) {
		commands_complain(error->message);
		return EXIT_FAILED;
	}
	summary = json_parse(answer.body, strlen(answer.body), NULL);
	if (answer.status == 200 && summary) {
		print_answer(options, &place, answer.body);
		status = commands_exit_status(json_member_text(summary, "overall", NULL));
	} else {
		g_autofree char *text = g_strdup_printf(
			"the driftd that holds %s answered %d: %s", state_dir, answer.status,
			json_member_text(summary, "detail", "no details"));

		commands_complain(text);
	}
	json_object_put(summary);
	g_free(answer.body);
	return status;
}

int command_check(const struct options *options)
{
	g_autoptr(struct_config) loaded = commands_load_config(options->config);
	g_autoptr(GError) error = NULL;
	int lock_fd = -1;
	int status;

	if (!loaded)
		return EXIT_CONFIG;
	log_set_level(LOG_LEVEL_ERROR); /* what there is to say is in the table */
	if (statedir_lock(loaded->driftd.state_dir, &lock_fd, &error)) {
		repo_init_library();
		status = check_alone(loaded, options);
		repo_done_library();
		(void)close(lock_fd); /* lets go of the lock */
		return status;
	}
	if (g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY))
		return check_by_daemon(options, loaded);
	commands_complain(error->message);
	return EXIT_FAILED;
}

static void print_missing(const struct config_service *service, const struct git_answer *answer,
			  int *missing)
{
	if (answer->error) {
		(void)printf("%s: %s\n", service->target.id, answer->error);
		++*missing;
	}
	for (guint i = 0; i < answer->missing_paths->len; i++) {
		const struct git_missing_path *path = answer->missing_paths->pdata[i];

		(void)printf("%s: pattern \"%s\" matches nothing at %.8s of %s\n",
			     service->target.id, path->pattern, answer->head, service->repo->name);
		++*missing;
	}
}

/* Patterns of all services of one repository, against its head. */
static int match_patterns(const struct config *config, const struct config_repo *repo_config,
			  struct repo *repo)
{
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);
	g_autoptr(GPtrArray) services = g_ptr_array_new();
	g_autoptr(GPtrArray) seen = g_ptr_array_new();
	g_autoptr(GPtrArray) answers = NULL;
	int missing = 0;

	for (guint i = 0; i < config->services->len; i++) {
		struct config_service *service = config->services->pdata[i];

		if (service->repo != repo_config)
			continue;
		g_ptr_array_add(questions, git_question_create(service->target.id, service->paths));
		g_ptr_array_add(services, service);
	}
	answers = repo_answer(repo, questions, seen);
	for (guint i = 0; i < answers->len; i++)
		print_missing(services->pdata[i], answers->pdata[i], &missing);
	return missing;
}

/* A mirror belongs to whoever holds the state directory: beside a running daemon nothing is
 * fetched. */
static int check_against_repos(const struct config *config)
{
	g_autoptr(GError) error = NULL;
	int lock_fd = -1;
	int status = EXIT_OK;

	if (!statedir_lock(config->driftd.state_dir, &lock_fd, &error)) {
		commands_complain(error->message);
		return EXIT_FAILED;
	}
	repo_init_library();
	for (guint i = 0; i < config->repos->len; i++) {
		const struct config_repo *repo_config = config->repos->pdata[i];
		struct repo *repo = repo_create(repo_options_create(
			repo_config, config->driftd.state_dir, config->driftd.request_timeout_ms));
		struct repo_fetch fetch = {0};
		g_autoptr(GError) failed = NULL;

		if (!repo_fetch(repo, "", -1, &fetch, &failed)) {
			commands_complain(failed->message);
			status = EXIT_FAILED;
		} else if (match_patterns(config, repo_config, repo) > 0) {
			status = EXIT_CONFIG;
		}
		git_head_free(fetch.head);
		g_free(fetch.remade_why);
		repo_free(repo);
	}
	repo_done_library();
	(void)close(lock_fd); /* lets go of the lock */
	return status;
}

int command_config(const struct options *options)
{
	g_autoptr(struct_config) loaded = commands_load_config(options->config);
	g_autofree char *text = NULL;

	if (!loaded)
		return EXIT_CONFIG;
	if (options->against_repo)
		return check_against_repos(loaded);
	text = options->json ? config_print_json(loaded) : config_print(loaded);
	(void)fputs(text, stdout);
	for (guint i = 0; i < loaded->warnings->len; i++)
		commands_complain(loaded->warnings->pdata[i]);
	return EXIT_OK;
}
