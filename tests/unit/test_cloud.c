/* cloud, cloud_settings, revision_cache: which revisions must be read, and what is observed. */
#include "source/cloud.h"

#include <check.h>
#include <string.h>

#include "source/markers.h"
#include "source/revision_cache.h"

Suite *cloud_suite(void);

/* One service, its revisions and perhaps a function, all from JSON as Google writes it. */
struct world {
	struct run_wants *wants;
	struct run_page *page;
	struct functions_page *functions;
	struct config_service config;
	struct config_expect expects[2];
	char *no_commit_from[1];
	struct cloud_facts facts;
};

static bool want_service(void *data, const struct run_heading *heading)
{
	(void)data;
	(void)heading;
	return true;
}

static bool want_function(void *data, const char *region, const char *name)
{
	(void)data;
	(void)region;
	(void)name;
	return true;
}

static void unref_revision(void *data)
{
	run_revision_unref(data);
}

static void world_open(struct world *world, const char *members)
{
	g_autofree char *text = g_strdup_printf(
		"{\"services\":[{\"name\":\"projects/p/locations/r/services/s\",%s}]}", members);
	struct config config = {.services = g_ptr_array_new()};
	g_autoptr(GError) error = NULL;

	*world = (struct world){0};
	world->config.commit_from = world->no_commit_from;
	g_ptr_array_add(config.services, &world->config);
	world->wants = run_wants_create(env_hash_create("0123456789abcdef", 16));
	markers_add_wants(world->wants, &config);
	g_ptr_array_unref(config.services);
	world->page = run_page_decode(text, strlen(text), world->wants, want_service, NULL, &error);
	ck_assert_msg(world->page != NULL, "%s", error ? error->message : "");
	world->facts.config = &world->config;
	world->facts.service = world->page->services->pdata[0];
	ck_assert_msg(!world->facts.service->damage, "%s", world->facts.service->damage);
	world->facts.revisions =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_revision);
	world->facts.hash = world->wants->hash;
}

static void world_add_revision(struct world *world, const char *name, const char *members)
{
	g_autofree char *text = g_strdup_printf("{\"name\":\"%s\",%s}", name, members);
	g_autoptr(GError) error = NULL;
	struct run_revision *revision =
		run_revision_decode(text, strlen(text), world->wants, &error);

	ck_assert_msg(revision != NULL, "%s", error ? error->message : "");
	g_hash_table_insert(world->facts.revisions, g_strdup(name), revision);
}

static void world_set_function(struct world *world, const char *members)
{
	g_autofree char *text = g_strdup_printf(
		"{\"functions\":[{\"name\":\"projects/p/locations/r/functions/f\",%s}]}", members);
	g_autoptr(GError) error = NULL;

	world->functions = functions_page_decode(text, strlen(text), world->wants, want_function,
						 NULL, &error);
	ck_assert_ptr_nonnull(world->functions);
	world->facts.function = world->functions->functions->pdata[0];
	ck_assert_ptr_null(world->facts.function->damage);
}

static void world_close(struct world *world)
{
	g_hash_table_unref(world->facts.revisions);
	run_page_free(world->page);
	functions_page_free(world->functions);
	run_wants_free(world->wants);
}

#define GENERATION "\"generation\":\"2\",\"observedGeneration\":\"2\""
#define LATEST(name)                                                                               \
	",\"latestReadyRevision\":\"x/" name "\",\"latestCreatedRevision\":\"x/" name "\""
#define ALL_TO_LATEST                                                                              \
	",\"trafficStatuses\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":"   \
	"100}]"
#define TO(name, percent) "{\"revision\":\"" name "\",\"percent\":" #percent "}"
#define TEMPLATE ",\"template\":{\"labels\":{\"commit-sha\":\"abcdef0\"}}"
#define BARE ",\"template\":{}"
#define SETTLED GENERATION LATEST("s-2") ALL_TO_LATEST

