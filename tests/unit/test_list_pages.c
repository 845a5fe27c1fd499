#include <check.h>
#include <string.h>

#include "api/dashboard/trend.h"
#include "pages_world.h"

Suite *list_pages_suite(void);

static struct alerts_world world;

static void setup(void)
{
	alerts_world_start(&world, NULL);
	alerts_world_add_check(&world, FIXTURE_NOW_WALL_MS - 365 * MS_PER_DAY);
}

static void teardown(void)
{
	alerts_world_stop(&world);
}

/* --- all of them --- */

static const char *const all_pages[] = {
	"/incidents",
	"/incidents?status=open&status=acknowledged",
	"/incidents?target=service/web&limit=1",
	"/incidents/1",
	"/incidents/2",
	"/incidents/3",
	"/incidents/4",
	"/incidents/5",
	"/notifications",
	"/notifications?channel=slack/%3Cgone%3E%22%27",
	"/silences",
	"/silences?all=1",
	"/config",
	"/config?q=%3C/script%3E%22",
};

/* Hostile texts of the database and of the address stay texts; nothing is inline. */
START_TEST(test_safe)
{
	g_autofree char *page = NULL;

	pages_add_message(&world, pages_content(2, alerts_world_hostile), FIXTURE_NOW_WALL_MS);
	page = pages_get(&world, all_pages[_i]);
	pages_check_lacks(page, "<script>alert");
	pages_check_lacks(page, "</script>\"");
	pages_check_lacks(page, "<gone>");
	pages_check_lacks(page, "\x1b");
	pages_check_lacks(page, " style=");
	pages_check_lacks(page, " onclick=");
	pages_check_lacks(page, "<style");
	pages_check_balanced(page);
	pages_check_ids(page);
	ck_assert_ptr_eq(strstr(page, "<h1"), g_strrstr(page, "<h1"));
	pages_check_has(page, "<h1");
}
END_TEST

/* What the JSON refuses the page refuses. */
static const struct {
	const char *target;
	int status;
} refused_cases[] = {
	{"/incidents?target=service/wep", 400},
	{"/incidents?cursor=x", 400},
	{"/incidents?status=over", 400},
	{"/incidents/6", 404},
	{"/incidents/x", 404},
	{"/notifications?cursor=x", 400},
	{"/notifications?state=gone", 400},
	{"/silences?cursor=x", 400},
	{"/silences?all=2", 400},
	{"/config?section=x", 400},
};

START_TEST(test_refused)
{
	g_autofree char *html =
		g_strconcat(refused_cases[_i].target,
			    strchr(refused_cases[_i].target, '?') ? "&" : "?", "format=html", NULL);
	struct response json = alerts_world_get(&world, refused_cases[_i].target);
	struct response page = alerts_world_get(&world, html);

	ck_assert_int_eq(json.status, refused_cases[_i].status);
	ck_assert_int_eq(page.status, refused_cases[_i].status);
	response_done(&json);
	response_done(&page);
}
END_TEST

/* Without a token nothing is shown but that one is needed. */
static const char *const protected_pages[] = {"/incidents", "/incidents/2", "/notifications",
					      "/silences", "/config"};

START_TEST(test_protected)
{
	struct alerts_world closed;
	g_autofree char *target = g_strconcat(protected_pages[_i], "?format=html", NULL);
	struct response response = {0};
	const char *body = NULL;

	alerts_world_start(&closed, "token = hunter2hunter2\nprotect = all\n");
	response = alerts_world_get(&closed, target);
	body = fixture_body(&response);
	ck_assert_int_eq(response.status, 401);
	pages_check_lacks(body, "service/web");
	pages_check_lacks(body, "load test");
	pages_check_lacks(body, "deploying after lunch");
	pages_check_lacks(body, "check-interval</bdi>");
	pages_check_lacks(body, "hunter2");
	response_done(&response);
	alerts_world_stop(&closed);
}
END_TEST

/* Before the first check there is no snapshot, and the lists are there all the same. */
START_TEST(test_before_first_check)
{
	g_autofree char *path = g_build_filename(world.directory, "driftd.db", NULL);
	struct app *app = world.app;
	g_autofree char *page = NULL;

	world.app = app_create(path, NULL, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(all_pages); i++) {
		g_free(page);
		page = pages_get(&world, all_pages[i]);
		pages_check_balanced(page);
	}
	app_free(world.app);
	world.app = app;
}
END_TEST

