#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "data_fixture.h"
#include "drift_error.h"

Suite *snapshot_suite(void);

static json_object *parse(const char *text)
{
	json_object *object = json_parse(text, strlen(text), NULL);

	ck_assert_msg(object, "%s", text);
	return object;
}

START_TEST(test_status_has_every_field)
{
	static const char *const fields[] = {
		"generated_at", "version",         "overall",      "score",
		"evaluated",    "targets_total",   "counts",       "check",
		"repos",        "targets",         "unwatched",    "channels",
		"api_calls",    "config_warnings", "config_error", "store_error"};
	struct snapshot_input *input = fixture_world();
	struct snapshot *snapshot = NULL;
	json_object *status = NULL;

	input->config_error = g_strdup("driftd.ini:3: unknown key");
	snapshot = snapshot_create(input);
	status = parse(snapshot->status_json.bytes);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		ck_assert_msg(json_object_object_get_ex(status, fields[i], NULL), "%s", fields[i]);
	ck_assert_str_eq(json_member_text(status, "generated_at", ""), "2026-11-20T11:00:03Z");
	ck_assert_str_eq(json_member_text(status, "overall", ""), "drift");
	ck_assert_str_eq(json_member_text(status, "config_error", ""), "driftd.ini:3: unknown key");
	ck_assert_uint_eq(json_object_array_length(json_member_array(status, "targets")), 5);
	ck_assert_uint_eq(json_object_array_length(json_member_array(status, "channels")), 0);
	ck_assert_int_eq(json_member_int(json_member_object(status, "check"), "id", 0), 812);
	ck_assert_uint_eq(snapshot->status_json.length, strlen(snapshot->status_json.bytes));
	json_object_put(status);
	snapshot_unref(snapshot);
}
END_TEST

START_TEST(test_status_accounts_and_unwatched)
{
	struct snapshot_input *input = fixture_world();
	struct http_account *account = g_new0(struct http_account, 1);
	struct unwatched *unwatched = g_new0(struct unwatched, 1);
	struct snapshot *snapshot = NULL;
	json_object *status = NULL, *line = NULL;

	*account = (struct http_account){g_strdup("run"), g_strdup("200"), 6, 812, 402113};
	g_ptr_array_add(input->accounts, account);
	*unwatched = (struct unwatched){g_strdup("cloud-run"), g_strdup("p"), g_strdup("us-west2"),
					g_strdup("twin")};
	g_ptr_array_add(input->unwatched, unwatched);
	snapshot = snapshot_create(input);
	status = parse(snapshot->status_json.bytes);
	line = json_object_array_get_idx(json_member_array(status, "api_calls"), 0);
	ck_assert_int_eq(json_member_int(line, "calls", 0), 6);
	ck_assert_int_eq(json_member_int(line, "time_ms", 0), 812);
	ck_assert_int_eq(json_member_int(line, "bytes", 0), 402113);
	line = json_object_array_get_idx(json_member_array(status, "unwatched"), 0);
	ck_assert_str_eq(json_member_text(line, "service", ""), "twin");
	ck_assert_ptr_nonnull(strstr(snapshot->status_text.bytes, "twin"));
	json_object_put(status);
	snapshot_unref(snapshot);
}
END_TEST

START_TEST(test_before_the_first_check)
{
	struct snapshot_input *input = fixture_input(NULL, NULL);
	struct snapshot *snapshot = NULL;
	json_object *status = NULL, *check = NULL;

	g_clear_pointer(&input->check.trigger, g_free);
	input->check = (struct check_status){.duration_ms = -1};
	snapshot = snapshot_create(input);
	status = parse(snapshot->status_json.bytes);
	check = json_member_object(status, "check");
	ck_assert_int_eq(json_member_int(check, "id", -1), -1);
	ck_assert_int_eq(json_member_int(check, "duration_ms", -1), -1);
	ck_assert_ptr_nonnull(strstr(snapshot->status_text.bytes, "\nno check yet\n"));
	json_object_put(status);
	snapshot_unref(snapshot);
}
END_TEST

