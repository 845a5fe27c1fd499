/* test_data - every fault at every API that data is read by: the verdict is unknown with the right reason, never ok and never drift,
 * nobody else is touched, and the next cycle after the fault is right again. Several rows suffer at the same time, each in a lane of
 * its own. */
#include "tests/faults/data_lanes.h"
#include "tests/faults/data_usage.h"

#include "clk.h"

#include <stdarg.h>
#include <string.h>

Suite *data_faults_suite(void);

/** Rows at a time. */
#define LANES 5

enum means {
	MEANS_FAULT = 0, /* a rule of faults.h */
	MEANS_JOB,       /* a rule of bq_job.h */
};

/** A fault, where it makes sense, and which reasons fit ("code:class|code:class"). */
struct row {
	const char *rule; /* members */
	unsigned where;
	const char *reasons;
	enum means means;
	const char *
		permission; /* that the message names when it is denied; NULL: that of the source */
};

/** The rest of a row. */
#define FAULT MEANS_FAULT, NULL
#define JOB MEANS_JOB, NULL

#define STATUS(status) "\"kind\":\"status\",\"status\":" #status
/** 200 and a body of @p type. */
#define SAYS(type, body) STATUS(200) ",\"content_type\":\"" type "\",\"body\":\"" body "\""
#define SAYS_JSON(body) SAYS("application/json", body)
/** BigQuery's and Storage's own 404. */
#define NOT_FOUND(what)                                                                            \
	"\"kind\":\"reason\",\"status\":404,\"reason\":\"notFound\",\"body\":\"" what "\""
#define NO_DATABASE                                                                                \
	"[{\\\"error\\\":{\\\"code\\\":404,\\\"status\\\":\\\"NOT_FOUND\\\",\\\"message\\\":"      \
	"\\\"The database (default) does not exist for project p\\\"}}]"
#define ELSEWHERE ",\"headers\":{\"Location\":\"http://localhost:1/\"}"
#define ENDS(reason, status) "\"reason\":\"" reason "\",\"status\":" #status

#define FORBIDDEN "permission_denied:"
#define BAD "fetch_failed:bad_answer"
#define GOOGLE "fetch_failed:5xx"
#define QUOTA "fetch_failed:quota"
#define RESET "fetch_failed:reset"
#define TIMEOUT "fetch_failed:timeout"
#define BROKEN "broken_check:"

/** Each page has another token, and some say the same again: that ends somehow. */
#define ENDLESS BAD "|" TIMEOUT "|fetch_failed:too_large"
/** A column's query has as many rows as tables, and nobody asks for more. */
#define PAGED (BIT(SOURCE_LIST) | BIT(SOURCE_ASSERT) | BIT(SOURCE_INVENTORY))
/** A bucket without objects says {}: that there is no backup is no fault. */
#define NO_LIST (ALL & ~BIT(SOURCE_LIST))

