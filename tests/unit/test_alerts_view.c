#include <check.h>
#include <string.h>

#include "api/metrics.h"
#include "api_fixture.h"
#include "clk.h"

Suite *alerts_view_suite(void);

/* worker has an incident that ann took up, api one that is held; one channel works, one does not. */
static struct snapshot_input *make_input(void)
{
	struct snapshot_input *input = fixture_world();
	struct incident *taken = fixture_incident(12, "service/worker");
	struct incident *held = fixture_incident(13, "service/api");

	taken->status = INCIDENT_STATUS_ACKNOWLEDGED;
	taken->acknowledged_by = g_strdup("ann\x1b[31m");
	held->cause = INCIDENT_CAUSE_BLIND;
	held->priority = PRIORITY_P1;
	held->held_by = g_strdup("silence 3");
	g_ptr_array_add(input->incidents, taken);
	g_ptr_array_add(input->incidents, held);
	g_ptr_array_add(input->channels, fixture_channel("default", false));
	g_ptr_array_add(input->channels, fixture_channel("ops", true));
	input->silences_active = 1;
	return input;
}

static struct snapshot *make_snapshot(void)
{
	return snapshot_create(make_input());
}

static json_object *parse(const char *text)
{
	json_object *object = json_parse(text, strlen(text), NULL);

	ck_assert_msg(object, "%s", text);
	return object;
}

START_TEST(test_status)
{
	struct snapshot *snapshot = make_snapshot();
	json_object *status = parse(snapshot->status_json.bytes);
	json_object *channels = json_member_array(status, "channels");
	json_object *works = json_object_array_get_idx(channels, 0);
	json_object *fails = json_object_array_get_idx(channels, 1);

	ck_assert_int_eq(json_member_int(status, "incidents_open", -1), 2);
	ck_assert_int_eq(json_member_int(status, "silences_active", -1), 1);
	ck_assert_str_eq(json_member_text(works, "name", ""), "default");
	ck_assert_str_eq(json_member_text(works, "kind", ""), "slack");
	ck_assert_str_eq(json_member_text(works, "state", ""), "ok");
	ck_assert_int_eq(json_member_int(works, "waiting", -1), 2);
	ck_assert_int_eq(json_member_int(works, "failed", -1), 1);
	ck_assert_str_eq(json_member_text(works, "last_error", "-"), "-");
	ck_assert_str_eq(json_member_text(fails, "state", ""), "failing");
	ck_assert_str_eq(json_member_text(fails, "last_error", ""),
			 "hooks.slack.com: 404 no_service");
	ck_assert_ptr_nonnull(strstr(snapshot->status_text.bytes, "incidents open: 2\n"));
	ck_assert_ptr_nonnull(strstr(snapshot->status_text.bytes,
				     "channel slack/ops  failing, 2 waiting, 1 failed: "
				     "hooks.slack.com: 404 no_service\n"));
	json_object_put(status);
	snapshot_unref(snapshot);
}
END_TEST

static json_object *find_item(json_object *drift, const char *id)
{
	json_object *items = json_member_array(drift, "items");

	for (size_t i = 0; i < json_object_array_length(items); i++)
		if (strcmp(json_member_text(json_object_array_get_idx(items, i), "id", ""), id) ==
		    0)
			return json_object_array_get_idx(items, i);
	ck_abort_msg("%s is not there", id);
}

