/* run: pages, services, templates and revisions of the Cloud Run Admin API v2, and what is
 * refused. */
#include "google/run.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"

Suite *run_suite(void);

static struct run_wants *make_wants(void)
{
	struct run_wants *wants = run_wants_create(env_hash_create("0123456789abcdef", 16));

	g_hash_table_add(wants->labels, g_strdup("commit-sha"));
	g_hash_table_add(wants->annotations, g_strdup("acme/commit"));
	g_hash_table_add(wants->envs, g_strdup("GIT_SHA"));
	return wants;
}

static bool want_all(void *data, const struct run_heading *heading)
{
	(void)data;
	(void)heading;
	return true;
}

static struct run_page *decode(const char *text, const struct run_wants *wants, GError **error)
{
	return run_page_decode(text, strlen(text), wants, want_all, NULL, error);
}

/* API-FACTS B.1, with a second container, ports and what else is looked at. */
static const char pricing[] =
	"{\"name\":\"projects/acme/locations/europe-west4/services/pricing\",\"uid\":\"5b0c\","
	"\"generation\":\"41\",\"observedGeneration\":\"41\",\"futureMember\":{\"x\":[1]},"
	"\"labels\":{\"commit-sha\":\"1111111\",\"managed-by\":\"github-actions\"},"
	"\"template\":{\"labels\":{\"commit-sha\":\"9f2c0e1\",\"team\":\"ml\"},"
	"\"annotations\":{\"acme/commit\":\"9f2c0e1\",\"other\":\"y\"},"
	"\"scaling\":{\"minInstanceCount\":1,\"maxInstanceCount\":20},"
	"\"timeout\":\"300s\",\"serviceAccount\":\"p@acme\",\"maxInstanceRequestConcurrency\":80,"
	"\"containers\":[{\"name\":\"log\",\"image\":\"log:1\"},"
	"{\"name\":\"app\",\"image\":\"host/app@sha256:7d\",\"ports\":[{\"containerPort\":8080}],"
	"\"env\":[{\"name\":\"MODE\",\"value\":\"live\"},{\"name\":\"EMPTY\"},"
	"{\"name\":\"GIT_SHA\",\"value\":\"9f2c0e1\"},"
	"{\"name\":\"DB_PASS\",\"valueSource\":{\"secretKeyRef\":{\"secret\":\"db\","
	"\"version\":\"latest\"}}}],"
	"\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"512Mi\"}}}]},"
	"\"scaling\":{\"minInstanceCount\":2},"
	"\"traffic\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":100}],"
	"\"trafficStatuses\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":70},"
	"{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":\"pricing-1\","
	"\"percent\":10,\"tag\":\"a\"},"
	"{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":\"pricing-41\","
	"\"percent\":20},"
	"{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":\"pricing-0\","
	"\"tag\":\"old\",\"uri\":\"https://x\"}],"
	"\"latestReadyRevision\":\"projects/acme/locations/r/services/pricing/revisions/"
	"pricing-41\","
	"\"latestCreatedRevision\":\"projects/acme/locations/r/services/pricing/revisions/"
	"pricing-41\","
	"\"terminalCondition\":{\"type\":\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"},"
	"\"reconciling\":false}";

static struct run_page *decode_one(const char *service, const struct run_wants *wants)
{
	g_autofree char *text = g_strdup_printf("{\"services\":[%s]}", service);
	g_autoptr(GError) error = NULL;
	struct run_page *page = decode(text, wants, &error);

	ck_assert_msg(page != NULL, "%s", error ? error->message : "");
	ck_assert_uint_eq(page->services->len, 1);
	return page;
}