static const struct {
	const char *members;
	const char *want; /* names that must be read */
} need_cases[] = {
	{SETTLED TEMPLATE, ""},
	/* no commit: the creation time is needed */
	{SETTLED BARE, "s-2"},
	{SETTLED ",\"template\":{\"labels\":{\"commit-sha\":\"unknown\"}}", "s-2"},
	{SETTLED BARE ",\"labels\":{\"commit-sha\":\"abcdef0\"}", "s-2"},
	/* the template does not stand */
	{SETTLED TEMPLATE ",\"reconciling\":true", "s-2"},
	{"\"generation\":\"3\",\"observedGeneration\":\"2\"" LATEST("s-2") ALL_TO_LATEST TEMPLATE,
	 "s-2"},
	{"\"uid\":\"u\"" LATEST("s-2") ALL_TO_LATEST TEMPLATE, "s-2"},
	{SETTLED ",\"template\":{\"revision\":\"s-3\",\"labels\":{\"commit-sha\":\"abcdef0\"}}",
	 "s-2"},
	{SETTLED ",\"template\":{\"revision\":\"s-2\",\"labels\":{\"commit-sha\":\"abcdef0\"}}",
	 ""},
	{SETTLED TEMPLATE ",\"terminalCondition\":{\"state\":\"CONDITION_FAILED\"}", "s-2"},
	/* L06: traffic is pinned elsewhere, or split */
	{GENERATION LATEST("s-2") ",\"trafficStatuses\":[" TO("s-1", 100) "]" TEMPLATE, "s-1"},
	{GENERATION LATEST("s-2") ",\"trafficStatuses\":[" TO("s-1", 40) "," TO("s-2",
										60) "]" TEMPLATE,
	 "s-2 s-1"},
	{GENERATION LATEST("s-2") ",\"trafficStatuses\":[" TO("s-2", 90) "]" TEMPLATE, "s-2"},
	{GENERATION LATEST("s-2") ",\"trafficStatuses\":[" TO("s-2", 50) "," TO("s-2",
										50) "]" TEMPLATE,
	 ""},
	/* a rollout that failed or goes on: since when? */
	{GENERATION
	 ",\"latestReadyRevision\":\"s-1\",\"latestCreatedRevision\":\"s-2\"" ALL_TO_LATEST
		 TEMPLATE,
	 "s-1 s-2"},
	/* nothing serves */
	{GENERATION LATEST("s-2") TEMPLATE, ""},
	{GENERATION ALL_TO_LATEST TEMPLATE, ""},
	{GENERATION ",\"latestCreatedRevision\":\"s-1\"" ALL_TO_LATEST TEMPLATE, "s-1"},
};

START_TEST(L06_revisions_needed)
{
	struct world world = {0};
	g_autoptr(GPtrArray) names = NULL;
	g_autofree char *text = NULL;

	world_open(&world, need_cases[_i].members);
	names = cloud_revisions_needed(&world.facts);
	g_ptr_array_add(names, NULL);
	text = g_strjoinv(" ", (char **)names->pdata);
	ck_assert_msg(strcmp(text, need_cases[_i].want) == 0, "%s: \"%s\", want \"%s\"",
		      need_cases[_i].members, text, need_cases[_i].want);
	world_close(&world);
}
END_TEST

static const struct marker *marker_of(const struct service_obs *service, guint revision,
				      guint index)
{
	const struct revision_obs *obs = service->revisions->pdata[revision];

	ck_assert_uint_lt(index, obs->markers->len);
	return obs->markers->pdata[index];
}

/* The label says what the template wants; what serves says something else (L06). */
START_TEST(L06_serving_revisions_are_judged)
{
	struct world world = {0};
	struct service_obs *service = NULL;
	const struct revision_obs *first = NULL;

	world_open(&world, GENERATION LATEST("s-3") ",\"trafficStatuses\":[" TO("s-1", 10) "," TO(
				   "s-2", 90) "]" TEMPLATE);
	world_add_revision(&world, "s-1",
			   "\"createTime\":\"1970-01-01T00:00:01Z\",\"labels\":{\"commit-sha\":"
			   "\"1111111\"}");
	world_add_revision(&world, "s-2",
			   "\"createTime\":\"1970-01-01T00:00:02Z\",\"labels\":{\"commit-sha\":"
			   "\"2222222\"},\"timeout\":\"9s\"");
	service = cloud_observe(&world.facts);
	ck_assert(service->found && service->is_cloud);
	ck_assert(!service->latest_serves_all);
	ck_assert_uint_eq(service->revisions->len, 2);
	first = service->revisions->pdata[0];
	ck_assert_str_eq(first->name, "s-2");
	ck_assert_int_eq(first->percent, 90);
	ck_assert_int_eq(first->created_wall_ms, 2000);
	ck_assert(!first->from_template);
	ck_assert_str_eq(marker_of(service, 0, 0)->commit, "2222222");
	ck_assert_str_eq(marker_of(service, 1, 0)->commit, "1111111");
	for (guint i = 0; i < service->settings->len; i++) {
		const struct setting_obs *setting = service->settings->pdata[i];

		if (strcmp(setting->name, "timeout") == 0)
			ck_assert_str_eq(setting->value, "9s"); /* the largest share's */
	}
	service_obs_free(service);
	world_close(&world);
}
END_TEST

