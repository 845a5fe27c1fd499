/* Unit tests of api/handle_gate.c: what it says before the first cycle of a process has ended. */
#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "clk.h"

Suite *gate_early_suite(void);

static struct app *app;
static struct auth_rules *rules;

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);

	app = fixture_app(NULL);
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	app_free(app);
}

static struct response get(const char *target)
{
	struct fixture_request request = {.app = app, .rules = rules, .target = target};

	return fixture_answer(&request);
}

/* What is not known yet is no answer; what is known still, is one. DESIGN 9. */
static const struct {
	const char *query;
	int status; /* before the first cycle has ended */
	int later;  /* after it */
} early_gate_cases[] = {
	{"?target=web", 200, 200},
	{"?target=old", 200, 200},
	{"?target=billing", 200, 200},
	{"?target=billing&strict=1", 409, 409}, /* what is known has not expired */
	{"?target=fresh", 503, 409},
	{"?target=fresh&allow-unknown=1", 200, 200},
	{"?target=stale", 503, 409},
	{"?target=stale&format=text", 503, 409},
	{"?target=web&target=stale", 503, 409},
	{"?target=web&target=fresh", 503, 409},
	{"", 409, 409},
	{"?target=nobody", 400, 400},
};

/* fresh was never observed, what is known of stale has expired. */
static struct snapshot_input *early_world(bool first_cycle_done)
{
	struct snapshot_input *input = fixture_world();
	struct verdict *fresh =
		fixture_verdict("fresh", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1);
	struct verdict *stale = fixture_verdict("stale", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1);

	g_ptr_array_set_size(fresh->reasons, 0);
	g_ptr_array_add(fresh->reasons,
			reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN, "never observed"));
	fresh->observed_wall_ms = fresh->expires_wall_ms = fresh->expires_mono_ms = 0;
	stale->expires_wall_ms = FIXTURE_NOW_WALL_MS - 1;
	stale->expires_mono_ms = 0; /* of the process before */
	g_ptr_array_add(input->verdicts, fresh);
	g_ptr_array_add(input->verdicts, stale);
	input->first_cycle_done = input->ready = first_cycle_done;
	return input;
}

static void check_early_gate(int number, bool first_cycle_done, int status)
{
	g_autofree char *target = g_strconcat("/gate", early_gate_cases[number].query, NULL);
	struct response response = {0};

	app_publish(app, snapshot_create(early_world(first_cycle_done)));
	response = get(target);
	ck_assert_msg(response.status == status, "%s: %d, not %d", target, response.status, status);
	ck_assert_int_eq(response.retry_after_s > 0, status == 503);
	if (status == 503) {
		ck_assert_ptr_eq(response.content_type, response_problem);
		ck_assert_ptr_nonnull(strstr(response.bytes, "/problems/not-ready"));
	}
	response_done(&response);
}

START_TEST(test_gate_before_the_first_cycle)
{
	check_early_gate(_i, false, early_gate_cases[_i].status);
	check_early_gate(_i, true, early_gate_cases[_i].later);
}
END_TEST

/* Rendered anew because it is late: still before the first cycle. */
START_TEST(test_gate_before_the_first_cycle_rendered_anew)
{
	struct response response = {0};

	app_publish(app, snapshot_create(early_world(false)));
	clk_set_fake(FIXTURE_NOW_MONO_MS + MS_PER_HOUR, FIXTURE_NOW_WALL_MS + MS_PER_HOUR);
	response = get("/gate?target=web");
	ck_assert_int_eq(response.status, 503);
	response_done(&response);
	app_publish(app, snapshot_create(early_world(true)));
	response = get("/gate?target=web");
	ck_assert_int_eq(response.status, 409);
	response_done(&response);
}
END_TEST

Suite *gate_early_suite(void)
{
	Suite *suite = suite_create("gate_early");
	TCase *tcase = tcase_create("gate_early");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_gate_before_the_first_cycle, 0,
			    G_N_ELEMENTS(early_gate_cases));
	tcase_add_test(tcase, test_gate_before_the_first_cycle_rendered_anew);
	suite_add_tcase(suite, tcase);
	return suite;
}
