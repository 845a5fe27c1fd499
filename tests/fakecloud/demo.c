/* demo - see demo.h */
#include "tests/fakecloud/demo.h"

#include "drift_error.h"
#include "tests/fakecloud/demo_alerts.h"
#include "tests/fakecloud/demo_data.h"
#include "tests/fakecloud/demo_repo.h"
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/shape.h"
#include "tests/fakecloud/storage.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define PROJECT "acme-prod"
#define REGION "us-west2"
#define ACCOUNT "driftd@acme-prod.iam.gserviceaccount.com"

/** In a folder that an earlier demo made. */
#define MARKER ".driftd-demo"

/** A commit that is in no repository: somebody built from a laptop. */
#define NOWHERE "c0ffee254729296a45a3885639ac7e10f9d54979"

struct demo {
	struct cloud *cloud;
	const char *directory; /* absolute */
	int64_t now_s;
	char *sha[DEMO_COMMIT_COUNT];
};

/* --- what runs --- */

/** RFC 3339 of so many seconds ago. Caller frees. */
static char *ago(const struct demo *demo, int64_t age_s)
{
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(demo->now_s - age_s);

	return g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
}

/** A date so many days from now. Caller frees. */
static char *in_days(const struct demo *demo, int days)
{
	g_autoptr(GDateTime) then =
		g_date_time_new_from_unix_utc(demo->now_s + (int64_t)days * 24 * DEMO_HOUR);

	return g_date_time_format(then, "%Y-%m-%d");
}

static void put(struct demo *demo, const char *kind, const char *name, json_object *taken)
{
	g_autofree char *collection = g_strdup_printf("%s/" PROJECT "/" REGION, kind);
	const char *text = json_object_to_json_string_ext(taken, JSON_C_TO_STRING_NOSLASHESCAPE);

	collection_put(cloud_collection(demo->cloud, collection, true), name,
		       g_bytes_new(text, strlen(text)), NULL);
	json_object_put(taken);
}

/** Deploy a service from a description (shape.h), which is taken. */
static void deploy(struct demo *demo, const char *name, char *spec_text)
{
	const struct place place = {PROJECT, REGION, name};
	json_object *spec = json_tokener_parse(spec_text), *revision = NULL;
	char *short_name = NULL;

	g_assert(spec);
	g_free(spec_text);
	put(demo, "run", name, shape_service(&place, spec));
	for (size_t i = 0; (revision = shape_revision(&place, spec, i, &short_name)); i++) {
		g_autofree char *key = g_strdup_printf("%s/%s", name, short_name);

		put(demo, "revisions", key, revision);
		g_clear_pointer(&short_name, g_free);
	}
	json_object_put(spec);
}

/** One revision with the usual label, all traffic on it. */
static void deploy_commit(struct demo *demo, const char *name, const char *sha, int64_t age_s)
{
	g_autofree char *created = ago(demo, age_s);

	deploy(demo, name,
	       g_strdup_printf(
		       "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\","
		       "\"env\":{\"MODE\":\"live\"}}]}",
		       sha, created));
}

static void deploy_notifications(struct demo *demo)
{
	g_autofree char *old = ago(demo, 6 * DEMO_HOUR), *new = ago(demo, 3 * DEMO_MINUTE);

	deploy(demo, "notifications",
	       g_strdup_printf(
		       "{\"reconciling\":true,\"generation\":\"8\",\"observed_generation\":\"7\","
		       "\"traffic\":\"revisions\",\"revisions\":["
		       "{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\",\"percent\":100},"
		       "{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\",\"pending\":true}]}",
		       demo->sha[DEMO_COMMIT_GATEWAY], old, demo->sha[DEMO_COMMIT_HEAD], new));
}

static void deploy_gateway(struct demo *demo)
{
	g_autofree char *old = ago(demo, 30 * DEMO_HOUR), *new = ago(demo, 4 * DEMO_HOUR);
	g_autofree char *broken = ago(demo, 2 * DEMO_HOUR);

	deploy(demo, "gateway",
	       g_strdup_printf(
		       "{\"revisions\":["
		       "{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\",\"percent\":90},"
		       "{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\",\"percent\":10},"
		       "{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\",\"failed\":\"The "
		       "user-provided container failed to start and listen on the port 8080.\"}]}",
		       demo->sha[DEMO_COMMIT_PRICING_ROUND], old, demo->sha[DEMO_COMMIT_GATEWAY],
		       new, demo->sha[DEMO_COMMIT_HEAD], broken));
}

