/* Unit tests of lib/config: the whole example of DESIGN 5, to the letter. */
#include "config/config.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *config_design_suite(void);

/* clang-format off */
/* In two parts, as C wants it. */
static const char services[] =
	"[driftd]\n"
	"# systemd socket activation takes precedence over listen\n"
	"listen = 127.0.0.1:8080\n"
	"# names under which browsers may reach it, beside loopback and public-url\n"
	"allowed-host = drift.internal\n"
	"# database and mirrors; default $STATE_DIRECTORY, else ./.driftd ; locked against a second daemon\n"
	"state-dir = /var/lib/driftd\n"
	"check-interval = 5m\n"
	"cycle-timeout = 60s\n"
	"request-timeout = 10s\n"
	"max-parallel-requests = 64\n"
	"# for people and for schedules without a zone of their own; JSON is always UTC\n"
	"timezone = America/New_York\n"
	"# blindness this long opens an incident\n"
	"unknown-after = 15m\n"
	"retention = 90d\n"
	"public-url = https://drift.example.com\n"
	"# requested after each cycle that evaluated something and was committed: a dead man's switch\n"
	"heartbeat-url = https://hc.example.com/ping/1234\n"
	"log-level = info\n"
	"\n"
	"[auth]\n"
	"# see §9\n"
	"token = file:api-token\n"
	"oidc-audience = https://drift.example.com/check\n"
	"oidc-email = scheduler@my-project.iam.gserviceaccount.com\n"
	"oidc-issuer = https://accounts.google.com\n"
	"oidc-jwks-url = https://www.googleapis.com/oauth2/v3/certs\n"
	"# signs acknowledge links in messages\n"
	"link-secret = file:link-secret\n"
	"# write: everything that changes state; all: reads too\n"
	"protect = write\n"
	"\n"
	"[repo \"main\"]\n"
	"# https, ssh, file, or a path to a local repository (read in place, no mirror)\n"
	"url = https://github.com/example/pipeline.git\n"
	"# default: the remote's HEAD\n"
	"branch = main\n"
	"every = 1m\n"
	"token = env:GIT_TOKEN\n"
	"webhook-secret = file:github-webhook\n"
	"web-url = https://github.com/example/pipeline\n"
	"\n"
	"# the unnamed one is \"default\"; [gcp \"other\"] adds more\n"
	"[gcp]\n"
	"project = my-project\n"
	"region = us-west2\n"
	"# adc | metadata | file:key.json | token:env:NAME\n"
	"credentials = adc\n"
	"report-unwatched = true\n"
	"# endpoints, for emulators and private access: run-, functions-, bigquery-, firestore-, storage-, token-endpoint\n"
	"# (token-endpoint goes before the token_uri of a key file, and that before Google's default)\n"
	"run-endpoint = https://run.googleapis.com\n"
	"\n"
	"[service \"prediction-worker\"]\n"
	"# cloud-run | cloud-function | http\n"
	"source = cloud-run\n"
	"# gcp = other, project, region; service = its name there, where it differs from the section's\n"
	"gcp = default\n"
	"repo = main\n"
	"paths = predictions/worker/**\n"
	"paths = shared\n"
	"paths = !**/*.md\n"
	"priority = P0\n"
	"grace = 30m\n"
	"owner = ml\n"
	"description = Generates predictions\n"
	"deploy-command = ./bin/deploy-service.sh prediction-worker\n"
	"# latest | any\n"
	"traffic = latest\n"
	"deploy-timeout = 15m\n"
	"# repeatable: min-instances, max-instances, cpu-idle, memory, concurrency, timeout, service-account, image, env.NAME\n"
	"expect = min-instances=0\n"
	"require-env = BDL_API_KEY\n"
	"forbid-env = DEBUG\n"
	"# {…} inside a pointer is itself a pointer into the same document; the object it names must exist\n"
	"expect-from = env.MODEL_PATH gs://models/manifest.json#/models/{/production_model}/gcs_path\n"
	"probe-url = https://worker.example.com/health\n"
	"probe-expect = /service=prediction-worker\n"
	"pin = 1a2b3c4d until 2026-12-01 by alice because rollback, see #812\n"
	"\n"
	"[service \"billing\"]\n"
	"source = http\n"
	"url = https://billing.example.com/version\n"
	"# JSON pointer (RFC 6901); absent: the body is the commit\n"
	"commit-pointer = /build/commit\n"
	"repo = main\n"
	"paths = services/billing\n"
	"# paused = true, or a reason, optionally: REASON until 2026-12-01\n"
	"\n";

