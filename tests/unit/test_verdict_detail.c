/* test_verdict_detail - what verdicts about data rest on: served, stored and read back. */
#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "eval/detail_json.h"
#include "eval/verdict_text.h"
#include "detail_fixture.h"

Suite *verdict_detail_suite(void);

#define NOW DETAIL_FIXTURE_NOW

static struct verdict *reread(const char *facts)
{
	g_autoptr(GError) error = NULL;
	struct verdict *verdict = verdict_from_facts_json(facts, &error);

	ck_assert_msg(verdict, "%s: %s", facts, error ? error->message : "");
	return verdict;
}

static void check_same_datum(const struct verdict_datum *got, const struct verdict_datum *want)
{
	ck_assert_str_eq(got->name, want->name);
	ck_assert_int_eq(got->type, want->type);
	ck_assert_int_eq(got->number, want->number);
	ck_assert_pstr_eq(got->text, want->text);
}

static void check_same_list(const struct verdict_detail *got, const struct verdict_detail *want)
{
	ck_assert_pstr_eq(got->list_name, want->list_name);
	ck_assert(got->list_is_table == want->list_is_table);
	ck_assert_int_eq(got->rows_total, MAX(want->rows_total, (int64_t)want->rows->len));
	ck_assert_uint_eq(got->columns->len, want->columns->len);
	ck_assert_uint_eq(got->rows->len, want->rows->len);
	for (guint i = 0; i < want->columns->len; i++) {
		ck_assert_str_eq(got->columns->pdata[i], want->columns->pdata[i]);
		ck_assert_int_eq(g_array_index(got->types, enum datum_type, i),
				 g_array_index(want->types, enum datum_type, i));
	}
	for (guint i = 0; i < want->rows->len; i++)
		for (guint j = 0; j < want->columns->len; j++)
			ck_assert_pstr_eq(((char *const *)got->rows->pdata[i])[j],
					  ((char *const *)want->rows->pdata[i])[j]);
}