/* A summary without anything evaluated must not look healthy. */
START_TEST(L01_nothing_evaluated_is_unknown)
{
	struct snapshot *empty = snapshot_create(fixture_input(NULL, NULL));
	struct snapshot *blind = snapshot_create(fixture_input(
		fixture_verdict("api", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1),
		fixture_verdict("old", STATE_PAUSED, RELATION_NONE, PRIORITY_P1), NULL));
	const char *bodies[] = {empty->status_json.bytes, empty->drift_json.bytes,
				empty->summary_json,      blind->status_json.bytes,
				blind->drift_json.bytes,  blind->summary_json};

	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		json_object *object = parse(bodies[i]);
		json_object *score = NULL;

		ck_assert_str_eq(json_member_text(object, "overall", ""), "unknown");
		ck_assert_int_eq(json_member_int(object, "evaluated", -1), 0);
		ck_assert_int_eq(json_member_int(object, "targets_total", -1), i < 3 ? 0 : 1);
		ck_assert(json_object_object_get_ex(object, "score", &score));
		ck_assert_ptr_null(score);
		json_object_put(object);
	}
	ck_assert_ptr_nonnull(strstr(blind->status_text.bytes, "evaluated 0 of 1"));
	ck_assert_ptr_null(strstr(blind->metrics.bytes, "driftd_score_ratio"));
	snapshot_unref(empty);
	snapshot_unref(blind);
}
END_TEST

START_TEST(test_lists_are_worst_first)
{
	static const char *const order[] = {"worker", "api", "billing", "web", "old"};
	struct snapshot *snapshot = snapshot_create(fixture_world());
	json_object *summary = parse(snapshot->summary_json);
	json_object *not_ok = json_member_array(summary, "not_ok");

	for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
		const struct verdict *verdict = snapshot->input.verdicts->pdata[i];

		ck_assert_str_eq(verdict->name, order[i]);
	}
	ck_assert_uint_eq(json_object_array_length(not_ok), 3);
	ck_assert_str_eq(json_object_get_string(json_object_array_get_idx(not_ok, 0)),
			 "service/worker");
	json_object_put(summary);
	snapshot_unref(snapshot);
}
END_TEST

/* What may change without a new entity tag, and what may not. */
static void later(struct snapshot_input *input)
{
	input->generated_wall_ms += 7 * MS_PER_MINUTE;
	input->generated_mono_ms += 7 * MS_PER_MINUTE;
	input->check.id++;
	input->check.started_wall_ms += 5 * MS_PER_MINUTE;
	input->check.duration_ms = 99;
	input->check.next_wall_ms += 5 * MS_PER_MINUTE;
	((struct repo_status *)input->repos->pdata[0])->fetched_wall_ms += 5 * MS_PER_MINUTE;
	for (guint i = 0; i < input->verdicts->len; i++) {
		struct verdict *verdict = input->verdicts->pdata[i];

		verdict->observed_wall_ms += 5 * MS_PER_MINUTE;
		verdict->expires_wall_ms += 5 * MS_PER_MINUTE;
		verdict->expires_mono_ms += 5 * MS_PER_MINUTE;
	}
}

static struct verdict *worker(struct snapshot_input *input)
{
	return input->verdicts->pdata[1];
}

static void change_state(struct snapshot_input *input)
{
	worker(input)->state = STATE_PENDING;
}

static void change_reason(struct snapshot_input *input)
{
	struct reason *reason = worker(input)->reasons->pdata[0];

	g_free(reason->message);
	reason->message = g_strdup("something else");
}

static void change_owner(struct snapshot_input *input)
{
	g_free(worker(input)->owner);
	worker(input)->owner = g_strdup("nobody");
}

static void change_since(struct snapshot_input *input)
{
	worker(input)->since_wall_ms--;
}

static void change_commits(struct snapshot_input *input)
{
	worker(input)->behind->commits++;
}

static void drop_target(struct snapshot_input *input)
{
	g_ptr_array_remove_index(input->verdicts, 1);
}

static void change_repo_error(struct snapshot_input *input)
{
	((struct repo_status *)input->repos->pdata[0])->error = g_strdup("host away");
}

static void change_head(struct snapshot_input *input)
{
	((struct repo_status *)input->repos->pdata[0])->head->sha[0] = 'f';
}

static void change_store_error(struct snapshot_input *input)
{
	input->store_error = g_strdup("disk full");
}

static void change_config_error(struct snapshot_input *input)
{
	input->config_error = g_strdup("bad");
}

