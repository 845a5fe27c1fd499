/* Every list of the API that has pages, read to its end while rows come and go: nothing that was
 * there all the time is skipped, and nothing is shown twice. */
#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "clk.h"
#include "tests/unit/store_fixture_alerts.h"
#include "timefmt.h"

Suite *paging_suite(void);

#define ROWS 120
#define LIMIT 7
#define TARGET "table/long"
#define HISTORY "/history/table/long?"
#define START_WALL_MS (FIXTURE_NOW_WALL_MS - ROWS * MS_PER_MINUTE)

static struct app *app;
static struct auth_rules *rules;
static int added; /* rows of each list so far: that of number n has the id n + 1 */

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static int64_t time_of(int number)
{
	return START_WALL_MS + number * MS_PER_MINUTE;
}

static void add_history(struct store_batch *batch, int number)
{
	store_fixture_transition(batch, TARGET, time_of(number));
	store_fixture_deployment(batch, TARGET, time_of(number));
	store_fixture_sample(batch, TARGET, time_of(number));
}

static void add_alerts(struct store_alerts *alerts, int number)
{
	int64_t id = number + 1;
	struct store_notification *notification =
		store_fixture_notification(alerts, id, time_of(number));

	store_fixture_end(store_fixture_incident(alerts, id, TARGET, time_of(number)),
			  time_of(number));
	store_fixture_silence(alerts, id, FIXTURE_NOW_WALL_MS);
	store_fixture_set(&notification->state, "failed");
	g_clear_pointer(&notification->content, g_free);
}

static void add_rows(int count)
{
	struct store_batch *batch = store_fixture_batch(FIXTURE_NOW_WALL_MS);
	struct store_alerts *alerts = store_alerts_create();

	for (int i = added; i < added + count; i++) {
		add_history(batch, i);
		add_alerts(alerts, i);
	}
	added += count;
	store_fixture_commit(batch);
	store_fixture_commit_alerts(alerts);
}

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);

	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	store_fixture_setup();
	added = 0;
	add_rows(ROWS);
	app = app_create(fixture.path, wake, NULL);
	app_publish(app, snapshot_create(fixture_world()));
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	app_free(app);
	store_fixture_teardown();
}

struct list {
	const char *path, *array;
	bool by_id; /* rows have their id, else their time */
	const char *table;
};

static const struct list lists[] = {
	{HISTORY, "transitions", false, "transitions"},
	{HISTORY, "deployments", false, "deployments"},
	{HISTORY, "samples", false, "samples"},
	{"/incidents?", "items", true, "incidents"},
	{"/incidents?status=resolved&", "items", true, "incidents"},
	{"/incidents?status=resolved&status=withdrawn&", "items", true, "incidents"},
	{"/incidents?target=" TARGET "&", "items", true, "incidents"},
	{"/silences?", "items", true, "silences"},
	{"/silences?all=1&", "items", true, "silences"},
	{"/notifications?", "items", true, "notifications"},
	{"/notifications?state=failed&", "items", true, "notifications"},
	{"/notifications?channel=slack/default&", "items", true, "notifications"},
	{"/notifications?channel=slack/default&state=failed&", "items", true, "notifications"},
};

static int number_of(const struct list *list, json_object *row)
{
	int64_t at = 0;

	if (list->by_id)
		return (int)json_member_int(row, "id", 0) - 1;
	ck_assert(timefmt_parse(json_member_text(row, "at", ""), &at, NULL));
	return (int)((at - START_WALL_MS) / MS_PER_MINUTE);
}

/* One page: counts what it shows in @p shown; returns the next cursor. Caller frees. */
static char *read_page(const struct list *list, const char *cursor, GArray *shown, int *ret_last)
{
	g_autofree char *target = g_strdup_printf("%slimit=%d%s%s", list->path, LIMIT,
						  cursor ? "&cursor=" : "", cursor ? cursor : "");
	struct fixture_request request = {.app = app, .rules = rules, .target = target};
	struct response response = fixture_answer(&request);
	json_object *page = fixture_json(&response);
	json_object *rows = json_member_array(page, list->array);
	char *next = g_strdup(json_member_text(page, "next_cursor", NULL));

	ck_assert_int_eq(response.status, 200);
	ck_assert_uint_le(json_object_array_length(rows), LIMIT);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		int number = number_of(list, json_object_array_get_idx(rows, i));

		ck_assert_msg(number >= 0 && number < (int)shown->len, "%d", number);
		g_array_index(shown, int, number)++;
		*ret_last = number;
	}
	json_object_put(page);
	response_done(&response);
	return next;
}

/* As pruning does, the oldest; harder than it, some that are next, and every second time the one that
 * was shown last. */
static void remove_rows(const struct list *list, int last, int page)
{
	g_autofree char *sql =
		g_strdup_printf("DELETE FROM %s WHERE id IN (%d, %d, %d) OR id <= %d", list->table,
				page % 2 ? last + 1 : 0, last - 2, last - LIMIT, page / 2);

	store_fixture_exec(sql);
}

static bool is_there(const struct list *list, int number)
{
	g_autofree char *sql =
		g_strdup_printf("SELECT count(*) FROM %s WHERE id = %d", list->table, number + 1);

	return store_fixture_number(sql) == 1;
}

