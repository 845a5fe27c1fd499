/* Tests of api/dashboard/chart*.c: round values, and figures that say what they show, leave out what is not
 * known, and are well formed. */
#include "api/dashboard/chart.h"

#include <check.h>
#include <string.h>

#include "timefmt.h"

Suite *chart_suite(void);

/* 2026-11-20T12:00:00Z */
#define NOW INT64_C(1795176000000)

/* --- axes --- */

static const struct {
	enum chart_unit unit;
	int64_t max;
	int count;
	const char *second, *last;
} value_cases[] = {
	{CHART_UNIT_COUNT, 0, 2, "1", "1"},
	{CHART_UNIT_COUNT, -5, 2, "1", "1"},
	{CHART_UNIT_COUNT, 1, 2, "1", "1"},
	{CHART_UNIT_COUNT, 4, 5, "1", "4"},
	{CHART_UNIT_COUNT, 5, 4, "2", "6"},
	{CHART_UNIT_COUNT, 21, 4, "10", "30"},
	{CHART_UNIT_COUNT, 999, 3, "0.5 k", "1 k"},
	{CHART_UNIT_COUNT, 1500000, 4, "0.5 M", "1.5 M"},
	{CHART_UNIT_COUNT, INT64_MAX, 4, "5e+05 T", "1.5e+06 T"},
	{CHART_UNIT_BYTES, 0, 2, "1 B", "1 B"},
	{CHART_UNIT_BYTES, 1024, 5, "0.25 KiB", "1 KiB"},
	{CHART_UNIT_BYTES, INT64_C(3) << 30, 4, "1 GiB", "3 GiB"},
	{CHART_UNIT_DURATION, 0, 2, "1 s", "1 s"},
	{CHART_UNIT_DURATION, 3 * MS_PER_MINUTE, 4, "1 min", "3 min"},
	{CHART_UNIT_DURATION, MS_PER_DAY, 5, "6 h", "24 h"},
	{CHART_UNIT_DURATION, 25 * MS_PER_HOUR, 4, "12 h", "36 h"},
	{CHART_UNIT_DURATION, 400 * MS_PER_DAY, 5, "100 d", "400 d"},
	{CHART_UNIT_DURATION, 900 * MS_PER_DAY, 3, "500 d", "1000 d"},
};

START_TEST(test_value_ticks)
{
	struct chart_ticks ticks;

	chart_value_ticks(value_cases[_i].unit, value_cases[_i].max, &ticks);
	ck_assert_int_eq(ticks.count, value_cases[_i].count);
	ck_assert_str_eq(ticks.tick[0].label, "0");
	ck_assert_str_eq(ticks.tick[1].label, value_cases[_i].second);
	ck_assert_str_eq(ticks.tick[ticks.count - 1].label, value_cases[_i].last);
	ck_assert_int_eq(ticks.tick[0].at, 0);
	for (int i = 2; i < ticks.count; i++)
		ck_assert_int_eq(ticks.tick[i].at, ticks.tick[1].at * i);
	ck_assert_int_ge(ticks.tick[ticks.count - 1].at, MIN(value_cases[_i].max, INT64_MAX / 8));
	ck_assert_int_lt(ticks.tick[ticks.count - 2].at, MAX(value_cases[_i].max, 1));
}
END_TEST

static const struct {
	const char *zone;
	int64_t hours;
	const char *to;
	const char *labels; /* all of them */
} time_cases[] = {
	{"UTC", 24, "2026-11-20T12:00:00Z", "12:00 16:00 20:00 20 Nov 04:00 08:00 12:00"},
	{"UTC", 24, "2026-11-20T12:07:00Z", "16:00 20:00 20 Nov 04:00 08:00 12:00"},
	/* a quarter of an hour that is none of ours */
	{"Asia/Kathmandu", 6, "2026-11-20T12:00:00Z", "12:00 13:00 14:00 15:00 16:00 17:00"},
	{"America/New_York", 168, "2026-11-20T12:00:00Z",
	 "14 Nov 15 Nov 16 Nov 17 Nov 18 Nov 19 Nov 20 Nov"},
	/* clocks change on the first of November: midnights stay midnights */
	{"America/New_York", 168, "2026-11-04T12:00:00Z",
	 "29 Oct 30 Oct 31 Oct 1 Nov 2 Nov 3 Nov 4 Nov"},
	{"UTC", 30 * 24, "2026-11-20T12:00:00Z", "26 Oct 31 Oct 5 Nov 10 Nov 15 Nov 20 Nov"},
	{"UTC", 90 * 24, "2026-11-20T12:00:00Z", "28 Aug 11 Sep 25 Sep 9 Oct 23 Oct 6 Nov 20 Nov"},
};

