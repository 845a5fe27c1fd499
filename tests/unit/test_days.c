/* Tests of api/dashboard/days.c: what days are, and what is known of each. */
#include "api/dashboard/days.h"

#include <check.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "tests/unit/api_fixture.h"
#include "tests/unit/store_fixture.h"
#include "timefmt.h"

Suite *days_suite(void);

static int64_t at(const char *utc)
{
	g_autoptr(GError) error = NULL;
	int64_t wall_ms = 0;

	ck_assert_msg(timefmt_parse(utc, &wall_ms, &error), "%s", error ? error->message : "");
	return wall_ms;
}

static const struct day *day_of(const GArray *days, guint index)
{
	ck_assert_uint_lt(index, days->len);
	return &g_array_index(days, struct day, index);
}

/* --- the calendar --- */

static const struct {
	const char *zone, *now, *date;
	int back; /* days before the last */
	int64_t hours;
} calendar_days[] = {
	{"UTC", "2026-11-20T11:00:00Z", "2026-11-20", 0, 11},
	{"UTC", "2026-11-20T11:00:00Z", "2026-11-19", 1, 24},
	{"UTC", "2026-11-20T00:00:00Z", "2026-11-20", 0, 0},
	{"UTC", "2026-03-01T12:00:00Z", "2026-02-28", 1, 24},
	/* clocks go forward, and back */
	{"America/New_York", "2026-03-09T16:00:00Z", "2026-03-08", 1, 23},
	{"America/New_York", "2026-11-02T17:00:00Z", "2026-11-01", 1, 25},
	{"Europe/Berlin", "2026-03-30T12:00:00Z", "2026-03-29", 1, 23},
	{"Europe/Berlin", "2026-10-26T12:00:00Z", "2026-10-25", 1, 25},
	/* it is yesterday there still, and tomorrow already */
	{"America/New_York", "2026-11-20T04:00:00Z", "2026-11-19", 0, 23},
	{"Asia/Tokyo", "2026-11-20T16:00:00Z", "2026-11-21", 0, 1},
	/* a midnight that does not exist: the day begins at one */
	{"Africa/Cairo", "2026-04-24T21:30:00Z", "2026-04-25", 0, 0},
};

START_TEST(test_calendar)
{
	int64_t now = at(calendar_days[_i].now);
	g_autoptr(GArray) days = days_calendar(calendar_days[_i].zone, 90, now);
	const struct day *day = day_of(days, days->len - 1 - (guint)calendar_days[_i].back);

	ck_assert_uint_eq(days->len, 90);
	ck_assert_str_eq(day->date, calendar_days[_i].date);
	ck_assert_int_eq((day->to_wall_ms - day->from_wall_ms) / MS_PER_HOUR,
			 calendar_days[_i].hours);
	ck_assert_int_eq(day_of(days, 89)->to_wall_ms, now);
	for (guint i = 1; i < days->len; i++) {
		ck_assert_int_eq(day_of(days, i)->from_wall_ms, day_of(days, i - 1)->to_wall_ms);
		ck_assert_int_lt(strcmp(day_of(days, i - 1)->date, day_of(days, i)->date), 0);
	}
}
END_TEST

START_TEST(test_calendar_of_one_day)
{
	g_autoptr(GArray) days = days_calendar("UTC", 1, at("2026-11-20T11:00:00Z"));

	ck_assert_uint_eq(days->len, 1);
	ck_assert_int_eq(day_of(days, 0)->from_wall_ms, at("2026-11-20T00:00:00Z"));
}
END_TEST

/* --- what is known of them --- */

/* Three days of UTC: the 18th, the 19th, and 12 hours of the 20th. */
#define NOW "2026-11-20T12:00:00Z"

struct row {
	const char *at, *from, *to;
};

struct wanted {
	enum state worst;
	int64_t hours[STATE_COUNT]; /* by enum state */
	int64_t transitions;
};

