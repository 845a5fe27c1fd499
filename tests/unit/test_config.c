/* Unit tests of lib/config: whole files in, structs or all their problems out. */
#include "clk.h"
#include "config/config.h"
#include "json.h"
#include "log.h"
#include "tests/unit/config_world.h"
#include "timefmt.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

Suite *config_suite(void);

START_TEST(test_defaults)
{
	struct config *config = config_world_must_load(CONFIG_WORLD_BASE);
	const struct config_service *service = config_world_service_of(config, 0);
	const struct config_repo *repo = g_ptr_array_index(config->repos, 0);
	g_autofree char *state_dir = g_build_filename(config_world_directory(), ".driftd", NULL);

	ck_assert_str_eq(config->driftd.listen, "127.0.0.1:8080");
	ck_assert_ptr_nonnull(config->driftd.allowed_hosts);
	ck_assert_str_eq(config->driftd.state_dir, state_dir);
	ck_assert_int_eq(config->driftd.check_interval_ms, 5 * MS_PER_MINUTE);
	ck_assert_int_eq(config->driftd.cycle_timeout_ms, 60 * MS_PER_S);
	ck_assert_int_eq(config->driftd.request_timeout_ms, 10 * MS_PER_S);
	ck_assert_int_eq(config->driftd.max_parallel_requests, 64);
	ck_assert_str_eq(config->driftd.timezone, "UTC");
	ck_assert_int_eq(config->driftd.expire_after_ms, 0);
	ck_assert_int_eq(config->driftd.confirm, 1);
	ck_assert_int_eq(config->driftd.retention_ms, 90 * MS_PER_DAY);
	ck_assert_ptr_null(config->driftd.public_url);
	ck_assert_int_eq(config->driftd.log_level, LOG_LEVEL_INFO);
	ck_assert(!config->auth.present && !config->auth.token && !config->auth.allow_anonymous);
	ck_assert_int_eq(config->auth.protect, CONFIG_PROTECT_WRITE);
	ck_assert_int_eq(repo->every_ms, 5 * MS_PER_MINUTE);
	ck_assert_int_eq(repo->fetch_timeout_ms, 120 * MS_PER_S);
	ck_assert_ptr_null(repo->branch);
	ck_assert_uint_eq(config->gcps->len, 0); /* nobody needs one */
	ck_assert_str_eq(service->target.id, "service/web");
	ck_assert_int_eq(service->target.kind, TARGET_KIND_SERVICE);
	ck_assert_int_eq(service->target.priority, PRIORITY_P1);
	ck_assert_int_eq(service->target.every_ms, 5 * MS_PER_MINUTE);
	ck_assert_int_eq(service->target.expire_after_ms, 15 * MS_PER_MINUTE);
	ck_assert_int_eq(service->target.confirm, 1);
	ck_assert(!service->target.paused);
	ck_assert_ptr_eq(service->repo, repo);
	ck_assert_int_eq(service->grace_ms, 30 * MS_PER_MINUTE);
	ck_assert_ptr_null(service->pin.commit);
	ck_assert_ptr_null(service->commit_pointer);
	ck_assert_ptr_null(service->gcp);
	ck_assert(!service->paths[0] && !service->commit_from[0] && !service->require_env[0] &&
		  !service->forbid_env[0]);
	ck_assert_ptr_eq(config_find_target(config, "service/web"), &service->target);
	ck_assert_ptr_null(config_find_target(config, "service/we"));
	ck_assert_uint_eq(config->warnings->len, 0);
	config_unref(config);
}
END_TEST

