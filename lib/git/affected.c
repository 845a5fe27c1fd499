/* affected - see affected.h. Done by git itself: it knows every form an index can have (split,
 * sparse) and where the user's configuration puts hooks. */
#include "git/affected.h"

#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "git/gitcmd.h"

/** A commit must not wait for long: what takes longer is an error. */
#define AFFECTED_TIMEOUT_MS (30 * MS_PER_S)

/** What everything staged differs from before there is a commit. Every git knows it. */
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

static bool run(const char *directory, const char *what, const char *const *words,
		struct gitcmd_result *ret, GError **error)
{
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	struct gitcmd command = {
		.what = what,
		.deadline_mono_ms = clk_mono_ms() + AFFECTED_TIMEOUT_MS,
		.cancel = -1,
		.own_environment = true,
	};

	g_ptr_array_add(args, (gpointer)(uintptr_t) "-C");
	g_ptr_array_add(args, (gpointer)(uintptr_t)directory);
	for (size_t i = 0; words[i]; i++)
		g_ptr_array_add(args, (gpointer)(uintptr_t)words[i]);
	g_ptr_array_add(args, NULL);
	command.args = (const char *const *)args->pdata;
	return gitcmd_run(&command, ret, error);
}

/* Nothing of a checkout is damaged when there is none. */
static void correct_code(const struct gitcmd_result *result, GError **error)
{
	if (error && *error && result->fault == GITCMD_FAULT_DAMAGED)
		(*error)->code = DRIFT_ERROR_NOT_FOUND;
}

static gint compare_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Paths with a NUL behind each. */
static GPtrArray *split_paths(const struct gitcmd_result *result)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	const char *end = result->out + result->out_length;

	for (const char *path = result->out; path < end; path += strlen(path) + 1)
		g_ptr_array_add(paths, g_strdup(path));
	g_ptr_array_sort(paths, compare_text);
	return paths;
}

/* The commit that a name stands for; nothing that looks like an option gets through. */
static char *find_commit(const char *directory, const char *name, GError **error)
{
	g_autofree char *wanted = g_strconcat(name[0] ? name : "HEAD", "^{commit}", NULL);
	const char *const words[] = {"rev-parse",        "--verify", "--quiet",
				     "--end-of-options", wanted,     NULL};
	struct gitcmd_result result = {0};
	g_autoptr(GError) failure = NULL;
	char *id = NULL;

	if (run(directory, "rev-parse", words, &result, &failure))
		id = g_strstrip(g_strdup(result.out));
	else if (result.exit_code == 1)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no commit \"%s\" in the repository of %s", name, directory);
	else
		g_propagate_error(error, g_steal_pointer(&failure));
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return id;
}

static GPtrArray *list_changes(const char *directory, const char *const *words, GError **error)
{
	struct gitcmd_result result = {0};
	GPtrArray *paths = NULL;

	if (run(directory, words[0], words, &result, error))
		paths = split_paths(&result);
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return paths;
}

/* The index against HEAD; before the first commit everything is new. */
static GPtrArray *list_staged(const char *directory, GError **error)
{
	static const char *const head[] = {"rev-parse", "--verify", "--quiet", "HEAD", NULL};
	struct gitcmd_result result = {0};
	g_autoptr(GError) failure = NULL;
	bool born = run(directory, "rev-parse", head, &result, &failure);
	const char *const words[] = {"diff-index",
				     "--cached",
				     "--name-only",
				     "-z",
				     "--no-renames",
				     "--no-relative",
				     born ? "HEAD" : EMPTY_TREE,
				     "--",
				     NULL};
	bool known = born || result.exit_code == 1;

	if (!known)
		g_propagate_error(error, g_steal_pointer(&failure));
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return known ? list_changes(directory, words, error) : NULL;
}

static GPtrArray *list_between(const char *directory, const char *from, const char *to,
			       GError **error)
{
	const char *const words[] = {
		"diff-tree", "-r", "--name-only", "-z", "--no-renames", "--no-relative",
		from,        to,   "--",          NULL};

	return list_changes(directory, words, error);
}