static const struct row rows[] = {
	{STATUS(401), ALL, FORBIDDEN, FAULT},
	{"\"kind\":\"denied\"", APIS, FORBIDDEN, FAULT},
	{STATUS(403), ALL, FORBIDDEN, FAULT},
	{STATUS(404), ALL, "fetch_failed:4xx|" FORBIDDEN, FAULT},
	{STATUS(400), ALL, "fetch_failed:4xx|" FORBIDDEN, FAULT},

	{STATUS(429), ALL, QUOTA, FAULT},
	{"\"kind\":\"quota\"", APIS, QUOTA, FAULT},
	{"\"kind\":\"rate\"", APIS, QUOTA, FAULT},
	{"\"kind\":\"disabled\"", APIS, "fetch_failed:disabled", FAULT},
	{STATUS(500), ALL, GOOGLE, FAULT},

	{STATUS(502), ALL, GOOGLE, FAULT},
	{"\"kind\":\"html503\"", ALL, GOOGLE, FAULT},
	{"\"kind\":\"backend\"", APIS, GOOGLE, FAULT},
	{"\"kind\":\"hang\"", ALL, TIMEOUT, FAULT},
	{"\"kind\":\"drip\",\"latency_ms\":300", ALL, TIMEOUT, FAULT},

	{"\"kind\":\"reset\"", ALL, RESET, FAULT},
	{"\"kind\":\"truncate\"", ALL, RESET, FAULT},
	{"\"kind\":\"truncate\",\"bytes\":1", ALL, RESET, FAULT},
	{"\"kind\":\"garbage\"", ALL, BAD, FAULT},
	{"\"kind\":\"not_http\"", ALL, BAD "|" RESET, FAULT},

	{SAYS("text/html", "<html>log in</html>"), ALL, BAD, FAULT},
	{SAYS_JSON("{\\\"jobComplete\\\":true,\\\"schema\\\":{\\\"fields\\\":[{\\\"name\\\""), ALL,
	 BAD, FAULT},
	{SAYS_JSON("[]"), NO_LIST, BAD, FAULT},
	{SAYS_JSON("{}"), NO_LIST, BAD, FAULT},
	{SAYS_JSON("null"), ALL, BAD, FAULT},

	{"\"kind\":\"empty\"", ALL, BAD, FAULT},
	{"\"kind\":\"wrong_types\"", ALL, BAD, FAULT},
	{"\"kind\":\"wrong_types\",\"depth\":2", APIS, BAD, FAULT},
	{"\"kind\":\"huge\",\"bytes\":67108864", ALL, "fetch_failed:too_large", FAULT},
	{STATUS(302) ELSEWHERE, ALL, "fetch_failed:redirect", FAULT},

	{"\"kind\":\"endless_pages\"", PAGED, ENDLESS, FAULT},
	{NOT_FOUND("Not found: Project p-x"), BIGQUERY, "fetch_failed:4xx|fetch_failed:not_found",
	 FAULT},
	{NOT_FOUND("Not found: Dataset p-x:shop"), BIGQUERY, BROKEN "|fetch_failed:not_found",
	 FAULT},
	{NOT_FOUND("The specified bucket does not exist."), STORAGE, "fetch_failed:not_found",
	 FAULT},
	{STATUS(404) ",\"body\":\"" NO_DATABASE "\"", BIT(SOURCE_COMPLETION),
	 "fetch_failed:not_found|fetch_failed:disabled", FAULT},

	{"\"never\":true", QUERIES, TIMEOUT, JOB},
	{ENDS("quotaExceeded", 403), QUERIES, QUOTA, JOB},
	{ENDS("rateLimitExceeded", 403), QUERIES, QUOTA, JOB},
	{ENDS("backendError", 503), QUERIES, GOOGLE, JOB},
	{ENDS("internalError", 500), QUERIES, GOOGLE, JOB},

	{ENDS("accessDenied", 403), QUERIES, FORBIDDEN, JOB},
	{ENDS("invalidQuery", 400), QUERIES, BROKEN, JOB},
	{ENDS("resourcesExceeded", 400), QUERIES, BROKEN, JOB},
	{ENDS("stopped", 400), QUERIES, "fetch_failed:cancelled", JOB},
	{ENDS("billingNotEnabled", 403), QUERIES, "fetch_failed:disabled", JOB},
};

static struct lanes lanes;
static struct usage calm; /* after the first faults */

/* --- what is wrong, told all at once --- */

/** Check refuses messages that are long. */
#define TOLD_MAX_BYTES 3000

static GString *wrong;

static void PRINTF_LIKE(4, 5) complain(const struct row *row, enum source source,
				       const struct answer *target, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list list;

	va_start(list, format);
	what = g_strdup_vprintf(format, list);
	va_end(list);
	g_string_append_printf(wrong, "\n{%s} at %s: %s: %s %s", row->rule,
			       lanes_source_name(source), what, json_text_at(target->json, "state"),
			       json_object_to_json_string(json_at(target->json, "reasons")));
}

static void begin_complaints(void)
{
	wrong = g_string_new(NULL);
}

static void expect_no_complaints(void)
{
	ck_assert_msg(wrong->len == 0, "%.*s", TOLD_MAX_BYTES, wrong->str);
	g_string_free(g_steal_pointer(&wrong), TRUE);
}

/* --- what is expected --- */