/* What is stored comes back whole: types, order, milliseconds, nulls, the form of the list. */
START_TEST(test_facts_come_back)
{
	struct verdict *verdict = detail_fixture_makers[_i]();
	g_autofree char *facts = verdict_facts_json(verdict);
	struct verdict *back = reread(facts);
	g_autofree char *again = verdict_facts_json(back);
	const struct verdict_detail *want = verdict->detail;

	ck_assert_str_eq(again, facts);
	ck_assert((back->detail != NULL) == (want != NULL));
	if (want) {
		ck_assert_str_eq(back->detail->name, want->name);
		ck_assert_int_eq(back->detail->aged_wall_ms, want->aged_wall_ms);
		ck_assert_uint_eq(back->detail->data->len, want->data->len);
		for (guint i = 0; i < want->data->len; i++)
			check_same_datum(back->detail->data->pdata[i], want->data->pdata[i]);
		check_same_list(back->detail, want);
	}
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

/* A text that looks like a time is one only where it is served. */
START_TEST(test_stored_texts_are_no_times)
{
	struct verdict *verdict = detail_fixture_make("table", "freshness");
	g_autofree char *facts = NULL;
	struct verdict *back = NULL;

	verdict_detail_text(verdict->detail, "said_at", "2026-11-20T11:00:03Z");
	facts = verdict_facts_json(verdict);
	back = reread(facts);
	ck_assert_int_eq(verdict_detail_find(back->detail, "said_at")->type, DATUM_TYPE_TEXT);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

static char *served(const struct verdict *verdict, int64_t now_wall_ms, enum verdict_extent extent,
		    const char *member)
{
	json_object *item = verdict_to_drift_json(verdict, now_wall_ms, extent);
	char *text = json_to_text(json_member_object(item, member), NULL);

	json_object_put(item);
	return text;
}

static const struct {
	struct verdict *(*make)(void);
	enum verdict_extent extent;
	const char *member, *want;
} served_cases[] = {
	{detail_fixture_freshness, VERDICT_EXTENT_SHORT, "freshness",
	 "{\"method\":\"partition\",\"last_loaded_at\":\"2026-11-20T09:00:02Z\",\"age_s\":7200,"
	 "\"warn_after_s\":43200,\"rows\":12,\"streaming\":false,"
	 "\"next_expected_at\":\"2026-11-20T12:00:03Z\",\"partitions\":["
	 "{\"id\":\"20261119\",\"rows\":12,\"modified_at\":\"2026-11-20T05:00:00Z\"},"
	 "{\"id\":\"20261118\",\"rows\":0,\"modified_at\":null}],\"partitions_total\":64}"},
	{detail_fixture_never_loaded, VERDICT_EXTENT_FULL, "freshness",
	 "{\"last_loaded_at\":null,\"age_s\":null,\"partition\":null}"},
	{detail_fixture_inventory, VERDICT_EXTENT_FULL, "inventory",
	 "{\"missing\":0,\"objects\":[],\"objects_total\":0}"},
	{detail_fixture_empty_table, VERDICT_EXTENT_FULL, "assertion",
	 "{\"columns\":[\"a\",\"b\"],\"sample\":[],\"sample_total\":0}"},
	{detail_fixture_older_backup, VERDICT_EXTENT_SHORT, "backup",
	 "{\"newest_at\":\"2026-11-20T10:00:03Z\",\"latest_complete_at\":\"2026-11-19T11:00:03Z\","
	 "\"age_s\":86400,\"folders\":2}"},
	{detail_fixture_age_only, VERDICT_EXTENT_SHORT, "backup", "{\"age_s\":null}"},
	{detail_fixture_backup, VERDICT_EXTENT_SHORT, "backup",
	 "{\"newest\":null,\"age_s\":86400}"},
};

START_TEST(test_served)
{
	struct verdict *verdict = served_cases[_i].make();
	g_autofree char *got =
		served(verdict, NOW, served_cases[_i].extent, served_cases[_i].member);

	ck_assert_str_eq(got, served_cases[_i].want);
	verdict_unref(verdict);
}
END_TEST

/* Numbers and booleans are such, also after nulls, and where they are largest; read back they are
 * shown as they were. */
START_TEST(test_cells_have_types)
{
	static const char *const columns[] = {"n", "b", "t", NULL};
	static const char *const rows[][3] = {
		{NULL, NULL, "1"},
		{"9223372036854775807", "yes", "true"},
		{"-9223372036854775808", "no", NULL},
	};
	struct verdict *verdict = detail_fixture_make("backup", "backup");
	g_autofree char *facts = NULL;
	g_autofree char *got = NULL;
	g_autofree char *copied = NULL;
	struct verdict *back = NULL;

	verdict_detail_list(verdict->detail, "l", columns);
	verdict_detail_set_type(verdict->detail, "n", DATUM_TYPE_NUMBER);
	verdict_detail_set_type(verdict->detail, "b", DATUM_TYPE_BOOLEAN);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		verdict_detail_row(verdict->detail, rows[i]);
	got = served(verdict, NOW, VERDICT_EXTENT_FULL, "backup");
	ck_assert_str_eq(got, "{\"l\":[{\"n\":null,\"b\":null,\"t\":\"1\"},"
			      "{\"n\":9223372036854775807,\"b\":true,\"t\":\"true\"},"
			      "{\"n\":-9223372036854775808,\"b\":false,\"t\":null}],"
			      "\"l_total\":3}");
	facts = verdict_facts_json(verdict);
	back = reread(facts);
	check_same_list(back->detail, verdict->detail);
	verdict_detail_free(back->detail);
	back->detail = verdict_detail_copy(verdict->detail);
	copied = served(back, NOW, VERDICT_EXTENT_FULL, "backup");
	ck_assert_str_eq(copied, got);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

/* Lists of targets show a few rows of each, one target by itself shows all; the total is of all. */
START_TEST(test_extent)
{
	static const struct {
		struct verdict *(*make)(void);
		const char *member, *list, *total;
		size_t all;
		int64_t count;
	} rows[] = {
		{detail_fixture_completion, "completion", "keys", "keys_total", 7, 7},
		{detail_fixture_assertion, "assertion", "rows_shown", "rows_shown_total", 20, 21},
	};
	struct verdict *verdict = rows[_i].make();
	static const enum verdict_extent extents[] = {VERDICT_EXTENT_SHORT, VERDICT_EXTENT_FULL};

	for (size_t i = 0; i < G_N_ELEMENTS(extents); i++) {
		json_object *item = verdict_to_drift_json(verdict, NOW, extents[i]);
		json_object *member = json_member_object(item, rows[_i].member);

		ck_assert_uint_eq(
			json_object_array_length(json_member_array(member, rows[_i].list)),
			i == 0 ? VERDICT_DETAIL_SHORT : rows[_i].all);
		ck_assert_int_eq(json_member_int(member, rows[_i].total, -1), rows[_i].count);
		json_object_put(item);
	}
	verdict_unref(verdict);
}
END_TEST

/* Ages move with the clock: they are served, never stored, and no reason for another entity tag. */
START_TEST(test_facts_stand_still)
{
	struct verdict *verdict = detail_fixture_freshness();
	g_autofree char *facts = verdict_facts_json(verdict);
	g_autofree char *early = served(verdict, NOW, VERDICT_EXTENT_FULL, "freshness");
	g_autofree char *late =
		served(verdict, NOW + MS_PER_HOUR, VERDICT_EXTENT_FULL, "freshness");
	g_autofree char *before = served(verdict, 5, VERDICT_EXTENT_FULL, "freshness");

	ck_assert_ptr_null(strstr(facts, "age_s"));
	ck_assert_ptr_nonnull(strstr(early, "\"age_s\":7200,"));
	ck_assert_ptr_nonnull(strstr(late, "\"age_s\":10800,"));
	ck_assert_ptr_nonnull(strstr(before, "\"age_s\":0,")); /* a clock that went back */
	verdict_unref(verdict);
}
END_TEST

/* Each of these is in the facts: a change of it is written, and changes the entity tag. */
START_TEST(test_facts_tell_changes)
{
	struct verdict *verdict = detail_fixture_freshness();
	struct verdict_detail *detail = verdict->detail;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char **cells = detail->rows->pdata[1];

	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	detail->aged_wall_ms++;
	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	((struct verdict_datum *)detail->data->pdata[1])->number++;
	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	((struct verdict_datum *)detail->data->pdata[4])->number = 1;
	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	detail->rows_total++;
	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	g_free(cells[1]);
	cells[1] = g_strdup("1");
	ck_assert(g_hash_table_add(seen, verdict_facts_json(verdict)));
	verdict_unref(verdict);
}
END_TEST

static void set_loaded(struct verdict_detail *detail, int64_t wall_ms)
{
	struct verdict_datum *datum = detail->data->pdata[1];

	datum->number = wall_ms;
	detail->aged_wall_ms = wall_ms;
}

/* What another driftd serves is shown like one's own. */
START_TEST(test_served_comes_back)
{
	struct verdict *verdict = detail_fixture_makers[_i]();
	json_object *item = NULL;
	g_autoptr(GError) error = NULL;
	struct verdict *back = NULL;
	g_autofree char *text = NULL;
	g_autofree char *text_again = NULL;

	if (detail_fixture_makers[_i] == detail_fixture_freshness) /* whole seconds are served */
		set_loaded(verdict->detail, NOW - 2 * MS_PER_HOUR);
	item = verdict_to_drift_json(verdict, NOW, VERDICT_EXTENT_FULL);
	back = verdict_from_drift_json(item, &error);
	ck_assert_msg(back, "%s", error ? error->message : "");
	if (verdict->detail) {
		g_autofree char *want =
			served(verdict, NOW, VERDICT_EXTENT_FULL, verdict->detail->name);
		g_autofree char *got = NULL;

		/* from what it is counted is not told where no time stands before it */
		if (detail_fixture_makers[_i] == detail_fixture_backup)
			back->detail->aged_wall_ms = verdict->detail->aged_wall_ms;
		got = served(back, NOW, VERDICT_EXTENT_FULL, verdict->detail->name);
		ck_assert_str_eq(got, want);
	}
	text = verdict_text_detail(verdict, NOW, false);
	text_again = verdict_text_detail(back, NOW, false);
	ck_assert_str_eq(text_again, text);
	json_object_put(item);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_served_times_are_times)
{
	struct verdict *verdict = detail_fixture_freshness();
	json_object *item = verdict_to_drift_json(verdict, NOW, VERDICT_EXTENT_SHORT);
	struct verdict *back = verdict_from_drift_json(item, NULL);
	const struct verdict_datum *datum = NULL;

	ck_assert_ptr_nonnull(back);
	datum = verdict_detail_find(back->detail, "last_loaded_at");
	ck_assert_int_eq(datum->type, DATUM_TYPE_TIME);
	ck_assert_int_eq(datum->number, NOW - 2 * MS_PER_HOUR - MS_PER_S);
	ck_assert_int_eq(back->detail->aged_wall_ms, datum->number);
	ck_assert_ptr_null(verdict_detail_find(back->detail, "age_s"));
	ck_assert_ptr_null(verdict_detail_find(back->detail, "partitions_total"));
	json_object_put(item);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

/* The first cell of an assertion may look like a time: its name does not say that it is one. */
START_TEST(test_served_texts_stay_texts)
{
	static const struct {
		const char *name, *text;
	} rows[] = {{"value", "2026-11-20T11:00:03Z"}, {"looked_at", "yesterday"}};
	struct verdict *verdict = detail_fixture_make("assert", "assertion");
	struct verdict *back = NULL;
	json_object *item = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		verdict_detail_text(verdict->detail, rows[i].name, rows[i].text);
	item = verdict_to_drift_json(verdict, NOW, VERDICT_EXTENT_FULL);
	back = verdict_from_drift_json(item, NULL);
	ck_assert_ptr_nonnull(back);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct verdict_datum *datum = verdict_detail_find(back->detail, rows[i].name);

		ck_assert_int_eq(datum->type, DATUM_TYPE_TEXT);
		ck_assert_str_eq(datum->text, rows[i].text);
	}
	json_object_put(item);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

#define STORED(TEXT) "{\"id\":\"x\",\"state\":\"ok\",\"detail\":" TEXT "}"
#define STORED_DATA(TEXT) STORED("{\"name\":\"backup\",\"data\":[" TEXT "]}")
#define STORED_LIST(TEXT) STORED("{\"name\":\"backup\",\"data\":[],\"list\":\"l\"," TEXT "}")
#define SERVED(TEXT) "{\"id\":\"x\",\"state\":\"ok\",\"assertion\":" TEXT "}"

static const struct {
	const char *text, *says;
} corrupt[] = {
	{STORED("[]"), "detail is"},
	{STORED("{}"), "detail: name"},
	{STORED("{\"name\":\"state\",\"data\":[]}"), "name is not a known word"},
	{STORED("{\"name\":7,\"data\":[]}"), "name is not a known word"},
	{STORED("{\"name\":\"backup\"}"), "data is missing"},
	{STORED("{\"name\":\"backup\",\"data\":{}}"), "data is missing"},
	{STORED("{\"name\":\"backup\",\"data\":[],\"aged_ms\":\"1\"}"), "aged_ms"},
	{STORED("{\"name\":\"backup\",\"data\":[],\"list\":{}}"), "list"},
	{STORED("{\"name\":\"backup\",\"data\":[],\"table\":1}"), "table"},
	{STORED_DATA("7"), "data[0]"},
	{STORED_DATA("{}"), "data[0]"},
	{STORED_DATA("{\"name\":\"a\"}"), "data[0]"},
	{STORED_DATA("{\"name\":\"a\",\"text\":1}"), "a: it is no text"},
	{STORED_DATA("{\"name\":\"a\",\"number\":\"1\"}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"number\":1.5}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"number\":null}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"time_ms\":\"2026-11-20T11:00:03Z\"}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"boolean\":1}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"colour\":1}"), "a has no value"},
	{STORED_DATA("{\"name\":\"a\",\"number\":1,\"text\":\"b\"}"), "one value"},
	{STORED_DATA("{\"name\":\"a\",\"text\":\"b\\u0000c\"}"), "NUL"},
	{STORED_LIST("\"rows\":[]"), "no columns"},
	{STORED_LIST("\"columns\":[]"), "no rows"},
	{STORED_LIST("\"columns\":[7],\"rows\":[],\"rows_total\":0"), "columns: it is no text"},
	{STORED_LIST("\"columns\":[null],\"rows\":[],\"rows_total\":0"), "columns hold a null"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[]],\"rows_total\":1"), "l[0]"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[\"1\",\"2\"]],\"rows_total\":1"), "l[0]"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[{\"a\":\"1\"}],\"rows_total\":1"), "l[0]"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[7.5]],\"rows_total\":1"), "no text"},
	{STORED_LIST("\"table\":true,\"columns\":[\"a\"],\"rows\":[[7]],\"rows_total\":1"),
	 "no text"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[7],[\"7\"]],\"rows_total\":2"),
	 "l[1]: it is not of the type"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[true],[1]],\"rows_total\":2"),
	 "l[1]: it is not of the type"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[\"x\"],[1]],\"rows_total\":2"), "no text"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[\"1\"]],\"rows_total\":0"), "total"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[\"1\"]],\"rows_total\":-1"), "total"},
	{STORED_LIST("\"columns\":[\"a\"],\"rows\":[[\"1\"]]"), "total"},
	{SERVED("[]"), "assertion is"},
	{SERVED("{\"a\":1.5}"), "assertion: a is of a type"},
	{SERVED("{\"a\":{}}"), "assertion: a is of a type"},
	{SERVED("{\"age_s\":\"old\",\"a\":[],\"b\":[]}"), "b is a second list"},
	{SERVED("{\"a\":[7]}"), "a row is no object"},
	{SERVED("{\"a\":[{\"k\":\"1\"},{\"k\":\"1\",\"l\":\"2\"}]}"), "a[1]"},
	{SERVED("{\"a\":[{\"k\":\"1\"},{\"l\":\"2\"}]}"), "a[1]"},
	{SERVED("{\"a\":[{\"k\":{}}]}"), "a[0]"},
	{SERVED("{\"a\":[{\"k\":7},{\"k\":false}]}"), "a[1]"},
	{SERVED("{\"columns\":[\"k\"],\"a\":[[7]]}"), "a[0]"},
	{SERVED("{\"a\":[{\"k\":\"1\"}],\"a_total\":0}"), "total"},
	{SERVED("{\"a\":[],\"a_total\":\"0\"}"), "total"},
	{SERVED("{\"columns\":[\"k\"]}"), "have no rows"},
	{SERVED("{\"columns\":[\"k\"],\"a\":[{\"k\":\"1\"}]}"), "a[0]"},
	{SERVED("{\"columns\":[7],\"a\":[]}"), "columns: it is no text"},
	{SERVED("{\"a\":\"b\\u0000c\"}"), "NUL"},
};

