/* test_incident - one step of an incident, its acknowledgement, and what the store keeps of it. */
#include <check.h>
#include <string.h>

#include "alert/incident.h"
#include "drift_error.h"

Suite *incident_suite(void);

#define NOW INT64_C(1795172400000)

static const struct incident_rules rules = {.unknown_after_ms = 900000, .reopen_within_ms = 600000};
static const char *const behind[] = {"behind", NULL};

static struct incident_facts facts_of(enum state state)
{
	return (struct incident_facts){.id = "service/a",
				       .priority = PRIORITY_P1,
				       .state = state,
				       .summary = "1 commit behind",
				       .codes = state == STATE_DRIFT ? behind : NULL,
				       .began_wall_ms = NOW - 60000,
				       .blind_for_ms = -1};
}

static struct incident *open_one(void)
{
	struct incident_facts facts = facts_of(STATE_DRIFT);
	struct incident *incident = NULL;

	ck_assert_int_eq(incident_step(NULL, &facts, &rules, NOW, &incident),
			 INCIDENT_CHANGE_OPENED);
	incident->id = 1;
	return incident;
}

static const struct {
	enum state state;
	int64_t blind_for_ms;
	enum incident_change want; /* where there is none */
	enum incident_change open; /* of one that is open */
} steps[] = {
	{STATE_OK, -1, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_RESOLVED},
	{STATE_PENDING, -1, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_NONE},
	{STATE_UNKNOWN, -1, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_NONE},
	{STATE_UNKNOWN, 0, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_NONE},
	{STATE_UNKNOWN, 899999, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_NONE},
	{STATE_UNKNOWN, 900000, INCIDENT_CHANGE_OPENED, INCIDENT_CHANGE_NONE},
	{STATE_UNKNOWN, 900001, INCIDENT_CHANGE_OPENED, INCIDENT_CHANGE_NONE},
	{STATE_DRIFT, -1, INCIDENT_CHANGE_OPENED, INCIDENT_CHANGE_NONE},
	/* blind_for of what is not unknown says nothing */
	{STATE_PENDING, 900001, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_NONE},
	{STATE_PAUSED, -1, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_WITHDRAWN},
	{STATE_NONE, -1, INCIDENT_CHANGE_NONE, INCIDENT_CHANGE_WITHDRAWN},
};

START_TEST(test_steps)
{
	struct incident_facts facts = facts_of(steps[_i].state);
	struct incident *open = open_one();
	struct incident *next = NULL;

	facts.blind_for_ms = steps[_i].blind_for_ms;
	ck_assert_int_eq(incident_step(NULL, &facts, &rules, NOW, &next), steps[_i].want);
	ck_assert_int_eq(next != NULL, steps[_i].want != INCIDENT_CHANGE_NONE);
	incident_free(next);
	ck_assert_int_eq(incident_step(open, &facts, &rules, NOW, &next), steps[_i].open);
	ck_assert_int_eq(next != NULL, steps[_i].open != INCIDENT_CHANGE_NONE);
	if (next) {
		ck_assert(incident_is_over(next));
		ck_assert_int_eq(next->ended_wall_ms, NOW);
		ck_assert_int_eq(next->id, 1);
	}
	incident_free(next);
	incident_free(open);
}
END_TEST

START_TEST(test_opened)
{
	struct incident *incident = open_one();

	ck_assert_str_eq(incident->target, "service/a");
	ck_assert_int_eq(incident->priority, PRIORITY_P1);
	ck_assert_int_eq(incident->cause, INCIDENT_CAUSE_DRIFT);
	ck_assert_int_eq(incident->status, INCIDENT_STATUS_OPEN);
	ck_assert_int_eq(incident->opened_wall_ms, NOW - 60000);
	ck_assert_int_eq(incident->detected_wall_ms, NOW);
	ck_assert_int_eq(incident->version, 1);
	ck_assert_str_eq(incident->summary, "1 commit behind");
	ck_assert_uint_eq(incident->codes->len, 1);
	ck_assert_uint_eq(incident->told->len, 0);
	incident_free(incident);
}
END_TEST

/* It cannot have been wrong later than it was found wrong. */
START_TEST(test_opened_never_later_than_detected)
{
	static const int64_t began[] = {NOW + 5000, 0, -7};

	for (size_t i = 0; i < G_N_ELEMENTS(began); i++) {
		struct incident_facts facts = facts_of(STATE_DRIFT);
		struct incident *next = NULL;

		facts.began_wall_ms = began[i];
		(void)incident_step(NULL, &facts, &rules, NOW, &next);
		ck_assert_int_eq(next->opened_wall_ms, NOW);
		incident_free(next);
	}
}
END_TEST

