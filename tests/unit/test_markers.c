/* markers: which are found, in which order, what is soft, chosen or mere evidence; images. */
#include "source/markers.h"

#include <check.h>
#include <string.h>

#include "source/observation.h"

Suite *markers_suite(void);

static const struct {
	const char *image;
	const char *want_tag;    /* NULL: none */
	const char *want_digest; /* NULL: none */
} image_cases[] = {
	{"host/app:v1.2", "v1.2", NULL},
	{"host:5000/app", NULL, NULL},
	{"host:5000/app:abcdef0", "abcdef0", NULL},
	{"app", NULL, NULL},
	{"app:", NULL, NULL},
	{"", NULL, NULL},
	{"host/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF", NULL,
	 "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
	{"host/app:t@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "t",
	 "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
	{"host/app@sha256:7d", NULL, NULL},
	{"host/app@sha512:00", NULL, NULL},
};

START_TEST(test_image)
{
	g_autofree char *tag = markers_image_tag(image_cases[_i].image);
	g_autofree char *digest = markers_image_digest(image_cases[_i].image);

	ck_assert_pstr_eq(tag, image_cases[_i].want_tag);
	ck_assert_pstr_eq(digest, image_cases[_i].want_digest);
}
END_TEST

/* "key=value key=value" as a table. */
static GHashTable *table(const char *text)
{
	GHashTable *map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) pairs = g_strsplit(text, " ", -1);

	for (char **pair = pairs; *pair && **pair; pair++) {
		g_auto(GStrv) parts = g_strsplit(*pair, "=", 2);

		g_hash_table_insert(map, g_strdup(parts[0]), g_strdup(parts[1]));
	}
	return map;
}

static const struct {
	const char *commit_from; /* separated by spaces */
	const char *labels;      /* of the template */
	const char *annotations;
	const char *envs;
	const char *image;
	const char *function_labels; /* NULL: none */
	const char *service_labels;  /* NULL: none */
	const char *want; /* "source=value" each, with flags: ! chosen, ~ soft, ^ service level */
	bool want_hit;
} cases[] = {
	{"", "", "", "", NULL, NULL, NULL, "", false},
	/* the order of DESIGN 6, whatever order they come in */
	{"", "revision=1111111 git-commit=x git_sha=x git-sha=x commit_sha=x commit-sha=x", "",
	 "SOURCE_VERSION=x GIT_SHA=x GIT_COMMIT=x COMMIT_SHA=x BUILD_COMMIT=x", "a:x", NULL, NULL,
	 "label:commit-sha=x label:commit_sha=x label:git-sha=x label:git_sha=x label:git-commit=x "
	 "label:revision=1111111~ env:BUILD_COMMIT=x env:COMMIT_SHA=x env:GIT_COMMIT=x "
	 "env:GIT_SHA=x env:SOURCE_VERSION=x image-tag=x~",
	 false},
	{"", "commit-sha=abcdef0", "", "", NULL, NULL, NULL, "label:commit-sha=abcdef0", true},
	{"", "commit-sha=unknown", "", "", NULL, NULL, NULL, "label:commit-sha=unknown", false},
	/* all digits from a tag are a date more often than a commit */
	{"", "", "", "", "a:20261120", NULL, NULL, "image-tag=20261120~", false},
	{"", "", "", "", "a:2026112f", NULL, NULL, "image-tag=2026112f~", true},
	{"", "revision=1234567", "", "", NULL, NULL, NULL, "label:revision=1234567~", false},
	/* what the user named comes first, once */
	{"env:MY label:commit-sha annotation:a/b image-tag", "commit-sha=x git-sha=y", "a/b=z",
	 "MY=w", "i:20261120", NULL, NULL,
	 "env:MY=w! label:commit-sha=x! annotation:a/b=z! image-tag=20261120!~ label:git-sha=y",
	 true},
	{"label:absent", "commit-sha=abcdef0", "", "", NULL, NULL, NULL, "label:commit-sha=abcdef0",
	 true},
	/* labels of the service are evidence, and not said twice */
	{"", "commit-sha=abcdef0", "", "", NULL, NULL, "commit-sha=abcdef0",
	 "label:commit-sha=abcdef0", true},
	{"", "commit-sha=abcdef0", "", "", NULL, NULL, "commit-sha=1234567",
	 "label:commit-sha=abcdef0 service-label:commit-sha=1234567^", true},
	{"", "", "", "", NULL, NULL, "commit-sha=1234567", "service-label:commit-sha=1234567^",
	 false},
	{"label:mine", "", "", "", NULL, NULL, "mine=1234567", "service-label:mine=1234567^",
	 false},
	/* what a secret holds is not read: a marker, and no hit; "^NAME=" is such a variable */
	{"", "", "", "^GIT_COMMIT=abcdef0", "a:latest", NULL, NULL,
	 "env:GIT_COMMIT=(secret) image-tag=latest~", false},
	{"env:MY", "", "", "^MY=abcdef0", NULL, NULL, NULL, "env:MY=(secret)!", false},
	{"", "commit-sha=abcdef0", "", "^GIT_SHA=x", NULL, NULL, NULL,
	 "label:commit-sha=abcdef0 env:GIT_SHA=(secret)", true},
	{"", "", "", "^OTHER=abcdef0", NULL, NULL, NULL, "", false},
	/* labels of a function stand in where the template has none */
	{"", "git-sha=x", "", "", NULL, "commit-sha=abcdef0 git-sha=y", NULL,
	 "label:commit-sha=abcdef0 label:git-sha=x", true},
};

static char *write_markers(const GPtrArray *markers)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = markers->pdata[i];

		g_string_append_printf(text, "%s%s=%s%s%s%s", i ? " " : "", marker->source,
				       marker->value, marker->chosen_by_user ? "!" : "",
				       marker->soft ? "~" : "", marker->service_level ? "^" : "");
	}
	return g_string_free(text, FALSE);
}

