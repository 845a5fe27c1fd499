/* test_lessons_data - LESSONS about data: L12 to L19, L22 and L23, each against the real daemon and the stand-in cloud. */
#include "tests/integration/tables_lab.h"

#include <string.h>

Suite *lessons_data_suite(void);

static struct world *world;
static GString *config;

static void setup(void)
{
	world = world_create();
	config = lab_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_string_free(config, TRUE);
}

/** Wall clock, @p hours ago, as @p format writes it in @p zone. Caller frees. */
static char *time_text(int hours, const char *zone, const char *format)
{
	g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone);
	g_autoptr(GDateTime) now = g_date_time_new_now(there);
	g_autoptr(GDateTime) then = g_date_time_add_hours(now, -hours);

	return g_date_time_format(then, format);
}

/** "MINUTE HOUR * * * UTC": due once a day, @p hours ago. Caller frees. */
static char *due_line(int hours)
{
	return time_text(hours, "UTC", "%-M %-H * * * UTC");
}

/* --- L12 --- */

START_TEST(L12_the_score_reaches_zero)
{
	g_autoptr(struct_answer) bad = NULL, half = NULL, blind = NULL;

	lab_put(world, "acme-prod.sales.a", "now-9d");
	lab_put(world, "acme-prod.sales.b", "now-9d");
	lab_add(config, "a", "table = sales.a\npriority = P0\nerror-after = 1d");
	lab_add(config, "b", "table = sales.b\nerror-after = 1d");
	lab_begin(world, config);
	bad = world_get(world, "/status");
	ck_assert_msg(json_at(bad->json, "score"), "%s", bad->body);
	ck_assert_int_eq(json_int_at(bad->json, "score"), 0);
	ck_assert_int_eq(lab_metric(world, "driftd_score_ratio"), 0);
	lab_put(world, "acme-prod.sales.b", "now-1h");
	world_cycle(world);
	half = world_get(world, "/status");
	ck_assert_int_eq(json_int_at(half->json, "score"), 33); /* 2 of 6 */
	cloud_fault(world, "{\"api\":\"bigquery\",\"kind\":\"backend\"}");
	world_cycle(world);
	blind = world_get(world, "/status");
	ck_assert(json_object_object_get_ex(blind->json, "score", NULL));
	ck_assert_ptr_null(
		json_at(blind->json, "score")); /* no data is not half marks, nor full ones */
	ck_assert_int_eq(json_int_at(blind->json, "evaluated"), 0);
}
END_TEST

/* --- L13 --- */

#define SHAPE "\"schema\":[{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"}]"

/** What is there ("" nothing), and what is said. All ask the same. */
static const struct {
	const char *table, *state, *code;
} questions[] = {
	{"", "drift", "table_missing"},
	{"{\"schema\":[{\"name\":\"loaded\",\"type\":\"TIMESTAMP\"}],\"rows\":[[\"now-1h\"]]}",
	 "unknown", "broken_check"},
	{"{" SHAPE ",\"rows\":[]}", "drift", "empty"},
	{"{" SHAPE ",\"rows\":[[\"now-1h\"]]}", "drift", "too_few_rows"},
	{"{" SHAPE ",\"rows\":[[\"now-9d\"],[\"now-9d\"]]}", "drift", "stale"},
	{"{" SHAPE ",\"rows\":[[\"now-1h\"],[\"now-1h\"]]}", "ok", NULL},
};

START_TEST(L13_existence_shape_rows_and_freshness)
{
	static const char *const codes[] = {"table_missing", "broken_check", "empty",
					    "too_few_rows", "stale"};
	g_autoptr(struct_answer) target = NULL;

	lab_put(world, "acme-prod.sales.other", "now-1h"); /* the dataset is there */
	if (*questions[_i].table)
		cloud_table(world, "acme-prod.sales.t", "%s", questions[_i].table);
	lab_add(config, "t", "table = sales.t\n" BY_COLUMN "min-rows = 2\nerror-after = 1d");
	lab_begin(world, config);
	expect_any_state(world, "table/t", questions[_i].state, questions[_i].code);
	target = world_any_target(world, "table/t");
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		ck_assert_msg(!find_reason(target, codes[i]) ==
				      (g_strcmp0(codes[i], questions[_i].code) != 0),
			      "%s: %s", codes[i], target->body);
}
END_TEST

