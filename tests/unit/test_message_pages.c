#include <check.h>
#include <string.h>

#include "api/lists.h"
#include "pages_world.h"

Suite *message_pages_suite(void);

static struct alerts_world world;

static void setup(void)
{
	alerts_world_start(&world, NULL);
}

static void teardown(void)
{
	alerts_world_stop(&world);
}

/* --- messages --- */

START_TEST(test_messages)
{
	g_autofree char *page = pages_get(&world, "/notifications");

	pages_check_has(page, "word-sent\">sent");
	pages_check_has(page, "word-failed\">failed");
	pages_check_has(page, "word-waiting\">waiting");
	pages_check_has(page, "<span class=\"mono\">200</span> sent</li>");
	pages_check_has(page, "<bdi>no answer</bdi></li>");
	pages_check_has(page, "<a href=\"/incidents/5\">5</a>, <a href=\"/incidents/2\">2</a>");
	/* one waits; what is over is not tried again */
	pages_check_has(page, "next <time datetime=\"2026-11-20T11:01:03Z\"");
	ck_assert_ptr_eq(strstr(page, "next <time"), g_strrstr(page, "next <time"));
	/* what is there is no message of ours */
	pages_check_lacks(page, "content is not shown");
	pages_check_has(page, "not kept");
}
END_TEST

static json_object *first_says(const struct response *response, json_object **ret_page)
{
	*ret_page = fixture_json(response);
	return json_member_object(
		json_object_array_get_idx(json_member_array(*ret_page, "items"), 0), "says");
}

/* The page says what the JSON says. */
START_TEST(L11_messages_say_the_same_in_every_form)
{
	g_autofree char *page = NULL;
	struct response response = {0};
	json_object *json = NULL, *says = NULL, *item = NULL;

	pages_add_message(&world, pages_content(2, alerts_world_hostile), FIXTURE_NOW_WALL_MS);
	page = pages_get(&world, "/notifications?limit=1");
	response = alerts_world_get(&world, "/notifications?limit=1");
	says = first_says(&response, &json);
	item = json_object_array_get_idx(json_member_array(says, "items"), 1);
	ck_assert_int_eq(json_member_int(says, "items_total", 0), 2);
	ck_assert_str_eq(json_member_text(says, "text", ""),
			 "1 firing, 1 closing: service/made-0, service/made-1");
	ck_assert_str_eq(json_member_text(item, "kind", ""), "closing");
	ck_assert_int_eq(json_member_int(item, "incident", 0), 4);
	ck_assert_str_eq(json_member_text(item, "target", ""), "service/made-1");
	ck_assert_str_eq(json_member_text(item, "summary", ""), alerts_world_hostile);
	pages_check_has(
		page, "<li><a class=\"target\" href=\"/drift/service/made-0\">service/made-0</a>: "
		      "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;");
	pages_check_has(page, "&amp;\\x1b[31m</bdi> <span");
	pages_check_has(page, "<li>closing: <a class=\"target\" href=\"/drift/service/made-1\">");
	pages_check_has(page, "a reason of its own");
	json_object_put(json);
	response_done(&response);
}
END_TEST

/* On an incident's page a message says what it says of that. */
START_TEST(test_message_about_one)
{
	g_autofree char *page = NULL;

	pages_add_message(&world, pages_content(2, "s"), FIXTURE_NOW_WALL_MS);
	page = pages_get(&world, "/incidents/4");
	pages_check_has(page, "service/made-1");
	pages_check_lacks(page, "service/made-0");
	pages_check_has(page, "and 1 more");
}
END_TEST

/* More than there is room for is counted. */
START_TEST(test_message_many)
{
	g_autofree char *page = NULL;
	struct response response = {0};
	json_object *json = NULL, *says = NULL;

	pages_add_message(&world, pages_content(21, "s"), FIXTURE_NOW_WALL_MS);
	page = pages_get(&world, "/notifications?limit=1");
	pages_check_has(page, "service/made-19<");
	pages_check_lacks(page, "service/made-20<");
	pages_check_has(page, "and 1 more");
	response = alerts_world_get(&world, "/notifications?limit=1");
	says = first_says(&response, &json);
	ck_assert_uint_eq(json_object_array_length(json_member_array(says, "items")), 20);
	ck_assert_int_eq(json_member_int(says, "items_total", 0), 21);
	json_object_put(json);
	response_done(&response);
}
END_TEST

/* A message longer than can be shown is there, without what it says. */
static const struct {
	int bytes; /* more than may be */
	bool is_shown;
} long_cases[] = {{-1, true}, {0, true}, {1, false}};

START_TEST(test_message_long)
{
	char *content = pages_content(1, "short");
	size_t wanted = LISTS_CONTENT_MAX_BYTES + (size_t)(long_cases[_i].bytes + 1) - 1;
	size_t length = strlen(content);
	char *padded = g_malloc(wanted + 1);
	g_autofree char *page = NULL;

	/* white space behind it means nothing */
	memcpy(padded, content, length);
	for (size_t i = length; i < wanted; i++)
		padded[i] = ' ';
	padded[wanted] = '\0';
	g_free(content);
	pages_add_message(&world, padded, FIXTURE_NOW_WALL_MS);
	page = pages_get(&world, "/notifications?limit=1");
	ck_assert_int_eq(strstr(page, "service/made-0") != NULL, long_cases[_i].is_shown);
	pages_check_has(page, "id=\"message-10\"");
}
END_TEST

