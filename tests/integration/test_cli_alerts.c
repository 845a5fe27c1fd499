/* test_cli_alerts - incidents, acknowledgements, silences and test messages by the command line.
 * DESIGN 10. */
#include "tests/integration/alerts_lab.h"

#include <json-c/json.h>
#include <string.h>

Suite *cli_alerts_suite(void);

/** Longest command of a test. */
#define ARGUMENTS_MAX 10

static struct lab *lab;
static char *url;
static const char *environment[2];

/* Incident 1 is of alpha, 2 of beta. */
static void setup(void)
{
	g_autofree char *pager = NULL;

	lab = lab_create("");
	pager = world_webhook_url(lab->world, "pager");
	g_string_append_printf(lab->config, "[webhook \"pager\"]\nurl = %s\n\n", pager);
	lab_begin_with_two(lab, "", "");
	lab_drift(lab, "shared");
	url = g_strdup_printf("DRIFTD_URL=%s", lab->world->origin);
	environment[0] = url;
	lab->world->environment = environment;
}

static void teardown(void)
{
	lab_free(lab);
	g_free(url);
}

/** Run "driftd COMMAND", its words between single spaces. */
static struct run driftd(const char *command)
{
	g_auto(GStrv) words = g_strsplit(command, " ", ARGUMENTS_MAX);

	return world_run(lab->world, (const char *const *)words);
}

static void expect(const char *command, int status, const char *said)
{
	struct run run = driftd(command);

	ck_assert_msg(run.status == status, "%s: exit %d: %s", command, run.status, run.output);
	ck_assert_msg(strstr(run.output, said), "%s: \"%s\" is not said: %s", command, said,
		      run.output);
	run_clear(&run);
}

START_TEST(open_incidents_are_listed)
{
	struct run run = {0};

	expect("ack 2", 0, "incident 2 acknowledged");
	expect("incidents", 0, "service/alpha");
	expect("incidents", 0, "acknowledged"); /* it is not over */
	lab_mend(lab, "alpha");
	run = driftd("incidents");
	ck_assert_msg(!strstr(run.output, "service/alpha"), "%s", run.output);
	ck_assert_msg(strstr(run.output, "service/beta"), "%s", run.output);
	run_clear(&run);
	expect("incidents --all", 0, "resolved");
	expect("incidents 1", 0, "incident 1  resolved");
	expect("incidents 7", 2, "no incident 7");
	expect("incidents summary", 0, "30 DAYS");
}
END_TEST

START_TEST(an_incident_is_acknowledged_by_number_or_target)
{
	expect("ack service/alpha --who ann --why mine", 0, "incident 1 acknowledged");
	lab_expect_incident(lab, "service/alpha", "acknowledged_by", "ann");
	lab_expect_incident(lab, "service/alpha", "why", "mine");
	expect("ack 2 --who bo", 0, "incident 2 acknowledged");
	lab_expect_incident(lab, "service/beta", "acknowledged_by", "bo");
	lab_mend(lab, "beta");
	expect("ack service/beta", 2, "no open incident");
	expect("ack 2", 2, "resolved already");
	expect("ack service/gamma", 2, "no target service/gamma");
	expect("ack", 64, "needs to know");
}
END_TEST

START_TEST(a_silence_is_made_shown_and_ended)
{
	expect("silence service/alpha --for 2h --why deploy --who ann", 0, "service/alpha");
	expect("silences", 0, "by ann: deploy");
	expect("unsilence 1", 0, "silence 1 ended");
	expect("unsilence 1", 2, "it has ended");
	expect("silences", 0, "no silences");
	expect("silences --all", 0, "silence 1  ended");
	expect("silence service/alpha --for 2h", 64, "--why");
	expect("silence service/alpha --why deploy", 64, "--for");
	expect("silence service/alpha --why deploy --for 2h --until 2030-01-01T00:00:00Z", 64,
	       "one of them");
	expect("silence service/alpha --why deploy --for 2y", 64, "2y");
	expect("silence alpha --why deploy --for 2h", 2, "owner=NAME");
}
END_TEST

START_TEST(a_false_alarm_is_marked)
{
	expect("false-alarm 2", 0, "counted as a false alarm");
	expect("incidents 2", 0, "a false alarm");
	expect("false-alarm 2 --undo", 0, "no longer");
	expect("false-alarm 9", 2, "no incident 9");
}
END_TEST

static const char *const json_commands[] = {
	"incidents --json",
	"incidents 1 --json",
	"ack 1 --json",
	"false-alarm 1 --json",
	"silence service/alpha --for 2h --why deploy --json",
	"silences --json",
	"notifications --json",
	"test-alert -c driftd.ini team --json",
};

START_TEST(json_is_json)
{
	struct run run = driftd(json_commands[_i]);
	json_object *json = json_tokener_parse(run.output);

	ck_assert_int_eq(run.status, 0);
	ck_assert_msg(json_object_is_type(json, json_type_object), "%s: %s", json_commands[_i],
		      run.output);
	json_object_put(json);
	run_clear(&run);
}
END_TEST

static const struct {
	const char *command;
	int status;
	const char *said;
} test_alerts[] = {
	{"test-alert -c driftd.ini slack/team", 0, "slack/team took"},
	{"test-alert -c driftd.ini team", 0, "slack/team took"},
	{"test-alert -c driftd.ini webhook/pager", 0, "webhook/pager took"},
	{"test-alert -c driftd.ini pager", 0, "webhook/pager took"},
	{"test-alert -c driftd.ini slack/pager", 2, "webhook/pager slack/team"},
	{"test-alert -c driftd.ini", 64, "a channel"},
	{"test-alert team", 64, "-c FILE"},
	{"test-alert -c nowhere.ini team", 78, "nowhere.ini"},
};

START_TEST(a_test_message_goes_where_it_is_said)
{
	expect(test_alerts[_i].command, test_alerts[_i].status, test_alerts[_i].said);
}
END_TEST

Suite *cli_alerts_suite(void)
{
	Suite *suite = suite_create("cli_alerts");
	TCase *tcase = tcase_create("cli_alerts");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, open_incidents_are_listed);
	tcase_add_test(tcase, an_incident_is_acknowledged_by_number_or_target);
	tcase_add_test(tcase, a_silence_is_made_shown_and_ended);
	tcase_add_test(tcase, a_false_alarm_is_marked);
	tcase_add_loop_test(tcase, json_is_json, 0, G_N_ELEMENTS(json_commands));
	tcase_add_loop_test(tcase, a_test_message_goes_where_it_is_said, 0,
			    G_N_ELEMENTS(test_alerts));
	suite_add_tcase(suite, tcase);
	return suite;
}
