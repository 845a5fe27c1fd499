/* kinds_completion - completion documents: which one is read, which keys count, when they are due (DESIGN 5 and 7, LESSONS
 * L19 and L22). */
#include "tests/integration/kinds.h"

#include <string.h>

static struct kinds *kinds;

static void setup(void)
{
	kinds = kinds_open();
}

static void teardown(void)
{
	kinds_close(kinds);
}

/** A completion with document COLLECTION/{date}; @p lines follow. */
static void add(const char *name, const char *lines)
{
	kinds_add(kinds, "[completion \"%s\"]\ndocument = %s/{date}\n%s", name, name, lines);
}

/** The document NAME/DATE, of the date that it is in a zone, so many days on. */
static void put_dated(const char *name, const char *zone, int days, const char *json)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) soon = g_date_time_add_seconds(now, 30);
	GDateTime *const instants[] = {now, soon}; /* the test may run past midnight */

	for (size_t i = 0; i < G_N_ELEMENTS(instants); i++) {
		g_autofree char *date = kinds_date(instants[i], zone, days);
		g_autofree char *path = g_strdup_printf("%s/%s", name, date);

		cloud_document(kinds->world, path, "%s", json);
	}
}

static void put_today(const char *name, const char *json)
{
	put_dated(name, "UTC", 0, json);
}

/* --- which document --- */

/* 25 hours apart, so that they never have the same date, and one of both never that of UTC. */
static const struct {
	const char *name, *zone, *offset;
	int days;
} places[] = {
	{"kiritimati", "Pacific/Kiritimati", "", 0},
	{"pago", "Pacific/Pago_Pago", "", 0},
	{"yesterday", "America/New_York", "date-offset = -1d\n", -1},
	{"tomorrow", "Pacific/Kiritimati", "date-offset = 1d\n", 1},
};

START_TEST(L19_date_of_a_document_is_of_its_zone_and_offset)
{
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *lines =
			g_strdup_printf("date-zone = %s\n%sexpect = a\ndone = status=success\n",
					places[i].zone, places[i].offset);

		add(places[i].name, lines);
		put_dated(places[i].name, places[i].zone, places[i].days,
			  "{\"a\":{\"status\":\"success\"}}");
	}
	kinds_begin(kinds);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *id = g_strconcat("completion/", places[i].name, NULL);
		g_autofree char *document = NULL, *date = NULL, *wanted = NULL;

		kinds_expect(kinds, id, "ok", NULL);
		document = kinds_text(kinds, id, "completion.document");
		date = kinds_text(kinds, id, "completion.date");
		wanted = g_strdup_printf("%s/%s", places[i].name, date);
		ck_assert_str_eq(document, wanted);
	}
	/* one call for all of them, whatever their number: in this cycle and in the one before */
	ck_assert_int_eq(cloud_calls(kinds->world, "firestore.documents.get"), 0);
	cloud_clear_log(kinds->world);
	kinds_look(kinds);
	ck_assert_int_eq(cloud_calls(kinds->world, "firestore.documents.batchGet"), 1);
}
END_TEST

/* The date is that of the instant at which it was due, not of now. */
START_TEST(L19_date_is_of_the_instant_that_was_due)
{
	GDateTime *due = NULL;
	g_autofree char *schedule = kinds_due(23 * AN_HOUR + 1800, "Asia/Kolkata", &due);
	g_autofree char *lines = g_strdup_printf(
		"expected = %s\nexpect = a\ndate-zone = Asia/Kolkata\ndate-offset = -2d\n",
		schedule);
	g_autofree char *date = kinds_date(due, "Asia/Kolkata", -2);
	g_autofree char *path = g_strdup_printf("nightly/%s", date);
	g_autofree char *found = NULL, *expected_at = NULL;
	g_autofree char *wanted = NULL;
	g_autoptr(GDateTime) utc = g_date_time_to_utc(due);

	add("nightly", lines);
	cloud_document(kinds->world, path, "{\"a\":1}");
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/nightly", "ok", NULL);
	found = kinds_text(kinds, "completion/nightly", "completion.document");
	ck_assert_str_eq(found, path);
	expected_at = kinds_text(kinds, "completion/nightly", "completion.expected_at");
	wanted = g_date_time_format(utc, "%Y-%m-%dT%H:%M:00Z");
	ck_assert_str_eq(expected_at, wanted);
	g_date_time_unref(due);
}
END_TEST

START_TEST(document_without_a_date_is_read_as_it_is)
{
	kinds_add(kinds, "[completion \"latest\"]\ndocument = runs/latest/parts/one\nexpect = a");
	cloud_document(kinds->world, "runs/latest/parts/one", "{\"a\":{}}");
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/latest", "ok", NULL);
}
END_TEST