/* Messages about an incident are looked for around its time, however many there are. */
static const struct {
	int64_t ago_ms; /* incident 4 lasted from 6 h ago to 1 h ago */
	bool is_shown;
} around_cases[] = {
	{-23 * MS_PER_HOUR, true}, {-23 * MS_PER_HOUR - 1, false}, {MS_PER_HOUR, true},
	{30 * MS_PER_HOUR, true},  {30 * MS_PER_HOUR + 1, false},
};

START_TEST(test_messages_around)
{
	g_autofree char *page = NULL;

	pages_add_message(&world, pages_content(2, "s"),
			  FIXTURE_NOW_WALL_MS - around_cases[_i].ago_ms);
	page = pages_get(&world, "/incidents/4");
	ck_assert_int_eq(strstr(page, "id=\"message-10\"") != NULL, around_cases[_i].is_shown);
}
END_TEST

/* A list of incidents that is none belongs to none, and stops nothing. */
START_TEST(test_messages_broken_incidents)
{
	static const char *const texts[] = {"", "x", "5", "{\"5\":5}", "[\"5\"]", "[null]", "[5"};
	struct store_alerts *alerts = store_alerts_create();
	g_autofree char *page = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct store_notification *row = store_notification_create();

		row->id = 20 + (int64_t)i;
		row->channel = g_strdup("slack/default");
		row->kind = g_strdup("test");
		row->incidents = g_strdup(texts[i]);
		row->created_wall_ms = FIXTURE_NOW_WALL_MS;
		row->state = g_strdup("sent");
		g_ptr_array_add(alerts->notifications, row);
	}
	pages_commit(&world, alerts);
	page = pages_get(&world, "/incidents/5");
	pages_check_has(page, "id=\"message-3\"");
	g_free(page);
	page = pages_get(&world, "/notifications");
	pages_check_has(page, "id=\"message-26\"");
	pages_check_balanced(page);
}
END_TEST

/* --- silences --- */

static struct snapshot_window *make_window(const char *name, bool is_active)
{
	struct snapshot_window *window = g_new0(struct snapshot_window, 1);

	window->name = g_strdup(name);
	window->matchers = g_strsplit("kind=table,owner=<ml>", ",", -1);
	window->state.active = is_active;
	window->state.since_wall_ms = is_active ? FIXTURE_NOW_WALL_MS - MS_PER_HOUR : 0;
	window->state.until_wall_ms = is_active ? FIXTURE_NOW_WALL_MS + MS_PER_HOUR : 0;
	window->state.next_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_DAY;
	return window;
}

START_TEST(test_silences)
{
	g_autofree char *active = NULL;
	g_autofree char *all = pages_get(&world, "/silences?all=1");

	pages_check_has(all, "data-json=\"DELETE /silences/3\"");
	pages_check_lacks(all, "DELETE /silences/1\"");
	pages_check_lacks(all, "DELETE /silences/2\"");
	pages_check_has(all, "data-key=\"silence-1\"");
	active = pages_get(&world, "/silences");
	pages_check_lacks(active, "data-key=\"silence-1\"");
	pages_check_lacks(active, "data-key=\"silence-2\"");
	pages_check_has(active, "<bdi>load test</bdi>");
	pages_check_has(active, "<form class=\"form\" data-json=\"POST /silences\">");
	pages_check_has(active, "name=\"matcher\" required maxlength=\"256\"");
	pages_check_has(active, "name=\"why\" required");
	pages_check_has(active, "None in the configuration.");
}
END_TEST

START_TEST(test_windows)
{
	struct snapshot_input *input = fixture_world();
	g_autofree char *page = NULL;

	g_ptr_array_add(input->windows, make_window("nightly", false));
	g_ptr_array_add(input->windows, make_window("now", true));
	app_publish(world.app, snapshot_create(input));
	page = pages_get(&world, "/silences");
	pages_check_has(page, "<bdi>nightly</bdi>");
	pages_check_has(page, "word-upcoming\">upcoming");
	pages_check_has(page, "word-active\">active");
	pages_check_has(page, "<bdi>kind=table, owner=&lt;ml&gt;</bdi>");
	pages_check_has(page, "data-label=\"Until\"><div><time datetime=\"2026-11-20T12:00:03Z\"");
	pages_check_has(page, "data-label=\"Next\"><div><time datetime=\"2026-11-21T11:00:03Z\"");
}
END_TEST

Suite *message_pages_suite(void)
{
	Suite *suite = suite_create("message_pages");
	TCase *tcase = tcase_create("message_pages");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_messages);
	tcase_add_test(tcase, L11_messages_say_the_same_in_every_form);
	tcase_add_test(tcase, test_message_about_one);
	tcase_add_test(tcase, test_message_many);
	tcase_add_loop_test(tcase, test_message_long, 0, G_N_ELEMENTS(long_cases));
	tcase_add_loop_test(tcase, test_messages_around, 0, G_N_ELEMENTS(around_cases));
	tcase_add_test(tcase, test_messages_broken_incidents);
	tcase_add_test(tcase, test_silences);
	tcase_add_test(tcase, test_windows);
	suite_add_tcase(suite, tcase);
	return suite;
}
