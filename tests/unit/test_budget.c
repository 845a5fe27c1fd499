/* budget: bytes of a day against daily-bytes, and what goes to the store and comes back. */
#include "data/budget.h"

#include <check.h>
#include <string.h>

Suite *budget_suite(void);

/* 2026-11-20T11:00:00Z */
#define NOW_MS ((int64_t)1795172400000)
#define NEXT_DAY_MS (NOW_MS + 13 * MS_PER_HOUR)

static char default_name[] = "default";
static char other_name[] = "other";

static struct config_gcp gcp_of(char *name, int64_t daily_bytes)
{
	return (struct config_gcp){.name = name, .daily_bytes = daily_bytes};
}

static struct data_cost cost_of(int64_t billed)
{
	return (struct data_cost){.queries = 1, .bytes_processed = billed, .bytes_billed = billed};
}

static bool allows(const struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		   int64_t now_wall_ms)
{
	g_autofree char *why = NULL;
	bool allowed = budget_allows(budget, gcp, bytes, now_wall_ms, &why);

	ck_assert_int_eq(allowed, why == NULL);
	return allowed;
}

/* --- limits --- */

static const struct {
	const char *name;
	int64_t driftd, gcp; /* limits */
	int64_t spent;       /* with the section */
	int64_t elsewhere;   /* with another one */
	int64_t bytes;
	bool allowed;
} limits[] = {
	{"no limits", 0, 0, G_MAXINT64, G_MAXINT64, G_MAXINT64, true},
	{"one below", 0, 100, 60, 0, 39, true},
	{"exactly", 0, 100, 60, 0, 40, true},
	{"one beyond", 0, 100, 60, 0, 41, false},
	{"anything left", 0, 100, 99, 0, 0, true},
	{"nothing left", 0, 100, 100, 0, 0, false},
	{"overspent", 0, 100, 150, 0, 0, false},
	{"others do not count", 0, 100, 60, 1000, 40, true},
	{"all count for driftd", 100, 0, 30, 30, 40, true},
	{"all count for driftd, beyond", 100, 0, 30, 30, 41, false},
	{"both: the section's", 1000, 100, 60, 0, 41, false},
	{"both: driftd's", 100, 1000, 60, 0, 41, false},
	{"no overflow", 0, 100, G_MAXINT64, 0, G_MAXINT64, false},
	{"nothing negative", 0, 100, 99, 0, -5, true},
};

START_TEST(test_limits)
{
	struct budget *budget = budget_create();
	struct config config = {.driftd = {.daily_bytes = limits[_i].driftd}};
	struct config_gcp gcp = gcp_of(default_name, limits[_i].gcp);
	struct config_gcp other = gcp_of(other_name, 0);

	budget_set_config(budget, &config);
	budget_spend(budget, &gcp, "table/a", cost_of(limits[_i].spent), NOW_MS);
	budget_spend(budget, &other, "table/b", cost_of(limits[_i].elsewhere), NOW_MS);
	ck_assert_msg(allows(budget, &gcp, limits[_i].bytes, NOW_MS) == limits[_i].allowed, "%s",
		      limits[_i].name);
	budget_free(budget);
}
END_TEST

START_TEST(test_a_new_day_begins_with_nothing)
{
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 100);

	budget_spend(budget, &gcp, "table/a", cost_of(100), NOW_MS);
	ck_assert(!allows(budget, &gcp, 1, NEXT_DAY_MS - 1));
	ck_assert(allows(budget, &gcp, 100, NEXT_DAY_MS));
	budget_spend(budget, &gcp, "table/a", cost_of(7), NEXT_DAY_MS);
	ck_assert_int_eq(budget_spent(budget, NULL, NEXT_DAY_MS), 7);
	/* the clock goes back over midnight */
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 100);
	ck_assert(!allows(budget, &gcp, 1, NOW_MS));
	budget_free(budget);
}
END_TEST

START_TEST(test_says_which_and_how_much)
{
	struct budget *budget = budget_create();
	struct config config = {.driftd = {.daily_bytes = 5000000000}};
	struct config_gcp gcp = gcp_of(other_name, 2000000000);
	g_autofree char *why = NULL;
	g_autofree char *spent = NULL;
	g_autofree char *whole = NULL;

	budget_set_config(budget, &config);
	budget_spend(budget, &gcp, "table/a", cost_of(1500000000), NOW_MS);
	ck_assert(!budget_allows(budget, &gcp, 600000000, NOW_MS, &why));
	ck_assert_str_eq(why, "[gcp \"other\"] daily-bytes = 2 GB does not allow it: 1.5 GB are "
			      "spent today, or held for queries under way or cancelled, and this "
			      "is about 600 MB more (until 2026-11-21T00:00:00Z)");
	budget_spend(budget, &gcp, "table/a", cost_of(600000000), NOW_MS);
	ck_assert(!budget_allows(budget, &gcp, 0, NOW_MS, &spent));
	ck_assert_str_eq(spent, "[gcp \"other\"] daily-bytes = 2 GB is spent (2.1 GB today, until "
				"2026-11-21T00:00:00Z)");
	gcp.daily_bytes = 0;
	ck_assert(!budget_allows(budget, &gcp, 3000000000, NOW_MS, &whole));
	ck_assert_msg(g_str_has_prefix(whole, "[driftd] daily-bytes = 5 GB "), "%s", whole);
	budget_free(budget);
}
END_TEST