/* L11: one thing is said, in whichever form. */
START_TEST(L11_incidents_are_the_same_in_every_form)
{
	struct snapshot *snapshot = make_snapshot();
	json_object *drift = parse(snapshot->drift_json.bytes);
	json_object *taken = json_member_object(find_item(drift, "service/worker"), "incident");
	json_object *held = json_member_object(find_item(drift, "service/api"), "incident");
	json_object *none = NULL;
	const char *text = snapshot->drift_text.bytes;
	const char *worker = strstr(text, "service/worker");
	const char *billing = strstr(text, "service/billing");
	const char *line = strstr(text, "    incident 12, acknowledged by ann\\x1b[31m\n");

	ck_assert_int_eq(json_member_int(taken, "id", 0), 12);
	ck_assert_str_eq(json_member_text(taken, "status", ""), "acknowledged");
	ck_assert_str_eq(json_member_text(taken, "acknowledged_by", ""), "ann\x1b[31m");
	ck_assert_str_eq(json_member_text(held, "status", ""), "open");
	ck_assert_str_eq(json_member_text(held, "held_by", ""), "silence 3");
	ck_assert(
		json_object_object_get_ex(find_item(drift, "service/billing"), "incident", &none));
	ck_assert_ptr_null(none);
	ck_assert_msg(worker && billing && line, "%s", text);
	ck_assert(line > worker && line < billing); /* below its own target */
	ck_assert_ptr_eq(strchr(worker, '\n') + 1, line);
	ck_assert_ptr_nonnull(strstr(text, "incident 13, told to nobody: silence 3\n"));
	ck_assert_ptr_nonnull(strstr(snapshot->metrics.bytes,
				     "driftd_incidents_open{cause=\"drift\",priority=\"P0\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(snapshot->metrics.bytes,
				     "driftd_incidents_open{cause=\"blind\",priority=\"P1\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(snapshot->metrics.bytes,
				     "driftd_incidents_open{cause=\"blind\",priority=\"P0\"} 0\n"));
	json_object_put(drift);
	snapshot_unref(snapshot);
}
END_TEST

/* The incident's line is the only difference to the table without. */
START_TEST(test_text_is_the_table_and_a_line)
{
	struct snapshot *with = make_snapshot();
	struct snapshot *without = snapshot_create(fixture_world());
	g_auto(GStrv) lines = g_strsplit(with->drift_text.bytes, "\n", -1);
	g_autoptr(GString) rest = g_string_new(NULL);

	for (size_t i = 0; lines[i]; i++)
		if (!g_str_has_prefix(lines[i], "    incident "))
			g_string_append_printf(rest, "%s%s", lines[i], lines[i + 1] ? "\n" : "");
	ck_assert_str_eq(rest->str, without->drift_text.bytes);
	snapshot_unref(with);
	snapshot_unref(without);
}
END_TEST

START_TEST(test_one_target)
{
	struct config *config = fixture_config(NULL, NULL);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct app *app = fixture_app(make_input());
	struct fixture_request request = {
		.app = app, .rules = rules, .target = "/drift/worker?format=text"};
	struct response response = fixture_answer(&request);

	ck_assert_ptr_nonnull(strstr(response.bytes, "  incident 12, acknowledged by ann"));
	response_done(&response);
	response_done(&response); /* twice is fine */
	auth_rules_unref(rules);
	config_unref(config);
	app_free(app);
}
END_TEST

START_TEST(test_metrics)
{
	static const char *const lines[] = {
		"driftd_channel_up{channel=\"slack/default\"} 1\n",
		"driftd_channel_up{channel=\"slack/ops\"} 0\n",
		"driftd_notifications_waiting{channel=\"slack/ops\"} 2\n",
		"driftd_notifications_sent_total{channel=\"slack/ops\"} 5\n",
		"driftd_notifications_failed_total{channel=\"slack/ops\"} 1\n",
		"driftd_silences_active 1\n",
	};
	struct snapshot *snapshot = make_snapshot();

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		ck_assert_msg(strstr(snapshot->metrics.bytes, lines[i]), "%s", lines[i]);
	snapshot_unref(snapshot);
}
END_TEST