START_TEST(test_corrupt)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(verdict_from_facts_json(corrupt[_i].text, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT));
	ck_assert_msg(strstr(error->message, corrupt[_i].says), "%s: %s", corrupt[_i].text,
		      error->message);
}
END_TEST

/* @p count times @p item, with commas. */
static char *repeated(const char *before, const char *item, size_t count, const char *after)
{
	GString *text = g_string_new(before);

	for (size_t i = 0; i < count; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "," : "", item);
	g_string_append(text, after);
	return g_string_free(text, FALSE);
}

static const struct {
	const char *before, *item, *after;
	size_t most;
} limits[] = {
	{"{\"id\":\"x\",\"state\":\"ok\",\"detail\":{\"name\":\"backup\",\"data\":[",
	 "{\"name\":\"a\",\"number\":1}", "]}}", DETAIL_DATA_MAX},
	{"{\"id\":\"x\",\"state\":\"ok\",\"backup\":{\"l\":[", "{\"a\":\"1\"}", "]}}",
	 DETAIL_ROWS_MAX},
	{"{\"id\":\"x\",\"state\":\"ok\",\"backup\":{\"columns\":[", "\"c\"", "],\"l\":[]}}",
	 DETAIL_COLUMNS_MAX},
};

START_TEST(test_what_is_read_is_bounded)
{
	for (int more = -1; more <= 1; more++) {
		g_autofree char *text =
			repeated(limits[_i].before, limits[_i].item,
				 limits[_i].most + (size_t)(more + 1) - 1, limits[_i].after);
		g_autoptr(GError) error = NULL;
		struct verdict *verdict = verdict_from_facts_json(text, &error);

		ck_assert_msg((verdict != NULL) == (more <= 0), "%d: %s", more,
			      error ? error->message : "accepted");
		if (verdict)
			verdict_unref(verdict);
	}
}
END_TEST

