/* test_sources - every fault at every source: the verdict is unknown with the right reason, never
 * ok and never drift, no other target is touched, and the next cycle after the fault is right
 * again. One world per source, so that all sources suffer the same fault at the same time. */
#include "tests/integration/harness.h"

#include "clk.h"

#include <string.h>

Suite *sources_suite(void);

enum source {
	SOURCE_RUN,
	SOURCE_REVISION,
	SOURCE_FUNCTION,
	SOURCE_STORAGE,
	SOURCE_HTTP,
	SOURCE_PROBE,
	SOURCE_TOKEN,
	SOURCE_GIT,
	SOURCE_COUNT,
};

#define BIT(source) (1U << (source))
#define ALL (BIT(SOURCE_COUNT) - 1)
#define LISTS (BIT(SOURCE_RUN) | BIT(SOURCE_FUNCTION))
#define APIS (LISTS | BIT(SOURCE_REVISION) | BIT(SOURCE_STORAGE))
#define WEB (BIT(SOURCE_HTTP) | BIT(SOURCE_PROBE))

/** Where a fault goes, and whom it may touch. */
static const struct {
	const char *name;
	const char *path;
	const char *touched[5]; /* targets that become unknown; all others stay ok */
} sources[SOURCE_COUNT] = {
	[SOURCE_RUN] = {"run list", "/v2/projects/acme-prod/locations/us-west2/services", {"run"}},
	[SOURCE_REVISION] = {"revision get", "*/revisions*", {"revision"}},
	[SOURCE_FUNCTION] = {"functions list", "*/functions*", {"function"}},
	[SOURCE_STORAGE] = {"storage", "/storage/*", {"storage"}},
	[SOURCE_HTTP] = {"http", "/target/http/*", {"http"}},
	[SOURCE_PROBE] = {"probe", "/target/identity/*", {"probe"}},
	[SOURCE_TOKEN] = {"token", "/token", {"run", "revision", "function", "storage"}},
	[SOURCE_GIT] = {"git", "/git/*", {NULL}},
};

static const char *const targets[] = {"run",  "revision", "function", "storage",
				      "http", "probe",    "bystander"};

/** A fault, where it makes sense, and which reasons fit ("code:class|code:class"; "" any). */
static const struct {
	const char *kind;
	const char *more; /* members of the rule, with a leading comma */
	unsigned where;
	const char *reasons;
} faults[] = {
	{"status", ",\"status\":500", ALL, "fetch_failed:5xx|permission_denied:"},
	{"html503", "", ALL, "fetch_failed:5xx|permission_denied:"},
	{"status", ",\"status\":400", ALL, "fetch_failed:4xx|permission_denied:"},
	{"quota", "", APIS, "fetch_failed:quota"},
	{"status", ",\"status\":429", WEB, "fetch_failed:quota|fetch_failed:4xx"},
	{"status", ",\"status\":404", WEB, "fetch_failed:4xx|fetch_failed:not_found"},
	{"denied", "", ALL & ~BIT(SOURCE_GIT), "permission_denied:"},
	{"disabled", "", APIS, "fetch_failed:disabled|permission_denied:"},
	{"hang", "", ALL, "fetch_failed:timeout|permission_denied:"},
	{"drip", ",\"latency_ms\":200", ALL & ~BIT(SOURCE_GIT),
	 "fetch_failed:timeout|permission_denied:"},
	{"reset", "", ALL, "fetch_failed:reset|permission_denied:"},
	{"truncate", "", ALL, "fetch_failed:reset|permission_denied:"},
	{"garbage", "", ALL, "fetch_failed:bad_answer|permission_denied:"},
	{"not_http", "", ALL, "fetch_failed:bad_answer|fetch_failed:reset|permission_denied:"},
	{"wrong_types", "", LISTS | BIT(SOURCE_REVISION) | BIT(SOURCE_HTTP) | BIT(SOURCE_TOKEN),
	 ""},
	{"wrong_types", ",\"depth\":2", LISTS | BIT(SOURCE_REVISION), "fetch_failed:bad_answer"},
	{"wrong_types", ",\"depth\":3", LISTS, "fetch_failed:bad_answer"},
	{"huge", "", ALL & ~BIT(SOURCE_GIT), "fetch_failed:too_large|permission_denied:"},
	{"empty", "", ALL, ""},
	{"status", ",\"status\":302,\"headers\":{\"Location\":\"http://localhost:1/\"}", APIS | WEB,
	 "fetch_failed:redirect|fetch_failed:bad_answer"},
};