/* --- queries that start together --- */

START_TEST(test_held_bytes_count)
{
	struct budget *budget = budget_create();
	struct config config = {.driftd = {.daily_bytes = 150}};
	struct config_gcp gcp = gcp_of(default_name, 100);
	struct config_gcp other = gcp_of(other_name, 0);

	budget_set_config(budget, &config);
	budget_hold(budget, &gcp, 60, NOW_MS + 1000);
	ck_assert(allows(budget, &gcp, 40, NOW_MS));
	ck_assert(!allows(budget, &gcp, 41, NOW_MS));
	ck_assert(allows(budget, &other, 90, NOW_MS));
	ck_assert(!allows(budget, &other, 91, NOW_MS));
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 0);
	budget_hold(budget, &gcp, 60, NOW_MS + 1000);
	budget_release(budget, &gcp, 60, NOW_MS + 1000);
	ck_assert(!allows(budget, &gcp, 41, NOW_MS)); /* one of the two is left */
	budget_release(budget, &other, 60, NOW_MS + 1000);
	ck_assert(!allows(budget, &gcp, 41, NOW_MS)); /* another section's */
	budget_release(budget, &gcp, 60, NOW_MS + 1000);
	ck_assert(allows(budget, &gcp, 100, NOW_MS));
	budget_free(budget);
}
END_TEST

START_TEST(test_held_bytes_of_a_run_that_is_gone_end)
{
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 100);

	budget_hold(budget, &gcp, 60, NOW_MS + 1000);
	ck_assert(!allows(budget, &gcp, 41, NOW_MS + 999));
	ck_assert(allows(budget, &gcp, 100, NOW_MS + 1000));
	budget_free(budget);
}
END_TEST

START_TEST(test_kept_bytes_count_until_the_day_ends)
{
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 100);
	struct config_gcp other = gcp_of(other_name, 100);
	g_autoptr(GPtrArray) taken = NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	budget_keep(budget, &gcp, 30, NOW_MS);
	budget_keep(budget, &gcp, 40, NOW_MS + 1);
	budget_keep(budget, &gcp, 0, NOW_MS);
	budget_load(budget, none); /* what the store has is something else */
	budget_release(budget, &gcp, 70, NEXT_DAY_MS);
	ck_assert(allows(budget, &gcp, 30, NOW_MS));
	ck_assert(!allows(budget, &gcp, 31, NOW_MS));
	ck_assert(!allows(budget, &gcp, 31, NEXT_DAY_MS - 1));
	ck_assert(allows(budget, &gcp, 100, NEXT_DAY_MS));
	ck_assert(allows(budget, &other, 100, NOW_MS));
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 0);
	taken = budget_take(budget);
	ck_assert_uint_eq(taken->len, 0);
	budget_keep(budget, &gcp, 100, NEXT_DAY_MS + 10 * MS_PER_DAY);
	ck_assert(!allows(budget, &gcp, 1, NEXT_DAY_MS + 10 * MS_PER_DAY));
	budget_free(budget);
}
END_TEST

/* --- to the store and back --- */

static const struct budget_spending *find(const GPtrArray *spendings, const char *target)
{
	for (guint i = 0; i < spendings->len; i++)
		if (strcmp(((struct budget_spending *)spendings->pdata[i])->target, target) == 0)
			return spendings->pdata[i];
	ck_abort_msg("nothing was spent for %s", target);
}

