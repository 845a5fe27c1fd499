/* test_fakecloud_sinks - the stand-ins of Slack, webhooks and GitHub's issues keep to API-FACTS G and
 * H: what is tested against them is only worth as much as they are. */
#include "tests/integration/harness.h"

#include <signal.h>
#include <string.h>

Suite *fakecloud_sinks_suite(void);

static struct world *world;

static void setup(void)
{
	world = world_create();
}

static void teardown(void)
{
	world_free(world);
}

/* --- Slack --- */

static struct answer *post_to_slack(const char *body)
{
	g_autofree char *url = world_slack_url(world, "team");

	return http_call("POST", url, NULL, body);
}

#define FILL "FILL" /* so many characters go here */

/** @p template with FILL replaced by @p count times @p piece. Caller frees. */
static char *filled(const char *template, const char *piece, size_t count)
{
	g_auto(GStrv) halves = g_strsplit(template, FILL, 2);
	GString *text = g_string_new(halves[0]);

	for (size_t i = 0; i < count; i++)
		g_string_append(text, piece);
	if (halves[1])
		g_string_append(text, halves[1]);
	return g_string_free(text, FALSE);
}

#define SECTION(TEXT) "{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"" TEXT "\"}}"
#define BLOCKS(LIST) "{\"text\":\"t\",\"blocks\":[" LIST "]}"
#define BUTTON(MEMBERS)                                                                            \
	BLOCKS("{\"type\":\"actions\",\"elements\":[{\"type\":\"button\"," MEMBERS "}]}")
#define PLAIN(TEXT) "\"text\":{\"type\":\"plain_text\",\"text\":\"" TEXT "\"}"

static const struct {
	const char *template, *piece;
	size_t count; /* so much is taken, one more is not; 0: there is no piece */
	const char *word;
} bodies[] = {
	{"{\"text\":\"hello\"}", "", 0, "ok"},
	{BLOCKS(""), "", 0, "ok"},
	{"{\"text\":\"\"}", "", 0, "no_text"},
	{"{}", "", 0, "no_text"},
	{"{\"blocks\":[]}", "", 0, "no_text"},
	{"{\"text\":7}", "", 0, "no_text"},
	{"{\"text\":\"hello\"", "", 0, "invalid_payload"},
	{"[1]", "", 0, "invalid_payload"},
	{"hello", "", 0, "invalid_payload"},
	{"{\"text\":\"a\"} trailing", "", 0, "invalid_payload"},
	{BLOCKS(SECTION("x")), "", 0, "ok"},
	{BLOCKS(SECTION("")), "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"section\"}"), "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"poem\"}"), "", 0, "invalid_blocks"},
	{BLOCKS("{\"text\":\"no type\"}"), "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"divider\"}"), "", 0, "ok"},
	{BLOCKS("{\"type\":\"divider\",\"color\":\"red\"}"), "", 0, "invalid_blocks"},
	{"{\"text\":\"t\",\"blocks\":{}}", "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"header\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}"), "", 0,
	 "invalid_blocks"},
	{BLOCKS("{\"type\":\"context\",\"elements\":[]}"), "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"actions\",\"elements\":[]}"), "", 0, "invalid_blocks"},
	{BUTTON(PLAIN("go")), "", 0, "ok"},
	{BUTTON("\"text\":{\"type\":\"mrkdwn\",\"text\":\"go\"}"), "", 0, "invalid_blocks"},
	{BUTTON(PLAIN("go") ",\"url\":\"ftp://x\""), "", 0, "invalid_blocks"},
	{BUTTON(PLAIN("go") ",\"style\":\"pink\""), "", 0, "invalid_blocks"},
	{BLOCKS("{\"type\":\"divider\",\"block_id\":\"a\"},{\"type\":\"divider\",\"block_id\":"
		"\"a\"}"),
	 "", 0, "invalid_blocks"},
	{BLOCKS(SECTION(FILL)), "x", 3000, "invalid_blocks"},
	{BLOCKS(SECTION(FILL)), "ü", 3000, "invalid_blocks"},
	{BLOCKS(SECTION(FILL)), "😀", 1500, "invalid_blocks"},
	{BLOCKS(SECTION(FILL)), "&amp;", 600, "invalid_blocks"},
	{BLOCKS("{\"type\":\"header\"," PLAIN(FILL) "}"), "x", 150, "invalid_blocks"},
	{BUTTON(PLAIN(FILL)), "x", 75, "invalid_blocks"},
	{BUTTON(PLAIN("go") ",\"url\":\"http://" FILL "\""), "x", 2993, "invalid_blocks"},
	{BUTTON(PLAIN("go") ",\"value\":\"" FILL "\""), "x", 2000, "invalid_blocks"},
	{BUTTON(PLAIN("go") ",\"action_id\":\"" FILL "\""), "x", 255, "invalid_blocks"},
	{BLOCKS("{\"type\":\"divider\"}" FILL), ",{\"type\":\"divider\"}", 49, "invalid_blocks"},
	{BLOCKS("{\"type\":\"context\",\"elements\":[{\"type\":\"mrkdwn\",\"text\":\"x\"}" FILL
		"]}"),
	 ",{\"type\":\"mrkdwn\",\"text\":\"x\"}", 9, "invalid_blocks"},
	{BLOCKS("{\"type\":\"actions\",\"elements\":[{\"type\":\"button\"," PLAIN("a") "}" FILL
										       "]}"),
	 ",{\"type\":\"button\"," PLAIN("a") "}", 24, "invalid_blocks"},
	{BLOCKS("{\"type\":\"section\",\"fields\":[{\"type\":\"mrkdwn\",\"text\":\"x\"}" FILL "]}"),
	 ",{\"type\":\"mrkdwn\",\"text\":\"x\"}", 9, "invalid_blocks"},
	{BLOCKS("{\"type\":\"section\",\"fields\":[{\"type\":\"mrkdwn\",\"text\":\"" FILL "\"}]}"),
	 "x", 2000, "invalid_blocks"},
};

