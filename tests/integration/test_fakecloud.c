/* test_fakecloud - the stand-in cloud keeps the shapes of API-FACTS: what is tested against it is
 * only worth as much as it is. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *fakecloud_suite(void);

#define SERVICES "/v2/projects/acme-prod/locations/us-west2/services"

static struct world *world;

static void setup(void)
{
	world = world_create();
	cloud_put(world, "options", "{\"auth_required\":false}");
}

static void teardown(void)
{
	world_free(world);
}

static struct answer *get(const char *path)
{
	g_autofree char *url = g_strconcat(world->cloud, path, NULL);

	return http_call("GET", url, NULL, NULL);
}

static void put_three_services(void)
{
	cloud_deploy(world, "alpha", "1111111111111111111111111111111111111111");
	cloud_deploy(world, "beta", "2222222222222222222222222222222222222222");
	cloud_deploy(world, "gamma", "3333333333333333333333333333333333333333");
}

START_TEST(services_come_in_pages)
{
	g_autoptr(struct_answer) first = NULL, second = NULL, third = NULL, wrong = NULL;
	g_autofree char *path = NULL, *other = NULL;

	put_three_services();
	cloud_put(world, "options", "{\"page_cap\":2}");
	first = get(SERVICES "?pageSize=500");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "services")), 2);
	path = g_strdup_printf(SERVICES "?pageSize=500&pageToken=%s",
			       json_text_at(first->json, "nextPageToken"));
	second = get(path);
	ck_assert_uint_eq(json_object_array_length(json_at(second->json, "services")), 1);
	ck_assert_ptr_null(json_at(second->json, "nextPageToken"));
	other = g_strdup_printf(SERVICES "?pageSize=1&pageToken=%s",
				json_text_at(first->json, "nextPageToken"));
	wrong = get(other); /* parameters must stay the same */
	ck_assert_int_eq(wrong->status, 400);
	third = get("/v2/projects/acme-prod/locations/mars/services");
	ck_assert_str_eq(third->body, "{}"); /* an empty list has no member */
}
END_TEST

START_TEST(a_service_has_the_shape_of_v2)
{
	g_autoptr(struct_answer) service = NULL, revision = NULL;

	cloud_put(world, "run/acme-prod/us-west2/alpha",
		  "{\"revisions\":[{\"percent\":90,\"labels\":{\"commit-sha\":\"abc1234\"}},"
		  "{\"percent\":10,\"env\":{\"A\":\"b\"}},{\"failed\":\"no\"}]}");
	service = get(SERVICES "/alpha");
	ck_assert_str_eq(json_text_at(service->json, "name"),
			 "projects/acme-prod/locations/us-west2/services/alpha");
	ck_assert(json_object_is_type(json_at(service->json, "generation"), json_type_string));
	ck_assert_ptr_null(json_at(service->json, "reconciling")); /* false is left out */
	ck_assert_ptr_null(json_at(service->json, "template.scaling.minInstanceCount"));
	ck_assert_int_eq(json_int_at(service->json, "trafficStatuses.0.percent"), 90);
	ck_assert_str_eq(json_text_at(service->json, "trafficStatuses.1.revision"),
			 "alpha-00002-abc");
	ck_assert(g_str_has_suffix(json_text_at(service->json, "latestReadyRevision"),
				   "/revisions/alpha-00002-abc"));
	ck_assert(g_str_has_suffix(json_text_at(service->json, "latestCreatedRevision"),
				   "/revisions/alpha-00003-abc"));
	ck_assert_str_eq(json_text_at(service->json, "terminalCondition.state"),
			 "CONDITION_FAILED");
	revision = get(SERVICES "/alpha/revisions/alpha-00001-abc");
	ck_assert_str_eq(json_text_at(revision->json, "labels.commit-sha"), "abc1234");
	ck_assert_ptr_null(json_at(revision->json, "terminalCondition"));
}
END_TEST

START_TEST(all_revisions_are_listed_under_dash)
{
	g_autoptr(struct_answer) all = NULL, one = NULL;

	put_three_services();
	all = get(SERVICES "/-/revisions");
	ck_assert_uint_eq(json_object_array_length(json_at(all->json, "revisions")), 3);
	one = get(SERVICES "/beta/revisions");
	ck_assert_uint_eq(json_object_array_length(json_at(one->json, "revisions")), 1);
}
END_TEST

