/* Path patterns: the table of DESIGN 5 and more, what is refused, and PCRE2 held against
 * fnmatch. */
#include <check.h>
#include <fnmatch.h>
#include <glib.h>
#include <string.h>

#include "drift_error.h"
#include "git/pathset.h"

Suite *pathset_suite(void);

struct match_case {
	const char *patterns; /* separated by spaces */
	const char *path;
	bool want;
};

static const struct match_case matches[] = {
	/* the table of DESIGN 5 */
	{"shared", "shared/a.c", true},
	{"shared", "shared/x/b.md", true},
	{"shared", "lib/shared/c.c", false},
	{"shared", "a.md", false},
	{"shared/*", "shared/a.c", true},
	{"shared/*", "shared/x/b.md", false},
	{"shared/*", "lib/shared/c.c", false},
	{"shared/*", "a.md", false},
	{"shared/** !**/*.md", "shared/a.c", true},
	{"shared/** !**/*.md", "shared/x/b.md", false},
	{"shared/** !**/*.md", "lib/shared/c.c", false},
	{"shared/** !**/*.md", "a.md", false},
	{"!**/*.md", "shared/a.c", true},
	{"!**/*.md", "shared/x/b.md", false},
	{"!**/*.md", "lib/shared/c.c", true},
	{"!**/*.md", "a.md", false},
	{"**/shared", "shared/a.c", true},
	{"**/shared", "shared/x/b.md", true},
	{"**/shared", "lib/shared/c.c", true},
	{"**/shared", "a.md", false},
	{"*.md", "shared/a.c", false},
	{"*.md", "shared/x/b.md", false},
	{"*.md", "lib/shared/c.c", false},
	{"*.md", "a.md", true},
	{"shared !shared/x shared/x/b.md", "shared/a.c", true},
	{"shared !shared/x shared/x/b.md", "shared/x/b.md", true},
	{"shared !shared/x shared/x/b.md", "shared/x/c.md", false},
	{"shared !shared/x shared/x/b.md", "lib/shared/c.c", false},
	{"shared !shared/x shared/x/b.md", "a.md", false},
	{"", "shared/a.c", true},
	{"", "shared/x/b.md", true},
	{"", "lib/shared/c.c", true},
	{"", "a.md", true},
	/* anchored, whole parts, case */
	{"a", "a", true},
	{"a", "ab", false},
	{"a", "ab/c", false},
	{"a/b", "a/b/c/d", true},
	{"a/b", "x/a/b", false},
	{"a/b", "a/bc", false},
	{"Shared", "shared/a.c", false},
	/* a slash at the end: below only */
	{"a/", "a/b", true},
	{"a/", "a/b/c", true},
	{"a/", "a", false},
	{"!a/ b", "a/b", false},
	{"!a/", "a/b", false},
	{"!a/", "a", true},
	/* stars and question marks stay inside a part */
	{"*", "a", true},
	{"*", "a/b", false},
	{"a/*/c", "a/b/c", true},
	{"a/*/c", "a/b/c/d", true},
	{"a/*/c", "a/b/x/c", false},
	{"a/*/c", "a/c", false},
	{"a?c", "abc", true},
	{"a?c", "a/c", false},
	{"a?c", "ac", false},
	{"a*z", "a-to-z", true},
	{"a*z", "az", true},
	{"a*z", "a/z", false},
	{"*a*b*", "xaybz", true},
	{"*a*b*", "xbya", false},
	{"lib*/x", "lib64/x", true},
	{"lib*/x", "lib64/x/y", true},
	/* a wildcard in the last part does not reach below */
	{"a/b*", "a/bc", true},
	{"a/b*", "a/bc/d", false},
	{"a/[b]", "a/b", true},
	{"a/[b]", "a/b/c", false},
	/* any number of parts */
	{"**", "a", true},
	{"**", "a/b/c", true},
	{"a/**", "a/b", true},
	{"a/**", "a/b/c", true},
	{"a/**", "a", false},
	{"a/**/z", "a/z", true},
	{"a/**/z", "a/b/z", true},
	{"a/**/z", "a/b/c/z", true},
	{"a/**/z", "a/b/c/z/y", true},
	{"a/**/z", "a/b", false},
	{"**/z", "z", true},
	{"**/z", "az", false},
	{"**/*.c", "x.c", true},
	{"**/*.c", "a/b/x.c", true},
	{"**/*.c", "a/x.c/y.h", false},
	{"**/a/*", "x/a/y", true},
	{"**/a/*", "x/a/y/z", false},
	{"**/a/**/b", "a/a/x/b", true},
	{"**/a/b/**/c", "a/a/b/c", true},
	{"**/a/b/**/c", "a/x/a/b/y/z/c", true},
	{"**/**/a", "a", true},
	{"**/a/**", "x/a", false},
	{"**/a/**", "a/a", true},
	{"a/**/**/b", "a/b", true},
	/* "**" that is not a whole part is a star */
	{"a**b", "axyb", true},
	{"a**b", "ax/yb", false},
	{"a**b?", "axybc", true},
	{"a**[b]", "ax/b", false},
	{"**.md", "x.md", true},
	{"**.md", "a/x.md", false},
	/* classes */
	{"[a-c]x", "bx", true},
	{"[a-c]x", "dx", false},
	{"[!a-c]x", "dx", true},
	{"[!a-c]x", "bx", false},
	{"[!a]x", "/x", false},
	{"a[]]b", "a]b", true},
	{"[[:digit:]]*", "7up", true},
	{"[[:digit:]]*", "up7", false},
	{"a]b", "a]b", true},
	{"a]*", "a]bc", true},
	/* escapes */
	{"a\\*b", "a*b", true},
	{"a\\*b", "axb", false},
	{"a\\*b", "a*b/c", true},
	{"\\[x\\]", "[x]", true},
	{"\\!important", "!important", true},
	{"\\!important", "x", false},
	{"\\a", "a", true},
	{"x\\?*", "x?y", true},
	{"x\\?*", "xxy", false},
	{"*\\*", "a*", true},
	{"*\\*", "ab", false},
	/* a leading dot is nothing special */
	{"*", ".github", true},
	{"**/*.yml", ".github/workflows/ci.yml", true},
	{"?env", ".env", true},
	{".*", ".env", true},
	/* characters that regular expressions know */
	{"a.c", "abc", false},
	{"a+b(c)$", "a+b(c)$", true},
	{"a+b(c)$|*", "a+b(c)$|^", true},
	{"{a,b}", "a", false},
	/* bytes: UTF-8 and what is not */
	{"caf\xc3\xa9", "caf\xc3\xa9/x", true},
	{"caf?", "caf\xc3\xa9", false},
	{"caf??", "caf\xc3\xa9", true},
	{"*\xe9", "caf\xe9", true},
	{"[\xe0-\xef]", "\xe9", true},
	{"a\tb", "a\tb", true},
	/* the last one that matches decides */
	{"a !a", "a/b", false},
	{"a !a a", "a/b", true},
	{"!a a", "a/b", true},
	{"a !a/b", "a/b/c", false},
	{"a !a/b", "a/c", true},
	{"!a b", "c", false},
	{"!a !b", "c", true},
	{"!a/", "a/b", false},
	{"a !*", "a", false},
	{"a !*", "a/b", true},
	{"!!x", "!x", false},
	{"!!x", "x", true},
};

