/* Unit tests of lib/config/sql_text: one statement or more, closed or not, in both dialects. */
#include "config/sql_text.h"
#include "drift_error.h"

#include <check.h>
#include <string.h>

Suite *config_sql_suite(void);

#define BQ SQL_DIALECT_BIGQUERY
#define PG SQL_DIALECT_POSTGRESQL
#define MORE "there is more than one statement"
#define OPEN "a quote or a comment is not closed"

static const struct {
	const char *text;
	enum sql_dialect dialect;
	enum sql_form form;
	const char *want;  /* what is wrong; NULL: it is right */
	const char *taken; /* NULL: all of it */
} cases[] = {
	{"SELECT 1", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"  SELECT 1 ; \n", BQ, SQL_FORM_STATEMENT, NULL, "  SELECT 1"},
	{"SELECT 1 -- that is all", BQ, SQL_FORM_STATEMENT, NULL, "SELECT 1"},
	{"SELECT 1; -- that is all", BQ, SQL_FORM_STATEMENT, NULL, "SELECT 1"},
	{"SELECT 1 # ; all", BQ, SQL_FORM_STATEMENT, NULL, "SELECT 1"},
	{"/* ; */ SELECT 1 /* ; */", BQ, SQL_FORM_STATEMENT, NULL, "/* ; */ SELECT 1"},
	{"SELECT 1; SELECT 2", BQ, SQL_FORM_STATEMENT, MORE, NULL},
	{"SELECT 1;;", BQ, SQL_FORM_STATEMENT, MORE, NULL},
	{"SELECT 1; /* x */ )", BQ, SQL_FORM_STATEMENT, MORE, NULL},
	{"", BQ, SQL_FORM_STATEMENT, "there is no SQL", NULL},
	{" \n -- x\n", BQ, SQL_FORM_STATEMENT, "there is no SQL", NULL},
	{" ; SELECT 1", BQ, SQL_FORM_STATEMENT, "there is no SQL before", NULL},
	/* quotes hide what is in them */
	{"SELECT ';'", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT \";\"", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT `a;b`", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT '\\';'", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT '\\\\';'", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT r'\\';'", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT '''it's; '' \\''' '''", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT \"\"\"a\";\"\"\"", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT '';''", BQ, SQL_FORM_STATEMENT, MORE, NULL},
	{"SELECT 'a", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT 'a\\'", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT '''a''", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT `a", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT 1 /* a", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT 1 /*/ 2", BQ, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT 1 /* /* */ ; */", BQ, SQL_FORM_STATEMENT, MORE, NULL}, /* these do not nest */
	{"SELECT $$;$$", BQ, SQL_FORM_STATEMENT, MORE, NULL},
	{"SELECT (1", BQ, SQL_FORM_STATEMENT, "parentheses do not match", NULL},
	{"SELECT 1)", BQ, SQL_FORM_STATEMENT, "parentheses do not match", NULL},
	{"SELECT (1;)", BQ, SQL_FORM_STATEMENT, "parentheses do not match", NULL},
	{"SELECT '('", BQ, SQL_FORM_STATEMENT, NULL, NULL},
	/* the other dialect */
	{"SELECT 'it''s;'", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT '\\'; ", PG, SQL_FORM_STATEMENT, NULL, "SELECT '\\'"},
	{"SELECT '\\';'", PG, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT E'\\';'", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT e'\\';'", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT re'\\' ;", PG, SQL_FORM_STATEMENT, NULL, "SELECT re'\\'"},
	{"SELECT \"a\"\";b\"", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT a #> b; -- x", PG, SQL_FORM_STATEMENT, NULL, "SELECT a #> b"},
	{"SELECT $$;'$$", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT $q$;$$;$q$", PG, SQL_FORM_STATEMENT, NULL, NULL},
	{"SELECT $q$;$$;$Q$", PG, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT $1; $", PG, SQL_FORM_STATEMENT, MORE, NULL},
	{"SELECT a$b$; x$b$", PG, SQL_FORM_STATEMENT, MORE, NULL}, /* a name, not a quote */
	{"SELECT 1 /* /* */ ; */", PG, SQL_FORM_STATEMENT, NULL, "SELECT 1"},
	{"SELECT 1 /* /* */", PG, SQL_FORM_STATEMENT, OPEN, NULL},
	{"SELECT '''; '''", PG, SQL_FORM_STATEMENT, NULL, NULL},
	/* one SELECT */
	{"SELECT true", BQ, SQL_FORM_SELECT, NULL, NULL},
	{"select true;", BQ, SQL_FORM_SELECT, NULL, "select true"},
	{"/* x */ WITH a AS (SELECT 1) SELECT true", BQ, SQL_FORM_SELECT, NULL, NULL},
	{"((SELECT true))", BQ, SQL_FORM_SELECT, NULL, NULL},
	{"SELECTED", BQ, SQL_FORM_SELECT, "a SELECT is needed", NULL},
	{"UPDATE x SET a = 1", BQ, SQL_FORM_SELECT, "a SELECT is needed", NULL},
	{"'SELECT'", BQ, SQL_FORM_SELECT, "a SELECT is needed", NULL},
	{"SELECT true -- x", BQ, SQL_FORM_SELECT, "a comment would hide", NULL},
	{"SELECT true # x", BQ, SQL_FORM_SELECT, "a comment would hide", NULL},
	{"SELECT a # 1 = 2", PG, SQL_FORM_SELECT, NULL, NULL},
	{"SELECT true; SELECT false", PG, SQL_FORM_SELECT, MORE, NULL},
	/* a condition */
	{"a > 1 AND (b OR c)", BQ, SQL_FORM_CONDITION, NULL, NULL},
	{"a > 1)", BQ, SQL_FORM_CONDITION, "parentheses do not match", NULL},
	{"a) OR (b", BQ, SQL_FORM_CONDITION, "parentheses do not match", NULL},
	{"a;", BQ, SQL_FORM_CONDITION, "a condition has no ';'", NULL},
	{"a -- b", BQ, SQL_FORM_CONDITION, "a comment would hide", NULL},
	{"a /* b */", BQ, SQL_FORM_CONDITION, NULL, "a"},
	{"a = ';--#'", BQ, SQL_FORM_CONDITION, NULL, NULL},
};

START_TEST(test_case)
{
	size_t length = 77;
	g_autoptr(GError) error = NULL;
	bool ok = sql_check(cases[_i].text, cases[_i].dialect, cases[_i].form, &length, &error);

	if (cases[_i].want) {
		ck_assert_msg(!ok, "%s", cases[_i].text);
		ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
		ck_assert_msg(g_str_has_prefix(error->message, cases[_i].want), "%s: %s",
			      cases[_i].text, error->message);
		ck_assert_uint_eq(length, 77);
		return;
	}
	ck_assert_msg(ok, "%s: %s", cases[_i].text, error ? error->message : "");
	ck_assert_uint_eq(length, strlen(cases[_i].taken ? cases[_i].taken : cases[_i].text));
}
END_TEST

Suite *config_sql_suite(void)
{
	Suite *suite = suite_create("config_sql");
	TCase *all = tcase_create("statements");

	tcase_add_loop_test(all, test_case, 0, G_N_ELEMENTS(cases));
	suite_add_tcase(suite, all);
	return suite;
}