START_TEST(test_inherited)
{
	struct config *config =
		config_world_must_load("[service \"web\"]\nsource = cloud-function\nevery = "
				       "2m\ngcp = x\nregion = r2\n"
				       "[driftd]\ncheck-interval = 10m\nconfirm = 3\n"
				       "expire-after = 1h\n"
				       "[gcp \"x\"]\nproject = p\nregion = r1\nregion = r2\n"
				       "[repo \"r\"]\nurl = /\n");
	const struct config_service *service = config_world_service_of(config, 0);
	const struct config_repo *repo = g_ptr_array_index(config->repos, 0);

	ck_assert_int_eq(service->source, CONFIG_SOURCE_CLOUD_FUNCTION);
	ck_assert_int_eq(service->target.every_ms, 2 * MS_PER_MINUTE);
	ck_assert_int_eq(service->target.expire_after_ms, MS_PER_HOUR);
	ck_assert_int_eq(service->target.confirm, 3);
	ck_assert_int_eq(repo->every_ms, 10 * MS_PER_MINUTE);
	ck_assert_str_eq(service->project, "p");
	ck_assert_str_eq(service->region, "r2");
	ck_assert_str_eq(service->service, "web");
	ck_assert(service->traffic_latest);
	ck_assert_int_eq(service->deploy_timeout_ms, 15 * MS_PER_MINUTE);
	ck_assert_uint_eq(config->gcps->len, 1);
	ck_assert_int_eq(service->gcp->credentials, CONFIG_CREDENTIALS_ADC);
	ck_assert_str_eq(service->gcp->run_endpoint, "https://run.googleapis.com");
	ck_assert_ptr_null(service->gcp->token_endpoint);
	config_unref(config);
}
END_TEST

/* Without any [gcp] one is implied, for those that need it. */
START_TEST(test_implied_gcp)
{
	struct config *config = config_world_must_load(
		"[repo \"r\"]\nurl = /\n[service \"web\"]\nsource = cloud-run\nproject = "
		"p\nregion = r\n");
	const struct config_gcp *gcp = g_ptr_array_index(config->gcps, 0);

	ck_assert_uint_eq(config->gcps->len, 1);
	ck_assert_str_eq(gcp->name, "default");
	ck_assert_int_eq(gcp->credentials, CONFIG_CREDENTIALS_ADC);
	ck_assert_ptr_eq(config_world_service_of(config, 0)->gcp, gcp);
	config_unref(config);
}
END_TEST

START_TEST(test_structures)
{
	struct config *config = config_world_must_load(
		CONFIG_WORLD_CLOUD
		"paths = a/**\npaths = !**/*.md\n"
		"expect = timeout=5m\nexpect = min-instances = 007\nexpect = env.A= x=y \n"
		"expect-from = env.B  gs://bu/a/b.json#/m/{/p}/q\n"
		"probe-url = http://x/\nprobe-expect = /a/b=c=d\n"
		"traffic = any\ncommit-from = image-tag\n"
		"[driftd]\nallowed-host = Drift.Internal\nallowed-host = [::2]\n"
		"public-url = https://drift.example.com///\n"
		"log-level = debug\n[auth]\ntoken = env:TOKEN\nprotect = all\n");
	const struct config_service *service = config_world_service_of(config, 0);

	ck_assert_str_eq(service->paths[0], "a/**");
	ck_assert_str_eq(service->paths[1], "!**/*.md");
	ck_assert_ptr_null(service->paths[2]);
	ck_assert_uint_eq(service->expect_count, 3);
	ck_assert_str_eq(service->expects[0].name, "timeout");
	ck_assert_str_eq(service->expects[0].value, "300s");
	ck_assert_str_eq(service->expects[1].name, "min-instances");
	ck_assert_str_eq(service->expects[1].value, "7");
	ck_assert_str_eq(service->expects[2].name, "env.A");
	ck_assert_str_eq(service->expects[2].value, "x=y");
	ck_assert_uint_eq(service->expect_from_count, 1);
	ck_assert_str_eq(service->expects_from[0].name, "env.B");
	ck_assert_str_eq(service->expects_from[0].bucket, "bu");
	ck_assert_str_eq(service->expects_from[0].object, "a/b.json");
	ck_assert_str_eq(service->expects_from[0].pointer, "/m/{/p}/q");
	ck_assert_uint_eq(service->probe_expect_count, 1);
	ck_assert_str_eq(service->probe_expects[0].pointer, "/a/b");
	ck_assert_str_eq(service->probe_expects[0].value, "c=d");
	ck_assert(!service->traffic_latest);
	ck_assert_str_eq(service->commit_from[0], "image-tag");
	ck_assert_str_eq(config->driftd.allowed_hosts[0], "drift.internal");
	ck_assert_str_eq(config->driftd.allowed_hosts[1], "::2");
	ck_assert_str_eq(config->driftd.public_url, "https://drift.example.com");
	ck_assert_int_eq(config->driftd.log_level, LOG_LEVEL_DEBUG);
	ck_assert_str_eq(config->auth.token, "hunter2-hunter2-hunter2");
	ck_assert_int_eq(config->auth.protect, CONFIG_PROTECT_ALL);
	config_unref(config);
}
END_TEST