static const char *const *split(const char *patterns, char ***ret_owned)
{
	*ret_owned = patterns[0] ? g_strsplit(patterns, " ", -1) : g_new0(char *, 1);
	return (const char *const *)*ret_owned;
}

START_TEST(L17_patterns_match)
{
	const struct match_case *row = &matches[_i];
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) owned = NULL;
	struct pathset *pathset = pathset_compile(split(row->patterns, &owned), &error);

	ck_assert_msg(pathset != NULL, "\"%s\": %s", row->patterns, error ? error->message : "");
	ck_assert_msg(pathset_match(pathset, row->path) == row->want, "\"%s\" and %s",
		      row->patterns, row->path);
	/* the prefix never leaves out what the pattern matches */
	for (size_t i = 0; i < pathset_count(pathset); i++) {
		if (pathset_match_one(pathset, i, row->path))
			ck_assert(g_str_has_prefix(row->path, pathset_prefix(pathset, i)));
	}
	pathset_free(pathset);
}
END_TEST

static const struct {
	const char *pattern;
	const char *reason; /* part of the message */
} refused[] = {
	{"!", "empty"},        {"/a", "without '/'"}, {"!/a", "without '/'"},
	{"/", "without '/'"},  {"[a", "not closed"},  {"a/[b/c]", "not closed"},
	{"[z-a]", "reversed"}, {"a\\", "backslash"},  {"a\\/b", "backslash"},
	{"[a\\", "backslash"}, {"a//b", "no path"},   {"a//", "no path"},
	{"./a", "no path"},    {"a/../b", "no path"}, {"*/", "no path"},
	{"a/b*/", "no path"},  {"..", "no path"},
};

