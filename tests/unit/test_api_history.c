#include <check.h>
#include <string.h>
#include <unistd.h>

#include "api_fixture.h"
#include "clk.h"

Suite *api_history_suite(void);

#define TRANSITIONS 7
#define DEPLOYMENTS 3
#define SAMPLES 12

static char *directory;
static struct app *app;
static struct auth_rules *rules;

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static void add_transition(struct store_batch *batch, const char *target, int number)
{
	struct store_transition *transition = store_transition_create();

	transition->target = g_strdup(target);
	transition->at_wall_ms = FIXTURE_NOW_WALL_MS + number * MS_PER_MINUTE;
	transition->from = number == 0 ? NULL : g_strdup(number % 2 ? "ok" : "drift");
	transition->to = g_strdup(number % 2 ? "drift" : "ok");
	transition->relation = g_strdup("behind");
	transition->reasons = g_strdup(number % 2 ? "[\"behind\"]" : "[]");
	g_ptr_array_add(batch->transitions, transition);
}

static void add_deployment(struct store_batch *batch, const char *target, int number)
{
	struct store_deployment *deployment = store_deployment_create();

	deployment->target = g_strdup(target);
	deployment->at_wall_ms = FIXTURE_NOW_WALL_MS + number * MS_PER_MINUTE;
	deployment->sha = g_strdup_printf("%040d", number);
	deployment->revision = g_strdup_printf("web-%05d", number);
	deployment->percent = 100;
	g_ptr_array_add(batch->deployments, deployment);
}

/* Even ones were loaded two hours before; odd ones hold nothing, and how much of it is not
 * known. */
static void add_sample(struct store_batch *batch, const char *target, int number)
{
	struct store_sample *sample = store_sample_create();

	sample->target = g_strdup(target);
	sample->at_wall_ms = FIXTURE_NOW_WALL_MS + number * MS_PER_MINUTE;
	sample->loaded_wall_ms = number % 2 ? 0 : sample->at_wall_ms - 2 * MS_PER_HOUR;
	sample->rows = number % 2 ? -1 : number;
	sample->bytes_billed = number * INT64_C(10485760);
	g_ptr_array_add(batch->samples, sample);
}

/* Another table, which was loaded only. */
static void commit_samples(struct store *store)
{
	struct store_batch *batch = store_batch_create();
	g_autoptr(GError) error = NULL;

	batch->cycle.trigger = g_strdup("schedule");
	batch->cycle.summary = g_strdup("{}");
	for (int i = 0; i < SAMPLES; i++)
		add_sample(batch, "table/scores", i);
	((struct store_sample *)batch->samples->pdata[0])->loaded_wall_ms = INT64_MAX / 2;
	ck_assert_msg(store_commit_batch(store, batch, &error), "%s", error ? error->message : "");
	store_batch_free(batch);
}

static void commit_one(struct store *store, const char *target)
{
	struct store_batch *batch = store_batch_create();
	g_autoptr(GError) error = NULL;

	batch->cycle.id = store_next_cycle_id(store);
	batch->cycle.trigger = g_strdup("schedule");
	batch->cycle.started_wall_ms = FIXTURE_NOW_WALL_MS;
	batch->cycle.duration_ms = 5;
	batch->cycle.summary =
		g_strdup("{\"check\":{\"id\":1},\"overall\":\"drift\",\"score\":50,\"evaluated\":2,"
			 "\"targets_total\":2,\"counts\":{\"ok\":1,\"drift\":1},\"not_ok\":["
			 "\"service/web\"]}");
	for (int i = 0; i < TRANSITIONS; i++)
		add_transition(batch, target, i);
	for (int i = 0; i < DEPLOYMENTS; i++)
		add_deployment(batch, target, i);
	ck_assert_msg(store_commit_batch(store, batch, &error), "%s", error ? error->message : "");
	store_batch_free(batch);
}

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);
	g_autofree char *path = NULL;
	struct store *store = NULL;
	g_autoptr(GError) error = NULL;

	directory = g_dir_make_tmp("driftd-test-XXXXXX", NULL);
	path = g_build_filename(directory, "driftd.db", NULL);
	store = store_open(path, &error);
	ck_assert_msg(store, "%s", error ? error->message : "");
	commit_one(store, "service/web");
	commit_one(store, "service/removed"); /* configured no longer */
	commit_samples(store);
	store_close(store);
	app = app_create(path, wake, NULL);
	app_publish(app, snapshot_create(fixture_world()));
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void teardown(void)
{
	const char *name = NULL;
	GDir *listing = NULL;

	auth_rules_unref(rules);
	app_free(app);
	listing = g_dir_open(directory, 0, NULL);
	while ((name = g_dir_read_name(listing))) {
		g_autofree char *file = g_build_filename(directory, name, NULL);

		ck_assert_int_eq(unlink(file), 0);
	}
	g_dir_close(listing);
	ck_assert_int_eq(rmdir(directory), 0);
	g_free(directory);
}

