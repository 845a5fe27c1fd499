#include <check.h>
#include <string.h>

#include "alert/link.h"
#include "api/hook_event.h"
#include "api_fixture.h"

Suite *hooks_suite(void);

#define SHARED "a secret that two repositories share"
#define OTHER "another secret of many bytes"
#define LONE "It's a Secret to Everybody"

static struct app *app;
static struct auth_rules *rules;
static struct config *config;

static const char text[] =
	"[driftd]\ncheck-interval = 5m\n[service \"web\"]\nsource = http\nrepo = main\nurl = "
	"https://web.example.com/v\n"
	"[repo \"main\"]\nurl = https://github.com/example/pipeline.git\nbranch = main\n"
	"webhook-secret = " SHARED "\n"
	"[repo \"release\"]\nurl = git@github.com:Example/Pipeline.git\nbranch = release\n"
	"webhook-secret = " SHARED "\n"
	"[repo \"tools\"]\nurl = ssh://git@git.example.com:2222/group/sub/tools\nbranch = main\n"
	"webhook-secret = " OTHER "\n"
	"[repo \"mirror\"]\nurl = https://mirror.example.com/copies/example/lone.git\n"
	"web-url = https://forge.example.com/team/single\n"
	"webhook-secret = " LONE "\n"
	"[repo \"silent\"]\nurl = https://github.com/example/silent.git\n";

static void setup_text(const char *ini)
{
	struct snapshot_input *input = fixture_world();

	config = fixture_config_text(ini);
	config_unref(input->config);
	input->config = config_ref(config);
	app = fixture_app(input);
	rules = auth_rules_create(config, "127.0.0.1:8080");
}

static void setup(void)
{
	setup_text(text);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	config_unref(config);
	app_free(app);
}

/* A GitHub hook signed with @p secret. Caller frees the signature. */
static char *sign(const char *secret, const char *body)
{
	g_autofree char *hex = link_hmac_hex(secret, body, strlen(body));

	return g_strconcat("sha256=", hex, NULL);
}

static struct fixture_request github(const char *body, const char *signature)
{
	return (struct fixture_request){
		.app = app,
		.rules = rules,
		.config = config,
		.method = "POST",
		.target = "/hooks/github",
		.body = body,
		.headers = {.content_type = "application/json",
			    .github_event = "push",
			    .hub_signature = signature},
	};
}

static struct response send_signed(const char *secret, const char *body)
{
	g_autofree char *signature = sign(secret, body);
	struct fixture_request request = github(body, signature);

	return fixture_answer(&request);
}

/* "main release": the repositories whose push the scheduler was told of. */
static char *taken(void)
{
	struct app_requests requests = {0};
	GString *to = g_string_new(NULL);

	app_take_requests(app, &requests);
	ck_assert_uint_eq(requests.waiters->len, 0);
	for (guint i = 0; i < requests.commands->len; i++) {
		struct app_command *command = requests.commands->pdata[i];

		ck_assert_int_eq(command->kind, APP_COMMAND_PUSH);
		g_string_append_printf(to, "%s%s", i > 0 ? " " : "", command->repo);
		command->complete(command->data, 0, NULL); /* nobody waits: nothing happens */
		app_waiter_done(app);
		app_command_free(command);
	}
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	return g_string_free(to, FALSE);
}

#define PUSH(REF, REPOSITORY) "{\"ref\":\"" REF "\",\"repository\":{" REPOSITORY "}}"
#define PIPELINE                                                                                   \
	"\"full_name\":\"example/pipeline\",\"clone_url\":\"https://github.com/example/"           \
	"pipeline.git\""

/* API-FACTS H.1: GitHub's own test vector. */
START_TEST(test_signature_vector)
{
	static const char good[] =
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
	struct hook_guard *guard = hook_guard_create(config, HOOK_SENDER_GITHUB, good);

	ck_assert(hook_guard_has_hope(guard));
	hook_guard_update(guard, "Hello", 5); /* in pieces, as it comes */
	hook_guard_update(guard, ", World!", 8);
	ck_assert_str_eq(hook_guard_secret(guard), LONE);
	ck_assert_str_eq(hook_guard_secret(guard), LONE); /* and again */
	hook_guard_free(guard);
}
END_TEST

static const char *const wrong_signatures[] = {
	NULL,
	"",
	"sha256=",
	"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
	"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e177",
	"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18",
	"sha256=g57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
	"sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
	"757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
	"sha256=0000000000000000000000000000000000000000000000000000000000000000",
};