START_TEST(L13_an_empty_table_that_was_just_written_is_empty)
{
	/* without any promise of rows or age: it exists, it is new, and there is nothing in it */
	cloud_table(world, "acme-prod.sales.t", "{\"numRows\":0,\"lastModifiedTime\":\"now-1m\"}");
	lab_add(config, "t", "table = sales.t");
	lab_begin(world, config);
	expect_any_state(world, "table/t", "drift", "empty");
}
END_TEST

/* --- L14 --- */

/** Set for the run inside of the test: only then its cases are there. */
#define INNER "DRIFTD_TEST_L14"

static void begin_one(void)
{
	lab_put(world, "acme-prod.sales.t", "now-1h");
	lab_add(config, "t", "table = sales.t\n" BY_COLUMN);
	lab_begin(world, config);
}

START_TEST(inner_wrong_state)
{
	begin_one();
	expect_any_state(world, "table/t", "drift", NULL);
}
END_TEST

START_TEST(inner_wrong_reason)
{
	begin_one();
	expect_any_state(world, "table/t", "ok", "not_due");
}
END_TEST

START_TEST(inner_no_such_target)
{
	begin_one();
	expect_any_state(world, "table/nothing", "ok", NULL);
}
END_TEST

START_TEST(inner_no_such_counter)
{
	begin_one();
	ck_assert_int_eq(cloud_bigquery(world, "querys"), 0);
}
END_TEST

START_TEST(inner_not_said)
{
	begin_one();
	lab_expect_said(world, "table/t", "error-after");
}
END_TEST

