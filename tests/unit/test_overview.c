/* Tests of the page GET /: rows, filters, groups, pages, and hostile text in all of it. */
#include "api/dashboard/overview.h"

#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "clk.h"
#include "page_check.h"
#include "store_fixture.h"

Suite *overview_suite(void);

#define HOSTILE                                                                                    \
	"</td><script>alert(1)</script>\"'&\x1b[31m\xe2\x80\xae"                                   \
	"x"

/* An answer to @p target from @p app. */
static struct response answer(struct app *app, const char *target)
{
	struct config *config = fixture_config(NULL, NULL);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	g_autofree char *path =
		g_strconcat(target, strchr(target, '?') ? "&" : "?", "format=html", NULL);
	struct fixture_request wanted = {.app = app, .rules = rules, .target = path};
	struct response response = fixture_answer(&wanted);

	auth_rules_unref(rules);
	config_unref(config);
	return response;
}

/* The page @p target for @p input (taken), of that status. Caller frees. */
static char *page_of(struct snapshot_input *input, const char *target, int status)
{
	struct app *app = fixture_app(input);
	struct response response = answer(app, target);
	char *html = g_strdup(fixture_body(&response));

	ck_assert_msg(response.status == status, "%s: %d: %s", target, response.status, html);
	ck_assert_ptr_eq(response.content_type, response_html);
	response_done(&response);
	app_free(app);
	page_check(html);
	return html;
}

/* The row of service/@p name. Caller frees. */
static char *row_of(const char *html, const char *name)
{
	g_autofree char *link = g_strdup_printf("href=\"/drift/service/%s\"", name);
	g_auto(GStrv) rows = g_strsplit(html, "<tr class=\"row", -1);

	for (size_t i = 1; rows[i]; i++)
		if (strstr(rows[i], link))
			return page_part(rows[i], " ", "</tr>");
	ck_abort_msg("%s has no row in: %s", name, html);
}

static void check_has(const char *html, const char *what)
{
	ck_assert_msg(strstr(html, what), "\"%s\" is not in: %s", what, html);
}

static void check_lacks(const char *html, const char *what)
{
	ck_assert_msg(!strstr(html, what), "\"%s\" is in: %s", what, html);
}

/* Names of the targets in the order of the page, apart by spaces. Caller frees. */
static char *order_of(const char *html)
{
	g_auto(GStrv) parts = g_strsplit(html, "class=\"target\" href=\"/drift/", -1);
	GString *names = g_string_new(NULL);

	for (size_t i = 1; parts[i]; i++) {
		g_autofree char *id = g_strndup(parts[i], strcspn(parts[i], "\""));

		g_string_append_printf(names, "%s%s", i > 1 ? " " : "", strchr(id, '/') + 1);
	}
	return g_string_free(names, FALSE);
}

static const struct {
	const char *name, *state, *says;
} rows[] = {
	{"web", "ok", "in sync"},
	{"worker", "drift", "4 commits behind, oldest 2 h"},
	{"billing", "pending", "pending"},
	{"api", "unknown", "no answer from api.example.com: timeout"},
	{"old", "paused", "paused: replaced by web"},
};

START_TEST(test_states)
{
	g_autofree char *html = page_of(fixture_world(), "/", 200);
	g_autofree char *row = row_of(html, rows[_i].name);
	g_autofree char *icon = g_strdup_printf("href=\"#i-%s\"", rows[_i].state);
	g_autofree char *word = g_strdup_printf("</svg>%s</span>", rows[_i].state);
	g_autofree char *class = g_strdup_printf("class=\"state state-%s\"", rows[_i].state);

	check_has(row, icon); /* colour, icon and word */
	check_has(row, word);
	check_has(row, class);
	check_has(row, rows[_i].says);
	check_has(row, ">2 h ago</time>"); /* since */
	ck_assert_int_eq(strstr(row, "next check <time") != NULL,
			 strcmp(rows[_i].state, "paused") != 0);
}
END_TEST

START_TEST(test_order_and_head)
{
	g_autofree char *html = page_of(fixture_world(), "/", 200);
	g_autofree char *order = order_of(html);

	ck_assert_str_eq(order, "worker api billing web old");
	ck_assert_int_eq(page_count(html, "<h1"), 1);
	check_has(html, "evaluated 3 of 4");
	check_has(html, "No incident is open.");
	check_has(html, "fetched <time");
	check_has(html, "Change \\x1b[31m number 0");
}
END_TEST