/* However much there is, it is stored within bounds, and what is stored can be read. */
START_TEST(test_what_is_written_is_bounded)
{
	const char *columns[DETAIL_COLUMNS_MAX + 51] = {NULL};
	const char *cells[DETAIL_COLUMNS_MAX + 50] = {NULL};
	g_autofree char *giant = g_strnfill(20000, '\x01');
	struct verdict *verdict = detail_fixture_make("assert", "assertion");
	g_autofree char *facts = NULL;
	struct verdict *back = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
		columns[i] = "c";
		cells[i] = i == 1 ? giant : "ok";
	}
	for (int i = 0; i < 200; i++)
		verdict_detail_text(verdict->detail, "t", "x");
	verdict_detail_list(verdict->detail, "sample", columns);
	verdict->detail->list_is_table = true;
	for (int i = 0; i < 1100; i++)
		verdict_detail_row(verdict->detail, cells);
	facts = verdict_facts_json(verdict);
	ck_assert_uint_lt(strlen(facts), (size_t)1024 * 1024); /* STORE_FACTS_MAX_BYTES */
	back = reread(facts);
	ck_assert_uint_le(back->detail->data->len, DETAIL_DATA_MAX);
	ck_assert_uint_eq(back->detail->columns->len, DETAIL_COLUMNS_MAX);
	ck_assert_int_eq(back->detail->rows_total, 1100);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

