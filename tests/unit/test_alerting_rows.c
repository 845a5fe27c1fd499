/* Unit tests of daemon/alerting_rows: nothing of an incident, a silence or a message is lost
 * between memory and the store. */
#include "daemon/alerting_rows.h"
#include "drift_error.h"

#include <check.h>

Suite *alerting_rows_suite(void);

static struct incident *make_incident(void)
{
	struct incident *incident = incident_create();

	incident->id = 12;
	incident->target = g_strdup("service/billing");
	incident->priority = PRIORITY_P0;
	incident->cause = INCIDENT_CAUSE_BLIND;
	incident->status = INCIDENT_STATUS_ACKNOWLEDGED;
	incident->summary = g_strdup("could not be read: timeout");
	g_ptr_array_add(incident->codes, g_strdup("fetch_failed"));
	incident->opened_wall_ms = 1000;
	incident->detected_wall_ms = 2000;
	incident->acknowledged_wall_ms = 3000;
	incident->acknowledged_by = g_strdup("ann");
	incident->why = g_strdup("known");
	incident->ack_expires_wall_ms = 4000;
	incident->first_ack_wall_ms = 2500;
	incident->ended_wall_ms = 5000;
	incident->false_alarm = true;
	incident->reopened = 2;
	incident->version = 3;
	incident->worse = g_strdup("priority raised");
	incident->held_by = g_strdup("silence 4");
	incident_tell(incident, "slack/default", 2500);
	return incident;
}

START_TEST(an_incident_comes_back_as_it_was)
{
	struct incident *incident = make_incident();
	struct store_incident *row = rows_incident(incident);
	g_autoptr(GError) error = NULL;
	struct incident *back = rows_to_incident(row, &error);
	const struct incident_told *told;

	ck_assert_msg(back != NULL, "%s", error ? error->message : "");
	ck_assert_int_eq(back->id, 12);
	ck_assert_str_eq(back->target, "service/billing");
	ck_assert_int_eq(back->priority, PRIORITY_P0);
	ck_assert_int_eq(back->cause, INCIDENT_CAUSE_BLIND);
	ck_assert_int_eq(back->status, INCIDENT_STATUS_ACKNOWLEDGED);
	ck_assert_str_eq(back->summary, "could not be read: timeout");
	ck_assert_uint_eq(back->codes->len, 1);
	ck_assert_str_eq(back->codes->pdata[0], "fetch_failed");
	ck_assert_int_eq(back->opened_wall_ms, 1000);
	ck_assert_int_eq(back->detected_wall_ms, 2000);
	ck_assert_int_eq(back->acknowledged_wall_ms, 3000);
	ck_assert_str_eq(back->acknowledged_by, "ann");
	ck_assert_str_eq(back->why, "known");
	ck_assert_int_eq(back->ack_expires_wall_ms, 4000);
	ck_assert_int_eq(back->first_ack_wall_ms, 2500);
	ck_assert_int_eq(back->ended_wall_ms, 5000);
	ck_assert(back->false_alarm);
	ck_assert_int_eq(back->reopened, 2);
	ck_assert_int_eq(back->version, 3);
	ck_assert_str_eq(back->worse, "priority raised");
	ck_assert_str_eq(back->held_by, "silence 4");
	told = incident_find_told(back, "slack/default");
	ck_assert_ptr_nonnull(told);
	ck_assert_int_eq(told->version, 3);
	ck_assert_int_eq(told->wall_ms, 2500);
	incident_free(back);
	store_incident_free(row);
	incident_free(incident);
}
END_TEST

/** A word that a row may not have. */
static void set_priority(struct store_incident *row)
{
	g_free(row->priority);
	row->priority = g_strdup("P9");
}

static void set_cause(struct store_incident *row)
{
	g_free(row->cause);
	row->cause = g_strdup("mood");
}

static void set_status(struct store_incident *row)
{
	g_free(row->status);
	row->status = g_strdup("");
}

static void set_told(struct store_incident *row)
{
	g_free(row->told);
	row->told = g_strdup("[{\"channel\":1}]");
}

static void set_codes(struct store_incident *row)
{
	g_free(row->codes);
	row->codes = g_strdup("{");
}

static void (*const spoil[])(struct store_incident *row) = {set_priority, set_cause, set_status,
							    set_told, set_codes};

