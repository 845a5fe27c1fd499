/* Unit tests of daemon/options. */
#include "daemon/options.h"
#include "drift_error.h"

#include <check.h>
#include <string.h>

Suite *options_suite(void);

static const struct {
	const char *line;  /* words after "driftd" */
	enum command want; /* COMMAND_NONE: refused */
	const char *config, *argument, *says;
} cases[] = {
	{"-c a.ini", COMMAND_SERVE, "a.ini", NULL, NULL},
	{"serve -c a.ini", COMMAND_SERVE, "a.ini", NULL, NULL},
	{"serve --config=a.ini", COMMAND_SERVE, "a.ini", NULL, NULL},
	{"check -c a.ini --json", COMMAND_CHECK, "a.ini", NULL, NULL},
	{"config --against-repo -c a.ini", COMMAND_CONFIG, "a.ini", NULL, NULL},
	{"status", COMMAND_STATUS, NULL, NULL, NULL},
	{"drift", COMMAND_DRIFT, NULL, NULL, NULL},
	{"drift service/x --json", COMMAND_DRIFT, NULL, "service/x", NULL},
	{"drift --json service/x", COMMAND_DRIFT, NULL, "service/x", NULL},
	{"gate --target service/x --strict", COMMAND_GATE, NULL, NULL, NULL},
	{"affected -c a.ini v1..v2", COMMAND_AFFECTED, "a.ini", "v1..v2", NULL},
	{"affected v1..v2 -c a.ini", COMMAND_AFFECTED, "a.ini", "v1..v2", NULL},
	{"affected --staged -c a.ini", COMMAND_AFFECTED, "a.ini", NULL, NULL},
	{"check --notify -c a.ini", COMMAND_CHECK, "a.ini", NULL, NULL},
	{"incidents", COMMAND_INCIDENTS, NULL, NULL, NULL},
	{"incidents 12 --json", COMMAND_INCIDENTS, NULL, "12", NULL},
	{"ack 12 --who ann --why deploying", COMMAND_ACK, NULL, "12", NULL},
	{"ack --who ann service/x", COMMAND_ACK, NULL, "service/x", NULL},
	{"false-alarm 12 --undo", COMMAND_FALSE_ALARM, NULL, "12", NULL},
	{"silence service/* --for 2h --why migration", COMMAND_SILENCE, NULL, "service/*", NULL},
	{"silence owner=ml --until 2026-12-01T10:00:00Z", COMMAND_SILENCE, NULL, "owner=ml", NULL},
	{"silences --all", COMMAND_SILENCES, NULL, NULL, NULL},
	{"unsilence 3", COMMAND_UNSILENCE, NULL, "3", NULL},
	{"notifications", COMMAND_NOTIFICATIONS, NULL, NULL, NULL},
	{"test-alert -c a.ini slack/default", COMMAND_TEST_ALERT, "a.ini", "slack/default", NULL},
	{"version", COMMAND_VERSION, NULL, NULL, NULL},
	{"--version", COMMAND_VERSION, NULL, NULL, NULL},
	{"help", COMMAND_HELP, NULL, NULL, NULL},
	{"--help", COMMAND_HELP, NULL, NULL, NULL},
	{"drift --help", COMMAND_HELP, NULL, NULL, NULL},
	{"", COMMAND_NONE, NULL, NULL, "configuration"},
	{"check", COMMAND_NONE, NULL, NULL, "-c FILE"},
	{"serve", COMMAND_NONE, NULL, NULL, "-c FILE"},
	{"statsu", COMMAND_NONE, NULL, NULL, "status"},
	{"status -c a.ini", COMMAND_NONE, NULL, NULL, "-c"},
	{"status extra", COMMAND_NONE, NULL, NULL, "extra"},
	{"drift a b", COMMAND_NONE, NULL, NULL, "b"},
	{"check -c", COMMAND_NONE, NULL, NULL, "-c"},
	{"check -c a.ini --jsno", COMMAND_NONE, NULL, NULL, "--jsno"},
	{"affected --staged v1..v2 -c a.ini", COMMAND_NONE, NULL, NULL, "not both"},
	{"ack", COMMAND_NONE, NULL, NULL, "number"},
	{"ack --who ann", COMMAND_NONE, NULL, NULL, "number"},
	{"false-alarm", COMMAND_NONE, NULL, NULL, "number"},
	{"silence --for 2h", COMMAND_NONE, NULL, NULL, "priority=P1"},
	{"unsilence", COMMAND_NONE, NULL, NULL, "number"},
	{"test-alert -c a.ini", COMMAND_NONE, NULL, NULL, "channel"},
	{"test-alert slack/default", COMMAND_NONE, NULL, NULL, "-c FILE"},
	{"silences --who ann", COMMAND_NONE, NULL, NULL, "who"},
	{"drift --notify", COMMAND_NONE, NULL, NULL, "notify"},
};

START_TEST(test_parse)
{
	g_autofree char *line = g_strdup_printf("driftd %s", cases[_i].line);
	g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", -1);
	g_autofree char **argv = g_memdup2(words, (g_strv_length(words) + 1) * sizeof(char *));
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	bool ok = options_parse((int)g_strv_length(words), argv, &options, &error);

	ck_assert_msg(ok == (cases[_i].want != COMMAND_NONE), "\"%s\": %s", cases[_i].line,
		      error ? error->message : "accepted");
	if (!ok) {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_msg(strstr(error->message, cases[_i].says) != NULL, "%s", error->message);
		ck_assert_ptr_null(options.selectors);
		return;
	}
	ck_assert_int_eq((int)options.command, (int)cases[_i].want);
	ck_assert_pstr_eq(options.config, cases[_i].config);
	ck_assert_pstr_eq(options.argument, cases[_i].argument);
	options_clear(&options);
}
END_TEST

START_TEST(test_gate_selectors)
{
	char *argv[] = {(char[]){"driftd"},
			(char[]){"gate"},
			(char[]){"--target"},
			(char[]){"service/x"},
			(char[]){"--kind=table"},
			(char[]){"--priority"},
			(char[]){"P0"},
			(char[]){"--allow-unknown"},
			NULL};
	struct options options = {0};
	g_autoptr(GError) error = NULL;

	ck_assert(options_parse(8, argv, &options, &error));
	ck_assert_uint_eq(options.selectors->len, 3);
	ck_assert_str_eq(options.selectors->pdata[0], "target=service/x");
	ck_assert_str_eq(options.selectors->pdata[1], "kind=table");
	ck_assert_str_eq(options.selectors->pdata[2], "priority=P0");
	ck_assert(options.allow_unknown);
	ck_assert(!options.strict);
	options_clear(&options);
}
END_TEST

Suite *options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("parse");

	tcase_add_loop_test(tcase, test_parse, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_test(tcase, test_gate_selectors);
	suite_add_tcase(suite, tcase);
	return suite;
}