/** A reason of the target that is one of @p reasons; NULL: it has none. Borrowed. */
static json_object *find_one_of(const struct answer *target, const char *reasons)
{
	g_auto(GStrv) all = g_strsplit(reasons, "|", -1);

	for (size_t i = 0; all[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(all[i], ":", 2);
		json_object *reason = find_reason(target, pair[0]);

		if (reason && (!*pair[1] || g_str_equal(json_text_at(reason, "class"), pair[1])))
			return reason;
	}
	return NULL;
}

/** A person must see what was looked at, and which permission is missing. */
static void expect_message(const struct row *row, enum source source, int lane,
			   const struct answer *target, const char *message)
{
	const char *permission = row->permission ? row->permission : lanes_permission(source);
	g_autofree char *subject = lanes_subject(source, lane);

	if (!strstr(message, subject))
		complain(row, source, target, "%s is not named", subject);
	if (strstr(row->rule, "\"denied\"") && !strstr(message, permission))
		complain(row, source, target, "%s is not named", permission);
}

static void expect_unknown(const struct row *row, enum source source, int lane, const char *id,
			   bool seen_before)
{
	g_autoptr(struct_answer) target = world_any_target(lanes.world, id);
	json_object *reason = find_one_of(target, row->reasons);
	const char *before = json_text_at(target->json, "last_known.state");

	if (!g_str_equal(json_text_at(target->json, "state"), "unknown"))
		complain(row, source, target, "not unknown");
	else if (!reason)
		complain(row, source, target, "wrong reason");
	else
		expect_message(row, source, lane, target, json_text_at(reason, "message"));
	if (seen_before && !g_str_equal(before, "ok"))
		complain(row, source, target, "no last_known");
}

/** Of one source in one lane, which @p row hits, or not. */
static void expect_source(const struct row *row, enum source source, int lane, bool seen_before)
{
	for (int i = 0; i < LANE_TARGETS_MAX; i++) {
		g_autofree char *id = lanes_target(source, lane, i);

		if (!id || !(lanes.sources & BIT(source)))
			continue;
		if (row->where & BIT(source))
			expect_unknown(row, source, lane, id, seen_before);
		else
			expect_any_state(lanes.world, id, "ok", NULL);
	}
}

/* --- the matrix --- */

static void inflict(const struct row *row, int lane)
{
	for (enum source source = 0; source < SOURCE_COUNT; source++) {
		if (!(row->where & lanes.sources & BIT(source)))
			continue;
		if (row->means == MEANS_JOB)
			lanes_jobrule(&lanes, source, lane, "", row->rule);
		else
			lanes_fault(&lanes, source, lane, row->rule);
	}
}

static void inflict_everywhere(const char *rule)
{
	const struct row row = {.rule = rule, .where = ALL};

	for (int lane = 0; lane < lanes.count; lane++)
		inflict(&row, lane);
}

static void start(int count, unsigned sources)
{
	lanes_create(&lanes, count, sources);
	world_start(lanes.world);
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "at the start");
}

/** The largest answers, and all calls at once: what is kept for good, connections above all, is there after that. */
static void setup(void)
{
	start(LANES, APIS);
	lanes_renew(&lanes);
	inflict_everywhere("\"kind\":\"huge\",\"bytes\":67108864");
	lanes_cycle(&lanes);
	lanes_heal(&lanes);
	inflict_everywhere("\"kind\":\"latency\",\"latency_ms\":500");
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "after the first fault");
	calm = usage_of(lanes.world->driftd.pid);
}

static void teardown(void)
{
	lanes_free(&lanes);
}

/** What one test leaves must not touch the next. */
static void setup_each(void)
{
	lanes_heal(&lanes);
	lanes_renew(&lanes);
}

static void expect_recovery(void)
{
	lanes_heal(&lanes);
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "after the fault");
}

START_TEST(a_fault_makes_unknown_what_it_touches_and_nothing_else)
{
	const struct row *first = &rows[_i * LANES];
	int count = MIN(LANES, (int)G_N_ELEMENTS(rows) - _i * LANES); /* few */

	for (int lane = 0; lane < count; lane++)
		inflict(&first[lane], lane);
	lanes_cycle(&lanes);
	lanes_expect_bystanders(&lanes, first->rule);
	begin_complaints();
	for (int lane = 0; lane < count; lane++) {
		for (enum source source = 0; source < SOURCE_COUNT; source++)
			expect_source(&first[lane], source, lane, true);
	}
	expect_no_complaints();
	expect_recovery();
}
END_TEST

/* --- single faults --- */