static const struct {
	enum incident_status status;
	int64_t ended_ago_ms;
	enum incident_change want;
} reopenings[] = {
	{INCIDENT_STATUS_RESOLVED, 0, INCIDENT_CHANGE_REOPENED},
	{INCIDENT_STATUS_RESOLVED, 599999, INCIDENT_CHANGE_REOPENED},
	{INCIDENT_STATUS_RESOLVED, 600000, INCIDENT_CHANGE_OPENED},
	{INCIDENT_STATUS_RESOLVED, 600001, INCIDENT_CHANGE_OPENED},
	/* the clock was set back a little; by a lot it says nothing about how long ago that was */
	{INCIDENT_STATUS_RESOLVED, -1000, INCIDENT_CHANGE_REOPENED},
	{INCIDENT_STATUS_RESOLVED, -600000, INCIDENT_CHANGE_OPENED},
	{INCIDENT_STATUS_WITHDRAWN, 0, INCIDENT_CHANGE_OPENED},
};

START_TEST(test_reopening)
{
	struct incident_facts facts = facts_of(STATE_DRIFT);
	struct incident *old = open_one();
	struct incident *next = NULL;

	incident_tell(old, "slack/x", NOW);
	(void)incident_acknowledge(old, "bo", "busy", NOW, 1000);
	old->status = reopenings[_i].status;
	old->ended_wall_ms = NOW - reopenings[_i].ended_ago_ms;
	ck_assert_int_eq(incident_step(old, &facts, &rules, NOW, &next), reopenings[_i].want);
	ck_assert_int_eq(next->status, INCIDENT_STATUS_OPEN);
	ck_assert_int_eq(next->ended_wall_ms, 0);
	ck_assert_int_eq(next->acknowledged_wall_ms, 0);
	ck_assert_ptr_null(next->acknowledged_by);
	if (reopenings[_i].want == INCIDENT_CHANGE_REOPENED) {
		ck_assert_int_eq(next->id, 1);
		ck_assert_int_eq(next->reopened, 1);
		ck_assert_int_eq(next->version, 2);
		ck_assert_int_eq(incident_find_told(next, "slack/x")->version, 0);
	} else {
		ck_assert_int_eq(next->id, 0);
		ck_assert_uint_eq(next->told->len, 0);
	}
	incident_free(next);
	incident_free(old);
}
END_TEST

static const struct {
	enum priority priority, want;
	enum state state;
	int64_t undeployed, commits, age_ms, after_ms;
} priorities[] = {
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 9, 10, 0, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 10, 10, 0, 0},
	{PRIORITY_P1, PRIORITY_P0, STATE_DRIFT, 11, 10, 0, 0},
	{PRIORITY_P2, PRIORITY_P1, STATE_DRIFT, 11, 10, 0, 0},
	{PRIORITY_P0, PRIORITY_P0, STATE_DRIFT, 11, 10, 0, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 11, 0, 0, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_PENDING, 11, 10, 0, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_UNKNOWN, 11, 10, 0, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 1, 0, 9999, 10000},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 1, 0, 10000, 10000},
	{PRIORITY_P1, PRIORITY_P0, STATE_DRIFT, 1, 0, 10001, 10000},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 1, 0, 10001, 0},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 0, 0, NOW, 10000},
	{PRIORITY_P1, PRIORITY_P1, STATE_DRIFT, 1, 0, -9, 10000},
	{PRIORITY_P2, PRIORITY_P1, STATE_DRIFT, 11, 10, 10001, 10000},
	{PRIORITY_NONE, PRIORITY_P1, STATE_DRIFT, 0, 0, 0, 0},
};

START_TEST(L31_priority_by_count_and_age)
{
	struct incident_facts facts = facts_of(priorities[_i].state);

	facts.priority = priorities[_i].priority;
	facts.undeployed = priorities[_i].undeployed;
	facts.escalate_commits = priorities[_i].commits;
	facts.oldest_wall_ms = NOW - priorities[_i].age_ms;
	facts.escalate_after_ms = priorities[_i].after_ms;
	ck_assert_int_eq(incident_priority(&facts, NOW), priorities[_i].want);
}
END_TEST