/* --- which keys --- */

#define MODES                                                                                      \
	"expect = a\nexpect = b\nexpect = same_day: c\nmode-field = _mode\n"                       \
	"done = status=success|partial\n"

#define DONE "{\"status\":\"success\"}"

static const struct {
	const char *name, *document;
	const char *state, *code;
	int64_t expected, done;
	const char *keys; /* of the reason; NULL: none */
} modes[] = {
	{"its own set", "{\"_mode\":\"same_day\",\"c\":" DONE "}", "ok", NULL, 1, 1, NULL},
	{"its own, which is not there", "{\"_mode\":\"same_day\",\"a\":" DONE ",\"b\":" DONE "}",
	 "drift", "incomplete", 1, 0, "c"},
	{"mode without entries", "{\"_mode\":\"overnight\",\"a\":" DONE ",\"b\":" DONE "}", "ok",
	 NULL, 2, 2, NULL},
	{"mode of a child is no mode", "{\"x\":{\"_mode\":\"same_day\"},\"c\":" DONE "}", "drift",
	 "incomplete", 2, 0, "a, b"},
	{"no mode at all", "{\"a\":" DONE ",\"b\":{\"status\":\"partial\"}}", "ok", NULL, 2, 2,
	 NULL},
	{"stored counter says all", "{\"_completed_count\":2,\"a\":" DONE "}", "drift",
	 "incomplete", 2, 1, "b"},
	{"stored counter says one",
	 "{\"_completed_count\":1,\"completed\":1,\"a\":" DONE ",\"b\":" DONE "}", "ok", NULL, 2, 2,
	 NULL},
	{"hidden keys never count", "{\"_a\":" DONE ",\"_b\":" DONE "}", "drift", "incomplete", 2,
	 0, "a, b"},
	{"other keys never count", "{\"a\":" DONE ",\"x\":" DONE ",\"y\":" DONE "}", "drift",
	 "incomplete", 2, 1, "b"},
	{"not done yet", "{\"a\":" DONE ",\"b\":{\"status\":\"running\"}}", "drift", "incomplete",
	 2, 1, "b"},
	{"null is not there", "{\"a\":" DONE ",\"b\":null}", "drift", "incomplete", 2, 1, "b"},
	{"status beside the map", "{\"a\":" DONE ",\"b\":\"success\"}", "drift", "incomplete", 2, 1,
	 "b"},
	{"part of a word", "{\"a\":" DONE ",\"b\":{\"status\":\"successful\"}}", "drift",
	 "incomplete", 2, 1, "b"},
	{"an empty document", "{}", "drift", "incomplete", 2, 0, "a, b"},
};

START_TEST(L19_real_keys_are_counted_per_mode)
{
	add("phase3", MODES);
	put_today("phase3", modes[_i].document);
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/phase3", modes[_i].state, modes[_i].code);
	ck_assert_int_eq(kinds_number(kinds, "completion/phase3", "completion.expected"),
			 modes[_i].expected);
	ck_assert_int_eq(kinds_number(kinds, "completion/phase3", "completion.done"),
			 modes[_i].done);
	if (modes[_i].keys) {
		g_autofree char *keys = kinds_text(kinds, "completion/phase3", "reasons.0.keys");

		ck_assert_str_eq(keys, modes[_i].keys);
		kinds_expect_said(kinds, "completion/phase3", modes[_i].keys);
	}
}
END_TEST

START_TEST(unknown_mode_without_a_common_set_breaks_the_check)
{
	add("phase3", "expect = same_day: c\nmode-field = _mode\n");
	put_today("phase3", "{\"_mode\":\"overnight\",\"c\":1}");
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/phase3", "unknown", "broken_check");
	kinds_expect_said(kinds, "completion/phase3", "overnight");
	put_today("phase3", "{\"_mode\":\"same_day\",\"c\":1}");
	world_cycle(kinds->world); /* a document is not billed: looked at whenever somebody asks */
	kinds_expect(kinds, "completion/phase3", "ok", NULL);
}
END_TEST

START_TEST(hidden_key_cannot_be_expected)
{
	g_autofree char *log = NULL;

	add("phase3", "expect = _completed_count\n");
	world_configure(kinds->world, kinds->config->str);
	ck_assert_int_eq(world_start_failing(kinds->world, &log), 78);
	ck_assert_msg(strstr(log, "never count"), "%s", log);
}
END_TEST

