/* test_callers - who may ask the real daemon: OIDC tokens good and bad, keys that cannot be had, hooks of GitHub and GitLab. DESIGN 9; API-FACTS F, H. */
#include "tests/integration/alerts_lab.h"

#include <string.h>

Suite *callers_suite(void);

#define AUDIENCE "https://drift.acme.example/check"
#define EMAIL "scheduler@acme-prod.iam.gserviceaccount.com"
#define HOOK_SECRET "hook-secret-hook-secret"

/** Claims of one who may. */
#define GOOD "\"aud\":\"" AUDIENCE "\",\"email\":\"" EMAIL "\""

static struct lab *lab;

static void setup(void)
{
	lab = lab_create("");
	config_replace(lab->config, "branch = main\n",
		       "branch = main\nwebhook-secret = " HOOK_SECRET "\n");
	lab_add_service(lab, "billing", "");
}

static void teardown(void)
{
	lab_free(lab);
}

/* --- OIDC --- */

/** Start with [auth]; nothing is asked yet. */
static void start_with_oidc(void)
{
	g_autofree char *lines = world_oidc_lines(lab->world, AUDIENCE, EMAIL);

	g_string_append_printf(lab->config, "[auth]\n%s\n", lines);
	cloud_target(lab->world, "billing", lab->base);
	world_configure(lab->world, lab->config->str);
	world_start(lab->world);
}

static int check_as(const char *token)
{
	g_autoptr(struct_answer) answer = world_call_as(lab->world, token, "POST", "/check", NULL);

	return answer->status;
}

static const struct {
	const char *spec;
	int status;
} tokens[] = {
	{"{\"claims\":{" GOOD "}}", 200},
	{"{\"alg\":\"ES256\",\"claims\":{" GOOD "}}", 200},
	{"{\"claims\":{\"aud\":[\"other\",\"" AUDIENCE "\"],\"email\":\"" EMAIL "\"}}", 200},
	{"{\"claims\":{" GOOD ",\"exp\":\"now-30\"}}", 200}, /* clocks differ */
	{"{\"claims\":{" GOOD ",\"nbf\":\"now+30\"}}", 200},
	{"{\"alg\":\"none\",\"claims\":{" GOOD "}}", 401},
	{"{\"alg\":\"HS256\",\"claims\":{" GOOD "}}", 401},
	{"{\"stranger\":true,\"claims\":{" GOOD "}}", 401},
	{"{\"alg\":\"ES256\",\"stranger\":true,\"claims\":{" GOOD "}}", 401},
	{"{\"cut\":true,\"claims\":{" GOOD "}}", 401},
	{"{\"kid\":\"nobody-knows\",\"claims\":{" GOOD "}}", 401},
	{"{\"kid\":null,\"claims\":{" GOOD "}}", 401},
	{"{\"claims\":{" GOOD ",\"exp\":\"now-120\"}}", 401},
	{"{\"claims\":{" GOOD ",\"exp\":null}}", 401},
	{"{\"claims\":{" GOOD ",\"nbf\":\"now+300\"}}", 401},
	{"{\"claims\":{" GOOD ",\"iss\":\"https://accounts.example.com\"}}", 401},
	{"{\"claims\":{" GOOD ",\"iss\":null}}", 401},
	{"{\"claims\":{\"aud\":\"" AUDIENCE "/\",\"email\":\"" EMAIL "\"}}", 401},
	{"{\"claims\":{\"email\":\"" EMAIL "\"}}", 401},
	{"{\"claims\":{\"aud\":\"" AUDIENCE "\",\"email\":\"someone@acme.example\"}}", 403},
	{"{\"claims\":{\"aud\":\"" AUDIENCE "\"}}", 401},
	{"{\"claims\":{" GOOD ",\"email_verified\":false}}", 401},
	{"{\"claims\":{" GOOD ",\"email_verified\":null}}", 401},
	{"{\"claims\":{" GOOD ",\"email_verified\":\"true\"}}", 401},
	{"{\"header\":{\"crit\":[\"b64\"],\"b64\":false},\"claims\":{" GOOD "}}", 401},
};

START_TEST(an_oidc_token_is_judged)
{
	g_autofree char *token = oidc_mint(lab->world, tokens[_i].spec), *log = NULL;
	const char *signature = strrchr(token, '.') + 1;
	int status = 0;

	start_with_oidc();
	status = check_as(token);
	ck_assert_msg(status == tokens[_i].status, "%s: %d", tokens[_i].spec, status);
	log = process_log(&lab->world->driftd);
	ck_assert_msg(!*signature || !strstr(log, signature), "the token is logged");
	if (status != 200)
		ck_assert_msg(strstr(log, "auth.refused"), "the refusal is not logged: %s", log);
}
END_TEST

START_TEST(who_brings_nothing_or_too_much_is_refused)
{
	g_autofree char *big = g_strnfill(12000, 'a');
	g_autofree char *dotted = g_strconcat(big, ".e30.sig", NULL);
	g_autoptr(struct_answer) nothing = NULL, reading = NULL;

	start_with_oidc();
	nothing = world_call(lab->world, "POST", "/check", NULL, NULL);
	reading = world_call(lab->world, "GET", "/status", NULL, NULL);
	ck_assert_int_eq(nothing->status, 401);
	ck_assert_ptr_nonnull(answer_header(nothing, "www-authenticate"));
	ck_assert_int_eq(reading->status, 200); /* protect = write */
	ck_assert_int_eq(check_as("no-jwt"), 401);
	ck_assert_int_eq(check_as(dotted), 401);
	ck_assert_int_le(cloud_calls(lab->world, "oidc"), 1); /* it is not worth a fetch */
}
END_TEST

