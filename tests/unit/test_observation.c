/* observation, observation_facts, env_hash: markers, reference counts, facts that compare. */
#include "source/observation.h"

#include <check.h>
#include <string.h>

#include "source/env_hash.h"

Suite *observation_suite(void);

#define FORTY "0123456789abcdef0123456789abcdef01234567"

static const struct {
	const char *value;
	bool is_image_tag;
	const char *want_commit; /* NULL: no hit */
	bool want_dirty;
} marker_cases[] = {
	{"60e9910", false, "60e9910", false}, /* all but digits and an e: no number (L21) */
	{"1234567", false, "1234567", false},
	{"00000000", false, "00000000", false},
	{"123456", false, NULL, false},
	{FORTY, false, FORTY, false},
	{FORTY "8", false, NULL, false},
	{"ABCDEF0", false, "abcdef0", false},
	{"abcdef0-dirty", false, "abcdef0", true},
	{FORTY "-dirty", false, FORTY, true},
	{"abcdef0-DIRTY", false, NULL, false},
	{"-dirty", false, NULL, false},
	{"abcdef0-dirty-dirty", false, NULL, false},
	{"unknown", false, NULL, false},
	{"", false, NULL, false},
	{"abcdefg", false, NULL, false},
	{" abcdef0", false, NULL, false},
	{"v1-abcdef0", false, NULL, false},
	{"v1-abcdef0", true, "abcdef0", false},
	{"v1.2.abcdef0", true, "abcdef0", false},
	{"main_abcdef0", true, "abcdef0", false},
	{"main-abcdef0-dirty", true, "abcdef0", true},
	{"abcdef0", true, "abcdef0", false},
	{"abcdef0-main", true, NULL, false},
	{"latest", true, NULL, false},
	{"v1-123456", true, NULL, false},
	{"-", true, NULL, false},
};

START_TEST(L21_marker_hit)
{
	struct service_obs *service = service_obs_create();
	struct revision_obs *revision = revision_obs_create("r", 100);
	struct marker *marker = marker_create("label:commit-sha", marker_cases[_i].value,
					      marker_cases[_i].is_image_tag);

	g_ptr_array_add(revision->markers, marker);
	g_ptr_array_add(service->revisions, revision);
	ck_assert_pstr_eq(marker->commit, marker_cases[_i].want_commit);
	ck_assert_int_eq(marker->dirty, marker_cases[_i].want_dirty);
	ck_assert_int_eq(marker->soft, marker_cases[_i].is_image_tag);
	ck_assert_str_eq(marker->value, marker_cases[_i].value);
	service_obs_free(service);
}
END_TEST

START_TEST(test_marker_value_is_bounded_text)
{
	struct revision_obs *revision = revision_obs_create(NULL, 100);
	g_autofree char *value = g_strnfill(300, 'a');
	struct marker *marker = NULL;

	value[7] = (char)0xff;
	marker = marker_create("body", value, false);
	g_ptr_array_add(revision->markers, marker);
	ck_assert(g_utf8_validate(marker->value, -1, NULL));
	ck_assert_uint_le(strlen(marker->value), MARKER_VALUE_MAX_BYTES);
	ck_assert_ptr_null(marker->commit);
	revision_obs_free(revision);
}
END_TEST

static struct observation *make_observation(void)
{
	struct observation *observation = observation_create("service/a", 1000, 5);
	struct service_obs *service = service_obs_create();
	struct revision_obs *revision = revision_obs_create("a-1", 100);

	service->found = true;
	service->is_cloud = true;
	g_ptr_array_add(revision->markers, marker_create("label:commit-sha", "abcdef0", false));
	g_ptr_array_add(service->revisions, revision);
	service_obs_add_setting(service, "timeout", "300s");
	service_obs_add_setting(service, "image", "x");
	service_obs_add_env(service, "A", "hash-of-a");
	service->expects_from = g_new0(struct expect_from_obs, 1);
	service->expect_from_count = 1;
	service->expects_from[0].wanted = g_strdup("the-value");
	service->probes = g_new0(struct probe_obs, 1);
	service->probe_count = 1;
	service->env_checks = g_new0(struct env_check, 1);
	service->env_check_count = 1;
	service->env_checks[0].name = g_strdup("A");
	observation->service = service;
	return observation;
}

enum change {
	CHANGE_NONE = 0,
	CHANGE_TIMES,
	CHANGE_CREATED,
	CHANGE_ORDER,
	CHANGE_PERCENT,
	CHANGE_COMMIT,
	CHANGE_ENV,
	CHANGE_SETTING,
	CHANGE_CREATED_REVISION,
	CHANGE_ROLLOUT,
	CHANGE_WANTED,
	CHANGE_PROBE,
	CHANGE_CHECK,
	CHANGE_FOUND,
};