/* A date counts to its end, in the zone of the configuration, wherever in the file that is. */
START_TEST(test_dates_end_in_the_zone)
{
	struct config *config = config_world_must_load(
		CONFIG_WORLD_BASE
		"pin = 1A2B3C4 until 2026-12-01 by Alice B. because rollback, see #812\n"
		"paused = moving house until 2026-07-01\n"
		"[driftd]\ntimezone = America/New_York\n");
	const struct config_service *service = config_world_service_of(config, 0);
	char buffer[TIMEFMT_BYTES];

	ck_assert_str_eq(service->pin.commit, "1a2b3c4");
	ck_assert_str_eq(timefmt_utc(service->pin.until_wall_ms, buffer), "2026-12-02T05:00:00Z");
	ck_assert_str_eq(service->pin.by, "Alice B.");
	ck_assert_str_eq(service->pin.because, "rollback, see #812");
	ck_assert(service->target.paused);
	ck_assert_str_eq(service->target.paused_reason, "moving house");
	ck_assert_str_eq(timefmt_utc(service->target.paused_until_wall_ms, buffer),
			 "2026-07-02T04:00:00Z");
	config_unref(config);
}
END_TEST

static const struct {
	const char *text;
	bool paused;
	const char *reason;
	bool ends;
} pauses[] = {
	{"true", true, NULL, false},
	{"false", false, NULL, false},
	{"moving house", true, "moving house", false},
	{"until 2026-12-01", true, NULL, true},
	{"true until 2026-12-01", true, NULL, true},
	{"no deploys until 2026-12-01", true, "no deploys", true},
	{"waiting until the move is over", true, "waiting until the move is over", false},
};

START_TEST(test_paused)
{
	g_autofree char *text =
		g_strdup_printf("%spaused = %s\n", CONFIG_WORLD_BASE, pauses[_i].text);
	struct config *config = config_world_must_load(text);
	const struct config_target *target = &config_world_service_of(config, 0)->target;

	ck_assert_int_eq(target->paused, pauses[_i].paused);
	ck_assert_pstr_eq(target->paused_reason, pauses[_i].reason);
	ck_assert_int_eq(target->paused_until_wall_ms != 0, pauses[_i].ends);
	config_unref(config);
}
END_TEST

START_TEST(test_includes)
{
	config_world_put_only("conf.d/b.ini", "[service \"b\"]\nsource = http\nurl = http://b/\n"
					      "[auth]\ntoken = file:token\n");
	config_world_put_only("conf.d/a.ini", "[service \"a\"]\nsource = http\nurl = "
					      "http://a/\n");
	config_world_put_only("conf.d/.c.ini", "nonsense\n");
	config_world_put_only("conf.d/c.ini~", "nonsense\n");
	config_world_put_only("x[1].ini", "[repo \"r\"]\nurl = .\n");
	/* relative paths start at the main file's directory, also in an included file */
	config_world_put_only("token", "0123456789abcdef0123456789abcdef\n");
	struct config *config =
		config_world_must_load("[driftd]\ninclude = conf.d/*.ini\ninclude = "
				       "conf.d/a.ini\ninclude = *d.ini\n"
				       "include = x\\[1].ini\n");
	const struct config_repo *repo = g_ptr_array_index(config->repos, 0);

	ck_assert_uint_eq(config->services->len, 2);
	ck_assert_str_eq(config_world_service_of(config, 0)->target.name, "a");
	ck_assert_str_eq(config_world_service_of(config, 1)->target.name, "b");
	ck_assert_str_eq(repo->local_path, config_world_directory());
	ck_assert_str_eq(config->auth.token, "0123456789abcdef0123456789abcdef");
	config_unref(config);
}
END_TEST