START_TEST(what_heals_soon_is_right_in_the_same_cycle)
{
	static const char *const rules[LANES] = {
		"\"kind\":\"rate\",\"count\":1,\"headers\":{\"Retry-After\":\"0\"}",
		STATUS(503) ",\"count\":1,\"headers\":{\"Retry-After\":\"0\"}",
		STATUS(429) ",\"count\":1,\"headers\":{\"Retry-After\":\"0\"}",
		STATUS(401) ",\"count\":1",
		"\"kind\":\"latency\",\"latency_ms\":300",
	};

	for (int lane = 0; lane < LANES; lane++) {
		const struct row row = {.rule = rules[lane], .where = APIS};

		inflict(&row, lane);
	}
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "once, and again");
	ck_assert_int_ge(lanes_hits(&lanes), 1);
}
END_TEST

START_TEST(what_will_not_change_is_asked_once)
{
	g_autoptr(struct_answer) rules = NULL;

	inflict_everywhere("\"kind\":\"denied\"");
	lanes_cycle(&lanes);
	rules = cloud_control(lanes.world, "GET", "faults", NULL);
	for (size_t i = 0; i < json_object_array_length(rules->json); i++) {
		json_object *rule = json_object_array_get_idx(rules->json, i);

		ck_assert_msg(json_int_at(rule, "hits") == 1, "%s",
			      json_object_to_json_string(rule));
	}
}
END_TEST

START_TEST(a_hanging_api_is_not_stormed)
{
	g_autoptr(struct_answer) log = NULL;

	inflict_everywhere("\"kind\":\"hang\"");
	cloud_clear_log(lanes.world);
	lanes_cycle(&lanes);
	log = cloud_control(lanes.world, "GET", "log", NULL);
	json_object_object_foreach(json_at(log->json, "paths"), path, count)
	{
		ck_assert_msg(strstr(path, "_control") || json_object_get_int(count) <= 4,
			      "%s was asked %d times", path, json_object_get_int(count));
	}
}
END_TEST

static bool nothing_runs(void *data)
{
	(void)data;
	return cloud_bigquery(lanes.world, "running") == 0;
}

START_TEST(a_job_that_never_ends_is_cancelled)
{
	cloud_clear_log(lanes.world);
	for (int lane = 0; lane < LANES; lane++) {
		for (enum source source = 0; source < SOURCE_COUNT; source++) {
			if (QUERIES & BIT(source))
				lanes_jobrule(&lanes, source, lane, "", "\"never\":true");
		}
	}
	lanes_cycle(&lanes);
	expect_any_state(lanes.world, "assert/assert-00", "unknown", "fetch_failed");
	/* the answer does not wait for that */
	ck_assert(wait_until(nothing_runs, NULL, SOON_MS));
	ck_assert_int_eq(cloud_bigquery(lanes.world, "cancels"), LANES * 5);
	expect_recovery();
}
END_TEST

/** The job is there, but what became of it cannot be heard. */
START_TEST(a_job_that_cannot_be_followed_is_unknown)
{
	static const struct row polls[LANES] = {
		{STATUS(403), QUERIES, FORBIDDEN, FAULT},
		{"\"kind\":\"reset\"", QUERIES, RESET, FAULT},
		{"\"kind\":\"garbage\"", QUERIES, BAD, FAULT},
		{"\"kind\":\"hang\"", QUERIES, TIMEOUT, FAULT},
		{STATUS(404), QUERIES, "fetch_failed:4xx", FAULT},
	};

	for (int lane = 0; lane < LANES; lane++) {
		for (enum source source = 0; source < SOURCE_COUNT; source++) {
			if (!(QUERIES & BIT(source)))
				continue;
			lanes_jobrule(&lanes, source, lane, "", "\"polls\":2");
			lanes_fault_of(&lanes, source, lane, "bigquery.jobs.getQueryResults",
				       polls[lane].rule);
		}
	}
	lanes_cycle(&lanes);
	ck_assert_int_ge(lanes_hits(&lanes), 1);
	lanes_expect_bystanders(&lanes, "a job");
	begin_complaints();
	for (int lane = 0; lane < LANES; lane++) {
		for (enum source source = 0; source < SOURCE_COUNT; source++) {
			if (QUERIES & BIT(source))
				expect_source(&polls[lane], source, lane, true);
		}
	}
	expect_no_complaints();
	expect_recovery();
}
END_TEST

