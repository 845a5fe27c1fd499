/* Tests of what is around every page: title, navigation, the state of everything, warnings. */
#include "api/dashboard/frame.h"

#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "clk.h"
#include "page_check.h"

Suite *frame_suite(void);

#define HOSTILE                                                                                    \
	"<script>alert(1)</script>\"'&\x1b[31m\xe2\x80\xae"                                        \
	"x"

/* The page around @p main for @p input (taken; NULL: no snapshot). Caller frees. */
static char *render(struct snapshot_input *input, const char *section, const char *title,
		    const char *main)
{
	struct app *app = fixture_app(NULL);
	struct snapshot *snapshot = input ? snapshot_create(input) : NULL;
	struct config *config = fixture_config(NULL, NULL);
	struct request request = {.app = app, .config = config};
	struct frame frame = {.title = title,
			      .section = section,
			      .snapshot = snapshot,
			      .status = 200,
			      .main = g_string_new(main)};
	struct response response = {0};
	char *html = NULL;

	frame_respond(&request, &frame, &response);
	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_eq(response.content_type, response_html);
	ck_assert_ptr_eq(response.policy, frame_policy);
	html = g_steal_pointer(&response.bytes);
	response_done(&response);
	snapshot_unref(snapshot);
	config_unref(config);
	app_free(app);
	page_check(html);
	return html;
}

static void check_has(const char *html, const char *what)
{
	ck_assert_msg(strstr(html, what), "\"%s\" is not in: %s", what, html);
}

START_TEST(test_policy)
{
	ck_assert_ptr_nonnull(strstr(frame_policy, "default-src 'none'"));
	ck_assert_ptr_nonnull(strstr(frame_policy, "script-src 'self'"));
	ck_assert_ptr_null(strstr(frame_policy, "unsafe"));
	ck_assert_ptr_null(strstr(frame_policy, "*"));
}
END_TEST

START_TEST(test_all)
{
	g_autofree char *html = render(fixture_world(), "/", NULL, "<p>here</p>");

	check_has(html, "<title>1 drift \xc2\xb7 driftd</title>");
	check_has(html, "/icon-drift.svg\"");
	check_has(html, "data-state=\"drift\"");
	check_has(html, "data-generated-at=\"2026-11-20T11:00:03Z\"");
	check_has(html, "data-valid-until=\"2026-11-20T11:14:03Z\"");
	check_has(html, "data-check-interval-s=\"300\"");
	check_has(html, "data-next-at=\"2026-11-20T11:05:03Z\"");
	check_has(html, "<a href=\"/\" aria-current=\"page\">Overview</a>");
	check_has(html, "<p class=\"headline-word\">drift</p>");
	check_has(html, "1 drift, 1 unknown, 1 pending, 1 ok");
	check_has(html, "evaluated 3 of 4");
	check_has(html, ">in 5 min</time>");
	check_has(html, "data-check>");
	check_has(html, "<p>here</p>");
	check_has(html, "<a class=\"skip\" href=\"#main\">");
	check_has(html, "<noscript><meta http-equiv=\"refresh\"");
	ck_assert_ptr_null(strstr(html, "class=\"banner"));
	ck_assert_ptr_null(strstr(html, "@"));
}
END_TEST

START_TEST(test_fact_is_the_snapshots)
{
	struct snapshot *snapshot = snapshot_create(fixture_world());
	g_autofree char *want = g_strdup_printf("data-fact=\"%s\"", snapshot->fact);
	g_autofree char *html = render(fixture_world(), "/", "overview", "");

	ck_assert_uint_eq(strlen(snapshot->fact), 16);
	check_has(html, want);
	snapshot_unref(snapshot);
}
END_TEST

static const struct {
	enum state state;
	const char *title;
} overall[] = {
	{STATE_OK, "<title>ok \xc2\xb7 x \xc2\xb7 driftd</title>"},
	{STATE_PENDING, "<title>1 pending \xc2\xb7 x \xc2\xb7 driftd</title>"},
	{STATE_UNKNOWN, "<title>1 unknown \xc2\xb7 x \xc2\xb7 driftd</title>"},
	{STATE_DRIFT, "<title>1 drift \xc2\xb7 x \xc2\xb7 driftd</title>"},
	{STATE_PAUSED, "<title>unknown \xc2\xb7 x \xc2\xb7 driftd</title>"}, /* nothing evaluated */
};

START_TEST(test_title)
{
	g_autofree char *html = render(
		fixture_input(fixture_verdict("web", overall[_i].state, RELATION_NONE, PRIORITY_P1),
			      NULL),
		"/incidents", "x", "");

	check_has(html, overall[_i].title);
	check_has(html, "<a href=\"/incidents\" aria-current=\"page\">");
	ck_assert_int_eq(page_count(html, "aria-current"), 1);
}
END_TEST

START_TEST(test_no_score_is_not_a_number)
{
	g_autofree char *html = render(
		fixture_input(fixture_verdict("web", STATE_UNKNOWN, RELATION_NONE, PRIORITY_P1),
			      NULL),
		"/", "x", "");

	check_has(html, "nothing was evaluated");
	check_has(html, "evaluated 0 of 1");
	ck_assert_ptr_null(strstr(html, "/ 100"));
}
END_TEST

START_TEST(test_before_the_first_check)
{
	g_autofree char *html = render(NULL, NULL, "not yet", "");

	check_has(html, "no check has finished yet");
	check_has(html, "<title>no check yet \xc2\xb7 not yet \xc2\xb7 driftd</title>");
	check_has(html, "data-state=\"unknown\" data-fact=\"\"");
	check_has(html, "data-next-at=\"\"");
}
END_TEST

