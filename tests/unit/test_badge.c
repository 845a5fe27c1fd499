#include <check.h>
#include <math.h>
#include <string.h>

#include "api/badge.h"
#include "api_fixture.h"

Suite *badge_suite(void);

/* --- the picture is well-formed, whatever is in it --- */

struct seen {
	GString *texts; /* of title and text elements, one a line */
	char *role, *aria_label;
	int elements;
	int64_t width_px;
	int64_t parts_px; /* of the coloured parts */
	bool in_text;
};

static int64_t number(const char *text)
{
	gint64 value = -1;

	ck_assert(g_ascii_string_to_signed(text, 10, 0, 100000, &value, NULL));
	return value;
}

static void see_element(GMarkupParseContext *context, const char *element, const char **names,
			const char **values, gpointer data, GError **error)
{
	struct seen *seen = data;
	bool has_fill = false;
	int64_t width_px = 0;

	(void)context;
	(void)error;
	seen->elements++;
	for (int i = 0; names[i]; i++) {
		/* neither script nor style nor anything from elsewhere */
		ck_assert(!g_str_has_prefix(names[i], "on") && strcmp(names[i], "style") != 0);
		ck_assert_ptr_null(strstr(names[i], "href"));
		if (strcmp(names[i], "role") == 0)
			seen->role = g_strdup(values[i]);
		if (strcmp(names[i], "aria-label") == 0)
			seen->aria_label = g_strdup(values[i]);
		if (strcmp(names[i], "width") == 0)
			width_px = number(values[i]);
		has_fill = has_fill || strcmp(names[i], "fill") == 0;
	}
	if (strcmp(element, "svg") == 0)
		seen->width_px = width_px;
	if (strcmp(element, "rect") == 0 && has_fill)
		seen->parts_px += width_px;
	seen->in_text = strcmp(element, "text") == 0 || strcmp(element, "title") == 0;
}

static void see_end(GMarkupParseContext *context, const char *element, gpointer data,
		    GError **error)
{
	struct seen *seen = data;

	(void)context;
	(void)element;
	(void)error;
	if (seen->in_text)
		g_string_append_c(seen->texts, '\n');
	seen->in_text = false;
}

static void see_text(GMarkupParseContext *context, const char *text, gsize length, gpointer data,
		     GError **error)
{
	struct seen *seen = data;

	(void)context;
	(void)error;
	if (seen->in_text)
		g_string_append_len(seen->texts, text, (gssize)length);
}

static void see(const char *svg, struct seen *seen)
{
	static const GMarkupParser parser = {see_element, see_end, see_text, NULL, NULL};
	GMarkupParseContext *context = NULL;
	g_autoptr(GError) error = NULL;
	bool ok = false;

	*seen = (struct seen){.texts = g_string_new(NULL)};
	context = g_markup_parse_context_new(&parser, 0, seen, NULL);
	ok = g_markup_parse_context_parse(context, svg, -1, &error) &&
	     g_markup_parse_context_end_parse(context, &error);
	ck_assert_msg(ok, "%s in %s", error ? error->message : "?", svg);
	g_markup_parse_context_free(context);
}

static void seen_done(struct seen *seen)
{
	g_string_free(seen->texts, TRUE);
	g_free(seen->role);
	g_free(seen->aria_label);
}

START_TEST(test_two_parts)
{
	g_autofree char *svg = badge_svg(&(struct badge){"worker", "drift, 4 behind", STATE_DRIFT});
	struct seen seen;

	see(svg, &seen);
	ck_assert_str_eq(seen.texts->str, "worker: drift, 4 behind\nworker\ndrift, 4 behind\n");
	ck_assert_str_eq(seen.role, "img");
	ck_assert_str_eq(seen.aria_label, "worker: drift, 4 behind");
	ck_assert_int_eq(seen.parts_px, seen.width_px);
	ck_assert_int_eq(seen.width_px, badge_text_width_px("worker") +
						badge_text_width_px("drift, 4 behind") + 24);
	ck_assert_ptr_nonnull(strstr(svg, badge_colour(STATE_DRIFT)));
	ck_assert_ptr_nonnull(strstr(svg, BADGE_LABEL_COLOUR));
	seen_done(&seen);
}
END_TEST

static const struct {
	const char *text, *want; /* want NULL: as it is */
} hostile[] = {
	{"</text></svg><script>alert(1)</script>", NULL},
	{"\"/><image href=\"http://evil.example/x\"/>", NULL},
	{"' onload='alert(1)", NULL},
	{"&amp;&#60;&lt;", NULL},
	{"]]><!--", NULL},
	{"a\x01"
	 "b\x1b[31m\x7f",
	 "a\\x01b\\x1b[31m\\x7f"},
	{"a\nb\tc\r", NULL},
	{"\xe2\x80\xae"
	 "evil",
	 "\\u202eevil"},
	{"\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd"}, /* XML may not hold them */
	{"\xc2\x85", NULL},
	{"日本語 🚀 عربي", NULL},
	{"%s%n%d", NULL},
	{"", NULL},
};

