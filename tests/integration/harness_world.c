/* harness_world - folder, cloud and driftd of a test, and what tests ask of them. */
#include "tests/integration/harness.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCOUNT "driftd@acme-prod.iam.gserviceaccount.com"

/** DESIGN-given limit for stopping, and slack for sanitizer builds. */
#define STOP_MS 8000

/* --- folder and cloud --- */

char *world_path(const struct world *world, const char *name)
{
	return g_build_filename(world->directory, name, NULL);
}

static void start_cloud(struct world *world)
{
	g_autofree char *root = world_path(world, "git"), *log = world_path(world, "fakecloud.log");
	g_autofree char *messages = world_slack_log(world);
	const char *const arguments[] = {
		program_path("fakecloud"), "--git-root", root, "--slack-log", messages, NULL};
	g_autofree char *address = NULL;

	world->fakecloud = process_start(arguments, log, NULL);
	address = process_wait_for(&world->fakecloud, "listening ");
	ck_assert_msg(address, "%s did not start", arguments[0]);
	world->cloud = g_strdup_printf("http://%s", address);
}

struct world *world_create(void)
{
	struct world *world = g_new0(struct world, 1);
	g_autofree char *git_root = NULL;

	world->directory = g_build_filename(test_directory(), "driftd-test-XXXXXX", NULL);
	ck_assert_msg(mkdtemp(world->directory), "mkdtemp: %s", strerror(errno));
	git_root = world_path(world, "git");
	ck_assert(mkdir(git_root, 0755) == 0);
	start_cloud(world);
	return world;
}

/** What a process said last: Check refuses long messages. */
#define SAID_MAX_BYTES 3000

/** The part of a log that tells why: from a sanitizer's word on, else its end. Borrowed; cut. */
static const char *cut_log(char *log)
{
	char *at = strstr(log, "Sanitizer");
	size_t length = strlen(log);

	if (!at)
		at = length > SAID_MAX_BYTES ? log + length - SAID_MAX_BYTES : log;
	if (strlen(at) > SAID_MAX_BYTES)
		at[SAID_MAX_BYTES] = '\0';
	return at;
}

static bool ended_badly;

bool world_all_ended_well(void)
{
	return !ended_badly;
}

/** Fixtures that are not forked run in the runner itself, where Check takes no failures. */
static void report_end(const char *what, int status, const char *log)
{
	g_autofree char *runner = g_strdup_printf("%d", (int)getpid());

	if (g_strcmp0(g_getenv("DRIFTD_TEST_RUNNER"), runner) == 0) {
		(void)fprintf(stderr, "%s ended with %d: %s\n", what, status, log);
		ended_badly = true;
		return;
	}
	ck_abort_msg("%s ended with %d: %s", what, status, log);
}

/** End it as an operator would; sanitizers have their say then, and it must not be ignored. */
static void stop_process(struct process *process, const char *what)
{
	int status = 0;

	if (process->pid > 0 && kill(process->pid, SIGTERM) == 0) {
		g_autofree char *log = NULL;

		status = process_wait(process, STOP_MS);
		log = process_log(process);
		if (status != 0)
			report_end(what, status, cut_log(log));
	}
	process_end(process);
}

void world_stop_all(struct world *world)
{
	stop_process(&world->driftd, "driftd");
	stop_process(&world->fakecloud, "fakecloud");
}

void world_free(struct world *world)
{
	const char *remove[] = {"rm", "-rf", "--", world->directory, NULL};
	struct run run = {0};

	world_stop_all(world);
	if (!g_getenv("DRIFTD_TEST_KEEP")) {
		run = run_program(remove, NULL);
		run_clear(&run);
	}
	g_free(world->directory);
	g_free(world->cloud);
	g_free(world->origin);
	g_free(world);
}

/* --- configuration --- */

void world_configure(const struct world *world, const char *text)
{
	g_autofree char *path = world_path(world, "driftd.ini");
	g_autoptr(GError) error = NULL;

	ck_assert_msg(g_file_set_contents(path, text, -1, &error), "%s",
		      error ? error->message : "");
}

