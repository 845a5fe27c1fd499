/* Unit tests of lib/matcher. */
#include "config/config.h"
#include "drift_error.h"
#include "matcher.h"

#include <check.h>
#include <string.h>

Suite *matcher_suite(void);

static const struct matcher_subject billing = {"service/billing", "service", "P0", "ml"};
static const struct matcher_subject orders = {"table/sales.orders", "table", "P2", NULL};
static const struct matcher_subject repo = {"repo/main", "repo", "P1", NULL};

static const struct {
	const char *text;
	bool billing, orders, repo;
} good[] = {
	{"P0", true, false, false},
	{"P1", false, false, true},
	{"P2", false, true, false},
	{"priority=P0", true, false, false},
	{"priority = P2", false, true, false},
	{"  P0\t", true, false, false},
	{"owner=ml", true, false, false},
	{"owner=m", false, false, false},
	{"owner=mlx", false, false, false},
	{"owner=ML", false, false, false},
	{"owner = team of data", false, false, false},
	{"owner=a=b", false, false, false},
	{"owner=P0", false, false, false},
	{"owner=ann@example.com", false, false, false},
	{"kind=service", true, false, false},
	{"kind=table", false, true, false},
	{"kind=repo", false, false, true},
	{"kind=backup", false, false, false},
	{"*", true, true, true},
	{"*/*", true, true, true},
	{"service/*", true, false, false},
	{"service/billing", true, false, false},
	{"service/bill", false, false, false},
	{"service/Billing", false, false, false},
	{"service/b*g", true, false, false},
	{"service/b*x", false, false, false},
	{"service/*billing*", true, false, false},
	{"*billing", true, false, false},
	{"*.orders", false, true, false},
	{"table/sales.*", false, true, false},
	{"table/sales-*", false, false, false},
	{"repo/*", false, false, true},
	{"repo/main", false, false, true},
	{"rep*", false, false, true},
	{"s*/b*", true, false, false},
	{"*a*", false, true, true},
};

START_TEST(test_matches)
{
	g_autoptr(GError) error = NULL;
	struct matcher *matcher = matcher_parse(good[_i].text, &error);
	g_autofree char *stripped = g_strstrip(g_strdup(good[_i].text));

	ck_assert_msg(matcher != NULL, "%s: %s", good[_i].text, error ? error->message : "");
	ck_assert_str_eq(matcher_text(matcher), stripped);
	ck_assert_int_eq(matcher_matches(matcher, &billing), good[_i].billing);
	ck_assert_int_eq(matcher_matches(matcher, &orders), good[_i].orders);
	ck_assert_int_eq(matcher_matches(matcher, &repo), good[_i].repo);
	matcher_free(matcher);
}
END_TEST

static const struct {
	const char *text;
	const char *want; /* part of the message */
} bad[] = {
	{"", "write a priority"},
	{" ", "write a priority"},
	{"P3", "write a priority"},
	{"p1", "did you mean P1?"},
	{"billing", "write a priority"},
	{"table", "write kind=table"},
	{"repo", "write kind=repo"},
	{"priority=", "a priority is P0, P1 or P2"},
	{"priority=p0", "did you mean P0?"},
	{"priority=P*", "a priority is P0, P1 or P2"},
	{"kind=", "a kind is service"},
	{"kind=tabel", "did you mean table?"},
	{"kind=*", "a kind is service"},
	{"kind=Service", "did you mean service?"},
	{"owner=", "needs a name"},
	{"owner= ", "needs a name"},
	{"owner=*", "in a target id only"},
	{"owner=ml*", "in a target id only"},
	{"=ml", "before = comes priority, owner or kind"},
	{"onwer=ml", "did you mean owner?"},
	{"state=drift", "before = comes priority, owner or kind"},
	{"Owner=ml", "did you mean owner?"},
	{"service/", "one slash"},
	{"service//x", "one slash"},
	{"service/a/b", "one slash"},
	{"*/a/b", "one slash"},
	{"/", "one slash"},
	{"/x", "a kind is service"},
	{"servise/x", "did you mean service?"},
	{"servise/*", "did you mean service?"},
	{"service/a b", "write a priority"},
	{"service/b?lling", "write a priority"},
	{"service/[ab]", "write a priority"},
	{"service/x, table/y", "write a priority"},
	{"service/caf\xc3\xa9*", "write a priority"},
	{"owner=a\nb", "control character"},
	{"owner=a\x1b[31m", "control character"},
	{"owner=a\xc2\x85", "control character"},
	{"owner=a\xff", "not UTF-8"},
};