START_TEST(test_taken_once)
{
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 0);
	g_autoptr(GPtrArray) first = NULL;
	g_autoptr(GPtrArray) second = NULL;
	const struct budget_spending *spending = NULL;

	budget_spend(budget, &gcp, "table/a", cost_of(10), NOW_MS);
	budget_spend(budget, &gcp, "table/a",
		     (struct data_cost){.queries = 1, .bytes_processed = 5, .bytes_billed = 20},
		     NOW_MS);
	budget_spend(budget, &gcp, "table/b", cost_of(0), NOW_MS);
	budget_spend(budget, &gcp, "table/free", (struct data_cost){0}, NOW_MS);
	first = budget_take(budget);
	second = budget_take(budget);
	ck_assert_uint_eq(first->len, 2);
	ck_assert_uint_eq(second->len, 0);
	spending = find(first, "table/a");
	ck_assert_str_eq(spending->day, "2026-11-20");
	ck_assert_str_eq(spending->gcp, "default");
	ck_assert_int_eq(spending->cost.queries, 2);
	ck_assert_int_eq(spending->cost.bytes_processed, 15);
	ck_assert_int_eq(spending->cost.bytes_billed, 30);
	ck_assert_int_eq(find(first, "table/b")->cost.queries, 1);
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 30); /* taken, and still spent */
	budget_free(budget);
}
END_TEST

START_TEST(test_returned_is_taken_again)
{
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 0);
	g_autoptr(GPtrArray) first = NULL;
	g_autoptr(GPtrArray) second = NULL;

	budget_spend(budget, &gcp, "table/a", cost_of(10), NOW_MS);
	first = budget_take(budget);
	budget_spend(budget, &gcp, "table/a", cost_of(1), NOW_MS);
	budget_return(budget, first);
	second = budget_take(budget);
	ck_assert_uint_eq(second->len, 1);
	ck_assert_int_eq(find(second, "table/a")->cost.bytes_billed, 11);
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 11); /* not counted twice */
	budget_free(budget);
}
END_TEST

START_TEST(test_loaded_replaces_and_adds_what_is_not_stored)
{
	struct budget *before = budget_create();
	struct budget *budget = budget_create();
	struct config_gcp gcp = gcp_of(default_name, 100);
	struct config_gcp other = gcp_of(other_name, 0);
	g_autoptr(GPtrArray) stored = NULL;
	g_autoptr(GPtrArray) taken = NULL;

	budget_spend(before, &gcp, "table/a", cost_of(60), NOW_MS);
	budget_spend(before, &gcp, "table/b", cost_of(30), NOW_MS);
	budget_spend(before, &other, "table/c", cost_of(500), NOW_MS);
	stored = budget_take(before);
	budget_spend(budget, &gcp, "table/a", cost_of(9), NOW_MS);
	budget_load(budget, stored);
	budget_load(budget, stored);
	ck_assert_int_eq(budget_spent(budget, "default", NOW_MS), 99);
	ck_assert_int_eq(budget_spent(budget, "other", NOW_MS), 500);
	ck_assert_int_eq(budget_spent(budget, NULL, NOW_MS), 599);
	ck_assert(allows(budget, &gcp, 1, NOW_MS));
	ck_assert(!allows(budget, &gcp, 2, NOW_MS));
	taken = budget_take(budget);
	ck_assert_uint_eq(taken->len, 1); /* what was loaded is in the store already */
	ck_assert_int_eq(find(taken, "table/a")->cost.bytes_billed, 9);
	budget_free(before);
	budget_free(budget);
}
END_TEST

/* --- numbers for people --- */

static const struct {
	int64_t bytes;
	const char *text;
} texts[] = {
	{0, "0 bytes"},        {999, "999 bytes"},     {1000, "1 kB"},
	{1500, "1.5 kB"},      {999949, "999.9 kB"},   {999950, "1 MB"},
	{10485760, "10.5 MB"}, {10000000000, "10 GB"}, {G_MAXINT64, "9223.4 PB"},
};

START_TEST(test_bytes_text)
{
	g_autofree char *text = budget_bytes_text(texts[_i].bytes);

	ck_assert_str_eq(text, texts[_i].text);
}
END_TEST

Suite *budget_suite(void)
{
	Suite *suite = suite_create("budget");
	TCase *tcase = tcase_create("budget");

	tcase_add_loop_test(tcase, test_limits, 0, G_N_ELEMENTS(limits));
	tcase_add_test(tcase, test_a_new_day_begins_with_nothing);
	tcase_add_test(tcase, test_says_which_and_how_much);
	tcase_add_test(tcase, test_held_bytes_count);
	tcase_add_test(tcase, test_held_bytes_of_a_run_that_is_gone_end);
	tcase_add_test(tcase, test_kept_bytes_count_until_the_day_ends);
	tcase_add_test(tcase, test_taken_once);
	tcase_add_test(tcase, test_returned_is_taken_again);
	tcase_add_test(tcase, test_loaded_replaces_and_adds_what_is_not_stored);
	tcase_add_loop_test(tcase, test_bytes_text, 0, G_N_ELEMENTS(texts));
	suite_add_tcase(suite, tcase);
	return suite;
}