/* Every type of Firestore's values: present is enough, or the field's value is compared as text. */
static const struct {
	const char *value; /* a Value */
	bool present;      /* without done */
	const char *done;  /* done = v=… that it meets; NULL: none */
} values[] = {
	{"{\"stringValue\":\"x y\"}", true, "x y"},
	{"{\"integerValue\":\"9007199254740993\"}", true, "9007199254740993"},
	{"{\"doubleValue\":0.5}", true, "0.5"},
	{"{\"booleanValue\":true}", true, "true"},
	{"{\"booleanValue\":false}", false, "false"},
	{"{\"nullValue\":null}", false, NULL},
	{"{\"timestampValue\":\"2026-11-20T03:00:00.5Z\"}", true, NULL},
	{"{\"bytesValue\":\"AAEC\"}", true, NULL},
	{"{\"referenceValue\":\"projects/p/databases/(default)/documents/a/b\"}", true, NULL},
	{"{\"geoPointValue\":{\"latitude\":1,\"longitude\":2}}", true, NULL},
	{"{\"arrayValue\":{\"values\":[{\"stringValue\":\"a\"}]}}", true, NULL},
	{"{\"arrayValue\":{}}", true, NULL},
	{"{\"mapValue\":{\"fields\":{\"x\":{\"nullValue\":null}}}}", true, NULL},
	{"{\"mapValue\":{}}", true, NULL},
};

START_TEST(every_type_of_value_is_understood)
{
	g_autofree char *text = g_strdup_printf("{\"a\":{\"$value\":%s},\"b\":{\"v\":{\"$value\":%s"
						"}}}",
						values[_i].value, values[_i].value);
	g_autofree char *lines = g_strdup_printf("expect = b\ndone = v=%s\n",
						 values[_i].done ? values[_i].done
								 : "2026-11-20T03:00:00.5Z|AAEC|x");
	bool is_time = strstr(values[_i].value, "timestampValue") != NULL;
	bool is_bytes = strstr(values[_i].value, "bytesValue") != NULL;

	add("present", "expect = a\n");
	kinds_add(kinds, "[completion \"done\"]\ndocument = present/{date}\n%s", lines);
	put_today("present", text);
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/present", values[_i].present ? "ok" : "drift",
		     values[_i].present ? NULL : "incomplete");
	if (!is_time && !is_bytes) /* how those are written is nobody's promise */
		kinds_expect(kinds, "completion/done", values[_i].done ? "ok" : "drift",
			     values[_i].done ? NULL : "incomplete");
}
END_TEST

/* --- when --- */

START_TEST(L22_within_grace_it_is_pending)
{
	g_autofree char *just = kinds_due(1800, "America/New_York", NULL);
	g_autofree char *long_ago = kinds_due(2 * AN_HOUR, "America/New_York", NULL);

	kinds_add(kinds,
		  "[completion \"just\"]\ndocument = p/{date}\nexpect = a\nexpected = %s\n"
		  "grace = 1h",
		  just);
	kinds_add(kinds,
		  "[completion \"long\"]\ndocument = p/{date}\nexpect = a\nexpected = %s\n"
		  "grace = 1h",
		  long_ago);
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/just", "pending", "incomplete");
	kinds_expect_said(kinds, "completion/just", "does not exist: it has until");
	kinds_expect(kinds, "completion/long", "drift", "incomplete");
	kinds_expect_said(kinds, "completion/long", "does not exist");
}
END_TEST

/** Documents of yesterday's run exist, today's does not. */
static void put_due(const char *name, GDateTime *due, int days)
{
	g_autofree char *date = kinds_date(due, "UTC", days);
	g_autofree char *path = g_strdup_printf("%s/%s", name, date);

	cloud_document(kinds->world, path, "{\"a\":1}");
}

START_TEST(L22_missing_and_not_due_is_ok)
{
	GDateTime *coming = NULL, *past = NULL;
	g_autofree char *later = kinds_due(-AN_HOUR, "UTC", &coming);
	g_autofree char *earlier = kinds_due(AN_HOUR, "UTC", &past);
	g_autofree char *holiday = kinds_date(past, "UTC", 0);

	kinds_add(kinds,
		  "[completion \"later\"]\ndocument = later/{date}\nexpect = a\n"
		  "expected = %s",
		  later);
	put_due("later", coming, -1);
	kinds_write(kinds, "holidays.txt", holiday);
	kinds_add(kinds,
		  "[completion \"holiday\"]\ndocument = holiday/{date}\nexpect = a\n"
		  "expected = %s\nholidays = file:holidays.txt",
		  earlier);
	put_due("holiday", past, -1);
	kinds_add(kinds, "[completion \"season\"]\ndocument = season/{date}\nexpect = a\n"
			 "active-when = SELECT COUNT(*) > 0 FROM `acme-prod.raw.games`");
	cloud_table(kinds->world, "acme-prod.raw.games",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"rows\":[]}");
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/later", "ok", NULL);
	kinds_expect(kinds, "completion/holiday", "ok", NULL);
	kinds_expect(kinds, "completion/season", "ok", "not_due");
	cloud_table(kinds->world, "acme-prod.raw.games",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"rows\":[[1]]}");
	kinds_write(kinds, "holidays.txt", "# none\n");
	kinds_reload(kinds);
	kinds_look(kinds);
	kinds_expect(kinds, "completion/season", "drift", "incomplete");
	kinds_expect(kinds, "completion/holiday", "drift", "incomplete");
	kinds_expect(kinds, "completion/later", "ok", NULL);
	g_date_time_unref(coming);
	g_date_time_unref(past);
}
END_TEST