START_TEST(test_refuses)
{
	g_autoptr(GError) error = NULL;

	ck_assert_msg(matcher_parse(bad[_i].text, &error) == NULL, "accepted: %s", bad[_i].text);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_msg(strstr(error->message, bad[_i].want) != NULL, "%s: %s", bad[_i].text,
		      error->message);
	ck_assert_ptr_null(strchr(error->message, '\n'));
}
END_TEST

START_TEST(test_longest)
{
	static const int offsets[] = {-1, 0, 1};
	g_autofree char *name =
		g_strnfill((gsize)(MATCHER_TEXT_MAX_BYTES + offsets[_i]) - strlen("owner="), 'x');
	g_autofree char *text = g_strconcat("owner=", name, NULL);
	g_autoptr(GError) error = NULL;
	struct matcher *matcher = matcher_parse(text, &error);

	ck_assert_int_eq(matcher != NULL, offsets[_i] <= 0);
	ck_assert_int_eq(error != NULL, offsets[_i] > 0);
	matcher_free(matcher);
}
END_TEST

/* Many wildcards over a long id must not take forever. */
START_TEST(test_worst_pattern)
{
	g_autoptr(GString) pattern = g_string_new("service/");
	g_autofree char *name = g_strnfill(100, 'a');
	g_autofree char *id = g_strconcat("service/", name, NULL);
	const struct matcher_subject subject = {id, "service", "P1", NULL};
	struct matcher *matcher;

	for (int i = 0; i < 120; i++)
		g_string_append(pattern, "*a");
	g_string_append_c(pattern, 'b');
	matcher = matcher_parse(pattern->str, NULL);
	ck_assert_ptr_nonnull(matcher);
	for (int i = 0; i < 10000; i++)
		ck_assert(!matcher_matches(matcher, &subject));
	matcher_free(matcher);
}
END_TEST

/* All kinds of targets are known here, and only they and repositories. */
START_TEST(test_kinds)
{
	for (enum target_kind kind = TARGET_KIND_SERVICE; kind < TARGET_KIND_COUNT; kind++) {
		g_autofree char *text = g_strconcat("kind=", target_kind_text(kind), NULL);
		g_autofree char *pattern = g_strconcat(target_kind_text(kind), "/*", NULL);
		struct matcher *by_kind = matcher_parse(text, NULL);
		struct matcher *by_id = matcher_parse(pattern, NULL);

		ck_assert_msg(by_kind && by_id, "%s", text);
		matcher_free(by_kind);
		matcher_free(by_id);
	}
	for (enum priority priority = PRIORITY_P0; priority <= PRIORITY_P2; priority++) {
		struct matcher *matcher = matcher_parse(priority_text(priority), NULL);

		ck_assert_ptr_nonnull(matcher);
		matcher_free(matcher);
	}
	ck_assert_ptr_null(matcher_parse("kind=slack", NULL));
	matcher_free(NULL);
}
END_TEST

Suite *matcher_suite(void)
{
	Suite *suite = suite_create("matcher");
	TCase *tcase = tcase_create("matcher");

	tcase_add_loop_test(tcase, test_matches, 0, G_N_ELEMENTS(good));
	tcase_add_loop_test(tcase, test_refuses, 0, G_N_ELEMENTS(bad));
	tcase_add_loop_test(tcase, test_longest, 0, 3);
	tcase_add_test(tcase, test_worst_pattern);
	tcase_add_test(tcase, test_kinds);
	suite_add_tcase(suite, tcase);
	return suite;
}