START_TEST(inner_bad_manners)
{
	g_autofree char *url =
		g_strconcat(world->cloud, "/bigquery/v2/projects/acme-prod/queries", NULL);

	begin_one();
	cloud_put(world, "options", "{\"auth_required\":false}");
	answer_free(http_call("POST", url, NULL, "{\"query\":\"SELECT 1\"}"));
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(inner_dead_daemon)
{
	begin_one();
	world_kill(world);
	expect_any_state(world, "table/t", "ok", NULL);
}
END_TEST

/** What the cases above are, and that they fail. */
#define INNER_COUNT 7

/** The questions of these tests are put once where the answer is no: each must fail, and say what. */
START_TEST(L14_an_assertion_that_does_not_hold_fails)
{
	static const char *const environment[] = {INNER "=1", "CK_RUN_SUITE=lessons-data",
						  "CK_RUN_CASE=inner", NULL};
	const char *const arguments[] = {program_path("integration"), NULL};
	const struct process_setup inner = {.environment = environment};
	struct run run = run_program(arguments, &inner);
	g_autofree char *total = g_strdup_printf("0%%: Checks: %d, Failures: %d, Errors: 0",
						 INNER_COUNT, INNER_COUNT);
	static const char *const says[] = {
		"table/t is not drift",     "table/t has no reason not_due",
		"GET /drift/table/nothing", "the cloud does not count querys",
		"does not say error-after", "legacy: 1",
	};

	ck_assert_msg(run.status == 1 && strstr(run.output, total), "%d %s", run.status,
		      run.output);
	for (size_t i = 0; i < G_N_ELEMENTS(says); i++)
		ck_assert_msg(strstr(run.output, says[i]), "%s: %s", says[i], run.output);
	run_clear(&run);
}
END_TEST

/* --- L15 --- */

START_TEST(L15_a_check_that_cannot_run_is_neither_failed_nor_passed)
{
	g_autoptr(struct_answer) first = NULL, gate = NULL, status = NULL;

	lab_put(world, "acme-prod.sales.t", "now-1h");
	lab_put(world, "acme-prod.sales.u", "now-1h");
	/* nothing is due for hours: it must not take until then to find out */
	lab_add(config, "broken",
		"table = sales.t\nmethod = column\nloaded-at-field = processed_at\n"
		"active-when = SELECT FALSE");
	lab_add(config, "good", "table = sales.u\n" BY_COLUMN);
	lab_begin(world, config);
	first = world_get(world, "/checks/1");
	ck_assert_msg(strstr(first->body, "table/broken") && !strstr(first->body, "table/good"),
		      "%s", first->body);
	expect_any_state(world, "table/broken", "unknown", "broken_check");
	lab_expect_said(world, "table/broken", "no column processed_at");
	expect_any_state(world, "table/good", "ok", NULL);
	gate = world_call(world, "GET", "/gate?target=table/broken", NULL, NULL);
	ck_assert_int_eq(gate->status, 409);
	status = world_get(world, "/status");
	ck_assert_int_eq(json_int_at(status->json, "counts.drift"), 0);
	ck_assert_int_eq(json_int_at(status->json, "counts.unknown"), 1);
	ck_assert_int_eq(json_int_at(status->json, "evaluated"), 1);
}
END_TEST

/* --- L16 --- */

#define FOLDER "%Y-%m-%d_%H%M%S"

/** A folder of @p hours ago; @p rows NULL: metadata that is none. */
static void put_backup(const char *folder, int hours, bool whole, const char *rows)
{
	g_autofree char *created = g_strdup_printf("now-%dh", hours);
	g_autofree char *dump = g_strdup_printf("captions/%s/bank.json.gz", folder);
	g_autofree char *metadata = g_strdup_printf("captions/%s/metadata.json", folder);
	g_autofree char *text = g_strdup_printf(
		"{\"tables\":[{\"table_name\":\"captions\",\"row_count\":%s}]}", rows ? rows : "");

	cloud_object(world, "acme-backups", metadata, created, text);
	if (whole)
		cloud_object(world, "acme-backups", dump, created, "dump");
}

static const struct {
	bool whole;
	const char *rows, *state, *code;
} backups[] = {
	{true, "1010", "ok", NULL},
	{false, "1010", "drift", "backup_incomplete"},
	{true, NULL, "drift", "backup_unreadable"},
	{true, "0", "drift", "backup_shrunk"},
	{true, "400", "drift", "backup_shrunk"},
};

START_TEST(L16_the_latest_backup_is_the_newest_by_its_date)
{
	static const char *const others[] = {"pre_rollback_2030-01-01_000000", "zzz-latest",
					     "2099-13-45_000000", "2030-01-01",
					     "2030-01-01_000000_copy"};
	g_autoptr(struct_answer) target = NULL;
	g_autofree char *newest = time_text(2, "UTC", FOLDER);
	g_autofree char *older = time_text(20, "UTC", FOLDER);

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *name = g_strdup_printf("captions/%s/bank.json.gz", others[i]);

		cloud_object(world, "acme-backups", name, "now-1m", "bad state");
	}
	put_backup(older, 20, true, "1000");
	put_backup(newest, 2, backups[_i].whole, backups[_i].rows);
	g_string_append(config, "[backup \"captions\"]\nbucket = acme-backups\nprefix = captions\n"
				"folder-format = " FOLDER "\nfiles = bank.json.gz\n"
				"metadata = metadata.json\nmax-age = 24h\n");
	lab_begin(world, config);
	expect_any_state(world, "backup/captions", backups[_i].state, backups[_i].code);
	target = world_any_target(world, "backup/captions");
	ck_assert_str_eq(json_text_at(target->json, "backup.newest"), newest);
	ck_assert_str_eq(json_text_at(target->json, "backup.latest_complete"),
			 backups[_i].whole ? newest : older);
	ck_assert_int_eq(json_int_at(target->json, "backup.ignored"), G_N_ELEMENTS(others));
	ck_assert_int_eq(json_int_at(target->json, "backup.folders"), 2);
}
END_TEST