static const char data_and_channels[] =
	"[table \"player_game_summary\"]\n"
	"# dataset.table or project.dataset.table; default: the section's name when it has that form\n"
	"table = nba_analytics.player_game_summary\n"
	"# metadata | column | partition\n"
	"method = column\n"
	"loaded-at-field = processed_at\n"
	"filter = game_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)\n"
	"warn-after = 12h\n"
	"error-after = 24h\n"
	"# lateness against a schedule, not only age: five cron fields and a zone\n"
	"expected = 0 6 * * 1-5 America/New_York\n"
	"grace = 45m\n"
	"holidays = file:us-holidays.txt\n"
	"# one boolean; false: not due\n"
	"active-when = SELECT COUNT(*) > 0 FROM nba_raw.schedule WHERE game_date = CURRENT_DATE() - 1\n"
	"# rows under filter; for partition: rows of the newest due partition\n"
	"min-rows = 1\n"
	"max-bytes-billed = 1GB\n"
	"every = 30m\n"
	"\n"
	"[completion \"phase3\"]\n"
	"# a Firestore document that says what finished, held against the tables themselves\n"
	"document = phase3_completion/{date}\n"
	"date-zone = America/New_York\n"
	"date-offset = -1d\n"
	"# no prefix: every mode without entries of its own\n"
	"expect = player_game_summary\n"
	"expect = same_day: upcoming_player_game_context\n"
	"mode-field = _mode\n"
	"# tested in the map under each expected key; absent: presence is enough. Keys that begin with _ never count\n"
	"done = status=success|partial\n"
	"evidence = player_game_summary table/player_game_summary\n"
	"expected = 0 7 * * * America/New_York\n"
	"\n"
	"[inventory \"warehouse\"]\n"
	"# bigquery | postgresql (then dsn = env:PG_DSN)\n"
	"source = bigquery\n"
	"dataset = analytics\n"
	"expect-file = warehouse.objects\n"
	"ignore = analytics.tmp_*\n"
	"\n"
	"[assert \"wilson-range\"]\n"
	"source = bigquery\n"
	"sql-file = checks/wilson_range.sql\n"
	"# rows OP n | value OP n | value between a and b ; warn = … for a softer limit\n"
	"expect = rows = 0\n"
	"every = 15m\n"
	"max-bytes-billed = 100MB\n"
	"\n"
	"[backup \"captions\"]\n"
	"bucket = acme-backups\n"
	"# other names are ignored, not sorted among these\n"
	"folder-format = %Y-%m-%d_%H%M%S\n"
	"files = caption_bank.json.gz\n"
	"# must parse; rows per table > 0 and within 50 % of the one before\n"
	"metadata = metadata.json\n"
	"max-age = 24h\n"
	"retention = 30d\n"
	"\n"
	"[slack]\n"
	"# [slack \"data-team\"] adds named channels\n"
	"webhook = env:SLACK_WEBHOOK_URL\n"
	"# priorities, owners, kinds, target patterns; default everything\n"
	"route = P0\n"
	"route = P1\n"
	"remind-every = 4h\n"
	"digest = 0 6 * * *\n"
	"digest-when-ok = true\n"
	"rate = 1/s\n";
/* clang-format on */

static void set_up(void)
{
	config_world_set_up();
	config_world_put_only("api-token", "0123456789abcdef0123456789abcdef\n");
	config_world_put_only("link-secret", "fedcba9876543210fedcba9876543210\n");
	config_world_put_only("github-webhook", "00112233445566778899aabbccddeeff\n");
	config_world_put_only("us-holidays.txt", "2026-11-26 # Thanksgiving\n");
	config_world_put_only("checks/wilson_range.sql", "SELECT id FROM d.t WHERE p > 1\n");
	ck_assert(g_setenv("GIT_TOKEN", "ghp_0123456789", TRUE));
	ck_assert(g_setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x", TRUE));
}

START_TEST(test_example)
{
	g_autofree char *example = g_strconcat(services, data_and_channels, NULL);
	struct config *config = config_world_must_load(example);
	const struct config_auth *auth = &config->auth;
	const struct config_channel *slack = config_find_channel(config, "slack/default");
	const struct config_repo *repo = g_ptr_array_index(config->repos, 0);

	if (config->warnings->len > 0)
		ck_abort_msg("%s", (const char *)g_ptr_array_index(config->warnings, 0));
	ck_assert_uint_eq(config->targets->len, 7);
	ck_assert_int_eq(config->driftd.unknown_after_ms, 15 * MS_PER_MINUTE);
	ck_assert_str_eq(auth->oidc_audiences[0], "https://drift.example.com/check");
	ck_assert_str_eq(auth->oidc_emails[0], "scheduler@my-project.iam.gserviceaccount.com");
	ck_assert_str_eq(auth->oidc_issuer, "https://accounts.google.com");
	ck_assert_str_eq(auth->oidc_jwks_url, "https://www.googleapis.com/oauth2/v3/certs");
	ck_assert_str_eq(auth->link_secret, "fedcba9876543210fedcba9876543210");
	ck_assert_str_eq(repo->webhook_secret, "00112233445566778899aabbccddeeff");
	ck_assert_ptr_nonnull(slack);
	ck_assert_str_eq(slack->url, "https://hooks.slack.com/services/T/B/x");
	ck_assert_str_eq(matcher_text(slack->routes[0]), "P0");
	ck_assert_str_eq(matcher_text(slack->routes[1]), "P1");
	ck_assert_ptr_null(slack->routes[2]);
	ck_assert_int_eq(slack->remind_every_ms, 4 * MS_PER_HOUR);
	ck_assert_str_eq(schedule_text(slack->digest), "0 6 * * *");
	ck_assert_str_eq(schedule_zone(slack->digest), "America/New_York");
	ck_assert(slack->digest_when_ok);
	ck_assert_int_eq(slack->rate_interval_ms, MS_PER_S);
	config_unref(config);
}
END_TEST

Suite *config_design_suite(void)
{
	Suite *suite = suite_create("config_design");
	TCase *design = tcase_create("design");

	tcase_add_checked_fixture(design, set_up, config_world_tear_down);
	tcase_add_test(design, test_example);
	suite_add_tcase(suite, design);
	return suite;
}