/* A mark that is the same needs neither summary nor codes. */
START_TEST(test_mark)
{
	struct incident_facts facts = facts_of(STATE_DRIFT);
	struct incident *open = NULL;
	struct incident *next = NULL;

	facts.mark = 7;
	(void)incident_step(NULL, &facts, &rules, NOW, &open);
	ck_assert_uint_eq(open->mark, 7);
	facts.summary = NULL;
	facts.codes = NULL;
	ck_assert_int_eq(incident_step(open, &facts, &rules, NOW, &next), INCIDENT_CHANGE_NONE);
	facts.mark = 8;
	facts.summary = "2 commits behind";
	ck_assert_int_eq(incident_step(open, &facts, &rules, NOW, &next), INCIDENT_CHANGE_UPDATED);
	ck_assert_uint_eq(next->mark, 8);
	ck_assert_int_eq(next->version, 1);
	ck_assert_str_eq(next->summary, "2 commits behind");
	incident_free(next);
	incident_free(open);
}
END_TEST

START_TEST(test_codes_are_bounded)
{
	struct incident_facts facts = facts_of(STATE_DRIFT);
	static const char *const more[] = {"one_more", NULL};
	struct incident *open = open_one();
	struct incident *next = NULL;

	for (int i = 1; i < INCIDENT_CODES_MAX; i++)
		g_ptr_array_add(open->codes, g_strdup_printf("code%d", i));
	facts.codes = more;
	ck_assert_int_eq(incident_step(open, &facts, &rules, NOW, &next), INCIDENT_CHANGE_NONE);
	g_ptr_array_set_size(open->codes, INCIDENT_CODES_MAX - 1);
	ck_assert_int_eq(incident_step(open, &facts, &rules, NOW, &next), INCIDENT_CHANGE_WORSE);
	ck_assert_uint_eq(next->codes->len, INCIDENT_CODES_MAX);
	ck_assert_str_eq(next->worse, "also one_more");
	incident_free(next);
	incident_free(open);
}
END_TEST

START_TEST(test_acknowledge)
{
	struct incident *incident = open_one();
	g_autofree char *long_who = g_strnfill(INCIDENT_WHO_MAX_BYTES + 1, 'w');
	g_autofree char *long_why = g_strnfill(INCIDENT_WHY_MAX_BYTES + 1, 'y');

	ck_assert(incident_acknowledge(incident, long_who, long_why, NOW + 5, 1000));
	ck_assert_int_eq(incident->status, INCIDENT_STATUS_ACKNOWLEDGED);
	ck_assert_int_eq(incident->acknowledged_wall_ms, NOW + 5);
	ck_assert_int_eq(incident->ack_expires_wall_ms, NOW + 1005);
	ck_assert_uint_le(strlen(incident->acknowledged_by), INCIDENT_WHO_MAX_BYTES);
	ck_assert_uint_le(strlen(incident->why), INCIDENT_WHY_MAX_BYTES);
	ck_assert(incident_acknowledge(incident, "ann", NULL, NOW + 9, 1000));
	ck_assert_str_eq(incident->acknowledged_by, "ann");
	ck_assert_ptr_null(incident->why);
	ck_assert_int_eq(incident->ack_expires_wall_ms, NOW + 1009);
	ck_assert_int_eq(incident->first_ack_wall_ms, NOW + 5);
	ck_assert_int_eq(incident->version, 1);
	incident->status = INCIDENT_STATUS_RESOLVED;
	ck_assert(!incident_acknowledge(incident, "cy", NULL, NOW + 9, 1000));
	ck_assert_str_eq(incident->acknowledged_by, "ann");
	incident_free(incident);
}
END_TEST

static const struct {
	int64_t after_ms;
	enum incident_change want;
} ticks[] = {
	{999, INCIDENT_CHANGE_NONE},
	{1000, INCIDENT_CHANGE_ACK_EXPIRED},
	{-1000, INCIDENT_CHANGE_NONE},
	{-1001,
	 INCIDENT_CHANGE_ACK_EXPIRED}, /* the clock was set back: rather too early than in years */
};