START_TEST(a_row_that_is_none_of_ours_is_refused)
{
	struct incident *incident = make_incident();
	struct store_incident *row = rows_incident(incident);
	g_autoptr(GError) error = NULL;

	spoil[_i](row);
	ck_assert_ptr_null(rows_to_incident(row, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	store_incident_free(row);
	incident_free(incident);
}
END_TEST

START_TEST(a_silence_comes_back_as_it_was)
{
	struct silence *silence = silence_create();
	struct store_silence *row;
	struct silence *back;

	silence->id = 4;
	silence->matcher = g_strdup("service/a*");
	silence->until_wall_ms = 10;
	silence->who = g_strdup("bo");
	silence->why = g_strdup("moving");
	silence->created_wall_ms = 20;
	silence->ended_wall_ms = 30;
	row = rows_silence(silence);
	back = rows_to_silence(row);
	ck_assert_int_eq(back->id, 4);
	ck_assert_str_eq(back->matcher, "service/a*");
	ck_assert_int_eq(back->until_wall_ms, 10);
	ck_assert_str_eq(back->who, "bo");
	ck_assert_str_eq(back->why, "moving");
	ck_assert_int_eq(back->created_wall_ms, 20);
	ck_assert_int_eq(back->ended_wall_ms, 30);
	silence_free(back);
	store_silence_free(row);
	silence_free(silence);
}
END_TEST

static struct outgoing *make_outgoing(void)
{
	struct outgoing *outgoing = outgoing_create();
	struct notice_item *item = notice_item_create();

	item->kind = NOTICE_KIND_WORSE;
	item->incident = 12;
	item->target = g_strdup("service/billing");
	item->priority = PRIORITY_P1;
	item->cause = INCIDENT_CAUSE_DRIFT;
	item->status = INCIDENT_STATUS_OPEN;
	item->state = STATE_DRIFT;
	item->summary = g_strdup("2 commits behind");
	outgoing->id = 9;
	outgoing->channel = g_strdup("slack/default");
	outgoing->notice = notice_create(NOTICE_KIND_WORSE, 100);
	notice_add(outgoing->notice, item);
	outgoing->created_wall_ms = 100;
	outgoing->attempts = 3;
	outgoing->next_wall_ms = 200;
	outgoing->state = DELIVERY_STATE_WAITING;
	outgoing->plain = true;
	return outgoing;
}

START_TEST(a_message_comes_back_as_it_was)
{
	struct outgoing *outgoing = make_outgoing();
	struct store_notification *row = rows_notification(outgoing, true);
	g_autoptr(GError) error = NULL;
	struct outgoing *back = rows_to_outgoing(row, &error);

	ck_assert_msg(back != NULL, "%s", error ? error->message : "");
	ck_assert_str_eq(row->kind, "worse");
	ck_assert_str_eq(row->incidents, "[12]");
	ck_assert_str_eq(row->state, "waiting");
	ck_assert_int_eq(back->id, 9);
	ck_assert_str_eq(back->channel, "slack/default");
	ck_assert_int_eq(back->created_wall_ms, 100);
	ck_assert_int_eq(back->attempts, 3);
	ck_assert_int_eq(back->next_wall_ms, 200);
	ck_assert_int_eq(back->state, DELIVERY_STATE_WAITING);
	ck_assert(back->plain);
	ck_assert_uint_eq(back->notice->items->len, 1);
	ck_assert_str_eq(((const struct notice_item *)back->notice->items->pdata[0])->summary,
			 "2 commits behind");
	outgoing_free(back);
	store_notification_free(row);
	outgoing_free(outgoing);
}
END_TEST

START_TEST(without_content_the_stored_one_stays)
{
	struct outgoing *outgoing = make_outgoing();
	struct store_notification *row = rows_notification(outgoing, false);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(row->content);
	ck_assert_ptr_null(rows_to_outgoing(row, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	store_notification_free(row);
	outgoing_free(outgoing);
}
END_TEST

START_TEST(of_a_folded_message_its_carrier_tells)
{
	struct outgoing *outgoing = make_outgoing();
	struct store_notification *row;

	outgoing->state = DELIVERY_STATE_FOLDED;
	outgoing->folded_into = 8;
	row = rows_notification(outgoing, false);
	ck_assert_str_eq(row->state, "waiting");
	ck_assert_int_eq(row->folded_into, 8);
	store_notification_free(row);
	outgoing_free(outgoing);
}
END_TEST

Suite *alerting_rows_suite(void)
{
	Suite *suite = suite_create("alerting_rows");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, an_incident_comes_back_as_it_was);
	tcase_add_loop_test(tcase, a_row_that_is_none_of_ours_is_refused, 0,
			    (int)G_N_ELEMENTS(spoil));
	tcase_add_test(tcase, a_silence_comes_back_as_it_was);
	tcase_add_test(tcase, a_message_comes_back_as_it_was);
	tcase_add_test(tcase, without_content_the_stored_one_stays);
	tcase_add_test(tcase, of_a_folded_message_its_carrier_tells);
	suite_add_tcase(suite, tcase);
	return suite;
}