static void deploy_worker(struct demo *demo)
{
	g_autofree char *created = ago(demo, DEMO_HOUR);

	deploy(demo, "worker",
	       g_strdup_printf(
		       "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"created\":\"%s\","
		       "\"image\":\"us-docker.pkg.dev/acme-prod/apps/worker:%.8s\","
		       "\"env\":{\"DEBUG\":\"1\",\"MODEL_PATH\":\"gs://models/v6.bin\"}}]}",
		       demo->sha[DEMO_COMMIT_WORKER], created,
		       demo->sha[DEMO_COMMIT_NOTIFICATIONS]));
}

static void deploy_exporter(struct demo *demo)
{
	const struct place place = {PROJECT, REGION, "exporter"};
	g_autofree char *created = ago(demo, 10 * DEMO_DAY);
	json_object *spec = json_object_new_object();

	deploy(demo, "exporter",
	       g_strdup_printf("{\"labels\":{\"goog-managed-by\":\"cloudfunctions\"},"
			       "\"revisions\":[{\"created\":\"%s\",\"image\":\"us-docker.pkg.dev/"
			       "acme-prod/gcf/exporter:version_1\"}]}",
			       created));
	put(demo, "functions", "exporter", shape_function(&place, spec));
	json_object_put(spec);
}

static void put_text(struct demo *demo, const char *collection, const char *name, const char *text)
{
	collection_put(cloud_collection(demo->cloud, collection, true), name,
		       g_bytes_new(text, strlen(text)), json_object_new_object());
}

/** An object of the bucket of models. */
static void put_object(struct demo *demo, const char *name, const char *text)
{
	bool put = storage_put(demo->cloud, "models", name, g_bytes_new(text, strlen(text)), NULL,
			       NULL);

	g_assert(put); /* no time is given that could be none */
}

static void deploy_billing(struct demo *demo)
{
	g_autofree char *version =
		g_strdup_printf("{\"commit\":\"%s\",\"dirty\":true}", demo->sha[DEMO_COMMIT_HEAD]);

	put_text(demo, "targets", "billing", version);
	put_text(demo, "targets", "billing-health", "{\"service\":\"billing-legacy\"}");
}

/** Nobody may look into the project of the analysts. */
static void deny_analytics(struct demo *demo)
{
	const char *problem = NULL;
	json_object *object = json_tokener_parse(
		"{\"path\":\"/v2/projects/acme-analytics/*\",\"kind\":\"denied\","
		"\"permission\":\"run.services.list\"}");
	struct fault_rule *rule = fault_rule_parse(object, &problem);

	g_assert(rule);
	json_object_put(object);
	rule->id = ++demo->cloud->next_fault;
	g_ptr_array_add(demo->cloud->faults, rule);
}

static void deploy_all(struct demo *demo)
{
	(void)pthread_mutex_lock(&demo->cloud->lock); /* cannot fail: initialised */
	deploy_commit(demo, "checkout", demo->sha[DEMO_COMMIT_GATEWAY], 4 * DEMO_HOUR);
	deploy_commit(demo, "pricing", demo->sha[DEMO_COMMIT_PRICING_CACHE], 5 * DEMO_DAY);
	deploy_commit(demo, "search", demo->sha[DEMO_COMMIT_WORKER], DEMO_HOUR);
	deploy_commit(demo, "recommendations", demo->sha[DEMO_COMMIT_FEATURE], 2 * DEMO_MINUTE);
	deploy_commit(demo, "inventory", demo->sha[DEMO_COMMIT_HOTFIX], 9 * DEMO_HOUR);
	deploy_commit(demo, "payments", demo->sha[DEMO_COMMIT_PAYMENTS_RETRY], 4 * DEMO_DAY);
	deploy_commit(demo, "fraud", NOWHERE, 7 * DEMO_HOUR);
	deploy_commit(demo, "loyalty", demo->sha[DEMO_COMMIT_IMPORT], 29 * DEMO_DAY);
	deploy_commit(demo, "old-frontend", demo->sha[DEMO_COMMIT_IMPORT], 29 * DEMO_DAY);
	deploy_notifications(demo);
	deploy_gateway(demo);
	deploy_worker(demo);
	deploy_exporter(demo);
	deploy_billing(demo);
	put_object(demo, "manifest.json",
		   "{\"production_model\":\"v7\",\"models\":{\"v7\":{\"gcs_path\":\"gs://models/"
		   "v7.bin\"}}}");
	put_object(demo, "v7.bin", "weights");
	put_object(demo, "v6.bin", "weights");
	demo_data_put(demo->cloud);
	deny_analytics(demo);
	(void)pthread_mutex_unlock(&demo->cloud->lock); /* held by us */
}