/* Sorted by path, whatever the order in the directory or in the main file. */
START_TEST(test_includes_are_sorted)
{
	struct config *config;

	config_world_put_only("m.ini", "[service \"m\"]\nsource = http\nurl = http://m/\n");
	config_world_put_only("z.ini", "[service \"z\"]\nsource = http\nurl = http://z/\n");
	config_world_put_only("b.ini", "[service \"b\"]\nsource = http\nurl = http://b/\n");
	config = config_world_must_load(
		"[driftd]\ninclude = z.ini\ninclude = m.ini\ninclude = b.ini\n"
		"[repo \"r\"]\nurl = /\n");
	ck_assert_str_eq(config_world_service_of(config, 0)->target.name, "b");
	ck_assert_str_eq(config_world_service_of(config, 1)->target.name, "m");
	ck_assert_str_eq(config_world_service_of(config, 2)->target.name, "z");
	config_unref(config);
}
END_TEST

START_TEST(test_includes_are_one_level_deep)
{
	config_world_put_only("a.ini", "[driftd]\ninclude = b.ini\n");
	config_world_put_only("b.ini", "nonsense\n");
	config_world_put_only("c.ini", CONFIG_WORLD_BASE);

	config_world_must_fail(
		"[driftd]\ninclude = a.ini\ninclude = c.ini\n",
		"a.ini:1: [driftd]: given twice, first in driftd.ini:1\n"
		"a.ini:2: [driftd] include = b.ini: only the main file can include files\n");
}
END_TEST

/* A directory whose name means something in a pattern. */
START_TEST(test_include_beside_an_odd_directory)
{
	g_autofree char *main_file =
		config_world_put("a[b]*/driftd.ini", "[driftd]\ninclude = in*.ini\n");
	config_world_put_only("a[b]*/in.ini", CONFIG_WORLD_BASE);
	struct config *config = NULL;
	GPtrArray *problems = NULL;

	ck_assert(config_load(main_file, &config, &problems));
	ck_assert_uint_eq(config->services->len, 1);
	config_unref(config);
}
END_TEST

START_TEST(test_unreadable_main_file)
{
	g_autofree char *path = g_build_filename(config_world_directory(), "nope.ini", NULL);
	struct config *config = NULL;
	GPtrArray *problems = NULL;
	const struct config_problem *problem;

	ck_assert(!config_load(path, &config, &problems));
	ck_assert_ptr_null(config);
	ck_assert_uint_eq(problems->len, 1);
	problem = g_ptr_array_index(problems, 0);
	ck_assert_str_eq(problem->file, path);
	ck_assert_int_eq(problem->line, 0);
	ck_assert_ptr_nonnull(strstr(problem->message, "No such file"));
	g_ptr_array_unref(problems);
}
END_TEST

/* Files of secrets: what is in them, and what comes of it. */
static const struct {
	const char *content;
	const char *want; /* the secret; NULL: refused */
} secret_files[] = {
	{"0123456789abcdef", "0123456789abcdef"},
	{"0123456789abcdef\n", "0123456789abcdef"},
	{"0123456789abcdef\r\n", "0123456789abcdef"},
	{"0123456789 bcdef ", "0123456789 bcdef "},
	{"", NULL},
	{"\n", NULL},
	{"0123456789abcdef\n\n", NULL},
	{"0123456789abcdef\nx", NULL},
	{"0123456789\tabcdef", NULL},
	{"0123456789\xff"
	 "abcdef",
	 NULL},
};

