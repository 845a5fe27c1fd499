/* Tests of the filters that /drift and the overview share, q above all. */
#include "api/select.h"

#include <check.h>
#include <string.h>

#include "api_fixture.h"

Suite *select_suite(void);

static const struct {
	const char *query;
	unsigned misses;
} cases[] = {
	{"", 0},
	{"q=", 0},
	{"q=pay", 0},
	{"q=PAY", 0},
	{"q=service/pay", 0},
	{"q=Platform", 0},  /* owner */
	{"q=card+data", 0}, /* description */
	{"q=monorepo", 0},  /* repository */
	{"q=b%C3%84R", 0},  /* description, folded */
	{"q=b%C3%A4r", 0},
	{"q=nobody", SELECT_FILTER_SEARCH},
	{"q=%C3%A9", SELECT_FILTER_SEARCH},
	{"q=pay*", SELECT_FILTER_SEARCH}, /* no pattern */
	{"state=drift", 0},
	{"state=ok", SELECT_FILTER_STATE},
	{"state=ok&state=drift", 0},
	{"kind=table", SELECT_FILTER_KIND},
	{"priority=P1", SELECT_FILTER_PRIORITY},
	{"owner=web", SELECT_FILTER_OWNER},
	{"owner=platform", 0},
	{"owner=Platform", SELECT_FILTER_OWNER}, /* names are whole */
	{"repo=other", SELECT_FILTER_REPO},
	{"state=ok&kind=table&q=zz",
	 SELECT_FILTER_STATE | SELECT_FILTER_KIND | SELECT_FILTER_SEARCH},
	{"group=kind&page=3", 0},
};

static struct verdict *make(void)
{
	struct verdict *verdict =
		fixture_verdict("payments", STATE_DRIFT, RELATION_BEHIND, PRIORITY_P0);

	g_free(verdict->owner);
	g_free(verdict->repo);
	verdict->owner = g_strdup("platform");
	verdict->repo = g_strdup("Monorepo");
	verdict->description = g_strdup("Takes CARD data, b\xc3\xa4r");
	return verdict;
}

START_TEST(test_misses)
{
	struct verdict *verdict = make();
	struct query query = {0};

	ck_assert(query_parse(cases[_i].query, &query, NULL));
	ck_assert_msg(select_misses(verdict, &query) == cases[_i].misses, "%s: %u", cases[_i].query,
		      select_misses(verdict, &query));
	query_done(&query);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_what_is_not_there)
{
	struct verdict *verdict = make();
	struct query query = {0};

	g_clear_pointer(&verdict->owner, g_free);
	g_clear_pointer(&verdict->repo, g_free);
	g_clear_pointer(&verdict->description, g_free);
	ck_assert(query_parse("owner=platform&repo=Monorepo&q=card", &query, NULL));
	ck_assert_uint_eq(select_misses(verdict, &query),
			  SELECT_FILTER_OWNER | SELECT_FILTER_REPO | SELECT_FILTER_SEARCH);
	query_done(&query);
	verdict_unref(verdict);
}
END_TEST

static const struct {
	const char *query;
	const char *word; /* of the error; NULL: none */
} names[] = {
	{"", NULL},
	{"owner=ml&repo=main", NULL},
	{"owner=ml&owner=mll", "mll"},
	{"repo=mian", "mian"},
	{"q=nobody", NULL}, /* nothing is found, which is no mistake */
};

START_TEST(test_names)
{
	struct snapshot *snapshot = snapshot_create(fixture_world());
	struct query query = {0};
	g_autoptr(GError) error = NULL;

	ck_assert(query_parse(names[_i].query, &query, NULL));
	ck_assert_int_eq(select_check_names(snapshot, &query, &error), !names[_i].word);
	if (names[_i].word)
		ck_assert_msg(strstr(error->message, names[_i].word), "%s", error->message);
	query_done(&query);
	snapshot_unref(snapshot);
}
END_TEST

/* The list that /drift shows: q narrows what is not ok, and with all=1 everything. */
START_TEST(test_list)
{
	static const struct {
		const char *query;
		int64_t selected;
	} lists[] = {{"q=service/w", 1},
		     {"q=service/w&all=1", 2},
		     {"q=WORKER", 1},
		     {"q=zz", 0},
		     {"q=", 3}};
	struct snapshot *snapshot = snapshot_create(fixture_world());
	struct query query = {0};
	struct select_page page = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		ck_assert(query_parse(lists[i].query, &query, NULL));
		ck_assert(select_drift(snapshot, &query, &page, NULL));
		ck_assert_msg(page.selected == lists[i].selected, "%s: %" PRId64, lists[i].query,
			      page.selected);
		select_page_done(&page);
		query_done(&query);
	}
	snapshot_unref(snapshot);
}
END_TEST

Suite *select_suite(void)
{
	Suite *suite = suite_create("select");
	TCase *tc = tcase_create("filters");

	tcase_add_loop_test(tc, test_misses, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_test(tc, test_what_is_not_there);
	tcase_add_loop_test(tc, test_names, 0, (int)G_N_ELEMENTS(names));
	tcase_add_test(tc, test_list);
	suite_add_tcase(suite, tc);
	return suite;
}
