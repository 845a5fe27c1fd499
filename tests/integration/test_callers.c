/* test_callers - who may ask the real daemon: OIDC tokens good and bad, keys that cannot be had,
 * hooks of GitHub and GitLab. DESIGN 9; API-FACTS F, H. */
#include "tests/integration/alerts_lab.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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

/** One driftd for all rows: each asks it, none changes it. The issuer has its keys before it is asked
 * for them. */
static void setup_judge(void)
{
	setup();
	g_free(oidc_mint(lab->world, tokens[0].spec));
	g_free(oidc_mint(lab->world, tokens[1].spec));
	start_with_oidc();
}

/** How many were refused, for whatever reason. */
static int64_t count_refused(void)
{
	static const char name[] = "\ndriftd_auth_refused_total{";
	g_autoptr(struct_answer) metrics = world_get(lab->world, "/metrics");
	int64_t sum = 0;

	for (const char *at = strstr(metrics->body, name); at; at = strstr(at + 1, name))
		sum += g_ascii_strtoll(strchr(at, '}') + 1, NULL, 10);
	return sum;
}

START_TEST(an_oidc_token_is_judged)
{
	g_autofree char *token = oidc_mint(lab->world, tokens[_i].spec), *log = NULL;
	const char *signature = strrchr(token, '.') + 1;
	int64_t refused = count_refused();
	int status = check_as(token);

	ck_assert_msg(status == tokens[_i].status, "%s: %d", tokens[_i].spec, status);
	ck_assert_int_eq(count_refused() - refused, status == 200 ? 0 : 1);
	log = process_log(&lab->world->driftd);
	ck_assert_msg(!*signature || !strstr(log, signature), "the token is logged");
}
END_TEST

START_TEST(who_brings_nothing_or_too_much_is_refused)
{
	g_autofree char *log = NULL;
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
	log = process_log(&lab->world->driftd);
	ck_assert_msg(strstr(log, "auth.refused"), "the refusal is not logged: %s", log);
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

/** More than may wait in all. */
#define STRANGERS 2100

/** Ask for a check and do not wait for the answer. Caller closes. */
static int ask_and_leave(const char *token)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	guint64 port = 0;
	g_autofree char *request = g_strdup_printf("POST /check HTTP/1.1\r\nHost: 127.0.0.1\r\n"
						   "Authorization: Bearer %s\r\n"
						   "Content-Length: 0\r\n\r\n",
						   token);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert(g_ascii_string_to_unsigned(strrchr(lab->world->origin, ':') + 1, 10, 1,
					     UINT16_MAX, &port, NULL));
	to.sin_port = htons((uint16_t)port); /* checked */
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert(fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0);
	ck_assert(write(fd, request, strlen(request)) == (ssize_t)strlen(request));
	return fd;
}

START_TEST(who_waits_for_keys_takes_no_room_from_others)
{
	const struct push push = {.secret = HOOK_SECRET};
	g_autofree char *token = oidc_token(lab->world, "{" GOOD "}");
	g_autoptr(struct_answer) answer = NULL;
	struct rlimit files = {0};
	int fds[STRANGERS];

	ck_assert(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = files.rlim_max;
	ck_assert(setrlimit(RLIMIT_NOFILE, &files) == 0);
	cloud_fault(lab->world, "{\"api\":\"oidc\",\"kind\":\"hang\"}");
	start_with_oidc();
	for (int i = 0; i < STRANGERS; i++)
		fds[i] = ask_and_leave(token);
	answer = push_github(lab->world, &push);
	ck_assert_msg(answer->status == 202, "%d %s", answer->status, answer->body);
	for (int i = 0; i < STRANGERS; i++)
		(void)close(fds[i]); /* nothing of it is awaited */
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

/** One driftd for all rows: the service is mended before each. */
static void setup_pushes(void)
{
	setup();
	alab_begin(lab);
}

START_TEST(a_push_is_judged)
{
	const struct push *push = &pushes[_i].push;
	g_autoptr(struct_answer) answer = NULL;

	lab_mend(lab, "billing");
	expect_state(lab->world, "billing", "ok", NULL);
	g_free(lab_change(lab, "billing", pushes[_i].name));
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

Suite *callers_suite(void)
{
	Suite *suite = suite_create("callers");
	TCase *judge = tcase_create("tokens"), *pushed = tcase_create("pushes");
	TCase *oidc = harness_case(suite, "oidc", setup, teardown, 60);
	TCase *hooks = harness_case(suite, "hooks", setup, teardown, 60);

	tcase_add_unchecked_fixture(judge, setup_judge, teardown);
	tcase_add_loop_test(judge, an_oidc_token_is_judged, 0, G_N_ELEMENTS(tokens));
	suite_add_tcase(suite, judge);
	tcase_add_unchecked_fixture(pushed, setup_pushes, teardown);
	tcase_add_loop_test(pushed, a_push_is_judged, 0, G_N_ELEMENTS(pushes));
	suite_add_tcase(suite, pushed);
	tcase_add_test(oidc, who_brings_nothing_or_too_much_is_refused);
	tcase_add_test(oidc, unknown_keys_are_looked_for_once_a_minute);
	tcase_add_test(oidc, keys_that_cannot_be_had_let_nobody_in);
	tcase_add_test(oidc, who_waits_for_keys_takes_no_room_from_others);
	tcase_add_test(oidc, keys_are_kept_while_the_issuer_is_away);
	tcase_add_test(hooks, a_push_that_comes_again_is_ignored);
	return suite;
}