static void write_key(struct world *world)
{
	g_autofree char *path = world_path(world, "key.json");
	g_autoptr(struct_answer) key = cloud_control(world, "POST", "accounts/" ACCOUNT, "");

	ck_assert(g_file_set_contents(path, key->body, -1, NULL));
}

GString *world_base_config(struct world *world, const char *driftd_extra)
{
	GString *config = g_string_new(NULL);

	write_key(world);
	g_string_append_printf(config,
			       "[driftd]\nlisten = 127.0.0.1:0\nstate-dir = state\n"
			       "check-interval = 1h\nrequest-timeout = 1s\ncycle-timeout = 3s\n%s\n"
			       "[repo \"app\"]\nurl = %s/git/app.git\nbranch = main\nevery = 1h\n"
			       "fetch-timeout = 2s\n\n",
			       driftd_extra, world->cloud);
	g_string_append_printf(config,
			       "[gcp]\nproject = acme-prod\nregion = us-west2\n"
			       "credentials = file:key.json\nrun-endpoint = %s\n"
			       "functions-endpoint = %s\nstorage-endpoint = %s\n"
			       "bigquery-endpoint = %s\nfirestore-endpoint = %s\n"
			       "token-endpoint = %s/token\n\n",
			       world->cloud, world->cloud, world->cloud, world->cloud, world->cloud,
			       world->cloud);
	return config;
}

void config_add_service(GString *config, const char *name, const char *lines)
{
	g_string_append_printf(config, "[service \"%s\"]\n%s\n\n", name, lines);
}

void config_replace(GString *config, const char *old, const char *new)
{
	char *at = strstr(config->str, old);
	gssize position = at ? at - config->str : -1;

	ck_assert_msg(at, "the configuration has no %s", old);
	g_string_erase(config, position, (gssize)strlen(old)); /* a line or two */
	g_string_insert(config, position, new);
}

/* --- driftd --- */

static struct process start_driftd(struct world *world)
{
	g_autofree char *log = world_path(world, "driftd.log");
	const char *const arguments[] = {program_path("driftd"), "serve", "-c", "driftd.ini", NULL};
	const struct process_setup setup = {.directory = world->directory,
					    .environment = world->environment,
					    .file_max_bytes = world->file_max_bytes};

	return process_start(arguments, log, &setup);
}

void world_launch(struct world *world)
{
	process_end(&world->driftd);
	world->driftd = start_driftd(world);
}

void world_await(struct world *world)
{
	g_autofree char *address = NULL, *log = NULL;

	address = process_wait_for(&world->driftd, "serve.listening address=");
	log = process_log(&world->driftd);
	ck_assert_msg(address, "driftd did not start: %s", log);
	g_free(world->origin);
	world->origin = g_strdup_printf("http://%s", address);
}

void world_start(struct world *world)
{
	world_launch(world);
	world_await(world);
}

int world_start_failing(struct world *world, char **ret_log)
{
	struct process process = start_driftd(world);
	int status = process_wait(&process, SOON_MS);

	*ret_log = process_log(&process);
	process_end(&process);
	return status;
}

int world_stop(struct world *world)
{
	int status = 0;

	ck_assert(kill(world->driftd.pid, SIGTERM) == 0);
	status = process_wait(&world->driftd, STOP_MS);
	ck_assert_msg(status != -1, "driftd does not stop");
	return status;
}

void world_kill(struct world *world)
{
	ck_assert(kill(world->driftd.pid, SIGKILL) == 0);
	ck_assert_int_eq(process_wait(&world->driftd, STOP_MS), 128 + SIGKILL);
}

struct reload_wait {
	const struct world *world;
	size_t count; /* of reloads, with this one */
};

static size_t count_reloads(const struct world *world)
{
	g_autofree char *log = process_log(&world->driftd);
	size_t count = 0;

	for (const char *at = strstr(log, "reload.done"); at; at = strstr(at + 1, "reload.done"))
		count++;
	return count;
}