START_TEST(test_service)
{
	struct run_wants *wants = make_wants();
	struct run_page *page = decode_one(pricing, wants);
	const struct run_service *service = page->services->pdata[0];
	const struct run_share *first = NULL;
	const struct run_share *second = NULL;

	ck_assert_ptr_null(service->damage);
	ck_assert_str_eq(service->name, "pricing");
	ck_assert_str_eq(service->uid, "5b0c");
	ck_assert_int_eq(service->generation, 41);
	ck_assert_int_eq(service->observed_generation, 41);
	ck_assert(!service->reconciling);
	ck_assert_ptr_null(service->failure);
	ck_assert_str_eq(service->latest_ready, "pricing-41");
	ck_assert(service->follows_latest);
	ck_assert_int_eq(service->min_instances, 2);
	ck_assert_int_eq(service->manual_instances, -1);
	ck_assert_str_eq(g_hash_table_lookup(service->labels, "commit-sha"), "1111111");
	ck_assert_ptr_null(g_hash_table_lookup(service->labels, "managed-by"));
	ck_assert_uint_eq(service->shares->len, 2); /* 70 + 20, 10; the tag alone gets nothing */
	first = service->shares->pdata[0];
	second = service->shares->pdata[1];
	ck_assert_str_eq(first->revision, "pricing-41");
	ck_assert_int_eq(first->percent, 90);
	ck_assert_str_eq(second->revision, "pricing-1");
	ck_assert_int_eq(second->percent, 10);
	ck_assert_ptr_null(page->next_token);
	ck_assert_ptr_null(page->incomplete);
	ck_assert_int_eq(page->count, 1);
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_template)
{
	struct run_wants *wants = make_wants();
	struct run_page *page = decode_one(pricing, wants);
	const struct run_service *service = page->services->pdata[0];
	const struct run_template *template = service->template;
	const struct run_env *env = NULL;

	ck_assert_str_eq(template->image, "host/app@sha256:7d"); /* the one with ports */
	ck_assert_str_eq(template->memory, "512Mi");
	ck_assert(!template->cpu_idle); /* resources without cpuIdle */
	ck_assert_str_eq(template->timeout, "300s");
	ck_assert_str_eq(template->service_account, "p@acme");
	ck_assert_int_eq(template->concurrency, 80);
	ck_assert_int_eq(template->min_instances, 1);
	ck_assert_int_eq(template->max_instances, 20);
	ck_assert_str_eq(g_hash_table_lookup(template->labels, "commit-sha"), "9f2c0e1");
	ck_assert_str_eq(g_hash_table_lookup(template->annotations, "acme/commit"), "9f2c0e1");
	ck_assert_uint_eq(g_hash_table_size(template->annotations), 1);
	ck_assert_uint_eq(template->envs->len, 4);
	env = template->envs->pdata[0];
	ck_assert_str_eq(env->name, "DB_PASS");
	ck_assert_ptr_null(env->value);
	ck_assert(env_hash_is_reference(env->hash));
	ck_assert_str_eq(run_template_find_env(template, "GIT_SHA")->value, "9f2c0e1");
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

START_TEST(L28_env_values_stay_inside)
{
	struct run_wants *wants = make_wants();
	struct run_page *page = decode_one(pricing, wants);
	const struct run_service *service = page->services->pdata[0];
	const struct run_env *mode = run_template_find_env(service->template, "MODE");
	const struct run_env *empty = run_template_find_env(service->template, "EMPTY");
	g_autofree char *hash = env_hash_value(wants->hash, "live");
	g_autofree char *hash_of_empty = env_hash_value(wants->hash, "");

	ck_assert_ptr_null(mode->value);
	ck_assert_str_eq(mode->hash, hash);
	ck_assert_str_eq(empty->hash, hash_of_empty);
	ck_assert_ptr_null(run_template_find_env(service->template, "ABSENT"));
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

#define BASE "\"name\":\"projects/p/locations/r/services/s\""
#define MINIMAL BASE ",\"template\":{}"

/* Damage inside one service: which member, and that the service beside it is read all the same. */
static const struct {
	const char *members;
	const char *want_damage; /* NULL: none */
} damage_cases[] = {
	{MINIMAL, NULL},
	{MINIMAL ",\"labels\":null,\"traffic\":null,\"conditions\":null", NULL},
	{BASE, "template is missing"},
	{BASE ",\"template\":[]", "template is array"},
	{MINIMAL ",\"labels\":[]", "labels is array"},
	{MINIMAL ",\"labels\":{\"commit-sha\":1}", "labels has a value that is no text"},
	{MINIMAL ",\"generation\":\"x\"", "generation is not a whole number"},
	{MINIMAL ",\"generation\":-1", "generation is out of range"},
	{MINIMAL ",\"generation\":true", "generation is not a whole number"},
	{MINIMAL ",\"reconciling\":\"false\"", "reconciling is string"},
	{MINIMAL ",\"terminalCondition\":\"x\"", "terminalCondition is string"},
	{MINIMAL ",\"terminalCondition\":{\"state\":1}", "state is int"},
	{MINIMAL ",\"conditions\":{}", "conditions is object"},
	{MINIMAL ",\"conditions\":[1]", "conditions has an element"},
	{MINIMAL ",\"trafficStatuses\":{}", "trafficStatuses is object"},
	{MINIMAL ",\"trafficStatuses\":[null]", "trafficStatuses has an element"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":101,\"revision\":\"a\"}]",
	 "percent is out of range"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":-1,\"revision\":\"a\"}]",
	 "percent is out of range"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":50.5,\"revision\":\"a\"}]",
	 "percent is not a whole number"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":60,\"revision\":\"a\"},"
		 "{\"percent\":60,\"revision\":\"b\"}]",
	 "trafficStatuses adds up"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":100}]", "names no revision"},
	{MINIMAL ",\"trafficStatuses\":[{\"percent\":100,\"revision\":\"a/\"}]",
	 "revision is not the name of a resource"},
	{MINIMAL ",\"latestReadyRevision\":{}", "latestReadyRevision is object"},
	{MINIMAL ",\"scaling\":3", "scaling is int"},
	{MINIMAL ",\"scaling\":{\"minInstanceCount\":-1}", "minInstanceCount is out of range"},
	{BASE ",\"template\":{\"containers\":{}}", "containers is object"},
	{BASE ",\"template\":{\"containers\":[0]}", "containers has an element"},
	{BASE ",\"template\":{\"containers\":[{\"image\":1}]}", "image is int"},
	{BASE ",\"template\":{\"containers\":[{\"env\":{}}]}", "env is object"},
	{BASE ",\"template\":{\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":1}]}]}",
	 "value is int"},
	{BASE ",\"template\":{\"containers\":[{\"resources\":{\"cpuIdle\":\"yes\"}}]}",
	 "cpuIdle is string"},
	{BASE ",\"template\":{\"timeout\":300}", "timeout is int"},
	{BASE ",\"template\":{\"labels\":{\"unread\":1}}", NULL},
};