START_TEST(test_template_stands)
{
	struct world world = {0};
	struct service_obs *service = NULL;
	const struct revision_obs *revision = NULL;

	world_open(&world, SETTLED TEMPLATE);
	service = cloud_observe(&world.facts);
	revision = service->revisions->pdata[0];
	ck_assert_uint_eq(service->revisions->len, 1);
	ck_assert_str_eq(revision->name, "s-2");
	ck_assert(revision->from_template);
	ck_assert_int_eq(revision->created_wall_ms, 0); /* not known, and not guessed */
	ck_assert_str_eq(marker_of(service, 0, 0)->commit, "abcdef0");
	ck_assert(service->latest_serves_all);
	ck_assert_ptr_null(service->rollout_error);
	service_obs_free(service);
	/* a revision that is known anyway tells since when, and nothing else */
	world_add_revision(&world, "s-2",
			   "\"createTime\":\"1970-01-01T00:00:02Z\",\"labels\":{\"commit-sha\":"
			   "\"2222222\"}");
	service = cloud_observe(&world.facts);
	revision = service->revisions->pdata[0];
	ck_assert_int_eq(revision->created_wall_ms, 2000);
	ck_assert_str_eq(marker_of(service, 0, 0)->commit, "abcdef0");
	service_obs_free(service);
	world_close(&world);
}
END_TEST

#define UNREADY                                                                                    \
	GENERATION ",\"latestReadyRevision\":\"s-1\",\"latestCreatedRevision\":\"s-2\","           \
		   "\"trafficStatuses\":[" TO("s-1", 100) "]" TEMPLATE

static const struct {
	const char *members;
	const char *created; /* members of revision s-2; NULL: it was deleted */
	bool want_reconciling;
	const char *want_error; /* part of it; NULL: none */
} rollout_cases[] = {
	{UNREADY,
	 "\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_FAILED\",\"message\":\"crash\"}"
	 "]",
	 false, "s-2 did not become ready: crash"},
	{UNREADY, NULL, false, "s-2 did not become ready"},
	{UNREADY, "\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_RECONCILING\"}]", true,
	 NULL},
	{UNREADY, "\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"}]", true,
	 NULL},
	{UNREADY ",\"reconciling\":true",
	 "\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_FAILED\"}]", true, NULL},
	{UNREADY ",\"terminalCondition\":{\"state\":\"CONDITION_FAILED\",\"message\":\"denied\"}",
	 "\"uid\":\"x\"", false, "denied"},
};

START_TEST(L25_rollout)
{
	struct world world = {0};
	struct service_obs *service = NULL;

	world_open(&world, rollout_cases[_i].members);
	world_add_revision(&world, "s-1", "\"labels\":{\"commit-sha\":\"1111111\"}");
	if (rollout_cases[_i].created) {
		g_autofree char *members = g_strdup_printf(
			"\"createTime\":\"1970-01-01T00:00:02Z\",%s", rollout_cases[_i].created);

		world_add_revision(&world, "s-2", members);
	}
	service = cloud_observe(&world.facts);
	ck_assert_str_eq(service->latest_created, "s-2");
	ck_assert_str_eq(service->latest_ready, "s-1");
	ck_assert_int_eq(service->reconciling, rollout_cases[_i].want_reconciling);
	ck_assert_int_eq(service->latest_created_wall_ms, rollout_cases[_i].created ? 2000 : 0);
	if (rollout_cases[_i].want_error)
		ck_assert_ptr_nonnull(strstr(service->rollout_error, rollout_cases[_i].want_error));
	else
		ck_assert_ptr_null(service->rollout_error);
	service_obs_free(service);
	world_close(&world);
}
END_TEST