/* --- L17 --- */

START_TEST(L17_documents_make_nothing_stale_and_ask_for_nothing)
{
	g_autofree char *checkout = repo_make(world, "app"), *sha = NULL;
	g_autoptr(struct_answer) gate = NULL, before = NULL, after = NULL;

	sha = repo_publish(checkout, "app/main.py", "one", A_DAY);
	g_string_free(config, TRUE);
	config = world_base_config(world, "");
	config_add_service(config, "app",
			   "source = cloud-run\npaths = app\npaths = !**/*.md\n"
			   "grace = 1s");
	cloud_deploy(world, "app", sha);
	lab_put(world, "acme-prod.sales.t", "now-1h");
	lab_add(config, "t", "table = sales.t\n" BY_COLUMN "error-after = 1d");
	lab_begin(world, config);
	before = world_get(world, "/status");
	cloud_clear_log(world);
	for (int i = 0; i < 5; i++) {
		g_autofree char *text = g_strdup_printf("text %d", i);

		g_free(repo_commit(checkout, i % 2 ? "docs/a.txt" : "app/README.md", text,
				   2 * AN_HOUR - i));
	}
	repo_push(checkout);
	world_cycle(world);
	after = world_get(world, "/status");
	ck_assert_str_ne(json_text_at(before->json, "repos.0.head.sha"),
			 json_text_at(after->json, "repos.0.head.sha"));
	expect_state(world, "app", "ok", NULL);
	expect_relation(world, "app", "in_sync");
	expect_any_state(world, "table/t", "ok", NULL);
	gate = world_call(world, "GET", "/gate?target=service/app&target=table/t&strict=1", NULL,
			  NULL);
	ck_assert_msg(gate->status == 200, "%s", gate->body);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0); /* each commit costs nothing */
}
END_TEST

/* --- L18 --- */

/** What goes wrong with a fresh table, as a rule for jobs or for calls, and how it is named. */
static const struct {
	const char *job, *fault;
	const char *code, *said;
} errors[] = {
	{"{\"query\":\"sales.t\",\"status\":400,\"reason\":\"invalidQuery\",\"message\":"
	 "\"Unrecognized name: loaded_at at [1:40]\"}",
	 NULL, "broken_check", "Unrecognized name: loaded_at"},
	{"{\"query\":\"sales.t\",\"status\":400,\"reason\":\"invalidQuery\",\"message\":\"Cannot "
	 "query over table 'sales.t' without a filter over column(s) 'day' that can be used for "
	 "partition elimination\"}",
	 NULL, "broken_check", "without a filter over column(s) 'day'"},
	{NULL,
	 "{\"api\":\"bigquery.jobs.query\",\"kind\":\"denied\",\"permission\":"
	 "\"bigquery.jobs.create\"}",
	 "permission_denied", "bigquery.jobs.create"},
	{NULL,
	 "{\"api\":\"bigquery.tables.get\",\"kind\":\"denied\",\"permission\":"
	 "\"bigquery.tables.get\"}",
	 "permission_denied", "bigquery.tables.get"},
	{"{\"query\":\"sales.t\",\"status\":403,\"reason\":\"quotaExceeded\",\"message\":\"Quota "
	 "exceeded\"}",
	 NULL, "fetch_failed", "\"class\":\"quota\""},
	{"{\"query\":\"sales.t\",\"dry_run\":false,\"never\":true}", NULL, "fetch_failed",
	 "\"class\":\"timeout\""},
	{NULL, "{\"api\":\"bigquery.jobs.query\",\"kind\":\"backend\"}", "fetch_failed",
	 "\"class\":\"5xx\""},
	{NULL, "{\"api\":\"bigquery\",\"kind\":\"reset\"}", "fetch_failed", "\"class\":\"reset\""},
	{NULL, "{\"api\":\"bigquery.jobs.query\",\"kind\":\"garbage\"}", "fetch_failed",
	 "\"class\":\"bad_answer\""},
	{NULL, "{\"api\":\"bigquery\",\"kind\":\"disabled\"}", "fetch_failed",
	 "\"class\":\"disabled\""},
	{"{\"query\":\"sales.t\",\"status\":400,\"reason\":\"bytesBilledLimitExceeded\","
	 "\"message\":"
	 "\"Query exceeded limit for bytes billed\"}",
	 NULL, "over_budget", "limit for bytes billed"},
};