START_TEST(test_wrong_signature)
{
	struct fixture_request request = github("Hello, World!", wrong_signatures[_i]);
	struct response response = fixture_answer(&request);
	g_autofree char *repos = taken();

	ck_assert_int_eq(response.status, 401);
	ck_assert_str_eq(repos, "");
	ck_assert_ptr_null(strstr(response.bytes, "main")); /* not a word of what there is */
	ck_assert_ptr_null(strstr(response.bytes, "Everybody"));
	ck_assert(!response.challenge);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_AUTH_HOOK), 1);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_PUSH_IGNORED), 0);
	response_done(&response);
}
END_TEST

/* The signature is looked at before anything else: whatever else is wrong is not told to strangers. */
START_TEST(test_signature_comes_first)
{
	struct fixture_request request = github("{", "sha256=00");
	struct response response = {0};

	request.headers.content_type = "text/plain";
	request.headers.github_event = NULL;
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 401);
	response_done(&response);
}
END_TEST

static const struct {
	const char *secret, *body;
	int status;
	const char *repos, *expect;
} push_cases[] = {
	{SHARED, PUSH("refs/heads/main", PIPELINE), 202, "main", "\"status\":\"accepted\""},
	{SHARED, PUSH("refs/heads/release", PIPELINE), 202, "release", "\"repo\":\"release\""},
	/* deleted and forced pushes are taken: the fetch decides */
	{SHARED,
	 "{\"ref\":\"refs/heads/main\",\"deleted\":true,\"after\":"
	 "\"0000000000000000000000000000000000000000\",\"repository\":{" PIPELINE "}}",
	 202, "main", "accepted"},
	{SHARED, "{\"ref\":\"refs/heads/main\",\"forced\":true,\"repository\":{" PIPELINE "}}", 202,
	 "main", "accepted"},
	{SHARED, PUSH("refs/heads/main", "\"ssh_url\":\"git@github.com:example/pipeline.git\""),
	 202, "main", "accepted"},
	{SHARED, PUSH("refs/heads/main", "\"html_url\":\"https://GitHub.com/Example/pipeline/\""),
	 202, "main", "accepted"},
	/* by full name, where the address is a mirror's; its branch is not known yet */
	{LONE, PUSH("refs/heads/any", "\"full_name\":\"example/lone\""), 202, "mirror", "accepted"},
	{LONE,
	 PUSH("refs/heads/any", "\"clone_url\":\"https://forge.example.com/team/single.git\""), 202,
	 "mirror", "accepted"},
	{SHARED, PUSH("refs/heads/main2", PIPELINE), 202, "", "\"reason\":\"branch\""},
	{SHARED, PUSH("refs/heads/feature/main", PIPELINE), 202, "", "\"reason\":\"branch\""},
	{SHARED, PUSH("refs/tags/main", PIPELINE), 202, "", "\"reason\":\"tag\""},
	{SHARED, PUSH("refs/notes/x", PIPELINE), 202, "", "\"reason\":\"ref\""},
	{SHARED, PUSH("main", PIPELINE), 202, "", "\"reason\":\"ref\""},
	/* a good secret is good for its own repositories only */
	{OTHER, PUSH("refs/heads/main", PIPELINE), 202, "", "\"reason\":\"repository\""},
	{SHARED, PUSH("refs/heads/main", "\"full_name\":\"example/silent\""), 202, "",
	 "\"reason\":\"repository\""},
	{SHARED, PUSH("refs/heads/main", "\"full_name\":\"pipeline\""), 202, "",
	 "\"reason\":\"repository\""},
	{SHARED, PUSH("refs/heads/main", "\"full_name\":\"y-example/pipeline\""), 202, "",
	 "\"reason\":\"repository\""},
	{SHARED, "{\"ref\":\"refs/heads/main\"}", 400, "", "/problems/invalid-body"},
	{SHARED, "{\"repository\":{" PIPELINE "}}", 400, "", "/problems/invalid-body"},
	{SHARED, "{\"ref\":5,\"repository\":[]}", 400, "", "/problems/invalid-body"},
	{SHARED, "{", 400, "", "/problems/invalid-body"},
	{SHARED, "[]", 400, "", "/problems/invalid-body"},
	{SHARED, "", 400, "", "/problems/invalid-body"},
};