START_TEST(test_time_ticks)
{
	g_autoptr(GString) labels = g_string_new(NULL);
	struct chart_ticks ticks;
	int64_t to = 0;

	ck_assert(timefmt_parse(time_cases[_i].to, &to, NULL));
	chart_time_ticks(to - time_cases[_i].hours * MS_PER_HOUR, to, time_cases[_i].zone, &ticks);
	for (int i = 0; i < ticks.count; i++) {
		g_string_append_printf(labels, "%s%s", i > 0 ? " " : "", ticks.tick[i].label);
		if (i > 0)
			ck_assert_int_gt(ticks.tick[i].at, ticks.tick[i - 1].at);
	}
	ck_assert_str_eq(labels->str, time_cases[_i].labels);
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} durations[] = {
	{-1, "0 s"},
	{999, "0 s"},
	{59 * MS_PER_S, "59 s"},
	{60 * MS_PER_S, "1 min"},
	{61 * MS_PER_S, "1 min 1 s"},
	{3 * MS_PER_HOUR + 50 * MS_PER_MINUTE, "3 h 50 min"},
	{2 * MS_PER_DAY, "2 d"},
	{26 * MS_PER_HOUR + 5 * MS_PER_MINUTE, "1 d 2 h"},
};

START_TEST(test_duration)
{
	g_autofree char *text = chart_duration(durations[_i].ms);

	ck_assert_str_eq(text, durations[_i].text);
}
END_TEST

/* --- what is drawn --- */

static void count_element(GMarkupParseContext *context, const char *name, const char **names,
			  const char **values, gpointer data, GError **error)
{
	(void)context;
	(void)name;
	(void)error;
	for (size_t i = 0; names[i]; i++) {
		ck_assert_str_ne(names[i], "style");
		ck_assert_msg(!strstr(values[i], "nan") && !strstr(values[i], "inf"), "%s",
			      values[i]);
	}
	++*(int *)data;
}

/* Well formed, without a style of its own; how many elements. */
static int check_svg(const char *text)
{
	const GMarkupParser parser = {.start_element = count_element};
	g_autofree char *whole = g_strconcat("<x>", text, "</x>", NULL);
	g_autoptr(GString) quoted = g_string_new(whole);
	g_autoptr(GError) error = NULL;
	int count = 0;
	GMarkupParseContext *context = NULL;

	/* HTML: two attributes without quotes */
	g_string_replace(quoted, "=none", "=\"none\"", 0);
	g_string_replace(quoted, "=chart-strip", "=\"chart-strip\"", 0);
	context = g_markup_parse_context_new(&parser, 0, &count, NULL);
	ck_assert_msg(g_markup_parse_context_parse(context, quoted->str, -1, &error) &&
			      g_markup_parse_context_end_parse(context, &error),
		      "%s in %s", error ? error->message : "", text);
	g_markup_parse_context_free(context);
	return count;
}

static int occurrences(const char *text, const char *part)
{
	int count = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		count++;
	return count;
}

static const struct chart day_chart = {.id = "x",
				       .title = "States",
				       .zone = "UTC",
				       .from_wall_ms = NOW - MS_PER_DAY,
				       .to_wall_ms = NOW};

static void add_span(GArray *spans, int64_t from_h, int64_t to_h, enum state state,
		     const char *reasons)
{
	const struct days_span span = {.from_wall_ms = NOW - from_h * MS_PER_HOUR,
				       .to_wall_ms = NOW - to_h * MS_PER_HOUR,
				       .state = state,
				       .reasons = reasons};

	g_array_append_val(spans, span);
}