START_TEST(L18_an_error_is_not_stale_and_its_class_is_told)
{
	config_replace(config, "cycle-timeout = 15s", "cycle-timeout = 4s");
	config_replace(config, "request-timeout = 10s", "request-timeout = 2s");
	lab_put(world, "acme-prod.sales.t", "now-1h");
	lab_put(world, "acme-prod.other.u", "now-1h");
	lab_add(config, "t", "table = sales.t\n" BY_COLUMN "error-after = 1d");
	lab_add(config, "u", "table = other.u\nerror-after = 1d");
	if (errors[_i].job)
		cloud_jobrule(world, errors[_i].job);
	else
		cloud_fault(world, errors[_i].fault);
	lab_begin(world, config);
	expect_any_state(world, "table/t", "unknown", errors[_i].code);
	lab_expect_said(world, "table/t", errors[_i].said);
	{
		g_autoptr(struct_answer) target = world_any_target(world, "table/t");

		ck_assert_ptr_null(find_reason(target, "stale"));
		ck_assert_ptr_null(find_reason(target, "late"));
		ck_assert_ptr_null(find_reason(target, "empty"));
	}
	cloud_clear_jobrules(world);
	cloud_heal(world);
	lab_force(world);
	expect_any_state(world, "table/t", "ok", NULL);
}
END_TEST

/* --- L19 --- */

#define ZONE "America/Los_Angeles"

/** The document of @p days ago, by the calendar of Los Angeles. Caller frees. */
static char *document_of(int days)
{
	return time_text(24 * days, ZONE, "phase3/%Y-%m-%d");
}

#define DONE "{\"status\":\"success\"}"

/** Tables a and b are loaded at; document; what is said. Five are expected, in mode "quick" two. */
static const struct {
	const char *a, *document, *state, *code;
} completions[] = {
	{"now-1h",
	 "{\"a\":" DONE ",\"b\":" DONE ",\"c\":" DONE ",\"d\":" DONE ",\"e\":" DONE
	 ",\"_completed_count\":1}", /* the counter has drifted */
	 "ok", NULL},
	{"now-1h", "{\"a\":" DONE ",\"_completed_count\":5}", "pending", "tracking_gap"},
	{"now-1h", "{\"_mode\":\"quick\",\"a\":" DONE ",\"b\":" DONE "}", "ok", NULL},
	{"now-1h", "{\"_mode\":\"quick\",\"a\":" DONE "}", "pending", "tracking_gap"},
	{"now-1h", "{\"_mode\":\"quick\",\"a\":{\"status\":\"failed\"},\"b\":" DONE "}", "pending",
	 "tracking_gap"},
	{"now-9d", "{\"_mode\":\"quick\",\"a\":" DONE ",\"b\":" DONE "}", "drift",
	 "silent_write_failure"},
	{"now-9d", "{\"_mode\":\"quick\",\"b\":" DONE "}", "drift", "incomplete"},
};

static void add_completion(const char *more)
{
	lab_put(world, "acme-prod.sales.b", "now-1h");
	lab_add(config, "a", "table = sales.a\nerror-after = 1d");
	lab_add(config, "b", "table = sales.b\nerror-after = 1d");
	g_string_append(config,
			"[completion \"phase3\"]\ndocument = phase3/{date}\ndate-zone = " ZONE
			"\ndate-offset = -1d\nmode-field = _mode\ndone = status=success\n"
			"expect = quick: a\nexpect = quick: b\n");
	for (const char *key = "abcde"; *key; key++)
		g_string_append_printf(config, "expect = %c\nevidence = %c table/%c\n", *key, *key,
				       *key == 'a' ? 'a' : 'b');
	g_string_append(config, more);
}