/* Of many small rows only the first are kept; of larger ones as many as there is room for. */
START_TEST(test_rows_are_bounded)
{
	static const char *const columns[] = {"a", NULL};
	static const struct {
		size_t cell_bytes;
		guint least, most;
	} rows[] = {
		{1, DETAIL_ROWS_MAX, DETAIL_ROWS_MAX},
		{1000, 150, 600},
		{DETAIL_TEXT_MAX_BYTES, 20, 150},
		{1000000, 20, 150}, /* cut */
	};
	g_autofree char *cell = g_strnfill(rows[_i].cell_bytes, 'x');
	struct verdict *verdict = detail_fixture_make("inventory", "inventory");
	g_autofree char *facts = NULL;
	struct verdict *back = NULL;
	json_object *item = NULL;

	verdict_detail_list(verdict->detail, "objects", columns);
	for (guint i = 0; i < DETAIL_ROWS_MAX + 1; i++)
		verdict_detail_row(verdict->detail, (const char *const *)&cell);
	facts = verdict_facts_json(verdict);
	back = reread(facts);
	ck_assert_uint_ge(back->detail->rows->len, rows[_i].least);
	ck_assert_uint_le(back->detail->rows->len, rows[_i].most);
	/* the same ones are served: the facts stand for them */
	item = verdict_to_drift_json(verdict, NOW, VERDICT_EXTENT_FULL);
	ck_assert_uint_eq(json_object_array_length(json_member_array(
				  json_member_object(item, "inventory"), "objects")),
			  back->detail->rows->len);
	json_object_put(item);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

/* Bytes that are no text would make all of a list unreadable. */
START_TEST(test_bad_utf8_is_replaced)
{
	static const char *const columns[] = {"a", NULL};
	static const char *const cells[] = {"x\xff\xfe"};
	struct verdict *verdict = detail_fixture_make("assert", "assertion");
	g_autofree char *got = NULL;
	g_autofree char *facts = NULL;

	verdict_detail_text(verdict->detail, "value", "\xc3");
	verdict_detail_list(verdict->detail, "sample", columns);
	verdict_detail_row(verdict->detail, cells);
	got = served(verdict, NOW, VERDICT_EXTENT_FULL, "assertion");
	ck_assert_str_eq(got, "{\"value\":\"\xef\xbf\xbd\",\"sample\":[{\"a\":\"x\xef\xbf\xbd"
			      "\xef\xbf\xbd\"}],\"sample_total\":1}");
	facts = verdict_facts_json(verdict);
	verdict_unref(reread(facts));
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_every_cut_is_refused)
{
	struct verdict *verdict = detail_fixture_assertion();
	g_autofree char *facts = verdict_facts_json(verdict);

	for (size_t length = 0; length < strlen(facts); length++) {
		g_autofree char *cut = g_strndup(facts, length);

		ck_assert_ptr_null(verdict_from_facts_json(cut, NULL));
	}
	verdict_unref(verdict);
}
END_TEST

Suite *verdict_detail_suite(void)
{
	Suite *suite = suite_create("verdict_detail");
	TCase *tests = tcase_create("json");

	tcase_set_timeout(tests, 60); /* for sanitizers on a busy machine */
	tcase_add_loop_test(tests, test_facts_come_back, 0, DETAIL_FIXTURES);
	tcase_add_test(tests, test_stored_texts_are_no_times);
	tcase_add_loop_test(tests, test_served, 0, (int)G_N_ELEMENTS(served_cases));
	tcase_add_test(tests, test_cells_have_types);
	tcase_add_loop_test(tests, test_extent, 0, 2);
	tcase_add_test(tests, test_facts_stand_still);
	tcase_add_test(tests, test_facts_tell_changes);
	tcase_add_loop_test(tests, test_served_comes_back, 0, DETAIL_FIXTURES);
	tcase_add_test(tests, test_served_times_are_times);
	tcase_add_test(tests, test_served_texts_stay_texts);
	tcase_add_loop_test(tests, test_corrupt, 0, (int)G_N_ELEMENTS(corrupt));
	tcase_add_loop_test(tests, test_what_is_read_is_bounded, 0, (int)G_N_ELEMENTS(limits));
	tcase_add_test(tests, test_what_is_written_is_bounded);
	tcase_add_loop_test(tests, test_rows_are_bounded, 0, 4);
	tcase_add_test(tests, test_bad_utf8_is_replaced);
	tcase_add_test(tests, test_every_cut_is_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