START_TEST(test_commits)
{
	struct verdict *verdict = fixture_behind("worker", 4);
	struct verdict_deployed *first = verdict_deployed_create();
	struct verdict_deployed *second = verdict_deployed_create();
	g_autofree char *html = NULL;
	g_autofree char *row = NULL;

	first->sha = g_strdup("1111111122222222");
	first->percent = 90;
	second->sha = g_strdup("3333333344444444");
	second->percent = 10;
	g_ptr_array_add(verdict->deployed, first);
	g_ptr_array_add(verdict->deployed, second);
	verdict->behind->commit_url_prefix = g_strdup("https://example.com/commit/");
	html = page_of(fixture_input(verdict, NULL), "/", 200);
	row = row_of(html, "worker");
	check_has(row, "href=\"https://example.com/commit/1111111122222222\"");
	check_has(row, ">11111111</a> <span class=\"muted\">+1</span>");
	check_has(row, "head </span><a"); /* -> head */
	check_has(row, ">00000abc</a>");
	check_has(row, "traffic 90\xc2\xa0% <a");
	check_has(row, "10\xc2\xa0% <a");
}
END_TEST

/* How it is mended stands beside what is wrong; nothing is offered for what could not be told. */
START_TEST(test_mend)
{
	struct snapshot_input *input = fixture_input(fixture_behind("worker", 4), NULL);
	struct verdict *verdict = input->verdicts->pdata[0];
	g_autofree char *html = NULL;
	g_autofree char *row = NULL;

	g_free(verdict->deploy_command);
	verdict->deploy_command = g_strdup("./deploy \"worker\" <now>");
	html = page_of(input, "/", 200);
	row = row_of(html, "worker");
	check_has(row, "<details class=\"mend\" id=\"mend-service-worker\">");
	check_has(row, "<code>./deploy &quot;worker&quot; &lt;now&gt;</code>");
	check_has(row, "data-copy=\"./deploy &quot;worker&quot; &lt;now&gt;\"");
	g_free(html);
	g_free(row);
	html = page_of(fixture_world(), "/", 200);
	row = row_of(html, "api");
	check_lacks(row, "mend");
	g_free(row);
	row = row_of(html, "web");
	check_lacks(row, "mend");
}
END_TEST

START_TEST(test_incident)
{
	struct snapshot_input *input = fixture_world();
	struct incident *incident = fixture_incident(12, "service/worker");
	g_autofree char *html = NULL;
	g_autofree char *row = NULL;

	incident->status = INCIDENT_STATUS_ACKNOWLEDGED;
	incident->acknowledged_by = g_strdup("ann <b>");
	incident->held_by = g_strdup("silence 3");
	g_ptr_array_add(input->incidents, incident);
	g_ptr_array_add(input->incidents, fixture_incident(13, "service/api"));
	html = page_of(input, "/", 200);
	row = row_of(html, "worker");
	check_has(row, "href=\"/incidents/12\"");
	check_has(row, "acknowledged by <bdi>ann &lt;b&gt;</bdi>, told to nobody: <bdi>silence 3");
	g_free(row);
	row = row_of(html, "api");
	check_has(row, "</svg>incident 13</a> not acknowledged");
	g_free(row);
	row = row_of(html, "web");
	check_lacks(row, "incident");
	g_free(row);
	row = page_part(html, "aria-labelledby=\"incidents\">", "</section>");
	/* what nobody has taken comes first */
	ck_assert(strstr(row, "\"/incidents/13\">") < strstr(row, "\"/incidents/12\">"));
}
END_TEST

static const struct {
	const char *target, *order;
} filters[] = {
	{"/?state=drift", "worker"},
	{"/?state=ok&state=paused", "web old"},
	{"/?priority=P1", "api billing"},
	{"/?owner=ml", "worker web"},
	{"/?q=WORK", "worker"},
	{"/?q=", "worker api billing web old"},
	{"/?q=main&priority=P0&state=ok", "web"},
	{"/?repo=main&page=1", "worker api billing web old"},
	{"/?group=owner", "worker web api billing old"},
	{"/?group=state", "worker api billing web old"},
};

START_TEST(test_filters)
{
	g_autofree char *html = page_of(fixture_world(), filters[_i].target, 200);
	g_autofree char *table = page_part(html, "<table class=\"table targets\">", "</table>");
	g_autofree char *order = order_of(table);

	ck_assert_str_eq(order, filters[_i].order);
}
END_TEST

