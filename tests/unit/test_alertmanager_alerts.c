/* Tests of lib/alert/alertmanager.c; tests/integration/test_alertmanager.c shows them to the real one. */
#include "tests/unit/sink_fixture.h"

#include <check.h>
#include <string.h>

Suite *alertmanager_alerts_suite(void);

static json_object *encode_with(const struct notice *notice, GPtrArray *live)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_ALERTMANAGER);
	g_autofree char *body = NULL;

	context.live = live;
	body = alertmanager_encode(&context, notice);
	return sink_fixture_parse(body);
}

static GPtrArray *make_items(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)notice_item_free);
}

static const struct {
	const char *path, *want;
} members[] = {
	{"0.labels.alertname", "DriftdIncident"},
	{"0.labels.target", "service/billing"},
	{"0.labels.kind", "service"},
	{"0.labels.name", "billing"},
	{"0.annotations.summary", "1 commit behind, oldest 2 h"},
	{"0.annotations.reason", "runs 1a2b3c4d, head is 18f6ecfe"},
	{"0.annotations.priority", "P1"},
	{"0.annotations.owner", "ml"},
	{"0.annotations.cause", "drift"},
	{"0.annotations.state", "drift"},
	{"0.annotations.status", "open"},
	{"0.annotations.incident", "7"},
	{"0.annotations.since", "since 06:10 UTC, 2 h"},
	{"0.annotations.undeployed_commits", "1"},
	{"0.annotations.deploy_command", "make deploy SERVICE=billing"},
	{"0.annotations.ack_url", "https://drift.example/ack/7"}, /* many read it: not signed */
	{"0.startsAt", "2026-11-20T06:10:00Z"},
	{"0.endsAt", "2026-11-21T08:10:00Z"},
	{"0.generatorURL", "https://drift.example/drift/service/billing"},
};

START_TEST(test_member)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	json_object *alerts = encode_with(notice, NULL);

	ck_assert_uint_eq(json_object_array_length(alerts), 1);
	ck_assert_str_eq(sink_fixture_text(alerts, members[_i].path), members[_i].want);
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

START_TEST(test_identity_stays)
{
	/* whatever happens to an incident, the labels do not change: another would leave this one
	 * firing */
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	json_object *before = encode_with(notice, NULL);
	json_object *after = NULL;

	item->kind = NOTICE_KIND_WORSE;
	item->priority = PRIORITY_P0;
	item->cause = INCIDENT_CAUSE_BLIND;
	item->state = STATE_UNKNOWN;
	item->status = INCIDENT_STATUS_ACKNOWLEDGED;
	item->incident = 8;
	sink_fixture_set(&item->owner, "other");
	sink_fixture_set(&item->summary, "other");
	after = encode_with(notice, NULL);
	ck_assert_str_eq(sink_fixture_text(after, "0.labels"),
			 sink_fixture_text(before, "0.labels"));
	ck_assert_int_eq(json_object_object_length(sink_fixture_at(after, "0.labels")), 4);
	ck_assert_str_eq(sink_fixture_text(after, "0.annotations.priority"), "P0");
	json_object_put(before);
	json_object_put(after);
	notice_free(notice);
}
END_TEST

START_TEST(test_closing_ends_now)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_CLOSING, "billing");
	json_object *alerts = encode_with(notice, NULL);

	ck_assert_str_eq(sink_fixture_text(alerts, "0.endsAt"), "2026-11-20T08:10:00Z");
	ck_assert_str_eq(sink_fixture_text(alerts, "0.startsAt"), "2026-11-20T06:10:00Z");
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

START_TEST(test_never_ends_before_it_starts)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_CLOSING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	json_object *alerts = NULL;

	item->opened_wall_ms = _i == 0 ? SINK_NOW + MS_PER_HOUR : 0; /* a clock that was set back */
	alerts = encode_with(notice, NULL);
	ck_assert_str_eq(sink_fixture_text(alerts, "0.startsAt"), "2026-11-20T08:10:00Z");
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

START_TEST(test_last_of_a_target_counts)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	json_object *alerts = NULL;

	notice_add(notice, sink_fixture_item(NOTICE_KIND_CLOSING, 7, "billing"));
	notice_add(notice, sink_fixture_item(NOTICE_KIND_REMINDER, 7, "billing"));
	alerts = encode_with(notice, NULL);
	ck_assert_uint_eq(json_object_array_length(alerts), 1);
	ck_assert_str_eq(sink_fixture_text(alerts, "0.endsAt"), "2026-11-20T08:10:00Z");
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

START_TEST(test_live_is_told_again)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW);
	GPtrArray *live = make_items();
	json_object *alerts = NULL;

	g_ptr_array_add(live, sink_fixture_item(NOTICE_KIND_FIRING, 7, "billing"));
	g_ptr_array_add(live, sink_fixture_item(NOTICE_KIND_REMINDER, 8, "api"));
	alerts = encode_with(notice, live);
	ck_assert_uint_eq(json_object_array_length(alerts), 2);
	ck_assert_str_eq(sink_fixture_text(alerts, "0.endsAt"), "2026-11-21T08:10:00Z");
	ck_assert_str_eq(sink_fixture_text(alerts, "1.labels.name"), "api");
	json_object_put(alerts);
	g_ptr_array_unref(live);
	notice_free(notice);
}
END_TEST