static struct world *worlds[SOURCE_COUNT];
static char *heads[SOURCE_COUNT];

/* --- worlds --- */

/** A split service, of which the revision must be read; new names, because what was read of a
 * revision once stays known. */
static void put_revision(const struct world *world, const char *sha)
{
	int64_t number = clk_mono_ms(); /* tests are forked: a counter would begin anew */

	cloud_put(world, "run/acme-prod/us-east1/revision",
		  "{\"revisions\":[{\"name\":\"old-%" G_GINT64_FORMAT
		  "\",\"percent\":100,\"labels\":"
		  "{\"commit-sha\":\"%s\"}},{\"name\":\"new-%" G_GINT64_FORMAT "\",\"labels\":"
		  "{\"commit-sha\":\"%s\"}}]}",
		  number, sha, number, sha);
}

static void put_cloud(const struct world *world, const char *sha)
{
	put_revision(world, sha);
	cloud_put(world, "run/acme-prod/us-west2/run",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"}}]}", sha);
	cloud_put(world, "functions/acme-prod/europe-west1/function", "{}");
	cloud_put(world, "run/acme-prod/europe-west1/function",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"}}]}", sha);
	cloud_put(world, "run/acme-prod/asia-east1/storage",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"env\":{\"MODEL\":"
		  "\"gs://models/v7.bin\"}}]}",
		  sha);
	cloud_put(world, "objects/models/manifest.json", "{\"path\":\"gs://models/v7.bin\"}");
	cloud_put(world, "objects/models/v7.bin", "weights");
	cloud_target(world, "http", sha);
	cloud_target(world, "probe", sha);
	cloud_target(world, "bystander", sha);
	cloud_put(world, "targets/identity", "{\"service\":\"probe\"}");
}

static void add_web(GString *config, const struct world *world, const char *name, const char *more)
{
	g_autofree char *lines = g_strdup_printf(
		"source = http\nurl = %s/target/%s/version\ncommit-pointer = /commit\n%s",
		world->cloud, name, more);

	config_add_service(config, name, lines);
}

static void configure(struct world *world)
{
	GString *config = world_base_config(world, "");
	g_autofree char *probe = g_strdup_printf(
		"probe-url = %s/target/identity/health\nprobe-expect = /service=probe",
		world->cloud);

	/* many rows wait for them */
	config_replace(config, "cycle-timeout = 3s",
		       HARNESS_SANITIZED ? "cycle-timeout = 7s" : "cycle-timeout = 3s");
	config_replace(config, "fetch-timeout = 2s",
		       HARNESS_SANITIZED ? "fetch-timeout = 4s" : "fetch-timeout = 2s");
	config_add_service(config, "run", "source = cloud-run");
	config_add_service(config, "revision",
			   "source = cloud-run\nregion = us-east1\ntraffic = any");
	config_add_service(config, "function", "source = cloud-function\nregion = europe-west1");
	config_add_service(config, "storage",
			   "source = cloud-run\nregion = asia-east1\n"
			   "expect-from = env.MODEL gs://models/manifest.json#/path");
	add_web(config, world, "http", "");
	add_web(config, world, "probe", probe);
	add_web(config, world, "bystander", "");
	world_configure(world, config->str);
	g_string_free(config, TRUE);
}

/** Everything but driftd. */
static void prepare_world(int index)
{
	struct world *world = world_create();
	g_autofree char *checkout = repo_make(world, "app");

	heads[index] = repo_publish(checkout, "a.txt", "one", A_DAY);
	put_cloud(world, heads[index]);
	configure(world);
	worlds[index] = world;
}

static void make_world(int index)
{
	prepare_world(index);
	world_start(worlds[index]);
}

/* --- checks --- */

/** A cycle in each world, all at once: a fault costs its timeouts once. */
static void cycle_all(void)
{
	char *urls[SOURCE_COUNT] = {0};
	int statuses[SOURCE_COUNT] = {0}, count = 0;

	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (worlds[i])
			urls[count++] = g_strconcat(worlds[i]->origin, "/check", NULL);
	}
	http_call_many("POST", (const char *const *)urls, count, statuses);
	for (int i = 0; i < count; i++) {
		ck_assert_msg(statuses[i] == 200, "POST %s: %d", urls[i], statuses[i]);
		g_free(urls[i]);
	}
}

static void expect_all_ok(const struct world *world, const char *when)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");

	ck_assert_msg(g_str_equal(json_text_at(status->json, "overall"), "ok"), "%s: %s", when,
		      status->body);
}