static const struct {
	const char *what;
	void (*change)(struct snapshot_input *input);
	bool status_differs, drift_differs;
} etag_cases[] = {
	{"time passes", later, false, false},
	{"state", change_state, true, true},
	{"reason", change_reason, true, true},
	{"owner", change_owner, true, true},
	{"since", change_since, true, true},
	{"commits", change_commits, true, true},
	{"target gone", drop_target, true, true},
	{"repository error", change_repo_error, true, false},
	{"head", change_head, true, false},
	{"store error", change_store_error, true, false},
	{"config error", change_config_error, true, false},
};

START_TEST(test_etag_is_over_the_facts)
{
	struct snapshot *before = snapshot_create(fixture_world());
	struct snapshot_input *input = fixture_world();
	struct snapshot *after = NULL;

	etag_cases[_i].change(input);
	after = snapshot_create(input);
	ck_assert_msg((strcmp(before->status_json.etag, after->status_json.etag) != 0) ==
			      etag_cases[_i].status_differs,
		      "status: %s", etag_cases[_i].what);
	ck_assert_msg((strcmp(before->drift_json.etag, after->drift_json.etag) != 0) ==
			      etag_cases[_i].drift_differs,
		      "drift: %s", etag_cases[_i].what);
	ck_assert(g_str_has_prefix(after->status_json.etag, "W/\""));
	ck_assert_str_ne(after->status_json.etag, after->status_text.etag);
	ck_assert_str_ne(after->drift_json.etag, after->drift_text.etag);
	ck_assert_str_ne(after->drift_json.etag, after->status_json.etag);
	snapshot_unref(before);
	snapshot_unref(after);
}
END_TEST

START_TEST(test_validity_is_the_earliest_expiry)
{
	struct verdict *early = fixture_verdict("a", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1);
	struct verdict *restored = fixture_verdict("b", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1);
	struct verdict *never = fixture_verdict("c", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1);
	struct snapshot *snapshot = NULL;

	early->expires_mono_ms = FIXTURE_NOW_MONO_MS + 1000;
	restored->expires_mono_ms = 0;
	restored->expires_wall_ms = FIXTURE_NOW_WALL_MS + 2000;
	never->expires_wall_ms = 0;
	never->expires_mono_ms = 0;
	snapshot = snapshot_create(fixture_input(early, restored, never, NULL));
	ck_assert_int_eq(snapshot->valid_until_mono_ms, FIXTURE_NOW_MONO_MS + 1000);
	ck_assert_int_eq(snapshot->valid_until_wall_ms, FIXTURE_NOW_WALL_MS + 2000);
	snapshot_unref(snapshot);
	snapshot = snapshot_create(fixture_input(NULL, NULL));
	ck_assert_int_eq(snapshot->valid_until_mono_ms, INT64_MAX);
	ck_assert_int_eq(snapshot->valid_until_wall_ms, INT64_MAX);
	snapshot_unref(snapshot);
}
END_TEST

/* The same facts an hour later, without a scheduler: nothing is green any more. */
START_TEST(L09_expired_verdicts_are_unknown)
{
	struct snapshot *before = snapshot_create(fixture_world());
	struct snapshot *after = snapshot_at(before, FIXTURE_NOW_WALL_MS + MS_PER_HOUR,
					     FIXTURE_NOW_MONO_MS + MS_PER_HOUR);
	const struct verdict *web = snapshot_find(after, "service/web");

	ck_assert_int_eq(snapshot_find(before, "service/web")->state, STATE_OK);
	ck_assert_int_eq(web->state, STATE_UNKNOWN);
	ck_assert_ptr_nonnull(web->last_known);
	ck_assert_int_eq(web->last_known->state, STATE_OK);
	ck_assert_int_eq(after->tally.overall, STATE_UNKNOWN);
	ck_assert_int_eq(after->tally.evaluated, 0);
	ck_assert_int_eq(after->tally.count[STATE_PAUSED], 1);
	ck_assert_int_eq(after->valid_until_mono_ms, INT64_MAX);
	ck_assert_ptr_nonnull(strstr(after->status_json.bytes, "\"fetched_at\""));
	snapshot_unref(before);
	snapshot_unref(after);
}
END_TEST

/* What a table rested on stays in sight when it has expired; what was spent is of the day, not of a
 * look. */
