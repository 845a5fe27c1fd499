/* Tests of the pieces that pages are made of: what comes from outside is escaped and made visible. */
#include "api/dashboard/html.h"

#include <check.h>
#include <string.h>

#include "page_check.h"

Suite *html_suite(void);

#define NOW_MS INT64_C(1795172403000) /* 2026-11-20T11:00:03Z */

static GString *to;

static void setup(void)
{
	to = g_string_new(NULL);
}

static void teardown(void)
{
	g_string_free(to, TRUE);
}

static const struct {
	const char *text, *want;
} texts[] = {
	{"plain", "plain"},
	{"", ""},
	{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
	{"a\"b'c&d", "a&quot;b&apos;c&amp;d"},
	{"\x1b[31mred", "\\x1b[31mred"},
	{"a\tb\nc", "a b c"},
	{"\xe2\x80\xae"
	 "evil",
	 "\\u202eevil"},
	{"\xd8\x9c", "\\u061c"},
	{"\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069"},
	{"\xc2\x85", "\\x85"},
	{"bad \xff utf", "bad \xef\xbf\xbd utf"},
	{"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
	{"&amp;", "&amp;amp;"},
};

START_TEST(test_text)
{
	g_autofree char *want = g_strdup_printf("<bdi>%s</bdi>", texts[_i].want);

	html_text(to, texts[_i].text);
	ck_assert_str_eq(to->str, want);
	page_check(to->str);
}
END_TEST

START_TEST(test_attribute)
{
	html_attribute(to, texts[_i].text);
	ck_assert_str_eq(to->str, texts[_i].want);
	ck_assert_ptr_null(strpbrk(to->str, "<>\"'"));
}
END_TEST

START_TEST(test_nothing_is_a_dash)
{
	html_attribute(to, NULL);
	ck_assert_str_eq(to->str, "");
	html_text(to, NULL);
	html_time(to, 0, NOW_MS);
	html_instant(to, 0);
	html_commit(to, NULL, "https://example.com/");
	html_target(to, NULL);
	ck_assert_int_eq(page_count(to->str, "\xe2\x80\x93"), 5);
	page_check(to->str);
}
END_TEST

START_TEST(test_text_is_bounded)
{
	g_autofree char *text = g_strnfill(100000, 'x');

	html_text(to, text);
	ck_assert_uint_lt(to->len, 20000);
	ck_assert_ptr_nonnull(strstr(to->str, "\xe2\x80\xa6"));
}
END_TEST

START_TEST(test_add_escapes)
{
	html_add(to, "<a href=\"%s\">%d</a>", "\"><script>", 3);
	ck_assert_str_eq(to->str, "<a href=\"&quot;&gt;&lt;script&gt;\">3</a>");
}
END_TEST

START_TEST(test_time)
{
	html_time(to, NOW_MS - 2 * MS_PER_HOUR, NOW_MS);
	ck_assert_str_eq(to->str, "<time datetime=\"2026-11-20T09:00:03Z\" title=\"2026-11-20 "
				  "09:00:03 UTC\" data-relative>2 h ago</time>");
	g_string_truncate(to, 0);
	html_time(to, NOW_MS + 4 * MS_PER_MINUTE, NOW_MS);
	ck_assert_ptr_nonnull(strstr(to->str, ">in 4 min</time>"));
	g_string_truncate(to, 0);
	html_time(to, NOW_MS - 999, NOW_MS);
	ck_assert_ptr_nonnull(strstr(to->str, " data-relative>now</time>"));
	g_string_truncate(to, 0);
	html_time(to, NOW_MS - MS_PER_S, NOW_MS);
	ck_assert_ptr_nonnull(strstr(to->str, ">1 s ago</time>"));
	g_string_truncate(to, 0);
	html_instant(to, NOW_MS);
	ck_assert_ptr_nonnull(strstr(to->str, ">2026-11-20 11:00:03 UTC</time>"));
	ck_assert_ptr_null(strstr(to->str, "data-relative"));
	page_check(to->str);
}
END_TEST

START_TEST(test_state)
{
	enum state state = (enum state)_i;
	const char *word = state == STATE_NONE ? "unknown" : state_text(state);
	g_autofree char *class = g_strdup_printf("state-%s\"", word);
	g_autofree char *icon = g_strdup_printf("href=\"#i-%s\"", word);
	g_autofree char *shown = g_strdup_printf(">%s</span>", word);

	html_state(to, state); /* colour, icon and word */
	ck_assert_ptr_nonnull(strstr(to->str, class));
	ck_assert_ptr_nonnull(strstr(to->str, icon));
	ck_assert_ptr_nonnull(strstr(to->str, shown));
	g_string_truncate(to, 0);
	html_state_icon(to, state);
	ck_assert_ptr_nonnull(strstr(to->str, icon));
	ck_assert_ptr_nonnull(strstr(to->str, shown));
	page_check(to->str);
}
END_TEST

START_TEST(test_commit)
{
	html_commit(to, "1a2b3c4d5e6f", "https://example.com/commit/1a2b3c4d5e6f");
	ck_assert_str_eq(to->str, "<a class=\"mono\" rel=\"noreferrer\" "
				  "href=\"https://example.com/commit/1a2b3c4d5e6f\" "
				  "title=\"1a2b3c4d5e6f\">1a2b3c4d</a>");
	g_string_truncate(to, 0);
	html_commit(to, "1a2b3c4d5e6f", "javascript:alert(1)");
	ck_assert_str_eq(to->str, "<span class=\"mono\" title=\"1a2b3c4d5e6f\">1a2b3c4d</span>");
	g_string_truncate(to, 0);
	html_commit(to, "<b>\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", NULL);
	ck_assert_ptr_nonnull(
		strstr(to->str, ">&lt;b&gt;\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9</span>"));
	page_check(to->str);
}
END_TEST

static const struct {
	const char *id, *href; /* NULL: no link */
} targets[] = {
	{"service/web", "/drift/service/web"},
	{"table/a.b-c_d", "/drift/table/a.b-c_d"},
	{"repo/main", NULL},
	{"service/", NULL},
	{"service", NULL},
	{"service/a/b", NULL},
	{"service/a\"b", NULL},
	{"service/<b>", NULL},
	{"nonsense/a", NULL},
	{"service/../x", NULL},
	{"service/.", NULL},
};

START_TEST(test_target)
{
	g_autofree char *want = g_strdup_printf("href=\"%s\"", targets[_i].href);

	html_target(to, targets[_i].id);
	if (targets[_i].href)
		ck_assert_ptr_nonnull(strstr(to->str, want));
	else
		ck_assert_ptr_null(strstr(to->str, "<a"));
	page_check(to->str);
}
END_TEST

START_TEST(test_command)
{
	html_command(to, "./deploy.sh \"x\" && <y>");
	ck_assert_int_eq(page_count(to->str, "./deploy.sh &quot;x&quot; &amp;&amp; &lt;y&gt;"), 2);
	ck_assert_ptr_nonnull(strstr(to->str, "data-copy=\"./deploy"));
	page_check(to->str);
}
END_TEST

static const struct {
	int64_t number;
	const char *want;
} numbers[] = {
	{0, "0"},
	{999, "999"},
	{1000, "1,000"},
	{12345, "12,345"},
	{1234567, "1,234,567"},
	{-1000, "\xe2\x88\x92"
		"1,000"},
	{INT64_MAX, "9,223,372,036,854,775,807"},
	{INT64_MIN, "\xe2\x88\x92"
		    "9,223,372,036,854,775,808"},
};

START_TEST(test_number)
{
	html_number(to, numbers[_i].number);
	ck_assert_str_eq(to->str, numbers[_i].want);
}
END_TEST

START_TEST(test_count)
{
	html_count(to, 1, "commit", "commits");
	g_string_append_c(to, '|');
	html_count(to, 0, "commit", "commits");
	g_string_append_c(to, '|');
	html_count(to, 4000, "commit", "commits");
	ck_assert_str_eq(to->str, "1 commit|0 commits|4,000 commits");
}
END_TEST

static const struct {
	int64_t bytes;
	const char *want;
} sizes[] = {
	{0, "0 B"},
	{1023, "1,023 B"},
	{1024, "1.0 KiB"},
	{1536, "1.5 KiB"},
	{1048575, "1.0 MiB"},
	{INT64_C(1503238553), "1.4 GiB"},
	{INT64_MAX, "8.0 EiB"},
};

START_TEST(test_bytes)
{
	html_bytes(to, sizes[_i].bytes);
	ck_assert_str_eq(to->str, sizes[_i].want);
}
END_TEST

static const struct {
	const char *url;
	bool is_link;
} links[] = {
	{"https://example.com/a?b=c#d", true},
	{"http://example.com", true},
	{"HTTPS://example.com/", true},
	{NULL, false},
	{"", false},
	{"https://", false},
	{"https:///x", false},
	{"//example.com/", false},
	{"/drift", false},
	{"javascript:alert(1)", false},
	{"data:text/html,x", false},
	{" https://example.com/", false},
	{"https://example.com/a b", false},
	{"https://example.com/\n", false},
	{"https://example.com/\x1b", false},
	{"https://example.com/\xe2\x80\xae", false},
	{"https://example.com\\@evil.example/", false},
	{"https://example.com/\xff", false},
	{"ftp://example.com/", false},
};

START_TEST(test_link)
{
	ck_assert_int_eq(html_is_link(links[_i].url), links[_i].is_link);
}
END_TEST

Suite *html_suite(void)
{
	Suite *suite = suite_create("html");
	TCase *tc = tcase_create("pieces");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_text, 0, (int)G_N_ELEMENTS(texts));
	tcase_add_loop_test(tc, test_attribute, 0, (int)G_N_ELEMENTS(texts));
	tcase_add_test(tc, test_nothing_is_a_dash);
	tcase_add_test(tc, test_text_is_bounded);
	tcase_add_test(tc, test_add_escapes);
	tcase_add_test(tc, test_time);
	tcase_add_loop_test(tc, test_state, 0, STATE_COUNT);
	tcase_add_test(tc, test_commit);
	tcase_add_loop_test(tc, test_target, 0, (int)G_N_ELEMENTS(targets));
	tcase_add_test(tc, test_command);
	tcase_add_loop_test(tc, test_number, 0, (int)G_N_ELEMENTS(numbers));
	tcase_add_test(tc, test_count);
	tcase_add_loop_test(tc, test_bytes, 0, (int)G_N_ELEMENTS(sizes));
	tcase_add_loop_test(tc, test_link, 0, (int)G_N_ELEMENTS(links));
	suite_add_tcase(suite, tc);
	return suite;
}