START_TEST(test_what_is_told_goes_before_live)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_CLOSING, "billing");
	GPtrArray *live = make_items();
	json_object *alerts = NULL;

	g_ptr_array_add(live, sink_fixture_item(NOTICE_KIND_FIRING, 7, "billing"));
	g_ptr_array_add(live, sink_fixture_item(NOTICE_KIND_FIRING, 8, "api"));
	alerts = encode_with(notice, live);
	ck_assert_uint_eq(json_object_array_length(alerts), 2);
	ck_assert_str_eq(sink_fixture_text(alerts, "0.labels.name"), "billing");
	ck_assert_str_eq(sink_fixture_text(alerts, "0.endsAt"), "2026-11-20T08:10:00Z");
	ck_assert_str_eq(sink_fixture_text(alerts, "1.labels.name"), "api");
	json_object_put(alerts);
	g_ptr_array_unref(live);
	notice_free(notice);
}
END_TEST

static const enum notice_kind silent[] = {NOTICE_KIND_REMINDER, NOTICE_KIND_DIGEST};

START_TEST(test_nothing_to_tell)
{
	struct notice *notice = silent[_i] == NOTICE_KIND_DIGEST
					? sink_fixture_digest()
					: sink_fixture_notice(silent[_i], "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_ALERTMANAGER);
	struct sink_progress progress = {0};

	ck_assert_ptr_null(sink_make_request(&context, notice, &progress));
	notice_free(notice);
}
END_TEST

START_TEST(test_request)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_ALERTMANAGER);
	struct sink_progress progress = {0};
	struct sink_request *request = sink_make_request(&context, notice, &progress);

	ck_assert_str_eq(request->method, "POST");
	ck_assert_str_eq(request->url, "http://alerts.example:9093/base/api/v2/alerts");
	ck_assert_str_eq(sink_fixture_header(request, "Content-Type"), "application/json");
	sink_request_free(request);
	notice_free(notice);
}
END_TEST

START_TEST(test_test_alert)
{
	struct notice *notice = notice_create(NOTICE_KIND_TEST, SINK_NOW);
	json_object *alerts = encode_with(notice, NULL);

	ck_assert_str_eq(sink_fixture_text(alerts, "0.labels.alertname"), "DriftdTest");
	ck_assert_str_eq(sink_fixture_text(alerts, "0.endsAt"), "2026-11-20T08:15:00Z");
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

START_TEST(test_fifty_thousand_fit)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW);
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_ALERTMANAGER);
	g_autofree char *body = NULL;
	json_object *alerts = NULL;

	context.live = make_items();
	for (int i = 0; i < 50000; i++) {
		g_autofree char *name = g_strdup_printf("s%d", i);

		g_ptr_array_add(context.live, sink_fixture_item(NOTICE_KIND_FIRING, i + 1, name));
	}
	body = alertmanager_encode(&context, notice);
	ck_assert_uint_lt(strlen(body), SINK_BODY_MAX_BYTES);
	alerts = sink_fixture_parse(body);
	ck_assert_uint_eq(json_object_array_length(alerts), 50000);
	json_object_put(alerts);
	g_ptr_array_unref(context.live);
	notice_free(notice);
}
END_TEST

START_TEST(test_hostile_text)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *text = g_strnfill(100000, '\xff');
	json_object *alerts = NULL;

	sink_fixture_set(&item->summary, text);
	sink_fixture_set(&item->target, "odd");
	sink_fixture_set(&item->owner, "");
	alerts = encode_with(notice, NULL);
	ck_assert_uint_le(strlen(sink_fixture_text(alerts, "0.annotations.summary")), 600);
	ck_assert_str_eq(sink_fixture_text(alerts, "0.labels.name"), "odd");
	ck_assert_ptr_null(sink_fixture_at(alerts, "0.labels.kind"));
	ck_assert_ptr_null(sink_fixture_at(alerts, "0.annotations.owner"));
	json_object_put(alerts);
	notice_free(notice);
}
END_TEST

Suite *alertmanager_alerts_suite(void)
{
	Suite *suite = suite_create("alertmanager_alerts");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_member, 0, G_N_ELEMENTS(members));
	tcase_add_test(tcase, test_identity_stays);
	tcase_add_test(tcase, test_closing_ends_now);
	tcase_add_loop_test(tcase, test_never_ends_before_it_starts, 0, 2);
	tcase_add_test(tcase, test_last_of_a_target_counts);
	tcase_add_test(tcase, test_live_is_told_again);
	tcase_add_test(tcase, test_what_is_told_goes_before_live);
	tcase_add_loop_test(tcase, test_nothing_to_tell, 0, G_N_ELEMENTS(silent));
	tcase_add_test(tcase, test_request);
	tcase_add_test(tcase, test_test_alert);
	tcase_add_test(tcase, test_fifty_thousand_fit);
	tcase_add_test(tcase, test_hostile_text);
	suite_add_tcase(suite, tcase);
	return suite;
}