START_TEST(test_tick)
{
	struct incident *incident = open_one();
	struct incident *next = NULL;

	ck_assert_int_eq(incident_tick(incident, NOW, &next), INCIDENT_CHANGE_NONE);
	ck_assert(incident_acknowledge(incident, "bo", NULL, NOW, 1000));
	ck_assert_int_eq(incident_tick(incident, NOW + ticks[_i].after_ms, &next), ticks[_i].want);
	ck_assert_int_eq(next != NULL, ticks[_i].want != INCIDENT_CHANGE_NONE);
	if (next) {
		ck_assert_int_eq(next->status, INCIDENT_STATUS_OPEN);
		ck_assert_int_eq(next->version, 2);
		ck_assert_int_eq(next->first_ack_wall_ms, NOW);
	}
	incident_free(next);
	incident->status = INCIDENT_STATUS_WITHDRAWN;
	ck_assert_int_eq(incident_tick(incident, NOW + 5000, &next), INCIDENT_CHANGE_NONE);
	incident_free(incident);
}
END_TEST

START_TEST(test_told)
{
	struct incident *incident = open_one();

	ck_assert_ptr_null(incident_find_told(incident, "slack/x"));
	incident_tell(incident, "slack/x", NOW);
	incident->version = 3;
	incident_tell(incident, "slack/y", NOW + 1);
	ck_assert_int_eq(incident_find_told(incident, "slack/x")->version, 1);
	incident_tell(incident, "slack/x", NOW + 2);
	ck_assert_int_eq(incident_find_told(incident, "slack/x")->version, 3);
	ck_assert_int_eq(incident_find_told(incident, "slack/x")->wall_ms, NOW + 2);
	ck_assert_uint_eq(incident->told->len, 2);
	ck_assert(!incident_tell_instead(incident, "slack/gone", "slack/z"));
	ck_assert(incident_tell_instead(incident, "slack/y", "slack/z"));
	ck_assert_int_eq(incident_find_told(incident, "slack/z")->version, 3);
	ck_assert_int_eq(incident_find_told(incident, "slack/z")->wall_ms, NOW + 1);
	ck_assert(!incident_tell_instead(incident, "slack/y", "slack/x")); /* knows as much */
	for (int i = 0; i < INCIDENT_TOLD_MAX; i++) {
		g_autofree char *channel = g_strdup_printf("slack/%d", i);

		incident_tell(incident, channel, NOW + 10 + i);
	}
	ck_assert_uint_eq(incident->told->len, INCIDENT_TOLD_MAX);
	ck_assert_ptr_null(incident_find_told(incident, "slack/y"));
	incident_free(incident);
}
END_TEST

START_TEST(test_copy_and_json)
{
	struct incident *incident = open_one();
	struct incident *copy;
	g_autofree char *told = NULL;
	g_autofree char *codes = NULL;
	g_autofree char *told_again = NULL;
	g_autofree char *codes_again = NULL;

	incident_tell(incident, "slack/x \"\n\xc3\xa9", NOW);
	g_ptr_array_add(incident->codes, g_strdup("stale"));
	incident->held_by = g_strdup("silence 3");
	(void)incident_acknowledge(incident, "bo", "x", NOW, 10);
	copy = incident_copy(incident);
	told = incident_told_json(copy);
	codes = incident_codes_json(copy);
	incident_free(incident);
	ck_assert_str_eq(copy->held_by, "silence 3");
	ck_assert_str_eq(codes, "[\"behind\",\"stale\"]");
	g_ptr_array_set_size(copy->told, 0);
	g_ptr_array_set_size(copy->codes, 0);
	ck_assert(incident_set_told_json(copy, told, NULL));
	ck_assert(incident_set_codes_json(copy, codes, NULL));
	told_again = incident_told_json(copy);
	codes_again = incident_codes_json(copy);
	ck_assert_str_eq(told, told_again);
	ck_assert_str_eq(codes, codes_again);
	ck_assert_uint_eq(copy->told->len, 1);
	incident_free(copy);
}
END_TEST

static const char *const bad_told[] = {
	NULL,
	"",
	"{}",
	"null",
	"[1]",
	"[{}]",
	"[[]]",
	"[{\"channel\":\"slack/x\",\"version\":1}]",
	"[{\"channel\":\"slack/x\",\"version\":-1,\"at_ms\":1}]",
	"[{\"channel\":\"slack/x\",\"version\":1,\"at_ms\":-1}]",
	"[{\"channel\":\"slack/x\",\"version\":1.5,\"at_ms\":1}]",
	"[{\"channel\":\"\",\"version\":1,\"at_ms\":1}]",
	"[{\"channel\":3,\"version\":1,\"at_ms\":1}]",
	"[{\"channel\":\"a\\u0000b\",\"version\":1,\"at_ms\":1}]",
	"[{\"channel\":\"s\",\"version\":1,\"at_ms\":1},{\"channel\":\"s\",\"version\":1,\"at_ms\":"
	"1}]",
	"[] []",
};