START_TEST(test_secret_file)
{
	config_world_put_only("token", secret_files[_i].content);
	struct config *config;
	g_autofree char *problems =
		config_world_try_text(CONFIG_WORLD_BASE "[auth]\ntoken = file:token\n", &config);

	ck_assert_int_eq(config != NULL, secret_files[_i].want != NULL);
	if (config) {
		ck_assert_str_eq(config->auth.token, secret_files[_i].want);
		config_unref(config);
	} else {
		ck_assert_ptr_nonnull(strstr(problems, "token"));
		ck_assert_ptr_null(strstr(problems, "0123456789"));
	}
}
END_TEST

START_TEST(test_secret_file_limit)
{
	static const int offsets[] = {-1, 0, 1};
	g_autofree char *content =
		g_strnfill((gsize)((int)CONFIG_SECRET_MAX_BYTES + offsets[_i]), 's');
	g_autofree char *line = g_strconcat(content, "\n", NULL);
	config_world_put_only("token", line);
	struct config *config;
	g_autofree char *problems =
		config_world_try_text(CONFIG_WORLD_BASE "[auth]\ntoken = file:token\n", &config);

	ck_assert_int_eq(problems == NULL, offsets[_i] <= 0);
	config_unref(config);
}
END_TEST

START_TEST(test_credentials_directory_comes_first)
{
	config_world_put_only("token", "near-near-near-near\n");
	g_autofree char *far = config_world_put("credentials/token", "far-far-far-far-far\n");
	g_autofree char *directory = g_path_get_dirname(far);
	struct config *config;

	ck_assert(g_setenv("CREDENTIALS_DIRECTORY", directory, TRUE));
	config = config_world_must_load(CONFIG_WORLD_BASE "[auth]\ntoken = file:token\n");
	ck_assert_str_eq(config->auth.token, "far-far-far-far-far");
	config_unref(config);
	ck_assert_int_eq(g_unlink(far), 0);
	config = config_world_must_load(CONFIG_WORLD_BASE "[auth]\ntoken = file:token\n");
	ck_assert_str_eq(config->auth.token, "near-near-near-near");
	config_unref(config);
}
END_TEST

START_TEST(test_credential_file)
{
	g_autofree char *key = config_world_put("key.json", "{}\n");
	struct config *config = config_world_must_load(
		CONFIG_WORLD_CLOUD "[gcp \"k\"]\ncredentials = file:key.json\n[gcp "
				   "\"m\"]\ncredentials = metadata\n[gcp "
				   "\"t\"]\ncredentials = token:env:TOKEN\n");
	const struct config_gcp *by_file = g_ptr_array_index(config->gcps, 1);
	const struct config_gcp *by_metadata = g_ptr_array_index(config->gcps, 2);
	const struct config_gcp *by_token = g_ptr_array_index(config->gcps, 3);

	ck_assert_int_eq(by_file->credentials, CONFIG_CREDENTIALS_FILE);
	ck_assert_str_eq(by_file->credentials_file, key);
	ck_assert_int_eq(by_metadata->credentials, CONFIG_CREDENTIALS_METADATA);
	ck_assert_int_eq(by_token->credentials, CONFIG_CREDENTIALS_TOKEN);
	ck_assert_str_eq(by_token->credentials_token, "hunter2-hunter2-hunter2");
	config_unref(config);
}
END_TEST

