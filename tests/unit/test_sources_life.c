/* sources_life: when a collection ends, deadlines, another configuration, nothing to ask. */
#include "source/sources.h"

#include <string.h>

#include "clk.h"
#include "tests/unit/sources_lab.h"

Suite *sources_life_suite(void);

/* The list never answers; what did answer is published at the deadline. */
START_TEST(L09_deadline)
{
	struct lab lab;
	int64_t start_mono_ms = 0;
	const struct fault *fault = NULL;

	lab_open(&lab, RUN("a") HTTP("version") "probe-url = HOST/hang\nprobe-expect = /a=b\n");
	lab_answer(&lab, FIRST_PAGE, 200, "")->hang = true;
	lab_answer(&lab, "/hang", 200, "")->hang = true;
	lab_answer(&lab, "/version", 200, "1234567");
	start_mono_ms = clk_mono_ms();
	lab_start(&lab, 300);
	lab_wait(&lab);
	ck_assert_int_ge(clk_mono_ms() - start_mono_ms, 250);
	ck_assert_int_lt(clk_mono_ms() - start_mono_ms, 4000);
	fault = lab_find_fault(&lab, "a");
	ck_assert_int_eq(fault->class, FAULT_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(fault->message, "list Cloud Run services of acme/r1"));
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "version")), "1234567");
	ck_assert_int_eq(lab_find_service(&lab, "version")->probe_fault->class, FAULT_TIMEOUT);
	/* the next collection does not mind the stragglers of the last */
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SERVICE("a", "aaaaaaa")));
	lab_answer(&lab, "/hang", 200, "{}");
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	lab_close(&lab);
}
END_TEST

START_TEST(test_freed_while_asking)
{
	struct lab lab;

	lab_open(&lab, RUN("a") HTTP("version") "probe-url = HOST/hang\nprobe-expect = /a=b\n");
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SERVICE("a", "aaaaaaa")))->hang = true;
	lab_answer(&lab, "/hang", 200, "")->hang = true;
	lab_answer(&lab, "/version", 200, "1234567");
	lab_start(&lab, LAB_PATIENCE_MS);
	while (lab_hits(&lab, FIRST_PAGE) == 0 || lab_hits(&lab, "/hang") == 0)
		http_client_poll(lab.client, 10, -1);
	ck_assert_ptr_null(lab.collection);
	if (_i == 1) { /* a collection that is cancelled ends with faults */
		http_client_cancel_all(lab.client);
		ck_assert_ptr_nonnull(lab.collection);
		ck_assert_int_eq(lab_find_fault(&lab, "a")->class, FAULT_CANCELLED);
	}
	if (_i == 2) { /* answers that come after the end are not read */
		g_clear_pointer(&lab.sources, sources_free);
		lab_resume(&lab);
		while (http_client_pending(lab.client) > 0)
			http_client_poll(lab.client, 1000, -1);
		ck_assert_int_eq(lab.ended, 0);
	}
	lab_close(&lab);
}
END_TEST

/* What was kept of a revision lacks what another configuration wants of it. */
START_TEST(test_new_configuration)
{
	struct lab lab;

	lab_open(&lab, RUN("a"));
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SPLIT));
	lab_answer(
		&lab, LIST "/a/revisions/a-0", 200,
		"{\"name\":\"x/a-0\",\"labels\":{\"mine\":\"1234567\"},\"conditions\":[{\"type\":"
		"\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"}]}");
	lab_collect(&lab);
	ck_assert_uint_eq(((struct revision_obs *)lab_find_service(&lab, "a")->revisions->pdata[0])
				  ->markers->len,
			  0);
	lab_configure(&lab, RUN("a") "commit-from = label:mine\n" RUN("b"));
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "1234567");
	ck_assert(!lab_find_service(&lab, "b")->found);
	ck_assert_int_eq(lab_hits(&lab, LIST "/a/revisions/a-0"), 2);
	/* the same wants: what was kept is good */
	lab_configure(&lab, RUN("a") "commit-from = label:mine\n");
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "1234567");
	ck_assert_int_eq(lab_hits(&lab, LIST "/a/revisions/a-0"), 2);
	lab_close(&lab);
}
END_TEST