/** Is @p source in a world of the fixture? A token is cached as long as driftd runs, so that one
 * gets a new world each time. */
static bool is_lasting(int source)
{
	return source != SOURCE_TOKEN;
}

static void setup(void)
{
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (is_lasting(i))
			make_world(i);
	}
	cycle_all();
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (is_lasting(i))
			expect_all_ok(worlds[i], "at the start");
	}
}

static void free_world(int index)
{
	if (worlds[index])
		world_free(g_steal_pointer(&worlds[index]));
	g_clear_pointer(&heads[index], g_free);
}

static void teardown(void)
{
	for (int i = 0; i < SOURCE_COUNT; i++)
		free_world(i);
}

static bool is_touched(int source, const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sources[source].touched); i++) {
		if (g_strcmp0(sources[source].touched[i], name) == 0)
			return true;
	}
	return false;
}

/** Does the target have one of the reasons ("code:class|…")? */
static bool has_reason(const struct answer *target, const char *reasons)
{
	g_auto(GStrv) all = g_strsplit(reasons, "|", -1);

	for (size_t i = 0; all[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(all[i], ":", 2);
		json_object *reason = find_reason(target, pair[0]);

		if (reason && (!*pair[1] || g_str_equal(json_text_at(reason, "class"), pair[1])))
			return true;
	}
	return !*reasons;
}

static void expect_touched(int fault, int source, const char *name)
{
	g_autoptr(struct_answer) target = world_target(worlds[source], name);

	ck_assert_msg(g_str_equal(json_text_at(target->json, "state"), "unknown"), "%s%s at %s: %s",
		      faults[fault].kind, faults[fault].more, sources[source].name, target->body);
	ck_assert_msg(has_reason(target, faults[fault].reasons), "%s%s at %s: wrong reason: %s",
		      faults[fault].kind, faults[fault].more, sources[source].name, target->body);
	ck_assert_msg(!is_lasting(source) || json_at(target->json, "last_known.state"),
		      "%s at %s: no last_known: %s", faults[fault].kind, sources[source].name,
		      target->body);
}

/** A remote that is away leaves the head in place and is said. */
static void expect_repo_error(int fault)
{
	g_autoptr(struct_answer) status = world_get(worlds[SOURCE_GIT], "/status");

	ck_assert_msg(*json_text_at(status->json, "repos.0.error"), "%s at git is not said: %s",
		      faults[fault].kind, status->body);
	ck_assert_str_eq(json_text_at(status->json, "repos.0.head.sha"), heads[SOURCE_GIT]);
}

static void expect_fault(int fault, int source)
{
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		if (is_touched(source, targets[i]))
			expect_touched(fault, source, targets[i]);
		else
			expect_state(worlds[source], targets[i], "ok", NULL);
	}
	if (source == SOURCE_GIT)
		expect_repo_error(fault);
}

static void inflict(int fault, int source)
{
	g_autofree char *rule =
		g_strdup_printf("{\"path\":\"%s\",\"kind\":\"%s\"%s}", sources[source].path,
				faults[fault].kind, faults[fault].more);

	if (source == SOURCE_REVISION) /* else nothing is read */
		put_revision(worlds[source], heads[source]);
	cloud_fault(worlds[source], rule);
}

static void begin_row(int fault)
{
	bool with_token = (faults[fault].where & BIT(SOURCE_TOKEN)) != 0;

	if (with_token)
		prepare_world(SOURCE_TOKEN);
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (is_lasting(i))
			cloud_heal(worlds[i]); /* a failed row before this one did not */
		if (faults[fault].where & BIT(i))
			inflict(fault, i);
	}
	if (with_token)
		world_start(worlds[SOURCE_TOKEN]);
}

START_TEST(a_fault_makes_unknown_what_it_touches_and_nothing_else)
{
	begin_row(_i);
	cycle_all();
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (faults[_i].where & BIT(i))
			expect_fault(_i, i);
		if (worlds[i])
			cloud_heal(worlds[i]);
	}
	cycle_all();
	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (worlds[i])
			expect_all_ok(worlds[i], faults[_i].kind);
	}
	free_world(SOURCE_TOKEN);
}
END_TEST

/* --- single faults in one world --- */

static void setup_one(void)
{
	make_world(0);
	world_cycle(worlds[0]);
}

static void teardown_one(void)
{
	free_world(0);
}