START_TEST(dash_is_a_place_for_functions_only)
{
	g_autoptr(struct_answer) services = NULL, functions = NULL;

	cloud_put(world, "functions/acme-prod/us-west2/Make_Report", "{}");
	services = get("/v2/projects/acme-prod/locations/-/services");
	ck_assert_int_eq(services->status, 400);
	functions = get("/v2/projects/acme-prod/locations/-/functions");
	ck_assert_str_eq(json_text_at(functions->json, "functions.0.serviceConfig.service"),
			 "projects/acme-prod/locations/us-west2/services/make-report");
}
END_TEST

START_TEST(what_is_missing_is_404_in_its_own_shape)
{
	g_autoptr(struct_answer) service = get(SERVICES "/nobody");
	g_autoptr(struct_answer) object = get("/storage/v1/b/models/o/a%2Fb.json");
	g_autoptr(struct_answer) media = get("/storage/v1/b/models/o/a%2Fb.json?alt=media");
	g_autoptr(struct_answer) page = get("/nothing/here");

	ck_assert_int_eq(service->status, 404);
	ck_assert_str_eq(json_text_at(service->json, "error.status"), "NOT_FOUND");
	ck_assert_int_eq(object->status, 404);
	ck_assert_str_eq(json_text_at(object->json, "error.errors.0.reason"), "notFound");
	ck_assert_int_eq(media->status, 404);
	ck_assert_ptr_null(media->json);
	ck_assert_int_eq(page->status, 404);
	ck_assert_ptr_null(page->json);
}
END_TEST

START_TEST(objects_keep_slashes_in_their_names)
{
	g_autoptr(struct_answer) media = NULL, meta = NULL, list = NULL;

	cloud_put(world, "objects/models/a%2Fb.json", "{\"x\":1}");
	cloud_put(world, "objects/models/c.json", "{}");
	media = get("/storage/v1/b/models/o/a%2Fb.json?alt=media");
	ck_assert_str_eq(media->body, "{\"x\":1}");
	meta = get("/storage/v1/b/models/o/a%2Fb.json");
	ck_assert_str_eq(json_text_at(meta->json, "name"), "a/b.json");
	ck_assert_str_eq(json_text_at(meta->json, "size"), "7");
	list = get("/storage/v1/b/models/o?prefix=a%2F");
	ck_assert_uint_eq(json_object_array_length(json_at(list->json, "items")), 1);
}
END_TEST

START_TEST(apis_want_a_token_that_lives)
{
	static const char *const form =
		"grant_type=refresh_token&client_id=id&client_secret=secret&refresh_token=fresh";
	static const char *const type[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
	g_autofree char *url = g_strdup_printf("%s/token", world->cloud);
	g_autofree char *list = g_strconcat(world->cloud, SERVICES, NULL);
	g_autoptr(struct_answer) token = NULL, without = NULL, with = NULL, after = NULL;

	cloud_put(world, "options",
		  "{\"auth_required\":true,\"client_id\":\"id\",\"client_secret\":\"secret\","
		  "\"refresh_token\":\"fresh\"}");
	without = get(SERVICES);
	ck_assert_int_eq(without->status, 401);
	ck_assert_str_eq(json_text_at(without->json, "error.status"), "UNAUTHENTICATED");
	token = http_call("POST", url, type, form);
	ck_assert_int_eq(token->status, 200);
	{
		g_autofree char *bearer = g_strdup_printf(
			"Authorization: Bearer %s", json_text_at(token->json, "access_token"));
		const char *const headers[] = {bearer, NULL};

		with = http_call("GET", list, headers, NULL);
		ck_assert_int_eq(with->status, 200);
		answer_free(cloud_control(world, "DELETE", "tokens", NULL));
		after = http_call("GET", list, headers, NULL);
		ck_assert_int_eq(after->status, 401);
	}
}
END_TEST

START_TEST(assertions_that_are_not_signed_get_no_token)
{
	static const char *const forms[] = {
		"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=x",
		/* {"alg":"none"}.{"iss":"a@b"}. */
		"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
		"eyJhbGciOiJub25lIn0.eyJpc3MiOiJhQGIifQ.",
		/* {"alg":"RS256"}.{"iss":"a@b"}.AAAA */
		"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhQGIifQ.AAAA",
	};
	g_autofree char *url = g_strdup_printf("%s/token", world->cloud);

	answer_free(cloud_control(world, "POST", "accounts/a@b", ""));
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autoptr(struct_answer) token = http_call("POST", url, NULL, forms[i]);

		ck_assert_msg(token->status == 400, "form %zu: %d", i, token->status);
		ck_assert_str_eq(json_text_at(token->json, "error"), "invalid_grant");
	}
}
END_TEST