static struct response get(const char *target)
{
	struct fixture_request request = {.app = app, .rules = rules, .target = target};

	return fixture_answer(&request);
}

START_TEST(test_newest_first)
{
	struct response response = get("/history/service/web");
	json_object *history = fixture_json(&response);
	json_object *transitions = json_member_array(history, "transitions");
	json_object *deployments = json_member_array(history, "deployments");
	json_object *newest = json_object_array_get_idx(transitions, 0);
	json_object *oldest = json_object_array_get_idx(transitions, TRANSITIONS - 1);

	ck_assert_int_eq(response.status, 200);
	ck_assert_uint_eq(json_object_array_length(transitions), TRANSITIONS);
	ck_assert_uint_eq(json_object_array_length(deployments), DEPLOYMENTS);
	ck_assert_uint_eq(json_object_array_length(json_member_array(history, "samples")), 0);
	ck_assert_str_eq(json_member_text(newest, "at", ""), "2026-11-20T11:06:03Z");
	ck_assert_str_eq(json_member_text(newest, "from", ""), "drift");
	ck_assert_str_eq(json_member_text(newest, "to", ""), "ok");
	ck_assert_ptr_null(json_member_text(oldest, "from", NULL));
	ck_assert_str_eq(
		json_member_text(json_object_array_get_idx(deployments, 0), "revision", ""),
		"web-00002");
	ck_assert_int_eq(json_member_int(json_object_array_get_idx(deployments, 0), "percent", 0),
			 100);
	ck_assert_ptr_null(json_member_text(history, "next_cursor", NULL));
	json_object_put(history);
	response_done(&response);
}
END_TEST

/* Every row once, whatever the size of a page. */
START_TEST(test_pages)
{
	g_autofree char *cursor = NULL;
	size_t transitions = 0, deployments = 0;

	do {
		g_autofree char *target =
			g_strdup_printf("/history/service/web?limit=%d%s%s", _i,
					cursor ? "&cursor=" : "", cursor ? cursor : "");
		struct response response = get(target);
		json_object *page = fixture_json(&response);

		ck_assert_int_eq(response.status, 200);
		ck_assert_uint_le(json_object_array_length(json_member_array(page, "transitions")),
				  (size_t)_i);
		transitions += json_object_array_length(json_member_array(page, "transitions"));
		deployments += json_object_array_length(json_member_array(page, "deployments"));
		g_free(cursor);
		cursor = g_strdup(json_member_text(page, "next_cursor", NULL));
		json_object_put(page);
		response_done(&response);
	} while (cursor && transitions <= TRANSITIONS && deployments <= DEPLOYMENTS);
	ck_assert_uint_eq(transitions, TRANSITIONS);
	ck_assert_uint_eq(deployments, DEPLOYMENTS);
}
END_TEST

START_TEST(test_samples)
{
	struct response response = get("/history/table/scores");
	json_object *history = fixture_json(&response);
	json_object *samples = json_member_array(history, "samples");
	static const struct {
		size_t index;
		const char *want;
	} rows[] = {
		{0, "{\"at\":\"2026-11-20T11:11:03Z\",\"age_s\":null,\"rows\":null,"
		    "\"bytes_billed\":115343360}"},
		{1, "{\"at\":\"2026-11-20T11:10:03Z\",\"age_s\":7200,\"rows\":10,"
		    "\"bytes_billed\":104857600}"},
		/* loaded, it says, ages after it was looked at */
		{SAMPLES - 1, "{\"at\":\"2026-11-20T11:00:03Z\",\"age_s\":0,\"rows\":0,"
			      "\"bytes_billed\":0}"},
	};

	ck_assert_uint_eq(json_object_array_length(samples), SAMPLES);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text =
			json_to_text(json_object_array_get_idx(samples, rows[i].index), NULL);

		ck_assert_str_eq(text, rows[i].want);
	}
	ck_assert_uint_eq(json_object_array_length(json_member_array(history, "deployments")), 0);
	ck_assert_ptr_null(json_member_text(history, "next_cursor", NULL));
	json_object_put(history);
	response_done(&response);
}
END_TEST

