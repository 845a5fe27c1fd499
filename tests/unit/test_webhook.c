/* Tests of lib/alert/webhook.c */
#include "tests/unit/sink_fixture.h"

#include <check.h>
#include <string.h>

#include "alert/link.h"
#include "version.h"

Suite *webhook_suite(void);

static json_object *encode(const struct notice *notice)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_WEBHOOK);
	g_autofree char *body = webhook_encode(&context, notice);

	return sink_fixture_parse(body);
}

/* Members of a firing; JSON texts. */
static const struct {
	const char *path, *want;
} members[] = {
	{"version", "1"},
	{"id", "12"},
	{"kind", "firing"},
	{"created_at", "2026-11-20T08:09:59Z"},
	{"sent_at", "2026-11-20T08:10:00Z"},
	{"channel", "webhook/ops"},
	{"public_url", "https://drift.example"},
	{"folded", "0"},
	{"items_left_out", "0"},
	{"items.0.kind", "firing"},
	{"items.0.incident", "7"},
	{"items.0.target", "service/billing"},
	{"items.0.priority", "P1"},
	{"items.0.owner", "ml"},
	{"items.0.cause", "drift"},
	{"items.0.status", "open"},
	{"items.0.reopened", "false"},
	{"items.0.state", "drift"},
	{"items.0.summary", "1 commit behind, oldest 2 h"},
	{"items.0.reason", "runs 1a2b3c4d, head is 18f6ecfe"},
	{"items.0.opened_at", "2026-11-20T06:10:00Z"},
	{"items.0.open_for_s", "7200"},
	{"items.0.deployed_short", "1a2b3c4d"},
	{"items.0.deployed_url", "https://git.example/app/commit/1a2b3c4d"},
	{"items.0.head_short", "18f6ecfe"},
	{"items.0.head_url", "https://git.example/app/commit/18f6ecfe"},
	{"items.0.compare_url", "https://git.example/app/compare/1a2b3c4d...18f6ecfe"},
	{"items.0.commits_total", "1"},
	{"items.0.commits.0.short_sha", "18f6ecfe"},
	{"items.0.commits.0.subject", "billing: round half up"},
	{"items.0.commits.0.author", "Ann"},
	{"items.0.commits.0.url", "https://git.example/app/commit/18f6ecfe"},
	{"items.0.authors", "Ann"},
	{"items.0.deploy_command", "make deploy SERVICE=billing"},
	{"items.0.url", "https://drift.example/drift/service/billing"},
};

START_TEST(test_member)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	json_object *envelope = encode(notice);

	ck_assert_str_eq(sink_fixture_text(envelope, members[_i].path), members[_i].want);
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

static const char *const nulls[] = {
	"digest",           "items.0.description", "items.0.worse",     "items.0.acknowledged_by",
	"items.0.ended_at", "items.0.cause_key",   "items.0.cause_text"};

START_TEST(test_null)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	json_object *envelope = encode(notice);
	const char *dot = strrchr(nulls[_i], '.');
	g_autofree char *parent =
		dot ? g_strndup(nulls[_i], (gsize)(dot - nulls[_i])) : g_strdup("");
	json_object *holder = dot ? sink_fixture_at(envelope, parent) : envelope;

	ck_assert_ptr_null(sink_fixture_at(envelope, nulls[_i]));
	ck_assert(json_object_object_get_ex(holder, dot ? dot + 1 : nulls[_i],
					    NULL)); /* null, not absent */
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

START_TEST(test_ack_url_is_good)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	json_object *envelope = encode(notice);
	g_auto(GStrv) parts =
		g_strsplit_set(sink_fixture_text(envelope, "items.0.ack_url"), "?&", 3);

	ck_assert_str_eq(parts[0], "https://drift.example/ack/7");
	ck_assert_int_eq(link_check_ack("0123456789abcdef", 7, parts[1] + strlen("e="),
					parts[2] + strlen("s="), SINK_NOW),
			 LINK_CHECK_GOOD);
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

START_TEST(test_closing)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_CLOSING, "billing");
	json_object *envelope = encode(notice);

	ck_assert_str_eq(sink_fixture_text(envelope, "kind"), "closing");
	ck_assert_str_eq(sink_fixture_text(envelope, "items.0.status"), "resolved");
	ck_assert_str_eq(sink_fixture_text(envelope, "items.0.ended_at"), "2026-11-20T08:09:00Z");
	ck_assert_str_eq(sink_fixture_text(envelope, "items.0.open_for_s"), "7140");
	ck_assert_ptr_null(sink_fixture_at(envelope, "items.0.ack_url"));
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

