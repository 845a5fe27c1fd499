/* test_fakecloud_docs - the stand-in Firestore and Storage keep the shapes of API-FACTS D and E,
 * and faults speak as each API does. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *fakecloud_docs_suite(void);

#define PROJECT "/bigquery/v2/projects/acme-prod"
#define DOCUMENTS "/v1/projects/acme-prod/databases/(default)/documents"
#define NAMES "projects/acme-prod/databases/(default)/documents"

static struct world *world;

static void setup(void)
{
	world = world_create();
	cloud_put(world, "options", "{\"auth_required\":false}");
	cloud_table(
		world, "acme-prod.sales.orders",
		"{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\",\"mode\":\"REQUIRED\"},"
		"{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"}],\"rows\":[[1,\"2026-11-20T03:00:"
		"00.5Z\"]],"
		"\"lastModifiedTime\":1795143600123,\"numBytes\":20971521,\"clustering\":[\"id\"],"
		"\"partitioning\":{\"type\":\"DAY\",\"field\":\"loaded_at\"}}");
}

static void teardown(void)
{
	world_free(world);
}

static struct answer *call(const char *method, const char *path, const char *body)
{
	return cloud_call(world, method, path, body);
}

static struct answer *get(const char *path)
{
	return call("GET", path, NULL);
}

/* --- Firestore --- */

START_TEST(a_document_is_made_of_values)
{
	g_autoptr(struct_answer) document = NULL;

	cloud_document(
		world, "phase3/2026-11-19",
		"{\"_mode\":\"same_day\",\"n\":42,\"x\":1.5,\"ok\":true,\"none\":null,\"list\":[1],"
		"\"empty\":[],"
		"\"bare\":{},\"a\":{\"status\":\"success\"},\"at\":{\"$timestamp\":\"2026-11-20T03:"
		"00:00Z\"},"
		"\"raw\":{\"$value\":{\"geoPointValue\":{\"latitude\":1,\"longitude\":2}}}}");
	document = get(DOCUMENTS "/phase3/2026-11-19");
	ck_assert_str_eq(json_text_at(document->json, "name"), NAMES "/phase3/2026-11-19");
	ck_assert(*json_text_at(document->json, "updateTime"));
	ck_assert(json_object_is_type(json_at(document->json, "fields.n.integerValue"),
				      json_type_string));
	ck_assert_str_eq(json_text_at(document->json, "fields._mode.stringValue"), "same_day");
	ck_assert_str_eq(json_text_at(document->json, "fields.x.doubleValue"), "1.5");
	ck_assert_str_eq(json_text_at(document->json, "fields.ok.booleanValue"), "true");
	ck_assert(json_object_object_get_ex(json_at(document->json, "fields.none"), "nullValue",
					    NULL));
	ck_assert_str_eq(
		json_text_at(document->json, "fields.list.arrayValue.values.0.integerValue"), "1");
	ck_assert_ptr_null(json_at(document->json, "fields.empty.arrayValue.values"));
	ck_assert_ptr_nonnull(json_at(document->json, "fields.bare.mapValue"));
	ck_assert_ptr_null(json_at(document->json, "fields.bare.mapValue.fields"));
	ck_assert_str_eq(
		json_text_at(document->json, "fields.a.mapValue.fields.status.stringValue"),
		"success");
	ck_assert_str_eq(json_text_at(document->json, "fields.at.timestampValue"),
			 "2026-11-20T03:00:00Z");
	ck_assert_int_eq(json_int_at(document->json, "fields.raw.geoPointValue.longitude"), 2);
}
END_TEST

START_TEST(a_mask_keeps_what_it_names)
{
	g_autoptr(struct_answer) document = NULL;

	cloud_document(world, "c/d", "{\"a\":{\"b\":1,\"c\":2},\"x y\":3,\"z\":4}");
	document = get(DOCUMENTS "/c/d?mask.fieldPaths=a.b&mask.fieldPaths=%60x%20y%60");
	ck_assert_int_eq(json_object_object_length(json_at(document->json, "fields")), 2);
	ck_assert_str_eq(json_text_at(document->json, "fields.a.mapValue.fields.b.integerValue"),
			 "1");
	ck_assert_ptr_null(json_at(document->json, "fields.a.mapValue.fields.c"));
	ck_assert_str_eq(json_text_at(document->json, "fields.x y.integerValue"), "3");
}
END_TEST