static bool has_reloaded(void *data)
{
	const struct reload_wait *wait = data;

	return count_reloads(wait->world) >= wait->count;
}

void world_reload(struct world *world, const char *text)
{
	struct reload_wait wait = {world, count_reloads(world) + 1};
	g_autofree char *log = NULL;
	bool reloaded = false;

	world_configure(world, text);
	ck_assert(kill(world->driftd.pid, SIGHUP) == 0);
	reloaded = wait_until(has_reloaded, &wait, SOON_MS);
	log = process_log(&world->driftd);
	ck_assert_msg(reloaded, "driftd does not reload: %s", cut_log(log));
}

struct run world_run(const struct world *world, const char *const *arguments)
{
	const struct process_setup setup = {.directory = world->directory,
					    .environment = world->environment};
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(all, g_strdup(program_path("driftd")));
	for (size_t i = 0; arguments[i]; i++)
		g_ptr_array_add(all, g_strdup(arguments[i]));
	g_ptr_array_add(all, NULL);
	return run_program((const char *const *)all->pdata, &setup);
}

struct answer *world_call(const struct world *world, const char *method, const char *path,
			  const char *const *headers, const char *body)
{
	g_autofree char *url = g_strconcat(world->origin, path, NULL);
	g_autofree char *bearer =
		g_strconcat("Authorization: Bearer ", world->token, NULL); /* unused without one */
	g_autoptr(GPtrArray) all = g_ptr_array_new();                      /* borrowed */
	bool named = world->token == NULL;

	for (size_t i = 0; headers && headers[i]; i++) {
		named |= g_ascii_strncasecmp(headers[i], "Authorization:", 14) == 0;
		g_ptr_array_add(all, (gpointer)(uintptr_t)headers[i]); /* only read */
	}
	if (!named)
		g_ptr_array_add(all, bearer);
	g_ptr_array_add(all, NULL);
	return http_call(method, url, (const char *const *)all->pdata, body);
}

struct answer *world_get(const struct world *world, const char *path)
{
	struct answer *answer = world_call(world, "GET", path, NULL, NULL);

	ck_assert_msg(answer->status == 200, "GET %s: %d %s", path, answer->status, answer->body);
	return answer;
}

struct answer *world_check(const struct world *world)
{
	struct answer *answer = world_call(world, "POST", "/check", NULL, NULL);

	ck_assert_msg(answer->status == 200, "POST /check: %d %s", answer->status, answer->body);
	ck_assert_msg(answer->json, "POST /check is no JSON: %s", answer->body);
	return answer;
}

void world_cycle(const struct world *world)
{
	answer_free(world_check(world));
}

/* --- cloud --- */

struct answer *cloud_control(const struct world *world, const char *method, const char *path,
			     const char *body)
{
	g_autofree char *url = g_strdup_printf("%s/_control/%s", world->cloud, path);
	struct answer *answer = http_call(method, url, NULL, body);

	ck_assert_msg(answer->status == 200, "%s %s: %d %s", method, url, answer->status,
		      answer->body);
	return answer;
}

void cloud_put(const struct world *world, const char *path, const char *format, ...)
{
	g_autofree char *body = NULL;
	const char *method = g_str_has_prefix(path, "options") ? "PATCH" : "PUT";
	va_list list;

	va_start(list, format);
	body = g_strdup_vprintf(format, list);
	va_end(list);
	answer_free(cloud_control(world, method, path, body));
}

void cloud_fault(const struct world *world, const char *rule)
{
	answer_free(cloud_control(world, "POST", "faults", rule));
}

void cloud_heal(const struct world *world)
{
	answer_free(cloud_control(world, "DELETE", "faults", NULL));
}

int64_t cloud_calls(const struct world *world, const char *api)
{
	g_autoptr(struct_answer) log = cloud_control(world, "GET", "log", NULL);
	json_object *apis = json_at(log->json, "apis"), *count = NULL;

	if (!json_object_object_get_ex(apis, api, &count))
		return 0;
	return json_object_get_int64(count);
}