START_TEST(what_may_heal_is_tried_again_in_the_same_cycle)
{
	cloud_fault(worlds[0],
		    "{\"path\":\"*/us-west2/services\",\"kind\":\"status\",\"status\":503,"
		    "\"count\":1,\"headers\":{\"Retry-After\":\"0\"}}");
	cloud_fault(worlds[0], "{\"path\":\"*/us-east1/services\",\"kind\":\"reset\",\"count\":1}");
	world_cycle(worlds[0]);
	expect_state(worlds[0], "run", "ok", NULL);
	expect_state(worlds[0], "revision", "ok", NULL);
}
END_TEST

START_TEST(what_will_not_change_is_not_tried_again)
{
	g_autoptr(struct_answer) log = NULL;

	cloud_fault(worlds[0], "{\"path\":\"/target/http/*\",\"kind\":\"status\",\"status\":404}");
	cloud_fault(worlds[0], "{\"path\":\"*/us-west2/services\",\"kind\":\"denied\"}");
	cloud_clear_log(worlds[0]);
	world_cycle(worlds[0]);
	expect_state(worlds[0], "http", "unknown", "fetch_failed");
	expect_state(worlds[0], "run", "unknown", "permission_denied");
	log = cloud_control(worlds[0], "GET", "log", NULL);
	ck_assert_int_eq(json_int_at(log->json, "paths.GET /target/http/version"), 1);
	ck_assert_int_eq(
		json_int_at(log->json,
			    "paths.GET /v2/projects/acme-prod/locations/us-west2/services"),
		1);
}
END_TEST

START_TEST(a_missing_permission_is_named)
{
	g_autoptr(struct_answer) target = NULL;

	cloud_fault(worlds[0], "{\"path\":\"*/us-west2/services\",\"kind\":\"denied\","
			       "\"permission\":\"run.services.list\"}");
	world_cycle(worlds[0]);
	target = world_target(worlds[0], "run");
	ck_assert_msg(strstr(target->body, "run.services.list"), "%s", target->body);
}
END_TEST

START_TEST(a_refused_token_is_replaced_once)
{
	answer_free(cloud_control(worlds[0], "DELETE", "tokens", NULL));
	cloud_clear_log(worlds[0]);
	world_cycle(worlds[0]);
	expect_all_ok(worlds[0], "after the tokens were withdrawn");
	ck_assert_int_eq(cloud_calls(worlds[0], "token"), 1); /* one refresh for all who wait */
}
END_TEST

START_TEST(pages_that_never_end_are_given_up)
{
	/* not there: but who knows what the next page holds */
	answer_free(cloud_control(worlds[0], "DELETE", "run/acme-prod/us-west2/run", NULL));
	cloud_fault(worlds[0], "{\"path\":\"*/us-west2/services\",\"kind\":\"endless_pages\"}");
	cloud_clear_log(worlds[0]);
	world_cycle(worlds[0]);
	expect_state(worlds[0], "run", "unknown", NULL);
	ck_assert_int_lt(cloud_calls(worlds[0], "run.services.list"), 5000);
}
END_TEST

START_TEST(no_token_goes_to_web_services)
{
	g_autoptr(struct_answer) log = NULL;
	json_object *authorized = NULL;

	world_cycle(worlds[0]);
	log = cloud_control(worlds[0], "GET", "log", NULL);
	authorized = json_at(log->json, "authorized");
	ck_assert_int_gt(json_object_object_length(authorized), 0);
	json_object_object_foreach(authorized, path, count)
	{
		(void)count;
		ck_assert_msg(!strstr(path, "/target/"), "a token went to %s", path);
	}
}
END_TEST

Suite *sources_suite(void)
{
	Suite *suite = suite_create("faults-sources");
	TCase *matrix = tcase_create("every fault at every source");
	TCase *single = tcase_create("one source");

	tcase_add_unchecked_fixture(matrix, setup, teardown);
	tcase_set_timeout(matrix, 120);
	tcase_add_loop_test(matrix, a_fault_makes_unknown_what_it_touches_and_nothing_else, 0,
			    G_N_ELEMENTS(faults));
	suite_add_tcase(suite, matrix);
	tcase_add_checked_fixture(single, setup_one, teardown_one);
	tcase_set_timeout(single, 90);
	tcase_add_test(single, what_may_heal_is_tried_again_in_the_same_cycle);
	tcase_add_test(single, what_will_not_change_is_not_tried_again);
	tcase_add_test(single, a_missing_permission_is_named);
	tcase_add_test(single, a_refused_token_is_replaced_once);
	tcase_add_test(single, pages_that_never_end_are_given_up);
	tcase_add_test(single, no_token_goes_to_web_services);
	suite_add_tcase(suite, single);
	return suite;
}