START_TEST(batch_get_answers_an_array)
{
	g_autoptr(struct_answer) answer = NULL;
	int found = 0, missing = 0;

	cloud_document(world, "c/d", "{}");
	answer = call("POST", DOCUMENTS ":batchGet",
		      "{\"documents\":[\"" NAMES "/c/d\",\"" NAMES "/c/e\",\"" NAMES "/c/d\"]}");
	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_uint_eq(json_object_array_length(answer->json), 2);
	for (size_t i = 0; i < 2; i++) {
		json_object *element = json_object_array_get_idx(answer->json, i);

		found += g_str_equal(json_text_at(element, "found.name"), NAMES "/c/d");
		missing += g_str_equal(json_text_at(element, "missing"), NAMES "/c/e");
		ck_assert(*json_text_at(element, "readTime"));
		ck_assert_ptr_null(json_at(element, "found.fields")); /* empty: left out */
	}
	ck_assert_int_eq(found + missing, 2);
	ck_assert_int_eq(found, 1);
}
END_TEST

START_TEST(errors_of_a_streamed_call_come_in_an_array)
{
	static const char body[] = "{\"documents\":[\"" NAMES "/c/d\"]}";
	g_autoptr(struct_answer) denied = NULL, mode = NULL, plain = NULL, unknown = NULL;

	cloud_fault(world, "{\"api\":\"firestore\",\"kind\":\"denied\",\"count\":1}");
	denied = call("POST", DOCUMENTS ":batchGet", body);
	ck_assert_int_eq(denied->status, 403);
	ck_assert_str_eq(json_text_at(denied->json, "0.error.status"), "PERMISSION_DENIED");
	cloud_put(world, "options", "{\"datastore_mode\":true}");
	mode = call("POST", DOCUMENTS ":batchGet", body);
	ck_assert_int_eq(mode->status, 400);
	ck_assert_str_eq(json_text_at(mode->json, "0.error.status"), "FAILED_PRECONDITION");
	ck_assert_ptr_nonnull(strstr(mode->body, "Datastore Mode"));
	plain = get(DOCUMENTS "/c/d");
	ck_assert_str_eq(json_text_at(plain->json, "error.status"), "FAILED_PRECONDITION");
	cloud_put(world, "options", "{\"datastore_mode\":false}");
	unknown = get("/v1/projects/acme-prod/databases/other/documents/c/d");
	ck_assert_int_eq(unknown->status, 404);
	ck_assert_ptr_nonnull(strstr(unknown->body, "The database other does not exist"));
}
END_TEST

START_TEST(a_document_that_is_missing_is_404)
{
	g_autoptr(struct_answer) answer = get(DOCUMENTS "/c/d");

	ck_assert_int_eq(answer->status, 404);
	ck_assert_str_eq(json_text_at(answer->json, "error.status"), "NOT_FOUND");
}
END_TEST

/* --- Storage --- */

START_TEST(folders_are_prefixes)
{
	g_autoptr(struct_answer) list = NULL, below = NULL, range = NULL;

	cloud_object(world, "backups", "2026-11-19_060000/data.gz", "now-26h", "x");
	cloud_object(world, "backups", "2026-11-20_060000/data.gz", "now-2h", "x");
	cloud_object(world, "backups", "2026-11-20_060000/metadata.json", "now-2h", "{}");
	cloud_object(world, "backups", "readme", NULL, "hello");
	list = get("/storage/v1/b/backups/o?delimiter=%2F");
	ck_assert_uint_eq(json_object_array_length(json_at(list->json, "prefixes")), 2);
	ck_assert_str_eq(json_text_at(list->json, "prefixes.1"), "2026-11-20_060000/");
	ck_assert_str_eq(json_text_at(list->json, "items.0.name"), "readme");
	ck_assert_str_eq(json_text_at(list->json, "items.0.size"), "5");
	ck_assert_str_eq(json_text_at(list->json, "items.0.timeCreated"),
			 "2026-11-19T21:14:03.551Z");
	below = get("/storage/v1/b/backups/o?prefix=2026-11-20_060000%2F&delimiter=%2F"
		    "&fields=items(name%2Csize)%2CnextPageToken");
	ck_assert_uint_eq(json_object_array_length(json_at(below->json, "items")), 2);
	ck_assert_int_eq(json_object_object_length(json_at(below->json, "items.0")), 2);
	ck_assert_ptr_null(json_at(below->json, "prefixes"));
	ck_assert_ptr_null(json_at(below->json, "kind"));
	range = get("/storage/v1/b/backups/o?startOffset=2026-11-20&endOffset=r");
	ck_assert_uint_eq(json_object_array_length(json_at(range->json, "items")), 2);
}
END_TEST