START_TEST(slack_holds_its_limits)
{
	g_autofree char *body = filled(bodies[_i].template, bodies[_i].piece, bodies[_i].count);
	g_autofree char *more = filled(bodies[_i].template, bodies[_i].piece, bodies[_i].count + 1);
	const char *word = bodies[_i].count > 0 ? "ok" : bodies[_i].word;
	g_autoptr(struct_answer) answer = post_to_slack(body);

	ck_assert_msg(g_str_equal(answer->body, word), "%.200s: %s (%s)", body, answer->body,
		      answer_header(answer, "x-fakecloud-detail"));
	ck_assert_int_eq(answer->status, g_str_equal(word, "ok") ? 200 : 400);
	ck_assert_int_eq(slack_last(world), g_str_equal(word, "ok") ? 1 : 0);
	if (bodies[_i].count > 0) {
		g_autoptr(struct_answer) refused = post_to_slack(more);

		ck_assert_msg(g_str_equal(refused->body, bodies[_i].word), "one more: %s",
			      refused->body);
		ck_assert_int_eq(refused->status, 400);
	}
}
END_TEST

START_TEST(slack_holds_its_limit_of_all_blocks_together)
{
	g_autofree char *text = filled(FILL, "x", 2900);
	g_autoptr(GString) four = g_string_new("{\"text\":\"t\",\"blocks\":["), five = NULL;
	g_autoptr(struct_answer) taken = NULL, refused = NULL;

	for (int i = 0; i < 4; i++)
		g_string_append_printf(four, "%s" SECTION("%s"), i > 0 ? "," : "", text);
	five = g_string_new(four->str);
	g_string_append(four, "]}");
	g_string_append_printf(five, "," SECTION("%s") "]}", text);
	taken = post_to_slack(four->str);
	refused = post_to_slack(five->str);
	ck_assert_str_eq(taken->body, "ok");
	ck_assert_int_eq(refused->status, 400);
	ck_assert_str_eq(refused->body, "msg_blocks_too_long");
}
END_TEST