START_TEST(test_rows_come_and_go)
{
	const struct list *list = &lists[_i];
	g_autoptr(GArray) shown = g_array_new(FALSE, TRUE, sizeof(int));
	g_autofree char *cursor = NULL;
	int pages = 0, stayed = 0, last = 0;

	g_array_set_size(shown, ROWS * 4);
	do {
		char *next = read_page(list, cursor, shown, &last);

		g_free(cursor);
		cursor = next;
		remove_rows(list, last, pages++);
		add_rows(3);
	} while (cursor && pages < ROWS);
	ck_assert_int_gt(pages, ROWS / LIMIT / 2);
	ck_assert_int_lt(pages, ROWS / LIMIT + 2); /* new rows do not keep it from its end */
	for (int i = 0; i < added; i++) {
		int times = g_array_index(shown, int, i);

		ck_assert_msg(times <= 1, "row %d was shown %d times", i, times);
		if (i >= ROWS || !is_there(list, i))
			continue;
		stayed++;
		ck_assert_msg(times == 1, "row %d was skipped", i);
	}
	ck_assert_int_gt(stayed, ROWS / 3);
}
END_TEST

/* --- /drift: the snapshot changes under the reader --- */

#define TARGETS 60

/* Targets of all states; those whose number is a multiple of 5 are there in every second snapshot only,
 * and one new one comes with each. */
static void publish(int generation)
{
	static const enum state states[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING, STATE_OK};
	struct snapshot_input *input = fixture_input(NULL, NULL);

	for (int i = 0; i < TARGETS + generation; i++) {
		g_autofree char *name = g_strdup_printf("t%03d", (i * 37) % 100 + i / 100 * 100);
		struct verdict *verdict = NULL;

		if (i < TARGETS && i % 5 == 0 && generation % 2 == 1)
			continue;
		verdict = fixture_verdict(name, states[i % 4], RELATION_NONE,
					  i % 3 ? PRIORITY_P1 : PRIORITY_P0);
		verdict->since_wall_ms = FIXTURE_NOW_WALL_MS - (i % 7) * MS_PER_HOUR;
		g_ptr_array_add(input->verdicts, verdict);
	}
	app_publish(app, snapshot_create(input));
}

static char *read_drift(const char *cursor, GHashTable *shown)
{
	g_autofree char *target = g_strdup_printf("/drift?all=1&limit=%d%s%s", LIMIT,
						  cursor ? "&cursor=" : "", cursor ? cursor : "");
	struct fixture_request request = {.app = app, .rules = rules, .target = target};
	struct response response = fixture_answer(&request);
	json_object *page = fixture_json(&response);
	json_object *items = json_member_array(page, "items");
	char *next = g_strdup(json_member_text(page, "next_cursor", NULL));

	ck_assert_int_eq(response.status, 200);
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		const char *id = json_member_text(json_object_array_get_idx(items, i), "id", "");

		ck_assert_msg(g_hash_table_add(shown, g_strdup(id)), "%s was shown twice", id);
	}
	json_object_put(page);
	response_done(&response);
	return next;
}

START_TEST(test_targets_come_and_go)
{
	g_autoptr(GHashTable) shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *cursor = NULL;
	int pages = 0;

	do {
		char *next = NULL;

		publish(pages++);
		next = read_drift(cursor, shown);
		g_free(cursor);
		cursor = next;
	} while (cursor && pages < TARGETS);
	ck_assert_int_lt(pages, TARGETS / LIMIT + 4);
	for (int i = 0; i < TARGETS; i++) {
		g_autofree char *id = g_strdup_printf("service/t%03d", (i * 37) % 100);

		ck_assert_msg(i % 5 == 0 || g_hash_table_contains(shown, id), "%s was skipped", id);
	}
}
END_TEST

/* A place of one list is none in another. */
START_TEST(test_cursor_of_another_list)
{
	static const char *const paths[] = {"/incidents?", "/silences?", "/notifications?", HISTORY,
					    "/drift?all=1&"};
	g_autofree char *cursor = NULL;
	g_autofree char *first = g_strdup_printf("%slimit=1", paths[_i]);
	struct fixture_request request = {.app = app, .rules = rules, .target = first};
	struct response response = fixture_answer(&request);
	json_object *page = fixture_json(&response);

	cursor = g_strdup(json_member_text(page, "next_cursor", NULL));
	ck_assert_ptr_nonnull(cursor);
	json_object_put(page);
	response_done(&response);
	for (int i = 0; i < (int)G_N_ELEMENTS(paths); i++) {
		g_autofree char *other = g_strconcat(paths[i], "cursor=", cursor, NULL);

		request.target = other;
		response = fixture_answer(&request);
		ck_assert_msg(response.status == (i == _i ? 200 : 400), "%s: %d", other,
			      response.status);
		response_done(&response);
	}
}
END_TEST

Suite *paging_suite(void)
{
	Suite *suite = suite_create("paging");
	TCase *tcase = tcase_create("paging");

	tcase_set_timeout(tcase, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_rows_come_and_go, 0, G_N_ELEMENTS(lists));
	tcase_add_test(tcase, test_targets_come_and_go);
	tcase_add_loop_test(tcase, test_cursor_of_another_list, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