/* --- incidents --- */

START_TEST(test_incidents)
{
	g_autofree char *page = pages_get(&world, "/incidents");
	const char *five = strstr(page, "<a href=\"/incidents/5\">5</a>");
	const char *two = strstr(page, "<a href=\"/incidents/2\">2</a>");
	const char *one = strstr(page, "<a href=\"/incidents/1\">1</a>");

	ck_assert_ptr_nonnull(one);
	ck_assert(five && two && five < two && two < one); /* newest first */
	pages_check_has(page, "<bdi>ann</bdi>");
	pages_check_has(page, "deploying after lunch");
	pages_check_has(page, "nobody is told: <bdi>silence 3</bdi>");
	pages_check_has(page, ">false alarm</span>");
	pages_check_has(page, ">blind</span>");
	pages_check_has(page, "word-open\">open");
	pages_check_has(page, "word-withdrawn\">withdrawn");
	pages_check_has(page, "&lt;script&gt;alert(1)&lt;/script&gt;");
	pages_check_lacks(page, "class=\"pager\"");
}
END_TEST

/* Forms stand where something can be done: 5 and 2 are not over, 1, 3 and 4 are. */
START_TEST(test_incident_forms)
{
	g_autofree char *page = pages_get(&world, "/incidents");

	pages_check_has(page, "<form class=\"form js-only\" data-json=\"POST /incidents/5/ack\">");
	pages_check_has(page, "data-json=\"POST /incidents/2/ack\"");
	pages_check_has(page, "data-json=\"POST /incidents/5/false-alarm\"");
	pages_check_has(page, "name=\"matcher\" value=\"service/worker\"");
	pages_check_has(page, "name=\"for\" data-duration");
	pages_check_has(page, "role=\"alert\"");
	pages_check_lacks(page, "POST /incidents/1/");
	pages_check_lacks(page, "POST /incidents/3/");
	pages_check_lacks(page, "POST /incidents/4/");
}
END_TEST

static const struct {
	const char *target, *has, *lacks;
} filter_cases[] = {
	{"/incidents", "href=\"/incidents\" aria-current=\"true\"><bdi>all<", ">of "},
	{"/incidents", "href=\"/incidents?status=open\"><bdi>open<", "status=open\" aria-current"},
	{"/incidents?status=open", "href=\"/incidents?status=open\" aria-current=\"true\"",
	 "<a href=\"/incidents/1\">"},
	{"/incidents?status=open", "href=\"/incidents\"><bdi>all<", "/incidents/2\""},
	{"/incidents?status=open", "<bdi>acknowledged<", "status=acknowledged\" aria-current"},
	{"/incidents?target=service/web&status=resolved",
	 "href=\"/incidents?target=service/web&amp;status=open\"", "/incidents/5\""},
	{"/incidents?target=service/web&status=resolved",
	 "href=\"/incidents?status=resolved\" title=\"of all targets\"", "/incidents/2\""},
	{"/incidents?status=withdrawn&target=service/web", "No incidents.",
	 "<tbody>\n<tr><th scope=\"row\"><a"},
	{"/notifications?state=failed", "id=\"message-2\"", "id=\"message-1\""},
	{"/notifications?state=failed",
	 "href=\"/notifications?state=failed&amp;channel=slack/default\"", "id=\"message-3\""},
	{"/notifications?state=sent&channel=webhook/ops",
	 "href=\"/notifications?channel=webhook/ops&amp;state=sent\" aria-current=\"true\"",
	 "id=\"message-"},
	{"/notifications?channel=slack/a%26b%3D%23c", "channel=slack/a%26b%3D%23c\" aria-current",
	 "id=\"message-"},
	{"/silences", "href=\"/silences\" aria-current=\"true\">in force", ">ended<"},
	{"/silences?all=1", ">ended<", "/silences\" aria-current=\"true\">in"},
};