static const struct {
	const char *name;
	struct row rows[5]; /* newest first */
	bool is_cut;
	const char *known; /* NULL: nothing was pruned */
	enum state state;
	const char *since;
	struct wanted days[3];
} cases[] = {
	{.name = "never seen", .days = {{0}, {0}, {0}}},
	{.name = "since for ever, and its transition was pruned",
	 .state = STATE_OK,
	 .since = "2026-01-01T00:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 12}, 0}}},
	{.name = "first looked at in the middle: nothing is known before",
	 .rows = {{"2026-11-19T06:00:00Z", NULL, "ok"}},
	 .state = STATE_OK,
	 .since = "2026-11-19T06:00:00Z",
	 .days = {{0}, {STATE_OK, {[STATE_OK] = 18}, 1}, {STATE_OK, {[STATE_OK] = 12}, 0}}},
	{.name = "what was before the window says how it began",
	 .rows = {{"2026-11-19T12:00:00Z", "drift", "ok"}, {"2026-11-01T00:00:00Z", "ok", "drift"}},
	 .state = STATE_OK,
	 .since = "2026-11-19T12:00:00Z",
	 .days = {{STATE_DRIFT, {[STATE_DRIFT] = 24}, 0},
		  {STATE_DRIFT, {[STATE_DRIFT] = 12, [STATE_OK] = 12}, 1},
		  {STATE_OK, {[STATE_OK] = 12}, 0}}},
	{.name = "the first that was not pruned says what was before, as far back as nothing is "
		 "gone",
	 .rows = {{"2026-11-20T06:00:00Z", "ok", "drift"}},
	 .known = "2026-11-19T12:00:00Z",
	 .state = STATE_DRIFT,
	 .since = "2026-11-20T06:00:00Z",
	 .days = {{0},
		  {STATE_OK, {[STATE_OK] = 12}, 0},
		  {STATE_DRIFT, {[STATE_OK] = 6, [STATE_DRIFT] = 6}, 1}}},
	{.name = "days before the oldest of a cut list are not known",
	 .rows = {{"2026-11-20T06:00:00Z", "ok", "drift"}},
	 .is_cut = true,
	 .state = STATE_DRIFT,
	 .since = "2026-11-20T06:00:00Z",
	 .days = {{0}, {0}, {STATE_DRIFT, {[STATE_DRIFT] = 6}, 1}}},
	{.name = "L09: nobody looked for half a day",
	 .rows = {{"2026-11-20T00:00:00Z", "unknown", "ok"},
		  {"2026-11-19T12:00:00Z", "ok", "unknown"},
		  {"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_OK,
	 .since = "2026-11-20T00:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_UNKNOWN, {[STATE_OK] = 12, [STATE_UNKNOWN] = 12}, 1},
		  {STATE_OK, {[STATE_OK] = 12}, 1}}},
	{.name = "it expired a moment ago, and that is not stored yet",
	 .rows = {{"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_UNKNOWN,
	 .since = "2026-11-20T10:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_UNKNOWN, {[STATE_OK] = 10, [STATE_UNKNOWN] = 2}, 0}}},
	{.name = "a cycle was stored since the snapshot was taken",
	 .rows = {{"2026-11-20T11:00:00Z", "ok", "drift"}, {"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_OK,
	 .since = "2026-11-10T00:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_DRIFT, {[STATE_OK] = 11, [STATE_DRIFT] = 1}, 1}}},
	{.name = "configured no longer: nothing is known after the last",
	 .rows = {{"2026-11-19T12:00:00Z", "ok", "drift"}, {"2026-11-18T00:00:00Z", NULL, "ok"}},
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 1}, {STATE_OK, {[STATE_OK] = 12}, 1}, {0}}},
	{.name = "paused counts only where there is nothing else",
	 .rows = {{"2026-11-19T12:00:00Z", "ok", "paused"}, {"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_PAUSED,
	 .since = "2026-11-19T12:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 12, [STATE_PAUSED] = 12}, 1},
		  {STATE_PAUSED, {[STATE_PAUSED] = 12}, 0}}},
	{.name = "what began this very instant counts",
	 .rows = {{NOW, "ok", "drift"}, {"2026-11-20T00:00:00Z", NULL, "ok"}},
	 .state = STATE_DRIFT,
	 .since = NOW,
	 .days = {{0}, {0}, {STATE_DRIFT, {[STATE_OK] = 12}, 2}}},
	{.name = "the clock was set back: the order is that of the rows",
	 .rows = {{"2026-11-20T02:00:00Z", "drift", "ok"},
		  {"2026-11-20T08:00:00Z", "ok", "drift"},
		  {"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_OK,
	 .since = "2026-11-20T02:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_OK, {[STATE_OK] = 12}, 2}}},
	{.name = "the worst of several",
	 .rows = {{"2026-11-19T20:00:00Z", "pending", "ok"},
		  {"2026-11-19T19:00:00Z", "unknown", "pending"},
		  {"2026-11-19T18:00:00Z", "ok", "unknown"},
		  {"2026-11-10T00:00:00Z", NULL, "ok"}},
	 .state = STATE_OK,
	 .since = "2026-11-19T20:00:00Z",
	 .days = {{STATE_OK, {[STATE_OK] = 24}, 0},
		  {STATE_UNKNOWN, {[STATE_OK] = 22, [STATE_UNKNOWN] = 1, [STATE_PENDING] = 1}, 3},
		  {STATE_OK, {[STATE_OK] = 12}, 0}}},
};

static GPtrArray *make_rows(const struct row *rows, size_t max)
{
	GPtrArray *made = g_ptr_array_new_with_free_func((GDestroyNotify)store_transition_free);

	for (size_t i = 0; i < max && rows[i].at; i++) {
		struct store_transition *row = store_transition_create();

		row->at_wall_ms = at(rows[i].at);
		row->from = g_strdup(rows[i].from);
		row->to = g_strdup(rows[i].to);
		row->reasons = g_strdup("[]");
		g_ptr_array_add(made, row);
	}
	return made;
}

START_TEST(test_days)
{
	g_autoptr(GPtrArray) rows = make_rows(cases[_i].rows, G_N_ELEMENTS(cases[_i].rows));
	g_autoptr(GArray) calendar = days_calendar("UTC", 3, at(NOW));
	const struct days_facts facts = {
		.transitions = rows,
		.is_cut = cases[_i].is_cut,
		.known_wall_ms = cases[_i].known ? at(cases[_i].known) : 0,
		.state = cases[_i].state,
		.since_wall_ms = cases[_i].since ? at(cases[_i].since) : 0,
	};
	g_autoptr(GArray) days = days_make(calendar, &facts);

	ck_assert_uint_eq(days->len, 3);
	for (guint i = 0; i < 3; i++) {
		const struct wanted *wanted = &cases[_i].days[i];
		const struct day *day = day_of(days, i);

		ck_assert_msg(day->worst == wanted->worst, "%s: %s: worst %d, wanted %d",
			      cases[_i].name, day->date, day->worst, wanted->worst);
		for (int state = 0; state < STATE_COUNT; state++)
			ck_assert_msg(day->ms[state] == wanted->hours[state] * MS_PER_HOUR,
				      "%s: %s: %" PRId64 " ms in state %d, wanted %" PRId64 " h",
				      cases[_i].name, day->date, day->ms[state], state,
				      wanted->hours[state]);
		ck_assert_msg(day->transitions == wanted->transitions,
			      "%s: %s: %" PRId64 " transitions", cases[_i].name, day->date,
			      day->transitions);
	}
}
END_TEST

START_TEST(test_spans_have_no_gaps)
{
	/* whatever the rows are, in whatever order their times */
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)_i);
	g_autoptr(GPtrArray) rows =
		g_ptr_array_new_with_free_func((GDestroyNotify)store_transition_free);
	int64_t now = at(NOW);
	struct days_facts facts = {.transitions = rows};
	g_autoptr(GArray) spans = NULL;
	int64_t end = now - 30 * MS_PER_DAY;

	for (int i = g_rand_int_range(random, 0, 40); i > 0; i--) {
		struct store_transition *row = store_transition_create();

		row->at_wall_ms = now - (int64_t)g_rand_double_range(random, -5, 40) * MS_PER_DAY;
		row->to =
			g_strdup(state_text((enum state)g_rand_int_range(random, 1, STATE_COUNT)));
		row->from = g_rand_boolean(random) ? g_strdup("ok") : NULL;
		g_ptr_array_add(rows, row);
	}
	facts.state = (enum state)g_rand_int_range(random, 0, STATE_COUNT);
	facts.since_wall_ms = now - (int64_t)g_rand_double_range(random, -1, 40) * MS_PER_DAY;
	facts.is_cut = g_rand_boolean(random);
	spans = days_spans(&facts, end, now);
	for (guint i = 0; i < spans->len; i++) {
		const struct days_span *span = &g_array_index(spans, struct days_span, i);

		ck_assert_int_eq(span->from_wall_ms, end);
		ck_assert_int_lt(span->from_wall_ms, span->to_wall_ms);
		end = span->to_wall_ms;
	}
	ck_assert_int_eq(end, now);
}
END_TEST

START_TEST(test_span_carries_its_reasons)
{
	const struct row row[] = {{"2026-11-19T12:00:00Z", "ok", "drift"}};
	g_autoptr(GPtrArray) rows = make_rows(row, 1);
	const struct days_facts facts = {.transitions = rows,
					 .state = STATE_DRIFT,
					 .since_wall_ms = at("2026-11-19T12:00:00Z")};
	g_autoptr(GArray) spans =
		days_spans(&facts, at("2026-11-19T00:00:00Z"), at("2026-11-20T00:00:00Z"));

	ck_assert_uint_eq(spans->len, 2);
	ck_assert_ptr_null(g_array_index(spans, struct days_span, 0).reasons);
	ck_assert_str_eq(g_array_index(spans, struct days_span, 1).reasons, "[]");
}
END_TEST

/* --- of the database --- */

static GPtrArray *read_days(int64_t since_wall_ms, int limit, bool *ret_cut)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = store_reader_open(fixture.path, &error);
	GPtrArray *rows = NULL;

	ck_assert_msg(reader != NULL, "%s", error ? error->message : "");
	rows = store_read_days(reader, "service/a", since_wall_ms, limit, ret_cut, &error);
	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	store_reader_close(reader);
	return rows;
}

static void add_ten(void)
{
	struct store_batch *batch = store_fixture_batch(1);

	for (int64_t i = 1; i <= 10; i++) {
		store_fixture_transition(batch, "service/a", i * 100);
		store_fixture_transition(batch, "service/b", i * 100);
	}
	store_fixture_commit(batch);
}

static const struct {
	int64_t since_wall_ms;
	int limit;
	guint rows;
	int64_t oldest_wall_ms;
	bool is_cut;
} reads[] = {
	{750, 2000, 4, 700, false}, /* 1000, 900, 800, and what was before */
	{800, 2000, 4, 700, false}, {0, 2000, 10, 100, false}, {5000, 2000, 1, 1000, false},
	{0, 10, 10, 100, false},    {0, 9, 9, 200, true},      {0, 1, 1, 1000, true},
	{850, 3, 3, 800, false},    {0, -1, 0, 0, true},
};

START_TEST(test_read_days)
{
	bool is_cut = false;
	g_autoptr(GPtrArray) rows = NULL;

	add_ten();
	rows = read_days(reads[_i].since_wall_ms, reads[_i].limit, &is_cut);
	ck_assert_uint_eq(rows->len, reads[_i].rows);
	ck_assert_int_eq(is_cut, reads[_i].is_cut);
	for (guint i = 0; i < rows->len; i++) {
		const struct store_transition *row = rows->pdata[i];

		ck_assert_int_eq(row->at_wall_ms, 1000 - (int64_t)i * 100);
		ck_assert_str_eq(row->target, "service/a");
		ck_assert_str_eq(row->to, "drift");
	}
	if (rows->len > 0)
		ck_assert_int_eq(
			((const struct store_transition *)rows->pdata[rows->len - 1])->at_wall_ms,
			reads[_i].oldest_wall_ms);
}
END_TEST

START_TEST(test_read_usages)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_reader *reader = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	static const char *const days[] = {"2026-11-18", "2026-11-19", "2026-11-20", "2026-11-20"};

	for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
		struct store_usage *usage = store_fixture_usage(batch, "table/a");

		g_free(usage->day);
		usage->day = g_strdup(days[i]);
		usage->bytes_billed = 10 * ((int64_t)i + 1);
		if (i == 3) {
			g_free(usage->gcp);
			usage->gcp = g_strdup("other");
		}
	}
	store_fixture_usage(batch, "table/b")->bytes_billed = 7;
	store_fixture_commit(batch);
	reader = store_reader_open(fixture.path, &error);
	ck_assert_ptr_nonnull(reader);
	rows = store_read_usages(reader, "table/a", "2026-11-19", 10, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 2);
	ck_assert_str_eq(((const struct store_usage *)rows->pdata[0])->day, "2026-11-20");
	ck_assert_int_eq(((const struct store_usage *)rows->pdata[0])->bytes_billed, 70);
	ck_assert_int_eq(((const struct store_usage *)rows->pdata[1])->bytes_billed, 20);
	store_reader_close(reader);
}
END_TEST

/* --- the route --- */

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static struct response ask(struct snapshot_input *input, const char *target)
{
	struct app *app = app_create(fixture.path, wake, NULL);
	struct auth_rules *rules = auth_rules_create(input->config, "127.0.0.1:8080");
	struct fixture_request request = {.app = app, .rules = rules, .target = target};
	struct response response;

	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app_publish(app, snapshot_create(input));
	response = fixture_answer(&request);
	auth_rules_unref(rules);
	app_free(app);
	return response;
}

static void add_history(void)
{
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_transition(batch, "service/gone", FIXTURE_NOW_WALL_MS - 26 * MS_PER_HOUR);
	store_fixture_commit(batch);
}

START_TEST(test_route_json)
{
	struct response response;
	json_object *answer = NULL, *days = NULL, *day = NULL, *seconds = NULL;

	add_history();
	response = ask(fixture_world(), "/history/service/web/days?days=2");
	ck_assert_int_eq(response.status, 200);
	answer = fixture_json(&response);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(answer, "target")),
			 "service/web");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(answer, "timezone")), "UTC");
	ck_assert(json_object_get_boolean(json_object_object_get(answer, "complete")));
	days = json_object_object_get(answer, "days");
	ck_assert_uint_eq(json_object_array_length(days), 2);
	day = json_object_array_get_idx(days, 1);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(day, "date")), "2026-11-20");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(day, "worst")), "ok");
	seconds = json_object_object_get(day, "seconds");
	ck_assert_int_eq(json_object_object_length(seconds), 5);
	ck_assert_int_eq(json_object_get_int64(json_object_object_get(seconds, "ok")), 7200);
	ck_assert_ptr_null(json_object_object_get(json_object_array_get_idx(days, 0), "worst"));
	json_object_put(answer);
	response_done(&response);
}
END_TEST

