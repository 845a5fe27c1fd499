/* run - all integration suites, against the driftd and fakecloud that lie beside this program.
 * Arguments name the suites to run ("list" names them all); CK_RUN_CASE=name runs one case; CK_FORK=no is for debuggers.
 * DRIFTD_TEST_KEEP=1 leaves the folders. */
#include "tests/integration/harness.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
#define SUITES(X) \
	X(fakecloud_suite) \
	X(fakecloud_data_suite) \
	X(fakecloud_docs_suite) \
	X(fakecloud_sql_suite) \
	X(fakecloud_sinks_suite) \
	X(fakecloud_issuer_suite) \
	X(alerts_suite) \
	X(alerts_kept_suite) \
	X(callers_suite) \
	X(alertmanager_suite) \
	X(tables_suite) \
	X(data_kinds_suite) \
	X(data_life_suite) \
	X(lessons_data_suite) \
	X(lessons_alerts_suite) \
	X(lessons_suite) \
	X(lessons_wolf_suite) \
	X(credentials_suite) \
	X(mirror_suite) \
	X(http_api_suite) \
	X(events_suite) \
	X(daemon_suite) \
	X(engine_suite) \
	X(cli_suite) \
	X(cli_alerts_suite) \
	X(demo_suite)        \
	X(sources_suite) \
	X(data_faults_suite) \
	X(postgres_faults_suite) \
	X(bad_days_suite) \
	X(clock_suite) \
	X(outbox_crash_suite) \
	X(slack_faults_suite) \
	X(alerts_clock_suite)
/* clang-format on */

#define DECLARE(name) Suite *name(void);
SUITES(DECLARE)

/** A folder for the folders of all tests: failed tests do not clean up themselves. */
static char *make_base(void)
{
	char *base = g_build_filename(g_get_tmp_dir(), "driftd-integration-XXXXXX", NULL);

	if (!mkdtemp(base)) {
		(void)fprintf(stderr, "make folder %s: %s\n", base, strerror(errno));
		exit(EXIT_FAILURE);
	}
	(void)g_setenv("DRIFTD_TEST_DIR", base, TRUE); /* only fails for a bad name */
	return base;
}

static void remove_base(char *base)
{
	char *remove[] = {(char[]){"rm"}, (char[]){"-rf"}, (char[]){"--"}, base, NULL};

	if (g_getenv("DRIFTD_TEST_KEEP"))
		(void)printf("kept: %s\n", base);
	else /* what stays behind is only a temporary folder */
		(void)g_spawn_sync(NULL, remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
				   NULL, NULL);
}

/** GLib's own allocator hands blocks from thread to thread by locks that sanitizers cannot see. */
static void tame_allocator(void)
{
	if (HARNESS_SANITIZED)
		(void)g_setenv("G_SLICE", "always-malloc", TRUE); /* only fails for a bad name */
}

/** No arguments: all. */
static bool is_wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	g_autofree char *base = NULL;
	g_autofree char *self = g_strdup_printf("%d", (int)getpid());
	SRunner *runner = NULL;
	int failed = 0;

	if (argc > 1 && strcmp(argv[1], "list") == 0) {
#define LIST(name) (void)puts(#name);
		SUITES(LIST)
		return EXIT_SUCCESS;
	}
	runner = srunner_create(NULL);
	base = make_base();
	(void)g_setenv("DRIFTD_TEST_RUNNER", self, TRUE); /* only fails for a bad name */
	tame_allocator();
	(void)curl_global_init(CURL_GLOBAL_DEFAULT); /* curl_easy_init() would notice */
#define ADD(name)                                                                                  \
	if (is_wanted(argc, argv, #name))                                                          \
		srunner_add_suite(runner, name());
	SUITES(ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	remove_base(base);
	curl_global_cleanup();
	return failed == 0 && world_all_ended_well() ? EXIT_SUCCESS : EXIT_FAILURE;
}
