/* fuzz_pathset - lib/git/pathset under libFuzzer. Input: patterns, one a line, then an empty line, then paths. */
#include "git/pathset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What pathset.h promises; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_pathset: does not hold: %s\n", what);
		abort();
	}
}

static void check_path(const struct pathset *pathset, const char *path)
{
	bool decided = false;
	bool want = true; /* without a positive pattern everything belongs */

	for (size_t i = pathset_count(pathset); i > 0; i--) {
		bool negative = pathset_is_negative(pathset, i - 1);

		if (!negative && !decided)
			want = false;
		if (!pathset_match_one(pathset, i - 1, path))
			continue;
		must(g_str_has_prefix(path, pathset_prefix(pathset, i - 1)), "prefixes are ones");
		if (!decided) {
			decided = true;
			want = !negative;
		}
	}
	must(pathset_match(pathset, path) == want, "the last pattern that matches decides");
}

/* What matches something matches the same below it, when it ends literally. */
static void check_below(const struct pathset *pathset, const char *path)
{
	g_autofree char *below = g_strconcat(path, "/x", NULL);

	for (size_t i = 0; i < pathset_count(pathset); i++) {
		const char *pattern = pathset_pattern(pathset, i);

		if (!strpbrk(pattern, "*?[\\") && pathset_match_one(pathset, i, path))
			must(pathset_match_one(pathset, i, below), "X also means X/**");
	}
}

static bool is_path(const char *path)
{
	return path[0] && path[0] != '/' && !strstr(path, "//") && path[strlen(path) - 1] != '/';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)(const void *)data, size);
	char *paths = strstr(text, "\n\n");
	g_auto(GStrv) patterns = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) error = NULL;
	struct pathset *pathset;

	if (paths)
		*paths = '\0';
	patterns = g_strsplit(text, "\n", -1);
	lines = g_strsplit(paths ? paths + 2 : "", "\n", -1);
	pathset = pathset_compile((const char *const *)patterns, &error);
	must((pathset != NULL) == (error == NULL), "an error comes with a failure");
	for (size_t i = 0; pathset && lines[i]; i++) {
		if (!is_path(lines[i]))
			continue;
		check_path(pathset, lines[i]);
		check_below(pathset, lines[i]);
	}
	pathset_free(pathset);
	return 0;
}