START_TEST(the_metadata_server_wants_its_header)
{
	static const char *const flavour[] = {"Metadata-Flavor: Google", NULL};
	g_autofree char *url = g_strdup_printf(
		"%s/computeMetadata/v1/instance/service-accounts/default/token", world->cloud);
	g_autoptr(struct_answer) without = http_call("GET", url, NULL, NULL);
	g_autoptr(struct_answer) with = http_call("GET", url, flavour, NULL);

	ck_assert_int_eq(without->status, 403);
	ck_assert_int_eq(with->status, 200);
	ck_assert_str_eq(answer_header(with, "metadata-flavor"), "Google");
	ck_assert_str_eq(json_text_at(with->json, "token_type"), "Bearer");
}
END_TEST

static const struct {
	const char *kind;
	int status; /* 0: no usable answer */
	const char *body;
} faults[] = {
	{"reset", 0, NULL},     {"truncate", 0, NULL},
	{"not_http", 0, NULL},  {"empty", 200, ""},
	{"html503", 503, NULL}, {"quota", 429, NULL},
	{"denied", 403, NULL},  {"disabled", 403, NULL},
	{"garbage", 200, NULL}, {"wrong_types", 200, "{\"commit\":7}"},
	{"status", 418, "pot"},
};

START_TEST(faults_hit_as_often_as_they_say)
{
	g_autofree char *rule = g_strdup_printf(
		"{\"path\":\"/target/*\",\"kind\":\"%s\",\"count\":1,\"status\":418,"
		"\"body\":\"pot\"}",
		faults[_i].kind);
	g_autoptr(struct_answer) first = NULL, second = NULL;

	cloud_target(world, "one", "abc1234");
	cloud_fault(world, rule);
	first = get("/target/one/version");
	second = get("/target/one/version");
	ck_assert_msg(first->status == faults[_i].status, "%s: %d %s", faults[_i].kind,
		      first->status, first->body);
	if (faults[_i].body)
		ck_assert_str_eq(first->body, faults[_i].body);
	ck_assert_int_eq(second->status, 200);
	ck_assert_str_eq(json_text_at(second->json, "commit"), "abc1234");
}
END_TEST

START_TEST(pages_never_end_when_told_so)
{
	g_autoptr(struct_answer) first = NULL, again = NULL;
	g_autofree char *path = NULL;

	put_three_services();
	cloud_fault(world, "{\"path\":\"*/services\",\"kind\":\"endless_pages\"}");
	first = get(SERVICES);
	path = g_strdup_printf(SERVICES "?pageToken=%s",
			       json_text_at(first->json, "nextPageToken"));
	again = get(path);
	ck_assert_int_eq(again->status, 200);
	ck_assert_str_ne(json_text_at(again->json, "nextPageToken"),
			 json_text_at(first->json, "nextPageToken"));
}
END_TEST

START_TEST(requests_are_counted)
{
	g_autoptr(struct_answer) log = NULL;

	put_three_services();
	cloud_clear_log(world);
	answer_free(get(SERVICES));
	answer_free(get(SERVICES));
	ck_assert_int_eq(cloud_calls(world, "run.services.list"), 2);
	log = cloud_control(world, "GET", "log", NULL);
	ck_assert_int_eq(json_int_at(log->json, "paths.GET " SERVICES), 2);
}
END_TEST