START_TEST(slack_wants_json_and_a_whole_address)
{
	g_autofree char *url = world_slack_url(world, "team");
	const char *const form[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
	g_autoptr(struct_answer) not_json = http_call("POST", url, form, "{\"text\":\"a\"}");
	g_autoptr(struct_answer) short_path =
		cloud_call(world, "POST", "/slack/services/T0/B0", "{\"text\":\"a\"}");

	ck_assert_int_eq(not_json->status, 400);
	ck_assert_str_eq(not_json->body, "invalid_payload");
	ck_assert_int_eq(short_path->status, 404);
	ck_assert_str_eq(short_path->body, "no_service");
}
END_TEST

START_TEST(slack_keeps_what_it_took_in_order_and_by_channel)
{
	g_autofree char *other = world_slack_url(world, "other");
	g_autoptr(struct_answer) all = NULL, team = NULL, late = NULL;

	answer_free(post_to_slack("{\"text\":\"one\"}"));
	answer_free(http_call("POST", other, NULL, "{\"text\":\"two\"}"));
	answer_free(post_to_slack("{\"text\":\"\"}")); /* refused: not kept */
	answer_free(post_to_slack(BUTTON(PLAIN("go") ",\"url\":\"http://x/ack/1?e=1&s=2\"")));
	all = slack_wait(world, NULL, 0, 3);
	team = slack_messages(world, "team", 0);
	late = slack_messages(world, "team", 1);
	ck_assert_int_eq(json_int_at(all->json, "count"), 3);
	ck_assert_int_eq(json_int_at(all->json, "items.1.seq"), 2);
	ck_assert_str_eq(json_text_at(all->json, "items.1.channel"), "other");
	ck_assert_int_ge(json_int_at(all->json, "items.2.at_ms"),
			 json_int_at(all->json, "items.0.at_ms"));
	ck_assert_int_eq(json_int_at(team->json, "count"), 2);
	ck_assert_int_eq(json_int_at(late->json, "items.0.seq"), 3);
	expect_says(slack_item(team, 0), "one");
	expect_silent(slack_item(team, 0), "two");
	{
		g_autofree char *link = slack_link(slack_item(late, 0), "/ack/");

		ck_assert_str_eq(link, "http://x/ack/1?e=1&s=2");
	}
}
END_TEST

static const struct {
	const char *rule;
	int status; /* 0: no answer */
	const char *body;
	int64_t kept; /* is the message there all the same? */
} slack_faults[] = {
	{"{\"api\":\"slack\",\"kind\":\"rate\",\"headers\":{\"Retry-After\":\"7\"}}", 429,
	 "rate_limited", 0},
	{"{\"api\":\"slack\",\"kind\":\"status\",\"status\":500}", 500, NULL, 0},
	{"{\"api\":\"slack\",\"kind\":\"backend\"}", 500, "rollup_error", 0},
	{"{\"api\":\"slack\",\"kind\":\"reset\"}", 0, NULL, 0},
	{"{\"api\":\"slack\",\"kind\":\"reset_after\"}", 0, NULL, 1},
	{"{\"api\":\"slack\",\"kind\":\"status_after\",\"status\":500}", 500, NULL, 1},
	{"{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"no_service\"}", 404, "no_service", 0},
	{"{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"invalid_blocks\"}", 400,
	 "invalid_blocks", 0},
	{"{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"channel_is_archived\"}", 410,
	 "channel_is_archived", 0},
	{"{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"invalid_token\"}", 403,
	 "invalid_token", 0},
	{"{\"api\":\"slack\",\"sends\":\"blocks\",\"kind\":\"reason\",\"reason\":\"no_team\"}", 200,
	 "ok", 1},
	{"{\"api\":\"slack\",\"path\":\"*/team_*\",\"kind\":\"reason\",\"reason\":\"no_team\"}",
	 404, "no_team", 0},
	{"{\"api\":\"slack\",\"path\":\"*/other_*\",\"kind\":\"reason\",\"reason\":\"no_team\"}",
	 200, "ok", 1},
};

START_TEST(faults_of_slack)
{
	g_autoptr(struct_answer) answer = NULL, attempts = NULL;

	cloud_fault(world, slack_faults[_i].rule);
	answer = post_to_slack("{\"text\":\"a\"}");
	ck_assert_int_eq(answer->status, slack_faults[_i].status);
	if (slack_faults[_i].body)
		ck_assert_str_eq(answer->body, slack_faults[_i].body);
	if (answer->status == 429)
		ck_assert_str_eq(answer_header(answer, "retry-after"), "7");
	ck_assert_int_eq(slack_last(world), slack_faults[_i].kept);
	attempts = sink_attempts_wait(world, "slack", 0, 1);
	ck_assert_int_eq(json_int_at(attempts->json, "items.0.status"), slack_faults[_i].status);
	cloud_heal(world);
	answer_free(post_to_slack("{\"text\":\"b\"}"));
	ck_assert_int_eq(slack_last(world), slack_faults[_i].kept + 1);
}
END_TEST

/** Asks in a process of its own, so that the answer need not be waited for. */
static void ask_and_forget(const char *url, const char *body)
{
	const char *const arguments[] = {
		"curl", "-s", "-m", "60", "-H", "Content-Type: application/json",
		"-d",   body, url,  NULL};
	g_autofree char *log = world_path(world, "asker.log");
	struct process asker = process_start(arguments, log, NULL);

	/* it is killed with us, at the latest */
	g_clear_pointer(&asker.log_path, g_free);
}

static bool somebody_waits(void *data)
{
	g_autoptr(struct_answer) log = cloud_control(world, "GET", "log", NULL);

	(void)data;
	return json_int_at(log->json, "in_flight") > 0;
}

static const struct {
	const char *kind;
	int64_t kept;
} hangs[] = {{"hang", 0}, {"hang_after", 1}};

START_TEST(slack_hangs_before_and_after_it_took_a_message)
{
	g_autofree char *rule =
		g_strdup_printf("{\"api\":\"slack\",\"kind\":\"%s\"}", hangs[_i].kind);
	g_autofree char *url = world_slack_url(world, "team");
	g_autoptr(struct_answer) attempts = NULL, ended = NULL;

	cloud_fault(world, rule);
	ask_and_forget(url, "{\"text\":\"a\"}");
	ck_assert(wait_until(somebody_waits, NULL, SOON_MS));
	if (hangs[_i].kept > 0)
		answer_free(slack_wait(world, "team", 0, 1));
	attempts = sink_attempts(world, "slack", 0);
	ck_assert_int_eq(json_int_at(attempts->json, "count"), 0); /* it has not ended */
	cloud_heal(world); /* lets go of it; it has no answer all the same */
	ended = sink_attempts_wait(world, "slack", 0, 1);
	ck_assert_int_eq(json_int_at(ended->json, "items.0.status"), 0);
	ck_assert_int_eq(slack_last(world), hangs[_i].kept);
}
END_TEST

START_TEST(the_log_of_slack_outlives_a_kill)
{
	g_autofree char *path = world_slack_log(world), *text = NULL;
	g_auto(GStrv) lines = NULL;

	cloud_fault(world, "{\"api\":\"slack\",\"kind\":\"reset_after\",\"skip\":2}");
	answer_free(post_to_slack("{\"text\":\"one\"}"));
	answer_free(post_to_slack("{\"text\":\"two\\nlines\"}"));
	answer_free(post_to_slack("{\"text\":\"three\"}")); /* taken, not answered */
	ck_assert(kill(world->fakecloud.pid, SIGKILL) == 0);
	ck_assert_int_eq(process_wait(&world->fakecloud, SOON_MS), 128 + SIGKILL);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	ck_assert_uint_eq(g_strv_length(lines), 4); /* and nothing behind the last */
	for (int i = 0; i < 3; i++) {
		static const char *const texts[] = {"one", "two\nlines", "three"};
		json_object *item = json_tokener_parse(lines[i]);

		ck_assert_int_eq(json_int_at(item, "seq"), i + 1);
		ck_assert_str_eq(json_text_at(item, "channel"), "team");
		ck_assert_str_eq(json_text_at(item, "message.text"), texts[i]);
		json_object_put(item);
	}
}
END_TEST

/* --- webhooks --- */

static struct answer *post_to_webhook(const char *body, const char *signature)
{
	g_autofree char *url = world_webhook_url(world, "ops");
	g_autofree char *header = g_strconcat("X-Driftd-Signature-256: ", signature, NULL);
	const char *const headers[] = {"X-Driftd-Event: firing", signature ? header : NULL, NULL};

	return http_call("POST", url, headers, body);
}

START_TEST(a_webhook_is_verified_byte_for_byte)
{
	/* the example of GitHub's documentation (API-FACTS H.1) */
	static const char body[] = "Hello, World!";
	static const char signature[] =
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
	g_autofree char *ours = hmac_sha256_hex("It's a Secret to Everybody", body, strlen(body));
	g_autoptr(struct_answer) records = NULL;

	ck_assert_str_eq(ours, signature);
	answer_free(post_to_webhook(body, signature));
	webhook_set_secret(world, "ops", "It's a Secret to Everybody");
	answer_free(post_to_webhook(body, signature));
	answer_free(post_to_webhook("Hello, World?", signature));
	answer_free(post_to_webhook("{\"a\":1}", NULL));
	records = webhook_wait(world, "ops", 0, 4);
	ck_assert_str_eq(json_text_at(records->json, "items.0.signature"), "unchecked");
	ck_assert_str_eq(json_text_at(records->json, "items.1.signature"), "good");
	ck_assert_str_eq(json_text_at(records->json, "items.1.body"), body);
	ck_assert_str_eq(json_text_at(records->json, "items.1.headers.x-driftd-event"), "firing");
	ck_assert_str_eq(json_text_at(records->json, "items.2.signature"), "bad");
	ck_assert_str_eq(json_text_at(records->json, "items.3.signature"), "missing");
	ck_assert_int_eq(json_int_at(records->json, "items.3.json.a"), 1);
}
END_TEST

/* --- GitHub --- */

#define ISSUES "/github/repos/acme/ops/issues"

static struct answer *ask_github(const char *token, const char *method, const char *path,
				 const char *body)
{
	g_autofree char *url = g_strconcat(world->cloud, path, NULL);
	g_autofree char *bearer = g_strconcat("Authorization: Bearer ", token, NULL);
	const char *const headers[] = {"User-Agent: test", token ? bearer : NULL, NULL};

	return http_call(method, url, headers, body);
}

static struct answer *github(const char *method, const char *path, const char *body)
{
	return ask_github("t0ken", method, path, body);
}

static void make_issues(int count)
{
	for (int i = 0; i < count; i++) {
		g_autofree char *body = g_strdup_printf(
			"{\"title\":\"issue %d\",\"body\":\"b\",\"labels\":[\"drift\",\"%s\"]}",
			i + 1, i % 2 == 0 ? "even" : "odd");
		g_autoptr(struct_answer) made = github("POST", ISSUES, body);

		ck_assert_int_eq(made->status, 201);
		ck_assert_int_eq(json_int_at(made->json, "number"), i + 1);
	}
}

START_TEST(github_lists_by_label_state_and_page)
{
	g_autoptr(struct_answer) page = NULL, last = NULL, both = NULL, none = NULL, closed = NULL;

	github_make(world, "acme/ops", "t0ken");
	make_issues(5);
	answer_free(github("PATCH", ISSUES "/5", "{\"state\":\"closed\"}"));
	page = github("GET", ISSUES "?labels=drift&per_page=3&page=1", NULL);
	ck_assert_uint_eq(json_object_array_length(page->json), 3);
	ck_assert_int_eq(json_int_at(page->json, "0.number"), 4); /* newest first, open ones */
	ck_assert_ptr_nonnull(strstr(answer_header(page, "link"), "rel=\"next\""));
	ck_assert_ptr_nonnull(
		strstr(answer_header(page, "link"), "labels=drift&per_page=3&page=2"));
	last = github("GET", ISSUES "?labels=drift&per_page=3&page=2", NULL);
	ck_assert_uint_eq(json_object_array_length(last->json), 1);
	ck_assert_ptr_null(strstr(answer_header(last, "link"), "rel=\"next\""));
	both = github("GET", ISSUES "?labels=Drift,ODD&state=all", NULL);
	ck_assert_uint_eq(json_object_array_length(both->json), 2);
	ck_assert_ptr_null(answer_header(both, "link"));
	none = github("GET", ISSUES "?labels=other", NULL);
	ck_assert_str_eq(none->body, "[]");
	closed = github("GET", ISSUES "?state=closed", NULL);
	ck_assert_int_eq(json_int_at(closed->json, "0.number"), 5);
	ck_assert_str_eq(json_text_at(closed->json, "0.state_reason"), "completed");
}
END_TEST

START_TEST(github_changes_and_comments)
{
	g_autoptr(struct_answer) changed = NULL, comment = NULL, comments = NULL, reopened = NULL;
	g_autoptr(struct_answer) shown = NULL, all = NULL, recent = NULL, later = NULL;

	github_make(world, "acme/ops", "t0ken");
	make_issues(1);
	changed = github("PATCH", ISSUES "/1",
			 "{\"state\":\"closed\",\"state_reason\":\"not_planned\",\"title\":\"x\","
			 "\"labels\":[\"other\"]}");
	ck_assert_int_eq(changed->status, 200);
	ck_assert_str_eq(json_text_at(changed->json, "state_reason"), "not_planned");
	ck_assert_uint_eq(json_object_array_length(json_at(changed->json, "labels")), 1);
	comment = github("POST", ISSUES "/1/comments", "{\"body\":\"still there\"}");
	ck_assert_int_eq(comment->status, 201);
	comments = github("GET", ISSUES "/1/comments", NULL);
	ck_assert_str_eq(json_text_at(comments->json, "0.body"), "still there");
	reopened = github("PATCH", ISSUES "/1", "{\"state\":\"open\"}");
	ck_assert_str_eq(json_text_at(reopened->json, "state_reason"), "reopened");
	recent = github("GET", ISSUES "/1/comments?since=2020-01-01T00:00:00Z", NULL);
	ck_assert_uint_eq(json_object_array_length(recent->json), 1);
	later = github("GET", ISSUES "/1/comments?since=2999-01-01T00:00:00Z", NULL);
	ck_assert_str_eq(later->body, "[]");
	shown = github("GET", ISSUES "/1", NULL);
	ck_assert_int_eq(json_int_at(shown->json, "comments"), 1);
	ck_assert_str_eq(json_text_at(shown->json, "html_url"),
			 "https://github.com/acme/ops/issues/1");
	all = github_wait(world, "acme/ops", 1, "open", 1);
	ck_assert_str_eq(json_text_at(all->json, "issues.0.comment_bodies.0"), "still there");
}
END_TEST

static const struct {
	const char *token, *method, *path, *body;
	int status;
} refused[] = {
	{NULL, "GET", ISSUES, NULL, 401},
	{"wrong", "GET", ISSUES, NULL, 401},
	{"t0ken", "GET", "/github/repos/acme/nothing/issues", NULL, 404},
	{"t0ken", "GET", ISSUES "/9", NULL, 404},
	{"t0ken", "PATCH", ISSUES "/x", "{}", 404},
	{"t0ken", "GET", "/github/repos/acme/archived/issues", NULL, 410},
	{"t0ken", "POST", "/github/repos/acme/archived/issues", "{\"title\":\"x\"}", 410},
	{"t0ken", "POST", ISSUES, "{\"body\":\"no title\"}", 422},
	{"t0ken", "POST", ISSUES, "nothing", 400},
	{"t0ken", "PATCH", ISSUES "/1", "{\"state\":\"gone\"}", 422},
	{"t0ken", "POST", ISSUES "/1/comments", "{}", 422},
	{"t0ken", "DELETE", ISSUES "/1", NULL, 404},
};

START_TEST(github_refuses)
{
	g_autoptr(struct_answer) answer = NULL;

	github_make(world, "acme/ops", "t0ken");
	cloud_put(world, "github/acme/archived", "{\"issues_disabled\":true}");
	make_issues(1);
	answer = ask_github(refused[_i].token, refused[_i].method, refused[_i].path,
			    refused[_i].body);
	ck_assert_msg(answer->status == refused[_i].status, "%s %s: %d %s", refused[_i].method,
		      refused[_i].path, answer->status, answer->body);
	ck_assert_str_ne(json_text_at(answer->json, "message"), "");
}
END_TEST

static const struct {
	const char *template;
	size_t most; /* of characters */
} lengths[] = {
	{"{\"title\":\"" FILL "\"}", 256},
	{"{\"title\":\"t\",\"body\":\"" FILL "\"}", 65536},
	{"{\"title\":\"t\",\"labels\":[\"" FILL "\"]}", 50},
};

START_TEST(github_holds_its_limits)
{
	g_autofree char *fits = filled(lengths[_i].template, "é", lengths[_i].most);
	g_autofree char *longer = filled(lengths[_i].template, "é", lengths[_i].most + 1);
	g_autoptr(struct_answer) made = NULL, no = NULL;

	github_make(world, "acme/ops", "t0ken");
	made = github("POST", ISSUES, fits);
	no = github("POST", ISSUES, longer);
	ck_assert_int_eq(made->status, 201);
	ck_assert_int_eq(no->status, 422);
}
END_TEST

START_TEST(github_limits_the_rate)
{
	g_autoptr(struct_answer) secondary = NULL, primary = NULL, usual = NULL;

	github_make(world, "acme/ops", "t0ken");
	cloud_fault(world, "{\"api\":\"github.issues.create\",\"kind\":\"rate\",\"bytes\":60}");
	secondary = github("POST", ISSUES, "{\"title\":\"x\"}");
	ck_assert_int_eq(secondary->status, 403);
	ck_assert_str_eq(answer_header(secondary, "retry-after"), "60");
	usual = github("GET", ISSUES, NULL);
	ck_assert_int_eq(usual->status, 200);
	ck_assert_str_eq(answer_header(usual, "x-ratelimit-remaining"), "4999");
	cloud_heal(world);
	cloud_fault(world, "{\"api\":\"github\",\"kind\":\"quota\"}");
	primary = github("GET", ISSUES, NULL);
	ck_assert_int_eq(primary->status, 403);
	ck_assert_str_eq(answer_header(primary, "x-ratelimit-remaining"), "0");
	ck_assert_ptr_nonnull(answer_header(primary, "x-ratelimit-reset"));
	ck_assert_ptr_null(answer_header(primary, "retry-after"));
}
END_TEST

START_TEST(github_drops_labels_without_the_right_to_push)
{
	g_autoptr(struct_answer) made = NULL, changed = NULL;

	cloud_put(world, "github/acme/ops", "{\"token\":\"t0ken\",\"read_only\":true}");
	made = github("POST", ISSUES, "{\"title\":\"x\",\"labels\":[\"drift\"]}");
	ck_assert_int_eq(made->status, 201);
	ck_assert_uint_eq(json_object_array_length(json_at(made->json, "labels")), 0);
	changed = github("PATCH", ISSUES "/1", "{\"state\":\"closed\"}");
	ck_assert_int_eq(changed->status, 403);
}
END_TEST

static void add_slack(TCase *tcase)
{
	tcase_add_loop_test(tcase, slack_holds_its_limits, 0, G_N_ELEMENTS(bodies));
	tcase_add_test(tcase, slack_holds_its_limit_of_all_blocks_together);
	tcase_add_test(tcase, slack_wants_json_and_a_whole_address);
	tcase_add_test(tcase, slack_keeps_what_it_took_in_order_and_by_channel);
	tcase_add_loop_test(tcase, faults_of_slack, 0, G_N_ELEMENTS(slack_faults));
	tcase_add_loop_test(tcase, slack_hangs_before_and_after_it_took_a_message, 0,
			    G_N_ELEMENTS(hangs));
	tcase_add_test(tcase, the_log_of_slack_outlives_a_kill);
}

static void add_github(TCase *tcase)
{
	tcase_add_test(tcase, github_lists_by_label_state_and_page);
	tcase_add_test(tcase, github_changes_and_comments);
	tcase_add_loop_test(tcase, github_refuses, 0, G_N_ELEMENTS(refused));
	tcase_add_loop_test(tcase, github_holds_its_limits, 0, G_N_ELEMENTS(lengths));
	tcase_add_test(tcase, github_limits_the_rate);
	tcase_add_test(tcase, github_drops_labels_without_the_right_to_push);
}

Suite *fakecloud_sinks_suite(void)
{
	Suite *suite = suite_create("fakecloud_sinks");

	add_slack(harness_case(suite, "slack", setup, teardown, 60));
	tcase_add_test(harness_case(suite, "webhook", setup, teardown, 60),
		       a_webhook_is_verified_byte_for_byte);
	add_github(harness_case(suite, "github", setup, teardown, 60));
	return suite;
}