START_TEST(test_push)
{
	struct response response = send_signed(push_cases[_i].secret, push_cases[_i].body);
	g_autofree char *repos = taken();
	bool accepted = *push_cases[_i].repos;

	ck_assert_msg(response.status == push_cases[_i].status, "%s: %d %s", push_cases[_i].body,
		      response.status, response.bytes);
	ck_assert_msg(strcmp(repos, push_cases[_i].repos) == 0, "%s: %s", push_cases[_i].body,
		      repos);
	ck_assert_msg(strstr(response.bytes, push_cases[_i].expect), "%s", response.bytes);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_PUSH_ACCEPTED), accepted);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_PUSH_IGNORED),
			 !accepted && push_cases[_i].status == 202);
	ck_assert_int_eq(app_waiters(app), 0);
	ck_assert(response.no_store);
	response_done(&response);
}
END_TEST

/* Where the answer will be is known as soon as it is said. */
START_TEST(test_accepted_names_its_check)
{
	struct response response = {0};
	struct check_status status = {0};

	app_set_cycle(app, 814, 813, FIXTURE_NOW_WALL_MS, "schedule");
	ck_assert(!app_get_running(app, 814, &status));
	response = send_signed(SHARED, PUSH("refs/heads/main", PIPELINE));
	ck_assert_str_eq(response.location, "/checks/814");
	ck_assert_ptr_nonnull(strstr(response.bytes, "\"check\":\"/checks/814\""));
	ck_assert(app_get_running(app, 814, &status)); /* not the one that runs already */
	ck_assert_ptr_null(status.trigger);
	g_free(taken());
	response_done(&response);
}
END_TEST

/* Both content types of GitHub; the signature is over the raw body either way. */
static const struct {
	const char *type, *body;
	int status;
} type_cases[] = {
	{"application/json; charset=utf-8", PUSH("refs/heads/main", PIPELINE), 202},
	{"application/x-www-form-urlencoded",
	 "payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%2C%22repository%22%3A%7B%22full_name%22"
	 "%3A+%22example%2Fpipeline%22%7D%2C%22text%22%3A%22a%5Cnb%2B%26%22%7D",
	 202},
	{"application/x-www-form-urlencoded", "x=1&payload=%7", 400},
	{"application/x-www-form-urlencoded", "x=1", 400},
	{"application/x-www-form-urlencoded", "payload=", 400},
	{"text/plain", PUSH("refs/heads/main", PIPELINE), 415},
	{"", PUSH("refs/heads/main", PIPELINE), 415},
};

START_TEST(test_content_types)
{
	g_autofree char *signature = sign(SHARED, type_cases[_i].body);
	struct fixture_request request = github(type_cases[_i].body, signature);
	struct response response = {0};
	g_autofree char *repos = NULL;

	request.headers.content_type = type_cases[_i].type;
	response = fixture_answer(&request);
	repos = taken();
	ck_assert_msg(response.status == type_cases[_i].status, "%s", response.bytes);
	ck_assert_msg((*repos != '\0') == (response.status == 202), "%s", response.bytes);
	response_done(&response);
}
END_TEST

static const struct {
	const char *event;
	int status;
	const char *expect;
} event_cases[] = {
	{"ping", 200, "\"event\":\"ping\""},
	{"issues", 202, "\"reason\":\"event\""},
	{"Push", 202, "\"reason\":\"event\""},
	{NULL, 400, "X-GitHub-Event"},
};

START_TEST(test_events)
{
	static const char body[] = "{\"zen\":\"Design for failure.\"}";
	g_autofree char *signature = sign(OTHER, body);
	struct fixture_request request = github(body, signature);
	struct response response = {0};
	g_autofree char *repos = NULL;

	request.headers.github_event = event_cases[_i].event;
	response = fixture_answer(&request);
	repos = taken();
	ck_assert_int_eq(response.status, event_cases[_i].status);
	ck_assert_ptr_nonnull(strstr(response.bytes, event_cases[_i].expect));
	ck_assert_str_eq(repos, "");
	response_done(&response);
}
END_TEST

/* Too long to be read: every repository of that secret may have changed. */
START_TEST(test_dropped_body)
{
	static const char body[] = "whatever";
	g_autofree char *signature = sign(SHARED, body);
	struct fixture_request request = github(body, signature);
	struct response response = {0};
	g_autofree char *repos = NULL;

	request.is_body_dropped = true;
	response = fixture_answer(&request);
	repos = taken();
	ck_assert_int_eq(response.status, 202);
	ck_assert_str_eq(repos, "main release");
	ck_assert_ptr_nonnull(strstr(response.bytes, "[\"main\",\"release\"]"));
	response_done(&response);
}
END_TEST