START_TEST(test_damage_concerns_one_service)
{
	struct run_wants *wants = make_wants();
	g_autofree char *both = g_strdup_printf("{%s},%s", damage_cases[_i].members, pricing);
	g_autofree char *text = g_strdup_printf("{\"services\":[%s]}", both);
	g_autoptr(GError) error = NULL;
	struct run_page *page = decode(text, wants, &error);
	const struct run_service *service = NULL;
	const struct run_service *beside = NULL;

	ck_assert_ptr_nonnull(page);
	ck_assert_uint_eq(page->services->len, 2);
	service = page->services->pdata[0];
	beside = page->services->pdata[1];
	ck_assert_str_eq(service->name, "s");
	if (damage_cases[_i].want_damage)
		ck_assert_msg(service->damage &&
				      strstr(service->damage, damage_cases[_i].want_damage),
			      "%s: %s", damage_cases[_i].members, service->damage);
	else
		ck_assert_msg(!service->damage, "%s", service->damage);
	ck_assert_ptr_null(beside->damage);
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

static const struct {
	const char *text;
	bool want_ok;
	const char *want_token;      /* NULL: none */
	const char *want_incomplete; /* NULL: none; in incomplete or unreachable */
} page_cases[] = {
	{"{}", true, NULL, NULL},
	{"{\"services\":[],\"nextPageToken\":\"t\"}", true, "t", NULL},
	{"{\"nextPageToken\":\"\"}", true, NULL, NULL},
	{"{\"unreachable\":[]}", true, NULL, NULL},
	{"{\"unreachable\":[\"projects/p/locations/r\"]}", true, NULL, "could not reach"},
	{"{\"services\":[1]}", true, NULL, "without a readable name"},
	{"{\"services\":[{}]}", true, NULL, "without a readable name"},
	{"{\"services\":[{\"name\":7}]}", true, NULL, "without a readable name"},
	{"{\"unreachable\":[1]}", false, NULL, NULL},
	{"{\"unreachable\":\"r\"}", false, NULL, NULL},
	{"{\"services\":{}}", false, NULL, NULL},
	{"{\"nextPageToken\":1}", false, NULL, NULL},
	{"[]", false, NULL, NULL},
	{"\"x\"", false, NULL, NULL},
	{"", false, NULL, NULL},
	{"<html>", false, NULL, NULL},
	{"{\"services\":[{\"name\":\"a\"}", false, NULL, NULL},
};

START_TEST(test_page)
{
	struct run_wants *wants = make_wants();
	g_autoptr(GError) error = NULL;
	struct run_page *page = decode(page_cases[_i].text, wants, &error);

	ck_assert_msg((page != NULL) == page_cases[_i].want_ok, "%s", page_cases[_i].text);
	if (page) {
		const char *why = page->incomplete ? page->incomplete : page->unreachable;

		ck_assert_pstr_eq(page->next_token, page_cases[_i].want_token);
		ck_assert((why != NULL) == (page_cases[_i].want_incomplete != NULL));
		if (why)
			ck_assert_ptr_nonnull(strstr(why, page_cases[_i].want_incomplete));
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	}
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

static const struct {
	const char *members;
	bool want_reconciling;
	const char *want_failure; /* NULL: none */
} state_cases[] = {
	{"\"generation\":\"2\",\"observedGeneration\":\"2\"", false, NULL},
	{"\"generation\":\"2\",\"observedGeneration\":\"1\"", true, NULL},
	{"\"generation\":\"2\"", true, NULL},
	{"\"reconciling\":true", true, NULL},
	{"\"terminalCondition\":{\"state\":\"CONDITION_RECONCILING\"}", true, NULL},
	{"\"terminalCondition\":{\"state\":\"CONDITION_PENDING\"}", true, NULL},
	{"\"terminalCondition\":{\"state\":\"CONDITION_NEW_WORD\"}", false, NULL},
	{"\"terminalCondition\":{\"state\":\"CONDITION_FAILED\",\"message\":\"no port\"}", false,
	 "no port"},
	{"\"terminalCondition\":{\"state\":\"CONDITION_FAILED\",\"revisionReason\":\"X\"}", false,
	 "X"},
	{"\"terminalCondition\":{\"state\":\"CONDITION_FAILED\"}", false, "no reason"},
	/* only without a terminal condition do the others speak for themselves */
	{"\"terminalCondition\":{\"state\":\"CONDITION_SUCCEEDED\"},"
	 "\"conditions\":[{\"state\":\"CONDITION_FAILED\",\"message\":\"old\"}]",
	 false, NULL},
	{"\"conditions\":[{\"state\":\"CONDITION_SUCCEEDED\"},"
	 "{\"state\":\"CONDITION_FAILED\",\"message\":\"routes\"}]",
	 false, "routes"},
	{"\"conditions\":[{\"state\":\"CONDITION_FAILED\",\"severity\":\"WARNING\"}]", false, NULL},
};

START_TEST(L25_state_of_a_rollout)
{
	struct run_wants *wants = make_wants();
	g_autofree char *text = g_strdup_printf("{%s,%s}", MINIMAL, state_cases[_i].members);
	struct run_page *page = decode_one(text, wants);
	const struct run_service *service = page->services->pdata[0];

	ck_assert_ptr_null(service->damage);
	ck_assert_int_eq(service->reconciling, state_cases[_i].want_reconciling);
	ck_assert((service->failure != NULL) == (state_cases[_i].want_failure != NULL));
	if (service->failure)
		ck_assert_ptr_nonnull(strstr(service->failure, state_cases[_i].want_failure));
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

static const struct {
	const char *traffic;
	bool want_follows;
} wish_cases[] = {
	{"[]", true},
	{"[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":100}]", true},
	{"[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":50},"
	 "{\"revision\":\"a\",\"percent\":50}]",
	 false},
	{"[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":\"a\","
	 "\"percent\":100}]",
	 false},
	{"[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":100},"
	 "{\"revision\":\"a\",\"tag\":\"t\"}]",
	 true},
};