static const struct {
	const char *path, *want;
} digest_members[] = {
	{"kind", "digest"},
	{"digest.overall", "drift"},
	{"digest.score", "81"},
	{"digest.evaluated", "15"},
	{"digest.targets_total", "15"},
	{"digest.counts.ok", "14"},
	{"digest.counts.pending", "0"},
	{"digest.counts.unknown", "0"},
	{"digest.counts.drift", "1"},
	{"digest.counts.paused", "0"},
	{"digest.since", "2026-11-19T08:10:00Z"},
	{"digest.not_ok.0.target", "service/billing"},
	{"digest.not_ok.0.priority", "P0"},
	{"digest.not_ok.0.state", "drift"},
	{"digest.not_ok.0.summary", "4 commits behind"},
	{"digest.not_ok.0.since", "2026-11-20T07:10:00Z"},
	{"digest.not_ok.0.incident", "7"},
	{"digest.not_ok.0.url", "https://drift.example/drift/service/billing"},
	{"digest.not_ok_total", "1"},
	{"digest.recovered.0.target", "table/orders"},
	{"digest.recovered_total", "1"},
};

START_TEST(test_digest_member)
{
	struct notice *notice = sink_fixture_digest();
	json_object *envelope = encode(notice);

	ck_assert_str_eq(sink_fixture_text(envelope, digest_members[_i].path),
			 digest_members[_i].want);
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

START_TEST(L12_no_score_is_null)
{
	struct notice *notice = sink_fixture_digest();
	json_object *envelope = NULL;

	notice->digest->score = -1;
	envelope = encode(notice);
	ck_assert_ptr_null(sink_fixture_at(envelope, "digest.score"));
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

START_TEST(test_request)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_WEBHOOK);
	struct sink_progress progress = {0};
	struct sink_request *request = sink_make_request(&context, notice, &progress);
	g_autofree char *hex =
		link_hmac_hex("It's a Secret to Everybody", request->body, request->body_bytes);
	g_autofree char *signature = g_strconcat("sha256=", hex, NULL);
	g_autofree char *agent = g_strconcat("driftd/", version_number, NULL);

	ck_assert_str_eq(request->method, "POST");
	ck_assert_str_eq(request->url, context.channel->url);
	ck_assert_ptr_null(request->bearer);
	ck_assert_uint_eq(request->body_bytes, strlen(request->body));
	ck_assert_str_eq(sink_fixture_header(request, "X-Driftd-Signature-256"), signature);
	ck_assert_str_eq(sink_fixture_header(request, "X-Driftd-Delivery"), "12");
	ck_assert_str_eq(sink_fixture_header(request, "X-Driftd-Event"), "firing");
	ck_assert_str_eq(sink_fixture_header(request, "Content-Type"), "application/json");
	ck_assert_str_eq(sink_fixture_header(request, "User-Agent"), agent);
	sink_request_free(request);
	notice_free(notice);
}
END_TEST

START_TEST(test_unsigned_without_secret)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_WEBHOOK);
	struct config_channel channel = *context.channel;
	struct sink_progress progress = {0};
	struct sink_request *request = NULL;

	channel.secret = NULL;
	context.channel = &channel;
	request = sink_make_request(&context, notice, &progress);
	ck_assert_ptr_null(sink_fixture_header(request, "X-Driftd-Signature-256"));
	sink_request_free(request);
	notice_free(notice);
}
END_TEST

START_TEST(test_monster_is_bounded)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW);
	g_autofree char *text = g_strnfill(3000, '\x01'); /* six bytes each in JSON */
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_WEBHOOK);
	g_autofree char *body = NULL;
	json_object *envelope = NULL;
	int64_t left_out = 0;

	text[0] = '\xff';
	for (int i = 0; i < 2000; i++) {
		struct notice_item *item = sink_fixture_item(NOTICE_KIND_FIRING, i + 1, "x");

		sink_fixture_set(&item->summary, text);
		sink_fixture_set(&item->reason, text);
		notice_add(notice, item);
	}
	body = webhook_encode(&context, notice);
	ck_assert_uint_lt(strlen(body), SINK_BODY_MAX_BYTES);
	envelope = sink_fixture_parse(body);
	left_out = json_object_get_int64(sink_fixture_at(envelope, "items_left_out"));
	ck_assert_int_gt(left_out, 0);
	ck_assert_int_eq(
		left_out + (int64_t)json_object_array_length(sink_fixture_at(envelope, "items")),
		2000);
	json_object_put(envelope);
	notice_free(notice);
}
END_TEST

Suite *webhook_suite(void)
{
	Suite *suite = suite_create("webhook");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_member, 0, G_N_ELEMENTS(members));
	tcase_add_loop_test(tcase, test_null, 0, G_N_ELEMENTS(nulls));
	tcase_add_test(tcase, test_ack_url_is_good);
	tcase_add_test(tcase, test_closing);
	tcase_add_loop_test(tcase, test_digest_member, 0, G_N_ELEMENTS(digest_members));
	tcase_add_test(tcase, L12_no_score_is_null);
	tcase_add_test(tcase, test_request);
	tcase_add_test(tcase, test_unsigned_without_secret);
	tcase_add_test(tcase, test_monster_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