static const struct {
	const char *members; /* after SETTLED */
	const char *name;
	const char *want; /* NULL: not said */
} setting_cases[] = {
	{TEMPLATE, "min-instances", "0"}, /* L27: absent is 0 */
	{",\"template\":{\"scaling\":{\"minInstanceCount\":1}}", "min-instances", "1"},
	{",\"scaling\":{\"minInstanceCount\":2},\"template\":{\"scaling\":{\"minInstanceCount\":1}"
	 "}",
	 "min-instances", "2"},
	{",\"scaling\":{\"scalingMode\":\"MANUAL\",\"manualInstanceCount\":4}" TEMPLATE,
	 "min-instances", "4"},
	{",\"scaling\":{\"scalingMode\":\"MANUAL\"}" TEMPLATE, "max-instances", "0"},
	{TEMPLATE, "max-instances", "100"},
	{",\"template\":{\"scaling\":{\"maxInstanceCount\":20}}", "max-instances", "20"},
	{",\"scaling\":{\"maxInstanceCount\":10},\"template\":{\"scaling\":{\"maxInstanceCount\":"
	 "20}}",
	 "max-instances", "10"},
	{",\"scaling\":{\"maxInstanceCount\":10}" TEMPLATE, "max-instances", "10"},
	{",\"template\":{\"containers\":[{\"image\":\"a\"}]}", "cpu-idle", "true"},
	{",\"template\":{\"containers\":[{\"resources\":{}}]}", "cpu-idle", "false"},
	{",\"template\":{\"containers\":[{\"resources\":{\"cpuIdle\":true}}]}", "cpu-idle", "true"},
	{TEMPLATE, "memory", "512Mi"},
	{",\"template\":{\"containers\":[{\"resources\":{\"limits\":{\"memory\":\"2Gi\"}}}]}",
	 "memory", "2Gi"},
	{TEMPLATE, "concurrency", "80"},
	{",\"template\":{\"maxInstanceRequestConcurrency\":5}", "concurrency", "5"},
	{",\"template\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"500m\"}}}]}",
	 "concurrency", "1"},
	{",\"template\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"1000m\"}}}]}",
	 "concurrency", "80"},
	{",\"template\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"0.08\"}}}]}",
	 "concurrency", "1"},
	{TEMPLATE, "timeout", "300s"},
	{TEMPLATE, "service-account", NULL},
	{",\"template\":{\"serviceAccount\":\"a@b\"}", "service-account", "a@b"},
	{",\"template\":{\"containers\":[{\"image\":\"host/app:1\"}]}", "image", "host/app:1"},
};

START_TEST(L27_settings)
{
	struct world world = {0};
	g_autofree char *members = g_strdup_printf("%s%s", SETTLED, setting_cases[_i].members);
	g_autofree char *revision = NULL;
	struct service_obs *service = NULL;
	const char *got = NULL;

	world_open(&world, members);
	/* the revision is needed where no commit is named; it is made from the template */
	revision = g_strdup(strstr(members, "\"template\":{") + strlen("\"template\":{"));
	revision[strlen(revision) - 1] = '\0';
	world_add_revision(&world, "s-2", revision);
	service = cloud_observe(&world.facts);
	for (guint i = 0; i < service->settings->len; i++) {
		const struct setting_obs *setting = service->settings->pdata[i];

		if (strcmp(setting->name, setting_cases[_i].name) == 0)
			got = setting->value;
	}
	ck_assert_pstr_eq(got, setting_cases[_i].want);
	service_obs_free(service);
	world_close(&world);
}
END_TEST

static const struct {
	const char *name;
	const char *value;
	bool want_present, want_reference, want_equal;
} env_cases[] = {
	{"env.MODE", "live", true, false, true}, {"env.MODE", "test", true, false, false},
	{"env.MODE", "", true, false, false},    {"env.EMPTY", "", true, false, true},
	{"env.ABSENT", "", false, false, false}, {"env.ABSENT", "x", false, false, false},
	{"env.SECRET", "x", true, true, false},
};