/* Taken into use when the collection under way has ended. */
START_TEST(test_new_configuration_while_asking)
{
	struct lab lab;
	struct config *before = NULL;

	lab_open(&lab, RUN("a"));
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE("{" NAMED("a") "," READY("a") "," ALL_TO_LATEST
						      ",\"template\":{\"labels\":{\"commit-sha\":"
						      "\"aaaaaaa\",\"mine\":\"1234567\"}}}"));
	before = config_ref(lab.config); /* its services are borrowed until the end */
	lab_start(&lab, LAB_PATIENCE_MS);
	lab_configure(&lab, RUN("a") "commit-from = label:mine\n");
	lab_wait(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	config_unref(before);
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "1234567");
	lab_close(&lab);
}
END_TEST

/* Even when no call comes back at all. */
START_TEST(L09_collection_ends_at_the_deadline_by_itself)
{
	struct lab lab;
	const struct fault *fault = NULL;

	lab_open(&lab, RUN("a") "expect-from = env.A gs://models/manifest.json#/a\n");
	lab_answer(&lab, FIRST_PAGE, 200, "")->hang = true;
	lab_answer(&lab, MANIFEST, 200, "")->hang = true;
	lab_start(&lab, LAB_PATIENCE_MS);
	while (lab_hits(&lab, FIRST_PAGE) == 0 || lab_hits(&lab, MANIFEST) == 0)
		http_client_poll(lab.client, 10, -1);
	clk_set_fake(clk_mono_ms() + LAB_PATIENCE_MS, clk_wall_ms());
	http_client_poll(lab.client, 0, -1);
	clk_clear_fake();
	lab_wait(&lab);
	fault = lab_find_fault(&lab, "a");
	ck_assert_int_eq(fault->class, FAULT_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(fault->message, "list Cloud Run services of acme/r1"));
	ck_assert_ptr_nonnull(strstr(fault->message, "cycle-timeout"));
	lab_close(&lab);
}
END_TEST

/* The service is known, the manifest is not: that alone is unknown. */
START_TEST(L29_manifest_that_never_comes)
{
	struct lab lab;
	const struct service_obs *service = NULL;

	lab_open(&lab, RUN("a") "expect-from = env.A gs://models/manifest.json#/a\n");
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SERVICE("a", "aaaaaaa")));
	lab_answer(&lab, MANIFEST, 200, "")->hang = true;
	lab_start(&lab, LAB_PATIENCE_MS);
	while (lab_hits(&lab, FIRST_PAGE) == 0 || lab_hits(&lab, MANIFEST) == 0)
		http_client_poll(lab.client, 10, -1);
	while (http_client_pending(lab.client) > 1)
		http_client_poll(lab.client, 10, -1);
	clk_set_fake(clk_mono_ms() + LAB_PATIENCE_MS, clk_wall_ms());
	http_client_poll(lab.client, 0, -1);
	clk_clear_fake();
	lab_wait(&lab);
	service = lab_find_service(&lab, "a");
	ck_assert_str_eq(lab_commit_of(service), "aaaaaaa");
	ck_assert_int_eq(service->expects_from[0].fault->class, FAULT_TIMEOUT);
	ck_assert_ptr_null(service->expects_from[0].wanted);
	lab_close(&lab);
}
END_TEST

/* Nothing to ask: the collection ends all the same, from the poll. */
START_TEST(test_nothing_to_ask)
{
	struct lab lab;
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	lab_open(&lab, HTTP("version"));
	sources_collect(lab.sources, none, clk_mono_ms() + LAB_PATIENCE_MS, lab_on_done, &lab);
	ck_assert_int_eq(lab.ended, 0);
	http_client_poll(lab.client, LAB_PATIENCE_MS, -1);
	ck_assert_int_eq(lab.ended, 1);
	ck_assert_uint_eq(lab.collection->observations->len, 0);
	lab_close(&lab);
}
END_TEST

Suite *sources_life_suite(void)
{
	Suite *suite = suite_create("sources_life");
	TCase *tc = tcase_create("sources_life");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, L09_deadline);
	tcase_add_loop_test(tc, test_freed_while_asking, 0, 3);
	tcase_add_test(tc, test_new_configuration);
	tcase_add_test(tc, test_new_configuration_while_asking);
	tcase_add_test(tc, L09_collection_ends_at_the_deadline_by_itself);
	tcase_add_test(tc, L29_manifest_that_never_comes);
	tcase_add_test(tc, test_nothing_to_ask);
	suite_add_tcase(suite, tc);
	return suite;
}