START_TEST(test_bad_told)
{
	struct incident *incident = open_one();
	g_autoptr(GError) error = NULL;

	incident_tell(incident, "slack/x", NOW);
	ck_assert(!incident_set_told_json(incident, bad_told[_i], &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_uint_eq(incident->told->len, 1);
	ck_assert_str_eq(((struct incident_told *)incident->told->pdata[0])->channel, "slack/x");
	incident_free(incident);
}
END_TEST

static const char *const bad_codes[] = {
	NULL, "", "{}", "[1]", "[null]", "[\"\"]", "[\"a\\u0000b\"]", "[\"behind\"", "\"behind\"",
};

START_TEST(test_bad_codes)
{
	struct incident *incident = open_one();
	g_autoptr(GError) error = NULL;

	ck_assert(!incident_set_codes_json(incident, bad_codes[_i], &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_uint_eq(incident->codes->len, 1);
	incident_free(incident);
}
END_TEST

static char *codes_text(int count)
{
	GString *text = g_string_new("[");

	for (int i = 0; i < count; i++)
		g_string_append_printf(text, "%s\"c%d\"", i > 0 ? "," : "", i);
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

START_TEST(test_codes_json_bound)
{
	struct incident *incident = open_one();
	g_autofree char *most = codes_text(INCIDENT_CODES_MAX);
	g_autofree char *more = codes_text(INCIDENT_CODES_MAX + 1);

	ck_assert(incident_set_codes_json(incident, most, NULL));
	ck_assert_uint_eq(incident->codes->len, INCIDENT_CODES_MAX);
	ck_assert(!incident_set_codes_json(incident, more, NULL));
	incident_free(incident);
}
END_TEST

START_TEST(test_words)
{
	for (int i = INCIDENT_STATUS_OPEN; i <= INCIDENT_STATUS_WITHDRAWN; i++)
		ck_assert_int_eq(
			incident_status_from_text(incident_status_text((enum incident_status)i)),
			i);
	for (int i = INCIDENT_CAUSE_DRIFT; i <= INCIDENT_CAUSE_BLIND; i++)
		ck_assert_int_eq(
			incident_cause_from_text(incident_cause_text((enum incident_cause)i)), i);
	ck_assert_int_eq(incident_status_from_text("none"), INCIDENT_STATUS_NONE);
	ck_assert_int_eq(incident_status_from_text(NULL), INCIDENT_STATUS_NONE);
	ck_assert_int_eq(incident_cause_from_text("Drift"), INCIDENT_CAUSE_NONE);
	ck_assert_str_eq(incident_status_text(INCIDENT_STATUS_ACKNOWLEDGED), "acknowledged");
	ck_assert_str_eq(incident_cause_text(INCIDENT_CAUSE_BLIND), "blind");
}
END_TEST

Suite *incident_suite(void)
{
	Suite *suite = suite_create("incident");
	TCase *tcase = tcase_create("incident");

	tcase_add_loop_test(tcase, test_steps, 0, G_N_ELEMENTS(steps));
	tcase_add_test(tcase, test_opened);
	tcase_add_test(tcase, test_opened_never_later_than_detected);
	tcase_add_loop_test(tcase, test_reopening, 0, G_N_ELEMENTS(reopenings));
	tcase_add_loop_test(tcase, L31_priority_by_count_and_age, 0, G_N_ELEMENTS(priorities));
	tcase_add_test(tcase, test_mark);
	tcase_add_test(tcase, test_codes_are_bounded);
	tcase_add_test(tcase, test_acknowledge);
	tcase_add_loop_test(tcase, test_tick, 0, G_N_ELEMENTS(ticks));
	tcase_add_test(tcase, test_told);
	tcase_add_test(tcase, test_copy_and_json);
	tcase_add_loop_test(tcase, test_bad_told, 0, G_N_ELEMENTS(bad_told));
	tcase_add_loop_test(tcase, test_bad_codes, 0, G_N_ELEMENTS(bad_codes));
	tcase_add_test(tcase, test_codes_json_bound);
	tcase_add_test(tcase, test_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