START_TEST(L19_the_document_is_held_against_the_tables)
{
	g_autofree char *document = document_of(1), *later = NULL;
	g_autoptr(struct_answer) target = NULL;

	lab_put(world, "acme-prod.sales.a", completions[_i].a);
	add_completion("");
	cloud_document(world, document, "%s", completions[_i].document);
	lab_begin(world, config);
	later = document_of(1);
	if (!g_str_equal(later, document))
		return; /* it became midnight there */
	lab_expect_said(world, "completion/phase3", document);
	target = world_any_target(world, "completion/phase3");
	/* what begins with _ is no key */
	ck_assert_int_eq(json_int_at(target->json, "completion.unexpected"), 0);
	expect_any_state(world, "completion/phase3", completions[_i].state, completions[_i].code);
}
END_TEST

START_TEST(L19_what_is_not_due_is_not_missing)
{
	g_autofree char *later = due_line(-2), *line = g_strdup_printf("expected = %s\n", later);
	/* due in two hours, so the last one was due 22 hours ago */
	g_autofree char *before = time_text(24 + 22, ZONE, "phase3/%Y-%m-%d");

	/* the one that was due last is there; today's is not, and will be due in two hours */
	lab_put(world, "acme-prod.sales.a", "now-1h");
	add_completion(line);
	cloud_document(world, before, "{\"_mode\":\"quick\",\"a\":" DONE ",\"b\":" DONE "}");
	lab_begin(world, config);
	expect_any_state(world, "completion/phase3", "ok", NULL);
}
END_TEST

/* --- L22 --- */

START_TEST(L22_before_its_time_nothing_is_late)
{
	g_autofree char *soon = due_line(-1), *past = due_line(3);
	g_autofree char *early = g_strdup_printf("table = sales.t\nexpected = %s", soon);
	g_autofree char *late = g_strdup_printf("table = sales.t\nexpected = %s", past);
	g_autofree char *patient =
		g_strdup_printf("table = sales.t\nexpected = %s\ngrace = 6h", past);

	lab_put(world, "acme-prod.sales.t", "now-1625m"); /* 27 h ago: in time for yesterday's */
	lab_add(config, "early", early);
	lab_add(config, "late", late);
	lab_add(config, "patient", patient);
	lab_begin(world, config);
	expect_any_state(world, "table/early", "ok", NULL);
	expect_any_state(world, "table/late", "drift", "late");
	expect_any_state(world, "table/patient", "pending", "late");
}
END_TEST

START_TEST(L22_off_season_it_stays_silent)
{
	g_autoptr(struct_answer) history = NULL;

	lab_put(world, "acme-prod.sport.games", "now-90d");
	lab_put(world, "acme-prod.sport.stats", "now-90d");
	lab_add(config, "stats",
		"table = sport.stats\nerror-after = 1d\nactive-when = SELECT COUNT(*) > 0 FROM "
		"sport.games WHERE loaded_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 2 DAY)");
	lab_begin(world, config);
	for (int i = 0; i < 5; i++) {
		expect_any_state(world, "table/stats", "ok", "not_due");
		lab_force(world);
	}
	history = world_get(world, "/history/table/stats");
	ck_assert_uint_eq(json_object_array_length(json_at(history->json, "transitions")), 1);
	lab_put(world, "acme-prod.sport.games", "now-1h");
	lab_force(world);
	expect_any_state(world, "table/stats", "drift", "stale");
}
END_TEST

/* --- L23 --- */

