/* test_alertmanager - what driftd posts, told to the real Alertmanager of Debian's package: taken,
 * active, one alert for each target whatever happens to it, and resolved. */
#include "tests/integration/harness.h"

#include "alert/sink.h"
#include "clk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *alertmanager_suite(void);

/* Debian's Alertmanager reads its default template from here, and no option says otherwise: where
 * the package is unpacked and not installed, a copy of the program looks below its working folder.
 * Both have the same length. */
#define INSTALLED_FILES "/usr/share/prometheus/alertmanager"
#define UNPACKED_FILES "./././././././././././alertmanager"

/* One for all tests; each has targets of its own. */
static struct {
	char *directory;
	char *url; /* "http://127.0.0.1:PORT" */
	struct process process;
} server;

static char *in_directory(const char *name)
{
	return g_build_filename(server.directory, name, NULL);
}

/* The program made to find its files; its path, caller frees. */
static char *adapt(const char *program)
{
	char *copy = in_directory("prometheus-alertmanager");
	g_autofree char *files = g_canonicalize_filename("build/tools" INSTALLED_FILES, NULL);
	g_autofree char *link = in_directory("alertmanager");
	g_autofree char *bytes = NULL;
	gsize length = 0;
	char *at = NULL;

	G_STATIC_ASSERT(sizeof(INSTALLED_FILES) == sizeof(UNPACKED_FILES));
	ck_assert_msg(g_file_get_contents(program, &bytes, &length, NULL), "read %s", program);
	at = bytes;
	while ((at = memmem(at, length - (gsize)(at - bytes), INSTALLED_FILES,
			    strlen(INSTALLED_FILES))))
		memcpy(at, UNPACKED_FILES, strlen(UNPACKED_FILES));
	ck_assert_msg(g_file_set_contents(copy, bytes, (gssize)length, NULL), "write %s", copy);
	ck_assert_msg(chmod(copy, 0755) == 0, "chmod %s: %s", copy, strerror(errno));
	ck_assert_msg(symlink(files, link) == 0, "symlink %s: %s", link, strerror(errno));
	return copy;
}

static char *find_program(void)
{
	g_autofree char *installed = g_find_program_in_path("prometheus-alertmanager");
	g_autofree char *unpacked =
		g_canonicalize_filename("build/tools/usr/bin/prometheus-alertmanager", NULL);

	if (installed && g_file_test(INSTALLED_FILES "/default.tmpl", G_FILE_TEST_EXISTS))
		return g_steal_pointer(&installed);
	ck_assert_msg(g_file_test(unpacked, G_FILE_TEST_IS_EXECUTABLE),
		      "no prometheus-alertmanager in PATH or build/tools: make deps");
	return adapt(unpacked);
}

static bool is_ready(void *data)
{
	g_autofree char *url = g_strconcat(server.url, "/-/ready", NULL);
	g_autoptr(struct_answer) answer = http_call("GET", url, NULL, NULL);

	(void)data;
	return answer->status == 200;
}

static void launch(void)
{
	g_autofree char *program = find_program();
	g_autofree char *log = in_directory("log");
	const struct process_setup setup = {.directory = server.directory};
	const char *const arguments[] = {program,
					 "--config.file=config.yml",
					 "--storage.path=data",
					 "--web.listen-address=127.0.0.1:0",
					 "--cluster.listen-address=",
					 NULL};
	g_autofree char *address = NULL;

	server.process = process_start(arguments, log, &setup);
	address = process_wait_for(&server.process, "msg=\"Listening on\" address=");
	if (!address) {
		g_autofree char *said = process_log(&server.process);

		ck_abort_msg("Alertmanager does not start: %.3000s", said);
	}
	server.url = g_strconcat("http://", address, NULL);
	ck_assert_msg(wait_until(is_ready, NULL, SOON_MS), "Alertmanager is not ready");
}

static void start(void)
{
	g_autofree char *config = NULL;

	server.directory = g_build_filename(test_directory(), "driftd-alertmanager-XXXXXX", NULL);
	ck_assert_msg(g_mkdtemp(server.directory), "mkdtemp %s: %s", server.directory,
		      strerror(errno));
	config = in_directory("config.yml");
	ck_assert(g_file_set_contents(
		config, "route:\n  receiver: nobody\nreceivers:\n- name: nobody\n", -1, NULL));
	launch();
}