GPtrArray *affected_paths(const char *directory, const char *range, GError **error)
{
	const char *dots = range ? strstr(range, "..") : NULL;
	g_autofree char *base = NULL;
	g_autofree char *from = NULL;
	g_autofree char *to = NULL;

	if (!range)
		return list_staged(directory, error);
	if (!dots || dots[2] == '.' || strstr(dots + 2, "..")) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%s\" is no range; write BASE..TIP", range);
		return NULL;
	}
	base = g_strndup(range, (gsize)(dots - range));
	from = find_commit(directory, base, error);
	if (!from)
		return NULL;
	to = find_commit(directory, dots + 2, error);
	return to ? list_between(directory, from, to, error) : NULL;
}

char *affected_hooks_dir(const char *directory, GError **error)
{
	static const char *const words[] = {"rev-parse", "--path-format=absolute", "--git-path",
					    "hooks", NULL};
	struct gitcmd_result result = {0};
	char *path = NULL;

	if (run(directory, "rev-parse", words, &result, error))
		path = g_strchomp(g_strdup(result.out));
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return path;
}

/* "host/path" of any way to write a URL: what says whether two mean one repository. Caller
 * frees. */
static char *bare_address(const char *url)
{
	const char *scheme = strstr(url, "://");
	g_autofree char *rest = g_strdup(scheme ? scheme + 3 : url);
	char *at = strchr(rest, '@');
	char *slash = strchr(rest, '/');
	char *start = at && (!slash || at < slash) ? at + 1 : rest;
	char *colon = scheme ? NULL : strchr(start, ':');

	if (colon) /* user@host:path */
		*colon = '/';
	while (g_str_has_suffix(start, "/"))
		start[strlen(start) - 1] = '\0';
	if (g_str_has_suffix(start, ".git"))
		start[strlen(start) - strlen(".git")] = '\0';
	return g_strdup(start);
}

static bool is_same_folder(const char *a, const char *b)
{
	g_autofree char *real_a = realpath(a, NULL);
	g_autofree char *real_b = realpath(b, NULL);

	return real_a && real_b && strcmp(real_a, real_b) == 0;
}

static bool is_folder_of(const char *directory, const char *local_path, bool *ret_is_of,
			 GError **error)
{
	static const char *const words[] = {"rev-parse", "--path-format=absolute",
					    "--git-common-dir", NULL};
	struct gitcmd_result result = {0};
	g_autofree char *inside = g_build_filename(local_path, ".git", NULL);
	bool ok = run(directory, "rev-parse", words, &result, error);

	if (ok) {
		g_autofree char *common = g_strchomp(g_strdup(result.out));

		*ret_is_of = is_same_folder(common, local_path) || is_same_folder(common, inside);
	}
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return ok;
}

bool affected_is_of(const char *directory, const char *url, const char *local_path, bool *ret_is_of,
		    GError **error)
{
	static const char *const words[] = {"config", "--local", "--get-regexp",
					    "^remote\\..*\\.url$", NULL};
	struct gitcmd_result result = {0};
	g_autoptr(GError) failure = NULL;
	g_autofree char *wanted = bare_address(url);
	g_auto(GStrv) lines = NULL;
	bool is_of = false;
	bool ok;

	if (local_path)
		return is_folder_of(directory, local_path, ret_is_of, error);
	ok = run(directory, "config", words, &result, &failure) ||
	     result.exit_code == 1; /* 1: no remote */
	lines = g_strsplit(ok ? result.out : "", "\n", -1);
	for (size_t i = 0; lines[i]; i++) {
		const char *value = strchr(lines[i], ' ');
		g_autofree char *address = value ? bare_address(value + 1) : NULL;

		is_of |= address && strcmp(address, wanted) == 0;
	}
	if (ok)
		*ret_is_of = is_of;
	else
		g_propagate_error(error, g_steal_pointer(&failure));
	correct_code(&result, error);
	gitcmd_result_done(&result);
	return ok;
}