START_TEST(test_chips_can_be_removed)
{
	g_autofree char *html =
		page_of(fixture_world(), "/?state=drift&state=ok&owner=ml&group=kind&q=w", 200);
	g_autofree char *active = page_part(html, "aria-label=\"Filters in use\">", "</div>");

	ck_assert_int_eq(page_count(active, "class=\"chip is-on\""), 4);
	check_has(active, "href=\"/?state=ok&amp;owner=ml&amp;group=kind&amp;q=w\"");
	check_has(active, "href=\"/?state=drift&amp;state=ok&amp;group=kind&amp;q=w\"");
	check_has(active, "href=\"/?state=drift&amp;state=ok&amp;owner=ml&amp;group=kind\"");
	check_has(active, "href=\"/?group=kind\">clear all");
	/* the form keeps what it does not ask itself */
	check_has(html, "<input type=\"hidden\" name=\"owner\" value=\"ml\">");
	check_lacks(html, "<input type=\"hidden\" name=\"q\"");
	check_has(html, "data-live-search value=\"w\">");
}
END_TEST

START_TEST(test_counts_are_filters)
{
	g_autofree char *html = page_of(fixture_world(), "/?owner=ml&state=ok", 200);
	g_autofree char *tiles = page_part(html, "<ul class=\"tiles\">", "</ul>");

	/* given the owner: worker drifts, web is ok; the state itself does not narrow its counts */
	check_has(tiles, "href=\"/?owner=ml\"><span class=\"tile-count\">2</span>");
	check_has(tiles, "href=\"/?owner=ml&amp;state=ok&amp;state=drift\"><span "
			 "class=\"tile-count\">1</span>");
	check_has(tiles, "href=\"/?owner=ml\" aria-current=\"true\"><span "
			 "class=\"tile-count\">1</span>");
	check_has(tiles, "is-zero");
}
END_TEST

static const struct {
	const char *target, *says;
} mistakes[] = {
	{"/?owner=nobody", "no target has the owner nobody"},
	{"/?repo=mian", "there is no [repo] named mian"},
	{"/?owner=%3Cb%3E%22", "no target has the owner &lt;b&gt;&quot;"},
};

START_TEST(test_wrong_names_are_said)
{
	g_autofree char *html = page_of(fixture_world(), mistakes[_i].target, 400);

	check_has(html, mistakes[_i].says);
	check_lacks(html, "<table class=\"table targets\">");
	check_lacks(html, "No target passes");
}
END_TEST

START_TEST(test_nothing_selected_is_said)
{
	g_autofree char *html = page_of(fixture_world(), "/?q=zzz", 200);

	check_has(html, "No target passes these filters");
	check_lacks(html, "<table class=\"table targets\">");
	check_has(html, "evaluated 3 of 4"); /* of all */
}
END_TEST

START_TEST(test_groups)
{
	g_autofree char *html = page_of(fixture_world(), "/?group=owner", 200);
	g_auto(GStrv) groups = g_strsplit(html, "scope=\"rowgroup\">", -1);

	ck_assert_uint_eq(g_strv_length(groups), 3);
	ck_assert(g_str_has_prefix(groups[1], "<bdi>ml</bdi>"));
	check_has(groups[1], "2 targets, 1 drift");
	ck_assert(g_str_has_prefix(groups[2], "<bdi>web</bdi>"));
	check_has(groups[2], "3 targets, 1 unknown, 1 pending");
	check_has(html, "aria-current=\"true\">owner</a>");
}
END_TEST

START_TEST(test_no_owner_is_a_group)
{
	struct verdict *verdict = fixture_verdict("free", STATE_OK, RELATION_NONE, PRIORITY_P1);
	g_autofree char *html = NULL;

	g_clear_pointer(&verdict->owner, g_free);
	html = page_of(fixture_input(verdict, NULL), "/?group=owner", 200);
	check_has(html, "scope=\"rowgroup\">no owner");
}
END_TEST

static struct snapshot_input *many(int count)
{
	struct snapshot_input *input =
		fixture_input(fixture_verdict("t-000", STATE_OK, RELATION_NONE, PRIORITY_P1), NULL);

	for (int i = 1; i < count; i++) {
		g_autofree char *name = g_strdup_printf("t-%03d", i);

		g_ptr_array_add(input->verdicts,
				fixture_verdict(name, STATE_OK, RELATION_NONE, PRIORITY_P1));
	}
	return input;
}

