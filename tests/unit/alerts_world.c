/* alerts_world - see alerts_world.h */
#include "alerts_world.h"

#include <check.h>
#include <unistd.h>

#include "clk.h"

const char alerts_world_hostile[] = "<script>alert(1)</script>\"'&\x1b[31m";

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static struct store_incident *add_incident(struct store_alerts *alerts, int64_t id,
					   const char *target, const char *status)
{
	struct store_incident *incident = store_incident_create();

	incident->id = id;
	incident->target = g_strdup(target);
	incident->priority = g_strdup("P0");
	incident->cause = g_strdup(id == 3 ? "blind" : "drift");
	incident->status = g_strdup(status);
	incident->summary = g_strdup(alerts_world_hostile);
	incident->codes = g_strdup("[\"behind\"]");
	incident->told = g_strdup("[]");
	incident->opened_wall_ms = FIXTURE_NOW_WALL_MS - (10 - id) * MS_PER_HOUR;
	incident->detected_wall_ms = incident->opened_wall_ms + 10 * MS_PER_MINUTE;
	incident->version = 1;
	g_ptr_array_add(alerts->incidents, incident);
	return incident;
}

static void add_incidents(struct store_alerts *alerts)
{
	struct store_incident *resolved = add_incident(alerts, 1, "service/web", "resolved");
	struct store_incident *taken = add_incident(alerts, 2, "service/web", "acknowledged");
	struct store_incident *withdrawn = add_incident(alerts, 3, "service/old", "withdrawn");
	struct store_incident *false_alarm = add_incident(alerts, 4, "service/web", "resolved");
	struct incident *told = fixture_incident(1, "service/web");

	(void)add_incident(alerts, 5, "service/worker", "open");
	incident_tell(told, "slack/default", FIXTURE_NOW_WALL_MS);
	g_free(resolved->told);
	resolved->told = incident_told_json(told);
	incident_free(told);
	resolved->ended_wall_ms = FIXTURE_NOW_WALL_MS - 8 * MS_PER_HOUR;
	taken->acknowledged_wall_ms = taken->detected_wall_ms + MS_PER_MINUTE;
	taken->first_ack_wall_ms = taken->acknowledged_wall_ms;
	taken->acknowledged_by = g_strdup("ann");
	taken->why = g_strdup("deploying after lunch");
	taken->ack_expires_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_HOUR;
	taken->held_by = g_strdup("silence 3");
	withdrawn->ended_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	false_alarm->ended_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	false_alarm->false_alarm = true;
}

static void add_silence(struct store_alerts *alerts, int64_t id, int64_t until_wall_ms,
			int64_t ended_wall_ms)
{
	struct store_silence *silence = store_silence_create();

	silence->id = id;
	silence->matcher = g_strdup("service/*");
	silence->until_wall_ms = until_wall_ms;
	silence->who = g_strdup("ann");
	silence->why = g_strdup("load test");
	silence->created_wall_ms = FIXTURE_NOW_WALL_MS - 2 * MS_PER_HOUR;
	silence->ended_wall_ms = ended_wall_ms;
	g_ptr_array_add(alerts->silences, silence);
}

static void add_notification(struct store_alerts *alerts, int64_t id, const char *channel,
			     const char *state)
{
	struct store_notification *row = store_notification_create();
	struct store_attempt *attempt = store_attempt_create();

	row->id = id;
	row->channel = g_strdup(channel);
	row->kind = g_strdup("firing");
	row->incidents = g_strdup("[5,2]");
	row->content = g_strdup("{\"secret\":\"content is not shown\"}");
	row->created_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	row->state = g_strdup(state);
	row->attempts_total = 1;
	row->next_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_MINUTE;
	attempt->notification = id;
	attempt->at_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	attempt->status = id == 1 ? 200 : 0;
	attempt->error = id == 1 ? NULL : g_strdup("no answer");
	g_ptr_array_add(alerts->notifications, row);
	g_ptr_array_add(alerts->attempts, attempt);
}

static void fill(const char *path)
{
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);
	struct store_alerts *alerts = store_alerts_create();

	ck_assert_msg(store, "%s", error ? error->message : "");
	add_incidents(alerts);
	add_silence(alerts, 1, FIXTURE_NOW_WALL_MS + MS_PER_HOUR,
		    FIXTURE_NOW_WALL_MS - MS_PER_MINUTE);
	add_silence(alerts, 2, FIXTURE_NOW_WALL_MS - MS_PER_MINUTE, 0);
	add_silence(alerts, 3, FIXTURE_NOW_WALL_MS + MS_PER_HOUR, 0);
	add_notification(alerts, 1, "slack/default", "sent");
	add_notification(alerts, 2, "slack/default", "failed");
	add_notification(alerts, 3, "webhook/ops", "waiting");
	ck_assert_msg(store_commit_alerts(store, alerts, &error), "%s",
		      error ? error->message : "");
	store_alerts_free(alerts);
	store_close(store);
}

void alerts_world_start(struct alerts_world *world, const char *auth)
{
	g_autofree char *path = NULL;

	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	world->directory = g_dir_make_tmp("driftd-test-XXXXXX", NULL);
	path = g_build_filename(world->directory, "driftd.db", NULL);
	fill(path);
	world->config = fixture_config(NULL, auth);
	world->rules = auth_rules_create(world->config, "127.0.0.1:8080");
	world->app = app_create(path, wake, NULL);
	app_publish(world->app, snapshot_create(fixture_world()));
}

void alerts_world_stop(struct alerts_world *world)
{
	static const char *const names[] = {"driftd.db", "driftd.db-wal", "driftd.db-shm"};

	auth_rules_unref(world->rules);
	config_unref(world->config);
	app_free(world->app);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(world->directory, names[i], NULL);

		(void)unlink(path); /* not all of them are there */
	}
	ck_assert_int_eq(rmdir(world->directory), 0);
	g_free(world->directory);
}

void alerts_world_add_check(const struct alerts_world *world, int64_t started_wall_ms)
{
	g_autofree char *path = g_build_filename(world->directory, "driftd.db", NULL);
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);
	struct store_batch *batch = store_batch_create();

	ck_assert_msg(store, "%s", error ? error->message : "");
	batch->cycle.trigger = g_strdup("start");
	batch->cycle.started_wall_ms = started_wall_ms;
	batch->cycle.summary = g_strdup("{}");
	ck_assert_msg(store_commit_batch(store, batch, &error), "%s", error ? error->message : "");
	store_batch_free(batch);
	store_close(store);
}

struct response alerts_world_get(const struct alerts_world *world, const char *target)
{
	struct fixture_request request = {.app = world->app,
					  .rules = world->rules,
					  .config = world->config,
					  .target = target};

	return fixture_answer(&request);
}

struct app_command *alerts_world_take_command(const struct alerts_world *world)
{
	struct app_requests requests = {0};
	struct app_command *command = NULL;

	app_take_requests(world->app, &requests);
	ck_assert_uint_eq(requests.commands->len, 1);
	command = requests.commands->pdata[0];
	app_waiter_done(world->app);
	g_ptr_array_unref(requests.commands);
	g_ptr_array_unref(requests.waiters);
	return command;
}