/* A laptop that has the rules and none of the secrets. */
START_TEST(test_rules_need_no_secrets)
{
	static const char text[] = "[driftd]\nheartbeat-url = env:NOT_SET\n"
				   "[auth]\ntoken = file:nope\n" CONFIG_WORLD_CLOUD "paths = a/**\n"
				   "[repo \"b\"]\nurl = https://x/y\ntoken = env:NOT_SET\n"
				   "[gcp \"k\"]\ncredentials = file:nope.json\n"
				   "[gcp \"t\"]\ncredentials = token:env:NOT_SET\n";
	g_autofree char *with_repo = g_strconcat(text,
						 "[service \"two\"]\nsource = http\nurl = "
						 "http://a/\nrepo = b\n",
						 NULL);
	g_auto(GStrv) parts = g_strsplit(with_repo, "source = cloud-run\n", 2);
	g_autofree char *whole =
		g_strconcat(parts[0], "source = cloud-run\nrepo = main\n", parts[1], NULL);
	g_autofree char *path = config_world_put("driftd.ini", whole);
	struct config *config = NULL;
	GPtrArray *problems = NULL;
	const struct config_repo *repo;

	ck_assert(!config_load(path, &config, &problems));
	ck_assert_uint_eq(problems->len, 5);
	g_clear_pointer(&problems, g_ptr_array_unref);
	ck_assert(config_load_rules(path, &config, &problems));
	repo = g_ptr_array_index(config->repos, 1);
	ck_assert_ptr_null(config->auth.token);
	ck_assert_ptr_null(repo->token);
	ck_assert_str_eq(config_world_service_of(config, 0)->paths[0], "a/**");
	config_unref(config);
	/* anything else that is wrong still is */
	config_world_put_only("driftd.ini", CONFIG_WORLD_BASE "grace = x\n");
	ck_assert(!config_load_rules(path, &config, &problems));
	g_ptr_array_unref(problems);
}
END_TEST

START_TEST(test_state_directory)
{
	static const struct {
		const char *variable; /* NULL: not set */
		const char *key;      /* "" : not given */
		const char *want; /* under the config_world_directory() directory unless absolute */
	} rows[] = {
		{NULL, "", ".driftd"},
		{"", "", ".driftd"},
		{"/var/lib/driftd", "", "/var/lib/driftd"},
		{"/var/lib/driftd:/var/lib/other", "", "/var/lib/driftd"},
		{"/var/lib/driftd", "[driftd]\nstate-dir = sub/../state\n", "state"},
		{NULL, "[driftd]\nstate-dir = /srv/d/\n", "/srv/d"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strconcat(CONFIG_WORLD_BASE, rows[i].key, NULL);
		g_autofree char *want =
			g_canonicalize_filename(rows[i].want, config_world_directory());
		struct config *config;

		if (rows[i].variable)
			ck_assert(g_setenv("STATE_DIRECTORY", rows[i].variable, TRUE));
		else
			g_unsetenv("STATE_DIRECTORY");
		config = config_world_must_load(text);
		ck_assert_str_eq(config->driftd.state_dir, want);
		config_unref(config);
	}
}
END_TEST

/* Everything that can be printed, once. */
#define FULL                                                                                       \
	CONFIG_WORLD_CLOUD                                                                         \
	"paths = a/**\npaths = !**/*.md\npriority = P0\nowner = ml\ndescription = d # e\n"         \
	"deploy-command = ./x \"y\"\nevery = 90s\nconfirm = 2\ngrace = 0s\n"                       \
	"paused = moving until 2026-12-01\n"                                                       \
	"pin = 1a2b3c4d until 2026-12-01 by alice because rollback, see #812\n"                    \
	"commit-from = label:x\ntraffic = any\ndeploy-timeout = 1h\nexpect = "                     \
	"cpu-idle=true\n"                                                                          \
	"expect-from = env.M gs://b/o#/x/{/y}\nrequire-env = A\nforbid-env = B\n"                  \
	"probe-url = http://x/y?z=1\nprobe-expect = /a=b\n"                                        \
	"[service \"http\"]\nsource = http\nurl = https://x/\ncommit-pointer = /c\n"               \
	"paused = true until 2026-12-01\n"                                                         \
	"[driftd]\nheartbeat-url = https://hc.example.com:1/ping/hunter2?hunter2\n"                \
	"timezone = America/New_York\nexpire-after = 2h\nallowed-host = a\nallowed-host "          \
	"= "                                                                                       \
	"b\n[auth]\ntoken = env:TOKEN\n[gcp \"t\"]\ncredentials = token:env:TOKEN\n"               \
	"report-unwatched = true\ntoken-endpoint = http://127.0.0.1:1\n"

/* The printed values, without which of them are defaults. */
static char *facts_of(const struct config *config)
{
	g_autofree char *text = config_print_json(config);
	g_auto(GStrv) parts = g_strsplit(text, "\"default\":true", -1);
	g_autofree char *same = g_strjoinv("\"default\":false", parts);
	char *warnings = strstr(same, "\"warnings\"");

	ck_assert_ptr_nonnull(warnings);
	*warnings = '\0';
	return g_steal_pointer(&same);
}

START_TEST(test_print_reads_back)
{
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);
	g_autofree char *facts = facts_of(config);
	g_autofree char *elsewhere = config_world_put("elsewhere/copy.ini", printed);
	struct config *copy = NULL;
	GPtrArray *problems = NULL;
	g_autofree char *facts_again = NULL;

	if (!config_load(elsewhere, &copy, &problems)) {
		g_autofree char *text = config_problems_text(problems);

		ck_abort_msg("%s\n%s", text, printed);
	}
	facts_again = facts_of(copy);
	ck_assert_str_eq(facts_again, facts);
	config_unref(copy);
	config_unref(config);
}
END_TEST