static void stop(void)
{
	const char *remove[] = {"rm", "-rf", "--", server.directory, NULL};
	struct run run = {0};

	process_end(&server.process);
	run = run_program(remove, NULL);
	run_clear(&run);
	g_clear_pointer(&server.url, g_free);
	g_clear_pointer(&server.directory, g_free);
}

/* --- what happens --- */

static struct notice_item *make_item(enum notice_kind kind, const char *target)
{
	struct notice_item *item = notice_item_create();

	item->kind = kind;
	item->incident = 7;
	item->target = g_strdup(target);
	item->priority = PRIORITY_P1;
	item->owner = g_strdup("ml");
	item->cause = INCIDENT_CAUSE_DRIFT;
	item->status =
		kind == NOTICE_KIND_CLOSING ? INCIDENT_STATUS_RESOLVED : INCIDENT_STATUS_OPEN;
	item->state = kind == NOTICE_KIND_CLOSING ? STATE_OK : STATE_DRIFT;
	item->summary = g_strdup("4 commits behind, oldest 2 h");
	item->opened_wall_ms = clk_wall_ms() - 2 * MS_PER_HOUR;
	return item;
}

static struct notice *make_notice(enum notice_kind kind, const char *target)
{
	struct notice *notice = notice_create(kind, clk_wall_ms());

	notice_add(notice, make_item(kind, target));
	return notice;
}

/* Tell @p notice as a channel does. */
static enum sink_outcome tell_with(const struct notice *notice, GPtrArray *live,
				   int64_t now_wall_ms)
{
	struct config_channel channel = {.id = (char[]){"alertmanager/main"},
					 .kind = CHANNEL_KIND_ALERTMANAGER,
					 .url = server.url};
	const struct sink_context context = {.channel = &channel,
					     .notification = 1,
					     .public_url = "https://drift.example",
					     .timezone = "UTC",
					     .now_wall_ms = now_wall_ms,
					     .live = live};
	struct sink_progress progress = {0};
	struct sink_request *request = sink_make_request(&context, notice, &progress);
	g_autoptr(struct_answer) answer =
		http_call(request->method, request->url, NULL, request->body);
	g_autofree char *error = NULL;
	enum sink_outcome outcome = sink_judge(&context, notice, &progress, answer->status,
					       answer->body, strlen(answer->body), NULL, &error);

	ck_assert_msg((error == NULL) == (outcome == SINK_OUTCOME_SENT), "%s", error);
	if (error)
		(void)g_printerr("%s\n", error);
	sink_request_free(request);
	return outcome;
}

static void tell(struct notice *notice)
{
	ck_assert_int_eq(tell_with(notice, NULL, clk_wall_ms()), SINK_OUTCOME_SENT);
	notice_free(notice);
}

/* Alerts of @p target that are not over. */
static struct answer *alerts_of(const char *target)
{
	g_autofree char *filter = g_strdup_printf("target=\"%s\"", target);
	g_autofree char *escaped = g_uri_escape_string(filter, NULL, FALSE);
	g_autofree char *url = g_strdup_printf("%s/api/v2/alerts?filter=%s", server.url, escaped);
	struct answer *answer = http_call("GET", url, NULL, NULL);

	ck_assert_msg(answer->status == 200, "%d %s", answer->status, answer->body);
	return answer;
}

static void expect_count(const char *target, size_t want)
{
	g_autoptr(struct_answer) answer = alerts_of(target);

	ck_assert_msg(json_object_array_length(answer->json) == want, "%s", answer->body);
}

/* How many alerts came that were @p status ("firing", "resolved"). */
static int64_t received(const char *status)
{
	g_autofree char *url = g_strconcat(server.url, "/metrics", NULL);
	g_autofree char *name = g_strdup_printf(
		"alertmanager_alerts_received_total{status=\"%s\",version=\"v2\"} ", status);
	g_autoptr(struct_answer) answer = http_call("GET", url, NULL, NULL);
	const char *at = strstr(answer->body, name);

	return at ? g_ascii_strtoll(at + strlen(name), NULL, 10) : 0;
}

