/* Unit tests of daemon/statedir. */
#include "daemon/statedir.h"
#include "drift_error.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *statedir_suite(void);

static char *scratch;

static void set_up(void)
{
	scratch = g_dir_make_tmp("driftd-statedir-XXXXXX", NULL);
	ck_assert_ptr_nonnull(scratch);
}

static void tear_down(void)
{
	g_autofree char *state = g_build_filename(scratch, "a", "b", NULL);
	const char *names[] = {"driftd.lock", "driftd.address"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *file = g_build_filename(state, names[i], NULL);

		(void)g_unlink(file);
	}
	(void)g_rmdir(state);
	g_autofree char *parent = g_build_filename(scratch, "a", NULL);

	(void)g_chmod(parent, 0700);
	(void)g_rmdir(parent);
	(void)g_unlink(parent);
	(void)g_rmdir(scratch);
	g_free(scratch);
}

START_TEST(test_is_made_and_locked_once)
{
	g_autofree char *state = g_build_filename(scratch, "a", "b", NULL);
	g_autoptr(GError) error = NULL;
	struct stat info;
	int first = -7, second = -7;

	ck_assert(statedir_lock(state, &first, &error));
	ck_assert_int_eq(stat(state, &info), 0);
	ck_assert_int_eq(info.st_mode & 0777, 0700);
	ck_assert(!statedir_lock(state, &second, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_BUSY);
	ck_assert_int_eq(second, -7);
	g_clear_error(&error);
	ck_assert_int_eq(close(first), 0);
	ck_assert(statedir_lock(state, &second, &error));
	ck_assert_int_eq(close(second), 0);
}
END_TEST

START_TEST(test_a_file_in_the_way_is_said)
{
	g_autofree char *file = g_build_filename(scratch, "a", NULL);
	g_autofree char *state = g_build_filename(file, "b", NULL);
	g_autoptr(GError) error = NULL;
	int fd = -7;

	ck_assert(g_file_set_contents(file, "x", 1, NULL));
	ck_assert(!statedir_lock(state, &fd, &error));
	ck_assert_int_eq(fd, -7);
	ck_assert_ptr_nonnull(strstr(error->message, "state-dir"));
	ck_assert_ptr_nonnull(strstr(error->message, state));
}
END_TEST

START_TEST(test_address_is_kept)
{
	g_autofree char *state = g_build_filename(scratch, "a", "b", NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *read_back = NULL;
	int fd;

	ck_assert(statedir_lock(state, &fd, &error));
	ck_assert_ptr_null(statedir_read_address(state));
	ck_assert(statedir_write_address(state, "127.0.0.1:4711", &error));
	read_back = statedir_read_address(state);
	ck_assert_str_eq(read_back, "127.0.0.1:4711");
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

Suite *statedir_suite(void)
{
	Suite *suite = suite_create("statedir");
	TCase *tcase = tcase_create("lock");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_is_made_and_locked_once);
	tcase_add_test(tcase, test_a_file_in_the_way_is_said);
	tcase_add_test(tcase, test_address_is_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