START_TEST(test_counted_metrics)
{
	struct app *app = fixture_app(NULL);
	g_autofree char *text = NULL;

	app_count(app, APP_COUNT_AUTH_LINK);
	app_count(app, APP_COUNT_PUSH_IGNORED);
	app_count(app, APP_COUNT_PUSH_IGNORED);
	text = metrics_render_process(app);
	ck_assert_ptr_nonnull(strstr(text, "driftd_auth_refused_total{reason=\"link\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "driftd_auth_refused_total{reason=\"token\"} 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "driftd_pushes_total{result=\"ignored\"} 2\n"));
	ck_assert_ptr_nonnull(strstr(text, "driftd_pushes_total{result=\"accepted\"} 0\n"));
	app_free(app);
}
END_TEST

/* A snapshot rendered anew says the same. */
START_TEST(test_rendered_anew)
{
	struct snapshot *snapshot = make_snapshot();
	struct snapshot *again = snapshot_at(snapshot, FIXTURE_NOW_WALL_MS, FIXTURE_NOW_MONO_MS);

	ck_assert_str_eq(snapshot->status_json.bytes, again->status_json.bytes);
	ck_assert_str_eq(snapshot->drift_json.bytes, again->drift_json.bytes);
	ck_assert_str_eq(snapshot->drift_text.bytes, again->drift_text.bytes);
	ck_assert_str_eq(snapshot->metrics.bytes, again->metrics.bytes);
	ck_assert_ptr_nonnull(snapshot_find_incident(again, "service/worker"));
	ck_assert_ptr_null(snapshot_find_incident(again, "service/web"));
	snapshot_unref(snapshot);
	snapshot_unref(again);
}
END_TEST

/* What changes the entity tags: of /status, of /drift. */
static void change(struct snapshot_input *input, int which)
{
	struct incident *taken = input->incidents->pdata[0];
	struct channel_status *channel = input->channels->pdata[0];

	switch (which) {
	case 0:
		break;
	case 1:
		channel->last_sent_wall_ms = FIXTURE_NOW_WALL_MS;
		channel->sent++;
		break;
	case 2:
		channel->failing = true;
		break;
	case 3:
		channel->waiting++;
		break;
	case 4:
		input->silences_active++;
		break;
	case 5:
		taken->status = INCIDENT_STATUS_OPEN;
		break;
	case 6:
		taken->held_by = g_strdup("window nightly");
		break;
	default:
		g_ptr_array_set_size(input->incidents, 1);
		break;
	}
}

static const struct {
	bool status, drift;
} change_cases[] = {{false, false}, {false, false}, {true, false}, {true, false},
		    {true, false},  {false, true},  {false, true}, {true, true}};

START_TEST(test_entity_tags)
{
	struct snapshot *snapshot = make_snapshot();
	struct snapshot_input *input = make_input();
	struct snapshot *other = NULL;

	change(input, _i);
	other = snapshot_create(input);
	ck_assert_int_eq(strcmp(snapshot->status_json.etag, other->status_json.etag) != 0,
			 change_cases[_i].status);
	ck_assert_int_eq(strcmp(snapshot->drift_json.etag, other->drift_json.etag) != 0,
			 change_cases[_i].drift);
	ck_assert_int_eq(strcmp(snapshot->drift_text.etag, other->drift_text.etag) != 0,
			 change_cases[_i].drift);
	snapshot_unref(snapshot);
	snapshot_unref(other);
}
END_TEST

Suite *alerts_view_suite(void)
{
	Suite *suite = suite_create("alerts_view");
	TCase *tcase = tcase_create("alerts_view");

	tcase_add_test(tcase, test_status);
	tcase_add_test(tcase, L11_incidents_are_the_same_in_every_form);
	tcase_add_test(tcase, test_text_is_the_table_and_a_line);
	tcase_add_test(tcase, test_one_target);
	tcase_add_test(tcase, test_metrics);
	tcase_add_test(tcase, test_counted_metrics);
	tcase_add_test(tcase, test_rendered_anew);
	tcase_add_loop_test(tcase, test_entity_tags, 0, G_N_ELEMENTS(change_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