START_TEST(bulk_fills_projects_up_to_their_limit)
{
	g_autoptr(struct_answer) first = NULL, second = NULL, target = NULL;

	answer_free(cloud_control(world, "POST", "bulk",
				  "{\"services\":1500,\"targets\":20,\"commit\":\"abc1234\"}"));
	first = get("/v2/projects/bulk-1/locations/us-west2/services?pageSize=1000");
	second = get("/v2/projects/bulk-2/locations/us-west2/services?pageSize=1000");
	target = get("/target/t-000019/version");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "services")), 1000);
	ck_assert_uint_eq(json_object_array_length(json_at(second->json, "services")), 500);
	ck_assert_str_eq(json_text_at(target->json, "commit"), "abc1234");
}
END_TEST

START_TEST(git_serves_clones_blobless_and_by_id)
{
	g_autofree char *checkout = repo_make(world, "app");
	g_autofree char *sha = repo_publish(checkout, "a.txt", "one", 60);
	g_autofree char *url = g_strdup_printf("%s/git/app.git", world->cloud);
	g_autofree char *clone = world_path(world, "clone.git");
	g_autofree char *head = NULL, *type = NULL, *lost = NULL;

	g_free(git("/", "clone", "-q", "--bare", "--filter=blob:none", url, clone, NULL));
	head = git(clone, "rev-parse", "main", NULL);
	ck_assert_str_eq(head, sha);
	g_free(git(checkout, "checkout", "-q", "-b", "side", NULL));
	lost = repo_commit(checkout, "b.txt", "two", 30);
	g_free(git(checkout, "push", "-q", "origin", "side", NULL));
	g_free(git(checkout, "push", "-q", "origin", "--delete", "side", NULL));
	g_free(git(clone, "fetch", "-q", "origin", lost, NULL)); /* no branch has it any more */
	type = git(clone, "cat-file", "-t", lost, NULL);
	ck_assert_str_eq(type, "commit");
}
END_TEST

START_TEST(git_wants_its_token)
{
	static const char *const right[] = {"Authorization: Basic eDpzZXNhbWU=", NULL};
	g_autofree char *checkout = repo_make(world, "app");
	g_autofree char *url =
		g_strdup_printf("%s/git/app.git/info/refs?service=git-upload-pack", world->cloud);
	g_autoptr(struct_answer) without = NULL, with = NULL;

	g_free(repo_publish(checkout, "a.txt", "one", 60));
	cloud_put(world, "options", "{\"git_token\":\"sesame\"}");
	without = http_call("GET", url, NULL, NULL);
	with = http_call("GET", url, right, NULL);
	ck_assert_int_eq(without->status, 401);
	ck_assert_int_eq(with->status, 200);
	ck_assert_str_eq(answer_header(with, "content-type"),
			 "application/x-git-upload-pack-advertisement");
}
END_TEST

START_TEST(L14_silence_is_no_answer)
{
	g_autoptr(struct_answer) answer = NULL;
	g_autofree char *origin = g_strdup(world->cloud);

	process_end(&world->fakecloud);
	answer = http_call("GET", origin, NULL, NULL);
	ck_assert_int_eq(answer->status, 0); /* what tests assert on is never made up */
	ck_assert_ptr_null(answer->json);
	ck_assert_int_eq(json_int_at(answer->json, "counts.ok"), -1);
}
END_TEST

Suite *fakecloud_suite(void)
{
	Suite *suite = suite_create("fakecloud");
	TCase *tcase = tcase_create("shapes");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, services_come_in_pages);
	tcase_add_test(tcase, a_service_has_the_shape_of_v2);
	tcase_add_test(tcase, all_revisions_are_listed_under_dash);
	tcase_add_test(tcase, dash_is_a_place_for_functions_only);
	tcase_add_test(tcase, what_is_missing_is_404_in_its_own_shape);
	tcase_add_test(tcase, objects_keep_slashes_in_their_names);
	tcase_add_test(tcase, apis_want_a_token_that_lives);
	tcase_add_test(tcase, assertions_that_are_not_signed_get_no_token);
	tcase_add_test(tcase, the_metadata_server_wants_its_header);
	tcase_add_loop_test(tcase, faults_hit_as_often_as_they_say, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tcase, pages_never_end_when_told_so);
	tcase_add_test(tcase, requests_are_counted);
	tcase_add_test(tcase, bulk_fills_projects_up_to_their_limit);
	tcase_add_test(tcase, git_serves_clones_blobless_and_by_id);
	tcase_add_test(tcase, git_wants_its_token);
	tcase_add_test(tcase, L14_silence_is_no_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}
