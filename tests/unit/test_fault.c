/* test_fault - messages that are fit to be shown, and references that count. */
#include "source/fault.h"

#include <check.h>
#include <string.h>

Suite *fault_suite(void);

static const struct {
	enum fault_class class;
	const char *text;
} classes[] = {
	{FAULT_NONE, "none"},
	{FAULT_HTTP_4XX, "4xx"},
	{FAULT_HTTP_5XX, "5xx"},
	{FAULT_TIMEOUT, "timeout"},
	{FAULT_RESET, "reset"},
	{FAULT_RESOLVE, "resolve"},
	{FAULT_TLS, "tls"},
	{FAULT_BAD_ANSWER, "bad_answer"},
	{FAULT_TOO_LARGE, "too_large"},
	{FAULT_REDIRECT, "redirect"},
	{FAULT_QUOTA, "quota"},
	{FAULT_DENIED, "denied"},
	{FAULT_CREDENTIALS, "credentials"},
	{FAULT_DISABLED, "disabled"},
	{FAULT_NOT_FOUND, "not_found"},
	{FAULT_CANCELLED, "cancelled"},
};

START_TEST(classes_have_words)
{
	ck_assert_str_eq(fault_class_text(classes[_i].class), classes[_i].text);
}
END_TEST

START_TEST(a_fault_keeps_what_it_was_told)
{
	struct fault *fault =
		fault_create(FAULT_DENIED, 403, "run.services.list", "list %s: %d", "x", 7);

	ck_assert_int_eq(fault->class, FAULT_DENIED);
	ck_assert_int_eq(fault->status, 403);
	ck_assert_str_eq(fault->permission, "run.services.list");
	ck_assert_str_eq(fault->message, "list x: 7");
	fault_unref(fault);
	fault = fault_create(FAULT_TIMEOUT, 0, NULL, "late");
	ck_assert_ptr_null(fault->permission);
	fault_unref(fault);
}
END_TEST

START_TEST(messages_are_one_line_of_bounded_utf8)
{
	g_autofree char *long_text = g_strnfill(5000, 'x');
	struct fault *fault = fault_create(FAULT_RESET, 0, NULL, "a\nb\r\n\tc\x1b[31m \xff\xfe z");

	ck_assert(g_utf8_validate(fault->message, -1, NULL));
	for (const char *at = fault->message; *at; at++)
		ck_assert(!g_ascii_iscntrl(*at));
	ck_assert_ptr_nonnull(strstr(fault->message, "z"));
	fault_unref(fault);
	fault = fault_create(FAULT_RESET, 0, NULL, "%s", long_text);
	ck_assert_uint_le(strlen(fault->message), FAULT_MESSAGE_MAX_BYTES);
	ck_assert_uint_gt(strlen(fault->message), FAULT_MESSAGE_MAX_BYTES - 8);
	fault_unref(fault);
}
END_TEST

START_TEST(references_count)
{
	struct fault *fault = fault_create(FAULT_TLS, 0, "p.q.r", "m");

	ck_assert_ptr_eq(fault_ref(fault), fault);
	fault_unref(fault);
	ck_assert_str_eq(fault->message, "m"); /* still there (ASan would tell) */
	fault_unref(fault);
	fault_unref(NULL);
	ck_assert_ptr_null(fault_ref(NULL));
}
END_TEST

Suite *fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = tcase_create("fault");

	tcase_add_loop_test(tcase, classes_have_words, 0, G_N_ELEMENTS(classes));
	tcase_add_test(tcase, a_fault_keeps_what_it_was_told);
	tcase_add_test(tcase, messages_are_one_line_of_bounded_utf8);
	tcase_add_test(tcase, references_count);
	suite_add_tcase(suite, tcase);
	return suite;
}