START_TEST(test_timeline)
{
	g_autoptr(GArray) spans = g_array_new(FALSE, TRUE, sizeof(struct days_span));
	g_autoptr(GArray) marks = g_array_new(FALSE, TRUE, sizeof(struct chart_mark));
	char hostile[] = "<script>\xe2\x80\xae";
	const struct chart_mark mark = {.at_wall_ms = NOW - MS_PER_HOUR, .text = hostile};
	g_autoptr(GString) to = g_string_new(NULL);

	add_span(spans, 24, 12, STATE_NONE, NULL);
	add_span(spans, 12, 6, STATE_OK, "[]");
	add_span(spans, 6, 0, STATE_DRIFT, "[\"behind\",\"setting_changed\"]");
	g_array_append_val(marks, mark);
	chart_add_timeline(to, &day_chart, spans, marks);
	check_svg(to->str);
	ck_assert_ptr_nonnull(strstr(to->str, ">drift 6 h, ok 6 h, not known 12 h</desc>"));
	ck_assert_ptr_nonnull(strstr(to->str,
				     "<title>drift (behind, setting_changed): 20 Nov 06:00 to "
				     "12:00, 6 h</title>"));
	ck_assert_ptr_nonnull(strstr(
		to->str, "class=\"chart-band chart-gap\" x=\"0.0\" y=\"0.0\" width=\"320.0\""));
	ck_assert_ptr_nonnull(strstr(
		to->str, "class=\"chart-band chart-drift\" x=\"480.0\" y=\"0.0\" width=\"160.0\""));
	ck_assert_ptr_nonnull(strstr(to->str, "role=\"img\" aria-labelledby=\"x-title x-text\""));
	ck_assert_ptr_null(strstr(to->str, "<script>"));
	ck_assert_ptr_null(strstr(to->str, "\xe2\x80\xae"));
	ck_assert_ptr_nonnull(strstr(to->str, "x=\"50.00%\"")); /* midnight */
}
END_TEST

START_TEST(test_timeline_short_and_worse_is_seen)
{
	g_autoptr(GArray) spans = g_array_new(FALSE, TRUE, sizeof(struct days_span));
	g_autoptr(GString) to = g_string_new(NULL);
	struct days_span moment = {NOW - 6 * MS_PER_HOUR, NOW - 6 * MS_PER_HOUR + 1000, STATE_DRIFT,
				   "nonsense"};

	add_span(spans, 24, 6, STATE_OK, NULL);
	g_array_append_val(spans, moment);
	add_span(spans, 6, 0, STATE_OK, NULL);
	chart_add_timeline(to, &day_chart, spans, NULL);
	check_svg(to->str);
	/* wide enough, and on top of what is beside it */
	ck_assert_ptr_nonnull(strstr(to->str, "chart-drift\" x=\"480.0\" y=\"0.0\" width=\"1.5\""));
	ck_assert_int_eq(occurrences(to->str, "chart-ok"), 2);
	ck_assert(g_strrstr(to->str, "chart-ok") < strstr(to->str, "chart-drift"));
}
END_TEST

static void add_piece(GArray *pieces, int64_t from_h, int64_t to_h, int64_t lag_h, bool at_most)
{
	const struct chart_piece piece = {
		.from_wall_ms = NOW - from_h * MS_PER_HOUR,
		.to_wall_ms = NOW - to_h * MS_PER_HOUR,
		.from_ms = lag_h * MS_PER_HOUR,
		.to_ms = (lag_h + from_h - to_h) * MS_PER_HOUR,
		.is_at_most = at_most,
	};

	g_array_append_val(pieces, piece);
}