START_TEST(test_patterns_refused)
{
	const char *const patterns[] = {"fine", refused[_i].pattern, NULL};
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(pathset_compile(patterns, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(strstr(error->message, refused[_i].pattern) &&
			      strstr(error->message, refused[_i].reason),
		      "%s", error->message);
}
END_TEST

START_TEST(test_empty_pattern_refused)
{
	const char *const patterns[] = {"", NULL};
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(pathset_compile(patterns, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
}
END_TEST

START_TEST(test_limits)
{
	g_autofree char *longest = g_strnfill(PATHSET_PATTERN_MAX_BYTES, 'a');
	g_autofree char *longer = g_strnfill(PATHSET_PATTERN_MAX_BYTES + 1, 'a');
	const char *one[] = {longest, NULL};
	const char *many[PATHSET_PATTERNS_MAX + 2] = {NULL};
	g_autoptr(GError) error = NULL;
	struct pathset *pathset = pathset_compile(one, NULL);

	ck_assert_ptr_nonnull(pathset);
	ck_assert(pathset_match(pathset, longest));
	pathset_free(pathset);
	one[0] = longer;
	ck_assert_ptr_null(pathset_compile(one, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
	g_clear_error(&error);
	for (size_t i = 0; i < PATHSET_PATTERNS_MAX; i++)
		many[i] = "a";
	pathset = pathset_compile(many, NULL);
	ck_assert_ptr_nonnull(pathset);
	ck_assert_uint_eq(pathset_count(pathset), PATHSET_PATTERNS_MAX);
	pathset_free(pathset);
	many[PATHSET_PATTERNS_MAX] = "a";
	ck_assert_ptr_null(pathset_compile(many, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
}
END_TEST

START_TEST(test_patterns_listed)
{
	const char *const patterns[] = {"a/", "!b*", NULL};
	struct pathset *pathset = pathset_compile(patterns, NULL);

	ck_assert_uint_eq(pathset_count(pathset), 2);
	ck_assert_str_eq(pathset_pattern(pathset, 0), "a/");
	ck_assert_str_eq(pathset_pattern(pathset, 1), "!b*");
	ck_assert(!pathset_is_negative(pathset, 0));
	ck_assert(pathset_is_negative(pathset, 1));
	ck_assert(pathset_match_one(pathset, 1, "bc"));
	ck_assert(!pathset_match(pathset, "bc"));
	ck_assert_str_eq(pathset_prefix(pathset, 0), "a/");
	ck_assert_str_eq(pathset_prefix(pathset, 1), "b");
	pathset_free(pathset);
	pathset_free(NULL);
}
END_TEST

static void make_random(GRand *random, const char *letters, int max, char *out)
{
	int length = g_rand_int_range(random, 1, max + 1);

	for (int i = 0; i < length; i++)
		out[i] = letters[g_rand_int_range(random, 0, (gint32)strlen(letters))];
	out[length] = '\0';
}

/* One part at a time, where fnmatch has the same rules. */
START_TEST(test_parts_agree_with_fnmatch)
{
	GRand *random = g_rand_new_with_seed(20261120);
	int agreed = 0;

	for (int i = 0; i < 20000; i++) {
		char pattern[12];
		char path[12];
		const char *const patterns[] = {pattern, NULL};
		struct pathset *pathset;

		make_random(random, "ab*?[]!-\\", 8, pattern);
		make_random(random, "ab-!]", 6, path);
		pathset = pathset_compile(patterns, NULL);
		if (!pathset)
			continue;
		/* "[!" with nothing after it and such: POSIX leaves them open */
		if (pattern[0] != '!' && !strstr(pattern, "[") && strcmp(pattern, "**") != 0) {
			agreed++;
			ck_assert_msg(pathset_match(pathset, path) ==
					      (fnmatch(pattern, path, 0) == 0),
				      "\"%s\" and %s", pattern, path);
		}
		pathset_free(pathset);
	}
	g_rand_free(random);
	ck_assert_int_gt(agreed, 5000);
}
END_TEST

/* "**" by trying every number of parts. */
static bool match_slowly(char **pattern, char **path)
{
	if (!*pattern)
		return !*path;
	if (strcmp(*pattern, "**") == 0) {
		if (!pattern[1])
			return *path != NULL;
		return match_slowly(pattern + 1, path) ||
		       (*path && match_slowly(pattern, path + 1));
	}
	return *path && fnmatch(*pattern, *path, 0) == 0 && match_slowly(pattern + 1, path + 1);
}

START_TEST(test_stars_agree_with_trying_all)
{
	static const char *const words[] = {"**", "a*", "b?", "**", "[a]", "*"};
	static const char *const parts[] = {"a", "b", "ab", "ba", "bb"};
	GRand *random = g_rand_new_with_seed(20261121);

	for (int i = 0; i < 20000; i++) {
		char *pattern[6] = {NULL};
		char *path[6] = {NULL};
		g_autofree char *text = NULL;
		g_autofree char *joined = NULL;
		const char *one[] = {NULL, NULL};
		struct pathset *pathset;

		for (int k = g_rand_int_range(random, 1, 6) - 1; k >= 0; k--)
			pattern[k] = (char *)(uintptr_t)words[g_rand_int_range(random, 0, 6)];
		for (int k = g_rand_int_range(random, 1, 6) - 1; k >= 0; k--)
			path[k] = (char *)(uintptr_t)parts[g_rand_int_range(random, 0, 5)];
		text = g_strjoinv("/", pattern);
		joined = g_strjoinv("/", path);
		one[0] = text;
		pathset = pathset_compile(one, NULL);
		ck_assert_ptr_nonnull(pathset);
		ck_assert_msg(pathset_match(pathset, joined) == match_slowly(pattern, path),
			      "\"%s\" and %s", text, joined);
		pathset_free(pathset);
	}
	g_rand_free(random);
}
END_TEST

/* What a hostile pattern costs is bounded: no step is tried exponentially often. */
START_TEST(test_hostile_pattern_is_quick)
{
	g_autoptr(GString) pattern = g_string_new(NULL);
	g_autoptr(GString) path = g_string_new(NULL);
	const char *one[] = {NULL, NULL};
	struct pathset *pathset;

	for (int i = 0; i < 60; i++)
		g_string_append(pattern, "**/*a*a*b*/");
	g_string_append(pattern, "z");
	for (int i = 0; i < 300; i++)
		g_string_append(path, "aaaaaaaaaab/");
	g_string_append(path, "y");
	one[0] = pattern->str;
	pathset = pathset_compile(one, NULL);
	ck_assert_ptr_nonnull(pathset);
	ck_assert(!pathset_match(pathset, path->str));
	pathset_free(pathset);
}
END_TEST

Suite *pathset_suite(void)
{
	Suite *suite = suite_create("pathset");
	TCase *tcase = tcase_create("patterns");

	tcase_add_loop_test(tcase, L17_patterns_match, 0, G_N_ELEMENTS(matches));
	tcase_add_loop_test(tcase, test_patterns_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tcase, test_empty_pattern_refused);
	tcase_add_test(tcase, test_limits);
	tcase_add_test(tcase, test_patterns_listed);
	tcase_add_test(tcase, test_parts_agree_with_fnmatch);
	tcase_add_test(tcase, test_stars_agree_with_trying_all);
	tcase_add_test(tcase, test_hostile_pattern_is_quick);
	suite_add_tcase(suite, tcase);
	return suite;
}