/* --- files --- */

static bool write_file(const struct demo *demo, const char *name, const char *text, int mode,
		       GError **error)
{
	g_autofree char *path = g_build_filename(demo->directory, name, NULL);

	return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode,
					error);
}

/** `deploy SERVICE`: what deploy-command names; it really mends the service. */
static bool write_deploy_script(const struct demo *demo, GError **error)
{
	g_autofree char *text = g_strdup_printf(
		"#!/bin/sh\n"
		"# Deploys the newest commit of main into the stand-in cloud.\n"
		"set -eu\n"
		"sha=$(git -C '%s/git/pipeline.git' rev-parse main)\n"
		"now=$(date -u +%%Y-%%m-%%dT%%H:%%M:%%SZ)\n"
		"case $1 in\n"
		"billing) curl -fsS -X PUT '%s/_control/targets/billing' "
		"-d \"{\\\"commit\\\":\\\"$sha\\\"}\"\n"
		"\tcurl -fsS -X PUT '%s/_control/targets/billing-health' "
		"-d '{\"service\":\"billing\"}' ;;\n"
		"*) curl -fsS -X PUT \"%s/_control/run/" PROJECT "/" REGION "/$1\" -d "
		"\"{\\\"revisions\\\":[{\\\"name\\\":\\\"$1-$(date +%%s)-abc\\\",\\\"created\\\":"
		"\\\"$now\\\",\\\"labels\\\":{\\\"commit-sha\\\":\\\"$sha\\\"},\\\"min_"
		"instances\\\":"
		"1,\\\"env\\\":{\\\"API_KEY\\\":\\\"k\\\",\\\"MODEL_PATH\\\":"
		"\\\"gs://models/v7.bin\\\"}}]}\" ;;\n"
		"esac >/dev/null\n"
		"echo \"$1 now runs $sha\"\n",
		demo->directory, demo->cloud->origin, demo->cloud->origin, demo->cloud->origin);

	return write_file(demo, "deploy", text, 0755, error);
}

static void config_head(const struct demo *demo, GString *text)
{
	const char *origin = demo->cloud->origin;

	g_string_append_printf(
		text,
		"# Made by fakecloud --demo. Commit in %s/pipeline and push, or run\n"
		"# %s/deploy SERVICE, and watch: curl localhost:8080/drift, and what Slack is "
		"told:\n"
		"# curl '%s/_control/slack?format=text'\n"
		"[driftd]\n"
		"listen = 127.0.0.1:8080\n"
		"state-dir = state\n"
		"check-interval = 15s\n"
		"request-timeout = 5s\n",
		demo->directory, demo->directory, origin);
	demo_alerts_driftd(text);
	g_string_append_printf(text,
			       "\n[repo \"pipeline\"]\n"
			       "url = %s/git/pipeline.git\n"
			       "branch = main\n"
			       "every = 5s\n"
			       "web-url = https://github.com/acme/pipeline\n\n",
			       origin);
	g_string_append_printf(text,
			       "[gcp]\n"
			       "project = " PROJECT "\n"
			       "region = " REGION "\n"
			       "credentials = file:key.json\n"
			       "report-unwatched = true\n"
			       "run-endpoint = %s\n"
			       "functions-endpoint = %s\n"
			       "storage-endpoint = %s\n"
			       "bigquery-endpoint = %s\n"
			       "firestore-endpoint = %s\n"
			       "token-endpoint = %s/token\n\n",
			       origin, origin, origin, origin, origin, origin);
}

/** A service section; @p extra are more lines, or "". */
static void config_service(const struct demo *demo, GString *text, const char *name,
			   const char *priority, const char *extra)
{
	g_string_append_printf(text,
			       "[service \"%s\"]\n"
			       "source = cloud-run\n"
			       "paths = services/%s\n"
			       "paths = shared\n"
			       "paths = !**/*.md\n"
			       "priority = %s\n"
			       "deploy-command = %s/deploy %s\n"
			       "%s\n",
			       name, name, priority, demo->directory, name, extra);
}

static void config_billing(const struct demo *demo, GString *text)
{
	const char *origin = demo->cloud->origin;

	g_string_append_printf(text,
			       "[service \"billing\"]\n"
			       "source = http\n"
			       "url = %s/target/billing/version\n"
			       "commit-pointer = /commit\n"
			       "paths = services/billing\n"
			       "probe-url = %s/target/billing-health/health\n"
			       "probe-expect = /service=billing\n"
			       "deploy-command = %s/deploy billing\n\n",
			       origin, origin, demo->directory);
}