START_TEST(test_errors)
{
	struct snapshot_input *input = fixture_world();
	struct repo_status *repo = input->repos->pdata[0];
	g_autofree char *html = NULL;

	input->config_error = g_strdup("line 3: " HOSTILE);
	input->store_error = g_strdup("disk full " HOSTILE);
	repo->error = g_strdup("no route " HOSTILE);
	g_ptr_array_add(input->channels, fixture_channel("ops", true));
	g_ptr_array_add(input->channels, fixture_channel("quiet", false));
	html = render(input, "/", HOSTILE, "");
	ck_assert_int_eq(page_count(html, "banner banner-error"), 4);
	check_has(html,
		  "The new configuration is not in use:</strong> <bdi>line 3: &lt;script&gt;");
	check_has(html, "The database cannot be written:</strong> <bdi>disk full");
	check_has(html, "cannot be fetched</strong>, last fetched <time");
	check_has(html, "slack/ops");
	check_has(html, "404 no_service");
	ck_assert_ptr_null(strstr(html, "slack/quiet"));
	ck_assert_ptr_null(strstr(html, "<script>alert"));
}
END_TEST

/* Tabs of several targets are told apart; they too are within the section of the overview. */
START_TEST(test_title_names_the_target)
{
	g_autofree char *html = render(fixture_world(), "/", "service/billing", "x");

	check_has(html, "<title>1 drift \xc2\xb7 service/billing \xc2\xb7 driftd</title>");
}
END_TEST

START_TEST(test_title_is_escaped)
{
	g_autofree char *html = render(fixture_world(), NULL, HOSTILE, "");

	check_has(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&apos;&amp;\\x1b[31m\\u202ex");
}
END_TEST

START_TEST(test_marks_in_a_page_stay)
{
	g_autofree char *html = render(fixture_world(), NULL, "@MAIN@", "<p>@VERSION@ a@b</p>");

	check_has(html, "<p>@VERSION@ a@b</p>");
	check_has(html, "\xc2\xb7 @MAIN@ \xc2\xb7");
}
END_TEST

START_TEST(test_many_failures_are_counted)
{
	struct snapshot_input *input = fixture_world();
	g_autofree char *html = NULL;

	for (int i = 0; i < _i; i++) {
		g_autofree char *name = g_strdup_printf("channel-%d", i);

		g_ptr_array_add(input->channels, fixture_channel(name, true));
	}
	html = render(input, "/", "x", "");
	ck_assert_int_eq(page_count(html, "<strong>Channel"), MIN(_i, 4));
	ck_assert_int_eq(strstr(html, "1 more channels fail") != NULL, _i == 5);
}
END_TEST

START_TEST(L09_expired_and_overdue_are_said)
{
	struct snapshot_input *input = fixture_world();
	g_autofree char *html = NULL;

	input->generated_wall_ms += MS_PER_HOUR; /* none of them was looked at since */
	input->generated_mono_ms += MS_PER_HOUR;
	input->check.next_wall_ms = FIXTURE_NOW_WALL_MS - 10 * MS_PER_MINUTE;
	html = render(input, "/", "x", "");
	check_has(html, "<strong>4 verdicts have expired</strong>");
	check_has(html, "<strong>The next check is overdue</strong>");
	check_has(html, "10 min ago");
}
END_TEST

static const struct {
	int64_t late_ms;
	bool is_overdue;
} lates[] = {
	{0, false},
	{90 * MS_PER_S, false}, /* cycle-timeout and half a minute */
	{90 * MS_PER_S + 1, true},
};

START_TEST(test_overdue)
{
	struct snapshot_input *input = fixture_world();
	g_autofree char *html = NULL;

	input->check.next_wall_ms = FIXTURE_NOW_WALL_MS - lates[_i].late_ms;
	html = render(input, "/", "x", "");
	ck_assert_int_eq(strstr(html, "overdue") != NULL, lates[_i].is_overdue);
}
END_TEST

START_TEST(test_running_check)
{
	struct app *app = fixture_app(fixture_world());
	struct fixture_request wanted = {.app = app, .target = "/?format=html"};
	struct auth_rules *rules = NULL;
	struct config *config = fixture_config(NULL, NULL);
	struct response response = {0};

	rules = auth_rules_create(config, "127.0.0.1:8080");
	wanted.rules = rules;
	app_set_cycle(app, 814, 813, FIXTURE_NOW_WALL_MS, "request");
	app_set_progress(app, 12, 31);
	response = fixture_answer(&wanted);
	ck_assert_int_eq(response.status, 200);
	check_has(fixture_body(&response), "role=\"status\">12 of 31</span>");
	check_has(fixture_body(&response), "value=\"12\" max=\"31\"></progress>");
	response_done(&response);
	auth_rules_unref(rules);
	config_unref(config);
	app_free(app);
}
END_TEST

Suite *frame_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *tc = tcase_create("page");

	tcase_add_test(tc, test_policy);
	tcase_add_test(tc, test_all);
	tcase_add_test(tc, test_fact_is_the_snapshots);
	tcase_add_loop_test(tc, test_title, 0, (int)G_N_ELEMENTS(overall));
	tcase_add_test(tc, test_no_score_is_not_a_number);
	tcase_add_test(tc, test_before_the_first_check);
	tcase_add_test(tc, test_errors);
	tcase_add_test(tc, test_title_names_the_target);
	tcase_add_test(tc, test_title_is_escaped);
	tcase_add_test(tc, test_marks_in_a_page_stay);
	tcase_add_loop_test(tc, test_many_failures_are_counted, 3, 6);
	tcase_add_test(tc, L09_expired_and_overdue_are_said);
	tcase_add_loop_test(tc, test_overdue, 0, (int)G_N_ELEMENTS(lates));
	tcase_add_test(tc, test_running_check);
	suite_add_tcase(suite, tc);
	return suite;
}