START_TEST(test_hostile_text)
{
	static const char *const suspicious[] = {"<script", "<image", "<!--",
						 "]]>",     "\x01",   "\x1b"};
	struct badge badge = {hostile[_i].text, hostile[_i].text, STATE_UNKNOWN};
	g_autofree char *svg = badge_svg(&badge);
	struct seen seen;
	int plain_elements = 9; /* svg title clipPath rect g rect rect g text text, less one */

	see(svg, &seen);
	ck_assert_int_eq(seen.elements, plain_elements + 1);
	for (size_t i = 0; i < G_N_ELEMENTS(suspicious); i++)
		ck_assert_msg(!strstr(svg, suspicious[i]), "%s", svg);
	for (const char *c = svg; *c; c = g_utf8_find_next_char(c, NULL)) {
		gunichar code = g_utf8_get_char(c);

		ck_assert(code == '\n' || (code >= 0x20 && code != 0x7f && code != 0x202e &&
					   code != 0xfffe && code != 0xffff && code != 0x85));
	}
	if (hostile[_i].want) {
		g_autofree char *line = g_strconcat("\n", hostile[_i].want, "\n", NULL);

		ck_assert_msg(strstr(seen.texts->str, line), "%s", seen.texts->str);
	}
	seen_done(&seen);
}
END_TEST

START_TEST(test_length_is_bounded)
{
	static const char *const unit[] = {"&", "\xe2\x80\xae",     "\"",
					   "W", "\xf0\x9f\x9a\x80", "\x01"};
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *svg = NULL;
	struct seen seen;

	for (int i = 0; i < 10000; i++)
		g_string_append(text, unit[_i]);
	svg = badge_svg(&(struct badge){text->str, text->str, STATE_OK});
	see(svg, &seen);
	ck_assert_uint_lt(strlen(svg), BADGE_MAX_BYTES);
	ck_assert_int_le(seen.width_px, INT64_C(2) * (BADGE_TEXT_MAX_CHARS * 12 + 12));
	ck_assert_ptr_nonnull(strstr(seen.texts->str, "…\n"));
	seen_done(&seen);
}
END_TEST

/* At the limit nothing is cut. */
START_TEST(test_limit)
{
	g_autofree char *text = g_strnfill((gsize)BADGE_TEXT_MAX_CHARS + (gsize)_i, 'x');
	g_autofree char *svg = badge_svg(&(struct badge){text, "ok", STATE_OK});

	ck_assert_int_eq(strstr(svg, "…") != NULL, _i == 1);
}
END_TEST

static const struct {
	const char *text;
	int width_px;
} measured[] = {
	{"", 0},         {"build", 27}, /* 623 633 274 274 623 of 1000, times 11 */
	{"passing", 42}, {"iiiiiiiiii", 31}, {"MMMMMMMMMM", 93}, {"WWWWWWWWWW", 109},
	{"日本", 22},    {"e\xcc\x81", 7},
};

START_TEST(test_text_width)
{
	ck_assert_int_eq(badge_text_width_px(measured[_i].text), measured[_i].width_px);
}
END_TEST

/* --- colours: WCAG 2.2, "contrast ratio" and "relative luminance" --- */