static const struct {
	int targets;
	const char *target;
	int rows;
	const char *says; /* NULL: no pager */
} pages[] = {
	{99, "/", 99, NULL},
	{100, "/", 100, NULL},
	{101, "/", 100, "1 to 100 of 101, page 1 of 2"},
	{101, "/?page=2", 1, "101 to 101 of 101, page 2 of 2"},
	{200, "/?page=2", 100, "101 to 200 of 200, page 2 of 2"},
	{201, "/?page=3&group=kind", 1, "201 to 201 of 201, page 3 of 3"},
	{101, "/?page=7", 1, "101 to 101 of 101, page 2 of 2"}, /* no more: the last */
	{100, "/?page=2", 100, NULL},
};

START_TEST(test_pages)
{
	g_autofree char *html = page_of(many(pages[_i].targets), pages[_i].target, 200);

	ck_assert_int_eq(page_count(html, "<tr class=\"row"), pages[_i].rows);
	ck_assert_int_eq(page_count(html, "class=\"pager\""), pages[_i].says ? 1 : 0);
	if (pages[_i].says)
		check_has(html, pages[_i].says);
}
END_TEST

START_TEST(test_pager_keeps_filters)
{
	g_autofree char *html = page_of(many(301), "/?state=ok&q=t-&group=kind&page=2", 200);
	g_autofree char *first = NULL;

	check_has(html, "rel=\"prev\" href=\"/?state=ok&amp;q=t-&amp;group=kind\"");
	check_has(html, "rel=\"next\" href=\"/?state=ok&amp;q=t-&amp;group=kind&amp;page=3\"");
	check_has(html, "<span class=\"muted\">continued</span>");
	first = order_of(html);
	ck_assert(g_str_has_prefix(first, "t-100 "));
}
END_TEST

/* 60 targets of each of three owners: a page ends within the second. */
START_TEST(test_pages_cut_groups)
{
	static const char *const owners[] = {"a", "b", "c"};
	struct snapshot_input *input = many(180);
	g_autofree char *html = NULL;
	g_autofree char *order = NULL;

	for (guint i = 0; i < 180; i++) {
		struct verdict *verdict = input->verdicts->pdata[i];

		g_free(verdict->owner);
		verdict->owner = g_strdup(owners[i / 60]);
	}
	html = page_of(input, "/?group=owner&page=2", 200);
	order = order_of(html);
	ck_assert(g_str_has_prefix(order, "t-100 "));
	ck_assert(g_str_has_suffix(order, " t-179"));
	ck_assert_int_eq(page_count(html, "<tr class=\"row"), 80);
	ck_assert_int_eq(page_count(html, "scope=\"rowgroup\">"), 2);
	check_has(html, "<bdi>b</bdi> <span class=\"muted\">continued</span>");
	check_has(html, "scope=\"rowgroup\"><bdi>c</bdi> <span class=\"muted\">60 targets");
}
END_TEST

START_TEST(test_hostile)
{
	g_autofree char *flood = g_strnfill(10000, 'A');
	g_autofree char *long_text = g_strconcat(HOSTILE, flood, NULL);
	struct verdict *verdict = fixture_behind("bad", 4);
	struct snapshot_input *input = NULL;
	struct repo_status *repo = NULL;
	struct incident *incident = fixture_incident(9, "service/" HOSTILE);
	struct unwatched *unwatched = g_new0(struct unwatched, 1);
	g_autofree char *html = NULL;

	g_free(verdict->id);
	g_free(verdict->name);
	g_free(verdict->owner);
	verdict->id = g_strdup("service/" HOSTILE);
	verdict->name = g_strdup(HOSTILE);
	verdict->owner = g_strdup(long_text);
	verdict->description = g_strdup(long_text);
	verdict->behind->commit_url_prefix = g_strdup("javascript:" HOSTILE);
	verdict->state = STATE_UNKNOWN;
	g_ptr_array_add(verdict->reasons, NULL);
	verdict->reasons->pdata[1] = verdict->reasons->pdata[0];
	verdict->reasons->pdata[0] =
		reason_create(REASON_FETCH_FAILED, STATE_UNKNOWN, "%s", long_text);
	incident->acknowledged_by = g_strdup(HOSTILE);
	incident->held_by = g_strdup(HOSTILE);
	input = fixture_input(verdict, NULL);
	repo = input->repos->pdata[0];
	g_free(repo->head->subject);
	repo->head->subject = g_strdup(long_text);
	repo->error = g_strdup(long_text);
	repo->note = g_strdup(long_text);
	*unwatched = (struct unwatched){g_strdup(HOSTILE), g_strdup(HOSTILE), g_strdup(HOSTILE),
					g_strdup(long_text)};
	g_ptr_array_add(input->unwatched, unwatched);
	g_ptr_array_add(input->incidents, incident);
	g_ptr_array_add(input->channels, fixture_channel(HOSTILE, true));
	html = page_of(input, "/?group=owner&q=%3C%2Fscript%3E%22%27", 200);
	check_lacks(html, "<script>alert");
	check_lacks(html, "javascript:");
	check_has(html, "&lt;script&gt;alert(1)&lt;/script&gt;");
	ck_assert_uint_lt(strlen(html), 200000);
}
END_TEST