/** Two tables in one query: the one without fault has its verdict in the same cycle. */
START_TEST(a_broken_table_does_not_touch_its_neighbour)
{
	static const struct row broken[] = {
		{ENDS("invalidQuery", 400), BIT(SOURCE_COLUMN), BROKEN, JOB},
		{ENDS("accessDenied", 403), BIT(SOURCE_COLUMN), FORBIDDEN, JOB},
	};

	for (int lane = 0; lane < (int)G_N_ELEMENTS(broken); lane++)
		lanes_jobrule(&lanes, SOURCE_COLUMN, lane, ".shop.a", broken[lane].rule);
	lanes_cycle(&lanes);
	begin_complaints();
	for (int lane = 0; lane < (int)G_N_ELEMENTS(broken); lane++) {
		g_autofree char *hit = lanes_target(SOURCE_COLUMN, lane, 0);
		g_autofree char *neighbour = lanes_target(SOURCE_COLUMN, lane, 1);

		expect_unknown(&broken[lane], SOURCE_COLUMN, lane, hit, true);
		expect_any_state(lanes.world, neighbour, "ok", NULL);
	}
	expect_no_complaints();
	expect_recovery();
}
END_TEST

START_TEST(pages_that_never_end_are_given_up)
{
	inflict_everywhere("\"kind\":\"endless_pages\"");
	cloud_clear_log(lanes.world);
	lanes_cycle(&lanes);
	expect_any_state(lanes.world, "backup/list-00", "unknown", "fetch_failed");
	ck_assert_int_lt(cloud_calls(lanes.world, "storage.objects.list"), 100 * LANES);
	ck_assert_int_lt(cloud_calls(lanes.world, "bigquery.jobs.getQueryResults"), 5000);
	expect_recovery();
}
END_TEST

/** After all of the above. */
START_TEST(faults_leave_nothing_behind)
{
	lanes_cycle(&lanes);
	/* connections are kept, up to max-parallel-requests */
	usage_expect_no_growth(calm, usage_of(lanes.world->driftd.pid),
			       (struct usage){.files = 16, .threads = 0, .bytes = USAGE_MB(32)});
}
END_TEST

/** The verdict of before is in the database, and is no answer. */
START_TEST(a_fault_at_the_first_cycle_after_a_restart)
{
	const struct row row = {STATUS(500), APIS, GOOGLE, FAULT};

	start(1, APIS);
	ck_assert_int_eq(world_stop(lanes.world), 0);
	lanes_renew(&lanes);
	inflict_everywhere(row.rule);
	world_start(lanes.world);
	lanes_cycle(&lanes);
	lanes_expect_bystanders(&lanes, "a fault after a restart");
	begin_complaints();
	for (enum source source = 0; source < SOURCE_COUNT; source++)
		expect_source(&row, source, 0, true);
	expect_no_complaints();
	expect_recovery();
}
END_TEST

/* --- worlds of their own --- */

/** A token is asked for once an hour: here every lane has its own row, and all happen at once. */
START_TEST(trouble_at_the_token_endpoint)
{
	const struct row *hit[G_N_ELEMENTS(rows)] = {0};
	int count = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].where & BIT(SOURCE_TOKEN))
			hit[count++] = &rows[i];
	}
	start(count, BIT(SOURCE_TOKEN));
	for (int lane = 0; lane < count; lane++)
		inflict(hit[lane], lane);
	answer_free(cloud_control(lanes.world, "DELETE", "tokens", NULL));
	lanes_cycle(&lanes);
	lanes_expect_bystanders(&lanes, "a token endpoint");
	begin_complaints();
	for (int lane = 0; lane < count; lane++)
		expect_source(hit[lane], SOURCE_TOKEN, lane, true);
	expect_no_complaints();
	expect_recovery();
}
END_TEST