START_TEST(test_route_of_what_is_configured_no_longer)
{
	struct response response;

	add_history();
	response = ask(fixture_world(), "/history/service/gone/days?format=text");
	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_nonnull(
		strstr(fixture_body(&response), "2026-11-19  ok                 1      9 h"));
	ck_assert_ptr_nonnull(
		strstr(fixture_body(&response), "2026-11-20  -                  0        -"));
	ck_assert_ptr_nonnull(strstr(fixture_body(&response), "days of UTC"));
	response_done(&response);
}
END_TEST

START_TEST(test_route_zone)
{
	struct snapshot_input *input = fixture_world();
	struct response response;
	json_object *answer = NULL;

	config_unref(input->config);
	input->config = fixture_config("timezone = Asia/Tokyo\n", NULL);
	response = ask(input, "/history/service/web/days");
	answer = fixture_json(&response);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(answer, "timezone")),
			 "Asia/Tokyo");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(answer, "days")),
			  DAYS_DEFAULT);
	json_object_put(answer);
	response_done(&response);
}
END_TEST

static const struct {
	const char *target;
	int status;
} refused[] = {
	{"/history/service/nobody/days", 404},       {"/history/service/web/days?days=0", 400},
	{"/history/service/web/days?days=366", 400}, {"/history/service/web/days?days=365", 200},
	{"/history/service/web/days?cursor=1", 400},
};