START_TEST(test_lag)
{
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	g_autoptr(GString) to = g_string_new(NULL);

	add_piece(pieces, 24, 18, 0, false);
	/* nobody looked for six hours */
	add_piece(pieces, 12, 6, 0, false);
	add_piece(pieces, 6, 0, 6, false);
	chart_add_lag(to, &day_chart, pieces, 10 * MS_PER_HOUR, 20 * MS_PER_HOUR);
	check_svg(to->str);
	/* one path, lifted once; the axis ends at 24 h */
	ck_assert_int_eq(occurrences(to->str, "<path"), 1);
	ck_assert_ptr_nonnull(strstr(to->str, "d=\"M64.0 186.0L206.0 143.0M348.0 186.0L490.0 "
					      "143.0L632.0 100.0\""));
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-gap\""), 1);
	ck_assert_ptr_nonnull(strstr(to->str, "<rect class=\"chart-gap\" x=\"206.0\" y=\"14.0\" "
					      "width=\"142.0\""));
	ck_assert_ptr_nonnull(
		strstr(to->str, "<title>19 Nov 18:00 to 20 Nov 00:00: not known</title>"));
	ck_assert_ptr_nonnull(strstr(to->str, ">warn 10 h</text>"));
	ck_assert_ptr_nonnull(strstr(to->str, ">error 20 h</text>"));
	ck_assert_ptr_nonnull(strstr(to->str, "chart-limit-error\" x1=\"64.0\" y1=\"42.7\""));
	ck_assert_ptr_nonnull(strstr(to->str,
				     ">12 h at the last look, highest 12 h; warns after 10 h; "
				     "drift after 20 h</desc>"));
	ck_assert_ptr_nonnull(strstr(to->str, "11:45 to 12:00: up to 12 h old</title>"));
	/* a quarter of the columns is of the gap */
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-hover\""), 72);
}
END_TEST

START_TEST(test_lag_of_nothing)
{
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	g_autoptr(GString) to = g_string_new(NULL);

	chart_add_lag(to, &day_chart, pieces, 0, 0);
	check_svg(to->str);
	ck_assert_ptr_null(strstr(to->str, "<path"));
	ck_assert_ptr_null(strstr(to->str, "chart-limit"));
	ck_assert_ptr_nonnull(strstr(to->str, ">nothing is known of this time</desc>"));
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-gap\""), 1);
}
END_TEST

START_TEST(test_lag_at_most_is_drawn_apart)
{
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	g_autoptr(GString) to = g_string_new(NULL);

	add_piece(pieces, 24, 12, 0, false);
	add_piece(pieces, 12, 6, 12, true);
	add_piece(pieces, 6, 0, 0, false);
	chart_add_lag(to, &day_chart, pieces, 0, 0);
	check_svg(to->str);
	ck_assert_ptr_nonnull(
		strstr(to->str, "<path class=\"chart-line chart-at-most\" d=\"M348.0"));
	ck_assert_int_eq(occurrences(to->str, "<path class=\"chart-line\""), 1);
	ck_assert_ptr_null(strstr(to->str, "\"chart-gap\""));
}
END_TEST

START_TEST(test_lag_of_a_moment_is_a_dot)
{
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	const struct chart_piece piece = {NOW - MS_PER_HOUR, NOW - MS_PER_HOUR + 1, MS_PER_HOUR,
					  MS_PER_HOUR, false};
	g_autoptr(GString) to = g_string_new(NULL);

	g_array_append_val(pieces, piece);
	chart_add_lag(to, &day_chart, pieces, 0, 0);
	ck_assert_ptr_nonnull(strstr(to->str, "d=\"M608.3 14.0h1\""));
}
END_TEST

/* Loads every five minutes for 90 days: the figure does not grow with them. */
START_TEST(test_lag_of_many)
{
	const struct chart chart = {.id = "x",
				    .title = "Age",
				    .zone = "UTC",
				    .from_wall_ms = NOW - 90 * MS_PER_DAY,
				    .to_wall_ms = NOW};
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	g_autoptr(GString) to = g_string_new(NULL);

	for (int64_t at = chart.from_wall_ms; at < NOW; at += 5 * MS_PER_MINUTE) {
		const struct chart_piece piece = {at, at + 5 * MS_PER_MINUTE, 0, 5 * MS_PER_MINUTE,
						  false};

		g_array_append_val(pieces, piece);
	}
	chart_add_lag(to, &chart, pieces, 0, 0);
	ck_assert_uint_lt(to->len, 100000);
	ck_assert_ptr_nonnull(strstr(to->str, "up to 5 min old"));
}
END_TEST

/* Within one column the lowest and the highest are not lost. */
START_TEST(test_lag_keeps_peaks)
{
	static const int64_t hours[] = {5, 12, 1, 5};
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	g_autoptr(GString) to = g_string_new(NULL);
	int64_t from = NOW - 12 * MS_PER_HOUR;

	for (size_t i = 0; i < G_N_ELEMENTS(hours); i++) {
		const struct chart_piece piece = {from, from + 10 * MS_PER_S,
						  hours[i] * MS_PER_HOUR, hours[i] * MS_PER_HOUR,
						  false};

		g_array_append_val(pieces, piece);
		from += 10 * MS_PER_S;
	}
	chart_add_lag(to, &day_chart, pieces, 0, 0);
	ck_assert_ptr_nonnull(strstr(to->str, "d=\"M348.0 114.3L348.0 171.7L348.0 14.0\""));
}
END_TEST