static void apply(struct observation *observation, enum change change)
{
	struct service_obs *service = observation->service;
	struct revision_obs *revision = service->revisions->pdata[0];
	void *first = service->settings->pdata[0];

	switch (change) {
	case CHANGE_NONE:
		break;
	case CHANGE_TIMES:
		observation->observed_wall_ms = 7;
		observation->observed_mono_ms = 8;
		break;
	case CHANGE_CREATED:
		revision->created_wall_ms = 9;
		service->latest_created_wall_ms = 9;
		revision->from_template = true;
		break;
	case CHANGE_ORDER:
		service->settings->pdata[0] = service->settings->pdata[1];
		service->settings->pdata[1] = first;
		break;
	case CHANGE_PERCENT:
		revision->percent = 99;
		break;
	case CHANGE_COMMIT:
		g_ptr_array_add(revision->markers, marker_create("env:GIT_SHA", "x", false));
		break;
	case CHANGE_ENV:
		service_obs_add_env(service, "B", "other");
		break;
	case CHANGE_SETTING:
		service_obs_add_setting(service, "memory", "1Gi");
		break;
	case CHANGE_CREATED_REVISION:
		service->latest_created = g_strdup("a-2");
		break;
	case CHANGE_ROLLOUT:
		service->rollout_error = g_strdup("no");
		break;
	case CHANGE_WANTED:
		service->expects_from[0].equal = true;
		break;
	case CHANGE_PROBE:
		service->probes[0].found = true;
		service->probes[0].actual = g_strdup("me");
		break;
	case CHANGE_CHECK:
		service->env_checks[0].present = true;
		break;
	case CHANGE_FOUND:
		service->found = false;
		break;
	}
}

START_TEST(test_facts_are_equal_when_nothing_changed)
{
	struct observation *before = make_observation();
	struct observation *after = make_observation();
	g_autofree char *facts_before = observation_facts_json(before);
	g_autofree char *facts_after = NULL;

	apply(after, (enum change)_i);
	facts_after = observation_facts_json(after);
	if (_i <= CHANGE_ORDER)
		ck_assert_str_eq(facts_before, facts_after);
	else
		ck_assert_str_ne(facts_before, facts_after);
	observation_unref(before);
	observation_unref(after);
}
END_TEST

START_TEST(test_facts_of_fault_leave_the_message_out)
{
	struct observation *a = observation_create("service/a", 1, 1);
	struct observation *b = observation_create("service/a", 2, 2);
	g_autofree char *facts_a = NULL;
	g_autofree char *facts_b = NULL;

	a->fault = fault_create(FAULT_TIMEOUT, 0, NULL, "after 10001 ms");
	b->fault = fault_create(FAULT_TIMEOUT, 0, NULL, "after 10002 ms");
	facts_a = observation_facts_json(a);
	facts_b = observation_facts_json(b);
	ck_assert_str_eq(facts_a, facts_b);
	ck_assert_str_eq(facts_a, "{\"fault\":{\"class\":\"timeout\",\"status\":0}}");
	observation_unref(a);
	observation_unref(b);
}
END_TEST

START_TEST(test_references)
{
	struct observation *observation = make_observation();

	ck_assert_ptr_eq(observation_ref(observation), observation);
	observation_unref(observation);
	ck_assert_str_eq(observation->target_id, "service/a");
	observation_unref(observation);
	observation_unref(NULL);
}
END_TEST

START_TEST(L28_env_hash_is_keyed)
{
	struct env_hash *one = env_hash_create("0123456789abcdef", 16);
	struct env_hash *two = env_hash_create("0123456789abcdeg", 16);
	g_autofree char *a = env_hash_value(one, "Hi There");
	g_autofree char *again = env_hash_value(one, "Hi There");
	g_autofree char *other_key = env_hash_value(two, "Hi There");
	g_autofree char *other_value = env_hash_value(one, "Hi there");
	g_autofree char *empty = env_hash_value(one, "");
	g_autofree char *reference = env_hash_reference(one, "s", "1");
	g_autofree char *other_version = env_hash_reference(one, "s", "2");

	ck_assert_uint_eq(strlen(a), ENV_HASH_DIGITS);
	/* the first half of: printf 'Hi There' | openssl dgst -sha256 -hmac 0123456789abcdef */
	ck_assert_str_eq(a, "158c003136e2dd83b253c011902a1f64");
	ck_assert_str_eq(a, again);
	ck_assert_str_ne(a, other_key);
	ck_assert_str_ne(a, other_value);
	ck_assert_str_ne(a, empty);
	ck_assert(!env_hash_is_reference(a));
	ck_assert(env_hash_is_reference(reference));
	ck_assert_str_ne(reference, other_version);
	env_hash_free(one);
	env_hash_free(two);
	env_hash_free(NULL);
}
END_TEST

Suite *observation_suite(void)
{
	Suite *suite = suite_create("observation");
	TCase *tc = tcase_create("observation");

	tcase_add_loop_test(tc, L21_marker_hit, 0, G_N_ELEMENTS(marker_cases));
	tcase_add_test(tc, test_marker_value_is_bounded_text);
	tcase_add_loop_test(tc, test_facts_are_equal_when_nothing_changed, 0, CHANGE_FOUND + 1);
	tcase_add_test(tc, test_facts_of_fault_leave_the_message_out);
	tcase_add_test(tc, test_references);
	tcase_add_test(tc, L28_env_hash_is_keyed);
	suite_add_tcase(suite, tc);
	return suite;
}