START_TEST(L28_env_checks)
{
	struct world world = {0};
	struct service_obs *service = NULL;
	g_autofree char *name = g_strdup(env_cases[_i].name);
	g_autofree char *value = g_strdup(env_cases[_i].value);

	world_open(&world, SETTLED
		   ",\"template\":{\"labels\":{\"commit-sha\":\"abcdef0\"},\"containers\":["
		   "{\"env\":[{\"name\":\"MODE\",\"value\":\"live\"},{\"name\":\"EMPTY\"},"
		   "{\"name\":\"SECRET\",\"valueSource\":{\"secretKeyRef\":{\"secret\":\"s\"}}}"
		   "]}]}");
	world.expects[0] = (struct config_expect){.name = name, .value = value};
	world.expects[1] = (struct config_expect){.name = world.expects[0].name, .value = value};
	world.config.expects = world.expects;
	world.config.expect_count = 1;
	service = cloud_observe(&world.facts);
	ck_assert_uint_eq(service->env_names->len, 3);
	ck_assert_str_eq(service->env_names->pdata[0], "EMPTY");
	ck_assert(env_hash_is_reference(service_obs_env_hash(service, "SECRET")));
	ck_assert_ptr_null(service_obs_env_hash(service, "ABSENT"));
	ck_assert_uint_eq(service->env_check_count, 1);
	ck_assert_str_eq(service->env_checks[0].name, env_cases[_i].name + strlen("env."));
	ck_assert_int_eq(service->env_checks[0].present, env_cases[_i].want_present);
	ck_assert_int_eq(service->env_checks[0].is_reference, env_cases[_i].want_reference);
	ck_assert_int_eq(service->env_checks[0].equal, env_cases[_i].want_equal);
	service_obs_free(service);
	world_close(&world);
}
END_TEST

static const struct {
	const char *service;  /* members of the Run service */
	const char *function; /* members of the function */
	const char *want_source;
	bool want_service_level;
	bool want_reconciling;
	const char *want_error; /* NULL: none */
} function_cases[] = {
	{SETTLED BARE, "\"state\":\"ACTIVE\",\"labels\":{\"commit-sha\":\"abcdef0\"}",
	 "label:commit-sha", false, false, NULL},
	{SETTLED BARE,
	 "\"state\":\"ACTIVE\",\"serviceConfig\":{\"revision\":\"s-2\"},\"labels\":{\"commit-sha\":"
	 "\"abcdef0\"}",
	 "label:commit-sha", false, false, NULL},
	/* the lists were made before and after a deployment */
	{SETTLED BARE,
	 "\"state\":\"ACTIVE\",\"serviceConfig\":{\"revision\":\"s-3\"},\"labels\":{\"commit-sha\":"
	 "\"abcdef0\"}",
	 "service-label:commit-sha", true, false, NULL},
	{SETTLED BARE, "\"state\":\"DEPLOYING\",\"labels\":{\"commit-sha\":\"abcdef0\"}",
	 "service-label:commit-sha", true, true, NULL},
	{SETTLED BARE, "\"state\":\"FAILED\",\"labels\":{\"commit-sha\":\"abcdef0\"}",
	 "service-label:commit-sha", true, false, "FAILED"},
	{GENERATION LATEST("s-3") ",\"trafficStatuses\":[" TO("s-2", 100) "]" BARE,
	 "\"state\":\"ACTIVE\",\"labels\":{\"commit-sha\":\"abcdef0\"}", "service-label:commit-sha",
	 true, false, NULL},
};

START_TEST(test_function)
{
	struct world world = {0};
	struct service_obs *service = NULL;
	const struct marker *marker = NULL;
	g_autofree char *function = g_strdup_printf("\"updateTime\":\"1970-01-01T00:00:09Z\",%s",
						    function_cases[_i].function);

	world_open(&world, function_cases[_i].service);
	world_set_function(&world, function);
	world_add_revision(&world, "s-2", "\"uid\":\"x\"");
	service = cloud_observe(&world.facts);
	ck_assert_uint_eq(((struct revision_obs *)service->revisions->pdata[0])->markers->len, 1);
	marker = marker_of(service, 0, 0);
	ck_assert_str_eq(marker->source, function_cases[_i].want_source);
	ck_assert_int_eq(marker->service_level, function_cases[_i].want_service_level);
	ck_assert_int_eq(service->reconciling, function_cases[_i].want_reconciling);
	if (function_cases[_i].want_reconciling)
		ck_assert_int_eq(service->latest_created_wall_ms, 9000);
	ck_assert_int_eq(service->rollout_error != NULL, function_cases[_i].want_error != NULL);
	service_obs_free(service);
	world_close(&world);
}
END_TEST