static int send_delivery(const char *delivery, const char *body)
{
	g_autofree char *signature = sign(SHARED, body);
	struct fixture_request request = github(body, signature);
	struct response response = {0};
	int status = 0;

	request.headers.github_delivery = delivery;
	response = fixture_answer(&request);
	status = response.status;
	ck_assert_int_eq(strstr(response.bytes, "\"reason\":\"replay\"") != NULL, status == 200);
	response_done(&response);
	return status;
}

START_TEST(test_replays)
{
	static const char push[] = PUSH("refs/heads/main", PIPELINE);
	g_autofree char *once = NULL;

	ck_assert_int_eq(send_delivery("1-2", PUSH("refs/heads/x", PIPELINE)), 202);
	ck_assert_int_eq(send_delivery("1-2", push),
			 202); /* one that came to nothing is no replay */
	ck_assert_int_eq(send_delivery("1-2", push), 200);
	ck_assert_int_eq(send_delivery("1-3", push), 202);
	app_forget_push(app, "github:1-3"); /* the fetch failed */
	ck_assert_int_eq(send_delivery("1-3", push), 202);
	ck_assert_int_eq(send_delivery(NULL, push), 202);
	ck_assert_int_eq(send_delivery(NULL, push), 202);
	once = taken();
	ck_assert_str_eq(once, "main main main main main");
}
END_TEST

/* What is refused for want of room may be sent again. */
START_TEST(test_no_room)
{
	static const char push[] = PUSH("refs/heads/main", PIPELINE);

	app_stop(app, "driftd is stopping");
	ck_assert_int_eq(send_delivery("1-2", push), 503);
	ck_assert(app_begin_push(app, "github:1-2"));
	ck_assert_int_eq(app_get_count(app, APP_COUNT_PUSH_ACCEPTED), 0);
}
END_TEST

#define PROJECT                                                                                    \
	"\"project\":{\"path_with_namespace\":\"group/sub/tools\",\"git_ssh_url\":"                \
	"\"git@git.example.com:group/sub/tools.git\"}"

static const struct {
	const char *token, *event, *type, *body;
	int status;
	const char *repos;
} gitlab_cases[] = {
	{OTHER, "Push Hook", "application/json", "{\"ref\":\"refs/heads/main\"," PROJECT "}", 202,
	 "tools"},
	{OTHER, "Push Hook", "application/json",
	 "{\"ref\":\"refs/heads/main\",\"checkout_sha\":null," PROJECT "}", 202, "tools"},
	{OTHER, "Push Hook", "application/json", "{\"ref\":\"refs/heads/dev\"," PROJECT "}", 202,
	 ""},
	{OTHER, "Tag Push Hook", "application/json", "{\"ref\":\"refs/tags/v1\"," PROJECT "}", 202,
	 ""},
	{OTHER, "Issue Hook", "application/json", "{}", 202, ""},
	{OTHER, NULL, "application/json", "{}", 400, ""},
	{OTHER, "Push Hook", "application/x-www-form-urlencoded", "payload=%7B%7D", 415, ""},
	{SHARED, "Push Hook", "application/json", "{\"ref\":\"refs/heads/main\"," PROJECT "}", 202,
	 ""},
	{"another secret of many byte", "Push Hook", "application/json",
	 "{\"ref\":\"refs/heads/main\"," PROJECT "}", 401, ""},
	{OTHER "s", "Push Hook", "application/json", "{}", 401, ""},
	{"", "Push Hook", "application/json", "{}", 401, ""},
	{NULL, "Push Hook", "application/json", "{}", 401, ""},
};

START_TEST(test_gitlab)
{
	struct fixture_request request = {
		.app = app,
		.rules = rules,
		.config = config,
		.method = "POST",
		.target = "/hooks/gitlab",
		.body = gitlab_cases[_i].body,
		.headers = {.content_type = gitlab_cases[_i].type,
			    .gitlab_event = gitlab_cases[_i].event,
			    .gitlab_token = gitlab_cases[_i].token,
			    .idempotency_key = "abc"},
	};
	struct response response = fixture_answer(&request);
	g_autofree char *repos = taken();

	ck_assert_msg(response.status == gitlab_cases[_i].status, "%s", response.bytes);
	ck_assert_str_eq(repos, gitlab_cases[_i].repos);
	response_done(&response);
	if (*gitlab_cases[_i].repos) {
		response = fixture_answer(&request);
		ck_assert_int_eq(response.status, 200); /* a replay */
		response_done(&response);
	}
}
END_TEST