START_TEST(objects_come_in_pages)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *token = g_strdup("");
	int pages = 0;

	cloud_object(world, "b", "1/a", NULL, "x");
	cloud_object(world, "b", "1/b", NULL, "x");
	cloud_object(world, "b", "2/a", NULL, "x");
	cloud_object(world, "b", "3", NULL, "x");
	do {
		g_autofree char *escaped = g_uri_escape_string(token, NULL, FALSE);
		g_autofree char *path =
			g_strdup_printf("/storage/v1/b/b/o?delimiter=%%2F&maxResults=1%s%s",
					*token ? "&pageToken=" : "", escaped);
		g_autoptr(struct_answer) answer = get(path);
		const char *name = json_text_at(answer->json, "prefixes.0");

		ck_assert_int_eq(answer->status, 200);
		name = *name ? name : json_text_at(answer->json, "items.0.name");
		ck_assert_msg(g_hash_table_add(seen, g_strdup(name)), "%s comes twice", name);
		g_free(token);
		token = g_strdup(json_text_at(answer->json, "nextPageToken"));
		pages++;
	} while (*token && pages < 10);
	ck_assert_int_eq(pages, 3);
	ck_assert(g_hash_table_contains(seen, "1/") && g_hash_table_contains(seen, "2/") &&
		  g_hash_table_contains(seen, "3"));
}
END_TEST

START_TEST(a_generation_pins_the_content)
{
	g_autoptr(struct_answer) before = NULL, pinned = NULL, gone = NULL, same = NULL,
				 other = NULL;
	g_autofree char *path = NULL, *same_path = NULL, *other_path = NULL;
	const char *generation = NULL;

	cloud_object(world, "b", "o", NULL, "one");
	before = get("/storage/v1/b/b/o/o");
	generation = json_text_at(before->json, "generation");
	path = g_strdup_printf("/storage/v1/b/b/o/o?alt=media&generation=%s", generation);
	same_path = g_strdup_printf("/storage/v1/b/b/o/o?alt=media&ifGenerationNotMatch=%s",
				    generation);
	other_path =
		g_strdup_printf("/storage/v1/b/b/o/o?alt=media&ifGenerationMatch=1%s", generation);
	pinned = get(path);
	ck_assert_str_eq(pinned->body, "one");
	same = get(same_path);
	ck_assert_int_eq(same->status, 304);
	other = get(other_path);
	ck_assert_int_eq(other->status, 412);
	cloud_object(world, "b", "o", NULL, "two");
	gone = get(path);
	ck_assert_int_eq(gone->status, 404);
}
END_TEST

START_TEST(a_bucket_is_missing_empty_or_closed)
{
	g_autoptr(struct_answer) missing = get("/storage/v1/b/nothing/o"), empty = NULL,
				 closed = NULL;

	expect_cloud_error(missing, 404, "notFound");
	ck_assert_str_eq(json_text_at(missing->json, "error.message"),
			 "The specified bucket does not exist.");
	cloud_put(world, "buckets/b", "{}");
	empty = get("/storage/v1/b/b/o");
	ck_assert_int_eq(empty->status, 200);
	ck_assert_ptr_null(json_at(empty->json, "items"));
	cloud_put(world, "buckets/b", "{\"denied\":\"storage.objects.list\"}");
	closed = get("/storage/v1/b/b/o");
	expect_cloud_error(closed, 403, "forbidden");
	ck_assert_ptr_nonnull(strstr(closed->body, "storage.objects.list"));
}
END_TEST

/* --- faults --- */