/* --- tests --- */

START_TEST(test_firing_is_active)
{
	g_autoptr(struct_answer) answer = NULL;

	tell(make_notice(NOTICE_KIND_FIRING, "service/firing"));
	answer = alerts_of("service/firing");
	ck_assert_uint_eq(json_object_array_length(answer->json), 1);
	ck_assert_str_eq(json_text_at(answer->json, "0.status.state"), "active");
	ck_assert_str_eq(json_text_at(answer->json, "0.labels.alertname"), "DriftdIncident");
	ck_assert_str_eq(json_text_at(answer->json, "0.labels.kind"), "service");
	ck_assert_str_eq(json_text_at(answer->json, "0.labels.name"), "firing");
	ck_assert_str_eq(json_text_at(answer->json, "0.annotations.priority"), "P1");
	ck_assert_str_eq(json_text_at(answer->json, "0.annotations.owner"), "ml");
	ck_assert_str_eq(json_text_at(answer->json, "0.annotations.summary"),
			 "4 commits behind, oldest 2 h");
	ck_assert_str_eq(json_text_at(answer->json, "0.generatorURL"),
			 "https://drift.example/drift/service/firing");
}
END_TEST

START_TEST(test_told_again_stays_one)
{
	g_autofree char *first = NULL;
	g_autoptr(struct_answer) answer = NULL;
	struct notice *nothing = notice_create(NOTICE_KIND_NONE, clk_wall_ms());
	GPtrArray *live = g_ptr_array_new_with_free_func((GDestroyNotify)notice_item_free);

	tell(make_notice(NOTICE_KIND_FIRING, "service/again"));
	answer = alerts_of("service/again");
	first = g_strdup(json_text_at(answer->json, "0.endsAt"));
	answer_free(g_steal_pointer(&answer));
	g_ptr_array_add(live, make_item(NOTICE_KIND_REMINDER, "service/again"));
	ck_assert_int_eq(tell_with(nothing, live, clk_wall_ms() + SINK_ALERT_RESEND_MS),
			 SINK_OUTCOME_SENT);
	answer = alerts_of("service/again");
	ck_assert_uint_eq(json_object_array_length(answer->json), 1);
	ck_assert_str_gt(json_text_at(answer->json, "0.endsAt"), first); /* lives longer */
	g_ptr_array_unref(live);
	notice_free(nothing);
}
END_TEST

START_TEST(test_worse_stays_one)
{
	struct notice *notice = make_notice(NOTICE_KIND_WORSE, "service/worse");
	struct notice_item *item = notice->items->pdata[0];
	g_autoptr(struct_answer) answer = NULL;
	g_autofree char *fingerprint = NULL;

	tell(make_notice(NOTICE_KIND_FIRING, "service/worse"));
	answer = alerts_of("service/worse");
	fingerprint = g_strdup(json_text_at(answer->json, "0.fingerprint"));
	answer_free(g_steal_pointer(&answer));
	item->priority = PRIORITY_P0;
	item->cause = INCIDENT_CAUSE_BLIND;
	g_free(item->owner);
	item->owner = g_strdup("others");
	tell(notice);
	answer = alerts_of("service/worse");
	ck_assert_uint_eq(json_object_array_length(answer->json), 1);
	ck_assert_str_eq(json_text_at(answer->json, "0.fingerprint"), fingerprint);
	ck_assert_str_eq(json_text_at(answer->json, "0.annotations.priority"), "P0");
	ck_assert_str_eq(json_text_at(answer->json, "0.annotations.owner"), "others");
}
END_TEST

START_TEST(test_closing_resolves)
{
	int64_t before = received("resolved");

	tell(make_notice(NOTICE_KIND_FIRING, "service/closing"));
	tell(make_notice(NOTICE_KIND_FIRING, "service/stays"));
	expect_count("service/closing", 1);
	tell(make_notice(NOTICE_KIND_CLOSING, "service/closing"));
	expect_count("service/closing", 0);
	expect_count("service/stays", 1);
	ck_assert_int_eq(received("resolved"), before + 1);
}
END_TEST