/** Six o'clock in New York is 11:00 UTC in winter and 10:00 UTC in summer. Loaded the day before at six. */
static const struct {
	const char *now, *loaded, *new_york, *utc;
} seasons[] = {
	{"2026-01-14T10:30:00Z", "2026-01-13T11:00:00Z", "ok", "ok"},
	{"2026-01-14T11:30:00Z", "2026-01-13T11:00:00Z", "drift", "drift"},
	{"2026-07-15T10:30:00Z", "2026-07-14T10:00:00Z", "drift", "ok"},
	{"2026-07-15T11:30:00Z", "2026-07-14T10:00:00Z", "drift", "drift"},
	/* the days after the clocks were changed */
	{"2026-03-08T10:30:00Z", "2026-03-07T11:00:00Z", "drift", "ok"},
	{"2026-11-01T10:30:00Z", "2026-10-31T10:00:00Z", "ok", "ok"},
	{"2026-11-01T11:30:00Z", "2026-10-31T10:00:00Z", "drift", "drift"},
};

START_TEST(L23_six_in_the_morning_is_six_in_summer_too)
{
	if (!lab_take_clock(world, config))
		return;
	lab_set_time(world, seasons[_i].now);
	cloud_table(world, "acme-prod.sales.t", "{\"numRows\":9,\"lastModifiedTime\":\"%s\"}",
		    seasons[_i].loaded);
	lab_add(config, "zoned", "table = sales.t\nexpected = 0 6 * * * America/New_York");
	lab_add(config, "utc", "table = sales.t\nexpected = 0 11 * * * UTC");
	lab_begin(world, config);
	expect_any_state(world, "table/zoned", seasons[_i].new_york, NULL);
	expect_any_state(world, "table/utc", seasons[_i].utc, NULL);
}
END_TEST

static void add_inner(Suite *suite)
{
	TCase *inner = tcase_create("inner");

	tcase_add_checked_fixture(inner, setup, teardown);
	tcase_add_test(inner, inner_wrong_state);
	tcase_add_test(inner, inner_wrong_reason);
	tcase_add_test(inner, inner_no_such_target);
	tcase_add_test(inner, inner_no_such_counter);
	tcase_add_test(inner, inner_not_said);
	tcase_add_test(inner, inner_bad_manners);
	tcase_add_test(inner, inner_dead_daemon);
	suite_add_tcase(suite, inner);
}

Suite *lessons_data_suite(void)
{
	Suite *suite = suite_create("lessons-data");
	TCase *tcase = tcase_create("data");

	if (g_getenv(INNER)) {
		add_inner(suite);
		return suite;
	}
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, L12_the_score_reaches_zero);
	tcase_add_loop_test(tcase, L13_existence_shape_rows_and_freshness, 0,
			    G_N_ELEMENTS(questions));
	tcase_add_test(tcase, L13_an_empty_table_that_was_just_written_is_empty);
	tcase_add_test(tcase, L14_an_assertion_that_does_not_hold_fails);
	tcase_add_test(tcase, L15_a_check_that_cannot_run_is_neither_failed_nor_passed);
	tcase_add_loop_test(tcase, L16_the_latest_backup_is_the_newest_by_its_date, 0,
			    G_N_ELEMENTS(backups));
	tcase_add_test(tcase, L17_documents_make_nothing_stale_and_ask_for_nothing);
	tcase_add_loop_test(tcase, L18_an_error_is_not_stale_and_its_class_is_told, 0,
			    G_N_ELEMENTS(errors));
	tcase_add_loop_test(tcase, L19_the_document_is_held_against_the_tables, 0,
			    G_N_ELEMENTS(completions));
	tcase_add_test(tcase, L19_what_is_not_due_is_not_missing);
	tcase_add_test(tcase, L22_before_its_time_nothing_is_late);
	tcase_add_test(tcase, L22_off_season_it_stays_silent);
	tcase_add_loop_test(tcase, L23_six_in_the_morning_is_six_in_summer_too, 0,
			    G_N_ELEMENTS(seasons));
	suite_add_tcase(suite, tcase);
	return suite;
}