/* Services have none, and the text is as it was. */
START_TEST(test_text_of_a_service)
{
	struct response response = get("/history/service/web?format=text");

	ck_assert_ptr_null(strstr(response.bytes, "SAMPLES"));
	response_done(&response);
}
END_TEST

/* Every sample once, newest first, whatever the size of a page. */
START_TEST(test_pages_of_samples)
{
	g_autofree char *cursor = NULL;
	g_autoptr(GPtrArray) times = g_ptr_array_new_with_free_func(g_free);

	do {
		g_autofree char *target =
			g_strdup_printf("/history/table/scores?limit=%d%s%s", _i,
					cursor ? "&cursor=" : "", cursor ? cursor : "");
		struct response response = get(target);
		json_object *page = fixture_json(&response);
		json_object *samples = json_member_array(page, "samples");

		ck_assert_uint_le(json_object_array_length(samples), (size_t)_i);
		for (size_t i = 0; i < json_object_array_length(samples); i++)
			g_ptr_array_add(times,
					g_strdup(json_member_text(
						json_object_array_get_idx(samples, i), "at", "")));
		g_free(cursor);
		cursor = g_strdup(json_member_text(page, "next_cursor", NULL));
		json_object_put(page);
		response_done(&response);
	} while (cursor && times->len <= SAMPLES);
	ck_assert_uint_eq(times->len, SAMPLES);
	for (guint i = 1; i < times->len; i++)
		ck_assert_int_lt(strcmp(times->pdata[i], times->pdata[i - 1]), 0);
}
END_TEST

static const struct {
	const char *target;
	int status;
	const char *expect;
} cases[] = {
	{"/history/service/web?format=text", 200, "DEPLOYMENTS\n2026-11-20T11:02:03Z  100%"},
	{"/history/service/web?format=text&limit=1", 200, "more: the same with cursor="},
	{"/history/table/scores?format=text", 200,
	 "\nSAMPLES\nAT                    AGE                 ROWS    BYTES BILLED\n"
	 "2026-11-20T11:11:03Z  -                      -       115343360\n"
	 "2026-11-20T11:10:03Z  2 h                   10       104857600\n"},
	{"/history/table/scores?format=text&limit=3", 200, "more: the same with cursor="},
	{"/history/service/removed", 200, "\"deployments\":[{"},
	{"/history/service/worker", 200, "\"transitions\":[]"}, /* configured, nothing yet */
	{"/history/service/nobody", 404, "/problems/not-found"},
	{"/history/table/web", 404, "/problems/not-found"},
	{"/checks/1", 200, "\"overall\":\"drift\""},
	{"/checks/1?format=text", 200, "evaluated 2 of 2"},
	{"/checks/4", 404, "/problems/not-found"},
};

START_TEST(test_answer)
{
	struct response response = get(cases[_i].target);

	ck_assert_msg(response.status == cases[_i].status, "%s: %d: %s", cases[_i].target,
		      response.status, response.bytes);
	ck_assert_msg(strstr(response.bytes, cases[_i].expect), "%s: %s", cases[_i].target,
		      response.bytes);
	response_done(&response);
}
END_TEST

/* A reader is given back whatever the answer was. */
START_TEST(test_readers_are_given_back)
{
	for (int i = 0; i < 5; i++) {
		struct response unknown = get("/history/service/nobody");
		struct response broken = get("/history/service/web?cursor=x");
		struct response missing = get("/checks/77");
		struct response good = get("/history/service/web");

		ck_assert_int_eq(unknown.status, 404);
		ck_assert_int_eq(broken.status, 400);
		ck_assert_int_eq(missing.status, 404);
		ck_assert_int_eq(good.status, 200);
		response_done(&unknown);
		response_done(&broken);
		response_done(&missing);
		response_done(&good);
	}
}
END_TEST

Suite *api_history_suite(void)
{
	Suite *suite = suite_create("api_history");
	TCase *tcase = tcase_create("api_history");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_newest_first);
	tcase_add_loop_test(tcase, test_pages, 1, TRANSITIONS + 2);
	tcase_add_test(tcase, test_samples);
	tcase_add_test(tcase, test_text_of_a_service);
	tcase_add_loop_test(tcase, test_pages_of_samples, 1, SAMPLES + 2);
	tcase_add_loop_test(tcase, test_answer, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, test_readers_are_given_back);
	suite_add_tcase(suite, tcase);
	return suite;
}