START_TEST(test_filters)
{
	g_autofree char *page = NULL;
	struct snapshot_input *input = fixture_world();

	g_ptr_array_add(input->channels, fixture_channel("default", true));
	app_publish(world.app, snapshot_create(input));
	page = pages_get(&world, filter_cases[_i].target);
	pages_check_has(page, filter_cases[_i].has);
	pages_check_lacks(strstr(page, "<h1"), filter_cases[_i].lacks);
}
END_TEST

/* The address of the link with this rel. NULL: there is none. Caller frees. */
static char *link_of(const char *page, const char *rel)
{
	g_autofree char *mark = g_strdup_printf("rel=\"%s\" href=\"", rel);
	const char *at = strstr(page, mark);
	g_auto(GStrv) parts = NULL;

	if (!at)
		return NULL;
	at += strlen(mark);
	parts = g_strsplit_set(at, "\"", 2);
	{
		g_auto(GStrv) pieces = g_strsplit(parts[0], "&amp;", -1);

		return g_strjoinv("&", pieces);
	}
}

static const struct {
	const char *target, *mark;
	int count;
} paged_cases[] = {
	{"/incidents?limit=1", "<th scope=\"row\"><a href=\"/incidents/", 5},
	{"/incidents?limit=2&target=service/web", "<th scope=\"row\"><a href=\"/incidents/", 3},
	{"/incidents?limit=1&status=resolved&status=open",
	 "<th scope=\"row\"><a href=\"/incidents/", 3},
	{"/notifications?limit=1&channel=slack/default", "id=\"message-", 2},
	{"/silences?limit=1&all=1", "data-key=\"silence-", 3},
};

/* From page to page by the links nothing is left out, nothing comes twice, filters stay; and back. */
START_TEST(test_pager)
{
	g_autofree char *target = g_strdup(paged_cases[_i].target);
	g_autofree char *page = NULL;
	g_autofree char *back = NULL;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (int pages = 0; target && pages < 10; pages++) {
		const char *mark = paged_cases[_i].mark;

		g_free(page);
		page = pages_get(&world, target);
		g_clear_pointer(&target, g_free);
		for (const char *at = strstr(page, mark); at; at = strstr(at + 1, mark)) {
			const char *id = at + strlen(mark);

			ck_assert(g_hash_table_add(seen, g_strndup(id, strcspn(id, "\""))));
		}
		target = link_of(page, "next");
	}
	ck_assert_ptr_null(target);
	ck_assert_uint_eq(g_hash_table_size(seen), (guint)paged_cases[_i].count);
	/* another filter begins with its first page */
	pages_check_lacks(strstr(page, "<h1"), "cursor=");
	back = link_of(page, "first");
	ck_assert_str_eq(back, paged_cases[_i].target);
}
END_TEST

/* --- response times --- */

START_TEST(test_response_times)
{
	g_autofree char *page = pages_get(&world, "/incidents");

	pages_check_has(page, "<th scope=\"row\">Until resolved, median</th><td class=\"num\" "
			      "data-label=\"Now\">50 min</td>");
	pages_check_has(
		page, "<th scope=\"row\">Incidents</th><td class=\"num\" data-label=\"Now\">5</td>"
		      "<td class=\"num\" data-label=\"Before\">0</td>");
	pages_check_has(
		page, "role=\"img\" aria-label=\"Until resolved, median: 2026-10-21 to 2026-10-24: "
		      "none; ");
	pages_check_has(page, "2026-11-17 to 2026-11-20: 50 min\">");
	pages_check_has(page,
			"<rect class=\"trend-bar\" x=\"100\" y=\"0\" width=\"8\" height=\"28\"/>");
	pages_check_lacks(page, "is known: driftd did not look yet");
}
END_TEST

static void add_old(const char *target, int64_t ago_ms, int64_t lasted_ms)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_incident_create();

	incident->id = 20;
	incident->target = g_strdup(target);
	incident->priority = g_strdup("P1");
	incident->cause = g_strdup("drift");
	incident->status = g_strdup("resolved");
	incident->summary = g_strdup("old");
	incident->codes = g_strdup("[]");
	incident->told = g_strdup("[]");
	incident->opened_wall_ms = FIXTURE_NOW_WALL_MS - ago_ms;
	incident->detected_wall_ms = incident->opened_wall_ms;
	incident->ended_wall_ms = incident->opened_wall_ms + lasted_ms;
	incident->version = 1;
	g_ptr_array_add(alerts->incidents, incident);
	pages_commit(&world, alerts);
}

