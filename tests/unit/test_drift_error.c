/* Tests of lib/drift_error.c */
#include "drift_error.h"

#include <check.h>
#include <errno.h>

Suite *drift_error_suite(void);

static const struct {
	int saved_errno;
	enum drift_error want;
} cases[] = {
	{ENOSPC, DRIFT_ERROR_FULL},   {EDQUOT, DRIFT_ERROR_FULL},
	{EACCES, DRIFT_ERROR_DENIED}, {EPERM, DRIFT_ERROR_DENIED},
	{EROFS, DRIFT_ERROR_DENIED},  {ENOENT, DRIFT_ERROR_NOT_FOUND},
	{EBUSY, DRIFT_ERROR_BUSY},    {EADDRINUSE, DRIFT_ERROR_BUSY},
	{EIO, DRIFT_ERROR_IO},        {EISDIR, DRIFT_ERROR_IO},
};

START_TEST(test_errno_gets_its_code)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want =
		g_strdup_printf("open state.db: %s", g_strerror(cases[_i].saved_errno));

	drift_error_set_errno(&error, cases[_i].saved_errno, "open", "state.db");
	ck_assert(g_error_matches(error, DRIFT_ERROR, (gint)cases[_i].want));
	ck_assert_str_eq(error->message, want);
}
END_TEST

START_TEST(test_nobody_wants_the_error)
{
	drift_error_set_errno(NULL, ENOENT, "open", "state.db");
}
END_TEST

Suite *drift_error_suite(void)
{
	Suite *suite = suite_create("drift_error");
	TCase *tc = tcase_create("drift_error");

	tcase_add_loop_test(tc, test_errno_gets_its_code, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tc, test_nobody_wants_the_error);
	suite_add_tcase(suite, tc);
	return suite;
}