START_TEST(test_later_snapshot_keeps_data)
{
	struct snapshot_input *input = data_fixture_world();
	struct snapshot_spent *spent = g_new0(struct snapshot_spent, 1);
	struct snapshot *before = NULL, *after = NULL;
	const struct verdict *table = NULL;

	spent->gcp = g_strdup("default");
	spent->bytes = 7;
	g_ptr_array_add(input->spent, spent);
	before = snapshot_create(input);
	after = snapshot_at(before, FIXTURE_NOW_WALL_MS + MS_PER_DAY,
			    FIXTURE_NOW_MONO_MS + MS_PER_DAY);
	snapshot_unref(before);
	table = snapshot_find(after, "table/events");
	ck_assert_int_eq(table->state, STATE_UNKNOWN);
	ck_assert_int_eq(table->relation, RELATION_NONE);
	ck_assert_int_eq(table->last_known->state, STATE_OK);
	ck_assert_ptr_nonnull(verdict_detail_find(table->detail, "last_loaded_at"));
	ck_assert_ptr_nonnull(strstr(after->drift_json.bytes, "\"freshness\":{\"method\":"));
	ck_assert_ptr_nonnull(
		strstr(after->metrics.bytes, "\ndriftd_bytes_billed_today{gcp=\"default\"} 7\n"));
	snapshot_unref(after);
}
END_TEST

START_TEST(test_find_name)
{
	struct verdict *twin = fixture_verdict("web", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1);
	struct snapshot *snapshot = NULL;
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) twice = NULL;

	g_free(twin->id);
	g_free(twin->kind);
	twin->id = g_strdup("table/web");
	twin->kind = g_strdup("table");
	snapshot = snapshot_create(fixture_input(
		fixture_verdict("web", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1), twin,
		fixture_verdict("api", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1), NULL));
	ck_assert_str_eq(snapshot_find_name(snapshot, "api", NULL)->id, "service/api");
	ck_assert_ptr_null(snapshot_find_name(snapshot, "nobody", &missing));
	ck_assert(g_error_matches(missing, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	ck_assert_ptr_null(snapshot_find_name(snapshot, "web", &twice));
	ck_assert(g_error_matches(twice, DRIFT_ERROR, DRIFT_ERROR_AMBIGUOUS));
	ck_assert_ptr_nonnull(strstr(twice->message, "table/web"));
	snapshot_unref(snapshot);
}
END_TEST

/* Text from commits must not reach a terminal as it is. */
START_TEST(test_text_forms_are_escaped)
{
	struct snapshot *snapshot = snapshot_create(fixture_world());

	ck_assert_ptr_null(strchr(snapshot->status_text.bytes, '\x1b'));
	ck_assert_ptr_null(strchr(snapshot->drift_text.bytes, '\x1b'));
	ck_assert_ptr_nonnull(strstr(snapshot->status_text.bytes, "Change"));
	snapshot_unref(snapshot);
}
END_TEST

START_TEST(test_shared_bytes_outlive_the_snapshot)
{
	struct snapshot *snapshot = snapshot_create(fixture_world());
	struct shared_bytes *shared = shared_bytes_ref(snapshot->status_json.shared);

	snapshot_unref(snapshot);
	ck_assert_uint_eq(strlen(shared->bytes), shared->length);
	shared_bytes_unref(shared);
}
END_TEST

Suite *snapshot_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_add_test(tcase, test_status_has_every_field);
	tcase_add_test(tcase, test_status_accounts_and_unwatched);
	tcase_add_test(tcase, test_before_the_first_check);
	tcase_add_test(tcase, L01_nothing_evaluated_is_unknown);
	tcase_add_test(tcase, test_lists_are_worst_first);
	tcase_add_loop_test(tcase, test_etag_is_over_the_facts, 0, G_N_ELEMENTS(etag_cases));
	tcase_add_test(tcase, test_validity_is_the_earliest_expiry);
	tcase_add_test(tcase, L09_expired_verdicts_are_unknown);
	tcase_add_test(tcase, test_later_snapshot_keeps_data);
	tcase_add_test(tcase, test_find_name);
	tcase_add_test(tcase, test_text_forms_are_escaped);
	tcase_add_test(tcase, test_shared_bytes_outlive_the_snapshot);
	suite_add_tcase(suite, tcase);
	return suite;
}