START_TEST(test_bars)
{
	const struct chart_bar days[] = {
		{"2026-11-17", 1200, false},
		{"2026-11-18", -1, false},
		{"2026-11-19", 0, false},
		{"2026-11-20", 800, true},
	};
	g_autoptr(GArray) bars = g_array_new(FALSE, TRUE, sizeof(struct chart_bar));
	g_autoptr(GString) to = g_string_new(NULL);

	g_array_append_vals(bars, days, G_N_ELEMENTS(days));
	chart_add_bars(to, &day_chart, bars, CHART_UNIT_COUNT);
	check_svg(to->str);
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-bar\""), 1);
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-bar chart-kept\""), 1);
	ck_assert_int_eq(occurrences(to->str, "class=\"chart-gap-day\""), 1);
	ck_assert_ptr_nonnull(strstr(to->str, "<title>2026-11-17: 1,200</title>"));
	ck_assert_ptr_nonnull(strstr(to->str, "<title>2026-11-18: not known</title>"));
	ck_assert_ptr_nonnull(strstr(to->str, "<title>2026-11-19: 0</title>"));
	ck_assert_ptr_nonnull(strstr(to->str, "<title>2026-11-20: 800, unchanged</title>"));
	ck_assert_ptr_nonnull(strstr(to->str,
				     ">800 on 2026-11-20; highest 1,200 on 2026-11-17; not "
				     "known of 1 of 4 days</desc>"));
	ck_assert_ptr_nonnull(strstr(to->str, ">11-20</text>"));
}
END_TEST

START_TEST(test_bars_scale)
{
	const struct chart_bar days[] = {{"2026-11-19", 50, false}, {"2026-11-20", 100, false}};
	g_autoptr(GArray) bars = g_array_new(FALSE, TRUE, sizeof(struct chart_bar));
	g_autoptr(GString) to = g_string_new(NULL);

	g_array_append_vals(bars, days, G_N_ELEMENTS(days));
	chart_add_bars(to, &day_chart, bars, CHART_UNIT_BYTES);
	check_svg(to->str);
	/* from 132 up to 10, of 128 bytes */
	ck_assert_ptr_nonnull(strstr(to->str, "y=\"84.3\" width=\"200.9\" height=\"47.7\""));
	ck_assert_ptr_nonnull(strstr(to->str, "y=\"36.7\" width=\"200.9\" height=\"95.3\""));
}
END_TEST

START_TEST(test_bars_of_nothing)
{
	g_autoptr(GArray) bars = g_array_new(FALSE, TRUE, sizeof(struct chart_bar));
	g_autoptr(GString) to = g_string_new(NULL);

	chart_add_bars(to, &day_chart, bars, CHART_UNIT_COUNT);
	ck_assert_int_gt(check_svg(to->str), 3);
}
END_TEST

Suite *chart_suite(void)
{
	Suite *suite = suite_create("chart");
	TCase *cases = tcase_create("chart");

	tcase_add_loop_test(cases, test_value_ticks, 0, G_N_ELEMENTS(value_cases));
	tcase_add_loop_test(cases, test_time_ticks, 0, G_N_ELEMENTS(time_cases));
	tcase_add_loop_test(cases, test_duration, 0, G_N_ELEMENTS(durations));
	tcase_add_test(cases, test_timeline);
	tcase_add_test(cases, test_timeline_short_and_worse_is_seen);
	tcase_add_test(cases, test_lag);
	tcase_add_test(cases, test_lag_of_nothing);
	tcase_add_test(cases, test_lag_at_most_is_drawn_apart);
	tcase_add_test(cases, test_lag_of_a_moment_is_a_dot);
	tcase_add_test(cases, test_lag_of_many);
	tcase_add_test(cases, test_lag_keeps_peaks);
	tcase_add_test(cases, test_bars);
	tcase_add_test(cases, test_bars_scale);
	tcase_add_test(cases, test_bars_of_nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