START_TEST(test_route_limits)
{
	struct response response = ask(fixture_world(), refused[_i].target);

	ck_assert_int_eq(response.status, refused[_i].status);
	response_done(&response);
}
END_TEST

START_TEST(test_route_cut_list_says_so)
{
	struct store_batch *batch = store_fixture_batch(1);
	struct response response;

	for (int i = 0; i <= DAYS_TRANSITIONS_MAX; i++)
		store_fixture_transition(batch, "service/web",
					 FIXTURE_NOW_WALL_MS -
						 (DAYS_TRANSITIONS_MAX + 1 - i) * MS_PER_MINUTE);
	store_fixture_commit(batch);
	response = ask(fixture_world(), "/history/service/web/days?days=3");
	ck_assert_ptr_nonnull(strstr(fixture_body(&response), "\"complete\":false"));
	response_done(&response);
	response = ask(fixture_world(), "/history/service/web/days?days=3&format=text");
	ck_assert_ptr_nonnull(strstr(fixture_body(&response), "more than 2000 transitions"));
	response_done(&response);
}
END_TEST

Suite *days_suite(void)
{
	Suite *suite = suite_create("days");
	TCase *pure = tcase_create("pure");
	TCase *stored = tcase_create("stored");

	tcase_add_loop_test(pure, test_calendar, 0, G_N_ELEMENTS(calendar_days));
	tcase_add_test(pure, test_calendar_of_one_day);
	tcase_add_loop_test(pure, test_days, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(pure, test_spans_have_no_gaps, 0, 200);
	tcase_add_test(pure, test_span_carries_its_reasons);
	suite_add_tcase(suite, pure);
	tcase_add_checked_fixture(stored, store_fixture_setup, store_fixture_teardown);
	tcase_add_loop_test(stored, test_read_days, 0, G_N_ELEMENTS(reads));
	tcase_add_test(stored, test_read_usages);
	tcase_add_test(stored, test_route_json);
	tcase_add_test(stored, test_route_of_what_is_configured_no_longer);
	tcase_add_test(stored, test_route_zone);
	tcase_add_loop_test(stored, test_route_limits, 0, G_N_ELEMENTS(refused));
	tcase_add_test(stored, test_route_cut_list_says_so);
	suite_add_tcase(suite, stored);
	return suite;
}
