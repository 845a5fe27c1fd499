/* test_storage_list - whole lists of Cloud Storage objects, page by page. API-FACTS E. */
#include "google/storage.h"

#include "drift_error.h"

#include <check.h>
#include <string.h>

Suite *storage_list_suite(void);

#define ITEM(name)                                                                                 \
	"{\"name\":\"" name                                                                        \
	"\",\"size\":\"12\",\"generation\":\"41\",\"timeCreated\":\"2026-11-20T11:00:00.5Z\"}"

static const struct {
	const char *json;
	const char *refusal; /* of the message; NULL: fine */
	guint count;
	const char *token;
} pages[] = {
	{"{}", NULL, 0, NULL},
	{"{\"items\":[]}", NULL, 0, NULL},
	{"{\"nextPageToken\":\"t/=\"}", NULL, 0, "t/="}, /* an empty page in the middle is legal */
	{"{\"items\":[" ITEM("p/a") "," ITEM("p/b") "],\"nextPageToken\":\"\"}", NULL, 2, NULL},
	{"{\"items\":[" ITEM("p/a") "],\"nextPageToken\":\"n\",\"kind\":\"storage#objects\"}", NULL,
	 1, "n"},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":12,\"generation\":41}]}", NULL, 1, NULL},
	{"", "empty", 0, NULL},
	{"[]", "not a JSON object", 0, NULL},
	{"<html>", "not a JSON", 0, NULL},
	{"{\"items\":{}}", "items is object", 0, NULL},
	{"{\"items\":[1]}", "no object", 0, NULL},
	{"{\"items\":[null]}", "no object", 0, NULL},
	{"{\"nextPageToken\":5}", "nextPageToken is int", 0, NULL},
	{"{\"items\":[" ITEM("p/a") ",{\"name\":\"p/b\",\"generation\":\"1\"}]}",
	 "object 1 of the list: size is missing", 0, NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":\"1\"}]}", "generation is missing", 0, NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":\"1\",\"generation\":null}]}",
	 "generation is missing", 0, NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":\"1\",\"generation\":\"0\"}]}", "out of range", 0,
	 NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":\"-1\",\"generation\":\"1\"}]}", "out of range", 0,
	 NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":\"1.5\",\"generation\":\"1\"}]}", "whole number",
	 0, NULL},
	{"{\"items\":[{\"name\":\"p/a\",\"size\":[],\"generation\":\"1\"}]}", "whole number", 0,
	 NULL},
	{"{\"items\":[{\"size\":\"1\",\"generation\":\"1\"}]}", "name is missing", 0, NULL},
	{"{\"items\":[{\"name\":7,\"size\":\"1\",\"generation\":\"1\"}]}", "name is int", 0, NULL},
	{"{\"items\":[{\"name\":\"p/a\\u0000b\",\"size\":\"1\",\"generation\":\"1\"}]}", "NUL", 0,
	 NULL},
	{"{\"items\":[" ITEM("q/a") "]}", "does not begin with the prefix", 0, NULL},
	{"{\"items\":[{\"name\":\"p/"
	 "a\",\"size\":\"1\",\"generation\":\"1\",\"timeCreated\":\"x\"}]}",
	 "timeCreated", 0, NULL},
};

START_TEST(pages_are_decoded)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(storage_object_free);
	char *token = (char[]){"untouched"};
	const char *json = pages[_i].json;
	bool ok = false;

	g_ptr_array_add(objects, g_new0(struct storage_object, 1)); /* of the page before */
	ok = storage_page_decode(json, strlen(json), "p/", objects, &token, &error);
	ck_assert_msg(ok == !pages[_i].refusal, "%s: %s", json,
		      error ? error->message : "accepted");
	ck_assert_int_eq(objects->len, 1 + pages[_i].count);
	if (ok) {
		ck_assert_pstr_eq(token, pages[_i].token);
		g_free(token);
		return;
	}
	ck_assert_str_eq(token, "untouched");
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(strstr(error->message, pages[_i].refusal), "%s", error->message);
}
END_TEST

START_TEST(objects_are_taken_as_they_are)
{
	static const char json[] = "{\"items\":[" ITEM("p/x/y.gz") "]}";
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(storage_object_free);
	const struct storage_object *object = NULL;
	char *token = NULL;

	ck_assert(storage_page_decode(json, strlen(json), "", objects, &token, NULL));
	object = objects->pdata[0];
	ck_assert_str_eq(object->name, "p/x/y.gz");
	ck_assert_int_eq(object->size_bytes, 12);
	ck_assert_int_eq(object->generation, 41);
	ck_assert_int_eq(object->created_wall_ms, 1795172400500);
}
END_TEST

START_TEST(pages_are_bounded)
{
	for (int extra = 0; extra < 2; extra++) {
		GString *json = g_string_new("{\"items\":[" ITEM("a"));
		g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(storage_object_free);
		char *token = NULL;

		for (int i = 1; i < STORAGE_PAGE_OBJECTS + extra; i++)
			g_string_append(json, "," ITEM("a"));
		g_string_append(json, "]}");
		ck_assert_int_eq(
			storage_page_decode(json->str, json->len, "", objects, &token, NULL),
			extra == 0);
		(void)g_string_free(json, TRUE);
	}
}
END_TEST

START_TEST(addresses)
{
	g_autofree char *first = storage_page_url("http://h", "acme-backups", "db a/&", NULL);
	g_autofree char *next = storage_page_url("http://h", "b", "", "t/=+");
	g_autofree char *media =
		storage_generation_url("http://h", "b", "f 1/m#?+%.json", 1763600000123456);

	ck_assert_str_eq(first,
			 "http://h/storage/v1/b/acme-backups/o?maxResults=1000"
			 "&fields=items(name%2Csize%2CtimeCreated%2Cgeneration)%2CnextPageToken"
			 "&prefix=db%20a%2F%26");
	ck_assert_str_eq(next,
			 "http://h/storage/v1/b/b/o?maxResults=1000"
			 "&fields=items(name%2Csize%2CtimeCreated%2Cgeneration)%2CnextPageToken"
			 "&pageToken=t%2F%3D%2B");
	ck_assert_str_eq(media, "http://h/storage/v1/b/b/o/f%201%2Fm%23%3F%2B%25.json?alt=media"
				"&generation=1763600000123456");
}
END_TEST

Suite *storage_list_suite(void)
{
	Suite *suite = suite_create("storage_list");
	TCase *tc = tcase_create("storage_list");

	tcase_add_loop_test(tc, pages_are_decoded, 0, G_N_ELEMENTS(pages));
	tcase_add_test(tc, objects_are_taken_as_they_are);
	tcase_add_test(tc, pages_are_bounded);
	tcase_add_test(tc, addresses);
	suite_add_tcase(suite, tc);
	return suite;
}