void cloud_clear_log(const struct world *world)
{
	answer_free(cloud_control(world, "DELETE", "log", NULL));
}

void cloud_deploy(const struct world *world, const char *name, const char *sha)
{
	g_autofree char *path = g_strdup_printf("run/acme-prod/us-west2/%s", name);

	cloud_put(world, path, "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"}}]}", sha);
}

void cloud_target(const struct world *world, const char *name, const char *sha)
{
	g_autofree char *path = g_strdup_printf("targets/%s", name);

	cloud_put(world, path, "{\"commit\":\"%s\"}", sha);
}

/* --- verdicts --- */

struct answer *world_any_target(const struct world *world, const char *id)
{
	g_autofree char *path = g_strconcat("/drift/", id, NULL);

	return world_get(world, path);
}

struct answer *world_target(const struct world *world, const char *name)
{
	g_autofree char *id = g_strconcat("service/", name, NULL);

	return world_any_target(world, id);
}

json_object *find_reason(const struct answer *target, const char *code)
{
	json_object *reasons = json_at(target->json, "reasons");

	for (size_t i = 0; reasons && i < json_object_array_length(reasons); i++) {
		json_object *reason = json_object_array_get_idx(reasons, i);

		if (g_str_equal(json_text_at(reason, "code"), code))
			return reason;
	}
	return NULL;
}

void expect_any_state(const struct world *world, const char *id, const char *state,
		      const char *code)
{
	g_autoptr(struct_answer) target = world_any_target(world, id);

	ck_assert_msg(g_str_equal(json_text_at(target->json, "state"), state), "%s is not %s: %s",
		      id, state, target->body);
	ck_assert_msg(!code || find_reason(target, code), "%s has no reason %s: %s", id, code,
		      target->body);
}

void expect_state(const struct world *world, const char *name, const char *state, const char *code)
{
	g_autofree char *id = g_strconcat("service/", name, NULL);

	expect_any_state(world, id, state, code);
}

void expect_relation(const struct world *world, const char *name, const char *relation)
{
	g_autoptr(struct_answer) target = world_target(world, name);

	ck_assert_msg(g_str_equal(json_text_at(target->json, "relation"), relation),
		      "%s is not %s: %s", name, relation, target->body);
}

bool target_is(const struct world *world, const char *name, const char *state)
{
	g_autoptr(struct_answer) target = world_target(world, name);

	return g_str_equal(json_text_at(target->json, "state"), state);
}

struct state_wait {
	const struct world *world;
	const char *name, *state;
};

static bool has_state(void *data)
{
	const struct state_wait *wait = data;

	return target_is(wait->world, wait->name, wait->state);
}

void wait_for_state(const struct world *world, const char *name, const char *state)
{
	struct state_wait wait = {world, name, state};

	if (!wait_until(has_state, &wait, SOON_MS))
		expect_state(world, name, state, NULL);
}

static bool has_state_after_cycle(void *data)
{
	const struct state_wait *wait = data;

	world_cycle(wait->world);
	return target_is(wait->world, wait->name, wait->state);
}

void cycle_until_state(const struct world *world, const char *name, const char *state)
{
	struct state_wait wait = {world, name, state};

	if (!wait_until(has_state_after_cycle, &wait, SOON_MS))
		expect_state(world, name, state, NULL);
}

const char *faketime_library(void)
{
	static const char *const paths[] = {
		"/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
		"/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
		"/usr/lib/faketime/libfaketimeMT.so.1",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		if (g_file_test(paths[i], G_FILE_TEST_EXISTS))
			return paths[i];
	}
	return NULL;
}

void world_set_clock(const struct world *world, const char *offset)
{
	g_autofree char *path = world_path(world, "clock");
	g_autofree char *line = g_strdup_printf("%s\n", offset);

	ck_assert(g_file_set_contents(path, line, -1, NULL));
}

TCase *harness_case(Suite *suite, const char *name, SFun setup, SFun teardown, double seconds)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, seconds);
	suite_add_tcase(suite, tcase);
	return tcase;
}
