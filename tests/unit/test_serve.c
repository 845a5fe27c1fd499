/* Unit tests of daemon/serve. */
#include "daemon/serve.h"

#include <check.h>
#include <string.h>

#include "api_fixture.h"

Suite *serve_suite(void);

/* Warned of, among what was there, as /status shows it. */
static json_object *warnings_of(struct config *config)
{
	struct snapshot_input *input = fixture_world();
	struct snapshot *snapshot = NULL;
	json_object *status = NULL, *warnings = NULL;

	config_unref(input->config);
	input->config = config_ref(config);
	snapshot = snapshot_create(input);
	status = json_parse(snapshot->status_json.bytes, snapshot->status_json.length, NULL);
	ck_assert_ptr_nonnull(status);
	warnings = json_object_get(json_member_array(status, "config_warnings"));
	json_object_put(status);
	snapshot_unref(snapshot);
	return warnings;
}

static const struct {
	const char *listen, *state_dir; /* in force; NULL: as configured */
	size_t count;
	const char *says;
} cases[] = {
	{NULL, NULL, 0, NULL},
	{"127.0.0.1:9", NULL, 1, "listen = 127.0.0.1:8181 "},
	{"127.0.0.1:9", NULL, 1, "restart"},
	{NULL, "/elsewhere", 1, "state-dir = /var/lib/test "},
	{NULL, "/elsewhere", 1, "restart"},
	{"127.0.0.1:9", "/elsewhere", 2, "on 127.0.0.1:9"},
};

START_TEST(test_warns_of_what_needs_a_restart)
{
	struct config *config =
		fixture_config("listen = 127.0.0.1:8181\nstate-dir = /var/lib/test\n", NULL);
	json_object *before = warnings_of(config), *after = NULL;
	size_t old = json_object_array_length(before);

	serve_note_fixed_settings(
		config, cases[_i].listen ? cases[_i].listen : config->driftd.listen,
		cases[_i].state_dir ? cases[_i].state_dir : config->driftd.state_dir);
	after = warnings_of(config);
	ck_assert_uint_eq(json_object_array_length(after), old + cases[_i].count);
	if (cases[_i].says) {
		const char *said = json_object_get_string(json_object_array_get_idx(after, old));

		ck_assert_msg(strstr(said, cases[_i].says), "%s", said);
	}
	json_object_put(before);
	json_object_put(after);
	config_unref(config);
}
END_TEST

Suite *serve_suite(void)
{
	Suite *suite = suite_create("serve");
	TCase *tcase = tcase_create("serve");

	tcase_add_loop_test(tcase, test_warns_of_what_needs_a_restart, 0, G_N_ELEMENTS(cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