static const struct {
	const char *rule, *path;
	int status; /* 0: no usable answer */
	const char *at, *wanted;
} faults[] = {
	{"\"api\":\"bigquery\",\"kind\":\"denied\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "accessDenied"},
	{"\"api\":\"bigquery.tables.get\",\"kind\":\"denied\"",
	 PROJECT "/datasets/sales/tables/orders", 403, "error.message",
	 "Access Denied: Table acme-prod:sales.orders: Permission bigquery.tables.get denied on "
	 "table "
	 "acme-prod:sales.orders (or it may not exist)."},
	{"\"api\":\"bigquery.tables.list\",\"kind\":\"denied\"",
	 PROJECT "/datasets/sales/tables/orders", 200, "type", "TABLE"},
	{"\"api\":\"bigquery\",\"kind\":\"quota\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "quotaExceeded"},
	{"\"api\":\"bigquery\",\"kind\":\"rate\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "rateLimitExceeded"},
	{"\"api\":\"bigquery\",\"kind\":\"backend\"", PROJECT "/datasets/sales/tables/orders", 503,
	 "error.errors.0.reason", "backendError"},
	{"\"api\":\"bigquery\",\"kind\":\"disabled\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.details.0.reason", "SERVICE_DISABLED"},
	{"\"api\":\"bigquery\",\"kind\":\"disabled\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "accessNotConfigured"},
	{"\"api\":\"bigquery\",\"kind\":\"reason\",\"reason\":\"billingNotEnabled\",\"status\":403",
	 PROJECT "/datasets/sales/tables/orders", 403, "error.errors.0.reason",
	 "billingNotEnabled"},
	{"\"api\":\"bigquery\",\"kind\":\"reset\"", PROJECT "/datasets/sales/tables/orders", 0,
	 NULL, NULL},
	{"\"api\":\"bigquery\",\"kind\":\"truncate\"", PROJECT "/datasets/sales/tables/orders", 0,
	 NULL, NULL},
	{"\"api\":\"bigquery\",\"kind\":\"wrong_types\"", PROJECT "/datasets/sales/tables/orders",
	 200, "type", "7"},
	{"\"api\":\"storage\",\"kind\":\"backend\"", "/storage/v1/b/b/o", 503,
	 "error.errors.0.reason", "backendError"},
	{"\"api\":\"storage.objects.list\",\"kind\":\"denied\",\"permission\":\"storage.objects."
	 "list\"",
	 "/storage/v1/b/b/o", 403, "error.errors.0.reason", "forbidden"},
	{"\"api\":\"firestore\",\"kind\":\"quota\"", DOCUMENTS "/c/d", 429, "error.status",
	 "RESOURCE_EXHAUSTED"},
	{"\"api\":\"firestore\",\"kind\":\"backend\"", DOCUMENTS "/c/d", 503, "error.status",
	 "UNAVAILABLE"},
	{"\"api\":\"firestore.documents.batchGet\",\"kind\":\"backend\"", DOCUMENTS "/c/d", 404,
	 "error.status", "NOT_FOUND"},
};

START_TEST(faults_speak_as_their_api)
{
	g_autofree char *rule = g_strdup_printf("{%s}", faults[_i].rule);
	g_autoptr(struct_answer) answer = NULL;

	cloud_fault(world, rule);
	answer = get(faults[_i].path);
	ck_assert_msg(answer->status == faults[_i].status, "%s: %d %s", rule, answer->status,
		      answer->body);
	if (faults[_i].at)
		ck_assert_str_eq(json_text_at(answer->json, faults[_i].at), faults[_i].wanted);
}
END_TEST

START_TEST(a_fault_hits_the_queries_it_names)
{
	g_autoptr(struct_answer) hit = NULL, passed = NULL, unknown = NULL;
	g_autofree char *url = g_strconcat(world->cloud, "/_control/faults", NULL);

	cloud_fault(world,
		    "{\"api\":\"bigquery.jobs.query\",\"sends\":\"orders\",\"kind\":\"backend\"}");
	hit = cloud_query(world, "SELECT COUNT(*) FROM sales.orders", "");
	expect_cloud_error(hit, 503, "backendError");
	passed = cloud_query(world, "SELECT 1", "");
	ck_assert_int_eq(passed->status, 200);
	unknown = http_call("POST", url, NULL, "{\"api\":\"bigtable\",\"kind\":\"reset\"}");
	ck_assert_int_eq(unknown->status, 400);
}
END_TEST

START_TEST(all_of_it_wants_a_token)
{
	g_autoptr(struct_answer) table = NULL, list = NULL, document = NULL, batch = NULL;

	cloud_put(world, "options", "{\"auth_required\":true}");
	table = get(PROJECT "/datasets/sales/tables/orders");
	list = get("/storage/v1/b/b/o");
	document = get(DOCUMENTS "/c/d");
	batch = call("POST", DOCUMENTS ":batchGet", "{}");
	ck_assert_int_eq(table->status, 401);
	ck_assert_int_eq(list->status, 401);
	ck_assert_int_eq(document->status, 401);
	ck_assert_int_eq(batch->status, 401);
	ck_assert_str_eq(json_text_at(batch->json, "0.error.status"), "UNAUTHENTICATED");
}
END_TEST

static TCase *others_case(void)
{
	TCase *tcase = tcase_create("firestore and storage");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_document_is_made_of_values);
	tcase_add_test(tcase, a_mask_keeps_what_it_names);
	tcase_add_test(tcase, batch_get_answers_an_array);
	tcase_add_test(tcase, errors_of_a_streamed_call_come_in_an_array);
	tcase_add_test(tcase, a_document_that_is_missing_is_404);
	tcase_add_test(tcase, folders_are_prefixes);
	tcase_add_test(tcase, objects_come_in_pages);
	tcase_add_test(tcase, a_generation_pins_the_content);
	tcase_add_test(tcase, a_bucket_is_missing_empty_or_closed);
	tcase_add_loop_test(tcase, faults_speak_as_their_api, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tcase, a_fault_hits_the_queries_it_names);
	tcase_add_test(tcase, all_of_it_wants_a_token);
	return tcase;
}

Suite *fakecloud_docs_suite(void)
{
	Suite *suite = suite_create("fakecloud_docs");

	suite_add_tcase(suite, others_case());
	return suite;
}