START_TEST(test_fires_again_after_its_end)
{
	tell(make_notice(NOTICE_KIND_FIRING, "service/back"));
	tell(make_notice(NOTICE_KIND_CLOSING, "service/back"));
	expect_count("service/back", 0);
	tell(make_notice(NOTICE_KIND_FIRING, "service/back"));
	expect_count("service/back", 1);
}
END_TEST

START_TEST(test_worse_then_closing_leaves_nothing)
{
	struct notice *notice = make_notice(NOTICE_KIND_WORSE, "service/escalated");

	tell(make_notice(NOTICE_KIND_FIRING, "service/escalated"));
	((struct notice_item *)notice->items->pdata[0])->priority = PRIORITY_P0;
	tell(notice);
	tell(make_notice(NOTICE_KIND_CLOSING, "service/escalated")); /* P1 again */
	expect_count("service/escalated", 0);
}
END_TEST

START_TEST(test_any_text_is_taken)
{
	struct notice *notice = make_notice(NOTICE_KIND_FIRING, "service/odd");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *text = g_strnfill(100000, '"');

	memcpy(text, "{{ .Labels }}\n\xff\xfe\x01\\", strlen("{{ .Labels }}\n\xff\xfe\x01\\"));
	g_free(item->summary);
	item->summary = g_strdup(text);
	item->reason = g_strdup(text);
	item->deploy_command = g_strdup(text);
	item->opened_wall_ms = clk_wall_ms() + MS_PER_HOUR; /* a clock that was set back */
	tell(notice);
	expect_count("service/odd", 1);
	tell(make_notice(NOTICE_KIND_CLOSING, "service/never-heard-of"));
	expect_count("service/never-heard-of", 0);
}
END_TEST

START_TEST(test_thousands_at_once)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, clk_wall_ms());

	for (int i = 0; i < 2000; i++) {
		g_autofree char *target = g_strdup_printf("table/many%d", i);

		notice_add(notice, make_item(NOTICE_KIND_FIRING, target));
	}
	tell(notice);
	expect_count("table/many0", 1);
	expect_count("table/many1999", 1);
}
END_TEST

START_TEST(test_test_alert)
{
	tell(notice_create(NOTICE_KIND_TEST, clk_wall_ms()));
	ck_assert_int_ge(received("firing"), 1);
}
END_TEST

START_TEST(test_refusal_is_understood)
{
	/* an alert without labels: what Alertmanager answers is a refusal, and says why */
	struct notice *notice = make_notice(NOTICE_KIND_FIRING, "service/bad");
	struct config_channel channel = {.id = (char[]){"alertmanager/main"},
					 .kind = CHANNEL_KIND_ALERTMANAGER,
					 .url = server.url};
	const struct sink_context context = {.channel = &channel, .now_wall_ms = clk_wall_ms()};
	struct sink_progress progress = {0};
	g_autofree char *url = g_strconcat(server.url, "/api/v2/alerts", NULL);
	g_autoptr(struct_answer) answer = http_call("POST", url, NULL, "[{\"labels\":{}}]");
	g_autofree char *error = NULL;

	ck_assert_int_eq(sink_judge(&context, notice, &progress, answer->status, answer->body,
				    strlen(answer->body), NULL, &error),
			 SINK_OUTCOME_REFUSED);
	ck_assert_msg(strstr(error, "answered 400 ("), "%s", error);
	notice_free(notice);
}
END_TEST

Suite *alertmanager_suite(void)
{
	Suite *suite = suite_create("alertmanager");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, start, stop);
	tcase_add_test(tcase, test_firing_is_active);
	tcase_add_test(tcase, test_told_again_stays_one);
	tcase_add_test(tcase, test_worse_stays_one);
	tcase_add_test(tcase, test_closing_resolves);
	tcase_add_test(tcase, test_fires_again_after_its_end);
	tcase_add_test(tcase, test_worse_then_closing_leaves_nothing);
	tcase_add_test(tcase, test_any_text_is_taken);
	tcase_add_test(tcase, test_thousands_at_once);
	tcase_add_test(tcase, test_test_alert);
	tcase_add_test(tcase, test_refusal_is_understood);
	suite_add_tcase(suite, tcase);
	return suite;
}