static double linear(const char *two_digits)
{
	int value = g_ascii_xdigit_value(two_digits[0]) * 16 + g_ascii_xdigit_value(two_digits[1]);
	double part = value / 255.0;

	return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double contrast_to_white(const char *colour)
{
	double luminance = 0.2126 * linear(colour + 1) + 0.7152 * linear(colour + 3) +
			   0.0722 * linear(colour + 5);

	return 1.05 / (luminance + 0.05);
}

START_TEST(test_contrast)
{
	enum state state = (enum state)_i; /* in the loop's range */
	const char *colour = badge_colour(state);

	ck_assert_uint_eq(strlen(colour), 7);
	ck_assert_double_ge(contrast_to_white(colour), 4.5);
	ck_assert_double_ge(contrast_to_white(BADGE_LABEL_COLOUR), 4.5);
	for (enum state other = STATE_OK; other < STATE_COUNT; other++)
		ck_assert_int_eq(other == state, strcmp(badge_colour(other), colour) == 0);
	/* what nobody knows is never green */
	ck_assert_str_eq(badge_colour(STATE_NONE), badge_colour(STATE_UNKNOWN));
}
END_TEST

/* --- what it says --- */

START_TEST(test_message)
{
	static const struct {
		enum state state;
		enum relation relation;
		int64_t commits;
		const char *want;
	} cases[] = {
		{STATE_OK, RELATION_IN_SYNC, 0, "ok"},
		{STATE_DRIFT, RELATION_BEHIND, 4, "drift, 4 behind"},
		{STATE_PENDING, RELATION_BEHIND, 1, "pending, 1 behind"},
		{STATE_DRIFT, RELATION_DIVERGED, 2, "drift, diverged"},
		{STATE_DRIFT, RELATION_AHEAD, 0, "drift, ahead"},
		{STATE_DRIFT, RELATION_IN_SYNC, 0, "drift"}, /* a setting */
		{STATE_UNKNOWN, RELATION_BEHIND, 4, "unknown"},
		{STATE_PAUSED, RELATION_BEHIND, 4, "paused"},
		{STATE_OK, RELATION_PINNED, 4, "ok"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct verdict *verdict = fixture_behind("web", cases[i].commits);
		g_autofree char *message = NULL;

		verdict->state = cases[i].state;
		verdict->relation = cases[i].relation;
		message = badge_message(verdict);
		ck_assert_str_eq(message, cases[i].want);
		verdict_unref(verdict);
	}
}
END_TEST

START_TEST(test_message_overall)
{
	struct tally drift = {.overall = STATE_DRIFT, .count = {[STATE_DRIFT] = 2, [STATE_OK] = 3}};
	struct tally good = {.overall = STATE_OK, .count = {[STATE_OK] = 3}};
	struct tally nothing = {.overall = STATE_UNKNOWN};
	g_autofree char *one = badge_message_overall(&drift);
	g_autofree char *two = badge_message_overall(&good);
	g_autofree char *three = badge_message_overall(&nothing);

	ck_assert_str_eq(one, "2 drift");
	ck_assert_str_eq(two, "ok");
	ck_assert_str_eq(three, "unknown");
}
END_TEST

/* --- the routes --- */

static struct response get(struct app *app, const char *target)
{
	struct config *config = fixture_config(NULL, NULL);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct fixture_request request = {.app = app, .rules = rules, .target = target};
	struct response response = fixture_answer(&request);

	auth_rules_unref(rules);
	config_unref(config);
	return response;
}

static const struct {
	const char *target;
	int status;
	const char *title; /* NULL: no picture */
} asked[] = {
	{"/badge.svg", 200, "driftd: 1 drift"},
	{"/badge.svg?label=prod", 200, "prod: 1 drift"},
	{"/badge/service/worker.svg", 200, "worker: drift, 4 behind"},
	{"/badge/service/web.svg", 200, "web: ok"},
	{"/badge/service/api.svg", 200, "api: unknown"},
	{"/badge/service/old.svg?label=%3Cb%3E%26", 200, "&lt;b&gt;&amp;: paused"},
	{"/badge/service/nothing.svg", 404, NULL},
	{"/badge/table/web.svg", 404, NULL},
	{"/badge/service/web.svg?colour=red", 400, NULL},
	{"/badge/service/web.svg?label=", 400, NULL},
	{"/badge/service/web.svg?label=a&label=b", 400, NULL},
};

START_TEST(test_route)
{
	struct app *app = fixture_app(fixture_world());
	struct response response = get(app, asked[_i].target);
	const char *body = fixture_body(&response);

	ck_assert_msg(response.status == asked[_i].status, "%d: %s", response.status, body);
	ck_assert_int_eq(response.content_type == response_svg, asked[_i].title != NULL);
	ck_assert_int_eq(response.cross_origin, asked[_i].title != NULL);
	if (asked[_i].title) {
		g_autofree char *title = g_strconcat("<title>", asked[_i].title, "</title>", NULL);

		ck_assert_msg(strstr(body, title), "%s", body);
		ck_assert_ptr_nonnull(response.etag);
	}
	response_done(&response);
	app_free(app);
}
END_TEST

/* A picture in a README is green for years if nobody looks: what has expired is not. */
START_TEST(L09_expired_is_not_ok)
{
	struct snapshot_input *input = fixture_world();
	struct app *app = NULL;
	struct response response;

	input->generated_mono_ms += MS_PER_DAY;
	app = fixture_app(input);
	response = get(app, "/badge/service/web.svg");
	ck_assert_ptr_nonnull(strstr(fixture_body(&response), "<title>web: unknown</title>"));
	response_done(&response);
	app_free(app);
}
END_TEST

START_TEST(test_before_the_first_check)
{
	struct app *app = fixture_app(NULL);
	struct response response = get(app, "/badge.svg");

	ck_assert_int_eq(response.status, 503);
	response_done(&response);
	app_free(app);
}
END_TEST

Suite *badge_suite(void)
{
	Suite *suite = suite_create("badge");
	TCase *tcase = tcase_create("badge");

	tcase_add_test(tcase, test_two_parts);
	tcase_add_loop_test(tcase, test_hostile_text, 0, G_N_ELEMENTS(hostile));
	tcase_add_loop_test(tcase, test_length_is_bounded, 0, 6);
	tcase_add_loop_test(tcase, test_limit, 0, 2);
	tcase_add_loop_test(tcase, test_text_width, 0, G_N_ELEMENTS(measured));
	tcase_add_loop_test(tcase, test_contrast, STATE_OK, STATE_COUNT);
	tcase_add_test(tcase, test_message);
	tcase_add_test(tcase, test_message_overall);
	tcase_add_loop_test(tcase, test_route, 0, G_N_ELEMENTS(asked));
	tcase_add_test(tcase, L09_expired_is_not_ok);
	tcase_add_test(tcase, test_before_the_first_check);
	suite_add_tcase(suite, tcase);
	return suite;
}