START_TEST(test_print_shows_no_secret)
{
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);
	g_autofree char *json = config_print_json(config);

	ck_assert_ptr_null(strstr(printed, "hunter2"));
	ck_assert_ptr_null(strstr(json, "hunter2"));
	ck_assert_ptr_nonnull(strstr(printed, "\ntoken = (secret)\n"));
	ck_assert_ptr_nonnull(strstr(printed, "\ncredentials = token:(secret)\n"));
	ck_assert_ptr_nonnull(
		strstr(printed, "\nheartbeat-url = https://hc.example.com:1/(secret)\n"));
	config_unref(config);
}
END_TEST

/* The value and whether it is a default, of one key in the JSON. */
static void check_printed(json_object *root, const char *section, const char *key, const char *want,
			  bool want_default)
{
	json_object *sections = json_member_array(root, "sections");

	for (size_t i = 0; i < json_object_array_length(sections); i++) {
		json_object *object = json_object_array_get_idx(sections, i);
		json_object *keys = json_member_array(object, "keys");

		if (strcmp(json_member_text(object, "section", ""), section) != 0)
			continue;
		for (size_t j = 0; j < json_object_array_length(keys); j++) {
			json_object *one = json_object_array_get_idx(keys, j);
			json_object *value = NULL;

			if (strcmp(json_member_text(one, "key", ""), key) != 0)
				continue;
			ck_assert(json_object_object_get_ex(one, "value", &value));
			ck_assert_str_eq(json_object_to_json_string_ext(
						 value, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE),
					 want);
			ck_assert_int_eq(json_member_bool(one, "default", !want_default),
					 want_default);
			return;
		}
	}
	ck_abort_msg("[%s] %s is not printed", section, key);
}

START_TEST(test_print_json)
{
	struct config *config = config_world_must_load(CONFIG_WORLD_BASE "paths = a\npaths = b\n");
	g_autofree char *text = config_print_json(config);
	g_autoptr(GError) error = NULL;
	json_object *root = json_parse(text, strlen(text), &error);

	ck_assert_ptr_nonnull(root);
	check_printed(root, "driftd", "listen", "\"127.0.0.1:8080\"", true);
	check_printed(root, "driftd", "check-interval", "\"5m\"", true);
	check_printed(root, "service", "url", "\"https://web.example.com/version\"", false);
	check_printed(root, "service", "paths", "[\"a\",\"b\"]", false);
	check_printed(root, "service", "repo", "\"main\"", true);
	check_printed(root, "service", "every", "\"5m\"", true);
	ck_assert_int_eq(json_object_put(root), 1);
	config_unref(config);
}
END_TEST

