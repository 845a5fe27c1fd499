/* git_fixture - see git_fixture.h */
#include "tests/unit/git_fixture.h"

#include <check.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char *git_fixture_make_dir(void)
{
	char *dir = g_build_filename(g_get_tmp_dir(), "driftd-git-XXXXXX", NULL);

	ck_assert_ptr_nonnull(g_mkdtemp(dir));
	return dir;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

void git_fixture_remove_dir(char *dir)
{
	ck_assert_int_eq(nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
	g_free(dir);
}

/* Nothing of the machine's own configuration, and names and times that do not change. */
static char **make_environment(void)
{
	char **environment = g_get_environ();
	static const char *const drop[] = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"};

	for (size_t i = 0; i < G_N_ELEMENTS(drop); i++)
		environment = g_environ_unsetenv(environment, drop[i]);
	environment = g_environ_setenv(environment, "GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	environment = g_environ_setenv(environment, "GIT_CONFIG_NOSYSTEM", "1", TRUE);
	environment = g_environ_setenv(environment, "LC_ALL", "C", TRUE);
	environment = g_environ_setenv(environment, "GIT_AUTHOR_NAME", "Ann Author", TRUE);
	environment = g_environ_setenv(environment, "GIT_AUTHOR_EMAIL", "ann@example.com", TRUE);
	environment = g_environ_setenv(environment, "GIT_COMMITTER_NAME", "Carl", TRUE);
	environment = g_environ_setenv(environment, "GIT_COMMITTER_EMAIL", "c@example.com", TRUE);
	if (!g_environ_getenv(environment, "GIT_COMMITTER_DATE"))
		environment = g_environ_setenv(environment, "GIT_COMMITTER_DATE",
					       "1700000000 +0000", TRUE);
	return g_environ_setenv(environment, "GIT_AUTHOR_DATE", "1600000000 +0000", TRUE);
}

static char **collect_words(const char *dir, va_list words)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
	const char *word;

	g_ptr_array_add(argv, g_strdup("git"));
	g_ptr_array_add(argv, g_strdup("-C"));
	g_ptr_array_add(argv, g_strdup(dir));
	while ((word = va_arg(words, const char *)))
		g_ptr_array_add(argv, g_strdup(word));
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}

static int spawn(char **argv, char **ret_out, char **ret_err)
{
	g_auto(GStrv) environment = make_environment();
	g_autoptr(GError) error = NULL;
	int status = 0;

	ck_assert_msg(g_spawn_sync(NULL, argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL,
				   ret_out, ret_err, &status, &error),
		      "%s", error ? error->message : "");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Takes argv. */
static char *run(char **argv)
{
	g_autofree char *err = NULL;
	char *out = NULL;
	int status = spawn(argv, &out, &err);

	ck_assert_msg(status == 0, "git %s: %s", argv[3], err);
	g_strfreev(argv);
	return g_strstrip(out);
}

char *git_fixture_run(const char *dir, ...)
{
	va_list words;
	char **argv;

	va_start(words, dir);
	argv = collect_words(dir, words);
	va_end(words);
	return run(argv);
}

void git_fixture_do(const char *dir, ...)
{
	va_list words;
	char **argv;

	va_start(words, dir);
	argv = collect_words(dir, words);
	va_end(words);
	g_free(run(argv));
}

int git_fixture_status(const char *dir, ...)
{
	g_auto(GStrv) argv = NULL;
	g_autofree char *out = NULL;
	g_autofree char *err = NULL;
	va_list words;

	va_start(words, dir);
	argv = collect_words(dir, words);
	va_end(words);
	return spawn(argv, &out, &err);
}

char *git_fixture_feed(const char *dir, const char *input, gsize length, ...)
{
	g_autofree char *path = NULL;
	g_auto(GStrv) argv = NULL;
	g_auto(GStrv) shell = NULL;
	g_autofree char *err = NULL;
	char *out = NULL;
	va_list words;
	int fd = g_file_open_tmp("driftd-feed-XXXXXX", &path, NULL);
	int status;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, input, length), (gssize)length);
	ck_assert_int_eq(close(fd), 0);
	va_start(words, length);
	argv = collect_words(dir, words);
	va_end(words);
	shell = g_new0(char *, 5 + g_strv_length(argv));
	shell[0] = g_strdup("/bin/sh");
	shell[1] = g_strdup("-c");
	shell[2] = g_strdup("f=$0; exec \"$@\" <\"$f\"");
	shell[3] = g_strdup(path);
	for (guint i = 0; argv[i]; i++)
		shell[4 + i] = g_strdup(argv[i]);
	status = spawn(shell, &out, &err);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_msg(status == 0, "git %s: %s", argv[3], err);
	return g_strstrip(out);
}

void git_fixture_init(struct git_fixture *fixture)
{
	*fixture = (struct git_fixture){0};
	fixture->dir = git_fixture_make_dir();
	fixture->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	git_fixture_do(fixture->dir, "init", "-q", "--bare", "-b", "main", ".", NULL);
}

void git_fixture_done(struct git_fixture *fixture)
{
	git_fixture_remove_dir(fixture->dir);
	g_hash_table_unref(fixture->ids);
}

static void add_file(GString *stream, const char *mode, const char *operation)
{
	const char *equals = strchr(operation, '=');

	ck_assert_msg(equals != NULL, "%s", operation);
	if (strcmp(mode, "160000") == 0) {
		g_string_append_printf(stream, "M 160000 %s %.*s\n", equals + 1,
				       (int)(equals - operation), operation);
		return;
	}
	g_string_append_printf(stream, "M %s inline %.*s\ndata %zu\n%s\n", mode,
			       (int)(equals - operation), operation, strlen(equals + 1),
			       equals + 1);
}

static void add_operation(GString *stream, const char *operation)
{
	switch (operation[0]) {
	case '-':
		g_string_append_printf(stream, "D %s\n", operation + 1);
		break;
	case '+':
		add_file(stream, "100755", operation + 1);
		break;
	case '@':
		add_file(stream, "120000", operation + 1);
		break;
	case '%':
		add_file(stream, "160000", operation + 1);
		break;
	default:
		add_file(stream, "100644", operation);
	}
}

static void add_parents(const struct git_fixture *fixture, GString *stream, const char *parents)
{
	g_auto(GStrv) names = g_strsplit(parents, ",", -1);

	for (guint i = 0; names[i]; i++)
		g_string_append_printf(stream, "%s %s\n", i == 0 ? "from" : "merge",
				       git_fixture_id(fixture, names[i]));
}

/* One fast-import for each commit, so that parents can be named by their ids. */
static void add_commit(struct git_fixture *fixture, const char *line)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	char *colon = strchr(words[0], ':');
	g_autofree char *name =
		g_strndup(words[0], colon ? (gsize)(colon - words[0]) : strlen(words[0]));
	g_autofree char *ref = g_strconcat("refs/heads/", name, NULL);
	g_autofree char *out = NULL;

	g_string_append_printf(stream,
			       "commit %s\nauthor Ann Author <ann@example.com> 1600000000 +0000\n"
			       "committer Carl <c@example.com> %u +0000\ndata %zu\n%s\n",
			       ref, GIT_FIXTURE_EPOCH_S + 100 * fixture->count++, strlen(name),
			       name);
	if (colon)
		add_parents(fixture, stream, colon + 1);
	for (guint i = 1; words[i]; i++) {
		if (words[i][0])
			add_operation(stream, words[i]);
	}
	out = git_fixture_feed(fixture->dir, stream->str, stream->len, "fast-import", "--quiet",
			       "--force", NULL);
	g_hash_table_insert(fixture->ids, g_steal_pointer(&name),
			    git_fixture_run(fixture->dir, "rev-parse", ref, NULL));
}

void git_fixture_add(struct git_fixture *fixture, const char *description)
{
	g_auto(GStrv) lines = g_strsplit(description, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		if (lines[i][0])
			add_commit(fixture, lines[i]);
	}
}

const char *git_fixture_id(const struct git_fixture *fixture, const char *name)
{
	const char *id = g_hash_table_lookup(fixture->ids, name);

	ck_assert_msg(id != NULL, "no commit %s", name);
	return id;
}

void git_fixture_set_main(const struct git_fixture *fixture, const char *name)
{
	git_fixture_do(fixture->dir, "update-ref", "refs/heads/main", git_fixture_id(fixture, name),
		       NULL);
}
