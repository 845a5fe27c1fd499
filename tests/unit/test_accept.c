#include <check.h>

#include "api/accept.h"

Suite *accept_suite(void);

#define FIREFOX "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#define CHROMIUM                                                                                   \
	"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"  \
	"*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"

static const struct {
	const char *accept;
	enum accept_form all;     /* of a route with all three forms */
	enum accept_form no_html; /* of one with JSON and text */
} form_cases[] = {
	{NULL, ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"*/*", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/plain", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"TEXT/Plain", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"text/*", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"application/json", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/plain, application/json", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/plain;q=0.5, application/json", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"application/json;q=0.5, text/plain", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"application/json;q=0.5,text/plain;q=0.501", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{FIREFOX, ACCEPT_FORM_HTML, ACCEPT_FORM_JSON},
	{CHROMIUM, ACCEPT_FORM_HTML, ACCEPT_FORM_JSON},
	{"text/html", ACCEPT_FORM_HTML, ACCEPT_FORM_JSON},
	{"Text/HTML; charset=utf-8", ACCEPT_FORM_HTML, ACCEPT_FORM_JSON},
	{"text/html, application/json", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/html, text/plain", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"text/html, application/json;q=0.9", ACCEPT_FORM_HTML, ACCEPT_FORM_JSON},
	{"text/html;q=0.9, text/plain;q=0.8", ACCEPT_FORM_HTML, ACCEPT_FORM_TEXT},
	{"text/html;q=0.3, text/plain;q=0.8, application/json;q=0.1", ACCEPT_FORM_TEXT,
	 ACCEPT_FORM_TEXT},
	{"text/html;q=0", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/html;q=0, */*;q=0.1", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/html;q=2", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/plain;q=0", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/plain;q=0, */*", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"application/json;q=0, text/plain;q=0.5, */*;q=0.2", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"text/plain; charset=utf-8 ; q=1.0", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"text/plain;q=2", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"image/png", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/css,*/*;q=0.1", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text/event-stream", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{",,,text/plain,,", ACCEPT_FORM_TEXT, ACCEPT_FORM_TEXT},
	{"text/plainx", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"text", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"/*", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{"*", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
	{";q=1", ACCEPT_FORM_JSON, ACCEPT_FORM_JSON},
};

START_TEST(test_form)
{
	const char *accept = form_cases[_i].accept;

	ck_assert_msg(accept_choose_form(accept, true, true) == form_cases[_i].all, "\"%s\"",
		      accept);
	ck_assert_msg(accept_choose_form(accept, true, false) == form_cases[_i].no_html, "\"%s\"",
		      accept);
	ck_assert_int_eq(accept_choose_form(accept, false, false), ACCEPT_FORM_JSON);
}
END_TEST

static const struct {
	const char *accept;
	enum accept_coding coding;
} coding_cases[] = {
	{NULL, ACCEPT_CODING_IDENTITY},
	{"", ACCEPT_CODING_IDENTITY},
	{"gzip", ACCEPT_CODING_GZIP},
	{"GZIP", ACCEPT_CODING_GZIP},
	{"x-gzip", ACCEPT_CODING_GZIP},
	{"gzip, deflate, br, zstd", ACCEPT_CODING_GZIP},
	{"deflate, br", ACCEPT_CODING_IDENTITY},
	{"gzipped", ACCEPT_CODING_IDENTITY},
	{"identity", ACCEPT_CODING_IDENTITY},
	{"*", ACCEPT_CODING_GZIP},
	{"gzip;q=0", ACCEPT_CODING_IDENTITY},
	{"gzip; q=0.000", ACCEPT_CODING_IDENTITY},
	{"gzip;q=0, *", ACCEPT_CODING_IDENTITY},
	{"gzip;q=0, x-gzip", ACCEPT_CODING_IDENTITY},
	{"*;q=0", ACCEPT_CODING_IDENTITY},
	{"gzip;q=0.001", ACCEPT_CODING_GZIP},
	{"gzip;q=0.5, identity;q=0.6", ACCEPT_CODING_IDENTITY},
	{"gzip;q=0.5, identity;q=0.5", ACCEPT_CODING_GZIP},
	{"gzip;q=0.5, *;q=0.6", ACCEPT_CODING_GZIP},
	{"gzip;q=1.0, identity; q=0.5, *;q=0", ACCEPT_CODING_GZIP},
	{"gzip, identity;q=0", ACCEPT_CODING_GZIP_ONLY},
	{"gzip, *;q=0", ACCEPT_CODING_GZIP_ONLY},
	{"identity;q=0, *", ACCEPT_CODING_GZIP_ONLY},
	{"identity;q=0", ACCEPT_CODING_IDENTITY}, /* better than nothing: RFC 9110 12.5.3 */
	{"br;q=1, gzip;q=0.2 ,identity;q=0.1", ACCEPT_CODING_GZIP},
	{"gzip;level=1;q=0", ACCEPT_CODING_IDENTITY},
	{"gzip;q=x", ACCEPT_CODING_IDENTITY},
};

START_TEST(test_coding)
{
	ck_assert_msg(accept_choose_coding(coding_cases[_i].accept) == coding_cases[_i].coding,
		      "\"%s\"", coding_cases[_i].accept);
}
END_TEST

Suite *accept_suite(void)
{
	Suite *suite = suite_create("accept");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_form, 0, G_N_ELEMENTS(form_cases));
	tcase_add_loop_test(tcase, test_coding, 0, G_N_ELEMENTS(coding_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