START_TEST(L06_wish_of_traffic)
{
	struct run_wants *wants = make_wants();
	g_autofree char *text =
		g_strdup_printf("{%s,\"traffic\":%s}", MINIMAL, wish_cases[_i].traffic);
	struct run_page *page = decode_one(text, wants);
	const struct run_service *service = page->services->pdata[0];

	ck_assert_int_eq(service->follows_latest, wish_cases[_i].want_follows);
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

struct headings {
	GString *text;
};

static bool write_heading(void *data, const struct run_heading *heading)
{
	struct headings *headings = data;

	g_string_append_printf(headings->text, "%s %d %s;", heading->name, heading->is_function,
			       heading->function_id ? heading->function_id : "-");
	return false;
}

START_TEST(test_filter_keeps_nothing_unwanted)
{
	static const char text[] =
		"{\"services\":[{\"name\":\"p/s/a\"},{\"name\":\"p/s/b\",\"labels\":"
		"{\"goog-managed-by\":\"cloudfunctions\"},\"annotations\":"
		"{\"cloudfunctions.googleapis.com/function-id\":\"My_B\"}}]}";
	struct run_wants *wants = make_wants();
	struct headings headings = {.text = g_string_new(NULL)};
	g_autoptr(GError) error = NULL;
	struct run_page *page =
		run_page_decode(text, strlen(text), wants, write_heading, &headings, &error);

	ck_assert_ptr_nonnull(page);
	ck_assert_uint_eq(page->services->len, 0);
	ck_assert_int_eq(page->count, 2);
	ck_assert_str_eq(headings.text->str, "a 0 -;b 1 My_B;");
	g_string_free(headings.text, TRUE);
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

static const struct {
	const char *text;
	const char *want_name; /* NULL: refused */
	enum run_ready want_ready;
	int64_t want_created_ms;
} revision_cases[] = {
	{"{\"name\":\"projects/p/services/s/revisions/s-1\",\"createTime\":"
	 "\"1970-01-01T00:00:02.5Z\",\"conditions\":[{\"type\":\"Active\",\"state\":"
	 "\"CONDITION_FAILED\"},{\"type\":\"Ready\",\"state\":\"CONDITION_SUCCEEDED\"}]}",
	 "s-1", RUN_READY_YES, 2500},
	{"{\"name\":\"s-1\",\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_FAILED\"}]}",
	 "s-1", RUN_READY_FAILED, 0},
	{"{\"name\":\"s-1\",\"conditions\":[{\"type\":\"Ready\",\"state\":\"CONDITION_PENDING\"}]}",
	 "s-1", RUN_READY_WAITING, 0},
	{"{\"name\":\"s-1\"}", "s-1", RUN_READY_NONE, 0},
	{"{}", NULL, RUN_READY_NONE, 0},
	{"[]", NULL, RUN_READY_NONE, 0},
	{"{\"name\":\"s-1\",\"createTime\":\"yesterday\"}", NULL, RUN_READY_NONE, 0},
	{"{\"name\":\"s-1\",\"createTime\":5}", NULL, RUN_READY_NONE, 0},
	{"{\"name\":\"s-1\",\"labels\":3}", NULL, RUN_READY_NONE, 0},
	{"", NULL, RUN_READY_NONE, 0},
};

START_TEST(test_revision)
{
	struct run_wants *wants = make_wants();
	g_autoptr(GError) error = NULL;
	const char *text = revision_cases[_i].text;
	struct run_revision *revision = run_revision_decode(text, strlen(text), wants, &error);

	ck_assert_msg((revision != NULL) == (revision_cases[_i].want_name != NULL), "%s", text);
	if (revision) {
		ck_assert_str_eq(revision->name, revision_cases[_i].want_name);
		ck_assert_int_eq(revision->ready, revision_cases[_i].want_ready);
		ck_assert_int_eq(revision->created_wall_ms, revision_cases[_i].want_created_ms);
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	}
	run_revision_unref(revision);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_env_bound)
{
	struct run_wants *wants = make_wants();
	GString *text = g_string_new("{" BASE ",\"template\":{\"containers\":[{\"env\":[");
	struct run_page *page = NULL;
	const struct run_service *service = NULL;

	for (int i = 0; i < RUN_ENV_MAX + _i; i++)
		g_string_append_printf(text, "%s{\"name\":\"V%d\"}", i ? "," : "", i);
	g_string_append(text, "]}]}}");
	page = decode_one(text->str, wants);
	service = page->services->pdata[0];
	ck_assert((service->damage == NULL) == (_i == 0));
	if (_i == 0)
		ck_assert_uint_eq(service->template->envs->len, RUN_ENV_MAX);
	g_string_free(text, TRUE);
	run_page_free(page);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_of_a_name_given_twice_the_last_counts)
{
	struct run_wants *wants = make_wants();
	struct run_template *template = run_template_create();

	run_template_add_env(template, wants, "GIT_SHA", "first");
	run_template_add_env(template, wants, "A", "x");
	run_template_add_env(template, wants, "GIT_SHA", "last");
	run_template_sort(template);
	ck_assert_uint_eq(template->envs->len, 2);
	ck_assert_str_eq(run_template_find_env(template, "GIT_SHA")->value, "last");
	run_template_free(template);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_urls)
{
	g_autofree char *list = run_list_url("http://h", "a.com:p", "r", NULL);
	g_autofree char *next = run_list_url("http://h", "p", "r", "a&b=/+");
	g_autofree char *revision = run_revision_url("http://h", "p", "r", "s", "s-1");

	ck_assert_str_eq(list, "http://h/v2/projects/a.com%3Ap/locations/r/services?pageSize=200");
	ck_assert_str_eq(next, "http://h/v2/projects/p/locations/r/services?pageSize=200"
			       "&pageToken=a%26b%3D%2F%2B");
	ck_assert_str_eq(revision, "http://h/v2/projects/p/locations/r/services/s/revisions/s-1");
}
END_TEST

START_TEST(test_wants_equal)
{
	struct run_wants *a = make_wants();
	struct run_wants *b = make_wants();

	ck_assert(run_wants_equal(a, b));
	g_hash_table_add(b->envs, g_strdup("X"));
	ck_assert(!run_wants_equal(a, b));
	g_hash_table_add(a->envs, g_strdup("Y"));
	ck_assert(!run_wants_equal(a, b));
	run_wants_free(a);
	run_wants_free(b);
	run_wants_free(NULL);
}
END_TEST

Suite *run_suite(void)
{
	Suite *suite = suite_create("run");
	TCase *tc = tcase_create("run");

	tcase_add_test(tc, test_service);
	tcase_add_test(tc, test_template);
	tcase_add_test(tc, L28_env_values_stay_inside);
	tcase_add_loop_test(tc, test_damage_concerns_one_service, 0, G_N_ELEMENTS(damage_cases));
	tcase_add_loop_test(tc, test_page, 0, G_N_ELEMENTS(page_cases));
	tcase_add_loop_test(tc, L25_state_of_a_rollout, 0, G_N_ELEMENTS(state_cases));
	tcase_add_loop_test(tc, L06_wish_of_traffic, 0, G_N_ELEMENTS(wish_cases));
	tcase_add_test(tc, test_filter_keeps_nothing_unwanted);
	tcase_add_loop_test(tc, test_revision, 0, G_N_ELEMENTS(revision_cases));
	tcase_add_loop_test(tc, test_env_bound, 0, 2);
	tcase_add_test(tc, test_of_a_name_given_twice_the_last_counts);
	tcase_add_test(tc, test_urls);
	tcase_add_test(tc, test_wants_equal);
	suite_add_tcase(suite, tc);
	return suite;
}
