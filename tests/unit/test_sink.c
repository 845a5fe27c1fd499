/* Tests of lib/alert/sink.c and slack_judge.c: what answers mean, and what errors say. GitHub's are
 * in test_github_issue.c. */
#include "tests/unit/sink_fixture.h"

#include <check.h>
#include <string.h>

Suite *sink_suite(void);

static const struct {
	enum channel_kind kind;
	int status;
	const char *body;
	enum sink_outcome want;
	const char *says; /* in the error; NULL: none is expected */
} cases[] = {
	{CHANNEL_KIND_SLACK, 200, "ok", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_SLACK, 200, "ok\n", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_SLACK, 200, "", SINK_OUTCOME_RETRY, "not Slack's"},
	{CHANNEL_KIND_SLACK, 200, "{\"ok\":false}", SINK_OUTCOME_RETRY, "not Slack's"},
	{CHANNEL_KIND_SLACK, 200, "<html>ok</html>", SINK_OUTCOME_RETRY, "not Slack's"},
	{CHANNEL_KIND_SLACK, 200, "okay", SINK_OUTCOME_RETRY, "not Slack's"},
	{CHANNEL_KIND_SLACK, 200, "no_service", SINK_OUTCOME_DEAD, "make a new incoming webhook"},
	{CHANNEL_KIND_SLACK, 202, "ok", SINK_OUTCOME_RETRY, "202"},
	{CHANNEL_KIND_SLACK, 400, "invalid_payload", SINK_OUTCOME_REFUSED, "invalid_payload"},
	{CHANNEL_KIND_SLACK, 400, "invalid_blocks", SINK_OUTCOME_REFUSED, "invalid_blocks"},
	{CHANNEL_KIND_SLACK, 400, "msg_blocks_too_long", SINK_OUTCOME_REFUSED, "too_long"},
	{CHANNEL_KIND_SLACK, 400, "no_text", SINK_OUTCOME_REFUSED, "no_text"},
	{CHANNEL_KIND_SLACK, 400, "too_many_attachments", SINK_OUTCOME_REFUSED, "too_many"},
	{CHANNEL_KIND_SLACK, 400, "whatever", SINK_OUTCOME_REFUSED, "whatever"},
	{CHANNEL_KIND_SLACK, 413, "", SINK_OUTCOME_REFUSED, "413"},
	{CHANNEL_KIND_SLACK, 403, "action_prohibited", SINK_OUTCOME_DEAD, "administrator"},
	{CHANNEL_KIND_SLACK, 403, "posting_to_general_channel_denied", SINK_OUTCOME_DEAD,
	 "general"},
	{CHANNEL_KIND_SLACK, 403, "invalid_token", SINK_OUTCOME_DEAD, "new incoming webhook"},
	{CHANNEL_KIND_SLACK, 400, "invalid_token", SINK_OUTCOME_DEAD, "new incoming webhook"},
	{CHANNEL_KIND_SLACK, 403, "team_disabled", SINK_OUTCOME_DEAD, "workspace"},
	{CHANNEL_KIND_SLACK, 404, "no_service", SINK_OUTCOME_DEAD, "new incoming webhook"},
	{CHANNEL_KIND_SLACK, 404, "no_active_hooks", SINK_OUTCOME_DEAD, "new incoming webhook"},
	{CHANNEL_KIND_SLACK, 404, "no_team", SINK_OUTCOME_DEAD, "new incoming webhook"},
	{CHANNEL_KIND_SLACK, 404, "channel_not_found", SINK_OUTCOME_DEAD, "channel is gone"},
	{CHANNEL_KIND_SLACK, 410, "channel_is_archived", SINK_OUTCOME_DEAD, "unarchive"},
	{CHANNEL_KIND_SLACK, 404, "<html>", SINK_OUTCOME_DEAD, "404"},
	{CHANNEL_KIND_SLACK, 302, "", SINK_OUTCOME_DEAD, "redirect"},
	{CHANNEL_KIND_SLACK, 429, "rate_limited", SINK_OUTCOME_RETRY, "too many"},
	{CHANNEL_KIND_SLACK, 500, "rollup_error", SINK_OUTCOME_RETRY, "rollup_error"},
	{CHANNEL_KIND_SLACK, 503, "", SINK_OUTCOME_RETRY, "503"},
	{CHANNEL_KIND_SLACK, 408, "", SINK_OUTCOME_RETRY, "408"},
	{CHANNEL_KIND_SLACK, 0, "", SINK_OUTCOME_RETRY, "no answer from hooks.slack.example"},
	{CHANNEL_KIND_SLACK, 0, "ok", SINK_OUTCOME_RETRY, "no answer"},
	{CHANNEL_KIND_WEBHOOK, 200, "", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_WEBHOOK, 202, "x", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_WEBHOOK, 204, "", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_WEBHOOK, 301, "", SINK_OUTCOME_DEAD, "new address"},
	{CHANNEL_KIND_WEBHOOK, 400, "", SINK_OUTCOME_REFUSED, "400"},
	{CHANNEL_KIND_WEBHOOK, 413, "", SINK_OUTCOME_REFUSED, "413"},
	{CHANNEL_KIND_WEBHOOK, 422, "", SINK_OUTCOME_REFUSED, "422"},
	{CHANNEL_KIND_WEBHOOK, 401, "", SINK_OUTCOME_DEAD, "check url and secret"},
	{CHANNEL_KIND_WEBHOOK, 403, "", SINK_OUTCOME_DEAD, "check url and secret"},
	{CHANNEL_KIND_WEBHOOK, 404, "", SINK_OUTCOME_DEAD, "check url"},
	{CHANNEL_KIND_WEBHOOK, 410, "", SINK_OUTCOME_DEAD, "check url"},
	{CHANNEL_KIND_WEBHOOK, 429, "", SINK_OUTCOME_RETRY, "429"},
	{CHANNEL_KIND_WEBHOOK, 500, "", SINK_OUTCOME_RETRY, "500"},
	{CHANNEL_KIND_WEBHOOK, 503, "", SINK_OUTCOME_RETRY, "503"},
	{CHANNEL_KIND_WEBHOOK, 0, "", SINK_OUTCOME_RETRY, "no answer from ops.example"},
	{CHANNEL_KIND_ALERTMANAGER, 200, "", SINK_OUTCOME_SENT, NULL},
	{CHANNEL_KIND_ALERTMANAGER, 204, "", SINK_OUTCOME_RETRY, "204"},
	{CHANNEL_KIND_ALERTMANAGER, 400, "\"start time\"", SINK_OUTCOME_REFUSED, "start time"},
	{CHANNEL_KIND_ALERTMANAGER, 404, "", SINK_OUTCOME_DEAD, "before /api/v2"},
	{CHANNEL_KIND_ALERTMANAGER, 401, "", SINK_OUTCOME_DEAD, "in front of"},
	{CHANNEL_KIND_ALERTMANAGER, 500, "", SINK_OUTCOME_RETRY, "500"},
	{CHANNEL_KIND_ALERTMANAGER, 0, "", SINK_OUTCOME_RETRY, "no answer from alerts.example"},
};