START_TEST(unknown_keys_are_looked_for_once_a_minute)
{
	g_autofree char *good = oidc_token(lab->world, "{" GOOD "}"), *new = NULL;

	start_with_oidc();
	ck_assert_int_eq(check_as(good), 200);
	oidc_rotate(lab->world, false);
	new = oidc_token(lab->world, "{" GOOD "}");
	for (int i = 0; i < 5; i++)
		(void)check_as(new); /* what it answers depends on when the keys came */
	ck_assert_int_le(cloud_calls(lab->world, "oidc"), 2);
	ck_assert_int_eq(check_as("e30.e30.e30"), 401);
}
END_TEST

START_TEST(keys_that_cannot_be_had_let_nobody_in)
{
	g_autofree char *token = oidc_token(lab->world, "{" GOOD "}");

	cloud_fault(lab->world, "{\"api\":\"oidc\",\"kind\":\"status\",\"status\":500}");
	start_with_oidc();
	ck_assert_int_eq(check_as(token), 503);
}
END_TEST

START_TEST(keys_are_kept_while_the_issuer_is_away)
{
	g_autofree char *token = oidc_token(lab->world, "{" GOOD "}");

	start_with_oidc();
	ck_assert_int_eq(check_as(token), 200);
	cloud_fault(lab->world, "{\"api\":\"oidc\",\"kind\":\"status\",\"status\":500}");
	ck_assert_int_eq(check_as(token), 200);
}
END_TEST

/* --- hooks --- */

static const struct {
	const char *name;
	struct push push;
	bool gitlab;
	int status;
	bool taken; /* leads to a cycle */
} pushes[] = {
	{"json", {.secret = HOOK_SECRET}, false, 202, true},
	{"form", {.secret = HOOK_SECRET, .form = true}, false, 202, true},
	{"forced", {.secret = HOOK_SECRET, .forced = true}, false, 202, true},
	{"gitlab", {.secret = HOOK_SECRET}, true, 202, true},
	{"unsigned", {.secret = NULL}, false, 401, false},
	{"wrong secret", {.secret = "another-secret"}, false, 401, false},
	{"no token", {.secret = NULL}, true, 401, false},
	{"wrong token", {.secret = "another-secret"}, true, 401, false},
	{"other branch", {.secret = HOOK_SECRET, .ref = "refs/heads/other"}, false, 202, false},
	{"tag", {.secret = HOOK_SECRET, .ref = "refs/tags/v1"}, false, 202, false},
	{"other repository",
	 {.secret = HOOK_SECRET,
	  .repository = "acme/other",
	  .url = "https://github.com/acme/other.git"},
	 false,
	 202,
	 false},
	{"ping", {.secret = HOOK_SECRET, .event = "ping"}, false, 200, false},
	{"issues", {.secret = HOOK_SECRET, .event = "issues"}, false, 202, false},
};

START_TEST(a_push_is_judged)
{
	const struct push *push = &pushes[_i].push;
	g_autoptr(struct_answer) answer = NULL;

	alab_begin(lab);
	expect_state(lab->world, "billing", "ok", NULL);
	g_free(lab_change(lab, "billing", "pushed"));
	answer = pushes[_i].gitlab ? push_gitlab(lab->world, push) : push_github(lab->world, push);
	ck_assert_msg(answer->status == pushes[_i].status, "%s: %d %s", pushes[_i].name,
		      answer->status, answer->body);
	ck_assert_msg(g_str_equal(json_text_at(answer->json, "status"), "accepted") ==
			      pushes[_i].taken,
		      "%s: %s", pushes[_i].name, answer->body);
	if (pushes[_i].taken)
		wait_for_state(lab->world, "billing", "drift");
}
END_TEST

START_TEST(a_push_that_comes_again_is_ignored)
{
	const struct push push = {.secret = HOOK_SECRET,
				  .delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958"};
	g_autoptr(struct_answer) first = NULL, again = NULL, later = NULL;

	alab_begin(lab);
	g_free(lab_change(lab, "billing", "pushed"));
	first = push_github(lab->world, &push);
	wait_for_state(lab->world, "billing", "drift");
	again = push_github(lab->world, &push);
	ck_assert_int_eq(first->status, 202);
	ck_assert_int_eq(again->status, 200);
	ck_assert_str_eq(json_text_at(again->json, "reason"), "replay");
	lab_restart(lab);
	later = push_github(lab->world, &push); /* it is remembered over restarts */
	ck_assert_str_eq(json_text_at(later->json, "reason"), "replay");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

Suite *callers_suite(void)
{
	Suite *suite = suite_create("callers");
	TCase *oidc = add_case(suite, "oidc"), *hooks = add_case(suite, "hooks");

	tcase_add_loop_test(oidc, an_oidc_token_is_judged, 0, G_N_ELEMENTS(tokens));
	tcase_add_test(oidc, who_brings_nothing_or_too_much_is_refused);
	tcase_add_test(oidc, unknown_keys_are_looked_for_once_a_minute);
	tcase_add_test(oidc, keys_that_cannot_be_had_let_nobody_in);
	tcase_add_test(oidc, keys_are_kept_while_the_issuer_is_away);
	tcase_add_loop_test(hooks, a_push_is_judged, 0, G_N_ELEMENTS(pushes));
	tcase_add_test(hooks, a_push_that_comes_again_is_ignored);
	return suite;
}
