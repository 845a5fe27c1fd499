/* harness_git - real repositories. */
#include "tests/integration/harness.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static char **git_environment(int64_t when_s)
{
	static const char *const fixed[][2] = {
		{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"},
		{"GIT_AUTHOR_NAME", "Ana Ruiz"},    {"GIT_AUTHOR_EMAIL", "ana@acme.example"},
		{"GIT_COMMITTER_NAME", "Ana Ruiz"}, {"GIT_COMMITTER_EMAIL", "ana@acme.example"},
		{"GIT_TERMINAL_PROMPT", "0"},       {"LC_ALL", "C"},
	};
	char **environment = g_get_environ();
	g_autofree char *date = g_strdup_printf("@%" G_GINT64_FORMAT " +0000", when_s);

	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		environment = g_environ_setenv(environment, fixed[i][0], fixed[i][1], TRUE);
	environment = g_environ_setenv(environment, "GIT_AUTHOR_DATE", date, TRUE);
	environment = g_environ_setenv(environment, "GIT_COMMITTER_DATE", date, TRUE);
	return environment;
}

static char *run_git(const char *directory, char **arguments, int64_t when_s)
{
	g_auto(GStrv) environment = git_environment(when_s);
	g_autoptr(GError) error = NULL;
	g_autofree char *failed = NULL;
	char *output = NULL;
	int status = 0;

	ck_assert_msg(g_spawn_sync(directory, arguments, environment, G_SPAWN_SEARCH_PATH, NULL,
				   NULL, &output, &failed, &status, &error),
		      "git: %s", error ? error->message : "");
	ck_assert_msg(g_spawn_check_wait_status(status, NULL), "git %s in %s: %s", arguments[1],
		      directory, failed);
	return g_strchomp(output);
}

static int64_t now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

char *git(const char *directory, ...)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) arguments = NULL;
	const char *argument = NULL;
	va_list list;

	g_strv_builder_add(builder, "git");
	va_start(list, directory);
	while ((argument = va_arg(list, const char *)))
		g_strv_builder_add(builder, argument);
	va_end(list);
	arguments = g_strv_builder_end(builder);
	return run_git(directory, arguments, now_s());
}

char *repo_make(const struct world *world, const char *name)
{
	g_autofree char *bare = g_strdup_printf("%s/git/%s.git", world->directory, name);
	char *checkout = g_strdup_printf("%s/work/%s", world->directory, name);

	g_free(git("/", "init", "-q", "--bare", "-b", "main", bare, NULL));
	g_free(git("/", "init", "-q", "-b", "main", checkout, NULL));
	g_free(git(checkout, "remote", "add", "origin", bare, NULL));
	return checkout;
}

static void write_file(const char *checkout, const char *path, const char *content)
{
	g_autofree char *full = g_build_filename(checkout, path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);
	g_autoptr(GError) error = NULL;

	if (!*content) {
		ck_assert_msg(unlink(full) == 0, "unlink %s: %s", full, strerror(errno));
		return;
	}
	ck_assert(g_mkdir_with_parents(folder, 0755) == 0);
	ck_assert_msg(g_file_set_contents(full, content, -1, &error), "%s",
		      error ? error->message : "");
}

char *repo_commit(const char *checkout, const char *path, const char *content, int64_t age_s)
{
	char *commit[] = {(char[]){"git"},
			  (char[]){"commit"},
			  (char[]){"-q"},
			  (char[]){"--allow-empty"},
			  (char[]){"-m"},
			  NULL,
			  NULL};
	g_autofree char *subject = g_strdup_printf("%s: %.40s", path, content);

	write_file(checkout, path, content);
	g_free(git(checkout, "add", "-A", NULL));
	commit[5] = subject;
	g_free(run_git(checkout, commit, now_s() - age_s));
	return git(checkout, "rev-parse", "HEAD", NULL);
}

void repo_push(const char *checkout)
{
	g_free(git(checkout, "push", "-q", "--force", "origin", "HEAD:main", NULL));
}

char *repo_publish(const char *checkout, const char *path, const char *content, int64_t age_s)
{
	char *sha = repo_commit(checkout, path, content, age_s);

	repo_push(checkout);
	return sha;
}