/* GitLab's secret is no signature of GitHub's, and the other way round. */
START_TEST(test_senders_are_kept_apart)
{
	struct fixture_request request = github("{}", NULL);
	struct response response = {0};

	request.headers.gitlab_token = OTHER;
	request.headers.gitlab_event = "Push Hook";
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 401);
	response_done(&response);
}
END_TEST

START_TEST(test_browsers)
{
	static const char body[] = PUSH("refs/heads/main", PIPELINE);
	g_autofree char *signature = sign(SHARED, body);
	struct fixture_request request = github(body, signature);
	struct response response = {0};
	g_autofree char *repos = NULL;

	request.headers.origin = "http://evil.example";
	response = fixture_answer(&request);
	repos = taken();
	ck_assert_int_eq(response.status, 403);
	ck_assert_str_eq(repos, "");
	response_done(&response);
}
END_TEST

START_TEST(test_not_configured)
{
	struct response response = {0};

	teardown();
	setup_text("[driftd]\ncheck-interval = 5m\n[service \"web\"]\nsource = http\nurl = "
		   "https://web.example.com/v\n"
		   "[repo \"main\"]\nurl = https://github.com/example/pipeline.git\n");
	response = send_signed("", PUSH("refs/heads/main", PIPELINE));
	ck_assert_int_eq(response.status, 403);
	ck_assert_ptr_nonnull(strstr(response.bytes, "webhook-secret"));
	response_done(&response);
}
END_TEST

static const struct {
	const char *own, *theirs;
	bool same;
} url_cases[] = {
	{"https://github.com/a/b.git", "https://github.com/a/b", true},
	{"https://github.com/a/b", "git@github.com:a/b.git", true},
	{"ssh://git@github.com/a/b", "git://github.com/a/b.git", true},
	{"https://user:pass@github.com/a/b", "https://github.com/a/b/", true},
	{"http://127.0.0.1:8000/a/b.git", "http://127.0.0.1:9000/a/b.git", true},
	{"http://[::1]:8000/a/b", "http://[::1]:8000/a/b.git", true},
	{"/srv/git/a/b.git", "/srv/git/a/b", true},
	{"file:///srv/git/a/b", "/srv/git/a/b", true},
	{"https://github.com/a/b", "https://github.com/a/bc", false},
	{"https://github.com/a/b", "https://github.com/x/a/b", false},
	{"https://github.com/a/b", "https://evil.example/a/b", false},
	{"https://github.com/a/b", "https://github.com@evil.example/a/b", false},
	{"https://github.com/a/b", "", false},
};

START_TEST(test_urls)
{
	struct hook_push push = {.urls = {g_strdup(url_cases[_i].theirs)}};

	ck_assert_msg(hook_push_has_url(&push, url_cases[_i].own) == url_cases[_i].same, "%s %s",
		      url_cases[_i].own, url_cases[_i].theirs);
	hook_push_done(&push);
}
END_TEST

Suite *hooks_suite(void)
{
	Suite *suite = suite_create("hooks");
	TCase *tcase = tcase_create("hooks");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_signature_vector);
	tcase_add_loop_test(tcase, test_wrong_signature, 0, G_N_ELEMENTS(wrong_signatures));
	tcase_add_test(tcase, test_signature_comes_first);
	tcase_add_loop_test(tcase, test_push, 0, G_N_ELEMENTS(push_cases));
	tcase_add_test(tcase, test_accepted_names_its_check);
	tcase_add_loop_test(tcase, test_content_types, 0, G_N_ELEMENTS(type_cases));
	tcase_add_loop_test(tcase, test_events, 0, G_N_ELEMENTS(event_cases));
	tcase_add_test(tcase, test_dropped_body);
	tcase_add_test(tcase, test_replays);
	tcase_add_test(tcase, test_no_room);
	tcase_add_loop_test(tcase, test_gitlab, 0, G_N_ELEMENTS(gitlab_cases));
	tcase_add_test(tcase, test_senders_are_kept_apart);
	tcase_add_test(tcase, test_browsers);
	tcase_add_test(tcase, test_not_configured);
	tcase_add_loop_test(tcase, test_urls, 0, G_N_ELEMENTS(url_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
