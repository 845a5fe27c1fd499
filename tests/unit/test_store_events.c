#include <check.h>
#include <inttypes.h>

#include "drift_error.h"
#include "store_fixture.h"

Suite *store_events_suite(void);

#define AT_MS INT64_C(1795172403000)

static void add(const char *target, const char *from, const char *relation)
{
	struct store_batch *batch = store_fixture_batch(AT_MS);
	struct store_transition *row = store_fixture_transition(batch, target, AT_MS);

	g_free(row->from);
	row->from = g_strdup(from);
	g_free(row->relation);
	row->relation = g_strdup(relation);
	store_fixture_commit(batch);
}

static int64_t last_id(void)
{
	g_autoptr(GError) error = NULL;
	int64_t id = -7;

	ck_assert_msg(store_load_last_event(fixture.store, &id, &error), "%s",
		      error ? error->message : "");
	return id;
}

/* Of all targets, in the order they were written; writer and reader say the same. */
START_TEST(test_order)
{
	static const char *const targets[] = {"service/b", "table/a", "service/b", "assert/c"};
	struct store_reader *reader = store_reader_open(fixture.path, NULL);

	ck_assert_int_eq(last_id(), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
		add(targets[i], i == 0 ? NULL : "ok", i == 1 ? NULL : "behind");
	ck_assert_int_eq(last_id(), 4);
	for (int64_t after = 0; after <= 5; after++) {
		g_autoptr(GPtrArray) read = store_read_events(reader, after, 100, NULL);
		g_autoptr(GPtrArray) loaded = store_load_events(fixture.store, after, 100, NULL);

		ck_assert_uint_eq(read->len, (guint)MAX(4 - after, 0));
		ck_assert_uint_eq(loaded->len, read->len);
		for (guint i = 0; i < read->len; i++) {
			const struct store_transition *a = read->pdata[i], *b = loaded->pdata[i];

			ck_assert_int_eq(a->id, after + i + 1);
			ck_assert_int_eq(b->id, a->id);
			ck_assert_str_eq(a->target, targets[a->id - 1]);
			ck_assert_str_eq(b->target, a->target);
			ck_assert_int_eq(a->at_wall_ms, AT_MS);
			ck_assert_int_eq(a->from != NULL, a->id != 1);
			ck_assert_int_eq(a->relation != NULL, a->id != 2);
		}
	}
	store_reader_close(reader);
}
END_TEST

static const struct {
	int limit;
	guint want;
} limit_cases[] = {{-1, 0}, {0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 3}};

START_TEST(test_limit)
{
	struct store_reader *reader = store_reader_open(fixture.path, NULL);

	for (int i = 0; i < 3; i++)
		add("service/a", "ok", NULL);
	ck_assert_uint_eq(
		store_fixture_count(store_read_events(reader, 0, limit_cases[_i].limit, NULL)),
		limit_cases[_i].want);
	ck_assert_uint_eq(store_fixture_count(
				  store_load_events(fixture.store, 0, limit_cases[_i].limit, NULL)),
			  limit_cases[_i].want);
	store_reader_close(reader);
}
END_TEST

/* A page that somebody asks for is bounded, whatever they ask for; what the writer tells is not. */
START_TEST(test_page)
{
	struct store_reader *reader = store_reader_open(fixture.path, NULL);
	struct store_batch *batch = store_fixture_batch(AT_MS);

	for (int i = 0; i < STORE_PAGE_MAX_ROWS + 1; i++)
		(void)store_fixture_transition(batch, "service/a", AT_MS);
	store_fixture_commit(batch);
	ck_assert_uint_eq(store_fixture_count(store_read_events(reader, 0, INT_MAX, NULL)),
			  STORE_PAGE_MAX_ROWS);
	ck_assert_uint_eq(store_fixture_count(store_load_events(fixture.store, 0, INT_MAX, NULL)),
			  STORE_PAGE_MAX_ROWS + 1);
	store_reader_close(reader);
}
END_TEST

/* An id that was given out stays known when its row is gone, also to the next process. */
START_TEST(test_last_after_pruning)
{
	bool more = true;

	for (int i = 0; i < 3; i++)
		add("service/a", "ok", NULL);
	while (more)
		ck_assert(store_prune(fixture.store, AT_MS + 1, 100, &more, NULL));
	ck_assert_uint_eq(store_fixture_count(store_load_events(fixture.store, 0, 10, NULL)), 0);
	ck_assert_int_eq(last_id(), 3);
	store_fixture_reopen();
	ck_assert_int_eq(last_id(), 3);
	add("service/a", "ok", NULL);
	ck_assert_int_eq(last_id(), 4);
}
END_TEST

Suite *store_events_suite(void)
{
	Suite *suite = suite_create("store_events");
	TCase *tcase = tcase_create("events");

	tcase_add_checked_fixture(tcase, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tcase, test_order);
	tcase_add_loop_test(tcase, test_limit, 0, G_N_ELEMENTS(limit_cases));
	tcase_add_test(tcase, test_page);
	tcase_add_test(tcase, test_last_after_pruning);
	suite_add_tcase(suite, tcase);
	return suite;
}