START_TEST(test_many_are_folded)
{
	struct snapshot_input *input = fixture_world();
	g_autofree char *html = NULL;
	g_autofree char *card = NULL;

	for (int i = 0; i < 130; i++) {
		g_autofree char *target = g_strdup_printf("service/gone-%d", i);

		g_ptr_array_add(input->incidents, fixture_incident(i + 1, target));
	}
	html = page_of(input, "/", 200);
	card = page_part(html, "aria-labelledby=\"incidents\">", "</section>");
	check_has(card, "<summary>125 more</summary>");
	ck_assert_int_eq(page_count(card, "<li>"), 100);
	check_has(card, "and 30 more");
}
END_TEST

/* With a database behind it there are days; without, that is said. */
START_TEST(test_days)
{
	struct app *app = NULL;
	struct response response = {0};
	struct store_batch *batch = store_fixture_batch(FIXTURE_NOW_WALL_MS - 3 * MS_PER_DAY);
	struct store_transition *transition = store_fixture_transition(
		batch, "service/worker", FIXTURE_NOW_WALL_MS - 3 * MS_PER_DAY);
	g_autofree char *row = NULL;

	(void)transition; /* as the fixture makes it */
	store_fixture_commit(batch);
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app = app_create(fixture.path, NULL, NULL);
	app_publish(app, snapshot_create(fixture_world()));
	response = answer(app, "/");
	page_check(fixture_body(&response));
	row = row_of(fixture_body(&response), "worker");
	check_has(row, "<svg class=\"strip\" viewBox=\"0 0 90 16\"");
	check_has(row, "class=\"day-drift\"");
	check_has(row, "<title>2026-11-");
	response_done(&response);
	app_free(app);
}
END_TEST

START_TEST(test_without_a_database)
{
	g_autofree char *html = page_of(fixture_world(), "/", 200);

	ck_assert_int_eq(page_count(html, "history cannot be read now"), 5);
}
END_TEST

START_TEST(test_before_the_first_check)
{
	struct app *app = fixture_app(NULL);
	struct response response = answer(app, "/");

	ck_assert_int_eq(response.status, 503);
	response_done(&response);
	app_free(app);
}
END_TEST

Suite *overview_suite(void)
{
	Suite *suite = suite_create("overview");
	TCase *tc = tcase_create("page");
	TCase *store = tcase_create("days");

	tcase_add_loop_test(tc, test_states, 0, (int)G_N_ELEMENTS(rows));
	tcase_add_test(tc, test_order_and_head);
	tcase_add_test(tc, test_commits);
	tcase_add_test(tc, test_mend);
	tcase_add_test(tc, test_incident);
	tcase_add_loop_test(tc, test_filters, 0, (int)G_N_ELEMENTS(filters));
	tcase_add_test(tc, test_chips_can_be_removed);
	tcase_add_test(tc, test_counts_are_filters);
	tcase_add_loop_test(tc, test_wrong_names_are_said, 0, (int)G_N_ELEMENTS(mistakes));
	tcase_add_test(tc, test_nothing_selected_is_said);
	tcase_add_test(tc, test_groups);
	tcase_add_test(tc, test_no_owner_is_a_group);
	tcase_add_loop_test(tc, test_pages, 0, (int)G_N_ELEMENTS(pages));
	tcase_add_test(tc, test_pager_keeps_filters);
	tcase_add_test(tc, test_pages_cut_groups);
	tcase_add_test(tc, test_hostile);
	tcase_add_test(tc, test_many_are_folded);
	tcase_add_test(tc, test_without_a_database);
	tcase_add_test(tc, test_before_the_first_check);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(store, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(store, test_days);
	suite_add_tcase(suite, store);
	return suite;
}