static void add_envs(struct run_template *template, const char *text)
{
	struct run_wants *wants = run_wants_create(env_hash_create("0123456789abcdef", 16));
	GHashTable *envs = table(text);
	GHashTableIter iter;
	void *name = NULL;
	void *value = NULL;

	g_hash_table_iter_init(&iter, envs);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const char *plain = name;
		bool is_secret = plain[0] == '^';

		g_hash_table_add(wants->envs, g_strdup(plain + is_secret));
		if (is_secret)
			run_template_add_reference(template, wants, plain + 1, value, "latest");
		else
			run_template_add_env(template, wants, plain, value);
	}
	run_template_sort(template);
	g_hash_table_unref(envs);
	run_wants_free(wants);
}

START_TEST(L05_all_markers_are_kept_in_order)
{
	struct revision_obs *revision = revision_obs_create("r", 100);
	struct run_template *template = run_template_create();
	g_auto(GStrv) commit_from = g_strsplit(cases[_i].commit_from, " ", -1);
	GHashTable *functions = cases[_i].function_labels ? table(cases[_i].function_labels) : NULL;
	GHashTable *services = cases[_i].service_labels ? table(cases[_i].service_labels) : NULL;
	struct marker_places places = {
		.template = template,
		.commit_from = commit_from,
		.function_labels = functions,
		.service_labels = services,
	};
	g_autofree char *got = NULL;

	template->labels = table(cases[_i].labels);
	template->annotations = table(cases[_i].annotations);
	template->image = g_strdup(cases[_i].image);
	add_envs(template, cases[_i].envs);
	markers_collect(&places, revision->markers);
	got = write_markers(revision->markers);
	ck_assert_str_eq(got, cases[_i].want);
	ck_assert_int_eq(markers_have_hit(revision->markers), cases[_i].want_hit);
	g_clear_pointer(&functions, g_hash_table_unref);
	g_clear_pointer(&services, g_hash_table_unref);
	run_template_free(template);
	revision_obs_free(revision);
}
END_TEST

START_TEST(test_wants)
{
	char *commit_from[] = {g_strdup("label:mine"), g_strdup("env:MY"),
			       g_strdup("annotation:a/b"), g_strdup("image-tag"), NULL};
	struct config_service service = {.commit_from = commit_from};
	struct config config = {.services = g_ptr_array_new()};
	struct run_wants *wants = run_wants_create(env_hash_create("0123456789abcdef", 16));

	g_ptr_array_add(config.services, &service);
	markers_add_wants(wants, &config);
	ck_assert(g_hash_table_contains(wants->labels, "commit-sha"));
	ck_assert(g_hash_table_contains(wants->labels, "revision"));
	ck_assert(g_hash_table_contains(wants->labels, "mine"));
	ck_assert(g_hash_table_contains(wants->envs, "SOURCE_VERSION"));
	ck_assert(g_hash_table_contains(wants->envs, "MY"));
	ck_assert(g_hash_table_contains(wants->annotations, "a/b"));
	for (size_t i = 0; commit_from[i]; i++)
		g_free(commit_from[i]);
	g_ptr_array_unref(config.services);
	run_wants_free(wants);
}
END_TEST

Suite *markers_suite(void)
{
	Suite *suite = suite_create("markers");
	TCase *tc = tcase_create("markers");

	tcase_add_loop_test(tc, test_image, 0, G_N_ELEMENTS(image_cases));
	tcase_add_loop_test(tc, L05_all_markers_are_kept_in_order, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tc, test_wants);
	suite_add_tcase(suite, tc);
	return suite;
}