/* --- what cannot be told --- */

START_TEST(L04_firestore_that_fails_is_no_missing_document)
{
	g_autofree char *before = NULL, *after = NULL;

	add("phase3", "expect = a\n");
	put_today("phase3", "{\"a\":1}");
	kinds_begin(kinds);
	cloud_fault(kinds->world, "{\"api\":\"firestore\",\"kind\":\"denied\",\"permission\":"
				  "\"datastore.entities.get\"}");
	world_cycle(kinds->world);
	kinds_expect(kinds, "completion/phase3", "unknown", "permission_denied");
	kinds_expect_said(kinds, "completion/phase3", "datastore.entities.get");
	before = kinds_text(kinds, "completion/phase3", "last_known.state");
	ck_assert_str_eq(before, "ok");
	kinds_restart(kinds);
	world_cycle(kinds->world);
	kinds_expect(kinds, "completion/phase3", "unknown", "permission_denied");
	after = kinds_text(kinds, "completion/phase3", "last_known.state");
	ck_assert_str_eq(after, "ok");
	cloud_heal(kinds->world);
	world_cycle(kinds->world);
	kinds_expect(kinds, "completion/phase3", "ok", NULL);
}
END_TEST

START_TEST(a_restart_keeps_verdict_and_its_beginning)
{
	g_autofree char *since = NULL, *after = NULL;
	g_autoptr(struct_answer) history = NULL;

	add("phase3", "expect = a\nexpect = b\n");
	put_today("phase3", "{\"a\":1}");
	kinds_begin(kinds);
	kinds_expect(kinds, "completion/phase3", "drift", "incomplete");
	since = kinds_text(kinds, "completion/phase3", "since");
	kinds_restart(kinds);
	kinds_expect(kinds, "completion/phase3", "drift", "incomplete"); /* without a look */
	kinds_expect_said(kinds, "completion/phase3", "1 of 2 done, without b");
	world_cycle(kinds->world);
	after = kinds_text(kinds, "completion/phase3", "since");
	ck_assert_str_eq(since, after);
	put_today("phase3", "{\"a\":1,\"b\":1}");
	world_cycle(kinds->world);
	kinds_expect(kinds, "completion/phase3", "ok", NULL);
	history = world_get(kinds->world, "/history/completion/phase3");
	ck_assert_uint_eq(json_object_array_length(json_at(history->json, "transitions")), 2);
	ck_assert_str_eq(json_text_at(history->json, "transitions.0.to"), "ok");
	ck_assert_str_eq(json_text_at(history->json, "transitions.1.to"), "drift");
	ck_assert_str_eq(json_text_at(history->json, "transitions.1.reasons.0"), "incomplete");
}
END_TEST

TCase *kinds_completion_case(void)
{
	TCase *tcase = tcase_create("completion");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, L19_date_of_a_document_is_of_its_zone_and_offset);
	tcase_add_test(tcase, L19_date_is_of_the_instant_that_was_due);
	tcase_add_test(tcase, document_without_a_date_is_read_as_it_is);
	tcase_add_loop_test(tcase, L19_real_keys_are_counted_per_mode, 0, (int)G_N_ELEMENTS(modes));
	tcase_add_test(tcase, unknown_mode_without_a_common_set_breaks_the_check);
	tcase_add_test(tcase, hidden_key_cannot_be_expected);
	tcase_add_loop_test(tcase, every_type_of_value_is_understood, 0, (int)G_N_ELEMENTS(values));
	tcase_add_test(tcase, L22_within_grace_it_is_pending);
	tcase_add_test(tcase, L22_missing_and_not_due_is_ok);
	tcase_add_test(tcase, L04_firestore_that_fails_is_no_missing_document);
	tcase_add_test(tcase, a_restart_keeps_verdict_and_its_beginning);
	return tcase;
}
