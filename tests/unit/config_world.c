/* config_world - see config_world.h */
#include "tests/unit/config_world.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

static char *scratch; /* a fresh directory */

const char *config_world_directory(void)
{
	return scratch;
}

void config_world_set_up(void)
{
	scratch = g_dir_make_tmp("driftd-config-XXXXXX", NULL);
	ck_assert_ptr_nonnull(scratch);
	g_unsetenv("CREDENTIALS_DIRECTORY");
	g_unsetenv("STATE_DIRECTORY");
	g_unsetenv("NOT_SET");
	ck_assert(g_setenv("TOKEN", "hunter2-hunter2-hunter2", TRUE));
	ck_assert(g_setenv("EMPTY", "", TRUE));
	ck_assert(g_setenv("TWO_LINES", "hunter2\nhunter2", TRUE));
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			remove_tree(child);
		else
			(void)g_unlink(child);
	}
	(void)g_rmdir(path);
}

void config_world_tear_down(void)
{
	remove_tree(scratch);
	g_free(scratch);
}

/* Write a file into the directory; folders on the way are made. Returns its path. */
char *config_world_put(const char *name, const char *text)
{
	char *path = g_build_filename(scratch, name, NULL);
	g_autofree char *directory = g_path_get_dirname(path);

	ck_assert_int_eq(g_mkdir_with_parents(directory, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	return path;
}

/* The same for those who need no path. */
void config_world_put_only(const char *name, const char *text)
{
	g_free(config_world_put(name, text));
}

/* Load "driftd.ini" with @p text; the problems as text without the directory, or NULL with a
 * configuration. Caller frees. */
char *config_world_try_text(const char *text, struct config **ret_config)
{
	g_autofree char *path = config_world_put("driftd.ini", text);
	g_autofree char *prefix = g_strconcat(scratch, "/", NULL);
	g_autofree char *all = NULL;
	g_auto(GStrv) parts = NULL;
	GPtrArray *problems = NULL;

	*ret_config = NULL;
	if (config_load(path, ret_config, &problems)) {
		ck_assert_ptr_null(problems);
		return NULL;
	}
	ck_assert_ptr_null(*ret_config);
	ck_assert_uint_gt(problems->len, 0);
	all = config_problems_text(problems);
	g_ptr_array_unref(problems);
	parts = g_strsplit(all, prefix, -1);
	return g_strjoinv("", parts);
}

struct config *config_world_must_load(const char *text)
{
	struct config *config;
	g_autofree char *problems = config_world_try_text(text, &config);

	ck_assert_msg(problems == NULL, "%s", problems);
	return config;
}

void config_world_must_fail(const char *text, const char *want)
{
	struct config *config;
	g_autofree char *problems = config_world_try_text(text, &config);

	ck_assert_msg(problems != NULL, "accepted; wanted: %s", want);
	ck_assert_str_eq(problems, want);
}

void config_world_check(const char *text, const char *want)
{
	if (want)
		config_world_must_fail(text, want);
	else
		config_unref(config_world_must_load(text));
	ck_assert_msg(!want || !strstr(want, "hunter2"), "shows a secret");
}

const struct config_service *config_world_service_of(const struct config *config, guint index)
{
	return g_ptr_array_index(config->services, index);
}