START_TEST(test_judge)
{
	struct sink_context context = sink_fixture_context(cases[_i].kind);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	g_autofree char *error = NULL;
	enum sink_outcome got = sink_judge(&context, notice, &progress, cases[_i].status,
					   cases[_i].body, strlen(cases[_i].body),
					   cases[_i].status ? NULL : "timeout after 10 s", &error);

	ck_assert_msg(got == cases[_i].want, "%d %s: %d, %s", cases[_i].status, cases[_i].body, got,
		      error ? error : "-");
	ck_assert_int_eq(error == NULL, cases[_i].says == NULL);
	if (error) {
		ck_assert_msg(strstr(error, cases[_i].says), "%s", error);
		ck_assert_msg(g_str_has_prefix(error, context.channel->id), "%s", error);
		ck_assert_ptr_null(strchr(error, '\n'));
		ck_assert_ptr_null(strstr(error, "SECRET"));
	}
	notice_free(notice);
}
END_TEST

START_TEST(test_error_is_one_bounded_line)
{
	struct sink_context context =
		sink_fixture_context(_i % 2 ? CHANNEL_KIND_WEBHOOK : CHANNEL_KIND_SLACK);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	GString *body = g_string_new("a\nb\x1b[31m\xe2\x80\xae\xff");
	g_autofree char *error = NULL;

	for (int i = 0; i < 100000; i++)
		g_string_append_c(body, i % 7 ? 'x' : '\n');
	(void)sink_judge(&context, notice, &progress, _i < 2 ? 500 : 0, body->str, body->len,
			 body->str, &error); /* only the text matters */
	ck_assert_uint_lt(strlen(error), 2000);
	ck_assert(g_utf8_validate(error, -1, NULL));
	for (const char *p = error; *p; p++)
		ck_assert_int_ge((unsigned char)*p, 0x20);
	ck_assert_ptr_null(strstr(error, "\xe2\x80\xae"));
	(void)g_string_free(body, TRUE);
	notice_free(notice);
}
END_TEST

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MUCH                                                                                       \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxx"