START_TEST(test_references)
{
	struct config *config = config_world_must_load(CONFIG_WORLD_BASE);

	ck_assert_ptr_eq(config_ref(config), config);
	config_unref(config);
	ck_assert_str_eq(config_world_service_of(config, 0)->target.name, "web"); /* still there */
	config_unref(config);
	config_unref(NULL);
}
END_TEST

START_TEST(test_texts)
{
	ck_assert_str_eq(priority_text(PRIORITY_P0), "P0");
	ck_assert_str_eq(priority_text(PRIORITY_P2), "P2");
	ck_assert_str_eq(config_source_text(CONFIG_SOURCE_CLOUD_RUN), "cloud-run");
	ck_assert_str_eq(config_source_text(CONFIG_SOURCE_HTTP), "http");
}
END_TEST

/* A big team: 5,000 services over five files, in well under a second. */
START_TEST(test_five_thousand_services)
{
	int64_t start_ms;
	struct config *config;

	for (int file = 0; file < 5; file++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *name = g_strdup_printf("conf.d/%d.ini", file);

		for (int i = 0; i < 1000; i++)
			g_string_append_printf(
				text,
				"[service \"svc-%d-%d\"]\nsource = cloud-run\npaths = services/%d/"
				"**\npaths = shared\npaths = !**/*.md\ngrace = 10m\nexpect = "
				"min-instances=1\n",
				file, i, i);
		config_world_put_only(name, text->str);
	}
	start_ms = clk_cpu_ms();
	config = config_world_must_load(
		"[driftd]\ninclude = conf.d/*.ini\n[repo \"r\"]\nurl = /\n[gcp]\n"
		"project = p\nregion = r\n");
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 1000);
	ck_assert_uint_eq(config->services->len, 5000);
	ck_assert_str_eq(config_find_target(config, "service/svc-4-999")->name, "svc-4-999");
	config_unref(config);
}
END_TEST

Suite *config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *values = tcase_create("values");
	TCase *files = tcase_create("files");
	TCase *printing = tcase_create("printing");

	tcase_add_checked_fixture(values, config_world_set_up, config_world_tear_down);
	tcase_add_test(values, test_defaults);
	tcase_add_test(values, test_inherited);
	tcase_add_test(values, test_implied_gcp);
	tcase_add_test(values, test_structures);
	tcase_add_test(values, test_dates_end_in_the_zone);
	tcase_add_loop_test(values, test_paused, 0, G_N_ELEMENTS(pauses));
	tcase_add_test(values, test_references);
	tcase_add_test(values, test_texts);
	tcase_add_test(values, test_five_thousand_services);
	suite_add_tcase(suite, values);
	tcase_add_checked_fixture(files, config_world_set_up, config_world_tear_down);
	tcase_add_test(files, test_includes);
	tcase_add_test(files, test_includes_are_sorted);
	tcase_add_test(files, test_includes_are_one_level_deep);
	tcase_add_test(files, test_include_beside_an_odd_directory);
	tcase_add_test(files, test_unreadable_main_file);
	tcase_add_loop_test(files, test_secret_file, 0, G_N_ELEMENTS(secret_files));
	tcase_add_loop_test(files, test_secret_file_limit, 0, 3);
	tcase_add_test(files, test_credentials_directory_comes_first);
	tcase_add_test(files, test_credential_file);
	tcase_add_test(files, test_rules_need_no_secrets);
	tcase_add_test(files, test_state_directory);
	suite_add_tcase(suite, files);
	tcase_add_checked_fixture(printing, config_world_set_up, config_world_tear_down);
	tcase_add_test(printing, test_print_reads_back);
	tcase_add_test(printing, test_print_shows_no_secret);
	tcase_add_test(printing, test_print_json);
	suite_add_tcase(suite, printing);
	return suite;
}