/** What is asked once only, before anything else: the schema of a table, and what a query would cost. */
static const struct row first_rows[] = {
	{STATUS(401), 0, FORBIDDEN, FAULT},          {"\"kind\":\"denied\"", 0, FORBIDDEN, FAULT},
	{STATUS(404), 0, "fetch_failed:4xx", FAULT}, {"\"kind\":\"quota\"", 0, QUOTA, FAULT},
	{"\"kind\":\"html503\"", 0, GOOGLE, FAULT},  {"\"kind\":\"hang\"", 0, TIMEOUT, FAULT},
	{"\"kind\":\"reset\"", 0, RESET, FAULT},     {"\"kind\":\"truncate\"", 0, RESET, FAULT},
	{"\"kind\":\"garbage\"", 0, BAD, FAULT},     {"\"kind\":\"wrong_types\"", 0, BAD, FAULT},
	{"\"kind\":\"empty\"", 0, BAD, FAULT},       {SAYS_JSON("{}"), 0, BAD, FAULT},
};
#define FIRST_ROWS ((int)G_N_ELEMENTS(first_rows))

/** Even lanes: the schema cannot be read; odd ones: the dry run fails. */
static struct row first_row(int lane)
{
	struct row row = first_rows[lane / 2];

	row.where = lane % 2 == 0 ? BIT(SOURCE_COLUMN) | BIT(SOURCE_PARTITION)
				  : BIT(SOURCE_COLUMN) | BIT(SOURCE_ASSERT);
	row.permission = lane % 2 == 0 ? "bigquery.tables.get" : NULL;
	return row;
}

static void inflict_first(int lane)
{
	struct row row = first_row(lane);

	for (enum source source = 0; source < SOURCE_COUNT; source++) {
		if (row.where & BIT(source))
			lanes_fault_of(&lanes, source, lane,
				       lane % 2 == 0 ? "bigquery.tables.get"
						     : "bigquery.jobs.insert",
				       row.rule);
	}
}

START_TEST(trouble_at_the_very_first_look)
{
	lanes_create(&lanes, 2 * FIRST_ROWS,
		     BIT(SOURCE_COLUMN) | BIT(SOURCE_PARTITION) | BIT(SOURCE_ASSERT));
	for (int lane = 0; lane < lanes.count; lane++)
		inflict_first(lane);
	world_start(lanes.world);
	lanes_cycle(&lanes);
	ck_assert_int_ge(lanes_hits(&lanes), 1);
	lanes_expect_bystanders(&lanes, "a first look");
	begin_complaints();
	for (int lane = 0; lane < lanes.count; lane++) {
		struct row row = first_row(lane);

		for (enum source source = 0; source < SOURCE_COUNT; source++)
			expect_source(&row, source, lane, false);
	}
	expect_no_complaints();
	expect_recovery();
}
END_TEST

START_TEST(sigterm_while_all_apis_hang)
{
	int64_t start_ms = 0;

	start(1, APIS);
	inflict_everywhere("\"kind\":\"hang\"");
	answer_free(world_call(lanes.world, "POST", "/check?force=1&wait=0", NULL, NULL));
	start_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(lanes.world), 0);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
}
END_TEST

static void add_shared(Suite *suite)
{
	TCase *tcase = tcase_create("every fault at every API");

	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_add_checked_fixture(tcase, setup_each, NULL);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_fault_makes_unknown_what_it_touches_and_nothing_else, 0,
			    (int)((G_N_ELEMENTS(rows) + LANES - 1) / LANES)); /* few */
	tcase_add_test(tcase, what_heals_soon_is_right_in_the_same_cycle);
	tcase_add_test(tcase, what_will_not_change_is_asked_once);
	tcase_add_test(tcase, a_hanging_api_is_not_stormed);
	tcase_add_test(tcase, a_job_that_never_ends_is_cancelled);
	tcase_add_test(tcase, a_job_that_cannot_be_followed_is_unknown);
	tcase_add_test(tcase, a_broken_table_does_not_touch_its_neighbour);
	tcase_add_test(tcase, pages_that_never_end_are_given_up);
	tcase_add_test(tcase, faults_leave_nothing_behind);
	suite_add_tcase(suite, tcase);
}

Suite *data_faults_suite(void)
{
	Suite *suite = suite_create("faults-data");
	TCase *tcase = tcase_create("worlds of their own");

	add_shared(suite);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, trouble_at_the_token_endpoint);
	tcase_add_test(tcase, trouble_at_the_very_first_look);
	tcase_add_test(tcase, a_fault_at_the_first_cycle_after_a_restart);
	tcase_add_test(tcase, sigterm_while_all_apis_hang);
	suite_add_tcase(suite, tcase);
	return suite;
}