/* Half as long as before is better, more of them is worse. */
START_TEST(test_response_times_change)
{
	g_autofree char *page = NULL;

	add_old("service/web", 40 * MS_PER_DAY, 100 * MS_PER_MINUTE);
	page = pages_get(&world, "/incidents");
	pages_check_has(page, "<span class=\"better\">\xe2\x88\x92"
			      "50 %</span>");
	pages_check_has(page, "<span class=\"worse\">+400 %</span>");
}
END_TEST

/* What is short of data is not compared. */
START_TEST(test_response_times_incomplete)
{
	g_autofree char *page = NULL;

	config_unref(world.config);
	world.config = fixture_config("retention = 40d\n", NULL);
	add_old("service/web", 40 * MS_PER_DAY, 100 * MS_PER_MINUTE);
	page = pages_get(&world, "/incidents");
	pages_check_has(page, "Not all of the time before is known");
	pages_check_lacks(page, "50 %</span>");
}
END_TEST

/* Bars stand on the ground; what is there is seen; none is none, and not nothing. */
START_TEST(test_trend)
{
	char *labels[] = {g_strdup("much <b>"), g_strdup("half"), g_strdup("little"),
			  g_strdup("nothing"), g_strdup("none")};
	const struct trend_value values[] = {{2800, labels[0]},
					     {1400, labels[1]},
					     {1, labels[2]},
					     {0, labels[3]},
					     {-1, labels[4]}};
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(struct trend_value));
	g_autoptr(GString) to = g_string_new(NULL);
	size_t bars = 0, unknown = 0;

	g_array_append_vals(array, values, G_N_ELEMENTS(values));
	trend_add(to, "Things & more", array);
	for (const char *at = strstr(to->str, "\"trend-bar\""); at;
	     at = strstr(at + 1, "\"trend-bar\""))
		bars++;
	for (const char *at = strstr(to->str, " trend-none"); at;
	     at = strstr(at + 1, " trend-none"))
		unknown++;
	ck_assert_uint_eq(bars, 3);
	ck_assert_uint_eq(unknown, 1);
	pages_check_has(to->str, "x=\"1\" y=\"0\" width=\"8\" height=\"28\"");
	pages_check_has(to->str, "x=\"12\" y=\"14\" width=\"8\" height=\"14\"");
	pages_check_has(to->str, "x=\"23\" y=\"26\" width=\"8\" height=\"2\"");
	pages_check_has(to->str,
			"aria-label=\"Things &amp; more: much &lt;b&gt;; half; little; nothing; "
			"none\"");
	pages_check_balanced(to->str);
	for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
		g_free(labels[i]);
}
END_TEST

/* --- one incident --- */

static const struct {
	const char *target, *has;
} incident_cases[] = {
	{"/incidents/2", "<dt>Wrong since</dt><dd><time datetime=\"2026-11-20T03:00:03Z\""},
	{"/incidents/2", "<dt>Detected</dt><dd><time datetime=\"2026-11-20T03:10:03Z\""},
	{"/incidents/2", "<dt>First acknowledged</dt><dd><time datetime=\"2026-11-20T03:11:03Z\""},
	{"/incidents/2", "<dt>Taken up by</dt><dd><bdi>ann</bdi>"},
	{"/incidents/2", "<dt>What they do</dt><dd><bdi>deploying after lunch</bdi>"},
	{"/incidents/2", "<dt>Acknowledged until</dt><dd><time datetime=\"2026-11-20T12:00:03Z\""},
	{"/incidents/2", "<dt>Nobody is told now because of</dt><dd><bdi>silence 3</bdi>"},
	{"/incidents/2", "<span class=\"mono\"><bdi>behind</bdi></span>"},
	{"/incidents/2", "POST /incidents/2/ack"},
	{"/incidents/2", "Mark as false alarm"},
	{"/incidents/2", "id=\"message-3\""},
	{"/incidents/2", "href=\"/drift/service/web\""},
	{"/incidents/1", "<dt>Ended</dt><dd><time datetime=\"2026-11-20T03:00:03Z\""},
	{"/incidents/1", "<bdi>slack/default</bdi></th><td data-label=\"Last told\"><div><time "
			 "datetime=\"2026-11-20T11:00:03Z\""},
	{"/incidents/1", "None, or no longer kept."},
	{"/incidents/3", "<dt>Cause</dt><dd><bdi>blind</bdi>"},
	{"/incidents/4", "name=\"false_alarm\" data-type=\"flag\""},
	{"/incidents/4", "Not a false alarm"},
	{"/incidents/5", "Nobody.</p>"},
	/* as the target says it now */
	{"/incidents/5", "<bdi>4 commits under its paths are not deployed</bdi>"},
};