/* What receivers say of the request they got: the URL whole or in parts, in another form, cut where
 * we cut. */
static const struct {
	const char *url, *body, *never, *says;
} repeated[] = {
	{"https://h.example/services/T0001/B0001/XyZsecret24",
	 "no POST /services/T0001/B0001/XyZsecret24", "XyZ", "no POST (secret)"},
	{"https://h.example/services/T0001/B0001/XyZsecret24", "XyZsecret24 is no hook of services",
	 "XyZ", "(secret) is no hook of services"},
	{"https://h.example/services/T0001/XyZsecret24",
	 "{\"at\":\"\\/services\\/T0001\\/XyZsecret24\"}", "XyZ", "services"},
	{"https://h.example/in?token=XyZsecret24&v=1", "bad token XyZsecret24", "XyZ",
	 "bad token (secret)"},
	{"https://h.example/in/XyZ%2Fsecret24", "bad XyZ/secret24", "XyZ", "bad (secret)"},
	{"https://h.example/in/XyZsecret24", MUCH MUCH "xx XyZsecret24", "XyZ", "xx (secret"},
	{"https://h.example/in", "/ack/1?e=1800000000&s=" DIGEST, "01234567", "s=(secret)"},
};

START_TEST(test_error_repeats_no_secret)
{
	struct config_channel channel = {.id = (char[]){"webhook/a"},
					 .kind = CHANNEL_KIND_WEBHOOK,
					 .url = g_strdup(repeated[_i].url)};
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_WEBHOOK);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	g_autofree char *error = NULL;

	context.channel = &channel;
	(void)sink_judge(&context, notice, &progress, 500, repeated[_i].body,
			 strlen(repeated[_i].body), NULL, &error); /* only the text matters */
	ck_assert_msg(!strstr(error, repeated[_i].never), "%s", error);
	ck_assert_msg(strstr(error, repeated[_i].says), "%s", error);
	notice_free(notice);
	g_free(channel.url);
}
END_TEST

START_TEST(test_slack_request)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	struct sink_request *request = sink_make_request(&context, notice, &progress);

	ck_assert_str_eq(request->method, "POST");
	ck_assert_str_eq(request->url, context.channel->url);
	ck_assert_str_eq(sink_fixture_header(request, "Content-Type"), "application/json");
	ck_assert_ptr_null(request->bearer);
	ck_assert_ptr_nonnull(strstr(request->body, "\"blocks\""));
	sink_request_free(request);
	context.plain = true;
	request = sink_make_request(&context, notice, &progress);
	ck_assert_ptr_null(strstr(request->body, "\"blocks\""));
	sink_request_free(request);
	sink_request_free(NULL);
	notice_free(notice);
}
END_TEST

Suite *sink_suite(void)
{
	Suite *suite = suite_create("sink");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_judge, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(tcase, test_error_is_one_bounded_line, 0, 4);
	tcase_add_loop_test(tcase, test_error_repeats_no_secret, 0, G_N_ELEMENTS(repeated));
	tcase_add_test(tcase, test_slack_request);
	suite_add_tcase(suite, tcase);
	return suite;
}