START_TEST(test_function_of_the_first_generation)
{
	struct world world = {0};
	struct service_obs *service = NULL;
	const struct revision_obs *revision = NULL;

	world_open(&world, SETTLED TEMPLATE);
	world_set_function(&world,
			   "\"environment\":\"GEN_1\",\"state\":\"ACTIVE\",\"updateTime\":"
			   "\"1970-01-01T00:00:09Z\",\"labels\":{\"commit-sha\":\"abcdef0\"},"
			   "\"serviceConfig\":{\"environmentVariables\":{\"MODE\":\"x\"}}");
	service = cloud_observe_first_generation(&world.config, world.facts.function,
						 world.wants->hash);
	revision = service->revisions->pdata[0];
	ck_assert(service->found && service->is_cloud && service->latest_serves_all);
	ck_assert_int_eq(revision->percent, 100);
	ck_assert_int_eq(revision->created_wall_ms, 9000);
	ck_assert_str_eq(marker_of(service, 0, 0)->source, "label:commit-sha");
	ck_assert_str_eq(service->env_names->pdata[0], "MODE");
	service_obs_free(service);
	world_close(&world);
}
END_TEST

START_TEST(test_cache_keeps_final_revisions)
{
	static const struct {
		const char *state;
		bool want_kept;
	} states[] = {{"CONDITION_SUCCEEDED", true},
		      {"CONDITION_FAILED", true},
		      {"CONDITION_RECONCILING", false},
		      {"CONDITION_PENDING", false},
		      {"CONDITION_NEW_WORD", false}};
	struct revision_cache *cache = revision_cache_create();
	struct world world = {0};
	g_autofree char *members = g_strdup_printf(
		"\"conditions\":[{\"type\":\"Ready\",\"state\":\"%s\"}]", states[_i].state);

	world_open(&world, "\"uid\":\"u\"," SETTLED TEMPLATE);
	world_add_revision(&world, "s-2", members);
	revision_cache_add(cache, "url", world.facts.service,
			   g_hash_table_lookup(world.facts.revisions, "s-2"), 1000);
	ck_assert_uint_eq(revision_cache_size(cache), states[_i].want_kept ? 1 : 0);
	ck_assert_int_eq(revision_cache_find(cache, "url", world.facts.service, 2000) != NULL,
			 states[_i].want_kept);
	revision_cache_free(cache);
	world_close(&world);
}
END_TEST

START_TEST(test_cache_forgets)
{
	struct revision_cache *cache = revision_cache_create();
	struct world world = {0};
	struct world later = {0};
	struct run_revision *revision = NULL;

	world_open(&world, "\"uid\":\"u\"," SETTLED TEMPLATE);
	world_open(&later, "\"uid\":\"u\",\"generation\":\"3\"" TEMPLATE);
	world_add_revision(
		&world, "s-2",
		"\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"}]");
	revision = g_hash_table_lookup(world.facts.revisions, "s-2");
	revision_cache_add(cache, "url", world.facts.service, revision, 1000);
	revision_cache_sweep(cache, 1000 + REVISION_CACHE_KEEP_MS);
	ck_assert_uint_eq(revision_cache_size(cache), 1);
	revision_cache_sweep(cache, 1001 + REVISION_CACHE_KEEP_MS);
	ck_assert_uint_eq(revision_cache_size(cache), 0);
	/* the service has changed since: a revision of that name may be another */
	revision_cache_add(cache, "url", world.facts.service, revision, 1000);
	ck_assert_ptr_null(revision_cache_find(cache, "url", later.facts.service, 2000));
	ck_assert_uint_eq(revision_cache_size(cache), 0);
	revision_cache_free(cache);
	revision_cache_free(NULL);
	world_close(&world);
	world_close(&later);
}
END_TEST

Suite *cloud_suite(void)
{
	Suite *suite = suite_create("cloud");
	TCase *tc = tcase_create("cloud");

	tcase_add_loop_test(tc, L06_revisions_needed, 0, G_N_ELEMENTS(need_cases));
	tcase_add_test(tc, L06_serving_revisions_are_judged);
	tcase_add_test(tc, test_template_stands);
	tcase_add_loop_test(tc, L25_rollout, 0, G_N_ELEMENTS(rollout_cases));
	tcase_add_loop_test(tc, L27_settings, 0, G_N_ELEMENTS(setting_cases));
	tcase_add_loop_test(tc, L28_env_checks, 0, G_N_ELEMENTS(env_cases));
	tcase_add_loop_test(tc, test_function, 0, G_N_ELEMENTS(function_cases));
	tcase_add_test(tc, test_function_of_the_first_generation);
	tcase_add_loop_test(tc, test_cache_keeps_final_revisions, 0, 5);
	tcase_add_test(tc, test_cache_forgets);
	suite_add_tcase(suite, tc);
	return suite;
}