START_TEST(test_incident)
{
	g_autofree char *page = pages_get(&world, incident_cases[_i].target);

	pages_check_has(page, incident_cases[_i].has);
}
END_TEST

/* What is over is not acknowledged, nor silenced, nor are today's reasons its own. */
START_TEST(test_incident_over)
{
	g_autofree char *page = pages_get(&world, "/incidents/1");
	g_autofree char *again = NULL;

	pages_check_lacks(page, "/ack\"");
	pages_check_lacks(page, "POST /silences");
	pages_check_has(page, "POST /incidents/1/false-alarm");
	pages_check_lacks(page, "name=\"false_alarm\"");
	pages_check_lacks(page, "class=\"reasons\"");
	/* its target drifts now, as another incident knows */
	add_old("service/worker", 2 * MS_PER_DAY, MS_PER_HOUR);
	again = pages_get(&world, "/incidents/20");
	pages_check_lacks(again, "class=\"reasons\"");
}
END_TEST

/* Lists that are none (an older driftd, a slip) show nothing, and hide nothing else. */
START_TEST(test_incident_broken_lists)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_incident_create();
	g_autofree char *page = NULL;

	incident->id = 9;
	incident->target = g_strdup("service/web");
	incident->priority = g_strdup("P9");
	incident->cause = g_strdup("drift");
	incident->status = g_strdup("open");
	incident->summary = g_strdup("");
	incident->codes = g_strdup("{\"a\":");
	incident->told = g_strdup("[1,{\"channel\":5}]");
	incident->opened_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_HOUR; /* a clock was set back */
	incident->detected_wall_ms = FIXTURE_NOW_WALL_MS;
	incident->version = 1;
	g_ptr_array_add(alerts->incidents, incident);
	pages_commit(&world, alerts);
	page = pages_get(&world, "/incidents/9");
	pages_check_balanced(page);
	pages_check_has(page, "Nobody.</p>");
	pages_check_has(page, "<dt>Lasts</dt><dd><bdi>0 s</bdi>");
	pages_check_has(page, "nothing more");
}
END_TEST

Suite *list_pages_suite(void)
{
	Suite *suite = suite_create("list_pages");
	TCase *tcase = tcase_create("list_pages");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_safe, 0, G_N_ELEMENTS(all_pages));
	tcase_add_loop_test(tcase, test_refused, 0, G_N_ELEMENTS(refused_cases));
	tcase_add_loop_test(tcase, test_protected, 0, G_N_ELEMENTS(protected_pages));
	tcase_add_test(tcase, test_before_first_check);
	tcase_add_test(tcase, test_incidents);
	tcase_add_test(tcase, test_incident_forms);
	tcase_add_loop_test(tcase, test_filters, 0, G_N_ELEMENTS(filter_cases));
	tcase_add_loop_test(tcase, test_pager, 0, G_N_ELEMENTS(paged_cases));
	tcase_add_test(tcase, test_response_times);
	tcase_add_test(tcase, test_trend);
	tcase_add_test(tcase, test_response_times_change);
	tcase_add_test(tcase, test_response_times_incomplete);
	tcase_add_loop_test(tcase, test_incident, 0, G_N_ELEMENTS(incident_cases));
	tcase_add_test(tcase, test_incident_over);
	tcase_add_test(tcase, test_incident_broken_lists);
	suite_add_tcase(suite, tcase);
	return suite;
}