static void config_exporter(GString *text)
{
	g_string_append(text, "[service \"exporter\"]\n"
			      "source = cloud-function\n"
			      "paths = services/exporter\n"
			      "priority = P2\n\n");
}

static bool write_config(const struct demo *demo, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *until = in_days(demo, 30);
	g_autofree char *pin = g_strdup_printf(
		"pin = %s until %s by dana because the new settlement flow waits for the bank\n",
		demo->sha[DEMO_COMMIT_PAYMENTS_RETRY], until);
	g_autofree char *paused =
		g_strdup_printf("paused = moves to the new platform until %s\n", until);

	config_head(demo, text);
	config_service(demo, text, "checkout", "P0", "owner = shop\n");
	config_service(demo, text, "pricing", "P0", "owner = shop\n");
	config_service(demo, text, "search", "P1", "");
	config_service(demo, text, "recommendations", "P1", "owner = ml\n");
	config_service(demo, text, "inventory", "P1", "");
	config_service(demo, text, "payments", "P0", pin);
	config_service(demo, text, "notifications", "P1", "");
	config_service(demo, text, "gateway", "P0", "");
	config_service(demo, text, "fraud", "P1", "owner = ml\n");
	config_service(demo, text, "worker", "P1",
		       "paths = libs/common\n"
		       "owner = ml\n"
		       "depends-on = service/gateway\n"
		       "expect = min-instances=1\n"
		       "require-env = API_KEY\n"
		       "forbid-env = DEBUG\n"
		       "expect-from = env.MODEL_PATH gs://models/manifest.json#/models/"
		       "{/production_model}/gcs_path\n");
	config_service(demo, text, "analytics", "P2", "project = acme-analytics\n");
	config_service(demo, text, "crm", "P2", "");
	config_service(demo, text, "loyalty", "P2", paused);
	config_exporter(text);
	config_billing(demo, text);
	demo_data_config(text, demo->now_s);
	demo_alerts_config(text, demo->cloud->origin);
	return write_file(demo, "driftd.ini", text->str, 0644, error);
}

static bool write_files(const struct demo *demo, GError **error)
{
	g_autofree char *key = auth_make_key_file(demo->cloud, ACCOUNT);

	return write_file(demo, "key.json", key, 0600, error) && write_deploy_script(demo, error) &&
	       demo_data_write(demo->directory, error) && write_config(demo, error);
}

/* --- the folder --- */

static bool is_empty(const char *directory)
{
	GDir *dir = g_dir_open(directory, 0, NULL);
	bool empty = !dir || !g_dir_read_name(dir);

	if (dir)
		g_dir_close(dir);
	return empty;
}

/** Make the folder, or take away what an earlier demo left in it. */
static bool prepare(const struct demo *demo, GError **error)
{
	g_autofree char *marker = g_build_filename(demo->directory, MARKER, NULL);
	g_autofree char *git = g_build_filename(demo->directory, "git", NULL);
	g_autofree char *clone = g_build_filename(demo->directory, "pipeline", NULL);
	g_autofree char *state = g_build_filename(demo->directory, "state", NULL);
	const char *const remove[] = {"rm", "-rf", "--", git, clone, state, NULL};

	if (!is_empty(demo->directory) && !g_file_test(marker, G_FILE_TEST_EXISTS)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "%s holds something that no demo made: name another folder",
			    demo->directory);
		return false;
	}
	if (!demo_run(remove, error))
		return false;
	if (g_mkdir_with_parents(git, 0755) != 0) {
		drift_error_set_errno(error, errno, "make folder", git);
		return false;
	}
	return write_file(demo, MARKER, "made by fakecloud --demo\n", 0644, error);
}

bool demo_make(struct cloud *cloud, const char *directory, GError **error)
{
	g_autofree char *absolute = g_canonicalize_filename(directory, NULL);
	struct demo demo = {
		.cloud = cloud, .directory = absolute, .now_s = g_get_real_time() / G_USEC_PER_SEC};
	bool ok = prepare(&demo, error) && demo_repo_make(absolute, demo.now_s, demo.sha, error) &&
		  write_files(&demo, error);

	if (ok) {
		deploy_all(&demo);
		(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: initialised */
		g_free(cloud->options.git_root);
		cloud->options.git_root = g_build_filename(absolute, "git", NULL);
		(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	}
	for (size_t i = 0; i < DEMO_COMMIT_COUNT; i++)
		g_free(demo.sha[i]);
	return ok;
}
